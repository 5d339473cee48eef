//! Values that a spreadsheet filled down: they rise by one from row to row of one carrier.

use std::ops::Range;

use sobria_catalogue::field::Field;
use sobria_catalogue::import::{Issue, Severity};

use super::{HashMap, issue};
use crate::aliases::Target;
use crate::read::{Sheet, SheetRow};

/// Rows from which a rising number is no chance; two SIRETs that follow one another are never both right.
const RUN: usize = 3;
const RUN_OF_SIRETS: usize = 2;

/// What is said of every row of a filled series but its first, which is the one that was typed; by the place of the
/// row in the file.
pub fn find(sheet: &Sheet, rows: &[SheetRow]) -> HashMap<usize, Vec<Issue>> {
    let mut found = HashMap::default();
    let Some(name) = sheet.position(Target::Field(Field::OrganisationName)) else {
        return found;
    };
    // Rows of one carrier that follow one another are fewer than columns times rows.
    let runs = runs_of_one_carrier(rows, name);
    for (column, meaning) in sheet.columns.iter().enumerate() {
        let (id, is_siret) = match meaning.target {
            Target::Field(Field::OrganisationSiret) => (Field::OrganisationSiret.spec().id, true),
            Target::Field(
                field @ (Field::OrganisationLatitude | Field::OrganisationLongitude | Field::InfoLinks),
            ) => (field.spec().id, false),
            Target::Logo => (meaning.header.as_str(), false),
            _ => continue,
        };
        let least = if is_siret { RUN_OF_SIRETS } else { RUN };
        for run in &runs {
            let mut start = run.start;
            for at in run.start + 1..=run.end {
                let rises = at < run.end
                    && rows
                        .get(at - 1)
                        .zip(rows.get(at))
                        .is_some_and(|(before, after)| follows(before, after, column, is_siret));
                if rises {
                    continue;
                }
                if at - start >= least {
                    for filled in start + 1..at {
                        let written = rows.get(filled).and_then(|row| row.cells.get(column));
                        let remarks: &mut Vec<Issue> = found.entry(filled).or_default();
                        remarks.push(remark(written, id));
                    }
                }
                start = at;
            }
        }
    }
    found
}

/// Places of two rows or more that follow one another and name the same carrier.
fn runs_of_one_carrier(rows: &[SheetRow], name: usize) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut before = "";
    for (at, row) in rows.iter().enumerate() {
        let carrier = cell(row, name);
        if !carrier.is_empty() && carrier == before {
            match runs.last_mut().filter(|run| run.end == at) {
                Some(run) => run.end = at + 1,
                None => runs.push(at - 1..at + 1),
            }
        }
        before = carrier;
    }
    runs
}

fn remark(written: Option<&str>, id: &str) -> Issue {
    Issue {
        before: written.map(str::to_owned),
        suggestion: Some(
            "La valeur augmente de 1 à chaque ligne\u{a0}: recopie incrémentée d’un tableur.".to_owned(),
        ),
        ..issue(Some(id), "fill_series", Severity::Warn)
    }
}

fn follows(before: &SheetRow, after: &SheetRow, column: usize, is_siret: bool) -> bool {
    let (before, after) = (cell(before, column), cell(after, column));
    if before == after {
        return false;
    }
    if is_siret {
        let written = (before, after);
        let (Some(before), Some(after)) = (digits(before), digits(after)) else {
            return false;
        };
        // Written in groups, it rises by its first group; as a number, by its last digit.
        return after == before + 1 || first_group_rises(written);
    }
    match (tail(before), tail(after)) {
        (Some((head, number)), Some((other, next))) => head == other && next == number + 1,
        _ => false,
    }
}

fn cell(row: &SheetRow, at: usize) -> &str {
    row.cells.get(at).unwrap_or("").trim()
}

/// Whether the digits before the first space rise by one, and the others stay.
fn first_group_rises((before, after): (&str, &str)) -> bool {
    let parts = |cell: &str| -> Option<(u64, String)> {
        let (first, rest) = cell.split_once(char::is_whitespace)?;
        Some((
            first.parse().ok()?,
            rest.chars().filter(|c| !c.is_whitespace()).collect(),
        ))
    };
    match (parts(before), parts(after)) {
        (Some((first, rest)), Some((next, other))) => next == first + 1 && rest == other,
        _ => false,
    }
}

/// The fourteen digits of a SIRET, as a number.
fn digits(cell: &str) -> Option<u64> {
    let digits: String = cell.chars().filter(|c| !c.is_whitespace()).collect();
    (digits.len() == 14).then(|| digits.parse().ok())?
}

/// A cell as what stands before its last digits, and those digits: fifteen of them at most.
fn tail(cell: &str) -> Option<(&str, u64)> {
    let head = cell.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = cell.get(head.len()..)?;
    let cut = head.len() + digits.len().saturating_sub(15);
    Some((cell.get(..cut)?, cell.get(cut..)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_is_told_from_what_differs() {
        let row = |cell: &str| SheetRow {
            number: 1,
            line: 1,
            cells: ["Ville", cell].iter().collect(),
        };
        for (before, after, is_siret, expected) in [
            ("243 100 518 00170", "244 100 518 00170", true, true),
            ("24310051800170", "24310051800171", true, true),
            ("24310051800170", "24310051800188", true, false),
            ("1.43333", "1.43334", false, true),
            ("1.43333", "1.43333", false, false),
            (
                "https://a.example/logo.png?9",
                "https://a.example/logo.png?10",
                false,
                true,
            ),
            ("https://a.example/2021", "https://b.example/2022", false, false),
            ("9", "", false, false),
        ] {
            let found = follows(&row(before), &row(after), 1, is_siret);
            assert_eq!(found, expected, "{before} {after}");
        }
    }

    #[test]
    fn rows_of_one_carrier_run_on_until_another_is_named() {
        let rows: Vec<SheetRow> = ["a", "a ", "b", "", "", "c", "c", "c", "d", "d"]
            .iter()
            .map(|carrier| SheetRow {
                number: 1,
                line: 1,
                cells: std::iter::once(carrier).collect(),
            })
            .collect();
        assert_eq!(runs_of_one_carrier(&rows, 0), [0..2, 5..8, 8..10]);
    }
}
