//! Directory of French local authorities, their coordinates, and the base map.
//!
//! Everything is embedded in the executable and read once, when first needed: no file, no network, no clock.
//! The tables and their sources are listed in `reference/README.md`.
//!
//! Invariants: a number that fails its check never becomes a [`siren::Siren`] or a [`siren::Siret`];
//! a name that several authorities share is never resolved to one of them in silence.
//!
//! ```
//! use sobria_territory::Directory;
//!
//! let metz = Directory::embedded().by_siren("215704636").unwrap();
//! assert_eq!(metz.name, "Metz");
//! assert_eq!(metz.kind, "commune");
//! ```

pub mod band;
pub mod departement;
pub mod directory;
pub mod map;
pub mod name;
pub mod siren;

pub use band::Band;
pub use departement::Departement;
pub use directory::{Authority, Directory, Resolution};
