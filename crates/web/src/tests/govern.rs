//! Frugality and transparency: without an account, for a record, in public once a moderator read them.

use axum::http::StatusCode;
use serde_json::Value as Json;
use sobria_catalogue::field::{FIELDS, Field, Visibility};
use sobria_store::{AssessmentKind, Subject};

use super::{Answer, Browser, TestApp};
use crate::demonstration::DOMAIN;

pub(super) const FRUGALITY: &str = "/maitriser/frugalite";
pub(super) const TRANSPARENCY: &str = "/maitriser/transparence";

/// Every field of the forms of a page as a browser without script would send it, `changed` ones apart.
pub(super) fn filled(page: &str, changed: &[(&str, &str)]) -> Vec<(String, String)> {
    let form = page
        .split("<form action=\"/maitriser")
        .nth(1)
        .unwrap()
        .split("</form>")
        .next()
        .unwrap();
    let mut fields: Vec<(String, String)> = Vec::new();
    let attribute = |tag: &str, name: &str| {
        tag.split(&format!("{name}=\""))
            .nth(1)
            .map(|rest| unescape(rest.split('"').next().unwrap()))
    };
    for piece in form.split('<').skip(1) {
        let tag = piece.split('>').next().unwrap();
        let Some(name) = attribute(tag, " name") else {
            if tag.starts_with("option") && tag.contains(" selected") {
                let last = fields.last_mut().unwrap();
                last.1 = attribute(tag, " value").unwrap();
            }
            continue;
        };
        if tag.starts_with("textarea") {
            fields.push((name, unescape(piece.split('>').nth(1).unwrap())));
        } else if tag.starts_with("select") {
            fields.push((name, String::new()));
        } else if tag.starts_with("input") {
            let box_ = tag.contains("type=\"radio\"") || tag.contains("type=\"checkbox\"");
            if !box_ || tag.contains(" checked") {
                fields.push((name, attribute(tag, " value").unwrap_or_default()));
            }
        }
    }
    for (name, value) in changed {
        fields.retain(|(known, _)| known != name || *name == "action");
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    fields
}

fn unescape(text: &str) -> String {
    text.replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#38;", "&")
}

pub(super) async fn send(
    browser: &mut Browser<'_>,
    path: &str,
    page: &str,
    changed: &[(&str, &str)],
) -> Answer {
    let fields = filled(page, changed);
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    browser.post(path, &fields).await
}

pub(super) fn elements(page: &str) -> usize {
    page.matches('<').count() - page.matches("</").count() - 1
}

/// A published record of the organisation that the demonstration contributor belongs to.
pub(super) async fn own_record(site: &TestApp) -> String {
    let id = site
        .app
        .store
        .organisation_of_domain(DOMAIN)
        .await
        .unwrap()
        .unwrap();
    let own = site
        .app
        .store
        .organisations_by_ids(&[id])
        .await
        .unwrap()
        .remove(0);
    let document = site.json("/api/v1/use-cases?limit=100").await;
    document["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["organisation"]["name"] == own.name.as_str())
        .unwrap()["slug"]
        .as_str()
        .unwrap()
        .to_owned()
}

pub(super) const NEED: [(&str, &str); 11] = [
    ("besoin", "Répondre aux habitants en deux jours"),
    ("alt1_sorte", "sans_ia"),
    ("alt1_quoi", "Réponses types"),
    ("alt1_raison", "trop rigides"),
    ("alt2_sorte", "rien"),
    ("alt2_quoi", "Ne rien changer"),
    ("alt2_raison", "dix jours d’attente"),
    ("decideur", "Direction"),
    ("decision", "ia"),
    ("seuil", "80\u{a0}% de réponses utiles"),
    ("producteur", "oui"),
];

pub(super) const LIMITS: [(&str, &str); 5] = [
    ("plafond", "220 000"),
    ("arret", "moins de 80\u{a0}% de réponses utiles"),
    ("rebond", "requêtes par agent"),
    ("evites", "courriers"),
    ("causes", "plus de demandes"),
];

#[tokio::test]
async fn anyone_assesses_frugality_without_an_account_and_leaves_with_figures() {
    let site = TestApp::demo().await;
    let mut visitor = Browser::new(&site);
    let mut page = visitor.get(FRUGALITY).await.body;
    assert!(page.contains("Étape 1 sur 8"), "{page}");
    let mut weights = vec![elements(&page)];
    page = send(&mut visitor, FRUGALITY, &page, &NEED).await.body;
    page = send(&mut visitor, FRUGALITY, &page, &LIMITS).await.body;
    assert!(page.contains("Étape 3 sur 8"));
    page = send(&mut visitor, FRUGALITY, &page, &[("maturite", "deploiement")])
        .await
        .body;
    weights.push(elements(&page));
    for (pillar, practices) in [(4, 1..=1), (5, 2..=5), (6, 6..=7), (7, 8..=12), (8, 13..=15)] {
        assert!(page.contains(&format!("Étape {pillar} sur 8")), "{page}");
        weights.push(elements(&page));
        let mut answers = Vec::new();
        for number in practices {
            let code = format!("bp{number:02}");
            answers.push((code.clone(), "3".to_owned()));
            answers.push((format!("{code}_preuve"), "Note interne n° 12".to_owned()));
            answers.push((format!("{code}_date"), "2026-03-01".to_owned()));
            answers.push((format!("{code}_relu"), "oui".to_owned()));
        }
        let answers: Vec<(&str, &str)> = answers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        page = send(&mut visitor, FRUGALITY, &page, &answers).await.body;
    }
    weights.push(elements(&page));
    assert!(page.contains("<dt>Prouvé, sur 100</dt><dd>75</dd>"), "{page}");
    assert!(page.contains("Démarche d’IA frugale documentée"), "{page}");
    assert!(page.len() < 60_000, "{}", page.len());
    assert!(weights.iter().all(|weight| *weight <= 395), "{weights:?}");

    let document = send(&mut visitor, FRUGALITY, &page, &[("action", "json")]).await;
    assert_eq!(
        document.headers["content-disposition"],
        "attachment; filename=\"frugalite.json\""
    );
    let document: Json = serde_json::from_str(&document.body).unwrap();
    let points: f64 = document["practices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let carried = one["declared"]
                .as_f64()
                .unwrap()
                .min(one["backing"].as_f64().unwrap());
            one["weight"].as_f64().unwrap() * carried
        })
        .sum();
    let proven = document["score"]["proven"].as_f64().unwrap();
    assert!(
        (proven - 100.0 * points / (4.0 * 23.0)).abs() < 1e-9,
        "worked out again from the file"
    );
    let table = send(&mut visitor, FRUGALITY, &page, &[("action", "csv")])
        .await
        .body;
    assert_eq!(table.lines().count(), 16);
    // Going back keeps everything.
    let again = send(&mut visitor, FRUGALITY, &page, &[]).await.body;
    assert!(again.contains("Répondre aux habitants en deux jours"));
    assert!(super::value_of(&again, "etat").contains("bp15_preuve=Note"));
}

#[tokio::test]
async fn a_half_filled_or_wrong_answer_is_named_and_nothing_typed_is_lost() {
    let site = TestApp::demo().await;
    let mut visitor = Browser::new(&site);
    let page = visitor.get(FRUGALITY).await.body;
    let wrong = send(
        &mut visitor,
        FRUGALITY,
        &page,
        &[("besoin", "Mettre de l’IA partout"), ("decideur", "Le maire")],
    )
    .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("href=\"#besoin\"") && wrong.body.contains("sans parler d’IA"));
    assert!(wrong.body.contains("Mettre de l’IA partout") && wrong.body.contains("Le maire"));
    let next = send(
        &mut visitor,
        FRUGALITY,
        &wrong.body,
        &[("besoin", "Répondre plus vite")],
    )
    .await;
    assert_eq!(next.status, StatusCode::OK);
    // Whoever goes back finds the page with what was typed.
    assert_eq!(next.headers["cache-control"], "private, no-cache");
    let minus = send(
        &mut visitor,
        FRUGALITY,
        &next.body,
        &[("plafond", "-5"), ("arret", "un jour")],
    )
    .await;
    assert_eq!(minus.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(minus.body.contains("ne peut pas être négatif") && minus.body.contains("un jour"));
    let partial = send(
        &mut visitor,
        FRUGALITY,
        &minus.body,
        &[("plafond", "5"), ("action", "resultat")],
    )
    .await;
    assert_eq!(partial.status, StatusCode::OK);
    assert!(partial.body.contains("Évaluation incomplète"));
    assert!(!partial.body.contains("<strong>Démarche d’IA frugale documentée"));
}

#[tokio::test]
async fn a_record_answers_what_it_can_and_its_assessment_becomes_public_once_read() {
    let site = TestApp::demo().await;
    let slug = own_record(&site).await;
    let path = format!("/cas-usages/{slug}/frugalite");
    let form = format!("{FRUGALITY}?fiche={slug}");
    assert_eq!(
        site.get(&form).await.status,
        StatusCode::SEE_OTHER,
        "one must sign in"
    );
    let mut agent = site.sign_in("agent").await;
    assert_eq!(agent.get(&form).await.status, StatusCode::FORBIDDEN);

    let mut author = site.sign_in("contributeur").await;
    let first = author.get(&form).await.body;
    let page = send(&mut author, FRUGALITY, &first, &NEED).await.body;
    let page = send(&mut author, FRUGALITY, &page, &LIMITS).await.body;
    let page = send(&mut author, FRUGALITY, &page, &[]).await.body;
    let page = send(
        &mut author,
        FRUGALITY,
        &page,
        &[
            ("bp01", "2"),
            ("bp01_preuve", "Attestation"),
            ("bp01_date", "2026-01-05"),
        ],
    )
    .await;
    assert_eq!(page.headers["cache-control"], "no-store");
    let page = page.body;
    // What was written two steps earlier is proposed now, and not what was known before it was.
    let (_, second) = page.split_once("2. Qualifier le besoin").unwrap();
    let (second, _) = second.split_once("3. Choisir").unwrap();
    assert!(
        second.contains("Niveau proposé\u{a0}: 2, d’après filtre d’opportunité.")
            && !second.contains("a changé"),
        "{second}"
    );
    assert!(second.contains("value=\"2\" checked"), "{second}");
    let page = send(&mut author, FRUGALITY, &page, &[("action", "resultat")])
        .await
        .body;
    assert!(page.contains("proposé d’après publication de la fiche"), "{page}");
    // A form cannot say that somebody else read the proofs.
    let saved = send(
        &mut author,
        FRUGALITY,
        &page,
        &[("bp01", "4"), ("bp01_relu", "oui")],
    )
    .await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    assert_eq!(saved.headers["location"], path.as_str());
    let kept = author.get(&path).await.body;
    assert!(kept.contains("1. Connaître les ressources physiques mobilisées</th><td>4, systématique et partagé</td><td>2</td>"), "{kept}");
    assert!(!kept.contains("id=\"relire\""), "not by its author");
    assert_eq!(
        site.get(&path).await.status,
        StatusCode::NOT_FOUND,
        "not public yet"
    );
    assert_eq!(agent.get(&path).await.status, StatusCode::NOT_FOUND);

    // Sent twice from the same page, the second is a conflict that loses nothing.
    let twice = send(&mut author, FRUGALITY, &page, &[("bp01", "3")]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    assert!(twice.body.contains("version 1 entre-temps") && twice.body.contains("Attestation"));

    let mut moderator = site.sign_in("moderation").await;
    assert!(moderator.get("/maitriser").await.body.contains(&path));
    let seen = moderator.get(&path).await.body;
    let version = super::value_of(&seen, "version");
    let read = moderator
        .send(
            &path,
            &[("action", "relire"), ("version", &version), ("relues", "bp01")],
        )
        .await;
    assert_eq!(read.status, StatusCode::SEE_OTHER, "{}", read.body);
    let seen = moderator.get(&path).await.body;
    assert!(
        seen.contains("<td>4, systématique et partagé</td><td>4</td>"),
        "{seen}"
    );
    let stale = moderator
        .send(&path, &[("action", "publier"), ("version", &version)])
        .await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let version = super::value_of(&seen, "version");
    let published = moderator
        .send(&path, &[("action", "publier"), ("version", &version)])
        .await;
    assert_eq!(published.status, StatusCode::SEE_OTHER);
    let public = site.get(&path).await;
    assert_eq!(public.status, StatusCode::OK);
    assert!(public.body.contains("Prouvé, sur 100") && !public.body.contains("id=\"publier\""));
    let record = site.get(&format!("/cas-usages/{slug}")).await.body;
    assert!(
        record.contains(&format!("<dt>Frugalité</dt><dd><a href=\"{path}\">prouvé"))
            && record.contains("<h2>Où en est ce projet</h2>"),
        "{record}"
    );
    let document = site.json(&format!("{path}.json")).await;
    assert_eq!(document["rubric_version"], "1.0");
    assert_eq!(document["badge"], false);
    assert!(
        !site.get("/cas-usages").await.body.contains("card-badge"),
        "the rule does not allow it"
    );
    let forbidden = author
        .send(&path, &[("action", "publier"), ("version", &version)])
        .await;
    assert_eq!(forbidden.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_an_organisation_answers_once_is_inherited_by_its_projects() {
    let site = TestApp::demo().await;
    let slug = own_record(&site).await;
    let record = site.json(&format!("/cas-usages/{slug}.json")).await;
    let organisation = record["organisation"]["slug"].as_str().unwrap();
    let mut author = site.sign_in("contributeur").await;
    let page = author
        .get(&format!("{FRUGALITY}?organisation={organisation}"))
        .await
        .body;
    let page = send(
        &mut author,
        FRUGALITY,
        &page,
        &[
            ("bp15", "2"),
            ("bp15_preuve", "Arrêté du 2 mai"),
            ("bp15_date", "2026-05-02"),
        ],
    )
    .await
    .body;
    let saved = send(&mut author, FRUGALITY, &page, &[]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let page = author.get(&format!("{FRUGALITY}?fiche={slug}")).await.body;
    let result = send(&mut author, FRUGALITY, &page, &[("action", "resultat")])
        .await
        .body;
    assert!(result.contains("Arrêté du 2 mai"), "{result}");
    assert!(
        result.contains("proposé d’après réponse de l’organisation"),
        "{result}"
    );
}

#[tokio::test]
async fn the_badge_is_on_the_card_when_the_rule_allows_it() {
    let site = TestApp::demo().await;
    let slug = own_record(&site).await;
    let mut author = site.sign_in("contributeur").await;
    let mut page = author.get(&format!("{FRUGALITY}?fiche={slug}")).await.body;
    for answers in [&NEED[..], &LIMITS[..], &[]] {
        page = send(&mut author, FRUGALITY, &page, answers).await.body;
    }
    for practices in [1..=1, 2..=5, 6..=7, 8..=12, 13..=15] {
        let mut answers = Vec::new();
        for number in practices {
            let code = format!("bp{number:02}");
            answers.push((code.clone(), "2".to_owned()));
            answers.push((format!("{code}_preuve"), "Note".to_owned()));
            answers.push((format!("{code}_date"), "2026-03-01".to_owned()));
        }
        let answers: Vec<(&str, &str)> = answers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        page = send(&mut author, FRUGALITY, &page, &answers).await.body;
        assert!(elements(&page) <= 395, "{}", elements(&page));
    }
    let saved = send(&mut author, FRUGALITY, &page, &[]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    assert!(
        !site
            .get("/cas-usages?vue=fiches")
            .await
            .body
            .contains("card-badge")
    );
    let path = format!("/cas-usages/{slug}/frugalite");
    let mut moderator = site.sign_in("moderation").await;
    let seen = moderator.get(&path).await.body;
    let version = super::value_of(&seen, "version");
    moderator
        .send(&path, &[("action", "publier"), ("version", &version)])
        .await;
    let record = site.json(&format!("/cas-usages/{slug}.json")).await;
    let organisation = record["organisation"]["slug"].as_str().unwrap();
    let cards = site.get(&format!("/organisations/{organisation}")).await.body;
    assert!(
        cards.contains("<p class=\"card-badge\">Démarche d’IA frugale documentée</p>"),
        "{cards}"
    );
}

#[tokio::test]
async fn a_class_is_presumed_without_an_account_and_its_reasons_are_told() {
    let site = TestApp::demo().await;
    let mut visitor = Browser::new(&site);
    let page = visitor.get(TRANSPARENCY).await.body;
    let mut weights = vec![elements(&page)];
    let wrong = send(
        &mut visitor,
        TRANSPARENCY,
        &page,
        &[("is_ai", "oui"), ("exception", "procedure")],
    )
    .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("href=\"#exception_reason\""));
    let answers = [
        ("is_ai", "oui"),
        ("prohibited", "aucun"),
        ("annex", "5"),
        ("exception", "aucun"),
        ("triggers", "aucun"),
    ];
    let page = send(&mut visitor, TRANSPARENCY, &page, &answers).await.body;
    weights.push(elements(&page));
    let decisions = [
        ("individual_decision", "oui"),
        ("automation", "Automatisation complète de la décision"),
        ("agents_fte", "120"),
        ("purpose", "classer les demandes de place en crèche"),
        ("rules_url", "https://ville.fr/regles"),
        ("service", "Petite enfance"),
        ("public_contact", "creche@ville.fr"),
    ];
    let page = send(&mut visitor, TRANSPARENCY, &page, &decisions).await.body;
    weights.push(elements(&page));
    let page = send(
        &mut visitor,
        TRANSPARENCY,
        &page,
        &[("dpia_criteria", "echelle"), ("logs_months", "3")],
    )
    .await
    .body;
    weights.push(elements(&page));
    let result = send(&mut visitor, TRANSPARENCY, &page, &[]).await;
    weights.push(elements(&result.body));
    assert_eq!(result.status, StatusCode::OK);
    for words in [
        "Présumé à haut risque",
        "Services essentiels",
        "Journaux conservés six mois au moins",
        "nulle depuis le 1er juillet 2020",
        "qui sert à classer les demandes de place en crèche",
        "2\u{a0}décembre 2027",
        "Fin du délai de marquage",
        "À faire relire par le service juridique",
    ] {
        assert!(result.body.contains(words), "{words}: {}", result.body);
    }
    assert!(!result.body.to_lowercase().contains("est conforme"));
    assert!(result.octets < 60_000);
    assert!(weights.iter().all(|weight| *weight <= 395), "{weights:?}");
    let document = send(&mut visitor, TRANSPARENCY, &result.body, &[("action", "json")]).await;
    let document: Json = serde_json::from_str(&document.body).unwrap();
    assert_eq!(document["presumed_risk_class"], "high_risk");
}

#[tokio::test]
async fn the_public_sheet_holds_no_reserved_value_until_its_carrier_gives_it() {
    let site = TestApp::demo().await;
    let slug = own_record(&site).await;
    let path = format!("/cas-usages/{slug}/transparence");
    let before = site.get(&path).await;
    assert_eq!(before.status, StatusCode::OK);
    assert!(before.body.contains("Non renseigné"), "a blank line is shown");
    let sobria_store::Found::UseCase { record, .. } = site.app.store.use_case_by_slug(&slug).await.unwrap()
    else {
        panic!()
    };
    let reserved: Vec<(&str, String)> = FIELDS
        .iter()
        .filter(|spec| spec.visibility() != Visibility::Public)
        .filter_map(|spec| {
            record
                .content
                .text(spec.field)
                .map(|text| (spec.id, text.chars().take(40).collect()))
        })
        .collect();
    assert!(!reserved.is_empty());
    let shown = [path.clone(), format!("{path}.json"), format!("{path}.csv")];
    for address in &shown {
        let body = site.get(address).await.body;
        for (id, text) in &reserved {
            assert!(!body.contains(text.as_str()), "{address} shows {id}");
        }
    }
    let mut author = site.sign_in("contributeur").await;
    let page = author.get(&format!("{TRANSPARENCY}?fiche={slug}")).await.body;
    let page = send(
        &mut author,
        TRANSPARENCY,
        &page,
        &[
            ("is_ai", "oui"),
            ("prohibited", "aucun"),
            ("annex", "aucun"),
            ("triggers", "contenu"),
        ],
    )
    .await
    .body;
    assert!(
        page.contains("Repris d’ailleurs, à relire\u{a0}: fiche, «"),
        "{page}"
    );
    let page = send(
        &mut author,
        TRANSPARENCY,
        &page,
        &[("service", "Voirie"), ("action", "resultat")],
    )
    .await
    .body;
    let saved = send(&mut author, TRANSPARENCY, &page, &[("limits", "Peu sûr la nuit")]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    assert!(!site.get(&path).await.body.contains("Peu sûr la nuit"));
    let mut moderator = site.sign_in("moderation").await;
    let seen = moderator.get(&path).await.body;
    let version = super::value_of(&seen, "version");
    let published = moderator
        .send(&path, &[("action", "publier"), ("version", &version)])
        .await;
    assert_eq!(published.status, StatusCode::SEE_OTHER, "{}", published.body);
    let public = site.get(&path).await.body;
    assert!(
        public.contains("Peu sûr la nuit") && public.contains("Présumé à risque limité"),
        "{public}"
    );
    if let Some(hosting) = record
        .content
        .get(Field::Hosting)
        .filter(|_| public.contains("Lieu"))
    {
        assert!(!hosting.is_empty());
    }

    let organisation = record.organisation.slug.clone();
    let inventory = format!("/organisations/{organisation}/inventaire");
    assert!(
        site.get(&inventory)
            .await
            .body
            .contains("Présumé à risque limité")
    );
    let table = site.get(&format!("{inventory}.csv")).await;
    assert!(
        table.body.starts_with("Administration,Direction ou service,"),
        "{}",
        table.body
    );
    assert!(table.body.contains("Voirie"));
    let book = site.get(&format!("{inventory}.ods")).await;
    assert_eq!(book.headers["content-type"], sobria_exchange::table::ODS);
    let document = site.json(&format!("{inventory}.json")).await;
    assert_eq!(
        document["items"][0]["Administration"],
        record.organisation.name.as_str()
    );
}

#[tokio::test]
async fn what_is_presumed_forbidden_is_never_published() {
    let site = TestApp::demo().await;
    let slug = own_record(&site).await;
    let path = format!("/cas-usages/{slug}/transparence");
    let mut author = site.sign_in("contributeur").await;
    let page = author.get(&format!("{TRANSPARENCY}?fiche={slug}")).await.body;
    let answers = [
        ("is_ai", "oui"),
        ("prohibited", "emotions"),
        ("action", "resultat"),
    ];
    let page = send(&mut author, TRANSPARENCY, &page, &answers).await.body;
    assert!(page.contains("Présumé interdit"), "{page}");
    let saved = send(&mut author, TRANSPARENCY, &page, &[]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    let mut moderator = site.sign_in("moderation").await;
    let seen = moderator.get(&path).await.body;
    assert!(!seen.contains("id=\"publier\"") && seen.contains("id=\"retirer\""));
    let version = super::value_of(&seen, "version");
    let refused = moderator
        .send(&path, &[("action", "publier"), ("version", &version)])
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let gone = moderator
        .send(&path, &[("action", "retirer"), ("version", &version)])
        .await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER);
    let sobria_store::Found::UseCase { record, .. } = site.app.store.use_case_by_slug(&slug).await.unwrap()
    else {
        panic!()
    };
    let left = site
        .app
        .store
        .assessments_of(
            AssessmentKind::Transparency,
            Subject::UseCase(record.id),
            sobria_catalogue::access::Level::Moderator,
        )
        .await
        .unwrap();
    assert!(left.is_empty());
}

#[tokio::test]
async fn the_demonstration_shows_a_public_assessment_and_a_public_dossier() {
    let site = TestApp::demo().await;
    let slug = own_record(&site).await;
    let sobria_store::Found::UseCase { record, .. } = site.app.store.use_case_by_slug(&slug).await.unwrap()
    else {
        panic!()
    };
    crate::demonstration::assess(&site.app.store, &record, &[], super::now())
        .await
        .unwrap();
    crate::refresh::at_once(&site.app).await;
    let assessment = site.get(&format!("/cas-usages/{slug}/frugalite")).await;
    assert_eq!(assessment.status, StatusCode::OK);
    assert!(
        !assessment.body.contains("Évaluation incomplète"),
        "{}",
        assessment.body
    );
    let sheet = site.get(&format!("/cas-usages/{slug}/transparence")).await.body;
    assert!(sheet.contains("Présumé à risque limité"), "{sheet}");
    for body in [&assessment.body, &sheet] {
        assert!(elements(body) <= 395, "{}", elements(body));
        assert!(body.len() < 60_000, "{}", body.len());
    }
}
