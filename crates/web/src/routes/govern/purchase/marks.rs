//! Marks: two people mark the offers each on their own, neither sees the marks of the other before both handed theirs
//! in, then they agree where they differ.

use std::collections::BTreeMap;

use sobria_catalogue::id::UserId;
use sobria_govern::procurement::consensus::agreed;
use sobria_govern::procurement::criteria::Criteria;
use sobria_govern::procurement::file::Purpose;
use sobria_govern::procurement::question::{Question, Theme};
use sobria_govern::procurement::score::{Mark, Marks};
use sobria_govern::procurement::sheet::Sheet;
use sobria_store::{AnswerFile, MarkedBy, PurchaseEvaluation, SupplierLine};

use super::evidence::with_files;
use super::kept::Kept;
use crate::app::App;
use crate::error::WebError;
use crate::posted::Fields;
use crate::view::{Control, FormField, FormOption};

/// Marks by answer.
pub type All = BTreeMap<String, Marks>;

/// An offer that was handed in.
pub struct Offer {
    /// The supplier.
    pub line: SupplierLine,
    /// What it answered.
    pub sheet: Sheet,
    /// What it joined.
    pub files: Vec<AnswerFile>,
}

/// The offers of a file whose answers may be read.
pub async fn offers(app: &App, kept: &Kept) -> Result<Vec<Offer>, WebError> {
    if !kept.progress.is_readable() {
        return Err(WebError::Forbidden(
            "Les réponses sont scellées jusqu’à leur ouverture, après la date limite.".to_owned(),
        ));
    }
    let joined = app.store.files_of_purchase(&kept.row.id).await?;
    app.store
        .answers_of(&kept.row.id)
        .await?
        .into_iter()
        .map(|found| {
            let files: Vec<AnswerFile> = joined
                .iter()
                .filter(|file| file.answer == found.line.id)
                .cloned()
                .collect();
            let sheet = serde_json::from_str(&found.answers)
                .map_err(|error| WebError::Internal(format!("an answer cannot be read: {error}")))?;
            Ok(Offer {
                sheet: with_files(sheet, &files),
                line: found.line,
                files,
            })
        })
        .collect()
}

/// Marks as they are kept.
pub fn parse(text: &str) -> Result<All, WebError> {
    serde_json::from_str(text).map_err(|error| WebError::Internal(format!("marks cannot be read: {error}")))
}

/// The marks of a seat.
pub fn of(evaluations: &[PurchaseEvaluation], seat: MarkedBy) -> Option<&PurchaseEvaluation> {
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

/// A tender whose answers are open, with its marks.
pub struct Table {
    /// The file.
    pub kept: Kept,
    /// What is marked.
    pub criteria: Criteria,
    /// The offers.
    pub offers: Vec<Offer>,
    /// Everybody’s marks.
    pub evaluations: Vec<PurchaseEvaluation>,
}

impl Table {
    /// The tender of an identifier, for those who work on it.
    pub async fn of(
        app: &App,
        id: &str,
        person: &sobria_catalogue::account::Person,
    ) -> Result<Self, WebError> {
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

    /// The seat of somebody.
    pub fn own(&self, by: UserId) -> Option<&PurchaseEvaluation> {
        self.evaluations
            .iter()
            .find(|one| one.seat != MarkedBy::Both && one.by == Some(by))
    }

    /// Themes that have a question.
    pub fn themes(&self) -> Vec<Theme> {
        Theme::ALL
            .into_iter()
            .filter(|theme| self.criteria.questions().any(|question| question.theme == *theme))
            .collect()
    }

    /// The offer of an identifier.
    pub fn offer(&self, id: &str) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.line.id == id)
    }
}

/// Questions that one evaluator has not marked: a blank answer needs no mark, it counts as 0.
pub fn unmarked(table: &Table, marks: &All) -> Vec<(String, Vec<&'static str>)> {
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

/// The fields of a mark, which [`read_mark`] reads back: the mark, its reason, and whether it rules the offer out where
/// the question may. `labels` are theirs in that order, `hint` that of the first.
pub fn mark_fields(
    name: &str,
    labels: [String; 3],
    hint: String,
    question: &Question,
    eliminates: bool,
    typed: &Fields,
) -> Vec<FormField> {
    let [score, reason, elimination] = labels;
    let (reason_name, elimination_name) = (format!("{name}_motif"), format!("{name}_elimine"));
    let given = typed.get(&reason_name).to_owned();
    let mut list = vec![
        FormField::new(name, score, "", scale(question.anchors(), typed.get(name))).hint(hint),
        FormField::line(reason_name, reason, given).max(500),
    ];
    if eliminates {
        let ticked = Control::Check(typed.get(&elimination_name) == "oui");
        list.push(FormField::new(elimination_name, elimination, "", ticked));
    }
    list
}

/// Marks as their fields hold them.
pub fn marks_typed(prefix: &str, marks: &Marks) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (id, mark) in marks {
        all.push((format!("{prefix}{id}"), mark.score.to_string()));
        all.push((format!("{prefix}{id}_motif"), mark.comment.clone()));
        if mark.fails {
            all.push((format!("{prefix}{id}_elimine"), "oui".to_owned()));
        }
    }
    all
}

/// The choice of a mark, with what each means.
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

/// The mark of a question as a form sends it; none when it is not marked.
pub fn read_mark(fields: &Fields, prefix: &str, id: &str) -> Option<Mark> {
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
