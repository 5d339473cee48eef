//! Sign-in through OpenID Connect: authorization code with `state`, `nonce` and, where the provider knows it, PKCE.
//!
//! A [`Provider`] is made from its configuration without any request: the site starts and works while a provider is
//! down. Its discovery document is asked for when first needed, and only the hosts of the configuration are contacted.
//!
//! The caller sends the browser to the address that [`Provider::authorize`] gives, keeps [`Pending`] on the server
//! against the session of that browser, takes it out once when the browser comes back, and hands both to
//! [`Provider::complete`].

mod config;
mod discovery;
mod error;
mod http;
mod identity;
mod pending;
mod signed;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken,
    CoreIdTokenVerifier, CoreTokenResponse,
};
use openidconnect::http as message;
use openidconnect::url::Url;
use openidconnect::{
    AccessToken, AccessTokenHash, AsyncHttpClient as _, AuthType, AuthorizationCode, ClaimsVerificationError,
    ClientId, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, LoginHint, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    SignatureVerificationError, TokenResponse as _,
};
use serde_json::{Map, Value, json};

pub use config::{ClaimNames, ClientSecret, ProviderConfig, When};
pub use error::{ConfigError, Error};
pub use identity::Identity;
pub use pending::{Callback, PENDING_MILLISECONDS, Pending};

use self::discovery::{Discovery, Metadata};
use self::pending::Stop;
use self::signed::{ALGORITHMS, Expected, Fault};

type Ready = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Longest `code` accepted, in octets.
const LONGEST_CODE: usize = 4096;
/// Longest subject accepted, in octets, as the protocol has it.
const LONGEST_SUBJECT: usize = 255;

/// The providers of the configuration, in its order.
#[derive(Clone, Default)]
pub struct Providers(Arc<[Provider]>);

impl Providers {
    /// Prepares the providers; nothing is asked of them yet.
    ///
    /// # Errors
    /// When a description does not fit, a secret cannot be read, or two have the same key.
    pub fn new(configs: Vec<ProviderConfig>) -> Result<Self, ConfigError> {
        let mut providers: Vec<Provider> = Vec::new();
        for config in configs {
            if providers.iter().any(|known| known.config.key == config.key) {
                return Err(ConfigError::Wrong {
                    key: config.key,
                    what: "deux fournisseurs ont la même clé".to_owned(),
                });
            }
            providers.push(Provider::new(config)?);
        }
        Ok(Self(providers.into()))
    }

    /// The provider of a key.
    pub fn get(&self, key: &str) -> Option<&Provider> {
        self.0.iter().find(|provider| provider.config.key == key)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Debug for Providers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.iter().map(|provider| &provider.config.key))
            .finish()
    }
}

/// What a departure to a provider needs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Departure<'a> {
    /// Where the provider sends the browser back, exactly as it is registered there.
    pub redirect_uri: &'a str,
    /// Where the reader goes once signed in; anything but a path of the site becomes the home page.
    pub then: &'a str,
    /// Whether a second factor is required this time.
    pub second_factor: bool,
    /// Whether the provider must not show anything: it then answers at once, with a person or without.
    pub silent: bool,
    /// Mail address to offer in the form of the provider.
    pub login_hint: Option<&'a str>,
}

/// What a return from a provider means.
#[derive(Debug)]
pub enum Answer {
    /// The provider vouches for somebody.
    SignedIn(Box<Identity>),
    /// The reader gave up: no error, the sign-in page again.
    Cancelled,
    /// Nobody is signed in at the provider, or it needs to show something.
    SignInNeeded,
}

/// One provider.
pub struct Provider {
    config: ProviderConfig,
    issuer: IssuerUrl,
    secret: Option<ClientSecret>,
    http: http::Client,
    discovery: Discovery,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl Provider {
    /// Prepares a provider; nothing is asked of it yet.
    ///
    /// # Errors
    /// When the description does not fit, or its secret cannot be read.
    pub fn new(config: ProviderConfig) -> Result<Self, ConfigError> {
        let address = config.check()?;
        let failed = |cause: String| ConfigError::Client {
            key: config.key.clone(),
            cause,
        };
        let issuer = IssuerUrl::new(config.issuer.clone()).map_err(|error| failed(error.to_string()))?;
        let limit = Duration::from_secs(config.timeout_seconds);
        let http = http::Client::new(address, config.hosts.clone(), limit)
            .map_err(|error| failed(error.to_string()))?;
        Ok(Self {
            secret: config.secret()?,
            issuer,
            http,
            discovery: Discovery::default(),
            config,
        })
    }

    /// The provider as the operator describes it.
    pub fn config(&self) -> &ProviderConfig {
        &self.config
    }

    /// Asks the provider for its discovery document, unless a fresh one is known.
    ///
    /// # Errors
    /// When the provider does not answer in time, or names hosts that are not configured.
    pub async fn discover(&self) -> Result<(), Error> {
        self.metadata().await.map(|_| ())
    }

    /// Where to send the browser, and what to keep until it comes back.
    ///
    /// # Errors
    /// When the provider cannot be used or the address of return is none.
    pub async fn authorize(&self, departure: &Departure<'_>) -> Result<(Url, Pending), Error> {
        let redirect = redirect_url(departure.redirect_uri)?;
        let metadata = self.metadata().await?;
        let client = self.client(&metadata);
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new_random_len(32),
                || Nonce::new_random_len(32),
            )
            .set_redirect_uri(Cow::Borrowed(&redirect))
            .add_scopes(
                self.config
                    .scopes
                    .iter()
                    .filter(|scope| *scope != "openid")
                    .map(|scope| Scope::new(scope.clone())),
            );
        if departure.silent {
            request = request.add_prompt(CoreAuthPrompt::None);
        }
        if let Some(hint) = departure.login_hint {
            request = request.set_login_hint(LoginHint::new(hint.to_owned()));
        }
        if let Some(hint) = &self.config.idp_hint {
            request = request.add_extra_param("idp_hint", hint.as_str());
        }
        let knows_claims = metadata.claims_parameter_supported().unwrap_or(false);
        if self.config.claims_parameter.holds(knows_claims) {
            request = request.add_extra_param("claims", self.claims(departure.second_factor).to_string());
        } else if departure.second_factor {
            request = request.add_extra_param("acr_values", self.config.acr_values.join(" "));
        }
        let methods = &metadata.additional_metadata().code_challenge_methods_supported;
        let mut verifier = None;
        if self
            .config
            .pkce
            .holds(methods.iter().any(|method| method == "S256"))
        {
            let (challenge, secret) = PkceCodeChallenge::new_random_sha256();
            request = request.set_pkce_challenge(challenge);
            verifier = Some(secret.into_secret());
        }
        let (url, state, nonce) = request.url();
        let pending = Pending {
            provider: self.config.key.clone(),
            issuer: self.config.issuer.clone(),
            redirect_uri: departure.redirect_uri.to_owned(),
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier,
            second_factor: departure.second_factor,
            then: pending::local_path(departure.then),
        };
        Ok((url, pending))
    }

    /// Checks a return and asks the provider who came back.
    ///
    /// # Errors
    /// When the answer does not belong to the request, the provider refuses, or what it signed does not hold.
    pub async fn complete(&self, pending: Pending, callback: &Callback) -> Result<Answer, Error> {
        if pending.provider != self.config.key || pending.issuer != self.config.issuer {
            return Err(Error::OtherProvider);
        }
        let state = callback.state.as_deref().unwrap_or("");
        if !crate::secret::same(state, &pending.state) {
            return Err(Error::State);
        }
        let metadata = self.metadata().await?;
        match callback.iss.as_deref() {
            Some(issuer) if issuer != self.config.issuer => return Err(Error::OtherProvider),
            None if metadata
                .additional_metadata()
                .authorization_response_iss_parameter_supported =>
            {
                return Err(Error::OtherProvider);
            }
            _ => {}
        }
        match callback.stop() {
            Some(Stop::Cancelled) => return Ok(Answer::Cancelled),
            Some(Stop::SignInNeeded) => return Ok(Answer::SignInNeeded),
            Some(Stop::Failed(error)) => return Err(error),
            None => {}
        }
        let code = callback
            .code
            .clone()
            .filter(|code| !code.is_empty() && code.len() <= LONGEST_CODE)
            .ok_or_else(|| Error::Refused(String::new()))?;
        let tokens = self.exchange(&metadata, &pending, code).await?;
        let id_token = tokens.id_token().ok_or_else(|| untrusted("no identity token"))?;
        let nonce = Nonce::new(pending.nonce);
        let (metadata, subject) = match self.verify(&metadata, id_token, tokens.access_token(), &nonce) {
            Err(Unverified::UnknownKey) => {
                let renewed = self.discovery.renew(&self.issuer, &self.http, &metadata).await?;
                let subject = self
                    .verify(&renewed, id_token, tokens.access_token(), &nonce)
                    .map_err(Unverified::into_error)?;
                (renewed, subject)
            }
            Ok(subject) => (metadata, subject),
            Err(other) => return Err(other.into_error()),
        };
        let id_token = id_token.to_string();
        let token = signed::claims_of_checked(&id_token)
            .ok_or_else(|| untrusted("the identity token is no object"))?;
        if token
            .get("azp")
            .is_some_and(|azp| azp.as_str() != Some(&self.config.client_id))
        {
            return Err(untrusted("the identity token was made for another client"));
        }
        let told = self.user_info(&metadata, tokens.access_token(), &subject).await?;
        let identity = Identity::read(&self.config, subject, id_token, &token, &told);
        if pending.second_factor && !identity.second_factor {
            return Err(Error::SecondFactor);
        }
        Ok(Answer::SignedIn(Box::new(identity)))
    }

    /// Where to send the browser to sign out at the provider, when the provider offers it.
    ///
    /// Close the session of the site first; the provider sends `state` back, to be compared.
    ///
    /// # Errors
    /// When the provider cannot be used.
    pub async fn logout_url(
        &self,
        id_token: &str,
        state: &str,
        post_logout_redirect_uri: &str,
    ) -> Result<Option<Url>, Error> {
        let metadata = self.metadata().await?;
        let Some(mut url) = metadata.additional_metadata().end_session_endpoint.clone() else {
            return Ok(None);
        };
        url.query_pairs_mut()
            .append_pair("id_token_hint", id_token)
            .append_pair("state", state)
            .append_pair("post_logout_redirect_uri", post_logout_redirect_uri);
        Ok(Some(url))
    }

    async fn metadata(&self) -> Result<Arc<Metadata>, Error> {
        self.discovery.get(&self.issuer, &self.http).await
    }

    fn client(&self, metadata: &Metadata) -> Ready {
        let secret = self
            .secret
            .as_ref()
            .map(|secret| openidconnect::ClientSecret::new(secret.reveal().to_owned()));
        let methods = metadata.token_endpoint_auth_methods_supported();
        let in_body = methods.is_none_or(|methods| {
            methods.contains(&CoreClientAuthMethod::ClientSecretPost)
                || !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
        });
        CoreClient::from_provider_metadata(
            metadata.clone(),
            ClientId::new(self.config.client_id.clone()),
            secret,
        )
        .set_auth_type(if in_body {
            AuthType::RequestBody
        } else {
            AuthType::BasicAuth
        })
    }

    fn claims(&self, second_factor: bool) -> Value {
        let mut asked = Map::new();
        asked.insert("amr".to_owned(), json!({ "essential": true }));
        if second_factor {
            asked.insert(
                "acr".to_owned(),
                json!({ "essential": true, "values": self.config.acr_values }),
            );
        }
        json!({ "id_token": asked })
    }

    async fn exchange(
        &self,
        metadata: &Metadata,
        pending: &Pending,
        code: String,
    ) -> Result<CoreTokenResponse, Error> {
        let redirect = redirect_url(&pending.redirect_uri)?;
        let client = self.client(metadata);
        let mut request = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| Error::Unreachable(error.to_string()))?
            .set_redirect_uri(Cow::Borrowed(&redirect));
        if let Some(verifier) = &pending.verifier {
            request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier.clone()));
        }
        request
            .request_async(&self.http)
            .await
            .map_err(|error| match error {
                RequestTokenError::ServerResponse(refusal) => {
                    let callback = Callback {
                        error: Some(refusal.error().to_string()),
                        error_description: refusal.error_description().cloned(),
                        ..Callback::default()
                    };
                    match callback.stop() {
                        Some(Stop::Failed(error)) => error,
                        _ => Error::Refused(pending::quotable(refusal.error().as_ref())),
                    }
                }
                RequestTokenError::Request(cause) => Error::Unreachable(cause.to_string()),
                RequestTokenError::Parse(cause, _) => {
                    Error::Untrusted(format!("the answer of the token endpoint, at {}", cause.path()))
                }
                RequestTokenError::Other(what) => Error::Unreachable(what),
            })
    }

    /// The subject of an identity token whose signature, issuer, audience, time, nonce and bond to the access token
    /// hold.
    fn verify(
        &self,
        metadata: &Metadata,
        id_token: &CoreIdToken,
        access_token: &AccessToken,
        nonce: &Nonce,
    ) -> Result<String, Unverified> {
        // A verifier without the secret cannot be made to accept a signature made with the secret.
        let verifier = CoreIdTokenVerifier::new_public_client(
            ClientId::new(self.config.client_id.clone()),
            self.issuer.clone(),
            metadata.jwks().clone(),
        )
        .set_allowed_algs(ALGORITHMS);
        let claims = id_token.claims(&verifier, nonce)?;
        if let Some(expected) = claims.access_token_hash() {
            let key = id_token
                .signing_key(&verifier)
                .map_err(ClaimsVerificationError::SignatureVerification)?;
            let algorithm = id_token
                .signing_alg()
                .map_err(ClaimsVerificationError::SignatureVerification)?;
            let found = AccessTokenHash::from_token(access_token, algorithm, key)
                .map_err(|error| Unverified::Wrong(error.to_string()))?;
            if found != *expected {
                return Err(Unverified::Wrong("bound to another access token".to_owned()));
            }
        }
        let subject = claims.subject().as_str();
        if subject.is_empty() || subject.len() > LONGEST_SUBJECT {
            return Err(Unverified::Wrong("no subject".to_owned()));
        }
        Ok(subject.to_owned())
    }

    /// What the provider tells of the person on demand; nothing when it offers no such address.
    async fn user_info(
        &self,
        metadata: &Arc<Metadata>,
        access_token: &AccessToken,
        subject: &str,
    ) -> Result<Map<String, Value>, Error> {
        let Some(endpoint) = metadata.userinfo_endpoint() else {
            return Ok(Map::new());
        };
        let request = message::Request::builder()
            .uri(endpoint.as_str())
            .header(message::header::ACCEPT, "application/jwt, application/json;q=0.9")
            .header(
                message::header::AUTHORIZATION,
                format!("Bearer {}", access_token.secret()),
            )
            .body(Vec::new())
            .map_err(|error| Error::Unreachable(error.to_string()))?;
        let response = self
            .http
            .call(request)
            .await
            .map_err(|error| Error::Unreachable(error.to_string()))?;
        if response.status() != message::StatusCode::OK {
            return Err(Error::Unreachable(format!(
                "the user information has status {}",
                response.status().as_u16()
            )));
        }
        let kind = response
            .headers()
            .get(message::header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .unwrap_or("")
            .trim()
            .to_ascii_lowercase();
        let told = match kind.as_str() {
            "application/jwt" => {
                let text = std::str::from_utf8(response.body())
                    .map_err(|error| untrusted(&format!("the user information: {error}")))?;
                match self.told(metadata, text) {
                    Err(Fault::UnknownKey) => {
                        let renewed = self.discovery.renew(&self.issuer, &self.http, metadata).await?;
                        self.told(&renewed, text)
                    }
                    other => other,
                }
                .map_err(|fault| {
                    untrusted(match fault {
                        Fault::UnknownKey => "no key fits the user information",
                        Fault::Wrong(what) => what,
                    })
                })?
            }
            "application/json" => serde_json::from_slice(response.body())
                .map_err(|error| untrusted(&format!("the user information: {error}")))?,
            _ => return Err(untrusted("user information of an unknown type")),
        };
        if told.get("sub").and_then(Value::as_str) == Some(subject) {
            Ok(told)
        } else {
            Err(untrusted("user information of somebody else"))
        }
    }

    fn told(&self, metadata: &Metadata, text: &str) -> Result<Map<String, Value>, Fault> {
        Expected {
            keys: metadata.jwks(),
            issuer: &self.config.issuer,
            client: &self.config.client_id,
            now: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |elapsed| elapsed.as_secs()),
        }
        .claims(text)
    }
}

/// Why an identity token is not believed.
enum Unverified {
    UnknownKey,
    Wrong(String),
}

impl Unverified {
    fn into_error(self) -> Error {
        match self {
            Self::UnknownKey => untrusted("no key fits the identity token"),
            Self::Wrong(what) => Error::Untrusted(what),
        }
    }
}

impl From<ClaimsVerificationError> for Unverified {
    fn from(error: ClaimsVerificationError) -> Self {
        match error {
            ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => {
                Self::UnknownKey
            }
            ClaimsVerificationError::SignatureVerification(cause) => Self::Wrong(cause.to_string()),
            other => Self::Wrong(other.to_string()),
        }
    }
}

fn untrusted(what: &str) -> Error {
    Error::Untrusted(what.to_owned())
}

fn redirect_url(text: &str) -> Result<RedirectUrl, Error> {
    RedirectUrl::new(text.to_owned()).map_err(|error| Error::ReturnAddress(format!("{text} ({error})")))
}
