//! The table of the library.

use crate::view::Marked;
use crate::view::theme::ThemeBadge;

/// One column of the table.
#[derive(Debug, Clone, Default)]
pub struct Column {
    /// Label.
    pub label: String,
    /// Address of the list sorted by the column, when it can be.
    pub sort_href: Option<String>,
    /// `ascending` or `descending` when the list is sorted by it.
    pub sorted: Option<String>,
    /// Whether it holds figures, set flush right.
    pub numeric: bool,
}

/// One column that the reader may show or hide.
#[derive(Debug, Clone, Default)]
pub struct ColumnChoice {
    /// Value of the parameter `colonnes`.
    pub value: String,
    /// Label.
    pub label: String,
    /// Whether it is shown.
    pub checked: bool,
}

/// A cell after the title.
#[derive(Debug, Clone, Default)]
pub struct TableCell {
    /// Text; a dash when nothing is known.
    pub text: String,
    /// Letter and colour, for the theme.
    pub theme: Option<ThemeBadge>,
    /// Whether it is a figure.
    pub numeric: bool,
}

impl TableCell {
    /// A cell of text, with a dash when there is none.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            text: if text.is_empty() { "–".to_owned() } else { text },
            ..Self::default()
        }
    }

    /// A cell with a figure already formatted.
    pub fn figure(text: impl Into<String>) -> Self {
        Self {
            numeric: true,
            ..Self::text(text)
        }
    }

    /// A cell with a theme.
    pub fn theme(theme: ThemeBadge) -> Self {
        Self {
            text: theme.label.clone(),
            theme: Some(theme),
            numeric: false,
        }
    }
}

/// One use case; its title is the header of the row.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// Identifier of the record.
    pub id: String,
    /// Address of the record.
    pub href: String,
    /// Title.
    pub title: Marked,
    /// The other cells, in the order of the columns after the first.
    pub cells: Vec<TableCell>,
}

/// The table.
#[derive(Debug, Clone, Default)]
pub struct TableView {
    /// What the table holds, in one sentence.
    pub caption: String,
    /// Columns; the first is the title.
    pub columns: Vec<Column>,
    /// Rows.
    pub rows: Vec<Row>,
    /// Columns to choose from.
    pub choices: Vec<ColumnChoice>,
    /// Parameters that the choice of columns carries along.
    pub hidden: Vec<(String, String)>,
}
