//! The rules that keep one migration folder and one set of statements good for both engines.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::print_stderr,
    reason = "tests may stop at the first surprise"
)]

use std::path::{Path, PathBuf};

/// The files of a folder and of those below it.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                files.push(path);
            }
        }
    }
    files.sort();
    assert!(!files.is_empty());
    files
}

/// The SQL without its comments.
fn statements(text: &str) -> String {
    text.lines()
        .map(|line| line.split_once("--").map_or(line, |(sql, _)| sql))
        .collect::<Vec<_>>()
        .join("\n")
}

fn words(sql: &str) -> impl Iterator<Item = &str> {
    sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
}

struct Table {
    name: String,
    definition: String,
}

fn tables(sql: &str) -> Vec<Table> {
    sql.split(';')
        .filter_map(|statement| {
            let statement = statement.trim();
            let rest = statement.strip_prefix("CREATE TABLE ")?;
            let (name, definition) = rest.split_once('(')?;
            Some(Table {
                name: name.trim().to_owned(),
                definition: definition.trim_end_matches(')').to_owned(),
            })
        })
        .collect()
}

/// The comma-separated parts of a definition, commas in parentheses apart.
fn parts(definition: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for c in definition.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(c);
    }
    parts.into_iter().map(|part| part.trim().to_owned()).collect()
}

#[test]
fn migrations_use_nothing_that_one_engine_lacks() {
    const FORBIDDEN: &[&str] = &[
        "BOOLEAN",
        "TIMESTAMP",
        "DATETIME",
        "DATE",
        "SERIAL",
        "BIGSERIAL",
        "JSON",
        "JSONB",
        "UUID",
        "INTEGER",
        "INT",
        "REAL",
        "NUMERIC",
        "VARCHAR",
        "BLOB",
        "AUTOINCREMENT",
        "GENERATED",
        "TRIGGER",
        "WITHOUT",
        "STRICT",
        "PRAGMA",
        "EXTENSION",
        "FUNCTION",
        "SEQUENCE",
        "NOW",
        "CURRENT_TIMESTAMP",
        "COLLATE",
        "CONCURRENTLY",
        "ENUM",
        "TYPE",
    ];
    for path in files("migrations", "sql") {
        let sql = statements(&std::fs::read_to_string(&path).unwrap());
        for word in words(&sql) {
            assert!(
                !FORBIDDEN.contains(&word.to_ascii_uppercase().as_str()),
                "{}: {word}",
                path.display()
            );
        }
    }
}

#[test]
fn columns_have_one_of_four_types() {
    for path in files("migrations", "sql") {
        for table in tables(&statements(&std::fs::read_to_string(&path).unwrap())) {
            for part in parts(&table.definition) {
                let mut words = part.split_whitespace();
                let name = words.next().unwrap();
                if ["PRIMARY", "FOREIGN", "UNIQUE", "CHECK"].contains(&name) {
                    continue;
                }
                let kind = words.next().unwrap();
                let known = match kind {
                    "TEXT" | "BIGINT" | "BYTEA" => true,
                    "DOUBLE" => words.next() == Some("PRECISION"),
                    _ => false,
                };
                assert!(known, "{}.{name} is {kind}", table.name);
            }
        }
    }
}

#[test]
fn every_table_has_a_primary_key_that_begins_with_a_text() {
    for path in files("migrations", "sql") {
        for table in tables(&statements(&std::fs::read_to_string(&path).unwrap())) {
            let parts = parts(&table.definition);
            let own = parts
                .iter()
                .any(|part| part.contains(" TEXT NOT NULL PRIMARY KEY"));
            let joint = parts.iter().any(|part| {
                part.strip_prefix("PRIMARY KEY (")
                    .and_then(|columns| columns.split([',', ')']).next())
                    .is_some_and(|first| {
                        parts
                            .iter()
                            .any(|column| column.starts_with(&format!("{first} TEXT NOT NULL")))
                    })
            });
            assert!(own || joint, "{}", table.name);
        }
    }
}

#[test]
fn every_foreign_key_has_an_index() {
    let sql: String = files("migrations", "sql")
        .iter()
        .map(|path| statements(&std::fs::read_to_string(path).unwrap()))
        .collect();
    for table in tables(&sql) {
        let parts = parts(&table.definition);
        for part in &parts {
            let columns = if let Some(rest) = part.strip_prefix("FOREIGN KEY (") {
                rest.split(')').next().unwrap().to_owned()
            } else if part.contains(" REFERENCES ") {
                part.split_whitespace().next().unwrap().to_owned()
            } else {
                continue;
            };
            let index = sql.split(';').any(|statement| {
                statement.contains("INDEX") && statement.contains(&format!("ON {} ({columns}", table.name))
            });
            let key = parts
                .iter()
                .any(|part| part.starts_with(&format!("PRIMARY KEY ({columns}")));
            assert!(index || key, "{} ({columns})", table.name);
        }
    }
}

#[test]
fn only_the_builder_vouches_for_statement_texts() {
    const OF_ONE_ENGINE: &[&str] = &[
        "PRAGMA ",
        "VACUUM",
        "sqlite_master",
        "COLLATE",
        "to_regclass",
        "pg_catalog",
    ];
    for path in files("src", "rs") {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            if name != "sql.rs" {
                assert!(!line.contains("AssertSqlSafe"), "{name}: {line}");
                assert!(!line.contains("QueryBuilder"), "{name}: {line}");
            }
            if name != "dialect.rs" {
                for word in OF_ONE_ENGINE {
                    assert!(!line.contains(word), "{name}: {word} belongs to dialect.rs");
                }
            }
        }
    }
}
