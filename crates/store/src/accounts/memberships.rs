//! For which organisations accounts contribute.

use jiff::Timestamp;
use sobria_catalogue::account::{Account, Membership, MembershipStatus};
use sobria_catalogue::id::{OrganisationId, UserId};
use sobria_catalogue::rights::Role;

use super::read_account;
use crate::error::{Result, StoreError};
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::Store;

/// A request that a moderator must decide.
#[derive(Debug, Clone, PartialEq)]
pub struct AskedMembership {
    /// Who asks.
    pub account: Account,
    /// For which organisation.
    pub membership: Membership,
}

impl Store {
    /// The organisations of an account, asked and refused ones included, by name.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn memberships_of(&self, id: UserId) -> Result<Vec<Membership>> {
        let rows = Sql::new(
            "SELECT m.organisation_id, o.name, o.slug, m.status, m.asked_at FROM membership m \
             JOIN organisation o ON o.id = m.organisation_id WHERE m.account_id = ",
        )
        .bind(id.to_string())
        .push(" ORDER BY o.name_key")
        .push(self.dialect().byte_order())
        .push(", o.id")
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        rows.iter().map(|row| membership(&mut Cells::new(row))).collect()
    }

    /// Asks to contribute for an organisation, or states what a rule decided. A refusal or a grant made by
    /// somebody stays.
    ///
    /// # Errors
    /// When the organisation or the account is unknown.
    pub async fn ask_membership(
        &self,
        id: UserId,
        organisation: OrganisationId,
        granted_by: Option<&str>,
        now: Timestamp,
    ) -> Result<()> {
        let status = if granted_by.is_some() {
            MembershipStatus::Granted
        } else {
            MembershipStatus::Asked
        };
        let mut transaction = self.begin_write().await?;
        Sql::new(
            "INSERT INTO membership (account_id, organisation_id, status, asked_at, decided_at, decided_by) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account_id, organisation_id) DO UPDATE SET \
             status = excluded.status, decided_at = excluded.decided_at, decided_by = excluded.decided_by \
             WHERE membership.status = 'asked'",
        )
        .value(id.to_string())
        .value(organisation.to_string())
        .value(status.code())
        .value(now.as_millisecond())
        .value(granted_by.map(|_| now.as_millisecond()))
        .value(granted_by)
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        if granted_by.is_some() {
            self.confirm_agent(&mut transaction, id).await?;
        }
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    /// Grants or refuses a membership, whatever it was.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when nobody asked for it.
    pub async fn decide_membership(
        &self,
        id: UserId,
        organisation: OrganisationId,
        granted: bool,
        by: UserId,
        now: Timestamp,
    ) -> Result<()> {
        let status = if granted {
            MembershipStatus::Granted
        } else {
            MembershipStatus::Refused
        };
        let mut transaction = self.begin_write().await?;
        let touched = Sql::new(
            "UPDATE membership SET status = $1, decided_at = $2, decided_by = $3 \
             WHERE account_id = $4 AND organisation_id = $5",
        )
        .value(status.code())
        .value(now.as_millisecond())
        .value(by.to_string())
        .value(id.to_string())
        .value(organisation.to_string())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        if touched == 0 {
            return Err(StoreError::NotFound {
                what: format!("membership of {id} in {organisation}"),
            });
        }
        if granted {
            self.confirm_agent(&mut transaction, id).await?;
        }
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    /// Open accounts that contribute for an organisation, oldest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn contributors_of(&self, organisation: OrganisationId) -> Result<Vec<Account>> {
        let rows = Sql::new(super::SELECT)
            .push(
                " JOIN membership m ON m.account_id = a.id WHERE a.status = 'active' AND m.status = 'granted' \
                 AND m.organisation_id = ",
            )
            .bind(organisation.to_string())
            .push(" ORDER BY a.created_at, a.id")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        rows.iter().map(super::account).collect()
    }

    /// Requests that wait for a decision, oldest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn asked_memberships(&self) -> Result<Vec<AskedMembership>> {
        let rows = Sql::new(SELECT_ASKED)
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        rows.iter()
            .map(|row| {
                let mut cells = Cells::new(row);
                Ok(AskedMembership {
                    account: read_account(&mut cells)?,
                    membership: membership(&mut cells)?,
                })
            })
            .collect()
    }

    /// The organisation whose agents have addresses of this domain.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn organisation_of_domain(&self, domain: &str) -> Result<Option<OrganisationId>> {
        Sql::new("SELECT organisation_id FROM organisation_domain WHERE domain = $1")
            .value(domain)
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .map(|row| Cells::new(&row).organisation_id())
            .transpose()
    }

    /// The domains of every organisation, by domain.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn organisation_domains(&self) -> Result<Vec<(String, OrganisationId)>> {
        let rows = Sql::new("SELECT domain, organisation_id FROM organisation_domain ORDER BY domain")
            .push(self.dialect().byte_order())
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        rows.iter()
            .map(|row| {
                let mut cells = Cells::new(row);
                Ok((cells.owned()?, cells.organisation_id()?))
            })
            .collect()
    }

    /// Says that addresses of a domain belong to an organisation; `None` takes it back.
    ///
    /// # Errors
    /// When the organisation is unknown.
    pub async fn set_domain(
        &self,
        domain: &str,
        organisation: Option<OrganisationId>,
        now: Timestamp,
    ) -> Result<()> {
        let statement = match organisation {
            Some(organisation) => Sql::new(
                "INSERT INTO organisation_domain (domain, organisation_id, added_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (domain) DO UPDATE SET organisation_id = excluded.organisation_id, \
                 added_at = excluded.added_at",
            )
            .value(domain)
            .value(organisation.to_string())
            .value(now.as_millisecond()),
            None => Sql::new("DELETE FROM organisation_domain WHERE domain = $1").value(domain),
        };
        statement
            .execute(self.writer())
            .await
            .map(|_| ())
            .map_err(|e| self.fail(e))
    }

    /// A confirmed agent reads what members read.
    async fn confirm_agent(&self, connection: &mut crate::connection::Connection, id: UserId) -> Result<()> {
        Sql::new("UPDATE account SET role = $1 WHERE id = $2 AND role = $3")
            .value(Role::Member.code())
            .value(id.to_string())
            .value(Role::Pending.code())
            .execute(connection)
            .await
            .map(|_| ())
            .map_err(|e| self.fail(e))
    }
}

const SELECT_ASKED: &str = "SELECT a.id, a.email, a.given_name, a.family_name, a.job_title, a.organisation_name, a.role, \
    a.created_at, a.last_signed_in_at, a.password_hash, a.totp_secret, \
    m.organisation_id, o.name, o.slug, m.status, m.asked_at \
    FROM account a JOIN membership m ON m.account_id = a.id JOIN organisation o ON o.id = m.organisation_id \
    WHERE a.status = 'active' AND m.status = 'asked' ORDER BY m.asked_at, a.id";

fn membership(cells: &mut Cells<'_>) -> Result<Membership> {
    Ok(Membership {
        organisation: cells.organisation_id()?,
        name: cells.owned()?,
        slug: cells.owned()?,
        status: {
            let code = cells.text()?;
            MembershipStatus::from_code(code).ok_or_else(|| {
                StoreError::damaged("membership.status", format!("unknown status \"{code}\""))
            })?
        },
        asked_at: cells.time()?,
    })
}
