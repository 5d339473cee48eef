//! Who is told what about a contribution and about a record that is taken away.

use sobria_catalogue::account::Email;
use sobria_catalogue::rights::Role;
use sobria_catalogue::workflow::{Case, Comment, Event, Kind, Withdrawal};
use sobria_store::Outgoing;

use super::{Letter, outgoing};
use crate::app::App;
use crate::error::WebError;
use crate::routes::contribute::{comment_place, name};

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
    let title = name(case);
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
                    .map(|comment| format!("{}\u{a0}: {}", comment_place(comment), comment.text))
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
