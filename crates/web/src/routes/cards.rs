//! Records as cards.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;
use sobria_catalogue::access::{Level, VisibleUseCase, redact};
use sobria_catalogue::field::Field;
use sobria_catalogue::id::UseCaseId;
use sobria_catalogue::partial_date::PartialDate;
use sobria_catalogue::review::{Freshness, freshness};
use sobria_catalogue::text::excerpt;
use sobria_catalogue::vocabulary::VocabularyId;
use sobria_search::Highlighter;
use sobria_store::Badge;

use crate::app::App;
use crate::error::WebError;
use crate::faces::Face;
use crate::locale;
use crate::routes::evaluations::{Footprints, footprints};
use crate::routes::facets::badge;
use crate::view::card::monogram;
use crate::view::{Card, Marked, Maturity, plain};
use crate::words::in_use;

/// Characters of text on a card.
const TEXT: usize = 170;

/// Records in the order of the identifiers, reduced to what a reader of `level` may read.
///
/// # Errors
/// When the database does not answer.
pub async fn visible(app: &App, ids: &[UseCaseId], level: Level) -> Result<Vec<VisibleUseCase>, WebError> {
    let records = app.store.use_cases_by_ids(ids).await?;
    Ok(records.into_iter().map(|record| redact(record, level)).collect())
}

/// The cards of records, in the order of the identifiers; the words searched are marked.
///
/// # Errors
/// When the database does not answer.
pub async fn cards(app: &App, ids: &[UseCaseId], level: Level, search: &str) -> Result<Vec<Card>, WebError> {
    let faces = faces(app, ids, level).await?;
    let highlighter = (!search.trim().is_empty()).then(|| Highlighter::new(search));
    let mark = |text: &str, max: usize| -> Marked {
        match &highlighter {
            Some(highlighter) => highlighter.mark(text, max),
            None => plain(excerpt(text, max)),
        }
    };
    Ok(faces
        .iter()
        .map(|face| Card {
            title: mark(&face.title, 200),
            summary: mark(&face.text, TEXT),
            organisation: mark(&face.organisation, 200),
            ..face.card.clone()
        })
        .collect())
}

/// What cards say of records; only the records that are not kept in memory are read.
async fn faces(app: &App, ids: &[UseCaseId], level: Level) -> Result<Vec<Arc<Face>>, WebError> {
    let moment = app.moment();
    let mut found = if level == Level::Public {
        app.faces.known(ids, moment)
    } else {
        HashMap::new()
    };
    let unknown: Vec<UseCaseId> = ids
        .iter()
        .filter(|id| !found.contains_key(*id))
        .copied()
        .collect();
    if !unknown.is_empty() {
        let items = visible(app, &unknown, level).await?;
        let footprints = footprints(app, &items, level).await?;
        for item in &items {
            let id = item.record().id;
            let face = Arc::new(face(item, moment.today, &footprints));
            if level == Level::Public {
                app.faces.keep(id, moment, Arc::clone(&face));
            }
            found.insert(id, face);
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

fn face(item: &VisibleUseCase, today: Date, footprints: &Footprints) -> Face {
    let record = item.record();
    let content = item.content();
    let text = content
        .text(Field::Summary)
        .or_else(|| content.text(Field::Description))
        .unwrap_or("");
    Face {
        title: content.title().to_owned(),
        text: text
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace("**", ""),
        organisation: record.organisation.name.clone(),
        card: Card {
            id: record.id.to_string(),
            href: format!("/cas-usages/{}", record.slug),
            organisation_kind: kind_label(record.organisation.kind.as_deref()),
            monogram: monogram(&record.organisation.name),
            theme: content.code(Field::Theme).map(badge),
            audience: labels(item, Field::Audiences),
            maturity: content.code(Field::Maturity).map(maturity),
            stale: stale_label(item, today).map(str::to_owned),
            footprint: footprints.lines.get(&record.id).cloned(),
            badge: footprints.badges.get(&record.id).and_then(badge_words),
            ..Card::default()
        },
    }
}

/// What a card says of an assessment of frugality.
fn badge_words(badge: &Badge) -> Option<&'static str> {
    match badge {
        Badge::Granted => Some(sobria_govern::frugality::BADGE),
        Badge::WithoutAi => Some(sobria_govern::frugality::WITHOUT_AI),
        Badge::None => None,
    }
}

/// The mark of a maturity.
pub fn maturity(code: &str) -> Maturity {
    Maturity::new(code, in_use().get(VocabularyId::Maturity).label(code))
}

/// The label of a kind of organisation; blank when it is unknown.
pub fn kind_label(kind: Option<&str>) -> String {
    kind.map(|kind| {
        in_use()
            .get(VocabularyId::OrganisationKind)
            .label(kind)
            .to_owned()
    })
    .unwrap_or_default()
}

/// Labels of the codes of a field, joined by commas.
pub fn labels(item: &VisibleUseCase, field: Field) -> String {
    label_list(item, field).join(", ")
}

/// Labels of the codes of a field.
pub fn label_list(item: &VisibleUseCase, field: Field) -> Vec<String> {
    let Some(list) = field.spec().kind.vocabulary() else {
        return Vec::new();
    };
    let vocabularies = in_use();
    let list = vocabularies.get(list);
    item.content()
        .codes(field)
        .iter()
        .map(|code| list.label(code).to_owned())
        .collect()
}

/// The words that say how doubtful a record has become.
pub fn stale_label(item: &VisibleUseCase, today: Date) -> Option<&'static str> {
    match freshness(item.content(), item.record().last_reviewed_on, today) {
        Freshness::Fresh => None,
        Freshness::ToConfirm => Some("À confirmer"),
        Freshness::MaybeObsolete => Some("Peut-être obsolète"),
    }
}

/// A date in words, with the precision given.
pub fn date_words(date: PartialDate) -> String {
    locale::date(date.year(), date.month(), date.day())
}

/// The day of an instant in mainland France, in words.
pub fn day_words(instant: jiff::Timestamp) -> String {
    let zone = jiff::tz::TimeZone::get("Europe/Paris").unwrap_or(jiff::tz::TimeZone::UTC);
    locale::day(instant.to_zoned(zone).date())
}
