//! Evaluations of whole services: what is counted, what is said to be missing, what is refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::float_cmp,
    reason = "a test stops at the first surprise, in its helpers too"
)]

use serde_json::{Value, json};
use sobria_estimate::service::{
    Coverage, Effect, Evaluation, Indicator, Outcome, Phase, Range, Rebound, Refusal, Scenario, Stages, Tier,
    Use, VariantChange, compare, evaluate, needed, rebound, side_by_side, variants,
};
use sobria_estimate::{Reference, sentence};

fn document(maturity: &str, quantity: f64, lines: Value) -> Value {
    json!({
        "title": "Assistant de rédaction",
        "period": { "start": "2025", "end": "2025" },
        "functional_unit": {
            "kind": "per_request",
            "label": "répondre à une question d’agent",
            "quantity_per_year": quantity
        },
        "maturity": maturity,
        "lines": lines
    })
}

fn read(document: &Value) -> Evaluation {
    Evaluation::read(&document.to_string()).unwrap()
}

fn outcome(document: &Value) -> Outcome {
    evaluate(Reference::embedded(), &read(document)).unwrap()
}

fn requests(count: f64) -> Value {
    json!({
        "phase": "operation", "tier": "datacenter", "label": "Requêtes", "frequency": "per_year", "count": count,
        "source": { "kind": "estimate", "request": { "method": "llm_inference",
            "input": { "provider": "mistralai", "model": "mistral-large-2512", "output_tokens": 400, "zone": "FRA" } } }
    })
}

fn measured(phase: &str, energy: f64, frequency: &str) -> Value {
    json!({
        "phase": phase, "tier": "datacenter", "label": "Journal", "frequency": frequency,
        "source": { "kind": "measured", "energy_kwh": energy, "zone": "FRA" }
    })
}

fn mark(phase: &str, tier: &str, mark: &str, reason: Option<&str>) -> Value {
    json!({ "phase": phase, "tier": tier, "source": { "kind": "coverage", "mark": mark, "reason": reason } })
}

fn codes(outcome: &Outcome) -> Vec<&str> {
    outcome.notices.iter().map(|notice| &*notice.code).collect()
}

#[test]
fn the_claim_of_the_pilot_is_kept_in_energy_and_asks_for_its_carbon_factor() {
    let claim = document(
        "experimentation",
        1.0,
        json!([{
            "phase": "training", "tier": "datacenter", "label": "29 modèles, 55 entraînements", "frequency": "once",
            "source": { "kind": "measured", "energy_kwh": 15, "carbon_kg": 2.5, "zone": "FRA",
                "tool": "CodeCarbon et Green Algorithms" }
        }]),
    );
    let outcome = outcome(&claim);
    let notice = outcome
        .notices
        .iter()
        .find(|notice| notice.code == "carbon_energy_mismatch")
        .unwrap();
    let mismatch = notice.arguments.as_ref().unwrap();
    assert_eq!(notice.line, Some(0));
    assert!((mismatch.implied_g_per_kwh - 166.67).abs() < 0.01);
    let held: Vec<f64> = mismatch.factors.iter().map(|factor| factor.g_per_kwh).collect();
    assert_eq!(held.len(), 4);
    assert!(held.contains(&33.44) && held.contains(&51.28) && held.contains(&56.039));
    assert!(mismatch.factors.iter().all(|factor| !factor.source.is_empty()));
    let ratio = mismatch.ratio.unwrap();
    assert!((ratio.min - 2.97).abs() < 0.01 && (ratio.max - 4.98).abs() < 0.01);
    let words = notice.sentence().replace('\u{a0}', " ");
    assert!(
        words.contains("167 g/kWh") && words.contains("de 3 à 5 fois"),
        "{words}"
    );
    assert!(words.contains("Quel facteur a été employé"), "{words}");

    let gwp = outcome
        .cell(Phase::Training, Tier::Datacenter, Indicator::Gwp)
        .unwrap();
    assert_eq!(gwp.coverage, Coverage::Calculated);
    let build = outcome.total(Indicator::Gwp).unwrap().build.unwrap();
    assert!((build.central() - 0.6216).abs() < 1e-9);
    assert!((build.low() - 0.5016).abs() < 1e-9 && (build.high() - 0.840_585).abs() < 1e-9);
    assert_eq!(outcome.lines[0].declared_carbon.unwrap().central(), 2.5);
}

#[test]
fn a_declared_figure_is_flagged_outside_half_and_twice_the_factor_of_its_place() {
    for (kilogrammes, zone, flagged) in [
        (0.20, "FRA", true),
        (0.32, "FRA", false),
        (1.24, "FRA", false),
        (1.25, "FRA", true),
        (2.5, "BEL", false),
    ] {
        let lines = json!([{ "phase": "operation", "tier": "datacenter", "frequency": "per_year",
            "source": { "kind": "supplier", "who": "Hébergeur", "date": "2026-03", "document": "Attestation",
                "zone": zone, "indicators": { "energy": 15, "gwp": { "min": kilogrammes, "max": kilogrammes } } } }]);
        let outcome = outcome(&document("experimentation", 10.0, lines));
        assert_eq!(
            codes(&outcome).contains(&"carbon_energy_mismatch"),
            flagged,
            "{kilogrammes} {zone}"
        );
        let cell = outcome
            .cell(Phase::Operation, Tier::Datacenter, Indicator::Gwp)
            .unwrap();
        assert_eq!(cell.coverage, Coverage::Supplier);
        assert_eq!(cell.value.unwrap().central(), kilogrammes);
    }
}

#[test]
fn manufacture_explains_a_factor_too_high_but_not_one_too_low() {
    for (kilogrammes, flagged) in [(25.0, false), (0.1, true)] {
        let lines = json!([{ "phase": "operation", "tier": "terminal", "frequency": "per_year",
            "source": { "kind": "supplier", "who": "Fabricant", "date": "2026", "document": "Fiche", "zone": "FRA",
                "includes_manufacture": true, "indicators": { "energy": 50, "gwp": kilogrammes } } }]);
        let outcome = outcome(&document("experimentation", 1.0, lines));
        assert_eq!(codes(&outcome).contains(&"carbon_energy_mismatch"), flagged);
    }
}

#[test]
fn what_both_sides_share_does_not_widen_the_difference() {
    let terminals = json!({ "phase": "operation", "tier": "terminal", "frequency": "per_year", "count": 12,
        "source": { "kind": "supplier", "who": "Fabricant", "date": "2026", "document": "Fiche",
            "indicators": { "energy": { "min": 40, "max": 60 } } } });
    let with = |count: f64| {
        outcome(&document(
            "experimentation",
            1000.0,
            json!([requests(count), terminals]),
        ))
    };
    let (now, half) = (with(1000.0), with(500.0));
    let unit = now.lines[0].parts[0].one;
    let comparison = compare(&now, &half).unwrap();
    let energy = comparison.indicators[0].annual.unwrap();
    assert!(energy.is_certain());
    assert!((energy.low + 500.0 * unit.high()).abs() < 1e-9);
    assert!((energy.high + 500.0 * unit.low()).abs() < 1e-9);
}

#[test]
fn a_statement_without_a_place_or_without_energy_is_questioned() {
    let statement = |indicators: Value, zone: Option<&str>| {
        json!([{ "phase": "operation", "tier": "datacenter", "frequency": "per_year",
            "source": { "kind": "supplier", "who": "Hébergeur", "date": "2026", "document": "Attestation",
                "zone": zone, "indicators": indicators } }])
    };
    let unplaced = statement(json!({ "energy": 15, "gwp": 2.5 }), None);
    assert!(codes(&outcome(&document("experimentation", 1.0, unplaced))).contains(&"zone-not-stated"));
    let without_energy = statement(json!({ "energy": 0, "gwp": 2.5 }), Some("FRA"));
    assert!(
        codes(&outcome(&document("experimentation", 1.0, without_energy))).contains(&"carbon-without-energy")
    );
}

#[test]
fn a_year_is_the_build_over_the_lifetime_and_what_comes_back_each_year() {
    let mut whole = document(
        "experimentation",
        1000.0,
        json!([
            measured("data", 3.0, "once"),
            measured("training", 30.0, "once"),
            measured("validation", 3.0, "once"),
            measured("deployment", 6.0, "once"),
            { "phase": "retraining", "tier": "datacenter", "frequency": "per_year", "count": 4,
              "source": { "kind": "measured", "energy_kwh": 2, "zone": "FRA" } },
            measured("operation", 100.0, "per_year"),
        ]),
    );
    let energy = |document: &Value| outcome(document).total(Indicator::Energy).unwrap().clone();
    let total = energy(&whole);
    assert_eq!(total.build.unwrap().central(), 42.0);
    assert_eq!(total.amortised.unwrap().central(), 14.0);
    assert_eq!(total.recurring.unwrap().central(), 108.0);
    assert_eq!(total.annual.unwrap().central(), 122.0);
    assert_eq!(total.per_unit.unwrap().central(), 0.122);
    whole["lifetime_years"] = json!(6);
    assert_eq!(energy(&whole).annual.unwrap().central(), 115.0);
    let listed = outcome(&whole).assumptions;
    assert_eq!(listed[0].field, "lifetime_years");
}

#[test]
fn the_least_to_declare_grows_with_maturity() {
    for (maturity, cells) in [
        ("reflexion", 4),
        ("construction", 4),
        ("experimentation", 4),
        ("deploiement", 60),
        ("termine", 105),
        ("abandonne", 0),
    ] {
        let outcome = outcome(&document(maturity, 1.0, json!([])));
        assert_eq!(outcome.required, cells, "{maturity}");
        assert_eq!(outcome.coverage_rate.is_none(), cells == 0, "{maturity}");
        assert!(codes(&outcome).contains(&"no-line"));
    }
    let given_up = read(&document(
        "abandonne",
        1.0,
        json!([measured("data", 1.0, "once")]),
    ));
    assert_eq!(needed(&given_up).phases, [Phase::Data]);
}

#[test]
fn what_is_not_known_has_no_number_and_makes_totals_partial() {
    let outcome = outcome(&document("experimentation", 1000.0, json!([requests(1000.0)])));
    assert_eq!(outcome.grid.len(), 120);
    assert_eq!(outcome.coverage_rate, Some(0.5));
    let training = outcome
        .cell(Phase::Training, Tier::Datacenter, Indicator::Energy)
        .unwrap();
    assert_eq!(training.coverage, Coverage::NotCovered);
    assert!(training.required && training.value.is_none());
    let energy = outcome.total(Indicator::Energy).unwrap();
    assert!(energy.partial);
    assert_eq!(
        energy
            .missing
            .iter()
            .map(|missing| missing.phase)
            .collect::<Vec<_>>(),
        [Phase::Training, Phase::BaseModelTraining]
    );
    assert!(codes(&outcome).contains(&"base-model-training-not-covered"));
    assert!(codes(&outcome).contains(&"totals-partial"));
    let written = serde_json::to_value(&outcome).unwrap();
    for cell in written["grid"].as_array().unwrap() {
        assert_eq!(
            cell.get("value").is_some(),
            !["not_covered", "negligible", "not_applicable"].contains(&cell["coverage"].as_str().unwrap())
        );
    }
}

#[test]
fn marks_answer_for_cells_and_those_without_object_are_no_longer_asked_for() {
    let lines = json!([
        requests(1000.0),
        mark(
            "training",
            "datacenter",
            "not_applicable",
            Some("modèle employé tel quel")
        ),
        mark(
            "base_model_training",
            "datacenter",
            "negligible",
            Some("part du fournisseur sous 1 %")
        ),
    ]);
    let outcome = outcome(&document("experimentation", 1000.0, lines));
    assert_eq!((outcome.required, outcome.covered), (2, 2));
    assert_eq!(outcome.coverage_rate, Some(1.0));
    assert!(!outcome.total(Indicator::Gwp).unwrap().partial);
    assert!(!codes(&outcome).contains(&"base-model-training-not-covered"));
}

#[test]
fn negligible_without_a_reason_is_not_covered() {
    for reason in [None, Some("  ")] {
        let lines = json!([mark("training", "datacenter", "negligible", reason)]);
        let outcome = outcome(&document("experimentation", 1.0, lines));
        let cell = outcome
            .cell(Phase::Training, Tier::Datacenter, Indicator::Gwp)
            .unwrap();
        assert_eq!(cell.coverage, Coverage::NotCovered);
        assert_eq!(outcome.covered, 0);
        assert!(codes(&outcome).contains(&"negligible-without-reason"));
    }
}

#[test]
fn a_mark_may_hold_for_several_phases_tiers_and_indicators() {
    let lines = json!([{ "phase": "data", "tier": "terminal", "source": { "kind": "coverage",
        "mark": "not_applicable", "reason": "aucun capteur", "phases": ["training", "retraining"],
        "tiers": ["network"], "indicators": ["adpe", "water"] } }]);
    let outcome = outcome(&document("deploiement", 1.0, lines));
    assert_eq!(outcome.required, 60 - 3 * 2 * 2);
}

#[test]
fn a_cell_that_one_of_its_lines_leaves_out_is_incomplete() {
    let both = json!([requests(1000.0), measured("operation", 5.0, "per_year")]);
    let outcome = outcome(&document("experimentation", 1000.0, both));
    let cell = |indicator| {
        outcome
            .cell(Phase::Operation, Tier::Datacenter, indicator)
            .unwrap()
    };
    assert!(!cell(Indicator::Energy).incomplete);
    assert_eq!(cell(Indicator::Energy).coverage, Coverage::Estimated);
    assert!(cell(Indicator::Water).incomplete && cell(Indicator::Water).value.is_some());
    assert!(outcome.total(Indicator::Water).unwrap().partial);
    assert_eq!(
        cell(Indicator::Gwp).stages,
        [Stages::Use, Stages::UseAndManufacture]
    );
    assert!(codes(&outcome).contains(&"mixed-stages"));
}

#[test]
fn a_value_beside_a_mark_is_kept_and_said() {
    let with = |kind: &str| {
        let lines = json!([
            measured("operation", 5.0, "per_year"),
            mark("operation", "datacenter", kind, Some("raison"))
        ]);
        outcome(&document("experimentation", 1.0, lines))
    };
    let contradicted = with("not_applicable");
    assert!(codes(&contradicted).contains(&"mark-contradicts-value"));
    let cell = |outcome: &Outcome| {
        outcome
            .cell(Phase::Operation, Tier::Datacenter, Indicator::Energy)
            .unwrap()
            .clone()
    };
    assert_eq!(cell(&contradicted).value.unwrap().central(), 5.0);
    assert!(cell(&with("not_covered")).incomplete);
}

#[test]
fn an_estimate_that_fails_names_its_line() {
    let mut line = requests(10.0);
    line["source"]["request"]["input"]["model"] = json!("none");
    let bad = json!([requests(1.0), line,
        { "phase": "data", "tier": "datacenter", "frequency": "once",
          "source": { "kind": "measured", "energy_kwh": 1, "zone": "??" } },
        { "phase": "data", "tier": "datacenter", "frequency": "once",
          "source": { "kind": "estimate", "request": { "method": "compute_job", "input": { "memory_gb": 1, "zone": "FRA" } } } }]);
    let errors = evaluate(Reference::embedded(), &read(&document("termine", 1.0, bad))).unwrap_err();
    assert_eq!(
        errors,
        [
            "lines[1].model-not-registered",
            "lines[2].unknown-zone",
            "lines[3].missing:runtime_h"
        ]
    );
    assert!(sentence(&errors[0]).starts_with("Ligne 2\u{a0}: ce modèle"));
    assert!(sentence(&errors[2]).starts_with("Ligne 4\u{a0}: il manque la durée"));
}

#[test]
fn each_mistake_of_a_document_is_listed_with_its_place() {
    let cases: &[(Value, &[&str])] = &[
        (json!([]), &["invalid-type:request"]),
        (
            json!({}),
            &[
                "missing:title",
                "missing:maturity",
                "missing:functional_unit",
                "missing:lines",
            ],
        ),
        (
            json!({ "title": " ", "maturity": "essai", "functional_unit": { "kind": "per_km", "label": "x" },
                "period": { "start": "2026", "end": "2025" }, "lines": 3, "author": "x", "exclusions": [1] }),
            &[
                "out-of-range:maturity",
                "unknown-field:author",
                "missing:title",
                "out-of-range:period",
                "out-of-range:functional_unit.kind",
                "missing:functional_unit.quantity_per_year",
                "invalid-type:lines",
                "invalid-type:exclusions",
            ],
        ),
        (
            document(
                "termine",
                1.0,
                json!([{ "phase": "use", "tier": 4, "count": "x" }]),
            ),
            &[
                "out-of-range:lines[0].phase",
                "invalid-type:lines[0].tier",
                "invalid-type:lines[0].count",
                "missing:lines[0].source",
                "missing:lines[0].frequency",
            ],
        ),
        (
            document(
                "termine",
                0.0,
                json!([
                    { "phase": "data", "tier": "network", "frequency": "once", "count": -1,
                      "source": { "kind": "measured", "energy_kwh": { "min": 2, "max": 1 }, "zone": "FRA" } }
                ]),
            ),
            &[
                "out-of-range:functional_unit.quantity_per_year",
                "out-of-range:lines[0].count",
                "out-of-range:lines[0].source.energy_kwh",
            ],
        ),
        (
            document(
                "termine",
                1.0,
                json!([
                    { "phase": "data", "tier": "network", "frequency": "once", "source": { "kind": "guess" } },
                    { "phase": "data", "tier": "network", "frequency": "once", "source": { "kind": "measured", "year": 70000 } },
                    { "phase": "data", "tier": "network", "frequency": "once", "source": { "kind": "supplier",
                        "indicators": { "noise": 1 } } },
                    { "phase": "data", "tier": "network", "source": { "kind": "coverage", "mark": "measured" } },
                    { "phase": "data", "tier": "network", "frequency": "once", "source": { "kind": "estimate", "request": 7 } },
                ]),
            ),
            &[
                "out-of-range:lines[0].source.kind",
                "out-of-range:lines[1].source.year",
                "missing:lines[1].source.energy_kwh",
                "missing:lines[1].source.zone",
                "missing:lines[2].source.who",
                "missing:lines[2].source.date",
                "missing:lines[2].source.document",
                "unknown-field:lines[2].source.indicators.noise",
                "out-of-range:lines[3].source.mark",
                "invalid-type:lines[4].source.request",
            ],
        ),
    ];
    for (document, expected) in cases {
        let errors = Evaluation::read(&document.to_string()).unwrap_err();
        assert_eq!(errors, *expected, "{document}");
        for code in errors {
            let words = sentence(&code);
            assert!(
                !words.starts_with("Code inconnu") && words.ends_with('.'),
                "{words}"
            );
        }
    }
    assert_eq!(Evaluation::read("{").unwrap_err(), ["invalid-json"]);
    assert_eq!(
        Evaluation::read(r#"{"title":"a","title":"b"}"#).unwrap_err()[0],
        "duplicate-field:title"
    );
}

#[test]
fn every_code_of_an_evaluation_has_a_french_sentence() {
    for code in [
        "carbon_energy_mismatch",
        "carbon-without-energy",
        "zone-not-stated",
        "negligible-without-reason",
        "not-applicable-without-reason",
        "training-and-use-in-one-line",
        "no-line",
        "period-missing",
        "base-model-training-not-covered",
        "mark-contradicts-value",
        "manufacture-not-counted",
        "mixed-stages",
        "totals-partial",
        "different-functional-units",
        "different-phases",
        "different-tiers",
        "different-indicators",
        "different-cells",
        "compared-totals-partial",
        "compared-lifetimes-differ",
        "compared-coverage-differs",
        "rebound-period-missing",
        "periods-not-in-order",
        "use-not-covered",
        "no-expected-saving",
    ] {
        let words = sentence(code);
        assert!(!words.starts_with("Code inconnu"), "{code}: {words}");
        assert!(words.ends_with(['.', '?']), "{code}: {words}");
        for mark in [" :", " ;", " ?", "« ", " »", " %", "'"] {
            assert!(
                !words.contains(mark),
                "{code}: plain space or apostrophe in {words}"
            );
        }
    }
}

#[test]
fn a_document_comes_back_as_it_was_understood() {
    let lines = json!([
        requests(7.0),
        measured("training", 15.0, "once"),
        mark("operation", "network", "negligible", Some("quelques octets")),
        { "phase": "operation", "tier": "terminal", "frequency": "per_year", "source": { "kind": "supplier",
            "who": "Fabricant", "date": "2025", "document": "Fiche", "includes_manufacture": true,
            "indicators": { "gwp": { "min": 1, "max": 2 }, "adpe": 1e-6 } } },
    ]);
    let evaluation = read(&document("deploiement", 7.0, lines));
    let text = serde_json::to_string(&evaluation).unwrap();
    assert_eq!(Evaluation::read(&text).unwrap(), evaluation);
    assert_eq!(serde_json::from_str::<Evaluation>(&text).unwrap(), evaluation);
    assert_eq!(
        serde_json::from_value::<Evaluation>(serde_json::to_value(&evaluation).unwrap())
            .unwrap()
            .lines
            .len(),
        4
    );
    assert!(serde_json::from_str::<Evaluation>("{}").is_err());
}

#[test]
fn scenarios_with_another_volume_compare_and_the_difference_has_a_range() {
    let now = outcome(&document("experimentation", 1000.0, json!([requests(1000.0)])));
    let half = outcome(&document("experimentation", 500.0, json!([requests(500.0)])));
    let columns = side_by_side(&[
        Scenario {
            title: "Aujourd’hui",
            outcome: &now,
        },
        Scenario {
            title: "Deux fois moins",
            outcome: &half,
        },
    ]);
    let comparison = columns[1].comparison.as_ref().unwrap();
    assert_eq!(comparison.indicators.len(), 5);
    for difference in &comparison.indicators {
        let annual = difference.annual.unwrap();
        assert!(annual.low <= annual.central && annual.central <= annual.high);
        assert!((difference.annual_ratio.unwrap() - 0.5).abs() < 1e-12);
        assert!((difference.per_unit_ratio.unwrap() - 1.0).abs() < 1e-12);
        assert!(difference.partial);
    }
    assert_eq!(comparison.cautions, ["compared-totals-partial"]);
    assert!(side_by_side(&[]).is_empty());
}

#[test]
fn a_comparison_is_refused_with_every_reason() {
    let base = document(
        "experimentation",
        1000.0,
        json!([measured("operation", 5.0, "per_year")]),
    );
    let refused = |other: &Value| -> Vec<&'static str> {
        compare(&outcome(&base), &outcome(other))
            .unwrap_err()
            .iter()
            .map(Refusal::code)
            .collect()
    };
    let mut other_unit = base.clone();
    other_unit["functional_unit"]["kind"] = json!("per_object");
    assert_eq!(refused(&other_unit), ["different-functional-units"]);
    let mut other_words = base.clone();
    other_words["functional_unit"]["label"] = json!("résumer un courrier");
    assert_eq!(refused(&other_words), ["different-functional-units"]);

    let more = json!([
        measured("operation", 5.0, "per_year"),
        measured("training", 5.0, "once")
    ]);
    assert_eq!(
        refused(&document("experimentation", 1000.0, more)),
        ["different-phases"]
    );
    let mut elsewhere = base.clone();
    elsewhere["lines"][0]["tier"] = json!("terminal");
    assert_eq!(refused(&elsewhere), ["different-tiers"]);
    assert_eq!(
        refused(&document("experimentation", 1000.0, json!([requests(1000.0)]))),
        ["different-indicators", "different-perimeters"]
    );

    let cross = |first: &str, second: &str| {
        let mut lines = json!([
            measured("operation", 5.0, "per_year"),
            measured("training", 5.0, "once")
        ]);
        lines[0]["tier"] = json!(first);
        lines[1]["tier"] = json!(second);
        outcome(&document("experimentation", 1000.0, lines))
    };
    let crossed = compare(&cross("terminal", "network"), &cross("network", "terminal")).unwrap_err();
    assert_eq!(crossed[0].code(), "different-cells");
    assert!(crossed[0].sentence().contains("Exploitation, Réseaux"));

    let mut older = outcome(&base);
    older.reference_version = "2020.1".to_owned();
    assert_eq!(
        compare(&older, &outcome(&base)).unwrap_err(),
        [Refusal::DifferentReferences]
    );
    let written = serde_json::to_value(&crossed).unwrap();
    assert_eq!(written[0]["code"], "different-cells");
}

#[test]
fn rebound_follows_the_worked_example_and_carries_its_range() {
    let of = |low: f64, central: f64, high: f64, quantity: f64| Use {
        unit: Range::of(Indicator::Energy, low, central, high).unwrap(),
        quantity,
    };
    let exact = Rebound::between(of(4.0, 4.0, 4.0, 1e4), of(1.0, 1.0, 1.0, 3.2e4)).unwrap();
    assert!((exact.rate - 0.733_333_333_333).abs() < 1e-9);
    assert_eq!(exact.effect, Effect::Partial);
    assert_eq!(exact.engineering_effect.central, -30_000.0);
    assert_eq!(exact.volume_effect.central, 22_000.0);
    let worse = Rebound::between(of(4.0, 4.0, 4.0, 1e4), of(1.0, 1.0, 1.0, 5e4)).unwrap();
    assert!((worse.rate - 1.333_333_333_333).abs() < 1e-9);
    assert_eq!(worse.effect, Effect::Backfire);
    assert_eq!(worse.actual_saving.central, -10_000.0);

    let ranged = Rebound::between(of(3.0, 4.0, 5.0, 1e4), of(0.5, 1.0, 1.5, 3.2e4)).unwrap();
    assert!(ranged.rate_low.unwrap() < ranged.rate && ranged.rate < ranged.rate_high.unwrap());
    let open = Rebound::between(of(2.0, 4.0, 5.0, 1e4), of(0.5, 1.0, 3.0, 3.2e4)).unwrap();
    assert!(open.rate_high.is_none() && open.rate_low.is_some());
    let fewer = Rebound::between(of(2.0, 4.0, 5.0, 1e4), of(0.5, 1.0, 3.0, 5e3)).unwrap();
    assert_eq!(fewer.effect, Effect::Reinforced);
    assert!(fewer.rate_low.is_none() && fewer.rate_high.unwrap() < 0.0);
    assert_eq!(
        Rebound::between(of(1.0, 1.0, 1.0, 1e4), of(1.0, 1.0, 1.0, 2e4)).unwrap_err(),
        Refusal::NoExpectedSaving
    );
    assert_eq!(
        Rebound::between(of(1.0, 1.0, 1.0, 0.0), of(0.5, 0.5, 0.5, 2e4)).unwrap_err(),
        Refusal::NoExpectedSaving
    );
}

#[test]
fn rebound_looks_at_the_operation_and_refuses_what_it_cannot_tell() {
    let period = |year: Option<u16>, energy: f64, quantity: f64, tier: &str| {
        let mut lines = json!([
            measured("operation", energy, "per_year"),
            measured("training", 1e6, "once")
        ]);
        lines[0]["tier"] = json!(tier);
        let mut whole = document("experimentation", quantity, lines);
        whole["period"] = year.map_or(
            Value::Null,
            |year| json!({ "start": year.to_string(), "end": year.to_string() }),
        );
        outcome(&whole)
    };
    let before = period(Some(2025), 40.0, 1e4, "datacenter");
    let after = period(Some(2026), 32.0, 3.2e4, "datacenter");
    let told = rebound(&before, &after, Indicator::Energy).unwrap();
    assert!((told.rate - 0.733_333_333_333).abs() < 1e-9);
    let reasons = |before: &Outcome, after: &Outcome, indicator| -> Vec<&'static str> {
        rebound(before, after, indicator)
            .unwrap_err()
            .iter()
            .map(Refusal::code)
            .collect()
    };
    assert_eq!(
        reasons(&after, &before, Indicator::Energy),
        ["periods-not-in-order"]
    );
    let undated = period(None, 32.0, 3.2e4, "datacenter");
    assert_eq!(
        reasons(&before, &undated, Indicator::Energy),
        ["rebound-period-missing"]
    );
    let elsewhere = period(Some(2026), 32.0, 3.2e4, "terminal");
    assert_eq!(
        reasons(&before, &elsewhere, Indicator::Energy),
        ["different-tiers"]
    );
    assert_eq!(reasons(&before, &after, Indicator::Water), ["use-not-covered"]);
    let same = period(Some(2026), 128.0, 3.2e4, "datacenter");
    assert_eq!(reasons(&before, &same, Indicator::Energy), ["no-expected-saving"]);
}

#[test]
fn variants_change_one_thing_and_compare_with_the_present() {
    let mut line = requests(1000.0);
    line["source"]["request"]["input"]["zone"] = json!("DEU");
    let training = json!({ "phase": "training", "tier": "datacenter", "frequency": "once",
        "source": { "kind": "measured", "energy_kwh": 15, "carbon_kg": 6, "zone": "DEU" } });
    let job = json!({ "phase": "retraining", "tier": "datacenter", "frequency": "per_year", "count": 2,
        "source": { "kind": "estimate", "request": { "method": "compute_job",
            "input": { "runtime_h": 3, "memory_gb": 16, "n_cpu_cores": 4, "zone": "DEU" } } } });
    let evaluation = read(&document("experimentation", 1000.0, json!([line, training, job])));
    let proposed = variants(Reference::embedded(), &evaluation).unwrap();
    let titles: Vec<String> = proposed.iter().map(|variant| variant.change.title()).collect();
    assert!(titles.len() >= 5, "{titles:?}");
    for variant in &proposed {
        let again = evaluate(Reference::embedded(), &variant.evaluation).unwrap();
        assert_eq!(again, variant.outcome);
    }
    let elsewhere = proposed
        .iter()
        .find(|variant| variant.change == VariantChange::Zone("FRA"))
        .unwrap();
    let text = serde_json::to_string(&elsewhere.evaluation).unwrap();
    assert!(!text.contains("DEU") && !text.contains("carbon_kg"), "{text}");
    let half = proposed.last().unwrap();
    assert_eq!(half.change, VariantChange::HalfTheVolume);
    assert_eq!(half.evaluation.functional_unit.quantity_per_year, 500.0);
    assert_eq!(half.evaluation.lines[0].count, 500.0);
    assert_eq!(half.evaluation.lines[2].count, 2.0);
}

#[test]
fn the_example_of_the_manual_is_an_evaluation() {
    let manual = include_str!("../../../docs/methods/service-evaluation.md");
    let example = manual
        .split_once("```json")
        .and_then(|(_, rest)| rest.split_once("```"))
        .unwrap()
        .0;
    let outcome = evaluate(Reference::embedded(), &Evaluation::read(example).unwrap()).unwrap();
    assert_eq!((outcome.required, outcome.covered), (52, 8));
    let used = outcome.lines[0].method.unwrap();
    assert_eq!(used.id, "llm_inference");
    assert!(codes(&outcome).contains(&"carbon_energy_mismatch"));
}

#[test]
fn numbers_too_large_are_refused_by_their_line() {
    let mut line = measured("data", 1e308, "per_year");
    line["count"] = json!(1e10);
    let errors = evaluate(
        Reference::embedded(),
        &read(&document("termine", 1.0, json!([line]))),
    )
    .unwrap_err();
    assert_eq!(errors, ["lines[0].result-too-large"]);
    let two = json!([
        measured("data", 1e308, "per_year"),
        measured("data", 1e308, "per_year")
    ]);
    let errors = evaluate(Reference::embedded(), &read(&document("termine", 1.0, two))).unwrap_err();
    assert_eq!(errors, ["result-too-large"]);
}
