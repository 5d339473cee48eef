//! What was measured over what had been estimated. A ratio is read by those who may read both evaluations.

use sobria_catalogue::access::Level;
use sobria_catalogue::evaluation::{MeasuredRatio, Perimeter, Reach};
use sobria_catalogue::id::{EvaluationId, UseCaseId};

use crate::connection::Connection;
use crate::error::{Result, StoreError};
use crate::evaluations::readable;
use crate::lifecycle::Decision;
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::{Store, retry};
use crate::use_cases::LIST;

impl Store {
    /// Keeps a ratio, in the place of an older one between the same two. Returns the catalogue revision.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when one of the two was taken back, or they are not of one record.
    pub async fn keep_ratio(&self, ratio: &MeasuredRatio, decision: Decision<'_>) -> Result<i64> {
        retry(|| self.keep_ratio_once(ratio, decision)).await
    }

    /// Forgets a ratio. Returns the catalogue revision.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none between these two.
    pub async fn forget_ratio(
        &self,
        measured: EvaluationId,
        estimated: EvaluationId,
        decision: Decision<'_>,
    ) -> Result<i64> {
        retry(|| self.forget_ratio_once(measured, estimated, decision)).await
    }

    /// Every ratio that a reader may read, newest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn ratios(&self, level: Level) -> Result<Vec<MeasuredRatio>> {
        self.read_ratios(both_readable(level)).await
    }

    /// The ratios of records that a reader may read, newest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn ratios_of(&self, ids: &[UseCaseId], level: Level) -> Result<Vec<MeasuredRatio>> {
        let mut found = Vec::new();
        for chunk in ids.chunks(LIST) {
            let statement = both_readable(level)
                .push(" AND e.use_case_id IN ")
                .list(chunk.iter().map(ToString::to_string));
            found.extend(self.read_ratios(statement).await?);
        }
        Ok(found)
    }

    async fn read_ratios(&self, statement: Sql) -> Result<Vec<MeasuredRatio>> {
        let rows = statement.all(self.reader()).await.map_err(|e| self.fail(e))?;
        let mut found = rows
            .iter()
            .map(|row| Cells::new(row).ratio())
            .collect::<Result<Vec<_>>>()?;
        found.sort_by_key(|one| std::cmp::Reverse((one.kept_at, one.measured.uuid(), one.estimated.uuid())));
        Ok(found)
    }

    async fn keep_ratio_once(&self, ratio: &MeasuredRatio, decision: Decision<'_>) -> Result<i64> {
        let mut transaction = self.begin_write().await?;
        let revision = self.next_revision(&mut transaction).await?;
        let (measured, estimated) = (ratio.measured.to_string(), ratio.estimated.to_string());
        let together = Sql::new(
            "SELECT e.use_case_id FROM evaluation e JOIN evaluation o ON o.use_case_id = e.use_case_id \
             WHERE e.id = $1 AND o.id = $2 AND e.id <> o.id AND e.withdrawn = 0 AND o.withdrawn = 0",
        )
        .value(measured.as_str())
        .value(estimated.as_str())
        .first(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        let Some(row) = together else {
            return Err(StoreError::NotFound {
                what: format!("two evaluations of one record {measured} {estimated}"),
            });
        };
        let record = Cells::new(&row).owned()?;
        Sql::new("DELETE FROM measured_ratio WHERE measured_id = $1 AND estimated_id = $2")
            .value(measured.as_str())
            .value(estimated.as_str())
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        Sql::new(
            "INSERT INTO measured_ratio (measured_id, estimated_id, ratio_low, ratio, ratio_high, kept_at, \
             perimeter) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .value(measured.as_str())
        .value(estimated.as_str())
        .value(Some(ratio.low))
        .value(Some(ratio.central))
        .value(Some(ratio.high))
        .value(ratio.kept_at.as_millisecond())
        .value(ratio.perimeter.code())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        self.tell(
            &mut transaction,
            revision,
            &record,
            "keep-ratio",
            &measured,
            decision,
        )
        .await?;
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(revision)
    }

    async fn forget_ratio_once(
        &self,
        measured: EvaluationId,
        estimated: EvaluationId,
        decision: Decision<'_>,
    ) -> Result<i64> {
        let mut transaction = self.begin_write().await?;
        let revision = self.next_revision(&mut transaction).await?;
        let measured = measured.to_string();
        let row = Sql::new(
            "DELETE FROM measured_ratio WHERE measured_id = $1 AND estimated_id = $2 RETURNING \
             (SELECT use_case_id FROM evaluation WHERE id = measured_id)",
        )
        .value(measured.as_str())
        .value(estimated.to_string())
        .first(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        let Some(row) = row else {
            return Err(StoreError::NotFound {
                what: format!("ratio between {measured} and {estimated}"),
            });
        };
        let record = Cells::new(&row).owned()?;
        self.tell(
            &mut transaction,
            revision,
            &record,
            "forget-ratio",
            &measured,
            decision,
        )
        .await?;
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(revision)
    }

    /// Marks the record as changed, and writes the audit line.
    async fn tell(
        &self,
        connection: &mut Connection,
        revision: i64,
        record: &str,
        action: &str,
        subject: &str,
        decision: Decision<'_>,
    ) -> Result<()> {
        self.mark_changed(&mut *connection, record, revision).await?;
        self.audit(
            connection,
            revision,
            decision.now,
            decision.actor,
            action,
            subject,
            decision.reason,
        )
        .await
    }
}

/// Ratios of which the reader may read both figures.
fn both_readable(level: Level) -> Sql {
    readable(
        "SELECT e.use_case_id, r.measured_id, r.estimated_id, r.ratio_low, r.ratio, r.ratio_high, r.kept_at, \
         r.perimeter FROM measured_ratio r JOIN evaluation e ON e.id = r.measured_id \
         JOIN evaluation o ON o.id = r.estimated_id JOIN use_case u ON u.id = e.use_case_id",
        level,
    )
    .push(" AND o.withdrawn = 0 AND o.visibility IN ")
    .list(Reach::open_to(level).iter().map(|reach| reach.code()))
}

impl Cells<'_> {
    fn ratio(&mut self) -> Result<MeasuredRatio> {
        let use_case = self.use_case_id()?;
        let measured = self.evaluation_id()?;
        let estimated = self.evaluation_id()?;
        Ok(MeasuredRatio {
            use_case,
            measured,
            estimated,
            low: self.real()?,
            central: self.real()?,
            high: self.real()?,
            kept_at: self.time()?,
            perimeter: {
                let code = self.text()?;
                Perimeter::from_code(code).ok_or_else(|| {
                    StoreError::damaged(
                        "measured_ratio.perimeter",
                        format!("unknown perimeter \"{code}\""),
                    )
                })?
            },
        })
    }
}
