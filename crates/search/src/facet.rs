//! Facet values held in memory, so that filters and counts touch no file.
//!
//! Records share few different sets of values, so each document holds the number of its set: one column serves
//! facets of one and of several values alike, and a count is one look per matching document.

use std::collections::HashMap;
use std::sync::OnceLock;

use sobria_catalogue::query::Facet;
use sobria_catalogue::text::fold_key;
use sobria_catalogue::vocabulary::Vocabularies;

use crate::bits::Bits;
use crate::num::{at, short};
use crate::schema::{BETWEEN, POPULATION_BANDS};
use crate::snapshot::{Snapshot, Texts};

/// Values of a facet of names that one answer counts: the most frequent.
pub const NAMES_COUNTED: usize = 50;

/// The set of values of each document: as narrow as the number of sets allows, since it is read whole.
enum SetOf {
    Short(Vec<u16>),
    Long(Vec<u32>),
}

impl Default for SetOf {
    fn default() -> Self {
        Self::Short(Vec::new())
    }
}

/// The values of one facet for every document.
#[derive(Default)]
pub struct FacetColumn {
    codes: Vec<String>,
    /// For names, the form under which spellings meet, in the order of `codes`.
    keys: Vec<String>,
    sets: Vec<Vec<u32>>,
    of: SetOf,
    bits: Vec<OnceLock<Bits>>,
    totals: Vec<u32>,
    bound: u32,
}

impl FacetColumn {
    /// Reads the sets of values written in `texts`.
    pub fn new(facet: Facet, texts: Texts, snapshot: &Snapshot) -> Self {
        let written = |text: &str| -> Vec<String> {
            let codes = text.split(BETWEEN).filter(|code| !code.is_empty());
            codes.map(str::to_owned).collect()
        };
        let mut codes: Vec<String> = texts.values.iter().flat_map(|text| written(text)).collect();
        let mut keys = Vec::new();
        if facet.is_written() {
            // Spellings of one name are one value, shown as it is written first in the order of letters.
            let mut named: Vec<(String, String)> =
                codes.into_iter().map(|code| (fold_key(&code), code)).collect();
            named.sort_unstable();
            named.dedup_by(|one, kept| one.0 == kept.0);
            (keys, codes) = named.into_iter().unzip();
        } else {
            codes.sort_unstable_by(|a, b| rank(facet, a).cmp(&rank(facet, b)).then_with(|| a.cmp(b)));
            codes.dedup();
        }
        let places: HashMap<&str, u32> = if facet.is_written() { &keys } else { &codes }
            .iter()
            .map(String::as_str)
            .zip(0..)
            .collect();
        let place = |code: String| {
            let key = if facet.is_written() { fold_key(&code) } else { code };
            places.get(key.as_str()).copied()
        };
        let sets: Vec<Vec<u32>> = texts
            .values
            .iter()
            .map(|text| {
                let mut set: Vec<u32> = written(text).into_iter().filter_map(place).collect();
                set.sort_unstable();
                set.dedup();
                set
            })
            .collect();
        let of = if u16::try_from(sets.len()).is_ok() {
            let short = |set: &u32| u16::try_from(*set).unwrap_or(u16::MAX);
            SetOf::Short(texts.of.iter().map(short).collect())
        } else {
            SetOf::Long(texts.of)
        };
        let bits = codes.iter().map(|_| OnceLock::new()).collect();
        let mut column = Self {
            codes,
            keys,
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

    /// The positions of the values that a wanted code asks for: that code; for names, the one written so whatever
    /// its spelling, else those that hold its words.
    pub fn asked(&self, wanted: &str) -> Vec<usize> {
        if self.keys.is_empty() {
            return self
                .codes
                .iter()
                .position(|code| code == wanted)
                .into_iter()
                .collect();
        }
        let wanted = fold_key(wanted);
        if wanted.is_empty() {
            return Vec::new();
        }
        if let Ok(position) = self.keys.binary_search(&wanted) {
            return vec![position];
        }
        let begins = |key: &str| {
            key.match_indices(&wanted)
                .any(|(place, _)| place == 0 || key.as_bytes().get(place - 1) == Some(&b' '))
        };
        (0..)
            .zip(&self.keys)
            .filter(|(_, key)| begins(key))
            .map(|(position, _)| position)
            .collect()
    }

    /// The documents that hold at least one of the values that the wanted codes ask for.
    pub fn holding(&self, wanted: &[String]) -> Bits {
        let mut bits = Bits::none(self.bound);
        for position in wanted.iter().flat_map(|code| self.asked(code)) {
            if let Some(holding) = self.bits(position) {
                bits.or(holding);
            }
        }
        bits
    }

    /// The values of a document, as positions in [`FacetColumn::codes`].
    pub fn values(&self, doc: u32) -> &[u32] {
        let set = match &self.of {
            SetOf::Short(of) => of.get(at(doc)).map(|set| usize::from(*set)),
            SetOf::Long(of) => of.get(at(doc)).map(|set| at(*set)),
        };
        set.and_then(|set| self.sets.get(set)).map_or(&[], Vec::as_slice)
    }

    /// The documents that hold a value.
    pub fn bits(&self, position: usize) -> Option<&Bits> {
        let cell = self.bits.get(position)?;
        Some(cell.get_or_init(|| {
            let wanted: Vec<bool> = self
                .sets
                .iter()
                .map(|set| set.iter().any(|value| at(*value) == position))
                .collect();
            self.matching(&wanted)
        }))
    }

    /// The documents whose set of values is wanted.
    fn matching(&self, wanted: &[bool]) -> Bits {
        let mut bits = Bits::none(self.bound);
        let wanted = |set: usize| wanted.get(set).copied().unwrap_or(false);
        match &self.of {
            SetOf::Short(of) => {
                for (doc, _) in (0..).zip(of).filter(|(_, set)| wanted(usize::from(**set))) {
                    bits.set(doc);
                }
            }
            SetOf::Long(of) => {
                for (doc, _) in (0..).zip(of).filter(|(_, set)| wanted(at(**set))) {
                    bits.set(doc);
                }
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
        let per_set = match &self.of {
            SetOf::Short(of) => tally(docs, of, self.sets.len()),
            SetOf::Long(of) => tally(docs, of, self.sets.len()),
        };
        let mut counts = vec![0; self.codes.len()];
        for (set, number) in self.sets.iter().zip(per_set) {
            for value in set {
                if let Some(count) = counts.get_mut(at(*value)) {
                    *count += number;
                }
            }
        }
        counts
    }

    /// The values that an answer lists, with their counts: those that some document holds, and those asked for.
    /// Of names, the most frequent ones alone, the most frequent first.
    pub fn listed(&self, counts: &[u32], asked: &[usize]) -> Vec<(String, usize)> {
        let mut listed: Vec<(usize, u32)> = (0..)
            .zip(counts.iter().copied())
            .filter(|(position, count)| *count > 0 || asked.contains(position))
            .collect();
        if !self.keys.is_empty() {
            let order = |(position, count): &(usize, u32)| {
                (!asked.contains(position), std::cmp::Reverse(*count), *position)
            };
            if listed.len() > NAMES_COUNTED {
                listed.select_nth_unstable_by_key(NAMES_COUNTED, order);
                listed.truncate(NAMES_COUNTED);
            }
            listed.sort_unstable_by_key(|(position, count)| (std::cmp::Reverse(*count), *position));
        }
        listed
            .into_iter()
            .filter_map(|(position, count)| Some((self.codes.get(position)?.clone(), at(count))))
            .collect()
    }
}

/// How many documents of the set hold each set of values.
fn tally<S: Copy + Into<u32>>(docs: &Bits, of: &[S], sets: usize) -> Vec<u32> {
    let mut per_set = vec![0_u32; sets];
    for (word, sets) in docs.words().iter().zip(of.chunks(64)) {
        let mut rest = *word;
        while rest != 0 {
            if let Some(set) = sets.get(at(rest.trailing_zeros()))
                && let Some(count) = per_set.get_mut(at((*set).into()))
            {
                *count += 1;
            }
            rest &= rest - 1;
        }
    }
    per_set
}

/// Where a code stands among the others: the order of its vocabulary, else its own order.
fn rank(facet: Facet, code: &str) -> u32 {
    let position = match facet {
        Facet::Population => POPULATION_BANDS.iter().position(|band| *band == code),
        _ => facet
            .vocabulary()
            .and_then(|list| Vocabularies::embedded().get(list).position(code)),
    };
    position.map_or(u32::MAX, short)
}
