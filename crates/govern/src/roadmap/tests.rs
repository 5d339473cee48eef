//! Golden values of the method, and what must hold for any objective.

use proptest::prelude::*;

use super::obligation::{Authority, DEADLINES, Obligation, POPULATION, of};
use super::sheet::{Axis, SHEETS};
use super::strategy::Theme;
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
    assert_eq!(of(Authority::Other, None), Obligation::Voluntary);
    assert_eq!(POPULATION, 50_000);
    let days: Vec<Option<String>> = DEADLINES
        .iter()
        .map(|deadline| deadline.by.map(|day| day.to_string()))
        .collect();
    assert_eq!(
        days,
        [Some("2023-01-01".to_owned()), Some("2025-01-01".to_owned()), None]
    );
}

#[test]
fn five_actions_stand_on_each_axis() {
    for axis in Axis::ALL {
        assert_eq!(SHEETS.iter().filter(|sheet| sheet.axis == axis).count(), 5);
    }
    let codes: Vec<&str> = SHEETS.iter().map(|sheet| sheet.id).collect();
    assert_eq!(codes.join(" "), "k1 k2 k3 k4 k5 r1 r2 r3 r4 r5 i1 i2 i3 i4 i5");
    let falling: Vec<(&str, &str)> = SHEETS
        .iter()
        .flat_map(|sheet| sheet.indicators.iter().map(move |one| (sheet.id, one)))
        .filter(|(_, one)| one.direction == Direction::Down)
        .map(|(id, one)| (id, one.unit))
        .collect();
    assert_eq!(falling, [("k1", "tCO2e"), ("r5", "kWh"), ("r5", "nb")]);
    let themes: Vec<&str> = Theme::ALL.iter().map(|theme| theme.code()).collect();
    assert_eq!(
        themes.join(" "),
        "procurement hardware ecodesign awareness citizens territory"
    );
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

mod kept {
    //! What an organisation writes: curves, committees, trainings, papers.

    use std::collections::BTreeMap;

    use jiff::civil::date;

    use crate::roadmap::committee::{Figure, Move, Seen, Standing, Tile, is_overdue, moves, next_due};
    use crate::roadmap::facts::{Evaluated, OrganisationFacts, ProjectFacts, Range};
    use crate::roadmap::follow::follow;
    use crate::roadmap::form::{goal_fields, read_goal};
    use crate::roadmap::paper::{change, figure};
    use crate::roadmap::target::{Direction, Objective, Status, Target};
    use crate::roadmap::training::{Session, Subject, Trained};
    use crate::roadmap::value::{Period, Quality, Value};

    fn typed<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> &'a str {
        |name| {
            pairs
                .iter()
                .find(|(known, _)| *known == name)
                .map_or("", |(_, value)| *value)
        }
    }

    const GOAL: [(&str, &str); 8] = [
        ("libelle", "Réduire"),
        ("indicateur", "empreinte annuelle"),
        ("unite", "tCO2e"),
        ("annee_base", "2024"),
        ("base", "120"),
        ("annee_cible", "2030"),
        ("mode", "relatif"),
        ("cible", "−30 %"),
    ];

    fn value(period: &str, value: f64, baseline: u32) -> Value {
        Value {
            period: period.parse().unwrap(),
            value,
            low: None,
            high: None,
            quality: Quality::Measured,
            baseline,
            evidence: String::new(),
        }
    }

    #[test]
    fn the_example_of_the_method_is_followed_from_kept_values() {
        let goal = read_goal(typed(&GOAL)).unwrap();
        let values = [value("2027", 110.0, 0), value("2027", 105.0, 0)];
        let followed = follow(&goal, &values, date(2028, 3, 1));
        assert_eq!(followed.status, Status::OnTrack, "the last one kept stands");
        assert!((followed.progress.unwrap() - 41.666_666).abs() < 1e-4);
        assert!((followed.gap.unwrap() * 100.0 - 2.941_176).abs() < 1e-4);
        assert_eq!(follow(&goal, &values[..1], date(2028, 3, 1)).status, Status::Late);
        assert_eq!(
            follow(&goal, &values, date(2029, 7, 1)).status,
            Status::NoData,
            "older than 18 months"
        );
        assert_eq!(follow(&goal, &values, date(2029, 6, 30)).status, Status::OnTrack);
    }

    #[test]
    fn a_new_baseline_is_another_curve_and_a_form_gives_the_objective_back() {
        let goal = read_goal(typed(&GOAL)).unwrap();
        let fields = goal_fields(&goal);
        let again = read_goal(|name| {
            fields
                .iter()
                .find(|(known, _)| known == name)
                .map_or("", |(_, value)| value.as_str())
        })
        .unwrap();
        assert_eq!(again, goal);
        let mut same = again;
        same.keep_baselines(&goal);
        assert_eq!(same.baselines.len(), 1);
        let mut changed: Vec<(&str, &str)> = GOAL.to_vec();
        changed[4] = ("base", "150");
        let mut other = read_goal(typed(&changed)).unwrap();
        other.keep_baselines(&goal);
        assert_eq!(other.baseline_number(), 1);
        let values = [value("2027", 105.0, 0)];
        assert!(
            follow(&other, &values, date(2027, 12, 31)).last.is_none(),
            "former values keep their own curve"
        );
        changed[4] = ("base", "");
        let unknown = read_goal(typed(&changed)).unwrap();
        assert_eq!(
            follow(&unknown, &values, date(2027, 12, 31)).status,
            Status::NotComputable
        );
    }

    #[test]
    fn milestones_bend_the_way() {
        let mut pairs = GOAL.to_vec();
        pairs.push(("jalons", "2026 : 118 ; 2028 : 100"));
        let goal = read_goal(typed(&pairs)).unwrap();
        let found: Vec<f64> = [2024, 2025, 2026, 2027, 2028, 2029, 2030, 2035]
            .into_iter()
            .map(|year| goal.expected(year).unwrap())
            .collect();
        assert_eq!(found, [120.0, 119.0, 118.0, 109.0, 100.0, 92.0, 84.0, 84.0]);
    }

    #[test]
    fn periods_are_read_and_age_by_begun_months() {
        let period: Period = "2026-03".parse().unwrap();
        assert_eq!(period.to_string(), "2026-03");
        assert_eq!("03/2026".parse::<Period>().unwrap(), period);
        assert_eq!(period.last_day(), date(2026, 3, 31));
        for (day, months) in [
            (date(2026, 3, 31), 0),
            (date(2026, 4, 1), 1),
            (date(2026, 4, 30), 1),
            (date(2027, 9, 30), 18),
            (date(2027, 10, 1), 19),
        ] {
            assert_eq!(period.age(day), months, "{day}");
        }
        for wrong in ["", "26", "2026-13", "2026-0", "1800", "demain", "2026-03-01"] {
            assert!(wrong.parse::<Period>().is_err(), "{wrong}");
        }
    }

    fn project(running: bool, completeness: u8, made_on: Option<jiff::civil::Date>) -> ProjectFacts {
        let range = Range {
            low: 5.0,
            central: 10.0,
            high: 20.0,
        };
        ProjectFacts {
            running,
            completeness,
            evaluations: made_on
                .map(|made_on| Evaluated {
                    made_on,
                    energy_kwh: range,
                    gwp_kg: range,
                    water_l: None,
                    requests: 100,
                    pue_given: completeness > 90,
                })
                .into_iter()
                .collect(),
            ..ProjectFacts::default()
        }
    }

    fn facts() -> OrganisationFacts {
        let today = date(2026, 11, 23);
        OrganisationFacts {
            projects: vec![
                project(true, 95, Some(date(2024, 11, 23))),
                project(true, 80, Some(date(2024, 11, 22))),
                project(true, 79, None),
                project(true, 10, None),
                project(false, 90, Some(date(2026, 1, 5))),
                project(false, 90, Some(date(2025, 1, 5))),
            ],
            reused: 2,
            trained: Trained::default(),
            staff: None,
            today,
            purchases: Vec::new(),
        }
    }

    #[test]
    fn eight_indicators_come_from_records_and_what_is_not_known_is_not_zero() {
        let facts = facts();
        let value = |sheet: &str| facts.computed(sheet).unwrap().value;
        assert_eq!(value("k3"), Some(50.0));
        assert_eq!(value("k4"), Some(25.0), "24 months to the day");
        assert_eq!(value("k5"), Some(25.0));
        assert_eq!(value("r4"), None, "no purchase is known");
        assert_eq!(
            value("r5"),
            Some(30.0),
            "what was given up this year is counted, not what was before"
        );
        assert_eq!(value("i1"), Some(2.0));
        assert_eq!(value("i2"), Some(0.0), "no open resource is a count");
        assert_eq!(value("i4"), None, "head counts are missing");
        assert!(facts.computed("k1").is_none());
        let bought = OrganisationFacts {
            purchases: vec![true, false, true, true],
            ..facts.clone()
        };
        assert_eq!(bought.computed("r4").unwrap().value, Some(75.0));
        let empty = OrganisationFacts {
            projects: Vec::new(),
            ..facts
        };
        for sheet in ["k3", "k4", "k5", "r4", "r5"] {
            assert_eq!(empty.computed(sheet).unwrap().value, None, "{sheet}");
        }
    }

    #[test]
    fn a_ceiling_between_the_bounds_is_said_to_be() {
        let figure = Figure {
            value: 10.0,
            bounds: Some((5.0, 20.0)),
        };
        for (cap, expected) in [
            (20.0, Standing::Within),
            (12.0, Standing::Perhaps),
            (4.0, Standing::Above),
        ] {
            assert_eq!(Standing::of(Tile::Energy, &figure, Some(cap)), expected);
        }
        assert_eq!(Standing::of(Tile::Energy, &figure, None), Standing::Free);
        assert_eq!(Standing::of(Tile::Coverage, &figure, Some(50.0)), Standing::Above);
    }

    #[test]
    fn what_moved_is_told_and_what_did_not_is_not() {
        let one = |value| Seen {
            tiles: BTreeMap::from([(Tile::Energy, Figure { value, bounds: None })]),
            ..Seen::default()
        };
        assert!(moves(&one(3.0), &one(3.0)).is_empty());
        assert_eq!(
            moves(&one(3.0), &one(4.0)),
            [Move::Figure(Tile::Energy, Some(3.0), Some(4.0))]
        );
        assert_eq!(
            moves(&Seen::default(), &one(4.0)),
            [Move::Figure(Tile::Energy, None, Some(4.0))]
        );
        let due = next_due(date(2026, 8, 31), Some(6));
        assert_eq!(due, date(2027, 2, 28));
        assert!(!is_overdue(due, due) && is_overdue(due, date(2027, 3, 1)));
    }

    #[test]
    fn a_share_moves_in_points_and_other_figures_in_hundredths() {
        let told = |tile, was, is| change(tile, was, is).map(|(sign, words)| format!("{sign}{words}"));
        for (tile, was, is, expected) in [
            (Tile::Coverage, 25.0, 50.0, Some("+25\u{a0}points")),
            (Tile::Coverage, 0.0, 1.0, Some("+1\u{a0}point")),
            (Tile::Energy, 141.0, 132.0, Some("\u{2212}6\u{a0}%")),
            (Tile::Energy, 200.0, 201.0, Some("+0,5\u{a0}%")),
            (Tile::Energy, 0.0, 132.0, None),
        ] {
            assert_eq!(told(tile, was, is).as_deref(), expected);
        }
    }

    #[test]
    fn figures_are_french() {
        for (value, expected) in [
            (0.0, "0"),
            (1234567.891, "1\u{202f}234\u{202f}567,89"),
            (-30.0, "\u{2212}30"),
            (2.5, "2,5"),
            (-0.001, "0"),
        ] {
            assert_eq!(figure(value), expected);
        }
    }

    #[test]
    fn people_are_counted_where_every_training_says_who_had_come_before() {
        let session = |held_on, (attendees, elected), already| Session {
            title: "IA frugale".to_owned(),
            subject: Subject::FrugalAi,
            held_on,
            hours: 3.0,
            provider: String::new(),
            attendees,
            elected,
            already,
        };
        let today = date(2026, 11, 23);
        let (first, second) = (date(2025, 3, 1), date(2026, 3, 1));
        let known = [
            session(first, (40, 5), Some((0, 0))),
            session(second, (30, 5), Some((10, 2))),
        ];
        let trained = Trained::of(&known, Some(100), Some(20), today);
        assert!(trained.people);
        assert_eq!((trained.agents, trained.elected), (52, 8));
        assert_eq!(trained.agents_share, Some(52.0));
        assert!(trained.words().contains("52 agents et 8 élus"));
        let unknown = [known[0].clone(), session(second, (30, 5), None)];
        let trained = Trained::of(&unknown, Some(100), Some(20), today);
        assert!(!trained.people && trained.words().contains("participations"));
        assert_eq!((trained.agents, trained.elected), (60, 10));
        // Who had come before came to a training that no longer counts: nothing is taken off.
        let old = [session(date(2024, 6, 1), (20, 0), Some((0, 0))), known[1].clone()];
        let trained = Trained::of(&old, Some(100), Some(20), today);
        assert!(!trained.people);
        assert_eq!(trained.agents, 25);
    }

    #[test]
    fn an_attestation_says_what_was_taught_and_leaves_the_name_to_be_written() {
        let session = Session {
            title: "IA frugale".to_owned(),
            subject: Subject::FrugalAi,
            held_on: date(2026, 3, 1),
            hours: 3.5,
            provider: "Centre".to_owned(),
            attendees: 4,
            elected: 0,
            already: None,
        };
        let text =
            crate::roadmap::paper::attestation("Ville d’Essai", &session, date(2026, 11, 23)).markdown();
        for told in [
            "Attestation de formation",
            "Ville d’Essai",
            "3,5\u{a0}h",
            "1er\u{a0}mars 2026",
            "Nom et prénom",
            "Signature",
        ] {
            assert!(text.contains(told), "{told} in {text}");
        }
    }

    #[test]
    fn a_threshold_is_kept_or_not_every_year_without_a_baseline() {
        let ceiling = Objective {
            baseline_year: 2024,
            baseline: None,
            target_year: 2030,
            target: Target::Threshold(100.0),
            direction: Direction::Down,
        };
        assert!(ceiling.problems().is_empty());
        assert_eq!(ceiling.trajectory(2025), Some(100.0));
        assert_eq!(ceiling.progress(90.0), None);
        for (value, expected) in [
            (90.0, Status::Reached),
            (100.0, Status::Reached),
            (104.0, Status::OnTrack),
            (110.0, Status::Late),
            (130.0, Status::VeryLate),
        ] {
            assert_eq!(ceiling.status(Some((2026, value, 2))), expected, "{value}");
        }
        assert_eq!(ceiling.status(None), Status::NoData);
        let above = Objective {
            baseline: Some(60.0),
            ..ceiling
        };
        assert!(
            above.problems().is_empty(),
            "a ceiling may stand above what is used today"
        );
        let below = Objective {
            target: Target::Threshold(-1.0),
            ..ceiling
        };
        assert_eq!(below.problems()[0].field, "target");
    }
}
