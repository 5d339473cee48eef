//! Facet values held in memory, so that filters and counts touch no file.
//!
//! Records share few different sets of values, so each document holds the number of its set: one column serves
//! facets of one and of several values alike, and a count is one look per matching document.

use std::sync::OnceLock;

use sobria_catalogue::query::Facet;
use sobria_catalogue::vocabulary::Vocabularies;

use crate::bits::Bits;
use crate::num::{at, short};
use crate::schema::{BETWEEN, POPULATION_BANDS};
use crate::snapshot::{Snapshot, Texts};

/// The values of one facet for every document.
#[derive(Default)]
pub struct FacetColumn {
    codes: Vec<String>,
    sets: Vec<Vec<u16>>,
    of: Vec<u16>,
    bits: Vec<OnceLock<Bits>>,
    totals: Vec<u32>,
    bound: u32,
}

impl FacetColumn {
    /// Reads the sets of values written in `texts`.
    pub fn new(facet: Facet, texts: Texts, snapshot: &Snapshot) -> Self {
        let mut codes: Vec<String> = texts
            .values
            .iter()
            .flat_map(|text| text.split(BETWEEN))
            .filter(|code| !code.is_empty())
            .map(str::to_owned)
            .collect();
        codes.sort_unstable_by(|a, b| rank(facet, a).cmp(&rank(facet, b)).then_with(|| a.cmp(b)));
        codes.dedup();
        let sets: Vec<Vec<u16>> = texts
            .values
            .iter()
            .map(|text| {
                text.split(BETWEEN)
                    .filter_map(|code| codes.iter().position(|other| other == code))
                    .filter_map(|position| u16::try_from(position).ok())
                    .collect()
            })
            .collect();
        let of = texts
            .of
            .iter()
            .map(|set| u16::try_from(*set).unwrap_or(u16::MAX))
            .collect();
        let bits = codes.iter().map(|_| OnceLock::new()).collect();
        let mut column = Self {
            codes,
            sets,
            of,
            bits,
            totals: Vec::new(),
            bound: snapshot.bound,
        };
        column.totals = column.count(&snapshot.alive);
        column
    }

    /// The codes, in the order in which they are listed.
    pub fn codes(&self) -> &[String] {
        &self.codes
    }

    /// The position of a code that some record holds. Codes of deleted records may linger in the files.
    pub fn position(&self, code: &str) -> Option<usize> {
        self.codes
            .iter()
            .zip(&self.totals)
            .position(|(other, total)| other == code && *total > 0)
    }

    /// The values of a document, as positions in [`FacetColumn::codes`].
    pub fn values(&self, doc: u32) -> &[u16] {
        self.of
            .get(at(doc))
            .and_then(|set| self.sets.get(usize::from(*set)))
            .map_or(&[], Vec::as_slice)
    }

    /// The documents that hold a value.
    pub fn bits(&self, position: usize) -> Option<&Bits> {
        let cell = self.bits.get(position)?;
        Some(cell.get_or_init(|| {
            let wanted: Vec<bool> = self
                .sets
                .iter()
                .map(|set| set.iter().any(|value| usize::from(*value) == position))
                .collect();
            self.matching(&wanted)
        }))
    }

    /// The documents whose set of values is wanted.
    fn matching(&self, wanted: &[bool]) -> Bits {
        let mut bits = Bits::none(self.bound);
        for (doc, set) in (0..).zip(&self.of) {
            if wanted.get(usize::from(*set)).copied().unwrap_or(false) {
                bits.set(doc);
            }
        }
        bits
    }

    /// The documents that hold at least one of the values chosen by `wanted`.
    pub fn any(&self, wanted: impl Fn(&str) -> bool) -> Bits {
        let mut bits = Bits::none(self.bound);
        for (position, code) in self.codes.iter().enumerate() {
            if wanted(code)
                && let Some(holding) = self.bits(position)
            {
                bits.or(holding);
            }
        }
        bits
    }

    /// How many documents hold each value, over the whole library.
    pub fn totals(&self) -> &[u32] {
        &self.totals
    }

    /// How many documents of the set hold each value.
    pub fn count(&self, docs: &Bits) -> Vec<u32> {
        let mut per_set = vec![0_u32; self.sets.len()];
        for (word, sets) in docs.words().iter().zip(self.of.chunks(64)) {
            let mut rest = *word;
            while rest != 0 {
                if let Some(set) = sets.get(at(rest.trailing_zeros()))
                    && let Some(count) = per_set.get_mut(usize::from(*set))
                {
                    *count += 1;
                }
                rest &= rest - 1;
            }
        }
        let mut counts = vec![0; self.codes.len()];
        for (set, number) in self.sets.iter().zip(per_set) {
            for value in set {
                if let Some(count) = counts.get_mut(usize::from(*value)) {
                    *count += number;
                }
            }
        }
        counts
    }
}

/// Where a code stands among the others: the order of its vocabulary, else its own order.
fn rank(facet: Facet, code: &str) -> u32 {
    let position = match facet {
        Facet::Population => POPULATION_BANDS.iter().position(|band| *band == code),
        _ => facet
            .field()
            .and_then(|field| field.spec().kind.vocabulary())
            .and_then(|list| Vocabularies::embedded().get(list).position(code)),
    };
    position.map_or(u32::MAX, short)
}
