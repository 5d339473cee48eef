//! People who sign in, and what they belong to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{OrganisationId, UserId};
use crate::rights::{Actor, Role};
use crate::text::clean_line;

/// Longest mail address accepted, in characters.
pub const EMAIL_MAX: usize = 254;
/// Longest name or function accepted, in characters.
pub const NAME_MAX: usize = 100;

/// A mail address: lower case, of a plausible form. It prints as `***` in logs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

/// A text that is no mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a mail address: expected something such as prenom.nom@ville.fr")]
pub struct InvalidEmail;

impl Email {
    /// Reads an address as typed.
    ///
    /// # Errors
    /// When it has no single `@` between a name and a domain with a dot, is too long, or holds spaces, quotes or controls.
    ///
    /// ```
    /// use sobria_catalogue::account::Email;
    /// assert_eq!(Email::parse(" Jeanne.Le-Goff@Ville.FR ")?.as_str(), "jeanne.le-goff@ville.fr");
    /// assert!(Email::parse("jeanne@ville").is_err());
    /// # Ok::<(), sobria_catalogue::account::InvalidEmail>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim().to_lowercase();
        let (local, domain) = text.split_once('@').ok_or(InvalidEmail)?;
        let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"\"<>(),;:\\[]@".contains(c);
        let label = |part: &str| {
            !part.is_empty()
                && !part.starts_with('-')
                && !part.ends_with('-')
                && part.chars().all(|c| c.is_alphanumeric() || c == '-')
        };
        let fits = !local.is_empty()
            && local.chars().count() <= 64
            && text.chars().count() <= EMAIL_MAX
            && local.chars().all(plain)
            && !local.starts_with('.')
            && !local.ends_with('.')
            && domain.contains('.')
            && domain.split('.').all(label);
        if fits { Ok(Self(text)) } else { Err(InvalidEmail) }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What follows the `@`.
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }
}

impl std::fmt::Debug for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// Identifier.
    pub id: UserId,
    /// Mailbox, verified.
    pub email: Email,
    /// First name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Function, when given.
    pub job_title: String,
    /// Organisation as the person wrote it.
    pub organisation_name: String,
    /// How far the account is trusted.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
    /// When somebody last signed in with it.
    pub last_signed_in_at: Option<Timestamp>,
    /// Whether a password was chosen.
    pub has_password: bool,
    /// Whether a second factor is asked.
    pub has_second_factor: bool,
}

impl Account {
    /// First and family name.
    pub fn name(&self) -> String {
        clean_line(&format!("{} {}", self.given_name, self.family_name))
    }
}

/// Where a request to contribute for an organisation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MembershipStatus {
    /// A moderator must decide.
    Asked,
    /// The account contributes for the organisation.
    Granted,
    /// A moderator refused.
    Refused,
}

impl MembershipStatus {
    const ALL: [Self; 3] = [Self::Asked, Self::Granted, Self::Refused];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Granted => "granted",
            Self::Refused => "refused",
        }
    }

    /// Reads the code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }

    /// French label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Asked => "En attente de confirmation",
            Self::Granted => "Confirmé",
            Self::Refused => "Refusé",
        }
    }
}

/// One organisation of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Its name.
    pub name: String,
    /// Its address part.
    pub slug: String,
    /// Whether the account contributes for it.
    pub status: MembershipStatus,
    /// When it was asked.
    pub asked_at: Timestamp,
}

/// An account with its organisations.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// The account.
    pub account: Account,
    /// Its organisations, asked and refused ones included.
    pub memberships: Vec<Membership>,
}

impl Person {
    /// The account as rights see it.
    pub fn actor(&self) -> Actor {
        Actor {
            account: Some((self.account.id, self.account.role)),
            organisations: self
                .memberships
                .iter()
                .filter(|membership| membership.status == MembershipStatus::Granted)
                .map(|membership| membership.organisation)
                .collect(),
        }
    }
}

/// What a consent is about. The account itself rests on the service, not on a consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// News of the library by mail.
    News,
    /// Other activities of the operator by mail.
    Activities,
}

impl Purpose {
    /// Every purpose, in the order of the form.
    pub const ALL: [Self; 2] = [Self::News, Self::Activities];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::News => "news",
            Self::Activities => "activities",
        }
    }

    /// Reads the code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.code() == code)
    }
}

/// What a person agreed to or took back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// About what.
    pub purpose: Purpose,
    /// Given, or taken back.
    pub given: bool,
    /// The sentence that was shown.
    pub wording: String,
    /// Where it was given: `sign-up`, `account`, `unsubscribe`.
    pub source: String,
    /// When.
    pub made_at: Timestamp,
}

/// What a person fills in to sign up; kept until the address is confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignUp {
    /// Mailbox, not confirmed yet.
    pub email: Email,
    /// First name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Function, when given.
    pub job_title: String,
    /// Organisation as written.
    pub organisation_name: String,
    /// The organisation chosen in the library, when there is one.
    pub organisation: Option<OrganisationId>,
    /// Purposes agreed to, with the sentences shown.
    pub consents: Vec<(Purpose, String)>,
    /// Where to go once signed in: a local path.
    pub then: String,
}

/// How a session was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignInMethod {
    /// With a password.
    Password,
    /// With a link sent by mail.
    Link,
    /// Through an OpenID provider.
    OpenId,
    /// With a demonstration account.
    Demo,
}

impl SignInMethod {
    const ALL: [Self; 4] = [Self::Password, Self::Link, Self::OpenId, Self::Demo];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Link => "link",
            Self::OpenId => "oidc",
            Self::Demo => "demo",
        }
    }

    /// Reads the code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.code() == code)
    }

    /// French label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Password => "Mot de passe",
            Self::Link => "Lien reçu par courriel",
            Self::OpenId => "Fournisseur d’identité",
            Self::Demo => "Compte de démonstration",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_people_type_it_and_no_further() {
        for (given, expected) in [
            ("a@b.fr", Some("a@b.fr")),
            (
                " Jeanne+ia@Mairie-Plouzané.bzh ",
                Some("jeanne+ia@mairie-plouzané.bzh"),
            ),
            ("o'neil@ville.fr", Some("o'neil@ville.fr")),
            ("a@b", None),
            ("@b.fr", None),
            ("a@", None),
            ("a@@b.fr", None),
            ("a@b@c.fr", None),
            ("a b@c.fr", None),
            ("a@b..fr", None),
            ("a@-b.fr", None),
            ("a@b.fr\r\nBcc: x@y.fr", None),
            ("a@b.fr,c@d.fr", None),
            ("<a@b.fr>", None),
        ] {
            assert_eq!(
                Email::parse(given).ok().as_ref().map(Email::as_str),
                expected,
                "{given:?}"
            );
        }
        assert!(Email::parse(&format!("{}@b.fr", "a".repeat(65))).is_err());
    }

    #[test]
    fn an_address_does_not_reach_the_logs() {
        assert_eq!(format!("{:?}", Email::parse("a@b.fr").unwrap()), "***");
    }
}
