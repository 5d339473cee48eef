//! The space of somebody who signed in.

use askama::Template;

use super::Layout;
use super::library::Link;

/// Something that one writes.
#[derive(Debug, Clone)]
pub struct OwnContribution {
    /// Title.
    pub title: String,
    /// Its page.
    pub href: String,
    /// What the link does: take it up again, follow it.
    pub action: String,
    /// Where it stands.
    pub status: String,
    /// Whether its author must answer.
    pub waits_for_me: bool,
    /// When it last changed.
    pub when: String,
    /// Whether a colleague writes it.
    pub by_colleague: bool,
}

/// A published record of one's organisation.
#[derive(Debug, Clone)]
pub struct OwnRecord {
    /// Title.
    pub title: String,
    /// Its page.
    pub href: String,
    /// Day of the next review; blank when none is due.
    pub due: String,
    /// Whether that day is past.
    pub is_due: bool,
    /// Where "nothing changed" is sent.
    pub confirm: String,
    /// Where a new version is asked for.
    pub modify: String,
}

/// The page.
#[derive(Debug, Clone, Template)]
#[template(path = "space.html")]
pub struct SpacePage {
    /// Frame.
    pub layout: Layout,
    /// First words.
    pub greeting: String,
    /// Pages of the space.
    pub menu: Vec<Link>,
    /// What was just done.
    pub notice: Option<String>,
    /// What is waited for before one can contribute.
    pub waiting: Option<String>,
    /// Whether one can contribute.
    pub can_begin: bool,
    /// Drafts and what was handed in.
    pub contributions: Vec<OwnContribution>,
    /// Published records of one's organisations, those to review first.
    pub records: Vec<OwnRecord>,
    /// Addresses of one's records that do not answer: what is known of each, with the records that hold it.
    pub failing: Vec<(String, Vec<Link>)>,
    /// One's organisations.
    pub organisations: Vec<Link>,
    /// Token of the session.
    pub csrf: String,
}
