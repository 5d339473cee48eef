//! The letter of the library: who receives it, how often, and up to when each was told.

use jiff::Timestamp;
use sobria_catalogue::account::{Consent, Email, Purpose};
use sobria_catalogue::id::{UseCaseId, UserId};

use crate::accounts::NewSecret;
use crate::error::{Result, StoreError};
use crate::outbox::Outgoing;
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::Store;

/// How often the letter leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DigestPace {
    /// Every seven days.
    Weekly,
    /// Every month.
    Monthly,
}

impl DigestPace {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }

    /// Reads the code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Weekly, Self::Monthly]
            .into_iter()
            .find(|pace| pace.code() == code)
    }
}

/// Somebody who agreed to receive the letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    /// The account.
    pub account: UserId,
    /// Its mailbox.
    pub email: Email,
    /// How often.
    pub pace: DigestPace,
    /// What was published up to this moment was told.
    pub told_until: Timestamp,
}

impl Store {
    /// Those whose last word about news of the library is yes. Who agreed without saying how often is written once a
    /// month, from the moment of the consent.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn subscribers(&self) -> Result<Vec<Subscriber>> {
        let rows = Sql::new(
            "SELECT a.id, a.email, COALESCE(d.pace, 'monthly'), COALESCE(d.told_until, c.made_at) FROM account a \
             JOIN consent c ON c.account_id = a.id LEFT JOIN digest d ON d.account_id = a.id \
             WHERE a.status = 'active' AND c.purpose = ",
        )
        .bind(Purpose::News.code())
        .push(
            " AND c.given = 1 AND NOT EXISTS (SELECT 1 FROM consent l WHERE l.account_id = a.id \
             AND l.purpose = c.purpose AND (l.made_at > c.made_at OR (l.made_at = c.made_at AND l.id > c.id))) \
             ORDER BY a.id",
        )
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        rows.iter()
            .map(|row| {
                let mut cells = Cells::new(row);
                let account = cells.user_id()?;
                Ok(Subscriber {
                    account,
                    email: Email::parse(cells.text()?)
                        .map_err(|source| StoreError::damaged(format!("account {account}"), source))?,
                    pace: DigestPace::from_code(cells.text()?)
                        .ok_or_else(|| StoreError::damaged("digest.pace", "unknown pace".to_owned()))?,
                    told_until: cells.time()?,
                })
            })
            .collect()
    }

    /// How often somebody receives the letter, once they said so.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn digest_pace(&self, account: UserId) -> Result<Option<DigestPace>> {
        let row = Sql::new("SELECT pace FROM digest WHERE account_id = $1")
            .value(account.to_string())
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        row.map(|row| Ok(DigestPace::from_code(Cells::new(&row).text()?)))
            .transpose()
            .map(Option::flatten)
    }

    /// Says how often somebody wants the letter; what they were told stays known.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn set_digest_pace(&self, account: UserId, pace: DigestPace, now: Timestamp) -> Result<()> {
        Sql::new(
            "INSERT INTO digest (account_id, pace, told_until) VALUES ($1, $2, $3) ON CONFLICT (account_id) DO UPDATE \
             SET pace = excluded.pace",
        )
        .value(account.to_string())
        .value(pace.code())
        .value(now.as_millisecond())
        .execute(self.writer())
        .await
        .map(|_| ())
        .map_err(|e| self.fail(e))
    }

    /// Puts a letter in the queue and notes what it told, both or neither; `false` when another server did.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn tell_digest(
        &self,
        to: &Subscriber,
        until: Timestamp,
        letter: Option<(&Outgoing, &NewSecret<'_>)>,
        now: Timestamp,
    ) -> Result<bool> {
        let mut transaction = self.begin_write().await?;
        Sql::new(
            "INSERT INTO digest (account_id, pace, told_until) VALUES ($1, $2, $3) ON CONFLICT (account_id) DO NOTHING",
        )
        .value(to.account.to_string())
        .value(to.pace.code())
        .value(to.told_until.as_millisecond())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        let told = Sql::new("UPDATE digest SET told_until = $1 WHERE account_id = $2 AND told_until = $3")
            .value(until.as_millisecond())
            .value(to.account.to_string())
            .value(to.told_until.as_millisecond())
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        if told == 0 {
            return Ok(false);
        }
        if let Some((mail, secret)) = letter {
            self.keep_secret_in(&mut transaction, secret, now).await?;
            self.enqueue_in(&mut transaction, std::slice::from_ref(mail), now)
                .await?;
        }
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(true)
    }

    /// Takes back the consent to news of the library, from the link of a letter. Nothing when it was taken back.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn leave_digest(
        &self,
        key: &str,
        account: UserId,
        wording: &str,
        now: Timestamp,
    ) -> Result<()> {
        let agrees = self
            .consents_of(account)
            .await?
            .iter()
            .rev()
            .find(|consent| consent.purpose == Purpose::News)
            .is_some_and(|consent| consent.given);
        if !agrees {
            return Ok(());
        }
        let consent = Consent {
            purpose: Purpose::News,
            given: false,
            wording: wording.to_owned(),
            source: "unsubscribe".to_owned(),
            made_at: now,
        };
        self.add_consent(key, account, &consent).await
    }

    /// Public records first published, and others of which a version was published, after a moment and up to another;
    /// newest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn changed_between(
        &self,
        after: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(UseCaseId, bool)>> {
        let rows = Sql::new(
            "SELECT u.id, u.first_published_at, r.published_at FROM use_case u JOIN revision r \
             ON r.use_case_id = u.id AND r.number = u.published_number WHERE u.status = 'published' \
             AND r.published_at > ",
        )
        .bind(after.as_millisecond())
        .push(" AND r.published_at <= ")
        .bind(until.as_millisecond())
        .push(" ORDER BY r.published_at DESC, u.id DESC LIMIT 500")
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        rows.iter()
            .map(|row| {
                let mut cells = Cells::new(row);
                let id = cells.use_case_id()?;
                let first = cells.time_or_null()?;
                Ok((id, first.is_none_or(|first| first > after)))
            })
            .collect()
    }
}
