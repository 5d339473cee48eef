//! Numbers of an evaluation: a bracket with its centre, and the difference of two of them.

use serde::Serialize;

use super::Indicator;
use crate::code::Code;

pub(crate) const TOO_LARGE: Code = Code::Borrowed("result-too-large");

/// Three finite numbers of one indicator: 0 ≤ low ≤ central ≤ high.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Range {
    low: f64,
    central: f64,
    high: f64,
    unit: &'static str,
}

impl Range {
    /// Makes a bracket; `None` when a number is negative, infinite or NaN, or when they are not in order.
    ///
    /// ```
    /// use sobria_estimate::service::{Indicator, Range};
    ///
    /// assert!(Range::of(Indicator::Energy, 1.0, 2.0, 3.0).is_some());
    /// assert!(Range::of(Indicator::Energy, 2.0, 1.0, 3.0).is_none());
    /// assert!(Range::of(Indicator::Energy, -1.0, 1.0, 3.0).is_none());
    /// ```
    #[must_use]
    pub fn of(indicator: Indicator, low: f64, central: f64, high: f64) -> Option<Self> {
        let ordered = 0.0 <= low && low <= central && central <= high && high.is_finite();
        ordered.then_some(Self {
            low,
            central,
            high,
            unit: indicator.unit(),
        })
    }

    /// Makes a bracket of a centre that rounding may have put just outside its bounds.
    pub(crate) fn around(indicator: Indicator, low: f64, central: f64, high: f64) -> Result<Self, Code> {
        Self::of(indicator, low.min(central), central, high.max(central)).ok_or(TOO_LARGE)
    }

    /// The low bound.
    ///
    /// ```
    /// use sobria_estimate::service::{Indicator, Range};
    ///
    /// assert_eq!(Range::of(Indicator::Water, 1.0, 2.0, 3.0).unwrap().low(), 1.0);
    /// ```
    #[must_use]
    pub const fn low(self) -> f64 {
        self.low
    }

    /// The central value.
    ///
    /// ```
    /// use sobria_estimate::service::{Indicator, Range};
    ///
    /// assert_eq!(Range::of(Indicator::Water, 1.0, 2.0, 3.0).unwrap().central(), 2.0);
    /// ```
    #[must_use]
    pub const fn central(self) -> f64 {
        self.central
    }

    /// The high bound.
    ///
    /// ```
    /// use sobria_estimate::service::{Indicator, Range};
    ///
    /// assert_eq!(Range::of(Indicator::Water, 1.0, 2.0, 3.0).unwrap().high(), 3.0);
    /// ```
    #[must_use]
    pub const fn high(self) -> f64 {
        self.high
    }

    /// The unit of the three numbers.
    ///
    /// ```
    /// use sobria_estimate::service::{Indicator, Range};
    ///
    /// assert_eq!(Range::of(Indicator::Water, 1.0, 2.0, 3.0).unwrap().unit(), "L");
    /// ```
    #[must_use]
    pub const fn unit(self) -> &'static str {
        self.unit
    }

    fn each(self, by: impl Fn(f64) -> f64) -> Result<Self, Code> {
        let made = Self {
            low: by(self.low),
            central: by(self.central),
            high: by(self.high),
            unit: self.unit,
        };
        if made.low >= 0.0 && made.high.is_finite() {
            Ok(made)
        } else {
            Err(TOO_LARGE)
        }
    }

    pub(crate) fn times(self, factor: f64) -> Result<Self, Code> {
        self.each(|value| value * factor)
    }

    pub(crate) fn over(self, divisor: f64) -> Result<Self, Code> {
        self.each(|value| value / divisor)
    }

    /// The sum of two brackets of the same indicator, bound by bound.
    pub(crate) fn plus(self, other: Self) -> Result<Self, Code> {
        Self {
            low: self.low + other.low,
            central: self.central + other.central,
            high: self.high + other.high,
            unit: self.unit,
        }
        .each(|value| value)
    }

    pub(crate) fn signed(self) -> Change {
        Change {
            low: self.low,
            central: self.central,
            high: self.high,
            unit: self.unit,
        }
    }

    /// From this bracket to another: negative where the other is smaller; the widest range.
    pub(crate) fn change_to(self, other: Self) -> Change {
        Change {
            low: other.low - self.high,
            central: other.central - self.central,
            high: other.high - self.low,
            unit: self.unit,
        }
    }
}

/// Adds a bracket to a sum that may not have begun.
pub(crate) fn add(sum: &mut Option<Range>, part: Range) -> Result<(), Code> {
    *sum = Some(match *sum {
        Some(sum) => sum.plus(part)?,
        None => part,
    });
    Ok(())
}

/// A signed difference and its range, in order as comparisons and rebounds make it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Change {
    /// The lowest difference.
    pub low: f64,
    /// The difference of the central values.
    pub central: f64,
    /// The highest difference.
    pub high: f64,
    /// Their unit.
    pub unit: &'static str,
}

impl Change {
    /// The difference of a quantity that is the same on both sides, so many times more or less.
    pub(crate) fn scaled(self, factor: f64) -> Self {
        // Adding zero turns minus zero into zero.
        let [one, central, other] = [self.low, self.central, self.high].map(|value| value * factor + 0.0);
        Self {
            low: one.min(other),
            central,
            high: one.max(other),
            unit: self.unit,
        }
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            low: self.low + other.low,
            central: self.central + other.central,
            high: self.high + other.high,
            unit: self.unit,
        }
    }

    pub(crate) fn is_finite(self) -> bool {
        self.low.is_finite() && self.central.is_finite() && self.high.is_finite()
    }

    /// Whether the whole range lies on one side of zero, so that the sign is not in doubt.
    ///
    /// ```
    /// use sobria_estimate::service::Change;
    ///
    /// let change = Change { low: -3.0, central: -2.0, high: -1.0, unit: "kWh" };
    /// assert!(change.is_certain());
    /// ```
    #[must_use]
    pub fn is_certain(self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}
