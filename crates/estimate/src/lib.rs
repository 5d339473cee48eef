//! Footprint of model requests, of computations and of measured energy, from public reference tables.
//!
//! Pure: no clock, no file, no network, no randomness. The tables are part of the executable, or given as text,
//! and each one is read when a request first needs it.
//!
//! Invariants: an estimate is a bracket of two finite numbers, never negative, or a list of error codes, never zero
//! in place of an answer; every value that was not given is listed with its source; the same request gives the
//! same bytes whatever the door (command, address, batch).
//!
//! ```
//! use sobria_estimate::{Reference, document};
//!
//! let request = r#"{"id":"a","method":"llm_inference",
//!     "input":{"provider":"openai","model":"gpt-4o","output_tokens":250,"zone":"FRA"}}"#;
//! let answer = document::answer(Reference::embedded(), request);
//! assert!(answer.errors.is_empty());
//! assert_eq!(answer.warnings, ["model-arch-not-released", "model-arch-multimodal"]);
//! ```

pub mod alternatives;
pub mod batch;
pub mod code;
pub mod compare;
pub mod compute;
pub mod document;
pub mod electricity;
pub mod equivalents;
pub mod french;
mod json;
pub mod llm;
pub mod measurement;
pub mod perimeter;
pub mod provenance;
pub mod reference;
pub mod service;
pub mod yearly;

pub use code::{Code, sentence};
pub use provenance::{Assumption, ChosenBy};
pub use reference::{REFERENCE_VERSION, Reference};
pub use sobria_quantity as quantity;
