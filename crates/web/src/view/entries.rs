//! Records besides use cases: their lists, the page of one, and links between records.

use askama::Template;

use crate::view::form::FormOption;
use crate::view::layout::Layout;
use crate::view::library::{EmptyState, Link, Tab};
use crate::view::pagination::Pagination;
use crate::view::record::{Fact, FileLine};
use crate::view::rich_text::RichText;
use crate::view::theme::ThemeBadge;

/// A record at the other end of a link.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkedRecord {
    /// Title.
    pub title: String,
    /// Its page.
    pub href: String,
    /// What it is, or who carries it.
    pub what: String,
    /// A remark; may be blank.
    pub note: String,
}

/// Records with which the link says the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Relation {
    /// "S’inspire de".
    pub label: String,
    /// The records.
    pub records: Vec<LinkedRecord>,
}

/// An entry in a list.
#[derive(Debug, Clone, Default)]
pub struct EntryCard {
    /// Title.
    pub title: String,
    /// Its page.
    pub href: String,
    /// What stands above the title: the carrier, or the day of a meeting.
    pub over: String,
    /// Text.
    pub summary: String,
    /// Kind, licence, number of users…
    pub facts: Vec<String>,
    /// Theme.
    pub theme: Option<ThemeBadge>,
    /// Said aloud: "Annulé".
    pub warning: String,
}

/// Entries under a heading.
#[derive(Debug, Clone, Default)]
pub struct EntryGroup {
    /// Heading; blank for none.
    pub title: String,
    /// Entries.
    pub cards: Vec<EntryCard>,
}

/// A list of entries.
#[derive(Debug, Clone, Template)]
#[template(path = "entries.html", whitespace = "minimize")]
pub struct EntriesPage {
    /// Frame.
    pub layout: Layout,
    /// Title.
    pub title: String,
    /// What the page is for.
    pub lead: String,
    /// Number of entries, formatted.
    pub total: String,
    /// What follows the number.
    pub total_label: String,
    /// The lists beside this one.
    pub tabs: Vec<Tab>,
    /// Where the search is sent.
    pub action: String,
    /// Text searched.
    pub query: String,
    /// Kinds to choose from; blank when the list has none.
    pub kinds: Vec<FormOption>,
    /// Themes to choose from; blank when the list has none.
    pub themes: Vec<FormOption>,
    /// Entries.
    pub groups: Vec<EntryGroup>,
    /// Said when there is none.
    pub empty: EmptyState,
    /// Other pages.
    pub pagination: Pagination,
    /// The list in other forms; how to add to it.
    pub links: Vec<Link>,
}

impl EntriesPage {
    /// Whether nothing answers.
    pub fn is_empty(&self) -> bool {
        self.groups.iter().all(|group| group.cards.is_empty())
    }
}

/// A use case made with a solution.
#[derive(Debug, Clone, Default)]
pub struct UserRow {
    /// Title.
    pub title: String,
    /// Its page.
    pub href: String,
    /// Carrier.
    pub organisation: String,
    /// Theme, in words.
    pub theme: String,
    /// How far it has come, in words.
    pub maturity: String,
    /// How it is known: a link that was read, or the same name in the record.
    pub how: String,
}

/// A form of one button.
#[derive(Debug, Clone, Default)]
pub struct EntryAct {
    /// Where it is sent.
    pub action: String,
    /// Fields that are sent as they are.
    pub hidden: Vec<(String, String)>,
    /// Label of the button.
    pub label: String,
}

/// The page of an entry.
#[derive(Debug, Clone, Template)]
#[template(path = "entry.html", whitespace = "minimize")]
pub struct EntryPage {
    /// Frame.
    pub layout: Layout,
    /// Kind: "Charte".
    pub kind: String,
    /// Carrier.
    pub carrier: Option<Link>,
    /// Title.
    pub title: String,
    /// One or two sentences.
    pub summary: String,
    /// Theme.
    pub theme: Option<ThemeBadge>,
    /// Said above everything: a meeting was called off.
    pub notice: Option<String>,
    /// Text.
    pub description: RichText,
    /// Address given, with its words.
    pub website: Option<Link>,
    /// Linked records.
    pub relations: Vec<Relation>,
    /// Use cases made with it.
    pub users: Vec<UserRow>,
    /// What the table of use cases is: its caption.
    pub users_caption: String,
    /// Labels of what members would read beyond.
    pub members_only: Vec<String>,
    /// Files.
    pub files: Vec<FileLine>,
    /// Facts of the side column.
    pub facts: Vec<Fact>,
    /// The entry in other forms.
    pub formats: Vec<Link>,
    /// What else to do.
    pub further: Vec<Link>,
    /// What moderators may do.
    pub acts: Vec<EntryAct>,
    /// Token of the session.
    pub csrf: String,
    /// "Version 2 du 3 mars 2026, sous Licence Ouverte 2.0."
    pub provenance: String,
}
