//! What pages print: plain values made ready by the routes, and the templates that lay them out.
//!
//! A view holds words, never numbers to format nor rules to apply.
//! Each page is a struct that implements `askama::Template`; each has a [`Layout`] and its own parts.

pub mod card;
pub mod chart;
pub mod components;
pub mod data;
pub mod data_model;
pub mod embed;
pub mod entries;
pub mod error_page;
pub mod estimate;
pub mod evaluation;
pub mod filters;
pub mod form;
pub mod govern;
pub mod home;
pub mod language;
pub mod layout;
pub mod library;
pub mod log;
pub mod map;
pub mod moderation;
pub mod organisations;
pub mod pagination;
pub mod personal;
pub mod plot;
pub mod prose;
pub mod range_chart;
pub mod record;
pub mod reference_table;
pub mod rich_text;
pub mod roadmap;
pub mod scenarios;
pub mod space;
pub mod table;
pub mod theme;

#[cfg(test)]
mod contrast;

pub use card::{Card, Maturity};
pub use chart::{Bar, BarChart};
pub use components::ComponentsPage;
pub use data::{DataPage, Download};
pub use data_model::{DataModelPage, ModelCategory, ModelField};
pub use error_page::ErrorPage;
pub use filters::{Chip, FacetGroup, FacetOption, Filters, TextFilter, YearFilter};
pub use form::{Control, FormBlock, FormError, FormField, FormOption, FormPage};
pub use home::{Door, Figure, HomePage, ThemeCount};
pub use layout::{AssetPaths, Crumb, Layout, Place, SiteIdentity};
pub use library::{Choice, EmptyState, LibraryPage, Link, Results, Tab};
pub use map::{MapEntry, MapProject, MapView, Marker};
pub use organisations::{OrganisationPage, OrganisationRow, OrganisationsPage};
pub use pagination::Pagination;
pub use prose::{PaperLine, ProsePage, ProseSection, ProseTable, StateGrid};
pub use record::{Fact, Item, ItemBody, RecordPage, Revision, Section};
pub use rich_text::RichText;
pub use table::{Column, ColumnChoice, Row, TableView};
pub use theme::ThemeBadge;

/// A text cut in pieces; `true` marks the pieces that answer the search.
pub type Marked = Vec<(String, bool)>;

/// A text without any mark.
pub fn plain(text: impl Into<String>) -> Marked {
    vec![(text.into(), false)]
}
