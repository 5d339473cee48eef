//! Requests to a provider: only to its hosts, without following redirections, within limits of time and size.

use std::pin::Pin;
use std::time::Duration;

use openidconnect::url::Url;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, http};

use super::config::is_loopback;

/// Longest time for a connection to open.
const CONNECT: Duration = Duration::from_secs(3);
/// Largest answer read: discovery documents and key sets have a few kilobytes.
const LARGEST: usize = 256 * 1024;

/// Why a request to a provider gave nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    #[error("{0}: this host is not one of the configuration")]
    Foreign(String),
    #[error("more than {LARGEST} octets")]
    TooLarge,
    #[error("{0}")]
    Transport(String),
}

impl From<reqwest::Error> for HttpError {
    fn from(error: reqwest::Error) -> Self {
        // The address may hold a code or a token; causes say whether it was the name, the connection or the time.
        let error = error.without_url();
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            text = format!("{text}: {inner}");
            cause = inner.source();
        }
        Self::Transport(text)
    }
}

/// The client of one provider.
pub(super) struct Client {
    http: reqwest::Client,
    issuer: Url,
    hosts: Vec<String>,
}

impl Client {
    /// A client that goes to the host of the issuer and to those named besides, and waits no longer than `answer`.
    pub(super) fn new(issuer: Url, hosts: Vec<String>, answer: Duration) -> Result<Self, reqwest::Error> {
        // Another part of the program may have chosen already: both choose ring.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("Sobria/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(answer);
        if is_loopback(&issuer) {
            builder = builder.no_proxy();
        } else {
            builder = builder.https_only(true);
        }
        Ok(Self {
            http: builder.build()?,
            issuer,
            hosts,
        })
    }

    /// Whether the provider may name this address.
    pub(super) fn allows(&self, url: &Url) -> bool {
        let same_host = url.host() == self.issuer.host()
            && url.port_or_known_default() == self.issuer.port_or_known_default();
        let named = url.port().is_none()
            && url
                .host_str()
                .is_some_and(|host| self.hosts.iter().any(|known| known.eq_ignore_ascii_case(host)));
        let scheme = url.scheme() == "https" || (url.scheme() == self.issuer.scheme() && same_host);
        scheme && (same_host || named) && url.username().is_empty() && url.password().is_none()
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let foreign = || HttpError::Foreign(request.uri().host().unwrap_or("no host").to_owned());
        let url = Url::parse(&request.uri().to_string()).ok();
        if !url.is_some_and(|url| self.allows(&url)) {
            return Err(foreign());
        }
        let mut response = self.http.execute(reqwest::Request::try_from(request)?).await?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > LARGEST {
                return Err(HttpError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = http::Response::new(body);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }
}

impl<'c> AsyncHttpClient<'c> for Client {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hosts_of_the_configuration_are_allowed() {
        let client = Client::new(
            Url::parse("https://auth.exemple.fr/api/v2").unwrap(),
            vec!["cles.exemple.fr".to_owned()],
            Duration::from_secs(1),
        )
        .unwrap();
        let check = |url: &str, expected: bool| {
            assert_eq!(client.allows(&Url::parse(url).unwrap()), expected, "{url}");
        };
        check("https://auth.exemple.fr/token", true);
        check("https://cles.exemple.fr/jwks", true);
        check("http://auth.exemple.fr/token", false);
        check("https://auth.exemple.fr:8443/token", false);
        check("https://cles.exemple.fr:8443/jwks", false);
        check("https://auth.exemple.fr.autre.fr/", false);
        check("https://moi:secret@auth.exemple.fr/", false);
        check("https://169.254.169.254/latest", false);
        check("https://localhost/token", false);
        check("https://[::1]/token", false);
    }
}
