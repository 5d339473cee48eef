//! Imports: what the planner needs to know, and a whole plan written in one transaction.

mod write;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use sobria_catalogue::content::Content;
use sobria_catalogue::id::{ImportId, OrganisationId, UseCaseId};
use sobria_catalogue::import::{Existing, ExistingRecord, ImportPlan, ImportedState, Outcome, natural_key};
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::text::fold_key;

use crate::connection::Connection;
use crate::error::{Result, StoreError};
use crate::organisations::SELECT_ORGANISATION;
use crate::row::{Cells, content, json_list};
use crate::sql::Sql;
use crate::store::{Store, retry};
use crate::use_cases::Interrupted;

pub use self::write::{Committed, ImportWriter};

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
        let mut writer = self
            .begin_import(&plan.source, &plan.source_version, options)
            .await?;
        // A carrier all of whose rows were refused is not kept.
        let carrying: HashSet<OrganisationId> = plan.rows.iter().filter_map(|row| row.organisation).collect();
        let new: Vec<&Organisation> = plan
            .organisations
            .iter()
            .filter(|planned| planned.is_new && carrying.contains(&planned.organisation.id))
            .map(|planned| &planned.organisation)
            .collect();
        let changed: Vec<&Organisation> = plan
            .organisations
            .iter()
            .filter(|planned| planned.is_changed && !planned.is_new)
            .map(|planned| &planned.organisation)
            .collect();
        writer.write(&new, &plan.rows).await?;
        writer.complete_carriers(&changed).await?;
        writer.finish(&plan.summary()).await
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
