//! The index itself: where it lives, which revision it shows, and the questions it answers.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use sobria_catalogue::access::{Level, VisibleUseCase};
use sobria_catalogue::id::UseCaseId;
use sobria_catalogue::query::{CatalogueQuery, Facet};
use sobria_catalogue::use_case::UseCase;
use sobria_catalogue::vocabulary::Vocabularies;
use tantivy::directory::{MmapDirectory, RamDirectory};
use tantivy::store::Compressor;
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{IndexReader, IndexSettings, ReloadPolicy};

use crate::analyse::French;
use crate::error::{Result, SearchError};
use crate::find::{Found, OrganisationHits};
use crate::labels::Labels;
use crate::schema::{ANALYSER, Fields, VERSION};
use crate::snapshot::Snapshot;
use crate::writer::Builder;
use crate::{find, similar};

/// Folder inside the one given, which the index owns and may empty.
const FOLDER: &str = "words";

/// Attempts to read a state while another process commits.
const ATTEMPTS: usize = 5;

/// The search index: a cache of the published records, built again from the store whenever it is missing.
///
/// Clones share one index. Questions never wait for writers.
///
/// ```
/// use sobria_catalogue::access::Level;
/// use sobria_catalogue::query::CatalogueQuery;
/// use sobria_search::Index;
///
/// let index = Index::open(None)?;
/// assert_eq!(index.revision(), 0);
/// let found = index.find(&CatalogueQuery { text: "eau".into(), limit: 12, ..Default::default() }, Level::Public)?;
/// assert_eq!(found.total, 0);
/// # Ok::<(), sobria_search::SearchError>(())
/// ```
#[derive(Clone)]
pub struct Index {
    shared: Arc<Shared>,
}

/// What handles and writers of one index share.
pub(crate) struct Shared {
    pub(crate) engine: tantivy::Index,
    pub(crate) fields: Fields,
    pub(crate) analyser: French,
    reader: IndexReader,
    snapshot: RwLock<Arc<Snapshot>>,
    labels: RwLock<Arc<Labels>>,
}

/// What a commit says of itself: the version of this program's index, and the revision of the catalogue.
pub(crate) fn payload(revision: i64) -> String {
    format!("{VERSION}:{revision}")
}

/// The revision that a commit shows; nothing when another version of the program wrote it.
fn revision_of(payload: Option<&str>) -> Option<i64> {
    let (version, revision) = payload?.split_once(':')?;
    (version == VERSION.to_string()).then(|| revision.parse().ok())?
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index")
            .field("revision", &self.revision())
            .finish_non_exhaustive()
    }
}

impl Index {
    /// Opens the index kept in `dir`, or an empty one in memory.
    ///
    /// An index that is missing, damaged or written by another version is replaced by an empty one, of revision 0.
    ///
    /// # Errors
    /// When the folder cannot be made or written.
    pub fn open(dir: Option<&Path>) -> Result<Self> {
        let fields = Fields::new();
        let Some(dir) = dir else {
            return Self::over(create(RamDirectory::create(), &fields)?, fields);
        };
        let folder = dir.join(FOLDER);
        let refused = |source| SearchError::Folder {
            path: folder.clone(),
            source,
        };
        fs::create_dir_all(&folder).map_err(refused)?;
        // The engine trusts the lengths written in its files, and panics on files that were cut.
        match catch_unwind(AssertUnwindSafe(|| Self::kept_in(&folder, &fields))) {
            Ok(Ok(Some(index))) => return Ok(index),
            Ok(Ok(None)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the search index is damaged: it is made again"),
            Err(_) => tracing::warn!("the search index is cut: it is made again"),
        }
        empty(&folder).map_err(refused)?;
        Self::over(create(mapped(&folder)?, &fields)?, fields)
    }

    /// The index in a folder, when there is one that this version can read.
    fn kept_in(folder: &Path, fields: &Fields) -> Result<Option<Self>> {
        let directory = mapped(folder)?;
        if !tantivy::Index::exists(&directory).map_err(tantivy::TantivyError::from)? {
            return Ok(None);
        }
        let engine = tantivy::Index::open(directory)?;
        let written = engine.load_metas()?;
        let fresh = written.payload.is_none() && written.segments.is_empty();
        if engine.schema() != fields.schema || !(fresh || revision_of(written.payload.as_deref()).is_some()) {
            return Ok(None);
        }
        Self::over(engine, fields.clone()).map(Some)
    }

    fn over(engine: tantivy::Index, fields: Fields) -> Result<Self> {
        let analyser = French::default();
        engine
            .tokenizers()
            .register(ANALYSER, TextAnalyzer::from(analyser.clone()));
        let reader = engine
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        let snapshot = read(&engine, &reader, &fields)?;
        Ok(Self {
            shared: Arc::new(Shared {
                engine,
                fields,
                analyser,
                reader,
                snapshot: RwLock::new(Arc::new(snapshot)),
                labels: RwLock::new(Labels::program()),
            }),
        })
    }

    /// The revision of the catalogue that questions see; 0 before the first commit.
    pub fn revision(&self) -> i64 {
        self.shared.snapshot().revision
    }

    /// How many records can be found.
    pub fn count(&self) -> usize {
        crate::num::at(self.shared.snapshot().alive_count)
    }

    /// Begins to write the index anew, record by record.
    ///
    /// # Errors
    /// [`SearchError::Busy`] when another writer is at work.
    pub fn builder(&self) -> Result<Builder> {
        Builder::anew(Arc::clone(&self.shared))
    }

    /// Begins to change the index in place, record by record.
    ///
    /// # Errors
    /// [`SearchError::Busy`] when another writer is at work.
    pub fn updater(&self) -> Result<Builder> {
        Builder::in_place(Arc::clone(&self.shared))
    }

    /// Writes the index anew.
    ///
    /// # Errors
    /// [`SearchError::Busy`] when another writer is at work; else when the index cannot be written.
    pub fn rebuild(&self, records: impl IntoIterator<Item = UseCase>, revision: i64) -> Result<()> {
        let mut builder = self.builder()?;
        for record in records {
            builder.add(&record)?;
        }
        builder.commit(revision)
    }

    /// Takes in the records that changed and takes away those that are gone.
    ///
    /// # Errors
    /// [`SearchError::Busy`] when another writer is at work; else when the index cannot be written.
    pub fn update(&self, changed: &[UseCase], removed: &[UseCaseId], revision: i64) -> Result<()> {
        let mut builder = self.updater()?;
        for id in removed {
            builder.remove(*id)?;
        }
        for record in changed {
            builder.add(record)?;
        }
        builder.commit(revision)
    }

    /// Sees what another process committed.
    ///
    /// # Errors
    /// When the files cannot be read.
    pub fn reload(&self) -> Result<()> {
        self.shared.reload()
    }

    /// Searches the labels of an instance beside those of the program. Nothing is written: labels are searched through
    /// the facets.
    pub fn reword(&self, vocabularies: &Vocabularies) {
        let labels = Arc::new(Labels::of(vocabularies));
        *self.shared.labels.write().unwrap_or_else(PoisonError::into_inner) = labels;
    }

    /// Answers a question, with the counts of every facet open to the reader.
    ///
    /// # Errors
    /// When the files of the index cannot be read.
    pub fn find(&self, query: &CatalogueQuery, level: Level) -> Result<Found> {
        self.find_with(query, level, &Facet::ALL)
    }

    /// Answers a question, with the counts of these facets only.
    ///
    /// # Errors
    /// When the files of the index cannot be read.
    pub fn find_with(&self, query: &CatalogueQuery, level: Level, facets: &[Facet]) -> Result<Found> {
        find::find(
            &self.shared.snapshot(),
            &self.shared.labels(),
            query,
            level,
            facets,
        )
    }

    /// All the results of a question by organisation, in the order of names; order and page are not read.
    ///
    /// # Errors
    /// When the files of the index cannot be read.
    pub fn by_organisation(&self, query: &CatalogueQuery, level: Level) -> Result<Vec<OrganisationHits>> {
        find::by_organisation(&self.shared.snapshot(), &self.shared.labels(), query, level)
    }

    /// The records most like one of the index, by theme, sub-themes and the words of its title.
    ///
    /// # Errors
    /// When the files of the index cannot be read.
    pub fn similar(&self, id: UseCaseId, level: Level, limit: usize) -> Result<Vec<UseCaseId>> {
        similar::by_id(&self.shared.snapshot(), id, level, limit)
    }

    /// The records most like this one, by theme, sub-themes, title, summary and description.
    ///
    /// # Errors
    /// When the files of the index cannot be read.
    pub fn similar_to(&self, record: &VisibleUseCase, limit: usize) -> Result<Vec<UseCaseId>> {
        similar::by_record(&self.shared.snapshot(), record, limit)
    }
}

impl Shared {
    fn labels(&self) -> Arc<Labels> {
        Arc::clone(&self.labels.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn reload(&self) -> Result<()> {
        if self.engine.load_metas()?.opstamp == self.snapshot().opstamp
            && revision_of(self.engine.load_metas()?.payload.as_deref()).unwrap_or(0)
                == self.snapshot().revision
        {
            return Ok(());
        }
        let snapshot = Arc::new(read(&self.engine, &self.reader, &self.fields)?);
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = snapshot;
        Ok(())
    }
}

/// Reads the last commit: its records and its revision, of one and the same commit.
fn read(engine: &tantivy::Index, reader: &IndexReader, fields: &Fields) -> Result<Snapshot> {
    let mut before = engine.load_metas()?;
    for _ in 0..ATTEMPTS {
        reader.reload()?;
        let after = engine.load_metas()?;
        if after.opstamp == before.opstamp && after.payload == before.payload {
            break;
        }
        before = after;
    }
    let revision = revision_of(before.payload.as_deref()).unwrap_or(0);
    Ok(Snapshot::new(
        reader.searcher(),
        fields.clone(),
        revision,
        before.opstamp,
    ))
}

fn create(directory: impl Into<Box<dyn tantivy::Directory>>, fields: &Fields) -> Result<tantivy::Index> {
    let settings = IndexSettings {
        docstore_compression: Compressor::None,
        docstore_compress_dedicated_thread: false,
        ..IndexSettings::default()
    };
    Ok(tantivy::Index::create(
        directory,
        fields.schema.clone(),
        settings,
    )?)
}

fn mapped(folder: &Path) -> Result<MmapDirectory> {
    MmapDirectory::open(folder).map_err(|error| SearchError::from(tantivy::TantivyError::from(error)))
}

/// Removes the files of a folder that belongs to the index.
fn empty(folder: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
