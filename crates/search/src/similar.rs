//! Projects like another one: same theme and sub-themes, same rare words.

use sobria_catalogue::access::{Level, VisibleUseCase};
use sobria_catalogue::field::Field;
use sobria_catalogue::id::UseCaseId;
use sobria_catalogue::query::Facet;

use crate::analyse::{Form, Stems};
use crate::bits::Bits;
use crate::error::Result;
use crate::matching::{best, resemblance};
use crate::num::at;
use crate::snapshot::Snapshot;

/// Rarest words compared.
const WORDS: usize = 12;
/// Words of a text looked up before the rarest are kept.
const CONSIDERED: usize = 120;
const SUBTHEME: f32 = 4.0;
const THEME: f32 = 1.5;

/// The records most like `id`, by its labels and the words given.
fn like(
    snapshot: &Snapshot,
    id: UseCaseId,
    level: Level,
    limit: usize,
    words: &[(Form, f32)],
) -> Result<Vec<UseCaseId>> {
    let Some(document) = snapshot.document(id)? else {
        return Ok(Vec::new());
    };
    let mut scores = vec![0.0_f32; at(snapshot.bound)];
    let mut candidates = Bits::none(snapshot.bound);
    for (facet, weight) in [(Facet::Subtheme, SUBTHEME), (Facet::Theme, THEME)] {
        let column = snapshot.facet(facet)?;
        for value in column.values(document) {
            let Some(holding) = column.bits(at(*value)) else {
                continue;
            };
            candidates.or(holding);
            for doc in holding.iter() {
                if let Some(score) = scores.get_mut(at(doc)) {
                    *score += weight;
                }
            }
        }
    }
    for (doc, value) in resemblance(snapshot, level, words, WORDS)? {
        candidates.set(doc);
        if let Some(score) = scores.get_mut(at(doc)) {
            *score += value;
        }
    }
    candidates.and(&snapshot.alive);
    candidates.clear(document);
    let docs = best(&candidates, &scores, snapshot.recency()?, limit);
    snapshot.ids(&docs)
}

/// The records most like one of the index, by its title, theme and sub-themes.
pub fn by_id(snapshot: &Snapshot, id: UseCaseId, level: Level, limit: usize) -> Result<Vec<UseCaseId>> {
    let Some(document) = snapshot.document(id)? else {
        return Ok(Vec::new());
    };
    let title = snapshot.title(document)?;
    let mut stems = Stems::default();
    let mut words: Vec<(Form, f32)> = Vec::new();
    for (_, form) in stems.forms(&title) {
        // Titles are kept without accents: the stems are those of the words written so.
        let mut found = false;
        for known in snapshot.lexicon()?.written(&form.folded, level) {
            found = true;
            push(
                &mut words,
                Form {
                    stem: known.stem.to_owned(),
                    ..form.clone()
                },
                1.0,
            );
        }
        if !found {
            push(&mut words, form, 1.0);
        }
    }
    like(snapshot, id, level, limit, &words)
}

/// The records most like this one, by every text of it that its reader may read.
pub fn by_record(snapshot: &Snapshot, record: &VisibleUseCase, limit: usize) -> Result<Vec<UseCaseId>> {
    let mut stems = Stems::default();
    let mut words = Vec::new();
    let content = record.content();
    for (field, factor) in [
        (Field::Title, 1.0),
        (Field::Summary, 0.8),
        (Field::Description, 0.6),
    ] {
        for (_, form) in stems
            .forms(content.text(field).unwrap_or(""))
            .into_iter()
            .take(CONSIDERED)
        {
            push(&mut words, form, factor);
        }
    }
    like(snapshot, record.record().id, record.level(), limit, &words)
}

fn push(words: &mut Vec<(Form, f32)>, form: Form, factor: f32) {
    if words.iter().all(|(known, _)| known.stem != form.stem) {
        words.push((form, factor));
    }
}
