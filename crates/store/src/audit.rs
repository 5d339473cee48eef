//! The audit trail: who did what and when, as a chain that shows when a line was changed or taken out.

use jiff::Timestamp;
use sobria_catalogue::id::UserId;

use crate::check::Problem;
use crate::connection::Connection;
use crate::error::{Result, StoreError};
use crate::hash::{sha256, sha256_of};
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::Store;
use crate::use_cases::Interrupted;

/// A line of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// Its place in the chain; none for lines older than the chain.
    pub number: Option<i64>,
    /// When.
    pub at: Timestamp,
    /// Who: the identifier of an account, or the name of a command.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what: an identifier.
    pub subject: String,
    /// How; empty once purged.
    pub detail: String,
}

/// Something to keep in the audit trail.
#[derive(Debug, Clone, Copy)]
pub struct AuditEntry<'a> {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: &'a str,
    /// What was done.
    pub action: &'a str,
    /// To what.
    pub subject: &'a str,
    /// How. Free words belong where they can be purged, not here.
    pub detail: &'a str,
}

const SELECT: &str = "SELECT a.number, a.made_at, a.actor, a.action, a.subject, a.detail FROM audit a";

impl Store {
    /// Adds a line to the audit trail, for what no other table keeps.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn add_audit(&self, entry: AuditEntry<'_>) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        self.chain(&mut transaction, None, entry).await?;
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    /// Lines of the audit trail, newest first, from the one before `before`; those about `subject` when it is given.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn audit_lines(
        &self,
        subject: Option<&str>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditLine>> {
        let mut sql = Sql::new(SELECT)
            .push(" WHERE COALESCE(a.number, 0) < ")
            .bind(before.unwrap_or(i64::MAX));
        if let Some(subject) = subject {
            sql = sql.push(" AND a.subject = ").bind(subject);
        }
        sql.push(" ORDER BY COALESCE(a.number, 0) DESC, a.made_at DESC, a.id DESC LIMIT ")
            .bind(i64::from(limit))
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| line(&mut Cells::new(row)))
            .collect()
    }

    /// What one person did, newest first: for the export of their data.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn audit_lines_by(&self, actor: UserId) -> Result<Vec<AuditLine>> {
        Sql::new(SELECT)
            .push(" WHERE a.actor = ")
            .bind(actor.to_string())
            .push(" ORDER BY a.made_at DESC, a.id DESC")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| line(&mut Cells::new(row)))
            .collect()
    }

    /// Takes away the lines made before a time, from the oldest. The chain is checked from the first one that is left.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn prune_audit(&self, before: Timestamp) -> Result<u64> {
        let mut transaction = self.begin_write().await?;
        let last = self.lock_chain(&mut transaction, 0).await?;
        let kept = Sql::new("SELECT MIN(number) FROM audit WHERE number IS NOT NULL AND made_at >= $1")
            .value(before.as_millisecond())
            .first(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        let first = match kept {
            Some(row) => Cells::new(&row).number_or_null()?,
            None => None,
        }
        .unwrap_or(last + 1);
        let removed = Sql::new("DELETE FROM audit WHERE (number IS NOT NULL AND number < $1) OR (number IS NULL AND made_at < $2)")
            .value(first)
            .value(before.as_millisecond())
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        Sql::new("UPDATE meta SET value = $1 WHERE key = 'audit_first'")
            .value(first)
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(removed)
    }

    /// Adds a line that belongs to a change of the catalogue.
    pub(crate) async fn audit(
        &self,
        connection: &mut Connection,
        revision: i64,
        at: Timestamp,
        actor: &str,
        action: &str,
        subject: &str,
        detail: &str,
    ) -> Result<()> {
        let entry = AuditEntry {
            at,
            actor,
            action,
            subject,
            detail,
        };
        self.chain(connection, Some(revision), entry).await
    }

    /// Adds a line to the chain. Its number stays locked until the transaction ends, so writers follow one another;
    /// a transaction that also takes a catalogue revision takes that one first.
    pub(crate) async fn chain(
        &self,
        connection: &mut Connection,
        catalogue_revision: Option<i64>,
        entry: AuditEntry<'_>,
    ) -> Result<()> {
        let number = self.lock_chain(&mut *connection, 1).await?;
        let previous = Sql::new("SELECT hash FROM audit WHERE number = $1")
            .value(number - 1)
            .first(&mut *connection)
            .await
            .map_err(|e| self.fail(e))?
            .map_or(Ok(None), |row| Cells::new(&row).text_or_null())?
            .unwrap_or_default();
        let detail_hash = sha256(entry.detail.as_bytes());
        let made_at = entry.at.as_millisecond();
        let hash = link(
            &previous,
            number,
            made_at,
            [entry.actor, entry.action, entry.subject, &detail_hash],
            catalogue_revision,
        );
        Sql::new(
            "INSERT INTO audit (id, made_at, actor, action, subject, detail, number, catalogue_revision, detail_hash, \
             previous_hash, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .value(format!("{number:016}"))
        .value(made_at)
        .value(entry.actor)
        .value(entry.action)
        .value(entry.subject)
        .value(entry.detail)
        .value(number)
        .value(catalogue_revision)
        .value(detail_hash)
        .value(previous)
        .value(hash)
        .execute(connection)
        .await
        .map(|_| ())
        .map_err(|e| self.fail(e))
    }

    /// Lets one writer through at a time until the transaction ends, and takes so many numbers.
    pub(crate) async fn lock_chain(&self, connection: &mut Connection, step: i64) -> Result<i64> {
        let row = Sql::new("UPDATE meta SET value = value + $1 WHERE key = 'audit_number' RETURNING value")
            .value(step)
            .first(connection)
            .await
            .map_err(|e| self.fail(e))?;
        match row {
            Some(row) => Cells::new(&row).number(),
            None => Err(StoreError::damaged(
                "meta",
                "the number of the audit trail is missing",
            )),
        }
    }

    /// What is wrong with the chain: lines changed, taken out, put in or put elsewhere.
    pub(crate) async fn broken_chain(&self) -> Result<Vec<Problem>> {
        let mut snapshot = self.begin_read().await?;
        let mut bounds = [0_i64, 0];
        for (bound, key) in bounds.iter_mut().zip(["audit_first", "audit_number"]) {
            *bound = Sql::new("SELECT value FROM meta WHERE key = $1")
                .value(key)
                .first(&mut *snapshot)
                .await
                .map_err(|e| self.fail(e))?
                .map_or(Ok(0), |row| Cells::new(&row).number())?;
        }
        let [first, last] = bounds;
        let mut expected = first;
        let mut former: Option<String> = None;
        let mut problems = Vec::new();
        Sql::new(
            "SELECT number, made_at, actor, action, subject, detail, catalogue_revision, detail_hash, previous_hash, \
             hash FROM audit WHERE number IS NOT NULL ORDER BY number",
        )
        .each(&mut snapshot, |row| {
            let found = inspect(&mut Cells::new(&row), &mut expected, &mut former).map_err(Interrupted::Store)?;
            problems.extend(found.map(problem));
            Ok(())
        })
        .await
        .map_err(|e: Interrupted| e.into_store(self))?;
        if expected != last + 1 {
            problems.push(problem(format!(
                "the audit trail ends at line {}, not at line {last}",
                expected - 1
            )));
        }
        Ok(problems)
    }
}

fn problem(what: String) -> Problem {
    Problem { table: "audit", what }
}

/// Looks at one line of the chain; says what is wrong with it.
fn inspect(cells: &mut Cells<'_>, expected: &mut i64, former: &mut Option<String>) -> Result<Option<String>> {
    let number = cells.number()?;
    let made_at = cells.number()?;
    let (actor, action, subject, detail) = (cells.text()?, cells.text()?, cells.text()?, cells.text()?);
    let catalogue_revision = cells.number_or_null()?;
    let detail_hash = cells.text_or_null()?.unwrap_or_default();
    let previous = cells.text_or_null()?.unwrap_or_default();
    let hash = cells.text_or_null()?.unwrap_or_default();
    let wrong = if number != *expected {
        Some(format!(
            "line {expected} of the audit trail is missing: line {number} comes instead"
        ))
    } else if former.as_ref().is_some_and(|former| *former != previous) {
        Some(format!(
            "line {number} of the audit trail does not follow the one before"
        ))
    } else if !detail.is_empty() && sha256(detail.as_bytes()) != detail_hash {
        Some(format!(
            "the detail of line {number} of the audit trail was changed"
        ))
    } else if link(
        &previous,
        number,
        made_at,
        [actor, action, subject, &detail_hash],
        catalogue_revision,
    ) != hash
    {
        Some(format!("line {number} of the audit trail was changed"))
    } else {
        None
    };
    *expected = number + 1;
    *former = Some(hash);
    Ok(wrong)
}

/// The hash of a line: it covers the line before, so that none can be changed without changing all that follow.
fn link(
    previous: &str,
    number: i64,
    made_at: i64,
    texts: [&str; 4],
    catalogue_revision: Option<i64>,
) -> String {
    let numbers = [
        number.to_string(),
        made_at.to_string(),
        catalogue_revision.map_or_else(String::new, |revision| revision.to_string()),
    ];
    sha256_of(
        std::iter::once(previous)
            .chain(numbers.iter().map(String::as_str))
            .chain(texts),
    )
}

fn line(cells: &mut Cells<'_>) -> Result<AuditLine> {
    Ok(AuditLine {
        number: cells.number_or_null()?,
        at: cells.time()?,
        actor: cells.owned()?,
        action: cells.owned()?,
        subject: cells.owned()?,
        detail: cells.owned()?,
    })
}
