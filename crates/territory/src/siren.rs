//! SIREN and SIRET numbers: what people write, and what passes the check.

use std::fmt;

/// Nine digits that pass the Luhn check: an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Siren([u8; 9]);

/// Fourteen digits that pass the check: an establishment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Siret([u8; 14]);

/// La Poste: its establishments follow a rule of their own.
const LA_POSTE: &[u8; 9] = b"356000000";

/// What a written number turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// A whole SIRET.
    Siret(Siret),
    /// A SIREN alone.
    SirenOnly(Siren),
}

/// A number as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// What it is.
    pub number: Number,
    /// Whether spaces, dots, hyphens or an apostrophe were removed.
    pub had_separators: bool,
}

/// Why a written number was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SiretError {
    /// Something else than digits and separators.
    #[error("it holds something else than digits: expected 14 digits, such as 217 500 016 00019")]
    InvalidCharacters,
    /// Neither 14 nor 9 digits.
    #[error("it has {digits} digits: expected 14 (SIRET) or 9 (SIREN)")]
    Length {
        /// Digits found.
        digits: usize,
    },
    /// 13 or 8 digits: a spreadsheet may have dropped the first zero.
    #[error("it has {digits} digits: a leading zero may have been lost")]
    LeadingZeroLost {
        /// Digits found.
        digits: usize,
    },
    /// Written in scientific notation, or ending with five zeros: a spreadsheet rounded it.
    #[error("it was rounded by a spreadsheet: ask for the 14 digits")]
    Rounded,
    /// The check digit is wrong.
    #[error("its check digit is wrong: one of the digits is not the right one")]
    Checksum,
}

/// Reads a SIRET or a SIREN as people write it.
///
/// Unicode spaces, dots, hyphens and a leading apostrophe are removed.
///
/// # Errors
/// When the number has another length, other characters, or fails its check.
///
/// ```
/// use sobria_territory::siren::{Number, parse_siret};
///
/// let written = parse_siret("217 500 016 00019").unwrap();
/// assert!(written.had_separators);
/// let Number::Siret(siret) = written.number else { panic!() };
/// assert_eq!(siret.as_str(), "21750001600019");
/// assert_eq!(siret.siren().as_str(), "217500016");
/// ```
pub fn parse_siret(text: &str) -> Result<Written, SiretError> {
    let trimmed = text.trim();
    if is_scientific(trimmed) {
        return Err(SiretError::Rounded);
    }
    let mut digits = Vec::with_capacity(14);
    let mut had_separators = trimmed.len() != text.len();
    for (position, c) in trimmed.chars().enumerate() {
        match c {
            '0'..='9' => {
                if digits.len() < 40 {
                    digits.push(u8::try_from(u32::from(c)).unwrap_or(b'0'));
                }
            }
            '.' | '-' | '\u{2010}' | '\u{2011}' => had_separators = true,
            '\'' | '’' if position == 0 => had_separators = true,
            c if c.is_whitespace() => had_separators = true,
            _ => return Err(SiretError::InvalidCharacters),
        }
    }
    // No establishment has the number 00000, and a rounded SIRET may pass the check by chance.
    let rounded = digits.ends_with(b"00000");
    match digits.len() {
        13.. if rounded => Err(SiretError::Rounded),
        14 => {
            let Ok(whole) = <[u8; 14]>::try_from(digits) else {
                return Err(SiretError::Length { digits: 14 });
            };
            let siret = check_siret(whole)?;
            Ok(Written {
                number: Number::Siret(siret),
                had_separators,
            })
        }
        9 => {
            let Ok(whole) = <[u8; 9]>::try_from(digits) else {
                return Err(SiretError::Length { digits: 9 });
            };
            if !luhn(&whole) {
                return Err(SiretError::Checksum);
            }
            Ok(Written {
                number: Number::SirenOnly(Siren(whole)),
                had_separators,
            })
        }
        digits @ (13 | 8) => Err(SiretError::LeadingZeroLost { digits }),
        digits => Err(SiretError::Length { digits }),
    }
}

fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let number = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_digit() || matches!(b, b'+' | b',' | b'.'))
    };
    number(mantissa) && number(exponent)
}

fn check_siret(digits: [u8; 14]) -> Result<Siret, SiretError> {
    let (siren, _) = digits.split_at(9);
    let la_poste = siren == LA_POSTE
        && digits
            .iter()
            .map(|digit| u32::from(digit - b'0'))
            .sum::<u32>()
            .is_multiple_of(5);
    if luhn(siren) && (luhn(&digits) || la_poste) {
        Ok(Siret(digits))
    } else {
        Err(SiretError::Checksum)
    }
}

/// The Luhn check over ASCII digits.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(position, digit)| {
            let value = u32::from(digit.saturating_sub(b'0'));
            if position % 2 == 0 {
                value
            } else if value > 4 {
                value * 2 - 9
            } else {
                value * 2
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

macro_rules! number {
    ($name:ident, $length:literal) => {
        impl $name {
            /// The digits, without separators.
            pub fn as_str(&self) -> &str {
                std::str::from_utf8(&self.0).unwrap_or("")
            }

            /// The digits in groups, with narrow no-break spaces: 3-3-3, then the last five together.
            pub fn grouped(&self) -> String {
                let mut grouped = String::with_capacity($length + 12);
                for (position, digit) in self.as_str().chars().enumerate() {
                    if position > 0 && position % 3 == 0 && position <= 9 {
                        grouped.push('\u{202f}');
                    }
                    grouped.push(digit);
                }
                grouped
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

number!(Siren, 9);
number!(Siret, 14);

impl Siret {
    /// The organisation that the establishment belongs to.
    ///
    /// ```
    /// use sobria_territory::siren::{Number, parse_siret};
    /// let Number::Siret(siret) = parse_siret("21570463600012").unwrap().number else { panic!() };
    /// assert_eq!(siret.siren().grouped(), "215\u{202f}704\u{202f}636");
    /// assert_eq!(siret.grouped(), "215\u{202f}704\u{202f}636\u{202f}00012");
    /// ```
    pub fn siren(&self) -> Siren {
        let mut digits = [b'0'; 9];
        for (to, from) in digits.iter_mut().zip(self.0) {
            *to = from;
        }
        Siren(digits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn outcome(text: &str) -> String {
        match parse_siret(text) {
            Ok(Written {
                number: Number::Siret(siret),
                ..
            }) => format!("siret {siret}"),
            Ok(Written {
                number: Number::SirenOnly(siren),
                ..
            }) => format!("siren {siren}"),
            Err(error) => format!("{error:?}"),
        }
    }

    #[test]
    fn written_forms_are_read_or_refused_with_the_reason() {
        for (text, expected) in [
            ("243 300 316 00011", "siret 24330031600011"),
            ("2000 398 650 0106", "siret 20003986500106"),
            ("24 440 040 400 129", "siret 24440040400129"),
            ("'24310063300391", "siret 24310063300391"),
            ("215\u{202f}704\u{a0}636.00012", "siret 21570463600012"),
            ("215704636", "siren 215704636"),
            ("244 100 518 00170", "Checksum"),
            ("21130000000000", "Rounded"),
            ("2,431E+13", "Rounded"),
            ("2.43100518E13", "Rounded"),
            ("21570463600000", "Rounded"),
            ("2431005100000", "Rounded"),
            ("356000000", "siren 356000000"),
            ("15704636", "LeadingZeroLost { digits: 8 }"),
            ("215704637", "Checksum"),
            ("35600000009076", "Checksum"),
            ("\u{2009}215 704 636\u{2009}", "siren 215704636"),
            ("'215.704-636", "siren 215704636"),
            ("FR215704636", "InvalidCharacters"),
            ("215'704636", "InvalidCharacters"),
            ("2431005180017", "LeadingZeroLost { digits: 13 }"),
            ("12345", "Length { digits: 5 }"),
            ("", "Length { digits: 0 }"),
            ("24310O51800170", "InvalidCharacters"),
            ("356 000 000 09075", "siret 35600000009075"),
            ("356 000 000 00048", "siret 35600000000048"),
        ] {
            assert_eq!(outcome(text), expected, "{text}");
        }
    }

    #[test]
    fn numbers_are_grouped_as_people_read_them() {
        let Number::Siret(siret) = parse_siret("21570463600012").unwrap().number else {
            panic!()
        };
        assert_eq!(siret.grouped(), "215\u{202f}704\u{202f}636\u{202f}00012");
        assert_eq!(siret.siren().grouped(), "215\u{202f}704\u{202f}636");
    }

    proptest! {
        #[test]
        fn changing_one_digit_breaks_the_check(seed in 0_u64..100_000_000, position in 0_usize..9, by in 1_u8..10) {
            let body = format!("{seed:08}");
            let full = (0..10).map(|c| format!("{body}{c}")).find(|n| luhn(n.as_bytes())).unwrap();
            let mut bytes = full.into_bytes();
            bytes[position] = b'0' + (bytes[position] - b'0' + by) % 10;
            prop_assert!(!luhn(&bytes));
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in ".{0,60}") {
            let _ = parse_siret(&text);
        }
    }
}
