//! What a workbook says beside its values: hidden rows and columns, cells merged downwards, addresses under texts.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Cursor, Read};

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use super::{LAST_COLUMN, ROWS_MAX};

/// What stands beside the values of a sheet. Rows and columns are counted from 0.
#[derive(Debug, Default)]
pub(super) struct Beside {
    pub hidden_rows: BTreeSet<usize>,
    pub hidden_columns: BTreeSet<usize>,
    /// Addresses to which cells lead; a formula that computes one stands as it is.
    pub links: BTreeMap<(usize, usize), String>,
    /// What cells show, where their value does not say it.
    pub shown: BTreeMap<(usize, usize), String>,
    /// Cells merged downwards: first row, last row, column.
    pub merged: Vec<(usize, usize, usize)>,
    /// Whether cells are merged, or lead somewhere by other means than a formula: each is worth another reading.
    pub has_merges: bool,
    pub has_links: bool,
    /// How many formulas stand without a result, as programs write them, and the row of the first.
    pub unresolved: Option<(usize, usize)>,
}

impl Beside {
    fn unresolved_at(&mut self, row: usize) {
        let (count, first) = self.unresolved.unwrap_or((0, row));
        self.unresolved = Some((count + 1, first));
    }
}

type Archive<'b> = zip::ZipArchive<Cursor<&'b [u8]>>;

/// Beside the values of a sheet of an XLSX: hidden rows and columns, links that formulas make. None when its XML is
/// broken.
pub(super) fn xlsx(bytes: &[u8], sheet: &str) -> Option<Beside> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut beside = Beside::default();
    let Some(path) = part_of(&mut archive, sheet) else {
        (beside.has_merges, beside.has_links) = (true, true);
        return Some(beside);
    };
    let (mut row, mut column, mut formula) = (0_usize, 0_usize, None::<String>);
    let (mut has_formula, mut has_value) = (false, false);
    each(archive.by_name(&path).ok()?, |event| {
        match event {
            Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                "col" if is_true(tag, "hidden") => {
                    let number = |name| attribute(tag, name)?.parse::<usize>().ok();
                    if let (Some(first), Some(last)) = (number("min"), number("max")) {
                        let last = last.min(LAST_COLUMN);
                        beside.hidden_columns.extend(first.saturating_sub(1)..last);
                    }
                }
                "row" => {
                    let number = attribute(tag, "r").and_then(|number| number.parse::<usize>().ok());
                    row = number.unwrap_or(row + 1);
                    column = 0;
                    if is_true(tag, "hidden") && row <= ROWS_MAX {
                        beside.hidden_rows.insert(row.saturating_sub(1));
                    }
                }
                "c" => {
                    let at = attribute(tag, "r").and_then(|place| letters(&place));
                    column = at.unwrap_or(column) + 1;
                    (has_formula, has_value) = (false, false);
                }
                "f" => {
                    formula = matches!(event, Event::Start(_)).then(String::new);
                    has_formula = true;
                }
                "v" | "is" => has_value = true,
                "mergeCell" => beside.has_merges = true,
                "hyperlink" => beside.has_links = true,
                _ => {}
            },
            Event::Text(text) => {
                if let Some(formula) = &mut formula {
                    formula.push_str(&text.xml10_content());
                }
            }
            Event::GeneralRef(entity) => {
                if let Some(formula) = &mut formula {
                    push_entity(formula, entity);
                }
            }
            Event::End(tag) if tag.local_name().as_ref() == "c" && has_formula && !has_value => {
                beside.unresolved_at(row.saturating_sub(1));
            }
            Event::End(tag) if tag.local_name().as_ref() == "f" => {
                if let Some(link) = formula.take().and_then(|formula| hyperlink(&formula)) {
                    beside
                        .links
                        .insert((row.saturating_sub(1), column.saturating_sub(1)), link);
                }
            }
            _ => {}
        }
        true
    })?;
    Some(beside)
}

/// Beside the values of a table of an ODS. None when its XML is broken.
pub(super) fn ods(bytes: &[u8], sheet: &str) -> Option<Beside> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut beside = Beside::default();
    let (mut inside, mut row, mut row_times) = (false, 0_usize, 1_usize);
    let (mut column, mut cell_times, mut columns) = (0_usize, 1_usize, 0_usize);
    let mut cell = OdsCell::default();
    each(archive.by_name("content.xml").ok()?, |event| {
        let is_end = matches!(event, Event::End(_) | Event::Empty(_));
        let name = match event {
            Event::Start(tag) | Event::Empty(tag) => tag.name().as_ref().to_owned(),
            Event::End(tag) => tag.name().as_ref().to_owned(),
            _ => String::new(),
        };
        if let Event::Start(tag) | Event::Empty(tag) = event {
            let times = |of| {
                let number = attribute(tag, of).and_then(|number| number.parse::<usize>().ok());
                number.unwrap_or(1).max(1)
            };
            let is_hidden =
                attribute(tag, "table:visibility").is_some_and(|how| how == "collapse" || how == "filter");
            match name.as_str() {
                "table:table" => inside = attribute(tag, "table:name").as_deref() == Some(sheet),
                _ if !inside => {}
                "table:table-column" => {
                    let after = columns.saturating_add(times("table:number-columns-repeated"));
                    if is_hidden {
                        beside
                            .hidden_columns
                            .extend(columns.min(LAST_COLUMN)..after.min(LAST_COLUMN));
                    }
                    columns = after;
                }
                "table:table-row" => {
                    row_times = times("table:number-rows-repeated");
                    column = 0;
                    if is_hidden {
                        let last = row.saturating_add(row_times).min(ROWS_MAX);
                        beside.hidden_rows.extend(row.min(ROWS_MAX)..last);
                    }
                }
                "table:table-cell" | "table:covered-table-cell" => {
                    cell_times = times("table:number-columns-repeated");
                    let down = times("table:number-rows-spanned");
                    if down > 1 && times("table:number-columns-spanned") == 1 && row < ROWS_MAX {
                        let last = row.saturating_add(down - 1).min(ROWS_MAX);
                        beside.merged.push((row, last, column));
                    }
                    let kind = attribute(tag, "office:value-type");
                    if kind.is_none() && attribute(tag, "table:formula").is_some() {
                        beside.unresolved_at(row);
                    }
                    cell = OdsCell {
                        is_open: true,
                        is_shown: kind.is_some_and(|kind| kind == "percentage" || kind == "currency"),
                        text: String::new(),
                        link: attribute(tag, "table:formula").and_then(|formula| hyperlink(&formula)),
                    };
                }
                "text:a" if cell.is_open => {
                    cell.link = cell.link.take().or_else(|| attribute(tag, "xlink:href"));
                }
                _ => {}
            }
        }
        match event {
            Event::Text(text) if cell.is_shown => cell.text.push_str(&text.xml10_content()),
            Event::GeneralRef(entity) if cell.is_shown => push_entity(&mut cell.text, entity),
            _ if is_end && inside => match name.as_str() {
                "table:table" => return false,
                "table:table-row" => row = row.saturating_add(row_times),
                "table:table-cell" | "table:covered-table-cell" => {
                    let kept = std::mem::take(&mut cell);
                    if let Some(link) = kept.link {
                        beside.links.insert((row, column), link);
                    }
                    if kept.is_shown && !kept.text.trim().is_empty() {
                        beside.shown.insert((row, column), kept.text);
                    }
                    column = column.saturating_add(cell_times);
                }
                _ => {}
            },
            _ => {}
        }
        true
    })?;
    Some(beside)
}

/// The cell of an ODS that is being read.
#[derive(Default)]
struct OdsCell {
    is_open: bool,
    /// Whether its text says more than its value.
    is_shown: bool,
    text: String,
    link: Option<String>,
}

/// Gives each event of a part, until one asks to stop. None when the XML is broken.
fn each(part: impl Read, mut take: impl FnMut(&Event<'_>) -> bool) -> Option<()> {
    let mut reader = quick_xml::Reader::from_reader(BufReader::new(part));
    reader.config_mut().check_end_names = false;
    read_all(&mut reader, &mut take)
}

fn read_all<R: BufRead>(
    reader: &mut quick_xml::Reader<R>,
    take: &mut impl FnMut(&Event<'_>) -> bool,
) -> Option<()> {
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Eof => return Some(()),
            event if !take(&event) => return Some(()),
            _ => {}
        }
    }
}

/// The part of the archive that holds a sheet.
fn part_of(archive: &mut Archive<'_>, sheet: &str) -> Option<String> {
    let mut id = None;
    let path = named(archive, "xl/workbook.xml")?;
    each_of(archive, &path, |tag| {
        if tag.local_name().as_ref() == "sheet" && attribute(tag, "name").as_deref() == Some(sheet) {
            id = tag
                .attributes()
                .with_checks(false)
                .flatten()
                .find(|attribute| attribute.key.local_name().as_ref() == "id")
                .map(|attribute| attribute.value.into_owned());
        }
    })?;
    let id = id?;
    let mut target = None;
    let path = named(archive, "xl/_rels/workbook.xml.rels")?;
    each_of(archive, &path, |tag| {
        if attribute(tag, "Id").as_deref() == Some(id.as_str()) {
            target = attribute(tag, "Target");
        }
    })?;
    let target = target?;
    let path = target
        .strip_prefix('/')
        .map_or_else(|| format!("xl/{target}"), str::to_owned);
    named(archive, &path)
}

/// A part by its name, whatever its case: some programs write another one than the name that they refer to.
fn named(archive: &Archive<'_>, path: &str) -> Option<String> {
    archive
        .file_names()
        .find(|name| name.eq_ignore_ascii_case(path))
        .map(str::to_owned)
}

fn each_of(archive: &mut Archive<'_>, path: &str, mut take: impl FnMut(&BytesStart<'_>)) -> Option<()> {
    let mut reader = quick_xml::Reader::from_reader(BufReader::new(archive.by_name(path).ok()?));
    read_all(&mut reader, &mut |event| {
        if let Event::Start(tag) | Event::Empty(tag) = event {
            take(tag);
        }
        true
    })
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.try_get_attribute(name).ok().flatten()?;
    found
        .normalized_value(XmlVersion::Implicit1_0)
        .ok()
        .map(|value| value.into_owned())
}

fn is_true(tag: &BytesStart<'_>, name: &str) -> bool {
    attribute(tag, name).is_some_and(|value| value == "1" || value == "true")
}

/// The column of a place such as `AB12`, from 0.
fn letters(place: &str) -> Option<usize> {
    let number = place
        .bytes()
        .take_while(u8::is_ascii_alphabetic)
        .try_fold(0_usize, |number, letter| {
            let digit = usize::from(letter.to_ascii_uppercase() - b'A') + 1;
            number.checked_mul(26)?.checked_add(digit)
        })?;
    number.checked_sub(1)
}

fn push_entity(text: &mut String, entity: &quick_xml::events::BytesRef<'_>) {
    match entity.as_ref() {
        "quot" => text.push('"'),
        "amp" => text.push('&'),
        "lt" => text.push('<'),
        "gt" => text.push('>'),
        "apos" => text.push('\''),
        _ => text.extend(entity.resolve_char_ref().ok().flatten()),
    }
}

/// The address of a formula `HYPERLINK("…")`; the formula itself when another one computes the address.
fn hyperlink(formula: &str) -> Option<String> {
    const NAME: &str = "HYPERLINK(";
    let at = formula.to_ascii_uppercase().find(NAME)?;
    let argument = formula.get(at + NAME.len()..)?.trim_start();
    let address = argument
        .strip_prefix('"')
        .and_then(|rest| rest.split_once('"'))
        .filter(|(_, rest)| rest.trim_start().starts_with([',', ';', ')']))
        .map(|(address, _)| address.trim().to_owned());
    Some(address.unwrap_or_else(|| format!("={}", formula.trim_start_matches("of:").trim_start_matches('='))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_formulas_are_read_or_told() {
        for (formula, expected) in [
            (
                "HYPERLINK(\"https://a.example/x\",\"Voir\")",
                Some("https://a.example/x"),
            ),
            (
                "of:=HYPERLINK(\"https://a.example\";\"Voir\")",
                Some("https://a.example"),
            ),
            ("HYPERLINK( \"https://a.example\" )", Some("https://a.example")),
            ("hyperlink(B2,\"Voir\")", Some("=hyperlink(B2,\"Voir\")")),
            (
                "HYPERLINK(\"https://a.example/\"&B2)",
                Some("=HYPERLINK(\"https://a.example/\"&B2)"),
            ),
            ("SUM(A1:A3)", None),
        ] {
            assert_eq!(hyperlink(formula).as_deref(), expected, "{formula}");
        }
        assert_eq!(letters("AB12"), Some(27));
        assert_eq!(letters("12"), None);
    }
}
