//! Dates as spreadsheets and people write them. The order of day and month is a property of the column.

use jiff::civil::Date;
use sobria_catalogue::partial_date::PartialDate;
use sobria_catalogue::text::fold;

use super::DateOrder;

/// Which number comes first in the dates of a column, and how that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Some date has a first number above 12, or the first number varies beside a constant 1.
    DayFirst,
    /// Some date has a second number above 12, or the other way round.
    MonthFirst,
    /// Nothing tells: the declared order is taken.
    Assumed(DateOrder),
    /// Some dates prove one order and some the other: the declared one is taken where both are possible.
    Mixed(DateOrder),
}

/// A date that was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Understood {
    /// The date.
    pub date: PartialDate,
    /// How it was read.
    pub how: How,
}

/// How a date was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// As it stands.
    Plain,
    /// A day number of a spreadsheet.
    Serial,
    /// Day and month could have been taken the other way round.
    TwoWays,
    /// The century was missing.
    ShortYear,
    /// Only the first year of a longer text was kept.
    Partial,
}

/// Finds the order of the dates `a/b/YYYY` of a column.
pub fn order<'a>(cells: impl Iterator<Item = &'a str>, declared: DateOrder) -> Order {
    let pairs: Vec<(u8, u8)> = cells.filter_map(numbers).collect();
    let day_first = pairs.iter().any(|(a, b)| *a > 12 && *b <= 12);
    let month_first = pairs.iter().any(|(a, b)| *b > 12 && *a <= 12);
    match (day_first, month_first) {
        (true, true) => return Order::Mixed(declared),
        (true, false) => return Order::DayFirst,
        (false, true) => return Order::MonthFirst,
        (false, false) => {}
    }
    let constant_first = pairs.iter().all(|(a, _)| *a == 1);
    let constant_second = pairs.iter().all(|(_, b)| *b == 1);
    let varies = |side: fn(&(u8, u8)) -> u8| {
        pairs
            .iter()
            .map(side)
            .collect::<std::collections::BTreeSet<_>>()
            .len()
            > 1
    };
    if constant_first && varies(|pair| pair.1) {
        return Order::DayFirst;
    }
    if constant_second && varies(|pair| pair.0) {
        return Order::MonthFirst;
    }
    Order::Assumed(declared)
}

/// The first two numbers of `a/b/YYYY`.
fn numbers(cell: &str) -> Option<(u8, u8)> {
    // Whole columns are looked at: most dates that begin by the year, or have two numbers, are passed over at once.
    let bytes = cell.as_bytes();
    let separators = bytes
        .iter()
        .filter(|byte| matches!(byte, b'/' | b'.' | b'-'))
        .count();
    let has_year_first = matches!(bytes, [b'1'..=b'9', rest @ ..] if rest.iter().take(3).filter(|b| b.is_ascii_digit()).count() == 3);
    if separators < 2 || has_year_first {
        return None;
    }
    let (a, b, year) = three_parts(cell)?;
    (year >= 1000 && a <= 31 && b <= 31).then(|| Some((u8::try_from(a).ok()?, u8::try_from(b).ok()?)))?
}

fn three_parts(cell: &str) -> Option<(i16, i16, i16)> {
    let day = cell.split([' ', 'T']).next()?;
    let mut parts = day
        .split(['/', '.', '-'])
        .map(|part| part.trim().parse::<i16>().ok());
    let found = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(found)
}

const MONTHS: [&[&str]; 12] = [
    &["janvier", "janv", "jan", "january"],
    &["fevrier", "fevr", "fev", "feb", "february"],
    &["mars", "mar", "march"],
    &["avril", "avr", "apr", "april"],
    &["mai", "may"],
    &["juin", "jun", "june"],
    &["juillet", "juil", "jul", "july"],
    &["aout", "aug", "august"],
    &["septembre", "sept", "sep", "september"],
    &["octobre", "oct", "october"],
    &["novembre", "nov", "november"],
    &["decembre", "dec", "december"],
];

/// Reads a cell. Nothing when it is not a date.
pub fn read(cell: &str, order: Order) -> Option<Understood> {
    let cell = cell.trim();
    // No date is longer, and nothing longer is worth the search.
    if cell.len() > 60 {
        return None;
    }
    let understood = |how| move |date| Understood { date, how };
    // What does not begin with a year need not be tried: a failure is told in words, which takes longer.
    if cell
        .as_bytes()
        .get(..4)
        .is_some_and(|year| year.iter().all(u8::is_ascii_digit))
        && let Ok(date) = cell.parse::<PartialDate>()
    {
        return Some(understood(How::Plain)(date));
    }
    if let Some(date) = serial(cell) {
        return Some(understood(How::Serial)(date));
    }
    if let Some((a, b, c)) = three_parts(cell) {
        if a >= 1000 {
            return day(a, b, c).map(understood(How::Plain));
        }
        let day_first = !matches!(
            order,
            Order::MonthFirst | Order::Assumed(DateOrder::MonthFirst) | Order::Mixed(DateOrder::MonthFirst)
        );
        let year = if (0..100).contains(&c) { c + 2000 } else { c };
        let (d, m) = if day_first { (a, b) } else { (b, a) };
        // The order of the column decides; a date that it makes impossible is read the only possible way.
        let date = day(year, m, d).or_else(|| day(year, d, m))?;
        let how = if matches!(order, Order::Assumed(_) | Order::Mixed(_)) && a <= 12 && b <= 12 && a != b {
            How::TwoWays
        } else if year != c {
            How::ShortYear
        } else {
            How::Plain
        };
        return Some(understood(how)(date));
    }
    if let Some((first, second)) = cell.split_once(['/', '.', '-'])
        && let (Ok(first), Ok(second)) = (first.trim().parse::<i16>(), second.trim().parse::<i16>())
    {
        let month = |year, month: i16| PartialDate::from_month(year, i8::try_from(month).ok()?);
        return match (first, second) {
            (m @ 1..=12, year @ 1000..=9999) | (year @ 1000..=9999, m @ 1..=12) => {
                month(year, m).map(understood(How::Plain))
            }
            (m @ 1..=12, short @ 13..=99) => month(short + 2000, m).map(understood(How::ShortYear)),
            (year @ 1990..=2100, 1990..=2100) => PartialDate::from_year(year).map(understood(How::Partial)),
            _ => None,
        };
    }
    in_words(cell).or_else(|| {
        let words = cell.chars().any(char::is_alphabetic);
        let year = cell
            .split(|c: char| !c.is_alphanumeric())
            .filter_map(four)
            .find(|year| (1990..=2100).contains(year))?;
        words
            .then(|| PartialDate::from_year(year))?
            .map(understood(How::Partial))
    })
}

fn day(year: i16, month: i16, day: i16) -> Option<PartialDate> {
    PartialDate::from_day(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?)
}

/// A day number of Excel's 1900 system: 45691 is 2025-02-03.
fn serial(cell: &str) -> Option<PartialDate> {
    let whole = cell.split_once(['.', ',']).map_or(cell, |(whole, _)| whole);
    let number: i32 =
        (whole.len() == 5 && whole.bytes().all(|b| b.is_ascii_digit())).then(|| whole.parse().ok())??;
    if !(20_000..=60_000).contains(&number) {
        return None;
    }
    let origin = Date::new(1899, 12, 30).ok()?;
    origin
        .checked_add(jiff::Span::new().days(i64::from(number)))
        .ok()
        .map(PartialDate::from)
}

/// The day that a day number means where days are counted from 1904, not from 1900.
pub fn since_1904(date: PartialDate) -> Option<PartialDate> {
    let shifted = date.first_day().checked_add(jiff::Span::new().days(1462));
    shifted.ok().map(PartialDate::from)
}

/// `septembre 2023`, `15 septembre 2023`, `1er mars 2024`, `janv.-24`.
fn in_words(cell: &str) -> Option<Understood> {
    let folded = fold(cell);
    let words: Vec<&str> = folded
        .split([' ', '.', '-', '/', ','])
        .filter(|word| !word.is_empty())
        .collect();
    let month_of = |word: &str| {
        MONTHS
            .iter()
            .position(|names| names.contains(&word))
            .and_then(|at| i8::try_from(at + 1).ok())
    };
    let year_of = |word: &str| match four(word) {
        Some(year) => Some((year, How::Plain)),
        None if word.len() == 2 => word
            .parse::<i16>()
            .ok()
            .map(|short| (short + 2000, How::ShortYear)),
        None => None,
    };
    let (date, how) = match words.as_slice() {
        [month, year] => {
            let (year, how) = year_of(year)?;
            (PartialDate::from_month(year, month_of(month)?)?, how)
        }
        [day, month, year] => {
            let (year, how) = year_of(year)?;
            let day = day.trim_end_matches("er").parse().ok()?;
            (PartialDate::from_day(year, month_of(month)?, day)?, how)
        }
        _ => return None,
    };
    Some(Understood { date, how })
}

fn four(word: &str) -> Option<i16> {
    (word.len() == 4).then(|| word.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_forms_are_understood() {
        for (cell, expected) in [
            ("01/2024", "2024-01"),
            ("2024-01", "2024-01"),
            ("15/09/2023", "2023-09-15"),
            ("2023-09-15", "2023-09-15"),
            ("2023-09-15 00:00:00", "2023-09-15"),
            ("2023", "2023"),
            ("septembre 2023", "2023-09"),
            ("Févr. 2023", "2023-02"),
            ("1er mars 2024", "2024-03-01"),
            ("45691", "2025-02-03"),
            ("05/03/25", "2025-03-05"),
            ("2023-09-15T08:30:00Z", "2023-09-15"),
            ("janv.-24", "2024-01"),
            ("janv-24", "2024-01"),
            ("Sept 2023", "2023-09"),
            ("March 2024", "2024-03"),
            ("01/24", "2024-01"),
            ("fin 2023", "2023"),
            ("T2 2024", "2024"),
            ("depuis septembre 2022 environ", "2022"),
            ("2023-2024", "2023"),
        ] {
            assert_eq!(
                read(cell, Order::DayFirst).map(|u| u.date.to_string()).as_deref(),
                Some(expected),
                "{cell}"
            );
        }
        for cell in [
            "",
            "bientôt",
            "32/13/2024",
            "31/02/2024",
            "99999",
            "12",
            "13/2024",
            "2024/13",
            "en 1812",
            "-1/-1/2024",
            "1/2/-5",
        ] {
            assert_eq!(read(cell, Order::DayFirst), None, "{cell}");
        }
    }

    #[test]
    fn the_order_is_read_from_the_column() {
        for (cells, expected) in [
            (&["03/04/2024", "25/04/2024"][..], Order::DayFirst),
            (&["03/04/2024", "04/25/2024"], Order::MonthFirst),
            (&["01/02/2024", "01/11/2023"], Order::DayFirst),
            (&["02/01/2024", "11/01/2023"], Order::MonthFirst),
            (&["03/04/2024", "05/06/2024"], Order::Assumed(DateOrder::DayFirst)),
            (&["13/02/2024", "02/14/2024"], Order::Mixed(DateOrder::DayFirst)),
            (&["13/02/2024", "31/31/2024"], Order::DayFirst),
            (&[], Order::Assumed(DateOrder::DayFirst)),
        ] {
            assert_eq!(
                order(cells.iter().copied(), DateOrder::DayFirst),
                expected,
                "{cells:?}"
            );
        }
    }

    #[test]
    fn an_assumed_order_is_said_only_where_it_matters() {
        let assumed = Order::Assumed(DateOrder::DayFirst);
        for (cell, order, how) in [
            ("03/04/2024", assumed, How::TwoWays),
            ("04/04/2024", assumed, How::Plain),
            ("03/04/2024", Order::DayFirst, How::Plain),
            ("03/04/24", Order::DayFirst, How::ShortYear),
            ("03/04/2024", Order::Mixed(DateOrder::DayFirst), How::TwoWays),
            ("02/14/2024", Order::Mixed(DateOrder::DayFirst), How::Plain),
            ("45691", assumed, How::Serial),
            ("janv.-24", assumed, How::ShortYear),
            ("courant 2024", assumed, How::Partial),
        ] {
            assert_eq!(read(cell, order).unwrap().how, how, "{cell}");
        }
        assert_eq!(
            read("03/04/2024", Order::MonthFirst).unwrap().date.to_string(),
            "2024-03-04"
        );
    }
}
