//! Everything the product keeps: SQL for SQLite and PostgreSQL, one code path and one migration folder.
//!
//! Open this first: [`Store::connect`] and [`Store::migrate`]; then `use_cases.rs` for what readers see, and
//! `import.rs` for what imports write.
//!
//! Invariants:
//! - the only crate that sees SQL, and no rule of the product decides here;
//! - no engine-specific statement outside `dialect.rs`, no statement text made from values outside `sql.rs`;
//! - readers see the published revision of a record, whatever its newest one says;
//! - each writing transaction takes the next number of the catalogue first, so numbers are committed in order
//!   and "what changed since n" never misses a change;
//! - contents are held once, in `revision`; a revision never changes, but for a withdrawal, which empties it.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use sobria_store::Store;
//!
//! let folder = tempfile::tempdir().unwrap();
//! let store = Store::open_dir(folder.path()).await?;
//! store.migrate().await?;
//! assert_eq!(store.catalogue_revision().await?, 0);
//! assert!(store.stream_published(None, 10).await?.is_empty());
//! # store.close().await;
//! # Ok::<(), sobria_store::StoreError>(())
//! # }).unwrap();
//! ```

mod accounts;
mod address;
mod assessments;
mod attachments;
mod audit;
mod backup;
mod carriers;
mod catalogue;
mod check;
mod connection;
mod contributions;
mod copy;
mod dialect;
mod digest;
mod entries;
mod entry_files;
mod error;
mod evaluations;
mod file_rows;
mod files;
mod group_commit;
mod hash;
mod import;
mod jobs;
mod lifecycle;
mod link_checks;
mod links;
mod logos;
mod messages;
mod migrate;
mod organisations;
mod outbox;
mod personal;
mod proposals;
mod purchases;
mod ratios;
mod raw_rows;
mod restore;
mod revisions;
mod roadmap;
mod row;
mod settings;
mod sql;
mod sqlite;
mod store;
mod surroundings;
mod terms;
mod use_cases;

pub use crate::accounts::{
    AccountPage, AskedMembership, NewSecret, NewSession, OpenSession, SecondFactor, SecretPurpose,
    SessionLine, Traces,
};
pub use crate::address::Address;
pub use crate::assessments::{Assessment, AssessmentKind, Badge, NewAssessment, Subject};
pub use crate::audit::{AuditEntry, AuditLine};
pub use crate::catalogue::Counts;
pub use crate::check::{CheckReport, Problem};
pub use crate::contributions::{
    Background, ContributionLine, ContributionPage, Created, FullHistory, HistoryStep, QueueCounts,
    QueueFilter, ReviewComment, ReviewedContribution, Saved,
};
pub use crate::copy::CopyReport;
pub use crate::dialect::Dialect;
pub use crate::digest::{DigestPace, Subscriber};
pub use crate::entries::{EntryChange, FoundEntry, NewEntry};
pub use crate::error::{Result, StoreError};
pub use crate::file_rows::Brought;
pub use crate::files::{Files, Hold};
pub use crate::import::{Applied, ApplyOptions, Committed, ImportLine, ImportWriter};
pub use crate::jobs::JobRun;
pub use crate::lifecycle::Decision;
pub use crate::link_checks::LinkCheck;
pub use crate::links::NewLink;
pub use crate::logos::{Logo, LogoProposal, Proposed};
pub use crate::messages::{Message, MessageKind, OpenReport};
pub use crate::organisations::{Carrier, CarrierPage, CarrierWord};
pub use crate::outbox::{Outgoing, QueuedMail};
pub use crate::personal::{
    Adoption, Bookmark, DeclaredUse, Folder, Pace, Reuse, SavedSearch, Shelf, WatchedSearch,
};
pub use crate::proposals::{KeptProposal, Repair, Repaired};
pub use crate::purchases::{
    AnswerFile, Deliverable, DueDeliverable, Joined, MarkedBy, NewSupplier, Purchase, PurchaseEvaluation,
    PurchaseEvent, PurchaseStep, PurchaseText, SupplierAnswer, SupplierLine, Written,
};
pub use crate::roadmap::{
    Appointment, CommitteeDecision, CommitteeReview, IndicatorValue, RoadmapTraces, TrainingSession,
};
pub use crate::settings::{NewSettings, SettingChange};
pub use crate::store::{FILE_NAME, Store};
pub use crate::terms::{Replaced, TermRule};
pub use crate::use_cases::{ChangedRecord, Found, ImportOrigin};
