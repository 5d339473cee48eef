//! Messages that wait to be sent. Several servers may send from one queue: each message is claimed before it leaves.

use jiff::{SignedDuration, Timestamp};
use sobria_catalogue::account::Email;

use crate::connection::Connection;
use crate::error::{Result, StoreError};
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::Store;

/// How long a claimed message is left to the server that claimed it.
const CLAIM: SignedDuration = SignedDuration::from_mins(5);
/// Claims and pauses that end later than this were made by a clock that was wrong: they hold nothing back. Clocks of
/// servers differ by much less.
const CLAIM_ENDS: SignedDuration = SignedDuration::from_mins(30);
const PAUSE_ENDS: SignedDuration = SignedDuration::from_hours(48);
/// Pauses after each failure; after the last one the message is dead.
const PAUSES: [SignedDuration; 5] = [
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(4),
    SignedDuration::from_hours(24),
];
/// Most messages to one mailbox in a day.
pub const DAILY: i64 = 20;

/// A message to put in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Identifier; the same one twice is one message.
    pub id: String,
    /// To whom.
    pub to: Email,
    /// What it is about.
    pub kind: &'static str,
    /// The message as JSON.
    pub message: String,
}

/// A message of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedMail {
    /// Identifier.
    pub id: String,
    /// To whom.
    pub to: Email,
    /// What it is about.
    pub kind: String,
    /// The message as JSON; blank once sent.
    pub message: String,
    /// `queued`, `sent` or `dead`.
    pub status: String,
    /// How many times it was tried.
    pub attempts: u32,
    /// What went wrong last.
    pub last_error: String,
    /// When it was put in the queue.
    pub made_at: Timestamp,
}

const SELECT: &str =
    "SELECT m.id, m.recipient, m.kind, m.message, m.status, m.attempts, m.last_error, m.made_at FROM mail m";

impl Store {
    /// Puts messages in the queue.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn enqueue(&self, mails: &[Outgoing], now: Timestamp) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        self.enqueue_in(&mut transaction, mails, now).await?;
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    /// Puts messages in the queue together with what causes them. Beyond so many a day, a mailbox gets no more.
    pub(crate) async fn enqueue_in(
        &self,
        connection: &mut Connection,
        mails: &[Outgoing],
        now: Timestamp,
    ) -> Result<()> {
        for mail in mails {
            let queued = Sql::new(
                "INSERT INTO mail (id, recipient, kind, message, status, attempts, next_at, locked_until, last_error, \
                 made_at) SELECT $1, $2, $3, $4, 'queued', 0, $5, 0, '', $5 \
                 WHERE (SELECT COUNT(*) FROM mail WHERE recipient = $2 AND made_at > $6) < $7 \
                 ON CONFLICT (id) DO NOTHING",
            )
            .value(mail.id.as_str())
            .value(mail.to.as_str())
            .value(mail.kind)
            .value(mail.message.as_str())
            .value(now.as_millisecond())
            .value((now - SignedDuration::from_hours(24)).as_millisecond())
            .value(DAILY)
            .execute(&mut *connection)
            .await
            .map_err(|e| self.fail(e))?;
            if queued == 0 {
                tracing::info!(
                    kind = mail.kind,
                    "a message was in the queue already, or its mailbox got its share of the day"
                );
            }
        }
        Ok(())
    }

    /// Claims the message that has waited longest; no other server gets it for five minutes.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn claim_mail(&self, now: Timestamp) -> Result<Option<QueuedMail>> {
        let row = Sql::new(
            "UPDATE mail SET locked_until = $1, attempts = attempts + 1 WHERE id = \
             (SELECT id FROM mail WHERE status = 'queued' AND (next_at <= $2 OR next_at > $3) \
             AND (locked_until <= $2 OR locked_until > $4) ORDER BY next_at, id LIMIT 1) AND status = 'queued' \
             AND (next_at <= $2 OR next_at > $3) AND (locked_until <= $2 OR locked_until > $4) \
             RETURNING id, recipient, kind, message, status, attempts, last_error, made_at",
        )
        .value((now + CLAIM).as_millisecond())
        .value(now.as_millisecond())
        .value((now + PAUSE_ENDS).as_millisecond())
        .value((now + CLAIM_ENDS).as_millisecond())
        .first(self.writer())
        .await
        .map_err(|e| self.fail(e))?;
        row.map(|row| mail(&mut Cells::new(&row))).transpose()
    }

    /// Says that a claimed message left. Its words go, unless they are to be kept.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn mail_sent(&self, id: &str, keep_words: bool, now: Timestamp) -> Result<()> {
        Sql::new(
            "UPDATE mail SET status = 'sent', sent_at = $1, locked_until = 0, last_error = '', \
             message = CASE WHEN $2 = 1 THEN message ELSE '' END WHERE id = $3",
        )
        .value(now.as_millisecond())
        .value(i64::from(keep_words))
        .value(id)
        .execute(self.writer())
        .await
        .map(|_| ())
        .map_err(|e| self.fail(e))
    }

    /// Says that a claimed message could not leave: it is tried again later, or given up after the last pause or
    /// when trying again would not help.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn mail_failed(
        &self,
        mail: &QueuedMail,
        error: &str,
        for_good: bool,
        now: Timestamp,
    ) -> Result<()> {
        let tried = usize::try_from(mail.attempts).unwrap_or(usize::MAX);
        let pause = PAUSES.get(tried.saturating_sub(1)).filter(|_| !for_good);
        let (status, next) = match pause {
            Some(pause) => ("queued", now + *pause),
            None => ("dead", now),
        };
        Sql::new("UPDATE mail SET status = $1, next_at = $2, locked_until = 0, last_error = $3 WHERE id = $4")
            .value(status)
            .value(next.as_millisecond())
            .value(error)
            .value(mail.id.as_str())
            .execute(self.writer())
            .await
            .map(|_| ())
            .map_err(|e| self.fail(e))
    }

    /// The newest messages, whatever became of them; those of one status when it is given.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn mails(&self, status: Option<&str>, limit: u32) -> Result<Vec<QueuedMail>> {
        let mut sql = Sql::new(SELECT);
        if let Some(status) = status {
            sql = sql.push(" WHERE m.status = ").bind(status);
        }
        let rows = sql
            .push(" ORDER BY m.made_at DESC, m.id DESC LIMIT ")
            .bind(i64::from(limit))
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        rows.iter().map(|row| mail(&mut Cells::new(row))).collect()
    }

    /// Puts a dead message back in the queue; `false` when it is not dead.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn revive_mail(&self, id: &str, now: Timestamp) -> Result<bool> {
        let touched = Sql::new(
            "UPDATE mail SET status = 'queued', attempts = 0, next_at = $1 WHERE id = $2 AND status = 'dead'",
        )
        .value(now.as_millisecond())
        .value(id)
        .execute(self.writer())
        .await
        .map_err(|e| self.fail(e))?;
        Ok(touched == 1)
    }

    /// Forgets messages made before a time that wait no more.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn prune_mails(&self, before: Timestamp) -> Result<u64> {
        Sql::new("DELETE FROM mail WHERE status <> 'queued' AND made_at < $1")
            .value(before.as_millisecond())
            .execute(self.writer())
            .await
            .map_err(|e| self.fail(e))
    }
}

fn mail(cells: &mut Cells<'_>) -> Result<QueuedMail> {
    let id = cells.owned()?;
    Ok(QueuedMail {
        to: Email::parse(cells.text()?)
            .map_err(|source| StoreError::damaged(format!("mail {id}"), source))?,
        kind: cells.owned()?,
        message: cells.owned()?,
        status: cells.owned()?,
        attempts: cells.version()?,
        last_error: cells.owned()?,
        made_at: cells.time()?,
        id,
    })
}
