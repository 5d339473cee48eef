//! What is written into a roadmap: its rows with one line of the audit trail, all or none.

use jiff::Timestamp;
use sobria_catalogue::id::{OrganisationId, UserId};

use super::{CommitteeDecision, CommitteeReview, IndicatorValue, TrainingSession};
use crate::error::{Result, StoreError};
use crate::sql::Sql;
use crate::store::Store;

/// Who changes which roadmap, and how the audit trail calls it.
struct Change<'c> {
    organisation: OrganisationId,
    by: Option<UserId>,
    action: &'static str,
    detail: &'c str,
    now: Timestamp,
}

impl Store {
    /// Makes one change to a row of a roadmap.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such row.
    pub(super) async fn change_roadmap(
        &self,
        organisation: OrganisationId,
        statement: Sql,
        action: &'static str,
        detail: &str,
        by: UserId,
        now: Timestamp,
    ) -> Result<i64> {
        let change = Change {
            organisation,
            by: Some(by),
            action,
            detail,
            now,
        };
        self.write_roadmap(vec![statement], change).await
    }

    pub(super) async fn add_indicator_values_once(
        &self,
        organisation: OrganisationId,
        values: &[IndicatorValue],
        now: Timestamp,
    ) -> Result<i64> {
        let rows = values
            .iter()
            .map(|value| {
                Sql::new(
                    "INSERT INTO indicator_value (id, organisation_id, goal, baseline, period, value, low, high, \
                     quality, evidence, author_id, made_at) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                )
                .value(value.id.as_str())
                .value(organisation.to_string())
                .value(value.goal.as_str())
                .value(i64::from(value.baseline))
                .value(value.period.as_str())
                .value(Some(value.value))
                .value(value.low)
                .value(value.high)
                .value(value.quality.as_str())
                .value(value.evidence.as_str())
                .value(value.author.map(|author| author.to_string()))
                .value(value.made_at.as_millisecond())
            })
            .collect();
        let change = Change {
            organisation,
            by: values.first().and_then(|value| value.author),
            action: "add-indicator-values",
            detail: &values.len().to_string(),
            now,
        };
        self.write_roadmap(rows, change).await
    }

    pub(super) async fn hold_review_once(
        &self,
        organisation: OrganisationId,
        review: &CommitteeReview,
        decisions: &[CommitteeDecision],
    ) -> Result<i64> {
        let mut rows = vec![
            Sql::new(
                "INSERT INTO committee_review (id, organisation_id, held_on, next_due, attendees, seen, author_id, \
                 made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .value(review.id.as_str())
            .value(organisation.to_string())
            .value(review.held_on.to_string())
            .value(review.next_due.to_string())
            .value(review.attendees.as_str())
            .value(review.seen.as_str())
            .value(review.author.map(|author| author.to_string()))
            .value(review.made_at.as_millisecond()),
        ];
        rows.extend((0_i64..).zip(decisions).map(|(place, decision)| {
            Sql::new(
                "INSERT INTO committee_decision (id, organisation_id, review_id, place, words, kind, owner, due_on, \
                 closed, effect, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            )
            .value(decision.id.as_str())
            .value(organisation.to_string())
            .value(review.id.as_str())
            .value(place)
            .value(decision.words.as_str())
            .value(decision.kind.as_str())
            .value(decision.owner.as_str())
            .value(decision.due_on.map(|day| day.to_string()))
            .value(i64::from(decision.closed))
            .value(decision.effect.as_str())
            .value(review.made_at.as_millisecond())
        }));
        let change = Change {
            organisation,
            by: review.author,
            action: "hold-review",
            detail: &review.id,
            now: review.made_at,
        };
        self.write_roadmap(rows, change).await
    }

    pub(super) async fn add_trainings_once(
        &self,
        organisation: OrganisationId,
        sessions: &[TrainingSession],
        now: Timestamp,
    ) -> Result<i64> {
        let rows = sessions
            .iter()
            .map(|session| {
                Sql::new(
                    "INSERT INTO training_session (id, organisation_id, title, subject, held_on, hours, provider, \
                     attendees, elected, author_id, made_at, already, already_elected) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
                )
                .value(session.id.as_str())
                .value(organisation.to_string())
                .value(session.title.as_str())
                .value(session.subject.as_str())
                .value(session.held_on.to_string())
                .value(Some(session.hours))
                .value(session.provider.as_str())
                .value(i64::from(session.attendees))
                .value(i64::from(session.elected))
                .value(session.author.map(|author| author.to_string()))
                .value(session.made_at.as_millisecond())
                .value(session.already.map(|(all, _)| i64::from(all)))
                .value(session.already.map(|(_, elected)| i64::from(elected)))
            })
            .collect();
        let change = Change {
            organisation,
            by: sessions.first().and_then(|session| session.author),
            action: "add-trainings",
            detail: &sessions.len().to_string(),
            now,
        };
        self.write_roadmap(rows, change).await
    }

    /// Runs the statements of a change; each must touch a row. Returns the catalogue revision.
    async fn write_roadmap(&self, statements: Vec<Sql>, change: Change<'_>) -> Result<i64> {
        let mut transaction = self.begin_write().await?;
        let revision = self.next_revision(&mut transaction).await?;
        for statement in statements {
            let touched = statement
                .execute(&mut *transaction)
                .await
                .map_err(|e| self.fail(e))?;
            if touched == 0 {
                return Err(StoreError::NotFound {
                    what: format!("{} {} of {}", change.action, change.detail, change.organisation),
                });
            }
        }
        let actor = change.by.map(|by| by.to_string()).unwrap_or_default();
        self.audit(
            &mut transaction,
            revision,
            change.now,
            &actor,
            change.action,
            &change.organisation.to_string(),
            change.detail,
        )
        .await?;
        transaction.commit().await.map_err(|e| self.fail(e))?;
        Ok(revision)
    }
}
