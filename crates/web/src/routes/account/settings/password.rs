//! The password: its form, and what changing it takes.

use axum::response::Response;
use sobria_catalogue::account::Person;
use sobria_identity::password;
use sobria_identity::password::{Verdict, Weak};

use super::PATH;
use super::refused;
use crate::app::App;
use crate::error::WebError;
use crate::posted::SignedForm;
use crate::view::{Control, FormBlock, FormField, RichText};

pub(super) fn password_block(
    person: &Person,
    csrf: String,
    error: &dyn Fn(&str) -> Option<String>,
) -> FormBlock {
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

pub(super) async fn change_password(app: &App, form: &SignedForm) -> Result<Option<Response>, WebError> {
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
