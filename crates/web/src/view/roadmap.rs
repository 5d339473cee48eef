//! Pages of the roadmap of an organisation.

use askama::Template;

use crate::view::form::Control;
use crate::view::layout::Layout;
use crate::view::library::Link;
use crate::view::plot::Plot;
use crate::view::prose::{ProseSection, ProseTable};
use crate::view::record::Fact;
use crate::view::{FormBlock, FormError, RichText};

/// A figure of the committee.
#[derive(Debug, Clone, Default)]
pub struct TileView {
    /// What it is.
    pub label: String,
    /// The figure with its unit, or "Non renseigné".
    pub value: String,
    /// "entre 700 et 910 kWh"; blank for an exact figure.
    pub range: String,
    /// How it moved since the last meeting.
    pub trend: String,
    /// Code of its standing.
    pub status_code: &'static str,
    /// Its standing against the ceiling, with the ceiling.
    pub status: String,
}

/// An objective in the list.
#[derive(Debug, Clone, Default)]
pub struct GoalRow {
    /// What is aimed at.
    pub label: String,
    /// Where its curve is.
    pub href: String,
    /// Theme.
    pub theme: String,
    /// Baseline with its year.
    pub base: String,
    /// Target with its year.
    pub target: String,
    /// Last value with its period.
    pub last: String,
    /// Code of its status.
    pub status_code: &'static str,
    /// Its status.
    pub status: &'static str,
}

/// One objective.
#[derive(Debug, Clone, Default)]
pub struct GoalDetail {
    /// What is aimed at.
    pub title: String,
    /// Code of its status.
    pub status_code: &'static str,
    /// Its status.
    pub status: &'static str,
    /// Sentences.
    pub lines: Vec<String>,
    /// Its curve.
    pub plot: Option<Plot>,
    /// Its values.
    pub table: Option<ProseTable>,
    /// What may be done.
    pub links: Vec<Link>,
}

/// A page of a roadmap.
#[derive(Debug, Clone, Template)]
#[template(path = "roadmap.html", whitespace = "minimize")]
pub struct RoadmapPage {
    /// Frame.
    pub layout: Layout,
    /// Title.
    pub title: String,
    /// One or two sentences.
    pub lead: String,
    /// Pages of the roadmap, for those who write it.
    pub tabs: Vec<Link>,
    /// This page.
    pub here: String,
    /// What is wrong, at the top.
    pub errors: Vec<FormError>,
    /// What one should know first.
    pub notice: Option<RichText>,
    /// Whether it asks for nothing.
    pub calm: bool,
    /// What it is, in brief.
    pub facts: Vec<Fact>,
    /// Figures of the committee.
    pub tiles: Vec<TileView>,
    /// Files.
    pub downloads: Vec<Link>,
    /// Objectives.
    pub goals: Vec<GoalRow>,
    /// The objective that is looked at.
    pub detail: Option<GoalDetail>,
    /// Other parts.
    pub sections: Vec<ProseSection>,
    /// Forms.
    pub blocks: Vec<FormBlock>,
    /// Foot.
    pub foot: String,
}

impl RoadmapPage {
    /// A page without content yet.
    pub fn new(layout: Layout, title: &str, lead: &str) -> Self {
        Self {
            layout,
            title: title.to_owned(),
            lead: lead.to_owned(),
            tabs: Vec::new(),
            here: String::new(),
            errors: Vec::new(),
            notice: None,
            calm: false,
            facts: Vec::new(),
            tiles: Vec::new(),
            downloads: Vec::new(),
            goals: Vec::new(),
            detail: None,
            sections: Vec::new(),
            blocks: Vec::new(),
            foot: String::new(),
        }
    }
}
