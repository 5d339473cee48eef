//! What a provider says of itself, asked when first needed and again from time to time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
    CoreSubjectIdentifierType,
};
use openidconnect::url::Url;
use openidconnect::{AdditionalProviderMetadata, DiscoveryError, IssuerUrl, ProviderMetadata};
use serde::{Deserialize, Serialize};

use super::error::Error;
use super::http::{Client, HttpError};

/// How long the document and the keys are believed without asking again.
const FRESH: Duration = Duration::from_secs(3600);
/// How long they are used when the provider no longer answers.
const USABLE: Duration = Duration::from_secs(24 * 3600);
/// How long a provider that did not answer is left alone: readers get their answer at once meanwhile.
const HOLD_OFF: Duration = Duration::from_secs(10);

/// The members of the discovery document that the library leaves aside.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct More {
    pub(super) end_session_endpoint: Option<Url>,
    pub(super) code_challenge_methods_supported: Vec<String>,
    pub(super) authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for More {}

pub(super) type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

#[derive(Default)]
struct Kept {
    found: Option<(Arc<Metadata>, Instant)>,
    failed: Option<(Error, Instant)>,
}

/// The document of one provider, with its keys.
#[derive(Default)]
pub(super) struct Discovery {
    kept: Mutex<Kept>,
    /// Held while asking: a crowd of readers makes one request.
    asking: tokio::sync::Mutex<()>,
}

impl Discovery {
    /// The document, asked for when there is none or when it is old.
    pub(super) async fn get(&self, issuer: &IssuerUrl, client: &Client) -> Result<Arc<Metadata>, Error> {
        if let Some(answer) = self.at_once() {
            return answer;
        }
        let _turn = self.asking.lock().await;
        match self.at_once() {
            Some(answer) => answer,
            None => self.ask(issuer, client).await,
        }
    }

    /// Asks again although the document is fresh, because the keys no longer fit.
    pub(super) async fn renew(
        &self,
        issuer: &IssuerUrl,
        client: &Client,
        outdated: &Arc<Metadata>,
    ) -> Result<Arc<Metadata>, Error> {
        let _turn = self.asking.lock().await;
        let renewed = self.lock().found.as_ref().map(|(known, _)| Arc::clone(known));
        match renewed {
            Some(known) if !Arc::ptr_eq(&known, outdated) => Ok(known),
            _ => self.ask(issuer, client).await,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Nothing panics while it is held, and what it holds is whole at any time.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn at_once(&self) -> Option<Result<Arc<Metadata>, Error>> {
        let kept = self.lock();
        let held_off = kept.failed.as_ref().filter(|(_, at)| at.elapsed() < HOLD_OFF);
        match (&kept.found, held_off) {
            (Some((found, at)), _) if at.elapsed() < FRESH => Some(Ok(Arc::clone(found))),
            (Some((found, at)), Some(_)) if at.elapsed() < USABLE => Some(Ok(Arc::clone(found))),
            (_, Some((error, _))) => Some(Err(error.clone())),
            (_, None) => None,
        }
    }

    async fn ask(&self, issuer: &IssuerUrl, client: &Client) -> Result<Arc<Metadata>, Error> {
        let answer = Metadata::discover_async(issuer.clone(), client)
            .await
            .map_err(|error| fault(&error))
            .and_then(|found| check(&found, client).map(|()| Arc::new(found)));
        let mut kept = self.lock();
        match answer {
            Ok(found) => {
                kept.found = Some((Arc::clone(&found), Instant::now()));
                kept.failed = None;
                Ok(found)
            }
            Err(error) => {
                tracing::warn!(issuer = issuer.as_str(), %error, "OpenID provider unusable");
                kept.failed = Some((error.clone(), Instant::now()));
                match &kept.found {
                    Some((found, at)) if at.elapsed() < USABLE => Ok(Arc::clone(found)),
                    _ => Err(error),
                }
            }
        }
    }
}

/// Every address that is named must be one of the configured hosts, also those that only the browser goes to.
fn check(found: &Metadata, client: &Client) -> Result<(), Error> {
    let named = [
        Some(found.authorization_endpoint().url()),
        found.token_endpoint().map(|url| url.url()),
        found.userinfo_endpoint().map(|url| url.url()),
        Some(found.jwks_uri().url()),
        found.additional_metadata().end_session_endpoint.as_ref(),
    ];
    match named.into_iter().flatten().find(|url| !client.allows(url)) {
        Some(url) => Err(Error::foreign(url)),
        None if found.token_endpoint().is_none() => Err(Error::Unreachable(
            "no token endpoint in the discovery document".to_owned(),
        )),
        None => Ok(()),
    }
}

fn fault(error: &DiscoveryError<HttpError>) -> Error {
    match error {
        DiscoveryError::Request(HttpError::Foreign(host)) => Error::ForeignHost(host.clone()),
        DiscoveryError::Request(cause) => Error::Unreachable(cause.to_string()),
        DiscoveryError::Response(status, _, what) => {
            Error::Unreachable(format!("{what} (status {})", status.as_u16()))
        }
        DiscoveryError::Parse(cause) => Error::Unreachable(format!("the discovery document: {cause}")),
        other => Error::Unreachable(other.to_string()),
    }
}
