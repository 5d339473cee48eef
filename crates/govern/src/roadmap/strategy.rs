//! A strategy as an organisation writes it: objectives, measures, means. Each version is kept.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::committee::Tile;
use super::sheet::Axis;
use super::target::{Direction, Objective, Target};

/// Version of the shape of what is kept.
pub const VERSION: &str = "1.0";
/// Most objectives of a strategy, and most measures.
pub const MOST: usize = 40;

/// Themes of the decree of 29 July 2022.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Local and sustainable public purchase.
    #[default]
    Procurement,
    /// Equipment.
    Hardware,
    /// Eco-design of sites and services.
    Ecodesign,
    /// Elected members and agents.
    Awareness,
    /// Everybody else.
    Citizens,
    /// Connected territory, open data.
    Territory,
}

impl Theme {
    /// Every theme, in the order of the decree.
    pub const ALL: [Self; 6] = [
        Self::Procurement,
        Self::Hardware,
        Self::Ecodesign,
        Self::Awareness,
        Self::Citizens,
        Self::Territory,
    ];

    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Procurement => "procurement",
            Self::Hardware => "hardware",
            Self::Ecodesign => "ecodesign",
            Self::Awareness => "awareness",
            Self::Citizens => "citizens",
            Self::Territory => "territory",
        }
    }

    /// Words for pages.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Procurement => "Commande publique locale et durable",
            Self::Hardware => "Gestion durable et de proximité du matériel",
            Self::Ecodesign => "Écoconception des sites et services",
            Self::Awareness => "Sensibilisation des élus et des agents",
            Self::Citizens => "Enjeux environnementaux et inclusion numérique pour tous",
            Self::Territory => "Territoire connecté et durable, données ouvertes",
        }
    }
}

/// Where a strategy stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Being written.
    #[default]
    Draft,
    /// Adopted.
    Adopted,
    /// Adopted, and being looked at again.
    UnderReview,
    /// Over.
    Closed,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 4] = [Self::Draft, Self::Adopted, Self::UnderReview, Self::Closed];

    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Adopted => "adopted",
            Self::UnderReview => "under_review",
            Self::Closed => "closed",
        }
    }

    /// Words for pages.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Draft => "En préparation",
            Self::Adopted => "Adoptée",
            Self::UnderReview => "En révision",
            Self::Closed => "Close",
        }
    }
}

/// The work programme that comes before the strategy.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Programme {
    /// When it was made public.
    #[serde(default)]
    pub published_on: Option<Date>,
    /// Impact of digital services on the territory.
    #[serde(default)]
    pub impact_review: String,
    /// Uses of digital services on the territory.
    #[serde(default)]
    pub usage_review: String,
    /// What was done already.
    #[serde(default)]
    pub actions_taken: String,
    /// Who was heard.
    #[serde(default)]
    pub stakeholders: String,
}

/// What the strategy starts from, for one objective.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// Year.
    pub year: i16,
    /// Value of that year; none when it is not known.
    pub value: Option<f64>,
    /// What is counted.
    #[serde(default)]
    pub perimeter: String,
    /// How it is counted.
    #[serde(default)]
    pub method: String,
}

/// An objective.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// `o1`, `o2`…: never given twice.
    pub id: String,
    /// Theme of the decree.
    pub theme: Theme,
    /// Axis of the local actions.
    pub axis: Axis,
    /// What is aimed at.
    pub label: String,
    /// What tells how far it is.
    pub indicator: String,
    /// Unit of the indicator.
    pub unit: String,
    /// Local action whose indicator the library computes; blank when values are given by hand.
    #[serde(default)]
    pub computed: String,
    /// Which way is better.
    pub direction: Direction,
    /// Baselines, the present one last: the others stay, with their values.
    pub baselines: Vec<Baseline>,
    /// Year of the target.
    pub target_year: i16,
    /// The target.
    pub target: Target,
    /// Values to reach on the way; a straight way when there is none.
    #[serde(default)]
    pub milestones: BTreeMap<i16, f64>,
    /// Who answers for it.
    #[serde(default)]
    pub owner: String,
}

impl Goal {
    /// The present baseline.
    #[must_use]
    pub fn baseline(&self) -> Option<&Baseline> {
        self.baselines.last()
    }

    /// Number of the present baseline, from 0.
    #[must_use]
    pub fn baseline_number(&self) -> u32 {
        u32::try_from(self.baselines.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// The arithmetic of the objective under a baseline.
    #[must_use]
    pub fn objective_from(&self, baseline: &Baseline) -> Objective {
        Objective {
            baseline_year: baseline.year,
            baseline: baseline.value,
            target_year: self.target_year,
            target: self.target,
            direction: self.direction,
        }
    }

    /// The same under the present baseline.
    #[must_use]
    pub fn objective(&self) -> Option<Objective> {
        Some(self.objective_from(self.baseline()?))
    }

    /// The value expected of a year: straight from one milestone to the next, the target afterwards.
    #[must_use]
    pub fn expected(&self, year: i16) -> Option<f64> {
        let objective = self.objective()?;
        if self.milestones.is_empty() || matches!(self.target, Target::Threshold(_)) {
            return objective.trajectory(year);
        }
        let mut points = self.milestones.clone();
        points.insert(objective.baseline_year, objective.baseline?);
        points.insert(objective.target_year, objective.value()?);
        let before = points.range(..=year).next_back();
        let after = points.range(year..).next();
        match (before, after) {
            (Some((from, a)), Some((to, b))) if from != to => {
                let part = (f64::from(year) - f64::from(*from)) / (f64::from(*to) - f64::from(*from));
                Some(a + (b - a) * part)
            }
            (Some((_, value)), _) | (None, Some((_, value))) => Some(*value),
            (None, None) => None,
        }
    }

    /// Takes over the baselines of the former version, and adds the new one when it differs.
    pub fn keep_baselines(&mut self, former: &Self) {
        let mut all = former.baselines.clone();
        if let Some(new) = self.baselines.pop()
            && all.last() != Some(&new)
        {
            all.push(new);
        }
        self.baselines = all;
    }
}

/// Where a measure stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Not begun.
    #[default]
    Planned,
    /// Under way.
    InProgress,
    /// Done.
    Done,
    /// Given up.
    Dropped,
}

impl Progress {
    /// Every stage, in order.
    pub const ALL: [Self; 4] = [Self::Planned, Self::InProgress, Self::Done, Self::Dropped];

    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::InProgress => "in_progress",
            Self::Done => "done",
            Self::Dropped => "dropped",
        }
    }

    /// Words for pages.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Planned => "Prévue",
            Self::InProgress => "En cours",
            Self::Done => "Faite",
            Self::Dropped => "Abandonnée",
        }
    }
}

/// What is done for an objective.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Measure {
    /// `m1`, `m2`…: never given twice.
    pub id: String,
    /// The objective.
    pub goal: String,
    /// Local action, `k1` to `i5`; blank for another one.
    #[serde(default)]
    pub sheet: String,
    /// What is done.
    pub label: String,
    /// In more words.
    #[serde(default)]
    pub description: String,
    /// Who answers for it.
    #[serde(default)]
    pub owner: String,
    /// First year.
    #[serde(default)]
    pub start: Option<i16>,
    /// Last year.
    #[serde(default)]
    pub end: Option<i16>,
    /// Money, in euros before tax.
    #[serde(default)]
    pub budget_eur: Option<f64>,
    /// People, in full-time equivalents.
    #[serde(default)]
    pub fte: Option<f64>,
    /// Where it stands.
    pub stage: Progress,
    /// Why it was given up.
    #[serde(default)]
    pub drop_reason: String,
    /// How much of it is done, in hundredths; none when it is not known.
    #[serde(default)]
    pub progress_pct: Option<f64>,
    /// What it should bring.
    #[serde(default)]
    pub expected_effect: String,
    /// Identifiers of the records that it is about.
    #[serde(default)]
    pub projects: Vec<String>,
    /// Identifiers of the purchases that carry it; for the organisation alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purchases: Vec<String>,
}

/// A version of a strategy.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Strategy {
    /// Title.
    pub title: String,
    /// Where it stands.
    pub stage: Stage,
    /// Whether the organisation wants it to be public.
    #[serde(default)]
    pub public: bool,
    /// When it was adopted.
    #[serde(default)]
    pub adopted_on: Option<Date>,
    /// Which decision of the council adopted it.
    #[serde(default)]
    pub deliberation: String,
    /// First year.
    #[serde(default)]
    pub start_year: Option<i16>,
    /// Last year.
    #[serde(default)]
    pub end_year: Option<i16>,
    /// Population.
    #[serde(default)]
    pub population: Option<u32>,
    /// Edition of the population.
    #[serde(default)]
    pub population_year: Option<i16>,
    /// Agents who use digital services.
    #[serde(default)]
    pub staff: Option<u32>,
    /// Elected members.
    #[serde(default)]
    pub elected: Option<u32>,
    /// What is covered, and with which means.
    #[serde(default)]
    pub means: String,
    /// Footprint of all digital services of a year, in kg CO₂e, from another tool such as OeNRT.
    #[serde(default)]
    pub footprint_kg: Option<f64>,
    /// Year of that footprint.
    #[serde(default)]
    pub footprint_year: Option<i16>,
    /// Ceilings of a year, by tile of the committee.
    #[serde(default)]
    pub caps: BTreeMap<Tile, f64>,
    /// Months between two meetings of the committee.
    #[serde(default)]
    pub cadence_months: Option<u8>,
    /// The work programme.
    #[serde(default)]
    pub programme: Programme,
    /// Objectives.
    #[serde(default)]
    pub goals: Vec<Goal>,
    /// Measures.
    #[serde(default)]
    pub measures: Vec<Measure>,
    /// Highest number given to an objective or a measure.
    #[serde(default)]
    pub last_number: u32,
}

impl Strategy {
    /// An objective.
    #[must_use]
    pub fn goal(&self, id: &str) -> Option<&Goal> {
        self.goals.iter().find(|goal| goal.id == id)
    }

    /// The measures of an objective.
    pub fn measures_of<'s>(&'s self, goal: &'s str) -> impl Iterator<Item = &'s Measure> {
        self.measures.iter().filter(move |measure| measure.goal == goal)
    }

    /// The measures that are about a record.
    pub fn measures_about<'s>(&'s self, record: &'s str) -> impl Iterator<Item = &'s Measure> {
        self.measures
            .iter()
            .filter(move |measure| measure.projects.iter().any(|id| id == record))
    }

    /// The measures that a purchase carries.
    pub fn measures_carried_by<'s>(&'s self, purchase: &'s str) -> impl Iterator<Item = &'s Measure> {
        self.measures
            .iter()
            .filter(move |measure| measure.purchases.iter().any(|id| id == purchase))
    }

    /// A number that was never given.
    pub fn next_number(&mut self) -> u32 {
        self.last_number = self.last_number.saturating_add(1);
        self.last_number
    }
}
