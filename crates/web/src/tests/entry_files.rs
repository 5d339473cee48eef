//! Files of resources, the history of entries, and the check of an instance from the site.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use sobria_catalogue::rights::Role;

use super::contributions::{decide, fill, location, submitted};
use super::{Answer, Browser, TestApp, quoted, value_of};

const TABLE: &[u8] = b"Poste;Heures\nCapteurs;12\n";
/// One red point.
pub const POINT: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0,
    1, 8, 2, 0, 0, 0, 0x90, 0x77, 0x53, 0xde, 0, 0, 0, 12, 0x49, 0x44, 0x41, 0x54, 0x08, 0xd7, 0x63, 0xf8,
    0xcf, 0xc0, 0, 0, 3, 1, 1, 0, 0x18, 0xdd, 0x8d, 0xb0, 0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42,
    0x60, 0x82,
];

/// Sends a file as a browser without script does.
pub async fn send_file(
    browser: &mut Browser<'_>,
    path: &str,
    fields: &[(&str, &str)],
    (name, bytes): (&str, &[u8]),
) -> Answer {
    let token = browser.csrf().await;
    let mut body = Vec::new();
    for (key, value) in [("_csrf", token.as_str())].iter().chain(fields) {
        body.extend(
            format!("--b\r\nContent-Disposition: form-data; name=\"{key}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    body.extend(
        format!("--b\r\nContent-Disposition: form-data; name=\"fichier\"; filename=\"{name}\"\r\n\r\n")
            .bytes(),
    );
    body.extend_from_slice(bytes);
    body.extend(b"\r\n--b--\r\n");
    let request = Request::post(path)
        .header("content-type", "multipart/form-data; boundary=b")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(body))
        .unwrap();
    browser.forward(request).await
}

/// The page of a resource of the demonstration, and the page that edits it.
async fn resource(site: &TestApp, moderator: &mut Browser<'_>) -> (String, String) {
    let list = site.get("/ressources").await.body;
    let slug = quoted(&list, "href=\"/ressources/");
    let path = format!("/ressources/{slug}");
    let page = moderator.get(&path).await.body;
    let edit = quoted(&page, "href=\"/mon-espace/publications/");
    (path, format!("/mon-espace/publications/{edit}"))
}

fn file_of(page: &str) -> String {
    let id = page
        .split("href=\"/fichiers/")
        .nth(1)
        .unwrap_or_else(|| panic!("{page}"));
    format!("/fichiers/{}", id.split('"').next().unwrap())
}

#[tokio::test]
async fn a_file_of_a_resource_is_public_with_the_version_that_a_moderator_published() {
    let site = TestApp::demo().await;
    let mut moderator = site.sign_in("moderation").await;
    let (path, edit) = resource(&site, &mut moderator).await;
    let files = format!("{edit}/fichiers");
    let silent = send_file(&mut moderator, &files, &[], ("exemple.csv", TABLE)).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        silent.body.contains("Dites qui peut ouvrir ce fichier"),
        "{}",
        silent.body
    );
    let disguised = send_file(
        &mut moderator,
        &files,
        &[("lecteurs", "public")],
        ("page.pdf", b"<!DOCTYPE html><script>alert(1)</script>"),
    )
    .await;
    assert_eq!(
        disguised.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        disguised.body
    );
    for readers in ["public", "members"] {
        let kept = send_file(
            &mut moderator,
            &files,
            &[("lecteurs", readers), ("titre", "Exemple <b>")],
            ("exemple.csv", TABLE),
        )
        .await;
        assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
    }
    let page = moderator.get(&files).await.body;
    let open = file_of(&page);
    let mut member = site.session_of(Role::Member).await;
    // The public keeps the version that it had.
    assert!(!site.get(&path).await.body.contains("/fichiers/"));
    for reader in [site.get(&open).await, member.get(&open).await] {
        assert_eq!(
            reader.status,
            StatusCode::NOT_FOUND,
            "a draft is read by nobody else"
        );
    }
    assert_eq!(moderator.get(&open).await.status, StatusCode::OK);

    let form = moderator.get(&edit).await.body;
    let edition = value_of(&form, "edition");
    let title = value_of(&form, "title");
    let document = site.json(&format!("{path}.json")).await;
    let mut typed: Vec<(String, String)> = document
        .as_object()
        .unwrap()
        .iter()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect();
    typed.push(("edition".to_owned(), edition));
    let typed: Vec<(&str, &str)> = typed.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let published = moderator.send(&edit, &typed).await;
    assert_eq!(
        published.status,
        StatusCode::SEE_OTHER,
        "{title}: {}",
        published.body
    );
    let page = site.get(&path).await.body;
    assert!(page.contains("Exemple &#60;b&#62;"), "{page}");
    let shown = file_of(&page);
    let answer = site.get(&shown).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer.headers["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("attachment")
    );
    assert_eq!(
        page.matches("href=\"/fichiers/").count(),
        1,
        "the other is for agents"
    );
    let for_agents = member.get(&path).await.body;
    assert_eq!(for_agents.matches("href=\"/fichiers/").count(), 2);

    // Its history, for those who may read it.
    let history = site.get(&format!("{path}/historique")).await;
    assert_eq!(history.status, StatusCode::OK);
    assert!(
        history.body.contains("Première version publiée") && history.body.contains("Version 2"),
        "{}",
        history.body
    );

    // Taken away, the bytes are gone at once.
    let seen = moderator.get(&path).await.body;
    let (id, edition) = (value_of(&seen, "fiche"), value_of(&seen, "edition"));
    moderator
        .send(
            "/moderation/publications",
            &[
                ("fiche", &id),
                ("edition", &edition),
                ("action", "retirer"),
                ("confirmation", "oui"),
            ],
        )
        .await;
    assert_eq!(site.get(&shown).await.status, StatusCode::NOT_FOUND);
    assert!(site.app.store.file_hashes().await.unwrap().is_empty());
    assert_eq!(
        site.get(&format!("{path}/historique")).await.status,
        StatusCode::GONE
    );
}

#[tokio::test]
async fn an_administrator_checks_the_instance_from_the_site() {
    let site = TestApp::demo().await;
    let mut moderator = site.sign_in("moderation").await;
    assert_eq!(
        moderator.get("/administration/controle").await.status,
        StatusCode::FORBIDDEN
    );
    let mut admin = site.sign_in("administration").await;
    assert!(
        admin
            .get("/administration/controle")
            .await
            .body
            .contains("Aucun contrôle fait d’ici")
    );
    let asked = admin.send("/administration/controle", &[]).await;
    assert_eq!(asked.headers["location"], "/administration/controle?fait=lance");
    let again = admin.send("/administration/controle", &[]).await;
    assert_eq!(again.headers["location"], "/administration/controle?fait=attente");
    for _ in 0..200 {
        if !site
            .app
            .store
            .job_runs(Some("check"), 1)
            .await
            .unwrap()
            .is_empty()
        {
            break;
        }
        tokio::task::yield_now().await;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let page = admin.get("/administration/controle").await.body;
    assert!(page.contains("Tout est sain"), "{page}");
}

#[tokio::test]
async fn a_term_replaced_by_another_changes_every_record_and_its_history_says_why() {
    let site = TestApp::demo().await;
    let mut admin = site.sign_in("administration").await;
    // A record of one’s own, so that the term is known.
    let (mut author, case) = submitted(&site).await;
    let mut moderator = site.sign_in("moderation").await;
    location(&decide(&mut moderator, &case, "prendre", &[]).await);
    location(
        &decide(
            &mut moderator,
            &case,
            "renvoyer",
            &[("commentaire.0", "Précisez.")],
        )
        .await,
    );
    for (step, fields) in [
        ("projet", vec![("summary", "Écouter l’eau.")]),
        (
            "algorithme",
            vec![
                ("algorithm.name", "Écoute"),
                ("algorithm.kinds", "ml"),
                ("hosting", "interne"),
            ],
        ),
        (
            "donnees",
            vec![
                ("data.sources.text", "Capteurs"),
                ("data.collection.text", "Réseau"),
            ],
        ),
        ("ressources", vec![("tags", "zq ancien terme\nautre")]),
    ] {
        fill(&mut author, &case, step, &fields).await;
    }
    location(&author.send(&format!("{case}/envoyer"), &[]).await);
    location(&decide(&mut moderator, &case, "prendre", &[]).await);
    location(&decide(&mut moderator, &case, "publier", &[]).await);
    let own = site.first("q=%22fuites+la+nuit%22").await;
    assert_eq!(
        moderator.get("/administration/vocabulaires").await.status,
        StatusCode::FORBIDDEN
    );
    let page = admin.get("/administration/vocabulaires").await.body;
    assert!(
        page.contains("zq ancien terme") && page.contains("Listes fermées"),
        "{page}"
    );
    let unknown = admin
        .send(
            "/administration/vocabulaires",
            &[
                ("liste", "tags"),
                ("terme", "jamais écrit"),
                ("remplacement", "x"),
            ],
        )
        .await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        unknown.body.contains("value=\"jamais écrit\""),
        "what was typed comes back"
    );
    let done = admin
        .send(
            "/administration/vocabulaires",
            &[
                ("liste", "tags"),
                ("terme", "ZQ Ancien Terme"),
                ("remplacement", "zq nouveau terme"),
            ],
        )
        .await;
    assert_eq!(
        done.headers["location"],
        "/administration/vocabulaires?fait=remplace-1-0"
    );
    let page = site.get(&own).await.body;
    assert!(
        page.contains("zq nouveau terme") && !page.contains("zq ancien terme"),
        "{page}"
    );
    let history = site.get(&format!("{own}/historique")).await.body;
    assert!(
        history.contains("«\u{a0}ZQ Ancien Terme\u{a0}» devient «\u{a0}zq nouveau terme\u{a0}»"),
        "{history}"
    );
    assert_eq!(
        site.first("q=%22nouveau+terme%22").await,
        own,
        "the search follows"
    );
}
