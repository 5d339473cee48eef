//! One row read by the rules of imports, without comparing it with what the library holds: to fill in a form.

use jiff::civil::Date;
use sobria_catalogue::content::Content;
use sobria_catalogue::import::{Issue, Severity};
use sobria_catalogue::vocabulary::Vocabularies;

use super::row::{ReadRow, Reader};
use super::{DateOrder, issue};
use crate::read::Sheet;

/// What one row says.
#[derive(Debug, Clone, PartialEq)]
pub struct RowPreview {
    /// Line of the file where it begins.
    pub line: u64,
    /// Name of the organisation that it gives; blank when it gives none.
    pub organisation: String,
    /// Its SIRET as written.
    pub siret: String,
    /// Its values, read as an import would.
    pub content: Content,
    /// What was changed or is doubtful.
    pub issues: Vec<Issue>,
}

/// The row of a number among those that hold something, from 1, with how many there are.
pub fn preview(
    sheet: &Sheet,
    vocabularies: &Vocabularies,
    order: DateOrder,
    today: Date,
    number: usize,
) -> (Option<RowPreview>, usize) {
    let reader = Reader::new(sheet, &sheet.rows, vocabularies, order, today);
    let mut total = 0;
    let mut wanted = None;
    for row in &sheet.rows {
        if row.cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        total += 1;
        if total != number {
            continue;
        }
        wanted = match reader.read(row) {
            ReadRow::Blank => None,
            ReadRow::Aside(broken) | ReadRow::Broken(broken) => Some(RowPreview {
                line: row.line,
                organisation: String::new(),
                siret: String::new(),
                content: Content::default(),
                issues: vec![broken],
            }),
            ReadRow::Read {
                carrier,
                said,
                mut issues,
            } => {
                issues.extend(
                    reader
                        .missing(row, &carrier, &said.content)
                        .into_iter()
                        .map(|missing| Issue {
                            severity: Severity::Warn,
                            ..missing
                        }),
                );
                issues.extend(sheet.notes.iter().cloned());
                if carrier.name.is_empty() {
                    issues.retain(|found| found.field.as_deref() != Some("organisation.name"));
                }
                Some(RowPreview {
                    line: row.line,
                    organisation: carrier.name,
                    siret: carrier.siret,
                    content: said.content,
                    issues,
                })
            }
        };
    }
    // Columns that mean nothing known are told, since their cells are lost here.
    if let Some(preview) = &mut wanted {
        for column in sheet
            .columns
            .iter()
            .filter(|column| column.target == crate::aliases::Target::Hidden && !column.header.is_empty())
        {
            preview
                .issues
                .push(issue(Some(&column.header), "hidden_column", Severity::Info));
        }
    }
    (wanted, total)
}
