//! Files as they are found: what each one gives, and what each bad one says.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops at the first surprise, in its helpers too"
)]

#[path = "import/doubtful.rs"]
mod doubtful;
#[path = "import/files.rs"]
mod files;
#[path = "import/identity.rs"]
mod identity;
#[path = "import/malformed.rs"]
mod malformed;
#[path = "import/quirks.rs"]
mod quirks;
#[path = "import/values.rs"]
mod values;
#[path = "import/workbooks.rs"]
mod workbooks;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use sobria_catalogue::access::{Level, redact};
use sobria_catalogue::field::Field;
use sobria_catalogue::import::{
    Existing, ExistingRecord, ImportEnd, ImportPlan, ImportedState, Outcome, PlannedOrganisation, natural_key,
};
use sobria_catalogue::use_case::{UseCase, WorkflowStatus};
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_exchange::error::FileError;
use sobria_exchange::export::{CsvOptions, Format, SiteInfo, write_with};
use sobria_exchange::plan::{DateOrder, PlanOptions, plan, plan_in_parts};
use sobria_exchange::read::{ReadOptions, Sheet, read};
use sobria_territory::Directory;
use uuid::Uuid;

const FIXTURE: &[u8] = include_bytes!("fixtures/bibliotheque.csv");
const HEADER: &str = "coll_nom;nom_projet;coll_siret;latitude;longitude;coll_type;projet_date;projet_status;partenaires;usage_description;theme;sous_theme;audience_service;url_infos;image_url;date";

fn plan_of(bytes: &[u8], name: &str, existing: &Existing) -> Result<ImportPlan, FileError> {
    let sheet = read(bytes, name, &ReadOptions::default())?;
    let whole = with_options(name, existing, |options| {
        plan(
            &sheet,
            existing,
            Vocabularies::embedded(),
            Directory::embedded(),
            options,
        )
    });
    assert_eq!(in_parts(sheet, name, existing).map(|(plan, _)| plan), whole);
    whole
}

fn with_options<T>(name: &str, existing: &Existing, work: impl FnOnce(&mut PlanOptions<'_>) -> T) -> T {
    let mut next = u128::try_from(existing.records.len()).unwrap() * 1000;
    let mut new_id = || {
        next += 1;
        Uuid::from_u128(next)
    };
    work(&mut PlanOptions {
        source: name.to_owned(),
        date_order: DateOrder::DayFirst,
        apply_suggestions: false,
        prefer_source: false,
        accept_shrink: false,
        proposes: true,
        today: jiff::civil::date(2026, 11, 23),
        new_id: &mut new_id,
    })
}

/// The plan that its parts make together, with what is told at the end.
fn in_parts(sheet: Sheet, name: &str, existing: &Existing) -> Result<(ImportPlan, ImportEnd), FileError> {
    let source_version = sheet.hash.clone();
    let mut rows = Vec::new();
    let mut organisations: Vec<PlannedOrganisation> = existing
        .organisations
        .iter()
        .map(|organisation| PlannedOrganisation {
            organisation: organisation.clone(),
            is_new: false,
            is_changed: false,
        })
        .collect();
    let end = with_options(name, existing, |options| {
        plan_in_parts(
            sheet,
            existing,
            Vocabularies::embedded(),
            Directory::embedded(),
            options,
            &mut |part| {
                organisations.extend(part.organisations.into_iter().map(|organisation| {
                    PlannedOrganisation {
                        organisation,
                        is_new: true,
                        is_changed: false,
                    }
                }));
                rows.extend(part.rows);
                true
            },
        )
    })?;
    let used: BTreeSet<_> = rows.iter().filter_map(|row| row.organisation).collect();
    organisations.retain(|planned| used.contains(&planned.organisation.id));
    for changed in &end.changed {
        let place = organisations
            .iter()
            .position(|planned| planned.organisation.id == changed.organisation.id);
        organisations[place.unwrap()] = changed.clone();
    }
    // New carriers are made in the order of rows, kept in the order of those that are used.
    organisations.sort_by_key(|planned| (planned.is_new, planned.is_new.then_some(planned.organisation.id)));
    assert_eq!(end.organisations, organisations.len());
    let plan = ImportPlan {
        source: name.to_owned(),
        source_version,
        organisations,
        rows,
        absent: end.absent.clone(),
    };
    assert_eq!(end.summary, plan.summary());
    Ok((plan, end))
}

/// The library after a plan was applied.
fn applied(plan: &ImportPlan) -> Existing {
    let organisations: Vec<_> = plan
        .organisations
        .iter()
        .map(|planned| planned.organisation.clone())
        .collect();
    let records = plan
        .rows
        .iter()
        .filter_map(|row| {
            let organisation = organisations.iter().find(|o| Some(o.id) == row.organisation)?;
            Some(ExistingRecord {
                id: row.record?,
                organisation: organisation.id,
                natural_key: natural_key(organisation, row.content.title()),
                content: row.content.clone(),
                imported: Some(ImportedState {
                    source: plan.source.clone(),
                    source_hash: row.source_hash.clone(),
                    content: row.content.clone(),
                }),
            })
        })
        .collect();
    Existing {
        organisations,
        records,
    }
}

fn counts(plan: &ImportPlan, field: Field) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for row in &plan.rows {
        if let Some(code) = row.content.code(field) {
            *counts.entry(code.to_owned()).or_insert(0) += 1;
        }
    }
    counts
}

/// One row of the historic shape with a few cells changed, and the codes it gives.
fn codes_of(changes: &[(&str, &str)]) -> Vec<&'static str> {
    let columns: Vec<&str> = HEADER.split(';').collect();
    let mut cells: BTreeMap<&str, &str> = [
        ("coll_nom", "Ville de Brisac"),
        ("nom_projet", "Projet"),
        ("coll_type", "Commune"),
        ("projet_date", "01/2024"),
        ("projet_status", "Terminé"),
        ("usage_description", "Description"),
        ("theme", "Mobilités"),
        ("audience_service", "Agent"),
        ("date", "20/02/2025"),
    ]
    .into();
    cells.extend(changes.iter().copied());
    let row: Vec<&str> = columns
        .iter()
        .map(|column| cells.get(column).copied().unwrap_or(""))
        .collect();
    let text = format!("{HEADER}\n{}\n", row.join(";"));
    let plan = plan_of(text.as_bytes(), "a.csv", &Existing::default()).unwrap();
    plan.rows[0].issues.iter().map(|issue| issue.code).collect()
}

#[test]
fn a_file_with_every_known_quirk_is_read_and_each_repair_is_said() {
    let plan = plan_of(FIXTURE, "bibliotheque.csv", &Existing::default()).unwrap();
    let summary = plan.summary();
    assert_eq!(
        (summary.rows, summary.created, summary.rejected, summary.blank),
        (8, 7, 0, 1)
    );
    assert_eq!(
        plan.organisations.len(),
        4,
        "three rows of one town, and two names with one number"
    );
    for (code, count) in [
        ("siret_checksum", 2),
        ("siret_spaces", 2),
        ("date_excel_serial", 1),
        ("partners_is_build_mode", 3),
        ("partners_none_marker", 1),
        ("url_is_note", 3),
        ("url_scheme_added", 1),
        ("name_whitespace", 1),
        ("decimal_comma", 2),
    ] {
        assert_eq!(
            summary.issues.get(code).copied().unwrap_or(0),
            count,
            "{code}: {:?}",
            summary.issues
        );
    }
    assert!(summary.issues["fill_series"] >= 1);
    assert_eq!(
        plan.rows[2]
            .content
            .date(Field::SourceUpdatedOn)
            .unwrap()
            .to_string(),
        "2025-02-03"
    );
    assert_eq!(
        plan.rows[0].content.codes(Field::Subthemes),
        ["jumeau_numerique", "performance_energetique"]
    );
    assert_eq!(
        plan.rows[1].content.codes(Field::Audiences),
        ["grand_public", "agent", "elu"]
    );
    assert_eq!(plan.rows[3].content.codes(Field::Delivery), ["interne"]);
    for row in plan.rows.iter().filter(|row| row.outcome != Outcome::Blank) {
        for issue in &row.issues {
            assert!(
                issue.after.is_none() || issue.before.is_some(),
                "a repair keeps what it replaced: {issue:?}"
            );
        }
        assert!(row.raw_row.contains("coll_nom"));
    }
}

#[test]
fn the_real_library_gives_what_its_description_predicts() {
    let Some(folder) = std::env::var_os("SOBRIA_SHARED_DATA") else {
        eprintln!("SKIPPED: SOBRIA_SHARED_DATA does not name the folder of the real files");
        return;
    };
    let bytes = std::fs::read(std::path::Path::new(&folder).join("bibliotheque/processed_data.csv")).unwrap();
    let plan = plan_of(&bytes, "processed_data.csv", &Existing::default()).unwrap();
    let summary = plan.summary();
    assert_eq!((summary.rows, summary.created, summary.rejected), (21, 21, 0));
    assert_eq!(plan.organisations.len(), 17);
    for (code, count) in [
        ("siret_checksum", 3),
        ("siret_spaces", 15),
        ("url_is_note", 5),
        ("date_excel_serial", 1),
        ("partners_is_build_mode", 4),
        ("partners_none_marker", 1),
        ("name_whitespace", 1),
    ] {
        assert_eq!(summary.issues.get(code), Some(&count), "{code}");
    }
    let expected = |pairs: &[(&str, usize)]| {
        pairs
            .iter()
            .map(|(a, b)| ((*a).to_owned(), *b))
            .collect::<BTreeMap<_, _>>()
    };
    assert_eq!(
        counts(&plan, Field::Maturity),
        expected(&[("experimentation", 14), ("termine", 4), ("deploiement", 3)])
    );
    assert_eq!(
        counts(&plan, Field::Theme),
        expected(&[
            ("transition", 13),
            ("administration", 5),
            ("mobilites", 2),
            ("gouvernance", 1)
        ])
    );
}

#[test]
fn importing_twice_changes_nothing_and_a_change_is_one_update() {
    let first = plan_of(FIXTURE, "bibliotheque.csv", &Existing::default()).unwrap();
    let existing = applied(&first);
    let second = plan_of(FIXTURE, "bibliotheque.csv", &existing).unwrap();
    assert_eq!(
        (
            second.summary().unchanged,
            second.summary().created,
            second.summary().updated
        ),
        (7, 0, 0)
    );
    assert!(
        second
            .organisations
            .iter()
            .all(|planned| !planned.is_new && !planned.is_changed)
    );

    let text = String::from_utf8(FIXTURE.to_vec()).unwrap();
    let changed = text
        .replace("Détection de fuites par le son.", "Détection de fuites, la nuit.")
        .replace("09/2021", "10/2021");
    let third = plan_of(changed.as_bytes(), "bibliotheque.csv", &existing).unwrap();
    assert_eq!((third.summary().updated, third.summary().unchanged), (2, 5));
    assert_eq!(third.summary().issues.get("date_changed_by_source"), Some(&1));
}

#[test]
fn what_was_changed_here_is_not_overwritten() {
    let mut existing = applied(&plan_of(FIXTURE, "bibliotheque.csv", &Existing::default()).unwrap());
    let summary = sobria_catalogue::content::Value::Text("Résumé écrit ici".to_owned());
    existing.records[2].content.set(Field::Summary, summary);
    let text = sobria_catalogue::content::Value::Text("Texte corrigé ici".to_owned());
    existing.records[2].content.set(Field::Description, text);
    let changed = String::from_utf8(FIXTURE.to_vec())
        .unwrap()
        .replace("par le son.", "par le bruit.");
    let plan = plan_of(changed.as_bytes(), "bibliotheque.csv", &existing).unwrap();
    let row = &plan.rows[2];
    assert!(
        row.issues.iter().any(|issue| issue.code == "edited_here"),
        "{:?}",
        row.issues
    );
    assert_eq!(row.outcome, Outcome::Unchanged);
    assert_eq!(row.content.text(Field::Description), Some("Texte corrigé ici"));
}

#[test]
fn each_doubtful_cell_is_flagged_by_its_code() {
    for (changes, code) in [
        (
            &[("theme", "Mobilités, Gouvernance et socles technologiques")][..],
            "theme_multiple",
        ),
        (&[("theme", "Transition écologique")], "enum_synonym"),
        (&[("audience_service", "Agnet")], "enum_unknown"),
        (&[("sous_theme", "Cybersécurité")], "subtheme_other_theme"),
        (
            &[("sous_theme", "Voirie-Stationnement-Flux et trafic")],
            "subtheme_too_many",
        ),
        (&[("partenaires", "Grid-Advizeo")], "list_split_ambiguous"),
        (&[("latitude", "2.35"), ("longitude", "48.85")], "coord_swapped"),
        (&[("latitude", "0"), ("longitude", "0")], "coord_outside"),
        (&[("coll_siret", "2,43E+13")], "siret_rounded"),
        (&[("coll_siret", "215704636")], "siren_only"),
        (&[("coll_siret", "2157046360001")], "siret_leading_zero"),
        (&[("projet_date", "45691")], "date_excel_serial"),
        (&[("projet_date", "05/06/2024")], "date_order_assumed"),
        (&[("projet_date", "bientôt")], "date_invalid"),
        (&[("date", "20/02/2030")], "date_implausible"),
        (&[("url_infos", "accès interne uniquement")], "url_is_note"),
        (&[("url_infos", "ftp://x")], "url_invalid"),
        (&[("usage_description", "<b>gras</b>")], "html_in_text"),
        (&[("coll_nom", "Ville  de Brisac")], "name_whitespace"),
        (&[("nom_projet", "")], "required_missing"),
        (&[("coll_nom", "")], "required_missing"),
        (&[("theme", "")], "required_missing"),
        (
            &[("coll_nom", "Ville de Metz"), ("coll_siret", "200 039 865 00106")],
            "siren_name_conflict",
        ),
    ] {
        let found = codes_of(changes);
        assert!(found.contains(&code), "{changes:?}: {found:?}");
    }
    assert_eq!(codes_of(&[]), Vec::<&str>::new());
}

#[test]
fn a_broken_row_is_refused_with_both_counts_and_the_others_are_taken() {
    let text = format!(
        "{HEADER}\nVille;Un;projet;de;trop;Commune;01/2024;Terminé;;Texte;Mobilités;;Agent;;;20/02/2025;reste\nVille de Brisac;Deux;;;;Commune;01/2024;Terminé;;Texte;Mobilités;;Agent;;;20/02/2025\nVille;court\n"
    );
    let plan = plan_of(text.as_bytes(), "a.csv", &Existing::default()).unwrap();
    let outcomes: Vec<_> = plan.rows.iter().map(|row| row.outcome).collect();
    assert_eq!(outcomes, [Outcome::Rejected, Outcome::Created, Outcome::Rejected]);
    assert_eq!(plan.rows[0].issues[0].code, "cell_count");
    assert!(plan.rows[0].issues[0].before.as_deref().unwrap().contains("17"));
    assert!(
        plan.rows[0].issues[0]
            .suggestion
            .as_deref()
            .unwrap()
            .contains("16")
    );
}

#[test]
fn rows_with_one_key_are_kept_when_they_differ_and_found_again() {
    let row = "Ville de Brisac;Projet;;;;Commune;01/2024;Terminé;;Texte;Mobilités;;Agent;;;";
    let text = format!(
        "{HEADER}\n{row}\n{}\n{row}\n",
        row.replace("Texte", "Un autre texte")
    );
    let plan = plan_of(text.as_bytes(), "a.csv", &Existing::default()).unwrap();
    assert_eq!(
        (plan.summary().created, plan.summary().rejected),
        (2, 1),
        "the third row repeats the first"
    );
    assert_eq!(plan.summary().issues.get("possible_duplicate"), Some(&2));
    let mut existing = applied(&plan);
    for (record, row) in existing.records.iter_mut().zip(&plan.rows) {
        record.natural_key.clone_from(&row.key);
    }
    assert_eq!(
        plan_of(text.as_bytes(), "a.csv", &existing)
            .unwrap()
            .summary()
            .unchanged,
        2
    );
}

#[test]
fn the_other_historic_shapes_and_a_title_line_are_understood() {
    let grist = "Nom_collectivite,Nom_du_projet,SIRET,Type_de_collectivite,Date_de_demarrage,Statut_du_projet,Description_service,Theme,Audience\nVille de Brisac,Projet,,Commune,2024-03-15,Terminé,Texte,Mobilités,\"Agent, Élu\"\n";
    let labels = "Export du 3 mars\nNom collectivité;Nom du projet;Type de collectivité;Date de démarrage;Statut du projet;Description service;Thème;Audience\nVille de Brisac;Projet;Commune;mars 2024;Terminé;Texte;Mobilités;Agent\n";
    for (name, text) in [("grist.csv", grist), ("labels.csv", labels)] {
        let plan = plan_of(text.as_bytes(), name, &Existing::default()).unwrap();
        assert_eq!(plan.summary().created, 1, "{name}: {:?}", plan.rows);
        assert_eq!(
            plan.rows[0].content.date(Field::StartDate).unwrap().month(),
            Some(3),
            "{name}"
        );
    }
    let latin: Vec<u8> = labels
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
        .collect();
    assert_eq!(
        plan_of(&latin, "latin.csv", &Existing::default())
            .unwrap()
            .summary()
            .created,
        1
    );
}

#[test]
fn unusable_files_are_told_apart() {
    for (bytes, code) in [
        (&b""[..], "empty"),
        (b"   \n\n", "empty"),
        (b"Internal Server Error", "not_a_table"),
        (b"{\"error\": \"Unauthorized\"}", "not_a_table"),
        (b"<html></html>", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "not_a_table"),
        (b"a;b;c\n1;2;3\n", "unrecognised_shape"),
        (b"coll_nom;theme;projet_status\nx;y;z\n", "unrecognised_shape"),
        (
            b"coll_nom;SIRET;SIRET\nVille;Projet un;21570463600012\n",
            "needs_mapping",
        ),
        (b"PK\x03\x04garbage", "damaged"),
        (b"[{\"title\":", "damaged"),
        (b"[1, 2]", "not_a_table"),
    ] {
        let error = plan_of(bytes, "fichier", &Existing::default()).unwrap_err();
        assert_eq!(
            error.code(),
            code,
            "{:?}: {error}",
            String::from_utf8_lossy(bytes)
        );
        assert!(error.to_string().contains("fichier"), "{error}");
    }
}

#[test]
fn a_mapping_settles_two_columns_with_one_header() {
    let text =
        b"coll_nom;SIRET;SIRET;projet_status\nVille de Brisac;Un projet;24440040400129;Termin\xc3\xa9\n";
    let options = ReadOptions {
        map: vec![(2, "nom_projet".to_owned())],
        ..ReadOptions::default()
    };
    let sheet = read(text, "a.csv", &options).unwrap();
    assert!(sheet.position(sobria_exchange::aliases::Target::Field(Field::Title)) == Some(1));
    let wrong = ReadOptions {
        map: vec![(9, "nom_projet".to_owned())],
        ..ReadOptions::default()
    };
    assert_eq!(read(text, "a.csv", &wrong).unwrap_err().code(), "wrong_mapping");
}

fn site() -> SiteInfo {
    SiteInfo {
        base_url: "https://ia.exemple.fr".to_owned(),
        licence: "etalab-2.0".to_owned(),
        licence_url: "https://licence.example/".to_owned(),
        operator: "Exploitant".to_owned(),
        instance_name: "Bibliothèque".to_owned(),
        modified: jiff::Timestamp::UNIX_EPOCH,
        version: "0".to_owned(),
        vocabularies: Vocabularies::program(),
    }
}

fn records(plan: &ImportPlan) -> Vec<UseCase> {
    plan.rows
        .iter()
        .filter_map(|row| {
            let planned = plan
                .organisations
                .iter()
                .find(|planned| Some(planned.organisation.id) == row.organisation)?;
            let id = row.record?;
            Some(UseCase {
                id,
                slug: id.slug(row.content.title()),
                organisation: planned.organisation.clone(),
                content: row.content.clone(),
                status: WorkflowStatus::Published,
                version: 1,
                created_at: jiff::Timestamp::UNIX_EPOCH,
                updated_at: jiff::Timestamp::UNIX_EPOCH,
                published_at: None,
                first_published_at: None,
                last_reviewed_on: None,
                completeness: row.completeness,
            })
        })
        .collect()
}

fn written(format: Format, level: Level, options: &CsvOptions, records: &[UseCase]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let items = records
        .iter()
        .map(|record| Ok::<_, std::io::Error>(redact(record.clone(), level)));
    write_with(format, level, &site(), options, items, &mut bytes).unwrap();
    bytes
}

#[test]
fn what_is_exported_reads_back_as_it_was() {
    let demo = include_bytes!("../../sobria/demo/use-cases.json");
    for (bytes, name) in [(FIXTURE, "bibliotheque.csv"), (&demo[..], "demo.json")] {
        let first = plan_of(bytes, name, &Existing::default()).unwrap();
        let before = records(&first);
        let raw = CsvOptions {
            raw: true,
            ..CsvOptions::default()
        };
        for (format, options, file) in [
            (Format::Csv, &raw, "x.csv"),
            (Format::Csv, &CsvOptions::default(), "x.csv"),
            (Format::Json, &raw, "x.json"),
            (Format::Ndjson, &raw, "x.ndjson"),
        ] {
            let bytes = written(format, Level::Member, options, &before);
            let again = plan_of(&bytes, file, &Existing::default()).unwrap();
            let after = records(&again);
            assert_eq!(before.len(), after.len(), "{name} {format:?}");
            for (before, after) in before.iter().zip(&after) {
                assert_eq!(before.content, after.content, "{name} {format:?}");
                assert_eq!(before.organisation.name, after.organisation.name);
                assert_eq!(before.organisation.siret, after.organisation.siret);
                assert_eq!(before.organisation.point(), after.organisation.point());
            }
        }
    }
}

#[test]
fn a_spreadsheet_runs_nothing_from_an_export_and_numbers_stay_numbers() {
    let mut record = records(&plan_of(FIXTURE, "b.csv", &Existing::default()).unwrap()).remove(0);
    for payload in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"] {
        let value = sobria_catalogue::content::Value::Text(payload.to_owned());
        record.content.set(Field::Description, value);
        let csv = String::from_utf8(written(
            Format::Csv,
            Level::Public,
            &CsvOptions::default(),
            &[record.clone()],
        ))
        .unwrap();
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let column = reader
            .headers()
            .unwrap()
            .iter()
            .position(|name| name == "description")
            .unwrap();
        let longitude = reader
            .headers()
            .unwrap()
            .iter()
            .position(|name| name == "organisation.longitude")
            .unwrap();
        let row = reader.records().next().unwrap().unwrap();
        assert_eq!(&row[column], format!("'{payload}"), "{payload:?}");
        assert_eq!(&row[longitude], "-0.584456");
    }
}

#[test]
fn a_workbook_reads_back_and_its_bytes_do_not_change() {
    let list = records(&plan_of(FIXTURE, "b.csv", &Existing::default()).unwrap());
    let first = written(Format::Xlsx, Level::Public, &CsvOptions::default(), &list);
    assert_eq!(
        first,
        written(Format::Xlsx, Level::Public, &CsvOptions::default(), &list)
    );
    let several = read(&first, "x.xlsx", &ReadOptions::default()).unwrap_err();
    assert_eq!(several.code(), "sheet_choice_needed");
    let options = ReadOptions {
        sheet: Some("Cas d’usage".to_owned()),
        ..ReadOptions::default()
    };
    let sheet = read(&first, "x.xlsx", &options).unwrap();
    assert_eq!(sheet.rows.len(), list.len());
    let title = sheet
        .position(sobria_exchange::aliases::Target::Field(Field::Title))
        .unwrap();
    assert_eq!(&sheet.rows[0].cells[title], "Stacobois");
}

#[test]
fn the_published_schema_describes_the_published_file() {
    let list = records(&plan_of(FIXTURE, "b.csv", &Existing::default()).unwrap());
    let bytes = written(Format::Csv, Level::Public, &CsvOptions::default(), &list);
    let mut reader = csv::Reader::from_reader(&bytes[..]);
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let schema = sobria_exchange::schema::table_schema(Level::Public, &site());
    let names: Vec<&str> = schema["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| field["name"].as_str().unwrap())
        .collect();
    assert_eq!(header, names);
    for row in reader.records().map(Result::unwrap) {
        for (cell, field) in row.iter().zip(schema["fields"].as_array().unwrap()) {
            if cell.is_empty() {
                assert_ne!(field["constraints"]["required"], true, "{field}");
                continue;
            }
            match field["type"].as_str().unwrap() {
                "number" => assert!(cell.parse::<f64>().is_ok(), "{field}: {cell}"),
                "integer" => assert!(cell.parse::<i64>().is_ok(), "{field}: {cell}"),
                _ => {}
            }
            if let Some(values) = field["constraints"]["enum"].as_array() {
                assert!(values.iter().any(|value| value == cell), "{field}: {cell}");
            }
        }
    }
}

#[test]
fn every_field_of_the_model_is_in_the_member_schema_and_no_other_in_the_public_one() {
    let lookup = |schema: &serde_json::Value, id: &str| {
        let mut at = schema["properties"].clone();
        for (position, part) in id.split('.').enumerate() {
            at = if position == 0 {
                at[part].clone()
            } else {
                at["properties"][part].clone()
            };
        }
        !at.is_null()
    };
    let (member, public) = (
        sobria_exchange::schema::json_schema(Level::Member),
        sobria_exchange::schema::json_schema(Level::Public),
    );
    for spec in sobria_catalogue::field::FIELDS {
        assert!(lookup(&member, spec.id), "{}", spec.id);
        assert_eq!(
            lookup(&public, spec.id),
            Level::Public.may_read(spec.visibility()),
            "{}",
            spec.id
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_are_refused_or_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = plan_of(&bytes, "x", &Existing::default());
    }

    #[test]
    fn any_cells_under_known_headers_are_read_without_a_panic(cells in prop::collection::vec("[ -~éà;,'\"|/\\-\n\u{202f}]{0,30}", 16)) {
        let mut out = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
        out.write_record(HEADER.split(';')).unwrap();
        out.write_record(&cells).unwrap();
        let bytes = out.into_inner().unwrap();
        let plan = plan_of(&bytes, "x.csv", &Existing::default()).unwrap();
        for row in &plan.rows {
            prop_assert!(matches!(row.outcome, Outcome::Blank | Outcome::Created | Outcome::Rejected));
        }
    }
}
