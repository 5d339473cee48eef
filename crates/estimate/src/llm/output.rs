//! What one request of the method answers, and how it is multiplied by a number of requests.

use serde::Serialize;
use sobria_quantity::{Interval, KgCo2e, KgSbEq, KilowattHours, Litres, Megajoules, OutOfRange};

use crate::code::{self, Code};
use crate::provenance::Assumption;

/// Part due to the electricity used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Electricity, data centre included.
    pub energy: Interval<KilowattHours>,
    /// Greenhouse gases.
    pub gwp: Interval<KgCo2e>,
    /// Abiotic depletion of elements.
    pub adpe: Interval<KgSbEq>,
    /// Primary energy.
    pub pe: Interval<Megajoules>,
    /// Water consumed.
    pub wcf: Interval<Litres>,
}

/// Part due to the manufacture of the machines, over the time that the request takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Embodied {
    /// Greenhouse gases.
    pub gwp: Interval<KgCo2e>,
    /// Abiotic depletion of elements.
    pub adpe: Interval<KgSbEq>,
    /// Primary energy.
    pub pe: Interval<Megajoules>,
}

/// A value in the low branch and in the high branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Branches<T> {
    /// With every low bound.
    pub min_branch: T,
    /// With every high bound.
    pub max_branch: T,
}

/// Steps of the calculation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Trace {
    /// Boards that hold the model.
    pub gpu_count: Branches<u32>,
    /// Duration of the generation, in seconds.
    pub generation_latency_s: Branches<f64>,
    /// Electricity of the machines, data centre apart, in kWh.
    pub it_energy_kwh: Branches<f64>,
}

/// How far a result can be trusted, from A to D.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Grade {
    /// Known size, within the measurements, factors of the place.
    A,
    /// Known size, but extrapolated, near a step, or with factors of the world.
    B,
    /// Guessed size.
    C,
    /// Guessed size of a multimodal or very large model.
    D,
}

/// A grade and why it is not better.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reliability {
    /// The grade.
    pub grade: Grade,
    /// Codes of the reasons.
    pub reasons: Vec<&'static str>,
}

/// The footprint of one request. Totals are usage and manufacture; energy and water are usage alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Output {
    /// Electricity, data centre included.
    pub energy: Interval<KilowattHours>,
    /// Greenhouse gases.
    pub gwp: Interval<KgCo2e>,
    /// Abiotic depletion of elements.
    pub adpe: Interval<KgSbEq>,
    /// Primary energy.
    pub pe: Interval<Megajoules>,
    /// Water consumed.
    pub wcf: Interval<Litres>,
    /// Part of the electricity used.
    pub usage: Usage,
    /// Part of the manufacture.
    pub embodied: Embodied,
    /// Steps of the calculation.
    pub trace: Trace,
    /// How far the result can be trusted.
    pub reliability: Reliability,
    /// Codes of what a reader should know.
    pub notices: Vec<&'static str>,
}

impl Output {
    /// The five totals.
    ///
    /// ```
    /// use sobria_estimate::{Reference, llm};
    ///
    /// let request = llm::Input::catalogue("openai", "gpt-4o", 250.0);
    /// let output = llm::estimate(Reference::embedded(), &request).unwrap().output;
    /// assert_eq!(output.totals().energy, output.energy);
    /// ```
    #[must_use]
    pub fn totals(&self) -> Impacts {
        Impacts {
            energy: self.energy,
            gwp: self.gwp,
            adpe: self.adpe,
            pe: self.pe,
            wcf: self.wcf,
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

/// Five criteria, for one request or for many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Impacts {
    /// Electricity, data centre included.
    pub energy: Interval<KilowattHours>,
    /// Greenhouse gases.
    pub gwp: Interval<KgCo2e>,
    /// Abiotic depletion of elements.
    pub adpe: Interval<KgSbEq>,
    /// Primary energy.
    pub pe: Interval<Megajoules>,
    /// Water consumed.
    pub wcf: Interval<Litres>,
}

impl Impacts {
    /// The impacts of so many requests: each request keeps its own delay before the first token,
    /// which one request of all the tokens together would count once.
    ///
    /// # Errors
    /// `out-of-range:requests` for a negative, infinite or NaN number; `result-too-large`.
    ///
    /// ```
    /// use sobria_estimate::{Reference, llm};
    ///
    /// let request = llm::Input::catalogue("openai", "gpt-4o", 250.0);
    /// let one = llm::estimate(Reference::embedded(), &request).unwrap().output.totals();
    /// let year = one.times(220_000.0).unwrap();
    /// assert!(year.energy.high() > one.energy.high());
    /// assert!(one.times(-1.0).is_err());
    /// ```
    pub fn times(&self, requests: f64) -> Result<Self, Code> {
        if !requests.is_finite() || requests < 0.0 {
            return Err(code::of_field("out-of-range", "", "requests"));
        }
        let scaled = || {
            Ok::<_, OutOfRange>(Self {
                energy: self.energy.times(requests)?,
                gwp: self.gwp.times(requests)?,
                adpe: self.adpe.times(requests)?,
                pe: self.pe.times(requests)?,
                wcf: self.wcf.times(requests)?,
            })
        };
        scaled().or(Err(Code::Borrowed("result-too-large")))
    }

    /// The sum of two impacts, bound by bound.
    ///
    /// ```
    /// use sobria_estimate::{Reference, llm};
    ///
    /// let request = llm::Input::catalogue("openai", "gpt-4o", 250.0);
    /// let one = llm::estimate(Reference::embedded(), &request).unwrap().output.totals();
    /// assert_eq!(one.plus(&one), one.times(2.0).unwrap());
    /// ```
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            energy: self.energy.plus(other.energy),
            gwp: self.gwp.plus(other.gwp),
            adpe: self.adpe.plus(other.adpe),
            pe: self.pe.plus(other.pe),
            wcf: self.wcf.plus(other.wcf),
        }
    }
}

/// How often a service is used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scaling {
    /// People who use it.
    pub users: f64,
    /// Requests of one person in one day of use.
    pub uses_per_day: f64,
    /// Days of use in a year.
    pub days_per_year: f64,
}

impl Scaling {
    /// Requests of a year: users × uses per day × days.
    ///
    /// ```
    /// use sobria_estimate::llm::Scaling;
    ///
    /// let agents = Scaling { users: 100.0, uses_per_day: 7.0, days_per_year: 220.0 };
    /// assert_eq!(agents.requests_per_year(), 154_000.0);
    /// ```
    #[must_use]
    pub fn requests_per_year(&self) -> f64 {
        self.users * self.uses_per_day * self.days_per_year
    }
}
