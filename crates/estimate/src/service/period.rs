//! The period that an evaluation covers, in civil dates given by the caller.

use serde::Serialize;

/// Two civil dates in order, written `YYYY-MM-DD`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Period {
    start: String,
    end: String,
}

impl Period {
    /// Makes a period of two dates, or of two years: the first day of one, the last day of the other.
    ///
    /// `None` when a text is neither, or when the end comes before the start.
    ///
    /// ```
    /// use sobria_estimate::service::Period;
    ///
    /// let year = Period::of("2025", "2025").unwrap();
    /// assert_eq!((year.start(), year.end()), ("2025-01-01", "2025-12-31"));
    /// assert!(Period::of("2025-02-29", "2026").is_none());
    /// assert!(Period::of("2026", "2025").is_none());
    /// ```
    #[must_use]
    pub fn of(start: &str, end: &str) -> Option<Self> {
        let start = day(start, "-01-01")?;
        let end = day(end, "-12-31")?;
        // Dates written with four, two and two digits come in the order of their texts.
        (start <= end).then_some(Self { start, end })
    }

    /// The first day.
    ///
    /// ```
    /// use sobria_estimate::service::Period;
    ///
    /// assert_eq!(Period::of("2025-03-01", "2025").unwrap().start(), "2025-03-01");
    /// ```
    #[must_use]
    pub fn start(&self) -> &str {
        &self.start
    }

    /// The last day.
    ///
    /// ```
    /// use sobria_estimate::service::Period;
    ///
    /// assert_eq!(Period::of("2025-03-01", "2025").unwrap().end(), "2025-12-31");
    /// ```
    #[must_use]
    pub fn end(&self) -> &str {
        &self.end
    }

    /// Whether this period ends before the other begins.
    ///
    /// ```
    /// use sobria_estimate::service::Period;
    ///
    /// let (one, two) = (Period::of("2025", "2025").unwrap(), Period::of("2026", "2026").unwrap());
    /// assert!(one.is_before(&two) && !two.is_before(&one) && !one.is_before(&one));
    /// ```
    #[must_use]
    pub fn is_before(&self, other: &Self) -> bool {
        self.end < other.start
    }
}

fn day(text: &str, rest_of_year: &str) -> Option<String> {
    let mut parts = text.split('-');
    let year = number(parts.next()?, 4)?;
    let Some(month) = parts.next() else {
        return Some(format!("{text}{rest_of_year}"));
    };
    let month = number(month, 2)?;
    let day = number(parts.next()?, 2)?;
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    ((1..=last).contains(&day) && parts.next().is_none()).then(|| text.to_owned())
}

fn number(text: &str, digits: usize) -> Option<u32> {
    let plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}
