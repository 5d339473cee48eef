//! What is known of a person, and its erasure.

use jiff::Timestamp;
use sobria_catalogue::account::{Account, Consent, Person};
use sobria_catalogue::id::UserId;

use super::one;
use crate::error::Result;
use crate::sql::Sql;
use crate::store::Store;

/// Everything kept about a person in the tables of accounts.
#[derive(Debug, Clone, PartialEq)]
pub struct Traces {
    /// The account and its organisations.
    pub person: Person,
    /// What was agreed to and taken back.
    pub consents: Vec<Consent>,
}

impl Store {
    /// Everything kept about a person in the tables of accounts.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn traces_of(&self, id: UserId) -> Result<Option<Traces>> {
        let Some(person) = self.person(id).await? else {
            return Ok(None);
        };
        Ok(Some(Traces {
            person,
            consents: self.consents_of(id).await?,
        }))
    }

    /// Open accounts that nobody signed in with since a time, administrators apart: those that were not warned yet,
    /// or those that were warned before `warned_before`.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn inactive_accounts(
        &self,
        since: Timestamp,
        warned_before: Option<Timestamp>,
    ) -> Result<Vec<Account>> {
        let sql = Sql::new(super::SELECT)
            .push(
                " WHERE a.status <> 'closed' AND a.role <> 'admin' AND COALESCE(a.last_signed_in_at, a.created_at) < ",
            )
            .bind(since.as_millisecond());
        let sql = match warned_before {
            None => sql.push(" AND a.warned_at IS NULL"),
            Some(before) => sql.push(" AND a.warned_at < ").bind(before.as_millisecond()),
        };
        let rows = sql
            .push(" ORDER BY a.created_at, a.id LIMIT 200")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        rows.iter().map(super::account).collect()
    }

    /// Notes that an account was warned of its erasure.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn note_warning(&self, id: UserId, now: Timestamp) -> Result<()> {
        Sql::new("UPDATE account SET warned_at = $1 WHERE id = $2")
            .value(now.as_millisecond())
            .value(id.to_string())
            .execute(self.writer())
            .await
            .map(|_| ())
            .map_err(|e| self.fail(e))
    }

    /// Closes an account: names, address, secrets, sessions, organisations, consents, lists and searches go; the
    /// identifier stays, so that what the person wrote reads "un agent". What the person declared in the name of an
    /// organisation stays, without its author.
    ///
    /// # Errors
    /// [`StoreError::NotFound`](crate::StoreError::NotFound) when there is no such open account,
    /// [`StoreError::Conflict`](crate::StoreError::Conflict) when it is the last administrator.
    pub async fn erase_account(&self, id: UserId) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        Sql::new("DELETE FROM mail WHERE recipient IN (SELECT email FROM account WHERE id = $1)")
            .value(id.to_string())
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        self.keep_an_administrator(&mut transaction, id).await?;
        let touched = Sql::new(
            "UPDATE account SET email = $1, given_name = '', family_name = '', job_title = '', \
             organisation_name = '', role = 'pending', status = 'closed', password_hash = NULL, totp_secret = NULL, \
             totp_step = NULL, recovery_codes = NULL, last_signed_in_at = NULL WHERE id = $2 AND status <> 'closed'",
        )
        .value(format!("closed-{id}"))
        .value(id.to_string())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        one(touched, "account", id)?;
        for purge in [
            "DELETE FROM session WHERE account_id = $1",
            "DELETE FROM secret WHERE account_id = $1",
            "DELETE FROM account_identity WHERE account_id = $1",
            "DELETE FROM membership WHERE account_id = $1",
            "DELETE FROM consent WHERE account_id = $1",
            "DELETE FROM message WHERE sender_id = $1",
            "DELETE FROM bookmark WHERE account_id = $1",
            "DELETE FROM folder_item WHERE folder_id IN (SELECT id FROM folder WHERE account_id = $1)",
            "DELETE FROM folder WHERE account_id = $1",
            "DELETE FROM digest WHERE account_id = $1",
            "DELETE FROM saved_search WHERE account_id = $1",
            "UPDATE adoption SET account_id = NULL WHERE account_id = $1",
            "UPDATE assessment SET author_id = NULL WHERE author_id = $1",
            "UPDATE indicator_value SET author_id = NULL WHERE author_id = $1",
            "UPDATE committee_review SET author_id = NULL WHERE author_id = $1",
            "UPDATE training_session SET author_id = NULL WHERE author_id = $1",
            "UPDATE appointment SET author_id = NULL WHERE author_id = $1",
            // What was handed in belongs to the file of the organisation; a draft frees its seat.
            "DELETE FROM purchase_evaluation WHERE account_id = $1 AND submitted_at IS NULL AND seat < 3",
            "UPDATE purchase_evaluation SET account_id = NULL WHERE account_id = $1",
            "UPDATE purchase_event SET account_id = NULL WHERE account_id = $1",
            "UPDATE purchase_deliverable SET account_id = NULL WHERE account_id = $1",
        ] {
            Sql::new(purge)
                .value(id.to_string())
                .execute(&mut *transaction)
                .await
                .map_err(|e| self.fail(e))?;
        }
        transaction.commit().await.map_err(|e| self.fail(e))
    }
}
