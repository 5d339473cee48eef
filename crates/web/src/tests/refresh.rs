//! The index beside the database: written during an import, or made from what was stored, it says the same.

use std::sync::Arc;

use sobria_catalogue::access::Level;
use sobria_catalogue::query::CatalogueQuery;
use sobria_exchange::read::{ReadOptions, read};
use sobria_search::Index;
use sobria_store::Store;

use super::{DEMONSTRATION, now, plan_of, publishing};
use crate::imports::stream::{self, StreamError};
use crate::imports::{Choices, Written};
use crate::refresh::{Ahead, synchronise};

async fn empty_store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_dir(folder.path()).await.unwrap();
    store.migrate().await.unwrap();
    (folder, store)
}

fn answers(index: &Index) -> Vec<String> {
    [
        "",
        "eau",
        "fuites d’eau",
        "cantine scolaire",
        "\"qualité de l’air\"",
        "dechets",
    ]
    .into_iter()
    .map(|text| {
        let query = CatalogueQuery {
            text: text.into(),
            limit: 100,
            ..CatalogueQuery::default()
        };
        format!("{:?}", index.find(&query, Level::Member).unwrap())
    })
    .collect()
}

#[tokio::test]
async fn an_index_written_during_an_import_answers_as_one_made_from_the_database() {
    let (_folder, store) = empty_store().await;
    let (plan, planned_at) = plan_of(DEMONSTRATION, "demonstration.json", &store).await;
    let plan = Arc::new(plan);
    let beside = Index::open(None).unwrap();
    let ahead = Ahead::begin(&plan, &beside, planned_at, now()).unwrap();
    let applied = store.apply_import(&plan, publishing(planned_at)).await.unwrap();
    assert_eq!(beside.count(), 0, "nothing is shown before the database has it");
    ahead.finish(applied.catalogue_revision).unwrap();
    let after = Index::open(None).unwrap();
    synchronise(&store, &after).await.unwrap();
    assert_eq!(beside.revision(), after.revision());
    assert_eq!(answers(&beside), answers(&after));
}

#[tokio::test]
async fn an_import_that_fails_shows_nothing_and_leaves_the_index_free() {
    let (_folder, store) = empty_store().await;
    let (plan, planned_at) = plan_of(DEMONSTRATION, "demonstration.json", &store).await;
    let plan = Arc::new(plan);
    let index = Index::open(None).unwrap();
    drop(Ahead::begin(&plan, &index, planned_at, now()).unwrap());
    let applied = store.apply_import(&plan, publishing(planned_at)).await.unwrap();
    assert_eq!((index.revision(), index.count()), (0, 0));
    // The thread lets go of the index soon after its import is dropped.
    for _ in 0..100 {
        if synchronise(&store, &index).await.is_ok() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(index.revision(), applied.catalogue_revision);
}

#[tokio::test]
async fn a_plan_that_is_older_than_the_index_or_changes_records_is_left_to_the_database() {
    let (_folder, store) = empty_store().await;
    let (plan, planned_at) = plan_of(DEMONSTRATION, "demonstration.json", &store).await;
    let index = Index::open(None).unwrap();
    assert!(Ahead::begin(&Arc::new(plan.clone()), &index, planned_at + 1, now()).is_none());
    store.apply_import(&plan, publishing(planned_at)).await.unwrap();
    synchronise(&store, &index).await.unwrap();
    let changed = String::from_utf8(DEMONSTRATION.to_vec()).unwrap().replacen(
        "\"description\": \"",
        "\"description\": \"Aussi\u{a0}: ",
        1,
    );
    let (plan, planned_at) = plan_of(changed.as_bytes(), "demonstration.json", &store).await;
    assert!(plan.summary().updated > 0);
    assert!(Ahead::begin(&Arc::new(plan), &index, planned_at, now()).is_none());
}

/// A file long enough to be written in several parts; a carrier gains a name in the last.
fn long_file(rows: usize) -> String {
    let mut text = String::from(
        "coll_nom;coll_siret;coll_type;nom_projet;usage_description;projet_date;projet_status;theme\n",
    );
    for row in 0..rows {
        let (name, kind) = match (row % 3, row + 3 >= rows) {
            (0, false) => ("Ville de Brisac", "Commune"),
            (0, true) => ("Mairie de Brisac-sur-Loire", "Commune"),
            (1, _) => ("Syndicat des Eaux Vives", "Syndicat"),
            _ => ("Agence du Fleuve", "Autre"),
        };
        let siret = if row % 3 == 0 { "21750001600019" } else { "" };
        text.push_str(&format!(
            "{name};{siret};{kind};Projet {row};Compter les fuites d’eau du quartier {row}.;03/2024;Terminé;Mobilités\n"
        ));
    }
    text
}

async fn streamed(
    text: &str,
    store: &Store,
    index: &Index,
) -> Result<(sobria_catalogue::import::ImportEnd, Written), StreamError> {
    let sheet = read(text.as_bytes(), "long.csv", &ReadOptions::default()).unwrap();
    let (existing, planned_at) = store.existing().await.unwrap();
    let place = stream::Place {
        store,
        index,
        vocabularies: sobria_catalogue::vocabulary::Vocabularies::program(),
        options: publishing(planned_at),
    };
    let today = jiff::civil::date(2026, 11, 23);
    stream::import(
        sheet,
        existing,
        &Choices::default(),
        today,
        uuid::Uuid::now_v7,
        |_| Ok(()),
        place,
    )
    .await
}

#[tokio::test]
async fn a_long_import_written_in_parts_is_whole_in_the_database_and_in_the_index() {
    let (_folder, store) = empty_store().await;
    let index = Index::open(None).unwrap();
    let text = long_file(1500);
    let (end, written) = streamed(&text, &store, &index).await.unwrap();
    assert_eq!(
        (end.summary.rows, end.summary.created, end.organisations),
        (1500, 1500, 3),
        "{end:?}"
    );
    assert!(written.lags.is_none() && !end.changed.is_empty(), "{end:?}");
    assert!(store.check().await.unwrap().is_sound());
    let made_again = Index::open(None).unwrap();
    synchronise(&store, &made_again).await.unwrap();
    assert_eq!((index.count(), index.revision()), (1500, made_again.revision()));
    let found = |index: &Index, text: &str| {
        let query = CatalogueQuery {
            text: text.into(),
            limit: 2000,
            ..CatalogueQuery::default()
        };
        let found = index.find(&query, Level::Member).unwrap();
        (found.total, format!("{:?}", found.facets))
    };
    for text in ["", "loire", "mairie brisac loire", "eaux vives", "fuite"] {
        assert_eq!(found(&index, text), found(&made_again, text), "{text}");
    }
    // A word of the name that the carrier gained after its first records had been taken in.
    assert_eq!(found(&index, "loire").0, 500);

    let (end, written) = streamed(&text, &store, &index).await.unwrap();
    assert_eq!((end.summary.unchanged, written.applied.changed.len()), (1500, 0));
    assert_eq!(written.applied.catalogue_revision, index.revision());
    let before = store.catalogue_hash().await.unwrap();
    // One row is new and would be written, before the end tells that too many are gone.
    let short = long_file(600).replace("Projet 1;", "Projet neuf;");
    let refused = streamed(&short, &store, &index).await;
    assert!(
        matches!(&refused, Err(StreamError::File(error)) if error.code() == "shrunk"),
        "{refused:?}"
    );
    assert_eq!(store.catalogue_hash().await.unwrap(), before);
    assert_eq!(found(&index, "neuf").0, 0);
}
