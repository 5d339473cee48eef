//! Who answers for frugal AI in an organisation, since when, and how one writes to them: a shared address, never
//! theirs.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sobria_catalogue::text::fold_key;

use crate::procurement::Problem;

/// What somebody is named for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Frugal AI.
    #[default]
    FrugalAiLead,
    /// Sustainable development.
    SustainabilityLead,
    /// Data protection.
    Dpo,
    /// Data.
    Cdo,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::FrugalAiLead, Self::SustainabilityLead, Self::Dpo, Self::Cdo];

    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::FrugalAiLead => "frugal_ai_lead",
            Self::SustainabilityLead => "sustainability_lead",
            Self::Dpo => "dpo",
            Self::Cdo => "cdo",
        }
    }

    /// Words for pages.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::FrugalAiLead => "Référent IA frugale",
            Self::SustainabilityLead => "Référent développement durable",
            Self::Dpo => "Délégué à la protection des données",
            Self::Cdo => "Administrateur des données",
        }
    }

    /// The role of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}

/// Somebody named for a role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Appointment {
    /// The role.
    pub role: Role,
    /// Who; blank once it is too old to be kept.
    pub person_name: String,
    /// Shared address that everybody may write to; blank for none.
    pub generic_email: String,
    /// Time given to it, in full-time equivalents.
    pub fte: Option<f64>,
    /// First day.
    pub starts_on: Date,
    /// Last day, when it is known.
    pub ends_on: Option<Date>,
    /// Who stands in; blank for nobody.
    pub deputy: String,
    /// Whether the role and the shared address are shown to everybody.
    pub public: bool,
}

/// Days before the end of a mission on which it is said that somebody must be named.
pub const WARNED_DAYS: i32 = 60;

impl Appointment {
    /// Whether it holds on a day.
    #[must_use]
    pub fn holds(&self, today: Date) -> bool {
        self.starts_on <= today && self.ends_on.is_none_or(|last| today <= last)
    }

    /// Whether it ends soon.
    #[must_use]
    pub fn ends_soon(&self, today: Date) -> bool {
        self.holds(today)
            && self.ends_on.is_some_and(|last| {
                today
                    .checked_add(WARNED_DAYS.days())
                    .is_ok_and(|horizon| last <= horizon)
            })
    }

    /// What is wrong in it.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        if self.person_name.is_empty() {
            found.push(Problem::new("personne", "Dites qui est nommé."));
        }
        if self.ends_on.is_some_and(|last| last < self.starts_on) {
            found.push(Problem::new(
                "fin",
                "La fin de la mission précède son début\u{a0}: vérifiez l’une ou l’autre.",
            ));
        }
        if self.fte.is_some_and(|fte| !(0.0..=10.0).contains(&fte)) {
            found.push(Problem::new(
                "temps",
                "Attendu\u{a0}: un temps entre 0 et 10 équivalents temps plein, par exemple 0,2.",
            ));
        }
        if self.public && self.generic_email.is_empty() {
            found.push(Problem::new(
                "courriel",
                "Pour publier un contact, donnez une adresse générique, par exemple numerique-responsable@ville.fr.",
            ));
        }
        if !self.generic_email.is_empty() {
            if sobria_catalogue::account::Email::parse(&self.generic_email).is_err() {
                found.push(Problem::new(
                    "courriel",
                    "Ceci n’est pas une adresse, par exemple numerique-responsable@ville.fr.",
                ));
            } else if names_somebody(&self.generic_email, &[&self.person_name, &self.deputy]) {
                found.push(Problem::new(
                    "courriel",
                    "Cette adresse porte le nom d’une personne\u{a0}: donnez une adresse générique, par exemple numerique-responsable@ville.fr.",
                ));
            }
        }
        found
    }
}

/// Whether an address holds a word of a name.
///
/// ```
/// use sobria_govern::roadmap::appointment::names_somebody;
/// assert!(names_somebody("c.durand@ville.fr", &["Camille Durand"]));
/// assert!(!names_somebody("numerique@ville.fr", &["Camille Durand"]));
/// ```
#[must_use]
pub fn names_somebody(email: &str, names: &[&str]) -> bool {
    let local = fold_key(email.split('@').next().unwrap_or(""));
    let parts: Vec<&str> = local.split(|c: char| !c.is_alphanumeric()).collect();
    names.iter().any(|name| {
        fold_key(name)
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.chars().count() >= 3)
            .any(|word| parts.iter().any(|part| part.contains(word)))
    })
}
