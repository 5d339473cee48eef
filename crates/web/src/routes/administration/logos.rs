//! `/administration/logos/{slug}`: moderators give an organisation its logo, and decide about one that a member proposes.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::rights::Role;
use sobria_catalogue::text::clean_block;
use sobria_catalogue::workflow::TEXT_MAX;
use sobria_store::{LogoProposal, Proposed};

use super::{Names, page};
use crate::app::App;
use crate::attachments::FileForm;
use crate::error::WebError;
use crate::letters::{Letter, send};
use crate::locale::moment;
use crate::posted::SignedForm;
use crate::routes::account::{fresh, see_other};
use crate::routes::logos::{self, Typed, organisation, receive, shown};
use crate::session::SignedIn;
use crate::view::{Control, FormBlock, FormField, FormPage};

/// What a moderator typed to refuse a logo, and what is wrong with it.
#[derive(Default)]
struct Refusal {
    reason: String,
    error: Option<String>,
}

async fn form(
    app: &App,
    signed_in: &SignedIn,
    organisation: &Organisation,
    typed: Typed,
    refusal: Refusal,
) -> Result<FormPage, WebError> {
    let path = format!("/administration/logos/{}", organisation.slug);
    let mut page = page(
        app,
        signed_in,
        &format!("Logo\u{a0}: {}", organisation.name),
        "Affiché en tête de la page de l’organisation, à la place de ses initiales.",
        &path,
    );
    super::organisations::PATH.clone_into(&mut page.here);
    let csrf = || signed_in.reader.csrf().to_owned();
    if let Some(proposal) = app.store.logo_proposal(organisation.id).await? {
        let by = proposal.by.to_string();
        let who = Names::of(app, std::iter::once(by.as_str())).await?;
        page.blocks.push(FormBlock {
            id: "propose".to_owned(),
            title: "Logo proposé".to_owned(),
            lines: vec![
                format!("Par {}, le {}", who.name(&by), moment(proposal.at)),
                format!(
                    "Ce qu’il dit à qui ne le voit pas\u{a0}: «\u{a0}{}\u{a0}»",
                    proposal.logo.alternative
                ),
            ],
            image: Some(shown(organisation, &proposal.logo, true)),
            action: format!("{path}/decider"),
            csrf: csrf(),
            hidden: vec![("vu".to_owned(), seen(&proposal))],
            fields: vec![
                FormField::new("raison", "Pourquoi le refuser", refusal.reason, Control::Lines(2))
                    .hint("Nécessaire pour refuser\u{a0}: son auteur la reçoit par courriel.")
                    .max(TEXT_MAX)
                    .error(refusal.error),
            ],
            submit: "Accepter".to_owned(),
            others: vec![("refuser".to_owned(), "Refuser".to_owned())],
            ..FormBlock::default()
        });
    }
    let known = app.store.logo_of(organisation.id).await?;
    let words = known.as_ref().map(|logo| logo.alternative.as_str());
    page.blocks.push(FormBlock {
        title: if known.is_some() {
            "Changer le logo"
        } else {
            "Ajouter un logo"
        }
        .to_owned(),
        image: known.as_ref().map(|logo| shown(organisation, logo, false)),
        action: path.clone(),
        csrf: csrf(),
        submit: "Enregistrer".to_owned(),
        ..logos::form(organisation, typed, words)
    });
    if known.is_some() {
        page.blocks.push(FormBlock {
            id: "retirer".to_owned(),
            title: "Revenir aux initiales".to_owned(),
            action: format!("{path}/retirer"),
            csrf: csrf(),
            submit: "Retirer le logo".to_owned(),
            quiet: true,
            ..FormBlock::default()
        });
    }
    page.gather_errors();
    Ok(page)
}

/// What tells one proposal from the next: its bytes and its words.
fn seen(proposal: &LogoProposal) -> String {
    crate::hash::short(&[
        &proposal.logo.hash,
        &proposal.logo.alternative,
        &proposal.by.to_string(),
    ])
}

/// The form.
///
/// # Errors
/// When the account is no moderator, or there is no such organisation.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(slug): Path<String>,
) -> Result<Response, WebError> {
    signed_in.at_least(Role::Moderator)?;
    let organisation = organisation(&app, &slug).await?;
    let page = form(
        &app,
        &signed_in,
        &organisation,
        Typed::default(),
        Refusal::default(),
    )
    .await?;
    fresh(StatusCode::OK, &page)
}

/// Keeps a logo. What was typed comes back when it is not taken.
///
/// # Errors
/// When the account is no moderator, or there is no such organisation.
pub async fn add(
    State(app): State<App>,
    Path(slug): Path<String>,
    sent: FileForm,
) -> Result<Response, WebError> {
    let signed_in = sent.signed_in();
    signed_in.at_least(Role::Moderator)?;
    let organisation = organisation(&app, &slug).await?;
    let (logo, hold) = match receive(&app, sent, &organisation).await? {
        Ok(received) => received,
        Err(typed) => {
            let page = form(&app, &signed_in, &organisation, typed, Refusal::default()).await?;
            return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let (by, now) = (signed_in.person.account.id, (app.settings.now)());
    app.store.set_logo(organisation.id, Some(&logo), by, now).await?;
    drop(hold);
    crate::refresh::at_once(&app).await;
    Ok(see_other(&format!("/organisations/{}", organisation.slug)))
}

/// Accepts or refuses what a member proposes, and tells them.
///
/// # Errors
/// When the account is no moderator, or nothing waits.
pub async fn decide(
    State(app): State<App>,
    Path(slug): Path<String>,
    posted: SignedForm,
) -> Result<Response, WebError> {
    let signed_in = posted.signed_in();
    signed_in.at_least(Role::Moderator)?;
    let organisation = organisation(&app, &slug).await?;
    let changed = || {
        WebError::Conflict(
            "Ce logo a été décidé, retiré ou remplacé depuis que vous l’avez ouvert. Rechargez la page."
                .to_owned(),
        )
    };
    let proposal = app
        .store
        .logo_proposal(organisation.id)
        .await?
        .ok_or_else(changed)?;
    if posted.fields.get("vu") != seen(&proposal) {
        return Err(changed());
    }
    let accept = posted.fields.get("action") != "refuser";
    let reason = clean_block(posted.fields.get("raison"));
    if !accept && (reason.is_empty() || reason.chars().count() > TEXT_MAX) {
        let refusal = Refusal {
            reason,
            error: Some(
                "Écrivez pourquoi en une ou deux phrases, par exemple «\u{a0}L’image est floue\u{a0}»."
                    .to_owned(),
            ),
        };
        let page = form(&app, &signed_in, &organisation, Typed::default(), refusal).await?;
        return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let by = signed_in.person.account.id;
    match app
        .store
        .decide_logo(&proposal, accept, by, (app.settings.now)())
        .await?
    {
        Proposed::Decided => {}
        Proposed::Changed => return Err(changed()),
    }
    crate::refresh::at_once(&app).await;
    let base = &app.settings.base_url;
    let letter = if accept {
        Letter::Published {
            title: organisation.name.clone(),
            what: "Logo accepté",
            href: format!("{base}/organisations/{}", organisation.slug),
        }
    } else {
        Letter::LogoRefused {
            organisation: organisation.name.clone(),
            reason,
            href: format!("{base}{}", logos::path(&organisation)),
        }
    };
    if let Some(author) = app
        .store
        .account(proposal.by)
        .await?
        .filter(|author| author.id != by)
    {
        send(&app, &author.email, &letter).await?;
    }
    Ok(see_other(&format!("/administration/logos/{}", organisation.slug)))
}

/// Takes a logo off.
///
/// # Errors
/// When the account is no moderator, or there is no such organisation.
pub async fn remove(
    State(app): State<App>,
    Path(slug): Path<String>,
    form: SignedForm,
) -> Result<Response, WebError> {
    form.signed_in().at_least(Role::Moderator)?;
    let organisation = organisation(&app, &slug).await?;
    app.store
        .set_logo(
            organisation.id,
            None,
            form.person.account.id,
            (app.settings.now)(),
        )
        .await?;
    crate::refresh::at_once(&app).await;
    Ok(see_other(&format!("/organisations/{}", organisation.slug)))
}
