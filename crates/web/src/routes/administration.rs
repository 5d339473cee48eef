//! `/administration`: accounts, organisations, imports, settings, jobs, messages, audit trail.

pub mod accounts;
pub mod checks;
pub mod imports;
pub mod jobs;
pub mod logos;
pub mod settings;
pub mod terms;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use sobria_catalogue::account::Account;
use sobria_catalogue::id::{OrganisationId, UserId};
use sobria_catalogue::organisation::{Organisation, OrganisationStatus};
use sobria_catalogue::rights::{Action, Role, can};
use sobria_catalogue::text::{clean_line, fold_key, slug};
use sobria_catalogue::workflow::{self, Trust, WithdrawalClass};
use sobria_store::{AuditEntry, Found};
use sobria_territory::Directory;
use uuid::Uuid;

use crate::app::App;
use crate::error::WebError;
use crate::letters::{Letter, parts, send};
use crate::posted::SignedForm;
use crate::routes::account::settings::menu;
use crate::routes::account::{form_page, fresh, see_other};
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::prose::ProseTable;
use crate::view::{Control, FormBlock, FormError, FormField, FormOption, FormPage, RichText};

/// Waiting accounts shown at once.
const ACCOUNTS: u32 = 25;
/// Lines of the audit trail of a page.
const LINES: u32 = 50;

/// What the address asks for.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Asked {
    /// What was just done.
    #[serde(default)]
    fait: String,
    /// Lines before this one.
    #[serde(default)]
    avant: String,
}

/// Parts of the administration: address and label.
const PARTS: [(&str, &str, Role); 10] = [
    ("/administration", "Demandes", Role::Moderator),
    (accounts::PATH, "Comptes", Role::Admin),
    ("/administration/organisations", "Organisations", Role::Admin),
    (terms::PATH, "Vocabulaires", Role::Admin),
    (imports::PATH, "Imports", Role::Moderator),
    (settings::PATH, "Réglages", Role::Admin),
    (jobs::PATH, "Tâches", Role::Admin),
    ("/administration/courriels", "Courriels", Role::Admin),
    ("/administration/journal", "Journal", Role::Admin),
    (checks::PATH, "Contrôle", Role::Admin),
];

/// Names of the accounts that lines are signed with.
struct Names(Vec<(String, String)>);

impl Names {
    /// Looks up the accounts among the actors of lines.
    async fn of<'a>(app: &App, actors: impl Iterator<Item = &'a str>) -> Result<Self, WebError> {
        let mut ids: Vec<UserId> = actors.filter_map(|actor| actor.parse().ok()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut names = Vec::new();
        for id in ids {
            let name = app.store.account(id).await?.map(|account| account.name());
            names.push((id.to_string(), name.unwrap_or_else(|| "Compte effacé".to_owned())));
        }
        Ok(Self(names))
    }

    /// The name behind an actor; the actor itself when it is no account.
    fn name(&self, actor: &str) -> String {
        self.0
            .iter()
            .find(|(id, _)| id == actor)
            .map_or_else(|| actor.to_owned(), |(_, name)| name.clone())
    }
}

fn page(app: &App, signed_in: &SignedIn, title: &str, lead: &str, path: &str) -> FormPage {
    let mut page = form_page(app, title, lead, path);
    page.layout.crumbs = vec![
        crate::view::Crumb::to("Mon espace", "/mon-espace"),
        crate::view::Crumb::here("Administration"),
    ];
    page.menu_label = "Administration".to_owned();
    page.menu = PARTS
        .iter()
        .filter(|(_, _, role)| signed_in.person.account.role >= *role)
        .map(|(address, label, _)| Link::new(*label, *address))
        .collect();
    path.clone_into(&mut page.here);
    page
}

fn admins_only(signed_in: &SignedIn) -> Result<(), WebError> {
    signed_in.at_least(Role::Admin)
}

async fn note(app: &App, by: UserId, action: &str, subject: &str, detail: &str) -> Result<(), WebError> {
    app.store
        .add_audit(AuditEntry {
            at: (app.settings.now)(),
            actor: &by.to_string(),
            action,
            subject,
            detail,
        })
        .await?;
    Ok(())
}

/// Requests to contribute, and agents whose organisation the library does not know.
///
/// # Errors
/// When the account is no moderator, or the database does not answer.
pub async fn requests(
    State(app): State<App>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    signed_in.at_least(Role::Moderator)?;
    fresh(
        StatusCode::OK,
        &requests_page(&app, &signed_in, &asked.fait).await?,
    )
}

async fn requests_page(app: &App, signed_in: &SignedIn, done: &str) -> Result<FormPage, WebError> {
    let mut page = page(app, signed_in, "Demandes", "", "/administration");
    page.notice =
        (done == "decision").then(|| "C’est décidé ; la personne en reçoit un courriel.".to_owned());
    let csrf = || signed_in.reader.csrf().to_owned();
    let memberships = app.store.asked_memberships().await?;
    let known: Vec<UserId> = memberships.iter().map(|asked| asked.account.id).collect();
    for asked in memberships {
        page.blocks.push(FormBlock {
            id: format!("demande-{}", asked.account.id),
            title: asked.account.name(),
            lines: vec![
                format!("{}{}", asked.account.email.as_str(), function(&asked.account)),
                format!(
                    "Demande à contribuer pour {}, depuis le {}",
                    asked.membership.name,
                    crate::locale::moment(asked.membership.asked_at)
                ),
            ],
            action: "/administration/demandes".to_owned(),
            csrf: csrf(),
            hidden: vec![
                ("compte".to_owned(), asked.account.id.to_string()),
                (
                    "organisation".to_owned(),
                    asked.membership.organisation.to_string(),
                ),
            ],
            submit: "Confirmer".to_owned(),
            others: vec![("refuser".to_owned(), "Refuser".to_owned())],
            ..FormBlock::default()
        });
    }
    let pending = app.store.accounts("", Some(Role::Pending), 0, ACCOUNTS).await?;
    for account in pending
        .items
        .into_iter()
        .filter(|account| !known.contains(&account.id))
    {
        let proposals = proposals(app, &account.organisation_name).await?;
        let mut options: Vec<FormOption> = proposals;
        options.push(FormOption::new(
            "nouvelle",
            format!("Créer « {} »", account.organisation_name),
            options.is_empty(),
        ));
        page.blocks.push(FormBlock {
            id: format!("nouveau-{}", account.id),
            title: account.name(),
            lines: vec![
                format!("{}{}", account.email.as_str(), function(&account)),
                format!("A écrit : « {} »", account.organisation_name),
            ],
            action: "/administration/demandes".to_owned(),
            csrf: csrf(),
            hidden: vec![("compte".to_owned(), account.id.to_string())],
            fields: vec![
                FormField::new(
                    format!("organisation-{}", account.id),
                    "Rattacher à",
                    "",
                    Control::Radios(options),
                )
                .required(),
            ],
            submit: "Confirmer".to_owned(),
            ..FormBlock::default()
        });
    }
    if page.blocks.is_empty() {
        "Personne n’attend.".clone_into(&mut page.lead);
    }
    page.menu.extend(
        menu(&signed_in.person)
            .into_iter()
            .filter(|link| link.href == "/moderation"),
    );
    Ok(page)
}

fn function(account: &Account) -> String {
    if account.job_title.is_empty() {
        String::new()
    } else {
        format!(", {}", account.job_title)
    }
}

/// Organisations of the library and of the directory whose name is like the one written.
async fn proposals(app: &App, written: &str) -> Result<Vec<FormOption>, WebError> {
    let mut options: Vec<FormOption> = app
        .store
        .organisations(written, 0, 5)
        .await?
        .items
        .into_iter()
        .map(|carrier| {
            FormOption::new(
                carrier.organisation.id.to_string(),
                carrier.organisation.name,
                false,
            )
        })
        .collect();
    let key = fold_key(written);
    options.extend(
        Directory::embedded()
            .authorities()
            .iter()
            .filter(|authority| !authority.siren.is_empty() && fold_key(&authority.display_name()) == key)
            .take(5)
            .map(|authority| {
                FormOption::new(
                    format!("siren:{}", authority.siren),
                    format!(
                        "{} ({}, de l’annuaire)",
                        authority.display_name(),
                        authority.departement
                    ),
                    false,
                )
            }),
    );
    Ok(options)
}

/// Decides a request.
///
/// # Errors
/// When the account is no moderator, or the database does not answer.
pub async fn decide_request(State(app): State<App>, form: SignedForm) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    can(&signed_in.actor(), &Action::DecideMemberships)
        .map_err(|denied| WebError::Forbidden(denied.message().to_owned()))?;
    let by = signed_in.person.account.id;
    let now = (app.settings.now)();
    let account: UserId = form.fields.get("compte").parse().or(Err(WebError::NotFound))?;
    let person = app.store.person(account).await?.ok_or(WebError::NotFound)?;
    let chosen = match form.fields.get("organisation") {
        "" => form.fields.get(&format!("organisation-{account}")),
        organisation => organisation,
    };
    let organisation = organisation_of(&app, chosen, &person.account, by, now).await?;
    let Some((organisation, name)) = organisation else {
        let mut page = requests_page(&app, &signed_in, "").await?;
        page.errors.push(FormError {
            field: format!("nouveau-{account}"),
            message: format!("Choisissez à quel organisme rattacher {}.", person.account.name()),
        });
        return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let granted = form.fields.get("action") != "refuser";
    app.store.ask_membership(account, organisation, None, now).await?;
    app.store
        .decide_membership(account, organisation, granted, by, now)
        .await?;
    let action = if granted {
        "membership-grant"
    } else {
        "membership-refuse"
    };
    note(&app, by, action, &account.to_string(), &organisation.to_string()).await?;
    let letter = Letter::Membership {
        organisation: name,
        granted,
        href: format!(
            "{}/{}",
            app.settings.base_url,
            if granted {
                "contribuer"
            } else {
                "mon-espace/compte"
            }
        ),
    };
    send(&app, &person.account.email, &letter).await?;
    Ok(see_other("/administration?fait=decision"))
}

/// The organisation that was chosen: one of the library, one of the directory, or the one that was written.
async fn organisation_of(
    app: &App,
    chosen: &str,
    account: &Account,
    by: UserId,
    now: Timestamp,
) -> Result<Option<(OrganisationId, String)>, WebError> {
    if let Ok(id) = chosen.parse::<OrganisationId>() {
        let found = app.store.organisations_by_ids(&[id]).await?.into_iter().next();
        return Ok(found.map(|organisation| (organisation.id, organisation.name)));
    }
    let id = OrganisationId::new(Uuid::now_v7());
    let organisation = match chosen
        .strip_prefix("siren:")
        .and_then(|siren| Directory::embedded().by_siren(siren))
    {
        Some(authority) => Organisation {
            siren: Some(authority.siren.to_owned()),
            kind: (!authority.kind.is_empty()).then(|| authority.kind.to_owned()),
            latitude: Some(authority.latitude),
            longitude: Some(authority.longitude),
            departement: (!authority.departement.is_empty()).then(|| authority.departement.to_owned()),
            region: (!authority.region.is_empty()).then(|| authority.region.to_owned()),
            population: authority.population,
            status: OrganisationStatus::Confirmed,
            ..named(id, &authority.display_name())
        },
        None if chosen == "nouvelle" && !account.organisation_name.is_empty() => {
            named(id, &account.organisation_name)
        }
        None => return Ok(None),
    };
    app.store.add_organisation(&organisation, by, now).await?;
    Ok(Some((id, organisation.name)))
}

/// An organisation of this name, at an address of its own.
fn named(id: OrganisationId, name: &str) -> Organisation {
    let mut organisation = Organisation::named(id, name);
    let short: String = id.to_string().chars().rev().take(6).collect();
    organisation.slug = format!("{}-{short}", slug(name, 60));
    organisation
}

/// Organisations: merging two, mail domains, trust; and taking a record away.
///
/// # Errors
/// When the account is no administrator, or the database does not answer.
pub async fn organisations(
    State(app): State<App>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    admins_only(&signed_in)?;
    let page = organisations_page(&app, &signed_in, &asked.fait, None).await?;
    fresh(StatusCode::OK, &page)
}

async fn organisations_page(
    app: &App,
    signed_in: &SignedIn,
    done: &str,
    error: Option<(&str, String)>,
) -> Result<FormPage, WebError> {
    let path = "/administration/organisations";
    let mut page = page(app, signed_in, "Organisations", "", path);
    page.notice = match done {
        "fusion" => Some("Les deux organisations n’en font plus qu’une.".to_owned()),
        "domaine" => Some("Le domaine est enregistré.".to_owned()),
        "confiance" => Some("La règle est enregistrée.".to_owned()),
        "retrait" => Some("La fiche est retirée : son adresse répond qu’elle n’existe plus.".to_owned()),
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
            "Les fiches, les contributeurs et les domaines de la première passent à la seconde ; son nom devient un autre nom de la seconde.",
        ),
        action: format!("{path}/fusion"),
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
                format!("{domain} : {name}")
            })
            .collect(),
        action: format!("{path}/domaine"),
        csrf: csrf(),
        fields: vec![
            FormField::line("domaine-nom", "Domaine", "")
                .hint("Par exemple : brest-metropole.fr")
                .required()
                .max(200),
            FormField::line("domaine-organisation", "Organisation", "")
                .hint("Nom exact ; laissez vide pour retirer le domaine.")
                .max(200),
        ],
        submit: "Enregistrer le domaine".to_owned(),
        quiet: true,
        ..FormBlock::default()
    });
    page.blocks.push(FormBlock {
        id: "confiance".to_owned(),
        title: "Publication sans attendre".to_owned(),
        action: format!("{path}/confiance"),
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
        action: format!("{path}/logo"),
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
        action: format!("{path}/retrait"),
        csrf: csrf(),
        fields: vec![
            FormField::line("fiche", "Adresse de la fiche", "").hint("Par exemple : /cas-usages/fuites-d-eau-abc1234").required().max(300),
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
pub async fn change_organisation(
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
                "Aucune organisation publiée ne s’appelle exactement « {} ».",
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
                    "Ce sont les mêmes : choisissez deux organisations.".to_owned(),
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
        None => Ok(see_other(&format!("/administration/organisations?fait={what}"))),
        Some(error) => {
            let mut page = organisations_page(&app, &signed_in, "", Some(error)).await?;
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
            "Choisissez une raison : elle est affichée à l’adresse de la fiche.".to_owned(),
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
        let path = "/administration/organisations";
        let mut page = page(
            app,
            &form.signed_in(),
            "Retirer pour de bon ?",
            &format!("« {} », {}.", record.content.title(), record.organisation.name),
            path,
        );
        page.blocks.push(FormBlock {
            id: "retrait".to_owned(),
            lines: vec![
                "Toutes ses versions, ses contributions, ses évaluations, ses fichiers et ses liens sont effacés.".to_owned(),
                format!("Son adresse répond qu’elle a été retirée : {}.", class.label().to_lowercase()),
                "Ses auteurs en reçoivent un courriel.".to_owned(),
                "On ne peut pas revenir en arrière ; une sauvegarde faite avant en garde une copie.".to_owned(),
            ],
            action: format!("{path}/retrait"),
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

/// Messages that could not leave.
///
/// # Errors
/// When the account is no administrator, or the database does not answer.
pub async fn mails(State(app): State<App>, signed_in: SignedIn) -> Result<Response, WebError> {
    admins_only(&signed_in)?;
    let mut page = page(&app, &signed_in, "Courriels", "", "/administration/courriels");
    let waiting = app.store.mails(Some("queued"), 500).await?.len();
    let dead = app.store.mails(Some("dead"), 20).await?;
    page.lead = format!(
        "{} en attente, {} abandonnés après six essais.",
        crate::locale::count(waiting),
        crate::locale::count(dead.len())
    );
    for mail in dead {
        let (subject, _) = parts(&mail.message);
        page.blocks.push(FormBlock {
            id: format!("courriel-{}", mail.id),
            title: subject,
            lines: vec![
                format!("Fait le {}", crate::locale::moment(mail.made_at)),
                format!("Dernière erreur : {}", mail.last_error),
            ],
            action: "/administration/courriels".to_owned(),
            csrf: signed_in.reader.csrf().to_owned(),
            hidden: vec![("courriel".to_owned(), mail.id)],
            submit: "Essayer de nouveau".to_owned(),
            quiet: true,
            ..FormBlock::default()
        });
    }
    fresh(StatusCode::OK, &page)
}

/// Puts a message back in the queue.
///
/// # Errors
/// When the account is no administrator, or the database does not answer.
pub async fn revive_mail(State(app): State<App>, form: SignedForm) -> Result<Response, WebError> {
    admins_only(&form.signed_in())?;
    app.store
        .revive_mail(form.fields.get("courriel"), (app.settings.now)())
        .await?;
    app.mail_waits.notify_one();
    Ok(see_other("/administration/courriels"))
}

/// The audit trail, newest first.
///
/// # Errors
/// When the account is no administrator, or the database does not answer.
pub async fn audit(
    State(app): State<App>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    admins_only(&signed_in)?;
    let lines = app
        .store
        .audit_lines(None, asked.avant.parse().ok(), LINES)
        .await?;
    let mut page = page(
        &app,
        &signed_in,
        "Journal",
        "Qui a fait quoi. Chaque ligne porte l’empreinte de la précédente : « sobria admin check » vérifie la chaîne.",
        "/administration/journal",
    );
    let last = lines.last().and_then(|line| line.number);
    page.blocks.push(FormBlock {
        id: "journal".to_owned(),
        table: Some(ProseTable {
            caption: "Les plus récentes d’abord".to_owned(),
            headers: ["Quand", "Qui", "Quoi", "Sur quoi", "Détail"]
                .map(str::to_owned)
                .to_vec(),
            rows: lines
                .into_iter()
                .map(|line| {
                    vec![
                        crate::locale::moment(line.at),
                        line.actor,
                        line.action,
                        line.subject,
                        line.detail,
                    ]
                })
                .collect(),
        }),
        links: last
            .filter(|last| *last > 1)
            .map(|last| Link::new("Plus anciennes", format!("/administration/journal?avant={last}")))
            .into_iter()
            .collect(),
        ..FormBlock::default()
    });
    fresh(StatusCode::OK, &page)
}
