//! What an evaluation says, as its author wrote it.

use std::collections::BTreeMap;

use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::{Coverage, Frequency, Indicator, Maturity, Period, Phase, Report, Tier, UnitKind};
use crate::code::Code;
use crate::llm::Bounds;

/// Years that a service lasts, unless its author says otherwise.
pub const LIFETIME_YEARS: f64 = 3.0;

/// Most lines in one evaluation.
pub const LINE_LIMIT: usize = 1000;

/// The footprint of a whole service, line by line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// Title.
    pub title: String,
    /// Period covered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// What the service gives.
    pub functional_unit: FunctionalUnit,
    /// Where the project stands.
    pub maturity: Maturity,
    /// Years over which what is spent once is spread; [`LIFETIME_YEARS`] when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetime_years: Option<f64>,
    /// What is counted.
    pub lines: Vec<Line>,
    /// What is left out, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclusions: Vec<String>,
    /// What it says of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
}

/// What the service gives, and how many times a year.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FunctionalUnit {
    /// Kind.
    pub kind: UnitKind,
    /// What, in words.
    pub label: String,
    /// How many a year; 1 for [`UnitKind::ServiceYear`].
    pub quantity_per_year: f64,
}

/// One line: what, where, how many times, and where the numbers come from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// Phase.
    pub phase: Phase,
    /// Tier.
    pub tier: Tier,
    /// What the line is, in words.
    pub label: String,
    /// Once, or each year.
    pub frequency: Frequency,
    /// How many times the source, once or each year.
    pub count: f64,
    /// Where the numbers come from.
    pub source: Source,
}

/// Where the numbers of a line come from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Source {
    /// An estimate by one of the methods.
    Estimate {
        /// The request, `{"method": …, "input": …}`.
        request: Request,
    },
    /// What a supplier states.
    Supplier(Statement),
    /// What an instrument or a tool recorded.
    Measured(Log),
    /// No number, and why.
    Coverage(Mark),
}

/// A request to a method, kept as its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request(pub String);

impl Serialize for Request {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(S::Error::custom)?;
        raw.serialize(serializer)
    }
}

/// What a supplier states of its service.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statement {
    /// Bracket of each indicator stated, in its unit.
    pub indicators: BTreeMap<Indicator, Bounds>,
    /// Who states it.
    pub who: String,
    /// When, in the words of the document.
    pub date: String,
    /// Document where it is written.
    pub document: String,
    /// Place of the electricity, when stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Whether the manufacture of the machines is counted.
    pub includes_manufacture: bool,
}

/// A measured computation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Log {
    /// Electricity, in kWh.
    pub energy_kwh: Bounds,
    /// Greenhouse gases that the tool declares, in kg CO₂e: shown and checked, never used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carbon_kg: Option<Bounds>,
    /// Place of the electricity.
    pub zone: String,
    /// Year of the measure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
    /// Tool or instrument.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
}

/// Cells without a number, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mark {
    /// `negligible`, `not_covered` or `not_applicable`.
    pub mark: Coverage,
    /// Why, in words; required of `negligible`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Indicators marked; all of them when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub indicators: Vec<Indicator>,
    /// Phases marked beside that of the line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<Phase>,
    /// Tiers marked beside that of the line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<Tier>,
}

impl Mark {
    /// The mark that is kept: `negligible` without a written reason is `not_covered`.
    ///
    /// ```
    /// use sobria_estimate::service::{Coverage, Mark};
    ///
    /// let mark = Mark {
    ///     mark: Coverage::Negligible,
    ///     reason: None,
    ///     indicators: vec![],
    ///     phases: vec![],
    ///     tiers: vec![],
    /// };
    /// assert_eq!(mark.kept(), Coverage::NotCovered);
    /// ```
    #[must_use]
    pub fn kept(&self) -> Coverage {
        match self.mark {
            Coverage::Negligible if self.has_reason() => Coverage::Negligible,
            Coverage::NotApplicable => Coverage::NotApplicable,
            _ => Coverage::NotCovered,
        }
    }

    pub(super) fn has_reason(&self) -> bool {
        self.reason.as_ref().is_some_and(|words| !words.trim().is_empty())
    }
}

impl Evaluation {
    /// Reads a document.
    ///
    /// # Errors
    /// The codes of everything wrong in it, with the place of each, such as `missing:lines[0].source.zone`.
    ///
    /// ```
    /// use sobria_estimate::service::Evaluation;
    ///
    /// let text = r#"{"title":"Essai","maturity":"experimentation",
    ///     "functional_unit":{"kind":"service_year","label":"le service"},"lines":[]}"#;
    /// let evaluation = Evaluation::read(text).unwrap();
    /// assert_eq!(evaluation.functional_unit.quantity_per_year, 1.0);
    /// assert_eq!(Evaluation::read("{}").unwrap_err()[0], "missing:title");
    /// ```
    pub fn read(text: &str) -> Result<Self, Vec<Code>> {
        super::read::evaluation(text)
    }

    /// Years over which what is spent once is spread.
    ///
    /// ```
    /// # use sobria_estimate::service::Evaluation;
    /// # let text = r#"{"title":"Essai","maturity":"experimentation",
    /// #     "functional_unit":{"kind":"service_year","label":"le service"},"lines":[]}"#;
    /// # let evaluation = Evaluation::read(text).unwrap();
    /// assert_eq!(evaluation.lifetime(), 3.0);
    /// ```
    #[must_use]
    pub fn lifetime(&self) -> f64 {
        self.lifetime_years.unwrap_or(LIFETIME_YEARS)
    }
}

impl<'de> Deserialize<'de> for Evaluation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::read(raw.get()).map_err(|codes| serde::de::Error::custom(codes.join(", ")))
    }
}
