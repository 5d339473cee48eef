//! Contributions: what somebody writes, kept as typed, and every step that the workflow allowed.
//!
//! Open this first: [`Store::create_contribution`] and [`Store::save_contribution`] write what
//! `sobria_catalogue::workflow` answered; nothing is decided here. A step is written on the version that it was
//! decided on or not at all, so that no update is ever lost.

mod adopt;
mod history;
mod publish;
mod queue;

use jiff::Timestamp;
use jiff::civil::Date;
use sobria_catalogue::draft::{DraftInput, Surroundings};
use sobria_catalogue::field::Field;
use sobria_catalogue::id::{ContributionId, OrganisationId, UseCaseId, UserId};
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::rights::Role;
use sobria_catalogue::use_case::UseCase;
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_catalogue::workflow::{
    Applied as Step, Case, Claim, Comment, Context, Heading, Kind, RejectionReason, Submission, Trust,
    Verdict,
};

pub use self::history::{FullHistory, HistoryStep, ReviewedContribution};
pub use self::queue::{ContributionLine, ContributionPage, QueueCounts, QueueFilter};
use crate::audit::AuditEntry;
use crate::connection::Connection;
use crate::error::{Result, StoreError};
use crate::outbox::Outgoing;
use crate::row::Cells;
use crate::sql::{Sql, Values};
use crate::store::{Store, retry};

/// Read back by `Cells::case`, in the same order.
const SELECT: &str = "SELECT c.id, c.use_case_id, c.kind, c.author_id, c.organisation_id, c.new_organisation_id, \
    c.base_number, c.status, c.form, c.title, c.theme, c.organisation_name, c.version, c.submissions, c.receipt, \
    c.created_at, c.updated_at, c.first_submitted_at, c.submitted_at, c.claimed_by, c.claimed_at, c.decided_by, \
    c.decided_at, c.decision_reason, c.decision_text, c.statement, c.appealed FROM contribution c";

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

/// What a decision about a contribution needs to know of the rest of the library.
#[derive(Debug, Clone, PartialEq)]
pub struct Background {
    /// The record as the public reads it, when it does.
    pub public: Option<UseCase>,
    /// The organisation that the form names.
    pub organisation: Option<Organisation>,
    /// How many accounts may moderate.
    pub moderators: u32,
    /// What the carrier may publish without waiting.
    pub trust: Trust,
    /// Whether the open contribution about the record brings a file or takes one off.
    pub files_changed: bool,
}

impl Background {
    /// What `workflow::open` and `workflow::apply` take. `new_organisation` counts for a new contribution only.
    pub fn context<'a>(
        &'a self,
        now: Timestamp,
        today: Date,
        vocabularies: &'a Vocabularies,
        new_organisation: OrganisationId,
    ) -> Context<'a> {
        Context {
            now,
            around: Surroundings {
                vocabularies,
                today,
                organisation: self.organisation.as_ref(),
                new_organisation,
            },
            public: self.public.as_ref(),
            moderators: self.moderators,
            trust: self.trust,
            files_changed: self.files_changed,
        }
    }
}

impl Store {
    /// What a decision about a record needs to know, given the form about to be kept or handed in.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn background(&self, use_case: UseCaseId, values: &DraftInput) -> Result<Background> {
        let public = self.use_cases_by_ids(&[use_case]).await?.pop();
        let named = values.organisation();
        let organisation = match (named, &public) {
            (Some(named), Some(public)) if public.organisation.id == named => {
                Some(public.organisation.clone())
            }
            (Some(named), _) => self.organisations_by_ids(&[named]).await?.pop(),
            (None, _) => None,
        };
        let carrier = public
            .as_ref()
            .map(|public| public.organisation.id)
            .or_else(|| organisation.as_ref().map(|organisation| organisation.id));
        Ok(Background {
            moderators: self.moderators().await?,
            files_changed: self.files_changed(use_case).await?,
            trust: match carrier {
                Some(carrier) => self.trust_of(carrier).await?,
                None => Trust::None,
            },
            public,
            organisation,
        })
    }

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
    /// [`StoreError::NotFound`] when the contribution is gone; [`StoreError::Conflict`] when the public record changed
    /// since; else when the database cannot be written.
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
        Sql::new(SELECT)
            .push(" WHERE c.receipt = ")
            .bind(receipt.trim().to_ascii_uppercase())
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .map(|row| Cells::new(&row).case())
            .transpose()
    }

    /// The contribution of a kind that is open for a record, when there is one.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn open_contribution(&self, use_case: UseCaseId, kind: Kind) -> Result<Option<Case>> {
        Sql::new(SELECT)
            .push(" WHERE c.open_for = ")
            .bind(open_for(use_case, kind))
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .map(|row| Cells::new(&row).case())
            .transpose()
    }

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

    /// What an organisation may publish without waiting for a moderator.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn trust_of(&self, organisation: OrganisationId) -> Result<Trust> {
        let row = Sql::new("SELECT trust FROM organisation_trust WHERE organisation_id = $1")
            .value(organisation.to_string())
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        // An unknown code grants nothing.
        Ok(match row {
            Some(row) => Trust::from_code(Cells::new(&row).text()?).unwrap_or(Trust::None),
            None => Trust::None,
        })
    }

    /// Says what an organisation may publish without waiting for a moderator.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is no such organisation.
    pub async fn set_trust(
        &self,
        organisation: OrganisationId,
        trust: Trust,
        by: UserId,
        now: Timestamp,
    ) -> Result<()> {
        let mut transaction = self.begin_write().await?;
        Sql::new(
            "INSERT INTO organisation_trust (organisation_id, trust, set_by, set_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (organisation_id) DO UPDATE SET trust = excluded.trust, set_by = excluded.set_by, \
             set_at = excluded.set_at",
        )
        .value(organisation.to_string())
        .value(trust.code())
        .value(by.to_string())
        .value(now.as_millisecond())
        .execute(&mut *transaction)
        .await
        .map_err(|e| self.fail(e))?;
        let entry = AuditEntry {
            at: now,
            actor: &by.to_string(),
            action: "set-trust",
            subject: &organisation.to_string(),
            detail: trust.code(),
        };
        self.chain(&mut transaction, None, entry).await?;
        transaction.commit().await.map_err(|e| self.fail(e))
    }

    async fn moderators(&self) -> Result<u32> {
        let row = Sql::new("SELECT COUNT(*) FROM account WHERE status = 'active' AND role IN ($1, $2)")
            .value(Role::Moderator.code())
            .value(Role::Admin.code())
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        row.map_or(Ok(0), |row| {
            Ok(u32::try_from(Cells::new(&row).number()?).unwrap_or(u32::MAX))
        })
    }

    pub(crate) async fn contribution_in(
        &self,
        connection: &mut Connection,
        id: ContributionId,
    ) -> Result<Option<Case>> {
        Sql::new(SELECT)
            .push(" WHERE c.id = ")
            .bind(id.to_string())
            .first(connection)
            .await
            .map_err(|e| self.fail(e))?
            .map(|row| Cells::new(&row).case())
            .transpose()
    }

    /// Writes the beginning of a contribution. Unless the answer is [`Created::New`], nothing must be committed.
    pub(crate) async fn create_in(
        &self,
        connection: &mut Connection,
        step: &Step,
        key: &str,
    ) -> Result<Created> {
        if step.replaces.is_some() {
            return Err(StoreError::Conflict {
                what: "the contribution exists already".to_owned(),
            });
        }
        let revision = self.revision_of(&mut *connection, step).await?;
        let case = &step.case;
        let mut values = Values::default();
        values.add(case.id.to_string());
        values.add(case.use_case.to_string());
        values.add(key);
        values.add(case.created_at.as_millisecond());
        bind(&mut values, case);
        let made = Sql::with_values(
            "INSERT INTO contribution (id, use_case_id, request_key, created_at, open_for, kind, author_id, \
             organisation_id, new_organisation_id, base_number, status, form, title, theme, organisation_name, version, \
             submissions, receipt, updated_at, first_submitted_at, submitted_at, claimed_by, claimed_at, decided_by, \
             decided_at, decision_reason, decision_text, statement, appealed) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
             $22, $23, $24, $25, $26, $27, $28, $29) ON CONFLICT DO NOTHING",
            values,
        )
        .execute(&mut *connection)
        .await
        .map_err(|e| self.fail(e))?;
        if made == 0 {
            return self.begun_before(connection, case, key).await;
        }
        self.write_around(connection, step, revision).await?;
        Ok(Created::New)
    }

    /// Writes a step. Unless the answer is [`Saved::Done`], nothing must be committed.
    pub(crate) async fn save_in(&self, connection: &mut Connection, step: &Step) -> Result<Saved> {
        let Some(replaces) = step.replaces else {
            return Err(StoreError::Conflict {
                what: "the contribution was not begun".to_owned(),
            });
        };
        // The catalogue comes before the contribution in every transaction that locks both.
        let revision = self.revision_of(&mut *connection, step).await?;
        // What changes nothing else is told by the update itself whether it came too late.
        if step.record.is_some() || step.discarded {
            let stored = self
                .contribution_in(&mut *connection, step.case.id)
                .await?
                .ok_or_else(|| missing(step.case.id))?;
            if stored.version != replaces {
                return Ok(Saved::Conflict(Box::new(stored)));
            }
        }
        if step.discarded {
            return self.discard(connection, step, replaces).await;
        }
        // A new carrier must be there before the contribution names it.
        if let (Some(change), Some(revision)) = (&step.record, revision) {
            self.change_record(&mut *connection, step, change, revision)
                .await?;
        }
        let case = &step.case;
        let mut values = Values::default();
        bind(&mut values, case);
        let touched = Sql::with_values(
            "UPDATE contribution SET open_for = $1, kind = $2, author_id = $3, organisation_id = $4, \
             new_organisation_id = $5, base_number = $6, status = $7, form = $8, title = $9, theme = $10, \
             organisation_name = $11, version = $12, submissions = $13, receipt = $14, updated_at = $15, \
             first_submitted_at = $16, submitted_at = $17, claimed_by = $18, claimed_at = $19, decided_by = $20, \
             decided_at = $21, decision_reason = $22, decision_text = $23, statement = $24, appealed = $25 \
             WHERE id = $26 AND version = $27",
            values,
        )
        .value(case.id.to_string())
        .value(i64::from(replaces))
        .execute(&mut *connection)
        .await
        .map_err(|e| self.fail(e))?;
        if touched == 0 {
            return self.changed_meanwhile(connection, case.id).await;
        }
        self.write_rest(connection, step, revision).await?;
        Ok(Saved::Done(case.version))
    }

    async fn revision_of(&self, connection: &mut Connection, step: &Step) -> Result<Option<i64>> {
        match step.record {
            Some(_) => self.next_revision(connection).await.map(Some),
            None => Ok(None),
        }
    }

    async fn write_around(
        &self,
        connection: &mut Connection,
        step: &Step,
        revision: Option<i64>,
    ) -> Result<()> {
        if let (Some(change), Some(revision)) = (&step.record, revision) {
            self.change_record(&mut *connection, step, change, revision)
                .await?;
        }
        self.write_rest(connection, step, revision).await
    }

    /// The frozen copy, the comments and the audit line.
    async fn write_rest(
        &self,
        connection: &mut Connection,
        step: &Step,
        revision: Option<i64>,
    ) -> Result<()> {
        let id = step.case.id.to_string();
        if let Some(frozen) = &step.frozen {
            Sql::new(
                "INSERT INTO contribution_revision (contribution_id, number, form, submitted_by, submitted_at) \
                 VALUES ($1, $2, $3, $4, $5)",
            )
            .value(id.as_str())
            .value(i64::from(frozen.number))
            .value(frozen.values.to_json().to_string())
            .value(frozen.by.to_string())
            .value(frozen.at.as_millisecond())
            .execute(&mut *connection)
            .await
            .map_err(|e| self.fail(e))?;
        }
        for (place, comment) in (0_i64..).zip(&step.comments) {
            Sql::new(
                "INSERT INTO review_comment (contribution_id, number, place, field, text, author_id, made_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .value(id.as_str())
            .value(i64::from(step.case.submissions))
            .value(place)
            .value(comment.field.map(|field| field.spec().id))
            .value(comment.text.as_str())
            .value(step.actor.to_string())
            .value(step.at.as_millisecond())
            .execute(&mut *connection)
            .await
            .map_err(|e| self.fail(e))?;
        }
        self.audit_step(connection, step, revision).await
    }

    async fn audit_step(
        &self,
        connection: &mut Connection,
        step: &Step,
        revision: Option<i64>,
    ) -> Result<()> {
        let Some(audited) = step.audit else { return Ok(()) };
        let mut detail = match audited.from {
            Some(from) => format!("{} -> {}", from.code(), audited.to.code()),
            None => audited.to.code().to_owned(),
        };
        if !audited.reason.is_empty() {
            detail = format!("{detail} ({})", audited.reason);
        }
        let entry = AuditEntry {
            at: step.at,
            actor: &step.actor.to_string(),
            action: audited.action,
            subject: &step.case.id.to_string(),
            detail: &detail,
        };
        self.chain(connection, revision, entry).await
    }

    async fn discard(&self, connection: &mut Connection, step: &Step, replaces: u32) -> Result<Saved> {
        self.discard_files(&mut *connection, step.case.id).await?;
        Sql::new("DELETE FROM proposal WHERE contribution_id = $1")
            .value(step.case.id.to_string())
            .execute(&mut *connection)
            .await
            .map_err(|e| self.fail(e))?;
        let removed = Sql::new("DELETE FROM contribution WHERE id = $1 AND version = $2 AND submissions = 0")
            .value(step.case.id.to_string())
            .value(i64::from(replaces))
            .execute(&mut *connection)
            .await
            .map_err(|e| self.fail(e))?;
        if removed == 0 {
            return self.changed_meanwhile(connection, step.case.id).await;
        }
        self.audit_step(connection, step, None).await?;
        Ok(Saved::Done(step.case.version))
    }

    async fn changed_meanwhile(&self, connection: &mut Connection, id: ContributionId) -> Result<Saved> {
        let stored = self.contribution_in(connection, id).await?;
        stored.map_or_else(
            || Err(missing(id)),
            |stored| Ok(Saved::Conflict(Box::new(stored))),
        )
    }

    /// The contribution in the way of a new one.
    async fn begun_before(&self, connection: &mut Connection, case: &Case, key: &str) -> Result<Created> {
        let same = Sql::new(SELECT)
            .push(" WHERE c.author_id = ")
            .bind(case.author.map(|author| author.to_string()))
            .push(" AND c.request_key = ")
            .bind(key)
            .first(&mut *connection)
            .await
            .map_err(|e| self.fail(e))?;
        if let Some(row) = same {
            return Ok(Created::Again(Box::new(Cells::new(&row).case()?)));
        }
        let open = Sql::new(SELECT)
            .push(" WHERE c.open_for = ")
            .bind(open_for(case.use_case, case.kind))
            .first(&mut *connection)
            .await
            .map_err(|e| self.fail(e))?;
        match open {
            Some(row) => Ok(Created::Taken(Box::new(Cells::new(&row).case()?))),
            None => Err(StoreError::Conflict {
                what: format!("the contribution {} exists already", case.id),
            }),
        }
    }
}

fn missing(id: ContributionId) -> StoreError {
    StoreError::NotFound {
        what: format!("contribution {id}"),
    }
}

/// What an open contribution keeps others from beginning.
pub(crate) fn open_for(use_case: UseCaseId, kind: Kind) -> String {
    format!("{use_case}/{}", kind.code())
}

/// Everything but the identifiers, the key and the time of creation, in the order of both statements.
fn bind(values: &mut Values, case: &Case) {
    let verdict = case.verdict.as_ref();
    values.add(case.is_open().then(|| open_for(case.use_case, case.kind)));
    values.add(case.kind.code());
    values.add(case.author.map(|author| author.to_string()));
    values.add(case.organisation.map(|organisation| organisation.to_string()));
    values.add(case.new_organisation.to_string());
    values.add(case.base.map(i64::from));
    values.add(case.status.code());
    values.add(case.values.to_json().to_string());
    values.add(case.heading.title.as_str());
    values.add(case.heading.theme.as_deref());
    values.add(case.heading.organisation.as_str());
    values.add(i64::from(case.version));
    values.add(i64::from(case.submissions));
    values.add(case.receipt.as_deref());
    values.add(case.updated_at.as_millisecond());
    values.add(case.first_submitted_at.map(Timestamp::as_millisecond));
    values.add(case.submitted_at.map(Timestamp::as_millisecond));
    values.add(case.claim.map(|claim| claim.moderator.to_string()));
    values.add(case.claim.map(|claim| claim.at.as_millisecond()));
    values.add(verdict.and_then(|verdict| verdict.by).map(|by| by.to_string()));
    values.add(verdict.map(|verdict| verdict.at.as_millisecond()));
    values.add(
        verdict
            .and_then(|verdict| verdict.reason)
            .map(RejectionReason::code),
    );
    values.add(verdict.map_or("", |verdict| verdict.text.as_str()));
    values.add(case.statement.as_str());
    values.add(i64::from(case.appealed));
}

fn form(text: &str) -> Result<DraftInput> {
    DraftInput::from_json(text).map_err(|source| StoreError::damaged("contribution.form", source))
}

impl Cells<'_> {
    pub(crate) fn id<T>(&mut self, place: &'static str) -> Result<T>
    where
        T: std::str::FromStr<Err = sobria_catalogue::id::InvalidId>,
    {
        self.text()?
            .parse()
            .map_err(|source| StoreError::damaged(place, source))
    }

    pub(crate) fn id_or_null<T>(&mut self, place: &'static str) -> Result<Option<T>>
    where
        T: std::str::FromStr<Err = sobria_catalogue::id::InvalidId>,
    {
        self.text_or_null()?
            .map(|text| text.parse().map_err(|source| StoreError::damaged(place, source)))
            .transpose()
    }

    pub(crate) fn version_or_null(&mut self) -> Result<Option<u32>> {
        self.number_or_null()?
            .map(|number| {
                u32::try_from(number)
                    .map_err(|source| StoreError::damaged(format!("revision number {number}"), source))
            })
            .transpose()
    }

    pub(crate) fn kind(&mut self) -> Result<Kind> {
        let code = self.text()?;
        Kind::from_code(code)
            .ok_or_else(|| StoreError::damaged("contribution.kind", format!("unknown kind \"{code}\"")))
    }

    pub(crate) fn claim(&mut self) -> Result<Option<Claim>> {
        let moderator = self.id_or_null("contribution.claimed_by")?;
        let at = self.time_or_null()?;
        Ok(moderator.zip(at).map(|(moderator, at)| Claim { moderator, at }))
    }

    fn verdict(&mut self) -> Result<Option<Verdict>> {
        let by = self.id_or_null("contribution.decided_by")?;
        let at = self.time_or_null()?;
        let reason = self
            .text_or_null()?
            .and_then(|code| RejectionReason::from_code(&code));
        let text = self.owned()?;
        Ok(at.map(|at| Verdict { by, at, reason, text }))
    }

    fn case(&mut self) -> Result<Case> {
        Ok(Case {
            id: self.id("contribution.id")?,
            use_case: self.id("contribution.use_case_id")?,
            kind: self.kind()?,
            author: self.id_or_null("contribution.author_id")?,
            organisation: self.id_or_null("contribution.organisation_id")?,
            new_organisation: self.id("contribution.new_organisation_id")?,
            base: self.version_or_null()?,
            status: self.status()?,
            values: form(self.text()?)?,
            heading: Heading {
                title: self.owned()?,
                theme: self.text_or_null()?,
                organisation: self.owned()?,
            },
            version: self.version()?,
            submissions: self.version()?,
            receipt: self.text_or_null()?,
            created_at: self.time()?,
            updated_at: self.time()?,
            first_submitted_at: self.time_or_null()?,
            submitted_at: self.time_or_null()?,
            claim: self.claim()?,
            verdict: self.verdict()?,
            statement: self.owned()?,
            appealed: self.number()? != 0,
        })
    }
}
