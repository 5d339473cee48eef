//! Lists of contributions: those of a person, those of an organisation, those that wait for a moderator.

use jiff::Timestamp;
use sobria_catalogue::duplicate::KnownTitle;
use sobria_catalogue::id::{ContributionId, OrganisationId, UseCaseId, UserId};
use sobria_catalogue::use_case::WorkflowStatus;
use sobria_catalogue::workflow::{Claim, Heading, Kind};

use crate::error::Result;
use crate::row::{Cells, Row, title};
use crate::sql::Sql;
use crate::store::Store;

/// Read back by [`line()`], in the same order.
const LINE: &str = "SELECT c.id, c.use_case_id, c.kind, c.author_id, c.organisation_id, c.base_number, \
    c.imported_number, c.status, c.title, c.theme, c.organisation_name, c.version, c.submissions, c.receipt, \
    c.created_at, c.updated_at, c.first_submitted_at, c.submitted_at, c.claimed_by, c.claimed_at, c.appealed \
    FROM contribution c";

/// A contribution as lists show it: everything but the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContributionLine {
    /// Identifier.
    pub id: ContributionId,
    /// The record that it makes or changes.
    pub use_case: UseCaseId,
    /// What it asks for.
    pub kind: Kind,
    /// Who writes it; none for what an import brought.
    pub author: Option<UserId>,
    /// The carrier, while the library knows it.
    pub organisation: Option<OrganisationId>,
    /// Whether the record is public already.
    pub is_update: bool,
    /// Whether an import handed it in.
    pub is_imported: bool,
    /// Where it stands.
    pub status: WorkflowStatus,
    /// Title, theme and carrier.
    pub heading: Heading,
    /// Version, for links that act on it.
    pub version: u32,
    /// How many times it was handed in.
    pub submissions: u32,
    /// Number given to the author.
    pub receipt: Option<String>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was first handed in: its age counts from then.
    pub first_submitted_at: Option<Timestamp>,
    /// When it was last handed in.
    pub submitted_at: Option<Timestamp>,
    /// Who reads it.
    pub claim: Option<Claim>,
    /// Whether a refusal was appealed.
    pub appealed: bool,
}

/// A page of contributions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContributionPage {
    /// How many there are in all.
    pub total: u64,
    /// Those of this page.
    pub items: Vec<ContributionLine>,
}

/// Which contributions of the queue are asked for; the default is those that wait for a moderator.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueueFilter {
    /// In one of these states; none given means handed in or being read.
    pub statuses: Vec<WorkflowStatus>,
    /// Of one of these kinds; none given means any.
    pub kinds: Vec<Kind>,
    /// Of this theme.
    pub theme: Option<String>,
    /// Of this carrier.
    pub organisation: Option<OrganisationId>,
    /// Read by this moderator.
    pub claimed_by: Option<UserId>,
    /// Read by nobody.
    pub unclaimed: bool,
    /// Last handed in before this time.
    pub submitted_before: Option<Timestamp>,
    /// First of the page.
    pub offset: u32,
    /// Size of the page.
    pub limit: u32,
}

/// What waits, for the head of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueCounts {
    /// Handed in, read by nobody.
    pub submitted: u64,
    /// Being read.
    pub in_review: u64,
    /// Sent back to their authors.
    pub changes_requested: u64,
    /// When the oldest of those that wait for a moderator was last handed in.
    pub oldest: Option<Timestamp>,
}

impl Store {
    /// Contributions for moderators, those that wait longest first.
    ///
    /// Call [`Store::adopt_imports`] before, so that records handed in by imports are among them.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn review_queue(&self, filter: &QueueFilter) -> Result<ContributionPage> {
        let total = filtered(Sql::new("SELECT COUNT(*) FROM contribution c"), filter)
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        let rows = filtered(Sql::new(LINE), filter)
            .push(" ORDER BY c.submitted_at, c.id LIMIT ")
            .bind(i64::from(filter.limit))
            .push(" OFFSET ")
            .bind(i64::from(filter.offset))
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        page(total, &rows)
    }

    /// How many contributions wait, and since when.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn queue_counts(&self) -> Result<QueueCounts> {
        let rows = Sql::new(
            "SELECT status, COUNT(*), MIN(submitted_at) FROM contribution \
             WHERE status IN ('submitted', 'in_review', 'changes_requested') GROUP BY status",
        )
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        let mut counts = QueueCounts::default();
        for row in &rows {
            let mut cells = Cells::new(row);
            let status = cells.status()?;
            let number = u64::try_from(cells.number()?).unwrap_or(0);
            let oldest = cells.time_or_null()?;
            match status {
                WorkflowStatus::Submitted => counts.submitted = number,
                WorkflowStatus::InReview => counts.in_review = number,
                _ => {
                    counts.changes_requested = number;
                    continue;
                }
            }
            counts.oldest = match (counts.oldest, oldest) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
        Ok(counts)
    }

    /// The contributions that a person wrote, last changed first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn contributions_of_author(
        &self,
        author: UserId,
        offset: u32,
        limit: u32,
    ) -> Result<ContributionPage> {
        self.contributions_where(" WHERE c.author_id = ", author.to_string(), offset, limit)
            .await
    }

    /// The contributions of an organisation, last changed first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn contributions_of_organisation(
        &self,
        organisation: OrganisationId,
        offset: u32,
        limit: u32,
    ) -> Result<ContributionPage> {
        self.contributions_where(
            " WHERE c.organisation_id = ",
            organisation.to_string(),
            offset,
            limit,
        )
        .await
    }

    /// The contributions about a record, last changed first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn contributions_of_record(&self, use_case: UseCaseId) -> Result<Vec<ContributionLine>> {
        let page = self
            .contributions_where(" WHERE c.use_case_id = ", use_case.to_string(), 0, 1000)
            .await?;
        Ok(page.items)
    }

    /// The titles that an organisation uses already: of its public records, and of its open contributions, which only
    /// those who may read them should be shown.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn titles_of(&self, organisation: OrganisationId) -> Result<Vec<KnownTitle>> {
        let mut titles = Vec::new();
        let public = Sql::new(
            "SELECT u.id, u.slug, u.status, r.content FROM use_case u \
             JOIN revision r ON r.use_case_id = u.id AND r.number = u.published_number \
             WHERE u.organisation_id = $1 AND u.status IN ('published', 'archived') ORDER BY u.id",
        )
        .value(organisation.to_string())
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        for row in &public {
            let mut cells = Cells::new(row);
            let use_case = cells.use_case_id()?;
            titles.push(KnownTitle {
                use_case,
                contribution: None,
                slug: Some(cells.owned()?),
                status: cells.status()?,
                title: title(use_case, cells.text()?)?,
            });
        }
        let open = Sql::new(
            "SELECT c.id, c.use_case_id, c.title, c.status FROM contribution c \
             WHERE c.organisation_id = $1 AND c.open_for IS NOT NULL AND c.kind = 'content' AND c.title <> '' \
             ORDER BY c.id",
        )
        .value(organisation.to_string())
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        for row in &open {
            let mut cells = Cells::new(row);
            titles.push(KnownTitle {
                contribution: Some(cells.id("contribution.id")?),
                use_case: cells.use_case_id()?,
                slug: None,
                title: cells.owned()?,
                status: cells.status()?,
            });
        }
        Ok(titles)
    }

    async fn contributions_where(
        &self,
        condition: &'static str,
        value: String,
        offset: u32,
        limit: u32,
    ) -> Result<ContributionPage> {
        let total = Sql::new("SELECT COUNT(*) FROM contribution c")
            .push(condition)
            .bind(value.as_str())
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        let rows = Sql::new(LINE)
            .push(condition)
            .bind(value)
            .push(" ORDER BY c.updated_at DESC, c.id DESC LIMIT ")
            .bind(i64::from(limit))
            .push(" OFFSET ")
            .bind(i64::from(offset))
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        page(total, &rows)
    }
}

fn filtered(sql: Sql, filter: &QueueFilter) -> Sql {
    let waiting = [WorkflowStatus::Submitted, WorkflowStatus::InReview];
    let statuses = if filter.statuses.is_empty() {
        waiting.as_slice()
    } else {
        filter.statuses.as_slice()
    };
    let mut sql = sql
        .push(" WHERE c.status IN ")
        .list(statuses.iter().map(|status| status.code()));
    if !filter.kinds.is_empty() {
        sql = sql
            .push(" AND c.kind IN ")
            .list(filter.kinds.iter().map(|kind| kind.code()));
    }
    if let Some(theme) = &filter.theme {
        sql = sql.push(" AND c.theme = ").bind(theme.as_str());
    }
    if let Some(organisation) = filter.organisation {
        sql = sql
            .push(" AND c.organisation_id = ")
            .bind(organisation.to_string());
    }
    if let Some(moderator) = filter.claimed_by {
        sql = sql.push(" AND c.claimed_by = ").bind(moderator.to_string());
    }
    if filter.unclaimed {
        sql = sql.push(" AND c.claimed_by IS NULL");
    }
    if let Some(time) = filter.submitted_before {
        sql = sql.push(" AND c.submitted_at < ").bind(time.as_millisecond());
    }
    sql
}

fn page(total: Option<Row>, rows: &[Row]) -> Result<ContributionPage> {
    Ok(ContributionPage {
        total: match total {
            Some(row) => u64::try_from(Cells::new(&row).number()?).unwrap_or(0),
            None => 0,
        },
        items: rows.iter().map(line).collect::<Result<_>>()?,
    })
}

fn line(row: &Row) -> Result<ContributionLine> {
    let mut cells = Cells::new(row);
    Ok(ContributionLine {
        id: cells.id("contribution.id")?,
        use_case: cells.use_case_id()?,
        kind: cells.kind()?,
        author: cells.id_or_null("contribution.author_id")?,
        organisation: cells.id_or_null("contribution.organisation_id")?,
        is_update: cells.number_or_null()?.is_some(),
        is_imported: cells.number_or_null()?.is_some(),
        status: cells.status()?,
        heading: Heading {
            title: cells.owned()?,
            theme: cells.text_or_null()?,
            organisation: cells.owned()?,
        },
        version: cells.version()?,
        submissions: cells.version()?,
        receipt: cells.text_or_null()?,
        created_at: cells.time()?,
        updated_at: cells.time()?,
        first_submitted_at: cells.time_or_null()?,
        submitted_at: cells.time_or_null()?,
        claim: cells.claim()?,
        appealed: cells.number()? != 0,
    })
}
