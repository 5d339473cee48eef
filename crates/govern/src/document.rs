//! A document to hand over: headings, paragraphs, lists and tables, with who made it and when. Writers of files take
//! it as it is; [`Document::markdown`] is one of them.

use jiff::civil::Date;
use sobria_catalogue::text::date_words;

/// Said on every document that helps to buy.
pub const LEGAL_REVIEW: &str = "Document d’aide, à valider\u{a0}: à faire relire par le service juridique.";

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading, of level 1 or 2.
    Heading(u8, String),
    /// A paragraph.
    Paragraph(String),
    /// A list.
    Items(Vec<String>),
    /// A table.
    Table(Table),
}

/// A table whose head is repeated on each page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// What it holds.
    pub caption: String,
    /// Heads of columns.
    pub headers: Vec<String>,
    /// Relative widths of columns.
    pub widths: Vec<u32>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
}

/// A heading of level 1.
pub(crate) fn heading(text: &str) -> Block {
    Block::Heading(1, text.to_owned())
}

/// A paragraph that somebody wrote, or that is still to be written.
pub(crate) fn words(text: &str) -> Block {
    let text = text.trim();
    Block::Paragraph(if text.is_empty() {
        "À compléter.".to_owned()
    } else {
        text.to_owned()
    })
}

/// A table: its caption, the heads of its columns with their relative widths, its rows.
pub(crate) fn table(caption: &str, headers: &[(&str, u32)], rows: Vec<Vec<String>>) -> Block {
    Block::Table(Table {
        caption: caption.to_owned(),
        headers: headers.iter().map(|(header, _)| (*header).to_owned()).collect(),
        widths: headers.iter().map(|(_, width)| *width).collect(),
        rows,
    })
}

/// A document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Title.
    pub title: String,
    /// What it is about: the project.
    pub subject: String,
    /// Who makes it.
    pub organisation: String,
    /// Day on which it was made.
    pub date: Date,
    /// Version of what it was made from.
    pub version: String,
    /// Other facts about it: label and value.
    pub facts: Vec<(String, String)>,
    /// What must be read first.
    pub warning: String,
    /// Parts, in order.
    pub blocks: Vec<Block>,
}

impl Document {
    /// Label and value of everything said under the title.
    #[must_use]
    pub fn heading_facts(&self) -> Vec<(String, String)> {
        let mut facts: Vec<(String, String)> = [
            ("Projet", self.subject.as_str()),
            ("Organisation", self.organisation.as_str()),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| (label.to_owned(), value.to_owned()))
        .collect();
        facts.push(("Date".to_owned(), french_day(self.date)));
        facts.push(("Version".to_owned(), self.version.clone()));
        facts.extend(self.facts.iter().cloned());
        facts
    }

    /// The document as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = format!("# {}\n\n", line(&self.title));
        for (label, value) in self.heading_facts() {
            text.push_str(&format!("- {label}\u{a0}: {}\n", line(&value)));
        }
        if !self.warning.is_empty() {
            text.push_str(&format!("\n> {}\n", line(&self.warning)));
        }
        for block in &self.blocks {
            text.push('\n');
            match block {
                Block::Heading(level, words) => {
                    text.push_str(if *level <= 1 { "## " } else { "### " });
                    text.push_str(&line(words));
                    text.push('\n');
                }
                Block::Paragraph(words) => {
                    text.push_str(&line(words));
                    text.push('\n');
                }
                Block::Items(items) => {
                    for item in items {
                        text.push_str(&format!("- {}\n", line(item)));
                    }
                }
                Block::Table(table) => {
                    let row = |cells: &[String]| {
                        let cells: Vec<String> =
                            cells.iter().map(|cell| line(cell).replace('|', "\\|")).collect();
                        format!("| {} |\n", cells.join(" | "))
                    };
                    text.push_str(&format!("{}\n\n", line(&table.caption)));
                    text.push_str(&row(&table.headers));
                    text.push_str(&format!("|{}\n", " --- |".repeat(table.headers.len())));
                    for cells in &table.rows {
                        text.push_str(&row(cells));
                    }
                }
            }
        }
        text
    }
}

/// One line, whose own marks do not become markup.
fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let words = text
        .split(|c: char| c == ' ' || c.is_control())
        .filter(|word| !word.is_empty());
    // No-break spaces are part of French words and stay.
    for c in words.collect::<Vec<_>>().join(" ").chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// `1er mars 2026`.
#[must_use]
pub fn french_day(date: Date) -> String {
    date_words(date.year(), Some(date.month()), Some(date.day()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_holds_everything_and_what_was_typed_is_no_markup() {
        let document = Document {
            title: "Annexe".to_owned(),
            subject: "Projet [x](http://exemple.fr) <script>".to_owned(),
            organisation: String::new(),
            date: jiff::civil::date(2026, 3, 1),
            version: "1".to_owned(),
            facts: vec![("Autrice".to_owned(), "Camille\n# Titre".to_owned())],
            warning: LEGAL_REVIEW.to_owned(),
            blocks: vec![
                Block::Heading(1, "Questions".to_owned()),
                Block::Items(vec!["un".to_owned()]),
                Block::Table(Table {
                    caption: "Table".to_owned(),
                    headers: vec!["A".to_owned(), "B".to_owned()],
                    widths: vec![1, 1],
                    rows: vec![vec!["a|b".to_owned(), "c".to_owned()]],
                }),
            ],
        };
        let text = document.markdown();
        for expected in [
            "# Annexe\n",
            "- Projet\u{a0}: Projet \\[x\\](http://exemple.fr) \\<script\\>",
            "- Date\u{a0}: 1er\u{a0}mars 2026",
            "- Autrice\u{a0}: Camille \\# Titre",
            "> Document d’aide",
            "## Questions",
            "- un",
            "| a\\|b | c |",
            "| --- | --- |",
        ] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
    }
}
