//! Pages of one evaluator: the seats, and the questions of one theme of one offer.

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::id::UserId;
use sobria_govern::procurement::question::Theme;
use sobria_govern::procurement::sheet::mark_problem;
use sobria_store::{AnswerFile, MarkedBy, PurchaseEvaluation, StoreError};

use super::answer::said;
use super::evidence;
use super::file::name_of;
use super::kept::{mark, step, told};
use super::marks::{
    All, Offer, Table, both_handed_in, is_agreed, mark_fields, marks_typed, of, parse, read_mark, unmarked,
};
use crate::app::App;
use crate::error::WebError;
use crate::locale::moment;
use crate::params::pairs;
use crate::posted::{Fields, SignedForm};
use crate::routes::account::{fresh, see_other};
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::{FormError, FormField, PaperLine, ProseSection, ProseTable, RichText};

/// The page of marks: seats, or one theme of one offer.
///
/// # Errors
/// When the file is not of the person's organisations, is sealed, or the database does not answer.
pub async fn page(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    signed_in: SignedIn,
) -> Result<Response, WebError> {
    let table = Table::of(&app, &id, &signed_in.person).await?;
    let asked = Fields::from(pairs(query.as_deref().unwrap_or("")));
    let by = signed_in.person.account.id;
    let csrf = signed_in.reader.csrf();
    let theme = Theme::ALL
        .into_iter()
        .find(|theme| theme.code() == asked.get("theme"));
    match (table.own(by), table.offer(asked.get("offre")), theme) {
        (Some(own), Some(offer), Some(theme)) if own.submitted_at.is_none() => {
            let marks = parse(&own.marks)?;
            let own_marks = marks.get(&offer.line.id);
            let typed = Fields::from(own_marks.map_or_else(Vec::new, |marks| marks_typed("", marks)));
            sheet_page(
                &app,
                &table,
                own,
                offer,
                theme,
                csrf,
                &typed,
                Vec::new(),
                StatusCode::OK,
            )
        }
        _ => overview(&app, &table, by, csrf, Vec::new(), StatusCode::OK).await,
    }
}

async fn overview(
    app: &App,
    table: &Table,
    by: UserId,
    csrf: &str,
    wrong: Vec<FormError>,
    status: StatusCode,
) -> Result<Response, WebError> {
    let kept = &table.kept;
    let mut page = kept.page(
        app,
        "Noter les offres",
        "Deux personnes notent chacune de leur côté. Aucune ne voit les notes de l’autre avant d’avoir remis les siennes.",
        "notes",
    );
    let mut rows = Vec::new();
    for (label, seat) in [
        ("Premier évaluateur", MarkedBy::First),
        ("Second évaluateur", MarkedBy::Second),
    ] {
        let row = match of(&table.evaluations, seat) {
            Some(one) => vec![
                label.to_owned(),
                name_of(app, one.by).await?,
                one.submitted_at.map_or_else(
                    || "en cours".to_owned(),
                    |at| format!("notes remises le {}", moment(at)),
                ),
            ],
            None => vec![label.to_owned(), "place libre".to_owned(), "–".to_owned()],
        };
        rows.push(row);
    }
    let mut seats = ProseSection::new("evaluateurs", "Les évaluateurs", "");
    seats.table = Some(ProseTable {
        caption: "Qui note, et où en sont les notes".to_owned(),
        headers: ["Place", "Personne", "Notes"].map(str::to_owned).to_vec(),
        rows,
    });
    page.sections.push(seats);
    let own = table.own(by);
    match own {
        None => {
            let free: Vec<MarkedBy> = MarkedBy::SEATS
                .into_iter()
                .filter(|seat| of(&table.evaluations, *seat).is_none())
                .collect();
            if let Some(seat) = free.first() {
                let mut block = kept.block(
                    csrf,
                    "place",
                    "Prendre une place d’évaluateur",
                    "Vous noterez toutes les offres. La même personne ne tient pas les deux places.",
                    "notes/place",
                    "Noter ces offres",
                );
                block.hidden.push((
                    "place".to_owned(),
                    if *seat == MarkedBy::First { "1" } else { "2" }.to_owned(),
                ));
                page.blocks.push(block);
            }
        }
        Some(own) if own.submitted_at.is_none() => {
            let marks = parse(&own.marks)?;
            let mut links = ProseSection::new(
                "offres",
                "Vos notes",
                "Un thème d’une offre par page, dans l’ordre que vous voulez.",
            );
            for theme in table.themes() {
                let questions: Vec<_> = table
                    .criteria
                    .questions()
                    .filter(|one| one.theme == theme)
                    .collect();
                let of_offer = |offer: &Offer| {
                    let done = questions
                        .iter()
                        .filter(|one| {
                            marks
                                .get(&offer.line.id)
                                .is_some_and(|marks| marks.contains_key(one.id))
                        })
                        .count();
                    Link::new(
                        format!("{}\u{a0}: {done} sur {}", offer.line.supplier, questions.len()),
                        kept.path(&format!("notes?offre={}&theme={}", offer.line.id, theme.code())),
                    )
                };
                links.papers.push(PaperLine {
                    label: theme.label().to_owned(),
                    note: String::new(),
                    links: table.offers.iter().map(of_offer).collect(),
                });
            }
            page.sections.push(links);
            let mut block = kept.block(
                csrf,
                "remettre",
                "Remettre vos notes",
                "Une fois remises, elles ne changent plus. Une question sans réponse vaut 0.",
                "notes/remettre",
                "Remettre mes notes",
            );
            block.hidden.push(("notes".to_owned(), own.version.to_string()));
            block.lines = unmarked(table, &marks)
                .into_iter()
                .map(|(supplier, left)| format!("{supplier}, à noter encore\u{a0}: {}", left.join(", ")))
                .collect();
            page.blocks.push(block);
        }
        Some(_) if !both_handed_in(&table.evaluations) => {
            page.notice = Some(RichText::parse(
                "Vos notes sont remises. Celles de l’autre évaluateur se liront une fois les siennes remises aussi.",
            ));
        }
        Some(_) => {}
    }
    if both_handed_in(&table.evaluations) {
        page.notice = Some(RichText::parse(&format!(
            "Les deux évaluateurs ont remis leurs notes\u{a0}: [{}]({}).",
            if is_agreed(&table.evaluations) {
                "lisez l’accord"
            } else {
                "voyez les écarts et accordez-vous"
            },
            kept.path("accord")
        )));
    }
    page.errors = wrong;
    fresh(status, &page)
}

fn sheet_page(
    app: &App,
    table: &Table,
    own: &PurchaseEvaluation,
    offer: &Offer,
    theme: Theme,
    csrf: &str,
    fields: &Fields,
    wrong: Vec<FormError>,
    status: StatusCode,
) -> Result<Response, WebError> {
    let kept = &table.kept;
    let mut page = kept.page(
        app,
        &format!("{}\u{a0}: {}", offer.line.supplier, theme.label()),
        "Votre note et votre motif ne se voient que de vous, jusqu’à ce que les deux évaluateurs aient remis les leurs.",
        "notes",
    );
    let mut list = Vec::new();
    for question in table
        .criteria
        .questions()
        .filter(|question| question.theme == theme)
    {
        let id = question.id;
        let answer = offer.sheet.answers.get(id).cloned().unwrap_or_default();
        let evidence = if answer.evidence.is_empty() {
            "aucune"
        } else {
            answer.evidence.as_str()
        };
        let labels = [
            format!("{id}\u{a0}: {}", question.text),
            format!("Motif de la note {id}"),
            format!("{id} n’est pas satisfaite\u{a0}: l’offre est éliminée"),
        ];
        let hint = format!("Réponse\u{a0}: {} — Preuve\u{a0}: {evidence}", said(&answer));
        let eliminates = table.criteria.knockouts.contains(id);
        list.extend(mark_fields(id, labels, hint, question, eliminates, fields));
    }
    let of_theme = |file: &&AnswerFile| {
        file.question.is_empty() || list.iter().any(|field: &FormField| field.name == file.question)
    };
    let joined = evidence::lines(kept, offer.files.iter().filter(of_theme));
    if !joined.is_empty() {
        let mut section = ProseSection::new("pieces", "Pièces jointes", "");
        section.papers = joined;
        page.sections.push(section);
    }
    mark(&mut list, &wrong);
    let mut block = kept.block(
        csrf,
        "questions",
        "",
        "",
        "notes/noter",
        "Enregistrer et continuer",
    );
    block.hidden.extend([
        ("offre".to_owned(), offer.line.id.clone()),
        ("theme".to_owned(), theme.code().to_owned()),
        ("notes".to_owned(), own.version.to_string()),
    ]);
    block.fields = list;
    block.links = vec![Link::new("Toutes les offres", kept.path("notes"))];
    page.blocks.push(block);
    page.errors = wrong;
    fresh(status, &page)
}

/// Takes a seat, keeps marks, hands them in.
///
/// # Errors
/// When the file is not of the person's organisations, is sealed, somebody was faster, or the database does not answer.
pub async fn post(
    State(app): State<App>,
    Path((id, what)): Path<(String, String)>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let table = Table::of(&app, &id, &form.person).await?;
    let (fields, csrf, by) = (&form.fields, form.reader.csrf(), form.person.account.id);
    let kept = &table.kept;
    if what == "place" {
        let seat = if fields.get("place") == "1" {
            MarkedBy::First
        } else {
            MarkedBy::Second
        };
        let words = if seat == MarkedBy::First {
            "premier évaluateur"
        } else {
            "second évaluateur"
        };
        app.store
            .take_seat(&kept.row.id, seat, by, step(&app, by, "seat", words, ""))
            .await?;
        return Ok(see_other(&kept.path("notes")));
    }
    let own = table
        .own(by)
        .ok_or_else(|| WebError::Forbidden("Prenez d’abord une place d’évaluateur.".to_owned()))?;
    if own.submitted_at.is_some() {
        return Err(WebError::Conflict(
            "Vos notes sont déjà remises\u{a0}: elles ne changent plus.".to_owned(),
        ));
    }
    let version = fields.get("notes").parse().unwrap_or(0);
    let mut marks = parse(&own.marks)?;
    let pack =
        |marks: &All| serde_json::to_string(marks).map_err(|error| WebError::Internal(error.to_string()));
    match what.as_str() {
        "noter" => {
            let offer = table.offer(fields.get("offre")).ok_or(WebError::NotFound)?;
            let themes = table.themes();
            let at = themes
                .iter()
                .position(|theme| theme.code() == fields.get("theme"));
            let theme = at
                .and_then(|at| themes.get(at))
                .copied()
                .ok_or(WebError::NotFound)?;
            let mut wrong = Vec::new();
            let own_marks = marks.entry(offer.line.id.clone()).or_default();
            for question in table
                .criteria
                .questions()
                .filter(|question| question.theme == theme)
            {
                match read_mark(fields, "", question.id) {
                    Some(mark) => {
                        let answer = offer.sheet.answers.get(question.id).cloned().unwrap_or_default();
                        if let Some(message) = mark_problem(question, &answer, &mark) {
                            wrong.push(told(question.id, message));
                        }
                        if mark.fails && mark.comment.is_empty() {
                            wrong.push(told(
                                &format!("{}_motif", question.id),
                                "Éliminer une offre demande un motif écrit.",
                            ));
                        }
                        own_marks.insert(question.id.to_owned(), mark);
                    }
                    None => {
                        own_marks.remove(question.id);
                    }
                }
            }
            if !wrong.is_empty() {
                return sheet_page(
                    &app,
                    &table,
                    own,
                    offer,
                    theme,
                    csrf,
                    fields,
                    wrong,
                    StatusCode::UNPROCESSABLE_ENTITY,
                );
            }
            let saved = app
                .store
                .save_marks(
                    &kept.row.id,
                    own.seat,
                    version,
                    &pack(&marks)?,
                    false,
                    step(&app, by, "marks", "", ""),
                )
                .await;
            if let Err(StoreError::Conflict { .. }) = saved {
                let wrong = vec![told(
                    "",
                    "Vos notes ont été enregistrées depuis une autre fenêtre entre-temps. Votre saisie est gardée ici\u{a0}: enregistrez de nouveau pour la mettre à la place.",
                )];
                return sheet_page(
                    &app,
                    &table,
                    own,
                    offer,
                    theme,
                    csrf,
                    fields,
                    wrong,
                    StatusCode::CONFLICT,
                );
            }
            saved?;
            // The next theme of the same offer, then the first of the next offer.
            let next = at
                .and_then(|at| themes.get(at + 1))
                .map(|theme| (offer.line.id.clone(), *theme))
                .or_else(|| {
                    let place = table.offers.iter().position(|one| one.line.id == offer.line.id)?;
                    Some((table.offers.get(place + 1)?.line.id.clone(), *themes.first()?))
                });
            Ok(see_other(&kept.path(&match next {
                Some((offer, theme)) => format!("notes?offre={offer}&theme={}", theme.code()),
                None => "notes".to_owned(),
            })))
        }
        "remettre" => {
            let left = unmarked(&table, &marks);
            if !left.is_empty() {
                let wrong = left
                    .into_iter()
                    .map(|(supplier, left)| {
                        told("", format!("{supplier}\u{a0}: notez encore {}.", left.join(", ")))
                    })
                    .collect();
                return overview(&app, &table, by, csrf, wrong, StatusCode::UNPROCESSABLE_ENTITY).await;
            }
            app.store
                .save_marks(
                    &kept.row.id,
                    own.seat,
                    version,
                    &pack(&marks)?,
                    true,
                    step(&app, by, "marks", "", ""),
                )
                .await?;
            Ok(see_other(&kept.path("notes")))
        }
        _ => Err(WebError::NotFound),
    }
}
