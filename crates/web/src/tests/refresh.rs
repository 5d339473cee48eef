//! The index beside the database: written during an import, or made from what was stored, it says the same.

use std::sync::Arc;

use sobria_catalogue::access::Level;
use sobria_catalogue::query::CatalogueQuery;
use sobria_search::Index;
use sobria_store::Store;

use super::{DEMONSTRATION, now, plan_of, publishing};
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
        "\"description\": \"Aussi : ",
        1,
    );
    let (plan, planned_at) = plan_of(changed.as_bytes(), "demonstration.json", &store).await;
    assert!(plan.summary().updated > 0);
    assert!(Ahead::begin(&Arc::new(plan), &index, planned_at, now()).is_none());
}
