//! Purchase files kept with an account: who may read them, links of suppliers, sealed answers, marks that nobody else
//! sees, scores that anyone computes again.

use axum::http::StatusCode;
use sobria_govern::procurement::criteria::Criteria;
use sobria_govern::procurement::score::{Answers, Marks, score};

use super::{Browser, TestApp, value_of, wait_days};

pub(super) const FILES: &str = "/maitriser/achat/dossiers";

pub(super) async fn version(browser: &mut Browser<'_>, path: &str) -> String {
    value_of(&browser.get(path).await.body, "version")
}

/// A colleague of the contributor.
async fn colleague(test: &TestApp) -> Browser<'_> {
    let browser = test.session_of(sobria_catalogue::rights::Role::Member).await;
    let total = test.app.store.accounts("", None, 0, 100).await.unwrap();
    let newest = total.items.iter().max_by_key(|account| account.id).unwrap().id;
    let known = test
        .app
        .store
        .accounts("contributeur@", None, 0, 1)
        .await
        .unwrap()
        .items
        .remove(0);
    let person = test.app.store.person(known.id).await.unwrap().unwrap();
    test.app
        .store
        .ask_membership(
            newest,
            person.memberships[0].organisation,
            Some("essai"),
            super::now(),
        )
        .await
        .unwrap();
    browser
}

/// A complete file with frozen criteria and a deadline in two days; its address.
pub(super) async fn prepared(browser: &mut Browser<'_>) -> String {
    let created = browser
        .send(
            FILES,
            &[
                ("titre", "Assistant de rédaction"),
                ("besoin", "Rédiger des courriers plus vite."),
                ("alternatives", "Des modèles de lettres partagés, sans IA."),
                ("valeur", "60 000"),
                ("duree", "2"),
                ("personnes", "300"),
                ("risques", "generative"),
                ("objet", "tender"),
            ],
        )
        .await;
    assert_eq!(created.status, StatusCode::SEE_OTHER, "{}", created.body);
    let path = created.headers["location"].to_str().unwrap().to_owned();
    let token = version(browser, &path).await;
    let frozen = browser
        .send(&format!("{path}/figer"), &[("version", &token)])
        .await;
    assert_eq!(frozen.status, StatusCode::SEE_OTHER, "{}", frozen.body);
    let token = version(browser, &format!("{path}/fournisseurs")).await;
    let limit = browser
        .send(
            &format!("{path}/fournisseurs/limite"),
            &[("version", &token), ("limite", "20/11/2026 12:00")],
        )
        .await;
    assert_eq!(limit.status, StatusCode::SEE_OTHER, "{}", limit.body);
    path
}

/// Asks a supplier, and gives its address.
pub(super) async fn invite(browser: &mut Browser<'_>, path: &str, name: &str) -> String {
    let page = browser
        .send(
            &format!("{path}/fournisseurs/inviter"),
            &[("fournisseur", name), ("courriel", "")],
        )
        .await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let mark = "/maitriser/achat/reponse/";
    let start = page.body.find(mark).unwrap();
    page.body[start..start + mark.len() + 64].to_owned()
}

/// Answers one question and hands the answer in.
pub(super) async fn answer(test: &TestApp, link: &str, text: &str) {
    let mut supplier = Browser::new(test);
    let version = value_of(&supplier.get(&format!("{link}?etape=T5")).await.body, "version");
    let saved = supplier
        .post(
            link,
            &[
                ("etape", "T5"),
                ("version", &version),
                ("Q501", text),
                ("Q501_preuve", "Annexe 3"),
            ],
        )
        .await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let version = value_of(
        &supplier.get(&format!("{link}?etape=relecture")).await.body,
        "version",
    );
    let handed = supplier
        .post(link, &[("etape", "relecture"), ("version", &version)])
        .await;
    assert_eq!(handed.status, StatusCode::SEE_OTHER, "{}", handed.body);
    assert!(supplier.cookies.is_empty(), "no cookie for a supplier");
}

#[tokio::test]
async fn a_file_is_read_by_its_organisation_alone() {
    let test = TestApp::demo().await;
    let mut buyer = test.sign_in("contributeur").await;
    let twice = [("titre", "Pressé deux fois"), ("objet", "sourcing")];
    let (once, again) = (buyer.send(FILES, &twice).await, buyer.send(FILES, &twice).await);
    assert_eq!(once.headers["location"], again.headers["location"], "one file");
    let path = prepared(&mut buyer).await;
    for role in ["agent", "moderation", "administration"] {
        let mut other = test.sign_in(role).await;
        assert_eq!(other.get(&path).await.status, StatusCode::NOT_FOUND, "{role}");
    }
    assert_eq!(test.get(&path).await.status, StatusCode::SEE_OTHER);
    let late = buyer
        .send(
            &format!("{path}/preparer"),
            &[
                ("version", "1"),
                ("etape", "besoin"),
                ("titre", "Autre nom gardé"),
            ],
        )
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("Autre nom gardé"), "what was typed comes back");
}

#[tokio::test]
async fn offers_stay_sealed_then_are_marked_by_two_and_computed_again() {
    let test = TestApp::demo().await;
    let mut buyer = test.sign_in("contributeur").await;
    let path = prepared(&mut buyer).await;
    let first = invite(&mut buyer, &path, "Alpha").await;
    let second = invite(&mut buyer, &path, "Beta").await;
    answer(&test, &first, "Non, par contrat alphaterre").await;
    answer(&test, &second, "Non, par usage betaterre").await;
    let wrong = format!("/maitriser/achat/reponse/{}", "0".repeat(64));
    assert_eq!(test.get(&wrong).await.status, StatusCode::NOT_FOUND);
    for part in [
        "",
        "/fournisseurs",
        "/comparaison",
        "/comparaison.csv",
        "/comparaison.json",
        "/notes",
    ] {
        let page = buyer.get(&format!("{path}{part}")).await;
        assert!(!page.body.contains("alphaterre"), "{part} shows a sealed answer");
    }
    let token = version(&mut buyer, &format!("{path}/fournisseurs")).await;
    let early = buyer
        .send(&format!("{path}/ouvrir"), &[("version", &token)])
        .await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    wait_days(5);
    // A session that nobody used for so long is closed.
    let mut buyer = test.sign_in("contributeur").await;
    let late = Browser::new(&test)
        .post(
            &first,
            &[("etape", "T5"), ("version", "2"), ("Q501", "Oui, changé")],
        )
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("Oui, changé"));
    let opened = buyer
        .send(&format!("{path}/ouvrir"), &[("version", &token)])
        .await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.body);
    let page = buyer.get(&format!("{path}/comparaison")).await;
    assert!(page.body.contains("alphaterre") && page.body.contains("betaterre"));
    assert!(page.octets <= 60_000, "{}", page.octets);

    let mut other = colleague(&test).await;
    let offers: serde_json::Value =
        serde_json::from_str(&buyer.get(&format!("{path}/comparaison.json")).await.body).unwrap();
    assert_eq!(offers["offers"].as_array().unwrap().len(), 2);
    for (browser, seat, note) in [(&mut buyer, "1", "4"), (&mut other, "2", "1")] {
        let taken = browser
            .send(&format!("{path}/notes/place"), &[("place", seat)])
            .await;
        assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
        let page = browser.get(&format!("{path}/notes")).await;
        let ids: std::collections::BTreeSet<String> = page
            .body
            .match_indices("notes?offre=")
            .map(|(at, mark)| page.body[at + mark.len()..at + mark.len() + 36].to_owned())
            .collect();
        assert_eq!(ids.len(), 2, "{}", page.body);
        for id in &ids {
            let version = value_of(
                &browser
                    .get(&format!("{path}/notes?offre={id}&theme=T5"))
                    .await
                    .body,
                "notes",
            );
            let kept = browser
                .send(
                    &format!("{path}/notes/noter"),
                    &[
                        ("offre", id),
                        ("theme", "T5"),
                        ("notes", &version),
                        ("Q501", note),
                        ("Q501_motif", "lueseule"),
                    ],
                )
                .await;
            assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
        }
        let version = value_of(&browser.get(&format!("{path}/notes")).await.body, "notes");
        if seat == "1" {
            browser
                .send(&format!("{path}/notes/remettre"), &[("notes", &version)])
                .await;
            assert_eq!(
                browser.get(&format!("{path}/accord")).await.status,
                StatusCode::FORBIDDEN
            );
        } else {
            let own = browser.get(&format!("{path}/comparaison.json")).await.body;
            assert!(
                !own.contains("lueseule"),
                "marks of the other before both handed in"
            );
            browser
                .send(&format!("{path}/notes/remettre"), &[("notes", &version)])
                .await;
        }
    }
    let page = buyer.get(&format!("{path}/accord")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let open = buyer.send(&format!("{path}/accord"), &[("notes", "0")]).await;
    assert_eq!(open.status, StatusCode::UNPROCESSABLE_ENTITY);
    let names: std::collections::BTreeSet<String> = page
        .body
        .match_indices("<select id=\"")
        .map(|(at, mark)| page.body[at + mark.len()..].split('"').next().unwrap().to_owned())
        .collect();
    let mut fields = vec![("notes".to_owned(), "0".to_owned())];
    for name in names {
        fields.push((format!("{name}_motif"), "Preuve relue ensemble".to_owned()));
        fields.push((name, "3".to_owned()));
    }
    let fields: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let agreed = buyer.send(&format!("{path}/accord"), &fields).await;
    assert_eq!(agreed.status, StatusCode::SEE_OTHER, "{}", agreed.body);

    let export: serde_json::Value =
        serde_json::from_str(&buyer.get(&format!("{path}/comparaison.json")).await.body).unwrap();
    let criteria: Criteria = serde_json::from_value(export["criteria"].clone()).unwrap();
    assert_eq!(export["frozen"]["digest"], criteria.digest());
    for offer in export["offers"].as_array().unwrap() {
        let answers: Answers = serde_json::from_value(offer["answers"].clone()).unwrap();
        let marks: Marks = serde_json::from_value(offer["marks"].clone()).unwrap();
        let total = score(&criteria, &answers, &marks).total;
        assert!(total > 0.0 && (offer["score"]["total"].as_f64().unwrap() - total).abs() < 1e-9);
    }
    let report = buyer
        .get(&format!("{path}/document?piece=analyse&format=md"))
        .await;
    assert!(report.body.contains("service juridique") && report.body.contains("Alpha"));

    // One offer is chosen, then what the buyer opens is public, and nothing else.
    let chosen = export["offers"][0].clone();
    let page = buyer.get(&path).await.body;
    let offer = page
        .split("<option value=\"")
        .skip(1)
        .map(|part| part.split('"').next().unwrap())
        .find(|value| value.len() == 36)
        .unwrap()
        .to_owned();
    let token = value_of(&page, "version");
    let short = buyer
        .send(
            &format!("{path}/retenir"),
            &[("version", &token), ("offre", &offer), ("motif", "mieuxnote")],
        )
        .await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(short.body.contains("mieuxnote"), "what was typed comes back");
    let awarded = buyer
        .send(
            &format!("{path}/retenir"),
            &[
                ("version", &token),
                ("offre", &offer),
                ("motif", "La meilleure note, tenue"),
            ],
        )
        .await;
    assert_eq!(awarded.status, StatusCode::SEE_OTHER, "{}", awarded.body);
    let id = path.rsplit('/').next().unwrap();
    let summary = format!("/maitriser/achat/syntheses/{id}");
    assert_eq!(test.get(&summary).await.status, StatusCode::NOT_FOUND);
    let token = version(&mut buyer, &path).await;
    let supplier = chosen["supplier"].as_str().unwrap();
    let told = |agreed: &'static str| {
        [
            ("version", token.clone()),
            ("s_besoin", "Un assistant publiterre".to_owned()),
            ("s_fournisseur", supplier.to_owned()),
            ("accord", agreed.to_owned()),
        ]
    };
    for (agreed, status) in [
        ("", StatusCode::UNPROCESSABLE_ENTITY),
        ("oui", StatusCode::SEE_OTHER),
    ] {
        let fields = told(agreed);
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let sent = buyer.send(&format!("{path}/publier"), &fields).await;
        assert_eq!(sent.status, status, "{}", sent.body);
        if agreed.is_empty() {
            assert!(sent.body.contains("publiterre") && sent.body.contains("son accord"));
            assert_eq!(test.get(&summary).await.status, StatusCode::NOT_FOUND);
        }
    }
    for address in [summary.clone(), format!("{summary}.md")] {
        let public = test.get(&address).await;
        assert_eq!(public.status, StatusCode::OK, "{address}");
        assert!(public.body.contains("publiterre") && public.body.contains(supplier));
        for private in [
            "alphaterre",
            "betaterre",
            "lueseule",
            "La meilleure note",
            "C09",
            "Wh",
        ] {
            assert!(!public.body.contains(private), "{address} tells {private}");
        }
    }
    assert!(test.get("/maitriser/achat").await.body.contains(&summary));
    let token = version(&mut buyer, &path).await;
    buyer
        .send(&format!("{path}/depublier"), &[("version", &token)])
        .await;
    assert_eq!(test.get(&summary).await.status, StatusCode::NOT_FOUND);
}
