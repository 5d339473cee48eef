//! `/estimer/attacher`: a result becomes an evaluation of a record. It is for registered agents until a moderator
//! opens it to everybody.

use std::collections::BTreeSet;

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::access::Level;
use sobria_catalogue::evaluation::{Evaluation, Reach};
use sobria_catalogue::id::{EvaluationId, OrganisationId};
use sobria_catalogue::query::{CatalogueQuery, Sort};
use sobria_catalogue::rights::{Action, Actor, Owner, can};
use sobria_catalogue::use_case::UseCase;
use sobria_estimate::french::{Scale, range};
use sobria_estimate::sentence;
use sobria_store::{Decision, Found};
use uuid::Uuid;

use super::form::Form;
use super::{against, compute, llm, measure, request_text, service};
use crate::app::App;
use crate::error::WebError;
use crate::evaluations::{Draft, TITLE_MAX, make};
use crate::posted::{Fields, SignedForm};
use crate::routes::account::settings::space_page;
use crate::routes::account::{fresh, see_other};
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::{Control, FormBlock, FormField, FormOption, FormPage, RichText};

/// Address of the form.
pub const PATH: &str = "/estimer/attacher";
/// Address of the list.
pub const LIST: &str = "/mon-espace/estimations";
/// Field that says which calculator an address comes from.
pub const FROM: &str = "depuis";
/// Records proposed of each organisation.
const RECORDS: usize = 200;
/// Evaluations listed.
const LISTED: usize = 60;

/// What the address of a result asks for, and how many times a year.
struct Asked {
    request: String,
    times: f64,
    result: String,
}

fn asked(app: &App, query: &str) -> Result<Asked, WebError> {
    let mut form = Form::read(query);
    let from = form.value(FROM).to_owned();
    let changes = [(FROM, None), ("avec", None), ("fiche", None), ("titre", None)];
    let (found, path) = match from.as_str() {
        "ia-generative" => {
            let (input, times) = llm::request(&mut form);
            (Some((request_text(&input), times)), llm::PATH)
        }
        "calcul" => {
            let input = compute::request(&mut form);
            (Some((request_text(&input), 1.0)), compute::PATH)
        }
        "service" => (service::request(app.reference(), &mut form), service::PATH),
        "mesure" => (measure::request(app.reference(), &mut form), measure::PATH),
        "journaux" => (measure::logged(app.reference(), &mut form), measure::PATH),
        _ => return Err(WebError::NotFound),
    };
    let mut result = form.with(path, &changes);
    let (Some((request, times)), false) = (found, form.is_wrong() || result == path) else {
        return Err(super::no_estimate());
    };
    if from == "journaux" {
        // The logs themselves were forgotten: only their total is in the address.
        path.clone_into(&mut result);
    }
    Ok(Asked {
        request,
        times,
        result,
    })
}

/// May write for the carrier: its contributors, moderators and administrators.
fn may_write(actor: &Actor, organisation: OrganisationId) -> bool {
    let owner = Owner {
        organisation: Some(organisation),
        author: None,
    };
    can(actor, &Action::WriteContribution(owner)).is_ok()
}

/// The records that somebody may attach a result to: address part and title.
async fn records(app: &App, signed_in: &SignedIn) -> Result<Vec<(String, String)>, WebError> {
    let mut found = Vec::new();
    for membership in &signed_in.person.memberships {
        if !may_write(&signed_in.actor(), membership.organisation) {
            continue;
        }
        let query = CatalogueQuery {
            organisation: Some(membership.organisation),
            sort: Sort::Title,
            limit: RECORDS,
            ..CatalogueQuery::default()
        };
        let ids = app.index.find(&query, Level::Member)?.ids;
        let items = crate::routes::cards::visible(app, &ids, Level::Member).await?;
        found.extend(
            items
                .iter()
                .map(|item| (item.record().slug.clone(), item.content().title().to_owned())),
        );
    }
    Ok(found)
}

struct Typed<'a> {
    record: &'a str,
    title: &'a str,
    wrong: Vec<(&'static str, String)>,
}

async fn page(app: &App, signed_in: &SignedIn, query: &str, typed: Typed<'_>) -> Result<FormPage, WebError> {
    let asked = asked(app, query)?;
    let evaluation = trial(app, &asked)?;
    let figures = format!(
        "Par an\u{a0}: {}, {} d’électricité.",
        range(evaluation.gwp_kg.low, evaluation.gwp_kg.high, Scale::Climate, 2),
        range(
            evaluation.energy_kwh.low,
            evaluation.energy_kwh.high,
            Scale::Energy,
            2
        )
    );
    let mut page = space_page(
        app,
        &signed_in.person,
        "Attacher une estimation à une fiche",
        "Le résultat est gardé avec sa demande, sa méthode et ses tables. Les agents inscrits le lisent aussitôt\u{202f}; tout le monde, après relecture par la modération.",
        PATH,
    );
    let wrong = |name: &str| {
        let found = typed.wrong.iter().find(|(field, _)| *field == name);
        found.map(|(_, message)| message.clone())
    };
    let records = records(app, signed_in).await?;
    let moderates = can(&signed_in.actor(), &Action::Review).is_ok();
    if records.is_empty() && !moderates {
        page.notice = Some(
            "Aucune fiche publiée ne porte le nom de votre organisme. Décrivez d’abord le projet\u{202f}; l’adresse de ce résultat ne change pas.".to_owned(),
        );
        page.blocks.push(FormBlock {
            links: vec![
                Link::new("Décrire un projet", "/contribuer"),
                Link::new("Revenir au résultat", asked.result),
            ],
            ..FormBlock::default()
        });
        return Ok(page);
    }
    let record =
        if moderates {
            FormField::line("fiche", "Adresse de la fiche", typed.record)
                .hint("La fin de l’adresse de sa page, ou l’adresse entière.")
        } else {
            FormField::new(
                "fiche",
                "Fiche",
                typed.record,
                Control::Select(
                    std::iter::once(FormOption::new(
                        "",
                        "Choisir dans la liste",
                        typed.record.is_empty(),
                    ))
                    .chain(records.iter().map(|(slug, title)| {
                        FormOption::new(slug.clone(), title.clone(), slug == typed.record)
                    }))
                    .collect(),
                ),
            )
        };
    page.blocks.push(FormBlock {
        id: "attacher".to_owned(),
        text: RichText::parse(&figures),
        action: PATH.to_owned(),
        csrf: signed_in.reader.csrf().to_owned(),
        hidden: vec![("demande".to_owned(), query.to_owned())],
        fields: vec![
            record.required().error(wrong("fiche")),
            FormField::line("titre", "Ce qui est estimé", typed.title)
                .hint("Par exemple\u{a0}: «\u{a0}Réponses de l’assistant en 2026\u{a0}».")
                .required()
                .max(TITLE_MAX)
                .error(wrong("titre")),
        ],
        submit: "Attacher à la fiche".to_owned(),
        links: vec![Link::new("Revenir au résultat", asked.result)],
        ..FormBlock::default()
    });
    page.gather_errors();
    Ok(page)
}

/// The evaluation as it would be kept, to show its figures.
fn trial(app: &App, asked: &Asked) -> Result<Evaluation, WebError> {
    let draft = Draft {
        id: EvaluationId::new(Uuid::nil()),
        use_case: sobria_catalogue::id::UseCaseId::new(Uuid::nil()),
        title: "",
        reach: Reach::Member,
        requests_per_year: whole(asked.times)?,
        request: &asked.request,
        now: (app.settings.now)(),
        author: "",
    };
    make(app.reference(), draft).map_err(|codes| {
        let words: Vec<_> = codes
            .iter()
            .map(|code| sentence(code.as_ref()).into_owned())
            .collect();
        WebError::Invalid(words.join(" "))
    })
}

/// A count of requests as it is kept.
fn whole(times: f64) -> Result<u64, WebError> {
    format!("{times:.0}").parse().or(Err(WebError::Invalid(
        "Ce nombre d’usages ne peut pas être gardé.".to_owned(),
    )))
}

/// The form.
///
/// # Errors
/// When the address does not give an estimate, or the database does not answer.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let query = query.unwrap_or_default();
    let typed = Typed {
        record: "",
        title: "",
        wrong: Vec::new(),
    };
    fresh(StatusCode::OK, &page(&app, &signed_in, &query, typed).await?)
}

/// The published record of what was typed: the end of its address, or all of it.
async fn record_of(app: &App, text: &str) -> Result<Option<UseCase>, WebError> {
    let path = text.split(['?', '#']).next().unwrap_or("").trim_end_matches('/');
    let slug = path.rsplit('/').next().unwrap_or("");
    Ok(match app.store.use_case_by_slug(slug).await? {
        Found::UseCase { record, .. } => Some(*record),
        Found::Redirect(_) | Found::Withdrawn | Found::None => None,
    })
}

/// Keeps the result with the record.
///
/// # Errors
/// When the address does not give an estimate, or the database does not answer.
pub async fn post(State(app): State<App>, form: SignedForm) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    let query = form.fields.get("demande").to_owned();
    let title = form.fields.get("titre").trim().to_owned();
    let typed_record = form.fields.get("fiche").trim().to_owned();
    let asked = asked(&app, &query)?;
    let mut wrong = Vec::new();
    let record = record_of(&app, &typed_record).await?;
    // Whoever may not write for its carrier learns no more than of a record that does not exist.
    let record = record.filter(|record| may_write(&signed_in.actor(), record.organisation.id));
    if record.is_none() {
        wrong.push((
            "fiche",
            "Choisissez une fiche publiée de votre organisme.".to_owned(),
        ));
    }
    if title.is_empty() {
        wrong.push((
            "titre",
            "Dites ce qui est estimé, par exemple «\u{a0}Réponses de l’assistant en 2026\u{a0}».".to_owned(),
        ));
    } else if title.chars().count() > TITLE_MAX {
        wrong.push(("titre", format!("{TITLE_MAX} caractères au plus.")));
    }
    let (Some(record), true) = (record, wrong.is_empty()) else {
        let typed = Typed {
            record: &typed_record,
            title: &title,
            wrong,
        };
        return fresh(
            StatusCode::UNPROCESSABLE_ENTITY,
            &page(&app, &signed_in, &query, typed).await?,
        );
    };
    let evaluation = Evaluation {
        id: EvaluationId::new(Uuid::now_v7()),
        use_case: record.id,
        title,
        author: signed_in.person.account.id.to_string(),
        ..trial(&app, &asked)?
    };
    app.store.add_evaluation(&evaluation).await?;
    if let Some(measured) = to_compare(&app, &evaluation).await? {
        return Ok(see_other(&against::path(measured)));
    }
    Ok(see_other(&format!("{LIST}?fait=attachee")))
}

/// The measure to set against an estimate, once a record carries both.
async fn to_compare(app: &App, new: &Evaluation) -> Result<Option<EvaluationId>, WebError> {
    let present = app.store.evaluations_of(&[new.use_case], Level::Member).await?;
    let measured = present.iter().find(|one| one.is_measured());
    let estimated = present.iter().any(|one| !one.is_measured());
    Ok(measured
        .filter(|_| estimated)
        .map(|measured| if new.is_measured() { new.id } else { measured.id }))
}

/// What somebody may see to: all of them for moderators, those of their organisations for others.
pub(super) async fn own(app: &App, signed_in: &SignedIn) -> Result<Vec<(Evaluation, UseCase)>, WebError> {
    let all = app.store.evaluations(Level::Member).await?;
    let mut ids: Vec<_> = all.iter().map(|one| one.use_case).collect();
    ids.sort_unstable();
    ids.dedup();
    let records = app.store.use_cases_by_ids(&ids).await?;
    let actor = signed_in.actor();
    Ok(all
        .into_iter()
        .filter_map(|one| {
            let record = records.iter().find(|record| record.id == one.use_case)?;
            may_write(&actor, record.organisation.id).then(|| (one, record.clone()))
        })
        .collect())
}

/// The evaluations attached to one's records.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    State(app): State<App>,
    signed_in: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let moderates = can(&signed_in.actor(), &Action::Review).is_ok();
    let mut page = space_page(
        &app,
        &signed_in.person,
        "Estimations attachées",
        "Ce qui est gardé avec les fiches, et qui le lit.",
        LIST,
    );
    page.notice = match query.as_deref() {
        Some("fait=attachee") => Some("L’estimation est attachée. Les agents inscrits la lisent sur la fiche\u{202f}; la modération décidera de la montrer à tout le monde.".to_owned()),
        Some("fait=publier") => Some("L’estimation est publique.".to_owned()),
        Some("fait=restreindre") => Some("L’estimation n’est plus lue que des agents inscrits.".to_owned()),
        Some("fait=comparee") => Some("La comparaison est gardée avec la fiche.".to_owned()),
        Some("fait=oubliee") => Some("La comparaison est oubliée.".to_owned()),
        Some("fait=retirer") => Some("L’estimation est retirée.".to_owned()),
        _ => None,
    };
    let mut own = own(&app, &signed_in).await?;
    // What waits for a decision comes first.
    own.sort_by_key(|(one, _)| one.reach == Reach::Public);
    if own.is_empty() {
        page.blocks.push(FormBlock {
            text: RichText::parse("Aucune estimation n’est attachée à vos fiches. Faites-en une, puis choisissez «\u{a0}Attacher à une fiche\u{a0}» sous le résultat."),
            links: vec![Link::new("Évaluer un usage", "/estimer")],
            ..FormBlock::default()
        });
    }
    let estimated: BTreeSet<_> = own
        .iter()
        .filter(|(one, _)| !one.is_measured())
        .map(|(one, _)| one.use_case)
        .collect();
    for (one, record) in own.iter().take(LISTED) {
        let open = one.reach == Reach::Public;
        let mut others = Vec::new();
        if moderates {
            others.push(if open {
                ("restreindre".to_owned(), "Réserver aux agents".to_owned())
            } else {
                ("publier".to_owned(), "Rendre publique".to_owned())
            });
        }
        let mut links = vec![Link::new(
            record.content.title().to_owned(),
            format!("/cas-usages/{}", record.slug),
        )];
        if one.is_measured() && estimated.contains(&one.use_case) {
            links.push(Link::new("Comparer à une estimation", against::path(one.id)));
        }
        page.blocks.push(FormBlock {
            id: format!("e-{}", one.id),
            title: one.title.clone(),
            lines: vec![
                format!(
                    "{} par an, {} d’électricité par an",
                    range(one.gwp_kg.low, one.gwp_kg.high, Scale::Climate, 2),
                    range(one.energy_kwh.low, one.energy_kwh.high, Scale::Energy, 2)
                ),
                format!("Estimée le {}", crate::locale::moment(one.made_at)),
                if open {
                    "Lue par tout le monde".to_owned()
                } else {
                    "Lue par les agents inscrits".to_owned()
                },
            ],
            action: LIST.to_owned(),
            csrf: signed_in.reader.csrf().to_owned(),
            hidden: vec![("estimation".to_owned(), one.id.to_string())],
            submit: "Retirer".to_owned(),
            quiet: true,
            others,
            links,
            ..FormBlock::default()
        });
    }
    fresh(StatusCode::OK, &page)
}

/// Takes an evaluation back, or says who reads it.
///
/// # Errors
/// When there is no such evaluation among those that one may see to, or the step is for moderators.
pub async fn decide(State(app): State<App>, form: SignedForm) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    let id = wanted(&form.fields)?;
    let own = own(&app, &signed_in).await?;
    if own.iter().all(|(one, _)| one.id != id) {
        return Err(WebError::NotFound);
    }
    let actor = signed_in.person.account.id.to_string();
    let decision = Decision {
        actor: &actor,
        reason: "",
        now: (app.settings.now)(),
    };
    let done = match form.fields.get("action") {
        "publier" | "restreindre" if can(&signed_in.actor(), &Action::Review).is_err() => {
            return Err(WebError::Forbidden(
                "La modération décide de ce qui est public.".to_owned(),
            ));
        }
        "publier" => {
            app.store.open_evaluation(id, Reach::Public, decision).await?;
            "publier"
        }
        "restreindre" => {
            app.store.open_evaluation(id, Reach::Member, decision).await?;
            "restreindre"
        }
        _ => {
            app.store.withdraw_evaluation(id, decision).await?;
            "retirer"
        }
    };
    crate::refresh::at_once(&app).await;
    Ok(see_other(&format!("{LIST}?fait={done}")))
}

fn wanted(fields: &Fields) -> Result<EvaluationId, WebError> {
    fields.get("estimation").parse().or(Err(WebError::NotFound))
}
