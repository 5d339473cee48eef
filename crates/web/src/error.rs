//! The only error a handler returns. It is turned into a French page, or into `application/problem+json`, in one place.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use sobria_store::StoreError;

use crate::app::App;

/// What went wrong, as far as the reader is concerned.
#[derive(Debug)]
pub enum WebError {
    /// Nothing at this address.
    NotFound,
    /// There was something, and it was taken away for good.
    Gone,
    /// A link of a message that was used, or whose time is over.
    SpentLink,
    /// There was a record, and it was taken away; the sentence says why.
    Withdrawn(String),
    /// The request makes no sense; the sentence says why and what to do.
    Invalid(String),
    /// The body is longer than the address takes.
    TooLarge,
    /// The reader may not do this; the sentence says why.
    Forbidden(String),
    /// One must sign in first; the path says where to go afterwards.
    SignIn(String),
    /// Somebody else changed the same thing meanwhile; the sentence says what to do.
    Conflict(String),
    /// Too many tries from one source.
    TooMany,
    /// What was sent no longer comes.
    Stalled,
    /// The service cannot answer now.
    Unavailable,
    /// Nothing can be written now; reading goes on.
    ReadOnly,
    /// There is no room left to write.
    Full,
    /// A defect of ours; the cause goes to the log.
    Internal(String),
}

impl WebError {
    const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Gone | Self::SpentLink | Self::Withdrawn(_) => StatusCode::GONE,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::SignIn(_) => StatusCode::SEE_OTHER,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Stalled => StatusCode::REQUEST_TIMEOUT,
            Self::Unavailable | Self::ReadOnly => StatusCode::SERVICE_UNAVAILABLE,
            Self::Full => StatusCode::INSUFFICIENT_STORAGE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl std::fmt::Display for WebError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Invalid(text) | Self::Forbidden(text) | Self::Conflict(text) | Self::Internal(text) => {
                f.write_str(text)
            }
            other => f.write_str(default_detail(other.status())),
        }
    }
}

impl From<StoreError> for WebError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound { .. } => Self::NotFound,
            StoreError::Full { .. } => Self::Full,
            StoreError::File { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => Self::Full,
            StoreError::File { ref source, .. }
                if matches!(
                    source.kind(),
                    std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem
                ) =>
            {
                tracing::error!(%error, %source, "the folder of files cannot be written");
                Self::ReadOnly
            }
            StoreError::Conflict { .. } => Self::Conflict(
                "Quelqu’un a modifié ou traité cet élément entre-temps. Rechargez la page pour voir son état, puis recommencez."
                    .to_owned(),
            ),
            StoreError::ReadOnly { .. } => {
                tracing::error!(%error, "the database cannot be written");
                Self::ReadOnly
            }
            error if error.is_temporary() => {
                tracing::error!(%error, "the database does not answer");
                Self::Unavailable
            }
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<sobria_search::SearchError> for WebError {
    fn from(error: sobria_search::SearchError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<askama::Error> for WebError {
    fn from(error: askama::Error) -> Self {
        Self::Internal(error.to_string())
    }
}

/// What is told when the file of the database, or the folder of files, may be read and not written.
const READ_ONLY: &str = "Votre envoi n’est pas enregistré\u{202f}: le site ne peut rien écrire en ce moment. Revenez en arrière, gardez votre texte et réessayez plus tard. La lecture du site reste possible.";

/// What is told behind a link of a message that no longer leads anywhere.
pub const SPENT_LINK: &str = "Ce lien a déjà servi, ou son délai est passé. S’il a servi, ce que vous avez fait est enregistré\u{202f}; sinon, reprenez depuis votre espace.";

/// What the reader is told beyond the status.
#[derive(Debug, Clone)]
struct Detail(String);

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        match self {
            Self::Internal(cause) => tracing::error!(%cause, "a request failed"),
            Self::SignIn(path) => {
                let address = format!("/connexion?suite={}", crate::params::encode(&path));
                if let Ok(value) = HeaderValue::from_str(&address) {
                    response.headers_mut().insert(header::LOCATION, value);
                }
            }
            Self::ReadOnly => {
                response.extensions_mut().insert(Detail(READ_ONLY.to_owned()));
            }
            Self::SpentLink => {
                response.extensions_mut().insert(Detail(SPENT_LINK.to_owned()));
            }
            Self::Invalid(detail)
            | Self::Forbidden(detail)
            | Self::Conflict(detail)
            | Self::Withdrawn(detail) => {
                response.extensions_mut().insert(Detail(detail));
            }
            _ => {}
        }
        response
    }
}

/// Gives every error without a body its words: a page for people, a problem document for machines.
pub async fn render(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let wants_json = wants_problem(&path, request.headers());
    let response = next.run(request).await;
    let status = response.status();
    // A form that comes back with what is to be corrected is an error with words of its own.
    let worded = response.headers().get(header::CONTENT_TYPE).is_some_and(|value| {
        value.as_bytes().starts_with(b"text/html") || value.as_bytes().starts_with(b"application/")
    });
    if worded || (!status.is_client_error() && !status.is_server_error()) {
        return response;
    }
    words(&app, status, response, wants_json)
}

fn wants_problem(path: &str, headers: &HeaderMap) -> bool {
    path.starts_with("/api/")
        || headers
            .get(header::ACCEPT)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|accept| accept.contains("json") && !accept.contains("text/html"))
}

fn words(app: &App, status: StatusCode, response: Response, wants_json: bool) -> Response {
    let detail = response
        .extensions()
        .get::<Detail>()
        .map(|detail| detail.0.clone());
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    let (body, media_type) = if wants_json {
        (problem(status, detail.as_deref()), "application/problem+json")
    } else {
        (
            crate::routes::errors::page(app, status, detail.as_deref()),
            "text/html; charset=utf-8",
        )
    };
    parts
        .headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    parts
        .headers
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let pause = match status {
        StatusCode::SERVICE_UNAVAILABLE => Some("5"),
        StatusCode::TOO_MANY_REQUESTS => Some("900"),
        _ => None,
    };
    if let Some(seconds) = pause {
        parts
            .headers
            .insert(header::RETRY_AFTER, HeaderValue::from_static(seconds));
    }
    Response::from_parts(parts, Body::from(body))
}

/// The page of a panic: the one error that does not pass through [`render`].
pub fn panic_response(app: &App) -> Response {
    let response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    words(app, StatusCode::INTERNAL_SERVER_ERROR, response, false)
}

fn problem(status: StatusCode, detail: Option<&str>) -> String {
    json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or("Error"),
        "status": status.as_u16(),
        "detail": detail.unwrap_or_else(|| default_detail(status)),
    })
    .to_string()
}

/// One sentence per status: what happened and what to do next.
pub fn default_detail(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => {
            "Rien ne se trouve à cette adresse. Vérifiez-la ou cherchez dans la bibliothèque."
        }
        StatusCode::GONE => "Cette fiche a été retirée et ne reviendra pas à cette adresse.",
        StatusCode::METHOD_NOT_ALLOWED => {
            "Cette adresse n’accepte pas cette méthode. Les pages se lisent avec GET\u{202f}; les estimations s’envoient avec POST."
        }
        StatusCode::PAYLOAD_TOO_LARGE => "L’envoi est trop volumineux. Réduisez-le et recommencez.",
        StatusCode::BAD_REQUEST => "La demande n’a pas pu être lue. Vérifiez l’adresse.",
        StatusCode::REQUEST_TIMEOUT => {
            "L’envoi n’avance plus\u{a0}: moins de 4\u{a0}ko par seconde depuis 30 secondes. Recommencez avec une meilleure connexion, ou un fichier plus léger."
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            "Le service est momentanément indisponible. Réessayez dans quelques secondes."
        }
        StatusCode::INSUFFICIENT_STORAGE => {
            "Il n’y a plus de place pour enregistrer. La lecture reste possible."
        }
        StatusCode::CONFLICT => {
            "Quelqu’un a modifié ou traité cet élément entre-temps. Rechargez la page pour voir son état, puis recommencez."
        }
        StatusCode::TOO_MANY_REQUESTS => {
            "Trop de demandes en peu de temps. Attendez quelques minutes, puis recommencez."
        }
        StatusCode::FORBIDDEN => "Vous n’avez pas accès à cette page.",
        _ => {
            "Une erreur est survenue de notre côté. Réessayez\u{202f}; si elle persiste, signalez l’adresse de la page."
        }
    }
}
