//! `/contribuer`: what contributing takes, and where it begins.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::account::{MembershipStatus, Person};
use sobria_catalogue::draft::{DraftInput, ORGANISATION};
use sobria_catalogue::entry::EntryKind;
use sobria_catalogue::field::{Field, Section};
use sobria_catalogue::id::{ContributionId, OrganisationId, UseCaseId};
use sobria_catalogue::proposal::Proposal;
use sobria_catalogue::rights::Role;
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_catalogue::workflow::{self, NewIds, Opening};
use sobria_store::{Created, Found};
use uuid::Uuid;

use super::prefill::{self, Prefill};
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

const SIRET: &str = "organisation.siret";
const NAME: &str = "organisation.name";
/// Words of the address that name a page to take answers from.
const TEMPLATES: [(&str, EntryKind); 2] = [
    ("solution", EntryKind::Solution),
    ("fournisseur", EntryKind::Supplier),
];

/// Name of the field that makes a form sent twice count once.
pub const KEY: &str = "cle";

/// The page, with its block that takes a file.
pub fn page_for(app: &App, reader: &Reader, query: &str, file: FormBlock) -> FormPage {
    let mut page = form_page(
        app,
        "Décrire un projet",
        "Sept réponses suffisent pour envoyer une fiche\u{a0}: moins de dix minutes. Vous pouvez vous arrêter à tout moment et reprendre ailleurs, rien n’est perdu.",
        "/contribuer",
    );
    page.layout.indexed = !app.settings.demo;
    let how = FormBlock {
        id: "comment".to_owned(),
        title: "Comment cela se passe".to_owned(),
        lines: [
            "Vous répondez à l’essentiel\u{202f}; le reste est facultatif et peut venir plus tard.",
            "Chaque question dit qui lira la réponse\u{a0}: tout le monde, ou seulement les agents inscrits.",
            "Une personne de la modération relit, et vous écrit si quelque chose est à préciser.",
            "La fiche est publiée\u{202f}; vous la tenez à jour en un clic.",
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
            text: RichText::parse("La fiche engage votre organisme\u{a0}: nous devons savoir qui l’écrit."),
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
    if let [only] = own.as_slice() {
        page.lead = format!("{} Porteur\u{a0}: {}.", page.lead, only.name);
    }
    let mut block = start_block(reader, &wanted);
    if !given("copier").is_empty() {
        block
            .hidden
            .push(("copier".to_owned(), given("copier").to_owned()));
        page.notice = Some(
            "Les réponses de la fiche choisie seront reprises\u{202f}; vous corrigerez ce qui diffère."
                .to_owned(),
        );
    }
    block.links = vec![Link::new("Reprendre un brouillon", "/mon-espace")];
    page.blocks.push(block);
    page.blocks.push(file);
    page.blocks.push(how);
    page
}

/// The form that begins a contribution, with answers that an address or a file brings along.
pub fn start_block(reader: &Reader, wanted: &[(String, String)]) -> FormBlock {
    let own: Vec<_> = reader
        .person()
        .into_iter()
        .flat_map(|person| &person.memberships)
        .filter(|membership| membership.status == MembershipStatus::Granted)
        .collect();
    let given = |name: &str| {
        wanted
            .iter()
            .find(|(found, _)| found == name)
            .map_or("", |(_, value)| value.as_str())
    };
    let mut fields = Vec::new();
    if own.len() > 1 {
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
            FormField::line(SIRET, "SIRET de l’organisme qui porte le projet", given(SIRET))
                .hint("Son nom, son type et sa position en viennent\u{a0}: de la bibliothèque, sinon de l’annuaire des collectivités.")
                .max(40),
        );
        fields.push(
            FormField::line(NAME, "Nom de l’organisme", given(NAME))
                .hint("Nécessaire quand le SIRET ne suffit pas à le reconnaître.")
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
            .filter(|(name, _)| !["title", ORGANISATION, SIRET, NAME].contains(name))
        {
            hidden.extend(values.iter().map(|value| (name.to_owned(), value.clone())));
        }
    }
    FormBlock {
        id: "commencer".to_owned(),
        action: "/contribuer".to_owned(),
        csrf: reader.csrf().to_owned(),
        hidden,
        fields,
        submit: "Commencer".to_owned(),
        ..FormBlock::default()
    }
}

/// Shows the answers that the page of a solution or of a supplier brings along.
async fn templated(app: &App, reader: &Reader, page: &mut FormPage, query: &str) -> Result<(), WebError> {
    let wanted = pairs(query);
    for (word, kind) in TEMPLATES {
        let Some((_, slug)) = wanted.iter().find(|(name, _)| name == word) else {
            continue;
        };
        let Some(place) = page.blocks.iter().position(|block| block.id == "commencer") else {
            continue;
        };
        let Some((item, prefill)) = prefill::of_entry(app, reader, kind, slug).await? else {
            page.notice = Some(
                "La page dont partait ce formulaire n’existe plus\u{a0}: commencez sans elle.".to_owned(),
            );
            continue;
        };
        let Some(block) = page.blocks.get_mut(place) else {
            continue;
        };
        block.hidden.push((word.to_owned(), slug.clone()));
        block.title = format!("Décrire un projet avec «\u{a0}{}\u{a0}»", item.content().title());
        block.text = RichText::parse(
            "Ces réponses sont celles que sa page donne déjà. Chacune se corrige ensuite dans le formulaire, où son origine reste affichée.",
        );
        block.table = prefill.table("Réponses proposées");
    }
    Ok(())
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
    let query = query.as_deref().unwrap_or("");
    let file = prefill::file_block(reader.csrf(), None, "");
    let mut page = page_for(&app, &reader, query, file);
    templated(&app, &reader, &mut page, query).await?;
    fresh(StatusCode::OK, &page)
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
    let mut prefill = copied(&app, &form).await?;
    for (word, kind) in TEMPLATES {
        let slug = form.fields.get(word);
        if !slug.is_empty()
            && let Some((_, template)) = prefill::of_entry(&app, &form.reader, kind, slug).await?
        {
            prefill.then(template);
        }
    }
    let siret = typed.first(SIRET).trim().to_owned();
    let (mut own, mut brought) = (DraftInput::default(), DraftInput::default());
    for (name, given) in typed.iter() {
        // What the page asks was typed; the rest came along with an address or a file.
        let into = if ["title", ORGANISATION, SIRET, NAME].contains(&name) {
            &mut own
        } else {
            &mut brought
        };
        into.set(name, given.to_vec())
            .map_err(|error| WebError::Internal(error.to_string()))?;
    }
    let from = match form.fields.get(prefill::FROM_FILE) {
        "" => "adresse par laquelle ce formulaire a été ouvert".to_owned(),
        file => prefill::file_origin(file),
    };
    prefill.then(Prefill::from_source(brought, &from));
    if !siret.is_empty() && own.first(ORGANISATION).is_empty() {
        match prefill::of_siret(&app, &siret).await? {
            Some(mut known) => {
                // A name that somebody typed says more than a directory.
                if !own.first(NAME).trim().is_empty() && known.values.first(ORGANISATION).is_empty() {
                    known.values.replace(&[Field::OrganisationName], &own);
                    known.proposals.retain(|one| one.field != Field::OrganisationName);
                }
                prefill.then(known);
            }
            None if own.first(NAME).trim().is_empty() => {
                let asked: Vec<(String, String)> = form
                    .fields
                    .iter()
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect();
                return unknown_siret(&app, &form, &asked);
            }
            None => {}
        }
    }
    for (name, given) in own.iter() {
        let replaced = name == NAME && !prefill.values.first(ORGANISATION).is_empty();
        if !replaced {
            prefill
                .values
                .set(name, given.to_vec())
                .map_err(|error| WebError::Internal(error.to_string()))?;
        }
    }
    prefill
        .proposals
        .retain(|one| one.field != Field::Title || one.stands_in(&prefill.values));
    let opening = Opening::New {
        values: prefill.values.clone(),
    };
    open_with(
        &app,
        &form,
        opening,
        UseCaseId::new(Uuid::now_v7()),
        "essentiel",
        &prefill.proposals,
    )
    .await
}

/// The form again: the number leads to no organisation, and no name was given.
fn unknown_siret(app: &App, form: &SignedForm, asked: &[(String, String)]) -> Result<Response, WebError> {
    let file = prefill::file_block(form.reader.csrf(), None, "");
    let mut page = page_for(app, &form.reader, "", file);
    if let Some(block) = page.blocks.iter_mut().find(|block| block.id == "commencer") {
        *block = start_block(&form.reader, asked);
        for name in ["copier", prefill::FROM_FILE, "solution", "fournisseur"] {
            let value = form.fields.get(name);
            if !value.is_empty() {
                block.hidden.push((name.to_owned(), value.to_owned()));
            }
        }
        if let Some(field) = block.fields.iter_mut().find(|field| field.name == NAME) {
            field.error = Some(
                "Ce SIRET n’est ni dans la bibliothèque, ni dans l’annuaire des collectivités\u{a0}: écrivez le nom de l’organisme, par exemple «\u{a0}Ville de Brest\u{a0}»."
                    .to_owned(),
            );
        }
    }
    page.gather_errors();
    fresh(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// The answers of an earlier record, without those of its carrier.
async fn copied(app: &App, form: &SignedForm) -> Result<Prefill, WebError> {
    let slug = form.fields.get("copier");
    if slug.is_empty() {
        return Ok(Prefill::default());
    }
    let Found::UseCase { record, .. } = app.store.use_case_by_slug(slug).await? else {
        return Ok(Prefill::default());
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
    let origin = format!("fiche «\u{a0}{}\u{a0}»", visible.content().title());
    Ok(Prefill::from_source(draft, &origin))
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
    open_with(app, form, opening, use_case, then, &[]).await
}

/// The same, keeping where the answers that it begins with come from.
async fn open_with(
    app: &App,
    form: &SignedForm,
    opening: Opening,
    use_case: UseCaseId,
    then: &str,
    proposals: &[Proposal],
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
    if !proposals.is_empty()
        && let Some(case) = app.store.contribution(id).await?
        && app.store.proposals_of(id).await?.is_empty()
    {
        app.store.keep_proposals(id, case.use_case, proposals).await?;
    }
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
            if !mails.is_empty() {
                app.mail_waits.notify_one();
            }
            if applied.record.is_some() {
                crate::refresh::at_once(app).await;
            }
            Ok(applied.case.id)
        }
        Created::Again(case) | Created::Taken(case) => Ok(case.id),
    }
}
