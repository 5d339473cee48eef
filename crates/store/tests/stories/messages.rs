//! Messages about records: kept until they are answered and old, gone with their record.

use sobria_catalogue::account::Email;
use sobria_catalogue::id::{UseCaseId, UserId};
use sobria_store::{Decision, Message, MessageKind};
use uuid::Uuid;

use crate::fixture::{at, import, options, rows};
use crate::place::Place;

stories!(
    a_report_waits_until_it_is_answered_once,
    old_messages_go_and_open_reports_stay,
    a_withdrawn_record_takes_its_messages_along,
);

fn message(record: UseCaseId, kind: MessageKind, number: u32, second: i64) -> Message {
    Message {
        id: Uuid::now_v7().to_string(),
        receipt: format!("M-{number}"),
        use_case: record,
        kind,
        sender: None,
        name: "Jean".to_owned(),
        email: Email::parse("jean@exemple.fr").unwrap(),
        text: "Le lien est mort.".to_owned(),
        made_at: at(second),
        answer: String::new(),
        handled_at: None,
    }
}

async fn a_report_waits_until_it_is_answered_once(place: &'static Place) {
    let store = place.store().await;
    let id = import(&store, &rows(1), options(true, 0)).await.changed[0];
    let report = message(id, MessageKind::Report, 1, 10);
    store.add_message(&report).await.unwrap();
    store
        .add_message(&message(id, MessageKind::Contact, 2, 11))
        .await
        .unwrap();
    let open = store.open_reports().await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].message, report);
    let by = UserId::new(Uuid::now_v7());
    let closed = store
        .close_report(&report.id, "Corrigé, merci.", by, at(20))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (closed.answer.as_str(), closed.handled_at),
        ("Corrigé, merci.", Some(at(20)))
    );
    assert_eq!(
        store
            .close_report(&report.id, "Encore", by, at(21))
            .await
            .unwrap(),
        None
    );
    assert!(store.open_reports().await.unwrap().is_empty());
}

async fn old_messages_go_and_open_reports_stay(place: &'static Place) {
    let store = place.store().await;
    let id = import(&store, &rows(1), options(true, 0)).await.changed[0];
    store
        .add_message(&message(id, MessageKind::Report, 1, 10))
        .await
        .unwrap();
    store
        .add_message(&message(id, MessageKind::Contact, 2, 10))
        .await
        .unwrap();
    store
        .add_message(&message(id, MessageKind::Contact, 3, 50))
        .await
        .unwrap();
    assert_eq!(store.prune_messages(at(20)).await.unwrap(), 1);
    assert_eq!(store.open_reports().await.unwrap().len(), 1);
}

async fn a_withdrawn_record_takes_its_messages_along(place: &'static Place) {
    let store = place.store().await;
    let id = import(&store, &rows(1), options(true, 0)).await.changed[0];
    store
        .add_message(&message(id, MessageKind::Report, 1, 10))
        .await
        .unwrap();
    let decision = Decision {
        actor: "test",
        reason: "essai",
        now: at(90),
    };
    store.withdraw(id, decision).await.unwrap();
    assert!(store.open_reports().await.unwrap().is_empty());
    assert_eq!(
        store.prune_messages(at(1000)).await.unwrap(),
        0,
        "nothing is left"
    );
    assert!(store.check().await.unwrap().is_sound());
}
