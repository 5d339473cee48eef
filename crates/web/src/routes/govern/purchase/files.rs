//! `/maitriser/achat/dossiers`: the kept files of one's organisations, and how one is begun.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::SignedDuration;
use sobria_govern::procurement::file::{Progress, Purpose};
use sobria_store::PurchaseText;
use uuid::Uuid;

use super::kept::{FILES, Kept, organisations, packed, step};
use super::{PATH, limited, proposals};
use crate::app::App;
use crate::error::WebError;
use crate::locale::moment;
use crate::params::pairs;
use crate::posted::{Fields, SignedForm};
use crate::routes::account::{fresh, see_other};
use crate::routes::govern::page as frame_page;
use crate::routes::personal::published;
use crate::session::{Reader, SignedIn};
use crate::view::{Control, Crumb, FormBlock, FormError, FormField, FormOption, ProseTable, RichText};

/// Most files of one organisation listed.
const LISTED: usize = 100;

/// The fields of the form of a new file.
fn new_fields(list: &[(sobria_catalogue::id::OrganisationId, String)], fields: &Fields) -> Vec<FormField> {
    let mut found = Vec::new();
    if list.len() > 1 {
        let options = list
            .iter()
            .map(|(id, name)| {
                let id = id.to_string();
                FormOption::new(id.clone(), name.clone(), fields.get("porteur") == id)
            })
            .collect();
        found.push(FormField::new("porteur", "Organisation", "", Control::Select(options)).required());
    }
    let chosen = Purpose::from_code(fields.get("objet")).unwrap_or_default();
    let options = Purpose::ALL
        .into_iter()
        .map(|purpose| FormOption::new(purpose.code(), purpose.label(), purpose == chosen))
        .collect();
    found.push(
        FormField::new(
            "objet",
            "À quoi servira le questionnaire",
            "",
            Control::Radios(options),
        )
        .required(),
    );
    found
}

/// The form that keeps what the page without account holds.
pub fn keep_block(reader: &Reader, fields: &Fields) -> FormBlock {
    let own = ["document", "format", "_csrf", "porteur", "objet"];
    let hidden = fields
        .iter()
        .filter(|(name, value)| !own.contains(name) && !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let list = reader.person().map(organisations).unwrap_or_default();
    FormBlock {
        id: "garder".to_owned(),
        title: "Garder ce dossier".to_owned(),
        text: RichText::parse(
            "Avec un compte, le dossier est gardé pour votre organisation\u{a0}: questionnaire envoyé aux fournisseurs, barème figé, réponses comparées, échéancier.",
        ),
        action: FILES.to_owned(),
        csrf: reader.csrf().to_owned(),
        hidden,
        fields: new_fields(&list, fields),
        submit: "Garder et continuer".to_owned(),
        ..FormBlock::default()
    }
}

fn list_page(
    app: &App,
    signed_in: &SignedIn,
    fields: &Fields,
    files: &[Kept],
    suppliers: &[usize],
    wrong: Vec<FormError>,
) -> Result<Response, WebError> {
    let mut page = frame_page(
        app,
        "Dossiers d’achat",
        "Les achats que votre organisation prépare, du besoin à l’échéancier. Vos collègues qui contribuent pour elle y travaillent avec vous.",
        FILES,
        vec![Crumb::to("Achat responsable", PATH)],
    );
    page.layout.indexed = false;
    let own = organisations(&signed_in.person);
    let now = (app.settings.now)();
    if !files.is_empty() {
        page.now.push(FormBlock {
            id: "dossiers".to_owned(),
            title: "Vos dossiers".to_owned(),
            table: Some(ProseTable {
                caption: "Où en est chaque dossier, le dernier modifié d’abord".to_owned(),
                headers: ["Dossier", "Organisation", "État", "Fournisseurs", "Modifié"]
                    .map(str::to_owned)
                    .to_vec(),
                rows: files
                    .iter()
                    .zip(suppliers)
                    .map(|(kept, suppliers)| {
                        vec![
                            kept.row.title.clone(),
                            kept.organisation.name.clone(),
                            kept.progress.stage(*suppliers, now).label().to_owned(),
                            suppliers.to_string(),
                            moment(kept.row.changed_at),
                        ]
                    })
                    .collect(),
            }),
            row_links: files.iter().map(|kept| kept.path("")).collect(),
            ..FormBlock::default()
        });
    }
    if own.is_empty() {
        page.notice = Some(RichText::parse(
            "Un dossier appartient à une organisation. Vous pourrez en créer un dès que la modération aura confirmé la vôtre, depuis [votre compte](/mon-espace/compte). D’ici là, [préparez l’achat sans rien garder](/maitriser/achat).",
        ));
    } else {
        let mut list = vec![
            FormField::line("titre", "Nom du projet", fields.get("titre"))
                .max(super::LINE_MAX)
                .required(),
        ];
        if !fields.get("fiche").is_empty() {
            list.push(
                FormField::line("fiche", "Fiche de la bibliothèque", fields.get("fiche"))
                    .hint("Ce que la fiche dit publiquement est proposé, avec sa provenance."),
            );
        }
        list.extend(new_fields(&own, fields));
        super::set_errors(&mut list, &wrong);
        page.blocks.push(FormBlock {
            id: "nouveau".to_owned(),
            title: "Nouveau dossier".to_owned(),
            action: FILES.to_owned(),
            csrf: signed_in.reader.csrf().to_owned(),
            fields: list,
            submit: "Créer le dossier".to_owned(),
            ..FormBlock::default()
        });
        if files.is_empty() {
            page.notice = Some(RichText::parse(
                "Aucun dossier pour l’instant. Créez-en un ici, depuis une fiche de la bibliothèque, ou depuis la [préparation sans compte](/maitriser/achat).",
            ));
        }
    }
    let status = if wrong.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    page.errors = wrong;
    fresh(status, &page)
}

async fn listed(app: &App, signed_in: &SignedIn) -> Result<(Vec<Kept>, Vec<usize>), WebError> {
    let own: Vec<_> = organisations(&signed_in.person)
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    let (mut files, mut suppliers) = (Vec::new(), Vec::new());
    for row in app.store.purchases_of(&own).await?.into_iter().take(LISTED) {
        suppliers.push(app.store.suppliers_of(&row.id).await?.len());
        files.push(Kept::from(app, row).await?);
    }
    Ok((files, suppliers))
}

/// The files of one's organisations.
///
/// # Errors
/// When the database does not answer.
pub async fn index(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    signed_in: SignedIn,
) -> Result<Response, WebError> {
    let mut given = pairs(query.as_deref().unwrap_or(""));
    let slug = Fields::from(given.clone()).get("fiche").to_owned();
    if !slug.is_empty() {
        let record = published(&app, &slug).await?;
        given.push(("titre".to_owned(), record.content.title().to_owned()));
    }
    let (files, suppliers) = listed(&app, &signed_in).await?;
    list_page(
        &app,
        &signed_in,
        &Fields::from(given),
        &files,
        &suppliers,
        Vec::new(),
    )
}

/// Within this time, the same file begun again is the same file.
const TWICE: SignedDuration = SignedDuration::from_secs(60);

/// Begins a file, from nothing, from a record, or from what the page without account holds.
///
/// # Errors
/// When the person contributes for no organisation, or the database does not answer.
pub async fn create(State(app): State<App>, form: SignedForm) -> Result<Response, WebError> {
    let own = organisations(&form.person);
    let asked = form.fields.get("porteur");
    let organisation = match own.as_slice() {
        [] => {
            return Err(WebError::Forbidden(
                "Un dossier appartient à une organisation\u{a0}: demandez d’abord à la rejoindre, depuis votre compte."
                    .to_owned(),
            ));
        }
        [(only, _)] => *only,
        several => several
            .iter()
            .find(|(id, _)| id.to_string() == asked)
            .map_or_else(|| several.first().map(|(id, _)| *id), |(id, _)| Some(*id))
            .ok_or(WebError::NotFound)?,
    };
    let mut wrong = Vec::new();
    let title = limited(&form.fields, "titre", super::LINE_MAX, &mut wrong);
    if title.is_empty() {
        wrong.push(super::kept::told("titre", "Donnez un nom au projet."));
    }
    if !wrong.is_empty() {
        let signed_in = form.signed_in();
        let (files, suppliers) = listed(&app, &signed_in).await?;
        return list_page(&app, &signed_in, &form.fields, &files, &suppliers, wrong);
    }
    let mut fields: Vec<(String, String)> = form
        .fields
        .iter()
        .filter(|(name, value)| {
            !["_csrf", "porteur", "objet"].contains(name)
                && !value.trim().is_empty()
                && proposals::may_stay(name, value, &form.fields)
        })
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    if !form.fields.get("fiche").is_empty() && !form.fields.has("besoin") {
        published(&app, form.fields.get("fiche")).await?;
        let known = proposals::known(&app, &form.fields, &form.reader).await?;
        fields.extend(proposals::fill(&form.fields, &known));
    }
    // A kept file has its organisation, whatever the page without account said.
    fields.retain(|(name, _)| proposals::about(name).unwrap_or(name) != "organisation");
    let purpose = Purpose::from_code(form.fields.get("objet")).unwrap_or_default();
    let (packed, progress) = (
        packed(&Fields::from(fields))?,
        serde_json::to_string(&Progress::new(purpose))
            .map_err(|error| WebError::Internal(error.to_string()))?,
    );
    let id = Uuid::now_v7().to_string();
    let text = PurchaseText {
        title: &title,
        form: &packed,
        progress: &progress,
        public_at: None,
    };
    let by = form.person.account.id;
    let id = app
        .store
        .create_purchase(
            &id,
            organisation,
            text,
            step(&app, by, "create", "", purpose.code()),
            TWICE,
        )
        .await?;
    Ok(see_other(&format!("{FILES}/{id}")))
}
