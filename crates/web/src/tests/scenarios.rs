//! Scenarios: what the pages say, and that nothing typed is lost.

use axum::http::StatusCode;

use super::TestApp;

const EXAMPLE: &str = "nom1=Assistant&agents1=1000&adoption1=80&requetes1=1760&wh1=2&gain1=15&mediane1=2027,5&vitesse1=0,9&de=2026&a=2030";

fn elements(body: &str) -> usize {
    let drawings: usize = body
        .split("<svg")
        .skip(1)
        .filter_map(|rest| rest.split("</svg>").next())
        .map(|drawing| drawing.matches('<').count() - drawing.matches("</").count())
        .sum();
    body.matches('<').count() - body.matches("</").count() - drawings
}

#[tokio::test]
async fn data_centres_show_their_sources_and_what_does_not_agree() {
    let test = TestApp::demo().await;
    let page = test.get("/maitriser/scenarios").await;
    assert_eq!(page.status, StatusCode::OK);
    for words in [
        "945,0",
        "2\u{202f}003",
        "819",
        "14,7\u{a0}%",
        "cryptomonnaies",
        "Hypothèse croisée",
        "<polygon",
    ] {
        let found = page.body.to_lowercase().contains(&words.to_lowercase());
        assert!(found, "{words}: {}", page.body);
    }
    let literal = test.get("/maitriser/scenarios?prereglage=webinar_literal").await;
    assert!(literal.body.contains("ce n’est pas une prévision"));
    let unknown = test.get("/maitriser/scenarios?prereglage=%3Cb%3E").await;
    assert!(unknown.body.contains("n’est pas un préréglage connu") && !unknown.body.contains("<b>»"));
    let figures = test.get("/maitriser/scenarios/chiffres").await;
    assert_eq!(figures.body.matches("<th scope=\"row\">").count(), 19);
    for address in ["", "?prereglage=custom", "/chiffres", "/usages"] {
        let page = test.get(&format!("/maitriser/scenarios{address}")).await;
        assert!(
            elements(&page.body) <= 395 && page.octets <= 60_000,
            "{address}: {} {}",
            elements(&page.body),
            page.octets
        );
    }
}

#[tokio::test]
async fn a_typed_scenario_is_read_and_a_wrong_one_comes_back() {
    let test = TestApp::demo().await;
    let csv = test.get("/maitriser/scenarios.csv?prereglage=custom&annee=2024&total=415&part=15&croissance_ia=30&croissance_reste=9").await;
    assert!(csv.body.contains("\n2030;300.4"), "{}", csv.body);
    let wrong = test.get("/maitriser/scenarios?prereglage=custom&part=120").await;
    assert!(
        wrong.body.contains("une part de 0 à 100") && wrong.body.contains("value=\"120\""),
        "{}",
        wrong.body
    );
    let refused = test
        .get("/maitriser/scenarios.csv?prereglage=custom&part=120")
        .await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn own_uses_give_three_curves_a_cap_and_levers() {
    let test = TestApp::demo().await;
    let page = test
        .get(&format!(
            "/maitriser/scenarios/usages?{EXAMPLE}&plafond=1500&intensite=50"
        ))
        .await;
    for words in [
        "Malgré 48\u{a0}% d’énergie en moins par requête",
        "multipliée par 2,3",
        "à 5,0",
        "dépassé",
        "en 2029",
        "en 2028",
        "42\u{a0}%",
        "129\u{a0}%",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert_eq!(page.body.matches("<polyline").count(), 4);
    assert!(elements(&page.body) <= 395, "{}", elements(&page.body));
    let csv = test
        .get(&format!("/maitriser/scenarios/usages.csv?{EXAMPLE}"))
        .await;
    assert_eq!(csv.body.lines().count(), 16);
    assert!(csv.body.contains("2030;0.5;1840.56"), "{}", csv.body);
    let svg = test
        .get(&format!("/maitriser/scenarios/usages.svg?{EXAMPLE}"))
        .await;
    assert!(svg.body.starts_with("<svg xmlns") && svg.headers["content-type"] == "image/svg+xml");
}

#[tokio::test]
async fn what_makes_no_sense_is_said_and_kept() {
    let test = TestApp::demo().await;
    let page = test
        .get(
            "/maitriser/scenarios/usages?agents1=beaucoup&wh1=3+%C3%A0+1&gain1=100&plafond=-5&de=2026&a=2020",
        )
        .await;
    assert_eq!(page.status, StatusCode::OK);
    for words in [
        "value=\"beaucoup\"",
        "aria-describedby=\"agents1-erreur\"",
        "aria-describedby=\"wh1-aide wh1-erreur\"",
        "href=\"#agents1\"",
        "href=\"#requetes1\"",
        "href=\"#wh1\"",
        "href=\"#gain1\"",
        "href=\"#plafond\"",
        "href=\"#a\"",
    ] {
        assert!(page.body.contains(words), "{words}");
    }
    assert!(!page.body.contains("<polyline"));
    assert_eq!(
        test.get("/maitriser/scenarios/usages.svg?agents1=-1")
            .await
            .status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn a_record_proposes_what_its_evaluation_knows() {
    let test = TestApp::demo().await;
    let count = crate::evaluations::attach(
        &test.app.store,
        sobria_estimate::Reference::embedded(),
        include_str!("../../../sobria/demo/evaluations.json"),
        "demonstration",
        super::now(),
    )
    .await
    .unwrap();
    assert!(count > 0);
    let records = test
        .app
        .store
        .evaluations(sobria_catalogue::access::Level::Public)
        .await
        .unwrap();
    let one = records.iter().find(|one| one.requests_per_year > 0).unwrap();
    let record = test
        .app
        .store
        .use_cases_by_ids(&[one.use_case])
        .await
        .unwrap()
        .remove(0);
    let page = test
        .get(&format!("/maitriser/scenarios/usages?fiche={}", record.slug))
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains("Proposé d’après l’évaluation"),
        "{}",
        page.body
    );
    assert!(
        page.body
            .contains(&format!("value=\"{}\"", one.requests_per_year))
    );
    assert_eq!(
        test.get("/maitriser/scenarios/usages?fiche=rien").await.status,
        StatusCode::NOT_FOUND
    );
}
