//! Marks of offers, the ranking, and how sturdy it is. Everything is computed again from answers, marks and criteria.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::procurement::criteria::Criteria;
use crate::procurement::question::Theme;
use crate::scenarios::chance::Generator;

/// What a supplier answered to one question.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Answer {
    /// The words.
    pub text: String,
    /// "I do not know", which is not a blank.
    pub unknown: bool,
    /// Evidence: a reference or a file name; blank for none.
    pub evidence: String,
}

impl Answer {
    /// Whether nothing was said at all.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty() && !self.unknown && self.evidence.trim().is_empty()
    }
}

/// The answers of one supplier, by question.
pub type Answers = BTreeMap<String, Answer>;

/// The mark of one question.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Mark {
    /// From 0 to 4.
    pub score: u8,
    /// The answer does not meet a question that knocks out.
    pub fails: bool,
    /// Why.
    pub comment: String,
}

/// The marks of one offer, by question; a question without one counts as 0.
pub type Marks = BTreeMap<String, Mark>;

/// The score of a theme, from 0 to 100, and its weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThemeScore {
    /// The theme.
    pub theme: Theme,
    /// Weight.
    pub weight: u32,
    /// From 0 to 100.
    pub score: f64,
}

/// What an offer is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// By theme, in order; themes without a question are left out.
    pub themes: Vec<ThemeScore>,
    /// From 0 to 100.
    pub total: f64,
    /// Share of the questions with evidence, from 0 to 1.
    pub evidence_rate: f64,
    /// Share of the questions that were answered, "I do not know" left out, from 0 to 1.
    pub disclosure_rate: f64,
    /// The questions that knock it out; it has a score but no rank.
    pub knocked_out: Vec<String>,
}

/// The weighted mean of scores of themes; 0 when nothing weighs.
///
/// ```
/// use sobria_govern::procurement::score::weighted;
/// let total = weighted([(12, 50.0), (14, 75.0), (14, 25.0), (16, 100.0), (12, 50.0), (10, 0.0), (12, 75.0), (10, 50.0)]);
/// assert!((total - 56.0).abs() < 1e-12);
/// ```
pub fn weighted(scores: impl IntoIterator<Item = (u32, f64)>) -> f64 {
    weighted_by(
        scores
            .into_iter()
            .map(|(weight, score)| (f64::from(weight), score)),
    )
}

fn weighted_by(scores: impl IntoIterator<Item = (f64, f64)>) -> f64 {
    let (sum, weights) = scores
        .into_iter()
        .fold((0.0, 0.0), |(sum, weights), (weight, score)| {
            (sum + weight * score, weights + weight)
        });
    if weights > 0.0 { sum / weights } else { 0.0 }
}

fn share(part: usize, whole: usize) -> f64 {
    let number = |count: usize| u32::try_from(count).map_or(f64::from(u32::MAX), f64::from);
    if whole == 0 {
        0.0
    } else {
        number(part) / number(whole)
    }
}

/// Marks an offer.
#[must_use]
pub fn score(criteria: &Criteria, answers: &Answers, marks: &Marks) -> Score {
    let mark = |id: &str| marks.get(id).map_or(0, |mark| mark.score.min(4));
    let themes: Vec<ThemeScore> = Theme::ALL
        .into_iter()
        .filter_map(|theme| {
            let marked: Vec<u8> = criteria
                .questions()
                .filter(|question| question.theme == theme)
                .map(|question| mark(question.id))
                .collect();
            let sum: u32 = marked.iter().map(|score| u32::from(*score)).sum();
            let most = 4 * u32::try_from(marked.len()).ok()?;
            (most > 0).then(|| ThemeScore {
                theme,
                weight: criteria.weights.get(&theme).copied().unwrap_or(0),
                score: 100.0 * f64::from(sum) / f64::from(most),
            })
        })
        .collect();
    let questions: Vec<&str> = criteria.questions().map(|question| question.id).collect();
    let count = |holds: fn(&Answer) -> bool| {
        share(
            questions
                .iter()
                .filter(|id| answers.get(**id).is_some_and(holds))
                .count(),
            questions.len(),
        )
    };
    Score {
        total: weighted(themes.iter().map(|theme| (theme.weight, theme.score))),
        themes,
        evidence_rate: count(|answer| !answer.evidence.trim().is_empty()),
        disclosure_rate: count(|answer| !answer.is_blank() && !answer.unknown),
        knocked_out: criteria
            .knockouts
            .iter()
            .filter(|id| questions.contains(&id.as_str()))
            .filter(|id| marks.get(*id).is_some_and(|mark| mark.fails))
            .cloned()
            .collect(),
    }
}

/// How an offer stands among others.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Place in the list that was given.
    pub offer: usize,
    /// Rank from 1; none for an offer that was knocked out. Equal totals share a rank.
    pub rank: Option<usize>,
    /// Share of the draws in which it comes first, from 0 to 1.
    pub first: f64,
    /// Best and worst rank over the draws.
    pub between: Option<(usize, usize)>,
}

/// Draws of weights.
const DRAWS: u32 = 1_000;
const SEED: u64 = 0x0a11_5eed_2026_0001;
const TIE: f64 = 1e-9;

/// Ranks offers, and says in how many draws each comes first when every weight varies by a fifth.
#[must_use]
pub fn rank(scores: &[Score]) -> Vec<Standing> {
    let mut generator = Generator::new(SEED);
    let ranked: Vec<usize> = (0..scores.len())
        .filter(|place| {
            scores
                .get(*place)
                .is_some_and(|score| score.knocked_out.is_empty())
        })
        .collect();
    let ranks = |totals: &[(usize, f64)]| -> Vec<(usize, usize)> {
        totals
            .iter()
            .map(|(offer, total)| {
                let better = totals.iter().filter(|(_, other)| *other > *total + TIE).count();
                (*offer, better + 1)
            })
            .collect()
    };
    let totals = |factors: &BTreeMap<Theme, f64>| -> Vec<(usize, f64)> {
        ranked
            .iter()
            .filter_map(|place| {
                let score = scores.get(*place)?;
                let total = weighted_by(score.themes.iter().map(|theme| {
                    let factor = factors.get(&theme.theme).copied().unwrap_or(1.0);
                    (f64::from(theme.weight) * factor, theme.score)
                }));
                Some((*place, total))
            })
            .collect()
    };
    let mut standings: Vec<Standing> = (0..scores.len())
        .map(|offer| Standing {
            offer,
            rank: None,
            first: 0.0,
            between: None,
        })
        .collect();
    for (offer, rank) in ranks(&totals(&BTreeMap::new())) {
        if let Some(standing) = standings.get_mut(offer) {
            standing.rank = Some(rank);
            standing.between = Some((rank, rank));
        }
    }
    for _ in 0..DRAWS {
        let factors: BTreeMap<Theme, f64> = Theme::ALL
            .into_iter()
            .map(|theme| (theme, 0.8 + 0.4 * generator.uniform()))
            .collect();
        for (offer, rank) in ranks(&totals(&factors)) {
            if let Some(standing) = standings.get_mut(offer) {
                if rank == 1 {
                    standing.first += 1.0 / f64::from(DRAWS);
                }
                standing.between = standing
                    .between
                    .map(|(best, worst)| (best.min(rank), worst.max(rank)));
            }
        }
    }
    standings
}
