//! What an organisation reads off and decides over time: values of indicators, meetings, decisions, trainings,
//! appointments. Strategies are assessments.

mod rows;
mod write;

use jiff::Timestamp;
use jiff::civil::Date;
use sobria_catalogue::id::{OrganisationId, UserId};

use crate::error::Result;
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::{Store, retry};

/// A value of an indicator.
#[derive(Debug, Clone, PartialEq)]
pub struct IndicatorValue {
    /// Identifier.
    pub id: String,
    /// The objective, as the strategy names it.
    pub goal: String,
    /// Which baseline of the objective it is compared with, from 0.
    pub baseline: u32,
    /// `2026` or `2026-03`.
    pub period: String,
    /// The value, in the unit of the objective.
    pub value: f64,
    /// Low bound.
    pub low: Option<f64>,
    /// High bound.
    pub high: Option<f64>,
    /// Code of its quality.
    pub quality: String,
    /// What it stands on.
    pub evidence: String,
    /// Who gave it; none for the instance itself and once the account was erased.
    pub author: Option<UserId>,
    /// When.
    pub made_at: Timestamp,
}

/// A meeting of a committee.
#[derive(Debug, Clone, PartialEq)]
pub struct CommitteeReview {
    /// Identifier.
    pub id: String,
    /// Day.
    pub held_on: Date,
    /// When the next one is due.
    pub next_due: Date,
    /// Who was there.
    pub attendees: String,
    /// What was seen, a JSON document.
    pub seen: String,
    /// Who wrote it down.
    pub author: Option<UserId>,
    /// When.
    pub made_at: Timestamp,
}

/// A decision of a committee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitteeDecision {
    /// Identifier.
    pub id: String,
    /// The meeting.
    pub review: String,
    /// What was decided.
    pub words: String,
    /// Code of its kind.
    pub kind: String,
    /// Who does it.
    pub owner: String,
    /// Until when.
    pub due_on: Option<Date>,
    /// Whether it is done, or was dropped.
    pub closed: bool,
    /// What it brought.
    pub effect: String,
}

/// A training that was held.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingSession {
    /// Identifier.
    pub id: String,
    /// Title.
    pub title: String,
    /// Code of the subject.
    pub subject: String,
    /// Day.
    pub held_on: Date,
    /// Hours.
    pub hours: f64,
    /// Who gave it.
    pub provider: String,
    /// People, elected members included.
    pub attendees: u32,
    /// Elected members among them.
    pub elected: u32,
    /// People among them who had attended another one in the two years before, and elected members among those.
    pub already: Option<(u32, u32)>,
    /// Who wrote it down.
    pub author: Option<UserId>,
    /// When.
    pub made_at: Timestamp,
}

/// Somebody named for a role.
#[derive(Debug, Clone, PartialEq)]
pub struct Appointment {
    /// Identifier.
    pub id: String,
    /// Code of the role.
    pub role: String,
    /// Who; blank a year after the end.
    pub person_name: String,
    /// Shared address.
    pub generic_email: String,
    /// Time given to it, in full-time equivalents.
    pub fte: Option<f64>,
    /// First day.
    pub starts_on: Date,
    /// Last day.
    pub ends_on: Option<Date>,
    /// Who stands in.
    pub deputy: String,
    /// Whether the role and the shared address are shown to everybody.
    pub is_public: bool,
    /// Who wrote it down.
    pub author: Option<UserId>,
    /// When.
    pub made_at: Timestamp,
}

/// What a person wrote into the roadmaps of organisations.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RoadmapTraces {
    /// Values.
    pub values: Vec<IndicatorValue>,
    /// Meetings.
    pub reviews: Vec<CommitteeReview>,
    /// Trainings.
    pub sessions: Vec<TrainingSession>,
    /// Appointments.
    pub appointments: Vec<Appointment>,
}

const VALUES: &str = "SELECT id, goal, baseline, period, value, low, high, quality, evidence, author_id, made_at \
    FROM indicator_value";
const REVIEWS: &str =
    "SELECT id, held_on, next_due, attendees, seen, author_id, made_at FROM committee_review";
const SESSIONS: &str = "SELECT id, title, subject, held_on, hours, provider, attendees, elected, already, \
    already_elected, author_id, made_at FROM training_session";
const APPOINTMENTS: &str = "SELECT id, role, person_name, generic_email, fte, starts_on, ends_on, deputy, is_public, \
    author_id, made_at FROM appointment";

impl Store {
    /// Keeps values, all or none. Returns the catalogue revision.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn add_indicator_values(
        &self,
        organisation: OrganisationId,
        values: &[IndicatorValue],
        now: Timestamp,
    ) -> Result<i64> {
        retry(|| self.add_indicator_values_once(organisation, values, now)).await
    }

    /// The values of an organisation, in the order in which they were kept.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn indicator_values(&self, organisation: OrganisationId) -> Result<Vec<IndicatorValue>> {
        let rows = Sql::new(VALUES)
            .push(" WHERE organisation_id = ")
            .bind(organisation.to_string())
            .push(" ORDER BY made_at, id")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        rows.iter().map(|row| Cells::new(row).indicator_value()).collect()
    }

    /// Keeps a meeting with its decisions. Returns the catalogue revision.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn hold_review(
        &self,
        organisation: OrganisationId,
        review: &CommitteeReview,
        decisions: &[CommitteeDecision],
    ) -> Result<i64> {
        retry(|| self.hold_review_once(organisation, review, decisions)).await
    }

    /// The meetings of an organisation, newest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn committee_reviews(&self, organisation: OrganisationId) -> Result<Vec<CommitteeReview>> {
        let rows = Sql::new(REVIEWS)
            .push(" WHERE organisation_id = ")
            .bind(organisation.to_string())
            .push(" ORDER BY held_on DESC, made_at DESC, id DESC")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        rows.iter()
            .map(|row| Cells::new(row).committee_review())
            .collect()
    }

    /// The decisions of an organisation, those of the oldest meeting first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn committee_decisions(&self, organisation: OrganisationId) -> Result<Vec<CommitteeDecision>> {
        Sql::new(
            "SELECT d.id, d.review_id, d.words, d.kind, d.owner, d.due_on, d.closed, d.effect \
             FROM committee_decision d JOIN committee_review r ON r.id = d.review_id WHERE d.organisation_id = ",
        )
        .bind(organisation.to_string())
        .push(" ORDER BY r.held_on, r.made_at, d.place, d.id")
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?
        .iter()
        .map(|row| {
            let mut cells = Cells::new(row);
            Ok(CommitteeDecision {
                id: cells.owned()?,
                review: cells.owned()?,
                words: cells.owned()?,
                kind: cells.owned()?,
                owner: cells.owned()?,
                due_on: cells.day_or_null()?,
                closed: cells.number()? != 0,
                effect: cells.owned()?,
            })
        })
        .collect()
    }

    /// Closes or opens a decision, with what it brought.
    ///
    /// # Errors
    /// [`crate::StoreError::NotFound`] when the organisation took no such decision.
    pub async fn settle_decision(
        &self,
        organisation: OrganisationId,
        id: &str,
        closed: bool,
        effect: &str,
        by: UserId,
        now: Timestamp,
    ) -> Result<i64> {
        let change = || async {
            let statement =
                Sql::new("UPDATE committee_decision SET closed = $1, effect = $2, changed_at = $3 WHERE id = $4 AND organisation_id = $5")
                    .value(i64::from(closed))
                    .value(effect)
                    .value(now.as_millisecond())
                    .value(id)
                    .value(organisation.to_string());
            self.change_roadmap(organisation, statement, "settle-decision", id, by, now)
                .await
        };
        retry(change).await
    }

    /// Keeps trainings, all or none. Returns the catalogue revision.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn add_trainings(
        &self,
        organisation: OrganisationId,
        sessions: &[TrainingSession],
        now: Timestamp,
    ) -> Result<i64> {
        retry(|| self.add_trainings_once(organisation, sessions, now)).await
    }

    /// The trainings of an organisation, newest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn trainings(&self, organisation: OrganisationId) -> Result<Vec<TrainingSession>> {
        let rows = Sql::new(SESSIONS)
            .push(" WHERE organisation_id = ")
            .bind(organisation.to_string())
            .push(" ORDER BY held_on DESC, title")
            .push(self.dialect().byte_order())
            .push(", id")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        rows.iter()
            .map(|row| Cells::new(row).training_session())
            .collect()
    }

    /// Takes a training away.
    ///
    /// # Errors
    /// [`crate::StoreError::NotFound`] when the organisation has no such training.
    pub async fn remove_training(
        &self,
        organisation: OrganisationId,
        id: &str,
        by: UserId,
        now: Timestamp,
    ) -> Result<i64> {
        let change = || async {
            let statement = Sql::new("DELETE FROM training_session WHERE id = $1 AND organisation_id = $2")
                .value(id)
                .value(organisation.to_string());
            self.change_roadmap(organisation, statement, "remove-training", id, by, now)
                .await
        };
        retry(change).await
    }

    /// Keeps an appointment, or changes the one of its identifier. Returns the catalogue revision.
    ///
    /// # Errors
    /// [`crate::StoreError::NotFound`] when the appointment is that of another organisation.
    pub async fn keep_appointment(
        &self,
        organisation: OrganisationId,
        appointment: &Appointment,
        by: UserId,
        now: Timestamp,
    ) -> Result<i64> {
        let change = || async {
            let statement = Sql::new(
                "INSERT INTO appointment (id, organisation_id, role, person_name, generic_email, fte, starts_on, \
                 ends_on, deputy, is_public, author_id, made_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
                 ON CONFLICT (id) DO UPDATE SET role = excluded.role, person_name = excluded.person_name, \
                 generic_email = excluded.generic_email, fte = excluded.fte, starts_on = excluded.starts_on, \
                 ends_on = excluded.ends_on, deputy = excluded.deputy, is_public = excluded.is_public, \
                 author_id = excluded.author_id, made_at = excluded.made_at \
                 WHERE appointment.organisation_id = excluded.organisation_id",
            )
            .value(appointment.id.as_str())
            .value(organisation.to_string())
            .value(appointment.role.as_str())
            .value(appointment.person_name.as_str())
            .value(appointment.generic_email.as_str())
            .value(appointment.fte)
            .value(appointment.starts_on.to_string())
            .value(appointment.ends_on.map(|day| day.to_string()))
            .value(appointment.deputy.as_str())
            .value(i64::from(appointment.is_public))
            .value(by.to_string())
            .value(now.as_millisecond());
            self.change_roadmap(
                organisation,
                statement,
                "keep-appointment",
                &appointment.id,
                by,
                now,
            )
            .await
        };
        retry(change).await
    }

    /// The appointments of an organisation, the latest first.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn appointments(&self, organisation: OrganisationId) -> Result<Vec<Appointment>> {
        let rows = Sql::new(APPOINTMENTS)
            .push(" WHERE organisation_id = ")
            .bind(organisation.to_string())
            .push(" ORDER BY starts_on DESC, id")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        rows.iter().map(|row| Cells::new(row).appointment()).collect()
    }

    /// Takes an appointment away.
    ///
    /// # Errors
    /// [`crate::StoreError::NotFound`] when the organisation has no such appointment.
    pub async fn remove_appointment(
        &self,
        organisation: OrganisationId,
        id: &str,
        by: UserId,
        now: Timestamp,
    ) -> Result<i64> {
        let change = || async {
            let statement = Sql::new("DELETE FROM appointment WHERE id = $1 AND organisation_id = $2")
                .value(id)
                .value(organisation.to_string());
            self.change_roadmap(organisation, statement, "remove-appointment", id, by, now)
                .await
        };
        retry(change).await
    }

    /// Empties the names of appointments that ended before a day. Returns how many.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn forget_appointments(&self, before: Date) -> Result<u64> {
        Sql::new(
            "UPDATE appointment SET person_name = '', deputy = '' \
             WHERE ends_on IS NOT NULL AND ends_on < $1 AND (person_name <> '' OR deputy <> '')",
        )
        .value(before.to_string())
        .execute(self.writer())
        .await
        .map_err(|e| self.fail(e))
    }

    /// Organisations that have a roadmap.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn organisations_with_roadmap(&self) -> Result<Vec<OrganisationId>> {
        Sql::new(
            "SELECT DISTINCT organisation_id FROM assessment WHERE kind = 'roadmap' AND organisation_id IS NOT NULL \
             ORDER BY organisation_id",
        )
        .all(self.reader())
        .await
        .map_err(|e| self.fail(e))?
        .iter()
        .map(|row| Cells::new(row).organisation_id())
        .collect()
    }

    /// How many records of others an organisation says it uses.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn reused_by(&self, organisation: OrganisationId) -> Result<u64> {
        let row = Sql::new(
            "SELECT COUNT(*) FROM adoption a JOIN use_case u ON u.id = a.use_case_id \
             WHERE a.organisation_id = $1 AND u.organisation_id <> $1 AND u.status = 'published'",
        )
        .value(organisation.to_string())
        .first(self.reader())
        .await
        .map_err(|e| self.fail(e))?;
        let count = row.map(|row| Cells::new(&row).number()).transpose()?.unwrap_or(0);
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// What a person wrote into roadmaps.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn roadmap_traces(&self, author: UserId) -> Result<RoadmapTraces> {
        let of = async |select: &'static str| {
            Sql::new(select)
                .push(" WHERE author_id = ")
                .bind(author.to_string())
                .push(" ORDER BY made_at, id")
                .all(self.reader())
                .await
                .map_err(|e| self.fail(e))
        };
        let mut traces = RoadmapTraces::default();
        for row in &of(VALUES).await? {
            traces.values.push(Cells::new(row).indicator_value()?);
        }
        for row in &of(REVIEWS).await? {
            traces.reviews.push(Cells::new(row).committee_review()?);
        }
        for row in &of(SESSIONS).await? {
            traces.sessions.push(Cells::new(row).training_session()?);
        }
        for row in &of(APPOINTMENTS).await? {
            traces.appointments.push(Cells::new(row).appointment()?);
        }
        Ok(traces)
    }
}
