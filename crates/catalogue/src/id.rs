//! Identifiers: one newtype per kind of thing, so that two of them cannot be swapped.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An identifier that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{given}\" is not an identifier: expected a UUID such as 018f3c1e-7d2a-7c3e-9b54-0d6a4f1c2b3d")]
pub struct InvalidId {
    /// The text that was given.
    pub given: String,
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID made by the caller (version 7 for new things).
            pub const fn new(value: Uuid) -> Self {
                Self(value)
            }

            /// The UUID itself.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match Uuid::try_parse(text) {
                    Ok(value) => Ok(Self(value)),
                    Err(_) => Err(InvalidId { given: crate::text::excerpt(text, 60) }),
                }
            }
        }
    };
}

identifier!(
    /// Identifies a use case.
    UseCaseId
);
identifier!(
    /// Identifies an organisation.
    OrganisationId
);
identifier!(
    /// Identifies one immutable revision of a record.
    RevisionId
);
identifier!(
    /// Identifies one import.
    ImportId
);
identifier!(
    /// Identifies an estimate attached to a record.
    EvaluationId
);

identifier!(
    /// Identifies an account.
    UserId
);
identifier!(
    /// Identifies a file that comes with a record.
    AttachmentId
);
identifier!(
    /// Identifies a folder of records that a person keeps.
    FolderId
);
identifier!(
    /// Identifies a search that a person keeps.
    SavedSearchId
);
identifier!(
    /// Identifies a contribution: what somebody writes, from the first word to the decision.
    ContributionId
);

identifier!(
    /// Identifies a record besides use cases: a charter, a resource, a solution, a meeting.
    EntryId
);
identifier!(
    /// Identifies a link between two records.
    LinkId
);

const SHORT_CODE_ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The last `length` digits of an identifier in base 32, from its random part.
fn code(id: Uuid, length: usize) -> String {
    let mut rest = id.as_u128() & ((1_u128 << 62) - 1);
    let mut code = String::with_capacity(length);
    for _ in 0..length {
        let digit = usize::try_from(rest % 32).unwrap_or(0);
        code.push(
            SHORT_CODE_ALPHABET
                .get(digit)
                .map_or('0', |byte| char::from(*byte)),
        );
        rest /= 32;
    }
    code
}

impl ContributionId {
    /// The number given to the author of a contribution handed in that year: short enough to be read aloud.
    ///
    /// ```
    /// use sobria_catalogue::id::ContributionId;
    ///
    /// let id: ContributionId = "018f3c1e-7d2a-7c3e-9b54-0d6a4f1c2b3d".parse().unwrap();
    /// assert_eq!(id.receipt(2026), "2026-XSARH-79DD0");
    /// ```
    pub fn receipt(self, year: i16) -> String {
        let code = code(self.0, 10).to_ascii_uppercase();
        let (first, second) = code.split_at(5);
        format!("{year}-{first}-{second}")
    }
}

impl UseCaseId {
    /// The seven-character code that ends the public address of a record.
    ///
    /// Taken from the random part of the identifier, so that records made in the same millisecond differ.
    pub fn short_code(self) -> String {
        code(self.0, 7)
    }

    /// The public address part of a record: its title in ASCII, then the short code.
    pub fn slug(self, title: &str) -> String {
        address(title, self.short_code())
    }
}

impl EntryId {
    /// The public address part: the title in ASCII, then the short code.
    pub fn slug(self, title: &str) -> String {
        address(title, code(self.0, 7))
    }
}

fn address(title: &str, code: String) -> String {
    let words = crate::text::slug(title, 60);
    if words.is_empty() {
        code
    } else {
        [&*words, "-", &*code].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_ascii_and_ends_with_the_short_code() {
        let id = UseCaseId::new(Uuid::from_u128(0x018f_3c1e_7d2a_7c3e_9b54_0d6a_4f1c_2b3d));
        let slug = id.slug("Détection des fuites d’eau\u{a0}: œuvre n° 1");
        assert!(slug.is_ascii());
        assert!(slug.starts_with("detection-des-fuites-d-eau-oeuvre-n-1-"));
        assert!(slug.ends_with(&id.short_code()));
    }

    #[test]
    fn an_empty_title_still_gives_an_address() {
        let id = UseCaseId::new(Uuid::from_u128(7));
        assert_eq!(id.slug("???"), id.short_code());
    }

    #[test]
    fn a_wrong_identifier_is_named_in_the_error() {
        let error = "abc".parse::<UseCaseId>().unwrap_err();
        assert!(error.to_string().contains("\"abc\""));
    }
}
