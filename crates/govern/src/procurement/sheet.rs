//! The sheet that a supplier fills in: answers, evidence, declared figures, and what is wrong or missing in them.

use serde::{Deserialize, Serialize};
use sobria_estimate::Reference;

use crate::procurement::Problem;
use crate::procurement::criteria::Criteria;
use crate::procurement::declared::Declared;
use crate::procurement::question::{ANCHORS, Kind, Question};
use crate::procurement::score::{Answer, Answers, Mark, Marks};

/// Longest answer, in characters.
pub const TEXT_MAX: usize = 4_000;
/// Longest evidence.
pub const EVIDENCE_MAX: usize = 500;

/// What a supplier sends.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Sheet {
    /// Answers by question.
    pub answers: Answers,
    /// Figures for the typical request.
    pub declared: Declared,
}

/// The first number of a text, decimal comma accepted.
fn number(text: &str) -> Option<f64> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let negative = text
        .get(..start)
        .is_some_and(|before| before.ends_with(['-', '−']));
    let digits: String = text
        .get(start..)?
        .chars()
        .filter(|c| !matches!(c, '\u{202f}' | '\u{a0}'))
        .take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
        .map(|c| if c == ',' { '.' } else { c })
        .collect();
    let value: f64 = digits.trim_end_matches('.').parse().ok()?;
    Some(if negative { -value } else { value })
}

/// What is wrong in one answer: what contradicts itself, or cannot be.
#[must_use]
pub fn problem(question: &Question, answer: &Answer) -> Option<String> {
    let text = answer.text.trim();
    let length = text.chars().count();
    if length > TEXT_MAX {
        return Some(crate::number::too_long(length, TEXT_MAX));
    }
    if answer.evidence.chars().count() > EVIDENCE_MAX {
        return Some(format!(
            "La preuve est décrite en {EVIDENCE_MAX} caractères au plus\u{a0}: indiquez un nom de document ou une adresse."
        ));
    }
    if answer.unknown && !text.is_empty() {
        return Some(
            "Vous répondez et cochez «\u{a0}je ne sais pas\u{a0}»\u{a0}: gardez l’un des deux.".to_owned(),
        );
    }
    if text.is_empty() {
        return None;
    }
    match question.kind {
        Kind::Bool => {
            let first = text.to_lowercase();
            (!first.starts_with("oui") && !first.starts_with("non"))
                .then(|| "Commencez par oui ou par non, puis précisez.".to_owned())
        }
        Kind::Number(unit) => match (unit, number(text)) {
            (_, None) => Some(format!("Attendu\u{a0}: un nombre ({unit}), puis vos précisions.")),
            ("PUE", Some(value)) if !(1.0..=5.0).contains(&value) => {
                Some("Un PUE est un nombre de 1 à 5.".to_owned())
            }
            ("%", Some(value)) if !(0.0..=100.0).contains(&value) => {
                Some("Attendu\u{a0}: un pourcentage de 0 à 100.".to_owned())
            }
            (_, Some(value)) if value < 0.0 => Some("Ce nombre ne peut pas être négatif.".to_owned()),
            _ => None,
        },
        _ => None,
    }
}

/// The questions without an answer, and those answered without evidence, in order.
#[must_use]
pub fn gaps(criteria: &Criteria, sheet: &Sheet) -> (Vec<&'static str>, Vec<&'static str>) {
    let (mut blank, mut bare) = (Vec::new(), Vec::new());
    for question in criteria.questions() {
        match sheet.answers.get(question.id) {
            Some(answer) if !answer.is_blank() => {
                if answer.evidence.trim().is_empty() && !answer.unknown {
                    bare.push(question.id);
                }
            }
            _ => blank.push(question.id),
        }
    }
    (blank, bare)
}

/// Everything that is wrong in a sheet, by question, then by declared figure.
#[must_use]
pub fn problems(criteria: &Criteria, sheet: &Sheet, reference: &Reference) -> Vec<Problem> {
    let mut found: Vec<Problem> = criteria
        .questions()
        .filter_map(|question| {
            let answer = sheet.answers.get(question.id)?;
            problem(question, answer).map(|message| Problem::new(question.id, message))
        })
        .collect();
    found.extend(sheet.declared.problems(reference));
    found
}

/// What contradicts the meaning of marks in one mark: points for no answer, or those of evidence without any.
#[must_use]
pub fn mark_problem(question: &Question, answer: &Answer, mark: &Mark) -> Option<String> {
    if mark.score == 0 {
        return None;
    }
    if answer.text.trim().is_empty() && answer.evidence.trim().is_empty() {
        return Some(format!(
            "{}\u{a0}: une absence de réponse et «\u{a0}je ne sais pas\u{a0}» valent 0.",
            question.id
        ));
    }
    (mark.score >= 3 && answer.evidence.trim().is_empty() && question.anchors() == ANCHORS).then(|| {
        format!(
            "{}\u{a0}: une note de 3 ou 4 suppose une preuve jointe, et aucune n’est donnée.",
            question.id
        )
    })
}

/// The questions where an offer is strong (marks of 3 and more), and where it is weak (1 and less).
#[must_use]
pub fn strengths(criteria: &Criteria, marks: &Marks) -> (Vec<&'static str>, Vec<&'static str>) {
    let of = |holds: fn(u8) -> bool| {
        criteria
            .questions()
            .filter(|question| holds(marks.get(question.id).map_or(0, |mark| mark.score)))
            .map(|question| question.id)
            .collect()
    };
    (of(|mark| mark >= 3), of(|mark| mark <= 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::procurement::depth::Depth;
    use crate::procurement::question::question;

    fn said(text: &str) -> Answer {
        Answer {
            text: text.to_owned(),
            ..Answer::default()
        }
    }

    #[test]
    fn contradictions_and_impossible_numbers_are_told() {
        for (id, text, right) in [
            ("Q501", "Non, par contrat", true),
            ("Q501", "Jamais", false),
            ("Q302", "1,35 mesuré", true),
            ("Q302", "PUE de 0,8", false),
            ("Q302", "excellent", false),
            ("Q405", "120\u{a0}% par an", false),
            ("Q405", "-5", false),
            ("Q102", "12\u{202f}000 requêtes", true),
            ("Q303", "0,4 L/kWh", true),
            ("Q101", "Tout", true),
        ] {
            let found = problem(question(id).unwrap(), &said(text));
            assert_eq!(found.is_none(), right, "{id} {text}: {found:?}");
        }
        let both = Answer {
            unknown: true,
            ..said("Oui")
        };
        assert!(
            problem(question("Q101").unwrap(), &both)
                .unwrap()
                .contains("l’un des deux")
        );
        assert!(problem(question("Q101").unwrap(), &said(&"a".repeat(TEXT_MAX + 1))).is_some());
    }

    #[test]
    fn points_need_an_answer_and_high_ones_evidence() {
        let mark = |score| Mark {
            score,
            ..Mark::default()
        };
        let (open, pue) = (question("Q101").unwrap(), question("Q302").unwrap());
        let proven = Answer {
            evidence: "Annexe 1".to_owned(),
            ..said("Un dixième")
        };
        for (question, answer, score, right) in [
            (open, &Answer::default(), 0, true),
            (open, &Answer::default(), 1, false),
            (open, &said("Un dixième"), 2, true),
            (open, &said("Un dixième"), 3, false),
            (open, &proven, 4, true),
            (pue, &said("1,2 mesuré et engagé"), 4, true),
        ] {
            assert_eq!(
                mark_problem(question, answer, &mark(score)).is_none(),
                right,
                "{score}"
            );
        }
    }

    #[test]
    fn blanks_and_answers_without_evidence_are_listed_apart() {
        let criteria = Criteria::proposed(Depth::Light);
        let mut sheet = Sheet::default();
        sheet.answers.insert("Q101".to_owned(), said("Un dixième"));
        sheet.answers.insert(
            "Q102".to_owned(),
            Answer {
                evidence: "Annexe 2".to_owned(),
                ..said("2000")
            },
        );
        sheet.answers.insert(
            "Q201".to_owned(),
            Answer {
                unknown: true,
                ..Answer::default()
            },
        );
        let (blank, bare) = gaps(&criteria, &sheet);
        assert_eq!(bare, ["Q101"]);
        assert_eq!(blank.len(), 8);
        assert!(problems(&criteria, &sheet, Reference::embedded()).is_empty());
        sheet.declared.grams = Some(-1.0);
        sheet.declared.model = "inconnu/modele".to_owned();
        sheet.declared.zone = "XXX".to_owned();
        let fields: Vec<String> = problems(&criteria, &sheet, Reference::embedded())
            .into_iter()
            .map(|one| one.field)
            .collect();
        assert_eq!(fields, ["grams", "method", "model", "zone"]);
    }
}
