//! The arithmetic of growth, and the presets of data centres.

use crate::scenarios::years;
use crate::source::Confidence;

/// Growth in a year that leads from `a` to `b` in `n` years; nothing when one of them is not above zero.
///
/// ```
/// use sobria_govern::scenarios::growth::cagr;
/// assert!((cagr(415.0, 945.0, 6.0).unwrap() - 0.1470).abs() < 5e-5);
/// assert_eq!(cagr(0.0, 945.0, 6.0), None);
/// ```
#[must_use]
pub fn cagr(a: f64, b: f64, n: f64) -> Option<f64> {
    let growth = (b / a).powf(1.0 / n) - 1.0;
    (a > 0.0 && b > 0.0 && n > 0.0 && growth.is_finite()).then_some(growth)
}

/// What a total becomes after `n` years of one growth.
///
/// ```
/// use sobria_govern::scenarios::growth::single;
/// assert_eq!(single(415.0, 0.30, 6.0).round(), 2003.0);
/// ```
#[must_use]
pub fn single(total: f64, growth: f64, n: f64) -> f64 {
    total * (1.0 + growth).powf(n)
}

/// Years in which a growth doubles what grows; nothing when it does not grow.
///
/// ```
/// use sobria_govern::scenarios::growth::doubling_years;
/// assert!((doubling_years(0.30).unwrap() - 2.64).abs() < 0.01);
/// assert_eq!(doubling_years(0.0), None);
/// ```
#[must_use]
pub fn doubling_years(growth: f64) -> Option<f64> {
    (growth > 0.0 && growth.is_finite()).then(|| 2f64.ln() / (1.0 + growth).ln())
}

/// Emissions in Mt CO₂e of an energy in TWh at an intensity in g/kWh.
///
/// ```
/// use sobria_govern::scenarios::growth::emissions;
/// assert!((emissions(1250.0, 480.0) - 600.0).abs() < 1e-9);
/// ```
#[must_use]
pub fn emissions(twh: f64, grams_per_kwh: f64) -> f64 {
    twh * grams_per_kwh / 1000.0
}

/// Share of the part that grows at `fast` which leads from `total` to `target` in `n` years, the rest growing at
/// `slow`; nothing when both parts grow alike, or when no share between 0 and 1 does it.
///
/// ```
/// use sobria_govern::scenarios::growth::calibrate;
/// assert!((calibrate(415.0, 945.0, 6.0, 0.30, 0.09).unwrap() - 0.190496).abs() < 5e-7);
/// assert_eq!(calibrate(415.0, 9450.0, 6.0, 0.30, 0.09), None);
/// ```
#[must_use]
pub fn calibrate(total: f64, target: f64, n: f64, fast: f64, slow: f64) -> Option<f64> {
    let slow = (1.0 + slow).powf(n);
    let share = (target / total - slow) / ((1.0 + fast).powf(n) - slow);
    (0.0..=1.0).contains(&share).then_some(share)
}

/// Data centres as two parts that grow each at its own rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TwoParts {
    /// Year of the total.
    pub base_year: i16,
    /// Electricity of that year, in TWh.
    pub total_twh: f64,
    /// Share of AI in it, from 0 to 1.
    pub ai_share: f64,
    /// Growth of AI in a year.
    pub ai_growth: f64,
    /// Growth of the rest in a year.
    pub rest_growth: f64,
}

impl TwoParts {
    /// Electricity of AI in a year, in TWh.
    #[must_use]
    pub fn ai(&self, year: i16) -> f64 {
        single(
            self.total_twh * self.ai_share,
            self.ai_growth,
            years(self.base_year, year),
        )
    }

    /// Electricity of the rest in a year, in TWh.
    #[must_use]
    pub fn rest(&self, year: i16) -> f64 {
        single(
            self.total_twh * (1.0 - self.ai_share),
            self.rest_growth,
            years(self.base_year, year),
        )
    }

    /// Electricity of both.
    #[must_use]
    pub fn total(&self, year: i16) -> f64 {
        self.ai(year) + self.rest(year)
    }

    /// Share of AI in a year, from 0 to 1.
    #[must_use]
    pub fn share(&self, year: i16) -> f64 {
        self.ai(year) / self.total(year)
    }
}

/// A named setting of [`TwoParts`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Preset {
    /// Identifier in addresses.
    pub id: &'static str,
    /// Words for pages.
    pub label: &'static str,
    /// The setting.
    pub parts: TwoParts,
    /// What the source counts.
    pub perimeter: &'static str,
    /// Where the values were read, and what was computed from them.
    pub source: &'static str,
    /// Electricity of 2030 that the setting must give, in TWh.
    pub check_2030: f64,
    /// How surely it is known.
    pub confidence: Confidence,
    /// What a reader must know before using it; blank when there is nothing.
    pub warning: &'static str,
}

const IEA: &str = "Agence internationale de l’énergie (AIE), «\u{a0}Energy and AI\u{a0}», avril 2025";
const SHIFT: &str = "The Shift Project, 1er octobre 2025";
const IEA_PERIMETER: &str = "Centres de données du monde, hors cryptomonnaies";
const SHIFT_PERIMETER: &str = "Centres de données du monde, cryptomonnaies comprises";

const fn parts(base_year: i16, total_twh: f64, ai_share: f64, ai_growth: f64, rest_growth: f64) -> TwoParts {
    TwoParts {
        base_year,
        total_twh,
        ai_share,
        ai_growth,
        rest_growth,
    }
}

/// The settings to choose from; the first is shown when none was chosen.
pub static PRESETS: [Preset; 5] = [
    Preset {
        id: "iea_base",
        label: "AIE, cas de base",
        parts: parts(2024, 415.0, 0.190496, 0.30, 0.09),
        perimeter: IEA_PERIMETER,
        source: IEA,
        check_2030: 945.0,
        confidence: Confidence::Secondary,
        warning: "La part de l’IA en 2024 (19\u{a0}%) est calée pour atteindre les 945\u{a0}TWh publiés\u{a0}: elle n’est pas publiée.",
    },
    Preset {
        id: "iea_uncalibrated",
        label: "AIE, part de l’IA à 15\u{a0}%",
        parts: parts(2024, 415.0, 0.15, 0.30, 0.09),
        perimeter: IEA_PERIMETER,
        source: IEA,
        check_2030: 892.1,
        confidence: Confidence::Secondary,
        warning: "Avec la part publiée de 15\u{a0}%, les deux taux donnent 892\u{a0}TWh en 2030, et non les 945\u{a0}TWh publiés.",
    },
    Preset {
        id: "webinar_literal",
        label: "Au pied de la lettre\u{a0}: 30\u{a0}% par an",
        parts: parts(2024, 415.0, 0.15, 0.30, 0.30),
        perimeter: IEA_PERIMETER,
        source: "Diapositives d’un webinaire, qui citent l’AIE",
        check_2030: 2003.1,
        confidence: Confidence::Slides,
        warning: "Ce taux vaut pour les seuls serveurs accélérés. L’appliquer à tous les centres donne 2,1 fois ce que la même source annonce pour 2030\u{a0}: ce n’est pas une prévision.",
    },
    Preset {
        id: "shift_low",
        label: "Shift Project, bas",
        parts: parts(2023, 530.0, 0.15, 0.275856, 0.087902),
        perimeter: SHIFT_PERIMETER,
        source: SHIFT,
        check_2030: 1250.0,
        confidence: Confidence::Secondary,
        warning: "Part de l’IA de 35\u{a0}% en 2030. Les deux taux sont calculés ici à partir des parts et des totaux publiés.",
    },
    Preset {
        id: "shift_high",
        label: "Shift Project, haut",
        parts: parts(2023, 530.0, 0.15, 0.395534, 0.058454),
        perimeter: SHIFT_PERIMETER,
        source: SHIFT,
        check_2030: 1490.0,
        confidence: Confidence::Secondary,
        warning: "Part de l’IA de 55\u{a0}% en 2030. Les deux taux sont calculés ici à partir des parts et des totaux publiés.",
    },
];

/// The preset of an identifier.
///
/// ```
/// use sobria_govern::scenarios::growth::preset;
/// assert_eq!(preset("shift_low").map(|found| found.parts.base_year), Some(2023));
/// ```
#[must_use]
pub fn preset(id: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.id == id)
}
