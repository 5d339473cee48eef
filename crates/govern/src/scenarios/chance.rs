//! How far a projection may be wrong: what is in doubt is drawn many times, always the same draws.

use std::ops::RangeInclusive;

use crate::scenarios::local::{Draw, ELASTICITIES, Use};

/// Draws of each projection.
const DRAWS: usize = 2_000;
/// First state of the generator: the same question has the same answer.
const SEED: u64 = 0x5eed_0f50_b21a_2035;

/// One in ten is below the first, one in ten above the last.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Percentiles {
    /// A tenth is below.
    pub p10: f64,
    /// Half is below.
    pub p50: f64,
    /// A tenth is above.
    pub p90: f64,
}

/// SplitMix64, after Steele, Lea and Flood (2014): equal on every machine.
#[derive(Debug)]
pub(crate) struct Generator(u64);

impl Generator {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to below 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        let high = u32::try_from(self.next() >> 32).unwrap_or(u32::MAX);
        f64::from(high) / 4_294_967_296.0
    }

    /// A number of a triangle; its peak when the triangle has no width.
    pub(crate) fn triangle(&mut self, low: f64, peak: f64, high: f64) -> f64 {
        let u = self.uniform();
        let width = high - low;
        if width <= 0.0 {
            return peak;
        }
        let cut = (peak - low) / width;
        if u < cut {
            low + (u * width * (peak - low)).sqrt()
        } else {
            high - ((1.0 - u) * width * (high - peak)).sqrt()
        }
    }
}

/// The percentiles of the energy of each year. The energy of a request is drawn between its bounds, the yearly gain
/// within a half of itself, the final adoption within a fifth, the elasticity between those of the three curves.
pub(crate) fn percentiles(uses: &[Use], span: RangeInclusive<i16>) -> Vec<Percentiles> {
    let mut generator = Generator::new(SEED);
    let [none, some, more] = ELASTICITIES;
    let mut years: Vec<(i16, Vec<f64>)> = span.map(|year| (year, Vec::with_capacity(DRAWS))).collect();
    for _ in 0..DRAWS {
        let draws: Vec<Draw> = uses
            .iter()
            .map(|one| Draw {
                wh: generator.triangle(one.energy_wh.low, one.energy_wh.central, one.energy_wh.high),
                efficiency: generator.triangle(
                    one.efficiency * 0.5,
                    one.efficiency,
                    (one.efficiency * 1.5).min(0.99),
                ),
                elasticity: generator.triangle(none, some, more),
                adoption_max: generator.triangle(
                    one.adoption_max * 0.8,
                    one.adoption_max,
                    (one.adoption_max * 1.2).min(1.0),
                ),
            })
            .collect();
        for (year, drawn) in &mut years {
            drawn.push(
                uses.iter()
                    .zip(&draws)
                    .map(|(one, draw)| one.drawn(*year, draw))
                    .sum(),
            );
        }
    }
    years
        .into_iter()
        .map(|(_, mut drawn)| {
            drawn.sort_by(f64::total_cmp);
            let at = |tenth: usize| drawn.get(drawn.len() * tenth / 10).copied().unwrap_or(0.0);
            Percentiles {
                p10: at(1),
                p50: at(5),
                p90: at(9),
            }
        })
        .collect()
}
