//! Every table of the product, with the statements that read them: copies and checks go through this one list.

mod catalogue;
mod contributions;
mod entries;
mod instruments;
mod people;
mod personal;
mod purchases;
mod site;

/// How a column is read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Number,
    Real,
    Bytes,
}

/// A table, with the statement that reads it.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [(&'static str, Kind)],
    select: &'static str,
    /// Empties what the migrations put in, where they did.
    clear: Option<&'static str>,
}

impl Table {
    /// Reads every row.
    pub(crate) const fn select(&self) -> &'static str {
        self.select
    }

    /// Empties what the migrations put in, where they did.
    pub(crate) const fn clear(&self) -> Option<&'static str> {
        self.clear
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
