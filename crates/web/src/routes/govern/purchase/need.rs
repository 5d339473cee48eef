//! What is bought and how it is judged, as forms ask for it: fields, what they hold, what is wrong in it.

use std::collections::{BTreeMap, BTreeSet};

use sobria_govern::number::too_long;
use sobria_govern::procurement::Problem;
use sobria_govern::procurement::clause::clause;
use sobria_govern::procurement::criteria::Criteria;
use sobria_govern::procurement::depth::{Depth, Need, choose, problems, propose};
use sobria_govern::procurement::paper::Purchase;
use sobria_govern::procurement::question::{Theme, asked};

use crate::posted::Fields;
use crate::view::{Control, FormError, FormField, FormOption};

/// Longest answer, in characters.
const TEXT_MAX: usize = 2_000;
/// Longest name.
pub(super) const LINE_MAX: usize = 200;

/// Facts that raise the depth: value in the form, words.
pub(super) const RISKS: [(&str, &str); 5] = [
    ("donnees", "Des données personnelles sont traitées"),
    ("generative", "Une IA générative est ouverte aux agents"),
    (
        "information",
        "Des habitants échangent avec l’IA, ou lisent ce qu’elle produit (article 50)",
    ),
    (
        "haut_risque",
        "Un haut risque est présumé (annexe III du règlement européen)",
    ),
    ("decision", "Une décision sur une personne s’appuie sur l’outil"),
];

/// The name in the form of a field of the calculation.
fn field_name(field: &str) -> String {
    match field {
        "value_ht" => "valeur".to_owned(),
        "years" => "duree".to_owned(),
        "users" => "personnes".to_owned(),
        "reason" => "motif".to_owned(),
        "weights" => "poids_T1".to_owned(),
        "knockouts" => "eliminatoires".to_owned(),
        "not_applicable" => "sans_objet".to_owned(),
        other => other.replace("weight_", "poids_"),
    }
}

pub(super) fn limited(fields: &Fields, name: &str, most: usize, wrong: &mut Vec<FormError>) -> String {
    let text = fields.get(name).trim();
    let length = text.chars().count();
    if length > most {
        wrong.push(FormError {
            field: name.to_owned(),
            message: too_long(length, most),
        });
    }
    text.to_owned()
}

fn number(fields: &Fields, name: &str, wrong: &mut Vec<FormError>) -> Option<f64> {
    let text: String = fields
        .get(name)
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '\u{202f}' && *c != '\u{a0}' && *c != '€')
        .map(|c| if c == ',' { '.' } else { c })
        .collect();
    if text.is_empty() {
        return None;
    }
    let value = text.parse::<f64>().ok().filter(|value| value.is_finite());
    if value.is_none() {
        wrong.push(FormError {
            field: name.to_owned(),
            message: "Ce n’est pas un nombre\u{a0}: par exemple 60\u{202f}000.".to_owned(),
        });
    }
    value
}

fn told(problems: Vec<Problem>, wrong: &mut Vec<FormError>) {
    for problem in problems {
        let field = field_name(&problem.field);
        if wrong.iter().all(|known| known.field != field) {
            wrong.push(FormError {
                field,
                message: problem.message,
            });
        }
    }
}

/// What is prepared, and what is wrong in it.
pub(super) fn read(fields: &Fields) -> (Purchase, Criteria, Vec<FormError>) {
    let mut wrong = Vec::new();
    let mut given = |name: &str, missing: &str| {
        let value = number(fields, name, &mut wrong);
        if value.is_none() && wrong.iter().all(|known| known.field != name) {
            wrong.push(FormError {
                field: name.to_owned(),
                message: missing.to_owned(),
            });
        }
        value
    };
    let value_ht = given("valeur", "Indiquez la valeur totale, reconductions comprises.");
    let years = given("duree", "Indiquez la durée en années, reconductions comprises.");
    let users = given("personnes", "Indiquez combien de personnes s’en serviront.");
    let ticked = |risk: &str| fields.all("risques").any(|value| value == risk);
    let need = Need {
        value_ht: value_ht.unwrap_or(0.0),
        years: years.unwrap_or(1.0),
        users: users.unwrap_or(0.0),
        personal_data: ticked("donnees"),
        generative: ticked("generative"),
        transparency: ticked("information"),
        high_risk: ticked("haut_risque"),
        individual_decision: ticked("decision"),
    };
    told(problems(&need), &mut wrong);
    let proposal = propose(&need);
    let chosen = Depth::from_code(fields.get("profondeur")).unwrap_or(proposal.depth);
    if let Err(problem) = choose(&proposal, chosen, fields.get("motif")) {
        told(vec![problem], &mut wrong);
    }
    let purchase = Purchase {
        title: limited(fields, "titre", LINE_MAX, &mut wrong),
        organisation: limited(fields, "organisation", LINE_MAX, &mut wrong),
        need_text: limited(fields, "besoin", TEXT_MAX, &mut wrong),
        alternatives: limited(fields, "alternatives", TEXT_MAX, &mut wrong),
        stop_rule: limited(fields, "arret", TEXT_MAX, &mut wrong),
        volume_cap: limited(fields, "plafond", TEXT_MAX, &mut wrong),
        need,
        depth: Some(chosen),
        depth_reason: limited(fields, "motif", TEXT_MAX, &mut wrong),
        clauses: fields
            .all("clauses")
            .filter(|id| clause(id).is_some())
            .map(str::to_owned)
            .collect(),
        values: clause_values(fields, &mut wrong),
    };
    for (name, text, message) in [
        ("titre", &purchase.title, "Donnez un nom au projet."),
        (
            "besoin",
            &purchase.need_text,
            "Décrivez le besoin en une ou deux phrases.",
        ),
        (
            "alternatives",
            &purchase.alternatives,
            "Dites quelles autres façons de répondre au besoin ont été envisagées, dont une sans IA. Sans elles, la préparation ne continue pas.",
        ),
    ] {
        if text.is_empty() {
            wrong.push(FormError {
                field: name.to_owned(),
                message: message.to_owned(),
            });
        }
    }
    let mut criteria = Criteria::proposed(chosen);
    criteria.knockouts = fields
        .all("eliminatoires")
        .filter(|id| asked(chosen).any(|question| question.id == *id))
        .map(str::to_owned)
        .collect::<BTreeSet<_>>();
    criteria.not_applicable = fields
        .all("sans_objet")
        .filter(|id| asked(chosen).any(|question| question.id == *id))
        .map(str::to_owned)
        .collect();
    let weights: Vec<Theme> = Theme::ALL
        .into_iter()
        .filter(|theme| fields.has(&format!("poids_{}", theme.code())))
        .collect();
    // Weights that were proposed for another depth are proposed again.
    if fields.get("poids_de") == chosen.code() {
        for theme in weights {
            let name = format!("poids_{}", theme.code());
            match fields.get(&name).trim().parse::<u32>() {
                Ok(weight) if weight <= 100 => {
                    criteria.weights.insert(theme, weight);
                }
                _ => wrong.push(FormError {
                    field: name,
                    message: "Attendu\u{a0}: un poids entier de 0 à 100.".to_owned(),
                }),
            }
        }
    }
    told(criteria.problems(), &mut wrong);
    (purchase, criteria, wrong)
}

/// What the buyer set between the braces of clauses, under `C01.30`.
fn clause_values(fields: &Fields, wrong: &mut Vec<FormError>) -> BTreeMap<String, String> {
    fields
        .iter()
        .filter_map(|(name, value)| Some((name, name.strip_prefix("valeur_")?, value.trim())))
        .filter(|(_, key, value)| {
            !value.is_empty() && key.split_once('.').is_some_and(|(id, _)| clause(id).is_some())
        })
        .filter_map(|(name, key, value)| {
            if value.chars().count() > 40 {
                wrong.push(FormError {
                    field: name.to_owned(),
                    message: "40 caractères au plus, par exemple un nombre ou une licence.".to_owned(),
                });
                return None;
            }
            Some((key.to_owned(), value.to_owned()))
        })
        .collect()
}

pub(super) fn options<'a>(
    list: impl IntoIterator<Item = (&'a str, String)>,
    chosen: impl Fn(&str) -> bool,
) -> Vec<FormOption> {
    list.into_iter()
        .map(|(value, label)| FormOption::new(value, label, chosen(value)))
        .collect()
}

/// The fields that describe what is bought.
pub(super) fn need_fields(fields: &Fields) -> Vec<FormField> {
    let line = |name: &str, label: &str| FormField::line(name, label, fields.get(name)).max(LINE_MAX);
    let lines = |name: &str, label: &str| {
        FormField::new(name, label, fields.get(name), Control::Lines(3)).max(TEXT_MAX)
    };
    let depths = [("", "Celle qui est proposée".to_owned())]
        .into_iter()
        .chain(Depth::ALL.map(|depth| {
            let words = format!(
                "{}\u{a0}: {} questions, {}",
                depth.label(),
                asked(depth).count(),
                depth.time()
            );
            (depth.code(), words)
        }));
    vec![
        line("titre", "Nom du projet").required(),
        line("organisation", "Organisation qui achète"),
        lines("besoin", "Le besoin").required(),
        lines("alternatives", "Autres façons d’y répondre, dont une sans IA").required(),
        lines("arret", "Qui décidera d’arrêter, et sur quel indicateur\u{202f}?"),
        line("plafond", "Volume maximal accepté")
            .hint("Par exemple\u{a0}: 20 requêtes par agent et par jour."),
        line("valeur", "Valeur totale hors taxes, en euros")
            .required()
            .hint("Reconductions comprises."),
        line("duree", "Durée en années")
            .required()
            .hint("Reconductions comprises."),
        line("personnes", "Personnes qui s’en serviront").required(),
        FormField::new(
            "risques",
            "Ce qui est vrai de ce projet",
            "",
            Control::Checks(options(
                RISKS.map(|(value, label)| (value, label.to_owned())),
                |risk| fields.all("risques").any(|value| value == risk),
            )),
        ),
        FormField::new(
            "profondeur",
            "Profondeur du questionnaire",
            "",
            Control::Select(options(depths, |depth| fields.get("profondeur") == depth)),
        ),
        lines("motif", "Motif, si vous demandez moins que ce qui est proposé"),
    ]
}

pub(super) fn set_errors(list: &mut [FormField], wrong: &[FormError]) {
    for field in list {
        let found = wrong.iter().find(|error| error.field == field.name);
        field.error = found.map(|error| error.message.clone());
    }
}

/// The weight as it was typed, when it was proposed for this depth.
pub(super) fn weight_typed(fields: &Fields, depth: Depth, name: &str) -> Option<String> {
    (fields.get("poids_de") == depth.code() && fields.has(name)).then(|| fields.get(name).to_owned())
}
