//! The map of organisations and the list that says the same.

use crate::view::library::Link;
use crate::view::theme::ThemeBadge;

/// Half the stroke of the disc under a circle, as `map.css` has it.
const HALO: i32 = 60;
/// Largest size that `map.css` gives to circles: on narrow screens.
const LARGEST: f64 = 1.4;

/// Width and height of the base map with the names under its last row, in its own units.
pub const BASE: (i32, i32) = (10_000, 13_174);

/// The part of a marker's ring that belongs to one theme.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Segment {
    /// Code of the theme.
    pub theme: String,
    /// Length in hundredths of the ring.
    pub length: u32,
    /// Start in hundredths of the ring, negative as SVG dash offsets want.
    pub offset: i64,
}

/// A circle on the map: an organisation, or several that are too near to be told apart.
#[derive(Debug, Clone, Default)]
pub struct Marker {
    /// Where it leads: the organisation's entry in the list (`#org-…`), or a narrower map.
    pub href: String,
    /// "Metz, Moselle : 4 projets".
    pub label: String,
    /// Abscissa of the centre, in the units of the base map.
    pub x: i32,
    /// Ordinate of the centre.
    pub y: i32,
    /// Radius.
    pub radius: i32,
    /// Size beside that of the whole map, as SVG wants it; blank for the same.
    pub scale: String,
    /// Figure inside, or the letter of the theme for one project alone.
    pub text: String,
    /// Ring by theme.
    pub ring: Vec<Segment>,
    /// Whether the place is approximate: hollow.
    pub approximate: bool,
    /// Whether it is the organisation asked for.
    pub current: bool,
}

impl Marker {
    /// A marker of `themes`, each with its number of projects, in the order of the ring.
    ///
    /// One project alone shows the letter of its theme; more show their number.
    pub fn new(href: String, label: String, (x, y): (i32, i32), themes: &[(ThemeBadge, u32)]) -> Self {
        let total: u32 = themes.iter().map(|(_, count)| *count).sum();
        let text = match themes {
            [(theme, 1)] => theme.letter.clone(),
            _ => crate::locale::integer(u64::from(total)),
        };
        let radius = radius(total);
        let mut ring = Vec::with_capacity(themes.len());
        let mut before = 0_u32;
        for (theme, count) in themes {
            // Cumulated shares, so that rounding never leaves a gap.
            let start = share(before, total);
            before += count;
            let end = share(before, total);
            ring.push(Segment {
                theme: theme.code.clone(),
                length: end.saturating_sub(start),
                offset: -i64::from(start),
            });
        }
        Self {
            href,
            label,
            x,
            y,
            radius,
            scale: String::new(),
            text,
            ring,
            approximate: false,
            current: false,
        }
    }
}

/// Radius of the circle of so many projects.
const fn radius(total: u32) -> i32 {
    match total {
        0..=1 => 190,
        2..=4 => 215,
        5..=9 => 245,
        10..=49 => 285,
        _ => 330,
    }
}

/// How far the circle of so many projects reaches from its centre, on the screen that shows it largest.
pub fn reach(total: u32) -> f64 {
    f64::from(radius(total) + HALO) * LARGEST
}

fn share(part: u32, total: u32) -> u32 {
    if total == 0 {
        return 0;
    }
    u32::try_from(u64::from(part) * 100 / u64::from(total)).unwrap_or(100)
}

/// One project in the list beside the map.
#[derive(Debug, Clone, Default)]
pub struct MapProject {
    /// Title.
    pub title: String,
    /// Address.
    pub href: String,
    /// Theme.
    pub theme: Option<ThemeBadge>,
}

/// One organisation in the list beside the map.
#[derive(Debug, Clone, Default)]
pub struct MapEntry {
    /// Anchor, which markers lead to: `org-metz-metropole`.
    pub id: String,
    /// Name of the organisation.
    pub name: String,
    /// Address of its page, or of the same map with this organisation open.
    pub href: String,
    /// "Metz, Moselle"; "Hors carte" when it has no place.
    pub place: String,
    /// "4 projets".
    pub count: String,
    /// Its projects, given only for the organisation that is open.
    pub projects: Vec<MapProject>,
    /// Whether it is the organisation asked for.
    pub current: bool,
}

/// The tile server of an enlarged map.
#[derive(Debug, Clone, Default)]
pub struct TileSource {
    /// Address with `{z}`, `{x}` and `{y}` in it.
    pub template: String,
    /// Whom the tiles come from.
    pub attribution: String,
}

/// The map and its list.
#[derive(Debug, Clone, Default)]
pub struct MapView {
    /// What the map shows, in one sentence: "21 projets de 17 organisations".
    pub title: String,
    /// Part of the base map that is shown: `0 0 10000 13174`.
    pub view_box: String,
    /// Circles, north to south.
    pub markers: Vec<Marker>,
    /// Organisations, in the order of the markers.
    pub entries: Vec<MapEntry>,
    /// Organisations that cannot be placed; listed, never dropped.
    pub off_map: Vec<MapEntry>,
    /// Themes of the legend.
    pub legend: Vec<ThemeBadge>,
    /// Where tiles come from, when a server is configured.
    pub tiles: Option<TileSource>,
    /// Narrower and wider maps, as links.
    pub zooms: Vec<Link>,
}

impl MapView {
    /// The whole map.
    pub fn whole_view_box() -> String {
        format!("0 0 {} {}", BASE.0, BASE.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn theme(code: &str, letter: &str) -> ThemeBadge {
        ThemeBadge::new(code, letter, code)
    }

    #[test]
    fn a_ring_is_closed_whatever_the_shares() {
        for counts in [vec![1], vec![1, 1, 1], vec![7, 3, 1, 1, 1, 1], vec![999, 1]] {
            let themes: Vec<_> = counts
                .iter()
                .map(|count| (theme("mobilites", "M"), *count))
                .collect();
            let marker = Marker::new(String::new(), String::new(), (0, 0), &themes);
            assert_eq!(
                marker.ring.iter().map(|segment| segment.length).sum::<u32>(),
                100,
                "{counts:?}"
            );
        }
    }

    #[test]
    fn circles_are_as_large_as_the_style_sheet_says() {
        let css = include_str!("../../assets/css/map.css");
        assert!(css.contains(&format!("--size: {LARGEST};")));
        assert!(css.contains(&format!("stroke-width: {};", HALO * 2)));
    }

    #[test]
    fn one_project_alone_shows_its_letter() {
        let one = Marker::new(
            String::new(),
            String::new(),
            (0, 0),
            &[(theme("mobilites", "M"), 1)],
        );
        assert_eq!(one.text, "M");
        let two = Marker::new(
            String::new(),
            String::new(),
            (0, 0),
            &[(theme("mobilites", "M"), 2)],
        );
        assert_eq!(two.text, "2");
        let none = Marker::new(String::new(), String::new(), (0, 0), &[]);
        assert_eq!(none.text, "0");
    }
}
