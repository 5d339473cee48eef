//! `/reprendre/{secret}`: a form sent after its session had ended, given back with what was typed.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_identity::secret::Secret;
use sobria_store::SecretPurpose;

use super::{form_page, fresh};
use crate::app::App;
use crate::error::WebError;
use crate::posted::{CSRF, Fields};
use crate::session::{SignedIn, local_path};
use crate::view::FormBlock;

/// Shows a button that sends the form again.
///
/// # Errors
/// When the secret ran out, or the database does not answer.
pub async fn page(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(text): Path<String>,
) -> Result<Response, WebError> {
    let secret = Secret::parse(&text).ok_or(WebError::NotFound)?;
    // The secret stays good until its day is over: going back must not lose what was typed.
    let (_, payload) = app
        .store
        .look_at_secret(&secret.digest(), SecretPurpose::Resume, (app.settings.now)())
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
    page.blocks.push(FormBlock {
        action: local_path(&path),
        csrf: signed_in.reader.csrf().to_owned(),
        hidden: Fields::parse(&body)
            .iter()
            .filter(|(name, _)| *name != CSRF)
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        submit: "Envoyer maintenant".to_owned(),
        ..FormBlock::default()
    });
    fresh(StatusCode::OK, &page)
}
