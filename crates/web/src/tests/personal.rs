//! What members keep for themselves, and what their organisation says in public.

use axum::http::StatusCode;
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::rights::Role;

use super::{Answer, Browser, TestApp};
use crate::demonstration::DOMAIN;

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

/// The organisation of the demonstration contributor: the one its mail domain belongs to.
async fn own_organisation(site: &TestApp) -> Organisation {
    let id = site
        .app
        .store
        .organisation_of_domain(DOMAIN)
        .await
        .unwrap()
        .unwrap();
    site.app
        .store
        .organisations_by_ids(&[id])
        .await
        .unwrap()
        .remove(0)
}

/// A record that the organisation of the demonstration contributor does not carry, and that organisation.
async fn of_others(site: &TestApp) -> (String, String, String) {
    let own = own_organisation(site).await;
    let document = site.json("/api/v1/use-cases?limit=20").await;
    let slug = document["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["organisation"]["name"] != own.name.as_str())
        .unwrap()["slug"]
        .as_str()
        .unwrap()
        .to_owned();
    (slug, own.name, own.id.to_string())
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
    let own = own_organisation(&site).await;
    let id = own.id.to_string();
    let document = site.json("/api/v1/use-cases?limit=60").await;
    let slug = document["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["organisation"]["name"] == own.name.as_str())
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

/// Makes a folder that holds records, and gives its address.
async fn folder(member: &mut Browser<'_>, name: &str, records: &[String]) -> String {
    let made = member.send("/mon-espace/dossiers", &[("nom", name)]).await;
    let path = location(&made).to_owned();
    let id = path.rsplit('/').next().unwrap().to_owned();
    for slug in records {
        let filed = member
            .send("/mon-espace/ranger", &[("fiche", slug), ("dossier", &id)])
            .await;
        assert_eq!(location(&filed), format!("/cas-usages/{slug}#garder"));
    }
    path
}

#[tokio::test]
async fn records_are_filed_in_folders_that_only_their_owner_reaches() {
    let site = TestApp::demo().await;
    let found = slugs(&site, "limit=2").await;
    let mut member = site.session_of(Role::Member).await;
    let path = folder(&mut member, "Eau et réseaux", &found).await;
    let page = member.get(&path).await.body;
    assert!(found.iter().all(|slug| page.contains(slug.as_str())), "{page}");
    assert!(
        member
            .get("/mon-espace/dossiers")
            .await
            .body
            .contains("Eau et réseaux (2")
    );

    // Filing again with another box ticked moves the record; a name typed makes a folder.
    let filing = member
        .get(&format!("/mon-espace/ranger?fiche={}", found[0]))
        .await;
    assert!(filing.body.contains("checked"), "{}", filing.body);
    member
        .send("/mon-espace/ranger", &[("fiche", &found[0]), ("nouveau", "Été")])
        .await;
    assert!(
        !member
            .get(&path)
            .await
            .body
            .contains(&format!("value=\"{}\"", found[0]))
    );
    assert!(member.get("/mon-espace/dossiers").await.body.contains("Été (1"));

    let renamed = member
        .send(&format!("{path}/renommer"), &[("nom", "Réseaux d’eau")])
        .await;
    assert_eq!(location(&renamed), format!("{path}?fait=renommer"));
    let unnamed = member.send(&format!("{path}/renommer"), &[("nom", "  ")]).await;
    assert_eq!(unnamed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unnamed.body.contains("href=\"#nom\"") && unnamed.body.contains("Donnez un nom"));
    let long = "x".repeat(81);
    let refused = member.send("/mon-espace/dossiers", &[("nom", &long)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains(&long), "what was typed comes back");

    let mut other = site.session_of(Role::Moderator).await;
    assert_eq!(other.get(&path).await.status, StatusCode::NOT_FOUND);
    for what in ["renommer", "partager", "effacer"] {
        let fields = [("nom", "x"), ("confirmation", "1")];
        let answer = other.send(&format!("{path}/{what}"), &fields).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{what}");
    }
    let stolen = other.send(&path, &[("retirer", &found[1])]).await;
    assert_eq!(stolen.status, StatusCode::NOT_FOUND);

    let taken = member.send(&path, &[("retirer", &found[1])]).await;
    assert_eq!(location(&taken), format!("{path}?fait=retrait"));
    assert!(member.get(&path).await.body.contains("Ce dossier est vide"));
    let unsure = member.send(&format!("{path}/effacer"), &[]).await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    let gone = member
        .send(&format!("{path}/effacer"), &[("confirmation", "1")])
        .await;
    assert_eq!(location(&gone), "/mon-espace/dossiers?fait=effacer");
    assert_eq!(member.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_shared_folder_shows_what_is_public_until_it_is_closed() {
    let site = TestApp::demo().await;
    let found = slugs(&site, "limit=2").await;
    let mut member = site.session_of(Role::Member).await;
    let path = folder(&mut member, "Eau", &found).await;
    member.send(&format!("{path}/partager"), &[]).await;
    let own = member.get(&path).await.body;
    let shared = own.split("href=\"/dossiers/").nth(1).unwrap();
    let shared = format!("/dossiers/{}", shared.split('"').next().unwrap());
    member.send(&format!("{path}/partager"), &[]).await;

    let seen = site.get(&shared).await;
    assert_eq!(
        seen.status,
        StatusCode::OK,
        "the address stays good when asked for twice"
    );
    assert_eq!(seen.headers["cache-control"], "no-store");
    assert!(
        seen.body.contains("noindex") && !seen.body.contains("Camille"),
        "{}",
        seen.body
    );
    assert!(found.iter().all(|slug| seen.body.contains(slug.as_str())));
    assert!(!seen.body.contains("Retirer") && !seen.body.contains("_csrf"));

    let mut guess = shared.clone();
    let last = if guess.ends_with('0') { '1' } else { '0' };
    guess.pop();
    guess.push(last);
    for wrong in [guess.as_str(), "/dossiers/x", "/dossiers/%27"] {
        assert_eq!(site.get(wrong).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
    let closed = member.send(&format!("{path}/fermer"), &[]).await;
    assert_eq!(location(&closed), format!("{path}?fait=fermer"));
    assert_eq!(site.get(&shared).await.status, StatusCode::NOT_FOUND);
    member.send(&format!("{path}/partager"), &[]).await;
    assert_eq!(
        site.get(&shared).await.status,
        StatusCode::NOT_FOUND,
        "a new address is made"
    );
}
