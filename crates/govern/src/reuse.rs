//! What reuse may have spared: making again what a record takes from another one.
//!
//! An upper bound under one hypothesis, that whoever reuses would have made the whole of it again; the lower bound is
//! zero. It stands apart from footprints, and is never taken off them.

use std::collections::BTreeSet;

use sobria_catalogue::evaluation::{Amount, Evaluation};
use sobria_catalogue::id::UseCaseId;

/// One reuse, with what its component took to make.
#[derive(Debug, Clone, PartialEq)]
pub struct Reused {
    /// The record that reuses.
    pub by: UseCaseId,
    /// The record that is reused.
    pub of: UseCaseId,
    /// What is spent once to make it, as its newest evaluation of a whole service that says it; none when none does.
    pub build: Option<Build>,
}

/// What is spent once: data, training with every try, validation, deployment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Build {
    /// Electricity, in kWh.
    pub energy_kwh: Amount,
    /// Greenhouse gases, in kg CO₂e; none when they are not known.
    pub gwp_kg: Option<Amount>,
}

fn build(evaluation: &Evaluation) -> Option<Build> {
    let outcome: serde_json::Value = serde_json::from_str(&evaluation.answer).ok()?;
    let of = |indicator: &str| {
        let totals = outcome.get("totals")?.as_array()?;
        let total = totals.iter().find(|total| total["indicator"] == indicator)?;
        let bound = |name: &str| total.get("build")?.get(name)?.as_f64();
        Some(Amount {
            low: bound("low")?,
            central: bound("central")?,
            high: bound("high")?,
        })
    };
    Some(Build {
        energy_kwh: of("energy").filter(|energy| energy.high > 0.0)?,
        gwp_kg: of("gwp"),
    })
}

/// Each reuse of one record by another, told once, in the order given.
#[must_use]
pub fn reused(links: &[(UseCaseId, UseCaseId)], evaluations: &[Evaluation]) -> Vec<Reused> {
    let mut known = BTreeSet::new();
    links
        .iter()
        .filter(|(by, of)| by != of && known.insert((by.uuid(), of.uuid())))
        .map(|&(by, of)| Reused {
            by,
            of,
            build: evaluations
                .iter()
                .filter(|one| one.use_case == of)
                .filter_map(|one| Some((one.made_at, build(one)?)))
                .max_by_key(|(made_at, _)| *made_at)
                .map(|(_, build)| build),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use sobria_catalogue::evaluation::Reach;
    use sobria_catalogue::id::EvaluationId;
    use uuid::Uuid;

    use super::*;

    fn record(number: u128) -> UseCaseId {
        UseCaseId::new(Uuid::from_u128(number))
    }

    fn evaluation(of: u128, day: u8, answer: &str) -> Evaluation {
        let amount = Amount {
            low: 1.0,
            central: 2.0,
            high: 3.0,
        };
        Evaluation {
            id: EvaluationId::new(Uuid::from_u128(u128::from(day))),
            use_case: record(of),
            title: "Une année".into(),
            reach: Reach::Public,
            requests_per_year: 1,
            request: "{}".into(),
            answer: answer.into(),
            method: "service_evaluation".into(),
            method_version: "1".into(),
            reference_version: "1".into(),
            grade: None,
            energy_kwh: amount,
            gwp_kg: amount,
            made_at: format!("2026-10-{day:02}T10:00:00Z").parse().unwrap(),
            author: String::new(),
        }
    }

    const BUILT: &str = r#"{"totals":[{"indicator":"energy","build":{"low":10,"central":12,"high":15}},
        {"indicator":"gwp","build":null}]}"#;

    #[test]
    fn a_reuse_is_told_once_with_what_its_component_took_to_make() {
        let links = [
            (record(2), record(1)),
            (record(2), record(1)),
            (record(1), record(1)),
            (record(3), record(4)),
        ];
        let later = BUILT.replace("15", "16");
        let evaluations = [
            evaluation(1, 4, &later),
            evaluation(1, 3, BUILT),
            // The newest says nothing of what is spent once, and the footprint of a year is not what it took.
            evaluation(1, 5, r#"{"output":{"energy_kwh":3}}"#),
            evaluation(2, 6, BUILT),
        ];
        let found = reused(&links, &evaluations);
        assert_eq!(found.len(), 2);
        let build = found[0].build.unwrap();
        assert!((build.energy_kwh.low - 10.0).abs() < 1e-9 && (build.energy_kwh.high - 16.0).abs() < 1e-9);
        assert_eq!(build.gwp_kg, None, "unknown is not zero");
        assert_eq!(found[1].build, None);
        let nothing = r#"{"totals":[{"indicator":"energy","build":{"low":0,"central":0,"high":0}}]}"#;
        assert_eq!(reused(&links, &[evaluation(1, 4, nothing)])[0].build, None);
    }
}
