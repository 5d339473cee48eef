//! What an import decides before anything is written: a plan that a person can read and the store can apply.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::content::Content;
use crate::field::Field;
use crate::id::{OrganisationId, UseCaseId};
use crate::organisation::Organisation;
use crate::proposal::Proposal;

/// How bad an issue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth a look.
    Warn,
    /// The value, or the row, was not taken.
    Error,
}

impl Severity {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// Something found in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Issue {
    /// English identifier of the field, or the header of the column; absent when it concerns the row.
    pub field: Option<String>,
    /// Stable code, listed in the documentation of imports.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The cell as it stood.
    pub before: Option<String>,
    /// What was taken in its place.
    pub after: Option<String>,
    /// What a person may want to do.
    pub suggestion: Option<String>,
}

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// A new record.
    Created,
    /// A new revision of a known record.
    Updated,
    /// The record already says the same.
    Unchanged,
    /// A field that submission asks for is missing or unusable.
    Rejected,
    /// Nothing but separators.
    Blank,
}

impl Outcome {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Rejected => "rejected",
            Self::Blank => "blank",
        }
    }
}

/// What becomes of one row, and the record it makes.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedRow {
    /// Row in the source; the first row of data is 1.
    pub row: u64,
    /// Line of the file where it begins, or row of the workbook.
    pub line: u64,
    /// What becomes of it.
    pub outcome: Outcome,
    /// Natural key: carrier and folded title.
    pub key: String,
    /// The record, new or known; absent when the row is rejected or blank.
    pub record: Option<UseCaseId>,
    /// The carrier; absent when the row is rejected or blank.
    pub organisation: Option<OrganisationId>,
    /// The values to store: the whole new content.
    pub content: Content,
    /// Share of fields filled, 0 to 100.
    pub completeness: u8,
    /// Whether a value was changed on the way in.
    pub repaired: bool,
    /// What was found.
    pub issues: Vec<Issue>,
    /// What a person may accept or refuse, one by one, while the record waits to be read.
    pub proposals: Vec<Proposal>,
    /// The row as it stood: a JSON object, column by column.
    pub raw_row: String,
    /// SHA-256 of what the row says once read, carrier included, in hexadecimal: equal means unchanged.
    pub source_hash: String,
}

/// What becomes of one carrier.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedOrganisation {
    /// The carrier as it will be.
    pub organisation: Organisation,
    /// Whether it is new here.
    pub is_new: bool,
    /// Whether a known one changes.
    pub is_changed: bool,
}

/// A whole import, decided and not yet written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ImportPlan {
    /// Name of the source.
    pub source: String,
    /// SHA-256 of the source, in hexadecimal.
    pub source_version: String,
    /// Carriers.
    pub organisations: Vec<PlannedOrganisation>,
    /// Rows, in the order of the source.
    pub rows: Vec<PlannedRow>,
    /// Titles of known records of the same source that the file does not hold.
    pub absent: Vec<String>,
}

/// Some rows of an import, decided and not yet written, in the order of the source.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ImportPart {
    /// The new carriers that these rows are the first to name, as they are known so far.
    pub organisations: Vec<Organisation>,
    /// Rows.
    pub rows: Vec<PlannedRow>,
}

/// What is known of an import once all its parts were passed on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ImportEnd {
    /// Counts.
    pub summary: Summary,
    /// Carriers that the rows name.
    pub organisations: usize,
    /// Carriers that later rows changed: of the library, or new ones that were passed on before.
    pub changed: Vec<PlannedOrganisation>,
    /// The first rows that were refused.
    pub refused: Vec<PlannedRow>,
    /// Titles of known records of the same source that the file does not hold.
    pub absent: Vec<String>,
}

/// Counts of an import, in the form of the contract.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Summary {
    /// Rows read, blank ones included.
    pub rows: usize,
    /// New records.
    pub created: usize,
    /// New revisions.
    pub updated: usize,
    /// Rows that change nothing.
    pub unchanged: usize,
    /// Rows that were refused.
    pub rejected: usize,
    /// Rows with nothing in them.
    pub blank: usize,
    /// Number of issues by code.
    pub issues: BTreeMap<&'static str, usize>,
}

impl ImportPlan {
    /// Counts rows and issues.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for row in &self.rows {
            summary.count(row);
        }
        summary.count_absent(&self.absent);
        summary
    }
}

impl Summary {
    /// Counts a row.
    pub fn count(&mut self, row: &PlannedRow) {
        self.rows += 1;
        match row.outcome {
            Outcome::Created => self.created += 1,
            Outcome::Updated => self.updated += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Rejected => self.rejected += 1,
            Outcome::Blank => self.blank += 1,
        }
        for issue in &row.issues {
            *self.issues.entry(issue.code).or_insert(0) += 1;
        }
    }

    /// Counts the known records that the source no longer holds.
    pub fn count_absent(&mut self, absent: &[String]) {
        if !absent.is_empty() {
            self.issues.insert("absent_from_file", absent.len());
        }
    }
}

impl PlannedRow {
    /// Whether the row makes a revision.
    pub fn writes(&self) -> bool {
        matches!(self.outcome, Outcome::Created | Outcome::Updated)
    }
}

/// A record that the library already holds, as far as an import needs to know it.
#[derive(Debug, Clone, PartialEq)]
pub struct ExistingRecord {
    /// Identifier.
    pub id: UseCaseId,
    /// Carrier.
    pub organisation: OrganisationId,
    /// Natural key.
    pub natural_key: String,
    /// The newest content.
    pub content: Content,
    /// What the last import brought, when one did.
    pub imported: Option<ImportedState>,
}

/// What the last import of a record brought.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedState {
    /// Name of the source.
    pub source: String,
    /// Hash of what the row said.
    pub source_hash: String,
    /// The content as imported.
    pub content: Content,
}

impl ExistingRecord {
    /// The fields that were changed here since the last import.
    pub fn edited_fields(&self) -> Vec<Field> {
        self.imported
            .as_ref()
            .map_or_else(Vec::new, |state| state.content.differing_fields(&self.content))
    }
}

/// What the library already holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Existing {
    /// Every carrier.
    pub organisations: Vec<Organisation>,
    /// Every record that is not withdrawn.
    pub records: Vec<ExistingRecord>,
}

/// The natural key of a record: SIREN when it is known, else the folded name, then the folded title.
pub fn natural_key(organisation: &Organisation, title: &str) -> String {
    natural_key_of(organisation, &crate::text::fold_key(title))
}

/// The same, for a title that is folded already.
pub fn natural_key_of(organisation: &Organisation, title_key: &str) -> String {
    match &organisation.siren {
        Some(siren) => [siren, "/", title_key].concat(),
        None => [&crate::text::fold_key(&organisation.name), "/", title_key].concat(),
    }
}
