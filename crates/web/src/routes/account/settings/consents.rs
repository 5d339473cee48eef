//! What the person agrees to receive.

use sobria_catalogue::account::{Consent, Person, Purpose};
use sobria_store::DigestPace;
use uuid::Uuid;

use super::super::sign_up::wording;
use super::PATH;
use crate::app::App;
use crate::error::WebError;
use crate::posted::SignedForm;
use crate::view::{Control, FormBlock, FormField, FormOption};

/// What the person agrees to at present.
pub(super) async fn agreed(app: &App, person: &Person) -> Result<Vec<(Purpose, bool)>, WebError> {
    let lines = app.store.consents_of(person.account.id).await?;
    Ok(Purpose::ALL
        .into_iter()
        .map(|purpose| {
            let last = lines.iter().rev().find(|line| line.purpose == purpose);
            (purpose, last.is_some_and(|line| line.given))
        })
        .collect())
}

pub(super) async fn consents(app: &App, person: &Person, csrf: String) -> Result<FormBlock, WebError> {
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

/// Keeps the choices of the form: those that changed, each with the words that were shown.
pub(super) async fn change_consents(app: &App, form: &SignedForm) -> Result<(), WebError> {
    let id = form.person.account.id;
    if let Some(pace) = DigestPace::from_code(form.fields.get("rythme")) {
        app.store.set_digest_pace(id, pace, (app.settings.now)()).await?;
    }
    for (purpose, given) in agreed(app, &form.person).await? {
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
    Ok(())
}
