//! A practice and an action in words, the same on pages and in documents.

use sobria_estimate::french::decimal;

use super::{Action, Answer, Practice, PracticeId, Standing, level_name};
use crate::document::french_day;

/// Headers of [`practice_line`].
pub const PRACTICE_HEADERS: [&str; 4] = ["Pratique", "Déclaré", "Prouvé", "Preuve"];
/// Headers of [`action_line`].
pub const ACTION_HEADERS: [&str; 4] = ["Pratique", "À faire", "Qui", "Points"];

fn name(practice: &Practice) -> String {
    format!("{}. {}", practice.id.number(), practice.title)
}

/// What was said of a practice, what of it is proven, and by what.
#[must_use]
pub fn practice_line(id: PracticeId, standing: Standing, answer: &Answer) -> Option<[String; 4]> {
    let practice = Practice::of(id)?;
    let (declared, proven) = match standing {
        Standing::Blank if answer.not_applicable.is_some() => {
            ("Sans objet, pas encore confirmé".to_owned(), "0".to_owned())
        }
        Standing::Blank => ("Sans réponse".to_owned(), "0".to_owned()),
        Standing::Excluded => ("Sans objet".to_owned(), "–".to_owned()),
        Standing::Answered { declared, .. } => (
            format!("{declared}, {}", level_name(declared).to_lowercase()),
            standing.proven().to_string(),
        ),
    };
    let mut proof = match (&answer.evidence, &answer.not_applicable) {
        (_, Some(reason)) => reason.clone(),
        (Some(evidence), None) => match evidence.dated {
            Some(day) => format!("{} ({})", evidence.text, french_day(day)),
            None => format!("{} (sans date)", evidence.text),
        },
        (None, None) => String::new(),
    };
    if answer.reviewed {
        proof.push_str(", relue");
    }
    Some([name(practice), declared, proven, proof])
}

/// What to do, who does it, and what it brings to the proven figure.
#[must_use]
pub fn action_line(action: &Action) -> Option<[String; 4]> {
    let practice = Practice::of(action.practice)?;
    let who: Vec<&str> = practice.who.iter().map(|who| who.label()).collect();
    Some([
        name(practice),
        action.words(),
        who.join(", "),
        format!("+{}", decimal(action.gain, 1)),
    ])
}
