//! A marked secret in every field that is not public must appear nowhere a visitor can look.

use serde_json::{Map, Value as Json, json};
use sobria_catalogue::content::insert_nested;
use sobria_catalogue::field::{FIELDS, FieldKind, FieldSpec, Visibility};
use sobria_catalogue::rights::Role;

use super::TestApp;
use crate::site::Site;

const MARK: &str = "zqsecretzq";

/// A value of each kind of field that carries the mark, when the kind can carry text.
fn marked(kind: FieldKind, code: &str) -> Json {
    let text = format!("{MARK} confidentiel");
    match kind {
        FieldKind::Text { .. } | FieldKind::Block { .. } => json!(text),
        FieldKind::CodesText(_) => json!({"codes": [code], "text": text}),
        FieldKind::Contact => json!({"email": format!("{MARK}@ville.example"), "role": text}),
        FieldKind::Links | FieldKind::Resources => {
            json!([{"url": format!("https://{MARK}.example/"), "label": text}])
        }
        FieldKind::Partners => json!([{"name": text}]),
        FieldKind::Names { .. } => json!([text]),
        FieldKind::Codes(_) | FieldKind::CodesMax(..) => json!([code]),
        FieldKind::Code(_) => json!(code),
        FieldKind::Integer => json!(987_654_321),
        FieldKind::Date => json!("1999-09-09"),
        FieldKind::Siret | FieldKind::Decimal { .. } => Json::Null,
    }
}

fn record() -> Vec<u8> {
    let mut root = Map::new();
    for spec in FIELDS
        .iter()
        .filter(|spec| spec.visibility() != Visibility::Public)
    {
        let code = spec.kind.vocabulary().map_or("", |list| {
            sobria_catalogue::vocabulary::Vocabularies::embedded()
                .get(list)
                .terms()[0]
                .code
        });
        insert_nested(&mut root, spec.id, marked(spec.kind, code));
    }
    for (id, value) in [
        ("organisation.name", json!("Ville de Valclair")),
        ("organisation.kind", json!("commune")),
        ("organisation.latitude", json!(47.5)),
        ("organisation.longitude", json!(-2.7)),
        ("title", json!("Compter les fuites")),
        ("description", json!("Écouter le réseau d’eau la nuit.")),
        ("start_date", json!("2024-03")),
        ("maturity", json!("deploiement")),
        ("theme", json!("transition")),
        ("audiences", json!(["agent"])),
        // A column that no field declares is kept for moderators only.
        ("colonne_interne", json!(MARK)),
    ] {
        insert_nested(&mut root, id, value);
    }
    serde_json::to_vec(&json!([root])).unwrap()
}

#[tokio::test]
async fn nothing_that_is_not_public_reaches_a_visitor() {
    let test = TestApp::with(&record(), "source.json", Site::default(), false).await;
    let page = test.first("q=fuites").await;
    let id = test.json("/api/v1/use-cases").await["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let organisation = test.json("/api/v1/organisations").await["items"][0]["slug"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut paths: Vec<String> = [
        "/",
        "/cas-usages",
        "/cas-usages?vue=tableau",
        "/cas-usages?vue=carte",
        "/integrer/cas-usages",
        "/integrer/cas-usages?vue=tableau&colonnes=contact&colonnes=budget",
        "/integrer/cas-usages?vue=carte",
        "/organisations",
        "/contexte",
        "/modele-de-donnees",
        "/donnees",
        "/statistiques",
        "/statistiques/abandons.csv",
        "/aide",
        "/plan-du-site",
        "/flux.atom",
        "/sitemap.xml",
        "/robots.txt",
        "/api/v1/use-cases",
        "/api/v1/organisations",
        "/api/v1/facets",
        "/api/v1/vocabularies",
        "/api/v1/schema",
        "/api/v1/openapi.json",
        "/sante",
        "/exports/use-cases.csv",
        "/exports/use-cases.csv?forme=bibliotheque",
        "/exports/use-cases.csv?brut=1",
        "/exports/use-cases.json",
        "/exports/use-cases.ndjson",
        "/exports/use-cases.geojson",
        "/exports/use-cases.xlsx",
        "/exports/use-cases.jsonld",
        "/modele-de-donnees/table-schema.json",
        "/modele-de-donnees/modele.csv",
        "/composants",
        "/inconnu",
        "/cas-usages/inconnu",
        "/cas-usages?colonnes=contact&colonnes=budget&vue=tableau",
    ]
    .into_iter()
    .map(str::to_owned)
    .collect();
    paths.push(page.clone());
    paths.push(format!("/integrer{page}"));
    paths.push(format!("{page}.json"));
    paths.push(format!("/api/v1/use-cases/{id}"));
    paths.push(format!("/organisations/{organisation}"));
    for path in &paths {
        let answer = test.get(path).await;
        assert!(!answer.body.to_lowercase().contains(MARK), "{path}");
        assert!(
            !answer.body.contains("987654321") && !answer.body.contains("1999-09-09"),
            "{path}"
        );
        for (name, value) in &answer.headers {
            assert!(!value.to_str().unwrap_or("").contains(MARK), "{path}: {name}");
        }
    }
    // The page says that there is more for agents, field by field, without any of it.
    let body = test.get(&page).await.body;
    for label in ["Contact", "Budget annuel", "Analyse des risques"] {
        assert!(body.contains(label), "{label}");
    }
}

#[tokio::test]
async fn a_search_or_a_filter_tells_nothing_of_what_is_not_public() {
    let test = TestApp::with(&record(), "source.json", Site::default(), false).await;
    for query in [
        MARK.to_owned(),
        format!("\"{MARK} confidentiel\""),
        "zqsecretz".to_owned(),
        "zqsecretzp".to_owned(),
        "confidentiel".to_owned(),
    ] {
        let document = test
            .json(&format!("/api/v1/use-cases?q={}", crate::params::encode(&query)))
            .await;
        assert_eq!(document["total"], 0, "{query}");
        assert_eq!(document["corrections"], json!([]), "{query}");
    }
    let facets = test.json("/api/v1/facets").await;
    assert!(facets["facets"].get("algorithm_kind").is_none());
    let filtered = test.get("/api/v1/use-cases?algorithm_kind=ml").await;
    assert_eq!(filtered.status, 403);
    let page = test.get("/cas-usages?algorithme=ml").await;
    let other = test.get("/cas-usages?algorithme=vision").await;
    assert_eq!(
        page.body.matches("data-use-case").count(),
        other.body.matches("data-use-case").count()
    );
}

#[tokio::test]
async fn exports_are_made_of_declared_columns_only() {
    let test = TestApp::with(&record(), "source.json", Site::default(), false).await;
    let csv = test.get("/exports/use-cases.csv").await.body;
    let header: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    for spec in FIELDS {
        let name = if spec.id == "organisation.siret" {
            "siret"
        } else {
            spec.id
        };
        assert_eq!(
            header.contains(&name),
            spec.visibility() == Visibility::Public,
            "{}",
            spec.id
        );
    }
    for needed in [
        "id",
        "url",
        "siren",
        "siret",
        "organisation_id",
        "version",
        "updated_at",
        "licence",
    ] {
        assert!(header.contains(&needed), "{needed}");
    }
}

/// What a page shows of a field, as the marked record fills it in.
fn trace(spec: &FieldSpec) -> Option<String> {
    match spec.kind {
        FieldKind::Text { .. } | FieldKind::Block { .. } | FieldKind::CodesText(_) => {
            Some(format!("{MARK} confidentiel"))
        }
        FieldKind::Contact => Some(format!("{MARK}@ville.example")),
        FieldKind::Links | FieldKind::Resources => Some(format!("https://{MARK}.example/")),
        _ => None,
    }
}

#[tokio::test]
async fn a_member_reads_member_fields_and_nobody_after_them_does() {
    let test = TestApp::with(&record(), "source.json", Site::default(), false).await;
    let page = test.first("q=fuites").await;
    let mut member = test.session_of(Role::Member).await;
    let mut pending = test.session_of(Role::Pending).await;
    let document = member.get(&format!("{page}.json")).await;
    let json: Json = serde_json::from_str(&document.body).unwrap();
    let shown = member.get(&page).await;
    assert_eq!(shown.headers["cache-control"], "no-store");
    for spec in FIELDS {
        let pointer = format!("/{}", spec.id.replace('.', "/"));
        let present = json.pointer(&pointer).is_some_and(|value| !value.is_null());
        match spec.visibility() {
            Visibility::Members => {
                assert!(present, "{}", spec.id);
                if let Some(trace) = trace(spec) {
                    assert!(shown.body.contains(&trace), "{}", spec.id);
                }
            }
            Visibility::Organisation | Visibility::Moderators => assert!(!present, "{}", spec.id),
            Visibility::Public => {}
        }
    }
    assert!(!document.body.contains("colonne_interne"));
    assert!(shown.body.contains("réservé aux agents"));
    let found = member.get(&format!("/cas-usages?q={MARK}")).await;
    assert!(
        found.body.contains("<strong data-total>1<"),
        "a member searches in what members read"
    );
    for path in [
        page.clone(),
        format!("{page}.json"),
        format!("/cas-usages?q={MARK}"),
    ] {
        for body in [pending.get(&path).await.body, test.get(&path).await.body] {
            assert!(
                !body
                    .replace(&format!("q={MARK}"), "")
                    .contains(&format!("{MARK} conf")),
                "{path}"
            );
            assert!(!body.contains(&format!("{MARK}.example")), "{path}");
        }
    }
    assert!(
        test.get(&format!("/cas-usages?q={MARK}"))
            .await
            .body
            .contains("<strong data-total>0<")
    );
}
