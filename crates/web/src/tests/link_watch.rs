//! Links of records: asked only when the operator says so, and told to those who can mend them.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use sobria_links::guard::Guard;
use sobria_links::{Checker, Pace};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::contributions::{decide, fill, location, submitted};
use super::{App, Index, TestApp, wait_days};

/// A server that has nothing but `/vit`.
async fn server() -> std::net::SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = vec![0; 4096];
            let read = stream.read(&mut head).await.unwrap_or(0);
            let line = if String::from_utf8_lossy(&head[..read]).contains(" /vit ") {
                "200 OK"
            } else {
                "404 Not Found"
            };
            let answer = format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    place
}

#[tokio::test]
async fn a_dead_link_is_told_to_moderators_and_to_its_author_and_to_nobody_else() {
    let site = TestApp::demo().await;
    let place = server().await;
    let (mut author, case) = submitted(&site).await;
    let mut moderator = site.sign_in("moderation").await;
    location(&decide(&mut moderator, &case, "prendre", &[]).await);
    let sent = [("commentaire.0", ""), ("modele.0", "3")];
    location(&decide(&mut moderator, &case, "renvoyer", &sent).await);
    let (_, told) = site.mail_to("contributeur@demo.exemple.fr").await;
    assert!(told.contains("Cette adresse ne s’ouvre pas"), "{told}");
    let (alive, dead) = (format!("http://{place}/vit"), format!("http://{place}/mort"));
    location(
        &fill(
            &mut author,
            &case,
            "ressources",
            &[("links.info.0.url", &alive), ("links.info.1.url", &dead)],
        )
        .await,
    );
    location(&author.send(&format!("{case}/envoyer"), &[]).await);

    // Only what this test serves is asked, at once.
    let pace = Pace {
        pause: Duration::ZERO,
        connect: Duration::from_secs(1),
        answer: Duration::from_secs(1),
    };
    let checker = Arc::new(Checker::new("essai", Guard::also([place]), pace).unwrap());
    for _ in 0..2 {
        // One address of a host at a turn.
        crate::link_watch::turn_with(&site.app, Arc::clone(&checker))
            .await
            .unwrap();
    }
    let known = site.app.store.link_checks().await.unwrap();
    assert_eq!(known[&alive].verdict, "alive");
    assert_eq!(
        (known[&dead].verdict.as_str(), known[&dead].status),
        ("gone", Some(404))
    );
    let address = case.replace("/contribuer/", "/moderation/");
    let page = moderator.get(&address).await.body;
    assert!(page.contains("répond par une erreur (404)"), "{page}");
    for _ in 0..3 {
        wait_days(3);
        crate::link_watch::turn_with(&site.app, Arc::clone(&checker))
            .await
            .unwrap();
    }
    let mut moderator = site.sign_in("moderation").await;
    let list = moderator.get("/moderation/liens").await;
    assert_eq!(list.status, StatusCode::OK);
    assert!(
        list.body.contains("lien mort") && list.body.contains("/mort"),
        "{}",
        list.body
    );
    let mut author = site.sign_in("contributeur").await;
    assert_eq!(
        author.get("/moderation/liens").await.status,
        StatusCode::FORBIDDEN
    );

    // Off, nothing is asked, and nothing that was found is kept, but in a demonstration.
    let job = crate::jobs::JOBS.iter().find(|job| job.name == "links").unwrap();
    site.app
        .store
        .set_task(job.name, jiff::Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    let known = &site.app.settings;
    let plain = super::settings(
        &known.files.data,
        known.site.clone(),
        false,
        None,
        known.reference,
    );
    let index = Index::open(None).unwrap();
    let revision = index.revision();
    let app = App::new(site.app.store.clone(), index, plain, revision);
    crate::jobs::turn(&app, &sobria_mail::Transport::nowhere())
        .await
        .unwrap();
    assert!(site.app.store.link_checks().await.unwrap().is_empty());
}

#[tokio::test]
async fn moderators_start_from_the_answers_that_administrators_wrote() {
    let site = TestApp::demo().await;
    let mut admin = site.sign_in("administration").await;
    let page = admin.get("/administration/reglages").await.body;
    assert!(
        page.contains("réponses courantes") && page.contains("Merci pour cette fiche."),
        "{page}"
    );
    let seen = super::value_of(&page, "vu");
    let kept = admin
        .send(
            "/administration/reglages",
            &[
                ("vu", &seen),
                ("site-replies", "Première réponse.\r\n\r\nSeconde <réponse>."),
            ],
        )
        .await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
    let (_, case) = submitted(&site).await;
    let mut moderator = site.sign_in("moderation").await;
    location(&decide(&mut moderator, &case, "prendre", &[]).await);
    let page = moderator
        .get(&case.replace("/contribuer/", "/moderation/"))
        .await
        .body;
    assert!(
        page.contains("Seconde &#60;réponse&#62;.") && !page.contains("Merci pour cette fiche"),
        "{page}"
    );
    location(&decide(&mut moderator, &case, "renvoyer", &[("modele.0", "1")]).await);
    let (_, told) = site.mail_to("contributeur@demo.exemple.fr").await;
    assert!(told.contains("Seconde <réponse>."), "{told}");
}
