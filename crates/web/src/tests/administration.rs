//! What administrators decide, and what nobody else may.

use axum::http::StatusCode;
use sobria_catalogue::rights::Role;

use super::{Browser, TestApp};

const PATHS: [&str; 6] = [
    "/administration/comptes",
    "/administration/reglages",
    "/administration/taches",
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
                    "/administration/comptes/x/role",
                    vec![("confirmer-role", "oui"), ("nouveau-role", "admin")],
                ),
                (
                    "/administration/comptes/x/suspendre",
                    vec![("confirmer-suspendre", "oui")],
                ),
                ("/administration/comptes/x/sessions", vec![]),
                (
                    "/administration/organisations/fusion",
                    vec![("disparait", "a"), ("reste", "b")],
                ),
                (
                    "/administration/organisations/retrait",
                    vec![("fiche", "a"), ("confirmation", "oui")],
                ),
                ("/administration/courriels", vec![("courriel", "a")]),
                ("/administration/taches", vec![("tache", "retention")]),
                ("/administration/reglages", vec![("site-operator", "Pirate")]),
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
    let unsure = admin
        .send(
            &format!("/administration/comptes/{own}/role"),
            &[("nouveau-role", "member")],
        )
        .await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        unsure.body.contains("value=\"member\" checked"),
        "what was chosen comes back: {}",
        unsure.body
    );
    let sure = [("nouveau-role", "member"), ("confirmer-role", "oui")];
    let refused = admin
        .send(&format!("/administration/comptes/{own}/role"), &sure)
        .await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let refused = admin
        .send(
            &format!("/administration/comptes/{own}/suspendre"),
            &[("confirmer-suspendre", "oui")],
        )
        .await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let mut moderator = site.sign_in("moderation").await;
    let other = id(Role::Moderator).await;
    admin
        .send(&format!("/administration/comptes/{other}/role"), &sure)
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
    assert_eq!(unsure.status, StatusCode::OK);
    assert!(
        unsure.body.contains("On ne peut pas revenir en arrière") && unsure.body.contains(&path),
        "{}",
        unsure.body
    );
    assert_eq!(
        site.get(&path).await.status,
        StatusCode::OK,
        "nothing is gone yet"
    );
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

/// What the form of settings holds, with some values changed.
async fn settings(browser: &mut Browser<'_>, changes: &[(&'static str, &str)]) -> Vec<(String, String)> {
    let page = browser.get("/administration/reglages").await.body;
    let mut fields = vec![("vu".to_owned(), super::value_of(&page, "vu"))];
    for (name, value) in changes {
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    fields
}

async fn send_settings(browser: &mut Browser<'_>, fields: &[(String, String)]) -> super::Answer {
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    browser.send("/administration/reglages", &fields).await
}

#[tokio::test]
async fn legal_pages_say_at_once_what_an_administrator_wrote_and_go_back_to_the_configuration() {
    let site = TestApp::demo().await;
    let before = site.get("/mentions-legales").await;
    let tag = before.headers["etag"].clone();
    let mut admin = site.sign_in("administration").await;
    let wrong = settings(
        &mut admin,
        &[
            ("site-legal-publisher", "Métropole <b>x</b>"),
            ("site-contact_email", "rien"),
        ],
    )
    .await;
    let refused = send_settings(&mut admin, &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("contact@ville.fr") && refused.body.contains("Métropole &#60;b&#62;x"),
        "{}",
        refused.body
    );
    let right = settings(
        &mut admin,
        &[
            ("site-legal-publisher", "Métropole <b>x</b>, hôtel de ville"),
            ("site-contact_email", "ia@metropole.fr"),
            ("site-legal-accessibility", "partielle"),
            ("site-context-why", "Parce que **nous** partageons."),
        ],
    )
    .await;
    let mut preview = right.clone();
    preview.push(("action".to_owned(), "apercu".to_owned()));
    let shown = send_settings(&mut admin, &preview).await;
    assert!(
        shown.body.contains("rien n’est encore enregistré") && shown.body.contains("<strong>nous</strong>"),
        "{}",
        shown.body
    );
    assert_eq!(
        site.get("/mentions-legales").await.headers["etag"],
        tag,
        "a preview changes nothing"
    );
    assert_eq!(
        send_settings(&mut admin, &right).await.status,
        StatusCode::SEE_OTHER
    );
    let after = site.get("/mentions-legales").await;
    assert_ne!(after.headers["etag"], tag);
    assert!(
        after
            .body
            .contains("Métropole &#60;b&#62;x&#60;/b&#62;, hôtel de ville")
            && after.body.contains("ia@metropole.fr"),
        "{}",
        after.body
    );
    assert!(
        site.get("/accessibilite")
            .await
            .body
            .contains("partiellement conforme")
    );
    assert!(site.get("/contexte").await.body.contains("<strong>nous</strong>"));
    let stale = send_settings(&mut admin, &right).await;
    assert_eq!(
        stale.status,
        StatusCode::CONFLICT,
        "the settings changed since that form was made"
    );
    let page = admin.get("/administration/reglages").await.body;
    assert!(
        page.contains("Écrit ici.") && page.contains("Historique"),
        "{page}"
    );
    assert!(
        admin
            .get("/administration/journal")
            .await
            .body
            .contains("site.legal.publisher")
    );
    let blank = settings(&mut admin, &[]).await;
    assert_eq!(
        send_settings(&mut admin, &blank).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        site.app.site().legal.publisher,
        "",
        "blank goes back to the configuration"
    );
    assert!(site.get("/contexte").await.body.contains("Partout en France"));
}

#[tokio::test]
async fn jobs_say_what_they_did_and_a_failure_stops_no_other() {
    let site = TestApp::demo().await;
    let mut admin = site.sign_in("administration").await;
    assert!(
        admin
            .get("/administration/taches")
            .await
            .body
            .contains("N’a pas encore tourné")
    );
    // The folder of uploads cannot be listed as a folder.
    std::fs::create_dir_all(&site.app.settings.uploads).unwrap();
    let waits = site
        .app
        .settings
        .uploads
        .join("imports")
        .join("019a0000-0000-7000-8000-000000000000");
    std::fs::create_dir_all(waits.parent().unwrap()).unwrap();
    std::fs::write(&waits, b"a file in the way").unwrap();
    crate::jobs::turn(&site.app, &sobria_mail::Transport::nowhere())
        .await
        .unwrap();
    let page = admin.get("/administration/taches").await.body;
    assert!(
        page.contains("échec\u{a0}:") && page.contains("Prochaine fois"),
        "{page}"
    );
    let runs = site.app.store.job_runs(None, 20).await.unwrap();
    assert_eq!(runs.len(), crate::jobs::JOBS.len(), "{runs:?}");
    assert_eq!(runs.iter().filter(|run| !run.done).count(), 1, "{runs:?}");
    let asked = admin
        .send("/administration/taches", &[("tache", "retention")])
        .await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER);
    let told = letters(&site).await;
    super::wait_days(400);
    crate::jobs::turn(&site.app, &sobria_mail::Transport::nowhere())
        .await
        .unwrap();
    // Four hundred days at once: the clock is wrong, or the server was off. Nothing is erased until somebody says which.
    let runs = site.app.store.job_runs(Some("retention"), 20).await.unwrap();
    assert!(
        !runs[0].done && runs[0].error.contains("rien n’est effacé"),
        "{runs:?}"
    );
    let kept = site.app.store.audit_lines(None, None, 200).await.unwrap().len();
    super::wait_days(1);
    crate::jobs::turn(&site.app, &sobria_mail::Transport::nowhere())
        .await
        .unwrap();
    let runs = site.app.store.job_runs(Some("retention"), 20).await.unwrap();
    assert!(!runs[0].done, "a day more does not make it right: {runs:?}");
    assert_eq!(
        site.app.store.audit_lines(None, None, 200).await.unwrap().len(),
        kept
    );
    for job in ["reviews", "alerts", "digest", "roadmaps", "deliverables"] {
        let runs = site.app.store.job_runs(Some(job), 1).await.unwrap();
        assert!(
            !runs[0].done && runs[0].error.contains("aucun rappel ne part"),
            "{job}: {runs:?}"
        );
    }
    assert_eq!(
        letters(&site).await,
        told,
        "nobody is written to at a date in doubt"
    );
    let mut admin = site.sign_in("administration").await;
    let page = admin.get("/administration/taches").await.body;
    assert!(page.contains("Date du serveur à confirmer"), "{page}");
    let confirmed = admin
        .send("/administration/taches", &[("horloge", "juste")])
        .await;
    assert_eq!(confirmed.status, StatusCode::SEE_OTHER);
    crate::jobs::turn(&site.app, &sobria_mail::Transport::nowhere())
        .await
        .unwrap();
    let runs = site.app.store.job_runs(Some("retention"), 20).await.unwrap();
    assert!(runs[0].done && runs[0].counts.contains("\"audit\""), "{runs:?}");
    let page = admin.get("/administration/taches").await.body;
    assert!(!page.contains("Date du serveur à confirmer"), "{page}");
    assert!(
        letters(&site).await > told,
        "reminders leave once the date is confirmed"
    );
}

/// How many letters wait or left that a date brought.
async fn letters(site: &TestApp) -> usize {
    let dated = [
        "review-due",
        "roadmap-due",
        "deliverable",
        "alert",
        "digest",
        "inactive",
    ];
    let mails = site.app.store.mails(None, 500).await.unwrap();
    mails
        .iter()
        .filter(|mail| dated.contains(&mail.kind.as_str()))
        .count()
}

#[tokio::test]
async fn a_suspended_account_is_shut_out_at_once_and_comes_back_whole() {
    let site = TestApp::demo().await;
    let mut admin = site.sign_in("administration").await;
    let mut agent = site.sign_in("contributeur").await;
    let list = admin.get("/administration/comptes?q=contrib").await.body;
    let id = list
        .split("href=\"/administration/comptes/")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap()
        .to_owned();
    assert!(
        !admin
            .get("/administration/comptes?q=personne")
            .await
            .body
            .contains(&id)
    );
    assert!(
        !admin
            .get("/administration/comptes?role=admin")
            .await
            .body
            .contains(&id)
    );
    let path = format!("/administration/comptes/{id}");
    assert!(admin.get(&path).await.body.contains("Sessions ouvertes"));
    let unsure = admin.send(&format!("{path}/suspendre"), &[]).await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(agent.get("/mon-espace").await.status, StatusCode::OK);
    admin
        .send(&format!("{path}/suspendre"), &[("confirmer-suspendre", "oui")])
        .await;
    assert_eq!(agent.get("/mon-espace").await.status, StatusCode::SEE_OTHER);
    let mut browser = Browser::new(&site);
    let refused = browser
        .post("/connexion/demonstration", &[("role", "contributeur")])
        .await;
    assert_ne!(refused.status, StatusCode::SEE_OTHER, "{}", refused.body);
    assert!(
        admin
            .get("/administration/comptes?etat=suspendus")
            .await
            .body
            .contains(&id)
    );
    admin.send(&format!("{path}/reactiver"), &[]).await;
    let mut agent = site.sign_in("contributeur").await;
    assert!(agent.get("/contribuer").await.body.contains("Commencer"));
    admin.send(&format!("{path}/sessions"), &[]).await;
    assert_eq!(agent.get("/mon-espace").await.status, StatusCode::SEE_OTHER);
    let journal = admin.get("/administration/journal").await.body;
    for action in ["account-suspend", "account-reopen", "sessions-close"] {
        assert!(journal.contains(action), "{action}");
    }
}
