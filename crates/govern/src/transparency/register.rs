//! The points of annex VIII, ready to be typed in the database of the Union; nothing is sent.

use super::value::{Dossier, Facts, value};

/// A point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterPoint {
    /// Number in the annex.
    pub number: &'static str,
    /// Words.
    pub label: &'static str,
    /// Value; none when it is missing.
    pub value: Option<String>,
}

/// The points of section C, for a public authority that deploys a system.
#[must_use]
pub fn register(facts: &Facts<'_>, dossier: &Dossier) -> Vec<RegisterPoint> {
    let given = |id: &str| value(id, facts, dossier).map(|found| found.text);
    let deployer = given("public_contact").map(|contact| format!("{}, {contact}", facts.organisation.name));
    let point = |number, label, value| RegisterPoint { number, label, value };
    vec![
        point("C.1", "Nom, adresse et coordonnées du déployeur", deployer),
        point("C.2", "Personne qui soumet pour lui", given("service")),
        point(
            "C.3",
            "Adresse de l’entrée créée par le fournisseur",
            given("eu_provider_url"),
        ),
        point(
            "C.4",
            "Résumé de l’analyse sur les droits fondamentaux",
            given("fria"),
        ),
        point("C.5", "Résumé de l’AIPD", given("dpia_summary")),
    ]
}
