//! Logos of organisations: `/organisations/{slug}/logo` for readers, `/administration/logos/{slug}` for moderators.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::rights::Role;
use sobria_catalogue::text::clean_line;
use sobria_store::Logo;

use super::page;
use crate::app::App;
use crate::attachments::FileForm;
use crate::cache::matches_validator;
use crate::error::WebError;
use crate::limiter::Action;
use crate::posted::SignedForm;
use crate::routes::account::{fresh, see_other};
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::{Control, FormBlock, FormField, FormPage, RichText};

/// Longest text that stands for a logo, in characters.
const ALTERNATIVE_MAX: usize = 120;

async fn organisation(app: &App, slug: &str) -> Result<Organisation, WebError> {
    let carrier = app.store.organisation_by_slug(slug).await?;
    Ok(carrier.ok_or(WebError::NotFound)?.organisation)
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
        let (files, hash) = (app.files.clone(), logo.hash.clone());
        let bytes = tokio::task::spawn_blocking(move || files.read(&hash))
            .await
            .map_err(|error| WebError::Internal(error.to_string()))??;
        bytes.into_response()
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

async fn form(
    app: &App,
    signed_in: &SignedIn,
    organisation: &Organisation,
    (alternative, errors): (&str, [Option<String>; 2]),
) -> Result<FormPage, WebError> {
    let path = format!("/administration/logos/{}", organisation.slug);
    let mut page = page(
        app,
        signed_in,
        &format!("Logo : {}", organisation.name),
        "Affiché en tête de la page de l’organisation, à la place de ses initiales.",
        &path,
    );
    let known = app.store.logo_of(organisation.id).await?;
    let [file_error, alternative_error] = errors;
    let shown = if alternative.is_empty() && alternative_error.is_none() {
        known.as_ref().map_or_else(
            || format!("Logo : {}", organisation.name),
            |logo| logo.alternative.clone(),
        )
    } else {
        alternative.to_owned()
    };
    page.blocks.push(FormBlock {
        id: "logo".to_owned(),
        title: if known.is_some() { "Changer le logo" } else { "Ajouter un logo" }.to_owned(),
        text: RichText::parse(
            "PNG ou JPEG. L’image est relue, réduite et réécrite sans ce qu’elle cache ; 50 ko au plus une fois réduite.",
        ),
        action: path.clone(),
        csrf: signed_in.reader.csrf().to_owned(),
        fields: vec![
            FormField::new("fichier", "Image", "", Control::File { accept: ".png,.jpg,.jpeg" })
                .required()
                .error(file_error),
            FormField::line("alternative", "Ce que l’image dit à qui ne la voit pas", shown)
                .required()
                .max(ALTERNATIVE_MAX)
                .error(alternative_error),
        ],
        submit: "Enregistrer".to_owned(),
        links: vec![Link::new(
            "Page de l’organisation",
            format!("/organisations/{}", organisation.slug),
        )],
        ..FormBlock::default()
    });
    if known.is_some() {
        page.blocks.push(FormBlock {
            id: "retirer".to_owned(),
            title: "Revenir aux initiales".to_owned(),
            action: format!("{path}/retirer"),
            csrf: signed_in.reader.csrf().to_owned(),
            submit: "Retirer le logo".to_owned(),
            quiet: true,
            ..FormBlock::default()
        });
    }
    page.gather_errors();
    Ok(page)
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
    let page = form(&app, &signed_in, &organisation, ("", [None, None])).await?;
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
    let signed_in = SignedIn {
        reader: sent.reader.clone(),
        person: sent.person.clone(),
    };
    signed_in.at_least(Role::Moderator)?;
    let organisation = organisation(&app, &slug).await?;
    let (by, now) = (sent.person.account.id, (app.settings.now)());
    if !app.limiter.take(Action::Upload, &by.to_string(), now) {
        return Err(WebError::TooMany);
    }
    let typed = clean_line(sent.fields.get("alternative"));
    let mut errors = [None, None];
    if typed.is_empty() || typed.chars().count() > ALTERNATIVE_MAX {
        errors[1] = Some(format!(
            "Écrivez ce que l’image dit, en {ALTERNATIVE_MAX} caractères au plus, par exemple « Logo : {} ».",
            organisation.name
        ));
    }
    let mut clean = None;
    if sent.too_large {
        errors[0] = Some(format!(
            "Cette image dépasse {}\u{a0}Mo : réduisez-la.",
            app.settings.files.limits.max_mb
        ));
    } else if sent.name.is_empty() {
        errors[0] = Some("Choisissez une image sur votre poste.".to_owned());
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
            Ok(Err(refusal)) => errors[0] = Some(refusal.to_string()),
            // A reader of pictures that gives up says that the file is not one.
            Err(error) => {
                tracing::warn!(%error, "a logo could not be read");
                errors[0] = Some(
                    "Cette image ne peut pas être lue. Ouvrez-la, enregistrez-la de nouveau, puis recommencez."
                        .to_owned(),
                );
            }
        }
    }
    let Some(clean) = clean.filter(|_| errors[1].is_none()) else {
        if errors[0].is_none() {
            errors[0] = Some("Choisissez de nouveau l’image : le navigateur ne la garde pas.".to_owned());
        }
        let page = form(&app, &signed_in, &organisation, (&typed, errors)).await?;
        return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    // From the bytes on disk to their row, nothing sweeps them away.
    let hold = app.files.hold().await;
    let (files, bytes) = (app.files.clone(), clean.bytes);
    let hash = tokio::task::spawn_blocking(move || files.put(&bytes))
        .await
        .map_err(|error| WebError::Internal(error.to_string()))??;
    let logo = Logo {
        hash,
        size: clean.size,
        alternative: typed,
    };
    app.store.set_logo(organisation.id, Some(&logo), by, now).await?;
    drop(hold);
    crate::refresh::at_once(&app).await;
    Ok(see_other(&format!("/organisations/{}", organisation.slug)))
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
