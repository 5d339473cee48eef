//! Answers of public addresses: a validator first, then the page kept in memory, then the work.

use std::future::Future;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use sobria_catalogue::access::Level;

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

/// The same for a page that members read with more fields: what is not for everyone is made anew and never kept.
///
/// # Errors
/// Those of `make`; an error is never kept.
pub async fn for_level(
    app: &App,
    uri: &Uri,
    headers: &HeaderMap,
    level: Level,
    media_type: &'static str,
    make: impl Future<Output = Result<String, WebError>>,
) -> Result<Response, WebError> {
    if level == Level::Public {
        return cached(app, uri, headers, media_type, make).await;
    }
    let mut response = Response::new(Body::from(make.await?));
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
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
