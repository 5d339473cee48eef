//! `/administration/organisations`: merging two, mail domains, trust, logos; and taking a record away.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::id::OrganisationId;
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::text::{clean_line, fold_key};
use sobria_catalogue::workflow::{self, Trust, WithdrawalClass};
use sobria_store::Found;

use super::{Asked, admins_only, note, page};
use crate::app::App;
use crate::error::WebError;
use crate::posted::SignedForm;
use crate::routes::account::{fresh, see_other};
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::{Control, FormBlock, FormError, FormField, FormOption, FormPage, RichText};

/// Where it is.
pub const PATH: &str = "/administration/organisations";

/// Organisations: merging two, mail domains, trust; and taking a record away.
///
/// # Errors
/// When the account is no administrator, or the database does not answer.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    admins_only(&signed_in)?;
    let page = the_page(&app, &signed_in, &asked.fait, None).await?;
    fresh(StatusCode::OK, &page)
}

async fn the_page(
    app: &App,
    signed_in: &SignedIn,
    done: &str,
    error: Option<(&str, String)>,
) -> Result<FormPage, WebError> {
    let mut page = page(app, signed_in, "Organisations", "", PATH);
    page.notice = match done {
        "fusion" => Some("Les deux organisations n’en font plus qu’une.".to_owned()),
        "domaine" => Some("Le domaine est enregistré.".to_owned()),
        "confiance" => Some("La règle est enregistrée.".to_owned()),
        "retrait" => Some("La fiche est retirée\u{a0}: son adresse répond qu’elle n’existe plus.".to_owned()),
        _ => None,
    };
    if let Some((field, message)) = error {
        page.errors.push(FormError {
            field: field.to_owned(),
            message,
        });
    }
    let csrf = || signed_in.reader.csrf().to_owned();
    page.blocks.push(FormBlock {
        id: "fusion".to_owned(),
        title: "Fusionner deux organisations".to_owned(),
        text: RichText::parse(
            "Les fiches, les contributeurs et les domaines de la première passent à la seconde\u{202f}; son nom devient un autre nom de la seconde.",
        ),
        action: format!("{PATH}/fusion"),
        csrf: csrf(),
        fields: vec![
            FormField::line("disparait", "Organisation qui disparaît", "").hint("Nom exact.").required().max(200),
            FormField::line("reste", "Organisation qui reste", "").hint("Nom exact.").required().max(200),
        ],
        submit: "Fusionner".to_owned(),
        quiet: true,
        ..FormBlock::default()
    });
    let domains = app.store.organisation_domains().await?;
    let ids: Vec<OrganisationId> = domains.iter().map(|(_, id)| *id).collect();
    let names = app.store.organisations_by_ids(&ids).await?;
    page.blocks.push(FormBlock {
        id: "domaine".to_owned(),
        title: "Domaines de messagerie".to_owned(),
        text: RichText::parse(
            "Une adresse d’un domaine connu donne aussitôt le droit de contribuer pour son organisation.",
        ),
        lines: domains
            .iter()
            .map(|(domain, id)| {
                let name = names
                    .iter()
                    .find(|one| one.id == *id)
                    .map_or("", |one| one.name.as_str());
                format!("{domain}\u{a0}: {name}")
            })
            .collect(),
        action: format!("{PATH}/domaine"),
        csrf: csrf(),
        fields: vec![
            FormField::line("domaine-nom", "Domaine", "")
                .hint("Par exemple\u{a0}: brest-metropole.fr")
                .required()
                .max(200),
            FormField::line("domaine-organisation", "Organisation", "")
                .hint("Nom exact\u{202f}; laissez vide pour retirer le domaine.")
                .max(200),
        ],
        submit: "Enregistrer le domaine".to_owned(),
        quiet: true,
        ..FormBlock::default()
    });
    page.blocks.push(FormBlock {
        id: "confiance".to_owned(),
        title: "Publication sans attendre".to_owned(),
        action: format!("{PATH}/confiance"),
        csrf: csrf(),
        fields: vec![
            FormField::line("confiance-organisation", "Organisation", "")
                .hint("Nom exact.")
                .required()
                .max(200),
            FormField::new(
                "confiance-regle",
                "Règle",
                "",
                Control::Radios(
                    Trust::ALL
                        .iter()
                        .map(|trust| FormOption::new(trust.code(), trust.label(), *trust == Trust::None))
                        .collect(),
                ),
            )
            .required(),
        ],
        submit: "Enregistrer la règle".to_owned(),
        quiet: true,
        ..FormBlock::default()
    });
    page.blocks.push(FormBlock {
        id: "logo".to_owned(),
        title: "Logo".to_owned(),
        action: format!("{PATH}/logo"),
        csrf: csrf(),
        fields: vec![
            FormField::line("organisation-logo", "Organisation", "")
                .hint("Nom exact.")
                .required()
                .max(200),
        ],
        submit: "Choisir son logo…".to_owned(),
        quiet: true,
        ..FormBlock::default()
    });
    page.blocks.push(FormBlock {
        id: "retrait".to_owned(),
        title: "Retirer une fiche pour de bon".to_owned(),
        text: RichText::parse(
            "Tout son contenu est effacé, versions et imports compris. L’adresse répond que la fiche a été retirée, avec la raison.",
        ),
        action: format!("{PATH}/retrait"),
        csrf: csrf(),
        fields: vec![
            FormField::line("fiche", "Adresse de la fiche", "").hint("Par exemple\u{a0}: /cas-usages/fuites-d-eau-abc1234").required().max(300),
            FormField::new(
                "raison",
                "Raison",
                "",
                Control::Radios(
                    WithdrawalClass::ALL
                        .iter()
                        .map(|class| FormOption::new(class.code(), class.label(), false))
                        .collect(),
                ),
            )
            .required(),
        ],
        submit: "Retirer la fiche…".to_owned(),
        quiet: true,
        ..FormBlock::default()
    });
    Ok(page)
}

/// The organisation of exactly this name.
async fn exact(app: &App, name: &str) -> Result<Option<Organisation>, WebError> {
    let name = clean_line(name);
    let key = fold_key(&name);
    let found = app.store.organisations(&name, 0, 20).await?.items;
    Ok(found
        .into_iter()
        .map(|carrier| carrier.organisation)
        .find(|organisation| fold_key(&organisation.name) == key))
}

/// Changes something of organisations, or takes a record away.
///
/// # Errors
/// When the account is no administrator, or the database does not answer.
pub async fn change(
    State(app): State<App>,
    Path(what): Path<String>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    admins_only(&signed_in)?;
    let by = signed_in.person.account.id;
    let now = (app.settings.now)();
    let unknown = |field: &'static str, name: &str| {
        (
            field,
            format!(
                "Aucune organisation publiée ne s’appelle exactement «\u{a0}{}\u{a0}».",
                clean_line(name)
            ),
        )
    };
    let error = match what.as_str() {
        "fusion" => {
            let (from, into) = (form.fields.get("disparait"), form.fields.get("reste"));
            match (exact(&app, from).await?, exact(&app, into).await?) {
                (None, _) => Some(unknown("disparait", from)),
                (_, None) => Some(unknown("reste", into)),
                (Some(from), Some(into)) if from.id == into.id => Some((
                    "reste",
                    "Ce sont les mêmes\u{a0}: choisissez deux organisations.".to_owned(),
                )),
                (Some(from), Some(into)) => {
                    app.store.merge_organisations(from.id, into.id, by, now).await?;
                    crate::refresh::at_once(&app).await;
                    None
                }
            }
        }
        "domaine" => {
            let domain = form
                .fields
                .get("domaine-nom")
                .trim()
                .trim_start_matches('@')
                .to_lowercase();
            let name = form.fields.get("domaine-organisation");
            if sobria_catalogue::account::Email::parse(&format!("a@{domain}")).is_err() {
                Some((
                    "domaine-nom",
                    "Ce n’est pas un domaine, par exemple brest-metropole.fr.".to_owned(),
                ))
            } else if name.trim().is_empty() {
                app.store.set_domain(&domain, None, now).await?;
                note(&app, by, "domain-remove", &domain, "").await?;
                None
            } else {
                match exact(&app, name).await? {
                    None => Some(unknown("domaine-organisation", name)),
                    Some(organisation) => {
                        app.store.set_domain(&domain, Some(organisation.id), now).await?;
                        note(&app, by, "domain-set", &domain, &organisation.id.to_string()).await?;
                        None
                    }
                }
            }
        }
        "confiance" => {
            let name = form.fields.get("confiance-organisation");
            match (
                exact(&app, name).await?,
                Trust::from_code(form.fields.get("confiance-regle")),
            ) {
                (None, _) => Some(unknown("confiance-organisation", name)),
                (_, None) => Some(("confiance-regle", "Choisissez une règle.".to_owned())),
                (Some(organisation), Some(trust)) => {
                    app.store.set_trust(organisation.id, trust, by, now).await?;
                    None
                }
            }
        }
        "logo" => {
            let name = form.fields.get("organisation-logo");
            match exact(&app, name).await? {
                None => Some(unknown("organisation-logo", name)),
                Some(organisation) => {
                    return Ok(see_other(&format!("/administration/logos/{}", organisation.slug)));
                }
            }
        }
        "retrait" => match withdraw(&app, &form).await? {
            Withdrawing::Done => None,
            Withdrawing::Asked(page) => return fresh(StatusCode::OK, &*page),
            Withdrawing::Wrong(field, message) => Some((field, message)),
        },
        _ => return Err(WebError::NotFound),
    };
    match error {
        None => Ok(see_other(&format!("{PATH}?fait={what}"))),
        Some(error) => {
            let mut page = the_page(&app, &signed_in, "", Some(error)).await?;
            // What was typed comes back in the form that was sent.
            for block in page.blocks.iter_mut().filter(|block| block.id == what) {
                for field in &mut block.fields {
                    form.fields.get(&field.name).clone_into(&mut field.value);
                }
            }
            fresh(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// What came of a wish to take a record away.
enum Withdrawing {
    /// It is gone.
    Done,
    /// The page that asks whether it is really wanted.
    Asked(Box<FormPage>),
    /// A field, and what is wrong in it.
    Wrong(&'static str, String),
}

async fn withdraw(app: &App, form: &SignedForm) -> Result<Withdrawing, WebError> {
    let Some(class) = WithdrawalClass::from_code(form.fields.get("raison")) else {
        return Ok(Withdrawing::Wrong(
            "raison",
            "Choisissez une raison\u{a0}: elle est affichée à l’adresse de la fiche.".to_owned(),
        ));
    };
    let address = form.fields.get("fiche").trim();
    let slug = address.rsplit("/cas-usages/").next().unwrap_or(address);
    let Found::UseCase { record, .. } = app.store.use_case_by_slug(slug).await? else {
        return Ok(Withdrawing::Wrong(
            "fiche",
            "Aucune fiche publiée n’est à cette adresse.".to_owned(),
        ));
    };
    if form.fields.get("confirmation") != "oui" {
        let mut page = page(
            app,
            &form.signed_in(),
            "Retirer pour de bon\u{202f}?",
            &format!(
                "«\u{a0}{}\u{a0}», {}.",
                record.content.title(),
                record.organisation.name
            ),
            PATH,
        );
        page.blocks.push(FormBlock {
            id: "retrait".to_owned(),
            lines: vec![
                "Toutes ses versions, ses contributions, ses évaluations, ses fichiers et ses liens sont effacés.".to_owned(),
                format!("Son adresse répond qu’elle a été retirée\u{a0}: {}.", class.label().to_lowercase()),
                "Ses auteurs en reçoivent un courriel.".to_owned(),
                "On ne peut pas revenir en arrière\u{202f}; une sauvegarde faite avant en garde une copie.".to_owned(),
            ],
            action: format!("{PATH}/retrait"),
            csrf: form.reader.csrf().to_owned(),
            hidden: vec![
                ("fiche".to_owned(), format!("/cas-usages/{}", record.slug)),
                ("raison".to_owned(), class.code().to_owned()),
                ("confirmation".to_owned(), "oui".to_owned()),
            ],
            submit: "Retirer pour de bon".to_owned(),
            links: vec![Link::new(
                "Ne rien retirer",
                format!("/cas-usages/{}", record.slug),
            )],
            ..FormBlock::default()
        });
        return Ok(Withdrawing::Asked(Box::new(page)));
    }
    let withdrawal = workflow::withdraw(record.id, class, &form.person.actor(), (app.settings.now)())
        .map_err(|refusal| WebError::Forbidden(refusal.message()))?;
    crate::attachments::withdraw(app, &withdrawal).await?;
    Ok(Withdrawing::Done)
}
