//! How far an objective is, from its values.

use jiff::civil::Date;

use super::strategy::Goal;
use super::target::Status;
use super::value::{Value, standing};

/// How far an objective is on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed<'a> {
    /// In one word.
    pub status: Status,
    /// The value to reach; none when it cannot be worked out.
    pub target: Option<f64>,
    /// The last value under the present baseline.
    pub last: Option<&'a Value>,
    /// The one before.
    pub before: Option<&'a Value>,
    /// How much of the way was gone, in hundredths.
    pub progress: Option<f64>,
    /// How far from the way, in parts of it; above zero when it is behind.
    pub gap: Option<f64>,
}

/// Follows an objective. `values` are those of the objective, in the order in which they were kept.
#[must_use]
pub fn follow<'a>(goal: &Goal, values: &'a [Value], today: Date) -> Followed<'a> {
    let kept = standing(values, goal.baseline_number());
    let last = kept.last().copied();
    let before = kept.len().checked_sub(2).and_then(|at| kept.get(at)).copied();
    let Some(objective) = goal.objective() else {
        return Followed {
            status: Status::NotComputable,
            target: None,
            last,
            before,
            progress: None,
            gap: None,
        };
    };
    let year = |value: &Value| value.period.year();
    Followed {
        status: objective.status_on(
            |year| goal.expected(year),
            last.map(|value| (year(value), value.value, value.period.age(today))),
        ),
        target: objective.value(),
        last,
        before,
        progress: last.and_then(|value| objective.progress(value.value)),
        gap: last
            .and_then(|value| Some(objective.gap_from(goal.expected(year(value))?, value.value)))
            .filter(|gap| gap.is_finite()),
    }
}
