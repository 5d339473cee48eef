//! Work done beside requests: messages that leave, and tasks that come round.

use std::future::Future;
use std::time::Duration;

use jiff::SignedDuration;
use sobria_mail::{Message, Transport};

use crate::app::App;
use crate::error::WebError;

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
    sweep(app).await
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
    }
    Ok(())
}
