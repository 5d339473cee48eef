//! Keeps the search index in step with the database, whoever wrote to it.

use std::time::Duration;

use sobria_search::SearchError;
use sobria_store::Store;

use crate::app::App;
use crate::error::WebError;

/// How often the catalogue revision is read.
const PERIOD: Duration = Duration::from_secs(2);
/// Records read at once when the index is built anew.
const BATCH: u32 = 1000;
/// Beyond this many changes, building anew is quicker than changing in place.
const REBUILD_ABOVE: usize = 20_000;

/// Watches the catalogue revision and brings the index and the pages up to it, for ever.
pub async fn watch(app: App) {
    loop {
        tokio::time::sleep(PERIOD).await;
        match app.store.catalogue_revision().await {
            Ok(revision) => {
                app.set_healthy(true);
                if revision != app.revision()
                    && let Err(error) = catch_up(&app, revision).await
                {
                    tracing::warn!(?error, "the index could not be brought up to date; next try soon");
                }
            }
            Err(error) => {
                app.set_healthy(false);
                tracing::error!(%error, "the database does not answer");
            }
        }
    }
}

async fn catch_up(app: &App, revision: i64) -> Result<(), WebError> {
    app.index.reload()?;
    if app.index.revision() != revision {
        match synchronise(&app.store, &app.index).await {
            Ok(()) => {}
            // Another process is writing the index: its result is read at the next turn.
            Err(SyncError::Search(SearchError::Busy { .. })) => return Ok(()),
            Err(SyncError::Search(error)) => return Err(error.into()),
            Err(SyncError::Store(error)) => return Err(error.into()),
        }
    }
    app.set_revision(app.index.revision());
    Ok(())
}

/// The index could not be brought up to the database.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] sobria_store::StoreError),
    /// The index failed.
    #[error(transparent)]
    Search(#[from] SearchError),
}

/// Brings the index to the revision of the database: in place when little changed, anew otherwise.
///
/// # Errors
/// When the database does not answer, or the index cannot be written.
pub async fn synchronise(store: &Store, index: &sobria_search::Index) -> Result<(), SyncError> {
    let revision = store.catalogue_revision().await?;
    let held = index.revision();
    if held == revision {
        return Ok(());
    }
    if held > 0 && held < revision {
        let changes = store.changed_since(held).await?;
        if changes.len() <= REBUILD_ABOVE {
            let (changed, removed): (Vec<_>, Vec<_>) =
                changes.into_iter().partition(|change| change.record.is_some());
            let removed: Vec<_> = removed.into_iter().map(|change| change.id).collect();
            let changed: Vec<_> = changed.into_iter().filter_map(|change| change.record).collect();
            index.update(&changed, &removed, revision)?;
            return Ok(());
        }
    }
    let mut builder = index.builder()?;
    let mut after = None;
    loop {
        let batch = store.stream_published(after, BATCH).await?;
        let Some(last) = batch.last() else { break };
        after = Some(last.id);
        for record in &batch {
            builder.add(record)?;
        }
    }
    builder.commit(revision)?;
    Ok(())
}
