//! The few conversions between kinds of numbers that the index needs.

/// A document number or a count as an index. Never loses: an index is at least as wide.
pub fn at(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A position in a list as a document number; lists hold fewer than four thousand million entries.
pub fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A score in the width that is kept per document.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "scores are small and their last digits mean nothing"
)]
pub fn narrow(score: f64) -> f32 {
    score as f32
}

/// How rare a word is: near zero when every document holds it.
pub fn rarity(holding: u32, all: u32) -> f32 {
    let (holding, all) = (f64::from(holding), f64::from(all.max(holding)));
    narrow((1.0 + (all - holding + 0.5) / (holding + 0.5)).ln())
}
