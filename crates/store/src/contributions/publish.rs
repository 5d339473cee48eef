//! What becomes of the record itself: a public version, a review, an archive, a refusal, a purge.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sobria_catalogue::id::UseCaseId;
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::workflow::{Applied as Step, Publication, RecordChange};

use crate::connection::Connection;
use crate::error::{Result, StoreError};
use crate::import::{ORGANISATION_COLUMNS, bind_organisation};
use crate::organisations::SELECT_ORGANISATION;
use crate::revisions::NewRevision;
use crate::row::Cells;
use crate::sql::{BulkInsert, Sql};
use crate::store::Store;

impl Store {
    /// Writes what becomes of the record. The catalogue revision is taken, so no other change comes in between.
    pub(super) async fn change_record(
        &self,
        connection: &mut Connection,
        step: &Step,
        change: &RecordChange,
        revision: i64,
    ) -> Result<()> {
        let id = step.case.use_case;
        match change {
            RecordChange::Publish(publication) => self.publish(connection, step, publication, revision).await,
            RecordChange::Review(day) => {
                let touched = Sql::new(
                    "UPDATE use_case SET last_reviewed_on = $1, changed_in = $2 WHERE id = $3 AND status = 'published'",
                )
                .value(day.to_string())
                .value(revision)
                .value(id.to_string())
                .execute(connection)
                .await
                .map_err(|e| self.fail(e))?;
                still(touched, id)
            }
            RecordChange::Archive => {
                let touched = Sql::new(
                    "UPDATE use_case SET status = 'archived', changed_in = $1 WHERE id = $2 AND status = 'published'",
                )
                .value(revision)
                .value(id.to_string())
                .execute(connection)
                .await
                .map_err(|e| self.fail(e))?;
                still(touched, id)
            }
            // A record that an import handed in leaves the queue; there is none for what somebody wrote here.
            RecordChange::Refuse => Sql::new(
                "UPDATE use_case SET status = 'rejected', changed_in = $1 \
                 WHERE id = $2 AND status = 'submitted' AND published_number IS NULL",
            )
            .value(revision)
            .value(id.to_string())
            .execute(connection)
            .await
            .map(|_| ())
            .map_err(|e| self.fail(e)),
        }
    }

    async fn publish(
        &self,
        connection: &mut Connection,
        step: &Step,
        publication: &Publication,
        revision: i64,
    ) -> Result<()> {
        let id = step.case.use_case;
        let now = step.at.as_millisecond();
        let day = step.at.to_zoned(TimeZone::UTC).date().to_string();
        let state = Sql::new("SELECT status, version, published_number FROM use_case WHERE id = $1")
            .value(id.to_string())
            .first(&mut *connection)
            .await
            .map_err(|e| self.fail(e))?;
        let (exists, version, published) = match &state {
            Some(row) => {
                let mut cells = Cells::new(row);
                let withdrawn = cells.text()? == "withdrawn";
                let (version, published) = (cells.number()?, cells.number_or_null()?);
                still(u64::from(!withdrawn), id)?;
                (true, version, published)
            }
            None => (false, 0, None),
        };
        still(u64::from(published == publication.replaces.map(i64::from)), id)?;
        self.keep_carrier(&mut *connection, &publication.organisation, revision)
            .await?;
        let number = version + 1;
        let carrier = publication.organisation.id.to_string();
        if exists {
            Sql::new(
                "UPDATE use_case SET status = 'published', organisation_id = $1, version = $2, published_number = $3, \
                 first_published_at = COALESCE(first_published_at, $4), last_reviewed_on = $5, changed_in = $6 \
                 WHERE id = $7",
            )
            .value(carrier)
            .value(number)
            .value(number)
            .value(now)
            .value(day)
            .value(revision)
            .value(id.to_string())
            .execute(&mut *connection)
            .await
            .map_err(|e| self.fail(e))?;
        } else {
            Sql::new(
                "INSERT INTO use_case (id, slug, organisation_id, status, version, published_number, created_at, \
                 first_published_at, last_reviewed_on, changed_in) \
                 VALUES ($1, $2, $3, 'published', $4, $5, $6, $7, $8, $9)",
            )
            .value(id.to_string())
            .value(id.slug(publication.content.title()))
            .value(carrier)
            .value(number)
            .value(number)
            .value(step.case.created_at.as_millisecond())
            .value(now)
            .value(day)
            .value(revision)
            .execute(&mut *connection)
            .await
            .map_err(|e| self.fail(e))?;
        }
        let new = NewRevision {
            use_case: id,
            number,
            content: &publication.content,
            completeness: i64::from(publication.completeness),
            reason: publication.reason,
            author: &step.case.author.unwrap_or(step.actor).to_string(),
            at: step.at,
        };
        self.add_published_revision(&mut *connection, &new).await?;
        self.publish_files(connection, step.case.id, number).await
    }

    /// Makes the carrier, or adds to the one that is there what it lacks: what somebody corrected meanwhile stays.
    async fn keep_carrier(
        &self,
        connection: &mut Connection,
        carrier: &Organisation,
        revision: i64,
    ) -> Result<()> {
        let stored = Sql::new(SELECT_ORGANISATION)
            .push(" FROM organisation o WHERE o.id = ")
            .bind(carrier.id.to_string())
            .first(&mut *connection)
            .await
            .map_err(|e| self.fail(e))?;
        let Some(stored) = stored else {
            return BulkInsert::new(self.dialect(), "organisation", ORGANISATION_COLUMNS, &[], |_| {})
                .run(connection, std::slice::from_ref(carrier), |values, carrier| {
                    values.add(carrier.id.to_string());
                    bind_organisation(values, carrier);
                })
                .await
                .map_err(|e| self.fail(e));
        };
        let stored = Cells::new(&stored).organisation()?;
        let mut kept = stored.clone();
        kept.status = carrier.status;
        kept.siret = kept.siret.or_else(|| carrier.siret.clone());
        kept.siren = kept.siren.or_else(|| carrier.siren.clone());
        kept.kind = kept.kind.or_else(|| carrier.kind.clone());
        if kept.point().is_none() {
            (kept.latitude, kept.longitude) = (carrier.latitude, carrier.longitude);
        }
        if kept == stored {
            return Ok(());
        }
        self.update_organisation(&mut *connection, &kept).await?;
        self.mark_changed_of_carrier(connection, &carrier.id.to_string(), revision)
            .await
    }

    /// Empties every contribution about a record; says how many there were.
    pub(crate) async fn forget_contributions(
        &self,
        connection: &mut Connection,
        id: UseCaseId,
        now: Timestamp,
    ) -> Result<u64> {
        for purge in [
            "DELETE FROM contribution_revision WHERE contribution_id IN \
             (SELECT c.id FROM contribution c WHERE c.use_case_id = $1)",
            "DELETE FROM review_comment WHERE contribution_id IN \
             (SELECT c.id FROM contribution c WHERE c.use_case_id = $1)",
        ] {
            Sql::new(purge)
                .value(id.to_string())
                .execute(&mut *connection)
                .await
                .map_err(|e| self.fail(e))?;
        }
        Sql::new(
            "UPDATE contribution SET status = 'withdrawn', open_for = NULL, form = '{}', title = '', theme = NULL, \
             organisation_name = '', claimed_by = NULL, claimed_at = NULL, decision_text = '', statement = '', \
             version = version + 1, updated_at = $1 WHERE use_case_id = $2 AND status <> 'withdrawn'",
        )
        .value(now.as_millisecond())
        .value(id.to_string())
        .execute(connection)
        .await
        .map_err(|e| self.fail(e))
    }
}

/// Refuses to write on a record that is no longer what it was when the step was decided.
fn still(as_it_was: u64, id: UseCaseId) -> Result<()> {
    if as_it_was == 0 {
        return Err(StoreError::Conflict {
            what: format!("the record {id} changed since this was decided"),
        });
    }
    Ok(())
}
