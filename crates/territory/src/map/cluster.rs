//! Circles that never cover each other: near points become one, and points at one place are spread around it.

use std::collections::BTreeMap;

/// Points that lie too near to be told apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// Across: the mean of its points.
    pub x: f64,
    /// Down: the mean of its points.
    pub y: f64,
    /// Positions of its points in the input, in order.
    pub members: Vec<usize>,
}

/// Groups points until no two circles meet, north to south.
///
/// `reach` gives the radius of the circle that stands for some points.
///
/// ```
/// use sobria_territory::map::cluster;
/// let groups = cluster(&[(900.0, 10.0), (10.0, 20.0), (20.0, 20.0)], |_| 100.0);
/// assert_eq!(groups.len(), 2);
/// assert_eq!(groups[1].members, [1, 2]);
/// ```
pub fn cluster(points: &[(f64, f64)], reach: impl Fn(&[usize]) -> f64) -> Vec<Cluster> {
    let smallest = (0..points.len())
        .map(|position| reach(&[position]))
        .fold(f64::INFINITY, f64::min);
    // Two points of one cell are nearer than the diagonal: two of the smallest circles would meet.
    let cells = cells(points, smallest.max(1.0) * std::f64::consts::SQRT_2);
    let mut open: Vec<(Cluster, f64)> = cells
        .into_iter()
        .map(|group| {
            let radius = reach(&group.members);
            (group, radius)
        })
        .collect();
    loop {
        let before = open.len();
        let mut kept: Vec<(Cluster, f64)> = Vec::with_capacity(before);
        for (group, radius) in open {
            let near = kept
                .iter_mut()
                .find(|(other, reached)| (other.x - group.x).hypot(other.y - group.y) < *reached + radius);
            match near {
                Some((other, reached)) => {
                    other.absorb(group);
                    *reached = reach(&other.members);
                }
                None => kept.push((group, radius)),
            }
        }
        open = kept;
        if open.len() == before {
            break;
        }
    }
    let mut groups: Vec<Cluster> = open.into_iter().map(|(group, _)| group).collect();
    groups.sort_by(|a, b| a.y.total_cmp(&b.y).then_with(|| a.x.total_cmp(&b.x)));
    groups
}

impl Cluster {
    fn absorb(&mut self, other: Self) {
        let (mine, theirs) = (size(&self.members), size(&other.members));
        self.x = (self.x * mine + other.x * theirs) / (mine + theirs);
        self.y = (self.y * mine + other.y * theirs) / (mine + theirs);
        self.members.extend(other.members);
        self.members.sort_unstable();
    }
}

fn size(members: &[usize]) -> f64 {
    f64::from(u32::try_from(members.len()).unwrap_or(u32::MAX))
}

/// Groups points by the cells of a square grid.
fn cells(points: &[(f64, f64)], side: f64) -> Vec<Cluster> {
    // Adding zero turns the negative zero, which has other bits, into zero.
    let cell = |value: f64| ((value / side).floor() + 0.0).to_bits();
    let mut known: BTreeMap<(u64, u64), Cluster> = BTreeMap::new();
    for (position, (x, y)) in points.iter().enumerate() {
        let alone = Cluster {
            x: *x,
            y: *y,
            members: vec![position],
        };
        match known.entry((cell(*x), cell(*y))) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(alone);
            }
            std::collections::btree_map::Entry::Occupied(mut place) => place.get_mut().absorb(alone),
        }
    }
    known.into_values().collect()
}

/// Spreads circles that share one place on rings around it, their centres `step` apart at least.
///
/// A circle alone stays where it is. Up to six stand on one ring, the first straight up, then clockwise; the rings
/// beyond hold six more each time.
///
/// ```
/// use sobria_territory::map::fan_out;
/// assert_eq!(fan_out((500.0, 500.0), 1, 90.0), [(500.0, 500.0)]);
/// let spread = fan_out((500.0, 500.0), 2, 90.0);
/// assert_eq!(spread[0], (500.0, 455.0));
/// ```
pub fn fan_out((x, y): (f64, f64), count: u32, step: f64) -> Vec<(f64, f64)> {
    let mut spread = Vec::new();
    let mut left = count;
    let mut ring = 1;
    while left > 0 {
        let here = left.min(6 * ring);
        let radius = ring_radius(ring, count, step);
        spread.extend((0..here).map(|rank| {
            let angle = std::f64::consts::TAU * f64::from(rank) / f64::from(here);
            (x + radius * angle.sin(), y - radius * angle.cos())
        }));
        left -= here;
        ring += 1;
    }
    spread
}

/// How far from their place circles that [`fan_out`] spreads have their centres, at most.
pub fn fan_radius(count: u32, step: f64) -> f64 {
    let mut ring = 1;
    while 3 * ring * (ring + 1) < count {
        ring += 1;
    }
    ring_radius(ring, count, step)
}

fn ring_radius(ring: u32, count: u32, step: f64) -> f64 {
    match count {
        0 | 1 => 0.0,
        // On the only ring, neighbours stand exactly one step apart.
        2..=6 => step / (2.0 * (std::f64::consts::PI / f64::from(count)).sin()),
        _ => step * f64::from(ring),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Circles grow with what they stand for, as those of the map do.
    fn reach(members: &[usize]) -> f64 {
        if members.len() < 5 { 350.0 } else { 550.0 }
    }

    fn apart(groups: &[Cluster]) -> bool {
        groups.iter().enumerate().all(|(rank, a)| {
            groups[rank + 1..]
                .iter()
                .all(|b| (a.x - b.x).hypot(a.y - b.y) >= reach(&a.members) + reach(&b.members))
        })
    }

    #[test]
    fn every_point_is_in_one_cluster() {
        let points: Vec<(f64, f64)> = (0..500)
            .map(|n| (f64::from(n * 37 % 1000), f64::from(n * 91 % 1000)))
            .collect();
        let mut members: Vec<usize> = cluster(&points, |_| 70.0)
            .into_iter()
            .flat_map(|group| group.members)
            .collect();
        members.sort_unstable();
        assert_eq!(members, (0..500).collect::<Vec<_>>());
        assert!(cluster(&[], |_| 100.0).is_empty());
    }

    #[test]
    fn a_cluster_lies_amid_its_points() {
        let groups = cluster(&[(-0.0, 0.0), (30.0, 60.0), (60.0, 30.0), (450.0, 0.0)], |_| {
            100.0
        });
        assert_eq!(groups.len(), 2);
        assert_eq!((groups[1].x, groups[1].y), (30.0, 30.0));
        assert_eq!(groups[0].members, [3], "north comes first");
    }

    #[test]
    fn circles_of_a_dense_country_stay_apart() {
        let points: Vec<(f64, f64)> = (0_u32..4000)
            .map(|n| (f64::from(n * 7_919 % 10_000), f64::from(n * 104_729 % 12_724)))
            .collect();
        let groups = cluster(&points, reach);
        assert!(groups.len() > 30, "{}", groups.len());
        assert!(apart(&groups));
    }

    #[test]
    fn spread_circles_stay_a_step_apart_within_their_radius() {
        assert!(fan_out((0.0, 0.0), 0, 90.0).is_empty());
        for count in 2..200 {
            let spread = fan_out((1_000.0, 2_000.0), count, 90.0);
            assert_eq!(u32::try_from(spread.len()).unwrap(), count);
            for (rank, a) in spread.iter().enumerate() {
                assert!((a.0 - 1_000.0).hypot(a.1 - 2_000.0) <= fan_radius(count, 90.0) + 1e-6);
                for b in &spread[rank + 1..] {
                    assert!((a.0 - b.0).hypot(a.1 - b.1) > 90.0 - 1e-6, "{count}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn no_two_circles_meet(points in proptest::collection::vec((0.0..10_000.0, 0.0..12_724.0), 0..300)) {
            prop_assert!(apart(&cluster(&points, reach)));
        }
    }
}
