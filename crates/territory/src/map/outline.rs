//! Outlines as polygons: the département of a point, and the extent of a département.

use std::sync::LazyLock;

use super::{BaseMap, Placement, project};

/// How far outside its simplified outline a point on the coast may fall, in the units of the base map (about 8 km).
const COAST: f64 = 70.0;

/// Communes that the simplified outlines leave out: Sein, Molène, Ouessant, Hœdic, Houat, Quiberon, Yeu.
const ISLANDS: &[&str] = &["29083", "29084", "29155", "56085", "56086", "56186", "85113"];

/// The département, or overseas territory, that holds a point; outlines are simplified at 1.8 km.
///
/// ```
/// assert_eq!(sobria_territory::map::departement_at(48.39, -4.486), Some("29"));
/// assert_eq!(sobria_territory::map::departement_at(-20.88, 55.45), Some("974"));
/// ```
pub fn departement_at(latitude: f64, longitude: f64) -> Option<&'static str> {
    match project(latitude, longitude) {
        Placement::Inset { code, .. } => Some(code),
        Placement::OffMap => None,
        Placement::Mainland { x, y } => {
            let shapes = shapes();
            shapes
                .iter()
                .find(|shape| shape.holds(x, y))
                .or_else(|| {
                    let coasts = shapes
                        .iter()
                        .filter(|shape| shape.bounds.grown(COAST).holds(x, y))
                        .map(|shape| (shape.distance(x, y), shape));
                    nearest(coasts, COAST)
                })
                .map(|shape| shape.code)
                .or_else(|| island_at(x, y))
        }
    }
}

/// What has no outline is known by the point of its commune.
fn island_at(x: f64, y: f64) -> Option<&'static str> {
    let islands = ISLANDS.iter().filter_map(|insee| {
        let commune = crate::Directory::embedded().by_insee(insee)?;
        match project(commune.latitude, commune.longitude) {
            Placement::Mainland { x: east, y: south } => {
                Some(((east - x).hypot(south - y), commune.departement))
            }
            _ => None,
        }
    });
    nearest(islands, COAST)
}

fn nearest<T>(all: impl Iterator<Item = (f64, T)>, within: f64) -> Option<T> {
    all.filter(|(distance, _)| *distance < within)
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, one)| one)
}

/// The extent of a département, or the frame of an overseas territory.
///
/// ```
/// use sobria_territory::map::bounds_of;
/// let finistere = bounds_of("29").unwrap();
/// assert!(finistere.holds(488.0, 2446.0));
/// assert_eq!(bounds_of("974").unwrap().view_box(0.0), "6120 9474 1840 1700");
/// assert!(bounds_of("00").is_none());
/// ```
pub fn bounds_of(departement: &str) -> Option<Bounds> {
    if let Some(inset) = BaseMap::embedded().insets.get(departement) {
        let [left, top, width, height] = inset.frame;
        return Some(Bounds {
            left,
            top,
            right: left + width,
            bottom: top + height,
        });
    }
    shapes()
        .iter()
        .find(|shape| shape.code == departement)
        .map(|shape| shape.bounds)
}

/// A rectangle on the base map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Western edge.
    pub left: f64,
    /// Northern edge.
    pub top: f64,
    /// Eastern edge.
    pub right: f64,
    /// Southern edge.
    pub bottom: f64,
}

impl Bounds {
    const NOTHING: Self = Self {
        left: f64::INFINITY,
        top: f64::INFINITY,
        right: f64::NEG_INFINITY,
        bottom: f64::NEG_INFINITY,
    };

    fn with(self, (x, y): (f64, f64)) -> Self {
        Self {
            left: self.left.min(x),
            top: self.top.min(y),
            right: self.right.max(x),
            bottom: self.bottom.max(y),
        }
    }

    fn grown(self, by: f64) -> Self {
        Self {
            left: self.left - by,
            top: self.top - by,
            right: self.right + by,
            bottom: self.bottom + by,
        }
    }

    /// Whether it holds a point, its edges included.
    ///
    /// ```
    /// let all = sobria_territory::map::Bounds { left: 0.0, top: 0.0, right: 10.0, bottom: 10.0 };
    /// assert!(all.holds(10.0, 5.0) && !all.holds(11.0, 5.0));
    /// ```
    pub fn holds(&self, x: f64, y: f64) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }

    /// Its centre, where a label goes.
    ///
    /// ```
    /// let all = sobria_territory::map::Bounds { left: 0.0, top: 0.0, right: 10.0, bottom: 20.0 };
    /// assert_eq!(all.centre(), (5.0, 10.0));
    /// ```
    pub fn centre(&self) -> (f64, f64) {
        (self.left.midpoint(self.right), self.top.midpoint(self.bottom))
    }

    /// The `viewBox` that shows it with a margin on each side, in whole units.
    ///
    /// ```
    /// let all = sobria_territory::map::Bounds { left: 0.0, top: 0.0, right: 10.0, bottom: 20.0 };
    /// assert_eq!(all.view_box(5.0), "-5 -5 20 30");
    /// ```
    pub fn view_box(&self, margin: f64) -> String {
        let shown = self.grown(margin);
        let (left, top) = (shown.left.floor() + 0.0, shown.top.floor() + 0.0);
        format!(
            "{left} {top} {} {}",
            (shown.right - left).ceil(),
            (shown.bottom - top).ceil()
        )
    }
}

#[derive(Debug)]
struct Shape {
    code: &'static str,
    bounds: Bounds,
    rings: Vec<Vec<(f64, f64)>>,
}

impl Shape {
    /// Whether a line from the point to the west crosses the outline an odd number of times.
    fn holds(&self, x: f64, y: f64) -> bool {
        if !self.bounds.holds(x, y) {
            return false;
        }
        let mut inside = false;
        for ((x1, y1), (x2, y2)) in self.edges() {
            if (y1 > y) != (y2 > y) && x < (x2 - x1) * (y - y1) / (y2 - y1) + x1 {
                inside = !inside;
            }
        }
        inside
    }

    fn distance(&self, x: f64, y: f64) -> f64 {
        self.edges()
            .map(|((x1, y1), (x2, y2))| {
                let (dx, dy) = (x2 - x1, y2 - y1);
                let length2 = dx * dx + dy * dy;
                let along = if length2 > 0.0 {
                    (((x - x1) * dx + (y - y1) * dy) / length2).clamp(0.0, 1.0)
                } else {
                    0.0
                };
                (x - x1 - along * dx).hypot(y - y1 - along * dy)
            })
            .fold(f64::INFINITY, f64::min)
    }

    fn edges(&self) -> impl Iterator<Item = ((f64, f64), (f64, f64))> {
        self.rings
            .iter()
            .flat_map(|ring| ring.iter().copied().zip(ring.iter().copied().cycle().skip(1)))
    }
}

fn shapes() -> &'static [Shape] {
    static SHAPES: LazyLock<Vec<Shape>> = LazyLock::new(|| {
        BaseMap::embedded()
            .departements
            .iter()
            .map(|(code, outline)| {
                let rings = path_rings(&outline.d);
                let bounds = rings
                    .iter()
                    .flatten()
                    .copied()
                    .fold(Bounds::NOTHING, Bounds::with);
                Shape { code, bounds, rings }
            })
            .collect()
    });
    &SHAPES
}

/// Points of each closed ring of a path that holds absolute moves, relative lines and closings only.
fn path_rings(d: &str) -> Vec<Vec<(f64, f64)>> {
    d.split('M')
        .map(|ring| {
            let (mut x, mut y) = (0.0, 0.0);
            let numbers = numbers(ring);
            numbers
                .chunks_exact(2)
                .filter_map(|pair| {
                    // The first pair is a place, counted from the origin; the others are steps.
                    x += pair.first()?;
                    y += pair.get(1)?;
                    Some((x, y))
                })
                .collect::<Vec<_>>()
        })
        .filter(|ring| ring.len() > 2)
        .collect()
}

/// Numbers of a path: a sign begins a new one, as does anything that is not a digit.
fn numbers(text: &str) -> Vec<f64> {
    let mut found = Vec::new();
    let mut start = 0;
    for (position, c) in text.char_indices().chain(std::iter::once((text.len(), ' '))) {
        if c.is_ascii_digit() {
            continue;
        }
        if let Some(Ok(number)) = text.get(start..position).map(str::parse::<f64>) {
            found.push(number);
        }
        start = if c == '-' {
            position
        } else {
            position + c.len_utf8()
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_rings() {
        assert_eq!(
            path_rings("M10 20l5-5 0 10zM-1-2l3 0-1 4z"),
            [
                vec![(10.0, 20.0), (15.0, 15.0), (15.0, 25.0)],
                vec![(-1.0, -2.0), (2.0, -2.0), (1.0, 2.0)],
            ]
        );
        assert!(path_rings("").is_empty());
    }

    #[test]
    fn every_path_holds_only_what_is_read() {
        let map = BaseMap::embedded();
        let paths = map.departements.values().map(|outline| &outline.d);
        for d in paths.chain(map.insets.values().map(|inset| &inset.d)) {
            assert!(
                d.chars().all(|c| c.is_ascii_digit() || " -Mlz".contains(c)),
                "{d}"
            );
            assert!(!path_rings(d).is_empty());
        }
        assert_eq!(shapes().len(), 96);
    }

    #[test]
    fn departements_are_found_from_a_point() {
        for (code, latitude, longitude) in [
            ("57", 49.1197, 6.1763),
            ("29", 48.39, -4.486),
            ("75", 48.8566, 2.3522),
            ("13", 43.2977, 5.3694),
            ("2A", 41.9267, 8.7369),
            ("974", -20.88, 55.45),
            ("977", 17.90, -62.85),
            ("978", 18.07, -63.08),
            ("43", 45.3003, 3.3995),
            ("29", 48.456, -5.096),
        ] {
            assert_eq!(departement_at(latitude, longitude), Some(code), "{code}");
        }
        for (latitude, longitude) in [
            (0.0, 0.0),
            (42.5, 5.5),
            (46.0, -4.0),
            (50.9, 9.5),
            (f64::NAN, 2.0),
        ] {
            assert_eq!(
                departement_at(latitude, longitude),
                None,
                "{latitude} {longitude}"
            );
        }
    }

    #[test]
    fn communes_fall_in_their_own_departement() {
        let communes = crate::Directory::embedded()
            .authorities()
            .iter()
            .filter(|a| a.kind == "commune" && a.basis == crate::directory::Basis::Commune);
        let (mut right, mut all) = (0, 0);
        let mut lost = Vec::new();
        for commune in communes {
            all += 1;
            let found = departement_at(commune.latitude, commune.longitude);
            if found.is_none() {
                lost.push((commune.insee, commune.name));
            }
            right += usize::from(found == Some(commune.departement));
        }
        assert!(lost.is_empty(), "{lost:?}");
        // Outlines are simplified: a few communes on a border fall on the other side.
        assert!(right * 100 >= all * 98, "{right} of {all}");
    }

    #[test]
    fn overseas_communes_fall_in_their_own_territory() {
        for commune in crate::Directory::embedded()
            .authorities()
            .iter()
            .filter(|a| a.kind == "commune" && a.departement.len() == 3)
            .filter(|a| !["984", "989"].contains(&a.departement))
        {
            let found = departement_at(commune.latitude, commune.longitude);
            assert_eq!(found, Some(commune.departement), "{commune:?}");
        }
    }

    #[test]
    fn every_departement_has_an_extent_that_holds_its_towns() {
        for departement in crate::Departement::all() {
            let bounds = bounds_of(departement.code);
            assert_eq!(
                bounds.is_some(),
                !["984", "989"].contains(&departement.code),
                "{departement:?}"
            );
            if let Some(bounds) = bounds {
                let (x, y) = bounds.centre();
                assert!(bounds.holds(x, y), "{departement:?}");
            }
        }
    }
}
