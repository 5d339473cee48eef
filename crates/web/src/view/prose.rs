//! Pages of text: context, help, legal pages, site map.

use askama::Template;

use crate::view::layout::Layout;
use crate::view::library::Link;
use crate::view::rich_text::RichText;

/// A small table in a page of text.
#[derive(Debug, Clone, Default)]
pub struct ProseTable {
    /// Caption.
    pub caption: String,
    /// Headers of columns.
    pub headers: Vec<String>,
    /// Rows; the first cell of each is its header.
    pub rows: Vec<Vec<String>>,
}

/// A table whose cells say a state, in words and in colour.
#[derive(Debug, Clone, Default)]
pub struct StateGrid {
    /// Caption.
    pub caption: String,
    /// Headers of columns.
    pub headers: Vec<String>,
    /// Rows: header, then words and code of each cell.
    pub rows: Vec<(String, Vec<(String, &'static str)>)>,
}

/// One part of a page of text.
#[derive(Debug, Clone, Default)]
pub struct ProseSection {
    /// Anchor.
    pub id: String,
    /// Title.
    pub title: String,
    /// Text.
    pub text: RichText,
    /// Links, as a list.
    pub links: Vec<Link>,
    /// Documents, one a line.
    pub papers: Vec<PaperLine>,
    /// Summary under which the table is folded; blank when it is in view.
    pub fold: String,
    /// Table.
    pub table: Option<ProseTable>,
    /// Where the first cell of each row of the table leads; blank or absent for nowhere.
    pub row_links: Vec<String>,
    /// Table of states.
    pub grid: Option<StateGrid>,
    /// Bars with their table.
    pub chart: Option<crate::view::chart::BarChart>,
    /// Ranges with their table.
    pub ranges: Option<crate::view::range_chart::RangeChart>,
}

impl ProseSection {
    /// Where the first cell of a row leads.
    pub fn row_link(&self, row: &usize) -> Option<&str> {
        self.row_links
            .get(*row)
            .map(String::as_str)
            .filter(|href| !href.is_empty())
    }

    /// A part with a title and a text in the small markup of [`RichText`].
    pub fn new(id: &str, title: &str, text: &str) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            text: RichText::parse(text),
            ..Self::default()
        }
    }

    /// Whether it takes the whole width.
    pub fn is_wide(&self) -> bool {
        self.chart.is_some() || self.table.is_some() || self.grid.is_some() || self.ranges.is_some()
    }
}

/// A document with the forms in which it can be had.
#[derive(Debug, Clone, Default)]
pub struct PaperLine {
    /// Its name.
    pub label: String,
    /// What is in it.
    pub note: String,
    /// Its forms: "ODT", "DOCX".
    pub links: Vec<Link>,
}

/// A page of text.
#[derive(Debug, Clone, Template)]
#[template(path = "prose.html", whitespace = "minimize")]
pub struct ProsePage {
    /// Frame.
    pub layout: Layout,
    /// Title.
    pub title: String,
    /// One or two sentences under the title; may be blank.
    pub lead: String,
    /// Said above everything, when something is missing.
    pub notice: Option<String>,
    /// Parts; a summary of them is shown from the fourth on.
    pub sections: Vec<ProseSection>,
    /// Foot: "Déclaration établie le 12 mars 2026."
    pub foot: String,
}
