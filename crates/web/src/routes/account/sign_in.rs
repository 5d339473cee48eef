//! `/connexion`: by a link sent by mail, by password, through a provider; `/deconnexion`.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use jiff::SignedDuration;
use serde::Deserialize;
use sobria_catalogue::account::{Account, Email, SignInMethod};
use sobria_catalogue::rights::Role;
use sobria_identity::password::{self, Verdict};
use sobria_identity::secret::Secret;
use sobria_store::SecretPurpose;

use super::{Opening, device_cookie, form_page, fresh, link, new_secret, open_session, see_other};
use crate::app::App;
use crate::error::WebError;
use crate::letters::{Letter, send};
use crate::limiter::Action;
use crate::params::encode;
use crate::posted::{OpenForm, SignedForm};
use crate::session::{Reader, cookie, cookie_name, cookie_value, local_path};
use crate::view::library::Link;
use crate::view::{Control, FormBlock, FormError, FormField, FormPage, RichText};

/// How long a sign-in link is good.
const LINK: SignedDuration = SignedDuration::from_mins(15);
/// Requests that may wait for a password to be hashed.
const HASH_WAIT: std::time::Duration = std::time::Duration::from_secs(2);
/// Secret word of the demonstration accounts, shown on the page itself.
pub const DEMO_PASSWORD: &str = "territoires sobres";

/// Demonstration accounts: role in the address, name, mailbox, role, what they are for.
pub const DEMO_ACCOUNTS: [DemoAccount; 5] = [
    DemoAccount {
        key: "agent",
        given_name: "Aïcha",
        family_name: "Bensaïd",
        email: "agent@demo.exemple.fr",
        role: Role::Member,
        contributes: false,
        what: "Agente inscrite\u{a0}: lit la bibliothèque privée, suit des projets",
    },
    DemoAccount {
        key: "contributeur",
        given_name: "Corentin",
        family_name: "Le Bihan",
        email: "contributeur@demo.exemple.fr",
        role: Role::Member,
        contributes: true,
        what: "Contributeur\u{a0}: décrit les projets de son organisation",
    },
    DemoAccount {
        key: "moderation",
        given_name: "Maïwenn",
        family_name: "Rousseau",
        email: "moderation@demo.exemple.fr",
        role: Role::Moderator,
        contributes: false,
        what: "Modératrice\u{a0}: relit et publie",
    },
    DemoAccount {
        key: "administration",
        given_name: "Hugo",
        family_name: "Fontaine",
        email: "administration@demo.exemple.fr",
        role: Role::Admin,
        contributes: false,
        what: "Administrateur\u{a0}: comptes, vocabulaires, réglages",
    },
    DemoAccount {
        key: "achat",
        given_name: "Inès",
        family_name: "Marchand",
        email: "achat@demo.exemple.fr",
        role: Role::Member,
        contributes: true,
        what: "Acheteuse\u{a0}: même organisation que le contributeur, note les offres avec lui",
    },
];

/// One account of the demonstration.
#[derive(Debug, Clone, Copy)]
pub struct DemoAccount {
    /// Word in forms.
    pub key: &'static str,
    /// First name.
    pub given_name: &'static str,
    /// Family name.
    pub family_name: &'static str,
    /// Mailbox.
    pub email: &'static str,
    /// Role.
    pub role: Role,
    /// Whether it contributes for an organisation.
    pub contributes: bool,
    /// What it shows.
    pub what: &'static str,
}

/// What the address of the page says.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Wanted {
    /// Where to go once signed in.
    #[serde(default)]
    suite: String,
    /// Given when a provider was left before the end.
    #[serde(default)]
    quitte: String,
}

fn page(app: &App, then: &str, email: &str, error: Option<&str>) -> FormPage {
    let mut page = form_page(
        app,
        "Se connecter",
        "Pour contribuer, suivre des projets et lire ce qui est réservé aux agents. La bibliothèque publique se lit sans compte.",
        "/connexion",
    );
    let resumes = then.starts_with("/reprendre/");
    if resumes {
        page.notice = Some(
            "Votre session s’est terminée. Ce que vous avez saisi est gardé\u{a0}: connectez-vous pour le retrouver."
                .to_owned(),
        );
    }
    if let Some(message) = error {
        page.errors.push(FormError {
            field: "email".to_owned(),
            message: message.to_owned(),
        });
    }
    let hidden = vec![("suite".to_owned(), then.to_owned())];
    page.blocks.push(FormBlock {
        id: "compte".to_owned(),
        action: "/connexion".to_owned(),
        hidden: hidden.clone(),
        fields: vec![
            FormField::new("email", "Adresse électronique", email, Control::Line("email"))
                .hint("Par exemple\u{a0}: prenom.nom@ville.fr")
                .required()
                .autocomplete("username")
                .max(sobria_catalogue::account::EMAIL_MAX),
            FormField::new("password", "Mot de passe", "", Control::Line("password"))
                .hint("Laissez vide pour recevoir un lien de connexion par courriel.")
                .autocomplete("current-password")
                .max(password::MAX),
        ],
        submit: "Se connecter".to_owned(),
        others: vec![("lien".to_owned(), "Recevoir un lien".to_owned())],
        links: vec![Link::new(
            "Créer un compte",
            format!("/inscription?suite={}", encode(then)),
        )],
        ..FormBlock::default()
    });
    for provider in app.settings.providers.iter() {
        let config = provider.config();
        let mut links = vec![Link::new(
            config.button(),
            format!("/connexion/{}?suite={}", config.key, encode(then)),
        )];
        links.extend(config.help().map(|(href, label)| Link::new(label, href)));
        page.blocks.push(FormBlock {
            id: format!("fournisseur-{}", config.key),
            title: config.name.clone(),
            links,
            ..FormBlock::default()
        });
    }
    if app.settings.demo {
        page.blocks.push(FormBlock {
            id: "demonstration".to_owned(),
            title: "Comptes de démonstration".to_owned(),
            text: RichText::parse(&format!(
                "Choisissez un rôle pour entrer sans mot de passe. Avec le formulaire ci-dessus, le mot de passe de chacun est «\u{a0}{DEMO_PASSWORD}\u{a0}»."
            )),
            lines: DEMO_ACCOUNTS
                .iter()
                .map(|account| format!("{}\u{a0}: {}", account.email, account.what))
                .collect(),
            action: "/connexion/demonstration".to_owned(),
            hidden,
            fields: vec![FormField::new(
                "role",
                "Rôle",
                "",
                Control::Radios(
                    DEMO_ACCOUNTS
                        .iter()
                        .map(|account| {
                            crate::view::FormOption::new(
                                account.key,
                                account.what.split(" : ").next().unwrap_or(account.key),
                                account.key == "contributeur",
                            )
                        })
                        .collect(),
                ),
            )
            .required()],
            submit: "Entrer avec ce rôle".to_owned(),
            quiet: true,
            ..FormBlock::default()
        });
    }
    page
}

/// The sign-in page; who is signed in already is sent on.
///
/// # Errors
/// When the template fails.
pub async fn form(
    State(app): State<App>,
    Query(wanted): Query<Wanted>,
    reader: Reader,
) -> Result<Response, WebError> {
    let then = local_path(&wanted.suite);
    if reader.person().is_some() {
        return Ok(see_other(&then));
    }
    let mut page = page(&app, &then, "", None);
    if !wanted.quitte.is_empty() {
        page.notice = Some(
            "Vous n’êtes pas connecté\u{a0}: le fournisseur d’identité a été quitté avant la fin. Recommencez, ou choisissez un autre moyen."
                .to_owned(),
        );
    }
    fresh(StatusCode::OK, &page)
}

/// Signs in with a password, or sends a link.
///
/// # Errors
/// When the database does not answer.
pub async fn post(
    State(app): State<App>,
    headers: HeaderMap,
    OpenForm { reader, fields }: OpenForm,
) -> Result<Response, WebError> {
    let then = local_path(fields.get("suite"));
    let typed = fields.get("email").to_owned();
    let Ok(email) = Email::parse(&typed) else {
        let message = "Cette adresse n’a pas la forme attendue, par exemple prenom.nom@ville.fr.";
        return fresh(
            StatusCode::UNPROCESSABLE_ENTITY,
            &page(&app, &then, &typed, Some(message)),
        );
    };
    let secret_word = fields.get("password");
    if fields.get("action") == "lien" || secret_word.is_empty() {
        return send_link(&app, &reader, &email, &then).await;
    }
    match check_password(&app, &reader, &headers, &email, secret_word).await? {
        Checked::Right(account) => {
            let opening = Opening {
                method: SignInMethod::Password,
                provider: None,
                then: &then,
            };
            open_session(&app, &headers, &account, opening).await
        }
        Checked::Wrong => fresh(
            StatusCode::UNPROCESSABLE_ENTITY,
            &page(
                &app,
                &then,
                &typed,
                Some(
                    "L’adresse et le mot de passe ne vont pas ensemble. Réessayez, ou recevez un lien de connexion par courriel.",
                ),
            ),
        ),
        Checked::TooMany => {
            let message = "Trop d’essais en peu de temps. Attendez un quart d’heure, ou recevez un lien de connexion par courriel\u{a0}: il reste possible.";
            fresh(
                StatusCode::TOO_MANY_REQUESTS,
                &page(&app, &then, &typed, Some(message)),
            )
        }
    }
}

enum Checked {
    Right(Box<Account>),
    Wrong,
    TooMany,
}

/// Checks a password within the limits. An account that does not exist takes the same path and the same time.
async fn check_password(
    app: &App,
    reader: &Reader,
    headers: &HeaderMap,
    email: &Email,
    typed: &str,
) -> Result<Checked, WebError> {
    let now = (app.settings.now)();
    let account = app.store.account_by_email(email).await?;
    let kept = match &account {
        Some(account) => app.store.password_hash(account.id).await?,
        None => None,
    };
    let known = match cookie_value(headers, device_cookie(app)).and_then(Secret::parse) {
        Some(device) => {
            let found = app
                .store
                .look_at_secret(&device.digest(), SecretPurpose::Device, now)
                .await?;
            let own = found.and_then(|(owner, _)| owner);
            (own.is_some() && own == account.as_ref().map(|account| account.id)).then(|| device.digest())
        }
        None => None,
    };
    let address = reader.address().to_string();
    let pair = format!("{address} {}", email.as_str());
    // A browser that signed in before has a count of its own: guesses made elsewhere do not lock its owner out.
    let counted: Vec<(Action, &str)> = match &known {
        Some(device) => vec![(Action::PasswordDevice, device.as_str())],
        None => vec![
            (Action::PasswordAddress, address.as_str()),
            (Action::PasswordPair, pair.as_str()),
            (Action::PasswordAccount, email.as_str()),
        ],
    };
    if !counted
        .iter()
        .all(|(action, source)| app.limiter.take(*action, source, now))
    {
        tracing::warn!(%address, "too many passwords were tried");
        return Ok(Checked::TooMany);
    }
    let Ok(Ok(_place)) = tokio::time::timeout(HASH_WAIT, app.hashing.acquire()).await else {
        return Err(WebError::Unavailable);
    };
    let (given, former) = (typed.to_owned(), kept.clone());
    let (verdict, anew) = tokio::task::spawn_blocking(move || {
        let verdict = password::verify(&given, former.as_deref());
        let anew = (verdict == Verdict::RightButOld).then(|| password::hash(&given));
        (verdict, anew)
    })
    .await
    .map_err(|error| WebError::Internal(error.to_string()))?;
    match (verdict, account) {
        (Verdict::Right | Verdict::RightButOld, Some(account)) => {
            if let (Some(Ok(hash)), Some(kept)) = (anew, kept) {
                app.store.refresh_password_hash(account.id, &kept, &hash).await?;
            }
            for (action, source) in counted {
                if action != Action::PasswordAddress {
                    app.limiter.forget(action, source);
                }
            }
            Ok(Checked::Right(Box::new(account)))
        }
        _ => {
            tracing::warn!(%address, "a wrong password was given");
            Ok(Checked::Wrong)
        }
    }
}

/// Sends a sign-in link when there is an account, and says the same when there is none.
async fn send_link(app: &App, reader: &Reader, email: &Email, then: &str) -> Result<Response, WebError> {
    let now = (app.settings.now)();
    if !app
        .limiter
        .take(Action::LinkAddress, &reader.address().to_string(), now)
    {
        let message = "Trop de demandes viennent de votre réseau. Réessayez dans une heure.";
        return fresh(
            StatusCode::TOO_MANY_REQUESTS,
            &page(app, then, email.as_str(), Some(message)),
        );
    }
    let allowed = app.limiter.take(Action::LinkMailbox, email.as_str(), now);
    if let Some(account) = app.store.account_by_email(email).await?.filter(|_| allowed) {
        let secret = new_secret()?;
        app.store
            .keep_secret(
                &secret.digest(),
                SecretPurpose::SignIn,
                Some(account.id),
                then,
                now,
                LINK,
            )
            .await?;
        let link = format!("{}/connexion/lien/{}", app.settings.base_url, secret.reveal());
        send(app, email, &Letter::SignIn { link }).await?;
    }
    let mut page = form_page(
        app,
        "Consultez votre messagerie",
        "Si un compte porte cette adresse, un message vient de partir. Le lien qu’il contient est valable quinze minutes et ne sert qu’une fois.",
        "/connexion",
    );
    page.blocks.push(FormBlock {
        lines: vec![
            "Rien après cinq minutes\u{202f}? Regardez dans les courriers indésirables.".to_owned(),
            "Pas encore de compte\u{202f}? Créez-en un\u{a0}: cela prend une minute.".to_owned(),
        ],
        links: letters_link(
            app,
            vec![
                Link::new("Créer un compte", format!("/inscription?suite={}", encode(then))),
                Link::new(
                    "Revenir à la connexion",
                    format!("/connexion?suite={}", encode(then)),
                ),
            ],
        ),
        ..FormBlock::default()
    });
    fresh(StatusCode::OK, &page)
}

/// In the demonstration no message leaves: it is read on a page.
pub fn letters_link(app: &App, mut links: Vec<Link>) -> Vec<Link> {
    if app.settings.demo {
        links.push(Link::new("Lire les courriels de la démonstration", "/courriels"));
    }
    links
}

/// The page behind a sign-in link: a button, because mail programs follow links on their own.
///
/// # Errors
/// When the database does not answer.
pub async fn link(State(app): State<App>, Path(text): Path<String>) -> Result<Response, WebError> {
    let good = link::look_at(&app, &text, SecretPurpose::SignIn).await?;
    if good.is_none() {
        return spent(&app);
    }
    let mut page = form_page(&app, "Se connecter", "Un clic, et vous y êtes.", "/connexion");
    page.blocks
        .push(link::button("/connexion/lien", text, "Me connecter"));
    fresh(StatusCode::OK, &page)
}

fn spent(app: &App) -> Result<Response, WebError> {
    let mut page = form_page(
        app,
        "Ce lien ne sert plus",
        "Il a déjà été utilisé, ou il a plus de quinze minutes.",
        "/connexion",
    );
    page.blocks.push(FormBlock {
        links: vec![Link::new("Demander un autre lien", "/connexion")],
        ..FormBlock::default()
    });
    fresh(StatusCode::GONE, &page)
}

/// Signs in with a link.
///
/// # Errors
/// When the database does not answer.
pub async fn post_link(
    State(app): State<App>,
    headers: HeaderMap,
    OpenForm { fields, .. }: OpenForm,
) -> Result<Response, WebError> {
    let used = link::spend(&app, fields.get(link::FIELD), SecretPurpose::SignIn).await?;
    let Some((Some(id), then)) = used else {
        return spent(&app);
    };
    let Some(account) = app.store.account(id).await? else {
        return spent(&app);
    };
    let opening = Opening {
        method: SignInMethod::Link,
        provider: None,
        then: &then,
    };
    open_session(&app, &headers, &account, opening).await
}

/// Signs in with a demonstration account.
///
/// # Errors
/// When the instance is not a demonstration, or the database does not answer.
pub async fn demonstration(
    State(app): State<App>,
    headers: HeaderMap,
    OpenForm { fields, .. }: OpenForm,
) -> Result<Response, WebError> {
    if !app.settings.demo {
        return Err(WebError::NotFound);
    }
    let chosen = DEMO_ACCOUNTS
        .iter()
        .find(|account| account.key == fields.get("role"))
        .ok_or(WebError::NotFound)?;
    let email = Email::parse(chosen.email).map_err(|error| WebError::Internal(error.to_string()))?;
    let account = app
        .store
        .account_by_email(&email)
        .await?
        .ok_or(WebError::NotFound)?;
    let opening = Opening {
        method: SignInMethod::Demo,
        provider: None,
        then: fields.get("suite"),
    };
    open_session(&app, &headers, &account, opening).await
}

/// Closes the session; through a provider, its session too.
///
/// # Errors
/// When the database does not answer.
pub async fn sign_out(State(app): State<App>, form: SignedForm) -> Result<Response, WebError> {
    let mut then = "/".to_owned();
    if let Some(session) = form.reader.session() {
        app.store
            .close_session(session.person.account.id, &session.id)
            .await?;
        if let Some((key, token)) = &session.provider
            && let Some(url) = crate::routes::account::provider_sign_out(&app, key, token).await
        {
            then = url;
        }
    }
    let mut response = if then == "/" {
        see_other(&then)
    } else {
        leaving(&app, &then)?
    };
    if let Some(line) = cookie(&app, cookie_name(&app), "", 0) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    Ok(response)
}

/// The page that leads on to the provider: a form may not be answered by a redirection to another site, which the
/// content policy forbids.
fn leaving(app: &App, provider: &str) -> Result<Response, WebError> {
    let mut page = form_page(
        app,
        "Vous êtes déconnecté de ce site",
        "Reste le fournisseur d’identité\u{a0}: votre navigateur y va de lui-même.",
        "/deconnexion",
    );
    page.blocks.push(FormBlock {
        links: vec![Link::new(
            "Me déconnecter aussi du fournisseur d’identité",
            provider,
        )],
        ..FormBlock::default()
    });
    let mut response = fresh(StatusCode::OK, &page)?;
    if let Ok(value) = header::HeaderValue::from_str(&format!("0; url={provider}")) {
        response.headers_mut().insert(header::REFRESH, value);
    }
    Ok(response)
}
