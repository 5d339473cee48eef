//! Accounts: signing up, signing in and out, one's own settings.

pub mod link;
pub mod openid;
pub mod resume;
pub mod second_factor;
pub mod settings;
pub mod sign_in;
pub mod sign_up;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use sobria_catalogue::account::{Account, SignInMethod};
use sobria_identity::secret::Secret;
use sobria_store::{NewSession, SecretPurpose};
use uuid::Uuid;

use crate::app::App;
use crate::error::WebError;
use crate::routes::frame::{frame, render};
use crate::session::{cookie, cookie_name, local_path};
use crate::view::{Crumb, FormPage, Place};

/// How long a browser that signed in is recognised.
const DEVICE: SignedDuration = SignedDuration::from_hours(180 * 24);
/// How long a session cookie lives at most, in seconds.
const WEEK: i64 = 7 * 24 * 3600;

/// A page of forms under the given title.
pub fn form_page(app: &App, title: &str, lead: &str, path: &str) -> FormPage {
    let mut layout = frame(app, Place::Space, title, path)
        .under(vec![Crumb::to("Accueil", "/"), Crumb::here(title.to_owned())]);
    layout.indexed = false;
    FormPage::new(layout, title, lead)
}

/// The answer made of a page that must not be kept.
///
/// # Errors
/// When the template fails, which only a defect can cause.
pub fn fresh(status: StatusCode, page: &impl askama::Template) -> Result<Response, WebError> {
    let body = render(page)?;
    Ok((
        status,
        [
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static(crate::respond::HTML),
            ),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ],
        body,
    )
        .into_response())
}

/// Sends the browser to another page of this site, to be asked for with GET.
pub fn see_other(path: &str) -> Response {
    let path = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response()
}

/// A new secret, or the error that the system gives no randomness.
///
/// # Errors
/// When the system gives no random numbers.
pub fn new_secret() -> Result<Secret, WebError> {
    Secret::generate().map_err(|error| WebError::Internal(error.to_string()))
}

/// How a session begins.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    /// By what means.
    pub method: SignInMethod,
    /// OpenID provider, with the identity token that sign-out needs.
    pub provider: Option<(&'a str, &'a str)>,
    /// Where to go then.
    pub then: &'a str,
}

/// Opens a session under a new cookie and sends the browser on.
///
/// # Errors
/// When the database does not answer.
pub async fn open_session(
    app: &App,
    headers: &HeaderMap,
    account: &Account,
    opening: Opening<'_>,
) -> Result<Response, WebError> {
    let secret = new_secret()?;
    let now = (app.settings.now)();
    let device = device_words(headers);
    // The provider already asked what it was told to ask.
    let half_open = account.has_second_factor && opening.method != SignInMethod::OpenId;
    app.store
        .open_session(&NewSession {
            id: Uuid::now_v7().to_string(),
            secret_hash: secret.digest(),
            account: account.id,
            method: opening.method,
            half_open,
            device: &device,
            provider: opening.provider,
            now,
        })
        .await?;
    let then = local_path(opening.then);
    let target = if half_open {
        format!("/connexion/code?suite={}", crate::params::encode(&then))
    } else {
        then
    };
    let mut response = see_other(&target);
    let mut set = |name: &str, value: &str, seconds: i64| {
        if let Some(line) = cookie(app, name, value, seconds) {
            response.headers_mut().append(header::SET_COOKIE, line);
        }
    };
    set(cookie_name(app), secret.reveal(), WEEK);
    let known = new_secret()?;
    app.store
        .keep_secret(
            &known.digest(),
            SecretPurpose::Device,
            Some(account.id),
            "",
            now,
            DEVICE,
        )
        .await?;
    set(device_cookie(app), known.reveal(), DEVICE.as_secs());
    tracing::info!(account = %account.id, method = opening.method.code(), "signed in");
    Ok(response)
}

/// Name of the cookie of browsers that signed in before.
pub fn device_cookie(app: &App) -> &'static str {
    if cookie_name(app) == "session" {
        "device"
    } else {
        "__Host-device"
    }
}

/// The browser and the system in words, for the list of sessions.
fn device_words(headers: &HeaderMap) -> String {
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let first = |pairs: &[(&str, &'static str)]| {
        pairs
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, words)| *words)
    };
    let browser = first(&[
        ("Firefox", "Firefox"),
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
        ("curl", "curl"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Macintosh", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} sous {system}"),
        (Some(only), None) | (None, Some(only)) => only.to_owned(),
        (None, None) => "Navigateur inconnu".to_owned(),
    }
}

/// Where to go so that the provider closes its own session too.
pub async fn provider_sign_out(app: &App, key: &str, token: &str) -> Option<String> {
    let provider = app.settings.providers.get(key)?;
    let state = new_secret().ok()?;
    let home = format!("{}/", app.settings.base_url);
    let url = provider.logout_url(token, state.reveal(), &home).await.ok()??;
    Some(url.to_string())
}
