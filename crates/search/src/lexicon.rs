//! Every word of the index in memory: found by word, by stem, by beginning and by resemblance.
//!
//! The words of what only members may read are marked: a visitor's question never meets them, not even as the
//! suggestion of a spelling.

use std::ops::Range;

use sobria_catalogue::access::Level;

use crate::analyse::SEPARATOR;
use crate::error::Result;
use crate::num::{at, short};
use crate::schema::Part;
use crate::snapshot::Snapshot;

/// Where a word occurs: one dictionary, of one segment and part.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Index of the segment.
    pub segment: u16,
    /// The part of the record.
    pub part: Part,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    start: u32,
    length: u16,
    public: bool,
    first_place: u32,
}

/// The words of the index.
#[derive(Debug, Default)]
pub struct Lexicon {
    terms: String,
    entries: Vec<Entry>,
    by_stem: Vec<u32>,
    places: Vec<Place>,
}

/// A word of the index.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Its number.
    pub number: u32,
    /// Lower case, without accents.
    pub folded: &'a str,
    /// Its stem.
    pub stem: &'a str,
    /// As spelt.
    pub spelt: &'a str,
}

impl Lexicon {
    /// Reads the dictionaries of every segment.
    pub fn read(snapshot: &Snapshot) -> Result<Self> {
        let mut bytes = String::new();
        let mut found: Vec<(Range<u32>, Place)> = Vec::new();
        for (segment, index) in snapshot.segments().zip(0_u16..) {
            for part in Part::ALL {
                let inverted = segment.reader.inverted_index(snapshot.fields.part(part))?;
                let mut stream = inverted.terms().stream()?;
                while stream.advance() {
                    let start = short(bytes.len());
                    bytes.push_str(&String::from_utf8_lossy(stream.key()));
                    found.push((start..short(bytes.len()), Place { segment: index, part }));
                }
            }
        }
        let text = |range: &Range<u32>| bytes.get(at(range.start)..at(range.end)).unwrap_or("");
        // Each dictionary is sorted: a stable sort merges the runs. Places stay in the order of segment and part.
        found.sort_by(|(a, _), (b, _)| text(a).cmp(text(b)));

        let mut lexicon = Self::default();
        let mut last = "";
        for (range, place) in &found {
            let term = text(range);
            if term != last || lexicon.entries.is_empty() {
                lexicon.entries.push(Entry {
                    start: short(lexicon.terms.len()),
                    length: u16::try_from(term.len()).unwrap_or(u16::MAX),
                    public: false,
                    first_place: short(lexicon.places.len()),
                });
                lexicon.terms.push_str(term);
                last = term;
            }
            if let Some(entry) = lexicon.entries.last_mut() {
                entry.public |= place.part.is_open_to(Level::Public);
            }
            lexicon.places.push(*place);
        }
        let mut by_stem: Vec<u32> = (0..short(lexicon.entries.len())).collect();
        by_stem.sort_by(|a, b| lexicon.stem_of(*a).cmp(lexicon.stem_of(*b)));
        lexicon.by_stem = by_stem;
        lexicon.terms.shrink_to_fit();
        lexicon.entries.shrink_to_fit();
        lexicon.places.shrink_to_fit();
        Ok(lexicon)
    }

    /// The entry of a word in the dictionaries.
    pub fn term(&self, number: u32) -> &str {
        self.entries
            .get(at(number))
            .and_then(|entry| {
                let start = at(entry.start);
                self.terms.get(start..start + usize::from(entry.length))
            })
            .unwrap_or("")
    }

    fn folded_of(&self, number: u32) -> &str {
        let term = self.term(number);
        term.split_once(SEPARATOR).map_or(term, |(folded, _)| folded)
    }

    fn stem_of(&self, number: u32) -> &str {
        self.term(number).split(SEPARATOR).nth(1).unwrap_or("")
    }

    fn is_open(&self, number: u32, level: Level) -> bool {
        level != Level::Public || self.entries.get(at(number)).is_some_and(|entry| entry.public)
    }

    fn known(&self, number: u32) -> Known<'_> {
        let mut parts = self.term(number).split(SEPARATOR);
        let folded = parts.next().unwrap_or("");
        let stem = parts.next().unwrap_or("");
        Known {
            number,
            folded,
            stem,
            spelt: parts.next().unwrap_or(folded),
        }
    }

    fn count(&self) -> u32 {
        short(self.entries.len())
    }

    /// First entry whose word is not before `folded`.
    fn lower_bound(&self, folded: &str) -> u32 {
        let (mut low, mut high) = (0, self.count());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.folded_of(middle) < folded {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The words written so, accents aside.
    pub fn written<'a>(&'a self, folded: &'a str, level: Level) -> impl Iterator<Item = Known<'a>> {
        (self.lower_bound(folded)..self.count())
            .take_while(move |number| self.folded_of(*number) == folded)
            .filter(move |number| self.is_open(*number, level))
            .map(|number| self.known(number))
    }

    /// The words of a stem.
    pub fn of_stem<'a>(&'a self, stem: &'a str, level: Level) -> impl Iterator<Item = Known<'a>> {
        let first = self
            .by_stem
            .partition_point(|number| self.stem_of(*number) < stem);
        self.by_stem
            .iter()
            .skip(first)
            .copied()
            .take_while(move |number| self.stem_of(*number) == stem)
            .filter(move |number| self.is_open(*number, level))
            .map(|number| self.known(number))
    }

    /// The words that begin so.
    pub fn beginning<'a>(&'a self, folded: &'a str, level: Level) -> impl Iterator<Item = Known<'a>> {
        (self.lower_bound(folded)..self.count())
            .take_while(move |number| self.folded_of(*number).starts_with(folded))
            .filter(move |number| self.is_open(*number, level))
            .map(|number| self.known(number))
    }

    /// Every word that a reader of this level may search.
    pub fn all(&self, level: Level) -> impl Iterator<Item = Known<'_>> {
        (0..self.count())
            .filter(move |number| self.is_open(*number, level))
            .map(|number| self.known(number))
    }

    /// Where a word occurs, in what a reader of this level may search.
    pub fn places(&self, number: u32, level: Level) -> impl Iterator<Item = Place> + '_ {
        let start = self.entries.get(at(number)).map_or(0, |entry| entry.first_place);
        let end = self
            .entries
            .get(at(number) + 1)
            .map_or(short(self.places.len()), |entry| entry.first_place);
        self.places
            .get(at(start)..at(end))
            .unwrap_or(&[])
            .iter()
            .copied()
            .filter(move |place| place.part.is_open_to(level))
    }
}
