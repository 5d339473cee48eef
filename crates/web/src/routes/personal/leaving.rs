//! `/desinscription/{secret}`: leaving a mailing from a message, without signing in.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::id::SavedSearchId;
use sobria_identity::secret::Secret;
use sobria_store::SecretPurpose;

use crate::app::App;
use crate::error::WebError;
use crate::routes::account::{form_page, fresh};
use crate::view::library::Link;
use crate::view::{FormBlock, FormPage};

/// The saved search of a link; the same link may be followed again.
async fn search(app: &App, text: &str) -> Result<SavedSearchId, WebError> {
    let secret = Secret::parse(text).ok_or(WebError::Gone)?;
    let kept = app
        .store
        .look_at_secret(&secret.digest(), SecretPurpose::Unsubscribe, (app.settings.now)())
        .await?;
    let (_, payload) = kept.ok_or(WebError::Gone)?;
    payload.parse().or(Err(WebError::Gone))
}

fn page(app: &App, lead: &str) -> FormPage {
    form_page(app, "Ne plus recevoir cette alerte", lead, "/desinscription")
}

/// The page behind the link: nothing changes before the button, because mail programs follow links on their own.
///
/// # Errors
/// When the link is unknown or ran out.
pub async fn show(State(app): State<App>, Path(text): Path<String>) -> Result<Response, WebError> {
    search(&app, &text).await?;
    let mut page = page(
        &app,
        "La recherche reste dans votre espace ; seuls les courriels cessent.",
    );
    page.blocks.push(FormBlock {
        action: format!("/desinscription/{text}"),
        submit: "Arrêter l’alerte".to_owned(),
        ..FormBlock::default()
    });
    fresh(StatusCode::OK, &page)
}

/// Stops the alert; mail programs send this on their own when asked to.
///
/// # Errors
/// When the link is unknown or ran out.
pub async fn post(State(app): State<App>, Path(text): Path<String>) -> Result<Response, WebError> {
    let id = search(&app, &text).await?;
    app.store.stop_alert(id).await?;
    let mut page = page(&app, "C’est fait : cette alerte ne partira plus.");
    page.blocks.push(FormBlock {
        links: vec![Link::new("Mes recherches", "/mon-espace/recherches")],
        ..FormBlock::default()
    });
    fresh(StatusCode::OK, &page)
}
