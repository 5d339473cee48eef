//! `/contribuer`: describing a project, step by step, and following what becomes of it.

pub mod begin;
pub mod edit;
pub mod fields;
pub mod files;
pub mod follow;
pub mod prefill;
pub mod review;

use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::access::level_for;
use sobria_catalogue::draft::DraftInput;
use sobria_catalogue::id::ContributionId;
use sobria_catalogue::rights::{Action, Actor, can};
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_catalogue::workflow::{self, Case, Comment, Context, Refusal, Transition};
use sobria_store::{Background, ReviewComment, Saved};

use crate::app::App;
use crate::error::WebError;
use crate::letters;
use crate::routes::account::form_page;
use crate::view::library::Link;
use crate::view::{Crumb, FormPage};

/// The contribution of an address, for somebody who may read it. Others learn nothing, not even that it exists.
///
/// # Errors
/// When there is none, or the person may not read it.
pub async fn readable(app: &App, actor: &Actor, id: &str) -> Result<Case, WebError> {
    let id: ContributionId = id.parse().or(Err(WebError::NotFound))?;
    let case = app.store.contribution(id).await?.ok_or(WebError::NotFound)?;
    can(actor, &Action::ReadContribution(case.owner())).or(Err(WebError::NotFound))?;
    Ok(case)
}

/// What surrounds a decision about a contribution.
pub fn context<'a>(app: &App, background: &'a Background, case: &Case) -> Context<'a> {
    background.context(
        (app.settings.now)(),
        app.today(),
        Vocabularies::embedded(),
        case.new_organisation,
    )
}

/// What came of a step.
#[derive(Debug)]
pub enum Outcome {
    /// It is written; the contribution as it stands.
    Done(Box<Case>),
    /// Somebody changed the contribution meanwhile; as it stands.
    Conflict(Box<Case>),
    /// It is not allowed.
    Refused(Refusal),
}

/// Changes a contribution, and tells those who are concerned.
///
/// # Errors
/// When the database does not answer.
pub async fn step(
    app: &App,
    case: &Case,
    transition: Transition,
    actor: &Actor,
) -> Result<Outcome, WebError> {
    let values: &DraftInput = match &transition {
        Transition::Save { values } => values,
        _ => &case.values,
    };
    let background = app.store.background(case.use_case, values).await?;
    let applied = match workflow::apply(case, transition, actor, &context(app, &background, case)) {
        Ok(applied) => applied,
        Err(refusal) => return Ok(Outcome::Refused(refusal)),
    };
    let mails = letters::about(app, &applied.case, &applied.events, &applied.comments).await?;
    match app.store.save_contribution_telling(&applied, &mails).await? {
        Saved::Done(_) => {
            if applied.record.is_some() {
                crate::refresh::at_once(app).await;
            }
            if !mails.is_empty() {
                app.mail_waits.notify_one();
            }
            Ok(Outcome::Done(Box::new(applied.case)))
        }
        Saved::Conflict(stored) => Ok(Outcome::Conflict(stored)),
    }
}

/// The answer to a step that is not allowed.
pub fn refused(refusal: &Refusal) -> WebError {
    match refusal {
        Refusal::Denied(_) => WebError::Forbidden(refusal.message()),
        Refusal::TooMuch(_) => WebError::TooLarge,
        refusal if refusal.is_conflict() => WebError::Conflict(refusal.message()),
        refusal => WebError::Invalid(refusal.message()),
    }
}

/// A page of the form of a contribution, with its steps beside.
fn case_page(app: &App, case: &Case, title: &str, lead: &str, here: &str) -> FormPage {
    let base = format!("/contribuer/{}", case.id);
    let mut page = form_page(app, title, lead, &base);
    page.layout.crumbs = vec![Crumb::to("Mon espace", "/mon-espace"), Crumb::here(name(case))];
    page.menu_label = "Étapes".to_owned();
    page.menu = fields::STEPS
        .iter()
        .map(|step| Link::new(step.title, format!("{base}/{}", step.key)))
        .chain([
            Link::new(files::TITLE, format!("{base}/{}", files::KEY)),
            Link::new("Relire et envoyer", format!("{base}/relecture")),
        ])
        .collect();
    page.here = format!("{base}/{here}");
    page
}

/// What a contribution is called while it has no title.
pub fn name(case: &Case) -> String {
    if case.heading.title.is_empty() {
        "Projet sans nom".to_owned()
    } else {
        case.heading.title.clone()
    }
}

/// The question that a moderator asks to change, or the whole of the form.
pub fn comment_place(comment: &Comment) -> &'static str {
    comment.field.map_or("L’ensemble", |field| field.spec().label)
}

/// What a moderator asked, where and when, on one line.
pub fn comment_words(line: &ReviewComment) -> String {
    format!(
        "{}\u{a0}: {} ({})",
        comment_place(&line.comment),
        line.comment.text,
        crate::locale::moment(line.at)
    )
}

/// The form as it would be read, whatever is missing: for previews.
fn content_of(
    case: &Case,
    context: &Context<'_>,
) -> (
    sobria_catalogue::content::Content,
    sobria_catalogue::organisation::Organisation,
) {
    case.values.read(&context.around)
}

/// The level at which somebody reads a contribution.
pub fn level(actor: &Actor, case: &Case) -> sobria_catalogue::access::Level {
    level_for(actor, case.organisation)
}

/// The answer made of a page of forms.
fn answer(status: StatusCode, page: &FormPage) -> Result<Response, WebError> {
    crate::routes::account::fresh(status, page)
}
