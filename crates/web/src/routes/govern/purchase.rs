//! `/maitriser/achat`: prepare a responsible purchase without an account. Nothing is kept: the page carries what was
//! typed, and each document is made from it. With an account, [`files`] keeps it and goes on with it.

pub mod answer;
pub mod compare;
pub mod consensus;
pub mod decide;
pub mod evidence;
pub mod file;
pub mod files;
mod kept;
mod linked;
pub mod marking;
pub mod marks;
mod need;
pub mod prepare;
mod proposals;
pub mod schedule;
pub mod summary;
pub mod suppliers;

pub use kept::{FILES, impact_clauses};
pub use linked::{Linked, linked};

use std::collections::BTreeSet;

use axum::Router;
use axum::extract::{DefaultBodyLimit, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use jiff::civil::Date;
use need::{LINE_MAX, RISKS, limited, need_fields, options, read, set_errors, weight_typed};
use sobria_exchange::paper::{Format, write};
use sobria_govern::procurement::VERSION;
use sobria_govern::procurement::clause::proposed;
use sobria_govern::procurement::criteria::Criteria;
use sobria_govern::procurement::depth::{Depth, Need, propose};
use sobria_govern::procurement::paper::{Purchase, criteria_sheet, need_note, questionnaire, tender_annex};
use sobria_govern::procurement::question::asked;
use sobria_govern::procurement::threshold::{CHECKED_ON, Rule, THRESHOLDS, procedure};

use super::{answered, attachment, page as frame_page};
use crate::app::App;
use crate::error::WebError;
use crate::locale::{day, decimal};
use crate::params::{encode, pairs};
use crate::posted::{Fields, OpenForm};
use crate::routes::personal::published;
use crate::session::Reader;
use crate::view::govern::GovernPage;
use crate::view::library::Link;
use crate::view::prose::ProseTable;
use crate::view::{Control, Fact, FormBlock, FormError, FormField, ProseSection, RichText};

const PATH: &str = "/maitriser/achat";

/// Addresses of kept files and of the answers of suppliers.
pub fn kept_routes() -> Router<App> {
    Router::new()
        .route("/maitriser/achat/dossiers", get(files::index).post(files::create))
        .route("/maitriser/achat/dossiers/{id}", get(file::page))
        .route(
            "/maitriser/achat/dossiers/{id}/preparer",
            get(prepare::page).post(prepare::save),
        )
        .route("/maitriser/achat/dossiers/{id}/document", get(compare::document))
        .route(
            "/maitriser/achat/dossiers/{id}/fournisseurs",
            get(suppliers::page),
        )
        .route(
            "/maitriser/achat/dossiers/{id}/fournisseurs/{what}",
            post(suppliers::post),
        )
        .route("/maitriser/achat/dossiers/{id}/comparaison", get(compare::page))
        .route(
            "/maitriser/achat/dossiers/{id}/comparaison.csv",
            get(compare::export),
        )
        .route(
            "/maitriser/achat/dossiers/{id}/comparaison.json",
            get(compare::export),
        )
        .route("/maitriser/achat/dossiers/{id}/notes", get(marking::page))
        .route("/maitriser/achat/dossiers/{id}/notes/{what}", post(marking::post))
        .route(
            "/maitriser/achat/dossiers/{id}/accord",
            get(consensus::page).post(consensus::post),
        )
        .route("/maitriser/achat/dossiers/{id}/echeancier", get(schedule::page))
        .route(
            "/maitriser/achat/dossiers/{id}/echeancier.ics",
            get(schedule::file),
        )
        .route(
            "/maitriser/achat/dossiers/{id}/echeancier.csv",
            get(schedule::file),
        )
        .route(
            "/maitriser/achat/dossiers/{id}/echeancier/{what}",
            post(schedule::post),
        )
        .route(
            "/maitriser/achat/dossiers/{id}/fichiers/{file}",
            get(evidence::received),
        )
        .route("/maitriser/achat/dossiers/{id}/{what}", post(decide::post))
        .route("/maitriser/achat/syntheses/{id}", get(summary::page))
        .route(
            "/maitriser/achat/reponse/{secret}",
            get(answer::page).post(answer::post),
        )
        .route(
            "/maitriser/achat/reponse/{secret}/fichiers",
            // The form limits itself, by what the operator allows.
            post(evidence::join).layer(DefaultBodyLimit::disable()),
        )
        .route(
            "/maitriser/achat/reponse/{secret}/fichiers/{file}",
            get(evidence::own),
        )
        .route(
            "/maitriser/achat/reponse/{secret}/fichiers/{file}/retirer",
            post(evidence::part),
        )
}

/// Documents: value in the form, words.
const PAPERS: [(&str, &str); 4] = [
    ("note-opportunite", "Note d’opportunité"),
    ("questionnaire", "Questionnaire de sourçage"),
    ("annexe", "Annexe «\u{a0}Exigences pour une IA responsable\u{a0}»"),
    ("bareme", "Barème"),
];

/// What is in a document, in one sentence.
fn paper_note(code: &str) -> &'static str {
    match code {
        "note-opportunite" => "Le besoin, les autres façons d’y répondre, la profondeur et ses raisons.",
        "questionnaire" => "Les questions, sans note, à envoyer pour s’informer.",
        "annexe" => "Les clauses retenues et le cadre de réponse, à joindre au dossier de consultation.",
        "bareme" => "Poids, sens des notes, questions éliminatoires, date et empreinte du gel.",
        "comparaison" => "Les réponses côte à côte et les chiffres d’impact. Non public.",
        "analyse" => "Notes, motifs, robustesse du classement. Non public.",
        "echeancier" => "Ce qui est dû, par qui, pour quand, et ce qui est reçu.",
        _ => "",
    }
}

/// What was typed, with the organisation of somebody who contributes for one alone when nothing was typed yet.
fn with_own_organisation(fields: &Fields, reader: &Reader) -> Option<Fields> {
    let own = kept::organisations(reader.person()?);
    let [(_, only)] = own.as_slice() else { return None };
    let blank = !fields.has("organisation") && fields.get("fiche").is_empty();
    let typed = fields
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    blank.then(|| {
        Fields::from(
            typed
                .chain([("organisation".to_owned(), only.clone())])
                .collect::<Vec<_>>(),
        )
    })
}

async fn show(app: &App, reader: &Reader, fields: &Fields, sent: bool) -> Result<Response, WebError> {
    let reader_csrf = reader.csrf();
    let own = with_own_organisation(fields, reader).filter(|_| !sent);
    let fields = own.as_ref().unwrap_or(fields);
    let (purchase, criteria, wrong) = read(fields);
    let wrong = if sent { wrong } else { Vec::new() };
    let mut page = frame_page(
        app,
        "Achat responsable",
        "Préparer l’achat d’une solution d’IA\u{a0}: combien de questions poser, lesquelles, quelles clauses, quel barème. Sans compte, rien n’est conservé.",
        PATH,
        Vec::new(),
    );
    // What is wrong in the criteria is mended beside the documents, on a page that is otherwise ready.
    let of_criteria = |error: &FormError| {
        error.field.starts_with("poids_") || ["eliminatoires", "sans_objet"].contains(&error.field.as_str())
    };
    let ready = sent && wrong.iter().all(of_criteria);
    if ready {
        fill(app, &mut page, &purchase, &criteria);
        page.blocks.push(files::keep_block(reader, fields));
        let mut papers = papers_block(reader_csrf, fields, &criteria);
        set_errors(&mut papers.fields, &wrong);
        page.blocks.push(papers);
    } else if reader.person().is_some() {
        page.downloads = vec![Link::new("Vos dossiers d’achat", FILES)];
    }
    let public = if sent { None } else { summary::listed(app).await? };
    let known = proposals::known(app, fields, reader).await?;
    let mut list = need_fields(fields);
    if let Some(field) = list
        .iter_mut()
        .find(|field| own.is_some() && field.name == "organisation")
    {
        field.origin = "Celle pour laquelle vous contribuez.".to_owned();
    }
    let mut hidden = proposals::tell(&mut list, &known, fields);
    if !fields.get("fiche").is_empty() {
        hidden.push(("fiche".to_owned(), fields.get("fiche").to_owned()));
    }
    set_errors(&mut list, &wrong);
    page.blocks.push(FormBlock {
        id: "besoin-a-decrire".to_owned(),
        title: if ready {
            "Modifier le projet".to_owned()
        } else {
            "Votre projet".to_owned()
        },
        action: PATH.to_owned(),
        csrf: reader_csrf.to_owned(),
        hidden,
        fields: list,
        submit: "Préparer l’achat".to_owned(),
        quiet: ready,
        folded: ready,
        ..FormBlock::default()
    });
    if let Some(section) = public {
        page.blocks.push(FormBlock {
            id: section.id,
            title: section.title,
            text: section.text,
            links: section.links,
            ..FormBlock::default()
        });
    }
    let known: BTreeSet<String> = page
        .blocks
        .iter()
        .flat_map(|block| block.fields.iter().map(|field| field.name.clone()))
        .collect();
    page.errors = wrong
        .into_iter()
        .map(|error| FormError {
            field: if known.contains(&error.field) {
                error.field
            } else {
                String::new()
            },
            message: error.message,
        })
        .collect();
    page.foot = format!(
        "Questionnaire {VERSION}, rédigé par ce projet. Seuils vérifiés le {}. L’outil aide à préparer\u{202f}; il ne remplace ni le service juridique ni l’acheteur.",
        day(CHECKED_ON)
    );
    let status = if page.errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    answered(reader, status, &page)
}

fn fill(app: &App, page: &mut GovernPage, purchase: &Purchase, criteria: &Criteria) {
    let today = app.today();
    let depth = purchase.depth();
    let fact = |label: &str, value: String| Fact {
        label: label.to_owned(),
        value,
        href: None,
    };
    page.figures = vec![
        fact("Profondeur retenue", depth.label().to_owned()),
        fact("Questions", criteria.questions().count().to_string()),
        fact("Clauses proposées", proposed(depth).count().to_string()),
    ];
    let mut why = ProseSection::new(
        "pourquoi",
        "Pourquoi cette profondeur",
        &depth_reasons(&purchase.need, today),
    );
    why.table = Some(ProseTable {
        caption: "Seuils applicables aujourd’hui aux collectivités, fournitures et services".to_owned(),
        headers: ["Ce qu’il décide", "Montant", "Source"]
            .map(str::to_owned)
            .to_vec(),
        rows: THRESHOLDS
            .iter()
            .filter(|one| one.from <= today && one.to.is_none_or(|last| today <= last))
            .map(|one| {
                let rule = match one.rule {
                    Rule::Exemption => "Dispense de publicité et de mise en concurrence, en dessous",
                    Rule::Publicity => "Publicité au BOAMP ou dans un journal, à partir de",
                    Rule::Formal => "Procédure formalisée, à partir de",
                    Rule::Innovation => "Achat innovant sans publicité, en dessous",
                };
                vec![
                    rule.to_owned(),
                    format!("{}\u{a0}€ HT", decimal(one.euros, 0)),
                    format!("{} ({})", one.source, one.confidence.label()),
                ]
            })
            .collect(),
    });
    why.fold = "Les seuils qui s’appliquent aujourd’hui, avec leur source".to_owned();
    why.links = vec![Link::new(
        "Une autre collectivité l’a-t-elle déjà\u{202f}? Chercher dans la bibliothèque",
        format!("/cas-usages?q={}", encode(&purchase.title)),
    )];
    let mut questions = ProseSection::new(
        "questions",
        "Les questions",
        "En sourçage, les réponses informent et aucune note n’est donnée. Pour noter des offres, figez le barème avant d’ouvrir les plis.",
    );
    questions.fold = format!(
        "Lire les {} questions, avec la preuve attendue",
        criteria.questions().count()
    );
    questions.table = Some(ProseTable {
        caption: format!("Questionnaire {}", depth.label()),
        headers: ["N°", "Question", "Preuve attendue"].map(str::to_owned).to_vec(),
        rows: criteria
            .questions()
            .map(|question| {
                vec![
                    question.id.to_owned(),
                    question.text.to_owned(),
                    question.evidence.to_owned(),
                ]
            })
            .collect(),
    });
    page.sections = vec![why, questions];
}

/// The questions that may rule an offer out, those that do ticked.
fn knockouts_field(criteria: &Criteria, depth: Depth) -> FormField {
    let knockouts = asked(depth)
        .filter(|question| question.knockout)
        .map(|question| (question.id, format!("{}\u{a0}: {}", question.id, question.text)));
    FormField::new(
        "eliminatoires",
        "Questions éliminatoires",
        "",
        Control::Checks(options(knockouts, |id| criteria.knockouts.contains(id))),
    )
    .hint("Une question n’élimine que si elle est publiée comme telle.")
}

/// The weight of each theme, as typed for this depth, else as it is.
fn weight_fields(fields: &Fields, criteria: &Criteria, depth: Depth) -> Vec<FormField> {
    criteria
        .weights
        .iter()
        .map(|(theme, weight)| {
            let name = format!("poids_{}", theme.code());
            let value = weight_typed(fields, depth, &name).unwrap_or_else(|| weight.to_string());
            FormField::line(name, format!("Poids\u{a0}: {}", theme.label()), value).required()
        })
        .collect()
}

/// Why a depth is proposed for a need, and what its value asks of the procedure.
fn depth_reasons(need: &Need, today: Date) -> String {
    let proposal = propose(need);
    format!(
        "Proposée\u{a0}: **{}**, parce que\u{a0}:\n\n{}\n\n{}",
        proposal.depth.label(),
        proposal
            .reasons
            .iter()
            .map(|reason| format!("- {reason}"))
            .collect::<Vec<_>>()
            .join("\n"),
        procedure(need.value_ht, today)
    )
}

/// The criteria and the choice of a document.
fn papers_block(csrf: &str, fields: &Fields, criteria: &Criteria) -> FormBlock {
    let depth = criteria.depth;
    let own = |name: &str| {
        name.starts_with("poids_") || ["eliminatoires", "document", "format", "_csrf"].contains(&name)
    };
    let mut hidden: Vec<(String, String)> = fields
        .iter()
        .filter(|(name, value)| !own(name) && !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    hidden.push(("poids_de".to_owned(), depth.code().to_owned()));
    let mut list = vec![
        FormField::new(
            "document",
            "Document",
            "",
            Control::Select(options(
                PAPERS.map(|(value, label)| (value, label.to_owned())),
                |paper| fields.get("document") == paper,
            )),
        ),
        FormField::new(
            "format",
            "Format",
            "",
            Control::Select(options(
                Format::ALL.map(|format| {
                    let label = match format {
                        Format::Odt => "ODT (LibreOffice)",
                        Format::Docx => "DOCX (Word)",
                        Format::Markdown => "Markdown (texte)",
                    };
                    (format.extension(), label.to_owned())
                }),
                |format| fields.get("format") == format,
            )),
        ),
    ];
    list.push(knockouts_field(criteria, depth));
    list.extend(weight_fields(fields, criteria, depth));
    FormBlock {
        id: "documents".to_owned(),
        title: "Les documents".to_owned(),
        text: RichText::parse(
            "Chaque document porte sa date, sa version et la mention «\u{a0}à faire relire par le service juridique\u{a0}». Les poids font 100 ensemble.",
        ),
        action: format!("{PATH}/document"),
        csrf: csrf.to_owned(),
        hidden,
        fields: list,
        submit: "Télécharger".to_owned(),
        ..FormBlock::default()
    }
}

/// The form, with what a record already says when one is named.
///
/// # Errors
/// When there is no such record.
pub async fn form(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    reader: Reader,
) -> Result<Response, WebError> {
    let mut given = pairs(query.as_deref().unwrap_or(""));
    let slug = Fields::from(given.clone()).get("fiche").to_owned();
    if !slug.is_empty() {
        published(&app, &slug).await?;
        let typed = Fields::from(given.clone());
        let known = proposals::known(&app, &typed, &reader).await?;
        given.extend(proposals::fill(&typed, &known));
    }
    show(&app, &reader, &Fields::from(given), false).await
}

/// What is proposed for what was typed.
///
/// # Errors
/// When the template fails.
pub async fn prepared(State(app): State<App>, form: OpenForm) -> Result<Response, WebError> {
    show(&app, &form.reader, &form.fields, true).await
}

/// A document made from what was typed; the page again when something is wrong in it.
///
/// # Errors
/// When the file cannot be made.
pub async fn document(State(app): State<App>, form: OpenForm) -> Result<Response, WebError> {
    let fields = &form.fields;
    let (purchase, criteria, wrong) = read(fields);
    let Some(format) = Format::from_extension(fields.get("format")).filter(|_| wrong.is_empty()) else {
        return show(&app, &form.reader, fields, true).await;
    };
    let today = app.today();
    let name = fields.get("document");
    let made = match name {
        "note-opportunite" => need_note(&purchase, today),
        "questionnaire" => questionnaire(&purchase, today),
        "annexe" => tender_annex(&purchase, &criteria, today),
        "bareme" => criteria_sheet(&purchase, &criteria, None, today),
        _ => return show(&app, &form.reader, fields, true).await,
    };
    let bytes = write(&made, format).map_err(|error| WebError::Internal(error.to_string()))?;
    Ok(attachment(
        bytes,
        format.media_type(),
        &format!("{name}.{}", format.extension()),
    ))
}
