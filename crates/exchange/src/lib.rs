//! File formats in and out: CSV, XLSX, ODS, JSON, NDJSON, GeoJSON, Atom, JSON-LD, ODT, DOCX, schemas.
//!
//! Bytes in, values out: no SQL, no HTTP, no clock, no file is opened here.
//! An import is [`read::read`], then [`plan::plan`]: both are pure, so that a dry run and a real one cannot differ.
//!
//! Invariants:
//! - a repair is never silent: each one is an issue with the value before and after;
//! - exports take nothing but [`sobria_catalogue::access::VisibleUseCase`], field by field from an allow-list;
//! - a native file read back gives the records it was made from.
//!
//! ```
//! use sobria_exchange::read::{ReadOptions, read};
//!
//! let error = read(b"Internal Server Error", "export.csv", &ReadOptions::default()).unwrap_err();
//! assert_eq!(error.code(), "not_a_table");
//! ```

pub mod aliases;
pub mod attachment;
pub mod cell;
pub mod error;
pub mod export;
pub mod lines;
pub mod measurements;
pub mod paper;
pub mod plan;
pub mod read;
pub mod report;
pub mod schema;
pub mod table;
