//! A step of an answer as a form: what it asks, what stands in it, what is read of it.

use sobria_govern::procurement::declared::{METHODS, SCOPES};
use sobria_govern::procurement::score::Answer;
use sobria_govern::procurement::sheet::{EVIDENCE_MAX, Sheet, TEXT_MAX};

use super::super::kept::told;
use super::{Asked, FIGURES};
use crate::posted::Fields;
use crate::routes::estimate::{MODELS, PLACES};
use crate::view::{Control, FormError, FormField, FormOption};

fn shown(value: Option<f64>) -> String {
    value
        .map(|value| value.to_string().replace('.', ","))
        .unwrap_or_default()
}

/// The sheet as the fields of its forms.
pub fn typed(sheet: &Sheet) -> Fields {
    let mut all = Vec::new();
    for (id, answer) in &sheet.answers {
        all.push((id.clone(), answer.text.clone()));
        all.push((format!("{id}_preuve"), answer.evidence.clone()));
        if answer.unknown {
            all.push((format!("{id}_nsp"), "oui".to_owned()));
        }
    }
    let declared = &sheet.declared;
    for (name, value) in [
        ("model", declared.model.clone()),
        ("zone", declared.zone.clone()),
        ("watt_hours", shown(declared.watt_hours)),
        ("grams", shown(declared.grams)),
        ("method", declared.method.clone()),
        ("scope", declared.scope.clone()),
    ] {
        all.push((name.to_owned(), value));
    }
    Fields::from(all)
}

/// The sheet with what one step sends, and what cannot be read in it.
pub(super) fn read(asked: &Asked, at: &str, fields: &Fields) -> (Sheet, Vec<FormError>) {
    let mut sheet = asked.sheet.clone();
    let mut wrong = Vec::new();
    for question in asked.questions(at) {
        let id = question.id;
        let answer = Answer {
            text: fields.get(id).trim().to_owned(),
            unknown: fields.get(&format!("{id}_nsp")) == "oui",
            evidence: fields.get(&format!("{id}_preuve")).trim().to_owned(),
        };
        if answer.is_blank() {
            sheet.answers.remove(id);
        } else {
            sheet.answers.insert(id.to_owned(), answer);
        }
    }
    if at == FIGURES {
        let mut number = |name: &str| {
            let text: String = fields
                .get(name)
                .chars()
                .filter(|c| !c.is_whitespace() && !matches!(c, '\u{202f}' | '\u{a0}'))
                .map(|c| if c == ',' { '.' } else { c })
                .collect();
            if text.is_empty() {
                return None;
            }
            let value = text.parse::<f64>().ok().filter(|value| value.is_finite());
            if value.is_none() {
                wrong.push(told(name, "Ce n’est pas un nombre\u{a0}: par exemple 0,8."));
            }
            value
        };
        let declared = &mut sheet.declared;
        declared.watt_hours = number("watt_hours");
        declared.grams = number("grams");
        for (name, place) in [
            ("model", &mut declared.model),
            ("zone", &mut declared.zone),
            ("method", &mut declared.method),
            ("scope", &mut declared.scope),
        ] {
            *place = fields.get(name).trim().chars().take(120).collect();
        }
    }
    (sheet, wrong)
}

fn select(list: &[(&str, &str)], blank: &str, chosen: &str) -> Control {
    let mut options = vec![FormOption::new("", blank, chosen.is_empty())];
    options.extend(
        list.iter()
            .map(|(value, label)| FormOption::new(*value, *label, *value == chosen)),
    );
    Control::Select(options)
}

/// The fields of a step, with what stands in them.
pub(super) fn fields_of(asked: &Asked, at: &str, fields: &Fields) -> Vec<FormField> {
    if at == FIGURES {
        let models: Vec<(&str, &str)> = MODELS
            .iter()
            .flat_map(|(_, names)| names.iter())
            .map(|name| (*name, *name))
            .collect();
        let places: Vec<(&str, &str)> = PLACES.iter().flat_map(|(_, list)| list.iter().copied()).collect();
        return vec![
            FormField::new(
                "model",
                "Modèle principal",
                "",
                select(&models, "Un autre, décrit en Q201", fields.get("model")),
            ),
            FormField::new(
                "zone",
                "Lieu de l’inférence",
                "",
                select(&places, "Un autre, décrit en Q301", fields.get("zone")),
            ),
            FormField::line(
                "watt_hours",
                "Énergie d’une requête type, en Wh",
                fields.get("watt_hours"),
            ),
            FormField::line(
                "grams",
                "Gaz à effet de serre d’une requête type, en g\u{a0}CO₂e",
                fields.get("grams"),
            ),
            FormField::new(
                "method",
                "Méthode de ces chiffres",
                "",
                select(&METHODS, "Aucun chiffre", fields.get("method")),
            ),
            FormField::new(
                "scope",
                "Périmètre de ces chiffres",
                "",
                select(&SCOPES, "Aucun chiffre", fields.get("scope")),
            ),
        ];
    }
    let mut list = Vec::new();
    for question in asked.questions(at) {
        let id = question.id;
        let knockout = if asked.criteria.knockouts.contains(id) {
            " Cette question peut éliminer une offre."
        } else {
            ""
        };
        list.push(
            FormField::new(
                id,
                format!("{id}\u{a0}: {}", question.text),
                fields.get(id),
                Control::Lines(3),
            )
            .hint(format!(
                "Réponse attendue\u{a0}: {}.{knockout}",
                question.kind.label()
            ))
            .max(TEXT_MAX),
        );
        let name = format!("{id}_preuve");
        let value = fields.get(&name).to_owned();
        list.push(
            FormField::line(name, format!("Preuve pour {id}"), value)
                .hint(format!(
                    "Attendue\u{a0}: {}. Un nom de document, ou une adresse web.",
                    question.evidence
                ))
                .max(EVIDENCE_MAX),
        );
        let name = format!("{id}_nsp");
        let ticked = fields.get(&name) == "oui";
        list.push(FormField::new(
            name,
            format!("{id}\u{a0}: je ne sais pas"),
            "",
            Control::Check(ticked),
        ));
    }
    list
}
