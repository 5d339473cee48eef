//! Odd requests, errors and faults: a sentence, a status, and the server goes on.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use super::TestApp;

#[tokio::test]
async fn a_panic_in_a_handler_gives_a_page_and_the_server_goes_on() {
    let test = TestApp::demo().await;
    let answer = test.get("/panique").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.body.contains("<h1"), "{}", answer.body);
    assert!(!answer.body.contains("as asked"), "the cause stays in the log");
    assert!(answer.headers.contains_key(header::CONTENT_SECURITY_POLICY));
    assert_eq!(test.get("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let test = TestApp::demo().await;
    for path in [
        "/",
        "/cas-usages",
        "/inconnu",
        "/api/v1/inconnu",
        "/static/inconnu.css",
        "/exports/use-cases.csv",
        "/sante",
    ] {
        let headers = test.get(path).await.headers;
        for name in [
            "content-security-policy",
            "x-content-type-options",
            "referrer-policy",
            "permissions-policy",
            "strict-transport-security",
        ] {
            assert!(headers.contains_key(name), "{path}: {name}");
        }
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            !policy.contains("unsafe") && policy.contains("default-src 'none'"),
            "{policy}"
        );
    }
}

#[tokio::test]
async fn errors_are_pages_for_people_and_problems_for_machines() {
    let test = TestApp::demo().await;
    for (path, status) in [
        ("/inconnu", 404),
        ("/cas-usages/inconnu", 404),
        ("/cas-usages/inconnu/inconnu", 404),
        ("/organisations/inconnu", 404),
        ("/exports/use-cases.docx", 404),
        ("/exports/../Cargo.toml", 404),
        ("/static/..%2f..%2fCargo.toml", 404),
        ("/cas-usages/%2e%2e%2f%2e%2e%2fetc%2fpasswd", 404),
    ] {
        let answer = test.get(path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert!(
            answer.headers[header::CONTENT_TYPE]
                .to_str()
                .unwrap()
                .starts_with("text/html"),
            "{path}"
        );
        assert!(answer.body.contains("/cas-usages"), "{path} says what to do next");
    }
    for path in [
        "/api/v1/inconnu",
        "/api/v1/use-cases?limit=0",
        "/api/v1/use-cases/inconnu",
        "/api/v1/use-cases?theme=x",
    ] {
        let answer = test.get(path).await;
        assert_eq!(
            answer.headers[header::CONTENT_TYPE],
            "application/problem+json",
            "{path}"
        );
        let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(
            problem["status"].as_u64(),
            Some(u64::from(answer.status.as_u16())),
            "{path}"
        );
        assert!(problem["detail"].as_str().unwrap().len() > 10, "{path}");
    }
}

#[tokio::test]
async fn other_methods_are_refused() {
    let test = TestApp::demo().await;
    for path in ["/", "/cas-usages", "/api/v1/use-cases"] {
        let answer = test
            .request(Request::post(path).body(Body::empty()).unwrap())
            .await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert!(answer.headers.contains_key(header::ALLOW), "{path}");
    }
    let head = test
        .request(Request::head("/cas-usages").body(Body::empty()).unwrap())
        .await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
}

#[tokio::test]
async fn odd_searches_are_answered() {
    let test = TestApp::demo().await;
    let long = "a".repeat(5000);
    let words = "eau+".repeat(300);
    for query in [
        "q=%22",
        "q=%22eau",
        "q=*",
        "q=NEAR(a%2Cb)",
        "q=title%3Aeau",
        "q=%00%01",
        "q=%F0%9F%9A%B0",
        "q=%E2%80%AE",
        "page=-1",
        "page=1000000000",
        "page=99999999999999999999999",
        "page=abc",
        "theme=x&theme=y",
        "vue=x",
        "tri=x",
        "de=-99999&a=99999",
        "de=x",
        "q=<script>alert(1)</script>",
        "%",
        "&&&",
        "q",
        "=",
        "territoire=%FF",
        "colonnes=x&vue=tableau",
        &format!("q={long}"),
        &format!("q={words}"),
        &"theme=transition&".repeat(300),
    ] {
        for path in [
            format!("/cas-usages?{query}"),
            format!("/flux.atom?{query}"),
            format!("/exports/use-cases.ndjson?{query}"),
        ] {
            let answer = test
                .request(
                    Request::get(path.replace('<', "%3C").replace('>', "%3E"))
                        .body(Body::empty())
                        .unwrap(),
                )
                .await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert!(!answer.body.contains("<script>alert"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_page_that_did_not_change_is_not_sent_again() {
    let test = TestApp::demo().await;
    for path in [
        "/",
        "/cas-usages?q=eau",
        "/api/v1/use-cases",
        "/exports/use-cases.csv",
        "/flux.atom",
    ] {
        let first = test.get(path).await;
        let validator = first.headers[header::ETAG].clone();
        let again = Request::get(path)
            .header(header::IF_NONE_MATCH, &validator)
            .body(Body::empty())
            .unwrap();
        let again = test.request(again).await;
        assert_eq!(
            (again.status, again.body.len()),
            (StatusCode::NOT_MODIFIED, 0),
            "{path}"
        );
        test.app.set_revision(test.app.revision() + 1);
        let changed = Request::get(path)
            .header(header::IF_NONE_MATCH, &validator)
            .body(Body::empty())
            .unwrap();
        assert_eq!(
            test.request(changed).await.status,
            StatusCode::OK,
            "{path} after a change"
        );
    }
}

#[tokio::test]
async fn pages_are_compressed_for_those_who_ask() {
    let test = TestApp::demo().await;
    let plain = test.get("/cas-usages").await;
    assert!(!plain.headers.contains_key(header::CONTENT_ENCODING));
    let packed = Request::get("/cas-usages")
        .header(header::ACCEPT_ENCODING, "gzip")
        .body(Body::empty())
        .unwrap();
    let packed = test.request(packed).await;
    assert_eq!(packed.headers[header::CONTENT_ENCODING], "gzip");
    assert!(packed.body.len() < plain.body.len());
}

#[tokio::test]
async fn a_withdrawn_record_is_gone_everywhere() {
    let test = TestApp::demo().await;
    let document = test.json("/api/v1/use-cases?q=cantine").await;
    let item = &document["items"][0];
    let (slug, title) = (item["slug"].as_str().unwrap(), item["title"].as_str().unwrap());
    test.withdraw_first("q=cantine").await;
    assert_eq!(
        test.get(&format!("/cas-usages/{slug}")).await.status,
        StatusCode::GONE
    );
    assert_eq!(
        test.get(&format!("/cas-usages/{slug}.json")).await.status,
        StatusCode::GONE
    );
    for path in [
        "/cas-usages?q=cantine",
        "/exports/use-cases.ndjson",
        "/flux.atom",
        "/sitemap.xml",
        "/api/v1/use-cases?limit=100",
    ] {
        let body = test.get(path).await.body;
        assert!(!body.contains(slug) && !body.contains(title), "{path}");
    }
}
