//! What would lower the footprint of a use of a model: each proposal is an estimate of its own, never a rule of thumb.

use crate::code::Code;
use crate::compare::{Difference, Side, compare, compare_amounts};
use crate::llm::{self, Impacts, Input, Outcome};
use crate::reference::{Model, Reference};

/// What a proposal changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A model with published weights and fewer parameters.
    SmallerModel {
        /// Provider of the model.
        provider: &'static str,
        /// Name of the model.
        model: &'static str,
    },
    /// Electricity of another place.
    Zone(&'static str),
    /// Answers half as long.
    HalfTheTokens,
    /// Half as many requests.
    HalfTheRequests,
}

impl Change {
    /// What the proposal is, in French.
    ///
    /// ```
    /// use sobria_estimate::alternatives::Change;
    ///
    /// assert_eq!(Change::HalfTheTokens.title(), "Demander des réponses deux fois plus courtes");
    /// ```
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::SmallerModel { model, .. } => {
                format!("Employer un modèle ouvert plus petit\u{a0}: {model}")
            }
            Self::Zone(zone) => format!("Héberger le modèle dans un autre lieu\u{a0}: {zone}"),
            Self::HalfTheTokens => "Demander des réponses deux fois plus courtes".to_owned(),
            Self::HalfTheRequests => "Faire deux fois moins de requêtes".to_owned(),
        }
    }
}

/// One proposal with its estimate.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative<'a> {
    /// What changes.
    pub change: Change,
    /// The request, changed.
    pub input: Input<'a>,
    /// Number of requests, changed or not.
    pub requests: f64,
    /// Estimate of one request.
    pub outcome: Outcome,
    /// Impacts of all the requests.
    pub impacts: Impacts,
    /// From the present use to the proposal: negative where the proposal uses less.
    pub difference: Difference,
    /// Greenhouse gases of the proposal over those of the present use, central values; `None` when the latter are zero.
    pub ratio: Option<f64>,
}

/// Sizes of the smaller models proposed, relative to the present one: one near a half, one near a tenth.
const SIZES: [f64; 2] = [0.5, 0.1];

/// Places proposed, of those whose four factors are known.
pub(crate) const ZONES: [&str; 2] = ["FRA", "SWE"];

/// Proposals for so many requests, in the order: smaller models, places, shorter answers, fewer requests.
///
/// A place is proposed only when its greenhouse gases are lower; other criteria may be higher there, and the
/// difference says so. Models are proposed by size alone: whether one answers well enough is for people to judge.
///
/// # Errors
/// The codes of the present request, when it cannot be estimated; `out-of-range:requests`.
///
/// ```
/// use sobria_estimate::alternatives::{Change, alternatives};
/// use sobria_estimate::{Reference, llm};
///
/// let request = llm::Input::catalogue("openai", "gpt-4o", 250.0);
/// let proposals = alternatives(Reference::embedded(), &request, 1_000.0).unwrap();
/// let fewer = proposals.iter().find(|proposal| proposal.change == Change::HalfTheRequests).unwrap();
/// assert_eq!(fewer.ratio, Some(0.5));
/// ```
pub fn alternatives<'a>(
    reference: &Reference,
    input: &Input<'a>,
    requests: f64,
) -> Result<Vec<Alternative<'a>>, Vec<Code>> {
    among(reference, input, requests, |_model| true)
}

/// The same, smaller models taken among those that `is_known` accepts: a page proposes models that its readers can
/// find.
///
/// # Errors
/// Those of [`alternatives`].
///
/// ```
/// use sobria_estimate::alternatives::{Change, among};
/// use sobria_estimate::{Reference, llm};
///
/// let request = llm::Input::catalogue("openai", "gpt-4o", 250.0);
/// let proposals = among(Reference::embedded(), &request, 1.0, |model| model.model == "ministral-8b-2512").unwrap();
/// let smaller = Change::SmallerModel { provider: "mistralai", model: "ministral-8b-2512" };
/// assert_eq!(proposals[0].change, smaller);
/// ```
pub fn among<'a>(
    reference: &Reference,
    input: &Input<'a>,
    requests: f64,
    is_known: impl Fn(&Model<'static>) -> bool,
) -> Result<Vec<Alternative<'a>>, Vec<Code>> {
    let present = llm::estimate(reference, input)?;
    let impacts = present
        .output
        .totals()
        .times(requests)
        .map_err(|code| vec![code])?;
    let before = Side::of_requests(&impacts, requests, reference.version());
    let mut candidates: Vec<(Change, Input<'a>, f64)> = Vec::new();
    for model in smaller_models(reference, input, is_known) {
        let change = Change::SmallerModel {
            provider: model.provider,
            model: model.model,
        };
        candidates.push((change, with_model(input, model), requests));
    }
    if input.mix.is_none() {
        for zone in ZONES.iter().filter_map(|zone| reference.mix(zone)) {
            if input.zone.as_deref() != Some(zone.zone) {
                candidates.push((
                    Change::Zone(zone.zone),
                    input.clone().in_zone(zone.zone),
                    requests,
                ));
            }
        }
    }
    let mut shorter = input.clone();
    shorter.output_tokens = input.output_tokens.map(|tokens| tokens / 2.0);
    candidates.push((Change::HalfTheTokens, shorter, requests));
    candidates.push((Change::HalfTheRequests, input.clone(), requests / 2.0));

    let mut proposals = Vec::with_capacity(candidates.len());
    for (change, input, requests) in candidates {
        let Ok(outcome) = llm::estimate(reference, &input) else {
            continue;
        };
        let Ok(after) = outcome.output.totals().times(requests) else {
            continue;
        };
        let side = Side::of_requests(&after, requests, reference.version());
        let by_amount = matches!(change, Change::HalfTheTokens | Change::HalfTheRequests);
        let compared = if by_amount {
            compare_amounts(&before, &side)
        } else {
            compare(&before, &side)
        };
        let Ok(difference) = compared else {
            continue;
        };
        if matches!(change, Change::SmallerModel { .. } | Change::Zone(_)) && difference.gwp.central() >= 0.0
        {
            continue;
        }
        let base = impacts.gwp.central();
        proposals.push(Alternative {
            change,
            input,
            requests,
            outcome,
            impacts: after,
            difference,
            ratio: (base > 0.0).then(|| after.gwp.central() / base),
        });
    }
    Ok(proposals)
}

/// Models with published weights, the nearest below each proposed size; ties go to the first by provider and name.
fn smaller_models<'r>(
    reference: &'r Reference,
    input: &Input<'_>,
    is_known: impl Fn(&Model<'static>) -> bool,
) -> Vec<&'r Model<'static>> {
    let present = match (input.total_params_b, &input.model) {
        (Some(bounds), _) => f64::midpoint(bounds.min, bounds.max),
        (None, Some(name)) => reference
            .model(input.provider.as_deref().unwrap_or_default(), name)
            .map_or(0.0, |model| f64::midpoint(model.total_b[0], model.total_b[1])),
        (None, None) => 0.0,
    };
    let mut found: Vec<&Model<'static>> = Vec::new();
    for size in SIZES {
        let limit = present * size;
        let best = reference
            .models()
            .iter()
            .filter(|model| model.alias_of.is_empty() && !model.arch_not_released && !model.multimodal)
            .filter(|model| model.total_b[1] <= limit && is_known(model))
            .fold(None, |best: Option<&Model<'static>>, model| match best {
                Some(best) if best.total_b[1] >= model.total_b[1] => Some(best),
                _ => Some(model),
            });
        if let Some(best) = best
            && !found.contains(&best)
        {
            found.push(best);
        }
    }
    found
}

/// The request to another model: values given for the present one do not follow, place and settings do.
fn with_model<'a>(input: &Input<'a>, model: &Model<'static>) -> Input<'a> {
    Input {
        provider: Some(model.provider.into()),
        model: Some(model.model.into()),
        active_params_b: None,
        total_params_b: None,
        tps: None,
        ttft_s: None,
        request_latency_s: None,
        ..input.clone()
    }
}
