//! The JSON interface under `/api/v1`: the same functions as the pages, with English identifiers.

pub mod entries;
pub mod estimates;
pub mod evaluations;
pub mod lists;
pub mod openapi;
pub mod use_cases;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::DefaultBodyLimit;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use sobria_catalogue::text::excerpt;

use crate::app::App;
use crate::error::WebError;
use crate::respond::JSON;

/// What a script of another site asks before it posts JSON. Nothing here depends on a session.
async fn preflight() -> impl IntoResponse {
    (
        StatusCode::NO_CONTENT,
        [
            (header::ALLOW, "OPTIONS, POST"),
            (header::ACCESS_CONTROL_ALLOW_METHODS, "POST"),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
            (header::ACCESS_CONTROL_MAX_AGE, "86400"),
        ],
    )
}

/// Routes of the interface.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/use-cases", get(use_cases::list))
        .route("/api/v1/use-cases/{id}", get(use_cases::one))
        .route("/api/v1/organisations", get(lists::organisations))
        .route("/api/v1/facets", get(lists::facets))
        .route("/api/v1/vocabularies", get(lists::vocabularies))
        .route("/api/v1/schema", get(lists::schema))
        .route("/api/v1/governance", get(entries::list))
        .route("/api/v1/resources", get(entries::list))
        .route("/api/v1/solutions", get(entries::list))
        .route("/api/v1/suppliers", get(entries::list))
        .route("/api/v1/measured-ratios", get(crate::routes::estimate::gaps::api))
        .route("/api/v1/openapi.json", get(openapi::document))
        .route(
            "/api/v1/estimates",
            post(estimates::create)
                .options(preflight)
                .layer(DefaultBodyLimit::max(estimates::BODY_MAX)),
        )
        .route(
            "/api/v1/evaluations",
            post(evaluations::create)
                .options(preflight)
                .layer(DefaultBodyLimit::max(estimates::BODY_MAX)),
        )
}

/// The text that was sent.
fn sent_text(body: &Result<Bytes, BytesRejection>) -> Result<&str, WebError> {
    let body = body.as_ref().map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            WebError::TooLarge
        } else {
            WebError::Invalid("L’envoi s’est interrompu. Recommencez.".to_owned())
        }
    })?;
    std::str::from_utf8(body)
        .map_err(|_error| WebError::Invalid("La demande n’est pas un texte en UTF-8.".to_owned()))
}

/// An answer in JSON that nobody keeps.
fn answer(json: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(json));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The cursor that leads to the items from this one on.
fn cursor(offset: impl std::fmt::Display) -> String {
    format!("r{offset}")
}

/// How many items stand before those of a cursor.
fn read_cursor<N: std::str::FromStr>(text: &str) -> Result<N, WebError> {
    text.strip_prefix('r')
        .and_then(|number| number.parse().ok())
        .ok_or_else(|| {
            WebError::Invalid(
                "«\u{a0}cursor\u{a0}» reprend la valeur de «\u{a0}next\u{a0}» d’une réponse.".to_owned(),
            )
        })
}

fn unknown_parameter(name: &str, known: &str) -> WebError {
    WebError::Invalid(format!(
        "Le paramètre «\u{a0}{}\u{a0}» n’existe pas. Paramètres\u{a0}: {known}.",
        excerpt(name, 60)
    ))
}
