//! Measures set against estimates: declared by the carrier, refused with the reason, read by those who may read both.

use axum::http::StatusCode;
use sobria_catalogue::evaluation::Reach;
use sobria_catalogue::id::{EvaluationId, UseCaseId};
use sobria_estimate::Reference;
use uuid::Uuid;

use super::evaluations::evaluated;
use super::{TestApp, now};
use crate::evaluations::{Draft, make};

const MEASURE: &str = r#"{"method":"measurement","kind":"measured_energy","input":{"energy_kwh":40,"energy_range_kwh":{"min":38,"max":42},"zone":"FRA","measured_fraction":FRACTION}}"#;
const JOB: &str = r#"{"method":"compute_job","input":{"runtime_h":300,"n_cpu_cores":8,"cpu_tdp_per_core_w":8,"memory_gb":16,"platform":"local-server","pue":PUE,"zone":"FRA"}}"#;

async fn add(site: &TestApp, record: UseCaseId, reach: Reach, title: &str, request: &str) -> EvaluationId {
    let id = EvaluationId::new(Uuid::now_v7());
    let draft = Draft {
        id,
        use_case: record,
        title,
        reach,
        requests_per_year: 1,
        request,
        now: now(),
        author: "essai",
    };
    let evaluation = make(Reference::embedded(), draft).unwrap();
    site.app.store.add_evaluation(&evaluation).await.unwrap();
    id
}

#[tokio::test]
async fn a_carrier_compares_and_what_must_not_be_compared_is_refused_with_the_reason() {
    let site = TestApp::demo().await;
    let mut agent = site.sign_in("contributeur").await;
    let form = agent
        .get("/estimer/attacher?depuis=calcul&heures=2&coeurs=4&memoire=8&lieu=FRA")
        .await
        .body;
    let slug = form
        .split("<option value=\"")
        .nth(2)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let record = site.json(&format!("/api/v1/use-cases/{slug}")).await["id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let measure = add(
        &site,
        record,
        Reach::Public,
        "Le compteur",
        &MEASURE.replace("FRACTION", "0.9"),
    )
    .await;
    let page = format!("/mon-espace/estimations/{measure}");
    assert!(
        agent
            .get(&page)
            .await
            .body
            .contains("Aucune estimation n’est attachée")
    );
    let machines = add(
        &site,
        record,
        Reach::Public,
        "Sans la salle",
        &JOB.replace("PUE", "1"),
    )
    .await;
    let room = add(
        &site,
        record,
        Reach::Public,
        "Avec la salle",
        &JOB.replace("PUE", "1.5"),
    )
    .await;
    let modelled = add(
        &site,
        record,
        Reach::Public,
        "Un modèle",
        &MEASURE.replace("FRACTION", "0.2"),
    )
    .await;
    let list = agent.get("/mon-espace/estimations").await.body;
    assert!(list.contains(&format!("href=\"{page}\"")), "the list leads to it");

    let (room, machines) = (room.to_string(), machines.to_string());
    for (address, estimate, perimeter, same, reason) in [
        (page.clone(), "", "machines", "oui", "Choisissez une estimation"),
        (
            page.clone(),
            machines.as_str(),
            "",
            "oui",
            "Dites ce que la mesure compte",
        ),
        (
            page.clone(),
            machines.as_str(),
            "machines",
            "",
            "refaites l’estimation avec le volume mesuré",
        ),
        (
            page.clone(),
            room.as_str(),
            "machines",
            "oui",
            "son PUE dépasse 1",
        ),
        (page.clone(), machines.as_str(), "room", "oui", "son PUE vaut 1"),
        (
            format!("/mon-espace/estimations/{modelled}"),
            machines.as_str(),
            "machines",
            "oui",
            "20\u{a0}% seulement",
        ),
    ] {
        let mut fields = vec![("estimation", estimate), ("perimetre", perimeter)];
        if !same.is_empty() {
            fields.push(("meme", same));
        }
        let refused = agent.send(&address, &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{reason}");
        assert!(refused.body.contains(reason), "{reason}: {}", refused.body);
        if !estimate.is_empty() {
            assert!(
                refused.body.contains(&format!("value=\"{estimate}\" selected")),
                "what was chosen comes back"
            );
        }
    }
    assert!(
        site.app
            .store
            .ratios(sobria_catalogue::access::Level::Member)
            .await
            .unwrap()
            .is_empty()
    );

    let fields = [
        ("estimation", machines.as_str()),
        ("perimetre", "machines"),
        ("meme", "oui"),
    ];
    let kept = agent.send(&page, &fields).await;
    assert_eq!(
        kept.headers["location"], "/mon-espace/estimations?fait=comparee",
        "{}",
        kept.body
    );
    let public = site.get(&format!("/cas-usages/{slug}")).await.body;
    let told = public.split("id=\"ecarts\"").nth(1).unwrap();
    for words in [
        "fois l’estimation",
        "électricité d’une année, les machines seules",
        "Le compteur",
        "Sans la salle",
        "Comparés le",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let document = site.json(&format!("/cas-usages/{slug}.json")).await;
    let ratio = &document["measured_ratios"][0]["ratio"];
    let energy = |id: &str| {
        document["evaluations"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["id"] == id)
            .unwrap()["energy_kwh_per_year"]["central"]
            .as_f64()
            .unwrap()
    };
    let expected = 40.0 / energy(&machines);
    assert!((ratio["central"].as_f64().unwrap() - expected).abs() < 1e-12);
    assert!(ratio["min"].as_f64().unwrap() < expected && expected < ratio["max"].as_f64().unwrap());

    // Somebody of another carrier sees nothing of it.
    let mut other = site.session_of(sobria_catalogue::rights::Role::Member).await;
    assert_eq!(other.get(&page).await.status, StatusCode::NOT_FOUND);
    let forgotten = agent
        .send(&page, &[("estimation", machines.as_str()), ("action", "oublier")])
        .await;
    assert_eq!(
        forgotten.headers["location"],
        "/mon-espace/estimations?fait=oubliee"
    );
    assert!(
        !site
            .get(&format!("/cas-usages/{slug}"))
            .await
            .body
            .contains("id=\"ecarts\"")
    );
}

#[tokio::test]
async fn the_library_tells_its_distribution_without_saying_more_than_it_knows() {
    let empty = TestApp::demo().await;
    let page = empty.get("/estimer/mesure/ecarts").await.body;
    assert!(page.contains("Aucun projet n’a encore comparé") && !page.contains("<svg viewBox=\"0 0 100 1\""));
    assert_eq!(
        empty.json("/api/v1/measured-ratios").await["distribution"]["median"],
        serde_json::Value::Null
    );

    let site = evaluated().await;
    let page = site.get("/estimer/mesure/ecarts").await;
    let elements = page.body.matches('<').count() - page.body.matches("</").count();
    assert!(elements <= 395, "{elements}");
    for words in [
        "7\u{a0}projets ont comparé",
        "trop peu pour corriger",
        "trop peu pour la dire",
        "<caption",
        "class=\"ranges\"",
    ] {
        assert!(page.body.contains(words), "{words}");
    }
    let document = site.json("/api/v1/measured-ratios").await;
    let found = &document["distribution"];
    assert_eq!(found["count"], 7);
    let classes = found["class_counts"].as_array().unwrap();
    assert_eq!(
        classes.iter().map(|count| count.as_u64().unwrap()).sum::<u64>(),
        7
    );
    let csv = site.get("/exports/measured-ratios.csv").await.body;
    assert_eq!(csv.lines().count(), 8);
    // A measure that is no longer public takes its ratio out of sight.
    let id: EvaluationId = document["items"][0]["measured"]["id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let decision = sobria_store::Decision {
        actor: "essai",
        reason: "",
        now: now(),
    };
    site.app
        .store
        .open_evaluation(id, Reach::Member, decision)
        .await
        .unwrap();
    crate::refresh::at_once(&site.app).await;
    assert_eq!(
        site.json("/api/v1/measured-ratios").await["distribution"]["count"],
        6
    );
    assert!(
        !site
            .get("/exports/measured-ratios.csv")
            .await
            .body
            .contains(&id.to_string())
    );
}
