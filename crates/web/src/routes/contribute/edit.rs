//! One step of the form: what was typed is kept first, and judged afterwards.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use sobria_catalogue::draft::{DraftInput, FieldErrors, InputName};
use sobria_catalogue::field::Field;
use sobria_catalogue::proposal::PREFILL;
use sobria_catalogue::use_case::WorkflowStatus;
use sobria_catalogue::validate::Stage;
use sobria_catalogue::workflow::{Case, Refusal, Transition};

use super::fields::{self, STEPS, Step};
use super::{Outcome, answer, case_page, context, name, readable, refused, step};
use crate::app::App;
use crate::error::WebError;
use crate::posted::SignedForm;
use crate::routes::account::see_other;
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::prose::ProseTable;
use crate::view::{FormBlock, FormError, FormField, FormPage, RichText};

/// Hidden field: the version that the page was made from.
const VERSION: &str = "_version";

/// `/contribuer/{id}`: where the contribution stands decides what is shown.
///
/// # Errors
/// When there is no such contribution.
pub async fn resume(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let case = readable(&app, &signed_in.actor(), &id).await?;
    Ok(see_other(&format!("/contribuer/{}/{}", case.id, entrance(&case))))
}

/// The page that a contribution is opened on.
pub fn entrance(case: &Case) -> &'static str {
    match case.status {
        WorkflowStatus::Draft | WorkflowStatus::ChangesRequested => "essentiel",
        _ => "suivi",
    }
}

/// Whether its author may change it now.
pub fn is_editable(case: &Case) -> bool {
    matches!(
        case.status,
        WorkflowStatus::Draft | WorkflowStatus::ChangesRequested
    )
}

/// What is wrong in the fields of a step; blank answers are not wrong while one is still writing.
fn wrong_in(case_errors: &FieldErrors, step: &Step, values: &DraftInput) -> Vec<FormError> {
    case_errors
        .iter()
        .filter(|error| step.fields.contains(&error.field))
        .filter(|error| error.code != "required" || !values.first(&error.name).is_empty())
        .map(|error| FormError {
            field: error.name.clone(),
            message: error.message.clone(),
        })
        .collect()
}

struct Shown<'a> {
    case: &'a Case,
    values: &'a DraftInput,
    step: &'static Step,
    csrf: &'a str,
}

async fn page(app: &App, shown: &Shown<'_>) -> Result<FormPage, WebError> {
    let Shown {
        case,
        values,
        step,
        csrf,
    } = shown;
    let background = app.store.background(case.use_case, values).await?;
    let context = context(app, &background, case);
    let errors = values.check(Stage::Submit, &context.around).err();
    let title = format!("{}\u{a0}: {}", name(case), step.title.to_lowercase());
    let mut page = case_page(app, case, &title, step.lead, step.key);
    page.layout.scripted = true;
    page.layout.assets.js = crate::assets::Assets::embedded().path("form.js").to_owned();
    let base = format!("/contribuer/{}", case.id);
    if let Some(errors) = &errors {
        page.errors = wrong_in(errors, step, values);
    }
    let shown_errors = errors.as_ref().filter(|_| !page.errors.is_empty());
    let asked = requests(app, case, values, step).await?;
    page.errors.extend(
        asked
            .iter()
            .filter(|request| !request.answered)
            .map(|request| FormError {
                field: InputName::main(request.field).to_string(),
                message: format!(
                    "La modération demande, pour «\u{a0}{}\u{a0}»\u{a0}: {}",
                    request.field.spec().label,
                    request.text
                ),
            }),
    );
    let kept = app.store.proposals_of(case.id).await?;
    let questions: Vec<FormField> = step
        .fields
        .iter()
        .filter(|field| fields::is_asked(**field, values))
        .flat_map(|field| {
            let mut inputs = fields::inputs(*field, values, shown_errors);
            // What is still blank is no mistake yet: fields say no more than the summary above them.
            for input in &mut inputs {
                if page.errors.iter().all(|error| error.field != input.name) {
                    input.error = None;
                }
            }
            let told = kept
                .iter()
                .find(|one| one.proposal.field == *field && one.proposal.stands_in(values));
            if let (Some(told), Some(first)) = (told, inputs.first_mut())
                && told.proposal.code == PREFILL
            {
                first.origin = format!("Réponse proposée, à vérifier\u{a0}: {}.", told.proposal.origin);
            }
            if let (Some(request), Some(first)) = (
                asked.iter().rev().find(|request| request.field == *field),
                inputs.first_mut(),
            ) {
                first.origin = format!(
                    "{}\u{a0}: {}",
                    if request.answered {
                        "Réponse modifiée depuis la demande de la modération"
                    } else {
                        "La modération demande"
                    },
                    request.text
                );
            }
            inputs
        })
        .collect();
    let next = next_of(step);
    page.blocks.push(FormBlock {
        id: "questions".to_owned(),
        action: format!("{base}/{}", step.key),
        csrf: (*csrf).to_owned(),
        hidden: vec![(VERSION.to_owned(), case.version.to_string())],
        fields: questions,
        submit: format!("Enregistrer et continuer\u{a0}: {}", next.1.to_lowercase()),
        others: vec![("rester".to_owned(), "Enregistrer".to_owned())],
        links: vec![
            Link::new("Voir l’aperçu public", format!("{base}/apercu")),
            Link::new("Relire et envoyer", format!("{base}/relecture")),
        ],
        autosave: true,
        ..FormBlock::default()
    });
    if step.fields.contains(&Field::Title) {
        let alike = alike(app, case, values.first("title")).await?;
        if !alike.is_empty() {
            page.blocks.push(FormBlock {
                id: "ressemblants".to_owned(),
                title: "Ces fiches lui ressemblent".to_owned(),
                text: RichText::parse("Si votre projet y est déjà, mettez plutôt à jour la fiche existante."),
                links: alike,
                ..FormBlock::default()
            });
        }
    }
    Ok(page)
}

/// What a moderator asked about a question of the step.
struct Request {
    field: Field,
    text: String,
    /// Whether the answer changed since.
    answered: bool,
}

async fn requests(
    app: &App,
    case: &Case,
    values: &DraftInput,
    step: &Step,
) -> Result<Vec<Request>, WebError> {
    if case.status != WorkflowStatus::ChangesRequested {
        return Ok(Vec::new());
    }
    let changed: Vec<Field> = app
        .store
        .submissions_of(case.id)
        .await?
        .last()
        .map(|seen| {
            let differences = seen.values.differences(values);
            differences.iter().map(|one| one.field).collect()
        })
        .unwrap_or_default();
    Ok(app
        .store
        .comments_of(case.id)
        .await?
        .into_iter()
        .filter(|line| line.submission == case.submissions)
        .filter_map(|line| Some((line.comment.field?, line.comment.text)))
        .filter(|(field, _)| step.fields.contains(field))
        .map(|(field, text)| Request {
            field,
            text,
            answered: changed.contains(&field),
        })
        .collect())
}

/// The next step: word in the address and title.
fn next_of(step: &Step) -> (&'static str, &'static str) {
    STEPS
        .iter()
        .skip_while(|one| one.key != step.key)
        .nth(1)
        .map_or((super::files::KEY, "fichiers joints"), |next| {
            (next.key, next.title)
        })
}

/// Public records whose title is like the one typed.
async fn alike(app: &App, case: &Case, title: &str) -> Result<Vec<Link>, WebError> {
    if title.chars().count() < 4 {
        return Ok(Vec::new());
    }
    let query = sobria_catalogue::query::CatalogueQuery {
        text: title.to_owned(),
        limit: 20,
        ..Default::default()
    };
    let level = sobria_catalogue::access::Level::Public;
    let found = app.index.find(&query, level)?.ids;
    let items = crate::routes::cards::visible(app, &found, level).await?;
    Ok(items
        .iter()
        .filter(|item| item.record().id != case.use_case)
        .filter(|item| sobria_catalogue::duplicate::alike(title, item.content().title()))
        .take(3)
        .map(|item| {
            Link::new(
                format!("{} ({})", item.content().title(), item.record().organisation.name),
                format!("/cas-usages/{}", item.record().slug),
            )
        })
        .collect())
}

/// A step of the form.
///
/// # Errors
/// When there is no such contribution or step.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Path((id, key)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let case = readable(&app, &signed_in.actor(), &id).await?;
    let step = fields::step(&key).ok_or(WebError::NotFound)?;
    if !is_editable(&case) {
        return Ok(see_other(&format!("/contribuer/{}/suivi", case.id)));
    }
    let shown = Shown {
        case: &case,
        values: &case.values,
        step,
        csrf: signed_in.reader.csrf(),
    };
    answer(StatusCode::OK, &page(&app, &shown).await?)
}

/// Keeps a step of the form. The script asks for JSON, people for the next page.
///
/// # Errors
/// When there is no such contribution or step, or it cannot be changed any more.
pub async fn save(
    State(app): State<App>,
    Path((id, key)): Path<(String, String)>,
    headers: HeaderMap,
    form: SignedForm,
) -> Result<Response, WebError> {
    let actor = form.person.actor();
    let case = readable(&app, &actor, &id).await?;
    let asked = fields::step(&key).ok_or(WebError::NotFound)?;
    let pairs = form
        .fields
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (typed, _) = DraftInput::from_pairs(pairs).map_err(|_too_much| WebError::TooLarge)?;
    let mut values = case.values.clone();
    let shown: Vec<Field> = asked
        .fields
        .iter()
        .copied()
        .filter(|field| fields::is_asked(*field, &case.values) || fields::is_asked(*field, &typed))
        .collect();
    values.replace(&shown, &typed);
    let by_script = headers
        .get(header::ACCEPT)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    let csrf = form.reader.csrf().to_owned();
    if form.fields.get(VERSION) != case.version.to_string() && values != case.values {
        return conflict(&app, &case, &values, asked, &csrf, by_script).await;
    }
    let saved = if values == case.values {
        Outcome::Done(Box::new(case.clone()))
    } else {
        step(
            &app,
            &case,
            Transition::Save {
                values: values.clone(),
            },
            &actor,
        )
        .await?
    };
    match saved {
        Outcome::Done(kept) if by_script => {
            let at = crate::locale::moment((app.settings.now)());
            let clock = at.split(" à ").nth(1).unwrap_or("").to_owned();
            Ok(machine(
                StatusCode::OK,
                &json!({
                    "version": kept.version,
                    "message": format!("Brouillon enregistré à {clock}"),
                }),
            ))
        }
        Outcome::Done(kept) => {
            if form.fields.get("action") == "rester" {
                let shown = Shown {
                    case: &kept,
                    values: &kept.values,
                    step: asked,
                    csrf: &csrf,
                };
                let mut page = page(&app, &shown).await?;
                page.notice = Some("Brouillon enregistré.".to_owned());
                return answer(StatusCode::OK, &page);
            }
            Ok(see_other(&format!(
                "/contribuer/{}/{}",
                kept.id,
                next_of(asked).0
            )))
        }
        Outcome::Conflict(stored) => conflict(&app, &stored, &values, asked, &csrf, by_script).await,
        Outcome::Refused(Refusal::TooMuch(much)) => Err(WebError::Invalid(much.message())),
        Outcome::Refused(refusal) => Err(refused(&refusal)),
    }
}

fn machine(status: StatusCode, document: &serde_json::Value) -> Response {
    (
        status,
        [
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static(crate::respond::JSON),
            ),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ],
        document.to_string(),
    )
        .into_response()
}

/// Somebody saved the same draft meanwhile: both texts are shown, and what was typed stays in the form.
async fn conflict(
    app: &App,
    stored: &Case,
    typed: &DraftInput,
    asked: &'static Step,
    csrf: &str,
    by_script: bool,
) -> Result<Response, WebError> {
    if by_script {
        let document = json!({
            "message": "Ce brouillon a été modifié ailleurs. Enregistrez pour comparer les deux versions."
        });
        return Ok(machine(StatusCode::CONFLICT, &document));
    }
    let shown = Shown {
        case: stored,
        values: typed,
        step: asked,
        csrf,
    };
    let mut page = page(app, &shown).await?;
    page.errors.insert(0, FormError {
        field: "differences".to_owned(),
        message: "Ce brouillon a été modifié ailleurs depuis que vous l’avez ouvert. Votre saisie est dans le formulaire\u{a0}: comparez, corrigez, puis enregistrez.".to_owned(),
    });
    let rows = stored
        .values
        .differences(typed)
        .iter()
        .map(|difference| {
            vec![
                difference.field.spec().label.to_owned(),
                difference.before.join(", "),
                difference.after.join(", "),
            ]
        })
        .collect();
    page.blocks.insert(
        0,
        FormBlock {
            id: "differences".to_owned(),
            title: "Ce qui diffère".to_owned(),
            table: Some(ProseTable {
                caption: "Enregistrer garde votre saisie.".to_owned(),
                headers: ["Question", "Version enregistrée", "Votre saisie"]
                    .map(str::to_owned)
                    .to_vec(),
                rows,
            }),
            links: vec![Link::new(
                "Reprendre la version enregistrée",
                format!("/contribuer/{}/{}", stored.id, asked.key),
            )],
            ..FormBlock::default()
        },
    );
    answer(StatusCode::CONFLICT, &page)
}
