//! `/contribuer`: what contributing takes, and where it begins.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::account::{MembershipStatus, Person};
use sobria_catalogue::draft::{DraftInput, ORGANISATION};
use sobria_catalogue::field::{Field, Section};
use sobria_catalogue::id::{ContributionId, OrganisationId, UseCaseId};
use sobria_catalogue::rights::Role;
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_catalogue::workflow::{self, NewIds, Opening};
use sobria_store::{Created, Found};
use uuid::Uuid;

use super::refused;
use crate::app::App;
use crate::error::WebError;
use crate::limiter::Action;
use crate::params::pairs;
use crate::posted::SignedForm;
use crate::routes::account::{form_page, fresh, see_other};
use crate::session::Reader;
use crate::view::library::Link;
use crate::view::{Control, FormBlock, FormField, FormOption, FormPage, RichText};

/// Name of the field that makes a form sent twice count once.
pub const KEY: &str = "cle";

fn page(app: &App, reader: &Reader, query: &str) -> FormPage {
    let mut page = form_page(
        app,
        "Décrire un projet",
        "Sept réponses suffisent pour envoyer une fiche : moins de dix minutes. Vous pouvez vous arrêter à tout moment et reprendre ailleurs, rien n’est perdu.",
        "/contribuer",
    );
    page.layout.indexed = !app.settings.demo;
    let how = FormBlock {
        id: "comment".to_owned(),
        title: "Comment cela se passe".to_owned(),
        lines: [
            "Vous répondez à l’essentiel ; le reste est facultatif et peut venir plus tard.",
            "Chaque question dit qui lira la réponse : tout le monde, ou seulement les agents inscrits.",
            "Une personne de la modération relit, et vous écrit si quelque chose est à préciser.",
            "La fiche est publiée ; vous la tenez à jour en un clic.",
        ]
        .map(str::to_owned)
        .to_vec(),
        links: vec![Link::new("Toutes les questions du modèle", "/modele-de-donnees")],
        ..FormBlock::default()
    };
    let Some(person) = reader.person() else {
        page.blocks.push(how);
        page.blocks.push(FormBlock {
            id: "entrer".to_owned(),
            title: "Il faut un compte".to_owned(),
            text: RichText::parse("La fiche engage votre organisme : nous devons savoir qui l’écrit."),
            links: vec![
                Link::new("Se connecter", connection("/connexion", query)),
                Link::new("Créer un compte", connection("/inscription", query)),
            ],
            ..FormBlock::default()
        });
        return page;
    };
    let own: Vec<_> = person
        .memberships
        .iter()
        .filter(|membership| membership.status == MembershipStatus::Granted)
        .collect();
    if own.is_empty() && person.account.role < Role::Moderator {
        page.notice = Some(
            "Votre organisme n’est pas encore confirmé. Dès qu’il le sera, vous pourrez décrire ses projets."
                .to_owned(),
        );
        page.blocks.push(how);
        return page;
    }
    let wanted = pairs(query);
    let given = |name: &str| {
        wanted
            .iter()
            .find(|(found, _)| found == name)
            .map_or("", |(_, value)| value.as_str())
    };
    let mut fields = Vec::new();
    if own.len() == 1 {
        page.lead = format!(
            "{} {}",
            page.lead,
            format_args!("Porteur : {}.", own.first().map_or("", |one| one.name.as_str()))
        );
    } else if !own.is_empty() {
        let chosen = given(ORGANISATION);
        fields.push(
            FormField::new(
                ORGANISATION,
                "Organisme qui porte le projet",
                "",
                Control::Radios(
                    own.iter()
                        .map(|membership| {
                            let id = membership.organisation.to_string();
                            FormOption::new(id.clone(), membership.name.clone(), id == chosen)
                        })
                        .collect(),
                ),
            )
            .required(),
        );
    }
    if own.is_empty() {
        fields.push(
            FormField::line(
                "organisation.name",
                "Organisme qui porte le projet",
                given("organisation.name"),
            )
            .required()
            .max(200),
        );
    }
    fields.push(
        FormField::line("title", "Nom du projet", given("title"))
            .hint(Field::Title.spec().help)
            .required()
            .max(150),
    );
    let mut hidden: Vec<(String, String)> = vec![(KEY.to_owned(), Uuid::now_v7().to_string())];
    if let [only] = own.as_slice() {
        hidden.push((ORGANISATION.to_owned(), only.organisation.to_string()));
    }
    // An address may bring answers along: that of a supplier, of another tool, of a colleague.
    if let Ok((prefilled, _)) = DraftInput::from_pairs(wanted.iter().cloned()) {
        for (name, values) in prefilled
            .iter()
            .filter(|(name, _)| *name != "title" && *name != ORGANISATION)
        {
            hidden.extend(values.iter().map(|value| (name.to_owned(), value.clone())));
        }
    }
    if !given("copier").is_empty() {
        hidden.push(("copier".to_owned(), given("copier").to_owned()));
        page.notice = Some(
            "Les réponses de la fiche choisie seront reprises ; vous corrigerez ce qui diffère.".to_owned(),
        );
    }
    page.blocks.push(FormBlock {
        id: "commencer".to_owned(),
        action: "/contribuer".to_owned(),
        csrf: reader.csrf().to_owned(),
        hidden,
        fields,
        submit: "Commencer".to_owned(),
        links: vec![Link::new("Reprendre un brouillon", "/mon-espace")],
        ..FormBlock::default()
    });
    page.blocks.push(how);
    page
}

fn connection(path: &str, query: &str) -> String {
    let back = if query.is_empty() {
        "/contribuer".to_owned()
    } else {
        format!("/contribuer?{query}")
    };
    format!("{path}?suite={}", crate::params::encode(&back))
}

/// The page where contributing begins.
///
/// # Errors
/// When the template fails.
pub async fn form(
    State(app): State<App>,
    reader: Reader,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    fresh(
        StatusCode::OK,
        &page(&app, &reader, query.as_deref().unwrap_or("")),
    )
}

/// Begins a contribution. The same form sent twice begins one.
///
/// # Errors
/// When the person may not contribute, or the database does not answer.
pub async fn post(State(app): State<App>, form: SignedForm) -> Result<Response, WebError> {
    let pairs = form
        .fields
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (typed, _) = DraftInput::from_pairs(pairs).map_err(|_too_much| WebError::TooLarge)?;
    let mut values = copied(&app, &form).await?;
    for (name, given) in typed.iter() {
        values
            .set(name, given.to_vec())
            .map_err(|error| WebError::Internal(error.to_string()))?;
    }
    let opening = Opening::New { values };
    open(&app, &form, opening, UseCaseId::new(Uuid::now_v7()), "essentiel").await
}

/// The answers of an earlier record, without those of its carrier.
async fn copied(app: &App, form: &SignedForm) -> Result<DraftInput, WebError> {
    let slug = form.fields.get("copier");
    if slug.is_empty() {
        return Ok(DraftInput::default());
    }
    let Found::UseCase { record, .. } = app.store.use_case_by_slug(slug).await? else {
        return Ok(DraftInput::default());
    };
    let actor = form.person.actor();
    let level = sobria_catalogue::access::level_for(&actor, Some(record.organisation.id));
    let visible = sobria_catalogue::access::redact(*record, level);
    let mut draft = DraftInput::from_content(visible.content(), &visible.record().organisation);
    let carrier: Vec<Field> = sobria_catalogue::field::FIELDS
        .iter()
        .filter(|spec| spec.section == Section::Carrier)
        .map(|spec| spec.field)
        .collect();
    draft.replace(&carrier, &DraftInput::default());
    Ok(draft)
}

/// Begins a contribution of any kind about a record, and shows it.
///
/// # Errors
/// When the person may not contribute, or the database does not answer.
pub async fn open(
    app: &App,
    form: &SignedForm,
    opening: Opening,
    use_case: UseCaseId,
    then: &str,
) -> Result<Response, WebError> {
    let account = form.person.account.id;
    if !app
        .limiter
        .take(Action::Submission, &account.to_string(), (app.settings.now)())
    {
        return Err(WebError::TooMany);
    }
    let key = match form.fields.get(KEY) {
        "" => Uuid::now_v7().to_string(),
        key => key.chars().take(80).collect(),
    };
    let id = begin_for(app, &form.person, opening, use_case, &key).await?;
    Ok(see_other(&format!("/contribuer/{id}/{then}")))
}

/// Begins a contribution in the name of a person; the same key makes one.
///
/// # Errors
/// When the person may not contribute, or the database does not answer.
pub async fn begin_for(
    app: &App,
    person: &Person,
    opening: Opening,
    use_case: UseCaseId,
    key: &str,
) -> Result<ContributionId, WebError> {
    let now = (app.settings.now)();
    let ids = NewIds {
        contribution: ContributionId::new(Uuid::now_v7()),
        use_case,
        organisation: OrganisationId::new(Uuid::now_v7()),
    };
    let values = match &opening {
        Opening::New { values } => values.clone(),
        _ => DraftInput::default(),
    };
    let background = app.store.background(use_case, &values).await?;
    let context = background.context(now, app.today(), Vocabularies::embedded(), ids.organisation);
    let applied =
        workflow::open(opening, ids, &person.actor(), &context).map_err(|refusal| refused(&refusal))?;
    let mails = crate::letters::about(app, &applied.case, &applied.events, &applied.comments).await?;
    match app
        .store
        .create_contribution_telling(&applied, key, &mails)
        .await?
    {
        Created::New => {
            app.mail_waits.notify_one();
            if applied.record.is_some() {
                crate::refresh::at_once(app).await;
            }
            Ok(applied.case.id)
        }
        Created::Again(case) | Created::Taken(case) => Ok(case.id),
    }
}
