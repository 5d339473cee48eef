//! Linked data: a DCAT catalogue for harvesters, schema.org for search engines.

use std::io::Write;

use serde_json::{Value as Json, json};
use sobria_catalogue::access::VisibleUseCase;
use sobria_catalogue::field::Field;

use super::{ExportError, Format, SiteInfo, embeddable};

/// Writes a catalogue with one dataset and its files.
pub fn write_catalogue(
    site: &SiteInfo,
    items: impl Iterator<Item = Result<VisibleUseCase, ExportError>>,
    out: &mut impl Write,
) -> Result<(), ExportError> {
    let (mut count, mut first) = (0_usize, None);
    for item in items {
        let created = item?.record().created_at;
        first = Some(first.map_or(created, |known: jiff::Timestamp| known.min(created)));
        count += 1;
    }
    serde_json::to_writer(&mut *out, &catalogue(site, count, first))?;
    out.write_all(b"\n")?;
    Ok(())
}

fn catalogue(site: &SiteInfo, count: usize, first: Option<jiff::Timestamp>) -> Json {
    let base = &site.base_url;
    let publisher = json!({"@type": "foaf:Organization", "foaf:name": site.operator});
    let distributions: Vec<Json> = Format::ALL
        .into_iter()
        .filter(|format| *format != Format::Dcat)
        .map(|format| {
            let mut distribution = json!({
                "@id": format!("{base}/exports/use-cases.{}", format.extension()),
                "@type": "dcat:Distribution",
                "dct:title": format!("Cas d’usage ({})", format.name()),
                "dcat:downloadURL": {"@id": format!("{base}/exports/use-cases.{}", format.extension())},
                "dct:format": format.name(),
                "dcat:mediaType": format.media_type().split(';').next(),
                "dct:license": {"@id": site.licence_url},
            });
            if let (Some(schema), Some(map)) = (schema_of(format), distribution.as_object_mut()) {
                map.insert(
                    "dct:conformsTo".to_owned(),
                    json!({"@id": format!("{base}{schema}")}),
                );
            }
            distribution
        })
        .collect();
    json!({
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": format!("{base}/exports/use-cases.jsonld"),
        "@type": "dcat:Catalog",
        "dct:title": site.instance_name,
        "dct:publisher": publisher,
        "dct:language": "fr",
        "foaf:homepage": {"@id": base},
        "dcat:dataset": [{
            "@id": format!("{base}/donnees"),
            "@type": "dcat:Dataset",
            "dct:identifier": "sobria-use-cases",
            "dct:title": site.instance_name,
            "dct:description": format!("Cas d’usage de l’intelligence artificielle dans les collectivités territoriales françaises ({count} fiches)."),
            "dcat:keyword": ["intelligence artificielle", "collectivités territoriales", "cas d’usage"],
            "dct:license": {"@id": site.licence_url},
            "dct:publisher": publisher,
            "dct:issued": first,
            "dct:modified": site.modified,
            "dct:accrualPeriodicity": {"@id": "http://purl.org/cld/freq/irregular"},
            "dcat:landingPage": {"@id": format!("{base}/donnees")},
            "dcat:distribution": distributions,
        }],
    })
}

/// Path of the schema that a file of that format follows, as a table or line by line.
const fn schema_of(format: Format) -> Option<&'static str> {
    match format {
        Format::Csv => Some("/modele-de-donnees/table-schema.json"),
        Format::Ndjson => Some("/api/v1/schema"),
        Format::Json | Format::GeoJson | Format::Xlsx | Format::Dcat => None,
    }
}

/// The library as a schema.org dataset, safe inside an HTML page.
pub fn schema_org_dataset(site: &SiteInfo) -> String {
    embeddable(&json!({
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": site.instance_name,
        "description": "Cas d’usage de l’intelligence artificielle dans les collectivités territoriales françaises.",
        "url": site.base_url,
        "license": site.licence_url,
        "creator": {"@type": "Organization", "name": site.operator},
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": "text/csv", "contentUrl": format!("{}/exports/use-cases.csv", site.base_url)},
            {"@type": "DataDownload", "encodingFormat": "application/json", "contentUrl": format!("{}/exports/use-cases.json", site.base_url)},
        ],
    }))
}

/// A record as a schema.org article, safe inside an HTML page.
pub fn schema_org_record(item: &VisibleUseCase, site: &SiteInfo) -> String {
    let record = item.record();
    let content = item.content();
    embeddable(&json!({
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": content.title(),
        "abstract": content.text(Field::Summary),
        "url": format!("{}/cas-usages/{}", site.base_url, record.slug),
        "author": {"@type": "Organization", "name": record.organisation.name},
        "publisher": {"@type": "Organization", "name": site.operator},
        "datePublished": record.first_published_at,
        "dateModified": record.updated_at,
        "inLanguage": "fr",
        "license": site.licence_url,
    }))
}
