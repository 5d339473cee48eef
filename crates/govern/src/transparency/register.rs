//! The points of annex VIII, ready to be typed in the database of the Union; nothing is sent.

use sobria_catalogue::field::Field;

use super::risk::{Presumption, RiskClass};
use super::value::{Dossier, Facts, value};

/// A section of the annex: who registers, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegisterSection {
    /// Provider of a system of high risk (article 49, paragraph 1).
    A,
    /// Provider of a system that is not of high risk by the exception of article 6, paragraph 3 (article 49, paragraph 2).
    B,
    /// Public authority that deploys a system of high risk (article 49, paragraph 3).
    C,
}

impl RegisterSection {
    /// The sections that a presumption calls for, in the order of the annex.
    #[must_use]
    pub fn due(presumption: &Presumption) -> Vec<Self> {
        match (presumption.class, presumption.provider) {
            (Some(RiskClass::HighRisk), true) => vec![Self::A, Self::C],
            (Some(RiskClass::HighRisk), false) => vec![Self::C],
            (Some(RiskClass::NotHighRiskDocumented), true) => vec![Self::B],
            _ => Vec::new(),
        }
    }

    /// Its letter, and who it is for.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::A => {
                "Annexe VIII, section A\u{a0}: fournisseur d’un système à haut risque (article 49 § 1)"
            }
            Self::B => "Annexe VIII, section B\u{a0}: fournisseur qui invoque l’exception (article 49 § 2)",
            Self::C => "Annexe VIII, section C\u{a0}: autorité publique qui déploie (article 49 § 3)",
        }
    }
}

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

/// The points of a section.
///
/// Points 1 to 3 of the provider are those of a carrier established in the Union, which needs no representative.
#[must_use]
pub fn register(section: RegisterSection, facts: &Facts<'_>, dossier: &Dossier) -> Vec<RegisterPoint> {
    let given = |id: &str| value(id, facts, dossier).map(|found| found.text);
    let text = |field: Field| facts.content.text(field).map(str::to_owned);
    let contact = given("public_contact").map(|contact| format!("{}, {contact}", facts.organisation.name));
    let point = |number, label, value: Option<String>| RegisterPoint {
        number,
        label,
        // A dossier that is on no record yet has neither reference nor address.
        value: value.filter(|text| !text.is_empty()),
    };
    // Sections A and B begin with the same points.
    let provider = |[first, second, third, fourth]: [&'static str; 4]| {
        let identified = [
            text(Field::Title),
            text(Field::AlgorithmName),
            Some(facts.identifier.to_owned()),
        ];
        let established = "Sans objet\u{a0}: fournisseur établi dans l’Union".to_owned();
        vec![
            point(
                first,
                "Nom, adresse et coordonnées du fournisseur",
                contact.clone(),
            ),
            point(second, "Personne qui soumet pour lui", given("service")),
            point(third, "Représentant autorisé", Some(established)),
            point(fourth, "Nom commercial et référence", joined(identified)),
        ]
    };
    match section {
        RegisterSection::A => [
            provider(["A.1", "A.2", "A.3", "A.4"]),
            vec![
                point(
                    "A.5",
                    "Destination, composants et fonctions",
                    joined([given("purpose"), text(Field::Description)]),
                ),
                point(
                    "A.6",
                    "Informations utilisées et logique",
                    // The point asks for both.
                    given("data_sources")
                        .zip(given("operations"))
                        .map(|(data, logic)| format!("{data}\u{202f}; {logic}")),
                ),
                point("A.7", "Statut", status(facts)),
                point(
                    "A.8",
                    "Certificat de l’organisme notifié, s’il y en a un",
                    given("eu_certificate"),
                ),
                point("A.9", "Copie de ce certificat", given("eu_certificate_copy")),
                point("A.10", "États membres", given("eu_states")),
                point("A.11", "Déclaration UE de conformité", given("eu_declaration")),
                point("A.12", "Notice d’utilisation", given("instructions")),
                point(
                    "A.13",
                    "Adresse d’information (facultatif)",
                    Some(facts.url.to_owned()),
                ),
            ],
        ]
        .concat(),
        RegisterSection::B => [
            provider(["B.1", "B.2", "B.3", "B.4"]),
            vec![
                point(
                    "B.5",
                    "Destination",
                    joined([given("purpose"), text(Field::Description)]),
                ),
                point("B.6", "Condition de l’article 6 § 3 invoquée", given("exception")),
                point("B.7", "Résumé des motifs", given("exception_reason")),
                point("B.8", "Statut", status(facts)),
                point("B.9", "États membres", given("eu_states")),
            ],
        ]
        .concat(),
        RegisterSection::C => vec![
            point("C.1", "Nom, adresse et coordonnées du déployeur", contact),
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
        ],
    }
}

/// What is known of a point; none where nothing is.
fn joined<const N: usize>(parts: [Option<String>; N]) -> Option<String> {
    let known: Vec<String> = parts
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    (!known.is_empty()).then(|| known.join("\u{202f}; "))
}

/// Status of a system, from the maturity of its record: one that is tried out is in service.
fn status(facts: &Facts<'_>) -> Option<String> {
    match facts.content.code(Field::Maturity)? {
        "experimentation" | "deploiement" => Some("En service".to_owned()),
        "termine" | "abandonne" => Some("Plus en service".to_owned()),
        // A system that is thought of or built has none of the statuses of the annex.
        _ => None,
    }
}
