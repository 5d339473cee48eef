//! OpenDocument texts: an archive of parts, rewritten with the parts that are the text and nothing else.

use std::io::{Cursor, Read, Write};

use quick_xml::events::{BytesText, Event};
use sobria_catalogue::attachment::FileKind;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{FileRefusal, broken, image};

const MEDIA_TYPE: &str = "application/vnd.oasis.opendocument.text";
/// Most parts.
const PARTS_MAX: usize = 2000;
/// Most bytes of all parts once inflated, counted while inflating.
const INFLATED_MAX: u64 = 200 * 1024 * 1024;
/// Most times the archive may grow, above a size that small texts reach.
const RATIO_MAX: u64 = 100;
const RATIO_FROM: u64 = 4 * 1024 * 1024;

/// Elements whose text names somebody or something of the author's machine.
const NAMES: [&str; 5] = [
    "dc:creator",
    "dc:date",
    "meta:creator-initials",
    "text:sender-initials",
    "meta:date-string",
];

/// What a part is kept as.
enum Part {
    /// XML of the text, its styles or an object of it.
    Markup,
    /// A picture.
    Picture,
    /// Left out.
    None(Option<&'static str>),
}

fn part(path: &str) -> Part {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let below = folder.is_empty() || folder.starts_with("Object ");
    match file {
        _ if path.contains("..") || path.starts_with('/') || path.contains('\\') => Part::None(None),
        "content.xml" | "styles.xml" if below && !folder.contains('/') => Part::Markup,
        _ if folder == "Pictures" && !file.is_empty() => Part::Picture,
        _ if path.starts_with("Basic/") || path.starts_with("Scripts/") => Part::None(Some("les macros")),
        "documentsignatures.xml" => Part::None(Some(
            "la signature électronique, qui ne peut plus être vérifiée dans cette copie",
        )),
        _ => Part::None(None),
    }
}

pub fn clean(bytes: &[u8], name: &str) -> Result<(Vec<u8>, Vec<String>), FileRefusal> {
    let failed = |cause: &str| broken(name, FileKind::Odt, cause);
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(name, FileKind::Odt, error))?;
    if archive.len() > PARTS_MAX {
        return Err(too_much(name));
    }
    let packed = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let mut left = INFLATED_MAX.min(packed.saturating_mul(RATIO_MAX).max(RATIO_FROM));
    let mut removed = vec!["les informations cachées (auteur, dates, imprimante, versions)".to_owned()];
    let mut kept: Vec<(String, Vec<u8>)> = Vec::new();
    for place in 0..archive.len() {
        let entry = archive.by_index(place).map_err(|error| match error {
            zip::result::ZipError::UnsupportedArchive(zip::result::ZipError::PASSWORD_REQUIRED) => {
                FileRefusal::Protected {
                    name: name.to_owned(),
                }
            }
            other => broken(name, FileKind::Odt, other),
        })?;
        let path = entry.name().to_owned();
        let kind = part(&path);
        if path == "META-INF/manifest.xml" {
            let manifest = inflate(entry, &mut left, name)?;
            if manifest.windows(15).any(|window| window == b"encryption-data") {
                return Err(FileRefusal::Protected {
                    name: name.to_owned(),
                });
            }
            continue;
        }
        match kind {
            Part::None(words) => {
                if let Some(words) = words.filter(|words| !removed.iter().any(|one| one == words)) {
                    removed.push(words.to_owned());
                }
            }
            Part::Markup => {
                let text = inflate(entry, &mut left, name)?;
                kept.push((path, without_names(&text, name)?));
            }
            Part::Picture => {
                let picture = inflate(entry, &mut left, name)?;
                let picture = match super::sniff::kind(&picture) {
                    Ok(FileKind::Jpeg) => image::without_notes(&picture).unwrap_or(picture),
                    Ok(FileKind::Png) => image::clean(&picture, FileKind::Png, name)?.0,
                    _ => picture,
                };
                kept.push((path, picture));
            }
        }
    }
    if !kept.iter().any(|(path, _)| path == "content.xml") {
        return Err(failed("le texte lui-même manque"));
    }
    let bytes = write(&kept).map_err(|error| broken(name, FileKind::Odt, error))?;
    Ok((bytes, removed))
}

fn too_much(name: &str) -> FileRefusal {
    FileRefusal::TooMuch {
        name: name.to_owned(),
        what: "plus de 200 Mo ou de 2 000 parties".to_owned(),
        advice: "Enregistrez-le en PDF, puis joignez cette copie.",
    }
}

/// The bytes of a part; what it takes is counted as it comes, since the size written in the archive proves nothing.
fn inflate(entry: impl Read, left: &mut u64, name: &str) -> Result<Vec<u8>, FileRefusal> {
    let mut bytes = Vec::new();
    entry
        .take(left.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| broken(name, FileKind::Odt, error))?;
    let taken = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if taken > *left {
        return Err(too_much(name));
    }
    *left -= taken;
    Ok(bytes)
}

/// The same markup without the names of those who commented or corrected. Document types are refused: nothing of an
/// OpenDocument needs one, and entities are a way to make a small file enormous.
fn without_names(bytes: &[u8], name: &str) -> Result<Vec<u8>, FileRefusal> {
    let mut reader = quick_xml::Reader::from_reader(bytes);
    let mut writer = quick_xml::Writer::new(Vec::with_capacity(bytes.len()));
    let mut within = 0_u32;
    loop {
        let event = reader
            .read_event()
            .map_err(|error| broken(name, FileKind::Odt, error))?;
        match &event {
            Event::DocType(_) => {
                return Err(broken(name, FileKind::Odt, "il déclare un type de document"));
            }
            Event::PI(_) => continue,
            Event::Start(start) if NAMES.contains(&start.name().as_ref()) => within += 1,
            Event::End(end) if NAMES.contains(&end.name().as_ref()) => within = within.saturating_sub(1),
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) if within > 0 => {
                write_event(&mut writer, Event::Text(BytesText::new("")), name)?;
                continue;
            }
            Event::Eof => return Ok(writer.into_inner()),
            _ => {}
        }
        write_event(&mut writer, event, name)?;
    }
}

fn write_event(
    writer: &mut quick_xml::Writer<Vec<u8>>,
    event: Event<'_>,
    name: &str,
) -> Result<(), FileRefusal> {
    writer
        .write_event(event)
        .map_err(|error| broken(name, FileKind::Odt, error))
}

fn write(parts: &[(String, Vec<u8>)]) -> zip::result::ZipResult<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    // The type comes first and as it is: that is how readers tell an OpenDocument.
    archive.start_file("mimetype", stored)?;
    archive.write_all(MEDIA_TYPE.as_bytes())?;
    let mut manifest = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\" manifest:version=\"1.3\"><manifest:file-entry manifest:full-path=\"/\" manifest:version=\"1.3\" manifest:media-type=\"{MEDIA_TYPE}\"/>"
    );
    for (path, bytes) in parts {
        archive.start_file(path.as_str(), packed)?;
        archive.write_all(bytes)?;
        let media_type = if path.ends_with(".xml") { "text/xml" } else { "" };
        manifest.push_str(&format!(
            "<manifest:file-entry manifest:full-path=\"{}\" manifest:media-type=\"{media_type}\"/>",
            quick_xml::escape::escape(path.as_str())
        ));
    }
    manifest.push_str("</manifest:manifest>");
    archive.start_file("META-INF/manifest.xml", packed)?;
    archive.write_all(manifest.as_bytes())?;
    Ok(archive.finish()?.into_inner())
}
