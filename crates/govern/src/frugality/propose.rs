//! What a record and its estimates already answer, with where each answer comes from.

use jiff::ToSpan;
use jiff::civil::Date;
use sobria_catalogue::content::{Content, Value};
use sobria_catalogue::evaluation::{Evaluation, Reach};
use sobria_catalogue::field::Field;

use super::practice::{Practice, PracticeId, Scope};
use super::{Assessment, coverage};
use crate::joined::Steering;
use crate::transparency::Dossier;

/// Where a proposal comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A field of the record.
    Field(Field),
    /// The estimates of the record, so many.
    Estimates(usize),
    /// The filter of this assessment.
    Filter,
    /// The grid of coverage.
    Coverage,
    /// The publication of the record.
    Publication,
    /// Other organisations that use the same thing, so many.
    Reuse(usize),
    /// The answer of the organisation.
    Organisation,
    /// An answer of the dossier of transparency.
    Dossier(&'static str),
    /// A part of the roadmap.
    Roadmap(&'static str),
}

impl Origin {
    /// Words for pages.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Field(field) => format!("fiche, «\u{a0}{}\u{a0}»", field.spec().label),
            Self::Estimates(1) => "une estimation attachée à la fiche".to_owned(),
            Self::Estimates(count) => format!("{count} estimations attachées à la fiche"),
            Self::Filter => "filtre d’opportunité".to_owned(),
            Self::Coverage => "grille de couverture".to_owned(),
            Self::Publication => "publication de la fiche".to_owned(),
            Self::Reuse(1) => "une autre organisation déclare l’utiliser".to_owned(),
            Self::Reuse(count) => format!("{count} autres organisations déclarent l’utiliser"),
            Self::Organisation => "réponse de l’organisation".to_owned(),
            Self::Dossier(what) => format!("fiche de transparence, «\u{a0}{what}\u{a0}»"),
            Self::Roadmap(what) => format!("feuille de route, {what}"),
        }
    }
}

/// An answer that the facts give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Practice.
    pub practice: PracticeId,
    /// Level that the facts carry by themselves; 0 when an answer is inherited without its proof.
    pub level: u8,
    /// Level to put in the form.
    pub suggested: u8,
    /// From where.
    pub origins: Vec<Origin>,
    /// Proof to put in the form.
    pub evidence: Option<super::Evidence>,
}

impl Proposal {
    /// What the proposal stands on, to know later whether it changed.
    #[must_use]
    pub fn basis(&self) -> String {
        let origins: Vec<String> = self.origins.iter().map(Origin::words).collect();
        format!("{}\u{a0}: {}", self.suggested, origins.join(" ; "))
    }
}

/// What is known of a project when it is assessed.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Values of the record that the author of the assessment may read.
    pub content: &'a Content,
    /// Estimates attached to it.
    pub evaluations: &'a [Evaluation],
    /// Whether the record is published.
    pub published: bool,
    /// Completeness of the record, in hundredths.
    pub completeness: u8,
    /// When it last changed.
    pub updated_on: Date,
    /// Other organisations that use the same thing.
    pub reuses: usize,
    /// The latest assessment of the carrying organisation.
    pub organisation: Option<&'a Assessment>,
    /// The latest dossier of transparency.
    pub dossier: Option<&'a Dossier>,
    /// What the roadmap of the carrier says.
    pub roadmap: Option<&'a Steering>,
    /// Today.
    pub today: Date,
}

/// The proposals for an assessment of a project.
#[must_use]
pub fn proposals(facts: &Facts<'_>, assessment: &Assessment) -> Vec<Proposal> {
    super::table::PRACTICES
        .iter()
        .filter_map(|practice| propose(practice, facts, assessment))
        .collect()
}

/// The proposals for what an organisation answers once: what its roadmap says.
#[must_use]
pub fn organisation_proposals(roadmap: &Steering) -> Vec<Proposal> {
    super::table::PRACTICES
        .iter()
        .filter(|practice| practice.scope == Scope::Organisation)
        .filter_map(|practice| steered(practice, roadmap))
        .collect()
}

/// What the roadmap says of a practice.
fn steered(practice: &Practice, roadmap: &Steering) -> Option<Proposal> {
    let trained = &roadmap.trained;
    let reaches = |share: Option<f64>, least: f64| share.is_some_and(|share| share >= least);
    let (level, part) = match practice.id.number() {
        8 if roadmap.measures > 0 => (2, "mesures reliées à des projets"),
        8 if roadmap.strategy => (1, "stratégie"),
        13 if roadmap.reviews > 0 => {
            let followed = !roadmap.overdue && roadmap.decisions > 0;
            let level = match (followed, roadmap.effects > 0) {
                (true, true) => 4,
                (true, false) => 3,
                (false, _) => 2,
            };
            (level, "revues du comité")
        }
        14 if trained.sessions > 0 => {
            let level = if reaches(trained.agents_share, 80.0) && reaches(trained.elected_share, 80.0) {
                4
            } else if reaches(trained.agents_share, 50.0) {
                3
            } else {
                2
            };
            (level, "formations")
        }
        15 if roadmap.lead_reached => (2, "référents"),
        15 if roadmap.lead => (1, "référents"),
        _ => return None,
    };
    Some(Proposal {
        practice: practice.id,
        level,
        suggested: level,
        origins: vec![Origin::Roadmap(part)],
        evidence: None,
    })
}

/// Whether an estimate names the machine, the place and the PUE of the data centre.
fn names_machines(evaluation: &Evaluation) -> bool {
    let request: serde_json::Value = serde_json::from_str(&evaluation.request).unwrap_or_default();
    let given = |name: &str| {
        request
            .get("input")
            .and_then(|input| input.get(name))
            .is_some_and(|value| !value.is_null() && value != "")
    };
    (given("cpu_model") || given("gpu_model")) && given("zone") && given("pue")
}

fn propose(practice: &Practice, facts: &Facts<'_>, assessment: &Assessment) -> Option<Proposal> {
    if practice.scope == Scope::Organisation {
        return inherited(practice, facts)
            .or_else(|| facts.roadmap.and_then(|roadmap| steered(practice, roadmap)));
    }
    let told = |id: &str| {
        facts
            .dossier
            .is_some_and(|dossier| !dossier.get(id).trim().is_empty())
    };
    let filter = &assessment.filter;
    let content = facts.content;
    let has = |field: Field| content.get(field).is_some();
    let mut level = 0;
    let mut origins = Vec::new();
    let mut reach = |to: u8, origin: Origin| {
        level = to.max(level);
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    };
    match practice.id.number() {
        1 => {
            let known = content.codes(Field::Hosting).iter().any(|code| code != "nsp");
            if known {
                reach(1, Origin::Field(Field::Hosting));
            } else if told("operator") && told("hosting") {
                reach(1, Origin::Dossier("Hébergeur"));
            }
            let machines = facts.evaluations.iter().filter(|one| names_machines(one)).count();
            if machines > 0 {
                reach(2, Origin::Estimates(machines));
            }
        }
        2 => {
            if !filter.need.is_empty() {
                reach(1, Origin::Filter);
            } else if has(Field::RiskProportionality) {
                reach(1, Origin::Field(Field::RiskProportionality));
            }
            let figured = |text: &str| text.chars().any(|c| c.is_ascii_digit());
            if figured(&filter.performance_target) && filter.alternatives.len() >= 2 {
                reach(2, Origin::Filter);
                if figured(&filter.performance_measured) {
                    reach(3, Origin::Filter);
                }
            }
        }
        3 => {
            if has(Field::AlgorithmName) {
                reach(1, Origin::Field(Field::AlgorithmName));
            }
            let compared = comparable(facts.evaluations);
            if let Some((count, measured)) = compared {
                reach(if measured { 3 } else { 2 }, Origin::Estimates(count));
            } else if !has(Field::AlgorithmName)
                && facts.evaluations.iter().any(|one| one.method == "llm_inference")
            {
                reach(1, Origin::Estimates(1));
            }
        }
        5 if facts.reuses > 0 && shares_openly(content) => {
            reach(4, Origin::Field(Field::Resources));
            reach(4, Origin::Reuse(facts.reuses));
        }
        6 => {
            if content.codes(Field::DataSources).iter().any(|code| code != "nsp") {
                reach(1, Origin::Field(Field::DataSources));
            }
            if told("data_quality") {
                reach(2, Origin::Dossier("Contrôles des données d’entrée"));
            }
        }
        7 if told("retention") => reach(1, Origin::Dossier("Durée de conservation des données")),
        9 => {
            let recent = |evaluation: &&Evaluation| {
                day(evaluation)
                    .checked_add(24.months())
                    .is_ok_and(|last| facts.today <= last)
            };
            let dates: Vec<Date> = facts.evaluations.iter().filter(recent).map(day).collect();
            if let (Some(first), Some(last)) = (dates.iter().min(), dates.iter().max()) {
                let apart = first.checked_add(3.months()).is_ok_and(|later| *last >= later);
                reach(if apart { 3 } else { 2 }, Origin::Estimates(dates.len()));
            }
        }
        10 => {
            let grid = assessment.coverage.with_evaluations(facts.evaluations);
            let known = grid.coverings(content.code(Field::Maturity).unwrap_or("experimentation"));
            let rate = known.rate.unwrap_or(0.0);
            let written = !grid.exclusions.is_empty();
            if known.phases >= 2 && known.indicators >= 2 && written {
                let level = match rate {
                    rate if rate >= 90.0 && !grid.reviewer.is_empty() => 4,
                    rate if rate >= 70.0 => 3,
                    _ => 2,
                };
                reach(level, Origin::Coverage);
            } else if known.phases > 0 {
                reach(1, Origin::Coverage);
            }
        }
        11 => {
            let shown = facts
                .evaluations
                .iter()
                .filter(|one| {
                    one.reach == Reach::Public && one.requests_per_year > 0 && one.method == "llm_inference"
                })
                .count();
            if shown > 0 {
                reach(2, Origin::Estimates(shown));
            }
        }
        12 => {
            if facts.published {
                let fresh = facts
                    .updated_on
                    .checked_add(12.months())
                    .is_ok_and(|last| facts.today <= last);
                reach(
                    if facts.completeness >= 90 && fresh { 3 } else { 2 },
                    Origin::Publication,
                );
            } else if has(Field::Contact) {
                reach(1, Origin::Field(Field::Contact));
            }
        }
        13 => {
            return facts.roadmap.and_then(|roadmap| steered(practice, roadmap));
        }
        _ => {}
    }
    (level > 0).then_some(Proposal {
        practice: practice.id,
        level,
        suggested: level,
        origins,
        evidence: None,
    })
}

/// What the organisation answered, once for all its projects: with its proof, as far as that proof carries.
fn inherited(practice: &Practice, facts: &Facts<'_>) -> Option<Proposal> {
    let answer = facts.organisation?.answers.get(&practice.id)?;
    let declared = answer.level?;
    Some(Proposal {
        practice: practice.id,
        level: declared.min(answer.cap(facts.today)),
        suggested: declared,
        origins: vec![Origin::Organisation],
        evidence: answer.evidence.clone(),
    })
}

fn day(evaluation: &Evaluation) -> Date {
    evaluation.made_at.to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// Whether something is shared with an open address.
fn shares_openly(content: &Content) -> bool {
    matches!(content.get(Field::Resources), Some(Value::Links(links)) if links.iter().any(|link| {
        link.url.is_some() && link.access.as_deref().is_none_or(|access| access == "open")
    }))
}

/// Estimates that differ by what runs and by nothing else: how many, and whether all of them are measures.
fn comparable(evaluations: &[Evaluation]) -> Option<(usize, bool)> {
    let mut best: Option<(usize, bool)> = None;
    for one in evaluations {
        let alike: Vec<&Evaluation> = evaluations
            .iter()
            .filter(|other| {
                other.method == one.method
                    && other.method_version == one.method_version
                    && other.reference_version == one.reference_version
                    && other.requests_per_year == one.requests_per_year
            })
            .collect();
        let different = alike.iter().any(|other| other.request != one.request);
        let found = (alike.len(), one.method == "measurement");
        if different && best.is_none_or(|best| (found.1, found.0) > (best.1, best.0)) {
            best = Some(found);
        }
    }
    best
}

/// Covers the coverage of estimates for pages that show the grid.
#[must_use]
pub fn covered(facts: &Facts<'_>, assessment: &Assessment) -> coverage::Coverings {
    assessment
        .coverage
        .with_evaluations(facts.evaluations)
        .coverings(facts.content.code(Field::Maturity).unwrap_or("experimentation"))
}
