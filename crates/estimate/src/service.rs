//! The footprint of a whole service: lines from estimates, statements and measures, a grid that shows what is
//! not known, scenarios side by side, and the rebound from one period to the next.
//!
//! The method and its limits are in `docs/methods/service-evaluation.md`.
//!
//! Invariants: a cell that is not covered has no number; a total says which cells it lacks; what is spent once is
//! spread over the life of the service, and the life is always listed among the hypotheses.

mod comparison;
mod difference;
mod evaluation;
mod grid;
mod line;
mod notice;
mod period;
mod range;
mod read;
mod rebound;
mod report;
mod terms;
mod variant;

pub use comparison::{Column, Comparison, IndicatorDifference, Refusal, Scenario, compare, side_by_side};
pub use evaluation::{
    Evaluation, FunctionalUnit, LIFETIME_YEARS, LINE_LIMIT, Line, Log, Mark, Request, Source, Statement,
};
pub use grid::{Cell, Key, Missing, Needed, Total, needed};
pub use line::{LineOutcome, MethodUsed, Part};
pub use notice::{CARBON_ENERGY_MISMATCH, MISMATCH_LIMITS, Mismatch, Notice};
pub use period::Period;
pub use range::{Change, Range};
pub use rebound::{Effect, Rebound, Use, rebound};
pub use report::Report;
pub use terms::{Coverage, Frequency, Goal, Indicator, Maturity, Phase, Quality, Stages, Tier, UnitKind};
pub use variant::{Variant, VariantChange, variants};

use serde::Serialize;

use crate::code::Code;
use crate::document::Method;
use crate::provenance::Assumption;
use crate::reference::Reference;

/// Version of the method.
pub const METHOD_VERSION: &str = "sobria-service/1";

/// What an evaluation comes to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// Period covered.
    pub period: Option<Period>,
    /// What the service gives.
    pub functional_unit: FunctionalUnit,
    /// Years over which what is spent once is spread.
    pub lifetime_years: f64,
    /// Every cell, by phase, tier and indicator: 120 of them.
    pub grid: Vec<Cell>,
    /// The sum of each indicator.
    pub totals: Vec<Total>,
    /// Required cells.
    pub required: usize,
    /// Required cells that are covered.
    pub covered: usize,
    /// The latter over the former; null when nothing is required.
    pub coverage_rate: Option<f64>,
    /// What was made of each line.
    pub lines: Vec<LineOutcome>,
    /// What a reader must know.
    pub notices: Vec<Notice>,
    /// Every value used, with its source.
    pub assumptions: Vec<Assumption>,
    /// Edition of the tables.
    pub reference_version: String,
    /// What the evaluation says of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
}

impl Outcome {
    /// The sum of an indicator.
    ///
    /// ```
    /// # use sobria_estimate::{Reference, service::{Evaluation, Indicator, evaluate}};
    /// # let text = r#"{"title":"Essai","maturity":"experimentation",
    /// #     "functional_unit":{"kind":"service_year","label":"le service"},"lines":[]}"#;
    /// let outcome = evaluate(Reference::embedded(), &Evaluation::read(text).unwrap()).unwrap();
    /// assert!(outcome.total(Indicator::Energy).unwrap().partial);
    /// ```
    #[must_use]
    pub fn total(&self, indicator: Indicator) -> Option<&Total> {
        self.totals.iter().find(|total| total.indicator == indicator)
    }

    /// A cell of the grid.
    ///
    /// ```
    /// # use sobria_estimate::{Reference, service::{Evaluation, Indicator, Phase, Tier, evaluate}};
    /// # let text = r#"{"title":"Essai","maturity":"experimentation",
    /// #     "functional_unit":{"kind":"service_year","label":"le service"},"lines":[]}"#;
    /// let outcome = evaluate(Reference::embedded(), &Evaluation::read(text).unwrap()).unwrap();
    /// let cell = outcome.cell(Phase::Operation, Tier::Datacenter, Indicator::Gwp).unwrap();
    /// assert!(cell.required && cell.value.is_none());
    /// ```
    #[must_use]
    pub fn cell(&self, phase: Phase, tier: Tier, indicator: Indicator) -> Option<&Cell> {
        let key = Key {
            phase,
            tier,
            indicator,
        };
        self.grid.iter().find(|cell| cell.key == key)
    }
}

/// Works out an evaluation.
///
/// # Errors
/// The codes of everything out of range; then those of the lines that cannot be estimated, such as
/// `lines[0].model-not-registered`; then `result-too-large`.
///
/// ```
/// use sobria_estimate::{Reference, service::{Evaluation, Indicator, evaluate}};
///
/// let text = r#"{"title":"Voirie","maturity":"experimentation",
///     "functional_unit":{"kind":"per_object","label":"1 km de chaussée analysé","quantity_per_year":100},
///     "lines":[{"phase":"training","tier":"datacenter","label":"55 entraînements","frequency":"once",
///         "source":{"kind":"measured","energy_kwh":15,"carbon_kg":2.5,"zone":"FRA","year":2025}}]}"#;
/// let outcome = evaluate(Reference::embedded(), &Evaluation::read(text).unwrap()).unwrap();
/// let energy = outcome.total(Indicator::Energy).unwrap();
/// assert_eq!(energy.build.unwrap().central(), 15.0);
/// assert_eq!(energy.annual.unwrap().central(), 5.0);
/// assert!(energy.partial);
/// assert_eq!(outcome.coverage_rate, Some(0.5));
/// assert_eq!(outcome.notices[0].code, "carbon_energy_mismatch");
/// ```
pub fn evaluate(reference: &Reference, evaluation: &Evaluation) -> Result<Outcome, Vec<Code>> {
    let mut errors = read::check(evaluation);
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut reader = line::Reader {
        reference,
        notices: Vec::new(),
        assumptions: vec![line::lifetime(evaluation)],
    };
    let mut lines = Vec::with_capacity(evaluation.lines.len());
    for (at, line) in evaluation.lines.iter().enumerate() {
        match reader.line(at, line, evaluation) {
            Ok(outcome) => lines.push(outcome),
            Err(mut codes) => errors.append(&mut codes),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let shared_model = lines.iter().any(|line| {
        line.method
            .is_some_and(|used| used.id == Method::LlmInference.id())
    });
    let grid = grid::grid(evaluation, &lines).map_err(|code| vec![code])?;
    let totals = grid::totals(evaluation, &lines, &grid, shared_model).map_err(|code| vec![code])?;
    let required = grid.iter().filter(|cell| cell.required).count();
    let covered = grid
        .iter()
        .filter(|cell| cell.required && cell.is_answered())
        .count();
    let mut notices = reader.notices;
    notices.extend(notices_of_whole(evaluation, &grid, &totals, shared_model));
    Ok(Outcome {
        period: evaluation.period.clone(),
        functional_unit: evaluation.functional_unit.clone(),
        lifetime_years: evaluation.lifetime(),
        coverage_rate: rate(covered, required),
        grid,
        totals,
        required,
        covered,
        lines,
        notices,
        assumptions: reader.assumptions,
        reference_version: reference.version().to_owned(),
        report: evaluation.report.clone(),
    })
}

fn rate(covered: usize, required: usize) -> Option<f64> {
    let number = |count: usize| u32::try_from(count).ok().map(f64::from);
    match (number(covered), number(required)) {
        (Some(covered), Some(required)) if required > 0.0 => Some(covered / required),
        _ => None,
    }
}

fn notices_of_whole(
    evaluation: &Evaluation,
    grid: &[Cell],
    totals: &[Total],
    shared_model: bool,
) -> Vec<Notice> {
    let base_covered = grid.iter().any(|cell| {
        cell.key.phase == Phase::BaseModelTraining && cell.key.tier == Tier::Datacenter && cell.is_answered()
    });
    let marked = |cell: &Cell| {
        cell.value.is_some()
            && cell.lines.iter().any(|at| {
                let line = evaluation.lines.get(*at);
                matches!(
                    line.map(|line| &line.source),
                    Some(Source::Coverage(mark)) if mark.kept() == Coverage::NotApplicable
                )
            })
    };
    let whole = [
        ("no-line", evaluation.lines.is_empty()),
        ("period-missing", evaluation.period.is_none()),
        ("base-model-training-not-covered", shared_model && !base_covered),
        ("mark-contradicts-value", grid.iter().any(marked)),
        (
            "manufacture-not-counted",
            grid.iter()
                .any(|cell| cell.key.indicator == Indicator::Gwp && cell.stages.contains(&Stages::Use)),
        ),
        ("mixed-stages", totals.iter().any(|total| total.mixed_stages)),
        (
            "totals-partial",
            totals.iter().any(|total| total.annual.is_some() && total.partial),
        ),
    ];
    whole
        .into_iter()
        .filter(|(_, holds)| *holds)
        .map(|(code, _)| Notice::new(code, None))
        .collect()
}
