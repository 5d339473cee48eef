//! A QR code as one SVG path.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

use super::TotpError;

/// Light modules that must surround the code.
const MARGIN: i32 = 4;

/// A QR code to be drawn as `<svg viewBox="0 0 side side"><path d="path"/></svg>`: dark on light in any theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Side of the square, in modules, margins included.
    pub side: i32,
    /// The dark modules, as the `d` of one path.
    pub path: String,
}

impl Picture {
    pub(super) fn of(text: &str) -> Result<Self, TotpError> {
        let code = QrCode::encode_text(text, QrCodeEcc::Medium)
            .ok()
            .ok_or(TotpError::Picture)?;
        let size = code.size();
        let mut path = String::new();
        for y in 0..size {
            let mut x = 0;
            while x < size {
                let start = x;
                while x < size && code.get_module(x, y) {
                    x += 1;
                }
                if x > start {
                    let length = x - start;
                    // Writing to a text cannot fail.
                    let _ = write!(path, "M{} {}h{length}v1h-{length}z", start + MARGIN, y + MARGIN);
                } else {
                    x += 1;
                }
            }
        }
        Ok(Self {
            side: size + 2 * MARGIN,
            path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws the path on a grid.
    fn grid(picture: &Picture) -> Vec<Vec<bool>> {
        let side = usize::try_from(picture.side).unwrap();
        let mut grid = vec![vec![false; side]; side];
        for run in picture.path.split('M').skip(1) {
            let numbers: Vec<usize> = run
                .split(|c: char| !c.is_ascii_digit())
                .filter(|part| !part.is_empty())
                .map(|part| part.parse().unwrap())
                .collect();
            grid[numbers[1]][numbers[0]..numbers[0] + numbers[2]].fill(true);
        }
        grid
    }

    #[test]
    fn the_path_draws_the_code_inside_its_margin() {
        let text = "otpauth://totp/Sobria:lea?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Sobria";
        let picture = Picture::of(text).unwrap();
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).unwrap();
        let grid = grid(&picture);
        for (y, row) in grid.iter().enumerate() {
            for (x, dark) in row.iter().enumerate() {
                let (x, y) = (i32::try_from(x).unwrap() - 4, i32::try_from(y).unwrap() - 4);
                assert_eq!(*dark, code.get_module(x, y), "{x} {y}");
            }
        }
        assert!(Picture::of(&"a".repeat(5000)).is_err());
    }
}
