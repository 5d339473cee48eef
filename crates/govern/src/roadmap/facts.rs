//! What the records of an organisation say: eight indicators of the local actions, and the sums of a committee.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::training::Trained;

/// A completeness from which a record counts as complete, in hundredths.
pub const COMPLETE: u8 = 80;
/// Months during which an evaluation says how a service is.
pub const FRESH_MONTHS: i32 = 24;

/// An amount between two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// Low bound.
    pub low: f64,
    /// Central figure.
    pub central: f64,
    /// High bound.
    pub high: f64,
}

impl Range {
    fn plus(self, other: Self) -> Self {
        Self {
            low: self.low + other.low,
            central: self.central + other.central,
            high: self.high + other.high,
        }
    }
}

/// What an evaluation of a year says.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated {
    /// When it was made.
    pub made_on: Date,
    /// Electricity of a year, in kWh.
    pub energy_kwh: Range,
    /// Greenhouse gases of a year, in kg CO₂e.
    pub gwp_kg: Range,
    /// Water of a year, in litres; none when the method does not say.
    pub water_l: Option<Range>,
    /// Requests of a year.
    pub requests: u64,
    /// Whether the PUE of the data centre was given rather than supposed.
    pub pue_given: bool,
}

/// What the library knows of one record.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ProjectFacts {
    /// Title.
    pub title: String,
    /// Identifier.
    pub id: String,
    /// Whether the service runs or is tried: neither over nor given up.
    pub running: bool,
    /// Completeness of the record, in hundredths.
    pub completeness: u8,
    /// Evaluations, newest first.
    pub evaluations: Vec<Evaluated>,
    /// Resources that are open to all.
    pub open_resources: usize,
    /// Most requests of a year that the organisation set for it; none when it set none.
    pub requests_cap: Option<f64>,
}

impl ProjectFacts {
    fn newest(&self) -> Option<&Evaluated> {
        self.evaluations.first()
    }

    fn is_evaluated(&self, today: Date) -> bool {
        self.newest().is_some_and(|one| {
            one.made_on
                .checked_add(FRESH_MONTHS.months())
                .is_ok_and(|last| today <= last)
        })
    }

    /// Whether what it spends is of this year: it runs, or it was evaluated this year before it was given up.
    fn spends(&self, today: Date) -> bool {
        self.running
            || self
                .newest()
                .is_some_and(|one| one.made_on.year() == today.year())
    }
}

/// Everything that the indicators stand on.
#[derive(Debug, Clone, PartialEq)]
pub struct OrganisationFacts {
    /// For each purchase whose criteria were frozen, whether its clauses ask for figures of impact.
    pub purchases: Vec<bool>,
    /// Records.
    pub projects: Vec<ProjectFacts>,
    /// Records of others that it says it uses.
    pub reused: usize,
    /// Training.
    pub trained: Trained,
    /// Agents who use digital services.
    pub staff: Option<u32>,
    /// Today.
    pub today: Date,
}

/// An indicator worked out from records.
#[derive(Debug, Clone, PartialEq)]
pub struct Computed {
    /// The value; none when there is nothing to count.
    pub value: Option<f64>,
    /// Bounds, when it is a sum of estimates.
    pub bounds: Option<(f64, f64)>,
    /// What was counted.
    pub words: String,
}

fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

impl OrganisationFacts {
    fn running(&self) -> impl Iterator<Item = &ProjectFacts> {
        self.projects.iter().filter(|project| project.running)
    }

    fn share(&self, what: &str, is: impl Fn(&ProjectFacts) -> bool) -> Computed {
        let all = self.running().count();
        let kept = self.running().filter(|project| is(project)).count();
        Computed {
            value: (all > 0).then(|| number(kept) / number(all) * 100.0),
            bounds: None,
            words: format!("{kept} sur {all} services en cours, {what}"),
        }
    }

    /// The indicator of a local action that the library computes; none for another action.
    #[must_use]
    pub fn computed(&self, sheet: &str) -> Option<Computed> {
        let today = self.today;
        Some(match sheet {
            "k3" => self.share(
                &format!("fiche complète à {COMPLETE}\u{a0}% ou plus"),
                |project| project.completeness >= COMPLETE,
            ),
            "k4" => self.share("évaluation de moins de 24\u{a0}mois", |project| {
                project.is_evaluated(today)
            }),
            "k5" => self.share("PUE donné dans une évaluation", |project| {
                project.evaluations.iter().any(|one| one.pue_given)
            }),
            "r4" => {
                let (kept, all) = (
                    self.purchases.iter().filter(|asks| **asks).count(),
                    self.purchases.len(),
                );
                Computed {
                    value: (all > 0).then(|| number(kept) / number(all) * 100.0),
                    bounds: None,
                    words: if all == 0 {
                        "aucune consultation n’a été lancée dans les dossiers d’achat".to_owned()
                    } else {
                        format!(
                            "{kept} sur {all} consultations lancées, avec une clause d’impact (C08, C09 ou C10)"
                        )
                    },
                }
            }
            "r5" => {
                let tally = self.tally();
                Computed {
                    value: tally.energy_kwh.map(|range| range.central),
                    bounds: tally.energy_kwh.map(|range| (range.low, range.high)),
                    words: format!(
                        "somme de {} services évalués sur {}",
                        tally.counted, tally.spending
                    ),
                }
            }
            "i1" => Computed {
                value: Some(number(self.reused)),
                bounds: None,
                words: "fiches d’autres organisations déclarées utilisées".to_owned(),
            },
            "i2" => Computed {
                value: Some(number(
                    self.projects.iter().map(|project| project.open_resources).sum(),
                )),
                bounds: None,
                words: "ressources ouvertes dans les fiches publiées".to_owned(),
            },
            "i4" => Computed {
                value: self.trained.all,
                bounds: None,
                words: self.trained.words(),
            },
            _ => return None,
        })
    }

    /// Sums of a year.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let today = self.today;
        let spending: Vec<&ProjectFacts> = self
            .projects
            .iter()
            .filter(|project| project.spends(today))
            .collect();
        let newest: Vec<&Evaluated> = spending.iter().filter_map(|project| project.newest()).collect();
        let sum = |ranges: Vec<Range>| ranges.into_iter().reduce(Range::plus);
        let running = self.running().count();
        let evaluated = self
            .running()
            .filter(|project| project.is_evaluated(today))
            .count();
        Tally {
            energy_kwh: sum(newest.iter().map(|one| one.energy_kwh).collect()),
            gwp_kg: sum(newest.iter().map(|one| one.gwp_kg).collect()),
            water_l: sum(newest.iter().filter_map(|one| one.water_l).collect()),
            requests: (!newest.is_empty()).then(|| newest.iter().map(|one| one.requests).sum()),
            counted: newest.len(),
            with_water: newest.iter().filter(|one| one.water_l.is_some()).count(),
            spending: spending.len(),
            coverage: (running > 0).then(|| number(evaluated) / number(running) * 100.0),
        }
    }
}

/// Sums of a year over the services that run, or were given up this year.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tally {
    /// Electricity, in kWh.
    pub energy_kwh: Option<Range>,
    /// Greenhouse gases, in kg CO₂e.
    pub gwp_kg: Option<Range>,
    /// Water, in litres.
    pub water_l: Option<Range>,
    /// Requests.
    pub requests: Option<u64>,
    /// Services that are in the sums.
    pub counted: usize,
    /// Services whose water is in the sum.
    pub with_water: usize,
    /// Services that should be.
    pub spending: usize,
    /// Share of running services with a fresh evaluation, in hundredths.
    pub coverage: Option<f64>,
}
