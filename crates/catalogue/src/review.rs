//! When a record must be confirmed again, and when it may be out of date.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::content::Content;
use crate::field::Field;

/// How fresh a record is on a given day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Reviewed recently enough, or not to be reviewed any more.
    Fresh,
    /// Past its review date.
    ToConfirm,
    /// Six months past its review date.
    MaybeObsolete,
}

/// The day by which somebody must say that the record still holds.
///
/// Six months after the last review for an experiment, twelve for a deployment or a service in use,
/// never for an abandoned project or a service out of use.
pub fn review_due_on(content: &Content, last_review: Date) -> Option<Date> {
    let usage = content.code(Field::ServiceUsage);
    let months = match content.code(Field::Maturity) {
        Some("abandonne") => return None,
        _ if usage == Some("hors_service") => return None,
        Some("deploiement") => 12,
        _ if usage == Some("en_service") => 12,
        Some("termine") => 12,
        _ => 6,
    };
    last_review.checked_add(months.months()).ok()
}

/// How fresh the record is on `today`.
pub fn freshness(content: &Content, last_review: Option<Date>, today: Date) -> Freshness {
    let Some(due) = last_review.and_then(|day| review_due_on(content, day)) else {
        return Freshness::Fresh;
    };
    if today <= due {
        Freshness::Fresh
    } else if due.checked_add(6.months()).is_ok_and(|late| today <= late) {
        Freshness::ToConfirm
    } else {
        Freshness::MaybeObsolete
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Value;
    use jiff::civil::date;

    fn content(maturity: &str, usage: Option<&str>) -> Content {
        let mut content = Content::default();
        content.set(Field::Maturity, Value::Code(maturity.into()));
        if let Some(usage) = usage {
            content.set(Field::ServiceUsage, Value::Code(usage.into()));
        }
        content
    }

    #[test]
    fn the_delay_depends_on_maturity_and_usage() {
        let last = date(2025, 1, 31);
        for (maturity, usage, due) in [
            ("experimentation", None, Some(date(2025, 7, 31))),
            ("experimentation", Some("en_service"), Some(date(2026, 1, 31))),
            ("deploiement", None, Some(date(2026, 1, 31))),
            ("abandonne", None, None),
            ("termine", Some("hors_service"), None),
        ] {
            assert_eq!(
                review_due_on(&content(maturity, usage), last),
                due,
                "{maturity} {usage:?}"
            );
        }
    }

    #[test]
    fn a_record_goes_from_fresh_to_doubtful_day_by_day() {
        let content = content("experimentation", None);
        let last = Some(date(2025, 1, 1));
        for (today, expected) in [
            (date(2025, 7, 1), Freshness::Fresh),
            (date(2025, 7, 2), Freshness::ToConfirm),
            (date(2026, 1, 1), Freshness::ToConfirm),
            (date(2026, 1, 2), Freshness::MaybeObsolete),
        ] {
            assert_eq!(freshness(&content, last, today), expected, "{today}");
        }
        assert_eq!(freshness(&content, None, date(2030, 1, 1)), Freshness::Fresh);
    }
}
