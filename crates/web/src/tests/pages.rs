//! Pages: what each one says, and that nothing leads nowhere.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::json;

use super::TestApp;
use crate::site::Site;

const PAGES: &[&str] = &[
    "/",
    "/cas-usages",
    "/cas-usages?vue=tableau",
    "/cas-usages?vue=carte",
    "/organisations",
    "/contexte",
    "/modele-de-donnees",
    "/donnees",
    "/statistiques",
    "/accessibilite",
    "/mentions-legales",
    "/donnees-personnelles",
    "/ecoconception",
    "/maitriser",
    "/maitriser/frugalite",
    "/maitriser/transparence",
    "/plan-du-site",
    "/aide",
    "/composants",
];

/// Values of an attribute in a page.
fn attributes<'a>(body: &'a str, name: &str) -> Vec<&'a str> {
    let mark = format!(" {name}=\"");
    body.split(&mark)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

#[tokio::test]
async fn every_internal_link_leads_somewhere() {
    let test = TestApp::demo().await;
    let mut to_visit: Vec<String> = PAGES.iter().map(|path| (*path).to_owned()).collect();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    while let Some(path) = to_visit.pop() {
        if seen.len() > 400 || !seen.insert(path.clone()) {
            continue;
        }
        let answer = test.get(&path).await;
        if answer.status == StatusCode::SEE_OTHER {
            let target = answer.headers["location"].to_str().unwrap();
            assert!(target.starts_with("/connexion?suite="), "{path}: {target}");
            continue;
        }
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        if !answer.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
        {
            continue;
        }
        for href in attributes(&answer.body, "href") {
            let href = href.replace("&amp;", "&").replace("&#38;", "&");
            if let Some((target, anchor)) = href.split_once('#') {
                if target.is_empty() && !anchor.is_empty() && !path.starts_with("/composants") {
                    assert!(
                        answer.body.contains(&format!("id=\"{anchor}\"")),
                        "{path}: #{anchor}"
                    );
                }
                continue;
            }
            if href.starts_with('/') {
                to_visit.push(href);
            }
        }
    }
    assert!(seen.len() > 100, "{}", seen.len());
}

#[tokio::test]
async fn no_page_refers_to_another_host_or_holds_inline_code() {
    let test = TestApp::demo().await;
    let record = test.first("q=eau").await;
    for path in PAGES.iter().copied().chain([record.as_str(), "/inconnu"]) {
        let body = test.get(path).await.body;
        for name in ["src", "srcset", "action", "data", "poster"] {
            for value in attributes(&body, name) {
                assert!(
                    value.starts_with('/') || value.is_empty(),
                    "{path}: {name}={value}"
                );
            }
        }
        assert!(!body.contains(" style=\"") && !body.contains("<style"), "{path}");
        assert!(
            !body.contains("javascript:") && !body.contains(" onclick="),
            "{path}"
        );
        for script in body.split("<script").skip(1) {
            let head = script.split('>').next().unwrap();
            assert!(
                head.contains("src=\"/static/") || head.contains("application/ld+json"),
                "{path}: {head}"
            );
        }
        assert_eq!(body.matches("<h1").count(), 1, "{path}");
        assert!(body.contains("lang=\"fr\""), "{path}");
        assert!(body.to_lowercase().contains("données de démonstration"), "{path}");
    }
}

#[tokio::test]
async fn the_library_shows_filters_and_counts_that_agree() {
    let test = TestApp::demo().await;
    let all = test.json("/api/v1/use-cases").await;
    let counts = all["facets"]["theme"].as_object().unwrap();
    let sum: u64 = counts.values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(all["total"].as_u64(), Some(sum), "one theme per record");
    for (theme, count) in counts {
        let page = test.get(&format!("/cas-usages?theme={theme}")).await.body;
        let shown = page
            .split("data-total")
            .nth(1)
            .unwrap()
            .split(['>', '<'])
            .nth(1)
            .unwrap();
        assert_eq!(shown, count.to_string(), "{theme}");
        let filtered = test
            .json(&format!("/api/v1/use-cases?theme={theme}&limit=1"))
            .await;
        assert_eq!(&filtered["total"], count, "{theme}");
    }
    let page = test.get("/cas-usages").await.body;
    assert_eq!(page.matches("<article").count(), 12);
    assert_eq!(page.matches("data-use-case").count(), 12);
}

#[tokio::test]
async fn pages_follow_each_other_without_loss_or_repetition() {
    let test = TestApp::demo().await;
    for sort in ["recent", "titre", "organisation", "demarrage", "completude"] {
        let mut seen = BTreeSet::new();
        let mut total = 0;
        for page in 1.. {
            let body = test
                .get(&format!("/cas-usages?tri={sort}&page={page}"))
                .await
                .body;
            let ids = attributes(&body, "data-use-case");
            if ids.is_empty() {
                break;
            }
            total += ids.len();
            seen.extend(ids.into_iter().map(str::to_owned));
        }
        assert_eq!(seen.len(), total, "{sort}");
        assert!(total > 60, "{sort}: {total}");
    }
}

#[tokio::test]
async fn an_abandoned_project_opens_with_its_lessons() {
    let test = TestApp::demo().await;
    let path = test.first("maturity=abandonne").await;
    let body = test.get(&path).await.body;
    let lessons = body.find("id=\"lecons\"").expect("lessons");
    let service = body.find("id=\"service\"").expect("service");
    assert!(lessons < service);
}

#[tokio::test]
async fn hostile_text_is_shown_and_never_run() {
    let payload =
        "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> {{7*7}} </textarea> javascript:alert(1)";
    let record = json!([{
        "organisation": {"name": format!("Ville {payload}"), "kind": "commune", "latitude": 48.0, "longitude": 2.0},
        "title": format!("Titre {payload}"), "summary": payload, "description": format!("- {payload}\n**{payload}**"),
        "start_date": "2024", "maturity": "abandonne", "abandonment_reason": payload, "delivery": ["interne"],
        "theme": "transition", "audiences": ["agent"], "tags": [payload], "suppliers": [payload],
        "partners": [{"name": payload}],
        "links": {"info": [{"label": payload, "access": "internal"}]},
    }]);
    let test = TestApp::with(
        &serde_json::to_vec(&record).unwrap(),
        "x.json",
        Site::default(),
        false,
    )
    .await;
    let page = test.first("q=titre").await;
    let slug = test.json("/api/v1/organisations").await["items"][0]["slug"]
        .as_str()
        .unwrap()
        .to_owned();
    for path in [
        "/",
        "/cas-usages",
        "/cas-usages?q=script",
        "/cas-usages?vue=tableau",
        "/cas-usages?vue=carte",
        "/organisations",
        "/flux.atom",
        "/cas-usages?territoire=%3Cscript%3E",
        &page,
        &format!("/organisations/{slug}"),
    ] {
        let body = test.get(path).await.body;
        assert!(
            !body.contains("<script>alert") && !body.contains("<img src=x"),
            "{path}"
        );
        assert!(!body.contains("href=\"javascript:"), "{path}");
        for block in body.split("application/ld+json\">").skip(1) {
            let json = block.split("</script>").next().unwrap();
            serde_json::from_str::<serde_json::Value>(json).unwrap_or_else(|error| panic!("{path}: {error}"));
        }
    }
}

#[tokio::test]
async fn an_empty_library_says_so_and_leads_on() {
    let test = TestApp::with(
        b"coll_nom;nom_projet;usage_description\n",
        "a.csv",
        Site::default(),
        false,
    )
    .await;
    for path in [
        "/",
        "/cas-usages",
        "/cas-usages?vue=carte",
        "/cas-usages?vue=tableau",
        "/organisations",
        "/contexte",
        "/donnees",
        "/flux.atom",
        "/exports/use-cases.csv",
        "/exports/use-cases.xlsx",
    ] {
        assert_eq!(test.get(path).await.status, StatusCode::OK, "{path}");
    }
    assert!(
        test.get("/cas-usages")
            .await
            .body
            .contains("ne contient pas encore de projet")
    );
    assert_eq!(
        test.get("/composants").await.status,
        StatusCode::NOT_FOUND,
        "components are shown in demonstration only"
    );
}

/// The total that a page of the library says.
fn total(body: &str) -> usize {
    let said = body.split("data-total").nth(1).unwrap();
    said.split(['>', '<']).nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_written_territory_narrows_the_list() {
    let test = TestApp::demo().await;
    let brittany = total(&test.get("/cas-usages?territoire=Bretagne").await.body);
    let water = total(&test.get("/cas-usages?territoire=bretagne&q=eau").await.body);
    let all = total(&test.get("/cas-usages").await.body);
    assert!(
        water >= 3 && water <= brittany && brittany < all,
        "{water} {brittany} {all}"
    );
    assert_eq!(total(&test.get("/cas-usages?territoire=Atlantide").await.body), 0);
}

#[tokio::test]
async fn a_filter_narrows_pages_files_feed_and_interface_alike() {
    let test = TestApp::demo().await;
    crate::refresh::at_once(&test.app).await;
    let facets = test.json("/api/v1/facets").await;
    let all = facets["total"].as_u64().unwrap();
    for (query, asked, facet) in [
        ("ressources=code", "open_resource=code", Some("open_resource")),
        (
            "solution=forge+libre+du+RHODAN",
            "solution=Forge%20Libre%20du%20Rhodan",
            Some("solution"),
        ),
        ("solution=aquisonde", "solution=aquisonde", None),
        ("territoire=Bretagne", "region=53", Some("region")),
    ] {
        let found = test.json(&format!("/api/v1/use-cases?{asked}")).await["total"]
            .as_u64()
            .unwrap();
        assert!(
            0 < found && found < all && found <= 30,
            "{query}: {found} of {all}"
        );
        if let Some(facet) = facet {
            let value = crate::params::pairs(asked)[0].1.clone();
            let listed = facets["facets"][facet].as_array().unwrap();
            let counted = listed.iter().find(|one| one["code"] == value.as_str()).unwrap();
            assert_eq!(counted["count"], found, "{query}");
        }
        let found = usize::try_from(found).unwrap();
        for view in ["", "&vue=tableau", "&vue=carte"] {
            let body = test.get(&format!("/cas-usages?{query}{view}")).await.body;
            assert_eq!(total(&body), found, "{query}{view}");
            assert_eq!(
                body.matches("aria-label=\"Retirer le filtre ").count(),
                1,
                "{query}{view}"
            );
        }
        let lines = test.get(&format!("/exports/use-cases.ndjson?{query}")).await.body;
        assert_eq!(lines.lines().count(), found, "{query}");
        let feed = test.get(&format!("/flux.atom?{query}")).await.body;
        assert_eq!(feed.matches("<entry>").count(), found, "{query}");
    }
    let body = test
        .get("/cas-usages?solution=Aquisonde&solution=Verbelle")
        .await
        .body;
    assert!(
        body.contains("name=\"solution\" value=\"Aquisonde\""),
        "what was written comes back"
    );
    assert!(body.contains("type=\"hidden\" name=\"solution\" value=\"Verbelle\""));
    // Members read what is shared among them too, in one list.
    let mut member = test.sign_in("agent").await;
    let page = member.get("/cas-usages").await.body;
    assert!(page.contains("name=\"partage\"") && !page.contains("name=\"ressources\""));
    let visitor = test.get("/cas-usages?partage=deliberation").await.body;
    assert_eq!(u64::try_from(total(&visitor)).unwrap(), all);
    assert!(!visitor.contains("name=\"partage\""));
    assert_eq!(
        test.get("/api/v1/use-cases?shared_resource=code").await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn the_map_places_every_organisation_and_lists_it() {
    let test = TestApp::demo().await;
    let organisations = test.json("/api/v1/organisations").await["total"]
        .as_u64()
        .unwrap();
    let body = test.get("/cas-usages?vue=carte").await.body;
    let listed = body.matches("id=\"org-").count();
    assert_eq!(u64::try_from(listed).unwrap(), organisations);
}

#[tokio::test]
async fn a_page_after_the_last_one_says_so_and_leads_back() {
    let test = TestApp::demo().await;
    for (query, last) in [
        ("q=eau&page=40", "/cas-usages?q=eau&#38;page=2"),
        ("vue=tableau&page=40", "vue=tableau&#38;page=5"),
    ] {
        let body = test.get(&format!("/cas-usages?{query}")).await.body;
        assert!(body.contains("La liste n’a pas de page 40."), "{query}: {body}");
        assert!(
            attributes(&body, "href").iter().any(|href| href.ends_with(last)),
            "{query}: {body}"
        );
        assert_eq!(body.matches("data-use-case").count(), 0);
    }
    let organisations = test.get("/organisations?page=40").await.body;
    assert!(organisations.contains("<th scope=\"row\""), "{organisations}");
}

#[tokio::test]
async fn organisations_are_found_by_name_kind_and_place_in_any_order() {
    let test = TestApp::demo().await;
    let all = test.json("/api/v1/organisations").await;
    // The names of those that are found, and of those that should be.
    let check = async |question: &str, is_wanted: &dyn Fn(&serde_json::Value) -> bool| {
        let found = test
            .json(&format!(
                "/api/v1/organisations?q={}",
                crate::params::encode(question)
            ))
            .await;
        let names =
            |list: &serde_json::Value, is_wanted: &dyn Fn(&serde_json::Value) -> bool| -> Vec<String> {
                let items = list["items"].as_array().unwrap().iter();
                items
                    .filter(|item| is_wanted(item))
                    .map(|item| item["name"].as_str().unwrap().to_owned())
                    .collect()
            };
        let wanted = names(&all, is_wanted);
        assert!(!wanted.is_empty(), "{question}");
        assert_eq!(names(&found, &|_| true), wanted, "{question}");
        let page = test
            .get(&format!("/organisations?q={}", crate::params::encode(question)))
            .await
            .body;
        assert!(
            page.contains(&format!("data-total>{}<", wanted.len())),
            "{question}: {page}"
        );
    };
    let is_in = |item: &serde_json::Value, code: &str| item["departement"] == code;
    let breton = ["22", "29", "35", "56"];
    check("Finistère", &|item| is_in(item, "29")).await;
    check("29", &|item| is_in(item, "29")).await;
    check("bretagne", &|item| {
        breton.iter().any(|code| is_in(item, code)) || item["region"] == "53"
    })
    .await;
    check("régions", &|item| item["kind"] == "region").await;
    check("métropole de Lisserville", &|item| {
        item["name"] == "Métropole de Lisserville"
    })
    .await;
    check("lisserville métropole", &|item| {
        item["name"] == "Métropole de Lisserville"
    })
    .await;
    let nothing = test.get("/organisations?q=atlantide").await.body;
    assert!(nothing.contains("Aucune organisation ne répond à"), "{nothing}");
}
