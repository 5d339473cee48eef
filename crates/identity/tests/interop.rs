//! Sign-in against the npm package oidc-provider, started on loopback by `tests/browser/oidc-provider.mjs`.
//!
//! Needs node and `npm ci` in `tests/browser`; without them the tests say so and pass, unless
//! `SOBRIA_REQUIRE_BROWSER=1`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops at the first surprise, in its helpers too"
)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use openidconnect::url::Url;
use reqwest::Method;
use serde_json::{Value, json};
use sobria_identity::oidc::{Answer, Callback, Departure, Error, Identity, Provider};

const RETURN: &str = "http://127.0.0.1:8080/connexion/essai/retour";
const AFTER: &str = "http://127.0.0.1:8080/";
const KNOWN: &str = "lea.martin@kerzavel.example";

struct Remote {
    issuer: String,
    child: Child,
}

impl Drop for Remote {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the provider, or says why there is none.
fn start() -> Option<Remote> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/browser");
    let missing = |what: &str| {
        assert!(
            std::env::var_os("SOBRIA_REQUIRE_BROWSER").is_none(),
            "{what} is required"
        );
        eprintln!("SKIPPED: {what} is missing, so no OpenID provider was tried");
        None
    };
    if !folder.join("node_modules/oidc-provider").exists() {
        return missing("`npm ci` in tests/browser");
    }
    let Ok(mut child) = Command::new("node")
        .args(["oidc-provider.mjs", "--redirect", RETURN, "--after", AFTER])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
    else {
        return missing("node");
    };
    let issuer = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap)
        .find_map(|line| line.strip_prefix("listening on ").map(str::to_owned))
        .expect("the provider says where it listens");
    Some(Remote { issuer, child })
}

fn site(remote: &Remote, client: &str, change: &Value) -> Provider {
    let mut config = json!({
        "key": "essai", "name": "Essai", "issuer": remote.issuer, "client_id": client,
        "client_secret": "secret-des-essais-jamais-en-service",
    });
    for (key, value) in change.as_object().unwrap() {
        config[key] = value.clone();
    }
    Provider::new(serde_json::from_value(config).unwrap()).unwrap()
}

fn departure() -> Departure<'static> {
    Departure {
        redirect_uri: RETURN,
        then: "/",
        ..Departure::default()
    }
}

/// A browser without scripts: cookies, forms and redirections.
struct Browser {
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    fn new() -> Self {
        Self {
            http: reqwest::Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap(),
            cookies: BTreeMap::new(),
        }
    }

    /// Follows redirections until a page is shown or the site is reached.
    async fn go(&mut self, method: Method, url: &Url, form: &[(&str, &str)]) -> (Url, String) {
        let mut url = url.clone();
        let mut request = self.http.request(method, url.as_str());
        if !form.is_empty() {
            let mut body = Url::parse("http://form").unwrap();
            body.query_pairs_mut().extend_pairs(form);
            request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body.query().unwrap().to_owned());
        }
        for _ in 0..10 {
            let cookies: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let response = request.header("cookie", cookies.join("; ")).send().await.unwrap();
            for set in response.headers().get_all("set-cookie") {
                let (name, value) = set
                    .to_str()
                    .unwrap()
                    .split(';')
                    .next()
                    .unwrap()
                    .split_once('=')
                    .unwrap();
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
            self.cookies.retain(|_, value| !value.is_empty());
            let Some(location) = response.headers().get("location") else {
                return (url, response.text().await.unwrap());
            };
            url = url.join(location.to_str().unwrap()).unwrap();
            if url.as_str().starts_with("http://127.0.0.1:8080/") {
                return (url, String::new());
            }
            request = self.http.get(url.as_str());
        }
        panic!("redirected for ever at {url}");
    }

    async fn sign_in(&mut self, start: &Url, account: &str, second_factor: bool) -> Callback {
        let (page, text) = self.go(Method::GET, start, &[]).await;
        assert!(text.contains("name=\"adresse\""), "{page}: {text}");
        let mut form = vec![("adresse", account), ("geste", "entrer")];
        if second_factor {
            form.push(("second", "oui"));
        }
        let (back, text) = self.go(Method::POST, &page, &form).await;
        returned(&back, &text)
    }
}

fn returned(back: &Url, text: &str) -> Callback {
    assert!(back.as_str().starts_with(RETURN), "{back}: {text}");
    let parameters: BTreeMap<String, String> = back.query_pairs().into_owned().collect();
    serde_json::from_value(json!(parameters)).unwrap()
}

fn signed_in(answer: Result<Answer, Error>) -> Identity {
    match answer {
        Ok(Answer::SignedIn(identity)) => *identity,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn agents_sign_in_and_out() {
    let Some(remote) = start() else { return };
    let site = site(&remote, "sobria", &json!({}));
    let mut browser = Browser::new();
    let (url, pending) = site.authorize(&departure()).await.unwrap();
    let callback = browser.sign_in(&url, KNOWN, false).await;
    let identity = signed_in(site.complete(pending, &callback).await);
    assert_eq!(identity.subject, "agent-connue");
    assert_eq!(identity.email.as_deref(), Some(KNOWN));
    assert!(identity.email_verified);
    assert_eq!(identity.family_name.as_deref(), Some("Martin"));
    assert_eq!(identity.siret.as_deref(), Some("99318166800027"));
    assert_eq!(identity.amr, ["pwd"]);
    assert!(!identity.second_factor);

    // Signed in at the provider already: it sends back at once, also when it may show nothing.
    let silent = Departure {
        silent: true,
        ..departure()
    };
    let (url, pending) = site.authorize(&silent).await.unwrap();
    let (back, text) = browser.go(Method::GET, &url, &[]).await;
    let again = signed_in(site.complete(pending, &returned(&back, &text)).await);
    assert_eq!(again.subject, identity.subject);

    let url = site
        .logout_url(&again.id_token, "an-own-state", AFTER)
        .await
        .unwrap()
        .unwrap();
    let (page, text) = browser.go(Method::GET, &url, &[]).await;
    let secret = text
        .split("name=\"xsrf\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let confirm = page.join("/session/end/confirm").unwrap();
    let (back, text) = browser
        .go(Method::POST, &confirm, &[("xsrf", secret), ("logout", "yes")])
        .await;
    assert_eq!(back.as_str(), format!("{AFTER}?state=an-own-state"), "{text}");

    let (url, pending) = site.authorize(&silent).await.unwrap();
    let (back, text) = browser.go(Method::GET, &url, &[]).await;
    assert!(matches!(
        site.complete(pending, &returned(&back, &text)).await,
        Ok(Answer::SignInNeeded)
    ));
}

#[tokio::test]
async fn a_second_factor_is_obtained_on_demand() {
    let Some(remote) = start() else { return };
    let site = site(&remote, "sobria", &json!({}));
    let mut browser = Browser::new();
    let strong = Departure {
        second_factor: true,
        login_hint: Some(KNOWN),
        ..departure()
    };
    let (url, pending) = site.authorize(&strong).await.unwrap();
    let (page, text) = browser.go(Method::GET, &url, &[]).await;
    assert!(
        text.contains("id=\"facteur\"") && text.contains(&format!("value=\"{KNOWN}\"")),
        "{text}"
    );
    let (page, text) = browser
        .go(Method::POST, &page, &[("adresse", KNOWN), ("geste", "entrer")])
        .await;
    assert!(
        text.contains("id=\"facteur\""),
        "one factor is not enough: {text}"
    );
    let form = [("adresse", KNOWN), ("second", "oui"), ("geste", "entrer")];
    let (back, text) = browser.go(Method::POST, &page, &form).await;
    let identity = signed_in(site.complete(pending, &returned(&back, &text)).await);
    assert_eq!(
        (identity.acr.as_deref(), identity.second_factor),
        (Some("eidas2"), true)
    );
    assert_eq!(identity.amr, ["pwd", "mfa"]);
}

#[tokio::test]
async fn another_kind_of_client_signs_in_too() {
    let Some(remote) = start() else { return };
    // RS256, user information as JSON, proof key required by the provider.
    let client = json!({ "scopes": ["profile", "email"] });
    let site = site(&remote, "sobria-json", &client);
    let (url, pending) = site.authorize(&departure()).await.unwrap();
    let callback = Browser::new()
        .sign_in(&url, "sans.verification@kerzavel.example", false)
        .await;
    let identity = signed_in(site.complete(pending, &callback).await);
    assert_eq!(identity.family_name.as_deref(), Some("Le Goff"));
    assert!(!identity.email_verified && identity.siret.is_none());
}

#[tokio::test]
async fn giving_up_and_forging_lead_nowhere() {
    let Some(remote) = start() else { return };
    let site = site(&remote, "sobria", &json!({}));
    let mut browser = Browser::new();
    let (url, pending) = site.authorize(&departure()).await.unwrap();
    let (page, _) = browser.go(Method::GET, &url, &[]).await;
    let (back, text) = browser.go(Method::POST, &page, &[("geste", "renoncer")]).await;
    assert!(matches!(
        site.complete(pending, &returned(&back, &text)).await,
        Ok(Answer::Cancelled)
    ));

    let (url, pending) = site.authorize(&departure()).await.unwrap();
    let mut callback = Browser::new().sign_in(&url, KNOWN, false).await;
    callback.code = Some("another-code".to_owned());
    assert_eq!(
        site.complete(pending, &callback).await.unwrap_err(),
        Error::Refused("invalid_grant".to_owned())
    );
}
