//! Assessments of frugality, dossiers of transparency and strategies: versions that follow one another, public once they were
//! read by a moderator. [`readable`] is the one gate.

use std::collections::HashMap;

use jiff::Timestamp;
use sobria_catalogue::access::Level;
use sobria_catalogue::id::{OrganisationId, UseCaseId, UserId};

use crate::error::{Result, StoreError};
use crate::lifecycle::Decision;
use crate::row::{Cells, Row};
use crate::sql::Sql;
use crate::store::{Store, retry};
use crate::use_cases::LIST;

/// Which instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AssessmentKind {
    /// Frugality.
    Frugality,
    /// Transparency.
    Transparency,
    /// The strategy of an organisation.
    Roadmap,
}

impl AssessmentKind {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Frugality => "frugality",
            Self::Transparency => "transparency",
            Self::Roadmap => "roadmap",
        }
    }

    fn from_code(code: &str) -> Result<Self> {
        [Self::Frugality, Self::Transparency, Self::Roadmap]
            .into_iter()
            .find(|kind| kind.code() == code)
            .ok_or_else(|| StoreError::damaged("assessment.kind", format!("unknown kind \"{code}\"")))
    }
}

/// What a version allows to say at first sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Badge {
    /// Nothing.
    #[default]
    None,
    /// The words on the card of a record; for a strategy, that it is to be made public.
    Granted,
    /// That the need was met without AI, with its reasons.
    WithoutAi,
}

impl Badge {
    const fn number(self) -> i64 {
        match self {
            Self::None => 0,
            Self::Granted => 1,
            Self::WithoutAi => 2,
        }
    }

    fn from_number(number: i64) -> Result<Self> {
        [Self::None, Self::Granted, Self::WithoutAi]
            .into_iter()
            .find(|badge| badge.number() == number)
            .ok_or_else(|| StoreError::damaged("assessment.badge", format!("unknown badge {number}")))
    }
}

impl From<bool> for Badge {
    fn from(granted: bool) -> Self {
        if granted { Self::Granted } else { Self::None }
    }
}

/// What is assessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A record.
    UseCase(UseCaseId),
    /// An organisation, once for all its records.
    Organisation(OrganisationId),
}

/// A version to keep.
#[derive(Debug, Clone)]
pub struct NewAssessment<'a> {
    /// Identifier.
    pub id: String,
    /// Which instrument.
    pub kind: AssessmentKind,
    /// What is assessed.
    pub subject: Subject,
    /// Number of the version that it was written on; 0 for the first.
    pub after: u32,
    /// Version of the questions.
    pub rubric: &'a str,
    /// Answers, a JSON document.
    pub form: &'a str,
    /// What they come to, a JSON document.
    pub summary: &'a str,
    /// What the card of the record may say; for a strategy, whether it is to be made public.
    pub badge: Badge,
    /// Who wrote it.
    pub author: Option<UserId>,
    /// When.
    pub now: Timestamp,
}

/// A version that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// Identifier.
    pub id: String,
    /// Which instrument.
    pub kind: AssessmentKind,
    /// What is assessed.
    pub subject: Subject,
    /// From 1.
    pub number: u32,
    /// Version of the questions.
    pub rubric: String,
    /// Answers, a JSON document.
    pub form: String,
    /// What they came to, a JSON document.
    pub summary: String,
    /// What the card of the record may say.
    pub badge: Badge,
    /// Who wrote it.
    pub author: Option<UserId>,
    /// When.
    pub made_at: Timestamp,
    /// When it was made public.
    pub published_at: Option<Timestamp>,
}

/// Read back by `Cells::assessment`, in the same order.
const SELECT: &str = "SELECT a.id, a.kind, a.use_case_id, a.organisation_id, a.number, a.rubric, a.form, a.summary, \
    a.badge, a.author_id, a.made_at, a.published_at FROM assessment a";

/// The first of each subject, in rows that stand together by subject and begin with the newest.
fn newest_of_each(rows: &[Row]) -> Result<Vec<Assessment>> {
    let mut newest: Vec<Assessment> = Vec::new();
    for row in rows {
        let found = Cells::new(row).assessment()?;
        if newest.last().is_none_or(|last| last.subject != found.subject) {
            newest.push(found);
        }
    }
    Ok(newest)
}

/// What a reader may read: everything for the carrier and moderators, else what was made public.
fn readable(statement: Sql, level: Level) -> Sql {
    if level >= Level::Organisation {
        statement
    } else {
        statement.push(" AND a.published_at IS NOT NULL")
    }
}

impl Store {
    /// Keeps a version. Returns its number.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another version was kept meanwhile; [`StoreError::NotFound`] when there is no
    /// such record or organisation.
    pub async fn add_assessment(&self, new: &NewAssessment<'_>) -> Result<u32> {
        retry(|| self.add_assessment_once(new)).await
    }

    /// Makes a version public. Returns the catalogue revision.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such version, or it is public already.
    pub async fn publish_assessment(&self, id: &str, decision: Decision<'_>) -> Result<i64> {
        retry(|| self.settle_assessment_once(id, true, decision)).await
    }

    /// Takes a version away for good. Returns the catalogue revision.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such version.
    pub async fn delete_assessment(&self, id: &str, decision: Decision<'_>) -> Result<i64> {
        retry(|| self.settle_assessment_once(id, false, decision)).await
    }

    /// The versions that a reader may read, newest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn assessments_of(
        &self,
        kind: AssessmentKind,
        subject: Subject,
        level: Level,
    ) -> Result<Vec<Assessment>> {
        let statement = Sql::new(SELECT).push(" WHERE a.kind = ").bind(kind.code());
        let statement = match subject {
            Subject::UseCase(id) => statement.push(" AND a.use_case_id = ").bind(id.to_string()),
            Subject::Organisation(id) => statement.push(" AND a.organisation_id = ").bind(id.to_string()),
        };
        readable(statement, level)
            .push(" ORDER BY a.number DESC")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| Cells::new(row).assessment())
            .collect()
    }

    /// The versions that a person wrote, oldest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn assessments_by(&self, author: UserId) -> Result<Vec<Assessment>> {
        Sql::new(SELECT)
            .push(" WHERE a.author_id = ")
            .bind(author.to_string())
            .push(" ORDER BY a.made_at, a.id")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| Cells::new(row).assessment())
            .collect()
    }

    /// The newest public version of each organisation.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn public_strategies(&self) -> Result<Vec<Assessment>> {
        let rows = readable(Sql::new(SELECT).push(" WHERE a.kind = 'roadmap'"), Level::Public)
            .push(" ORDER BY a.organisation_id, a.number DESC")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        newest_of_each(&rows)
    }

    /// The newest public version of each record.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn public_assessments(
        &self,
        kind: AssessmentKind,
        ids: &[UseCaseId],
    ) -> Result<HashMap<UseCaseId, Assessment>> {
        self.newest_assessments(kind, ids, Level::Public).await
    }

    /// The newest public version of every record that may be read.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn every_public_assessment(&self, kind: AssessmentKind) -> Result<Vec<Assessment>> {
        let statement = Sql::new(SELECT)
            .push(" JOIN use_case u ON u.id = a.use_case_id WHERE u.status IN ('published', 'archived') AND a.kind = ")
            .bind(kind.code());
        let rows = readable(statement, Level::Public)
            .push(" ORDER BY a.use_case_id, a.number DESC")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        newest_of_each(&rows)
    }

    /// The newest version of each record that a reader may read.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn newest_assessments(
        &self,
        kind: AssessmentKind,
        ids: &[UseCaseId],
        level: Level,
    ) -> Result<HashMap<UseCaseId, Assessment>> {
        let mut newest: HashMap<UseCaseId, Assessment> = HashMap::new();
        for chunk in ids.chunks(LIST) {
            let statement = Sql::new(SELECT)
                .push(" WHERE a.kind = ")
                .bind(kind.code())
                .push(" AND a.use_case_id IN ")
                .list(chunk.iter().map(ToString::to_string));
            let rows = readable(statement, level)
                .push(" ORDER BY a.number")
                .all(self.reader())
                .await
                .map_err(|e| self.fail(e))?;
            for row in &rows {
                let found = Cells::new(row).assessment()?;
                if let Subject::UseCase(id) = found.subject {
                    newest.insert(id, found);
                }
            }
        }
        Ok(newest)
    }

    /// What the card of each record may say of its newest public assessment of frugality: one that grants its words
    /// must have been made since a moment, a need met without AI stays so. Records of which nothing is said are absent.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn badges_of(&self, ids: &[UseCaseId], since: Timestamp) -> Result<HashMap<UseCaseId, Badge>> {
        let mut newest: HashMap<UseCaseId, Badge> = HashMap::new();
        for chunk in ids.chunks(LIST) {
            let statement = Sql::new("SELECT a.use_case_id, a.badge, a.made_at FROM assessment a")
                .push(" WHERE a.kind = 'frugality' AND a.use_case_id IN ")
                .list(chunk.iter().map(ToString::to_string));
            let rows = readable(statement, Level::Public)
                .push(" ORDER BY a.number")
                .all(self.reader())
                .await
                .map_err(|e| self.fail(e))?;
            for row in &rows {
                let mut cells = Cells::new(row);
                let id = cells.use_case_id()?;
                let badge = Badge::from_number(cells.number()?)?;
                let holds = badge == Badge::WithoutAi || cells.time()? >= since;
                newest.insert(id, if holds { badge } else { Badge::None });
            }
        }
        newest.retain(|_, badge| *badge != Badge::None);
        Ok(newest)
    }

    /// Versions that wait for a moderator: the newest of each record and kind when it is not public, and the newest
    /// strategy of each organisation that wants it to be.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn waiting_assessments(&self) -> Result<Vec<Assessment>> {
        Sql::new(SELECT)
            .push(
                " WHERE a.published_at IS NULL AND ((a.use_case_id IS NOT NULL AND NOT EXISTS \
                 (SELECT 1 FROM assessment b WHERE b.kind = a.kind AND b.use_case_id = a.use_case_id \
                 AND b.number > a.number)) OR (a.kind = 'roadmap' AND a.badge = 1 AND NOT EXISTS \
                 (SELECT 1 FROM assessment b WHERE b.kind = a.kind AND b.organisation_id = a.organisation_id \
                 AND b.number > a.number))) ORDER BY a.made_at LIMIT 100",
            )
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .iter()
            .map(|row| Cells::new(row).assessment())
            .collect()
    }

    async fn add_assessment_once(&self, new: &NewAssessment<'_>) -> Result<u32> {
        let mut transaction = self.begin_write().await?;
        // Writers follow one another from here on: the number that is read next cannot be taken by another.
        let revision = self.next_revision(&mut transaction).await?;
        let (known, last, subject) = match new.subject {
            Subject::UseCase(id) => (
                "SELECT COUNT(*) FROM use_case WHERE id = $1 AND status IN ('published', 'archived')",
                "SELECT COALESCE(MAX(number), 0) FROM assessment WHERE use_case_id = $1 AND kind = $2",
                id.to_string(),
            ),
            Subject::Organisation(id) => (
                "SELECT COUNT(*) FROM organisation WHERE id = $1",
                "SELECT COALESCE(MAX(number), 0) FROM assessment WHERE organisation_id = $1 AND kind = $2",
                id.to_string(),
            ),
        };
        let row = Sql::new(known)
            .value(subject.as_str())
            .first(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        if row.map(|row| Cells::new(&row).number()).transpose()?.unwrap_or(0) == 0 {
            return Err(StoreError::NotFound {
                what: format!("published record or organisation {subject}"),
            });
        }
        let row = Sql::new(last)
            .value(subject.as_str())
            .value(new.kind.code())
            .first(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?;
        let last = row.map(|row| Cells::new(&row).number()).transpose()?.unwrap_or(0);
        if last != i64::from(new.after) {
            return Err(StoreError::Conflict {
                what: format!("another version of the assessment of {subject} was kept meanwhile"),
            });
        }
        let number = new.after.saturating_add(1);
        let (use_case, organisation) = match new.subject {
            Subject::UseCase(id) => (Some(id.to_string()), None),
            Subject::Organisation(id) => (None, Some(id.to_string())),
        };
        Sql::new(
            "INSERT INTO assessment (id, kind, use_case_id, organisation_id, number, rubric, form, summary, badge, \
             author_id, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .value(new.id.as_str())
        .value(new.kind.code())
        .value(use_case)
        .value(organisation)
        .value(i64::from(number))
        .value(new.rubric)
        .value(new.form)
        .value(new.summary)
        .value(new.badge.number())
        .value(new.author.map(|author| author.to_string()))
        .value(new.now.as_millisecond())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        let actor = new.author.map(|author| author.to_string()).unwrap_or_default();
        self.audit(
            &mut transaction,
            revision,
            new.now,
            &actor,
            "add-assessment",
            &subject,
            &format!("{} {number}", new.kind.code()),
        )
        .await?;
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(number)
    }

    async fn settle_assessment_once(&self, id: &str, publish: bool, decision: Decision<'_>) -> Result<i64> {
        let mut transaction = self.begin_write().await?;
        let revision = self.next_revision(&mut transaction).await?;
        let statement = if publish {
            Sql::new(
                "UPDATE assessment SET published_at = $1, published_by = $2 \
                 WHERE id = $3 AND published_at IS NULL RETURNING use_case_id, organisation_id",
            )
            .value(decision.now.as_millisecond())
            .value(decision.actor)
            .value(id)
        } else {
            Sql::new("DELETE FROM assessment WHERE id = $1 RETURNING use_case_id, organisation_id").value(id)
        };
        let Some(row) = statement
            .first(&mut *transaction)
            .await
            .map_err(|e| self.fail(e))?
        else {
            return Err(StoreError::NotFound {
                what: format!("assessment that can be settled {id}"),
            });
        };
        let mut cells = Cells::new(&row);
        let (use_case, organisation) = (cells.text_or_null()?, cells.text_or_null()?);
        if let Some(use_case) = &use_case {
            self.mark_changed(&mut transaction, use_case, revision).await?;
        }
        self.audit(
            &mut transaction,
            revision,
            decision.now,
            decision.actor,
            if publish {
                "publish-assessment"
            } else {
                "delete-assessment"
            },
            &use_case.or(organisation).unwrap_or_default(),
            decision.reason,
        )
        .await?;
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(revision)
    }
}

impl Cells<'_> {
    fn assessment(&mut self) -> Result<Assessment> {
        let id = self.owned()?;
        let kind = AssessmentKind::from_code(self.text()?)?;
        let subject = match (self.text_or_null()?, self.text_or_null()?) {
            (Some(id), None) => {
                Subject::UseCase(id.parse().map_err(|source: sobria_catalogue::id::InvalidId| {
                    StoreError::damaged("assessment.use_case_id", source)
                })?)
            }
            (None, Some(id)) => {
                Subject::Organisation(id.parse().map_err(|source: sobria_catalogue::id::InvalidId| {
                    StoreError::damaged("assessment.organisation_id", source)
                })?)
            }
            _ => {
                return Err(StoreError::damaged(
                    "assessment",
                    format!("{id} has not one subject"),
                ));
            }
        };
        Ok(Assessment {
            id,
            kind,
            subject,
            number: self.version()?,
            rubric: self.owned()?,
            form: self.owned()?,
            summary: self.owned()?,
            badge: Badge::from_number(self.number()?)?,
            author: self.user_id_or_null()?,
            made_at: self.time()?,
            published_at: self.time_or_null()?,
        })
    }
}
