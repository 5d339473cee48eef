//! The base map: projection, outlines, and the grouping of points.

mod cluster;
mod outline;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

pub use cluster::{Cluster, cluster, fan_out, fan_radius};
pub use outline::{Bounds, bounds_of, departement_at};

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
    /// Whether a point lies in its box, or so near that its frame still shows it.
    fn holds(&self, latitude: f64, longitude: f64, margin: f64) -> bool {
        let [left, top, width, height] = self.frame;
        let (x, y) = self.place(latitude, longitude);
        (self.lat_min - margin..=self.lat_max + margin).contains(&latitude)
            && (self.lon_min - margin..=self.lon_max + margin).contains(&longitude)
            && (left..=left + width).contains(&x)
            && (top..=top + height).contains(&y)
    }

    fn place(&self, latitude: f64, longitude: f64) -> (f64, f64) {
        (self.ox + longitude * self.kx, self.oy - latitude * self.ky)
    }
}

impl BaseMap {
    /// The base map embedded in the executable, read when first used.
    ///
    /// ```
    /// let map = sobria_territory::map::BaseMap::embedded();
    /// assert_eq!((map.departements.len(), map.insets.len()), (96, 11));
    /// ```
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
    // The boxes come first: with the margin, which takes in a rounded point on a shore, some of them overlap.
    for margin in [0.0, 0.2] {
        for (code, inset) in &BaseMap::embedded().insets {
            if inset.holds(latitude, longitude, margin) {
                let (x, y) = inset.place(latitude, longitude);
                return Placement::Inset { code, x, y };
            }
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
///
/// ```
/// use sobria_territory::map::is_plausible;
/// assert!(is_plausible(48.8566, 2.3522) && is_plausible(4.93, -52.33));
/// assert!(!is_plausible(40.4, -3.7));
/// ```
pub fn is_plausible(latitude: f64, longitude: f64) -> bool {
    !matches!(project(latitude, longitude), Placement::OffMap)
}

/// Whether latitude and longitude were most likely swapped: the pair makes sense only the other way round.
///
/// ```
/// assert!(sobria_territory::map::swapped(2.3522, 48.8566));
/// ```
pub fn swapped(latitude: f64, longitude: f64) -> bool {
    !is_plausible(latitude, longitude) && is_plausible(longitude, latitude)
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
    fn swapped_coordinates_are_noticed() {
        assert!(swapped(2.3522, 48.8566));
        assert!(!swapped(48.8566, 2.3522));
        assert!(!swapped(0.0, 0.0));
    }

    #[test]
    fn every_inset_keeps_its_points_in_its_frame() {
        for (code, inset) in &BaseMap::embedded().insets {
            let [left, top, width, height] = inset.frame;
            for (latitude, longitude) in [
                (inset.lat_min, inset.lon_min),
                (inset.lat_max, inset.lon_max),
                (
                    inset.lat_min.midpoint(inset.lat_max),
                    inset.lon_min.midpoint(inset.lon_max),
                ),
            ] {
                let Placement::Inset { code: found, x, y } = project(latitude, longitude) else {
                    panic!("{code}")
                };
                assert_eq!(found, code);
                assert!(
                    (left..=left + width).contains(&x) && (top..=top + height).contains(&y),
                    "{code}"
                );
            }
        }
    }

    #[test]
    fn boxes_end_where_they_are_said_to() {
        for (latitude, longitude, plausible) in [
            (41.0, -5.5, true),
            (51.5, 10.0, true),
            (40.99, 0.0, false),
            (51.51, 0.0, false),
            (45.0, 10.01, false),
            (f64::INFINITY, 0.0, false),
        ] {
            assert_eq!(
                is_plausible(latitude, longitude),
                plausible,
                "{latitude} {longitude}"
            );
        }
    }
}
