//! What was published on the electricity of data centres, and what does not agree in it.

use crate::source::Confidence;

/// Who published a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publisher {
    /// The International Energy Agency.
    Iea,
    /// The Shift Project.
    Shift,
    /// Carbon Brief.
    CarbonBrief,
}

impl Publisher {
    /// Words for pages.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Iea => "AIE",
            Self::Shift => "The Shift Project",
            Self::CarbonBrief => "Carbon Brief",
        }
    }
}

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Perimeter {
    /// Every data centre of the world, without cryptocurrencies.
    World,
    /// The same with cryptocurrencies.
    WorldWithCrypto,
    /// Servers with accelerators.
    Accelerated,
    /// Other servers.
    Conventional,
    /// Servers of AI.
    Ai,
    /// Data centres of France.
    France,
}

impl Perimeter {
    /// Words for pages.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::World => "monde, tous centres",
            Self::WorldWithCrypto => "monde, cryptomonnaies comprises",
            Self::Accelerated => "monde, serveurs accélérés",
            Self::Conventional => "monde, serveurs classiques",
            Self::Ai => "monde, IA seule",
            Self::France => "France",
        }
    }
}

/// A published figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// Identifier.
    pub id: &'static str,
    /// What is counted.
    pub what: &'static str,
    /// The value as it was published, with its unit.
    pub value: &'static str,
    /// The year or years that the value is of.
    pub year: &'static str,
    /// Who published it.
    pub publisher: Publisher,
    /// Where.
    pub source: &'static str,
    /// What it counts.
    pub perimeter: Perimeter,
    /// How surely it was read.
    pub confidence: Confidence,
}

const IEA_2025: &str = "Energy and AI, avril 2025";
const IEA_2026: &str = "Key Questions on Energy and AI, 16 avril 2026";
const SHIFT_2025: &str = "rapport du 1er octobre 2025";

/// Everything published that the pages show.
#[rustfmt::skip]
pub static FIGURES: [Figure; 19] = [
    Figure { id: "iea_2024", what: "Électricité", value: "415\u{a0}TWh, environ 1,5\u{a0}% de l’électricité", year: "2024", publisher: Publisher::Iea, source: IEA_2025, perimeter: Perimeter::World, confidence: Confidence::Secondary },
    Figure { id: "iea_hist", what: "Croissance passée", value: "environ 12\u{a0}% par an", year: "depuis 2017 selon l’AIE, «\u{a0}cinq dernières années\u{a0}» selon la presse", publisher: Publisher::Iea, source: IEA_2025, perimeter: Perimeter::World, confidence: Confidence::Secondary },
    Figure { id: "iea_2030", what: "Électricité, cas de base", value: "945\u{a0}TWh, un peu moins de 3\u{a0}%", year: "2030", publisher: Publisher::Iea, source: IEA_2025, perimeter: Perimeter::World, confidence: Confidence::Secondary },
    Figure { id: "iea_growth", what: "Croissance", value: "environ 15\u{a0}% par an", year: "2024-2030", publisher: Publisher::Iea, source: IEA_2025, perimeter: Perimeter::World, confidence: Confidence::Secondary },
    Figure { id: "iea_acc", what: "Croissance", value: "environ 30\u{a0}% par an", year: "2024-2030", publisher: Publisher::Iea, source: IEA_2025, perimeter: Perimeter::Accelerated, confidence: Confidence::Secondary },
    Figure { id: "iea_conv", what: "Croissance", value: "environ 9\u{a0}% par an", year: "2024-2030", publisher: Publisher::Iea, source: IEA_2025, perimeter: Perimeter::Conventional, confidence: Confidence::Unverified },
    Figure { id: "iea_acc_225", what: "Hausse", value: "+225\u{a0}%, soit 26,6\u{a0}% par an", year: "2025-2030", publisher: Publisher::Iea, source: "repris par Statista", perimeter: Perimeter::Accelerated, confidence: Confidence::Secondary },
    Figure { id: "iea_ai_2024", what: "Part de l’IA", value: "24\u{a0}% de l’électricité des serveurs, 15\u{a0}% du total", year: "2024", publisher: Publisher::Iea, source: IEA_2025, perimeter: Perimeter::Ai, confidence: Confidence::Secondary },
    Figure { id: "iea_2035", what: "Électricité", value: "1\u{202f}200\u{a0}TWh, entre 700 et 1\u{202f}720\u{a0}TWh", year: "2035", publisher: Publisher::Iea, source: "Energy and AI, avril 2025\u{202f}; la borne de 700 reste à vérifier", perimeter: Perimeter::World, confidence: Confidence::Secondary },
    Figure { id: "iea_2025", what: "Hausse en un an", value: "+17\u{a0}%", year: "2025", publisher: Publisher::Iea, source: IEA_2026, perimeter: Perimeter::World, confidence: Confidence::Secondary },
    Figure { id: "iea_2030b", what: "Électricité, cas de base révisé", value: "950\u{a0}TWh\u{202f}; l’IA multipliée par 3 entre 2025 et 2030", year: "2030", publisher: Publisher::Iea, source: IEA_2026, perimeter: Perimeter::World, confidence: Confidence::Secondary },
    Figure { id: "shift_2023", what: "Électricité", value: "530\u{a0}TWh", year: "2023", publisher: Publisher::Shift, source: SHIFT_2025, perimeter: Perimeter::WorldWithCrypto, confidence: Confidence::Secondary },
    Figure { id: "shift_2030", what: "Électricité", value: "1\u{202f}250 à 1\u{202f}500\u{a0}TWh (1\u{202f}490 au plus haut scénario)", year: "2030", publisher: Publisher::Shift, source: "rapport du 1er octobre 2025, repris par Le Monde et ChannelNews", perimeter: Perimeter::WorldWithCrypto, confidence: Confidence::Secondary },
    Figure { id: "shift_2035", what: "Électricité", value: "jusqu’à 3\u{202f}000\u{a0}TWh", year: "2035", publisher: Publisher::Shift, source: SHIFT_2025, perimeter: Perimeter::WorldWithCrypto, confidence: Confidence::Secondary },
    Figure { id: "shift_ai", what: "Part de l’IA", value: "15\u{a0}% aujourd’hui, 35 à 55\u{a0}% en 2030", year: "2025 et 2030", publisher: Publisher::Shift, source: SHIFT_2025, perimeter: Perimeter::WorldWithCrypto, confidence: Confidence::Secondary },
    Figure { id: "shift_ghg", what: "Gaz à effet de serre", value: "250\u{a0}Mt CO₂e, puis 600 à 920\u{a0}Mt CO₂e\u{202f}; +9\u{a0}% par an", year: "2020 et 2030", publisher: Publisher::Shift, source: SHIFT_2025, perimeter: Perimeter::WorldWithCrypto, confidence: Confidence::Secondary },
    Figure { id: "cb_ai", what: "Part de l’IA", value: "5 à 15\u{a0}%, puis 35 à 50\u{a0}%", year: "2025 et 2030", publisher: Publisher::CarbonBrief, source: "analyse de Carbon Brief", perimeter: Perimeter::Ai, confidence: Confidence::Secondary },
    Figure { id: "iea_ghg", what: "CO₂ de l’électricité", value: "180\u{a0}Mt, puis 300\u{a0}Mt", year: "2024 et 2035", publisher: Publisher::Iea, source: IEA_2025, perimeter: Perimeter::World, confidence: Confidence::Secondary },
    Figure { id: "fr", what: "Électricité", value: "environ 2\u{a0}% de l’électricité, presque quatre fois plus d’ici 2035", year: "2025 et 2035", publisher: Publisher::Shift, source: SHIFT_2025, perimeter: Perimeter::France, confidence: Confidence::Secondary },
];

/// A total that somebody published.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Total {
    /// Who published it.
    pub publisher: Publisher,
    /// What it counts.
    pub perimeter: Perimeter,
    /// The year it is of.
    pub year: i16,
    /// TWh.
    pub twh: f64,
}

/// A share of AI that somebody published.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Who published it.
    pub publisher: Publisher,
    /// What it is a share of.
    pub perimeter: Perimeter,
    /// From 0 to 1.
    pub share: f64,
}

/// A share of a total.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossed {
    /// TWh.
    pub twh: f64,
    /// « Hypothèse croisée » and why, when the two do not come from one source and one perimeter.
    pub warning: Option<&'static str>,
}

/// Applies a share to a total. What comes from two sources, or counts two things, says so.
///
/// ```
/// use sobria_govern::scenarios::figures::{Perimeter, Publisher, Share, Total, cross};
/// let total = Total { publisher: Publisher::Iea, perimeter: Perimeter::World, year: 2030, twh: 945.0 };
/// let share = Share { publisher: Publisher::Shift, perimeter: Perimeter::WorldWithCrypto, share: 0.55 };
/// assert!(cross(total, share).warning.is_some());
/// ```
#[must_use]
pub fn cross(total: Total, share: Share) -> Crossed {
    let same = total.publisher == share.publisher && total.perimeter == share.perimeter;
    Crossed {
        twh: total.twh * share.share,
        warning: (!same).then_some(
            "Hypothèse croisée\u{a0}: la part et le total viennent de deux sources ou de deux périmètres, qui ne comptent pas la même chose.",
        ),
    }
}

/// Something published that does not agree with something else published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contradiction {
    /// What is said.
    pub said: &'static str,
    /// What it would lead to, or what is right.
    pub then: &'static str,
}

/// What does not agree, in the order of pages.
#[must_use]
pub const fn contradictions() -> &'static [Contradiction] {
    &[
        Contradiction {
            said: "«\u{a0}+30\u{a0}% par an\u{a0}»",
            then: "Ce taux vaut pour les serveurs accélérés. Appliqué au total, il donnerait 2\u{202f}003\u{a0}TWh en 2030, soit 2,1 fois les 945\u{a0}TWh annoncés à côté. De 415 à 945\u{a0}TWh, la hausse est de 14,7\u{a0}% par an\u{202f}; prolonger les 12\u{a0}% passés donne 819\u{a0}TWh.",
        },
        Contradiction {
            said: "«\u{a0}3\u{a0}% de l’électricité\u{a0}»",
            then: "L’AIE écrit «\u{a0}un peu moins de 3\u{a0}%\u{a0}». 3\u{a0}% juste supposeraient 31\u{202f}500\u{a0}TWh dans le monde, soit +2,2\u{a0}% par an\u{202f}; à +3,3\u{a0}% par an, la part serait de 2,8\u{a0}%.",
        },
        Contradiction {
            said: "«\u{a0}La part de l’IA passe de 15 à 55\u{a0}%\u{a0}»",
            then: "55\u{a0}% est le haut d’une fourchette (35 à 55\u{a0}%) du Shift Project, cryptomonnaies comprises. Collée aux 945\u{a0}TWh de l’AIE, elle ferait 520\u{a0}TWh d’IA, 8,3 fois plus qu’en 2024, soit 42\u{a0}% par an\u{a0}: c’est une hypothèse croisée. Avec 35\u{a0}%, 331\u{a0}TWh et 32\u{a0}% par an, compatibles avec l’AIE.",
        },
        Contradiction {
            said: "«\u{a0}415\u{a0}TWh et 1,5\u{a0}% en 2025\u{a0}»",
            then: "Ces deux valeurs sont de 2024.",
        },
        Contradiction {
            said: "AIE et Shift Project côte à côte",
            then: "Ni l’année de départ, ni les cryptomonnaies, ni la définition de l’IA ne sont les mêmes\u{a0}: les deux ne s’additionnent pas, ne se comparent pas point à point, et leur moyenne n’a pas de sens.",
        },
    ]
}
