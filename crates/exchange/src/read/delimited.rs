//! CSV in its many forms: separators, quotes, line ends.

use std::collections::BTreeMap;

use csv_core::ReadRecordResult;
use sobria_catalogue::text::{clean_line, excerpt};

use super::{CELL_MAX, Cells, HEADER_ROWS, LONG, Mark, ROWS_MAX, RawRow, RawTable, known_headers};
use crate::error::FileError;

/// Mark of the encoding, which may begin a file, and twice where it was written again.
const BOM: char = '\u{feff}';

/// Bytes in which the separator is looked for.
const SNIFFED: usize = 64 * 1024;

/// Reads rows: cells as they stand, rows of any length.
pub fn read(text: &str, name: &str) -> Result<RawTable, FileError> {
    // Lines that end by a carriage return alone are counted like others.
    let turned = (text.contains('\r') && !text.contains('\n')).then(|| text.replace('\r', "\n"));
    let whole = turned.as_deref().unwrap_or(text);
    let (text, declared) = declared_separator(whole);
    let declaration = whole.get(..whole.len() - text.len()).unwrap_or_default();
    let before = u64::try_from(declaration.matches('\n').count()).unwrap_or(0);
    let delimiter = declared.unwrap_or_else(|| delimiter(text));
    let mut lines = match halfway(text) {
        Some(at) => Lines::side_by_side(text, delimiter, at),
        None => Lines::of(text, delimiter),
    };
    let damaged = |cause: String| FileError::Damaged {
        name: name.to_owned(),
        cause,
    };
    if let Err(wrong) = lines.advance(None) {
        return Err(match wrong {
            Wrong::Unreadable(line) => damaged(format!("la ligne {line} est illisible")),
            Wrong::Rows => FileError::TooLarge {
                name: name.to_owned(),
                what: "nombre de lignes".to_owned(),
                limit: ROWS_MAX.to_string(),
            },
            Wrong::Cell(line, start) => damaged(format!(
                "à la ligne {}, la cellule «\u{a0}{start}\u{a0}» est trop longue, ou son guillemet ne se ferme pas",
                before + line
            )),
            Wrong::Open(line, start) => damaged(format!(
                "un guillemet ouvert dans la ligne {}, à «\u{a0}{start}\u{a0}», ne se ferme jamais",
                before + line
            )),
        });
    }
    let Lines { mut rows, marks, .. } = lines;
    for row in &mut rows {
        row.line += before;
    }
    Ok(RawTable {
        rows,
        marks: marks
            .into_iter()
            .map(|((line, at), mark)| ((before + line, at), mark))
            .collect(),
        delimited: true,
        ..RawTable::default()
    })
}

/// What reads rows that hold quotes, with room for one.
struct Quotes {
    reader: csv_core::Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Quotes {
    fn new(delimiter: u8) -> Self {
        Self {
            reader: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            text: vec![0; 4096],
            ends: vec![0; 64],
        }
    }

    /// The row that begins a text, how many bytes of the text it takes, and whether the last of its quotes closes.
    fn row(&mut self, start: &str) -> Option<(Cells, usize, bool)> {
        self.reader.reset();
        let (mut read, mut written, mut ended, mut whole) = (0, 0, 0, false);
        // The first line end keeps the reader from taking a mark of the encoding for one that begins a file, the last one
        // ends the last row.
        'pieces: for mut piece in [b"\n".as_slice(), start.as_bytes(), b"\n"] {
            while !piece.is_empty() {
                let text = self.text.get_mut(written..)?;
                let ends = self.ends.get_mut(ended..)?;
                let (result, taken, more, more_ends) = self.reader.read_record(piece, text, ends);
                piece = piece.get(taken..)?;
                (read, written, ended) = (read + taken, written + more, ended + more_ends);
                match result {
                    ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                    ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                    ReadRecordResult::Record => {
                        whole = true;
                        break 'pieces;
                    }
                    ReadRecordResult::InputEmpty | ReadRecordResult::End => {}
                }
            }
        }
        let mut ends = self.ends.get(..ended)?.to_vec();
        if !whole {
            ends.push(written);
        }
        let cells = Cells::ended(self.text.get(..written)?, &ends)?;
        Some((cells, read.saturating_sub(1).min(start.len()), whole))
    }
}

/// The rows of a text as far as they were read, with their lines in it.
struct Lines<'t> {
    text: &'t str,
    delimiter: u8,
    /// How far the text was read, and the line there.
    at: usize,
    line: u64,
    quotes: Option<Quotes>,
    rows: Vec<RawRow>,
    marks: BTreeMap<(u64, usize), Mark>,
    /// Whether the end of the text was met.
    whole: bool,
}

/// What ends the reading of a text, with the line, and how the cell begins.
enum Wrong {
    Unreadable(u64),
    Rows,
    Cell(u64, String),
    Open(u64, String),
}

impl<'t> Lines<'t> {
    fn of(text: &'t str, delimiter: u8) -> Self {
        Self {
            text,
            delimiter,
            at: text.len() - text.trim_start_matches(BOM).len(),
            line: 1,
            quotes: None,
            rows: Vec::new(),
            marks: BTreeMap::new(),
            whole: false,
        }
    }

    /// Reads what follows `at`, which begins a line, on another thread. That holds only if a row ends there and the rest
    /// is in order; otherwise it is forgotten, and only what stands before was read.
    fn side_by_side(text: &'t str, delimiter: u8, at: usize) -> Self {
        let mut first = Self::of(text, delimiter);
        let second = std::thread::scope(|scope| {
            let second = scope.spawn(|| {
                let mut second = Lines::of(text.get(at..).unwrap_or_default(), delimiter);
                second.advance(None).ok().map(|()| second)
            });
            let ended = first.advance(Some(at));
            second.join().ok().flatten().filter(|_| ended.is_ok())
        });
        let between = text.get(first.at..at).filter(|between| is_ends(between));
        if let (Some(between), Some(second)) = (between, second) {
            // Both count their lines from 1.
            let shift = first.line - 1 + line_ends(between);
            first.rows.extend(second.rows.into_iter().map(|row| RawRow {
                line: row.line + shift,
                ..row
            }));
            first.marks.extend(
                second
                    .marks
                    .into_iter()
                    .map(|((line, at), mark)| ((line + shift, at), mark)),
            );
            first.whole = true;
        }
        first
    }

    /// Reads on to the end, or until a row ends at or beyond `until`.
    fn advance(&mut self, until: Option<usize>) -> Result<(), Wrong> {
        let mut separators = Vec::new();
        while !self.whole {
            if let Some(until) = until
                && (self.at >= until || self.text.get(self.at..until).is_some_and(is_ends))
            {
                return Ok(());
            }
            let rest = self.text.get(self.at..).unwrap_or_default();
            let start = rest.trim_start_matches(['\r', '\n']);
            let passed = rest.len() - start.len();
            self.line += line_ends(rest.get(..passed).unwrap_or_default());
            self.at += passed;
            if start.is_empty() {
                self.whole = true;
                break;
            }
            if self.rows.len() > ROWS_MAX {
                return Err(Wrong::Rows);
            }
            let end = memchr::memchr2(b'\r', b'\n', start.as_bytes()).unwrap_or(start.len());
            let written = start.get(..end).unwrap_or_default();
            let line = self.line;
            let cells = if memchr::memchr(b'"', written.as_bytes()).is_some() {
                self.read_quoted(start)?
            } else {
                // Nothing but separators means anything here: nearly every line is read in a quarter of the time.
                self.at += end;
                separators.clear();
                separators.extend(memchr::memchr_iter(self.delimiter, written.as_bytes()));
                let cells = Cells::between(written, &separators);
                refuse_too_long(&cells, line)?;
                cells
            };
            self.rows.push(RawRow { line, cells });
        }
        if self.rows.len() > ROWS_MAX + 1 {
            return Err(Wrong::Rows);
        }
        Ok(())
    }

    /// Reads the row that begins with this line, in which there are quotes.
    fn read_quoted(&mut self, start: &str) -> Result<Cells, Wrong> {
        let (line, delimiter) = (self.line, self.delimiter);
        let quotes = self.quotes.get_or_insert_with(|| Quotes::new(delimiter));
        let Some((cells, length, whole)) = quotes.row(start) else {
            return Err(Wrong::Unreadable(line));
        };
        refuse_too_long(&cells, line)?;
        if !whole {
            let cell = cells.iter().next_back().unwrap_or("");
            return Err(Wrong::Open(line, excerpt(&clean_line(cell), 40)));
        }
        let raw = start.get(..length).unwrap_or_default();
        self.line += line_ends(raw);
        self.at += length;
        // Cells rarely hold a quote: only theirs are looked at as they were written.
        if cells.text().contains('"') {
            let wrong = misquoted(raw, delimiter);
            self.marks
                .extend(wrong.into_iter().map(|at| ((line, at), Mark::Quotes)));
        }
        Ok(cells)
    }
}

fn refuse_too_long(cells: &Cells, line: u64) -> Result<(), Wrong> {
    match cells.iter().find(|cell| cell.len() > CELL_MAX * 40) {
        Some(cell) => Err(Wrong::Cell(line, excerpt(&clean_line(cell), 40))),
        None => Ok(()),
    }
}

/// How many lines end in a text.
fn line_ends(text: &str) -> u64 {
    u64::try_from(memchr::memchr_iter(b'\n', text.as_bytes()).count()).unwrap_or(0)
}

/// Whether there is nothing but ends of lines.
fn is_ends(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'\r' | b'\n'))
}

/// The beginning of a line near the middle of a long text.
fn halfway(text: &str) -> Option<usize> {
    if text.len() < LONG {
        return None;
    }
    let middle = text.len() / 2;
    let end = text
        .as_bytes()
        .get(middle..)?
        .iter()
        .position(|byte| *byte == b'\n')?;
    let at = middle + end + 1;
    // A mark of the encoding is passed over where a text begins, and nowhere else.
    let rest = text.get(at..)?;
    (!rest.is_empty() && !rest.starts_with(BOM)).then_some(at)
}

/// Positions of the cells whose quotes close before the end: what follows was read without them.
fn misquoted(raw: &str, delimiter: u8) -> Vec<usize> {
    let (mut wrong, mut at) = (Vec::new(), 0);
    let mut bytes = raw.bytes().peekable();
    loop {
        let is_quoted = bytes.next_if_eq(&b'"').is_some();
        let mut inside = is_quoted;
        let mut is_wrong = false;
        loop {
            match bytes.next() {
                None => {
                    wrong.extend((is_wrong).then_some(at));
                    return wrong;
                }
                Some(b'"') if inside && bytes.next_if_eq(&b'"').is_none() => inside = false,
                Some(b'"') => {}
                Some(byte) if !inside && byte == delimiter => break,
                Some(byte) => is_wrong |= is_quoted && !inside && !matches!(byte, b'\r' | b'\n'),
            }
        }
        wrong.extend(is_wrong.then_some(at));
        at += 1;
    }
}

/// `sep=;` on a line of its own, as spreadsheets write it.
fn declared_separator(text: &str) -> (&str, Option<u8>) {
    let Some(rest) = text.strip_prefix("sep=") else {
        return (text, None);
    };
    match rest.as_bytes() {
        [separator @ (b';' | b',' | b'\t' | b'|'), b'\r' | b'\n', ..] => (
            rest.get(1..).unwrap_or("").trim_start_matches(['\r', '\n']),
            Some(*separator),
        ),
        _ => (text, None),
    }
}

/// The separator that makes most known headers; without any, the one that stands most often.
fn delimiter(text: &str) -> u8 {
    let mut end = text.len().min(SNIFFED);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let start = text.get(..end).unwrap_or("");
    [b';', b',', b'\t', b'|']
        .into_iter()
        .rev()
        .max_by_key(|delimiter| {
            let mut reader = csv::ReaderBuilder::new()
                .delimiter(*delimiter)
                .has_headers(false)
                .flexible(true)
                .from_reader(start.as_bytes());
            let rows: Vec<Vec<String>> = reader
                .records()
                .take(HEADER_ROWS)
                .map_while(Result::ok)
                .map(|record| record.iter().map(|cell| excerpt(cell, 100)).collect())
                .collect();
            // A quote left in a cell says that the separator stands inside quotes.
            let known = rows
                .iter()
                .map(|cells| {
                    let (odd, sound): (Vec<&str>, Vec<&str>) = cells
                        .iter()
                        .map(String::as_str)
                        .partition(|cell| cell.contains('"'));
                    let known = known_headers(sound.iter().copied());
                    known.saturating_sub(odd.len() + sound.len() - known)
                })
                .max()
                .unwrap_or(0);
            let wide = rows.iter().map(Vec::len).max().unwrap_or(0);
            (known, wide)
        })
        .unwrap_or(b';')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Rows and their lines as the reader of quotes alone would give them.
    fn by_the_library(text: &str) -> Vec<(u64, Vec<String>)> {
        let text = text.trim_start_matches(BOM);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(b';')
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut rows = Vec::new();
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).unwrap() {
            let position = record.position().unwrap();
            let rest = &text[usize::try_from(position.byte()).unwrap()..];
            let empty = &rest[..rest.len() - rest.trim_start_matches(['\r', '\n']).len()];
            let line = position.line() + line_ends(empty);
            rows.push((line, record.iter().map(str::to_owned).collect()));
        }
        rows
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn lines_without_quotes_are_read_as_the_library_reads_them(
            text in r#"\u{feff}?([ab;\n]|"|é|\r|\r\n|;;|\n"|";"|\u{feff}){0,24}"#,
        ) {
            let text = if text.contains('\n') { text } else { text.replace('\r', "\n") };
            let read = read(&text, "a");
            let expected = by_the_library(&text);
            // A quote that never closes is an error here, and a cell there.
            let is_open = by_the_library(&format!("{text}\nend"))
                .last()
                .is_none_or(|(_, cells)| cells != &["end"]);
            match read {
                Ok(table) => {
                    let rows: Vec<_> = table
                        .rows
                        .iter()
                        .map(|row| (row.line, row.cells.iter().map(str::to_owned).collect()))
                        .collect();
                    prop_assert_eq!(rows, expected);
                    prop_assert!(!is_open);
                }
                Err(_) => prop_assert!(is_open),
            }
        }
    }

    #[test]
    fn separators_are_told_apart() {
        for (text, expected) in [
            ("a;b;c\n1,5;2;3", b';'),
            ("a,b,c\n1;2,3,4", b','),
            ("a\tb\tc\n1", b'\t'),
            ("\"a;b\",c,d\n", b','),
            ("Titre\na;b;c\n", b';'),
            ("Porteur|Projet|Statut\nVille|Un;deux|Terminé\n", b'|'),
            ("\"Nom, du projet\",Porteur,Statut\n", b','),
            ("Porteur;Projet;\"Thème, sous-thème, public, lien\"\n", b';'),
        ] {
            assert_eq!(delimiter(text), expected, "{text}");
        }
    }

    #[test]
    fn two_halves_read_side_by_side_are_the_rows_read_one_after_the_other() {
        let row = |n: usize, end: &str| format!("Ville {n};Projet «{n}»;\"Un texte; long\"{end}");
        let mut texts = Vec::new();
        for end in ["\n", "\r\n", "\n\n", "\r\n\r\n"] {
            texts.push((0..40_000).map(|n| row(n, end)).collect::<String>());
        }
        // The middle stands within a cell of many lines, after a quote that opens nothing, or before a quote left open.
        texts.push(format!(
            "{}a;\"{}\"\n{}",
            row(1, "\n"),
            "ligne;\n".repeat(200_000),
            row(2, "\n")
        ));
        texts.push((0..60_000).map(|n| format!("Ville;5\" de {n};c\n")).collect());
        texts.push((0..60_000).map(|n| format!("\"Ville\" {n};b;c\r\n")).collect());
        let open = (0..60_000).map(|n| row(n, "\n")).collect::<String>() + "a;\"b\n";
        for text in &texts {
            let at = halfway(text).unwrap();
            let mut one = Lines::of(text, b';');
            assert!(one.advance(None).is_ok());
            let mut two = Lines::side_by_side(text, b';', at);
            let halves = two.whole;
            assert!(two.advance(None).is_ok());
            let start: String = text.chars().take(30).collect();
            assert_eq!(halves, !text.contains("ligne;"), "{start}");
            assert_eq!(one.rows.len(), two.rows.len(), "{start}");
            let differ = one
                .rows
                .iter()
                .zip(&two.rows)
                .find(|(one, two)| one.line != two.line || one.cells != two.cells);
            assert!(differ.is_none(), "{start}: {differ:?}");
            assert_eq!(one.marks, two.marks, "{start}");
        }
        let said = |text: &str| read(text, "a").unwrap_err().to_string();
        assert!(said(&open).contains("ligne 60001"), "{}", said(&open));
    }

    #[test]
    fn line_ends_and_quoted_line_breaks_are_read() {
        let cells = |text| -> Vec<Vec<String>> {
            read(text, "a")
                .unwrap()
                .rows
                .into_iter()
                .map(|row| row.cells.iter().map(str::to_owned).collect())
                .collect()
        };
        assert_eq!(cells("a;b\r\n\"1\n2\";3\r\n"), [["a", "b"], ["1\n2", "3"]]);
        assert_eq!(cells("a;b\r1;2\r").len(), 2);
        assert_eq!(cells("sep=,\r\na;x,b\n"), [["a;x", "b"]]);
        assert_eq!(read("a;b\n\n\n1;2", "a").unwrap().rows[1].line, 4);
    }

    #[test]
    fn a_quote_that_never_closes_is_told_instead_of_swallowing_the_rest() {
        let error = read("a;b\n1;2\n3;\"4\n5;6\n", "a.csv").unwrap_err();
        assert_eq!(error.code(), "damaged");
        assert!(error.to_string().contains("ligne 3"), "{error}");
    }
}
