//! The result beside that of another setting.

use sobria_estimate::compare::{Side, compare, compare_amounts};
use sobria_estimate::compute::Outcome;
use sobria_estimate::french::Scale;
use sobria_estimate::{Reference, compute, sentence};

use super::super::form::Form;
use super::super::result::{beside, between, difference, exact};
use super::asked::{changed, first, read};
use super::{PATH, climate, energy};
use crate::view::estimate::Comparison;

pub(super) fn comparison(
    reference: &Reference,
    form: &Form,
    present_input: &compute::Input<'static>,
    present: &Outcome,
) -> Option<Comparison> {
    let mut other = beside(form)?;
    let input = read(&mut other);
    let job = first(&input);
    let mut comparison = Comparison {
        title: format!(
            "{} h, {}",
            exact(job.and_then(|job| job.runtime_h).unwrap_or_default()),
            job.and_then(|job| job.zone.as_deref())
                .unwrap_or("lieu non donné")
        ),
        href: other.with(PATH, &[("avec", None)]),
        ..Comparison::default()
    };
    let Some(before) = compute::estimate(reference, &input)
        .ok()
        .filter(|_| !other.is_wrong())
    else {
        comparison.refusal =
            "L’autre réglage ne donne pas d’estimation\u{a0}: rien ne peut lui être comparé.".to_owned();
        return Some(comparison);
    };
    let version = reference.version();
    let old = Side::of_computation(&before.output, version);
    let new = Side::of_computation(&present.output, version);
    let compared = if by_amount(&input, present_input) {
        compare_amounts(&old, &new)
    } else {
        compare(&old, &new)
    };
    match compared {
        Ok(change) => {
            let words = |(low, high): (f64, f64), scale| between(low, high, scale);
            comparison.rows = vec![
                [
                    "Climat".to_owned(),
                    words(climate(&before.output), Scale::Climate),
                    words(climate(&present.output), Scale::Climate),
                    difference(change.gwp, Scale::Climate),
                ],
                [
                    "Électricité".to_owned(),
                    words(energy(&before.output), Scale::Energy),
                    words(energy(&present.output), Scale::Energy),
                    difference(change.energy, Scale::Energy),
                ],
            ];
        }
        Err(reason) => comparison.refusal = sentence(reason.code()).into_owned(),
    }
    Some(comparison)
}

/// Whether two requests are the same but for durations and numbers of times: what is not known of the machines and
/// of the place of one is not known of the other.
pub(super) fn by_amount(one: &compute::Input<'static>, other: &compute::Input<'static>) -> bool {
    let bare = |input: &compute::Input<'static>| {
        let mut bare = changed(input, |job| {
            job.runtime_h = None;
            job.psf = None;
        });
        if let compute::Input::Ai(ai) = &mut bare {
            **ai = compute::Ai {
                training: ai.training.take(),
                inference: ai.inference.take(),
                ..compute::Ai::default()
            };
        }
        bare
    };
    bare(one) == bare(other)
}
