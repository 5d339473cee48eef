//! Passwords: rules for choosing one, hashing and checking with Argon2id (19 MiB, 2 passes, 1 lane).

use std::sync::LazyLock;

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::secret::random_bytes;

/// Shortest password accepted, in characters.
pub const MIN: usize = 12;
/// Longest password accepted, in characters: hashing a book is a way to slow a server down.
pub const MAX: usize = 256;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// Why a password may not be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weak {
    /// Fewer than [`MIN`] characters.
    Short,
    /// More than [`MAX`] characters.
    Long,
    /// One of those that are tried first, or a repetition.
    Common,
    /// Holds the person's own address or name.
    Personal,
}

/// Words that passwords of twelve characters and more are commonly made of, alone or with figures around.
const COMMON: &[&str] = &[
    "123456789012",
    "1234567890",
    "azertyuiop",
    "qwertyuiop",
    "motdepasse",
    "password",
    "administrateur",
    "administrator",
    "bienvenue",
    "welcome",
    "soleil",
    "doudou",
    "loulou",
    "chouchou",
    "bonjour",
    "iloveyou",
    "jetaime",
    "letmein",
    "mairie",
    "collectivite",
    "commune",
    "departement",
    "region",
    "sobria",
    "interconnectes",
    "azerty",
    "qwerty",
    "changeme",
    "changezmoi",
    "football",
    "marseille",
    "princesse",
    "superman",
    "trustno",
    "dragon",
    "monkey",
    "master",
    "admin",
    "login",
    "default",
    "qsdfghjklm",
    "wxcvbn",
    "poiuytreza",
    "abcdefgh",
];

/// Whether a password may be chosen by the person whose address and names are given.
///
/// # Errors
/// The first reason why not.
///
/// ```
/// use sobria_identity::password::{Weak, check};
/// assert_eq!(check("trop court", &[]), Err(Weak::Short));
/// assert_eq!(check("motdepasse2026!", &[]), Err(Weak::Common));
/// assert_eq!(check("jeanne.legoff!", &["jeanne.legoff@ville.fr"]), Err(Weak::Personal));
/// assert_eq!(check("girafe lampe tramway", &[]), Ok(()));
/// ```
pub fn check(password: &str, personal: &[&str]) -> Result<(), Weak> {
    let length = password.chars().count();
    if length < MIN {
        return Err(Weak::Short);
    }
    if length > MAX {
        return Err(Weak::Long);
    }
    let letters: String = password
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    for text in personal {
        let own = text.split('@').next().unwrap_or("").to_lowercase();
        let own: String = own.chars().filter(|c| c.is_alphanumeric()).collect();
        if own.chars().count() >= 4
            && letters.contains(&own)
            && letters.chars().count() < own.chars().count() + 6
        {
            return Err(Weak::Personal);
        }
    }
    let bare = letters.trim_matches(|c: char| c.is_ascii_digit());
    let distinct = letters.chars().collect::<std::collections::BTreeSet<_>>().len();
    let common =
        COMMON.contains(&bare) || COMMON.contains(&letters.as_str()) || bare.is_empty() || distinct < 5;
    if common { Err(Weak::Common) } else { Ok(()) }
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// A password could not be hashed: the system gives no random numbers, or no memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed: the system gives no random numbers or no memory")]
pub struct HashFailed;

/// The hash to keep, in the PHC form. Takes some tens of milliseconds and 19 MiB.
///
/// # Errors
/// When the system gives no random numbers or no memory.
pub fn hash(password: &str) -> Result<String, HashFailed> {
    let salt: [u8; 16] = random_bytes().map_err(|_cause| HashFailed)?;
    let salt = SaltString::encode_b64(&salt).map_err(|_cause| HashFailed)?;
    hasher()
        .hash_password(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|_cause| HashFailed)
}

/// What a check of a password says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Not the password.
    Wrong,
    /// The password.
    Right,
    /// The password, hashed with settings that are no longer ours: hash it again.
    RightButOld,
}

/// Hash that no password gives: what is checked when there is no account, so that the time tells nothing.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| hash("aucun compte ne porte cette adresse").unwrap_or_default());

/// Checks a password against the hash kept, or against nothing in the same time.
pub fn verify(password: &str, kept: Option<&str>) -> Verdict {
    if password.chars().count() > MAX {
        return Verdict::Wrong;
    }
    let text = kept.unwrap_or(&NOBODY);
    let Ok(parsed) = PasswordHash::new(text) else {
        return Verdict::Wrong;
    };
    if hasher().verify_password(password.as_bytes(), &parsed).is_err() || kept.is_none() {
        return Verdict::Wrong;
    }
    let ours = Params::try_from(&parsed).is_ok_and(|params| {
        params.m_cost() == MEMORY_KIB
            && params.t_cost() == PASSES
            && parsed.algorithm == argon2::ARGON2ID_IDENT
    });
    if ours {
        Verdict::Right
    } else {
        Verdict::RightButOld
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_tells_its_password_from_others() {
        let kept = hash("girafe lampe tramway").unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert_eq!(verify("girafe lampe tramway", Some(&kept)), Verdict::Right);
        assert_eq!(verify("girafe lampe tramway ", Some(&kept)), Verdict::Wrong);
        assert_eq!(verify("girafe lampe tramway", None), Verdict::Wrong);
        assert_eq!(
            verify("aucun compte ne porte cette adresse", None),
            Verdict::Wrong
        );
        assert_ne!(
            kept,
            hash("girafe lampe tramway").unwrap(),
            "each hash has its own salt"
        );
    }

    #[test]
    fn a_hash_of_other_settings_asks_to_be_made_again() {
        let weak = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(8 * 1024, 1, 1, None).unwrap(),
        );
        let salt = SaltString::encode_b64(&[7; 16]).unwrap();
        let kept = weak
            .hash_password(b"girafe lampe tramway", &salt)
            .unwrap()
            .to_string();
        assert_eq!(verify("girafe lampe tramway", Some(&kept)), Verdict::RightButOld);
    }

    #[test]
    fn passwords_that_are_tried_first_are_refused() {
        for (password, expected) in [
            ("aaaaaaaaaaaaaaaa", Err(Weak::Common)),
            ("1234567890123", Err(Weak::Common)),
            ("Azertyuiop12", Err(Weak::Common)),
            ("Motdepasse123!", Err(Weak::Common)),
            ("éàçéàçéàç", Err(Weak::Short)),
            ("pluie de mars 9", Ok(())),
        ] {
            assert_eq!(check(password, &[]), expected, "{password}");
        }
        assert_eq!(check(&"a1b2c3".repeat(50), &[]), Err(Weak::Long));
    }
}
