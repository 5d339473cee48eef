//! Secrets of 256 bits, given once in clear and kept only as their SHA-256.

use sha2::{Digest as _, Sha256};

/// The system gives no random numbers.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random numbers: {0}")]
pub struct NoRandomness(#[from] getrandom::Error);

/// A secret in clear: for a cookie or a link, never for a database or a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new secret of 256 random bits.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn generate() -> Result<Self, NoRandomness> {
        Ok(Self(hexadecimal(&random_bytes::<32>()?)))
    }

    /// A secret that somebody sent back; anything else than 64 hexadecimal digits is refused.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == 64
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        fits.then(|| Self(text.to_owned()))
    }

    /// The secret in clear.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept: the SHA-256 in hexadecimal.
    pub fn digest(&self) -> String {
        hexadecimal(&Sha256::digest(self.0.as_bytes()))
    }

    /// A second secret drawn from this one for another use; knowing it does not give this one.
    pub fn derive(&self, purpose: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(purpose.as_bytes());
        hash.update([0]);
        hash.update(self.0.as_bytes());
        hexadecimal(&hash.finalize())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Whether two texts are the same, in a time that depends on their lengths only.
pub fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |seen, (x, y)| seen | (x ^ y)) == 0
}

/// Random bytes from the system.
///
/// # Errors
/// When the system gives none.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_survives_the_way_through_a_link_and_nothing_else_does() {
        let secret = Secret::generate().unwrap();
        let back = Secret::parse(secret.reveal()).unwrap();
        assert_eq!(back.digest(), secret.digest());
        assert_ne!(secret.digest(), secret.reveal());
        assert_ne!(secret.derive("a"), secret.derive("b"));
        for wrong in [
            "",
            "abc",
            &secret.reveal().to_uppercase(),
            &format!("{} ", secret.reveal()),
        ] {
            assert!(
                Secret::parse(wrong).is_none() || wrong == secret.reveal(),
                "{wrong}"
            );
        }
        assert_eq!(format!("{secret:?}"), "***");
    }

    #[test]
    fn comparison_agrees_with_equality() {
        assert!(same("abc", "abc"));
        assert!(!same("abc", "abd"));
        assert!(!same("abc", "ab"));
    }
}
