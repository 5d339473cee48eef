//! `sobria admin user`: the first administrator, and roles without a browser.

use clap::Subcommand;
use jiff::SignedDuration;
use sobria_catalogue::account::{Email, SignUp};
use sobria_catalogue::id::{OrganisationId, UserId};
use sobria_catalogue::rights::Role;
use sobria_catalogue::text::fold_key;
use sobria_identity::secret::Secret;
use sobria_store::{AuditEntry, SecretPurpose, Store};
use uuid::Uuid;

use super::{Failure, Place, words};
use crate::instance;
use crate::output::{self, Exit};

/// Commands on accounts.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Créer un compte, ou changer le rôle d’un compte, et imprimer un lien de connexion valable une heure
    #[command(
        after_help = "Exemple :\n  sobria admin user add jeanne@ville.fr --role admin --name \"Jeanne Le Goff\""
    )]
    Add {
        /// Adresse électronique
        email: String,
        /// Rôle : member, moderator ou admin
        #[arg(long, default_value = "member")]
        role: String,
        /// Prénom et nom
        #[arg(long, default_value = "")]
        name: String,
        /// Nom d’un organisme de la bibliothèque, ou son SIREN : le compte contribue pour lui
        #[arg(long)]
        organisation: Option<String>,
    },
    /// Lister les comptes
    List {
        /// Résultat en JSON
        #[arg(long)]
        json: bool,
    },
    /// Effacer un compte : nom, adresse et sessions disparaissent
    Erase {
        /// Adresse électronique
        email: String,
    },
}

fn email(text: &str) -> Result<Email, Failure> {
    Email::parse(text).map_err(|_not_an_address| {
        Failure::new(
            Exit::Unusable,
            format!(
                "« {text} » n’est pas une adresse électronique. Donnez-en une, par exemple jeanne@ville.fr."
            ),
        )
    })
}

/// Runs a command on accounts.
///
/// # Errors
/// When the database does not answer, or what is given makes no sense.
pub async fn run(place: &Place, command: Command) -> Result<Exit, Failure> {
    let config = instance::configuration(place)?;
    let store = instance::store(place, &config).await?;
    match command {
        Command::Add {
            email: address,
            role,
            name,
            organisation,
        } => {
            let email = email(&address)?;
            let carrier = match &organisation {
                Some(text) => Some(carrier(&store, text).await?),
                None => None,
            };
            let role = Role::from_code(&role).ok_or_else(|| {
                Failure::new(
                    Exit::Unusable,
                    format!("« {role} » n’est pas un rôle. Choisissez member, moderator ou admin."),
                )
            })?;
            let base = config
                .server
                .public_url
                .clone()
                .unwrap_or_else(|| format!("http://{}", config.server.listen));
            let link = add(&store, email, role, &name, carrier, base.trim_end_matches('/')).await?;
            output::line(link);
        }
        Command::List { json } => list(&store, json).await?,
        Command::Erase { email: address } => {
            let account = store
                .account_by_email(&email(&address)?)
                .await
                .map_err(|error| words::store(&error))?
                .ok_or_else(|| {
                    Failure::new(
                        Exit::Failed,
                        format!("aucun compte ne porte l’adresse « {address} »."),
                    )
                })?;
            store
                .erase_account(account.id)
                .await
                .map_err(|error| words::store(&error))?;
            note(&store, "account-erase", &account.id.to_string(), "").await?;
            output::line("Compte effacé.");
        }
    }
    Ok(Exit::Done)
}

async fn note(store: &Store, action: &str, subject: &str, detail: &str) -> Result<(), Failure> {
    store
        .add_audit(AuditEntry {
            at: instance::now(),
            actor: "sobria admin user",
            action,
            subject,
            detail,
        })
        .await
        .map_err(|error| words::store(&error))
}

/// Makes the account or changes its role; returns a link that signs in once.
async fn add(
    store: &Store,
    email: Email,
    role: Role,
    name: &str,
    carrier: Option<OrganisationId>,
    base: &str,
) -> Result<String, Failure> {
    let failed = |error: sobria_store::StoreError| words::store(&error);
    let (given, family) = name.trim().split_once(' ').unwrap_or((name.trim(), ""));
    let sign_up = SignUp {
        email,
        given_name: given.to_owned(),
        family_name: family.to_owned(),
        job_title: String::new(),
        organisation_name: String::new(),
        organisation: None,
        consents: Vec::new(),
        then: String::new(),
    };
    let now = instance::now();
    let id = UserId::new(Uuid::now_v7());
    let account = store
        .create_account(id, &sign_up, role, now)
        .await
        .map_err(failed)?;
    if account.role != role {
        store.set_role(account.id, role).await.map_err(failed)?;
    }
    note(store, "role", &account.id.to_string(), role.code()).await?;
    if let Some(carrier) = carrier {
        store
            .ask_membership(account.id, carrier, Some("sobria admin user"), now)
            .await
            .map_err(failed)?;
        note(
            store,
            "membership-grant",
            &account.id.to_string(),
            &carrier.to_string(),
        )
        .await?;
    }
    let secret = Secret::generate().map_err(|error| Failure::of(Exit::Failed, &error))?;
    store
        .keep_secret(
            &secret.digest(),
            SecretPurpose::SignIn,
            Some(account.id),
            "/mon-espace/compte",
            now,
            SignedDuration::from_hours(1),
        )
        .await
        .map_err(failed)?;
    Ok(format!("{base}/connexion/lien/{}", secret.reveal()))
}

/// The organisation of a name, with or without accents and capitals, or of a SIREN.
async fn carrier(store: &Store, text: &str) -> Result<OrganisationId, Failure> {
    let failed = |error: sobria_store::StoreError| words::store(&error);
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() == 9
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && let Some(found) = store.organisation_of_siren(&digits).await.map_err(failed)?
    {
        return Ok(found);
    }
    let key = fold_key(text);
    let found = store.organisations(text, 0, 200).await.map_err(failed)?;
    found
        .items
        .iter()
        .find(|one| fold_key(&one.organisation.name) == key)
        .map(|one| one.organisation.id)
        .ok_or_else(|| {
            Failure::new(
                Exit::Failed,
                format!(
                    "aucun organisme de la bibliothèque ne s’appelle « {text} ». Importez d’abord ses fiches, ou ajoutez-le dans l’administration."
                ),
            )
        })
}

async fn list(store: &Store, json: bool) -> Result<(), Failure> {
    let mut offset = 0;
    loop {
        let page = store
            .accounts("", None, offset, 200)
            .await
            .map_err(|error| words::store(&error))?;
        for account in &page.items {
            if json {
                output::line(serde_json::json!({
                    "id": account.id,
                    "email": account.email,
                    "name": account.name(),
                    "role": account.role,
                    "last_signed_in_at": account.last_signed_in_at,
                }));
            } else {
                output::line(format!(
                    "{}\t{}\t{}",
                    account.email.as_str(),
                    account.role.code(),
                    account.name()
                ));
            }
        }
        if page.items.len() < 200 {
            return Ok(());
        }
        offset += 200;
    }
}
