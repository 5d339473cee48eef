//! Saved searches, and what is needed to tell their owners what is new.

use jiff::Timestamp;
use sobria_catalogue::account::Email;
use sobria_catalogue::id::{SavedSearchId, UseCaseId, UserId};
use sobria_catalogue::rights::Role;

use crate::accounts::NewSecret;
use crate::error::{Result, StoreError};
use crate::outbox::Outgoing;
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::Store;

/// How often one is told by mail what is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pace {
    /// Never.
    None,
    /// At most once a day.
    Daily,
    /// At most once a week.
    Weekly,
}

impl Pace {
    /// Every pace, in the order of the form.
    pub const ALL: [Self; 3] = [Self::None, Self::Daily, Self::Weekly];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
        }
    }

    /// Reads the code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pace| pace.code() == code)
    }
}

/// A search that a person kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedSearch {
    /// Identifier.
    pub id: SavedSearchId,
    /// Name.
    pub name: String,
    /// The query string of the library.
    pub query: String,
    /// How often news is sent.
    pub pace: Pace,
    /// When it was kept.
    pub created_at: Timestamp,
    /// Records published up to this moment were told already.
    pub told_until: Timestamp,
}

/// A search whose owner wants to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedSearch {
    /// The search.
    pub search: SavedSearch,
    /// Its owner.
    pub account: UserId,
    /// Mailbox of the owner.
    pub email: Email,
    /// Role of the owner, which says what the search may look into.
    pub role: Role,
}

const COLUMNS: &str = "SELECT s.id, s.name, s.query, s.pace, s.created_at, s.told_until";

impl Store {
    /// Keeps a search.
    ///
    /// # Errors
    /// When the account is unknown.
    pub async fn add_search(&self, account: UserId, search: &SavedSearch) -> Result<()> {
        Sql::new(
            "INSERT INTO saved_search (id, account_id, name, query, pace, created_at, told_until) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .value(search.id.to_string())
        .value(account.to_string())
        .value(search.name.as_str())
        .value(search.query.as_str())
        .value(search.pace.code())
        .value(search.created_at.as_millisecond())
        .value(search.told_until.as_millisecond())
        .execute(self.writer())
        .await
        .map(|_| ())
        .map_err(|e| self.fail(e))
    }

    /// The searches of a person, newest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn searches_of(&self, account: UserId) -> Result<Vec<SavedSearch>> {
        Sql::new(COLUMNS)
            .push(" FROM saved_search s WHERE s.account_id = ")
            .bind(account.to_string())
            .push(" ORDER BY s.created_at DESC, s.id")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| search(&mut Cells::new(row)))
            .collect()
    }

    /// Changes the name and the pace of a search. An alert asked for again begins now: what was published while
    /// none was wanted is not told.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the person has no such search.
    pub async fn change_search(
        &self,
        account: UserId,
        id: SavedSearchId,
        name: &str,
        pace: Pace,
        now: Timestamp,
    ) -> Result<()> {
        let touched = Sql::new(
            "UPDATE saved_search SET name = $1, told_until = CASE WHEN pace = 'none' THEN $2 ELSE told_until END, \
             pace = $3 WHERE id = $4 AND account_id = $5",
        )
        .value(name)
        .value(now.as_millisecond())
        .value(pace.code())
        .value(id.to_string())
        .value(account.to_string())
        .execute(self.writer())
        .await
        .map_err(|e| self.fail(e))?;
        if touched == 0 {
            return Err(unknown(id));
        }
        Ok(())
    }

    /// Takes a search away.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the person has no such search.
    pub async fn delete_search(&self, account: UserId, id: SavedSearchId) -> Result<()> {
        let touched = Sql::new("DELETE FROM saved_search WHERE id = $1 AND account_id = $2")
            .value(id.to_string())
            .value(account.to_string())
            .execute(self.writer())
            .await
            .map_err(|e| self.fail(e))?;
        if touched == 0 {
            return Err(unknown(id));
        }
        Ok(())
    }

    /// Every search whose owner wants to be told what is new, those told longest ago first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn watched_searches(&self) -> Result<Vec<WatchedSearch>> {
        Sql::new(COLUMNS)
            .push(
                ", a.id, a.email, a.role FROM saved_search s JOIN account a ON a.id = s.account_id \
                 WHERE s.pace <> 'none' AND a.status = 'active' ORDER BY s.told_until, s.id",
            )
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| {
                let mut cells = Cells::new(row);
                let search = search(&mut cells)?;
                let place = format!("account of saved search {}", search.id);
                Ok(WatchedSearch {
                    search,
                    account: cells.user_id()?,
                    email: Email::parse(cells.text()?)
                        .map_err(|source| StoreError::damaged(place.clone(), source))?,
                    role: {
                        let code = cells.text()?;
                        Role::from_code(code)
                            .ok_or_else(|| StoreError::damaged(place, format!("unknown role \"{code}\"")))?
                    },
                })
            })
            .collect()
    }

    /// Records published for the first time after one moment and up to another, newest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn published_between(
        &self,
        after: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(UseCaseId, Timestamp)>> {
        Sql::new(
            "SELECT u.id, u.first_published_at FROM use_case u WHERE u.status = 'published' \
             AND u.first_published_at > $1 AND u.first_published_at <= $2 \
             ORDER BY u.first_published_at DESC, u.id",
        )
        .value(after.as_millisecond())
        .value(until.as_millisecond())
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?
        .iter()
        .map(|row| {
            let mut cells = Cells::new(row);
            Ok((cells.use_case_id()?, cells.time()?))
        })
        .collect()
    }

    /// Puts an alert in the queue, with the secret that stops it, and notes up to when its owner was told: together,
    /// once, whichever server comes first. `false` when another did.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn tell_alert(
        &self,
        search: &SavedSearch,
        until: Timestamp,
        mail: &Outgoing,
        secret: &NewSecret<'_>,
        now: Timestamp,
    ) -> Result<bool> {
        let mut transaction = self.begin_write().await?;
        let told = Sql::new("UPDATE saved_search SET told_until = $1 WHERE id = $2 AND told_until = $3")
            .value(until.as_millisecond())
            .value(search.id.to_string())
            .value(search.told_until.as_millisecond())
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        if told == 0 {
            return Ok(false);
        }
        self.keep_secret_in(&mut transaction, secret, now).await?;
        self.enqueue_in(&mut transaction, std::slice::from_ref(mail), now)
            .await?;
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(true)
    }

    /// Stops the alert of a search; the search stays.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn stop_alert(&self, id: SavedSearchId) -> Result<()> {
        Sql::new("UPDATE saved_search SET pace = $1 WHERE id = $2")
            .value(Pace::None.code())
            .value(id.to_string())
            .execute(self.writer())
            .await
            .map(|_| ())
            .map_err(|e| self.fail(e))
    }

    /// Records that the owner of a search was told what was published up to a moment; it never goes back.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn alert_sent(&self, id: SavedSearchId, until: Timestamp) -> Result<()> {
        Sql::new("UPDATE saved_search SET told_until = $1 WHERE id = $2 AND told_until < $1")
            .value(until.as_millisecond())
            .value(id.to_string())
            .execute(self.writer())
            .await
            .map(|_| ())
            .map_err(|e| self.fail(e))
    }
}

fn unknown(id: SavedSearchId) -> StoreError {
    StoreError::NotFound {
        what: format!("saved search {id}"),
    }
}

fn search(cells: &mut Cells<'_>) -> Result<SavedSearch> {
    let id: SavedSearchId = cells
        .text()?
        .parse()
        .map_err(|source: sobria_catalogue::id::InvalidId| StoreError::damaged("saved_search.id", source))?;
    Ok(SavedSearch {
        id,
        name: cells.owned()?,
        query: cells.owned()?,
        pace: {
            let code = cells.text()?;
            Pace::from_code(code).ok_or_else(|| {
                StoreError::damaged(format!("saved_search {id}"), format!("unknown pace \"{code}\""))
            })?
        },
        created_at: cells.time()?,
        told_until: cells.time()?,
    })
}
