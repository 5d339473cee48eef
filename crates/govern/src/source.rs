//! How surely something said here is known.

use serde::{Deserialize, Serialize};

/// How surely a statement is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Read in an official source.
    Official,
    /// Read in a named secondary source.
    Secondary,
    /// Seen on slides only.
    Slides,
    /// General knowledge, to be checked.
    Unverified,
    /// A choice of this project, without outside authority.
    Design,
}

impl Confidence {
    /// Words for pages.
    ///
    /// ```
    /// use sobria_govern::source::Confidence;
    /// assert_eq!(Confidence::Official.label(), "source officielle lue");
    /// ```
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Official => "source officielle lue",
            Self::Secondary => "source secondaire lue",
            Self::Slides => "diapositives seules",
            Self::Unverified => "à vérifier",
            Self::Design => "choix du projet",
        }
    }
}
