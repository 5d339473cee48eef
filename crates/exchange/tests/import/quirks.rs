//! Quirks of files put together by hand: each is read as it was meant, or said in words.

use sobria_catalogue::content::Value;
use sobria_catalogue::field::Field;
use sobria_catalogue::import::{Existing, ImportPlan, Outcome};

use super::files::{sheet_xml, xlsx};
use super::{HEADER, plan_of};

const ROW: &str = "Ville de Brisac;Projet 1;24440040400129;47.1;1.2;Commune;01/2024;Terminé;CEREMA;Texte;Mobilités;Voirie;Agent;;;20/02/2025";

fn planned(text: &str) -> ImportPlan {
    plan_of(text.as_bytes(), "fichier", &Existing::default()).unwrap()
}

/// Outcomes and codes, row by row.
fn told(text: &str) -> Vec<(Outcome, Vec<&'static str>)> {
    let rows = planned(text).rows;
    rows.iter()
        .map(|row| (row.outcome, row.issues.iter().map(|issue| issue.code).collect()))
        .collect()
}

fn row(number: u32) -> String {
    ROW.replace("Projet 1", &format!("Projet {number}"))
}

#[test]
fn headers_in_mid_file_are_said_and_those_of_another_table_stop_their_row() {
    let (one, two) = (row(1), row(2));
    let shouted = HEADER.to_uppercase().replace('_', " ");
    for again in [HEADER.to_owned(), format!("\u{feff}{HEADER};;"), shouted] {
        let rows = told(&format!("{HEADER}\n{one}\n{again}\n{two}\n"));
        assert_eq!(rows[0].0, Outcome::Created);
        assert_eq!(rows[1], (Outcome::Blank, vec!["header_repeated"]), "{again}");
        assert_eq!(rows[2].0, Outcome::Created);
    }
    let other = HEADER.replacen("coll_nom;nom_projet", "nom_projet;coll_nom", 1);
    let rows = told(&format!("{HEADER}\n{one}\n{other}\n{two}\n"));
    assert_eq!(rows[1], (Outcome::Rejected, vec!["header_other"]));
    // A project may be called as a column is.
    let named = one.replace("Projet 1", "Projet");
    assert_eq!(told(&format!("{HEADER}\n{named}\n"))[0].0, Outcome::Created);
}

#[test]
fn error_answers_of_services_are_named_in_every_format() {
    let workbook = xlsx(&sheet_xml(&[vec![r#"{"error":"Unauthorized"}"#]]));
    for (bytes, said) in [
        (workbook, "Unauthorized"),
        (br#"{"message":"Bad credentials"}"#.to_vec(), "Bad credentials"),
        (br#"{"error":"Quota","data":[]}"#.to_vec(), "Quota"),
        (
            br#"{"type":"about:blank","title":"Not Found","status":404,"detail":"No table"}"#.to_vec(),
            "404, No table",
        ),
        (
            b"<!DOCTYPE html><html><title>503 Service Unavailable</title>".to_vec(),
            "503",
        ),
        (
            b"<?xml version=\"1.0\"?><Error><Message>Denied</Message></Error>".to_vec(),
            "Denied",
        ),
        (b"Internal Server Error".to_vec(), "Internal Server Error"),
        (
            b"Unauthorized, please sign in; then retry".to_vec(),
            "Unauthorized",
        ),
    ] {
        let error = plan_of(&bytes, "export.csv", &Existing::default()).unwrap_err();
        let text = error.to_string();
        assert_eq!(error.code(), "not_a_table", "{text}");
        assert!(
            text.contains("réponse d’erreur d’un service") && text.contains(said),
            "{text}"
        );
    }
}

#[test]
fn a_column_that_proves_both_orders_leaves_a_doubt_on_the_dates_that_allow_both() {
    let dated = |number: u32, date: &str| row(number).replace("20/02/2025", date);
    let rows = planned(&format!(
        "{HEADER}\n{}\n{}\n{}\n{}\n",
        dated(1, "13/02/2024"),
        dated(2, "02/14/2024"),
        dated(3, "03/04/2024"),
        dated(4, "05/05/2024")
    ))
    .rows;
    let doubts: Vec<usize> = rows
        .iter()
        .map(|row| {
            row.issues
                .iter()
                .filter(|issue| issue.code == "date_order_assumed")
                .count()
        })
        .collect();
    assert_eq!(doubts, [0, 0, 1, 0]);
    let said = rows[2].issues.iter().find_map(|issue| issue.suggestion.clone());
    assert!(said.unwrap().contains("deux ordres"));
    let dates: Vec<String> = rows
        .iter()
        .map(|row| row.content.date(Field::SourceUpdatedOn).unwrap().to_string())
        .collect();
    assert_eq!(dates, ["2024-02-13", "2024-02-14", "2024-04-03", "2024-05-05"]);
}

#[test]
fn what_hands_do_to_files_is_undone_or_said() {
    let (one, two) = (row(1), row(2));
    let siret = |written: &str| one.replace("24440040400129", written);
    let columns = |text: &str, separator: &str| text.replace(';', separator);
    let file = |header: &str, rows: &[&str]| format!("{header}\n{}\n", rows.join("\n"));
    for (name, text, expected) in [
        (
            "a title over the table",
            file("Recensement 2024;;;;;;;;;;;;;;;", &[HEADER, &one]),
            (1, 0, Some("title_lines")),
        ),
        (
            "units in headers",
            file(
                &HEADER
                    .replace("latitude", "Latitude [°]")
                    .replace("projet_date", "Date de démarrage (mm/aaaa)")
                    .replace("nom_projet", "Nom du projet *")
                    .replace("coll_nom", "\"Nom\ncollectivité\""),
                &[&one],
            ),
            (1, 0, None),
        ),
        (
            "a line of totals",
            file(HEADER, &[&one, &two, "Total;;2;;;;;;;;;;;;;"]),
            (2, 0, Some("totals_row")),
        ),
        (
            "an empty column in the middle",
            file(
                &HEADER.replacen("nom_projet", ";nom_projet", 1),
                &[&one.replacen("Projet 1", ";Projet 1", 1)],
            ),
            (1, 0, None),
        ),
        (
            "spaces that do not break in a number",
            file(HEADER, &[&siret("244 400\u{a0}404\u{202f}00129")]),
            (1, 0, Some("siret_spaces")),
        ),
        (
            "a quote that makes a number a text",
            file(HEADER, &[&siret("'24440040400129")]),
            (1, 0, None),
        ),
        ("tabs", columns(&file(HEADER, &[&one]), "\t"), (1, 0, None)),
        ("bars", columns(&file(HEADER, &[&one]), "|"), (1, 0, None)),
        (
            "carriage returns alone",
            file(HEADER, &[&one, &two]).replace('\n', "\r"),
            (2, 0, None),
        ),
        (
            "quotes of a word processor",
            file(HEADER, &[&one.replace("Texte", "“Un texte”")]),
            (1, 0, None),
        ),
        (
            "a column of numbers of lines",
            file(&format!("N°;{HEADER}"), &[&format!("1;{one}")]),
            (1, 0, Some("hidden_column")),
        ),
        (
            "hidden signs in a header",
            file(&format!("\u{200b}{HEADER}"), &[&one]),
            (1, 0, None),
        ),
        (
            "signs of a sheet too narrow",
            file(HEADER, &[&one.replace("01/2024", "########")]),
            (0, 1, Some("formula_error")),
        ),
    ] {
        let plan = planned(&text);
        let count = |outcome| plan.rows.iter().filter(|row| row.outcome == outcome).count();
        let codes: Vec<&str> = plan
            .rows
            .iter()
            .flat_map(|row| &row.issues)
            .map(|issue| issue.code)
            .collect();
        assert_eq!(
            (count(Outcome::Created), count(Outcome::Rejected)),
            (expected.0, expected.1),
            "{name}: {codes:?}"
        );
        if let Some(code) = expected.2 {
            assert!(codes.contains(&code), "{name}: {codes:?}");
        }
        if let Some(row) = plan.rows.iter().find(|row| row.outcome == Outcome::Created) {
            assert_eq!(row.content.title(), "Projet 1", "{name}");
            let carrier = &plan.organisations[0].organisation;
            assert_eq!(
                carrier.siret.as_deref(),
                Some("24440040400129"),
                "{name}: {codes:?}"
            );
        }
    }
}

#[test]
fn utf_16_is_read_with_and_without_its_mark() {
    let text = format!("{HEADER}\n{ROW}\n");
    let wide = |big: bool| -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    };
    for (mark, big) in [
        (&[0xFF, 0xFE][..], false),
        (&[0xFE, 0xFF], true),
        (&[], false),
        (&[], true),
    ] {
        let bytes: Vec<u8> = mark.iter().copied().chain(wide(big)).collect();
        let plan = plan_of(&bytes, "fichier", &Existing::default()).unwrap();
        let kept = plan.rows[0].content.get(Field::Theme);
        assert_eq!(kept, Some(&Value::Code("mobilites".to_owned())), "{mark:?} {big}");
    }
}

#[test]
fn lines_that_end_by_a_carriage_return_alone_are_counted() {
    let text = format!("{HEADER}\r{}\rVille;trop court\r", row(1));
    assert_eq!(planned(&text).rows[1].line, 3);
}
