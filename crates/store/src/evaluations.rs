//! Footprints estimated for records. Each statement that reads is told for whom: [`readable`] is the one gate.

use std::collections::HashMap;

use sobria_catalogue::access::Level;
use sobria_catalogue::evaluation::{
    Amount, Evaluated, Evaluation, Figure, Footprint, Reach, Statistics, statistics,
};
use sobria_catalogue::id::{EvaluationId, UseCaseId};

use crate::error::{Result, StoreError};
use crate::lifecycle::Decision;
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::{Store, retry};
use crate::use_cases::LIST;

/// Read back by `Cells::evaluation`, in the same order.
const SELECT: &str = "SELECT e.id, e.use_case_id, e.title, e.visibility, e.requests_per_year, e.request, e.answer, \
    e.method, e.method_version, e.reference_version, e.grade, \
    e.energy_low_kwh, e.energy_kwh, e.energy_high_kwh, e.gwp_low_kg, e.gwp_kg, e.gwp_high_kg, \
    e.made_at, e.author FROM evaluation e JOIN use_case u ON u.id = e.use_case_id";

/// Ends a statement that reads `evaluation e JOIN use_case u`: what was taken back, what the reader may not read,
/// and what belongs to a record that may not be read, is left out.
pub(crate) fn readable(statement: &'static str, level: Level) -> Sql {
    Sql::new(statement)
        .push(" WHERE e.withdrawn = 0 AND u.status IN ('published', 'archived') AND e.visibility IN ")
        .list(Reach::open_to(level).iter().map(|reach| reach.code()))
}

/// What may become of an evaluation.
#[derive(Debug, Clone, Copy)]
enum Change {
    Withdraw,
    Open(Reach),
}

impl Store {
    /// Attaches an evaluation to a record. Returns the catalogue revision.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such record, or it was withdrawn.
    pub async fn add_evaluation(&self, evaluation: &Evaluation) -> Result<i64> {
        retry(|| self.add_evaluation_once(evaluation)).await
    }

    /// Takes an evaluation back: its request and answer are emptied. Returns the catalogue revision.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such evaluation, or it was taken back before.
    pub async fn withdraw_evaluation(&self, id: EvaluationId, decision: Decision<'_>) -> Result<i64> {
        retry(|| self.change_evaluation_once(id, Change::Withdraw, decision)).await
    }

    /// Says who may read an evaluation. Returns the catalogue revision.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such evaluation, or it was taken back.
    pub async fn open_evaluation(
        &self,
        id: EvaluationId,
        reach: Reach,
        decision: Decision<'_>,
    ) -> Result<i64> {
        retry(|| self.change_evaluation_once(id, Change::Open(reach), decision)).await
    }

    /// The evaluations of records that a reader may read, newest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn evaluations_of(&self, ids: &[UseCaseId], level: Level) -> Result<Vec<Evaluation>> {
        let mut found: Vec<Evaluation> = Vec::new();
        for chunk in ids.chunks(LIST) {
            let rows = readable(SELECT, level)
                .push(" AND e.use_case_id IN ")
                .list(chunk.iter().map(ToString::to_string))
                .all(self.reader())
                .await
                .map_err(|e| self.fail(e))?;
            for row in &rows {
                found.push(Cells::new(row).evaluation()?);
            }
        }
        newest_first(&mut found);
        Ok(found)
    }

    /// Every evaluation that a reader may read, newest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn evaluations(&self, level: Level) -> Result<Vec<Evaluation>> {
        let rows = readable(SELECT, level)
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        let mut found = rows
            .iter()
            .map(|row| Cells::new(row).evaluation())
            .collect::<Result<Vec<_>>>()?;
        newest_first(&mut found);
        Ok(found)
    }

    /// Greenhouse gases of a year, in kg CO₂e, of the newest evaluation of each record that a reader may read:
    /// what cards show, with the number of the others.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn footprints_of(
        &self,
        ids: &[UseCaseId],
        level: Level,
    ) -> Result<HashMap<UseCaseId, Footprint>> {
        let mut newest: HashMap<UseCaseId, ((i64, String), Footprint)> = HashMap::new();
        for chunk in ids.chunks(LIST) {
            let rows = readable(
                "SELECT e.use_case_id, e.made_at, e.id, e.gwp_low_kg, e.gwp_kg, e.gwp_high_kg \
                 FROM evaluation e JOIN use_case u ON u.id = e.use_case_id",
                level,
            )
            .push(" AND e.use_case_id IN ")
            .list(chunk.iter().map(ToString::to_string))
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
            for row in &rows {
                let mut cells = Cells::new(row);
                let id = cells.use_case_id()?;
                let order = (cells.number()?, cells.owned()?);
                let gwp_kg = cells.amount()?;
                match newest.get_mut(&id) {
                    None => {
                        newest.insert(id, (order, Footprint { gwp_kg, others: 0 }));
                    }
                    Some((present, footprint)) => {
                        footprint.others = footprint.others.saturating_add(1);
                        if order > *present {
                            *present = order;
                            footprint.gwp_kg = gwp_kg;
                        }
                    }
                }
            }
        }
        Ok(newest
            .into_iter()
            .map(|(id, (_, footprint))| (id, footprint))
            .collect())
    }

    /// How the footprints that everyone may read were found, for the records that have one.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn evaluated(&self) -> Result<HashMap<UseCaseId, Evaluated>> {
        let rows = readable(
            "SELECT e.use_case_id, e.method FROM evaluation e JOIN use_case u ON u.id = e.use_case_id",
            Level::Public,
        )
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        let mut found: HashMap<UseCaseId, Evaluated> = HashMap::new();
        for row in &rows {
            let mut cells = Cells::new(row);
            let id = cells.use_case_id()?;
            found.entry(id).or_default().add(&cells.owned()?);
        }
        Ok(found)
    }

    /// What the evaluations that a reader may read say together.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn evaluation_statistics(&self, level: Level) -> Result<Statistics> {
        let figures = readable(
            "SELECT e.use_case_id, e.gwp_kg, e.energy_kwh, e.grade \
             FROM evaluation e JOIN use_case u ON u.id = e.use_case_id",
            level,
        )
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?
        .iter()
        .map(|row| {
            let mut cells = Cells::new(row);
            Ok(Figure {
                use_case: cells.use_case_id()?,
                gwp_kg: cells.real()?,
                energy_kwh: cells.real()?,
                grade: cells.text_or_null()?,
            })
        })
        .collect::<Result<Vec<_>>>()?;
        Ok(statistics(&figures))
    }

    async fn add_evaluation_once(&self, evaluation: &Evaluation) -> Result<i64> {
        let mut transaction = self.begin_write().await?;
        let revision = self.next_revision(&mut transaction).await?;
        let id = evaluation.use_case.to_string();
        let touched = Sql::new("UPDATE use_case SET changed_in = $1 WHERE id = $2 AND status <> 'withdrawn'")
            .value(revision)
            .value(id.as_str())
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        if touched == 0 {
            return Err(StoreError::NotFound {
                what: format!("record that can be evaluated {id}"),
            });
        }
        let (energy, gwp) = (evaluation.energy_kwh, evaluation.gwp_kg);
        Sql::new(
            "INSERT INTO evaluation (id, use_case_id, title, visibility, requests_per_year, request, answer, \
             method, method_version, reference_version, grade, energy_low_kwh, energy_kwh, energy_high_kwh, \
             gwp_low_kg, gwp_kg, gwp_high_kg, made_at, author, withdrawn) VALUES \
             ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, 0)",
        )
        .value(evaluation.id.to_string())
        .value(id.as_str())
        .value(evaluation.title.as_str())
        .value(evaluation.reach.code())
        .value(i64::try_from(evaluation.requests_per_year).unwrap_or(i64::MAX))
        .value(evaluation.request.as_str())
        .value(evaluation.answer.as_str())
        .value(evaluation.method.as_str())
        .value(evaluation.method_version.as_str())
        .value(evaluation.reference_version.as_str())
        .value(evaluation.grade.as_deref())
        .value(Some(energy.low))
        .value(Some(energy.central))
        .value(Some(energy.high))
        .value(Some(gwp.low))
        .value(Some(gwp.central))
        .value(Some(gwp.high))
        .value(evaluation.made_at.as_millisecond())
        .value(evaluation.author.as_str())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        self.audit(
            &mut transaction,
            revision,
            evaluation.made_at,
            &evaluation.author,
            "add-evaluation",
            &id,
            &evaluation.id.to_string(),
        )
        .await?;
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(revision)
    }

    async fn change_evaluation_once(
        &self,
        id: EvaluationId,
        change: Change,
        decision: Decision<'_>,
    ) -> Result<i64> {
        let mut transaction = self.begin_write().await?;
        let revision = self.next_revision(&mut transaction).await?;
        let (statement, action) = match change {
            Change::Withdraw => (
                "UPDATE evaluation SET withdrawn = 1, title = '', request = '', answer = '' \
                 WHERE id = $1 AND withdrawn = 0 RETURNING use_case_id",
                "withdraw-evaluation",
            ),
            Change::Open(Reach::Public) => (
                "UPDATE evaluation SET visibility = 'public' WHERE id = $1 AND withdrawn = 0 RETURNING use_case_id",
                "publish-evaluation",
            ),
            Change::Open(Reach::Member) => (
                "UPDATE evaluation SET visibility = 'member' WHERE id = $1 AND withdrawn = 0 RETURNING use_case_id",
                "restrict-evaluation",
            ),
        };
        let row = Sql::new(statement)
            .value(id.to_string())
            .first(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        let Some(row) = row else {
            return Err(StoreError::NotFound {
                what: format!("evaluation that was not taken back {id}"),
            });
        };
        let record = Cells::new(&row).owned()?;
        if matches!(change, Change::Withdraw) {
            Sql::new("DELETE FROM measured_ratio WHERE measured_id = $1 OR estimated_id = $1")
                .value(id.to_string())
                .execute(&mut *transaction)
                .await
                .map_err(|e| self.fail(e))?;
        }
        self.mark_changed(&mut transaction, &record, revision).await?;
        self.audit(
            &mut transaction,
            revision,
            decision.now,
            decision.actor,
            action,
            &id.to_string(),
            decision.reason,
        )
        .await?;
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(revision)
    }
}

fn newest_first(evaluations: &mut [Evaluation]) {
    evaluations.sort_by_key(|one| std::cmp::Reverse((one.made_at, one.id.uuid())));
}

impl Cells<'_> {
    pub(crate) fn real(&mut self) -> Result<f64> {
        self.real_or_null()?
            .ok_or_else(|| StoreError::damaged("evaluation", "a figure is missing"))
    }

    fn amount(&mut self) -> Result<Amount> {
        Ok(Amount {
            low: self.real()?,
            central: self.real()?,
            high: self.real()?,
        })
    }

    pub(crate) fn evaluation_id(&mut self) -> Result<EvaluationId> {
        let id = self.text()?;
        id.parse()
            .map_err(|source: sobria_catalogue::id::InvalidId| StoreError::damaged("evaluation.id", source))
    }

    fn evaluation(&mut self) -> Result<Evaluation> {
        Ok(Evaluation {
            id: self.evaluation_id()?,
            use_case: self.use_case_id()?,
            title: self.owned()?,
            reach: {
                let code = self.text()?;
                Reach::from_code(code).ok_or_else(|| {
                    StoreError::damaged("evaluation.visibility", format!("unknown visibility \"{code}\""))
                })?
            },
            requests_per_year: u64::try_from(self.number()?)
                .map_err(|source| StoreError::damaged("evaluation.requests_per_year", source))?,
            request: self.owned()?,
            answer: self.owned()?,
            method: self.owned()?,
            method_version: self.owned()?,
            reference_version: self.owned()?,
            grade: self.text_or_null()?,
            energy_kwh: self.amount()?,
            gwp_kg: self.amount()?,
            made_at: self.time()?,
            author: self.owned()?,
        })
    }
}
