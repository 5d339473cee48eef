//! The grid of an evaluation: phase × tier × indicator, with what each cell knows and what it lacks.

use std::collections::BTreeMap;

use serde::Serialize;

use super::line::LineOutcome;
use super::range::add;
use super::{Coverage, Evaluation, Indicator, Maturity, Phase, Range, Source, Stages, Tier};
use crate::code::Code;

/// Place of a cell in the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Key {
    /// Phase.
    pub phase: Phase,
    /// Tier.
    pub tier: Tier,
    /// Indicator.
    pub indicator: Indicator,
}

/// One cell of the grid.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cell {
    /// Its place.
    #[serde(flatten)]
    pub key: Key,
    /// How it is known: the least sure of its lines.
    pub coverage: Coverage,
    /// Whether the maturity of the project asks for it.
    pub required: bool,
    /// Whether it has a number that leaves something out.
    pub incomplete: bool,
    /// What of the life of the machines is counted, from the least to the most; empty without a number.
    pub stages: Vec<Stages>,
    /// The number of one year; none when the coverage has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Range>,
    /// Lines that it comes from, counted from 0.
    pub lines: Vec<usize>,
}

impl Cell {
    /// Whether nothing is left unknown: a whole number, a written reason, or nothing to count.
    ///
    /// ```
    /// # use sobria_estimate::{Reference, service::{Evaluation, evaluate}};
    /// # let text = r#"{"title":"Essai","maturity":"experimentation",
    /// #     "functional_unit":{"kind":"service_year","label":"le service"},"lines":[]}"#;
    /// let outcome = evaluate(Reference::embedded(), &Evaluation::read(text).unwrap()).unwrap();
    /// assert!(outcome.grid.iter().all(|cell| !cell.is_answered() && cell.value.is_none()));
    /// ```
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.coverage != Coverage::NotCovered && !self.incomplete
    }
}

/// The sum of one indicator.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Total {
    /// What is counted.
    pub indicator: Indicator,
    /// One year of the service; none when no cell has a number.
    pub annual: Option<Range>,
    /// One functional unit.
    pub per_unit: Option<Range>,
    /// What is spent once, before it is spread over the life of the service.
    pub build: Option<Range>,
    /// The share of one year in what is spent once.
    pub amortised: Option<Range>,
    /// What is spent each year.
    pub recurring: Option<Range>,
    /// Whether something required is missing from it.
    pub partial: bool,
    /// What is missing from it.
    pub missing: Vec<Missing>,
    /// Whether some of its numbers count the manufacture of machines and others do not.
    pub mixed_stages: bool,
}

/// A cell missing from a total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Phase.
    pub phase: Phase,
    /// Tier.
    pub tier: Tier,
}

/// What a cell gathers from the lines.
#[derive(Default)]
struct Gathering {
    value: Option<Range>,
    coverage: Option<Coverage>,
    stages: Vec<Stages>,
    lines: Vec<usize>,
    /// Lines of the same phase and tier that do not give the indicator.
    gap: bool,
    marks: Vec<Coverage>,
}

pub(super) fn grid(evaluation: &Evaluation, outcomes: &[LineOutcome]) -> Result<Vec<Cell>, Code> {
    let mut gathered: BTreeMap<Key, Gathering> = BTreeMap::new();
    for (at, (line, outcome)) in evaluation.lines.iter().zip(outcomes).enumerate() {
        if let Source::Coverage(mark) = &line.source {
            let phases = || std::iter::once(line.phase).chain(mark.phases.iter().copied());
            let tiers = || std::iter::once(line.tier).chain(mark.tiers.iter().copied());
            let indicators = match mark.indicators.as_slice() {
                [] => Indicator::ALL,
                some => some,
            };
            for phase in phases() {
                for tier in tiers() {
                    for indicator in indicators {
                        let key = Key {
                            phase,
                            tier,
                            indicator: *indicator,
                        };
                        let gathering = gathered.entry(key).or_default();
                        gathering.marks.push(mark.kept());
                        if gathering.lines.last() != Some(&at) {
                            gathering.lines.push(at);
                        }
                    }
                }
            }
            continue;
        }
        for indicator in Indicator::ALL {
            let key = Key {
                phase: line.phase,
                tier: line.tier,
                indicator: *indicator,
            };
            let gathering = gathered.entry(key).or_default();
            let part = outcome.parts.iter().find(|part| part.indicator == *indicator);
            let Some(part) = part else {
                gathering.gap = true;
                continue;
            };
            add(&mut gathering.value, part.annual)?;
            gathering.coverage = gathering.coverage.max(Some(part.coverage));
            if !gathering.stages.contains(&part.stages) {
                gathering.stages.push(part.stages);
                gathering.stages.sort();
            }
            gathering.lines.push(at);
        }
    }
    let needed = needed(evaluation);
    let mut cells = Vec::with_capacity(Phase::ALL.len() * Tier::ALL.len() * Indicator::ALL.len());
    for phase in Phase::ALL {
        for tier in Tier::ALL {
            for indicator in Indicator::ALL {
                let key = Key {
                    phase: *phase,
                    tier: *tier,
                    indicator: *indicator,
                };
                cells.push(cell(
                    key,
                    gathered.remove(&key).unwrap_or_default(),
                    needed.asks(key),
                ));
            }
        }
    }
    Ok(cells)
}

fn cell(key: Key, gathering: Gathering, required: bool) -> Cell {
    // What is said not to be covered wins over a milder mark.
    let mark = gathering
        .marks
        .iter()
        .copied()
        .max_by_key(|mark| (*mark == Coverage::NotCovered, *mark == Coverage::Negligible));
    let (coverage, incomplete) = match (gathering.coverage, mark) {
        (Some(known), None) => (known, gathering.gap),
        (Some(known), Some(mark)) => (known, mark == Coverage::NotCovered),
        (None, Some(mark)) => (mark, false),
        (None, None) => (Coverage::NotCovered, false),
    };
    Cell {
        key,
        coverage,
        required: required && coverage != Coverage::NotApplicable,
        incomplete,
        stages: gathering.stages,
        value: gathering.value,
        lines: gathering.lines,
    }
}

/// The least that a project of some maturity declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed {
    /// Phases.
    pub phases: Vec<Phase>,
    /// Tiers.
    pub tiers: &'static [Tier],
    /// Indicators.
    pub indicators: &'static [Indicator],
}

impl Needed {
    fn asks(&self, key: Key) -> bool {
        self.phases.contains(&key.phase)
            && self.tiers.contains(&key.tier)
            && self.indicators.contains(&key.indicator)
    }
}

/// The least that an evaluation declares, given the maturity of its project.
///
/// A cell marked as without object is no longer asked for. A project given up declares what was spent: the phases that
/// it has lines for. The training of a shared model stands beside the table: see [`Total::missing`].
///
/// ```
/// use sobria_estimate::service::{Evaluation, Phase, needed};
///
/// let text = r#"{"title":"Essai","maturity":"experimentation",
///     "functional_unit":{"kind":"service_year","label":"le service"},"lines":[]}"#;
/// assert_eq!(needed(&Evaluation::read(text).unwrap()).phases, [Phase::Training, Phase::Operation]);
/// ```
#[must_use]
pub fn needed(evaluation: &Evaluation) -> Needed {
    const CENTRE: &[Tier] = &[Tier::Datacenter];
    const FIRST: &[Indicator] = &[Indicator::Energy, Indicator::Gwp];
    const FOUR: &[Indicator] = &[
        Indicator::Energy,
        Indicator::Gwp,
        Indicator::Adpe,
        Indicator::Water,
    ];
    let of = |phases: &[Phase], tiers, indicators| Needed {
        phases: phases.to_vec(),
        tiers,
        indicators,
    };
    match evaluation.maturity {
        Maturity::Reflexion | Maturity::Construction | Maturity::Experimentation => {
            of(&[Phase::Training, Phase::Operation], CENTRE, FIRST)
        }
        Maturity::Deploiement => of(
            &[
                Phase::Data,
                Phase::Training,
                Phase::Deployment,
                Phase::Operation,
                Phase::Retraining,
            ],
            Tier::ALL,
            FOUR,
        ),
        Maturity::Termine => {
            let own: Vec<Phase> = Phase::ALL
                .iter()
                .copied()
                .filter(|phase| *phase != Phase::BaseModelTraining)
                .collect();
            of(&own, Tier::ALL, Indicator::ALL)
        }
        Maturity::Abandonne => {
            let spent: Vec<Phase> = Phase::ALL
                .iter()
                .copied()
                .filter(|phase| evaluation.lines.iter().any(|line| line.phase == *phase))
                .collect();
            of(&spent, CENTRE, FIRST)
        }
    }
}

/// Sums each indicator; `shared_model` tells that a model trained elsewhere is used.
pub(super) fn totals(
    evaluation: &Evaluation,
    outcomes: &[LineOutcome],
    cells: &[Cell],
    shared_model: bool,
) -> Result<Vec<Total>, Code> {
    Indicator::ALL
        .iter()
        .map(|indicator| total(evaluation, outcomes, cells, shared_model, *indicator))
        .collect()
}

fn total(
    evaluation: &Evaluation,
    outcomes: &[LineOutcome],
    cells: &[Cell],
    shared_model: bool,
    indicator: Indicator,
) -> Result<Total, Code> {
    use super::Frequency;
    let mut annual = None;
    let mut missing = Vec::new();
    let (mut use_alone, mut manufacture) = (false, false);
    for cell in cells.iter().filter(|cell| cell.key.indicator == indicator) {
        if let Some(value) = cell.value {
            add(&mut annual, value)?;
        }
        use_alone |= cell.stages.contains(&Stages::Use);
        manufacture |= cell.stages.contains(&Stages::UseAndManufacture);
        let base =
            shared_model && cell.key.phase == Phase::BaseModelTraining && cell.key.tier == Tier::Datacenter;
        if !cell.is_answered() && (cell.required || base || cell.incomplete) {
            missing.push(Missing {
                phase: cell.key.phase,
                tier: cell.key.tier,
            });
        }
    }
    let (mut build, mut amortised, mut recurring) = (None, None, None);
    for (line, outcome) in evaluation.lines.iter().zip(outcomes) {
        for part in outcome.parts.iter().filter(|part| part.indicator == indicator) {
            match line.frequency {
                Frequency::Once => {
                    add(&mut build, part.whole)?;
                    add(&mut amortised, part.annual)?;
                }
                Frequency::PerYear => add(&mut recurring, part.annual)?,
            }
        }
    }
    let quantity = evaluation.functional_unit.quantity_per_year;
    Ok(Total {
        indicator,
        annual,
        per_unit: annual.map(|annual| annual.over(quantity)).transpose()?,
        build,
        amortised,
        recurring,
        partial: annual.is_none() || !missing.is_empty(),
        missing,
        mixed_stages: use_alone && manufacture,
    })
}
