//! Which documents answer the words of a question, and how well.
//!
//! Each word becomes a set of documents, sets are crossed, and only the documents that remain are scored. A word
//! weighs by its rarity and by the part of the record that holds it: title, carrier, key words and labels,
//! summary, then the rest.

use std::cmp::Reverse;

use sobria_catalogue::access::Level;
use sobria_catalogue::field::Field;
use sobria_catalogue::query::Facet;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, TERMINATED, postings::Postings, postings::SegmentPostings};

use crate::analyse::{Form, Stems};
use crate::bits::Bits;
use crate::error::Result;
use crate::labels::{Holder, Label, Labels};
use crate::lexicon::{Known, Lexicon};
use crate::num::{at, narrow, rarity, short};
use crate::question::{Clause, Question, Wording};
use crate::schema::{Part, code_term};
use crate::snapshot::Snapshot;
use crate::typo::Comparison;

/// Fewest letters of a word that may be the beginning of another.
const PREFIX: usize = 2;
/// Most words that a beginning stands for.
const COMPLETIONS: usize = 300;
/// Most near words tried in place of an unknown one.
const CANDIDATES: usize = 8;
/// What an inflection is worth beside the word itself.
const INFLECTED: f32 = 0.9;
/// What the end of an unfinished word is worth.
const COMPLETED: f32 = 0.7;
/// What another wording is worth.
const SYNONYM: f32 = 0.6;

/// The answer to a text.
pub struct Matched {
    /// The documents.
    pub docs: Bits,
    /// Whether only a part of the words was asked for.
    pub relaxed: bool,
    /// Words that nobody wrote, with those that were searched in their place.
    pub corrections: Vec<(String, String)>,
    words: Vec<Weighed>,
}

/// The records that have a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Labelled {
    /// Those at a position of a facet.
    Facet(Facet, usize),
    /// Those with a code of a field.
    Code(Field, &'static str),
}

impl Labelled {
    fn add_to(self, docs: &mut Bits, snapshot: &Snapshot) -> Result<()> {
        match self {
            Self::Facet(facet, position) => {
                if let Some(bits) = snapshot.facet(facet)?.bits(position) {
                    docs.or(bits);
                }
                Ok(())
            }
            Self::Code(field, code) => snapshot.coded(&code_term(field, code), docs),
        }
    }

    /// The part of a record that the label counts as.
    fn part(self) -> Part {
        match self {
            Self::Facet(..) => Part::Tags,
            Self::Code(..) => Part::Body,
        }
    }
}

/// A word found, and what it weighs.
struct Weighed {
    entries: Vec<(u32, f32)>,
    labels: Vec<Labelled>,
    weight: f32,
}

/// Answers the words of one question.
pub struct Matcher<'a> {
    snapshot: &'a Snapshot,
    lexicon: &'a Lexicon,
    labels: &'a Labels,
    level: Level,
    corrections: Vec<(String, String)>,
}

/// A word resolved against the index.
#[derive(Default)]
struct Resolved {
    entries: Vec<(u32, f32)>,
    labels: Vec<Labelled>,
}

impl Resolved {
    fn add(&mut self, known: Known<'_>, factor: f32) {
        if self.entries.iter().all(|(number, _)| *number != known.number) {
            self.entries.push((known.number, factor));
        }
    }
}

impl<'a> Matcher<'a> {
    /// Prepares to answer a reader of `level`.
    pub fn new(snapshot: &'a Snapshot, labels: &'a Labels, level: Level) -> Result<Self> {
        Ok(Self {
            snapshot,
            lexicon: snapshot.lexicon()?,
            labels,
            level,
            corrections: Vec::new(),
        })
    }

    /// The documents that answer: all the words, else as many of them as any document holds.
    pub fn answer(mut self, question: &Question) -> Result<Matched> {
        let bound = self.snapshot.bound;
        if question.clauses.is_empty() {
            return Ok(Matched {
                docs: Bits::none(bound),
                relaxed: false,
                corrections: Vec::new(),
                words: Vec::new(),
            });
        }
        let (docs, words) = self.all(question)?;
        if !docs.is_empty() {
            return Ok(self.matched(docs, false, words));
        }
        self.corrections.clear();
        let free = question.without_quotes();
        let (docs, words) = self.most(&free)?;
        Ok(self.matched(docs, true, words))
    }

    fn matched(self, docs: Bits, relaxed: bool, words: Vec<Weighed>) -> Matched {
        Matched {
            relaxed: relaxed && !docs.is_empty(),
            docs,
            corrections: self.corrections,
            words,
        }
    }

    fn all(&mut self, question: &Question) -> Result<(Bits, Vec<Weighed>)> {
        let mut docs = self.snapshot.alive.clone();
        let mut words = Vec::new();
        for clause in &question.clauses {
            let found = self.clause(clause, question.last, &mut words)?;
            docs.and(&found);
        }
        Ok((docs, words))
    }

    /// The documents that hold the most clauses.
    fn most(&mut self, question: &Question) -> Result<(Bits, Vec<Weighed>)> {
        let mut held = vec![0_u8; at(self.snapshot.bound)];
        let mut words = Vec::new();
        for clause in &question.clauses {
            for doc in self.clause(clause, question.last, &mut words)?.iter() {
                if let Some(count) = held.get_mut(at(doc)) {
                    *count = count.saturating_add(1);
                }
            }
        }
        let best = held.iter().copied().max().unwrap_or(0);
        let mut docs = Bits::none(self.snapshot.bound);
        if best > 0 {
            for (doc, count) in (0..).zip(held) {
                if count == best {
                    docs.set(doc);
                }
            }
        }
        Ok((docs, words))
    }

    fn clause(&mut self, clause: &Clause, last: Option<u32>, words: &mut Vec<Weighed>) -> Result<Bits> {
        let mut docs = Bits::none(self.snapshot.bound);
        for (index, wording) in clause.wordings.iter().enumerate() {
            let factor = if index == 0 { 1.0 } else { SYNONYM };
            docs.or(&self.wording(wording, last, factor, words)?);
        }
        Ok(docs)
    }

    fn wording(
        &mut self,
        wording: &Wording,
        last: Option<u32>,
        factor: f32,
        words: &mut Vec<Weighed>,
    ) -> Result<Bits> {
        let mut found = Vec::new();
        let mut docs: Option<Bits> = None;
        let mut weighed = Vec::new();
        for (place, form) in &wording.words {
            let (resolved, holding) = self.resolve(form, wording.tolerant, last == Some(*place))?;
            if holding.is_empty() && wording.adjacent {
                return Ok(holding);
            }
            weighed.push(rarity(holding.count(), self.snapshot.alive_count) * factor);
            match &mut docs {
                Some(docs) => docs.and(&holding),
                None => docs = Some(holding),
            }
            found.push((*place, resolved));
        }
        let mut docs = docs.unwrap_or_default();
        if wording.adjacent && found.len() > 1 {
            docs = self.following(&found, &docs)?;
            docs.or(&self.labels_with(wording)?);
            docs.and(&self.snapshot.alive);
        }
        for ((_, resolved), weight) in found.into_iter().zip(weighed) {
            words.push(Weighed {
                entries: resolved.entries,
                labels: resolved.labels,
                weight,
            });
        }
        Ok(docs)
    }

    /// The words of the index that a typed word stands for, and the documents that hold them.
    ///
    /// A word counts as known when a document holds it: words of deleted documents linger in the files.
    fn resolve(&mut self, form: &Form, tolerant: bool, last: bool) -> Result<(Resolved, Bits)> {
        let lexicon = self.lexicon;
        let mut resolved = Resolved::default();
        self.take_stem(&form.stem, &form.folded, &mut resolved);
        // A word typed without its accents may have another stem than the word that was meant.
        for known in lexicon.written(&form.folded, self.level) {
            self.take_stem(known.stem, &form.folded, &mut resolved);
        }
        self.take_labels(&mut resolved, |word| {
            word.stem == form.stem || word.folded == form.folded
        })?;
        let docs = self.holding(&resolved)?;
        if !docs.is_empty() || !tolerant {
            return Ok((resolved, docs));
        }
        let mut resolved = Resolved::default();
        for stem in accented_stems(&form.spelt) {
            self.take_stem(&stem, &form.folded, &mut resolved);
        }
        let docs = self.holding(&resolved)?;
        if !docs.is_empty() {
            return Ok((resolved, docs));
        }
        if last && form.folded.chars().count() >= PREFIX {
            let mut resolved = Resolved::default();
            for known in lexicon.beginning(&form.folded, self.level).take(COMPLETIONS) {
                resolved.add(known, COMPLETED);
            }
            self.take_labels(&mut resolved, |word| word.folded.starts_with(&form.folded))?;
            let docs = self.holding(&resolved)?;
            if !docs.is_empty() {
                return Ok((resolved, docs));
            }
        }
        for (spelt, stem) in self.nearest(&form.folded) {
            let mut resolved = Resolved::default();
            self.take_stem(&stem, "", &mut resolved);
            self.take_labels(&mut resolved, |word| word.stem == stem)?;
            let docs = self.holding(&resolved)?;
            if !docs.is_empty() {
                let correction = (form.spelt.clone(), spelt);
                if !self.corrections.contains(&correction) {
                    self.corrections.push(correction);
                }
                return Ok((resolved, docs));
            }
        }
        Ok((Resolved::default(), Bits::none(self.snapshot.bound)))
    }

    fn take_stem(&self, stem: &str, folded: &str, resolved: &mut Resolved) {
        for known in self.lexicon.of_stem(stem, self.level) {
            let factor = if known.folded == folded { 1.0 } else { INFLECTED };
            resolved.add(known, factor);
        }
    }

    fn take_labels(&self, resolved: &mut Resolved, wanted: impl Fn(&Form) -> bool) -> Result<()> {
        for label in self.labels.open_to(self.level) {
            if label.words.iter().any(|(_, word)| wanted(word)) {
                self.take_label(label, &mut resolved.labels)?;
            }
        }
        Ok(())
    }

    fn take_label(&self, label: &Label, into: &mut Vec<Labelled>) -> Result<()> {
        let found = match label.holder {
            Holder::Facet(facet) => self
                .snapshot
                .facet(facet)?
                .position(label.code)
                .map(|position| Labelled::Facet(facet, position)),
            Holder::Field(field) => Some(Labelled::Code(field, label.code)),
        };
        if let Some(found) = found.filter(|found| !into.contains(found)) {
            into.push(found);
        }
        Ok(())
    }

    /// The words, as spelt, that a mistyped one most likely means, with their stems; the likeliest first.
    fn nearest(&self, folded: &str) -> Vec<(String, String)> {
        let Some(mut comparison) = Comparison::new(folded) else {
            return Vec::new();
        };
        let of_labels = self
            .labels
            .open_to(self.level)
            .flat_map(|label| &label.words)
            .map(|(_, word)| (word.folded.as_str(), word.spelt.as_str(), word.stem.as_str()));
        let of_index = self
            .lexicon
            .all(self.level)
            .map(|known| (known.folded, known.spelt, known.stem));
        let mut candidates: Vec<_> = of_labels
            .chain(of_index)
            .filter_map(|(folded, spelt, stem)| {
                Some((comparison.nearness(folded)?, folded, Reverse(spelt), stem))
            })
            .collect();
        // Between spellings of one word, the accented one sorts last and is the better one to show.
        candidates.sort_unstable();
        candidates.dedup();
        candidates
            .into_iter()
            .take(CANDIDATES)
            .map(|(_, _, spelt, stem)| (spelt.0.to_owned(), stem.to_owned()))
            .collect()
    }

    /// The documents that hold a word.
    fn holding(&self, resolved: &Resolved) -> Result<Bits> {
        let mut docs = Bits::none(self.snapshot.bound);
        for (number, _) in &resolved.entries {
            for place in self.lexicon.places(*number, self.level) {
                let term = self.lexicon.term(*number);
                let Some((base, mut postings)) =
                    self.snapshot.postings(place, term, IndexRecordOption::Basic)?
                else {
                    continue;
                };
                while !postings.docs().is_empty() {
                    for doc in postings.docs() {
                        docs.set(base + doc);
                    }
                    postings.advance();
                }
            }
        }
        for label in &resolved.labels {
            label.add_to(&mut docs, self.snapshot)?;
        }
        docs.and(&self.snapshot.alive);
        Ok(docs)
    }

    /// Among `docs`, those where the words follow each other at their places.
    fn following(&self, words: &[(u32, Resolved)], docs: &Bits) -> Result<Bits> {
        let mut found = Bits::none(self.snapshot.bound);
        let first = words.first().map_or(0, |(place, _)| *place);
        for (index, segment) in self.snapshot.segments().enumerate() {
            for part in Part::ALL {
                if !part.is_open_to(self.level) {
                    continue;
                }
                let mut lists: Vec<(u32, Vec<SegmentPostings>)> = Vec::new();
                for (place, resolved) in words {
                    let mut postings = Vec::new();
                    for (number, _) in &resolved.entries {
                        for entry in self.lexicon.places(*number, self.level) {
                            if usize::from(entry.segment) == index && entry.part == part {
                                let term = self.lexicon.term(*number);
                                postings.extend(self.snapshot.positions(entry, term)?);
                            }
                        }
                    }
                    lists.push((place - first, postings));
                }
                if lists.iter().any(|(_, postings)| postings.is_empty()) {
                    continue;
                }
                let end = segment.base + segment.reader.max_doc();
                for doc in docs.between(segment.base, end) {
                    if holds_phrase(&mut lists, doc - segment.base) {
                        found.set(doc);
                    }
                }
            }
        }
        Ok(found)
    }

    /// The documents that have a label in which the words follow each other.
    fn labels_with(&self, wording: &Wording) -> Result<Bits> {
        let mut docs = Bits::none(self.snapshot.bound);
        let first = wording.words.first().map_or(0, |(place, _)| *place);
        for label in self.labels.open_to(self.level) {
            let holds = label.words.iter().any(|(start, _)| {
                wording.words.iter().all(|(place, form)| {
                    label
                        .words
                        .iter()
                        .any(|(at, word)| *at == start + place - first && word.stem == form.stem)
                })
            });
            if holds {
                let mut found = Vec::new();
                self.take_label(label, &mut found)?;
                for label in found {
                    label.add_to(&mut docs, self.snapshot)?;
                }
            }
        }
        Ok(docs)
    }
}

/// Whether the words stand at their places in a document. Lists are only ever read forwards.
fn holds_phrase(lists: &mut [(u32, Vec<SegmentPostings>)], doc: u32) -> bool {
    let mut starts: Option<Vec<u32>> = None;
    let mut places = Vec::new();
    for (offset, postings) in lists {
        let mut here = Vec::new();
        for posting in postings {
            if posting.doc() < doc {
                posting.seek(doc);
            }
            if posting.doc() == doc && doc != TERMINATED {
                posting.positions(&mut places);
                here.extend(places.iter().filter_map(|place| place.checked_sub(*offset)));
            }
        }
        here.sort_unstable();
        let common = match starts {
            None => here,
            Some(mut starts) => {
                starts.retain(|start| here.binary_search(start).is_ok());
                starts
            }
        };
        if common.is_empty() {
            return false;
        }
        starts = Some(common);
    }
    starts.is_some()
}

/// Stems of the accented words that an unaccented ending may stand for: `renovee` for `rénovée`.
fn accented_stems(spelt: &str) -> Vec<String> {
    let endings = [("ees", "ées"), ("ee", "ée"), ("es", "és"), ("e", "é")];
    let mut stems = Stems::default();
    endings
        .iter()
        .filter_map(|(plain, accented)| Some(format!("{}{accented}", spelt.strip_suffix(plain)?)))
        .map(|word| stems.stem(&word))
        .collect()
}

/// What a word is worth in a part, by the number of times it stands there.
fn part_weight(part: Part, times: u32) -> f32 {
    let repeated = |base: f32| {
        let times = f64::from(times.min(100));
        base * (0.5 + narrow(times / (times + 1.0)))
    };
    match part {
        Part::Title => 8.0,
        Part::Carrier => 4.0,
        Part::Tags => 3.0,
        Part::Summary => 2.0,
        Part::Body => repeated(1.0),
        Part::Members => repeated(0.8),
    }
}

impl Matched {
    /// Scores the documents of `among`, which are part of the answer.
    pub fn scores(&self, snapshot: &Snapshot, level: Level, among: &Bits) -> Result<Vec<f32>> {
        let mut scores = vec![0.0_f32; at(snapshot.bound)];
        let lexicon = snapshot.lexicon()?;
        for word in &self.words {
            for (number, factor) in &word.entries {
                for place in lexicon.places(*number, level) {
                    let weight = word.weight * factor;
                    let counted = matches!(place.part, Part::Body | Part::Members);
                    let option = if counted {
                        IndexRecordOption::WithFreqs
                    } else {
                        IndexRecordOption::Basic
                    };
                    let weights: Vec<f32> = (0..32)
                        .map(|times| weight * part_weight(place.part, times))
                        .collect();
                    let most = weights.last().copied().unwrap_or(0.0);
                    let once = weights.get(1).copied().unwrap_or(0.0);
                    let Some((base, mut postings)) =
                        snapshot.postings(place, lexicon.term(*number), option)?
                    else {
                        continue;
                    };
                    while !postings.docs().is_empty() {
                        if counted {
                            for (doc, times) in postings.docs().iter().zip(postings.freqs()) {
                                let doc = base + doc;
                                if among.has(doc)
                                    && let Some(score) = scores.get_mut(at(doc))
                                {
                                    *score += weights.get(at(*times)).copied().unwrap_or(most);
                                }
                            }
                        } else {
                            for doc in postings.docs() {
                                let doc = base + doc;
                                if among.has(doc)
                                    && let Some(score) = scores.get_mut(at(doc))
                                {
                                    *score += once;
                                }
                            }
                        }
                        postings.advance();
                    }
                }
            }
            for part in [Part::Tags, Part::Body] {
                let mut labelled = Bits::none(if word.labels.is_empty() { 0 } else { snapshot.bound });
                for label in word.labels.iter().filter(|label| label.part() == part) {
                    label.add_to(&mut labelled, snapshot)?;
                }
                labelled.and(among);
                let weight = word.weight * part_weight(part, 1);
                for doc in labelled.iter() {
                    if let Some(score) = scores.get_mut(at(doc)) {
                        *score += weight;
                    }
                }
            }
        }
        Ok(scores)
    }
}

/// The best documents of a set, best first; equal scores in the order of `recency`.
pub fn best(docs: &Bits, scores: &[f32], recency: &[u32], wanted: usize) -> Vec<u32> {
    let mut kept: Vec<(u32, u32, u32)> = Vec::new();
    let room = wanted.saturating_mul(2).max(64);
    let mut floor = (0, 0);
    for doc in docs.iter() {
        // The bits of positive numbers sort as the numbers do.
        let score = scores.get(at(doc)).copied().unwrap_or(0.0).max(0.0).to_bits();
        if score < floor.0 {
            continue;
        }
        let recent = u32::MAX - recency.get(at(doc)).copied().unwrap_or(0);
        if (score, recent) < floor {
            continue;
        }
        kept.push((score, recent, doc));
        if kept.len() >= room {
            let worst = wanted.saturating_sub(1).min(kept.len() - 1);
            kept.select_nth_unstable_by(worst, |a, b| b.cmp(a));
            kept.truncate(wanted);
            floor = kept.last().map_or(floor, |(score, recent, _)| (*score, *recent));
        }
    }
    kept.sort_unstable_by(|a, b| b.cmp(a));
    kept.truncate(wanted);
    kept.into_iter().map(|(.., doc)| doc).collect()
}

/// Adds to each document the rarity of the words of a text that it holds: what makes two projects alike.
pub fn resemblance(
    snapshot: &Snapshot,
    level: Level,
    words: &[(Form, f32)],
    most: usize,
) -> Result<Vec<(u32, f32)>> {
    let lexicon = snapshot.lexicon()?;
    let mut chosen: Vec<(f32, Bits)> = Vec::new();
    let labels = Labels::program();
    let matcher = Matcher::new(snapshot, &labels, level)?;
    for (form, factor) in words {
        let mut resolved = Resolved::default();
        for known in lexicon.of_stem(&form.stem, level) {
            resolved.add(known, 1.0);
        }
        let docs = matcher.holding(&resolved)?;
        let holding = docs.count();
        if holding > 1 {
            chosen.push((rarity(holding, snapshot.alive_count) * factor, docs));
        }
    }
    chosen.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    chosen.truncate(most);
    let mut scores = vec![0.0_f32; at(snapshot.bound)];
    for (weight, docs) in &chosen {
        for doc in docs.iter() {
            if let Some(score) = scores.get_mut(at(doc)) {
                *score += weight;
            }
        }
    }
    Ok(scores
        .into_iter()
        .enumerate()
        .filter(|(_, score)| *score > 0.0)
        .map(|(doc, score)| (short(doc), score))
        .collect())
}
