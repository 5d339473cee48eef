//! JSON: one document, or one record per line.

use std::io::Write;

use serde_json::{Value as Json, json};
use sobria_catalogue::access::VisibleUseCase;

use super::{Beside, ExportError, SiteInfo};

/// A record, with what is written beside its fields.
fn whole(item: &VisibleUseCase, site: &SiteInfo, beside: &Beside<'_>) -> Json {
    let mut record = item.to_json(&site.base_url, &site.licence);
    if let Json::Object(members) = &mut record {
        for (member, value) in beside(item.record().id) {
            members.insert(member.to_owned(), value);
        }
    }
    record
}

/// Writes `{"source", "licence", "modified", "items": […]}`.
pub fn write_document(
    site: &SiteInfo,
    items: impl Iterator<Item = Result<VisibleUseCase, ExportError>>,
    beside: &Beside<'_>,
    out: &mut impl Write,
) -> Result<(), ExportError> {
    let head = json!({
        "source": site.instance_name,
        "url": site.base_url,
        "publisher": site.operator,
        "licence": site.licence,
        "modified": site.modified,
    })
    .to_string();
    write!(out, "{},\"items\":[", head.trim_end_matches('}'))?;
    for (position, item) in items.enumerate() {
        if position > 0 {
            out.write_all(b",")?;
        }
        out.write_all(b"\n")?;
        serde_json::to_writer(&mut *out, &whole(&item?, site, beside))?;
    }
    out.write_all(b"\n]}\n")?;
    Ok(())
}

/// Writes one record per line.
pub fn write_lines(
    site: &SiteInfo,
    items: impl Iterator<Item = Result<VisibleUseCase, ExportError>>,
    beside: &Beside<'_>,
    out: &mut impl Write,
) -> Result<(), ExportError> {
    for item in items {
        serde_json::to_writer(&mut *out, &whole(&item?, site, beside))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
