//! Background jobs: which server takes which, when, and what came of it.

use jiff::{SignedDuration, Timestamp};

use crate::error::Result;
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::Store;

/// One time that a job ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRun {
    /// Identifier.
    pub id: String,
    /// Which job.
    pub name: String,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub took: SignedDuration,
    /// Whether it came to its end.
    pub done: bool,
    /// What it did, as a JSON object of counts.
    pub counts: String,
    /// Why it stopped; blank when it did not.
    pub error: String,
}

const SELECT: &str = "SELECT j.id, j.name, j.started_at, j.took_ms, j.done, j.counts, j.error FROM job_run j";

impl Store {
    /// Takes a recurring task for this server: `true` for one of them, once in each period. One that was taken more than a
    /// period in the future was taken by a clock that was wrong, and is due.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn take_task(&self, name: &str, period: SignedDuration, now: Timestamp) -> Result<bool> {
        let touched = Sql::new(
            "INSERT INTO task (name, ran_at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE \
             SET ran_at = excluded.ran_at WHERE task.ran_at <= $3 OR task.ran_at > $4",
        )
        .value(name)
        .value(now.as_millisecond())
        .value((now - period).as_millisecond())
        .value((now + period).as_millisecond())
        .execute(self.writer())
        .await
        .map_err(|e| self.fail(e))?;
        Ok(touched == 1)
    }

    /// When a recurring task was last taken.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn task_taken_at(&self, name: &str) -> Result<Option<Timestamp>> {
        Sql::new("SELECT ran_at FROM task WHERE name = $1")
            .value(name)
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .map(|row| Cells::new(&row).time())
            .transpose()
    }

    /// Makes a recurring task look as if it had last been taken at a time: it is due one period later.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn set_task(&self, name: &str, taken_at: Timestamp) -> Result<()> {
        Sql::new(
            "INSERT INTO task (name, ran_at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE \
             SET ran_at = excluded.ran_at",
        )
        .value(name)
        .value(taken_at.as_millisecond())
        .execute(self.writer())
        .await
        .map(|_| ())
        .map_err(|e| self.fail(e))
    }

    /// Keeps what came of a job.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn add_job_run(&self, run: &JobRun) -> Result<()> {
        Sql::new(
            "INSERT INTO job_run (id, name, started_at, took_ms, done, counts, error) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .value(run.id.as_str())
        .value(run.name.as_str())
        .value(run.started_at.as_millisecond())
        .value(i64::try_from(run.took.as_millis()).unwrap_or(i64::MAX))
        .value(i64::from(run.done))
        .value(run.counts.as_str())
        .value(run.error.as_str())
        .execute(self.writer())
        .await
        .map(|_| ())
        .map_err(|e| self.fail(e))
    }

    /// The newest runs, of one job when it is given.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn job_runs(&self, name: Option<&str>, limit: u32) -> Result<Vec<JobRun>> {
        let mut sql = Sql::new(SELECT);
        if let Some(name) = name {
            sql = sql.push(" WHERE j.name = ").bind(name);
        }
        sql.push(" ORDER BY j.started_at DESC, j.id DESC LIMIT ")
            .bind(i64::from(limit))
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| run(&mut Cells::new(row)))
            .collect()
    }

    /// Forgets runs that began before a time; returns how many.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn prune_job_runs(&self, before: Timestamp) -> Result<u64> {
        Sql::new("DELETE FROM job_run WHERE started_at < $1")
            .value(before.as_millisecond())
            .execute(self.writer())
            .await
            .map_err(|e| self.fail(e))
    }

    /// Takes away drafts that were never handed in and not changed since a time; returns how many.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn prune_drafts(&self, before: Timestamp) -> Result<u64> {
        let mut transaction = self.begin_write().await?;
        let mut gone = 0;
        // Their files first: they name the contribution.
        for purge in [
            "UPDATE attachment SET removal_id = NULL WHERE removal_id IN (SELECT c.id FROM contribution c \
             WHERE c.status = 'draft' AND c.submissions = 0 AND c.updated_at < $1)",
            "DELETE FROM attachment WHERE contribution_id IN (SELECT c.id FROM contribution c \
             WHERE c.status = 'draft' AND c.submissions = 0 AND c.updated_at < $1)",
            "DELETE FROM proposal WHERE contribution_id IN (SELECT c.id FROM contribution c \
             WHERE c.status = 'draft' AND c.submissions = 0 AND c.updated_at < $1)",
            "DELETE FROM contribution WHERE status = 'draft' AND submissions = 0 AND updated_at < $1",
        ] {
            gone = Sql::new(purge)
                .value(before.as_millisecond())
                .execute(&mut *transaction)
                .await
                .map_err(|e| self.fail(e))?;
        }
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(gone)
    }
}

fn run(cells: &mut Cells<'_>) -> Result<JobRun> {
    Ok(JobRun {
        id: cells.owned()?,
        name: cells.owned()?,
        started_at: cells.time()?,
        took: SignedDuration::from_millis(cells.number()?),
        done: cells.number()? == 1,
        counts: cells.owned()?,
        error: cells.owned()?,
    })
}
