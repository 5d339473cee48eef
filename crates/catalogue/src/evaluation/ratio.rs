//! What was measured over what had been estimated for the same use: when the two may be set against each other, and
//! what such ratios say together.

use jiff::Timestamp;

use super::{Evaluation, Spread, spread};
use crate::id::{EvaluationId, UseCaseId};

/// What the electricity of a figure takes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Perimeter {
    /// The machines alone.
    Machines,
    /// The machines and the room that holds them: cooling, power supplies.
    Room,
}

impl Perimeter {
    /// Every perimeter.
    pub const ALL: [Self; 2] = [Self::Machines, Self::Room];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Machines => "machines",
            Self::Room => "room",
        }
    }

    /// The perimeter of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|perimeter| perimeter.code() == code)
    }

    /// What it takes in, in French, without a capital.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Machines => "les machines seules",
            Self::Room => "les machines et leur salle (climatisation, alimentation)",
        }
    }
}

/// Share of the electricity of a measure that a counter must have read: below, it is one estimate beside another.
pub const LEAST_MEASURED: f64 = 0.5;

/// Why a measure and an estimate must not be set against each other.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum NotComparable {
    /// The first is no measure, or the second is one.
    #[error("not a measure and an estimate")]
    NotAPair,
    /// They are of two records.
    #[error("evaluations of two records")]
    OtherRecord,
    /// The estimate is zero somewhere in its bounds, so that no ratio exists.
    #[error("an estimate that may be zero")]
    Zero,
    /// So little of the measure comes from a counter, as a share from 0 to 1.
    #[error("a measure that is mostly modelled: {0}")]
    Modelled(f64),
    /// What the estimate takes in is not known, or it adds up several things.
    #[error("an estimate whose perimeter is not known")]
    UnknownPerimeter,
    /// The estimate takes in this, and the measure something else.
    #[error("perimeters differ")]
    OtherPerimeter(Perimeter),
}

impl NotComparable {
    /// The reason and what to do, in French.
    ///
    /// ```
    /// use sobria_catalogue::evaluation::{NotComparable, Perimeter};
    ///
    /// let words = NotComparable::OtherPerimeter(Perimeter::Room).sentence();
    /// assert!(words.contains("PUE de 1"));
    /// ```
    pub fn sentence(self) -> String {
        match self {
            Self::NotAPair => "Comparez une mesure à une estimation.".to_owned(),
            Self::OtherRecord => "Cette estimation est celle d’une autre fiche.".to_owned(),
            Self::Zero => "Cette estimation peut valoir zéro\u{a0}: aucun rapport n’existe.".to_owned(),
            Self::Modelled(share) => format!(
                "{:.0}\u{a0}% seulement de cette électricité vient d’un compteur\u{a0}: ce serait comparer deux estimations. Il en faut au moins la moitié\u{202f}; `sobria measure --probe` dit comment l’obtenir.",
                share * 100.0
            ),
            Self::UnknownPerimeter => "Cette estimation additionne plusieurs choses, ou ne dit pas si elle compte la salle des machines. Comparez la mesure à l’estimation de ce qui a été mesuré, et de cela seul.".to_owned(),
            Self::OtherPerimeter(Perimeter::Room) => "Les périmètres diffèrent\u{a0}: l’estimation compte la salle des machines (son PUE dépasse 1), la mesure non. Refaites l’estimation avec un PUE de 1, ou mesurez à la prise de la salle.".to_owned(),
            Self::OtherPerimeter(Perimeter::Machines) => "Les périmètres diffèrent\u{a0}: la mesure compte la salle des machines, l’estimation non (son PUE vaut 1). Refaites l’estimation avec le PUE de la salle.".to_owned(),
        }
    }
}

/// What must be known of a measure and of an estimate, beside their figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Known {
    /// What the measure takes in, as its carrier declares.
    pub measured: Perimeter,
    /// Share of the measure that a counter read, when it is known.
    pub measured_fraction: Option<f64>,
    /// What the estimate takes in; none when that is not one thing.
    pub estimated: Option<Perimeter>,
}

/// What was measured over what had been estimated for the same thing, electricity of a year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeasuredRatio {
    /// The record.
    pub use_case: UseCaseId,
    /// The measure.
    pub measured: EvaluationId,
    /// The estimate.
    pub estimated: EvaluationId,
    /// What both take in.
    pub perimeter: Perimeter,
    /// Low bound of the measure over the high bound of the estimate.
    pub low: f64,
    /// Measure over estimate, central figures: 2 when twice as much was measured.
    pub central: f64,
    /// High bound of the measure over the low bound of the estimate.
    pub high: f64,
    /// When it was worked out.
    pub kept_at: Timestamp,
}

impl MeasuredRatio {
    /// The ratio of two evaluations of one record.
    ///
    /// # Errors
    /// The first reason why the two must not be compared.
    pub fn of(
        measured: &Evaluation,
        estimated: &Evaluation,
        known: Known,
        now: Timestamp,
    ) -> Result<Self, NotComparable> {
        if !measured.is_measured() || estimated.is_measured() {
            return Err(NotComparable::NotAPair);
        }
        if measured.use_case != estimated.use_case {
            return Err(NotComparable::OtherRecord);
        }
        if let Some(share) = known.measured_fraction.filter(|share| *share < LEAST_MEASURED) {
            return Err(NotComparable::Modelled(share));
        }
        let perimeter = known.estimated.ok_or(NotComparable::UnknownPerimeter)?;
        if perimeter != known.measured {
            return Err(NotComparable::OtherPerimeter(perimeter));
        }
        if estimated.energy_kwh.low <= 0.0 {
            return Err(NotComparable::Zero);
        }
        let ratio = Self {
            use_case: measured.use_case,
            measured: measured.id,
            estimated: estimated.id,
            perimeter,
            low: measured.energy_kwh.low / estimated.energy_kwh.high,
            central: measured.energy_kwh.central / estimated.energy_kwh.central,
            high: measured.energy_kwh.high / estimated.energy_kwh.low,
            kept_at: now,
        };
        if ratio.low >= 0.0 && ratio.high.is_finite() {
            Ok(ratio)
        } else {
            Err(NotComparable::Zero)
        }
    }

    /// Whether the bracket of the measure and that of the estimate have a figure in common.
    ///
    /// ```
    /// use sobria_catalogue::evaluation::{MeasuredRatio, Perimeter};
    /// use sobria_catalogue::id::{EvaluationId, UseCaseId};
    /// use uuid::Uuid;
    ///
    /// let ratio = |low, central, high| MeasuredRatio {
    ///     use_case: UseCaseId::new(Uuid::nil()),
    ///     measured: EvaluationId::new(Uuid::nil()),
    ///     estimated: EvaluationId::new(Uuid::nil()),
    ///     perimeter: Perimeter::Machines,
    ///     low, central, high,
    ///     kept_at: jiff::Timestamp::UNIX_EPOCH,
    /// };
    /// assert!(ratio(0.4, 1.6, 6.0).is_within_doubt());
    /// assert!(!ratio(1.1, 1.6, 6.0).is_within_doubt());
    /// ```
    pub fn is_within_doubt(&self) -> bool {
        self.low <= 1.0 && 1.0 <= self.high
    }
}

/// How many ratios lie in each class, and their middle.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Distribution {
    /// Ratios.
    pub count: u64,
    /// Least, middle and greatest; none without a ratio.
    pub spread: Option<Spread>,
    /// Measures within a factor of two of the estimate.
    pub within_two: u64,
    /// Count of each class of [`CLASSES`], then of what lies above the last.
    pub classes: [u64; 7],
}

/// Upper bounds of the classes of ratios, the last class being above them.
pub const CLASSES: [f64; 6] = [0.25, 0.5, 0.8, 1.25, 2.0, 4.0];

/// Fewest ratios whose middle may be quoted.
pub const FEWEST: u64 = 5;

/// The distribution of ratios.
///
/// ```
/// use sobria_catalogue::evaluation::ratio::distribution;
///
/// let found = distribution(&[0.4, 1.0, 1.9, 7.0]);
/// assert_eq!((found.count, found.within_two), (4, 2));
/// assert_eq!(found.classes, [0, 1, 0, 1, 1, 0, 1]);
/// ```
pub fn distribution(ratios: &[f64]) -> Distribution {
    let mut classes = [0_u64; 7];
    for ratio in ratios {
        let class = CLASSES.iter().take_while(|bound| *ratio >= **bound).count();
        if let Some(count) = classes.get_mut(class) {
            *count = count.saturating_add(1);
        }
    }
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    Distribution {
        count: number(ratios.len()),
        spread: spread(ratios.to_vec()),
        within_two: number(ratios.iter().filter(|ratio| (0.5..=2.0).contains(*ratio)).count()),
        classes,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::evaluation::{Amount, Reach};

    fn evaluation(method: &str, low: f64) -> Evaluation {
        let amount = Amount {
            low,
            central: low * 1.5,
            high: low * 2.0,
        };
        Evaluation {
            id: EvaluationId::new(Uuid::from_u128(if method == "measurement" { 1 } else { 2 })),
            use_case: UseCaseId::new(Uuid::from_u128(9)),
            title: String::new(),
            reach: Reach::Public,
            requests_per_year: 1,
            request: String::new(),
            answer: String::new(),
            method: method.to_owned(),
            method_version: String::new(),
            reference_version: String::new(),
            grade: None,
            energy_kwh: amount,
            gwp_kg: amount,
            made_at: Timestamp::UNIX_EPOCH,
            author: String::new(),
        }
    }

    fn known(measured: Perimeter, estimated: Option<Perimeter>, fraction: Option<f64>) -> Known {
        Known {
            measured,
            measured_fraction: fraction,
            estimated,
        }
    }

    #[test]
    fn a_ratio_needs_a_measure_an_estimate_and_one_perimeter() {
        let (measure, estimate) = (evaluation("measurement", 6.0), evaluation("compute_job", 4.0));
        let room = known(Perimeter::Room, Some(Perimeter::Room), Some(0.9));
        let of = |one: &Evaluation, other: &Evaluation, known| {
            MeasuredRatio::of(one, other, known, Timestamp::UNIX_EPOCH)
        };
        let ratio = of(&measure, &estimate, room).unwrap();
        assert!(
            (ratio.low - 0.75).abs() < 1e-12
                && (ratio.central - 1.5).abs() < 1e-12
                && (ratio.high - 3.0).abs() < 1e-12
        );
        assert_eq!(ratio.perimeter, Perimeter::Room);
        assert_eq!(of(&estimate, &measure, room), Err(NotComparable::NotAPair));
        assert_eq!(of(&measure, &measure, room), Err(NotComparable::NotAPair));
        let mut elsewhere = estimate.clone();
        elsewhere.use_case = UseCaseId::new(Uuid::from_u128(1));
        assert_eq!(of(&measure, &elsewhere, room), Err(NotComparable::OtherRecord));
        assert_eq!(
            of(&measure, &evaluation("compute_job", 0.0), room),
            Err(NotComparable::Zero)
        );
        for (known, refused) in [
            (
                known(Perimeter::Machines, Some(Perimeter::Room), None),
                NotComparable::OtherPerimeter(Perimeter::Room),
            ),
            (
                known(Perimeter::Room, Some(Perimeter::Machines), None),
                NotComparable::OtherPerimeter(Perimeter::Machines),
            ),
            (
                known(Perimeter::Room, None, None),
                NotComparable::UnknownPerimeter,
            ),
            (
                known(Perimeter::Room, Some(Perimeter::Room), Some(0.49)),
                NotComparable::Modelled(0.49),
            ),
        ] {
            assert_eq!(of(&measure, &estimate, known), Err(refused));
            assert!(refused.sentence().ends_with('.'));
        }
    }
}
