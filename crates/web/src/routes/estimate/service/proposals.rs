//! Variants of a service, each with the address that holds it, or the document to download when no address can.

use sobria_estimate::Reference;
use sobria_estimate::alternatives::Change;
use sobria_estimate::service::{Evaluation, Indicator, Variant, VariantChange, evaluate, variants};

use super::super::form::Form;
use super::super::llm;
use super::asked::{LINES_MAX, evaluation_of, name};
use super::{PATH, change_words, words};
use crate::view::estimate::Alternative;

/// Field that asks for the document of a variant, by its place in the list.
pub const VARIANT: &str = "variante";

/// Variants worked out again.
pub fn proposals(reference: &Reference, form: &Form, evaluation: &Evaluation) -> Vec<Alternative> {
    let Ok(found) = variants(reference, evaluation) else {
        return Vec::new();
    };
    let beside = Some(form.query());
    found
        .iter()
        .enumerate()
        .filter_map(|(at, variant)| {
            let climate = variant.outcome.total(Indicator::Gwp)?.annual?;
            let change = variant
                .comparison
                .indicators
                .iter()
                .find(|item| item.indicator == Indicator::Gwp)?
                .annual?;
            let address = address_of(reference, form, variant)
                .map(|query| Form::read(&query).with(PATH, &[("avec", beside.clone())]));
            Some(Alternative {
                title: variant.change.title(),
                figure: words(climate, Indicator::Gwp),
                difference: change_words(change, Indicator::Gwp),
                href: address.unwrap_or_else(|| {
                    form.with(
                        &format!("{PATH}.json"),
                        &[("avec", None), (VARIANT, Some(at.to_string()))],
                    )
                }),
            })
        })
        .collect()
}

/// The document of the variant that an address asks for.
pub fn asked(reference: &Reference, form: &Form, evaluation: &Evaluation) -> Option<Evaluation> {
    let at: usize = form.text(VARIANT)?.parse().ok()?;
    let found = variants(reference, evaluation).ok()?;
    found.into_iter().nth(at).map(|variant| variant.evaluation)
}

/// The query that describes a variant, when the fields can hold it: it is read again, and kept only if it comes to
/// the very same figures, cell by cell.
fn address_of(reference: &Reference, form: &Form, variant: &Variant) -> Option<String> {
    let mut changes: Vec<(String, Option<String>)> = Vec::new();
    let filled: Vec<usize> = (1..=LINES_MAX)
        .filter(|line| form.text(&name(*line, "origine")).is_some())
        .collect();
    match variant.change {
        VariantChange::Line { line, change } => {
            let number = *filled.get(line)?;
            changes.push(changed_request(form, number, change)?);
        }
        VariantChange::Zone(zone) => {
            for number in filled {
                changes.extend(moved(form, number, zone));
            }
        }
        VariantChange::HalfTheVolume => {
            for (line, number) in variant.evaluation.lines.iter().zip(filled) {
                let field = name(number, "nombre");
                if form.value(&name(number, "origine")) == "calculateur" {
                    changes.push((field, Some(line.count.to_string())));
                }
            }
            if form.text("quantite").is_some() {
                let units = variant.evaluation.functional_unit.quantity_per_year;
                changes.push(("quantite".to_owned(), Some(units.to_string())));
            }
        }
    }
    let changes: Vec<(&str, Option<String>)> = changes
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()))
        .chain([("avec", None)])
        .collect();
    let query = form.with("", &changes).trim_start_matches('?').to_owned();
    let held = evaluation_of(&mut Form::read(&query)).ok()?;
    let outcome = evaluate(reference, &held).ok()?;
    let same = outcome.totals == variant.outcome.totals && outcome.grid == variant.outcome.grid;
    same.then_some(query)
}

/// The pasted address of a line, with a smaller model or shorter answers in it.
fn changed_request(form: &Form, number: usize, change: Change) -> Option<(String, Option<String>)> {
    let field = name(number, "adresse");
    let (path, query) = form.text(&field)?.split_once('?')?;
    let mut other = Form::read(query);
    let asked = llm::read(&mut other);
    let mut input = asked.input.clone();
    if change == Change::HalfTheTokens {
        input.output_tokens = input.output_tokens.map(|tokens| tokens / 2.0);
    }
    let changes = llm::changes_of(change, &input, &asked.scaling);
    Some((field, Some(other.with(path, &changes))))
}

/// What puts a line elsewhere.
fn moved(form: &Form, number: usize, zone: &str) -> Vec<(String, Option<String>)> {
    match form.value(&name(number, "origine")) {
        "mesure" => vec![
            (name(number, "lieu"), Some(zone.to_owned())),
            (name(number, "kg"), None),
        ],
        "calculateur" => {
            let field = name(number, "adresse");
            let Some((path, query)) = form.value(&field).split_once('?') else {
                return Vec::new();
            };
            let changes = [
                ("lieu", Some(zone.to_owned())),
                ("lieu_autre", None),
                ("u_lieu", None),
                ("region", None),
            ];
            vec![(field, Some(Form::read(query).with(path, &changes)))]
        }
        _ => Vec::new(),
    }
}
