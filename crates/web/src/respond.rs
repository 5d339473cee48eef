//! Answers of public addresses: a validator first, then the page kept in memory, then the work.

use std::future::Future;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;

use crate::app::App;
use crate::cache::{add_validators, matches_validator};
use crate::error::WebError;

/// Media type of pages.
pub const HTML: &str = "text/html; charset=utf-8";
/// Media type of JSON answers.
pub const JSON: &str = "application/json";

/// Answers 304 when the client holds the page, else the page kept in memory, else the result of `make`.
///
/// # Errors
/// Those of `make`; an error is never kept.
pub async fn cached(
    app: &App,
    uri: &Uri,
    headers: &HeaderMap,
    media_type: &'static str,
    make: impl Future<Output = Result<String, WebError>>,
) -> Result<Response, WebError> {
    let address = uri.path_and_query().map_or("/", |part| part.as_str());
    cached_as(app, address, headers, media_type, make).await
}

/// The same for a page that is not told by its address alone: `address` says what else it depends on.
///
/// # Errors
/// Those of `make`; an error is never kept.
pub async fn cached_as(
    app: &App,
    address: &str,
    headers: &HeaderMap,
    media_type: &'static str,
    make: impl Future<Output = Result<String, WebError>>,
) -> Result<Response, WebError> {
    let validator = app.validator(address);
    if let Some(page) = app.pages.get(address, &validator) {
        return Ok(page.respond(headers));
    }
    if matches_validator(headers, &validator) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        add_validators(response.headers_mut(), &validator);
        return Ok(response);
    }
    let body = make.await?;
    Ok(app
        .pages
        .keep(address, validator, media_type, body)
        .respond(headers))
}
