//! What somebody hostile tries: forged requests on every address that changes something, guesses by the thousand, a
//! session chosen for somebody else.

use axum::body::Body;
use axum::http::{Request, StatusCode};

use super::{Browser, TestApp};
use crate::routes::account::sign_in::DEMO_PASSWORD;
use crate::session::OPEN_TO_OTHER_SITES;

const AGENT: &str = "agent@demo.exemple.fr";
/// The router itself: an address that is added there is tried here.
const ROUTES: &str = include_str!("../routes.rs");

/// Addresses named by a constant.
const NAMED: [(&str, &str); 8] = [
    ("estimate::attach::PATH", crate::routes::estimate::attach::PATH),
    ("estimate::attach::LIST", crate::routes::estimate::attach::LIST),
    (
        "contribute::prefill::FILE_PATH",
        crate::routes::contribute::prefill::FILE_PATH,
    ),
    (
        "administration::jobs::PATH",
        crate::routes::administration::jobs::PATH,
    ),
    (
        "administration::settings::PATH",
        crate::routes::administration::settings::PATH,
    ),
    (
        "administration::imports::PATH",
        crate::routes::administration::imports::PATH,
    ),
    (
        "administration::checks::PATH",
        crate::routes::administration::checks::PATH,
    ),
    (
        "administration::terms::PATH",
        crate::routes::administration::terms::PATH,
    ),
];

/// Addresses that take POST, with something in place of what varies.
fn posted() -> Vec<String> {
    ROUTES
        .split(".route(")
        .skip(1)
        .filter(|route| route.contains("post("))
        .filter_map(|route| {
            let path = match route.trim_start().strip_prefix('"') {
                Some(rest) => rest.split('"').next()?,
                // The others are named by a constant of their page.
                None => {
                    NAMED
                        .iter()
                        .find(|(name, _)| route.trim_start().starts_with(name))
                        .unwrap_or_else(|| panic!("an address that no test tries: {route}"))
                        .1
                }
            };
            let filled: Vec<&str> = path
                .split('/')
                .map(|part| {
                    if part.starts_with('{') {
                        "018f3c1e-7d2a-7c3e-9b54-0d6a4f1c2b3d"
                    } else {
                        part
                    }
                })
                .collect();
            Some(filled.join("/"))
        })
        .collect()
}

#[tokio::test]
async fn every_address_that_changes_something_refuses_a_forged_request() {
    let site = TestApp::demo().await;
    let paths = posted();
    assert!(
        paths.len() > 40 && paths.contains(&"/connexion".to_owned()),
        "{paths:?}"
    );
    let mut admin = site.sign_in("administration").await;
    let token = admin.csrf().await;
    for path in &paths {
        let open = OPEN_TO_OTHER_SITES.iter().any(|prefix| path.starts_with(prefix));
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://ailleurs.fr"),
            ("origin", "null"),
        ] {
            let request = Request::post(path)
                .header("content-type", "application/x-www-form-urlencoded")
                .header(name, value)
                .body(Body::from(format!("_csrf={token}")))
                .unwrap();
            let status = admin.forward(request).await.status;
            assert!(
                open || status == StatusCode::FORBIDDEN,
                "{path}, {name}: {value}: {status}"
            );
        }
        // A browser that says nothing of where a request comes from must show the token.
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from("_csrf=faux"))
            .unwrap();
        let status = admin.forward(request).await.status;
        // What carries a file is no form of this kind; its own proof is tried with the files. Logs of measures are
        // read and forgotten: nothing is kept that a forged request could change.
        let carries = path.ends_with("/fichiers")
            || path == "/estimer/mesure"
            || path == "/contribuer/fichier"
            || path == "/administration/imports"
            || (path.starts_with("/administration/logos/") && !path.ends_with("/retirer"));
        let refused = status == StatusCode::FORBIDDEN || (carries && status == StatusCode::BAD_REQUEST);
        assert!(open || refused, "{path}: {status}");
    }
    assert_eq!(
        admin.get("/mon-espace/compte").await.status,
        StatusCode::OK,
        "still signed in"
    );
}

#[tokio::test]
async fn ten_thousand_guesses_reach_the_hash_a_hundred_times_and_the_owner_still_enters() {
    let site = TestApp::demo().await;
    let mut owner = Browser::new(&site);
    let right = [("email", AGENT), ("password", DEMO_PASSWORD)];
    assert_eq!(
        owner.post("/connexion", &right).await.status,
        StatusCode::SEE_OTHER
    );
    owner.cookies.retain(|name, _| name.ends_with("device"));
    let mut judged = 0;
    for n in 0..10_000_u32 {
        let mut thief = Browser::new(&site);
        let request = Request::post("/connexion")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            // A forged address buys nothing.
            .header("x-forwarded-for", format!("10.{}.{}.7", n / 250, n % 250))
            .body(Body::from(format!("email=agent%40demo.exemple.fr&password=girafe+lampe+{n}")))
            .unwrap();
        let answer = thief.forward(request).await;
        assert!(thief.cookies.keys().all(|name| !name.ends_with("session")));
        match answer.status {
            StatusCode::TOO_MANY_REQUESTS => {}
            StatusCode::UNPROCESSABLE_ENTITY => judged += 1,
            other => panic!("{other}"),
        }
    }
    assert!((1..=100).contains(&judged), "{judged} guesses were judged");
    assert_eq!(
        owner.post("/connexion", &right).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_session_chosen_by_somebody_else_is_never_the_one_that_opens() {
    let site = TestApp::demo().await;
    let chosen = "A".repeat(43);
    let mut victim = Browser::new(&site);
    victim.cookies.insert("__Host-session".to_owned(), chosen.clone());
    let right = [("email", AGENT), ("password", DEMO_PASSWORD)];
    assert_eq!(
        victim.post("/connexion", &right).await.status,
        StatusCode::SEE_OTHER
    );
    assert_ne!(victim.cookies["__Host-session"], chosen);
    let mut attacker = Browser::new(&site);
    attacker.cookies.insert("__Host-session".to_owned(), chosen);
    assert_eq!(
        attacker.get("/mon-espace/compte").await.status,
        StatusCode::SEE_OTHER
    );
    // One who is signed in already and signs in again leaves the former session behind.
    let first = victim.cookies["__Host-session"].clone();
    assert_eq!(
        victim.post("/connexion", &right).await.status,
        StatusCode::SEE_OTHER
    );
    assert_ne!(victim.cookies["__Host-session"], first);
}
