//! Electricity: its factors by zone, and its greenhouse gases by place and by edition.

use crate::reference::table::{Index, TableError, read};

/// Factors of one kilowatt-hour of electricity in a zone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mix<'a> {
    /// ISO 3166-1 alpha-3 code, or `WOR` (world), `EEE` (Europe).
    pub zone: &'a str,
    /// Name of the zone, in English.
    pub name: &'a str,
    /// Greenhouse gases, kg CO₂e per kWh.
    pub gwp: f64,
    /// Abiotic depletion of elements, kg Sb eq per kWh.
    pub adpe: f64,
    /// Primary energy, MJ per kWh.
    pub pe: f64,
    /// Water consumed, L per kWh.
    pub water: f64,
    /// Source of [`Mix::gwp`].
    pub gwp_source: &'a str,
    /// Source of [`Mix::adpe`]; `world-default` when the zone has no value of its own.
    pub adpe_source: &'a str,
    /// Source of [`Mix::pe`].
    pub pe_source: &'a str,
    /// Source of [`Mix::water`].
    pub water_source: &'a str,
}

/// Mark of a factor that is the world's.
const WORLD_DEFAULT: &str = "world-default";

impl Mix<'_> {
    /// Whether the factors for metals, primary energy and water are the world's, in that order.
    ///
    /// ```
    /// use sobria_estimate::Reference;
    ///
    /// let reunion = Reference::embedded().mix("REU").unwrap();
    /// assert_eq!(reunion.world_defaults(), [true, true, true]);
    /// ```
    #[must_use]
    pub fn world_defaults(&self) -> [bool; 3] {
        [self.adpe_source, self.pe_source, self.water_source].map(|source| source == WORLD_DEFAULT)
    }
}

const MIX_COLUMNS: [&str; 10] = [
    "zone",
    "name",
    "gwp_kgco2e_kwh",
    "adpe_kgsbeq_kwh",
    "pe_mj_kwh",
    "water_l_kwh",
    "gwp_source",
    "adpe_source",
    "pe_source",
    "water_source",
];

#[derive(Debug)]
pub(in crate::reference) struct Mixes<'a> {
    pub(in crate::reference) rows: Vec<Mix<'a>>,
    index: Index,
}

impl<'a> Mixes<'a> {
    pub(in crate::reference) fn read(text: &'a str, errors: &mut Vec<TableError>) -> Self {
        let rows = read("electricity_mixes", &MIX_COLUMNS, text, errors, |row| Mix {
            zone: row.name::<0>(),
            name: row.name::<1>(),
            gwp: row.number::<2>(0.0),
            adpe: row.number::<3>(0.0),
            pe: row.number::<4>(0.0),
            water: row.number::<5>(0.0),
            gwp_source: row.name::<6>(),
            adpe_source: row.name::<7>(),
            pe_source: row.name::<8>(),
            water_source: row.name::<9>(),
        });
        let index = Index::new(
            "electricity_mixes",
            "zone",
            &rows,
            |row| row.zone,
            |row| row.zone.to_owned(),
            errors,
        );
        Self { rows, index }
    }

    pub(in crate::reference) fn find(&self, zone: &str) -> Option<&Mix<'a>> {
        self.index.find(&self.rows, |row| row.zone.cmp(zone))
    }
}

/// Greenhouse gases of one kilowatt-hour in a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CarbonIntensity<'a> {
    /// Code of the source: alpha-2, a country and its part, or `WORLD`.
    pub zone: &'a str,
    /// Country, in English.
    pub country: &'a str,
    /// Part of the country, in English; may be empty.
    pub region: &'a str,
    /// Grammes of CO₂ equivalent per kWh.
    pub gco2e_kwh: f64,
    /// Year of the data, as written; may be empty.
    pub year: &'a str,
    /// What the factor covers; may be empty.
    pub scope_note: &'a str,
    /// Edition of the data.
    pub set: &'a str,
    /// Where the value was read.
    pub source: &'a str,
}

const CARBON_COLUMNS: [&str; 8] = [
    "zone",
    "country",
    "region",
    "gco2e_kwh",
    "year",
    "scope_note",
    "set",
    "source",
];

#[derive(Debug)]
pub(in crate::reference) struct CarbonIntensities<'a> {
    pub(in crate::reference) rows: Vec<CarbonIntensity<'a>>,
    index: Index,
}

impl<'a> CarbonIntensities<'a> {
    pub(in crate::reference) fn read(text: &'a str, errors: &mut Vec<TableError>) -> Self {
        let rows = read("carbon_intensity", &CARBON_COLUMNS, text, errors, |row| {
            CarbonIntensity {
                zone: row.name::<0>(),
                country: row.name::<1>(),
                region: row.text::<2>(),
                gco2e_kwh: row.number::<3>(0.0),
                year: row.text::<4>(),
                scope_note: row.text::<5>(),
                set: row.text::<6>(),
                source: row.text::<7>(),
            }
        });
        let index = Index::new(
            "carbon_intensity",
            "zone",
            &rows,
            |row| row.zone,
            |row| row.zone.to_owned(),
            errors,
        );
        Self { rows, index }
    }

    pub(in crate::reference) fn find(&self, zone: &str) -> Option<&CarbonIntensity<'a>> {
        self.index.find(&self.rows, |row| row.zone.cmp(zone))
    }
}

/// First version of CodeCarbon of each edition of its factors.
pub const CODECARBON_EDITIONS: [[u32; 3]; 6] =
    [[2, 0, 0], [2, 2, 2], [2, 2, 7], [2, 3, 5], [2, 6, 0], [2, 8, 0]];

/// The factors of one country in the editions of CodeCarbon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CodeCarbonIntensity<'a> {
    /// ISO 3166-1 alpha-3 code.
    pub zone: &'a str,
    /// Grammes of CO₂ equivalent per kWh in each of [`CODECARBON_EDITIONS`]; none when the edition lacks the country.
    pub g_per_kwh: [Option<f64>; 6],
}

const CODECARBON_COLUMNS: [&str; 7] = [
    "zone",
    "g_per_kwh_2.0.0",
    "g_per_kwh_2.2.2",
    "g_per_kwh_2.2.7",
    "g_per_kwh_2.3.5",
    "g_per_kwh_2.6.0",
    "g_per_kwh_2.8.0",
];

#[derive(Debug)]
pub(in crate::reference) struct CodeCarbonIntensities<'a> {
    rows: Vec<CodeCarbonIntensity<'a>>,
    index: Index,
}

impl<'a> CodeCarbonIntensities<'a> {
    pub(in crate::reference) fn read(text: &'a str, errors: &mut Vec<TableError>) -> Self {
        let rows = read("codecarbon_intensity", &CODECARBON_COLUMNS, text, errors, |row| {
            CodeCarbonIntensity {
                zone: row.name::<0>(),
                g_per_kwh: [
                    row.optional::<1>(0.0),
                    row.optional::<2>(0.0),
                    row.optional::<3>(0.0),
                    row.optional::<4>(0.0),
                    row.optional::<5>(0.0),
                    row.optional::<6>(0.0),
                ],
            }
        });
        let index = Index::new(
            "codecarbon_intensity",
            "zone",
            &rows,
            |row| row.zone,
            |row| row.zone.to_owned(),
            errors,
        );
        Self { rows, index }
    }

    pub(in crate::reference) fn find(&self, zone: &str) -> Option<&CodeCarbonIntensity<'a>> {
        self.index.find(&self.rows, |row| row.zone.cmp(zone))
    }
}
