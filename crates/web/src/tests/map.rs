//! The map: circles that never cover each other, tiles only when a server is configured, and only where the map is.

use std::collections::BTreeSet;

use axum::http::header::CONTENT_SECURITY_POLICY;
use serde_json::json;

use super::{DEMONSTRATION, TestApp, quoted};
use crate::site::Site;
use crate::tiles::MapSettings;

async fn with_tiles(template: &str) -> TestApp {
    let settings = MapSettings {
        tiles: Some(template.to_owned()),
        tiles_attribution: Some("© Exemple <b>".to_owned()),
    };
    let tiles = settings.tiles().unwrap();
    TestApp::with_tiles(DEMONSTRATION, "demonstration.json", Site::default(), true, tiles).await
}

fn policy(answer: &super::Answer) -> &str {
    answer.headers[CONTENT_SECURITY_POLICY].to_str().unwrap()
}

#[tokio::test]
async fn no_tile_is_spoken_of_by_default() {
    let test = TestApp::demo().await;
    for path in ["/", "/cas-usages?vue=carte", "/mentions-legales"] {
        let answer = test.get(path).await;
        assert!(!answer.body.contains("tiles"), "{path}");
        assert!(!answer.body.contains("carte agrandie"), "{path}");
        assert_eq!(policy(&answer), crate::headers::CONTENT_SECURITY_POLICY, "{path}");
    }
    let privacy = test.get("/donnees-personnelles").await.body;
    assert!(privacy.contains("Aucune requête n’est faite vers un autre site."));
    assert!(privacy.contains("ni appel à un tiers"));
}

#[tokio::test]
async fn a_configured_server_is_allowed_and_named_with_the_map_only() {
    let template = "https://tuiles.exemple.fr/{z}/{x}/{y}.png?a=1&b=2";
    let test = with_tiles(template).await;
    let map = test.get("/cas-usages?theme=transition&vue=carte").await;
    assert!(
        policy(&map).contains("img-src 'self' https://tuiles.exemple.fr data:;"),
        "{}",
        policy(&map)
    );
    assert_eq!(
        policy(&map).replace(" https://tuiles.exemple.fr", ""),
        crate::headers::CONTENT_SECURITY_POLICY
    );
    let escaped = template.replace('&', "&#38;");
    assert!(map.body.contains(&format!("data-map data-tiles=\"{escaped}\"")));
    assert!(map.body.contains("© Exemple &#60;b&#62;</p>"));
    assert!(
        !map.body.contains("src=\"https:"),
        "the page itself asks for no tile"
    );
    for path in [
        "/",
        "/cas-usages",
        "/cas-usages?vue=tableau",
        "/organisations?vue=carte",
        "/donnees",
    ] {
        let answer = test.get(path).await;
        assert_eq!(policy(&answer), crate::headers::CONTENT_SECURITY_POLICY, "{path}");
        assert!(!answer.body.contains("tuiles.exemple.fr"), "{path}");
        assert!(!answer.body.contains("appel à un tiers"), "{path}");
    }
    let notices = test.get("/mentions-legales").await.body;
    assert!(notices.contains("© Exemple") && notices.contains("tuiles.exemple.fr"));
    let privacy = test.get("/donnees-personnelles").await.body;
    assert!(privacy.contains("tuiles.exemple.fr") && !privacy.contains("Aucune requête"));
    assert!(!test.get("/ecoconception").await.body.contains("ni fond de carte"));
}

#[tokio::test]
async fn tiles_of_this_site_need_no_other_origin() {
    let test = with_tiles("/tuiles/{z}/{x}/{y}.png").await;
    let map = test.get("/cas-usages?vue=carte").await;
    assert_eq!(policy(&map), crate::headers::CONTENT_SECURITY_POLICY);
    assert!(map.body.contains("data-tiles=\"/tuiles/{z}/{x}/{y}.png\""));
    let privacy = test.get("/donnees-personnelles").await.body;
    assert!(privacy.contains("Aucune requête n’est faite vers un autre site."));
}

#[tokio::test]
async fn another_tile_server_is_another_page() {
    let path = "/cas-usages?vue=carte";
    let first = with_tiles("/a/{z}/{x}/{y}.png").await.app.validator(path);
    let second = with_tiles("/b/{z}/{x}/{y}.png").await.app.validator(path);
    assert_ne!(first, second);
}

/// Centre, and reach where the style sheet draws it largest, of each circle of a page.
fn circles(body: &str) -> Vec<(f64, f64, f64)> {
    let number = |text: &str| text.parse::<f64>().unwrap();
    body.split("<g transform=\"translate(")
        .skip(1)
        .map(|rest| {
            let (head, tail) = rest.split_once('"').unwrap();
            let (place, scale) = head.split_once(')').unwrap();
            let (x, y) = place.split_once(' ').unwrap();
            let scale = scale
                .trim()
                .strip_prefix("scale(")
                .map_or(1.0, |text| number(text.trim_end_matches(')')));
            let radius = quoted(tail, " r=\"");
            (number(x), number(y), (number(radius) + 60.0) * 1.4 * scale)
        })
        .collect()
}

fn assert_apart(path: &str, body: &str) -> usize {
    let circles = circles(body);
    for (rank, a) in circles.iter().enumerate() {
        for b in &circles[rank + 1..] {
            let distance = (a.0 - b.0).hypot(a.1 - b.1);
            // Centres are written in whole units.
            assert!(distance > a.2 + b.2 - 2.0, "{path}: {a:?} meets {b:?}");
        }
    }
    circles.len()
}

/// Every map that one reaches from the whole one through its circles; how many organisations each one lists.
async fn walk(test: &TestApp) -> BTreeSet<String> {
    let mut to_visit = vec!["/cas-usages?vue=carte".to_owned()];
    let mut seen = BTreeSet::new();
    let mut reached = BTreeSet::new();
    while let Some(path) = to_visit.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let body = test.get(&path).await.body;
        assert!(assert_apart(&path, &body) > 0, "{path} shows something");
        for link in body.split("<a class=\"pin").skip(1) {
            let href = quoted(link, "href=\"");
            let href = href.replace("&#38;", "&");
            if href.contains("cadre=") {
                to_visit.push(href);
            } else if let Some(anchor) = href.strip_prefix('#') {
                assert!(body.contains(&format!("id=\"{anchor}\"")), "{path}: {anchor}");
                reached.insert(anchor.trim_start_matches("org-").to_owned());
            } else {
                reached.insert(href.trim_start_matches("/organisations/").to_owned());
            }
        }
        assert!(seen.len() < 2000, "the way down ends");
    }
    reached
}

#[tokio::test]
async fn no_two_circles_of_the_demonstration_meet_and_each_organisation_is_reached() {
    let test = TestApp::demo().await;
    assert_apart("/", &test.get("/").await.body);
    let reached = walk(&test).await;
    let organisations = test.json("/api/v1/organisations").await;
    let off_map = test
        .get("/cas-usages?vue=carte")
        .await
        .body
        .matches("Hors carte · ")
        .count();
    assert_eq!(
        u64::try_from(reached.len() + off_map).unwrap(),
        organisations["total"].as_u64().unwrap()
    );
}

#[tokio::test]
async fn a_dense_country_stays_readable_down_to_organisations_at_one_place() {
    let records: Vec<_> = (0_u32..400)
        .map(|n| {
            // Eight at one address, a crowd around one town, the others all over the country.
            let (latitude, longitude) = match n {
                0..8 => (45.75, 4.85),
                8..200 => (45.5 + f64::from(n * 37 % 100) / 200.0, 4.6 + f64::from(n * 61 % 100) / 150.0),
                _ => (43.5 + f64::from(n * 37 % 100) / 20.0, f64::from(n * 61 % 100) / 16.0),
            };
            json!({
                "organisation": {"name": format!("Organisation {n}"), "kind": "commune", "latitude": latitude, "longitude": longitude},
                "title": format!("Projet {n}"), "summary": "Essai", "theme": "transition", "audiences": ["agent"],
                "maturity": "deploiement", "start_date": "2024", "delivery": ["interne"],
            })
        })
        .collect();
    let bytes = serde_json::to_vec(&records).unwrap();
    let test = TestApp::with(&bytes, "dense.json", Site::default(), false).await;
    assert_apart("/", &test.get("/").await.body);
    assert_eq!(
        walk(&test).await.len(),
        400,
        "each one is reached through circles alone"
    );
    let place = test.get("/cas-usages?vue=carte&cadre=6570.4940.320").await.body;
    assert!(circles(&place).len() >= 8);
}

#[tokio::test]
async fn an_enlarged_map_lists_what_it_shows_and_leads_back() {
    let test = TestApp::demo().await;
    let whole = test.get("/cas-usages?vue=carte&theme=transition").await.body;
    let href = whole
        .split("href=\"")
        .map(|rest| rest.split('"').next().unwrap().replace("&#38;", "&"))
        .find(|href| href.contains("cadre="))
        .expect("circles of several organisations");
    assert!(href.contains("theme=transition"), "{href}");
    let part = test.get(&href).await.body;
    let listed = part.matches("id=\"org-").count();
    assert!(
        listed > 1 && listed < whole.matches("id=\"org-").count(),
        "{listed}"
    );
    assert!(part.contains("Revoir toute la carte") && part.contains("dans la partie agrandie"));
    assert!(!part.contains(&format!(
        "viewBox=\"{}\"",
        crate::view::map::MapView::whole_view_box()
    )));
    let cards = test.get("/cas-usages?cadre=5000.5000.640").await.body;
    assert!(!cards.contains("cadre="), "another view has no window");
}
