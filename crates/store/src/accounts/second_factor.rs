//! The second factor of accounts: its secret, the last step used, and what is left of the recovery codes.

use sobria_catalogue::id::UserId;

use super::{one, unknown};
use crate::error::{Result, StoreError};
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::Store;

/// The second factor of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// The shared secret, in base 32.
    pub secret: String,
    /// The last step whose code was used.
    pub last_step: Option<i64>,
    /// Digests of the recovery codes that are left.
    pub recovery: Vec<String>,
}

impl Store {
    /// The second factor of an open account, when it has one.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn second_factor(&self, id: UserId) -> Result<Option<SecondFactor>> {
        let row = Sql::new(
            "SELECT totp_secret, totp_step, recovery_codes FROM account WHERE status = 'active' AND id = $1",
        )
        .value(id.to_string())
        .first(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        let Some(row) = row else {
            return Ok(None);
        };
        let mut cells = Cells::new(&row);
        let (secret, last_step, codes) = (
            cells.text_or_null()?,
            cells.number_or_null()?,
            cells.text_or_null()?,
        );
        Ok(match secret {
            None => None,
            Some(secret) => Some(SecondFactor {
                secret,
                last_step,
                recovery: serde_json::from_str(codes.as_deref().unwrap_or("[]"))
                    .map_err(|source| StoreError::damaged(format!("account {id}"), source))?,
            }),
        })
    }

    /// Gives an account a second factor, or takes it away. Other sessions than `keep` are closed.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such open account.
    pub async fn set_second_factor(
        &self,
        id: UserId,
        factor: Option<&SecondFactor>,
        keep: Option<&str>,
    ) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        let touched = Sql::new(
            "UPDATE account SET totp_secret = $1, totp_step = $2, recovery_codes = $3 \
             WHERE id = $4 AND status = 'active'",
        )
        .value(factor.map(|factor| factor.secret.as_str()))
        .value(factor.and_then(|factor| factor.last_step))
        .value(factor.map(|factor| serde_json::json!(factor.recovery).to_string()))
        .value(id.to_string())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        one(touched, "account", id)?;
        self.close_sessions(&mut transaction, id, keep).await?;
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    /// Uses up a step, so that its code is good once: `false` when it was used meanwhile.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn use_step(&self, id: UserId, step: i64) -> Result<bool> {
        let touched = Sql::new(
            "UPDATE account SET totp_step = $1 WHERE id = $2 AND status = 'active' \
             AND (totp_step IS NULL OR totp_step < $1)",
        )
        .value(step)
        .value(id.to_string())
        .execute(self.writer())
        .await
        .map_err(|e| self.fail(e))?;
        Ok(touched == 1)
    }

    /// Keeps what is left of the recovery codes; `false` when another one was spent meanwhile.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn keep_recovery(&self, id: UserId, before: &[String], left: &[String]) -> Result<bool> {
        let touched =
            Sql::new("UPDATE account SET recovery_codes = $1 WHERE id = $2 AND recovery_codes = $3")
                .value(serde_json::json!(left).to_string())
                .value(id.to_string())
                .value(serde_json::json!(before).to_string())
                .execute(self.writer())
                .await
                .map_err(|e| self.fail(e))?;
        Ok(touched == 1)
    }

    /// The organisation of a SIREN.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn organisation_of_siren(
        &self,
        siren: &str,
    ) -> Result<Option<sobria_catalogue::id::OrganisationId>> {
        Sql::new("SELECT id FROM organisation WHERE siren = $1 ORDER BY id LIMIT 1")
            .value(siren)
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .map(|row| Cells::new(&row).organisation_id())
            .transpose()
    }

    /// The session of an identifier must still be half open: it is completed under a new cookie.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such session.
    pub async fn complete_half_open(&self, session: &str, secret_hash: &str) -> Result<()> {
        let touched =
            Sql::new("UPDATE session SET half_open = 0, secret_hash = $1 WHERE id = $2 AND half_open = 1")
                .value(secret_hash)
                .value(session)
                .execute(self.writer())
                .await
                .map_err(|e| self.fail(e))?;
        if touched == 1 {
            Ok(())
        } else {
            Err(unknown("half-open session", session))
        }
    }
}
