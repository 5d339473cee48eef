//! What was handed in, as it was frozen, and what moderators asked to change in it.

use jiff::Timestamp;
use sobria_catalogue::field::Field;
use sobria_catalogue::id::{ContributionId, UserId};
use sobria_catalogue::workflow::{Comment, Submission};

use super::rows::form;
use crate::error::Result;
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::Store;

/// A comment of a moderator, as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewComment {
    /// The submission that it is about.
    pub submission: u32,
    /// The comment.
    pub comment: Comment,
    /// Who wrote it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// The frozen copies of a contribution, first one first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn submissions_of(&self, id: ContributionId) -> Result<Vec<Submission>> {
        Sql::new(
            "SELECT number, form, submitted_by, submitted_at FROM contribution_revision \
             WHERE contribution_id = $1 ORDER BY number",
        )
        .value(id.to_string())
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?
        .iter()
        .map(|row| {
            let mut cells = Cells::new(row);
            Ok(Submission {
                number: cells.version()?,
                values: form(cells.text()?)?,
                by: cells.id("contribution_revision.submitted_by")?,
                at: cells.time()?,
            })
        })
        .collect()
    }

    /// What moderators asked to change in a contribution, in the order in which it was asked.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn comments_of(&self, id: ContributionId) -> Result<Vec<ReviewComment>> {
        Sql::new(
            "SELECT number, field, text, author_id, made_at FROM review_comment \
             WHERE contribution_id = $1 ORDER BY number, place",
        )
        .value(id.to_string())
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?
        .iter()
        .map(|row| {
            let mut cells = Cells::new(row);
            Ok(ReviewComment {
                submission: cells.version()?,
                comment: Comment {
                    // A field that left the table of fields is still worth its comment.
                    field: cells.text_or_null()?.and_then(|id| Field::by_id(&id)),
                    text: cells.owned()?,
                },
                by: cells.id("review_comment.author_id")?,
                at: cells.time()?,
            })
        })
        .collect()
    }
}
