//! `/maitriser/achat/reponse/{secret}`: a supplier answers without an account. The secret leads to that answer and to
//! nothing else; no cookie is set, and the page is never indexed.

mod form;

pub use self::form::typed;

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use sobria_catalogue::account::Email;
use sobria_govern::procurement::criteria::Criteria;
use sobria_govern::procurement::file::Purpose;
use sobria_govern::procurement::question::{Question, Theme};
use sobria_govern::procurement::score::Answer;
use sobria_govern::procurement::sheet::{Sheet, gaps, problems};
use sobria_identity::secret::Secret;
use sobria_store::{AnswerFile, PurchaseStep, StoreError, SupplierLine, Written};

use self::form::{fields_of, read};
use super::evidence::{self, with_files};
use super::kept::{Kept, frozen_words, mark, told};
use crate::app::App;
use crate::error::WebError;
use crate::letters::{Letter, outgoing};
use crate::limiter::Action;
use crate::locale::moment;
use crate::params::pairs;
use crate::posted::{Fields, OpenForm};
use crate::routes::account::{fresh, see_other};
use crate::routes::frame::frame;
use crate::session::Reader;
use crate::view::govern::GovernPage;
use crate::view::library::Link;
use crate::view::{Fact, FormBlock, FormError, Place, ProseSection, ProseTable, RichText};

/// Where answers are.
pub const PATH: &str = "/maitriser/achat/reponse";
/// The step of declared figures, and the last one.
const FIGURES: &str = "chiffres";
/// The step of files.
pub const FILES_STEP: &str = "pieces";
const REVIEW: &str = "relecture";

/// An answer with the file that asks for it.
pub struct Asked {
    /// The supplier.
    pub line: SupplierLine,
    /// What it answered.
    pub sheet: Sheet,
    /// What it joined.
    pub files: Vec<AnswerFile>,
    /// What it is asked.
    pub criteria: Criteria,
    /// Whether the answer may still change.
    pub writable: bool,
    kept: Kept,
    secret: String,
}

impl Asked {
    /// The answer that a link leads to. Unknown links are counted by address, and few may be tried.
    pub async fn of(app: &App, secret: &str, reader: &Reader) -> Result<Self, WebError> {
        let now = (app.settings.now)();
        let source = reader.address().to_string();
        if !app.limiter.allows(Action::SupplierGuess, &source, now) {
            return Err(WebError::TooMany);
        }
        let found = match Secret::parse(secret) {
            Some(parsed) => app.store.answer_by_secret(&parsed.digest()).await?,
            None => None,
        };
        let Some(found) = found else {
            app.limiter.take(Action::SupplierGuess, &source, now);
            return Err(WebError::NotFound);
        };
        if !found.line.is_open(now) {
            return Err(WebError::Gone);
        }
        let row = app
            .store
            .purchase(&found.line.purchase)
            .await?
            .ok_or(WebError::Gone)?;
        let kept = Kept::from(app, row).await?;
        Ok(Self {
            sheet: serde_json::from_str(&found.answers)
                .map_err(|error| WebError::Internal(format!("an answer cannot be read: {error}")))?,
            files: app.store.files_of_answer(&found.line.id).await?,
            writable: kept.progress.accepts(now),
            criteria: kept.criteria(),
            line: found.line,
            kept,
            secret: secret.to_owned(),
        })
    }

    /// The address of a part of the answer.
    pub fn path_of(&self, part: &str) -> String {
        format!("{PATH}/{}/{part}", self.secret)
    }

    /// The address of a step; blank for the first page.
    pub fn path(&self, at: &str) -> String {
        if at.is_empty() {
            format!("{PATH}/{}", self.secret)
        } else {
            format!("{PATH}/{}?etape={at}", self.secret)
        }
    }

    /// Codes of the steps, with their titles.
    fn steps(&self) -> Vec<(&'static str, &'static str)> {
        let mut steps: Vec<(&str, &str)> = Theme::ALL
            .into_iter()
            .filter(|theme| self.criteria.questions().any(|question| question.theme == *theme))
            .map(|theme| (theme.code(), theme.label()))
            .collect();
        steps.push((FIGURES, "Chiffres de la requête type"));
        steps.push((FILES_STEP, "Pièces jointes"));
        steps.push((REVIEW, "Relire et remettre"));
        steps
    }

    fn questions(&self, at: &str) -> Vec<&'static Question> {
        self.criteria
            .questions()
            .filter(|question| question.theme.code() == at)
            .collect()
    }
}

fn base(app: &App, asked: &Asked, at: &str) -> GovernPage {
    let title = "Votre réponse";
    // The address holds the secret of the link: it is neither canonical nor printed.
    let step = asked.steps().into_iter().find(|(code, _)| *code == at);
    let own = step.map_or_else(|| title.to_owned(), |(_, step)| format!("{step}, {title}"));
    let mut layout = frame(app, Place::Elsewhere, &own, PATH);
    layout.indexed = false;
    layout.canonical = String::new();
    let lead = format!(
        "{}. «\u{a0}{}\u{a0}», {}.",
        asked.line.supplier, asked.kept.row.title, asked.kept.organisation.name
    );
    let mut page = GovernPage::new(layout, title, &lead);
    let deadline = asked.kept.progress.deadline().map(moment).unwrap_or_default();
    page.notice = Some(RichText::parse(&if !asked.writable {
        format!(
            "La date limite était le {deadline}\u{a0}: votre réponse ne change plus. Elle reste lisible ici jusqu’au {}.",
            moment(asked.line.expires_at)
        )
    } else if at.is_empty() {
        format!(
            "Ce lien est personnel\u{a0}: gardez-le pour reprendre votre réponse. Vous pouvez la modifier et la remettre jusqu’au {deadline}, heure de France métropolitaine."
        )
    } else {
        format!("Modifiable jusqu’au {deadline}, heure de France métropolitaine.")
    }));
    page
}

fn question_table(asked: &Asked) -> ProseTable {
    let sheet = with_files(asked.sheet.clone(), &asked.files);
    ProseTable {
        caption: "Vos réponses".to_owned(),
        headers: ["N°", "Question", "Réponse", "Preuve"]
            .map(str::to_owned)
            .to_vec(),
        rows: asked
            .criteria
            .questions()
            .map(|question| {
                let answer = sheet.answers.get(question.id).cloned().unwrap_or_default();
                vec![
                    question.id.to_owned(),
                    question.text.to_owned(),
                    said(&answer),
                    if answer.evidence.is_empty() {
                        "–".to_owned()
                    } else {
                        answer.evidence
                    },
                ]
            })
            .collect(),
    }
}

/// An answer in words; "I do not know" is told from a blank.
pub fn said(answer: &Answer) -> String {
    if answer.unknown {
        "Ne sait pas".to_owned()
    } else if answer.text.trim().is_empty() {
        "Sans réponse".to_owned()
    } else {
        answer.text.clone()
    }
}

fn criteria_section(asked: &Asked) -> Option<ProseSection> {
    let frozen = asked.kept.progress.frozen()?;
    let lines: Vec<String> = asked
        .kept
        .progress
        .history()
        .iter()
        .rev()
        .map(|frozen| format!("- {}", frozen_words(frozen)))
        .collect();
    let mut section = ProseSection::new("bareme", "Ce qui sera noté", &lines.join("\n"));
    section.table = Some(ProseTable {
        caption: "Poids des thèmes, sur 100".to_owned(),
        headers: ["Thème", "Poids"].map(str::to_owned).to_vec(),
        rows: frozen
            .criteria()
            .weights
            .iter()
            .map(|(theme, weight)| vec![theme.label().to_owned(), weight.to_string()])
            .collect(),
    });
    Some(section)
}

/// A step of the answer, with what was typed in it.
pub fn show(
    app: &App,
    asked: &Asked,
    at: &str,
    fields: &Fields,
    wrong: Vec<FormError>,
    status: StatusCode,
) -> Result<Response, WebError> {
    let mut page = base(app, asked, at);
    let steps = asked.steps();
    let position = steps.iter().position(|(code, _)| *code == at);
    let (blank, bare) = gaps(&asked.criteria, &with_files(asked.sheet.clone(), &asked.files));
    let asked_for = asked.criteria.questions().count();
    let figures = vec![
        Fact {
            label: "Questions répondues".to_owned(),
            value: format!("{} sur {asked_for}", asked_for.saturating_sub(blank.len())),
            href: None,
        },
        Fact {
            label: "Remise".to_owned(),
            value: match (&asked.line.receipt, asked.line.submitted_at) {
                (Some(receipt), Some(at)) => format!("{receipt}, {}", moment(at)),
                _ => "pas encore".to_owned(),
            },
            href: None,
        },
    ];
    if at.is_empty() || at == REVIEW {
        page.figures = figures;
    }
    page.menu_label = "Étapes de la réponse".to_owned();
    page.menu = steps
        .iter()
        .map(|(code, title)| {
            let questions = asked.questions(code);
            let done = questions.iter().filter(|one| !blank.contains(&one.id)).count();
            let label = if questions.is_empty() {
                (*title).to_owned()
            } else {
                format!("{title} {done}/{}", questions.len())
            };
            Link::new(label, asked.path(code))
        })
        .collect();
    page.here = asked.path(at);
    if !asked.writable {
        page.menu.clear();
        let mut section = ProseSection::new("reponses", "Votre réponse", "");
        section.table = Some(question_table(asked));
        page.sections.push(section);
    } else if position.is_none() {
        let mut need = ProseSection::new("objet", "L’objet", asked.kept.fields.get("besoin"));
        if asked.kept.progress.purpose == Purpose::Sourcing {
            need.text = RichText::parse(&format!(
                "{}\n\nC’est un sourçage\u{a0}: votre réponse informe l’acheteur, aucune note n’est donnée, et répondre n’engage à rien.",
                asked.kept.fields.get("besoin")
            ));
        }
        page.sections.push(need);
        page.sections.extend(criteria_section(asked));
        let mut block = FormBlock {
            id: "commencer".to_owned(),
            title: "Répondre".to_owned(),
            text: RichText::parse(
                "Un thème par page. Chaque page s’enregistre, et vous reprenez quand vous voulez. «\u{a0}Je ne sais pas\u{a0}» est une réponse.",
            ),
            ..FormBlock::default()
        };
        let first = steps.first().map_or(REVIEW, |(code, _)| code);
        block.go = Some(Link::new("Commencer ou reprendre", asked.path(first)));
        page.now.push(block);
    } else if at == REVIEW {
        let mut section = ProseSection::new("reponses", "Votre réponse", "");
        section.table = Some(question_table(asked));
        page.sections.push(section);
        let mut lines = Vec::new();
        if !blank.is_empty() {
            let zero = if asked.kept.progress.purpose == Purpose::Tender {
                ", donc notées 0"
            } else {
                ""
            };
            lines.push(format!("Sans réponse{zero}\u{a0}: {}.", blank.join(", ")));
        }
        if !bare.is_empty() {
            lines.push(format!("Répondues sans preuve\u{a0}: {}.", bare.join(", ")));
        }
        page.blocks.push(FormBlock {
            id: "remettre".to_owned(),
            title: "Remettre la réponse".to_owned(),
            text: RichText::parse("Vous recevez un numéro. Jusqu’à la date limite, vous pouvez encore modifier votre réponse et la remettre de nouveau\u{202f}; la dernière version compte."),
            lines,
            action: asked.path(""),
            hidden: vec![
                ("etape".to_owned(), REVIEW.to_owned()),
                ("version".to_owned(), asked.line.version.to_string()),
            ],
            submit: "Remettre la réponse".to_owned(),
            ..FormBlock::default()
        });
    } else if at == FILES_STEP {
        page.blocks = evidence::blocks(app, asked, fields);
        for block in &mut page.blocks {
            mark(&mut block.fields, &wrong);
        }
        page.blocks.push(FormBlock {
            id: "suite".to_owned(),
            go: Some(Link::new("Relire et remettre", asked.path(REVIEW))),
            ..FormBlock::default()
        });
    } else {
        let title = position
            .and_then(|at| steps.get(at))
            .map_or("", |(_, title)| *title);
        let mut list = fields_of(asked, at, fields);
        mark(&mut list, &wrong);
        let text = if at == FIGURES {
            format!(
                "Pour une requête type de {} jetons produits. Sans méthode ni périmètre, un chiffre ne se compare pas.",
                crate::locale::decimal(asked.kept.tokens().0, 0)
            )
        } else {
            "Aucune réponse n’est obligatoire\u{a0}; une question laissée vide se voit.".to_owned()
        };
        page.blocks.push(FormBlock {
            id: "questions".to_owned(),
            title: format!("{}/{}. {title}", position.unwrap_or(0) + 1, steps.len()),
            text: RichText::parse(&text),
            action: asked.path(""),
            hidden: vec![
                ("etape".to_owned(), at.to_owned()),
                ("version".to_owned(), asked.line.version.to_string()),
            ],
            fields: list,
            submit: "Enregistrer et continuer".to_owned(),
            others: vec![("rester".to_owned(), "Enregistrer".to_owned())],
            ..FormBlock::default()
        });
    }
    page.errors = wrong;
    let mut response = fresh(status, &page)?;
    response.headers_mut().insert(
        axum::http::HeaderName::from_static("x-robots-tag"),
        axum::http::HeaderValue::from_static("noindex, nofollow"),
    );
    Ok(response)
}

/// The page of a link.
///
/// # Errors
/// When the link is unknown, was closed or ran out, or too many were tried.
pub async fn page(
    State(app): State<App>,
    Path(secret): Path<String>,
    RawQuery(query): RawQuery,
    reader: Reader,
) -> Result<Response, WebError> {
    let asked = Asked::of(&app, &secret, &reader).await?;
    let wanted = Fields::from(pairs(query.as_deref().unwrap_or("")));
    let at = wanted.get("etape").to_owned();
    let fields = typed(&asked.sheet);
    show(&app, &asked, &at, &fields, Vec::new(), StatusCode::OK)
}

fn receipt(id: &str, now: Timestamp) -> String {
    let digest = crate::hash::short(&[id, &now.to_string()]);
    format!("A-{}", digest.chars().take(8).collect::<String>().to_uppercase())
}

/// Keeps a step, or hands the answer in.
///
/// # Errors
/// When the link is unknown, was closed or ran out, the deadline is over, or the database does not answer.
pub async fn post(
    State(app): State<App>,
    Path(secret): Path<String>,
    form: OpenForm,
) -> Result<Response, WebError> {
    let asked = Asked::of(&app, &secret, &form.reader).await?;
    let now = (app.settings.now)();
    if !app.limiter.take(Action::Supplier, &asked.line.id, now) {
        return Err(WebError::TooMany);
    }
    let at = form.fields.get("etape").to_owned();
    let handed = at == REVIEW;
    let (sheet, mut wrong) = read(&asked, &at, &form.fields);
    if !asked.writable {
        let mut page = base(&app, &asked, "");
        page.errors = vec![told(
            "",
            "La date limite est passée\u{a0}: ce que vous venez d’envoyer n’a pas été pris en compte. Copiez-le d’ici si vous en avez besoin.",
        )];
        let mut late = ProseSection::new("envoi", "Ce que vous avez envoyé", "");
        late.table = Some(ProseTable {
            caption: "Non pris en compte".to_owned(),
            headers: ["Champ", "Saisie"].map(str::to_owned).to_vec(),
            rows: form
                .fields
                .iter()
                .filter(|(name, value)| {
                    !value.trim().is_empty() && !["etape", "version", "action"].contains(name)
                })
                .map(|(name, value)| vec![name.to_owned(), value.to_owned()])
                .collect(),
        });
        page.sections.push(late);
        return fresh(StatusCode::CONFLICT, &page);
    }
    let names: Vec<String> = fields_of(&asked, &at, &form.fields)
        .into_iter()
        .map(|field| field.name)
        .collect();
    wrong.extend(
        problems(&asked.criteria, &sheet, app.reference())
            .into_iter()
            .filter(|problem| handed || names.contains(&problem.field))
            .map(|problem| {
                let field = if handed {
                    String::new()
                } else {
                    problem.field.clone()
                };
                told(
                    &field,
                    if handed {
                        format!("{}\u{a0}: {}", problem.field, problem.message)
                    } else {
                        problem.message
                    },
                )
            }),
    );
    if handed && sheet.answers.is_empty() {
        wrong.push(told("", "Aucune question n’est répondue\u{a0}: répondez à une question au moins, fût-ce «\u{a0}je ne sais pas\u{a0}»."));
    }
    if !wrong.is_empty() {
        return show(
            &app,
            &asked,
            &at,
            &form.fields,
            wrong,
            StatusCode::UNPROCESSABLE_ENTITY,
        );
    }
    let number = receipt(&asked.line.id, now);
    let mut mails = Vec::new();
    if handed
        && let Some(email) = asked
            .line
            .email
            .as_deref()
            .and_then(|email| Email::parse(email).ok())
    {
        mails.push(outgoing(
            &app,
            &email,
            &Letter::SupplierReceipt {
                title: asked.kept.row.title.clone(),
                organisation: asked.kept.organisation.name.clone(),
                receipt: number.clone(),
                at: moment(now),
            },
        )?);
    }
    let text = serde_json::to_string(&sheet).map_err(|error| WebError::Internal(error.to_string()))?;
    let words = format!("{}, {number}", asked.line.supplier);
    let step = PurchaseStep {
        by: None,
        action: "answer",
        words: &words,
        detail: &asked.line.id,
        now,
    };
    let written = Written {
        answers: &text,
        receipt: handed.then_some(number.as_str()),
        mails: &mails,
    };
    let version = form.fields.get("version").parse().unwrap_or(0);
    match app
        .store
        .save_answer(&asked.line.id, version, written, step)
        .await
    {
        Ok(_) => {}
        Err(StoreError::Conflict { .. }) => {
            let wrong = vec![told(
                "",
                "Cette réponse a été enregistrée depuis une autre fenêtre entre-temps. Votre saisie est gardée ici\u{a0}: enregistrez de nouveau pour la mettre à la place.",
            )];
            return show(&app, &asked, &at, &form.fields, wrong, StatusCode::CONFLICT);
        }
        Err(error) => return Err(error.into()),
    }
    if !mails.is_empty() {
        app.mail_waits.notify_one();
    }
    let steps = asked.steps();
    let next = if handed || form.fields.get("action") == "rester" {
        at.as_str()
    } else {
        steps
            .iter()
            .position(|(code, _)| *code == at)
            .and_then(|position| steps.get(position + 1))
            .map_or(REVIEW, |(code, _)| code)
    };
    Ok(see_other(&asked.path(next)))
}
