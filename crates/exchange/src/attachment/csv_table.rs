//! Tables as text: read whole, written anew in UTF-8 with cells that no spreadsheet runs.

use sobria_catalogue::attachment::FileKind;

use super::{FileRefusal, broken};
use crate::export::harmless;
use crate::read::decode_text;

/// Most columns.
const COLUMNS_MAX: usize = 500;
/// Longest cell, in bytes.
const CELL_MAX: usize = 32_768;
/// Lines in which the separator is looked for.
const SNIFFED: usize = 20;

pub fn clean(bytes: &[u8], name: &str) -> Result<(Vec<u8>, Vec<String>), FileRefusal> {
    let refuse = |cause: &str| broken(name, FileKind::Csv, cause);
    let text =
        decode_text(bytes, name).ok_or_else(|| refuse("il contient des octets qui ne sont pas du texte"))?;
    if text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\t' | '\r' | '\n'))
    {
        return Err(refuse("il contient des caractères de commande"));
    }
    let Some(separator) = separator(&text) else {
        return Err(refuse(
            "aucune ligne n’a deux colonnes séparées par une virgule, un point-virgule ou une tabulation",
        ));
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .delimiter(separator)
        .from_writer("\u{feff}".as_bytes().to_vec());
    let mut neutralised = 0_u64;
    for record in reader.records() {
        let record = record.map_err(|error| broken(name, FileKind::Csv, error))?;
        if record.len() > COLUMNS_MAX {
            return Err(refuse("une ligne a plus de 500 colonnes"));
        }
        let mut cells = Vec::with_capacity(record.len());
        for cell in &record {
            if cell.len() > CELL_MAX {
                return Err(refuse("une cellule a plus de 32 768 caractères"));
            }
            let safe = if is_number(cell) {
                cell.to_owned()
            } else {
                harmless(cell)
            };
            neutralised += u64::from(safe != cell);
            cells.push(safe);
        }
        writer
            .write_record(&cells)
            .map_err(|error| broken(name, FileKind::Csv, error))?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| broken(name, FileKind::Csv, error))?;
    let mut removed = Vec::new();
    if neutralised > 0 {
        removed.push(format!(
            "cellules qui commençaient comme une formule, précédées d’une apostrophe\u{a0}: {neutralised}"
        ));
    }
    Ok((bytes, removed))
}

/// A negative number is no formula: `-4,5`.
fn is_number(cell: &str) -> bool {
    cell.strip_prefix(['-', '+']).is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_digit())
            && rest
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '\u{a0}' | '\u{202f}'))
    })
}

/// The character that cuts the first lines in the same number of cells.
fn separator(text: &str) -> Option<u8> {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(SNIFFED)
        .collect();
    [b';', b'\t', b',', b'|']
        .into_iter()
        .filter_map(|byte| {
            let sign = char::from(byte);
            let first = lines.first()?.matches(sign).count();
            let with = lines.iter().filter(|line| line.contains(sign)).count();
            (first > 0 && with * 2 >= lines.len()).then_some((with * first, byte))
        })
        .max_by_key(|(score, _)| *score)
        .map(|(_, byte)| byte)
}
