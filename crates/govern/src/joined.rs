//! What one instrument knows that another asks: a question is answered once, and proposed everywhere else with where
//! its answer comes from.

use sha2::{Digest, Sha256};
use sobria_catalogue::content::Content;
use sobria_catalogue::evaluation::Evaluation;
use sobria_catalogue::field::Field;

use crate::frugality::{Assessment, Sort, names_ai};
use crate::procurement::clause::{CLAUSES, proposed};
use crate::procurement::paper::Purchase;
use crate::roadmap::training::Trained;
use crate::transparency::{Dossier, question};

/// Everything known of a project, as far as whoever answers may read it.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// Values of the record.
    pub content: &'a Content,
    /// Estimates attached to it, newest first.
    pub evaluations: &'a [Evaluation],
    /// The newest assessment of frugality.
    pub frugality: Option<&'a Assessment>,
    /// The newest dossier of transparency.
    pub dossier: Option<&'a Dossier>,
    /// The purchase begun from the record.
    pub purchase: Option<&'a Purchase>,
    /// What the roadmap of the carrier says.
    pub roadmap: Option<&'a Steering>,
}

/// What the roadmap of an organisation says of its AI.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Steering {
    /// Whether there is a strategy.
    pub strategy: bool,
    /// Measures about the project; about any project, for an organisation.
    pub measures: usize,
    /// Meetings of the committee in the last twelve months.
    pub reviews: usize,
    /// Whether the next meeting is late.
    pub overdue: bool,
    /// Decisions of the committee.
    pub decisions: usize,
    /// Decisions whose effect was written down.
    pub effects: usize,
    /// Training of the last two years.
    pub trained: Trained,
    /// Whether somebody answers for frugal AI today.
    pub lead: bool,
    /// Whether everybody may write to them at a shared address.
    pub lead_reached: bool,
}

/// An answer that is known already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The question, as the form of the instrument that asks names it.
    pub question: &'static str,
    /// The answer.
    pub value: String,
    /// Where it comes from, in words.
    pub origin: String,
}

impl Known {
    /// What an answer stood on, to know later whether it changed. It gives nothing of the answer away.
    #[must_use]
    pub fn basis(&self) -> String {
        let digest = Sha256::digest(format!("{}\u{0}{}", self.origin, self.value).as_bytes());
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Whether an answer stands on what is not known any more, or is known otherwise now.
#[must_use]
pub fn has_changed(question: &str, basis: &str, known: &[Known]) -> bool {
    let now = known.iter().find(|one| one.question == question);
    !basis.is_empty() && now.is_none_or(|one| one.basis() != basis)
}

/// Characters of a need taken from a record.
const NEED_MAX: usize = 1_500;

const FROM_FRUGALITY: &str = "auto-évaluation de frugalité";
const FROM_PURCHASE: &str = "dossier d’achat";
const FROM_DOSSIER: &str = "fiche de transparence";
const FROM_ROADMAP: &str = "feuille de route";

/// Answers of which the first of each question stays.
#[derive(Default)]
struct Found(Vec<Known>);

impl Found {
    fn give(&mut self, question: &'static str, value: &str, origin: &str) {
        let value = value.trim();
        if !value.is_empty() && self.0.iter().all(|known| known.question != question) {
            self.0.push(Known {
                question,
                value: value.to_owned(),
                origin: origin.to_owned(),
            });
        }
    }
}

/// What else was considered, in one text.
fn alternatives(assessment: &Assessment) -> String {
    assessment
        .filter
        .alternatives
        .iter()
        .filter(|one| !one.what.is_empty())
        .map(|one| {
            if one.rejected_because.is_empty() {
                one.what.clone()
            } else {
                format!("{}\u{a0}: {}", one.what, one.rejected_because)
            }
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// The model that an estimate of requests is about.
fn model(evaluations: &[Evaluation]) -> Option<String> {
    evaluations
        .iter()
        .filter(|one| one.method == "llm_inference")
        .find_map(|one| {
            let request: serde_json::Value = serde_json::from_str(&one.request).ok()?;
            let input = request.get("input")?;
            Some(input.get("model")?.as_str()?.to_owned())
        })
}

/// The clauses in force of a purchase.
fn clauses(purchase: &Purchase) -> String {
    let depth = purchase.depth();
    CLAUSES
        .iter()
        .filter(|clause| {
            if purchase.clauses.is_empty() {
                proposed(depth).any(|one| one.id == clause.id)
            } else {
                purchase.clauses.contains(clause.id)
            }
        })
        .map(|clause| format!("{}. {}", clause.id, clause.wording(&purchase.values)))
        .collect::<Vec<_>>()
        .join("\n")
}

/// What the dossier of transparency need not ask again.
#[must_use]
pub fn for_transparency(sources: &Sources<'_>) -> Vec<Known> {
    let mut found = Found::default();
    for asked in question::QUESTIONS {
        if let Some(field) = asked.from {
            let words = question::words(sources.content, field);
            found.give(
                asked.id,
                &words,
                &format!("fiche, «\u{a0}{}\u{a0}»", field.spec().label),
            );
        }
    }
    if let Some(assessment) = sources.frugality {
        found.give("need", &assessment.filter.need, FROM_FRUGALITY);
        found.give("alternatives", &alternatives(assessment), FROM_FRUGALITY);
    }
    if let Some(purchase) = sources.purchase {
        found.give("need", &purchase.need_text, FROM_PURCHASE);
        found.give("alternatives", &purchase.alternatives, FROM_PURCHASE);
        found.give("clauses", &clauses(purchase), FROM_PURCHASE);
    }
    if let Some(newest) = sources.evaluations.first() {
        found.give("unit", &newest.title, "estimation attachée à la fiche");
    }
    if let Some(model) = model(sources.evaluations) {
        found.give("model", &model, "estimation attachée à la fiche");
    }
    if let Some(roadmap) = sources.roadmap.filter(|roadmap| roadmap.trained.sessions > 0) {
        found.give("literacy", &roadmap.trained.words(), FROM_ROADMAP);
    }
    found.0
}

/// What the filter of frugality need not ask again. Levels of practices are in [`crate::frugality::proposals`].
#[must_use]
pub fn for_frugality(sources: &Sources<'_>) -> Vec<Known> {
    let mut found = Found::default();
    let needs = [
        sources.dossier.map(|dossier| (dossier.get("need"), FROM_DOSSIER)),
        sources
            .purchase
            .map(|purchase| (purchase.need_text.as_str(), FROM_PURCHASE)),
    ];
    // The filter asks for the need without the word: another text is no answer.
    for (need, origin) in needs.into_iter().flatten().filter(|(need, _)| !names_ai(need)) {
        found.give("besoin", need, origin);
    }
    let others = [
        sources
            .purchase
            .map(|purchase| (purchase.alternatives.as_str(), FROM_PURCHASE)),
        sources
            .dossier
            .map(|dossier| (dossier.get("alternatives"), FROM_DOSSIER)),
    ];
    for (text, origin) in others.into_iter().flatten() {
        found.give("alt1_quoi", text, origin);
    }
    if let Some(purchase) = sources.purchase {
        found.give("arret", &purchase.stop_rule, FROM_PURCHASE);
        if question::number(&purchase.volume_cap).is_some() {
            found.give("plafond", &purchase.volume_cap, FROM_PURCHASE);
        }
    }
    found.0
}

/// What a purchase need not ask again, beyond the record itself.
#[must_use]
pub fn for_purchase(sources: &Sources<'_>) -> Vec<Known> {
    let mut found = Found::default();
    if let Some(assessment) = sources.frugality {
        let filter = &assessment.filter;
        found.give("besoin", &filter.need, FROM_FRUGALITY);
        let without_ai = filter.alternatives.iter().any(|one| one.sort == Sort::WithoutAi);
        if without_ai {
            found.give("alternatives", &alternatives(assessment), FROM_FRUGALITY);
        }
        found.give("arret", &filter.stop_rule, FROM_FRUGALITY);
        let cap = filter.usage_cap.map(|cap| cap.to_string()).unwrap_or_default();
        found.give("plafond", &cap, FROM_FRUGALITY);
    }
    if let Some(dossier) = sources.dossier {
        found.give("besoin", dossier.get("need"), FROM_DOSSIER);
        found.give("alternatives", dossier.get("alternatives"), FROM_DOSSIER);
    }
    found.0
}

/// What the record itself says of a purchase, where no instrument says it nearer to the question. The documents of a
/// tender are handed out: texts are those that everybody reads. Facts that raise the depth come from `own`, which holds
/// restricted fields too for those who write for the carrier.
///
/// `risques` holds every fact that raises the depth, separated by `|`; it is there even when none is known, so that an
/// answer given then is marked when the record says one later.
#[must_use]
pub fn record_for_purchase(public: &Content, own: &Content, nearer: &[Known]) -> Vec<Known> {
    let mut found = Found::default();
    let from = |fields: &[Field]| {
        let labels: Vec<&str> = fields.iter().map(|field| field.spec().label).collect();
        format!("fiche, «\u{a0}{}\u{a0}»", labels.join(", "))
    };
    found.give("titre", public.title(), &from(&[Field::Title]));
    for field in [Field::Summary, Field::Description] {
        let text: String = public.text(field).unwrap_or("").chars().take(NEED_MAX).collect();
        found.give("besoin", &text, &from(&[field]));
    }
    let has = |field: Field, codes: &[&str]| {
        own.codes(field).iter().any(|code| codes.contains(&code.as_str()))
            || own.code(field).is_some_and(|code| codes.contains(&code))
    };
    let all = [
        ("donnees", Field::DataPersonal, &["oui"][..]),
        ("generative", Field::AlgorithmKinds, &["ia_generative"]),
        ("information", Field::Audiences, &["grand_public", "beneficiaire"]),
        ("decision", Field::DecisionScope, &["externe", "mixte"]),
    ];
    let said: Vec<_> = all
        .iter()
        .filter(|(_, field, codes)| has(*field, codes))
        .collect();
    let codes: Vec<&str> = said.iter().map(|(risk, ..)| *risk).collect();
    let fields: Vec<Field> = if said.is_empty() {
        all.iter().map(|(_, field, _)| *field).collect()
    } else {
        said.iter().map(|(_, field, _)| *field).collect()
    };
    found.0.push(Known {
        question: "risques",
        value: codes.join("|"),
        origin: from(&fields),
    });
    found
        .0
        .into_iter()
        .filter(|one| nearer.iter().all(|known| known.question != one.question))
        .collect()
}

#[cfg(test)]
mod tests;
