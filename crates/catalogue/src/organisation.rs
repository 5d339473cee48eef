//! Organisations that carry projects. Each is held once, whatever the number of its projects.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::id::OrganisationId;

/// Whether the organisation was matched with the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrganisationStatus {
    /// Found in the directory by SIREN or by an unambiguous name.
    Confirmed,
    /// Entered by hand; a moderator confirms or merges it.
    ToConfirm,
}

impl OrganisationStatus {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::ToConfirm => "to_confirm",
        }
    }

    /// Reads the code; anything unknown is to be confirmed.
    pub fn from_code(code: &str) -> Self {
        if code == "confirmed" {
            Self::Confirmed
        } else {
            Self::ToConfirm
        }
    }
}

/// A carrying organisation. All of it is public.
#[derive(Debug, Clone, PartialEq)]
pub struct Organisation {
    /// Identifier in this instance.
    pub id: OrganisationId,
    /// Public address part, unique.
    pub slug: String,
    /// Usual name, as displayed.
    pub name: String,
    /// Other names that mean the same organisation, as written in sources.
    pub aliases: Vec<String>,
    /// SIRET, fourteen digits that pass the check.
    pub siret: Option<String>,
    /// SIREN, nine digits that pass the check.
    pub siren: Option<String>,
    /// Code of the vocabulary `coll_type`.
    pub kind: Option<String>,
    /// Degrees north, WGS 84.
    pub latitude: Option<f64>,
    /// Degrees east, WGS 84.
    pub longitude: Option<f64>,
    /// Code of the département, such as `29`, `2A` or `974`.
    pub departement: Option<String>,
    /// Code of the région.
    pub region: Option<String>,
    /// Inhabitants, from the directory or as given.
    pub population: Option<u32>,
    /// Whether it was matched with the directory.
    pub status: OrganisationStatus,
}

impl Organisation {
    /// An organisation with a name and nothing else known.
    pub fn named(id: OrganisationId, name: &str) -> Self {
        let name = crate::text::clean_line(name);
        let tail = id.uuid().as_u128() & 0xffff_ffff;
        Self {
            id,
            slug: format!("{}-{tail:08x}", crate::text::slug(&name, 60)),
            name,
            aliases: Vec::new(),
            siret: None,
            siren: None,
            kind: None,
            latitude: None,
            longitude: None,
            departement: None,
            region: None,
            population: None,
            status: OrganisationStatus::ToConfirm,
        }
    }

    /// Latitude and longitude, when both are known.
    pub fn point(&self) -> Option<(f64, f64)> {
        self.latitude.zip(self.longitude)
    }

    /// The public JSON form. Unknown is `null`, never zero.
    pub fn to_json(&self) -> Map<String, Json> {
        let value = json!({
            "id": self.id,
            "slug": self.slug,
            "name": self.name,
            "siren": self.siren,
            "siret": self.siret,
            "kind": self.kind,
            "latitude": self.latitude,
            "longitude": self.longitude,
            "departement": self.departement,
            "region": self.region,
            "population": self.population,
            "status": self.status.code(),
        });
        match value {
            Json::Object(map) => map,
            _ => Map::new(),
        }
    }
}
