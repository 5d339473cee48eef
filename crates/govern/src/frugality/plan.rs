//! What to do next, from the gaps.

use super::practice::{Practice, PracticeId};
use super::score::Standing;

/// Practices to begin with: those whose gains are judged the greatest by those who wrote the framework.
const FIRST: [u8; 6] = [2, 14, 1, 5, 3, 4];

/// One action.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// Practice.
    pub practice: PracticeId,
    /// Level to reach.
    pub target: u8,
    /// Hundredths of the proven figure that it brings.
    pub gain: f64,
    /// Whether it only takes the proof of what is declared already.
    pub proof_only: bool,
}

impl Action {
    /// What is to be done, in words.
    #[must_use]
    pub fn words(&self) -> String {
        if self.proof_only {
            format!("Faire relire une preuve du niveau {} déclaré.", self.target)
        } else {
            Practice::of(self.practice)
                .and_then(|practice| practice.level(self.target))
                .unwrap_or("")
                .to_owned()
        }
    }
}

/// Every gap as an action, the most useful first: what the framework puts first while it is below level 2, then the
/// greatest gain.
#[must_use]
pub fn plan(standings: &[(PracticeId, Standing)]) -> Vec<Action> {
    let weight: u32 = standings
        .iter()
        .filter(|(_, standing)| *standing != Standing::Excluded)
        .filter_map(|(id, _)| Practice::of(*id))
        .map(|practice| u32::from(practice.weight))
        .sum();
    let mut actions: Vec<(usize, Action)> = standings
        .iter()
        .filter(|(_, standing)| *standing != Standing::Excluded && standing.proven() < 4)
        .filter_map(|(id, standing)| {
            let practice = Practice::of(*id)?;
            let (declared, proven) = (standing.declared(), standing.proven());
            let proof_only = declared > proven;
            let target = if proof_only { declared } else { proven + 1 };
            let gain = 100.0 * f64::from(practice.weight) * f64::from(target - proven)
                / f64::from(4 * weight.max(1));
            let rank = FIRST
                .iter()
                .position(|number| *number == id.number())
                .filter(|_| proven < 2)
                .unwrap_or(FIRST.len());
            Some((
                rank,
                Action {
                    practice: *id,
                    target,
                    gain,
                    proof_only,
                },
            ))
        })
        .collect();
    actions.sort_by(|(rank, one), (other_rank, other)| {
        rank.cmp(other_rank)
            .then(other.gain.total_cmp(&one.gain))
            .then(one.practice.cmp(&other.practice))
    });
    actions.into_iter().map(|(_, action)| action).collect()
}
