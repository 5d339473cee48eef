//! Rules of the method one by one: what leaves a condition open, what may be without object, what facts carry.

use super::*;

#[test]
fn each_missing_answer_of_the_filter_leaves_its_condition_open() {
    type Break = fn(&mut Filter);
    let cases: [(usize, Break, Verdict); 15] = [
        (0, |one| one.need.clear(), Verdict::Undetermined),
        (
            0,
            |one| one.need = "Une intelligence artificielle".into(),
            Verdict::Undetermined,
        ),
        (
            0,
            |one| one.alternatives.retain(|other| other.sort != Sort::WithoutAi),
            Verdict::Undetermined,
        ),
        (
            0,
            |one| one.alternatives.retain(|other| other.sort != Sort::DoNothing),
            Verdict::Undetermined,
        ),
        (
            0,
            |one| one.alternatives[0].rejected_because.clear(),
            Verdict::Undetermined,
        ),
        (0, |one| one.decision_owner.clear(), Verdict::Undetermined),
        (0, |one| one.decision = None, Verdict::Undetermined),
        (
            0,
            |one| {
                one.decision = Some(Decision::WithoutAi);
                one.kept_solution = "Des réponses types".into();
            },
            Verdict::Failed,
        ),
        (1, |one| one.producer_known = None, Verdict::Undetermined),
        (2, |one| one.usage_cap = None, Verdict::Undetermined),
        (2, |one| one.stop_rule.clear(), Verdict::Undetermined),
        (2, |one| one.rebound_watch.clear(), Verdict::Undetermined),
        (2, |one| one.effects_avoided.clear(), Verdict::Undetermined),
        (2, |one| one.effects_caused.clear(), Verdict::Undetermined),
        (2, |one| one.usage_observed = Some(220_000.5), Verdict::Failed),
    ];
    let verdicts = |assessment: &Assessment| {
        assessment
            .outcome(&[], TODAY)
            .gates
            .map(|gate| (gate.verdict, gate.reasons.len()))
    };
    assert_eq!(verdicts(&full(2)), [(Verdict::Passed, 0); 3]);
    for (place, (gate, change, verdict)) in cases.into_iter().enumerate() {
        let mut changed = full(2);
        change(&mut changed.filter);
        let mut expected = [(Verdict::Passed, 0); 3];
        expected[gate] = (verdict, 1);
        assert_eq!(verdicts(&changed), expected, "case {place}");
    }
    // Each of the three parties carries a practice proven at level 2, or the second condition is not met.
    for party in [
        &[3_u8, 4, 5, 9, 11][..],
        &[1, 3, 4, 10, 11],
        &[1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    ] {
        let mut weak = full(2);
        for number in party {
            weak.answers.get_mut(&id(*number)).unwrap().level = Some(1);
        }
        assert_eq!(
            verdicts(&weak),
            [(Verdict::Passed, 0), (Verdict::Failed, 1), (Verdict::Passed, 0)],
            "{party:?}"
        );
    }
}

#[test]
fn three_practices_at_most_are_without_object_each_with_a_reason_of_eighty_characters() {
    let mut assessment = full(2);
    let mut claim = |numbers: &[u8], length: usize| {
        for number in numbers {
            let answer = assessment.answers.get_mut(&id(*number)).unwrap();
            (answer.level, answer.not_applicable) = (None, Some("é".repeat(length)));
        }
        score(&assessment.standings(&[], TODAY))
    };
    // The table allows three; a practice that always applies is blank, not out of the sum.
    assert_eq!(
        table::PRACTICES
            .iter()
            .filter(|one| one.not_applicable.is_some())
            .map(|one| one.id.number())
            .collect::<Vec<_>>(),
        [4, 6, 11]
    );
    assert_eq!(claim(&[4, 6, 11], 79).weight, 23);
    let found = claim(&[4, 6, 11], 80);
    assert_eq!(found.weight, 20);
    assert!(near(found.declared, 50.0) && near(found.response_rate, 100.0));
    let found = claim(&[2], 80);
    assert_eq!(found.weight, 20);
    assert!(near(found.response_rate, 100.0 * 11.0 / 12.0), "{found:?}");
    assert_eq!(EXCLUSIONS_MAX, 3);
}

#[test]
fn words_begin_at_twenty_five_fifty_and_seventy_five_of_what_is_proven() {
    let all = |level: u8| {
        let mut standings: Vec<(PracticeId, Standing)> = table::PRACTICES
            .iter()
            .map(|one| {
                (
                    one.id,
                    Standing::Answered {
                        declared: 4,
                        backing: level,
                    },
                )
            })
            .collect();
        move |number: u8, backing: u8| {
            set(
                &mut standings,
                &[number],
                Standing::Answered { declared: 4, backing },
            );
            score(&standings).grade
        }
    };
    for (level, at, below) in [
        (1, Grade::Engaged, Grade::Initial),
        (2, Grade::Structured, Grade::Engaged),
        (3, Grade::Advanced, Grade::Structured),
    ] {
        assert_eq!(all(level)(12, level), Some(at));
        assert_eq!(all(level)(12, level - 1), Some(below));
    }
    // Without a need that is known or a footprint that is followed, no better words, whatever the rest.
    for key in [2, 9] {
        assert_eq!(all(4)(key, 1), Some(Grade::Structured));
        assert_eq!(all(4)(key, 2), Some(Grade::Advanced));
    }
    // Twelve answers of fifteen are eighty hundredths; eleven are not enough for words.
    let answered = |count: u8| {
        let standings: Vec<_> = (1..=count)
            .map(|number| {
                (
                    id(number),
                    Standing::Answered {
                        declared: 0,
                        backing: 1,
                    },
                )
            })
            .collect();
        score(&standings).label()
    };
    assert_eq!((answered(12), answered(11)), ("Initial", "Évaluation incomplète"));
}

#[test]
fn what_the_facts_carry_follows_the_rule_of_each_practice() {
    let level = |facts: &Facts<'_>, assessment: &Assessment, number: u8| {
        proposals(facts, assessment)
            .iter()
            .find(|one| one.practice.number() == number)
            .map_or(0, |one| one.level)
    };
    let (content, nothing) = (record(), Assessment::default());
    let measured = [
        estimate(1, "2026-01-10", "measurement", "a"),
        estimate(2, "2026-04-09", "measurement", "b"),
    ];
    let apart = [
        estimate(1, "2026-01-10", "measurement", "a"),
        estimate(2, "2026-04-10", "measurement", "b"),
    ];
    assert_eq!(level(&facts(&content, &measured, None), &nothing, 3), 3);
    assert_eq!(level(&facts(&content, &measured[..1], None), &nothing, 3), 1);
    // A quarter apart to the day.
    assert_eq!(level(&facts(&content, &measured, None), &nothing, 9), 2);
    assert_eq!(level(&facts(&content, &apart, None), &nothing, 9), 3);

    let machines = [estimate(
        1,
        "2026-01-10",
        "compute_job",
        r#"{"input":{"gpu_model":"A100","zone":"FRA","pue":1.3}}"#,
    )];
    let placeless = [estimate(
        1,
        "2026-01-10",
        "compute_job",
        r#"{"input":{"gpu_model":"A100","zone":"FRA"}}"#,
    )];
    assert_eq!(level(&facts(&content, &machines, None), &nothing, 1), 2);
    assert_eq!(level(&facts(&content, &placeless, None), &nothing, 1), 1);

    let mut need = full(0);
    assert_eq!(level(&facts(&content, &[], None), &need, 2), 1);
    need.filter.performance_target = "90 % de réponses utiles".into();
    assert_eq!(level(&facts(&content, &[], None), &need, 2), 2);
    need.filter.performance_measured = "91 %".into();
    assert_eq!(level(&facts(&content, &[], None), &need, 2), 3);
    need.filter.performance_target = "de bonnes réponses".into();
    assert_eq!(
        level(&facts(&content, &[], None), &need, 2),
        1,
        "a target has a figure"
    );

    let mut shared = record();
    shared.set(
        Field::Resources,
        Value::Links(vec![sobria_catalogue::content::Link {
            url: Some("https://exemple.fr/code".into()),
            label: None,
            access: None,
            kind: None,
        }]),
    );
    for (content, reuses, expected) in [(&shared, 1, 4), (&shared, 0, 0), (&content, 1, 0)] {
        let facts = Facts {
            reuses,
            ..facts(content, &[], None)
        };
        assert_eq!(level(&facts, &nothing, 5), expected, "{reuses}");
    }

    for (published, completeness, updated_on, expected) in [
        (true, 89, date(2026, 10, 1), 2),
        (true, 90, date(2025, 11, 23), 3),
        (true, 90, date(2025, 11, 22), 2),
        (false, 100, date(2026, 10, 1), 0),
    ] {
        let facts = Facts {
            published,
            completeness,
            updated_on,
            ..facts(&content, &[], None)
        };
        assert_eq!(
            level(&facts, &nothing, 12),
            expected,
            "{completeness} {updated_on}"
        );
    }
}

#[test]
fn coverage_carries_the_tenth_practice_from_seventy_and_ninety_hundredths() {
    let content = record();
    let level = |covered: usize, exclusions: &str, reviewer: &str| {
        let mut assessment = Assessment::default();
        assessment.coverage.exclusions = exclusions.into();
        assessment.coverage.reviewer = reviewer.into();
        for name in [
            "training.datacenter.energy",
            "training.datacenter.gwp",
            "operation.datacenter.energy",
            "operation.datacenter.gwp",
        ]
        .iter()
        .take(covered)
        {
            assessment.coverage.cells.insert(
                (*name).to_owned(),
                coverage::Mark {
                    coverage: "measured".into(),
                    reason: String::new(),
                },
            );
        }
        proposals(&facts(&content, &[], None), &assessment)
            .iter()
            .find(|one| one.practice.number() == 10)
            .map_or(0, |one| one.level)
    };
    assert_eq!(level(2, "la fin de vie", ""), 1, "one phase alone");
    assert_eq!(level(3, "", ""), 1, "what is left out is not written");
    assert_eq!(level(3, "la fin de vie", "bureau"), 3);
    assert_eq!(level(4, "la fin de vie", ""), 3, "nobody from outside read it");
    assert_eq!(level(4, "la fin de vie", "bureau"), 4);
}

#[test]
fn what_was_given_up_is_asked_what_was_spent_until_then() {
    let mut grid = coverage::Grid::default();
    assert_eq!(grid.coverings("abandonne").required.len(), 0);
    assert_eq!(grid.coverings("abandonne").rate, None, "unknown, not zero");
    grid.cells.insert(
        "data.datacenter.energy".into(),
        coverage::Mark {
            coverage: "measured".into(),
            reason: String::new(),
        },
    );
    let known = grid.coverings("abandonne");
    assert_eq!(known.required.len(), 2, "energy and gases in the data centre");
    assert!(near(known.rate.unwrap(), 50.0));
}
