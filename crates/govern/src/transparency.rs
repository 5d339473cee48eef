//! Transparency of an AI project or of a public algorithm: a presumed class, duties, a public sheet, an inventory.
//!
//! [`question::QUESTIONS`] is the one table of what is asked beyond the record. [`classify`] follows the decision tree,
//! [`duties`] says which duties follow and which answers meet them, [`crpa`] the rules on public algorithms,
//! [`sheet`] the public sheet with what it lacks, [`inventory`] the line of the inventory.
//! Nothing here is legal advice: the words are « présumé », never « conforme ».

mod crpa;
mod duty;
mod inventory;
mod legal;
mod paper;
mod plain;
pub mod question;
mod register;
mod risk;
mod sheet;
mod value;

pub use crpa::{Crpa, Mention, NULLITY_SINCE, Situation, crpa, mention};
pub use duty::{DUTIES, Duty, DutyOutcome, duties};
pub use inventory::{COLUMNS, row as inventory};
pub use legal::{CHECKED_ON, LEGAL, LegalEntry, THRESHOLDS, Threshold, to_come};
pub use paper::document;
pub use plain::{PlainAlert, plain_language};
pub use question::Problem;
pub use register::{RegisterPoint, RegisterSection, register};
pub use risk::{Presumption, RiskClass, Trigger, classify, dpia};
pub use sheet::{Audience, Line, Section, Sheet, sheet};
pub use value::{Dossier, Facts, Origin, Sourced};

#[cfg(test)]
mod tests;
