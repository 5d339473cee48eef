//! What organisations may publish without waiting for a moderator.

use jiff::Timestamp;
use sobria_catalogue::id::{OrganisationId, UserId};
use sobria_catalogue::workflow::Trust;

use crate::audit::AuditEntry;
use crate::error::Result;
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::Store;

impl Store {
    /// What an organisation may publish without waiting for a moderator.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn trust_of(&self, organisation: OrganisationId) -> Result<Trust> {
        let row = Sql::new("SELECT trust FROM organisation_trust WHERE organisation_id = $1")
            .value(organisation.to_string())
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        // An unknown code grants nothing.
        Ok(match row {
            Some(row) => Trust::from_code(Cells::new(&row).text()?).unwrap_or(Trust::None),
            None => Trust::None,
        })
    }

    /// Says what an organisation may publish without waiting for a moderator.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] when there is no such organisation.
    pub async fn set_trust(
        &self,
        organisation: OrganisationId,
        trust: Trust,
        by: UserId,
        now: Timestamp,
    ) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        Sql::new(
            "INSERT INTO organisation_trust (organisation_id, trust, set_by, set_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (organisation_id) DO UPDATE SET trust = excluded.trust, set_by = excluded.set_by, \
             set_at = excluded.set_at",
        )
        .value(organisation.to_string())
        .value(trust.code())
        .value(by.to_string())
        .value(now.as_millisecond())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        let entry = AuditEntry {
            at: now,
            actor: &by.to_string(),
            action: "set-trust",
            subject: &organisation.to_string(),
            detail: trust.code(),
        };
        self.chain(&mut transaction, None, entry).await?;
        transaction.commit().await.map_err(|e| self.fail(e))
    }
}
