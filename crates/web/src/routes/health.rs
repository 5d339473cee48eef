//! `/sante`: whether the service can serve.

use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::Response;
use serde_json::json;

use crate::app::App;

/// Answers 200 when the database answers, 503 with the reason when it does not.
pub async fn check(State(app): State<App>) -> Response {
    let version = env!("CARGO_PKG_VERSION");
    let (status, body) = match app.store.catalogue_revision().await {
        Ok(_) => (StatusCode::OK, json!({"status": "ok", "version": version})),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            let reason = "la base de données ne répond pas";
            (
                StatusCode::SERVICE_UNAVAILABLE,
                json!({"status": "unavailable", "reason": reason, "version": version}),
            )
        }
    };
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        header::HeaderValue::from_static("no-store"),
    );
    response
}
