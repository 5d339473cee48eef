//! `/mon-espace/compte`: one's own account, sessions, organisations, choices, data.

mod consents;
mod data;
mod organisations;
mod password;
mod sessions;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use sobria_catalogue::account::{NAME_MAX, Person};
use sobria_catalogue::text::clean_line;

use super::{form_page, fresh, see_other};
use crate::app::App;
use crate::error::WebError;
use crate::posted::SignedForm;
use crate::session::{Reader, SignedIn, cookie, cookie_name};
use crate::view::library::Link;
use crate::view::{Control, FormBlock, FormField, FormPage, RichText};
use consents::{change_consents, consents};
pub use data::data;
use organisations::{ask_organisation, organisations};
use password::{change_password, password_block};
use sessions::sessions;

/// Pages of the space of somebody who signed in.
pub fn menu(person: &Person) -> Vec<Link> {
    let mut menu = vec![
        Link::new("Mes projets", "/mon-espace"),
        Link::new("Mon compte", "/mon-espace/compte"),
    ];
    menu.splice(1..1, crate::routes::personal::links());
    menu.insert(
        1,
        Link::new("Estimations attachées", crate::routes::estimate::attach::LIST),
    );
    menu.insert(
        1,
        Link::new("Mes publications", crate::routes::entries::edit::PATH),
    );
    if person.account.role >= sobria_catalogue::rights::Role::Moderator {
        menu.push(Link::new("Modération", "/moderation"));
        menu.push(Link::new(
            "Publications à relire",
            crate::routes::entries::review::PATH,
        ));
        menu.push(Link::new(
            "Réparations",
            crate::routes::moderation::published::PATH,
        ));
        menu.push(Link::new("Signalements", "/moderation/signalements"));
        let administers = person.account.role >= sobria_catalogue::rights::Role::Admin;
        let label = if administers { "Administration" } else { "Demandes" };
        menu.push(Link::new(label, "/administration"));
    }
    menu
}

/// A page of the space.
pub fn space_page(app: &App, person: &Person, title: &str, lead: &str, path: &str) -> FormPage {
    let mut page = form_page(app, title, lead, path);
    page.menu = menu(person);
    path.clone_into(&mut page.here);
    page
}

const PATH: &str = "/mon-espace/compte";

/// What is wrong in one of the forms of the page.
#[derive(Default)]
struct Wrong<'a> {
    field: &'a str,
    message: String,
}

async fn page(
    app: &App,
    reader: &Reader,
    person: &Person,
    notice: Option<&str>,
    wrong: Wrong<'_>,
) -> Result<FormPage, WebError> {
    let csrf = || reader.csrf().to_owned();
    let account = &person.account;
    let error = |name: &str| (wrong.field == name).then(|| wrong.message.clone());
    let mut page = space_page(app, person, "Mon compte", "", PATH);
    page.notice = notice.map(str::to_owned);
    page.blocks.push(FormBlock {
        id: "identite".to_owned(),
        title: "Identité".to_owned(),
        lines: vec![
            format!("Adresse\u{a0}: {}", account.email.as_str()),
            format!("Statut\u{a0}: {}", account.role.label()),
        ],
        action: format!("{PATH}/identite"),
        csrf: csrf(),
        fields: vec![
            FormField::line("prenom", "Prénom", account.given_name.clone())
                .required()
                .autocomplete("given-name")
                .max(NAME_MAX)
                .error(error("prenom")),
            FormField::line("nom", "Nom", account.family_name.clone())
                .required()
                .autocomplete("family-name")
                .max(NAME_MAX)
                .error(error("nom")),
            FormField::line("fonction", "Fonction", account.job_title.clone())
                .autocomplete("organization-title")
                .max(NAME_MAX),
        ],
        submit: "Enregistrer".to_owned(),
        ..FormBlock::default()
    });
    page.blocks.push(organisations(person, csrf()));
    page.blocks.push(password_block(person, csrf(), &error));
    page.blocks.push(FormBlock {
        id: "second-facteur".to_owned(),
        title: "Second facteur".to_owned(),
        text: RichText::parse(if account.has_second_factor {
            "Un code de votre téléphone est demandé à chaque connexion."
        } else {
            "Facultatif, et recommandé à la modération et à l’administration."
        }),
        links: vec![Link::new(
            if account.has_second_factor {
                "Gérer le second facteur"
            } else {
                "Activer le second facteur"
            },
            format!("{PATH}/second-facteur"),
        )],
        ..FormBlock::default()
    });
    page.blocks.push(sessions(app, reader, person, csrf()).await?);
    page.blocks.push(consents(app, person, csrf()).await?);
    page.blocks.push(FormBlock {
        id: "donnees".to_owned(),
        title: "Mes données".to_owned(),
        text: RichText::parse("Tout ce que la bibliothèque sait de vous, dans un fichier JSON."),
        links: vec![
            Link::new("Télécharger mes données", format!("{PATH}/donnees.json")),
            Link::new("Ce que deviennent vos données", "/donnees-personnelles"),
        ],
        ..FormBlock::default()
    });
    page.blocks.push(FormBlock {
        id: "effacer".to_owned(),
        title: "Effacer mon compte".to_owned(),
        text: RichText::parse(
            "Votre nom, votre adresse, vos choix, vos listes, vos dossiers et vos recherches sont effacés aussitôt. Les fiches que vous avez écrites restent, signées «\u{a0}un agent\u{a0}» de votre organisme.",
        ),
        action: format!("{PATH}/effacer"),
        csrf: csrf(),
        fields: vec![
            FormField::new("confirmation", "Je veux effacer mon compte\u{202f}; c’est définitif.", "", Control::Check(false))
                .error(error("confirmation")),
        ],
        submit: "Effacer mon compte".to_owned(),
        quiet: true,
        ..FormBlock::default()
    });
    page.blocks.push(FormBlock {
        id: "quitter".to_owned(),
        action: "/deconnexion".to_owned(),
        csrf: csrf(),
        submit: "Se déconnecter".to_owned(),
        quiet: true,
        ..FormBlock::default()
    });
    page.gather_errors();
    Ok(page)
}

/// The page; `fait` in the address names what was just done.
///
/// # Errors
/// When the database does not answer.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    axum::extract::RawQuery(query): axum::extract::RawQuery,
) -> Result<Response, WebError> {
    let notice = match query.as_deref() {
        Some("fait=identite") => Some("Votre identité est enregistrée."),
        Some("fait=mot-de-passe") => {
            Some("Votre mot de passe est enregistré\u{202f}; vos autres sessions sont fermées.")
        }
        Some("fait=sessions") => Some("C’est fermé."),
        Some("fait=accords") => Some("Vos choix sont enregistrés."),
        Some("fait=organismes") => Some("Votre demande est transmise à la modération."),
        _ => None,
    };
    let page = page(
        &app,
        &signed_in.reader,
        &signed_in.person,
        notice,
        Wrong::default(),
    )
    .await?;
    fresh(StatusCode::OK, &page)
}

async fn refused(app: &App, form: &SignedForm, field: &str, message: &str) -> Result<Response, WebError> {
    let wrong = Wrong {
        field,
        message: message.to_owned(),
    };
    let page = page(app, &form.reader, &form.person, None, wrong).await?;
    fresh(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// Changes something of the account.
///
/// # Errors
/// When the database does not answer.
pub async fn change(
    State(app): State<App>,
    Path(what): Path<String>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let id = form.person.account.id;
    match what.as_str() {
        "identite" => {
            let text = |name: &str| {
                clean_line(form.fields.get(name))
                    .chars()
                    .take(NAME_MAX)
                    .collect::<String>()
            };
            let (given, family) = (text("prenom"), text("nom"));
            if given.is_empty() {
                return refused(&app, &form, "prenom", "Indiquez votre prénom.").await;
            }
            if family.is_empty() {
                return refused(&app, &form, "nom", "Indiquez votre nom.").await;
            }
            app.store
                .set_profile(id, &given, &family, &text("fonction"))
                .await?;
        }
        "mot-de-passe" => {
            if let Some(answer) = change_password(&app, &form).await? {
                return Ok(answer);
            }
        }
        "sessions" => {
            let chosen = form.fields.get("session");
            if chosen.is_empty() {
                let keep = form.reader.session().map_or("", |session| session.id.as_str());
                app.store.close_other_sessions(id, keep).await?;
            } else {
                app.store.close_session(id, chosen).await?;
            }
        }
        "accords" => {
            change_consents(&app, &form).await?;
        }
        "organismes" => {
            if let Some(answer) = ask_organisation(&app, &form).await? {
                return Ok(answer);
            }
        }
        "effacer" => {
            if !form.fields.has("confirmation") {
                return refused(
                    &app,
                    &form,
                    "confirmation",
                    "Cochez la case pour confirmer l’effacement.",
                )
                .await;
            }
            app.store.erase_account(id).await?;
            return erased(&app);
        }
        _ => return Err(WebError::NotFound),
    }
    Ok(see_other(&format!("{PATH}?fait={what}")))
}

fn erased(app: &App) -> Result<Response, WebError> {
    let mut page = form_page(
        app,
        "Votre compte est effacé",
        "Votre nom, votre adresse et vos choix ont été supprimés. Merci d’avoir contribué.",
        "/",
    );
    page.blocks.push(FormBlock {
        links: vec![Link::new("Lire la bibliothèque", "/cas-usages")],
        ..FormBlock::default()
    });
    let mut response = fresh(StatusCode::OK, &page)?;
    if let Some(line) = cookie(app, cookie_name(app), "", 0) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    Ok(response)
}
