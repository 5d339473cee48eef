//! Frugality of an AI project: is AI needed, what is done about its footprint, and what the evidence says.
//!
//! [`Filter`] holds the three conditions, [`table::PRACTICES`] the fifteen practices, [`score`] the figures,
//! [`proposals`] what a record already answers, and [`plan`] what to do next.
//! The words of practices, levels and evidence are those of this project. The AFNOR SPEC 2314 is linked, never quoted.

mod claim;
pub mod coverage;
mod filter;
pub mod form;
pub mod line;
pub mod paper;
mod plan;
mod practice;
mod propose;
mod score;
pub mod table;

pub use claim::{Claim, claims};
pub use filter::{Alternative, Decision, Filter, Gate, GateOutcome, Sort, Verdict, names_ai};
pub use plan::{Action, plan};
pub use practice::{Pillar, Practice, PracticeId, Scope, Who, level_name};
pub use propose::{Facts, Origin, Proposal, covered, organisation_proposals, proposals};
pub use score::{Grade, PillarScore, Score, Standing, score};

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::joined::{Known, has_changed};

/// Version of the practices and of the rule of the figures, kept with every snapshot.
pub const RUBRIC_VERSION: &str = "1.0";
/// Where the reference framework can be had, free of charge.
pub const SPEC_URL: &str = "https://www.boutique.afnor.org/";
/// The only words that may stand on a card.
pub const BADGE: &str = "Démarche d’IA frugale documentée";
/// What a card says of a need that was met without AI, with its reasons.
pub const WITHOUT_AI: &str = "Besoin traité sans IA";
/// Shortest reason for a practice without object, in characters.
pub const REASON_MIN: usize = 80;
/// Most practices without object.
pub const EXCLUSIONS_MAX: usize = 3;
/// Least response rate for a grade and for the badge, in hundredths.
pub const RESPONSE_MIN: f64 = 80.0;

/// What kind of proof stands behind an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// A text: good for three years.
    #[default]
    Document,
    /// A measure or an evaluation: good for two years.
    Measure,
}

/// What stands behind an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Evidence {
    /// Where it is, or what it is.
    pub text: String,
    /// What kind of proof.
    #[serde(default)]
    pub kind: EvidenceKind,
    /// Its date; without one it counts as out of date.
    #[serde(default)]
    pub dated: Option<Date>,
}

impl Evidence {
    /// Whether it is too old on a day, or has no date.
    ///
    /// ```
    /// use jiff::civil::date;
    /// use sobria_govern::frugality::{Evidence, EvidenceKind};
    ///
    /// let mut measure = Evidence { text: "relevé".into(), kind: EvidenceKind::Measure, dated: Some(date(2024, 5, 1)) };
    /// assert!(!measure.is_expired(date(2026, 5, 1)));
    /// assert!(measure.is_expired(date(2026, 5, 2)));
    /// measure.kind = EvidenceKind::Document;
    /// assert!(!measure.is_expired(date(2027, 5, 1)));
    /// ```
    #[must_use]
    pub fn is_expired(&self, today: Date) -> bool {
        let months = match self.kind {
            EvidenceKind::Measure => 24,
            EvidenceKind::Document => 36,
        };
        self.dated
            .and_then(|day| day.checked_add(months.months()).ok())
            .is_none_or(|last| today > last)
    }
}

/// The answer to one practice. Blank is not zero: both give no point, only zero is an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Answer {
    /// Level from 0 to 4; none when blank or without object.
    #[serde(default)]
    pub level: Option<u8>,
    /// Why the practice is without object here.
    #[serde(default)]
    pub not_applicable: Option<String>,
    /// Proof.
    #[serde(default)]
    pub evidence: Option<Evidence>,
    /// Whether somebody else than the author read the proof, or agreed that there is no object.
    #[serde(default)]
    pub reviewed: bool,
    /// The facts on which a proposal stood when the answer was given; blank when there was none.
    #[serde(default)]
    pub basis: String,
}

impl Answer {
    /// Whether nothing was said.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.level.is_none() && self.not_applicable.is_none()
    }

    /// How far its proof carries, from 1 to 4.
    #[must_use]
    pub fn cap(&self, today: Date) -> u8 {
        let Some(evidence) = self
            .evidence
            .as_ref()
            .filter(|evidence| !evidence.text.is_empty())
        else {
            return 1;
        };
        let cap: u8 = if self.reviewed { 4 } else { 2 };
        if evidence.is_expired(today) {
            cap.saturating_sub(1).max(1)
        } else {
            cap
        }
    }
}

/// A whole assessment, as kept.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Assessment {
    /// The three conditions.
    #[serde(default)]
    pub filter: Filter,
    /// Answers by practice; a blank one may be absent.
    #[serde(default)]
    pub answers: BTreeMap<PracticeId, Answer>,
    /// What is known of each cell of the environmental evaluation.
    #[serde(default)]
    pub coverage: coverage::Grid,
    /// What answers of the filter stood on, by field of the form, when they were proposed from elsewhere.
    #[serde(default)]
    pub bases: BTreeMap<String, String>,
}

impl Assessment {
    /// The answer to a practice; a blank one when there is none.
    #[must_use]
    pub fn answer(&self, id: PracticeId) -> Answer {
        self.answers.get(&id).cloned().unwrap_or_default()
    }

    /// The practices whose answer was given on facts that changed since.
    #[must_use]
    pub fn outdated(&self, proposals: &[Proposal]) -> Vec<PracticeId> {
        self.answers
            .iter()
            .filter(|(_, answer)| !answer.is_blank() && !answer.basis.is_empty())
            .filter(|(id, answer)| {
                let now = proposals
                    .iter()
                    .find(|proposal| proposal.practice == **id)
                    .map(Proposal::basis)
                    .unwrap_or_default();
                now != answer.basis
            })
            .map(|(id, _)| *id)
            .collect()
    }

    /// The fields of the filter whose answer was given on facts that changed since.
    #[must_use]
    pub fn outdated_texts(&self, known: &[Known]) -> Vec<&str> {
        self.bases
            .iter()
            .filter(|(field, basis)| has_changed(field, basis, known))
            .map(|(field, _)| field.as_str())
            .collect()
    }

    /// Takes over, for what is unchanged, who read the proofs of the former version; the form cannot say it itself.
    pub fn keep_reviews(&mut self, former: &Self) {
        for (id, answer) in &mut self.answers {
            let before = former.answer(*id);
            answer.reviewed = before.reviewed
                && before.level == answer.level
                && before.evidence == answer.evidence
                && before.not_applicable == answer.not_applicable;
        }
    }

    /// What each practice stands at on a day, given what the record proves by itself.
    #[must_use]
    pub fn standings(&self, proposals: &[Proposal], today: Date) -> Vec<(PracticeId, Standing)> {
        let mut excluded: Vec<&Practice> = table::PRACTICES
            .iter()
            .filter(|practice| practice.not_applicable.is_some())
            .filter(|practice| {
                let answer = self.answer(practice.id);
                answer.reviewed
                    && answer
                        .not_applicable
                        .is_some_and(|reason| reason.trim().chars().count() >= REASON_MIN)
            })
            .collect();
        // The heaviest first, so that erasing one never lets a heavier one leave the sum.
        excluded.sort_by_key(|practice| std::cmp::Reverse(practice.weight));
        excluded.truncate(EXCLUSIONS_MAX);
        table::PRACTICES
            .iter()
            .map(|practice| {
                let answer = self.answer(practice.id);
                let standing = if excluded.iter().any(|one| one.id == practice.id) {
                    Standing::Excluded
                } else {
                    match answer.level.filter(|_| answer.not_applicable.is_none()) {
                        None => Standing::Blank,
                        Some(level) => {
                            let auto = proposals
                                .iter()
                                .find(|proposal| proposal.practice == practice.id)
                                .map_or(0, |proposal| proposal.level);
                            Standing::Answered {
                                declared: level.min(4),
                                backing: answer.cap(today).max(auto),
                            }
                        }
                    }
                };
                (practice.id, standing)
            })
            .collect()
    }

    /// The three conditions, the figures and the badge on a day.
    #[must_use]
    pub fn outcome(&self, proposals: &[Proposal], today: Date) -> Outcome {
        let mut outcome = self.outcome_of(&self.standings(proposals, today));
        outcome.outdated = self.outdated(proposals);
        outcome
    }

    /// The same from standings worked out before, when a version was kept.
    #[must_use]
    pub fn outcome_of(&self, standings: &[(PracticeId, Standing)]) -> Outcome {
        let score = score(standings);
        let gates = self.filter.gates(standings, &score);
        let badge =
            gates.iter().all(|gate| gate.verdict == Verdict::Passed) && score.response_rate >= RESPONSE_MIN;
        Outcome {
            without_ai: self.filter.is_met_without_ai(),
            renounced: self.filter.is_met_without_ai() && self.filter.without_ai_lacks().is_empty(),
            plan: plan(standings),
            outdated: Vec::new(),
            outdated_texts: Vec::new(),
            score,
            gates,
            badge,
        }
    }
}

/// What an assessment came to on the day it was kept: enough to work the figures out again.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Snapshot {
    /// Where each practice stood.
    pub standings: BTreeMap<PracticeId, Standing>,
    /// Coverage, what estimates cover included.
    pub coverage: coverage::Grid,
    /// Maturity of the project, as the catalogue codes it.
    pub maturity: String,
}

impl Snapshot {
    /// The standings as [`score`] takes them.
    #[must_use]
    pub fn pairs(&self) -> Vec<(PracticeId, Standing)> {
        self.standings
            .iter()
            .map(|(id, standing)| (*id, *standing))
            .collect()
    }
}

/// What an assessment comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The three conditions, in order.
    pub gates: [GateOutcome; 3],
    /// Figures.
    pub score: Score,
    /// What to do next, the most useful first.
    pub plan: Vec<Action>,
    /// Answers to be looked at again: the facts changed.
    pub outdated: Vec<PracticeId>,
    /// Fields of the filter to be looked at again.
    pub outdated_texts: Vec<String>,
    /// Whether the words of [`BADGE`] may be shown.
    pub badge: bool,
    /// Whether the need is met without AI.
    pub without_ai: bool,
    /// Whether that decision has its reasons, so that the words of [`WITHOUT_AI`] may be shown.
    pub renounced: bool,
}

#[cfg(test)]
mod tests;
