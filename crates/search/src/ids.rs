//! Finding records by their identifiers.
//!
//! Whole identifiers stand in columns, which the engine packs. Its dictionary holds only how they end: a dictionary of as
//! many words as records would take as long to write as all the words of their texts.

use sobria_catalogue::id::UseCaseId;
use tantivy::query::{BitSetDocSet, ConstScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, DocId, DocSet, Score, SegmentReader, TERMINATED, TantivyError, Term};

use crate::schema::column;

/// What the dictionary holds of an identifier: its last two bytes, which chance gave. A thousand records share them with
/// few others, a million with fifteen.
pub fn ending(id: UseCaseId) -> [u8; 2] {
    id.uuid().as_bytes().last_chunk().copied().unwrap_or_default()
}

/// The documents of some records in one segment, deleted ones too.
pub fn documents(reader: &SegmentReader, endings: Field, ids: &[UseCaseId]) -> tantivy::Result<Vec<DocId>> {
    let inverted = reader.inverted_index(endings)?;
    let columns = reader.fast_fields();
    let (high, low) = (columns.u64(column::ID_HIGH)?, columns.u64(column::ID_LOW)?);
    let mut found = Vec::new();
    for id in ids {
        let term = Term::from_field_bytes(endings, &ending(*id));
        let Some(mut postings) = inverted.read_postings(&term, IndexRecordOption::Basic)? else {
            continue;
        };
        let whole = id.uuid().as_u64_pair();
        let mut doc = postings.doc();
        while doc != TERMINATED {
            if (high.values.get_val(doc), low.values.get_val(doc)) == whole {
                found.push(doc);
            }
            doc = postings.advance();
        }
    }
    Ok(found)
}

/// Asks the engine for the documents of some records.
#[derive(Debug, Clone)]
pub struct Records {
    /// The field of the endings.
    pub endings: Field,
    /// The records.
    pub ids: Vec<UseCaseId>,
}

impl Query for Records {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for Records {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut found = BitSet::with_max_value(reader.max_doc());
        for doc in documents(reader, self.endings, &self.ids)? {
            found.insert(doc);
        }
        Ok(Box::new(ConstScorer::new(BitSetDocSet::from(found), boost)))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        if documents(reader, self.endings, &self.ids)?.contains(&doc) {
            Ok(Explanation::new("one of the records", 1.0))
        } else {
            Err(TantivyError::InvalidArgument(format!(
                "document {doc} is none of the records"
            )))
        }
    }
}
