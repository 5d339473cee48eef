//! Files that people attach: what is taken, what is taken out of them, what is refused.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that fails is a test that panics"
)]

use std::io::{Cursor, Read, Write};

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use lopdf::{Dictionary, Document, Object, Stream, dictionary};
use sobria_catalogue::attachment::FileKind;
use sobria_exchange::attachment::{FileRefusal, clean};
use zip::write::SimpleFileOptions;

/// A word that must not be found in what is kept.
const SECRET: &str = "Camille-Secret-48.8566";

fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut image = RgbImage::from_pixel(width, height, Rgb([200, 30, 30]));
    image.put_pixel(0, 0, Rgb([0, 0, 0]));
    let mut out = Vec::new();
    DynamicImage::ImageRgb8(image)
        .write_to(&mut Cursor::new(&mut out), format)
        .unwrap();
    out
}

/// A JPEG with an EXIF note (turned by a quarter), an XMP note and a comment.
fn photograph() -> Vec<u8> {
    let plain = picture(40, 20, ImageFormat::Jpeg);
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
    exif.extend_from_slice(SECRET.as_bytes());
    let segment = |mark: u8, body: &[u8]| {
        let mut all = vec![0xff, mark];
        all.extend_from_slice(&u16::try_from(body.len() + 2).unwrap().to_be_bytes());
        all.extend_from_slice(body);
        all
    };
    let mut out = plain[..2].to_vec();
    out.extend(segment(0xe1, &exif));
    out.extend(segment(
        0xe1,
        format!("http://ns.adobe.com/xap/1.0/\0{SECRET}").as_bytes(),
    ));
    out.extend(segment(0xfe, SECRET.as_bytes()));
    out.extend_from_slice(&plain[2..]);
    out
}

/// A PNG with a text chunk after its head.
fn drawing() -> Vec<u8> {
    let plain = picture(16, 16, ImageFormat::Png);
    let mut body = b"tEXtAuthor\0".to_vec();
    body.extend_from_slice(SECRET.as_bytes());
    let mut chunk = u32::try_from(body.len() - 4).unwrap().to_be_bytes().to_vec();
    chunk.extend_from_slice(&body);
    let mut crc = flate2::Crc::new();
    crc.update(&body);
    chunk.extend_from_slice(&crc.sum().to_be_bytes());
    [&plain[..33], &chunk, &plain[33..]].concat()
}

fn document() -> Vec<u8> {
    let mut document = Document::with_version("1.5");
    let pages = document.new_object_id();
    let content = document.add_object(Stream::new(
        Dictionary::new(),
        b"BT /F1 12 Tf 40 700 Td (Deliberation) Tj ET".to_vec(),
    ));
    let script = document.add_object(dictionary! {
        "S" => "JavaScript", "JS" => Object::string_literal("app.alert(1)"),
    });
    let photo = document.add_object(Stream::new(
        dictionary! {"Type" => "XObject", "Subtype" => "Image", "Filter" => "DCTDecode", "Width" => 40, "Height" => 20},
        photograph(),
    ));
    let note = document.add_object(dictionary! {
        "Type" => "Annot", "Subtype" => "Text", "Rect" => vec![0.into(), 0.into(), 9.into(), 9.into()],
        "T" => Object::string_literal(SECRET), "Contents" => Object::string_literal("À revoir"),
    });
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content,
        "Resources" => dictionary! {"XObject" => dictionary! {"P" => photo}},
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
        "Annots" => vec![note.into()],
    });
    document.objects.insert(
        pages,
        dictionary! {"Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1}.into(),
    );
    let metadata = document.add_object(Stream::new(
        dictionary! {"Type" => "Metadata", "Subtype" => "XML"},
        SECRET.as_bytes().to_vec(),
    ));
    let hidden = document.add_object(Stream::new(Dictionary::new(), SECRET.as_bytes().to_vec()));
    let file = document.add_object(dictionary! {"Type" => "Filespec", "EF" => dictionary! {"F" => hidden}});
    let catalog = document.add_object(dictionary! {
        "Type" => "Catalog", "Pages" => pages, "Metadata" => metadata, "OpenAction" => script,
        "Names" => dictionary! {"EmbeddedFiles" => dictionary! {"Names" => vec![Object::string_literal("a"), file.into()]}},
    });
    let info = document.add_object(dictionary! {"Author" => Object::string_literal(SECRET)});
    document.trailer.set("Root", catalog);
    document.trailer.set("Info", info);
    let mut out = Vec::new();
    document.save_to(&mut out).unwrap();
    out
}

fn text(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    archive.start_file("mimetype", stored).unwrap();
    archive
        .write_all(b"application/vnd.oasis.opendocument.text")
        .unwrap();
    for (path, bytes) in parts {
        archive.start_file(*path, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn letter() -> Vec<u8> {
    let content = format!(
        "<?xml version=\"1.0\"?><office:document-content><office:annotation><dc:creator>{SECRET}</dc:creator>\
         <text:p>À revoir</text:p></office:annotation><text:p>Délibération &amp; annexes</text:p></office:document-content>"
    );
    text(&[
        ("content.xml", content.as_bytes()),
        ("styles.xml", b"<s/>"),
        ("meta.xml", SECRET.as_bytes()),
        ("settings.xml", SECRET.as_bytes()),
        ("Basic/Standard/Module1.xml", SECRET.as_bytes()),
        ("Pictures/1.jpg", &photograph()),
        ("META-INF/manifest.xml", b"<m/>"),
    ])
}

/// Everything that can be read in bytes: as they are, and each part of an archive.
fn readable(bytes: &[u8]) -> Vec<u8> {
    let mut all = bytes.to_vec();
    if let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) {
        for place in 0..archive.len() {
            archive.by_index(place).unwrap().read_to_end(&mut all).unwrap();
        }
    }
    if let Ok(document) = Document::load_mem(bytes) {
        for object in document.objects.values() {
            all.extend(format!("{object:?}").bytes());
            if let Object::Stream(stream) = object {
                all.extend(&stream.content);
            }
        }
    }
    all
}

fn holds(bytes: &[u8], word: &str) -> bool {
    readable(bytes)
        .windows(word.len())
        .any(|window| window == word.as_bytes())
}

#[test]
fn what_speaks_of_the_author_is_taken_out_of_every_kind_and_the_rest_stays() {
    for (name, bytes, kind) in [
        ("photo.jpg", photograph(), FileKind::Jpeg),
        ("plan.png", drawing(), FileKind::Png),
        ("delib.pdf", document(), FileKind::Pdf),
        ("lettre.odt", letter(), FileKind::Odt),
    ] {
        assert!(holds(&bytes, SECRET), "{name}: the test itself holds the word");
        let file = clean(&bytes, name).unwrap();
        assert_eq!((file.kind, file.name.as_str()), (kind, name));
        assert!(!holds(&file.bytes, SECRET), "{name}");
        assert!(!file.removed.is_empty());
        let again = clean(&file.bytes, name).unwrap();
        assert_eq!(again.kind, kind, "what is kept can be read again");
    }
    let upright = image::load_from_memory(&clean(&photograph(), "a.jpg").unwrap().bytes).unwrap();
    assert_eq!(
        (upright.width(), upright.height()),
        (20, 40),
        "turned as its note said"
    );
    let pdf = clean(&document(), "a.pdf").unwrap();
    assert!(holds(&pdf.bytes, "Deliberation") && !holds(&pdf.bytes, "app.alert"));
    assert!(
        pdf.removed.iter().any(|line| line.contains("scripts")),
        "{:?}",
        pdf.removed
    );
    assert!(
        pdf.removed.iter().any(|line| line.contains("cachés dans")),
        "{:?}",
        pdf.removed
    );
    let odt = clean(&letter(), "a.odt").unwrap();
    assert!(holds(&odt.bytes, "Délibération &amp; annexes") && holds(&odt.bytes, "À revoir"));
    assert!(odt.removed.iter().any(|line| line.contains("macros")));
}

#[test]
fn a_table_is_kept_in_utf8_and_its_formulas_do_not_run() {
    let file = clean(
        b"Poste;Montant\nAchat \xe9t\xe9;-4,5\n=HYPERLINK(\"x\");@SUM(A1)\n",
        "budget.csv",
    )
    .unwrap();
    let text = String::from_utf8(file.bytes).unwrap();
    assert!(text.contains("Achat été;-4,5"), "{text}");
    assert!(text.contains("'=HYPERLINK") && text.contains("'@SUM"), "{text}");
    assert!(file.removed[0].ends_with('2'), "{:?}", file.removed);
}

#[test]
fn disguised_files_are_refused_whatever_their_name_says() {
    let html = b"  <!DOCTYPE html><script>alert(1)</script>".as_slice();
    let program = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0".as_slice();
    let workbook = text_of_other_kind();
    for (name, bytes) in [
        ("rapport.pdf", html),
        ("table.csv", html),
        (
            "photo.jpg",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".as_slice(),
        ),
        ("rapport.pdf", program),
        ("table.csv", b"\x7fELF\x02\x01\x01\0;\n;".as_slice()),
        ("script.csv", b"#!/bin/sh\nrm -rf /;x\n".as_slice()),
        ("lettre.odt", workbook.as_slice()),
        ("photo.png", b"GIF89a\x01\0\x01\0".as_slice()),
        ("donnees.csv", b"{\"a\":1,\"b\":2}".as_slice()),
        ("donnees.csv", b"a;b\n\0\0\0\0".as_slice()),
    ] {
        let refusal = clean(bytes, name).unwrap_err();
        assert!(
            matches!(refusal, FileRefusal::Unknown { .. }),
            "{name}: {refusal:?}"
        );
        assert!(refusal.to_string().contains(name) && refusal.to_string().contains("PDF, PNG"));
    }
    for (name, bytes) in [
        ("delib.pdf", photograph()),
        ("photo.jpg", document()),
        ("delib.pdf", letter()),
        ("photo.png", b"a;b\n1;2\n".to_vec()),
    ] {
        let refusal = clean(&bytes, name).unwrap_err();
        assert!(
            matches!(refusal, FileRefusal::Disguised { .. }),
            "{name}: {refusal:?}"
        );
    }
    // Pictures are named loosely everywhere: the right ending is given.
    assert_eq!(clean(&drawing(), "photo.jpg").unwrap().name, "photo.png");
    assert!(matches!(clean(b"", "vide.pdf"), Err(FileRefusal::Empty { .. })));
}

fn text_of_other_kind() -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive
        .start_file("xl/workbook.xml", SimpleFileOptions::default())
        .unwrap();
    archive.finish().unwrap().into_inner()
}

#[test]
fn files_that_are_two_things_at_once_are_refused() {
    let archive = text_of_other_kind();
    for (name, mut bytes) in [
        ("photo.jpg", photograph()),
        ("plan.png", drawing()),
        ("delib.pdf", document()),
    ] {
        bytes.extend_from_slice(&archive);
        let refusal = clean(&bytes, name).unwrap_err();
        assert!(
            matches!(refusal, FileRefusal::TwoKinds { .. }),
            "{name}: {refusal:?}"
        );
    }
    let plain = picture(8, 8, ImageFormat::Jpeg);
    let comment = b"<script>alert(1)</script>";
    let mut both = vec![
        0xff,
        0xd8,
        0xff,
        0xfe,
        0,
        u8::try_from(comment.len() + 2).unwrap(),
    ];
    both.extend_from_slice(comment);
    both.extend_from_slice(&plain[2..]);
    assert!(matches!(clean(&both, "a.jpg"), Err(FileRefusal::TwoKinds { .. })));
    // What merely follows the picture is not kept.
    let mut followed = plain.clone();
    followed.extend_from_slice(SECRET.as_bytes());
    assert!(!holds(&clean(&followed, "a.jpg").unwrap().bytes, SECRET));
}

#[test]
fn files_that_are_broken_protected_or_too_much_are_refused_with_what_to_do() {
    let cut = &document()[..200];
    assert!(matches!(clean(cut, "a.pdf"), Err(FileRefusal::Broken { .. })));
    assert!(matches!(
        clean(&photograph()[..300], "a.jpg"),
        Err(FileRefusal::Broken { .. })
    ));
    assert!(matches!(
        clean(b"un texte sans colonnes\n", "a.csv"),
        Err(FileRefusal::Broken { .. })
    ));
    let protected = text(&[
        ("content.xml", b"x"),
        ("META-INF/manifest.xml", b"<manifest:encryption-data/>"),
    ]);
    assert!(matches!(
        clean(&protected, "a.odt"),
        Err(FileRefusal::Protected { .. })
    ));
    let bomb = text(&[("content.xml", &vec![b' '; 20_000_000])]);
    assert!(bomb.len() < 100_000);
    assert!(matches!(clean(&bomb, "a.odt"), Err(FileRefusal::TooMuch { .. })));
    let entities = text(&[(
        "content.xml",
        b"<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><x>&a;</x>",
    )]);
    assert!(matches!(
        clean(&entities, "a.odt"),
        Err(FileRefusal::Broken { .. })
    ));
    let slip = text(&[("content.xml", b"<x/>"), ("../../evil.xml", b"<x/>")]);
    assert!(!holds(&clean(&slip, "a.odt").unwrap().bytes, "evil"));
    // A picture whose head announces far more than its bytes hold.
    let mut vast = picture(8, 8, ImageFormat::Png);
    vast[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    let mut crc = flate2::Crc::new();
    crc.update(&vast[12..29]);
    vast[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    assert!(matches!(clean(&vast, "a.png"), Err(FileRefusal::TooMuch { .. })));
}

#[test]
fn a_large_picture_is_reduced() {
    let file = clean(&picture(3000, 10, ImageFormat::Png), "plan.png").unwrap();
    let small = image::load_from_memory(&file.bytes).unwrap();
    assert_eq!(small.width(), 2560);
    assert!(
        file.removed.iter().any(|line| line.contains("3000 × 10")),
        "{:?}",
        file.removed
    );
}
