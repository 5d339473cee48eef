//! From bytes to a table whose columns are understood.

mod delimited;
mod json;
mod workbook;

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use sobria_catalogue::field::Field;
use sobria_catalogue::text::excerpt;
use sobria_territory::siren::parse_siret;

use crate::aliases::{Target, is_native, target};
use crate::error::FileError;

/// Most columns of a table.
pub const COLUMNS_MAX: usize = 128;
/// Longest cell, in characters; longer ones are cut and flagged.
pub const CELL_MAX: usize = 50_000;
/// Most rows of a table.
pub const ROWS_MAX: usize = 1_000_000;
/// Largest file, in bytes.
pub const FILE_MAX: usize = 1_000_000_000;
/// Rows in which the headers are looked for: titles may stand above them.
const HEADER_ROWS: usize = 6;

/// What may be asked of the reader.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Sheet of a workbook.
    pub sheet: Option<String>,
    /// Columns named by hand: number from 1, then the field.
    pub map: Vec<(usize, String)>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Header as written.
    pub header: String,
    /// What it holds.
    pub target: Target,
}

/// A row of data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetRow {
    /// Number of the row; the first row of data is 1.
    pub number: u64,
    /// Cells, one per column unless the row is broken.
    pub cells: Vec<String>,
}

/// A table whose columns are understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Name of the file.
    pub name: String,
    /// SHA-256 of the file, in hexadecimal.
    pub hash: String,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows.
    pub rows: Vec<SheetRow>,
    /// Whether cells are in the native form, with codes.
    pub native: bool,
}

impl Sheet {
    /// Position of the column of a field.
    pub fn position(&self, wanted: Target) -> Option<usize> {
        self.columns.iter().position(|column| column.target == wanted)
    }
}

/// Reads a file, whatever its format: it is told from the bytes.
///
/// # Errors
/// When the file is not a table, is damaged, goes beyond a limit, or its columns are not understood.
pub fn read(bytes: &[u8], name: &str, options: &ReadOptions) -> Result<Sheet, FileError> {
    if bytes.len() > FILE_MAX {
        return Err(FileError::TooLarge {
            name: name.to_owned(),
            what: "taille du fichier".to_owned(),
            limit: "1 Go".to_owned(),
        });
    }
    let hash = hex(&Sha256::digest(bytes));
    let start: Vec<u8> = bytes.iter().copied().take(8).collect();
    if start.starts_with(b"PK") {
        return understand(workbook::read(bytes, name, options)?, name, hash, options);
    }
    if start.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(FileError::NotATable {
            name: name.to_owned(),
            found: "classeur Excel ancien ou protégé par un mot de passe".to_owned(),
        });
    }
    let text = delimited::decode(bytes, name)?;
    let trimmed = text.trim_start();
    if trimmed.is_empty() {
        return Err(FileError::Empty {
            name: name.to_owned(),
        });
    }
    if trimmed.starts_with('{') || trimmed.starts_with('[') {
        return json::read(trimmed, name, hash);
    }
    if trimmed.starts_with('<') {
        return Err(FileError::NotATable {
            name: name.to_owned(),
            found: "une page HTML ou du XML".to_owned(),
        });
    }
    understand(delimited::read(&text, name)?, name, hash, options)
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Finds the headers and gives each column its meaning.
fn understand(
    mut table: Vec<Vec<String>>,
    name: &str,
    hash: String,
    options: &ReadOptions,
) -> Result<Sheet, FileError> {
    let header_row = table
        .iter()
        .take(HEADER_ROWS)
        .enumerate()
        .max_by_key(|(position, row)| {
            let known = row.iter().filter(|header| target(header).is_some()).count();
            (known, HEADER_ROWS - position)
        })
        .map(|(position, _)| position);
    let Some(header_row) = header_row else {
        return Err(FileError::Empty {
            name: name.to_owned(),
        });
    };
    let mut headers = table.get(header_row).cloned().unwrap_or_default();
    // Spreadsheets leave empty columns at the right of a table.
    while headers.last().is_some_and(|header| header.trim().is_empty()) {
        headers.pop();
    }
    let rows: Vec<Vec<String>> = table.split_off(header_row + 1);
    if headers.len() < 2 {
        let first = headers.first().map_or("", String::as_str);
        return Err(FileError::NotATable {
            name: name.to_owned(),
            found: format!("« {} »", excerpt(first.trim(), 60)),
        });
    }
    if headers.len() > COLUMNS_MAX {
        return Err(FileError::TooLarge {
            name: name.to_owned(),
            what: format!("{} colonnes", headers.len()),
            limit: COLUMNS_MAX.to_string(),
        });
    }
    if rows.len() > ROWS_MAX {
        return Err(FileError::TooLarge {
            name: name.to_owned(),
            what: format!("{} lignes", rows.len()),
            limit: ROWS_MAX.to_string(),
        });
    }
    let mut targets: Vec<Option<Target>> = headers.iter().map(|header| target(header)).collect();
    let mut mapped = vec![false; targets.len()];
    for (number, field) in &options.map {
        let given = format!("{number}={field}");
        let wrong = |cause: &str| FileError::WrongMapping {
            given: given.clone(),
            cause: cause.to_owned(),
        };
        let meaning = target(field).ok_or_else(|| wrong("ce champ n’existe pas"))?;
        let position = number
            .checked_sub(1)
            .filter(|at| *at < targets.len())
            .ok_or_else(|| wrong("cette colonne n’existe pas"))?;
        if let (Some(slot), Some(flag)) = (targets.get_mut(position), mapped.get_mut(position)) {
            *slot = Some(meaning);
            *flag = true;
        }
    }
    settle_duplicates(&headers, &mut targets, &mapped, &rows, name)?;
    let known = targets.iter().filter(|target| target.is_some()).count();
    let has = |field: Field| targets.contains(&Some(Target::Field(field)));
    let missing: Vec<&str> = [
        (Field::OrganisationName, "coll_nom"),
        (Field::Title, "nom_projet"),
    ]
    .into_iter()
    .filter(|(field, _)| !has(*field))
    .map(|(_, column)| column)
    .collect();
    let filled = headers.iter().filter(|header| !header.trim().is_empty()).count();
    if known * 10 < filled * 6 || !missing.is_empty() {
        let missing = if missing.is_empty() {
            String::new()
        } else {
            format!(", et il manque {}", missing.join(" et "))
        };
        return Err(FileError::UnrecognisedShape {
            name: name.to_owned(),
            known,
            headers: filled,
            missing,
        });
    }
    let native = headers.iter().filter(|header| is_native(header)).count() >= 3;
    let columns = headers
        .into_iter()
        .zip(targets)
        .map(|(header, target)| Column {
            header: header.trim().to_owned(),
            target: target.unwrap_or(Target::Hidden),
        })
        .collect();
    let rows = (1..)
        .zip(rows)
        .map(|(number, cells)| SheetRow { number, cells })
        .collect();
    Ok(Sheet {
        name: name.to_owned(),
        hash,
        columns,
        rows,
        native,
    })
}

/// Two columns with one meaning stop the import, unless a mapping told them apart.
fn settle_duplicates(
    headers: &[String],
    targets: &mut [Option<Target>],
    mapped: &[bool],
    rows: &[Vec<String>],
    name: &str,
) -> Result<(), FileError> {
    let mut by_field: HashMap<Field, Vec<usize>> = HashMap::new();
    for (position, target) in targets.iter().enumerate() {
        if let Some(Target::Field(field)) = target {
            by_field.entry(*field).or_default().push(position);
        }
    }
    let mut duplicates: Vec<(Field, Vec<usize>)> =
        by_field.into_iter().filter(|(_, list)| list.len() > 1).collect();
    duplicates.sort();
    for (field, positions) in duplicates {
        let chosen: Vec<usize> = positions
            .iter()
            .copied()
            .filter(|at| mapped.get(*at).copied().unwrap_or(false))
            .collect();
        if let [one] = chosen.as_slice() {
            for position in positions.iter().filter(|position| *position != one) {
                if let Some(slot) = targets.get_mut(*position) {
                    *slot = None;
                }
            }
            continue;
        }
        let sample = |at: usize| {
            let values: Vec<String> = rows
                .iter()
                .filter_map(|row| row.get(at))
                .filter(|cell| !cell.trim().is_empty())
                .take(2)
                .map(|cell| excerpt(cell.trim(), 30))
                .collect();
            format!(
                "colonne {} : {}",
                at + 1,
                if values.is_empty() {
                    "vide".to_owned()
                } else {
                    values.join(", ")
                }
            )
        };
        let looks_right = |at: usize| {
            field == Field::OrganisationSiret
                && rows
                    .iter()
                    .filter_map(|row| row.get(at))
                    .filter(|c| !c.trim().is_empty())
                    .take(50)
                    .all(|c| parse_siret(c).is_ok())
        };
        let other = positions
            .iter()
            .copied()
            .find(|at| !looks_right(*at))
            .or(positions.last().copied())
            .unwrap_or(0);
        let example = if field == Field::OrganisationSiret {
            format!("{}=nom_projet", other + 1)
        } else {
            format!(
                "{}={}",
                positions.first().map_or(1, |at| at + 1),
                field.spec().column
            )
        };
        let first = positions.first().copied().unwrap_or(0);
        return Err(FileError::NeedsMapping {
            name: name.to_owned(),
            header: headers
                .get(first)
                .map_or_else(String::new, |header| header.trim().to_owned()),
            columns: positions
                .iter()
                .map(|at| (at + 1).to_string())
                .collect::<Vec<_>>()
                .join(", "),
            guess: format!(
                "{}.",
                positions
                    .iter()
                    .map(|at| sample(*at))
                    .collect::<Vec<_>>()
                    .join(" ; ")
            ),
            example,
        });
    }
    Ok(())
}
