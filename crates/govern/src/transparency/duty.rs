//! Duties of a public deployer, with the answers that meet them.

use super::risk::{Presumption, RiskClass};
use super::value::{Dossier, Facts, value};
use crate::source::Confidence;

/// When a duty is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    AnyAi,
    HighRisk,
    /// High risk, critical infrastructures apart.
    HighRiskButInfrastructure,
    Informing,
}

/// A duty.
#[derive(Debug, Clone, Copy)]
pub struct Duty {
    /// Identifier.
    pub id: &'static str,
    /// Words.
    pub label: &'static str,
    /// Article.
    pub reference: &'static str,
    /// Questions whose answers meet it, all of them.
    pub fields: &'static [&'static str],
    /// How surely it is known.
    pub confidence: Confidence,
    when: When,
}

const fn duty(
    id: &'static str,
    label: &'static str,
    reference: &'static str,
    when: When,
    fields: &'static [&'static str],
    confidence: Confidence,
) -> Duty {
    Duty {
        id,
        label,
        reference,
        fields,
        confidence,
        when,
    }
}

/// Every duty, in the order of the articles.
#[rustfmt::skip]
pub static DUTIES: &[Duty] = &[
    duty("literacy", "Acculturation du personnel", "art. 4", When::AnyAi, &["literacy"], Confidence::Secondary),
    duty("instructions", "Usage conforme à la notice", "art. 26 § 1", When::HighRisk, &["instructions"], Confidence::Secondary),
    duty("oversight", "Contrôle humain confié à des personnes compétentes", "art. 26 § 2", When::HighRisk, &["human_oversight"], Confidence::Secondary),
    duty("input", "Données d’entrée pertinentes", "art. 26 § 4", When::HighRisk, &["data_sources", "data_collection", "data_quality"], Confidence::Secondary),
    duty("monitoring", "Surveillance, suspension, incident grave", "art. 26 § 5", When::HighRisk, &["monitoring"], Confidence::Secondary),
    duty("logs", "Journaux conservés six mois au moins", "art. 26 § 6", When::HighRisk, &["logs_months"], Confidence::Secondary),
    duty("workers", "Information des agents et de leurs représentants", "art. 26 § 7", When::HighRisk, &["worker_information"], Confidence::Secondary),
    duty("registration", "Vérifier l’enregistrement, s’enregistrer avant l’usage", "art. 26 § 8, 49 § 3", When::HighRisk, &["eu_provider_url", "eu_deployer_id"], Confidence::Secondary),
    duty("dpia", "AIPD avec les informations du fournisseur", "art. 26 § 9", When::HighRisk, &["dpia_status", "dpia_date", "dpia_summary"], Confidence::Secondary),
    duty("subjects", "Informer les personnes visées par une décision", "art. 26 § 11", When::HighRisk, &["subject_information"], Confidence::Unverified),
    duty("fria", "Analyse d’impact sur les droits fondamentaux, notifiée à l’autorité", "art. 27", When::HighRiskButInfrastructure, &["fria"], Confidence::Secondary),
    duty("explanation", "Explication d’une décision individuelle", "art. 86", When::HighRisk, &["explanation", "public_contact"], Confidence::Unverified),
    duty("notices", "Information des personnes", "art. 50", When::Informing, &["notices"], Confidence::Secondary),
];

/// A duty that is due, and what it lacks.
#[derive(Debug, Clone)]
pub struct DutyOutcome {
    /// Duty.
    pub duty: &'static Duty,
    /// Questions still without an answer, or whose answer is not enough.
    pub missing: Vec<&'static str>,
}

/// The duties that follow from a presumption.
#[must_use]
pub fn duties(presumption: &Presumption, facts: Option<&Facts<'_>>, dossier: &Dossier) -> Vec<DutyOutcome> {
    let Some(class) = presumption.class.filter(|class| class.is_ai()) else {
        return Vec::new();
    };
    let only_infrastructure = dossier
        .codes("annex")
        .filter(|code| *code != "aucun")
        .all(|code| code == "2");
    DUTIES
        .iter()
        .filter(|duty| match duty.when {
            When::AnyAi => true,
            When::HighRisk => class == RiskClass::HighRisk,
            When::HighRiskButInfrastructure => class == RiskClass::HighRisk && !only_infrastructure,
            When::Informing => !presumption.triggers.is_empty(),
        })
        .map(|duty| DutyOutcome {
            duty,
            missing: duty
                .fields
                .iter()
                .copied()
                .filter(|id| !is_met(id, facts, dossier))
                .collect(),
        })
        .collect()
}

fn is_met(id: &str, facts: Option<&Facts<'_>>, dossier: &Dossier) -> bool {
    match id {
        "logs_months" => super::question::number(dossier.get(id)).is_some_and(|months| months >= 6.0),
        "dpia_status" => dossier.get(id) == "done",
        id => match facts {
            Some(facts) => value(id, facts, dossier).is_some(),
            None => dossier.is_answered(id),
        },
    }
}
