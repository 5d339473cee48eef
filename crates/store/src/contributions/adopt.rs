//! Records that an import handed in, so that moderators find them in the same queue as what people write.

use jiff::Timestamp;
use sobria_catalogue::id::ContributionId;
use sobria_catalogue::workflow::imported;

use super::write::bind;
use crate::error::Result;
use crate::row::Cells;
use crate::sql::{Sql, Values};
use crate::store::{Store, retry};
use crate::use_cases::SELECT_NEWEST;

/// Records taken in at a time: a large import is spread over several readings of the queue.
const BATCH: u32 = 500;

/// Records handed in by an import that have no contribution yet, or an older one that nobody reads.
const WAITING: &str = " LEFT JOIN contribution c ON c.id = u.id \
    WHERE u.status = 'submitted' AND u.published_number IS NULL AND (c.id IS NULL OR (c.author_id IS NULL \
    AND c.imported_number < u.version AND c.status IN ('submitted', 'rejected')))";

impl Store {
    /// Brings records that imports handed in to the queue; says how many are left for the next call.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn adopt_imports(&self, now: Timestamp) -> Result<u64> {
        let waiting = self.waiting_imports().await?;
        if waiting > 0 {
            retry(|| self.adopt_batch(now)).await?;
        }
        self.release_published(now).await?;
        Ok(waiting.saturating_sub(u64::from(BATCH)))
    }

    async fn waiting_imports(&self) -> Result<u64> {
        self.number_of(Sql::new("SELECT COUNT(*) FROM use_case u").push(WAITING))
            .await
    }

    async fn number_of(&self, sql: Sql) -> Result<u64> {
        let row = sql.first(self.reader()).await.map_err(|e| self.fail(e))?;
        row.map_or(Ok(0), |row| {
            Ok(u64::try_from(Cells::new(&row).number()?).unwrap_or(0))
        })
    }

    async fn adopt_batch(&self, now: Timestamp) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        let rows = Sql::new(SELECT_NEWEST)
            .push(WAITING)
            .push(" ORDER BY u.id LIMIT ")
            .bind(i64::from(BATCH))
            .all(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        for row in &rows {
            let record = Cells::new(row).use_case()?;
            // The contribution takes the identifier of the record, so that two servers make the same one.
            let case = imported(&record, ContributionId::new(record.id.uuid()), now);
            let mut values = Values::default();
            values.add(case.id.to_string());
            values.add(case.use_case.to_string());
            values.add("");
            values.add(now.as_millisecond());
            bind(&mut values, &case);
            Sql::with_values(
                "INSERT INTO contribution (id, use_case_id, request_key, created_at, open_for, kind, author_id, \
                 organisation_id, new_organisation_id, base_number, status, form, title, theme, organisation_name, \
                 version, submissions, receipt, updated_at, first_submitted_at, submitted_at, claimed_by, claimed_at, \
                 decided_by, decided_at, decision_reason, decision_text, statement, appealed, imported_number) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, \
                 $21, $22, $23, $24, $25, $26, $27, $28, $29, $30) \
                 ON CONFLICT (id) DO UPDATE SET open_for = excluded.open_for, status = excluded.status, \
                 organisation_id = excluded.organisation_id, form = excluded.form, title = excluded.title, \
                 theme = excluded.theme, organisation_name = excluded.organisation_name, \
                 version = contribution.version + 1, updated_at = excluded.updated_at, \
                 submitted_at = excluded.submitted_at, imported_number = excluded.imported_number \
                 WHERE contribution.author_id IS NULL AND contribution.status IN ('submitted', 'rejected') \
                 AND contribution.imported_number < excluded.imported_number",
                values,
            )
            .value(i64::from(record.version))
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        }
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    /// Takes out of the queue the records that a later import published by itself.
    async fn release_published(&self, now: Timestamp) -> Result<()> {
        let left = Sql::new(
            "SELECT COUNT(*) FROM contribution WHERE author_id IS NULL AND open_for IS NOT NULL \
             AND use_case_id IN (SELECT u.id FROM use_case u WHERE u.published_number IS NOT NULL)",
        );
        // A reader of the queue does not wait for writers when there is nothing to write.
        if self.number_of(left).await? == 0 {
            return Ok(());
        }
        Sql::new(
            "UPDATE contribution SET status = 'published', open_for = NULL, claimed_by = NULL, claimed_at = NULL, \
             version = version + 1, updated_at = $1 WHERE author_id IS NULL AND open_for IS NOT NULL \
             AND use_case_id IN (SELECT u.id FROM use_case u WHERE u.published_number IS NOT NULL)",
        )
        .value(now.as_millisecond())
        .execute(self.writer())
        .await
        .map(|_| ())
        .map_err(|e| self.fail(e))
    }
}
