//! What the site writes to people: one form for all messages, plain text first, no image, no tracker.

use askama::Template;
use serde_json::Value as Json;
use sobria_catalogue::account::Email;
use sobria_catalogue::rights::Role;
use sobria_catalogue::workflow::{Case, Comment, Event, Kind, Withdrawal};
use sobria_mail::Message;
use sobria_store::Outgoing;
use uuid::Uuid;

use crate::app::App;
use crate::error::WebError;
use crate::routes::contribute::follow::SERVICE_DAYS;

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

    fn words(&self) -> Words {
        match self {
            Self::SignIn { link } => Words::new("Votre lien de connexion")
                .say("Voici le lien que vous avez demandé. Il est valable quinze minutes et ne sert qu’une fois.")
                .button("Me connecter", link)
                .end("Si vous n’avez rien demandé, ne faites rien\u{a0}: personne n’entrera sans ce lien."),
            Self::ConfirmAddress { name, link } => Words::new("Confirmez votre adresse")
                .say(format!("Bonjour {name},"))
                .say("Suivez ce lien pour créer votre compte. Il est valable trois jours.")
                .button("Créer mon compte", link)
                .end("Si vous n’avez rien demandé, ne faites rien\u{a0}: aucun compte ne sera créé."),
            Self::Join { link } => Words::new("Rattacher votre identité à votre compte")
                .say("Quelqu’un s’est connecté par un fournisseur d’identité avec cette adresse, qui a déjà un compte. Si c’est vous, suivez ce lien dans la demi-heure.")
                .button("Rattacher mon identité", link)
                .end("Si ce n’est pas vous, ne faites rien\u{a0}: rien ne sera rattaché."),
            Self::AlreadyKnown { link } => Words::new("Vous avez déjà un compte")
                .say("Une inscription vient d’être demandée avec cette adresse, qui a déjà un compte. Ce lien vous connecte\u{202f}; il est valable quinze minutes.")
                .button("Me connecter", link)
                .end("Si vous n’avez rien demandé, ne faites rien."),
            Self::ConfirmMessage { link, title } => Words::new("Confirmez l’envoi de votre message")
                .say(format!("Vous avez écrit un message à propos de la fiche «\u{a0}{title}\u{a0}». Suivez ce lien pour l’envoyer\u{202f}; il est valable un jour."))
                .button("Envoyer mon message", link)
                .end("Si vous n’avez rien écrit, ne faites rien\u{a0}: le message ne partira pas."),
            Self::Relay { title, href, name, text, .. } => Words::new(format!("Un message sur «\u{a0}{title}\u{a0}»"))
                .say(format!("{name} vous écrit à propos de votre projet\u{a0}:"))
                .quote(text)
                .button("Voir la fiche", href)
                .end("Répondez à ce message pour écrire à son auteur. Votre adresse ne lui a pas été montrée\u{202f}; elle le sera si vous répondez."),
            Self::MessageSent { title, href, receipt, text } => Words::new(format!("Votre message, numéro {receipt}"))
                .say(format!("Votre message à propos de «\u{a0}{title}\u{a0}» est parti. En voici une copie\u{a0}:"))
                .quote(text)
                .button("Voir la fiche", href),
            Self::Reported { title, href, text } => Words::new(format!("Signalement sur «\u{a0}{title}\u{a0}»"))
                .say("Quelqu’un signale une erreur ou un changement\u{a0}:")
                .quote(text)
                .button("Répondre", href),
            Self::ReportAnswered { receipt, text, answer } => Words::new(format!("Réponse à votre signalement {receipt}"))
                .say("Vous aviez écrit\u{a0}:")
                .quote(text)
                .say("La modération vous répond\u{a0}:")
                .quote(answer),
            Self::Membership { organisation, granted: true, href } => Words::new("Votre organisme est confirmé")
                .say(format!("Vous pouvez maintenant décrire les projets de «\u{a0}{organisation}\u{a0}»."))
                .button("Décrire un projet", href),
            Self::Membership { organisation, granted: false, href } => Words::new("Votre demande n’a pas été retenue")
                .say(format!("La modération n’a pas pu confirmer que vous travaillez pour «\u{a0}{organisation}\u{a0}»."))
                .say("S’il s’agit d’une erreur, répondez à ce message.")
                .button("Mon compte", href),
            Self::LogoRefused { organisation, reason, href } => Words::new(format!("Logo non retenu\u{a0}: {organisation}"))
                .say(format!("La modération n’a pas retenu le logo que vous proposez pour «\u{a0}{organisation}\u{a0}»\u{a0}:"))
                .quote(reason)
                .button("Proposer un autre logo", href),
            Self::Receipt { title, receipt, href } => Words::new(format!("Fiche reçue, numéro {receipt}"))
                .say(format!("Votre fiche «\u{a0}{title}\u{a0}» est bien reçue, sous le numéro {receipt}."))
                .say(format!("La modération répond en {SERVICE_DAYS} jours au plus. Vous n’avez rien d’autre à faire."))
                .button("Suivre ma fiche", href),
            Self::Waiting { title, organisation, href } => Words::new(format!("À relire\u{a0}: {title}"))
                .say(format!("«\u{a0}{title}\u{a0}», de {organisation}, attend une relecture."))
                .button("Ouvrir la fiche", href),
            Self::ChangesRequested { title, comments, href } => {
                let mut words = Words::new(format!("À préciser\u{a0}: {title}"))
                    .say(format!("La modération a relu «\u{a0}{title}\u{a0}» et demande\u{a0}:"));
                words.list.clone_from(comments);
                words.button("Répondre", href)
            }
            Self::Published { title, what, href } => Words::new(format!("{what}\u{a0}: {title}"))
                .say("C’est en ligne. Merci pour les autres collectivités\u{202f}!")
                .button("Voir la fiche", href),
            Self::Rejected { title, reason, text, href } => Words::new(format!("Contribution non retenue\u{a0}: {title}"))
                .say(format!("Raison\u{a0}: {reason}."))
                .quote(text)
                .say("Vous pouvez demander une fois un second examen.")
                .button("Voir la décision", href),
            Self::Withdrawn { title, what, reason, contact } => {
                let words = Words::new(format!("Retrait définitif\u{a0}: {title}"))
                    .say(format!("{what} «\u{a0}{title}\u{a0}» a été retirée pour de bon. Son contenu est effacé, versions et fichiers compris."))
                    .say(if reason.is_empty() {
                        "Aucune raison n’a été écrite.".to_owned()
                    } else {
                        format!("Raison\u{a0}: {reason}.")
                    });
                if contact.is_empty() {
                    words
                } else {
                    words.end(format!("Une question, un désaccord\u{202f}? Écrivez à {contact}."))
                }
            }
            Self::ReviewDue { title, due, confirm, modify } => Words::new(format!("Toujours d’actualité\u{202f}? {title}"))
                .say(format!("La fiche «\u{a0}{title}\u{a0}» est à confirmer {due}."))
                .button("Rien n’a changé", confirm)
                .end(format!("Quelque chose a changé\u{202f}? Modifiez la fiche\u{a0}: {modify}")),
            Self::RoadmapDue { organisation, what, href } => Words::new(format!("Feuille de route\u{a0}: {organisation}"))
                .say(what)
                .button("Ouvrir la page", href),
            Self::Alert { name, count, records, href, leave } => {
                let mut words = Words::new(format!("{name}\u{a0}: {count}"))
                    .say(format!("Votre recherche «\u{a0}{name}\u{a0}» a trouvé {count}\u{a0}:"));
                words.list.clone_from(records);
                words
                    .button("Voir les résultats", href)
                    .end(format!("Ne plus recevoir cette alerte\u{a0}: {leave}"))
            }
            Self::Digest { period, lines, href, settings, leave } => {
                let mut words = Words::new(format!("La bibliothèque, {period}"))
                    .say(format!("Voici ce qui a changé {period}\u{a0}:"));
                words.list.clone_from(lines);
                words.button("Ouvrir la bibliothèque", href).end(format!(
                    "Vous recevez cette lettre parce que vous l’avez demandée. Changer son rythme\u{a0}: {settings} Ne plus la recevoir\u{a0}: {leave}"
                ))
            }
            Self::SupplierLink { title, organisation, deadline, sourcing, link } => {
                Words::new(format!("{organisation}\u{a0}: {title}"))
                    .say(format!("{organisation} vous invite à répondre à un questionnaire sur «\u{a0}{title}\u{a0}»."))
                    .say(if *sourcing {
                        "C’est un sourçage\u{a0}: aucune note n’est donnée, et répondre n’engage à rien."
                    } else {
                        "Votre réponse reste scellée jusqu’à la date limite. Les critères et leurs poids sont figés et se lisent sur la page."
                    })
                    .say(format!("Répondez avant le {deadline}, heure de France métropolitaine. Aucun compte n’est nécessaire."))
                    .button("Répondre", link)
                    .end("Ce lien est personnel\u{a0}: qui le détient lit et modifie votre réponse. Ne le transmettez pas.")
            }
            Self::SupplierReceipt { title, organisation, receipt, at } => {
                Words::new(format!("Réponse remise, numéro {receipt}"))
                    .say(format!("Votre réponse à {organisation} sur «\u{a0}{title}\u{a0}» est remise, sous le numéro {receipt}, le {at}."))
                    .say("Jusqu’à la date limite, vous pouvez la modifier et la remettre de nouveau avec le lien que vous avez reçu\u{202f}; la dernière version compte.")
            }
            Self::Deliverable { label, title, when, href, leave } => {
                let words = Words::new(format!("{label}\u{a0}: {title}")).say(format!("«\u{a0}{label}\u{a0}», dans «\u{a0}{title}\u{a0}», {when}."));
                let words = match href {
                    Some(href) => words.button("Voir l’échéancier", href),
                    None => words,
                };
                words.end(format!("Ne plus recevoir ces rappels\u{a0}: {leave}"))
            }
            Self::Inactive { day, href } => Words::new("Votre compte va être effacé")
                .say(format!("Vous ne vous êtes pas connecté depuis presque deux ans. Sans connexion d’ici le {day}, votre compte sera effacé."))
                .button("Me connecter", href),
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

/// What a message says.
#[derive(Debug, Clone, Default)]
struct Words {
    subject: String,
    before: Vec<Part>,
    list: Vec<String>,
    button: Option<(String, String)>,
    end: String,
}

/// A paragraph, or words of somebody else.
#[derive(Debug, Clone)]
struct Part {
    lines: Vec<String>,
    quoted: bool,
}

impl Words {
    fn new(subject: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            ..Self::default()
        }
    }

    fn say(mut self, text: impl Into<String>) -> Self {
        self.before.push(Part {
            lines: vec![text.into()],
            quoted: false,
        });
        self
    }

    fn quote(mut self, text: &str) -> Self {
        self.before.push(Part {
            lines: text.lines().map(str::to_owned).collect(),
            quoted: true,
        });
        self
    }

    fn button(mut self, label: &str, href: &str) -> Self {
        self.button = Some((label.to_owned(), href.to_owned()));
        self
    }

    fn end(mut self, text: impl Into<String>) -> Self {
        self.end = text.into();
        self
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

/// Who is told what about a contribution; written with the step that causes it.
///
/// # Errors
/// When the database does not answer.
pub async fn about(
    app: &App,
    case: &Case,
    events: &[Event],
    comments: &[Comment],
) -> Result<Vec<Outgoing>, WebError> {
    let mut mails = Vec::new();
    if events.is_empty() {
        return Ok(mails);
    }
    let author = match case.author {
        Some(author) => app.store.account(author).await?,
        None => None,
    };
    let base = &app.settings.base_url;
    let title = crate::routes::contribute::name(case);
    let followed = format!("{base}/contribuer/{}/suivi", case.id);
    let public = match app.store.use_cases_by_ids(&[case.use_case]).await?.pop() {
        Some(record) => format!("{base}/cas-usages/{}", record.slug),
        None => followed.clone(),
    };
    for event in events {
        let for_author = match event {
            Event::Submitted { .. } if case.kind == Kind::Content => Some(Letter::Receipt {
                title: title.clone(),
                receipt: case.receipt.clone().unwrap_or_default(),
                href: followed.clone(),
            }),
            Event::Submitted { .. } => None,
            Event::ChangesRequested => Some(Letter::ChangesRequested {
                title: title.clone(),
                comments: comments
                    .iter()
                    .map(|comment| {
                        let place = comment.field.map_or("L’ensemble", |field| field.spec().label);
                        format!("{place}\u{a0}: {}", comment.text)
                    })
                    .collect(),
                href: followed.clone(),
            }),
            Event::Published { .. } => Some(Letter::Published {
                title: title.clone(),
                what: "Fiche publiée",
                href: public.clone(),
            }),
            Event::Reviewed { .. } => Some(Letter::Published {
                title: title.clone(),
                what: "Fiche confirmée",
                href: public.clone(),
            }),
            Event::Archived => Some(Letter::Published {
                title: title.clone(),
                what: "Fiche archivée",
                href: public.clone(),
            }),
            Event::Rejected => {
                let verdict = case.verdict.as_ref();
                Some(Letter::Rejected {
                    title: title.clone(),
                    reason: verdict
                        .and_then(|verdict| verdict.reason)
                        .map_or("", |reason| reason.label())
                        .to_lowercase(),
                    text: verdict.map(|verdict| verdict.text.clone()).unwrap_or_default(),
                    href: followed.clone(),
                })
            }
            Event::Appealed => None,
        };
        if let (Some(letter), Some(author)) = (&for_author, &author) {
            mails.push(outgoing(app, &author.email, letter)?);
        }
        if matches!(event, Event::Submitted { .. } | Event::Appealed) {
            let letter = Letter::Waiting {
                title: title.clone(),
                organisation: case.heading.organisation.clone(),
                href: format!("{base}/moderation/{}", case.id),
            };
            for moderator in app.store.accounts_of_role(Role::Moderator).await? {
                if Some(moderator.id) != case.author {
                    mails.push(outgoing(app, &moderator.email, &letter)?);
                }
            }
        }
    }
    Ok(mails)
}

/// What the authors of a record are told when it is taken away for good.
///
/// # Errors
/// When the database does not answer.
pub async fn about_withdrawal(app: &App, withdrawal: &Withdrawal) -> Result<Vec<(Email, Letter)>, WebError> {
    let lines = app.store.contributions_of_record(withdrawal.use_case).await?;
    let title = match app.store.use_cases_by_ids(&[withdrawal.use_case]).await?.pop() {
        Some(record) => record.content.title().to_owned(),
        None => lines
            .first()
            .map(|line| line.heading.title.clone())
            .unwrap_or_default(),
    };
    let mut authors: Vec<_> = lines.iter().filter_map(|line| line.author).collect();
    authors.sort_unstable();
    authors.dedup();
    let contact = app.site().contact_email.clone().unwrap_or_default();
    let mut letters = Vec::new();
    for author in authors.into_iter().filter(|author| *author != withdrawal.actor) {
        if let Some(account) = app.store.account(author).await? {
            letters.push((
                account.email,
                Letter::Withdrawn {
                    title: title.clone(),
                    what: "La fiche",
                    reason: withdrawal.class.label().to_owned(),
                    contact: contact.clone(),
                },
            ));
        }
    }
    Ok(letters)
}

/// The parts of a queued message that a page shows.
pub fn parts(message: &str) -> (String, String) {
    let document: Json = serde_json::from_str(message).unwrap_or_default();
    let text = |name: &str| document.get(name).and_then(Json::as_str).unwrap_or("").to_owned();
    (text("subject"), text("text"))
}
