//! What is owed after an award, and who is reminded of it.

use jiff::civil::Date;
use sobria_catalogue::account::Email;
use sobria_catalogue::id::UserId;

use super::{PurchaseStep, unknown};
use crate::accounts::NewSecret;
use crate::error::{Result, StoreError};
use crate::outbox::Outgoing;
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::Store;

/// Something owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deliverable {
    /// Identifier.
    pub id: String,
    /// The file.
    pub purchase: String,
    /// What.
    pub label: String,
    /// Whether the supplier owes it; else the buyer does.
    pub by_supplier: bool,
    /// Day on which it is due.
    pub due_on: Date,
    /// Day on which it was received.
    pub received_on: Option<Date>,
    /// The agent who is reminded.
    pub account: Option<UserId>,
    /// Whether that agent wants reminders.
    pub reminds: bool,
    /// Mailbox of the supplier that is reminded too.
    pub email: Option<String>,
}

/// Something owed, with where its reminders go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueDeliverable {
    /// What is owed.
    pub deliverable: Deliverable,
    /// Name of the file.
    pub title: String,
    /// Mailbox of the agent, when that agent wants reminders.
    pub agent: Option<Email>,
}

const COLUMNS: &str = "SELECT d.id, d.purchase_id, d.label, d.owed_by, d.due_on, d.received_on, d.account_id, \
    d.reminds, d.email";

impl Store {
    /// Adds something owed.
    ///
    /// # Errors
    /// When the file is unknown.
    pub async fn add_deliverable(&self, new: &Deliverable, step: PurchaseStep<'_>) -> Result<()> {
        let change = Sql::new(
            "INSERT INTO purchase_deliverable (id, purchase_id, label, owed_by, due_on, account_id, reminds, email, \
             made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .value(new.id.as_str())
        .value(new.purchase.as_str())
        .value(new.label.as_str())
        .value(if new.by_supplier { "supplier" } else { "buyer" })
        .value(new.due_on.to_string())
        .value(new.account.map(|account| account.to_string()))
        .value(i64::from(new.reminds))
        .value(new.email.as_deref())
        .value(step.now.as_millisecond());
        self.change_purchase(
            &new.purchase,
            change,
            unknown("purchase file", &new.purchase),
            None,
            step,
        )
        .await
    }

    /// Says on which day something owed was received; none to take that back.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the file has no such deliverable.
    pub async fn receive_deliverable(
        &self,
        purchase: &str,
        id: &str,
        on: Option<Date>,
        step: PurchaseStep<'_>,
    ) -> Result<()> {
        let change =
            Sql::new("UPDATE purchase_deliverable SET received_on = $1 WHERE id = $2 AND purchase_id = $3")
                .value(on.map(|day| day.to_string()))
                .value(id)
                .value(purchase);
        self.change_purchase(purchase, change, unknown("deliverable", id), None, step)
            .await
    }

    /// Takes something owed off the schedule.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the file has no such deliverable.
    pub async fn delete_deliverable(&self, purchase: &str, id: &str, step: PurchaseStep<'_>) -> Result<()> {
        let change = Sql::new("DELETE FROM purchase_deliverable WHERE id = $1 AND purchase_id = $2")
            .value(id)
            .value(purchase);
        self.change_purchase(purchase, change, unknown("deliverable", id), None, step)
            .await
    }

    /// What is owed in a file, by day.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn deliverables_of(&self, purchase: &str) -> Result<Vec<Deliverable>> {
        Sql::new(COLUMNS)
            .push(" FROM purchase_deliverable d WHERE d.purchase_id = ")
            .bind(purchase)
            .push(" ORDER BY d.due_on, d.id")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| deliverable(&mut Cells::new(row)))
            .collect()
    }

    /// What is owed up to a day and was not received, oldest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn due_deliverables(&self, until: Date) -> Result<Vec<DueDeliverable>> {
        Sql::new(COLUMNS)
            .push(
                ", p.title, a.email FROM purchase_deliverable d JOIN purchase p ON p.id = d.purchase_id \
                 LEFT JOIN account a ON a.id = d.account_id AND a.status = 'active' AND d.reminds = 1 \
                 WHERE d.received_on IS NULL AND d.due_on <= ",
            )
            .bind(until.to_string())
            .push(" ORDER BY d.due_on, d.id LIMIT 1000")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| {
                let mut cells = Cells::new(row);
                let deliverable = deliverable(&mut cells)?;
                Ok(DueDeliverable {
                    title: cells.owned()?,
                    agent: cells
                        .text_or_null()?
                        .map(|email| {
                            Email::parse(&email)
                                .map_err(|source| StoreError::damaged("account of a deliverable", source))
                        })
                        .transpose()?,
                    deliverable,
                })
            })
            .collect()
    }

    /// Puts a reminder in the queue with the secret that stops it: together, once under this name, whichever server
    /// comes first. `false` when another did.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn remind_deliverable(
        &self,
        name: &str,
        mail: &Outgoing,
        secret: &NewSecret<'_>,
        now: jiff::Timestamp,
    ) -> Result<bool> {
        let mut transaction = self.begin_write().await?;
        let fresh = Sql::new("INSERT INTO task (name, ran_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
            .value(name)
            .value(now.as_millisecond())
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        if fresh == 0 {
            return Ok(false);
        }
        self.keep_secret_in(&mut transaction, secret, now).await?;
        self.enqueue_in(&mut transaction, std::slice::from_ref(mail), now)
            .await?;
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(true)
    }

    /// Stops the reminders of a deliverable: those to the supplier, whose mailbox is forgotten, or those to the agent.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn stop_reminders(&self, id: &str, to_supplier: bool) -> Result<()> {
        let statement = if to_supplier {
            Sql::new("UPDATE purchase_deliverable SET email = NULL WHERE id = $1")
        } else {
            Sql::new("UPDATE purchase_deliverable SET reminds = 0 WHERE id = $1")
        };
        statement
            .value(id)
            .execute(self.writer())
            .await
            .map(|_| ())
            .map_err(|e| self.fail(e))
    }
}

fn day(text: &str) -> Result<Date> {
    text.parse()
        .map_err(|source: jiff::Error| StoreError::damaged(format!("day \"{text}\""), source))
}

fn deliverable(cells: &mut Cells<'_>) -> Result<Deliverable> {
    Ok(Deliverable {
        id: cells.owned()?,
        purchase: cells.owned()?,
        label: cells.owned()?,
        by_supplier: cells.text()? == "supplier",
        due_on: day(cells.text()?)?,
        received_on: cells.text_or_null()?.as_deref().map(day).transpose()?,
        account: cells.user_id_or_null()?,
        reminds: cells.number()? != 0,
        email: cells.text_or_null()?,
    })
}
