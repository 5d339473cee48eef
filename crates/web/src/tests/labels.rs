//! The labels of closed lists in the words of an instance: everywhere people read, nowhere machines do.

use axum::http::StatusCode;
use sobria_catalogue::vocabulary::VocabularyId;

use super::contributions::location;
use super::{Browser, TestApp, value_of};

async fn give(browser: &mut Browser<'_>, list: &str, fields: &[(&str, &str)]) -> super::Answer {
    let path = format!("/administration/vocabulaires/{list}");
    let vu = value_of(&browser.get(&path).await.body, "vu");
    let mut all = vec![("vu", vu.as_str())];
    all.extend_from_slice(fields);
    browser.send(&path, &all).await
}

#[tokio::test]
async fn a_term_is_called_as_the_instance_says_on_pages_in_search_and_in_columns_of_labels() {
    let site = TestApp::demo().await;
    let mut admin = site.sign_in("administration").await;
    let mut moderator = site.sign_in("moderation").await;
    assert_eq!(
        moderator.get("/administration/vocabulaires/theme").await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        admin.get("/administration/vocabulaires/rien").await.status,
        StatusCode::NOT_FOUND
    );
    let record = site.first("theme=mobilites").await;
    let (old, new) = ("Mobilités", "Bouger chez nous");
    let label = sobria_catalogue::vocabulary::Vocabularies::embedded()
        .get(VocabularyId::Theme)
        .label("mobilites")
        .to_owned();
    assert!(label.contains(old), "{label}");
    // A supplier of the demonstration has the word in its name.
    let says = |body: &str| body.replace("Comptage Mobilités", "").contains(&label);
    let before = site.get("/cas-usages").await.body;
    assert!(before.contains(&label) && !before.contains(new));
    assert_eq!(site.json("/api/v1/use-cases?q=bouger").await["total"], 0);

    // Another term is called so already, and what was typed comes back.
    for (typed, said) in [
        ("administration", "désigne déjà"),
        ("a | b", "sépare les valeurs"),
    ] {
        let refused = give(
            &mut admin,
            "theme",
            &[("t-mobilites", typed), ("t-transition", "Climat")],
        )
        .await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        assert!(
            refused.body.contains(said) && refused.body.contains("value=\"Climat\""),
            "{}",
            refused.body
        );
    }
    let twins = [("t-mobilites", "Le même"), ("t-transition", "le meme")];
    assert_eq!(
        give(&mut admin, "theme", &twins).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    location(&give(&mut admin, "theme", &[("t-mobilites", new)]).await);

    for path in [
        "/cas-usages",
        "/cas-usages?vue=tableau",
        "/cas-usages?vue=carte",
        "/cas-usages?theme=mobilites",
        record.as_str(),
        "/",
        "/statistiques",
    ] {
        let body = site.get(path).await.body;
        assert!(body.contains(new), "{path}: {body}");
        assert!(!says(&body), "{path} still says {label}");
    }
    let mut author = site.sign_in("contributeur").await;
    let case = super::contributions::begin(&mut author, "Compter les vélos").await;
    let form = author.get(&format!("{case}/essentiel")).await.body;
    assert!(
        form.contains(&format!("value=\"mobilites\">{new}")) || form.contains(new),
        "{form}"
    );
    let labels = site.get("/exports/use-cases.csv?forme=bibliotheque").await.body;
    assert!(labels.contains(new) && !says(&labels));
    let codes = site.get("/exports/use-cases.csv").await.body;
    assert!(codes.contains(",mobilites,") && !codes.contains(new));
    let lists = site.json("/api/v1/vocabularies").await;
    let term = lists["theme"]
        .as_array()
        .unwrap()
        .iter()
        .find(|term| term["code"] == "mobilites");
    assert_eq!(term.unwrap()["label"], new);
    let found = site.json("/api/v1/use-cases?q=bouger").await["total"]
        .as_u64()
        .unwrap();
    assert!(found > 0, "the new words find the theme");
    assert_eq!(site.json("/api/v1/use-cases?q=mobilites").await["total"], found);

    // The labels of other lists are found too, by those who may read the field.
    let named = [("t-mutualise", "Chez les zorglubs")];
    location(&give(&mut admin, "herbergement", &named).await);
    let mut agent = site.sign_in("agent").await;
    let total = |body: &str| {
        body.split("data-total>")
            .nth(1)
            .unwrap()
            .split('<')
            .next()
            .unwrap()
            .to_owned()
    };
    for words in ["zorglubs", "%22chez+les+zorglubs%22"] {
        let path = format!("/cas-usages?q={words}");
        let found = agent.get(&path).await.body;
        assert_ne!(total(&found), "0", "{words}");
        assert_eq!(total(&site.get(&path).await.body), "0", "{words}");
    }

    // What an export said under either label is understood.
    let words = crate::words::of(&site.app.overrides());
    for text in [new, label.as_str()] {
        let known = words.get(VocabularyId::Theme).find(text).map(|term| term.code);
        assert_eq!(known, Some("mobilites"), "{text}");
    }
    // Two who change them at once: the second is told.
    let stale = admin
        .send(
            "/administration/vocabulaires/theme",
            &[("vu", "autre"), ("t-mobilites", "Se déplacer")],
        )
        .await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.body.contains("value=\"Se déplacer\""), "{}", stale.body);

    location(&give(&mut admin, "theme", &[("action", "revenir")]).await);
    let after = site.get("/cas-usages").await.body;
    assert!(after.contains(&label) && !after.contains(new));
    let page = admin.get("/administration/vocabulaires/theme").await.body;
    assert_eq!(
        page.matches(new).count(),
        2,
        "the history keeps both changes: {page}"
    );
    let lines = site
        .app
        .store
        .audit_lines(Some("label.theme.mobilites"), None, 10)
        .await
        .unwrap();
    assert_eq!(lines.len(), 2);
}
