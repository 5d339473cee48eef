//! Files that suppliers join to their answers: rows here, bytes in the data folder.

use jiff::Timestamp;
use sobria_catalogue::attachment::FileKind;

use crate::error::{Result, StoreError};
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::{Store, retry};

/// A file of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerFile {
    /// Identifier.
    pub id: String,
    /// The answer.
    pub answer: String,
    /// The question that it is the evidence of; blank for the whole answer.
    pub question: String,
    /// SHA-256 of the bytes as kept, in lower-case hexadecimal.
    pub hash: String,
    /// What the bytes are.
    pub kind: FileKind,
    /// Name under which it is downloaded.
    pub name: String,
    /// Length of the bytes as kept.
    pub bytes: u64,
    /// What was taken out of it when it came, in French; blank when nothing was.
    pub removed: String,
    /// When.
    pub at: Timestamp,
}

/// What became of a file that a supplier sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// It is kept.
    Kept,
    /// The link was closed or ran out meanwhile.
    TooLate,
    /// The answer has as many files as it may have.
    TooMany,
}

const SELECT: &str = "SELECT f.id, f.answer_id, f.question, f.hash, f.kind, f.name, f.bytes, f.removed, f.added_at \
    FROM purchase_file f";

impl Store {
    /// Joins a file to an answer whose link is open; its bytes are on disk already.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn join_file(&self, file: &AnswerFile, most: u32) -> Result<Joined> {
        retry(|| async {
            let mut transaction = self.begin_write().await?;
            // Writing the row of the answer lets one file of it through at a time.
            let open = Sql::new(
                "UPDATE purchase_answer SET changed_at = $1 WHERE id = $2 AND revoked_at IS NULL AND expires_at > $1",
            )
            .value(file.at.as_millisecond())
            .value(file.answer.as_str())
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
            if open == 0 {
                return Ok(Joined::TooLate);
            }
            let row = Sql::new("SELECT COUNT(*) FROM purchase_file f WHERE f.answer_id = $1")
                .value(file.answer.as_str())
                .first(&mut *transaction)
                .await
                .map_err(|e| self.fail(e))?;
            if row.map_or(Ok(0), |row| Cells::new(&row).number())? >= i64::from(most) {
                return Ok(Joined::TooMany);
            }
            Sql::new(
                "INSERT INTO purchase_file (id, answer_id, question, hash, kind, name, bytes, removed, added_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            )
            .value(file.id.as_str())
            .value(file.answer.as_str())
            .value(file.question.as_str())
            .value(file.hash.as_str())
            .value(file.kind.code())
            .value(file.name.as_str())
            .value(i64::try_from(file.bytes).unwrap_or(i64::MAX))
            .value(file.removed.as_str())
            .value(file.at.as_millisecond())
            .execute(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
            transaction.commit().await.map_err(|e| self.fail(e))?;
            Ok(Joined::Kept)
        })
        .await
    }

    /// Takes a file off an answer. `false` when that answer has no such file.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn part_file(&self, answer: &str, id: &str) -> Result<bool> {
        Sql::new("DELETE FROM purchase_file WHERE id = $1 AND answer_id = $2")
            .value(id)
            .value(answer)
            .execute(self.writer())
            .await
            .map(|touched| touched > 0)
            .map_err(|e| self.fail(e))
    }

    /// The files of an answer, in the order in which they came.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn files_of_answer(&self, answer: &str) -> Result<Vec<AnswerFile>> {
        Sql::new(SELECT)
            .push(" WHERE f.answer_id = ")
            .bind(answer)
            .push(" ORDER BY f.added_at, f.id")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| file(&mut Cells::new(row)))
            .collect()
    }

    /// The files of every answer that was handed in to a purchase. For a tender, only once it was opened: the caller
    /// knows.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn files_of_purchase(&self, purchase: &str) -> Result<Vec<AnswerFile>> {
        Sql::new(SELECT)
            .push(
                " JOIN purchase_answer a ON a.id = f.answer_id \
                 WHERE a.submitted_at IS NOT NULL AND a.purchase_id = ",
            )
            .bind(purchase)
            .push(" ORDER BY f.added_at, f.id")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| file(&mut Cells::new(row)))
            .collect()
    }
}

fn file(cells: &mut Cells<'_>) -> Result<AnswerFile> {
    Ok(AnswerFile {
        id: cells.owned()?,
        answer: cells.owned()?,
        question: cells.owned()?,
        hash: cells.owned()?,
        kind: {
            let code = cells.owned()?;
            FileKind::from_code(&code)
                .ok_or_else(|| StoreError::damaged("purchase_file.kind", format!("unknown kind {code}")))?
        },
        name: cells.owned()?,
        bytes: u64::try_from(cells.number()?)
            .map_err(|source| StoreError::damaged("purchase_file.bytes", source))?,
        removed: cells.owned()?,
        at: cells.time()?,
    })
}
