//! French on the screen: numbers, dates, plurals, order of words, fine spaces.

pub use sobria_catalogue::text::date_words as date;

/// Narrow no-break space, before `; : ! ?` and between thousands.
pub const NARROW: char = '\u{202f}';
/// No-break space, inside guillemets and before units.
pub const NO_BREAK: char = '\u{a0}';

/// A whole number with its thousands apart: `1 234`.
///
/// ```
/// assert_eq!(sobria_web::locale::integer(1_234_567), "1\u{202f}234\u{202f}567");
/// ```
pub fn integer(value: u64) -> String {
    group(&value.to_string())
}

/// A count given as a length, formatted as a whole number.
pub fn count(value: usize) -> String {
    integer(u64::try_from(value).unwrap_or(u64::MAX))
}

/// A number with a fixed number of decimals: `1 234,5`. What is not a number is a dash.
///
/// ```
/// assert_eq!(sobria_web::locale::decimal(-1234.56, 1), "−1\u{202f}234,6");
/// ```
pub fn decimal(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let written = format!("{:.*}", decimals, value.abs());
    let (whole, fraction) = written.split_once('.').unwrap_or((&written, ""));
    let is_zero = written.bytes().all(|byte| byte == b'0' || byte == b'.');
    let sign = if value.is_sign_negative() && !is_zero {
        "−"
    } else {
        ""
    };
    let comma = if fraction.is_empty() { "" } else { "," };
    format!("{sign}{}{comma}{fraction}", group(whole))
}

/// A number as a table of data writes it, without a change of value: `0.55` as `0,55`, `1.3e-08` as `1,3 × 10⁻⁸`.
/// What is not a number stays as it is.
///
/// ```
/// assert_eq!(sobria_web::locale::written("1.349e-08"), "1,349\u{a0}×\u{a0}10⁻⁸");
/// assert_eq!(sobria_web::locale::written("1340"), "1\u{202f}340");
/// assert_eq!(sobria_web::locale::written("2 x 8"), "2 x 8");
/// ```
pub fn written(number: &str) -> String {
    if number.parse::<f64>().is_err() {
        return number.to_owned();
    }
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, ""));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let mut text = match whole.strip_prefix('-') {
        Some(digits) => format!("−{}", group(digits)),
        None => group(whole),
    };
    if !fraction.is_empty() {
        text.push(',');
        text.push_str(fraction);
    }
    if let Some(exponent) = exponent.parse::<i16>().ok().filter(|exponent| *exponent != 0) {
        text.push_str(&format!("{NO_BREAK}×{NO_BREAK}10"));
        text.extend(exponent.to_string().chars().map(|digit| match digit {
            '-' => '⁻',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            '4' => '⁴',
            '5' => '⁵',
            '6' => '⁶',
            '7' => '⁷',
            '8' => '⁸',
            '9' => '⁹',
            _ => '⁰',
        }));
    }
    text
}

fn group(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() * 2);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(NARROW);
        }
        grouped.push(digit);
    }
    grouped
}

/// A size in octets, as read by people: `48 ko`.
pub fn size(octets: u64) -> String {
    let (divisor, unit) = match octets {
        0..1_000 => (1, "octets"),
        1_000..1_000_000 => (1_000, "ko"),
        1_000_000..1_000_000_000 => (1_000_000, "Mo"),
        _ => (1_000_000_000, "Go"),
    };
    let tenths = octets.saturating_mul(10) / divisor;
    let figure = if unit == "octets" || tenths >= 100 {
        integer((octets + divisor / 2) / divisor)
    } else {
        format!("{},{}", tenths / 10, tenths % 10)
    };
    format!("{figure}{NO_BREAK}{unit}")
}

/// The number and the word that agrees with it: `1 projet`, `21 projets`. French keeps zero and one singular.
///
/// ```
/// assert_eq!(sobria_web::locale::counted(0, "projet", "projets"), "0\u{a0}projet");
/// ```
pub fn counted(value: u64, one: &str, other: &str) -> String {
    format!("{}{NO_BREAK}{}", integer(value), plural(value, one, other))
}

/// The word that agrees with a number.
pub fn plural<'a>(value: u64, one: &'a str, other: &'a str) -> &'a str {
    if value < 2 { one } else { other }
}

/// A calendar day: `12 mars 2026`.
pub fn day(date_: jiff::civil::Date) -> String {
    date(date_.year(), Some(date_.month()), Some(date_.day()))
}

/// A moment in mainland France: "12 mars 2026 à 14 h 05".
pub fn moment(at: jiff::Timestamp) -> String {
    let zone = jiff::tz::TimeZone::get("Europe/Paris").unwrap_or(jiff::tz::TimeZone::UTC);
    let local = at.to_zoned(zone);
    format!(
        "{} à {}\u{a0}h\u{a0}{:02}",
        day(local.date()),
        local.hour(),
        local.minute()
    )
}

/// A form for comparing and sorting: lower case, without accents, ligatures undone, apostrophes and hyphens as spaces.
///
/// ```
/// assert_eq!(sobria_web::locale::fold("Œuvre d’Évian-les-Bains"), "oeuvre d evian les bains");
/// ```
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'à' | 'á' | 'â' | 'ä' | 'ã' | 'å' => folded.push('a'),
            'ç' => folded.push('c'),
            'é' | 'è' | 'ê' | 'ë' => folded.push('e'),
            'í' | 'ì' | 'î' | 'ï' => folded.push('i'),
            'ñ' => folded.push('n'),
            'ó' | 'ò' | 'ô' | 'ö' | 'õ' => folded.push('o'),
            'ú' | 'ù' | 'û' | 'ü' => folded.push('u'),
            'ý' | 'ÿ' => folded.push('y'),
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            '\'' | '’' | '-' | '‐' | '‑' | NARROW | NO_BREAK => folded.push(' '),
            // Combining accents of decomposed text.
            '\u{300}'..='\u{36f}' => {}
            other => folded.push(other),
        }
    }
    folded
}

/// Puts the French fine spaces and apostrophes in a sentence of the interface.
///
/// ```
/// assert_eq!(sobria_web::locale::typographic("Qu'est-ce : « ceci » ?"), "Qu’est-ce\u{a0}: «\u{a0}ceci\u{a0}»\u{202f}?");
/// ```
pub fn typographic(text: &str) -> String {
    let mut set = String::with_capacity(text.len() + 8);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, rest.peek()) {
            (' ', Some(';' | '!' | '?')) => set.push(NARROW),
            (' ', Some(':' | '»' | '%' | '€')) => set.push(NO_BREAK),
            ('«', Some(' ')) => {
                rest.next();
                set.push('«');
                set.push(NO_BREAK);
            }
            ('\'', _) => set.push('’'),
            _ => set.push(c),
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_by_the_clock_of_paris() {
        let at = |text: &str| moment(text.parse().unwrap());
        assert_eq!(
            at("2026-03-12T13:05:00Z"),
            "12\u{a0}mars 2026 à 14\u{a0}h\u{a0}05"
        );
        assert_eq!(
            at("2026-07-31T22:30:00Z"),
            "1er\u{a0}août 2026 à 0\u{a0}h\u{a0}30"
        );
    }

    #[test]
    fn numbers_follow_french_use() {
        for (value, decimals, expected) in [
            (1234.5, 1, "1\u{202f}234,5"),
            (0.0, 0, "0"),
            (-0.04, 1, "0,0"),
            (-1234.56, 1, "−1\u{202f}234,6"),
            (999.999, 2, "1\u{202f}000,00"),
            (f64::NAN, 1, "–"),
        ] {
            assert_eq!(decimal(value, decimals), expected, "{value}");
        }
        assert_eq!(integer(0), "0");
        assert_eq!(integer(999), "999");
        assert_eq!(integer(u64::MAX).matches(NARROW).count(), 6);
    }

    #[test]
    fn sizes_are_short() {
        for (octets, expected) in [
            (0, "0\u{a0}octets"),
            (999, "999\u{a0}octets"),
            (1_500, "1,5\u{a0}ko"),
            (48_200, "48\u{a0}ko"),
            (2_340_000, "2,3\u{a0}Mo"),
        ] {
            assert_eq!(size(octets), expected);
        }
    }

    #[test]
    fn dates_keep_their_precision() {
        for (year, month, day, expected) in [
            (2023, None, None, "2023"),
            (2023, Some(9), None, "septembre 2023"),
            (2026, Some(3), Some(12), "12\u{a0}mars 2026"),
            (2026, Some(8), Some(1), "1er\u{a0}août 2026"),
            (2026, Some(13), Some(1), "2026"),
        ] {
            assert_eq!(date(year, month, day), expected);
        }
    }

    #[test]
    fn zero_and_one_are_singular() {
        assert_eq!(counted(0, "projet", "projets"), "0\u{a0}projet");
        assert_eq!(counted(1, "projet", "projets"), "1\u{a0}projet");
        assert_eq!(counted(1200, "projet", "projets"), "1\u{202f}200\u{a0}projets");
    }

    #[test]
    fn words_sort_as_in_a_french_dictionary() {
        let mut words = vec!["Zinc", "étang", "Eau", "œuvre", "orage"];
        words.sort_by_key(|word| fold(word));
        assert_eq!(words, ["Eau", "étang", "œuvre", "orage", "Zinc"]);
    }

    #[test]
    fn fine_spaces_are_set() {
        for (text, expected) in [
            ("Qui ?", "Qui\u{202f}?"),
            ("l'eau : 5 %", "l’eau\u{a0}: 5\u{a0}%"),
            ("« oui »", "«\u{a0}oui\u{a0}»"),
            ("https://a.fr", "https://a.fr"),
        ] {
            assert_eq!(typographic(text), expected);
        }
    }
}
