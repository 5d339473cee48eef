//! What becomes of each row: decided from the file and from what the library holds, without writing anything.

mod dates;
mod known;
mod lists;
mod organisations;
mod preview;
mod repairs;
mod row;
mod series;

use std::borrow::Borrow;
use std::collections::HashSet;
use std::sync::mpsc;

use foldhash::fast::RandomState;
use jiff::civil::Date;
use sobria_catalogue::content::Content;
use sobria_catalogue::field::Field;
use sobria_catalogue::import::{
    Existing, ImportEnd, ImportPart, ImportPlan, Issue, Outcome, PlannedRow, Severity, Summary,
};
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_territory::Directory;
use uuid::Uuid;

use crate::aliases::Target;
use crate::error::FileError;
use crate::plan::known::Known;
use crate::plan::organisations::Carriers;
use crate::plan::repairs::Proposer;
use crate::plan::row::{ReadRow, Reader};
use crate::read::{Sheet, SheetRow};

pub use self::preview::{RowPreview, preview};

/// A table looked up for each row or cell.
type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;

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
    /// Whether repairs are put to people as proposals: nobody is asked about what is not written.
    pub proposes: bool,
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
const PART: usize = 64;
/// Rows that are passed on at a time.
const PASSED_ON: usize = 64;

/// Rows that were refused and are told of in the summary.
const REFUSED_SHOWN: usize = 20;

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
    let planner = Planner::new(sheet, &sheet.rows, existing, vocabularies, directory, options);
    let mut rows = Vec::with_capacity(sheet.rows.len());
    let (carriers, absent) = planner.run(sheet.rows.iter().collect(), options, &mut |row, _| {
        rows.push(row);
        true
    })?;
    Ok(ImportPlan {
        source: options.source.clone(),
        source_version: sheet.hash.clone(),
        organisations: carriers.planned(),
        rows,
        absent,
    })
}

/// Decides what becomes of each row as [`plan`] does, and passes the rows on as they are decided, so that the decisions
/// about a long file are never held as a whole. Ends early, with what is known then, when `each` wants no more.
///
/// # Errors
/// When the file holds much less than the last one of the same source. That is known only after the last row: what was
/// passed on is not to be kept then.
pub fn plan_in_parts(
    mut sheet: Sheet,
    existing: &Existing,
    vocabularies: &Vocabularies,
    directory: &'static Directory,
    options: &mut PlanOptions<'_>,
    each: &mut dyn FnMut(ImportPart) -> bool,
) -> Result<ImportEnd, FileError> {
    let rows = std::mem::take(&mut sheet.rows);
    let planner = Planner::new(&sheet, &rows, existing, vocabularies, directory, options);
    let (mut summary, mut refused) = (Summary::default(), Vec::new());
    let mut part = ImportPart::default();
    let mut wants_more = true;
    let (carriers, absent) = planner.run(rows, options, &mut |row, new| {
        summary.count(&row);
        if row.outcome == Outcome::Rejected && refused.len() < REFUSED_SHOWN {
            refused.push(row.clone());
        }
        part.organisations.extend(new.cloned());
        part.rows.push(row);
        if part.rows.len() == PASSED_ON {
            wants_more = each(std::mem::take(&mut part));
        }
        wants_more
    })?;
    if wants_more && !part.rows.is_empty() {
        each(part);
    }
    summary.count_absent(&absent);
    let (organisations, changed) = carriers.changed();
    Ok(ImportEnd {
        summary,
        organisations,
        changed,
        refused,
        absent,
    })
}

/// What is known of a file before its rows are read one by one.
struct Planner<'a> {
    reader: Reader<'a>,
    carriers: Carriers,
    known: Known<'a>,
    /// Remarks about rows of filled series, by the place of the row.
    series: HashMap<usize, Vec<Issue>>,
    /// Remarks about the file, which its first row tells.
    notes: Vec<Issue>,
    vocabularies: &'a Vocabularies,
}

impl<'a> Planner<'a> {
    fn new(
        sheet: &'a Sheet,
        rows: &[SheetRow],
        existing: &'a Existing,
        vocabularies: &'a Vocabularies,
        directory: &'static Directory,
        options: &PlanOptions<'_>,
    ) -> Self {
        let (date_order, today) = (options.date_order, options.today);
        let of_columns = || {
            (
                Reader::new(sheet, rows, vocabularies, date_order, today),
                series::find(sheet, rows),
            )
        };
        let of_records = || {
            (
                Carriers::new(sheet, rows, existing, directory),
                Known::new(existing, sheet, rows.len()),
            )
        };
        let ((reader, series), (carriers, known)) = beside(rows.len(), of_columns, of_records);
        Self {
            reader,
            carriers,
            known,
            series,
            notes: sheet
                .notes
                .iter()
                .cloned()
                .chain(hidden_columns(sheet, rows))
                .collect(),
            vocabularies,
        }
    }

    /// Decides on each row in turn, and passes it on with its carrier when that is a new one, named for the first time;
    /// ends early when `each` wants no more. Answers with the carriers and the titles that the file no longer holds.
    fn run<R: Borrow<SheetRow> + Send>(
        self,
        rows: Vec<R>,
        options: &mut PlanOptions<'_>,
        each: &mut dyn FnMut(PlannedRow, Option<&Organisation>) -> bool,
    ) -> Result<(Carriers, Vec<String>), FileError> {
        let Self {
            reader,
            mut carriers,
            mut known,
            mut series,
            mut notes,
            vocabularies,
        } = self;
        let mut proposer = Proposer::new(vocabularies, &options.source);
        let mut present = HashSet::new();
        let mut place = 0;
        read_rows(rows, &reader, |reading| {
            let mut planned = decide(reading, &mut carriers, &mut known, options);
            if let Some(filled) = series.remove(&place) {
                planned.issues.extend(filled);
            }
            place += 1;
            if options.proposes && planned.writes() {
                planned.proposals = proposer.of(&planned);
            }
            if planned.outcome != Outcome::Blank {
                planned.issues.append(&mut notes);
            }
            if matches!(planned.outcome, Outcome::Updated | Outcome::Unchanged) {
                present.extend(planned.record);
            }
            let new = planned.organisation.and_then(|id| carriers.used(id));
            each(planned, new)
        });
        let (absent, of_source) = known.absent(&options.source, &present);
        if !options.accept_shrink && absent.len() * 100 > of_source * SHRINK {
            return Err(FileError::Shrunk {
                name: options.source.clone(),
                absent: absent.len(),
                known: of_source,
            });
        }
        Ok((carriers, absent))
    }
}

/// Both at the same time where the file is long.
fn beside<A, B: Send>(rows: usize, one: impl FnOnce() -> A, other: impl FnOnce() -> B + Send) -> (A, B) {
    if rows < SHARED {
        return (one(), other());
    }
    std::thread::scope(|scope| {
        let other = scope.spawn(other);
        let one = one();
        match other.join() {
            Ok(other) => (one, other),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// What becomes of one row, given those before it.
fn decide(
    reading: Reading,
    carriers: &mut Carriers,
    known: &mut Known<'_>,
    options: &mut PlanOptions<'_>,
) -> PlannedRow {
    let Reading {
        number,
        line,
        raw,
        found,
        mut missing,
    } = reading;
    let mut planned = match found {
        ReadRow::Blank => blank(number),
        ReadRow::Aside(issue) => PlannedRow {
            issues: vec![issue],
            ..blank(number)
        },
        ReadRow::Broken(issue) => rejected(number, vec![issue]),
        ReadRow::Read {
            carrier,
            said,
            mut issues,
        } => {
            let organisation = carriers.attach(&carrier, options, &mut issues);
            if let Some(kind) = organisation.and_then(|id| carriers.get(id).kind.as_deref()) {
                known_kind(kind, &mut missing, &mut issues);
            }
            match organisation {
                Some(organisation) if missing.is_empty() => {
                    let carrier = carriers.get(organisation);
                    known.settle((number, line), carrier, said, issues, options)
                }
                _ => {
                    issues.extend(missing);
                    rejected(number, issues)
                }
            }
        }
    };
    if planned.outcome != Outcome::Blank {
        planned.raw_row = raw;
    }
    planned.line = line;
    planned.repaired = planned.issues.iter().any(|issue| issue.after.is_some());
    planned
}

/// Columns that mean nothing known: they stay in the raw rows.
fn hidden_columns(sheet: &Sheet, rows: &[SheetRow]) -> impl Iterator<Item = Issue> {
    let is_filled = |at: usize| {
        rows.iter()
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

/// A row as it stood, what it says, and what it should say and does not.
struct Reading {
    number: u64,
    line: u64,
    raw: String,
    found: ReadRow,
    missing: Vec<Issue>,
}

impl Reading {
    fn of(row: &SheetRow, reader: &Reader<'_>) -> Self {
        let found = reader.read(row);
        Self {
            number: row.number,
            line: row.line,
            raw: reader.raw(row),
            missing: match &found {
                ReadRow::Read { carrier, said, .. } => reader.missing(row, carrier, &said.content),
                ReadRow::Blank | ReadRow::Aside(_) | ReadRow::Broken(_) => Vec::new(),
            },
            found,
        }
    }
}

/// Passes what each row says to `each`, in the order of the file, as long as it wants more. Rows do not depend on one
/// another: those of long files are read by other threads, while `each` decides on the ones before, and given back as
/// soon as they are read.
fn read_rows<R: Borrow<SheetRow> + Send>(
    rows: Vec<R>,
    reader: &Reader<'_>,
    mut each: impl FnMut(Reading) -> bool,
) {
    let processors = std::thread::available_parallelism().map_or(1, usize::from).min(8);
    if rows.len() < SHARED || processors == 1 {
        for row in rows {
            if !each(Reading::of(row.borrow(), reader)) {
                return;
            }
        }
        return;
    }
    // The decisions, the database and the index have work for the other half.
    let threads = processors / 2;
    let parts = rows.len().div_ceil(PART);
    // Each thread takes every n-th part, so that the parts come back in turn.
    let mut shares: Vec<Vec<Vec<R>>> = std::iter::repeat_with(Vec::new).take(threads).collect();
    let mut rows = rows.into_iter();
    for share in (0..threads).cycle().take(parts) {
        if let Some(share) = shares.get_mut(share) {
            share.push(rows.by_ref().take(PART).collect());
        }
    }
    // The list itself is as long as the file.
    drop(rows);
    std::thread::scope(|scope| {
        let workers: Vec<_> = shares
            .into_iter()
            .map(|share| {
                let (send, receive) = mpsc::sync_channel::<Vec<Reading>>(1);
                let fork = reader.fork();
                scope.spawn(move || {
                    for part in share {
                        let readings = part.iter().map(|row| Reading::of(row.borrow(), &fork)).collect();
                        if send.send(readings).is_err() {
                            return;
                        }
                    }
                });
                receive
            })
            .collect();
        for worker in workers.iter().cycle().take(parts) {
            // The failure of a thread that could not finish is seen when the scope ends.
            let Ok(readings) = worker.recv() else { return };
            for reading in readings {
                if !each(reading) {
                    return;
                }
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
