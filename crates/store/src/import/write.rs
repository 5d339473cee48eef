//! An import being written: part by part, in one transaction.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher as _;

use foldhash::fast::{FixedState, RandomState};
use sobria_catalogue::id::{ContributionId, OrganisationId, UseCaseId};
use sobria_catalogue::import::{Outcome, PlannedRow, Summary};
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::use_case::{UseCase, WorkflowStatus};

use super::{Applied, ApplyOptions, ORGANISATION_COLUMNS, bind_organisation};
use crate::connection::{AfterBulk, Transaction};
use crate::error::{Result, StoreError};
use crate::raw_rows::RowBlocks;
use crate::row::{Cells, content_text};
use crate::sql::{BulkInsert, Sql, Values};
use crate::store::Store;
use crate::use_cases::{LIST, by_ids, records};

const USE_CASE_COLUMNS: &[&str] = &["id", "slug", "organisation_id"];
const USE_CASE_CONSTANTS: &[&str] = &[
    "status",
    "version",
    "published_number",
    "imported_number",
    "created_at",
    "first_published_at",
    "changed_in",
];
const REVISION_COLUMNS: &[&str] = &["use_case_id", "number", "content", "completeness"];
const REVISION_CONSTANTS: &[&str] = &["status", "reason", "author", "created_at", "published_at"];
const PROVENANCE_COLUMNS: &[&str] = &[
    "use_case_id",
    "number",
    "source_row",
    "natural_key",
    "source_hash",
];
const PROVENANCE_CONSTANTS: &[&str] = &["import_id"];

/// Reason of the revisions that imports make, as the public history shows it.
const REASON: &str = "Import";

/// The values that every row of an import shares.
type Constants<'s> = Box<dyn Fn(&mut Values) + Send + Sync + 's>;

/// A row of the plan that is written, with the number of the revision it makes.
struct Written<'p> {
    row: &'p PlannedRow,
    id: String,
    number: i64,
    organisation: String,
}

/// Where a revision comes from.
struct Origin {
    id: UseCaseId,
    number: i64,
    row: i64,
    key: Box<str>,
    hash: Box<str>,
}

/// Most origins held before half of them are written together: rows of one table after another take less than rows of all
/// in turn, and the last are written while the search index is still at work. A few megabytes.
const ORIGINS: usize = 20_000;

/// An import being written. Until [`ImportWriter::finish`] nobody sees anything of it, and dropped before, it leaves
/// nothing.
pub struct ImportWriter<'s> {
    store: &'s Store,
    options: ApplyOptions<'s>,
    import: String,
    transaction: Transaction,
    revision: i64,
    use_cases: BulkInsert<Constants<'s>>,
    revisions: BulkInsert<Constants<'s>>,
    provenance: BulkInsert<Constants<'s>>,
    origins: Vec<Origin>,
    blocks: RowBlocks,
    /// Whether the library held no record before.
    fills: bool,
    /// Statements that make the indexes again which stand aside while their tables are filled.
    aside: Vec<String>,
    /// Hashes of the address parts given to new records: two that share one by chance are told apart by a number, as two
    /// that are the same.
    slugs: HashSet<u64, RandomState>,
    changed: Vec<UseCaseId>,
}

/// An import that stands, with the room that it took.
#[must_use]
pub struct Committed {
    applied: Applied,
    after: AfterBulk,
}

impl Committed {
    /// What the import did.
    pub fn applied(&self) -> &Applied {
        &self.applied
    }

    /// Gives back the room that it took.
    pub async fn tidy(self) -> Applied {
        self.after.tidy().await;
        self.applied
    }
}

impl std::fmt::Debug for Committed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Committed")
            .field("applied", &self.applied)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for ImportWriter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportWriter")
            .field("import", &self.import)
            .field("changed", &self.changed.len())
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Begins to write an import; writers after it wait until it is finished or abandoned.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the catalogue changed since `options.planned_at`; else when the database cannot
    /// be written.
    pub async fn begin_import<'s>(
        &'s self,
        source: &str,
        source_version: &str,
        options: ApplyOptions<'s>,
    ) -> Result<ImportWriter<'s>> {
        let transaction = self.begin_bulk().await?;
        self.open_import(transaction, source, source_version, options)
            .await
    }

    /// The same for a command that waits for nothing else: the first import of a library is written straight into a file
    /// that nobody else has open, at half the cost. Whoever opens the file meanwhile waits until the import ends.
    ///
    /// # Errors
    /// As [`Store::begin_import`].
    pub async fn begin_import_alone<'s>(
        &'s self,
        source: &str,
        source_version: &str,
        options: ApplyOptions<'s>,
    ) -> Result<ImportWriter<'s>> {
        let any = Sql::new("SELECT 1 FROM use_case LIMIT 1")
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        if any.is_some() {
            return self.begin_import(source, source_version, options).await;
        }
        let mut transaction = self.begin_filling().await?;
        let aside = transaction
            .set_indexes_aside("use_case")
            .map_err(|e| self.fail(e))?;
        let writer = self
            .open_import(transaction, source, source_version, options)
            .await?;
        Ok(ImportWriter {
            fills: true,
            aside,
            ..writer
        })
    }

    async fn open_import<'s>(
        &'s self,
        mut transaction: Transaction,
        source: &str,
        source_version: &str,
        options: ApplyOptions<'s>,
    ) -> Result<ImportWriter<'s>> {
        let revision = self.next_revision(&mut transaction).await?;
        if options.planned_at.is_some_and(|planned| planned != revision - 1) {
            return Err(StoreError::Conflict {
                what: "the catalogue changed since this import was planned".to_owned(),
            });
        }
        let import = options.import.to_string();
        // What is known only once every row has passed is written then.
        Sql::new(
            "INSERT INTO import_batch (id, source, source_version, imported_at, actor, row_count, summary) \
             VALUES ($1, $2, $3, $4, $5, 0, '')",
        )
        .value(import.as_str())
        .value(source)
        .value(source_version)
        .value(options.now.as_millisecond())
        .value(options.actor)
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        let status = status(options).code();
        let now = options.now.as_millisecond();
        let published = options.publish.then_some(now);
        let published_number = options.publish.then_some(1_i64);
        let of_import = import.clone();
        Ok(ImportWriter {
            store: self,
            options,
            transaction,
            revision,
            use_cases: self.bulk(
                "use_case",
                USE_CASE_COLUMNS,
                USE_CASE_CONSTANTS,
                Box::new(move |values| {
                    values.add(status);
                    values.add(1_i64);
                    values.add(published_number);
                    values.add(1_i64);
                    values.add(now);
                    values.add(published);
                    values.add(revision);
                }),
            ),
            revisions: self.bulk(
                "revision",
                REVISION_COLUMNS,
                REVISION_CONSTANTS,
                Box::new(move |values| {
                    values.add(status);
                    values.add(REASON);
                    values.add(options.actor);
                    values.add(now);
                    values.add(published);
                }),
            ),
            provenance: self.bulk(
                "provenance",
                PROVENANCE_COLUMNS,
                PROVENANCE_CONSTANTS,
                Box::new(move |values| values.add(of_import.as_str())),
            ),
            origins: Vec::new(),
            blocks: RowBlocks::new(self.dialect(), &import),
            fills: false,
            aside: Vec::new(),
            import,
            slugs: HashSet::default(),
            changed: Vec::new(),
        })
    }

    fn bulk<'s>(
        &self,
        table: &'static str,
        columns: &[&'static str],
        constants: &[&'static str],
        values: Constants<'s>,
    ) -> BulkInsert<Constants<'s>> {
        BulkInsert::new(self.dialect(), table, columns, constants, values)
    }
}

impl ImportWriter<'_> {
    /// Writes some rows of a plan, which follow those before in the source, and the new carriers that they are the
    /// first to name. Rows that change nothing are passed over.
    ///
    /// # Errors
    /// When the database cannot be written, or a record was withdrawn meanwhile.
    pub async fn write(&mut self, new: &[&Organisation], rows: &[PlannedRow]) -> Result<()> {
        BulkInsert::new(
            self.store.dialect(),
            "organisation",
            ORGANISATION_COLUMNS,
            &[],
            |_| {},
        )
        .run(&mut self.transaction, new, |values, organisation| {
            values.add(organisation.id.to_string());
            bind_organisation(values, organisation);
        })
        .await
        .map_err(|e| self.store.fail(e))?;
        let mut written = self.create_records(rows).await?;
        written.extend(self.update_records(rows).await?);
        self.write_revisions(written).await?;
        let proposals: Vec<_> = rows
            .iter()
            .filter(|row| match row.outcome {
                // Those of a former import go with what they were about.
                Outcome::Updated => true,
                Outcome::Created => !row.proposals.is_empty(),
                _ => false,
            })
            .filter_map(|row| Some((row.record?, row.proposals.as_slice())))
            .map(|(id, proposals)| (ContributionId::new(id.uuid()), id, proposals))
            .collect();
        self.store
            .write_proposals(&mut self.transaction, &proposals)
            .await?;
        self.changed.extend(
            rows.iter()
                .filter(|row| matches!(row.outcome, Outcome::Created | Outcome::Updated))
                .filter_map(|row| row.record),
        );
        Ok(())
    }

    /// Writes the carriers, of the library or of this import, that later rows completed.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn complete_carriers(&mut self, changed: &[&Organisation]) -> Result<()> {
        let Self {
            store, transaction, ..
        } = self;
        for organisation in changed {
            store.update_organisation(transaction, organisation).await?;
        }
        // The records of this import bear its revision already.
        if self.fills {
            return Ok(());
        }
        for chunk in changed.chunks(LIST) {
            Sql::new("UPDATE use_case SET changed_in = ")
                .bind(self.revision)
                .push(" WHERE organisation_id IN ")
                .list(chunk.iter().map(|organisation| organisation.id.to_string()))
                .execute(&mut **transaction)
                .await
                .map_err(|e| store.fail(e))?;
        }
        Ok(())
    }

    /// Records as they will be read once this import is committed; those that nobody may read are left out.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn records(&mut self, ids: &[UseCaseId]) -> Result<Vec<UseCase>> {
        let mut found = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(LIST) {
            let rows = by_ids(chunk)
                .all(&mut *self.transaction)
                .await
                .map_err(|e| self.store.fail(e))?;
            found.extend(records(&rows)?);
        }
        Ok(found)
    }

    /// Commits, once everything was written.
    ///
    /// # Errors
    /// When the database cannot be written: then nothing was.
    pub async fn finish(self, summary: &Summary) -> Result<Applied> {
        Ok(self.commit(summary).await?.tidy().await)
    }

    /// The same, but for the room that it took, which [`Committed::tidy`] gives back: until then no other writer begins.
    ///
    /// # Errors
    /// When the database cannot be written: then nothing was.
    pub async fn commit(mut self, summary: &Summary) -> Result<Committed> {
        self.close(summary).await?;
        let store = self.store;
        let after = self.transaction.commit_bulk().await.map_err(|e| store.fail(e))?;
        Ok(Committed {
            applied: Applied {
                catalogue_revision: self.revision,
                changed: self.changed,
            },
            after,
        })
    }

    async fn close(&mut self, summary: &Summary) -> Result<()> {
        let origins = std::mem::take(&mut self.origins);
        self.write_origins(origins).await?;
        let Self {
            store,
            transaction,
            options,
            revision,
            import,
            aside,
            ..
        } = self;
        for statement in aside.drain(..) {
            transaction
                .make_index(statement)
                .await
                .map_err(|e| store.fail(e))?;
        }
        let text = serde_json::to_string(summary)
            .map_err(|source| StoreError::damaged("import_batch.summary", source))?;
        Sql::new("UPDATE import_batch SET row_count = $1, summary = $2 WHERE id = $3")
            .value(i64::try_from(summary.rows).unwrap_or(i64::MAX))
            .value(text)
            .value(import.as_str())
            .execute(&mut **transaction)
            .await
            .map_err(|e| store.fail(e))?;
        store
            .audit(
                transaction,
                *revision,
                options.now,
                options.actor,
                "import",
                import,
                &format!("{} created, {} updated", summary.created, summary.updated),
            )
            .await
    }

    async fn create_records<'p>(&mut self, rows: &'p [PlannedRow]) -> Result<Vec<Written<'p>>> {
        let slugs = &mut self.slugs;
        let new: Vec<(Written<'p>, String)> = written(rows, Outcome::Created)
            .map(|(row, id, organisation)| {
                let record = Written {
                    row,
                    id: id.to_string(),
                    number: 1,
                    organisation: organisation.to_string(),
                };
                (record, free_slug(slugs, id.slug(row.content.title())))
            })
            .collect();
        self.use_cases
            .run(&mut self.transaction, &new, |values, (record, slug)| {
                values.add(record.id.as_str());
                values.add(slug.as_str());
                values.add(record.organisation.as_str());
            })
            .await
            .map_err(|e| self.store.fail(e))?;
        Ok(new.into_iter().map(|(record, _)| record).collect())
    }

    async fn update_records<'p>(&mut self, rows: &'p [PlannedRow]) -> Result<Vec<Written<'p>>> {
        let rows: Vec<_> = written(rows, Outcome::Updated).collect();
        let mut updated = Vec::with_capacity(rows.len());
        for chunk in rows.chunks(LIST) {
            let known = Sql::new(
                "SELECT id, version, organisation_id FROM use_case \
                 WHERE status <> 'withdrawn' AND id IN ",
            )
            .list(chunk.iter().map(|(_, id, _)| id.to_string()))
            .all(&mut *self.transaction)
            .await
            .map_err(|e| self.store.fail(e))?;
            let mut states = HashMap::with_capacity(known.len());
            for row in &known {
                let mut cells = Cells::new(row);
                states.insert(cells.use_case_id()?, (cells.number()?, cells.organisation_id()?));
            }
            for (row, id, organisation) in chunk {
                let Some((version, carrier)) = states.remove(id) else {
                    return Err(StoreError::Conflict {
                        what: format!("the record {id} was withdrawn, or appears twice in the import"),
                    });
                };
                if carrier != *organisation {
                    Sql::new("UPDATE use_case SET organisation_id = $1 WHERE id = $2")
                        .value(organisation.to_string())
                        .value(id.to_string())
                        .execute(&mut *self.transaction)
                        .await
                        .map_err(|e| self.store.fail(e))?;
                }
                updated.push(Written {
                    row,
                    id: id.to_string(),
                    number: version + 1,
                    organisation: organisation.to_string(),
                });
            }
            self.advance(chunk.iter().map(|(_, id, _)| *id)).await?;
        }
        Ok(updated)
    }

    /// Points records to the revision that this import adds. An archived record stays archived: an import
    /// does not undo what a person decided.
    async fn advance(&mut self, ids: impl Iterator<Item = UseCaseId>) -> Result<()> {
        let sql = if self.options.publish {
            Sql::new(
                "UPDATE use_case SET version = version + 1, imported_number = version + 1, \
                 published_number = version + 1, \
                 status = CASE WHEN status = 'archived' THEN 'archived' ELSE 'published' END, \
                 first_published_at = COALESCE(first_published_at, ",
            )
            .bind(self.options.now.as_millisecond())
            .push("), changed_in = ")
        } else {
            Sql::new(
                "UPDATE use_case SET version = version + 1, imported_number = version + 1, \
                 status = CASE WHEN published_number IS NULL THEN 'submitted' ELSE status END, changed_in = ",
            )
        };
        sql.bind(self.revision)
            .push(" WHERE id IN ")
            .list(ids.map(|id| id.to_string()))
            .execute(&mut *self.transaction)
            .await
            .map(|_| ())
            .map_err(|e| self.store.fail(e))
    }

    async fn write_revisions(&mut self, written: Vec<Written<'_>>) -> Result<()> {
        self.revisions
            .run(&mut self.transaction, &written, |values, record| {
                values.add(record.id.as_str());
                values.add(record.number);
                values.add(content_text(&record.row.content));
                values.add(i64::from(record.row.completeness));
            })
            .await
            .map_err(|e| self.store.fail(e))?;
        let mut rows: Vec<(i64, &str)> = written
            .iter()
            .map(|record| {
                let number = i64::try_from(record.row.row).unwrap_or(i64::MAX);
                (number, record.row.raw_row.as_str())
            })
            .collect();
        rows.sort_unstable();
        self.blocks
            .keep(&mut self.transaction, &rows)
            .await
            .map_err(|e| self.store.fail(e))?;
        self.origins.extend(written.into_iter().filter_map(|record| {
            Some(Origin {
                id: record.row.record?,
                number: record.number,
                row: i64::try_from(record.row.row).unwrap_or(i64::MAX),
                key: record.row.key.as_str().into(),
                hash: record.row.source_hash.as_str().into(),
            })
        }));
        if self.origins.len() >= ORIGINS {
            let first = self.origins.drain(..ORIGINS / 2).collect();
            self.write_origins(first).await?;
        }
        Ok(())
    }

    async fn write_origins(&mut self, origins: Vec<Origin>) -> Result<()> {
        self.provenance
            .run(&mut self.transaction, &origins, |values, origin| {
                values.add(origin.id.to_string());
                values.add(origin.number);
                values.add(origin.row);
                values.add(&*origin.key);
                values.add(&*origin.hash);
            })
            .await
            .map_err(|e| self.store.fail(e))
    }
}

/// The rows of one outcome that name their record and their carrier.
fn written(
    rows: &[PlannedRow],
    outcome: Outcome,
) -> impl Iterator<Item = (&PlannedRow, UseCaseId, OrganisationId)> {
    rows.iter()
        .filter(move |row| row.outcome == outcome)
        .filter_map(|row| Some((row, row.record?, row.organisation?)))
}

/// The address part of a new record; two that fall together in one import are told apart by a number.
fn free_slug(taken: &mut HashSet<u64, RandomState>, plain: String) -> String {
    let hash = |slug: &str| FixedState::default().hash_one(slug);
    if taken.insert(hash(&plain)) {
        return plain;
    }
    let mut number = 2_u32;
    loop {
        let slug = format!("{plain}-{number}");
        if taken.insert(hash(&slug)) {
            return slug;
        }
        number += 1;
    }
}

fn status(options: ApplyOptions<'_>) -> WorkflowStatus {
    if options.publish {
        WorkflowStatus::Published
    } else {
        WorkflowStatus::Submitted
    }
}
