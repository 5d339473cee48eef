//! Fields of a record as inputs of a form: one table of fields, one way of asking.

use sobria_catalogue::content::{Content, Value};
use sobria_catalogue::draft::{DraftInput, FieldErrors, InputName, Part};
use sobria_catalogue::field::{Field, FieldKind, FieldSpec, Requirement};
use sobria_catalogue::vocabulary::VocabularyId;

use crate::view::{Control, FormField, FormOption};
use crate::words::in_use;

/// Rows offered beyond those that are filled in.
const SPARE_ROWS: usize = 1;
/// Lists of at most so many choices are shown whole.
const SHOWN_WHOLE: usize = 6;

/// One step of the form.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// Word in the address.
    pub key: &'static str,
    /// Title.
    pub title: &'static str,
    /// What it is for.
    pub lead: &'static str,
    /// Fields, in order.
    pub fields: &'static [Field],
}

/// The steps, in order. The first holds all that is needed to hand in.
pub const STEPS: [Step; 6] = [
    Step {
        key: "essentiel",
        title: "L’essentiel",
        lead: "Sept réponses suffisent pour envoyer la fiche. Le reste peut venir plus tard.",
        fields: &[
            Field::Title,
            Field::Description,
            Field::Theme,
            Field::Audiences,
            Field::StartDate,
            Field::Maturity,
            Field::Delivery,
        ],
    },
    Step {
        key: "projet",
        title: "Le projet",
        lead: "Ce qu’un collègue voudrait savoir avant de vous appeler.",
        fields: &[
            Field::Summary,
            Field::EndDate,
            Field::AbandonmentReason,
            Field::ServiceUsage,
            Field::Subthemes,
            Field::Partners,
            Field::Suppliers,
            Field::Contact,
            Field::BudgetBand,
            Field::Funding,
        ],
    },
    Step {
        key: "algorithme",
        title: "L’algorithme",
        lead: "Comment le système fonctionne, sans entrer dans le code.",
        fields: &[
            Field::AlgorithmName,
            Field::AlgorithmKinds,
            Field::AlgorithmDescription,
            Field::AlgorithmOperations,
            Field::AutomationLevel,
            Field::Hosting,
        ],
    },
    Step {
        key: "donnees",
        title: "Les données",
        lead: "D’où viennent les données, et s’il y en a de personnelles.",
        fields: &[Field::DataSources, Field::DataCollection, Field::DataPersonal],
    },
    Step {
        key: "effets",
        title: "Effets et garanties",
        lead: "Ce que le système change pour les personnes et pour la planète.",
        fields: &[
            Field::EnvironmentStatement,
            Field::RiskCategory,
            Field::RiskAssessment,
            Field::RiskProportionality,
            Field::DecisionScope,
            Field::DecisionPeople,
            Field::DecisionPerYear,
            Field::Objection,
            Field::ResultGap,
            Field::Explainability,
            Field::Bias,
            Field::Reversibility,
        ],
    },
    Step {
        key: "ressources",
        title: "Ressources",
        lead: "Ce que d’autres peuvent lire ou réutiliser.",
        fields: &[Field::InfoLinks, Field::Resources, Field::LegalBasis, Field::Tags],
    },
];

/// The step of a word in the address.
pub fn step(key: &str) -> Option<&'static Step> {
    STEPS.iter().find(|step| step.key == key)
}

/// The step that asks for a field; the first one for those of the organisation.
pub fn step_of(field: Field) -> &'static Step {
    let [first, ..] = &STEPS;
    STEPS
        .iter()
        .find(|step| step.fields.contains(&field))
        .unwrap_or(first)
}

/// Whether a field has a sense, given what was answered already. One that was filled in is always shown.
pub fn is_asked(field: Field, draft: &DraftInput) -> bool {
    let maturity = draft.first(Field::Maturity.spec().id);
    let filled = draft
        .iter()
        .any(|(name, _)| InputName::parse(name).is_some_and(|name| name.field == field));
    filled
        || match field {
            Field::AbandonmentReason => maturity == "abandonne",
            Field::EndDate => maturity == "abandonne" || maturity == "termine",
            Field::Objection => draft.first(Field::DecisionScope.spec().id).contains("extern"),
            _ => true,
        }
}

/// The inputs of a field.
pub fn inputs(field: Field, draft: &DraftInput, errors: Option<&FieldErrors>) -> Vec<FormField> {
    let spec = field.spec();
    match spec.kind {
        FieldKind::Partners | FieldKind::Links | FieldKind::Resources => rows(spec, draft, errors),
        _ => Part::of(spec.kind)
            .iter()
            .enumerate()
            .map(|(position, part)| {
                let name = InputName::part(field, *part);
                let mut input = input(spec, *part, &name.to_string(), draft);
                if position == 0 {
                    spec.help.clone_into(&mut input.hint);
                    spec.visibility().label().clone_into(&mut input.readers);
                }
                finish(input, spec, errors)
            })
            .collect(),
    }
}

fn finish(mut input: FormField, spec: &FieldSpec, errors: Option<&FieldErrors>) -> FormField {
    input.required = spec.requirement == Requirement::Submit;
    input.error = errors
        .and_then(|errors| errors.of(&input.name))
        .map(|error| error.message.clone());
    input
}

fn part_label(spec: &FieldSpec, part: Part) -> String {
    match part {
        Part::Value | Part::Chosen => spec.label.to_owned(),
        Part::Text => format!("{}\u{a0}: précisions", spec.label),
        Part::Email => format!("{}\u{a0}: adresse électronique", spec.label),
        Part::Name => "Nom".to_owned(),
        Part::Url => "Adresse".to_owned(),
        Part::Label => "Titre".to_owned(),
        Part::Role if matches!(spec.kind, FieldKind::Contact) => {
            format!("{}\u{a0}: service ou fonction", spec.label)
        }
        Part::Role => "Rôle".to_owned(),
        Part::Access => "Accès".to_owned(),
        Part::Kind => "Nature".to_owned(),
    }
}

fn input(spec: &FieldSpec, part: Part, name: &str, draft: &DraftInput) -> FormField {
    let label = part_label(spec, part);
    let value = draft.first(name).to_owned();
    let list = match part {
        Part::Value => spec.kind.vocabulary(),
        Part::Role if matches!(spec.kind, FieldKind::Partners) => Some(VocabularyId::PartnerRole),
        Part::Access => Some(VocabularyId::LinkAccess),
        Part::Kind => Some(VocabularyId::ResourceKind),
        _ => None,
    };
    let several = matches!(
        spec.kind,
        FieldKind::Codes(_) | FieldKind::CodesMax(..) | FieldKind::CodesText(_)
    );
    match list {
        Some(list) if several => {
            let chosen = draft.all(name);
            FormField::new(
                name,
                label,
                "",
                Control::Checks(options(spec, list, chosen, draft)),
            )
        }
        Some(list) => {
            let mut choices = options(spec, list, std::slice::from_ref(&value), draft);
            if part == Part::Value && choices.len() <= SHOWN_WHOLE {
                FormField::new(name, label, value, Control::Radios(choices))
            } else {
                let none = !choices.iter().any(|choice| choice.chosen);
                choices.insert(0, FormOption::new("", "Choisir dans la liste", none));
                FormField::new(name, label, value, Control::Select(choices))
            }
        }
        None => match (spec.kind, part) {
            (FieldKind::Block { max }, _) => FormField::new(name, label, value, Control::Lines(5)).max(max),
            (FieldKind::Names { .. }, _) => {
                FormField::new(name, label, draft.all(name).join("\n"), Control::Lines(3))
            }
            (FieldKind::CodesText(_), Part::Text) => {
                FormField::new(name, label, value, Control::Lines(2)).max(3000)
            }
            (_, Part::Email) => FormField::new(name, label, value, Control::Line("email")),
            (_, Part::Url) => FormField::new(name, label, value, Control::Line("url")),
            (FieldKind::Text { max }, _) if max > 200 => {
                FormField::new(name, label, value, Control::Lines(2)).max(max)
            }
            (FieldKind::Text { max }, _) => FormField::line(name, label, value).max(max),
            _ => FormField::line(name, label, value),
        },
    }
}

/// The terms of a list. Sub-themes of the chosen theme come alone, with those that were chosen elsewhere.
fn options(spec: &FieldSpec, list: VocabularyId, chosen: &[String], draft: &DraftInput) -> Vec<FormOption> {
    let vocabularies = in_use();
    let theme = draft.first(Field::Theme.spec().id);
    vocabularies
        .get(list)
        .terms()
        .iter()
        .filter(|term| {
            spec.field != Field::Subthemes
                || theme.is_empty()
                || vocabularies.theme_of(term.code) == Some(theme)
                || chosen.iter().any(|code| code == term.code)
        })
        .map(|term| FormOption::new(term.code, term.label, chosen.iter().any(|code| code == term.code)))
        .collect()
}

/// The inputs of a field made of rows: one group of inputs per row, and one row to spare.
fn rows(spec: &FieldSpec, draft: &DraftInput, errors: Option<&FieldErrors>) -> Vec<FormField> {
    let used = draft.rows(spec.field);
    let next = used.last().map_or(0, |last| last + 1);
    let mut inputs = Vec::new();
    for (position, row) in used.iter().copied().chain(next..next + SPARE_ROWS).enumerate() {
        for (rank, part) in Part::of(spec.kind).iter().enumerate() {
            let name = InputName::row(spec.field, row, *part).to_string();
            let mut one = input(spec, *part, &name, draft);
            one.label = format!(
                "{}, ligne\u{a0}{}\u{a0}: {}",
                spec.label,
                position + 1,
                one.label.to_lowercase()
            );
            if position == 0 && rank == 0 {
                spec.help.clone_into(&mut one.hint);
                spec.visibility().label().clone_into(&mut one.readers);
            }
            inputs.push(finish(one, spec, errors));
        }
    }
    inputs
}

/// A value in words, for previews and comparisons.
pub fn words(field: Field, content: &Content) -> String {
    content
        .get(field)
        .map(|value| value_words(field, value))
        .unwrap_or_default()
}

/// A value in words.
pub fn value_words(field: Field, value: &Value) -> String {
    let label = |code: &String| match field.spec().kind.vocabulary() {
        Some(list) => in_use().get(list).label(code).to_owned(),
        None => code.clone(),
    };
    match value {
        Value::Text(text) => text.clone(),
        Value::Code(code) => label(code),
        Value::Codes(codes) => codes.iter().map(label).collect::<Vec<_>>().join(", "),
        Value::CodesText(both) => both
            .codes
            .iter()
            .map(label)
            .chain(both.text.clone())
            .collect::<Vec<_>>()
            .join(", "),
        Value::Date(date) => crate::routes::cards::date_words(*date),
        Value::Integer(number) => crate::locale::integer(*number),
        Value::Partners(partners) => partners
            .iter()
            .map(|partner| partner.name.clone())
            .collect::<Vec<_>>()
            .join(", "),
        Value::Links(links) => links
            .iter()
            .filter_map(|link| link.label.clone().or_else(|| link.url.clone()))
            .collect::<Vec<_>>()
            .join(", "),
        Value::Names(names) => names.join(", "),
        Value::Contact(contact) => [contact.role.clone(), contact.email.clone()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", "),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sobria_catalogue::field::FIELDS;

    use super::*;

    #[test]
    fn each_field_is_asked_in_one_step_and_the_first_is_enough_to_hand_in() {
        let mut asked = BTreeSet::new();
        for field in STEPS.iter().flat_map(|step| step.fields) {
            assert!(asked.insert(*field), "{field:?} is asked twice");
        }
        for spec in FIELDS {
            let given = spec.field.is_of_organisation() || spec.field == Field::SourceUpdatedOn;
            assert_eq!(asked.contains(&spec.field), !given, "{:?}", spec.field);
            if spec.requirement == Requirement::Submit && !given {
                assert_eq!(step_of(spec.field).key, "essentiel", "{:?}", spec.field);
            }
        }
        let [first, ..] = &STEPS;
        assert_eq!(first.fields.len(), 7);
    }

    #[test]
    fn what_was_typed_comes_back_in_the_inputs() {
        let pairs = [
            ("title", "Fuites <d’eau>"),
            ("audiences", "agent"),
            ("partners.0.name", "Université"),
            ("partners.0.role", "technique"),
            ("tags", "eau"),
            ("tags", "capteurs"),
            ("contact.email", "eau@ville.fr"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let (draft, _) = DraftInput::from_pairs(pairs).unwrap();
        let mut back = DraftInput::default();
        for field in STEPS.iter().flat_map(|step| step.fields) {
            for input in inputs(*field, &draft, None) {
                let values: Vec<String> = match &input.control {
                    Control::Checks(options) | Control::Radios(options) | Control::Select(options) => options
                        .iter()
                        .filter(|option| option.chosen)
                        .map(|option| option.value.clone())
                        .collect(),
                    _ => input.value.lines().map(str::to_owned).collect(),
                };
                back.set(&input.name, values).unwrap();
            }
        }
        let known: Vec<_> = back.iter().map(|(name, _)| name.to_owned()).collect();
        for (name, values) in draft.iter() {
            if name != "partners.0.role" {
                assert_eq!(back.all(name), values, "{name} of {known:?}");
            }
        }
    }

    #[test]
    fn a_question_without_sense_is_not_asked_unless_it_was_answered() {
        let mut draft = DraftInput::default();
        assert!(!is_asked(Field::AbandonmentReason, &draft));
        draft
            .set("abandonment_reason", vec!["Trop cher".to_owned()])
            .unwrap();
        assert!(is_asked(Field::AbandonmentReason, &draft));
        let mut other = DraftInput::default();
        other.set("maturity", vec!["abandonne".to_owned()]).unwrap();
        assert!(is_asked(Field::AbandonmentReason, &other));
        assert!(is_asked(Field::EndDate, &other));
    }
}
