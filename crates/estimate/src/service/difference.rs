//! The difference of two evaluations, line by line: what both sides share does not widen its range.

use super::line::years;
use super::{Change, Indicator, LineOutcome, Outcome, Part};

/// The lines of two evaluations, those with the same source in pairs.
pub(super) struct Paired<'o> {
    before: &'o Outcome,
    after: &'o Outcome,
    same: Vec<(&'o LineOutcome, &'o LineOutcome)>,
    gone: Vec<&'o LineOutcome>,
    new: Vec<&'o LineOutcome>,
}

impl<'o> Paired<'o> {
    pub fn of(before: &'o Outcome, after: &'o Outcome) -> Self {
        let mut new: Vec<&LineOutcome> = after.lines.iter().collect();
        let (mut same, mut gone) = (Vec::new(), Vec::new());
        for line in &before.lines {
            match new.iter().position(|other| alike(line, other)) {
                Some(at) => same.push((line, new.remove(at))),
                None => gone.push(line),
            }
        }
        Self {
            before,
            after,
            same,
            gone,
            new,
        }
    }

    /// The difference of a year and of one unit; `None` for what passes the largest number.
    pub fn difference(&self, indicator: Indicator) -> [Option<Change>; 2] {
        let units = [
            self.before.functional_unit.quantity_per_year,
            self.after.functional_unit.quantity_per_year,
        ];
        [[1.0, 1.0], units].map(|[first, second]| {
            let mut sum = Change {
                low: 0.0,
                central: 0.0,
                high: 0.0,
                unit: indicator.unit(),
            };
            for (line, other) in &self.same {
                if let Some(part) = part(line, indicator) {
                    let times = times(other, self.after) / second - times(line, self.before) / first;
                    sum = sum.plus(part.one.signed().scaled(times));
                }
            }
            let annual = |line: &LineOutcome| part(line, indicator).map(|part| part.annual);
            for range in self.gone.iter().filter_map(|line| annual(line)) {
                sum = sum.plus(range.signed().scaled(-1.0 / first));
            }
            for range in self.new.iter().filter_map(|line| annual(line)) {
                sum = sum.plus(range.signed().scaled(1.0 / second));
            }
            // Rounding may put the centre just outside.
            sum.low = sum.low.min(sum.central);
            sum.high = sum.high.max(sum.central);
            Some(sum).filter(|sum| sum.is_finite())
        })
    }
}

fn alike(line: &LineOutcome, other: &LineOutcome) -> bool {
    let (line, other) = (&line.line, &other.line);
    line.phase == other.phase && line.tier == other.tier && line.source == other.source
}

fn part(line: &LineOutcome, indicator: Indicator) -> Option<&Part> {
    line.parts.iter().find(|part| part.indicator == indicator)
}

/// How many times a year a line counts its source.
fn times(line: &LineOutcome, outcome: &Outcome) -> f64 {
    line.line.count / years(&line.line, outcome.lifetime_years)
}
