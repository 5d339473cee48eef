//! What bytes are, whatever their name says.

use sobria_catalogue::attachment::FileKind;

/// Bytes looked at for marks at the beginning.
const HEAD: usize = 1024;
/// Bytes looked at for the end of an archive: its record and the longest comment.
const TAIL: usize = 22 + 65_535;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";
const PDF: &[u8] = b"%PDF-";
const ZIP: &[u8] = b"PK\x03\x04";
const ZIP_END: &[u8] = b"PK\x05\x06";
/// How an OpenDocument text begins: its first entry is its type, stored as it is.
const ODT_MARK: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument.text";

/// Other beginnings, with what they are.
const OTHERS: [(&[u8], &str); 19] = [
    (b"MZ", "un programme"),
    (b"\x7fELF", "un programme"),
    (b"\xca\xfe\xba\xbe", "un programme"),
    (b"\xcf\xfa\xed\xfe", "un programme"),
    (b"#!", "un programme"),
    (b"GIF8", "une image GIF"),
    (b"RIFF", "une image WebP, un son ou une vidéo"),
    (b"BM", "une image BMP"),
    (b"II*\0", "une image TIFF"),
    (b"MM\0*", "une image TIFF"),
    (b"\0\0\0", "une vidéo ou une photo HEIC"),
    (b"{\\rtf", "un texte RTF"),
    (b"\xd0\xcf\x11\xe0", "un ancien document Office"),
    (b"\x1f\x8b", "une archive"),
    (b"7z\xbc\xaf", "une archive"),
    (b"Rar!", "une archive"),
    (b"BZh", "une archive"),
    (b"\xfd7zXZ", "une archive"),
    (b"ID3", "un son"),
];

/// The kind of a file, or what else it looks like.
pub fn kind(bytes: &[u8]) -> Result<FileKind, &'static str> {
    if bytes.starts_with(PNG) {
        return Ok(FileKind::Png);
    }
    if bytes.starts_with(JPEG) {
        return Ok(FileKind::Jpeg);
    }
    if bytes.starts_with(PDF) {
        return Ok(FileKind::Pdf);
    }
    if bytes.starts_with(ZIP) {
        let mark = bytes.get(30..30 + ODT_MARK.len());
        let ends = bytes.get(30 + ODT_MARK.len()..32 + ODT_MARK.len());
        // Templates and master documents have longer types that begin alike.
        return if mark == Some(ODT_MARK) && ends.is_none_or(|ends| !ends.starts_with(b"-")) {
            Ok(FileKind::Odt)
        } else {
            Err("une archive, un classeur ou un document d’un autre format")
        };
    }
    let found = OTHERS.iter().find(|(mark, _)| bytes.starts_with(mark));
    // A table may begin with the letters of a mark: then it holds nothing but text.
    let is_text = |mark: &[u8]| {
        mark.iter().all(u8::is_ascii_alphanumeric) && !bytes.iter().take(HEAD).any(|byte| *byte < 9)
    };
    if let Some((_, words)) = found.filter(|(mark, _)| !is_text(mark)) {
        return Err(words);
    }
    text(bytes)
}

/// Text is a table when it is not the source of a page or a document.
fn text(bytes: &[u8]) -> Result<FileKind, &'static str> {
    let unmarked = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if unmarked.contains(&0) && !bytes.starts_with(b"\xff\xfe") && !bytes.starts_with(b"\xfe\xff") {
        return Err("un fichier d’un format inconnu");
    }
    let head = head_of(unmarked);
    let start = head.trim_ascii_start();
    if start.starts_with(b"<") || holds_markup(&head) {
        return Err("une page web ou un document balisé");
    }
    if start.starts_with(b"{") || start.starts_with(b"[") {
        return Err("un fichier JSON");
    }
    if has(&head, PDF) || has(&head, b"%!ps") {
        return Err("un fichier d’un format inconnu");
    }
    Ok(FileKind::Csv)
}

/// The beginning in lower case; wide text without its zero bytes.
fn head_of(bytes: &[u8]) -> Vec<u8> {
    bytes
        .iter()
        .take(HEAD)
        .filter(|byte| **byte != 0)
        .map(u8::to_ascii_lowercase)
        .collect()
}

fn holds_markup(head: &[u8]) -> bool {
    [
        &b"<!doctype"[..],
        b"<html",
        b"<script",
        b"<svg",
        b"<?php",
        b"<?xml",
        b"<iframe",
        b"<body",
    ]
    .iter()
    .any(|mark| has(head, mark))
}

fn has(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).any(|window| window == mark)
}

/// What else a file of a kind can be read as.
pub fn second_kind(bytes: &[u8], kind: FileKind) -> Option<&'static str> {
    let head = head_of(bytes);
    if kind != FileKind::Csv && kind != FileKind::Odt && kind != FileKind::Pdf && holds_markup(&head) {
        return Some("une page web");
    }
    // A document may quote the beginning of a page, not be one.
    if kind == FileKind::Pdf && (has(&head, b"<script") || has(&head, b"<html") || has(&head, b"<?php")) {
        return Some("une page web");
    }
    if kind != FileKind::Pdf && kind != FileKind::Csv && has(&head, b"%pdf-") {
        return Some("un document PDF");
    }
    if matches!(kind, FileKind::Png | FileKind::Jpeg | FileKind::Pdf) && ends_as_archive(bytes) {
        return Some("une archive");
    }
    None
}

/// Whether a reader of archives, which begins at the end, finds one.
fn ends_as_archive(bytes: &[u8]) -> bool {
    let tail = bytes.get(bytes.len().saturating_sub(TAIL)..).unwrap_or(bytes);
    tail.windows(22).enumerate().any(|(place, record)| {
        let comment = match record {
            [.., low, high] => usize::from(u16::from_le_bytes([*low, *high])),
            _ => 0,
        };
        // Readers of archives allow a few bytes after the comment.
        record.starts_with(ZIP_END) && place + 22 + comment <= tail.len()
    })
}
