//! Exports: their exact form on records with nasty texts, and what they must never hold.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, in its helpers too"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use sobria_catalogue::access::{Level, VisibleUseCase, redact};
use sobria_catalogue::content::{Content, Value};
use sobria_catalogue::field::{FIELDS, Field, FieldKind};
use sobria_catalogue::id::{OrganisationId, UseCaseId};
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::use_case::{UseCase, WorkflowStatus};
use sobria_catalogue::vocabulary::{Vocabularies, VocabularyId};
use sobria_exchange::cell::{decode, encode};
use sobria_exchange::export::{
    CsvOptions, Format, Shape, SiteInfo, atom, csv_header, schema_org_dataset, schema_org_record, write_with,
};
use sobria_exchange::schema;
use uuid::Uuid;

/// What a spreadsheet would run.
const FORMULAS: [&str; 8] = [
    "=HYPERLINK(\"http://x.example\",\"clic\")",
    "+1+1",
    "-2+3",
    "@SUM(1;1)",
    "\t=1",
    "\r=1",
    "\0=1",
    "＝1+1",
];

fn site() -> SiteInfo {
    SiteInfo {
        base_url: "https://ia.exemple.fr".to_owned(),
        licence: "etalab-2.0".to_owned(),
        licence_url: "https://licence.example/ouverte".to_owned(),
        operator: "Exploitant & Cie".to_owned(),
        instance_name: "Bibliothèque <d’essai>".to_owned(),
        modified: "2026-03-04T05:06:07Z".parse().unwrap(),
        version: "0.0.0".to_owned(),
        vocabularies: Vocabularies::program(),
    }
}

fn record(number: u128, organisation: Organisation, content: Json) -> UseCase {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let id = UseCaseId::new(Uuid::from_u128(number));
    let content = Content::from_json(content).unwrap();
    UseCase {
        id,
        slug: id.slug(content.title()),
        organisation,
        content,
        status: WorkflowStatus::Published,
        version: 2,
        created_at: at("2026-01-02T03:04:05Z"),
        updated_at: at("2026-03-04T05:06:07Z"),
        published_at: Some(at("2026-02-03T04:05:06Z")),
        first_published_at: Some(at("2026-01-03T04:05:06Z")),
        last_reviewed_on: None,
        completeness: 42,
    }
}

/// Three invented records: a full one with formulas, one with every separator and quote, a nearly empty one.
fn records() -> Vec<UseCase> {
    let known = Organisation {
        siret: Some("21750001600019".to_owned()),
        siren: Some("217500016".to_owned()),
        kind: Some("commune".to_owned()),
        latitude: Some(44.841_225),
        longitude: Some(-0.580_036),
        departement: Some("33".to_owned()),
        region: Some("75".to_owned()),
        population: Some(12_345),
        ..Organisation::named(
            OrganisationId::new(Uuid::from_u128(101)),
            "Ville d’Étoile-sur-Mer",
        )
    };
    let unknown = Organisation::named(
        OrganisationId::new(Uuid::from_u128(102)),
        "@Métropole </script><b>|\\",
    );
    vec![
        record(
            1,
            known.clone(),
            json!({
                "title": "=1+1 fuites d’eau",
                "summary": "Détecter, « vite » et bien.",
                "description": "-2+3\nDeux lignes, une virgule ; un point-virgule\tune tabulation.",
                "start_date": "2023-09",
                "maturity": "deploiement",
                "theme": "transition",
                "subthemes": ["gestion_eau"],
                "audiences": ["agent", "elu"],
                "partners": [{"name": "Université | Nord", "role": "academique"}, {"name": "Barre \\ oblique"}],
                "contact": {"email": "eau@ville.example", "role": "Régie"},
                "delivery": ["interne"],
                "hosting": {"codes": [], "text": "serveur de la ville"},
                "decision.per_year": 1200,
                "links.info": [{"url": "https://ville.example/eau?a=1&b=2"}, {"access": "internal"}],
                "source_updated_on": "2025-02-03",
                "tags": ["eau", "réseau | fuite"],
            }),
        ),
        record(
            2,
            unknown,
            json!({
                "title": "Guillemets \" et </script><script>alert(1)</script>",
                "description": "É\u{2028}ligne\u{2029}fin & <b>gras</b> ]]> \\ | \"",
                "start_date": "2024-03-15",
                "maturity": "abandonne",
                "abandonment_reason": "＝trop cher",
                "theme": "mobilites",
                "audiences": ["grand_public"],
                "tags": ["=cmd", "'quote", "'=quoted"],
            }),
        ),
        record(3, known, json!({"title": "Presque rien", "theme": "gouvernance"})),
    ]
}

fn visible(level: Level, records: &[UseCase]) -> Vec<VisibleUseCase> {
    records
        .iter()
        .cloned()
        .map(|record| redact(record, level))
        .collect()
}

fn written(format: Format, level: Level, options: &CsvOptions, records: &[UseCase]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let items = visible(level, records).into_iter().map(Ok::<_, std::io::Error>);
    write_with(format, level, &site(), options, items, &mut bytes).unwrap();
    bytes
}

fn text(format: Format, level: Level, options: &CsvOptions) -> String {
    String::from_utf8(written(format, level, options, &records())).unwrap()
}

fn bibliotheque() -> CsvOptions {
    CsvOptions {
        shape: Shape::Bibliotheque,
        ..CsvOptions::default()
    }
}

fn sheets(bytes: Vec<u8>) -> Vec<(String, Vec<Vec<Data>>)> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    book.worksheets()
        .into_iter()
        .map(|(name, range)| (name, range.rows().map(<[Data]>::to_vec).collect()))
        .collect()
}

fn pretty(value: &Json) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

/// One document with its lines, so that a changed value is one changed line.
fn pretty_lines(text: &str) -> String {
    text.lines()
        .map(|line| pretty(&serde_json::from_str(line).unwrap()))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn every_format_has_this_form() {
    let plain = CsvOptions::default();
    insta::assert_snapshot!("public_csv", text(Format::Csv, Level::Public, &plain));
    insta::assert_snapshot!("member_csv", text(Format::Csv, Level::Member, &plain));
    insta::assert_snapshot!(
        "bibliotheque_csv",
        text(Format::Csv, Level::Public, &bibliotheque())
    );
    insta::assert_snapshot!(
        "public_json",
        pretty_lines(&text(Format::Json, Level::Public, &plain).replace('\n', ""))
    );
    insta::assert_snapshot!(
        "public_ndjson",
        pretty_lines(&text(Format::Ndjson, Level::Public, &plain))
    );
    insta::assert_snapshot!(
        "public_geojson",
        pretty_lines(&text(Format::GeoJson, Level::Public, &plain).replace('\n', ""))
    );
    insta::assert_snapshot!(
        "public_dcat",
        pretty_lines(&text(Format::Dcat, Level::Public, &plain))
    );
    let items = visible(Level::Public, &records());
    insta::assert_snapshot!("atom", atom(&items, &[], &site(), "q=eau&theme=transition"));
    insta::assert_snapshot!("schema_org_dataset", schema_org_dataset(&site()));
    insta::assert_snapshot!("schema_org_record", schema_org_record(&items[1], &site()));
    let mut cells = String::new();
    for (name, rows) in sheets(written(Format::Xlsx, Level::Public, &plain, &records())) {
        writeln!(cells, "# {name}").unwrap();
        for row in rows {
            writeln!(cells, "{row:?}").unwrap();
        }
    }
    insta::assert_snapshot!("public_xlsx", cells);
}

#[test]
fn the_schemas_have_this_form() {
    insta::assert_snapshot!(
        "table_schema",
        pretty(&schema::table_schema(Level::Public, &site()))
    );
    insta::assert_snapshot!("json_schema", pretty(&schema::json_schema(Level::Public)));
}

#[test]
fn the_same_records_give_the_same_bytes() {
    for format in Format::ALL {
        for level in [Level::Public, Level::Member] {
            let once = written(format, level, &CsvOptions::default(), &records());
            assert!(
                once == written(format, level, &CsvOptions::default(), &records()),
                "{format:?} {level:?}"
            );
        }
    }
}

#[test]
fn a_format_is_known_by_its_name_and_by_its_extension() {
    for format in Format::ALL {
        assert_eq!(Format::from_name(format.name()), Some(format));
        assert_eq!(Format::from_extension(format.extension()), Some(format));
    }
    assert_eq!(Format::from_name("jsonld"), None);
    assert_eq!(Format::from_extension("jsonld"), Some(Format::Dcat));
    assert_eq!(Format::from_name("pdf"), None);
}

/// A value of the form of the field, with the mark wherever a text goes.
fn marked(kind: FieldKind, mark: &str) -> Option<Json> {
    let link = json!([{"url": format!("https://{mark}.example"), "label": mark}]);
    match kind {
        FieldKind::Text { .. } | FieldKind::Block { .. } => Some(json!(mark)),
        FieldKind::Names { .. } => Some(json!([mark])),
        FieldKind::CodesText(_) => Some(json!({"codes": [], "text": mark})),
        FieldKind::Partners => Some(json!([{"name": mark}])),
        FieldKind::Links | FieldKind::Resources => Some(link),
        FieldKind::Contact => Some(json!({"email": format!("{mark}@ville.example"), "role": mark})),
        FieldKind::Integer => Some(json!(987_654_321)),
        FieldKind::Code(_) | FieldKind::Codes(_) | FieldKind::CodesMax(..) => None,
        FieldKind::Date | FieldKind::Siret | FieldKind::Decimal { .. } => None,
    }
}

#[test]
fn a_secret_in_a_field_that_a_reader_may_not_read_reaches_no_file() {
    const SECRET: &str = "zqsecretqz";
    for level in [Level::Public, Level::Member] {
        let mut content = json!({"title": "Titre"});
        let mut hidden = Vec::new();
        for spec in FIELDS.iter().filter(|spec| !level.may_read(spec.visibility())) {
            hidden.push(spec);
            let value = match spec.kind {
                FieldKind::Code(id) => Some(json!(first_code(id))),
                FieldKind::Codes(id) | FieldKind::CodesMax(id, _) => Some(json!([first_code(id)])),
                kind => marked(kind, SECRET),
            };
            content[spec.id] = value.unwrap();
        }
        let organisation = Organisation::named(OrganisationId::new(Uuid::from_u128(9)), "Ville");
        let list = [record(9, organisation, content)];
        let mut files: Vec<(String, String)> = Vec::new();
        for format in Format::ALL {
            let bytes = written(format, level, &CsvOptions::default(), &list);
            let file = if format == Format::Xlsx {
                format!("{:?}", sheets(bytes))
            } else {
                String::from_utf8(bytes).unwrap()
            };
            files.push((format!("{format:?}"), file));
        }
        let compat = written(Format::Csv, level, &bibliotheque(), &list);
        files.push(("Bibliotheque".to_owned(), String::from_utf8(compat).unwrap()));
        let items = visible(level, &list);
        files.push(("atom".to_owned(), atom(&items, &[], &site(), "")));
        files.push(("schema.org".to_owned(), schema_org_record(&items[0], &site())));
        for (name, file) in &files {
            assert!(!file.contains(SECRET), "{name} {level:?}");
            assert!(!file.contains("987654321"), "{name} {level:?}");
            for spec in &hidden {
                for key in [format!("\"{}\"", spec.id), format!(",{},", spec.id)] {
                    assert!(!file.contains(&key), "{name} {level:?}: {key}");
                }
                if name == "Bibliotheque" {
                    let mut columns = file.lines().next().unwrap().split(';');
                    assert!(!columns.any(|column| column == spec.column), "{}", spec.column);
                }
            }
        }
    }
}

fn first_code(id: VocabularyId) -> &'static str {
    Vocabularies::embedded().get(id).terms()[0].code
}

#[test]
fn a_feed_leaves_out_what_was_reduced_for_agents() {
    let feed = atom(&visible(Level::Member, &records()), &[], &site(), "");
    assert!(!feed.contains("<entry>"));
}

#[test]
fn no_text_starts_a_formula_in_any_column_and_numbers_are_left_alone() {
    for formula in FORMULAS {
        let mut content = json!({});
        for spec in FIELDS.iter().filter(|spec| !spec.field.is_of_organisation()) {
            if spec.kind == FieldKind::Integer {
                content[spec.id] = json!(7);
            } else if let Some(value) = marked(spec.kind, formula) {
                content[spec.id] = value;
            }
        }
        let organisation = Organisation {
            name: formula.to_owned(),
            latitude: Some(-21.1),
            longitude: Some(-61.0),
            ..Organisation::named(OrganisationId::new(Uuid::from_u128(9)), "Ville")
        };
        let list = [record(9, organisation, content)];
        for options in [CsvOptions::default(), bibliotheque()] {
            let bytes = written(Format::Csv, Level::Member, &options, &list);
            let delimiter = if options.shape == Shape::Native {
                b','
            } else {
                b';'
            };
            let mut reader = csv::ReaderBuilder::new()
                .delimiter(delimiter)
                .from_reader(&bytes[..]);
            let header = reader.headers().unwrap().clone();
            let row = reader.records().next().unwrap().unwrap();
            let mut guarded = 0;
            for (name, cell) in header.iter().zip(&row) {
                if name.ends_with("latitude") || name.ends_with("longitude") {
                    assert!(cell.parse::<f64>().unwrap() < 0.0, "{name}: {cell}");
                    continue;
                }
                assert!(
                    !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\0', '＝']),
                    "{name}: {cell:?}"
                );
                guarded += usize::from(
                    cell.strip_prefix('\'')
                        .is_some_and(|rest| rest.starts_with(formula)),
                );
            }
            assert!(guarded > 15, "{formula:?}: {guarded}");
        }
        let raw = CsvOptions {
            raw: true,
            ..CsvOptions::default()
        };
        let bytes = written(Format::Csv, Level::Member, &raw, &list);
        let mut reader = csv::Reader::from_reader(&bytes[..]);
        let title = csv_header(Level::Member)
            .iter()
            .position(|name| *name == "title")
            .unwrap();
        assert_eq!(&reader.records().next().unwrap().unwrap()[title], formula);
        // Control characters are no text of a workbook.
        if !formula.starts_with('\0') {
            let book = sheets(written(
                Format::Xlsx,
                Level::Member,
                &CsvOptions::default(),
                &list,
            ));
            let mut guarded = 0;
            for cell in book[0].1[1].iter() {
                match cell {
                    Data::Float(_) | Data::Empty => {}
                    // A copy that is saved as CSV or pasted elsewhere runs nothing either.
                    Data::String(text) => {
                        assert!(
                            !text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝']),
                            "{text:?}"
                        );
                        guarded += usize::from(text.starts_with('\''));
                    }
                    other => panic!("{other:?}"),
                }
            }
            assert!(guarded > 15, "{formula:?}: {guarded}");
        }
    }
}

#[test]
fn a_workbook_holds_no_formula_and_opens_with_its_header_filtered() {
    let bytes = written(Format::Xlsx, Level::Public, &CsvOptions::default(), &records());
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes.clone())).unwrap();
    for name in book.sheet_names() {
        let formulas = book.worksheet_formula(&name).unwrap();
        assert!(
            formulas.used_cells().all(|(_, _, formula)| formula.is_empty()),
            "{name}"
        );
    }
    let names: Vec<String> = sheets(bytes.clone()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Cas d’usage", "Modèle de données", "Licence et source"]);
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let sheet = std::io::read_to_string(archive.by_name("xl/worksheets/sheet1.xml").unwrap()).unwrap();
    for part in ["state=\"frozen\"", "<autoFilter "] {
        assert!(sheet.contains(part), "{part}");
    }
    assert!(!sheet.contains("<f>"));
}

#[test]
fn texts_stay_inside_the_script_element_of_a_page() {
    for item in visible(Level::Public, &records()) {
        let text = schema_org_record(&item, &site());
        for forbidden in ['<', '>', '\u{2028}', '\u{2029}'] {
            assert!(!text.contains(forbidden), "{text}");
        }
        let back: Json = serde_json::from_str(&text).unwrap();
        assert_eq!(back["headline"], item.content().title());
    }
    assert!(!schema_org_dataset(&site()).contains('<'));
}

#[test]
fn a_harvester_finds_each_file_with_a_bare_media_type_and_the_schema_it_follows() {
    let catalogue: Json =
        serde_json::from_str(&text(Format::Dcat, Level::Public, &CsvOptions::default())).unwrap();
    let dataset = &catalogue["dcat:dataset"][0];
    assert_eq!(
        dataset["dct:identifier"], "sobria-use-cases",
        "harvesters know it by this name"
    );
    let files: Vec<(&str, &str, Option<&str>)> = dataset["dcat:distribution"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| {
            (
                file["dct:format"].as_str().unwrap(),
                file["dcat:mediaType"].as_str().unwrap(),
                file["dct:conformsTo"]["@id"].as_str(),
            )
        })
        .collect();
    let table = Some("https://ia.exemple.fr/modele-de-donnees/table-schema.json");
    let document = Some("https://ia.exemple.fr/api/v1/schema");
    assert_eq!(
        files,
        [
            ("csv", "text/csv", table),
            ("json", "application/json", None),
            ("ndjson", "application/x-ndjson", document),
            ("geojson", "application/geo+json", None),
            (
                "xlsx",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                None
            ),
        ]
    );
}

#[test]
fn every_row_can_be_referred_to_in_every_table_and_document() {
    let asked = [
        "url",
        "siren",
        "siret",
        "organisation_id",
        "version",
        "updated_at",
        "licence",
    ];
    let header: BTreeSet<&str> = csv_header(Level::Public).into_iter().collect();
    assert!(header.contains("id") && asked.iter().all(|name| header.contains(name)));
    let map: Json =
        serde_json::from_str(&text(Format::GeoJson, Level::Public, &CsvOptions::default())).unwrap();
    for feature in map["features"].as_array().unwrap() {
        let properties = feature["properties"].as_object().unwrap();
        assert!(feature["id"].is_string());
        assert!(asked.iter().all(|name| properties.contains_key(*name)));
        for name in properties.keys() {
            assert!(header.contains(name.as_str()), "{name} is no column of the CSV");
        }
    }
    assert_eq!(map["features"][1]["geometry"], Json::Null);
    assert_eq!(
        map["features"][0]["geometry"]["coordinates"],
        json!([-0.580_036, 44.841_225])
    );
}

/// Says where a value departs from the part of JSON Schema that the published schemas use.
fn check(schema: &Json, value: &Json, at: &str, faults: &mut Vec<String>) {
    let mut fault = |what: &str| faults.push(format!("{at}: {what}, given {value}"));
    let kinds: Vec<&str> = match &schema["type"] {
        Json::String(kind) => vec![kind],
        Json::Array(kinds) => kinds.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    };
    let kind = match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
        Json::Number(number) if number.is_u64() || number.is_i64() => "integer",
        Json::Number(_) => "number",
    };
    let fits = kinds.contains(&kind) || kind == "integer" && kinds.contains(&"number");
    if !kinds.is_empty() && !fits {
        fault("another type");
    }
    if schema["enum"]
        .as_array()
        .is_some_and(|values| !values.contains(value))
    {
        fault("not in the list");
    }
    match value {
        Json::Object(map) => {
            for key in schema["required"].as_array().into_iter().flatten() {
                if !map.contains_key(key.as_str().unwrap()) {
                    fault(&format!("{key} is missing"));
                }
            }
            for (key, inner) in map {
                match schema["properties"].get(key) {
                    Some(property) => check(property, inner, &format!("{at}.{key}"), faults),
                    None => faults.push(format!("{at}: {key} is not in the schema")),
                }
            }
        }
        Json::Array(items) => {
            for item in items {
                check(&schema["items"], item, &format!("{at}[]"), faults);
            }
        }
        _ => {}
    }
}

#[test]
fn every_document_follows_the_published_schema() {
    for level in [Level::Public, Level::Member] {
        let schema = schema::json_schema(level);
        for line in text(Format::Ndjson, level, &CsvOptions::default()).lines() {
            let mut faults = Vec::new();
            check(
                &schema,
                &serde_json::from_str(line).unwrap(),
                "record",
                &mut faults,
            );
            assert!(faults.is_empty(), "{level:?}: {faults:#?}");
        }
    }
}

#[test]
fn every_cell_follows_the_published_table_schema() {
    for level in [Level::Public, Level::Member] {
        let schema = schema::table_schema(level, &site());
        let fields = schema["fields"].as_array().unwrap();
        let bytes = written(Format::Csv, level, &CsvOptions::default(), &records());
        let mut reader = csv::Reader::from_reader(&bytes[..]);
        let names: Vec<&str> = fields.iter().filter_map(|field| field["name"].as_str()).collect();
        assert_eq!(reader.headers().unwrap(), names);
        for row in reader.records().map(Result::unwrap) {
            for (cell, field) in row.iter().zip(fields) {
                if cell.is_empty() {
                    assert_ne!(field["constraints"]["required"], true, "{field}");
                    continue;
                }
                let fits = match field["type"].as_str().unwrap() {
                    "number" => cell.parse::<f64>().is_ok(),
                    "integer" => cell.parse::<i64>().is_ok(),
                    "datetime" => cell.parse::<Timestamp>().is_ok(),
                    _ => true,
                };
                assert!(fits, "{field}: {cell}");
                if let Some(values) = field["constraints"]["enum"].as_array() {
                    assert!(values.contains(&json!(cell)), "{field}: {cell}");
                }
            }
        }
    }
}

#[test]
fn an_example_of_the_table_schema_is_a_cell_of_its_field() {
    let schema = schema::table_schema(Level::Member, &site());
    for field in schema["fields"].as_array().unwrap() {
        let (Some(name), Some(example)) = (field["name"].as_str(), field["example"].as_str()) else {
            continue;
        };
        let Some(spec) = FIELDS.iter().find(|spec| spec.id == name) else {
            continue;
        };
        let value = decode(spec.field, example);
        assert_eq!(value.as_ref().map(encode).as_deref(), Some(example), "{name}");
        if let (Some(value), Some(id)) = (value, spec.kind.vocabulary()) {
            for code in value.codes() {
                assert!(
                    Vocabularies::embedded().get(id).by_code(code).is_some(),
                    "{name}: {code}"
                );
            }
        }
    }
}

#[test]
fn vocabularies_are_published_whole() {
    let lists = schema::vocabularies(Vocabularies::embedded());
    for id in VocabularyId::ALL {
        let terms = lists[id.id()].as_array().unwrap();
        assert_eq!(terms.len(), Vocabularies::embedded().get(*id).terms().len());
        for term in terms {
            for key in ["code", "label", "synonyms", "status", "source"] {
                assert!(!term[key].is_null(), "{}: {key}", id.id());
            }
        }
    }
}

#[test]
fn templates_ask_for_every_field_but_those_of_moderators_and_offer_every_list() {
    let csv = schema::csv_template();
    let columns: Vec<&str> = csv.trim_start_matches('\u{feff}').trim_end().split(';').collect();
    let bytes = schema::xlsx_template(&site()).unwrap();
    let book = sheets(bytes.clone());
    let first: Vec<String> = book[0].1[0].iter().map(ToString::to_string).collect();
    assert_eq!(columns, first);
    for spec in FIELDS {
        assert!(columns.contains(&spec.column), "{}", spec.column);
    }
    let offered: BTreeSet<String> = book[1].1[0].iter().map(ToString::to_string).collect();
    let known: BTreeSet<String> = FIELDS
        .iter()
        .filter_map(|spec| spec.kind.vocabulary())
        .map(|id| id.id().to_owned())
        .collect();
    assert_eq!(offered, known);
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let sheet = std::io::read_to_string(archive.by_name("xl/worksheets/sheet1.xml").unwrap()).unwrap();
    let coded = FIELDS
        .iter()
        .filter(|spec| spec.kind.vocabulary().is_some() && spec.kind != FieldKind::Resources)
        .count();
    assert_eq!(sheet.matches("<dataValidation ").count(), coded);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_raw_cell_of_a_file_reads_back_as_it_was(
        text in "[=+@a-zé |\\\\\"',;\n<>\u{2028}-]{1,20}",
        names in prop::collection::vec("[=+@a-z|\\\\\"',;\n-]{0,6}[a-z]", 1..4),
    ) {
        let organisation = Organisation::named(OrganisationId::new(Uuid::from_u128(9)), "Ville");
        let mut list = [record(9, organisation, json!({}))];
        let values = [
            (Field::Description, Value::Text(text)),
            (Field::Tags, Value::Names(names)),
        ];
        for (field, value) in &values {
            list[0].content.set(*field, value.clone());
        }
        let raw = CsvOptions { raw: true, ..CsvOptions::default() };
        let bytes = written(Format::Csv, Level::Public, &raw, &list);
        let mut reader = csv::Reader::from_reader(&bytes[..]);
        let row = reader.records().next().unwrap().unwrap();
        for (field, value) in &values {
            let column = csv_header(Level::Public)
                .iter()
                .position(|name| *name == field.spec().id)
                .unwrap();
            prop_assert_eq!(decode(*field, &row[column]), Some(value.clone()));
        }
    }
}
