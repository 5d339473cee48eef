//! A clock that jumps forwards and back: sessions, order and jobs stay right.

use axum::http::StatusCode;
use jiff::SignedDuration;
use sobria_mail::Transport;

use super::attachments::{publish, ready};
use super::contributions::{ESSENTIAL, begin, fill, location};
use super::{Browser, TestApp, jump};
use crate::routes::account::sign_in::DEMO_PASSWORD;

const HOUR: i64 = 3600;

#[tokio::test]
async fn an_hour_forwards_or_back_ends_no_session_and_loses_no_answer() {
    let site = TestApp::demo().await;
    let mut author = site.sign_in("contributeur").await;
    let case = begin(&mut author, "À l’heure d’hiver").await;
    for step in [HOUR, -2 * HOUR, HOUR] {
        jump(step);
        assert_eq!(
            author.get("/mon-espace/compte").await.status,
            StatusCode::OK,
            "{step}"
        );
        location(&fill(&mut author, &case, "essentiel", &ESSENTIAL).await);
        let summary = format!("Écrit {step}");
        location(&fill(&mut author, &case, "projet", &[("summary", &summary)]).await);
        let page = author.get(&format!("{case}/projet")).await.body;
        assert!(page.contains(&summary), "{step}");
    }
}

#[tokio::test]
async fn versions_and_the_trail_keep_their_order_when_the_clock_is_set_back() {
    let site = TestApp::demo().await;
    let mut author = site.sign_in("contributeur").await;
    let case = ready(&mut author).await;
    let record = publish(&site, &mut author, &case).await;
    let before = site.get(&record).await;
    jump(-30 * HOUR);
    let next = location(&author.send(&format!("{record}/modifier"), &[]).await);
    let next = next.trim_end_matches("/essentiel").to_owned();
    location(
        &fill(
            &mut author,
            &next,
            "projet",
            &[("summary", "Écrit la veille, publié après.")],
        )
        .await,
    );
    publish(&site, &mut author, &next).await;
    let after = site.get(&record).await;
    assert!(after.body.contains("Écrit la veille"), "{}", after.body);
    assert_ne!(
        before.headers["etag"], after.headers["etag"],
        "nobody keeps the former page"
    );
    let history = site.get(&format!("{record}/historique")).await.body;
    let (second, first) = (
        history.find("Version 2").unwrap(),
        history.find("Version 1").unwrap(),
    );
    assert!(second < first, "the newest comes first: {history}");
    let found = site.json("/api/v1/use-cases?q=%22%C3%A9crit+la+veille%22").await;
    assert_eq!(found["total"], 1);
    let report = site.app.store.check().await.unwrap();
    assert!(report.is_sound(), "{:?}", report.problems);
}

#[tokio::test]
async fn jobs_messages_and_guesses_do_not_wait_for_a_year_that_was_a_mistake() {
    let site = TestApp::demo().await;
    let nowhere = Transport::nowhere();
    let email = [("email", "agent@demo.exemple.fr"), ("action", "lien")];
    let guess = [
        ("email", "agent@demo.exemple.fr"),
        ("password", "girafe lampe tramway"),
    ];
    let year = 365 * 24 * HOUR;
    jump(year);
    crate::jobs::turn(&site.app, &nowhere).await.unwrap();
    let mut browser = Browser::new(&site);
    let mut last = StatusCode::OK;
    for _ in 0..7 {
        last = browser.post("/connexion", &guess).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    // A message that a server claimed while its clock was wrong.
    assert_eq!(browser.post("/connexion", &email).await.status, StatusCode::OK);
    assert!(
        site.app
            .store
            .claim_mail((site.app.settings.now)())
            .await
            .unwrap()
            .is_some()
    );
    jump(-year);
    let right = [("email", "agent@demo.exemple.fr"), ("password", DEMO_PASSWORD)];
    assert_eq!(
        browser.post("/connexion", &right).await.status,
        StatusCode::SEE_OTHER
    );
    let taken = site
        .app
        .store
        .claim_mail((site.app.settings.now)())
        .await
        .unwrap();
    assert!(taken.is_some(), "the message leaves");
    let now = (site.app.settings.now)();
    let day = SignedDuration::from_hours(24);
    assert!(
        site.app.store.take_task("reviews", day, now).await.unwrap(),
        "jobs run again"
    );
    assert!(
        !site.app.store.take_task("reviews", day, now).await.unwrap(),
        "once"
    );
}
