//! The part of the map that an address asks for: a square, one of a few sizes.

use crate::view::map::BASE;

/// Sides of the squares, each half the one before or nearly, in the units of the base map: from 580 to 37 km.
const SIDES: [i32; 5] = [5000, 2500, 1250, 640, 320];

/// Sides of a square over the distance at which two circles of it stand well apart.
const APART: f64 = 8.0;

/// A square of the base map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MapWindow {
    x: i32,
    y: i32,
    side: i32,
}

impl MapWindow {
    /// Reads `4850.2220.1250`: the centre, then the side. What is no square of the map is none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(|part| part.parse::<i32>().ok());
        let (x, y, side) = (parts.next()??, parts.next()??, parts.next()??);
        let known = parts.next().is_none() && SIDES.contains(&side);
        known.then(|| Self::centred(x, y, side))
    }

    fn centred(x: i32, y: i32, side: i32) -> Self {
        // By tens, so that one place has one address.
        let within = |value: i32, most: i32| value.clamp(0, most).saturating_add(5) / 10 * 10;
        Self {
            x: within(x, BASE.0),
            y: within(y, BASE.1),
            side,
        }
    }

    /// The words of the address.
    pub fn id(self) -> String {
        format!("{}.{}.{}", self.x, self.y, self.side)
    }

    /// A square around a place, narrower than `current`, where what lies `extent` away is clearly apart from the centre.
    ///
    /// The widest such one, for what is around helps to read it. Nothing when `current` is already the narrowest.
    pub fn around(x: i32, y: i32, extent: f64, current: Option<Self>) -> Option<Self> {
        let mut narrower = SIDES
            .into_iter()
            .filter(|side| current.is_none_or(|window| *side < window.side));
        let widest = narrower.next()?;
        let side = std::iter::once(widest)
            .chain(narrower.clone())
            .find(|side| f64::from(*side) <= extent * APART)
            .or_else(|| narrower.next_back())
            .unwrap_or(widest);
        Some(Self::centred(x, y, side))
    }

    /// The square twice as wide, when it is not the whole map.
    pub fn wider(self) -> Option<Self> {
        let side = SIDES.into_iter().rfind(|side| *side > self.side)?;
        Some(Self { side, ..self })
    }

    /// The squares beside this one, half of which it shows, with the words that lead there.
    pub fn beside(self) -> Vec<(&'static str, Self)> {
        let half = self.side / 2;
        [
            ("Vers le nord", 0, -half),
            ("Vers l’est", half, 0),
            ("Vers le sud", 0, half),
            ("Vers l’ouest", -half, 0),
        ]
        .into_iter()
        .map(|(words, dx, dy)| (words, Self::centred(self.x + dx, self.y + dy, self.side)))
        .filter(|(_, other)| *other != self)
        .collect()
    }

    /// Whether no square is narrower.
    pub fn is_narrowest(self) -> bool {
        SIDES.iter().all(|side| *side >= self.side)
    }

    /// Size of its circles beside those of the whole map.
    pub fn scale(self) -> f64 {
        f64::from(self.side) / f64::from(BASE.0)
    }

    /// The part of the base map, as SVG wants it.
    pub fn view_box(self) -> String {
        let half = self.side / 2;
        format!("{} {} {} {}", self.x - half, self.y - half, self.side, self.side)
    }

    /// Whether a point is in it.
    pub fn holds(self, (x, y): (f64, f64)) -> bool {
        let half = f64::from(self.side) / 2.0;
        (x - f64::from(self.x)).abs() <= half && (y - f64::from(self.y)).abs() <= half
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written_in_one_form() {
        let window = MapWindow::parse("4849.2224.1250").unwrap();
        assert_eq!(window.id(), "4850.2220.1250");
        assert_eq!(MapWindow::parse(&window.id()), Some(window));
        assert_eq!(window.view_box(), "4225 1595 1250 1250");
        for text in [
            "",
            "1.2",
            "1.2.3",
            "1.2.1250.4",
            "a.2.1250",
            "1..1250",
            "99999999999.2.1250",
        ] {
            assert_eq!(MapWindow::parse(text), None, "{text}");
        }
        assert_eq!(MapWindow::parse("2147483647.-5.320").unwrap().id(), "10000.0.320");
    }

    #[test]
    fn each_step_is_narrower_and_ends() {
        let mut current = None;
        let mut steps = 0;
        while let Some(next) = MapWindow::around(4_000, 4_000, 3_000.0, current) {
            assert!(current.is_none_or(|window: MapWindow| next.scale() < window.scale()));
            current = Some(next);
            steps += 1;
        }
        assert_eq!(steps, SIDES.len());
        assert!(current.unwrap().is_narrowest());
        assert_eq!(current.unwrap().wider().unwrap().id(), "4000.4000.640");
        assert!(MapWindow::around(4_000, 4_000, 0.0, None).unwrap().is_narrowest());
        assert_eq!(
            MapWindow::around(4_000, 4_000, 200.0, None).unwrap().id(),
            "4000.4000.1250"
        );
    }

    #[test]
    fn one_goes_about_the_map_and_not_off_it() {
        let words = |text: &str| -> Vec<&str> {
            MapWindow::parse(text)
                .unwrap()
                .beside()
                .into_iter()
                .map(|(words, _)| words)
                .collect()
        };
        assert_eq!(words("5000.5000.1250").len(), 4);
        assert_eq!(words("0.0.1250"), ["Vers l’est", "Vers le sud"]);
    }
}
