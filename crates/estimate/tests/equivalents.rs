//! Equivalents: the published cases, and what holds of every choice.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, in its helpers too"
)]

use proptest::prelude::*;
use sobria_estimate::reference::{Criterion, Tier};
use sobria_estimate::{Reference, equivalents};

const CASES: &[(Criterion, f64, f64, &[&str])] = &[
    (
        Criterion::Climate,
        2.5,
        2.5,
        &[
            "environ 2,9 repas végétariens",
            "environ 18 km en voiture thermique",
        ],
    ),
    (
        Criterion::Climate,
        0.0004,
        0.0012,
        &["entre 140 et 410 m en TGV", "entre 1,7 et 5,1 Go stockés un an"],
    ),
    (
        Criterion::Climate,
        0.05,
        0.3,
        &[
            "entre 0,74 et 4,5 km en voiture électrique",
            "entre 0,88 et 5,3 heures de visioconférence",
        ],
    ),
    (
        Criterion::Climate,
        12.0,
        60.0,
        &[
            "entre 2,4 et 12 repas avec du bœuf",
            "entre 2 et 10 jours de chauffage au gaz d’un logement de 70 m²",
        ],
    ),
    (
        Criterion::Climate,
        800.0,
        2400.0,
        &[
            "entre 4,2 et 12 ordinateurs portables (fabrication et usage)",
            "entre 3 et 9 allers-retours Lille-Nîmes en voiture",
        ],
    ),
    (
        Criterion::Climate,
        50_000.0,
        90_000.0,
        &[
            "entre 5,5 et 9,9 années d’émissions d’un habitant",
            "entre 24 et 44 allers-retours Paris-New York en avion",
        ],
    ),
    (
        Criterion::Energy,
        15.0,
        15.0,
        &[
            "environ 15 heures d’un radiateur électrique de 1 kW",
            "environ 16 jours d’un réfrigérateur combiné",
        ],
    ),
    (
        Criterion::Energy,
        0.0005,
        0.003,
        &["entre 3 et 18 minutes d’une ampoule LED de 10 W"],
    ),
    (
        Criterion::Energy,
        1200.0,
        1200.0,
        &[
            "environ 3,5 années d’un réfrigérateur combiné",
            "environ 0,7 année de chauffage électrique d’un appartement",
        ],
    ),
    (Criterion::Water, 0.6, 3.0, &["entre 3 et 15 verres d’eau"]),
    (
        Criterion::Water,
        400.0,
        900.0,
        &[
            "entre 2,7 et 6,1 jours d’eau potable d’un habitant",
            "entre 6,7 et 15 douches de 5 minutes",
        ],
    ),
    (
        Criterion::PrimaryEnergy,
        140.0,
        140.0,
        &[
            "environ 4,4 litres d’essence brûlés",
            "environ 15 kWh d’électricité française",
        ],
    ),
];

#[test]
fn the_published_cases_come_out_word_for_word() {
    for (criterion, low, high, expected) in CASES {
        let selection = equivalents::select(Reference::embedded(), *criterion, *low, *high);
        let sentences: Vec<&str> = selection
            .shown
            .iter()
            .map(|shown| shown.sentence.as_str())
            .collect();
        assert_eq!(sentences, *expected, "{criterion:?} {low} {high}");
        assert!(selection.multiple_words.is_none());
    }
}

#[test]
fn a_result_too_small_is_told_for_more_requests() {
    let selection = equivalents::select(Reference::embedded(), Criterion::Metals, 0.0003, 0.0009);
    assert_eq!(selection.multiple_words.as_deref(), Some("pour 100 requêtes"));
    assert!(!selection.shown.is_empty());
}

#[test]
fn thousands_are_grouped() {
    let shown = equivalents::pinned(Reference::embedded(), "voiture-thermique", 1234.0, 1234.0).unwrap();
    assert_eq!(shown.sentence, "environ 8\u{202f}700 km en voiture thermique");
}

#[test]
fn nothing_is_said_of_nothing() {
    for (low, high) in [
        (0.0, 0.0),
        (f64::NAN, 1.0),
        (1.0, f64::INFINITY),
        (2.0, 1.0),
        (-1.0, 1.0),
    ] {
        let selection = equivalents::select(Reference::embedded(), Criterion::Climate, low, high);
        assert!(selection.shown.is_empty());
    }
}

proptest! {
    #[test]
    fn every_choice_follows_the_rules(
        criterion in prop::sample::select(Criterion::ALL.to_vec()),
        exponent in -12.0..9.0_f64,
        spread in 1.0..100.0_f64,
    ) {
        let low = 10_f64.powf(exponent);
        let selection = equivalents::select(Reference::embedded(), criterion, low, low * spread);
        prop_assert!(selection.shown.len() <= 2);
        for shown in &selection.shown {
            prop_assert_eq!(shown.row.criterion, criterion);
            prop_assert!(shown.row.tier != Tier::Avoid);
            prop_assert!(shown.sentence.starts_with("environ ") || shown.sentence.starts_with("entre "));
        }
        if let [one, other] = selection.shown.as_slice() {
            prop_assert!(one.row.category != other.row.category);
        }
    }
}

#[test]
fn an_operator_puts_rows_first_and_hides_others_among_those_that_can_be_pictured() {
    let own = |pinned: &[&str], hidden: &[&str]| {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        Reference::from_tables(&|_| None)
            .unwrap()
            .preferring(&list(pinned), &list(hidden))
    };
    let first = |reference: &Reference, amount: f64| {
        equivalents::select(reference, Criterion::Climate, amount, amount)
            .shown
            .iter()
            .map(|shown| shown.row.slug)
            .collect::<Vec<_>>()
    };
    let plain = first(Reference::embedded(), 2.5);
    let pinned = own(&["tgv-paris-metz-ar"], &[]).unwrap();
    assert_eq!(first(&pinned, 2.5)[0], "tgv-paris-metz-ar");
    assert_eq!(first(&pinned, 2.5).len(), 2);
    assert!(
        !first(&pinned, 1e6).contains(&"tgv-paris-metz-ar"),
        "half a million journeys cannot be pictured"
    );
    let hidden = own(&[], &[plain[0]]).unwrap();
    assert!(!first(&hidden, 2.5).contains(&plain[0]));
    assert_eq!(
        pinned.version(),
        Reference::embedded().version(),
        "a preference is no edition of the tables"
    );
    for (pinned, hidden) in [
        (&["nowhere"][..], &[][..]),
        (&[], &["nowhere"]),
        (&["tgv-paris-metz-ar"], &["trip"]),
        (&["tgv", "tgv", "tgv", "tgv", "tgv"], &[]),
    ] {
        assert_eq!(own(pinned, hidden).unwrap_err().len(), 1, "{pinned:?} {hidden:?}");
    }
}
