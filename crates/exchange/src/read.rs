//! From bytes to a table whose columns are understood.

mod answer;
mod cells;
mod delimited;
mod encoding;
mod json;
mod workbook;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sha2::{Digest, Sha256};
use sobria_catalogue::field::Field;
use sobria_catalogue::import::{Issue, Severity};
use sobria_catalogue::text::{clean_line, excerpt};
use sobria_territory::siren::parse_siret;

pub use cells::Cells;

use crate::aliases::{Target, is_native, target, without_help};
use crate::error::FileError;
use crate::export::RAW;

/// Most columns of a table.
pub const COLUMNS_MAX: usize = 128;
/// Longest cell, in characters; longer ones are cut and flagged.
pub const CELL_MAX: usize = 50_000;
/// Most rows of a text table; workbooks hold less.
pub const ROWS_MAX: usize = 1_000_000;
/// Largest file read from a command line, in bytes.
pub const FILE_MAX: usize = 1_000_000_000;
/// Largest file that a page may accept, in bytes.
pub const UPLOAD_MAX: usize = 20 * 1024 * 1024;
/// Bytes from which several threads share the reading of a file.
const LONG: usize = 1 << 20;
/// Rows below which a table without any known header may be the error answer of a service.
const ANSWER_ROWS: usize = 10;
/// Rows in which the headers are looked for: titles may stand above them.
const HEADER_ROWS: usize = 12;

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
    /// Line of the file where it begins, or row of the workbook.
    pub line: u64,
    /// Cells, one per column unless the row is broken.
    pub cells: Cells,
}

/// What is to be known of one cell beside its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// A list, an object or a yes or no where JSON owed a text: it is shown and not taken.
    WrongType,
    /// The cell is covered by the one above, merged with it: its text comes from there.
    Merged,
    /// The text leads to another address, or to one that a formula computes.
    Link(String),
    /// Quotes that close before the end of the cell: some may be lost.
    Quotes,
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
    /// Cells with a mark, by number of row and position of column.
    pub marks: HashMap<(u64, usize), Mark>,
    /// Whether cells are in the native form, with codes.
    pub native: bool,
    /// Numbers of the rows that the workbook hides.
    pub hidden: BTreeSet<u64>,
    /// Whether days are counted from 1904, as old workbooks do.
    pub from_1904: bool,
    /// Whether texts that begin like a formula have a quote before them, as our CSV writes them.
    pub quoted: bool,
    /// What was assumed about the file as a whole.
    pub notes: Vec<Issue>,
}

/// A row before its columns are understood.
#[derive(Debug, Clone, Default)]
struct RawRow {
    line: u64,
    cells: Cells,
}

/// A table before its columns are understood.
#[derive(Debug, Default)]
struct RawTable {
    rows: Vec<RawRow>,
    notes: Vec<Issue>,
    /// Cells have a place of their own, as in a workbook: nothing can be shifted by a separator.
    placed: bool,
    /// Cells are read from CSV.
    delimited: bool,
    /// Most columns with a header, when it is less than for other tables.
    named_max: Option<usize>,
    /// Cells merged downwards: first line, last line, position of the column.
    merged: Vec<(u64, u64, usize)>,
    /// Cells with a mark, by line and position of column.
    marks: BTreeMap<(u64, usize), Mark>,
    /// Lines that the workbook hides.
    hidden_rows: BTreeSet<u64>,
    /// Positions of the columns that the workbook hides.
    hidden_columns: BTreeSet<usize>,
    /// Whether days are counted from 1904.
    from_1904: bool,
}

/// Something assumed about the whole file.
fn note(code: &'static str, severity: Severity, before: Option<String>, suggestion: String) -> Issue {
    Issue {
        field: None,
        code,
        severity,
        before,
        after: None,
        suggestion: Some(suggestion),
    }
}

impl Sheet {
    /// Position of the column of a field.
    pub fn position(&self, wanted: Target) -> Option<usize> {
        self.columns.iter().position(|column| column.target == wanted)
    }
}

/// Refuses a file by its length, in bytes, before it takes memory.
///
/// # Errors
/// When it is above [`FILE_MAX`].
pub fn admit(length: u64, name: &str) -> Result<(), FileError> {
    if length > u64::try_from(FILE_MAX).unwrap_or(u64::MAX) {
        return Err(FileError::TooLarge {
            name: name.to_owned(),
            what: "taille du fichier".to_owned(),
            limit: "1 Go".to_owned(),
        });
    }
    Ok(())
}

/// Reads a file, whatever its format: it is told from the bytes.
///
/// # Errors
/// When the file is not a table, is damaged, goes beyond a limit, or its columns are not understood.
pub fn read(bytes: &[u8], name: &str, options: &ReadOptions) -> Result<Sheet, FileError> {
    admit(u64::try_from(bytes.len()).unwrap_or(u64::MAX), name)?;
    let fingerprint = || hex(&Sha256::digest(bytes));
    if bytes.len() < LONG {
        return read_as(bytes, name, options, fingerprint());
    }
    std::thread::scope(|scope| {
        let hash = scope.spawn(fingerprint);
        let sheet = read_as(bytes, name, options, String::new())?;
        match hash.join() {
            Ok(hash) => Ok(Sheet { hash, ..sheet }),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn read_as(bytes: &[u8], name: &str, options: &ReadOptions, hash: String) -> Result<Sheet, FileError> {
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
    let (text, notes) = encoding::decode(bytes, name)?;
    let trimmed = text.trim_start();
    if trimmed.is_empty() {
        return Err(FileError::Empty {
            name: name.to_owned(),
        });
    }
    if trimmed.starts_with('{') || trimmed.starts_with('[') {
        return json::read(trimmed, name, hash, options, notes);
    }
    if trimmed.starts_with('<') {
        return Err(no_table(name, trimmed, "une page HTML ou du XML".to_owned()));
    }
    let mut table = delimited::read(&text, name)?;
    table.notes.splice(0..0, notes);
    understand(table, name, hash, options)
}

/// Bytes as text, whatever their encoding; none when they are no text.
pub(crate) fn decode_text(bytes: &[u8], name: &str) -> Option<String> {
    encoding::decode(bytes, name)
        .ok()
        .map(|(text, _)| text.into_owned())
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| if half < 10 { b'0' + half } else { b'a' - 10 + half };
    let mut text = vec![0; bytes.len() * 2];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
    // Digits are text.
    String::from_utf8(text).unwrap_or_default()
}

/// Parts the headers from the rows; what is left in the table stands above them.
fn part(table: &mut RawTable, name: &str) -> Result<(Vec<String>, Vec<RawRow>), FileError> {
    let is_blank = |row: &RawRow| row.cells.iter().all(|cell| cell.trim().is_empty());
    let blank = table.rows.iter().take_while(|row| is_blank(row)).count();
    table.rows.drain(..blank);
    let header_row = table
        .rows
        .iter()
        .take(HEADER_ROWS)
        .enumerate()
        .max_by_key(|(position, row)| (known_headers(row.cells.iter()), HEADER_ROWS - position))
        .map(|(position, _)| position);
    let Some(header_row) = header_row else {
        return Err(FileError::Empty {
            name: name.to_owned(),
        });
    };
    let rows: Vec<RawRow> = table.rows.split_off(header_row + 1);
    let headers: Vec<String> = table
        .rows
        .pop()
        .unwrap_or_default()
        .cells
        .iter()
        .map(clean_line)
        .collect();
    Ok((headers, rows))
}

/// A column of a file that may still have to be named by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Number, from 1.
    pub number: usize,
    /// Header as written.
    pub text: String,
    /// What it means; none when that is not known.
    pub target: Option<Target>,
}

/// The columns of a table whose headers may not be understood, so that a person can name them. None for JSON, whose
/// keys are names already.
///
/// # Errors
/// When the file is not a table, is damaged, or goes beyond a limit.
pub fn headers(bytes: &[u8], name: &str, options: &ReadOptions) -> Result<Vec<Header>, FileError> {
    let mut table = if bytes.starts_with(b"PK") {
        workbook::read(bytes, name, options)?
    } else {
        let (text, _) = encoding::decode(bytes, name)?;
        if text.trim_start().starts_with(['{', '[', '<']) {
            return Ok(Vec::new());
        }
        delimited::read(&text, name)?
    };
    let (headers, _) = part(&mut table, name)?;
    Ok((1..)
        .zip(headers)
        .take(COLUMNS_MAX)
        .map(|(number, text)| Header {
            number,
            target: without_help(&text),
            text,
        })
        .filter(|header| !header.text.is_empty())
        .collect())
}

/// Why a text is no table: the error answer of a service, or what was found in its place.
fn no_table(name: &str, text: &str, found: String) -> FileError {
    let name = name.to_owned();
    match answer::in_text(text) {
        Some(said) => FileError::ServiceAnswer { name, said },
        None => FileError::NotATable { name, found },
    }
}

/// Finds the headers and gives each column its meaning.
fn understand(
    mut table: RawTable,
    name: &str,
    hash: String,
    options: &ReadOptions,
) -> Result<Sheet, FileError> {
    let (mut headers, mut rows) = part(&mut table, name)?;
    let above: Vec<String> = table
        .rows
        .iter()
        .flat_map(|row| row.cells.iter())
        .map(clean_line)
        .filter(|cell| !cell.is_empty())
        .collect();
    let mut notes = table.notes;
    if !above.is_empty() {
        notes.push(note(
            "title_lines",
            Severity::Info,
            Some(excerpt(&above.join(" ; "), 200)),
            "Texte au-dessus des en-têtes, laissé de côté.".to_owned(),
        ));
    }
    let has_data = |at: usize| {
        rows.iter()
            .any(|row| row.cells.get(at).is_some_and(|cell| !cell.trim().is_empty()))
    };
    if table.placed {
        let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        headers.resize(headers.len().max(width), String::new());
    }
    // Spreadsheets leave empty columns at the right of a table.
    while headers.last().is_some_and(String::is_empty) && !(table.placed && has_data(headers.len() - 1)) {
        headers.pop();
    }
    if headers.len() < 2 {
        let first = headers.first().map_or("", String::as_str);
        let found = format!("«\u{a0}{}\u{a0}»", excerpt(first, 60));
        return Err(no_table(name, first, found));
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
    let named = headers.iter().filter(|header| !header.is_empty()).count();
    if let Some(most) = table.named_max.filter(|most| named > *most) {
        return Err(FileError::TooLarge {
            name: name.to_owned(),
            what: format!("{named} colonnes"),
            limit: most.to_string(),
        });
    }
    for place in cover(&mut rows, &table.merged) {
        table.marks.entry(place).or_insert(Mark::Merged);
    }
    let native = headers.iter().filter(|header| is_native(header)).count() >= 3;
    let quoted = native && table.delimited && !headers.iter().any(|header| header == RAW);
    let mut targets: Vec<Option<Target>> = headers.iter().map(|header| without_help(header)).collect();
    if !native {
        settle_historic(&headers, &mut targets, &mut notes);
    }
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
        // A sentence with commas in it looks like a line of headers.
        let sentence = above
            .iter()
            .chain(&headers)
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ");
        if let Some(said) = answer::in_text(&sentence).filter(|_| known == 0 && rows.len() < ANSWER_ROWS) {
            return Err(FileError::ServiceAnswer {
                name: name.to_owned(),
                said,
            });
        }
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
    let columns: Vec<Column> = headers
        .into_iter()
        .zip(targets)
        .map(|(header, target)| Column {
            header,
            target: target.unwrap_or(Target::Hidden),
        })
        .collect();
    let concealed: Vec<&str> = columns
        .iter()
        .enumerate()
        .filter(|(at, column)| table.hidden_columns.contains(at) && !column.header.is_empty())
        .map(|(_, column)| column.header.as_str())
        .collect();
    if !concealed.is_empty() {
        notes.push(note(
            "columns_concealed",
            Severity::Warn,
            Some(excerpt(&concealed.join(", "), 200)),
            "Colonnes masquées dans le classeur, lues comme les autres\u{a0}: vérifiez qu’elles peuvent l’être."
                .to_owned(),
        ));
    }
    let (mut marks, mut hidden) = (HashMap::new(), BTreeSet::new());
    let rows = (1..)
        .zip(rows)
        .map(|(number, mut row)| {
            for ((_, position), mark) in table.marks.range((row.line, 0)..=(row.line, usize::MAX)) {
                marks.insert((number, *position), mark.clone());
            }
            if table.hidden_rows.contains(&row.line) {
                hidden.insert(number);
            }
            if table.placed && !row.cells.is_empty() {
                row.cells = row.cells.completed(columns.len());
            }
            SheetRow {
                number,
                line: row.line,
                cells: row.cells,
            }
        })
        .collect();
    Ok(Sheet {
        name: name.to_owned(),
        hash,
        columns,
        rows,
        marks,
        hidden,
        from_1904: table.from_1904,
        native,
        quoted,
        notes,
    })
}

/// Gives the cells that a merged one covers its text, in rows that hold something else, and says which they are.
fn cover(rows: &mut [RawRow], merged: &[(u64, u64, usize)]) -> BTreeSet<(u64, usize)> {
    let mut covered = BTreeSet::new();
    for (first, last, position) in merged {
        let Ok(start) = rows.binary_search_by_key(first, |row| row.line) else {
            continue;
        };
        let Some((above, below)) = rows.get_mut(start..).and_then(<[RawRow]>::split_first_mut) else {
            continue;
        };
        let Some(text) = above.cells.get(*position).filter(|text| !text.trim().is_empty()) else {
            continue;
        };
        for row in below.iter_mut().take_while(|row| row.line <= *last) {
            let is_free = row.cells.get(*position).is_none_or(|cell| cell.trim().is_empty());
            if !is_free || row.cells.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            let mut cells: Vec<&str> = row.cells.iter().collect();
            cells.resize(cells.len().max(position + 1), "");
            if let Some(slot) = cells.get_mut(*position) {
                *slot = text;
            }
            row.cells = cells.into_iter().collect();
            covered.insert((row.line, *position));
        }
    }
    covered
}

/// Headers of a row that mean something.
fn known_headers<'c>(cells: impl IntoIterator<Item = &'c str>) -> usize {
    cells
        .into_iter()
        .filter(|header| without_help(header).is_some())
        .count()
}

/// Headers that mean one thing in files of this project and another in the historic shapes.
fn settle_historic(headers: &[String], targets: &mut [Option<Target>], notes: &mut Vec<Issue>) {
    let retarget = |targets: &mut [Option<Target>], header: &str, field: Field| {
        let at = headers
            .iter()
            .position(|h| h.trim().eq_ignore_ascii_case(header))?;
        let slot = targets.get_mut(at)?;
        let before = slot.replace(Target::Field(field));
        (before != *slot).then_some(at)
    };
    let count = |targets: &[Option<Target>], field: Field| {
        targets
            .iter()
            .filter(|target| **target == Some(Target::Field(field)))
            .count()
    };
    // Beside the description of the service, a bare "description" is the one of the algorithm.
    if count(targets, Field::Description) == 2
        && count(targets, Field::AlgorithmDescription) == 0
        && retarget(targets, "description", Field::AlgorithmDescription).is_some()
    {
        notes.push(note(
            "header_assumed",
            Severity::Info,
            Some("description".to_owned()),
            "Prise pour la description de l’algorithme, à côté de celle du service.".to_owned(),
        ));
    }
    // These name columns that the system computes; a file written by hand means its own.
    for (header, field) in [("url", Field::InfoLinks), ("status", Field::Maturity)] {
        if count(targets, field) == 0
            && let Some(at) = retarget(targets, header, field)
        {
            notes.push(note(
                "header_assumed",
                Severity::Info,
                headers.get(at).cloned(),
                format!("Colonne prise pour «\u{a0}{}\u{a0}».", field.spec().label),
            ));
        }
    }
}

/// Two columns with one meaning stop the import, unless a mapping told them apart.
fn settle_duplicates(
    headers: &[String],
    targets: &mut [Option<Target>],
    mapped: &[bool],
    rows: &[RawRow],
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
                .filter_map(|row| row.cells.get(at))
                .filter(|cell| !cell.trim().is_empty())
                .take(2)
                .map(|cell| excerpt(cell.trim(), 30))
                .collect();
            format!(
                "colonne {}\u{a0}: {}",
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
                    .filter_map(|row| row.cells.get(at))
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
