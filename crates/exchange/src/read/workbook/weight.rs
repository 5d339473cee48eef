//! What an archive weighs once inflated, and what its repeated cells would become.

use std::io::{Cursor, Read};

use crate::error::FileError;

use super::{LAST_COLUMN, ROWS_MAX, TEXT_MAX};

/// Most entries of the archive.
pub const ENTRIES_MAX: usize = 200;
/// Most bytes of the archive once inflated.
pub const INFLATED_MAX: u64 = 200 * 1024 * 1024;
/// Most times the archive may grow.
pub const RATIO_MAX: u64 = 100;
/// Small archives grow much: the ratio counts from this size on.
const RATIO_FROM: u64 = 4 * 1024 * 1024;
/// Most cells that the repetitions of an ODS sheet may make.
const CELLS_MAX: usize = 6_400_000;

/// Kinds of workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Office Open XML.
    Xlsx,
    /// Open Document.
    Ods,
}

/// Inflates every entry into nothing, counting: sizes written in the archive prove nothing.
pub fn weigh(bytes: &[u8], name: &str) -> Result<Kind, FileError> {
    let too_large = |what: &str, limit: String| FileError::TooLarge {
        name: name.to_owned(),
        what: what.to_owned(),
        limit,
    };
    let damaged = |cause: &str| FileError::Damaged {
        name: name.to_owned(),
        cause: cause.to_owned(),
    };
    let not_a_table = |found: &str| FileError::NotATable {
        name: name.to_owned(),
        found: found.to_owned(),
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))
        .map_err(|_error| damaged("l’archive du classeur est abîmée"))?;
    if archive.len() > ENTRIES_MAX {
        return Err(too_large(
            "nombre d’entrées de l’archive",
            ENTRIES_MAX.to_string(),
        ));
    }
    // Of two entries with one name, readers differ on the one that counts.
    if declared_entries(bytes).is_some_and(|declared| declared != archive.len()) {
        return Err(damaged("deux parties de l’archive portent le même nom"));
    }
    let packed = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let most = INFLATED_MAX.min(packed.saturating_mul(RATIO_MAX).max(RATIO_FROM));
    let mut total = 0_u64;
    let mut buffer = vec![0_u8; 64 * 1024];
    let mut kind = None;
    let mut is_binary_workbook = false;
    for position in 0..archive.len() {
        let mut entry = archive.by_index(position).map_err(|error| match error {
            zip::result::ZipError::UnsupportedArchive(zip::result::ZipError::PASSWORD_REQUIRED) => {
                not_a_table("un fichier protégé par un mot de passe")
            }
            _ => damaged("une partie de l’archive est abîmée"),
        })?;
        let path = entry.name().to_ascii_lowercase();
        match path.as_str() {
            "xl/workbook.xml" => kind = Some(Kind::Xlsx),
            "content.xml" => kind = Some(kind.unwrap_or(Kind::Ods)),
            "xl/workbook.bin" => is_binary_workbook = true,
            _ => {}
        }
        let is_markup = path.ends_with(".xml") || path.ends_with(".rels");
        let mut repeats = (path == "content.xml").then(Repeats::default);
        let mut is_encrypted = false;
        let mut tail: Vec<u8> = Vec::new();
        loop {
            let read = entry
                .read(&mut buffer)
                .map_err(|_error| damaged("une partie de l’archive est abîmée"))?;
            let Some(chunk) = buffer.get(..read).filter(|chunk| !chunk.is_empty()) else {
                break;
            };
            total = total.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
            if total > most {
                return Err(too_large(
                    "taille une fois décompressé",
                    "200 Mo, ou cent fois le fichier".to_owned(),
                ));
            }
            if is_markup {
                // A declaration may stand across two chunks.
                tail.extend_from_slice(chunk);
                if holds_doctype(&tail) {
                    return Err(damaged(
                        "le classeur contient une déclaration de type de document",
                    ));
                }
                is_encrypted |= path == "meta-inf/manifest.xml" && holds(&tail, b"encryption-data");
                let keep = tail.len().saturating_sub(16);
                tail.drain(..keep);
            }
            if let Some(repeats) = &mut repeats {
                repeats.feed(chunk);
                if repeats.is_too_large() {
                    return Err(too_large(
                        "nombre de cellules répétées",
                        format!("{ROWS_MAX} lignes et {LAST_COLUMN} colonnes"),
                    ));
                }
            }
        }
        if is_encrypted {
            return Err(not_a_table("un fichier protégé par un mot de passe"));
        }
    }
    match kind {
        Some(kind) => Ok(kind),
        None if is_binary_workbook => Err(not_a_table("un classeur Excel binaire, .xlsb")),
        None => Err(not_a_table("une archive ZIP sans classeur")),
    }
}

/// How many entries the end of the archive announces; nothing when the number does not fit there.
fn declared_entries(bytes: &[u8]) -> Option<usize> {
    // The end may be followed by a comment of at most 65 535 bytes.
    let tail = bytes.get(bytes.len().saturating_sub(22 + 65_535)..)?;
    let at = tail.windows(4).rposition(|part| part == b"PK\x05\x06")?;
    let count = u16::from_le_bytes([*tail.get(at + 10)?, *tail.get(at + 11)?]);
    (count != u16::MAX).then_some(usize::from(count))
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|part| part == wanted)
}

fn holds_doctype(bytes: &[u8]) -> bool {
    bytes
        .windows(9)
        .any(|part| part.starts_with(b"<!") && part.eq_ignore_ascii_case(b"<!doctype"))
}

/// What the `number-…-repeated` attributes of an ODS sheet would make, read tag by tag.
#[derive(Debug, Default)]
struct Repeats {
    /// The tag that is being read, without its `<`; absent between tags.
    tag: Option<Vec<u8>>,
    quote: Option<u8>,
    /// Bytes of text since the last tag.
    text: usize,
    row_times: usize,
    columns: usize,
    last_filled: usize,
    row_text: usize,
    cell_times: usize,
    /// Rows before the one that is being read, in its sheet.
    rows: usize,
    filled_rows: usize,
    widest: usize,
    bytes: usize,
}

impl Repeats {
    fn feed(&mut self, chunk: &[u8]) {
        for byte in chunk {
            match (&mut self.tag, self.quote) {
                (None, _) if *byte == b'<' => self.tag = Some(Vec::new()),
                (None, _) => self.text += 1,
                (Some(tag), Some(quote)) => {
                    if *byte == quote {
                        self.quote = None;
                    }
                    if tag.len() < 4096 {
                        tag.push(*byte);
                    }
                }
                (Some(_), None) if *byte == b'>' => {
                    let tag = self.tag.take().unwrap_or_default();
                    self.tag(&tag);
                }
                (Some(tag), None) => {
                    if matches!(*byte, b'"' | b'\'') {
                        self.quote = Some(*byte);
                    }
                    if tag.len() < 4096 {
                        tag.push(*byte);
                    }
                }
            }
        }
    }

    fn tag(&mut self, tag: &[u8]) {
        let name_end = tag
            .iter()
            .position(|b| b.is_ascii_whitespace() || *b == b'/')
            .filter(|at| *at > 0)
            .unwrap_or(tag.len());
        let name = tag.get(..name_end).unwrap_or(tag);
        let text = std::mem::take(&mut self.text);
        self.row_text = self
            .row_text
            .saturating_add(text.saturating_mul(self.cell_times.max(1)));
        match name {
            b"table:table" => (self.rows, self.filled_rows, self.widest) = (0, 0, 0),
            b"table:table-row" => {
                self.row_times = number_after(tag, b"number-rows-repeated");
                (self.columns, self.last_filled, self.row_text) = (0, 0, 0);
                if tag.ends_with(b"/") {
                    self.end_row();
                }
            }
            b"table:table-cell" | b"table:covered-table-cell" => {
                self.cell_times = number_after(tag, b"number-columns-repeated");
                self.columns = self.columns.saturating_add(self.cell_times);
                if holds(tag, b"value-type") || holds(tag, b"formula") {
                    self.last_filled = self.columns;
                    self.row_text = self
                        .row_text
                        .saturating_add(tag.len().saturating_mul(self.cell_times));
                }
                if tag.ends_with(b"/") {
                    self.cell_times = 1;
                }
            }
            _ if tag.starts_with(b"/table:table-cell") => self.cell_times = 1,
            _ if tag.starts_with(b"/table:table-row") => self.end_row(),
            _ => {}
        }
    }

    fn end_row(&mut self) {
        self.rows = self.rows.saturating_add(self.row_times);
        if self.last_filled > 0 {
            self.filled_rows = self.rows;
            self.widest = self.widest.max(self.last_filled);
            self.bytes = self
                .bytes
                .saturating_add(self.row_text.saturating_mul(self.row_times));
        }
    }

    fn is_too_large(&self) -> bool {
        self.filled_rows > ROWS_MAX + 1
            || self.widest > LAST_COLUMN
            || self.bytes > TEXT_MAX
            || self.filled_rows.saturating_mul(self.widest) > CELLS_MAX
    }
}

/// The number of an attribute; 1 when it is absent, the largest when it is no number.
fn number_after(tag: &[u8], attribute: &[u8]) -> usize {
    let Some(at) = tag.windows(attribute.len()).position(|part| part == attribute) else {
        return 1;
    };
    let digits: String = tag
        .iter()
        .skip(at + attribute.len())
        .skip_while(|b| !b.is_ascii_digit())
        .take_while(|b| b.is_ascii_digit())
        .map(|b| char::from(*b))
        .collect();
    digits.parse().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(content: &str) -> bool {
        let mut repeats = Repeats::default();
        for chunk in content.as_bytes().chunks(7) {
            repeats.feed(chunk);
        }
        repeats.is_too_large()
    }

    #[test]
    fn repeated_cells_count_only_where_they_hold_something() {
        let sheet = |rows: &str| format!("<table:table table:name=\"A\">{rows}</table:table>");
        let filled =
            "<table:table-cell office:value-type=\"string\"><text:p>a &gt; b</text:p></table:table-cell>";
        for (rows, refused) in [
            (format!("<table:table-row>{filled}</table:table-row>"), false),
            (
                format!("<table:table-row>{filled}</table:table-row><table:table-row table:number-rows-repeated=\"1048575\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>"),
                false,
            ),
            (
                format!("<table:table-row table:number-rows-repeated=\"1048576\">{filled}</table:table-row>"),
                true,
            ),
            (
                format!("<table:table-row table:number-rows-repeated=\"1048575\"/><table:table-row>{filled}</table:table-row>"),
                true,
            ),
            (
                format!("<table:table-row><table:table-cell table:number-columns-repeated=\"16383\"/>{filled}</table:table-row>"),
                true,
            ),
            (
                "<table:table-row><table:table-cell a=\">\" table:number-columns-repeated=\"99999999999999999999999\" office:value-type=\"float\"/></table:table-row>".to_owned(),
                true,
            ),
        ] {
            assert_eq!(is_refused(&sheet(&rows)), refused, "{rows}");
        }
    }
}
