//! What the site writes to people: one form for all messages, plain text first, no image, no tracker.

mod about;
mod words;

pub use about::{about, about_withdrawal};
use askama::Template;
use serde_json::Value as Json;
use sobria_catalogue::account::Email;
use sobria_mail::Message;
use sobria_store::Outgoing;
use uuid::Uuid;

use crate::app::App;
use crate::error::WebError;
use words::Words;

/// A message.
#[derive(Debug, Clone)]
pub enum Letter {
    /// A sign-in link.
    SignIn {
        /// The link.
        link: String,
    },
    /// A link that confirms the address of a sign-up.
    ConfirmAddress {
        /// First name.
        name: String,
        /// The link.
        link: String,
    },
    /// An identity of a provider waits to be joined to the account of its address.
    Join {
        /// The link.
        link: String,
    },
    /// Somebody signed up with the address of an account.
    AlreadyKnown {
        /// A sign-in link.
        link: String,
    },
    /// A link that confirms the address of somebody who writes about a record.
    ConfirmMessage {
        /// The link.
        link: String,
        /// Title of the record.
        title: String,
    },
    /// A message to the carrier of a record.
    Relay {
        /// Title of the record.
        title: String,
        /// Its page.
        href: String,
        /// Who writes.
        name: String,
        /// Where to answer.
        reply_to: Email,
        /// What is written.
        text: String,
    },
    /// A copy for the sender of a message.
    MessageSent {
        /// Title of the record.
        title: String,
        /// Its page.
        href: String,
        /// Number of the message.
        receipt: String,
        /// What was written.
        text: String,
    },
    /// Something is said to be wrong in a record: for moderators.
    Reported {
        /// Title of the record.
        title: String,
        /// The page of reports.
        href: String,
        /// What is written.
        text: String,
    },
    /// What moderators answer to a report.
    ReportAnswered {
        /// Number of the report.
        receipt: String,
        /// What was written.
        text: String,
        /// What is answered.
        answer: String,
    },
    /// A request to contribute for an organisation was decided.
    Membership {
        /// The organisation.
        organisation: String,
        /// What was decided.
        granted: bool,
        /// Where to go.
        href: String,
    },
    /// A proposed logo was not taken.
    LogoRefused {
        /// The organisation.
        organisation: String,
        /// Why, in words.
        reason: String,
        /// Where another one is proposed.
        href: String,
    },
    /// A contribution was handed in: for its author.
    Receipt {
        /// Title.
        title: String,
        /// Number.
        receipt: String,
        /// The page that follows it.
        href: String,
    },
    /// A contribution waits: for moderators.
    Waiting {
        /// Title.
        title: String,
        /// Carrier.
        organisation: String,
        /// Its page in the queue.
        href: String,
    },
    /// A contribution was sent back.
    ChangesRequested {
        /// Title.
        title: String,
        /// What is asked, question by question.
        comments: Vec<String>,
        /// The form.
        href: String,
    },
    /// A contribution was approved.
    Published {
        /// Title.
        title: String,
        /// What was approved.
        what: &'static str,
        /// The public page.
        href: String,
    },
    /// A contribution was refused.
    Rejected {
        /// Title.
        title: String,
        /// Why, from the list.
        reason: String,
        /// Why, in words.
        text: String,
        /// The page that follows it.
        href: String,
    },
    /// Something was taken away for good: for its author.
    Withdrawn {
        /// Title.
        title: String,
        /// What it was: "La fiche", "La ressource".
        what: &'static str,
        /// Why, from the list or in words.
        reason: String,
        /// Where to write about it; blank when the operator gave no mailbox.
        contact: String,
    },
    /// A record is to be confirmed.
    ReviewDue {
        /// Title.
        title: String,
        /// When it was due, in words.
        due: String,
        /// One click says that nothing changed.
        confirm: String,
        /// Where it is changed.
        modify: String,
    },
    /// A roadmap waits for its committee, or for somebody to be named.
    RoadmapDue {
        /// The organisation.
        organisation: String,
        /// What is due.
        what: String,
        /// Where it is done.
        href: String,
    },
    /// New records answer a saved search.
    Alert {
        /// Name of the search.
        name: String,
        /// New records, in words.
        count: String,
        /// The newest: title and carrier.
        records: Vec<String>,
        /// All of them.
        href: String,
        /// Stops the alert in one click.
        leave: String,
    },
    /// What changed in the library, for those who agreed to be told.
    Digest {
        /// "du 23 au 30 novembre 2026".
        period: String,
        /// News, records and meetings, one a line.
        lines: Vec<String>,
        /// Where all of it is.
        href: String,
        /// Where one says how often.
        settings: String,
        /// Stops the letter in one click.
        leave: String,
    },
    /// A supplier is asked to answer, by its own link.
    SupplierLink {
        /// What is bought.
        title: String,
        /// Who buys.
        organisation: String,
        /// Last moment, in words.
        deadline: String,
        /// Whether nothing will be marked.
        sourcing: bool,
        /// The link.
        link: String,
    },
    /// An answer was handed in: for the supplier.
    SupplierReceipt {
        /// What is bought.
        title: String,
        /// Who buys.
        organisation: String,
        /// Number.
        receipt: String,
        /// When, in words.
        at: String,
    },
    /// Something owed is due soon, today, or late.
    Deliverable {
        /// What.
        label: String,
        /// Of which purchase.
        title: String,
        /// When, in words: "est attendu le …".
        when: String,
        /// The schedule; none for a supplier, who has no account.
        href: Option<String>,
        /// Stops these reminders in one click.
        leave: String,
    },
    /// An account that nobody used for long will be erased.
    Inactive {
        /// The day, in words.
        day: String,
        /// Where to sign in.
        href: String,
    },
}

impl Letter {
    /// What the message is about, for the queue.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::SignIn { .. } => "sign-in",
            Self::ConfirmAddress { .. } => "confirm-address",
            Self::Join { .. } => "join",
            Self::AlreadyKnown { .. } => "already-known",
            Self::ConfirmMessage { .. } => "confirm-message",
            Self::Relay { .. } => "relay",
            Self::MessageSent { .. } => "message-sent",
            Self::Reported { .. } => "reported",
            Self::ReportAnswered { .. } => "report-answered",
            Self::Membership { .. } => "membership",
            Self::LogoRefused { .. } => "logo-refused",
            Self::Receipt { .. } => "receipt",
            Self::Waiting { .. } => "waiting",
            Self::ChangesRequested { .. } => "changes-requested",
            Self::Published { .. } => "published",
            Self::Rejected { .. } => "rejected",
            Self::Withdrawn { .. } => "withdrawn",
            Self::ReviewDue { .. } => "review-due",
            Self::RoadmapDue { .. } => "roadmap-due",
            Self::Alert { .. } => "alert",
            Self::Digest { .. } => "digest",
            Self::SupplierLink { .. } => "supplier-link",
            Self::SupplierReceipt { .. } => "supplier-receipt",
            Self::Deliverable { .. } => "deliverable",
            Self::Inactive { .. } => "inactive",
        }
    }

    /// The message, as it leaves.
    ///
    /// # Errors
    /// When a template fails, which only a defect can cause.
    pub fn message(&self, app: &App) -> Result<Message, WebError> {
        let words = self.words();
        let site = app.site();
        let foot = format!("{}, {}", site.name, app.settings.base_url);
        let reply_to = match self {
            Self::Relay { reply_to, .. } => Some(reply_to.as_str().to_owned()),
            _ => site.contact_email.clone(),
        };
        Ok(Message {
            subject: words.subject.clone(),
            text: Text {
                words: &words,
                foot: &foot,
            }
            .render()?
            .trim()
            .to_owned()
                + "\n",
            html: Html {
                words: &words,
                foot: &foot,
            }
            .render()?,
            reply_to,
            unsubscribe: match self {
                Self::Alert { leave, .. } | Self::Digest { leave, .. } | Self::Deliverable { leave, .. } => {
                    Some(leave.clone())
                }
                _ => None,
            },
        })
    }
}

#[derive(Template)]
#[template(path = "mail.txt")]
struct Text<'a> {
    words: &'a Words,
    foot: &'a str,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    words: &'a Words,
    foot: &'a str,
}

/// A message as the queue takes it.
///
/// # Errors
/// When a template fails, which only a defect can cause.
pub fn outgoing(app: &App, to: &Email, letter: &Letter) -> Result<Outgoing, WebError> {
    let message = letter.message(app)?;
    Ok(Outgoing {
        id: Uuid::now_v7().to_string(),
        to: to.clone(),
        kind: letter.kind(),
        message: serde_json::to_string(&message).map_err(|error| WebError::Internal(error.to_string()))?,
    })
}

/// Puts a message in the queue.
///
/// # Errors
/// When the database does not answer.
pub async fn send(app: &App, to: &Email, letter: &Letter) -> Result<(), WebError> {
    let mail = outgoing(app, to, letter)?;
    app.store.enqueue(&[mail], (app.settings.now)()).await?;
    app.mail_waits.notify_one();
    Ok(())
}

/// The parts of a queued message that a page shows.
pub fn parts(message: &str) -> (String, String) {
    let document: Json = serde_json::from_str(message).unwrap_or_default();
    let text = |name: &str| document.get(name).and_then(Json::as_str).unwrap_or("").to_owned();
    (text("subject"), text("text"))
}
