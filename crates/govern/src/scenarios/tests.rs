//! Golden values of the method, and what must hold for any input.

use proptest::prelude::*;

use super::figures::{FIGURES, Perimeter, Publisher, Share, Total, cross};
use super::growth::{PRESETS, TwoParts, cagr, calibrate, doubling_years, emissions, preset, single};
use super::local::{Bounded, ELASTICITIES, Question, Use, levers, project, rebound};
use super::years;

fn near(found: f64, expected: f64, within: f64) {
    assert!(
        (found - expected).abs() <= within,
        "{found} instead of {expected}"
    );
}

#[test]
fn published_growth_rates_are_found_again() {
    near(cagr(415.0, 945.0, 6.0).unwrap(), 0.1470, 5e-5);
    near(cagr(415.0 * 1.17, 950.0, 5.0).unwrap(), 0.1437, 5e-5);
    near(cagr(100.0, 325.0, 5.0).unwrap(), 0.266, 5e-4);
    near(cagr(100.0, 152.0, 5.0).unwrap(), 0.087, 5e-4);
    near(single(415.0, 0.12, 6.0), 819.0, 0.5);
    near(single(415.0, 0.30, 6.0), 2003.0, 0.5);
    near(single(415.0, 0.30, 6.0) / 945.0, 2.1, 0.05);
    near(cagr(62.25, 945.0 * 0.55, 6.0).unwrap(), 0.424, 5e-4);
    near(cagr(62.25, 945.0 * 0.35, 6.0).unwrap(), 0.321, 5e-4);
    near(cagr(79.5, 819.5, 7.0).unwrap(), 0.396, 5e-4);
    near(cagr(79.5, 437.5, 7.0).unwrap(), 0.276, 5e-4);
    near(doubling_years(0.1470).unwrap(), 5.05, 5e-3);
    near(doubling_years(0.30).unwrap(), 2.642, 5e-4);
    near(emissions(1250.0, 480.0), 600.0, 0.1);
    near(emissions(1490.0, 617.0), 920.0, 1.0);
}

#[test]
fn what_each_published_sentence_would_lead_to_is_found_again() {
    // « 3 % »: the world that it supposes, and the share that another growth would give.
    let world = 27_667.0;
    near(945.0 / 0.03, 31_500.0, 0.5);
    near(cagr(world, 31_500.0, 6.0).unwrap(), 0.0219, 5e-5);
    near(single(world, 0.033, 6.0), 33_617.0, 1.0);
    near(945.0 / single(world, 0.033, 6.0), 0.0281, 5e-5);
    near(530.0 / world, 0.019, 5e-4);
    // « 15 % → 55 % » put on the total of the other source: what AI and the rest would do.
    let (ai, rest) = (62.25, 415.0 - 62.25);
    near(945.0 * 0.55 / ai, 8.35, 5e-3);
    near(cagr(rest, 945.0 * 0.45, 6.0).unwrap(), 0.032, 5e-4);
    near(945.0 * 0.35, 330.8, 0.06);
    near(cagr(rest, 945.0 * 0.65, 6.0).unwrap(), 0.097, 5e-4);
    near(530.0 * 0.15, 79.5, 1e-9);
    near(1250.0 * 0.35, 437.5, 1e-9);
    near(415.0 * 1.17, 485.6, 0.06);
}

#[test]
fn the_two_parts_follow_the_table_of_the_method() {
    let uncalibrated = preset("iea_uncalibrated").unwrap().parts;
    let calibrated = preset("iea_base").unwrap().parts;
    for (parts, rows) in [
        (
            uncalibrated,
            [
                (2024, 62.2, 352.8, 415.0, 15.0),
                (2026, 105.2, 419.1, 524.3, 20.1),
                (2028, 177.8, 497.9, 675.7, 26.3),
                (2030, 300.5, 591.6, 892.1, 33.7),
            ],
        ),
        (
            calibrated,
            [
                (2024, 79.1, 335.9, 415.0, 19.1),
                (2026, 133.6, 399.1, 532.7, 25.1),
                (2028, 225.8, 474.2, 700.0, 32.3),
                (2030, 381.6, 563.4, 945.0, 40.4),
            ],
        ),
    ] {
        for (year, ai, rest, total, share) in rows {
            near(parts.ai(year), ai, 0.051);
            near(parts.rest(year), rest, 0.051);
            near(parts.total(year), total, 0.051);
            near(parts.share(year) * 100.0, share, 0.051);
        }
    }
}

#[test]
fn calibrations_reach_the_published_total() {
    near(calibrate(415.0, 945.0, 6.0, 0.30, 0.09).unwrap(), 0.190496, 5e-7);
    let with = |ai_growth, rest_growth| TwoParts {
        base_year: 2024,
        total_twh: 415.0,
        ai_share: 0.15,
        ai_growth,
        rest_growth,
    };
    near(with(0.30, 0.1057).total(2030), 945.0, 0.5);
    near(with(0.30, 0.1057).share(2030) * 100.0, 31.8, 0.05);
    near(with(0.3356, 0.09).total(2030), 945.0, 0.5);
    near(with(0.3356, 0.09).share(2030), 0.374, 5e-4);
    for preset in &PRESETS {
        near(preset.parts.total(2030), preset.check_2030, 0.06);
    }
    near(preset("shift_low").unwrap().parts.share(2030), 0.35, 5e-4);
    near(preset("shift_high").unwrap().parts.share(2030), 0.55, 5e-4);
}

#[test]
fn presets_are_those_of_the_method() {
    for (id, base_year, total, share, fast, slow) in [
        ("iea_base", 2024, 415.0, 0.190496, 0.30, 0.09),
        ("iea_uncalibrated", 2024, 415.0, 0.15, 0.30, 0.09),
        ("shift_low", 2023, 530.0, 0.15, 0.275856, 0.087902),
        ("shift_high", 2023, 530.0, 0.15, 0.395534, 0.058454),
    ] {
        let parts = preset(id).unwrap().parts;
        assert_eq!((parts.base_year, parts.total_twh), (base_year, total), "{id}");
        near(parts.ai_share, share, 5e-7);
        near(parts.ai_growth, fast, 5e-7);
        near(parts.rest_growth, slow, 5e-7);
    }
}

#[test]
fn a_share_of_another_source_is_called_a_crossed_hypothesis() {
    let iea = Total {
        publisher: Publisher::Iea,
        perimeter: Perimeter::World,
        year: 2030,
        twh: 945.0,
    };
    let shift = Share {
        publisher: Publisher::Shift,
        perimeter: Perimeter::WorldWithCrypto,
        share: 0.55,
    };
    let crossed = cross(iea, shift);
    near(crossed.twh, 519.8, 0.05);
    assert!(crossed.warning.unwrap().starts_with("Hypothèse croisée"));
    let own = Total {
        publisher: Publisher::Shift,
        perimeter: Perimeter::WorldWithCrypto,
        year: 2030,
        twh: 1490.0,
    };
    let same = cross(own, shift);
    near(same.twh, 819.5, 0.05);
    assert_eq!(same.warning, None);
}

#[test]
fn every_published_figure_has_a_year_a_source_and_a_name_of_its_own() {
    let codes: Vec<&str> = FIGURES.iter().map(|figure| figure.id).collect();
    assert_eq!(
        codes.join(" "),
        "iea_2024 iea_hist iea_2030 iea_growth iea_acc iea_conv iea_acc_225 iea_ai_2024 iea_2035 iea_2025 iea_2030b \
         shift_2023 shift_2030 shift_2035 shift_ai shift_ghg cb_ai iea_ghg fr"
    );
    for (place, figure) in FIGURES.iter().enumerate() {
        assert!(!figure.year.is_empty() && !figure.source.is_empty() && !figure.value.is_empty());
        assert!(FIGURES[..place].iter().all(|other| other.id != figure.id));
        assert!(!figure.value.contains("0,45"), "a known mistake of the press");
    }
}

fn example() -> Use {
    Use {
        name: "Assistant".to_owned(),
        users: 1000.0,
        adoption_max: 0.8,
        speed: 0.9,
        median_year: 2027.5,
        requests: 1760.0,
        energy_wh: Bounded::point(2.0),
        efficiency: 0.15,
        reference_year: 2026,
        fixed_kwh: 0.0,
        embodied_kg: 0.0,
    }
}

fn question(uses: Vec<Use>) -> Question {
    Question {
        uses,
        from: 2026,
        to: 2030,
        cap_kwh: None,
        grams_per_kwh: None,
    }
}

#[test]
fn the_example_of_the_method_is_found_again() {
    let one = example();
    for (year, adoption, wh, energies) in [
        (2026, 0.1647, 2.0, [579.7, 579.7, 579.7, 579.7]),
        (2027, 0.3115, 1.7, [932.0, 1010.9, 1096.4, 1132.7]),
        (2028, 0.4885, 1.445, [1242.4, 1461.6, 1719.6, 1835.1]),
        (2029, 0.6353, 1.2282, [1373.3, 1752.5, 2236.3, 2465.3]),
        (2030, 0.7237, 1.044, [1329.8, 1840.6, 2547.5, 2901.2]),
    ] {
        near(one.adoption(f64::from(year)), adoption, 5.1e-5);
        near(2.0 * one.ratio(year), wh, 5.1e-5);
        for (elasticity, expected) in [0.0, 0.5, 1.0, 1.2].into_iter().zip(energies) {
            near(one.energy(year, elasticity), expected, 0.051);
        }
    }
    for (elasticity, expected) in [(0.0, 0.0), (0.5, 0.4194), (1.0, 1.0), (1.2, 1.2905)] {
        near(rebound(one.ratio(2030), elasticity).unwrap(), expected, 5.1e-5);
    }
    let outlook = project(&question(vec![one]));
    near(outlook.ratio, 0.522, 5e-4);
    let [none, _, more] = outlook.factor.map(Option::unwrap);
    near(none, 2.3, 0.05);
    near(more, 5.0, 0.05);
}

#[test]
fn a_cap_says_in_which_year_it_is_passed_and_what_is_left() {
    let mut asked = question(vec![example()]);
    asked.cap_kwh = Some(1500.0);
    asked.grams_per_kwh = Some(50.0);
    let outlook = project(&asked);
    assert_eq!(outlook.first_over, [None, Some(2029), Some(2028)]);
    let first = &outlook.years[0];
    near(first.margin.unwrap()[0], 1500.0 - 579.7, 0.05);
    near(first.emissions.unwrap()[0], 28.985, 0.01);
}

#[test]
fn levers_lower_and_stopping_everything_but_one_leaves_that_one() {
    let mut other = example();
    other.name = "Autre".to_owned();
    other.users = 10.0;
    let asked = question(vec![example(), other.clone()]);
    let found = levers(&asked);
    assert_eq!(found.len(), 5);
    assert!(found.iter().all(|lever| lever.difference < 0.0));
    near(found[3].kwh, other.energy(2030, 0.5), 1e-9);
}

#[test]
fn what_does_not_make_sense_is_said_field_by_field() {
    let mut wrong = example();
    wrong.adoption_max = 1.2;
    wrong.energy_wh = Bounded {
        low: 3.0,
        central: 2.0,
        high: 4.0,
    };
    wrong.efficiency = 1.0;
    let fields: Vec<&str> = wrong.problems().iter().map(|problem| problem.field).collect();
    assert_eq!(fields, ["adoption_max", "energy_wh", "efficiency"]);
    let mut asked = question(vec![example()]);
    asked.to = 2026;
    asked.cap_kwh = Some(-1.0);
    let fields: Vec<&str> = asked.problems().iter().map(|problem| problem.field).collect();
    assert_eq!(fields, ["to", "cap_kwh"]);
    let mut nan = example();
    nan.users = f64::NAN;
    assert_eq!(nan.problems()[0].field, "users");
}

#[test]
fn elasticities_are_the_three_of_the_method() {
    for (found, expected) in ELASTICITIES.into_iter().zip([0.0, 0.5, 1.2]) {
        near(found, expected, 1e-12);
    }
}

#[test]
fn the_same_question_has_the_same_chance() {
    let mut one = example();
    one.energy_wh = Bounded {
        low: 1.0,
        central: 2.0,
        high: 5.0,
    };
    let asked = question(vec![one]);
    assert_eq!(project(&asked), project(&asked));
}

proptest! {
    #[test]
    fn both_parts_make_the_total_and_grow_with_time(
        share in 0.0..1.0f64, fast in 0.0..0.6f64, slow in 0.0..0.3f64, year in 2024i16..2035,
    ) {
        let parts = TwoParts { base_year: 2024, total_twh: 415.0, ai_share: share, ai_growth: fast, rest_growth: slow };
        prop_assert!((parts.ai(year) + parts.rest(year) - parts.total(year)).abs() < 1e-9);
        prop_assert!(parts.total(year + 1) >= parts.total(year) - 1e-9);
        prop_assert!((0.0..=1.0).contains(&parts.share(year)));
        prop_assert!((parts.total(2024) - 415.0).abs() < 1e-9);
        if fast > slow + 0.01 && year > 2024 {
            let found = calibrate(415.0, parts.total(year), years(2024, year), fast, slow);
            prop_assert!(found.is_none_or(|found| (found - share).abs() < 1e-6));
        }
    }

    #[test]
    fn more_rebound_never_takes_less(
        users in 0.0..1e5f64, efficiency in 0.0..0.6f64, speed in 0.1..3.0f64, wh in 0.01..50.0f64, fixed in 0.0..1e4f64,
    ) {
        let one = Use { users, efficiency, speed, energy_wh: Bounded { low: wh / 2.0, central: wh, high: wh * 2.0 }, fixed_kwh: fixed, ..example() };
        let outlook = project(&question(vec![one.clone()]));
        for year in &outlook.years {
            let [none, some, more] = year.energy;
            prop_assert!(none <= some + 1e-9 && some <= more + 1e-9);
            prop_assert!(none >= fixed - 1e-9 && more.is_finite());
            prop_assert!(year.chance.p10 <= year.chance.p50 && year.chance.p50 <= year.chance.p90);
        }
        // The whole gain is taken back: energy follows adoption alone.
        let adoption = one.adoption(2030.0) / one.adoption(2026.0);
        let at = |year| one.energy(year, 1.0) - fixed;
        prop_assert!((at(2030) - at(2026) * adoption).abs() <= 1e-9 * at(2030).max(1.0));
        let ratio = one.ratio(2030);
        if ratio < 0.999 {
            prop_assert!(rebound(ratio, 0.0).unwrap().abs() < 1e-9);
            prop_assert!((rebound(ratio, 1.0).unwrap() - 1.0).abs() < 1e-9);
            prop_assert!(rebound(ratio, ELASTICITIES[2]).unwrap() > 1.0);
        }
    }
}
