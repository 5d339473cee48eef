//! Golden values of the method, and what must hold for any objective.

use proptest::prelude::*;

use super::obligation::{Authority, Obligation, of};
use super::sheet::{Axis, SHEETS};
use super::target::{Direction, Objective, Status, Target};

fn objective() -> Objective {
    Objective {
        baseline_year: 2024,
        baseline: Some(120.0),
        target_year: 2030,
        target: Target::Relative(-30.0),
        direction: Direction::Down,
    }
}

fn near(found: Option<f64>, expected: f64, within: f64) {
    let found = found.unwrap();
    assert!(
        (found - expected).abs() <= within,
        "{found} instead of {expected}"
    );
}

#[test]
fn the_example_of_the_method_is_found_again() {
    let one = objective();
    near(one.value(), 84.0, 1e-9);
    near(one.trajectory(2027), 102.0, 1e-9);
    near(one.progress(105.0), 41.67, 0.005);
    near(one.gap(2027, 105.0).map(|gap| gap * 100.0), 2.94, 0.005);
    near(one.gap(2027, 110.0).map(|gap| gap * 100.0), 7.84, 0.005);
    for (value, expected) in [
        (84.0, Status::Reached),
        (105.0, Status::OnTrack),
        (107.1, Status::OnTrack),
        (110.0, Status::Late),
        (123.0, Status::VeryLate),
    ] {
        assert_eq!(one.status(Some((2027, value, 3))), expected, "{value}");
    }
    assert_eq!(one.status(Some((2027, 84.0, 19))), Status::NoData);
    assert_eq!(one.status(None), Status::NoData);
}

#[test]
fn an_objective_that_rises_is_read_the_other_way() {
    let one = Objective {
        baseline: Some(40.0),
        target: Target::Absolute(100.0),
        direction: Direction::Up,
        ..objective()
    };
    near(one.trajectory(2027), 70.0, 1e-9);
    near(one.progress(70.0), 50.0, 1e-9);
    for (value, expected) in [
        (100.0, Status::Reached),
        (67.0, Status::OnTrack),
        (60.0, Status::Late),
        (50.0, Status::VeryLate),
    ] {
        assert_eq!(one.status(Some((2027, value, 0))), expected, "{value}");
    }
}

#[test]
fn without_a_baseline_nothing_is_computed_and_never_zero() {
    let one = Objective {
        baseline: None,
        ..objective()
    };
    assert_eq!(
        (one.value(), one.progress(10.0), one.trajectory(2027)),
        (None, None, None)
    );
    assert_eq!(one.status(Some((2027, 10.0, 1))), Status::NotComputable);
    assert_eq!(Status::NotComputable.label(), "Non calculable");
}

#[test]
fn what_makes_no_sense_is_said() {
    let fields =
        |one: Objective| -> Vec<String> { one.problems().into_iter().map(|problem| problem.field).collect() };
    assert!(fields(objective()).is_empty());
    assert_eq!(
        fields(Objective {
            target_year: 2023,
            ..objective()
        }),
        ["target_year"]
    );
    assert_eq!(
        fields(Objective {
            target_year: 2024,
            ..objective()
        }),
        ["target_year"]
    );
    assert_eq!(
        fields(Objective {
            target: Target::Absolute(-1.0),
            ..objective()
        }),
        ["target"]
    );
    assert_eq!(
        fields(Objective {
            target: Target::Relative(-101.0),
            ..objective()
        }),
        ["target"]
    );
    assert_eq!(
        fields(Objective {
            target: Target::Relative(10.0),
            ..objective()
        }),
        ["target"]
    );
    assert_eq!(
        fields(Objective {
            baseline: Some(-5.0),
            ..objective()
        }),
        ["baseline"]
    );
}

#[test]
fn a_roadmap_is_due_above_fifty_thousand_people_only() {
    assert_eq!(of(Authority::Commune, Some(50_000)), Obligation::Voluntary);
    assert_eq!(of(Authority::Grouping, Some(50_001)), Obligation::Due);
    assert_eq!(of(Authority::Other, Some(900_000)), Obligation::Voluntary);
    assert_eq!(of(Authority::Commune, None), Obligation::Unknown);
}

#[test]
fn five_actions_stand_on_each_axis() {
    for axis in Axis::ALL {
        assert_eq!(SHEETS.iter().filter(|sheet| sheet.axis == axis).count(), 5);
    }
    let computed: Vec<&str> = SHEETS
        .iter()
        .filter(|sheet| sheet.computed)
        .map(|sheet| sheet.id)
        .collect();
    assert_eq!(computed, ["k3", "k4", "k5", "r4", "r5", "i1", "i2", "i4"]);
}

proptest! {
    #[test]
    fn the_trajectory_goes_from_baseline_to_target_and_its_progress_with_it(
        baseline in 1.0..1e6f64, percent in -100.0..-1.0f64, span in 1i16..20,
    ) {
        let one = Objective { baseline: Some(baseline), target: Target::Relative(percent), target_year: 2024 + span, ..objective() };
        let target = one.value().unwrap();
        prop_assert!((one.trajectory(2024).unwrap() - baseline).abs() < 1e-6);
        prop_assert!((one.trajectory(2024 + span).unwrap() - target).abs() < 1e-6);
        prop_assert!((one.trajectory(2024 + span + 5).unwrap() - target).abs() < 1e-6);
        prop_assert!(one.progress(baseline).unwrap().abs() < 1e-6);
        prop_assert!((one.progress(target).unwrap() - 100.0).abs() < 1e-6);
        for year in 2024..2024 + span {
            let on = one.trajectory(year).unwrap();
            prop_assert!(matches!(one.status(Some((year, on, 0))), Status::OnTrack | Status::Reached));
        }
    }
}
