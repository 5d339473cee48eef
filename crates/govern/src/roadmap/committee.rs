//! The committee: six figures with their ceilings, what moved since the last meeting, and what was decided.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::facts::Tally;
use super::strategy::{Progress, Strategy};
use super::target::Status;

/// A figure of the committee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tile {
    /// Electricity.
    Energy,
    /// Greenhouse gases.
    Carbon,
    /// Water.
    Water,
    /// Requests.
    Requests,
    /// Money.
    Spending,
    /// Share of services evaluated lately.
    Coverage,
}

impl Tile {
    /// Every figure, in order.
    pub const ALL: [Self; 6] = [
        Self::Energy,
        Self::Carbon,
        Self::Water,
        Self::Requests,
        Self::Spending,
        Self::Coverage,
    ];

    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Energy => "energy",
            Self::Carbon => "carbon",
            Self::Water => "water",
            Self::Requests => "requests",
            Self::Spending => "spending",
            Self::Coverage => "coverage",
        }
    }

    /// Words for pages.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Energy => "Électricité",
            Self::Carbon => "Gaz à effet de serre",
            Self::Water => "Eau",
            Self::Requests => "Requêtes",
            Self::Spending => "Dépenses prévues",
            Self::Coverage => "Services évalués",
        }
    }

    /// The same with the time that it is counted over, for whoever reads the figure alone.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Energy => "Électricité par an",
            Self::Carbon => "Gaz à effet de serre par an",
            Self::Water => "Eau par an",
            Self::Requests => "Requêtes par an",
            Self::Spending => "Dépenses prévues cette année",
            Self::Coverage => self.label(),
        }
    }

    /// Unit, of a year but for the last.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Energy => "kWh",
            Self::Carbon => "kg CO₂e",
            Self::Water => "L",
            Self::Requests => "requêtes",
            Self::Spending => "€",
            Self::Coverage => "%",
        }
    }

    /// Whether more is better.
    #[must_use]
    pub const fn rises(self) -> bool {
        matches!(self, Self::Coverage)
    }
}

/// A figure on a day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The figure.
    pub value: f64,
    /// Bounds, when it is estimated.
    #[serde(default)]
    pub bounds: Option<(f64, f64)>,
}

/// A measure on a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeasureSeen {
    /// What is done.
    pub label: String,
    /// Where it stands.
    pub stage: Progress,
    /// How much of it is done, in hundredths.
    #[serde(default)]
    pub progress_pct: Option<f64>,
}

/// An objective on a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GoalSeen {
    /// What is aimed at.
    pub label: String,
    /// How far it is.
    pub status: Status,
    /// Its last value.
    #[serde(default)]
    pub value: Option<f64>,
    /// Unit of the value.
    pub unit: String,
}

/// What a committee saw on a day. Once kept, it does not change.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Seen {
    /// Figures that are known.
    pub tiles: BTreeMap<Tile, Figure>,
    /// Ceilings.
    pub caps: BTreeMap<Tile, f64>,
    /// Services in the sums, and services that should be.
    pub counted: (usize, usize),
    /// Objectives.
    pub goals: BTreeMap<String, GoalSeen>,
    /// Measures.
    pub measures: BTreeMap<String, MeasureSeen>,
    /// Services above the ceiling that was set for them: title, requests of a year, ceiling.
    pub above: Vec<(String, f64, f64)>,
}

/// The six figures of a day. Money is what measures plan for the year: each budget spread over its years.
#[must_use]
pub fn tiles(tally: &Tally, strategy: &Strategy, today: Date) -> BTreeMap<Tile, Figure> {
    let range = |range: Option<super::facts::Range>| {
        range.map(|range| Figure {
            value: range.central,
            bounds: Some((range.low, range.high)),
        })
    };
    let exact = |value: Option<f64>| value.map(|value| Figure { value, bounds: None });
    let spent: Vec<f64> = strategy
        .measures
        .iter()
        .filter(|measure| measure.stage != Progress::Dropped)
        .filter_map(|measure| {
            let start = measure.start.unwrap_or(today.year());
            let end = measure.end.unwrap_or(start).max(start);
            let years = f64::from(end) - f64::from(start) + 1.0;
            (start..=end)
                .contains(&today.year())
                .then_some(measure.budget_eur? / years)
        })
        .collect();
    // Counts of requests stay far below the whole numbers that a float holds exactly.
    let requests = tally
        .requests
        .map(|count| u32::try_from(count).map_or(f64::from(u32::MAX), f64::from));
    Tile::ALL
        .into_iter()
        .filter_map(|tile| {
            let figure = match tile {
                Tile::Energy => range(tally.energy_kwh),
                Tile::Carbon => range(tally.gwp_kg),
                Tile::Water => range(tally.water_l),
                Tile::Requests => exact(requests),
                Tile::Spending => exact((!spent.is_empty()).then(|| spent.iter().sum())),
                Tile::Coverage => exact(tally.coverage),
            };
            Some((tile, figure?))
        })
        .collect()
}

/// How a figure stands against its ceiling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// No ceiling was set.
    Free,
    /// Under it; for coverage, at or above the floor.
    Within,
    /// Above it, even at the low bound.
    Above,
    /// The ceiling lies between the bounds.
    Perhaps,
}

impl Standing {
    /// How a figure stands.
    #[must_use]
    pub fn of(tile: Tile, figure: &Figure, cap: Option<f64>) -> Self {
        let Some(cap) = cap else {
            return Self::Free;
        };
        if tile.rises() {
            return if figure.value >= cap {
                Self::Within
            } else {
                Self::Above
            };
        }
        let (low, high) = figure.bounds.unwrap_or((figure.value, figure.value));
        if high <= cap {
            Self::Within
        } else if low > cap {
            Self::Above
        } else {
            Self::Perhaps
        }
    }

    /// Words for pages.
    #[must_use]
    pub const fn label(self, tile: Tile) -> &'static str {
        match (self, tile.rises()) {
            (Self::Free, _) => "Sans plafond fixé",
            (Self::Within, false) => "Sous le plafond",
            (Self::Within, true) => "Objectif tenu",
            (Self::Above, false) => "Au-dessus du plafond",
            (Self::Above, true) => "Sous l’objectif",
            (Self::Perhaps, _) => "Peut-être au-dessus du plafond",
        }
    }
}

/// Something that is not the same as at the last meeting.
#[derive(Debug, Clone, PartialEq)]
pub enum Move {
    /// A figure: before and now; none when it was, or is, not known.
    Figure(Tile, Option<f64>, Option<f64>),
    /// An objective: its words, before and now.
    Goal(String, Option<Status>, Option<Status>),
    /// A measure: its words, before and now.
    Measure(String, Option<MeasureSeen>, Option<MeasureSeen>),
}

const SAME: f64 = 1e-9;

/// What moved between two meetings.
#[must_use]
pub fn moves(before: &Seen, now: &Seen) -> Vec<Move> {
    let mut found = Vec::new();
    for tile in Tile::ALL {
        let (then, today) = (
            before.tiles.get(&tile).map(|one| one.value),
            now.tiles.get(&tile).map(|one| one.value),
        );
        let same = match (then, today) {
            (Some(then), Some(today)) => (then - today).abs() <= SAME * then.abs().max(1.0),
            (None, None) => true,
            _ => false,
        };
        if !same {
            found.push(Move::Figure(tile, then, today));
        }
    }
    let goals: std::collections::BTreeSet<&String> = before.goals.keys().chain(now.goals.keys()).collect();
    for id in goals {
        let (then, today) = (before.goals.get(id), now.goals.get(id));
        let (was, is) = (then.map(|one| one.status), today.map(|one| one.status));
        if was != is
            && let Some(one) = today.or(then)
        {
            found.push(Move::Goal(one.label.clone(), was, is));
        }
    }
    let measures: std::collections::BTreeSet<&String> =
        before.measures.keys().chain(now.measures.keys()).collect();
    for id in measures {
        let (then, today) = (before.measures.get(id), now.measures.get(id));
        let told = |one: Option<&MeasureSeen>| one.map(|one| (one.stage, one.progress_pct));
        if told(then) != told(today)
            && let Some(one) = today.or(then)
        {
            found.push(Move::Measure(one.label.clone(), then.cloned(), today.cloned()));
        }
    }
    found
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionKind {
    /// To reduce.
    #[default]
    Reduce,
    /// To stop.
    Stop,
    /// To go on.
    Continue,
    /// To invest.
    Invest,
    /// To look into.
    Study,
}

impl DecisionKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Reduce,
        Self::Stop,
        Self::Continue,
        Self::Invest,
        Self::Study,
    ];

    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reduce => "reduce",
            Self::Stop => "stop",
            Self::Continue => "continue",
            Self::Invest => "invest",
            Self::Study => "study",
        }
    }

    /// Words for pages.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Reduce => "Réduire",
            Self::Stop => "Arrêter",
            Self::Continue => "Continuer",
            Self::Invest => "Investir",
            Self::Study => "Étudier",
        }
    }

    /// The kind of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A decision of a committee.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// What was decided.
    pub words: String,
    /// Of what kind.
    pub kind: DecisionKind,
    /// Who does it.
    pub owner: String,
    /// Until when.
    pub due_on: Option<Date>,
    /// Whether it is done, or was dropped.
    pub closed: bool,
    /// What it brought, in words with a unit; blank when it was not measured.
    pub effect: String,
}

/// Months between two meetings when nobody said.
pub const CADENCE: u8 = 6;

/// When the committee should meet next.
#[must_use]
pub fn next_due(held_on: Date, cadence_months: Option<u8>) -> Date {
    let months = i32::from(cadence_months.unwrap_or(CADENCE).max(1));
    held_on.checked_add(months.months()).unwrap_or(Date::MAX)
}

/// Whether a meeting is overdue.
#[must_use]
pub fn is_overdue(next_due: Date, today: Date) -> bool {
    today > next_due
}
