//! The three conditions that come before any figure.

use serde::{Deserialize, Serialize};

use super::RESPONSE_MIN;
use super::practice::{Practice, PracticeId, Who};
use super::score::{Score, Standing};

/// What a way to meet the need is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Another AI.
    #[default]
    WithAi,
    /// A solution without AI.
    WithoutAi,
    /// Doing nothing.
    DoNothing,
}

impl Sort {
    /// Every sort.
    pub const ALL: [Self; 3] = [Self::WithoutAi, Self::DoNothing, Self::WithAi];

    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::WithAi => "ia",
            Self::WithoutAi => "sans_ia",
            Self::DoNothing => "rien",
        }
    }

    /// Words for pages.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::WithAi => "Une autre solution avec IA",
            Self::WithoutAi => "Une solution sans IA",
            Self::DoNothing => "Ne rien faire",
        }
    }
}

/// Another way to meet the need.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Alternative {
    /// What it is.
    pub what: String,
    /// Its sort.
    pub sort: Sort,
    /// Why it was not chosen.
    #[serde(default)]
    pub rejected_because: String,
}

/// What was decided about the need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// AI is needed.
    WithAi,
    /// The need is met without.
    WithoutAi,
}

/// The answers of the filter.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Filter {
    /// The need in one sentence, without the word.
    #[serde(default)]
    pub need: String,
    /// Other ways.
    #[serde(default)]
    pub alternatives: Vec<Alternative>,
    /// Who decides, by function.
    #[serde(default)]
    pub decision_owner: String,
    /// What was decided.
    #[serde(default)]
    pub decision: Option<Decision>,
    /// What meets the need instead, and why that is enough, when it is met without AI.
    #[serde(default)]
    pub kept_solution: String,
    /// The performance that is enough, with its figure.
    #[serde(default)]
    pub performance_target: String,
    /// The performance found, with its figure.
    #[serde(default)]
    pub performance_measured: String,
    /// Whether the maker of the model or software is known.
    #[serde(default)]
    pub producer_known: Option<bool>,
    /// Most requests or objects in a year.
    #[serde(default)]
    pub usage_cap: Option<f64>,
    /// Requests or objects of the last year.
    #[serde(default)]
    pub usage_observed: Option<f64>,
    /// What makes the service stop.
    #[serde(default)]
    pub stop_rule: String,
    /// What is watched so that gains do not feed more use.
    #[serde(default)]
    pub rebound_watch: String,
    /// Good effects elsewhere.
    #[serde(default)]
    pub effects_avoided: String,
    /// Bad effects elsewhere.
    #[serde(default)]
    pub effects_caused: String,
}

/// One condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Is AI needed.
    Need,
    /// Does each party do its share.
    Practices,
    /// Does the use stay bearable.
    Limits,
}

impl Gate {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Need => "gate_need",
            Self::Practices => "gate_practices",
            Self::Limits => "gate_limits",
        }
    }

    /// The question, for pages.
    #[must_use]
    pub const fn question(self) -> &'static str {
        match self {
            Self::Need => "Avons-nous besoin d’IA\u{202f}?",
            Self::Practices => "Chacun fait-il sa part\u{202f}?",
            Self::Limits => "L’usage reste-t-il soutenable\u{202f}?",
        }
    }
}

/// What a condition comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Met.
    Passed,
    /// Not met.
    Failed,
    /// Something is missing.
    Undetermined,
}

impl Verdict {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Undetermined => "undetermined",
        }
    }

    /// Words for pages.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Passed => "Condition remplie",
            Self::Failed => "Condition non remplie",
            Self::Undetermined => "Indéterminée",
        }
    }
}

/// A condition with its verdict and the reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateOutcome {
    /// Condition.
    pub gate: Gate,
    /// Verdict.
    pub verdict: Verdict,
    /// Why, or what is missing.
    pub reasons: Vec<&'static str>,
}

/// Whether a sentence says the word.
#[must_use]
pub fn names_ai(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.contains("intelligence artificielle")
        || lower
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| word == "ia" || word == "ai")
}

const NO_OWNER: &str = "La personne qui décide n’est pas désignée.";

impl Filter {
    /// Whether the need is met without AI: an outcome to be published like another.
    #[must_use]
    pub fn is_met_without_ai(&self) -> bool {
        self.decision == Some(Decision::WithoutAi)
    }

    /// What a decision to do without AI lacks before it teaches others something; empty when it may be published.
    ///
    /// ```
    /// use sobria_govern::frugality::{Decision, Filter};
    ///
    /// let mut filter = Filter { decision: Some(Decision::WithoutAi), ..Filter::default() };
    /// assert_eq!(filter.without_ai_lacks().len(), 3);
    /// filter.need = "Repérer les fuites d’eau".into();
    /// filter.kept_solution = "Des compteurs de secteur suffisent.".into();
    /// filter.decision_owner = "Direction de l’eau".into();
    /// assert!(filter.without_ai_lacks().is_empty());
    /// ```
    #[must_use]
    pub fn without_ai_lacks(&self) -> Vec<&'static str> {
        let mut lacks = self.need_lacks();
        if self.kept_solution.is_empty() {
            lacks.push("La solution retenue n’est pas écrite.");
        }
        if self.decision_owner.is_empty() {
            lacks.push(NO_OWNER);
        }
        lacks
    }

    /// The verdicts of the three conditions.
    #[must_use]
    pub fn gates(&self, standings: &[(PracticeId, Standing)], score: &Score) -> [GateOutcome; 3] {
        [self.need(), self.practices(standings, score), self.limits()]
    }

    /// Other ways that hold: two at least, one without AI and one that does nothing, each with its reason.
    fn alternatives_missing(&self) -> Vec<&'static str> {
        let mut missing = Vec::new();
        let of = |sort: Sort| {
            self.alternatives
                .iter()
                .any(|one| one.sort == sort && (!one.what.is_empty() || sort == Sort::DoNothing))
        };
        if !of(Sort::WithoutAi) {
            missing.push("Une solution sans IA doit avoir été étudiée.");
        }
        if !of(Sort::DoNothing) {
            missing.push("L’option «\u{a0}ne rien faire\u{a0}» doit avoir été étudiée.");
        }
        if self
            .alternatives
            .iter()
            .any(|one| one.rejected_because.is_empty())
        {
            missing.push("Chaque solution écartée doit avoir sa raison.");
        }
        missing
    }

    fn need_lacks(&self) -> Vec<&'static str> {
        if self.need.is_empty() {
            vec!["Le besoin n’est pas écrit."]
        } else if names_ai(&self.need) {
            vec!["Le besoin doit se dire sans parler d’IA."]
        } else {
            Vec::new()
        }
    }

    fn need(&self) -> GateOutcome {
        let mut reasons;
        let verdict = if self.is_met_without_ai() {
            reasons = vec!["Le besoin est traité sans IA."];
            reasons.extend(self.without_ai_lacks());
            Verdict::Failed
        } else {
            reasons = self.need_lacks();
            reasons.extend(self.alternatives_missing());
            if self.decision_owner.is_empty() {
                reasons.push(NO_OWNER);
            }
            if self.decision.is_none() {
                reasons.push("La décision n’est pas prise.");
            }
            if reasons.is_empty() {
                Verdict::Passed
            } else {
                Verdict::Undetermined
            }
        };
        GateOutcome {
            gate: Gate::Need,
            verdict,
            reasons,
        }
    }

    fn practices(&self, standings: &[(PracticeId, Standing)], score: &Score) -> GateOutcome {
        let mut reasons = Vec::new();
        let carried = |party: Party| {
            standings
                .iter()
                .filter(|(_, standing)| standing.proven() >= 2)
                .filter_map(|(id, _)| Practice::of(*id))
                .any(|practice| practice.who.iter().any(|who| party(*who)))
        };
        let unknown = self.producer_known != Some(true);
        if unknown {
            reasons.push("Le producteur du modèle ou du logiciel n’est pas connu.");
        }
        let few = score.response_rate < RESPONSE_MIN;
        if few {
            reasons.push("Moins de 80\u{a0}% des pratiques ont une réponse.");
        }
        let mut lacks = false;
        let parties: [(Party, &'static str); 3] = [
            (
                is_producer,
                "Aucune pratique prouvée au niveau 2 n’est portée par le producteur.",
            ),
            (
                is_supplier,
                "Aucune pratique prouvée au niveau 2 n’est portée par le fournisseur.",
            ),
            (
                is_client,
                "Aucune pratique prouvée au niveau 2 n’est portée par la collectivité.",
            ),
        ];
        for (party, sentence) in parties {
            if !carried(party) {
                lacks = true;
                reasons.push(sentence);
            }
        }
        let verdict = match (unknown || few, lacks) {
            (true, _) => Verdict::Undetermined,
            (false, true) => Verdict::Failed,
            (false, false) => Verdict::Passed,
        };
        GateOutcome {
            gate: Gate::Practices,
            verdict,
            reasons,
        }
    }

    fn limits(&self) -> GateOutcome {
        let mut reasons = Vec::new();
        let over = match (self.usage_cap, self.usage_observed) {
            (Some(cap), Some(observed)) => observed > cap,
            _ => false,
        };
        if over {
            reasons.push("L’usage constaté dépasse le plafond.");
        }
        for (missing, sentence) in [
            (
                self.usage_cap.is_none(),
                "Le volume maximal d’une année n’est pas fixé.",
            ),
            (
                self.stop_rule.is_empty(),
                "La condition d’arrêt n’est pas écrite.",
            ),
            (
                self.rebound_watch.is_empty(),
                "L’indicateur qui surveille l’effet rebond n’est pas choisi.",
            ),
            (
                self.effects_avoided.is_empty(),
                "Les effets indirects positifs ne sont pas listés.",
            ),
            (
                self.effects_caused.is_empty(),
                "Les effets indirects négatifs ne sont pas listés.",
            ),
        ] {
            if missing {
                reasons.push(sentence);
            }
        }
        let verdict = match (over, reasons.is_empty()) {
            (true, _) => Verdict::Failed,
            (false, true) => Verdict::Passed,
            (false, false) => Verdict::Undetermined,
        };
        GateOutcome {
            gate: Gate::Limits,
            verdict,
            reasons,
        }
    }
}

/// Whether somebody belongs to a party.
type Party = fn(Who) -> bool;

fn is_producer(who: Who) -> bool {
    matches!(who, Who::Developer | Who::ProductDesigner)
}

fn is_supplier(who: Who) -> bool {
    who == Who::Supplier
}

fn is_client(who: Who) -> bool {
    !is_producer(who) && !is_supplier(who)
}
