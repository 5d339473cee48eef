//! A long import, decided, written and indexed at the same time, a few hundred rows after the others: neither the
//! decisions nor the rows of the file are ever held as a whole.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Arc;

use jiff::Timestamp;
use sobria_catalogue::id::{OrganisationId, UseCaseId};
use sobria_catalogue::import::{Existing, ImportEnd, ImportPart, Outcome, PlannedRow};
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::surroundings::Surroundings;
use sobria_catalogue::use_case::UseCase;
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_exchange::error::FileError;
use sobria_exchange::read::Sheet;
use sobria_search::{Builder, Entry, Index, SearchError};
use sobria_store::{Applied, ApplyOptions, ImportWriter, Store, StoreError};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::{Choices, Written, plan_sheet};
use crate::refresh::synchronise;

/// Parts that wait for the database, and for the index.
const AHEAD: usize = 2;

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The file cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The report could not be written.
    #[error("the report could not be written: {0}")]
    Report(io::Error),
    /// The thread that decides ended without an answer.
    #[error("the import was interrupted")]
    Interrupted,
}

/// What an import needs besides its file.
#[derive(Debug)]
pub struct Place<'a> {
    /// The database.
    pub store: &'a Store,
    /// Its index.
    pub index: &'a Index,
    /// The closed lists as the instance words them.
    pub vocabularies: Arc<Vocabularies>,
    /// Whether the records are published, by whom, when.
    pub options: ApplyOptions<'a>,
}

/// Imports the rows of a table in one transaction, and into the index. `report` is given each row, in order, before
/// it is written, then nothing, once all are decided and before they are committed.
///
/// # Errors
/// When the file is refused, the catalogue changed since `options.planned_at`, the report or the database cannot be
/// written: then the database is as it was.
pub async fn import(
    sheet: Sheet,
    existing: Existing,
    choices: &Choices,
    today: jiff::civil::Date,
    mut new_id: impl FnMut() -> uuid::Uuid + Send + 'static,
    mut report: impl FnMut(Option<&PlannedRow>) -> io::Result<()> + Send + 'static,
    place: Place<'_>,
) -> Result<(ImportEnd, Written), StreamError> {
    let Place {
        store,
        index,
        vocabularies,
        options,
    } = place;
    let source = choices.source.clone().unwrap_or_else(|| sheet.name.clone());
    let version = sheet.hash.clone();
    let existing = Arc::new(existing);
    let alongside = options
        .planned_at
        .filter(|planned_at| options.publish && index.revision() == *planned_at)
        .and_then(|_| Alongside::begin(index, &existing, options.now));
    let (send, parts) = channel::<Arc<ImportPart>>(AHEAD);
    let deciding = {
        let (choices, existing) = (choices.clone(), Arc::clone(&existing));
        let indexed = alongside.as_ref().map(|alongside| alongside.told.clone());
        tokio::task::spawn_blocking(move || {
            let mut failed = None;
            let decided = plan_sheet(
                sheet,
                &existing,
                &choices,
                &vocabularies,
                true,
                today,
                &mut new_id,
                &mut |part| {
                    if let Err(error) = part.rows.iter().map(Some).try_for_each(&mut report) {
                        failed = Some(error);
                        return false;
                    }
                    let part = Arc::new(part);
                    if let Some(indexed) = &indexed {
                        // An index that gave up no longer listens; it is brought up in the end.
                        let _ = indexed.blocking_send(Told::Part(Arc::clone(&part)));
                    }
                    send.blocking_send(part).is_ok()
                },
            );
            if let Some(error) = failed {
                return Err(StreamError::Report(error));
            }
            let end = decided?;
            report(None).map_err(StreamError::Report)?;
            Ok(end)
        })
    };
    let written = write(store, (&source, &version), options, parts).await;
    let decided = deciding.await.unwrap_or(Err(StreamError::Interrupted));
    // Whatever stopped the writing also ended the decisions early.
    let (mut writer, made) = written?;
    // A transaction that is dropped leaves nothing.
    let end = decided?;
    let changed: Vec<&Organisation> = end.changed.iter().map(|planned| &planned.organisation).collect();
    if writer.is_none() && !changed.is_empty() {
        writer = Some(store.begin_import_alone(&source, &version, options).await?);
    }
    let Some(mut writer) = writer else {
        let applied = Applied {
            catalogue_revision: store.catalogue_revision().await?,
            changed: Vec::new(),
        };
        return Ok((end, Written { applied, lags: None }));
    };
    writer.complete_carriers(&changed).await?;
    // The index is written out while the database commits.
    let alongside = match alongside {
        Some(alongside) => alongside.complete(&mut writer, &end, made).await?,
        None => None,
    };
    let committed = writer.commit(&end.summary).await?;
    let (shown, applied) = {
        let revision = committed.applied().catalogue_revision;
        let show = async {
            match alongside {
                Some(alongside) => alongside.show(revision).await,
                None => false,
            }
        };
        tokio::join!(show, committed.tidy())
    };
    let lags = if shown {
        None
    } else {
        synchronise(store, index).await.err()
    };
    Ok((end, Written { applied, lags }))
}

/// The transaction of an import, open, when something was to be written, with the records made and their carriers.
type Open<'s> = (Option<ImportWriter<'s>>, Vec<(UseCaseId, OrganisationId)>);

/// Writes the parts as they come.
async fn write<'s>(
    store: &'s Store,
    (source, version): (&str, &str),
    options: ApplyOptions<'s>,
    mut parts: Receiver<Arc<ImportPart>>,
) -> Result<Open<'s>, StoreError> {
    let mut open: Option<ImportWriter<'s>> = None;
    let mut made = Vec::new();
    while let Some(part) = parts.recv().await {
        if part.organisations.is_empty() && !part.rows.iter().any(PlannedRow::writes) {
            continue;
        }
        let writer = match &mut open {
            Some(writer) => writer,
            None => open.insert(store.begin_import_alone(source, version, options).await?),
        };
        let new: Vec<&Organisation> = part.organisations.iter().collect();
        writer.write(&new, &part.rows).await?;
        made.extend(
            part.rows
                .iter()
                .filter(|row| row.outcome == Outcome::Created)
                .filter_map(|row| row.record.zip(row.organisation)),
        );
    }
    Ok((open, made))
}

/// What the thread that writes the index is told.
enum Told {
    /// Rows that were decided.
    Part(Arc<ImportPart>),
    /// Those were all. These records are to be taken in again: their carriers changed meanwhile.
    Complete(Vec<UseCase>),
    /// All is committed, at this revision.
    Committed(i64),
}

/// An index that takes in what an import publishes while the database takes it in too. Nothing of it is seen before
/// [`Alongside::show`]; an import that fails drops it.
struct Alongside {
    told: Sender<Told>,
    writing: std::thread::JoinHandle<Result<bool, SearchError>>,
}

impl Alongside {
    /// Begins, unless another writer is at work.
    fn begin(index: &Index, existing: &Arc<Existing>, now: Timestamp) -> Option<Self> {
        let builder = if index.count() == 0 {
            index.builder()
        } else {
            index.updater()
        };
        let builder = builder.ok()?;
        let (told, listen) = channel(AHEAD);
        let existing = Arc::clone(existing);
        let thread = std::thread::Builder::new().name("index-import".to_owned());
        let writing = thread
            .spawn(move || take_in(builder, &existing, now, listen))
            .ok()?;
        Some(Self { told, writing })
    }

    /// Has everything written out, to be shown later; nothing when the index must be brought up from the database.
    async fn complete(
        self,
        writer: &mut ImportWriter<'_>,
        end: &ImportEnd,
        made: Vec<(UseCaseId, OrganisationId)>,
    ) -> Result<Option<Self>, StoreError> {
        // A carrier of the library has records beside those of this import.
        if end.summary.updated > 0 || end.changed.iter().any(|planned| !planned.is_new) {
            return Ok(None);
        }
        let late: HashSet<OrganisationId> = end
            .changed
            .iter()
            .map(|planned| planned.organisation.id)
            .collect();
        let ids: Vec<UseCaseId> = made
            .into_iter()
            .filter(|(_, organisation)| late.contains(organisation))
            .map(|(id, _)| id)
            .collect();
        let again = writer.records(&ids).await?;
        // A thread that ended early no longer listens; its result says why.
        let _ = self.told.send(Told::Complete(again)).await;
        Ok(Some(self))
    }

    /// Shows what was taken in, as the state of the catalogue at this revision. Answers whether that could be done.
    async fn show(self, revision: i64) -> bool {
        let Self { told, writing } = self;
        let _ = told.send(Told::Committed(revision)).await;
        drop(told);
        let joined = tokio::task::spawn_blocking(move || writing.join());
        matches!(joined.await, Ok(Ok(Ok(true))))
    }
}

/// Takes in the records of an import; answers whether they are shown.
fn take_in(
    mut builder: Builder,
    existing: &Existing,
    now: Timestamp,
    mut told: Receiver<Told>,
) -> Result<bool, SearchError> {
    let known: HashMap<OrganisationId, &Organisation> = existing
        .organisations
        .iter()
        .map(|organisation| (organisation.id, organisation))
        .collect();
    let mut new: HashMap<OrganisationId, Organisation> = HashMap::new();
    // Nothing speaks yet of records that are only being made.
    let alone = Surroundings::default();
    loop {
        let part = match told.blocking_recv() {
            Some(Told::Part(part)) => part,
            Some(Told::Complete(again)) => {
                for record in &again {
                    builder.remove(record.id)?;
                    builder.add(record)?;
                }
                let mut shown = false;
                builder.commit_when(|| match told.blocking_recv() {
                    Some(Told::Committed(revision)) => {
                        shown = true;
                        Some(revision)
                    }
                    // The import failed: the former state stays.
                    _ => None,
                })?;
                return Ok(shown);
            }
            Some(Told::Committed(_)) | None => return Ok(false),
        };
        new.extend(
            part.organisations
                .iter()
                .map(|organisation| (organisation.id, organisation.clone())),
        );
        for row in part.rows.iter().filter(|row| row.writes()) {
            // A new revision of a known record: the index is brought up from the database.
            if row.outcome != Outcome::Created {
                return Ok(false);
            }
            let organisation = row
                .organisation
                .and_then(|id| new.get(&id).or_else(|| known.get(&id).copied()));
            if let (Some(id), Some(organisation)) = (row.record, organisation) {
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
    }
}
