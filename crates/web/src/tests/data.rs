//! The page of data and what it says of its files.

use serde_json::Value as Json;

use super::{DEMONSTRATION, TestApp};
use crate::locale;
use crate::site::Site;

const EXTENSIONS: [&str; 6] = ["csv", "xlsx", "json", "ndjson", "geojson", "jsonld"];

async fn octets(test: &TestApp, path: &str) -> u64 {
    let answer = test.get(path).await;
    assert_eq!(answer.status, 200, "{path}");
    u64::try_from(answer.octets).unwrap()
}

/// The page once sizes are known: a first reader may come before they are measured.
async fn page(test: &TestApp) -> String {
    crate::exports::sizes(&test.app).await.unwrap();
    test.get("/donnees").await.body
}

#[tokio::test]
async fn each_file_is_shown_with_its_own_size_and_what_it_holds() {
    let test = TestApp::demo().await;
    let page = page(&test).await;
    let total = test.json("/api/v1/use-cases").await["total"].as_u64().unwrap();
    for extension in EXTENSIONS {
        let path = format!("/exports/use-cases.{extension}");
        let row = page
            .split("<tr>")
            .find(|row| row.contains(&format!("href=\"{path}\"")))
            .unwrap();
        let size = locale::size(octets(&test, &path).await);
        assert!(size.contains("\u{a0}ko"), "{size}");
        assert!(
            row.contains(&format!("<td class=\"num\">{size}</td>")),
            "{size}: {row}"
        );
        let records = if extension == "jsonld" {
            "–".to_owned()
        } else {
            total.to_string()
        };
        assert!(
            row.contains(&format!("<td class=\"num\">{records}</td>")),
            "{row}"
        );
        assert!(row.contains("<td>Licence Ouverte 2.0</td>"), "{row}");
        assert!(row.contains("2026</td>"), "{row}");
    }
}

#[tokio::test]
async fn sizes_follow_the_catalogue_and_the_page_with_them() {
    let test = TestApp::demo().await;
    let before = page(&test).await;
    test.withdraw_first("q=cantine").await;
    let after = page(&test).await;
    assert_ne!(before, after);
    assert!(after.contains(&locale::size(octets(&test, "/exports/use-cases.ndjson").await)));
}

#[tokio::test]
async fn harvesters_read_sizes_whom_to_write_to_and_the_country() {
    let site = Site {
        contact_email: Some("donnees@exemple.fr".to_owned()),
        ..Site::default()
    };
    let test = TestApp::with(DEMONSTRATION, "demonstration.json", site, true).await;
    let path = "/exports/use-cases.jsonld";
    let catalogue: Json = serde_json::from_str(&test.get(path).await.body).unwrap();
    let dataset = &catalogue["dcat:dataset"][0];
    assert_eq!(
        dataset["dct:spatial"]["@id"],
        "http://publications.europa.eu/resource/authority/country/FRA"
    );
    assert_eq!(
        dataset["dcat:contactPoint"]["vcard:hasEmail"]["@id"],
        "mailto:donnees@exemple.fr"
    );
    assert!(catalogue["@context"]["vcard"].is_string());
    let files = dataset["dcat:distribution"].as_array().unwrap();
    assert_eq!(files.len(), 5);
    for file in files {
        let address = file["dcat:downloadURL"]["@id"].as_str().unwrap();
        let path = address.strip_prefix("https://ia.exemple.fr").unwrap();
        assert_eq!(
            file["dcat:byteSize"]["@value"],
            octets(&test, path).await.to_string(),
            "{path}"
        );
    }
    let narrowed: Json = serde_json::from_str(&test.get(&format!("{path}?q=eau")).await.body).unwrap();
    assert_eq!(
        narrowed["dcat:dataset"][0]["dcat:distribution"],
        dataset["dcat:distribution"]
    );

    let silent: Json = serde_json::from_str(&TestApp::demo().await.get(path).await.body).unwrap();
    assert!(silent["dcat:dataset"][0].get("dcat:contactPoint").is_none());
}

#[tokio::test]
async fn the_command_writes_the_catalogue_that_the_address_serves() {
    let test = TestApp::demo().await;
    let settings = &test.app.settings;
    for extension in EXTENSIONS {
        let format = sobria_exchange::export::Format::from_extension(extension).unwrap();
        let level = sobria_catalogue::access::Level::Public;
        let written =
            crate::exports::whole(&test.app.store, format, level, &settings.site, &settings.base_url)
                .await
                .unwrap();
        let served = test.get(&format!("/exports/use-cases.{extension}")).await;
        assert_eq!(String::from_utf8_lossy(&written), served.body, "{extension}");
    }
}

#[tokio::test]
async fn the_schema_says_its_own_address() {
    let schema = TestApp::demo().await.json("/api/v1/schema").await;
    assert_eq!(schema["$id"], "https://ia.exemple.fr/api/v1/schema");
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
}
