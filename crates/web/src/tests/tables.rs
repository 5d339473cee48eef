//! The reference tables: listed, read, filtered, taken away, replaced.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use sobria_estimate::Reference;

use super::TestApp;

#[tokio::test]
async fn every_table_is_listed_and_can_be_read_filtered_and_taken_away() {
    let test = TestApp::demo().await;
    let list = test.get("/donnees").await.body;
    for info in Reference::embedded().tables() {
        let path = format!("/donnees/tables/{}", info.id);
        assert!(list.contains(&format!("href=\"{path}\"")), "{path}");
        let page = test.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        let body = page.body;
        assert!(
            body.contains("<caption") && body.contains("scope=\"col\""),
            "{path}"
        );
        let rows_of = |body: &str| body.matches("<th scope=\"row\"").count();
        let per_page = rows_of(&body);
        assert!(per_page >= 10.min(info.rows), "{path}: {per_page}");
        let last = info.rows.div_ceil(per_page);
        let tail = test.get(&format!("{path}?page={last}")).await.body;
        assert_eq!(rows_of(&tail), info.rows - per_page * (last - 1), "{path}");

        let csv = test.get(&format!("{path}.csv")).await;
        assert_eq!(csv.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
        assert_eq!(csv.body.lines().count(), info.rows + 1, "{path}");
        let json = test.json(&format!("{path}.json")).await;
        assert_eq!(json["rows"].as_array().unwrap().len(), info.rows, "{path}");
        assert_eq!(json["licence"], info.licence);
        assert!(json["embedded"].as_bool().unwrap());
    }
    assert_eq!(test.get("/donnees/tables/inconnue").await.status, 404);
    assert_eq!(test.get("/donnees/tables/processors.xlsx").await.status, 404);
}

#[tokio::test]
async fn figures_are_french_on_the_page_and_plain_in_files() {
    let test = TestApp::demo().await;
    let page = test.get("/donnees/tables/electricity_mixes?q=aruba").await.body;
    assert_eq!(page.matches("<th scope=\"row\"").count(), 1);
    assert!(
        page.contains(">0,55<") && page.contains("1,349\u{a0}×\u{a0}10⁻⁸"),
        "{page}"
    );
    assert!(page.contains("Gaz à effet de serre (kg CO₂e/kWh)"));
    let csv = test.get("/donnees/tables/electricity_mixes.csv").await.body;
    assert!(csv.contains("ABW;Aruba;0.55;1.349e-08;"), "{csv}");
    let json = test.json("/donnees/tables/electricity_mixes.json").await;
    assert_eq!(json["rows"][0]["gwp_kgco2e_kwh"], 0.55);
}

#[tokio::test]
async fn a_filter_that_finds_nothing_says_so_and_hostile_words_stay_words() {
    let test = TestApp::demo().await;
    let page = test.get("/donnees/tables/processors?q=%3Cscript%3E").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Aucune ligne ne contient"), "{}", page.body);
    assert!(!page.body.contains("<script>"));
    assert_eq!(
        test.get("/donnees/tables/processors?page=9999999999999999999999")
            .await
            .status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_reader_who_holds_a_table_is_told_so_until_the_table_is_replaced() {
    let test = TestApp::demo().await;
    let path = "/donnees/tables/datacenter_pue.csv";
    let tag = test.get(path).await.headers[header::ETAG].clone();
    let ask = |tag: &header::HeaderValue| {
        Request::get(path)
            .header(header::IF_NONE_MATCH, tag.clone())
            .body(Body::empty())
            .unwrap()
    };
    assert_eq!(test.request(ask(&tag)).await.status, StatusCode::NOT_MODIFIED);

    let local =
        "provider\tregion\tzone\tplace\tpue\tsource\nunknown\t\t\t\t1.4\tmesure locale\u{202f}; 2026\n";
    let replaced =
        Reference::from_tables(&|name| (name == "datacenter_pue").then(|| local.to_owned())).unwrap();
    let test = TestApp::demo_with(Box::leak(Box::new(replaced))).await;
    let answer = test.request(ask(&tag)).await;
    assert_eq!(answer.status, StatusCode::OK, "the table is another one");
    assert!(
        answer
            .body
            .contains("unknown;;;;1.4;\"mesure locale\u{202f}; 2026\""),
        "{}",
        answer.body
    );
    let page = test.get("/donnees/tables/datacenter_pue").await.body;
    assert!(page.contains("table remplacée par l’exploitant"), "{page}");
    let list = test.get("/donnees").await.body;
    assert_eq!(list.matches("table remplacée par l’exploitant").count(), 1);
}
