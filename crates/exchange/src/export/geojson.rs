//! GeoJSON (RFC 7946): one feature per record, at the seat of its carrier.
//!
//! Properties have the names of the columns of the native CSV, so that one Table Schema describes both.

use std::io::Write;

use serde_json::{Map, Value as Json, json};
use sobria_catalogue::access::{Level, VisibleUseCase};
use sobria_catalogue::content::Value;
use sobria_catalogue::field::Field;

use super::delimited::name;
use super::{ExportError, SiteInfo};

/// Writes the collection.
pub fn write(
    level: Level,
    site: &SiteInfo,
    items: impl Iterator<Item = Result<VisibleUseCase, ExportError>>,
    out: &mut impl Write,
) -> Result<(), ExportError> {
    out.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[")?;
    for (position, item) in items.enumerate() {
        out.write_all(if position > 0 { b",\n" } else { b"\n" })?;
        serde_json::to_writer(&mut *out, &feature(&item?, level, site))?;
    }
    out.write_all(b"\n]}\n")?;
    Ok(())
}

fn feature(item: &VisibleUseCase, level: Level, site: &SiteInfo) -> Json {
    let record = item.record();
    let organisation = &record.organisation;
    // Longitude comes first in GeoJSON; an unknown place is null, never zero.
    let geometry = organisation
        .point()
        .map(|(latitude, longitude)| json!({"type": "Point", "coordinates": [longitude, latitude]}));
    let mut properties = Map::new();
    let mut put = |name: &str, value: Json| properties.insert(name.to_owned(), value);
    put("slug", json!(record.slug));
    put(
        "url",
        json!(format!("{}/cas-usages/{}", site.base_url, record.slug)),
    );
    put("organisation_id", json!(organisation.id));
    for spec in level.fields() {
        let value = match spec.field {
            Field::OrganisationName => json!(organisation.name),
            Field::OrganisationSiret => json!(organisation.siret),
            Field::OrganisationKind => json!(organisation.kind),
            // The geometry holds them.
            Field::OrganisationLatitude | Field::OrganisationLongitude => continue,
            other => item.content().get(other).map_or(Json::Null, Value::to_json),
        };
        put(name(spec), value);
    }
    put("siren", json!(organisation.siren));
    put("departement", json!(organisation.departement));
    put("region", json!(organisation.region));
    put("population", json!(organisation.population));
    put("completeness", json!(record.completeness));
    put("version", json!(record.version));
    put("status", json!(record.status.code()));
    put("published_at", json!(record.published_at));
    put("updated_at", json!(record.updated_at));
    put("licence", json!(site.licence));
    json!({
        "type": "Feature",
        "id": record.id,
        "geometry": geometry,
        "properties": properties,
    })
}
