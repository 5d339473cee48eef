//! Reading of a tab-separated table into rows that borrow from its text.

use std::cmp::Ordering;

/// What is wrong in a table, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{table}, line {line}, column {column}: found \"{found}\", expected: {expected}")]
pub struct TableError {
    /// Name of the table.
    pub table: &'static str,
    /// Line of the file, from 1.
    pub line: usize,
    /// Name of the column; empty when the whole line is meant.
    pub column: &'static str,
    /// What stands there, or how many cells, in French.
    pub found: String,
    /// What should stand there, in French: the person who wrote the table reads it.
    pub expected: String,
}

/// Cells of one line.
pub(super) struct Row<'a, 'e, const N: usize> {
    table: &'static str,
    pub(super) line: usize,
    columns: &'static [&'static str; N],
    cells: [&'a str; N],
    errors: &'e mut Vec<TableError>,
    sound: bool,
}

impl<'a, const N: usize> Row<'a, '_, N> {
    /// The cell, as it is written.
    pub(super) fn text<const COLUMN: usize>(&self) -> &'a str {
        self.cells.get(COLUMN).copied().unwrap_or_default()
    }

    /// The cell, which must not be empty.
    pub(super) fn name<const COLUMN: usize>(&mut self) -> &'a str {
        let text = self.text::<COLUMN>();
        if text.is_empty() || text.trim() != text {
            self.refuse::<COLUMN>("un nom sans espace autour");
        }
        text
    }

    /// The cell, which must not be empty; spaces around a name of the reference belong to it.
    pub(super) fn key<const COLUMN: usize>(&mut self) -> &'a str {
        let text = self.text::<COLUMN>();
        if text.trim().is_empty() {
            self.refuse::<COLUMN>("un nom");
        }
        text
    }

    /// A finite number at or above `low`.
    pub(super) fn number<const COLUMN: usize>(&mut self, low: f64) -> f64 {
        self.optional::<COLUMN>(low).unwrap_or_else(|| {
            if self.text::<COLUMN>().is_empty() {
                self.refuse::<COLUMN>("un nombre");
            }
            low
        })
    }

    /// A number as `number` takes it, or nothing in an empty cell.
    pub(super) fn optional<const COLUMN: usize>(&mut self, low: f64) -> Option<f64> {
        let text = self.text::<COLUMN>();
        if text.is_empty() {
            return None;
        }
        let number = text
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite() && *number >= low);
        if number.is_none() {
            self.refuse::<COLUMN>(&format!("un nombre à partir de {low}, avec un point décimal"));
        }
        number
    }

    /// Reports the cell.
    pub(super) fn refuse<const COLUMN: usize>(&mut self, expected: &str) {
        self.sound = false;
        self.errors.push(TableError {
            table: self.table,
            line: self.line,
            column: self.columns.get(COLUMN).copied().unwrap_or_default(),
            found: self.text::<COLUMN>().to_owned(),
            expected: expected.to_owned(),
        });
    }
}

/// Reads each line after the header; lines with an error give no row.
pub(super) fn read<'a, T, const N: usize>(
    table: &'static str,
    columns: &'static [&'static str; N],
    text: &'a str,
    errors: &mut Vec<TableError>,
    mut row: impl FnMut(&mut Row<'a, '_, N>) -> T,
) -> Vec<T> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.lines().zip(1..);
    let header = lines.next().map_or("", |(line, _)| line);
    if !header.split('\t').eq(columns.iter().copied()) {
        errors.push(TableError {
            table,
            line: 1,
            column: "",
            found: header.to_owned(),
            expected: format!(
                "les colonnes {}, séparées par des tabulations",
                columns.join(", ")
            ),
        });
        return Vec::new();
    }
    let mut rows = Vec::with_capacity(text.len() / 100);
    for (content, line) in lines {
        let mut cells = [""; N];
        let mut written = content.split('\t');
        let mut count = 0;
        for (cell, text) in cells.iter_mut().zip(&mut written) {
            *cell = text;
            count += 1;
        }
        count += written.count();
        if count != N {
            errors.push(TableError {
                table,
                line,
                column: "",
                found: format!("{count} cellules"),
                expected: format!("{N} cellules séparées par des tabulations"),
            });
            continue;
        }
        let mut read = Row {
            table,
            line,
            columns,
            cells,
            errors,
            sound: true,
        };
        let made = row(&mut read);
        if read.sound {
            rows.push(made);
        }
    }
    rows
}

/// Positions of the rows in the order of their keys.
#[derive(Debug)]
pub(super) struct Index(Vec<usize>);

impl Index {
    /// Orders the rows; two equal keys are reported, unless rows are missing: a row's line is known by its place.
    pub(super) fn new<T, K: Ord>(
        table: &'static str,
        column: &'static str,
        rows: &[T],
        key: impl Fn(&T) -> K,
        shown: impl Fn(&T) -> String,
        errors: &mut Vec<TableError>,
    ) -> Self {
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|at| rows.get(*at).map(&key));
        let whole = errors.iter().all(|error| error.table != table);
        for pair in order.windows(2).filter(|_| whole) {
            if let [one, other] = pair
                && let (Some(one), Some(row)) = (rows.get(*one), rows.get(*other))
                && key(one) == key(row)
            {
                errors.push(TableError {
                    table,
                    line: other + 2,
                    column,
                    found: shown(row),
                    expected: "un nom qu’aucune autre ligne ne porte".to_owned(),
                });
            }
        }
        Self(order)
    }

    /// The row that `compare` finds equal.
    pub(super) fn find<'t, T>(&self, rows: &'t [T], compare: impl Fn(&T) -> Ordering) -> Option<&'t T> {
        self.0
            .binary_search_by(|at| rows.get(*at).map_or(Ordering::Greater, &compare))
            .ok()
            .and_then(|found| rows.get(*self.0.get(found)?))
    }
}
