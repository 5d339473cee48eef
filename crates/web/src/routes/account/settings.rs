//! `/mon-espace/compte`: one's own account, sessions, organisations, choices, data.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use sobria_catalogue::account::{Consent, MembershipStatus, NAME_MAX, Person, Purpose};
use sobria_catalogue::id::OrganisationId;
use sobria_catalogue::text::clean_line;
use sobria_identity::password::{self, Verdict, Weak};
use sobria_store::DigestPace;
use uuid::Uuid;

use super::sign_up::wording;
use super::{form_page, fresh, see_other};
use crate::app::App;
use crate::error::WebError;
use crate::posted::SignedForm;
use crate::session::{Reader, SignedIn, cookie, cookie_name};
use crate::view::library::Link;
use crate::view::prose::ProseTable;
use crate::view::{Control, FormBlock, FormField, FormOption, FormPage, RichText};

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

fn organisations(person: &Person, csrf: String) -> FormBlock {
    let lines: Vec<String> = person
        .memberships
        .iter()
        .map(|membership| {
            format!(
                "{}\u{a0}: {}",
                membership.name,
                membership.status.label().to_lowercase()
            )
        })
        .collect();
    let text = if lines.is_empty() {
        format!(
            "Vous avez indiqué «\u{a0}{}\u{a0}». Une personne de la modération le confirmera\u{202f}; vous pourrez alors décrire ses projets.",
            person.account.organisation_name
        )
    } else {
        "Vous pouvez décrire les projets des organismes confirmés.".to_owned()
    };
    FormBlock {
        id: "organismes".to_owned(),
        title: "Mes organismes".to_owned(),
        text: RichText::parse(&text),
        lines,
        action: format!("{PATH}/organismes"),
        csrf,
        fields: vec![
            FormField::line("organisme", "Demander à contribuer pour un autre organisme", "")
                .hint("Nom exact, comme sur la page des organisations.")
                .max(200),
        ],
        submit: "Demander".to_owned(),
        quiet: true,
        ..FormBlock::default()
    }
}

fn password_block(person: &Person, csrf: String, error: &dyn Fn(&str) -> Option<String>) -> FormBlock {
    let has = person.account.has_password;
    let mut fields = Vec::new();
    if has {
        fields.push(
            FormField::new("actuel", "Mot de passe actuel", "", Control::Line("password"))
                .required()
                .autocomplete("current-password")
                .max(password::MAX)
                .error(error("actuel")),
        );
    }
    fields.push(
        FormField::new("nouveau", "Nouveau mot de passe", "", Control::Line("password"))
            .hint("Douze caractères au moins. Une phrase de quatre mots sans rapport convient très bien.")
            .required()
            .autocomplete("new-password")
            .max(password::MAX)
            .error(error("nouveau")),
    );
    FormBlock {
        id: "mot-de-passe".to_owned(),
        title: "Mot de passe".to_owned(),
        text: RichText::parse(if has {
            "Les autres sessions ouvertes seront fermées."
        } else {
            "Facultatif\u{a0}: un lien reçu par courriel suffit pour se connecter."
        }),
        action: format!("{PATH}/mot-de-passe"),
        csrf,
        fields,
        submit: if has {
            "Changer le mot de passe"
        } else {
            "Choisir un mot de passe"
        }
        .to_owned(),
        quiet: true,
        ..FormBlock::default()
    }
}

async fn sessions(app: &App, reader: &Reader, person: &Person, csrf: String) -> Result<FormBlock, WebError> {
    let now = (app.settings.now)();
    let current = reader.session().map(|session| session.id.clone());
    let found = app.store.sessions_of(person.account.id, now).await?;
    let others = found
        .iter()
        .filter(|line| Some(&line.id) != current.as_ref())
        .count();
    let rows = found
        .iter()
        .map(|line| {
            let device = if Some(&line.id) == current.as_ref() {
                format!("{} (cette session)", line.device)
            } else {
                line.device.clone()
            };
            vec![
                device,
                line.method.label().to_owned(),
                crate::locale::moment(line.created_at),
                crate::locale::moment(line.last_seen_at),
            ]
        })
        .collect();
    let mut block = FormBlock {
        id: "sessions".to_owned(),
        title: "Sessions ouvertes".to_owned(),
        table: Some(ProseTable {
            caption:
                "Une session se ferme après douze heures sans activité, et au plus tard après sept jours."
                    .to_owned(),
            headers: ["Appareil", "Connexion", "Ouverte", "Dernière activité"]
                .map(str::to_owned)
                .to_vec(),
            rows,
        }),
        ..FormBlock::default()
    };
    if others > 0 {
        block.action = format!("{PATH}/sessions");
        block.csrf = csrf;
        block.quiet = true;
        "Fermer les autres sessions".clone_into(&mut block.submit);
        block.fields = vec![
            FormField::new(
                "session",
                "Session à fermer",
                "",
                Control::Select(
                    std::iter::once(crate::view::FormOption::new("", "Toutes les autres", true))
                        .chain(
                            found
                                .iter()
                                .filter(|line| Some(&line.id) != current.as_ref())
                                .map(|line| {
                                    crate::view::FormOption::new(
                                        line.id.clone(),
                                        format!(
                                            "{}, {}",
                                            line.device,
                                            crate::locale::moment(line.last_seen_at)
                                        ),
                                        false,
                                    )
                                }),
                        )
                        .collect(),
                ),
            )
            .required(),
        ];
        "Fermer".clone_into(&mut block.submit);
    }
    Ok(block)
}

/// What the person agrees to at present.
async fn agreed(app: &App, person: &Person) -> Result<Vec<(Purpose, bool)>, WebError> {
    let lines = app.store.consents_of(person.account.id).await?;
    Ok(Purpose::ALL
        .into_iter()
        .map(|purpose| {
            let last = lines.iter().rev().find(|line| line.purpose == purpose);
            (purpose, last.is_some_and(|line| line.given))
        })
        .collect())
}

async fn consents(app: &App, person: &Person, csrf: String) -> Result<FormBlock, WebError> {
    let pace = app
        .store
        .digest_pace(person.account.id)
        .await?
        .unwrap_or(DigestPace::Monthly);
    let paces = [
        (DigestPace::Weekly, "Chaque semaine"),
        (DigestPace::Monthly, "Chaque mois"),
    ];
    let rhythm = FormField::new(
        "rythme",
        "Rythme des nouvelles de la bibliothèque",
        "",
        Control::Select(
            paces
                .into_iter()
                .map(|(one, label)| FormOption::new(one.code(), label, one == pace))
                .collect(),
        ),
    )
    .hint("Rien ne part quand rien n’a changé.");
    Ok(FormBlock {
        id: "accords".to_owned(),
        title: "Courriels que j’accepte de recevoir".to_owned(),
        action: format!("{PATH}/accords"),
        csrf,
        fields: agreed(app, person)
            .await?
            .into_iter()
            .map(|(purpose, given)| {
                FormField::new(
                    format!("accord-{}", purpose.code()),
                    wording(purpose),
                    "",
                    Control::Check(given),
                )
            })
            .chain(std::iter::once(rhythm))
            .collect(),
        submit: "Enregistrer mes choix".to_owned(),
        quiet: true,
        ..FormBlock::default()
    })
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
            if let Some(pace) = DigestPace::from_code(form.fields.get("rythme")) {
                app.store.set_digest_pace(id, pace, (app.settings.now)()).await?;
            }
            for (purpose, given) in agreed(&app, &form.person).await? {
                let wanted = form.fields.has(&format!("accord-{}", purpose.code()));
                if wanted != given {
                    let consent = Consent {
                        purpose,
                        given: wanted,
                        wording: wording(purpose).to_owned(),
                        source: "account".to_owned(),
                        made_at: (app.settings.now)(),
                    };
                    app.store
                        .add_consent(&Uuid::now_v7().to_string(), id, &consent)
                        .await?;
                }
            }
        }
        "organismes" => {
            let typed = clean_line(form.fields.get("organisme"));
            let key = sobria_catalogue::text::fold_key(&typed);
            let found = app.store.organisations(&typed, 0, 20).await?.items;
            let exact: Option<OrganisationId> = found
                .iter()
                .find(|carrier| sobria_catalogue::text::fold_key(&carrier.organisation.name) == key)
                .map(|carrier| carrier.organisation.id);
            let Some(organisation) = exact.filter(|_| !key.is_empty()) else {
                return refused(
                    &app,
                    &form,
                    "organisme",
                    "Aucun organisme de la bibliothèque ne porte exactement ce nom. Vérifiez-le sur la page des organisations.",
                )
                .await;
            };
            let refused_before =
                form.person.memberships.iter().any(|known| {
                    known.organisation == organisation && known.status == MembershipStatus::Refused
                });
            if refused_before {
                return refused(
                    &app,
                    &form,
                    "organisme",
                    "Cette demande a été refusée. Écrivez à la personne qui administre la bibliothèque.",
                )
                .await;
            }
            app.store
                .ask_membership(id, organisation, None, (app.settings.now)())
                .await?;
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

async fn change_password(app: &App, form: &SignedForm) -> Result<Option<Response>, WebError> {
    let account = &form.person.account;
    let now = (app.settings.now)();
    let chosen = form.fields.get("nouveau").to_owned();
    let personal = [
        account.email.as_str(),
        account.given_name.as_str(),
        account.family_name.as_str(),
    ];
    if let Err(weak) = password::check(&chosen, &personal) {
        let message = match weak {
            Weak::Short => "Ce mot de passe est trop court\u{a0}: douze caractères au moins.",
            Weak::Long => "Ce mot de passe est trop long\u{a0}: 256 caractères au plus.",
            Weak::Common => {
                "Ce mot de passe fait partie de ceux qui sont essayés en premier. Choisissez plusieurs mots sans rapport."
            }
            Weak::Personal => "Ce mot de passe contient votre nom ou votre adresse. Choisissez autre chose.",
        };
        return refused(app, form, "nouveau", message).await.map(Some);
    }
    let kept = app.store.password_hash(account.id).await?;
    let source = account.id.to_string();
    if kept.is_some()
        && !app
            .limiter
            .take(crate::limiter::Action::PasswordDevice, &source, now)
    {
        return Err(WebError::TooMany);
    }
    let Ok(_place) = app.hashing.acquire().await else {
        return Err(WebError::Unavailable);
    };
    let current = form.fields.get("actuel").to_owned();
    let (right, hash) = tokio::task::spawn_blocking(move || {
        let right = kept.is_none() || password::verify(&current, kept.as_deref()) != Verdict::Wrong;
        (right, right.then(|| password::hash(&chosen)))
    })
    .await
    .map_err(|error| WebError::Internal(error.to_string()))?;
    if !right {
        return refused(app, form, "actuel", "Ce n’est pas votre mot de passe actuel.")
            .await
            .map(Some);
    }
    let hash = hash
        .transpose()
        .map_err(|error| WebError::Internal(error.to_string()))?
        .unwrap_or_default();
    let keep = form.reader.session().map(|session| session.id.as_str());
    app.store.set_password(account.id, Some(&hash), keep).await?;
    Ok(None)
}

/// Everything known of the person, as JSON.
///
/// # Errors
/// When the database does not answer.
pub async fn data(State(app): State<App>, signed_in: SignedIn) -> Result<Response, WebError> {
    let id = signed_in.person.account.id;
    let now = (app.settings.now)();
    let traces = app.store.traces_of(id).await?.ok_or(WebError::NotFound)?;
    let account = &traces.person.account;
    let sessions = app.store.sessions_of(id, now).await?;
    let document = json!({
        "account": {
            "id": account.id,
            "email": account.email,
            "given_name": account.given_name,
            "family_name": account.family_name,
            "job_title": account.job_title,
            "organisation_name": account.organisation_name,
            "role": account.role,
            "created_at": account.created_at,
            "last_signed_in_at": account.last_signed_in_at,
        },
        "memberships": traces.person.memberships.iter().map(|membership| json!({
            "organisation": membership.name,
            "status": membership.status,
            "asked_at": membership.asked_at,
        })).collect::<Vec<_>>(),
        "consents": traces.consents.iter().map(|consent| json!({
            "purpose": consent.purpose,
            "given": consent.given,
            "wording": consent.wording,
            "source": consent.source,
            "made_at": consent.made_at,
        })).collect::<Vec<_>>(),
        "sessions": sessions.iter().map(|session| json!({
            "device": session.device,
            "opened_at": session.created_at,
            "last_seen_at": session.last_seen_at,
        })).collect::<Vec<_>>(),
        "kept": crate::routes::personal::data(&app, id).await?,
    });
    let body =
        serde_json::to_string_pretty(&document).map_err(|error| WebError::Internal(error.to_string()))?;
    Ok((
        [
            (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (
                header::CONTENT_DISPOSITION,
                HeaderValue::from_static("attachment; filename=\"mes-donnees.json\""),
            ),
        ],
        body,
    )
        .into_response())
}
