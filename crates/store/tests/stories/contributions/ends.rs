//! How contributions and records end or move: withdrawn, confirmed, archived, given up, copied.

use jiff::civil::date;

use sobria_catalogue::attachment::{Attachment, FileFacts, FileKind};
use sobria_catalogue::duplicate::duplicates;
use sobria_catalogue::field::Visibility;
use sobria_catalogue::id::AttachmentId;

use sobria_catalogue::use_case::WorkflowStatus;
use sobria_catalogue::workflow::{
    Case, Comment, Opening, Refusal, Transition, Trust, WithdrawalClass, withdraw,
};
use sobria_store::{Brought, Created, Files, Found, Saved, StoreError};
use uuid::Uuid;

use crate::fixture::at;
use crate::place::Place;

use super::{
    ADMIN, AGENT, MODERATOR, actor, approve, begin, chosen, decide, form, go, ids, keep, new_draft, people,
    publish, sound, user,
};

stories!(
    a_withdrawal_leaves_nothing_of_what_was_written,
    confirmations_and_archives_change_the_record_they_are_about,
    a_draft_that_is_given_up_disappears,
    titles_of_an_organisation_show_what_is_public_and_what_is_being_written,
    contributions_move_with_the_instance,
    files_come_with_a_version_leave_with_another_and_go_with_the_record,
);

async fn a_withdrawal_leaves_nothing_of_what_was_written(place: &'static Place) {
    let store = place.store().await;
    people(&store).await;
    const SECRET: &str = "Jeanne Le Goff, 06 12 34 56 78";
    let record = publish(&store, &format!("Projet de {SECRET}")).await;
    let agent = actor(AGENT, Some(record.organisation.id));
    let moderator = actor(MODERATOR, None);
    let step = begin(&store, Opening::Revision, Some(&record), &agent, 20).await;
    let case = keep(&store, &step, "k").await;
    let mut values = case.values.clone();
    values.set("summary", vec![SECRET.to_owned()]).unwrap();
    let case = go(&store, &case, Transition::Save { values }, &agent, 21).await;
    let case = go(&store, &case, Transition::Submit, &agent, 22).await;
    let case = go(&store, &case, Transition::Claim, &moderator, 23).await;
    let comments = vec![Comment {
        field: None,
        text: format!("Retirez {SECRET}"),
    }];
    let case = go(
        &store,
        &case,
        Transition::RequestChanges { comments },
        &moderator,
        24,
    )
    .await;

    let gone = withdraw(
        record.id,
        WithdrawalClass::PersonalData,
        &actor(ADMIN, None),
        at(30),
    )
    .unwrap();
    let revision = store.withdraw_record(&gone).await.unwrap();
    assert_eq!(store.changed_since(revision - 1).await.unwrap()[0].record, None);
    assert_eq!(
        store.use_case_by_slug(&record.slug).await.unwrap(),
        Found::Withdrawn
    );
    assert_eq!(
        store.withdrawal_class(&record.slug).await.unwrap(),
        Some(WithdrawalClass::PersonalData)
    );
    let left = store.contribution(case.id).await.unwrap().unwrap();
    assert_eq!(
        (left.status, left.values.is_empty()),
        (WorkflowStatus::Withdrawn, true)
    );
    assert_eq!(
        left.receipt, case.receipt,
        "its author still finds that it was taken away"
    );
    let history = store.full_history(record.id).await.unwrap();
    assert!(history.steps.is_empty());
    assert!(!format!("{history:?}").contains("Le Goff"));
    assert!(
        history
            .contributions
            .iter()
            .all(|one| one.submissions.is_empty() && one.comments.is_empty())
    );
    let late = decide(&store, &left, Transition::Submit, &agent, 31)
        .await
        .unwrap_err();
    assert!(matches!(late, Refusal::AlreadyHandedIn { .. }), "{late:?}");
    let again = store.withdraw_record(&gone).await;
    assert!(matches!(again, Err(StoreError::NotFound { .. })), "{again:?}");
    sound(&store).await;

    // What was never public goes as well.
    let draft = new_draft(&store, form(SECRET), &actor(AGENT, None)).await;
    let gone = withdraw(
        draft.use_case,
        WithdrawalClass::Request,
        &actor(ADMIN, None),
        at(40),
    )
    .unwrap();
    store.withdraw_record(&gone).await.unwrap();
    let left = store.contribution(draft.id).await.unwrap().unwrap();
    assert!(left.values.is_empty() && left.heading.title.is_empty());
    sound(&store).await;
}

async fn confirmations_and_archives_change_the_record_they_are_about(place: &'static Place) {
    let store = place.store().await;
    people(&store).await;
    let record = publish(&store, "Fuites").await;
    let agent = actor(AGENT, Some(record.organisation.id));
    let moderator = actor(MODERATOR, None);
    let present = || async { store.use_cases_by_ids(&[record.id]).await.unwrap().pop().unwrap() };
    let year = 365 * 86_400;
    let asked = begin(&store, Opening::Review, Some(&record), &agent, year).await;
    let asked = keep(&store, &asked, "r").await;
    assert_eq!(present().await, record);
    go(
        &store,
        &asked,
        Transition::Approve { seen: Some(1) },
        &moderator,
        year + 10 * 86_400,
    )
    .await;
    assert_eq!(
        present().await.last_reviewed_on,
        Some(date(2024, 11, 13)),
        "the day of the click"
    );

    assert_eq!(store.trust_of(record.organisation.id).await.unwrap(), Trust::None);
    store
        .set_trust(
            record.organisation.id,
            Trust::SmallChanges,
            user(MODERATOR),
            at(1),
        )
        .await
        .unwrap();
    let before = store.catalogue_revision().await.unwrap();
    let click = begin(&store, Opening::Review, Some(&record), &agent, 2 * year).await;
    assert_eq!(
        store.create_contribution(&click, "un clic").await.unwrap(),
        Created::New
    );
    assert_eq!(present().await.last_reviewed_on, Some(date(2026, 11, 1)));
    assert_eq!(store.catalogue_revision().await.unwrap(), before + 1);
    let twice = begin(&store, Opening::Review, Some(&record), &agent, 2 * year + 1).await;
    assert!(matches!(
        store.create_contribution(&twice, "un clic").await.unwrap(),
        Created::Again(_)
    ));
    assert_eq!(
        store.catalogue_revision().await.unwrap(),
        before + 1,
        "a click counts once"
    );

    let reason = "Service arrêté.".to_owned();
    let archive = begin(
        &store,
        Opening::Archive { reason },
        Some(&record),
        &agent,
        2 * year + 2,
    )
    .await;
    let case = keep(&store, &archive, "a").await;
    let case = go(&store, &case, Transition::Claim, &moderator, 2 * year + 3).await;
    go(
        &store,
        &case,
        Transition::Approve { seen: Some(1) },
        &moderator,
        2 * year + 4,
    )
    .await;
    assert_eq!(present().await.status, WorkflowStatus::Archived);
    sound(&store).await;
}

async fn a_draft_that_is_given_up_disappears(place: &'static Place) {
    let store = place.store().await;
    people(&store).await;
    let agent = actor(AGENT, None);
    let case = new_draft(&store, form("Fuites"), &agent).await;
    let discard = decide(&store, &case, Transition::Discard, &agent, 2)
        .await
        .unwrap();
    let save = Transition::Save {
        values: form("Autre"),
    };
    let save = decide(&store, &case, save, &agent, 2).await.unwrap();
    assert_eq!(store.save_contribution(&discard).await.unwrap(), Saved::Done(2));
    assert_eq!(store.contribution(case.id).await.unwrap(), None);
    let late = store.save_contribution(&save).await;
    assert!(matches!(late, Err(StoreError::NotFound { .. })), "{late:?}");
    let lines = store
        .audit_lines(Some(&case.id.to_string()), None, 10)
        .await
        .unwrap();
    assert_eq!(lines[0].action, "discard");
    sound(&store).await;
}

async fn titles_of_an_organisation_show_what_is_public_and_what_is_being_written(place: &'static Place) {
    let store = place.store().await;
    people(&store).await;
    let record = publish(&store, "Détection des fuites d’eau").await;
    let organisation = record.organisation.id;
    let agent = actor(AGENT, Some(organisation));
    let draft = new_draft(&store, chosen(form("Tri des courriels"), organisation), &agent).await;
    let known = store.titles_of(organisation).await.unwrap();
    let found = |title: &str| {
        duplicates(title, &known)
            .iter()
            .map(|one| one.use_case)
            .collect::<Vec<_>>()
    };
    assert_eq!(found("detection des fuites d'eau"), [record.id]);
    assert_eq!(found("Tri de courriels"), [draft.use_case]);
    assert_eq!(found("Autre projet"), []);
    assert_eq!(store.titles_of(ids().organisation).await.unwrap(), []);
}

async fn contributions_move_with_the_instance(place: &'static Place) {
    let first = place.sqlite().await;
    people(&first).await;
    let record = publish(&first, "Fuites").await;
    let trusted = first.set_trust(record.organisation.id, Trust::SmallChanges, user(ADMIN), at(9));
    trusted.await.unwrap();
    let agent = actor(AGENT, Some(record.organisation.id));
    let step = begin(&first, Opening::Revision, Some(&record), &agent, 20).await;
    let case = keep(&first, &step, "k").await;
    let second = place.store().await;
    first.copy_to(&second).await.unwrap();
    assert_eq!(second.contribution(case.id).await.unwrap(), Some(case.clone()));
    assert_eq!(
        second.full_history(record.id).await.unwrap(),
        first.full_history(record.id).await.unwrap()
    );
    assert_eq!(
        second.trust_of(record.organisation.id).await.unwrap(),
        Trust::SmallChanges
    );
    sound(&second).await;
    // Life goes on there, and the chain with it.
    let discard = decide(&second, &case, Transition::Discard, &agent, 21)
        .await
        .unwrap();
    second.save_contribution(&discard).await.unwrap();
    sound(&second).await;
}

fn attached(case: &Case, hash: &str, title: &str) -> Attachment {
    Attachment {
        id: AttachmentId::new(Uuid::now_v7()),
        use_case: case.use_case,
        contribution: case.id,
        removal: None,
        from: None,
        until: None,
        file: FileFacts {
            hash: hash.to_owned(),
            kind: FileKind::Csv,
            name: "bilan.csv".to_owned(),
            title: title.to_owned(),
            bytes: 12,
            visibility: Visibility::Members,
            removed: String::new(),
        },
        by: user(AGENT),
        at: at(1),
    }
}

async fn files_come_with_a_version_leave_with_another_and_go_with_the_record(place: &'static Place) {
    let store = place.store().await;
    people(&store).await;
    let folder = tempfile::tempdir().unwrap();
    let files = Files::of(folder.path());
    let agent = actor(AGENT, None);
    let case = new_draft(&store, form("Fuites"), &agent).await;
    let (kept, dropped) = (files.put(b"a;b").unwrap(), files.put(b"c;d").unwrap());
    let first = attached(&case, &kept, "Bilan");
    let second = attached(&case, &dropped, "Brouillon");
    for attachment in [&first, &second] {
        assert_eq!(store.add_attachment(attachment, 2).await.unwrap(), Brought::Kept);
    }
    assert_eq!(
        store
            .add_attachment(&attached(&case, &kept, "De trop"), 2)
            .await
            .unwrap(),
        Brought::TooMany
    );
    assert!(
        store
            .remove_attachment(second.id, case.id, "agent", at(2))
            .await
            .unwrap()
    );
    assert_eq!(
        store.attachment(second.id).await.unwrap(),
        None,
        "nobody had seen it"
    );
    assert_eq!(store.attachment(first.id).await.unwrap(), Some(first.clone()));
    let case = store.contribution(case.id).await.unwrap().unwrap();
    approve(&store, &case, &agent).await;
    let public = store.attachments_of(case.use_case).await.unwrap();
    assert_eq!(public.iter().map(|file| file.from).collect::<Vec<_>>(), [Some(1)]);
    assert_eq!(
        store
            .add_attachment(&attached(&case, &kept, "Trop tard"), 9)
            .await
            .unwrap(),
        Brought::TooLate
    );

    let record = store
        .use_cases_by_ids(&[case.use_case])
        .await
        .unwrap()
        .pop()
        .unwrap();
    let own = actor(AGENT, Some(record.organisation.id));
    let step = begin(&store, Opening::Revision, Some(&record), &own, 20).await;
    let next = keep(&store, &step, "suite").await;
    assert!(
        !store
            .background(record.id, &next.values)
            .await
            .unwrap()
            .files_changed
    );
    assert!(
        store
            .remove_attachment(first.id, next.id, "agent", at(21))
            .await
            .unwrap()
    );
    assert!(
        store
            .background(record.id, &next.values)
            .await
            .unwrap()
            .files_changed
    );
    assert!(store.restore_attachment(first.id, next.id, at(22)).await.unwrap());
    assert!(
        !store
            .background(record.id, &next.values)
            .await
            .unwrap()
            .files_changed
    );
    assert!(
        store
            .remove_attachment(first.id, next.id, "agent", at(23))
            .await
            .unwrap()
    );
    let next = store.contribution(next.id).await.unwrap().unwrap();
    approve(&store, &next, &own).await;
    let gone = store.attachment(first.id).await.unwrap().unwrap();
    assert!(gone.is_in(1) && !gone.is_in(2));
    sound(&store).await;
    assert_eq!(store.check_files(&files).await.unwrap(), Vec::<String>::new());
    std::fs::remove_dir_all(files.root()).unwrap();
    assert_eq!(store.check_files(&files).await.unwrap().len(), 1);
    files.put(b"a;b").unwrap();

    let target = place.sqlite().await;
    store.copy_to(&target).await.unwrap();
    assert_eq!(target.attachment(first.id).await.unwrap(), Some(gone));
    let copy = Files::at(&folder.path().join("sauvegarde"));
    assert_eq!(store.backup_files(&files, &copy).await.unwrap(), 1);
    assert_eq!(copy.hashes().unwrap(), std::slice::from_ref(&kept));

    // A draft that nobody took up again goes with its files.
    let forgotten = new_draft(&store, form("Oublié"), &agent).await;
    let left = attached(&forgotten, &kept, "Oublié");
    assert_eq!(store.add_attachment(&left, 9).await.unwrap(), Brought::Kept);
    assert_eq!(store.prune_drafts(at(1000)).await.unwrap(), 1);
    assert_eq!(store.attachment(left.id).await.unwrap(), None);

    let withdrawal = withdraw(record.id, WithdrawalClass::Legal, &actor(ADMIN, None), at(40)).unwrap();
    store.withdraw_record(&withdrawal).await.unwrap();
    assert_eq!(store.attachment(first.id).await.unwrap(), None);
    assert_eq!(store.sweep_files(&files, &[kept]).await.unwrap(), 1);
    sound(&store).await;
}
