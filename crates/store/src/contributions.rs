//! Contributions: what somebody writes, kept as typed, and every step that the workflow allowed.
//!
//! Open this first: [`Store::create_contribution`] and [`Store::save_contribution`] write what
//! `sobria_catalogue::workflow` answered; nothing is decided here. A step is written on the version that it was
//! decided on or not at all, so that no update is ever lost.

mod adopt;
mod background;
mod history;
mod publish;
mod queue;
mod rows;
mod submissions;
mod trust;
mod write;

use sobria_catalogue::id::{ContributionId, UseCaseId};
use sobria_catalogue::workflow::{Applied as Step, Case, Kind};

pub use self::background::Background;
pub use self::history::{FullHistory, HistoryStep, ReviewedContribution};
pub use self::queue::{ContributionLine, ContributionPage, QueueCounts, QueueFilter};
use self::rows::SELECT;
pub use self::submissions::ReviewComment;
use crate::connection::{Connection, Target};
use crate::error::Result;
use crate::outbox::Outgoing;
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::{Store, retry};

/// What became of a contribution that was begun.
#[derive(Debug, Clone, PartialEq)]
pub enum Created {
    /// It is kept.
    New,
    /// The same person sent the same form before: this is what became of it.
    Again(Box<Case>),
    /// Somebody began one for the same record, which is still open: this one.
    Taken(Box<Case>),
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq)]
pub enum Saved {
    /// It is written; the contribution has this version now.
    Done(u32),
    /// Somebody changed the contribution meanwhile: nothing was written, and this is how it stands.
    Conflict(Box<Case>),
}

impl Store {
    /// Keeps a contribution that was begun, once: `key` comes with the form, and the same person who sends it again
    /// finds what it made the first time.
    ///
    /// # Errors
    /// When the database cannot be written, or the step is not a beginning.
    pub async fn create_contribution(&self, step: &Step, key: &str) -> Result<Created> {
        self.create_contribution_telling(step, key, &[]).await
    }

    /// The same, with messages that leave only if it is written.
    ///
    /// # Errors
    /// Those of [`Store::create_contribution`].
    pub async fn create_contribution_telling(
        &self,
        step: &Step,
        key: &str,
        mails: &[Outgoing],
    ) -> Result<Created> {
        retry(|| async {
            let mut transaction = self.begin_write().await?;
            let created = self.create_in(&mut transaction, step, key).await?;
            if created == Created::New {
                self.enqueue_in(&mut transaction, mails, step.at).await?;
                transaction.commit().await.map_err(|e| self.fail(e))?;
            }
            Ok(created)
        })
        .await
    }

    /// Writes a step on the version that it was decided on: the contribution, the frozen copy, comments, what becomes
    /// of the record and the audit line, all of it or nothing.
    ///
    /// # Errors
    /// [`crate::StoreError::NotFound`] when the contribution is gone; [`crate::StoreError::Conflict`] when the public
    /// record changed since; else when the database cannot be written.
    pub async fn save_contribution(&self, step: &Step) -> Result<Saved> {
        self.save_contribution_telling(step, &[]).await
    }

    /// The same, with messages that leave only if it is written.
    ///
    /// # Errors
    /// Those of [`Store::save_contribution`].
    pub async fn save_contribution_telling(&self, step: &Step, mails: &[Outgoing]) -> Result<Saved> {
        retry(|| async {
            let mut transaction = self.begin_write().await?;
            let saved = self.save_in(&mut transaction, step).await?;
            if matches!(saved, Saved::Done(_)) {
                self.enqueue_in(&mut transaction, mails, step.at).await?;
                transaction.commit().await.map_err(|e| self.fail(e))?;
            }
            Ok(saved)
        })
        .await
    }

    /// A contribution.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn contribution(&self, id: ContributionId) -> Result<Option<Case>> {
        let mut connection = self.reader().acquire().await.map_err(|e| self.fail(e))?;
        self.contribution_in(&mut connection, id).await
    }

    /// The contribution that has this receipt.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn contribution_by_receipt(&self, receipt: &str) -> Result<Option<Case>> {
        let statement = Sql::new(SELECT)
            .push(" WHERE c.receipt = ")
            .bind(receipt.trim().to_ascii_uppercase());
        self.first_case(statement, self.reader()).await
    }

    /// The contribution of a kind that is open for a record, when there is one.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn open_contribution(&self, use_case: UseCaseId, kind: Kind) -> Result<Option<Case>> {
        self.first_case(holding_open(use_case, kind), self.reader()).await
    }

    pub(crate) async fn contribution_in(
        &self,
        connection: &mut Connection,
        id: ContributionId,
    ) -> Result<Option<Case>> {
        let statement = Sql::new(SELECT).push(" WHERE c.id = ").bind(id.to_string());
        self.first_case(statement, connection).await
    }

    async fn first_case<'e>(&self, statement: Sql, target: impl Into<Target<'e>>) -> Result<Option<Case>> {
        statement
            .first(target)
            .await
            .map_err(|e| self.fail(e))?
            .map(|row| Cells::new(&row).case())
            .transpose()
    }
}

/// Asks for the open contribution of a kind about a record.
fn holding_open(use_case: UseCaseId, kind: Kind) -> Sql {
    Sql::new(SELECT)
        .push(" WHERE c.open_for = ")
        .bind(open_for(use_case, kind))
}

/// What an open contribution keeps others from beginning.
pub(crate) fn open_for(use_case: UseCaseId, kind: Kind) -> String {
    format!("{use_case}/{}", kind.code())
}
