//! The JSON interface: its form, its cursor, its description.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use super::{Answer, TestApp};

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
    for (path, methods) in document["paths"].as_object().unwrap() {
        if methods.get("get").is_none() {
            continue;
        }
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

#[tokio::test]
async fn a_script_of_another_site_may_ask_for_an_estimate() {
    let test = TestApp::demo().await;
    for path in ["/api/v1/estimates", "/api/v1/evaluations"] {
        let asked = Request::options(path)
            .header(header::ORIGIN, "https://ailleurs.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type")
            .body(Body::empty())
            .unwrap();
        let answer = test.request(asked).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{path}");
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
        assert_eq!(answer.headers["access-control-allow-methods"], "POST");
        assert_eq!(answer.headers["access-control-allow-headers"], "content-type");

        let read = test.get(path).await;
        assert_eq!(read.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        let allowed = read.headers[header::ALLOW].to_str().unwrap();
        assert!(
            allowed.contains("POST") && allowed.contains("OPTIONS"),
            "{allowed}"
        );
    }
    let other = test
        .request(Request::options("/api/v1/use-cases").body(Body::empty()).unwrap())
        .await;
    assert_eq!(other.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(other.headers[header::ALLOW].to_str().unwrap().contains("GET"));
}

const VECTORS: [(&str, &str); 3] = [
    (
        "llm_inference",
        include_str!("../../../estimate/tests/golden/llm_inference.jsonl"),
    ),
    (
        "compute_job",
        include_str!("../../../estimate/tests/golden/compute_job.jsonl"),
    ),
    (
        "measurement",
        include_str!("../../../estimate/tests/golden/measurement.jsonl"),
    ),
];

async fn estimate(test: &TestApp, body: impl Into<Body>) -> Answer {
    let request = Request::post("/api/v1/estimates")
        .header(header::CONTENT_TYPE, "application/json")
        .body(body.into())
        .unwrap();
    test.request(request).await
}

#[tokio::test]
async fn an_array_of_estimates_gives_the_bytes_of_the_command_line() {
    let test = TestApp::demo().await;
    for (method, vectors) in VECTORS {
        let requests: Vec<String> = vectors
            .lines()
            .map(|line| {
                let vector: serde_json::Value = serde_json::from_str(line).unwrap();
                let (id, input) = (&vector["id"], &vector["input"]);
                let kind = vector
                    .get("kind")
                    .map_or_else(String::new, |kind| format!("\"kind\":{kind},"));
                format!("{{\"id\":{id},\"method\":\"{method}\",{kind}\"input\":{input}}}")
            })
            .collect();
        let answer = estimate(&test, format!(" [{}]", requests.join(" , "))).await;
        assert_eq!(answer.status, StatusCode::OK);
        let lines: Vec<String> = requests
            .iter()
            .map(|request| {
                let mut line = Vec::new();
                sobria_estimate::batch::answer_line(test.app.reference(), request.as_bytes(), &mut line);
                String::from_utf8(line).unwrap().trim_end().to_owned()
            })
            .collect();
        assert_eq!(answer.body, format!("[{}]", lines.join(",")));
        assert_eq!(estimate(&test, requests[0].clone()).await.body, lines[0]);
    }
}

#[tokio::test]
async fn estimates_that_cannot_be_read_are_refused_in_french_and_give_no_figure() {
    let test = TestApp::demo().await;
    let many = format!("[{}]", vec!["{}"; 1001].join(","));
    for (body, status, part) in [
        (String::new(), StatusCode::BAD_REQUEST, "vide"),
        ("   ".to_owned(), StatusCode::BAD_REQUEST, "vide"),
        ("{".to_owned(), StatusCode::BAD_REQUEST, "JSON"),
        ("[{},".to_owned(), StatusCode::BAD_REQUEST, "JSON"),
        ("[".repeat(100_000), StatusCode::BAD_REQUEST, "JSON"),
        (
            many,
            StatusCode::BAD_REQUEST,
            "1\u{202f}001 demandes dans une liste\u{a0}: 1\u{202f}000 au plus",
        ),
        (" ".repeat(1_100_000), StatusCode::PAYLOAD_TOO_LARGE, "volumineux"),
    ] {
        let answer = estimate(&test, body).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json");
        let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert!(problem["detail"].as_str().unwrap().contains(part), "{problem}");
    }
    let answer = estimate(
        &test,
        r#"{"method":"llm_inference","input":{"provider":"openai","model":"gpt-4o","output_tokens":1e30}}"#,
    )
    .await;
    let document: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert!(document["output"].is_null());
    assert_eq!(document["errors"][0], "out-of-range:output_tokens");
    assert!(document["messages"][0].as_str().unwrap().contains("jetons"));
    let read = test.get("/api/v1/estimates").await;
    assert_eq!(read.status, StatusCode::METHOD_NOT_ALLOWED);
}
