//! What is kept between the departure to a provider and the return, and what the return carries.

use serde::{Deserialize, Serialize};

use super::error::Error;

/// How long a person has at the provider, in milliseconds; what is kept for longer should be thrown away.
pub const PENDING_MILLISECONDS: i64 = 30 * 60 * 1000;

/// A sign-in under way: kept on the server against the browser that began it, and taken out once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    pub(super) provider: String,
    pub(super) issuer: String,
    pub(super) redirect_uri: String,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: Option<String>,
    pub(super) second_factor: bool,
    pub(super) then: String,
}

impl Pending {
    /// The `state` that the return will carry.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// Key of the provider that was asked.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// Where the reader goes once signed in: a path of the site.
    pub fn then(&self) -> &str {
        &self.then
    }
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending")
            .field("provider", &self.provider)
            .field("second_factor", &self.second_factor)
            .field("then", &self.then)
            .finish_non_exhaustive()
    }
}

/// The parameters of the return; those of other protocols are ignored.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Callback {
    /// The code to exchange.
    pub code: Option<String>,
    /// The state that was sent.
    pub state: Option<String>,
    /// The issuer that answers.
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
    /// The same in the words of the provider; never shown.
    pub error_description: Option<String>,
}

impl std::fmt::Debug for Callback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Callback")
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

/// What an error of the return means for the reader.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stop {
    Cancelled,
    SignInNeeded,
    Failed(Error),
}

impl Callback {
    pub(super) fn stop(&self) -> Option<Stop> {
        let error = self.error.as_deref()?;
        let coded = [Some(error), self.error_description.as_deref()]
            .into_iter()
            .flatten()
            .find_map(provider_code);
        Some(match (error, coded) {
            (_, Some(code)) => Stop::Failed(Error::Refused(code)),
            ("access_denied", None) => Stop::Cancelled,
            (
                "login_required" | "interaction_required" | "consent_required" | "account_selection_required",
                None,
            ) => Stop::SignInNeeded,
            (other, None) => Stop::Failed(Error::Refused(quotable(other))),
        })
    }
}

/// A code such as Y000400 inside a text.
fn provider_code(text: &str) -> Option<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .find(|word| {
            let figures = word.strip_prefix('Y').unwrap_or("");
            (4..=9).contains(&figures.len()) && figures.bytes().all(|byte| byte.is_ascii_digit())
        })
        .map(str::to_owned)
}

/// What may be shown and logged of a code that came through the browser.
pub(super) fn quotable(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        .take(40)
        .collect()
}

/// The path when it stays on the site, the home page otherwise.
pub(super) fn local_path(text: &str) -> String {
    let local = text.starts_with('/')
        && !text.starts_with("//")
        && text.len() <= 2000
        && text.chars().all(|c| !c.is_control() && c != '\\');
    if local { text } else { "/" }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(error: &str, description: &str, expected: Stop) {
        let callback = Callback {
            error: Some(error.to_owned()),
            error_description: Some(description.to_owned()),
            ..Callback::default()
        };
        assert_eq!(callback.stop(), Some(expected), "{error} {description}");
    }

    #[test]
    fn a_refusal_keeps_its_code_and_giving_up_is_no_error() {
        let refused = |code: &str| Stop::Failed(Error::Refused(code.to_owned()));
        check("access_denied", "User auth aborted", Stop::Cancelled);
        check("login_required", "", Stop::SignInNeeded);
        check("Y000400", "", refused("Y000400"));
        check("server_error", "Une erreur (code Y500006).", refused("Y500006"));
        check("access_denied", "Y500015: refus", refused("Y500015"));
        check(
            "<script>alert(1)</script>",
            "Y1 Yves",
            refused("scriptalert1script"),
        );
        assert_eq!(Callback::default().stop(), None);
    }

    #[test]
    fn only_paths_of_the_site_are_kept() {
        for (asked, kept) in [
            ("/moderation?page=2", "/moderation?page=2"),
            ("//ailleurs.fr", "/"),
            ("/\\ailleurs.fr", "/"),
            ("https://ailleurs.fr", "/"),
            ("/\tmoderation", "/"),
            ("", "/"),
        ] {
            assert_eq!(local_path(asked), kept, "{asked}");
        }
    }

    #[test]
    fn what_is_kept_never_prints() {
        let pending = Pending {
            provider: "p".to_owned(),
            issuer: "https://p".to_owned(),
            redirect_uri: String::new(),
            state: "secret-a".to_owned(),
            nonce: "secret-b".to_owned(),
            verifier: Some("secret-c".to_owned()),
            second_factor: false,
            then: "/".to_owned(),
        };
        assert!(!format!("{pending:?}").contains("secret-"));
        let text = serde_json::to_string(&pending).unwrap();
        assert_eq!(serde_json::from_str::<Pending>(&text).unwrap(), pending);
    }
}
