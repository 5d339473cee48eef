//! Golden values of the method, and what must hold for any marks.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;

use super::clause::{CLAUSES, clause, proposed};
use super::consensus::{agreed, disagreements};
use super::criteria::{Criteria, Frozen};
use super::depth::{Depth, Need, choose, problems, propose};
use super::paper::{Purchase, criteria_sheet, need_note, questionnaire, tender_annex};
use super::question::{ANCHORS, QUESTIONS, Theme, asked};
use super::score::{Answer, Answers, Mark, Marks, rank, score, weighted};
use super::threshold::{ENVIRONMENTAL_CRITERION, Rule, THRESHOLDS, in_force, procedure};

fn need() -> Need {
    Need {
        value_ht: 20_000.0,
        years: 1.0,
        users: 50.0,
        ..Need::default()
    }
}

#[test]
fn depth_is_the_highest_of_budget_risk_and_scale_with_its_reasons() {
    let with = |change: fn(&mut Need)| {
        let mut need = need();
        change(&mut need);
        propose(&need)
    };
    assert_eq!(with(|_| {}).depth, Depth::Light);
    let standard: [fn(&mut Need); 6] = [
        |n| n.value_ht = 60_000.0,
        |n| n.value_ht = 50_000.0,
        |n| n.value_ht = 100_000.0,
        |n| n.personal_data = true,
        |n| n.generative = true,
        |n| n.transparency = true,
    ];
    for change in standard {
        assert_eq!(with(change).depth, Depth::Standard);
    }
    let full: [fn(&mut Need); 5] = [
        |n| n.value_ht = 100_001.0,
        |n| n.high_risk = true,
        |n| n.individual_decision = true,
        |n| n.years = 4.0,
        |n| n.users = 1_001.0,
    ];
    for change in full {
        assert_eq!(with(change).depth, Depth::Full);
    }
    let both = with(|n| {
        n.generative = true;
        n.personal_data = true;
    });
    assert_eq!(both.reasons.len(), 2);
}

#[test]
fn asking_for_more_is_free_and_for_less_needs_a_reason() {
    let proposal = propose(&Need {
        generative: true,
        ..need()
    });
    assert_eq!(choose(&proposal, Depth::Full, ""), Ok(Depth::Full));
    assert_eq!(choose(&proposal, Depth::Light, " ").unwrap_err().field, "reason");
    assert_eq!(
        choose(&proposal, Depth::Light, "Essai interne de deux mois"),
        Ok(Depth::Light)
    );
    let wrong = Need {
        value_ht: -1.0,
        years: 0.0,
        users: f64::NAN,
        ..need()
    };
    let fields: Vec<String> = problems(&wrong).into_iter().map(|one| one.field).collect();
    assert_eq!(fields, ["value_ht", "years", "users"]);
}

#[test]
fn the_procedure_follows_the_threshold_of_the_day() {
    assert!(procedure(50_000.0, date(2026, 3, 31)).contains("procédure adaptée"));
    assert!(procedure(50_000.0, date(2026, 4, 1)).contains("dispense"));
    assert!(procedure(60_000.0, date(2026, 11, 23)).contains("au choix"));
    assert!(procedure(216_000.0, date(2026, 11, 23)).contains("formalisée"));
}

#[test]
fn the_tables_hold_together() {
    assert_eq!(Theme::ALL.iter().map(|theme| theme.weight()).sum::<u32>(), 100);
    let ids: BTreeSet<&str> = QUESTIONS.iter().map(|question| question.id).collect();
    assert_eq!(ids.len(), 39);
    for question in &QUESTIONS {
        assert!(clause(question.clause).is_some(), "{}", question.id);
        assert_eq!(question.id.get(1..2), question.theme.code().get(1..2));
    }
    let knockouts: Vec<&str> = QUESTIONS
        .iter()
        .filter(|question| question.knockout)
        .map(|question| question.id)
        .collect();
    assert_eq!(knockouts, ["Q301", "Q501", "Q502", "Q704", "Q705"]);
    assert_eq!(proposed(Depth::Full).count(), CLAUSES.len());
    for clause in &CLAUSES {
        let wording = clause.wording(&BTreeMap::new());
        assert!(!wording.contains(['{', '}']), "{wording}");
    }
    let set = BTreeMap::from([("C09.150".to_owned(), "200".to_owned())]);
    assert!(clause("C09").unwrap().wording(&set).contains("200"));
}

#[test]
fn the_figures_of_the_method_are_those_of_the_tables() {
    let weights: Vec<u32> = Theme::ALL.iter().map(|theme| theme.weight()).collect();
    assert_eq!(weights, [12, 14, 14, 16, 12, 10, 12, 10]);
    for (depth, questions, time) in [
        (Depth::Light, 11, "45"),
        (Depth::Standard, 26, "2"),
        (Depth::Full, 39, "1"),
    ] {
        assert_eq!(asked(depth).count(), questions, "{}", depth.code());
        assert!(
            depth.time().starts_with(time) || depth.time().contains("une journée"),
            "{}",
            depth.time()
        );
    }
    // Every depth asks what the lighter one asks.
    for (less, more) in [(Depth::Light, Depth::Standard), (Depth::Standard, Depth::Full)] {
        assert!(asked(less).all(|one| asked(more).any(|other| other.id == one.id)));
    }
    let per_theme: Vec<usize> = Theme::ALL
        .iter()
        .map(|theme| {
            QUESTIONS
                .iter()
                .filter(|question| question.theme == *theme)
                .count()
        })
        .collect();
    assert_eq!(per_theme, [4, 6, 6, 6, 5, 3, 5, 4]);
    assert_eq!(CLAUSES.len(), 20, "C01 to C18, RC1 and RC2");
    let own: Vec<&str> = QUESTIONS
        .iter()
        .filter(|question| question.anchors() != ANCHORS)
        .map(|question| question.id)
        .collect();
    assert_eq!(own, ["Q302"]);
    // On the edge of a bracket, nothing more is asked.
    for (change, expected) in [
        (
            Need {
                value_ht: 49_999.99,
                ..need()
            },
            Depth::Light,
        ),
        (Need { years: 3.0, ..need() }, Depth::Light),
        (
            Need {
                users: 1_000.0,
                ..need()
            },
            Depth::Light,
        ),
        (
            Need {
                value_ht: 60_000.0,
                high_risk: true,
                ..need()
            },
            Depth::Full,
        ),
    ] {
        assert_eq!(propose(&change).depth, expected, "{change:?}");
    }
}

#[test]
fn a_law_that_changes_keeps_its_former_value() {
    let on = |rule, day| in_force(rule, day).map(|one| one.euros);
    let (before, after) = (date(2026, 3, 31), date(2026, 4, 1));
    assert_eq!(on(Rule::Exemption, before), Some(40_000.0));
    assert_eq!(on(Rule::Exemption, after), Some(60_000.0));
    assert_eq!(on(Rule::Formal, after), Some(216_000.0));
    assert_eq!(on(Rule::Publicity, after), Some(90_000.0));
    assert_eq!(on(Rule::Innovation, after), Some(100_000.0));
    assert!(THRESHOLDS.iter().all(|one| !one.source.is_empty()));
}

#[test]
fn the_example_of_the_method_has_a_total_of_fifty_six() {
    let themes = [50.0, 75.0, 25.0, 100.0, 50.0, 0.0, 75.0, 50.0];
    let total = weighted(Theme::ALL.iter().map(|theme| theme.weight()).zip(themes));
    assert!((total - 56.0).abs() < 1e-12, "{total}");
    // The same from marks out of four: what a theme is worth is the mean of its questions.
    let criteria = Criteria::proposed(Depth::Full);
    let given = marks(|id| match id {
        "Q101" | "Q102" | "Q103" | "Q104" => 2,
        "Q201" => 1,
        _ => 0,
    });
    let found = score(&criteria, &Answers::new(), &given);
    let scores: Vec<f64> = found.themes.iter().map(|theme| theme.score).collect();
    assert!((scores[0] - 50.0).abs() < 1e-9);
    assert!(
        (scores[1] - 100.0 / 24.0).abs() < 1e-9,
        "one point of twenty-four"
    );
    assert!((found.total - (12.0 * 50.0 + 14.0 * 100.0 / 24.0) / 100.0).abs() < 1e-9);
}

#[test]
fn the_probable_procedure_changes_at_each_threshold_and_not_before() {
    let day = date(2026, 11, 23);
    for (euros, words) in [
        (59_999.99, "dispense"),
        (60_000.0, "publicité au choix"),
        (89_999.99, "publicité au choix"),
        (90_000.0, "BOAMP"),
        (215_999.99, "BOAMP"),
        (216_000.0, "formalisée"),
    ] {
        assert!(procedure(euros, day).contains(words), "{euros}");
    }
    assert_eq!(ENVIRONMENTAL_CRITERION, date(2026, 8, 21));
    // A value of which nobody knows the limit any more is not in force.
    assert_eq!(in_force(Rule::Formal, date(2028, 1, 1)), None);
}

#[test]
fn the_draws_are_the_same_every_time() {
    let criteria = Criteria::proposed(Depth::Full);
    let scores: Vec<_> = ["Q2", "Q3", "Q4"]
        .iter()
        .map(|favourite| {
            score(
                &criteria,
                &Answers::new(),
                &marks(|id| if id.starts_with(favourite) { 4 } else { 2 }),
            )
        })
        .collect();
    let (once, twice) = (rank(&scores), rank(&scores));
    assert_eq!(once, twice);
    let firsts: f64 = once.iter().map(|standing| standing.first).sum();
    assert!((1.0..=3.0).contains(&firsts), "each draw has a first: {firsts}");
    assert!(
        (once[0].first * 1000.0 - (once[0].first * 1000.0).round()).abs() < 1e-6,
        "a thousand draws"
    );
}

fn marks(of: impl Fn(&str) -> u8) -> Marks {
    QUESTIONS
        .iter()
        .map(|question| {
            let mark = Mark {
                score: of(question.id),
                ..Mark::default()
            };
            (question.id.to_owned(), mark)
        })
        .collect()
}

#[test]
fn blanks_count_as_zero_and_unknown_is_no_answer_but_shown() {
    let criteria = Criteria::proposed(Depth::Full);
    let mut given: Marks = marks(|_| 4);
    given.remove("Q101");
    let answers: Answers = [
        ("Q101", "", true, ""),
        ("Q102", "1000", false, "annexe 1"),
        ("Q103", "oui", false, ""),
    ]
    .into_iter()
    .map(|(id, text, unknown, evidence)| {
        let answer = Answer {
            text: text.to_owned(),
            unknown,
            evidence: evidence.to_owned(),
        };
        (id.to_owned(), answer)
    })
    .collect();
    let found = score(&criteria, &answers, &given);
    assert!((found.themes[0].score - 75.0).abs() < 1e-9);
    assert!((found.total - (100.0 - 0.12 * 25.0)).abs() < 1e-9);
    assert!((found.evidence_rate - 1.0 / 39.0).abs() < 1e-12);
    assert!((found.disclosure_rate - 2.0 / 39.0).abs() < 1e-12);
}

#[test]
fn what_has_no_object_has_none_for_everyone_and_a_theme_without_question_weighs_nothing() {
    let mut criteria = Criteria::proposed(Depth::Light);
    assert!(!criteria.weights.contains_key(&Theme::T8));
    criteria.not_applicable.insert("Q101".to_owned());
    let found = score(
        &criteria,
        &Answers::new(),
        &marks(|id| if id == "Q101" { 0 } else { 4 }),
    );
    assert!((found.total - 100.0).abs() < 1e-9);
    criteria.not_applicable.insert("Q102".to_owned());
    assert_eq!(criteria.problems()[0].field, "weight_T1");
    criteria.weights.insert(Theme::T1, 0);
    assert_eq!(criteria.problems()[0].field, "weights");
    criteria.knockouts.insert("Q101".to_owned());
    assert!(criteria.problems().iter().any(|one| one.field == "knockouts"));
}

#[test]
fn an_offer_that_is_knocked_out_keeps_its_score_but_has_no_rank() {
    let mut criteria = Criteria::proposed(Depth::Standard);
    criteria.knockouts.insert("Q501".to_owned());
    let mut failing = marks(|_| 4);
    failing.get_mut("Q501").unwrap().fails = true;
    let scores = [
        score(&criteria, &Answers::new(), &failing),
        score(&criteria, &Answers::new(), &marks(|_| 1)),
    ];
    assert_eq!(scores[0].knocked_out, ["Q501"]);
    let standings = rank(&scores);
    assert_eq!(standings[0].rank, None);
    assert_eq!(standings[1].rank, Some(1));
    assert!((scores[0].total - 100.0).abs() < 1e-9);
    // Nothing was published: the same mark knocks nobody out.
    criteria.knockouts.clear();
    assert!(score(&criteria, &Answers::new(), &failing).knocked_out.is_empty());
}

#[test]
fn the_ranking_says_how_sturdy_it_is() {
    let criteria = Criteria::proposed(Depth::Full);
    let of = |favourite: &'static str| {
        score(
            &criteria,
            &Answers::new(),
            &marks(|id| if id.starts_with(favourite) { 4 } else { 2 }),
        )
    };
    let close = rank(&[of("Q2"), of("Q3")]);
    assert_eq!(close[0].rank, Some(1));
    assert_eq!(close[1].rank, Some(1), "equal totals share a rank");
    assert!(close[0].first > 0.3 && close[1].first > 0.3);
    let clear = rank(&[
        score(&criteria, &Answers::new(), &marks(|_| 4)),
        score(&criteria, &Answers::new(), &marks(|_| 1)),
    ]);
    assert!((clear[0].first - 1.0).abs() < 1e-9);
    assert_eq!(clear[1].between, Some((2, 2)));
}

#[test]
fn frozen_criteria_are_superseded_with_a_reason_and_never_changed() {
    let at = Timestamp::from_second(1_795_000_000).unwrap();
    let frozen = Frozen::new(Criteria::proposed(Depth::Standard), at).unwrap();
    assert!(frozen.is_intact());
    assert_eq!(frozen.digest().len(), 64);
    let mut other = Criteria::proposed(Depth::Standard);
    other.knockouts.insert("Q301".to_owned());
    assert!(frozen.supersede(other.clone(), "erreur", at).is_err());
    let next = frozen
        .supersede(other, "Question publiée comme éliminatoire par rectificatif", at)
        .unwrap();
    assert_eq!(next.number(), 2);
    assert_ne!(next.digest(), frozen.digest());
    let mut wrong = Criteria::proposed(Depth::Standard);
    wrong.weights.insert(Theme::T1, 90);
    assert!(Frozen::new(wrong, at).is_err());
    // What is kept and altered by other means is seen.
    let text = serde_json::to_string(&next).unwrap();
    let altered: Frozen = serde_json::from_str(&text.replacen("\"T1\":12", "\"T1\":13", 1)).unwrap();
    assert_ne!(text, serde_json::to_string(&altered).unwrap());
    assert!(!altered.is_intact());
}

#[test]
fn scores_are_computed_again_from_what_is_exported() {
    let criteria = Criteria::proposed(Depth::Full);
    let given =
        marks(|id| u8::try_from(id.len() + id.bytes().map(usize::from).sum::<usize>()).unwrap_or(3) % 5);
    let before = score(&criteria, &Answers::new(), &given);
    let criteria: Criteria = serde_json::from_str(&serde_json::to_string(&criteria).unwrap()).unwrap();
    let given: Marks = serde_json::from_str(&serde_json::to_string(&given).unwrap()).unwrap();
    assert_eq!(score(&criteria, &Answers::new(), &given), before);
}

#[test]
fn two_points_apart_must_be_agreed_on_with_a_comment() {
    let criteria = Criteria::proposed(Depth::Light);
    let first = marks(|id| if id == "Q101" { 4 } else { 2 });
    let second = marks(|id| match id {
        "Q101" => 2,
        "Q102" => 3,
        _ => 2,
    });
    let found = disagreements(&criteria, &first, &second);
    let told: Vec<(&str, bool)> = found.iter().map(|one| (one.question, one.binding)).collect();
    assert_eq!(told, [("Q101", true), ("Q102", false)]);
    let mut consensus = Marks::new();
    assert_eq!(agreed(&criteria, &first, &second, &consensus), Err(vec!["Q101"]));
    let silent = Mark {
        score: 3,
        ..Mark::default()
    };
    consensus.insert("Q101".to_owned(), silent);
    assert_eq!(agreed(&criteria, &first, &second, &consensus), Err(vec!["Q101"]));
    consensus.get_mut("Q101").unwrap().comment = "Preuve relue ensemble".to_owned();
    let both = agreed(&criteria, &first, &second, &consensus).unwrap();
    assert_eq!(both["Q101"].score, 3);
    assert_eq!(both["Q102"].score, 2, "the lower of two marks one point apart");
}

#[test]
fn one_evaluator_alone_does_not_knock_out() {
    let mut criteria = Criteria::proposed(Depth::Light);
    criteria.knockouts.insert("Q501".to_owned());
    let mut first = marks(|_| 2);
    first.get_mut("Q501").unwrap().fails = true;
    let second = marks(|_| 2);
    assert_eq!(
        agreed(&criteria, &first, &second, &Marks::new()),
        Err(vec!["Q501"])
    );
}

#[test]
fn documents_say_who_made_them_and_that_lawyers_must_read_them() {
    let today = date(2026, 11, 23);
    let purchase = Purchase {
        title: "Assistant de rédaction".to_owned(),
        organisation: "Ville d’Essai".to_owned(),
        need: Need {
            value_ht: 60_000.0,
            generative: true,
            ..need()
        },
        ..Purchase::default()
    };
    let criteria = Criteria::proposed(purchase.depth());
    for document in [
        need_note(&purchase, today),
        questionnaire(&purchase, today),
        tender_annex(&purchase, &criteria, today),
        criteria_sheet(&purchase, &criteria, None, today),
    ] {
        let text = document.markdown();
        for words in [
            "Assistant de rédaction",
            "Ville d’Essai",
            "23\u{a0}novembre 2026",
            super::VERSION,
            "service juridique",
        ] {
            assert!(text.contains(words), "{}: {words}", document.title);
        }
    }
    let text = questionnaire(&purchase, today).markdown();
    assert_eq!(
        asked(Depth::Standard).filter(|one| text.contains(one.id)).count(),
        26
    );
    assert!(!text.contains("Q104"), "a deeper question");
    let annex = tender_annex(&purchase, &criteria, today).markdown();
    assert!(annex.contains("| C08 |") && annex.contains("| RC1 |"));
}

proptest! {
    #[test]
    fn a_better_mark_never_lowers_the_total(level in 0usize..3, place in 0usize..39, base in prop::collection::vec(0u8..=4, 39)) {
        let criteria = Criteria::proposed(Depth::ALL[level]);
        let given: Marks = QUESTIONS.iter().zip(&base).map(|(question, score)| {
            (question.id.to_owned(), Mark { score: *score, ..Mark::default() })
        }).collect();
        let before = score(&criteria, &Answers::new(), &given);
        prop_assert!((0.0..=100.0 + 1e-9).contains(&before.total));
        let mut better = given.clone();
        let mark = better.get_mut(QUESTIONS[place].id).unwrap();
        mark.score = (mark.score + 1).min(4);
        prop_assert!(score(&criteria, &Answers::new(), &better).total >= before.total - 1e-9);
        let mut blank = given.clone();
        blank.remove(QUESTIONS[place].id);
        prop_assert!(score(&criteria, &Answers::new(), &blank).total <= before.total + 1e-9);
    }

    #[test]
    fn both_evaluators_alike_need_no_talk(base in prop::collection::vec(0u8..=4, 39)) {
        let criteria = Criteria::proposed(Depth::Full);
        let given: Marks = QUESTIONS.iter().zip(&base).map(|(question, score)| {
            (question.id.to_owned(), Mark { score: *score, ..Mark::default() })
        }).collect();
        prop_assert!(disagreements(&criteria, &given, &given).is_empty());
        prop_assert_eq!(agreed(&criteria, &given, &given, &Marks::new()).unwrap(), given);
    }
}
