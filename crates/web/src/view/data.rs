//! Downloads, licence and programming interface.

use askama::Template;

use crate::view::layout::Layout;
use crate::view::library::Link;

/// One file to download.
#[derive(Debug, Clone, Default)]
pub struct Download {
    /// "CSV".
    pub format: String,
    /// What it is good for.
    pub description: String,
    /// Address.
    pub href: String,
    /// "48 ko"; a dash when it is not known.
    pub size: String,
    /// "71"; a dash for a file that holds no record.
    pub records: String,
    /// "12 mars 2026".
    pub date: String,
    /// "Licence Ouverte 2.0".
    pub licence: String,
}

/// One address of the programming interface.
#[derive(Debug, Clone, Default)]
pub struct Endpoint {
    /// Method and path.
    pub path: String,
    /// Address to try.
    pub href: String,
    /// What it gives.
    pub description: String,
}

/// One reference table.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Title.
    pub title: &'static str,
    /// Address of its page.
    pub href: String,
    /// "351".
    pub rows: String,
    /// Where the values come from.
    pub source: &'static str,
    /// Year or years of the values.
    pub year: &'static str,
    /// Licence.
    pub licence: &'static str,
    /// "table livrée avec le logiciel".
    pub origin: &'static str,
}

/// A frame for another site.
#[derive(Debug, Clone, Default)]
pub struct Embed {
    /// What to copy.
    pub code: String,
    /// Address of what it shows.
    pub href: String,
}

/// The page of data.
#[derive(Debug, Clone, Template)]
#[template(path = "data.html", whitespace = "minimize")]
pub struct DataPage {
    /// Frame.
    pub layout: Layout,
    /// "21 fiches, mises à jour le 12 mars 2026."
    pub lead: String,
    /// Files.
    pub downloads: Vec<Download>,
    /// Tables that estimates are made from.
    pub tables: Vec<Table>,
    /// Edition of the tables: "2026.1".
    pub edition: String,
    /// What another site copies to show a search in a frame; none when frames are closed.
    pub embed: Option<Embed>,
    /// Programming interface.
    pub endpoints: Vec<Endpoint>,
    /// Other links: schema, feed, documentation.
    pub links: Vec<Link>,
}
