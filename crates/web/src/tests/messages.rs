//! Writing about a record: the carrier reads it, nobody sees an address that is not theirs to see.

use axum::http::StatusCode;

use super::{Browser, TestApp};

/// A demonstration record with a mailbox, and the mailbox.
async fn record_with_mailbox(site: &TestApp) -> (String, String) {
    let mut member = site.sign_in("agent").await;
    let list = site.json("/api/v1/use-cases?limit=100").await;
    for item in list["items"].as_array().unwrap() {
        let path = format!("/cas-usages/{}", item["slug"].as_str().unwrap());
        let document: serde_json::Value =
            serde_json::from_str(&member.get(&format!("{path}.json")).await.body).unwrap();
        if let Some(email) = document
            .pointer("/contact/email")
            .and_then(|value| value.as_str())
        {
            return (path, email.to_owned());
        }
    }
    panic!("no demonstration record has a mailbox");
}

#[tokio::test]
async fn a_visitor_writes_to_a_carrier_whose_address_stays_hidden() {
    let site = TestApp::demo().await;
    let (path, mailbox) = record_with_mailbox(&site).await;
    let mut visitor = Browser::new(&site);
    let page = visitor.get(&format!("{path}/contact")).await;
    assert_eq!(page.status, StatusCode::OK);
    let fields = [
        ("nom", "Ana <b>"),
        ("email", "ana@exemple.fr"),
        ("message", "Bonjour,\nComment faites-vous\u{202f}?"),
    ];
    let wrong = visitor
        .post(
            &format!("{path}/contact"),
            &[("nom", "Ana"), ("email", "x"), ("message", "Texte gardé")],
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("Texte gardé"));
    let asked = visitor.post(&format!("{path}/contact"), &fields).await;
    assert_eq!(asked.status, StatusCode::OK);
    let mails = site.app.store.mails(None, 100).await.unwrap();
    assert!(
        mails.iter().all(|mail| mail.to.as_str() != mailbox),
        "nothing leaves before the address is confirmed"
    );
    let link = site.link_to("ana@exemple.fr").await;
    let confirm = visitor.get(&link).await;
    let sent = visitor
        .post(
            "/messages/confirmer",
            &[("lien", link.rsplit('/').next().unwrap())],
        )
        .await;
    assert_eq!(sent.status, StatusCode::OK);
    let (_, text) = site.mail_to(&mailbox).await;
    assert!(text.contains("> Comment faites-vous\u{202f}?"), "{text}");
    let (_, copy) = site.mail_to("ana@exemple.fr").await;
    for body in [&page.body, &asked.body, &confirm.body, &sent.body, &copy] {
        assert!(!body.contains(&mailbox), "the address of the carrier is shown");
    }
    let again = visitor
        .post(
            "/messages/confirmer",
            &[("lien", link.rsplit('/').next().unwrap())],
        )
        .await;
    assert_eq!(again.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_report_is_answered_by_a_moderator() {
    let site = TestApp::demo().await;
    let (path, _) = record_with_mailbox(&site).await;
    let mut agent = site.sign_in("agent").await;
    let sent = agent
        .send(
            &format!("{path}/signaler"),
            &[("message", "Le projet est arrêté.")],
        )
        .await;
    assert_eq!(sent.status, StatusCode::OK);
    assert!(sent.body.contains("Numéro\u{a0}: M-"));
    assert_eq!(
        agent.get("/moderation/signalements").await.status,
        StatusCode::FORBIDDEN
    );
    let mut moderator = site.sign_in("moderation").await;
    let page = moderator.get("/moderation/signalements").await;
    assert!(page.body.contains("Le projet est arrêté."));
    let id = super::value_of(&page.body, "signalement");
    let empty = moderator
        .send("/moderation/signalements", &[("signalement", &id)])
        .await;
    assert_eq!(empty.status, StatusCode::BAD_REQUEST);
    let fields = [
        ("signalement", id.as_str()),
        ("reponse-1", "Merci, la fiche est corrigée."),
    ];
    assert_eq!(
        moderator.send("/moderation/signalements", &fields).await.status,
        StatusCode::SEE_OTHER
    );
    let (_, text) = site.mail_to("agent@demo.exemple.fr").await;
    assert!(text.contains("Merci, la fiche est corrigée."));
    let twice = moderator.send("/moderation/signalements", &fields).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
}
