//! Work done beside requests: messages that leave, and tasks that come round.

use std::future::Future;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sobria_catalogue::review::review_due_on;
use sobria_catalogue::use_case::UseCase;
use sobria_mail::{Message, Transport};
use sobria_store::{NewSecret, SecretPurpose};

use crate::app::App;
use crate::error::WebError;
use crate::letters::{Letter, outgoing, send};
use crate::locale;
use crate::routes::account::new_secret;
use crate::routes::personal::alerts::due_alerts;

/// How often the queue is looked at when nothing was announced.
const PERIOD: Duration = Duration::from_secs(20);

/// Sends messages and runs tasks until `stop` ends.
pub async fn run(app: App, transport: Transport, stop: impl Future<Output = ()>) {
    let mut stop = std::pin::pin!(stop);
    loop {
        if let Err(error) = turn(&app, &transport).await {
            tracing::error!(%error, "a turn of the background work failed");
        }
        tokio::select! {
            () = app.mail_waits.notified() => {}
            () = tokio::time::sleep(PERIOD) => {}
            () = &mut stop => return,
        }
    }
}

/// Sends what waits and runs the tasks that are due.
///
/// # Errors
/// When the database does not answer.
pub async fn turn(app: &App, transport: &Transport) -> Result<(), WebError> {
    send_waiting(app, transport).await?;
    sweep(app).await?;
    send_waiting(app, transport).await
}

/// Sends every message that is due. One that cannot leave is tried again later.
async fn send_waiting(app: &App, transport: &Transport) -> Result<(), WebError> {
    loop {
        let now = (app.settings.now)();
        let Some(mail) = app.store.claim_mail(now).await? else {
            return Ok(());
        };
        let message: Result<Message, _> = serde_json::from_str(&mail.message);
        let sent = match &message {
            Ok(message) => transport.send(&mail.id, mail.to.as_str(), message).await,
            Err(error) => Err(sobria_mail::MailError::Unfit(error.to_string())),
        };
        match sent {
            // Where nothing leaves, the words are kept to be read on the page of the demonstration.
            Ok(()) => app.store.mail_sent(&mail.id, !transport.leaves(), now).await?,
            Err(error) => {
                tracing::warn!(kind = mail.kind, %error, "a message could not leave");
                app.store
                    .mail_failed(&mail, &error.to_string(), error.is_for_good(), now)
                    .await?;
            }
        }
    }
}

/// Removes what is kept no longer. Each duration is that of the page of personal data.
async fn sweep(app: &App) -> Result<(), WebError> {
    let now = (app.settings.now)();
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    if app
        .store
        .take_task("sessions", SignedDuration::from_hours(1), now)
        .await?
    {
        app.store.sweep_sessions(now).await?;
    }
    if app.store.take_task("retention", days(1), now).await? {
        app.store.prune_mails(now - days(30)).await?;
        app.store.prune_messages(now - days(183)).await?;
        app.store.prune_audit(now - days(5 * 365)).await?;
        forget_unused(app).await?;
    }
    if app.store.take_task("reviews", days(1), now).await? {
        remind(app).await?;
    }
    if app
        .store
        .take_task("alerts", SignedDuration::from_hours(1), now)
        .await?
    {
        alert(app).await?;
    }
    Ok(())
}

/// How long the link that stops an alert is good.
const LEAVE: SignedDuration = SignedDuration::from_hours(24 * 365);

/// Tells the owners of saved searches what is new. Each alert is noted together with its message: a server that stops
/// half-way neither forgets nor repeats one.
async fn alert(app: &App) -> Result<(), WebError> {
    let now = (app.settings.now)();
    let base = &app.settings.base_url;
    for due in due_alerts(app, now).await? {
        let secret = new_secret()?;
        let letter = Letter::Alert {
            name: due.search.name.clone(),
            count: locale::counted(
                u64::try_from(due.total).unwrap_or(u64::MAX),
                "nouvelle fiche",
                "nouvelles fiches",
            ),
            records: due
                .records
                .iter()
                .map(|item| {
                    let record = item.record();
                    let title = item.content().title();
                    format!(
                        "{title}, {} : {base}/cas-usages/{}",
                        record.organisation.name, record.slug
                    )
                })
                .collect(),
            href: format!("{base}{}", due.results),
            leave: format!("{base}/desinscription/{}", secret.reveal()),
        };
        let kept = NewSecret {
            hash: &secret.digest(),
            purpose: SecretPurpose::Unsubscribe,
            account: Some(due.account),
            payload: &due.search.id.to_string(),
            lives: LEAVE,
        };
        let mail = outgoing(app, &due.email, &letter)?;
        app.store
            .tell_alert(&due.search, due.until, &mail, &kept, now)
            .await?;
    }
    Ok(())
}

/// Warns those who did not sign in for 23 months, and erases those who were warned a month ago.
async fn forget_unused(app: &App) -> Result<(), WebError> {
    let now = (app.settings.now)();
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    let zone = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
    let day = crate::locale::day((now + days(30)).to_zoned(zone).date());
    for account in app.store.inactive_accounts(now - days(700), None).await? {
        let letter = Letter::Inactive {
            day: day.clone(),
            href: format!("{}/connexion", app.settings.base_url),
        };
        send(app, &account.email, &letter).await?;
        app.store.note_warning(account.id, now).await?;
    }
    for account in app
        .store
        .inactive_accounts(now - days(730), Some(now - days(30)))
        .await?
    {
        app.store.erase_account(account.id).await?;
    }
    Ok(())
}

/// Days between a review that is due and each reminder of it.
const REMINDERS: [(i64, &str); 3] = [(60, "late"), (0, "due"), (-30, "soon")];
/// How long the link of a reminder is good.
const LINK: SignedDuration = SignedDuration::from_hours(24 * 90);
/// Records read at once.
const BATCH: u32 = 500;

/// Asks those who contribute for the carrier of each record whether it still holds: once thirty days before the
/// review is due, once on the day, once sixty days later.
async fn remind(app: &App) -> Result<(), WebError> {
    let now = (app.settings.now)();
    let today = app.today();
    let mut after = None;
    loop {
        let records = app.store.stream_published(after, BATCH).await?;
        let Some(last) = records.last() else {
            return Ok(());
        };
        after = Some(last.id);
        for record in &records {
            let Some(due) = last_seen(record).and_then(|day| review_due_on(&record.content, day)) else {
                continue;
            };
            let reached = REMINDERS.iter().find(|(offset, _)| {
                due.checked_add(jiff::Span::new().days(*offset))
                    .is_ok_and(|threshold| today >= threshold)
            });
            let Some((_, stage)) = reached else {
                continue;
            };
            let name = format!("review:{}:{due}:{stage}", record.id);
            // Once: no period is long enough for a second time.
            if !app
                .store
                .take_task(&name, SignedDuration::from_hours(24 * 3650), now)
                .await?
            {
                continue;
            }
            ask(app, record, due).await?;
        }
    }
}

/// When somebody last said that a record holds: at its publication, when nobody did since.
fn last_seen(record: &UseCase) -> Option<Date> {
    let published = record
        .first_published_at
        .map(|at| at.to_zoned(TimeZone::UTC).date());
    record.last_reviewed_on.or(published)
}

async fn ask(app: &App, record: &UseCase, due: Date) -> Result<(), WebError> {
    let now = (app.settings.now)();
    let base = &app.settings.base_url;
    for account in app.store.contributors_of(record.organisation.id).await? {
        let secret = new_secret()?;
        app.store
            .keep_secret(
                &secret.digest(),
                SecretPurpose::Review,
                Some(account.id),
                &record.id.to_string(),
                now,
                LINK,
            )
            .await?;
        let letter = Letter::ReviewDue {
            title: record.content.title().to_owned(),
            due: format!("le {}", crate::locale::day(due)),
            confirm: format!("{base}/confirmer/{}", secret.reveal()),
            modify: format!("{base}/cas-usages/{}", record.slug),
        };
        send(app, &account.email, &letter).await?;
    }
    Ok(())
}
