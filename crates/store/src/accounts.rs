//! People who sign in: accounts, the organisations they belong to, what they agreed to.

mod erasure;
mod memberships;
mod second_factor;
mod sessions;

use jiff::Timestamp;
use sobria_catalogue::account::{Account, Consent, Email, Person, Purpose, SignUp};
use sobria_catalogue::id::UserId;
use sobria_catalogue::rights::Role;

pub use self::erasure::Traces;
pub use self::memberships::AskedMembership;
pub use self::second_factor::SecondFactor;
pub use self::sessions::{NewSecret, NewSession, OpenSession, SecretPurpose, SessionLine};
use crate::connection::Connection;
use crate::error::{Result, StoreError};
use crate::row::{Cells, Row};
use crate::sql::Sql;
use crate::store::Store;

/// Read back by [`account`], in the same order.
const SELECT: &str = "SELECT a.id, a.email, a.given_name, a.family_name, a.job_title, a.organisation_name, a.role, \
    a.created_at, a.last_signed_in_at, a.password_hash, a.totp_secret FROM account a";

/// A page of accounts.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountPage {
    /// How many there are in all.
    pub total: u64,
    /// Those of this page.
    pub items: Vec<Account>,
}

impl Store {
    /// Makes an account whose address is confirmed, or returns the one that has this address already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn create_account(
        &self,
        id: UserId,
        sign_up: &SignUp,
        role: Role,
        now: Timestamp,
    ) -> Result<Account> {
        let mut transaction = self.begin_write().await?;
        let made = Sql::new(
            "INSERT INTO account (id, email, given_name, family_name, job_title, organisation_name, role, status, \
             created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'active', $8) ON CONFLICT (email) DO NOTHING",
        )
        .value(id.to_string())
        .value(sign_up.email.as_str())
        .value(sign_up.given_name.as_str())
        .value(sign_up.family_name.as_str())
        .value(sign_up.job_title.as_str())
        .value(sign_up.organisation_name.as_str())
        .value(role.code())
        .value(now.as_millisecond())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        if made == 1 {
            for (number, (purpose, wording)) in sign_up.consents.iter().enumerate() {
                let consent = Consent {
                    purpose: *purpose,
                    given: true,
                    wording: wording.clone(),
                    source: "sign-up".to_owned(),
                    made_at: now,
                };
                self.insert_consent(&mut transaction, &format!("{id}-{number}"), id, &consent)
                    .await?;
            }
        }
        transaction.commit().await.map_err(|e| self.fail(e))?;
        self.account_by_email(&sign_up.email)
            .await?
            .ok_or_else(|| unknown("account", "with this address"))
    }

    /// The open account of this address.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn account_by_email(&self, email: &Email) -> Result<Option<Account>> {
        Sql::new(SELECT)
            .push(" WHERE a.status = 'active' AND a.email = ")
            .bind(email.as_str())
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .as_ref()
            .map(account)
            .transpose()
    }

    /// An open account with its organisations.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn person(&self, id: UserId) -> Result<Option<Person>> {
        let row = Sql::new(SELECT)
            .push(" WHERE a.status = 'active' AND a.id = ")
            .bind(id.to_string())
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        let Some(account) = row.as_ref().map(account).transpose()? else {
            return Ok(None);
        };
        Ok(Some(Person {
            memberships: self.memberships_of(id).await?,
            account,
        }))
    }

    /// Open accounts whose name or address holds `filter`, newest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn accounts(
        &self,
        filter: &str,
        role: Option<Role>,
        offset: u32,
        limit: u32,
    ) -> Result<AccountPage> {
        self.accounts_in("active", filter, role, offset, limit).await
    }

    /// The same among suspended accounts.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn suspended_accounts(
        &self,
        filter: &str,
        role: Option<Role>,
        offset: u32,
        limit: u32,
    ) -> Result<AccountPage> {
        self.accounts_in("suspended", filter, role, offset, limit).await
    }

    async fn accounts_in(
        &self,
        status: &'static str,
        filter: &str,
        role: Option<Role>,
        offset: u32,
        limit: u32,
    ) -> Result<AccountPage> {
        let pattern = format!("%{}%", filter.trim().to_lowercase());
        let narrowed = |sql: Sql| {
            let sql = sql
                .push(" WHERE a.status = ")
                .bind(status)
                .push(" AND (a.email LIKE ")
                .bind(pattern.clone())
                .push(" OR LOWER(a.given_name) LIKE ")
                .bind(pattern.clone())
                .push(" OR LOWER(a.family_name) LIKE ")
                .bind(pattern.clone())
                .push(")");
            match role {
                Some(role) => sql.push(" AND a.role = ").bind(role.code()),
                None => sql,
            }
        };
        let total = narrowed(Sql::new("SELECT COUNT(*) FROM account a"))
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        let rows = narrowed(Sql::new(SELECT))
            .push(" ORDER BY a.created_at DESC, a.id DESC LIMIT ")
            .bind(i64::from(limit))
            .push(" OFFSET ")
            .bind(i64::from(offset))
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        Ok(AccountPage {
            total: match total {
                Some(row) => u64::try_from(Cells::new(&row).number()?).unwrap_or(0),
                None => 0,
            },
            items: rows.iter().map(account).collect::<Result<_>>()?,
        })
    }

    /// A suspended account.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn suspended_account(&self, id: UserId) -> Result<Option<Account>> {
        Sql::new(SELECT)
            .push(" WHERE a.status = 'suspended' AND a.id = ")
            .bind(id.to_string())
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .as_ref()
            .map(account)
            .transpose()
    }

    /// Closes the doors of an account without erasing anything: its sessions and links end at once.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such open account; [`StoreError::Conflict`] when it is the last
    /// administrator.
    pub async fn suspend_account(&self, id: UserId) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        self.keep_an_administrator(&mut transaction, id).await?;
        let touched = Sql::new("UPDATE account SET status = 'suspended' WHERE id = $1 AND status = 'active'")
            .value(id.to_string())
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        one(touched, "account", id)?;
        self.close_sessions(&mut transaction, id, None).await?;
        Sql::new("DELETE FROM secret WHERE account_id = $1")
            .value(id.to_string())
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    /// Opens a suspended account again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when no such account is suspended.
    pub async fn reactivate_account(&self, id: UserId) -> Result<()> {
        let touched = Sql::new("UPDATE account SET status = 'active' WHERE id = $1 AND status = 'suspended'")
            .value(id.to_string())
            .execute(self.writer())
            .await
            .map_err(|e| self.fail(e))?;
        one(touched, "account", id)
    }

    /// Closes every session of an account.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn close_every_session(&self, id: UserId) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        self.close_sessions(&mut transaction, id, None).await?;
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    /// Addresses and names of the open accounts of at least this role: whom to tell about new submissions.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn accounts_of_role(&self, at_least: Role) -> Result<Vec<Account>> {
        let roles = Role::ALL.into_iter().filter(|role| *role >= at_least);
        let rows = Sql::new(SELECT)
            .push(" WHERE a.status = 'active' AND a.role IN ")
            .list(roles.map(Role::code))
            .push(" ORDER BY a.created_at, a.id")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        rows.iter().map(account).collect()
    }

    /// The password hash of an open account, when one was chosen.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn password_hash(&self, id: UserId) -> Result<Option<String>> {
        let row = Sql::new("SELECT password_hash FROM account WHERE status = 'active' AND id = $1")
            .value(id.to_string())
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        match row {
            Some(row) => Cells::new(&row).text_or_null(),
            None => Ok(None),
        }
    }

    /// Keeps another password hash, and closes every session but `keep`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such open account.
    pub async fn set_password(&self, id: UserId, hash: Option<&str>, keep: Option<&str>) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        let touched = Sql::new("UPDATE account SET password_hash = $1 WHERE id = $2 AND status = 'active'")
            .value(hash)
            .value(id.to_string())
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        if touched == 0 {
            return Err(unknown("account", &id.to_string()));
        }
        self.close_sessions(&mut transaction, id, keep).await?;
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    /// Replaces a hash made with former settings; sessions stay.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn refresh_password_hash(&self, id: UserId, former: &str, hash: &str) -> Result<()> {
        Sql::new("UPDATE account SET password_hash = $1 WHERE id = $2 AND password_hash = $3")
            .value(hash)
            .value(id.to_string())
            .value(former)
            .execute(self.writer())
            .await
            .map(|_| ())
            .map_err(|e| self.fail(e))
    }

    /// Changes names and function.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such open account.
    pub async fn set_profile(
        &self,
        id: UserId,
        given_name: &str,
        family_name: &str,
        job_title: &str,
    ) -> Result<()> {
        let touched = Sql::new(
            "UPDATE account SET given_name = $1, family_name = $2, job_title = $3 \
             WHERE id = $4 AND status = 'active'",
        )
        .value(given_name)
        .value(family_name)
        .value(job_title)
        .value(id.to_string())
        .execute(self.writer())
        .await
        .map_err(|e| self.fail(e))?;
        one(touched, "account", id)
    }

    /// Changes the role and closes every session, so that the new rights hold at once.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such open account; [`StoreError::Conflict`] when it is the last
    /// administrator.
    pub async fn set_role(&self, id: UserId, role: Role) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        if role < Role::Admin {
            self.keep_an_administrator(&mut transaction, id).await?;
        }
        let touched = Sql::new("UPDATE account SET role = $1 WHERE id = $2 AND status = 'active'")
            .value(role.code())
            .value(id.to_string())
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        one(touched, "account", id)?;
        self.close_sessions(&mut transaction, id, None).await?;
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    /// Fails when the account is the only open administrator.
    async fn keep_an_administrator(&self, connection: &mut Connection, id: UserId) -> Result<()> {
        let row = Sql::new(
            "SELECT COUNT(*), COALESCE(MIN(id), '') FROM account WHERE role = 'admin' AND status = 'active'",
        )
        .first(connection)
        .await
        .map_err(|e| self.fail(e))?;
        if let Some(row) = row {
            let mut cells = Cells::new(&row);
            if cells.number()? == 1 && cells.text()? == id.to_string() {
                return Err(StoreError::Conflict {
                    what: "this is the last administrator".to_owned(),
                });
            }
        }
        Ok(())
    }

    /// The account linked to somebody at an OpenID provider.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn account_by_identity(&self, issuer: &str, subject: &str) -> Result<Option<Account>> {
        Sql::new(SELECT)
            .push(" JOIN account_identity i ON i.account_id = a.id WHERE a.status = 'active' AND i.issuer = ")
            .bind(issuer)
            .push(" AND i.subject = ")
            .bind(subject)
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .as_ref()
            .map(account)
            .transpose()
    }

    /// Links somebody at an OpenID provider to an account.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when that identity is linked to another account.
    pub async fn link_identity(&self, id: UserId, issuer: &str, subject: &str, now: Timestamp) -> Result<()> {
        Sql::new(
            "INSERT INTO account_identity (issuer, subject, account_id, linked_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (issuer, subject) DO NOTHING",
        )
        .value(issuer)
        .value(subject)
        .value(id.to_string())
        .value(now.as_millisecond())
        .execute(self.writer())
        .await
        .map_err(|e| self.fail(e))?;
        match self.account_by_identity(issuer, subject).await? {
            Some(account) if account.id == id => Ok(()),
            _ => Err(StoreError::Conflict {
                what: "this identity belongs to another account".to_owned(),
            }),
        }
    }

    /// Keeps what a person agreed to or took back.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_consent(&self, key: &str, id: UserId, consent: &Consent) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        self.insert_consent(&mut transaction, key, id, consent).await?;
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    /// What a person agreed to and took back, oldest first: the last line of a purpose holds.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn consents_of(&self, id: UserId) -> Result<Vec<Consent>> {
        let rows = Sql::new(
            "SELECT purpose, given, wording, source, made_at FROM consent WHERE account_id = $1 ORDER BY made_at, id",
        )
        .value(id.to_string())
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        rows.iter()
            .map(|row| {
                let mut cells = Cells::new(row);
                let code = cells.owned()?;
                Ok(Consent {
                    purpose: Purpose::from_code(&code).ok_or_else(|| {
                        StoreError::damaged("consent.purpose", format!("unknown purpose \"{code}\""))
                    })?,
                    given: cells.number()? == 1,
                    wording: cells.owned()?,
                    source: cells.owned()?,
                    made_at: cells.time()?,
                })
            })
            .collect()
    }

    async fn insert_consent(
        &self,
        connection: &mut Connection,
        key: &str,
        id: UserId,
        consent: &Consent,
    ) -> Result<()> {
        Sql::new(
            "INSERT INTO consent (id, account_id, purpose, given, wording, source, made_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .value(key)
        .value(id.to_string())
        .value(consent.purpose.code())
        .value(i64::from(consent.given))
        .value(consent.wording.as_str())
        .value(consent.source.as_str())
        .value(consent.made_at.as_millisecond())
        .execute(connection)
        .await
        .map(|_| ())
        .map_err(|e| self.fail(e))
    }
}

pub(crate) fn account(row: &Row) -> Result<Account> {
    read_account(&mut Cells::new(row))
}

fn read_account(cells: &mut Cells<'_>) -> Result<Account> {
    let id = cells.user_id()?;
    let email = cells.text()?;
    Ok(Account {
        id,
        email: Email::parse(email).map_err(|source| StoreError::damaged(format!("account {id}"), source))?,
        given_name: cells.owned()?,
        family_name: cells.owned()?,
        job_title: cells.owned()?,
        organisation_name: cells.owned()?,
        role: {
            let code = cells.text()?;
            Role::from_code(code).ok_or_else(|| {
                StoreError::damaged(format!("account {id}"), format!("unknown role \"{code}\""))
            })?
        },
        created_at: cells.time()?,
        last_signed_in_at: cells.time_or_null()?,
        has_password: cells.text_or_null()?.is_some(),
        has_second_factor: cells.text_or_null()?.is_some(),
    })
}

fn unknown(what: &str, id: &str) -> StoreError {
    StoreError::NotFound {
        what: format!("{what} {id}"),
    }
}

fn one(touched: u64, what: &str, id: UserId) -> Result<()> {
    if touched == 0 {
        Err(unknown(what, &id.to_string()))
    } else {
        Ok(())
    }
}
