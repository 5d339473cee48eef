//! The letter of the library: who receives it, what it tells, how it is left.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use axum::http::StatusCode;
use mailparse::{MailHeaderMap as _, parse_mail};
use sobria_catalogue::account::{Consent, Purpose};
use sobria_mail::{Security, Settings, Transport, Way};
use sobria_store::DigestPace;
use uuid::Uuid;

use super::entries::write;
use super::{Browser, TestApp, now, wait_days};

/// Agrees now, once a week.
async fn agree(site: &TestApp, email: &str) {
    let found = site.app.store.accounts("", None, 0, 50).await.unwrap().items;
    let account = found
        .iter()
        .find(|account| account.email.as_str() == email)
        .unwrap();
    let consent = Consent {
        purpose: Purpose::News,
        given: true,
        wording: "Je souhaite…".to_owned(),
        source: "account".to_owned(),
        made_at: now(),
    };
    site.app
        .store
        .add_consent(&Uuid::now_v7().to_string(), account.id, &consent)
        .await
        .unwrap();
    site.app
        .store
        .set_digest_pace(account.id, DigestPace::Weekly, now())
        .await
        .unwrap();
}

async fn letters(site: &TestApp) -> Vec<(String, String)> {
    crate::digest::send(&site.app).await.unwrap();
    let mails = site.app.store.mails(None, 200).await.unwrap();
    mails
        .iter()
        .filter(|mail| mail.kind == "digest")
        .map(|mail| (mail.to.as_str().to_owned(), mail.message.clone()))
        .collect()
}

#[tokio::test]
async fn the_letter_goes_to_those_who_agreed_tells_only_what_is_public_and_is_left_in_one_click() {
    let site = TestApp::demo().await;
    let email = "contributeur@demo.exemple.fr";
    wait_days(40);
    assert!(letters(&site).await.is_empty(), "nobody agreed");
    agree(&site, email).await;
    assert!(
        letters(&site).await.is_empty(),
        "nothing changed since the consent"
    );
    let mut moderator = site.sign_in("moderation").await;
    let sent = write(
        &mut moderator,
        "news",
        &[
            ("title", "Une visite le mois prochain"),
            ("summary", "Inscrivez-vous."),
        ],
        "",
    )
    .await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let hidden = [
        ("title", "Réservé aux agents"),
        ("summary", "x"),
        ("resource_kind", "dataset"),
        ("licence", "none"),
        ("reach", "member"),
        ("website", "https://a.exemple/x"),
    ];
    write(&mut moderator, "resource", &hidden, "").await;
    wait_days(1);
    let told = letters(&site).await;
    assert_eq!(told.len(), 1);
    let (to, message) = &told[0];
    assert_eq!(to, email);
    let document: serde_json::Value = serde_json::from_str(message).unwrap();
    let text = document["text"].as_str().unwrap();
    assert!(
        text.contains("Nouvelle\u{a0}: Une visite le mois prochain"),
        "{text}"
    );
    assert!(!text.contains("Réservé aux agents"));
    assert_eq!(letters(&site).await.len(), 1, "told once");

    // A link that mail programs follow on their own changes nothing; the button does.
    let leave = document["unsubscribe"].as_str().unwrap().to_owned();
    let path = leave.replace("https://ia.exemple.fr", "");
    let page = site.get(&path).await;
    assert!(page.body.contains("Arrêter la lettre"));
    assert_eq!(site.app.store.subscribers().await.unwrap().len(), 1);
    let mut visitor = Browser::new(&site);
    let left = visitor.post(&path, &[("List-Unsubscribe", "One-Click")]).await;
    assert!(left.body.contains("ne partira plus"), "{}", left.body);
    assert!(site.app.store.subscribers().await.unwrap().is_empty());
    wait_days(40);
    assert_eq!(letters(&site).await.len(), 1);
}

/// A mail server on a free port: recipients and data of each message.
fn server() -> (u16, Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (told, heard) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut out = stream.unwrap();
            let mut lines = BufReader::new(out.try_clone().unwrap()).lines();
            out.write_all(b"220 sink\r\n").unwrap();
            let mut to = String::new();
            while let Some(Ok(line)) = lines.next() {
                let answer: &[u8] = if let Some(recipient) = line.strip_prefix("RCPT TO:") {
                    recipient.clone_into(&mut to);
                    b"250 ok\r\n"
                } else if line == "DATA" {
                    out.write_all(b"354 go on\r\n").unwrap();
                    let data: Vec<String> = lines
                        .by_ref()
                        .map_while(Result::ok)
                        .take_while(|line| line != ".")
                        .collect();
                    let _ = told.send((to.clone(), data.join("\r\n")));
                    b"250 kept\r\n"
                } else {
                    b"250 ok\r\n"
                };
                if out.write_all(answer).is_err() || line == "QUIT" {
                    break;
                }
            }
        }
    });
    (port, heard)
}

#[tokio::test]
async fn the_letter_arrives_with_the_headers_that_mail_programs_leave_it_by() {
    let site = TestApp::demo().await;
    agree(&site, "agent@demo.exemple.fr").await;
    wait_days(8);
    let mut moderator = site.sign_in("moderation").await;
    let news = [("title", "L’été de la sobriété"), ("summary", "Trois soirées.")];
    write(&mut moderator, "news", &news, "").await;
    wait_days(1);
    let (port, heard) = server();
    let transport = Transport::new(&Settings {
        transport: Way::Smtp,
        from: "Bibliothèque <ne-pas-repondre@ia.exemple.fr>".to_owned(),
        host: "localhost".to_owned(),
        port: Some(port),
        security: Security::None,
        ..Settings::default()
    })
    .unwrap();
    crate::jobs::turn(&site.app, &transport).await.unwrap();
    let letters: Vec<(String, String)> = heard
        .try_iter()
        .filter(|(to, _)| to.contains("agent@demo.exemple.fr"))
        .collect();
    assert_eq!(letters.len(), 1, "{letters:?}");
    let mail = parse_mail(letters[0].1.as_bytes()).unwrap();
    let header = |name: &str| mail.headers.get_first_value(name).unwrap();
    assert!(header("Subject").starts_with("La bibliothèque, du "));
    assert!(header("List-Unsubscribe").starts_with("<https://ia.exemple.fr/desinscription/"));
    assert_eq!(header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    let text = mail.subparts[0].get_body().unwrap();
    let html = mail.subparts[1].get_body().unwrap();
    for body in [&text, &html] {
        assert!(body.contains("L’été de la sobriété"), "{body}");
    }
    assert!(
        text.contains("À venir\u{a0}: "),
        "meetings to come stand beside what is new: {text}"
    );
    assert!(!html.contains("<img"));
    // Another turn of another server on the same day: nothing more.
    crate::jobs::turn(&site.app, &transport).await.unwrap();
    assert_eq!(
        heard
            .try_iter()
            .filter(|(to, _)| to.contains("agent@demo"))
            .count(),
        0
    );
}
