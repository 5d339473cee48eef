//! Scenarios: settings beside curves, tables and what they mean.

use askama::Template;

use crate::view::FormError;
use crate::view::estimate::{Control, FormField};
use crate::view::layout::Layout;
use crate::view::library::Link;
use crate::view::plot::Plot;
use crate::view::prose::ProseTable;

/// One part of the page.
#[derive(Debug, Clone, Default)]
pub struct ScenarioSection {
    /// Anchor.
    pub id: &'static str,
    /// Title.
    pub title: String,
    /// Sentences.
    pub lines: Vec<String>,
    /// Curves.
    pub plot: Option<Plot>,
    /// The same figures, or others.
    pub table: Option<ProseTable>,
    /// Files.
    pub links: Vec<Link>,
}

/// A page of scenarios.
#[derive(Debug, Clone, Template)]
#[template(path = "scenarios.html", whitespace = "minimize")]
pub struct ScenariosPage {
    /// Frame.
    pub layout: Layout,
    /// Title.
    pub title: String,
    /// What it is for.
    pub lead: String,
    /// The pages of scenarios.
    pub tabs: Vec<Link>,
    /// This page, which is also where the form is sent.
    pub here: String,
    /// Heading and fields of each part of the form; no form without any.
    pub groups: Vec<(String, Vec<FormField>)>,
    /// Address that adds a part; blank when none can be added.
    pub more_href: String,
    /// Label of the button.
    pub submit: String,
    /// What is wrong.
    pub errors: Vec<FormError>,
    /// What matters, in sentences.
    pub headline: Vec<String>,
    /// Parts.
    pub sections: Vec<ScenarioSection>,
    /// Foot.
    pub foot: String,
}
