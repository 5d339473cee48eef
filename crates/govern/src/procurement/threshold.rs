//! Thresholds of public purchase, each with its dates and its source: they change.

use jiff::civil::{Date, date};

use crate::source::Confidence;

/// What a threshold decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Below it, no publicity and no competition is asked for.
    Exemption,
    /// From it on, publicity in an official journal.
    Publicity,
    /// From it on, a formal procedure.
    Formal,
    /// Below it, an innovative purchase without publicity.
    Innovation,
}

/// A threshold between two days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// What it decides.
    pub rule: Rule,
    /// Euros without tax.
    pub euros: f64,
    /// First day.
    pub from: Date,
    /// Last day, when it is known.
    pub to: Option<Date>,
    /// Where it was read.
    pub source: &'static str,
    /// How surely.
    pub confidence: Confidence,
}

/// Day on which the table was last checked.
pub const CHECKED_ON: Date = date(2026, 8, 1);

/// The thresholds, for supplies and services of local authorities.
#[rustfmt::skip]
pub static THRESHOLDS: [Threshold; 5] = [
    Threshold { rule: Rule::Exemption, euros: 40_000.0, from: date(2020, 1, 1), to: Some(date(2026, 3, 31)), source: "Code de la commande publique, avant le décret n° 2025-1386", confidence: Confidence::Secondary },
    Threshold { rule: Rule::Exemption, euros: 60_000.0, from: date(2026, 4, 1), to: None, source: "Décret n° 2025-1386", confidence: Confidence::Secondary },
    Threshold { rule: Rule::Publicity, euros: 90_000.0, from: date(2020, 1, 1), to: None, source: "Code de la commande publique\u{202f}; à vérifier", confidence: Confidence::Unverified },
    Threshold { rule: Rule::Formal, euros: 216_000.0, from: date(2026, 1, 1), to: Some(date(2027, 12, 31)), source: "Seuils européens 2026-2027 pour les collectivités\u{202f}; à vérifier", confidence: Confidence::Unverified },
    Threshold { rule: Rule::Innovation, euros: 100_000.0, from: date(2021, 12, 25), to: None, source: "Art. R.2122-9-1 du code de la commande publique", confidence: Confidence::Secondary },
];

/// The threshold of a rule on a day.
///
/// ```
/// use jiff::civil::date;
/// use sobria_govern::procurement::threshold::{Rule, in_force};
/// assert_eq!(in_force(Rule::Exemption, date(2026, 3, 31)).unwrap().euros, 40_000.0);
/// assert_eq!(in_force(Rule::Exemption, date(2026, 4, 1)).unwrap().euros, 60_000.0);
/// assert_eq!(in_force(Rule::Formal, date(2028, 1, 1)), None);
/// ```
#[must_use]
pub fn in_force(rule: Rule, day: Date) -> Option<&'static Threshold> {
    THRESHOLDS
        .iter()
        .find(|one| one.rule == rule && one.from <= day && one.to.is_none_or(|last| day <= last))
}

/// The procedure that a value probably calls for on a day, in one sentence.
#[must_use]
pub fn procedure(value_ht: f64, day: Date) -> String {
    let reaches = |rule| in_force(rule, day).is_some_and(|one| value_ht >= one.euros);
    let likely = if reaches(Rule::Formal) {
        "procédure formalisée"
    } else if reaches(Rule::Publicity) {
        "procédure adaptée, avec publicité au BOAMP ou dans un journal d’annonces légales"
    } else if reaches(Rule::Exemption) {
        "procédure adaptée, publicité au choix de l’acheteur"
    } else {
        "dispense de publicité et de mise en concurrence, sans dispense de bon usage des deniers publics"
    };
    format!("Procédure probable\u{a0}: {likely}. À confirmer par le service des marchés.")
}

/// First day on which an environmental criterion is due in every tender: law of 22 August 2021, article 35, and decree
/// of 2 May 2022. No later date was found.
pub const ENVIRONMENTAL_CRITERION: Date = date(2026, 8, 21);
