//! What members keep for themselves, and what their organisation says in public.

use axum::http::StatusCode;
use sobria_catalogue::rights::Role;

use super::{Answer, Browser, TestApp};

fn location(answer: &Answer) -> &str {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.headers["location"].to_str().unwrap()
}

/// Address parts of the first records of a search.
async fn slugs(site: &TestApp, query: &str) -> Vec<String> {
    let document = site.json(&format!("/api/v1/use-cases?{query}")).await;
    document["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["slug"].as_str().unwrap().to_owned())
        .collect()
}

/// A record that the organisation of the demonstration contributor does not carry, and that organisation.
async fn of_others(site: &TestApp) -> (String, String, String) {
    let own = site
        .app
        .store
        .organisations("", 0, 1)
        .await
        .unwrap()
        .items
        .remove(0);
    let document = site.json("/api/v1/use-cases?limit=20").await;
    let slug = document["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["organisation"]["name"] != own.organisation.name.as_str())
        .unwrap()["slug"]
        .as_str()
        .unwrap()
        .to_owned();
    (slug, own.organisation.name, own.organisation.id.to_string())
}

#[tokio::test]
async fn a_member_puts_records_aside_and_nobody_else_sees_it() {
    let site = TestApp::demo().await;
    let found = slugs(&site, "limit=2").await;
    let page = format!("/cas-usages/{}", found[0]);
    assert!(!site.get(&page).await.body.contains("Ajouter aux favoris"));
    let mut pending = site.session_of(Role::Pending).await;
    assert!(!pending.get(&page).await.body.contains("Ajouter aux favoris"));

    let mut member = site.session_of(Role::Member).await;
    assert!(member.get(&page).await.body.contains("Ajouter aux favoris"));
    let added = member
        .send(
            "/mon-espace/favoris",
            &[("ajouter", &found[0]), ("retour", "fiche")],
        )
        .await;
    assert_eq!(location(&added), format!("{page}#garder"));
    let kept = member.get(&page).await.body;
    assert!(kept.contains("Retirer des favoris") && kept.contains("Lire plus tard"));
    for slug in &found {
        member.send("/mon-espace/a-lire", &[("ajouter", slug)]).await;
    }

    let favourites = member.get("/mon-espace/favoris").await.body;
    assert_eq!(favourites.matches(&format!("href=\"{page}\"")).count(), 1);
    assert!(!favourites.contains(&found[1]));
    let later = member.get("/mon-espace/a-lire").await.body;
    assert!(later.contains(&found[0]) && later.contains(&found[1]));
    let mut other = site.session_of(Role::Member).await;
    assert!(!other.get("/mon-espace/a-lire").await.body.contains(&found[0]));

    let compared = member
        .send(
            "/mon-espace/a-lire",
            &[("action", "comparer"), ("fiche", &found[0]), ("fiche", &found[1])],
        )
        .await;
    assert_eq!(
        location(&compared),
        format!("/comparer?fiche={}&fiche={}", found[0], found[1])
    );

    let removed = member
        .send("/mon-espace/favoris", &[("retirer", &found[0])])
        .await;
    assert_eq!(location(&removed), "/mon-espace/favoris?fait=retrait");
    let favourites = member.get("/mon-espace/favoris?fait=retrait").await.body;
    assert!(favourites.contains("Aucun favori") && !favourites.contains(&found[0]));
    assert!(
        !site.get(&page).await.body.contains("Retirer"),
        "nothing is kept for visitors"
    );
}

#[tokio::test]
async fn lists_take_forms_of_this_session_only_and_known_records_only() {
    let site = TestApp::demo().await;
    let found = slugs(&site, "limit=1").await;
    let mut member = site.session_of(Role::Member).await;
    let forged = member
        .post("/mon-espace/favoris", &[("ajouter", &found[0])])
        .await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let unknown = member
        .send("/mon-espace/favoris", &[("ajouter", "nulle-part")])
        .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert!(
        member
            .get("/mon-espace/favoris")
            .await
            .body
            .contains("Aucun favori")
    );
    let mut visitor = Browser::new(&site);
    for path in ["/mon-espace/favoris", "/mon-espace/a-lire"] {
        assert!(location(&visitor.get(path).await).starts_with("/connexion?suite="));
    }
}

#[tokio::test]
async fn an_organisation_says_in_public_that_it_uses_the_same_thing() {
    let site = TestApp::demo().await;
    let (slug, name, id) = of_others(&site).await;
    let page = format!("/cas-usages/{slug}");
    let path = format!("{page}/utiliser");
    assert!(!site.get(&page).await.body.contains("Nous l’utilisons aussi"));
    let mut agent = site.sign_in("contributeur").await;
    assert!(agent.get(&page).await.body.contains("l’utilise aussi"));
    let fields = [("organisation", id.as_str()), ("action", "declarer")];
    let declared = agent.send(&path, &fields).await;
    assert_eq!(location(&declared), format!("{page}#utilisateurs"));

    let public = site.get(&page).await.body;
    assert!(public.contains("1\u{a0}autre organisation"), "{public}");
    let block = public.split("id=\"utilisateurs\"").nth(1).unwrap();
    let block = block.split("</section>").next().unwrap();
    assert!(block.contains(&name), "{block}");
    assert!(!block.contains("<form"), "a visitor declares nothing: {block}");

    let mut stranger = site.session_of(Role::Member).await;
    for action in ["declarer", "retirer"] {
        let refused = stranger
            .send(&path, &[("organisation", &id), ("action", action)])
            .await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
    agent
        .send(&path, &[("organisation", &id), ("action", "retirer")])
        .await;
    assert!(!site.get(&page).await.body.contains("Nous l’utilisons aussi"));
}

#[tokio::test]
async fn the_carrier_of_a_project_is_not_among_those_who_use_it_too() {
    let site = TestApp::demo().await;
    let own = site
        .app
        .store
        .organisations("", 0, 1)
        .await
        .unwrap()
        .items
        .remove(0);
    let id = own.organisation.id.to_string();
    let document = site.json("/api/v1/use-cases?limit=60").await;
    let slug = document["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["organisation"]["name"] == own.organisation.name.as_str())
        .unwrap()["slug"]
        .as_str()
        .unwrap();
    let mut agent = site.sign_in("contributeur").await;
    let page = format!("/cas-usages/{slug}");
    assert!(!agent.get(&page).await.body.contains("l’utilise aussi"));
    let refused = agent
        .send(
            &format!("{page}/utiliser"),
            &[("organisation", &id), ("action", "declarer")],
        )
        .await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
}
