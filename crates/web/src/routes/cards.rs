//! Records as cards.

use jiff::civil::Date;
use sobria_catalogue::access::{Level, VisibleUseCase, redact};
use sobria_catalogue::field::Field;
use sobria_catalogue::id::UseCaseId;
use sobria_catalogue::partial_date::PartialDate;
use sobria_catalogue::review::{Freshness, freshness};
use sobria_catalogue::text::excerpt;
use sobria_catalogue::vocabulary::{Vocabularies, VocabularyId};

use crate::app::App;
use crate::error::WebError;
use crate::locale;
use crate::routes::evaluations::Footprints;
use crate::routes::facets::badge;
use crate::view::card::monogram;
use crate::view::{Card, Marked, Maturity, plain};

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

/// The card of a record; the words searched are marked.
pub fn card(app: &App, item: &VisibleUseCase, search: &str, today: Date, footprints: &Footprints) -> Card {
    let record = item.record();
    let content = item.content();
    let mark = |text: &str, max: usize| -> Marked {
        if search.trim().is_empty() {
            plain(excerpt(text, max))
        } else {
            app.index.highlight(search, text, max)
        }
    };
    let text = content
        .text(Field::Summary)
        .or_else(|| content.text(Field::Description))
        .unwrap_or("");
    let line: String = text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace("**", "");
    Card {
        id: record.id.to_string(),
        href: format!("/cas-usages/{}", record.slug),
        title: mark(content.title(), 200),
        summary: mark(&line, TEXT),
        organisation: mark(&record.organisation.name, 200),
        organisation_kind: kind_label(record.organisation.kind.as_deref()),
        monogram: monogram(&record.organisation.name),
        theme: content.code(Field::Theme).map(badge),
        audience: labels(item, Field::Audiences),
        maturity: content.code(Field::Maturity).map(maturity),
        stale: stale_label(item, today).map(str::to_owned),
        footprint: footprints.lines.get(&record.id).cloned(),
        badge: footprints
            .badges
            .contains(&record.id)
            .then_some(sobria_govern::frugality::BADGE),
    }
}

/// The mark of a maturity.
pub fn maturity(code: &str) -> Maturity {
    Maturity::new(
        code,
        Vocabularies::embedded().get(VocabularyId::Maturity).label(code),
    )
}

/// The label of a kind of organisation; blank when it is unknown.
pub fn kind_label(kind: Option<&str>) -> String {
    kind.map(|kind| {
        Vocabularies::embedded()
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
    let list = Vocabularies::embedded().get(list);
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
