//! Full text search and facets over the published records of the library.
//!
//! The index is a cache: it holds nothing that cannot be rebuilt from the store, says which revision of the
//! catalogue it shows, and an index that cannot be read is replaced by an empty one. It answers with identifiers;
//! records themselves come from the store.
//!
//! - [`Index`] opens, writes and answers; [`Builder`] takes records one by one while they are being stored.
//! - Text is analysed as French: accents, plurals, elisions, near spellings, other wordings (`synonyms.txt`),
//!   phrases between quotes. What a reader types never reaches the engine as a query.
//! - What only members may read is kept apart from what everyone may read, word by word: a visitor's question
//!   touches public words only, and facets on other fields are closed to visitors.
//!
//! Invariants:
//! - a field that a reader may not read changes nothing of the answer: no result, count, order or suggestion;
//! - the same records and question give the same answer, however the index came about.

mod analyse;
mod bits;
mod error;
mod facet;
mod find;
mod highlight;
mod ids;
mod index;
mod labels;
mod lexicon;
mod matching;
mod num;
mod question;
mod schema;
mod similar;
mod snapshot;
mod synonyms;
mod typo;
mod writer;

pub use analyse::is_stop_word;
pub use error::{Result, SearchError};
pub use find::{FacetCounts, Found, OrganisationHits};
pub use highlight::{Highlighter, highlight};
pub use index::Index;
pub use schema::Entry;
pub use writer::Builder;
