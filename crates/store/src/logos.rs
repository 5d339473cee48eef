//! Logos of organisations, and those that their members propose.

use jiff::Timestamp;
use sobria_catalogue::id::{OrganisationId, UserId};

use crate::audit::AuditEntry;
use crate::connection::Connection;
use crate::error::Result;
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::{Store, retry};

/// The logo of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// SHA-256 of its bytes, in hexadecimal.
    pub hash: String,
    /// Width and height, in pixels.
    pub size: (u32, u32),
    /// What it shows, for those who do not see it.
    pub alternative: String,
}

/// A logo that waits for a moderator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoProposal {
    /// Whose it would be.
    pub organisation: OrganisationId,
    /// The logo.
    pub logo: Logo,
    /// Who proposes it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// What became of a decision about a proposed logo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proposed {
    /// It is carried out.
    Decided,
    /// Somebody decided it, took it back or proposed another one meanwhile.
    Changed,
}

const SELECT_PROPOSAL: &str = "SELECT p.organisation_id, p.hash, p.width, p.height, p.alternative, p.added_by, p.added_at \
    FROM logo_proposal p";

impl Store {
    /// Gives an organisation its logo, or takes it off; readers see it with the next catalogue revision.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn set_logo(
        &self,
        organisation: OrganisationId,
        logo: Option<&Logo>,
        by: UserId,
        now: Timestamp,
    ) -> Result<i64> {
        retry(|| async {
            let mut transaction = self.begin_write().await?;
            let revision = self
                .set_logo_in(&mut transaction, organisation, logo, (by, now), by)
                .await?;
            transaction.commit().await.map_err(|e| self.fail(e))?;
            Ok(revision)
        })
        .await
    }

    async fn set_logo_in(
        &self,
        connection: &mut Connection,
        organisation: OrganisationId,
        logo: Option<&Logo>,
        (brought_by, now): (UserId, Timestamp),
        decided_by: UserId,
    ) -> Result<i64> {
        let revision = self.next_revision(&mut *connection).await?;
        Sql::new("DELETE FROM organisation_logo WHERE organisation_id = $1")
            .value(organisation.to_string())
            .execute(&mut *connection)
            .await
            .map_err(|e| self.fail(e))?;
        if let Some(logo) = logo {
            Sql::new(
                "INSERT INTO organisation_logo (organisation_id, hash, width, height, alternative, added_by, added_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .value(organisation.to_string())
            .logo(logo, brought_by, now)
            .execute(&mut *connection)
            .await
            .map_err(|e| self.fail(e))?;
        }
        self.audit(
            &mut *connection,
            revision,
            now,
            &decided_by.to_string(),
            if logo.is_some() { "logo-set" } else { "logo-remove" },
            &organisation.to_string(),
            logo.map_or("", |logo| logo.hash.as_str()),
        )
        .await?;
        Ok(revision)
    }

    /// The logo of an organisation.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn logo_of(&self, organisation: OrganisationId) -> Result<Option<Logo>> {
        Sql::new("SELECT hash, width, height, alternative FROM organisation_logo WHERE organisation_id = $1")
            .value(organisation.to_string())
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .map(|row| Cells::new(&row).logo())
            .transpose()
    }

    /// Keeps a logo that somebody proposes, in place of the one that waited.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn propose_logo(&self, proposal: &LogoProposal) -> Result<()> {
        retry(|| async {
            let mut transaction = self.begin_write().await?;
            Sql::new(
                "INSERT INTO logo_proposal (organisation_id, hash, width, height, alternative, added_by, added_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (organisation_id) DO UPDATE SET hash = excluded.hash, \
                 width = excluded.width, height = excluded.height, alternative = excluded.alternative, \
                 added_by = excluded.added_by, added_at = excluded.added_at",
            )
            .value(proposal.organisation.to_string())
            .logo(&proposal.logo, proposal.by, proposal.at)
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
            let line = AuditEntry {
                at: proposal.at,
                actor: &proposal.by.to_string(),
                action: "logo-propose",
                subject: &proposal.organisation.to_string(),
                detail: &proposal.logo.hash,
            };
            self.chain(&mut transaction, None, line).await?;
            transaction.commit().await.map_err(|e| self.fail(e))
        })
        .await
    }

    /// The logo that waits for an organisation.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn logo_proposal(&self, organisation: OrganisationId) -> Result<Option<LogoProposal>> {
        Sql::new(SELECT_PROPOSAL)
            .push(" WHERE p.organisation_id = ")
            .bind(organisation.to_string())
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .map(|row| Cells::new(&row).logo_proposal())
            .transpose()
    }

    /// Every logo that waits, the oldest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn logo_proposals(&self) -> Result<Vec<LogoProposal>> {
        Sql::new(SELECT_PROPOSAL)
            .push(" ORDER BY p.added_at, p.organisation_id")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| Cells::new(row).logo_proposal())
            .collect()
    }

    /// Carries out what was decided about a proposed logo, if it is still the one that was seen. Whoever takes back what
    /// waits refuses it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn decide_logo(
        &self,
        seen: &LogoProposal,
        accept: bool,
        by: UserId,
        now: Timestamp,
    ) -> Result<Proposed> {
        retry(|| async {
            let mut transaction = self.begin_write().await?;
            let taken = Sql::new(
                "DELETE FROM logo_proposal WHERE organisation_id = $1 AND hash = $2 AND alternative = $3 AND added_by = $4",
            )
            .value(seen.organisation.to_string())
            .value(seen.logo.hash.as_str())
            .value(seen.logo.alternative.as_str())
            .value(seen.by.to_string())
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
            if taken == 0 {
                return Ok(Proposed::Changed);
            }
            if accept {
                self.set_logo_in(
                    &mut transaction,
                    seen.organisation,
                    Some(&seen.logo),
                    (seen.by, now),
                    by,
                )
                .await?;
            } else {
                let line = AuditEntry {
                    at: now,
                    actor: &by.to_string(),
                    action: "logo-refuse",
                    subject: &seen.organisation.to_string(),
                    detail: &seen.logo.hash,
                };
                self.chain(&mut transaction, None, line).await?;
            }
            transaction.commit().await.map_err(|e| self.fail(e))?;
            Ok(Proposed::Decided)
        })
        .await
    }
}

impl Sql {
    /// The values of hash, width, height, alternative, added_by and added_at.
    fn logo(self, logo: &Logo, by: UserId, at: Timestamp) -> Self {
        self.value(logo.hash.as_str())
            .value(i64::from(logo.size.0))
            .value(i64::from(logo.size.1))
            .value(logo.alternative.as_str())
            .value(by.to_string())
            .value(at.as_millisecond())
    }
}

impl Cells<'_> {
    fn logo(&mut self) -> Result<Logo> {
        Ok(Logo {
            hash: self.owned()?,
            size: (self.version()?, self.version()?),
            alternative: self.owned()?,
        })
    }

    fn logo_proposal(&mut self) -> Result<LogoProposal> {
        Ok(LogoProposal {
            organisation: self.organisation_id()?,
            logo: self.logo()?,
            by: self.user_id()?,
            at: self.time()?,
        })
    }
}
