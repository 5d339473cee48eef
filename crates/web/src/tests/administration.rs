//! What administrators decide, and what nobody else may.

use axum::http::StatusCode;
use sobria_catalogue::rights::Role;

use super::{Browser, TestApp};

const PATHS: [&str; 4] = [
    "/administration/comptes",
    "/administration/organisations",
    "/administration/courriels",
    "/administration/journal",
];

#[tokio::test]
async fn each_page_is_for_its_role_only() {
    let site = TestApp::demo().await;
    for (role, requests, others) in [
        ("agent", StatusCode::FORBIDDEN, StatusCode::FORBIDDEN),
        ("contributeur", StatusCode::FORBIDDEN, StatusCode::FORBIDDEN),
        ("moderation", StatusCode::OK, StatusCode::FORBIDDEN),
        ("administration", StatusCode::OK, StatusCode::OK),
    ] {
        let mut browser = site.sign_in(role).await;
        assert_eq!(browser.get("/administration").await.status, requests, "{role}");
        for path in PATHS {
            assert_eq!(browser.get(path).await.status, others, "{role} {path}");
        }
        if others == StatusCode::FORBIDDEN {
            for (path, fields) in [
                (
                    "/administration/comptes",
                    vec![("compte", "x"), ("nouveau-role", "admin")],
                ),
                (
                    "/administration/organisations/fusion",
                    vec![("disparait", "a"), ("reste", "b")],
                ),
                (
                    "/administration/organisations/retrait",
                    vec![("fiche", "a"), ("confirmation", "oui")],
                ),
                ("/administration/courriels", vec![("courriel", "a")]),
            ] {
                assert_eq!(
                    browser.send(path, &fields).await.status,
                    StatusCode::FORBIDDEN,
                    "{role} {path}"
                );
            }
        }
    }
    for path in PATHS {
        assert_eq!(site.get(path).await.status, StatusCode::SEE_OTHER, "{path}");
    }
}

#[tokio::test]
async fn a_new_agent_of_an_unknown_organisation_is_attached_by_a_moderator() {
    let site = TestApp::demo().await;
    let mut browser = Browser::new(&site);
    let fields = [
        ("prenom", "Loïc"),
        ("nom", "Le Dû"),
        ("email", "loic@nouvelle-ville.fr"),
        ("organisme", "Syndicat des rivières de l’Aulne"),
    ];
    browser.post("/inscription", &fields).await;
    let link = site.link_to("loic@nouvelle-ville.fr").await;
    browser
        .post(
            "/inscription/confirmer",
            &[("lien", link.rsplit('/').next().unwrap())],
        )
        .await;
    let mut moderator = site.sign_in("moderation").await;
    let page = moderator.get("/administration").await;
    assert!(page.body.contains("Syndicat des rivières de l’Aulne"));
    let account = super::value_of(&page.body, "compte");
    let vague = moderator
        .send("/administration/demandes", &[("compte", &account)])
        .await;
    assert_eq!(vague.status, StatusCode::UNPROCESSABLE_ENTITY);
    let field = format!("organisation-{account}");
    let decided = moderator
        .send(
            "/administration/demandes",
            &[("compte", &account), (&field, "nouvelle")],
        )
        .await;
    assert_eq!(decided.status, StatusCode::SEE_OTHER);
    let (subject, _) = site.mail_to("loic@nouvelle-ville.fr").await;
    assert_eq!(subject, "Votre organisme est confirmé");
    let begin = browser.get("/contribuer").await;
    assert!(
        begin.body.contains("Commencer") && begin.body.contains("Syndicat des rivières"),
        "{}",
        begin.body
    );
}

#[tokio::test]
async fn the_last_administrator_keeps_the_role_and_a_new_role_holds_at_once() {
    let site = TestApp::demo().await;
    let mut admin = site.sign_in("administration").await;
    let id = |role: Role| {
        let store = site.app.store.clone();
        async move {
            store.accounts("", Some(role), 0, 1).await.unwrap().items[0]
                .id
                .to_string()
        }
    };
    let own = id(Role::Admin).await;
    let refused = admin
        .send(
            "/administration/comptes",
            &[("compte", &own), ("nouveau-role", "member")],
        )
        .await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let mut moderator = site.sign_in("moderation").await;
    let other = id(Role::Moderator).await;
    admin
        .send(
            "/administration/comptes",
            &[("compte", &other), ("nouveau-role", "member")],
        )
        .await;
    assert_eq!(
        moderator.get("/moderation").await.status,
        StatusCode::SEE_OTHER,
        "the session is closed"
    );
    let mut again = site.sign_in("moderation").await;
    assert_eq!(again.get("/moderation").await.status, StatusCode::FORBIDDEN);
    assert!(admin.get("/administration/journal").await.body.contains("role"));
}

#[tokio::test]
async fn a_withdrawn_record_is_gone_everywhere_at_once() {
    let site = TestApp::demo().await;
    let path = site.first("q=baignade").await;
    let title = site.json(&format!("{path}.json")).await["title"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut admin = site.sign_in("administration").await;
    let send = |fields: Vec<(&'static str, String)>| fields;
    let unsure = admin
        .send(
            "/administration/organisations/retrait",
            &[("fiche", &path), ("raison", "legal")],
        )
        .await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unsure.body.contains(&path), "what was typed comes back");
    let fields = send(vec![
        ("fiche", path.clone()),
        ("raison", "legal".into()),
        ("confirmation", "oui".into()),
    ]);
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let done = admin.send("/administration/organisations/retrait", &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let gone = site.get(&path).await;
    assert_eq!(gone.status, StatusCode::GONE);
    assert!(gone.body.contains("obligation légale"), "{}", gone.body);
    for address in [
        "/cas-usages",
        "/exports/use-cases.ndjson",
        "/flux.atom",
        "/sitemap.xml",
        "/api/v1/use-cases?q=baignade",
    ] {
        assert!(!site.get(address).await.body.contains(&title), "{address}");
    }
}

#[tokio::test]
async fn two_organisations_become_one() {
    let site = TestApp::demo().await;
    let list = site.json("/api/v1/organisations").await;
    let name = |position: usize| list["items"][position]["name"].as_str().unwrap().to_owned();
    let (from, into) = (name(0), name(1));
    let mut admin = site.sign_in("administration").await;
    let unknown = admin
        .send(
            "/administration/organisations/fusion",
            &[("disparait", "Nulle part"), ("reste", &into)],
        )
        .await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = admin
        .send(
            "/administration/organisations/fusion",
            &[("disparait", &from), ("reste", &into)],
        )
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let after = site.json("/api/v1/organisations").await;
    let names: Vec<&str> = after["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["name"].as_str().unwrap())
        .collect();
    assert!(!names.contains(&from.as_str()) && names.contains(&into.as_str()));
}
