//! What somebody hostile tries at the door: guesses by the thousand, a session chosen for somebody else.

use std::net::{IpAddr, Ipv4Addr};

use axum::body::Body;
use axum::http::{Request, StatusCode};

use super::{Browser, TestApp};
use crate::routes::account::sign_in::DEMO_PASSWORD;
use crate::session::ClientAddress;

const AGENT: &str = "agent@demo.exemple.fr";
/// Guesses that may reach the hash; above it the guard is off, and each further one would cost a hash.
const MOST: usize = 100;

/// Tries passwords, each from an address for an account; how many were judged rather than turned away.
async fn guess(site: &TestApp, number: usize, of: impl Fn(usize) -> (Ipv4Addr, String)) -> usize {
    let mut judged = 0;
    for n in 0..number {
        let (address, email) = of(n);
        let mut request = Request::post("/connexion")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            // A forged address buys nothing.
            .header("x-forwarded-for", format!("10.{}.{}.7", n / 250, n % 250))
            .body(Body::from(format!(
                "email={}&password=girafe+lampe+{n}",
                email.replace('@', "%40")
            )))
            .unwrap();
        request
            .extensions_mut()
            .insert(ClientAddress(IpAddr::V4(address)));
        let answer = site.request(request).await;
        assert!(
            answer
                .headers
                .get_all("set-cookie")
                .iter()
                .all(|line| { !line.to_str().unwrap().contains("session=") })
        );
        match answer.status {
            StatusCode::TOO_MANY_REQUESTS => {}
            StatusCode::UNPROCESSABLE_ENTITY => judged += 1,
            other => panic!("{other}"),
        }
        assert!(judged <= MOST, "{judged} guesses of {} were judged", n + 1);
    }
    judged
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
    let thief = |last: usize| Ipv4Addr::new(198, 51, 100, u8::try_from(last).unwrap());
    let one = guess(&site, 3_000, |_| (thief(1), AGENT.to_owned())).await;
    assert!((1..=5).contains(&one), "one address, one account: {one}");
    let many = guess(&site, 4_000, |n| (thief(n % 200 + 2), AGENT.to_owned())).await;
    assert!(
        (1..=20).contains(&many),
        "two hundred addresses, one account: {many}"
    );
    let spread = guess(&site, 3_000, |n| (thief(250), format!("agent{n}@ville.fr"))).await;
    assert!(
        (1..=50).contains(&spread),
        "one address, each account once: {spread}"
    );
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

#[tokio::test]
async fn a_form_larger_than_any_honest_one_is_refused_before_it_is_read() {
    let site = TestApp::demo().await;
    let mut author = site.sign_in("contributeur").await;
    let token = author.csrf().await;
    for body in [
        format!("_csrf={token}&prenom={}", "a".repeat(crate::FORM_BYTES)),
        format!("_csrf={token}{}", "&x=1".repeat(2_001)),
    ] {
        for path in ["/connexion", "/mon-espace/compte/identite"] {
            let request = Request::post(path)
                .header("content-type", "application/x-www-form-urlencoded")
                .header("sec-fetch-site", "same-origin")
                .body(Body::from(body.clone()))
                .unwrap();
            assert_eq!(
                author.forward(request).await.status,
                StatusCode::PAYLOAD_TOO_LARGE,
                "{path}"
            );
        }
    }
}
