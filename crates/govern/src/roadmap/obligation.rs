//! For whom a roadmap is due, and since when.

use jiff::civil::{Date, date};

use crate::source::Confidence;

/// Kinds of authorities, as far as the law tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    /// A commune.
    Commune,
    /// A grouping of communes with its own taxes.
    Grouping,
    /// Any other one.
    Other,
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obligation {
    /// The law asks for it.
    Due,
    /// It may be done.
    Voluntary,
    /// The population is not known.
    Unknown,
}

impl Obligation {
    /// Words for pages.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Due => "Obligatoire",
            Self::Voluntary => "Volontaire",
            Self::Unknown => "Population à renseigner",
        }
    }
}

/// Above this population, a roadmap is due.
pub const POPULATION: u64 = 50_000;

/// Whether a roadmap is due.
///
/// ```
/// use sobria_govern::roadmap::obligation::{Authority, Obligation, of};
/// assert_eq!(of(Authority::Commune, Some(50_000)), Obligation::Voluntary);
/// assert_eq!(of(Authority::Commune, Some(50_001)), Obligation::Due);
/// ```
#[must_use]
pub const fn of(authority: Authority, population: Option<u64>) -> Obligation {
    match (authority, population) {
        (Authority::Other, _) => Obligation::Voluntary,
        (_, None) => Obligation::Unknown,
        (_, Some(population)) if population > POPULATION => Obligation::Due,
        _ => Obligation::Voluntary,
    }
}

/// Something due, with its day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deadline {
    /// What.
    pub what: &'static str,
    /// Last day; every year when there is none.
    pub by: Option<Date>,
    /// Where it was read.
    pub source: &'static str,
    /// How surely.
    pub confidence: Confidence,
}

/// What the law asks of communes and groupings above [`POPULATION`], in order.
#[rustfmt::skip]
pub static DEADLINES: [Deadline; 3] = [
    Deadline { what: "Programme de travail\u{a0}: bilan de l’impact du numérique et de ses usages, actions déjà engagées", by: Some(date(2023, 1, 1)), source: "Loi n° 2021-1485 du 15 novembre 2021, art. 35\u{202f}; décret n° 2022-1084 du 29 juillet 2022", confidence: Confidence::Official },
    Deadline { what: "Stratégie\u{a0}: objectifs, indicateurs de suivi, mesures et moyens", by: Some(date(2025, 1, 1)), source: "Loi n° 2021-1485, art. 35\u{202f}; décret n° 2022-1084", confidence: Confidence::Official },
    Deadline { what: "Bilan annuel, dans le rapport sur le développement durable présenté avant le débat sur le budget", by: None, source: "Code général des collectivités territoriales, art. L.2311-1-1 pour les communes\u{202f}; article des groupements à vérifier", confidence: Confidence::Official },
];
