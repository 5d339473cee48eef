//! An OpenID provider of the tests: as strict as ProConnect about what it is sent, and wrong on demand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Body;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub const CLIENT: &str = "sobria";
pub const SECRET: &str = "a-secret-of-the-tests";
pub const SUBJECT: &str = "agent-17";

/// The parameters that ProConnect documents; any other is refused with Y000400.
const KNOWN: [&str; 10] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "claims",
    "prompt",
    "idp_hint",
    "login_hint",
];

/// What the provider does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    // In the discovery document and around it.
    Down,
    Silent,
    Redirected,
    Huge,
    NotJson,
    OtherIssuer,
    ForeignToken,
    ForeignKeys,
    ForeignLogout,
    // In the identity token.
    NoIdToken,
    WrongNonce,
    NoNonce,
    WrongAudience,
    MoreAudiences,
    OtherParty,
    WrongIssuer,
    AlgNone,
    Hs256,
    Hs256WithKey,
    Expired,
    OtherKey,
    UnpublishedKey,
    Altered,
    WrongTokenHash,
    NoAcr,
    WeakAcr,
    // In the user information.
    InfoJson,
    InfoJsonOfOther,
    InfoOfOther,
    InfoWithoutSubject,
    InfoAudience,
    InfoNoAudience,
    InfoIssuer,
    InfoAlgNone,
    InfoHs256,
    InfoOtherKey,
    InfoUnpublishedKey,
    InfoExpired,
    InfoAltered,
    InfoHtml,
    InfoRefused,
    // At the token endpoint.
    TokenRefused,
    TokenRefusedWithCode,
}

pub struct Script {
    pub fault: Fault,
    /// Whether the discovery document lists S256, and whether unknown parameters are then accepted.
    pub pkce: bool,
    pub iss_parameter: bool,
    pub claims_parameter: bool,
    pub basic_only: bool,
    /// Which key signs and is published: the provider may change its keys.
    pub key: u8,
    pub discoveries: usize,
    pub token_requests: Vec<(BTreeMap<String, String>, Option<String>)>,
    codes: BTreeMap<String, BTreeMap<String, String>>,
    spent: BTreeSet<String>,
}

#[derive(Clone)]
pub struct Provider {
    pub issuer: String,
    script: Arc<Mutex<Script>>,
}

impl Provider {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let provider = Self {
            issuer,
            script: Arc::new(Mutex::new(Script {
                fault: Fault::None,
                pkce: false,
                iss_parameter: false,
                claims_parameter: true,
                basic_only: false,
                key: 1,
                discoveries: 0,
                token_requests: Vec::new(),
                codes: BTreeMap::new(),
                spent: BTreeSet::new(),
            })),
        };
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/moved", get(moved))
            .route("/jwks", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/userinfo", get(user_info))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        provider
    }

    pub fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }
}

fn signing_key(number: u8) -> SigningKey {
    SigningKey::from_slice(&[number; 32]).unwrap()
}

fn public_key(number: u8) -> Value {
    let point = signing_key(number).verifying_key().to_sec1_point(false);
    let octets = point.as_bytes();
    json!({
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": format!("key-{number}"),
        "x": URL_SAFE_NO_PAD.encode(&octets[1..33]), "y": URL_SAFE_NO_PAD.encode(&octets[33..65]),
    })
}

fn now() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

fn hmac(key: &[u8], message: &str) -> Vec<u8> {
    let mut block = [0u8; 64];
    let key = if key.len() > 64 {
        Sha256::digest(key).to_vec()
    } else {
        key.to_vec()
    };
    block[..key.len()].copy_from_slice(&key);
    let pad = |value: u8| block.map(|octet| octet ^ value).to_vec();
    let inner = Sha256::digest([pad(0x36), message.as_bytes().to_vec()].concat());
    Sha256::digest([pad(0x5c), inner.to_vec()].concat()).to_vec()
}

/// How a text is signed.
enum Hand {
    Key { number: u8, kid: u8 },
    Shared(Vec<u8>),
    Nobody,
}

fn sign(claims: &Value, hand: &Hand) -> String {
    let header = match hand {
        Hand::Key { kid, .. } => json!({ "alg": "ES256", "typ": "JWT", "kid": format!("key-{kid}") }),
        Hand::Shared(_) => json!({ "alg": "HS256", "typ": "JWT" }),
        Hand::Nobody => json!({ "alg": "none" }),
    };
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(&header), part(claims));
    let signature = match hand {
        Hand::Key { number, .. } => {
            let signature: Signature = signing_key(*number).sign(message.as_bytes());
            signature.to_bytes().to_vec()
        }
        Hand::Shared(key) => hmac(key, &message),
        Hand::Nobody => Vec::new(),
    };
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Changes the claims of a signed text and leaves its signature.
fn alter(text: &str) -> String {
    let parts: Vec<&str> = text.split('.').collect();
    let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    claims["email"] = json!("maire@autre.fr");
    format!(
        "{}.{}.{}",
        parts[0],
        URL_SAFE_NO_PAD.encode(claims.to_string()),
        parts[2]
    )
}

fn answer(status: StatusCode, kind: &str, body: impl Into<Body>) -> Response<Body> {
    Response::builder()
        .status(status)
        .header("content-type", kind)
        .body(body.into())
        .unwrap()
}

fn json_answer(status: StatusCode, body: &Value) -> Response<Body> {
    answer(status, "application/json; charset=utf-8", body.to_string())
}

async fn discovery(State(provider): State<Provider>) -> Response<Body> {
    let (fault, mut document) = {
        let mut script = provider.script();
        script.discoveries += 1;
        let issuer = &provider.issuer;
        let mut document = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "jwks_uri": format!("{issuer}/jwks"),
            "end_session_endpoint": format!("{issuer}/session/end"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public", "pairwise"],
            "id_token_signing_alg_values_supported": ["HS256", "ES256", "RS256", "ML-DSA-44"],
            "userinfo_signing_alg_values_supported": ["ES256", "ML-DSA-44"],
            "token_endpoint_auth_methods_supported":
                [if script.basic_only { "client_secret_basic" } else { "client_secret_post" }],
            "claims_parameter_supported": script.claims_parameter,
            "authorization_response_iss_parameter_supported": script.iss_parameter,
        });
        if script.pkce {
            document["code_challenge_methods_supported"] = json!(["S256"]);
        }
        (script.fault, document)
    };
    match fault {
        Fault::Down => return answer(StatusCode::BAD_GATEWAY, "text/html", "<h1>502</h1>"),
        Fault::Silent => std::future::pending::<()>().await,
        Fault::Redirected => {
            return Response::builder()
                .status(StatusCode::FOUND)
                .header("location", "/moved")
                .body(Body::empty())
                .unwrap();
        }
        Fault::Huge => document["padding"] = json!("x".repeat(300 * 1024)),
        Fault::NotJson => return answer(StatusCode::OK, "text/html", "<h1>Bonjour</h1>"),
        Fault::OtherIssuer => document["issuer"] = json!("https://autre.exemple.fr"),
        Fault::ForeignToken => document["token_endpoint"] = json!("http://127.0.0.2:9/token"),
        Fault::ForeignKeys => document["jwks_uri"] = json!("http://169.254.169.254/keys"),
        Fault::ForeignLogout => document["end_session_endpoint"] = json!("https://autre.exemple.fr/bye"),
        _ => {}
    }
    json_answer(StatusCode::OK, &document)
}

/// Sound, for whoever follows a redirection.
async fn moved(provider: State<Provider>) -> Response<Body> {
    provider.script().fault = Fault::None;
    discovery(provider).await
}

async fn keys(State(provider): State<Provider>) -> Response<Body> {
    let number = provider.script().key;
    json_answer(
        StatusCode::OK,
        &json!({ "keys": [
            { "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "other" },
            { "kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA", "kid": "newer" },
            public_key(number),
        ]}),
    )
}

async fn authorize(
    State(provider): State<Provider>,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Response<Body> {
    let mut script = provider.script();
    let get = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let known = |name: &str| {
        KNOWN.contains(&name)
            || (script.pkce && name.starts_with("code_challenge"))
            || (!script.claims_parameter && name == "acr_values")
    };
    let unknown = !asked.keys().all(|name| known(name));
    let complete = get("response_type") == "code"
        && get("client_id") == CLIENT
        && get("state").len() >= 32
        && get("nonce").len() >= 32
        && get("scope").split(' ').any(|scope| scope == "openid");
    let mut location = format!("{}?state={}", get("redirect_uri"), get("state"));
    if script.iss_parameter {
        location.push_str(&format!("&iss={}", provider.issuer));
    }
    if unknown || !complete {
        location.push_str("&error=invalid_request&error_description=Y000400");
    } else if get("prompt") == "none" {
        location.push_str("&error=login_required");
    } else {
        let code = format!("code-{}", script.codes.len());
        location.push_str(&format!("&code={code}"));
        script.codes.insert(code, asked);
    }
    Response::builder()
        .status(StatusCode::FOUND)
        .header("location", location)
        .body(Body::empty())
        .unwrap()
}

async fn token(
    State(provider): State<Provider>,
    headers: HeaderMap,
    Form(form): Form<BTreeMap<String, String>>,
) -> Response<Body> {
    let mut script = provider.script();
    let authorization = headers
        .get("authorization")
        .map(|value| value.to_str().unwrap().to_owned());
    script.token_requests.push((form.clone(), authorization.clone()));
    let refuse = |what: &str, description: &str| {
        json_answer(
            StatusCode::BAD_REQUEST,
            &json!({ "error": what, "error_description": description }),
        )
    };
    match script.fault {
        Fault::TokenRefused => return refuse("invalid_client", "secret erroné"),
        Fault::TokenRefusedWithCode => return refuse("server_error", "Y500006 : réessayez"),
        _ => {}
    }
    let get = |name: &str| form.get(name).cloned().unwrap_or_default();
    let authenticated = if script.basic_only {
        use base64::engine::general_purpose::STANDARD;
        authorization == Some(format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{SECRET}"))))
    } else {
        authorization.is_none() && get("client_id") == CLIENT && get("client_secret") == SECRET
    };
    if !authenticated {
        return refuse("invalid_client", "");
    }
    let code = get("code");
    let Some(asked) = script.codes.get(&code).cloned() else {
        return refuse("invalid_grant", "");
    };
    if !script.spent.insert(code) || asked["redirect_uri"] != get("redirect_uri") {
        return refuse("invalid_grant", "");
    }
    if let Some(challenge) = asked.get("code_challenge")
        && (asked["code_challenge_method"] != "S256"
            || URL_SAFE_NO_PAD.encode(Sha256::digest(get("code_verifier"))) != *challenge)
    {
        return refuse("invalid_grant", "PKCE");
    }
    let mut body = json!({
        "access_token": "an-access-token", "token_type": "Bearer", "expires_in": 60,
        "id_token": identity_token(&provider.issuer, &script, &asked),
    });
    if script.fault == Fault::NoIdToken {
        body.as_object_mut().unwrap().remove("id_token");
    }
    json_answer(StatusCode::OK, &body)
}

fn identity_token(issuer: &str, script: &Script, asked: &BTreeMap<String, String>) -> String {
    let half = &Sha256::digest("an-access-token")[..16];
    let mut claims = json!({
        "iss": issuer, "sub": SUBJECT, "aud": CLIENT, "iat": now(), "exp": now() + 60, "nonce": asked["nonce"],
        "at_hash": URL_SAFE_NO_PAD.encode(half), "auth_time": now(), "amr": ["pwd", "mfa"],
    });
    let wanted: Value = asked
        .get("claims")
        .map_or(Value::Null, |text| serde_json::from_str(text).unwrap());
    if let Some(first) = wanted["id_token"]["acr"]["values"].get(0) {
        claims["acr"] = first.clone();
    }
    if let Some(values) = asked.get("acr_values") {
        claims["acr"] = json!(values.split(' ').next());
    }
    let object = claims.as_object_mut().unwrap();
    match script.fault {
        Fault::WrongNonce => {
            object.insert("nonce".to_owned(), json!("a-nonce-of-another-request-altogether"));
        }
        Fault::NoNonce => {
            object.remove("nonce");
        }
        Fault::WrongAudience => {
            object.insert("aud".to_owned(), json!("another-client"));
        }
        Fault::MoreAudiences => {
            object.insert("aud".to_owned(), json!([CLIENT, "another-client"]));
        }
        Fault::OtherParty => {
            object.insert("azp".to_owned(), json!("another-client"));
        }
        Fault::WrongIssuer => {
            object.insert("iss".to_owned(), json!("https://autre.exemple.fr"));
        }
        Fault::Expired => {
            object.insert("exp".to_owned(), json!(now() - 1));
        }
        Fault::WrongTokenHash => {
            object.insert("at_hash".to_owned(), json!(URL_SAFE_NO_PAD.encode([7; 16])));
        }
        Fault::NoAcr => {
            object.remove("acr");
        }
        Fault::WeakAcr => {
            object.insert("acr".to_owned(), json!("eidas1"));
        }
        _ => {}
    }
    let own = Hand::Key {
        number: script.key,
        kid: script.key,
    };
    let text = sign(
        &claims,
        &match script.fault {
            Fault::AlgNone => Hand::Nobody,
            Fault::Hs256 => Hand::Shared(SECRET.as_bytes().to_vec()),
            Fault::Hs256WithKey => Hand::Shared(public_key(script.key)["x"].as_str().unwrap().into()),
            Fault::OtherKey => Hand::Key {
                number: 9,
                kid: script.key,
            },
            Fault::UnpublishedKey => Hand::Key { number: 9, kid: 9 },
            _ => own,
        },
    );
    if script.fault == Fault::Altered {
        alter(&text)
    } else {
        text
    }
}

async fn user_info(State(provider): State<Provider>, headers: HeaderMap) -> Response<Body> {
    let script = provider.script();
    if headers["authorization"] != "Bearer an-access-token" || script.fault == Fault::InfoRefused {
        return json_answer(StatusCode::UNAUTHORIZED, &json!({ "error": "invalid_token" }));
    }
    let mut claims = json!({
        "iss": provider.issuer, "aud": CLIENT, "sub": SUBJECT, "iat": now(), "exp": now() + 60,
        "email": "lea.martin@exemple.fr", "given_name": "Léa", "usual_name": "Martin",
        "siret": "21350238800019", "uid": "lmartin", "idp_id": "an-identity-provider",
    });
    let object = claims.as_object_mut().unwrap();
    match script.fault {
        Fault::InfoJson => return json_answer(StatusCode::OK, &claims),
        Fault::InfoJsonOfOther => {
            claims["sub"] = json!("agent-18");
            return json_answer(StatusCode::OK, &claims);
        }
        Fault::InfoHtml => return answer(StatusCode::OK, "text/html", claims.to_string()),
        Fault::InfoOfOther => {
            object.insert("sub".to_owned(), json!("agent-18"));
        }
        Fault::InfoWithoutSubject => {
            object.remove("sub");
        }
        Fault::InfoAudience => {
            object.insert("aud".to_owned(), json!("another-client"));
        }
        Fault::InfoNoAudience => {
            object.remove("aud");
        }
        Fault::InfoIssuer => {
            object.insert("iss".to_owned(), json!("https://autre.exemple.fr"));
        }
        Fault::InfoExpired => {
            object.insert("exp".to_owned(), json!(now() - 1));
        }
        _ => {}
    }
    let own = Hand::Key {
        number: script.key,
        kid: script.key,
    };
    let text = sign(
        &claims,
        &match script.fault {
            Fault::InfoAlgNone => Hand::Nobody,
            Fault::InfoHs256 => Hand::Shared(SECRET.as_bytes().to_vec()),
            Fault::InfoOtherKey => Hand::Key {
                number: 9,
                kid: script.key,
            },
            Fault::InfoUnpublishedKey => Hand::Key { number: 9, kid: 9 },
            _ => own,
        },
    );
    let text = if script.fault == Fault::InfoAltered {
        alter(&text)
    } else {
        text
    };
    answer(StatusCode::OK, "application/jwt", text)
}
