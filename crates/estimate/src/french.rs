//! Numbers as French texts write them.

/// U+202F, between groups of three digits.
const GROUP: char = '\u{202f}';

/// Writes a whole or decimal number with a comma and groups of three digits; at most `decimals` decimals.
///
/// Trailing zeros are dropped, and half is rounded up.
///
/// ```
/// use sobria_estimate::french::decimal;
///
/// assert_eq!(decimal(1234.5, 1), "1\u{202f}234,5");
/// assert_eq!(decimal(2.0, 1), "2");
/// assert_eq!(decimal(-3.0, 0), "\u{2212}3");
/// ```
#[must_use]
pub fn decimal(value: f64, decimals: usize) -> String {
    let written = format!("{:.decimals$}", half_up(value, decimals).abs());
    let (whole, fraction) = written.split_once('.').unwrap_or((&written, ""));
    let fraction = fraction.trim_end_matches('0');
    let mut text = String::with_capacity(written.len() + 8);
    if value < 0.0 && written.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) {
        text.push('\u{2212}');
    }
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(GROUP);
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push(',');
        text.push_str(fraction);
    }
    text
}

/// Rounds to a number of decimals, half away from zero, as people do by hand.
///
/// The small step undoes binary fractions such as 4.45 that stand just below the half.
fn half_up(value: f64, decimals: usize) -> f64 {
    let scale = power_of_ten(decimals);
    let scaled = value * scale;
    if scaled.is_finite() {
        (scaled * (1.0 + 4.0 * f64::EPSILON)).round() / scale
    } else {
        value
    }
}

fn power_of_ten(exponent: usize) -> f64 {
    i32::try_from(exponent).map_or(1.0, |exponent| 10_f64.powi(exponent))
}

/// Writes a number with so many significant digits.
///
/// ```
/// use sobria_estimate::french::significant;
///
/// assert_eq!(significant(1234.0, 2), "1\u{202f}200");
/// assert_eq!(significant(0.0456, 2), "0,046");
/// assert_eq!(significant(0.0, 2), "0");
/// ```
#[must_use]
pub fn significant(value: f64, digits: usize) -> String {
    let magnitude = value.abs();
    if !magnitude.is_finite() || magnitude <= 0.0 {
        return "0".to_owned();
    }
    // The exponent of the scientific form is exact, unlike a logarithm beside powers of ten.
    let written = format!("{magnitude:e}");
    let exponent: i32 = written
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok())
        .unwrap_or(0);
    let wanted = i32::try_from(digits).unwrap_or(1) - 1 - exponent;
    match usize::try_from(wanted) {
        Ok(decimals) => decimal(value, decimals),
        Err(_) => {
            let step = 10_f64.powi(-wanted);
            decimal((value / step).round() * step, 0)
        }
    }
}

/// A unit and its thousandth parts and multiples, for texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scale {
    /// Electricity, from kilowatt-hours.
    Energy,
    /// Greenhouse gases, from kilogrammes.
    Climate,
    /// Abiotic depletion, from kilogrammes.
    Metals,
    /// Primary energy, from megajoules.
    PrimaryEnergy,
    /// Water, from litres.
    Water,
}

impl Scale {
    /// Symbols from the largest to the smallest, with the factor from the base unit.
    const fn steps(self) -> &'static [(&'static str, f64)] {
        match self {
            Self::Energy => &[
                ("GWh", 1e-6),
                ("MWh", 1e-3),
                ("kWh", 1.0),
                ("Wh", 1e3),
                ("mWh", 1e6),
            ],
            Self::Climate => &[
                ("kt\u{a0}CO₂e", 1e-6),
                ("t\u{a0}CO₂e", 1e-3),
                ("kg\u{a0}CO₂e", 1.0),
                ("g\u{a0}CO₂e", 1e3),
                ("mg\u{a0}CO₂e", 1e6),
            ],
            Self::Metals => &[
                ("kg\u{a0}Sb\u{a0}eq", 1.0),
                ("g\u{a0}Sb\u{a0}eq", 1e3),
                ("mg\u{a0}Sb\u{a0}eq", 1e6),
                ("µg\u{a0}Sb\u{a0}eq", 1e9),
                ("ng\u{a0}Sb\u{a0}eq", 1e12),
            ],
            Self::PrimaryEnergy => &[("GJ", 1e-3), ("MJ", 1.0), ("kJ", 1e3), ("J", 1e6)],
            Self::Water => &[("m³", 1e-3), ("L", 1.0), ("mL", 1e3), ("µL", 1e6)],
        }
    }

    /// A number and its unit: `central` chooses the unit, so that both ends of a range share it.
    fn step(self, central: f64) -> (&'static str, f64) {
        let steps = self.steps();
        let fit = steps
            .iter()
            .find(|(_, factor)| central * factor >= 1.0)
            .or_else(|| if central > 0.0 { steps.last() } else { None });
        let base = steps
            .iter()
            .find(|(_, factor)| (factor - 1.0).abs() < f64::EPSILON);
        fit.or(base).copied().unwrap_or(("", 1.0))
    }
}

/// Writes a range in the unit that suits its middle: `entre 0,62 et 2,5 kg CO₂e`, or one number when both ends agree.
///
/// ```
/// use sobria_estimate::french::{Scale, range};
///
/// assert_eq!(range(0.62, 2.5, Scale::Climate, 2), "entre 0,62 et 2,5\u{a0}kg\u{a0}CO₂e");
/// assert_eq!(range(0.0008, 0.0008, Scale::Energy, 2), "800\u{a0}mWh");
/// ```
#[must_use]
pub fn range(low: f64, high: f64, scale: Scale, digits: usize) -> String {
    let (symbol, factor) = scale.step(f64::midpoint(low, high));
    let (low, high) = (
        significant(low * factor, digits),
        significant(high * factor, digits),
    );
    if low == high {
        format!("{low}\u{a0}{symbol}")
    } else {
        format!("entre {low} et {high}\u{a0}{symbol}")
    }
}
