//! Text in its many encodings.

use std::borrow::Cow;

use encoding_rs::{MACINTOSH, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use sobria_catalogue::import::{Issue, Severity};

use super::note;
use crate::error::FileError;

/// Bytes as text: UTF-8 with or without a mark, UTF-16, else Windows-1252 or Mac Roman.
pub fn decode<'a>(bytes: &'a [u8], name: &str) -> Result<(Cow<'a, str>, Vec<Issue>), FileError> {
    let binary = || FileError::NotATable {
        name: name.to_owned(),
        found: "des octets qui ne sont pas du texte".to_owned(),
    };
    let wide = [(&[0xFF, 0xFE], UTF_16LE), (&[0xFE, 0xFF], UTF_16BE)]
        .into_iter()
        .find_map(|(mark, encoding)| bytes.strip_prefix(mark).map(|rest| (rest, encoding)));
    if let Some((rest, encoding)) = wide {
        let text = encoding.decode_without_bom_handling(rest).0;
        if text.contains('\0') {
            return Err(binary());
        }
        return Ok((text, Vec::new()));
    }
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    if let Some(encoding) = wide_without_mark(bytes) {
        let text = encoding.decode_without_bom_handling(bytes).0;
        if !text.contains('\0') {
            let found = note(
                "encoding_assumed",
                Severity::Info,
                None,
                "Fichier lu en UTF-16, qui ne le dit pas.".to_owned(),
            );
            return Ok((text, vec![found]));
        }
    }
    if bytes.contains(&0) {
        return Err(binary());
    }
    // Several times as fast as the same check of the standard library.
    let text = match UTF_8.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => text,
        None => {
            // Control characters are rare in text and common in pictures and archives.
            let odd = bytes
                .iter()
                .take(4096)
                .filter(|b| **b < 32 && !matches!(**b, b'\n' | b'\r' | b'\t'))
                .count();
            if odd > 8 {
                return Err(binary());
            }
            let (text, notes) = not_utf8(bytes);
            return Ok((text, notes));
        }
    };
    let mut notes = Vec::new();
    // UTF-8 that was read as Windows-1252 and written again.
    let twice = ["Ã©", "Ã¨", "Ãª", "â€™", "Ã§"];
    // Each of them holds one of these letters, which French hardly knows: one search in place of five.
    let may_be = text.contains('Ã') || text.contains("â€");
    if let Some(found) = twice.iter().find(|sign| may_be && text.contains(**sign)) {
        notes.push(note(
            "encoding_doubtful",
            Severity::Warn,
            Some((*found).to_owned()),
            "Accents déjà abîmés dans le fichier\u{a0}: refaites l’export en UTF-8.".to_owned(),
        ));
    }
    Ok((text, notes))
}

/// UTF-16 that lost its mark: of the first bytes, every second one is zero, and no other.
fn wide_without_mark(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let start = bytes.get(..64)?;
    let zeros = |from: usize| {
        start
            .iter()
            .skip(from)
            .step_by(2)
            .filter(|byte| **byte == 0)
            .count()
    };
    match (zeros(0), zeros(1)) {
        (0, 28..) => Some(UTF_16LE),
        (28.., 0) => Some(UTF_16BE),
        _ => None,
    }
}

/// Text with a few broken characters, or Windows-1252: a French text in the latter has no whole UTF-8 sequence.
fn not_utf8(bytes: &[u8]) -> (Cow<'_, str>, Vec<Issue>) {
    let (mut whole, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        // Several broken bytes in a row are one broken character.
        broken += usize::from(!chunk.invalid().is_empty() && !chunk.valid().is_empty());
    }
    if whole >= broken.max(1) {
        let text = String::from_utf8_lossy(bytes);
        let found = note(
            "encoding_damaged",
            Severity::Warn,
            Some(format!("{broken} caractères illisibles")),
            "Chacun est remplacé par � : corrigez-les dans le fichier.".to_owned(),
        );
        return (text, vec![found]);
    }
    let (encoding, name, doubt) = one_byte(bytes);
    let found = if doubt {
        note(
            "encoding_doubtful",
            Severity::Warn,
            None,
            "Fichier lu en Windows-1252, mais ses accents ne semblent pas en être\u{a0}: refaites l’export en UTF-8."
                .to_owned(),
        )
    } else {
        note(
            "encoding_assumed",
            Severity::Info,
            None,
            format!("Fichier lu en {name}, comme l’écrivent les anciens tableurs."),
        )
    };
    (encoding.decode_without_bom_handling(bytes).0, vec![found])
}

/// The encoding of one byte per character in which most letters are those of French, and whether it is in doubt.
fn one_byte(bytes: &[u8]) -> (&'static encoding_rs::Encoding, &'static str, bool) {
    let (mut windows, mut mac, mut dos) = (0_usize, 0_usize, 0_usize);
    for byte in bytes {
        match byte {
            // à â ç è é ê î ô ù û É
            0xE0 | 0xE2 | 0xE7..=0xEA | 0xEE | 0xF4 | 0xF9 | 0xFB | 0xC9 => windows += 1,
            // é è ê à ç ù of Macintosh: rare signs, or none, in Windows-1252.
            0x8D..=0x90 | 0x9D => mac += 1,
            // à of Macintosh and ê of DOS.
            0x88 => (mac, dos) = (mac + 1, dos + 1),
            // é è ç of DOS, of which no reader is at hand.
            0x82 | 0x8A | 0x87 => dos += 1,
            _ => {}
        }
    }
    if mac > windows.max(dos) {
        (MACINTOSH, "Mac Roman", false)
    } else {
        (WINDOWS_1252, "Windows-1252", dos > windows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_apart() {
        for (bytes, text, code) in [
            ("\u{feff}é".as_bytes(), "é", None),
            (b"\xe9t\xe9 \x92", "été ’", Some("encoding_assumed")),
            (&[0xFF, 0xFE, 0xE9, 0x00], "é", None),
            (&[0xFE, 0xFF, 0x00, 0xE9], "é", None),
            (
                b"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xff",
                "ééééé\u{fffd}",
                Some("encoding_damaged"),
            ),
            ("Ã©cole".as_bytes(), "Ã©cole", Some("encoding_doubtful")),
        ] {
            let (decoded, notes) = decode(bytes, "a").unwrap();
            assert_eq!(decoded, text);
            assert_eq!(notes.first().map(|note| note.code), code, "{text}");
        }
        assert!(decode(b"\x00\x01", "a").is_err());
        assert!(decode(&[0x80; 10].map(|b| b | 1), "a").is_ok());
    }
}
