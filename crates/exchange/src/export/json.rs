//! JSON: one document, or one record per line.

use std::io::Write;

use serde_json::json;
use sobria_catalogue::access::VisibleUseCase;

use super::{ExportError, SiteInfo};

/// Writes `{"source", "licence", "modified", "items": […]}`.
pub fn write_document(
    site: &SiteInfo,
    items: impl Iterator<Item = Result<VisibleUseCase, ExportError>>,
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
        serde_json::to_writer(&mut *out, &item?.to_json(&site.base_url, &site.licence))?;
    }
    out.write_all(b"\n]}\n")?;
    Ok(())
}

/// Writes one record per line.
pub fn write_lines(
    site: &SiteInfo,
    items: impl Iterator<Item = Result<VisibleUseCase, ExportError>>,
    out: &mut impl Write,
) -> Result<(), ExportError> {
    for item in items {
        serde_json::to_writer(&mut *out, &item?.to_json(&site.base_url, &site.licence))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
