//! Evaluations of a whole service: the document of `sobria estimate service`.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use sobria_estimate::sentence;
use sobria_estimate::service::{Evaluation, evaluate};

use super::{answer, sent_text};
use crate::app::App;
use crate::error::WebError;

/// Evaluates a service; every mistake of the document is told.
///
/// # Errors
/// When the body cannot be read, or the document holds mistakes.
pub async fn create(
    State(app): State<App>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, WebError> {
    let text = sent_text(&body)?;
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
    Ok(answer(out))
}
