//! The letter of the library: what changed since the last one, for those whose consent is in force.

use std::collections::HashMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use sobria_catalogue::access::Level;
use sobria_catalogue::entry::field::EntryField;
use sobria_catalogue::entry::{EntryKind, VisibleEntry, redact};
use sobria_catalogue::id::UseCaseId;
use sobria_store::{DigestPace, NewSecret, SecretPurpose};

use crate::app::App;
use crate::error::WebError;
use crate::letters::{Letter, outgoing};
use crate::locale;
use crate::routes::account::new_secret;
use crate::routes::cards::visible;
use crate::routes::entries::list::readable;

/// What the secret of a link that leaves the letter stands for.
pub const PAYLOAD: &str = "digest";
/// How long the link that stops the letter is good.
const LEAVE: SignedDuration = SignedDuration::from_hours(24 * 365);
/// A publication that is still being written carries a moment a little before the one at which it is seen.
const SETTLING: SignedDuration = SignedDuration::from_mins(5);
/// Lines of each sort in one letter.
const LINES: usize = 15;
/// Meetings told of begin within so many days.
const AHEAD: i64 = 45;

fn day(at: Timestamp) -> Date {
    let zone = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
    at.to_zoned(zone).date()
}

/// Whether a letter may leave, by the calendar of mainland France.
fn is_due(pace: DigestPace, told: Timestamp, until: Timestamp) -> bool {
    let (told, until) = (day(told), day(until));
    match pace {
        DigestPace::Weekly => (until - told).get_days() >= 7,
        DigestPace::Monthly => told
            .checked_add(jiff::Span::new().months(1))
            .is_ok_and(|next| until >= next),
    }
}

/// Sends the letters that are due. Each is noted together with its message: a server that stops half-way neither
/// forgets nor repeats one, and two servers send one. Nothing leaves when nothing changed. Returns how many left.
///
/// # Errors
/// When the database does not answer.
pub async fn send(app: &App) -> Result<u64, WebError> {
    let mut sent = 0;
    let now = (app.settings.now)();
    let until = now - SETTLING;
    let mut written: HashMap<Timestamp, Vec<String>> = HashMap::new();
    let base = &app.settings.base_url;
    for subscriber in app.store.subscribers().await? {
        if !is_due(subscriber.pace, subscriber.told_until, until) {
            continue;
        }
        let since = subscriber.told_until;
        let lines = match written.get(&since) {
            Some(lines) => lines.clone(),
            None => {
                let lines = lines(app, since, until).await?;
                written.insert(since, lines.clone());
                lines
            }
        };
        // Without anything new the moment stays, so that the next letter tells all of it as soon as there is.
        if lines.is_empty() {
            continue;
        }
        let secret = new_secret()?;
        let letter = Letter::Digest {
            period: format!("du {} au {}", locale::day(day(since)), locale::day(day(until))),
            lines,
            href: format!("{base}/cas-usages?tri=recent"),
            settings: format!("{base}/mon-espace/compte"),
            leave: format!("{base}/desinscription/{}", secret.reveal()),
        };
        let mail = outgoing(app, &subscriber.email, &letter)?;
        let kept = NewSecret {
            hash: &secret.digest(),
            purpose: SecretPurpose::Unsubscribe,
            account: Some(subscriber.account),
            payload: PAYLOAD,
            lives: LEAVE,
        };
        let told = app
            .store
            .tell_digest(&subscriber, until, Some((&mail, &kept)), now)
            .await?;
        sent += u64::from(told);
    }
    Ok(sent)
}

/// What is told, reduced to what is public: mail is read by others too. Meetings to come are told only beside something
/// new.
async fn lines(app: &App, since: Timestamp, until: Timestamp) -> Result<Vec<String>, WebError> {
    let base = &app.settings.base_url;
    let mut lines = Vec::new();
    let entries: Vec<VisibleEntry> = app
        .store
        .entries_published_between(since, until)
        .await?
        .into_iter()
        .filter_map(|entry| redact(entry, Level::Public))
        .collect();
    let told = |item: &VisibleEntry| {
        let entry = item.entry();
        let changed = entry.first_published_at.is_some_and(|first| first <= since);
        let what = match (entry.kind, changed) {
            (EntryKind::News, _) => "Nouvelle",
            (EntryKind::Meeting, _) if item.content().get(EntryField::State) == "cancelled" => {
                "Rendez-vous annulé"
            }
            (EntryKind::Meeting, false) => "Nouveau rendez-vous",
            (EntryKind::Meeting, true) => "Rendez-vous modifié",
            (kind, _) => kind.label(),
        };
        let mark = if changed && entry.kind != EntryKind::Meeting {
            " (mise à jour)"
        } else {
            ""
        };
        let when = match entry.kind {
            EntryKind::Meeting => item
                .content()
                .moment(EntryField::StartsAt)
                .map(|at| format!(", {}", locale::moment(at)))
                .unwrap_or_default(),
            _ => String::new(),
        };
        format!(
            "{what}{mark}\u{a0}: {}{when}\u{a0}: {base}{}",
            item.content().title(),
            entry.path()
        )
    };
    let news = |item: &&VisibleEntry| item.entry().kind == EntryKind::News;
    lines.extend(entries.iter().filter(news).take(LINES).map(told));
    let changed = app.store.changed_between(since, until).await?;
    let ids: Vec<UseCaseId> = changed.iter().take(LINES).map(|(id, _)| *id).collect();
    for item in visible(app, &ids, Level::Public).await? {
        let record = item.record();
        let is_new = changed.iter().any(|(id, new)| *id == record.id && *new);
        lines.push(format!(
            "{}\u{a0}: {}, {}\u{a0}: {base}/cas-usages/{}",
            if is_new {
                "Nouvelle fiche"
            } else {
                "Fiche mise à jour"
            },
            item.content().title(),
            record.organisation.name,
            record.slug
        ));
    }
    if changed.len() > LINES {
        let rest = u64::try_from(changed.len() - LINES).unwrap_or(u64::MAX);
        lines.push(format!(
            "Et {}\u{a0}: {base}/cas-usages?tri=recent",
            locale::counted(rest, "autre fiche", "autres fiches")
        ));
    }
    lines.extend(entries.iter().filter(|item| !news(item)).take(LINES).map(told));
    if !lines.is_empty() {
        lines.extend(coming(app, &entries, until).await?);
    }
    Ok(lines)
}

async fn coming(app: &App, told: &[VisibleEntry], until: Timestamp) -> Result<Vec<String>, WebError> {
    let limit = until + SignedDuration::from_hours(24 * AHEAD);
    let mut meetings: Vec<(Timestamp, VisibleEntry)> = readable(app, EntryKind::Meeting, Level::Public)
        .await?
        .into_iter()
        .filter(|item| item.content().get(EntryField::State) != "cancelled")
        .filter(|item| !told.iter().any(|other| other.entry().id == item.entry().id))
        .filter_map(|item| Some((item.content().moment(EntryField::StartsAt)?, item)))
        .filter(|(start, _)| *start > until && *start <= limit)
        .collect();
    meetings.sort_by_key(|(start, _)| *start);
    Ok(meetings
        .into_iter()
        .take(LINES)
        .map(|(start, item)| {
            format!(
                "À venir\u{a0}: {}, {}\u{a0}: {}{}",
                item.content().title(),
                locale::moment(start),
                app.settings.base_url,
                item.entry().path()
            )
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_leaves_once_a_week_or_once_a_month_of_the_calendar() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let told = at("2027-01-31T10:00:00Z");
        for (until, weekly, monthly) in [
            ("2027-02-06T12:00:00Z", false, false),
            ("2027-02-07T08:00:00Z", true, false),
            ("2027-02-27T08:00:00Z", true, false),
            ("2027-02-28T08:00:00Z", true, true),
            ("2027-01-01T08:00:00Z", false, false),
        ] {
            assert_eq!(is_due(DigestPace::Weekly, told, at(until)), weekly, "{until}");
            assert_eq!(is_due(DigestPace::Monthly, told, at(until)), monthly, "{until}");
        }
    }
}
