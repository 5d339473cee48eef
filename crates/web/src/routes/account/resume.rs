//! `/reprendre/{secret}`: a form sent after its session had ended, given back with what was typed.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::draft::InputName;
use sobria_catalogue::text::excerpt;
use sobria_store::SecretPurpose;

use super::{form_page, fresh, link};
use crate::app::App;
use crate::error::WebError;
use crate::posted::{CSRF, Fields};
use crate::session::{SignedIn, local_path};
use crate::view::FormBlock;
use crate::words::in_use;

/// Shows a button that sends the form again.
///
/// # Errors
/// When the secret ran out, or the database does not answer.
pub async fn page(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(text): Path<String>,
) -> Result<Response, WebError> {
    // The secret stays good until its day is over: going back must not lose what was typed.
    let (_, payload) = link::look_at(&app, &text, SecretPurpose::Resume)
        .await?
        .ok_or(WebError::NotFound)?;
    let [path, body]: [String; 2] =
        serde_json::from_str(&payload).map_err(|error| WebError::Internal(error.to_string()))?;
    let mut page = form_page(
        &app,
        "Reprendre où vous en étiez",
        "Votre session s’était terminée avant l’envoi. Tout ce que vous aviez saisi est là.",
        "/reprendre",
    );
    let fields = Fields::parse(&body);
    let path = local_path(&path);
    let lines: Vec<String> = fields
        .iter()
        .filter_map(|(name, value)| told(name, value))
        .collect();
    page.blocks.push(FormBlock {
        title: if lines.is_empty() {
            String::new()
        } else {
            "Votre saisie".to_owned()
        },
        lines,
        // A step of a contribution is kept as a draft: nobody else reads it yet.
        submit: if path.starts_with("/contribuer/") && fields.iter().any(|(name, _)| name == "_version") {
            "Enregistrer et continuer".to_owned()
        } else {
            "Envoyer maintenant".to_owned()
        },
        action: path,
        csrf: signed_in.reader.csrf().to_owned(),
        hidden: fields
            .iter()
            .filter(|(name, _)| *name != CSRF)
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        ..FormBlock::default()
    });
    fresh(StatusCode::OK, &page)
}

/// Longest value shown.
const SHOWN: usize = 200;

/// One value as it was typed, under the label of its question.
fn told(name: &str, value: &str) -> Option<String> {
    let value = value.trim();
    let spec = InputName::parse(name)?.field.spec();
    if value.is_empty() {
        return None;
    }
    let words = match spec.kind.vocabulary() {
        Some(list) => excerpt(in_use().get(list).label(value), SHOWN),
        None => excerpt(value, SHOWN),
    };
    Some(format!("{}\u{a0}: {words}", spec.label))
}
