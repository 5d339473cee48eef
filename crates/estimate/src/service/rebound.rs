//! Rebound: what a larger use takes back of the saving that each use brought.

use serde::Serialize;

use super::comparison::refusals;
use super::range::add;
use super::{Change, Indicator, Outcome, Phase, Range, Refusal};

/// The use of a service over a year.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Use {
    /// Footprint of one functional unit in use.
    pub unit: Range,
    /// Units a year.
    pub quantity: f64,
}

/// What the volume did of the expected saving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The volume fell too: more is saved than expected.
    Reinforced,
    /// The volume did not move.
    None,
    /// Part of the saving is lost.
    Partial,
    /// More is used than before.
    Backfire,
}

impl Effect {
    /// Label for pages, in French.
    ///
    /// ```
    /// use sobria_estimate::service::Effect;
    ///
    /// assert_eq!(Effect::Backfire.label(), "Retour de flamme");
    /// ```
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Reinforced => "Économie renforcée par la baisse des usages",
            Self::None => "Pas de rebond",
            Self::Partial => "Rebond partiel",
            Self::Backfire => "Retour de flamme",
        }
    }
}

/// From one period to the next.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rebound {
    /// First period.
    pub before: Use,
    /// Second period.
    pub after: Use,
    /// What the better unit would save at the first volume: `(e0 − e1) × N0`.
    pub expected_saving: Change,
    /// What was saved: `e0 × N0 − e1 × N1`.
    pub actual_saving: Change,
    /// Effect of the better unit on a year: `(e1 − e0) × N0`.
    pub engineering_effect: Change,
    /// Effect of the volume on a year: `e1 × (N1 − N0)`.
    pub volume_effect: Change,
    /// `1 − actual saving / expected saving`, of the central values: 1 when the whole saving is lost.
    pub rate: f64,
    /// Lowest rate that the brackets allow; none when they allow any, however low.
    pub rate_low: Option<f64>,
    /// Highest rate that the brackets allow; none when they allow any, however high.
    pub rate_high: Option<f64>,
    /// What to call it.
    pub effect: Effect,
}

impl Rebound {
    /// The rebound between two uses.
    ///
    /// With `x = e1 / e0` and `n = N1 / N0`, the rate is `(n − 1) × x / (1 − x)`: its range is that of `x`, from the
    /// lowest `e1` over the highest `e0` to the contrary, and stays open when the brackets let `x` reach 1.
    ///
    /// # Errors
    /// [`Refusal::NoExpectedSaving`] when one unit does not use less than before, or when there was no use;
    /// [`Refusal::TooLarge`].
    ///
    /// ```
    /// use sobria_estimate::service::{Effect, Indicator, Range, Rebound, Use};
    ///
    /// let of = |unit, quantity| Use { unit: Range::of(Indicator::Energy, unit, unit, unit).unwrap(), quantity };
    /// let rebound = Rebound::between(of(4.0, 10_000.0), of(1.0, 32_000.0)).unwrap();
    /// assert_eq!((rebound.expected_saving.central, rebound.actual_saving.central), (30_000.0, 8_000.0));
    /// assert!((rebound.rate - 0.733).abs() < 1e-3);
    /// let more = Rebound::between(of(4.0, 10_000.0), of(1.0, 50_000.0)).unwrap();
    /// assert_eq!(more.effect, Effect::Backfire);
    /// assert!((more.rate - 1.333).abs() < 1e-3);
    /// ```
    pub fn between(before: Use, after: Use) -> Result<Self, Refusal> {
        let (e0, e1) = (before.unit, after.unit);
        let quantities = [before.quantity, after.quantity];
        if quantities
            .iter()
            .any(|quantity| !quantity.is_finite() || *quantity < 0.0)
        {
            return Err(Refusal::TooLarge);
        }
        if before.quantity <= 0.0 || e1.central() >= e0.central() {
            return Err(Refusal::NoExpectedSaving);
        }
        let growth = after.quantity / before.quantity - 1.0;
        let rate = |share: f64| growth * share / (1.0 - share);
        let central = rate(e1.central() / e0.central());
        let least = Some(rate(e1.low() / e0.high())).filter(|rate| rate.is_finite());
        let share = e1.high() / e0.low();
        // Compared this way, a share that is not a number leaves the range open.
        let most = (share < 1.0).then(|| rate(share)).filter(|rate| rate.is_finite());
        let (rate_low, rate_high) = if growth < 0.0 {
            (most, least)
        } else {
            (least, most)
        };
        let per_unit = e0.change_to(e1);
        let (n0, n1) = (before.quantity, after.quantity);
        let engineering_effect = per_unit.scaled(n0);
        let rebound = Self {
            before,
            after,
            expected_saving: per_unit.scaled(-n0),
            actual_saving: Change {
                low: e0.low() * n0 - e1.high() * n1,
                central: e0.central() * n0 - e1.central() * n1,
                high: e0.high() * n0 - e1.low() * n1,
                unit: e0.unit(),
            },
            engineering_effect,
            volume_effect: e1.signed().scaled(n1 - n0),
            rate: central,
            rate_low,
            rate_high,
            effect: match central {
                rate if rate > 1.0 => Effect::Backfire,
                rate if rate > 0.0 => Effect::Partial,
                rate if rate < 0.0 => Effect::Reinforced,
                _ => Effect::None,
            },
        };
        let all = [
            rebound.expected_saving,
            rebound.actual_saving,
            rebound.engineering_effect,
            rebound.volume_effect,
        ];
        if central.is_finite() && all.iter().all(|change| change.is_finite()) {
            Ok(rebound)
        } else {
            Err(Refusal::TooLarge)
        }
    }
}

/// The rebound of a service from one period to the next, for an indicator.
///
/// Only the phase of operation is looked at: what is spent once weighs less on each unit when there are more of them,
/// which no one would call a saving.
///
/// # Errors
/// A period missing or out of order, perimeters that differ in the phase of operation, no number for the indicator,
/// or no saving to speak of.
///
/// ```
/// use sobria_estimate::{Reference, service::{Evaluation, Indicator, evaluate, rebound}};
///
/// let period = |year: u16, energy: f64, quantity: f64| {
///     let text = format!(r#"{{"title":"Essai","maturity":"experimentation",
///         "period":{{"start":"{year}","end":"{year}"}},
///         "functional_unit":{{"kind":"per_request","label":"une réponse","quantity_per_year":{quantity}}},
///         "lines":[{{"phase":"operation","tier":"datacenter","frequency":"per_year",
///             "source":{{"kind":"measured","energy_kwh":{energy},"zone":"FRA"}}}}]}}"#);
///     evaluate(Reference::embedded(), &Evaluation::read(&text).unwrap()).unwrap()
/// };
/// let rebound = rebound(&period(2025, 40.0, 10_000.0), &period(2026, 32.0, 32_000.0), Indicator::Energy).unwrap();
/// assert!((rebound.rate - 0.733).abs() < 1e-3);
/// ```
pub fn rebound(before: &Outcome, after: &Outcome, indicator: Indicator) -> Result<Rebound, Vec<Refusal>> {
    let mut reasons = match (&before.period, &after.period) {
        (Some(first), Some(second)) if first.is_before(second) => Vec::new(),
        (Some(_), Some(_)) => vec![Refusal::PeriodsNotInOrder],
        _ => vec![Refusal::PeriodMissing],
    };
    reasons.extend(refusals(before, after, |key| {
        key.phase == Phase::Operation && key.indicator == indicator
    }));
    let uses = [before, after].map(|outcome| in_use(outcome, indicator));
    match uses {
        [Some(first), Some(second)] if reasons.is_empty() => {
            Rebound::between(first, second).map_err(|reason| vec![reason])
        }
        [Some(_), Some(_)] => Err(reasons),
        _ => {
            reasons.push(Refusal::UseNotCovered(indicator));
            Err(reasons)
        }
    }
}

fn in_use(outcome: &Outcome, indicator: Indicator) -> Option<Use> {
    let mut annual = None;
    for cell in &outcome.grid {
        if cell.key.phase == Phase::Operation
            && cell.key.indicator == indicator
            && let Some(value) = cell.value
        {
            add(&mut annual, value).ok()?;
        }
    }
    let quantity = outcome.functional_unit.quantity_per_year;
    Some(Use {
        unit: annual?.over(quantity).ok()?,
        quantity,
    })
}
