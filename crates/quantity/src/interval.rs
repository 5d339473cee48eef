//! A quantity known between two bounds, and the signed difference of two of them.

use std::fmt;
use std::marker::PhantomData;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::{OutOfRange, Quantity};

/// Why two bounds do not make an interval.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum IntervalError {
    /// The low bound is above the high one.
    #[error("the low bound {low} is above the high bound {high}")]
    Reversed {
        /// Low bound given.
        low: f64,
        /// High bound given.
        high: f64,
    },
    /// One bound is not a value of the unit.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
}

/// A quantity between two bounds: low ≤ high. A bracket, without any probability attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval<Q> {
    low: Q,
    high: Q,
}

impl<Q: Copy> Interval<Q> {
    /// An interval of one value, known exactly.
    ///
    /// ```
    /// use sobria_quantity::{Interval, Litres};
    ///
    /// const NOTHING: Interval<Litres> = Interval::at(Litres::ZERO);
    /// assert_eq!(NOTHING.low(), NOTHING.high());
    /// ```
    pub const fn at(value: Q) -> Self {
        Self {
            low: value,
            high: value,
        }
    }
}

impl<Q: Quantity> Interval<Q> {
    /// Makes an interval of two bounds.
    ///
    /// # Errors
    /// When the low bound is above the high one.
    ///
    /// ```
    /// use sobria_quantity::{Interval, KilowattHours, Quantity};
    ///
    /// let (one, two) = (KilowattHours::try_new(1.0)?, KilowattHours::try_new(2.0)?);
    /// assert!(Interval::try_new(one, two).is_ok());
    /// assert!(Interval::try_new(two, one).is_err());
    /// # Ok::<(), sobria_quantity::OutOfRange>(())
    /// ```
    pub fn try_new(low: Q, high: Q) -> Result<Self, IntervalError> {
        if low <= high {
            Ok(Self { low, high })
        } else {
            Err(IntervalError::Reversed {
                low: low.get(),
                high: high.get(),
            })
        }
    }

    /// Makes an interval of two numbers in the unit.
    ///
    /// # Errors
    /// When a number is outside the unit's range, or the low one above the high one.
    ///
    /// ```
    /// use sobria_quantity::{Interval, Pue};
    ///
    /// assert!(Interval::<Pue>::of(1.09, 1.14).is_ok());
    /// assert!(Interval::<Pue>::of(0.5, 1.14).is_err());
    /// ```
    pub fn of(low: f64, high: f64) -> Result<Self, IntervalError> {
        Self::try_new(Q::try_new(low)?, Q::try_new(high)?)
    }

    /// The smallest interval that holds two values, in either order.
    ///
    /// ```
    /// use sobria_quantity::{Interval, Litres, Quantity};
    ///
    /// let spanned = Interval::spanning(Litres::try_new(3.0)?, Litres::try_new(1.0)?);
    /// assert_eq!(spanned.low().get(), 1.0);
    /// # Ok::<(), sobria_quantity::OutOfRange>(())
    /// ```
    pub fn spanning(one: Q, other: Q) -> Self {
        Self {
            low: one.min(other),
            high: one.max(other),
        }
    }

    /// The low bound.
    ///
    /// ```
    /// use sobria_quantity::{Interval, Litres, Quantity};
    ///
    /// assert_eq!(Interval::<Litres>::of(1.0, 2.0).unwrap().low().get(), 1.0);
    /// ```
    pub fn low(self) -> Q {
        self.low
    }

    /// The high bound.
    ///
    /// ```
    /// use sobria_quantity::{Interval, Litres, Quantity};
    ///
    /// assert_eq!(Interval::<Litres>::of(1.0, 2.0).unwrap().high().get(), 2.0);
    /// ```
    pub fn high(self) -> Q {
        self.high
    }

    /// The arithmetic mean of the bounds, in the unit: between them, and finite.
    ///
    /// ```
    /// use sobria_quantity::{Interval, Litres};
    ///
    /// assert_eq!(Interval::<Litres>::of(1.0, 2.0).unwrap().central(), 1.5);
    /// assert_eq!(Interval::<Litres>::of(f64::MAX, f64::MAX).unwrap().central(), f64::MAX);
    /// ```
    pub fn central(self) -> f64 {
        mean(self.low.get(), self.high.get())
    }

    /// Both bounds times a plain number.
    ///
    /// # Errors
    /// When a product leaves the unit's range: a negative or NaN factor, or too large a product.
    ///
    /// ```
    /// use sobria_quantity::{Interval, Litres, Quantity};
    ///
    /// let year = Interval::<Litres>::of(1.0, 2.0).unwrap().times(365.0).unwrap();
    /// assert_eq!(year.high().get(), 730.0);
    /// ```
    pub fn times(self, factor: f64) -> Result<Self, OutOfRange> {
        Ok(Self {
            low: self.low.times(factor)?,
            high: self.high.times(factor)?,
        })
    }

    /// The sum, bound by bound: both low together, both high together.
    ///
    /// ```
    /// use sobria_quantity::{Interval, Litres, Quantity};
    ///
    /// let sum = Interval::<Litres>::of(1.0, 2.0).unwrap().plus(Interval::<Litres>::of(0.5, 0.5).unwrap());
    /// assert_eq!((sum.low().get(), sum.high().get()), (1.5, 2.5));
    /// ```
    #[must_use]
    pub fn plus(self, other: Self) -> Self
    where
        Q: std::ops::Add<Output = Q>,
    {
        Self {
            low: self.low + other.low,
            high: self.high + other.high,
        }
    }

    /// Whether either bound is at the largest number.
    ///
    /// ```
    /// use sobria_quantity::{Interval, Litres};
    ///
    /// assert!(!Interval::<Litres>::of(1.0, 2.0).unwrap().is_saturated());
    /// ```
    pub fn is_saturated(self) -> bool {
        self.high.is_saturated()
    }

    /// How much `other` differs from this one: negative when `other` is smaller.
    /// The range of the difference supposes that the two vary independently: it is the widest one.
    ///
    /// ```
    /// use sobria_quantity::{Interval, Litres};
    ///
    /// let before = Interval::<Litres>::of(2.0, 4.0).unwrap();
    /// let after = Interval::<Litres>::of(1.0, 1.0).unwrap();
    /// let change = before.change_to(after);
    /// assert_eq!((change.low(), change.central(), change.high()), (-3.0, -2.0, -1.0));
    /// ```
    pub fn change_to(self, other: Self) -> Delta<Q> {
        Delta {
            low: other.low.get() - self.high.get(),
            central: other.central() - self.central(),
            high: other.high.get() - self.low.get(),
            unit: PhantomData,
        }
    }

    /// The same when both sides share what is not known, as when only an amount changes: low with low, high with high.
    ///
    /// ```
    /// use sobria_quantity::{Interval, Litres};
    ///
    /// let before = Interval::<Litres>::of(2.0, 8.0).unwrap();
    /// let half = before.times(0.5).unwrap();
    /// let change = before.common_change_to(half);
    /// assert_eq!((change.low(), change.central(), change.high()), (-4.0, -2.5, -1.0));
    /// ```
    pub fn common_change_to(self, other: Self) -> Delta<Q> {
        let (low, high) = (
            other.low.get() - self.low.get(),
            other.high.get() - self.high.get(),
        );
        let (low, high) = (low.min(high), low.max(high));
        Delta {
            low,
            central: (other.central() - self.central()).clamp(low, high),
            high,
            unit: PhantomData,
        }
    }
}

fn mean(low: f64, high: f64) -> f64 {
    let sum = low + high;
    let middle = if sum.is_finite() {
        sum / 2.0
    } else {
        low / 2.0 + high / 2.0
    };
    // Halving the smallest numbers may round below the low bound.
    middle.max(low).min(high)
}

impl<Q: Quantity> fmt::Display for Interval<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.low == self.high {
            write!(f, "{}", self.low)
        } else {
            write!(f, "{} – {}", self.low.get(), self.high)
        }
    }
}

impl<Q: Quantity> Serialize for Interval<Q> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pair = serializer.serialize_struct("Interval", 2)?;
        pair.serialize_field("min", &self.low.get())?;
        pair.serialize_field("max", &self.high.get())?;
        pair.end()
    }
}

/// A signed difference between two intervals of one unit, with its range: low ≤ central ≤ high, all finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Delta<Q> {
    low: f64,
    central: f64,
    high: f64,
    unit: PhantomData<Q>,
}

impl<Q: Quantity> Delta<Q> {
    /// The lowest difference.
    ///
    /// ```
    /// use sobria_quantity::{Interval, Litres};
    ///
    /// let litres = |low, high| Interval::<Litres>::of(low, high).unwrap();
    /// assert_eq!(litres(1.0, 2.0).change_to(litres(4.0, 4.0)).low(), 2.0);
    /// ```
    pub fn low(self) -> f64 {
        self.low
    }

    /// The difference of the central values.
    ///
    /// ```
    /// use sobria_quantity::{Interval, Litres};
    ///
    /// let litres = |low, high| Interval::<Litres>::of(low, high).unwrap();
    /// assert_eq!(litres(1.0, 2.0).change_to(litres(4.0, 4.0)).central(), 2.5);
    /// ```
    pub fn central(self) -> f64 {
        self.central
    }

    /// The highest difference.
    ///
    /// ```
    /// use sobria_quantity::{Interval, Litres};
    ///
    /// let litres = |low, high| Interval::<Litres>::of(low, high).unwrap();
    /// assert_eq!(litres(1.0, 2.0).change_to(litres(4.0, 4.0)).high(), 3.0);
    /// ```
    pub fn high(self) -> f64 {
        self.high
    }

    /// Whether the whole range lies on one side of zero, so that the sign is not in doubt.
    ///
    /// ```
    /// use sobria_quantity::{Interval, Litres};
    ///
    /// let litres = |low, high| Interval::<Litres>::of(low, high).unwrap();
    /// assert!(litres(1.0, 2.0).change_to(litres(4.0, 4.0)).is_certain());
    /// assert!(!litres(1.0, 5.0).change_to(litres(4.0, 4.0)).is_certain());
    /// ```
    pub fn is_certain(self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

impl<Q: Quantity> Serialize for Delta<Q> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut delta = serializer.serialize_struct("Delta", 3)?;
        delta.serialize_field("min", &self.low)?;
        delta.serialize_field("central", &self.central)?;
        delta.serialize_field("max", &self.high)?;
        delta.end()
    }
}
