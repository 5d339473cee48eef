//! The page on which both evaluators agree.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::id::UserId;
use sobria_govern::procurement::consensus::disagreements;
use sobria_govern::procurement::question::question;
use sobria_govern::procurement::score::{Mark, Marks};
use sobria_govern::procurement::sheet::mark_problem;
use sobria_store::{MarkedBy, StoreError};

use super::kept::{conflict, mark, step, told};
use super::marks::{All, Settled, Table, is_agreed, mark_fields, marks_typed, of, read_mark};
use crate::app::App;
use crate::error::WebError;
use crate::posted::{Fields, SignedForm};
use crate::routes::account::{fresh, see_other};
use crate::session::SignedIn;
use crate::view::{FormError, ProseSection, ProseTable, RichText};

fn show(
    app: &App,
    table: &Table,
    settled: &Settled,
    by: UserId,
    csrf: &str,
    fields: Option<&Fields>,
    wrong: Vec<FormError>,
    status: StatusCode,
) -> Result<Response, WebError> {
    let kept = &table.kept;
    let done = is_agreed(&table.evaluations);
    let mut page = kept.page(
        app,
        "S’accorder",
        "Les écarts de deux points et plus, et les éliminations, demandent une note commune avec un motif. Pour un point d’écart, la plus basse est retenue si rien n’est écrit.",
        "accord",
    );
    let version = of(&table.evaluations, MarkedBy::Both).map_or(0, |one| one.version);
    let typed = fields.cloned().unwrap_or_else(|| {
        let kept = settled.consensus.iter();
        let kept = kept.flat_map(|(offer, marks)| marks_typed(&format!("{offer}_"), marks));
        Fields::from(kept.collect::<Vec<_>>())
    });
    let mut list = Vec::new();
    for offer in &table.offers {
        let get = |all: &All| all.get(&offer.line.id).cloned().unwrap_or_default();
        let (first, second) = (get(&settled.first), get(&settled.second));
        let differing = disagreements(&table.criteria, &first, &second);
        let mut section = ProseSection::new(
            &format!("o-{}", offer.line.id),
            &offer.line.supplier,
            if differing.is_empty() {
                "Aucun écart entre les deux évaluateurs."
            } else {
                ""
            },
        );
        if !differing.is_empty() {
            section.table = Some(ProseTable {
                caption: format!("Écarts sur l’offre de {}", offer.line.supplier),
                headers: ["Question", "Premier", "Motif", "Second", "Motif", "Retenu"]
                    .map(str::to_owned)
                    .to_vec(),
                rows: differing
                    .iter()
                    .map(|one| {
                        let mark = |marks: &Marks| marks.get(one.question).cloned().unwrap_or_default();
                        let words = |mark: &Mark| {
                            format!("{}{}", mark.score, if mark.fails { ", élimine" } else { "" })
                        };
                        let (a, b) = (mark(&first), mark(&second));
                        let kept = settled
                            .consensus
                            .get(&offer.line.id)
                            .and_then(|marks| marks.get(one.question));
                        vec![
                            one.question.to_owned(),
                            words(&a),
                            a.comment.clone(),
                            words(&b),
                            b.comment.clone(),
                            kept.map_or_else(
                                || {
                                    if one.binding {
                                        "à accorder".to_owned()
                                    } else {
                                        one.scores.0.min(one.scores.1).to_string()
                                    }
                                },
                                |mark| format!("{}, {}", words(mark), mark.comment),
                            ),
                        ]
                    })
                    .collect(),
            });
        }
        page.sections.push(section);
        for one in differing {
            let prefix = format!("{}_", offer.line.id);
            let name = format!("{prefix}{}", one.question);
            let Some(asked) = question(one.question) else {
                continue;
            };
            let must = if one.binding {
                "Accord demandé"
            } else {
                "Accord possible"
            };
            let about = format!("{}, {}\u{a0}", offer.line.supplier, one.question);
            let labels = [
                format!("{about}: note commune"),
                format!("{about}: motif"),
                format!("{about}: l’offre est éliminée"),
            ];
            let hint = format!("{must}. {}", asked.text);
            let eliminates = table.criteria.knockouts.contains(one.question);
            let mut fields = mark_fields(&name, labels, hint, asked, eliminates, &typed);
            // Whether the offer is ruled out is never asked for.
            for field in fields.iter_mut().take(2) {
                field.required = one.binding;
            }
            list.extend(fields);
        }
    }
    if !done && table.own(by).is_some() {
        mark(&mut list, &wrong);
        let mut block = kept.block(
            csrf,
            "accorder",
            "L’accord",
            "Une fois enregistré, l’accord donne les notes et le classement, et ne change plus.",
            "accord",
            "Enregistrer l’accord",
        );
        block.hidden.push(("notes".to_owned(), version.to_string()));
        block.others = vec![("brouillon".to_owned(), "Garder sans conclure".to_owned())];
        block.fields = list;
        page.blocks.push(block);
    }
    if done {
        page.notice = Some(RichText::parse(&format!(
            "L’accord est enregistré\u{a0}: [lisez le classement et la comparaison]({}).",
            kept.path("comparaison")
        )));
    }
    page.here = kept.path("notes");
    page.errors = wrong;
    fresh(status, &page)
}

/// Where both differ, and what they agreed on.
///
/// # Errors
/// When both have not handed their marks in, or the file is not of the person's organisations.
pub async fn page(
    State(app): State<App>,
    Path(id): Path<String>,
    signed_in: SignedIn,
) -> Result<Response, WebError> {
    let table = Table::of(&app, &id, &signed_in.person).await?;
    let Some(settled) = Settled::of(&table.evaluations)? else {
        return Err(too_early());
    };
    let by = signed_in.person.account.id;
    show(
        &app,
        &table,
        &settled,
        by,
        signed_in.reader.csrf(),
        None,
        Vec::new(),
        StatusCode::OK,
    )
}

fn too_early() -> WebError {
    WebError::Forbidden(
        "Les notes se comparent une fois que les deux évaluateurs ont remis les leurs.".to_owned(),
    )
}

/// Keeps what both agreed on.
///
/// # Errors
/// When both have not handed their marks in, or the person is not one of them.
pub async fn post(
    State(app): State<App>,
    Path(id): Path<String>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let table = Table::of(&app, &id, &form.person).await?;
    let (fields, csrf, by) = (&form.fields, form.reader.csrf(), form.person.account.id);
    let Some(mut settled) = Settled::of(&table.evaluations)? else {
        return Err(too_early());
    };
    if table.own(by).is_none() {
        return Err(WebError::Forbidden(
            "L’accord revient aux deux évaluateurs.".to_owned(),
        ));
    }
    if is_agreed(&table.evaluations) {
        return Err(conflict());
    }
    settled.consensus.clear();
    let draft = fields.get("action") == "brouillon";
    let mut wrong = Vec::new();
    for offer in &table.offers {
        let prefix = format!("{}_", offer.line.id);
        let marks: Marks = table
            .criteria
            .questions()
            .filter_map(|question| {
                let mark = read_mark(fields, &prefix, question.id)?;
                let answer = offer.sheet.answers.get(question.id).cloned().unwrap_or_default();
                if let Some(message) = mark_problem(question, &answer, &mark) {
                    wrong.push(told(&format!("{prefix}{}", question.id), message));
                }
                Some((question.id.to_owned(), mark))
            })
            .collect();
        settled.consensus.insert(offer.line.id.clone(), marks);
        if !draft && let Err(open) = settled.agreed(&table.criteria, &offer.line.id) {
            for id in open {
                wrong.push(told(
                    &format!("{prefix}{id}"),
                    format!(
                        "{}, {id}\u{a0}: donnez une note commune et son motif.",
                        offer.line.supplier
                    ),
                ));
            }
        }
    }
    if !wrong.is_empty() {
        return show(
            &app,
            &table,
            &settled,
            by,
            csrf,
            Some(fields),
            wrong,
            StatusCode::UNPROCESSABLE_ENTITY,
        );
    }
    let text =
        serde_json::to_string(&settled.consensus).map_err(|error| WebError::Internal(error.to_string()))?;
    let version = fields.get("notes").parse().unwrap_or(0);
    let saved = app
        .store
        .save_marks(
            &table.kept.row.id,
            MarkedBy::Both,
            version,
            &text,
            !draft,
            step(&app, by, "consensus", "", ""),
        )
        .await;
    if let Err(StoreError::Conflict { .. }) = saved {
        let wrong = vec![told(
            "",
            "L’autre évaluateur a enregistré l’accord entre-temps. Votre saisie est gardée ici\u{a0}: rechargez la page pour lire la sienne.",
        )];
        return show(
            &app,
            &table,
            &settled,
            by,
            csrf,
            Some(fields),
            wrong,
            StatusCode::CONFLICT,
        );
    }
    saved?;
    Ok(see_other(&table.kept.path("accord")))
}
