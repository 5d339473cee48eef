//! The inventory of public algorithms, in the rubrics of the Etalab model of 11 February 2021.

use sobria_catalogue::field::Field;

use super::value::{Dossier, Facts, value, words_of};

/// Headers, in order; each has one value in [`row`].
pub static COLUMNS: [&str; 20] = [
    "Administration",
    "Direction ou service",
    "Contact",
    "Date de mise à jour",
    "Nom de l’algorithme",
    "Contexte",
    "Finalité et justification",
    "Comment et quand il intervient",
    "Niveau d’automatisation",
    "Fondements juridiques",
    "Nombre de décisions par an",
    "Portée des décisions",
    "Public concerné",
    "Effets importants",
    "Sources des données",
    "Collecte des données",
    "Type d’algorithme",
    "Opérations effectuées",
    "Ressources connexes",
    "Fiche du projet",
];

/// The line of a project; what is not known is blank.
#[must_use]
pub fn row(facts: &Facts<'_>, dossier: &Dossier) -> [String; 20] {
    let content = facts.content;
    let given = |id: &str| {
        value(id, facts, dossier)
            .map(|found| found.text)
            .unwrap_or_default()
    };
    let field = |field: Field| words_of(content, field, facts.vocabularies);
    let joined = |parts: &[String]| {
        parts
            .iter()
            .filter(|part| !part.is_empty())
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    };
    let name = match field(Field::AlgorithmName) {
        name if name.is_empty() => content.title().to_owned(),
        name => name,
    };
    let summary = match field(Field::Summary) {
        summary if summary.is_empty() => content.title().to_owned(),
        summary => summary,
    };
    [
        facts.organisation.name.clone(),
        given("service"),
        given("public_contact"),
        facts.updated_on.to_string(),
        name,
        summary,
        joined(&[given("purpose"), field(Field::Description), given("need")]),
        given("decision_process"),
        given("automation"),
        given("legal_basis"),
        given("decisions_per_year"),
        given("decision_scope"),
        joined(&[field(Field::Audiences), given("affected_people")]),
        given("significant_effects"),
        given("data_sources"),
        given("data_collection"),
        given("algorithm_kinds"),
        given("operations"),
        joined(&[given("rules_url"), given("code_url"), field(Field::InfoLinks)]),
        facts.url.to_owned(),
    ]
}
