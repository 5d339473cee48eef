//! Grouping of points that lie too near to be told apart.

use std::collections::BTreeMap;

/// Sides of the grid at the base zoom and at the next two, in the units of the base map.
pub const GRIDS: [f64; 3] = [400.0, 200.0, 100.0];

/// Radius of the ring on which points at the same place are spread, in the units of the base map.
pub const RING: f64 = 90.0;

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
    // Adding zero turns the negative zero, which has other bits, into zero.
    let cell = |value: f64| ((value / grid).floor() + 0.0).to_bits();
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

/// Spreads points that share one place evenly on a ring around it, the first one straight up, then clockwise.
///
/// A point alone stays where it is.
///
/// ```
/// use sobria_territory::map::{RING, fan_out};
/// assert_eq!(fan_out((500.0, 500.0), 1, RING), [(500.0, 500.0)]);
/// let spread = fan_out((500.0, 500.0), 4, RING);
/// assert_eq!(spread.len(), 4);
/// assert_eq!(spread[0], (500.0, 410.0));
/// ```
pub fn fan_out((x, y): (f64, f64), count: u32, radius: f64) -> Vec<(f64, f64)> {
    if count == 1 {
        return vec![(x, y)];
    }
    (0..count)
        .map(|rank| {
            let angle = std::f64::consts::TAU * f64::from(rank) / f64::from(count);
            (x + radius * angle.sin(), y - radius * angle.cos())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    #[test]
    fn a_cluster_lies_amid_its_points() {
        let groups = cluster(&[(-0.0, 0.0), (30.0, 60.0), (60.0, 30.0), (450.0, 0.0)], GRIDS[0]);
        assert_eq!(groups.len(), 2);
        assert_eq!((groups[0].x, groups[0].y), (30.0, 30.0));
        assert_eq!(groups[1].members, [3]);
        assert_eq!(cluster(&[(150.0, 0.0), (250.0, 0.0)], GRIDS[1]).len(), 2);
    }

    #[test]
    fn spread_points_stay_apart_and_on_the_ring() {
        assert!(fan_out((0.0, 0.0), 0, RING).is_empty());
        for count in 2..12 {
            let points = fan_out((1_000.0, 2_000.0), count, RING);
            for (x, y) in &points {
                assert!(((x - 1_000.0).hypot(y - 2_000.0) - RING).abs() < 1e-6);
            }
            for pair in points.windows(2) {
                assert!((pair[0].0 - pair[1].0).hypot(pair[0].1 - pair[1].1) > 1.0);
            }
        }
    }

    proptest! {
        #[test]
        fn members_share_a_cell(points in proptest::collection::vec((0.0..10_000.0, 0.0..12_724.0), 0..60)) {
            for group in cluster(&points, GRIDS[0]) {
                let cells: std::collections::BTreeSet<_> = group
                    .members
                    .iter()
                    .map(|member| ((points[*member].0 / 400.0).floor().to_bits(), (points[*member].1 / 400.0).floor().to_bits()))
                    .collect();
                prop_assert_eq!(cells.len(), 1);
            }
        }
    }
}
