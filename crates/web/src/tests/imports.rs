//! Imports on the site: what is shown is what the command says and what is written, by those who may.

use axum::body::Body;
use axum::http::{Request, StatusCode};

use super::{Answer, Browser, TestApp, plan_of};
use crate::imports::trial::Trials;

const FILE: &str = "coll_nom,coll_type,nom_projet,usage_description,projet_date,projet_status,mise_en_oeuvre,theme,audience_service,coll_siret\n\
    Commune des Essais,commune,Compter les vélos,Des caméras comptent les vélos.,03/2024,experimentation,interne,mobilites,agent,217 500 016 00019\n\
    Commune des Essais,commune,=cmd|' /C calc'!A0,Un titre de tableur.,03/2024,experimentation,interne,mobilites,agent,\n\
    Commune des Essais,commune,,Sans titre.,03/2024,experimentation,interne,mobilites,agent,\n";

async fn hand_in(browser: &mut Browser<'_>, name: &str, bytes: &[u8], token: Option<&str>) -> Answer {
    let own = browser.csrf().await;
    let mut body = Vec::new();
    let mut part = |head: String, content: &[u8]| {
        body.extend_from_slice(
            format!("--limite\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes(),
        );
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    };
    part("name=\"_csrf\"".to_owned(), token.unwrap_or(&own).as_bytes());
    part(format!("name=\"fichier\"; filename=\"{name}\""), bytes);
    body.extend_from_slice(b"--limite--\r\n");
    let request = browser
        .headers(Request::post("/administration/imports"))
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "multipart/form-data; boundary=limite")
        .body(Body::from(body))
        .unwrap();
    browser.site.request(request).await
}

async fn trial(browser: &mut Browser<'_>) -> String {
    let answer = hand_in(browser, "essais.csv", FILE.as_bytes(), None).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.headers["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_was_shown_is_written_once_and_the_file_is_gone() {
    let site = TestApp::demo().await;
    let mut admin = site.sign_in("administration").await;
    let address = trial(&mut admin).await;
    let page = admin.get(&address).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(
        page.body.contains("3 lignes lues\u{a0}: 2 créées"),
        "{}",
        page.body
    );
    assert!(page.body.contains("Compter les vélos") && page.body.contains("siret_spaces"));
    let refused = admin.get(&format!("{address}?voir=refusees")).await;
    assert!(refused.body.contains("champ obligatoire vide") && !refused.body.contains("Compter les vélos"));
    let before = site.json("/api/v1/use-cases?limit=1").await["total"]
        .as_u64()
        .unwrap();
    let mark = super::value_of(&page.body, "apercu");
    let fields = [("apercu", mark.as_str()), ("publier", "oui")];
    let path = format!("{address}/enregistrer");
    let done = admin.send(&path, &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert_eq!(
        site.json("/api/v1/use-cases?limit=1").await["total"]
            .as_u64()
            .unwrap(),
        before + 2
    );
    let again = admin.send(&path, &fields).await;
    assert_eq!(again.status, StatusCode::GONE, "{}", again.body);
    let list = admin.get("/administration/imports").await.body;
    assert!(
        list.contains("essais.csv") && !list.contains("Fichiers qui attendent"),
        "{list}"
    );
    assert!(
        admin
            .get("/administration/journal")
            .await
            .body
            .contains("import-file")
    );
    assert!(
        Trials::under(&site.app.settings.uploads)
            .all(super::now())
            .is_empty()
    );
}

#[tokio::test]
async fn the_report_is_that_of_the_command() {
    let site = TestApp::demo().await;
    let mut admin = site.sign_in("administration").await;
    let address = trial(&mut admin).await;
    let given = admin.get(&format!("{address}/rapport.jsonl")).await;
    assert_eq!(given.status, StatusCode::OK);
    let sheet = sobria_exchange::read::read(FILE.as_bytes(), "essais.csv", &Default::default()).unwrap();
    assert_eq!(sheet.rows.len(), 3);
    let (existing, _) = site.app.store.existing().await.unwrap();
    let plan = crate::imports::plan_bytes(
        FILE.as_bytes(),
        "essais.csv",
        &existing,
        &Default::default(),
        sobria_catalogue::vocabulary::Vocabularies::embedded(),
        site.app.today(),
        &mut uuid::Uuid::now_v7,
    )
    .unwrap();
    let mut report = Vec::new();
    sobria_exchange::report::write_jsonl(&plan, &mut report).unwrap();
    // Identifiers of new records are drawn anew by each run.
    let without_ids = |text: &str| -> Vec<serde_json::Value> {
        text.lines()
            .map(|line| {
                let mut row: serde_json::Value = serde_json::from_str(line).unwrap();
                if row["outcome"] == "created" {
                    row["record"] = serde_json::Value::Null;
                }
                row
            })
            .collect()
    };
    assert_eq!(
        without_ids(&given.body),
        without_ids(&String::from_utf8(report).unwrap())
    );
    let table = admin.get(&format!("{address}/rapport.csv")).await;
    assert!(
        table.headers["content-disposition"]
            .to_str()
            .unwrap()
            .contains("rapport.csv")
    );
    for line in table.body.lines() {
        assert!(
            !line
                .split(',')
                .any(|cell| cell.trim_matches('"').starts_with('=')),
            "{line}"
        );
    }
}

#[tokio::test]
async fn nothing_is_written_when_the_catalogue_changed_after_the_preview() {
    let site = TestApp::demo().await;
    let mut admin = site.sign_in("administration").await;
    let address = trial(&mut admin).await;
    let mark = super::value_of(&admin.get(&address).await.body, "apercu");
    let other = FILE
        .replace("Compter les vélos", "Compter les bus")
        .replace(",,Sans titre", ",Avec titre,Texte");
    let (plan, planned_at) = plan_of(other.as_bytes(), "autre.csv", &site.app.store).await;
    site.app
        .store
        .apply_import(&plan, super::publishing(planned_at))
        .await
        .unwrap();
    let imports = site.app.store.imports(0, 100).await.unwrap().len();
    let refused = admin
        .send(&format!("{address}/enregistrer"), &[("apercu", mark.as_str())])
        .await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);
    assert!(refused.body.contains("a changé depuis l’aperçu"));
    assert_eq!(site.app.store.imports(0, 100).await.unwrap().len(), imports);
    let mark = super::value_of(&refused.body, "apercu");
    let done = admin
        .send(&format!("{address}/enregistrer"), &[("apercu", mark.as_str())])
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
}

#[tokio::test]
async fn a_moderator_tries_and_does_not_write_and_others_see_nothing() {
    let site = TestApp::demo().await;
    let mut moderator = site.sign_in("moderation").await;
    let address = trial(&mut moderator).await;
    let page = moderator.get(&address).await;
    assert!(page.body.contains("réservé à l’administration") && !page.body.contains("name=\"apercu\""));
    let refused = moderator
        .send(&format!("{address}/enregistrer"), &[("apercu", "x")])
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let mut other = site.session_of(sobria_catalogue::rights::Role::Moderator).await;
    assert_eq!(other.get(&address).await.status, StatusCode::NOT_FOUND);
    let mut agent = site.sign_in("contributeur").await;
    assert_eq!(
        agent.get("/administration/imports").await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(agent.get(&address).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        hand_in(&mut agent, "a.csv", FILE.as_bytes(), None).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(site.get(&address).await.status, StatusCode::SEE_OTHER);
    let forged = hand_in(&mut moderator, "a.csv", FILE.as_bytes(), Some("x")).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert_eq!(
        Trials::under(&site.app.settings.uploads).all(super::now()).len(),
        1
    );
}

#[tokio::test]
async fn files_that_cannot_be_read_are_explained_and_large_ones_refused() {
    let site = TestApp::demo().await;
    let mut admin = site.sign_in("administration").await;
    let empty = hand_in(&mut admin, "vide.csv", b"", None).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let large = hand_in(&mut admin, "gros.csv", &vec![b'a'; 20 * 1024 * 1024 + 1], None).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(
        Trials::under(&site.app.settings.uploads)
            .all(super::now())
            .is_empty()
    );
    let page = hand_in(
        &mut admin,
        "page.csv",
        b"<html>Internal Server Error</html>",
        None,
    )
    .await;
    let address = page.headers["location"].to_str().unwrap().to_owned();
    let shown = admin.get(&address).await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(shown.body.contains("n’est pas un tableau"), "{}", shown.body);
    assert_eq!(
        admin.get(&format!("{address}/rapport.csv")).await.status,
        StatusCode::NOT_FOUND
    );
    let gone = admin.send(&format!("{address}/abandonner"), &[]).await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER);
    assert_eq!(admin.get(&address).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn damaged_files_are_explained_and_change_nothing() {
    let site = TestApp::demo().await;
    let mut admin = site.sign_in("administration").await;
    let before = site.app.store.catalogue_hash().await.unwrap();
    let text = |text: &str| text.as_bytes().to_vec();
    let utf16: Vec<u8> = format!("{FILE}\0")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("blancs.csv", text(" \r\n \t\r\n")),
        ("marque.csv", vec![0xEF, 0xBB, 0xBF]),
        ("octets.csv", vec![0, 1, 2, 0xFF, 0xFE, 0]),
        ("nul.csv", text(&format!("{FILE}\0"))),
        ("photo.csv", text("\u{89}PNG\r\n\u{1a}\n\0\0\0\rIHDR")),
        ("document.csv", text("%PDF-1.7\n1 0 obj\n<< >>\n")),
        ("archive.csv", vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0]),
        (
            "ancien.xlsx",
            vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1],
        ),
        ("coupe.xlsx", text("PK\u{3}\u{4} coupé")),
        ("page.csv", text("<!doctype html><title>502</title>")),
        ("erreur.json", text("{\"error\":\"Unauthorized\"}")),
        ("coupe.json", text("[{\"title\":\"Projet\",")),
        ("profond.json", text(&"[{\"a\":".repeat(3_000))),
        (
            "deux.json",
            text("[{\"title\":\"A\",\"title\":\"B\",\"organisation\":{\"name\":\"V\"}}]"),
        ),
        ("phrase.csv", text("Internal Server Error")),
        ("inconnu.csv", text("a;b;c\n1;2;3\n")),
        (
            "partiel.csv",
            text("coll_nom;nom_projet;a;b;c;d;e\nVille;Projet;;;;;\n"),
        ),
        ("double.csv", text("coll_nom;coll_nom;nom_projet\na;b;c\n")),
        (
            "large.csv",
            text(&FILE.replacen('\n', &format!("{}\n", ",x".repeat(500)), 1)),
        ),
        ("guillemet.csv", text(&FILE.replacen("Compter", "\"Compter", 1))),
        ("utf16.csv", utf16),
    ];
    for (name, bytes) in &files {
        let sent = hand_in(&mut admin, name, bytes, None).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{name}: {}", sent.body);
        let address = sent.headers["location"].to_str().unwrap().to_owned();
        let shown = admin.get(&address).await;
        assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(
            shown.body.contains(&format!("«\u{a0}{name}\u{a0}»")),
            "{name}: {}",
            shown.body
        );
        let written = admin
            .send(&format!("{address}/enregistrer"), &[("apercu", "x")])
            .await;
        assert!(written.status.is_client_error(), "{name}: {}", written.status);
        admin.send(&format!("{address}/abandonner"), &[]).await;
    }
    assert_eq!(site.app.store.catalogue_hash().await.unwrap(), before);
}

#[tokio::test]
async fn columns_that_are_not_understood_are_named_by_hand() {
    let file = FILE.replace("coll_nom", "Qui").replace("nom_projet", "Quoi");
    let site = TestApp::demo().await;
    let mut admin = site.sign_in("administration").await;
    let answer = hand_in(&mut admin, "colonnes.csv", file.as_bytes(), None).await;
    let address = answer.headers["location"].to_str().unwrap().to_owned();
    let page = admin.get(&address).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("Colonne 1\u{a0}: Qui"), "{}", page.body);
    let named = admin
        .send(
            &format!("{address}/options"),
            &[
                ("colonne-1", "coll_nom"),
                ("colonne-3", "nom_projet"),
                ("dates", "dmy"),
            ],
        )
        .await;
    assert_eq!(named.status, StatusCode::SEE_OTHER);
    let page = admin.get(&address).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("2 créées") && page.body.contains("1 = coll_nom"));
}

#[tokio::test]
async fn a_file_that_waits_too_long_is_gone() {
    let site = TestApp::demo().await;
    let mut admin = site.sign_in("administration").await;
    let address = trial(&mut admin).await;
    let trials = Trials::under(&site.app.settings.uploads);
    let later = |hours| super::now() + jiff::SignedDuration::from_hours(hours);
    assert_eq!(trials.sweep(later(23)).unwrap(), 0);
    assert_eq!(admin.get(&address).await.status, StatusCode::OK);
    assert_eq!(trials.sweep(later(24)).unwrap(), 1);
    assert_eq!(admin.get(&address).await.status, StatusCode::GONE);
    assert_eq!(
        std::fs::read_dir(site.app.settings.uploads.join("imports"))
            .unwrap()
            .count(),
        0
    );
}
