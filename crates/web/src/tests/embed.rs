//! Pages that other sites show in a frame: they alone may be framed, and they hold what everyone may read.

use axum::http::{StatusCode, header};

use sobria_catalogue::access::Level;
use sobria_catalogue::query::Facet;

use super::{DEMONSTRATION, TestApp};
use crate::params::facet_name;
use crate::site::Site;

fn ancestors(answer: &super::Answer) -> &str {
    let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    policy
        .split("frame-ancestors ")
        .nth(1)
        .unwrap()
        .split(';')
        .next()
        .unwrap()
}

#[tokio::test]
async fn frames_show_public_results_without_script_or_cookie_and_nothing_else_may_be_framed() {
    let test = TestApp::demo().await;
    let record = test.first("q=eau").await;
    let card = format!("/integrer{record}");
    let mut member = test.sign_in("administration").await;
    for path in [
        "/integrer/cas-usages?q=eau&nombre=3",
        "/integrer/cas-usages?vue=tableau&apparence=sombre",
        "/integrer/cas-usages?vue=carte&apparence=clair",
        "/integrer/cas-usages?q=zzzzqqqq",
        &card,
    ] {
        let answer = test.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(ancestors(&answer), "*", "{path}");
        assert!(!answer.headers.contains_key("x-frame-options"), "{path}");
        assert!(!answer.headers.contains_key(header::SET_COOKIE), "{path}");
        for forbidden in ["<script", "href=\"#", "<form", "tri="] {
            assert!(!answer.body.contains(forbidden), "{path}: {forbidden}");
        }
        for wanted in [
            "Données de démonstration",
            "<base target=\"_blank\">",
            "name=\"robots\" content=\"noindex\"",
        ] {
            assert!(answer.body.contains(wanted), "{path}: {wanted}");
        }
        assert!(answer.body.contains("href=\"/cas-usages"), "{path}: a link back");
        assert!(answer.octets < 45_000, "{path}: {}", answer.octets);
        assert_eq!(
            member.get(path).await.body,
            answer.body,
            "{path}: the same for everyone"
        );
    }
    let three = test.get("/integrer/cas-usages?q=eau&nombre=3").await.body;
    assert_eq!(three.matches("data-use-case").count(), 3);
    for path in [
        "/",
        "/cas-usages",
        "/donnees",
        &record,
        "/integrer/rien",
        "/integrer/cas-usages/rien",
    ] {
        let answer = test.get(path).await;
        assert_eq!(ancestors(&answer), "'none'", "{path}");
        assert_eq!(answer.headers["x-frame-options"], "DENY", "{path}");
    }
    let element = test.get("/integrer/cas-usages.js").await;
    assert_eq!(element.status, StatusCode::OK);
    assert_eq!(element.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    assert_eq!(element.headers["cross-origin-resource-policy"], "cross-origin");
    for facet in Facet::ALL
        .into_iter()
        .filter(|facet| facet.is_open_to(Level::Public) && *facet != Facet::StartYear)
    {
        let name = format!("'{}'", facet_name(facet));
        assert!(element.body.contains(&name), "the element takes {name}");
    }
    let data = test.get("/donnees?q=eau&theme=transition").await.body;
    assert!(
        data.contains("https://ia.exemple.fr/integrer/cas-usages?q=eau&#38;amp;theme=transition"),
        "the lines to copy keep the search"
    );
}

#[tokio::test]
async fn the_operator_says_who_may_show_frames() {
    for (hosts, expected) in [
        (
            &["https://www.ville.exemple.fr"][..],
            Some("https://www.ville.exemple.fr"),
        ),
        (&[], None),
    ] {
        let site = Site {
            embed_hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
            ..Site::default()
        };
        let test = TestApp::with(DEMONSTRATION, "demonstration.json", site, true).await;
        let answer = test.get("/integrer/cas-usages").await;
        let data = test.get("/donnees").await.body;
        let list = test.get("/cas-usages").await.body;
        match expected {
            Some(host) => assert_eq!((answer.status, ancestors(&answer)), (StatusCode::OK, host)),
            None => assert_eq!(
                (answer.status, ancestors(&answer)),
                (StatusCode::NOT_FOUND, "'none'")
            ),
        }
        assert_eq!(data.contains("id=\"integrer\""), expected.is_some());
        assert_eq!(list.contains("Intégrer à un site"), expected.is_some());
    }
    for wrong in [
        "www.ville.exemple.fr",
        "https://a.fr; script-src *",
        "https://",
        "*.fr",
    ] {
        let site = Site {
            embed_hosts: vec![wrong.to_owned()],
            ..Site::default()
        };
        assert!(site.frame_ancestors().unwrap_err().contains(wrong));
    }
}
