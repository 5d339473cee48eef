//! Two evaluators mark without seeing each other, then agree where they differ.

use crate::procurement::criteria::Criteria;
use crate::procurement::score::{Mark, Marks};

/// Least difference of two marks that must be talked over, with a comment.
pub const GAP: u8 = 2;

/// A question on which two evaluators do not say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// The question.
    pub question: &'static str,
    /// Marks of the first and of the second.
    pub scores: (u8, u8),
    /// Whether they must agree, with a comment: marks two points apart, or one of them knocks the offer out.
    pub binding: bool,
}

/// What two evaluators do not mark alike. A question that one of them left blank counts as 0 for that one.
#[must_use]
pub fn disagreements(criteria: &Criteria, first: &Marks, second: &Marks) -> Vec<Disagreement> {
    criteria
        .questions()
        .filter_map(|question| {
            let of = |marks: &Marks| {
                marks
                    .get(question.id)
                    .map_or((0, false), |mark| (mark.score.min(4), mark.fails))
            };
            let ((a, a_fails), (b, b_fails)) = (of(first), of(second));
            let published = criteria.knockouts.contains(question.id);
            let fails_apart = published && a_fails != b_fails;
            (a != b || fails_apart).then_some(Disagreement {
                question: question.id,
                scores: (a, b),
                binding: a.abs_diff(b) >= GAP || fails_apart,
            })
        })
        .collect()
}

/// The marks that both stand behind. Equal marks are kept, marks one point apart take the lower one unless the two
/// agreed on another, and marks further apart take what they agreed on.
///
/// # Errors
/// The questions that must be agreed on, with a comment, and are not.
pub fn agreed(
    criteria: &Criteria,
    first: &Marks,
    second: &Marks,
    consensus: &Marks,
) -> Result<Marks, Vec<&'static str>> {
    let differing = disagreements(criteria, first, second);
    let settled = |id: &str| {
        consensus
            .get(id)
            .filter(|mark| mark.score <= 4 && !mark.comment.trim().is_empty())
    };
    let open: Vec<&'static str> = differing
        .iter()
        .filter(|one| one.binding && settled(one.question).is_none())
        .map(|one| one.question)
        .collect();
    if !open.is_empty() {
        return Err(open);
    }
    Ok(criteria
        .questions()
        .map(|question| {
            let id = question.id;
            let a = first.get(id).cloned().unwrap_or_default();
            let b = second.get(id).cloned().unwrap_or_default();
            let differs = differing.iter().any(|one| one.question == id);
            let mark = match settled(id).filter(|_| differs) {
                Some(mark) => mark.clone(),
                None => Mark {
                    score: a.score.min(b.score).min(4),
                    fails: a.fails && b.fails,
                    comment: [a.comment, b.comment]
                        .into_iter()
                        .filter(|comment| !comment.trim().is_empty())
                        .collect::<Vec<_>>()
                        .join(" / "),
                },
            };
            (id.to_owned(), mark)
        })
        .collect())
}
