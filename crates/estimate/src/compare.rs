//! Two results side by side: the difference and its range, or why they must not be set against each other.

use serde::Serialize;
use sobria_quantity::{Delta, GCo2e, Interval, KgCo2e, KgSbEq, KilowattHours, Litres, Megajoules};

use crate::document::Method;
use crate::llm::Impacts;
use crate::{compute, llm};

/// What a result covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Perimeter {
    /// Electricity used alone.
    Usage,
    /// Electricity used and manufacture of the machines.
    UsageAndManufacture,
}

/// What one figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// So many requests to a model.
    Requests(f64),
    /// One job as described.
    Job,
    /// A training, its use, or both, as described.
    TrainingAndUse,
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Side<'r> {
    /// Method that made it.
    pub method: Method,
    /// Version of that method.
    pub method_version: &'r str,
    /// Edition of the tables.
    pub reference_version: &'r str,
    /// What the greenhouse gases cover.
    pub perimeter: Perimeter,
    /// What it counts.
    pub unit: Unit,
    /// Electricity.
    pub energy: Interval<KilowattHours>,
    /// Greenhouse gases.
    pub gwp: Interval<KgCo2e>,
    /// Abiotic depletion, when the method gives it.
    pub adpe: Option<Interval<KgSbEq>>,
    /// Primary energy, when the method gives it.
    pub pe: Option<Interval<Megajoules>>,
    /// Water, when the method gives it.
    pub wcf: Option<Interval<Litres>>,
}

impl<'r> Side<'r> {
    /// The side of so many requests to a model.
    ///
    /// ```
    /// use sobria_estimate::compare::Side;
    /// use sobria_estimate::{Reference, llm};
    ///
    /// let reference = Reference::embedded();
    /// let request = llm::Input::catalogue("openai", "gpt-4o", 250.0);
    /// let one = llm::estimate(reference, &request).unwrap().output.totals();
    /// assert!(Side::of_requests(&one, 1.0, reference.version()).wcf.is_some());
    /// ```
    #[must_use]
    pub fn of_requests(impacts: &Impacts, requests: f64, reference_version: &'r str) -> Self {
        Self {
            method: Method::LlmInference,
            method_version: llm::METHOD_VERSION,
            reference_version,
            perimeter: Perimeter::UsageAndManufacture,
            unit: Unit::Requests(requests),
            energy: impacts.energy,
            gwp: impacts.gwp,
            adpe: Some(impacts.adpe),
            pe: Some(impacts.pe),
            wcf: Some(impacts.wcf),
        }
    }

    /// The side of a computation.
    ///
    /// ```
    /// use sobria_estimate::compare::Side;
    /// use sobria_estimate::{Reference, compute};
    ///
    /// let reference = Reference::embedded();
    /// let job = compute::Job {
    ///     runtime_h: Some(1.0),
    ///     memory_gb: Some(16.0),
    ///     zone: Some("FRA".into()),
    ///     ..compute::Job::default()
    /// };
    /// let outcome = compute::estimate(reference, &compute::Input::Job(Box::new(job))).unwrap();
    /// assert!(Side::of_computation(&outcome.output, reference.version()).wcf.is_none());
    /// ```
    #[must_use]
    pub fn of_computation(output: &compute::Output, reference_version: &'r str) -> Self {
        let range = output.range();
        let kilogrammes = |grammes: GCo2e| KgCo2e::from(grammes);
        Self {
            method: Method::ComputeJob,
            method_version: compute::METHOD_VERSION,
            reference_version,
            perimeter: Perimeter::Usage,
            unit: match output {
                compute::Output::Job(_) => Unit::Job,
                compute::Output::Ai(_) => Unit::TrainingAndUse,
            },
            energy: range.energy_kwh,
            gwp: Interval::spanning(
                kilogrammes(range.carbon_g.low()),
                kilogrammes(range.carbon_g.high()),
            ),
            adpe: None,
            pe: None,
            wcf: None,
        }
    }
}

/// Why two results must not be set against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// One counts the manufacture of machines, the other does not.
    #[error("the perimeters differ")]
    DifferentPerimeters,
    /// The methods, or their versions, differ.
    #[error("the methods differ")]
    DifferentMethods,
    /// The tables differ: one of the results is to be made again.
    #[error("the reference tables differ")]
    DifferentReferences,
    /// They do not count the same thing.
    #[error("the units counted differ")]
    DifferentUnits,
}

impl Refusal {
    /// The code, which [`crate::sentence`] says in French.
    ///
    /// ```
    /// use sobria_estimate::compare::Refusal;
    ///
    /// assert_eq!(Refusal::DifferentUnits.code(), "different-units");
    /// ```
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DifferentPerimeters => "different-perimeters",
            Self::DifferentMethods => "different-methods",
            Self::DifferentReferences => "different-references",
            Self::DifferentUnits => "different-units",
        }
    }
}

/// From the first result to the second: negative where the second is smaller.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// Electricity.
    pub energy: Delta<KilowattHours>,
    /// Greenhouse gases.
    pub gwp: Delta<KgCo2e>,
    /// Abiotic depletion, when both sides give it.
    pub adpe: Option<Delta<KgSbEq>>,
    /// Primary energy, when both sides give it.
    pub pe: Option<Delta<Megajoules>>,
    /// Water, when both sides give it.
    pub wcf: Option<Delta<Litres>>,
}

/// Sets two results against each other.
///
/// The range of a difference supposes nothing in common between the two: it is the widest one. The unit counted may
/// be a different number of requests, since that is one way to use less, but not a request on one side and a job on
/// the other.
///
/// # Errors
/// When perimeter, method, tables or unit differ.
///
/// ```
/// use sobria_estimate::compare::{Side, compare};
/// use sobria_estimate::{Reference, llm};
///
/// let reference = Reference::embedded();
/// let side = |model: &'static str| {
///     let request = llm::Input::catalogue("mistralai", model, 400.0);
///     let impacts = llm::estimate(reference, &request).unwrap().output.totals();
///     Side::of_requests(&impacts, 1.0, reference.version())
/// };
/// let difference = compare(&side("mistral-large-2512"), &side("ministral-3b-2512")).unwrap();
/// assert!(difference.gwp.high() < 0.0);
/// ```
pub fn compare(before: &Side<'_>, after: &Side<'_>) -> Result<Difference, Refusal> {
    check(before, after)?;
    Ok(Difference {
        energy: before.energy.change_to(after.energy),
        gwp: before.gwp.change_to(after.gwp),
        adpe: change(before.adpe, after.adpe, Interval::change_to),
        pe: change(before.pe, after.pe, Interval::change_to),
        wcf: change(before.wcf, after.wcf, Interval::change_to),
    })
}

/// The same for two results of one machine in one place, that differ by an amount alone (half the requests, half the
/// hours): what is not known of one is not known of the other in the same way, and the range is narrower.
///
/// # Errors
/// Those of [`compare`].
///
/// ```
/// use sobria_estimate::compare::{Side, compare_amounts};
/// use sobria_estimate::{Reference, llm};
///
/// let reference = Reference::embedded();
/// let request = llm::Input::catalogue("openai", "gpt-4o", 400.0);
/// let one = llm::estimate(reference, &request).unwrap().output.totals();
/// let side = |requests: f64| Side::of_requests(&one.times(requests).unwrap(), requests, reference.version());
/// assert!(compare_amounts(&side(10.0), &side(9.0)).unwrap().gwp.high() < 0.0);
/// ```
pub fn compare_amounts(before: &Side<'_>, after: &Side<'_>) -> Result<Difference, Refusal> {
    check(before, after)?;
    Ok(Difference {
        energy: before.energy.common_change_to(after.energy),
        gwp: before.gwp.common_change_to(after.gwp),
        adpe: change(before.adpe, after.adpe, Interval::common_change_to),
        pe: change(before.pe, after.pe, Interval::common_change_to),
        wcf: change(before.wcf, after.wcf, Interval::common_change_to),
    })
}

fn check(before: &Side<'_>, after: &Side<'_>) -> Result<(), Refusal> {
    if before.method != after.method || before.method_version != after.method_version {
        return Err(if before.perimeter == after.perimeter {
            Refusal::DifferentMethods
        } else {
            Refusal::DifferentPerimeters
        });
    }
    if before.perimeter != after.perimeter {
        return Err(Refusal::DifferentPerimeters);
    }
    if before.reference_version != after.reference_version {
        return Err(Refusal::DifferentReferences);
    }
    if std::mem::discriminant(&before.unit) != std::mem::discriminant(&after.unit) {
        return Err(Refusal::DifferentUnits);
    }
    Ok(())
}

fn change<Q: sobria_quantity::Quantity>(
    before: Option<Interval<Q>>,
    after: Option<Interval<Q>>,
    of: impl Fn(Interval<Q>, Interval<Q>) -> Delta<Q>,
) -> Option<Delta<Q>> {
    Some(of(before?, after?))
}
