//! Work done beside requests: messages that leave, and tasks that come round.

use std::future::Future;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sobria_catalogue::review::review_due_on;
use sobria_catalogue::use_case::UseCase;
use sobria_mail::{Message, Transport};
use sobria_store::{JobRun, NewSecret, SecretPurpose};

use crate::app::App;
use crate::error::WebError;
use crate::imports::trial::Trials;
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

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Sessions,
    Retention,
    Reviews,
    Alerts,
    Digest,
    Roadmaps,
    Deliverables,
    Uploads,
    Links,
}

impl Work {
    /// Whether it erases what is old, or writes to people because a day came.
    const fn goes_by_the_date(self) -> bool {
        match self {
            Self::Retention
            | Self::Reviews
            | Self::Alerts
            | Self::Digest
            | Self::Roadmaps
            | Self::Deliverables => true,
            Self::Sessions | Self::Uploads | Self::Links => false,
        }
    }
}

/// A job that comes round.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// Stable name.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// What it does, in a sentence.
    pub what: &'static str,
    /// How often.
    pub period: SignedDuration,
    work: Work,
}

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Every job, in the order in which they run.
pub const JOBS: [Job; 9] = [
    Job {
        name: "sessions",
        label: "Sessions et liens périmés",
        what: "Efface les sessions fermées et les liens à usage unique dont la durée est passée. Toutes les heures.",
        period: HOUR,
        work: Work::Sessions,
    },
    Job {
        name: "retention",
        label: "Durées de conservation",
        what: "Efface ce qui dépasse sa durée\u{a0}: courriels, messages, brouillons, comptes inutilisés, journal. Chaque jour.",
        period: DAY,
        work: Work::Retention,
    },
    Job {
        name: "reviews",
        label: "Rappels de mise à jour",
        what: "Demande aux porteurs de confirmer les fiches qui arrivent à échéance. Chaque jour.",
        period: DAY,
        work: Work::Reviews,
    },
    Job {
        name: "alerts",
        label: "Alertes de recherches",
        what: "Envoie les nouveautés des recherches gardées. Toutes les heures.",
        period: HOUR,
        work: Work::Alerts,
    },
    Job {
        name: "digest",
        label: "Lettre de la bibliothèque",
        what: "Envoie ce qui a changé à ceux qui l’ont demandé, chaque semaine ou chaque mois. Chaque jour.",
        period: DAY,
        work: Work::Digest,
    },
    Job {
        name: "roadmaps",
        label: "Feuilles de route",
        what: "Relève une fois par mois les indicateurs calculés, et rappelle les réunions et les missions à échéance. Chaque jour.",
        period: DAY,
        work: Work::Roadmaps,
    },
    Job {
        name: "deliverables",
        label: "Échéances des achats",
        what: "Rappelle ce qui est attendu après une attribution, aux agents et aux titulaires. Chaque jour.",
        period: DAY,
        work: Work::Deliverables,
    },
    Job {
        name: "uploads",
        label: "Fichiers d’import en attente",
        what: "Efface les fichiers déposés il y a plus de 24 heures. Toutes les heures.",
        period: HOUR,
        work: Work::Uploads,
    },
    Job {
        name: "links",
        label: "Liens des fiches",
        what: "Demande aux adresses des fiches si elles répondent, chacune une fois par semaine et un hôte à la fois\u{202f}; seulement si l’exploitant l’a choisi («\u{a0}links.check\u{a0}»). Toutes les heures.",
        period: HOUR,
        work: Work::Links,
    },
];

impl Job {
    /// Whether it waits while the date of the server is in doubt.
    #[must_use]
    pub const fn goes_by_the_date(&self) -> bool {
        self.work.goes_by_the_date()
    }
}

/// What jobs did: how many of what.
type Counts = Vec<(&'static str, u64)>;

/// The words of a count.
pub fn label(key: &str) -> &str {
    match key {
        "sessions" => "sessions et liens effacés",
        "mails" => "courriels effacés",
        "messages" => "messages effacés",
        "audit" => "lignes du journal effacées",
        "drafts" => "brouillons effacés",
        "runs" => "anciens résultats effacés",
        "warned" => "comptes avertis",
        "accounts" => "comptes effacés",
        "reminders" => "rappels envoyés",
        "alerts" => "alertes envoyées",
        "letters" => "lettres envoyées",
        "values" => "valeurs relevées",
        "names" => "noms effacés",
        "suppliers" => "adresses de fournisseurs effacées",
        "uploads" => "fichiers effacés",
        "links" => "adresses vérifiées",
        "failed" => "adresses qui n’ont pas répondu",
        "files" => "fichiers joints effacés",
        "records" => "fiches relues",
        "revisions" => "versions relues",
        "read_files" => "fichiers relus",
        other => other,
    }
}

/// Runs the jobs that are due. Each failure is kept with its reason and stops no other job; that job is tried again
/// within the hour.
async fn sweep(app: &App) -> Result<(), WebError> {
    // Before any job notes that it ran at a time that may be wrong.
    crate::clock::beat(app).await?;
    for job in &JOBS {
        let now = (app.settings.now)();
        if !app.store.take_task(job.name, job.period, now).await? {
            continue;
        }
        if job.work == Work::Links && app.settings.links.check {
            // It waits for others most of the time: messages do not wait for it.
            let app = app.clone();
            tokio::spawn(async move {
                if let Err(error) = run_job(&app, job).await {
                    tracing::error!(job = job.name, %error, "a background job was not noted");
                }
            });
            continue;
        }
        run_job(app, job).await?;
    }
    Ok(())
}

/// Runs one job, and keeps what came of it.
async fn run_job(app: &App, job: &Job) -> Result<(), WebError> {
    let now = (app.settings.now)();
    let began = std::time::Instant::now();
    let outcome = crate::words::with(app, run_one(app, job.work)).await;
    let run = JobRun {
        id: uuid::Uuid::now_v7().to_string(),
        name: job.name.to_owned(),
        started_at: now,
        took: SignedDuration::try_from(began.elapsed()).unwrap_or(SignedDuration::ZERO),
        done: outcome.is_ok(),
        counts: outcome.as_ref().map_or_else(|_| "{}".to_owned(), counts_text),
        error: outcome
            .as_ref()
            .err()
            .map(ToString::to_string)
            .unwrap_or_default(),
    };
    if let Err(error) = outcome {
        tracing::error!(job = job.name, %error, "a background job failed");
        app.store
            .set_task(job.name, now - job.period + HOUR.min(job.period))
            .await?;
    }
    app.store.add_job_run(&run).await?;
    Ok(())
}

fn counts_text(counts: &Counts) -> String {
    let object: serde_json::Map<String, serde_json::Value> = counts
        .iter()
        .map(|(key, count)| ((*key).to_owned(), (*count).into()))
        .collect();
    serde_json::Value::Object(object).to_string()
}

async fn run_one(app: &App, work: Work) -> Result<Counts, WebError> {
    // What goes by the date is not done at one that nobody believes: a letter cannot be taken back, nor what is erased.
    if work.goes_by_the_date()
        && let Some(doubt) = crate::clock::doubt(app).await?
    {
        return Err(WebError::Conflict(doubt.words()));
    }
    let now = (app.settings.now)();
    match work {
        Work::Sessions => Ok(vec![("sessions", app.store.sweep_sessions(now).await?)]),
        Work::Retention => retain(app).await,
        Work::Reviews => Ok(vec![("reminders", remind(app).await?)]),
        Work::Digest => Ok(vec![("letters", crate::digest::send(app).await?)]),
        Work::Deliverables => Ok(vec![("reminders", remind_deliverables(app).await?)]),
        Work::Alerts => Ok(vec![("alerts", alert(app).await?)]),
        Work::Roadmaps => {
            let (values, reminders) = crate::routes::strategy::every_day(app).await?;
            Ok(vec![("values", values), ("reminders", reminders)])
        }
        Work::Links if app.settings.links.check => crate::link_watch::turn(app).await,
        // A demonstration shows what a check would have found, and asks nobody.
        Work::Links if app.settings.demo => Ok(Vec::new()),
        // What was found while links were checked is forgotten when they no longer are.
        Work::Links => {
            let known: Vec<String> = app.store.link_checks().await?.into_keys().collect();
            app.store.forget_links(&known).await?;
            Ok(Vec::new())
        }
        Work::Uploads => {
            let trials = Trials::under(&app.settings.uploads);
            let removed = tokio::task::spawn_blocking(move || trials.sweep(now))
                .await
                .map_err(|error| WebError::Internal(error.to_string()))?
                .map_err(|error| WebError::Internal(error.to_string()))?;
            Ok(vec![("uploads", removed)])
        }
    }
}

/// Removes what is kept no longer, after the durations of the instance.
async fn retain(app: &App) -> Result<Counts, WebError> {
    let now = (app.settings.now)();
    let kept = &app.settings.retention;
    let before = |days: u16| now - SignedDuration::from_hours(24 * i64::from(days));
    let store = &app.store;
    let mut counts = vec![
        ("mails", store.prune_mails(before(kept.mails)).await?),
        ("messages", store.prune_messages(before(kept.messages)).await?),
        ("audit", store.prune_audit(before(kept.audit)).await?),
        (
            "drafts",
            store.prune_drafts(before(kept.drafts)).await?
                + store.prune_entry_drafts(before(kept.drafts)).await?,
        ),
        ("runs", store.prune_job_runs(before(kept.jobs)).await?),
        (
            "suppliers",
            store
                .forget_suppliers(now - SignedDuration::from_hours(24 * 365))
                .await?,
        ),
    ];
    if let Ok(before) = app.today().checked_sub(jiff::Span::new().months(12)) {
        counts.push(("names", store.forget_appointments(before).await?));
    }
    counts.extend(forget_unused(app).await?);
    store.prune_attachments(before(183)).await?;
    counts.push(("files", store.sweep_files(&app.files, &[]).await?));
    Ok(counts)
}

/// How long the link that stops an alert is good.
const LEAVE: SignedDuration = SignedDuration::from_hours(24 * 365);

/// Tells the owners of saved searches what is new. Each alert is noted together with its message: a server that stops
/// half-way neither forgets nor repeats one.
async fn alert(app: &App) -> Result<u64, WebError> {
    let mut told = 0;
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
                        "{title}, {}\u{a0}: {base}/cas-usages/{}",
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
        told += 1;
    }
    Ok(told)
}

/// Warns those who did not sign in for long, and erases those who were warned and did not come.
async fn forget_unused(app: &App) -> Result<Counts, WebError> {
    let now = (app.settings.now)();
    let days = |days: u16| SignedDuration::from_hours(24 * i64::from(days));
    let (longest, warning) = (
        days(app.settings.retention.accounts),
        days(app.settings.retention.accounts_warning),
    );
    let zone = TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC);
    let day = crate::locale::day((now + warning).to_zoned(zone).date());
    let (mut warned, mut erased) = (0, 0);
    for account in app.store.inactive_accounts(now - longest + warning, None).await? {
        let letter = Letter::Inactive {
            day: day.clone(),
            href: format!("{}/connexion", app.settings.base_url),
        };
        send(app, &account.email, &letter).await?;
        app.store.note_warning(account.id, now).await?;
        warned += 1;
    }
    for account in app
        .store
        .inactive_accounts(now - longest, Some(now - warning))
        .await?
    {
        app.store.erase_account(account.id).await?;
        erased += 1;
    }
    Ok(vec![("warned", warned), ("accounts", erased)])
}

/// Days between a review that is due and each reminder of it.
const REMINDERS: [(i64, &str); 3] = [(60, "late"), (0, "due"), (-30, "soon")];
/// How long the link of a reminder is good.
const LINK: SignedDuration = SignedDuration::from_hours(24 * 90);
/// Records read at once.
const BATCH: u32 = 500;

/// Asks those who contribute for the carrier of each record whether it still holds: once thirty days before the
/// review is due, once on the day, once sixty days later.
async fn remind(app: &App) -> Result<u64, WebError> {
    let mut reminded = 0;
    let now = (app.settings.now)();
    let today = app.today();
    let mut after = None;
    loop {
        let records = app.store.stream_published(after, BATCH).await?;
        let Some(last) = records.last() else {
            return Ok(reminded);
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
            reminded += ask(app, record, due).await?;
        }
    }
}

/// Days between a deliverable that is due and each reminder of it: those that come latest first.
const DUE: [(i64, &str); 3] = [(14, "late"), (0, "due"), (-14, "soon")];

/// Reminds the agent and the supplier of what is owed: fourteen days before, on the day, fourteen days after, each
/// once.
async fn remind_deliverables(app: &App) -> Result<u64, WebError> {
    let now = (app.settings.now)();
    let today = app.today();
    let horizon = today.saturating_add(jiff::Span::new().days(14));
    let base = &app.settings.base_url;
    let mut sent = 0;
    for due in app.store.due_deliverables(horizon).await? {
        let one = &due.deliverable;
        let reached = DUE.iter().find(|(offset, _)| {
            one.due_on
                .checked_add(jiff::Span::new().days(*offset))
                .is_ok_and(|threshold| today >= threshold)
        });
        let Some((_, stage)) = reached else {
            continue;
        };
        let day = locale::day(one.due_on);
        let when = match *stage {
            "late" => format!("était attendu le {day} et n’est pas noté reçu"),
            "due" => format!("est attendu depuis le {day}"),
            _ => format!("est attendu le {day}"),
        };
        let supplier = one
            .email
            .as_deref()
            .and_then(|email| sobria_catalogue::account::Email::parse(email).ok());
        let schedule = format!(
            "{base}{}/{}/echeancier",
            crate::routes::govern::purchase::FILES,
            one.purchase
        );
        for (to, whose, href) in [
            (due.agent.clone(), "agent", Some(schedule)),
            (supplier, "titulaire", None),
        ] {
            let Some(to) = to else {
                continue;
            };
            let secret = new_secret()?;
            let letter = Letter::Deliverable {
                label: one.label.clone(),
                title: due.title.clone(),
                when: when.clone(),
                href,
                leave: format!("{base}/desinscription/{}", secret.reveal()),
            };
            let kept = NewSecret {
                hash: &secret.digest(),
                purpose: SecretPurpose::Unsubscribe,
                account: None,
                payload: &format!("livrable:{}:{whose}", one.id),
                lives: LEAVE,
            };
            let name = format!("deliverable:{}:{}:{stage}:{whose}", one.id, one.due_on);
            let mail = outgoing(app, &to, &letter)?;
            sent += u64::from(app.store.remind_deliverable(&name, &mail, &kept, now).await?);
        }
    }
    Ok(sent)
}

/// When somebody last said that a record holds: at its publication, when nobody did since.
fn last_seen(record: &UseCase) -> Option<Date> {
    let published = record
        .first_published_at
        .map(|at| at.to_zoned(TimeZone::UTC).date());
    record.last_reviewed_on.or(published)
}

async fn ask(app: &App, record: &UseCase, due: Date) -> Result<u64, WebError> {
    let mut asked = 0;
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
        asked += 1;
    }
    Ok(asked)
}
