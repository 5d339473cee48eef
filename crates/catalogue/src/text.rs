//! Text helpers shared by validation, import and search. All are linear in the length of their input.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Folds text for comparison: no accents, `’` as `'`, `œ` as `oe`, lower case, single spaces.
///
/// ```
/// assert_eq!(sobria_catalogue::text::fold("  Gestion de l’Eau "), "gestion de l'eau");
/// ```
pub fn fold(text: &str) -> String {
    fold_common(text, true).unwrap_or_else(|| fold_any(text))
}

/// Whether a text is made of characters that normalisation leaves alone: Latin without combining marks, and
/// general punctuation. Nearly every text is, and needs no table then.
fn is_common(text: &str) -> bool {
    text.chars()
        .all(|c| c < '\u{300}' || ('\u{2010}'..='\u{2060}').contains(&c) || c == '€')
}

/// The letters without accents of U+00C0 to U+00FF; a dash where there is none or more than one.
const LATIN: &[u8; 64] = b"aaaaaa-ceeeeiiii-nooooo--uuuuy--aaaaaa-ceeeeiiii-nooooo--uuuuy-y";

/// [`fold`] for texts whose accents are those of French and its neighbours, byte by byte; nothing for others.
/// Without `signs`, whatever is neither a letter nor a digit counts as a space.
fn fold_common(text: &str, signs: bool) -> Option<String> {
    let mut bytes = text.bytes();
    // Nothing becomes longer.
    let mut folded = Vec::with_capacity(text.len());
    let mut pending_space = false;
    while let Some(byte) = bytes.next() {
        // What it folds to: mostly one byte, and whether it is a sign.
        let (first, others, is_sign): (u8, &[u8], bool) = match byte {
            b'a'..=b'z' | b'0'..=b'9' => (byte, &[], false),
            b'A'..=b'Z' => (byte | 0x20, &[], false),
            b' ' | b'\t'..=b'\r' => (b' ', &[], true),
            b'`' => (b'\'', &[], true),
            0..0x80 => (byte, &[], true),
            0xc2 => match bytes.next()? {
                0xa0 => (b' ', &[], true),
                sign @ (0xab | 0xb0 | 0xb7 | 0xbb) => (byte, &[sign], true),
                _ => return None,
            },
            0xc3 => match LATIN.get(usize::from(bytes.next()?.checked_sub(0x80)?))? {
                b'-' => return None,
                letter => (*letter, &[], false),
            },
            0xc5 => match bytes.next()? {
                0x92 | 0x93 => (b'o', b"e", false),
                _ => return None,
            },
            0xe2 => match (bytes.next()?, bytes.next()?) {
                (0x80, 0x98 | 0x99) => (b'\'', &[], true),
                (0x80, 0xaf) => (b' ', &[], true),
                (0x80, sign @ 0x90..=0xa7) => (byte, &[0x80, sign], true),
                _ => return None,
            },
            _ => return None,
        };
        if first == b' ' || is_sign && !signs {
            pending_space = !folded.is_empty();
            continue;
        }
        if std::mem::take(&mut pending_space) {
            folded.push(b' ');
        }
        folded.push(first);
        if !others.is_empty() {
            folded.extend_from_slice(others);
        }
    }
    String::from_utf8(folded).ok()
}

fn fold_any(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut pending_space = false;
    for c in text.nfd().filter(|c| !is_combining_mark(*c)) {
        if c.is_whitespace() {
            pending_space = !folded.is_empty();
            continue;
        }
        if pending_space {
            folded.push(' ');
            pending_space = false;
        }
        match c {
            '’' | '‘' | 'ʼ' | '`' => folded.push('\''),
            'œ' | 'Œ' => folded.push_str("oe"),
            'æ' | 'Æ' => folded.push_str("ae"),
            _ => folded.extend(c.to_lowercase()),
        }
    }
    folded
}

/// A count as people read it, in groups of three digits.
///
/// ```
/// assert_eq!(sobria_catalogue::text::count(1_001), "1\u{202f}001");
/// assert_eq!(sobria_catalogue::text::count(999), "999");
/// ```
pub fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() * 2);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// A date with the precision it was given: `12 mars 2026`, `septembre 2023`, `2023`.
///
/// ```
/// use sobria_catalogue::text::date_words;
///
/// assert_eq!(date_words(2026, Some(3), Some(1)), "1er\u{a0}mars 2026");
/// assert_eq!(date_words(2023, Some(9), None), "septembre 2023");
/// ```
pub fn date_words(year: i16, month: Option<i8>, day: Option<i8>) -> String {
    let name = month
        .and_then(|month| usize::try_from(month).ok())
        .and_then(|month| month.checked_sub(1))
        .and_then(|index| MONTHS.get(index));
    match (name, day) {
        (Some(month), Some(1)) => format!("1er\u{a0}{month} {year}"),
        (Some(month), Some(day)) => format!("{day}\u{a0}{month} {year}"),
        (Some(month), None) => format!("{month} {year}"),
        (None, _) => year.to_string(),
    }
}

/// Folds a natural key: as [`fold`], with every run of punctuation turned into one space.
///
/// ```
/// assert_eq!(sobria_catalogue::text::fold_key("IA  pour l’eau (phase 2)."), "ia pour l eau phase 2");
/// ```
pub fn fold_key(text: &str) -> String {
    fold_common(text, false).unwrap_or_else(|| fold_key_any(text))
}

fn fold_key_any(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for c in fold(text).chars() {
        if c.is_alphanumeric() {
            key.push(c);
        } else if !key.ends_with(' ') && !key.is_empty() {
            key.push(' ');
        }
    }
    key.truncate(key.trim_end().len());
    key
}

/// An ASCII address part of at most `max` bytes, cut at a word.
pub fn slug(text: &str, max: usize) -> String {
    let mut slug = String::with_capacity(max);
    for word in fold_key(text).split(' ') {
        let word: Cow<'_, str> = if word.is_ascii() {
            word.into()
        } else {
            word.chars().filter(char::is_ascii_alphanumeric).collect()
        };
        if word.is_empty() {
            continue;
        }
        if slug.is_empty() {
            slug.push_str(word.get(..max).unwrap_or(&word));
        } else if slug.len() + 1 + word.len() <= max {
            slug.push('-');
            slug.push_str(&word);
        } else {
            break;
        }
    }
    slug
}

/// The first `max` characters, with an ellipsis when something was cut.
pub fn excerpt(text: &str, max: usize) -> String {
    let mut chars = text.chars();
    let mut short: String = chars.by_ref().take(max).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

/// Cleans a single line: NFC, control characters removed, white space collapsed.
pub fn clean_line(text: &str) -> String {
    let trimmed = text.trim_matches(' ');
    if is_clean(trimmed) {
        return trimmed.to_owned();
    }
    if is_common(text) {
        clean_chars(text.chars(), text.len())
    } else {
        clean_chars(text.nfc(), text.len())
    }
}

/// Whether there is nothing to clean, for texts made of ASCII, letters with accents and general punctuation.
///
/// No loop leaves early, and `&` compares what `&&` would pass over: the processor then looks at many bytes at once, and
/// nearly every text is clean.
fn is_clean(text: &str) -> bool {
    let bytes = text.as_bytes();
    let second = bytes.get(1..).unwrap_or_default();
    let third = bytes.get(2..).unwrap_or_default();
    // The bytes after the first of a character are judged with it. 0xc3 to 0xc5 begin U+00C0 to U+017F, composed
    // letters; 0xc2 begins control characters and the space that does not break, then signs from U+00A1 on.
    let odd = bytes.iter().fold(false, |odd, byte| {
        odd | (*byte < b' ') | (*byte == 0x7f) | ((*byte > 0xc5) & (*byte != 0xe2))
    });
    let pairs = bytes.iter().zip(second).fold(false, |odd, (first, second)| {
        odd | ((*first == b' ') & (*second == b' ')) | ((*first == 0xc2) & (*second < 0xa1))
    });
    // U+2010 to U+2027: dashes, quotes, the ellipsis; what nobody sees stands beside them.
    let wide = bytes
        .iter()
        .zip(second)
        .zip(third)
        .fold(false, |odd, ((first, second), third)| {
            let is_plain = (*second == 0x80) & (*third >= 0x90) & (*third <= 0xa7);
            odd | ((*first == 0xe2) & !is_plain)
        });
    !(odd | pairs | wide)
}

fn clean_chars(chars: impl Iterator<Item = char>, capacity: usize) -> String {
    let mut line = String::with_capacity(capacity);
    for c in chars {
        if c.is_whitespace() && !is_no_break(c) {
            if !line.is_empty() && !line.ends_with(' ') {
                line.push(' ');
            }
        } else if !is_hidden(c) {
            line.push(c);
        }
    }
    line.truncate(line.trim_end().len());
    let start = line.len() - line.trim_start().len();
    if start > 0 {
        line.drain(..start);
    }
    line
}

/// Cleans a block of text: NFC, control characters removed, line ends as `\n`, no more than one empty line.
pub fn clean_block(text: &str) -> String {
    let trimmed = text.trim_matches(' ');
    // A clean text has no line end.
    if is_clean(trimmed) {
        return trimmed.to_owned();
    }
    if !text.contains(['\n', '\r']) {
        return clean_line(text);
    }
    let normal = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<String> = Vec::new();
    for line in normal.split('\n') {
        let line = clean_line(line);
        if line.is_empty() && lines.last().is_none_or(String::is_empty) {
            continue;
        }
        lines.push(line);
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join("\n")
}

/// Whether the text holds something that reads as an HTML tag.
pub fn looks_like_html(text: &str) -> bool {
    text.split('<')
        .skip(1)
        .any(|after| after.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!')))
}

/// Writes a text as JSON, quotes included: whole stretches at a time, since few characters need a backslash.
///
/// ```
/// let mut json = String::new();
/// sobria_catalogue::text::push_json(&mut json, "l’eau \"pure\"\n");
/// assert_eq!(json, r#""l’eau \"pure\"\n""#);
/// ```
pub fn push_json(json: &mut String, text: &str) {
    let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    json.push('"');
    let mut rest = text;
    // Without a way out of the loop, many bytes are compared at once.
    let special = text
        .bytes()
        .fold(0_u8, |special, byte| special | u8::from(!is_plain(byte)));
    while special != 0
        && let Some(at) = rest.bytes().position(|byte| !is_plain(byte))
    {
        let (plain, from) = rest.split_at(at);
        json.push_str(plain);
        let mut chars = from.chars();
        match chars.next() {
            Some('\n') => json.push_str("\\n"),
            Some('\t') => json.push_str("\\t"),
            Some('\r') => json.push_str("\\r"),
            Some('\u{8}') => json.push_str("\\b"),
            Some('\u{c}') => json.push_str("\\f"),
            Some(quoted @ ('"' | '\\')) => {
                json.push('\\');
                json.push(quoted);
            }
            Some(control) => json.push_str(&format!("\\u{:04x}", u32::from(control))),
            None => {}
        }
        rest = chars.as_str();
    }
    json.push_str(rest);
    json.push('"');
}

fn is_no_break(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{202f}')
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_way_of_cleaning_gives_what_the_long_one_does() {
        let pieces = [
            "a", "Z", " ", "  ", "é", "œ", "’", "…", "–", "\u{a0}", "\u{202f}", "\u{200b}", "\u{2028}", "\t",
            "\n", "\u{7f}", "\u{85}", "«", "\u{a1}", "\u{ad}", "\u{bf}", "µ", "e\u{301}", "ŉ", "漢",
            "\u{202e}", "€",
        ];
        for first in pieces {
            for second in pieces {
                for third in pieces {
                    let text = format!("{first}{second}{third}");
                    assert_eq!(clean_line(&text), clean_chars(text.nfc(), text.len()), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn folding_removes_accents_case_and_typographic_apostrophes() {
        for (given, expected) in [
            ("Élu", "elu"),
            ("Cœur de VILLE", "coeur de ville"),
            ("l’énergie", "l'energie"),
            ("a\u{a0}\u{202f}b", "a b"),
            ("", ""),
        ] {
            assert_eq!(fold(given), expected, "{given:?}");
        }
    }

    #[test]
    fn the_short_way_folds_as_the_long_one() {
        let every: String = ('\0'..'\u{300}').chain('\u{2000}'..'\u{2100}').collect();
        for c in every.chars() {
            let text = format!("a{c}b {c}");
            assert_eq!(fold(&text), fold_any(&text), "{c:?}");
            assert_eq!(fold_key(&text), fold_key_any(&text), "{c:?}");
        }
    }

    #[test]
    fn hidden_and_control_characters_disappear() {
        assert_eq!(clean_line("a\u{0}b\u{202e}c\u{feff} \t d"), "abc d");
        assert_eq!(clean_block("a\r\n\r\n\r\nb \n"), "a\n\nb");
    }

    #[test]
    fn a_tag_is_recognised_and_a_comparison_is_not() {
        assert!(looks_like_html("<script>"));
        assert!(looks_like_html("fin</p>"));
        assert!(looks_like_html("1<2<!--"));
        assert!(!looks_like_html("<é <"));
        assert!(!looks_like_html("moins de 3 < 4 et a <3"));
    }

    #[test]
    fn cutting_counts_characters_not_bytes() {
        assert_eq!(excerpt("éééé", 3), "ééé…");
        assert_eq!(excerpt("ééé", 3), "ééé");
    }
}
