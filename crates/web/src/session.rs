//! Who is asking: the cookie of a session, what it gives, and the guard against requests forged by other sites.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sobria_catalogue::access::Level;
use sobria_catalogue::account::Person;
use sobria_catalogue::rights::{Actor, Role};
use sobria_identity::secret::Secret;
use sobria_store::OpenSession;

use crate::app::App;
use crate::error::WebError;

/// Addresses that anyone may post to from anywhere: they change nothing and know no session, or they hold their
/// own secret, as mail programs ask of a one-click unsubscription.
pub const OPEN_TO_OTHER_SITES: [&str; 3] = ["/api/v1/estimates", "/api/v1/evaluations", "/desinscription"];

/// The network address of the client, as far as it can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

/// Who is asking.
#[derive(Debug, Clone, Default)]
pub struct Reader {
    session: Option<Arc<OpenSession>>,
    csrf: String,
    address: Option<IpAddr>,
}

impl Reader {
    /// Who signed in, second factor included.
    pub fn person(&self) -> Option<&Person> {
        self.session
            .as_deref()
            .filter(|session| !session.half_open)
            .map(|session| &session.person)
    }

    /// The session, a half-open one included.
    pub fn session(&self) -> Option<&OpenSession> {
        self.session.as_deref()
    }

    /// The reader as rights see it.
    pub fn actor(&self) -> Actor {
        self.person().map_or_else(Actor::visitor, Person::actor)
    }

    /// What the reader may read of published records of any organisation.
    pub fn level(&self) -> Level {
        self.actor().level()
    }

    /// Whether somebody signed in whose pages are made for them alone.
    pub fn is_member(&self) -> bool {
        self.level() > Level::Public
    }

    /// What forms of this session carry; blank without a session.
    pub fn csrf(&self) -> &str {
        &self.csrf
    }

    /// Where the request comes from; tests have no network.
    pub fn address(&self) -> IpAddr {
        self.address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
    }
}

impl<S: Sync> FromRequestParts<S> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// Somebody who signed in; others are sent to the sign-in page and come back.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The reader.
    pub reader: Reader,
    /// The account with its organisations.
    pub person: Person,
}

impl SignedIn {
    /// The account as rights see it.
    pub fn actor(&self) -> Actor {
        self.person.actor()
    }

    /// Refuses a reader of a lesser role.
    ///
    /// # Errors
    /// When the role is too low: nothing says what there is at this address.
    pub fn at_least(&self, role: Role) -> Result<(), WebError> {
        if self.actor().is_at_least(role) {
            Ok(())
        } else {
            Err(WebError::Forbidden(
                "Votre compte ne donne pas accès à cette page. Demandez à la personne qui administre la bibliothèque."
                    .to_owned(),
            ))
        }
    }
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, WebError> {
        let reader = parts.extensions.get::<Reader>().cloned().unwrap_or_default();
        match reader.person().cloned() {
            Some(person) => Ok(Self { reader, person }),
            None if parts.method == Method::GET => Err(WebError::SignIn(
                parts
                    .uri
                    .path_and_query()
                    .map_or("/", |part| part.as_str())
                    .to_owned(),
            )),
            None => Err(WebError::SignIn("/mon-espace".to_owned())),
        }
    }
}

/// Name of the cookie of sessions. The `__Host-` prefix is refused by browsers on addresses that are not secure.
pub fn cookie_name(app: &App) -> &'static str {
    if secure(app) { "__Host-session" } else { "session" }
}

fn secure(app: &App) -> bool {
    app.settings.base_url.starts_with("https://")
}

/// The `Set-Cookie` of a secret; an empty one removes the cookie.
pub fn cookie(app: &App, name: &str, value: &str, seconds: i64) -> Option<HeaderValue> {
    let secure = if secure(app) { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&text).ok()
}

/// The value of a cookie.
pub fn cookie_value<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// What forms of a session carry.
pub fn csrf_token(secret: &Secret) -> String {
    secret.derive("csrf").chars().take(32).collect()
}

/// Where a request that changes something comes from, as the browser says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A page of this site.
    Own,
    /// Another site.
    Other,
    /// The browser does not say: the token of the form decides.
    Unsaid,
}

/// Reads `Sec-Fetch-Site`, else `Origin`.
pub fn origin(headers: &HeaderMap, base_url: &str) -> Origin {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match headers
        .get("sec-fetch-site")
        .and_then(|value| value.to_str().ok())
    {
        Some("same-origin") => return Origin::Own,
        Some(_) => return Origin::Other,
        None => {}
    }
    match (text(header::ORIGIN), text(header::HOST)) {
        (None, _) => Origin::Unsaid,
        (Some(origin), host) => {
            let own = origin == base_url
                || host.is_some_and(|host| {
                    origin
                        .split_once("://")
                        .is_some_and(|(_, authority)| authority == host)
                });
            if own { Origin::Own } else { Origin::Other }
        }
    }
}

/// Finds the session of a request, and refuses forged ones before any handler runs.
pub async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let unsafe_method = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let open = OPEN_TO_OTHER_SITES
        .iter()
        .any(|path| request.uri().path().starts_with(path));
    if unsafe_method && !open && origin(request.headers(), &app.settings.base_url) == Origin::Other {
        tracing::warn!(
            path = request.uri().path(),
            "a request from another site was refused"
        );
        return WebError::Forbidden(
            "Cette demande vient d’un autre site et n’a pas été suivie. Revenez sur la page et recommencez."
                .to_owned(),
        )
        .into_response();
    }
    let peer = request.extensions().get::<ClientAddress>().map(|client| client.0);
    let address = peer.map(|peer| client(peer, request.headers(), &app.settings.trusted_proxies));
    let secret = cookie_value(request.headers(), cookie_name(&app)).and_then(Secret::parse);
    let mut reader = Reader {
        address,
        ..Reader::default()
    };
    let static_file = request.uri().path().starts_with("/static/");
    if let Some(secret) = secret.filter(|_| !static_file) {
        match app.store.session(&secret.digest(), (app.settings.now)()).await {
            Ok(Some(session)) => {
                reader.session = Some(Arc::new(session));
                reader.csrf = csrf_token(&secret);
            }
            Ok(None) => {}
            // Public pages go on without the session; those that need one say that the service is unavailable.
            Err(error) if unsafe_method => return WebError::from(error).into_response(),
            Err(error) => tracing::error!(%error, "a session could not be read"),
        }
    }
    let private = reader.session.is_some();
    request.extensions_mut().insert(reader);
    let mut response = crate::words::with(&app, next.run(request)).await;
    if private && !static_file {
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// The address of the client: the peer, or what the nearest trusted proxies say of it.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    if !trusted.contains(&peer) {
        return peer;
    }
    let forwarded: Vec<IpAddr> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|text| text.trim().parse().ok())
        .collect();
    forwarded
        .into_iter()
        .rev()
        .find(|address| !trusted.contains(address))
        .unwrap_or(peer)
}

/// A path of this site to go to, whatever somebody wrote in an address.
pub fn local_path(text: &str) -> String {
    let plain = text.starts_with('/')
        && !text.starts_with("//")
        && !text.starts_with("/\\")
        && text.len() <= 2000
        && text.chars().all(|c| !c.is_control() && c != '\\');
    if plain {
        text.to_owned()
    } else {
        "/mon-espace".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_gone_to() {
        for (given, expected) in [
            ("/cas-usages?q=eau", "/cas-usages?q=eau"),
            ("https://ailleurs.fr", "/mon-espace"),
            ("//ailleurs.fr", "/mon-espace"),
            ("/\\ailleurs.fr", "/mon-espace"),
            ("/a\\b", "/mon-espace"),
            ("/a\r\nSet-Cookie: x", "/mon-espace"),
            ("javascript:alert(1)", "/mon-espace"),
            ("", "/mon-espace"),
        ] {
            assert_eq!(local_path(given), expected, "{given:?}");
        }
    }

    #[test]
    fn the_browser_says_where_a_request_comes_from() {
        for (pairs, expected) in [
            (&[("sec-fetch-site", "same-origin")][..], Origin::Own),
            (&[("sec-fetch-site", "cross-site")], Origin::Other),
            (&[("sec-fetch-site", "same-site")], Origin::Other),
            (&[("sec-fetch-site", "none")], Origin::Other),
            (&[("origin", "https://ia.exemple.fr")], Origin::Own),
            (
                &[("origin", "http://127.0.0.1:1"), ("host", "127.0.0.1:1")],
                Origin::Own,
            ),
            (
                &[("origin", "https://ailleurs.fr"), ("host", "ia.exemple.fr")],
                Origin::Other,
            ),
            (&[("origin", "null")], Origin::Other),
            (&[], Origin::Unsaid),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            assert_eq!(origin(&headers, "https://ia.exemple.fr"), expected, "{pairs:?}");
        }
    }

    #[test]
    fn only_a_trusted_proxy_says_who_the_client_is() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let proxy = ip("10.0.0.1");
        for (peer, forwarded, expected) in [
            ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
            ("10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
            ("10.0.0.1", "203.0.113.9, 10.0.0.1", "203.0.113.9"),
            ("10.0.0.1", "n’importe quoi", "10.0.0.1"),
            ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(
                "x-forwarded-for",
                HeaderValue::from_bytes(forwarded.as_bytes()).unwrap(),
            );
            assert_eq!(client(ip(peer), &headers, &[proxy]), ip(expected), "{forwarded}");
        }
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=1; session=xyz; b=2".parse().unwrap());
        assert_eq!(cookie_value(&headers, "session"), Some("xyz"));
        assert_eq!(cookie_value(&headers, "sess"), None);
    }
}
