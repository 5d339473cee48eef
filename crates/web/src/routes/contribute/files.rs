//! `/contribuer/{id}/fichiers`: the files of a contribution.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::attachment::{Attachment, READERS, TITLE_MAX, readers_from_code};
use sobria_catalogue::field::Visibility;
use sobria_catalogue::id::AttachmentId;
use sobria_catalogue::rights::Action as Right;
use sobria_catalogue::rights::can;
use sobria_catalogue::workflow::{Case, Kind};
use sobria_store::Brought;
use uuid::Uuid;

use super::edit::is_editable;
use super::{answer, case_page, name, readable};
use crate::app::App;
use crate::attachments::{FileForm, cleaned, keep, readers, too_long, words};
use crate::error::WebError;
use crate::limiter::Action;
use crate::posted::{Fields, SignedForm};
use crate::routes::account::see_other;
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::{Control, FormBlock, FormField, FormOption, FormPage, RichText};

/// Word in the address.
pub const KEY: &str = "fichiers";
/// Title of the step.
pub const TITLE: &str = "Fichiers joints";
/// What the browser offers to choose.
pub const ACCEPT: &str = ".pdf,.png,.jpg,.jpeg,.odt,.csv";

/// The files that the record will have once the contribution is approved, and those that it takes off.
pub async fn files_of(app: &App, case: &Case) -> Result<(Vec<Attachment>, Vec<Attachment>), WebError> {
    let public = app.store.use_cases_by_ids(&[case.use_case]).await?.pop();
    let public = public.map(|record| record.version);
    let (mut after, mut leaving) = (Vec::new(), Vec::new());
    for attachment in app.store.attachments_of(case.use_case).await? {
        if attachment.would_be_in(case.id, public) {
            after.push(attachment);
        } else if attachment.removal == Some(case.id) && attachment.until.is_none() {
            leaving.push(attachment);
        }
    }
    Ok((after, leaving))
}

async fn page(
    app: &App,
    case: &Case,
    csrf: &str,
    typed: Option<(&Fields, &[FormField])>,
) -> Result<FormPage, WebError> {
    let base = format!("/contribuer/{}", case.id);
    let title = format!("{}\u{a0}: fichiers joints", name(case));
    let mut page = case_page(
        app,
        case,
        &title,
        "Une délibération, un schéma, une fiche d’évaluation, un jeu d’exemple\u{a0}: ce qu’un collègue voudrait ouvrir.",
        KEY,
    );
    let (after, leaving) = files_of(app, case).await?;
    for attachment in &after {
        page.blocks.push(file_block(attachment, &base, csrf, false));
    }
    for attachment in &leaving {
        page.blocks.push(file_block(attachment, &base, csrf, true));
    }
    let limits = &app.settings.files.limits;
    if after.len() >= usize::try_from(limits.per_record).unwrap_or(usize::MAX) {
        page.blocks.push(FormBlock {
            id: "ajouter".to_owned(),
            title: "Ajouter un fichier".to_owned(),
            lines: vec![format!(
                "Cette fiche a ses {} fichiers\u{a0}: retirez-en un pour en ajouter un autre.",
                limits.per_record
            )],
            ..FormBlock::default()
        });
    } else {
        let fields = match typed {
            Some((_, fields)) => fields.to_vec(),
            None => add_fields(limits.words(), &Fields::default()),
        };
        page.blocks.push(FormBlock {
            id: "ajouter".to_owned(),
            title: "Ajouter un fichier".to_owned(),
            text: RichText::parse(
                "Le fichier est vérifié, puis réécrit sans ce qu’il cache\u{a0}: lieu et appareil des photos, auteur et dates des documents, scripts, macros. Ce qui se lit dans le fichier reste\u{a0}: noms dans le texte, visages, commentaires.\n\nUn PDF signé perd sa signature dans cette copie.",
            ),
            action: format!("{base}/{KEY}"),
            csrf: csrf.to_owned(),
            fields,
            submit: "Ajouter le fichier".to_owned(),
            ..FormBlock::default()
        });
    }
    page.blocks.push(FormBlock {
        id: "suite".to_owned(),
        links: vec![
            Link::new("Continuer\u{a0}: relire et envoyer", format!("{base}/relecture")),
            Link::new("Voir l’aperçu public", format!("{base}/apercu")),
        ],
        ..FormBlock::default()
    });
    page.gather_errors();
    Ok(page)
}

fn file_block(attachment: &Attachment, base: &str, csrf: &str, leaving: bool) -> FormBlock {
    let file = &attachment.file;
    let mut lines = vec![format!("{}, {}", words(file), readers(file.visibility))];
    if !file.removed.is_empty() {
        lines.push(format!("Retiré ou changé à l’arrivée\u{a0}: {}.", file.removed));
    }
    if leaving {
        lines.push("Ne sera plus sur la fiche dans la prochaine version.".to_owned());
    } else if attachment.from.is_some() {
        lines.push("Sur la fiche publiée.".to_owned());
    }
    let (word, label) = if leaving {
        ("garder", "Garder ce fichier")
    } else {
        ("retirer", "Retirer ce fichier")
    };
    FormBlock {
        id: format!("fichier-{}", attachment.id),
        title: file.title.clone(),
        lines,
        action: format!("{base}/{KEY}/{}/{word}", attachment.id),
        csrf: csrf.to_owned(),
        submit: label.to_owned(),
        quiet: true,
        links: vec![Link::new(
            format!("Télécharger {}", file.name),
            format!("/fichiers/{}", attachment.id),
        )],
        ..FormBlock::default()
    }
}

pub(crate) fn add_fields(limits: String, typed: &Fields) -> Vec<FormField> {
    let chosen = typed.get("lecteurs");
    let labels = |visibility| match visibility {
        Visibility::Public => "Tout le monde",
        Visibility::Members => "Les agents inscrits",
        Visibility::Organisation | Visibility::Moderators => "Mon organisme et la modération seulement",
    };
    vec![
        FormField::new("fichier", "Fichier", "", Control::File { accept: ACCEPT })
            .hint(limits)
            .required(),
        FormField::line("titre", "Ce que c’est", typed.get("titre"))
            .hint("Par exemple «\u{a0}Délibération du 12 mars 2026\u{a0}». Sans réponse, le nom du fichier.")
            .max(TITLE_MAX),
        FormField::new(
            "lecteurs",
            "Qui peut l’ouvrir",
            "",
            Control::Radios(
                READERS
                    .iter()
                    .map(|visibility| {
                        FormOption::new(
                            visibility.code(),
                            labels(*visibility),
                            chosen == visibility.code(),
                        )
                    })
                    .collect(),
            ),
        )
        .required(),
    ]
}

/// The page.
///
/// # Errors
/// When there is no such contribution.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let case = readable(&app, &signed_in.actor(), &id).await?;
    if !is_editable(&case) || case.kind != Kind::Content {
        return Ok(see_other(&format!("/contribuer/{}/suivi", case.id)));
    }
    answer(
        StatusCode::OK,
        &page(&app, &case, signed_in.reader.csrf(), None).await?,
    )
}

/// Adds a file. What was typed comes back when it is not taken; the file itself must be chosen again, since browsers
/// give none back.
///
/// # Errors
/// When there is no such contribution, or it cannot be changed any more.
pub async fn add(
    State(app): State<App>,
    Path(id): Path<String>,
    form: FileForm,
) -> Result<Response, WebError> {
    let actor = form.person.actor();
    let case = readable(&app, &actor, &id).await?;
    can(&actor, &Right::WriteContribution(case.owner()))
        .map_err(|denied| WebError::Forbidden(denied.to_string()))?;
    if !is_editable(&case) || case.kind != Kind::Content {
        return Err(too_late());
    }
    let account = form.person.account.id;
    let now = (app.settings.now)();
    if !app.limiter.take(Action::Upload, &account.to_string(), now) {
        return Err(WebError::TooMany);
    }
    let limits = &app.settings.files.limits;
    let mut fields = add_fields(limits.words(), &form.fields);
    let visibility = readers_from_code(form.fields.get("lecteurs"));
    let mut wrong = |name: &str, message: String| {
        if let Some(field) = fields.iter_mut().find(|field| field.name == name) {
            field.error = Some(message);
        }
    };
    if visibility.is_none() {
        wrong("lecteurs", "Dites qui peut ouvrir ce fichier.".to_owned());
    }
    let mut clean = None;
    if form.too_large {
        wrong("fichier", too_long(&form.name, limits));
    } else if form.name.is_empty() {
        wrong("fichier", "Choisissez un fichier sur votre poste.".to_owned());
    } else {
        match cleaned(&app, form.bytes, form.name).await? {
            Ok(file) => clean = Some(file),
            Err(refusal) => wrong("fichier", refusal),
        }
    }
    let (Some(clean), Some(visibility)) = (clean, visibility) else {
        if let Some(field) = fields
            .iter_mut()
            .find(|field| field.name == "fichier" && field.error.is_none())
        {
            field.error =
                Some("Choisissez de nouveau le fichier\u{a0}: le navigateur ne le garde pas.".to_owned());
        }
        let page = page(&app, &case, form.reader.csrf(), Some((&form.fields, &fields))).await?;
        return answer(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    // From the bytes on disk to their row, nothing sweeps them away.
    let hold = app.files.hold().await;
    let file = keep(&app, clean, form.fields.get("titre"), visibility).await?;
    let attachment = Attachment {
        id: AttachmentId::new(Uuid::now_v7()),
        use_case: case.use_case,
        contribution: case.id,
        removal: None,
        from: None,
        until: None,
        file,
        by: account,
        at: now,
    };
    let brought = app.store.add_attachment(&attachment, limits.per_record).await?;
    drop(hold);
    match brought {
        Brought::Kept => {
            let mut page = page(&app, &case, form.reader.csrf(), None).await?;
            page.notice = Some(if attachment.file.removed.is_empty() {
                format!("«\u{a0}{}\u{a0}» est joint.", attachment.file.title)
            } else {
                format!(
                    "«\u{a0}{}\u{a0}» est joint. Retiré ou changé\u{a0}: {}.",
                    attachment.file.title, attachment.file.removed
                )
            });
            answer(StatusCode::OK, &page)
        }
        Brought::TooLate => Err(too_late()),
        Brought::TooMany => {
            let page = page(&app, &case, form.reader.csrf(), None).await?;
            answer(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

fn too_late() -> WebError {
    WebError::Conflict(
        "Cette contribution est déjà envoyée ou décidée\u{a0}: ses fichiers ne changent plus. Attendez la réponse de la modération, ou proposez une nouvelle version."
            .to_owned(),
    )
}

/// Takes a file off, or keeps one that was.
///
/// # Errors
/// When there is no such contribution or file, or it cannot be changed any more.
pub async fn change(
    State(app): State<App>,
    Path((id, file, what)): Path<(String, String, String)>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let actor = form.person.actor();
    let case = readable(&app, &actor, &id).await?;
    can(&actor, &Right::WriteContribution(case.owner()))
        .map_err(|denied| WebError::Forbidden(denied.to_string()))?;
    let file: AttachmentId = file.parse().or(Err(WebError::NotFound))?;
    let (now, by) = ((app.settings.now)(), form.person.account.id.to_string());
    if !is_editable(&case) {
        return Err(too_late());
    }
    let done = match what.as_str() {
        "retirer" => app.store.remove_attachment(file, case.id, &by, now).await?,
        "garder" => app.store.restore_attachment(file, case.id, now).await?,
        _ => return Err(WebError::NotFound),
    };
    if !done {
        return Err(WebError::NotFound);
    }
    Ok(see_other(&format!("/contribuer/{}/{KEY}", case.id)))
}
