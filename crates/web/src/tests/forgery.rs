//! A request that another site forged changes nothing, at any address. The addresses are read off the router itself:
//! one that is added anywhere is tried here.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use tower::ServiceExt as _;

use super::{Browser, TestApp};
use crate::session::OPEN_TO_OTHER_SITES;

const FORM: &str = "application/x-www-form-urlencoded";
const UPLOAD: &str = "multipart/form-data; boundary=b";
/// Stands for whatever varies in an address.
const ANY: &str = "018f3c1e-7d2a-7c3e-9b54-0d6a4f1c2b3d";

/// What other sites may send, whatever they say of it: what changes nothing, and what holds a secret of its own.
const OPEN: [&str; 3] = [
    "/api/v1/estimates",
    "/api/v1/evaluations",
    "/desinscription/{secret}",
];
/// What asks for no token, though other sites may not send it: logs of measures are read and forgotten; the link of a
/// supplier is looked up before its form is read, and its own test sends a forged one.
const WITHOUT_TOKEN: [&str; 2] = ["/estimer/mesure", "/maitriser/achat/reponse/{secret}/fichiers"];

/// An address as the router has it, and as it is asked for.
struct Address {
    pattern: String,
    path: String,
    methods: Vec<Method>,
}

/// Every address of the site that takes a method which may change something.
async fn addresses(site: &TestApp) -> Vec<Address> {
    let routes = crate::addresses();
    // The router lists its addresses nowhere but in what it prints of itself.
    let printed = format!("{routes:?}");
    let patterns: BTreeSet<&str> = printed
        .split("RouteId(")
        .filter_map(|part| part.split_once("): \""))
        .filter(|(number, _)| number.bytes().all(|byte| byte.is_ascii_digit()))
        .filter_map(|(_, rest)| rest.split('"').next())
        // Where requests that no address answers are sent.
        .filter(|pattern| !pattern.contains("__private__axum_fallback"))
        .collect();
    let router = routes.with_state(site.app.clone());
    let mut found = Vec::new();
    for pattern in patterns {
        let parts: Vec<&str> = pattern
            .split('/')
            .map(|part| if part.starts_with('{') { ANY } else { part })
            .collect();
        let path = parts.join("/");
        let unknown = Request::builder().method("PURGE").uri(&path).body(Body::empty());
        let answer = router.clone().oneshot(unknown.unwrap()).await.unwrap();
        let allowed = answer
            .headers()
            .get(header::ALLOW)
            .map(|value| value.to_str().unwrap());
        // What takes a method that nobody knows takes them all.
        let methods: Vec<Method> = match (answer.status(), allowed) {
            (StatusCode::METHOD_NOT_ALLOWED, Some(allowed)) => allowed
                .split(',')
                .map(|name| name.trim().parse().unwrap())
                .collect(),
            _ => vec![Method::POST, Method::PUT, Method::PATCH, Method::DELETE],
        };
        let methods: Vec<Method> = methods
            .into_iter()
            .filter(|method| ![Method::GET, Method::HEAD, Method::OPTIONS].contains(method))
            .collect();
        if !methods.is_empty() {
            found.push(Address {
                pattern: pattern.to_owned(),
                path,
                methods,
            });
        }
    }
    found
}

/// A form with a file, and with a token.
fn upload(token: &str) -> String {
    format!(
        "--b\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\n{token}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"fichier\"; filename=\"a.csv\"\r\n\r\na;b\r\n--b--\r\n"
    )
}

async fn status(
    browser: &mut Browser<'_>,
    (method, path): (&Method, &str),
    headers: &[(&str, &str)],
    body: String,
) -> StatusCode {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    browser
        .forward(request.body(Body::from(body)).unwrap())
        .await
        .status
}

#[tokio::test]
async fn every_address_that_changes_something_refuses_a_forged_request() {
    let site = TestApp::demo().await;
    let addresses = addresses(&site).await;
    for known in [
        "/connexion",
        "/contribuer/{id}/{step}",
        "/mon-espace/publications/{id}",
        "/cas-usages/{slug}/liens",
        "/maitriser/achat/dossiers/{id}/{what}",
        "/organisations/{slug}/feuille-de-route/{part}",
        "/administration/organisations/{what}",
        "/api/v1/estimates",
    ] {
        assert!(
            addresses.iter().any(|one| one.pattern == known),
            "{known} is not found"
        );
    }
    let mut admin = site.sign_in("administration").await;
    let own = admin.csrf().await;
    let other = site.sign_in("moderation").await.csrf().await;
    let (mut open, mut without_token) = (Vec::new(), Vec::new());
    for one in &addresses {
        for method in &one.methods {
            let to = (method, one.path.as_str());
            // A site that spares an address once somebody unknown has asked for it spares it here.
            status(
                &mut Browser::new(&site),
                to,
                &[("content-type", FORM)],
                String::new(),
            )
            .await;
            let mut refused = true;
            for (name, value) in [
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-site", "same-site"),
                ("origin", "https://ailleurs.fr"),
                ("origin", "null"),
            ] {
                let headers = [("content-type", FORM), (name, value)];
                let answer = status(&mut admin, to, &headers, format!("_csrf={own}")).await;
                refused &= answer == StatusCode::FORBIDDEN;
            }
            if !refused {
                open.push(one.pattern.as_str());
                continue;
            }
            // A browser that says nothing of where a request comes from must show the token of its session.
            for token in ["", "faux", other.as_str()] {
                let form = [("content-type", FORM)];
                let mut answer = status(&mut admin, to, &form, format!("_csrf={token}")).await;
                // What carries a file reads no form of another kind.
                if answer == StatusCode::BAD_REQUEST {
                    answer = status(&mut admin, to, &[("content-type", UPLOAD)], upload(token)).await;
                }
                if answer != StatusCode::FORBIDDEN {
                    without_token.push(one.pattern.as_str());
                    break;
                }
            }
            let plain = [("content-type", "text/plain")];
            let answer = status(&mut admin, to, &plain, format!("_csrf={own}")).await;
            assert!(
                answer.is_client_error(),
                "{} takes plain text: {answer}",
                one.pattern
            );
        }
    }
    assert_eq!(open, OPEN, "other sites may send these");
    assert_eq!(without_token, WITHOUT_TOKEN, "these ask for no token");
    for prefix in OPEN_TO_OTHER_SITES {
        assert!(OPEN.iter().any(|path| path.starts_with(prefix)), "{prefix}");
    }
    let account = admin.get("/mon-espace/compte").await;
    assert_eq!(account.status, StatusCode::OK, "still signed in");
}
