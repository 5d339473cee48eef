//! Marks: two people mark the offers each on their own, neither sees the marks of the other before both handed theirs
//! in, then they agree where they differ.

use std::collections::BTreeMap;

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::id::UserId;
use sobria_govern::procurement::consensus::{agreed, disagreements};
use sobria_govern::procurement::criteria::Criteria;
use sobria_govern::procurement::file::Purpose;
use sobria_govern::procurement::question::{Theme, question};
use sobria_govern::procurement::score::{Mark, Marks};
use sobria_govern::procurement::sheet::{Sheet, mark_problem};
use sobria_store::{MarkedBy, PurchaseEvaluation, StoreError, SupplierLine};

use super::answer::said;
use super::file::name_of;
use super::kept::{Kept, conflict, mark, step, told};
use crate::app::App;
use crate::error::WebError;
use crate::locale::moment;
use crate::params::pairs;
use crate::posted::{Fields, SignedForm};
use crate::routes::account::{fresh, see_other};
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::{Control, FormError, FormField, FormOption, ProseSection, ProseTable, RichText};

/// Marks by answer.
pub type All = BTreeMap<String, Marks>;

/// An offer that was handed in.
pub struct Offer {
    /// The supplier.
    pub line: SupplierLine,
    /// What it answered.
    pub sheet: Sheet,
}

/// The offers of a file whose answers may be read.
pub async fn offers(app: &App, kept: &Kept) -> Result<Vec<Offer>, WebError> {
    if !kept.progress.is_readable() {
        return Err(WebError::Forbidden(
            "Les réponses sont scellées jusqu’à leur ouverture, après la date limite.".to_owned(),
        ));
    }
    app.store
        .answers_of(&kept.row.id)
        .await?
        .into_iter()
        .map(|found| {
            Ok(Offer {
                sheet: serde_json::from_str(&found.answers)
                    .map_err(|error| WebError::Internal(format!("an answer cannot be read: {error}")))?,
                line: found.line,
            })
        })
        .collect()
}

fn parse(text: &str) -> Result<All, WebError> {
    serde_json::from_str(text).map_err(|error| WebError::Internal(format!("marks cannot be read: {error}")))
}

fn of(evaluations: &[PurchaseEvaluation], seat: MarkedBy) -> Option<&PurchaseEvaluation> {
    evaluations.iter().find(|one| one.seat == seat)
}

/// Whether both evaluators handed their marks in.
pub fn both_handed_in(evaluations: &[PurchaseEvaluation]) -> bool {
    MarkedBy::SEATS
        .into_iter()
        .all(|seat| of(evaluations, seat).is_some_and(|one| one.submitted_at.is_some()))
}

/// Whether both agreed.
pub fn is_agreed(evaluations: &[PurchaseEvaluation]) -> bool {
    of(evaluations, MarkedBy::Both).is_some_and(|one| one.submitted_at.is_some())
}

/// What somebody may see of marks: their own, and everything once both handed theirs in.
pub fn visible(
    evaluations: &[PurchaseEvaluation],
    viewer: UserId,
) -> impl Iterator<Item = &PurchaseEvaluation> {
    let both = both_handed_in(evaluations);
    evaluations
        .iter()
        .filter(move |one| both || one.by == Some(viewer))
}

/// The marks of both and what they agreed on, once both handed theirs in.
pub struct Settled {
    /// Of the first.
    pub first: All,
    /// Of the second.
    pub second: All,
    /// What they agreed on where they differ.
    pub consensus: All,
}

impl Settled {
    /// Reads them; none before both handed theirs in.
    pub fn of(evaluations: &[PurchaseEvaluation]) -> Result<Option<Self>, WebError> {
        if !both_handed_in(evaluations) {
            return Ok(None);
        }
        let read = |seat| of(evaluations, seat).map_or(Ok(All::new()), |one| parse(&one.marks));
        Ok(Some(Self {
            first: read(MarkedBy::First)?,
            second: read(MarkedBy::Second)?,
            consensus: read(MarkedBy::Both)?,
        }))
    }

    /// The marks of an offer that both stand behind.
    ///
    /// # Errors
    /// The questions that are still to be agreed on.
    pub fn agreed(&self, criteria: &Criteria, offer: &str) -> Result<Marks, Vec<&'static str>> {
        let none = Marks::new();
        let get = |all: &'_ All| all.get(offer).cloned().unwrap_or_default();
        let (first, second) = (get(&self.first), get(&self.second));
        agreed(
            criteria,
            &first,
            &second,
            self.consensus.get(offer).unwrap_or(&none),
        )
    }
}

struct Table {
    kept: Kept,
    criteria: Criteria,
    offers: Vec<Offer>,
    evaluations: Vec<PurchaseEvaluation>,
}

impl Table {
    async fn of(app: &App, id: &str, person: &sobria_catalogue::account::Person) -> Result<Self, WebError> {
        let kept = Kept::of(app, id, person).await?;
        if kept.progress.purpose == Purpose::Sourcing {
            return Err(WebError::Forbidden(
                "En sourçage, aucune note n’est donnée\u{a0}: comparez les réponses.".to_owned(),
            ));
        }
        Ok(Self {
            offers: offers(app, &kept).await?,
            evaluations: app.store.purchase_evaluations(&kept.row.id).await?,
            criteria: kept.criteria(),
            kept,
        })
    }

    fn own(&self, by: UserId) -> Option<&PurchaseEvaluation> {
        self.evaluations
            .iter()
            .find(|one| one.seat != MarkedBy::Both && one.by == Some(by))
    }

    fn themes(&self) -> Vec<Theme> {
        Theme::ALL
            .into_iter()
            .filter(|theme| self.criteria.questions().any(|question| question.theme == *theme))
            .collect()
    }

    fn offer(&self, id: &str) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.line.id == id)
    }
}

/// Questions that one evaluator has not marked: a blank answer needs no mark, it counts as 0.
fn unmarked(table: &Table, marks: &All) -> Vec<(String, Vec<&'static str>)> {
    table
        .offers
        .iter()
        .filter_map(|offer| {
            let own = marks.get(&offer.line.id);
            let left: Vec<&str> = table
                .criteria
                .questions()
                .filter(|question| own.is_none_or(|marks| !marks.contains_key(question.id)))
                .filter(|question| {
                    offer
                        .sheet
                        .answers
                        .get(question.id)
                        .is_some_and(|answer| !answer.is_blank() && !answer.unknown)
                })
                .map(|question| question.id)
                .collect();
            (!left.is_empty()).then(|| (offer.line.supplier.clone(), left))
        })
        .collect()
}

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
            let typed = typed(marks.get(&offer.line.id));
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
            let mut links = ProseSection::new("offres", "Vos notes", "");
            for offer in &table.offers {
                for theme in table.themes() {
                    let questions: Vec<_> = table
                        .criteria
                        .questions()
                        .filter(|one| one.theme == theme)
                        .collect();
                    let done = questions
                        .iter()
                        .filter(|one| {
                            marks
                                .get(&offer.line.id)
                                .is_some_and(|marks| marks.contains_key(one.id))
                        })
                        .count();
                    links.links.push(Link::new(
                        format!(
                            "{}, {}\u{a0}: {done} sur {}",
                            offer.line.supplier,
                            theme.label(),
                            questions.len()
                        ),
                        kept.path(&format!("notes?offre={}&theme={}", offer.line.id, theme.code())),
                    ));
                }
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
    page.downloads = vec![Link::new("Revenir au dossier", kept.path(""))];
    page.errors = wrong;
    fresh(status, &page)
}

fn typed(marks: Option<&Marks>) -> Fields {
    let mut all = Vec::new();
    for (id, mark) in marks.into_iter().flatten() {
        all.push((id.clone(), mark.score.to_string()));
        all.push((format!("{id}_motif"), mark.comment.clone()));
        if mark.fails {
            all.push((format!("{id}_elimine"), "oui".to_owned()));
        }
    }
    Fields::from(all)
}

fn scale(anchors: [&str; 5], chosen: &str) -> Control {
    let mut options = vec![FormOption::new("", "À noter", chosen.is_empty())];
    options.extend((0..=4u8).zip(anchors).map(|(score, meaning)| {
        let value = score.to_string();
        FormOption::new(
            value.clone(),
            format!("{value}\u{a0}: {meaning}"),
            chosen == value,
        )
    }));
    Control::Select(options)
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
        list.push(
            FormField::new(
                id,
                format!("{id}\u{a0}: {}", question.text),
                "",
                scale(question.anchors(), fields.get(id)),
            )
            .hint(format!(
                "Réponse\u{a0}: {} — Preuve\u{a0}: {evidence}",
                said(&answer)
            )),
        );
        let name = format!("{id}_motif");
        let value = fields.get(&name).to_owned();
        list.push(FormField::line(name, format!("Motif de la note {id}"), value).max(500));
        if table.criteria.knockouts.contains(id) {
            let name = format!("{id}_elimine");
            let ticked = fields.get(&name) == "oui";
            list.push(FormField::new(
                name,
                format!("{id} n’est pas satisfaite\u{a0}: l’offre est éliminée"),
                "",
                Control::Check(ticked),
            ));
        }
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

/// The mark of a question as a form sends it; none when it is not marked.
fn read_mark(fields: &Fields, prefix: &str, id: &str) -> Option<Mark> {
    let score = fields
        .get(&format!("{prefix}{id}"))
        .parse::<u8>()
        .ok()
        .filter(|score| *score <= 4)?;
    Some(Mark {
        score,
        fails: fields.get(&format!("{prefix}{id}_elimine")) == "oui",
        comment: fields
            .get(&format!("{prefix}{id}_motif"))
            .trim()
            .chars()
            .take(500)
            .collect(),
    })
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

fn consensus_page(
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
    let mut list = Vec::new();
    for offer in &table.offers {
        let none = Marks::new();
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
            let kept = settled
                .consensus
                .get(&offer.line.id)
                .unwrap_or(&none)
                .get(one.question);
            let value = |suffix: &str, stored: String| {
                fields.map_or(stored, |fields| fields.get(&format!("{name}{suffix}")).to_owned())
            };
            let chosen = value("", kept.map(|mark| mark.score.to_string()).unwrap_or_default());
            let Some(asked) = question(one.question) else {
                continue;
            };
            let must = if one.binding {
                "Accord demandé"
            } else {
                "Accord possible"
            };
            list.push(
                FormField::new(
                    name.clone(),
                    format!("{}, {}\u{a0}: note commune", offer.line.supplier, one.question),
                    "",
                    scale(asked.anchors(), &chosen),
                )
                .hint(format!("{must}. {}", asked.text)),
            );
            list.push(
                FormField::line(
                    format!("{name}_motif"),
                    format!("{}, {}\u{a0}: motif", offer.line.supplier, one.question),
                    value(
                        "_motif",
                        kept.map(|mark| mark.comment.clone()).unwrap_or_default(),
                    ),
                )
                .max(500),
            );
            if table.criteria.knockouts.contains(one.question) {
                let ticked = value(
                    "_elimine",
                    kept.filter(|mark| mark.fails)
                        .map(|_| "oui".to_owned())
                        .unwrap_or_default(),
                );
                list.push(FormField::new(
                    format!("{name}_elimine"),
                    format!(
                        "{}, {}\u{a0}: l’offre est éliminée",
                        offer.line.supplier, one.question
                    ),
                    "",
                    Control::Check(ticked == "oui"),
                ));
            }
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
    page.downloads = vec![Link::new("Revenir au dossier", kept.path(""))];
    page.errors = wrong;
    fresh(status, &page)
}

/// Where both differ, and what they agreed on.
///
/// # Errors
/// When both have not handed their marks in, or the file is not of the person's organisations.
pub async fn consensus(
    State(app): State<App>,
    Path(id): Path<String>,
    signed_in: SignedIn,
) -> Result<Response, WebError> {
    let table = Table::of(&app, &id, &signed_in.person).await?;
    let Some(settled) = Settled::of(&table.evaluations)? else {
        return Err(too_early());
    };
    let by = signed_in.person.account.id;
    consensus_page(
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
pub async fn agree(
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
        return consensus_page(
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
        return consensus_page(
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
