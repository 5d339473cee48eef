//! What is exported reads back as it was, whatever the texts hold.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, in its helpers too"
)]

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use sobria_catalogue::access::{Level, redact};
use sobria_catalogue::content::Content;
use sobria_catalogue::field::{FIELDS, Field, FieldKind};
use sobria_catalogue::id::{OrganisationId, UseCaseId};
use sobria_catalogue::import::{Existing, ImportPlan};
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::text::{clean_block, clean_line};
use sobria_catalogue::use_case::{UseCase, WorkflowStatus};
use sobria_catalogue::vocabulary::{Vocabularies, VocabularyId};
use sobria_exchange::export::{CsvOptions, Format, Shape, SiteInfo, write_with};
use sobria_exchange::plan::{DateOrder, PlanOptions, plan};
use sobria_exchange::read::{ReadOptions, read};
use sobria_territory::Directory;
use uuid::Uuid;

fn written(format: Format, options: &CsvOptions, record: &UseCase) -> Vec<u8> {
    let site = SiteInfo {
        base_url: "https://ia.exemple.fr".to_owned(),
        licence: "etalab-2.0".to_owned(),
        licence_url: "https://licence.example/".to_owned(),
        operator: "Exploitant".to_owned(),
        instance_name: "Bibliothèque".to_owned(),
        modified: Timestamp::UNIX_EPOCH,
        version: "0".to_owned(),
        vocabularies: Vocabularies::program(),
    };
    let mut bytes = Vec::new();
    let items = [Ok::<_, std::io::Error>(redact(record.clone(), Level::Member))];
    write_with(
        format,
        Level::Member,
        &site,
        options,
        items.into_iter(),
        &mut bytes,
    )
    .unwrap();
    bytes
}

fn read_back(bytes: &[u8], name: &str) -> ImportPlan {
    let sheet = read(bytes, name, &ReadOptions::default()).unwrap();
    let mut next = 0;
    let mut new_id = || {
        next += 1;
        Uuid::from_u128(next)
    };
    let mut options = PlanOptions {
        source: name.to_owned(),
        date_order: DateOrder::DayFirst,
        apply_suggestions: false,
        prefer_source: false,
        accept_shrink: false,
        proposes: true,
        today: jiff::civil::date(2026, 11, 23),
        new_id: &mut new_id,
    };
    plan(
        &sheet,
        &Existing::default(),
        Vocabularies::embedded(),
        Directory::embedded(),
        &mut options,
    )
    .unwrap()
}

/// Words that begin like formulas and hold every separator, never HTML and never a mark of absence.
fn words() -> impl Strategy<Value = String> {
    (
        "'{0,2}[=+@a-z-]",
        "[a-zéÉ’|\\\\\"';:,=+@{}\\[\\] -]{0,24}",
        "[a-z]{3}",
    )
        .prop_map(|(a, b, c)| clean_line(&format!("{a}{b} {c}")))
}

fn lines() -> impl Strategy<Value = String> {
    prop::collection::vec(words(), 1..3).prop_map(|lines| clean_block(&lines.join("\n")))
}

fn code(id: VocabularyId) -> impl Strategy<Value = String> {
    let codes: Vec<String> = Vocabularies::embedded()
        .get(id)
        .terms()
        .iter()
        .map(|term| term.code.to_owned())
        .collect();
    prop::sample::select(codes)
}

fn distinct(items: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for item in items {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}

fn link(kind: bool) -> BoxedStrategy<Json> {
    let role = prop::option::of(code(VocabularyId::ResourceKind)).prop_map(move |code| code.filter(|_| kind));
    (
        "[a-z]{1,8}",
        "[a-z0-9|=&;,-]{0,8}",
        prop::option::of(words()),
        role,
    )
        .prop_map(|(host, path, label, kind)| {
            let mut link = Map::new();
            link.insert("url".to_owned(), json!(format!("https://{host}.example/a{path}")));
            if let Some(label) = label {
                link.insert("label".to_owned(), json!(label));
            }
            if let Some(kind) = kind {
                link.insert("kind".to_owned(), json!(kind));
            }
            Json::Object(link)
        })
        .boxed()
}

/// Any value that the field allows.
fn value(field: Field) -> BoxedStrategy<Json> {
    match field.spec().kind {
        FieldKind::Text { .. } => words().prop_map(Json::from).boxed(),
        FieldKind::Block { .. } => lines().prop_map(Json::from).boxed(),
        FieldKind::Code(id) => code(id).prop_map(Json::from).boxed(),
        FieldKind::Codes(id) | FieldKind::CodesMax(id, _) => prop::collection::vec(code(id), 1..3)
            .prop_map(|codes| json!(distinct(codes)))
            .boxed(),
        FieldKind::CodesText(id) => (code(id), prop::option::of(words()))
            .prop_map(|(code, text)| match text {
                Some(text) => json!({"codes": [code], "text": text}),
                None => json!({"codes": [code]}),
            })
            .boxed(),
        FieldKind::Date => prop::sample::select(vec!["2021", "2022-05", "2023-11-30"])
            .prop_map(Json::from)
            .boxed(),
        FieldKind::Integer => any::<u32>().prop_map(Json::from).boxed(),
        FieldKind::Partners => {
            prop::collection::vec((words(), prop::option::of(code(VocabularyId::PartnerRole))), 1..3)
                .prop_map(|partners| {
                    partners
                        .into_iter()
                        .map(|(name, role)| match role {
                            Some(role) => json!({"name": name, "role": role}),
                            None => json!({"name": name}),
                        })
                        .collect()
                })
                .boxed()
        }
        FieldKind::Links => prop::collection::vec(link(false), 1..3)
            .prop_map(Json::from)
            .boxed(),
        FieldKind::Resources => prop::collection::vec(link(true), 1..3)
            .prop_map(Json::from)
            .boxed(),
        FieldKind::Names { .. } => prop::collection::vec(words(), 1..4)
            .prop_map(|names| json!(distinct(names)))
            .boxed(),
        FieldKind::Contact => prop::option::of(words())
            .prop_map(|role| match role {
                Some(role) => json!({"email": "service@ville.example", "role": role}),
                None => json!({"email": "service@ville.example"}),
            })
            .boxed(),
        FieldKind::Siret | FieldKind::Decimal { .. } => Just(Json::Null).boxed(),
    }
}

fn record(name: &str, content: Content) -> UseCase {
    let id = UseCaseId::new(Uuid::from_u128(1));
    UseCase {
        id,
        slug: id.slug(content.title()),
        organisation: Organisation {
            kind: Some("commune".to_owned()),
            ..Organisation::named(OrganisationId::new(Uuid::from_u128(2)), name)
        },
        content,
        status: WorkflowStatus::Published,
        version: 1,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
        published_at: None,
        first_published_at: None,
        last_reviewed_on: None,
        completeness: 0,
    }
}

/// A record with every field that submission asks for, and any others.
fn any_record() -> impl Strategy<Value = UseCase> {
    let fields: Vec<_> = FIELDS
        .iter()
        .filter(|spec| !spec.field.is_of_organisation())
        .map(|spec| {
            let needed = spec.requirement == sobria_catalogue::field::Requirement::Submit;
            (
                Just(spec.id),
                value(spec.field),
                any::<bool>().prop_map(move |chosen| chosen || needed),
            )
        })
        .collect();
    (words(), fields).prop_map(|(name, fields)| {
        let content: Map<String, Json> = fields
            .into_iter()
            .filter(|(_, _, chosen)| *chosen)
            .map(|(id, value, _)| (id.to_owned(), value))
            .collect();
        record(&name, Content::from_json(Json::Object(content)).unwrap())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_exported_reads_back_as_it_was(record in any_record()) {
        let raw = CsvOptions { raw: true, ..CsvOptions::default() };
        for (format, options, name) in [
            (Format::Csv, &raw, "raw.csv"),
            (Format::Csv, &CsvOptions { bom: true, ..CsvOptions::default() }, "quoted.csv"),
            (Format::Json, &raw, "x.json"),
            (Format::Ndjson, &raw, "x.ndjson"),
        ] {
            let plan = read_back(&written(format, options, &record), name);
            let row = &plan.rows[0];
            for field in row.content.differing_fields(&record.content) {
                prop_assert_eq!(row.content.get(field), record.content.get(field), "{}: {:?}", name, row.issues);
            }
            prop_assert_eq!(&plan.organisations[0].organisation.name, &record.organisation.name, "{}", name);
        }
    }
}

#[test]
fn a_quote_that_was_typed_before_a_formula_is_kept_in_both_forms_of_the_csv() {
    for text in ["'=1+1", "''@a", "=1+1", "'abc"] {
        let content = json!({
            "title": text, "description": text, "theme": "mobilites", "tags": [text],
            "start_date": "2024", "maturity": "termine", "audiences": ["elu"],
        });
        let record = record("Ville", Content::from_json(content).unwrap());
        for raw in [false, true] {
            let options = CsvOptions {
                raw,
                ..CsvOptions::default()
            };
            let bytes = written(Format::Csv, &options, &record);
            assert_eq!(String::from_utf8_lossy(&bytes).contains(",raw\n"), raw);
            let plan = read_back(&bytes, "x.csv");
            for field in [Field::Title, Field::Description, Field::Tags] {
                let read = plan.rows[0].content.get(field);
                assert_eq!(read, record.content.get(field), "{text} {raw}");
            }
        }
    }
}

#[test]
fn both_historic_shapes_read_back_with_the_columns_that_they_have() {
    let content = Content::from_json(json!({
        "title": "Fuites d’eau, la nuit",
        "description": "Détecter les fuites.",
        "start_date": "2023-11-30",
        "maturity": "termine",
        "theme": "citoyennete",
        "subthemes": ["voirie"],
        "audiences": ["grand_public", "elu"],
        "partners": [{"name": "CEREMA"}],
        "links.info": [{"url": "https://ville.example/eau"}],
        "source_updated_on": "2025-02-03",
    }));
    let record = record("Ville d’Étoile-sur-Mer", content.unwrap());
    for (shape, header) in [
        (Shape::Bibliotheque, "coll_nom;"),
        (Shape::Grist, "Nom_collectivite,Nom_du_projet,SIRET,"),
    ] {
        let options = CsvOptions {
            shape,
            ..CsvOptions::default()
        };
        let bytes = written(Format::Csv, &options, &record);
        assert!(String::from_utf8_lossy(&bytes).starts_with(header), "{shape:?}");
        let plan = read_back(&bytes, "historic.csv");
        assert_eq!(
            plan.rows[0].content, record.content,
            "{shape:?}: {:?}",
            plan.rows[0].issues
        );
        assert_eq!(plan.organisations[0].organisation.name, record.organisation.name);
    }
}

#[test]
fn the_historic_shape_keeps_what_its_columns_can_say() {
    let content = Content::from_json(json!({
        "title": "Fuites d’eau",
        "description": "Détecter les fuites ; \"vite\".",
        "start_date": "2023-11-30",
        "end_date": "2024-02",
        "maturity": "termine",
        "delivery": ["interne"],
        "theme": "citoyennete",
        "audiences": ["grand_public", "elu"],
        "budget_band": "50k_100k",
        "links.info": [{"url": "https://ville.example/eau"}],
        "source_updated_on": "2025-02-03",
    }));
    let record = record("Ville d’Étoile-sur-Mer", content.unwrap());
    let options = CsvOptions {
        shape: Shape::Bibliotheque,
        ..CsvOptions::default()
    };
    let plan = read_back(&written(Format::Csv, &options, &record), "b.csv");
    assert_eq!(plan.rows[0].content, record.content, "{:?}", plan.rows[0].issues);
}
