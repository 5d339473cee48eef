//! Horizontal bars: a table whose figures are each followed by a bar, so that the drawing and its equivalent are one.

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
}

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
        let bars = counts
            .into_iter()
            .map(|(label, count, theme, href)| {
                let length = u32::try_from(count.saturating_mul(100) / longest).unwrap_or(100);
                // A count that is not zero is never invisible.
                let length = if count > 0 { length.max(1) } else { 0 };
                Bar {
                    label,
                    value: crate::locale::integer(count),
                    length,
                    theme,
                    href,
                }
            })
            .collect();
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            label_header: label_header.to_owned(),
            value_header: value_header.to_owned(),
            bars,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_is_whole_and_none_is_invisible_but_zero() {
        let counts = [1000, 1, 0]
            .map(|count| (count.to_string(), count, None, None))
            .to_vec();
        let chart = BarChart::of_counts("c", "t", "l", "v", counts);
        let lengths: Vec<u32> = chart.bars.iter().map(|bar| bar.length).collect();
        assert_eq!(lengths, [100, 1, 0]);
        assert_eq!(chart.bars[0].value, "1\u{202f}000");
    }

    #[test]
    fn a_chart_of_nothing_is_empty() {
        assert!(
            BarChart::of_counts("c", "t", "l", "v", Vec::new())
                .bars
                .is_empty()
        );
    }
}
