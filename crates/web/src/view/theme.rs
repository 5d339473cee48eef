//! Themes: always a colour and a letter together.

/// A theme as printed: its name, and the letter that goes with its colour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThemeBadge {
    /// Code, which chooses the colour in the style sheet.
    pub code: String,
    /// Letter.
    pub letter: String,
    /// Name.
    pub label: String,
}

impl ThemeBadge {
    /// A theme from its code, letter and name.
    pub fn new(code: &str, letter: &str, label: &str) -> Self {
        Self {
            code: code.to_owned(),
            letter: letter.to_owned(),
            label: label.to_owned(),
        }
    }
}
