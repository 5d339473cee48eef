//! What the records say together: light, whole in the files, and never a zero for what is not known.

use axum::http::StatusCode;

use sobria_store::Found;

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
    for id in ["regions", "annees", "pratiques", "impacts", "abandons", "evites"] {
        assert_eq!(
            site.get(&format!("/statistiques/{id}.csv")).await.status,
            StatusCode::OK,
            "{id}"
        );
    }
    assert!(
        page.body.contains("href=\"/statistiques/abandons.csv\""),
        "why projects were given up"
    );
    let reasons = site.get("/statistiques/abandons.csv").await.body;
    assert!(reasons.contains("Places libres"), "{reasons}");
    assert_eq!(
        site.get("/statistiques/autre.csv").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        site.get("/statistiques/themes").await.status,
        StatusCode::NOT_FOUND
    );
    for path in ["/", "/donnees"] {
        assert!(
            site.get(path).await.body.contains("href=\"/statistiques\""),
            "{path}"
        );
    }
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

#[tokio::test]
async fn what_reuse_avoids_is_a_bound_where_the_origin_says_what_it_took_and_unknown_elsewhere() {
    let site = TestApp::demo().await;
    let table = site.get("/statistiques/evites.csv").await.body;
    assert!(table.lines().any(|line| line == "kwh_evites_au_plus,"), "{table}");
    assert!(
        table.lines().any(|line| line == "briques_empruntees,2"),
        "{table}"
    );
    let page = site.get("/statistiques").await.body;
    assert!(page.contains("rien n’est déduit du nombre"), "{page}");

    let site = super::evaluations::evaluated().await;
    let table = site.get("/statistiques/evites.csv").await.body;
    assert!(
        table.lines().any(|line| line == "kwh_evites_au_plus,353"),
        "{table}"
    );
    let page = site.get("/statistiques").await.body;
    assert!(page.contains("<strong>330 à 350\u{a0}kWh</strong>"), "{page}");
    let each = site.get("/statistiques/reemplois.csv").await.body;
    assert_eq!(each.lines().count(), 3, "{each}");
    assert!(
        each.lines().any(|line| line.ends_with(",,,,,,")),
        "unknown is not zero: {each}"
    );
}

#[tokio::test]
async fn a_record_that_did_not_change_is_not_read_again() {
    let site = TestApp::demo().await;
    let count = || async {
        site.app
            .census
            .with(&site.app, |records, read| (records.len(), read))
            .await
            .unwrap()
    };
    let (all, read) = count().await;
    assert!(all > 1 && read == all, "{all} {read}");
    assert_eq!(count().await, (all, 0));
    let slug = super::govern::own_record(&site).await;
    let Found::UseCase { record, .. } = site.app.store.use_case_by_slug(&slug).await.unwrap() else {
        panic!()
    };
    crate::demonstration::assess(&site.app.store, &record, &[], super::now())
        .await
        .unwrap();
    let (again, read) = count().await;
    assert_eq!(again, all);
    assert!(
        (1..=2).contains(&read),
        "{read} records read for one that changed"
    );
    crate::refresh::at_once(&site.app).await;
    let practices = site.get("/statistiques/pratiques.csv").await.body;
    assert!(practices.lines().count() > 1, "{practices}");
}
