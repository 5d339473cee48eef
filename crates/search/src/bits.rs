//! Sets of documents, one bit each.

use crate::num::at;

/// A set of document numbers below a fixed bound.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// The empty set among `bound` documents.
    pub fn none(bound: u32) -> Self {
        Self {
            words: vec![0; at(bound).div_ceil(64)],
        }
    }

    /// All of `bound` documents.
    pub fn all(bound: u32) -> Self {
        let mut bits = Self {
            words: vec![u64::MAX; at(bound).div_ceil(64)],
        };
        if !bound.is_multiple_of(64)
            && let Some(last) = bits.words.last_mut()
        {
            *last = (1 << (bound % 64)) - 1;
        }
        bits
    }

    /// Adds a document.
    #[inline]
    pub fn set(&mut self, doc: u32) {
        if let Some(word) = self.words.get_mut(at(doc / 64)) {
            *word |= 1 << (doc % 64);
        }
    }

    /// Removes a document.
    pub fn clear(&mut self, doc: u32) {
        if let Some(word) = self.words.get_mut(at(doc / 64)) {
            *word &= !(1 << (doc % 64));
        }
    }

    /// Whether the document is in the set.
    #[inline]
    pub fn has(&self, doc: u32) -> bool {
        self.words
            .get(at(doc / 64))
            .is_some_and(|word| word & (1 << (doc % 64)) != 0)
    }

    /// Keeps what is also in `other`.
    pub fn and(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// Adds what is in `other`.
    pub fn or(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// How many documents are in the set.
    pub fn count(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// The words of the set, sixty-four documents each.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// The documents, in order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.words
            .iter()
            .zip(0_u32..)
            .flat_map(|(word, index)| documents(*word, index * 64))
    }

    /// The documents from `start` on and below `end`, in order.
    pub fn between(&self, start: u32, end: u32) -> impl Iterator<Item = u32> + '_ {
        let first = start / 64;
        self.words
            .iter()
            .zip(0_u32..)
            .skip(at(first))
            .take(at(end.div_ceil(64).saturating_sub(first)))
            .flat_map(|(word, index)| documents(*word, index * 64))
            .filter(move |doc| (start..end).contains(doc))
    }
}

/// The documents of one word, whose first is `base`.
fn documents(word: u64, base: u32) -> impl Iterator<Item = u32> {
    let mut rest = word;
    std::iter::from_fn(move || {
        if rest == 0 {
            return None;
        }
        let bit = rest.trailing_zeros();
        rest &= rest - 1;
        Some(base + bit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_set_holds_its_bound_and_no_more() {
        for bound in [0, 1, 63, 64, 65, 1000] {
            let all = Bits::all(bound);
            assert_eq!(all.count(), bound);
            assert_eq!(all.iter().collect::<Vec<_>>(), (0..bound).collect::<Vec<_>>());
            assert!(Bits::none(bound).is_empty());
        }
    }

    #[test]
    fn sets_are_joined_and_crossed() {
        let mut a = Bits::none(130);
        let mut b = Bits::none(130);
        for doc in [1, 64, 129] {
            a.set(doc);
        }
        for doc in [2, 64] {
            b.set(doc);
        }
        let mut union = a.clone();
        union.or(&b);
        assert_eq!(union.iter().collect::<Vec<_>>(), [1, 2, 64, 129]);
        assert_eq!(union.between(2, 129).collect::<Vec<_>>(), [2, 64]);
        a.and(&b);
        assert_eq!(a.iter().collect::<Vec<_>>(), [64]);
        a.clear(64);
        assert!(!a.has(64) && a.is_empty());
    }
}
