//! The result beside that of another evaluation.

use sobria_estimate::Reference;
use sobria_estimate::service::{Indicator, Outcome, compare, rebound};

use super::super::form::Form;
use super::super::result::beside;
use super::asked::outcome_of;
use super::{PATH, change_words, words};
use crate::view::estimate::Comparison;

pub(super) fn comparison(reference: &Reference, form: &Form, after: &Outcome) -> Option<Comparison> {
    let mut other = beside(form)?;
    let mut found = Comparison {
        title: other.text("titre").unwrap_or("L’autre évaluation").to_owned(),
        href: other.with(PATH, &[("avec", None)]),
        ..Comparison::default()
    };
    let Some((_, before)) = outcome_of(reference, &mut other) else {
        found.refusal =
            "L’autre réglage ne donne pas d’évaluation\u{a0}: rien ne peut lui être comparé.".to_owned();
        return Some(found);
    };
    match compare(&before, after) {
        Ok(comparison) => {
            found.rows = comparison
                .indicators
                .iter()
                .filter_map(|item| {
                    let annual = |outcome: &Outcome| {
                        outcome
                            .total(item.indicator)
                            .and_then(|total| total.annual)
                            .map(|value| words(value, item.indicator))
                    };
                    Some([
                        item.indicator.label().to_owned(),
                        annual(&before)?,
                        annual(after)?,
                        change_words(item.annual?, item.indicator),
                    ])
                })
                .collect();
        }
        Err(refusals) => {
            found.refusal = refusals
                .iter()
                .map(sobria_estimate::service::Refusal::sentence)
                .collect::<Vec<_>>()
                .join(" ");
        }
    }
    if let Ok(rebound) = rebound(&before, after, Indicator::Gwp) {
        let bound = |rate: Option<f64>| {
            rate.map_or_else(
                || "sans borne".to_owned(),
                |rate| format!("{:.0}\u{a0}%", rate * 100.0),
            )
        };
        found.title = format!(
            "{} · {}\u{a0}: {:.0}\u{a0}% de l’économie attendue perdus (de {} à {})",
            found.title,
            rebound.effect.label(),
            rebound.rate * 100.0,
            bound(rebound.rate_low),
            bound(rebound.rate_high)
        );
    }
    Some(found)
}
