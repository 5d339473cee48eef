//! What a provider says of a person as a signed text (RFC 7515), checked with the keys it publishes.
//!
//! The library checks identity tokens itself; its reader of signed user information knows RS256 only and cannot be
//! told otherwise, so the checks are made here, on its keys and its verification of signatures.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{CoreJsonWebKey, CoreJsonWebKeySet, CoreJsonWebKeyType, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey as _, JsonWebKeyAlgorithm, JsonWebKeyUse as _};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The algorithms accepted: a public key checks them, and every provider knows one of them.
pub(super) const ALGORITHMS: [CoreJwsSigningAlgorithm; 2] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
];

/// Why a signed text is not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// No published key fits: the provider may have changed its keys.
    UnknownKey,
    /// Anything else.
    Wrong(&'static str),
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    cty: Option<Value>,
    crit: Option<Value>,
}

/// Who a signed text must come from and be for.
pub(super) struct Expected<'a> {
    pub(super) keys: &'a CoreJsonWebKeySet,
    pub(super) issuer: &'a str,
    pub(super) client: &'a str,
    /// Seconds since 1970.
    pub(super) now: u64,
}

impl Expected<'_> {
    /// The claims of a text whose signature, issuer, audience and time hold.
    pub(super) fn claims(&self, text: &str) -> Result<Map<String, Value>, Fault> {
        let mut parts = text.trim().split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Fault::Wrong("not three parts"));
        };
        self.verify(header, payload, signature)?;
        let claims = decode_claims(payload).ok_or(Fault::Wrong("the claims are no object"))?;
        if claims.get("iss").and_then(Value::as_str) != Some(self.issuer) {
            return Err(Fault::Wrong("another issuer"));
        }
        let for_us = match claims.get("aud") {
            Some(Value::String(audience)) => audience == self.client,
            Some(Value::Array(audiences)) => {
                matches!(audiences.as_slice(), [Value::String(audience)] if audience == self.client)
            }
            _ => false,
        };
        if !for_us {
            return Err(Fault::Wrong("another audience"));
        }
        let expired = |limit: &Value| limit.as_u64().is_none_or(|limit| limit <= self.now);
        if claims.get("exp").is_some_and(expired) {
            return Err(Fault::Wrong("expired"));
        }
        Ok(claims)
    }

    fn verify(&self, header: &str, payload: &str, signature: &str) -> Result<(), Fault> {
        let read: Header = decode(header)
            .and_then(|octets| serde_json::from_slice(&octets).ok())
            .ok_or(Fault::Wrong("the header cannot be read"))?;
        let jwt = |typ: &str| typ.eq_ignore_ascii_case("jwt") || typ.eq_ignore_ascii_case("application/jwt");
        if read.crit.is_some() || read.cty.is_some() || read.typ.as_deref().is_some_and(|typ| !jwt(typ)) {
            return Err(Fault::Wrong("an unknown kind of signed text"));
        }
        let (algorithm, kind) = match read.alg.as_str() {
            "RS256" => (
                CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
                CoreJsonWebKeyType::RSA,
            ),
            "ES256" => (
                CoreJwsSigningAlgorithm::EcdsaP256Sha256,
                CoreJsonWebKeyType::EllipticCurve,
            ),
            _ => return Err(Fault::Wrong("an algorithm that is not accepted")),
        };
        let signature = decode(signature).ok_or(Fault::Wrong("the signature cannot be read"))?;
        let message = format!("{header}.{payload}");
        let fits = |key: &&CoreJsonWebKey| {
            let named = read
                .kid
                .as_deref()
                .is_none_or(|kid| key.key_id().is_some_and(|known| known.as_str() == kid));
            let signs = key.key_use().is_none_or(|usage| usage.allows_signature());
            let meant = match key.signing_alg() {
                JsonWebKeyAlgorithm::Unspecified => true,
                JsonWebKeyAlgorithm::Algorithm(meant) => *meant == algorithm,
                JsonWebKeyAlgorithm::Unsupported => false,
            };
            named && signs && meant && *key.key_type() == kind
        };
        let mut candidates = self.keys.keys().iter().filter(fits).peekable();
        if candidates.peek().is_none() {
            return Err(Fault::UnknownKey);
        }
        let signed = |key: &CoreJsonWebKey| {
            key.verify_signature(&algorithm, message.as_bytes(), &signature)
                .is_ok()
        };
        if candidates.any(signed) {
            Ok(())
        } else {
            Err(Fault::Wrong("the signature does not hold"))
        }
    }
}

/// The claims of a signed text that was checked already.
pub(super) fn claims_of_checked(text: &str) -> Option<Map<String, Value>> {
    decode_claims(text.split('.').nth(1)?)
}

fn decode_claims(payload: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&decode(payload)?).ok()
}

fn decode(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}
