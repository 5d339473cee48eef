//! What concerns the catalogue as a whole: its revision, its counts.

use sobria_catalogue::use_case::WorkflowStatus;

use crate::connection::Connection;
use crate::error::{Result, StoreError};
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::Store;

/// How much the catalogue holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Published records.
    pub published: u64,
    /// Archived records.
    pub archived: u64,
    /// Records that were handed in and never published.
    pub submitted: u64,
    /// Withdrawn records.
    pub withdrawn: u64,
    /// Records in any other state: drafts, in review, rejected.
    pub other: u64,
    /// Organisations, those without a published record included.
    pub organisations: u64,
    /// Revisions of all records.
    pub revisions: u64,
}

impl Store {
    /// Number that grows with each change of the catalogue: equal means that nothing changed.
    ///
    /// # Errors
    /// When the database does not answer, or [`Store::migrate`] was never called.
    pub async fn catalogue_revision(&self) -> Result<i64> {
        let row = Sql::new("SELECT value FROM meta WHERE key = 'catalogue_revision'")
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        row.map_or(Ok(0), |row| Cells::new(&row).number())
    }

    /// Counts records by state, organisations and revisions.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn counts(&self) -> Result<Counts> {
        let rows = Sql::new(
            "SELECT status, COUNT(*) FROM use_case GROUP BY status \
             UNION ALL SELECT 'organisation', COUNT(*) FROM organisation \
             UNION ALL SELECT 'revision', COUNT(*) FROM revision",
        )
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        let mut counts = Counts::default();
        for row in &rows {
            let mut cells = Cells::new(row);
            let of = cells.text()?;
            let number = u64::try_from(cells.number()?).unwrap_or(0);
            match (of, WorkflowStatus::from_code(of)) {
                ("organisation", _) => counts.organisations = number,
                ("revision", _) => counts.revisions = number,
                (_, Some(WorkflowStatus::Published)) => counts.published = number,
                (_, Some(WorkflowStatus::Archived)) => counts.archived = number,
                (_, Some(WorkflowStatus::Submitted)) => counts.submitted = number,
                (_, Some(WorkflowStatus::Withdrawn)) => counts.withdrawn = number,
                _ => counts.other += number,
            }
        }
        Ok(counts)
    }

    /// Takes the next catalogue revision. The row stays locked until the transaction ends, so writers follow
    /// one another and revisions are committed in order.
    pub(crate) async fn next_revision(&self, connection: &mut Connection) -> Result<i64> {
        let row =
            Sql::new("UPDATE meta SET value = value + 1 WHERE key = 'catalogue_revision' RETURNING value")
                .first(connection)
                .await
                .map_err(|e| self.fail(e))?;
        match row {
            Some(row) => Cells::new(&row).number(),
            None => Err(StoreError::damaged("meta", "the catalogue revision is missing")),
        }
    }

    /// Marks a record as changed at a catalogue revision, so that what is kept of it is made again.
    pub(crate) async fn mark_changed(
        &self,
        connection: &mut Connection,
        use_case: &str,
        revision: i64,
    ) -> Result<()> {
        Sql::new("UPDATE use_case SET changed_in = $1 WHERE id = $2")
            .value(revision)
            .value(use_case)
            .execute(connection)
            .await
            .map(|_| ())
            .map_err(|e| self.fail(e))
    }

    /// Marks every record of a carrier as changed.
    pub(crate) async fn mark_changed_of_carrier(
        &self,
        connection: &mut Connection,
        carrier: &str,
        revision: i64,
    ) -> Result<()> {
        Sql::new("UPDATE use_case SET changed_in = $1 WHERE organisation_id = $2")
            .value(revision)
            .value(carrier)
            .execute(connection)
            .await
            .map(|_| ())
            .map_err(|e| self.fail(e))
    }
}
