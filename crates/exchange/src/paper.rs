//! Documents as files: OpenDocument text, Office Open XML, Markdown. The same document gives the same bytes.

mod docx;
mod odt;

use std::io::{Cursor, Write};

use sobria_govern::document::Document;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A file format of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// OpenDocument text.
    Odt,
    /// Office Open XML.
    Docx,
    /// Markdown.
    Markdown,
}

impl Format {
    /// Every format, in the order of pages.
    pub const ALL: [Self; 3] = [Self::Odt, Self::Docx, Self::Markdown];

    /// End of file names.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Odt => "odt",
            Self::Docx => "docx",
            Self::Markdown => "md",
        }
    }

    /// The format of an end of file name.
    #[must_use]
    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|format| format.extension() == extension)
    }

    /// Media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Odt => odt::MEDIA_TYPE,
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Markdown => "text/markdown; charset=utf-8",
        }
    }
}

/// A document could not be packed.
#[derive(Debug, thiserror::Error)]
#[error("the document could not be packed: {0}")]
pub struct PaperError(#[from] zip::result::ZipError);

impl From<std::io::Error> for PaperError {
    fn from(error: std::io::Error) -> Self {
        Self(error.into())
    }
}

/// The bytes of a document.
///
/// # Errors
/// When the archive cannot be packed: it is longer than such archives may be.
pub fn write(document: &Document, format: Format) -> Result<Vec<u8>, PaperError> {
    match format {
        Format::Odt => odt::write(document),
        Format::Docx => docx::write(document),
        Format::Markdown => Ok(document.markdown().into_bytes()),
    }
}

/// Packs parts in order; the first one is stored as it is when it is the media type of an OpenDocument.
fn pack(parts: &[(&str, String)]) -> Result<Vec<u8>, PaperError> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        let method = if *name == "mimetype" {
            CompressionMethod::Stored
        } else {
            CompressionMethod::Deflated
        };
        archive.start_file(*name, SimpleFileOptions::default().compression_method(method))?;
        archive.write_all(content.as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}

/// Words as XML holds them: escaped, without the characters that XML cannot hold.
fn text(words: &str) -> String {
    let kept: String = words
        .chars()
        .filter(|c| !c.is_control() || *c == '\n')
        .filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}'))
        .collect();
    quick_xml::escape::escape(kept.as_str()).into_owned()
}

/// The widths of columns, of a whole.
fn shares(widths: &[u32], columns: usize, whole: u32) -> Vec<u32> {
    let all: Vec<u32> = (0..columns)
        .map(|column| widths.get(column).copied().unwrap_or(1).max(1))
        .collect();
    let total: u32 = all.iter().sum::<u32>().max(1);
    all.iter().map(|width| width * whole / total).collect()
}
