//! What the records say together: light, whole in the files, and never a zero for what is not known.

use axum::http::StatusCode;

use super::TestApp;

#[tokio::test]
async fn statistics_are_light_and_each_drawing_has_its_file() {
    let site = TestApp::demo().await;
    let page = site.get("/statistiques").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.octets <= 60_000, "{}", page.octets);
    let elements = page.body.matches('<').count() - page.body.matches("</").count();
    assert!(elements <= 395, "{elements}");
    let total = site.json("/api/v1/use-cases?limit=1").await["total"]
        .as_u64()
        .unwrap();
    for id in ["themes", "maturite", "types", "completude"] {
        assert!(page.body.contains(&format!("/statistiques/{id}.csv")), "{id}");
        let table = site.get(&format!("/statistiques/{id}.csv")).await.body;
        let sum: u64 = table
            .lines()
            .skip(1)
            .map(|line| line.rsplit(',').next().unwrap().parse::<u64>().unwrap())
            .sum();
        assert_eq!(sum, total, "{id}: {table}");
    }
    for id in ["regions", "annees", "pratiques", "impacts", "abandons"] {
        assert_eq!(
            site.get(&format!("/statistiques/{id}.csv")).await.status,
            StatusCode::OK,
            "{id}"
        );
    }
    assert_eq!(
        site.get("/statistiques/autre.csv").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        site.get("/statistiques/themes").await.status,
        StatusCode::NOT_FOUND
    );
    assert!(site.get("/donnees").await.body.contains("href=\"/statistiques\""));
}

#[tokio::test]
async fn what_is_not_evaluated_is_said_and_is_not_zero() {
    let site = TestApp::demo().await;
    let before = site.get("/statistiques/impacts.csv").await.body;
    assert!(
        before.lines().skip(1).all(|line| line.ends_with(",0,,,,,,")),
        "{before}"
    );
    assert!(site.get("/statistiques").await.body.contains("Non évalué"));
}
