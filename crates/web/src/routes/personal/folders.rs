//! `/mon-espace/dossiers`: folders of records, and the page that shows one to whoever holds its address.

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::access::Level;
use sobria_catalogue::id::{FolderId, UseCaseId};
use sobria_catalogue::text::clean_line;
use sobria_identity::secret::Secret;
use sobria_store::Folder;
use uuid::Uuid;

use super::{PER_PAGE, compared, line, own_list, page_of, published};
use crate::app::App;
use crate::error::WebError;
use crate::posted::{Fields, SignedForm};
use crate::routes::account::settings::space_page;
use crate::routes::account::{fresh, new_secret, see_other};
use crate::routes::cards::visible;
use crate::routes::frame::frame;
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::personal::KeptPage;
use crate::view::{Control, Crumb, FormBlock, FormField, FormOption, FormPage, Pagination, Place, RichText};

/// Address of the list.
pub const PATH: &str = "/mon-espace/dossiers";
/// Longest name, in characters.
const NAME: usize = 80;
/// Folders of one person.
const MOST: usize = 50;
/// Records in a folder.
const MOST_RECORDS: u64 = 200;

/// The name that was typed, or what is wrong with it.
fn name_of(fields: &Fields, field: &str) -> Result<String, String> {
    let name = clean_line(fields.get(field));
    match name.chars().count() {
        0 => Err("Donnez un nom au dossier.".to_owned()),
        1..=NAME => Ok(name),
        _ => Err(format!("Choisissez un nom de {NAME} caractères au plus.")),
    }
}

fn records(count: u64) -> String {
    crate::locale::counted(count, "fiche", "fiches")
}

/// The folder of an address, when it belongs to whoever asks.
async fn own(app: &App, signed_in: &SignedIn, id: &str) -> Result<Folder, WebError> {
    let id: FolderId = id.parse().map_err(|_unreadable| WebError::NotFound)?;
    app.store
        .folder(signed_in.person.account.id, id)
        .await?
        .ok_or(WebError::NotFound)
}

async fn list(
    app: &App,
    signed_in: &SignedIn,
    typed: &str,
    error: Option<String>,
) -> Result<FormPage, WebError> {
    let person = &signed_in.person;
    let folders = app.store.folders_of(person.account.id).await?;
    let lead = "Rangez des fiches par sujet, puis montrez un dossier à qui vous voulez.";
    let mut page = space_page(app, person, "Mes dossiers", lead, PATH);
    page.blocks.push(FormBlock {
        id: "dossiers".to_owned(),
        title: "Dossiers".to_owned(),
        text: RichText::parse(if folders.is_empty() { "Aucun dossier." } else { "" }),
        links: folders
            .iter()
            .map(|folder| {
                let shared = if folder.share_token.is_some() {
                    ", partagé"
                } else {
                    ""
                };
                Link::new(
                    format!("{} ({}{shared})", folder.name, records(folder.count)),
                    format!("{PATH}/{}", folder.id),
                )
            })
            .collect(),
        ..FormBlock::default()
    });
    page.blocks.push(FormBlock {
        id: "nouveau-dossier".to_owned(),
        title: "Nouveau dossier".to_owned(),
        action: PATH.to_owned(),
        csrf: signed_in.reader.csrf().to_owned(),
        fields: vec![
            FormField::line("nom", "Nom", typed)
                .required()
                .max(NAME)
                .error(error),
        ],
        submit: "Créer le dossier".to_owned(),
        ..FormBlock::default()
    });
    page.gather_errors();
    Ok(page)
}

/// The folders.
///
/// # Errors
/// When the database does not answer.
pub async fn index(
    State(app): State<App>,
    signed_in: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let mut page = list(&app, &signed_in, "", None).await?;
    page.notice = (query.as_deref() == Some("fait=effacer")).then(|| "Le dossier est supprimé.".to_owned());
    fresh(StatusCode::OK, &page)
}

/// Makes a folder.
///
/// # Errors
/// When the database does not answer.
pub async fn create(State(app): State<App>, form: SignedForm) -> Result<Response, WebError> {
    let typed = form.fields.get("nom");
    match make(&app, &form, "nom").await? {
        Ok(id) => Ok(see_other(&format!("{PATH}/{id}"))),
        Err(error) => {
            let page = list(&app, &form.signed_in(), typed, Some(error)).await?;
            fresh(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// Makes the folder that a field names, or says what is wrong.
async fn make(app: &App, form: &SignedForm, field: &str) -> Result<Result<FolderId, String>, WebError> {
    let account = form.person.account.id;
    let name = match name_of(&form.fields, field) {
        Ok(name) => name,
        Err(error) => return Ok(Err(error)),
    };
    if app.store.folders_of(account).await?.len() >= MOST {
        return Ok(Err(format!(
            "Vous avez déjà {MOST} dossiers. Supprimez-en un avant d’en créer un autre."
        )));
    }
    let id = FolderId::new(Uuid::now_v7());
    app.store
        .create_folder(account, id, &name, (app.settings.now)())
        .await?;
    Ok(Ok(id))
}

/// The records of a folder on one page, reduced to what `level` may read.
async fn fill(
    app: &App,
    page: &mut KeptPage,
    id: FolderId,
    level: Level,
    query: Option<&str>,
) -> Result<(), WebError> {
    let ids = app.store.folder_records(id).await?;
    let pages = ids.len().div_ceil(PER_PAGE);
    let current = page_of(query).min(pages.max(1));
    let shown: Vec<UseCaseId> = ids
        .into_iter()
        .skip((current - 1) * PER_PAGE)
        .take(PER_PAGE)
        .collect();
    page.records = visible(app, &shown, level)
        .await?
        .iter()
        .map(|item| line(app, item))
        .collect();
    let path = page
        .layout
        .canonical
        .trim_start_matches(app.settings.base_url.as_str())
        .to_owned();
    page.pagination = Pagination::new(current, pages, |number| format!("{path}?page={number}"));
    Ok(())
}

async fn folder_page(
    app: &App,
    signed_in: &SignedIn,
    folder: &Folder,
    query: Option<&str>,
    rename: (String, Option<String>),
    unconfirmed: bool,
) -> Result<KeptPage, WebError> {
    let path = format!("{PATH}/{}", folder.id);
    let csrf = || signed_in.reader.csrf().to_owned();
    let mut page = own_list(app, &signed_in.person, &folder.name, "", &path, PATH);
    page.layout.crumbs = vec![
        Crumb::to("Mon espace", "/mon-espace"),
        Crumb::to("Mes dossiers", PATH),
        Crumb::here(folder.name.clone()),
    ];
    page.csrf = csrf();
    "Ce dossier est vide. Sur une fiche, choisissez « Ranger dans un dossier ».".clone_into(&mut page.empty);
    fill(app, &mut page, folder.id, signed_in.reader.level(), query).await?;
    page.blocks.push(match &folder.share_token {
        Some(token) => FormBlock {
            id: "partage".to_owned(),
            title: "Dossier partagé".to_owned(),
            text: RichText::parse(
                "Toute personne qui a cette adresse voit le nom du dossier et ce que ses fiches ont de public. Votre nom n’y figure pas.",
            ),
            lines: vec![format!("{}/dossiers/{token}", app.settings.base_url)],
            links: vec![Link::new("Voir la page partagée", format!("/dossiers/{token}"))],
            action: format!("{path}/fermer"),
            csrf: csrf(),
            submit: "Ne plus partager".to_owned(),
            quiet: true,
            ..FormBlock::default()
        },
        None => FormBlock {
            id: "partage".to_owned(),
            title: "Partager ce dossier".to_owned(),
            text: RichText::parse(
                "Une adresse impossible à deviner montrera le nom du dossier et ce que ses fiches ont de public. Vous pourrez la fermer.",
            ),
            action: format!("{path}/partager"),
            csrf: csrf(),
            submit: "Créer une adresse de partage".to_owned(),
            quiet: true,
            ..FormBlock::default()
        },
    });
    let (typed, error) = rename;
    page.blocks.push(FormBlock {
        id: "renommer".to_owned(),
        title: "Renommer".to_owned(),
        action: format!("{path}/renommer"),
        csrf: csrf(),
        fields: vec![
            FormField::line("nom", "Nom", typed)
                .required()
                .max(NAME)
                .error(error),
        ],
        submit: "Renommer".to_owned(),
        quiet: true,
        ..FormBlock::default()
    });
    page.blocks.push(FormBlock {
        id: "effacer".to_owned(),
        title: "Supprimer".to_owned(),
        text: RichText::parse("Les fiches restent dans la bibliothèque."),
        action: format!("{path}/effacer"),
        csrf: csrf(),
        fields: vec![
            FormField::new(
                "confirmation",
                "Je veux supprimer ce dossier.",
                "",
                Control::Check(false),
            )
            .error(unconfirmed.then(|| "Cochez la case pour confirmer la suppression.".to_owned())),
        ],
        submit: "Supprimer le dossier".to_owned(),
        quiet: true,
        ..FormBlock::default()
    });
    page.gather_errors();
    Ok(page)
}

/// One folder of whoever asks.
///
/// # Errors
/// When they have no such folder.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let folder = own(&app, &signed_in, &id).await?;
    let rename = (folder.name.clone(), None);
    let mut page = folder_page(&app, &signed_in, &folder, query.as_deref(), rename, false).await?;
    page.notice = match query.as_deref() {
        Some("fait=retrait") => Some("La fiche est retirée de ce dossier."),
        Some("fait=partager") => Some("Le dossier est partagé : copiez son adresse ci-dessous."),
        Some("fait=fermer") => {
            Some("Le dossier n’est plus partagé : son ancienne adresse ne mène nulle part.")
        }
        Some("fait=renommer") => Some("Le dossier est renommé."),
        _ => None,
    }
    .map(str::to_owned);
    fresh(StatusCode::OK, &page)
}

/// Takes a record out, or compares some.
///
/// # Errors
/// When they have no such folder, or there is no such record.
pub async fn change(
    State(app): State<App>,
    Path(id): Path<String>,
    form: SignedForm,
) -> Result<Response, WebError> {
    if let Some(address) = compared(&form.fields) {
        return Ok(see_other(&address));
    }
    let folder = own(&app, &form.signed_in(), &id).await?;
    let record = published(&app, form.fields.get("retirer")).await?;
    app.store
        .remove_from_folder(form.person.account.id, folder.id, record.id)
        .await?;
    Ok(see_other(&format!("{PATH}/{}?fait=retrait", folder.id)))
}

/// Renames, shares, stops sharing or takes away a folder.
///
/// # Errors
/// When they have no such folder.
pub async fn settle(
    State(app): State<App>,
    Path((id, what)): Path<(String, String)>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    let folder = own(&app, &signed_in, &id).await?;
    let account = form.person.account.id;
    let mut back = format!("{PATH}/{}?fait={what}", folder.id);
    match what.as_str() {
        "renommer" => match name_of(&form.fields, "nom") {
            Ok(name) => app.store.rename_folder(account, folder.id, &name).await?,
            Err(error) => {
                let rename = (form.fields.get("nom").to_owned(), Some(error));
                let page = folder_page(&app, &signed_in, &folder, None, rename, false).await?;
                return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
            }
        },
        "partager" => {
            // An address that was given out stays good when the button is sent twice.
            if folder.share_token.is_none() {
                let secret = new_secret()?;
                app.store
                    .share_folder(account, folder.id, Some(secret.reveal()))
                    .await?;
            }
        }
        "fermer" => app.store.share_folder(account, folder.id, None).await?,
        "effacer" => {
            if !form.fields.has("confirmation") {
                let rename = (folder.name.clone(), None);
                let page = folder_page(&app, &signed_in, &folder, None, rename, true).await?;
                return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
            }
            app.store.delete_folder(account, folder.id).await?;
            back = format!("{PATH}?fait=effacer");
        }
        _ => return Err(WebError::NotFound),
    }
    Ok(see_other(&back))
}

async fn filing_page(
    app: &App,
    signed_in: &SignedIn,
    slug: &str,
    typed: Option<(&Fields, String)>,
) -> Result<FormPage, WebError> {
    let record = published(app, slug).await?;
    let account = signed_in.person.account.id;
    let folders = app.store.folders_of(account).await?;
    let holding = app.store.folders_with(account, record.id).await?;
    let title = record.content.title().to_owned();
    let mut page = space_page(
        app,
        &signed_in.person,
        "Ranger une fiche",
        &format!("« {title} »"),
        PATH,
    );
    page.layout.crumbs = vec![
        Crumb::to("Mes dossiers", PATH),
        Crumb::to(title, format!("/cas-usages/{slug}")),
        Crumb::here("Ranger"),
    ];
    let mut fields = Vec::new();
    if !folders.is_empty() {
        let options = folders
            .iter()
            .map(|folder| {
                let id = folder.id.to_string();
                let chosen = match &typed {
                    Some((fields, _)) => fields.all("dossier").any(|chosen| chosen == id),
                    None => holding.contains(&folder.id),
                };
                FormOption::new(id, folder.name.clone(), chosen)
            })
            .collect();
        fields.push(FormField::new(
            "dossier",
            "Dossiers",
            "",
            Control::Checks(options),
        ));
    }
    let (value, error) = match typed {
        Some((fields, error)) => (fields.get("nouveau").to_owned(), Some(error)),
        None => (String::new(), None),
    };
    fields.push(
        FormField::line("nouveau", "Dans un nouveau dossier", value)
            .hint("Son nom ; laissez vide si les dossiers ci-dessus suffisent.")
            .max(NAME)
            .error(error),
    );
    page.blocks.push(FormBlock {
        action: "/mon-espace/ranger".to_owned(),
        csrf: signed_in.reader.csrf().to_owned(),
        hidden: vec![("fiche".to_owned(), slug.to_owned())],
        fields,
        submit: "Ranger".to_owned(),
        ..FormBlock::default()
    });
    page.gather_errors();
    Ok(page)
}

/// In which folders a record is filed.
///
/// # Errors
/// When there is no such record.
pub async fn filing(
    State(app): State<App>,
    signed_in: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let fields = Fields::parse(query.as_deref().unwrap_or(""));
    let page = filing_page(&app, &signed_in, fields.get("fiche"), None).await?;
    fresh(StatusCode::OK, &page)
}

/// Files a record in the folders that are ticked, and no other.
///
/// # Errors
/// When there is no such record.
pub async fn file(State(app): State<App>, form: SignedForm) -> Result<Response, WebError> {
    let slug = form.fields.get("fiche");
    let record = published(&app, slug).await?;
    let account = form.person.account.id;
    let now = (app.settings.now)();
    let folders = app.store.folders_of(account).await?;
    let holding = app.store.folders_with(account, record.id).await?;
    let ticked = |folder: &Folder| {
        let id = folder.id.to_string();
        form.fields.all("dossier").any(|chosen| chosen == id)
    };
    let full = folders
        .iter()
        .find(|folder| ticked(folder) && !holding.contains(&folder.id) && folder.count >= MOST_RECORDS);
    let refused = match full {
        Some(folder) => Some(format!(
            "Le dossier « {} » contient déjà {MOST_RECORDS} fiches. Choisissez-en un autre.",
            folder.name
        )),
        None if clean_line(form.fields.get("nouveau")).is_empty() => None,
        None => match make(&app, &form, "nouveau").await? {
            Ok(id) => {
                app.store.add_to_folder(account, id, record.id, now).await?;
                None
            }
            Err(error) => Some(error),
        },
    };
    if let Some(error) = refused {
        let page = filing_page(&app, &form.signed_in(), slug, Some((&form.fields, error))).await?;
        return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    for folder in &folders {
        match (ticked(folder), holding.contains(&folder.id)) {
            (true, false) => {
                app.store
                    .add_to_folder(account, folder.id, record.id, now)
                    .await?
            }
            (false, true) => {
                app.store
                    .remove_from_folder(account, folder.id, record.id)
                    .await?
            }
            _ => {}
        }
    }
    Ok(see_other(&format!("/cas-usages/{}#garder", record.slug)))
}

/// `/dossiers/{token}`: what a shared folder shows to anyone, members included: what is public, and never whose it is.
///
/// # Errors
/// When no folder is shared at this address.
pub async fn shared(
    State(app): State<App>,
    Path(token): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let secret = Secret::parse(&token).ok_or(WebError::NotFound)?;
    let folder = app
        .store
        .shared_folder(secret.reveal())
        .await?
        .ok_or(WebError::NotFound)?;
    let path = format!("/dossiers/{}", secret.reveal());
    let mut layout = frame(&app, Place::Library, &folder.name, &path).under(vec![
        Crumb::to("Bibliothèque", "/cas-usages"),
        Crumb::here(folder.name.clone()),
    ]);
    layout.indexed = false;
    let mut page = KeptPage {
        layout,
        title: folder.name.clone(),
        lead: format!("Un dossier partagé : {}.", records(folder.count)),
        notice: None,
        errors: Vec::new(),
        menu: Vec::new(),
        here: String::new(),
        caption: "Les dernières ajoutées d’abord".to_owned(),
        records: Vec::new(),
        empty: "Ce dossier est vide.".to_owned(),
        action: "/comparer".to_owned(),
        owned: false,
        csrf: String::new(),
        pagination: Pagination::default(),
        blocks: Vec::new(),
    };
    fill(&app, &mut page, folder.id, Level::Public, query.as_deref()).await?;
    fresh(StatusCode::OK, &page)
}
