//! Population bands of French territorial law.

/// A band of population.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    /// Fewer than 3 500 inhabitants: below the threshold of the algorithm inventory.
    Under3500,
    /// From 3 500 to 9 999 inhabitants.
    From3500,
    /// From 10 000 to 49 999 inhabitants.
    From10000,
    /// From 50 000 to 99 999 inhabitants: 50 000 is the threshold of the REEN law.
    From50000,
    /// 100 000 inhabitants or more.
    From100000,
}

impl Band {
    /// Every band, smallest first.
    pub const ALL: [Self; 5] = [
        Self::Under3500,
        Self::From3500,
        Self::From10000,
        Self::From50000,
        Self::From100000,
    ];

    /// The band of a population.
    ///
    /// ```
    /// use sobria_territory::Band;
    /// assert_eq!(Band::of(3500), Band::From3500);
    /// ```
    pub const fn of(population: u32) -> Self {
        match population {
            0..3_500 => Self::Under3500,
            3_500..10_000 => Self::From3500,
            10_000..50_000 => Self::From10000,
            50_000..100_000 => Self::From50000,
            _ => Self::From100000,
        }
    }

    /// Stable code.
    ///
    /// ```
    /// assert_eq!(sobria_territory::Band::of(60_000).code(), "50000_100000");
    /// ```
    pub const fn code(self) -> &'static str {
        match self {
            Self::Under3500 => "lt_3500",
            Self::From3500 => "3500_10000",
            Self::From10000 => "10000_50000",
            Self::From50000 => "50000_100000",
            Self::From100000 => "gt_100000",
        }
    }

    /// French label.
    ///
    /// ```
    /// assert_eq!(sobria_territory::Band::of(12).label(), "Moins de 3\u{202f}500 habitants");
    /// ```
    pub const fn label(self) -> &'static str {
        match self {
            Self::Under3500 => "Moins de 3\u{202f}500 habitants",
            Self::From3500 => "De 3\u{202f}500 à 10\u{202f}000 habitants",
            Self::From10000 => "De 10\u{202f}000 à 50\u{202f}000 habitants",
            Self::From50000 => "De 50\u{202f}000 à 100\u{202f}000 habitants",
            Self::From100000 => "Plus de 100\u{202f}000 habitants",
        }
    }

    /// Reads the code.
    ///
    /// ```
    /// use sobria_territory::Band;
    /// assert_eq!(Band::by_code("lt_3500"), Some(Band::Under3500));
    /// assert_eq!(Band::by_code("3500"), None);
    /// ```
    pub fn by_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|band| band.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_belong_to_the_band_above() {
        for (population, code) in [
            (0, "lt_3500"),
            (3_499, "lt_3500"),
            (3_500, "3500_10000"),
            (10_000, "10000_50000"),
            (50_000, "50000_100000"),
            (100_000, "gt_100000"),
            (u32::MAX, "gt_100000"),
        ] {
            assert_eq!(Band::of(population).code(), code, "{population}");
            assert_eq!(Band::by_code(code), Some(Band::of(population)));
        }
    }
}
