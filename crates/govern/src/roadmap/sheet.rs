//! Fifteen local actions, on the three axes of the national roadmap of 23 February 2021. The actions are ours: the
//! national ones speak to the State.

use serde::{Deserialize, Serialize};

use crate::roadmap::target::Direction;

/// An axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// To know.
    #[default]
    Know,
    /// To reduce.
    Reduce,
    /// To innovate.
    Innovate,
}

impl Axis {
    /// Every axis, in order.
    pub const ALL: [Self; 3] = [Self::Know, Self::Reduce, Self::Innovate];

    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Know => "know",
            Self::Reduce => "reduce",
            Self::Innovate => "innovate",
        }
    }

    /// Words for pages.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Know => "Connaître",
            Self::Reduce => "Réduire",
            Self::Innovate => "Innover",
        }
    }
}

/// What tells how far an action is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Indicator {
    /// Words for pages.
    pub label: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// Which way is better.
    pub direction: Direction,
}

/// An action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sheet {
    /// Identifier, which never changes.
    pub id: &'static str,
    /// Axis.
    pub axis: Axis,
    /// Words for pages.
    pub label: &'static str,
    /// Indicators proposed.
    pub indicators: &'static [Indicator],
    /// Whether the library can compute it from its records.
    pub computed: bool,
    /// Practices that it feeds; blank when there is none.
    pub link: &'static str,
}

impl Sheet {
    /// The action of an identifier.
    #[must_use]
    pub fn of(id: &str) -> Option<&'static Self> {
        SHEETS.iter().find(|sheet| sheet.id == id)
    }
}

/// The actions, in order.
#[rustfmt::skip]
pub static SHEETS: [Sheet; 15] = [
    Sheet { id: "k1", axis: Axis::Know, label: "Mesurer l’empreinte du numérique de la collectivité", indicators: &[Indicator { label: "empreinte annuelle", unit: "tCO2e", direction: Direction::Down }], computed: false, link: "" },
    Sheet { id: "k2", axis: Axis::Know, label: "Tenir l’inventaire des équipements et de leur âge", indicators: &[Indicator { label: "part du parc inventoriée", unit: "%", direction: Direction::Up }, Indicator { label: "âge moyen", unit: "ans", direction: Direction::Up }], computed: false, link: "" },
    Sheet { id: "k3", axis: Axis::Know, label: "Tenir le registre des services d’IA", indicators: &[Indicator { label: "part des services d’IA dotés d’une fiche complète", unit: "%", direction: Direction::Up }], computed: true, link: "bp12" },
    Sheet { id: "k4", axis: Axis::Know, label: "Évaluer chaque projet d’IA", indicators: &[Indicator { label: "part des projets avec évaluation < 24 mois", unit: "%", direction: Direction::Up }], computed: true, link: "bp09, bp10" },
    Sheet { id: "k5", axis: Axis::Know, label: "Connaître hébergements et consommations", indicators: &[Indicator { label: "part des services avec PUE connu", unit: "%", direction: Direction::Up }], computed: true, link: "bp01" },
    Sheet { id: "r1", axis: Axis::Reduce, label: "Allonger la durée de vie du matériel", indicators: &[Indicator { label: "durée d’usage médiane", unit: "ans", direction: Direction::Up }], computed: false, link: "" },
    Sheet { id: "r2", axis: Axis::Reduce, label: "Acheter reconditionné et réparable", indicators: &[Indicator { label: "part d’achats issus du réemploi", unit: "%", direction: Direction::Up }], computed: false, link: "" },
    Sheet { id: "r3", axis: Axis::Reduce, label: "Écoconcevoir sites et services (RGESN)", indicators: &[Indicator { label: "score d’avancement RGESN", unit: "%", direction: Direction::Up }], computed: false, link: "" },
    Sheet { id: "r4", axis: Axis::Reduce, label: "Acheter l’IA de façon responsable", indicators: &[Indicator { label: "part de marchés IA avec clauses d’impact", unit: "%", direction: Direction::Up }], computed: true, link: "procurement" },
    Sheet { id: "r5", axis: Axis::Reduce, label: "Plafonner et optimiser les usages d’IA", indicators: &[Indicator { label: "énergie annuelle des services d’IA", unit: "kWh", direction: Direction::Down }, Indicator { label: "requêtes/agent", unit: "nb", direction: Direction::Down }], computed: true, link: "bp02–bp04" },
    Sheet { id: "i1", axis: Axis::Innovate, label: "Mutualiser et réemployer des briques", indicators: &[Indicator { label: "briques réutilisées", unit: "nb", direction: Direction::Up }], computed: true, link: "bp05" },
    Sheet { id: "i2", axis: Axis::Innovate, label: "Ouvrir données, codes et retours d’expérience", indicators: &[Indicator { label: "ressources publiées", unit: "nb", direction: Direction::Up }], computed: true, link: "bp12" },
    Sheet { id: "i3", axis: Axis::Innovate, label: "Mettre l’IA au service de la transition, effets prouvés", indicators: &[Indicator { label: "projets à effet environnemental mesuré", unit: "nb", direction: Direction::Up }], computed: false, link: "" },
    Sheet { id: "i4", axis: Axis::Innovate, label: "Former élus et agents", indicators: &[Indicator { label: "part formée depuis < 24 mois", unit: "%", direction: Direction::Up }], computed: true, link: "bp14" },
    Sheet { id: "i5", axis: Axis::Innovate, label: "Associer habitants et acteurs locaux", indicators: &[Indicator { label: "rencontres tenues", unit: "nb", direction: Direction::Up }, Indicator { label: "personnes aidées", unit: "nb", direction: Direction::Up }], computed: false, link: "" },
];
