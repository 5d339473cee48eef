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
    /// "48 ko"; a dash when it is made on demand.
    pub size: String,
    /// "12 mars 2026".
    pub date: String,
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
    /// Programming interface.
    pub endpoints: Vec<Endpoint>,
    /// Other links: schema, feed, documentation.
    pub links: Vec<Link>,
}
