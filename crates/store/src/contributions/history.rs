//! What a record was: its public versions with what changed, and for moderators everything that led to them.

use jiff::Timestamp;
use sobria_catalogue::access::Level;
use sobria_catalogue::content::Content;
use sobria_catalogue::diff::{Diff, diff};
use sobria_catalogue::id::UseCaseId;
use sobria_catalogue::workflow::Submission;

use super::{ContributionLine, ReviewComment};
use crate::audit::AuditLine;
use crate::error::Result;
use crate::row::{Cells, content};
use crate::sql::Sql;
use crate::store::Store;

/// A version that was made public.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryStep {
    /// Number of the revision.
    pub number: u32,
    /// When it became public.
    pub published_at: Timestamp,
    /// Why, in French words.
    pub reason: String,
    /// What changed since the version before, as far as the reader may know; none for the first one.
    pub changes: Option<Diff>,
}

/// A contribution with what was said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewedContribution {
    /// The contribution.
    pub line: ContributionLine,
    /// Its frozen copies.
    pub submissions: Vec<Submission>,
    /// What moderators asked to change.
    pub comments: Vec<ReviewComment>,
    /// The steps of its life, newest first.
    pub audit: Vec<AuditLine>,
}

/// Everything kept about the life of a record, for moderators.
#[derive(Debug, Clone, PartialEq)]
pub struct FullHistory {
    /// Its public versions, newest first, with every field.
    pub steps: Vec<HistoryStep>,
    /// The contributions about it, last changed first.
    pub contributions: Vec<ReviewedContribution>,
    /// What was done to the record itself, newest first.
    pub audit: Vec<AuditLine>,
}

impl Store {
    /// The public versions of a record with what changed in the fields that a reader of `level` may read, newest
    /// first; nothing for a record that may not be read.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn record_history(&self, id: UseCaseId, level: Level) -> Result<Vec<HistoryStep>> {
        let rows = Sql::new(
            "SELECT r.number, r.published_at, r.reason, r.content FROM revision r \
             JOIN use_case u ON u.id = r.use_case_id \
             WHERE r.use_case_id = $1 AND r.published_at IS NOT NULL AND u.status IN ('published', 'archived') \
             ORDER BY r.number",
        )
        .value(id.to_string())
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        let mut steps = Vec::with_capacity(rows.len());
        let mut former: Option<Content> = None;
        for row in &rows {
            let mut cells = Cells::new(row);
            let number = cells.version()?;
            let published_at = cells.time()?;
            let reason = cells.owned()?;
            let present = content(id, cells.text()?)?;
            steps.push(HistoryStep {
                number,
                published_at,
                reason,
                changes: former.as_ref().map(|former| diff(former, &present, level)),
            });
            former = Some(present);
        }
        steps.reverse();
        Ok(steps)
    }

    /// Everything kept about the life of a record.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn full_history(&self, id: UseCaseId) -> Result<FullHistory> {
        let mut contributions = Vec::new();
        for line in self.contributions_of_record(id).await? {
            contributions.push(ReviewedContribution {
                submissions: self.submissions_of(line.id).await?,
                comments: self.comments_of(line.id).await?,
                audit: self.audit_lines(Some(&line.id.to_string()), None, 1000).await?,
                line,
            });
        }
        Ok(FullHistory {
            steps: self.record_history(id, Level::Moderator).await?,
            contributions,
            audit: self.audit_lines(Some(&id.to_string()), None, 1000).await?,
        })
    }
}
