//! The roadmap: for whom it is due, and an objective that is followed.

use axum::http::StatusCode;

use super::TestApp;

const OBJECTIVE: &str =
    "annee_base=2024&base=120&annee_cible=2030&mode=relatif&cible=-30&sens=baisse&annee=2026";

#[tokio::test]
async fn fifty_thousand_people_sharp_are_free_and_one_more_are_not() {
    let test = TestApp::demo().await;
    let page = test.get("/maitriser/feuille-de-route").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains("1er\u{a0}janvier 2025")
            && page.body.contains("k1 ·")
            && page.body.contains("i5 ·")
    );
    assert!(page.octets <= 60_000);
    for (population, words) in [
        ("50000", "Volontaire"),
        ("50001", "Obligatoire"),
        ("", "Population à renseigner"),
    ] {
        let page = test
            .get(&format!(
                "/maitriser/feuille-de-route?type=commune&population={population}"
            ))
            .await;
        assert!(page.body.contains(words), "{population}: {}", page.body);
    }
}

#[tokio::test]
async fn an_objective_shows_its_status_its_way_and_its_trajectory() {
    let test = TestApp::demo().await;
    for (value, words) in [
        ("105", "Dans les temps"),
        ("120", "En retard"),
        ("140", "Très en retard"),
        ("80", "Atteint"),
    ] {
        let page = test
            .get(&format!("/maitriser/feuille-de-route?{OBJECTIVE}&valeur={value}"))
            .await;
        assert!(page.body.contains(words), "{value}: {}", page.body);
        assert!(
            page.body.contains("<polyline") && page.body.contains("<td>102,0</td>"),
            "{value}"
        );
    }
    let unknown = test
        .get(&format!(
            "/maitriser/feuille-de-route?{}&valeur=105",
            OBJECTIVE.replace("base=120&", "&")
        ))
        .await;
    assert!(unknown.body.contains("Non calculable"), "{}", unknown.body);
}

#[tokio::test]
async fn a_target_below_zero_and_a_year_before_the_baseline_come_back() {
    let test = TestApp::demo().await;
    for (from, to, anchor) in [
        ("cible=-30", "cible=-130", "#cible"),
        ("annee_cible=2030", "annee_cible=2020", "#annee_cible"),
        ("annee_base=2024", "annee_base=hier", "#annee_base"),
    ] {
        let page = test
            .get(&format!(
                "/maitriser/feuille-de-route?{}",
                OBJECTIVE.replace(from, to)
            ))
            .await;
        assert!(
            page.body.contains(&format!("href=\"{anchor}\"")),
            "{to}: {}",
            page.body
        );
        let typed = to.split('=').next_back().unwrap();
        assert!(page.body.contains(&format!("value=\"{typed}\"")), "{to}");
        assert!(!page.body.contains("<polyline"));
    }
}
