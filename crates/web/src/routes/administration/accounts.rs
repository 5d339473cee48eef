//! `/administration/comptes`: who has an account, their role, their sessions.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use sobria_catalogue::account::{Account, MembershipStatus};
use sobria_catalogue::id::UserId;
use sobria_catalogue::rights::Role;
use sobria_store::StoreError;

use super::{admins_only, note, page};
use crate::app::App;
use crate::error::WebError;
use crate::locale::{counted, moment};
use crate::params::encode;
use crate::posted::SignedForm;
use crate::routes::account::{fresh, see_other};
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::prose::ProseTable;
use crate::view::{Control, Crumb, FormBlock, FormError, FormField, FormOption, FormPage, RichText};

/// Where accounts are.
pub const PATH: &str = "/administration/comptes";
/// Accounts of a page.
const ACCOUNTS: u32 = 25;

/// What the address of the list asks for.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Asked {
    /// Words of a name or an address.
    #[serde(default)]
    q: String,
    /// Code of a role; blank for all.
    #[serde(default)]
    role: String,
    /// `suspendus`; open ones otherwise.
    #[serde(default)]
    etat: String,
    /// Page, from 1.
    #[serde(default)]
    page: String,
    /// What was just done.
    #[serde(default)]
    fait: String,
}

impl Asked {
    fn address(&self, page: u32) -> String {
        format!(
            "{PATH}?q={}&role={}&etat={}&page={page}",
            encode(&self.q),
            encode(&self.role),
            encode(&self.etat)
        )
    }
}

/// Accounts with their role.
///
/// # Errors
/// When the account is no administrator, or the database does not answer.
pub async fn list(
    State(app): State<App>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    admins_only(&signed_in)?;
    let number: u32 = asked.page.parse().unwrap_or(1).clamp(1, 10_000);
    let suspended = asked.etat == "suspendus";
    let (role, offset) = (Role::from_code(&asked.role), (number - 1) * ACCOUNTS);
    let found = if suspended {
        app.store
            .suspended_accounts(&asked.q, role, offset, ACCOUNTS)
            .await?
    } else {
        app.store.accounts(&asked.q, role, offset, ACCOUNTS).await?
    };
    let mut page = page(&app, &signed_in, "Comptes", "", PATH);
    page.blocks.push(search(&asked, role, suspended));
    let mut links = Vec::new();
    if number > 1 {
        links.push(Link::new("Précédents", asked.address(number - 1)));
    }
    if u64::from(number) * u64::from(ACCOUNTS) < found.total {
        links.push(Link::new("Suivants", asked.address(number + 1)));
    }
    let empty = found.items.is_empty();
    page.blocks.push(FormBlock {
        id: "liste".to_owned(),
        text: RichText::parse(if empty { "Aucun compte ne correspond." } else { "" }),
        row_links: found
            .items
            .iter()
            .map(|account| format!("{PATH}/{}", account.id))
            .collect(),
        table: (!empty).then(|| ProseTable {
            caption: counted(found.total, "compte", "comptes"),
            headers: ["Nom", "Adresse", "Rôle", "Dernière connexion"]
                .map(str::to_owned)
                .to_vec(),
            rows: found
                .items
                .iter()
                .map(|account| {
                    vec![
                        account.name(),
                        account.email.as_str().to_owned(),
                        account.role.label().to_owned(),
                        last_seen(account),
                    ]
                })
                .collect(),
        }),
        links,
        ..FormBlock::default()
    });
    fresh(StatusCode::OK, &page)
}

fn search(asked: &Asked, role: Option<Role>, suspended: bool) -> FormBlock {
    let mut roles = vec![FormOption::new("", "Tous", role.is_none())];
    roles.extend(
        Role::ALL
            .into_iter()
            .map(|one| FormOption::new(one.code(), one.label(), role == Some(one))),
    );
    FormBlock {
        id: "chercher".to_owned(),
        title: "Chercher un compte".to_owned(),
        action: PATH.to_owned(),
        get: true,
        fields: vec![
            FormField::new("q", "Nom ou adresse", asked.q.clone(), Control::Line("search")).max(100),
            FormField::new("role", "Rôle", "", Control::Select(roles)),
            FormField::new(
                "etat",
                "État",
                "",
                Control::Select(vec![
                    FormOption::new("", "Ouverts", !suspended),
                    FormOption::new("suspendus", "Suspendus", suspended),
                ]),
            ),
        ],
        submit: "Chercher".to_owned(),
        quiet: true,
        ..FormBlock::default()
    }
}

fn last_seen(account: &Account) -> String {
    account
        .last_signed_in_at
        .map_or_else(|| "Jamais".to_owned(), moment)
}

/// One account: who it is, its organisations and sessions, and what may be done about it.
///
/// # Errors
/// When the account is no administrator, there is no such account, or the database does not answer.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    admins_only(&signed_in)?;
    let id: UserId = id.parse().or(Err(WebError::NotFound))?;
    let mut page = account_page(&app, &signed_in, id, &[]).await?;
    page.notice = match asked.fait.as_str() {
        "role" => Some("Le rôle est changé\u{202f}; les sessions de ce compte sont fermées."),
        "sessions" => Some("Les sessions de ce compte sont fermées."),
        "suspendre" => Some("Le compte est suspendu\u{a0}: il ne peut plus se connecter."),
        "reactiver" => Some("Le compte est rouvert."),
        _ => None,
    }
    .map(str::to_owned);
    fresh(StatusCode::OK, &page)
}

async fn account_page(
    app: &App,
    signed_in: &SignedIn,
    id: UserId,
    errors: &[(&str, &str)],
) -> Result<FormPage, WebError> {
    let now = (app.settings.now)();
    let open = app.store.person(id).await?;
    let suspended = match open {
        Some(_) => None,
        None => Some(app.store.suspended_account(id).await?.ok_or(WebError::NotFound)?),
    };
    let account = match (&open, &suspended) {
        (Some(person), _) => &person.account,
        (None, Some(account)) => account,
        (None, None) => return Err(WebError::NotFound),
    };
    let mut page = page(app, signed_in, &account.name(), account.email.as_str(), PATH);
    page.layout.crumbs = vec![
        Crumb::to("Mon espace", "/mon-espace"),
        Crumb::to("Comptes", PATH),
        Crumb::here(account.name()),
    ];
    let mut lines = vec![
        format!("Rôle\u{a0}: {}", account.role.label()),
        format!("Créé le {}", moment(account.created_at)),
        format!("Dernière connexion\u{a0}: {}", last_seen(account)),
    ];
    if suspended.is_some() {
        lines.insert(0, "Compte suspendu".to_owned());
    }
    for membership in open.iter().flat_map(|person| &person.memberships) {
        let state = match membership.status {
            MembershipStatus::Granted => "contribue pour",
            MembershipStatus::Asked => "demande à contribuer pour",
            MembershipStatus::Refused => "refusé pour",
        };
        lines.push(format!("{state} {}", membership.name));
    }
    page.blocks.push(FormBlock {
        id: "compte".to_owned(),
        lines,
        ..FormBlock::default()
    });
    let block = |what: &str, title: &str, text: &str, submit: &str| FormBlock {
        id: what.to_owned(),
        title: title.to_owned(),
        text: RichText::parse(text),
        action: format!("{PATH}/{id}/{what}"),
        csrf: signed_in.reader.csrf().to_owned(),
        submit: submit.to_owned(),
        quiet: true,
        ..FormBlock::default()
    };
    let confirmation =
        |name: &str, label: &str| FormField::new(name, label, "", Control::Check(false)).required();
    if suspended.is_some() {
        page.blocks.push(block(
            "reactiver",
            "Rouvrir le compte",
            "Tout ce qui lui appartenait est resté\u{202f}; la personne se connecte à nouveau par un lien ou son mot de passe.",
            "Rouvrir",
        ));
    } else {
        let roles = Role::ALL
            .into_iter()
            .map(|role| FormOption::new(role.code(), role.label(), role == account.role))
            .collect();
        let mut change = block(
            "role",
            "Changer le rôle",
            "Les sessions de ce compte sont fermées, pour que ses nouveaux droits valent aussitôt.",
            "Changer le rôle",
        );
        change.fields = vec![
            FormField::new("nouveau-role", "Nouveau rôle", "", Control::Radios(roles)).required(),
            confirmation("confirmer-role", "Je confirme ce changement de rôle."),
        ];
        page.blocks.push(change);
        let sessions = app.store.sessions_of(id, now).await?;
        let mut close = block(
            "sessions",
            "Sessions ouvertes",
            if sessions.is_empty() { "Aucune." } else { "" },
            "Fermer toutes les sessions",
        );
        close.lines = sessions
            .iter()
            .map(|session| {
                format!(
                    "{}, ouverte le {}, vue le {}",
                    session.device,
                    moment(session.created_at),
                    moment(session.last_seen_at)
                )
            })
            .collect();
        if sessions.is_empty() {
            close.action = String::new();
        }
        page.blocks.push(close);
        let mut suspend = block(
            "suspendre",
            "Suspendre le compte",
            "La personne ne peut plus se connecter\u{202f}; ce qu’elle a écrit reste. Vous pourrez rouvrir le compte.",
            "Suspendre",
        );
        suspend.fields = vec![confirmation(
            "confirmer-suspendre",
            "Je confirme la suspension de ce compte.",
        )];
        page.blocks.push(suspend);
    }
    for field in page.blocks.iter_mut().flat_map(|block| &mut block.fields) {
        field.error = errors
            .iter()
            .find(|(name, _)| *name == field.name)
            .map(|(_, message)| (*message).to_owned());
    }
    page.errors.extend(
        errors
            .iter()
            .filter(|(name, _)| name.is_empty())
            .map(|(_, message)| FormError::general(*message)),
    );
    page.gather_errors();
    Ok(page)
}

/// Changes a role, closes sessions, suspends or opens again.
///
/// # Errors
/// When the account is no administrator, there is no such account, or the database does not answer.
pub async fn act(
    State(app): State<App>,
    Path((id, what)): Path<(String, String)>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    admins_only(&signed_in)?;
    let id: UserId = id.parse().or(Err(WebError::NotFound))?;
    let confirmed = form.fields.has(&format!("confirmer-{what}"));
    let role = Role::from_code(form.fields.get("nouveau-role"));
    let (done, detail) = match what.as_str() {
        "role" | "suspendre" if !confirmed => {
            let field = format!("confirmer-{what}");
            let mut page = account_page(
                &app,
                &signed_in,
                id,
                &[(&field, "Cochez la case pour confirmer.")],
            )
            .await?;
            let fields = page.blocks.iter_mut().flat_map(|block| &mut block.fields);
            for field in fields.filter(|field| field.name == "nouveau-role") {
                if let (Control::Radios(options), Some(role)) = (&mut field.control, role) {
                    for option in options {
                        option.chosen = option.value == role.code();
                    }
                }
            }
            return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
        "role" => {
            let Some(role) = role else {
                let errors = [("nouveau-role", "Choisissez un rôle dans la liste.")];
                let page = account_page(&app, &signed_in, id, &errors).await?;
                return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
            };
            (app.store.set_role(id, role).await, role.code())
        }
        "sessions" => (app.store.close_every_session(id).await, ""),
        "suspendre" => (app.store.suspend_account(id).await, ""),
        "reactiver" => (app.store.reactivate_account(id).await, ""),
        _ => return Err(WebError::NotFound),
    };
    match done {
        Ok(()) => {
            let action = match what.as_str() {
                "role" => "role",
                "sessions" => "sessions-close",
                "suspendre" => "account-suspend",
                _ => "account-reopen",
            };
            let by = signed_in.person.account.id;
            note(&app, by, action, &id.to_string(), detail).await?;
            Ok(see_other(&format!("{PATH}/{id}?fait={what}")))
        }
        Err(StoreError::Conflict { .. }) => {
            let message =
                "C’est le dernier compte d’administration\u{a0}: donnez d’abord ce rôle à quelqu’un d’autre.";
            let page = account_page(&app, &signed_in, id, &[("", message)]).await?;
            fresh(StatusCode::CONFLICT, &page)
        }
        Err(error) => Err(error.into()),
    }
}
