//! Keeps the search index in step with the database, whoever wrote to it.

use std::collections::HashMap;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use jiff::Timestamp;
use sobria_catalogue::id::OrganisationId;
use sobria_catalogue::import::{ImportPlan, Outcome};
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::surroundings::Surroundings;
use sobria_search::{Entry, Index, SearchError};
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

/// Brings the index and the pages up to what was just written, so that whoever decided sees it at once.
pub async fn at_once(app: &App) {
    let done = match app.store.catalogue_revision().await {
        Ok(revision) if revision != app.revision() => catch_up(app, revision).await,
        Ok(_) => Ok(()),
        Err(error) => Err(error.into()),
    };
    if let Err(error) = done {
        tracing::warn!(?error, "the index will be brought up to date at the next turn");
    }
}

async fn catch_up(app: &App, revision: i64) -> Result<(), WebError> {
    app.reload_settings().await?;
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

/// An index that takes in what an import publishes while the database takes it in too.
///
/// Nothing of it is seen before [`Ahead::finish`]; an import that fails drops it.
pub struct Ahead {
    writing: std::thread::JoinHandle<Result<(), SearchError>>,
    /// Tells the revision to show; dropped without a word, nothing is shown.
    revision: mpsc::Sender<i64>,
}

impl Ahead {
    /// Begins, when the plan says all that the index will need: it was made from the revision that the index
    /// shows, it only makes records, published at `now`, and no carrier of other records changes.
    pub fn begin(plan: &Arc<ImportPlan>, index: &Index, planned_at: i64, now: Timestamp) -> Option<Self> {
        let has = |outcome| plan.rows.iter().any(|row| row.outcome == outcome);
        if index.revision() != planned_at
            || !has(Outcome::Created)
            || has(Outcome::Updated)
            || plan.organisations.iter().any(|planned| planned.is_changed)
        {
            return None;
        }
        let builder = if index.count() == 0 {
            index.builder()
        } else {
            index.updater()
        };
        let plan = Arc::clone(plan);
        let mut builder = builder.ok()?;
        let (revision, told) = mpsc::channel();
        let work = move || {
            let alone = Surroundings::default();
            let carriers: HashMap<OrganisationId, &Organisation> = plan
                .organisations
                .iter()
                .map(|planned| (planned.organisation.id, &planned.organisation))
                .collect();
            for row in &plan.rows {
                let is_new = row.outcome == Outcome::Created;
                let carrier = row.organisation.and_then(|id| carriers.get(&id));
                if let (true, Some(id), Some(organisation)) = (is_new, row.record, carrier) {
                    builder.add_published(Entry {
                        id,
                        organisation,
                        content: &row.content,
                        completeness: row.completeness,
                        published_at: Some(now),
                        around: &alone,
                    })?;
                }
            }
            builder.commit_when(|| told.recv().ok())
        };
        let thread = std::thread::Builder::new().name("index-import".to_owned());
        let writing = thread.spawn(work).ok()?;
        Some(Self { writing, revision })
    }

    /// Shows what was taken in, as the state of the catalogue at `revision`.
    ///
    /// # Errors
    /// When the index could not be written: it stays as it was, and [`synchronise`] brings it up.
    pub fn finish(self, revision: i64) -> Result<(), SearchError> {
        // A thread that ended early no longer listens; its result says why.
        let _ = self.revision.send(revision);
        self.writing.join().map_err(|_panic| SearchError::Interrupted)?
    }
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
    let around = store.surroundings().await?;
    let alone = Surroundings::default();
    if held > 0 && held < revision {
        let changes = store.changed_since(held).await?;
        if changes.len() <= REBUILD_ABOVE {
            let index = index.clone();
            return off_the_way(move || {
                let mut builder = index.updater()?;
                for change in &changes {
                    match &change.record {
                        Some(record) => {
                            builder.add_among(record, around.get(&change.id).unwrap_or(&alone))?;
                        }
                        None => builder.remove(change.id)?,
                    }
                }
                builder.commit(revision)
            })
            .await;
        }
    }
    let mut builder = index.builder()?;
    let mut after = None;
    loop {
        let batch = store.stream_published(after, BATCH).await?;
        let Some(last) = batch.last() else { break };
        after = Some(last.id);
        for record in &batch {
            builder.add_among(record, around.get(&record.id).unwrap_or(&alone))?;
        }
    }
    off_the_way(move || builder.commit(revision)).await
}

/// Writes the index on a thread of its own: a commit waits for the disk several times, and requests would wait with it.
async fn off_the_way(
    write: impl FnOnce() -> Result<(), SearchError> + Send + 'static,
) -> Result<(), SyncError> {
    let written = tokio::task::spawn_blocking(write).await;
    Ok(written.unwrap_or(Err(SearchError::Interrupted))?)
}
