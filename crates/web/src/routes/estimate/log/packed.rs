//! Logs carried by the page that shows them: packed text in a hidden field, bounded when it is made and when it is read.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::upload::LOGS_MAX;

/// Largest field, in characters: beyond it the page would weigh more than what it shows.
const FIELD_MAX: usize = 24 * 1024;

/// A log: its name and its octets.
pub type Log = (String, Vec<u8>);

/// Packs logs; nothing when they are too long for a page.
pub fn pack(logs: &[Log]) -> Option<String> {
    if logs.is_empty() {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for (name, octets) in logs {
        for part in [name.as_bytes(), octets] {
            let length = u32::try_from(part.len()).ok()?;
            encoder.write_all(&length.to_be_bytes()).ok()?;
            encoder.write_all(part).ok()?;
        }
    }
    let text = URL_SAFE_NO_PAD.encode(encoder.finish().ok()?);
    (text.len() <= FIELD_MAX).then_some(text)
}

/// Unpacks logs; nothing when the field was not made by [`pack`], or would give more than may be sent.
pub fn unpack(field: &str) -> Option<Vec<Log>> {
    let packed = URL_SAFE_NO_PAD.decode(field).ok()?;
    let most = u64::try_from(LOGS_MAX).unwrap_or(u64::MAX);
    let mut octets = Vec::new();
    GzDecoder::new(packed.as_slice())
        .take(most.saturating_add(1))
        .read_to_end(&mut octets)
        .ok()?;
    if octets.len() > LOGS_MAX {
        return None;
    }
    let mut rest = octets.as_slice();
    let mut next = || -> Option<Vec<u8>> {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (part, after) = after.split_at_checked(length)?;
        rest = after;
        Some(part.to_vec())
    };
    let mut logs = Vec::new();
    while let Some(name) = next() {
        logs.push((String::from_utf8(name).ok()?, next()?));
    }
    rest.is_empty().then_some(logs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_come_back_as_they_were_and_nothing_else_is_read() {
        let logs = vec![
            ("a.csv".to_owned(), b"timestamp,duration\n\xe9".to_vec()),
            ("b.json".to_owned(), Vec::new()),
        ];
        let field = pack(&logs).unwrap();
        assert_eq!(unpack(&field).unwrap(), logs);
        assert_eq!(unpack("n’importe quoi"), None);
        assert_eq!(unpack(&field[..field.len() / 2]), None);
        assert_eq!(pack(&[]), None);
    }

    #[test]
    fn neither_a_long_log_nor_a_bomb_is_carried() {
        let mut state = 1_u64;
        let noise: Vec<u8> = (0..200_000)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state.to_be_bytes()[0]
            })
            .collect();
        assert_eq!(pack(&[("a".to_owned(), noise)]), None);
        let bomb = pack(&[("a".to_owned(), vec![b' '; LOGS_MAX])]);
        if let Some(bomb) = bomb {
            assert_eq!(unpack(&bomb), None);
        }
    }
}
