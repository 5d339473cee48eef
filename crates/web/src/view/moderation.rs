//! The queue of moderators and the page of one contribution.

use askama::Template;

use super::form::{Control, FormError, FormField, FormOption};
use super::library::Link;
use super::record::FileLine;
use super::{Layout, Pagination};

/// One line of the queue.
#[derive(Debug, Clone)]
pub struct QueueRow {
    /// Identifier.
    pub id: String,
    /// Title.
    pub title: String,
    /// Its page.
    pub href: String,
    /// Carrier.
    pub organisation: String,
    /// New record, new version, import…
    pub nature: String,
    /// Theme.
    pub theme: String,
    /// Where it stands.
    pub status: String,
    /// How many repairs of the import wait for a decision.
    pub repairs: u64,
    /// How long it has waited.
    pub age: String,
    /// Whether that is longer than announced.
    pub late: bool,
    /// Whether it can be confirmed with others at once.
    pub can_confirm: bool,
}

/// The queue.
#[derive(Debug, Clone, Template)]
#[template(path = "queue.html")]
pub struct QueuePage {
    /// Frame.
    pub layout: Layout,
    /// Pages of the space.
    pub menu: Vec<Link>,
    /// What was just done.
    pub notice: Option<String>,
    /// What waits, in words.
    pub figures: Vec<String>,
    /// States to choose from.
    pub states: Vec<FormOption>,
    /// Themes to choose from.
    pub themes: Vec<FormOption>,
    /// What else waits: addresses, repairs, logos.
    pub others: Vec<Link>,
    /// Assessments and roadmaps that wait for a reader too.
    pub assessments: Vec<Link>,
    /// Lines.
    pub rows: Vec<QueueRow>,
    /// Whether some lines can be confirmed at once.
    pub can_confirm: bool,
    /// Token of the session.
    pub csrf: String,
    /// Pages.
    pub pagination: Pagination,
}

/// A stretch of a compared text.
#[derive(Debug, Clone)]
pub struct Stretch {
    /// The text.
    pub text: String,
    /// Whether it is in the former text only.
    pub removed: bool,
    /// Whether it is in the new text only.
    pub added: bool,
}

impl Stretch {
    /// In both texts.
    pub fn same(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            removed: false,
            added: false,
        }
    }

    /// In the former text only.
    pub fn removed(text: &str) -> Self {
        Self {
            removed: true,
            ..Self::same(text)
        }
    }

    /// In the new text only.
    pub fn added(text: &str) -> Self {
        Self {
            added: true,
            ..Self::same(text)
        }
    }
}

/// A field that differs.
#[derive(Debug, Clone)]
pub struct DiffRow {
    /// Label.
    pub label: String,
    /// Identifier.
    pub field: String,
    /// Who reads it.
    pub readers: String,
    /// Added, removed, changed.
    pub kind: String,
    /// Former value in words.
    pub before: String,
    /// New value in words.
    pub after: String,
    /// Word by word, for texts.
    pub words: Vec<Stretch>,
}

/// What an import mended or doubts, to be accepted or refused.
#[derive(Debug, Clone)]
pub struct RepairRow {
    /// Label of the field.
    pub label: String,
    /// Where it comes from.
    pub origin: String,
    /// What the source says.
    pub found: String,
    /// What is proposed; blank when the answer is to be left empty.
    pub proposed: String,
    /// What becomes of the form when it is refused, in words.
    pub otherwise: String,
    /// Its place, sent with the decision.
    pub place: u32,
    /// What was decided, by whom and when; none while it waits.
    pub decided: Option<String>,
}

/// What an import mended or doubts in a record that it published by itself.
#[derive(Debug, Clone, Template)]
#[template(path = "repairs.html")]
pub struct RepairsPage {
    /// Frame.
    pub layout: Layout,
    /// Pages of the space.
    pub menu: Vec<Link>,
    /// Title.
    pub title: String,
    /// What it is about.
    pub facts: Vec<String>,
    /// What is wrong.
    pub errors: Vec<FormError>,
    /// What was just done.
    pub notice: Option<String>,
    /// The public page.
    pub current: String,
    /// The other records.
    pub list: &'static str,
    /// The repairs.
    pub repairs: Vec<RepairRow>,
    /// Where decisions are sent.
    pub repair_action: String,
    /// The version of the record that the page was made from.
    pub version: u32,
    /// Token of the session.
    pub csrf: String,
}

/// A decision with what it asks for.
#[derive(Debug, Clone)]
pub struct DecisionForm {
    /// Where it is sent.
    pub action: String,
    /// Heading; blank for none.
    pub title: String,
    /// Token of the session.
    pub csrf: String,
    /// Fields sent as they are.
    pub hidden: Vec<(String, String)>,
    /// Fields.
    pub fields: Vec<FormField>,
    /// Label of the button.
    pub submit: String,
    /// Whether the button is discreet.
    pub quiet: bool,
}

/// One contribution.
#[derive(Debug, Clone, Template)]
#[template(path = "review.html")]
pub struct ReviewPage {
    /// Frame.
    pub layout: Layout,
    /// Pages of the space.
    pub menu: Vec<Link>,
    /// Title.
    pub title: String,
    /// What is wrong.
    pub errors: Vec<FormError>,
    /// Where it stands, from whom, since when.
    pub facts: Vec<String>,
    /// What its author answered.
    pub statement: String,
    /// What it asks for.
    pub kind: String,
    /// Whether a public version exists.
    pub is_update: bool,
    /// The public page.
    pub current: Option<String>,
    /// The page as everybody would read it.
    pub preview: String,
    /// What keeps it from being published, and doubts.
    pub findings: Vec<String>,
    /// What is known of its addresses.
    pub links: Vec<String>,
    /// What an import mended or doubts.
    pub repairs: Vec<RepairRow>,
    /// Where decisions about repairs are sent; blank while they cannot be decided.
    pub repair_action: String,
    /// The version of the contribution that the page was made from.
    pub version: u32,
    /// What was just done.
    pub notice: Option<String>,
    /// Records that look like it.
    pub alike: Vec<Link>,
    /// What was asked before.
    pub comments: Vec<String>,
    /// What the author changed since the last time; nothing the first time.
    pub renewed: Option<String>,
    /// Files that come, stay or go: what becomes of each, and the file.
    pub files: Vec<(String, FileLine)>,
    /// Fields that differ.
    pub rows: Vec<DiffRow>,
    /// Token of the session.
    pub csrf: String,
    /// What can be decided.
    pub decisions: Vec<DecisionForm>,
}
