//! What a reader of an evaluation must know.

use serde::Serialize;

use super::Stages;
use crate::code::{self, Code};
use crate::electricity::{HeldFactor, ZoneFactors};
use crate::french::{decimal, significant};
use crate::llm::Bounds;

/// Declared greenhouse gases that do not go with the declared electricity.
pub const CARBON_ENERGY_MISMATCH: &str = "carbon_energy_mismatch";

/// Implied factors taken without a notice, relative to the factor of the place.
pub const MISMATCH_LIMITS: [f64; 2] = [0.5, 2.0];

/// One thing to know, about a line or about the whole.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Notice {
    /// Code, which [`crate::sentence`] says in French without the numbers.
    pub code: Code,
    /// Line that it is about, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Numbers of a [`CARBON_ENERGY_MISMATCH`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Mismatch>,
}

/// What declared figures imply, beside what is known of the place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mismatch {
    /// Declared electricity, in kWh.
    pub energy_kwh: f64,
    /// Declared greenhouse gases, in kg CO₂e.
    pub carbon_kg: f64,
    /// Factor that the two imply, in grammes per kWh.
    pub implied_g_per_kwh: f64,
    /// Declared place.
    pub zone: &'static str,
    /// Factor of the place that this evaluation uses, in grammes per kWh.
    pub zone_g_per_kwh: f64,
    /// Every factor held for the place.
    pub factors: Vec<HeldFactor>,
    /// Implied factor over the highest, then over the lowest of those held; null when one of them is zero.
    pub ratio: Option<Bounds>,
}

impl Notice {
    pub(super) fn new(code: &'static str, line: Option<usize>) -> Self {
        Self {
            code: Code::Borrowed(code),
            line,
            arguments: None,
        }
    }

    /// The sentence for a person, in French, with the number of the line counted from 1.
    ///
    /// ```
    /// use sobria_estimate::{Reference, electricity::ZoneFactors, llm::Bounds, service::{Notice, Stages}};
    ///
    /// let france = ZoneFactors::of(Reference::embedded(), "FRA").unwrap();
    /// let notice = Notice::of_declared(0, Bounds::point(15.0), Bounds::point(2.5), Stages::Use, &france).unwrap();
    /// assert_eq!(
    ///     notice.sentence().replace('\u{a0}', " "),
    ///     "Ligne 1 : 2,5 kg CO₂e pour 15 kWh supposent 167 g/kWh, soit de 3 à 5 fois les facteurs connus pour ce \
    ///      lieu (FRA : de 33,44 à 56,04 g/kWh). Quel facteur a été employé, pour quel lieu, et la fabrication des \
    ///      machines est-elle comptée ?"
    /// );
    /// ```
    #[must_use]
    pub fn sentence(&self) -> String {
        let words = match &self.arguments {
            Some(mismatch) => mismatch.sentence(),
            None => code::sentence(&self.code).into_owned(),
        };
        match self.line {
            Some(line) => format!(
                "Ligne {}\u{a0}: {}",
                line.saturating_add(1),
                code::lower_first(&words)
            ),
            None => words,
        }
    }

    /// What to say of greenhouse gases declared beside electricity; `None` when they go together.
    ///
    /// They go together when the factor implied by the central values is from half to twice that of the place; when
    /// the manufacture of machines is counted too, nothing is too much.
    ///
    /// ```
    /// use sobria_estimate::{Reference, electricity::ZoneFactors, llm::Bounds, service::{Notice, Stages}};
    ///
    /// let france = ZoneFactors::of(Reference::embedded(), "FRA").unwrap();
    /// let declared = |kilogrammes| {
    ///     Notice::of_declared(0, Bounds::point(15.0), Bounds::point(kilogrammes), Stages::Use, &france)
    /// };
    /// assert!(declared(0.62).is_none());
    /// assert_eq!(declared(2.5).unwrap().code, "carbon_energy_mismatch");
    /// ```
    #[must_use]
    pub fn of_declared(
        line: usize,
        energy: Bounds,
        carbon: Bounds,
        stages: Stages,
        factors: &ZoneFactors,
    ) -> Option<Self> {
        let energy_kwh = f64::midpoint(energy.min, energy.max);
        let carbon_kg = f64::midpoint(carbon.min, carbon.max);
        if carbon_kg <= 0.0 && energy_kwh <= 0.0 {
            return None;
        }
        let implied = carbon_kg / energy_kwh * 1000.0;
        if !implied.is_finite() {
            return Some(Self::new("carbon-without-energy", Some(line)));
        }
        let [least, most] = MISMATCH_LIMITS;
        let explained = stages == Stages::UseAndManufacture && implied > factors.central;
        if explained || (factors.central * least..=factors.central * most).contains(&implied) {
            return None;
        }
        let [lowest, highest] = factors.extremes();
        let ratio = Bounds {
            min: implied / highest,
            max: implied / lowest,
        };
        Some(Self {
            arguments: Some(Mismatch {
                energy_kwh,
                carbon_kg,
                implied_g_per_kwh: implied,
                zone: factors.zone,
                zone_g_per_kwh: factors.central,
                factors: factors.held.clone(),
                ratio: (ratio.min.is_finite() && ratio.max.is_finite()).then_some(ratio),
            }),
            ..Self::new(CARBON_ENERGY_MISMATCH, Some(line))
        })
    }
}

impl Mismatch {
    fn sentence(&self) -> String {
        let held = self
            .factors
            .iter()
            .map(|factor| factor.g_per_kwh)
            .fold([f64::MAX, 0.0_f64], |[low, high], factor| {
                [low.min(factor), high.max(factor)]
            })
            .map(|factor| decimal(factor, 2));
        let [low, high] = &held;
        let known = if low == high {
            format!("{low}\u{a0}g/kWh")
        } else {
            format!("de {low} à {high}\u{a0}g/kWh")
        };
        let times = self.ratio.map_or_else(String::new, |ratio| {
            let (low, high) = (significant(ratio.min, 2), significant(ratio.max, 2));
            if low == high {
                format!(", soit {low}\u{a0}fois")
            } else {
                format!(", soit de {low} à {high}\u{a0}fois")
            }
        });
        let link = if times.is_empty() { ", au lieu des" } else { " les" };
        format!(
            "{}\u{a0}kg\u{a0}CO₂e pour {}\u{a0}kWh supposent {}\u{a0}g/kWh{times}{link} facteurs connus pour ce lieu \
             ({}\u{a0}: {known}). Quel facteur a été employé, pour quel lieu, et la fabrication des machines \
             est-elle comptée\u{a0}?",
            significant(self.carbon_kg, 3),
            significant(self.energy_kwh, 3),
            significant(self.implied_g_per_kwh, 3),
            self.zone,
        )
    }
}
