//! Public web site and API.
//!
//! [`router`] puts every address together; [`app::App`] holds the parts that handlers work with.
//! A handler reads the request, asks the store and the index, and renders values of [`view`].
//!
//! Invariants: no SQL, no formula, no number formatted in a template; nothing is rendered that did not pass
//! through `access::redact`; a panic in a handler becomes a 500 page and the server goes on.

pub mod api;
pub mod app;
pub mod area;
pub mod assets;
pub mod attachments;
pub mod cache;
pub mod carriers;
pub mod census;
mod clock;
pub mod dcat;
pub mod demonstration;
pub mod digest;
pub mod error;
pub mod evaluations;
pub mod exports;
pub mod faces;
pub mod hash;
pub mod headers;
pub mod imports;
pub mod jobs;
pub mod letters;
pub mod limiter;
pub mod link_watch;
pub mod locale;
pub mod map_window;
pub mod params;
pub mod patience;
pub mod posted;
mod ratios;
pub mod refresh;
pub mod relations;
pub mod respond;
pub mod retention;
pub mod routes;
pub mod server;
pub mod session;
pub mod site;
pub mod tiles;
pub mod view;
pub mod words;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use crate::error::WebError;

/// Requests worked on at once; further ones are told to come back.
const REQUESTS: usize = 512;
/// Time to answer a request.
const ANSWER_TIME: Duration = Duration::from_secs(30);
/// What one that carries a file must bring meanwhile: 4 kB a second, a tenth of a bad mobile line. Nothing is read of
/// what comes without a session.
const SENDING: patience::Pace = patience::Pace {
    window: ANSWER_TIME,
    least: 120_000,
};
/// Largest body of a form, in bytes.
pub(crate) const FORM_BYTES: usize = 256 * 1024;

/// Every address of the site.
pub fn router(app: App) -> Router {
    wrap(app.clone(), addresses()).with_state(app)
}

/// Every address, before the guards are put around them.
fn addresses() -> Router<App> {
    routes::routes().merge(api::routes())
}

/// Puts the guards around routes: words for errors, time, number of requests, panics, headers.
fn wrap(app: App, routes: Router<App>) -> Router<App> {
    let rules = Arc::new(headers::Rules::new(&app));
    let places = Arc::new(Semaphore::new(REQUESTS));
    let for_panics = app.clone();
    routes
        .fallback(|| async { WebError::NotFound })
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(CatchPanicLayer::custom(
            move |cause: Box<dyn std::any::Any + Send>| {
                let text = cause
                    .downcast_ref::<&str>()
                    .map(|text| (*text).to_owned())
                    .or_else(|| cause.downcast_ref::<String>().cloned())
                    .unwrap_or_default();
                tracing::error!(cause = %text, "a handler panicked");
                error::panic_response(&for_panics)
            },
        ))
        .layer(from_fn(move |request: Request, next: Next| {
            limit(Arc::clone(&places), request, next)
        }))
        .layer(from_fn_with_state(app.clone(), session::identify))
        .layer(from_fn_with_state(app, error::render))
        .layer(from_fn(move |request: Request, next: Next| {
            headers::add(Arc::clone(&rules), request, next)
        }))
}

async fn limit(places: Arc<Semaphore>, request: Request, next: Next) -> Response {
    let Ok(_place) = places.try_acquire() else {
        return WebError::Unavailable.into_response();
    };
    let sends_a_file = request
        .headers()
        .get(axum::http::header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"multipart/form-data"));
    if sends_a_file {
        return patience::while_it_moves(request, SENDING, |request| next.run(request))
            .await
            .unwrap_or_else(|| WebError::Stalled.into_response());
    }
    match tokio::time::timeout(ANSWER_TIME, next.run(request)).await {
        Ok(response) => response,
        Err(_) => WebError::Unavailable.into_response(),
    }
}

#[cfg(test)]
mod tests;

/// A route that panics, for the test that the server survives one.
#[cfg(test)]
pub(crate) fn router_with_panic(app: App) -> Router {
    let panicking = Router::new().route(
        "/panique",
        axum::routing::get(|| async {
            panic!("as asked");
            #[expect(unreachable_code, reason = "the type of the handler must be known")]
            ()
        }),
    );
    wrap(app.clone(), addresses().merge(panicking)).with_state(app)
}
