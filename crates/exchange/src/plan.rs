//! What becomes of each row: decided from the file and from what the library holds, without writing anything.

mod dates;
mod known;
mod lists;
mod organisations;
mod preview;
mod repairs;
mod row;
mod series;

use std::collections::HashSet;
use std::sync::mpsc;

use jiff::civil::Date;
use sobria_catalogue::content::Content;
use sobria_catalogue::field::Field;
use sobria_catalogue::id::OrganisationId;
use sobria_catalogue::import::{
    Existing, ImportPlan, Issue, Outcome, PlannedOrganisation, PlannedRow, Severity,
};
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_territory::Directory;
use uuid::Uuid;

use crate::aliases::Target;
use crate::error::FileError;
use crate::plan::known::Known;
use crate::plan::organisations::Carriers;
use crate::plan::row::{ReadRow, Reader};
use crate::read::{Sheet, SheetRow};

pub use self::preview::{RowPreview, preview};

/// Which number comes first in a date that does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateOrder {
    /// 03/04/2024 is the third of April.
    #[default]
    DayFirst,
    /// 03/04/2024 is the fourth of March.
    MonthFirst,
}

/// What may be asked of an import.
pub struct PlanOptions<'a> {
    /// Name of the source: records of one source are compared with one another.
    pub source: String,
    /// Order of dates when the column does not tell.
    pub date_order: DateOrder,
    /// Whether suggestions are applied.
    pub apply_suggestions: bool,
    /// Whether the source wins over changes made here.
    pub prefer_source: bool,
    /// Whether a much smaller file is accepted.
    pub accept_shrink: bool,
    /// Today: dates after it are implausible.
    pub today: Date,
    /// Makes identifiers.
    pub new_id: &'a mut dyn FnMut() -> Uuid,
}

impl std::fmt::Debug for PlanOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlanOptions")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// Share of known records, in hundredths, whose absence stops an import.
const SHRINK: usize = 20;
/// Rows from which a file is shared between threads.
const SHARED: usize = 2_000;
/// Rows that a thread reads at a time.
const PART: usize = 256;

/// Decides what becomes of each row.
///
/// # Errors
/// When the file holds much less than the last one of the same source.
pub fn plan(
    sheet: &Sheet,
    existing: &Existing,
    vocabularies: &Vocabularies,
    directory: &'static Directory,
    options: &mut PlanOptions<'_>,
) -> Result<ImportPlan, FileError> {
    let reader = Reader::new(sheet, vocabularies, options.date_order, options.today);
    let mut carriers = Carriers::new(sheet, existing, directory);
    let mut known = Known::new(existing, sheet);
    let mut rows = Vec::with_capacity(sheet.rows.len());
    read_rows(sheet, &reader, |row, (raw, found)| {
        let mut planned = match found {
            ReadRow::Blank => blank(row.number),
            ReadRow::Broken(issue) => rejected(row.number, vec![issue]),
            ReadRow::Read {
                carrier,
                said,
                mut issues,
            } => {
                let mut missing = reader.missing(row, &carrier, &said.content);
                let organisation = carriers.attach(&carrier, options, &mut issues);
                if let Some(kind) = organisation.and_then(|id| carriers.get(id).kind.as_deref()) {
                    known_kind(kind, &mut missing, &mut issues);
                }
                match organisation {
                    Some(organisation) if missing.is_empty() => {
                        let carrier = carriers.get(organisation);
                        known.settle((row.number, row.line), carrier, said, issues, options)
                    }
                    _ => {
                        issues.extend(missing);
                        rejected(row.number, issues)
                    }
                }
            }
        };
        if planned.outcome != Outcome::Blank {
            planned.raw_row = raw;
        }
        planned.line = row.line;
        planned.repaired = planned.issues.iter().any(|issue| issue.after.is_some());
        rows.push(planned);
    });
    series::flag(sheet, &mut rows);
    for row in rows
        .iter_mut()
        .filter(|row| matches!(row.outcome, Outcome::Created | Outcome::Updated))
    {
        row.proposals = repairs::of(row, vocabularies, &options.source);
    }
    if let Some(first) = rows.iter_mut().find(|row| row.outcome != Outcome::Blank) {
        first.issues.extend(sheet.notes.iter().cloned());
        first.issues.extend(hidden_columns(sheet));
    }
    let (absent, of_source) = known.absent(&options.source, &rows);
    if !options.accept_shrink && absent.len() * 100 > of_source * SHRINK {
        return Err(FileError::Shrunk {
            name: options.source.clone(),
            absent: absent.len(),
            known: of_source,
        });
    }
    let used: HashSet<OrganisationId> = rows.iter().filter_map(|row| row.organisation).collect();
    Ok(ImportPlan {
        source: options.source.clone(),
        source_version: sheet.hash.clone(),
        organisations: carriers.planned(&used),
        rows,
        absent,
    })
}

/// Columns that mean nothing known: they stay in the raw rows.
fn hidden_columns(sheet: &Sheet) -> impl Iterator<Item = Issue> {
    let is_filled = |at: usize| {
        sheet
            .rows
            .iter()
            .any(|row| row.cells.get(at).is_some_and(|cell| !cell.trim().is_empty()))
    };
    sheet
        .columns
        .iter()
        .enumerate()
        .filter(move |(at, column)| {
            column.target == Target::Hidden && (!column.header.is_empty() || is_filled(*at))
        })
        .map(|(at, column)| {
            let header = if column.header.is_empty() {
                format!("colonne {}", at + 1)
            } else {
                column.header.clone()
            };
            Issue {
                suggestion: Some(
                    "Colonne gardée dans la ligne d’origine, invisible des lecteurs.".to_owned(),
                ),
                ..issue(Some(&header), "hidden_column", Severity::Info)
            }
        })
}

/// A kind that the row does not give is no loss when the carrier has one already.
fn known_kind(kind: &str, missing: &mut Vec<Issue>, issues: &mut Vec<Issue>) {
    let id = Field::OrganisationKind.spec().id;
    let before = missing.len();
    missing.retain(|issue| issue.field.as_deref() != Some(id));
    if missing.len() < before {
        issues.push(Issue {
            before: Some(String::new()),
            after: Some(kind.to_owned()),
            suggestion: Some("Type connu par ailleurs pour cette organisation.".to_owned()),
            ..issue(Some(id), "kind_filled", Severity::Info)
        });
    }
}

/// A row as it stood, and what it says.
type Reading = (String, ReadRow);

/// Passes what each row says to `each`, in the order of the file. Rows do not depend on one another: those of long
/// files are read by other threads, while `each` decides on the ones before.
fn read_rows(sheet: &Sheet, reader: &Reader<'_>, mut each: impl FnMut(&SheetRow, Reading)) {
    let read = |reader: &Reader<'_>, row: &SheetRow| (reader.raw(row), reader.read(row));
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8);
    if sheet.rows.len() < SHARED || threads == 1 {
        for row in &sheet.rows {
            each(row, read(reader, row));
        }
        return;
    }
    std::thread::scope(|scope| {
        // Each thread takes every n-th part, so that the parts come back in turn.
        let workers: Vec<_> = (0..threads)
            .map(|first| {
                let (send, receive) = mpsc::sync_channel::<Vec<Reading>>(2);
                let fork = reader.fork();
                scope.spawn(move || {
                    for part in sheet.rows.chunks(PART).skip(first).step_by(threads) {
                        let readings = part.iter().map(|row| read(&fork, row)).collect();
                        if send.send(readings).is_err() {
                            return;
                        }
                    }
                });
                receive
            })
            .collect();
        for (part, worker) in sheet.rows.chunks(PART).zip(workers.iter().cycle()) {
            match worker.recv() {
                Ok(readings) => part
                    .iter()
                    .zip(readings)
                    .for_each(|(row, reading)| each(row, reading)),
                // A thread that could not finish is done again here, where the failure is seen.
                Err(mpsc::RecvError) => part.iter().for_each(|row| each(row, read(reader, row))),
            }
        }
    });
}

/// An issue with nothing but its code.
pub(crate) fn issue(field: Option<&str>, code: &'static str, severity: Severity) -> Issue {
    Issue {
        field: field.map(str::to_owned),
        code,
        severity,
        before: None,
        after: None,
        suggestion: None,
    }
}

fn blank(number: u64) -> PlannedRow {
    PlannedRow {
        outcome: Outcome::Blank,
        ..rejected(number, Vec::new())
    }
}

fn rejected(number: u64, issues: Vec<Issue>) -> PlannedRow {
    PlannedRow {
        row: number,
        line: 0,
        outcome: Outcome::Rejected,
        key: String::new(),
        record: None,
        organisation: None,
        content: Content::default(),
        completeness: 0,
        repaired: false,
        issues,
        proposals: Vec::new(),
        raw_row: String::new(),
        source_hash: String::new(),
    }
}

impl Carriers {
    fn planned(self, used: &HashSet<OrganisationId>) -> Vec<PlannedOrganisation> {
        self.into_list()
            .into_iter()
            .filter(|planned| used.contains(&planned.organisation.id))
            .collect()
    }
}
