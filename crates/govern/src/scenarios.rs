//! Scenarios of electricity: data centres of the world until 2035, and the uses of one organisation.
//!
//! [`figures`] holds what was published, each figure with its source, year and perimeter, and [`contradictions`] what
//! does not agree. [`growth`] holds the arithmetic of data centres, [`local`] the projection of an organisation's own
//! uses, always with three curves of rebound, and [`chance`] how far those curves may be wrong.
//!
//! A share published by one source is never multiplied with a total of another in silence: see [`figures::cross`].

pub mod chance;
pub mod figures;
pub mod growth;
pub mod local;

pub use figures::{Contradiction, contradictions};

/// A year as a number.
fn years(from: i16, to: i16) -> f64 {
    f64::from(to) - f64::from(from)
}

#[cfg(test)]
mod tests;
