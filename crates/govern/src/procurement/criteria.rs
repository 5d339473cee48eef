//! What offers are judged by: set before they are opened, then never changed, only superseded.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::procurement::depth::Depth;
use crate::procurement::question::{Question, Theme, asked, question};
use crate::procurement::{Problem, VERSION};

/// What offers are judged by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criteria {
    /// How much is asked.
    pub depth: Depth,
    /// Weight of each theme; together they make 100.
    pub weights: BTreeMap<Theme, u32>,
    /// Questions that knock an offer out, as the buyer publishes it.
    pub knockouts: BTreeSet<String>,
    /// Questions that have no object, for every candidate alike.
    pub not_applicable: BTreeSet<String>,
}

impl Criteria {
    /// The criteria proposed for a depth: a theme without a question has no weight, the others share what it leaves.
    ///
    /// ```
    /// use sobria_govern::procurement::{criteria::Criteria, depth::Depth};
    /// for depth in Depth::ALL {
    ///     assert_eq!(Criteria::proposed(depth).weights.values().sum::<u32>(), 100);
    /// }
    /// ```
    #[must_use]
    pub fn proposed(depth: Depth) -> Self {
        let present: BTreeSet<Theme> = asked(depth).map(|question| question.theme).collect();
        let total: u32 = present.iter().map(|theme| theme.weight()).sum();
        let mut weights: BTreeMap<Theme, u32> = present
            .iter()
            .map(|theme| (*theme, theme.weight() * 100 / total.max(1)))
            .collect();
        let missing = 100u32.saturating_sub(weights.values().sum());
        // What rounding leaves goes to measures, the heaviest theme.
        if let Some(weight) = weights.get_mut(&Theme::T4) {
            *weight += missing;
        }
        Self {
            depth,
            weights,
            knockouts: BTreeSet::new(),
            not_applicable: BTreeSet::new(),
        }
    }

    /// The questions that are marked, in order.
    pub fn questions(&self) -> impl Iterator<Item = &'static Question> + '_ {
        asked(self.depth).filter(|question| !self.not_applicable.contains(question.id))
    }

    /// What is wrong in them.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        let total: u64 = self.weights.values().map(|weight| u64::from(*weight)).sum();
        if total != 100 {
            found.push(Problem::new(
                "weights",
                format!("Les poids des thèmes font {total}\u{202f}; ils doivent faire 100 ensemble."),
            ));
        }
        for (theme, weight) in &self.weights {
            if *weight > 0 && !self.questions().any(|question| question.theme == *theme) {
                found.push(Problem::new(
                    format!("weight_{}", theme.code()),
                    format!(
                        "«\u{a0}{}\u{a0}» pèse {weight} mais n’a aucune question à noter\u{a0}: mettez 0 ou gardez une question.",
                        theme.label()
                    ),
                ));
            }
        }
        for id in &self.knockouts {
            let allowed = question(id).is_some_and(|question| question.knockout);
            if !allowed || !self.questions().any(|question| question.id == id) {
                found.push(Problem::new(
                    "knockouts",
                    format!("La question {id} ne peut pas être éliminatoire\u{a0}: elle n’est pas posée, ou ne le permet pas."),
                ));
            }
        }
        for id in &self.not_applicable {
            if !asked(self.depth).any(|question| question.id == id) {
                found.push(Problem::new(
                    "not_applicable",
                    format!("La question {id} n’est pas posée à cette profondeur."),
                ));
            }
        }
        found
    }

    /// SHA-256 of the criteria and of every word that they rest on.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut text = format!("{VERSION}\n{}\n", self.depth.code());
        for (theme, weight) in &self.weights {
            text.push_str(&format!("{} {weight}\n", theme.code()));
        }
        for question in self.questions() {
            let knockout = self.knockouts.contains(question.id);
            text.push_str(&format!(
                "{} {knockout} {} {}\n",
                question.id,
                question.text,
                question.anchors().join("|")
            ));
        }
        for id in &self.not_applicable {
            text.push_str(&format!("- {id}\n"));
        }
        Sha256::digest(text.as_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// Criteria that were frozen. Nothing changes them: they are superseded, and what they were stays known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    criteria: Criteria,
    digest: String,
    at: Timestamp,
    number: u32,
    /// Why these took the place of others; blank for the first.
    reason: String,
}

impl Frozen {
    /// Freezes criteria.
    ///
    /// # Errors
    /// When they make no sense.
    pub fn new(criteria: Criteria, at: Timestamp) -> Result<Self, Vec<Problem>> {
        let problems = criteria.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            digest: criteria.digest(),
            criteria,
            at,
            number: 1,
            reason: String::new(),
        })
    }

    /// Other criteria in place of these.
    ///
    /// # Errors
    /// When they make no sense, or no reason is written.
    pub fn supersede(&self, criteria: Criteria, reason: &str, at: Timestamp) -> Result<Self, Vec<Problem>> {
        let mut next = Self::new(criteria, at)?;
        if reason.trim().chars().count() < 10 {
            return Err(vec![Problem::new(
                "reason",
                "Ces critères sont figés\u{a0}: écrivez, en une phrase, pourquoi d’autres les remplacent.",
            )]);
        }
        next.number = self.number.saturating_add(1);
        reason.trim().clone_into(&mut next.reason);
        Ok(next)
    }

    /// The criteria.
    #[must_use]
    pub const fn criteria(&self) -> &Criteria {
        &self.criteria
    }

    /// SHA-256 of the criteria when they were frozen.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// When.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// From 1, how many times criteria were frozen.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// Why these took the place of others; blank for the first.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Whether what is kept is still what was frozen.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.criteria.digest() == self.digest
    }
}
