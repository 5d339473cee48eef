//! An assessment as the fields of a form, both ways. What cannot be understood is named, never dropped in silence.

use std::collections::BTreeMap;

use super::coverage::Mark;
use super::practice::PracticeId;
use super::{
    Alternative, Answer, Assessment, Decision, Evidence, EvidenceKind, REASON_MIN, Sort, names_ai, table,
};

/// Longest text of one field, in characters.
pub const TEXT_MAX: usize = 1000;
/// Alternatives that the form holds.
pub const ALTERNATIVES: usize = 3;

/// Begins the name of the field that says what an answer of the filter stood on.
pub const BASE: &str = "base_";
/// Fields of the filter that other instruments may know.
const KNOWN_ELSEWHERE: [&str; 4] = ["besoin", "alt1_quoi", "arret", "plafond"];

/// Something to correct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Name of the field.
    pub field: String,
    /// What is wrong and what is expected.
    pub message: String,
}

/// The fields of an assessment, blank ones left out.
#[must_use]
pub fn fields(assessment: &Assessment) -> Vec<(String, String)> {
    let filter = &assessment.filter;
    let mut out = Vec::new();
    let mut put = |name: String, value: String| {
        if !value.is_empty() {
            out.push((name, value));
        }
    };
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    put("besoin".into(), filter.need.clone());
    for (at, one) in filter.alternatives.iter().enumerate() {
        let at = at + 1;
        put(format!("alt{at}_quoi"), one.what.clone());
        put(format!("alt{at}_sorte"), one.sort.code().to_owned());
        put(format!("alt{at}_raison"), one.rejected_because.clone());
    }
    put("decideur".into(), filter.decision_owner.clone());
    put(
        "decision".into(),
        match filter.decision {
            Some(Decision::WithAi) => "ia".to_owned(),
            Some(Decision::WithoutAi) => "sans_ia".to_owned(),
            None => String::new(),
        },
    );
    put("retenue".into(), filter.kept_solution.clone());
    put("seuil".into(), filter.performance_target.clone());
    put("constat".into(), filter.performance_measured.clone());
    put(
        "producteur".into(),
        filter
            .producer_known
            .map(|known| if known { "oui" } else { "non" }.to_owned())
            .unwrap_or_default(),
    );
    put("plafond".into(), number(filter.usage_cap));
    put("usage".into(), number(filter.usage_observed));
    put("arret".into(), filter.stop_rule.clone());
    put("rebond".into(), filter.rebound_watch.clone());
    put("evites".into(), filter.effects_avoided.clone());
    put("causes".into(), filter.effects_caused.clone());
    put("exclusions".into(), assessment.coverage.exclusions.clone());
    put("revue".into(), assessment.coverage.reviewer.clone());
    // A reason is written once for a place, and again only for a cell that has its own.
    let mut reasons: BTreeMap<&str, &str> = BTreeMap::new();
    for (cell, mark) in &assessment.coverage.cells {
        put(format!("c_{cell}"), mark.coverage.clone());
        if mark.reason.is_empty() {
            continue;
        }
        let place = place_of(cell);
        if *reasons.entry(place).or_insert(&mark.reason) != mark.reason && cell != place {
            put(format!("cr_{cell}"), mark.reason.clone());
        }
    }
    for (place, reason) in reasons {
        put(format!("cr_{place}"), reason.to_owned());
    }
    for (field, basis) in &assessment.bases {
        put(format!("{BASE}{field}"), basis.clone());
    }
    for (id, answer) in &assessment.answers {
        let id = id.code();
        match (&answer.not_applicable, answer.level) {
            (Some(reason), _) => {
                put(id.clone(), "so".to_owned());
                put(format!("{id}_raison"), reason.clone());
            }
            (None, Some(level)) => put(id.clone(), level.to_string()),
            (None, None) => {}
        }
        if let Some(evidence) = &answer.evidence {
            put(format!("{id}_preuve"), evidence.text.clone());
            put(
                format!("{id}_date"),
                evidence.dated.map(|day| day.to_string()).unwrap_or_default(),
            );
            if evidence.kind == EvidenceKind::Measure {
                put(format!("{id}_mesure"), "oui".to_owned());
            }
        }
        if answer.reviewed {
            put(format!("{id}_relu"), "oui".to_owned());
        }
        put(format!("{id}_base"), answer.basis.clone());
    }
    out
}

/// Phase and tier of a cell.
fn place_of(cell: &str) -> &str {
    cell.match_indices('.')
        .nth(1)
        .and_then(|(end, _)| cell.get(..end))
        .unwrap_or(cell)
}

/// Reads the fields of a form. What is wrong is listed, and the rest is read all the same.
#[must_use]
pub fn read<'f>(get: impl Fn(&str) -> &'f str) -> (Assessment, Vec<Problem>) {
    let mut reader = Reader {
        get,
        problems: Vec::new(),
    };
    let mut assessment = Assessment::default();
    reader.filter(&mut assessment);
    for field in KNOWN_ELSEWHERE {
        let basis = (reader.get)(&format!("{BASE}{field}"));
        let is_digest = basis.len() <= 16 && basis.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_digest && !basis.is_empty() && !(reader.get)(field).trim().is_empty() {
            assessment.bases.insert(field.to_owned(), basis.to_owned());
        }
    }
    for practice in table::PRACTICES {
        let answer = reader.answer(practice.id, practice.not_applicable.is_some());
        if answer != Answer::default() {
            assessment.answers.insert(practice.id, answer);
        }
    }
    assessment.coverage.exclusions = reader.text("exclusions");
    assessment.coverage.reviewer = reader.text("revue");
    for phase in sobria_estimate::service::Phase::ALL {
        for tier in sobria_estimate::service::Tier::ALL {
            let place = format!("{}.{}", phase.id(), tier.id());
            for indicator in sobria_estimate::service::Indicator::ALL {
                let cell = super::coverage::key(*phase, *tier, *indicator);
                reader.cell(&mut assessment, cell, &place);
            }
            reader.cell(&mut assessment, place, "");
        }
    }
    (assessment, reader.problems)
}

struct Reader<G> {
    get: G,
    problems: Vec<Problem>,
}

impl<'f, G: Fn(&str) -> &'f str> Reader<G> {
    fn wrong(&mut self, field: &str, message: impl Into<String>) {
        self.problems.push(Problem {
            field: field.to_owned(),
            message: message.into(),
        });
    }

    fn text(&mut self, name: &str) -> String {
        let text = sobria_catalogue::text::clean_block((self.get)(name));
        if text.chars().count() > TEXT_MAX {
            self.wrong(
                name,
                format!(
                    "Ce texte est trop long\u{a0}: {} caractères au plus.",
                    sobria_catalogue::text::count(TEXT_MAX)
                ),
            );
        }
        text
    }

    /// A cell, with the reason written for it, else for its place, else for the whole grid.
    fn cell(&mut self, assessment: &mut Assessment, cell: String, place: &str) {
        let coverage = (self.get)(&format!("c_{cell}")).to_owned();
        if sobria_estimate::service::Coverage::named(&coverage).is_some() {
            let reason = [
                format!("cr_{cell}"),
                format!("cr_{place}"),
                "couverture_raison".to_owned(),
            ]
            .into_iter()
            .find(|name| !(self.get)(name).trim().is_empty())
            .map(|name| self.text(&name))
            .unwrap_or_default();
            assessment.coverage.cells.insert(cell, Mark { coverage, reason });
        }
    }

    fn number(&mut self, name: &str, what: &str) -> Option<f64> {
        let written = (self.get)(name).trim();
        if written.is_empty() {
            return None;
        }
        let plain: String = written
            .chars()
            .filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}'))
            .map(|c| if c == ',' { '.' } else { c })
            .collect();
        match plain.parse::<f64>() {
            Ok(value) if value.is_finite() && value >= 0.0 => Some(value),
            Ok(value) if value < 0.0 => {
                self.wrong(
                    name,
                    format!("{what} ne peut pas être négatif\u{a0}: «\u{a0}{written}\u{a0}»."),
                );
                None
            }
            _ => {
                self.wrong(name, format!("{what} doit être un nombre, par exemple 220 000\u{a0}: «\u{a0}{written}\u{a0}» n’en est pas un."));
                None
            }
        }
    }

    fn filter(&mut self, assessment: &mut Assessment) {
        let mut filter = super::Filter {
            need: self.text("besoin"),
            decision_owner: self.text("decideur"),
            kept_solution: self.text("retenue"),
            performance_target: self.text("seuil"),
            performance_measured: self.text("constat"),
            stop_rule: self.text("arret"),
            rebound_watch: self.text("rebond"),
            effects_avoided: self.text("evites"),
            effects_caused: self.text("causes"),
            ..super::Filter::default()
        };
        if names_ai(&filter.need) {
            self.wrong(
                "besoin",
                "Dites le besoin sans parler d’IA, par exemple «\u{a0}répondre aux habitants en deux jours\u{a0}».",
            );
        }
        for at in 1..=ALTERNATIVES {
            let code = (self.get)(&format!("alt{at}_sorte")).to_owned();
            let one = Alternative {
                what: self.text(&format!("alt{at}_quoi")),
                sort: Sort::ALL
                    .into_iter()
                    .find(|sort| sort.code() == code)
                    .unwrap_or(Sort::WithoutAi),
                rejected_because: self.text(&format!("alt{at}_raison")),
            };
            if !one.what.is_empty() || !one.rejected_because.is_empty() {
                filter.alternatives.push(one);
            }
        }
        filter.decision = match (self.get)("decision") {
            "ia" => Some(Decision::WithAi),
            "sans_ia" => Some(Decision::WithoutAi),
            _ => None,
        };
        filter.producer_known = match (self.get)("producteur") {
            "oui" => Some(true),
            "non" => Some(false),
            _ => None,
        };
        filter.usage_cap = self.number("plafond", "Le volume maximal");
        filter.usage_observed = self.number("usage", "Le volume constaté");
        assessment.filter = filter;
    }

    fn answer(&mut self, id: PracticeId, may_be_excluded: bool) -> Answer {
        let code = id.code();
        let mut answer = Answer {
            basis: (self.get)(&format!("{code}_base")).to_owned(),
            reviewed: (self.get)(&format!("{code}_relu")) == "oui",
            ..Answer::default()
        };
        match (self.get)(&code).trim() {
            "" => {}
            "so" if may_be_excluded => {
                let reason = self.text(&format!("{code}_raison"));
                let length = reason.chars().count();
                if length < REASON_MIN {
                    self.wrong(
                        &format!("{code}_raison"),
                        format!("Expliquez en {REASON_MIN} caractères au moins pourquoi cette pratique est sans objet\u{202f}; il y en a {length}."),
                    );
                }
                answer.not_applicable = Some(reason);
            }
            "so" => self.wrong(
                &code,
                "Cette pratique s’applique à tous les projets\u{a0}: choisissez un niveau.",
            ),
            level => match level.parse::<u8>() {
                Ok(level) if level <= 4 => answer.level = Some(level),
                _ => self.wrong(
                    &code,
                    format!("«\u{a0}{level}\u{a0}» n’est pas un niveau\u{a0}: choisissez de 0 à 4."),
                ),
            },
        }
        let text = self.text(&format!("{code}_preuve"));
        let written = (self.get)(&format!("{code}_date")).trim().to_owned();
        let dated = if written.is_empty() {
            None
        } else {
            match written.parse() {
                Ok(day) => Some(day),
                Err(_) => {
                    self.wrong(
                        &format!("{code}_date"),
                        format!(
                            "«\u{a0}{written}\u{a0}» n’est pas une date\u{a0}: écrivez-la comme 2026-03-15."
                        ),
                    );
                    None
                }
            }
        };
        if !text.is_empty() {
            answer.evidence = Some(Evidence {
                text,
                kind: if (self.get)(&format!("{code}_mesure")) == "oui" {
                    EvidenceKind::Measure
                } else {
                    EvidenceKind::Document
                },
                dated,
            });
        } else if dated.is_some() {
            self.wrong(
                &format!("{code}_preuve"),
                "Une date de preuve est donnée sans la preuve\u{a0}: dites laquelle.",
            );
        }
        if answer.is_blank() && answer.evidence.is_none() {
            return Answer::default();
        }
        answer
    }
}
