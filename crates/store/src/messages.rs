//! What people write about a record: to its carrier through the relay, or to moderators.

use jiff::Timestamp;
use sobria_catalogue::account::Email;
use sobria_catalogue::id::{UseCaseId, UserId};

use crate::error::{Result, StoreError};
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::Store;

/// To whom a message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// To the carrier of the record.
    Contact,
    /// To moderators: something is wrong or has changed.
    Report,
}

impl MessageKind {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Report => "report",
        }
    }

    /// Reads the code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Contact, Self::Report]
            .into_iter()
            .find(|kind| kind.code() == code)
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Identifier.
    pub id: String,
    /// Number given to the sender.
    pub receipt: String,
    /// The record that it is about.
    pub use_case: UseCaseId,
    /// To whom.
    pub kind: MessageKind,
    /// The account of the sender, when signed in.
    pub sender: Option<UserId>,
    /// Name of the sender.
    pub name: String,
    /// Mailbox of the sender, confirmed.
    pub email: Email,
    /// What is written.
    pub text: String,
    /// When.
    pub made_at: Timestamp,
    /// What was answered; blank while a report is open.
    pub answer: String,
    /// When it was answered.
    pub handled_at: Option<Timestamp>,
}

/// A report that waits, with the record that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenReport {
    /// The report.
    pub message: Message,
    /// Address part of the record.
    pub slug: String,
}

const SELECT: &str = "SELECT m.id, m.receipt, m.use_case_id, m.kind, m.sender_id, m.sender_name, m.sender_email, m.text, \
    m.made_at, m.answer, m.handled_at";

impl Store {
    /// Keeps a message. The number is drawn from its identifier.
    ///
    /// # Errors
    /// When the record is unknown.
    pub async fn add_message(&self, message: &Message) -> Result<()> {
        let status = match message.kind {
            MessageKind::Contact => "sent",
            MessageKind::Report => "open",
        };
        Sql::new(
            "INSERT INTO message (id, receipt, use_case_id, kind, sender_id, sender_name, sender_email, text, status, \
             answer, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', $10)",
        )
        .value(message.id.as_str())
        .value(message.receipt.as_str())
        .value(message.use_case.to_string())
        .value(message.kind.code())
        .value(message.sender.map(|id| id.to_string()))
        .value(message.name.as_str())
        .value(message.email.as_str())
        .value(message.text.as_str())
        .value(status)
        .value(message.made_at.as_millisecond())
        .execute(self.writer())
        .await
        .map(|_| ())
        .map_err(|e| self.fail(e))
    }

    /// Reports that wait, oldest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn open_reports(&self) -> Result<Vec<OpenReport>> {
        let rows = Sql::new(SELECT)
            .push(
                ", u.slug FROM message m JOIN use_case u ON u.id = m.use_case_id \
                 WHERE m.kind = 'report' AND m.status = 'open' ORDER BY m.made_at, m.id",
            )
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        rows.iter()
            .map(|row| {
                let mut cells = Cells::new(row);
                Ok(OpenReport {
                    message: message(&mut cells)?,
                    slug: cells.owned()?,
                })
            })
            .collect()
    }

    /// Closes a report with what is answered; returns it, or nothing when it was closed before.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn close_report(
        &self,
        id: &str,
        answer: &str,
        by: UserId,
        now: Timestamp,
    ) -> Result<Option<Message>> {
        let touched = Sql::new(
            "UPDATE message SET status = 'closed', answer = $1, handled_at = $2, handled_by = $3 \
             WHERE id = $4 AND kind = 'report' AND status = 'open'",
        )
        .value(answer)
        .value(now.as_millisecond())
        .value(by.to_string())
        .value(id)
        .execute(self.writer())
        .await
        .map_err(|e| self.fail(e))?;
        if touched == 0 {
            return Ok(None);
        }
        Sql::new(SELECT)
            .push(" FROM message m WHERE m.id = ")
            .bind(id)
            .first(self.writer())
            .await
            .map_err(|e| self.fail(e))?
            .map(|row| message(&mut Cells::new(&row)))
            .transpose()
    }

    /// Takes away messages older than a time: contacts, and reports that were answered. Returns how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn prune_messages(&self, before: Timestamp) -> Result<u64> {
        Sql::new("DELETE FROM message WHERE made_at < $1 AND status <> 'open'")
            .value(before.as_millisecond())
            .execute(self.writer())
            .await
            .map_err(|e| self.fail(e))
    }
}

fn message(cells: &mut Cells<'_>) -> Result<Message> {
    let id = cells.owned()?;
    let place = format!("message {id}");
    Ok(Message {
        receipt: cells.owned()?,
        use_case: cells.use_case_id()?,
        kind: {
            let code = cells.text()?;
            MessageKind::from_code(code)
                .ok_or_else(|| StoreError::damaged(place.clone(), format!("unknown kind \"{code}\"")))?
        },
        sender: cells.user_id_or_null()?,
        name: cells.owned()?,
        email: Email::parse(cells.text()?).map_err(|source| StoreError::damaged(place, source))?,
        text: cells.owned()?,
        made_at: cells.time()?,
        answer: cells.owned()?,
        handled_at: cells.time_or_null()?,
        id,
    })
}
