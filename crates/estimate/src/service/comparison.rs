//! Scenarios side by side: the difference and its range, or every reason not to set them against each other.

use std::borrow::Cow;

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use super::difference::Paired;
use super::{Cell, Change, Coverage, Indicator, Key, Outcome, Phase, Range, Tier, Total, UnitKind};
use crate::code::{self, Code};

/// Why two evaluations must not be set against each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// They do not count the same thing.
    DifferentFunctionalUnits,
    /// The tables differ: the older one is to be made again.
    DifferentReferences,
    /// These phases are known on one side only.
    DifferentPhases(Vec<Phase>),
    /// These tiers are known on one side only.
    DifferentTiers(Vec<Tier>),
    /// These indicators are known on one side only.
    DifferentIndicators(Vec<Indicator>),
    /// These cells are known on one side only, or whole on one side only.
    DifferentCells(Vec<Key>),
    /// These cells count the manufacture of machines on one side only.
    DifferentStages(Vec<Key>),
    /// A rebound needs two periods.
    PeriodMissing,
    /// The second period must come after the first.
    PeriodsNotInOrder,
    /// The use of the service has no number for this indicator.
    UseNotCovered(Indicator),
    /// One unit does not use less than before: there is no saving that a rebound could undo.
    NoExpectedSaving,
    /// A number passes the largest that can be written.
    TooLarge,
}

impl Refusal {
    /// The code, which [`crate::sentence`] says in French without the details.
    ///
    /// ```
    /// use sobria_estimate::service::Refusal;
    ///
    /// assert_eq!(Refusal::DifferentTiers(vec![]).code(), "different-tiers");
    /// ```
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::DifferentFunctionalUnits => "different-functional-units",
            Self::DifferentReferences => "different-references",
            Self::DifferentPhases(_) => "different-phases",
            Self::DifferentTiers(_) => "different-tiers",
            Self::DifferentIndicators(_) => "different-indicators",
            Self::DifferentCells(_) => "different-cells",
            Self::DifferentStages(_) => "different-perimeters",
            Self::PeriodMissing => "rebound-period-missing",
            Self::PeriodsNotInOrder => "periods-not-in-order",
            Self::UseNotCovered(_) => "use-not-covered",
            Self::NoExpectedSaving => "no-expected-saving",
            Self::TooLarge => "result-too-large",
        }
    }

    /// What differs, in words for pages.
    ///
    /// ```
    /// use sobria_estimate::service::{Refusal, Tier};
    ///
    /// assert_eq!(Refusal::DifferentTiers(vec![Tier::Network]).details(), ["Réseaux"]);
    /// ```
    #[must_use]
    pub fn details(&self) -> Vec<Cow<'static, str>> {
        match self {
            Self::DifferentPhases(phases) => phases.iter().map(|phase| phase.label().into()).collect(),
            Self::DifferentTiers(tiers) => tiers.iter().map(|tier| tier.label().into()).collect(),
            Self::DifferentIndicators(indicators) => indicators
                .iter()
                .map(|indicator| indicator.label().into())
                .collect(),
            Self::DifferentCells(keys) | Self::DifferentStages(keys) => keys
                .iter()
                .map(|key| {
                    let [phase, tier, indicator] =
                        [key.phase.label(), key.tier.label(), key.indicator.label()];
                    format!("{phase}, {tier}, {indicator}").into()
                })
                .collect(),
            Self::UseNotCovered(indicator) => vec![indicator.label().into()],
            _ => Vec::new(),
        }
    }

    /// The sentence for a person, in French, with what differs.
    ///
    /// ```
    /// use sobria_estimate::service::{Refusal, Tier};
    ///
    /// let words = Refusal::DifferentTiers(vec![Tier::Network]).sentence();
    /// assert!(words.ends_with("En cause\u{a0}: Réseaux."));
    /// ```
    #[must_use]
    pub fn sentence(&self) -> String {
        let words = code::sentence(self.code());
        match self.details().as_slice() {
            [] => words.into_owned(),
            details => format!("{words} En cause\u{a0}: {}.", details.join("\u{a0}; ")),
        }
    }
}

impl Serialize for Refusal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut refusal = serializer.serialize_struct("Refusal", 2)?;
        refusal.serialize_field("code", self.code())?;
        refusal.serialize_field("details", &self.details())?;
        refusal.end()
    }
}

/// The difference of one indicator, from the first evaluation to the second: negative where the second is smaller.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct IndicatorDifference {
    /// What is counted.
    pub indicator: Indicator,
    /// A year of the service; none when neither side has a number.
    pub annual: Option<Change>,
    /// One functional unit.
    pub per_unit: Option<Change>,
    /// Central value of a year, second over first; none when the first is zero.
    pub annual_ratio: Option<f64>,
    /// Central value of one unit, second over first.
    pub per_unit_ratio: Option<f64>,
    /// Whether the totals leave out something required, the same on both sides.
    pub partial: bool,
}

/// Two evaluations set against each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Each indicator that has a number.
    pub indicators: Vec<IndicatorDifference>,
    /// Codes of what a reader should know.
    pub cautions: Vec<Code>,
}

/// One column of a table of scenarios.
#[derive(Debug, Clone, Copy)]
pub struct Scenario<'o> {
    /// Title.
    pub title: &'o str,
    /// What it comes to.
    pub outcome: &'o Outcome,
}

/// One scenario beside the first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Column<'o> {
    /// Title.
    pub title: &'o str,
    /// Sums of the scenario itself.
    pub totals: &'o [Total],
    /// Difference from the first scenario; null when refused.
    pub comparison: Option<Comparison>,
    /// Why it is refused; empty otherwise.
    pub refusals: Vec<Refusal>,
}

/// Sets scenarios beside the first of them, in their order; the first is beside itself.
///
/// ```
/// use sobria_estimate::{Reference, service::{Evaluation, Scenario, evaluate, side_by_side}};
///
/// let text = |energy: f64| format!(r#"{{"title":"Essai","maturity":"experimentation",
///     "functional_unit":{{"kind":"service_year","label":"le service"}},
///     "lines":[{{"phase":"operation","tier":"datacenter","frequency":"per_year",
///         "source":{{"kind":"measured","energy_kwh":{energy},"zone":"FRA"}}}}]}}"#);
/// let outcome = |energy| evaluate(Reference::embedded(), &Evaluation::read(&text(energy)).unwrap()).unwrap();
/// let (now, frugal) = (outcome(10.0), outcome(4.0));
/// let columns = side_by_side(&[
///     Scenario { title: "Aujourd’hui", outcome: &now },
///     Scenario { title: "Sobre", outcome: &frugal },
/// ]);
/// let difference = columns[1].comparison.as_ref().unwrap().indicators[0].annual.unwrap();
/// assert_eq!(difference.central, -6.0);
/// ```
#[must_use]
pub fn side_by_side<'o>(scenarios: &[Scenario<'o>]) -> Vec<Column<'o>> {
    let Some(first) = scenarios.first() else {
        return Vec::new();
    };
    scenarios
        .iter()
        .map(|scenario| {
            let (comparison, refusals) = match compare(first.outcome, scenario.outcome) {
                Ok(comparison) => (Some(comparison), Vec::new()),
                Err(refusals) => (None, refusals),
            };
            Column {
                title: scenario.title,
                totals: &scenario.outcome.totals,
                comparison,
                refusals,
            }
        })
        .collect()
}

/// Sets two evaluations against each other.
///
/// Lines with the same phase, tier and source are the same quantity on both sides: only their number of times makes a
/// difference. The range of the rest supposes nothing in common: it is the widest one. The number of units a year may
/// differ, since that is one way to use less: the difference is given per year and per unit.
///
/// # Errors
/// Every reason why they do not compare: functional unit, tables, phases, tiers, indicators, cells, or manufacture of
/// machines counted on one side only.
///
/// ```
/// use sobria_estimate::{Reference, service::{Evaluation, compare, evaluate}};
///
/// let text = |tier: &str| format!(r#"{{"title":"Essai","maturity":"experimentation",
///     "functional_unit":{{"kind":"service_year","label":"le service"}},
///     "lines":[{{"phase":"operation","tier":"{tier}","frequency":"per_year",
///         "source":{{"kind":"measured","energy_kwh":1,"zone":"FRA"}}}}]}}"#);
/// let outcome = |tier| evaluate(Reference::embedded(), &Evaluation::read(&text(tier)).unwrap()).unwrap();
/// let refusals = compare(&outcome("datacenter"), &outcome("terminal")).unwrap_err();
/// assert_eq!(refusals[0].code(), "different-tiers");
/// ```
pub fn compare(before: &Outcome, after: &Outcome) -> Result<Comparison, Vec<Refusal>> {
    let refusals = refusals(before, after, |_| true);
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let paired = Paired::of(before, after);
    let mut indicators = Vec::new();
    for (one, other) in before.totals.iter().zip(&after.totals) {
        if one.annual.is_none() && other.annual.is_none() {
            continue;
        }
        let both = one.annual.is_some() && other.annual.is_some();
        let [annual, per_unit] = if both {
            paired.difference(one.indicator)
        } else {
            [None, None]
        };
        indicators.push(IndicatorDifference {
            indicator: one.indicator,
            annual,
            per_unit,
            annual_ratio: ratio(one.annual, other.annual),
            per_unit_ratio: ratio(one.per_unit, other.per_unit),
            partial: one.partial || other.partial,
        });
    }
    let known_otherwise = before
        .grid
        .iter()
        .zip(&after.grid)
        .any(|(one, other)| one.coverage != other.coverage);
    let lifetimes_differ = (before.lifetime_years - after.lifetime_years).abs() > f64::EPSILON;
    let cautions = [
        (
            "compared-totals-partial",
            indicators.iter().any(|one| one.partial),
        ),
        ("compared-lifetimes-differ", lifetimes_differ),
        ("compared-coverage-differs", known_otherwise),
    ];
    Ok(Comparison {
        indicators,
        cautions: cautions
            .into_iter()
            .filter(|(_, holds)| *holds)
            .map(|(code, _)| Code::Borrowed(code))
            .collect(),
    })
}

fn ratio(before: Option<Range>, after: Option<Range>) -> Option<f64> {
    let ratio = after?.central() / before?.central();
    ratio.is_finite().then_some(ratio)
}

/// How much is known of a cell.
fn knowledge(cell: &Cell) -> (bool, bool) {
    (cell.coverage != Coverage::NotCovered, cell.incomplete)
}

/// Every reason not to compare, in the cells that `looked_at` keeps.
pub(super) fn refusals(before: &Outcome, after: &Outcome, looked_at: impl Fn(&Key) -> bool) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let (one, other) = (&before.functional_unit, &after.functional_unit);
    // A year of the service is the same unit whatever its words.
    let same_words = one.kind == UnitKind::ServiceYear || one.label.trim() == other.label.trim();
    if one.kind != other.kind || !same_words {
        refusals.push(Refusal::DifferentFunctionalUnits);
    }
    if before.reference_version != after.reference_version {
        refusals.push(Refusal::DifferentReferences);
    }
    let pairs = || {
        before
            .grid
            .iter()
            .zip(&after.grid)
            .filter(|(one, _)| looked_at(&one.key))
    };
    let sides = |of: &dyn Fn(&Key) -> bool| {
        let known = |cell: &Cell| of(&cell.key) && cell.coverage != Coverage::NotCovered;
        pairs().any(|(one, _)| known(one)) != pairs().any(|(_, other)| known(other))
    };
    let found = refusals.len();
    let phases = differing(Phase::ALL, |phase| sides(&|key| key.phase == phase));
    if !phases.is_empty() {
        refusals.push(Refusal::DifferentPhases(phases));
    }
    let tiers = differing(Tier::ALL, |tier| sides(&|key| key.tier == tier));
    if !tiers.is_empty() {
        refusals.push(Refusal::DifferentTiers(tiers));
    }
    let indicators = differing(Indicator::ALL, |indicator| {
        sides(&|key| key.indicator == indicator)
    });
    if !indicators.is_empty() {
        refusals.push(Refusal::DifferentIndicators(indicators));
    }
    let cells: Vec<Key> = pairs()
        .filter(|(one, other)| knowledge(one) != knowledge(other))
        .map(|(one, _)| one.key)
        .collect();
    if refusals.len() == found && !cells.is_empty() {
        refusals.push(Refusal::DifferentCells(cells));
    }
    let stages: Vec<Key> = pairs()
        .filter(|(one, other)| one.value.is_some() && other.value.is_some() && one.stages != other.stages)
        .map(|(one, _)| one.key)
        .collect();
    if !stages.is_empty() {
        refusals.push(Refusal::DifferentStages(stages));
    }
    refusals
}

fn differing<T: Copy>(all: &[T], differs: impl Fn(T) -> bool) -> Vec<T> {
    all.iter().copied().filter(|value| differs(*value)).collect()
}
