//! Open sessions, and secrets that are good once.

use jiff::{SignedDuration, Timestamp};
use sobria_catalogue::account::{Membership, Person, SignInMethod};
use sobria_catalogue::id::UserId;

use super::account;
use crate::connection::Connection;
use crate::error::{Result, StoreError};
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::Store;

/// How long a session lives without being used.
pub const IDLE: SignedDuration = SignedDuration::from_hours(12);
/// How long a session lives at most.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How often the time of last use is written.
const NOTED: SignedDuration = SignedDuration::from_mins(5);

/// A session to open.
#[derive(Debug, Clone)]
pub struct NewSession<'a> {
    /// Identifier, for the list of sessions.
    pub id: String,
    /// SHA-256 of the cookie.
    pub secret_hash: String,
    /// Whose session it is.
    pub account: UserId,
    /// How it is opened.
    pub method: SignInMethod,
    /// Whether the second factor is still to be given.
    pub half_open: bool,
    /// Browser and system, in words.
    pub device: &'a str,
    /// OpenID provider, with the identity token that sign-out needs.
    pub provider: Option<(&'a str, &'a str)>,
    /// When.
    pub now: Timestamp,
}

/// The session behind a cookie.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenSession {
    /// Identifier.
    pub id: String,
    /// Who signed in.
    pub person: Person,
    /// How.
    pub method: SignInMethod,
    /// Whether the second factor is still to be given: nothing else may be done until then.
    pub half_open: bool,
    /// OpenID provider, with the identity token that sign-out needs.
    pub provider: Option<(String, String)>,
}

/// One line of the list of sessions of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionLine {
    /// Identifier.
    pub id: String,
    /// How it was opened.
    pub method: SignInMethod,
    /// Browser and system, in words.
    pub device: String,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last used, to five minutes.
    pub last_seen_at: Timestamp,
}

/// What a secret is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretPurpose {
    /// Signing in by mail.
    SignIn,
    /// Confirming the address of a sign-up.
    SignUp,
    /// Coming back from an OpenID provider.
    OpenId,
    /// Linking an OpenID identity to an existing account.
    Link,
    /// A browser that signed in before: guesses made elsewhere do not slow it down.
    Device,
    /// Confirming in one click that a record still holds.
    Review,
    /// Leaving a mailing in one click.
    Unsubscribe,
    /// Sending a message through the relay, once the address is confirmed.
    Relay,
    /// Reading a shared folder.
    Folder,
    /// Changing the address of an account.
    Email,
    /// A form sent after its session had ended.
    Resume,
}

/// A secret to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewSecret<'a> {
    /// Its SHA-256.
    pub hash: &'a str,
    /// What it is good for.
    pub purpose: SecretPurpose,
    /// Whose it is.
    pub account: Option<UserId>,
    /// What it stands for.
    pub payload: &'a str,
    /// How long it is good.
    pub lives: SignedDuration,
}

impl SecretPurpose {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::SignUp => "sign-up",
            Self::OpenId => "openid",
            Self::Link => "link",
            Self::Device => "device",
            Self::Review => "review",
            Self::Unsubscribe => "unsubscribe",
            Self::Relay => "relay",
            Self::Folder => "folder",
            Self::Email => "email",
            Self::Resume => "resume",
        }
    }
}

impl Store {
    /// Opens a session and notes that the account was used.
    ///
    /// # Errors
    /// When the account is unknown.
    pub async fn open_session(&self, session: &NewSession<'_>) -> Result<()> {
        let now = session.now.as_millisecond();
        let mut transaction = self.begin_write().await?;
        Sql::new(
            "INSERT INTO session (id, secret_hash, account_id, method, half_open, device, created_at, last_seen_at, \
             expires_at, provider, id_token) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10)",
        )
        .value(session.id.as_str())
        .value(session.secret_hash.as_str())
        .value(session.account.to_string())
        .value(session.method.code())
        .value(i64::from(session.half_open))
        .value(session.device)
        .value(now)
        .value((session.now + LONGEST).as_millisecond())
        .value(session.provider.map(|(key, _)| key))
        .value(session.provider.map(|(_, token)| token))
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        Sql::new("UPDATE account SET last_signed_in_at = $1, warned_at = NULL WHERE id = $2")
            .value(now)
            .value(session.account.to_string())
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    /// The session behind a cookie, unless it ran out; its use is noted.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn session(&self, secret_hash: &str, now: Timestamp) -> Result<Option<OpenSession>> {
        let row = Sql::new(
            "SELECT a.id, a.email, a.given_name, a.family_name, a.job_title, a.organisation_name, a.role, \
             a.created_at, a.last_signed_in_at, a.password_hash, a.totp_secret, \
             s.id, s.method, s.half_open, s.last_seen_at, s.provider, s.id_token \
             FROM session s JOIN account a ON a.id = s.account_id \
             WHERE a.status = 'active' AND s.secret_hash = $1 AND s.expires_at > $2 AND s.last_seen_at > $3",
        )
        .value(secret_hash)
        .value(now.as_millisecond())
        .value((now - IDLE).as_millisecond())
        .first(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        let Some(row) = row else {
            return Ok(None);
        };
        let mut cells = Cells::new(&row);
        let account = super::read_account(&mut cells)?;
        let id = cells.owned()?;
        let method = method(&mut cells)?;
        let half_open = cells.number()? == 1;
        let seen = cells.time()?;
        let provider = cells.text_or_null()?.zip(cells.text_or_null()?);
        if now.duration_since(seen) > NOTED {
            Sql::new("UPDATE session SET last_seen_at = $1 WHERE id = $2")
                .value(now.as_millisecond())
                .value(id.as_str())
                .execute(self.writer())
                .await
                .map_err(|e| self.fail(e))?;
        }
        let memberships: Vec<Membership> = self.memberships_of(account.id).await?;
        Ok(Some(OpenSession {
            id,
            person: Person { account, memberships },
            method,
            half_open,
            provider,
        }))
    }

    /// The open sessions of an account, last used first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn sessions_of(&self, id: UserId, now: Timestamp) -> Result<Vec<SessionLine>> {
        let rows = Sql::new(
            "SELECT id, method, device, created_at, last_seen_at FROM session \
             WHERE account_id = $1 AND expires_at > $2 AND last_seen_at > $3 ORDER BY last_seen_at DESC, id",
        )
        .value(id.to_string())
        .value(now.as_millisecond())
        .value((now - IDLE).as_millisecond())
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        rows.iter()
            .map(|row| {
                let mut cells = Cells::new(row);
                Ok(SessionLine {
                    id: cells.owned()?,
                    method: method(&mut cells)?,
                    device: cells.owned()?,
                    created_at: cells.time()?,
                    last_seen_at: cells.time()?,
                })
            })
            .collect()
    }

    /// Closes one session of an account; `false` when it was closed already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn close_session(&self, account: UserId, session: &str) -> Result<bool> {
        let touched = Sql::new("DELETE FROM session WHERE id = $1 AND account_id = $2")
            .value(session)
            .value(account.to_string())
            .execute(self.writer())
            .await
            .map_err(|e| self.fail(e))?;
        Ok(touched == 1)
    }

    /// Closes every session of an account but one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn close_other_sessions(&self, account: UserId, keep: &str) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        self.close_sessions(&mut transaction, account, Some(keep)).await?;
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    pub(crate) async fn close_sessions(
        &self,
        connection: &mut Connection,
        account: UserId,
        keep: Option<&str>,
    ) -> Result<()> {
        Sql::new("DELETE FROM session WHERE account_id = $1 AND id <> $2")
            .value(account.to_string())
            .value(keep.unwrap_or(""))
            .execute(connection)
            .await
            .map(|_| ())
            .map_err(|e| self.fail(e))
    }

    /// Keeps a secret with what it stands for.
    ///
    /// # Errors
    /// When the account is unknown.
    pub async fn keep_secret(
        &self,
        secret_hash: &str,
        purpose: SecretPurpose,
        account: Option<UserId>,
        payload: &str,
        now: Timestamp,
        lives: SignedDuration,
    ) -> Result<()> {
        let secret = NewSecret {
            hash: secret_hash,
            purpose,
            account,
            payload,
            lives,
        };
        let mut transaction = self.begin_write().await?;
        self.keep_secret_in(&mut transaction, &secret, now).await?;
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    pub(crate) async fn keep_secret_in(
        &self,
        connection: &mut Connection,
        secret: &NewSecret<'_>,
        now: Timestamp,
    ) -> Result<()> {
        Sql::new(
            "INSERT INTO secret (secret_hash, purpose, account_id, payload, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .value(secret.hash)
        .value(secret.purpose.code())
        .value(secret.account.map(|id| id.to_string()))
        .value(secret.payload)
        .value(now.as_millisecond())
        .value((now + secret.lives).as_millisecond())
        .execute(connection)
        .await
        .map(|_| ())
        .map_err(|e| self.fail(e))
    }

    /// What a secret stands for, while it is good. It stays good.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn look_at_secret(
        &self,
        secret_hash: &str,
        purpose: SecretPurpose,
        now: Timestamp,
    ) -> Result<Option<(Option<UserId>, String)>> {
        let row = Sql::new(
            "SELECT account_id, payload FROM secret WHERE secret_hash = $1 AND purpose = $2 AND expires_at > $3",
        )
        .value(secret_hash)
        .value(purpose.code())
        .value(now.as_millisecond())
        .first(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        row.map(|row| {
            let mut cells = Cells::new(&row);
            Ok((cells.user_id_or_null()?, cells.owned()?))
        })
        .transpose()
    }

    /// What a secret stood for, once: of two that use it at the same time, one gets nothing.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn use_secret(
        &self,
        secret_hash: &str,
        purpose: SecretPurpose,
        now: Timestamp,
    ) -> Result<Option<(Option<UserId>, String)>> {
        let row = Sql::new(
            "DELETE FROM secret WHERE secret_hash = $1 AND purpose = $2 AND expires_at > $3 \
             RETURNING account_id, payload",
        )
        .value(secret_hash)
        .value(purpose.code())
        .value(now.as_millisecond())
        .first(self.writer())
        .await
        .map_err(|e| self.fail(e))?;
        row.map(|row| {
            let mut cells = Cells::new(&row);
            Ok((cells.user_id_or_null()?, cells.owned()?))
        })
        .transpose()
    }

    /// Removes secrets and sessions that ran out; returns how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sweep_sessions(&self, now: Timestamp) -> Result<u64> {
        let secrets = Sql::new("DELETE FROM secret WHERE expires_at <= $1")
            .value(now.as_millisecond())
            .execute(self.writer())
            .await
            .map_err(|e| self.fail(e))?;
        let sessions = Sql::new("DELETE FROM session WHERE expires_at <= $1 OR last_seen_at <= $2")
            .value(now.as_millisecond())
            .value((now - IDLE).as_millisecond())
            .execute(self.writer())
            .await
            .map_err(|e| self.fail(e))?;
        Ok(secrets + sessions)
    }

    /// The account of an open or closed identifier, when it is open.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn account(&self, id: UserId) -> Result<Option<sobria_catalogue::account::Account>> {
        Sql::new(super::SELECT)
            .push(" WHERE a.status = 'active' AND a.id = ")
            .bind(id.to_string())
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .as_ref()
            .map(account)
            .transpose()
    }
}

fn method(cells: &mut Cells<'_>) -> Result<SignInMethod> {
    let code = cells.text()?;
    SignInMethod::from_code(code)
        .ok_or_else(|| StoreError::damaged("session.method", format!("unknown method \"{code}\"")))
}
