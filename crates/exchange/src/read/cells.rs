//! The cells of a row, in as little room as their text allows: a long file is held row by row.

use encoding_rs::UTF_8;

/// Cells one after the other, and where each ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cells {
    text: Box<str>,
    ends: Box<[u32]>,
}

impl Cells {
    /// The parts of a line between separators of one byte, whose places are given in order.
    #[must_use]
    pub fn between(line: &str, separators: &[usize]) -> Self {
        let mut text = String::with_capacity(line.len() - separators.len().min(line.len()));
        let mut ends = Vec::with_capacity(separators.len() + 1);
        let mut start = 0;
        for end in separators.iter().copied().chain([line.len()]) {
            text.push_str(line.get(start..end).unwrap_or_default());
            ends.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
            start = end + 1;
        }
        Self {
            text: text.into(),
            ends: ends.into(),
        }
    }

    /// The parts of a text of which each ends where it is said; nothing when these bytes are no text.
    #[must_use]
    pub fn ended(bytes: &[u8], ends: &[usize]) -> Option<Self> {
        // Several times as fast as the check of the standard library.
        let text = UTF_8.decode_without_bom_handling_and_without_replacement(bytes)?;
        Some(Self {
            text: text.into(),
            ends: ends
                .iter()
                .map(|end| u32::try_from(*end).unwrap_or(u32::MAX))
                .collect(),
        })
    }

    /// How many.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All of them, with nothing between.
    #[must_use]
    pub const fn text(&self) -> &str {
        &self.text
    }

    /// The one at a position, from 0.
    #[must_use]
    pub fn get(&self, position: usize) -> Option<&str> {
        let end = *self.ends.get(position)?;
        let start = match position.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text
            .get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
    }

    /// Each of them, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator + Clone {
        (0..self.len()).map(|position| self.get(position).unwrap_or_default())
    }

    /// The same with empty cells after them, up to a number.
    #[must_use]
    pub fn completed(self, columns: usize) -> Self {
        if self.len() >= columns {
            return self;
        }
        let missing = columns - self.len();
        self.iter().chain(std::iter::repeat_n("", missing)).collect()
    }
}

impl<S: AsRef<str>> FromIterator<S> for Cells {
    fn from_iter<I: IntoIterator<Item = S>>(cells: I) -> Self {
        let (mut text, mut ends) = (String::new(), Vec::new());
        for cell in cells {
            text.push_str(cell.as_ref());
            // Files are far shorter: a place beyond would read as an empty cell.
            ends.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
        }
        Self {
            text: text.into(),
            ends: ends.into(),
        }
    }
}

impl std::ops::Index<usize> for Cells {
    type Output = str;

    /// The cell at a position; an empty text beyond the last.
    fn index(&self, position: usize) -> &str {
        self.get(position).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_given_back_as_they_were() {
        for cells in [vec![], vec![""], vec!["a", "", "éé"], vec!["", "", ""]] {
            let kept: Cells = cells.iter().collect();
            assert_eq!(kept.iter().collect::<Vec<_>>(), cells);
            let ends: Vec<usize> = (1..=cells.len())
                .map(|count| cells[..count].concat().len())
                .collect();
            assert_eq!(
                Cells::ended(cells.concat().as_bytes(), &ends).as_ref(),
                Some(&kept)
            );
            if !cells.is_empty() {
                let line = cells.join(";");
                let separators: Vec<usize> = line.match_indices(';').map(|(at, _)| at).collect();
                assert_eq!(Cells::between(&line, &separators), kept);
            }
            assert_eq!((kept.len(), kept.get(cells.len())), (cells.len(), None));
            let whole = kept.completed(3);
            assert_eq!(whole.len(), 3);
            assert!(whole.iter().skip(cells.len()).all(str::is_empty));
        }
        assert_eq!(Cells::ended(b"\xe9t\xe9", &[3]), None);
    }
}
