//! Everything known of the person, as a file.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use crate::app::App;
use crate::error::WebError;
use crate::session::SignedIn;

/// Everything known of the person, as JSON.
///
/// # Errors
/// When the database does not answer.
pub async fn data(State(app): State<App>, signed_in: SignedIn) -> Result<Response, WebError> {
    let id = signed_in.person.account.id;
    let now = (app.settings.now)();
    let traces = app.store.traces_of(id).await?.ok_or(WebError::NotFound)?;
    let account = &traces.person.account;
    let sessions = app.store.sessions_of(id, now).await?;
    let document = json!({
        "account": {
            "id": account.id,
            "email": account.email,
            "given_name": account.given_name,
            "family_name": account.family_name,
            "job_title": account.job_title,
            "organisation_name": account.organisation_name,
            "role": account.role,
            "created_at": account.created_at,
            "last_signed_in_at": account.last_signed_in_at,
        },
        "memberships": traces.person.memberships.iter().map(|membership| json!({
            "organisation": membership.name,
            "status": membership.status,
            "asked_at": membership.asked_at,
        })).collect::<Vec<_>>(),
        "consents": traces.consents.iter().map(|consent| json!({
            "purpose": consent.purpose,
            "given": consent.given,
            "wording": consent.wording,
            "source": consent.source,
            "made_at": consent.made_at,
        })).collect::<Vec<_>>(),
        "sessions": sessions.iter().map(|session| json!({
            "device": session.device,
            "opened_at": session.created_at,
            "last_seen_at": session.last_seen_at,
        })).collect::<Vec<_>>(),
        "kept": crate::routes::personal::data(&app, id).await?,
    });
    let body =
        serde_json::to_string_pretty(&document).map_err(|error| WebError::Internal(error.to_string()))?;
    Ok((
        [
            (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (
                header::CONTENT_DISPOSITION,
                HeaderValue::from_static("attachment; filename=\"mes-donnees.json\""),
            ),
        ],
        body,
    )
        .into_response())
}
