//! Rules on public algorithms: they apply without AI too.

use jiff::civil::{Date, date};
use sobria_catalogue::organisation::Organisation;

use super::question::number;
use super::value::Dossier;

/// Since when a decision made by a machine alone without its mention is void.
pub const NULLITY_SINCE: Date = date(2020, 7, 1);

/// What the rules depend on.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Situation {
    /// Whether individual decisions rest on it.
    pub individual_decision: Option<bool>,
    /// Whether a secret covers it; not answered counts as no.
    pub secret: bool,
    /// Agents, in full time equivalents.
    pub agents_fte: Option<f64>,
    /// Whether the carrier is a local authority.
    pub local_authority: bool,
    /// Inhabitants.
    pub population: Option<u32>,
    /// Whether no person takes part in the decision.
    pub fully_automated: bool,
    /// Whether decisions bear the mention.
    pub mention_present: bool,
}

/// Kinds of organisations that are not local authorities.
const OTHERS: [&str; 3] = ["operateur", "social", "autre"];

impl Situation {
    /// The situation of a dossier; `automation` is the code of the vocabulary, when the record gives it.
    #[must_use]
    pub fn of(dossier: &Dossier, automation: Option<&str>, organisation: Option<&Organisation>) -> Self {
        let written = dossier.get("automation").to_lowercase();
        Self {
            individual_decision: dossier.flag("individual_decision"),
            secret: dossier.flag("secret").unwrap_or(false),
            agents_fte: number(dossier.get("agents_fte")),
            local_authority: organisation
                .and_then(|one| one.kind.as_deref())
                .is_some_and(|kind| !OTHERS.contains(&kind)),
            population: organisation.and_then(|one| one.population),
            fully_automated: if written.is_empty() {
                automation == Some("automatisation_complete")
            } else {
                written.contains("complète")
            },
            mention_present: dossier.flag("mention_present").unwrap_or(false),
        }
    }
}

/// What the rules ask for; none while the answer that decides is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crpa {
    /// An explicit mention on each decision.
    pub mention_required: Option<bool>,
    /// The publication of the rules.
    pub inventory_required: Option<bool>,
    /// Decisions may be void.
    pub nullity_risk: Option<bool>,
}

/// Applies the rules.
#[must_use]
pub fn crpa(situation: &Situation) -> Crpa {
    let individual = situation.individual_decision;
    let open = individual.map(|individual| individual && !situation.secret);
    let small = situation.local_authority && situation.population.is_some_and(|count| count < 3500);
    let large = situation.agents_fte.map(|agents| agents > 50.0);
    Crpa {
        mention_required: open,
        inventory_required: match (open, small, large) {
            (Some(false), ..) | (_, true, _) | (_, _, Some(false)) => Some(false),
            (Some(true), false, Some(true)) => Some(true),
            _ => None,
        },
        nullity_risk: individual
            .map(|individual| individual && situation.fully_automated && !situation.mention_present),
    }
}

/// The mention to print on decisions, or what it lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mention {
    /// Ready.
    Ready(String),
    /// Questions without an answer.
    Missing(Vec<&'static str>),
}

/// Writes the mention.
#[must_use]
pub fn mention(dossier: &Dossier) -> Mention {
    let asked = ["purpose", "rules_url", "service", "public_contact"];
    let missing: Vec<&'static str> = asked.into_iter().filter(|id| !dossier.is_answered(id)).collect();
    if !missing.is_empty() {
        return Mention::Missing(missing);
    }
    let [purpose, url, service, contact] =
        asked.map(|id| dossier.get(id).trim().trim_end_matches('.').to_owned());
    Mention::Ready(format!(
        "Cette décision s’appuie sur un traitement algorithmique qui sert à {purpose}. Ses règles sont publiées\u{a0}: {url}. Vous pouvez demander à {service} ({contact}) comment elles ont été appliquées à votre cas. Sans réponse sous un mois, vous avez deux mois pour saisir la Commission d’accès aux documents administratifs (CADA)."
    ))
}
