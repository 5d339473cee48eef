//! Text written by people: paragraphs, lists, bold and links, and nothing else.
//!
//! The parser can only build these values, and templates escape every piece of text in them:
//! whatever is written, no other markup can come out.

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// Words.
    Text(String),
    /// Words that stand out.
    Bold(String),
    /// Words that lead to an `http` or `https` address, or to a page of the site.
    Link {
        /// Words.
        label: String,
        /// Address.
        href: String,
    },
}

impl Span {
    /// What is read.
    pub fn words(&self) -> &str {
        match self {
            Self::Text(words) | Self::Bold(words) | Self::Link { label: words, .. } => words,
        }
    }
}

/// A paragraph or a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Lines of one paragraph.
    Paragraph(Vec<Span>),
    /// Items of a list.
    List(Vec<Vec<Span>>),
}

/// Paragraphs and lists.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RichText(pub Vec<Block>);

impl RichText {
    /// Reads a text: blank lines part paragraphs, `- ` starts an item, `**…**` is bold, `[words](address)` and bare addresses are links.
    pub fn parse(text: &str) -> Self {
        let mut blocks: Vec<Block> = Vec::new();
        let mut parted = true;
        for line in text.lines() {
            let line = line.trim();
            let item = ["- ", "* ", "• "].iter().find_map(|mark| line.strip_prefix(mark));
            if line.is_empty() {
                parted = true;
            } else if let Some(item) = item {
                match blocks.last_mut() {
                    Some(Block::List(items)) => items.push(spans(item)),
                    _ => blocks.push(Block::List(vec![spans(item)])),
                }
                parted = false;
            } else {
                match blocks.last_mut() {
                    Some(Block::Paragraph(paragraph)) if !parted => {
                        paragraph.push(Span::Text(" ".to_owned()));
                        paragraph.extend(spans(line));
                    }
                    _ => blocks.push(Block::Paragraph(spans(line))),
                }
                parted = false;
            }
        }
        Self(blocks)
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Cuts one line in pieces. Each character is looked at a bounded number of times.
fn spans(line: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut text = String::new();
    let mut rest = line;
    // Once a closing mark was not found ahead, it is not searched again: the time stays linear.
    let (mut bold_closes, mut link_closes) = (true, true);
    while let Some(first) = rest.chars().next() {
        if bold_closes && let Some(inner) = rest.strip_prefix("**") {
            match inner.split_once("**") {
                Some((bold, after)) if !bold.trim().is_empty() => {
                    flush(&mut text, &mut found);
                    found.push(Span::Bold(bold.to_owned()));
                    rest = after;
                    continue;
                }
                Some(_) => {}
                None => bold_closes = false,
            }
        }
        if link_closes && first == '[' {
            match link(rest) {
                Some((label, href, after)) => {
                    flush(&mut text, &mut found);
                    found.push(Span::Link {
                        label: label.to_owned(),
                        href: href.to_owned(),
                    });
                    rest = after;
                    continue;
                }
                None => link_closes = rest.contains("]("),
            }
        }
        if first == 'h'
            && !text.ends_with(char::is_alphanumeric)
            && (rest.starts_with("https://") || rest.starts_with("http://"))
        {
            let end = rest
                .find(|c: char| c.is_whitespace() || "<>\"«»".contains(c))
                .unwrap_or(rest.len());
            let (address, _) = rest.split_at_checked(end).unwrap_or((rest, ""));
            let address = address.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '’', '\'', '*']);
            if is_safe(address) {
                flush(&mut text, &mut found);
                found.push(Span::Link {
                    label: address.to_owned(),
                    href: address.to_owned(),
                });
                rest = rest.get(address.len()..).unwrap_or_default();
                continue;
            }
        }
        text.push(first);
        rest = rest.get(first.len_utf8()..).unwrap_or_default();
    }
    flush(&mut text, &mut found);
    found
}

fn flush(text: &mut String, found: &mut Vec<Span>) {
    if !text.is_empty() {
        found.push(Span::Text(std::mem::take(text)));
    }
}

/// Longest label of a link, in bytes: a bound on how far a bracket is looked after.
const LABEL_MAX: usize = 300;
/// Longest address, in bytes.
const HREF_MAX: usize = 2000;

/// Reads `[label](href)` at the start of a text.
fn link(text: &str) -> Option<(&str, &str, &str)> {
    let near = text.get(1..).map(|inner| prefix(inner, LABEL_MAX))?;
    let close = near.find(']')?;
    let label = near.get(..close)?;
    let after = text.get(close + 2..)?.strip_prefix('(')?;
    let end = prefix(after, HREF_MAX).find(')')?;
    let href = after.get(..end)?;
    if label.trim().is_empty() || !is_safe(href) {
        return None;
    }
    Some((label, href, after.get(end + 1..)?))
}

fn prefix(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max)).unwrap_or(text)
}

/// Whether an address may be followed: the web, a mailbox, or a page of this site.
fn is_safe(href: &str) -> bool {
    let host = href
        .strip_prefix("https://")
        .or_else(|| href.strip_prefix("http://"));
    let web = host.is_some_and(|host| host.starts_with(|c: char| c.is_alphanumeric()));
    let mail = href
        .strip_prefix("mailto:")
        .is_some_and(|address| address.contains('@'));
    let local = href.starts_with('/') && !href.starts_with("//") && !href.contains('\\');
    (web || mail || local) && !href.contains(|c: char| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A compact writing of what was understood.
    fn shape(text: &str) -> String {
        let line = |spans: &Vec<Span>| -> String {
            spans
                .iter()
                .map(|span| match span {
                    Span::Text(text) => text.clone(),
                    Span::Bold(text) => format!("<b:{text}>"),
                    Span::Link { label, href } => format!("<a:{label}|{href}>"),
                })
                .collect()
        };
        RichText::parse(text)
            .0
            .iter()
            .map(|block| match block {
                Block::Paragraph(spans) => format!("P({})", line(spans)),
                Block::List(items) => {
                    format!("L({})", items.iter().map(line).collect::<Vec<_>>().join(" | "))
                }
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn the_small_markup_is_understood() {
        for (text, expected) in [
            ("", ""),
            (" \n\n ", ""),
            ("un\ndeux\n\ntrois", "P(un deux) P(trois)"),
            ("Buts :\n- un\n- deux\nfin", "P(Buts :) L(un | deux) P(fin)"),
            ("- un\n\n- deux", "L(un | deux)"),
            ("a **b** c", "P(a <b:b> c)"),
            ("a ** b", "P(a ** b)"),
            ("****", "P(****)"),
            ("[site](https://a.fr/x) et", "P(<a:site|https://a.fr/x> et)"),
            (
                "voir https://a.fr/x?y=1. Puis",
                "P(voir <a:https://a.fr/x?y=1|https://a.fr/x?y=1>. Puis)",
            ),
            ("(https://a.fr)", "P((<a:https://a.fr|https://a.fr>))"),
            ("[x](javascript:alert(1))", "P([x](javascript:alert(1)))"),
            ("[x](//evil.example)", "P([x](//evil.example))"),
            ("[x](data:text/html,y)", "P([x](data:text/html,y))"),
            ("[aide](/aide)", "P(<a:aide|/aide>)"),
            ("<script>alert(1)</script>", "P(<script>alert(1)</script>)"),
            ("https://", "P(https://)"),
            ("éàü **œ** […](https://é.fr)", "P(éàü <b:œ> <a:…|https://é.fr>)"),
        ] {
            assert_eq!(shape(text), expected, "{text:?}");
        }
    }

    #[test]
    fn no_character_is_lost_without_markup() {
        let text = "[".repeat(3000) + &"*".repeat(2001) + &"](".repeat(1000) + "fin";
        assert_eq!(shape(&text).chars().filter(|c| *c == '[').count(), 3000);
    }

    #[test]
    fn long_hostile_texts_are_read_in_linear_time() {
        for text in [
            "**a".repeat(100_000),
            "[".repeat(300_000),
            "[a](".repeat(100_000),
            "h".repeat(300_000),
        ] {
            let start = std::time::Instant::now();
            RichText::parse(&text);
            assert!(start.elapsed().as_secs() < 5, "{}", &text[..8]);
        }
    }
}
