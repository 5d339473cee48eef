//! Imports: what the planner needs to know, and a whole plan written in one transaction.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use sobria_catalogue::content::Content;
use sobria_catalogue::id::{ContributionId, ImportId, OrganisationId, UseCaseId};
use sobria_catalogue::import::{
    Existing, ExistingRecord, ImportPlan, ImportedState, Outcome, PlannedOrganisation, PlannedRow,
    natural_key,
};
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::text::fold_key;
use sobria_catalogue::use_case::WorkflowStatus;

use crate::connection::Connection;
use crate::error::{Result, StoreError};
use crate::organisations::SELECT_ORGANISATION;
use crate::row::{Cells, content, content_text, json_list};
use crate::sql::{BulkInsert, Sql};
use crate::store::{Store, retry};
use crate::use_cases::{Interrupted, LIST};

/// How a plan is written.
#[derive(Debug, Clone, Copy)]
pub struct ApplyOptions<'a> {
    /// Whether the records are published at once; else they are handed in and wait.
    pub publish: bool,
    /// Who imports.
    pub actor: &'a str,
    /// When.
    pub now: Timestamp,
    /// Identifier of this import.
    pub import: ImportId,
    /// The catalogue revision that [`Store::existing`] gave with what the plan was made from. When given, a
    /// catalogue that changed since is a conflict rather than a lost change.
    pub planned_at: Option<i64>,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The catalogue revision after it; unchanged when nothing was written.
    pub catalogue_revision: i64,
    /// Records that were created or updated, in the order of the plan.
    pub changed: Vec<UseCaseId>,
}

/// An import that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportLine {
    /// Identifier.
    pub id: String,
    /// Name of the source.
    pub source: String,
    /// When.
    pub at: Timestamp,
    /// Who: the identifier of an account, or the name of a command.
    pub actor: String,
    /// Rows of the file.
    pub rows: u64,
    /// Counts, as the JSON object of the contract.
    pub summary: String,
}

pub(crate) const ORGANISATION_COLUMNS: &[&str] = &[
    "id",
    "slug",
    "name",
    "name_key",
    "aliases",
    "siret",
    "siren",
    "kind",
    "latitude",
    "longitude",
    "departement",
    "region",
    "population",
    "status",
];
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

/// A row of the plan that is written, with the number of the revision it makes.
struct Written<'p> {
    row: &'p PlannedRow,
    id: String,
    number: i64,
    organisation: String,
}

impl Store {
    /// Imports that were written, newest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn imports(&self, offset: u32, limit: u32) -> Result<Vec<ImportLine>> {
        Sql::new(
            "SELECT b.id, b.source, b.imported_at, b.actor, b.row_count, b.summary FROM import_batch b \
             ORDER BY b.imported_at DESC, b.id DESC LIMIT ",
        )
        .bind(i64::from(limit))
        .push(" OFFSET ")
        .bind(i64::from(offset))
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?
        .iter()
        .map(|row| {
            let mut cells = Cells::new(row);
            Ok(ImportLine {
                id: cells.owned()?,
                source: cells.owned()?,
                at: cells.time()?,
                actor: cells.owned()?,
                rows: u64::try_from(cells.number()?).unwrap_or(0),
                summary: cells.owned()?,
            })
        })
        .collect()
    }

    /// What an import is compared with, and the catalogue revision at which this was true.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn existing(&self) -> Result<(Existing, i64)> {
        let mut snapshot = self.begin_read().await?;
        let revision = Sql::new("SELECT value FROM meta WHERE key = 'catalogue_revision'")
            .first(&mut *snapshot)
            .await
            .map_err(|e| self.fail(e))?
            .map_or(Ok(0), |row| Cells::new(&row).number())?;
        let mut organisations = Vec::new();
        Sql::new(SELECT_ORGANISATION)
            .push(" FROM organisation o ORDER BY o.id")
            .each(&mut snapshot, |row| {
                let organisation = Cells::new(&row).organisation().map_err(Interrupted::Store)?;
                organisations.push(organisation);
                Ok(())
            })
            .await
            .map_err(|e: Interrupted| e.into_store(self))?;
        let carriers: HashMap<OrganisationId, &Organisation> = organisations
            .iter()
            .map(|organisation| (organisation.id, organisation))
            .collect();
        let mut records = Vec::new();
        Sql::new(
            "SELECT u.id, u.organisation_id, p.natural_key, h.content, b.source, p.source_hash, \
             CASE WHEN u.imported_number = u.version THEN NULL ELSE i.content END \
             FROM use_case u JOIN revision h ON h.use_case_id = u.id AND h.number = u.version \
             LEFT JOIN provenance p ON p.use_case_id = u.id AND p.number = u.imported_number \
             LEFT JOIN import_batch b ON b.id = p.import_id \
             LEFT JOIN revision i ON i.use_case_id = u.id AND i.number = u.imported_number \
             WHERE u.status <> 'withdrawn' ORDER BY u.id",
        )
        .each(&mut snapshot, |row| {
            let record = existing_record(&mut Cells::new(&row), &carriers).map_err(Interrupted::Store)?;
            records.push(record);
            Ok(())
        })
        .await
        .map_err(|e: Interrupted| e.into_store(self))?;
        let existing = Existing {
            organisations,
            records,
        };
        Ok((existing, revision))
    }

    /// Writes a plan: all of it, or nothing.
    ///
    /// A plan that changes nothing writes nothing, and the catalogue revision stays.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the catalogue changed since the plan was made; else when the database
    /// cannot be written. In every case nothing was.
    pub async fn apply_import(&self, plan: &ImportPlan, options: ApplyOptions<'_>) -> Result<Applied> {
        let writes = plan
            .rows
            .iter()
            .any(|row| matches!(row.outcome, Outcome::Created | Outcome::Updated));
        let changes = plan.organisations.iter().any(|planned| planned.is_changed);
        if !writes && !changes {
            return Ok(Applied {
                catalogue_revision: self.catalogue_revision().await?,
                changed: Vec::new(),
            });
        }
        retry(|| self.apply_once(plan, options)).await
    }

    async fn apply_once(&self, plan: &ImportPlan, options: ApplyOptions<'_>) -> Result<Applied> {
        let mut transaction = self.begin_bulk().await?;
        let revision = self.next_revision(&mut transaction).await?;
        if options.planned_at.is_some_and(|planned| planned != revision - 1) {
            return Err(StoreError::Conflict {
                what: "the catalogue changed since this import was planned".to_owned(),
            });
        }
        self.write_batch(&mut transaction, plan, options).await?;
        self.write_organisations(&mut transaction, plan, revision).await?;
        let created = self
            .create_records(&mut transaction, plan, options, revision)
            .await?;
        let updated = self
            .update_records(&mut transaction, plan, options, revision)
            .await?;
        let written: Vec<Written<'_>> = created.into_iter().chain(updated).collect();
        self.write_revisions(&mut transaction, &written, options).await?;
        let proposals: Vec<_> = plan
            .rows
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
        self.write_proposals(&mut transaction, &proposals).await?;
        let summary = plan.summary();
        self.audit(
            &mut transaction,
            revision,
            options.now,
            options.actor,
            "import",
            &options.import.to_string(),
            &format!("{} created, {} updated", summary.created, summary.updated),
        )
        .await?;
        transaction.commit_bulk().await.map_err(|e| self.fail(e))?;
        Ok(Applied {
            catalogue_revision: revision,
            changed: plan
                .rows
                .iter()
                .filter(|row| matches!(row.outcome, Outcome::Created | Outcome::Updated))
                .filter_map(|row| row.record)
                .collect(),
        })
    }

    async fn write_batch(
        &self,
        connection: &mut Connection,
        plan: &ImportPlan,
        options: ApplyOptions<'_>,
    ) -> Result<()> {
        let summary = serde_json::to_string(&plan.summary())
            .map_err(|source| StoreError::damaged("import_batch.summary", source))?;
        Sql::new(
            "INSERT INTO import_batch (id, source, source_version, imported_at, actor, row_count, summary) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .value(options.import.to_string())
        .value(plan.source.as_str())
        .value(plan.source_version.as_str())
        .value(options.now.as_millisecond())
        .value(options.actor)
        .value(i64::try_from(plan.rows.len()).unwrap_or(i64::MAX))
        .value(summary)
        .execute(connection)
        .await
        .map(|_| ())
        .map_err(|e| self.fail(e))
    }

    async fn write_organisations(
        &self,
        connection: &mut Connection,
        plan: &ImportPlan,
        revision: i64,
    ) -> Result<()> {
        // A carrier all of whose rows were refused is not kept.
        let carrying: HashSet<OrganisationId> = plan.rows.iter().filter_map(|row| row.organisation).collect();
        let new: Vec<&Organisation> = plan
            .organisations
            .iter()
            .filter(|planned| planned.is_new && carrying.contains(&planned.organisation.id))
            .map(|planned| &planned.organisation)
            .collect();
        BulkInsert::new(self.dialect(), "organisation", ORGANISATION_COLUMNS, &[], |_| {})
            .run(connection, &new, |values, organisation| {
                values.add(organisation.id.to_string());
                bind_organisation(values, organisation);
            })
            .await
            .map_err(|e| self.fail(e))?;
        let changed: Vec<&PlannedOrganisation> = plan
            .organisations
            .iter()
            .filter(|planned| planned.is_changed && !planned.is_new)
            .collect();
        for planned in &changed {
            self.update_organisation(connection, &planned.organisation)
                .await?;
        }
        for chunk in changed.chunks(LIST) {
            Sql::new("UPDATE use_case SET changed_in = ")
                .bind(revision)
                .push(" WHERE organisation_id IN ")
                .list(chunk.iter().map(|planned| planned.organisation.id.to_string()))
                .execute(&mut *connection)
                .await
                .map_err(|e| self.fail(e))?;
        }
        Ok(())
    }

    pub(crate) async fn update_organisation(
        &self,
        connection: &mut Connection,
        organisation: &Organisation,
    ) -> Result<()> {
        let mut values = crate::sql::Values::default();
        bind_organisation(&mut values, organisation);
        let touched = Sql::with_values(
            "UPDATE organisation SET slug = $1, name = $2, name_key = $3, aliases = $4, siret = $5, \
             siren = $6, kind = $7, latitude = $8, longitude = $9, departement = $10, region = $11, \
             population = $12, status = $13 WHERE id = $14",
            values,
        )
        .value(organisation.id.to_string())
        .execute(connection)
        .await
        .map_err(|e| self.fail(e))?;
        if touched == 1 {
            Ok(())
        } else {
            Err(StoreError::Conflict {
                what: format!("the organisation {} is gone", organisation.id),
            })
        }
    }

    async fn create_records<'p>(
        &self,
        connection: &mut Connection,
        plan: &'p ImportPlan,
        options: ApplyOptions<'_>,
        revision: i64,
    ) -> Result<Vec<Written<'p>>> {
        let mut taken = HashSet::new();
        let new: Vec<(Written<'p>, String)> = written(plan, Outcome::Created)
            .map(|(row, id, organisation)| {
                let record = Written {
                    row,
                    id: id.to_string(),
                    number: 1,
                    organisation: organisation.to_string(),
                };
                (record, free_slug(&mut taken, id.slug(row.content.title())))
            })
            .collect();
        let status = status(options).code();
        let now = options.now.as_millisecond();
        let published = options.publish.then_some(now);
        BulkInsert::new(
            self.dialect(),
            "use_case",
            USE_CASE_COLUMNS,
            USE_CASE_CONSTANTS,
            |values| {
                values.add(status);
                values.add(1_i64);
                values.add(options.publish.then_some(1_i64));
                values.add(1_i64);
                values.add(now);
                values.add(published);
                values.add(revision);
            },
        )
        .run(connection, &new, |values, (record, slug)| {
            values.add(record.id.as_str());
            values.add(slug.as_str());
            values.add(record.organisation.as_str());
        })
        .await
        .map_err(|e| self.fail(e))?;
        Ok(new.into_iter().map(|(record, _)| record).collect())
    }

    async fn update_records<'p>(
        &self,
        connection: &mut Connection,
        plan: &'p ImportPlan,
        options: ApplyOptions<'_>,
        revision: i64,
    ) -> Result<Vec<Written<'p>>> {
        let rows: Vec<_> = written(plan, Outcome::Updated).collect();
        let mut updated = Vec::with_capacity(rows.len());
        for chunk in rows.chunks(LIST) {
            let known = Sql::new(
                "SELECT id, version, organisation_id FROM use_case \
                 WHERE status <> 'withdrawn' AND id IN ",
            )
            .list(chunk.iter().map(|(_, id, _)| id.to_string()))
            .all(&mut *connection)
            .await
            .map_err(|e| self.fail(e))?;
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
                        .execute(&mut *connection)
                        .await
                        .map_err(|e| self.fail(e))?;
                }
                updated.push(Written {
                    row,
                    id: id.to_string(),
                    number: version + 1,
                    organisation: organisation.to_string(),
                });
            }
            self.advance(connection, chunk.iter().map(|(_, id, _)| *id), options, revision)
                .await?;
        }
        Ok(updated)
    }

    /// Points records to the revision that this import adds. An archived record stays archived: an import
    /// does not undo what a person decided.
    async fn advance(
        &self,
        connection: &mut Connection,
        ids: impl Iterator<Item = UseCaseId>,
        options: ApplyOptions<'_>,
        revision: i64,
    ) -> Result<()> {
        let sql = if options.publish {
            Sql::new(
                "UPDATE use_case SET version = version + 1, imported_number = version + 1, \
                 published_number = version + 1, \
                 status = CASE WHEN status = 'archived' THEN 'archived' ELSE 'published' END, \
                 first_published_at = COALESCE(first_published_at, ",
            )
            .bind(options.now.as_millisecond())
            .push("), changed_in = ")
        } else {
            Sql::new(
                "UPDATE use_case SET version = version + 1, imported_number = version + 1, \
                 status = CASE WHEN published_number IS NULL THEN 'submitted' ELSE status END, changed_in = ",
            )
        };
        sql.bind(revision)
            .push(" WHERE id IN ")
            .list(ids.map(|id| id.to_string()))
            .execute(connection)
            .await
            .map(|_| ())
            .map_err(|e| self.fail(e))
    }

    async fn write_revisions(
        &self,
        connection: &mut Connection,
        written: &[Written<'_>],
        options: ApplyOptions<'_>,
    ) -> Result<()> {
        let status = status(options).code();
        let now = options.now.as_millisecond();
        let import = options.import.to_string();
        BulkInsert::new(
            self.dialect(),
            "revision",
            REVISION_COLUMNS,
            REVISION_CONSTANTS,
            |values| {
                values.add(status);
                values.add(REASON);
                values.add(options.actor);
                values.add(now);
                values.add(options.publish.then_some(now));
            },
        )
        .run(connection, written, |values, record| {
            values.add(record.id.as_str());
            values.add(record.number);
            values.add(content_text(&record.row.content));
            values.add(i64::from(record.row.completeness));
        })
        .await
        .map_err(|e| self.fail(e))?;
        BulkInsert::new(
            self.dialect(),
            "provenance",
            PROVENANCE_COLUMNS,
            PROVENANCE_CONSTANTS,
            |values| {
                values.add(import.as_str());
            },
        )
        .run(connection, written, |values, record| {
            values.add(record.id.as_str());
            values.add(record.number);
            values.add(i64::try_from(record.row.row).unwrap_or(i64::MAX));
            values.add(record.row.key.as_str());
            values.add(record.row.source_hash.as_str());
        })
        .await
        .map_err(|e| self.fail(e))?;
        let mut rows: Vec<(i64, &str)> = written
            .iter()
            .map(|record| {
                let number = i64::try_from(record.row.row).unwrap_or(i64::MAX);
                (number, record.row.raw_row.as_str())
            })
            .collect();
        rows.sort_unstable();
        self.keep_rows(connection, &import, &rows).await
    }
}

/// The rows of one outcome that name their record and their carrier.
fn written(
    plan: &ImportPlan,
    outcome: Outcome,
) -> impl Iterator<Item = (&PlannedRow, UseCaseId, OrganisationId)> {
    plan.rows
        .iter()
        .filter(move |row| row.outcome == outcome)
        .filter_map(|row| Some((row, row.record?, row.organisation?)))
}

/// The address part of a new record; two that fall together in one import are told apart by a number.
fn free_slug(taken: &mut HashSet<String>, plain: String) -> String {
    let mut slug = plain.clone();
    let mut number = 2_u32;
    while !taken.insert(slug.clone()) {
        slug = format!("{plain}-{number}");
        number += 1;
    }
    slug
}

fn status(options: ApplyOptions<'_>) -> WorkflowStatus {
    if options.publish {
        WorkflowStatus::Published
    } else {
        WorkflowStatus::Submitted
    }
}

/// Everything but the identifier, in the order of [`ORGANISATION_COLUMNS`].
pub(crate) fn bind_organisation(values: &mut crate::sql::Values, organisation: &Organisation) {
    values.add(organisation.slug.as_str());
    values.add(organisation.name.as_str());
    values.add(fold_key(&organisation.name));
    values.add(json_list(&organisation.aliases));
    values.add(organisation.siret.as_deref());
    values.add(organisation.siren.as_deref());
    values.add(organisation.kind.as_deref());
    values.add(organisation.latitude);
    values.add(organisation.longitude);
    values.add(organisation.departement.as_deref());
    values.add(organisation.region.as_deref());
    values.add(organisation.population.map(i64::from));
    values.add(organisation.status.code());
}

fn existing_record(
    cells: &mut Cells<'_>,
    carriers: &HashMap<OrganisationId, &Organisation>,
) -> Result<ExistingRecord> {
    let id = cells.use_case_id()?;
    let organisation = cells.organisation_id()?;
    let key = cells.text_or_null()?;
    let newest: Content = content(id, cells.text()?)?;
    let source = cells.text_or_null()?;
    let source_hash = cells.text_or_null()?;
    let imported = cells.text_or_null()?;
    let imported = match (source, source_hash) {
        (Some(source), Some(source_hash)) => Some(ImportedState {
            source,
            source_hash,
            content: match imported {
                Some(text) => content(id, &text)?,
                None => newest.clone(),
            },
        }),
        _ => None,
    };
    Ok(ExistingRecord {
        id,
        organisation,
        // A record that no import brought is recognised by what it says now.
        natural_key: key.unwrap_or_else(|| {
            carriers
                .get(&organisation)
                .map_or_else(String::new, |carrier| natural_key(carrier, newest.title()))
        }),
        content: newest,
        imported,
    })
}
