//! The examples run as they are written.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, in its helpers too"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value as Json;

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

/// A command that finds the built program, in a folder of its own.
fn command(program: &str, folder: &Path) -> Command {
    let built = Path::new(env!("CARGO_BIN_EXE_sobria")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::iter::once(built.to_owned()).chain(std::env::split_paths(&path));
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env("PATH", std::env::join_paths(places).unwrap());
    command
}

fn exists(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A script of the examples measures a command: its code passes, its output is its own, the record is there.
fn measured(interpreter: &str, script: &str) {
    let folder = tempfile::tempdir().unwrap();
    let output: Output = command(interpreter, folder.path())
        .arg(examples().join(script))
        .args(["sh", "-c", "echo sortie; exit 3"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), "sortie\n");
    assert!(
        text(&output.stderr).contains("kWh, mesurés à"),
        "{}",
        text(&output.stderr)
    );
    let record: Json =
        serde_json::from_str(&std::fs::read_to_string(folder.path().join("mesure.json")).unwrap()).unwrap();
    assert_eq!(record["exit"]["code"], 3);
}

#[test]
fn a_python_script_measures_in_one_line() {
    measured("python3", "mesurer.py");
}

#[test]
fn an_r_script_measures_in_one_line_where_r_is_installed() {
    let ready = exists("Rscript")
        && Command::new("Rscript")
            .args(["-e", "library(jsonlite)"])
            .output()
            .is_ok_and(|output| output.status.success());
    if ready {
        measured("Rscript", "mesurer.R");
    } else {
        println!("R or its package jsonlite is not installed: mesurer.R was not run");
    }
}

#[test]
fn the_steps_of_continuous_integration_run() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("Makefile"), "train:\n\t@true\n").unwrap();
    let file = std::fs::read_to_string(examples().join("ci/mesure.yml")).unwrap();
    let steps: Vec<&str> = file
        .lines()
        .filter_map(|line| line.trim().strip_prefix("run: "))
        .collect();
    assert_eq!(steps.len(), 3);
    for step in steps {
        let output = command("sh", folder.path()).args(["-c", step]).output().unwrap();
        assert!(output.status.success(), "{step}: {}", text(&output.stderr));
    }
    let report: Json =
        serde_json::from_str(&std::fs::read_to_string(folder.path().join("boamps.json")).unwrap()).unwrap();
    assert_eq!(report["environment"]["country"], "FRA");
    assert_eq!(report["task"]["taskDescription"], "1 exécution : entrainement");
}

#[test]
fn the_folder_of_logs_becomes_one_table_with_its_total() {
    let folder = tempfile::tempdir().unwrap();
    let mut files: Vec<PathBuf> = std::fs::read_dir(examples().join("journaux"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let output = command(env!("CARGO_BIN_EXE_sobria"), folder.path())
        .args(["import", "measurements", "--zone", "FRA", "--json"])
        .args(&files)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let summary: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&summary["runs"], &summary["refused"]),
        (&Json::from(12), &Json::from(0))
    );
    assert_eq!(summary["failed"], 1);
    // Version 1, version 2, the spreadsheet, shifted rows, two nights of which one is the last of three rows, two records.
    let expected =
        0.2066 + 0.4115 + 1.548 + 3.166 + 0.9402 + 0.114 + 0.0336 + 0.0325 + 0.0157 + 0.0159 + 0.016 + 0.002;
    let energy = summary["energy_kwh"].as_f64().unwrap();
    assert!((energy - expected).abs() < 1e-9, "{energy} {expected}");
    for (issue, count) in [("shifted_cells", 1), ("cumulative_rows", 1), ("decimal_comma", 2)] {
        assert_eq!(summary["issues"][issue], count, "{issue}: {}", summary["issues"]);
    }
}
