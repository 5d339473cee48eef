//! Writes the index: all of it anew, or only what changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use sobria_catalogue::id::UseCaseId;
use sobria_catalogue::surroundings::Surroundings;
use sobria_catalogue::use_case::{UseCase, WorkflowStatus};
use tantivy::indexer::{IndexWriterOptions, NoMergePolicy};
use tantivy::{IndexWriter, TantivyDocument};

use crate::error::Result;
use crate::ids::Records;
use crate::index::{Shared, payload};
use crate::schema::Entry;

/// Memory of a writer that builds everything: enough to hold tens of thousands of records in one segment.
const BUILD_MEMORY: usize = 96_000_000;

/// Records that the engine looks for at once, to take them away.
const AT_ONCE: usize = 512;

/// Memory of a writer that changes a few records: the least that the engine allows.
const UPDATE_MEMORY: usize = 15_000_000;

/// Takes records one by one and makes them findable all at once.
///
/// It may live on another thread than the one that reads questions. Until [`Builder::commit`], and if it is
/// dropped before, questions see the former state; so does whoever opens the index after the process was killed.
pub struct Builder {
    shared: Arc<Shared>,
    writer: Option<IndexWriter<TantivyDocument>>,
    replaces: bool,
    /// Records to take away, with what takes their place: the engine looks for many at once.
    waiting: BTreeMap<UseCaseId, Option<TantivyDocument>>,
}

impl Builder {
    /// Begins an index that holds nothing of the former one.
    pub(crate) fn anew(shared: Arc<Shared>) -> Result<Self> {
        let builder = Self::open(shared, BUILD_MEMORY, false)?;
        if let Some(writer) = &builder.writer {
            writer.set_merge_policy(Box::new(NoMergePolicy));
            writer.delete_all_documents()?;
        }
        Ok(builder)
    }

    /// Begins to change the index in place.
    pub(crate) fn in_place(shared: Arc<Shared>) -> Result<Self> {
        Self::open(shared, UPDATE_MEMORY, true)
    }

    fn open(shared: Arc<Shared>, memory: usize, replaces: bool) -> Result<Self> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .num_merge_threads(1)
            .memory_budget_per_thread(memory)
            .build();
        let writer = shared.engine.writer_with_options(options)?;
        Ok(Self {
            shared,
            writer: Some(writer),
            replaces,
            waiting: BTreeMap::new(),
        })
    }

    /// Takes a record; one that is not published is passed over, and no longer found.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn add(&mut self, record: &UseCase) -> Result<()> {
        self.add_among(record, &Surroundings::default())
    }

    /// The same for a record of which other records say this.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn add_among(&mut self, record: &UseCase, around: &Surroundings) -> Result<()> {
        if record.status == WorkflowStatus::Published {
            self.add_published(Entry::new(record, around))
        } else {
            if self.replaces {
                self.remove(record.id)?;
            }
            Ok(())
        }
    }

    /// Takes a record that is, or is about to be, published.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn add_published(&mut self, record: Entry<'_>) -> Result<()> {
        let document = self.shared.fields.document(record);
        if self.replaces || self.waiting.contains_key(&record.id) {
            return self.put(record.id, Some(document));
        }
        if let Some(writer) = &self.writer {
            writer.add_document(document)?;
        }
        Ok(())
    }

    /// Takes a record away.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn remove(&mut self, id: UseCaseId) -> Result<()> {
        self.put(id, None)
    }

    fn put(&mut self, id: UseCaseId, document: Option<TantivyDocument>) -> Result<()> {
        self.waiting.insert(id, document);
        if self.waiting.len() < AT_ONCE {
            return Ok(());
        }
        self.replace()
    }

    /// Takes away what waits to be, and puts in what takes its place.
    fn replace(&mut self) -> Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        if let Some(writer) = self.writer.as_ref().filter(|_| !waiting.is_empty()) {
            writer.delete_query(Box::new(Records {
                endings: self.shared.fields.endings,
                ids: waiting.keys().copied().collect(),
            }))?;
            for document in waiting.into_values().flatten() {
                writer.add_document(document)?;
            }
        }
        Ok(())
    }

    /// Makes everything findable at once, as the state of the catalogue at `revision`.
    ///
    /// # Errors
    /// When the index cannot be written: the former state stays.
    pub fn commit(self, revision: i64) -> Result<()> {
        self.commit_when(|| Some(revision))
    }

    /// The same, once everything is written and `revision` answers; without an answer the former state stays.
    ///
    /// # Errors
    /// When the index cannot be written: the former state stays.
    pub fn commit_when(mut self, revision: impl FnOnce() -> Option<i64>) -> Result<()> {
        self.replace()?;
        if let Some(mut writer) = self.writer.take() {
            let mut commit = writer.prepare_commit()?;
            let Some(revision) = revision() else {
                commit.abort()?;
                return Ok(());
            };
            commit.set_payload(&payload(revision));
            commit.commit()?;
            writer.wait_merging_threads()?;
        }
        self.shared.reload()
    }
}

impl Drop for Builder {
    fn drop(&mut self) {
        self.shared.analyser.forget();
    }
}
