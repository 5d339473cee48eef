//! What readers get: published revisions, in the order asked for, for as long as they may be read.

use sobria_catalogue::id::UseCaseId;
use sobria_catalogue::use_case::WorkflowStatus;
use sobria_store::{Decision, Found, StoreError};
use uuid::Uuid;

use crate::fixture::{at, import, options, row, rows};
use crate::place::Place;

stories!(
    records_come_in_the_order_of_the_list,
    a_record_that_waits_for_moderation_is_seen_by_no_reader,
    records_are_paged_by_identifier,
    an_archived_record_keeps_its_page,
    a_withdrawn_record_leaves_nothing_but_its_address,
    a_former_address_leads_to_the_present_one,
    every_change_is_listed_once,
);

fn decision(second: i64) -> Decision<'static> {
    Decision {
        actor: "test",
        reason: "demande de la collectivité",
        now: at(second),
    }
}

async fn records_come_in_the_order_of_the_list(place: &'static Place) {
    let store = place.store().await;
    let mut ids = import(&store, &rows(60), options(true, 0)).await.changed;
    ids.reverse();
    ids.swap(3, 40);
    let unknown = UseCaseId::new(Uuid::now_v7());
    for length in [1, 2, 5, 12, 33, 60] {
        let mut asked = ids[..length].to_vec();
        asked.insert(length / 2, unknown);
        let read: Vec<UseCaseId> = store
            .use_cases_by_ids(&asked)
            .await
            .unwrap()
            .iter()
            .map(|record| record.id)
            .collect();
        assert_eq!(read, ids[..length]);
    }
    assert!(store.use_cases_by_ids(&[]).await.unwrap().is_empty());
}

async fn a_record_that_waits_for_moderation_is_seen_by_no_reader(place: &'static Place) {
    let store = place.store().await;
    let id = import(&store, &[row("Ville", "Fuites", "un")], options(false, 0))
        .await
        .changed[0];
    assert!(store.use_cases_by_ids(&[id]).await.unwrap().is_empty());
    assert!(store.stream_published(None, 10).await.unwrap().is_empty());
    assert_eq!(
        store.use_case_by_slug(&id.slug("Fuites")).await.unwrap(),
        Found::None
    );
    assert_eq!(store.changed_since(0).await.unwrap()[0].record, None);
    assert_eq!(store.organisations("", 0, 10).await.unwrap().total, 0);
    assert_eq!(store.counts().await.unwrap().submitted, 1);
}

async fn records_are_paged_by_identifier(place: &'static Place) {
    let store = place.store().await;
    let mut expected = import(&store, &rows(25), options(true, 0)).await.changed;
    expected.sort_unstable();
    let mut read = Vec::new();
    let mut after = None;
    loop {
        let page = store.stream_published(after, 10).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        read.extend(page.iter().map(|record| record.id));
    }
    assert_eq!(read, expected);
}

async fn an_archived_record_keeps_its_page(place: &'static Place) {
    let store = place.store().await;
    let id = import(&store, &[row("Ville", "Fuites", "un")], options(true, 0))
        .await
        .changed[0];
    assert_eq!(store.archive(id, decision(60)).await.unwrap(), 2);
    let Found::UseCase { record, .. } = store.use_case_by_slug(&id.slug("Fuites")).await.unwrap() else {
        panic!("the archived record lost its page");
    };
    assert_eq!(record.status, WorkflowStatus::Archived);
    assert_eq!(store.organisations("", 0, 10).await.unwrap().total, 0);

    let again = store.archive(id, decision(61)).await;
    assert!(matches!(again, Err(StoreError::NotFound { .. })), "{again:?}");
    assert_eq!(store.catalogue_revision().await.unwrap(), 2);

    import(&store, &[row("Ville", "Fuites", "deux")], options(true, 120)).await;
    let record = store.use_cases_by_ids(&[id]).await.unwrap().remove(0);
    assert_eq!(
        record.status,
        WorkflowStatus::Archived,
        "an import undoes no decision"
    );
    assert_eq!(record.version, 2);
}

async fn a_withdrawn_record_leaves_nothing_but_its_address(place: &'static Place) {
    let store = place.store().await;
    let secret = "donnée nominative";
    let id = import(&store, &[row("Ville", "Fuites", secret)], options(true, 0))
        .await
        .changed[0];
    store.redirect_slug("ancienne-adresse", id).await.unwrap();
    import(&store, &[row("Ville", "Fuites", "corrigé")], options(true, 60)).await;
    let slug = id.slug("Fuites");
    store.withdraw(id, decision(120)).await.unwrap();

    assert_eq!(store.use_case_by_slug(&slug).await.unwrap(), Found::Withdrawn);
    assert_eq!(
        store.use_case_by_slug("ancienne-adresse").await.unwrap(),
        Found::Withdrawn
    );
    assert!(store.use_cases_by_ids(&[id]).await.unwrap().is_empty());
    assert!(store.existing().await.unwrap().0.records.is_empty());
    let change = store.changed_since(2).await.unwrap();
    assert_eq!((change.len(), &change[0].record), (1, &None));
    for origin in store.provenance_of(id).await.unwrap() {
        assert_eq!(
            (
                origin.provenance.raw_row.as_str(),
                origin.provenance.raw_hash.as_str()
            ),
            ("", "")
        );
    }
    assert!(store.check().await.unwrap().is_sound());

    // Not even in the bytes of a backup, nor in a copy.
    let copy = place.sqlite().await;
    store.copy_to(&copy).await.unwrap();
    let backup = place.folder().join("withdrawn.db");
    copy.backup(&backup).await.unwrap();
    let bytes = std::fs::read(&backup).unwrap();
    for text in [secret, "corrigé", "nom_projet"] {
        assert!(
            !bytes.windows(text.len()).any(|part| part == text.as_bytes()),
            "{text}"
        );
    }
    let again = store.withdraw(id, decision(180)).await;
    assert!(matches!(again, Err(StoreError::NotFound { .. })), "{again:?}");
}

async fn a_former_address_leads_to_the_present_one(place: &'static Place) {
    let store = place.store().await;
    let id = import(&store, &[row("Ville", "Fuites", "un")], options(true, 0))
        .await
        .changed[0];
    store.redirect_slug("ancienne-adresse", id).await.unwrap();
    assert_eq!(
        store.use_case_by_slug("ancienne-adresse").await.unwrap(),
        Found::Redirect(id.slug("Fuites"))
    );
    assert_eq!(store.use_case_by_slug("jamais-vu").await.unwrap(), Found::None);
    let taken = store.redirect_slug("ancienne-adresse", id).await;
    assert!(matches!(taken, Err(StoreError::Conflict { .. })), "{taken:?}");
    let unknown = store.redirect_slug("autre", UseCaseId::new(Uuid::now_v7())).await;
    assert!(matches!(unknown, Err(StoreError::Conflict { .. })), "{unknown:?}");
}

async fn every_change_is_listed_once(place: &'static Place) {
    let store = place.store().await;
    let ids = import(&store, &rows(3), options(true, 0)).await.changed;
    assert_eq!(store.changed_since(0).await.unwrap().len(), 3);
    assert!(store.changed_since(1).await.unwrap().is_empty());
    store.archive(ids[1], decision(60)).await.unwrap();
    let changed = store.changed_since(1).await.unwrap();
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].id, ids[1]);
    assert!(changed[0].record.is_some());
}
