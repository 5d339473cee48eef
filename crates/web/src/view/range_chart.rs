//! Ranges on one scale of factors, as SVG in the cells of a table: the figure stands in words, the drawing beside it.

/// Factor at both ends of the scale: a sixteenth and sixteen times. What goes beyond stops at the edge.
const END: f64 = 16.0;

/// One range.
#[derive(Debug, Clone, Default)]
pub struct RangeRow {
    /// Label.
    pub label: String,
    /// Address of the detail.
    pub href: String,
    /// Further words under the label.
    pub note: String,
    /// Value and range, in words.
    pub value: String,
    /// Where the range begins, from 0 to 100.
    pub left: String,
    /// Its length.
    pub width: String,
    /// Where the central figure stands.
    pub middle: String,
}

/// Ranges under a title.
#[derive(Debug, Clone, Default)]
pub struct RangeChart {
    /// Identifier in the page.
    pub id: String,
    /// What is compared, which is also the caption of the table.
    pub title: String,
    /// Header of the first column.
    pub label_header: String,
    /// Header of the second column.
    pub value_header: String,
    /// Ranges, in order.
    pub rows: Vec<RangeRow>,
}

impl RangeRow {
    /// Places a range of factors, on a scale where each doubling takes the same room and 1 stands in the middle.
    #[must_use]
    pub fn placed(mut self, low: f64, central: f64, high: f64) -> Self {
        let [low, central, high] = [low, central, high].map(place);
        self.left = format!("{low:.1}");
        self.width = format!("{:.1}", (high - low).max(0.6));
        self.middle = format!("{central:.1}");
        self
    }
}

fn place(factor: f64) -> f64 {
    let doublings = factor.clamp(1.0 / END, END).log2();
    50.0 + 50.0 * doublings / END.log2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_stands_in_the_middle_and_what_goes_beyond_stops_at_the_edge() {
        let row = RangeRow::default().placed(0.25, 1.0, 4.0);
        assert_eq!(
            (row.left.as_str(), row.width.as_str(), row.middle.as_str()),
            ("25.0", "50.0", "50.0")
        );
        let row = RangeRow::default().placed(0.0, 100.0, 1e9);
        assert_eq!(
            (row.left.as_str(), row.width.as_str(), row.middle.as_str()),
            ("0.0", "100.0", "100.0")
        );
    }
}
