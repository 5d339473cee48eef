//! Records, vocabularies, validation and visibility of the library.
//!
//! This crate is pure: it holds no SQL, no HTTP, no file access, no clock and no source of randomness.
//! "Now" and new identifiers are arguments. What it decides, it decides for every channel at once:
//! [`field::FIELDS`] declares each field of a use case once (identifier, French column, type,
//! requirement, visibility, help), and validation, the data-model page, the JSON Schema, the Table
//! Schema, exports and import templates are derived from that table.
//!
//! Invariants:
//! - a field without a declared visibility is shown to nobody but moderators;
//! - only [`access::redact`] makes a [`access::VisibleUseCase`], and only that type is rendered;
//! - a vocabulary code that is not in the embedded tables never reaches a record.
//!
//! ```
//! use sobria_catalogue::vocabulary::{Vocabularies, VocabularyId};
//!
//! let vocabularies = Vocabularies::embedded();
//! let theme = vocabularies.get(VocabularyId::Theme).find("Transition écologique").unwrap();
//! assert_eq!(theme.code, "transition");
//! ```

pub mod access;
pub mod account;
pub mod attachment;
pub mod completeness;
pub mod content;
pub mod diff;
pub mod draft;
pub mod duplicate;
pub mod entry;
pub mod evaluation;
pub mod field;
pub mod id;
pub mod import;
pub mod link;
pub mod organisation;
pub mod partial_date;
pub mod proposal;
pub mod query;
pub mod review;
pub mod rights;
pub mod surroundings;
pub mod text;
pub mod use_case;
pub mod validate;
pub mod vocabulary;
pub mod workflow;
