//! Atom (RFC 4287): what was published or changed, latest first.

use std::fmt::Write;

use jiff::Timestamp;
use sobria_catalogue::access::{Level, VisibleUseCase};
use sobria_catalogue::field::Field;
use sobria_catalogue::text::excerpt;

use super::SiteInfo;

/// What a feed says of something else than a use case: news, a meeting, a charter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedEntry {
    /// UUID.
    pub id: String,
    /// Title.
    pub title: String,
    /// Complete address.
    pub url: String,
    /// When readers first saw it.
    pub published: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// Who says it.
    pub author: String,
    /// Text.
    pub summary: String,
}

/// The feed of the records given, with other entries, latest first. `query` is the search that gave the records, as in
/// the address.
///
/// A feed is read by anyone: records reduced for agents are left out.
pub fn atom(items: &[VisibleUseCase], others: &[FeedEntry], site: &SiteInfo, query: &str) -> String {
    let base = &site.base_url;
    let tail = if query.is_empty() {
        String::new()
    } else {
        format!("?{query}")
    };
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"fr\">\n",
    );
    // Writing to a string cannot fail.
    let _ = write!(
        xml,
        "<title>{}</title>\n<id>{}</id>\n<link rel=\"self\" href=\"{}\"/>\n<link href=\"{}\"/>\n<updated>{}</updated>\n<author><name>{}</name></author>\n",
        escape(&site.instance_name),
        escape(&format!("{base}/flux.atom{tail}")),
        escape(&format!("{base}/flux.atom{tail}")),
        escape(&format!("{base}/cas-usages{tail}")),
        site.modified,
        escape(&site.operator),
    );
    let mut entries: Vec<FeedEntry> = items
        .iter()
        .filter(|item| item.level() == Level::Public)
        .map(|item| {
            let record = item.record();
            let content = item.content();
            FeedEntry {
                id: record.id.to_string(),
                title: content.title().to_owned(),
                url: format!("{base}/cas-usages/{}", record.slug),
                published: record.first_published_at.unwrap_or(record.created_at),
                updated: record.updated_at,
                author: record.organisation.name.clone(),
                summary: content
                    .text(Field::Summary)
                    .or_else(|| content.text(Field::Description))
                    .unwrap_or("")
                    .to_owned(),
            }
        })
        .collect();
    if !others.is_empty() {
        entries.extend_from_slice(others);
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.updated));
    }
    for entry in &entries {
        let _ = write!(
            xml,
            "<entry>\n<title>{}</title>\n<id>urn:uuid:{}</id>\n<link href=\"{}\"/>\n<published>{}</published>\n<updated>{}</updated>\n<author><name>{}</name></author>\n<summary>{}</summary>\n</entry>\n",
            escape(&entry.title),
            entry.id,
            escape(&entry.url),
            entry.published,
            entry.updated,
            escape(&entry.author),
            escape(&excerpt(&entry.summary, 400)),
        );
    }
    xml.push_str("</feed>\n");
    xml
}

/// Text inside XML; characters that XML 1.0 forbids are left out.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' | '\t' => safe.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => safe.push(c),
        }
    }
    safe
}
