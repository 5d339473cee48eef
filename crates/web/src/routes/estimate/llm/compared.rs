//! The result beside that of another setting.

use sobria_estimate::compare::{Difference, Side, compare, compare_amounts};
use sobria_estimate::french::{Scale, decimal};
use sobria_estimate::llm::Impacts;
use sobria_estimate::{Reference, llm, sentence};

use super::super::form::Form;
use super::super::result::{beside, difference, words};
use super::PATH;
use super::asked::{Asked, read};
use crate::view::estimate::Comparison;

pub(super) fn comparison(
    reference: &Reference,
    form: &Form,
    present: &Asked,
    year: &Impacts,
    requests: f64,
) -> Option<Comparison> {
    let mut other = beside(form)?;
    let asked = read(&mut other);
    let mut comparison = Comparison {
        title: title(&asked),
        href: other.with(PATH, &[("avec", None)]),
        ..Comparison::default()
    };
    let refusal = "L’autre réglage ne donne pas d’estimation\u{a0}: rien ne peut lui être comparé.";
    let before = llm::estimate(reference, &asked.input)
        .ok()
        .filter(|_| !other.is_wrong())
        .and_then(|outcome| {
            outcome
                .output
                .totals()
                .times(asked.scaling.requests_per_year())
                .ok()
        });
    let Some(before) = before else {
        comparison.refusal = refusal.to_owned();
        return Some(comparison);
    };
    let version = reference.version();
    let old = Side::of_requests(&before, asked.scaling.requests_per_year(), version);
    let new = Side::of_requests(year, requests, version);
    let compared = if by_amount(&asked.input, &present.input) {
        compare_amounts(&old, &new)
    } else {
        compare(&old, &new)
    };
    match compared {
        Ok(difference) => comparison.rows = rows(&before, year, &difference),
        Err(reason) => comparison.refusal = sentence(reason.code()).into_owned(),
    }
    Some(comparison)
}

/// Whether two requests are the same but for their length: what is not known of one is not known of the other.
fn by_amount(one: &llm::Input<'static>, other: &llm::Input<'static>) -> bool {
    let bare = |input: &llm::Input<'static>| llm::Input {
        output_tokens: None,
        input_tokens: None,
        ..input.clone()
    };
    bare(one) == bare(other)
}

pub(super) fn title(asked: &Asked) -> String {
    let model = asked
        .input
        .model
        .as_deref()
        .unwrap_or("modèle décrit par ses paramètres");
    let place = asked.input.zone.as_deref().unwrap_or("lieu du fournisseur");
    format!(
        "{model}, {place}, {} requêtes par an",
        decimal(asked.scaling.requests_per_year(), 0)
    )
}

pub(super) fn rows(before: &Impacts, after: &Impacts, change: &Difference) -> Vec<[String; 4]> {
    let mut rows = vec![
        [
            "Climat".to_owned(),
            words(before.gwp, Scale::Climate),
            words(after.gwp, Scale::Climate),
            difference(change.gwp, Scale::Climate),
        ],
        [
            "Électricité".to_owned(),
            words(before.energy, Scale::Energy),
            words(after.energy, Scale::Energy),
            difference(change.energy, Scale::Energy),
        ],
    ];
    if let Some(water) = change.wcf {
        rows.push([
            "Eau".to_owned(),
            words(before.wcf, Scale::Water),
            words(after.wcf, Scale::Water),
            difference(water, Scale::Water),
        ]);
    }
    if let Some(metals) = change.adpe {
        rows.push([
            "Métaux".to_owned(),
            words(before.adpe, Scale::Metals),
            words(after.adpe, Scale::Metals),
            difference(metals, Scale::Metals),
        ]);
    }
    rows
}
