//! Meetings as an iCalendar file (RFC 5545), in UTC, which needs no description of time zones.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Longest line of the format, in bytes without its end.
const LINE: usize = 75;

/// A meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What calendars know it by, the same for ever.
    pub uid: String,
    /// Counts the changes since it was first told, from 0.
    pub sequence: u32,
    /// When it was last changed.
    pub changed: Timestamp,
    /// Beginning.
    pub starts: Timestamp,
    /// End, when it is known.
    pub ends: Option<Timestamp>,
    /// Whether it was called off.
    pub cancelled: bool,
    /// Title.
    pub title: String,
    /// Text.
    pub description: String,
    /// Where.
    pub place: String,
    /// Its page.
    pub url: String,
    /// What kind of meeting.
    pub category: String,
}

/// A calendar of meetings. `name` is shown by programs that subscribe to it.
///
/// ```
/// let text = sobria_exchange::export::icalendar(&[], "Agenda");
/// assert!(text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") && text.ends_with("END:VCALENDAR\r\n"));
/// ```
pub fn icalendar(events: &[Event], name: &str) -> String {
    let mut out = String::new();
    for text in [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Sobria//Agenda//FR",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        &format!("NAME:{}", escape(name)),
        &format!("X-WR-CALNAME:{}", escape(name)),
        "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
    ] {
        line(&mut out, text);
    }
    for event in events {
        line(&mut out, "BEGIN:VEVENT");
        line(&mut out, &format!("UID:{}", escape(&event.uid)));
        line(&mut out, &format!("DTSTAMP:{}", utc(event.changed)));
        line(&mut out, &format!("LAST-MODIFIED:{}", utc(event.changed)));
        line(&mut out, &format!("SEQUENCE:{}", event.sequence));
        line(&mut out, &format!("DTSTART:{}", utc(event.starts)));
        if let Some(ends) = event.ends {
            line(&mut out, &format!("DTEND:{}", utc(ends)));
        }
        let status = if event.cancelled { "CANCELLED" } else { "CONFIRMED" };
        line(&mut out, &format!("STATUS:{status}"));
        for (property, value) in [
            ("SUMMARY", &event.title),
            ("DESCRIPTION", &event.description),
            ("LOCATION", &event.place),
            ("CATEGORIES", &event.category),
        ] {
            if !value.is_empty() {
                line(&mut out, &format!("{property}:{}", escape(value)));
            }
        }
        if !event.url.is_empty() {
            line(&mut out, &format!("URL:{}", event.url.replace(['\r', '\n'], "")));
        }
        line(&mut out, "END:VEVENT");
    }
    line(&mut out, "END:VCALENDAR");
    out
}

fn utc(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A text as a value: line ends, commas, semicolons and backslashes are escaped, other controls left out.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\n' => safe.push_str("\\n"),
            ',' | ';' | '\\' => {
                safe.push('\\');
                safe.push(c);
            }
            c if c.is_control() => {}
            c => safe.push(c),
        }
    }
    safe
}

/// Writes a line, folded so that none is longer than the format allows; a character is never cut.
fn line(out: &mut String, text: &str) {
    let mut length = 0;
    for c in text.chars() {
        if length + c.len_utf8() > LINE {
            out.push_str("\r\n ");
            length = 1;
        }
        out.push(c);
        length += c.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event(title: &str) -> Event {
        Event {
            uid: "018f@ia.exemple.fr".to_owned(),
            sequence: 2,
            changed: "2026-11-20T08:00:00Z".parse().unwrap(),
            starts: "2026-12-03T13:00:00Z".parse().unwrap(),
            ends: Some("2026-12-03T15:30:00Z".parse().unwrap()),
            cancelled: true,
            title: title.to_owned(),
            description: "Ligne 1\nLigne 2 ; a, b \\ c".to_owned(),
            place: "Salle du conseil, 2e étage".to_owned(),
            url: "https://ia.exemple.fr/agenda/x".to_owned(),
            category: "Formation".to_owned(),
        }
    }

    #[test]
    fn a_meeting_says_when_it_is_and_that_it_was_called_off() {
        let text = icalendar(&[event("Groupe de travail")], "Agenda");
        for expected in [
            "UID:018f@ia.exemple.fr\r\n",
            "SEQUENCE:2\r\n",
            "DTSTAMP:20261120T080000Z\r\n",
            "DTSTART:20261203T130000Z\r\n",
            "DTEND:20261203T153000Z\r\n",
            "STATUS:CANCELLED\r\n",
            "DESCRIPTION:Ligne 1\\nLigne 2 \\; a\\, b \\\\ c\r\n",
            "LOCATION:Salle du conseil\\, 2e étage\r\n",
        ] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
    }

    proptest! {
        /// Lines are short, folding is undone by the rule of the format, and no text makes a line of its own.
        #[test]
        fn any_title_folds_and_unfolds(title in "\\PC{0,300}|[a\\r\\n,;:é😀\\\\]{0,200}") {
            let text = icalendar(&[event(&title)], "Agenda");
            prop_assert!(text.split("\r\n").all(|line| line.len() <= LINE));
            prop_assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
            let whole = text.replace("\r\n ", "");
            let summary = whole.split("\r\n").find(|line| line.starts_with("SUMMARY:"));
            let expected = escape(&title);
            prop_assert_eq!(summary.unwrap_or("SUMMARY:"), format!("SUMMARY:{expected}"));
            prop_assert_eq!(whole.matches("BEGIN:").count(), 2);
        }
    }
}
