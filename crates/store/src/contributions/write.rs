//! Writes a step that the workflow allowed, inside the transaction of its caller.

use jiff::Timestamp;
use sobria_catalogue::id::ContributionId;
use sobria_catalogue::workflow::{Applied as Step, Case, RejectionReason};

use super::rows::SELECT;
use super::{Created, Saved, holding_open, open_for};
use crate::audit::AuditEntry;
use crate::connection::Connection;
use crate::error::{Result, StoreError};
use crate::sql::{Sql, Values};
use crate::store::Store;

impl Store {
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
            .bind(key);
        if let Some(same) = self.first_case(same, &mut *connection).await? {
            return Ok(Created::Again(Box::new(same)));
        }
        let open = holding_open(case.use_case, case.kind);
        match self.first_case(open, connection).await? {
            Some(open) => Ok(Created::Taken(Box::new(open))),
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

/// Everything but the identifiers, the key and the time of creation, in the order of both statements.
pub(super) fn bind(values: &mut Values, case: &Case) {
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
