//! Files whose mistake could pass unseen: each is refused, or said on the row that holds it.

use sobria_catalogue::field::Field;
use sobria_catalogue::import::{Existing, Outcome};
use sobria_exchange::read::{ReadOptions, read};

use super::files::{archive, sheet_xml, xlsx};
use super::{HEADER, in_parts, plan_of};

const ROW: [&str; 16] = [
    "Ville de Brisac",
    "Projet",
    "",
    "47.1",
    "1.2",
    "Commune",
    "01/2024",
    "Terminé",
    "",
    "Texte",
    "Mobilités",
    "Voirie",
    "Agent",
    "",
    "",
    "20/02/2025",
];

fn header() -> Vec<&'static str> {
    HEADER.split(';').collect()
}

fn refused(bytes: &[u8]) -> (&'static str, String) {
    let error = plan_of(bytes, "fichier", &Existing::default()).unwrap_err();
    (error.code(), error.to_string())
}

/// Codes of the issues of the rows, row by row.
fn codes(bytes: &[u8]) -> Vec<(Outcome, Vec<&'static str>)> {
    plan_of(bytes, "fichier", &Existing::default())
        .unwrap()
        .rows
        .iter()
        .map(|row| (row.outcome, row.issues.iter().map(|issue| issue.code).collect()))
        .collect()
}

fn json(changes: &str) -> String {
    format!(
        r#"[{{"organisation":{{"name":"Ville de Brisac","kind":"commune"}},"description":"Texte","theme":"mobilites","maturity":"termine","start_date":"2024-01","audiences":["agent"],{changes}}}]"#
    )
}

#[test]
fn a_key_of_json_that_stands_twice_is_refused_at_any_depth() {
    for text in [
        json(r#""title":"Un","title":"Deux""#),
        json(r#""title":"Un","decision":{"per_year":1,"per_year":2}"#),
        "{\"records\":[{\"id\":1,\"fields\":{\"a\":1,\"a\":2}}]}".to_owned(),
    ] {
        let (code, sentence) = refused(text.as_bytes());
        assert_eq!(code, "damaged", "{text}");
        assert!(sentence.contains("deux fois à la ligne 1"), "{sentence}");
    }
}

#[test]
fn a_list_or_an_object_is_no_text() {
    for (changes, outcome) in [
        (r#""title":["Un","Deux"]"#, Outcome::Rejected),
        (r#""title":{"fr":"Un projet"}"#, Outcome::Rejected),
        (r#""title":true"#, Outcome::Rejected),
        (r#""title":"Projet","summary":["a"]"#, Outcome::Created),
        (r#""title":"Projet","summary":false"#, Outcome::Created),
        (r#""title":"Projet","service_usage":["oui"]"#, Outcome::Created),
    ] {
        let found = codes(json(changes).as_bytes());
        assert_eq!(found[0].0, outcome, "{changes}: {found:?}");
        assert!(found[0].1.contains(&"value_invalid"), "{changes}: {found:?}");
    }
    // A number may stand for a text, and a list of texts for a list of anything.
    let plan = plan_of(
        json(r#""title":2024,"partners":["CEREMA","Immergis"]"#).as_bytes(),
        "fichier",
        &Existing::default(),
    )
    .unwrap();
    assert_eq!(plan.rows[0].content.title(), "2024");
    assert!(plan.rows[0].issues.is_empty(), "{:?}", plan.rows[0].issues);
    assert!(plan.rows[0].content.get(Field::Partners).is_some());
}

#[test]
fn keys_that_name_no_field_change_nothing_and_are_said() {
    let text = json(r#""title":"Projet","role":"admin","statut_moderation":"publie","password":"x""#);
    let found = codes(text.as_bytes());
    assert_eq!(found[0].1, ["hidden_column"; 3]);
}

#[test]
fn the_encoding_of_json_is_said_as_that_of_csv_is() {
    let latin: Vec<u8> = json(r#""title":"Été""#)
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    let found = codes(&latin);
    assert_eq!(found[0].1, ["encoding_assumed"]);
}

#[test]
fn a_few_broken_characters_do_not_turn_every_accent_into_two() {
    let text = format!("{HEADER}\n{}\n", ROW.join(";"));
    for broken in [&b"\xed\xa0\x80"[..], b"\xc0\xaf", b"\xff"] {
        let at = text.find("Texte").unwrap();
        let mut bytes = text.clone().into_bytes();
        bytes.splice(at..at, broken.iter().copied());
        let plan = plan_of(&bytes, "fichier", &Existing::default()).unwrap();
        let row = &plan.rows[0];
        assert_eq!(row.content.code(Field::Maturity), Some("termine"), "{broken:?}");
        assert!(
            row.issues.iter().any(|issue| issue.code == "encoding_damaged"),
            "{broken:?}: {:?}",
            row.issues
        );
    }
}

#[test]
fn two_parts_of_an_archive_with_one_name_are_refused() {
    // The writer refuses them too: the second name is changed afterwards, in both places where it stands.
    let sheet = sheet_xml(&[header(), ROW.to_vec()]);
    let good = xlsx(&sheet);
    assert_eq!(codes(&good).len(), 1);
    let mut bytes = archive(&[
        ("xl/workbook.xml", b"<a/>"),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ("xl/worksheets/sheet2.xml", sheet.as_bytes()),
    ]);
    let (from, to) = (b"sheet2.xml", b"sheet1.xml");
    while let Some(at) = bytes.windows(from.len()).position(|part| part == from) {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    let (code, sentence) = refused(&bytes);
    assert_eq!(code, "damaged");
    assert!(sentence.contains("le même nom"), "{sentence}");
}

#[test]
fn a_cell_merged_downwards_stands_for_each_of_its_rows_and_each_one_says_so() {
    let mut rows = vec![header(), ROW.to_vec(), ROW.to_vec(), ROW.to_vec(), vec![""; 16]];
    rows[2][0] = "";
    rows[2][1] = "Deuxième projet";
    rows[3][0] = "";
    rows[3][1] = "Troisième projet";
    let merged = |regions: &str| {
        xlsx(&sheet_xml(&rows).replace(
            "</worksheet>",
            &format!("<mergeCells>{regions}</mergeCells></worksheet>"),
        ))
    };
    let found = codes(&merged("<mergeCell ref=\"A2:A5\"/>"));
    assert_eq!(found[0], (Outcome::Created, vec![]));
    for row in &found[1..3] {
        assert_eq!(*row, (Outcome::Created, vec!["merged_cell"]));
    }
    assert_eq!(found.len(), 3, "a merged cell makes no row: {found:?}");

    // Without it the rows have no carrier; a title over several columns gives none; a region as large as the sheet
    // costs nothing.
    for regions in [
        "",
        "<mergeCell ref=\"A1:P1\"/>",
        "<mergeCell ref=\"A2:XFD1048576\"/>",
    ] {
        let found = codes(&merged(regions));
        assert_eq!(
            found[1],
            (Outcome::Rejected, vec!["required_missing"]),
            "{regions}"
        );
    }
    let many: String = (0..20).map(|_| "<mergeCell ref=\"B2:B1048576\"/>").collect();
    assert_eq!(refused(&merged(&many)).0, "too_large");
}

#[test]
fn a_workbook_has_at_most_64_named_columns() {
    let wide = |columns: usize| {
        let names: Vec<String> = (16..columns).map(|n| format!("Colonne {n}")).collect();
        let mut header = header();
        header.extend(names.iter().map(String::as_str));
        sheet_xml(&[header, ROW.to_vec()])
    };
    let (code, sentence) = refused(&xlsx(&wide(65)));
    assert_eq!(code, "too_large");
    assert!(sentence.contains("65 colonnes, 64 au plus"), "{sentence}");
    assert_eq!(refused(&xlsx(&wide(64))).0, "unrecognised_shape");
}

#[test]
fn the_name_of_an_organisation_is_no_longer_than_its_field_takes() {
    let text =
        format!("{HEADER}\n{}\n", ROW.join(";")).replace("Ville de Brisac", &"Brisac ".repeat(100_000));
    let plan = plan_of(text.as_bytes(), "fichier", &Existing::default()).unwrap();
    assert!(plan.organisations[0].organisation.name.chars().count() <= 200);
    assert!(
        plan.rows[0].issues.iter().any(
            |issue| issue.code == "text_truncated" && issue.field.as_deref() == Some("organisation.name")
        )
    );
}

#[test]
fn a_quote_that_never_closes_is_shown_as_the_file_has_it() {
    let text = format!("{HEADER}\n{}\n\"fin", ROW.join(";"));
    let (code, sentence) = refused(text.as_bytes());
    assert_eq!(code, "damaged");
    assert!(sentence.contains("ligne 3, à «\u{a0}fin\u{a0}»"), "{sentence}");
}

#[test]
fn a_refused_row_gives_the_line_of_the_file() {
    let mut short = ROW;
    short[1] = "";
    let text = format!("Export\n{HEADER}\n{}\n\n{}\n", ROW.join(";"), short.join(";"));
    let plan = plan_of(text.as_bytes(), "fichier", &Existing::default()).unwrap();
    assert_eq!(
        plan.rows
            .iter()
            .map(|row| (row.row, row.line))
            .collect::<Vec<_>>(),
        [(1, 3), (2, 5)]
    );
    let mut report = Vec::new();
    sobria_exchange::report::write_jsonl(&plan, &mut report).unwrap();
    let last: serde_json::Value =
        serde_json::from_str(String::from_utf8(report).unwrap().lines().last().unwrap()).unwrap();
    assert_eq!(
        (last["line"].as_u64(), &last["issues"][0]["field"]),
        (Some(5), &"title".into())
    );
    let sheet = read(text.as_bytes(), "fichier", &ReadOptions::default()).unwrap();
    let (_, end) = in_parts(sheet, "fichier", &Existing::default()).unwrap();
    let summary = sobria_exchange::report::summary_text(&end, false);
    assert!(
        summary.contains("Ligne 5 refusée\u{a0}: champ obligatoire vide (Nom du projet)"),
        "{summary}"
    );
}

#[test]
fn a_report_for_spreadsheets_runs_nothing_of_the_file() {
    let (mut named, mut dated) = (ROW, ROW);
    named[0] = "@SUM(1)";
    named[1] = "=1+1";
    dated[6] = "=1+1";
    let text = format!("{HEADER}\n{}\n{}\n", named.join(";"), dated.join(";"));
    let plan = plan_of(text.as_bytes(), "fichier", &Existing::default()).unwrap();
    let mut report = Vec::new();
    sobria_exchange::report::write_csv(&plan, &mut report).unwrap();
    let report = String::from_utf8(report).unwrap();
    let mut cells = csv::Reader::from_reader(report.as_bytes());
    let cells: Vec<String> = cells
        .records()
        .flat_map(|line| line.unwrap().iter().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert!(cells.iter().any(|cell| cell == "'=1+1"), "{report}");
    assert!(
        !cells.iter().any(|cell| cell.starts_with(['=', '+', '-', '@'])),
        "{report}"
    );
}
