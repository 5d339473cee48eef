//! One reference table: where it comes from, its rows, its downloads.

use askama::Template;

use crate::view::layout::Layout;
use crate::view::library::Link;
use crate::view::pagination::Pagination;
use crate::view::record::Fact;

/// A column.
#[derive(Debug, Clone, Default)]
pub struct Column {
    /// Label with its unit.
    pub label: &'static str,
    /// Whether it holds figures, set flush right.
    pub numeric: bool,
}

/// A cell.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    /// Text, formatted; a dash when there is none.
    pub text: String,
    /// Whether it is a figure.
    pub numeric: bool,
    /// Whether it names the row.
    pub head: bool,
}

/// The page of a table.
#[derive(Debug, Clone, Template)]
#[template(path = "reference_table.html", whitespace = "minimize")]
pub struct ReferenceTablePage {
    /// Frame.
    pub layout: Layout,
    /// Title.
    pub title: &'static str,
    /// What the table is for.
    pub lead: &'static str,
    /// Source, year, licence, edition.
    pub facts: Vec<Fact>,
    /// The whole table as files.
    pub downloads: Vec<Link>,
    /// Address of the page without filter.
    pub action: String,
    /// Words searched.
    pub search: String,
    /// "12 lignes sur 351 contiennent « gpt ». Lignes 1 à 12."
    pub caption: String,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows of this page.
    pub rows: Vec<Vec<Cell>>,
    /// The other pages.
    pub pagination: Pagination,
}
