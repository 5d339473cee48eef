//! One field after another, with what is wrong in each.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{LINE_MAX, TEXT_MAX};
use crate::procurement::Problem;

/// Reads fields by name and gathers what is wrong.
pub(super) struct Reader<G> {
    get: G,
    /// What is wrong so far.
    pub(super) problems: Vec<Problem>,
}

impl<'f, G: Fn(&str) -> &'f str> Reader<G> {
    pub(super) fn new(get: G) -> Self {
        Self {
            get,
            problems: Vec::new(),
        }
    }

    pub(super) fn raw(&self, name: &str) -> &'f str {
        (self.get)(name)
    }

    pub(super) fn wrong(&mut self, field: &str, message: impl Into<String>) {
        self.problems.push(Problem::new(field, message));
    }

    pub(super) fn limited(&mut self, name: &str, text: String, most: usize) -> String {
        let length = text.chars().count();
        if length > most {
            self.wrong(name, crate::number::too_long(length, most));
        }
        text
    }

    pub(super) fn line(&mut self, name: &str) -> String {
        let text = sobria_catalogue::text::clean_line(self.raw(name));
        self.limited(name, text, LINE_MAX)
    }

    pub(super) fn needed(&mut self, name: &str, message: &str) -> String {
        let text = self.line(name);
        if text.is_empty() {
            self.wrong(name, message);
        }
        text
    }

    pub(super) fn text(&mut self, name: &str) -> String {
        let text = sobria_catalogue::text::clean_block(self.raw(name));
        self.limited(name, text, TEXT_MAX)
    }

    pub(super) fn signed(&mut self, name: &str, what: &str) -> Option<f64> {
        let written = self.raw(name).trim();
        if written.is_empty() {
            return None;
        }
        let plain: String = written
            .chars()
            .filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}'))
            .map(|c| match c {
                ',' => '.',
                '−' => '-',
                c => c,
            })
            .collect();
        let plain = plain.strip_suffix('%').unwrap_or(&plain);
        let digits = plain.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
        match plain.parse::<f64>() {
            Ok(value) if digits && value.is_finite() && value.abs() <= 1e15 => Some(value),
            _ => {
                self.wrong(name, format!("{what} doit être un nombre, par exemple 12,5\u{a0}: «\u{a0}{written}\u{a0}» n’en est pas un."));
                None
            }
        }
    }

    pub(super) fn number(&mut self, name: &str, what: &str) -> Option<f64> {
        let value = self.signed(name, what)?;
        if value < 0.0 {
            self.wrong(
                name,
                format!(
                    "{what}\u{a0}: zéro ou plus est attendu, «\u{a0}{}\u{a0}» est écrit.",
                    self.raw(name).trim()
                ),
            );
            return None;
        }
        Some(value)
    }

    pub(super) fn whole(&mut self, name: &str, what: &str) -> Option<u32> {
        let value = self.number(name, what)?;
        let whole = format!("{value:.0}").parse::<u32>().ok();
        if whole.is_none() || (value - value.round()).abs() > 1e-9 {
            self.wrong(name, format!("{what} doit être un nombre entier."));
            return None;
        }
        whole
    }

    pub(super) fn year(&mut self, name: &str) -> Option<i16> {
        let written = self.raw(name).trim();
        if written.is_empty() {
            return None;
        }
        let year = written
            .parse::<i16>()
            .ok()
            .filter(|year| (1990..=2100).contains(year));
        if year.is_none() {
            self.wrong(name, format!("Attendu\u{a0}: une année entre 1990 et 2100, par exemple 2026\u{a0}; «\u{a0}{written}\u{a0}» n’en est pas une."));
        }
        year
    }

    pub(super) fn needed_year(&mut self, name: &str) -> Option<i16> {
        if self.raw(name).trim().is_empty() {
            self.wrong(name, "Donnez l’année, par exemple 2026.");
        }
        self.year(name)
    }

    pub(super) fn day(&mut self, name: &str) -> Option<Date> {
        let written = self.raw(name).trim();
        if written.is_empty() {
            return None;
        }
        let parts: Vec<&str> = written.split('/').collect();
        let day = match parts.as_slice() {
            [day, month, year] if year.len() == 4 => match (year.parse(), month.parse(), day.parse()) {
                (Ok(year), Ok(month), Ok(day)) => Date::new(year, month, day).ok(),
                _ => None,
            },
            _ => written.parse::<Date>().ok(),
        };
        let day = day.filter(|day| (1990..=2100).contains(&day.year()));
        if day.is_none() {
            self.wrong(name, format!("«\u{a0}{written}\u{a0}» n’est pas une date\u{a0}: écrivez-la comme 2026-03-15 ou 15/03/2026."));
        }
        day
    }

    /// `2026 : 110 ; 2028 : 95`.
    pub(super) fn milestones(&mut self, name: &str) -> BTreeMap<i16, f64> {
        let mut found = BTreeMap::new();
        for part in self
            .raw(name)
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let pair = part.split_once(':').and_then(|(year, value)| {
                let year: i16 = year.trim().parse().ok()?;
                let value: f64 = value
                    .chars()
                    .filter(|c| !c.is_whitespace())
                    .map(|c| if c == ',' { '.' } else { c })
                    .collect::<String>()
                    .parse()
                    .ok()?;
                (value.is_finite() && (0.0..=1e15).contains(&value)).then_some((year, value))
            });
            match pair {
                Some((year, value)) => {
                    found.insert(year, value);
                }
                None => self.wrong(
                    name,
                    format!("«\u{a0}{part}\u{a0}» n’est pas un jalon\u{a0}: écrivez «\u{a0}2027\u{a0}: 102\u{a0}», et séparez-les par un point-virgule."),
                ),
            }
        }
        found
    }
}
