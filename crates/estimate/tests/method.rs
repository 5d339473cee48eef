//! Facts of the methods' pages that the vectors do not hold.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, in its helpers too"
)]

use sobria_estimate::alternatives::{Change, alternatives};
use sobria_estimate::compare::{Refusal, Side, compare};
use sobria_estimate::llm::{Bounds, Grade, Input};
use sobria_estimate::reference::TABLES;
use sobria_estimate::{ChosenBy, Reference, compute, llm};
use sobria_quantity::Quantity;

fn reference() -> &'static Reference {
    Reference::embedded()
}

fn dense(total_b: f64) -> Input<'static> {
    Input {
        total_params_b: Some(Bounds::point(total_b)),
        pue: Some(Bounds::point(1.2)),
        wue_l_kwh: Some(Bounds::point(0.5)),
        output_tokens: Some(400.0),
        zone: Some("FRA".into()),
        ..Input::default()
    }
}

fn grade(input: &Input<'_>) -> (Grade, Vec<&'static str>) {
    let reliability = llm::estimate(reference(), input).unwrap().output.reliability;
    (reliability.grade, reliability.reasons)
}

#[test]
fn energy_doubles_at_a_step_of_memory() {
    for (total, expected_wh) in [(33.3, 0.048), (33.4, 0.096), (266.6, 1.29), (266.7, 2.58)] {
        let outcome = llm::estimate(reference(), &dense(total)).unwrap();
        let wh = outcome.output.energy.low().get() * 1000.0;
        assert!((wh / expected_wh - 1.0).abs() < 0.01, "{total}: {wh}");
        assert!(outcome.output.notices.contains(&"memory-cliff"));
    }
}

#[test]
fn grades_follow_what_is_known() {
    assert_eq!(grade(&dense(7.0)), (Grade::A, vec![]));
    assert_eq!(grade(&dense(34.0)), (Grade::B, vec!["memory-cliff"]));
    assert_eq!(
        grade(&dense(230.0)),
        (Grade::B, vec!["active-above-200b", "extrapolated"])
    );
    assert_eq!(
        grade(&dense(7.0).in_zone("REU")),
        (Grade::B, vec!["world-default-factors"])
    );
    assert_eq!(grade(&Input::catalogue("openai", "gpt-4o", 1.0)).0, Grade::D);
}

#[test]
fn implied_power_of_a_board_is_flagged() {
    let outcome = llm::estimate(reference(), &Input::catalogue("openai", "gpt-4o", 250.0)).unwrap();
    assert!(outcome.output.notices.contains(&"gpu-power-above-rating"));
    assert!(
        !llm::estimate(reference(), &dense(7.0))
            .unwrap()
            .output
            .notices
            .contains(&"gpu-power-above-rating")
    );
}

#[test]
fn the_table_is_flagged_as_often_as_its_page_says() {
    let mut extrapolated = 0;
    let mut above_rating = 0;
    let models = reference()
        .models()
        .iter()
        .filter(|model| model.alias_of.is_empty());
    for model in models {
        let request = Input::catalogue(model.provider, model.model, 400.0);
        let output = llm::estimate(reference(), &request).unwrap().output;
        extrapolated += u32::from(output.notices.contains(&"extrapolated"));
        above_rating += u32::from(output.notices.contains(&"gpu-power-above-rating"));
    }
    assert_eq!((extrapolated, above_rating), (89, 95));
}

#[test]
fn a_known_disclosure_is_of_the_same_order() {
    let request = Input::catalogue("openai", "gpt-4o", 250.0).in_zone("USA");
    let output = llm::estimate(reference(), &request).unwrap().output;
    assert!((output.energy.low().get() * 1000.0 - 0.36).abs() < 0.005);
    assert!((output.energy.high().get() * 1000.0 - 0.61).abs() < 0.005);
}

#[test]
fn no_token_still_waits_for_the_first_one() {
    let output = llm::estimate(
        reference(),
        &Input::catalogue("openai", "gpt-4o", 0.0).in_zone("USA"),
    )
    .unwrap()
    .output;
    assert!((output.energy.low().get() - 7.625e-6).abs() < 1e-8);
}

#[test]
fn the_form_of_green_algorithms_in_france_has_its_bracket() {
    let job = compute::Job {
        runtime_h: Some(12.0),
        n_cpu_cores: Some(12.0),
        cpu_model: Some("Xeon E5-2683 v4".into()),
        memory_gb: Some(64.0),
        zone: Some("FR".into()),
        ..compute::Job::default()
    };
    let outcome = compute::estimate(reference(), &compute::Input::Job(Box::new(job))).unwrap();
    let compute::Output::Job(output) = outcome.output else {
        panic!()
    };
    let close = |found: f64, expected: f64, slack: f64| {
        assert!(
            (found - expected).abs() <= slack,
            "expected {expected}, found {found}"
        );
    };
    close(output.energy_kwh, 2.1311, 0.0001);
    close(output.carbon_g, 109.28, 0.01);
    close(output.range.energy_kwh.low().get(), 0.53, 0.005);
    close(output.range.energy_kwh.high().get(), 3.16, 0.005);
    close(output.range.carbon_g.low().get(), 18.0, 0.5);
    close(output.range.carbon_g.high().get(), 177.0, 0.5);
}

#[test]
fn published_jobs_are_found_again() {
    let energy = |job: compute::Job<'static>| {
        let outcome = compute::estimate(reference(), &compute::Input::Job(Box::new(job))).unwrap();
        outcome.output.central().energy_kwh
    };
    let pi = compute::Job {
        runtime_h: Some(1.0),
        n_cpu_cores: Some(4.0),
        cpu_tdp_per_core_w: Some(6.4),
        memory_gb: Some(8.0),
        platform: Some("personal-computer".into()),
        zone: Some("FR".into()),
        ..compute::Job::default()
    };
    assert!((energy(pi) - 0.02858).abs() < 1e-9);
}

#[test]
fn a_civil_year_has_twelve_months_and_365_days() {
    let job = || compute::Job {
        runtime_h: Some(1.0),
        memory_gb: Some(1.0),
        zone: Some("FRA".into()),
        ..compute::Job::default()
    };
    for (unit, calendar, expected) in [
        ("day", None, 365.25),
        ("week", None, 365.25 / 7.0),
        ("month", None, 12.0),
        ("year", None, 1.0),
        ("day", Some("green-algorithms"), 360.0),
        ("week", Some("green-algorithms"), 48.0),
    ] {
        let input = compute::Input::Ai(Box::new(compute::Ai {
            inference: Some(job()),
            continuous: Some(true),
            input_period_unit: Some(unit.into()),
            calendar: calendar.map(Into::into),
            ..compute::Ai::default()
        }));
        let compute::Output::Ai(output) = compute::estimate(reference(), &input).unwrap().output else {
            panic!()
        };
        let scale = output.inference.unwrap().scale_factor;
        assert!((scale - expected).abs() < 1e-9, "{unit}: {scale}");
    }
}

#[test]
fn every_value_used_says_who_chose_it() {
    let outcome = llm::estimate(
        reference(),
        &Input::catalogue("mistralai", "mistral-large-2512", 400.0),
    )
    .unwrap();
    let of = |field: &str| {
        outcome
            .assumptions
            .iter()
            .find(|line| line.field == field)
            .unwrap_or_else(|| panic!("{field} is not listed"))
    };
    assert_eq!(of("model").chosen_by, ChosenBy::User);
    assert_eq!(of("total_params_b").chosen_by, ChosenBy::Table);
    assert_eq!(of("zone").chosen_by, ChosenBy::Table);
    assert_eq!(of("batch_size").chosen_by, ChosenBy::Default);
    assert_eq!(of("mix.gwp").source, "Our World in Data");
    assert!(outcome.output.notices.contains(&"zone-assumed"));
}

#[test]
fn proposals_halve_what_they_say() {
    let request = Input::catalogue("openai", "gpt-4o", 250.0).in_zone("USA");
    let proposals = alternatives(reference(), &request, 1000.0).unwrap();
    let kinds: Vec<&Change> = proposals.iter().map(|proposal| &proposal.change).collect();
    assert!(matches!(kinds[0], Change::SmallerModel { .. }), "{kinds:?}");
    assert!(kinds.contains(&&Change::Zone("FRA")), "{kinds:?}");
    assert!(kinds.contains(&&Change::HalfTheTokens));
    let shorter = proposals
        .iter()
        .find(|proposal| proposal.change == Change::HalfTheTokens)
        .unwrap();
    // The delay before the first token does not shrink with the answer.
    assert!(shorter.ratio.unwrap() > 0.5 && shorter.ratio.unwrap() < 0.6);
    assert!(shorter.difference.gwp.central() < 0.0);
}

#[test]
fn what_does_not_compare_is_refused() {
    let reference = reference();
    let impacts = llm::estimate(reference, &dense(7.0)).unwrap().output.totals();
    let request = Side::of_requests(&impacts, 1.0, reference.version());
    let job = compute::Job {
        runtime_h: Some(1.0),
        memory_gb: Some(1.0),
        zone: Some("FRA".into()),
        ..compute::Job::default()
    };
    let outcome = compute::estimate(reference, &compute::Input::Job(Box::new(job))).unwrap();
    let job = Side::of_computation(&outcome.output, reference.version());
    assert_eq!(compare(&request, &job).unwrap_err(), Refusal::DifferentPerimeters);
    let older = Side {
        reference_version: "2025.1",
        ..request.clone()
    };
    assert_eq!(
        compare(&request, &older).unwrap_err(),
        Refusal::DifferentReferences
    );
    assert!(compare(&request, &request).is_ok());
}

#[test]
fn embedded_tables_are_sound_when_given_back() {
    let same = Reference::from_tables(&|id| reference().text(id).map(str::to_owned)).unwrap();
    for (mine, own) in same.tables().iter().zip(reference().tables()) {
        assert_eq!((mine.rows, mine.embedded), (own.rows, false));
    }
    assert!(same.version().starts_with("2026.1+"));
    assert_eq!(same.models(), reference().models());
}

#[test]
fn a_wrong_table_is_refused_with_line_and_column() {
    let changed = |id: &'static str, from: &'static str, to: &'static str| {
        let text = reference().text(id).unwrap();
        assert!(text.contains(from), "{id} holds {from}");
        let text = text.replacen(from, to, 1);
        let errors = Reference::from_tables(&|name| (name == id).then(|| text.clone())).unwrap_err();
        errors[0].to_string()
    };
    assert_eq!(
        changed("electricity_mixes", "Aruba\t0.55", "Aruba\t0,55"),
        "electricity_mixes, line 2, column gwp_kgco2e_kwh: found \"0,55\", \
         expected: un nombre à partir de 0, avec un point décimal"
    );
    assert_eq!(
        changed("processors", "cpu\tA8-7680", "chip\tA8-7680"),
        "processors, line 2, column kind: found \"chip\", expected: cpu, gpu ou tpu"
    );
    assert_eq!(
        changed("llm_providers", "\tSWE\t", "\tSUE\t"),
        "llm_providers, line 6, column datacentre_zone: found \"SUE\", expected: une zone de electricity_mixes"
    );
    assert!(changed("equivalents", "\tpreferred\t", "\tbest\t").contains("expected: preferred, ok ou avoid"));
    assert!(changed("carbon_intensity", "TW\tTaiwan", "IL\tTaiwan").contains("qu’aucune autre ligne"));
}

#[test]
fn tables_have_the_rows_of_their_sources() {
    let rows: Vec<(&str, usize)> = reference()
        .tables()
        .iter()
        .map(|table| (table.id, table.rows))
        .collect();
    let expected = [351, 6, 215, 264, 140, 84, 102, 399, 213];
    assert_eq!(rows, TABLES.into_iter().zip(expected).collect::<Vec<_>>());
}
