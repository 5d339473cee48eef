//! "Nous l’utilisons aussi": what an organisation declares about the record of another.
//!
//! Declarations are part of the public page, so each one takes a catalogue revision.

use jiff::Timestamp;
use sobria_catalogue::id::{OrganisationId, UseCaseId, UserId};

use crate::connection::Connection;
use crate::error::{Result, StoreError};
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::{Store, retry};

/// An organisation that uses what a record describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Its address part.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// When it was declared.
    pub declared_at: Timestamp,
}

/// What a person declared in the name of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredUse {
    /// The record.
    pub use_case: UseCaseId,
    /// Name of the organisation.
    pub organisation: String,
    /// When.
    pub declared_at: Timestamp,
}

/// How much records are used by others than their carriers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reuse {
    /// Declarations.
    pub declarations: u64,
    /// Records that they are about.
    pub records: u64,
}

impl Store {
    /// Declares that an organisation uses what a published record of another one describes. Declared twice, it
    /// keeps its first date.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when no such record is published, or the organisation carries it.
    pub async fn declare_use(
        &self,
        use_case: UseCaseId,
        organisation: OrganisationId,
        by: UserId,
        now: Timestamp,
    ) -> Result<()> {
        retry(|| self.declare_use_once(use_case, organisation, by, now)).await
    }

    /// Takes a declaration back. One that is not there changes nothing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn withdraw_use(
        &self,
        use_case: UseCaseId,
        organisation: OrganisationId,
        by: UserId,
        now: Timestamp,
    ) -> Result<()> {
        retry(|| self.withdraw_use_once(use_case, organisation, by, now)).await
    }

    /// The organisations that use what a record describes, the first to say so first. A record may
    /// change hands: its present carrier is left out.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn adoptions_of(&self, use_case: UseCaseId) -> Result<Vec<Adoption>> {
        Sql::new(
            "SELECT o.id, o.slug, o.name, a.declared_at FROM adoption a \
             JOIN organisation o ON o.id = a.organisation_id JOIN use_case u ON u.id = a.use_case_id \
             WHERE a.use_case_id = $1 AND u.organisation_id <> o.id ORDER BY a.declared_at, o.id",
        )
        .value(use_case.to_string())
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?
        .iter()
        .map(|row| {
            let mut cells = Cells::new(row);
            Ok(Adoption {
                organisation: cells.organisation_id()?,
                slug: cells.owned()?,
                name: cells.owned()?,
                declared_at: cells.time()?,
            })
        })
        .collect()
    }

    /// How much the records that may be read are used by others than their carriers.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn reuse(&self) -> Result<Reuse> {
        let row = Sql::new(
            "SELECT COUNT(*), COUNT(DISTINCT a.use_case_id) FROM adoption a \
             JOIN use_case u ON u.id = a.use_case_id \
             WHERE u.organisation_id <> a.organisation_id AND u.status IN ('published', 'archived')",
        )
        .first(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        let Some(row) = row else {
            return Ok(Reuse::default());
        };
        let mut cells = Cells::new(&row);
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        Ok(Reuse {
            declarations: count(cells.number()?),
            records: count(cells.number()?),
        })
    }

    /// What a person declared, newest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn uses_declared_by(&self, account: UserId) -> Result<Vec<DeclaredUse>> {
        Sql::new(
            "SELECT a.use_case_id, o.name, a.declared_at FROM adoption a \
             JOIN organisation o ON o.id = a.organisation_id WHERE a.account_id = $1 \
             ORDER BY a.declared_at DESC, a.use_case_id, o.id",
        )
        .value(account.to_string())
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?
        .iter()
        .map(|row| {
            let mut cells = Cells::new(row);
            Ok(DeclaredUse {
                use_case: cells.use_case_id()?,
                organisation: cells.owned()?,
                declared_at: cells.time()?,
            })
        })
        .collect()
    }

    /// Gives the declarations of an organisation to the one that it becomes, which does not declare the use of
    /// its own records.
    pub(crate) async fn move_adoptions(
        &self,
        connection: &mut Connection,
        from: OrganisationId,
        into: OrganisationId,
    ) -> Result<()> {
        Sql::new(
            "INSERT INTO adoption (use_case_id, organisation_id, account_id, declared_at) \
             SELECT use_case_id, $1, account_id, declared_at FROM adoption WHERE organisation_id = $2 \
             ON CONFLICT (use_case_id, organisation_id) DO NOTHING",
        )
        .value(into.to_string())
        .value(from.to_string())
        .execute(&mut *connection)
        .await
        .map_err(|e| self.fail(e))?;
        Sql::new(
            "DELETE FROM adoption WHERE organisation_id = $1 OR (organisation_id = $2 AND use_case_id IN \
             (SELECT id FROM use_case WHERE organisation_id = $2))",
        )
        .value(from.to_string())
        .value(into.to_string())
        .execute(connection)
        .await
        .map(|_| ())
        .map_err(|e| self.fail(e))
    }

    async fn declare_use_once(
        &self,
        use_case: UseCaseId,
        organisation: OrganisationId,
        by: UserId,
        now: Timestamp,
    ) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        let revision = self.next_revision(&mut transaction).await?;
        let touched = Sql::new(
            "UPDATE use_case SET changed_in = $1 WHERE id = $2 AND status = 'published' AND organisation_id <> $3",
        )
        .value(revision)
        .value(use_case.to_string())
        .value(organisation.to_string())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        if touched == 0 {
            return Err(StoreError::NotFound {
                what: format!("published record of another organisation {use_case}"),
            });
        }
        let added = Sql::new(
            "INSERT INTO adoption (use_case_id, organisation_id, account_id, declared_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (use_case_id, organisation_id) DO NOTHING",
        )
        .value(use_case.to_string())
        .value(organisation.to_string())
        .value(by.to_string())
        .value(now.as_millisecond())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        if added == 0 {
            return Ok(());
        }
        self.audit(
            &mut transaction,
            revision,
            now,
            &by.to_string(),
            "declare-use",
            &use_case.to_string(),
            &organisation.to_string(),
        )
        .await?;
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    async fn withdraw_use_once(
        &self,
        use_case: UseCaseId,
        organisation: OrganisationId,
        by: UserId,
        now: Timestamp,
    ) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        let revision = self.next_revision(&mut transaction).await?;
        let removed = Sql::new("DELETE FROM adoption WHERE use_case_id = $1 AND organisation_id = $2")
            .value(use_case.to_string())
            .value(organisation.to_string())
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        if removed == 0 {
            return Ok(());
        }
        self.mark_changed(&mut transaction, &use_case.to_string(), revision)
            .await?;
        self.audit(
            &mut transaction,
            revision,
            now,
            &by.to_string(),
            "withdraw-use",
            &use_case.to_string(),
            &organisation.to_string(),
        )
        .await?;
        transaction.commit().await.map_err(|e| self.fail(e))
    }
}
