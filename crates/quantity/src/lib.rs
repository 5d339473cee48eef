//! Physical quantities as types: a number always goes with its unit.
//!
//! Invariants: a quantity is finite and inside the range of its unit, from the moment it exists;
//! an [`Interval`] has its low bound at or below its high bound; only a [`Delta`] may be negative.
//! Sums and products that pass the largest 64-bit number stay at that number, which [`Quantity::is_saturated`]
//! tells apart, so neither infinity nor NaN ever comes out.
//!
//! ```
//! use sobria_quantity::{Hours, KgCo2ePerKwh, Pue, Quantity, Watts};
//!
//! let meter = Watts::try_new(250.0)? * Hours::try_new(8.0)?;
//! let energy = meter * Pue::try_new(1.2)?;
//! let climate = energy * KgCo2ePerKwh::try_new(0.05)?;
//! assert_eq!(energy.to_string(), "2.4 kWh");
//! assert!((climate.get() - 0.12).abs() < 1e-12);
//! # Ok::<(), sobria_quantity::OutOfRange>(())
//! ```
//!
//! Energy and greenhouse gases do not add up:
//!
//! ```compile_fail
//! use sobria_quantity::{KgCo2e, KilowattHours, Quantity};
//!
//! let sum = KilowattHours::try_new(1.0).unwrap() + KgCo2e::try_new(1.0).unwrap();
//! ```
//!
//! Nor do two products without a meaning exist:
//!
//! ```compile_fail
//! use sobria_quantity::{KilowattHours, Quantity};
//!
//! let square = KilowattHours::try_new(2.0).unwrap() * KilowattHours::try_new(2.0).unwrap();
//! ```

mod interval;
mod money;
mod unit;

pub use interval::{Delta, Interval, IntervalError};
pub use money::Euros;
pub use unit::{
    BillionParameters, GCo2e, GCo2ePerKwh, Gigabytes, Hours, KgCo2e, KgCo2ePerKwh, KgSbEq, KgSbEqPerKwh,
    KilowattHours, Litres, LitresPerKwh, Megajoules, MegajoulesPerKwh, OutOfRange, Pue, Quantity, Seconds,
    Share, Tokens, Watts,
};
