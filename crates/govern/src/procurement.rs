//! Responsible purchase of AI: how deep to ask, 39 questions, clauses, frozen criteria, marks, consensus, documents.
//!
//! [`depth`] proposes how much to ask from what is bought; [`question`] and [`clause`] are the two tables;
//! [`criteria`] holds what is frozen before offers are opened; [`score`] marks, compares and says how sturdy the ranking
//! is; [`consensus`] joins two independent evaluators; [`mod@file`] says what may be done at each stage of a kept file; [`sheet`]
//! and [`declared`] read what suppliers send; [`paper`] makes the documents, and [`summary`] the one that the buyer makes public.
//!
//! The texts are our own and help to prepare: each document says that the legal service must read it.

pub mod clause;
pub mod consensus;
pub mod criteria;
pub mod declared;
pub mod depth;
pub mod file;
pub mod paper;
pub mod question;
pub mod schedule;
pub mod score;
pub mod sheet;
pub mod summary;
pub mod threshold;

/// Version of the questionnaire; it changes with any question, theme or anchor.
pub const VERSION: &str = "2026.1";

/// Something that cannot be done, and what is expected instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// Field of a form; blank for the whole.
    pub field: String,
    /// The sentence.
    pub message: String,
}

impl Problem {
    /// A problem of a field.
    #[must_use]
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}

#[cfg(test)]
mod tests;
