//! E-mail: messages made of plain text and HTML, and the transports that take them away.
//!
//! Invariants: a header never holds what a person typed unless it was encoded by the library; addresses never print,
//! not even those that a mail server repeats in its answers.

mod error;
mod message;
mod settings;
mod transport;

pub use error::MailError;
pub use message::Message;
pub use settings::{Security, Settings, Way};
pub use transport::Transport;
