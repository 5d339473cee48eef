//! `sobria import measurements`: a folder of mixed logs becomes a table of runs and the figure of a year on a record.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, in its helpers too"
)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value as Json;

const LOGS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../exchange/tests/fixtures/measurements"
);
const HEADER: &str = "coll_nom;nom_projet;coll_siret;latitude;longitude;coll_type;projet_date;projet_status;partenaires;usage_description;theme;sous_theme;audience_service;url_infos;image_url;date";
const WATER: &str = "Ville de Valclair;Détection des fuites d’eau;;47.5;-2.7;Commune;03/2024;En déploiement;Laboratoire;Écouter le réseau pour trouver les fuites.;Transition écologique;Gestion de l’eau;Agent;https://valclair.example/eau;;12/05/2026";

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sobria"))
        .current_dir(folder)
        .env_remove("SOBRIA_LOG")
        .args(arguments)
        .output()
        .expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn logs() -> Vec<String> {
    let mut logs: Vec<String> = std::fs::read_dir(LOGS)
        .unwrap()
        .map(|entry| entry.unwrap().path().display().to_string())
        .collect();
    logs.sort();
    logs
}

fn import<'a>(files: &'a [String], options: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["import", "measurements"];
    arguments.extend(files.iter().map(String::as_str));
    arguments.extend(options);
    arguments
}

#[test]
fn a_folder_of_mixed_logs_becomes_one_table() {
    let folder = tempfile::tempdir().unwrap();
    let files = logs();
    let output = run(
        folder.path(),
        &import(&files, &["--zone", "FRA", "--json", "--report", "runs.jsonl"]),
    );
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let summary: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["runs"], 17);
    assert_eq!(summary["tasks"], 3);
    assert_eq!(summary["refused"], 0);
    let energy = summary["energy_kwh"].as_f64().unwrap();
    assert!((energy - 302.3943).abs() < 1e-3, "{energy}");
    assert_eq!(summary["issues"]["shifted_cells"], 2);
    let report = std::fs::read_to_string(folder.path().join("runs.jsonl")).unwrap();
    assert_eq!(report.lines().count(), 20);
    let read = run(folder.path(), &import(&files, &[]));
    assert!(
        text(&read.stdout).contains("17 exécutions, 3 tâches"),
        "{}",
        text(&read.stdout)
    );
    assert!(
        text(&read.stderr).contains("n’ont pas de lieu"),
        "{}",
        text(&read.stderr)
    );
    assert!(
        !folder.path().join("sobria-data").exists(),
        "reading creates no instance"
    );
}

#[test]
fn files_that_are_not_logs_are_told_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bad.csv"), "date;kwh\n2024;3\n").unwrap();
    let output = run(folder.path(), &["import", "measurements", "bad.csv"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("«\u{a0}bad.csv\u{a0}» n’est pas un journal de mesure"));
    let output = run(folder.path(), &["import", "measurements", "nowhere.csv"]);
    assert_eq!(output.status.code(), Some(2));
    let good = format!("{LOGS}/v3.3.2_machine.csv");
    let output = run(
        folder.path(),
        &["import", "measurements", &good, "--zone", "Atlantide"],
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--zone « Atlantide »"));
}

#[test]
fn the_total_goes_on_a_record_once() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cards.csv"), format!("{HEADER}\n{WATER}\n")).unwrap();
    let made = run(
        folder.path(),
        &["import", "use-cases", "cards.csv", "--commit", "--publish"],
    );
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    let exported = run(folder.path(), &["export", "use-cases", "--format", "json"]);
    let records: Json = serde_json::from_slice(&exported.stdout).unwrap();
    let slug = find(&records, "slug").unwrap();
    let log = format!("{LOGS}/v3.3.2_machine.csv");
    let arguments = [
        "import",
        "measurements",
        &log,
        "--use-case",
        &slug,
        "--title",
        "Essais",
        "--times-per-year",
        "1000",
    ];
    for _ in 0..2 {
        let attached = run(folder.path(), &arguments);
        assert_eq!(attached.status.code(), Some(0), "{}", text(&attached.stderr));
    }
    let listed = run(folder.path(), &["admin", "evaluation", "list", "--json"]);
    let listed = text(&listed.stdout);
    assert_eq!(listed.lines().count(), 1, "{listed}");
    let one: Json = serde_json::from_str(listed.lines().next().unwrap()).unwrap();
    assert_eq!(one["method"], "measurement");
    let central = one["energy_kwh_per_year"]["central"].as_f64().unwrap();
    assert!((central - 0.09061616399).abs() < 1e-9, "{central}");
}

/// The first text of this name in a document.
fn find(document: &Json, name: &str) -> Option<String> {
    match document {
        Json::Object(members) => members.iter().find_map(|(key, value)| match value {
            Json::String(text) if key == name => Some(text.clone()),
            other => find(other, name),
        }),
        Json::Array(values) => values.iter().find_map(|value| find(value, name)),
        _ => None,
    }
}
