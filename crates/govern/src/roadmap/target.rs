//! An objective between its baseline and its target.

use serde::{Deserialize, Serialize};

use crate::procurement::Problem;

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Less is better.
    #[default]
    Down,
    /// More is better.
    Up,
}

/// How a target is said.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A value.
    Absolute(f64),
    /// A change in hundredths of the baseline; below zero for a fall.
    Relative(f64),
    /// A value to keep to every year: there is no way to go, and no baseline is needed.
    Threshold(f64),
}

/// An objective.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Objective {
    /// Year of the baseline.
    pub baseline_year: i16,
    /// Value of that year; none when it is not known.
    pub baseline: Option<f64>,
    /// Year of the target.
    pub target_year: i16,
    /// The target.
    pub target: Target,
    /// Which way is better.
    pub direction: Direction,
}

/// How far an objective is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The target is reached.
    Reached,
    /// Within a twentieth of the trajectory, or better.
    OnTrack,
    /// More than a twentieth behind it.
    Late,
    /// More than a fifth behind it.
    VeryLate,
    /// No value, or one older than eighteen months.
    NoData,
    /// The baseline is not known, so the target and the trajectory are not either.
    NotComputable,
}

impl Status {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::OnTrack => "on_track",
            Self::Late => "late",
            Self::VeryLate => "very_late",
            Self::NoData => "no_data",
            Self::NotComputable => "not_computable",
        }
    }

    /// Words for pages.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Reached => "Atteint",
            Self::OnTrack => "Dans les temps",
            Self::Late => "En retard",
            Self::VeryLate => "Très en retard",
            Self::NoData => "Sans donnée",
            Self::NotComputable => "Non calculable",
        }
    }
}

/// Months after which a value says nothing any more.
pub const STALE_MONTHS: u32 = 18;
const LATE: f64 = 0.05;
const VERY_LATE: f64 = 0.20;
const EXACT: f64 = 1e-9;

impl Objective {
    /// What is wrong in it.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        if self.target_year <= self.baseline_year {
            found.push(Problem::new(
                "target_year",
                format!(
                    "L’année de la cible ({}) doit suivre celle de la base ({}).",
                    self.target_year, self.baseline_year
                ),
            ));
        }
        if !(1990..=2100).contains(&self.baseline_year) {
            found.push(Problem::new(
                "baseline_year",
                "Attendu\u{a0}: une année entre 1990 et 2100.",
            ));
        }
        if self.baseline.is_some_and(|value| !(0.0..=1e15).contains(&value)) {
            found.push(Problem::new(
                "baseline",
                "Attendu\u{a0}: une valeur de base positive ou nulle.",
            ));
        }
        let wrong = match self.target {
            Target::Absolute(value) | Target::Threshold(value) => !(0.0..=1e15).contains(&value),
            Target::Relative(percent) => !(-100.0..=1e6).contains(&percent),
        };
        if wrong {
            found.push(Problem::new(
                "target",
                "La cible ne peut pas être inférieure à zéro\u{a0}: pour une baisse, de 0 à −100\u{a0}%.",
            ));
        }
        if let (Some(baseline), Some(target)) = (self.baseline, self.value()) {
            let contrary = match self.direction {
                Direction::Down => target > baseline,
                Direction::Up => target < baseline,
            };
            // A ceiling may well stand above what is used today.
            if contrary && !self.is_threshold() && found.is_empty() {
                found.push(Problem::new(
                    "target",
                    "La cible va à l’opposé du sens choisi\u{a0}: vérifiez l’une ou l’autre.",
                ));
            }
        }
        found
    }

    /// The value to reach; none for a relative target without baseline.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        match self.target {
            Target::Absolute(value) | Target::Threshold(value) => Some(value),
            Target::Relative(percent) => Some(self.baseline? * (1.0 + percent / 100.0)),
        }
    }

    const fn is_threshold(&self) -> bool {
        matches!(self.target, Target::Threshold(_))
    }

    /// The value that a straight way from baseline to target gives for a year; the target afterwards. A threshold is the
    /// same every year.
    #[must_use]
    pub fn trajectory(&self, year: i16) -> Option<f64> {
        if self.is_threshold() {
            return self.value();
        }
        let (baseline, target) = (self.baseline?, self.value()?);
        let span = f64::from(self.target_year) - f64::from(self.baseline_year);
        if span <= 0.0 {
            return None;
        }
        let gone = (f64::from(year) - f64::from(self.baseline_year)).clamp(0.0, span);
        Some(baseline + (target - baseline) * gone / span)
    }

    /// How much of the way was gone, in hundredths; none when there is no way to go or no baseline.
    #[must_use]
    pub fn progress(&self, current: f64) -> Option<f64> {
        if self.is_threshold() {
            return None;
        }
        let (baseline, target) = (self.baseline?, self.value()?);
        let way = baseline - target;
        (way.abs() > EXACT).then(|| (baseline - current) / way * 100.0)
    }

    /// How far a value stands from the trajectory, in parts of it: above zero when it is behind.
    #[must_use]
    pub fn gap(&self, year: i16, current: f64) -> Option<f64> {
        Some(self.gap_from(self.trajectory(year)?, current))
    }

    /// The same from the value expected of that year, where the way is not straight.
    #[must_use]
    pub fn gap_from(&self, expected: f64, current: f64) -> f64 {
        let behind = match self.direction {
            Direction::Down => current - expected,
            Direction::Up => expected - current,
        };
        if expected.abs() < EXACT {
            return if behind > EXACT { f64::INFINITY } else { 0.0 };
        }
        behind / expected.abs()
    }

    /// How far it is, from its last value, the year and the age in months of it.
    #[must_use]
    pub fn status(&self, last: Option<(i16, f64, u32)>) -> Status {
        self.status_on(|year| self.trajectory(year), last)
    }

    /// The same on a way that is not straight, told by the value expected of each year.
    #[must_use]
    pub fn status_on(&self, way: impl Fn(i16) -> Option<f64>, last: Option<(i16, f64, u32)>) -> Status {
        let known = self.baseline.is_some() || self.is_threshold();
        let Some(target) = self.value().filter(|_| known) else {
            return Status::NotComputable;
        };
        let Some((year, current, months)) = last else {
            return Status::NoData;
        };
        if months > STALE_MONTHS {
            return Status::NoData;
        }
        let reached = match self.direction {
            Direction::Down => current <= target + EXACT,
            Direction::Up => current >= target - EXACT,
        };
        if reached {
            return Status::Reached;
        }
        match way(year).map(|expected| self.gap_from(expected, current)) {
            None => Status::NotComputable,
            Some(gap) if gap > VERY_LATE + EXACT => Status::VeryLate,
            Some(gap) if gap > LATE + EXACT => Status::Late,
            Some(_) => Status::OnTrack,
        }
    }
}
