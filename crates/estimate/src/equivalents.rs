//! Everyday things to which a result can be related: chosen by rule, never by hand or by chance.
//!
//! The rules are in `docs/methods/equivalents.md`.

use crate::french;
use crate::reference::{Criterion, Equivalent, Reference, Tier};

/// The count that people picture best.
const TARGET: f64 = 5.0;
/// The same in metres.
const TARGET_METRES: f64 = 100.0;
/// Counts that may be shown.
const SHOWN: std::ops::RangeInclusive<f64> = 0.5..=500.0;
/// The same in metres.
const SHOWN_METRES: std::ops::RangeInclusive<f64> = 50.0..=500.0;
/// Added to the score of an equivalent that is not preferred.
const NOT_PREFERRED: f64 = 0.5;
/// Added to the score of a count in minutes or in metres.
const CHANGED_UNIT: f64 = 0.2;
/// Numbers of times a result may be multiplied when it is too small to picture.
const MULTIPLES: [f64; 5] = [1.0, 100.0, 1_000.0, 10_000.0, 1_000_000.0];
/// Ratio of the ends from which the doubt is said.
const STRONG_DOUBT: f64 = 10.0;

/// One equivalent of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown<'r> {
    /// The row it comes from: its scope, source and year are always told.
    pub row: &'r Equivalent<'static>,
    /// Count of the low end.
    pub low: f64,
    /// Count of the high end.
    pub high: f64,
    /// The sentence, such as `environ 18 km en voiture thermique`.
    pub sentence: String,
}

/// The equivalents of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection<'r> {
    /// How many times the result was multiplied before it was related: 1, or 100, 1 000, 10 000, 1 000 000.
    pub multiple: f64,
    /// `pour 1 000 requêtes` when the result was multiplied.
    pub multiple_words: Option<String>,
    /// Whether the ends of the result are more than ten times apart.
    pub strong_doubt: bool,
    /// Those that the operator put first, then as many as make two, of different categories.
    pub shown: Vec<Shown<'r>>,
}

impl Selection<'_> {
    const fn empty() -> Self {
        Self {
            multiple: 1.0,
            multiple_words: None,
            strong_doubt: false,
            shown: Vec::new(),
        }
    }
}

/// The equivalents that suit a result between two bounds, in the unit of its criterion.
///
/// Nothing is chosen for a result of zero or for numbers that are not finite.
///
/// ```
/// use sobria_estimate::reference::Criterion;
/// use sobria_estimate::{Reference, equivalents};
///
/// let selection = equivalents::select(Reference::embedded(), Criterion::Climate, 2.5, 2.5);
/// assert_eq!(selection.shown[0].sentence, "environ 2,9 repas végétariens");
/// assert_eq!(selection.shown[1].sentence, "environ 18 km en voiture thermique");
/// ```
#[must_use]
pub fn select(reference: &Reference, criterion: Criterion, low: f64, high: f64) -> Selection<'_> {
    if !(low >= 0.0 && high >= low && high > 0.0 && high.is_finite()) {
        return Selection::empty();
    }
    for multiple in MULTIPLES {
        let shown = fitting(reference, criterion, low * multiple, high * multiple);
        if !shown.is_empty() {
            return Selection {
                multiple,
                multiple_words: (multiple > 1.0)
                    .then(|| format!("pour {} requêtes", french::decimal(multiple, 0))),
                strong_doubt: high / STRONG_DOUBT > low,
                shown,
            };
        }
    }
    Selection::empty()
}

/// One row applied to a result, whatever the count: for favourites, and for one equivalent common to several options.
///
/// ```
/// use sobria_estimate::{Reference, equivalents};
///
/// let shown = equivalents::pinned(Reference::embedded(), "tgv-paris-metz-ar", 2.5, 2.5).unwrap();
/// assert_eq!(shown.sentence, "environ 1,3 aller-retour Paris-Metz en TGV");
/// ```
#[must_use]
pub fn pinned<'r>(reference: &'r Reference, slug: &str, low: f64, high: f64) -> Option<Shown<'r>> {
    let row = reference.equivalents().iter().find(|row| row.slug == slug)?;
    let low_count = low / row.value;
    let high_count = high / row.value;
    (low_count >= 0.0 && high_count >= low_count && high_count.is_finite())
        .then(|| show(row, low_count, high_count, Words::Own))
}

/// The equivalents with other units behind them: every row of a criterion that is not to be avoided, in the order
/// of the table, with its count.
///
/// ```
/// use sobria_estimate::reference::Criterion;
/// use sobria_estimate::{Reference, equivalents};
///
/// let all = equivalents::others(Reference::embedded(), Criterion::Water, 3.0, 3.0);
/// assert_eq!(all[0].sentence, "environ 15 verres d’eau");
/// ```
#[must_use]
pub fn others(reference: &Reference, criterion: Criterion, low: f64, high: f64) -> Vec<Shown<'_>> {
    reference
        .equivalents()
        .iter()
        .filter(|row| is_proposed(reference, row, criterion))
        .filter_map(|row| pinned(reference, row.slug, low, high))
        .collect()
}

/// Whether a row may be proposed: of the criterion, not to be avoided, not hidden by the operator.
fn is_proposed(reference: &Reference, row: &Equivalent<'_>, criterion: Criterion) -> bool {
    row.criterion == criterion && row.tier != Tier::Avoid && !reference.choice().hides(row.slug, row.category)
}

/// How the words of a label change with the unit counted.
#[derive(Clone, Copy, PartialEq)]
enum Words {
    Own,
    Minutes,
    Metres,
}

fn fitting(reference: &Reference, criterion: Criterion, low: f64, high: f64) -> Vec<Shown<'_>> {
    let size = if low > 0.0 {
        // The product of the bounds may pass the largest number.
        low.sqrt() * high.sqrt()
    } else {
        high / 2.0
    };
    let mut kept: Vec<(f64, &Equivalent<'static>, f64, Words)> = reference
        .equivalents()
        .iter()
        .filter(|row| is_proposed(reference, row, criterion))
        .filter_map(|row| {
            let (count, factor, words) = adapted(row, size / row.value);
            let (shown, target) = match words {
                Words::Metres => (SHOWN_METRES, TARGET_METRES),
                Words::Own | Words::Minutes => (SHOWN, TARGET),
            };
            let preferred = if row.tier == Tier::Preferred {
                0.0
            } else {
                NOT_PREFERRED
            };
            let changed = if words == Words::Own { 0.0 } else { CHANGED_UNIT };
            let score = (count / target).log10().abs() + preferred + changed;
            shown.contains(&count).then_some((score, row, factor, words))
        })
        .collect();
    let choice = reference.choice();
    kept.sort_by(|one, other| {
        (choice.rank(one.1.slug).cmp(&choice.rank(other.1.slug)))
            .then_with(|| one.0.total_cmp(&other.0))
            .then_with(|| one.1.slug.cmp(other.1.slug))
    });
    let mut chosen: Vec<Shown<'_>> = Vec::with_capacity(2);
    for (_, row, factor, words) in kept {
        let is_pinned = choice.rank(row.slug) < usize::MAX;
        let is_new = || chosen.iter().all(|other| other.row.category != row.category);
        if is_pinned || (chosen.len() < 2 && is_new()) {
            let value = row.value / factor;
            chosen.push(show(row, low / value, high / value, words));
        }
    }
    chosen
}

/// Minutes in place of hours, metres in place of kilometres, when the count is too small.
fn adapted(row: &Equivalent<'_>, count: f64) -> (f64, f64, Words) {
    if count >= *SHOWN.start() {
        (count, 1.0, Words::Own)
    } else if row.unit == "heure" && row.label_one.starts_with("heure") {
        (count * 60.0, 60.0, Words::Minutes)
    } else if row.unit.starts_with("km") {
        (count * 1000.0, 1000.0, Words::Metres)
    } else {
        (count, 1.0, Words::Own)
    }
}

fn show<'r>(row: &'r Equivalent<'static>, low: f64, high: f64, words: Words) -> Shown<'r> {
    let (low_text, high_text) = (count(low), count(high));
    let label = if high >= 2.0 {
        row.label_many
    } else {
        row.label_one
    };
    let label = match words {
        Words::Own => label.to_owned(),
        Words::Minutes => label.replacen("heure", "minute", 1),
        Words::Metres => label.replacen("km", "m", 1),
    };
    let sentence = if low_text == high_text {
        format!("environ {high_text} {label}")
    } else {
        format!("entre {low_text} et {high_text} {label}")
    };
    Shown {
        row,
        low,
        high,
        sentence,
    }
}

/// A count with two significant digits, one decimal between 1 and 10.
fn count(value: f64) -> String {
    if (1.0..10.0).contains(&value) {
        french::decimal(value, 1)
    } else {
        french::significant(value, 2)
    }
}
