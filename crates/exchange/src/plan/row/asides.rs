//! Lines among the rows that hold no record: headers once more, and totals.

use sobria_catalogue::field::Field;
use sobria_catalogue::import::{Issue, Severity};
use sobria_catalogue::text::fold_key;

use super::ReadRow;
use crate::aliases::{Target, without_help};
use crate::plan::issue;
use crate::read::{Sheet, SheetRow};

/// Cells that name a field from which a row is one of headers.
const NAMED: usize = 3;
/// Longest header that is looked for, in bytes: longer cells are told apart at once.
const LONGEST: usize = 60;

/// The headers of a sheet, folded.
#[derive(Clone)]
pub(super) struct Headers {
    folded: Vec<String>,
    /// The columns of the carrier and of the title: a row that is kept fills both.
    keys: [Option<usize>; 2],
}

impl Headers {
    pub(super) fn of(sheet: &Sheet) -> Self {
        Self {
            folded: sheet
                .columns
                .iter()
                .map(|column| fold_key(&column.header))
                .collect(),
            keys: [Field::OrganisationName, Field::Title].map(|field| sheet.position(Target::Field(field))),
        }
    }

    /// What a row is that holds no record; nothing for any other row.
    pub(super) fn aside(&self, row: &SheetRow) -> Option<ReadRow> {
        let [carrier, title] = self
            .keys
            .map(|at| at.and_then(|at| row.cells.get(at)).unwrap_or(""));
        if carrier.trim().is_empty() || title.trim().is_empty() {
            return is_total(row).then(|| {
                ReadRow::Aside(Issue {
                    suggestion: Some("Ligne de total, laissée de côté.".to_owned()),
                    ..issue(None, "totals_row", Severity::Info)
                })
            });
        }
        if title.len().max(carrier.len()) > LONGEST {
            return None;
        }
        let is_header = |cell: &str| without_help(cell).is_some();
        if !is_header(title) || !is_header(carrier) {
            return None;
        }
        let cells = || {
            row.cells
                .iter()
                .enumerate()
                .filter(|(_, cell)| !cell.trim().is_empty())
        };
        if cells().all(|(at, cell)| {
            self.folded
                .get(at)
                .is_some_and(|header| *header == fold_key(cell))
        }) {
            return Some(ReadRow::Aside(Issue {
                suggestion: Some("Ligne d’en-têtes répétée, laissée de côté.".to_owned()),
                ..issue(None, "header_repeated", Severity::Info)
            }));
        }
        let named = cells().filter(|(_, cell)| is_header(cell)).count();
        (named >= NAMED && named * 10 >= cells().count() * 6).then(|| {
            ReadRow::Broken(Issue {
                suggestion: Some(format!(
                    "En-têtes d’un autre tableau à la ligne {} du fichier\u{a0}: les colonnes des lignes suivantes ne sont \
                     peut-être plus les mêmes. Importez chaque tableau à part.",
                    row.line
                )),
                ..issue(None, "header_other", Severity::Error)
            })
        })
    }
}

/// Whether the first cell that says something begins a line of totals.
fn is_total(row: &SheetRow) -> bool {
    let first = row.cells.iter().map(str::trim).find(|cell| !cell.is_empty());
    first.is_some_and(|cell| {
        cell.len() <= LONGEST
            && matches!(
                fold_key(cell).split(' ').next(),
                Some("total" | "totaux" | "somme" | "moyenne")
            )
    })
}
