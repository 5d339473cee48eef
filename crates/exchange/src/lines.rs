//! Short tables that people paste or export from a spreadsheet: a head, then a few hundred lines at most.

use sobria_catalogue::text::{clean_line, count, fold_key};

/// Most lines of one table.
pub const LINES_MAX: usize = 1_000;

/// A line with what its columns hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Number in the file, from 1; the head is one.
    pub number: usize,
    cells: Vec<(String, String)>,
}

impl Line {
    /// What a column holds; blank when there is no such column.
    #[must_use]
    pub fn get(&self, column: &str) -> &str {
        self.cells
            .iter()
            .find(|(name, _)| name == column)
            .map_or("", |(_, value)| value.as_str())
    }
}

/// A table that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinesError {
    /// Nothing was given.
    #[error("Collez au moins l’en-tête et une ligne.")]
    Empty,
    /// Columns are missing.
    #[error(
        "Il manque dans l’en-tête\u{a0}: {0}. Attendu, dans n’importe quel ordre, séparé par des points-virgules."
    )]
    Missing(String),
    /// It is too long.
    #[error("{} lignes\u{a0}: {} au plus à la fois.", count(*.0), count(LINES_MAX))]
    TooLong(usize),
    /// It is no table.
    #[error(
        "Ligne {0}\u{a0}: elle ne se lit pas comme une ligne de tableau (guillemet jamais fermé\u{202f}?)."
    )]
    Broken(u64),
}

/// Reads a table whose columns are told by its head, without regard to case and accents. The separator is the one of
/// `;`, tab and `,` that the head holds most.
///
/// # Errors
/// When it is blank, too long, broken, or lacks one of the columns.
///
/// ```
/// let lines = sobria_exchange::lines::read("Titre;Élus\nIA frugale;2\n\n", &["titre", "elus"]).unwrap();
/// assert_eq!((lines[0].number, lines[0].get("titre"), lines[0].get("elus")), (2, "IA frugale", "2"));
/// assert!(sobria_exchange::lines::read("titre\na", &["titre", "date"]).is_err());
/// ```
pub fn read(text: &str, needed: &[&str]) -> Result<Vec<Line>, LinesError> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let head = text
        .lines()
        .next()
        .filter(|head| !head.is_empty())
        .ok_or(LinesError::Empty)?;
    let separator = [b';', b'\t', b',']
        .into_iter()
        .max_by_key(|mark| (head.bytes().filter(|byte| byte == mark).count(), *mark == b';'))
        .unwrap_or(b';');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut columns: Vec<String> = Vec::new();
    let mut lines = Vec::new();
    for record in reader.records() {
        let record =
            record.map_err(|error| LinesError::Broken(error.position().map_or(0, csv::Position::line)))?;
        let number = record.position().map_or(0, csv::Position::line);
        if columns.is_empty() {
            columns = record.iter().map(fold_key).collect();
            continue;
        }
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        lines.push(Line {
            number: usize::try_from(number).unwrap_or(0),
            cells: columns
                .iter()
                .cloned()
                .zip(record.iter().map(clean_line))
                .collect(),
        });
    }
    let missing: Vec<&str> = needed
        .iter()
        .copied()
        .filter(|name| !columns.iter().any(|column| column == name))
        .collect();
    if !missing.is_empty() {
        return Err(LinesError::Missing(missing.join(", ")));
    }
    if lines.is_empty() {
        return Err(LinesError::Empty);
    }
    if lines.len() > LINES_MAX {
        return Err(LinesError::TooLong(lines.len()));
    }
    Ok(lines)
}
