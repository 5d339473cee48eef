//! `/maitriser/transparence`: the questions, step by step, and what they come to.

mod public;
mod result;

pub use public::{document, page, paper, settle};

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;
use sobria_catalogue::access::Level;
use sobria_catalogue::content::Content;
use sobria_catalogue::id::OrganisationId;
use sobria_catalogue::organisation::Organisation;
use sobria_govern::transparency::question::{BASE, Kind, QUESTIONS, Question, Step, filled, read};
use sobria_govern::transparency::{Dossier, Facts, classify};
use sobria_store::{Assessment as Stored, AssessmentKind, Badge, NewAssessment, StoreError, Subject};
use uuid::Uuid;

use super::project::Project;
use super::{
    SESSION_OVER, answered, attachment, carried, overtaken, page as frame_page, seen_now, tell_known, unfold,
    what_next,
};
use crate::app::App;
use crate::error::WebError;
use crate::params::pairs;
use crate::posted::{Fields, OpenForm};
use crate::respond::JSON;
use crate::routes::account::see_other;
use crate::session::Reader;
use crate::view::govern::GovernPage;
use crate::view::{Control, Crumb, FormBlock, FormError, FormField, FormOption, RichText};

const KIND: AssessmentKind = AssessmentKind::Transparency;
const PATH: &str = "/maitriser/transparence";
/// Version of the questions, kept with every dossier.
const RUBRIC: &str = "1.0";

/// What the form is about: a record, or something that the library does not know.
enum Target {
    Alone,
    Record(Box<Project>),
}

impl Target {
    async fn of(app: &App, fields: &Fields, reader: &Reader) -> Result<Self, WebError> {
        match fields.get("fiche") {
            "" => Ok(Self::Alone),
            slug => Ok(Self::Record(Box::new(Project::of(app, slug, reader).await?))),
        }
    }

    fn project(&self) -> Option<&Project> {
        match self {
            Self::Alone => None,
            Self::Record(project) => Some(project),
        }
    }
}

/// Calls `then` with the facts of a record, or with blank ones.
fn with_facts<T>(target: &Target, app: &App, then: impl FnOnce(&Facts<'_>) -> T) -> T {
    if let Target::Record(project) = target {
        return then(&project.transparency());
    }
    let (content, organisation) = (
        Content::default(),
        Organisation::named(OrganisationId::new(Uuid::nil()), ""),
    );
    then(&Facts {
        content: &content,
        organisation: &organisation,
        evaluations: &[],
        updated_on: app.today(),
        version: 1,
        identifier: "",
        url: "",
        licence: "",
        vocabularies: &app.vocabularies(),
    })
}

/// A dossier that was kept; none when it cannot be read any more.
pub fn parse(stored: &Stored) -> Option<Dossier> {
    serde_json::from_str(&stored.form)
        .inspect_err(|error| tracing::error!(id = stored.id, %error, "a dossier cannot be read"))
        .ok()
}

async fn newest(app: &App, project: &Project, level: Level) -> Result<Vec<Stored>, WebError> {
    let subject = Subject::UseCase(project.item.record().id);
    Ok(app.store.assessments_of(KIND, subject, level).await?)
}

fn refused(reader: &Reader, query: &str) -> WebError {
    if reader.person().is_none() {
        return WebError::SignIn(format!("{PATH}?{query}"));
    }
    WebError::Forbidden("Seules les personnes qui contribuent pour l’organisation porteuse complètent sa fiche. Vous pouvez répondre aux questions sans fiche.".to_owned())
}

/// The first step.
///
/// # Errors
/// When there is no such record, or the person may not write.
pub async fn form(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    reader: Reader,
) -> Result<Response, WebError> {
    let query = query.unwrap_or_default();
    let target = Target::of(&app, &Fields::from(pairs(&query)), &reader).await?;
    let mut fields = Vec::new();
    if let Some(project) = target.project() {
        if !project.may_write() {
            return Err(refused(&reader, &query));
        }
        let kept = newest(&app, project, Level::Moderator).await?;
        let mut dossier = Dossier::default();
        if let Some(stored) = kept.first() {
            fields.push(("apres".to_owned(), stored.number.to_string()));
            dossier = parse(stored).unwrap_or_default();
        }
        let filled = filled(&dossier, &project.known_for_transparency());
        fields.extend(filled.values);
    }
    show_step(
        &app,
        &reader,
        &target,
        Step::Class,
        &Fields::from(fields),
        &[],
        StatusCode::OK,
    )
}

/// Takes a step, and shows the next one, the result, or what is wrong.
///
/// # Errors
/// When there is no such record, the person may not write, or the database does not answer.
pub async fn post(State(app): State<App>, form: OpenForm) -> Result<Response, WebError> {
    let OpenForm { reader, fields } = form;
    let fields = unfold(&fields);
    let target = Target::of(&app, &fields, &reader).await?;
    let (dossier, problems) = read(|id| fields.all(id).map(str::to_owned).collect());
    let errors: Vec<(String, String)> = problems
        .into_iter()
        .map(|problem| (problem.field, problem.message))
        .collect();
    // A button comes after the hidden field that says what the form does by itself.
    let action = fields.all("action").last().unwrap_or("");
    let at = Step::ALL
        .iter()
        .position(|step| step.code() == fields.get("etape"));
    let wrong_in = |step: Step| {
        QUESTIONS
            .iter()
            .any(|question| question.step == step && errors.iter().any(|(field, _)| field == question.id))
    };
    let go = |step: Step| show_step(&app, &reader, &target, step, &fields, &[], StatusCode::OK);
    let back = |step: Step| {
        show_step(
            &app,
            &reader,
            &target,
            step,
            &fields,
            &errors,
            StatusCode::UNPROCESSABLE_ENTITY,
        )
    };
    match (at, action) {
        (Some(at), "precedent") => {
            return go(Step::ALL
                .get(at.saturating_sub(1))
                .copied()
                .unwrap_or(Step::Class));
        }
        (_, "reprendre") => return go(Step::Class),
        (Some(at), action) => {
            if let Some(step) = Step::ALL.get(at).copied().filter(|step| wrong_in(*step)) {
                return back(step);
            }
            if let Some(next) = Step::ALL.get(at + 1).copied().filter(|_| action.is_empty()) {
                return go(next);
            }
        }
        (None, _) => {}
    }
    if let Some(step) = Step::ALL.into_iter().find(|step| wrong_in(*step)) {
        return back(step);
    }
    match action {
        "json" => {
            let document = with_facts(&target, &app, |facts| {
                let mut document = result::document(facts, &dossier, &json!(null));
                if let Some(parts) = document.as_object_mut() {
                    parts.insert("eu_database".to_owned(), result::union_document(facts, &dossier));
                }
                document
            });
            Ok(attachment(
                document.to_string().into_bytes(),
                JSON,
                "transparence.json",
            ))
        }
        "enregistrer" => save(&app, &reader, &target, &fields, &dossier).await,
        _ => show_result(&app, &reader, &target, &fields, &dossier, None, StatusCode::OK),
    }
}

async fn save(
    app: &App,
    reader: &Reader,
    target: &Target,
    fields: &Fields,
    dossier: &Dossier,
) -> Result<Response, WebError> {
    let wrong = |message: &str, fields: &Fields, status: StatusCode| {
        show_result(app, reader, target, fields, dossier, Some(message), status)
    };
    let refused_now = StatusCode::UNPROCESSABLE_ENTITY;
    let Some(project) = target.project() else {
        return wrong(
            "Un dossier s’enregistre avec une fiche de la bibliothèque.",
            fields,
            refused_now,
        );
    };
    let Some(person) = reader.person() else {
        return wrong(SESSION_OVER, fields, refused_now);
    };
    if !project.may_write() {
        return Err(refused(reader, ""));
    }
    let write = |error: serde_json::Error| WebError::Internal(error.to_string());
    let presumption = classify(dossier, Some(&project.transparency()));
    let summary = json!({"risk_class": presumption.class.map(|class| class.code())}).to_string();
    let new = NewAssessment {
        id: Uuid::now_v7().to_string(),
        kind: KIND,
        subject: Subject::UseCase(project.item.record().id),
        after: fields.get("apres").parse().unwrap_or(0),
        rubric: RUBRIC,
        form: &serde_json::to_string(dossier).map_err(write)?,
        summary: &summary,
        badge: Badge::None,
        author: Some(person.account.id),
        now: (app.settings.now)(),
    };
    match app.store.add_assessment(&new).await {
        Ok(_) => {}
        Err(StoreError::Conflict { .. }) => {
            let number = newest(app, project, Level::Moderator)
                .await?
                .first()
                .map_or(0, |one| one.number);
            let (message, fields) = overtaken(fields, number);
            return wrong(&message, &fields, StatusCode::CONFLICT);
        }
        Err(error) => return Err(error.into()),
    }
    crate::refresh::at_once(app).await;
    Ok(see_other(&format!("/cas-usages/{}/transparence", project.slug())))
}

fn control(question: &Question, fields: &Fields) -> FormField {
    let given: Vec<&str> = fields
        .all(question.id)
        .flat_map(|value| value.split('|'))
        .collect();
    let choices = |choices: &[(&str, &str)]| -> Vec<FormOption> {
        choices
            .iter()
            .map(|(code, label)| FormOption::new(*code, *label, given.contains(code)))
            .collect()
    };
    let control = match question.kind {
        Kind::YesNo => Control::Radios(choices(&[("oui", "Oui"), ("non", "Non")])),
        Kind::One(list) => Control::Radios(choices(list)),
        Kind::Many(list) => Control::Checks(choices(list)),
        Kind::Lines => Control::Lines(3),
        Kind::Date => Control::Line("date"),
        Kind::Link => Control::Line("url"),
        Kind::Line | Kind::Number => Control::Line("text"),
    };
    FormField::new(question.id, question.label, fields.get(question.id), control)
        .hint(question.help)
        .max(match question.kind {
            Kind::Line | Kind::Link => 500,
            Kind::Lines => sobria_govern::transparency::question::TEXT_MAX,
            _ => 0,
        })
}

fn show_step(
    app: &App,
    reader: &Reader,
    target: &Target,
    step: Step,
    fields: &Fields,
    errors: &[(String, String)],
    status: StatusCode,
) -> Result<Response, WebError> {
    let mut page = base(app, target);
    let known = target
        .project()
        .map(Project::known_for_transparency)
        .unwrap_or_default();
    let mut own: Vec<FormField> = QUESTIONS
        .iter()
        .filter(|question| question.step == step)
        .map(|question| {
            control(question, fields).error(
                errors
                    .iter()
                    .find(|(field, _)| field == question.id)
                    .map(|(_, message)| message.clone()),
            )
        })
        .collect();
    tell_known(&mut own, &known, fields);
    let mut names: Vec<String> = own.iter().map(|field| field.name.clone()).collect();
    names.extend(own.iter().map(|field| format!("{BASE}{}", field.name)));
    let at = Step::ALL.iter().position(|one| *one == step).unwrap_or(0);
    let mut others = Vec::new();
    if at > 0 {
        others.push(("precedent".to_owned(), "Étape précédente".to_owned()));
    }
    let last = at + 1 == Step::ALL.len();
    if !last {
        others.push(("resultat".to_owned(), "Voir le résultat".to_owned()));
    }
    let block = FormBlock {
        id: "etape".to_owned(),
        title: format!("Étape {} sur {}\u{a0}: {}", at + 1, Step::ALL.len(), step.title()),
        action: PATH.to_owned(),
        csrf: reader.csrf().to_owned(),
        hidden: {
            let mut all = hidden(target, step.code(), fields, &names);
            all.extend(seen_now(&own, &known));
            all
        },
        fields: own,
        submit: if last { "Voir le résultat" } else { "Continuer" }.to_owned(),
        others,
        ..FormBlock::default()
    };
    page.errors = block.errors().collect();
    page.blocks.push(block);
    answered(reader, status, &page)
}

fn hidden(target: &Target, etape: &str, fields: &Fields, names: &[String]) -> Vec<(String, String)> {
    let mut hidden = vec![("etape".to_owned(), etape.to_owned())];
    if let Some(project) = target.project() {
        hidden.push(("fiche".to_owned(), project.slug().to_owned()));
    }
    let after = fields.get("apres");
    if !after.is_empty() {
        hidden.push(("apres".to_owned(), after.to_owned()));
    }
    hidden.extend(carried(fields, names));
    hidden
}

fn base(app: &App, target: &Target) -> GovernPage {
    let (title, lead, crumbs) = match target.project() {
        None => (
            "Transparence",
            "Quatre étapes pour connaître le niveau de risque présumé, les devoirs qui en découlent et ce que le public doit pouvoir lire. Rien n’est enregistré, et rien ici n’est un avis juridique.".to_owned(),
            Vec::new(),
        ),
        Some(project) => (
            "Transparence du projet",
            format!("{}. Ce que la fiche dit déjà est repris, avec sa provenance.", project.title()),
            vec![Crumb::to(project.title(), format!("/cas-usages/{}", project.slug()))],
        ),
    };
    let mut page = frame_page(app, title, &lead, PATH, crumbs);
    page.layout.description = "Niveau de risque présumé au sens du règlement européen sur l’IA, devoirs, mention explicite, fiche publique de transparence.".to_owned();
    page.layout.indexed &= target.project().is_none();
    page
}

fn show_result(
    app: &App,
    reader: &Reader,
    target: &Target,
    fields: &Fields,
    dossier: &Dossier,
    wrong: Option<&str>,
    status: StatusCode,
) -> Result<Response, WebError> {
    let mut page = base(app, target);
    page.layout.indexed = false;
    page.errors = wrong.map(FormError::general).into_iter().collect();
    let automation = target.project().and_then(Project::automation);
    with_facts(target, app, |facts| {
        page.figures = result::figures(facts, dossier);
        page.sections = result::advice(facts, dossier, automation, app.today());
    });
    let forbidden = classify(dossier, None).blocks_publication();
    if forbidden {
        page.notice = Some(RichText::parse(
            "**Présumé interdit.** La fiche de ce projet ne peut pas être publiée\u{a0}: prévenez votre référent et votre délégué à la protection des données.",
        ));
    }
    let writes = target.project().is_some();
    let all = hidden(target, "resultat", fields, &[]);
    let others = vec![("json".to_owned(), "Télécharger en JSON".to_owned())];
    let saved = writes.then_some(
        "La version enregistrée est lue par votre organisation et la modération. Une fois relue, **toutes ces réponses deviennent publiques**, y compris celles reprises de champs réservés aux agents inscrits\u{a0}: effacez celles qui ne doivent pas l’être.",
    );
    page.blocks
        .push(what_next(PATH, reader.csrf(), saved, all, others));
    page.foot =
        "À faire relire par le service juridique\u{a0}: ces réponses présument, elles ne concluent pas."
            .to_owned();
    answered(reader, status, &page)
}
