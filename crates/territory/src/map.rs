//! The base map: projection, outlines, and the grouping of points.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

const BASE: &str = include_str!("../reference/base_map.json");

/// Outlines of départements and overseas insets, in the units of the base map.
#[derive(Debug, Deserialize)]
pub struct BaseMap {
    /// Corner, width and height.
    pub view_box: [f64; 4],
    /// Départements of mainland France and Corsica, by code.
    pub departements: BTreeMap<String, Outline>,
    /// Overseas territories, by code.
    pub insets: BTreeMap<String, Inset>,
}

/// The outline of a département.
#[derive(Debug, Deserialize)]
pub struct Outline {
    /// Name.
    pub name: String,
    /// SVG path: absolute and relative moves, relative lines, closings.
    pub d: String,
}

/// An overseas territory in its own frame.
#[derive(Debug, Deserialize)]
pub struct Inset {
    /// Name.
    pub name: String,
    /// Corner, width and height of the frame.
    #[serde(rename = "box")]
    pub frame: [f64; 4],
    lon_min: f64,
    lon_max: f64,
    lat_min: f64,
    lat_max: f64,
    ox: f64,
    oy: f64,
    kx: f64,
    ky: f64,
    /// SVG path.
    pub d: String,
}

impl Inset {
    fn holds(&self, latitude: f64, longitude: f64) -> bool {
        // A margin of a fifth of a degree takes in the sea between the islands and their outline.
        const MARGIN: f64 = 0.2;
        (self.lat_min - MARGIN..=self.lat_max + MARGIN).contains(&latitude)
            && (self.lon_min - MARGIN..=self.lon_max + MARGIN).contains(&longitude)
    }
}

impl BaseMap {
    /// The base map embedded in the executable, read when first used.
    pub fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<BaseMap> = LazyLock::new(|| {
            serde_json::from_str(BASE).unwrap_or_else(|_| BaseMap {
                view_box: [0.0, 0.0, 10_000.0, 12_724.0],
                departements: BTreeMap::new(),
                insets: BTreeMap::new(),
            })
        });
        &EMBEDDED
    }
}

/// Where a point falls on the base map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Placement {
    /// Mainland France or Corsica.
    Mainland {
        /// Across.
        x: f64,
        /// Down.
        y: f64,
    },
    /// An overseas territory.
    Inset {
        /// Its code.
        code: &'static str,
        /// Across.
        x: f64,
        /// Down.
        y: f64,
    },
    /// Nowhere on the map.
    OffMap,
}

/// Places a point of WGS 84 on the base map: Lambert 93 (EPSG:2154) on the mainland, a frame of its own overseas.
///
/// ```
/// use sobria_territory::map::{Placement, project};
/// let Placement::Mainland { x, y } = project(48.8566, 2.3522) else { panic!() };
/// assert_eq!((x.round(), y.round()), (4849.0, 2224.0));
/// ```
pub fn project(latitude: f64, longitude: f64) -> Placement {
    if !latitude.is_finite() || !longitude.is_finite() {
        return Placement::OffMap;
    }
    for (code, inset) in &BaseMap::embedded().insets {
        if inset.holds(latitude, longitude) {
            return Placement::Inset {
                code,
                x: inset.ox + longitude * inset.kx,
                y: inset.oy - latitude * inset.ky,
            };
        }
    }
    if !on_mainland(latitude, longitude) {
        return Placement::OffMap;
    }
    let (easting, northing) = lambert93(latitude, longitude);
    Placement::Mainland {
        x: (easting - 90_000.0) * 10_000.0 / 1_160_000.0,
        y: (7_120_000.0 - northing) * 10_000.0 / 1_160_000.0,
    }
}

fn on_mainland(latitude: f64, longitude: f64) -> bool {
    (41.0..=51.5).contains(&latitude) && (-5.5..=10.0).contains(&longitude)
}

/// Lambert 93, in metres.
fn lambert93(latitude: f64, longitude: f64) -> (f64, f64) {
    const E: f64 = 0.081_819_191_06;
    const N: f64 = 0.725_607_765_0;
    const C: f64 = 11_754_255.426;
    const XS: f64 = 700_000.0;
    const YS: f64 = 12_655_612.050;
    let phi = latitude.to_radians();
    let sine = E * phi.sin();
    let l =
        ((std::f64::consts::FRAC_PI_4 + phi / 2.0).tan() * ((1.0 - sine) / (1.0 + sine)).powf(E / 2.0)).ln();
    let r = C * (-N * l).exp();
    let gamma = N * (longitude - 3.0).to_radians();
    (XS + r * gamma.sin(), YS - r * gamma.cos())
}

/// Whether a point lies in mainland France, in Corsica or in a known overseas territory.
pub fn is_plausible(latitude: f64, longitude: f64) -> bool {
    !matches!(project(latitude, longitude), Placement::OffMap)
}

/// Whether latitude and longitude were most likely swapped: the pair makes sense only the other way round.
pub fn swapped(latitude: f64, longitude: f64) -> bool {
    !is_plausible(latitude, longitude) && is_plausible(longitude, latitude)
}

/// The département, or overseas territory, that holds a point; outlines are simplified at 1.8 km.
///
/// ```
/// assert_eq!(sobria_territory::map::departement_at(48.39, -4.486), Some("29"));
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
                // A point on the coast may fall outside its simplified outline by a few kilometres.
                .or_else(|| {
                    shapes
                        .iter()
                        .map(|shape| (shape.distance2(x, y), shape))
                        .filter(|(distance, _)| *distance < 150.0 * 150.0)
                        .min_by(|a, b| a.0.total_cmp(&b.0))
                        .map(|(_, shape)| shape)
                })
                .map(|shape| shape.code)
        }
    }
}

#[derive(Debug)]
struct Shape {
    code: &'static str,
    bounds: (f64, f64, f64, f64),
    rings: Vec<Vec<(f64, f64)>>,
}

impl Shape {
    fn holds(&self, x: f64, y: f64) -> bool {
        let (left, top, right, bottom) = self.bounds;
        if x < left || x > right || y < top || y > bottom {
            return false;
        }
        let mut inside = false;
        for ring in &self.rings {
            for ((x1, y1), (x2, y2)) in edges(ring) {
                if (y1 > y) != (y2 > y) && x < (x2 - x1) * (y - y1) / (y2 - y1) + x1 {
                    inside = !inside;
                }
            }
        }
        inside
    }

    fn distance2(&self, x: f64, y: f64) -> f64 {
        self.rings
            .iter()
            .flatten()
            .map(|(px, py)| (px - x).powi(2) + (py - y).powi(2))
            .fold(f64::INFINITY, f64::min)
    }
}

fn edges(ring: &[(f64, f64)]) -> impl Iterator<Item = ((f64, f64), (f64, f64))> {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

fn shapes() -> &'static [Shape] {
    static SHAPES: LazyLock<Vec<Shape>> = LazyLock::new(|| {
        BaseMap::embedded()
            .departements
            .iter()
            .map(|(code, outline)| {
                let rings = path_rings(&outline.d);
                let mut bounds = (f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY);
                for (x, y) in rings.iter().flatten() {
                    bounds = (
                        bounds.0.min(*x),
                        bounds.1.min(*y),
                        bounds.2.max(*x),
                        bounds.3.max(*y),
                    );
                }
                Shape { code, bounds, rings }
            })
            .collect()
    });
    &SHAPES
}

/// Points of each closed ring of a path made of moves, lines and closings.
fn path_rings(d: &str) -> Vec<Vec<(f64, f64)>> {
    let mut rings = Vec::new();
    let mut ring: Vec<(f64, f64)> = Vec::new();
    let (mut x, mut y) = (0.0, 0.0);
    let mut numbers: Vec<f64> = Vec::new();
    let mut command = 'M';
    let mut text = String::new();
    let mut apply = |command: char, numbers: &mut Vec<f64>, ring: &mut Vec<(f64, f64)>| {
        for pair in numbers.chunks_exact(2) {
            let (dx, dy) = (
                pair.first().copied().unwrap_or(0.0),
                pair.get(1).copied().unwrap_or(0.0),
            );
            // Capital commands give places, small ones give steps; the pairs after a first "M" pair are places.
            (x, y) = if command.is_ascii_uppercase() {
                (dx, dy)
            } else {
                (x + dx, y + dy)
            };
            ring.push((x, y));
        }
        numbers.clear();
    };
    for c in d.chars().chain(std::iter::once(' ')) {
        let ends_number = !c.is_ascii_digit() && c != '.' && !text.is_empty();
        if ends_number {
            if let Ok(number) = text.parse() {
                numbers.push(number);
            }
            text.clear();
        }
        match c {
            '0'..='9' | '.' => text.push(c),
            '-' => text.push('-'),
            'M' | 'm' | 'L' | 'l' | 'Z' | 'z' => {
                apply(command, &mut numbers, &mut ring);
                if matches!(c, 'M' | 'm' | 'Z' | 'z') && !ring.is_empty() {
                    rings.push(std::mem::take(&mut ring));
                }
                command = c;
            }
            _ => {}
        }
    }
    apply(command, &mut numbers, &mut ring);
    if !ring.is_empty() {
        rings.push(ring);
    }
    rings
}

/// Points that lie too near to be told apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// Across: the mean of its points.
    pub x: f64,
    /// Down: the mean of its points.
    pub y: f64,
    /// Positions of its points in the input.
    pub members: Vec<usize>,
}

/// Groups points by the cells of a square grid, in the order of the first point of each cell.
///
/// ```
/// use sobria_territory::map::cluster;
/// let groups = cluster(&[(10.0, 10.0), (20.0, 20.0), (900.0, 10.0)], 400.0);
/// assert_eq!(groups.len(), 2);
/// assert_eq!(groups[0].members, [0, 1]);
/// ```
pub fn cluster(points: &[(f64, f64)], grid: f64) -> Vec<Cluster> {
    let cell = |value: f64| (value / grid).floor().to_bits();
    let mut order: Vec<Cluster> = Vec::new();
    let mut known: BTreeMap<(u64, u64), usize> = BTreeMap::new();
    for (position, (x, y)) in points.iter().enumerate() {
        let index = *known.entry((cell(*x), cell(*y))).or_insert_with(|| {
            order.push(Cluster {
                x: 0.0,
                y: 0.0,
                members: Vec::new(),
            });
            order.len() - 1
        });
        if let Some(group) = order.get_mut(index) {
            let count = f64::from(u32::try_from(group.members.len()).unwrap_or(u32::MAX));
            group.x = (group.x * count + x) / (count + 1.0);
            group.y = (group.y * count + y) / (count + 1.0);
            group.members.push(position);
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn towns_fall_where_they_should() {
        for (name, latitude, longitude, x, y) in [
            ("Metz", 49.119718, 6.176262, 7257.0, 1933.0),
            ("Brest", 48.39, -4.486, 488.0, 2446.0),
            ("Paris", 48.8566, 2.3522, 4849.0, 2224.0),
            ("Marseille", 43.2977, 5.3694, 6917.0, 7524.0),
            ("Ajaccio", 41.9267, 8.7369, 9366.0, 8715.0),
        ] {
            let Placement::Mainland { x: px, y: py } = project(latitude, longitude) else {
                panic!("{name}")
            };
            assert!(
                (px - x).abs() <= 1.0 && (py - y).abs() <= 1.0,
                "{name}: {px} {py}"
            );
        }
    }

    #[test]
    fn overseas_places_fall_in_their_frames() {
        for (code, latitude, longitude) in [
            ("971", 16.24, -61.53),
            ("973", 4.93, -52.33),
            ("974", -20.88, 55.45),
            ("987", -17.53, -149.57),
            ("988", -22.27, 166.44),
        ] {
            let Placement::Inset { code: found, x, y } = project(latitude, longitude) else {
                panic!("{code}")
            };
            let [left, top, width, height] = BaseMap::embedded().insets[code].frame;
            assert_eq!(found, code);
            assert!(
                (left..=left + width).contains(&x) && (top..=top + height).contains(&y),
                "{code}: {x} {y}"
            );
        }
        assert_eq!(project(52.5, 13.4), Placement::OffMap);
        assert_eq!(project(f64::NAN, 2.0), Placement::OffMap);
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
            ("43", 45.3003, 3.3995),
        ] {
            assert_eq!(departement_at(latitude, longitude), Some(code), "{code}");
        }
        assert_eq!(departement_at(0.0, 0.0), None);
    }

    #[test]
    fn communes_fall_in_their_own_departement() {
        let directory = crate::Directory::embedded();
        let (mut right, mut all) = (0, 0);
        for commune in directory
            .authorities()
            .iter()
            .filter(|a| a.kind == "commune")
            .step_by(37)
        {
            all += 1;
            right +=
                usize::from(departement_at(commune.latitude, commune.longitude) == Some(commune.departement));
        }
        // Outlines are simplified: a few communes on a border fall on the other side.
        assert!(right * 100 >= all * 97, "{right} of {all}");
    }

    #[test]
    fn swapped_coordinates_are_noticed() {
        assert!(swapped(2.3522, 48.8566));
        assert!(!swapped(48.8566, 2.3522));
        assert!(!swapped(0.0, 0.0));
    }

    #[test]
    fn every_point_is_in_one_cluster() {
        let points: Vec<(f64, f64)> = (0..500)
            .map(|n| (f64::from(n * 37 % 1000), f64::from(n * 91 % 1000)))
            .collect();
        let mut members: Vec<usize> = cluster(&points, 100.0)
            .into_iter()
            .flat_map(|group| group.members)
            .collect();
        members.sort_unstable();
        assert_eq!(members, (0..500).collect::<Vec<_>>());
        assert!(cluster(&[], 100.0).is_empty());
    }
}
