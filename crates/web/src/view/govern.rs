//! Pages of the instruments of governance: questions and results in one frame.

use askama::Template;

use crate::view::form::Control;
use crate::view::layout::Layout;
use crate::view::library::Link;
use crate::view::prose::ProseSection;
use crate::view::record::Fact;
use crate::view::{FormBlock, FormError, RichText};

/// The choice of an instrument.
#[derive(Debug, Clone, Template)]
#[template(path = "govern_home.html", whitespace = "minimize")]
pub struct GovernHomePage {
    /// Frame.
    pub layout: Layout,
    /// Instruments: title, text, link.
    pub doors: Vec<(String, String, Link)>,
    /// What waits, what the library shows.
    pub sections: Vec<ProseSection>,
}

/// Questions or a result.
#[derive(Debug, Clone, Template)]
#[template(path = "govern.html", whitespace = "minimize")]
pub struct GovernPage {
    /// Frame.
    pub layout: Layout,
    /// Title.
    pub title: String,
    /// One or two sentences; may be blank.
    pub lead: String,
    /// Pages beside this one: label and address.
    pub menu: Vec<Link>,
    /// What the menu is, for those who hear the page.
    pub menu_label: String,
    /// The page of the menu that this one is.
    pub here: String,
    /// What one should know first.
    pub notice: Option<RichText>,
    /// What is wrong, at the top.
    pub errors: Vec<FormError>,
    /// Figures, always shown together.
    pub figures: Vec<Fact>,
    /// What is to be done now, before anything else is read.
    pub now: Vec<FormBlock>,
    /// Parts of a result.
    pub sections: Vec<ProseSection>,
    /// Forms.
    pub blocks: Vec<FormBlock>,
    /// The same in other forms.
    pub downloads: Vec<Link>,
    /// Foot: date, version, limits.
    pub foot: String,
}

impl GovernPage {
    /// A page without content yet.
    pub fn new(layout: Layout, title: &str, lead: &str) -> Self {
        Self {
            layout,
            title: title.to_owned(),
            lead: lead.to_owned(),
            menu: Vec::new(),
            menu_label: String::new(),
            here: String::new(),
            notice: None,
            errors: Vec::new(),
            figures: Vec::new(),
            now: Vec::new(),
            sections: Vec::new(),
            blocks: Vec::new(),
            downloads: Vec::new(),
            foot: String::new(),
        }
    }
}
