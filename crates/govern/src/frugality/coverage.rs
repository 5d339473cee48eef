//! What is known of the footprint: one mark per phase, tier and indicator, and the share of what the maturity asks for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sobria_catalogue::evaluation::Evaluation;
use sobria_estimate::service::{Coverage, Indicator, Phase, Tier, needed};

/// The mark of a cell.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Mark {
    /// Code of the coverage.
    pub coverage: String,
    /// Why it is negligible or without object.
    #[serde(default)]
    pub reason: String,
}

/// Marks by `phase.tier.indicator`, or by `phase.tier` for every indicator that has no mark of its own; what is not
/// there is not covered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Grid {
    /// Marks.
    #[serde(default)]
    pub cells: BTreeMap<String, Mark>,
    /// What was left out, and why.
    #[serde(default)]
    pub exclusions: String,
    /// Who outside reviewed the evaluation.
    #[serde(default)]
    pub reviewer: String,
}

/// A cell as it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Phase.
    pub phase: Phase,
    /// Tier.
    pub tier: Tier,
    /// Indicator.
    pub indicator: Indicator,
    /// Coverage: negligible without a reason is not covered.
    pub coverage: Coverage,
    /// Its reason.
    pub reason: String,
}

impl Cell {
    /// Whether something is known.
    #[must_use]
    pub fn is_covered(&self) -> bool {
        !matches!(self.coverage, Coverage::NotCovered | Coverage::NotApplicable)
    }
}

/// What a grid comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverings {
    /// The cells that the maturity asks for, what is without object included.
    pub asked: Vec<Cell>,
    /// The cells that count: what is without object is left out.
    pub required: Vec<Cell>,
    /// Covered cells over required ones, in hundredths; none when nothing is required.
    pub rate: Option<f64>,
    /// Phases with something known, required or not.
    pub phases: usize,
    /// Indicators with something known.
    pub indicators: usize,
}

/// The name of a cell.
#[must_use]
pub fn key(phase: Phase, tier: Tier, indicator: Indicator) -> String {
    format!("{}.{}.{}", phase.id(), tier.id(), indicator.id())
}

impl Grid {
    /// The mark that holds for a cell.
    #[must_use]
    pub fn mark(&self, phase: Phase, tier: Tier, indicator: Indicator) -> Option<&Mark> {
        self.cells
            .get(&key(phase, tier, indicator))
            .or_else(|| self.cells.get(&format!("{}.{}", phase.id(), tier.id())))
    }

    /// The coverage of one cell: what is negligible needs a written reason.
    #[must_use]
    pub fn coverage(&self, phase: Phase, tier: Tier, indicator: Indicator) -> Coverage {
        let Some(mark) = self.mark(phase, tier, indicator) else {
            return Coverage::NotCovered;
        };
        match Coverage::named(&mark.coverage) {
            Some(Coverage::Negligible | Coverage::NotApplicable) if mark.reason.trim().is_empty() => {
                Coverage::NotCovered
            }
            Some(coverage) => coverage,
            None => Coverage::NotCovered,
        }
    }

    /// The same grid, with what the estimates of the record cover where nothing was said.
    #[must_use]
    pub fn with_evaluations(&self, evaluations: &[Evaluation]) -> Self {
        let mut filled = self.clone();
        for evaluation in evaluations {
            let coverage = match evaluation.method.as_str() {
                "measurement" => Coverage::Measured,
                "compute_job" => Coverage::Calculated,
                _ => Coverage::Estimated,
            };
            for indicator in [Indicator::Energy, Indicator::Gwp] {
                let place = key(Phase::Operation, Tier::Datacenter, indicator);
                // What was said by hand stays; among estimates, the surest wins.
                let said = self.mark(Phase::Operation, Tier::Datacenter, indicator).is_some();
                let known = filled
                    .cells
                    .get(&place)
                    .and_then(|mark| Coverage::named(&mark.coverage));
                if !said && known.is_none_or(|known| coverage < known) {
                    filled.cells.insert(
                        place,
                        Mark {
                            coverage: coverage.id().to_owned(),
                            reason: String::new(),
                        },
                    );
                }
            }
        }
        filled
    }

    /// What the grid comes to for a maturity of the catalogue.
    ///
    /// ```
    /// use sobria_govern::frugality::coverage::{Grid, Mark};
    ///
    /// let mut grid = Grid::default();
    /// grid.cells.insert("operation.datacenter.energy".into(), Mark { coverage: "measured".into(), reason: String::new() });
    /// let known = grid.coverings("experimentation");
    /// assert_eq!((known.required.len(), known.rate), (4, Some(25.0)));
    /// ```
    #[must_use]
    pub fn coverings(&self, maturity: &str) -> Coverings {
        let mut in_question = Vec::new();
        let mut phases = std::collections::BTreeSet::new();
        let mut indicators = std::collections::BTreeSet::new();
        let asked = asked(maturity, self);
        for phase in Phase::ALL {
            for tier in Tier::ALL {
                for indicator in Indicator::ALL {
                    let cell = Cell {
                        phase: *phase,
                        tier: *tier,
                        indicator: *indicator,
                        coverage: self.coverage(*phase, *tier, *indicator),
                        reason: self
                            .mark(*phase, *tier, *indicator)
                            .map(|mark| mark.reason.clone())
                            .unwrap_or_default(),
                    };
                    if cell.is_covered() {
                        phases.insert(*phase);
                        indicators.insert(*indicator);
                    }
                    if asked.contains(&(*phase, *tier, *indicator)) {
                        in_question.push(cell);
                    }
                }
            }
        }
        let required: Vec<Cell> = in_question
            .iter()
            .filter(|cell| cell.coverage != Coverage::NotApplicable)
            .cloned()
            .collect();
        let covered = required.iter().filter(|cell| cell.is_covered()).count();
        let number = |count: usize| u32::try_from(count).map_or(f64::MAX, f64::from);
        Coverings {
            rate: (!required.is_empty()).then(|| 100.0 * number(covered) / number(required.len())),
            phases: phases.len(),
            indicators: indicators.len(),
            asked: in_question,
            required,
        }
    }
}

/// The cells that a maturity asks for, by the rule of the evaluation of services.
fn asked(maturity: &str, grid: &Grid) -> Vec<(Phase, Tier, Indicator)> {
    let request = serde_json::json!({
        "title": "couverture",
        "maturity": maturity,
        "functional_unit": {"kind": "service_year", "label": "le service pendant un an"},
        "lines": [],
    });
    let Ok(evaluation) = sobria_estimate::service::Evaluation::read(&request.to_string()) else {
        return Vec::new();
    };
    let mut least = needed(&evaluation);
    if maturity == "abandonne" {
        // What was spent until the stop: the phases about which something is said.
        least.phases = Phase::ALL
            .iter()
            .copied()
            .filter(|phase| {
                grid.cells
                    .keys()
                    .any(|name| name.starts_with(&format!("{}.", phase.id())))
            })
            .collect();
    }
    let mut cells = Vec::new();
    for phase in &least.phases {
        for tier in least.tiers {
            for indicator in least.indicators {
                cells.push((*phase, *tier, *indicator));
            }
        }
    }
    cells
}
