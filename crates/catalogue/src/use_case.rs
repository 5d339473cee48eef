//! A use case as stored: values, carrier, and what the system knows about it.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::content::Content;
use crate::id::UseCaseId;
use crate::organisation::Organisation;

/// Where a record stands between its author and its readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkflowStatus {
    /// Being written.
    Draft,
    /// Handed in.
    Submitted,
    /// Claimed by a moderator.
    InReview,
    /// Sent back with comments.
    ChangesRequested,
    /// Readable by everyone, field by field.
    Published,
    /// Kept at its address, out of the default search.
    Archived,
    /// Refused with a reason.
    Rejected,
    /// Taken away; the address answers that it is gone.
    Withdrawn,
}

impl WorkflowStatus {
    /// Every status, in the order of a record's life.
    pub const ALL: [Self; 8] = [
        Self::Draft,
        Self::Submitted,
        Self::InReview,
        Self::ChangesRequested,
        Self::Published,
        Self::Archived,
        Self::Rejected,
        Self::Withdrawn,
    ];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::InReview => "in_review",
            Self::ChangesRequested => "changes_requested",
            Self::Published => "published",
            Self::Archived => "archived",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads the code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }

    /// French label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Draft => "Brouillon",
            Self::Submitted => "Envoyée",
            Self::InReview => "En cours de lecture",
            Self::ChangesRequested => "À compléter",
            Self::Published => "Publiée",
            Self::Archived => "Archivée",
            Self::Rejected => "Refusée",
            Self::Withdrawn => "Retirée",
        }
    }

    /// Whether the published revision can be read at its address.
    pub const fn is_readable(self) -> bool {
        matches!(self, Self::Published | Self::Archived)
    }
}

/// Where an imported record comes from. For moderators only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// Name of the source, such as the file name.
    pub source: String,
    /// SHA-256 of the file, in hexadecimal.
    pub source_version: String,
    /// Row in the source; the first row of data is 1.
    pub source_row: u64,
    /// When it was imported.
    pub imported_at: Timestamp,
    /// The row as it stood, column by column, as JSON.
    pub raw_row: String,
    /// SHA-256 of the raw row, in hexadecimal.
    pub raw_hash: String,
}

/// A use case with its carrier: the published revision for readers, the newest one for its authors.
///
/// This type holds every field; only [`crate::access::redact`] makes of it something that may be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct UseCase {
    /// Identifier.
    pub id: UseCaseId,
    /// Public address part; never changes once published.
    pub slug: String,
    /// Carrier.
    pub organisation: Organisation,
    /// Values.
    pub content: Content,
    /// Where it stands.
    pub status: WorkflowStatus,
    /// Number of the revision held here; the first is 1.
    pub version: u32,
    /// When the record was made.
    pub created_at: Timestamp,
    /// When this revision was made.
    pub updated_at: Timestamp,
    /// When this revision was published.
    pub published_at: Option<Timestamp>,
    /// When the record was first published.
    pub first_published_at: Option<Timestamp>,
    /// When somebody last said that it still holds.
    pub last_reviewed_on: Option<Date>,
    /// Share of the public and member fields that are filled, 0 to 100.
    pub completeness: u8,
}

/// One line of the public history of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionSummary {
    /// Number of the revision; the first is 1.
    pub number: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// Why it was made, in words.
    pub reason: String,
    /// Where it stood.
    pub status: WorkflowStatus,
}
