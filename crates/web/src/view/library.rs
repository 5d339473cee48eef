//! The library: one search, three ways of looking at its results.

use askama::Template;

use crate::view::card::Card;
use crate::view::filters::Filters;
use crate::view::layout::Layout;
use crate::view::map::MapView;
use crate::view::pagination::Pagination;
use crate::view::table::TableView;

/// A link and its words.
#[derive(Debug, Clone, Default)]
pub struct Link {
    /// Words, or the media type for an alternate form of the page.
    pub label: String,
    /// Address.
    pub href: String,
}

impl Link {
    /// A link from its words and its address.
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            href: href.into(),
        }
    }
}

/// One way of looking at the results.
#[derive(Debug, Clone, Default)]
pub struct Tab {
    /// "Fiches", "Tableau", "Carte".
    pub label: String,
    /// Address of the same search seen this way.
    pub href: String,
    /// Whether it is the one shown.
    pub current: bool,
}

/// One value of a list of choices.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Value in the address.
    pub value: String,
    /// Label.
    pub label: String,
    /// Whether it is the one in force.
    pub selected: bool,
}

/// What a reader can do when nothing answers.
#[derive(Debug, Clone, Default)]
pub struct EmptyState {
    /// What happened: "Aucun projet ne répond à cette recherche."
    pub what: String,
    /// Why, when it is known.
    pub why: String,
    /// Next steps.
    pub steps: Vec<Link>,
}

/// The results, as the reader looks at them.
#[derive(Debug, Clone)]
pub enum Results {
    /// Cards.
    Cards(Vec<Card>),
    /// Table.
    Table(TableView),
    /// Map and list.
    Map(MapView),
    /// Nothing answers.
    Empty(EmptyState),
}

/// The library.
#[derive(Debug, Clone, Template)]
#[template(path = "library.html", whitespace = "minimize")]
pub struct LibraryPage {
    /// Frame.
    pub layout: Layout,
    /// Number of projects that answer, formatted.
    pub total: String,
    /// What follows the number: "projets" or "projets sur 60".
    pub total_label: String,
    /// Search and filters.
    pub filters: Filters,
    /// Ways of looking.
    pub tabs: Vec<Tab>,
    /// Orders; empty when the view has none.
    pub sorts: Vec<Choice>,
    /// The nearest words that answer: "Essayez avec « fuites »".
    pub did_you_mean: Option<Link>,
    /// Results.
    pub results: Results,
    /// Other pages.
    pub pagination: Pagination,
    /// These results in other formats: "CSV", "Excel"…
    pub downloads: Vec<Link>,
    /// Feed of the same search.
    pub feed: Option<String>,
    /// How to show the same search in a page of another site.
    pub embed: Option<String>,
    /// Where the search is kept under a name.
    pub keep: String,
}
