//! One contribution as a moderator reads it: both versions side by side, what is wrong, what to answer.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::access::{Level, redact_files};
use sobria_catalogue::attachment::Attachment;
use sobria_catalogue::diff::{ChangeKind, Fragment, carrier_diff, diff};
use sobria_catalogue::duplicate::duplicates;
use sobria_catalogue::field::{FIELDS, Field};
use sobria_catalogue::use_case::WorkflowStatus;
use sobria_catalogue::validate::Stage;
use sobria_catalogue::workflow::{Case, Comment, Kind, RejectionReason, TEXT_MAX, Transition};

use super::{moderators_only, repairs};
use crate::app::App;
use crate::attachments::lines;
use crate::error::WebError;
use crate::posted::SignedForm;
use crate::routes::account::settings::menu;
use crate::routes::account::{form_page, fresh, see_other};
use crate::routes::contribute::files::files_of;
use crate::routes::contribute::{Outcome, comment_words, context, fields, name, readable, refused, step};
use crate::session::{Reader, SignedIn};
use crate::view::library::Link;
use crate::view::moderation::{DecisionForm, DiffRow, ReviewPage, Stretch};
use crate::view::record::FileLine;
use crate::view::{Control, FormError, FormField, FormOption};

struct Typed<'a> {
    errors: Vec<FormError>,
    form: Option<&'a SignedForm>,
    status: StatusCode,
    notice: Option<String>,
}

impl Typed<'_> {
    fn nothing() -> Self {
        Self {
            errors: Vec::new(),
            form: None,
            status: StatusCode::OK,
            notice: None,
        }
    }

    fn value(&self, name: &str) -> String {
        self.form
            .map_or(String::new(), |form| form.fields.get(name).to_owned())
    }
}

fn stretches(words: &[Fragment]) -> Vec<Stretch> {
    words
        .iter()
        .map(|fragment| match fragment {
            Fragment::Same(text) => Stretch::same(text),
            Fragment::Removed(text) => Stretch::removed(text),
            Fragment::Added(text) => Stretch::added(text),
        })
        .collect()
}

fn diff_rows(
    before: Option<&sobria_catalogue::use_case::UseCase>,
    content: &sobria_catalogue::content::Content,
    organisation: &sobria_catalogue::organisation::Organisation,
) -> Vec<DiffRow> {
    let empty = sobria_catalogue::content::Content::default();
    let former = before.map_or(&empty, |record| &record.content);
    let words = |field: Field, value: Option<&sobria_catalogue::content::Value>| {
        value
            .map(|value| fields::value_words(field, value))
            .unwrap_or_default()
    };
    let mut rows: Vec<DiffRow> = diff(former, content, Level::Moderator)
        .changes()
        .iter()
        .map(|change| DiffRow {
            label: change.field.spec().label.to_owned(),
            field: change.field.spec().id.to_owned(),
            readers: change.field.spec().visibility().label().to_owned(),
            kind: match change.kind {
                ChangeKind::Added => "Ajouté",
                ChangeKind::Removed => "Retiré",
                ChangeKind::Changed => "Modifié",
            }
            .to_owned(),
            before: words(change.field, change.before.as_ref()),
            after: words(change.field, change.after.as_ref()),
            words: stretches(&change.words),
        })
        .collect();
    if let Some(record) = before {
        rows.extend(
            carrier_diff(&record.organisation, organisation)
                .into_iter()
                .map(|change| DiffRow {
                    label: change.field.spec().label.to_owned(),
                    field: change.field.spec().id.to_owned(),
                    readers: String::new(),
                    kind: "Modifié".to_owned(),
                    before: change.before.unwrap_or_default(),
                    after: change.after.unwrap_or_default(),
                    words: Vec::new(),
                }),
        );
    }
    rows
}

async fn page(app: &App, case: &Case, reader: &Reader, typed: Typed<'_>) -> Result<Response, WebError> {
    let background = app.store.background(case.use_case, &case.values).await?;
    let context = context(app, &background, case);
    let (content, organisation) = case.values.read(&context.around);
    let person = reader.person().ok_or(WebError::NotFound)?;
    let mine = case
        .claim
        .is_some_and(|claim| claim.moderator == person.account.id);
    let mut layout = form_page(app, &name(case), "", &format!("/moderation/{}", case.id)).layout;
    layout.crumbs = vec![
        crate::view::Crumb::to("Modération", "/moderation"),
        crate::view::Crumb::here(name(case)),
    ];
    let mut facts = vec![case.status.label().to_owned()];
    if let Some(receipt) = &case.receipt {
        facts.push(format!("Numéro {receipt}"));
    }
    if let Some(at) = case.submitted_at {
        facts.push(format!("Reçue le {}", crate::locale::moment(at)));
    }
    facts.push(match case.author {
        Some(author) => match app.store.account(author).await? {
            Some(account) => format!("Écrite par {}", account.name()),
            None => format!("Écrite par un agent de {}", organisation.name),
        },
        None => "Apportée par un import".to_owned(),
    });
    facts.push(format!("Porteur\u{a0}: {}", organisation.name));
    if background.organisation.is_none() {
        facts.push("Organisation nouvelle\u{a0}: elle sera créée à la publication.".to_owned());
    }
    let mut findings: Vec<String> = Vec::new();
    for stage in [Stage::Submit, Stage::Publish] {
        if let Err(errors) = case.values.check(stage, &context.around) {
            findings = errors.iter().map(|error| error.message.clone()).collect();
            break;
        }
    }
    if let Ok(checked) = case.values.check(Stage::Submit, &context.around) {
        findings.extend(checked.warnings().iter().map(|warning| warning.message.clone()));
    }
    findings.extend(crate::routes::administration::terms::remarks(app, &content).await?);
    let mut alike = Vec::new();
    if let Some(known) = case.organisation {
        let titles = app.store.titles_of(known).await?;
        let others: Vec<_> = titles
            .into_iter()
            .filter(|title| title.use_case != case.use_case)
            .collect();
        alike = duplicates(content.title(), &others)
            .into_iter()
            .map(|title| {
                Link::new(
                    title.title.clone(),
                    title
                        .slug
                        .as_ref()
                        .map_or_else(String::new, |slug| format!("/cas-usages/{slug}")),
                )
            })
            .collect();
    }
    let comments = app
        .store
        .comments_of(case.id)
        .await?
        .iter()
        .map(comment_words)
        .collect();
    let renewed = since_last_time(app, case).await?;
    let mut rows = diff_rows(background.public.as_ref(), &content, &organisation);
    if case.kind != Kind::Content {
        rows.clear();
    }
    let files = files(app, case).await?;
    let repairs = repairs::rows(app, case.id, &content).await?;
    let decisions = decisions(
        case,
        mine,
        reader,
        &background.public.as_ref().map(|public| public.version),
        &typed,
        &app.site().replies(),
    );
    let page = ReviewPage {
        layout,
        menu: menu(person),
        title: name(case),
        errors: typed.errors,
        facts,
        statement: case.statement.clone(),
        kind: case.kind.label().to_owned(),
        is_update: background.public.is_some(),
        current: background
            .public
            .as_ref()
            .map(|public| format!("/cas-usages/{}", public.slug)),
        preview: format!("/contribuer/{}/apercu", case.id),
        findings,
        repair_action: if mine && case.status == WorkflowStatus::InReview {
            format!("/moderation/{}/reparation", case.id)
        } else {
            String::new()
        },
        links: crate::link_watch::lines(app, &crate::link_watch::of_form(&case.values)).await?,
        repairs,
        version: case.version,
        notice: typed.notice,
        alike,
        comments,
        renewed,
        files,
        rows,
        csrf: reader.csrf().to_owned(),
        decisions,
    };
    fresh(typed.status, &page)
}

/// What the author changed between the last two times that it was handed in; nothing when it was handed in once.
async fn since_last_time(app: &App, case: &Case) -> Result<Option<String>, WebError> {
    let seen = app.store.submissions_of(case.id).await?;
    let [.., former, last] = seen.as_slice() else {
        return Ok(None);
    };
    let mut labels: Vec<&str> = Vec::new();
    for difference in former.values.differences(&last.values) {
        let label = difference.field.spec().label;
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    Ok(Some(if labels.is_empty() {
        "L’auteur n’a changé aucune réponse depuis l’envoi précédent.".to_owned()
    } else {
        format!("Changé depuis l’envoi précédent\u{a0}: {}.", labels.join(", "))
    }))
}

/// The files of a contribution, with what becomes of each.
async fn files(app: &App, case: &Case) -> Result<Vec<(String, FileLine)>, WebError> {
    if case.kind != Kind::Content {
        return Ok(Vec::new());
    }
    let (after, leaving) = files_of(app, case).await?;
    let told = |attachments: Vec<Attachment>, what: fn(&Attachment) -> &'static str| {
        let words: Vec<&str> = attachments.iter().map(what).collect();
        let lines = lines(&redact_files(attachments, Level::Moderator));
        words
            .into_iter()
            .map(str::to_owned)
            .zip(lines)
            .collect::<Vec<_>>()
    };
    let mut all = told(after, |file| if file.from.is_some() { "Gardé" } else { "Ajouté" });
    all.extend(told(leaving, |_| "Retiré"));
    Ok(all)
}

fn decisions(
    case: &Case,
    mine: bool,
    reader: &Reader,
    seen: &Option<u32>,
    typed: &Typed<'_>,
    canned: &[String],
) -> Vec<DecisionForm> {
    let base = format!("/moderation/{}", case.id);
    let form = |word: &str, title: &str, submit: &str, quiet: bool, fields: Vec<FormField>| DecisionForm {
        action: format!("{base}/{word}"),
        title: title.to_owned(),
        csrf: reader.csrf().to_owned(),
        hidden: vec![
            ("_version".to_owned(), case.version.to_string()),
            (
                "vu".to_owned(),
                seen.map_or(String::new(), |seen| seen.to_string()),
            ),
        ],
        fields,
        submit: submit.to_owned(),
        quiet,
    };
    match case.status {
        WorkflowStatus::Submitted => vec![form("prendre", "", "Prendre en charge", false, Vec::new())],
        WorkflowStatus::InReview if !mine => {
            vec![form(
                "prendre",
                "Une autre personne lit cette fiche",
                "Reprendre après 48 heures",
                true,
                Vec::new(),
            )]
        }
        WorkflowStatus::InReview => {
            let mut all = vec![form(
                "publier",
                "Approuver",
                match case.kind {
                    Kind::Content => "Publier",
                    Kind::Review => "Confirmer",
                    Kind::Archive => "Archiver la fiche",
                },
                false,
                Vec::new(),
            )];
            if case.kind == Kind::Content {
                all.push(form(
                    "renvoyer",
                    "Demander des modifications",
                    "Renvoyer à l’auteur",
                    true,
                    comment_fields(typed, canned),
                ));
            }
            all.push(form(
                "refuser",
                "Refuser",
                "Refuser",
                true,
                vec![
                    FormField::new(
                        "raison",
                        "Raison",
                        "",
                        Control::Select(
                            std::iter::once(FormOption::new("", "Choisir dans la liste", true))
                                .chain(RejectionReason::ALL.iter().map(|reason| {
                                    FormOption::new(
                                        reason.code(),
                                        reason.label(),
                                        typed.value("raison") == reason.code(),
                                    )
                                }))
                                .collect(),
                        ),
                    )
                    .required(),
                    FormField::new(
                        "texte",
                        "Ce que l’auteur lira",
                        typed.value("texte"),
                        Control::Lines(3),
                    )
                    .required()
                    .max(TEXT_MAX),
                ],
            ));
            all.push(form("liberer", "", "Rendre à la file", true, Vec::new()));
            all
        }
        _ => Vec::new(),
    }
}

/// Three comments, each about a field or the whole.
fn comment_fields(typed: &Typed<'_>, canned: &[String]) -> Vec<FormField> {
    let mut fields = Vec::new();
    for row in 0..3 {
        let (place, text, model) = (
            format!("champ.{row}"),
            format!("commentaire.{row}"),
            format!("modele.{row}"),
        );
        let chosen = typed.value(&place);
        let mut options = vec![FormOption::new("", "L’ensemble de la fiche", chosen.is_empty())];
        options.extend(
            FIELDS
                .iter()
                .map(|spec| FormOption::new(spec.id, spec.label, spec.id == chosen)),
        );
        fields.push(FormField::new(
            place,
            format!("Commentaire {}\u{a0}: question", row + 1),
            "",
            Control::Select(options),
        ));
        let value = typed.value(&text);
        fields.push(
            FormField::new(text, format!("Commentaire {}", row + 1), value, Control::Lines(2)).max(TEXT_MAX),
        );
        if row == 0 {
            let mut replies = vec![FormOption::new("", "Aucune", true)];
            replies.extend(canned.iter().enumerate().map(|(position, text)| {
                FormOption::new(
                    position.to_string(),
                    sobria_catalogue::text::excerpt(text, 60),
                    false,
                )
            }));
            fields.push(
                FormField::new(model, "Ou une réponse courante", "", Control::Select(replies))
                    .hint("Employée quand le commentaire 1 est vide."),
            );
        }
    }
    fields
}

/// The page.
///
/// # Errors
/// When the account is no moderator, or there is no such contribution.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    moderators_only(&signed_in)?;
    let case = readable(&app, &signed_in.actor(), &id).await?;
    page(&app, &case, &signed_in.reader, Typed::nothing()).await
}

/// Decides. What was typed comes back when it cannot be done.
///
/// # Errors
/// When the account is no moderator, or there is no such contribution.
pub async fn decide(
    State(app): State<App>,
    Path((id, what)): Path<(String, String)>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    moderators_only(&signed_in)?;
    let actor = signed_in.actor();
    let case = readable(&app, &actor, &id).await?;
    if form.fields.get("_version") != case.version.to_string() {
        let typed = Typed {
            errors: vec![FormError::general(
                "Cette contribution a changé depuis que vous l’avez ouverte. Relisez-la, puis décidez.",
            )],
            form: Some(&form),
            status: StatusCode::CONFLICT,
            notice: None,
        };
        return page(&app, &case, &form.reader, typed).await;
    }
    if what == "reparation" {
        return repair(&app, &case, &actor, &form).await;
    }
    let (transition, then) = match what.as_str() {
        "prendre" => (Transition::Claim, format!("/moderation/{}", case.id)),
        "liberer" => (Transition::Release, "/moderation?fait=liberation".to_owned()),
        "publier" => (
            Transition::Approve {
                seen: form.fields.get("vu").parse().ok(),
            },
            "/moderation?fait=publication".to_owned(),
        ),
        "renvoyer" => (
            Transition::RequestChanges {
                comments: comments(&form, &app.site().replies()),
            },
            "/moderation?fait=renvoi".to_owned(),
        ),
        "refuser" => {
            let Some(reason) = RejectionReason::from_code(form.fields.get("raison")) else {
                let typed = Typed {
                    errors: vec![FormError {
                        field: "raison".to_owned(),
                        message: "Choisissez une raison dans la liste.".to_owned(),
                    }],
                    form: Some(&form),
                    status: StatusCode::UNPROCESSABLE_ENTITY,
                    notice: None,
                };
                return page(&app, &case, &form.reader, typed).await;
            };
            (
                Transition::Reject {
                    reason,
                    text: form.fields.get("texte").to_owned(),
                },
                "/moderation?fait=refus".to_owned(),
            )
        }
        _ => return Err(WebError::NotFound),
    };
    match step(&app, &case, transition, &actor).await? {
        Outcome::Done(_) => Ok(see_other(&then)),
        Outcome::Conflict(stored) => {
            let typed = Typed {
                errors: vec![FormError::general(
                    "Quelqu’un a traité cette contribution entre-temps. Voici où elle en est.",
                )],
                form: Some(&form),
                status: StatusCode::CONFLICT,
                notice: None,
            };
            page(&app, &stored, &form.reader, typed).await
        }
        Outcome::Refused(sobria_catalogue::workflow::Refusal::Denied(denied)) => {
            Err(refused(&sobria_catalogue::workflow::Refusal::Denied(denied)))
        }
        Outcome::Refused(refusal) => {
            let field = match refusal.code() {
                "comment-needed" => "commentaire.0",
                "text-needed" | "text-too-long" if what == "refuser" => "texte",
                _ => "",
            };
            let mut errors = vec![FormError {
                field: field.to_owned(),
                message: refusal.message(),
            }];
            if let sobria_catalogue::workflow::Refusal::Invalid(invalid) = &refusal {
                errors.extend(
                    invalid
                        .iter()
                        .map(|error| FormError::general(error.message.clone())),
                );
            }
            let typed = Typed {
                errors,
                form: Some(&form),
                status: if refusal.is_conflict() {
                    StatusCode::CONFLICT
                } else {
                    StatusCode::UNPROCESSABLE_ENTITY
                },
                notice: None,
            };
            page(&app, &case, &form.reader, typed).await
        }
    }
}

/// Accepts or refuses what an import mended or doubts.
async fn repair(
    app: &App,
    case: &Case,
    actor: &sobria_catalogue::rights::Actor,
    form: &SignedForm,
) -> Result<Response, WebError> {
    let (case, typed) = match repairs::decide(app, case, actor, &form.fields).await? {
        repairs::Decided::Done(kept, notice) => (
            *kept,
            Typed {
                notice: Some(notice),
                ..Typed::nothing()
            },
        ),
        repairs::Decided::Not(kept, message) => (
            *kept,
            Typed {
                errors: vec![FormError {
                    field: "reparations".to_owned(),
                    message,
                }],
                status: StatusCode::CONFLICT,
                ..Typed::nothing()
            },
        ),
    };
    page(app, &case, &form.reader, typed).await
}

fn comments(form: &SignedForm, canned: &[String]) -> Vec<Comment> {
    (0..3)
        .filter_map(|row| {
            let typed = form.fields.get(&format!("commentaire.{row}")).trim();
            let chosen = form
                .fields
                .get(&format!("modele.{row}"))
                .parse::<usize>()
                .ok()
                .and_then(|position| canned.get(position))
                .map_or("", String::as_str);
            let text = if typed.is_empty() { chosen } else { typed };
            let place = form.fields.get(&format!("champ.{row}"));
            (!text.is_empty()).then(|| Comment {
                field: FIELDS.iter().find(|spec| spec.id == place).map(|spec| spec.field),
                text: text.to_owned(),
            })
        })
        .collect()
}
