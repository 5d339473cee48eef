//! How far a word that nobody wrote stands from one that somebody did.

/// How many letters may differ in a word of this many letters.
pub const fn tolerance(letters: usize) -> usize {
    match letters {
        0..=3 => 0,
        4..=6 => 1,
        _ => 2,
    }
}

/// Smaller is nearer: wrong letters, whether the first is wrong, how much of the beginning is right, lengths.
pub type Nearness = (usize, bool, usize, usize);

/// Compares one typed word with many.
pub struct Comparison {
    typed: Vec<char>,
    letters: u64,
    tolerance: usize,
    rows: [Vec<usize>; 3],
    other: Vec<char>,
}

impl Comparison {
    /// Prepares a typed word, in lower case and without accents; nothing when no difference is tolerated.
    pub fn new(typed: &str) -> Option<Self> {
        let letters: Vec<char> = typed.chars().collect();
        let tolerance = tolerance(letters.len());
        if tolerance == 0 || letters.iter().any(|c| c.is_numeric()) {
            return None;
        }
        Some(Self {
            letters: mask(typed),
            tolerance,
            rows: Default::default(),
            other: Vec::new(),
            typed: letters,
        })
    }

    /// How near `other` is, in the singular or in the plural; nothing when too far.
    pub fn nearness(&mut self, other: &str) -> Option<Nearness> {
        let singular = other.strip_suffix(['s', 'x']);
        let near = self.compare(other);
        let near_singular = singular.and_then(|singular| self.compare(singular));
        near.into_iter().chain(near_singular).min()
    }

    fn compare(&mut self, other: &str) -> Option<Nearness> {
        // A wrong letter changes at most two bits of the mask.
        let different = usize::try_from((self.letters ^ mask(other)).count_ones()).unwrap_or(usize::MAX);
        if different > 2 * self.tolerance || other.len().abs_diff(self.typed.len()) > 4 * self.tolerance {
            return None;
        }
        self.other.clear();
        self.other.extend(other.chars());
        let lengths = self.other.len().abs_diff(self.typed.len());
        if lengths > self.tolerance || self.other.iter().any(|c| c.is_numeric()) {
            return None;
        }
        let distance = self.distance();
        if distance > self.tolerance {
            return None;
        }
        let common = self
            .typed
            .iter()
            .zip(&self.other)
            .take_while(|(a, b)| a == b)
            .count();
        Some((distance, common == 0, usize::MAX - common, lengths))
    }

    /// Letters to add, remove, replace or swap with their neighbour.
    fn distance(&mut self) -> usize {
        let [before, last, row] = &mut self.rows;
        last.clear();
        last.extend(0..=self.other.len());
        before.clear();
        before.resize(last.len(), usize::MAX / 2);
        let mut previous = None;
        for (line, a) in self.typed.iter().enumerate() {
            row.clear();
            row.push(line + 1);
            let (mut left, mut diagonal, mut swapped) = (line + 1, line, usize::MAX / 2);
            let mut previous_other = None;
            let above = last.iter().skip(1);
            for ((b, up), two_up) in self.other.iter().zip(above).zip(before.iter()) {
                let mut best = (left + 1).min(up + 1).min(diagonal + usize::from(a != b));
                if previous == Some(*b) && previous_other == Some(*a) {
                    best = best.min(swapped + 1);
                }
                row.push(best);
                left = best;
                diagonal = *up;
                // Two lines up and two columns left of the next cell.
                swapped = *two_up;
                previous_other = Some(*b);
            }
            previous = Some(*a);
            std::mem::swap(before, last);
            std::mem::swap(last, row);
        }
        last.last().copied().unwrap_or(0)
    }
}

/// One bit per letter that the word holds.
fn mask(word: &str) -> u64 {
    word.bytes().fold(0, |mask, byte| mask | 1 << (byte & 63))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_letters_added_removed_replaced_or_swapped() {
        for (typed, other, expected) in [
            ("batiment", "batiment", Some(0)),
            ("batimant", "batiment", Some(1)),
            ("batimnet", "batiment", Some(1)),
            ("batment", "batiment", Some(1)),
            ("energei", "energie", Some(1)),
            ("enregie", "energie", Some(1)),
            ("innondasion", "inondation", Some(2)),
            ("fuit", "fuite", Some(1)),
            ("fuit", "fruites", None),
            ("eclairrage", "eclairage", Some(1)),
            ("velo", "auto", None),
            ("mobilite", "mobilier", Some(2)),
            ("innondasion", "inondations", Some(2)),
        ] {
            let found = Comparison::new(typed)
                .unwrap()
                .nearness(other)
                .map(|(distance, ..)| distance);
            assert_eq!(found, expected, "{typed} {other}");
        }
    }

    #[test]
    fn short_words_and_numbers_are_taken_as_typed() {
        for typed in ["eau", "ia", "2024", "co22"] {
            assert!(Comparison::new(typed).is_none(), "{typed}");
        }
    }
}
