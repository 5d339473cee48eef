//! Values of an indicator over time. A value is never overwritten: a later one of the same period stands before it.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The year, or the month, that a value is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    year: i16,
    month: Option<i8>,
}

/// Something that is not a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Attendu\u{a0}: une année comme 2026, ou un mois comme 2026-03, entre 1990 et 2100.")]
pub struct InvalidPeriod;

impl Period {
    /// A year.
    ///
    /// # Errors
    /// Outside of 1990 to 2100.
    pub fn of_year(year: i16) -> Result<Self, InvalidPeriod> {
        if (1990..=2100).contains(&year) {
            Ok(Self { year, month: None })
        } else {
            Err(InvalidPeriod)
        }
    }

    /// The month of a day.
    ///
    /// # Errors
    /// Outside of 1990 to 2100.
    pub fn of_month(day: Date) -> Result<Self, InvalidPeriod> {
        Ok(Self {
            month: Some(day.month()),
            ..Self::of_year(day.year())?
        })
    }

    /// Its year.
    #[must_use]
    pub const fn year(self) -> i16 {
        self.year
    }

    /// Its last day.
    #[must_use]
    pub fn last_day(self) -> Date {
        let month = self.month.unwrap_or(12);
        Date::new(self.year, month, 1).map_or(Date::MAX, Date::last_of_month)
    }

    /// Months begun from its last day to a day; 0 for a period that is not over. Periods end with a month, so that a
    /// begun month counts from its first day.
    #[must_use]
    pub fn age(self, today: Date) -> u32 {
        let last = self.last_day();
        let months = (i32::from(today.year()) - i32::from(last.year())) * 12 + i32::from(today.month())
            - i32::from(last.month());
        u32::try_from(months).unwrap_or(0)
    }
}

impl FromStr for Period {
    type Err = InvalidPeriod;

    /// Reads `2026`, `2026-03` and `03/2026`.
    fn from_str(text: &str) -> Result<Self, InvalidPeriod> {
        let text = text.trim();
        let (year, month) = match (text.split_once('-'), text.split_once('/')) {
            (Some((year, month)), _) | (None, Some((month, year))) => (year, Some(month)),
            (None, None) => (text, None),
        };
        if year.len() != 4 {
            return Err(InvalidPeriod);
        }
        let year = Self::of_year(year.parse().ok().ok_or(InvalidPeriod)?)?;
        let month = month
            .map(|month| {
                let month: i8 = month.parse().ok().ok_or(InvalidPeriod)?;
                (1..=12).contains(&month).then_some(month).ok_or(InvalidPeriod)
            })
            .transpose()?;
        Ok(Self { month, ..year })
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.month {
            Some(month) => write!(f, "{:04}-{month:02}", self.year),
            None => write!(f, "{:04}", self.year),
        }
    }
}

/// How a value came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// Read on an instrument.
    Measured,
    /// Worked out from measures or records.
    Calculated,
    /// Worked out from a model.
    Estimated,
    /// Said by somebody.
    #[default]
    Declared,
}

impl Quality {
    /// Every quality, the surest first.
    pub const ALL: [Self; 4] = [Self::Measured, Self::Calculated, Self::Estimated, Self::Declared];

    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Calculated => "calculated",
            Self::Estimated => "estimated",
            Self::Declared => "declared",
        }
    }

    /// Words for pages.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Measured => "Mesuré",
            Self::Calculated => "Calculé",
            Self::Estimated => "Estimé",
            Self::Declared => "Déclaré",
        }
    }

    /// The quality of a code, or of the words of a file.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        let key = sobria_catalogue::text::fold_key(text);
        Self::ALL
            .into_iter()
            .find(|quality| quality.code() == key || sobria_catalogue::text::fold_key(quality.label()) == key)
    }
}

/// One value of an indicator.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// The period.
    pub period: Period,
    /// The value, in the unit of the indicator.
    pub value: f64,
    /// Low bound, when it is not exact.
    pub low: Option<f64>,
    /// High bound.
    pub high: Option<f64>,
    /// How it came about.
    pub quality: Quality,
    /// Which baseline of the objective it is compared with, from 0.
    pub baseline: u32,
    /// What it stands on; blank when nothing was said.
    pub evidence: String,
}

/// The value that stands for each period under a baseline, oldest period first. `values` are in the order in which
/// they were kept.
#[must_use]
pub fn standing(values: &[Value], baseline: u32) -> Vec<&Value> {
    let mut kept: std::collections::BTreeMap<Period, &Value> = std::collections::BTreeMap::new();
    for value in values.iter().filter(|value| value.baseline == baseline) {
        kept.insert(value.period, value);
    }
    let mut list: Vec<&Value> = kept.into_values().collect();
    // A year ends with its last month.
    list.sort_by_key(|value| value.period.last_day());
    list
}
