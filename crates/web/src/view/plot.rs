//! Curves over years, as SVG: ready coordinates, labels on the curves, never the colour alone. A table always stands
//! beside a plot; the same drawing is a file of its own when it carries its style.

use askama::Template;

/// Width of the drawing.
pub const WIDTH: f64 = 720.0;
/// Height of the drawing.
pub const HEIGHT: f64 = 360.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 150.0;
const TOP: f64 = 28.0;
const BOTTOM: f64 = 32.0;
/// Least distance between two labels beside the curves.
const LINE: f64 = 16.0;

/// A mark of an axis.
#[derive(Debug, Clone, Default)]
pub struct Tick {
    /// Where, along the axis.
    pub at: String,
    /// What is read.
    pub label: String,
}

/// A curve or a surface.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// `c1` to `c4`: the colour and the dashes.
    pub class: &'static str,
    /// Points of the drawing.
    pub points: String,
    /// Whether it is filled.
    pub filled: bool,
    /// Name beside it; blank for none.
    pub label: String,
    /// Height of the name.
    pub label_y: String,
}

/// A point with a name.
#[derive(Debug, Clone, Default)]
pub struct Dot {
    /// Where from the left.
    pub x: String,
    /// Where from the top.
    pub y: String,
    /// Which end of its name stands at the point, as SVG says it.
    pub anchor: &'static str,
    /// What is read.
    pub label: String,
}

/// A drawing of curves.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/plot_svg.html", whitespace = "minimize")]
pub struct Plot {
    /// Identifier in the page.
    pub id: String,
    /// What is drawn.
    pub title: String,
    /// What one should see, in words.
    pub summary: String,
    /// Unit of the heights.
    pub unit: String,
    /// Marks of years.
    pub years: Vec<Tick>,
    /// Marks of heights.
    pub heights: Vec<Tick>,
    /// Curves and surfaces, the first below the others.
    pub traces: Vec<Trace>,
    /// Points.
    pub dots: Vec<Dot>,
    /// Style of a drawing that stands alone; blank within a page.
    pub style: &'static str,
    /// Where the drawing is a file of its own.
    pub href: String,
}

/// Style of a drawing outside of any page.
pub const ALONE: &str = "svg{background:#fff;font:13px sans-serif}.axis{stroke:#999}.c1{stroke:#0b5d4e}.c2{stroke:#9a5b00;stroke-dasharray:8 4}.c3{stroke:#a32c6b;stroke-dasharray:2 4}.c4{stroke:#555;stroke-dasharray:12 3 2 3}polyline{fill:none;stroke-width:2.5}polygon{stroke-width:1.5;fill-opacity:.25}polygon.c1{fill:#0b5d4e}polygon.c2{fill:#9a5b00}polygon.c3{fill:#a32c6b}polygon.c4{fill:#555}circle{fill:#fff;stroke:#1b2420;stroke-width:2}";

/// Places years and values on a drawing.
#[derive(Debug, Clone, Copy)]
pub struct Axes {
    first: f64,
    last: f64,
    top: f64,
    step: f64,
}

impl Axes {
    /// Axes over a span of years, that reach the highest value.
    pub fn new(first: i16, last: i16, highest: f64) -> Self {
        let raw = (highest.max(1e-9) / 4.0).log10().floor();
        let unit = 10f64.powf(raw);
        let step = [1.0, 2.0, 2.5, 5.0, 10.0]
            .into_iter()
            .map(|factor| factor * unit)
            .find(|step| highest / step <= 5.0)
            .unwrap_or(10.0 * unit);
        Self {
            first: f64::from(first),
            last: f64::from(last).max(f64::from(first) + 1.0),
            top: (highest / step).ceil().max(1.0) * step,
            step,
        }
    }

    fn x(self, year: f64) -> f64 {
        LEFT + (year - self.first) / (self.last - self.first) * (WIDTH - LEFT - RIGHT)
    }

    fn y(self, value: f64) -> f64 {
        HEIGHT - BOTTOM - value / self.top * (HEIGHT - TOP - BOTTOM)
    }

    /// Marks of the years, at most a dozen.
    pub fn years(self) -> Vec<Tick> {
        let every = ((self.last - self.first) / 12.0).ceil().max(1.0);
        steps(self.first, self.last, every)
            .map(|year| Tick {
                at: coordinate(self.x(year)),
                label: format!("{year:.0}"),
            })
            .collect()
    }

    /// Marks of the heights.
    pub fn heights(self) -> Vec<Tick> {
        let decimals = if self.step >= 1.0 {
            0
        } else if self.step >= 0.1 {
            1
        } else {
            3
        };
        let decimals = if self.step > 1.0 && self.step < 5.0 && (self.step * 2.0) % 2.0 > 0.5 {
            1
        } else {
            decimals
        };
        steps(0.0, self.top, self.step)
            .map(|value| Tick {
                at: coordinate(self.y(value)),
                label: crate::locale::decimal(value, decimals),
            })
            .collect()
    }

    /// A point.
    pub fn dot(self, year: i16, value: f64, label: impl Into<String>) -> Dot {
        Dot {
            x: coordinate(self.x(f64::from(year))),
            y: coordinate(self.y(value)),
            // A label centred on the first year would cover the mark of a height.
            anchor: match f64::from(year) {
                year if year <= self.first => "start",
                year if year >= self.last => "end",
                _ => "middle",
            },
            label: label.into(),
        }
    }

    /// A curve, named at its end.
    pub fn curve(self, class: &'static str, label: &str, points: &[(i16, f64)]) -> Trace {
        Trace {
            class,
            points: self.points(points.iter().copied()),
            filled: false,
            label: label.to_owned(),
            label_y: points
                .last()
                .map_or_else(String::new, |(_, value)| coordinate(self.y(*value) + 4.0)),
        }
    }

    /// A surface between two heights of each year, named at its end.
    pub fn surface(self, class: &'static str, label: &str, points: &[(i16, f64, f64)]) -> Trace {
        let above = points.iter().map(|(year, _, high)| (*year, *high));
        let below = points.iter().rev().map(|(year, low, _)| (*year, *low));
        Trace {
            class,
            points: self.points(above.chain(below)),
            filled: true,
            label: label.to_owned(),
            label_y: points.last().map_or_else(String::new, |(_, low, high)| {
                coordinate(self.y((low + high) / 2.0) + 4.0)
            }),
        }
    }

    fn points(self, points: impl Iterator<Item = (i16, f64)>) -> String {
        points
            .map(|(year, value)| {
                format!(
                    "{},{}",
                    coordinate(self.x(f64::from(year))),
                    coordinate(self.y(value))
                )
            })
            .collect::<Vec<_>>()
            .join(" ")
    }
}

impl Plot {
    /// A drawing on axes, its names moved apart where they would touch.
    pub fn new(
        id: &str,
        title: &str,
        unit: &str,
        axes: Axes,
        mut traces: Vec<Trace>,
        dots: Vec<Dot>,
    ) -> Self {
        let mut named: Vec<(usize, f64)> = traces
            .iter()
            .enumerate()
            .filter_map(|(place, trace)| Some((place, trace.label_y.parse().ok()?)))
            .collect();
        named.sort_by(|a, b| b.1.total_cmp(&a.1));
        let mut lowest = HEIGHT;
        for (place, wanted) in named {
            let set = wanted.min(lowest - LINE);
            lowest = set;
            if let Some(trace) = traces.get_mut(place) {
                trace.label_y = coordinate(set);
            }
        }
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            unit: unit.to_owned(),
            years: axes.years(),
            heights: axes.heights(),
            traces,
            dots,
            ..Self::default()
        }
    }

    /// With what one should see in it.
    #[must_use]
    pub fn said(mut self, summary: impl Into<String>) -> Self {
        self.summary = summary.into();
        self
    }

    /// With the address of the drawing alone.
    #[must_use]
    pub fn file(mut self, href: impl Into<String>) -> Self {
        self.href = href.into();
        self
    }

    /// The drawing as a file.
    ///
    /// # Errors
    /// When the template fails, which only a defect can cause.
    pub fn alone(mut self) -> Result<String, askama::Error> {
        self.style = ALONE;
        self.render()
    }
}

fn steps(from: f64, to: f64, step: f64) -> impl Iterator<Item = f64> {
    std::iter::successors(Some(from), move |value| Some(value + step))
        .take_while(move |value| *value <= to + step / 1000.0)
        .take(40)
}

fn coordinate(value: f64) -> String {
    if value.is_finite() {
        format!("{value:.1}")
    } else {
        "0".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_reach_the_highest_value_with_few_round_marks() {
        for highest in [0.004, 1.0, 7.3, 945.0, 3000.0, 2.5e6] {
            let axes = Axes::new(2024, 2035, highest);
            let marks = axes.heights();
            assert!((3..=7).contains(&marks.len()), "{highest}: {marks:?}");
            assert!(axes.top >= highest);
            assert!(axes.y(highest) >= TOP - 0.1);
        }
        assert_eq!(Axes::new(2024, 2035, 945.0).years().len(), 12);
    }

    #[test]
    fn names_that_would_touch_are_moved_apart() {
        let axes = Axes::new(2026, 2030, 100.0);
        let curves = vec![
            axes.curve("c1", "a", &[(2026, 1.0), (2030, 50.0)]),
            axes.curve("c2", "b", &[(2026, 1.0), (2030, 50.5)]),
            axes.curve("c3", "c", &[(2026, 1.0), (2030, 51.0)]),
        ];
        let plot = Plot::new("p", "t", "kWh", axes, curves, Vec::new());
        let mut heights: Vec<f64> = plot
            .traces
            .iter()
            .map(|trace| trace.label_y.parse().unwrap())
            .collect();
        heights.sort_by(f64::total_cmp);
        assert!(
            heights.windows(2).all(|pair| pair[1] - pair[0] >= LINE - 0.1),
            "{heights:?}"
        );
    }
}
