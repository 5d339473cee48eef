//! What would make the result smaller, each with the address that holds it.

use sobria_estimate::alternatives::{Change, among};
use sobria_estimate::french::Scale;
use sobria_estimate::llm::Scaling;
use sobria_estimate::reference::Model;
use sobria_estimate::{Reference, llm};

use super::super::form::Form;
use super::super::result::{difference, words};
use super::PATH;
use super::asked::Asked;
use super::fields::{MODELS, PLACES};
use crate::view::estimate::Alternative;

/// The other setting is kept in the address of each proposal, so that both stand side by side.
pub(super) fn proposals(
    reference: &Reference,
    form: &Form,
    asked: &Asked,
    requests: f64,
) -> Vec<Alternative> {
    let is_listed = |model: &Model<'static>| {
        MODELS
            .iter()
            .flat_map(|(_, names)| *names)
            .any(|name| name.split_once('/') == Some((model.provider, model.model)))
    };
    let Ok(found) = among(reference, &asked.input, requests, is_listed) else {
        return Vec::new();
    };
    let beside = Some(form.query());
    // Beside a comparison, the page keeps to what a reader can take in.
    let most = if form.text("avec").is_some() {
        3
    } else {
        found.len()
    };
    found
        .into_iter()
        .take(most)
        .map(|proposal| {
            let mut changes = changes_of(proposal.change, &proposal.input, &asked.scaling);
            changes.push(("avec", beside.clone()));
            Alternative {
                title: title_of(proposal.change),
                figure: words(proposal.impacts.gwp, Scale::Climate),
                difference: difference(proposal.difference.gwp, Scale::Climate),
                href: form.with(PATH, &changes),
            }
        })
        .collect()
}

/// What a proposal changes in the address of this page.
pub fn changes_of(
    change: Change,
    input: &llm::Input<'_>,
    scaling: &Scaling,
) -> Vec<(&'static str, Option<String>)> {
    match change {
        Change::SmallerModel { provider, model } => vec![
            ("modele", None),
            ("modele_autre", Some(format!("{provider}/{model}"))),
            ("parametres", None),
            ("parametres_actifs", None),
            ("duree", None),
        ],
        Change::Zone(zone) => vec![("lieu", Some(zone.to_owned())), ("lieu_autre", None)],
        Change::HalfTheTokens => vec![("jetons", input.output_tokens.map(|tokens| tokens.to_string()))],
        Change::HalfTheRequests => vec![("usages", Some((scaling.uses_per_day / 2.0).to_string()))],
    }
}

/// The title of a proposal; places by their name.
pub fn title_of(change: Change) -> String {
    let Change::Zone(zone) = change else {
        return change.title();
    };
    let name = PLACES
        .iter()
        .flat_map(|(_, list)| *list)
        .find(|(code, _)| *code == zone)
        .map_or(zone, |(_, name)| *name);
    format!("Héberger le modèle ailleurs\u{a0}: {name}")
}
