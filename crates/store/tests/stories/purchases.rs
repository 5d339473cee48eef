//! Purchase files: versions, links of suppliers, seats of evaluators, reminders.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use jiff::civil::date;
use sobria_catalogue::account::Email;
use sobria_catalogue::attachment::FileKind;
use sobria_catalogue::id::{OrganisationId, UserId};
use sobria_store::{
    AnswerFile, Deliverable, Joined, MarkedBy, NewSecret, NewSupplier, Outgoing, PurchaseStep, PurchaseText,
    SecretPurpose, Store, StoreError, Written,
};
use uuid::Uuid;

use crate::fixture::{at, import, options, person, rows};
use crate::place::Place;

stories!(
    a_file_begun_twice_at_once_is_one,
    a_file_is_written_over_the_version_that_was_read,
    a_link_leads_to_one_answer_until_it_is_closed_or_renewed,
    nobody_sits_on_both_seats_and_marks_handed_in_stay,
    reminders_leave_once_and_stop,
    a_file_with_an_answer_is_not_taken_away,
    an_erased_evaluator_leaves_what_was_handed_in,
    a_file_belongs_to_one_answer_while_its_link_is_open,
    files_move_with_the_instance_and_with_a_merged_organisation,
);

/// Within this time, a file begun again is the same.
const MINUTE: SignedDuration = SignedDuration::from_secs(60);
const FILE: &str = "0193b0c0-0000-7000-8000-000000000001";

fn text(form: &'static str) -> PurchaseText<'static> {
    PurchaseText {
        title: "Assistant",
        form,
        progress: "{}",
        public_at: None,
    }
}

fn step(by: UserId, action: &'static str, second: i64) -> PurchaseStep<'static> {
    PurchaseStep {
        by: Some(by),
        action,
        words: "mots",
        detail: "",
        now: at(second),
    }
}

fn supplier() -> PurchaseStep<'static> {
    PurchaseStep {
        by: None,
        action: "answer",
        words: "R-1",
        detail: "",
        now: at(50),
    }
}

/// Two people of one organisation with a file.
async fn begun(store: &Store) -> (UserId, UserId, OrganisationId) {
    import(store, &rows(12), options(true, 0)).await;
    let carrier = store.organisations("", 0, 10).await.unwrap().items.remove(0);
    let (anne, ben) = (person(store, "anne").await, person(store, "ben").await);
    let organisation = carrier.organisation.id;
    store
        .create_purchase(FILE, organisation, text("[]"), step(anne, "create", 1), MINUTE)
        .await
        .unwrap();
    (anne, ben, organisation)
}

async fn a_file_begun_twice_at_once_is_one(place: &'static Place) {
    let store = place.store().await;
    let (anne, _, organisation) = begun(&store).await;
    let id = |number: u32| format!("0193b0c0-0000-7000-8000-0000000001{number:02}");
    let lines = store.audit_lines(None, None, 200).await.unwrap().len();
    let mut pressed = tokio::task::JoinSet::new();
    for number in 0..8 {
        let store = store.clone();
        pressed.spawn(async move {
            let step = step(anne, "create", 100);
            let new = text("[[\"titre\",\"A\"]]");
            store
                .create_purchase(&id(number), organisation, new, step, MINUTE)
                .await
                .unwrap()
        });
    }
    let made: BTreeSet<String> = pressed.join_all().await.into_iter().collect();
    assert_eq!(made.len(), 1, "{made:?}");
    assert_eq!(store.purchases_of(&[organisation]).await.unwrap().len(), 2);
    let after = store.audit_lines(None, None, 200).await.unwrap().len();
    assert_eq!(after, lines + 1, "what was not begun leaves no line");
    // Later, or in other words, it is another one.
    for (number, form, second) in [(20, "[[\"titre\",\"A\"]]", 160), (21, "[]", 161)] {
        let step = step(anne, "create", second);
        let kept = store
            .create_purchase(&id(number), organisation, text(form), step, MINUTE)
            .await
            .unwrap();
        assert_eq!(kept, id(number));
    }
}

async fn ask(store: &Store, by: UserId, id: &'static str, hash: &'static str) {
    let new = NewSupplier {
        id,
        purchase: FILE,
        supplier: "Fournisseur",
        email: Some("offre@fournisseur.exemple.fr"),
        secret_hash: hash,
        expires_at: at(1000),
    };
    store
        .add_supplier(new, None, step(by, "invite", 10))
        .await
        .unwrap();
}

fn written(answers: &str) -> Written<'_> {
    Written {
        answers,
        receipt: None,
        mails: &[],
    }
}

async fn a_file_is_written_over_the_version_that_was_read(place: &'static Place) {
    let store = place.store().await;
    let (anne, ben, organisation) = begun(&store).await;
    let saved = store
        .save_purchase(FILE, 1, text("[1]"), step(anne, "edit", 2))
        .await;
    assert_eq!(saved.unwrap(), 2);
    let late = store
        .save_purchase(FILE, 1, text("[2]"), step(ben, "edit", 3))
        .await;
    assert!(matches!(late, Err(StoreError::Conflict { .. })), "{late:?}");
    let unknown = store
        .save_purchase("autre", 1, text("[2]"), step(ben, "edit", 3))
        .await;
    assert!(matches!(unknown, Err(StoreError::NotFound { .. })), "{unknown:?}");
    let kept = store.purchase(FILE).await.unwrap().unwrap();
    assert_eq!((kept.form.as_str(), kept.version), ("[1]", 2));
    assert_eq!(store.purchases_of(&[organisation]).await.unwrap().len(), 1);
    let others: Vec<OrganisationId> = vec![OrganisationId::new(Uuid::now_v7())];
    assert!(store.purchases_of(&others).await.unwrap().is_empty());
    let log = store.purchase_events(FILE).await.unwrap();
    let actions: Vec<&str> = log.iter().map(|one| one.action.as_str()).collect();
    assert_eq!(actions, ["create", "edit"]);
    let audited = store.audit_lines(Some(FILE), None, 10).await.unwrap();
    assert_eq!(audited.len(), 2);
    assert!(audited.iter().all(|line| !line.detail.contains("mots")));
    assert!(store.check().await.unwrap().is_sound());
}

async fn a_link_leads_to_one_answer_until_it_is_closed_or_renewed(place: &'static Place) {
    let store = place.store().await;
    let (anne, ..) = begun(&store).await;
    ask(&store, anne, "a", "h1").await;
    ask(&store, anne, "b", "h2").await;
    assert_eq!(store.answer_by_secret("h1").await.unwrap().unwrap().line.id, "a");
    assert!(store.answer_by_secret("h3").await.unwrap().is_none());
    assert_eq!(
        store
            .save_answer("a", 0, written("{\"x\":1}"), supplier())
            .await
            .unwrap(),
        1
    );
    let late = store.save_answer("a", 0, written("{\"x\":2}"), supplier()).await;
    assert!(matches!(late, Err(StoreError::Conflict { .. })), "{late:?}");
    assert!(
        store.answers_of(FILE).await.unwrap().is_empty(),
        "what is not handed in is not read"
    );
    let handed = Written {
        receipt: Some("R-1"),
        ..written("{\"x\":3}")
    };
    store.save_answer("a", 1, handed, supplier()).await.unwrap();
    // Saved again without handing in: the date and the number of the last handing in stay.
    store
        .save_answer("a", 2, written("{\"x\":4}"), supplier())
        .await
        .unwrap();
    let read = store.answers_of(FILE).await.unwrap();
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].line.receipt.as_deref(), Some("R-1"));
    assert_eq!(read[0].answers, "{\"x\":4}");

    store
        .revoke_supplier(FILE, "a", step(anne, "revoke", 60))
        .await
        .unwrap();
    let closed = store.save_answer("a", 3, written("{}"), supplier()).await;
    assert!(matches!(closed, Err(StoreError::Conflict { .. })), "{closed:?}");
    let line = store.answer_by_secret("h1").await.unwrap().unwrap().line;
    assert!(!line.is_open(at(70)));
    let twice = store.revoke_supplier(FILE, "a", step(anne, "revoke", 61)).await;
    assert!(matches!(twice, Err(StoreError::NotFound { .. })));
    store
        .renew_supplier(FILE, "a", "h9", at(2000), None, step(anne, "renew", 62))
        .await
        .unwrap();
    assert!(store.answer_by_secret("h1").await.unwrap().is_none());
    let line = store.answer_by_secret("h9").await.unwrap().unwrap().line;
    assert!(line.is_open(at(1999)) && !line.is_open(at(2000)));
    assert_eq!(store.forget_suppliers(at(1500)).await.unwrap(), 1);
    let mailboxes: Vec<bool> = store
        .suppliers_of(FILE)
        .await
        .unwrap()
        .iter()
        .map(|line| line.email.is_some())
        .collect();
    assert_eq!(mailboxes, [true, false]);
    assert!(store.check().await.unwrap().is_sound());
}

async fn nobody_sits_on_both_seats_and_marks_handed_in_stay(place: &'static Place) {
    let store = place.store().await;
    let (anne, ben, _) = begun(&store).await;
    let take = |seat, by| store.take_seat(FILE, seat, by, step(by, "seat", 20));
    take(MarkedBy::First, anne).await.unwrap();
    for (seat, by) in [(MarkedBy::First, ben), (MarkedBy::Second, anne)] {
        let refused = take(seat, by).await;
        assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
    }
    take(MarkedBy::Second, ben).await.unwrap();
    let save = |seat, version, by, hand_in| {
        store.save_marks(FILE, seat, version, "{\"m\":1}", hand_in, step(by, "marks", 30))
    };
    assert_eq!(save(MarkedBy::First, 1, anne, false).await.unwrap(), 2);
    assert!(
        save(MarkedBy::First, 2, ben, false).await.is_err(),
        "not the seat of that person"
    );
    assert!(
        save(MarkedBy::First, 1, anne, false).await.is_err(),
        "an older version"
    );
    save(MarkedBy::First, 2, anne, true).await.unwrap();
    assert!(save(MarkedBy::First, 3, anne, false).await.is_err(), "handed in");
    save(MarkedBy::Both, 0, ben, false).await.unwrap();
    assert!(save(MarkedBy::Both, 0, anne, false).await.is_err());
    save(MarkedBy::Both, 1, anne, true).await.unwrap();
    let kept = store.purchase_evaluations(FILE).await.unwrap();
    let seats: Vec<(MarkedBy, bool)> = kept
        .iter()
        .map(|one| (one.seat, one.submitted_at.is_some()))
        .collect();
    assert_eq!(
        seats,
        [
            (MarkedBy::First, true),
            (MarkedBy::Second, false),
            (MarkedBy::Both, true)
        ]
    );
    assert!(store.check().await.unwrap().is_sound());
}

fn owed(by: UserId) -> Deliverable {
    Deliverable {
        id: "d".to_owned(),
        purchase: FILE.to_owned(),
        label: "Rapport d’usage".to_owned(),
        by_supplier: true,
        due_on: date(2026, 12, 1),
        received_on: None,
        account: Some(by),
        reminds: true,
        email: Some("offre@fournisseur.exemple.fr".to_owned()),
    }
}

async fn reminders_leave_once_and_stop(place: &'static Place) {
    let store = place.store().await;
    let (anne, ..) = begun(&store).await;
    store
        .add_deliverable(&owed(anne), step(anne, "owe", 5))
        .await
        .unwrap();
    assert!(
        store
            .due_deliverables(date(2026, 11, 30))
            .await
            .unwrap()
            .is_empty()
    );
    let due = store.due_deliverables(date(2026, 12, 1)).await.unwrap();
    assert_eq!(due[0].agent.as_ref().unwrap().as_str(), "anne@ville.exemple.fr");
    let mail = Outgoing {
        id: "m1".to_owned(),
        to: Email::parse("anne@ville.exemple.fr").unwrap(),
        kind: "deliverable",
        message: "{}".to_owned(),
    };
    let secret = NewSecret {
        hash: "stop",
        purpose: SecretPurpose::Unsubscribe,
        account: None,
        payload: "livrable:d:agent",
        lives: SignedDuration::from_hours(24),
    };
    assert!(
        store
            .remind_deliverable("n", &mail, &secret, at(40))
            .await
            .unwrap()
    );
    assert!(
        !store
            .remind_deliverable("n", &mail, &secret, at(41))
            .await
            .unwrap()
    );
    store.stop_reminders("d", false).await.unwrap();
    let due = store.due_deliverables(date(2026, 12, 1)).await.unwrap();
    assert!(due[0].agent.is_none() && due[0].deliverable.email.is_some());
    store.stop_reminders("d", true).await.unwrap();
    assert!(
        store.due_deliverables(date(2026, 12, 1)).await.unwrap()[0]
            .deliverable
            .email
            .is_none()
    );
    let day = Some(date(2026, 12, 3));
    store
        .receive_deliverable(FILE, "d", day, step(anne, "receive", 50))
        .await
        .unwrap();
    assert!(store.due_deliverables(date(2027, 1, 1)).await.unwrap().is_empty());
    assert_eq!(store.deliverables_of(FILE).await.unwrap()[0].received_on, day);
    store
        .delete_deliverable(FILE, "d", step(anne, "drop", 51))
        .await
        .unwrap();
    assert!(store.deliverables_of(FILE).await.unwrap().is_empty());
    assert!(store.check().await.unwrap().is_sound());
}

async fn a_file_with_an_answer_is_not_taken_away(place: &'static Place) {
    let store = place.store().await;
    let (anne, ..) = begun(&store).await;
    ask(&store, anne, "a", "h1").await;
    let handed = Written {
        receipt: Some("R-1"),
        ..written("{}")
    };
    store.save_answer("a", 0, handed, supplier()).await.unwrap();
    let refused = store.delete_purchase(FILE, 1, step(anne, "delete", 70)).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");

    let store = place.store().await;
    let (anne, ..) = begun(&store).await;
    ask(&store, anne, "a", "h1").await;
    store.join_file(&joined("f1", 40), 9).await.unwrap();
    let stale = store.delete_purchase(FILE, 7, step(anne, "delete", 70)).await;
    assert!(matches!(stale, Err(StoreError::Conflict { .. })), "{stale:?}");
    store
        .delete_purchase(FILE, 1, step(anne, "delete", 70))
        .await
        .unwrap();
    assert!(store.purchase(FILE).await.unwrap().is_none());
    assert!(store.answer_by_secret("h1").await.unwrap().is_none());
    assert!(
        store.file_hashes().await.unwrap().is_empty(),
        "its files may be swept"
    );
    assert!(store.check().await.unwrap().is_sound());
}

async fn an_erased_evaluator_leaves_what_was_handed_in(place: &'static Place) {
    let store = place.store().await;
    let (anne, ben, _) = begun(&store).await;
    for (seat, by) in [(MarkedBy::First, anne), (MarkedBy::Second, ben)] {
        store
            .take_seat(FILE, seat, by, step(by, "seat", 20))
            .await
            .unwrap();
    }
    store
        .save_marks(FILE, MarkedBy::First, 1, "{}", true, step(anne, "marks", 30))
        .await
        .unwrap();
    store
        .add_deliverable(&owed(anne), step(anne, "owe", 31))
        .await
        .unwrap();
    store.erase_account(anne).await.unwrap();
    store.erase_account(ben).await.unwrap();
    let kept = store.purchase_evaluations(FILE).await.unwrap();
    assert_eq!(kept.len(), 1, "a draft frees its seat");
    assert_eq!(kept[0].by, None);
    assert!(
        store
            .purchase_events(FILE)
            .await
            .unwrap()
            .iter()
            .all(|one| one.by.is_none())
    );
    assert_eq!(store.deliverables_of(FILE).await.unwrap()[0].account, None);
    assert!(store.check().await.unwrap().is_sound());
}

fn joined(id: &str, second: i64) -> AnswerFile {
    AnswerFile {
        id: id.to_owned(),
        answer: "a".to_owned(),
        question: "Q501".to_owned(),
        hash: "ab".repeat(32),
        kind: FileKind::Csv,
        name: "preuve.csv".to_owned(),
        bytes: 12,
        removed: "formules".to_owned(),
        at: at(second),
    }
}

async fn a_file_belongs_to_one_answer_while_its_link_is_open(place: &'static Place) {
    let store = place.store().await;
    let (anne, ..) = begun(&store).await;
    ask(&store, anne, "a", "h1").await;
    ask(&store, anne, "b", "h2").await;
    assert_eq!(store.join_file(&joined("f1", 40), 2).await.unwrap(), Joined::Kept);
    assert_eq!(store.join_file(&joined("f2", 41), 2).await.unwrap(), Joined::Kept);
    assert_eq!(
        store.join_file(&joined("f3", 42), 2).await.unwrap(),
        Joined::TooMany
    );
    assert_eq!(
        store.files_of_answer("a").await.unwrap(),
        [joined("f1", 40), joined("f2", 41)]
    );
    assert!(store.files_of_answer("b").await.unwrap().is_empty());
    assert!(!store.part_file("b", "f1").await.unwrap(), "of another answer");
    assert!(store.part_file("a", "f2").await.unwrap());
    assert!(
        store.files_of_purchase(FILE).await.unwrap().is_empty(),
        "nothing was handed in"
    );
    let version = store.suppliers_of(FILE).await.unwrap().remove(0).version;
    let handed = Written {
        receipt: Some("R-1"),
        ..written("{}")
    };
    store.save_answer("a", version, handed, supplier()).await.unwrap();
    assert_eq!(store.files_of_purchase(FILE).await.unwrap(), [joined("f1", 40)]);
    assert!(
        store.file_hashes().await.unwrap().contains(&"ab".repeat(32)),
        "not swept"
    );
    store
        .revoke_supplier(FILE, "a", step(anne, "revoke", 60))
        .await
        .unwrap();
    assert_eq!(
        store.join_file(&joined("f4", 61), 9).await.unwrap(),
        Joined::TooLate
    );
}

async fn files_move_with_the_instance_and_with_a_merged_organisation(place: &'static Place) {
    let store = place.store().await;
    let (anne, _, from) = begun(&store).await;
    ask(&store, anne, "a", "h1").await;
    store
        .take_seat(FILE, MarkedBy::First, anne, step(anne, "seat", 20))
        .await
        .unwrap();
    store
        .add_deliverable(&owed(anne), step(anne, "owe", 31))
        .await
        .unwrap();
    store.join_file(&joined("f1", 40), 9).await.unwrap();
    let public = PurchaseText {
        public_at: Some(at(41)),
        ..text("[]")
    };
    assert!(store.public_purchases(9).await.unwrap().is_empty());
    store
        .save_purchase(FILE, 1, public, step(anne, "edit", 41))
        .await
        .unwrap();
    let into = store.organisations("", 0, 10).await.unwrap().items.remove(1);
    let into = into.organisation.id;
    store.merge_organisations(from, into, anne, at(90)).await.unwrap();
    assert_eq!(store.purchases_of(&[into]).await.unwrap().len(), 1);
    for target in [place.store().await, place.sqlite().await] {
        store.copy_to(&target).await.unwrap();
        assert_eq!(
            target.purchase(FILE).await.unwrap(),
            store.purchase(FILE).await.unwrap()
        );
        assert_eq!(
            target.answer_by_secret("h1").await.unwrap(),
            store.answer_by_secret("h1").await.unwrap()
        );
        assert_eq!(target.public_purchases(9).await.unwrap().len(), 1, "stays public");
        assert_eq!(
            target.purchase_evaluations(FILE).await.unwrap(),
            store.purchase_evaluations(FILE).await.unwrap()
        );
        assert_eq!(
            target.files_of_answer("a").await.unwrap(),
            store.files_of_answer("a").await.unwrap()
        );
        assert_eq!(
            target.deliverables_of(FILE).await.unwrap(),
            store.deliverables_of(FILE).await.unwrap()
        );
        assert_eq!(
            target.purchase_events(FILE).await.unwrap(),
            store.purchase_events(FILE).await.unwrap()
        );
        assert!(target.check().await.unwrap().is_sound());
    }
}
