//! What people keep: lists of records, folders, saved searches, and the comparison of records.

use askama::Template;

use super::library::Link;
use super::{Control, FormBlock, FormError, Layout, Pagination, ThemeBadge};

/// A button that sends one thing.
#[derive(Debug, Clone, Default)]
pub struct Button {
    /// Where it is sent.
    pub action: String,
    /// What is sent beside the token.
    pub fields: Vec<(&'static str, String)>,
    /// What is read.
    pub label: String,
}

/// What somebody who signed in may do to find a record again.
#[derive(Debug, Clone, Default)]
pub struct Keep {
    /// Lists to put it on, or to take it off.
    pub buttons: Vec<Button>,
    /// Where it is filed in folders.
    pub file: Option<Link>,
}

/// The organisations that use what a record describes, beside its carrier.
#[derive(Debug, Clone, Default)]
pub struct Users {
    /// "3 organisations l’utilisent aussi".
    pub count: String,
    /// Their names, in one line.
    pub names: String,
    /// What one may declare or take back.
    pub buttons: Vec<Button>,
}

impl Users {
    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.count.is_empty() && self.buttons.is_empty()
    }
}

/// A record in a list.
#[derive(Debug, Clone, Default)]
pub struct KeptRecord {
    /// Address part.
    pub slug: String,
    /// Title.
    pub title: String,
    /// Its page.
    pub href: String,
    /// Carrier.
    pub organisation: String,
    /// Theme.
    pub theme: Option<ThemeBadge>,
    /// How far it has come, and what is doubtful.
    pub state: String,
}

/// A list of records, from which some can be compared.
#[derive(Debug, Clone, Template)]
#[template(path = "kept.html")]
pub struct KeptPage {
    /// Frame.
    pub layout: Layout,
    /// Title.
    pub title: String,
    /// What the page is for.
    pub lead: String,
    /// What was just done.
    pub notice: Option<String>,
    /// What is wrong.
    pub errors: Vec<FormError>,
    /// Pages of the space; none on a page that others read.
    pub menu: Vec<Link>,
    /// The page of the menu that this one belongs to.
    pub here: String,
    /// Caption of the table.
    pub caption: String,
    /// The records.
    pub records: Vec<KeptRecord>,
    /// What is said when there is none.
    pub empty: String,
    /// Where the chosen records are sent.
    pub action: String,
    /// Whether the reader owns the list: it is then posted, with buttons to take records off.
    pub owned: bool,
    /// Token of the session.
    pub csrf: String,
    /// Other pages.
    pub pagination: Pagination,
    /// Forms after the list.
    pub blocks: Vec<FormBlock>,
}

impl KeptPage {
    /// Lists what is wrong in the fields at the top.
    pub fn gather_errors(&mut self) {
        let found = self.blocks.iter().flat_map(FormBlock::errors);
        self.errors.extend(found.collect::<Vec<_>>());
    }
}

/// A project that is compared: the head of its column.
#[derive(Debug, Clone, Default)]
pub struct Compared {
    /// Address part.
    pub slug: String,
    /// Title.
    pub title: String,
    /// Its page.
    pub href: String,
    /// Carrier.
    pub organisation: String,
    /// The same comparison without it.
    pub without: String,
}

/// A line of the comparison.
#[derive(Debug, Clone, Default)]
pub struct ComparedRow {
    /// Name of the field.
    pub label: String,
    /// Whether the projects do not all say the same.
    pub differs: bool,
    /// What each project says.
    pub cells: Vec<String>,
}

/// Projects side by side.
#[derive(Debug, Clone, Template)]
#[template(path = "compare.html", whitespace = "minimize")]
pub struct ComparePage {
    /// Frame.
    pub layout: Layout,
    /// What one should know: a record that is gone, too many of them.
    pub notices: Vec<String>,
    /// The projects.
    pub columns: Vec<Compared>,
    /// Caption of the table.
    pub caption: String,
    /// The lines.
    pub rows: Vec<ComparedRow>,
    /// Shows or hides what is the same.
    pub toggle: Option<Link>,
    /// Whether only differences are shown.
    pub only_differences: bool,
    /// Whether there is room for another project.
    pub can_add: bool,
    /// What the proposals are, or that there is none.
    pub proposed: String,
    /// Projects to add, each with the address of the comparison that holds it.
    pub proposals: Vec<Link>,
    /// What was searched to be added.
    pub added: String,
}
