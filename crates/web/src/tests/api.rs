//! The JSON interface: its form, its cursor, its description.

use std::collections::BTreeSet;

use axum::http::StatusCode;

use super::TestApp;

#[tokio::test]
async fn a_cursor_walks_the_whole_library_once() {
    let test = TestApp::demo().await;
    let mut seen = BTreeSet::new();
    let mut path = "/api/v1/use-cases?limit=20&sort=title".to_owned();
    let total = loop {
        let document = test.json(&path).await;
        for item in document["items"].as_array().unwrap() {
            assert!(seen.insert(item["id"].as_str().unwrap().to_owned()));
        }
        match document["next"].as_str() {
            Some(next) => path = format!("/api/v1/use-cases?limit=20&sort=title&cursor={next}"),
            None => break document["total"].as_u64().unwrap(),
        }
    };
    assert_eq!(u64::try_from(seen.len()).unwrap(), total);
}

#[tokio::test]
async fn a_record_is_the_same_by_identifier_by_address_and_in_lists() {
    let test = TestApp::demo().await;
    let item = test.json("/api/v1/use-cases?limit=1").await["items"][0].clone();
    let id = item["id"].as_str().unwrap();
    let slug = item["slug"].as_str().unwrap();
    assert_eq!(test.json(&format!("/api/v1/use-cases/{id}")).await, item);
    assert_eq!(test.json(&format!("/api/v1/use-cases/{slug}")).await, item);
    assert_eq!(test.json(&format!("/cas-usages/{slug}.json")).await, item);
}

#[tokio::test]
async fn every_described_address_answers_and_every_record_follows_its_schema() {
    let test = TestApp::demo().await;
    let document = test.json("/api/v1/openapi.json").await;
    assert_eq!(document["openapi"], "3.1.0");
    for path in document["paths"].as_object().unwrap().keys() {
        let path = if path.contains("{id}") {
            test.first("limit=1")
                .await
                .replace("/cas-usages/", "/api/v1/use-cases/")
        } else {
            path.clone()
        };
        assert_eq!(test.get(&path).await.status, StatusCode::OK, "{path}");
    }
    let schema = test.json("/api/v1/schema").await;
    let known = schema["properties"].as_object().unwrap();
    let records = test.json("/api/v1/use-cases?limit=100").await;
    for record in records["items"].as_array().unwrap() {
        for (key, value) in record.as_object().unwrap() {
            let property = known
                .get(key)
                .unwrap_or_else(|| panic!("{key} is not in the schema"));
            if let (Some(inner), Some(values)) = (property["properties"].as_object(), value.as_object()) {
                for key in values.keys() {
                    assert!(inner.contains_key(key), "{key} is not in the schema");
                }
            }
        }
    }
}

#[tokio::test]
async fn open_data_may_be_read_by_other_sites() {
    let test = TestApp::demo().await;
    for path in ["/api/v1/use-cases", "/exports/use-cases.csv"] {
        assert_eq!(
            test.get(path).await.headers["access-control-allow-origin"],
            "*",
            "{path}"
        );
    }
    assert!(
        !test
            .get("/")
            .await
            .headers
            .contains_key("access-control-allow-origin")
    );
}
