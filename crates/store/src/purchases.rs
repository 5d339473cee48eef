//! Files of responsible purchase: what an organisation prepares, the answers of suppliers, marks, deliverables.
//!
//! Who may read what is decided by the callers, with the rules of the instrument; every change writes a line of the
//! file's own log and one of the audit trail.

mod answers;
mod deliverables;
mod evaluations;
mod files;

use jiff::{SignedDuration, Timestamp};
use sobria_catalogue::id::{OrganisationId, UserId};

pub use self::answers::{NewSupplier, SupplierAnswer, SupplierLine, Written};
pub use self::deliverables::{Deliverable, DueDeliverable};
pub use self::evaluations::{Evaluation as PurchaseEvaluation, MarkedBy};
pub use self::files::{AnswerFile, Joined};

use crate::audit::AuditEntry;
use crate::connection::Connection;
use crate::error::{Result, StoreError};
use crate::outbox::Outgoing;
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::{Store, retry};

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// Identifier.
    pub id: String,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Name.
    pub title: String,
    /// What was typed, a JSON list of names and values.
    pub form: String,
    /// How far it is, a JSON document.
    pub progress: String,
    /// From 1.
    pub version: u32,
    /// When it was begun.
    pub made_at: Timestamp,
    /// When it was last changed.
    pub changed_at: Timestamp,
}

/// What is to be written in a file.
#[derive(Debug, Clone, Copy)]
pub struct PurchaseText<'a> {
    /// Name.
    pub title: &'a str,
    /// What was typed, a JSON list of names and values.
    pub form: &'a str,
    /// How far it is, a JSON document.
    pub progress: &'a str,
    /// Since when its summary is public.
    pub public_at: Option<Timestamp>,
}

/// Something done to a file.
#[derive(Debug, Clone, Copy)]
pub struct PurchaseStep<'a> {
    /// Who; none for a supplier.
    pub by: Option<UserId>,
    /// What, a code.
    pub action: &'a str,
    /// Why or to what, in words, for those who work on the file.
    pub words: &'a str,
    /// What the audit trail keeps: codes and hashes, never words.
    pub detail: &'a str,
    /// When.
    pub now: Timestamp,
}

/// A line of the log of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurchaseEvent {
    /// When.
    pub at: Timestamp,
    /// Who; none for a supplier, and once the account was erased.
    pub by: Option<UserId>,
    /// What, a code.
    pub action: String,
    /// Why or to what.
    pub words: String,
}

const SELECT: &str = "SELECT p.id, p.organisation_id, p.title, p.form, p.progress, p.version, p.made_at, p.changed_at \
    FROM purchase p";

impl Store {
    /// Begins a file, and returns its identifier: that of the same file, when it was begun within `twice` and not
    /// touched since. A button pressed twice sends both requests at once, so nobody else begins one in between.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the organisation is unknown or the identifier is taken.
    pub async fn create_purchase(
        &self,
        id: &str,
        organisation: OrganisationId,
        text: PurchaseText<'_>,
        step: PurchaseStep<'_>,
        twice: SignedDuration,
    ) -> Result<String> {
        retry(|| self.create_purchase_once(id, organisation, text, step, twice)).await
    }

    async fn create_purchase_once(
        &self,
        id: &str,
        organisation: OrganisationId,
        text: PurchaseText<'_>,
        step: PurchaseStep<'_>,
        twice: SignedDuration,
    ) -> Result<String> {
        let mut transaction = self.begin_write().await?;
        // The trail lets one writer through at a time: what is read next holds until the end.
        self.lock_chain(&mut transaction, 0).await?;
        let same = Sql::new(
            "SELECT id FROM purchase WHERE organisation_id = $1 AND version = 1 AND made_at > $2 AND title = $3 \
             AND form = $4 AND progress = $5 ORDER BY made_at LIMIT 1",
        )
        .value(organisation.to_string())
        .value((step.now - twice).as_millisecond())
        .value(text.title)
        .value(text.form)
        .value(text.progress)
        .first(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        if let Some(same) = same {
            return Cells::new(&same).owned();
        }
        Sql::new(
            "INSERT INTO purchase (id, organisation_id, title, form, progress, version, made_at, changed_at) \
             VALUES ($1, $2, $3, $4, $5, 1, $6, $6)",
        )
        .value(id)
        .value(organisation.to_string())
        .value(text.title)
        .value(text.form)
        .value(text.progress)
        .value(step.now.as_millisecond())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        self.note_purchase(&mut transaction, id, step).await?;
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(id.to_owned())
    }

    /// Writes a file over the version that was read. Returns its new version.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it was changed meanwhile, [`StoreError::NotFound`] when there is none.
    pub async fn save_purchase(
        &self,
        id: &str,
        version: u32,
        text: PurchaseText<'_>,
        step: PurchaseStep<'_>,
    ) -> Result<u32> {
        retry(|| self.save_purchase_once(id, version, text, step)).await
    }

    async fn save_purchase_once(
        &self,
        id: &str,
        version: u32,
        text: PurchaseText<'_>,
        step: PurchaseStep<'_>,
    ) -> Result<u32> {
        let mut transaction = self.begin_write().await?;
        let next = version.saturating_add(1);
        let touched = Sql::new(
            "UPDATE purchase SET title = $1, form = $2, progress = $3, version = $4, changed_at = $5, public_at = $8 \
             WHERE id = $6 AND version = $7",
        )
        .value(text.title)
        .value(text.form)
        .value(text.progress)
        .value(i64::from(next))
        .value(step.now.as_millisecond())
        .value(id)
        .value(i64::from(version))
        .value(text.public_at.map(Timestamp::as_millisecond))
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        if touched == 0 {
            drop(transaction);
            return Err(match self.purchase(id).await? {
                Some(_) => StoreError::Conflict {
                    what: format!("the purchase file {id} was changed meanwhile"),
                },
                None => unknown("purchase file", id),
            });
        }
        self.note_purchase(&mut transaction, id, step).await?;
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(next)
    }

    /// A file.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn purchase(&self, id: &str) -> Result<Option<Purchase>> {
        Sql::new(SELECT)
            .push(" WHERE p.id = ")
            .bind(id)
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .map(|row| purchase(&mut Cells::new(&row)))
            .transpose()
    }

    /// The files of some organisations, last changed first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn purchases_of(&self, organisations: &[OrganisationId]) -> Result<Vec<Purchase>> {
        if organisations.is_empty() {
            return Ok(Vec::new());
        }
        Sql::new(SELECT)
            .push(" WHERE p.organisation_id IN ")
            .list(organisations.iter().map(ToString::to_string))
            .push(" ORDER BY p.changed_at DESC, p.id LIMIT 200")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| purchase(&mut Cells::new(row)))
            .collect()
    }

    /// The files whose summary is public, newest first, at most so many.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn public_purchases(&self, most: u32) -> Result<Vec<Purchase>> {
        Sql::new(SELECT)
            .push(" WHERE p.public_at IS NOT NULL ORDER BY p.public_at DESC, p.id LIMIT ")
            .bind(i64::from(most))
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| purchase(&mut Cells::new(row)))
            .collect()
    }

    /// Takes away a file that no supplier handed an answer in to, with everything in it.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it was changed meanwhile or an answer was handed in.
    pub async fn delete_purchase(&self, id: &str, version: u32, step: PurchaseStep<'_>) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        let held = Sql::new(
            "UPDATE purchase SET version = version + 1 WHERE id = $1 AND version = $2 AND NOT EXISTS \
             (SELECT 1 FROM purchase_answer a WHERE a.purchase_id = $1 AND a.submitted_at IS NOT NULL)",
        )
        .value(id)
        .value(i64::from(version))
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        if held == 0 {
            return Err(StoreError::Conflict {
                what: format!("the purchase file {id} was changed meanwhile, or holds an answer"),
            });
        }
        for purge in [
            "DELETE FROM purchase_deliverable WHERE purchase_id = $1",
            "DELETE FROM purchase_evaluation WHERE purchase_id = $1",
            "DELETE FROM purchase_file WHERE answer_id IN (SELECT a.id FROM purchase_answer a WHERE a.purchase_id = $1)",
            "DELETE FROM purchase_answer WHERE purchase_id = $1",
            "DELETE FROM purchase_event WHERE purchase_id = $1",
            "DELETE FROM purchase WHERE id = $1",
        ] {
            Sql::new(purge)
                .value(id)
                .execute(&mut *transaction)
                .await
                .map_err(|e| self.fail(e))?;
        }
        self.audit_purchase(&mut transaction, id, step).await?;
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    /// The log of a file, oldest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn purchase_events(&self, id: &str) -> Result<Vec<PurchaseEvent>> {
        Sql::new(
            "SELECT e.made_at, e.account_id, e.action, e.words FROM purchase_event e \
             WHERE e.purchase_id = $1 ORDER BY e.number",
        )
        .value(id)
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?
        .iter()
        .map(|row| {
            let mut cells = Cells::new(row);
            Ok(PurchaseEvent {
                at: cells.time()?,
                by: cells.user_id_or_null()?,
                action: cells.owned()?,
                words: cells.owned()?,
            })
        })
        .collect()
    }

    /// Forgets the mailboxes of suppliers whose link ran out before a time, and those of deliverables due before it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn forget_suppliers(&self, before: Timestamp) -> Result<u64> {
        let day = before.to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
        let answers =
            Sql::new("UPDATE purchase_answer SET email = NULL WHERE email IS NOT NULL AND expires_at < $1")
                .value(before.as_millisecond())
                .execute(self.writer())
                .await
                .map_err(|e| self.fail(e))?;
        let owed =
            Sql::new("UPDATE purchase_deliverable SET email = NULL WHERE email IS NOT NULL AND due_on < $1")
                .value(day)
                .execute(self.writer())
                .await
                .map_err(|e| self.fail(e))?;
        Ok(answers + owed)
    }

    /// Makes one change to what a file holds, with the message that goes with it and its line in the log: all or none.
    ///
    /// # Errors
    /// `missing` when the change touches nothing.
    pub(crate) async fn change_purchase(
        &self,
        purchase: &str,
        change: Sql,
        missing: StoreError,
        mail: Option<&Outgoing>,
        step: PurchaseStep<'_>,
    ) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        let touched = change
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        if touched == 0 {
            return Err(missing);
        }
        self.enqueue_in(&mut transaction, mail.map_or(&[], std::slice::from_ref), step.now)
            .await?;
        self.note_purchase(&mut transaction, purchase, step).await?;
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    /// Adds a line to the log of a file and to the audit trail.
    pub(crate) async fn note_purchase(
        &self,
        connection: &mut Connection,
        id: &str,
        step: PurchaseStep<'_>,
    ) -> Result<()> {
        // The audit trail lets one writer through at a time: the number that is read next is free.
        self.audit_purchase(connection, id, step).await?;
        Sql::new(
            "INSERT INTO purchase_event (purchase_id, number, made_at, account_id, action, words) \
             SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5 FROM purchase_event WHERE purchase_id = $1",
        )
        .value(id)
        .value(step.now.as_millisecond())
        .value(step.by.map(|by| by.to_string()))
        .value(step.action)
        .value(step.words)
        .execute(connection)
        .await
        .map(|_| ())
        .map_err(|e| self.fail(e))
    }

    async fn audit_purchase(
        &self,
        connection: &mut Connection,
        id: &str,
        step: PurchaseStep<'_>,
    ) -> Result<()> {
        let actor = step.by.map(|by| by.to_string()).unwrap_or_default();
        let action = format!("purchase-{}", step.action);
        let entry = AuditEntry {
            at: step.now,
            actor: &actor,
            action: &action,
            subject: id,
            detail: step.detail,
        };
        self.chain(connection, None, entry).await
    }
}

fn unknown(what: &str, id: &str) -> StoreError {
    StoreError::NotFound {
        what: format!("{what} {id}"),
    }
}

fn purchase(cells: &mut Cells<'_>) -> Result<Purchase> {
    Ok(Purchase {
        id: cells.owned()?,
        organisation: cells.organisation_id()?,
        title: cells.owned()?,
        form: cells.owned()?,
        progress: cells.owned()?,
        version: cells.version()?,
        made_at: cells.time()?,
        changed_at: cells.time()?,
    })
}
