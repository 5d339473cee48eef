//! Security headers, on every answer, errors and static files included.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;
use crate::params::{View, pairs};

/// Nothing is loaded from elsewhere, nothing is executed that is not a file of this host.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
frame-ancestors 'none'; object-src 'none'; manifest-src 'self'; require-trusted-types-for 'script'; \
trusted-types sobria";

const FIXED: [(&str, &str); 7] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
];

/// What the configuration changes of the headers.
#[derive(Debug)]
pub struct Rules {
    /// Whether the public address is a secure one.
    https: bool,
    /// The policy of pages with the map, when another host serves its tiles.
    map_policy: Option<HeaderValue>,
    /// The policy of pages that other sites may show in a frame.
    embed_policy: Option<HeaderValue>,
}

impl Rules {
    /// The rules of an instance.
    pub fn new(app: &App) -> Self {
        let origin = app.settings.tiles.as_ref().and_then(|tiles| tiles.origin());
        let ancestors = app.settings.site.frame_ancestors().ok().flatten();
        let embed_policy = ancestors.and_then(|hosts| {
            HeaderValue::from_str(&format!(
                "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; \
                 frame-ancestors {hosts}"
            ))
            .ok()
        });
        let policy = origin.map(|origin| {
            CONTENT_SECURITY_POLICY.replace("img-src 'self'", &format!("img-src 'self' {origin}"))
        });
        Self {
            https: app.settings.base_url.starts_with("https://"),
            embed_policy,
            map_policy: policy.and_then(|policy| HeaderValue::from_str(&policy).ok()),
        }
    }
}

/// Whether the map that can be enlarged is on the page of this address.
fn shows_map(path: &str, query: &str) -> bool {
    path == "/cas-usages"
        && pairs(query)
            .iter()
            .any(|(name, value)| name == "vue" && value.trim() == View::Map.id())
}

/// Adds the headers to an answer.
pub async fn add(rules: Arc<Rules>, request: Request, next: Next) -> Response {
    let tiled = rules
        .map_policy
        .as_ref()
        .filter(|_| shows_map(request.uri().path(), request.uri().query().unwrap_or("")))
        .cloned();
    let open_data =
        request.uri().path().starts_with("/api/") || request.uri().path().starts_with("/exports/");
    let is_frame = request.uri().path().starts_with("/integrer/");
    let path = request.uri().path();
    let is_file = path.contains("/fichiers/");
    let is_logo =
        path.starts_with("/organisations/") && (path.ends_with("/logo") || path.ends_with("/logo/propose"));
    let mut response = next.run(request).await;
    let is_shown = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    // A file that somebody sent is downloaded, and whatever opens it runs nothing.
    let is_picture = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes() == b"image/png");
    if (headers.contains_key(header::CONTENT_DISPOSITION) && is_file) || (is_logo && is_picture) {
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(crate::attachments::POLICY),
        );
    }
    if open_data {
        // Open data is meant to be read by scripts of other sites; nothing there depends on a session.
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        );
    }
    if is_frame
        && is_shown
        && let Some(policy) = &rules.embed_policy
    {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy.clone());
        headers.remove("x-frame-options");
        headers.insert(
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        );
    }
    if let Some(policy) = tiled {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if rules.https {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=63072000; includeSubDomains"),
        );
    }
    response
}
