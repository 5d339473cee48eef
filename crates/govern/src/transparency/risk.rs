//! The decision tree of the European regulation: a presumed class and, apart from it, what makes information due.

use super::value::{Dossier, Facts};

/// A presumed class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RiskClass {
    /// Not an AI system: the rules on public algorithms may still apply.
    NotAi,
    /// Forbidden.
    Prohibited,
    /// High risk.
    HighRisk,
    /// In a domain of high risk, with a documented exception.
    NotHighRiskDocumented,
    /// Information of people.
    Limited,
    /// None of these.
    Minimal,
}

impl RiskClass {
    /// Every class.
    pub const ALL: [Self; 6] = [
        Self::NotAi,
        Self::Prohibited,
        Self::HighRisk,
        Self::NotHighRiskDocumented,
        Self::Limited,
        Self::Minimal,
    ];

    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAi => "not_ai",
            Self::Prohibited => "prohibited",
            Self::HighRisk => "high_risk",
            Self::NotHighRiskDocumented => "not_high_risk_documented",
            Self::Limited => "limited",
            Self::Minimal => "minimal",
        }
    }

    /// Words for pages: always presumed.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::NotAi => "Présumé hors du règlement sur l’IA",
            Self::Prohibited => "Présumé interdit",
            Self::HighRisk => "Présumé à haut risque",
            Self::NotHighRiskDocumented => "Présumé hors du haut risque, exception à documenter",
            Self::Limited => "Présumé à risque limité",
            Self::Minimal => "Présumé à risque minimal",
        }
    }

    /// Whether the regulation applies.
    #[must_use]
    pub const fn is_ai(self) -> bool {
        !matches!(self, Self::NotAi)
    }
}

/// What makes information of people due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trigger {
    /// Code.
    pub code: &'static str,
    /// Words.
    pub label: &'static str,
}

/// What the answers lead to.
#[derive(Debug, Clone, PartialEq)]
pub struct Presumption {
    /// Class; none while an answer is missing.
    pub class: Option<RiskClass>,
    /// Why, in the order of the tree.
    pub reasons: Vec<String>,
    /// What makes information due, whatever the class.
    pub triggers: Vec<Trigger>,
    /// The question to answer next.
    pub missing: Option<&'static str>,
    /// Whether the organisation is presumed to be a provider too.
    pub provider: bool,
}

impl Presumption {
    /// Whether the sheet must not be published as it is.
    #[must_use]
    pub fn blocks_publication(&self) -> bool {
        self.class == Some(RiskClass::Prohibited)
    }
}

/// Follows the tree.
///
/// ```
/// use sobria_govern::transparency::{Dossier, RiskClass, classify};
///
/// let mut dossier = Dossier::default();
/// assert_eq!(classify(&dossier, None).missing, Some("is_ai"));
/// dossier.set("is_ai", "non");
/// assert_eq!(classify(&dossier, None).class, Some(RiskClass::NotAi));
/// ```
#[must_use]
pub fn classify(dossier: &Dossier, facts: Option<&Facts<'_>>) -> Presumption {
    let triggers: Vec<Trigger> = super::question::TRIGGERS
        .iter()
        .filter(|(code, _)| *code != "aucun" && dossier.codes("triggers").any(|given| given == *code))
        .map(|(code, label)| Trigger { code, label })
        .collect();
    let own = facts.is_some_and(|facts| {
        facts
            .content
            .codes(sobria_catalogue::field::Field::Delivery)
            .iter()
            .any(|code| code == "interne")
    });
    let shifted = dossier.codes("shift").any(|code| code != "aucun");
    let mut found = Presumption {
        class: None,
        reasons: Vec::new(),
        triggers,
        missing: None,
        provider: own || shifted,
    };
    match tree(dossier, &mut found) {
        Ok(class) => found.class = Some(class),
        Err(question) => found.missing = Some(question),
    }
    if found.class == Some(RiskClass::NotAi) {
        found.triggers.clear();
        found.provider = false;
    }
    found
}

fn tree(dossier: &Dossier, found: &mut Presumption) -> Result<RiskClass, &'static str> {
    match dossier.flag("is_ai") {
        None => return Err("is_ai"),
        Some(false) => {
            found
                .reasons
                .push("Le système n’apprend ni ne déduit\u{a0}: les règles sur les algorithmes publics restent applicables.".to_owned());
            return Ok(RiskClass::NotAi);
        }
        Some(true) => found.reasons.push("C’est un système d’IA.".to_owned()),
    }
    let label = |choices: super::question::Choices, code: &str| {
        choices
            .iter()
            .find(|(known, _)| *known == code)
            .map_or(code, |(_, label)| *label)
            .to_owned()
    };
    if let Some(code) = dossier.codes("prohibited").find(|code| *code != "aucun") {
        let practice = label(super::question::PROHIBITED, code);
        found
            .reasons
            .push(format!("Pratique de l’article 5\u{a0}: {practice}."));
        return Ok(RiskClass::Prohibited);
    }
    if !dossier.is_answered("prohibited") {
        return Err("prohibited");
    }
    found
        .reasons
        .push("Aucune pratique interdite n’est déclarée.".to_owned());
    if !dossier.is_answered("annex") {
        return Err("annex");
    }
    if let Some(code) = dossier.codes("annex").find(|code| *code != "aucun") {
        let domain = label(super::question::ANNEX, code);
        found.reasons.push(format!("Domaine à examiner\u{a0}: {domain}."));
        return exception(dossier, found);
    }
    found
        .reasons
        .push("Aucun domaine de l’annexe III ni de l’annexe I n’est déclaré.".to_owned());
    if !dossier.is_answered("triggers") {
        return Err("triggers");
    }
    if found.triggers.is_empty() {
        Ok(RiskClass::Minimal)
    } else {
        found
            .reasons
            .push("L’information des personnes est due (article 50).".to_owned());
        Ok(RiskClass::Limited)
    }
}

/// Article 6, paragraph 3. It does not hold for the safety components of annex I, nor with profiling.
fn exception(dossier: &Dossier, found: &mut Presumption) -> Result<RiskClass, &'static str> {
    if dossier.codes("annex").any(|code| code == "produit") {
        found.reasons.push(
            "L’exception de l’article 6 § 3 ne vaut pas pour un composant de sécurité de l’annexe I."
                .to_owned(),
        );
        return Ok(RiskClass::HighRisk);
    }
    match dossier.get("exception") {
        "" => return Err("exception"),
        "aucun" => {
            found.reasons.push("Aucune exception n’est invoquée.".to_owned());
            return Ok(RiskClass::HighRisk);
        }
        _ => {}
    }
    match dossier.flag("profiling") {
        None => Err("profiling"),
        Some(true) => {
            found
                .reasons
                .push("Le système établit le profil de personnes\u{a0}: l’exception ne vaut pas.".to_owned());
            Ok(RiskClass::HighRisk)
        }
        Some(false) if dossier.get("exception_reason").is_empty() => Err("exception_reason"),
        Some(false) => {
            found
                .reasons
                .push("Exception de l’article 6 § 3, motif écrit\u{202f}; le fournisseur reste tenu de s’enregistrer (article 49 § 2).".to_owned());
            Ok(RiskClass::NotHighRiskDocumented)
        }
    }
}

/// Whether an assessment of the impact on data protection is due in principle; none while the criteria are not
/// answered.
///
/// ```
/// use sobria_govern::transparency::{Dossier, dpia};
/// let mut dossier = Dossier::default();
/// assert_eq!(dpia(&dossier, None), None);
/// dossier.set("dpia_criteria", "sensibles|echelle");
/// assert_eq!(dpia(&dossier, None), Some(true));
/// ```
#[must_use]
pub fn dpia(dossier: &Dossier, class: Option<RiskClass>) -> Option<bool> {
    let personal = dossier.get("personal_data").to_lowercase().starts_with("oui");
    if class == Some(RiskClass::HighRisk) && personal {
        return Some(true);
    }
    dossier.is_answered("dpia_criteria").then(|| {
        dossier
            .codes("dpia_criteria")
            .filter(|code| *code != "aucun")
            .count()
            >= 2
    })
}
