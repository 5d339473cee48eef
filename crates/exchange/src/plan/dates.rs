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
}

/// A date that was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Understood {
    /// The date.
    pub date: PartialDate,
    /// Whether it was an Excel serial number.
    pub serial: bool,
    /// Whether day and month could have been taken the other way round.
    pub two_ways: bool,
}

/// Finds the order of the dates `a/b/YYYY` of a column.
pub fn order<'a>(cells: impl Iterator<Item = &'a str>, declared: DateOrder) -> Order {
    let pairs: Vec<(u8, u8)> = cells.filter_map(numbers).collect();
    if pairs.iter().any(|(a, _)| *a > 12) {
        return Order::DayFirst;
    }
    if pairs.iter().any(|(_, b)| *b > 12) {
        return Order::MonthFirst;
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
    &["janvier", "janv", "jan"],
    &["fevrier", "fevr", "fev"],
    &["mars", "mar"],
    &["avril", "avr"],
    &["mai"],
    &["juin"],
    &["juillet", "juil"],
    &["aout"],
    &["septembre", "sept", "sep"],
    &["octobre", "oct"],
    &["novembre", "nov"],
    &["decembre", "dec"],
];

/// Reads a cell. Nothing when it is not a date.
pub fn read(cell: &str, order: Order) -> Option<Understood> {
    let cell = cell.trim();
    let plain = |date: PartialDate| Understood {
        date,
        serial: false,
        two_ways: false,
    };
    if let Ok(date) = cell.parse::<PartialDate>() {
        return Some(plain(date));
    }
    if let Some(date) = serial(cell) {
        return Some(Understood {
            date,
            serial: true,
            two_ways: false,
        });
    }
    if let Some((a, b, c)) = three_parts(cell) {
        if a >= 1000 {
            return day(a, b, c).map(plain);
        }
        let day_first = !matches!(order, Order::MonthFirst | Order::Assumed(DateOrder::MonthFirst));
        let year = if c < 100 { c + 2000 } else { c };
        let (d, m) = if day_first { (a, b) } else { (b, a) };
        // The order of the column decides; a date that it makes impossible is read the only possible way.
        let date = day(year, m, d).or_else(|| day(year, d, m))?;
        let two_ways = matches!(order, Order::Assumed(_)) && a <= 12 && b <= 12 && a != b;
        return Some(Understood {
            two_ways,
            ..plain(date)
        });
    }
    if let Some((month, year)) = cell.split_once(['/', '.', '-'])
        && let (Ok(first), Ok(second)) = (month.trim().parse::<i16>(), year.trim().parse::<i16>())
    {
        return match (first, second) {
            (month @ 1..=12, year @ 1000..=9999) | (year @ 1000..=9999, month @ 1..=12) => {
                PartialDate::from_month(year, i8::try_from(month).ok()?).map(plain)
            }
            _ => None,
        };
    }
    in_words(cell).map(plain)
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

/// `septembre 2023`, `15 septembre 2023`, `1er mars 2024`.
fn in_words(cell: &str) -> Option<PartialDate> {
    let folded = fold(cell);
    let words: Vec<&str> = folded
        .split([' ', '.', '-'])
        .filter(|word| !word.is_empty())
        .collect();
    let month_of = |word: &str| {
        MONTHS
            .iter()
            .position(|names| names.contains(&word))
            .and_then(|at| i8::try_from(at + 1).ok())
    };
    match words.as_slice() {
        [month, year] => PartialDate::from_month(four(year)?, month_of(month)?),
        [day, month, year] => PartialDate::from_day(
            four(year)?,
            month_of(month)?,
            day.trim_end_matches("er").parse().ok()?,
        ),
        _ => None,
    }
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
        ] {
            assert_eq!(
                read(cell, Order::DayFirst).map(|u| u.date.to_string()).as_deref(),
                Some(expected),
                "{cell}"
            );
        }
        for cell in ["", "bientôt", "32/13/2024", "99999", "12", "13/2024", "2024/13"] {
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
        assert!(read("03/04/2024", assumed).unwrap().two_ways);
        assert!(!read("04/04/2024", assumed).unwrap().two_ways);
        assert!(!read("03/04/2024", Order::DayFirst).unwrap().two_ways);
        assert_eq!(
            read("03/04/2024", Order::MonthFirst).unwrap().date.to_string(),
            "2024-03-04"
        );
    }
}
