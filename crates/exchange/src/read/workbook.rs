//! XLSX and ODS. What a small archive may become is counted while it is inflated, before anything is read.

use std::io::{Cursor, Read};

use calamine::{Data, Range, Reader, Sheets};

use super::{COLUMNS_MAX, ReadOptions};
use crate::error::FileError;

/// Most entries of the archive.
const ENTRIES_MAX: usize = 500;
/// Most bytes of the archive once inflated.
const INFLATED_MAX: u64 = 200 * 1024 * 1024;
/// Most times the archive may grow.
const RATIO_MAX: u64 = 100;
/// Most rows of a sheet.
const ROWS_MAX: usize = 100_000;

/// Reads one sheet.
pub fn read(bytes: &[u8], name: &str, options: &ReadOptions) -> Result<Vec<Vec<String>>, FileError> {
    let damaged = |cause: String| FileError::Damaged {
        name: name.to_owned(),
        cause,
    };
    weigh(bytes, name)?;
    let mut workbook: Sheets<_> =
        calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|error| FileError::NotATable {
            name: name.to_owned(),
            found: format!("archive sans classeur lisible : {error}"),
        })?;
    let names = workbook.sheet_names();
    let list = || {
        names
            .iter()
            .map(|sheet| format!("« {sheet} »"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let chosen = match &options.sheet {
        Some(wanted) => names
            .iter()
            .find(|sheet| *sheet == wanted)
            .cloned()
            .ok_or_else(|| FileError::SheetUnknown {
                name: name.to_owned(),
                sheet: wanted.clone(),
                sheets: list(),
            })?,
        None => {
            let mut filled = Vec::new();
            for sheet in &names {
                let range = workbook
                    .worksheet_range(sheet)
                    .map_err(|error| damaged(error.to_string()))?;
                if range.used_cells().next().is_some() {
                    filled.push(sheet.clone());
                }
            }
            match filled.as_slice() {
                [] => {
                    return Err(FileError::Empty {
                        name: name.to_owned(),
                    });
                }
                [one] => one.clone(),
                _ => {
                    return Err(FileError::SheetChoiceNeeded {
                        name: name.to_owned(),
                        sheets: list(),
                    });
                }
            }
        }
    };
    let range = workbook
        .worksheet_range(&chosen)
        .map_err(|error| damaged(error.to_string()))?;
    table(&range, name)
}

/// Inflates every entry into nothing, counting: sizes written in the archive prove nothing.
fn weigh(bytes: &[u8], name: &str) -> Result<(), FileError> {
    let too_large = |what: &str, limit: String| FileError::TooLarge {
        name: name.to_owned(),
        what: what.to_owned(),
        limit,
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| FileError::Damaged {
        name: name.to_owned(),
        cause: error.to_string(),
    })?;
    if archive.len() > ENTRIES_MAX {
        return Err(too_large(
            "nombre d’entrées de l’archive",
            ENTRIES_MAX.to_string(),
        ));
    }
    let packed = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let most = INFLATED_MAX.min(packed.saturating_mul(RATIO_MAX).max(4 * 1024 * 1024));
    let mut total = 0_u64;
    let mut buffer = vec![0_u8; 64 * 1024];
    for position in 0..archive.len() {
        let mut entry = archive.by_index(position).map_err(|error| FileError::Damaged {
            name: name.to_owned(),
            cause: error.to_string(),
        })?;
        let is_sheet = entry.name().starts_with("xl/worksheets/");
        let mut head: Vec<u8> = Vec::new();
        loop {
            let read = entry.read(&mut buffer).map_err(|error| FileError::Damaged {
                name: name.to_owned(),
                cause: error.to_string(),
            })?;
            if read == 0 {
                break;
            }
            if is_sheet && head.len() < 8192 {
                head.extend(buffer.iter().take(read).copied());
            }
            total = total.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
            if total > most {
                return Err(too_large(
                    "taille une fois décompressé",
                    "200 Mo, ou cent fois le fichier".to_owned(),
                ));
            }
        }
        if head
            .windows(9)
            .any(|part| part == b"<!DOCTYPE" || part == b"<!doctype")
        {
            return Err(FileError::Damaged {
                name: name.to_owned(),
                cause: "le classeur contient une déclaration de type de document".to_owned(),
            });
        }
    }
    Ok(())
}

fn table(range: &Range<Data>, name: &str) -> Result<Vec<Vec<String>>, FileError> {
    let (height, width) = range.get_size();
    if height > ROWS_MAX || width > COLUMNS_MAX * 8 {
        return Err(FileError::TooLarge {
            name: name.to_owned(),
            what: format!("{height} lignes et {width} colonnes"),
            limit: format!("{ROWS_MAX} lignes et {COLUMNS_MAX} colonnes"),
        });
    }
    Ok(range.rows().map(|row| row.iter().map(cell).collect()).collect())
}

/// A typed cell as text: whole numbers without decimals, dates as the serial number the sheet holds.
fn cell(data: &Data) -> String {
    match data {
        Data::Empty => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number_text(*number),
        Data::Bool(flag) => if *flag { "oui" } else { "non" }.to_owned(),
        Data::DateTime(date) => number_text(date.as_f64()),
        Data::Error(error) => format!("{error}"),
    }
}

fn number_text(number: f64) -> String {
    if number.fract().abs() < f64::EPSILON && number.abs() < 1e15 {
        format!("{number:.0}")
    } else {
        format!("{number}")
    }
}
