//! `/maitriser/frugalite` and the assessment of a record: questions in steps, kept in the form until they are saved.

mod kept;
mod result;
mod steps;
mod target;

pub use self::kept::{document, organisation_page, organisation_settle, page, paper, settle};

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;
use sobria_catalogue::access::Level;
use sobria_govern::frugality::form::BASE;
use sobria_govern::frugality::{
    self as govern, Assessment, Outcome, Proposal, RUBRIC_VERSION, Snapshot, table,
};
use sobria_store::{Assessment as Stored, AssessmentKind, Badge, NewAssessment, StoreError};
use uuid::Uuid;

use self::result::Shown;
use self::steps::{Asked, Step, names, phases};
use self::target::Target;
use super::{
    CSV, SESSION_OVER, answered, attachment, carried, overtaken, page as frame_page, score_words, seen_now,
    tell_known, unfold, what_next,
};
use crate::app::App;
use crate::error::WebError;
use crate::params::{encode, pairs};
use crate::posted::{Fields, OpenForm};
use crate::respond::JSON;
use crate::routes::account::see_other;
use crate::session::Reader;
use crate::view::govern::GovernPage;
use crate::view::library::Link;
use crate::view::{Crumb, FormBlock, FormError, FormField, RichText};

const KIND: AssessmentKind = AssessmentKind::Frugality;
const PATH: &str = "/maitriser/frugalite";

/// The three figures of a version, in one line.
pub fn brief(stored: &Stored) -> String {
    let Some((assessment, snapshot)) = parse(stored) else {
        return "à relire".to_owned();
    };
    let outcome = assessment.outcome_of(&snapshot.pairs());
    if outcome.without_ai {
        return format!("besoin traité sans IA{}", not_public(stored));
    }
    let mut words = format!(
        "prouvé {}, déclaré {}, {}",
        score_words(outcome.score.proven),
        score_words(outcome.score.declared),
        outcome.score.label().to_lowercase()
    );
    words.push_str(not_public(stored));
    words
}

fn not_public(stored: &Stored) -> &'static str {
    if stored.published_at.is_none() {
        " (pas encore public)"
    } else {
        ""
    }
}

/// A version that was kept; none when it cannot be read any more.
pub fn parse(stored: &Stored) -> Option<(Assessment, Snapshot)> {
    let read = || -> Result<_, serde_json::Error> {
        Ok((
            serde_json::from_str(&stored.form)?,
            serde_json::from_str(&stored.summary)?,
        ))
    };
    read()
        .inspect_err(|error| tracing::error!(id = stored.id, %error, "an assessment cannot be read"))
        .ok()
}

/// The first step, with what is kept and proposed.
///
/// # Errors
/// When there is no such record or organisation, or the database does not answer.
pub async fn form(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    reader: Reader,
) -> Result<Response, WebError> {
    let asked = Fields::from(pairs(query.as_deref().unwrap_or("")));
    let target = Target::of(&app, &asked, &reader).await?;
    if target.subject().is_some() && !target.may_write(&reader) {
        return Err(refused(&reader, query.as_deref().unwrap_or("")));
    }
    let mut fields = Vec::new();
    let mut former = Assessment::default();
    if let Some(subject) = target.subject() {
        let kept = app.store.assessments_of(KIND, subject, Level::Moderator).await?;
        if let Some(stored) = kept.first() {
            fields.push(("apres".to_owned(), stored.number.to_string()));
            former = parse(stored)
                .map(|(assessment, _)| assessment)
                .unwrap_or_default();
        }
    }
    fields.extend(
        table::PRACTICES
            .iter()
            .filter(|practice| former.answer(practice.id).is_blank())
            .map(|practice| (format!("{}{UNSEEN}", practice.id.code()), "oui".to_owned())),
    );
    fields.extend(govern::form::fields(&former));
    for known in target.elsewhere() {
        if fields.iter().all(|(name, _)| name != known.question) {
            fields.push((format!("{BASE}{}", known.question), known.basis()));
            fields.push((known.question.to_owned(), known.value));
        }
    }
    let fields = propose_unseen(&app, &target, Fields::from(fields));
    let first = target.steps().first().copied().unwrap_or(Step::Need);
    show_step(&app, &reader, &target, first, &fields, &[], StatusCode::OK)
}

/// What to say to somebody who may not write.
fn refused(reader: &Reader, query: &str) -> WebError {
    if reader.person().is_none() {
        return WebError::SignIn(format!("{PATH}?{query}"));
    }
    WebError::Forbidden("Seules les personnes qui contribuent pour l’organisation porteuse évaluent son projet. Vous pouvez remplir l’évaluation sans fiche.".to_owned())
}

/// Puts what is proposed where nothing was answered.
fn with_proposals(mut assessment: Assessment, proposals: &[Proposal]) -> Assessment {
    for proposal in proposals {
        let answer = assessment.answers.entry(proposal.practice).or_default();
        if answer.is_blank() {
            answer.level = Some(proposal.suggested);
            answer.basis = proposal.basis();
            if answer.evidence.is_none() {
                answer.evidence.clone_from(&proposal.evidence);
            }
        }
    }
    assessment
}

/// Ends the name of the field which says that a practice was blank and that nobody saw it yet.
const UNSEEN: &str = "_neuf";

/// Puts what is proposed now in the practices that nobody saw yet: what was answered a step earlier counts.
fn propose_unseen(app: &App, target: &Target, fields: Fields) -> Fields {
    let unseen: Vec<String> = table::PRACTICES
        .iter()
        .map(|practice| practice.id.code())
        .filter(|code| !fields.get(&format!("{code}{UNSEEN}")).is_empty())
        .collect();
    if unseen.is_empty() {
        return fields;
    }
    let of_unseen = |name: &str| {
        unseen.iter().any(|code| {
            name.strip_prefix(code.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        })
    };
    let (mut assessment, _) = govern::form::read(|name| fields.get(name));
    for (id, answer) in &mut assessment.answers {
        if unseen.contains(&id.code()) {
            answer.level = None;
        }
    }
    let (proposals, ..) = target.known(app, &assessment);
    let proposed = govern::form::fields(&with_proposals(assessment, &proposals));
    let kept = fields
        .iter()
        .filter(|(name, _)| !of_unseen(name) || name.ends_with(UNSEEN))
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    Fields::from(
        kept.chain(proposed.into_iter().filter(|(name, _)| of_unseen(name)))
            .collect::<Vec<_>>(),
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
    let fields = propose_unseen(&app, &target, fields);
    let steps = target.steps();
    let at = steps.iter().position(|step| step.code() == fields.get("etape"));
    let detail = Step::detail(fields.get("etape"));
    let (mut assessment, problems) = govern::form::read(|name| fields.get(name));
    if target.subject().is_some() {
        // Who read a proof is known by the versions, never by the form.
        let former = former(&app, &target).await?;
        assessment.keep_reviews(&former);
    }
    // A button comes after the hidden field that says what the form does by itself.
    let action = fields.all("action").last().unwrap_or("");
    if let Some(at) = at
        && action == "precedent"
    {
        let step = steps.get(at.saturating_sub(1)).copied().unwrap_or(Step::Need);
        return show_step(&app, &reader, &target, step, &fields, &[], StatusCode::OK);
    }
    let errors: Vec<(String, String)> = problems
        .into_iter()
        .map(|problem| (problem.field, problem.message))
        .collect();
    let here = |step: Step| {
        let own = ask(&app, &target, &assessment, &fields, &errors, step).1;
        errors.iter().any(|(field, _)| own.contains(field))
    };
    let last = at.is_none() || at.map(|at| at + 1) == Some(steps.len()) || !action.is_empty();
    let on = at.and_then(|at| steps.get(at)).copied().or(detail);
    if let Some(step) = on.filter(|step| here(*step)) {
        return show_step(
            &app,
            &reader,
            &target,
            step,
            &fields,
            &errors,
            StatusCode::UNPROCESSABLE_ENTITY,
        );
    }
    // A phase is answered indicator by indicator beside the steps, and leads back to the one it was left from.
    let beside = Step::detail(action).or(detail.map(|_| Step::Coverage));
    if let Some(step) = beside.filter(|_| steps.contains(&Step::Coverage)) {
        return show_step(&app, &reader, &target, step, &fields, &[], StatusCode::OK);
    }
    if !last || action == "reprendre" {
        let next = match at {
            Some(at) if action.is_empty() => steps.get(at + 1),
            _ => steps.first(),
        };
        let step = next.copied().unwrap_or(Step::Need);
        return show_step(&app, &reader, &target, step, &fields, &[], StatusCode::OK);
    }
    if let Some(step) = steps.iter().copied().find(|step| here(*step)) {
        return show_step(
            &app,
            &reader,
            &target,
            step,
            &fields,
            &errors,
            StatusCode::UNPROCESSABLE_ENTITY,
        );
    }
    let (proposals, coverings, maturity) = target.known(&app, &assessment);
    let standings = assessment.standings(&proposals, app.today());
    let outcome = assessment.outcome(&proposals, app.today());
    let shown = Shown {
        assessment: &assessment,
        standings: &standings,
        outcome: &outcome,
        proposals: &proposals,
        coverings: &coverings,
    };
    match action {
        "json" => {
            let document = result::document(
                &shown,
                &json!({"title": target.name(), "date": app.today().to_string()}),
            );
            Ok(attachment(
                document.to_string().into_bytes(),
                JSON,
                "frugalite.json",
            ))
        }
        "odt" | "docx" => {
            let sheet = govern::paper::Sheet {
                project: &target.name(),
                organisation: &target.carrier(),
                version: None,
                made_on: app.today(),
                assessment: &assessment,
                standings: &standings,
                outcome: &outcome,
                coverings: &coverings,
            };
            super::paper(&govern::paper::sheet(&sheet), &format!(".{action}"), "frugalite")
        }
        "csv" => Ok(attachment(
            table_bytes(&result::rows(&shown))?,
            CSV,
            "frugalite.csv",
        )),
        "enregistrer" => {
            let snapshot = Snapshot {
                standings: standings.iter().copied().collect(),
                coverage: match &target {
                    Target::Record(project) => assessment
                        .coverage
                        .with_evaluations(project.frugality().evaluations),
                    Target::Alone(_) | Target::Organisation(..) => assessment.coverage.clone(),
                },
                maturity,
            };
            save(&app, &reader, &target, &fields, &assessment, &snapshot, &shown).await
        }
        _ => show_result(&app, &reader, &target, &fields, &shown, None, StatusCode::OK),
    }
}

async fn former(app: &App, target: &Target) -> Result<Assessment, WebError> {
    let Some(subject) = target.subject() else {
        return Ok(Assessment::default());
    };
    let kept = app.store.assessments_of(KIND, subject, Level::Moderator).await?;
    Ok(kept
        .first()
        .and_then(parse)
        .map(|(assessment, _)| assessment)
        .unwrap_or_default())
}

async fn save(
    app: &App,
    reader: &Reader,
    target: &Target,
    fields: &Fields,
    assessment: &Assessment,
    snapshot: &Snapshot,
    shown: &Shown<'_>,
) -> Result<Response, WebError> {
    let wrong = |message: &str, fields: &Fields, status: StatusCode| {
        show_result(app, reader, target, fields, shown, Some(message), status)
    };
    let Some(subject) = target.subject() else {
        return wrong(
            "Une évaluation s’enregistre avec une fiche de la bibliothèque.",
            fields,
            StatusCode::UNPROCESSABLE_ENTITY,
        );
    };
    let Some(person) = reader.person() else {
        return wrong(SESSION_OVER, fields, StatusCode::UNPROCESSABLE_ENTITY);
    };
    if !target.may_write(reader) {
        return Err(refused(reader, ""));
    }
    let write = |error: serde_json::Error| WebError::Internal(error.to_string());
    let new = NewAssessment {
        id: Uuid::now_v7().to_string(),
        kind: KIND,
        subject,
        after: fields.get("apres").parse().unwrap_or(0),
        rubric: RUBRIC_VERSION,
        form: &serde_json::to_string(assessment).map_err(write)?,
        summary: &serde_json::to_string(snapshot).map_err(write)?,
        badge: badge_of(shown.outcome),
        author: Some(person.account.id),
        now: (app.settings.now)(),
    };
    match app.store.add_assessment(&new).await {
        Ok(_) => {}
        Err(StoreError::Conflict { .. }) => {
            let kept = app.store.assessments_of(KIND, subject, Level::Moderator).await?;
            let number = kept.first().map_or(0, |stored| stored.number);
            let (message, fields) = overtaken(fields, number);
            return wrong(&message, &fields, StatusCode::CONFLICT);
        }
        Err(error) => return Err(error.into()),
    }
    crate::refresh::at_once(app).await;
    Ok(match target {
        Target::Record(project) => see_other(&format!("/cas-usages/{}/frugalite", project.slug())),
        Target::Organisation(organisation, _) => {
            see_other(&format!("/organisations/{}/frugalite", organisation.slug))
        }
        Target::Alone(_) => see_other(PATH),
    })
}

/// The fields of a step, and the names that it settles.
fn ask(
    app: &App,
    target: &Target,
    assessment: &Assessment,
    fields: &Fields,
    errors: &[(String, String)],
    step: Step,
) -> (Vec<FormField>, Vec<String>) {
    let (proposals, coverings, _) = target.known(app, assessment);
    let asked = Asked {
        fields,
        proposals: &proposals,
        coverings: &coverings,
        alone: matches!(target, Target::Alone(_)),
        errors,
    };
    let own = asked.fields(step);
    let names = names(step, &own);
    (own, names)
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
    let (assessment, _) = govern::form::read(|name| fields.get(name));
    let (mut own, mut names) = ask(app, target, &assessment, fields, errors, step);
    let known = target.elsewhere();
    tell_known(&mut own, &known, fields);
    names.extend(
        own.iter()
            .map(|field| format!("{BASE}{}", field.name))
            .collect::<Vec<_>>(),
    );
    let steps = target.steps();
    let beside = !steps.contains(&step);
    let at = steps.iter().position(|one| *one == step).unwrap_or(0);
    let mut page = base(app, target);
    let (proposals, ..) = target.known(app, &assessment);
    let mut hidden = target.hidden(&step.code(), fields);
    hidden.extend(carried(fields, &names));
    for practice in step.practices() {
        // Whoever answers now has seen what is proposed now.
        if let Some(proposal) = proposals.iter().find(|one| one.practice == practice.id) {
            hidden.push((format!("{}_base", practice.id.code()), proposal.basis()));
        }
    }
    hidden.extend(seen_now(&own, &known));
    let mut others = Vec::new();
    if at > 0 {
        others.push(("precedent".to_owned(), "Étape précédente".to_owned()));
    }
    if !beside && at + 1 < steps.len() {
        others.push(("resultat".to_owned(), "Voir le résultat".to_owned()));
    }
    if step == Step::Coverage {
        let (_, coverings, _) = target.known(app, &assessment);
        for phase in phases(&coverings) {
            others.push((
                Step::Detail(phase).code(),
                format!("Par indicateur\u{a0}: {}", phase.label().to_lowercase()),
            ));
        }
    }
    let block = FormBlock {
        id: "etape".to_owned(),
        title: if beside {
            format!("{}, indicateur par indicateur", step.title())
        } else if steps.len() > 1 {
            format!("Étape {} sur {}\u{a0}: {}", at + 1, steps.len(), step.title())
        } else {
            step.title().to_owned()
        },
        text: RichText::default(),
        action: PATH.to_owned(),
        csrf: reader.csrf().to_owned(),
        hidden,
        fields: own,
        submit: if beside {
            "Revenir à la grille"
        } else if at + 1 < steps.len() {
            "Continuer"
        } else {
            "Voir le résultat"
        }
        .to_owned(),
        others,
        ..FormBlock::default()
    };
    page.errors = block.errors().collect();
    page.blocks.push(block);
    answered(reader, status, &page)
}

fn base(app: &App, target: &Target) -> GovernPage {
    let (title, lead, crumbs) = match target {
        Target::Alone(_) => (
            "Frugalité",
            "Trois conditions, quinze pratiques. Rien n’est enregistré\u{a0}: vos réponses restent dans la page, et le résultat s’imprime ou se télécharge.".to_owned(),
            Vec::new(),
        ),
        Target::Record(project) => (
            "Frugalité du projet",
            format!("{}. Ce que la fiche et ses estimations disent déjà est proposé, avec sa provenance.", project.title()),
            vec![Crumb::to(project.title(), format!("/cas-usages/{}", project.slug()))],
        ),
        Target::Organisation(organisation, _) => (
            "Frugalité de l’organisation",
            format!("{}. Ces trois pratiques se répondent une fois\u{202f}; les projets en héritent.", organisation.name),
            vec![Crumb::to(organisation.name.clone(), format!("/organisations/{}", organisation.slug))],
        ),
    };
    let mut page = frame_page(app, title, &lead, PATH, crumbs);
    page.layout.description = "Auto-évaluation de la frugalité d’un projet d’intelligence artificielle, sans compte\u{a0}: trois conditions, quinze pratiques, score déclaré et prouvé.".to_owned();
    if target.subject().is_some() {
        page.layout.indexed = false;
    }
    page
}

fn show_result(
    app: &App,
    reader: &Reader,
    target: &Target,
    fields: &Fields,
    shown: &Shown<'_>,
    wrong: Option<&str>,
    status: StatusCode,
) -> Result<Response, WebError> {
    let mut page = base(app, target);
    page.layout.indexed = false;
    page.errors = wrong.map(FormError::general).into_iter().collect();
    fill(&mut page, shown);
    page.foot = format!(
        "Évaluation du {}, barème version {RUBRIC_VERSION}.",
        crate::locale::day(app.today())
    );
    let mut hidden = target.hidden("resultat", fields);
    hidden.extend(carried(fields, &[]));
    let others = vec![
        ("json".to_owned(), "Télécharger en JSON".to_owned()),
        ("csv".to_owned(), "Télécharger en CSV".to_owned()),
        ("odt".to_owned(), "Télécharger en ODT".to_owned()),
        ("docx".to_owned(), "Télécharger en DOCX".to_owned()),
    ];
    let writes = target.subject().is_some();
    if !writes && shown.outcome.renounced {
        page.blocks.push(renunciation(&shown.assessment.filter));
    }
    let saved = writes.then_some(
        "La version enregistrée est lue par votre organisation et la modération\u{202f}; elle devient publique, avec ses textes, une fois relue.",
    );
    page.blocks
        .push(what_next(PATH, reader.csrf(), saved, hidden, others));
    answered(reader, status, &page)
}

/// The way from a need met without AI to a record of the library: the answers go along.
fn renunciation(filter: &govern::Filter) -> FormBlock {
    let rejected: Vec<String> = filter
        .alternatives
        .iter()
        .filter(|one| !one.what.is_empty())
        .map(|one| format!("{}\u{a0}: {}", one.what, one.rejected_because))
        .collect();
    let mut description = format!("{}\n\n{}", filter.need, filter.kept_solution);
    if !rejected.is_empty() {
        description.push_str(&format!(
            "\n\nSolutions également étudiées\u{a0}: {}.",
            rejected.join(" ; ")
        ));
    }
    let query: Vec<String> = [
        ("title", filter.need.as_str()),
        ("description", description.as_str()),
        ("maturity", "abandonne"),
        ("abandonment_reason", filter.kept_solution.as_str()),
    ]
    .iter()
    .map(|(name, value)| format!("{name}={}", encode(value)))
    .collect();
    FormBlock {
        id: "renoncement".to_owned(),
        title: govern::WITHOUT_AI.to_owned(),
        text: RichText::parse(
            "Ce renoncement a ses raisons\u{a0}: décrit dans la bibliothèque, il évite à d’autres de refaire l’étude. Vos réponses préparent la fiche, et la modération la relit.",
        ),
        links: vec![Link::new(
            "Décrire ce renoncement dans la bibliothèque",
            format!("/contribuer?{}", query.join("&")),
        )],
        ..FormBlock::default()
    }
}

/// What the card of the record may say.
fn badge_of(outcome: &Outcome) -> Badge {
    if outcome.renounced {
        Badge::WithoutAi
    } else {
        outcome.badge.into()
    }
}

fn fill(page: &mut GovernPage, shown: &Shown<'_>) {
    page.figures = result::figures(shown.outcome);
    page.notice = result::notice(shown.outcome);
    page.sections = result::sections(shown);
}

fn table_bytes(table: &sobria_exchange::table::Table) -> Result<Vec<u8>, WebError> {
    sobria_exchange::table::csv(table).map_err(|error| WebError::Internal(error.to_string()))
}
