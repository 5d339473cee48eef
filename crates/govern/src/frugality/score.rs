//! The three figures of an assessment: declared, proven, answered.

use serde::{Deserialize, Serialize};

use super::RESPONSE_MIN;
use super::practice::{Pillar, Practice, PracticeId};

/// Where a practice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// No answer: no point, and it stays in the sum.
    Blank,
    /// Without object, with a reason that somebody else agreed to: out of the sum.
    Excluded,
    /// Answered.
    Answered {
        /// Level said, from 0 to 4.
        declared: u8,
        /// Level that evidence or the record carries.
        backing: u8,
    },
}

impl Standing {
    /// Level said; 0 when blank.
    #[must_use]
    pub const fn declared(self) -> u8 {
        match self {
            Self::Answered { declared, .. } => declared,
            Self::Blank | Self::Excluded => 0,
        }
    }

    /// Level that holds: never above the level said.
    #[must_use]
    pub const fn proven(self) -> u8 {
        match self {
            Self::Answered { declared, backing } => {
                if declared < backing {
                    declared
                } else {
                    backing
                }
            }
            Self::Blank | Self::Excluded => 0,
        }
    }
}

/// The words given to an assessment with enough answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Below 25.
    Initial,
    /// From 25.
    Engaged,
    /// From 50.
    Structured,
    /// From 75.
    Advanced,
}

impl Grade {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::Engaged => "engaged",
            Self::Structured => "structured",
            Self::Advanced => "advanced",
        }
    }

    /// Words for pages.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Initial => "Initial",
            Self::Engaged => "Engagé",
            Self::Structured => "Structuré",
            Self::Advanced => "Avancé",
        }
    }
}

/// The figures of one group of practices.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PillarScore {
    /// Group.
    pub pillar: Pillar,
    /// Declared, in hundredths; none when all of it is without object.
    pub declared: Option<f64>,
    /// Proven, in hundredths.
    pub proven: Option<f64>,
}

/// The figures of an assessment, always shown together.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Declared, in hundredths.
    pub declared: f64,
    /// Proven, in hundredths; never above the former.
    pub proven: f64,
    /// Practices answered, in hundredths of those that count.
    pub response_rate: f64,
    /// Sum of the weights that count.
    pub weight: u32,
    /// By group.
    pub pillars: Vec<PillarScore>,
    /// Words; none while too few practices are answered.
    pub grade: Option<Grade>,
}

impl Score {
    /// Words for pages, an incomplete assessment included.
    #[must_use]
    pub fn label(&self) -> &'static str {
        self.grade.map_or("Évaluation incomplète", Grade::label)
    }
}

/// Works out the figures; the order of the standings does not matter, and a practice that is not given is blank.
///
/// ```
/// use sobria_govern::frugality::{PracticeId, Standing, score};
///
/// let one = [(PracticeId::new(2).unwrap(), Standing::Answered { declared: 4, backing: 2 })];
/// let figures = score(&one);
/// assert!((figures.declared - 100.0 * 12.0 / 92.0).abs() < 1e-9);
/// assert!(figures.proven < figures.declared && figures.grade.is_none());
/// ```
#[must_use]
pub fn score(standings: &[(PracticeId, Standing)]) -> Score {
    let of = |id: PracticeId| {
        standings
            .iter()
            .find(|(other, _)| *other == id)
            .map_or(Standing::Blank, |(_, standing)| *standing)
    };
    let mut all = Sum::default();
    let (mut answered, mut counted) = (0_u32, 0_u32);
    let mut pillars = Vec::new();
    for pillar in Pillar::ALL {
        let mut sum = Sum::default();
        for practice in super::table::PRACTICES
            .iter()
            .filter(|practice| practice.pillar == *pillar)
        {
            let standing = of(practice.id);
            if standing == Standing::Excluded {
                continue;
            }
            counted += 1;
            answered += u32::from(standing != Standing::Blank);
            sum.add(practice, standing);
            all.add(practice, standing);
        }
        pillars.push(PillarScore {
            pillar: *pillar,
            declared: sum.share(sum.declared),
            proven: sum.share(sum.proven),
        });
    }
    let mut figures = Score {
        declared: all.share(all.declared).unwrap_or(0.0),
        proven: all.share(all.proven).unwrap_or(0.0),
        response_rate: 100.0 * f64::from(answered) / f64::from(counted.max(1)),
        weight: all.weight,
        pillars,
        grade: None,
    };
    if figures.response_rate >= RESPONSE_MIN {
        figures.grade = Some(grade(&figures, of));
    }
    figures
}

fn grade(figures: &Score, of: impl Fn(PracticeId) -> Standing) -> Grade {
    let by_score = match figures.proven {
        proven if proven < 25.0 => Grade::Initial,
        proven if proven < 50.0 => Grade::Engaged,
        proven if proven < 75.0 => Grade::Structured,
        _ => Grade::Advanced,
    };
    let weak_pillar = figures
        .pillars
        .iter()
        .filter_map(|pillar| pillar.proven)
        .any(|proven| proven < 25.0);
    // Knowing the need and following the footprint: without them no better words.
    let weak_key = [2, 9]
        .into_iter()
        .filter_map(PracticeId::new)
        .any(|id| of(id).proven() < 2);
    let mut capped = by_score;
    if weak_key {
        capped = capped.min(Grade::Structured);
    }
    if weak_pillar {
        capped = capped.min(Grade::Engaged);
    }
    capped
}

#[derive(Default)]
struct Sum {
    declared: u32,
    proven: u32,
    weight: u32,
}

impl Sum {
    fn add(&mut self, practice: &Practice, standing: Standing) {
        let weight = u32::from(practice.weight);
        self.declared += weight * u32::from(standing.declared());
        self.proven += weight * u32::from(standing.proven());
        self.weight += weight;
    }

    fn share(&self, points: u32) -> Option<f64> {
        (self.weight > 0).then(|| 100.0 * f64::from(points) / f64::from(4 * self.weight))
    }
}
