//! Evaluations of records: kept as they were, shown to whom they are open to, gone with their record.

use sobria_catalogue::access::Level;
use sobria_catalogue::evaluation::ratio::Known;
use sobria_catalogue::evaluation::{Amount, Evaluation, MeasuredRatio, Perimeter, Reach, Statistics};
use sobria_catalogue::id::{EvaluationId, UseCaseId};
use sobria_store::{Decision, StoreError};
use uuid::Uuid;

use crate::fixture::{at, import, options, rows};
use crate::place::Place;

stories!(
    an_evaluation_is_read_back_as_it_was_and_raises_the_revision,
    a_visitor_never_gets_what_is_open_to_members,
    a_record_that_is_withdrawn_takes_its_evaluations_along,
    an_evaluation_is_for_agents_until_it_is_opened_to_everybody,
    an_evaluation_taken_back_leaves_nothing_to_read,
    evaluations_move_with_the_instance,
    a_ratio_is_read_by_those_who_may_read_both_and_goes_with_either,
);

fn evaluation(record: UseCaseId, reach: Reach, second: i64, gwp: f64) -> Evaluation {
    Evaluation {
        id: EvaluationId::new(Uuid::now_v7()),
        use_case: record,
        title: "Réponses aux habitants en 2026".to_owned(),
        reach,
        requests_per_year: 220_000,
        request: r#"{"method":"llm_inference","input":{"provider":"openai"}}"#.to_owned(),
        answer: r#"{"output":{"gwp":{"min":0.1}}}"#.to_owned(),
        method: "llm_inference".to_owned(),
        method_version: "1.0".to_owned(),
        reference_version: "2026.1".to_owned(),
        grade: (gwp < 10.0).then(|| "C".to_owned()),
        energy_kwh: Amount {
            low: gwp * 3.0,
            central: gwp * 10.0,
            high: gwp * 17.0,
        },
        gwp_kg: Amount {
            low: gwp / 3.0,
            central: gwp,
            high: gwp * 2.0,
        },
        made_at: at(second),
        author: "test".to_owned(),
    }
}

const DECISION: fn() -> Decision<'static> = || Decision {
    actor: "test",
    reason: "essai",
    now: at(90),
};

async fn an_evaluation_is_read_back_as_it_was_and_raises_the_revision(place: &'static Place) {
    let store = place.store().await;
    let ids = import(&store, &rows(3), options(true, 0)).await.changed;
    let first = evaluation(ids[0], Reach::Public, 10, 0.1 + 0.2);
    let mut second = evaluation(ids[0], Reach::Public, 20, 1e-300);
    second.grade = None;
    assert_eq!(store.add_evaluation(&first).await.unwrap(), 2);
    assert_eq!(store.add_evaluation(&second).await.unwrap(), 3);
    assert_eq!(store.catalogue_revision().await.unwrap(), 3);
    assert_eq!(
        store.changed_since(1).await.unwrap().len(),
        1,
        "pages of the record are made anew"
    );

    let read = store.evaluations_of(&ids, Level::Public).await.unwrap();
    assert_eq!(read, [second.clone(), first], "newest first, to the last bit");
    assert_eq!(store.evaluations(Level::Public).await.unwrap().len(), 2);
    let cards = store.footprints_of(&ids, Level::Public).await.unwrap();
    assert_eq!(cards.len(), 1);
    assert_eq!(cards[&ids[0]].gwp_kg, second.gwp_kg);
    assert_eq!(cards[&ids[0]].others, 1);
    assert!(store.evaluations_of(&[], Level::Public).await.unwrap().is_empty());
    assert!(store.check().await.unwrap().is_sound());

    let unknown = evaluation(UseCaseId::new(Uuid::now_v7()), Reach::Public, 30, 1.0);
    let refused = store.add_evaluation(&unknown).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })), "{refused:?}");
    assert_eq!(
        store.catalogue_revision().await.unwrap(),
        3,
        "a refusal changes nothing"
    );
}

async fn a_visitor_never_gets_what_is_open_to_members(place: &'static Place) {
    let store = place.store().await;
    let ids = import(&store, &rows(3), options(true, 0)).await.changed;
    let drafts = import(&store, &rows(5)[3..], options(false, 5)).await.changed;
    for (record, reach, gwp) in [
        (ids[0], Reach::Public, 4.0),
        (ids[1], Reach::Member, 6.0),
        (ids[0], Reach::Member, 50.0),
        (drafts[0], Reach::Public, 8.0),
    ] {
        store
            .add_evaluation(&evaluation(record, reach, 10, gwp))
            .await
            .unwrap();
    }
    let mut all = ids.clone();
    all.extend(&drafts);
    let seen = |level| {
        let (store, all) = (store.clone(), all.clone());
        async move {
            (
                store.evaluations_of(&all, level).await.unwrap().len(),
                store.evaluations(level).await.unwrap().len(),
                store.footprints_of(&all, level).await.unwrap().len(),
                store.evaluation_statistics(level).await.unwrap(),
            )
        }
    };
    let (listed, every, cards, public) = seen(Level::Public).await;
    assert_eq!((listed, every, cards), (1, 1, 1));
    assert_eq!((public.records, public.evaluations), (1, 1));
    assert_eq!(public.gwp_kg.unwrap().greatest.to_bits(), 4.0_f64.to_bits());
    assert_eq!(public.grades, [(Some("C".to_owned()), 1)]);
    let (listed, every, cards, member) = seen(Level::Member).await;
    assert_eq!((listed, every, cards), (3, 3, 2));
    assert_eq!((member.records, member.evaluations), (2, 3));
    assert_eq!(member.gwp_kg.unwrap().median.to_bits(), 6.0_f64.to_bits());
    assert_eq!(member.grades, [(Some("C".to_owned()), 2), (None, 1)]);
}

async fn a_record_that_is_withdrawn_takes_its_evaluations_along(place: &'static Place) {
    let store = place.store().await;
    let ids = import(&store, &rows(2), options(true, 0)).await.changed;
    for id in &ids {
        store
            .add_evaluation(&evaluation(*id, Reach::Public, 10, 4.0))
            .await
            .unwrap();
    }
    store.withdraw(ids[0], DECISION()).await.unwrap();
    let left = store.evaluations(Level::Member).await.unwrap();
    assert_eq!(left.iter().map(|one| one.use_case).collect::<Vec<_>>(), [ids[1]]);
    assert!(store.check().await.unwrap().is_sound(), "no row is left behind");
    let refused = store
        .add_evaluation(&evaluation(ids[0], Reach::Public, 20, 4.0))
        .await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })), "{refused:?}");
}

async fn an_evaluation_is_for_agents_until_it_is_opened_to_everybody(place: &'static Place) {
    let store = place.store().await;
    let ids = import(&store, &rows(1), options(true, 0)).await.changed;
    let made = evaluation(ids[0], Reach::Member, 10, 4.0);
    store.add_evaluation(&made).await.unwrap();
    assert!(store.evaluations(Level::Public).await.unwrap().is_empty());
    let revision = store
        .open_evaluation(made.id, Reach::Public, DECISION())
        .await
        .unwrap();
    assert_eq!(revision, 3);
    assert_eq!(store.evaluations(Level::Public).await.unwrap().len(), 1);
    store
        .open_evaluation(made.id, Reach::Member, DECISION())
        .await
        .unwrap();
    assert!(store.evaluations(Level::Public).await.unwrap().is_empty());
    store.withdraw_evaluation(made.id, DECISION()).await.unwrap();
    let gone = store.open_evaluation(made.id, Reach::Public, DECISION()).await;
    assert!(matches!(gone, Err(StoreError::NotFound { .. })), "{gone:?}");
}

async fn an_evaluation_taken_back_leaves_nothing_to_read(place: &'static Place) {
    let store = place.store().await;
    let ids = import(&store, &rows(1), options(true, 0)).await.changed;
    let made = evaluation(ids[0], Reach::Public, 10, 4.0);
    store.add_evaluation(&made).await.unwrap();
    assert_eq!(store.withdraw_evaluation(made.id, DECISION()).await.unwrap(), 3);
    assert!(store.evaluations(Level::Member).await.unwrap().is_empty());
    assert!(store.footprints_of(&ids, Level::Member).await.unwrap().is_empty());
    assert_eq!(
        store.evaluation_statistics(Level::Member).await.unwrap(),
        Statistics::default()
    );
    let again = store.withdraw_evaluation(made.id, DECISION()).await;
    assert!(matches!(again, Err(StoreError::NotFound { .. })), "{again:?}");
    assert_eq!(store.catalogue_revision().await.unwrap(), 3);
}

async fn evaluations_move_with_the_instance(place: &'static Place) {
    let first = place.sqlite().await;
    let ids = import(&first, &rows(2), options(true, 0)).await.changed;
    for (id, reach) in ids.iter().zip(Reach::ALL) {
        first
            .add_evaluation(&evaluation(*id, reach, 10, 0.1 + 0.2))
            .await
            .unwrap();
    }
    let second = place.store().await;
    let report = first.copy_to(&second).await.unwrap();
    assert!(report.tables.contains(&("evaluation", 2)), "{report:?}");
    assert_eq!(
        second.evaluations(Level::Member).await.unwrap(),
        first.evaluations(Level::Member).await.unwrap()
    );
    assert!(second.check().await.unwrap().is_sound());
}

async fn a_ratio_is_read_by_those_who_may_read_both_and_goes_with_either(place: &'static Place) {
    let store = place.store().await;
    let ids = import(&store, &rows(3), options(true, 0)).await.changed;
    let estimated = evaluation(ids[0], Reach::Public, 10, 4.0);
    let mut measured = evaluation(ids[0], Reach::Member, 20, 6.0);
    measured.method = "measurement".to_owned();
    let elsewhere = evaluation(ids[1], Reach::Public, 30, 4.0);
    for one in [&estimated, &measured, &elsewhere] {
        store.add_evaluation(one).await.unwrap();
    }
    let known = Known {
        measured: Perimeter::Room,
        measured_fraction: Some(1.0),
        estimated: Some(Perimeter::Room),
    };
    let ratio = MeasuredRatio::of(&measured, &estimated, known, at(40)).unwrap();
    assert!((ratio.central - 1.5).abs() < 1e-12);
    assert!(ratio.low < 1.5 && 1.5 < ratio.high);
    let before = store.catalogue_revision().await.unwrap();
    assert_eq!(store.keep_ratio(&ratio, DECISION()).await.unwrap(), before + 1);
    store.keep_ratio(&ratio, DECISION()).await.unwrap();
    assert_eq!(store.ratios(Level::Member).await.unwrap(), [ratio], "kept once");
    assert!(store.ratios(Level::Public).await.unwrap().is_empty());
    store
        .open_evaluation(measured.id, Reach::Public, DECISION())
        .await
        .unwrap();
    assert_eq!(store.ratios(Level::Public).await.unwrap(), [ratio]);
    assert_eq!(store.ratios_of(&[ids[0]], Level::Public).await.unwrap(), [ratio]);
    assert!(
        store
            .ratios_of(&[ids[1]], Level::Member)
            .await
            .unwrap()
            .is_empty()
    );
    let copy = place.store().await;
    store.copy_to(&copy).await.unwrap();
    assert_eq!(copy.ratios(Level::Public).await.unwrap(), [ratio]);

    let other = MeasuredRatio {
        estimated: elsewhere.id,
        ..ratio
    };
    let refused = store.keep_ratio(&other, DECISION()).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })), "{refused:?}");

    store
        .forget_ratio(measured.id, estimated.id, DECISION())
        .await
        .unwrap();
    assert!(store.ratios(Level::Member).await.unwrap().is_empty());
    let gone = store.forget_ratio(measured.id, estimated.id, DECISION()).await;
    assert!(matches!(gone, Err(StoreError::NotFound { .. })), "{gone:?}");

    store.keep_ratio(&ratio, DECISION()).await.unwrap();
    store.withdraw_evaluation(estimated.id, DECISION()).await.unwrap();
    assert!(store.ratios(Level::Member).await.unwrap().is_empty());
    assert!(store.check().await.unwrap().is_sound());
}
