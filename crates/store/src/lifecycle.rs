//! Taking records out of sight: archived ones keep their page, withdrawn ones leave nothing but an address.

use jiff::Timestamp;
use sobria_catalogue::id::UseCaseId;
use sobria_catalogue::workflow::{Withdrawal, WithdrawalClass};

use crate::error::{Result, StoreError};
use crate::sql::Sql;
use crate::store::{Store, retry};

/// Who decided something about a record, when and why.
#[derive(Debug, Clone, Copy)]
pub struct Decision<'a> {
    /// Who.
    pub actor: &'a str,
    /// Why, in words, for the audit trail.
    pub reason: &'a str,
    /// When.
    pub now: Timestamp,
}

impl Store {
    /// Takes a published record out of the default search; its page stays. Returns the catalogue revision.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when no published record has this identifier.
    pub async fn archive(&self, id: UseCaseId, decision: Decision<'_>) -> Result<i64> {
        retry(|| self.archive_once(id, decision)).await
    }

    /// Takes a record away for good: contents and imported rows are emptied, the address stays
    /// known as gone. Returns the catalogue revision.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when no record has this identifier, or it was withdrawn before.
    pub async fn withdraw(&self, id: UseCaseId, decision: Decision<'_>) -> Result<i64> {
        retry(|| self.withdraw_once(id, None, decision)).await
    }

    /// Takes a record away for good, as the workflow allowed: every revision, contribution and imported row is emptied,
    /// whether the record was public or not. Its address says why. Returns the catalogue revision.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when nothing has this identifier, or it was withdrawn before.
    pub async fn withdraw_record(&self, withdrawal: &Withdrawal) -> Result<i64> {
        let actor = withdrawal.actor.to_string();
        let decision = Decision {
            actor: &actor,
            reason: withdrawal.class.code(),
            now: withdrawal.at,
        };
        retry(|| self.withdraw_once(withdrawal.use_case, Some(withdrawal.class), decision)).await
    }

    /// Makes a former address lead to a record.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the address is in use, or the record is unknown.
    pub async fn redirect_slug(&self, former: &str, id: UseCaseId) -> Result<()> {
        Sql::new("INSERT INTO slug_redirect (slug, use_case_id) VALUES ($1, $2)")
            .value(former)
            .value(id.to_string())
            .execute(self.writer())
            .await
            .map(|_| ())
            .map_err(|e| self.fail(e))
    }

    async fn archive_once(&self, id: UseCaseId, decision: Decision<'_>) -> Result<i64> {
        let mut transaction = self.begin_write().await?;
        let revision = self.next_revision(&mut transaction).await?;
        let touched = Sql::new(
            "UPDATE use_case SET status = 'archived', changed_in = $1 WHERE id = $2 AND status = 'published'",
        )
        .value(revision)
        .value(id.to_string())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        if touched == 0 {
            return Err(unknown("published record", id));
        }
        self.audit(
            &mut transaction,
            revision,
            decision.now,
            decision.actor,
            "archive",
            &id.to_string(),
            decision.reason,
        )
        .await?;
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(revision)
    }

    async fn withdraw_once(
        &self,
        id: UseCaseId,
        class: Option<WithdrawalClass>,
        decision: Decision<'_>,
    ) -> Result<i64> {
        let mut transaction = self.begin_write().await?;
        let revision = self.next_revision(&mut transaction).await?;
        let touched = Sql::new(
            "UPDATE use_case SET status = 'withdrawn', last_reviewed_on = NULL, \
             withdrawal = $1, changed_in = $2 WHERE id = $3 AND status <> 'withdrawn'",
        )
        .value(class.map(WithdrawalClass::code))
        .value(revision)
        .value(id.to_string())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        let forgotten = self
            .forget_contributions(&mut transaction, id, decision.now)
            .await?;
        if touched + forgotten == 0 {
            return Err(unknown("record that can be withdrawn", id));
        }
        self.forget_rows(&mut transaction, id).await?;
        for purge in [
            "DELETE FROM measured_ratio WHERE measured_id IN (SELECT id FROM evaluation WHERE use_case_id = $1)",
            "DELETE FROM evaluation WHERE use_case_id = $1",
            "DELETE FROM assessment WHERE use_case_id = $1",
            "DELETE FROM link WHERE from_id = $1 OR to_id = $1",
            "DELETE FROM message WHERE use_case_id = $1",
            "DELETE FROM attachment WHERE use_case_id = $1",
            "DELETE FROM proposal WHERE use_case_id = $1",
            "DELETE FROM bookmark WHERE use_case_id = $1",
            "DELETE FROM folder_item WHERE use_case_id = $1",
            "DELETE FROM adoption WHERE use_case_id = $1",
            "UPDATE revision SET content = '{}', reason = '', completeness = 0 WHERE use_case_id = $1",
            "UPDATE provenance SET natural_key = '', source_hash = '' WHERE use_case_id = $1",
            "UPDATE audit SET detail = '' WHERE subject = $1",
        ] {
            Sql::new(purge)
                .value(id.to_string())
                .execute(&mut *transaction)
                .await
                .map_err(|e| self.fail(e))?;
        }
        self.audit(
            &mut transaction,
            revision,
            decision.now,
            decision.actor,
            "withdraw",
            &id.to_string(),
            decision.reason,
        )
        .await?;
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(revision)
    }
}

fn unknown(what: &str, id: UseCaseId) -> StoreError {
    StoreError::NotFound {
        what: format!("{what} {id}"),
    }
}
