//! Figures of a year, whatever the method: what is kept of an estimate to be compared and counted.

use serde::Serialize;
use sobria_quantity::{Interval, KgCo2e, Quantity};

use crate::code::{self, Code};
use crate::document::Output;
use crate::llm::Grade;
use crate::measurement;

/// An amount between two bounds, with the figure to quote when one is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bracket {
    /// Low bound.
    pub low: f64,
    /// Central figure: the middle of a generation's bracket, the prudent figure of a computation.
    pub central: f64,
    /// High bound.
    pub high: f64,
}

impl Bracket {
    fn times(self, times: f64) -> Self {
        Self {
            low: self.low * times,
            central: self.central * times,
            high: self.high * times,
        }
    }
}

/// Electricity and greenhouse gases of a year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Yearly {
    /// Electricity, in kWh.
    pub energy_kwh: Bracket,
    /// Greenhouse gases, in kg CO₂e.
    pub gwp_kg: Bracket,
    /// How far it can be trusted, when the method says so.
    pub grade: Option<Grade>,
}

impl Output {
    /// The figures of a year in which the request is made so many times.
    ///
    /// # Errors
    /// `out-of-range:requests` for a negative, infinite or NaN number; `result-too-large`; `method-not-available` for a
    /// step of a measure, which is not the figure of a use.
    ///
    /// ```
    /// use sobria_estimate::{Reference, document};
    ///
    /// let request = r#"{"method":"llm_inference","input":{"provider":"openai","model":"gpt-4o","output_tokens":250}}"#;
    /// let answer = document::answer(Reference::embedded(), request);
    /// let year = answer.output.unwrap().per_year(1000.0).unwrap();
    /// assert!(year.gwp_kg.low <= year.gwp_kg.central && year.gwp_kg.central <= year.gwp_kg.high);
    /// ```
    pub fn per_year(&self, times: f64) -> Result<Yearly, Code> {
        match self {
            Self::Llm(output) => {
                let year = output.totals().times(times)?;
                Ok(Yearly {
                    energy_kwh: bracket(year.energy, year.energy.central()),
                    gwp_kg: bracket(year.gwp, year.gwp.central()),
                    grade: Some(output.reliability.grade),
                })
            }
            Self::Compute(output) => {
                if !times.is_finite() || times < 0.0 {
                    return Err(code::of_field("out-of-range", "", "requests"));
                }
                let too_large = Code::Borrowed("result-too-large");
                let range = output.range();
                let central = output.central();
                let energy = range.energy_kwh.times(times).or(Err(too_large.clone()))?;
                let carbon = range.carbon_g.times(times).or(Err(too_large.clone()))?;
                let [energy_central, gwp_central] =
                    [central.energy_kwh * times, central.carbon_g * times / 1000.0];
                if !energy_central.is_finite() || !gwp_central.is_finite() {
                    return Err(too_large);
                }
                let gwp = Interval::spanning(KgCo2e::from(carbon.low()), KgCo2e::from(carbon.high()));
                Ok(Yearly {
                    energy_kwh: bracket(energy, energy_central),
                    gwp_kg: bracket(gwp, gwp_central),
                    grade: None,
                })
            }
            Self::Measurement(output) => match output.as_ref() {
                measurement::Output::Measured(measured) => {
                    if !times.is_finite() || times < 0.0 {
                        return Err(code::of_field("out-of-range", "", "requests"));
                    }
                    let year = Yearly {
                        energy_kwh: measured.energy_kwh.times(times),
                        gwp_kg: measured.emissions_kg.times(times),
                        grade: None,
                    };
                    if year.energy_kwh.high.is_finite() && year.gwp_kg.high.is_finite() {
                        Ok(year)
                    } else {
                        Err(Code::Borrowed("result-too-large"))
                    }
                }
                _ => Err(Code::Borrowed("method-not-available")),
            },
        }
    }
}

fn bracket<Q: Quantity>(interval: Interval<Q>, central: f64) -> Bracket {
    Bracket {
        low: interval.low().get(),
        central,
        high: interval.high().get(),
    }
}
