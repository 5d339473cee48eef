//! The arrows of `docs/architecture.md`, checked against what cargo sees.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, in its helpers too"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

/// Which crates of the workspace each crate may use.
const ARROWS: &[(&str, &[&str])] = &[
    ("sobria-quantity", &[]),
    ("sobria-estimate", &["sobria-quantity"]),
    ("sobria-territory", &[]),
    ("sobria-catalogue", &["sobria-territory"]),
    ("sobria-store", &["sobria-catalogue"]),
    ("sobria-search", &["sobria-catalogue"]),
    (
        "sobria-exchange",
        &[
            "sobria-catalogue",
            "sobria-estimate",
            "sobria-govern",
            "sobria-territory",
        ],
    ),
    (
        "sobria-govern",
        &["sobria-catalogue", "sobria-estimate", "sobria-quantity"],
    ),
    ("sobria-identity", &[]),
    ("sobria-links", &[]),
    ("sobria-mail", &[]),
    (
        "sobria-web",
        &[
            "sobria-catalogue",
            "sobria-territory",
            "sobria-store",
            "sobria-search",
            "sobria-exchange",
            "sobria-estimate",
            "sobria-govern",
            "sobria-identity",
            "sobria-links",
            "sobria-mail",
        ],
    ),
    (
        "sobria",
        &[
            "sobria-catalogue",
            "sobria-territory",
            "sobria-store",
            "sobria-search",
            "sobria-exchange",
            "sobria-estimate",
            "sobria-mail",
            "sobria-identity",
            "sobria-web",
        ],
    ),
];

/// Libraries that have one home.
const HOMES: &[(&str, &[&str])] = &[
    ("sqlx", &["sobria-store"]),
    ("rusqlite", &["sobria-store"]),
    ("tantivy", &["sobria-search"]),
    ("axum", &["sobria-web"]),
    ("hyper", &["sobria-web"]),
    ("askama", &["sobria-web"]),
    ("calamine", &["sobria-exchange"]),
    ("rust_xlsxwriter", &["sobria-exchange"]),
    ("quick-xml", &["sobria-exchange"]),
    ("clap", &["sobria"]),
    ("lettre", &["sobria-mail"]),
    ("argon2", &["sobria-identity"]),
    ("openidconnect", &["sobria-identity"]),
    ("reqwest", &["sobria-identity", "sobria-links"]),
    ("nvml-wrapper", &["sobria"]),
];

/// Crates that do no input or output of their own.
const PURE: &[&str] = &[
    "sobria-quantity",
    "sobria-estimate",
    "sobria-territory",
    "sobria-catalogue",
    "sobria-exchange",
    "sobria-govern",
];

/// What a pure crate must not use: waiting, sockets, clocks that are read, random numbers.
const IMPURE: &[&str] = &[
    "tokio", "hyper", "sqlx", "rusqlite", "reqwest", "rand", "tempfile",
];

/// What `cargo metadata` says, as far as these tests read it: the library that reads it whole has `serde_json` compiled
/// with a feature that the program does without.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: BTreeSet<String>,
    workspace_root: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `dev` or `build`; absent for what the program itself is made of.
    kind: Option<String>,
}

/// What cargo answers; the tests start in the folder of their crate.
fn cargo(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .output()
        .expect("cargo starts");
    assert!(
        output.status.success(),
        "cargo {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

fn metadata() -> Metadata {
    serde_json::from_slice(&cargo(&["metadata", "--format-version", "1"])).expect("cargo metadata")
}

/// Normal dependencies of each crate of the workspace, by name.
fn dependencies(metadata: &Metadata) -> BTreeMap<String, BTreeSet<String>> {
    metadata
        .packages
        .iter()
        .filter(|package| metadata.workspace_members.contains(&package.id))
        .map(|package| {
            let names = package
                .dependencies
                .iter()
                .filter(|dependency| dependency.kind.is_none())
                .map(|dependency| dependency.name.clone())
                .collect();
            (package.name.clone(), names)
        })
        .collect()
}

/// What the tests bring with them must not ask anything more of a library than the program does: it would be compiled a
/// second time, and every crate above it, and what is tested would not be what runs.
#[test]
fn tests_are_built_on_the_libraries_of_the_program() {
    let features = |which: &[&str]| -> BTreeSet<String> {
        let mut arguments = vec!["tree", "--prefix", "none", "--format", "{p} [{f}]"];
        arguments.extend(which);
        String::from_utf8(cargo(&arguments))
            .expect("text")
            .lines()
            .map(|line| line.trim_end_matches(" (*)").to_owned())
            .collect()
    };
    let program = features(&["--package", "sobria", "--edges", "normal,build"]);
    let tests = features(&["--workspace", "--edges", "normal,build,dev"]);
    assert!(program.len() > 100, "{} libraries", program.len());
    let other: Vec<&String> = program.difference(&tests).collect();
    assert!(other.is_empty(), "with other features in the tests: {other:#?}");
}

#[test]
fn crates_depend_downwards_only() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    for (name, used) in dependencies(&metadata()) {
        let Some(permitted) = allowed.get(name.as_str()) else {
            panic!("{name} is not in the table of arrows: add it there and in docs/architecture.md");
        };
        for other in used.iter().filter(|other| allowed.contains_key(other.as_str())) {
            assert!(
                permitted.contains(&other.as_str()),
                "{name} must not depend on {other}"
            );
        }
    }
}

#[test]
fn each_library_stays_in_its_home() {
    for (name, used) in dependencies(&metadata()) {
        for (library, homes) in HOMES {
            assert!(
                !used.contains(*library) || homes.contains(&name.as_str()),
                "{library} must not be used in {name}"
            );
        }
    }
}

#[test]
fn pure_crates_use_nothing_that_waits_or_reads_the_world() {
    let used = dependencies(&metadata());
    for name in PURE {
        for library in IMPURE {
            assert!(!used[*name].contains(*library), "{name} must not use {library}");
        }
    }
}

fn sources(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn pure_crates_read_no_clock_and_no_file() {
    let root = metadata().workspace_root;
    for name in PURE {
        let folder = root
            .join("crates")
            .join(name.trim_start_matches("sobria-"))
            .join("src");
        for path in sources(&folder) {
            let text = std::fs::read_to_string(&path).unwrap();
            for call in [
                "Timestamp::now(",
                "Zoned::now(",
                "SystemTime::now(",
                "Uuid::now_v7(",
                "Uuid::new_v4(",
                "std::fs::",
            ] {
                assert!(!text.contains(call), "{} calls {call}", path.display());
            }
        }
    }
}

#[test]
fn module_files_are_named_after_their_module() {
    let root = metadata().workspace_root;
    for path in sources(&root.join("crates")) {
        assert!(
            !path.ends_with("mod.rs"),
            "{} should be the folder's name with .rs",
            path.display()
        );
    }
}

#[test]
fn every_dependency_has_a_permitted_licence() {
    let metadata = metadata();
    let policy = std::fs::read_to_string(metadata.workspace_root.join("deny.toml")).expect("deny.toml");
    let permitted: BTreeSet<&str> = policy
        .split("[licenses]")
        .nth(1)
        .expect("[licenses]")
        .lines()
        .take_while(|line| !line.starts_with("[bans"))
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(|line| line.split('"').nth(1))
        .collect();
    for package in &metadata.packages {
        let licence = package.license.clone().unwrap_or_default().replace('/', " OR ");
        let acceptable = licence.split(" OR ").any(|choice| {
            choice
                .split(" AND ")
                .map(|part| {
                    part.trim()
                        .trim_matches(['(', ')'])
                        .split(" WITH ")
                        .next()
                        .unwrap_or("")
                        .trim()
                })
                .all(|part| permitted.contains(part))
        });
        assert!(
            acceptable,
            "{} {}: « {licence} » is not permitted by deny.toml",
            package.name, package.version
        );
    }
}

#[test]
fn no_committed_text_names_a_path_of_one_machine() {
    let root = metadata().workspace_root;
    let patterns = [concat!("/wo", "rk/"), concat!("/ho", "me/")];
    for path in sources(&root.join("crates")) {
        let text = std::fs::read_to_string(&path).unwrap();
        for pattern in patterns {
            assert!(!text.contains(pattern), "{} names {pattern}", path.display());
        }
    }
}

/// A line of French must not begin with the sign that ends the one before.
#[test]
fn words_of_pages_keep_their_signs_on_the_line() {
    let root = metadata().workspace_root;
    let mut loose = Vec::new();
    for name in [
        "catalogue",
        "estimate",
        "exchange",
        "govern",
        "links",
        "store",
        "web",
    ] {
        let folder = root.join("crates").join(name).join("src");
        for path in sources(&folder) {
            if path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let shown = text.split("#[cfg(test)]").next().unwrap_or_default();
            for (number, line) in shown.lines().enumerate() {
                let code = line.trim_start();
                if !code.starts_with("//") && code.contains('"') && breaks(code) {
                    loose.push(format!("{}:{}: {code}", path.display(), number + 1));
                }
            }
        }
    }
    assert!(
        loose.is_empty(),
        "write \\u{{a0}} before « : » and « » », \\u{{202f}} before « ; ! ? »:\n{}",
        loose.join("\n")
    );
}

/// Whether a sign stands after a plain space that follows a word, or a quotation mark before one.
fn breaks(code: &str) -> bool {
    let ends_word = |c: char| c.is_alphanumeric() || ")}»’…".contains(c);
    code.contains("« ")
        || [" :", " ;", " !", " ?", " »"].iter().any(|sign| {
            code.match_indices(sign).any(|(at, _)| {
                let (before, after) = (&code[..at], &code[at + sign.len()..]);
                before.ends_with(ends_word) && after.starts_with([' ', '"', '<', '\\'])
            })
        })
}

/// What `docs/golden.md` says is held by a test is held by a test that is there.
#[test]
fn every_control_value_of_the_methods_names_a_test_that_exists() {
    let root = metadata().workspace_root;
    let table = std::fs::read_to_string(root.join("docs/golden.md")).unwrap();
    let mut seen = 0;
    for line in table
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains('`'))
    {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [_, test, file] = cells.as_slice() else {
            panic!("three cells, and no bar within them: {line}");
        };
        let (test, file) = (test.trim_matches('`'), file.trim_matches('`'));
        let text = std::fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let declared = text.match_indices(&format!("fn {test}(")).any(|(at, _)| {
            text[..at]
                .lines()
                .rev()
                .take(3)
                .any(|above| above.trim().ends_with("test]"))
        });
        assert!(declared, "no test {test} in {file}");
        seen += 1;
    }
    assert!(seen > 50, "{seen} lines read");
}
