//! What owners of saved searches are to be told. Nothing is sent from here: see [`due_alerts`].

use std::collections::HashMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use sobria_catalogue::access::{Level, VisibleUseCase};
use sobria_catalogue::account::Email;
use sobria_catalogue::id::{UseCaseId, UserId};
use sobria_catalogue::query::Sort;
use sobria_catalogue::rights::Role;
use sobria_store::{Pace, SavedSearch};

use super::searches::{PATH, address};
use crate::app::App;
use crate::error::WebError;
use crate::params::ListParams;
use crate::routes::cards::visible;

/// Records listed in one alert.
const LISTED: usize = 20;
/// A publication that is still being written carries a moment a little before the one at which it is seen.
const SETTLING: SignedDuration = SignedDuration::from_mins(5);

/// New records that answer a saved search, for its owner.
#[derive(Debug, Clone)]
pub struct DueAlert {
    /// The search.
    pub search: SavedSearch,
    /// Its owner.
    pub account: UserId,
    /// Mailbox of the owner.
    pub email: Email,
    /// The newest of the new records, reduced to what is public: mail is read by others too.
    pub records: Vec<VisibleUseCase>,
    /// How many there are.
    pub total: usize,
    /// Records published up to this moment are told: what [`sobria_store::Store::alert_sent`] wants once sent.
    pub until: Timestamp,
    /// Path of all the results.
    pub results: String,
    /// Path of the page where the alert is changed or stopped.
    pub settings: String,
}

/// The alerts to send: searches whose pace allows a message, and that new records answer. The same alert comes back
/// until [`sobria_store::Store::alert_sent`] records that it left.
///
/// # Errors
/// When the database or the index does not answer.
pub async fn due_alerts(app: &App, now: Timestamp) -> Result<Vec<DueAlert>, WebError> {
    let until = now - SETTLING;
    let watched: Vec<_> = app
        .store
        .watched_searches()
        .await?
        .into_iter()
        .filter(|watched| is_due(watched.search.pace, watched.search.told_until, until))
        .collect();
    let Some(oldest) = watched.iter().map(|one| one.search.told_until).min() else {
        return Ok(Vec::new());
    };
    let new: HashMap<UseCaseId, Timestamp> = app
        .store
        .published_between(oldest, until)
        .await?
        .into_iter()
        .collect();
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let revision = app.store.catalogue_revision().await?;
    if app.revision() < revision {
        crate::refresh::at_once(app).await;
        // What the index does not hold yet would be taken for told.
        if app.revision() < revision {
            return Ok(Vec::new());
        }
    }
    let mut due = Vec::new();
    for one in watched {
        let level = if one.role >= Role::Member {
            Level::Member
        } else {
            Level::Public
        };
        let params = ListParams::parse(&one.search.query, level);
        let mut question = params.question();
        question.sort = Sort::Recent;
        question.offset = 0;
        question.limit = usize::MAX;
        let found = app.index.find_with(&question, level, &[])?;
        // Results for other words than those asked are a help to somebody who looks, not news.
        if found.relaxed || !found.corrections.is_empty() {
            continue;
        }
        let mut ids: Vec<(Timestamp, UseCaseId)> = found
            .ids
            .into_iter()
            .filter_map(|id| new.get(&id).map(|at| (*at, id)))
            .filter(|(at, _)| *at > one.search.told_until)
            .collect();
        if ids.is_empty() {
            continue;
        }
        ids.sort_unstable_by(|a, b| b.cmp(a));
        let shown: Vec<UseCaseId> = ids.iter().take(LISTED).map(|(_, id)| *id).collect();
        due.push(DueAlert {
            account: one.account,
            email: one.email,
            records: visible(app, &shown, Level::Public).await?,
            total: ids.len(),
            until,
            results: address("/cas-usages", &one.search.query),
            settings: format!("{PATH}/{}", one.search.id),
            search: one.search,
        });
    }
    Ok(due)
}

/// Whether a message may leave, by the calendar of mainland France: one a day, or one in seven days.
fn is_due(pace: Pace, told: Timestamp, until: Timestamp) -> bool {
    let days = (day(until) - day(told)).get_days();
    match pace {
        Pace::None => false,
        Pace::Daily => days >= 1,
        Pace::Weekly => days >= 7,
    }
}

fn day(at: Timestamp) -> Date {
    let zone = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
    at.to_zoned(zone).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_counted_in_days_of_the_calendar() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        // 23:30 in Paris, in winter.
        let told = at("2026-11-23T22:30:00Z");
        for (until, daily, weekly) in [
            ("2026-11-23T22:50:00Z", false, false),
            ("2026-11-23T23:10:00Z", true, false),
            ("2026-11-29T22:50:00Z", true, false),
            ("2026-11-29T23:10:00Z", true, true),
            ("2027-02-01T10:00:00Z", true, true),
            ("2026-11-20T10:00:00Z", false, false),
        ] {
            let until = at(until);
            assert_eq!(is_due(Pace::Daily, told, until), daily, "{until}");
            assert_eq!(is_due(Pace::Weekly, told, until), weekly, "{until}");
            assert!(!is_due(Pace::None, told, until));
        }
    }
}
