//! Field × role × channel: each field that is not public carries a mark of its own, and each mark is looked for
//! wherever each role can look, before and after a new version goes through moderation.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::{Map, Value as Json, json};
use sobria_catalogue::access::Level;
use sobria_catalogue::account::Email;
use sobria_catalogue::content::insert_nested;
use sobria_catalogue::draft::{DraftInput, InputName, ORGANISATION};
use sobria_catalogue::field::{FIELDS, FieldKind, FieldSpec, Visibility};
use sobria_catalogue::rights::Role;
use sobria_store::Found;

use super::{Browser, TestApp, now, value_of};
use crate::routes::contribute::fields::{STEPS, step_of};
use crate::site::Site;

/// What marks the first version, and what marks the one that goes through moderation.
const BEFORE: &str = "zqold";
const AFTER: &str = "zqnew";

/// Fields whose kind can carry a mark, with the mark.
fn marks(version: &str) -> Vec<(&'static FieldSpec, String)> {
    FIELDS
        .iter()
        .enumerate()
        .filter(|(_, spec)| spec.visibility() != Visibility::Public)
        .filter(|(_, spec)| value(spec.kind, "").is_some())
        .map(|(place, spec)| (spec, format!("{version}{place:02}q")))
        .collect()
}

fn value(kind: FieldKind, mark: &str) -> Option<Json> {
    let code = || {
        let list = kind.vocabulary()?;
        let terms = sobria_catalogue::vocabulary::Vocabularies::embedded()
            .get(list)
            .terms();
        terms.first().map(|term| term.code)
    };
    match kind {
        FieldKind::Text { .. } | FieldKind::Block { .. } => Some(json!(mark)),
        FieldKind::CodesText(_) => Some(json!({"codes": [code()?], "text": mark})),
        FieldKind::Contact => Some(json!({"email": format!("{mark}@ville.example"), "role": mark})),
        FieldKind::Links | FieldKind::Resources => {
            Some(json!([{"url": format!("https://{mark}.example/"), "label": mark}]))
        }
        FieldKind::Partners => Some(json!([{"name": mark}])),
        FieldKind::Names { .. } => Some(json!([mark])),
        _ => None,
    }
}

fn records() -> Vec<u8> {
    let mut marked = Map::new();
    for (spec, mark) in marks(BEFORE) {
        insert_nested(&mut marked, spec.id, value(spec.kind, &mark).unwrap());
    }
    let plain = |root: &mut Map<String, Json>, organisation: &str, title: &str| {
        for (id, value) in [
            ("organisation.name", json!(organisation)),
            ("organisation.kind", json!("commune")),
            ("organisation.latitude", json!(47.5)),
            ("organisation.longitude", json!(-2.7)),
            ("title", json!(title)),
            ("description", json!("Écouter le réseau d’eau la nuit.")),
            ("start_date", json!("2024-03")),
            ("maturity", json!("deploiement")),
            ("theme", json!("transition")),
            ("audiences", json!(["agent"])),
            ("delivery", json!("interne")),
            ("summary", json!("Trouver les fuites plus tôt.")),
        ] {
            insert_nested(root, id, value);
        }
    };
    plain(&mut marked, "Ville de Valclair", "Compter les fuites");
    // Without these a moderator could not publish.
    insert_nested(&mut marked, "organisation.siret", json!("21750001600019"));
    insert_nested(&mut marked, "algorithm.kinds", json!(["ml"]));
    let mut other = Map::new();
    plain(&mut other, "Ville de Montbrume", "Prévoir les repas");
    serde_json::to_vec(&json!([marked, other])).unwrap()
}

/// The part of an address that names a record or an organisation.
fn named(document: &Json, member: &str, name: &str) -> String {
    document["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item[member] == name)
        .unwrap()["slug"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// The rule of the specification, told once more.
fn may_read(level: Level, visibility: Visibility) -> bool {
    match visibility {
        Visibility::Public => true,
        Visibility::Members => level != Level::Public,
        Visibility::Organisation => matches!(level, Level::Organisation | Level::Moderator),
        Visibility::Moderators => level == Level::Moderator,
    }
}

struct Stage {
    slug: String,
    id: String,
    organisation: String,
    case: Option<String>,
}

impl Stage {
    /// Everywhere a record can show: pages, documents, downloads, feeds, searches, comparisons, follow-up.
    fn channels(&self) -> Vec<String> {
        let Self {
            slug,
            id,
            organisation,
            ..
        } = self;
        let mut paths: Vec<String> = [
            "/",
            "/cas-usages",
            "/organisations",
            "/contexte",
            "/donnees",
            "/statistiques",
            "/statistiques/abandons.csv",
            "/plan-du-site",
            "/modele-de-donnees",
            "/cas-usages?vue=carte",
            "/flux.atom",
            "/sitemap.xml",
            "/mon-espace",
            "/mon-espace/favoris",
            "/mon-espace/dossiers",
            "/mon-espace/recherches",
            "/mon-espace/compte/donnees.json",
            "/moderation",
            "/moderation/signalements",
            "/administration/organisations",
            "/administration/comptes",
            "/administration/courriels",
            "/administration/journal",
            "/api/v1/use-cases",
            "/api/v1/facets",
            "/api/v1/organisations",
            "/exports/use-cases.csv",
            "/exports/use-cases.csv?forme=bibliotheque",
            "/exports/use-cases.csv?brut=1",
            "/exports/use-cases.json",
            "/exports/use-cases.ndjson",
            "/exports/use-cases.geojson",
            "/exports/use-cases.jsonld",
            "/contribuer",
        ]
        .map(str::to_owned)
        .to_vec();
        let columns: Vec<String> = FIELDS
            .iter()
            .map(|spec| format!("colonnes={}", spec.id))
            .collect();
        paths.push(format!("/cas-usages?vue=tableau&{}", columns.join("&")));
        paths.extend(FIELDS.iter().map(|spec| format!("/cas-usages?tri={}", spec.id)));
        for tail in ["", ".json", "/historique", "/contact", "/signaler"] {
            paths.push(format!("/cas-usages/{slug}{tail}"));
        }
        paths.push(format!("/api/v1/use-cases/{id}"));
        paths.push(format!("/organisations/{organisation}"));
        paths.push(format!("/comparer?fiche={slug}&fiche={slug}"));
        paths.push(format!("/contribuer?copier={id}"));
        for word in [BEFORE, AFTER, "fuites"] {
            paths.push(format!("/cas-usages?q={word}"));
            paths.push(format!("/api/v1/use-cases?q={word}"));
            paths.push(format!("/flux.atom?q={word}"));
        }
        if let Some(case) = &self.case {
            for tail in ["", "/suivi", "/relecture", "/apercu"] {
                paths.push(format!("/contribuer/{case}{tail}"));
            }
            paths.extend(
                STEPS
                    .iter()
                    .map(|step| format!("/contribuer/{case}/{}", step.key)),
            );
            paths.push(format!("/moderation/{case}"));
        }
        paths
    }

    /// Reads every channel with every browser, and compares what is found with what may be.
    async fn look(&self, readers: &mut [(&str, Level, Browser<'_>)]) {
        let marks: Vec<_> = [BEFORE, AFTER].into_iter().flat_map(marks).collect();
        for (role, level, browser) in readers.iter_mut() {
            let mut read = BTreeSet::new();
            for path in self.channels() {
                let answer = browser.get(&path).await;
                let mut seen = answer.body.to_lowercase();
                for value in answer.headers.values() {
                    seen.push_str(value.to_str().unwrap_or(""));
                }
                for (spec, mark) in &marks {
                    if seen.contains(mark.as_str()) {
                        assert!(
                            may_read(*level, spec.visibility()),
                            "{role} reads {} at {path}",
                            spec.id
                        );
                        read.insert(spec.id);
                    }
                }
                // What may be read is not to be kept by anything between here and the reader.
                if *level > Level::Public && marks.iter().any(|(_, mark)| seen.contains(mark.as_str())) {
                    let kept = &answer.headers["cache-control"];
                    assert!(
                        kept == "no-store" || kept.to_str().unwrap().contains("private"),
                        "{path}: {kept:?}"
                    );
                }
            }
            let expected: BTreeSet<_> = marks
                .iter()
                .filter(|(spec, _)| may_read(*level, spec.visibility()))
                .map(|(spec, _)| spec.id)
                .collect();
            assert_eq!(read, expected, "{role}");
        }
    }
}

/// A browser of somebody who contributes for an organisation.
async fn contributor<'a>(site: &'a TestApp, organisation: &str) -> Browser<'a> {
    let number = site.app.store.accounts("", None, 0, 1).await.unwrap().total;
    let browser = site.session_of(Role::Member).await;
    let email = Email::parse(&format!("compte{number}@ville.exemple.fr")).unwrap();
    let account = site.app.store.account_by_email(&email).await.unwrap().unwrap();
    let carrier = site
        .app
        .store
        .organisation_by_slug(organisation)
        .await
        .unwrap()
        .unwrap();
    site.app
        .store
        .ask_membership(account.id, carrier.organisation.id, Some("test"), now())
        .await
        .unwrap();
    browser
}

#[tokio::test]
async fn each_role_reads_its_fields_and_no_other_wherever_it_looks() {
    let site = TestApp::with(&records(), "source.json", Site::default(), false).await;
    let found = site.json("/api/v1/use-cases").await;
    let organisations = site.json("/api/v1/organisations").await;
    let slug = named(&found, "title", "Compter les fuites");
    let Found::UseCase { record, .. } = site.app.store.use_case_by_slug(&slug).await.unwrap() else {
        panic!("no record");
    };
    let own = named(&organisations, "name", "Ville de Valclair");
    let other = named(&organisations, "name", "Ville de Montbrume");
    let mut author = contributor(&site, &own).await;
    let mut readers = vec![
        ("visitor", Level::Public, Browser::new(&site)),
        ("pending", Level::Public, site.session_of(Role::Pending).await),
        ("member", Level::Member, site.session_of(Role::Member).await),
        (
            "other organisation",
            Level::Member,
            contributor(&site, &other).await,
        ),
        (
            "same organisation",
            Level::Organisation,
            contributor(&site, &own).await,
        ),
        (
            "moderator",
            Level::Moderator,
            site.session_of(Role::Moderator).await,
        ),
        ("admin", Level::Moderator, site.session_of(Role::Admin).await),
    ];
    let mut stage = Stage {
        slug: slug.clone(),
        id: record.id.to_string(),
        organisation: own,
        case: None,
    };

    // A new version with other marks, through every step of the form.
    let opened = author.send(&format!("/cas-usages/{slug}/modifier"), &[]).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.body);
    let case = opened.headers["location"]
        .to_str()
        .unwrap()
        .trim_end_matches("/essentiel")
        .to_owned();
    stage.case = Some(case.rsplit('/').next().unwrap().to_owned());
    let typed = DraftInput::from_content(&record.content, &record.organisation);
    for step in &STEPS {
        let page = author.get(&format!("{case}/{}", step.key)).await;
        let version = value_of(&page.body, "_version");
        let values: Vec<(String, String)> = typed
            .iter()
            .filter(|(name, _)| *name != ORGANISATION)
            .filter(|(name, _)| {
                InputName::parse(name).is_some_and(|name| {
                    step.fields.contains(&name.field) && step_of(name.field).key == step.key
                })
            })
            .flat_map(|(name, values)| {
                values
                    .iter()
                    .map(move |value| (name.to_owned(), value.replace(BEFORE, AFTER)))
            })
            .collect();
        let mut fields = vec![("_version", version.as_str())];
        fields.extend(values.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let saved = author.send(&format!("{case}/{}", step.key), &fields).await;
        assert_eq!(
            saved.status,
            StatusCode::SEE_OTHER,
            "{}: {}",
            step.key,
            saved.body
        );
    }
    let sent = author.send(&format!("{case}/envoyer"), &[]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    stage.look(&mut readers).await;

    let path = case.replace("/contribuer/", "/moderation/");
    for (what, more) in [
        ("prendre", vec![]),
        (
            "renvoyer",
            vec![
                ("champ.0", "contact"),
                ("commentaire.0", "Est-ce la bonne adresse\u{202f}?"),
            ],
        ),
    ] {
        decide(&mut readers, &path, what, &more).await;
    }
    let again = author.send(&format!("{case}/envoyer"), &[]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    for what in ["prendre", "publier"] {
        decide(&mut readers, &path, what, &[]).await;
    }
    crate::refresh::at_once(&site.app).await;
    stage.look(&mut readers).await;
    let asked = [
        ("nom", "Ana"),
        ("email", "ana@exemple.fr"),
        ("message", "Bonjour"),
    ];
    let mut visitor = Browser::new(&site);
    visitor.post(&format!("/cas-usages/{slug}/contact"), &asked).await;
    let link = site.link_to("ana@exemple.fr").await;
    visitor.get(&link).await;
    visitor
        .post(
            "/messages/confirmer",
            &[("lien", link.rsplit('/').next().unwrap())],
        )
        .await;

    // Mail is read by others than the person it is for: nothing but what everybody may read, whoever it goes to.
    // The address of the contact is where one message goes, and stands in none.
    let mails = site.app.store.mails(None, 200).await.unwrap();
    assert!(mails.len() >= 6, "{}", mails.len());
    for mail in &mails {
        for (spec, mark) in [BEFORE, AFTER].into_iter().flat_map(marks) {
            let (subject, text) = crate::letters::parts(&mail.message);
            assert!(
                !subject.contains(&mark) && !text.contains(&mark),
                "{} in the mail «\u{a0}{subject}\u{a0}»",
                spec.id
            );
        }
    }
}

async fn decide(readers: &mut [(&str, Level, Browser<'_>)], path: &str, what: &str, more: &[(&str, &str)]) {
    let (_, _, moderator) = readers
        .iter_mut()
        .find(|(role, ..)| *role == "moderator")
        .unwrap();
    let page = moderator.get(path).await;
    let (version, seen) = (value_of(&page.body, "_version"), value_of(&page.body, "vu"));
    let mut fields = vec![("_version", version.as_str()), ("vu", seen.as_str())];
    fields.extend_from_slice(more);
    let done = moderator.send(&format!("{path}/{what}"), &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{what}: {}", done.body);
}
