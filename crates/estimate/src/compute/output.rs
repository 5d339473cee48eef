//! What one request of the method answers.

use serde::Serialize;
use sobria_quantity::{GCo2e, Interval, KilowattHours, OutOfRange};

use crate::code::Code;
use crate::provenance::Assumption;

/// Electricity of the machines by component, data centre apart, in kWh.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ItEnergy {
    /// Cores.
    pub cpu: f64,
    /// Boards.
    pub gpu: f64,
    /// Memory.
    pub memory: f64,
    /// Sum of the three.
    pub total: f64,
}

/// Greenhouse gases by component, data centre included, in grammes of CO₂ equivalent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Components {
    /// Cores.
    pub cpu: f64,
    /// Boards.
    pub gpu: f64,
    /// Memory.
    pub memory: f64,
}

/// Bracket of an amount: every low bound together, every high bound together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct AmountRange {
    /// Electricity, data centre included.
    pub energy_kwh: Interval<KilowattHours>,
    /// Greenhouse gases of that electricity.
    pub carbon_g: Interval<GCo2e>,
}

impl AmountRange {
    pub(super) const ZERO: Self = Self {
        energy_kwh: Interval::at(KilowattHours::ZERO),
        carbon_g: Interval::at(GCo2e::ZERO),
    };

    pub(super) fn times(&self, factor: f64) -> Result<Self, Code> {
        let scaled = || {
            Ok::<_, OutOfRange>(Self {
                energy_kwh: self.energy_kwh.times(factor)?,
                carbon_g: self.carbon_g.times(factor)?,
            })
        };
        scaled().map_err(super::too_large)
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        Self {
            energy_kwh: self.energy_kwh.plus(other.energy_kwh),
            carbon_g: self.carbon_g.plus(other.carbon_g),
        }
    }

    pub(super) fn is_saturated(&self) -> bool {
        self.energy_kwh.is_saturated() || self.carbon_g.is_saturated()
    }
}

/// The footprint of one job. Use of electricity alone: manufacture and water are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct JobOutput {
    /// Electricity, data centre and repetitions included, in kWh.
    pub energy_kwh: f64,
    /// Greenhouse gases of that electricity, in grammes of CO₂ equivalent.
    pub carbon_g: f64,
    /// Power during one run, data centre included, in watts.
    pub power_w: f64,
    /// Power usage effectiveness used.
    pub pue: f64,
    /// Carbon intensity used, in grammes per kWh.
    pub carbon_intensity_g_per_kwh: f64,
    /// Electricity by component, repetitions included, data centre apart.
    pub it_energy_kwh: ItEnergy,
    /// Greenhouse gases by component.
    pub carbon_by_component_g: Components,
    /// Bracket around the two first figures.
    pub range: AmountRange,
}

/// Electricity and greenhouse gases of one part.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Amount {
    /// Electricity, in kWh.
    pub energy_kwh: f64,
    /// Greenhouse gases, in grammes of CO₂ equivalent.
    pub carbon_g: f64,
}

impl Amount {
    pub(super) const ZERO: Self = Self {
        energy_kwh: 0.0,
        carbon_g: 0.0,
    };

    pub(super) fn of(job: &JobOutput) -> Self {
        Self {
            energy_kwh: job.energy_kwh,
            carbon_g: job.carbon_g,
        }
    }

    pub(super) fn times(&self, factor: f64) -> Result<Self, Code> {
        let scaled = Self {
            energy_kwh: factor * self.energy_kwh,
            carbon_g: factor * self.carbon_g,
        };
        if scaled.is_finite() {
            Ok(scaled)
        } else {
            Err(super::TOO_LARGE)
        }
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        Self {
            energy_kwh: self.energy_kwh + other.energy_kwh,
            carbon_g: self.carbon_g + other.carbon_g,
        }
    }

    pub(super) fn is_finite(&self) -> bool {
        self.energy_kwh.is_finite() && self.carbon_g.is_finite()
    }
}

/// A training with its research and its repetitions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TrainingOutput {
    /// The main training.
    pub main: Amount,
    /// Research and tuning.
    pub rd: Amount,
    /// Trainings made again.
    pub retrainings: Amount,
    /// Sum of the three.
    pub total: Amount,
}

/// The use of a model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct InferenceOutput {
    /// The job as described.
    pub one_period: Amount,
    /// How many times the reporting period holds it.
    pub scale_factor: f64,
    /// Over the reporting period.
    pub total: Amount,
}

/// The footprint of a training and of its use.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AiOutput {
    /// The training, when described.
    pub training: Option<TrainingOutput>,
    /// The use, when described.
    pub inference: Option<InferenceOutput>,
    /// Sum of both.
    pub total: Amount,
    /// Bracket around the sum.
    pub range: AmountRange,
}

/// The figures of one request.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Output {
    /// One job.
    Job(JobOutput),
    /// A training and its use.
    Ai(AiOutput),
}

impl Output {
    /// The bracket of electricity and greenhouse gases.
    ///
    /// ```
    /// use sobria_estimate::{Reference, compute};
    ///
    /// let job = compute::Job {
    ///     runtime_h: Some(1.0),
    ///     memory_gb: Some(16.0),
    ///     zone: Some("FRA".into()),
    ///     ..compute::Job::default()
    /// };
    /// let outcome = compute::estimate(Reference::embedded(), &compute::Input::Job(Box::new(job))).unwrap();
    /// assert!(outcome.output.range().energy_kwh.low() < outcome.output.range().energy_kwh.high());
    /// ```
    #[must_use]
    pub fn range(&self) -> &AmountRange {
        match self {
            Self::Job(job) => &job.range,
            Self::Ai(ai) => &ai.range,
        }
    }

    /// The central electricity and greenhouse gases: a prudent estimate, often near the high end of the bracket.
    ///
    /// ```
    /// use sobria_estimate::{Reference, compute};
    ///
    /// let job = compute::Job {
    ///     runtime_h: Some(1.0),
    ///     memory_gb: Some(16.0),
    ///     zone: Some("FRA".into()),
    ///     ..compute::Job::default()
    /// };
    /// let outcome = compute::estimate(Reference::embedded(), &compute::Input::Job(Box::new(job))).unwrap();
    /// assert!(outcome.output.central().energy_kwh > 0.0);
    /// ```
    #[must_use]
    pub fn central(&self) -> Amount {
        match self {
            Self::Job(job) => Amount::of(job),
            Self::Ai(ai) => ai.total,
        }
    }
}

/// An estimate with what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The figures.
    pub output: Output,
    /// Codes of the warnings.
    pub warnings: Vec<Code>,
    /// Every value used, with its source.
    pub assumptions: Vec<Assumption>,
}
