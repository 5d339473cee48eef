//! Answers questions: results in order, counts of facets, projects by organisation.

use std::collections::HashMap;

use sobria_catalogue::access::Level;
use sobria_catalogue::id::{OrganisationId, UseCaseId};
use sobria_catalogue::query::{CatalogueQuery, Facet, Sort};

use crate::bits::Bits;
use crate::error::Result;
use crate::labels::Labels;
use crate::matching::{Matched, Matcher, best};
use crate::num::at;
use crate::question::Question;
use crate::snapshot::Snapshot;

/// The codes of each facet with the number of results that hold them.
pub type FacetCounts = Vec<(Facet, Vec<(String, usize)>)>;

/// The answer to a question.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// The records of the page, in order.
    pub ids: Vec<UseCaseId>,
    /// How many records answer.
    pub total: usize,
    /// For each facet open to the reader, its codes with the number of results, every other filter applied.
    ///
    /// Codes that nothing holds are left out, unless the question asks for them.
    pub facets: FacetCounts,
    /// Whether no record holds all the words, so that records with a part of them are given.
    pub relaxed: bool,
    /// Words that no record holds, as typed, with the word that was searched instead.
    pub corrections: Vec<(String, String)>,
}

impl Found {
    /// The text that was searched: `text` with its misspelt words corrected, for [`crate::highlight()`].
    pub fn searched(&self, text: &str) -> String {
        self.corrections
            .iter()
            .fold(text.to_lowercase(), |text, (typed, used)| {
                text.replace(typed.as_str(), used)
            })
    }
}

/// The projects of one organisation among the results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationHits {
    /// The organisation.
    pub organisation: OrganisationId,
    /// How many of its projects answer.
    pub total: usize,
    /// How many of them per theme, in the order of the vocabulary.
    pub themes: Vec<(String, usize)>,
}

/// The documents that a question keeps, with and without each filter.
struct Kept {
    /// Everything applied.
    all: Bits,
    /// Everything but the filters of facets.
    base: Bits,
    filters: Vec<(Facet, Bits)>,
    text: Option<Matched>,
    narrowed: bool,
}

/// Answers a question.
pub fn find(
    snapshot: &Snapshot,
    labels: &Labels,
    query: &CatalogueQuery,
    level: Level,
    facets: &[Facet],
) -> Result<Found> {
    let kept = keep(snapshot, labels, query, level)?;
    let total = at(kept.all.count());
    let limit = query.limit.min(total.saturating_sub(query.offset));
    let docs = page(snapshot, query, level, &kept, limit)?;
    let mut counts = Vec::with_capacity(facets.len());
    for facet in facets.iter().filter(|facet| facet.is_open_to(level)) {
        counts.push((*facet, count(snapshot, query, *facet, &kept)?));
    }
    let (relaxed, corrections) = kept
        .text
        .map_or((false, Vec::new()), |text| (text.relaxed, text.corrections));
    Ok(Found {
        ids: snapshot.ids(&docs)?,
        total,
        facets: counts,
        relaxed,
        corrections,
    })
}

/// The results by organisation, in the order of names.
pub fn by_organisation(
    snapshot: &Snapshot,
    labels: &Labels,
    query: &CatalogueQuery,
    level: Level,
) -> Result<Vec<OrganisationHits>> {
    let kept = keep(snapshot, labels, query, level)?;
    let carriers = snapshot.carriers()?;
    let themes = snapshot.facet(Facet::Theme)?;
    let width = themes.codes().len();
    let mut totals = vec![0_usize; carriers.organisations.len()];
    let mut per_theme = vec![0_usize; carriers.organisations.len() * width];
    for doc in kept.all.iter() {
        let Some(entry) = carriers.of.get(at(doc)).copied() else {
            continue;
        };
        if let Some(total) = totals.get_mut(at(entry)) {
            *total += 1;
        }
        for value in themes.values(doc) {
            if let Some(count) = per_theme.get_mut(at(entry) * width + at(*value)) {
                *count += 1;
            }
        }
    }
    // An organisation has one entry per name that its records hold, which differ while a change of name goes through.
    let mut hits: Vec<OrganisationHits> = Vec::new();
    let mut known: HashMap<OrganisationId, usize> = HashMap::new();
    for (entry, total) in totals.into_iter().enumerate().filter(|(_, total)| *total > 0) {
        let Some(organisation) = carriers.organisations.get(entry).copied() else {
            continue;
        };
        let counts = per_theme.iter().skip(entry * width).take(width);
        let counted = themes.codes().iter().cloned().zip(counts.copied());
        let place = *known.entry(organisation).or_insert(hits.len());
        if let Some(hit) = hits.get_mut(place) {
            hit.total += total;
            for ((_, sum), (_, count)) in hit.themes.iter_mut().zip(counted) {
                *sum += count;
            }
        } else {
            hits.push(OrganisationHits {
                organisation,
                total,
                themes: counted.collect(),
            });
        }
    }
    for hit in &mut hits {
        hit.themes.retain(|(_, count)| *count > 0);
    }
    Ok(hits)
}

fn keep(snapshot: &Snapshot, labels: &Labels, query: &CatalogueQuery, level: Level) -> Result<Kept> {
    let mut base = snapshot.alive.clone();
    let mut narrowed = false;
    let mut text = None;
    if !query.text.trim().is_empty() {
        let question = Question::parse(&query.text);
        // Small words alone say nothing yet: `l’` is the beginning of a question, and narrows nothing.
        if !(question.has_words && question.clauses.is_empty()) {
            let matched = Matcher::new(snapshot, labels, level)?.answer(&question)?;
            base.and(&matched.docs);
            text = Some(matched);
            narrowed = true;
        }
    }
    if query.year_from.is_some() || query.year_to.is_some() {
        let from = query.year_from.unwrap_or(i16::MIN);
        let to = query.year_to.unwrap_or(i16::MAX);
        let years = snapshot.facet(Facet::StartYear)?;
        base.and(&years.any(|code| code.parse().is_ok_and(|year: i16| (from..=to).contains(&year))));
        narrowed = true;
    }
    if let Some(organisation) = query.organisation {
        base.and(&snapshot.carriers()?.documents(organisation, snapshot.bound));
        narrowed = true;
    }
    let mut filters: Vec<(Facet, Bits)> = Vec::new();
    for (facet, codes) in &query.filters {
        // A filter closed to the reader is as if it had not been asked: it must tell nothing.
        if codes.is_empty() || !facet.is_open_to(level) {
            continue;
        }
        let bits = snapshot.facet(*facet)?.holding(codes);
        match filters.iter_mut().find(|(other, _)| other == facet) {
            Some((_, known)) => known.or(&bits),
            None => filters.push((*facet, bits)),
        }
    }
    let mut all = base.clone();
    for (_, bits) in &filters {
        all.and(bits);
    }
    Ok(Kept {
        narrowed: narrowed || !filters.is_empty(),
        all,
        base,
        filters,
        text,
    })
}

fn page(
    snapshot: &Snapshot,
    query: &CatalogueQuery,
    level: Level,
    kept: &Kept,
    limit: usize,
) -> Result<Vec<u32>> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    if query.sort == Sort::Relevance
        && let Some(text) = &kept.text
    {
        let scores = text.scores(snapshot, level, &kept.all)?;
        let wanted = query.offset.saturating_add(limit);
        let mut docs = best(&kept.all, &scores, snapshot.recency()?, wanted);
        return Ok(docs.split_off(query.offset.min(docs.len())));
    }
    Ok(snapshot
        .order(query.sort)?
        .iter()
        .copied()
        .filter(|doc| kept.all.has(*doc))
        .skip(query.offset)
        .take(limit)
        .collect())
}

/// Counts a facet with every filter but its own.
fn count(
    snapshot: &Snapshot,
    query: &CatalogueQuery,
    facet: Facet,
    kept: &Kept,
) -> Result<Vec<(String, usize)>> {
    let column = snapshot.facet(facet)?;
    let own = kept.filters.iter().any(|(other, _)| *other == facet);
    let counted;
    let counts = if !kept.narrowed {
        column.totals()
    } else if own {
        let mut docs = kept.base.clone();
        for (_, bits) in kept.filters.iter().filter(|(other, _)| *other != facet) {
            docs.and(bits);
        }
        counted = column.count(&docs);
        &counted
    } else {
        counted = column.count(&kept.all);
        &counted
    };
    let asked: Vec<usize> = query
        .filters
        .iter()
        .filter(|(other, _)| own && *other == facet)
        .flat_map(|(_, codes)| codes)
        .flat_map(|code| column.asked(code))
        .filter(|position| column.totals().get(*position).is_some_and(|total| *total > 0))
        .collect();
    Ok(column.listed(counts, &asked))
}
