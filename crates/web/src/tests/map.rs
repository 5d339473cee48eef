//! The map: tiles only when a server is configured, and only where the map is.

use axum::http::header::CONTENT_SECURITY_POLICY;

use super::{DEMONSTRATION, TestApp};
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
