//! Logos: a picture under the rules of attached files, reduced to the size at which pages show it.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::imageops::FilterType as Resampling;
use sobria_catalogue::attachment::FileKind;

use super::image::open;
use super::{FileRefusal, announced, broken, interchangeable, shown, sniff};

/// Largest logo kept, in bytes.
pub const LOGO_BYTES: usize = 50_000;
/// Longest sides tried, in pixels, until the logo is light enough.
const SIDES: [u32; 5] = [320, 240, 160, 120, 80];

/// A logo as it may be kept: PNG, of at most [`LOGO_BYTES`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanLogo {
    /// Its bytes, written anew.
    pub bytes: Vec<u8>,
    /// Width and height, in pixels.
    pub size: (u32, u32),
}

/// Reads a picture, and writes it anew as a logo.
///
/// # Errors
/// Why it is not taken, in French.
pub fn logo(bytes: &[u8], name: &str) -> Result<CleanLogo, FileRefusal> {
    let called = shown(name);
    if bytes.is_empty() {
        return Err(FileRefusal::Empty { name: called });
    }
    let unknown = |found: &str| FileRefusal::NoPicture {
        name: called.clone(),
        found: found.to_owned(),
    };
    let kind = sniff::kind(bytes).map_err(unknown)?;
    if !matches!(kind, FileKind::Png | FileKind::Jpeg) {
        return Err(unknown(&format!("un {}", kind.label())));
    }
    if let Some(said) = announced(name).filter(|said| !interchangeable(*said, kind)) {
        return Err(FileRefusal::Disguised {
            name: called,
            said: said.label(),
            found: kind.label(),
        });
    }
    if let Some(other) = sniff::second_kind(bytes, kind) {
        return Err(FileRefusal::TwoKinds { name: called, other });
    }
    let (picture, _) = open(bytes, kind, &called)?;
    for side in SIDES {
        let smaller = if picture.width() > side || picture.height() > side {
            picture.resize(side, side, Resampling::Lanczos3)
        } else {
            picture.clone()
        };
        let eight = image::DynamicImage::from(smaller.to_rgba8());
        let mut out = Vec::new();
        eight
            .write_with_encoder(PngEncoder::new_with_quality(
                &mut out,
                CompressionType::Best,
                FilterType::Adaptive,
            ))
            .map_err(|error| broken(&called, FileKind::Png, error))?;
        if out.len() <= LOGO_BYTES {
            return Ok(CleanLogo {
                bytes: out,
                size: (eight.width(), eight.height()),
            });
        }
    }
    Err(FileRefusal::TooMuch {
        name: called,
        what: "plus de 50 ko même réduit".to_owned(),
        advice: "Choisissez un dessin plus simple.",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32) -> Vec<u8> {
        let mut out = std::io::Cursor::new(Vec::new());
        // Noise, which does not compress.
        let mut seed = 7_u32;
        let image = image::RgbImage::from_fn(width, height, |_, _| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [a, b, c, _] = seed.to_be_bytes();
            image::Rgb([a, b, c])
        });
        image.write_to(&mut out, image::ImageFormat::Png).unwrap();
        out.into_inner()
    }

    #[test]
    fn a_logo_is_light_whatever_was_sent() {
        let kept = logo(&picture(900, 300), "logo.png").unwrap();
        assert!(kept.bytes.len() <= LOGO_BYTES, "{}", kept.bytes.len());
        assert!(
            kept.size.0 <= 320 && kept.size.0.abs_diff(kept.size.1 * 3) <= 3,
            "{:?}",
            kept.size
        );
        let small = logo(&picture(40, 20), "logo.jpg").unwrap();
        assert_eq!(small.size, (40, 20));
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        for (bytes, name) in [
            (
                &b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"[..],
                "logo.svg",
            ),
            (b"%PDF-1.4", "logo.pdf"),
            (b"", "logo.png"),
            (b"\x89PNG\r\n\x1a\ncasse", "logo.png"),
        ] {
            assert!(logo(bytes, name).is_err(), "{name}");
        }
        let mut hidden = picture(10, 10);
        hidden.extend(b"PK\x03\x04");
        let kept = logo(&hidden, "logo.png").map(|kept| kept.bytes);
        assert!(kept.is_err() || !kept.unwrap().windows(2).any(|two| two == b"PK"));
    }
}
