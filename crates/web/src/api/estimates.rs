//! Estimates: one request, or an array of them, answered with the document of the command line.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use serde_json::value::RawValue;
use sobria_estimate::document;

use super::{answer, sent_text};
use crate::app::App;
use crate::error::WebError;

/// Most requests of one array.
pub const REQUESTS_MAX: usize = 1000;
/// Largest body, in bytes.
pub const BODY_MAX: usize = 1_000_000;

/// Answers each request; an error of one leaves the others alone.
pub async fn create(
    State(app): State<App>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, WebError> {
    let invalid = |detail: &str| WebError::Invalid(detail.to_owned());
    let text = sent_text(&body)?.trim_start();
    let reference = app.reference();
    let mut out = Vec::with_capacity(8 * 1024);
    if text.starts_with('[') {
        let requests: Vec<&RawValue> = serde_json::from_str(text).map_err(|_error| {
            invalid("La demande n’est pas du JSON valide\u{a0}: attendu un objet, ou une liste d’objets.")
        })?;
        if requests.len() > REQUESTS_MAX {
            return Err(WebError::Invalid(format!(
                "{} demandes dans une liste\u{a0}: {} au plus. Partagez-la.",
                crate::locale::count(requests.len()),
                crate::locale::count(REQUESTS_MAX)
            )));
        }
        out.push(b'[');
        for (position, request) in requests.iter().enumerate() {
            if position > 0 {
                out.push(b',');
            }
            document::answer(reference, request.get()).write(&mut out);
        }
        out.push(b']');
    } else if text.is_empty() {
        return Err(invalid(
            "La demande est vide\u{a0}: envoyez un objet JSON, ou une liste de 1 000 objets au plus.",
        ));
    } else {
        let answer = document::answer(reference, text);
        if answer.errors.iter().any(|code| code == "invalid-json") {
            return Err(invalid(
                "La demande n’est pas du JSON valide\u{a0}: attendu un objet, ou une liste d’objets.",
            ));
        }
        answer.write(&mut out);
    }
    Ok(answer(out))
}
