//! `/ressources/{slug}/historique` and those of the other kinds: what each public version changed, as far as the reader
//! may know.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_catalogue::entry::field::EntryField;
use sobria_catalogue::entry::{Entry, VisibleEntry, redact};
use sobria_catalogue::text::excerpt;

use super::{found, kind_of, plural, words};
use crate::app::App;
use crate::error::WebError;
use crate::respond::{HTML, for_level};
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
/// When there is no such entry, the reader may not read it, or it was taken away.
pub async fn page(
    State(app): State<App>,
    uri: Uri,
    Path(slug): Path<String>,
    reader: Reader,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let kind = kind_of(uri.path())?;
    let level = reader.level();
    for_level(&app, &uri, &headers, level, HTML, async {
        let entry = found(&app, kind, &slug).await?;
        // Who may not read the entry reads nothing of its history.
        let today = redact(entry.clone(), level).ok_or(WebError::NotFound)?;
        let mut steps: Vec<(u32, jiff::Timestamp, Option<VisibleEntry>)> = Vec::new();
        for (number, at, content) in app.store.entry_history(entry.id).await? {
            let then = Entry {
                number,
                published: Some(number),
                content,
                ..entry.clone()
            };
            // Each version says who could read it.
            steps.push((number, at, redact(then, level)));
        }
        let title = today.content().title().to_owned();
        let path = entry.path();
        let mut layout =
            frame(&app, Place::Library, "Historique", &format!("{path}/historique")).under(vec![
                Crumb::to("Bibliothèque", "/cas-usages"),
                Crumb::to(plural(kind), kind.path()),
                Crumb::to(title.clone(), path),
                Crumb::here("Historique"),
            ]);
        layout.indexed = false;
        layout.private = level > sobria_catalogue::access::Level::Public;
        let mut sections: Vec<ProseSection> = steps
            .iter()
            .enumerate()
            .map(|(place, (number, at, shown))| {
                let before = place.checked_sub(1).and_then(|before| steps.get(before));
                section(
                    *number,
                    *at,
                    shown.as_ref(),
                    before.map(|(_, _, shown)| shown.as_ref()),
                )
            })
            .collect();
        sections.reverse();
        render(&prose(
            layout,
            &format!("Historique de «\u{a0}{title}\u{a0}»"),
            "Chaque version publiée, de la plus récente à la première.",
            sections,
        ))
    })
    .await
}

/// One version: `before` is the one before it, none for the first.
fn section(
    number: u32,
    at: jiff::Timestamp,
    shown: Option<&VisibleEntry>,
    before: Option<Option<&VisibleEntry>>,
) -> ProseSection {
    let heading = format!("Version {number}, {}", crate::locale::moment(at));
    let id = format!("version-{number}");
    let kept = "Réservée aux agents inscrits.";
    let (Some(shown), Some(before)) = (shown, before) else {
        let text = if shown.is_none() {
            kept
        } else {
            "Première version publiée."
        };
        return ProseSection::new(&id, &heading, text);
    };
    let Some(before) = before else {
        return ProseSection::new(&id, &heading, "Première version que vous pouvez lire.");
    };
    let said = |item: &VisibleEntry, field: EntryField| {
        let said = words(item.content(), field);
        if said.is_empty() {
            "Sans réponse".to_owned()
        } else {
            excerpt(&said, SHOWN)
        }
    };
    let rows: Vec<Vec<String>> = EntryField::of(shown.entry().kind)
        .filter(|field| before.content().get(*field) != shown.content().get(*field))
        .map(|field| {
            vec![
                field.spec().label.to_owned(),
                said(before, field),
                said(shown, field),
            ]
        })
        .collect();
    if rows.is_empty() {
        return ProseSection::new(&id, &heading, "Rien de ce que vous pouvez lire n’a changé.");
    }
    let mut section = ProseSection::new(&id, &heading, "");
    section.table = Some(ProseTable {
        caption: "Ce qui a changé".to_owned(),
        headers: ["Question", "Avant", "Après"].map(str::to_owned).to_vec(),
        rows,
    });
    section
}
