//! What an organisation's own uses of AI will take: adoption, efficiency, rebound.
//!
//! The rebound is not known: three curves are always given, and none of them is called the right one.

use crate::scenarios::chance::{Percentiles, percentiles};
use crate::scenarios::years;

/// Elasticities of the three curves: no rebound, a partial one, more than the whole gain.
pub const ELASTICITIES: [f64; 3] = [0.0, 0.5, 1.2];
/// Most years of a projection.
pub const YEARS_MAX: i16 = 15;
/// Most uses of a projection.
pub const USES_MAX: usize = 20;

/// A value with what it may be at least and at most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounded {
    /// At least.
    pub low: f64,
    /// Most likely.
    pub central: f64,
    /// At most.
    pub high: f64,
}

impl Bounded {
    /// A value without doubt.
    #[must_use]
    pub const fn point(value: f64) -> Self {
        Self {
            low: value,
            central: value,
            high: value,
        }
    }
}

/// One use of AI.
#[derive(Debug, Clone, PartialEq)]
pub struct Use {
    /// What it is called.
    pub name: String,
    /// People who could use it.
    pub users: f64,
    /// Share of them who will in the end, from 0 to 1.
    pub adoption_max: f64,
    /// How fast they come: slope of the logistic curve, per year.
    pub speed: f64,
    /// Year in which half of them have come; may be between two years.
    pub median_year: f64,
    /// Requests of one of them in a year, at the energy of the reference year.
    pub requests: f64,
    /// Energy of a request in the reference year, in Wh.
    pub energy_wh: Bounded,
    /// Part of the energy of a request that is saved each year, from 0 to below 1.
    pub efficiency: f64,
    /// Year of the energy of a request.
    pub reference_year: i16,
    /// Energy that does not depend on requests, in kWh a year.
    pub fixed_kwh: f64,
    /// Manufacture counted each year, in kg CO₂e.
    pub embodied_kg: f64,
}

/// Something that does not make sense in a projection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    /// Field of [`Use`] or of [`Question`].
    pub field: &'static str,
    /// What is expected.
    pub message: &'static str,
}

impl Use {
    /// Share of the people who use it in a year.
    #[must_use]
    pub fn adoption(&self, year: f64) -> f64 {
        self.adoption_max / (1.0 + (-self.speed * (year - self.median_year)).exp())
    }

    /// Energy of a request in a year relative to the reference year.
    #[must_use]
    pub fn ratio(&self, year: i16) -> f64 {
        (1.0 - self.efficiency).powf(years(self.reference_year, year))
    }

    /// Energy of a year in kWh, the request being worth `wh` in the reference year.
    fn energy_with(&self, year: i16, wh: f64, elasticity: f64, adoption_max: f64, efficiency: f64) -> f64 {
        let ratio = (1.0 - efficiency).powf(years(self.reference_year, year));
        let adoption =
            self.adoption(f64::from(year)) / self.adoption_max.max(f64::MIN_POSITIVE) * adoption_max;
        // Usage follows the fall of the cost of a request: q = q0 * ratio^-elasticity, so q * e = q0 * e0 * ratio^(1-elasticity).
        self.users * adoption * self.requests * wh * ratio.powf(1.0 - elasticity) / 1000.0 + self.fixed_kwh
    }

    /// Energy of a year in kWh, for one elasticity of usage.
    #[must_use]
    pub fn energy(&self, year: i16, elasticity: f64) -> f64 {
        self.energy_with(
            year,
            self.energy_wh.central,
            elasticity,
            self.adoption_max,
            self.efficiency,
        )
    }

    /// The same where what is in doubt was drawn.
    pub(crate) fn drawn(&self, year: i16, draw: &Draw) -> f64 {
        self.energy_with(year, draw.wh, draw.elasticity, draw.adoption_max, draw.efficiency)
    }

    /// What does not make sense in it.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut check = |holds: bool, field: &'static str, message: &'static str| {
            if !holds {
                found.push(Problem { field, message });
            }
        };
        let wh = self.energy_wh;
        check(
            (0.0..=1e8).contains(&self.users),
            "users",
            "Attendu\u{a0}: un nombre de personnes, de 0 à 100 millions.",
        );
        check(
            self.adoption_max > 0.0 && self.adoption_max <= 1.0,
            "adoption_max",
            "Attendu\u{a0}: une part de plus de 0 à 100\u{a0}%.",
        );
        check(
            self.speed > 0.0 && self.speed <= 5.0,
            "speed",
            "Attendu\u{a0}: une vitesse de plus de 0 à 5.",
        );
        check(
            (2000.0..=2100.0).contains(&self.median_year),
            "median_year",
            "Attendu\u{a0}: une année entre 2000 et 2100.",
        );
        check(
            (0.0..=1e9).contains(&self.requests),
            "requests",
            "Attendu\u{a0}: un nombre de requêtes par an, de 0 à un milliard.",
        );
        check(
            wh.low >= 0.0 && wh.low <= wh.central && wh.central <= wh.high && wh.high <= 1e9,
            "energy_wh",
            "Attendu\u{a0}: une énergie positive, et les bornes dans l’ordre\u{a0}: basse, puis haute.",
        );
        check(
            (0.0..0.95).contains(&self.efficiency),
            "efficiency",
            "Attendu\u{a0}: un gain de 0 à moins de 95\u{a0}% par an.",
        );
        check(
            (2000..=2100).contains(&self.reference_year),
            "reference_year",
            "Attendu\u{a0}: une année entre 2000 et 2100.",
        );
        check(
            (0.0..=1e12).contains(&self.fixed_kwh),
            "fixed_kwh",
            "Attendu\u{a0}: une énergie positive ou nulle, en kWh par an.",
        );
        check(
            (0.0..=1e12).contains(&self.embodied_kg),
            "embodied_kg",
            "Attendu\u{a0}: une quantité positive ou nulle, en kg CO₂e par an.",
        );
        found
    }
}

/// What was drawn for one use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draw {
    pub wh: f64,
    pub efficiency: f64,
    pub elasticity: f64,
    pub adoption_max: f64,
}

/// Share of the gain that more usage takes back, for a request that takes `ratio` of what it took: 0 for none, 1 for
/// the whole, above 1 when the gain itself raises the total. Nothing when there was no gain.
///
/// ```
/// use sobria_govern::scenarios::local::rebound;
/// assert_eq!(rebound(0.5, 1.0), Some(1.0));
/// assert_eq!(rebound(1.0, 0.5), None);
/// ```
#[must_use]
pub fn rebound(ratio: f64, elasticity: f64) -> Option<f64> {
    if ratio <= 0.0 || ratio >= 1.0 {
        return None;
    }
    Some(1.0 - (1.0 - ratio.powf(1.0 - elasticity)) / (1.0 - ratio))
}

/// What is projected.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The uses.
    pub uses: Vec<Use>,
    /// First year shown.
    pub from: i16,
    /// Last year shown.
    pub to: i16,
    /// Most energy allowed in a year, in kWh.
    pub cap_kwh: Option<f64>,
    /// Intensity of electricity in g CO₂e per kWh.
    pub grams_per_kwh: Option<f64>,
}

impl Question {
    /// What does not make sense beside the uses.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        let span = i32::from(self.to) - i32::from(self.from);
        if !(2000..=2100).contains(&self.from) {
            found.push(Problem {
                field: "from",
                message: "Attendu\u{a0}: une année entre 2000 et 2100.",
            });
        } else if !(1..=i32::from(YEARS_MAX)).contains(&span) {
            found.push(Problem {
                field: "to",
                message: "Attendu\u{a0}: une année après la première, de 15\u{a0}ans au plus.",
            });
        }
        if self.cap_kwh.is_some_and(|cap| !(0.0..=1e15).contains(&cap)) {
            found.push(Problem {
                field: "cap_kwh",
                message: "Attendu\u{a0}: un plafond positif ou nul, en kWh par an.",
            });
        }
        if self
            .grams_per_kwh
            .is_some_and(|grams| !(0.0..=5000.0).contains(&grams))
        {
            found.push(Problem {
                field: "grams_per_kwh",
                message: "Attendu\u{a0}: de 0 à 5\u{202f}000 g CO₂e par kWh.",
            });
        }
        found
    }
}

/// One year of a projection; arrays follow [`ELASTICITIES`].
#[derive(Debug, Clone, PartialEq)]
pub struct Year {
    /// The year.
    pub year: i16,
    /// kWh.
    pub energy: [f64; 3],
    /// kg CO₂e, when the intensity was given.
    pub emissions: Option<[f64; 3]>,
    /// What is left under the cap in kWh; below zero when it is passed.
    pub margin: Option<[f64; 3]>,
    /// How far the energy may be wrong.
    pub chance: Percentiles,
}

/// A projection; arrays follow [`ELASTICITIES`].
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    /// Year by year.
    pub years: Vec<Year>,
    /// First year above the cap.
    pub first_over: [Option<i16>; 3],
    /// Energy of the last year divided by that of the first; nothing when the first is zero.
    pub factor: [Option<f64>; 3],
    /// Energy of a request in the last year relative to the first, of the uses taken together.
    pub ratio: f64,
    /// Share of the gain that usage takes back in the last year.
    pub rebound: [Option<f64>; 3],
}

fn energy(uses: &[Use], year: i16, elasticity: f64) -> f64 {
    uses.iter().map(|one| one.energy(year, elasticity)).sum()
}

/// Projects what was asked. Years, uses and bounds are taken as they are: see [`Use::problems`] and
/// [`Question::problems`].
#[must_use]
pub fn project(question: &Question) -> Outlook {
    let uses = &question.uses;
    let span = question.from..=question.to.min(question.from.saturating_add(YEARS_MAX));
    let chances = percentiles(uses, span.clone());
    let years: Vec<Year> = span
        .zip(chances)
        .map(|(year, chance)| {
            let energy = ELASTICITIES.map(|elasticity| energy(uses, year, elasticity));
            let embodied: f64 = uses.iter().map(|one| one.embodied_kg).sum();
            Year {
                year,
                energy,
                emissions: question
                    .grams_per_kwh
                    .map(|grams| energy.map(|kwh| kwh * grams / 1000.0 + embodied)),
                margin: question.cap_kwh.map(|cap| energy.map(|kwh| cap - kwh)),
                chance,
            }
        })
        .collect();
    let first = years.first().map_or([0.0; 3], |year| year.energy);
    let last = years.last().map_or([0.0; 3], |year| year.energy);
    let over = |curve: fn(&[f64; 3]) -> f64| {
        years
            .iter()
            .find(|year| year.margin.as_ref().is_some_and(|margin| curve(margin) < 0.0))
            .map(|year| year.year)
    };
    let ratio = mean_ratio(uses, question.from, question.to);
    Outlook {
        first_over: [over(|m| m[0]), over(|m| m[1]), over(|m| m[2])],
        factor: [
            factor(first[0], last[0]),
            factor(first[1], last[1]),
            factor(first[2], last[2]),
        ],
        rebound: ELASTICITIES.map(|elasticity| rebound(ratio, elasticity)),
        ratio,
        years,
    }
}

fn factor(first: f64, last: f64) -> Option<f64> {
    (first > 0.0).then(|| last / first)
}

/// Energy of a request in the last year relative to the first, each use weighing what it takes in the last year.
fn mean_ratio(uses: &[Use], from: i16, to: i16) -> f64 {
    let weight = |one: &Use| one.users * one.adoption(f64::from(to)) * one.requests * one.energy_wh.central;
    let total: f64 = uses.iter().map(weight).sum();
    let weighed: f64 = uses
        .iter()
        .map(|one| weight(one) * one.ratio(to) / one.ratio(from))
        .sum();
    if total > 0.0 { weighed / total } else { 1.0 }
}

/// Something that would lower the last year.
#[derive(Debug, Clone, PartialEq)]
pub struct Lever {
    /// What is done.
    pub what: String,
    /// Energy of the last year on the middle curve, in kWh.
    pub kwh: f64,
    /// Difference with doing nothing, in kWh: below zero when it helps.
    pub difference: f64,
}

/// What four choices, and stopping each use, would change in the last year, on the middle curve. The sizes of the
/// choices are ours: they compare levers, they are no promise.
#[must_use]
pub fn levers(question: &Question) -> Vec<Lever> {
    let [_, middle, _] = ELASTICITIES;
    let present = energy(&question.uses, question.to, middle);
    let lever = |what: String, uses: Vec<Use>| {
        let kwh = energy(&uses, question.to, middle);
        Lever {
            what,
            kwh,
            difference: kwh - present,
        }
    };
    let changed = |change: fn(&mut Use)| -> Vec<Use> {
        let mut uses = question.uses.clone();
        uses.iter_mut().for_each(change);
        uses
    };
    let mut found = vec![
        lever(
            "Un modèle deux fois plus petit par requête".to_owned(),
            changed(|one| {
                one.energy_wh.low /= 2.0;
                one.energy_wh.central /= 2.0;
                one.energy_wh.high /= 2.0;
            }),
        ),
        lever(
            "Un plafond de requêtes, 30\u{a0}% plus bas".to_owned(),
            changed(|one| one.requests *= 0.7),
        ),
        lever(
            "Des accès ouverts sur demande\u{a0}: 20\u{a0}% d’usagers en moins".to_owned(),
            changed(|one| one.users *= 0.8),
        ),
    ];
    if question.uses.len() > 1 {
        for (place, stopped) in question.uses.iter().enumerate() {
            let rest = question
                .uses
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != place)
                .map(|(_, one)| one.clone())
                .collect();
            found.push(lever(format!("Arrêter\u{a0}: {}", stopped.name), rest));
        }
    }
    found
}
