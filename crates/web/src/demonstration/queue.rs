//! What waits in a demonstration: for moderators, repairs of imports, a logo, an address that died; for the contributor, a
//! record to confirm. Nothing is asked of
//! the network: what a check of links would have found is written down as it would be.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use sobria_catalogue::content::Value;
use sobria_catalogue::draft::{DraftInput, InputName};
use sobria_catalogue::field::Field;
use sobria_catalogue::id::{ContributionId, ImportId, OrganisationId, UserId};
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::partial_date::PartialDate;
use sobria_catalogue::proposal::{Change, Proposal};
use sobria_catalogue::review::review_due_on;
use sobria_catalogue::rights::Role;
use sobria_catalogue::use_case::{UseCase, WorkflowStatus};
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_catalogue::workflow::{self, NewIds, Opening, Transition};
use sobria_exchange::attachment::logo;
use sobria_exchange::report::explain;
use sobria_store::{ApplyOptions, Files, Logo, LogoProposal, Store};
use uuid::Uuid;

use super::{carrier, person};
use crate::error::WebError;
use crate::imports::{Choices, plan_bytes};
use crate::link_watch::of_content;

/// Two rows of an invented file, one of them with doubts.
const IMPORT: &[u8] = include_bytes!("../../demonstration/import.csv");
const NAME: &str = "communes-2026.csv";
/// Logos of the demonstration, and what they say.
const GIVEN: (&[u8], &str) = (
    include_bytes!("../../demonstration/logo-lann.png"),
    "Une tour entre deux feuilles",
);
const PROPOSED: (&[u8], &str) = (
    include_bytes!("../../demonstration/logo-eaux.png"),
    "Trois vagues sous un soleil",
);

/// Fills the queue of moderators.
///
/// # Errors
/// When the database or the data folder cannot be written.
pub async fn queue(store: &Store, files: &Files, now: Timestamp) -> Result<(), WebError> {
    let records = store.stream_published(None, 200).await?;
    import(store, now).await?;
    overdue(store, &records, now).await?;
    doubt(store, &records).await?;
    dead_link(store, &records, now).await?;
    let author = person(store, Role::Member, true).await?;
    let moderator = person(store, Role::Moderator, false).await?;
    if let (Some(author), Some(moderator), Some(own)) = (author, moderator, carrier(store).await?) {
        let other = records
            .iter()
            .map(|record| &record.organisation)
            .find(|one| one.id != own.id);
        if let Some(other) = other {
            let given = kept(files, GIVEN)?;
            store
                .set_logo(other.id, Some(&given), moderator.account.id, now)
                .await?;
        }
        propose(store, files, &own, author.account.id, now).await?;
    }
    Ok(())
}

/// An import that waits to be read.
async fn import(store: &Store, now: Timestamp) -> Result<(), WebError> {
    let (existing, planned_at) = store.existing().await?;
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let plan = plan_bytes(
        IMPORT,
        NAME,
        &existing,
        &Choices::default(),
        Vocabularies::embedded(),
        today,
        &mut Uuid::now_v7,
    )
    .map_err(|error| WebError::Internal(error.to_string()))?;
    store
        .apply_import(
            &plan,
            ApplyOptions {
                publish: false,
                actor: "demo",
                now: now - SignedDuration::from_hours(30),
                import: ImportId::new(Uuid::now_v7()),
                planned_at: Some(planned_at),
            },
        )
        .await?;
    Ok(())
}

/// What an import that published its records by itself doubted: the order of a day and a month.
async fn doubt(store: &Store, records: &[UseCase]) -> Result<(), WebError> {
    let found = records.iter().find_map(|record| {
        let Some(Value::Date(date)) = record.content.get(Field::StartDate) else {
            return None;
        };
        Some((record, *date, swapped(*date)?))
    });
    let Some((record, date, other)) = found else {
        return Ok(());
    };
    let input = InputName::value(Field::StartDate).to_string();
    let code = "date_order_assumed";
    let proposal = Proposal {
        field: Field::StartDate,
        code: code.to_owned(),
        origin: format!("{} (bibliotheque.csv, ligne 10)", explain(code)),
        found: written(date).unwrap_or_default(),
        proposed: date.to_string(),
        accept: Change::default(),
        refuse: Change::default().swap(input, date.to_string(), other.to_string()),
    };
    store
        .keep_proposals(ContributionId::new(record.id.uuid()), record.id, &[proposal])
        .await?;
    Ok(())
}

/// A record of the contributor that was last confirmed long ago: a reminder leaves at the first turn of the jobs.
async fn overdue(store: &Store, records: &[UseCase], now: Timestamp) -> Result<(), WebError> {
    let author = person(store, Role::Member, true).await?;
    let moderator = person(store, Role::Moderator, false).await?;
    let (Some(author), Some(moderator), Some(own)) = (author, moderator, carrier(store).await?) else {
        return Ok(());
    };
    let zone = TimeZone::UTC;
    let today = now.to_zoned(zone.clone()).date();
    // Half a year or a year, as its rule says, and some days.
    let found = records.iter().rev().find_map(|record| {
        let goes_on = record.organisation.id == own.id && record.status == WorkflowStatus::Published;
        let due = review_due_on(&record.content, today).filter(|_| goes_on)?;
        Some((record, due.since(today).ok()?.get_days()))
    });
    let Some((record, days)) = found else {
        return Ok(());
    };
    let then = now - SignedDuration::from_hours(24 * i64::from(days + 5));
    let ids = NewIds {
        contribution: ContributionId::new(Uuid::now_v7()),
        use_case: record.id,
        organisation: OrganisationId::new(Uuid::now_v7()),
    };
    let background = store.background(record.id, &DraftInput::default()).await?;
    let day = then.to_zoned(zone).date();
    let context = background.context(then, day, Vocabularies::embedded(), ids.organisation);
    let Ok(begun) = workflow::open(Opening::Review, ids, &author.actor(), &context) else {
        return Ok(());
    };
    store.create_contribution(&begun, "confirmation").await?;
    let approve = Transition::Approve {
        seen: Some(record.version),
    };
    for transition in [Transition::Claim, approve] {
        let Some(case) = store.contribution(ids.contribution).await? else {
            return Ok(());
        };
        let background = store.background(record.id, &case.values).await?;
        let context = background.context(then, day, Vocabularies::embedded(), case.new_organisation);
        let Ok(step) = workflow::apply(&case, transition, &moderator.actor(), &context) else {
            return Ok(());
        };
        store.save_contribution(&step).await?;
    }
    Ok(())
}

/// The other reading of a date whose day and month could be taken either way.
fn swapped(date: PartialDate) -> Option<PartialDate> {
    let (day, month) = (date.day()?, date.month()?);
    format!("{}-{day:02}-{month:02}", date.year())
        .parse()
        .ok()
        .filter(|other| *other != date)
}

/// A date as files of France write it.
fn written(date: PartialDate) -> Option<String> {
    Some(format!("{:02}/{:02}/{}", date.day()?, date.month()?, date.year()))
}

/// An address that failed three times over more than a week.
async fn dead_link(store: &Store, records: &[UseCase], now: Timestamp) -> Result<(), WebError> {
    let held = records
        .iter()
        .rev()
        .find_map(|record| of_content(&record.content).into_iter().next());
    let Some(url) = held else { return Ok(()) };
    for days in [11, 8, 5] {
        let at = now - SignedDuration::from_hours(24 * days);
        store.note_link(&url, "gone", Some(404), true, at).await?;
    }
    Ok(())
}

fn kept(files: &Files, (bytes, alternative): (&[u8], &str)) -> Result<Logo, WebError> {
    let clean = logo(bytes, "logo.png").map_err(|error| WebError::Internal(error.to_string()))?;
    Ok(Logo {
        hash: files.put(&clean.bytes)?,
        size: clean.size,
        alternative: alternative.to_owned(),
    })
}

async fn propose(
    store: &Store,
    files: &Files,
    organisation: &Organisation,
    by: UserId,
    now: Timestamp,
) -> Result<(), WebError> {
    let proposal = LogoProposal {
        organisation: organisation.id,
        logo: kept(files, PROPOSED)?,
        by,
        at: now - SignedDuration::from_hours(20),
    };
    store.propose_logo(&proposal).await?;
    Ok(())
}
