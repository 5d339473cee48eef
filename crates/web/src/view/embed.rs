//! What other sites show in a frame.

use askama::Template;

use crate::view::layout::Layout;
use crate::view::library::{Link, Results};

/// Results without the frame of the site.
#[derive(Debug, Clone, Template)]
#[template(path = "embed.html", whitespace = "minimize")]
pub struct EmbedPage {
    /// Identity and static files; neither navigation nor foot is shown.
    pub layout: Layout,
    /// Title.
    pub heading: String,
    /// The same in the library.
    pub all: Link,
    /// Style sheet of a palette that is not left to the reader's system.
    pub palette: Option<String>,
    /// Results.
    pub results: Results,
}
