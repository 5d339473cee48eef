//! From energy to greenhouse gases and water; the factors that versions of CodeCarbon used.

use crate::reference::{CODECARBON_EDITIONS, Reference};

/// Grammes of CO₂ equivalent per kWh that CodeCarbon takes where it has no value: the world's.
///
/// Source: International Energy Agency, 2019.
pub const CODECARBON_WORLD_G_PER_KWH: f64 = 475.0;

/// Kilogrammes of CO₂ equivalent.
///
/// ```
/// use sobria_estimate::measurement::carbon::emissions_kg;
///
/// assert_eq!(emissions_kg(2.0, 50.0), 0.1);
/// ```
#[must_use]
pub fn emissions_kg(energy_kwh: f64, g_per_kwh: f64) -> f64 {
    energy_kwh * g_per_kwh / 1000.0
}

/// Electricity and water of a place, from the electricity of its machines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Facility {
    /// Kilowatt-hours of the whole place.
    pub energy_kwh: f64,
    /// Litres of water.
    pub water_l: f64,
    /// Litres as CodeCarbon counts them, too many by the PUE.
    pub codecarbon_water_l: f64,
}

/// Applies the efficiency of a place. The WUE is per kWh of the machines, as The Green Grid defines it.
///
/// ```
/// use sobria_estimate::measurement::carbon::facility;
///
/// let place = facility(1.0, 2.0, 0.5);
/// assert_eq!((place.energy_kwh, place.water_l, place.codecarbon_water_l), (2.0, 0.5, 1.0));
/// ```
#[must_use]
pub fn facility(it_energy_kwh: f64, pue: f64, wue_l_per_kwh: f64) -> Facility {
    let energy_kwh = it_energy_kwh * pue;
    Facility {
        energy_kwh,
        water_l: it_energy_kwh * wue_l_per_kwh,
        codecarbon_water_l: energy_kwh * wue_l_per_kwh,
    }
}

/// A version of CodeCarbon, read from a text such as `3.3.2` or `codecarbon-3.3.2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Version([u32; 3]);

impl Version {
    /// Reads a version; missing parts are zero, what follows the numbers is left.
    ///
    /// ```
    /// use sobria_estimate::measurement::carbon::Version;
    ///
    /// assert!(Version::read("codecarbon-2.1.4") < Version::read("3.0.0rc1"));
    /// assert_eq!(Version::read("sobria/0.1.0"), None);
    /// ```
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("codecarbon-").unwrap_or(text);
        let mut numbers = [0; 3];
        for (rank, (slot, part)) in numbers.iter_mut().zip(text.split('.')).enumerate() {
            let end = part
                .find(|letter: char| !letter.is_ascii_digit())
                .unwrap_or(part.len());
            match part.get(..end).and_then(|digits| digits.parse().ok()) {
                Some(number) => *slot = number,
                None if rank == 0 => return None,
                None => break,
            }
        }
        Some(Self(numbers))
    }
}

/// The factor that a version of CodeCarbon used in a country.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CodeCarbonFactor {
    /// Grammes of CO₂ equivalent per kWh.
    pub g_per_kwh: f64,
    /// Whether that version had no value for the country, and took the world's.
    pub world: bool,
}

/// The factor that a version of CodeCarbon used in a country, by its ISO 3166-1 alpha-3 code.
///
/// ```
/// use sobria_estimate::Reference;
/// use sobria_estimate::measurement::carbon::{Version, codecarbon_factor};
///
/// let of = |version| codecarbon_factor(Reference::embedded(), "FRA", Version::read(version).unwrap()).g_per_kwh;
/// assert_eq!(["2.1.4", "2.3.5", "3.3.2"].map(of), [55.0, 84.879, 56.039]);
/// ```
#[must_use]
pub fn codecarbon_factor(reference: &Reference, country: &str, version: Version) -> CodeCarbonFactor {
    let edition = CODECARBON_EDITIONS
        .iter()
        .rposition(|first| Version(*first) <= version)
        .unwrap_or(0);
    let known = reference
        .codecarbon_intensity(country)
        .and_then(|row| row.g_per_kwh.get(edition).copied().flatten());
    CodeCarbonFactor {
        g_per_kwh: known.unwrap_or(CODECARBON_WORLD_G_PER_KWH),
        world: known.is_none(),
    }
}
