//! The JSON interface under `/api/v1`: the same functions as the pages, with English identifiers.

pub mod entries;
pub mod estimates;
pub mod evaluations;
pub mod lists;
pub mod openapi;
pub mod use_cases;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};

use crate::app::App;

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
