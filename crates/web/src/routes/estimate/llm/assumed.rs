//! The values that a result rests on, as rows that a reader can take in.

use super::super::form::Form;
use super::asked::{Asked, name_of};
use super::shown::plain;
use crate::view::estimate::AssumptionRow;

/// Values left at those of the method stand on one line: they have one source.
pub(super) fn gathered(rows: Vec<AssumptionRow>) -> Vec<AssumptionRow> {
    let (ours, mut rows): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .partition(|row| row.chosen == "par défaut" && row.field != "lieu");
    let value = |row: &AssumptionRow| format!("{}\u{a0}: {}", row.name, row.value);
    if let Some(first) = ours.first() {
        rows.push(AssumptionRow {
            name: "Réglages de la méthode".to_owned(),
            value: ours.iter().map(value).collect::<Vec<_>>().join("\u{202f}; "),
            field: first.field.clone(),
            ..first.clone()
        });
    }
    rows
}

/// The length of the answer, which the estimate does not list among its values.
pub(super) fn length(form: &Form, asked: &Asked) -> Option<AssumptionRow> {
    let typed = form.text("jetons").is_some();
    Some(AssumptionRow {
        name: name_of("output_tokens"),
        value: format!("{}\u{a0}jetons", plain(asked.input.output_tokens?)),
        source: if typed {
            "valeur du formulaire".to_owned()
        } else {
            "usage choisi dans la liste\u{202f}; longueurs du calculateur EcoLogits".to_owned()
        },
        chosen: if typed { "saisie" } else { "par défaut" },
        field: if typed { "jetons" } else { "tache" }.to_owned(),
    })
}
