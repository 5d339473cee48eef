use jiff::civil::date;
use proptest::prelude::*;
use sobria_catalogue::content::{Content, Value};
use sobria_catalogue::evaluation::{Amount, Evaluation, Reach};
use sobria_catalogue::field::Field;
use sobria_catalogue::id::{EvaluationId, UseCaseId};
use uuid::Uuid;

use super::*;

mod rules;

const TODAY: Date = date(2026, 11, 23);

fn id(number: u8) -> PracticeId {
    PracticeId::new(number).unwrap()
}

/// Control case A of the method: level said, level carried.
const A: [(u8, u8); 15] = [
    (2, 2),
    (3, 2),
    (2, 1),
    (1, 1),
    (3, 4),
    (2, 2),
    (1, 1),
    (2, 1),
    (3, 4),
    (2, 4),
    (0, 1),
    (3, 4),
    (1, 1),
    (2, 2),
    (2, 2),
];

fn case_a() -> Vec<(PracticeId, Standing)> {
    (1..)
        .zip(A)
        .map(|(number, (declared, backing))| (id(number), Standing::Answered { declared, backing }))
        .collect()
}

fn set(standings: &mut [(PracticeId, Standing)], numbers: &[u8], to: Standing) {
    for (practice, standing) in standings {
        if numbers.contains(&practice.number()) {
            *standing = to;
        }
    }
}

fn near(value: f64, expected: f64) -> bool {
    (value - expected).abs() < 0.005
}

#[test]
fn the_control_values_of_the_method_are_found_again() {
    let check = |standings: &[(PracticeId, Standing)], declared, proven, rate: f64, grade: Option<Grade>| {
        let found = score(standings);
        assert!(near(found.declared, declared), "{found:?}");
        assert!(near(found.proven, proven), "{found:?}");
        assert!((found.response_rate - rate).abs() < 0.05, "{found:?}");
        assert_eq!(found.grade, grade);
        found
    };
    let found = check(&case_a(), 53.26, 45.65, 100.0, Some(Grade::Engaged));
    assert_eq!(found.weight, 23);
    for (pillar, expected) in found.pillars.iter().zip([50.0, 44.44, 37.5, 50.0, 41.67]) {
        assert!(near(pillar.proven.unwrap(), expected), "{pillar:?}");
    }
    let mut blanks = case_a();
    set(&mut blanks, &[7, 11, 13, 14], Standing::Blank);
    let incomplete = check(&blanks, 48.91, 41.30, 73.3, None);
    assert_eq!(incomplete.label(), "Évaluation incomplète");
    let mut without = case_a();
    set(&mut without, &[11], Standing::Excluded);
    assert_eq!(
        check(&without, 55.68, 47.73, 100.0, Some(Grade::Engaged)).weight,
        22
    );
    check(&[], 0.0, 0.0, 0.0, None);
}

#[test]
fn the_weights_and_the_practices_are_those_of_the_method() {
    assert_eq!(table::PRACTICES.len(), 15);
    assert_eq!(
        table::PRACTICES
            .iter()
            .map(|one| u32::from(one.weight))
            .sum::<u32>(),
        23
    );
    for (number, practice) in (1..).zip(table::PRACTICES) {
        assert_eq!(practice.id.number(), number);
        assert!(!practice.evidence.is_empty() && !practice.who.is_empty() && !practice.source.is_empty());
        assert!(practice.levels.iter().all(|level| level.ends_with('.')));
    }
    let organisation: Vec<u8> = table::PRACTICES
        .iter()
        .filter(|one| one.scope == Scope::Organisation)
        .map(|one| one.id.number())
        .collect();
    assert_eq!(organisation, [8, 14, 15]);
}

#[test]
fn a_proof_carries_as_far_as_its_kind_its_age_and_its_reader_allow() {
    for (proof, reviewed, cap) in [
        (None, true, 1),
        (Some((EvidenceKind::Document, date(2026, 1, 1))), false, 2),
        (Some((EvidenceKind::Document, date(2026, 1, 1))), true, 4),
        // 36 months for a document, 24 for a measure: one less afterwards, never less than one.
        (Some((EvidenceKind::Document, date(2023, 11, 23))), true, 4),
        (Some((EvidenceKind::Document, date(2023, 11, 22))), true, 3),
        (Some((EvidenceKind::Measure, date(2024, 11, 23))), false, 2),
        (Some((EvidenceKind::Measure, date(2024, 11, 22))), false, 1),
        (Some((EvidenceKind::Measure, date(2000, 1, 1))), true, 3),
    ] {
        let answer = Answer {
            level: Some(4),
            evidence: proof.map(|(kind, day)| Evidence {
                text: "preuve".into(),
                kind,
                dated: Some(day),
            }),
            reviewed,
            ..Answer::default()
        };
        assert_eq!(answer.cap(TODAY), cap, "{proof:?} {reviewed}");
    }
}

#[test]
fn words_are_capped_by_a_weak_pillar_and_by_the_two_keys() {
    let mut all: Vec<_> = (1..=15)
        .map(|number| {
            (
                id(number),
                Standing::Answered {
                    declared: 4,
                    backing: 4,
                },
            )
        })
        .collect();
    assert_eq!(score(&all).grade, Some(Grade::Advanced));
    assert!(near(score(&all).proven, 100.0));
    set(
        &mut all,
        &[9],
        Standing::Answered {
            declared: 4,
            backing: 1,
        },
    );
    assert_eq!(score(&all).grade, Some(Grade::Structured));
    set(
        &mut all,
        &[9],
        Standing::Answered {
            declared: 4,
            backing: 4,
        },
    );
    set(
        &mut all,
        &[1],
        Standing::Answered {
            declared: 0,
            backing: 4,
        },
    );
    assert_eq!(
        score(&all).grade,
        Some(Grade::Engaged),
        "the whole pillar of machines is at zero"
    );
}

/// An assessment with every proof read by somebody else.
fn full(level: u8) -> Assessment {
    let mut assessment = Assessment::default();
    for practice in table::PRACTICES {
        assessment.answers.insert(
            practice.id,
            Answer {
                level: Some(level),
                evidence: Some(Evidence {
                    text: "note du 1er mars".into(),
                    kind: EvidenceKind::Document,
                    dated: Some(date(2026, 3, 1)),
                }),
                reviewed: true,
                ..Answer::default()
            },
        );
    }
    assessment.filter = Filter {
        need: "Répondre aux habitants en deux jours".into(),
        alternatives: vec![
            Alternative {
                what: "Réponses types".into(),
                sort: Sort::WithoutAi,
                rejected_because: "trop rigides".into(),
            },
            Alternative {
                what: "Ne rien changer".into(),
                sort: Sort::DoNothing,
                rejected_because: "dix jours d’attente".into(),
            },
        ],
        decision_owner: "Direction de la relation aux usagers".into(),
        decision: Some(Decision::WithAi),
        producer_known: Some(true),
        usage_cap: Some(220_000.0),
        stop_rule: "moins de 80\u{a0}% de réponses utiles".into(),
        rebound_watch: "requêtes par agent".into(),
        effects_avoided: "courriers".into(),
        effects_caused: "plus de demandes".into(),
        ..Filter::default()
    };
    assessment
}

#[test]
fn everything_at_four_with_read_proofs_is_a_hundred_and_earns_the_badge() {
    let outcome = full(4).outcome(&[], TODAY);
    assert!(near(outcome.score.proven, 100.0) && outcome.badge, "{outcome:?}");
    assert!(outcome.plan.is_empty());
}

#[test]
fn the_badge_needs_the_three_conditions_and_enough_answers() {
    let holds = |change: &dyn Fn(&mut Assessment)| {
        let mut assessment = full(3);
        change(&mut assessment);
        assessment.outcome(&[], TODAY).badge
    };
    assert!(holds(&|_| {}));
    assert!(!holds(&|one| one.filter.need.clear()));
    assert!(!holds(&|one| one.filter.need = "Faire de l’IA".into()));
    assert!(!holds(&|one| one.filter.decision = Some(Decision::WithoutAi)));
    assert!(!holds(&|one| {
        one.filter.alternatives.pop();
    }));
    assert!(!holds(&|one| one.filter.producer_known = Some(false)));
    assert!(!holds(&|one| one.filter.stop_rule.clear()));
    assert!(!holds(&|one| one.filter.usage_observed = Some(220_001.0)));
    assert!(
        holds(&|one| {
            one.answers.retain(|id, _| id.number() > 3);
        }),
        "80\u{a0}% is enough"
    );
    assert!(!holds(&|one| {
        one.answers.retain(|id, _| id.number() > 4);
    }));
}

#[test]
fn a_need_met_without_ai_is_a_result_and_a_producer_that_is_unknown_decides_nothing() {
    let mut assessment = full(3);
    assessment.filter.decision = Some(Decision::WithoutAi);
    let outcome = assessment.outcome(&[], TODAY);
    assert!(outcome.without_ai);
    assert_eq!(outcome.gates[0].verdict, Verdict::Failed);
    assessment.filter.producer_known = Some(false);
    assert_eq!(
        assessment.outcome(&[], TODAY).gates[1].verdict,
        Verdict::Undetermined
    );
    assessment.filter.usage_observed = Some(300_000.0);
    assert_eq!(assessment.outcome(&[], TODAY).gates[2].verdict, Verdict::Failed);
}

#[test]
fn a_need_met_without_ai_is_said_on_a_card_once_its_reasons_are_written() {
    let mut assessment = full(0);
    assessment.filter.decision = Some(Decision::WithoutAi);
    let outcome = assessment.outcome(&[], TODAY);
    assert!(outcome.without_ai && !outcome.renounced && !outcome.badge);
    assert!(
        outcome.gates[0]
            .reasons
            .contains(&"La solution retenue n’est pas écrite.")
    );
    assessment.filter.kept_solution = "Des réponses types, relues chaque mois".into();
    assert!(assessment.outcome(&[], TODAY).renounced);
    type Break = fn(&mut Filter);
    let breaks: [Break; 4] = [
        |filter| filter.need.clear(),
        |filter| filter.need = "Faire de l’IA".into(),
        |filter| filter.decision_owner.clear(),
        |filter| filter.decision = Some(Decision::WithAi),
    ];
    for change in breaks {
        let mut changed = assessment.clone();
        change(&mut changed.filter);
        assert!(!changed.outcome(&[], TODAY).renounced);
    }
}

#[test]
fn an_indicator_says_more_than_its_place_and_keeps_the_reason_of_the_place() {
    let typed = [
        ("c_operation.datacenter", "estimated"),
        ("c_operation.datacenter.water", "negligible"),
        ("c_operation.datacenter.adpe", "not_applicable"),
        ("cr_operation.datacenter", "refroidi à l’air"),
        ("c_training.datacenter", "negligible"),
        ("couverture_raison", "modèle repris tel quel"),
        ("c_data.network", "un état inconnu"),
    ];
    let read = |pairs: &[(&str, &str)]| {
        form::read(|name| {
            pairs
                .iter()
                .find(|(known, _)| *known == name)
                .map_or("", |(_, value)| *value)
        })
        .0
        .coverage
    };
    let grid = read(&typed);
    use sobria_estimate::service::{Coverage, Indicator, Phase, Tier};
    let of = |phase, indicator| grid.coverage(phase, Tier::Datacenter, indicator);
    assert_eq!(of(Phase::Operation, Indicator::Energy), Coverage::Estimated);
    assert_eq!(of(Phase::Operation, Indicator::Water), Coverage::Negligible);
    assert_eq!(of(Phase::Training, Indicator::Energy), Coverage::Negligible);
    let known = grid.coverings("deploiement");
    assert_eq!((known.asked.len(), known.required.len()), (60, 59));
    let set_aside = known
        .asked
        .iter()
        .find(|cell| cell.coverage == Coverage::NotApplicable)
        .unwrap();
    assert_eq!(
        (set_aside.indicator, set_aside.reason.as_str()),
        (Indicator::Adpe, "refroidi à l’air")
    );
    let written = form::fields(&Assessment {
        coverage: grid.clone(),
        ..Assessment::default()
    });
    let pairs: Vec<(&str, &str)> = written
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        read(&pairs).coverings("deploiement"),
        known,
        "the form gives it back"
    );
}

#[test]
fn what_was_read_by_somebody_else_is_forgotten_when_the_answer_changes() {
    let former = full(3);
    let mut same = full(3);
    same.answers
        .values_mut()
        .for_each(|answer| answer.reviewed = false);
    same.answers.get_mut(&id(1)).unwrap().level = Some(4);
    same.keep_reviews(&former);
    assert!(!same.answer(id(1)).reviewed && same.answer(id(2)).reviewed);
    let mut forged = full(3);
    forged.keep_reviews(&Assessment::default());
    assert!(
        forged.answers.values().all(|answer| !answer.reviewed),
        "a form cannot say it of itself"
    );
}

fn estimate(number: u128, day: &str, method: &str, request: &str) -> Evaluation {
    let amount = Amount {
        low: 1.0,
        central: 2.0,
        high: 3.0,
    };
    Evaluation {
        id: EvaluationId::new(Uuid::from_u128(number)),
        use_case: UseCaseId::new(Uuid::from_u128(1)),
        title: "Réponses".into(),
        reach: Reach::Public,
        requests_per_year: 1000,
        request: request.into(),
        answer: "{}".into(),
        method: method.into(),
        method_version: "1".into(),
        reference_version: "1".into(),
        grade: None,
        energy_kwh: amount,
        gwp_kg: amount,
        made_at: format!("{day}T10:00:00Z").parse().unwrap(),
        author: String::new(),
    }
}

fn record() -> Content {
    let mut content = Content::default();
    content.set(Field::Maturity, Value::Code("experimentation".into()));
    content.set(Field::AlgorithmName, Value::Text("Assistant".into()));
    content.set(
        Field::RiskProportionality,
        Value::Text("comparé à des réponses types".into()),
    );
    content.set(
        Field::Hosting,
        Value::CodesText(sobria_catalogue::content::CodesText {
            codes: vec!["interne".into()],
            text: None,
        }),
    );
    content.set(
        Field::DataSources,
        Value::CodesText(sobria_catalogue::content::CodesText {
            codes: vec!["interne".into()],
            text: None,
        }),
    );
    content
}

fn facts<'a>(
    content: &'a Content,
    evaluations: &'a [Evaluation],
    organisation: Option<&'a Assessment>,
) -> Facts<'a> {
    Facts {
        content,
        evaluations,
        published: true,
        completeness: 60,
        updated_on: date(2026, 10, 1),
        reuses: 0,
        organisation,
        dossier: None,
        roadmap: None,
        today: TODAY,
    }
}

#[test]
fn a_third_of_the_answers_come_from_a_described_project() {
    let content = record();
    let evaluations = [
        estimate(1, "2026-01-10", "llm_inference", "a"),
        estimate(2, "2026-06-10", "llm_inference", "b"),
    ];
    let organisation = full(3);
    let found = proposals(
        &facts(&content, &evaluations, Some(&organisation)),
        &Assessment::default(),
    );
    let levels: Vec<(u8, u8)> = found
        .iter()
        .map(|one| (one.practice.number(), one.suggested))
        .collect();
    assert_eq!(
        levels,
        [
            (1, 1),
            (2, 1),
            (3, 2),
            (6, 1),
            (8, 3),
            (9, 3),
            (10, 1),
            (11, 2),
            (12, 2),
            (14, 3),
            (15, 3)
        ]
    );
    assert!(found.iter().all(|one| !one.origins.is_empty()));
    let inherited = found.iter().find(|one| one.practice.number() == 14).unwrap();
    assert_eq!(
        (inherited.origins.as_slice(), inherited.level),
        (&[Origin::Organisation][..], 3)
    );
    assert!(inherited.evidence.is_some());
    assert!(
        proposals(&facts(&Content::default(), &[], None), &Assessment::default())
            .iter()
            .all(|one| one.practice.number() == 12)
    );
}

#[test]
fn estimates_that_are_old_prove_nothing_and_unread_answers_of_the_organisation_little() {
    let content = record();
    let old = [estimate(1, "2024-11-22", "llm_inference", "a")];
    let mut organisation = full(3);
    organisation.answers.get_mut(&id(15)).unwrap().evidence = None;
    let found = proposals(
        &facts(&content, &old, Some(&organisation)),
        &Assessment::default(),
    );
    let of = |number: u8| found.iter().find(|one| one.practice.number() == number);
    assert!(of(9).is_none());
    assert_eq!(of(15).map(|one| (one.level, one.suggested)), Some((1, 3)));
}

#[test]
fn an_answer_given_on_former_facts_is_marked() {
    let content = record();
    let now = proposals(&facts(&content, &[], None), &Assessment::default());
    let mut assessment = Assessment::default();
    for one in &now {
        assessment.answers.insert(
            one.practice,
            Answer {
                level: Some(one.suggested),
                basis: one.basis(),
                ..Answer::default()
            },
        );
    }
    assert!(assessment.outdated(&now).is_empty());
    let mut changed = content.clone();
    changed.take(Field::AlgorithmName);
    let then = proposals(&facts(&changed, &[], None), &assessment);
    assert_eq!(assessment.outdated(&then), [id(3)]);
}

#[test]
fn coverage_counts_what_the_maturity_asks_for_and_nothing_negligible_without_a_reason() {
    let mut grid =
        coverage::Grid::default().with_evaluations(&[estimate(1, "2026-01-10", "llm_inference", "a")]);
    assert!(near(grid.coverings("experimentation").rate.unwrap(), 50.0));
    let mark = |reason: &str| coverage::Mark {
        coverage: "negligible".into(),
        reason: reason.into(),
    };
    grid.cells.insert("training.datacenter.energy".into(), mark(""));
    assert!(near(grid.coverings("experimentation").rate.unwrap(), 50.0));
    grid.cells.insert(
        "training.datacenter.energy".into(),
        mark("modèle repris tel quel"),
    );
    assert!(near(grid.coverings("experimentation").rate.unwrap(), 75.0));
    let without = coverage::Mark {
        coverage: "not_applicable".into(),
        reason: "aucun entraînement".into(),
    };
    grid.cells.insert("training.datacenter.energy".into(), without);
    assert!(near(
        grid.coverings("experimentation").rate.unwrap(),
        100.0 * 2.0 / 3.0
    ));
    assert_eq!(grid.coverings("deploiement").required.len(), 60 - 1);
    assert_eq!(grid.coverings("termine").required.len(), 105 - 1);
}

#[test]
fn the_plan_begins_with_what_the_framework_puts_first() {
    let first: Vec<u8> = plan(&[]).iter().map(|action| action.practice.number()).collect();
    assert!(
        first.is_empty(),
        "a plan speaks of the practices that it is given"
    );
    let blank: Vec<_> = (1..=15).map(|number| (id(number), Standing::Blank)).collect();
    let order: Vec<u8> = plan(&blank)
        .iter()
        .map(|action| action.practice.number())
        .collect();
    assert_eq!(order[..6], [2, 14, 1, 5, 3, 4]);
    let whole: f64 = plan(&case_a()).iter().map(|action| action.gain).sum();
    assert!(whole > 0.0);
    let proof = plan(&case_a())
        .into_iter()
        .find(|action| action.practice == id(2))
        .unwrap();
    assert!(proof.proof_only && proof.target == 3);
}

#[test]
fn a_form_says_what_is_wrong_and_reads_the_rest() {
    let typed = [
        ("besoin", "Une IA pour répondre"),
        ("plafond", "-3"),
        ("usage", "beaucoup"),
        ("bp01", "7"),
        ("bp02", "so"),
        ("bp04", "so"),
        ("bp04_raison", "trop court"),
        ("bp05", "2"),
        ("bp05_date", "hier"),
        ("bp05_preuve", "fiche"),
        ("bp06_date", "2026-01-01"),
    ];
    let get = |name: &str| {
        typed
            .iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, value)| *value)
    };
    let (assessment, problems) = form::read(get);
    let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "besoin",
            "plafond",
            "usage",
            "bp01",
            "bp02",
            "bp04_raison",
            "bp05_date",
            "bp06_preuve"
        ]
    );
    assert_eq!(assessment.answer(id(5)).level, Some(2));
    assert!(problems.iter().all(|problem| problem.message.ends_with('.')));
}

fn any_answer() -> impl Strategy<Value = Answer> {
    (
        proptest::option::of(0_u8..=4),
        proptest::option::of(prop_oneof![
            Just("court".to_owned()),
            Just("long ".repeat(20).trim().to_owned())
        ]),
        proptest::option::of((any::<bool>(), proptest::option::of(2022_i16..=2026))),
        any::<bool>(),
    )
        .prop_map(|(level, reason, evidence, reviewed)| {
            let level = if reason.is_some() { None } else { level };
            Answer {
                level,
                not_applicable: reason,
                evidence: evidence.map(|(measure, year)| Evidence {
                    text: "preuve".into(),
                    kind: if measure {
                        EvidenceKind::Measure
                    } else {
                        EvidenceKind::Document
                    },
                    dated: year.map(|year| date(year, 6, 1)),
                }),
                reviewed,
                basis: String::new(),
            }
        })
}

fn any_assessment() -> impl Strategy<Value = Assessment> {
    proptest::collection::vec(any_answer(), 15).prop_map(|answers| Assessment {
        answers: table::PRACTICES
            .iter()
            .map(|practice| practice.id)
            .zip(answers)
            .collect(),
        ..Assessment::default()
    })
}

fn figures(assessment: &Assessment) -> Score {
    score(&assessment.standings(&[], TODAY))
}

proptest! {
    #[test]
    fn erasing_an_answer_never_raises_a_figure(assessment in any_assessment(), number in 1_u8..=15) {
        let before = figures(&assessment);
        let mut erased = assessment.clone();
        erased.answers.remove(&id(number));
        let after = figures(&erased);
        prop_assert!(after.declared <= before.declared + 1e-9);
        prop_assert!(after.proven <= before.proven + 1e-9);
        prop_assert!(after.response_rate <= before.response_rate + 1e-9);
    }

    #[test]
    fn losing_a_proof_or_letting_it_age_never_raises_a_figure(assessment in any_assessment(), number in 1_u8..=15) {
        let before = figures(&assessment);
        let mut lost = assessment.clone();
        if let Some(answer) = lost.answers.get_mut(&id(number)) {
            answer.evidence = None;
        }
        let mut aged = assessment.clone();
        if let Some(evidence) = aged.answers.get_mut(&id(number)).and_then(|answer| answer.evidence.as_mut()) {
            evidence.dated = Some(date(2000, 1, 1));
        }
        for after in [figures(&lost), figures(&aged)] {
            prop_assert!(after.proven <= before.proven + 1e-9);
            prop_assert!((after.declared - before.declared).abs() < 1e-9);
        }
    }

    #[test]
    fn without_object_and_not_agreed_to_is_blank(assessment in any_assessment(), number in 1_u8..=15) {
        let mut claimed = assessment.clone();
        claimed.answers.insert(id(number), Answer { not_applicable: Some("long ".repeat(20)), ..Answer::default() });
        let mut blank = assessment;
        blank.answers.remove(&id(number));
        prop_assert_eq!(figures(&claimed), figures(&blank));
    }

    #[test]
    fn what_is_proven_is_never_more_than_what_is_said(assessment in any_assessment()) {
        let found = figures(&assessment);
        prop_assert!(found.proven <= found.declared + 1e-9);
        for pillar in &found.pillars {
            prop_assert!(pillar.proven <= pillar.declared);
        }
    }

    #[test]
    fn the_order_of_answers_changes_nothing(assessment in any_assessment(), turn in 0_usize..15) {
        let mut standings = assessment.standings(&[], TODAY);
        let before = score(&standings);
        standings.rotate_left(turn);
        standings.reverse();
        prop_assert_eq!(score(&standings), before);
    }

    #[test]
    fn a_form_and_a_document_give_an_assessment_back(assessment in any_assessment()) {
        let mut whole = assessment;
        whole.filter = full(3).filter;
        whole.filter.usage_observed = Some(1234.5);
        // A reason that is too short is named by the reader, and kept all the same.
        whole.answers.retain(|_, answer| !answer.is_blank() || answer.evidence.is_some());
        let fields = form::fields(&whole);
        let get = |name: &str| fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
        let (read, _) = form::read(get);
        for practice in table::PRACTICES {
            let (kept, found) = (whole.answer(practice.id), read.answer(practice.id));
            if kept.not_applicable.is_none() || practice.not_applicable.is_some() {
                prop_assert_eq!(kept, found);
            }
        }
        prop_assert_eq!(&read.filter, &whole.filter);
        let document = serde_json::to_string(&whole).unwrap();
        prop_assert_eq!(serde_json::from_str::<Assessment>(&document).unwrap(), whole);
    }
}
