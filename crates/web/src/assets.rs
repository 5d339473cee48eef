//! Static files: embedded in the executable, addressed by their content, cached for a year.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write;
use std::sync::LazyLock;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

/// One file as it is served.
#[derive(Debug, Clone)]
pub struct Asset {
    /// Media type.
    pub media_type: &'static str,
    /// The bytes.
    pub plain: Bytes,
    /// The bytes compressed, when that makes them smaller.
    pub gzip: Option<Bytes>,
    /// Address, with the hash of the content.
    pub path: String,
}

/// Every static file, by the name that templates use.
#[derive(Debug)]
pub struct Assets {
    by_name: HashMap<String, Asset>,
    by_path: HashMap<String, String>,
}

impl Assets {
    /// The files of the executable.
    pub fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<Assets> = LazyLock::new(Assets::load);
        &EMBEDDED
    }

    fn load() -> Self {
        let mut assets = Self {
            by_name: HashMap::new(),
            by_path: HashMap::new(),
        };
        assets.add("sobria.css", style_sheet().into_bytes());
        for name in Files::iter() {
            // Styles are joined above; generators and notes of the folder are not for readers.
            if name.starts_with("css/") || name.ends_with(".py") || name.ends_with(".md") {
                continue;
            }
            if let Some(file) = Files::get(&name) {
                let short = name.rsplit('/').next().unwrap_or(&name);
                assets.add(short, file.data.into_owned());
            }
        }
        let sheet = style_sheet();
        assets.add("light.css", palette(&sheet, "light").into_bytes());
        assets.add("dark.css", palette(&sheet, "dark").into_bytes());
        assets
    }

    fn add(&mut self, name: &str, bytes: Vec<u8>) {
        let hash = Sha256::digest(&bytes);
        let short: String = hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "bin"));
        let path = format!("/static/{stem}.{short}.{extension}");
        let gzip = gzip(&bytes, 9)
            .filter(|packed| packed.len() < bytes.len())
            .map(Bytes::from);
        let asset = Asset {
            media_type: media_type(extension),
            plain: Bytes::from(bytes),
            gzip,
            path: path.clone(),
        };
        self.by_path.insert(path, name.to_owned());
        self.by_name.insert(name.to_owned(), asset);
    }

    /// The file that templates know under this name.
    pub fn get(&self, name: &str) -> Option<&Asset> {
        self.by_name.get(name)
    }

    /// The address of a file. A missing one gives an address that answers 404.
    pub fn path(&self, name: &str) -> &str {
        self.by_name
            .get(name)
            .map_or("/static/absent", |asset| asset.path.as_str())
    }

    /// A digest of every file: part of page validators, so that a new executable is seen.
    pub fn fingerprint(&self) -> u64 {
        let mut paths: Vec<&str> = self.by_path.keys().map(String::as_str).collect();
        paths.sort_unstable();
        let digest = Sha256::digest(paths.concat());
        digest
            .iter()
            .take(8)
            .fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
    }

    /// Answers a request under `/static/`.
    pub fn respond(&self, path: &str, headers: &HeaderMap) -> Option<Response> {
        let asset = self.by_path.get(path).and_then(|name| self.by_name.get(name))?;
        let mut response = Response::builder()
            .status(StatusCode::OK)
            .header(header::CONTENT_TYPE, asset.media_type)
            .header(header::CACHE_CONTROL, "public, max-age=31536000, immutable")
            .header(header::VARY, "accept-encoding");
        let body = match &asset.gzip {
            Some(packed) if accepts_gzip(headers) => {
                response = response.header(header::CONTENT_ENCODING, "gzip");
                packed.clone()
            }
            _ => asset.plain.clone(),
        };
        response.body(Body::from(body)).ok()
    }
}

/// The style sheet: the files that `css/ORDER` lists, in that order.
fn style_sheet() -> String {
    let text = |name: &str| -> Cow<'static, str> {
        Files::get(name).map_or(Cow::Borrowed(""), |file| {
            Cow::Owned(String::from_utf8_lossy(&file.data).into_owned())
        })
    };
    let order = text("css/ORDER");
    let mut sheet = String::new();
    for name in order
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        sheet.push_str(&text(&format!("css/{name}")));
        sheet.push('\n');
    }
    strip_css_comments(&sheet)
}

/// The rule that sets the colours of one scheme, whatever the reader's system asks for.
fn palette(sheet: &str, scheme: &str) -> String {
    let from = if scheme == "dark" {
        sheet
            .split_once("(prefers-color-scheme: dark)")
            .map_or("", |(_, rest)| rest)
    } else {
        sheet
    };
    let rule = from
        .split_once(":root {")
        .and_then(|(_, rest)| rest.split_once('}'))
        .map_or("", |(rule, _)| rule);
    format!(":root {{{rule}\ncolor-scheme: {scheme};\n}}\n")
}

fn strip_css_comments(css: &str) -> String {
    let mut kept = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, tail)| tail);
    }
    kept.push_str(rest);
    kept.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Compresses bytes at the given level; nothing when the encoder fails.
pub fn gzip(bytes: &[u8], level: u32) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), Compression::new(level));
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

/// Whether the client takes compressed bodies.
pub fn accepts_gzip(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            value.split(',').any(|item| {
                let mut parts = item.trim().split(';');
                parts.next().is_some_and(|name| name.trim() == "gzip")
                    && !parts.any(|part| matches!(part.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
            })
        })
}

fn media_type(extension: &str) -> &'static str {
    match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_style_file_exists_and_the_sheet_is_not_empty() {
        let order = Files::get("css/ORDER").expect("css/ORDER");
        for name in String::from_utf8_lossy(&order.data)
            .lines()
            .filter(|l| !l.is_empty() && !l.starts_with('#'))
        {
            assert!(Files::get(&format!("css/{name}")).is_some(), "{name}");
        }
        assert!(style_sheet().len() > 1000);
    }

    #[test]
    fn a_palette_can_be_chosen() {
        let sheet = style_sheet();
        for (scheme, paper) in [("light", "#fbfaf6"), ("dark", "#131917")] {
            let rule = palette(&sheet, scheme);
            assert!(rule.contains(&format!("--paper: {paper};")), "{rule}");
            assert!(
                rule.ends_with(&format!("color-scheme: {scheme};\n}}\n")),
                "{rule}"
            );
            assert_eq!(rule.matches("--paper").count(), 1, "{rule}");
        }
    }

    #[test]
    fn an_address_changes_with_the_content() {
        let mut assets = Assets {
            by_name: HashMap::new(),
            by_path: HashMap::new(),
        };
        assets.add("a.css", b"x".to_vec());
        let first = assets.path("a.css").to_owned();
        assets.add("a.css", b"y".to_vec());
        assert_ne!(first, assets.path("a.css"));
    }

    #[test]
    fn comments_leave_the_sheet_and_an_unclosed_one_does_not_loop() {
        assert_eq!(strip_css_comments("a{}/* x */b{}"), "a{}b{}");
        assert_eq!(strip_css_comments("a{}/* x"), "a{}");
    }

    #[test]
    fn compression_is_negotiated() {
        for (value, expected) in [
            ("gzip", true),
            ("br, gzip;q=0.5", true),
            ("gzip;q=0", false),
            ("identity", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
            assert_eq!(accepts_gzip(&headers), expected, "{value}");
        }
    }
}
