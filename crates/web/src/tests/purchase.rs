//! Responsible purchase without an account: depth with its reasons, documents, and nothing typed is lost.

use axum::http::StatusCode;

use super::{Browser, TestApp};

const PROJECT: [(&str, &str); 8] = [
    ("titre", "Assistant de rédaction"),
    ("organisation", "Ville d’Essai"),
    ("besoin", "Rédiger des courriers plus vite."),
    ("alternatives", "Des modèles de lettres partagés, sans IA."),
    ("valeur", "60 000"),
    ("duree", "2"),
    ("personnes", "300"),
    ("risques", "generative"),
];

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields: Vec<(&str, &str)> = PROJECT
        .into_iter()
        .filter(|(name, _)| more.iter().all(|(other, _)| other != name))
        .collect();
    fields.extend_from_slice(more);
    fields
}

#[tokio::test]
async fn a_tender_of_sixty_thousand_euros_gets_its_depth_its_reasons_and_its_documents() {
    let test = TestApp::demo().await;
    let mut browser = Browser::new(&test);
    let blank = browser.get("/maitriser/achat").await;
    assert!(blank.status == StatusCode::OK && !blank.body.contains("role=\"alert\""));
    // Whoever contributes for one organisation does not have to type its name.
    let own = test
        .sign_in("contributeur")
        .await
        .get("/maitriser/achat")
        .await
        .body;
    assert!(own.contains("Celle pour laquelle vous contribuez"), "{own}");
    assert!(!blank.body.contains("Celle pour laquelle"));
    let page = browser.post("/maitriser/achat", &PROJECT).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for words in [
        "Standard",
        "IA générative est ouverte",
        "entre 50\u{202f}000 et 100\u{202f}000",
        "procédure adaptée",
        "2025-1386",
        "Q301",
        "Assistant de rédaction",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert!(
        !page.body.contains("Q104") && page.octets <= 60_000,
        "{}",
        page.octets
    );
    for (document, words) in [
        ("note-opportunite", "modèles de lettres"),
        ("questionnaire", "Q802"),
        ("annexe", "C08"),
        ("bareme", "éliminatoire"),
    ] {
        let answer = browser
            .post(
                "/maitriser/achat/document",
                &with(&[
                    ("document", document),
                    ("format", "md"),
                    ("eliminatoires", "Q501"),
                ]),
            )
            .await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(
            answer.body.to_lowercase().contains(&words.to_lowercase()),
            "{document}: {}",
            answer.body
        );
        assert!(answer.body.contains("service juridique") && answer.body.contains("Ville d’Essai"));
        for format in ["odt", "docx"] {
            let answer = browser
                .post(
                    "/maitriser/achat/document",
                    &with(&[("document", document), ("format", format)]),
                )
                .await;
            assert!(answer.body.starts_with("PK"), "{document}.{format}");
            assert!(
                answer.headers["content-disposition"]
                    .to_str()
                    .unwrap()
                    .contains(&format!("{document}.{format}"))
            );
        }
    }
}

#[tokio::test]
async fn half_filled_or_contradictory_answers_come_back_as_they_were_typed() {
    let test = TestApp::demo().await;
    let mut browser = Browser::new(&test);
    for (change, anchor, kept) in [
        (("alternatives", ""), "#alternatives", "Rédiger des courriers"),
        (("valeur", "beaucoup"), "#valeur", "value=\"beaucoup\""),
        (("valeur", "-5"), "#valeur", "value=\"-5\""),
        (("duree", "0"), "#duree", "value=\"0\""),
        (("profondeur", "light"), "#motif", "value=\"light\" selected"),
    ] {
        let page = browser.post("/maitriser/achat", &with(&[change])).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{change:?}");
        assert!(
            page.body.contains(&format!("href=\"{anchor}\"")),
            "{change:?}: {}",
            page.body
        );
        assert!(page.body.contains(kept), "{change:?}");
    }
    let weights = browser
        .post(
            "/maitriser/achat/document",
            &with(&[
                ("document", "bareme"),
                ("format", "odt"),
                ("poids_de", "standard"),
                ("poids_T1", "90"),
            ]),
        )
        .await;
    assert_eq!(weights.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(weights.body.contains("doivent faire 100"), "{}", weights.body);
    assert!(
        weights.body.contains("value=\"90\""),
        "the weight comes back: {}",
        weights.body
    );
    let word = browser
        .post(
            "/maitriser/achat",
            &with(&[("poids_de", "standard"), ("poids_T2", "lourd")]),
        )
        .await;
    assert_eq!(word.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(word.body.contains("href=\"#poids_T2\"") && word.body.contains("value=\"lourd\""));
    let lower = browser
        .post(
            "/maitriser/achat",
            &with(&[("profondeur", "light"), ("motif", "Essai interne de deux mois")]),
        )
        .await;
    assert_eq!(lower.status, StatusCode::OK);
    assert!(lower.body.contains("Essentiel") && !lower.body.contains("Q202"));
}
