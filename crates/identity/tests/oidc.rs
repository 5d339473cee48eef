//! Sign-in against a provider of its own, as strict as ProConnect, and wrong on demand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, in its helpers too"
)]

use std::collections::BTreeMap;

use openidconnect::url::Url;
use serde_json::{Value, json};
use sobria_identity::oidc::{Answer, Callback, Departure, Error, Identity, Pending, Provider};

#[path = "oidc/provider.rs"]
mod provider;

use provider::{CLIENT, Fault, Provider as Remote, SECRET, SUBJECT};

const RETURN: &str = "http://127.0.0.1:8080/connexion/essai/retour";

fn described(issuer: &str, change: &Value) -> Provider {
    let mut config = json!({
        "key": "essai", "name": "Essai", "issuer": issuer, "client_id": CLIENT, "client_secret": SECRET,
        "timeout_seconds": 2,
    });
    for (key, value) in change.as_object().unwrap() {
        config[key] = value.clone();
    }
    Provider::new(serde_json::from_value(config).unwrap()).unwrap()
}

fn departure() -> Departure<'static> {
    Departure {
        redirect_uri: RETURN,
        then: "/moderation?page=2",
        ..Departure::default()
    }
}

fn parameters(url: &Url) -> BTreeMap<String, String> {
    url.query_pairs().into_owned().collect()
}

/// Goes to the address as a browser would and reads where the provider sends it back.
async fn visit(url: &Url) -> Callback {
    let browser = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let response = browser.get(url.as_str()).send().await.unwrap();
    let back = Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
    assert!(back.as_str().starts_with(RETURN), "{back}");
    serde_json::from_value(json!(parameters(&back))).unwrap()
}

async fn journey(site: &Provider, departure: &Departure<'_>) -> Result<Answer, Error> {
    let (url, pending) = site.authorize(departure).await?;
    let callback = visit(&url).await;
    site.complete(kept(&pending), &callback).await
}

/// What comes back from where the site keeps it.
fn kept(pending: &Pending) -> Pending {
    serde_json::from_str(&serde_json::to_string(pending).unwrap()).unwrap()
}

fn signed_in(answer: Result<Answer, Error>) -> Identity {
    match answer {
        Ok(Answer::SignedIn(identity)) => *identity,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_agent_signs_in_as_with_proconnect() {
    let remote = Remote::start().await;
    let site = described(&remote.issuer, &json!({}));
    let (url, pending) = site.authorize(&departure()).await.unwrap();
    let asked = parameters(&url);
    assert_eq!(
        asked.keys().map(String::as_str).collect::<Vec<_>>(),
        [
            "claims",
            "client_id",
            "nonce",
            "redirect_uri",
            "response_type",
            "scope",
            "state"
        ]
    );
    assert_eq!(
        asked["scope"],
        "openid given_name usual_name email uid siret idp_id"
    );
    assert!(asked["state"].len() >= 32 && asked["nonce"].len() >= 32);
    assert_eq!(asked["claims"], r#"{"id_token":{"amr":{"essential":true}}}"#);
    assert_eq!(pending.then(), "/moderation?page=2");
    assert_eq!(pending.state(), asked["state"]);

    let identity = signed_in(site.complete(kept(&pending), &visit(&url).await).await);
    assert_eq!(
        (identity.issuer.as_str(), identity.subject.as_str()),
        (remote.issuer.as_str(), SUBJECT)
    );
    assert_eq!(identity.email.as_deref(), Some("lea.martin@exemple.fr"));
    assert!(
        !identity.email_verified,
        "nothing says that the address was checked"
    );
    assert_eq!(identity.given_name.as_deref(), Some("Léa"));
    assert_eq!(identity.family_name.as_deref(), Some("Martin"));
    assert_eq!(identity.siret.as_deref(), Some("21350238800019"));
    assert_eq!(identity.amr, ["pwd", "mfa"]);
    assert_eq!((identity.acr.as_deref(), identity.second_factor), (None, false));
    let (form, authorization) = remote.script().token_requests[0].clone();
    assert_eq!(authorization, None);
    assert_eq!(
        form.keys().map(String::as_str).collect::<Vec<_>>(),
        ["client_id", "client_secret", "code", "grant_type", "redirect_uri"]
    );
}

#[tokio::test]
async fn two_departures_share_no_secret() {
    let remote = Remote::start().await;
    let site = described(&remote.issuer, &json!({}));
    let (first, _) = site.authorize(&departure()).await.unwrap();
    let (second, _) = site.authorize(&departure()).await.unwrap();
    for name in ["state", "nonce"] {
        assert_ne!(parameters(&first)[name], parameters(&second)[name]);
    }
    assert_eq!(remote.script().discoveries, 1);
}

#[tokio::test]
async fn nobody_is_sent_elsewhere_once_signed_in() {
    let remote = Remote::start().await;
    let site = described(&remote.issuer, &json!({}));
    let tempted = Departure {
        then: "//ailleurs.fr/moderation",
        ..departure()
    };
    let (_, pending) = site.authorize(&tempted).await.unwrap();
    assert_eq!(pending.then(), "/");
}

#[tokio::test]
async fn whatever_does_not_hold_signs_nobody_in() {
    for (fault, reason) in [
        (Fault::NoIdToken, "no identity token"),
        (Fault::WrongNonce, "nonce mismatch"),
        (Fault::NoNonce, "missing nonce"),
        (Fault::WrongAudience, "Invalid audiences"),
        (Fault::MoreAudiences, "not a trusted audience"),
        (Fault::OtherParty, "made for another client"),
        (Fault::WrongIssuer, "Invalid issuer"),
        (Fault::AlgNone, "No signature"),
        (Fault::Hs256, "HS256"),
        (Fault::Hs256WithKey, "HS256"),
        (Fault::Expired, "Expired"),
        (Fault::OtherKey, "Signature was wrong"),
        (Fault::UnpublishedKey, "no key fits the identity token"),
        (Fault::Altered, "Signature was wrong"),
        (Fault::WrongTokenHash, "another access token"),
        (Fault::InfoJsonOfOther, "of somebody else"),
        (Fault::InfoOfOther, "of somebody else"),
        (Fault::InfoWithoutSubject, "of somebody else"),
        (Fault::InfoAudience, "another audience"),
        (Fault::InfoNoAudience, "another audience"),
        (Fault::InfoIssuer, "another issuer"),
        (Fault::InfoAlgNone, "algorithm that is not accepted"),
        (Fault::InfoHs256, "algorithm that is not accepted"),
        (Fault::InfoOtherKey, "signature does not hold"),
        (Fault::InfoUnpublishedKey, "no key fits the user information"),
        (Fault::InfoExpired, "expired"),
        (Fault::InfoAltered, "signature does not hold"),
        (Fault::InfoHtml, "unknown type"),
    ] {
        let remote = Remote::start().await;
        remote.script().fault = fault;
        let site = described(&remote.issuer, &json!({}));
        match journey(&site, &departure()).await {
            Err(error @ Error::Untrusted(_)) => {
                let sentence = error.sentence("Essai");
                assert!(
                    sentence.contains("n’a pas pu être vérifiée"),
                    "{fault:?}: {sentence}"
                );
                assert!(error.to_string().contains(reason), "{fault:?}: {error}");
                assert!(!error.to_string().contains("lea.martin"), "{error}");
            }
            other => panic!("{fault:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_provider_may_tell_who_somebody_is_without_signing() {
    let remote = Remote::start().await;
    remote.script().fault = Fault::InfoJson;
    let identity = signed_in(journey(&described(&remote.issuer, &json!({})), &departure()).await);
    assert_eq!(identity.siret.as_deref(), Some("21350238800019"));
}

#[tokio::test]
async fn an_answer_is_good_for_one_request_of_one_browser() {
    let remote = Remote::start().await;
    let site = described(&remote.issuer, &json!({}));
    let (url, first) = site.authorize(&departure()).await.unwrap();
    let (_, second) = site.authorize(&departure()).await.unwrap();
    let callback = visit(&url).await;
    assert_eq!(site.complete(second, &callback).await.unwrap_err(), Error::State);
    let mut stateless = callback.clone();
    stateless.state = None;
    assert_eq!(
        site.complete(kept(&first), &stateless).await.unwrap_err(),
        Error::State
    );
    assert!(remote.script().token_requests.is_empty(), "the code stayed here");
    signed_in(site.complete(kept(&first), &callback).await);
    assert_eq!(
        site.complete(first, &callback).await.unwrap_err(),
        Error::Refused("invalid_grant".to_owned())
    );
}

#[tokio::test]
async fn an_answer_of_another_provider_is_refused_before_the_code_leaves() {
    let remote = Remote::start().await;
    remote.script().iss_parameter = true;
    let site = described(&remote.issuer, &json!({}));
    signed_in(journey(&site, &departure()).await);

    for issuer in [None, Some("https://autre.exemple.fr".to_owned())] {
        let (url, pending) = site.authorize(&departure()).await.unwrap();
        let callback = Callback {
            iss: issuer,
            ..visit(&url).await
        };
        assert_eq!(
            site.complete(pending, &callback).await.unwrap_err(),
            Error::OtherProvider
        );
    }
    let other = described(&remote.issuer, &json!({ "key": "autre" }));
    let (url, pending) = site.authorize(&departure()).await.unwrap();
    let callback = visit(&url).await;
    assert_eq!(
        other.complete(pending, &callback).await.unwrap_err(),
        Error::OtherProvider
    );
    assert_eq!(remote.script().token_requests.len(), 1);
}

#[tokio::test]
async fn the_proof_key_is_sent_when_the_provider_knows_it() {
    let remote = Remote::start().await;
    remote.script().pkce = true;
    let site = described(&remote.issuer, &json!({}));
    let (url, pending) = site.authorize(&departure()).await.unwrap();
    assert_eq!(parameters(&url)["code_challenge_method"], "S256");
    let callback = visit(&url).await;
    let mut stolen: Value = serde_json::to_value(&pending).unwrap();
    stolen["verifier"] = json!("x".repeat(43));
    let stolen: Pending = serde_json::from_value(stolen).unwrap();
    assert_eq!(
        site.complete(stolen, &callback).await.unwrap_err(),
        Error::Refused("invalid_grant".to_owned())
    );
    signed_in(journey(&site, &departure()).await);

    let never = described(&remote.issuer, &json!({ "pkce": "never" }));
    let (url, _) = never.authorize(&departure()).await.unwrap();
    assert!(!url.as_str().contains("code_challenge"));

    remote.script().pkce = false;
    let always = described(&remote.issuer, &json!({ "pkce": "always" }));
    match journey(&always, &departure()).await {
        Err(error) => assert_eq!(error.code(), Some("Y000400")),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_required() {
    let remote = Remote::start().await;
    let strong = Departure {
        second_factor: true,
        ..departure()
    };
    let site = described(&remote.issuer, &json!({}));
    let (url, _) = site.authorize(&strong).await.unwrap();
    let claims: Value = serde_json::from_str(&parameters(&url)["claims"]).unwrap();
    assert_eq!(claims["id_token"]["acr"]["essential"], json!(true));
    assert_eq!(claims["id_token"]["acr"]["values"].as_array().unwrap().len(), 6);
    let identity = signed_in(journey(&site, &strong).await);
    assert_eq!(
        (identity.acr.as_deref(), identity.second_factor),
        (Some("eidas2"), true)
    );
    for fault in [Fault::NoAcr, Fault::WeakAcr] {
        remote.script().fault = fault;
        assert_eq!(
            journey(&site, &strong).await.unwrap_err(),
            Error::SecondFactor,
            "{fault:?}"
        );
    }

    let remote = Remote::start().await;
    remote.script().claims_parameter = false;
    let site = described(&remote.issuer, &json!({ "acr_values": ["2"] }));
    let (url, _) = site.authorize(&strong).await.unwrap();
    let asked = parameters(&url);
    assert_eq!((asked.get("claims"), asked["acr_values"].as_str()), (None, "2"));
    assert!(signed_in(journey(&site, &strong).await).second_factor);
}

#[tokio::test]
async fn giving_up_or_not_being_signed_in_is_no_error() {
    let remote = Remote::start().await;
    let site = described(&remote.issuer, &json!({}));
    let silent = Departure {
        silent: true,
        login_hint: Some("lea.martin@exemple.fr"),
        ..departure()
    };
    assert!(matches!(journey(&site, &silent).await, Ok(Answer::SignInNeeded)));

    let (_, pending) = site.authorize(&departure()).await.unwrap();
    let callback = Callback {
        state: Some(pending.state().to_owned()),
        error: Some("access_denied".to_owned()),
        ..Callback::default()
    };
    assert!(matches!(
        site.complete(kept(&pending), &callback).await,
        Ok(Answer::Cancelled)
    ));
    let forged = Callback {
        state: None,
        ..callback
    };
    assert_eq!(site.complete(pending, &forged).await.unwrap_err(), Error::State);
}

#[tokio::test]
async fn refusals_keep_the_code_that_support_asks_for() {
    let remote = Remote::start().await;
    let site = described(&remote.issuer, &json!({}));
    for (fault, code) in [
        (Fault::TokenRefused, "invalid_client"),
        (Fault::TokenRefusedWithCode, "Y500006"),
    ] {
        remote.script().fault = fault;
        let error = journey(&site, &departure()).await.unwrap_err();
        assert_eq!(error.code(), Some(code));
        assert!(error.sentence("Essai").contains(code));
    }
    remote.script().fault = Fault::InfoRefused;
    assert!(journey(&site, &departure()).await.unwrap_err().is_temporary());
}

#[tokio::test]
async fn a_provider_with_basic_authentication_only_gets_it() {
    let remote = Remote::start().await;
    remote.script().basic_only = true;
    signed_in(journey(&described(&remote.issuer, &json!({})), &departure()).await);
    let (form, authorization) = remote.script().token_requests[0].clone();
    assert!(authorization.is_some() && !form.contains_key("client_secret"));
}

#[tokio::test]
async fn new_keys_are_fetched_when_the_known_ones_no_longer_fit() {
    let remote = Remote::start().await;
    let site = described(&remote.issuer, &json!({}));
    signed_in(journey(&site, &departure()).await);
    remote.script().key = 2;
    signed_in(journey(&site, &departure()).await);
    signed_in(journey(&site, &departure()).await);
    assert_eq!(remote.script().discoveries, 2);
}

#[tokio::test]
async fn an_unusable_provider_costs_a_sentence_and_no_request_elsewhere() {
    for fault in [
        Fault::Down,
        Fault::Silent,
        Fault::Redirected,
        Fault::Huge,
        Fault::NotJson,
        Fault::OtherIssuer,
    ] {
        let remote = Remote::start().await;
        remote.script().fault = fault;
        let site = described(&remote.issuer, &json!({}));
        let error = site.authorize(&departure()).await.unwrap_err();
        assert!(error.is_temporary(), "{fault:?}: {error:?}");
        assert!(
            error.sentence("Essai").starts_with("Essai ne répond pas"),
            "{error}"
        );
        assert_eq!(site.authorize(&departure()).await.unwrap_err(), error);
        assert_eq!(
            remote.script().discoveries,
            1,
            "{fault:?}: left alone for a while"
        );
    }
    for fault in [Fault::ForeignToken, Fault::ForeignKeys, Fault::ForeignLogout] {
        let remote = Remote::start().await;
        remote.script().fault = fault;
        let error = described(&remote.issuer, &json!({}))
            .discover()
            .await
            .unwrap_err();
        assert!(matches!(error, Error::ForeignHost(_)), "{fault:?}: {error:?}");
    }
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    assert!(
        described(&address, &json!({}))
            .discover()
            .await
            .unwrap_err()
            .is_temporary()
    );
}

#[tokio::test]
async fn a_crowd_of_readers_makes_one_request() {
    let remote = Remote::start().await;
    let site = std::sync::Arc::new(described(&remote.issuer, &json!({})));
    let readers: Vec<_> = (0..50)
        .map(|_| {
            let site = std::sync::Arc::clone(&site);
            tokio::spawn(async move { site.authorize(&departure()).await.map(|_| ()) })
        })
        .collect();
    for reader in readers {
        reader.await.unwrap().unwrap();
    }
    assert_eq!(remote.script().discoveries, 1);
}

#[tokio::test]
async fn signing_out_goes_through_the_provider() {
    let remote = Remote::start().await;
    let site = described(&remote.issuer, &json!({}));
    let url = site
        .logout_url("an.identity.token", "a-state", "http://127.0.0.1:8080/connexion")
        .await
        .unwrap()
        .unwrap();
    assert!(
        url.as_str()
            .starts_with(&format!("{}/session/end?", remote.issuer))
    );
    let expected = [
        ("id_token_hint", "an.identity.token"),
        ("post_logout_redirect_uri", "http://127.0.0.1:8080/connexion"),
        ("state", "a-state"),
    ];
    assert_eq!(
        parameters(&url),
        expected.map(|(k, v)| (k.to_owned(), v.to_owned())).into()
    );
}
