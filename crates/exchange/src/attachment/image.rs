//! Pictures: decoded, turned upright, reduced when they are larger than a screen shows, and written anew, so that
//! nothing but the picture is left.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::imageops::FilterType as Resampling;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use sobria_catalogue::attachment::FileKind;

use super::{FileRefusal, broken};

/// Largest picture that is opened, in pixels: three bytes each, twice while it is turned.
const PIXELS_MAX: u64 = 25_000_000;
/// Longest side kept, in pixels: more than screens show, enough to print a page.
const SIDE_MAX: u32 = 2560;
/// Quality of photographs written anew.
const QUALITY: u8 = 85;

pub fn clean(bytes: &[u8], kind: FileKind, name: &str) -> Result<(Vec<u8>, Vec<String>), FileRefusal> {
    let mut removed = vec!["les informations cachées (lieu, appareil, auteur, date)".to_owned()];
    let (picture, turned) = open(bytes, kind, name)?;
    if turned {
        removed.push("la photo a été redressée".to_owned());
    }
    let (width, height) = (picture.width(), picture.height());
    let picture = if width > SIDE_MAX || height > SIDE_MAX {
        let smaller = picture.resize(SIDE_MAX, SIDE_MAX, Resampling::Triangle);
        removed.push(format!(
            "l’image a été réduite de {width} × {height} à {} × {} pixels",
            smaller.width(),
            smaller.height()
        ));
        smaller
    } else {
        picture
    };
    Ok((write(&picture, kind, name)?, removed))
}

/// The picture, upright, and whether it had to be turned.
pub(super) fn open(bytes: &[u8], kind: FileKind, name: &str) -> Result<(DynamicImage, bool), FileRefusal> {
    let format = if kind == FileKind::Png {
        ImageFormat::Png
    } else {
        ImageFormat::Jpeg
    };
    let failed = |error: image::ImageError| match error {
        image::ImageError::Limits(_) => too_large(name),
        other => broken(name, kind, other),
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(PIXELS_MAX * 8);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(failed)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(too_large(name));
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(failed)?;
    picture.apply_orientation(orientation);
    Ok((picture, orientation != Orientation::NoTransforms))
}

fn too_large(name: &str) -> FileRefusal {
    FileRefusal::TooMuch {
        name: name.to_owned(),
        what: "plus de 25 millions de pixels".to_owned(),
        advice: "Réduisez l’image, puis recommencez.",
    }
}

fn write(picture: &DynamicImage, kind: FileKind, name: &str) -> Result<Vec<u8>, FileRefusal> {
    let mut out = Vec::new();
    let written = if kind == FileKind::Png {
        // Eight bits a channel are what screens and printers show.
        let eight = match picture {
            DynamicImage::ImageLuma16(_) => DynamicImage::from(picture.to_luma8()),
            DynamicImage::ImageLumaA16(_) => DynamicImage::from(picture.to_luma_alpha8()),
            DynamicImage::ImageRgb16(_) => DynamicImage::from(picture.to_rgb8()),
            DynamicImage::ImageRgba16(_) => DynamicImage::from(picture.to_rgba8()),
            other => other.clone(),
        };
        eight.write_with_encoder(PngEncoder::new_with_quality(
            &mut out,
            CompressionType::Default,
            FilterType::Adaptive,
        ))
    } else {
        let flat = match picture {
            DynamicImage::ImageLuma8(_) => picture.clone(),
            other => DynamicImage::from(other.to_rgb8()),
        };
        flat.write_with_encoder(JpegEncoder::new_with_quality(&mut out, QUALITY))
    };
    written.map_err(|error| broken(name, kind, error))?;
    Ok(out)
}

/// A JPEG as it stands without its notes: the segments of applications and comments go, but for those that say how
/// its colours are read. Used for photographs inside documents, which must not lose quality once more.
pub fn without_notes(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes.strip_prefix(b"\xff\xd8")?;
    let mut kept = vec![0xff, 0xd8];
    loop {
        let [0xff, mark, high, low, ..] = *rest else {
            return None;
        };
        if mark == 0xff {
            rest = rest.get(1..)?;
            continue;
        }
        if mark == 0xda {
            kept.extend_from_slice(rest);
            return Some(kept);
        }
        let length = 2 + usize::from(u16::from_be_bytes([high, low]));
        let segment = rest.get(..length)?;
        let note = matches!(mark, 0xe1 | 0xe3..=0xed | 0xef | 0xfe)
            || (mark == 0xe2 && segment.get(4..15) != Some(b"ICC_PROFILE"));
        if !note {
            kept.extend_from_slice(segment);
        }
        rest = rest.get(length..)?;
    }
}
