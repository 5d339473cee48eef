//! What would make the result smaller: the same request with one thing changed, computed again.

use std::borrow::Cow;

use sobria_estimate::compare::{Side, compare, compare_amounts};
use sobria_estimate::compute::{Job, Outcome};
use sobria_estimate::french::Scale;
use sobria_estimate::{Reference, compute};

use super::super::form::Form;
use super::super::result::{between, difference};
use super::asked::{changed, first, jobs};
use super::{PATH, climate};
use crate::view::estimate::Alternative;

/// A change of one thing in a request.
struct Candidate {
    title: String,
    input: compute::Input<'static>,
    /// What changes in the address.
    changes: Vec<(&'static str, Option<String>)>,
    /// Whether an amount alone changes: machine and place, hence what is not known of them, stay.
    by_amount: bool,
}

impl Candidate {
    fn of_setting(
        title: impl Into<String>,
        input: compute::Input<'static>,
        changes: Vec<(&'static str, Option<String>)>,
    ) -> Self {
        Self {
            title: title.into(),
            input,
            changes,
            by_amount: false,
        }
    }

    fn of_amount(
        title: &str,
        input: compute::Input<'static>,
        name: &'static str,
        value: Option<f64>,
    ) -> Self {
        Self {
            title: title.to_owned(),
            input,
            changes: vec![(name, value.map(|value| value.to_string()))],
            by_amount: true,
        }
    }
}

/// Real alternatives: another place, a better data centre, half the runs, half the duration.
pub(super) fn proposals(
    reference: &Reference,
    form: &Form,
    input: &compute::Input<'static>,
    present: &Outcome,
) -> Vec<Alternative> {
    let version = reference.version();
    let before = Side::of_computation(&present.output, version);
    let beside = Some(form.query());
    // With a training and its use, the page already holds two computations.
    let most = if jobs(input).len() > 1 { 4 } else { usize::MAX };
    candidates(form, input)
        .into_iter()
        .filter_map(|candidate| {
            let outcome = compute::estimate(reference, &candidate.input).ok()?;
            let after = Side::of_computation(&outcome.output, version);
            let change = if candidate.by_amount {
                compare_amounts(&before, &after)
            } else {
                compare(&before, &after)
            }
            .ok()?;
            let mut changes = candidate.changes;
            if outcome.output.central().carbon_g >= present.output.central().carbon_g {
                return None;
            }
            let (low, high) = climate(&outcome.output);
            changes.push(("avec", beside.clone()));
            Some(Alternative {
                title: candidate.title,
                figure: between(low, high, Scale::Climate),
                difference: difference(change.gwp, Scale::Climate),
                href: form.with(PATH, &changes),
            })
        })
        .take(most)
        .collect()
}

fn candidates(form: &Form, input: &compute::Input<'static>) -> Vec<Candidate> {
    let Some(job) = first(input) else {
        return Vec::new();
    };
    let half = |value: Option<f64>| value.filter(|value| *value > 0.0).map(|value| value / 2.0);
    let mut found: Vec<Candidate> = Vec::new();
    if job.carbon_intensity_g_per_kwh.is_none() {
        for (code, name) in [("FRA", "France métropolitaine"), ("SWE", "Suède")] {
            if job.zone.as_deref() != Some(code) {
                found.push(Candidate::of_setting(
                    format!("Faire le calcul ailleurs\u{a0}: {name}"),
                    changed(input, |job| job.zone = Some(Cow::Borrowed(code))),
                    vec![
                        ("lieu", Some(code.to_owned())),
                        ("lieu_autre", None),
                        ("u_lieu", None),
                    ],
                ));
            }
        }
    }
    if job.pue.is_none_or(|pue| pue > 1.2) && job.platform.as_deref() != Some("personal-computer") {
        found.push(Candidate::of_setting(
            "Choisir un centre de données dont le PUE est de 1,2",
            changed(input, |job| job.pue = Some(1.2)),
            vec![("pue", Some("1,2".to_owned()))],
        ));
    }
    if let Some(runs) = half(job.psf).filter(|runs| *runs >= 1.0) {
        found.push(Candidate::of_amount(
            "Faire deux fois moins d’essais",
            changed_first(input, |job| job.psf = Some(runs)),
            "executions",
            Some(runs),
        ));
    }
    let hours = half(job.runtime_h);
    found.push(Candidate::of_amount(
        "Réduire la durée de moitié\u{a0}: moins de données, modèle plus petit, arrêt anticipé",
        changed_first(input, |job| job.runtime_h = hours.or(job.runtime_h)),
        "heures",
        hours,
    ));
    if let compute::Input::Ai(ai) = input {
        found.extend(around_training(form, ai));
    }
    found
}

/// What can be halved around a training: research, the size of retrainings, the use.
fn around_training(form: &Form, ai: &compute::Ai<'static>) -> Vec<Candidate> {
    let half = |value: Option<f64>| value.filter(|value| *value > 0.0).map(|value| value / 2.0);
    let with = |change: &dyn Fn(&mut compute::Ai<'static>)| {
        let mut ai = ai.clone();
        change(&mut ai);
        compute::Input::Ai(Box::new(ai))
    };
    let mut found = Vec::new();
    if let Some(factor) = half(ai.rd_factor) {
        found.push(Candidate::of_amount(
            "Deux fois moins de recherche et de mise au point",
            with(&|ai| ai.rd_factor = Some(factor)),
            "recherche",
            Some(factor),
        ));
    }
    if let Some(factor) = half(ai.retraining_factor) {
        found.push(Candidate::of_amount(
            "Des réentraînements deux fois plus légers",
            with(&|ai| ai.retraining_factor = Some(factor)),
            "reentrainement_part",
            Some(factor * 100.0),
        ));
    }
    let hours = half(ai.inference.as_ref().and_then(|job| job.runtime_h));
    if let Some(hours) = hours.filter(|_| form.text("u_heures").is_some()) {
        found.push(Candidate::of_amount(
            "Utiliser le modèle deux fois moins",
            with(&|ai| {
                if let Some(job) = &mut ai.inference {
                    job.runtime_h = Some(hours);
                }
            }),
            "u_heures",
            Some(hours),
        ));
    }
    found
}

/// The same request with its first job alone changed.
fn changed_first(
    input: &compute::Input<'static>,
    change: impl Fn(&mut Job<'static>),
) -> compute::Input<'static> {
    let mut done = false;
    changed(input, |job| {
        if !std::mem::replace(&mut done, true) {
            change(job);
        }
    })
}
