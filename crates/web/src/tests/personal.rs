//! What members keep for themselves, and what their organisation says in public.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use sobria_catalogue::access::Level;
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::rights::Role;
use sobria_store::ApplyOptions;

use super::{Answer, Browser, TestApp, now, plan_of, publishing, value_of};
use crate::demonstration::DOMAIN;
use crate::routes::personal::alerts::due_alerts;

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

/// Publishes one more record, at a later moment, and gives its address part.
async fn publish(site: &TestApp, title: &str, at: Timestamp) -> String {
    let file = serde_json::json!([{
        "organisation": { "name": "Commune des Essais" },
        "title": title,
        "description": "Un texte.",
    }]);
    let name = format!("{title}.json");
    let (plan, planned_at) = plan_of(file.to_string().as_bytes(), &name, &site.app.store).await;
    let options = ApplyOptions {
        now: at,
        ..publishing(planned_at)
    };
    let applied = site.app.store.apply_import(&plan, options).await.unwrap();
    crate::refresh::at_once(&site.app).await;
    let records = site.app.store.use_cases_by_ids(&applied.changed).await.unwrap();
    records[0].slug.clone()
}

#[tokio::test]
async fn a_search_is_kept_under_a_name_with_its_feed() {
    let site = TestApp::demo().await;
    let library = site
        .get("/cas-usages?q=eau&theme=transition&vue=tableau")
        .await
        .body;
    let keep = library
        .split("href=\"/mon-espace/recherches/nouvelle")
        .nth(1)
        .unwrap();
    let keep = keep.split('"').next().unwrap().replace("&#38;", "&");
    let path = format!("/mon-espace/recherches/nouvelle{keep}");
    assert!(location(&site.get(&path).await).starts_with("/connexion?suite="));

    let mut member = site.session_of(Role::Member).await;
    let page = member.get(&path).await.body;
    let query = value_of(&page, "requete").replace("&#38;", "&");
    assert_eq!(
        query, "q=eau&theme=transition",
        "how results are shown is not kept"
    );
    let kept = member
        .send(
            "/mon-espace/recherches/nouvelle",
            &[("requete", &query), ("nom", "Eau & climat"), ("alerte", "weekly")],
        )
        .await;
    assert_eq!(location(&kept), "/mon-espace/recherches?fait=garder");
    let list = member.get("/mon-espace/recherches?fait=garder").await.body;
    assert!(
        list.contains("Eau &#38; climat") && list.contains("une fois par semaine"),
        "{list}"
    );
    let feed = list.split("href=\"/flux.atom").nth(1).unwrap();
    let feed = format!(
        "/flux.atom{}",
        feed.split('"').next().unwrap().replace("&#38;", "&")
    );
    assert_eq!(site.get(&feed).await.status, StatusCode::OK);
    assert_eq!(feed, "/flux.atom?q=eau&theme=transition");

    let own = list.split("href=\"/mon-espace/recherches/").nth(1).unwrap();
    let own = format!("/mon-espace/recherches/{}", own.split('"').next().unwrap());
    let unnamed = member.send(&own, &[("nom", ""), ("alerte", "daily")]).await;
    assert_eq!(unnamed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unnamed.body.contains("href=\"#nom\""));
    let mut other = site.session_of(Role::Admin).await;
    assert_eq!(other.get(&own).await.status, StatusCode::NOT_FOUND);
    for (path, fields) in [
        (own.clone(), vec![("nom", "x"), ("alerte", "none")]),
        (format!("{own}/effacer"), vec![]),
    ] {
        assert_eq!(other.send(&path, &fields).await.status, StatusCode::NOT_FOUND);
    }
    let changed = member.send(&own, &[("nom", "Eau"), ("alerte", "none")]).await;
    assert_eq!(location(&changed), "/mon-espace/recherches?fait=modifier");
    assert!(member.get(&own).await.body.contains("value=\"Eau\""));
    member.send(&format!("{own}/effacer"), &[]).await;
    assert_eq!(member.get(&own).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_alert_is_due_when_a_new_record_answers_and_the_pace_allows_it() {
    let site = TestApp::demo().await;
    let mut member = site.session_of(Role::Member).await;
    for (query, name, pace) in [
        ("q=girouette", "jour", "daily"),
        ("q=girouette", "semaine", "weekly"),
        ("q=girouette", "jamais", "none"),
        ("q=eau", "autre", "daily"),
    ] {
        let fields = [("requete", query), ("nom", name), ("alerte", pace)];
        member.send("/mon-espace/recherches/nouvelle", &fields).await;
    }
    let hours = |hours| now() + SignedDuration::from_hours(hours);
    let due = async |at| {
        let found = due_alerts(&site.app, at).await.unwrap();
        found
            .into_iter()
            .map(|alert| (alert.search.name.clone(), alert))
            .collect::<BTreeMap<_, _>>()
    };
    assert!(due(hours(48)).await.is_empty(), "nothing is new");
    let slug = publish(&site, "Une girouette municipale", hours(1)).await;
    assert!(due(hours(2)).await.is_empty(), "told the same day already");
    let next = due(hours(30)).await;
    assert_eq!(next.keys().collect::<Vec<_>>(), ["jour"]);
    let alert = &next["jour"];
    assert_eq!(
        (alert.total, alert.records[0].record().slug.as_str()),
        (1, slug.as_str())
    );
    assert_eq!(alert.results, "/cas-usages?q=girouette");
    assert!(member.get(&alert.settings).await.body.contains("value=\"jour\""));
    assert_eq!(alert.records[0].level(), Level::Public);

    site.app
        .store
        .alert_sent(alert.search.id, alert.until)
        .await
        .unwrap();
    assert!(due(hours(60)).await.is_empty(), "it was told");
    let weekly = due(hours(24 * 8)).await;
    assert_eq!(weekly.keys().collect::<Vec<_>>(), ["semaine"]);
    publish(&site, "Une autre girouette", hours(61)).await;
    assert_eq!(due(hours(24 * 8)).await["semaine"].total, 2);
    assert_eq!(due(hours(24 * 8)).await["jour"].total, 1);
}

#[tokio::test]
async fn projects_are_compared_field_by_field_at_an_address_that_can_be_shared() {
    let site = TestApp::demo().await;
    let found = slugs(&site, "limit=6").await;
    let query = |slugs: &[String]| {
        let pairs: Vec<String> = slugs.iter().map(|slug| format!("fiche={slug}")).collect();
        format!("/comparer?{}", pairs.join("&"))
    };
    let page = site.get(&query(&found[..2])).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("noindex"));
    let table = page
        .body
        .split("<table>")
        .nth(1)
        .unwrap()
        .split("</table>")
        .next()
        .unwrap();
    for slug in &found[..2] {
        assert!(table.contains(&format!("href=\"/cas-usages/{slug}\"")), "{table}");
    }
    assert!(table.contains("≠ différent") && table.contains("Description"));
    let rows = table.matches("<th scope=\"row\">").count();
    let differing = table.matches("≠ différent").count();
    assert_eq!(differing, table.matches("class=\"differs\"").count());
    assert_eq!(table.matches("<td>").count(), 2 * rows);
    if differing < rows {
        let only = site.get(&format!("{}&ecarts=1", query(&found[..2]))).await.body;
        assert_eq!(only.matches("<th scope=\"row\">").count(), differing);
        assert!(!only.contains("= identique"));
    }
    let itself = site.get(&query(&[found[0].clone(), found[0].clone()])).await.body;
    assert!(itself.contains("Ajoutez au moins un projet") && !itself.contains("<table>"));

    let five = site.get(&query(&found)).await.body;
    assert!(five.contains("On compare 5 projets au plus"));
    assert!(!five.contains("id=\"ajout\""), "there is room for no other");
    let elements = five.matches('<').count() - five.matches("</").count();
    assert!(elements <= 395, "{elements} elements");

    let gone = site
        .get(&query(&["nulle-part%3Cb%3E".to_owned(), found[0].clone()]))
        .await
        .body;
    assert!(gone.contains("nulle-part&#60;b&#62;") && gone.contains("n’existe pas"));
    let empty = site.get("/comparer").await.body;
    assert!(empty.contains("Mettez côte à côte"));
    let added = site
        .get(&format!("/comparer?fiche={}&ajout=cantine", found[0]))
        .await
        .body;
    assert!(
        added.contains(&format!("href=\"/comparer?fiche={}&#38;fiche=", found[0])),
        "{added}"
    );
}

#[tokio::test]
async fn a_comparison_shows_visitors_nothing_that_a_record_does_not() {
    let site = TestApp::demo().await;
    let found = slugs(&site, "limit=2").await;
    let path = format!("/comparer?fiche={}&fiche={}", found[0], found[1]);
    let mut member = site.session_of(Role::Member).await;
    let own = member.get(&path).await;
    assert_eq!(own.headers["cache-control"], "no-store");
    assert!(own.body.contains("Bibliothèque privée"));
    let public = site.get(&path).await.body;
    let labels = |body: &str| body.matches("<th scope=\"row\">").count();
    assert!(labels(&own.body) > labels(&public), "members read more fields");
    for spec in sobria_catalogue::field::FIELDS {
        let public_field = Level::Public.may_read(spec.visibility());
        let mark = format!("<th scope=\"row\">{} <small>", spec.label);
        assert!(public_field || !public.contains(&mark), "{}", spec.id);
    }
}

#[tokio::test]
async fn what_a_person_keeps_is_in_the_file_of_their_data_and_goes_with_the_account() {
    let site = TestApp::demo().await;
    let (slug, organisation, id) = of_others(&site).await;
    let mut agent = site.sign_in("contributeur").await;
    agent.send("/mon-espace/favoris", &[("ajouter", &slug)]).await;
    agent.send("/mon-espace/a-lire", &[("ajouter", &slug)]).await;
    let path = folder(&mut agent, "Mes pistes", std::slice::from_ref(&slug)).await;
    agent.send(&format!("{path}/partager"), &[]).await;
    let fields = [("requete", "q=eau"), ("nom", "Ma veille"), ("alerte", "daily")];
    agent.send("/mon-espace/recherches/nouvelle", &fields).await;
    let declared = [("organisation", id.as_str()), ("action", "declarer")];
    agent
        .send(&format!("/cas-usages/{slug}/utiliser"), &declared)
        .await;

    let file = agent.get("/mon-espace/compte/donnees.json").await.body;
    let file: serde_json::Value = serde_json::from_str(&file).unwrap();
    let kept = &file["kept"];
    let record = format!("https://ia.exemple.fr/cas-usages/{slug}");
    let lists: Vec<_> = kept["bookmarks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["record"].as_str().unwrap(), one["list"].as_str().unwrap()))
        .collect();
    assert_eq!(
        lists,
        [(record.as_str(), "favourite"), (record.as_str(), "later")]
    );
    assert_eq!(kept["folders"][0]["name"], "Mes pistes");
    assert_eq!(kept["folders"][0]["records"][0], record.as_str());
    assert_eq!(kept["searches"][0]["name"], "Ma veille");
    assert_eq!(
        kept["searches"][0]["results"],
        "https://ia.exemple.fr/cas-usages?q=eau"
    );
    assert_eq!(kept["declared_uses"][0]["organisation"], organisation.as_str());
    let shared = kept["folders"][0]["shared_at"].as_str().unwrap();
    let shared = shared.strip_prefix("https://ia.exemple.fr").unwrap().to_owned();
    assert_eq!(site.get(&shared).await.status, StatusCode::OK);

    let mut other = site.sign_in("agent").await;
    let file = other.get("/mon-espace/compte/donnees.json").await.body;
    assert!(!file.contains(&slug) && !file.contains("Ma veille"), "{file}");

    let erased = agent
        .send("/mon-espace/compte/effacer", &[("confirmation", "on")])
        .await;
    assert_eq!(erased.status, StatusCode::OK, "{}", erased.body);
    assert_eq!(site.get(&shared).await.status, StatusCode::NOT_FOUND);
    assert!(site.app.store.watched_searches().await.unwrap().is_empty());
    let page = site.get(&format!("/cas-usages/{slug}")).await.body;
    assert!(page.contains(&organisation), "the organisation still uses it");
    assert!(site.app.store.check().await.unwrap().is_sound());
}

#[tokio::test]
async fn an_alert_leaves_once_and_stops_in_one_click_without_a_session() {
    let site = TestApp::demo().await;
    let number = site.app.store.accounts("", None, 0, 1).await.unwrap().total;
    let mailbox = format!("compte{number}@ville.exemple.fr");
    let mut member = site.session_of(Role::Member).await;
    let fields = [("requete", "q=girouette"), ("nom", "Vents"), ("alerte", "daily")];
    member.send("/mon-espace/recherches/nouvelle", &fields).await;
    publish(
        &site,
        "Une girouette municipale",
        now() + SignedDuration::from_hours(1),
    )
    .await;
    super::wait_days(2);
    for _ in 0..2 {
        crate::jobs::turn(&site.app, &sobria_mail::Transport::nowhere())
            .await
            .unwrap();
    }
    let mails = site.app.store.mails(None, 50).await.unwrap();
    let alerts: Vec<_> = mails.iter().filter(|mail| mail.kind == "alert").collect();
    assert_eq!(alerts.len(), 1, "told once");
    let message: serde_json::Value = serde_json::from_str(&alerts[0].message).unwrap();
    let (subject, text) = site.mail_to(&mailbox).await;
    assert!(
        subject.contains("Vents") && subject.contains("nouvelle fiche"),
        "{subject}"
    );
    assert!(
        text.contains("Une girouette municipale") && text.contains("/cas-usages?q=girouette"),
        "{text}"
    );
    let leave = message["unsubscribe"].as_str().unwrap();
    assert!(text.contains(leave));
    let leave = leave.strip_prefix("https://ia.exemple.fr").unwrap();

    let page = site.get(leave).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Arrêter l’alerte"));
    let watched = || async { site.app.store.watched_searches().await.unwrap().len() };
    assert_eq!(watched().await, 1, "reading the page stops nothing");
    // As a mail program does it: from nowhere, without a cookie.
    for _ in 0..2 {
        let one_click = axum::http::Request::post(leave)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(axum::body::Body::from("List-Unsubscribe=One-Click"))
            .unwrap();
        assert_eq!(site.request(one_click).await.status, StatusCode::OK);
        assert_eq!(watched().await, 0);
    }
    let email = sobria_catalogue::account::Email::parse(&mailbox).unwrap();
    let account = site.app.store.account_by_email(&email).await.unwrap().unwrap();
    let kept = site.app.store.searches_of(account.id).await.unwrap();
    assert_eq!(kept[0].name, "Vents", "the search stays");
    let unknown = site.get("/desinscription/inconnu").await;
    assert_eq!(unknown.status, StatusCode::GONE);
}
