//! Rows of a roadmap as values.

use jiff::civil::Date;

use super::{Appointment, CommitteeReview, IndicatorValue, TrainingSession};
use crate::error::{Result, StoreError};
use crate::row::Cells;

impl Cells<'_> {
    pub(super) fn figure(&mut self) -> Result<f64> {
        self.real_or_null()?
            .ok_or_else(|| StoreError::damaged("roadmap", "a figure is missing"))
    }

    pub(super) fn head_count(&mut self) -> Result<u32> {
        let count = self.number()?;
        u32::try_from(count).map_err(|source| StoreError::damaged(format!("head count {count}"), source))
    }

    fn head_count_or_null(&mut self) -> Result<Option<u32>> {
        let count = self.number_or_null()?;
        count
            .map(|count| {
                u32::try_from(count)
                    .map_err(|source| StoreError::damaged(format!("head count {count}"), source))
            })
            .transpose()
    }

    pub(super) fn indicator_value(&mut self) -> Result<IndicatorValue> {
        Ok(IndicatorValue {
            id: self.owned()?,
            goal: self.owned()?,
            baseline: self.head_count()?,
            period: self.owned()?,
            value: self.figure()?,
            low: self.real_or_null()?,
            high: self.real_or_null()?,
            quality: self.owned()?,
            evidence: self.owned()?,
            author: self.user_id_or_null()?,
            made_at: self.time()?,
        })
    }

    pub(super) fn committee_review(&mut self) -> Result<CommitteeReview> {
        Ok(CommitteeReview {
            id: self.owned()?,
            held_on: self.day()?,
            next_due: self.day()?,
            attendees: self.owned()?,
            seen: self.owned()?,
            author: self.user_id_or_null()?,
            made_at: self.time()?,
        })
    }

    pub(super) fn training_session(&mut self) -> Result<TrainingSession> {
        Ok(TrainingSession {
            id: self.owned()?,
            title: self.owned()?,
            subject: self.owned()?,
            held_on: self.day()?,
            hours: self.figure()?,
            provider: self.owned()?,
            attendees: self.head_count()?,
            elected: self.head_count()?,
            already: {
                let (all, elected) = (self.head_count_or_null()?, self.head_count_or_null()?);
                all.map(|all| (all, elected.unwrap_or(0)))
            },
            author: self.user_id_or_null()?,
            made_at: self.time()?,
        })
    }

    pub(super) fn appointment(&mut self) -> Result<Appointment> {
        Ok(Appointment {
            id: self.owned()?,
            role: self.owned()?,
            person_name: self.owned()?,
            generic_email: self.owned()?,
            fte: self.real_or_null()?,
            starts_on: self.day()?,
            ends_on: self.day_or_null()?,
            deputy: self.owned()?,
            is_public: self.number()? != 0,
            author: self.user_id_or_null()?,
            made_at: self.time()?,
        })
    }

    pub(super) fn day(&mut self) -> Result<Date> {
        self.day_or_null()?
            .ok_or_else(|| StoreError::damaged("roadmap", "a day is missing"))
    }
}
