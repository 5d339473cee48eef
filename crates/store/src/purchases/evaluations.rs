//! Marks of two evaluators, and what they agreed on.

use jiff::Timestamp;
use sobria_catalogue::id::UserId;

use super::PurchaseStep;
use crate::error::{Result, StoreError};
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::{Store, retry};

/// Whose marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MarkedBy {
    /// The first evaluator.
    First,
    /// The second evaluator.
    Second,
    /// Both, together.
    Both,
}

impl MarkedBy {
    /// Seats of evaluators.
    pub const SEATS: [Self; 2] = [Self::First, Self::Second];

    const fn number(self) -> i64 {
        match self {
            Self::First => 1,
            Self::Second => 2,
            Self::Both => 3,
        }
    }

    fn from_number(number: i64) -> Result<Self> {
        [Self::First, Self::Second, Self::Both]
            .into_iter()
            .find(|seat| seat.number() == number)
            .ok_or_else(|| StoreError::damaged("purchase_evaluation.seat", format!("unknown seat {number}")))
    }
}

/// Marks of one seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// Whose.
    pub seat: MarkedBy,
    /// The account; empty once it was erased.
    pub by: Option<UserId>,
    /// Marks by answer, a JSON document.
    pub marks: String,
    /// From 1.
    pub version: u32,
    /// When they were last saved.
    pub changed_at: Timestamp,
    /// When they were handed in; nobody changes them afterwards.
    pub submitted_at: Option<Timestamp>,
}

impl Store {
    /// The marks of a file, whoever gave them. What an evaluator may see of them is the caller's to decide.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn purchase_evaluations(&self, purchase: &str) -> Result<Vec<Evaluation>> {
        Sql::new(
            "SELECT seat, account_id, marks, version, changed_at, submitted_at FROM purchase_evaluation \
             WHERE purchase_id = $1 ORDER BY seat",
        )
        .value(purchase)
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?
        .iter()
        .map(|row| {
            let mut cells = Cells::new(row);
            Ok(Evaluation {
                seat: MarkedBy::from_number(cells.number()?)?,
                by: cells.user_id_or_null()?,
                marks: cells.owned()?,
                version: cells.version()?,
                changed_at: cells.time()?,
                submitted_at: cells.time_or_null()?,
            })
        })
        .collect()
    }

    /// Gives somebody the seat of an evaluator. Nobody has both.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the seat is taken, or the person has the other one.
    pub async fn take_seat(
        &self,
        purchase: &str,
        seat: MarkedBy,
        by: UserId,
        step: PurchaseStep<'_>,
    ) -> Result<()> {
        retry(|| self.take_seat_once(purchase, seat, by, step)).await
    }

    async fn take_seat_once(
        &self,
        purchase: &str,
        seat: MarkedBy,
        by: UserId,
        step: PurchaseStep<'_>,
    ) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        // The log first: it lets one writer through at a time, so that nobody sits down twice.
        self.note_purchase(&mut transaction, purchase, step).await?;
        let touched = Sql::new(
            "INSERT INTO purchase_evaluation (purchase_id, seat, account_id, marks, version, changed_at) \
             SELECT p.id, $1, $2, '{}', 1, $3 FROM purchase p WHERE p.id = $4 AND NOT EXISTS \
             (SELECT 1 FROM purchase_evaluation e WHERE e.purchase_id = $4 \
             AND (e.seat = $1 OR (e.account_id = $2 AND e.seat < 3)))",
        )
        .value(seat.number())
        .value(by.to_string())
        .value(step.now.as_millisecond())
        .value(purchase)
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        if touched == 0 {
            return Err(StoreError::Conflict {
                what: format!("the seat of an evaluator of {purchase} is taken"),
            });
        }
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    /// Saves marks over the version that was read (0 for the first of both together), and hands them in. Returns the
    /// new version.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when they were saved elsewhere meanwhile, handed in already, or the seat is not that
    /// of the person.
    pub async fn save_marks(
        &self,
        purchase: &str,
        seat: MarkedBy,
        version: u32,
        marks: &str,
        hand_in: bool,
        step: PurchaseStep<'_>,
    ) -> Result<u32> {
        retry(|| self.save_marks_once(purchase, seat, version, marks, hand_in, step)).await
    }

    async fn save_marks_once(
        &self,
        purchase: &str,
        seat: MarkedBy,
        version: u32,
        marks: &str,
        hand_in: bool,
        step: PurchaseStep<'_>,
    ) -> Result<u32> {
        let mut transaction = self.begin_write().await?;
        let next = version.saturating_add(1);
        let handed = hand_in.then(|| step.now.as_millisecond());
        let by = step.by.map(|by| by.to_string()).unwrap_or_default();
        if hand_in {
            self.note_purchase(&mut transaction, purchase, step).await?;
        }
        let touched = if seat == MarkedBy::Both && version == 0 {
            Sql::new(
                "INSERT INTO purchase_evaluation (purchase_id, seat, account_id, marks, version, changed_at, \
                 submitted_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (purchase_id, seat) DO NOTHING",
            )
            .value(purchase)
            .value(seat.number())
            .value(by.as_str())
            .value(marks)
            .value(i64::from(next))
            .value(step.now.as_millisecond())
            .value(handed)
            .execute(&mut *transaction)
            .await
        } else {
            // Either evaluator may write what both agreed on; nobody writes the marks of another.
            Sql::new(
                "UPDATE purchase_evaluation SET marks = $1, version = $2, changed_at = $3, submitted_at = $4, \
                 account_id = $5 WHERE purchase_id = $6 AND seat = $7 AND version = $8 AND submitted_at IS NULL \
                 AND (seat = 3 OR account_id = $5)",
            )
            .value(marks)
            .value(i64::from(next))
            .value(step.now.as_millisecond())
            .value(handed)
            .value(by.as_str())
            .value(purchase)
            .value(seat.number())
            .value(i64::from(version))
            .execute(&mut *transaction)
            .await
        }
        .map_err(|e| self.fail(e))?;
        if touched == 0 {
            return Err(StoreError::Conflict {
                what: format!("the marks of {purchase} were saved elsewhere meanwhile, or handed in"),
            });
        }
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(next)
    }
}
