//! Organisations: their list, and the page of one.

use askama::Template;

use crate::view::card::Card;
use crate::view::layout::Layout;
use crate::view::library::EmptyState;
use crate::view::map::Marker;
use crate::view::pagination::Pagination;
use crate::view::record::Fact;

/// One organisation in the list.
#[derive(Debug, Clone, Default)]
pub struct OrganisationRow {
    /// Name.
    pub name: String,
    /// Address of its page.
    pub href: String,
    /// Kind.
    pub kind: String,
    /// Département, or a dash.
    pub departement: String,
    /// Population, formatted, or a dash.
    pub population: String,
    /// Number of projects, formatted.
    pub projects: String,
}

/// The list of organisations.
#[derive(Debug, Clone, Template)]
#[template(path = "organisations.html", whitespace = "minimize")]
pub struct OrganisationsPage {
    /// Frame.
    pub layout: Layout,
    /// Number of organisations, formatted.
    pub total: String,
    /// What follows the number: "organisations".
    pub total_label: String,
    /// Text searched.
    pub query: String,
    /// Organisations.
    pub rows: Vec<OrganisationRow>,
    /// Said when there is none.
    pub empty: EmptyState,
    /// Other pages.
    pub pagination: Pagination,
}

/// The page of an organisation.
#[derive(Debug, Clone, Template)]
#[template(path = "organisation.html", whitespace = "minimize")]
pub struct OrganisationPage {
    /// Frame.
    pub layout: Layout,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: String,
    /// Two letters that stand for a logo.
    pub monogram: String,
    /// The logo: address, what it shows, width and height; none when two letters stand for it.
    pub logo: Option<(String, String, u32, u32)>,
    /// Other names, in one sentence; may be blank.
    pub aliases: String,
    /// Facts.
    pub facts: Vec<Fact>,
    /// Where it is, when it can be placed.
    pub marker: Option<Marker>,
    /// Part of the base map that is shown.
    pub marker_view_box: String,
    /// Place in words.
    pub place: String,
    /// "4 projets".
    pub count: String,
    /// Its projects.
    pub cards: Vec<Card>,
    /// The same projects in the library, when the page does not show them all.
    pub all_href: Option<String>,
}
