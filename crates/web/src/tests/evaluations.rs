//! Estimated footprints: shown with what they rest on, to whom they are open, and again when tables change.

use std::collections::BTreeSet;

use axum::http::{StatusCode, header};
use serde_json::Value as Json;
use sobria_catalogue::access::Level;
use sobria_catalogue::evaluation::Reach;
use sobria_catalogue::id::{EvaluationId, UseCaseId};
use sobria_catalogue::rights::Role;
use sobria_estimate::Reference;
use uuid::Uuid;

use super::{TestApp, now};
use crate::evaluations::{Draft, attach, make};

const EVALUATIONS: &str = include_str!("../../../sobria/demo/evaluations.json");
const MARK: &str = "Zqsecretzq interne";

/// A generation in France by a model of known size.
const REQUEST: &str = r#"{"method":"llm_inference","input":{"provider":"mistralai","model":"mistral-small-latest","output_tokens":250.125,"zone":"FRA"}}"#;

pub(super) async fn evaluated() -> TestApp {
    let test = TestApp::demo().await;
    let count = attach(
        &test.app.store,
        Reference::embedded(),
        EVALUATIONS,
        "demonstration",
        now(),
    )
    .await
    .unwrap();
    assert_eq!(count, 23);
    refreshed(test).await
}

/// The site, once it has seen what was written.
async fn refreshed(test: TestApp) -> TestApp {
    crate::refresh::synchronise(&test.app.store, &test.app.index)
        .await
        .unwrap();
    test.app.set_revision(test.app.index.revision());
    test
}

async fn add(test: &TestApp, record: UseCaseId, reach: Reach, title: &str) {
    let draft = Draft {
        id: EvaluationId::new(Uuid::now_v7()),
        use_case: record,
        title,
        reach,
        requests_per_year: 220_000,
        request: REQUEST,
        now: now(),
        author: MARK,
    };
    let evaluation = make(Reference::embedded(), draft).unwrap();
    test.app.store.add_evaluation(&evaluation).await.unwrap();
}

async fn a_record(test: &TestApp) -> (UseCaseId, String) {
    let list = test.json("/api/v1/use-cases?limit=1").await;
    let item = &list["items"][0];
    (
        item["id"].as_str().unwrap().parse().unwrap(),
        format!("/cas-usages/{}", item["slug"].as_str().unwrap()),
    )
}

/// The section of a page.
fn section(body: &str) -> &str {
    body.split("id=\"empreinte\"")
        .nth(1)
        .and_then(|rest| rest.split("</section>").next())
        .unwrap_or("")
}

#[tokio::test]
async fn the_page_shows_the_range_with_all_that_it_rests_on() {
    let test = TestApp::demo().await;
    let (record, path) = a_record(&test).await;
    let before = test.get(&path).await;
    assert!(!before.body.contains("Empreinte estimée"));
    add(&test, record, Reach::Public, "Réponses <b>de 2026</b>").await;
    let test = refreshed(test).await;

    let page = test.get(&path).await;
    assert_ne!(
        before.headers[header::ETAG],
        page.headers[header::ETAG],
        "kept pages are made anew"
    );
    let shown = section(&page.body);
    for words in [
        "Empreinte estimée",
        "Réponses &#60;b&#62;de 2026",
        "CO₂e par an",
        "Wh par an d’électricité",
        "220\u{202f}000\u{a0}requêtes par an",
        "ecologits-0.11.3/1",
        "édition 2026.1",
        "<caption",
        "Nombre de paramètres actifs",
        "Estimé le",
        "novembre 2026",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let place = |words: &str| shown.find(words).unwrap_or(usize::MAX);
    assert!(
        place("CO₂e par an") < place("À titre de repère"),
        "physical value first: {shown}"
    );
    assert!(
        shown.matches("<li>").count() <= 2,
        "two equivalents at most: {shown}"
    );
    assert!(!shown.contains("Refait aujourd’hui"), "nothing changed: {shown}");
    assert!(!page.body.contains(MARK), "the author is not shown");
}

#[tokio::test]
async fn a_machine_reads_request_and_answer_to_the_last_digit() {
    let test = TestApp::demo().await;
    let (record, path) = a_record(&test).await;
    add(&test, record, Reach::Public, "Réponses").await;
    let test = refreshed(test).await;
    let made = test
        .app
        .store
        .evaluations_of(&[record], Level::Public)
        .await
        .unwrap()
        .remove(0);
    for address in [
        format!("{path}.json"),
        path.replace("/cas-usages/", "/api/v1/use-cases/"),
    ] {
        let body = test.get(&address).await.body;
        assert!(body.contains(&format!("\"request\":{REQUEST}")), "{address}");
        assert!(body.contains(&format!("\"answer\":{}", made.answer)), "{address}");
        let document: Json = serde_json::from_str(&body).unwrap();
        let one = &document["evaluations"][0];
        assert_eq!(one["recomputed"], Json::Null);
        assert_eq!(one["requests_per_year"], 220_000);
        let year = one["gwp_kgco2e_per_year"]["max"].as_f64().unwrap();
        let single = one["answer"]["output"]["gwp"]["max"].as_f64().unwrap();
        assert!((year / single / 220_000.0 - 1.0).abs() < 1e-12);
        assert!(!body.contains(MARK), "{address}");
    }
    let list = test.json("/api/v1/use-cases?limit=100").await;
    let with: Vec<&Json> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| !item["evaluations"].as_array().unwrap().is_empty())
        .collect();
    assert_eq!(with.len(), 1);
    assert_eq!(with[0]["evaluations"][0]["title"], "Réponses");
}

#[tokio::test]
async fn a_visitor_never_meets_an_estimate_open_to_members() {
    let test = TestApp::demo().await;
    let (record, path) = a_record(&test).await;
    add(&test, record, Reach::Member, MARK).await;
    let test = refreshed(test).await;
    for address in [
        "/",
        "/cas-usages",
        "/cas-usages?vue=tableau",
        "/contexte",
        "/flux.atom",
        "/composants",
        "/api/v1/use-cases?limit=100",
        "/exports/use-cases.csv",
        "/exports/use-cases.json",
        "/exports/use-cases.ndjson",
        "/exports/use-cases.jsonld",
        "/exports/evaluations.csv",
        "/exports/evaluations.ndjson",
        path.as_str(),
        &format!("{path}.json"),
        &path.replace("/cas-usages/", "/api/v1/use-cases/"),
    ] {
        let body = test.get(address).await.body;
        assert!(!body.contains(MARK), "{address}");
        assert!(!body.contains("card-foot"), "{address}");
        assert!(!body.contains("Empreinte estimée"), "{address}");
        assert!(!body.contains("Ce que l’on sait des empreintes"), "{address}");
    }
}

#[tokio::test]
async fn a_replaced_table_gives_the_new_result_beside_the_original_with_the_reason() {
    let text = Reference::embedded().text("electricity_mixes").unwrap();
    let changed: String = text
        .lines()
        .map(|line| {
            let mut cells: Vec<&str> = line.split('\t').collect();
            if cells[0] == "FRA" {
                cells[2] = "0.5";
            }
            format!("{}\n", cells.join("\t"))
        })
        .collect();
    let replaced = |text: String| -> &'static Reference {
        let table = Reference::from_tables(&|name| (name == "electricity_mixes").then(|| text.clone()));
        Box::leak(Box::new(table.unwrap()))
    };
    for (reference, expected) in [
        (
            replaced(changed),
            "les tables de référence sont passées de l’édition 2026.1 à l’édition 2026.1+",
        ),
        // The same values under another edition change nothing worth saying.
        (replaced(format!("{text}\n").trim_end().to_owned()), ""),
        (
            replaced(
                text.lines()
                    .filter(|line| !line.starts_with("FRA\t"))
                    .collect::<Vec<_>>()
                    .join("\n"),
            ),
            "ne peut plus être refait avec les tables présentes",
        ),
    ] {
        let test = TestApp::demo_with(reference).await;
        let (record, path) = a_record(&test).await;
        add(&test, record, Reach::Public, "Réponses").await;
        let test = refreshed(test).await;
        let body = test.get(&path).await.body;
        let shown = section(&body);
        assert!(shown.contains("édition 2026.1<"), "the original stays: {shown}");
        let document = test.json(&format!("{path}.json")).await;
        let one = &document["evaluations"][0];
        if expected.is_empty() {
            assert!(!shown.contains("class=\"notice\""), "{shown}");
            assert_eq!(one["recomputed"], Json::Null);
        } else {
            assert!(shown.contains(expected), "{expected}: {shown}");
            assert!(one["recomputed"]["reason"].as_str().unwrap().len() > 20);
        }
        if expected.contains("édition") {
            let original = one["gwp_kgco2e_per_year"]["max"].as_f64().unwrap();
            let again = one["recomputed"]["gwp_kgco2e_per_year"]["max"].as_f64().unwrap();
            assert!(again > original * 2.0, "{original} {again}");
        }
    }
}

#[tokio::test]
async fn records_are_filtered_by_their_public_footprint_and_by_no_other() {
    let test = TestApp::demo().await;
    let total = async |test: &TestApp, query: &str| {
        let list = test.json(&format!("/api/v1/use-cases?limit=1&{query}")).await;
        list["total"].as_u64().unwrap()
    };
    let (record, _) = a_record(&test).await;
    add(&test, record, Reach::Member, MARK).await;
    let test = refreshed(test).await;
    assert_eq!(total(&test, "evaluation=estimated").await, 0);
    assert!(!test.get("/cas-usages").await.body.contains("Empreinte publiée"));
    add(&test, record, Reach::Public, "Réponses").await;
    let test = refreshed(test).await;
    assert_eq!(total(&test, "evaluation=estimated").await, 1);
    assert_eq!(total(&test, "evaluation=estimated&evaluation=measured").await, 1);
    let page = test.get("/cas-usages?evaluation=estimated").await.body;
    assert!(
        page.contains("data-total>1<") && page.contains("Empreinte publiée\u{a0}: Estimée par un calcul")
    );
    let opened = test.app.store.evaluations(Level::Public).await.unwrap();
    let decision = sobria_store::Decision {
        actor: "essai",
        reason: "erreur",
        now: now(),
    };
    test.app
        .store
        .withdraw_evaluation(opened[0].id, decision)
        .await
        .unwrap();
    let test = refreshed(test).await;
    assert_eq!(total(&test, "evaluation=estimated").await, 0);
    let unknown = test.get("/api/v1/use-cases?evaluation=x").await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn cards_and_the_context_page_tell_what_is_public() {
    let test = evaluated().await;
    let mut lines = Vec::new();
    for page in 1..=6 {
        let body = test.get(&format!("/cas-usages?page={page}")).await.body;
        for line in body.split("class=\"card-foot\">").skip(1) {
            lines.push(line.split('<').next().unwrap().to_owned());
        }
    }
    assert_eq!(
        lines.len(),
        15,
        "one line a record, member estimates apart: {lines:?}"
    );
    for line in &lines {
        let alone = line.strip_suffix(", et 1\u{a0}autre estimation").unwrap_or(line);
        assert!(alone.ends_with("CO₂e par an"), "{line}");
        assert!(!line.starts_with("entre"), "{line}");
    }
    let context = test.get("/contexte").await.body;
    let told = context.split("id=\"empreintes\"").nth(1).unwrap();
    assert!(told.contains("15\u{a0}projets"), "{told}");
    assert!(told.contains("pour 22\u{a0}estimations"), "{told}");
    assert!(
        told.contains("<caption") && told.contains("C\u{a0}: taille du modèle supposée"),
        "{told}"
    );
}

#[tokio::test]
async fn headings_follow_one_another_and_the_list_stays_light() {
    let test = evaluated().await;
    let list = test.json("/api/v1/use-cases?limit=100").await;
    for item in list["items"].as_array().unwrap() {
        if item["evaluations"].as_array().unwrap().is_empty() {
            continue;
        }
        let body = test
            .get(&format!("/cas-usages/{}", item["slug"].as_str().unwrap()))
            .await
            .body;
        let elements = body.matches('<').count() - body.matches("</").count() - 1;
        assert!(elements <= 395, "{}: {elements}", item["slug"]);
        let mut level = 0;
        for heading in body.split("<h").skip(1) {
            let Some(found) = heading.chars().next().and_then(|c| c.to_digit(10)) else {
                continue;
            };
            assert!(found <= level + 1, "h{found} after h{level}");
            level = found;
        }
        let ids: Vec<&str> = body
            .split(" id=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "an identifier stands twice");
    }
    let body = test.get("/cas-usages").await.body;
    let elements = body.matches('<').count() - body.matches("</").count() - 1;
    assert!(elements <= 395, "{elements}");
}

#[tokio::test]
async fn exports_hold_the_public_estimates_and_those_alone() {
    let test = evaluated().await;
    let csv = test.get("/exports/evaluations.csv").await;
    assert_eq!(csv.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    let lines = test.get("/exports/evaluations.ndjson").await.body;
    assert_eq!(
        csv.body.lines().count(),
        23,
        "a header and twenty-two rows: {}",
        csv.body
    );
    assert_eq!(lines.lines().count(), 22);
    for text in lines.lines() {
        let line: Json = serde_json::from_str(text).unwrap();
        assert_eq!(line["visibility"], "public");
        assert!(line["request"]["input"].is_object() || line["request"]["lines"].is_array());
        assert!(line["author"].is_null());
        let row = csv
            .body
            .lines()
            .find(|row| row.starts_with(line["id"].as_str().unwrap()))
            .unwrap();
        let highest = row.rsplit(',').nth(1).unwrap();
        assert!(text.contains(&format!("\"max\":{highest}")), "{row}");
    }
    let records = test.get("/exports/use-cases.ndjson").await.body;
    let carried: usize = records
        .lines()
        .map(|record| serde_json::from_str::<Json>(record).unwrap())
        .map(|record| record["evaluations"].as_array().unwrap().len())
        .sum();
    assert_eq!(carried, 22);
    let context = test.get("/contexte").await.body;
    assert!(context.contains("href=\"/exports/evaluations.csv\""));
}

/// The address of the form that attaches what a calculator shows.
fn attach_address(page: &str) -> String {
    let start = page.find("href=\"/estimer/attacher?").unwrap() + 6;
    page[start..].split('"').next().unwrap().replace("&#38;", "&")
}

#[tokio::test]
async fn a_result_is_attached_to_a_record_by_its_carrier_and_opened_by_a_moderator() {
    let site = TestApp::demo().await;
    let mut agent = site.sign_in("contributeur").await;
    let asked =
        "/estimer/ia-generative?tache=conversation&modele=openai/gpt-4o&agents=300&usages=5&jours=210";
    let address = attach_address(&site.get(asked).await.body);
    let visitor = site.get(&address).await;
    assert_eq!(visitor.status, StatusCode::SEE_OTHER);
    assert!(
        visitor.headers["location"]
            .to_str()
            .unwrap()
            .starts_with("/connexion?suite=")
    );

    let form = agent.get(&address).await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.body);
    let slug = form
        .body
        .split("<option value=\"")
        .nth(2)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let query = crate::tests::value_of(&form.body, "demande").replace("&#38;", "&");
    let blank = agent
        .send(
            "/estimer/attacher",
            &[("demande", &query), ("fiche", &slug), ("titre", " ")],
        )
        .await;
    assert_eq!(blank.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        blank.body.contains("href=\"#titre\"") && blank.body.contains(&format!("value=\"{slug}\" selected"))
    );
    let fields = [
        ("demande", query.as_str()),
        ("fiche", slug.as_str()),
        ("titre", "Réponses de <b>2026</b>"),
    ];
    let done = agent.send("/estimer/attacher", &fields).await;
    assert_eq!(
        done.headers["location"], "/mon-espace/estimations?fait=attachee",
        "{}",
        done.body
    );

    let page = format!("/cas-usages/{slug}");
    let shown = "Réponses de &#60;b&#62;2026&#60;/b&#62;";
    assert!(
        !site.get(&page).await.body.contains(shown),
        "a moderator decides of what is public"
    );
    assert!(agent.get(&page).await.body.contains(shown));
    let list = agent.get("/mon-espace/estimations").await.body;
    assert!(list.contains(shown) && !list.contains("Rendre publique"));
    let at = list.find(shown).unwrap();
    let id = crate::tests::value_of(&list[at..], "estimation");
    let refused = agent
        .send(
            "/mon-espace/estimations",
            &[("estimation", &id), ("action", "publier")],
        )
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);

    let mut moderator = site.sign_in("moderation").await;
    let opened = moderator
        .send(
            "/mon-espace/estimations",
            &[("estimation", &id), ("action", "publier")],
        )
        .await;
    assert_eq!(
        opened.headers["location"], "/mon-espace/estimations?fait=publier",
        "{}",
        opened.body
    );
    let public = site.get(&page).await.body;
    assert!(
        public.contains(shown) && public.contains("315\u{202f}000\u{a0}requêtes par an"),
        "{public}"
    );
    agent
        .send("/mon-espace/estimations", &[("estimation", &id)])
        .await;
    assert!(!site.get(&page).await.body.contains(shown));
    assert!(!agent.get(&page).await.body.contains(shown));
}

#[tokio::test]
async fn nobody_attaches_a_result_to_the_record_of_others() {
    let site = TestApp::demo().await;
    let address = attach_address(
        &site
            .get("/estimer/calcul?heures=2&coeurs=4&memoire=8&lieu=FRA")
            .await
            .body,
    );
    let query = address.split_once('?').unwrap().1.to_owned();
    let mut agent = site.sign_in("contributeur").await;
    let own = agent.get(&address).await.body;
    let document = site.json("/api/v1/use-cases?limit=40").await;
    let other = document["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["slug"].as_str().unwrap())
        .find(|slug| !own.contains(slug))
        .unwrap();
    let mut pending = site.session_of(Role::Pending).await;
    for browser in [&mut agent, &mut pending] {
        let fields = [("demande", query.as_str()), ("fiche", other), ("titre", "x")];
        let refused = browser.send("/estimer/attacher", &fields).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{}",
            refused.body
        );
    }
    let nothing = agent.get("/estimer/attacher?depuis=calcul").await;
    assert_eq!(nothing.status, StatusCode::BAD_REQUEST);
    let unknown = agent.get("/estimer/attacher?depuis=ailleurs&heures=2").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let mut moderator = site.sign_in("moderation").await;
    let whole = format!("https://ia.exemple.fr/cas-usages/{other}?retour=1");
    let fields = [
        ("demande", query.as_str()),
        ("fiche", whole.as_str()),
        ("titre", "Calcul d’essai"),
    ];
    let done = moderator.send("/estimer/attacher", &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
}
