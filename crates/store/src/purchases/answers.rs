//! Suppliers that were asked, and what they answered.

use jiff::Timestamp;

use super::{PurchaseStep, unknown};
use crate::error::{Result, StoreError};
use crate::outbox::Outgoing;
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::{Store, retry};

/// A supplier to ask.
#[derive(Debug, Clone, Copy)]
pub struct NewSupplier<'a> {
    /// Identifier of its answer.
    pub id: &'a str,
    /// The file.
    pub purchase: &'a str,
    /// Name.
    pub supplier: &'a str,
    /// Mailbox, where one was given.
    pub email: Option<&'a str>,
    /// SHA-256 of the secret of its link.
    pub secret_hash: &'a str,
    /// When the link stops.
    pub expires_at: Timestamp,
}

/// A supplier, without what it answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupplierLine {
    /// Identifier of its answer.
    pub id: String,
    /// The file.
    pub purchase: String,
    /// Name.
    pub supplier: String,
    /// Mailbox, where one was given.
    pub email: Option<String>,
    /// When the link stops.
    pub expires_at: Timestamp,
    /// When the buyer closed it.
    pub revoked_at: Option<Timestamp>,
    /// Version of the answer, from 0.
    pub version: u32,
    /// When it was last saved.
    pub changed_at: Option<Timestamp>,
    /// When it was last handed in.
    pub submitted_at: Option<Timestamp>,
    /// Number of the receipt.
    pub receipt: Option<String>,
}

impl SupplierLine {
    /// Whether the link leads somewhere at a time.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// A supplier with what it answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupplierAnswer {
    /// The supplier.
    pub line: SupplierLine,
    /// What was answered, a JSON document.
    pub answers: String,
}

/// What a supplier writes.
#[derive(Debug, Clone, Copy)]
pub struct Written<'a> {
    /// What was answered, a JSON document.
    pub answers: &'a str,
    /// Number of the receipt when it is handed in.
    pub receipt: Option<&'a str>,
    /// Messages that leave with it.
    pub mails: &'a [Outgoing],
}

const LINE: &str = "SELECT a.id, a.purchase_id, a.supplier, a.email, a.expires_at, a.revoked_at, a.version, \
    a.changed_at, a.submitted_at, a.receipt";

impl Store {
    /// Asks a supplier, with the message that carries its link, when there is one.
    ///
    /// # Errors
    /// When the file is unknown.
    pub async fn add_supplier(
        &self,
        new: NewSupplier<'_>,
        mail: Option<&Outgoing>,
        step: PurchaseStep<'_>,
    ) -> Result<()> {
        let change = Sql::new(
            "INSERT INTO purchase_answer (id, purchase_id, supplier, email, secret_hash, expires_at, answers, version, \
             made_at) VALUES ($1, $2, $3, $4, $5, $6, '{}', 0, $7)",
        )
        .value(new.id)
        .value(new.purchase)
        .value(new.supplier)
        .value(new.email)
        .value(new.secret_hash)
        .value(new.expires_at.as_millisecond())
        .value(step.now.as_millisecond());
        self.change_purchase(new.purchase, change, unknown("supplier", new.id), mail, step)
            .await
    }

    /// Gives a supplier another link, good until a time; the former one leads nowhere any more.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the file has no such supplier.
    pub async fn renew_supplier(
        &self,
        purchase: &str,
        id: &str,
        secret_hash: &str,
        expires_at: Timestamp,
        mail: Option<&Outgoing>,
        step: PurchaseStep<'_>,
    ) -> Result<()> {
        let change = Sql::new(
            "UPDATE purchase_answer SET secret_hash = $1, expires_at = $2, revoked_at = NULL \
             WHERE id = $3 AND purchase_id = $4",
        )
        .value(secret_hash)
        .value(expires_at.as_millisecond())
        .value(id)
        .value(purchase);
        self.change_purchase(purchase, change, unknown("supplier", id), mail, step)
            .await
    }

    /// Lets every open link of a file lead on until a time.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn extend_suppliers(&self, purchase: &str, expires_at: Timestamp) -> Result<()> {
        Sql::new(
            "UPDATE purchase_answer SET expires_at = $1 WHERE purchase_id = $2 AND revoked_at IS NULL \
             AND expires_at < $1",
        )
        .value(expires_at.as_millisecond())
        .value(purchase)
        .execute(self.writer())
        .await
        .map(|_| ())
        .map_err(|e| self.fail(e))
    }

    /// Closes the link of a supplier; what was answered stays.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the file has no such open link.
    pub async fn revoke_supplier(&self, purchase: &str, id: &str, step: PurchaseStep<'_>) -> Result<()> {
        let change = Sql::new(
            "UPDATE purchase_answer SET revoked_at = $1 WHERE id = $2 AND purchase_id = $3 AND revoked_at IS NULL",
        )
        .value(step.now.as_millisecond())
        .value(id)
        .value(purchase);
        self.change_purchase(purchase, change, unknown("open link of supplier", id), None, step)
            .await
    }

    /// The suppliers of a file, in the order in which they were asked, without what they answered.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn suppliers_of(&self, purchase: &str) -> Result<Vec<SupplierLine>> {
        Sql::new(LINE)
            .push(" FROM purchase_answer a WHERE a.purchase_id = ")
            .bind(purchase)
            .push(" ORDER BY a.made_at, a.id")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| line(&mut Cells::new(row)))
            .collect()
    }

    /// The answers that were handed in to a file, in the order in which suppliers were asked. For a tender, only once
    /// it was opened: the caller knows.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn answers_of(&self, purchase: &str) -> Result<Vec<SupplierAnswer>> {
        Sql::new(LINE)
            .push(", a.answers FROM purchase_answer a WHERE a.submitted_at IS NOT NULL AND a.purchase_id = ")
            .bind(purchase)
            .push(" ORDER BY a.made_at, a.id")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| answer(&mut Cells::new(row)))
            .collect()
    }

    /// The answer that the secret of a link leads to, whether the link is still open or not.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn answer_by_secret(&self, secret_hash: &str) -> Result<Option<SupplierAnswer>> {
        Sql::new(LINE)
            .push(", a.answers FROM purchase_answer a WHERE a.secret_hash = ")
            .bind(secret_hash)
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .map(|row| answer(&mut Cells::new(&row)))
            .transpose()
    }

    /// Saves what a supplier answered over the version that was read, and hands it in when there is a receipt.
    /// Returns the new version. A note goes to the log of the file for what is handed in alone.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it was saved elsewhere meanwhile or the link was closed.
    pub async fn save_answer(
        &self,
        id: &str,
        version: u32,
        written: Written<'_>,
        step: PurchaseStep<'_>,
    ) -> Result<u32> {
        retry(|| self.save_answer_once(id, version, written, step)).await
    }

    async fn save_answer_once(
        &self,
        id: &str,
        version: u32,
        written: Written<'_>,
        step: PurchaseStep<'_>,
    ) -> Result<u32> {
        let mut transaction = self.begin_write().await?;
        let next = version.saturating_add(1);
        let row = Sql::new(
            "UPDATE purchase_answer SET answers = $1, version = $2, changed_at = $3, \
             submitted_at = CASE WHEN $4 = '' THEN submitted_at ELSE $3 END, \
             receipt = CASE WHEN $4 = '' THEN receipt ELSE $4 END \
             WHERE id = $5 AND version = $6 AND revoked_at IS NULL AND expires_at > $3 RETURNING purchase_id",
        )
        .value(written.answers)
        .value(i64::from(next))
        .value(step.now.as_millisecond())
        .value(written.receipt.unwrap_or(""))
        .value(id)
        .value(i64::from(version))
        .first(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        let Some(row) = row else {
            return Err(StoreError::Conflict {
                what: format!("the answer {id} was saved elsewhere meanwhile, or its link was closed"),
            });
        };
        let purchase = Cells::new(&row).owned()?;
        if written.receipt.is_some() {
            self.note_purchase(&mut transaction, &purchase, step).await?;
            self.enqueue_in(&mut transaction, written.mails, step.now).await?;
        }
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(next)
    }
}

fn line(cells: &mut Cells<'_>) -> Result<SupplierLine> {
    Ok(SupplierLine {
        id: cells.owned()?,
        purchase: cells.owned()?,
        supplier: cells.owned()?,
        email: cells.text_or_null()?,
        expires_at: cells.time()?,
        revoked_at: cells.time_or_null()?,
        version: cells.version()?,
        changed_at: cells.time_or_null()?,
        submitted_at: cells.time_or_null()?,
        receipt: cells.text_or_null()?,
    })
}

fn answer(cells: &mut Cells<'_>) -> Result<SupplierAnswer> {
    Ok(SupplierAnswer {
        line: line(cells)?,
        answers: cells.owned()?,
    })
}
