//! Horizontal bars, with the same figures as a table.

/// One bar.
#[derive(Debug, Clone, Default)]
pub struct Bar {
    /// Label.
    pub label: String,
    /// Value, formatted.
    pub value: String,
    /// Length in hundredths of the longest bar.
    pub length: u32,
    /// Code of the theme that gives the colour; the accent otherwise.
    pub theme: Option<String>,
    /// Address of the detail.
    pub href: Option<String>,
    /// Ordinate of the bar in the drawing.
    pub y: u32,
    /// Ordinate of the text baseline in the drawing.
    pub baseline: u32,
    /// Abscissa of the value, just after the bar.
    pub value_x: u32,
    /// Width of the bar in the drawing.
    pub width: u32,
}

/// Bars under a title.
#[derive(Debug, Clone, Default)]
pub struct BarChart {
    /// Identifier in the page.
    pub id: String,
    /// What is compared, which is also the caption of the table.
    pub title: String,
    /// Header of the first column of the table.
    pub label_header: String,
    /// Header of the second column, with the unit.
    pub value_header: String,
    /// Bars, in order.
    pub bars: Vec<Bar>,
    /// Height of the drawing.
    pub height: u32,
}

/// Height given to one bar, in units of the drawing.
const STEP: u32 = 34;
/// Abscissa where bars start.
const LEFT: u32 = 300;
/// Width of the longest bar.
const WIDEST: u32 = 360;

impl BarChart {
    /// A chart of counts: label, count, theme, address.
    pub fn of_counts(
        id: &str,
        title: &str,
        label_header: &str,
        value_header: &str,
        counts: Vec<(String, u64, Option<String>, Option<String>)>,
    ) -> Self {
        let longest = counts
            .iter()
            .map(|(_, count, ..)| *count)
            .max()
            .unwrap_or(0)
            .max(1);
        let mut y = 0;
        let mut bars = Vec::with_capacity(counts.len());
        for (label, count, theme, href) in counts {
            let length = u32::try_from(count.saturating_mul(100) / longest).unwrap_or(100);
            let width = u32::try_from(count.saturating_mul(u64::from(WIDEST)) / longest)
                .unwrap_or(WIDEST)
                .max(2);
            bars.push(Bar {
                label,
                value: crate::locale::integer(count),
                length,
                theme,
                href,
                y: y + 8,
                baseline: y + 23,
                value_x: LEFT + width + 8,
                width,
            });
            y += STEP;
        }
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            label_header: label_header.to_owned(),
            value_header: value_header.to_owned(),
            bars,
            height: y,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_fills_the_width_and_none_is_invisible() {
        let counts = vec![
            ("a".to_owned(), 1000, None, None),
            ("b".to_owned(), 1, None, None),
            ("c".to_owned(), 0, None, None),
        ];
        let chart = BarChart::of_counts("c", "t", "l", "v", counts);
        let widths: Vec<u32> = chart.bars.iter().map(|bar| bar.width).collect();
        assert_eq!(widths, [WIDEST, 2, 2]);
        assert_eq!(chart.bars[0].value, "1\u{202f}000");
        assert_eq!(chart.height, 3 * STEP);
    }

    #[test]
    fn a_chart_of_nothing_is_empty() {
        let chart = BarChart::of_counts("c", "t", "l", "v", Vec::new());
        assert!(chart.bars.is_empty());
        assert_eq!(chart.height, 0);
    }
}
