//! Footprints estimated for a record: what was asked, what was answered, and who may read it.

pub mod ratio;

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::access::Level;
use crate::id::{EvaluationId, UseCaseId};

pub use ratio::{MeasuredRatio, NotComparable, Perimeter};

/// Who may read an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Anyone.
    Public,
    /// Registered agents.
    Member,
}

impl Reach {
    /// Every reach.
    pub const ALL: [Self; 2] = [Self::Public, Self::Member];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Member => "member",
        }
    }

    /// The reach of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reach| reach.code() == code)
    }

    /// What a reader of this level may read: the only place that says so.
    ///
    /// ```
    /// use sobria_catalogue::access::Level;
    /// use sobria_catalogue::evaluation::Reach;
    ///
    /// assert_eq!(Reach::open_to(Level::Public), [Reach::Public]);
    /// ```
    pub const fn open_to(level: Level) -> &'static [Self] {
        match level {
            Level::Public => &[Self::Public],
            Level::Member | Level::Organisation | Level::Moderator => &Self::ALL,
        }
    }
}

/// An amount of a year between two bounds, with the figure to quote when one is wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Amount {
    /// Low bound.
    pub low: f64,
    /// Central figure.
    pub central: f64,
    /// High bound.
    pub high: f64,
}

/// An estimate attached to a record, as it was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Identifier.
    pub id: EvaluationId,
    /// The record.
    pub use_case: UseCaseId,
    /// What was estimated: "Réponses aux habitants en 2026".
    pub title: String,
    /// Who may read it.
    pub reach: Reach,
    /// How many times a year the request is made.
    pub requests_per_year: u64,
    /// The request, a JSON document.
    pub request: String,
    /// The answer, a JSON document.
    pub answer: String,
    /// Method of the request.
    pub method: String,
    /// Version of the method.
    pub method_version: String,
    /// Edition of the tables.
    pub reference_version: String,
    /// How far it can be trusted, from A to D, when the method says so.
    pub grade: Option<String>,
    /// Electricity of a year, in kWh.
    pub energy_kwh: Amount,
    /// Greenhouse gases of a year, in kg CO₂e.
    pub gwp_kg: Amount,
    /// When it was made.
    pub made_at: Timestamp,
    /// Who made it; for the audit trail, never shown to visitors.
    pub author: String,
}

/// How the footprint of a record was found, its evaluations taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Evaluated {
    /// By an estimate.
    pub estimated: bool,
    /// By a measure.
    pub measured: bool,
}

impl Evaluated {
    /// The codes of the facet, in order.
    pub const CODES: [&'static str; 2] = ["estimated", "measured"];

    /// The codes that hold.
    ///
    /// ```
    /// use sobria_catalogue::evaluation::Evaluated;
    ///
    /// let both = Evaluated { estimated: true, measured: true };
    /// assert!(both.codes().eq(Evaluated::CODES));
    /// assert_eq!(Evaluated::default().codes().count(), 0);
    /// ```
    pub fn codes(self) -> impl Iterator<Item = &'static str> {
        Self::CODES
            .into_iter()
            .zip([self.estimated, self.measured])
            .filter_map(|(code, holds)| holds.then_some(code))
    }

    /// Takes in an evaluation made by this method.
    pub fn add(&mut self, method: &str) {
        if is_measure(method) {
            self.measured = true;
        } else {
            self.estimated = true;
        }
    }
}

fn is_measure(method: &str) -> bool {
    method == "measurement"
}

impl Evaluation {
    /// Whether it was measured, rather than estimated.
    pub fn is_measured(&self) -> bool {
        is_measure(&self.method)
    }
}

/// What the card of a record shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Footprint {
    /// Greenhouse gases of a year of the newest evaluation, in kg CO₂e.
    pub gwp_kg: Amount,
    /// Older evaluations of the same record.
    pub others: u64,
}

/// What the statistics need of one evaluation.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// The record.
    pub use_case: UseCaseId,
    /// Central greenhouse gases of a year, in kg CO₂e.
    pub gwp_kg: f64,
    /// Central electricity of a year, in kWh.
    pub energy_kwh: f64,
    /// From A to D.
    pub grade: Option<String>,
}

/// Least, middle and greatest of a list of figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Least.
    pub least: f64,
    /// Middle: the mean of the two middle ones of an even list.
    pub median: f64,
    /// Greatest.
    pub greatest: f64,
}

/// What the evaluations of the library say together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Statistics {
    /// Records that carry at least one.
    pub records: u64,
    /// Evaluations.
    pub evaluations: u64,
    /// Greenhouse gases of a year, in kg CO₂e; none without an evaluation.
    pub gwp_kg: Option<Spread>,
    /// Electricity of a year, in kWh.
    pub energy_kwh: Option<Spread>,
    /// Evaluations by grade, best first; those whose method gives none stand last.
    pub grades: Vec<(Option<String>, u64)>,
}

/// Sums up figures.
pub fn statistics(figures: &[Figure]) -> Statistics {
    let records: BTreeSet<UseCaseId> = figures.iter().map(|figure| figure.use_case).collect();
    let mut grades: Vec<(Option<String>, u64)> = Vec::new();
    for figure in figures {
        match grades.iter_mut().find(|(grade, _)| *grade == figure.grade) {
            Some((_, count)) => *count += 1,
            None => grades.push((figure.grade.clone(), 1)),
        }
    }
    grades.sort_by_key(|(grade, _)| (grade.is_none(), grade.clone()));
    let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    Statistics {
        records: count(records.len()),
        evaluations: count(figures.len()),
        gwp_kg: spread(figures.iter().map(|figure| figure.gwp_kg).collect()),
        energy_kwh: spread(figures.iter().map(|figure| figure.energy_kwh).collect()),
        grades,
    }
}

pub(crate) fn spread(mut figures: Vec<f64>) -> Option<Spread> {
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    let upper = *figures.get(middle)?;
    let lower = if figures.len().is_multiple_of(2) {
        *figures.get(middle.saturating_sub(1))?
    } else {
        upper
    };
    Some(Spread {
        least: *figures.first()?,
        median: f64::midpoint(lower, upper),
        greatest: *figures.last()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn figures_are_summed_up_by_record_middle_and_grade() {
        let record = UseCaseId::new(Uuid::from_u128(1));
        let other = UseCaseId::new(Uuid::from_u128(2));
        let figure = |use_case, gwp_kg, grade: Option<&str>| Figure {
            use_case,
            gwp_kg,
            energy_kwh: gwp_kg * 10.0,
            grade: grade.map(str::to_owned),
        };
        let all = [
            figure(record, 8.0, None),
            figure(record, 1.0, Some("C")),
            figure(other, 3.0, Some("A")),
            figure(other, 5.0, Some("C")),
        ];
        let sum = statistics(&all);
        assert_eq!((sum.records, sum.evaluations), (2, 4));
        assert_eq!(
            sum.gwp_kg,
            Some(Spread {
                least: 1.0,
                median: 4.0,
                greatest: 8.0
            })
        );
        let grades: Vec<(Option<&str>, u64)> = sum.grades.iter().map(|(g, n)| (g.as_deref(), *n)).collect();
        assert_eq!(grades, [(Some("A"), 1), (Some("C"), 2), (None, 1)]);
        assert_eq!(statistics(&[]), Statistics::default());
    }
}
