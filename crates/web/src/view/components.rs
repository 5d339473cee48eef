//! The page that shows every component, for the next person who builds one.

use askama::Template;

use crate::view::card::Card;
use crate::view::chart::BarChart;
use crate::view::filters::{Chip, FacetGroup};
use crate::view::layout::Layout;
use crate::view::library::Tab;
use crate::view::pagination::Pagination;
use crate::view::theme::ThemeBadge;

/// The page of components.
#[derive(Debug, Clone, Template)]
#[template(path = "components.html", whitespace = "minimize")]
pub struct ComponentsPage {
    /// Frame.
    pub layout: Layout,
    /// Themes, with colour and letter.
    pub themes: Vec<ThemeBadge>,
    /// Example of cards.
    pub cards: Vec<Card>,
    /// Example of filters.
    pub group: FacetGroup,
    /// Example of chips.
    pub chips: Vec<Chip>,
    /// Example of tabs.
    pub tabs: Vec<Tab>,
    /// Example of pagination.
    pub pagination: Pagination,
    /// Example of a chart.
    pub chart: BarChart,
}
