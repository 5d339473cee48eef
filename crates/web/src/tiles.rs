//! The tile server of enlarged maps: none by default, one when the operator names it.

use serde::{Deserialize, Serialize};

/// What the configuration says of the map.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MapSettings {
    /// Address of tiles, such as `https://tuiles.exemple.fr/{z}/{x}/{y}.png`; no tile is asked without it.
    pub tiles: Option<String>,
    /// Whom the tiles come from, as their licence wants it said.
    pub tiles_attribution: Option<String>,
}

/// A tile server that can be used: its address and its attribution were checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tiles {
    template: String,
    attribution: String,
    origin: Option<String>,
}

/// A tile server that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TilesError {
    /// The address is not one of tiles.
    #[error(
        "«\u{a0}map.tiles\u{a0}» vaut «\u{a0}{0}\u{a0}»\u{a0}: attendu une adresse en https:// (ou un chemin qui commence par /) où {{z}}, {{x}} et {{y}} figurent une fois chacun après le nom du serveur, par exemple https://tuiles.exemple.fr/{{z}}/{{x}}/{{y}}.png."
    )]
    Template(String),
    /// The attribution is missing.
    #[error(
        "«\u{a0}map.tiles\u{a0}» est donné sans «\u{a0}map.tiles_attribution\u{a0}»\u{a0}: écrivez la mention que demande la licence des tuiles, par exemple «\u{a0}© IGN\u{a0}»."
    )]
    Attribution,
}

impl MapSettings {
    /// The tile server, when one is configured.
    ///
    /// # Errors
    /// When its address cannot be one, or when the attribution is missing.
    pub fn tiles(&self) -> Result<Option<Tiles>, TilesError> {
        let given = |text: &Option<String>| {
            text.as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let Some(template) = given(&self.tiles) else {
            return Ok(None);
        };
        let origin = origin_of(&template).ok_or_else(|| TilesError::Template(template.clone()))?;
        let attribution = given(&self.tiles_attribution).ok_or(TilesError::Attribution)?;
        Ok(Some(Tiles {
            template,
            attribution,
            origin,
        }))
    }
}

impl Tiles {
    /// Address with `{z}`, `{x}` and `{y}` in it.
    pub fn template(&self) -> &str {
        &self.template
    }

    /// Whom the tiles come from.
    pub fn attribution(&self) -> &str {
        &self.attribution
    }

    /// Scheme and host that the reader's browser asks; nothing when this site serves the tiles itself.
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }
}

/// The origin of a template, `None` within for a path of this site; nothing when it is no template.
///
/// The origin goes into a header as it is, so it holds nothing but letters, digits and what a host is made of.
fn origin_of(template: &str) -> Option<Option<String>> {
    let complete = ["{z}", "{x}", "{y}"]
        .iter()
        .all(|part| template.matches(part).count() == 1)
        && template.matches(['{', '}']).count() == 6
        && template
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if !complete {
        return None;
    }
    if template.starts_with('/') {
        return (!template.starts_with("//")).then_some(None);
    }
    let (scheme, rest) = template.split_once("://")?;
    let (host, _) = rest.split_once('/')?;
    let named = host.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '[')
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
    (matches!(scheme, "https" | "http") && named).then(|| Some(format!("{scheme}://{host}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(tiles: &str, attribution: &str) -> MapSettings {
        MapSettings {
            tiles: Some(tiles.to_owned()),
            tiles_attribution: Some(attribution.to_owned()),
        }
    }

    #[test]
    fn no_tile_server_is_the_default() {
        assert_eq!(MapSettings::default().tiles(), Ok(None));
        assert_eq!(settings(" ", "© X").tiles(), Ok(None));
    }

    #[test]
    fn an_origin_is_what_the_policy_must_allow() {
        for (template, origin) in [
            ("https://a.fr/{z}/{x}/{y}.png", Some("https://a.fr")),
            (
                "https://a.fr:8443/wmts?M={z}&R={y}&C={x}",
                Some("https://a.fr:8443"),
            ),
            ("http://127.0.0.1:9000/{z}/{x}/{y}", Some("http://127.0.0.1:9000")),
            ("/tuiles/{z}/{x}/{y}.webp", None),
        ] {
            let tiles = settings(template, "© X").tiles().unwrap().unwrap();
            assert_eq!(tiles.origin(), origin, "{template}");
        }
    }

    #[test]
    fn an_address_that_is_no_template_is_refused() {
        for template in [
            "https://a.fr/{z}/{x}.png",
            "https://a.fr/{z}/{x}/{y}/{y}.png",
            "https://a.fr/{s}/{z}/{x}/{y}.png",
            "https://{z}.a.fr/{x}/{y}.png",
            "https://a.fr; script-src *//{z}/{x}/{y}.png",
            "https://a.fr;script-src/{z}/{x}/{y}.png",
            "https://a.fr'/{z}/{x}/{y}.png",
            "https://u:p@a.fr/{z}/{x}/{y}.png",
            "https:///{z}/{x}/{y}.png",
            "//a.fr/{z}/{x}/{y}.png",
            "/\\a.fr/{z}/{x}/{y}.png",
            "javascript://a.fr/{z}/{x}/{y}.png",
            "tuiles/{z}/{x}/{y}.png",
        ] {
            assert_eq!(
                settings(template, "© X").tiles(),
                Err(TilesError::Template(template.to_owned())),
                "{template}"
            );
        }
    }

    #[test]
    fn an_attribution_goes_with_tiles() {
        assert_eq!(
            settings("/{z}/{x}/{y}.png", "  ").tiles(),
            Err(TilesError::Attribution)
        );
    }
}
