//! Organisations as points on the map, with the list that says the same.

use std::collections::{HashMap, HashSet};

use sobria_catalogue::access::Level;
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::query::CatalogueQuery;
use sobria_catalogue::query::Facet;
use sobria_catalogue::vocabulary::{Vocabularies, VocabularyId};
use sobria_search::OrganisationHits;
use sobria_territory::map::{BaseMap, Placement, cluster, fan_out, fan_radius, project};

use crate::app::App;
use crate::error::WebError;
use crate::locale;
use crate::map_window::MapWindow;
use crate::params::{ListParams, View};
use crate::routes::cards::visible;
use crate::routes::facets::{badge, value_label};
use crate::view::ThemeBadge;
use crate::view::library::Link;
use crate::view::map::{BASE, MapEntry, MapProject, MapView, Marker, TileSource, reach};

/// Most organisations at one place that are spread around it: six rings, which the narrowest part still shows.
const SPREAD: usize = 126;
/// Organisations listed beside the map.
const LISTED: usize = 60;
/// Width of the part of the map around one place.
const AROUND: i32 = 5600;

/// Where an organisation stands on the base map.
pub fn place_on_map(organisation: &Organisation) -> Option<(f64, f64)> {
    let (latitude, longitude) = organisation.point()?;
    match project(latitude, longitude) {
        Placement::Mainland { x, y } | Placement::Inset { x, y, .. } => Some((x, y)),
        Placement::OffMap => None,
    }
}

/// Where an organisation is, in words: "Finistère, Bretagne".
pub fn place_words(organisation: &Organisation) -> String {
    let departement = organisation
        .departement
        .as_deref()
        .map(|code| value_label(Facet::Departement, code));
    let region = organisation
        .region
        .as_deref()
        .map(|code| value_label(Facet::Region, code));
    match (departement, region) {
        (Some(departement), Some(region)) if departement != region => format!("{departement}, {region}"),
        (Some(place), _) | (None, Some(place)) => place,
        (None, None) => String::new(),
    }
}

/// The part of the base map around a point, inside its bounds: corner and side of a square. Overseas, it is the frame
/// of the territory alone.
fn around((x, y): (f64, f64)) -> [i32; 3] {
    let frames = BaseMap::embedded().insets.values().map(|inset| inset.frame);
    let mut own = frames.filter(|[left, top, width, height]| {
        (*left..=left + width).contains(&x) && (*top..=top + height).contains(&y)
    });
    if let Some([left, top, width, height]) = own.next() {
        let side = width.max(height);
        let corner = |from: f64, length: f64| rounded(from - (side - length) / 2.0);
        return [corner(left, width), corner(top, height), rounded(side)];
    }
    let corner = |at: f64, most: i32| (rounded(at) - AROUND / 2).clamp(-100, most - AROUND + 100);
    [corner(x, BASE.0), corner(y, BASE.1), AROUND]
}

/// A marker alone on its small map.
pub fn lone_marker(organisation: &Organisation) -> Option<(Marker, String)> {
    let point = place_on_map(organisation)?;
    let label = [organisation.name.as_str(), &place_words(organisation)].join(", ");
    let mut marker = Marker::new(String::new(), label, (rounded(point.0), rounded(point.1)), &[]);
    let [left, top, side] = around(point);
    marker.text = String::new();
    marker.radius = 90;
    if side < AROUND {
        marker.scale = format!("{:.2}", f64::from(side) / f64::from(AROUND));
    }
    Some((marker, format!("{left} {top} {side} {side}")))
}

fn rounded(value: f64) -> i32 {
    // Places on the map lie between 0 and 13 000: far inside the range of the type.
    #[expect(
        clippy::as_conversions,
        reason = "a bounded float has no other conversion to an integer"
    )]
    let whole = value.clamp(-20_000.0, 20_000.0).round() as i32;
    whole
}

/// The small map of the home page: every point, no list.
///
/// # Errors
/// When the database does not answer.
pub async fn small_map(app: &App) -> Result<MapView, WebError> {
    let mut map = map_view(
        app,
        &ListParams::default(),
        &CatalogueQuery::default(),
        Level::Public,
    )
    .await?;
    map.entries.clear();
    map.off_map.clear();
    for marker in &mut map.markers {
        if marker.href.starts_with('#') {
            marker.href = format!("/cas-usages?vue=carte{}", marker.href);
        }
    }
    Ok(map)
}

/// The map of the organisations whose projects answer the question.
///
/// # Errors
/// When the database or the index does not answer.
pub async fn map_view(
    app: &App,
    params: &ListParams,
    question: &CatalogueQuery,
    level: Level,
) -> Result<MapView, WebError> {
    let hits = app.index.by_organisation(question, level)?;
    let ids: Vec<_> = hits.iter().map(|hit| hit.organisation).collect();
    let organisations = app.store.organisations_by_ids(&ids).await?;
    let by_id: HashMap<_, _> = hits.iter().map(|hit| (hit.organisation, hit)).collect();

    let mut placed = Vec::new();
    let mut off_map = Vec::new();
    for organisation in &organisations {
        let Some(hit) = by_id.get(&organisation.id) else {
            continue;
        };
        match place_on_map(organisation) {
            Some(point) => placed.push((organisation, *hit, point)),
            None => off_map.push(entry(params, organisation, hit)),
        }
    }
    // North to south, as one reads a map.
    placed.sort_by(|a, b| a.2.1.total_cmp(&b.2.1).then_with(|| a.0.name.cmp(&b.0.name)));

    let window = params.window;
    if let Some(window) = window {
        placed.retain(|(_, _, point)| window.holds(*point));
        off_map.clear();
    }
    let mut markers = markers(params, &placed);

    let is_open = |organisation: &Organisation| Some(organisation.slug.as_str()) == params.focus.as_deref();
    let (open, others): (Vec<_>, Vec<_>) = placed
        .iter()
        .partition(|(organisation, ..)| is_open(organisation));
    let mut entries: Vec<MapEntry> = open
        .into_iter()
        .chain(others)
        .take(LISTED)
        .map(|(organisation, hit, _)| entry(params, organisation, hit))
        .collect();
    if let Some(open) = entries.first_mut().filter(|entry| entry.current) {
        let mut narrowed = question.clone();
        narrowed.organisation = organisations.iter().find(|o| is_open(o)).map(|o| o.id);
        narrowed.offset = 0;
        narrowed.limit = 20;
        let found = app.index.find(&narrowed, level)?;
        open.projects = visible(app, &found.ids, level)
            .await?
            .iter()
            .map(|item| MapProject {
                title: item.content().title().to_owned(),
                href: format!("/cas-usages/{}", item.record().slug),
                theme: item
                    .content()
                    .code(sobria_catalogue::field::Field::Theme)
                    .map(badge),
            })
            .collect();
    }
    let total: usize = if window.is_some() {
        placed.iter().map(|(_, hit, _)| hit.total).sum()
    } else {
        hits.iter().map(|hit| hit.total).sum()
    };
    let carriers = if window.is_some() {
        placed.len()
    } else {
        hits.len()
    };
    let title = format!(
        "{} de {}{}",
        locale::counted(as_u64(total), "projet", "projets"),
        locale::counted(as_u64(carriers), "organisation", "organisations"),
        if window.is_some() {
            ", dans la partie agrandie"
        } else {
            ""
        },
    );
    lead_somewhere(&mut markers, &entries);
    let mut zooms = zooms(params);
    if placed.len() > LISTED {
        zooms.push(Link::new(
            format!(
                "Voir les {} organisations dans la liste",
                locale::count(placed.len())
            ),
            "/organisations",
        ));
    }
    Ok(MapView {
        title,
        view_box: window.map_or_else(MapView::whole_view_box, MapWindow::view_box),
        markers,
        entries,
        off_map,
        legend: legend(),
        tiles: app.settings.tiles.as_ref().map(|tiles| TileSource {
            template: tiles.template().to_owned(),
            attribution: tiles.attribution().to_owned(),
        }),
        zooms,
    })
}

type Placed<'a> = (&'a Organisation, &'a OrganisationHits, (f64, f64));

/// One circle per organisation, or per group of those whose circles would meet; north to south.
///
/// In the narrowest part of the map nothing is left to enlarge: groups are spread around their place.
fn markers(params: &ListParams, placed: &[Placed<'_>]) -> Vec<Marker> {
    let scale = params.window.map_or(1.0, MapWindow::scale);
    let narrowest = params.window.is_some_and(MapWindow::is_narrowest);
    let of = |positions: &[usize]| -> Vec<&Placed<'_>> {
        positions
            .iter()
            .filter_map(|position| placed.get(*position))
            .collect()
    };
    let totals: Vec<u32> = placed
        .iter()
        .map(|member| total_of(&themes_of(&[member])))
        .collect();
    let together = |positions: &[usize]| {
        let total = positions
            .iter()
            .filter_map(|position| totals.get(*position))
            .sum();
        reach(total) * scale
    };
    let largest = |positions: &[usize]| {
        let total = positions
            .iter()
            .filter_map(|position| totals.get(*position))
            .max();
        reach(total.copied().unwrap_or(0)) * scale
    };
    let spread = |positions: &[usize]| narrowest && (2..=SPREAD).contains(&positions.len());
    let count = |positions: &[usize]| u32::try_from(positions.len()).unwrap_or(u32::MAX);

    let points: Vec<(f64, f64)> = placed.iter().map(|(_, _, point)| *point).collect();
    let groups = cluster(&points, |positions| match positions {
        // A hair of room, for centres are written in whole units.
        several if spread(several) => {
            fan_radius(count(several), 2.0 * largest(several) + 2.0) + largest(several)
        }
        others => together(others),
    });
    let mut markers = Vec::with_capacity(groups.len());
    for group in groups {
        if spread(&group.members) {
            let step = 2.0 * largest(&group.members) + 2.0;
            let places = fan_out((group.x, group.y), count(&group.members), step);
            for (member, place) in of(&group.members).into_iter().zip(places) {
                markers.push(marker(params, &[member], place));
            }
        } else {
            markers.push(marker(params, &of(&group.members), (group.x, group.y)));
        }
    }
    markers
}

fn total_of(themes: &[(ThemeBadge, u32)]) -> u32 {
    themes.iter().map(|(_, count)| *count).sum()
}

fn marker(params: &ListParams, members: &[&Placed<'_>], (x, y): (f64, f64)) -> Marker {
    let place = (rounded(x), rounded(y));
    let mut marker = Marker::new(
        marker_address(params, members, place),
        marker_label(members),
        place,
        &themes_of(members),
    );
    marker.current = members
        .iter()
        .any(|(o, ..)| Some(o.slug.as_str()) == params.focus.as_deref());
    marker.approximate = members
        .first()
        .is_some_and(|(o, ..)| o.departement.is_some() && o.latitude.is_none());
    if let Some(window) = params.window {
        marker.scale = window.scale().to_string();
    }
    marker
}

fn marker_address(params: &ListParams, members: &[&Placed<'_>], (x, y): (i32, i32)) -> String {
    if let [(organisation, ..)] = members {
        return format!("#org-{}", organisation.slug);
    }
    let extent = members
        .iter()
        .map(|(_, _, point)| (point.0 - f64::from(x)).hypot(point.1 - f64::from(y)))
        .fold(0.0, f64::max);
    let mut other = params.clone();
    other.focus = None;
    match MapWindow::around(x, y, extent, params.window) {
        // The same search, nearer: there the group comes apart, and the list holds only those around.
        Some(window) => other.window = Some(window),
        // More at one place than can be spread: those of their départements, as cards.
        None => {
            other.view = View::Cards;
            for (organisation, ..) in members {
                if let Some(code) = &organisation.departement {
                    crate::params::add_code(&mut other.query.filters, Facet::Departement, code);
                }
            }
        }
    }
    format!("/cas-usages?{}", other.to_query())
}

/// Circles of organisations that the list beside the map leaves out lead to their own page.
fn lead_somewhere(markers: &mut [Marker], entries: &[MapEntry]) {
    let listed: HashSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    for marker in markers {
        if let Some(anchor) = marker.href.strip_prefix('#')
            && !listed.contains(anchor)
        {
            let slug = anchor.strip_prefix("org-").unwrap_or(anchor);
            marker.href = format!("/organisations/{slug}");
        }
    }
}

/// Ways out of an enlarged part of the map.
fn zooms(params: &ListParams) -> Vec<Link> {
    let Some(window) = params.window else {
        return Vec::new();
    };
    let to = |window: Option<MapWindow>| {
        let other = ListParams {
            window,
            focus: None,
            ..params.clone()
        };
        format!("/cas-usages?{}", other.to_query())
    };
    let mut links = vec![Link::new("Revoir toute la carte", to(None))];
    if let Some(wider) = window.wider() {
        links.push(Link::new("Élargir la vue", to(Some(wider))));
    }
    links.extend(
        window
            .beside()
            .into_iter()
            .map(|(words, beside)| Link::new(words, to(Some(beside)))),
    );
    links
}

fn marker_label(members: &[&Placed<'_>]) -> String {
    let total: usize = members.iter().map(|(_, hit, _)| hit.total).sum();
    let projects = locale::counted(as_u64(total), "projet", "projets");
    match members {
        [(organisation, ..)] => {
            let place = place_words(organisation);
            let comma = if place.is_empty() { "" } else { ", " };
            format!("{}{comma}{place}\u{a0}: {projects}", organisation.name)
        }
        _ => {
            let names: Vec<&str> = members.iter().take(3).map(|(o, ..)| o.name.as_str()).collect();
            let more = members.len().saturating_sub(3);
            let tail = if more > 0 {
                format!(" et {more} de plus")
            } else {
                String::new()
            };
            format!(
                "{} organisations ({}{tail})\u{a0}: {projects}",
                members.len(),
                names.join(", ")
            )
        }
    }
}

fn themes_of(members: &[&Placed<'_>]) -> Vec<(ThemeBadge, u32)> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for (_, hit, _) in members {
        for (theme, count) in &hit.themes {
            *counts.entry(theme.as_str()).or_insert(0) += count;
        }
    }
    // In the order of the vocabulary, so that rings of one place never turn from one page to the next.
    Vocabularies::embedded()
        .get(VocabularyId::Theme)
        .terms()
        .iter()
        .filter_map(|term| {
            let count = counts.get(term.code)?;
            Some((badge(term.code), u32::try_from(*count).unwrap_or(u32::MAX)))
        })
        .collect()
}

fn entry(params: &ListParams, organisation: &Organisation, hit: &OrganisationHits) -> MapEntry {
    let place = place_words(organisation);
    MapEntry {
        id: format!("org-{}", organisation.slug),
        name: organisation.name.clone(),
        href: format!("/organisations/{}", organisation.slug),
        place: if place.is_empty() {
            "Hors carte".to_owned()
        } else {
            place
        },
        count: locale::counted(as_u64(hit.total), "projet", "projets"),
        projects: Vec::new(),
        current: Some(organisation.slug.as_str()) == params.focus.as_deref(),
    }
}

/// Every theme, for the legend.
pub fn legend() -> Vec<ThemeBadge> {
    Vocabularies::embedded()
        .get(VocabularyId::Theme)
        .terms()
        .iter()
        .map(|term| badge(term.code))
        .collect()
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_around_a_point_stays_on_the_map() {
        for point in [(0.0, 0.0), (5000.0, 6000.0), (9999.0, 12_700.0)] {
            let [left, top, side] = around(point);
            assert!(left >= -100 && left + side <= BASE.0 + 100, "{point:?}");
            assert!(top >= -100 && top + side <= BASE.1 + 100, "{point:?}");
        }
        for (code, inset) in &BaseMap::embedded().insets {
            let [x, y, width, height] = inset.frame;
            let [left, _, side] = around((x + width / 2.0, y + height / 2.0));
            assert!(side < AROUND / 2, "{code}: the territory alone");
            assert!(
                (f64::from(left) - x).abs() <= (width - height).abs() / 2.0 + 1.0,
                "{code}"
            );
        }
    }

    #[test]
    fn the_map_has_a_colour_and_a_letter_for_every_theme() {
        let legend = legend();
        assert_eq!(legend.len(), 6);
        assert!(legend.iter().all(|theme| theme.letter.chars().count() == 1));
    }
}
