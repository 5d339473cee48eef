//! `/cas-usages/{slug}/historique`: what each public version changed, as far as the reader may know.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_catalogue::access::level_for;
use sobria_catalogue::diff::{ChangeKind, FieldChange};
use sobria_store::Found;

use crate::app::App;
use crate::error::WebError;
use crate::respond::{HTML, for_level};
use crate::routes::contribute::fields::value_words;
use crate::routes::frame::{frame, render};
use crate::routes::text::prose;
use crate::session::Reader;
use crate::view::prose::{ProseSection, ProseTable};
use crate::view::{Crumb, Place};

/// Longest value shown, in characters.
const SHOWN: usize = 600;

/// The page.
///
/// # Errors
/// When there is no such record.
pub async fn page(
    State(app): State<App>,
    uri: Uri,
    Path(slug): Path<String>,
    reader: Reader,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    for_level(&app, &uri, &headers, reader.level(), HTML, async {
        let record = match app.store.use_case_by_slug(&slug).await? {
            Found::UseCase { record, .. } => *record,
            Found::Withdrawn => return Err(WebError::Gone),
            Found::Redirect(_) | Found::None => return Err(WebError::NotFound),
        };
        let level = level_for(&reader.actor(), Some(record.organisation.id));
        let steps = app.store.record_history(record.id, level).await?;
        let title = record.content.title().to_owned();
        let path = format!("/cas-usages/{slug}");
        let mut layout =
            frame(&app, Place::Library, "Historique", &format!("{path}/historique")).under(vec![
                Crumb::to("Bibliothèque", "/cas-usages"),
                Crumb::to(title.clone(), path),
                Crumb::here("Historique"),
            ]);
        layout.indexed = false;
        layout.private = level > sobria_catalogue::access::Level::Public;
        let sections = steps
            .iter()
            .map(|step| {
                let text = match &step.changes {
                    None => "Première version publiée.".to_owned(),
                    Some(changes) if changes.is_empty() => {
                        "Rien de ce que vous pouvez lire n’a changé.".to_owned()
                    }
                    Some(_) => String::new(),
                };
                let mut section = ProseSection::new(
                    &format!("version-{}", step.number),
                    &format!(
                        "Version {}, {}",
                        step.number,
                        crate::locale::moment(step.published_at)
                    ),
                    &text,
                );
                if let Some(changes) = step.changes.as_ref().filter(|changes| !changes.is_empty()) {
                    section.table = Some(ProseTable {
                        caption: step.reason.clone(),
                        headers: ["Question", "Avant", "Après"].map(str::to_owned).to_vec(),
                        rows: changes.changes().iter().map(row).collect(),
                    });
                }
                section
            })
            .collect();
        render(&prose(
            layout,
            &format!("Historique de «\u{a0}{title}\u{a0}»"),
            "Chaque version publiée, de la plus récente à la première.",
            sections,
        ))
    })
    .await
}

fn row(change: &FieldChange) -> Vec<String> {
    let words = |value: &Option<sobria_catalogue::content::Value>| {
        value
            .as_ref()
            .map(|value| sobria_catalogue::text::excerpt(&value_words(change.field, value), SHOWN))
    };
    let absent = || "Sans réponse".to_owned();
    let (before, after) = match change.kind {
        ChangeKind::Added => (None, words(&change.after)),
        ChangeKind::Removed => (words(&change.before), None),
        ChangeKind::Changed => (words(&change.before), words(&change.after)),
    };
    vec![
        change.field.spec().label.to_owned(),
        before.unwrap_or_else(absent),
        after.unwrap_or_else(absent),
    ]
}
