//! The tables that estimates are made from: those of the executable, or those of a folder in their place.

use std::path::Path;

use sobria_estimate::Reference;
use sobria_estimate::reference::{TABLES, TableError};

use crate::commands::Failure;
use crate::config::{Config, Equivalents};
use crate::output::Exit;

/// Mistakes that are written out; further ones are counted.
const SHOWN: usize = 20;

/// The tables of the configuration, with the equivalents that it prefers.
///
/// # Errors
/// Those of [`load_folder`]; and a favourite or hidden equivalent that the table does not hold.
pub fn load(config: &Config) -> Result<&'static Reference, Failure> {
    let choice = &config.equivalents;
    let plain = *choice == Equivalents::default();
    let reference = match &config.reference.dir {
        Some(folder) if plain => return load_folder(folder),
        None if plain => return Ok(Reference::embedded()),
        Some(folder) => read_folder(folder)?,
        None => Reference::from_tables(&|_| None)
            .map_err(|errors| Failure::new(Exit::Failed, told(Path::new("tables du programme"), &errors)))?,
    };
    let preferred = reference
        .preferring(&choice.pinned, &choice.hidden)
        .map_err(|errors| {
            let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Failure::new(
                Exit::Unusable,
                format!(
                    "equivalents.pinned ou equivalents.hidden ne conviennent pas : {}.",
                    told.join(" ; ")
                ),
            )
        })?;
    Ok(Box::leak(Box::new(preferred)))
}

/// The tables of the executable, with those that the folder holds as `<table>.tsv` in their place.
///
/// They stay in memory until the process ends.
///
/// # Errors
/// When the folder cannot be read, holds no table, or holds a file that is not one; each mistake in a table is told
/// with its file, line, column and what was expected.
pub fn load_folder(folder: &Path) -> Result<&'static Reference, Failure> {
    Ok(Box::leak(Box::new(read_folder(folder)?)))
}

fn read_folder(folder: &Path) -> Result<Reference, Failure> {
    let wrong = |message: String| Failure::new(Exit::Unusable, message);
    let unreadable = |path: &Path, error: &std::io::Error| {
        wrong(format!(
            "« {} » ne peut pas être lu ({error}). Donnez à --reference (ou à reference.dir) un dossier de tables <table>.tsv, en UTF-8.",
            path.display()
        ))
    };
    let mut texts: Vec<(&'static str, String)> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let path = entry.map_err(|error| unreadable(folder, &error))?.path();
        if path.extension().is_none_or(|extension| extension != "tsv") {
            continue;
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let Some(table) = TABLES.into_iter().find(|table| *table == stem) else {
            return Err(wrong(format!(
                "« {} » ne porte le nom d’aucune table. Noms attendus : {}.",
                path.display(),
                TABLES.map(|table| format!("{table}.tsv")).join(", ")
            )));
        };
        let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
        texts.push((table, text));
    }
    if texts.is_empty() {
        return Err(wrong(format!(
            "le dossier « {} » ne contient aucune table. Noms attendus : {}.",
            folder.display(),
            TABLES.map(|table| format!("{table}.tsv")).join(", ")
        )));
    }
    let text = |table: &str| {
        texts
            .iter()
            .find(|(name, _)| *name == table)
            .map(|(_, text)| text.clone())
    };
    Reference::from_tables(&text).map_err(|errors| wrong(told(folder, &errors)))
}

/// Every mistake, one a line.
fn told(folder: &Path, errors: &[TableError]) -> String {
    let mut message = format!(
        "les tables du dossier « {} » ne conviennent pas ({} à corriger) :",
        folder.display(),
        errors.len()
    );
    for error in errors.iter().take(SHOWN) {
        let file = folder.join(format!("{}.tsv", error.table));
        let column = match error.column {
            "" => String::new(),
            column => format!(", colonne {column}"),
        };
        message.push_str(&format!(
            "\n  {}, ligne {}{column} : « {} ». Attendu : {}.",
            file.display(),
            error.line.max(1),
            error.found.chars().take(120).collect::<String>(),
            error.expected
        ));
    }
    if errors.len() > SHOWN {
        message.push_str(&format!("\n  … et {} autres.", errors.len() - SHOWN));
    }
    message
}
