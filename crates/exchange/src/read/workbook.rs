//! XLSX and ODS. What a small archive may become is counted while it is inflated, before anything is read.

mod beside;
mod shown;
mod weight;

use std::io::Cursor;

use calamine::{CellErrorType, Data, DataRef, ExcelDateTime, Ods, Reader, SheetVisible, Xlsx};

use sobria_catalogue::import::Severity;
use sobria_catalogue::text::excerpt;

use self::beside::Beside;
use self::shown::Shown;
use super::{CELL_MAX, COLUMNS_MAX, Mark, RawRow, RawTable, ReadOptions, note};
use crate::error::FileError;

/// Most rows of a sheet.
pub const ROWS_MAX: usize = 100_000;
/// Most columns with a header.
const NAMED_MAX: usize = 64;
/// Most rows that merged cells may cover, all together.
const COVERED_MAX: u32 = 1_000_000;
/// Last column in which a cell may stand: remarks are often written far from the table.
const LAST_COLUMN: usize = COLUMNS_MAX * 2;
/// Most bytes of text of a sheet: one text shared by many cells is counted each time.
const TEXT_MAX: usize = 256 * 1024 * 1024;

/// Reads one sheet.
pub fn read(bytes: &[u8], name: &str, options: &ReadOptions) -> Result<RawTable, FileError> {
    match weight::weigh(bytes, name)? {
        weight::Kind::Xlsx => xlsx(bytes, name, options),
        weight::Kind::Ods => ods(bytes, name, options),
    }
}

/// One error for all that the reader of workbooks may meet: its own words are for programmers.
fn unreadable(name: &str) -> FileError {
    FileError::Damaged {
        name: name.to_owned(),
        cause: "le classeur est incomplet ou mal formé".to_owned(),
    }
}

fn xlsx(bytes: &[u8], name: &str, options: &ReadOptions) -> Result<RawTable, FileError> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_error| unreadable(name))?;
    let sheets: Vec<(String, bool)> = workbook
        .sheets_metadata()
        .iter()
        .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
        .collect();
    let chosen = choose(&sheets, name, options, |sheet| {
        let mut cells = match workbook.worksheet_cells_reader(sheet) {
            Ok(cells) => cells,
            // A sheet that holds a chart alone is no table.
            Err(calamine::XlsxError::NotAWorksheet(_)) => return Ok(false),
            Err(_) => return Err(unreadable(name)),
        };
        loop {
            match cells.next_cell() {
                Ok(None) => return Ok(false),
                Ok(Some(cell)) if text_ref(cell.get_value()).trim().is_empty() => {}
                Ok(Some(_)) => return Ok(true),
                Err(_) => return Err(unreadable(name)),
            }
        }
    })?;
    let from_1904 = workbook.has_1904_epoch();
    let mut beside = beside::xlsx(bytes, &chosen).ok_or_else(|| unreadable(name))?;
    let regions = if beside.has_merges {
        workbook
            .merge_cells_by_sheet_name(&chosen)
            .map_err(|_error| unreadable(name))?
    } else {
        Vec::new()
    };
    // A cell merged over several columns is a title; one merged downwards stands for each of its rows.
    beside.merged = regions
        .iter()
        .filter(|region| region.start.1 == region.end.1 && region.start.0 < region.end.0)
        .map(|region| (place(region.start.0), place(region.end.0), place(region.start.1)))
        .collect();
    let links = if beside.has_links {
        workbook
            .hyperlinks_by_sheet_name(&chosen)
            .map_err(|_error| unreadable(name))?
    } else {
        Vec::new()
    };
    let mut cells = workbook
        .worksheet_cells_reader(&chosen)
        .map_err(|_error| unreadable(name))?;
    let styles: Vec<Shown> = cells
        .styles()
        .iter()
        .map(|style| {
            let format = style.number_format.as_ref();
            format.map_or(Shown::Plain, |format| Shown::of(&format.format_code))
        })
        .collect();
    let mut grid = Grid::default();
    while let Some((cell, style)) = cells
        .next_cell_with_style_id()
        .map_err(|_error| unreadable(name))?
    {
        let (row, column) = cell.get_position();
        let text = styles.get(style).unwrap_or(&Shown::Plain).text(cell.get_value());
        grid.put(row, column, text, name)?;
    }
    drop(cells);
    let mut left = COVERED_MAX;
    for (link, target) in links
        .iter()
        .filter_map(|link| Some((link.range, link.target.as_deref()?)))
    {
        let last = place(link.end.0).min(grid.rows.len());
        for row in place(link.start.0)..=last {
            let width = grid.rows.get(row).map_or(0, Vec::len);
            for column in place(link.start.1)..width.min(place(link.end.1) + 1) {
                left = left
                    .checked_sub(1)
                    .ok_or_else(|| too_many(name, "nombre de cellules sous des liens"))?;
                let slot = beside.links.entry((row, column));
                slot.or_insert_with(|| target.to_owned());
            }
        }
    }
    let mut table = grid.table(beside, name)?;
    table.from_1904 = from_1904;
    told_of_sheets(&mut table, &sheets, &chosen);
    Ok(table)
}

/// A place of the reader of workbooks.
fn place(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn too_many(name: &str, what: &str) -> FileError {
    FileError::TooLarge {
        name: name.to_owned(),
        what: what.to_owned(),
        limit: COVERED_MAX.to_string(),
    }
}

/// Says which hidden sheets were left aside.
fn told_of_sheets(table: &mut RawTable, sheets: &[(String, bool)], chosen: &str) {
    let hidden: Vec<&str> = sheets
        .iter()
        .filter(|(sheet, visible)| !visible && sheet != chosen)
        .map(|(sheet, _)| sheet.as_str())
        .collect();
    if !hidden.is_empty() {
        table.notes.push(note(
            "sheet_hidden",
            Severity::Info,
            Some(excerpt(&hidden.join(", "), 200)),
            "Feuilles masquées, laissées de côté\u{a0}: nommez-en une avec --sheet pour la lire.".to_owned(),
        ));
    }
}

fn ods(bytes: &[u8], name: &str, options: &ReadOptions) -> Result<RawTable, FileError> {
    let mut workbook: Ods<_> = Ods::new(Cursor::new(bytes)).map_err(|_error| unreadable(name))?;
    let sheets: Vec<(String, bool)> = workbook
        .sheets_metadata()
        .iter()
        .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
        .collect();
    let chosen = choose(&sheets, name, options, |sheet| {
        let range = workbook
            .worksheet_range(sheet)
            .map_err(|_error| unreadable(name))?;
        Ok(range.used_cells().next().is_some())
    })?;
    let range = workbook
        .worksheet_range(&chosen)
        .map_err(|_error| unreadable(name))?;
    let mut beside = beside::ods(bytes, &chosen).ok_or_else(|| unreadable(name))?;
    let (first_row, first_column) = range.start().unwrap_or_default();
    let mut grid = Grid::default();
    for (row, column, data) in range.used_cells() {
        let row = u32::try_from(row).unwrap_or(u32::MAX).saturating_add(first_row);
        let column = u32::try_from(column)
            .unwrap_or(u32::MAX)
            .saturating_add(first_column);
        let shown = beside.shown.remove(&(place(row), place(column)));
        grid.put(row, column, shown.unwrap_or_else(|| text(data)), name)?;
    }
    let mut table = grid.table(beside, name)?;
    told_of_sheets(&mut table, &sheets, &chosen);
    Ok(table)
}

/// The sheet that was asked for, or the only one with something in it.
fn choose(
    sheets: &[(String, bool)],
    name: &str,
    options: &ReadOptions,
    mut is_filled: impl FnMut(&str) -> Result<bool, FileError>,
) -> Result<String, FileError> {
    let list = |sheets: &mut dyn Iterator<Item = &String>| {
        sheets
            .map(|sheet| format!("«\u{a0}{sheet}\u{a0}»"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    if let Some(wanted) = &options.sheet {
        return sheets
            .iter()
            .map(|(sheet, _)| sheet)
            .find(|sheet| *sheet == wanted)
            .cloned()
            .ok_or_else(|| FileError::SheetUnknown {
                name: name.to_owned(),
                sheet: wanted.clone(),
                sheets: list(&mut sheets.iter().map(|(sheet, _)| sheet)),
            });
    }
    let mut filled: Vec<String> = Vec::new();
    // Hidden sheets hold lists and settings: they are read only when they are named.
    for (sheet, _) in sheets.iter().filter(|(_, visible)| *visible) {
        if is_filled(sheet)? {
            filled.push(sheet.clone());
        }
    }
    match filled.as_slice() {
        [] => Err(FileError::Empty {
            name: name.to_owned(),
        }),
        [one] => Ok(one.clone()),
        _ => Err(FileError::SheetChoiceNeeded {
            name: name.to_owned(),
            sheets: list(&mut filled.iter()),
        }),
    }
}

/// Cells put one by one: a cell far away costs no more than its row.
#[derive(Default)]
struct Grid {
    rows: Vec<Vec<String>>,
    bytes: usize,
}

impl Grid {
    fn put(&mut self, row: u32, column: u32, mut text: String, name: &str) -> Result<(), FileError> {
        if text.is_empty() {
            return Ok(());
        }
        let too_large = |what: String, limit: String| FileError::TooLarge {
            name: name.to_owned(),
            what,
            limit,
        };
        let (row, column) = (
            usize::try_from(row).unwrap_or(usize::MAX),
            usize::try_from(column).unwrap_or(usize::MAX),
        );
        if row > ROWS_MAX || column >= LAST_COLUMN {
            return Err(too_large(
                format!(
                    "une cellule à la ligne {} et à la colonne {}",
                    row + 1,
                    column + 1
                ),
                format!("{ROWS_MAX} lignes et {LAST_COLUMN} colonnes"),
            ));
        }
        if text.len() > CELL_MAX * 4 {
            text = text.chars().take(CELL_MAX + 1).collect();
        }
        self.bytes = self.bytes.saturating_add(text.len());
        if self.bytes > TEXT_MAX {
            return Err(too_large("texte de la feuille".to_owned(), "256 Mo".to_owned()));
        }
        if self.rows.len() <= row {
            self.rows.resize(row + 1, Vec::new());
        }
        if let Some(cells) = self.rows.get_mut(row) {
            if cells.len() <= column {
                cells.resize(column + 1, String::new());
            }
            if let Some(slot) = cells.get_mut(column) {
                *slot = text;
            }
        }
        Ok(())
    }

    fn table(self, beside: Beside, name: &str) -> Result<RawTable, FileError> {
        let line = |row: usize| u64::try_from(row).unwrap_or(u64::MAX).saturating_add(1);
        let mut table = RawTable {
            placed: true,
            named_max: Some(NAMED_MAX),
            hidden_columns: beside.hidden_columns,
            hidden_rows: beside.hidden_rows.into_iter().map(line).collect(),
            ..RawTable::default()
        };
        if let Some((count, first)) = beside.unresolved {
            table.notes.push(note(
                "formula_unresolved",
                Severity::Warn,
                Some(format!("{count} à partir de la ligne {}", first + 1)),
                "Formules sans résultat, lues comme des cellules vides\u{a0}: ouvrez le classeur dans un tableur, \
                 enregistrez-le, puis recommencez."
                    .to_owned(),
            ));
        }
        for ((row, column), link) in beside.links {
            let text = self.rows.get(row).and_then(|cells| cells.get(column));
            // Spreadsheets turn an address that is typed into a link to itself.
            if text.is_some_and(|text| !text.is_empty() && !leads_to(text, &link)) {
                table.marks.insert((line(row), column), Mark::Link(link));
            }
        }
        let mut covered = 0;
        for (first, last, column) in beside.merged {
            let last = last.min(ROWS_MAX);
            covered += last.saturating_sub(first);
            if covered > place(COVERED_MAX) {
                return Err(too_many(name, "nombre de lignes sous des cellules fusionnées"));
            }
            table.merged.push((line(first), line(last), column));
        }
        table.rows = (1..)
            .zip(self.rows)
            .map(|(line, cells)| RawRow {
                line,
                cells: cells.into_iter().collect(),
            })
            .collect();
        Ok(table)
    }
}

/// Whether a text is the address to which it leads.
fn leads_to(text: &str, link: &str) -> bool {
    let bare = |address: &str| {
        let address = address.trim().trim_end_matches('/').to_lowercase();
        let schemes = ["https://", "http://", "mailto:"];
        let rest = schemes.iter().find_map(|scheme| address.strip_prefix(scheme));
        rest.unwrap_or(&address).to_owned()
    };
    bare(text) == bare(link)
}

/// A typed cell as text: whole numbers without decimals, dates as ISO dates whatever the day they count from.
fn text_ref(data: &DataRef<'_>) -> String {
    match data {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number_text(*number),
        DataRef::Bool(flag) => bool_text(*flag),
        DataRef::DateTime(date) => date_text(*date),
        DataRef::Error(error) => error_text(error),
    }
}

fn text(data: &Data) -> String {
    match data {
        Data::Empty => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number_text(*number),
        Data::Bool(flag) => bool_text(*flag),
        Data::DateTime(date) => date_text(*date),
        Data::Error(error) => error_text(error),
    }
}

fn bool_text(flag: bool) -> String {
    if flag { "oui" } else { "non" }.to_owned()
}

/// An error of a formula reads as a cell without a value.
fn error_text(error: &CellErrorType) -> String {
    error.to_string()
}

fn date_text(date: ExcelDateTime) -> String {
    if !date.is_datetime() {
        return number_text(date.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
    if (hour, minute, second) == (0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}

fn number_text(number: f64) -> String {
    if number.fract().abs() < f64::EPSILON && number.abs() < 1e15 {
        format!("{number:.0}")
    } else {
        format!("{number}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::ExcelDateTimeType;

    #[test]
    fn typed_cells_are_written_as_people_do() {
        for (data, expected) in [
            (Data::Float(24_330_031_600_011.0), "24330031600011"),
            (Data::Float(48.5), "48.5"),
            (Data::Int(12), "12"),
            (Data::Bool(true), "oui"),
            (
                Data::DateTime(ExcelDateTime::new(45_691.0, ExcelDateTimeType::DateTime, false)),
                "2025-02-03",
            ),
            (
                Data::DateTime(ExcelDateTime::new(44_229.0, ExcelDateTimeType::DateTime, true)),
                "2025-02-03",
            ),
            (Data::Empty, ""),
        ] {
            assert_eq!(text(&data), expected, "{data:?}");
        }
    }
}
