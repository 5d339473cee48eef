//! Every table of the product, with the statement that reads it: copies and checks go through this one list.

mod catalogue;
mod contributions;
mod entries;
mod instruments;
mod people;
mod personal;
mod purchases;
mod site;

use crate::sql::Sql;

/// How a column is read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Number,
    Real,
    Bytes,
}

/// A table, with its columns in the order in which they are read.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [(&'static str, Kind)],
}

/// The table in which migrations put rows.
const SEEDED: &str = "meta";

impl Table {
    /// The names of its columns.
    pub(crate) fn column_names(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|(name, _)| *name)
    }

    /// Reads every row.
    pub(crate) fn select(&self) -> Sql {
        let mut statement = Sql::new("SELECT ");
        for (place, column) in self.column_names().enumerate() {
            statement = statement.push(if place > 0 { ", " } else { "" }).push(column);
        }
        statement.push(" FROM ").push(self.name)
    }

    /// Empties what the migrations put in, where they did.
    pub(crate) fn clear(&self) -> Option<Sql> {
        (self.name == SEEDED).then(|| Sql::new("DELETE FROM ").push(self.name))
    }
}

/// The subjects, those that others refer to first.
const SUBJECTS: &[&[Table]] = &[
    catalogue::TABLES,
    people::TABLES,
    site::TABLES,
    contributions::TABLES,
    personal::TABLES,
    instruments::TABLES,
    entries::TABLES,
    purchases::TABLES,
];

/// Every table, those that others refer to first.
pub(crate) fn tables() -> impl Iterator<Item = &'static Table> {
    SUBJECTS.iter().copied().flatten()
}
