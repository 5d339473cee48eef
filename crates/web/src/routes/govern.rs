//! `/maitriser`: instruments that decide, explain and reduce, filled in as far as the record allows.

pub mod dashboard;
pub mod frugality;
pub mod inventory;
mod moderated;
mod project;
pub mod purchase;
pub mod roadmap;
pub mod standing;
pub mod transparency;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use sobria_catalogue::access::VisibleUseCase;
use sobria_catalogue::rights::Role;
use sobria_exchange::paper::Format;
use sobria_govern::frugality::form::BASE;
use sobria_govern::joined::Known;
use sobria_store::{AssessmentKind, Subject};

use crate::app::App;
use crate::error::WebError;
use crate::locale;
use crate::params::{encode, pairs_up_to};
use crate::posted::Fields;
use crate::routes::account::fresh;
use crate::routes::frame::frame;
use crate::session::Reader;
use crate::view::govern::{GovernHomePage, GovernPage};
use crate::view::library::Link;
use crate::view::{Crumb, Fact, FormBlock, FormField, Place, ProseSection, RichText};

/// The choice of an instrument; moderators also see what waits for them.
///
/// # Errors
/// When the database does not answer.
pub async fn home(State(app): State<App>, reader: Reader) -> Result<Response, WebError> {
    let door = |title: &str, text: &str, label: &str, href: &str| {
        (title.to_owned(), text.to_owned(), Link::new(label, href))
    };
    let mut methods = ProseSection::new(
        "methodes",
        "Méthodes",
        "Ce que chaque outil demande, calcule, garde et montre, en questions et réponses.",
    );
    methods.links = [
        ("Frugalité", "frugality"),
        ("Transparence", "transparency"),
        ("Achat responsable", "procurement"),
        ("Feuille de route", "roadmap"),
        ("Scénarios", "scenarios"),
    ]
    .map(|(label, name)| Link::new(label, format!("/estimer/methodes/{name}")))
    .to_vec();
    let mut sections = vec![methods];
    if reader.actor().is_at_least(Role::Moderator) {
        sections.push(waiting(&app).await?);
    }
    fresh(
        StatusCode::OK,
        &GovernHomePage {
            layout: frame(&app, Place::Govern, "Maîtriser", "/maitriser")
                .described("Évaluer la frugalité d’un projet, dire son niveau de risque présumé, publier sa fiche de transparence."),
            doors: vec![
                door(
                    "Frugalité",
                    "Faut-il de l’IA\u{202f}? Quinze pratiques, deux scores côte à côte, déclaré et prouvé, et les actions à mener d’abord. Vingt minutes, sans compte.",
                    "Évaluer la frugalité",
                    "/maitriser/frugalite",
                ),
                door(
                    "Transparence",
                    "Niveau de risque présumé, devoirs qui en découlent, mention à imprimer sur les décisions, fiche publique et inventaire des algorithmes.",
                    "Préparer la transparence",
                    "/maitriser/transparence",
                ),
                door(
                    "Achat responsable",
                    "Combien de questions poser aux fournisseurs, lesquelles, quelles clauses, quel barème. Les documents sortent en ODT, DOCX et texte.",
                    "Préparer un achat",
                    "/maitriser/achat",
                ),
                door(
                    "Feuille de route",
                    "La stratégie numérique responsable\u{a0}: pour qui elle est due, où en est un objectif, quinze actions locales avec leurs indicateurs.",
                    "Suivre un objectif",
                    "/maitriser/feuille-de-route",
                ),
                door(
                    "Scénarios",
                    "L’électricité des centres de données d’ici 2035, avec ce qui se contredit, et celle de vos propres usages\u{a0}: adoption, efficacité, rebond.",
                    "Voir les scénarios",
                    "/maitriser/scenarios",
                ),
            ],
            sections,
        },
    )
}

/// Versions that wait for a moderator.
pub async fn waiting(app: &App) -> Result<ProseSection, WebError> {
    let found = app.store.waiting_assessments().await?;
    let text = if found.is_empty() {
        "Rien n’attend d’être relu."
    } else {
        "Ces versions ne sont pas publiques\u{a0}: lisez-les, puis publiez-les depuis leur page."
    };
    let mut section = ProseSection::new("a-relire", "À relire", text);
    for one in found {
        let id = match one.subject {
            Subject::UseCase(id) => id,
            Subject::Organisation(id) => {
                for organisation in app.store.organisations_by_ids(&[id]).await? {
                    section.links.push(Link::new(
                        format!(
                            "Feuille de route\u{a0}: {}, version {}",
                            organisation.name, one.number
                        ),
                        format!("/organisations/{}/feuille-de-route", organisation.slug),
                    ));
                }
                continue;
            }
        };
        for record in app.store.use_cases_by_ids(&[id]).await? {
            let (word, label) = match one.kind {
                AssessmentKind::Frugality => ("frugalite", "Frugalité"),
                AssessmentKind::Transparency | AssessmentKind::Roadmap => ("transparence", "Transparence"),
            };
            section.links.push(Link::new(
                format!(
                    "{label}\u{a0}: {}, version {}",
                    record.content.title(),
                    one.number
                ),
                format!("/cas-usages/{}/{word}", record.slug),
            ));
        }
    }
    Ok(section)
}

/// Where a record stands in each instrument, for its page, and what those who contribute for it may do.
///
/// # Errors
/// When the database does not answer.
pub async fn of_record(
    app: &App,
    item: &VisibleUseCase,
    reader: &Reader,
) -> Result<(Vec<Fact>, Vec<Link>), WebError> {
    let slug = &item.record().slug;
    let carrier = &item.record().organisation;
    let facts = standing::of(app, std::slice::from_ref(item), reader)
        .await?
        .iter()
        .flat_map(|one| one.facts(&carrier.slug))
        .collect();
    let mut links = vec![Link::new(
        "Lire la fiche de transparence",
        format!("/cas-usages/{slug}/transparence"),
    )];
    if item.level() >= sobria_catalogue::access::Level::Organisation {
        links.push(Link::new(
            "Évaluer la frugalité de ce projet",
            format!("/maitriser/frugalite?fiche={slug}"),
        ));
        links.push(Link::new(
            "Compléter la fiche de transparence",
            format!("/maitriser/transparence?fiche={slug}"),
        ));
        links.push(Link::new(
            "Préparer un achat pour ce projet",
            format!("/maitriser/achat?fiche={slug}"),
        ));
    }
    if reader.actor().contributes_for(carrier.id) {
        links.push(Link::new(
            "Tableau de bord de l’organisation",
            format!("/organisations/{}/tableau-de-bord", carrier.slug),
        ));
    }
    Ok((facts, links))
}

/// The end of a result: save it as a version where there is a record to save it with, of which `saved` says what
/// becomes; else look at the answers again.
fn what_next(
    path: &str,
    csrf: &str,
    saved: Option<&str>,
    mut hidden: Vec<(String, String)>,
    mut others: Vec<(String, String)>,
) -> FormBlock {
    let again = "Revoir les réponses".to_owned();
    let (action, submit) = if saved.is_some() {
        others.insert(0, ("reprendre".to_owned(), again));
        ("enregistrer", "Enregistrer cette version".to_owned())
    } else {
        ("reprendre", again)
    };
    hidden.push(("action".to_owned(), action.to_owned()));
    FormBlock {
        id: "suite".to_owned(),
        title: "Et ensuite".to_owned(),
        text: RichText::parse(saved.unwrap_or(
            "Ces réponses ne sont gardées nulle part\u{a0}: téléchargez-les ou imprimez la page.",
        )),
        action: path.to_owned(),
        csrf: csrf.to_owned(),
        hidden,
        submit,
        others,
        ..FormBlock::default()
    }
}

/// What to say of answers that another version overtook, and the same answers ready to follow that version.
fn overtaken(fields: &Fields, newest: u32) -> (String, Fields) {
    let message = format!(
        "Quelqu’un a enregistré la version {newest} entre-temps. Vos réponses sont gardées ici\u{a0}: lisez la sienne, puis enregistrez de nouveau pour faire la version suivante."
    );
    (message, fields.with("apres", newest.to_string()))
}

/// A page of an instrument.
fn page(app: &App, title: &str, lead: &str, path: &str, crumbs: Vec<Crumb>) -> GovernPage {
    let mut all = vec![Crumb::to("Maîtriser", "/maitriser")];
    all.extend(crumbs);
    all.push(Crumb::here(title));
    GovernPage::new(frame(app, Place::Govern, title, path).under(all), title, lead)
}

/// Hundredths as people read them, without a sign: `46`.
fn score_words(value: f64) -> String {
    locale::decimal(value, 0)
}

/// Hundredths with their sign: `73 %`.
fn percent(value: f64) -> String {
    format!("{}\u{a0}%", locale::decimal(value, 0))
}

/// A page that answers a form. Who has no account may go back to it, and finds there what was typed; what somebody who
/// signed in reads is kept nowhere.
fn answered(reader: &Reader, status: StatusCode, page: &GovernPage) -> Result<Response, WebError> {
    let mut response = fresh(status, page)?;
    if reader.person().is_none() {
        response.headers_mut().insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-cache"),
        );
    }
    Ok(response)
}

/// Name of the field that carries what other steps answered, as one text: a page of many hidden fields is heavy.
const STATE: &str = "etat";
/// Most answers that are carried.
const STATE_MAX: usize = 1000;

/// What a step does not ask, to be carried along.
fn carried(fields: &Fields, asked: &[String]) -> Vec<(String, String)> {
    let pairs: Vec<String> = fields
        .iter()
        .filter(|(name, value)| {
            !value.is_empty()
                && ![
                    "_csrf",
                    "action",
                    "etape",
                    "fiche",
                    "organisation",
                    "apres",
                    STATE,
                ]
                .contains(name)
                && !asked.iter().any(|own| own == name)
        })
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    vec![(STATE.to_owned(), pairs.join("&"))]
}

/// Says under each field what is known of it elsewhere, and whether that changed since the answer.
fn tell_known(own: &mut [FormField], known: &[Known], fields: &Fields) {
    for field in own {
        let now = known.iter().find(|one| one.question == field.name);
        let basis = fields.get(&format!("{BASE}{}", field.name));
        let words = now.map(|one| sobria_catalogue::text::excerpt(&one.value, 160));
        let same = now.is_some_and(|one| one.value == fields.get(&field.name));
        if let Some(said) = said_of(now, basis, same, &words.unwrap_or_default()) {
            field.hint = format!("{} {said}", field.hint).trim().to_owned();
        }
    }
}

/// What is known of an answer, in one sentence: whether it changed since, else whether it is the answer.
fn said_of(now: Option<&Known>, basis: &str, same: bool, words: &str) -> Option<String> {
    match now {
        Some(one) if !basis.is_empty() && basis != one.basis() => Some(format!(
            "Le fait a changé depuis votre réponse\u{a0}: «\u{a0}{words}\u{a0}» ({}).",
            one.origin
        )),
        Some(one) if same => Some(format!("Repris d’ailleurs, à relire\u{a0}: {}.", one.origin)),
        Some(one) => Some(format!(
            "Dit ailleurs\u{a0}: «\u{a0}{words}\u{a0}» ({}).",
            one.origin
        )),
        None if !basis.is_empty() => {
            Some("Le fait a changé depuis votre réponse\u{a0}: il n’est plus connu.".to_owned())
        }
        None => None,
    }
}

/// Whoever answers now has seen what is known now.
fn seen_now(own: &[FormField], known: &[Known]) -> Vec<(String, String)> {
    known
        .iter()
        .filter(|one| own.iter().any(|field| field.name == one.question))
        .map(|one| (format!("{BASE}{}", one.question), one.basis()))
        .collect()
}

/// The fields that were sent, with those that were carried along.
fn unfold(fields: &Fields) -> Fields {
    let mut all: Vec<(String, String)> = fields
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let carried = pairs_up_to(fields.get(STATE), STATE_MAX);
    all.extend(carried.into_iter().filter(|(name, _)| !fields.has(name)));
    Fields::from(all)
}

/// A file to download.
pub fn attachment(body: Vec<u8>, media_type: &'static str, name: &str) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// A document in the format that an address ends with.
///
/// # Errors
/// When there is no such format, or the file cannot be made.
fn paper(document: &sobria_govern::document::Document, path: &str, name: &str) -> Result<Response, WebError> {
    let format = path
        .rsplit('.')
        .next()
        .and_then(Format::from_extension)
        .ok_or(WebError::NotFound)?;
    let bytes = sobria_exchange::paper::write(document, format)
        .map_err(|error| WebError::Internal(error.to_string()))?;
    Ok(attachment(
        bytes,
        format.media_type(),
        &format!("{name}.{}", format.extension()),
    ))
}

/// Media type of tables.
pub const CSV: &str = "text/csv; charset=utf-8";

/// Why a session that ended cannot keep anything, and what to do.
const SESSION_OVER: &str = "Votre session a pris fin, rien n’est perdu\u{a0}: connectez-vous dans un autre onglet, puis renvoyez cette page.";
