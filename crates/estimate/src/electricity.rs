//! Carbon intensities held for a place, with their sources: several tables give one, and they differ.

use std::borrow::Cow;

use serde::Serialize;

use crate::llm::source_name;
use crate::reference::{CarbonIntensity, Reference};

/// Factors of France held beside the tables, in grammes per kWh.
const FRANCE: [(f64, &str); 2] = [
    (33.44, "Electricity Maps 2024, cycle de vie"),
    (56.039, "CodeCarbon 3"),
];

/// Zones of the table of carbon intensities with the zone of the table of electricity that means the same place.
const SAME_PLACE: [(&str, &str); 62] = [
    ("AE", "ARE"),
    ("AR", "ARG"),
    ("AT", "AUT"),
    ("AU", "AUS"),
    ("BE", "BEL"),
    ("BG", "BGR"),
    ("BR", "BRA"),
    ("CA", "CAN"),
    ("CH", "CHE"),
    ("CN", "CHN"),
    ("CY", "CYP"),
    ("CZ", "CZE"),
    ("DE", "DEU"),
    ("DK", "DNK"),
    ("EE", "EST"),
    ("ES", "ESP"),
    ("FI", "FIN"),
    ("FR", "FRA"),
    ("GB", "GBR"),
    ("GF", "GUF"),
    ("GP", "GLP"),
    ("GR", "GRC"),
    ("HR", "HRV"),
    ("HU", "HUN"),
    ("ID", "IDN"),
    ("IE", "IRL"),
    ("IL", "ISR"),
    ("IN", "IND"),
    ("IS", "ISL"),
    ("IT", "ITA"),
    ("JP", "JPN"),
    ("KR", "KOR"),
    ("LT", "LTU"),
    ("LU", "LUX"),
    ("LV", "LVA"),
    ("MQ", "MTQ"),
    ("MT", "MLT"),
    ("MX", "MEX"),
    ("NC", "NCL"),
    ("NL", "NLD"),
    ("NO", "NOR"),
    ("NZ", "NZL"),
    ("PF", "PYF"),
    ("PL", "POL"),
    ("PM", "SPM"),
    ("PT", "PRT"),
    ("RE", "REU"),
    ("RO", "ROU"),
    ("RS", "SRB"),
    ("RU", "RUS"),
    ("SA", "SAU"),
    ("SE", "SWE"),
    ("SG", "SGP"),
    ("SI", "SVN"),
    ("SK", "SVK"),
    ("TH", "THA"),
    ("TR", "TUR"),
    ("TW", "TWN"),
    ("US", "USA"),
    ("UY", "URY"),
    ("WORLD", "WOR"),
    ("ZA", "ZAF"),
];

/// The carbon intensity that one source gives for a place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeldFactor {
    /// Greenhouse gases of one kilowatt-hour, in grammes of CO₂ equivalent.
    pub g_per_kwh: f64,
    /// Where it was read, in words meant for a page.
    pub source: Cow<'static, str>,
}

/// What is known of the carbon intensity of a place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ZoneFactors {
    /// The zone, as the table writes it.
    pub zone: &'static str,
    /// The factor used, in grammes per kWh.
    pub central: f64,
    /// Low end of the bracket.
    pub low: f64,
    /// High end of the bracket.
    pub high: f64,
    /// Every factor held; the one used comes first.
    pub held: Vec<HeldFactor>,
}

impl ZoneFactors {
    /// The factors of a zone, by its exact code; `None` when no table has it.
    ///
    /// ```
    /// use sobria_estimate::{Reference, electricity::ZoneFactors};
    ///
    /// let france = ZoneFactors::of(Reference::embedded(), "FRA").unwrap();
    /// assert_eq!((france.low, france.central), (33.44, 41.44));
    /// assert_eq!(france.held.len(), 4);
    /// assert!(ZoneFactors::of(Reference::embedded(), "nowhere").is_none());
    /// ```
    #[must_use]
    pub fn of(reference: &Reference, zone: &str) -> Option<Self> {
        let (name, central, source) = if let Some(row) = reference.carbon_intensity(zone) {
            (row.zone, row.gco2e_kwh, dated_source(row))
        } else {
            let row = reference.mix(zone)?;
            (row.zone, row.gwp * 1000.0, source_name(row.gwp_source).into())
        };
        let mut held = vec![HeldFactor {
            g_per_kwh: central,
            source,
        }];
        for_each_other(reference, zone, |g_per_kwh, source| {
            held.push(HeldFactor {
                g_per_kwh,
                source: source.words(),
            });
        });
        let [low, high] = bounds(reference, zone, central);
        Some(Self {
            zone: name,
            central,
            low,
            high,
            held,
        })
    }

    /// The lowest and the highest of the factors held.
    ///
    /// ```
    /// use sobria_estimate::{Reference, electricity::ZoneFactors};
    ///
    /// let france = ZoneFactors::of(Reference::embedded(), "FRA").unwrap();
    /// assert_eq!(france.extremes(), [33.44, 56.039]);
    /// ```
    #[must_use]
    pub fn extremes(&self) -> [f64; 2] {
        self.held
            .iter()
            .fold([self.central, self.central], |[low, high], factor| {
                [low.min(factor.g_per_kwh), high.max(factor.g_per_kwh)]
            })
    }
}

/// Where a factor stands, before any text is made of it.
enum Origin<'r> {
    Intensity(&'r CarbonIntensity<'static>),
    Named(&'static str),
}

impl Origin<'_> {
    fn words(&self) -> Cow<'static, str> {
        match self {
            Self::Intensity(row) => dated_source(row),
            Self::Named(source) => (*source).into(),
        }
    }
}

/// The source of a carbon intensity, with its year when there is one.
pub(crate) fn dated_source(row: &CarbonIntensity<'static>) -> Cow<'static, str> {
    if row.year.is_empty() {
        row.source.into()
    } else {
        format!("{}, {}", row.year, row.source).into()
    }
}

/// From the lowest to the highest of the factors held for a place; a tenth around the only one.
pub(crate) fn bounds(reference: &Reference, zone: &str, central: f64) -> [f64; 2] {
    let (mut low, mut high, mut alone) = (central, central, true);
    for_each_other(reference, zone, |factor, _| {
        low = low.min(factor);
        high = high.max(factor);
        alone = false;
    });
    if alone {
        [central * 0.9, central * 1.1]
    } else {
        [low, high]
    }
}

/// Calls `each` with the factors of the same place that stand elsewhere than under this zone.
fn for_each_other(reference: &Reference, zone: &str, mut each: impl FnMut(f64, Origin<'_>)) {
    let Some((short, long)) = SAME_PLACE
        .iter()
        .find(|(short, long)| *short == zone || *long == zone)
    else {
        return;
    };
    if *long == zone {
        if let Some(row) = reference.carbon_intensity(short) {
            each(row.gco2e_kwh, Origin::Intensity(row));
        }
    } else if let Some(row) = reference.mix(long) {
        each(row.gwp * 1000.0, Origin::Named(source_name(row.gwp_source)));
    }
    if *short == "FR" {
        for (factor, source) in FRANCE {
            each(factor, Origin::Named(source));
        }
    }
}
