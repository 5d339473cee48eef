//! Assessments: versions that follow one another, public once a moderator read them, gone with their record.

use jiff::Timestamp;
use sobria_catalogue::access::Level;
use sobria_catalogue::id::{UseCaseId, UserId};
use sobria_store::{AssessmentKind, Badge, Decision, NewAssessment, Store, StoreError, Subject};
use uuid::Uuid;

use crate::fixture::{at, import, options, rows};
use crate::place::Place;

stories!(
    versions_of_an_assessment_follow_one_another,
    an_assessment_is_public_once_it_was_read,
    a_withdrawn_record_takes_its_assessments_along,
    assessments_of_two_names_become_one_history,
    assessments_move_with_the_instance,
);

const KIND: AssessmentKind = AssessmentKind::Frugality;

fn new(subject: Subject, after: u32, form: &'static str) -> NewAssessment<'static> {
    NewAssessment {
        id: Uuid::now_v7().to_string(),
        kind: KIND,
        subject,
        after,
        rubric: "1.0",
        form,
        summary: "{}",
        badge: Badge::Granted,
        author: None,
        now: at(10 + i64::from(after)),
    }
}

fn decision() -> Decision<'static> {
    Decision {
        actor: "moderation",
        reason: "relu",
        now: at(90),
    }
}

async fn record(store: &Store) -> UseCaseId {
    import(store, &rows(3), options(true, 0)).await.changed[0]
}

async fn versions_of_an_assessment_follow_one_another(place: &'static Place) {
    let store = place.store().await;
    let id = record(&store).await;
    let subject = Subject::UseCase(id);
    assert_eq!(
        store.add_assessment(&new(subject, 0, "{\"a\":1}")).await.unwrap(),
        1
    );
    assert_eq!(
        store.add_assessment(&new(subject, 1, "{\"a\":2}")).await.unwrap(),
        2
    );
    let late = store.add_assessment(&new(subject, 1, "{\"a\":3}")).await;
    assert!(matches!(late, Err(StoreError::Conflict { .. })), "{late:?}");
    let kept = store
        .assessments_of(KIND, subject, Level::Organisation)
        .await
        .unwrap();
    let forms: Vec<(u32, &str)> = kept.iter().map(|one| (one.number, one.form.as_str())).collect();
    assert_eq!(forms, [(2, "{\"a\":2}"), (1, "{\"a\":1}")]);
    assert_eq!(kept[0].made_at, at(11));
    let other = NewAssessment {
        kind: AssessmentKind::Transparency,
        ..new(subject, 0, "{}")
    };
    assert_eq!(
        store.add_assessment(&other).await.unwrap(),
        1,
        "each instrument has its own history"
    );
    let unknown = new(Subject::UseCase(UseCaseId::new(Uuid::now_v7())), 0, "{}");
    let refused = store.add_assessment(&unknown).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })), "{refused:?}");
    assert!(store.check().await.unwrap().is_sound());
}

async fn an_assessment_is_public_once_it_was_read(place: &'static Place) {
    let store = place.store().await;
    let id = record(&store).await;
    let subject = Subject::UseCase(id);
    store.add_assessment(&new(subject, 0, "{\"a\":1}")).await.unwrap();
    let seen = |level: Level| {
        let store = store.clone();
        async move { store.assessments_of(KIND, subject, level).await.unwrap().len() }
    };
    for (level, count) in [
        (Level::Public, 0),
        (Level::Member, 0),
        (Level::Organisation, 1),
        (Level::Moderator, 1),
    ] {
        assert_eq!(seen(level).await, count, "{level:?}");
    }
    assert!(store.public_assessments(KIND, &[id]).await.unwrap().is_empty());
    assert!(
        store
            .badges_of(&[id], Timestamp::UNIX_EPOCH)
            .await
            .unwrap()
            .is_empty()
    );
    let waiting = store.waiting_assessments().await.unwrap();
    assert_eq!(waiting.len(), 1);

    let before = store.catalogue_revision().await.unwrap();
    store
        .publish_assessment(&waiting[0].id, decision())
        .await
        .unwrap();
    assert_eq!(
        store.changed_since(before).await.unwrap().len(),
        1,
        "its page is made anew"
    );
    let again = store.publish_assessment(&waiting[0].id, decision()).await;
    assert!(matches!(again, Err(StoreError::NotFound { .. })), "{again:?}");
    assert_eq!(seen(Level::Public).await, 1);
    assert_eq!(
        store.badges_of(&[id], at(5)).await.unwrap().get(&id),
        Some(&Badge::Granted)
    );
    assert!(
        store.badges_of(&[id], at(50)).await.unwrap().is_empty(),
        "too old"
    );

    // A later version that is not public yet changes nothing for visitors.
    store.add_assessment(&new(subject, 1, "{\"a\":2}")).await.unwrap();
    assert_eq!(
        store.public_assessments(KIND, &[id]).await.unwrap()[&id].form,
        "{\"a\":1}"
    );
    assert_eq!(store.waiting_assessments().await.unwrap()[0].number, 2);
    store.delete_assessment(&waiting[0].id, decision()).await.unwrap();
    assert_eq!(
        (seen(Level::Public).await, seen(Level::Organisation).await),
        (0, 1)
    );
    assert!(store.check().await.unwrap().is_sound());
}

async fn a_withdrawn_record_takes_its_assessments_along(place: &'static Place) {
    let store = place.store().await;
    let id = record(&store).await;
    store
        .add_assessment(&new(Subject::UseCase(id), 0, "{\"secret\":1}"))
        .await
        .unwrap();
    store.withdraw(id, decision()).await.unwrap();
    let left = store
        .assessments_of(KIND, Subject::UseCase(id), Level::Moderator)
        .await
        .unwrap();
    assert!(left.is_empty());
    assert!(store.check().await.unwrap().is_sound());
}

async fn assessments_of_two_names_become_one_history(place: &'static Place) {
    let store = place.store().await;
    import(&store, &rows(12), options(true, 0)).await;
    let carriers = store.organisations("", 0, 10).await.unwrap().items;
    let (from, into) = (carriers[0].organisation.id, carriers[1].organisation.id);
    for (subject, after, form) in [
        (Subject::Organisation(from), 0, "{\"a\":1}"),
        (Subject::Organisation(into), 0, "{\"a\":2}"),
        (Subject::Organisation(into), 1, "{\"a\":3}"),
    ] {
        store.add_assessment(&new(subject, after, form)).await.unwrap();
    }
    let by = UserId::new(Uuid::now_v7());
    store.merge_organisations(from, into, by, at(90)).await.unwrap();
    let kept = store
        .assessments_of(KIND, Subject::Organisation(into), Level::Moderator)
        .await
        .unwrap();
    let forms: Vec<(u32, &str)> = kept.iter().map(|one| (one.number, one.form.as_str())).collect();
    assert_eq!(forms, [(3, "{\"a\":3}"), (2, "{\"a\":2}"), (1, "{\"a\":1}")]);
    assert!(store.check().await.unwrap().is_sound());
}

async fn assessments_move_with_the_instance(place: &'static Place) {
    let store = place.store().await;
    let id = record(&store).await;
    store
        .add_assessment(&new(Subject::UseCase(id), 0, "{\"é\":\"œ\"}"))
        .await
        .unwrap();
    for target in [place.store().await, place.sqlite().await] {
        store.copy_to(&target).await.unwrap();
        let level = Level::Moderator;
        assert_eq!(
            target
                .assessments_of(KIND, Subject::UseCase(id), level)
                .await
                .unwrap(),
            store
                .assessments_of(KIND, Subject::UseCase(id), level)
                .await
                .unwrap()
        );
        assert!(target.check().await.unwrap().is_sound());
    }
}
