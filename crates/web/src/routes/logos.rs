//! Logos of organisations: `/organisations/{slug}/logo` for readers, `/mon-espace/logos/{slug}` for members who propose
//! one. Moderators decide under `/administration/logos`.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::rights::{Action, Role, can};
use sobria_catalogue::text::clean_line;
use sobria_store::{Hold, Logo, LogoProposal, Proposed};

use crate::app::App;
use crate::attachments::{FileForm, put};
use crate::cache::matches_validator;
use crate::error::WebError;
use crate::letters::{Letter, send};
use crate::limiter;
use crate::locale::moment;
use crate::posted::SignedForm;
use crate::routes::account::settings::space_page;
use crate::routes::account::{fresh, see_other};
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::{Control, FormBlock, FormField, FormPage, RichText};

/// Longest text that stands for a logo, in characters.
pub const ALTERNATIVE_MAX: usize = 120;

/// Where a member proposes the logo of an organisation.
pub fn path(organisation: &Organisation) -> String {
    format!("/mon-espace/logos/{}", organisation.slug)
}

/// The organisation of an address.
///
/// # Errors
/// When there is none, or the database does not answer.
pub async fn organisation(app: &App, slug: &str) -> Result<Organisation, WebError> {
    let carrier = app.store.organisation_by_slug(slug).await?;
    Ok(carrier.ok_or(WebError::NotFound)?.organisation)
}

/// The logos that wait for a moderator: name of the organisation, and where it is decided.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(app: &App) -> Result<Vec<(String, String)>, WebError> {
    let proposals = app.store.logo_proposals().await?;
    let ids: Vec<_> = proposals.iter().map(|one| one.organisation).collect();
    let known = app.store.organisations_by_ids(&ids).await?;
    Ok(ids
        .iter()
        .filter_map(|id| known.iter().find(|one| one.id == *id))
        .map(|one| (one.name.clone(), format!("/administration/logos/{}", one.slug)))
        .collect())
}

async fn bytes(app: &App, hash: &str) -> Result<Vec<u8>, WebError> {
    let (files, hash) = (app.files.clone(), hash.to_owned());
    Ok(tokio::task::spawn_blocking(move || files.read(&hash))
        .await
        .map_err(|error| WebError::Internal(error.to_string()))??)
}

/// The picture. Its address changes with it, so that readers keep it.
///
/// # Errors
/// When the organisation has no logo, or its bytes are missing.
pub async fn picture(
    State(app): State<App>,
    Path(slug): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let organisation = organisation(&app, &slug).await?;
    let logo = app
        .store
        .logo_of(organisation.id)
        .await?
        .ok_or(WebError::NotFound)?;
    let validator = format!("\"{}\"", logo.hash);
    let mut response = if matches_validator(&headers, &validator) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        bytes(&app, &logo.hash).await?.into_response()
    };
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/png"));
    fields.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=86400"),
    );
    fields.insert(
        header::ETAG,
        HeaderValue::from_str(&validator).map_err(|error| WebError::Internal(error.to_string()))?,
    );
    Ok(response)
}

/// The picture that is proposed, for those who may propose one and for moderators.
///
/// # Errors
/// When none waits, or the reader may not see it.
pub async fn proposed(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(slug): Path<String>,
) -> Result<Response, WebError> {
    let organisation = organisation(&app, &slug).await?;
    can(&signed_in.actor(), &Action::ProposeLogo(organisation.id)).or(Err(WebError::NotFound))?;
    let proposal = app.store.logo_proposal(organisation.id).await?;
    let proposal = proposal.ok_or(WebError::NotFound)?;
    let mut response = bytes(&app, &proposal.logo.hash).await?.into_response();
    let png = HeaderValue::from_static("image/png");
    response.headers_mut().insert(header::CONTENT_TYPE, png);
    Ok(response)
}

/// A logo as a block shows it: address, what it shows, width and height. The address changes with the bytes.
pub fn shown(organisation: &Organisation, logo: &Logo, proposed: bool) -> (String, String, u32, u32) {
    let version = logo.hash.get(..12).unwrap_or("");
    let which = if proposed { "logo/propose" } else { "logo" };
    (
        format!("/organisations/{}/{which}?v={version}", organisation.slug),
        logo.alternative.clone(),
        logo.size.0,
        logo.size.1,
    )
}

/// What was typed beside an image that is not taken, and what is wrong with the image and with the words.
#[derive(Debug, Default)]
pub struct Typed {
    /// What the image says.
    pub alternative: String,
    /// What is wrong with the image.
    pub file: Option<String>,
    /// What is wrong with the words.
    pub words: Option<String>,
}

/// The form that takes the logo of an organisation. Its words begin with those given, unless some were typed.
pub fn form(organisation: &Organisation, mut typed: Typed, words: Option<&str>) -> FormBlock {
    if typed.alternative.is_empty() && typed.words.is_none() {
        typed.alternative = words.map_or_else(|| format!("Logo\u{a0}: {}", organisation.name), str::to_owned);
    }
    FormBlock {
        id: "logo".to_owned(),
        text: RichText::parse(RULE),
        fields: fields(typed),
        links: vec![Link::new(
            "Page de l’organisation",
            format!("/organisations/{}", organisation.slug),
        )],
        ..FormBlock::default()
    }
}

fn fields(typed: Typed) -> Vec<FormField> {
    vec![
        FormField::new(
            "fichier",
            "Image",
            "",
            Control::File {
                accept: ".png,.jpg,.jpeg",
            },
        )
        .required()
        .error(typed.file),
        FormField::line(
            "alternative",
            "Ce que l’image dit à qui ne la voit pas",
            typed.alternative,
        )
        .required()
        .max(ALTERNATIVE_MAX)
        .error(typed.words),
    ]
}

/// What is done with an image.
const RULE: &str = "PNG ou JPEG. L’image est relue, réduite et réécrite sans ce qu’elle cache\u{202f}; 50 ko au plus une fois réduite.";

/// Reads the image of a form, writes it anew and keeps it. Nothing sweeps it away while the hold lives: its row is to be
/// written meanwhile.
///
/// # Errors
/// When somebody sends too many, or the file cannot be kept; that it is not taken is in the inner result.
pub async fn receive(
    app: &App,
    sent: FileForm,
    organisation: &Organisation,
) -> Result<Result<(Logo, Hold), Typed>, WebError> {
    let now = (app.settings.now)();
    let by = sent.person.account.id.to_string();
    if !app.limiter.take(limiter::Action::Upload, &by, now) {
        return Err(WebError::TooMany);
    }
    let mut typed = Typed {
        alternative: clean_line(sent.fields.get("alternative")),
        ..Typed::default()
    };
    if typed.alternative.is_empty() || typed.alternative.chars().count() > ALTERNATIVE_MAX {
        typed.words = Some(format!(
            "Écrivez ce que l’image dit, en {ALTERNATIVE_MAX} caractères au plus, par exemple «\u{a0}Logo\u{a0}: {}\u{a0}».",
            organisation.name
        ));
    }
    let mut clean = None;
    if sent.too_large {
        typed.file = Some(format!(
            "Cette image dépasse {}\u{a0}Mo\u{a0}: réduisez-la.",
            app.settings.files.limits.max_mb
        ));
    } else if sent.name.is_empty() {
        typed.file = Some("Choisissez une image sur votre poste.".to_owned());
    } else {
        let _place = app
            .cleaning
            .acquire()
            .await
            .map_err(|error| WebError::Internal(error.to_string()))?;
        let (bytes, name) = (sent.bytes, sent.name);
        let done =
            tokio::task::spawn_blocking(move || sobria_exchange::attachment::logo(&bytes, &name)).await;
        match done {
            Ok(Ok(logo)) => clean = Some(logo),
            Ok(Err(refusal)) => typed.file = Some(refusal.to_string()),
            // A reader of pictures that gives up says that the file is not one.
            Err(error) => {
                tracing::warn!(%error, "a logo could not be read");
                typed.file = Some(
                    "Cette image ne peut pas être lue. Ouvrez-la, enregistrez-la de nouveau, puis recommencez."
                        .to_owned(),
                );
            }
        }
    }
    let Some(clean) = clean.filter(|_| typed.words.is_none()) else {
        if typed.file.is_none() {
            typed.file =
                Some("Choisissez de nouveau l’image\u{a0}: le navigateur ne la garde pas.".to_owned());
        }
        return Ok(Err(typed));
    };
    let hold = app.files.hold().await;
    let hash = put(app, clean.bytes).await?;
    let logo = Logo {
        hash,
        size: clean.size,
        alternative: typed.alternative,
    };
    Ok(Ok((logo, hold)))
}

fn may_propose(signed_in: &SignedIn, organisation: &Organisation) -> Result<(), WebError> {
    can(&signed_in.actor(), &Action::ProposeLogo(organisation.id))
        .map_err(|denied| WebError::Forbidden(denied.message().to_owned()))
}

async fn page(
    app: &App,
    signed_in: &SignedIn,
    organisation: &Organisation,
    typed: Typed,
) -> Result<FormPage, WebError> {
    let action = path(organisation);
    let mut page = space_page(
        app,
        &signed_in.person,
        &format!("Logo\u{a0}: {}", organisation.name),
        "Affiché en tête de la page de l’organisation, une fois que la modération l’a accepté.",
        &action,
    );
    let csrf = || signed_in.reader.csrf().to_owned();
    if let Some(logo) = app.store.logo_of(organisation.id).await? {
        page.blocks.push(FormBlock {
            id: "actuel".to_owned(),
            title: "Logo affiché".to_owned(),
            image: Some(shown(organisation, &logo, false)),
            ..FormBlock::default()
        });
    }
    let proposal = app.store.logo_proposal(organisation.id).await?;
    if let Some(proposal) = &proposal {
        page.blocks.push(FormBlock {
            id: "attente".to_owned(),
            title: "Logo proposé".to_owned(),
            lines: vec![format!(
                "Proposé le {}\u{202f}; la modération ne l’a pas encore relu.",
                moment(proposal.at)
            )],
            image: Some(shown(organisation, &proposal.logo, true)),
            action: format!("{action}/retirer"),
            csrf: csrf(),
            submit: "Retirer cette proposition".to_owned(),
            quiet: true,
            ..FormBlock::default()
        });
    }
    page.blocks.push(FormBlock {
        title: if proposal.is_some() {
            "Proposer une autre image"
        } else {
            "Proposer une image"
        }
        .to_owned(),
        action,
        csrf: csrf(),
        submit: "Proposer".to_owned(),
        ..form(organisation, typed, None)
    });
    page.gather_errors();
    Ok(page)
}

/// The form of a member of the organisation.
///
/// # Errors
/// When the account does not contribute for it, or there is no such organisation.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(slug): Path<String>,
) -> Result<Response, WebError> {
    let organisation = organisation(&app, &slug).await?;
    may_propose(&signed_in, &organisation)?;
    let page = page(&app, &signed_in, &organisation, Typed::default()).await?;
    fresh(StatusCode::OK, &page)
}

/// Keeps a proposed logo, and tells moderators. What was typed comes back when it is not taken.
///
/// # Errors
/// When the account does not contribute for the organisation, or there is no such organisation.
pub async fn propose(
    State(app): State<App>,
    Path(slug): Path<String>,
    sent: FileForm,
) -> Result<Response, WebError> {
    let signed_in = sent.signed_in();
    let organisation = organisation(&app, &slug).await?;
    may_propose(&signed_in, &organisation)?;
    let (logo, hold) = match receive(&app, sent, &organisation).await? {
        Ok(received) => received,
        Err(typed) => {
            let page = page(&app, &signed_in, &organisation, typed).await?;
            return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let by = signed_in.person.account.id;
    let waited = app.store.logo_proposal(organisation.id).await?.is_some();
    app.store
        .propose_logo(&LogoProposal {
            organisation: organisation.id,
            logo,
            by,
            at: (app.settings.now)(),
        })
        .await?;
    drop(hold);
    if !waited {
        let letter = Letter::Waiting {
            title: "Logo".to_owned(),
            organisation: organisation.name.clone(),
            href: format!(
                "{}/administration/logos/{}",
                app.settings.base_url, organisation.slug
            ),
        };
        for moderator in app.store.accounts_of_role(Role::Moderator).await? {
            if moderator.id != by {
                send(&app, &moderator.email, &letter).await?;
            }
        }
    }
    Ok(see_other(&path(&organisation)))
}

/// Takes back what waits.
///
/// # Errors
/// When the account does not contribute for the organisation, or nothing waits.
pub async fn withdraw(
    State(app): State<App>,
    Path(slug): Path<String>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    let organisation = organisation(&app, &slug).await?;
    may_propose(&signed_in, &organisation)?;
    let proposal = app.store.logo_proposal(organisation.id).await?;
    let proposal = proposal.ok_or(WebError::NotFound)?;
    let by = signed_in.person.account.id;
    match app
        .store
        .decide_logo(&proposal, false, by, (app.settings.now)())
        .await?
    {
        Proposed::Decided => Ok(see_other(&path(&organisation))),
        Proposed::Changed => Err(WebError::Conflict(
            "Cette proposition a changé entre-temps. Rechargez la page.".to_owned(),
        )),
    }
}
