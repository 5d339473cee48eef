//! What one line brings to the grid.

use std::borrow::Cow;

use serde::Serialize;

use super::range::TOO_LARGE;
use super::{
    Coverage, Evaluation, Frequency, Indicator, Line, Log, Notice, Range, Source, Stages, Statement,
};
use crate::code::Code;
use crate::compute;
use crate::document::{self, Method, Output};
use crate::electricity::ZoneFactors;
use crate::llm::{Bounds, Impacts};
use crate::provenance::{Assumption, Value};
use crate::reference::Reference;

/// A number that a line brings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Part {
    /// What is counted.
    pub indicator: Indicator,
    /// How it is known.
    pub coverage: Coverage,
    /// What of the life of the machines is counted.
    pub stages: Stages,
    /// One time of the source.
    pub one: Range,
    /// The whole line: every time, before it is spread over the life of the service.
    pub whole: Range,
    /// The share of one year.
    pub annual: Range,
}

/// What was made of one line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LineOutcome {
    /// The line.
    #[serde(skip)]
    pub line: Line,
    /// The numbers; none for a mark.
    pub parts: Vec<Part>,
    /// Greenhouse gases that a tool declared and that were worked out again, in kg CO₂e for the whole line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_carbon: Option<Range>,
    /// Codes of the warnings and notices of the method.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Code>,
    /// Method, for an estimate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<MethodUsed>,
}

/// A method that made the numbers of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MethodUsed {
    /// Its name in requests.
    pub id: &'static str,
    /// Its version.
    pub version: &'static str,
}

impl MethodUsed {
    fn of(method: Method) -> Option<Self> {
        Some(Self {
            id: method.id(),
            version: method.version()?,
        })
    }
}

/// Numbers of one time of a source.
type Amount = (Indicator, Coverage, Stages, Range);

pub(super) struct Reader<'r> {
    pub reference: &'r Reference,
    pub notices: Vec<Notice>,
    pub assumptions: Vec<Assumption>,
}

impl Reader<'_> {
    pub fn line(
        &mut self,
        at: usize,
        line: &Line,
        evaluation: &Evaluation,
    ) -> Result<LineOutcome, Vec<Code>> {
        let mut outcome = LineOutcome {
            line: line.clone(),
            parts: Vec::new(),
            declared_carbon: None,
            warnings: Vec::new(),
            method: None,
        };
        let amounts = match &line.source {
            Source::Estimate { request } => self.estimate(at, &request.0, &mut outcome)?,
            Source::Supplier(statement) => self.supplier(at, statement)?,
            Source::Measured(log) => self.measured(at, log, &mut outcome)?,
            Source::Coverage(mark) => {
                if !mark.has_reason() {
                    match mark.mark {
                        Coverage::Negligible => self.notice("negligible-without-reason", at),
                        Coverage::NotApplicable => self.notice("not-applicable-without-reason", at),
                        _ => {}
                    }
                }
                Vec::new()
            }
        };
        let whole_line = || {
            let years = years(line, evaluation.lifetime());
            outcome.declared_carbon = outcome
                .declared_carbon
                .map(|carbon| carbon.times(line.count))
                .transpose()?;
            for (indicator, coverage, stages, amount) in amounts {
                let whole = amount.times(line.count)?;
                outcome.parts.push(Part {
                    indicator,
                    coverage,
                    stages,
                    one: amount,
                    whole,
                    annual: whole.over(years)?,
                });
            }
            Ok::<_, Code>(outcome)
        };
        whole_line().map_err(|code: Code| vec![of_line(at, &code)])
    }

    fn notice(&mut self, code: &'static str, at: usize) {
        self.notices.push(Notice::new(code, Some(at)));
    }

    fn note(&mut self, at: usize, mut assumption: Assumption) {
        assumption.field = Cow::Owned(format!("lines[{at}].{}", assumption.field));
        self.assumptions.push(assumption);
    }

    fn estimate(
        &mut self,
        at: usize,
        request: &str,
        outcome: &mut LineOutcome,
    ) -> Result<Vec<Amount>, Vec<Code>> {
        let answer = document::answer(self.reference, request);
        let Some(output) = answer.output else {
            return Err(answer.errors.iter().map(|code| of_line(at, code)).collect());
        };
        outcome.warnings = answer.warnings;
        for assumption in answer.assumptions {
            self.note(at, assumption);
        }
        let amounts = match &output {
            Output::Llm(output) => {
                outcome.method = MethodUsed::of(Method::LlmInference);
                let notices = output.notices.iter().map(|code| Code::Borrowed(code));
                outcome.warnings.extend(notices);
                of_requests(&output.totals())
            }
            Output::Compute(output) => {
                outcome.method = MethodUsed::of(Method::ComputeJob);
                if matches!(**output, compute::Output::Ai(ai) if ai.training.is_some() && ai.inference.is_some())
                {
                    self.notice("training-and-use-in-one-line", at);
                }
                of_computation(output)
            }
            Output::Measurement(_) => Err(Code::Borrowed("method-not-available")),
        };
        amounts.map_err(|code| vec![of_line(at, &code)])
    }

    fn supplier(&mut self, at: usize, statement: &Statement) -> Result<Vec<Amount>, Vec<Code>> {
        let source = format!("{}, {}, {}", statement.who, statement.date, statement.document);
        for (indicator, bounds) in &statement.indicators {
            let mut stated = Assumption::user(indicator.id(), *bounds, indicator.unit());
            stated.source = Cow::Owned(source.clone());
            self.note(at, stated);
        }
        let stated_stages = if statement.includes_manufacture {
            Stages::UseAndManufacture
        } else {
            Stages::Use
        };
        let stated = |indicator| statement.indicators.get(&indicator).copied();
        if let (Some(energy), Some(carbon)) = (stated(Indicator::Energy), stated(Indicator::Gwp)) {
            match &statement.zone {
                None => self.notice("zone-not-stated", at),
                Some(zone) => {
                    let factors = self.factors(at, zone)?;
                    self.notices
                        .extend(Notice::of_declared(at, energy, carbon, stated_stages, &factors));
                }
            }
        }
        statement
            .indicators
            .iter()
            .map(|(indicator, bounds)| {
                let stages = match indicator {
                    Indicator::Gwp | Indicator::Adpe | Indicator::Pe => stated_stages,
                    Indicator::Energy | Indicator::Water => Stages::Use,
                };
                Ok((
                    *indicator,
                    Coverage::Supplier,
                    stages,
                    of_bounds(*indicator, *bounds)?,
                ))
            })
            .collect::<Result<_, Code>>()
            .map_err(|code| vec![of_line(at, &code)])
    }

    fn measured(
        &mut self,
        at: usize,
        log: &Log,
        outcome: &mut LineOutcome,
    ) -> Result<Vec<Amount>, Vec<Code>> {
        let factors = self.factors(at, &log.zone)?;
        let mut measured = Assumption::user("energy_kwh", log.energy_kwh, "kWh");
        let tool = log.tool.as_deref().unwrap_or("mesure");
        measured.source = Cow::Owned(match log.year {
            Some(year) => format!("{tool}, {year}"),
            None => tool.to_owned(),
        });
        self.note(at, measured);
        self.note(at, Assumption::user("zone", factors.zone, ""));
        let used = factors.held.first();
        self.note(
            at,
            Assumption::table(
                "carbon_intensity_g_per_kwh",
                factors.central,
                "g CO₂e/kWh",
                used.map_or(Cow::Borrowed(""), |factor| factor.source.clone()),
            ),
        );
        let amounts = || {
            let energy = of_bounds(Indicator::Energy, log.energy_kwh)?;
            let carbon = Range::around(
                Indicator::Gwp,
                energy.low() * (factors.low / 1000.0),
                energy.central() * (factors.central / 1000.0),
                energy.high() * (factors.high / 1000.0),
            )?;
            let declared = log.carbon_kg.map(|bounds| of_bounds(Indicator::Gwp, bounds));
            Ok::<_, Code>((
                vec![
                    (Indicator::Energy, Coverage::Measured, Stages::Use, energy),
                    (Indicator::Gwp, Coverage::Calculated, Stages::Use, carbon),
                ],
                declared.transpose()?,
            ))
        };
        let (amounts, declared) = amounts().map_err(|code| vec![of_line(at, &code)])?;
        outcome.declared_carbon = declared;
        if let Some(carbon) = log.carbon_kg {
            self.notices.extend(Notice::of_declared(
                at,
                log.energy_kwh,
                carbon,
                Stages::Use,
                &factors,
            ));
        }
        Ok(amounts)
    }

    fn factors(&self, at: usize, zone: &str) -> Result<ZoneFactors, Vec<Code>> {
        ZoneFactors::of(self.reference, zone)
            .ok_or_else(|| vec![of_line(at, &Code::Borrowed("unknown-zone"))])
    }
}

/// Years over which a line is spread.
pub(super) fn years(line: &Line, lifetime: f64) -> f64 {
    match line.frequency {
        Frequency::Once => lifetime,
        Frequency::PerYear => 1.0,
    }
}

/// The code of something wrong in a line.
fn of_line(at: usize, code: &str) -> Code {
    Cow::Owned(format!("lines[{at}].{code}"))
}

fn of_bounds(indicator: Indicator, bounds: Bounds) -> Result<Range, Code> {
    let central = f64::midpoint(bounds.min, bounds.max);
    Range::of(indicator, bounds.min, central, bounds.max).ok_or(TOO_LARGE)
}

fn of_requests(impacts: &Impacts) -> Result<Vec<Amount>, Code> {
    fn amount<Q: sobria_quantity::Quantity>(
        indicator: Indicator,
        stages: Stages,
        value: sobria_quantity::Interval<Q>,
    ) -> Result<Amount, Code> {
        let range = Range::around(indicator, value.low().get(), value.central(), value.high().get())?;
        Ok((indicator, Coverage::Estimated, stages, range))
    }
    let both = Stages::UseAndManufacture;
    Ok(vec![
        amount(Indicator::Energy, Stages::Use, impacts.energy)?,
        amount(Indicator::Gwp, both, impacts.gwp)?,
        amount(Indicator::Adpe, both, impacts.adpe)?,
        amount(Indicator::Pe, both, impacts.pe)?,
        amount(Indicator::Water, Stages::Use, impacts.wcf)?,
    ])
}

fn of_computation(output: &compute::Output) -> Result<Vec<Amount>, Code> {
    use sobria_quantity::Quantity;
    let (range, central) = (output.range(), output.central());
    let energy = Range::around(
        Indicator::Energy,
        range.energy_kwh.low().get(),
        central.energy_kwh,
        range.energy_kwh.high().get(),
    )?;
    let carbon = Range::around(
        Indicator::Gwp,
        range.carbon_g.low().get() / 1000.0,
        central.carbon_g / 1000.0,
        range.carbon_g.high().get() / 1000.0,
    )?;
    Ok(vec![
        (Indicator::Energy, Coverage::Calculated, Stages::Use, energy),
        (Indicator::Gwp, Coverage::Calculated, Stages::Use, carbon),
    ])
}

/// The life of the service, for the list of hypotheses.
pub(super) fn lifetime(evaluation: &Evaluation) -> Assumption {
    let years = evaluation.lifetime();
    match evaluation.lifetime_years {
        Some(_) => Assumption::user("lifetime_years", Value::Number(years), "ans"),
        None => Assumption::default("lifetime_years", Value::Number(years), "ans", "choix du projet"),
    }
}
