//! Scenarios that an evaluation suggests: another model, another place, shorter answers, half the volume.

use serde_json::value::RawValue;

use super::{
    Comparison, Evaluation, Frequency, Indicator, Outcome, Phase, Request, Source, UnitKind, compare,
    evaluate,
};
use crate::alternatives::{self, Change};
use crate::code::Code;
use crate::compute;
use crate::document::{Input, Method, read_input};
use crate::json::each_member;
use crate::llm;
use crate::reference::Reference;

/// What a variant changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariantChange {
    /// One line, as proposed for its requests.
    Line {
        /// The line, counted from 0.
        line: usize,
        /// What changes in it.
        change: Change,
    },
    /// The place of every line whose place is known.
    Zone(&'static str),
    /// Half as many units a year.
    HalfTheVolume,
}

impl VariantChange {
    /// What the variant is, in French.
    ///
    /// ```
    /// use sobria_estimate::service::VariantChange;
    ///
    /// assert_eq!(VariantChange::Zone("SWE").title(), "Calculer dans un autre lieu\u{a0}: SWE");
    /// ```
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Line { change, .. } => change.title(),
            Self::Zone(zone) => format!("Calculer dans un autre lieu\u{a0}: {zone}"),
            Self::HalfTheVolume => "Rendre le service deux fois moins souvent".to_owned(),
        }
    }
}

/// A scenario with what it comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    /// What changes.
    pub change: VariantChange,
    /// The evaluation, changed.
    pub evaluation: Evaluation,
    /// What it comes to.
    pub outcome: Outcome,
    /// From the present evaluation to the variant.
    pub comparison: Comparison,
}

/// Variants of an evaluation, in the order: smaller models, shorter answers, places, half the volume.
///
/// Models and shorter answers are proposed for the line of requests that weighs the most on the climate, as
/// [`alternatives::alternatives`] does. A place is proposed when it lowers greenhouse gases; what a tool declared for
/// the former place does not follow. Half the volume halves the requests and runs of the operation, not its hosting.
///
/// # Errors
/// Those of [`evaluate`] for the present evaluation.
///
/// ```
/// use sobria_estimate::{Reference, service::{Evaluation, VariantChange, variants}};
///
/// let text = r#"{"title":"Essai","maturity":"experimentation",
///     "functional_unit":{"kind":"per_request","label":"une réponse","quantity_per_year":1000},
///     "lines":[{"phase":"operation","tier":"datacenter","frequency":"per_year","count":1000,
///         "source":{"kind":"estimate","request":{"method":"llm_inference",
///             "input":{"provider":"openai","model":"gpt-4o","output_tokens":250}}}}]}"#;
/// let proposed = variants(Reference::embedded(), &Evaluation::read(text).unwrap()).unwrap();
/// let last = proposed.last().unwrap();
/// assert_eq!(last.change, VariantChange::HalfTheVolume);
/// assert_eq!(last.comparison.indicators[0].annual_ratio, Some(0.5));
/// ```
pub fn variants(reference: &Reference, evaluation: &Evaluation) -> Result<Vec<Variant>, Vec<Code>> {
    let present = evaluate(reference, evaluation)?;
    let mut candidates: Vec<(VariantChange, Evaluation)> = Vec::new();
    if let Some((at, input)) = heaviest_requests(evaluation, &present) {
        let count = evaluation.lines.get(at).map_or(1.0, |line| line.count);
        for proposal in alternatives::alternatives(reference, &input, count).unwrap_or_default() {
            if matches!(proposal.change, Change::Zone(_) | Change::HalfTheRequests) {
                continue;
            }
            let change = VariantChange::Line {
                line: at,
                change: proposal.change,
            };
            candidates.extend(with_request(evaluation, at, &proposal.input).map(|changed| (change, changed)));
        }
    }
    for zone in alternatives::ZONES {
        let Some(mix) = reference.mix(zone) else {
            continue;
        };
        candidates
            .extend(in_zone(evaluation, mix.zone).map(|changed| (VariantChange::Zone(mix.zone), changed)));
    }
    candidates.extend(at_half_volume(evaluation).map(|changed| (VariantChange::HalfTheVolume, changed)));

    let mut proposed = Vec::with_capacity(candidates.len());
    for (change, evaluation) in candidates {
        let Ok(outcome) = evaluate(reference, &evaluation) else {
            continue;
        };
        let Ok(comparison) = compare(&present, &outcome) else {
            continue;
        };
        let lowers = comparison.indicators.iter().any(|difference| {
            difference.indicator == Indicator::Gwp
                && difference.annual.is_some_and(|annual| annual.central < 0.0)
        });
        if matches!(change, VariantChange::Zone(_)) && !lowers {
            continue;
        }
        proposed.push(Variant {
            change,
            evaluation,
            outcome,
            comparison,
        });
    }
    Ok(proposed)
}

/// The line of requests to a model with the most greenhouse gases a year.
fn heaviest_requests<'e>(evaluation: &'e Evaluation, present: &Outcome) -> Option<(usize, llm::Input<'e>)> {
    let mut heaviest: Option<(f64, usize, llm::Input<'e>)> = None;
    for (at, (line, outcome)) in evaluation.lines.iter().zip(&present.lines).enumerate() {
        let Source::Estimate { request } = &line.source else {
            continue;
        };
        let Some(Input::Llm(input)) = input_of(request) else {
            continue;
        };
        let weight = outcome
            .parts
            .iter()
            .find(|part| part.indicator == Indicator::Gwp)
            .map_or(0.0, |part| part.annual.central());
        if heaviest.as_ref().is_none_or(|(most, ..)| weight > *most) {
            heaviest = Some((weight, at, *input));
        }
    }
    heaviest.map(|(_, at, input)| (at, input))
}

fn input_of(request: &Request) -> Option<Input<'_>> {
    let (mut method, mut input) = (None, None);
    each_member(&request.0, |name, raw: &RawValue| match name {
        "method" => method = serde_json::from_str::<String>(raw.get()).ok(),
        "input" => input = Some(raw.get()),
        _ => {}
    })
    .ok()?;
    let method = Method::ALL
        .into_iter()
        .find(|known| Some(known.id()) == method.as_deref())?;
    read_input(method, input?).ok()
}

fn request(method: Method, input: &impl serde::Serialize) -> Option<Request> {
    let input = serde_json::to_string(input).ok()?;
    Some(Request(format!(
        r#"{{"method":"{}","input":{input}}}"#,
        method.id()
    )))
}

fn with_request(evaluation: &Evaluation, at: usize, input: &llm::Input<'_>) -> Option<Evaluation> {
    let mut changed = evaluation.clone();
    changed.lines.get_mut(at)?.source = Source::Estimate {
        request: request(Method::LlmInference, input)?,
    };
    Some(changed)
}

/// The evaluation elsewhere; `None` when no line says where it is.
fn in_zone(evaluation: &Evaluation, zone: &'static str) -> Option<Evaluation> {
    let mut changed = evaluation.clone();
    let mut moved = false;
    for line in &mut changed.lines {
        match &mut line.source {
            Source::Measured(log) if log.zone != zone => {
                zone.clone_into(&mut log.zone);
                log.carbon_kg = None;
                moved = true;
            }
            Source::Estimate { request: kept } => {
                if let Some(elsewhere) = input_of(kept).and_then(|input| moved_input(input, zone)) {
                    *kept = elsewhere;
                    moved = true;
                }
            }
            _ => {}
        }
    }
    moved.then_some(changed)
}

fn moved_input(input: Input<'_>, zone: &'static str) -> Option<Request> {
    match input {
        Input::Llm(input) if input.mix.is_none() && input.zone.as_deref() != Some(zone) => {
            request(Method::LlmInference, &input.in_zone(zone))
        }
        Input::Llm(_) | Input::Measurement(_) => None,
        Input::Compute(mut input) => {
            let moved = match &mut *input {
                compute::Input::Job(job) => move_job(job, zone),
                compute::Input::Ai(ai) => {
                    let mut moved = false;
                    for job in [ai.training.as_mut(), ai.inference.as_mut()]
                        .into_iter()
                        .flatten()
                    {
                        moved |= move_job(job, zone);
                    }
                    moved
                }
            };
            if moved {
                request(Method::ComputeJob, &input)
            } else {
                None
            }
        }
    }
}

fn move_job(job: &mut compute::Job<'_>, zone: &'static str) -> bool {
    if job.carbon_intensity_g_per_kwh.is_some() || job.zone.as_deref() == Some(zone) {
        return false;
    }
    job.zone = Some(zone.into());
    // A region is a place too.
    job.region = None;
    true
}

fn at_half_volume(evaluation: &Evaluation) -> Option<Evaluation> {
    let mut changed = evaluation.clone();
    let mut halved = false;
    for line in &mut changed.lines {
        let of_use = line.phase == Phase::Operation && line.frequency == Frequency::PerYear;
        if of_use && matches!(line.source, Source::Estimate { .. }) {
            line.count /= 2.0;
            halved = true;
        }
    }
    if changed.functional_unit.kind != UnitKind::ServiceYear {
        changed.functional_unit.quantity_per_year /= 2.0;
    }
    halved.then_some(changed)
}
