//! An estimated footprint on the page of a record.

use crate::view::record::Fact;

/// A value that an estimate rests on.
#[derive(Debug, Clone, Default)]
pub struct Hypothesis {
    /// Name of the field.
    pub field: String,
    /// Value with its unit.
    pub value: String,
    /// Where it was read.
    pub source: String,
}

/// An everyday thing to which the result is related.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// "environ 18 km en voiture thermique".
    pub sentence: String,
    /// What is counted in it, source, year.
    pub note: String,
}

/// One estimate.
#[derive(Debug, Clone, Default)]
pub struct EvaluationView {
    /// Anchor of its list of values.
    pub id: String,
    /// What was estimated.
    pub title: String,
    /// "entre 12 et 31 kg CO₂e par an".
    pub climate: String,
    /// "entre 120 et 310 kWh par an".
    pub energy: String,
    /// Related things, two at most.
    pub comparisons: Vec<Comparison>,
    /// Frequency, method, tables, reliability, date.
    pub facts: Vec<Fact>,
    /// Frequency, method and date on one line, where there is no room for more.
    pub brief: String,
    /// What the present tables say, when it is something else; with the reason.
    pub again: Option<String>,
    /// Every value used.
    pub hypotheses: Vec<Hypothesis>,
}
