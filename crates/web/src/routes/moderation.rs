//! `/moderation`: what waits, and deciding about it.

pub mod links;
pub mod one;
pub mod published;
pub mod queue;
pub mod repairs;

use sobria_catalogue::rights::Role;

use crate::error::WebError;
use crate::session::SignedIn;

/// Refuses anyone but moderators.
///
/// # Errors
/// When the account is no moderator.
fn moderators_only(signed_in: &SignedIn) -> Result<(), WebError> {
    signed_in.at_least(Role::Moderator)
}
