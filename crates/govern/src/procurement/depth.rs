//! How much to ask, from the budget, the risk and the scale.

use serde::{Deserialize, Serialize};

use crate::procurement::Problem;

/// How much is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Depth {
    /// Eleven questions.
    Light,
    /// Twenty-six questions.
    Standard,
    /// All thirty-nine questions.
    Full,
}

impl Depth {
    /// Every depth, in order.
    pub const ALL: [Self; 3] = [Self::Light, Self::Standard, Self::Full];

    /// Identifier.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Standard => "standard",
            Self::Full => "full",
        }
    }

    /// The depth of an identifier.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|depth| depth.code() == code)
    }

    /// Words for pages.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Light => "Essentiel",
            Self::Standard => "Standard",
            Self::Full => "Approfondi",
        }
    }

    /// Time that it takes to answer.
    #[must_use]
    pub const fn time(self) -> &'static str {
        match self {
            Self::Light => "45 minutes",
            Self::Standard => "2\u{a0}heures",
            Self::Full => "une journée",
        }
    }
}

/// What is bought, as far as it decides how much to ask.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Need {
    /// Value of the whole contract without tax, renewals included, in euros.
    pub value_ht: f64,
    /// Personal data are processed.
    pub personal_data: bool,
    /// Agents write to a generative AI.
    pub generative: bool,
    /// People must be told that they face an AI (article 50).
    pub transparency: bool,
    /// High risk is presumed (annex III).
    pub high_risk: bool,
    /// A decision about one person rests on it.
    pub individual_decision: bool,
    /// Years of the contract, renewals included.
    pub years: f64,
    /// People who will use it.
    pub users: f64,
}

/// A depth with why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The depth.
    pub depth: Depth,
    /// Why, in sentences: those that lead to this depth.
    pub reasons: Vec<String>,
}

/// What is wrong in a need.
#[must_use]
pub fn problems(need: &Need) -> Vec<Problem> {
    let mut found = Vec::new();
    for (holds, field, message) in [
        (
            (0.0..=1e9).contains(&need.value_ht),
            "value_ht",
            "Attendu\u{a0}: un montant hors taxes de 0 à un milliard d’euros.",
        ),
        (
            need.years > 0.0 && need.years <= 20.0,
            "years",
            "Attendu\u{a0}: une durée de plus de 0 à 20\u{a0}ans, reconductions comprises.",
        ),
        (
            (0.0..=1e8).contains(&need.users),
            "users",
            "Attendu\u{a0}: un nombre de personnes, de 0 à 100 millions.",
        ),
    ] {
        if !holds {
            found.push(Problem::new(field, message));
        }
    }
    found
}

/// The depth that a need calls for: the highest that budget, risk or scale asks for.
///
/// ```
/// use sobria_govern::procurement::depth::{Depth, Need, propose};
/// let need = Need { value_ht: 60_000.0, years: 2.0, users: 300.0, ..Need::default() };
/// assert_eq!(propose(&need).depth, Depth::Standard);
/// ```
#[must_use]
pub fn propose(need: &Need) -> Proposal {
    let triggers = [
        (
            need.value_ht > 100_000.0,
            Depth::Full,
            "la valeur dépasse 100\u{202f}000\u{a0}€ HT",
        ),
        (
            need.value_ht >= 50_000.0 && need.value_ht <= 100_000.0,
            Depth::Standard,
            "la valeur est comprise entre 50\u{202f}000 et 100\u{202f}000\u{a0}€ HT",
        ),
        (
            need.high_risk,
            Depth::Full,
            "un haut risque est présumé (annexe III du règlement européen)",
        ),
        (
            need.individual_decision,
            Depth::Full,
            "une décision sur une personne s’appuie sur l’outil",
        ),
        (need.years > 3.0, Depth::Full, "le marché dure plus de 3\u{a0}ans"),
        (
            need.users > 1_000.0,
            Depth::Full,
            "plus de 1\u{202f}000 personnes s’en serviront",
        ),
        (
            need.personal_data,
            Depth::Standard,
            "des données personnelles sont traitées",
        ),
        (
            need.generative,
            Depth::Standard,
            "une IA générative est ouverte aux agents",
        ),
        (
            need.transparency,
            Depth::Standard,
            "les personnes doivent être informées qu’une IA leur répond (article 50)",
        ),
    ];
    let depth = triggers
        .iter()
        .filter(|(holds, ..)| *holds)
        .map(|(_, depth, _)| *depth)
        .max()
        .unwrap_or(Depth::Light);
    let mut reasons: Vec<String> = triggers
        .iter()
        .filter(|(holds, level, _)| *holds && *level == depth)
        .map(|(.., why)| (*why).to_owned())
        .collect();
    if reasons.is_empty() {
        reasons.push(
            "la valeur est inférieure à 50\u{202f}000\u{a0}€ HT et aucun risque particulier n’est signalé"
                .to_owned(),
        );
    }
    Proposal { depth, reasons }
}

/// The depth that a buyer chose. Asking for more is free; asking for less needs a written reason.
///
/// # Errors
/// When less is asked for without a reason.
pub fn choose(proposal: &Proposal, chosen: Depth, reason: &str) -> Result<Depth, Problem> {
    if chosen < proposal.depth && reason.trim().chars().count() < 10 {
        return Err(Problem::new(
            "reason",
            format!(
                "Vous demandez moins que la profondeur proposée ({})\u{a0}: écrivez pourquoi, en une phrase.",
                proposal.depth.label()
            ),
        ));
    }
    Ok(chosen)
}
