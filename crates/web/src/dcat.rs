//! What the instance adds to the catalogue for harvesters: sizes of files, whom to write to, the country.

use serde_json::{Map, Value as Json, json};
use sobria_exchange::export::Format;

use crate::exports::Sizes;
use crate::site::Site;

/// France, in the list of countries that DCAT-AP asks for.
const FRANCE: &str = "http://publications.europa.eu/resource/authority/country/FRA";

/// Completes a catalogue. One that cannot be read is left as it is.
pub fn complete(catalogue: Vec<u8>, sizes: &Sizes, site: &Site) -> Vec<u8> {
    let Ok(mut document) = serde_json::from_slice::<Json>(&catalogue) else {
        return catalogue;
    };
    if let Some(context) = document.get_mut("@context").and_then(Json::as_object_mut) {
        context.insert("vcard".to_owned(), json!("http://www.w3.org/2006/vcard/ns#"));
    }
    for dataset in objects(document.get_mut("dcat:dataset")) {
        dataset.insert("dct:spatial".to_owned(), json!({"@id": FRANCE}));
        if let Some(mail) = &site.contact_email {
            dataset.insert(
                "dcat:contactPoint".to_owned(),
                json!({
                    "@type": "vcard:Organization",
                    "vcard:fn": site.operator,
                    "vcard:hasEmail": {"@id": format!("mailto:{mail}")},
                }),
            );
        }
        for file in objects(dataset.get_mut("dcat:distribution")) {
            let size = file
                .get("@id")
                .and_then(Json::as_str)
                .and_then(|address| address.rsplit('.').next())
                .and_then(Format::from_extension)
                .and_then(|format| sizes.of(format));
            if let Some(size) = size {
                file.insert(
                    "dcat:byteSize".to_owned(),
                    json!({"@type": "xsd:nonNegativeInteger", "@value": size.to_string()}),
                );
            }
        }
    }
    let mut completed = document.to_string().into_bytes();
    completed.push(b'\n');
    completed
}

fn objects(list: Option<&mut Json>) -> impl Iterator<Item = &mut Map<String, Json>> {
    list.and_then(Json::as_array_mut)
        .into_iter()
        .flatten()
        .filter_map(Json::as_object_mut)
}
