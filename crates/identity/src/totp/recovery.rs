//! Recovery codes: for the day the telephone is lost, each good once.

use sha2::{Digest as _, Sha256};

use crate::secret::{NoRandomness, random_bytes, same};

/// How many codes are given at once.
const COUNT: usize = 10;
/// Characters of a code: 80 bits, too many to guess, so that one pass of SHA-256 keeps them.
const LETTERS: usize = 16;
/// No I, L, O or U: nothing to mistake when copying from paper.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A recovery code in clear, shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(String);

impl RecoveryCode {
    /// The code as it is shown: four groups of four.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn generate() -> Result<Self, NoRandomness> {
        let letters: Vec<char> = random_bytes::<LETTERS>()?
            .into_iter()
            .filter_map(|byte| ALPHABET.get(usize::from(byte % 32)))
            .map(|letter| char::from(*letter))
            .collect();
        let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
        Ok(Self(groups.join("-")))
    }
}

impl std::fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// A new set of recovery codes.
#[derive(Debug, Clone)]
pub struct RecoveryCodes {
    /// The codes, to be shown once.
    pub codes: Vec<RecoveryCode>,
    /// What is kept: one digest for each.
    pub digests: Vec<String>,
}

impl RecoveryCodes {
    /// Ten new codes; those given before are good no longer once these digests replace theirs.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn generate() -> Result<Self, NoRandomness> {
        let codes = (0..COUNT)
            .map(|_| RecoveryCode::generate())
            .collect::<Result<Vec<_>, _>>()?;
        let digests = codes.iter().map(|code| digest(&plain(code.reveal()))).collect();
        Ok(Self { codes, digests })
    }
}

/// Spends a code: the digests that remain to be kept, or nothing when the code is not one of them.
///
/// Case, spaces and hyphens do not count, nor does O for 0, nor I or L for 1.
pub fn spend(typed: &str, digests: &[String]) -> Option<Vec<String>> {
    let typed = plain(typed);
    if typed.len() != LETTERS {
        return None;
    }
    let found = digest(&typed);
    let remaining: Vec<String> = digests
        .iter()
        .filter(|digest| !same(digest, &found))
        .cloned()
        .collect();
    (remaining.len() < digests.len()).then_some(remaining)
}

fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

fn digest(plain: &str) -> String {
    Sha256::digest(plain.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_good_once_however_it_is_typed() {
        let set = RecoveryCodes::generate().unwrap();
        assert_eq!((set.codes.len(), set.digests.len()), (10, 10));
        let shown = set.codes[3].reveal();
        assert_eq!(shown.len(), 19);
        assert!(!set.digests.iter().any(|digest| digest.contains(shown)));
        let typed = shown.to_lowercase().replace('-', " ").replace('0', "o");
        let remaining = spend(&typed, &set.digests).unwrap();
        assert_eq!(remaining.len(), 9);
        assert_eq!(spend(shown, &remaining), None);
        for other in [0, 9] {
            assert!(spend(set.codes[other].reveal(), &remaining).is_some());
        }
        for wrong in ["", "0000-0000-0000-0000", &set.digests[0]] {
            assert_eq!(spend(wrong, &set.digests), None, "{wrong}");
        }
        assert!(!format!("{set:?}").contains(shown));
    }
}
