//! Money, in whole cents.

use std::iter::Sum;

/// An amount in euros, kept in whole cents; 0 or more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Euros(u64);

impl Euros {
    /// Makes an amount of whole cents.
    ///
    /// ```
    /// use sobria_quantity::Euros;
    ///
    /// assert_eq!(Euros::from_cents(1234).cents(), 1234);
    /// ```
    #[must_use]
    pub const fn from_cents(cents: u64) -> Self {
        Self(cents)
    }

    /// The amount in cents.
    ///
    /// ```
    /// use sobria_quantity::Euros;
    ///
    /// assert_eq!(Euros::from_cents(50).cents(), 50);
    /// ```
    #[must_use]
    pub const fn cents(self) -> u64 {
        self.0
    }

    /// The sum of two amounts; `None` when it passes the largest whole number.
    ///
    /// ```
    /// use sobria_quantity::Euros;
    ///
    /// let cent = Euros::from_cents(1);
    /// assert_eq!(cent.checked_add(cent), Some(Euros::from_cents(2)));
    /// assert_eq!(cent.checked_add(Euros::from_cents(u64::MAX)), None);
    /// ```
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(cents) => Some(Self(cents)),
            None => None,
        }
    }

    /// The amount so many times; `None` when it passes the largest whole number.
    ///
    /// ```
    /// use sobria_quantity::Euros;
    ///
    /// assert_eq!(Euros::from_cents(250).checked_times(4), Some(Euros::from_cents(1000)));
    /// assert_eq!(Euros::from_cents(u64::MAX).checked_times(2), None);
    /// ```
    #[must_use]
    pub const fn checked_times(self, count: u64) -> Option<Self> {
        match self.0.checked_mul(count) {
            Some(cents) => Some(Self(cents)),
            None => None,
        }
    }
}

impl Sum for Euros {
    /// Stays at the largest amount when the sum passes it.
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        Self(amounts.fold(0, |total, amount| total.saturating_add(amount.0)))
    }
}
