//! `/agenda.ics`: the meetings, for calendar programs.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use jiff::SignedDuration;
use sobria_catalogue::access::Level;
use sobria_catalogue::entry::field::EntryField;
use sobria_catalogue::entry::{EntryKind, VisibleEntry};
use sobria_exchange::export::{Event, icalendar};

use super::list::readable;
use super::sort_words;
use crate::app::App;
use crate::error::WebError;
use crate::respond::cached;

/// Media type of calendars.
pub const CALENDAR: &str = "text/calendar; charset=utf-8";
/// Meetings stay in the calendar for so long after they began.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 366);

/// The calendar of every meeting.
///
/// # Errors
/// When the database does not answer.
pub async fn calendar(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, CALENDAR, async {
        let since = (app.settings.now)() - KEPT;
        let mut items = readable(&app, EntryKind::Meeting, Level::Public).await?;
        items.retain(|item| {
            item.content()
                .moment(EntryField::StartsAt)
                .is_some_and(|start| start > since)
        });
        items.sort_by_key(|item| item.content().moment(EntryField::StartsAt));
        Ok(text(&app, &items))
    })
    .await
}

/// Meetings as a calendar.
pub fn text(app: &App, items: &[VisibleEntry]) -> String {
    let base = &app.settings.base_url;
    let host = base
        .split_once("://")
        .map_or(base.as_str(), |(_, rest)| rest)
        .split([':', '/'])
        .next()
        .unwrap_or("");
    let events: Vec<Event> = items
        .iter()
        .filter_map(|item| {
            let entry = item.entry();
            let content = item.content();
            let summary = content.get(EntryField::Summary);
            let description = content.get(EntryField::Description);
            let website = content.get(EntryField::Website);
            Some(Event {
                uid: format!("{}@{host}", entry.id),
                sequence: entry.number.saturating_sub(1),
                changed: entry.updated_at,
                starts: content.moment(EntryField::StartsAt)?,
                ends: content.moment(EntryField::EndsAt),
                cancelled: content.get(EntryField::State) == "cancelled",
                title: content.title().to_owned(),
                description: [summary, description, website]
                    .into_iter()
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join("\n\n"),
                place: content.get(EntryField::Place).to_owned(),
                url: format!("{base}{}", entry.path()),
                category: sort_words(entry.kind, content),
            })
        })
        .collect();
    icalendar(&events, &format!("{}\u{a0}: agenda", app.site().name))
}
