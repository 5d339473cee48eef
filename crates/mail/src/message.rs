//! What is said, before it is put on its way.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A message, ready to be put on its way.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Subject, on one line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same in HTML, without image nor tracker.
    pub html: String,
    /// Where answers go, when not to the operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// Address that takes one off a mailing by one POST.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsubscribe: Option<String>,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}
