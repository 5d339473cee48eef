//! The units, and the products between them that mean something.

use std::cmp::Ordering;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Mul};

use serde::{Serialize, Serializer};

/// A number that a unit does not take.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{value} is not a value of {unit}: expected a finite number from {low} to {high}")]
pub struct OutOfRange {
    /// Name of the unit.
    pub unit: &'static str,
    /// The number given.
    pub value: f64,
    /// Smallest number taken.
    pub low: f64,
    /// Largest number taken.
    pub high: f64,
}

/// What every unit can do.
pub trait Quantity: Copy + Ord + fmt::Debug + fmt::Display {
    /// Name of the type, for messages.
    const NAME: &'static str;
    /// Symbol written after the number; empty for a plain ratio.
    const SYMBOL: &'static str;
    /// Smallest number taken.
    const LOW: f64;
    /// Largest number taken.
    const HIGH: f64;

    /// Makes a quantity of a number.
    ///
    /// # Errors
    /// When the number is infinite, NaN, below [`Quantity::LOW`] or above [`Quantity::HIGH`].
    ///
    /// ```
    /// use sobria_quantity::{KilowattHours, Pue, Quantity};
    ///
    /// assert!(KilowattHours::try_new(0.0).is_ok());
    /// assert!(KilowattHours::try_new(-1.0).is_err());
    /// assert!(KilowattHours::try_new(f64::NAN).is_err());
    /// assert!(Pue::try_new(0.9).is_err());
    /// ```
    fn try_new(value: f64) -> Result<Self, OutOfRange>;

    /// The number, in the unit.
    ///
    /// ```
    /// use sobria_quantity::{Quantity, Watts};
    ///
    /// assert_eq!(Watts::try_new(700.0)?.get(), 700.0);
    /// # Ok::<(), sobria_quantity::OutOfRange>(())
    /// ```
    fn get(self) -> f64;

    /// The quantity times a plain number.
    ///
    /// # Errors
    /// When the product leaves the range of the unit: a negative, infinite or NaN factor, or too large a product.
    ///
    /// ```
    /// use sobria_quantity::{Litres, Quantity};
    ///
    /// let glass = Litres::try_new(0.2)?;
    /// assert_eq!(glass.times(5.0)?.get(), 1.0);
    /// assert!(glass.times(-1.0).is_err());
    /// assert!(Litres::try_new(f64::MAX)?.times(2.0).is_err());
    /// # Ok::<(), sobria_quantity::OutOfRange>(())
    /// ```
    fn times(self, factor: f64) -> Result<Self, OutOfRange> {
        Self::try_new(self.get() * factor)
    }

    /// Whether a sum or a product reached the largest number, which then means "at least this much".
    ///
    /// ```
    /// use sobria_quantity::{KilowattHours, Quantity};
    ///
    /// let most = KilowattHours::try_new(1.5e308)?;
    /// assert!((most + most).is_saturated());
    /// assert!(!most.is_saturated());
    /// # Ok::<(), sobria_quantity::OutOfRange>(())
    /// ```
    fn is_saturated(self) -> bool {
        self.get() >= f64::MAX
    }
}

/// A sum or product of quantities: what passes the largest number stays there.
fn saturated(value: f64) -> f64 {
    if value < f64::MAX { value } else { f64::MAX }
}

macro_rules! units {
    ($($(#[$doc:meta])* $name:ident, $symbol:literal, $low:expr, $high:expr;)+) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name(f64);

        impl Quantity for $name {
            const NAME: &'static str = stringify!($name);
            const SYMBOL: &'static str = $symbol;
            const LOW: f64 = $low;
            const HIGH: f64 = $high;

            fn try_new(value: f64) -> Result<Self, OutOfRange> {
                if ($low..=$high).contains(&value) {
                    // Minus zero becomes zero.
                    Ok(Self(value + 0.0))
                } else {
                    Err(OutOfRange { unit: Self::NAME, value, low: $low, high: $high })
                }
            }

            fn get(self) -> f64 {
                self.0
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.cmp(other) == Ordering::Equal
            }
        }

        impl Eq for $name {}

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                self.0.total_cmp(&other.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                if $symbol.is_empty() {
                    write!(f, "{}", self.0)
                } else {
                    write!(f, "{} {}", self.0, $symbol)
                }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_f64(self.0)
            }
        }
    )+ };
}

/// Units whose values add up.
macro_rules! amounts {
    ($($(#[$doc:meta])* $name:ident, $symbol:literal;)+) => {
        units! { $($(#[$doc])* $name, $symbol, 0.0, f64::MAX;)+ }
        $(
            impl $name {
                /// Nothing of it.
                pub const ZERO: Self = Self(0.0);
            }

            impl Add for $name {
                type Output = Self;

                fn add(self, other: Self) -> Self {
                    Self(saturated(self.0 + other.0))
                }
            }

            impl Sum for $name {
                fn sum<I: Iterator<Item = Self>>(values: I) -> Self {
                    values.fold(Self::ZERO, Self::add)
                }
            }
        )+
    };
}

amounts! {
    /// Electricity, in kilowatt-hours; 0 or more.
    KilowattHours, "kWh";
    /// Power, in watts; 0 or more.
    Watts, "W";
    /// Duration, in hours; 0 or more.
    Hours, "h";
    /// Duration, in seconds; 0 or more.
    Seconds, "s";
    /// Memory, in gigabytes (10⁹ bytes); 0 or more.
    Gigabytes, "GB";
    /// Greenhouse gases, in kilogrammes of CO₂ equivalent; 0 or more.
    KgCo2e, "kg CO₂e";
    /// Greenhouse gases, in grammes of CO₂ equivalent; 0 or more.
    GCo2e, "g CO₂e";
    /// Depletion of abiotic resources (elements), in kilogrammes of antimony equivalent; 0 or more.
    KgSbEq, "kg Sb eq";
    /// Primary energy, in megajoules; 0 or more.
    Megajoules, "MJ";
    /// Water consumed, in litres; 0 or more.
    Litres, "L";
    /// Size of a model, in billions (10⁹) of parameters; 0 or more.
    BillionParameters, "B";
    /// Tokens read or written by a language model; 0 or more, fractions allowed for means.
    Tokens, "tokens";
}

units! {
    /// Greenhouse gases of one kilowatt-hour, in kilogrammes of CO₂ equivalent; 0 or more.
    KgCo2ePerKwh, "kg CO₂e/kWh", 0.0, f64::MAX;
    /// Greenhouse gases of one kilowatt-hour, in grammes of CO₂ equivalent; 0 or more.
    GCo2ePerKwh, "g CO₂e/kWh", 0.0, f64::MAX;
    /// Water consumed for one kilowatt-hour, in litres; 0 or more.
    LitresPerKwh, "L/kWh", 0.0, f64::MAX;
    /// Abiotic depletion of one kilowatt-hour, in kilogrammes of antimony equivalent; 0 or more.
    KgSbEqPerKwh, "kg Sb eq/kWh", 0.0, f64::MAX;
    /// Primary energy of one kilowatt-hour, in megajoules; 0 or more.
    MegajoulesPerKwh, "MJ/kWh", 0.0, f64::MAX;
    /// Power usage effectiveness: energy of the data centre over energy of its machines; 1 or more.
    Pue, "", 1.0, f64::MAX;
    /// Part of a whole, from 0 to 1.
    Share, "", 0.0, 1.0;
}

macro_rules! products {
    ($($left:ident * $right:ident = $product:ident $(, over $divisor:literal)?;)+) => { $(
        impl Mul<$right> for $left {
            type Output = $product;

            fn mul(self, other: $right) -> $product {
                $product(saturated(self.0 * other.0 $( / $divisor)?))
            }
        }
    )+ };
}

products! {
    Watts * Hours = KilowattHours, over 1000.0;
    Watts * Share = Watts;
    KilowattHours * Pue = KilowattHours;
    KilowattHours * KgCo2ePerKwh = KgCo2e;
    KilowattHours * GCo2ePerKwh = GCo2e;
    KilowattHours * LitresPerKwh = Litres;
    KilowattHours * KgSbEqPerKwh = KgSbEq;
    KilowattHours * MegajoulesPerKwh = Megajoules;
}

impl From<GCo2e> for KgCo2e {
    fn from(grammes: GCo2e) -> Self {
        Self(grammes.0 / 1000.0)
    }
}

impl From<Seconds> for Hours {
    fn from(seconds: Seconds) -> Self {
        Self(seconds.0 / 3600.0)
    }
}
