//! What holds of every evaluation, and of any text sent in its place.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, in its helpers too"
)]

#[path = "support/json.rs"]
mod json;

use proptest::prelude::*;
use serde_json::{Value, json};
use sobria_estimate::service::{
    Coverage, Evaluation, Indicator, Phase, Range, Rebound, Tier, Use, compare, evaluate, variants,
};
use sobria_estimate::{Reference, sentence};

fn reference() -> &'static Reference {
    Reference::embedded()
}

fn pick<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    prop::sample::select(all.to_vec())
}

fn bracket() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0.0..1e6_f64).prop_map(Value::from),
        (0.0..1e6_f64, 1.0..4.0_f64).prop_map(|(min, factor)| json!({ "min": min, "max": min * factor })),
    ]
}

fn source() -> impl Strategy<Value = Value> {
    let zone = (0..reference().mixes().len()).prop_map(|at| reference().mixes()[at].zone);
    let measured = (bracket(), prop::option::of(bracket()), zone.clone()).prop_map(|(energy, carbon, zone)| {
        json!({ "kind": "measured", "energy_kwh": energy, "carbon_kg": carbon, "zone": zone })
    });
    let supplier = (
        prop::collection::btree_map(pick(Indicator::ALL), bracket(), 1..5),
        prop::option::of(zone.clone()),
        any::<bool>(),
    )
        .prop_map(|(stated, zone, manufacture)| {
            let indicators: serde_json::Map<String, Value> = stated
                .into_iter()
                .map(|(indicator, value)| (indicator.id().to_owned(), value))
                .collect();
            json!({ "kind": "supplier", "who": "a", "date": "b", "document": "c", "zone": zone,
                "includes_manufacture": manufacture, "indicators": indicators })
        });
    let requests =
        (0..reference().models().len(), 0.0..1e4_f64, zone.clone()).prop_map(|(at, tokens, zone)| {
            let model = &reference().models()[at];
            json!({ "kind": "estimate", "request": { "method": "llm_inference", "input": {
            "provider": model.provider, "model": model.model, "output_tokens": tokens, "zone": zone } } })
        });
    let job = (0.0..1e3_f64, 0_u32..64, zone).prop_map(|(hours, cores, zone)| {
        json!({ "kind": "estimate", "request": { "method": "compute_job", "input": {
            "runtime_h": hours, "memory_gb": 16, "n_cpu_cores": cores, "zone": zone } } })
    });
    let mark = (
        prop::sample::select(vec!["negligible", "not_covered", "not_applicable"]),
        any::<bool>(),
        prop::collection::vec(pick(Indicator::ALL), 0..3),
        prop::collection::vec(pick(Tier::ALL), 0..2),
    )
        .prop_map(|(mark, reason, indicators, tiers)| {
            json!({ "kind": "coverage", "mark": mark, "reason": reason.then_some("raison"),
                "indicators": indicators, "tiers": tiers })
        });
    prop_oneof![measured, supplier, requests, job, mark]
}

fn line() -> impl Strategy<Value = Value> {
    (
        pick(Phase::ALL),
        pick(Tier::ALL),
        prop::sample::select(vec!["once", "per_year"]),
        0.0..1e4_f64,
        source(),
    )
        .prop_map(|(phase, tier, frequency, count, source)| {
            json!({ "phase": phase.id(), "tier": tier.id(), "label": "x", "frequency": frequency,
                "count": count, "source": source })
        })
}

fn any_evaluation() -> impl Strategy<Value = Evaluation> {
    (
        prop::sample::select(vec![
            "reflexion",
            "experimentation",
            "deploiement",
            "termine",
            "abandonne",
        ]),
        prop::option::of(0.5..20.0_f64),
        1.0..1e6_f64,
        prop::collection::vec(line(), 0..8),
    )
        .prop_map(|(maturity, lifetime, quantity, lines)| {
            let document = json!({ "title": "t", "maturity": maturity, "lifetime_years": lifetime,
                "functional_unit": { "kind": "per_object", "label": "x", "quantity_per_year": quantity },
                "lines": lines });
            Evaluation::read(&document.to_string()).unwrap()
        })
}

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(other.abs())
}

fn sound(document: &str) {
    match Evaluation::read(document) {
        Err(codes) => {
            assert!(!codes.is_empty());
            for code in codes {
                assert!(!sentence(&code).starts_with("Code inconnu"), "{code}");
            }
        }
        Ok(evaluation) => match evaluate(reference(), &evaluation) {
            Err(codes) => {
                for code in codes {
                    assert!(!sentence(&code).starts_with("Code inconnu"), "{code}");
                }
            }
            Ok(outcome) => {
                for notice in &outcome.notices {
                    assert!(!notice.sentence().contains("Code inconnu"), "{notice:?}");
                }
                assert!(serde_json::to_string(&outcome).is_ok());
            }
        },
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let names = vec![
        "title",
        "maturity",
        "functional_unit",
        "kind",
        "label",
        "quantity_per_year",
        "period",
        "start",
        "end",
        "lifetime_years",
        "lines",
        "phase",
        "tier",
        "frequency",
        "count",
        "source",
        "request",
        "method",
        "input",
        "energy_kwh",
        "carbon_kg",
        "zone",
        "year",
        "indicators",
        "energy",
        "gwp",
        "min",
        "max",
        "who",
        "date",
        "document",
        "mark",
        "reason",
        "phases",
        "tiers",
        "exclusions",
    ];
    let words = vec![
        "FRA",
        "2025",
        "2025-02-30",
        "termine",
        "service_year",
        "data",
        "network",
        "once",
        "measured",
        "coverage",
        "supplier",
        "estimate",
        "negligible",
        "llm_inference",
        "é\"\\\n",
        "",
    ];
    json::values(names, words, 5, 60)
}

proptest! {
    #[test]
    fn totals_are_the_sum_of_what_is_covered_and_nothing_else_has_a_number(evaluation in any_evaluation()) {
        let outcome = evaluate(reference(), &evaluation).unwrap();
        prop_assert_eq!(outcome.grid.len(), 120);
        for cell in &outcome.grid {
            prop_assert_eq!(cell.value.is_some(), cell.coverage.has_number());
            if let Some(value) = cell.value {
                prop_assert!(0.0 <= value.low() && value.low() <= value.central());
                prop_assert!(value.central() <= value.high() && value.high().is_finite());
                prop_assert_eq!(value.unit(), cell.key.indicator.unit());
            }
            prop_assert!(!(cell.required && cell.coverage == Coverage::NotApplicable));
        }
        for total in &outcome.totals {
            let cells: Vec<Range> = outcome.grid.iter()
                .filter(|cell| cell.key.indicator == total.indicator)
                .filter_map(|cell| cell.value)
                .collect();
            prop_assert_eq!(total.annual.is_some(), !cells.is_empty());
            if let Some(annual) = total.annual {
                let sum = |of: fn(Range) -> f64| cells.iter().map(|range| of(*range)).sum::<f64>();
                prop_assert!(near(annual.low(), sum(Range::low)));
                prop_assert!(near(annual.central(), sum(Range::central)));
                prop_assert!(near(annual.high(), sum(Range::high)));
                let part = |part: Option<Range>| part.map_or(0.0, Range::central);
                prop_assert!(near(annual.central(), part(total.amortised) + part(total.recurring)));
                prop_assert!(near(part(total.build), part(total.amortised) * outcome.lifetime_years));
                let quantity = outcome.functional_unit.quantity_per_year;
                prop_assert!(near(total.per_unit.unwrap().central() * quantity, annual.central()));
            }
            let lacks = outcome.grid.iter().any(|cell| {
                cell.key.indicator == total.indicator && cell.required && !cell.is_answered()
            });
            prop_assert!(total.partial || !lacks);
        }
        prop_assert!(outcome.covered <= outcome.required);
        prop_assert!(outcome.coverage_rate.is_none_or(|rate| (0.0..=1.0).contains(&rate)));
    }

    #[test]
    fn an_evaluation_compares_with_itself_and_comes_back_the_same(evaluation in any_evaluation()) {
        let outcome = evaluate(reference(), &evaluation).unwrap();
        let comparison = compare(&outcome, &outcome).unwrap();
        for difference in comparison.indicators {
            let annual = difference.annual.unwrap();
            prop_assert!(annual.central.abs() <= 0.0 && annual.low.abs() <= 0.0 && annual.high.abs() <= 0.0);
        }
        let text = serde_json::to_string(&evaluation).unwrap();
        let again = Evaluation::read(&text).unwrap();
        prop_assert_eq!(evaluate(reference(), &again).unwrap(), outcome);
        prop_assert_eq!(again, evaluation);
    }

    #[test]
    fn the_order_of_lines_does_not_matter(evaluation in any_evaluation()) {
        let mut reversed = evaluation.clone();
        reversed.lines.reverse();
        let (one, other) = (evaluate(reference(), &evaluation).unwrap(), evaluate(reference(), &reversed).unwrap());
        for (cell, same) in one.grid.iter().zip(&other.grid) {
            prop_assert_eq!((cell.coverage, cell.required, cell.incomplete), (same.coverage, same.required, same.incomplete));
            prop_assert_eq!(&cell.stages, &same.stages);
            let alike = match (cell.value, same.value) {
                (Some(value), Some(same)) => near(value.high(), same.high()),
                (None, None) => true,
                _ => false,
            };
            prop_assert!(alike);
        }
    }

    #[test]
    fn a_difference_is_that_of_the_totals(evaluation in any_evaluation(), factor in 0.1..3.0_f64, quantity in 1.0..1e6_f64) {
        let mut other = evaluation.clone();
        other.functional_unit.quantity_per_year = quantity;
        for line in other.lines.iter_mut().step_by(2) {
            line.count *= factor;
        }
        let (one, other) = (evaluate(reference(), &evaluation).unwrap(), evaluate(reference(), &other).unwrap());
        for difference in compare(&one, &other).unwrap().indicators {
            let (before, after) = (one.total(difference.indicator).unwrap(), other.total(difference.indicator).unwrap());
            for (change, before, after) in [
                (difference.annual, before.annual, after.annual),
                (difference.per_unit, before.per_unit, after.per_unit),
            ] {
                let (change, before, after) = (change.unwrap(), before.unwrap(), after.unwrap());
                let slack = 1e-9 * (before.high() + after.high());
                prop_assert!(change.low <= change.central && change.central <= change.high);
                prop_assert!((change.central - (after.central() - before.central())).abs() <= slack);
                prop_assert!(change.low >= after.low() - before.high() - slack);
                prop_assert!(change.high <= after.high() - before.low() + slack);
            }
        }
    }

    #[test]
    fn variants_stand_on_their_own(evaluation in any_evaluation()) {
        let present = evaluate(reference(), &evaluation).unwrap();
        for variant in variants(reference(), &evaluation).unwrap() {
            prop_assert_eq!(&evaluate(reference(), &variant.evaluation).unwrap(), &variant.outcome);
            prop_assert_eq!(&compare(&present, &variant.outcome).unwrap(), &variant.comparison);
        }
    }

    #[test]
    fn a_rebound_stands_in_its_range_and_its_effects_add_up(
        before in (0.0..10.0_f64, 1.0..3.0_f64, 1.0..3.0_f64, 0.0..1e6_f64),
        after in (0.0..10.0_f64, 1.0..3.0_f64, 1.0..3.0_f64, 0.0..1e6_f64),
    ) {
        let of = |(low, up, more, quantity): (f64, f64, f64, f64)| Use {
            unit: Range::of(Indicator::Energy, low, low * up, low * up * more).unwrap(),
            quantity,
        };
        if let Ok(rebound) = Rebound::between(of(before), of(after)) {
            let slack = 1e-9 * rebound.rate.abs().max(1.0);
            prop_assert!(rebound.rate_low.is_none_or(|low| low <= rebound.rate + slack));
            prop_assert!(rebound.rate_high.is_none_or(|high| rebound.rate <= high + slack));
            let sum = rebound.engineering_effect.central + rebound.volume_effect.central;
            let size = rebound.engineering_effect.central.abs() + rebound.volume_effect.central.abs();
            prop_assert!((sum + rebound.actual_saving.central).abs() <= 1e-9 * size);
            let saved = 1.0 - rebound.actual_saving.central / rebound.expected_saving.central;
            let scale = 1.0 + size / rebound.expected_saving.central;
            prop_assert!((saved - rebound.rate).abs() <= 1e-6 * scale);
        }
    }

    #[test]
    fn any_text_gets_an_answer(text in ".{0,80}") {
        sound(&text);
    }

    #[test]
    fn any_json_gets_an_answer(value in any_json()) {
        sound(&value.to_string());
    }

    #[test]
    fn any_line_gets_an_answer(line in any_json(), source in any_json(), number in any::<f64>()) {
        let document = |line: &Value| json!({ "title": "t", "maturity": "termine", "lifetime_years": number.abs(),
            "functional_unit": { "kind": "per_object", "label": "x", "quantity_per_year": number.abs() },
            "lines": [line] }).to_string();
        sound(&document(&line));
        sound(&document(&json!({ "phase": "data", "tier": "network", "frequency": "once", "count": number.abs(),
            "source": source })));
        sound(&document(&json!({ "phase": "data", "tier": "network", "frequency": "once", "count": number.abs(),
            "source": { "kind": "measured", "energy_kwh": number.abs(), "carbon_kg": number.abs().sqrt(), "zone": "FRA" } })));
    }
}
