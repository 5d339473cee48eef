//! Imports: all or nothing, and nothing the second time.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use sobria_catalogue::content::Value;
use sobria_catalogue::field::Field;
use sobria_store::{ApplyOptions, Counts, Found, StoreError};

use crate::fixture::{at, import, options, plan, row, rows};
use crate::place::Place;

stories!(
    importing_the_same_rows_twice_changes_nothing,
    an_update_makes_revision_two_that_the_public_sees_once_published,
    a_dropped_import_leaves_nothing_behind,
    a_plan_made_from_an_older_state_is_refused,
    a_local_edit_is_told_from_what_was_imported,
    a_changed_carrier_touches_its_records,
    two_records_never_share_an_address,
    the_origin_of_a_record_is_kept,
);

async fn importing_the_same_rows_twice_changes_nothing(place: &'static Place) {
    let store = place.store().await;
    let first = import(&store, &rows(300), options(true, 0)).await;
    assert_eq!(first.changed.len(), 300);
    assert_eq!(first.catalogue_revision, 1);
    let hash = store.catalogue_hash().await.unwrap();

    let second = import(&store, &rows(300), options(true, 60)).await;
    assert!(second.changed.is_empty());
    assert_eq!(second.catalogue_revision, 1);
    assert_eq!(store.catalogue_hash().await.unwrap(), hash);
    assert_eq!(
        store.counts().await.unwrap(),
        Counts {
            published: 300,
            organisations: 10,
            revisions: 300,
            ..Counts::default()
        }
    );
}

async fn an_update_makes_revision_two_that_the_public_sees_once_published(place: &'static Place) {
    let store = place.store().await;
    let id = import(&store, &[row("Ville", "Fuites", "un")], options(true, 0))
        .await
        .changed[0];
    let read = async || store.use_cases_by_ids(&[id]).await.unwrap().remove(0);

    import(&store, &[row("Ville", "Fuites", "deux")], options(false, 60)).await;
    let record = read().await;
    assert_eq!(
        (record.version, record.content.text(Field::Description)),
        (1, Some("un"))
    );
    assert_eq!(record.published_at, Some(at(0)));

    import(&store, &[row("Ville", "Fuites", "trois")], options(true, 120)).await;
    let record = read().await;
    assert_eq!(
        (record.version, record.content.text(Field::Description)),
        (3, Some("trois"))
    );
    assert_eq!(record.updated_at, at(120));
    assert_eq!(record.created_at, at(0));
    assert_eq!(record.first_published_at, Some(at(0)));

    let Found::UseCase { history, .. } = store.use_case_by_slug(&record.slug).await.unwrap() else {
        panic!("the record has no page");
    };
    let numbers: Vec<u32> = history.iter().map(|line| line.number).collect();
    assert_eq!(
        numbers,
        [3, 1],
        "a revision that was never published is not public history"
    );
}

async fn a_dropped_import_leaves_nothing_behind(place: &'static Place) {
    let unbroken = place.store().await;
    import(&unbroken, &rows(5), options(true, 0)).await;
    import(&unbroken, &rows(1500), options(true, 60)).await;
    let whole = unbroken.catalogue_hash().await.unwrap();

    let store = place.store().await;
    import(&store, &rows(5), options(true, 0)).await;
    let before = store.catalogue_hash().await.unwrap();
    let (existing, revision) = store.existing().await.unwrap();
    let planned = plan(&existing, &rows(1500));
    let choices = ApplyOptions {
        planned_at: Some(revision),
        ..options(true, 60)
    };
    for polls in [1, 2, 3, 5, 8, 13, 21, 34, 55] {
        let import = Box::pin(store.apply_import(&planned, choices));
        let ended = Cut { import, polls }.await;
        let hash = store.catalogue_hash().await.unwrap();
        assert!(store.check().await.unwrap().is_sound(), "{polls} polls");
        if hash == whole {
            break;
        }
        assert_eq!((ended, &hash), (false, &before), "{polls} polls");
        assert_eq!(
            store.catalogue_revision().await.unwrap(),
            revision,
            "{polls} polls"
        );
    }
    import(&store, &rows(1500), options(true, 60)).await;
    assert_eq!(store.catalogue_hash().await.unwrap(), whole);
}

/// Drops a future after some polls; answers whether it ended before.
struct Cut<F> {
    import: Pin<Box<F>>,
    polls: u32,
}

impl<F: Future> Future for Cut<F> {
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<bool> {
        if self.polls == 0 {
            return Poll::Ready(false);
        }
        self.polls -= 1;
        self.import.as_mut().poll(context).map(|_| true)
    }
}

async fn a_plan_made_from_an_older_state_is_refused(place: &'static Place) {
    let store = place.store().await;
    let (existing, revision) = store.existing().await.unwrap();
    let late = plan(&existing, &rows(3));
    import(&store, &rows(3), options(true, 0)).await;
    let refused = store
        .apply_import(
            &late,
            ApplyOptions {
                planned_at: Some(revision),
                ..options(true, 1)
            },
        )
        .await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
    assert_eq!(store.counts().await.unwrap().published, 3);
}

async fn a_local_edit_is_told_from_what_was_imported(place: &'static Place) {
    let store = place.store().await;
    import(&store, &[row("Ville", "Fuites", "un")], options(true, 0)).await;
    let (existing, _) = store.existing().await.unwrap();
    let record = &existing.records[0];
    assert_eq!(record.edited_fields(), []);
    let imported = record.imported.as_ref().unwrap();
    assert_eq!(imported.source, "essai.csv");
    assert_eq!(
        imported.content.get(Field::Title),
        Some(&Value::Text("Fuites".to_owned()))
    );
}

async fn a_changed_carrier_touches_its_records(place: &'static Place) {
    let store = place.store().await;
    let id = import(
        &store,
        &[row("Ville", "Fuites", "un"), row("Autre", "Voirie", "un")],
        options(true, 0),
    )
    .await
    .changed[0];
    let (existing, revision) = store.existing().await.unwrap();
    let mut planned = plan(&existing, &[row("Ville", "Fuites", "un")]);
    for carrier in &mut planned.organisations {
        if carrier.organisation.name == "Ville" {
            carrier.organisation.departement = Some("2A".to_owned());
            carrier.is_changed = true;
        }
    }
    store.apply_import(&planned, options(true, 60)).await.unwrap();
    let changed = store.changed_since(revision).await.unwrap();
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].id, id);
    let carrier = &changed[0].record.as_ref().unwrap().organisation;
    assert_eq!(carrier.departement.as_deref(), Some("2A"));
}

async fn two_records_never_share_an_address(place: &'static Place) {
    let store = place.store().await;
    let mut planned = plan(
        &Default::default(),
        &[row("A", "Fuites", "un"), row("B", "Fuites", "un")],
    );
    // Identifiers that differ outside the part from which the short code is made.
    for (position, row) in planned.rows.iter_mut().enumerate() {
        let number = (u128::try_from(position).unwrap() + 1) << 100;
        row.record = Some(sobria_catalogue::id::UseCaseId::new(uuid::Uuid::from_u128(
            number,
        )));
    }
    store.apply_import(&planned, options(true, 0)).await.unwrap();
    let slugs: Vec<String> = store
        .stream_published(None, 10)
        .await
        .unwrap()
        .into_iter()
        .map(|record| record.slug)
        .collect();
    assert_eq!(slugs, ["fuites-0000000", "fuites-0000000-2"]);
}

async fn the_origin_of_a_record_is_kept(place: &'static Place) {
    let store = place.store().await;
    let choices = options(false, 0);
    let id = import(&store, &[row("Ville", "Fuites", "un")], choices)
        .await
        .changed[0];
    let origins = store.provenance_of(id).await.unwrap();
    assert_eq!(origins.len(), 1);
    assert_eq!(origins[0].import, choices.import);
    assert_eq!(origins[0].revision, 1);
    let provenance = &origins[0].provenance;
    assert_eq!(provenance.source_row, 1);
    assert_eq!(provenance.raw_row, "{\"nom_projet\":\"Fuites\"}");
    assert_eq!(provenance.imported_at, at(0));
}
