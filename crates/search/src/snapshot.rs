//! One committed state of the index, as questions read it. Columns are loaded when first needed and shared.

use std::collections::HashMap;
use std::sync::OnceLock;

use sobria_catalogue::id::{OrganisationId, UseCaseId};
use sobria_catalogue::query::{Facet, Sort};
use tantivy::postings::{BlockSegmentPostings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{Searcher, SegmentReader};
use uuid::Uuid;

use crate::bits::Bits;
use crate::error::Result;
use crate::facet::FacetColumn;
use crate::ids;
use crate::lexicon::{Lexicon, Place};
use crate::num::{at, short};
use crate::schema::{BETWEEN, Fields, column, facet_column};

/// A part of the index with the number of its first document.
pub struct Segment<'a> {
    /// Its files.
    pub reader: &'a SegmentReader,
    /// Number of its first document among all.
    pub base: u32,
}

/// One committed state. Documents are numbered across segments; deleted ones keep their number.
pub struct Snapshot {
    /// Revision of the catalogue that the state shows.
    pub revision: i64,
    /// Distinguishes commits.
    pub opstamp: u64,
    /// Number above every document.
    pub bound: u32,
    /// The documents that were not deleted.
    pub alive: Bits,
    /// How many there are.
    pub alive_count: u32,
    /// The fields of the index.
    pub fields: Fields,
    searcher: Searcher,
    bases: Vec<u32>,
    facets: [OnceLock<FacetColumn>; 15],
    orders: [OnceLock<Vec<u32>>; 5],
    recency: OnceLock<Vec<u32>>,
    carriers: OnceLock<Carriers>,
    lexicon: OnceLock<Lexicon>,
}

/// Who carries each document.
pub struct Carriers {
    /// The organisations, by name.
    pub organisations: Vec<OrganisationId>,
    /// Index in `organisations`, per document.
    pub of: Vec<u32>,
    index: HashMap<OrganisationId, Vec<u32>>,
}

impl Carriers {
    /// Documents of one organisation.
    pub fn documents(&self, organisation: OrganisationId, bound: u32) -> Bits {
        let mut bits = Bits::none(bound);
        if let Some(entries) = self.index.get(&organisation) {
            for (doc, entry) in (0..).zip(&self.of) {
                if entries.contains(entry) {
                    bits.set(doc);
                }
            }
        }
        bits
    }
}

/// A column of texts: the distinct ones, sorted, and for each document the index of its own.
pub struct Texts {
    /// Distinct texts, sorted.
    pub values: Vec<String>,
    /// Index in `values`, per document.
    pub of: Vec<u32>,
}

impl Snapshot {
    /// Reads the state that `searcher` shows.
    pub fn new(searcher: Searcher, fields: Fields, revision: i64, opstamp: u64) -> Self {
        let mut bases = Vec::new();
        let mut bound = 0_u32;
        for reader in searcher.segment_readers() {
            bases.push(bound);
            bound = bound.saturating_add(reader.max_doc());
        }
        let mut alive = Bits::all(bound);
        for (reader, base) in searcher.segment_readers().iter().zip(&bases) {
            if reader.has_deletes() {
                for doc in (0..reader.max_doc()).filter(|doc| reader.is_deleted(*doc)) {
                    alive.clear(base + doc);
                }
            }
        }
        Self {
            revision,
            opstamp,
            bound,
            alive_count: alive.count(),
            alive,
            fields,
            searcher,
            bases,
            facets: Default::default(),
            orders: Default::default(),
            recency: OnceLock::new(),
            carriers: OnceLock::new(),
            lexicon: OnceLock::new(),
        }
    }

    /// The segments, in order.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        self.searcher
            .segment_readers()
            .iter()
            .zip(&self.bases)
            .map(|(reader, base)| Segment { reader, base: *base })
    }

    /// One segment.
    fn segment(&self, index: usize) -> Option<Segment<'_>> {
        let reader = self.searcher.segment_readers().get(index)?;
        let base = *self.bases.get(index)?;
        Some(Segment { reader, base })
    }

    /// The documents of a word in one dictionary, with the number of the first document of its segment.
    pub fn postings(
        &self,
        place: Place,
        term: &str,
        option: IndexRecordOption,
    ) -> Result<Option<(u32, BlockSegmentPostings)>> {
        let Some(segment) = self.segment(usize::from(place.segment)) else {
            return Ok(None);
        };
        let inverted = segment.reader.inverted_index(self.fields.part(place.part))?;
        let Some(info) = inverted.terms().get(term)? else {
            return Ok(None);
        };
        let postings = inverted.read_block_postings_from_terminfo(&info, option)?;
        Ok(Some((segment.base, postings)))
    }

    /// Adds the documents that have a code of a field, as [`crate::schema::code_term`] writes it.
    pub fn coded(&self, term: &str, docs: &mut Bits) -> Result<()> {
        for segment in self.segments() {
            let inverted = segment.reader.inverted_index(self.fields.codes())?;
            let Some(info) = inverted.terms().get(term)? else {
                continue;
            };
            let mut postings = inverted.read_block_postings_from_terminfo(&info, IndexRecordOption::Basic)?;
            while !postings.docs().is_empty() {
                for doc in postings.docs() {
                    docs.set(segment.base + doc);
                }
                postings.advance();
            }
        }
        Ok(())
    }

    /// The documents of a word in one dictionary, with its places in each.
    pub fn positions(&self, place: Place, term: &str) -> Result<Option<SegmentPostings>> {
        let Some(segment) = self.segment(usize::from(place.segment)) else {
            return Ok(None);
        };
        let inverted = segment.reader.inverted_index(self.fields.part(place.part))?;
        let Some(info) = inverted.terms().get(term)? else {
            return Ok(None);
        };
        let option = IndexRecordOption::WithFreqsAndPositions;
        Ok(Some(inverted.read_postings_from_terminfo(&info, option)?))
    }

    /// The words of the index.
    pub fn lexicon(&self) -> Result<&Lexicon> {
        if let Some(lexicon) = self.lexicon.get() {
            return Ok(lexicon);
        }
        let lexicon = Lexicon::read(self)?;
        Ok(self.lexicon.get_or_init(|| lexicon))
    }

    /// The column of a facet.
    pub fn facet(&self, facet: Facet) -> Result<&FacetColumn> {
        static EMPTY: OnceLock<FacetColumn> = OnceLock::new();
        let position = Facet::ALL.iter().position(|other| *other == facet).unwrap_or(0);
        let Some(cell) = self.facets.get(position) else {
            return Ok(EMPTY.get_or_init(FacetColumn::default));
        };
        if let Some(column) = cell.get() {
            return Ok(column);
        }
        let texts = self.texts(&facet_column(facet))?;
        Ok(cell.get_or_init(|| FacetColumn::new(facet, texts, self)))
    }

    /// The documents in an order, deleted ones included.
    pub fn order(&self, sort: Sort) -> Result<&[u32]> {
        let position = match sort {
            Sort::Relevance | Sort::Recent => 0,
            Sort::Title => 1,
            Sort::Organisation => 2,
            Sort::Start => 3,
            Sort::Completeness => 4,
        };
        let Some(cell) = self.orders.get(position) else {
            return Ok(&[]);
        };
        if let Some(order) = cell.get() {
            return Ok(order);
        }
        let order = self.sorted(sort)?;
        Ok(cell.get_or_init(|| order))
    }

    /// For each document its place in the order of recency: what decides between equal scores.
    pub fn recency(&self) -> Result<&[u32]> {
        if let Some(recency) = self.recency.get() {
            return Ok(recency);
        }
        let mut recency = vec![0; at(self.bound)];
        for (rank, doc) in (0..).zip(self.order(Sort::Recent)?) {
            if let Some(place) = recency.get_mut(at(*doc)) {
                *place = rank;
            }
        }
        Ok(self.recency.get_or_init(|| recency))
    }

    fn sorted(&self, sort: Sort) -> Result<Vec<u32>> {
        let down = |numbers: Vec<u64>| numbers.into_iter().map(|number| u64::MAX - number);
        let keys: Vec<(u64, u64)> = match sort {
            Sort::Relevance | Sort::Recent => down(self.numbers(column::RECENT)?)
                .zip(down(self.numbers(column::PUBLISHED)?))
                .collect(),
            Sort::Title => self
                .ranks(column::TITLE)?
                .into_iter()
                .map(|rank| (u64::from(rank), 0))
                .collect(),
            Sort::Organisation => self
                .ranks(column::CARRIER)?
                .into_iter()
                .zip(self.ranks(column::TITLE)?)
                .map(|(carrier, title)| (u64::from(carrier), u64::from(title)))
                .collect(),
            Sort::Start => down(self.numbers(column::START)?).map(|key| (key, 0)).collect(),
            Sort::Completeness => down(self.numbers(column::COMPLETENESS)?)
                .map(|key| (key, 0))
                .collect(),
        };
        let ids = self
            .numbers(column::ID_HIGH)?
            .into_iter()
            .zip(self.numbers(column::ID_LOW)?);
        let mut rows: Vec<_> = keys.into_iter().zip(ids).zip(0_u32..).collect();
        rows.sort_unstable();
        Ok(rows.into_iter().map(|(_, doc)| doc).collect())
    }

    /// A column of numbers, for every document.
    fn numbers(&self, name: &str) -> Result<Vec<u64>> {
        let mut numbers = vec![0; at(self.bound)];
        for segment in self.segments() {
            let column = segment.reader.fast_fields().u64(name)?;
            let first = at(segment.base);
            let range = first..first + at(segment.reader.max_doc());
            if let Some(part) = numbers.get_mut(range) {
                read(&column, part);
            }
        }
        Ok(numbers)
    }

    /// For each document the place of its text among the sorted texts of the column.
    fn ranks(&self, name: &str) -> Result<Vec<u32>> {
        let mut readers = self.searcher.segment_readers().iter();
        if let (Some(reader), None) = (readers.next(), readers.next()) {
            // The engine numbers the texts of one segment in their order.
            let Some(texts) = reader.fast_fields().str(name)? else {
                return Ok(vec![0; at(self.bound)]);
            };
            let mut ranks = vec![0; at(self.bound)];
            read(texts.ords(), &mut ranks);
            return Ok(ranks.into_iter().map(|rank| short(at_u64(rank))).collect());
        }
        Ok(self.texts(name)?.of)
    }

    /// A column of texts.
    pub fn texts(&self, name: &str) -> Result<Texts> {
        // The texts of all segments first, with where they come from, so that equal ones meet.
        let mut all: Vec<(String, usize, u32)> = Vec::new();
        let mut parts = Vec::new();
        for (index, segment) in self.segments().enumerate() {
            let mut ords = vec![0; at(segment.reader.max_doc())];
            let mut ord = 0;
            if let Some(texts) = segment.reader.fast_fields().str(name)? {
                let mut stream = texts.dictionary().stream()?;
                while stream.advance() {
                    all.push((String::from_utf8_lossy(stream.key()).into_owned(), index, ord));
                    ord += 1;
                }
                read(texts.ords(), &mut ords);
            }
            parts.push((ords, vec![0_u32; at(ord)]));
        }
        all.sort_unstable();
        let mut values: Vec<String> = Vec::new();
        for (text, index, ord) in all {
            if values.last() != Some(&text) {
                values.push(text);
            }
            let place = short(values.len().saturating_sub(1));
            if let Some(slot) = parts
                .get_mut(index)
                .and_then(|(_, places)| places.get_mut(at(ord)))
            {
                *slot = place;
            }
        }
        let mut of = Vec::with_capacity(at(self.bound));
        for (ords, places) in parts {
            of.extend(
                ords.into_iter()
                    .map(|ord| places.get(at_u64(ord)).copied().unwrap_or(0)),
            );
        }
        Ok(Texts { values, of })
    }

    /// Who carries each document.
    pub fn carriers(&self) -> Result<&Carriers> {
        if let Some(carriers) = self.carriers.get() {
            return Ok(carriers);
        }
        let texts = self.texts(column::CARRIER)?;
        let organisations: Vec<OrganisationId> = texts
            .values
            .iter()
            .map(|text| {
                let id = text.rsplit(BETWEEN).next().unwrap_or("");
                OrganisationId::new(Uuid::try_parse(id).unwrap_or(Uuid::nil()))
            })
            .collect();
        let mut index: HashMap<OrganisationId, Vec<u32>> = HashMap::with_capacity(organisations.len());
        for (entry, id) in (0..).zip(&organisations) {
            index.entry(*id).or_default().push(entry);
        }
        let carriers = Carriers {
            organisations,
            of: texts.of,
            index,
        };
        Ok(self.carriers.get_or_init(|| carriers))
    }

    /// The identifiers of documents, in the same order.
    pub fn ids(&self, docs: &[u32]) -> Result<Vec<UseCaseId>> {
        let mut columns = Vec::new();
        for segment in self.segments() {
            let fast = segment.reader.fast_fields();
            columns.push((
                segment.base,
                fast.u64(column::ID_HIGH)?.values,
                fast.u64(column::ID_LOW)?.values,
            ));
        }
        let id = |doc: u32| {
            let position = columns
                .partition_point(|(base, ..)| *base <= doc)
                .checked_sub(1)?;
            let (base, high, low) = columns.get(position)?;
            let local = doc - base;
            Some(UseCaseId::new(Uuid::from_u64_pair(
                high.get_val(local),
                low.get_val(local),
            )))
        };
        Ok(docs.iter().filter_map(|doc| id(*doc)).collect())
    }

    /// The folded title of a document.
    pub fn title(&self, doc: u32) -> Result<String> {
        let mut title = String::new();
        for segment in self.segments() {
            let Some(local) = doc
                .checked_sub(segment.base)
                .filter(|local| *local < segment.reader.max_doc())
            else {
                continue;
            };
            if let Some(texts) = segment.reader.fast_fields().str(column::TITLE)?
                && let Some(ord) = texts.ords().first(local)
            {
                texts.ord_to_str(ord, &mut title)?;
            }
        }
        Ok(title)
    }

    /// The document of a record.
    pub fn document(&self, id: UseCaseId) -> Result<Option<u32>> {
        for segment in self.segments() {
            let found = ids::documents(segment.reader, self.fields.endings, &[id])?;
            let mut alive = found
                .into_iter()
                .map(|doc| segment.base + doc)
                .filter(|doc| self.alive.has(*doc));
            if let Some(doc) = alive.next() {
                return Ok(Some(doc));
            }
        }
        Ok(None)
    }
}

/// Reads a whole column in which every document has one value.
fn read(column: &tantivy::columnar::Column<u64>, into: &mut [u64]) {
    if column.get_cardinality().is_full() {
        column.values.get_range(0, into);
    } else {
        for (doc, slot) in (0..).zip(into) {
            *slot = column.first(doc).unwrap_or(0);
        }
    }
}

fn at_u64(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
