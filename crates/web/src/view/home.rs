//! The home page.

use askama::Template;

use crate::view::card::Card;
use crate::view::layout::Layout;
use crate::view::library::Link;
use crate::view::map::MapView;
use crate::view::theme::ThemeBadge;

/// A live figure.
#[derive(Debug, Clone, Default)]
pub struct Figure {
    /// Value, formatted.
    pub value: String,
    /// What it counts.
    pub label: String,
    /// Where the detail is.
    pub href: String,
}

/// A way in: one thing to do here, with one figure.
#[derive(Debug, Clone, Default)]
pub struct Door {
    /// "Partager".
    pub title: String,
    /// One line.
    pub text: String,
    /// Its live figure; blank when there is nothing to count yet.
    pub count: String,
    /// What is counted.
    pub counted: String,
    /// Words of the link.
    pub action: String,
    /// Address.
    pub href: String,
}

/// A theme with its number of projects.
#[derive(Debug, Clone, Default)]
pub struct ThemeCount {
    /// Theme.
    pub theme: ThemeBadge,
    /// Number of projects, formatted.
    pub count: String,
    /// Length of the bar in hundredths of the longest.
    pub share: u32,
    /// Address of the library with this theme.
    pub href: String,
}

/// The home page.
#[derive(Debug, Clone, Template)]
#[template(path = "home.html", whitespace = "minimize")]
pub struct HomePage {
    /// Frame.
    pub layout: Layout,
    /// One sentence that says what this is.
    pub promise: String,
    /// Who it is for and who makes it, in one or two sentences.
    pub lead: String,
    /// Searches to try.
    pub examples: Vec<Link>,
    /// Live figures.
    pub figures: Vec<Figure>,
    /// Ways in; none is shown for what does not exist.
    pub doors: Vec<Door>,
    /// Latest cards, at most six.
    pub latest: Vec<Card>,
    /// Small map; its list is left to the library.
    pub map: MapView,
    /// Themes.
    pub themes: Vec<ThemeCount>,
}
