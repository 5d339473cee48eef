//! Reading records: always the published revision, and only while the record may be read.

use std::collections::HashMap;

use sobria_catalogue::id::{ImportId, UseCaseId};
use sobria_catalogue::use_case::{Provenance, RevisionSummary, UseCase, WorkflowStatus};
use sobria_catalogue::workflow::WithdrawalClass;

use crate::error::{Result, StoreError};
use crate::hash::sha256;
use crate::row::{Cells, Row};
use crate::sql::Sql;
use crate::store::Store;

/// Read back by `Cells::use_case`, in the same order.
const SELECT: &str = "SELECT u.id, u.slug, u.status, u.created_at, u.first_published_at, u.last_reviewed_on, \
    r.number, r.content, r.completeness, r.created_at, r.published_at, \
    o.id, o.slug, o.name, o.aliases, o.siret, o.siren, o.kind, o.latitude, o.longitude, o.departement, \
    o.region, o.population, o.status \
    FROM use_case u \
    JOIN revision r ON r.use_case_id = u.id AND r.number = u.published_number \
    JOIN organisation o ON o.id = u.organisation_id";

/// The same for the newest revision, for records that are not public.
pub(crate) const SELECT_NEWEST: &str = "SELECT u.id, u.slug, u.status, u.created_at, u.first_published_at, \
    u.last_reviewed_on, r.number, r.content, r.completeness, r.created_at, r.published_at, \
    o.id, o.slug, o.name, o.aliases, o.siret, o.siren, o.kind, o.latitude, o.longitude, o.departement, \
    o.region, o.population, o.status \
    FROM use_case u \
    JOIN revision r ON r.use_case_id = u.id AND r.number = u.version \
    JOIN organisation o ON o.id = u.organisation_id";

/// What an address leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// A record that may be read, with its published revisions, newest first.
    UseCase {
        /// The record.
        record: Box<UseCase>,
        /// Its public history.
        history: Vec<RevisionSummary>,
    },
    /// A former address of the record whose present address part this is.
    Redirect(String),
    /// A record that was taken away.
    Withdrawn,
    /// Nothing, or nothing that may be read.
    None,
}

/// A record touched since a catalogue revision.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedRecord {
    /// Identifier.
    pub id: UseCaseId,
    /// The record, while it may be read.
    pub record: Option<UseCase>,
}

/// The origin of a record, for moderators: the import and the row as it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportOrigin {
    /// The import.
    pub import: ImportId,
    /// Number of the revision that the row made.
    pub revision: u32,
    /// The row.
    pub provenance: Provenance,
}

impl Store {
    /// The records of a page, in the order of `ids`; those that may not be read are left out.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn use_cases_by_ids(&self, ids: &[UseCaseId]) -> Result<Vec<UseCase>> {
        let mut found = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(LIST) {
            let rows = by_ids(chunk).all(self.reader()).await.map_err(|e| self.fail(e))?;
            for record in records(&rows)? {
                found.insert(record.id, record);
            }
        }
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    /// What the address part `slug` leads to.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn use_case_by_slug(&self, slug: &str) -> Result<Found> {
        let row = Sql::new(SELECT)
            .push(" WHERE u.status IN ('published', 'archived') AND u.slug = ")
            .bind(slug)
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        match row {
            Some(row) => {
                let record = Cells::new(&row).use_case()?;
                let history = self.history_of(record.id).await?;
                Ok(Found::UseCase {
                    record: Box::new(record),
                    history,
                })
            }
            None => self.unreadable(slug).await,
        }
    }

    /// The revisions of a record that were published, newest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn history_of(&self, id: UseCaseId) -> Result<Vec<RevisionSummary>> {
        Sql::new(
            "SELECT number, created_at, reason, status FROM revision \
             WHERE use_case_id = $1 AND published_at IS NOT NULL ORDER BY number DESC",
        )
        .value(id.to_string())
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?
        .iter()
        .map(|row| {
            let mut cells = Cells::new(row);
            Ok(RevisionSummary {
                number: cells.version()?,
                created_at: cells.time()?,
                reason: cells.owned()?,
                status: cells.status()?,
            })
        })
        .collect()
    }

    /// Why the record at this address part was taken away; nothing when it was not, or nobody said why.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn withdrawal_class(&self, slug: &str) -> Result<Option<WithdrawalClass>> {
        let row = Sql::new(
            "SELECT u.withdrawal FROM use_case u WHERE u.status = 'withdrawn' AND (u.slug = $1 OR u.id IN \
             (SELECT s.use_case_id FROM slug_redirect s WHERE s.slug = $2))",
        )
        .value(slug)
        .value(slug)
        .first(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        Ok(match row {
            Some(row) => Cells::new(&row)
                .text_or_null()?
                .and_then(|code| WithdrawalClass::from_code(&code)),
            None => None,
        })
    }

    /// Up to `limit` readable records (published, and archived ones with their status), by identifier, from
    /// the one after `after`: call again with the last identifier until the answer is empty.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn stream_published(&self, after: Option<UseCaseId>, limit: u32) -> Result<Vec<UseCase>> {
        let rows = Sql::new(SELECT)
            .push(" WHERE u.status IN ('published', 'archived') AND u.id > ")
            .bind(after.map(|id| id.to_string()).unwrap_or_default())
            .push(" ORDER BY u.id LIMIT ")
            .bind(i64::from(limit))
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        records(&rows)
    }

    /// The records touched after a catalogue revision, those that may no longer be read included.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn changed_since(&self, revision: i64) -> Result<Vec<ChangedRecord>> {
        let mut snapshot = self.begin_read().await?;
        let ids = Sql::new("SELECT id FROM use_case WHERE changed_in > $1 ORDER BY changed_in, id")
            .value(revision)
            .all(&mut *snapshot)
            .await
            .map_err(|e| self.fail(e))?;
        let mut readable = HashMap::with_capacity(ids.len());
        Sql::new(SELECT)
            .push(" WHERE u.status IN ('published', 'archived') AND u.changed_in > ")
            .bind(revision)
            .each(&mut snapshot, |row| {
                let record = Cells::new(&row).use_case().map_err(Interrupted::Store)?;
                readable.insert(record.id, record);
                Ok(())
            })
            .await
            .map_err(|e: Interrupted| e.into_store(self))?;
        ids.iter()
            .map(|row| {
                let id = Cells::new(row).use_case_id()?;
                Ok(ChangedRecord {
                    id,
                    record: readable.remove(&id),
                })
            })
            .collect()
    }

    /// Where the record was imported from, newest first; for moderators only.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn provenance_of(&self, id: UseCaseId) -> Result<Vec<ImportOrigin>> {
        let rows = Sql::new(
            "SELECT b.id, p.number, b.source, b.source_version, p.source_row, b.imported_at \
             FROM provenance p JOIN import_batch b ON b.id = p.import_id \
             WHERE p.use_case_id = $1 ORDER BY p.number DESC",
        )
        .value(id.to_string())
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        let mut origins = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut cells = Cells::new(row);
            let import = cells.text()?;
            let revision = cells.version()?;
            let (source, source_version) = (cells.owned()?, cells.owned()?);
            let source_row = cells.number()?;
            let raw_row = self.raw_row(import, source_row).await?;
            origins.push(ImportOrigin {
                import: import
                    .parse()
                    .map_err(|source: sobria_catalogue::id::InvalidId| {
                        StoreError::damaged("import_batch.id", source)
                    })?,
                revision,
                provenance: Provenance {
                    source,
                    source_version,
                    source_row: u64::try_from(source_row)
                        .map_err(|source| StoreError::damaged("provenance.source_row", source))?,
                    imported_at: cells.time()?,
                    raw_hash: if raw_row.is_empty() {
                        String::new()
                    } else {
                        sha256(raw_row.as_bytes())
                    },
                    raw_row,
                },
            });
        }
        Ok(origins)
    }

    async fn unreadable(&self, slug: &str) -> Result<Found> {
        let row = Sql::new(
            "SELECT slug, status FROM use_case WHERE slug = $1 \
             UNION ALL SELECT u.slug, u.status FROM slug_redirect s JOIN use_case u ON u.id = s.use_case_id \
             WHERE s.slug = $1",
        )
        .value(slug)
        .first(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        let Some(row) = row else {
            return Ok(Found::None);
        };
        let mut cells = Cells::new(&row);
        let present = cells.owned()?;
        Ok(match cells.status()? {
            WorkflowStatus::Withdrawn => Found::Withdrawn,
            status if status.is_readable() && present != slug => Found::Redirect(present),
            _ => Found::None,
        })
    }
}

/// How many identifiers one statement asks for.
pub(crate) const LIST: usize = 1000;

/// The records that may be read among at most [`LIST`] identifiers, for [`records`].
pub(crate) fn by_ids(ids: &[UseCaseId]) -> Sql {
    Sql::new(SELECT)
        .push(" WHERE u.status IN ('published', 'archived') AND u.id IN ")
        .list(ids.iter().map(ToString::to_string))
}

pub(crate) fn records(rows: &[Row]) -> Result<Vec<UseCase>> {
    rows.iter().map(|row| Cells::new(row).use_case()).collect()
}

/// Why a stream of rows ended early.
pub(crate) enum Interrupted {
    Sql(sqlx::Error),
    Store(StoreError),
}

impl From<sqlx::Error> for Interrupted {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl Interrupted {
    pub(crate) fn into_store(self, store: &Store) -> StoreError {
        match self {
            Self::Sql(error) => store.fail(error),
            Self::Store(error) => error,
        }
    }
}
