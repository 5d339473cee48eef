//! What becomes of each row: decided from the file and from what the library holds, without writing anything.

mod dates;
mod lists;
mod organisations;
mod row;

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use sobria_catalogue::completeness::completeness;
use sobria_catalogue::content::Content;
use sobria_catalogue::field::Field;
use sobria_catalogue::id::{OrganisationId, UseCaseId};
use sobria_catalogue::import::{
    Existing, ExistingRecord, ImportPlan, Issue, Outcome, PlannedOrganisation, PlannedRow, Severity,
    natural_key,
};
use sobria_catalogue::text::fold_key;
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_territory::Directory;
use uuid::Uuid;

use crate::error::FileError;
use crate::plan::organisations::Carriers;
use crate::plan::row::{ReadRow, Reader};
use crate::read::{Sheet, hex};

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

/// Similarity of titles, in hundredths, from which two records of one carrier may be the same.
const ALIKE: usize = 90;
/// Share of known records, in hundredths, whose absence stops an import.
const SHRINK: usize = 20;

/// Decides what becomes of each row.
///
/// # Errors
/// When the file holds much less than the last one of the same source.
pub fn plan(
    sheet: &Sheet,
    existing: &Existing,
    vocabularies: &'static Vocabularies,
    directory: &'static Directory,
    options: &mut PlanOptions<'_>,
) -> Result<ImportPlan, FileError> {
    let reader = Reader::new(sheet, vocabularies, options.date_order, options.today);
    let mut carriers = Carriers::new(sheet, existing, directory);
    let mut known = Known::new(existing);
    let mut rows = Vec::with_capacity(sheet.rows.len());
    for row in &sheet.rows {
        let raw = reader.raw(row);
        let mut planned = match reader.read(row) {
            ReadRow::Blank => blank(row.number),
            ReadRow::Broken(issue) => rejected(row.number, vec![issue]),
            ReadRow::Read {
                carrier,
                content,
                mut issues,
            } => {
                let missing = reader.missing(row, &carrier, &content);
                let organisation = carriers.attach(&carrier, options, &mut issues);
                match organisation {
                    Some(organisation) if missing.is_empty() => {
                        known.settle(row.number, organisation, content, issues, &mut carriers, options)
                    }
                    _ => {
                        issues.extend(missing);
                        rejected(row.number, issues)
                    }
                }
            }
        };
        if planned.outcome != Outcome::Blank {
            planned.raw_hash = hex(&<sha2::Sha256 as sha2::Digest>::digest(raw.as_bytes()));
            planned.raw_row = raw;
        }
        planned.repaired = planned.issues.iter().any(|issue| issue.after.is_some());
        rows.push(planned);
    }
    flag_fill_series(sheet, &mut rows);
    let hidden: Vec<&str> = sheet
        .columns
        .iter()
        .filter(|column| column.target == crate::aliases::Target::Hidden && !column.header.is_empty())
        .map(|column| column.header.as_str())
        .collect();
    if let Some(first) = rows.iter_mut().find(|row| row.outcome != Outcome::Blank) {
        for header in hidden {
            first.issues.push(Issue {
                suggestion: Some(
                    "Colonne gardée dans la ligne d’origine, invisible des lecteurs.".to_owned(),
                ),
                ..issue(Some(header), "hidden_column", Severity::Info)
            });
        }
    }
    let absent = known.absent(&options.source, &rows);
    let of_source = existing
        .records
        .iter()
        .filter(|record| is_of(record, &options.source))
        .count();
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

fn is_of(record: &ExistingRecord, source: &str) -> bool {
    record
        .imported
        .as_ref()
        .is_some_and(|state| state.source == source)
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
        outcome: Outcome::Rejected,
        key: String::new(),
        record: None,
        organisation: None,
        content: Content::default(),
        completeness: 0,
        repaired: false,
        issues,
        raw_row: String::new(),
        raw_hash: String::new(),
        source_hash: String::new(),
    }
}

/// Rows of one file with one natural key.
struct Twins {
    rows: usize,
    first: u64,
    hashes: Vec<String>,
}

/// Records by natural key, those of the library and those of the file so far.
struct Known<'a> {
    by_key: HashMap<String, &'a ExistingRecord>,
    titles: HashMap<OrganisationId, Vec<(String, UseCaseId)>>,
    in_file: HashMap<String, Twins>,
    existing: &'a Existing,
}

impl<'a> Known<'a> {
    fn new(existing: &'a Existing) -> Self {
        let mut titles: HashMap<OrganisationId, Vec<(String, UseCaseId)>> = HashMap::new();
        for record in &existing.records {
            titles
                .entry(record.organisation)
                .or_default()
                .push((fold_key(record.content.title()), record.id));
        }
        Self {
            by_key: existing
                .records
                .iter()
                .map(|record| (record.natural_key.clone(), record))
                .collect(),
            titles,
            in_file: HashMap::new(),
            existing,
        }
    }

    fn settle(
        &mut self,
        number: u64,
        organisation: OrganisationId,
        mut content: Content,
        mut issues: Vec<Issue>,
        carriers: &mut Carriers,
        options: &mut PlanOptions<'_>,
    ) -> PlannedRow {
        let carrier = carriers.get(organisation).clone();
        let mut key = natural_key(&carrier, content.title());
        let source_hash = source_hash(&carrier, &content);
        match self.in_file.get_mut(&key) {
            None => {
                self.in_file.insert(
                    key.clone(),
                    Twins {
                        rows: 1,
                        first: number,
                        hashes: vec![source_hash.clone()],
                    },
                );
            }
            Some(twins) if twins.hashes.contains(&source_hash) => {
                issues.push(Issue {
                    suggestion: Some(format!(
                        "Ligne identique à la ligne {}, qui est gardée.",
                        twins.first
                    )),
                    ..issue(Some("title"), "possible_duplicate", Severity::Error)
                });
                return PlannedRow {
                    key,
                    ..rejected(number, issues)
                };
            }
            Some(twins) => {
                issues.push(Issue {
                    suggestion: Some(format!(
                        "Même organisation et même titre que la ligne {}, avec un autre contenu : deux fiches.",
                        twins.first
                    )),
                    ..issue(Some("title"), "possible_duplicate", Severity::Warn)
                });
                twins.rows += 1;
                twins.hashes.push(source_hash.clone());
                // Their order in the file tells twins apart, so that a second import finds each of them again.
                key = format!("{key}/{}", twins.rows);
            }
        }
        let before = self.by_key.get(&key).copied();
        let (outcome, record) = match before {
            None => {
                self.flag_alike(organisation, content.title(), &mut issues);
                (Outcome::Created, UseCaseId::new((options.new_id)()))
            }
            Some(record) => {
                let same = record
                    .imported
                    .as_ref()
                    .is_some_and(|state| state.source_hash == source_hash);
                if !same {
                    merge(record, &mut content, options.prefer_source, &mut issues);
                }
                if same || content == record.content {
                    content = record.content.clone();
                    (Outcome::Unchanged, record.id)
                } else {
                    (Outcome::Updated, record.id)
                }
            }
        };
        PlannedRow {
            row: number,
            outcome,
            key,
            record: Some(record),
            organisation: Some(organisation),
            completeness: completeness(&content, &carrier),
            content,
            repaired: false,
            issues,
            raw_row: String::new(),
            raw_hash: String::new(),
            source_hash,
        }
    }

    /// Says when the carrier already has a record with nearly the same title.
    fn flag_alike(&mut self, organisation: OrganisationId, title: &str, issues: &mut Vec<Issue>) {
        let folded = fold_key(title);
        let Some(titles) = self.titles.get(&organisation) else {
            return;
        };
        let alike = titles
            .iter()
            .take(500)
            .find(|(other, _)| similarity(other, &folded) >= ALIKE);
        if let Some((other, id)) = alike {
            issues.push(Issue {
                before: Some(title.to_owned()),
                suggestion: Some(format!("Titre très proche de « {other} » ({id}) ; non fusionné.")),
                ..issue(Some("title"), "possible_duplicate", Severity::Warn)
            });
        }
    }

    fn absent(&self, source: &str, rows: &[PlannedRow]) -> Vec<String> {
        let present: HashSet<UseCaseId> = rows.iter().filter_map(|row| row.record).collect();
        self.existing
            .records
            .iter()
            .filter(|record| is_of(record, source) && !present.contains(&record.id))
            .map(|record| record.content.title().to_owned())
            .collect()
    }
}

/// Keeps what was changed here since the last import, and fields that the file does not carry.
fn merge(record: &ExistingRecord, content: &mut Content, prefer_source: bool, issues: &mut Vec<Issue>) {
    let edited = record.edited_fields();
    let imported = record.imported.as_ref().map(|state| &state.content);
    for field in record.content.differing_fields(content) {
        let id = field.spec().id;
        let source_changed = imported.is_none_or(|state| state.get(field) != content.get(field));
        let edited_here = edited.contains(&field);
        // A field that the source never gave is not taken away by a file without its column.
        let never_given =
            content.get(field).is_none() && imported.is_none_or(|state| state.get(field).is_none());
        if never_given || (edited_here && !prefer_source) {
            if edited_here && source_changed {
                issues.push(Issue {
                    before: content.get(field).map(crate::cell::encode),
                    suggestion: Some("Modifié ici depuis le dernier import : gardé. --prefer-source prend la valeur du fichier.".to_owned()),
                    ..issue(Some(id), "edited_here", Severity::Warn)
                });
            }
            match record.content.get(field) {
                Some(value) => content.set(field, value.clone()),
                None => {
                    content.take(field);
                }
            }
        } else if field == Field::StartDate && imported.is_some() {
            issues.push(Issue {
                before: record.content.get(field).map(crate::cell::encode),
                after: content.get(field).map(crate::cell::encode),
                suggestion: Some("La source a changé la date de démarrage : vérifiez-la.".to_owned()),
                ..issue(Some(id), "date_changed_by_source", Severity::Warn)
            });
        }
    }
}

/// What a row says once read, carrier included: equal means that a second import changes nothing.
fn source_hash(carrier: &sobria_catalogue::organisation::Organisation, content: &Content) -> String {
    use sha2::Digest;
    use std::fmt::Write;
    let mut text = String::with_capacity(1024);
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "{}\u{1f}{:?}\u{1f}{:?}\u{1f}{:?}\u{1f}{:?}",
        carrier.name, carrier.siret, carrier.kind, carrier.latitude, carrier.longitude
    );
    for (field, value) in content.iter() {
        text.push('\u{1e}');
        text.push_str(field.spec().id);
        text.push('\u{1f}');
        text.push_str(&crate::cell::encode(value));
    }
    hex(&sha2::Sha256::digest(text.as_bytes()))
}

/// Likeness of two folded titles, in hundredths of the longer one.
fn similarity(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(160).collect(), b.chars().take(160).collect());
    let longest = a.len().max(b.len());
    if longest == 0 {
        return 0;
    }
    if a.len().abs_diff(b.len()) * 100 > longest * (100 - ALIKE) {
        return 0;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(i + 1);
        for (j, cb) in b.iter().enumerate() {
            let diagonal = row.get(j).copied().unwrap_or(0) + usize::from(ca != cb);
            let above = row.get(j + 1).copied().unwrap_or(0) + 1;
            let left = next.last().copied().unwrap_or(0) + 1;
            next.push(diagonal.min(above).min(left));
        }
        row = next;
    }
    100 - row.last().copied().unwrap_or(longest) * 100 / longest
}

/// Consecutive rows of one carrier whose number rises by exactly one: a spreadsheet filled them down.
fn flag_fill_series(sheet: &Sheet, rows: &mut [PlannedRow]) {
    use crate::aliases::Target;
    let columns: Vec<(usize, String)> = sheet
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| {
            matches!(
                column.target,
                Target::Field(
                    Field::OrganisationSiret | Field::OrganisationLatitude | Field::OrganisationLongitude
                ) | Target::Logo
            )
        })
        .map(|(position, column)| match column.target {
            Target::Field(field) => (position, field.spec().id.to_owned()),
            _ => (position, column.header.clone()),
        })
        .collect();
    let name = sheet.position(Target::Field(Field::OrganisationName));
    let same_carrier = |a: usize, b: usize| {
        let cell = |row: usize| name.and_then(|name| sheet.rows.get(row).and_then(|row| row.cells.get(name)));
        cell(a).is_some() && cell(a).map(|text| fold_key(text)) == cell(b).map(|text| fold_key(text))
    };
    for (column, field) in columns {
        let tails: Vec<Option<(String, u64)>> = sheet
            .rows
            .iter()
            .map(|row| row.cells.get(column).and_then(|cell| tail_number(cell)))
            .collect();
        for at in 2..sheet.rows.len() {
            let run: Option<Vec<&(String, u64)>> = (at - 2..=at)
                .map(|position| tails.get(position).and_then(Option::as_ref))
                .collect();
            let Some(run) = run else { continue };
            let rising = run.windows(2).all(|pair| match pair {
                [a, b] => a.0 == b.0 && b.1 == a.1 + 1,
                _ => false,
            });
            if rising && same_carrier(at - 2, at - 1) && same_carrier(at - 1, at) {
                let before = sheet.rows.get(at).and_then(|row| row.cells.get(column)).cloned();
                if let Some(row) = rows.get_mut(at) {
                    row.issues.push(Issue {
                        before,
                        suggestion: Some(
                            "La valeur augmente de 1 à chaque ligne : recopie incrémentée d’un tableur."
                                .to_owned(),
                        ),
                        ..issue(Some(&field), "fill_series", Severity::Warn)
                    });
                }
            }
        }
    }
}

/// A cell as what stands before its last digits, and those digits (at most twelve of them).
fn tail_number(cell: &str) -> Option<(String, u64)> {
    let compact: String = cell.chars().filter(|c| !c.is_whitespace()).collect();
    let from = compact.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| {
        at + compact
            .get(at..)
            .and_then(|rest| rest.chars().next())
            .map_or(1, char::len_utf8)
    });
    let digits = compact.get(from..)?;
    if digits.len() == 14 {
        // The SIRET of a filled series rises anywhere in its first part.
        let (head, tail) = digits.split_at(3);
        return head.parse().ok().map(|number| (tail.to_owned(), number));
    }
    let cut = digits.len().saturating_sub(12);
    let (head, tail) = digits.split_at(cut);
    let number = tail.parse().ok()?;
    Some((format!("{}{head}", compact.get(..from)?), number))
}

impl Carriers {
    fn planned(self, used: &HashSet<OrganisationId>) -> Vec<PlannedOrganisation> {
        self.into_list()
            .into_iter()
            .filter(|planned| used.contains(&planned.organisation.id))
            .collect()
    }
}
