//! CSV in its many forms: separators, encodings, line ends.

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::{CELL_MAX, ROWS_MAX};
use crate::error::FileError;

/// Bytes as text: UTF-8 with or without a mark, UTF-16 with one, else Windows-1252.
pub fn decode(bytes: &[u8], name: &str) -> Result<String, FileError> {
    let binary = || FileError::NotATable {
        name: name.to_owned(),
        found: "des octets qui ne sont pas du texte".to_owned(),
    };
    if let Some(rest) = bytes.strip_prefix(&[0xFF, 0xFE]) {
        return Ok(UTF_16LE.decode_without_bom_handling(rest).0.into_owned());
    }
    if let Some(rest) = bytes.strip_prefix(&[0xFE, 0xFF]) {
        return Ok(UTF_16BE.decode_without_bom_handling(rest).0.into_owned());
    }
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    if bytes.iter().take(100_000).any(|byte| *byte == 0) {
        return Err(binary());
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => {
            // Control characters are rare in text and common in pictures and archives.
            let odd = bytes
                .iter()
                .take(4096)
                .filter(|b| **b < 32 && !matches!(**b, b'\n' | b'\r' | b'\t'))
                .count();
            if odd > 8 {
                return Err(binary());
            }
            Ok(WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned())
        }
    }
}

/// Reads rows: cells as they stand, rows of any length.
pub fn read(text: &str, name: &str) -> Result<Vec<Vec<String>>, FileError> {
    let delimiter = delimiter(text);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => {
                return Err(FileError::Damaged {
                    name: name.to_owned(),
                    cause: error.to_string(),
                });
            }
        }
        if rows.len() > ROWS_MAX {
            return Err(FileError::TooLarge {
                name: name.to_owned(),
                what: "nombre de lignes".to_owned(),
                limit: ROWS_MAX.to_string(),
            });
        }
        if record.iter().any(|cell| cell.len() > CELL_MAX * 40) {
            let line = record.position().map_or(0, csv::Position::line);
            return Err(FileError::Damaged {
                name: name.to_owned(),
                cause: format!("une cellule ouverte à la ligne {line} ne se ferme pas"),
            });
        }
        rows.push(record.iter().map(str::to_owned).collect());
    }
    Ok(rows)
}

/// The separator that stands most often in the first lines, quotes apart.
fn delimiter(text: &str) -> u8 {
    let mut counts = [(b';', 0_usize), (b',', 0), (b'\t', 0)];
    let mut quoted = false;
    let mut lines = 0;
    for byte in text.bytes().take(20_000) {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => {
                lines += 1;
                // The header decides; a title line above it may hold none.
                if lines >= 2 && counts.iter().any(|(_, count)| *count >= 2) {
                    break;
                }
            }
            other if !quoted => {
                for (delimiter, count) in &mut counts {
                    *count += usize::from(*delimiter == other);
                }
            }
            _ => {}
        }
    }
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    // In the header line alone, semicolons and tabs are never decoration; commas may be.
    for candidate in [b'\t', b';'] {
        if first.bytes().filter(|byte| *byte == candidate).count() >= 2 {
            return candidate;
        }
    }
    counts
        .iter()
        .max_by_key(|(_, count)| *count)
        .map_or(b';', |(delimiter, _)| *delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_told_apart() {
        for (text, expected) in [
            ("a;b;c\n1,5;2;3", b';'),
            ("a,b,c\n1;2,3,4", b','),
            ("a\tb\tc\n1", b'\t'),
            ("\"a;b\",c,d\n", b','),
            ("Titre\na;b;c\n", b';'),
        ] {
            assert_eq!(delimiter(text), expected, "{text}");
        }
    }

    #[test]
    fn encodings_are_told_apart() {
        assert_eq!(decode("\u{feff}é".as_bytes(), "a").unwrap(), "é");
        assert_eq!(decode(b"\xe9t\xe9 \x92", "a").unwrap(), "été ’");
        assert_eq!(decode(&[0xFF, 0xFE, 0xE9, 0x00], "a").unwrap(), "é");
        assert!(decode(b"\x00\x01", "a").is_err());
        assert!(decode(&[0x80; 10].map(|b| b | 1), "a").is_ok());
    }

    #[test]
    fn line_ends_and_quoted_line_breaks_are_read() {
        assert_eq!(
            read("a;b\r\n\"1\n2\";3\r\n", "a").unwrap(),
            [["a", "b"], ["1\n2", "3"]]
        );
        assert_eq!(read("a;b\r1;2\r", "a").unwrap().len(), 2);
    }
}
