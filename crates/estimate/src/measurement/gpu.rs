//! Energy counters of graphics boards.

use crate::measurement::number::of_u64;
use crate::measurement::power::JOULES_PER_KWH;

/// Two readings of the counter of one board, in millijoules since its driver was loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    /// First reading.
    pub start_mj: u64,
    /// Last reading.
    pub end_mj: u64,
}

impl Counter {
    /// Millijoules between the readings; none after a drop, which means that the driver was loaded again.
    ///
    /// ```
    /// use sobria_estimate::measurement::gpu::Counter;
    ///
    /// assert_eq!(Counter { start_mj: 1000, end_mj: 351_000 }.gain_mj(), Some(350_000));
    /// assert_eq!(Counter { start_mj: 900_000, end_mj: 1200 }.gain_mj(), None);
    /// ```
    #[must_use]
    pub const fn gain_mj(self) -> Option<u64> {
        self.end_mj.checked_sub(self.start_mj)
    }
}

/// Kilowatt-hours of several boards; none when one of them has no sound reading.
///
/// ```
/// use sobria_estimate::measurement::gpu::{Counter, energy_kwh};
///
/// let board = Counter { start_mj: 0, end_mj: 3_600_000_000 };
/// assert_eq!(energy_kwh(&[board, board]), Some(2.0));
/// ```
#[must_use]
pub fn energy_kwh(boards: &[Counter]) -> Option<f64> {
    boards
        .iter()
        .try_fold(0_u64, |sum, board| sum.checked_add(board.gain_mj()?))
        .map(|mj| of_u64(mj) / 1000.0 / JOULES_PER_KWH)
}
