//! GeoJSON (RFC 7946): one feature per record, at the seat of its carrier.

use std::io::Write;

use serde_json::{Value as Json, json};
use sobria_catalogue::access::VisibleUseCase;
use sobria_catalogue::field::Field;

use super::{ExportError, SiteInfo};

/// Writes the collection.
pub fn write(
    site: &SiteInfo,
    items: impl Iterator<Item = Result<VisibleUseCase, ExportError>>,
    out: &mut impl Write,
) -> Result<(), ExportError> {
    out.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[")?;
    for (position, item) in items.enumerate() {
        out.write_all(if position > 0 { b",\n" } else { b"\n" })?;
        serde_json::to_writer(&mut *out, &feature(&item?, site))?;
    }
    out.write_all(b"\n]}\n")?;
    Ok(())
}

fn feature(item: &VisibleUseCase, site: &SiteInfo) -> Json {
    let record = item.record();
    let organisation = &record.organisation;
    let content = item.content();
    // Longitude comes first in GeoJSON; an unknown place is null, never zero.
    let geometry = organisation
        .point()
        .map(|(latitude, longitude)| json!({"type": "Point", "coordinates": [longitude, latitude]}));
    json!({
        "type": "Feature",
        "id": record.id,
        "geometry": geometry,
        "properties": {
            "title": content.title(),
            "url": format!("{}/cas-usages/{}", site.base_url, record.slug),
            "organisation": organisation.name,
            "organisation_id": organisation.id,
            "siren": organisation.siren,
            "siret": organisation.siret,
            "kind": organisation.kind,
            "summary": content.text(Field::Summary),
            "theme": content.code(Field::Theme),
            "subthemes": content.codes(Field::Subthemes),
            "audiences": content.codes(Field::Audiences),
            "maturity": content.code(Field::Maturity),
            "start_date": content.date(Field::StartDate),
            "version": record.version,
            "updated_at": record.updated_at,
            "licence": site.licence,
        },
    })
}
