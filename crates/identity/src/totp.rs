//! Second factor: codes of six figures that change every thirty seconds (RFC 6238), and recovery codes.
//!
//! The caller keeps the secret, the last step used and the digests of the recovery codes; nothing here remembers.

mod qr;
mod recovery;

use totp_rs::{Builder, Totp};

pub use qr::Picture;
pub use recovery::{RecoveryCode, RecoveryCodes, spend};

use crate::secret::{NoRandomness, random_bytes};

/// Steps before and after the current one whose codes are accepted: clocks of telephones drift.
const SKEW: u16 = 1;
/// Length of a step, in seconds.
const STEP: u64 = 30;
/// Octets of a secret, as RFC 4226 recommends.
const SECRET: usize = 20;

/// Why a secret cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TotpError {
    /// The system gives no random numbers.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The text is no secret of twenty octets in base 32.
    #[error("this is no secret of a second factor")]
    Malformed,
    /// The names do not fit in the address that telephones read.
    #[error("the names do not fit: {0}")]
    Names(totp_rs::TotpError),
    /// The address is too long for a picture.
    #[error("the address is too long for a picture")]
    Picture,
}

/// Why a code is refused; readers get one sentence for both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Not one of the codes of now.
    Wrong,
    /// A code that served already, or an older one.
    Used,
}

/// The secret shared with a telephone.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret([u8; SECRET]);

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl TotpSecret {
    /// A new secret of 160 random bits.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn generate() -> Result<Self, TotpError> {
        Ok(Self(random_bytes()?))
    }

    /// Reads a secret that [`Self::reveal`] wrote; spaces and lower case are accepted.
    ///
    /// # Errors
    /// When it is not one.
    pub fn parse(text: &str) -> Result<Self, TotpError> {
        let plain: String = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let secret = totp_rs::Secret::try_from_base32(plain)
            .ok()
            .ok_or(TotpError::Malformed)?;
        let bytes = secret.as_bytes().try_into().ok().ok_or(TotpError::Malformed)?;
        Ok(Self(bytes))
    }

    /// The secret in base 32, to be kept.
    pub fn reveal(&self) -> String {
        totp_rs::Secret::from(self.0).to_base32()
    }

    /// The secret in groups of four letters, for those who type it.
    pub fn grouped(&self) -> String {
        let letters: Vec<char> = self.reveal().chars().collect();
        let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
        groups.join(" ")
    }

    /// The address that telephones read, with the names they show; a colon in a name becomes a space.
    ///
    /// # Errors
    /// When the account has no name.
    pub fn url(&self, site: &str, account: &str) -> Result<String, TotpError> {
        let plain = |name: &str| name.replace(':', " ").trim().to_owned();
        Builder::new()
            .with_secret(self.0)
            .with_account_name(plain(account))
            .with_issuer(Some(plain(site)))
            .build()
            .and_then(|totp| totp.to_url())
            .map_err(TotpError::Names)
    }

    /// The same address as a picture to scan.
    ///
    /// # Errors
    /// When the account has no name or the names are too long.
    pub fn picture(&self, site: &str, account: &str) -> Result<Picture, TotpError> {
        Picture::of(&self.url(site, account)?)
    }

    /// Checks a code at a time, in seconds since 1970; spaces are accepted.
    ///
    /// Gives the step to keep: a code is good once, and none older is good after it.
    ///
    /// # Errors
    /// When the code is wrong or served already.
    pub fn verify(&self, code: &str, now: i64, last_step: Option<i64>) -> Result<i64, Refused> {
        let figures: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        if figures.len() != 6 || !figures.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Refused::Wrong);
        }
        let step = u64::try_from(now)
            .ok()
            .and_then(|now| self.totp().check(&figures, now))
            .and_then(|step| i64::try_from(step).ok())
            .ok_or(Refused::Wrong)?;
        if last_step.is_some_and(|last| step <= last) {
            return Err(Refused::Used);
        }
        Ok(step)
    }

    /// The code that an application shows at a time, in seconds since 1970.
    pub fn code(&self, now: i64) -> String {
        self.totp().generate(u64::try_from(now).unwrap_or(0)).to_string()
    }

    fn totp(&self) -> Totp {
        Builder::new()
            .with_secret(self.0)
            .with_skew(SKEW)
            .with_step_duration(STEP)
            .build_noncompliant()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret and the codes of appendix B of RFC 6238, in six figures.
    const RFC: [u8; 20] = *b"12345678901234567890";

    #[test]
    fn the_codes_of_the_specification_are_accepted() {
        let secret = TotpSecret(RFC);
        for (now, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            assert_eq!(secret.verify(code, now, None), Ok(now / 30), "{code}");
        }
    }

    #[test]
    fn a_code_is_good_one_step_around_and_once() {
        let secret = TotpSecret(RFC);
        let (code, step) = ("005924", 1_234_567_890 / 30);
        for (now, expected) in [
            (step * 30 - 31, Err(Refused::Wrong)),
            (step * 30 - 30, Ok(step)),
            (step * 30 + 59, Ok(step)),
            (step * 30 + 60, Err(Refused::Wrong)),
            (-1, Err(Refused::Wrong)),
        ] {
            assert_eq!(secret.verify(code, now, None), expected, "{now}");
        }
        let now = step * 30;
        assert_eq!(secret.verify("005 924", now, Some(step - 1)), Ok(step));
        assert_eq!(secret.verify(code, now, Some(step)), Err(Refused::Used));
        assert_eq!(secret.verify(code, now, Some(step + 1)), Err(Refused::Used));
        for wrong in ["", "005925", "05924", "0005924", "٠٠٥٩٢٤", "-05924"] {
            assert_eq!(secret.verify(wrong, now, None), Err(Refused::Wrong), "{wrong}");
        }
    }

    #[test]
    fn a_secret_survives_being_kept_and_typed_and_never_prints() {
        let secret = TotpSecret::generate().unwrap();
        assert_eq!(TotpSecret::parse(&secret.reveal()).unwrap(), secret);
        assert_eq!(
            TotpSecret::parse(&secret.grouped().to_lowercase()).unwrap(),
            secret
        );
        assert_eq!(secret.grouped().len(), 39);
        assert_ne!(TotpSecret::generate().unwrap(), secret);
        assert_eq!(format!("{secret:?}"), "***");
        for wrong in ["", "MFRGG", "????", &format!("{}AA", secret.reveal())] {
            assert!(TotpSecret::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_address_names_the_site_and_the_account() {
        let url = TotpSecret(RFC).url("Sobria : Ville", "lea@exemple.fr").unwrap();
        assert!(url.starts_with("otpauth://totp/"), "{url}");
        assert!(url.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{url}");
        assert!(TotpSecret(RFC).url("Sobria", "").is_err());
    }
}
