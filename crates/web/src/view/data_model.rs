//! The data model: every field, as the code declares it.

use askama::Template;

use crate::view::layout::Layout;
use crate::view::library::Link;

/// One field.
#[derive(Debug, Clone, Default)]
pub struct ModelField {
    /// French label.
    pub label: String,
    /// English identifier, and anchor.
    pub id: String,
    /// Name of the column.
    pub column: String,
    /// Type, in words: "liste de codes".
    pub kind: String,
    /// When it must be filled: "pour proposer".
    pub required: String,
    /// Intent and form.
    pub description: String,
    /// Who may read it: "Publique".
    pub access: String,
    /// Values of the vocabulary, with their codes; folded.
    pub values: Vec<(String, String)>,
}

/// The fields of one category.
#[derive(Debug, Clone, Default)]
pub struct ModelCategory {
    /// Anchor.
    pub id: String,
    /// Title.
    pub title: String,
    /// Fields.
    pub fields: Vec<ModelField>,
}

/// The data model.
#[derive(Debug, Clone, Template)]
#[template(path = "data_model.html", whitespace = "minimize")]
pub struct DataModelPage {
    /// Frame.
    pub layout: Layout,
    /// "58 champs, dont 21 publics. Version 1.0."
    pub lead: String,
    /// Categories.
    pub categories: Vec<ModelCategory>,
    /// Schemas and templates to download.
    pub downloads: Vec<Link>,
}
