//! What a number format makes of a number: 0.45 that is shown as 45 % means nothing as 0.45.

use calamine::{DataRef, ExcelDateTime};

use super::{number_text, text_ref};

/// How the cells of one style are shown, as far as it changes what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shown {
    /// As the value stands.
    Plain,
    /// A hundred times the value, with `%`.
    Percent,
    /// An amount of money: what stands before it, after it, and how many thousands it counts in.
    Money {
        before: String,
        after: String,
        thousands: i32,
    },
    /// A date without its day.
    Month,
    /// A date without its day and month.
    Year,
}

/// Letters of dates and times.
const DATE_LETTERS: &str = "dmyhs";
/// Signs and letters of currencies that French spreadsheets show.
const CURRENCIES: [&str; 4] = ["€", "$", "£", "EUR"];

impl Shown {
    /// Reads the part of a format that speaks of numbers above zero.
    pub(super) fn of(code: &str) -> Self {
        let (mut before, mut after, mut letters) = (String::new(), String::new(), String::new());
        let (mut percent, mut placed, mut thousands) = (false, false, 0);
        let mut chars = code.chars();
        while let Some(c) = chars.next() {
            let literal: String = match c {
                ';' => break,
                '"' => chars.by_ref().take_while(|c| *c != '"').collect(),
                '\\' => chars.next().into_iter().collect(),
                // Room as wide as the next sign, and a sign that fills the cell.
                '_' | '*' => {
                    chars.next();
                    String::new()
                }
                '[' => {
                    let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                    let sign = inside.strip_prefix('$').and_then(|rest| rest.split('-').next());
                    sign.unwrap_or_default().to_owned()
                }
                '0' | '#' | '?' => {
                    placed = true;
                    thousands = 0;
                    after.clear();
                    continue;
                }
                ',' if placed => {
                    thousands += i32::from(after.is_empty());
                    continue;
                }
                '%' => {
                    percent = true;
                    continue;
                }
                '.' | '@' => continue,
                c if DATE_LETTERS.contains(c.to_ascii_lowercase()) => {
                    letters.push(c.to_ascii_lowercase());
                    continue;
                }
                c => c.into(),
            };
            if placed { &mut after } else { &mut before }.push_str(&literal);
        }
        let money = |text: &str| CURRENCIES.iter().any(|sign| text.contains(sign));
        if percent && placed {
            Self::Percent
        } else if placed && (money(&before) || money(&after)) {
            Self::Money {
                before: before.trim().to_owned(),
                after: after.trim().to_owned(),
                thousands,
            }
        } else if placed || !letters.contains('y') || letters.contains(['d', 'h', 's']) {
            Self::Plain
        } else if letters.contains('m') {
            Self::Month
        } else {
            Self::Year
        }
    }

    /// A cell of this style as it reads in the sheet.
    pub(super) fn text(&self, data: &DataRef<'_>) -> String {
        let number = match data {
            DataRef::Float(number) => Some(*number),
            _ => None,
        };
        match (self, number, data) {
            (Self::Percent, Some(number), _) => {
                format!("{}\u{a0}%", rounded(number * 100.0))
            }
            (
                Self::Money {
                    before,
                    after,
                    thousands,
                },
                Some(number),
                _,
            ) => [
                before.clone(),
                rounded(number / 1000_f64.powi(*thousands)),
                after.clone(),
            ]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("\u{a0}"),
            (Self::Month | Self::Year, _, DataRef::DateTime(date)) => {
                self.partial(*date).unwrap_or_else(|| text_ref(data))
            }
            _ => text_ref(data),
        }
    }

    /// The month or the year that is shown. A day other than the first was typed, and is kept.
    fn partial(&self, date: ExcelDateTime) -> Option<String> {
        if !date.is_datetime() {
            return None;
        }
        let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
        match (self, month, day, hour, minute, second) {
            (Self::Month, _, 1, 0, 0, 0) => Some(format!("{year:04}-{month:02}")),
            (Self::Year, 1, 1, 0, 0, 0) => Some(format!("{year:04}")),
            _ => None,
        }
    }
}

/// A number with a comma, without the noise of its last binary digits.
fn rounded(number: f64) -> String {
    number_text((number * 1e8).round() / 1e8).replace('.', ",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::ExcelDateTimeType;

    #[test]
    fn a_number_reads_as_its_sheet_shows_it() {
        for (code, number, expected) in [
            ("0%", 0.45, "45\u{a0}%"),
            ("0.0 %", 0.07, "7\u{a0}%"),
            ("0.00%", 0.125, "12,5\u{a0}%"),
            ("#,##0\\ \"€\"", 45_000.0, "45000\u{a0}€"),
            ("#,##0.00\\ [$€-40C]", 1250.5, "1250,5\u{a0}€"),
            ("[$$-409]#,##0", 12.0, "$\u{a0}12"),
            ("#,##0,\\ \"k€\"", 45_000.0, "45\u{a0}k€"),
            ("General", 48.5, "48.5"),
            ("000\\ 000\\ 000\\ 00000", 24_330_031_600_011.0, "24330031600011"),
            ("0\" décisions\"", 12.0, "12"),
            ("0;0%", 0.5, "0.5"),
        ] {
            assert_eq!(Shown::of(code).text(&DataRef::Float(number)), expected, "{code}");
        }
    }

    #[test]
    fn a_date_is_no_finer_than_its_sheet_shows_it() {
        let date = |serial, code: &str| {
            let date = ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, false);
            Shown::of(code).text(&DataRef::DateTime(date))
        };
        for (serial, code, expected) in [
            (45_292.0, "mmm-yy", "2024-01"),
            (45_292.0, "[$-40C]mmmm\\ yyyy;@", "2024-01"),
            (45_292.0, "mm/yyyy", "2024-01"),
            (45_292.0, "yyyy", "2024"),
            (45_306.0, "mmm-yy", "2024-01-15"),
            (45_323.0, "yyyy", "2024-02-01"),
            (45_292.0, "dd/mm/yyyy", "2024-01-01"),
            (45_292.5, "mm/yyyy", "2024-01-01 12:00:00"),
        ] {
            assert_eq!(date(serial, code), expected, "{code}");
        }
    }
}
