//! What the site writes to people.

use sobria_catalogue::account::Email;
use sobria_catalogue::workflow::{Case, Event};

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
    /// A link that confirms the address of somebody who writes about a record.
    ConfirmMessage {
        /// The link.
        link: String,
        /// Title of the record.
        title: String,
    },
    /// A message to the carrier of a record.
    Relay {
        /// Title of the record.
        title: String,
        /// Its page.
        href: String,
        /// Who writes.
        name: String,
        /// Where to answer.
        reply_to: Email,
        /// What is written.
        text: String,
    },
    /// A copy for the sender of a message.
    MessageSent {
        /// Title of the record.
        title: String,
        /// Its page.
        href: String,
        /// Number of the message.
        receipt: String,
        /// What was written.
        text: String,
    },
    /// Something is said to be wrong in a record: for moderators.
    Reported {
        /// Title of the record.
        title: String,
        /// The page of reports.
        href: String,
        /// What is written.
        text: String,
    },
    /// What moderators answer to a report.
    ReportAnswered {
        /// Number of the report.
        receipt: String,
        /// What was written.
        text: String,
        /// What is answered.
        answer: String,
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

/// Tells those concerned what became of a contribution.
///
/// # Errors
/// When the database does not answer.
pub async fn about(_app: &App, _case: &Case, _event: Event) -> Result<(), WebError> {
    Ok(())
}
