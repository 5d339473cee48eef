//! Evaluations of a whole service: the document of `sobria estimate service`.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use sobria_estimate::sentence;
use sobria_estimate::service::{Evaluation, evaluate};

use crate::app::App;
use crate::error::WebError;
use crate::respond::JSON;

/// Evaluates a service; every mistake of the document is told.
///
/// # Errors
/// When the body cannot be read, or the document holds mistakes.
pub async fn create(
    State(app): State<App>,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<Response, WebError> {
    let body = body.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            WebError::TooLarge
        } else {
            WebError::Invalid("L’envoi s’est interrompu. Recommencez.".to_owned())
        }
    })?;
    let text = std::str::from_utf8(&body)
        .map_err(|_error| WebError::Invalid("La demande n’est pas un texte en UTF-8.".to_owned()))?;
    let refused = |codes: Vec<sobria_estimate::Code>| {
        let told: Vec<String> = codes
            .iter()
            .take(20)
            .map(|code| format!("{} ({code})", sentence(code)))
            .collect();
        WebError::Invalid(told.join(" "))
    };
    let evaluation = Evaluation::read(text).map_err(refused)?;
    let outcome = evaluate(app.reference(), &evaluation).map_err(refused)?;
    let out = serde_json::to_vec(&outcome).map_err(|error| WebError::Internal(error.to_string()))?;
    let mut response = Response::new(Body::from(out));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
