//! `/mon-espace/publications`: writing entries, from the first word to handing them in.

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::account::{MembershipStatus, Person};
use sobria_catalogue::entry::field::{EntryField, EntryInput};
use sobria_catalogue::entry::life::{EntryNext, EntryStatus, EntryStep, decide, may_begin, may_write};
use sobria_catalogue::entry::read::{EntryProblem, read};
use sobria_catalogue::entry::{Entry, EntryContent, EntryKind};
use sobria_catalogue::id::{EntryId, OrganisationId};
use sobria_catalogue::rights::{Action, Role, can};
use sobria_catalogue::text::fold_key;
use sobria_store::{EntryChange, NewEntry};
use uuid::Uuid;

use super::review::letters;
use crate::app::App;
use crate::error::WebError;
use crate::params::pairs;
use crate::posted::{Fields, SignedForm};
use crate::routes::account::settings::space_page;
use crate::routes::account::{fresh, see_other};
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::{Control, FormBlock, FormError, FormField, FormOption, FormPage, RichText};
use crate::words::in_use;

/// Where it stands.
pub const PATH: &str = "/mon-espace/publications";

fn granted(person: &Person) -> Vec<(OrganisationId, String)> {
    person
        .memberships
        .iter()
        .filter(|membership| membership.status == MembershipStatus::Granted)
        .map(|membership| (membership.organisation, membership.name.clone()))
        .collect()
}

/// What somebody writes, and what they may begin.
///
/// # Errors
/// When the database does not answer.
pub async fn index(
    State(app): State<App>,
    signed_in: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let person = &signed_in.person;
    let actor = signed_in.actor();
    let own = granted(person);
    let ids: Vec<OrganisationId> = own.iter().map(|(id, _)| *id).collect();
    let mut page = space_page(
        &app,
        person,
        "Mes publications",
        "Chartes, ressources, solutions, rendez-vous\u{a0}: tout ce qui n’est pas un cas d’usage. La modération relit avant publication.",
        PATH,
    );
    page.notice = match query.as_deref() {
        Some("fait=brouillon") => Some("Le brouillon est enregistré.".to_owned()),
        Some("fait=envoi") => Some("C’est envoyé. La modération vous répond par courriel.".to_owned()),
        Some("fait=publication") => Some("C’est publié.".to_owned()),
        Some("fait=abandon") => Some("Le brouillon est supprimé.".to_owned()),
        _ => None,
    };
    let entries = app.store.entries_of(person.account.id, &ids).await?;
    let links = entries
        .iter()
        .filter(|entry| may_write(&entry.state(), &actor).is_ok())
        .map(|entry| {
            let title = if entry.content.title().is_empty() {
                "Sans nom"
            } else {
                entry.content.title()
            };
            Link::new(
                format!(
                    "{title} ({}, {})",
                    entry.kind.label().to_lowercase(),
                    standing(entry)
                ),
                format!("{PATH}/{}", entry.id),
            )
        })
        .collect::<Vec<_>>();
    page.blocks.push(FormBlock {
        id: "miennes".to_owned(),
        title: "En cours et en ligne".to_owned(),
        text: RichText::parse(if links.is_empty() {
            "Rien pour l’instant."
        } else {
            ""
        }),
        links,
        ..FormBlock::default()
    });
    let begin: Vec<Link> = EntryKind::ALL
        .into_iter()
        .filter(|kind| {
            may_begin(*kind, &actor, None).is_ok()
                || ids.iter().any(|id| may_begin(*kind, &actor, Some(*id)).is_ok())
        })
        .map(|kind| Link::new(kind.label(), format!("{PATH}/nouvelle?type={}", kind.code())))
        .collect();
    page.blocks.push(FormBlock {
        id: "commencer".to_owned(),
        title: "Commencer".to_owned(),
        text: RichText::parse(if begin.is_empty() {
            "Vous pourrez publier dès que la modération aura confirmé votre organisme."
        } else {
            ""
        }),
        links: begin,
        ..FormBlock::default()
    });
    fresh(StatusCode::OK, &page)
}

fn standing(entry: &Entry) -> String {
    let label = entry.status.label().to_lowercase();
    if entry.published.is_some() && entry.status != EntryStatus::Published {
        format!("en ligne, nouvelle version\u{a0}: {label}")
    } else {
        label
    }
}

/// What a form is filled with.
struct Filled<'a> {
    kind: EntryKind,
    content: &'a EntryContent,
    problems: &'a [EntryProblem],
    /// Organisation as chosen or written.
    organisation: &'a str,
    organisation_error: Option<String>,
}

fn field(spec_of: EntryField, filled: &Filled<'_>) -> FormField {
    let spec = spec_of.spec();
    let value = filled.content.get(spec_of);
    let control = match spec.input {
        EntryInput::Block(_) => Control::Lines(8),
        EntryInput::Names(_) => Control::Lines(3),
        EntryInput::Line(max) if max > 200 => Control::Lines(3),
        EntryInput::Choice(_) | EntryInput::Term(_) => Control::Select(
            std::iter::once(FormOption::new("", "Choisir", value.is_empty()))
                .chain(
                    spec.options(&in_use())
                        .into_iter()
                        .map(|(code, label)| FormOption::new(code, label.replace('\'', "’"), code == value)),
                )
                .collect(),
        ),
        EntryInput::Url => Control::Line("url"),
        EntryInput::Email => Control::Line("email"),
        EntryInput::Moment => Control::Line("datetime-local"),
        EntryInput::Line(_) | EntryInput::Date | EntryInput::Siren => Control::Line("text"),
    };
    let mut field = FormField::new(spec.id, spec.label, value, control)
        .hint(spec.help)
        .error(
            filled
                .problems
                .iter()
                .find(|problem| problem.field == spec_of)
                .map(|problem| problem.message.clone()),
        );
    field.readers = spec.visibility().label().to_owned();
    field.required = spec.required.contains(&filled.kind);
    field.max = match spec.input {
        EntryInput::Line(max) | EntryInput::Block(max) | EntryInput::Names(max) => max,
        _ => 0,
    };
    field
}

fn carrier_field(person: &Person, filled: &Filled<'_>) -> Option<FormField> {
    let own = granted(person);
    if matches!(filled.kind, EntryKind::Meeting | EntryKind::News) {
        return None;
    }
    let moderator = person.account.role >= Role::Moderator;
    let field = if moderator {
        FormField::line("organisme", "Organisme", filled.organisation)
            .hint("Nom exact, comme sur la page des organisations. Vide\u{a0}: aucun.")
            .max(200)
    } else {
        let options = own
            .iter()
            .map(|(id, name)| {
                FormOption::new(
                    id.to_string(),
                    name.clone(),
                    id.to_string() == filled.organisation,
                )
            })
            .collect();
        let mut field = FormField::new("organisme", "Pour quel organisme", "", Control::Select(options));
        field.required = true;
        field
    };
    Some(field.error(filled.organisation_error.clone()))
}

/// The organisation chosen in a list or written by a moderator.
async fn organisation(
    app: &App,
    person: &Person,
    kind: EntryKind,
    text: &str,
) -> Result<Result<Option<OrganisationId>, String>, WebError> {
    if matches!(kind, EntryKind::Meeting | EntryKind::News) {
        return Ok(Ok(None));
    }
    let own = granted(person);
    if let Some((id, _)) = own.iter().find(|(id, _)| id.to_string() == text) {
        return Ok(Ok(Some(*id)));
    }
    if person.account.role < Role::Moderator {
        return Ok(match own.as_slice() {
            [(only, _)] if text.is_empty() => Ok(Some(*only)),
            _ => Err("Choisissez un organisme pour lequel vous contribuez.".to_owned()),
        });
    }
    if text.trim().is_empty() {
        return Ok(Ok(None));
    }
    let key = fold_key(text);
    let found = app.store.organisations(text, 0, 20).await?.items;
    let exact = found
        .iter()
        .find(|carrier| fold_key(&carrier.organisation.name) == key)
        .map(|carrier| carrier.organisation.id);
    Ok(exact
        .map(Some)
        .ok_or_else(|| "Aucune organisation ne porte exactement ce nom.".to_owned()))
}

fn form(app: &App, signed_in: &SignedIn, filled: &Filled<'_>, entry: Option<&Entry>, key: &str) -> FormPage {
    let person = &signed_in.person;
    let path = entry.map_or_else(|| PATH.to_owned(), |entry| format!("{PATH}/{}", entry.id));
    let title = match entry {
        Some(entry) if !entry.content.title().is_empty() => entry.content.title().to_owned(),
        _ => filled.kind.label().to_owned(),
    };
    let mut page = space_page(
        app,
        person,
        &title,
        "Enregistrez quand vous voulez\u{202f}; la modération relit avant publication.",
        &path,
    );
    PATH.clone_into(&mut page.here);
    let mut hidden = vec![("type".to_owned(), filled.kind.code().to_owned())];
    match entry {
        Some(entry) => hidden.push(("edition".to_owned(), entry.edition.to_string())),
        None => hidden.push(("cle".to_owned(), key.to_owned())),
    }
    let mut fields: Vec<FormField> = EntryField::of(filled.kind)
        .map(|one| field(one, filled))
        .collect();
    if entry.is_none() {
        fields.extend(carrier_field(person, filled));
    }
    let moderator = can(&signed_in.actor(), &Action::Review).is_ok();
    let mut others = vec![("brouillon".to_owned(), "Enregistrer le brouillon".to_owned())];
    if entry.is_some_and(|entry| {
        entry.published.is_none() && matches!(entry.status, EntryStatus::Draft | EntryStatus::Refused)
    }) {
        others.push(("abandonner".to_owned(), "Supprimer le brouillon".to_owned()));
    }
    page.blocks.push(FormBlock {
        id: "fiche".to_owned(),
        action: path,
        csrf: signed_in.reader.csrf().to_owned(),
        hidden,
        fields,
        submit: if moderator {
            "Publier"
        } else {
            "Envoyer à la modération"
        }
        .to_owned(),
        others,
        links: entry
            .filter(|entry| entry.kind == EntryKind::Resource)
            .map(|entry| Link::new("Fichiers joints", super::attach::path(entry)))
            .into_iter()
            .collect(),
        ..FormBlock::default()
    });
    page.gather_errors();
    page
}

/// An empty form.
///
/// # Errors
/// When the kind is unknown or the person may not begin one.
pub async fn begin(
    State(app): State<App>,
    signed_in: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let kind = pairs(query.as_deref().unwrap_or(""))
        .into_iter()
        .find(|(name, _)| name == "type")
        .and_then(|(_, code)| EntryKind::from_code(&code))
        .ok_or(WebError::NotFound)?;
    let own = granted(&signed_in.person);
    let actor = signed_in.actor();
    let allowed = may_begin(kind, &actor, None).or_else(|denied| {
        own.iter()
            .find_map(|(id, _)| may_begin(kind, &actor, Some(*id)).ok())
            .ok_or(denied)
    });
    if let Err(denied) = allowed {
        let message = match kind {
            EntryKind::News => denied.message().to_owned(),
            _ => format!(
                "{} Ce qui est publié l’est au nom d’un organisme\u{a0}: demandez à contribuer pour le vôtre depuis «\u{a0}Mon compte\u{a0}».",
                denied.message()
            ),
        };
        return Err(WebError::Forbidden(message));
    }
    let content = EntryContent::default();
    let filled = Filled {
        kind,
        content: &content,
        problems: &[],
        organisation: "",
        organisation_error: None,
    };
    fresh(
        StatusCode::OK,
        &form(&app, &signed_in, &filled, None, &Uuid::now_v7().to_string()),
    )
}

/// What the button asked for.
fn wanted(fields: &Fields, moderator: bool) -> EntryStep {
    match fields.get("action") {
        "brouillon" => EntryStep::Save,
        "abandonner" => EntryStep::Discard,
        _ if moderator => EntryStep::Publish,
        _ => EntryStep::Submit,
    }
}

/// Problems that forbid a step: a draft may lack anything but a name.
fn blocking(step: EntryStep, problems: Vec<EntryProblem>) -> Vec<EntryProblem> {
    problems
        .into_iter()
        .filter(|problem| {
            step != EntryStep::Save || !problem.only_missing || problem.field == EntryField::Title
        })
        .collect()
}

/// Begins an entry: the same form sent twice makes one.
///
/// # Errors
/// When the person may not, or the database does not answer.
pub async fn create(State(app): State<App>, sent: SignedForm) -> Result<Response, WebError> {
    let signed_in = sent.signed_in();
    let kind = EntryKind::from_code(sent.fields.get("type")).ok_or(WebError::NotFound)?;
    let key = sent.fields.get("cle");
    let id: EntryId = key.parse().or(Err(WebError::NotFound))?;
    let moderator = can(&signed_in.actor(), &Action::Review).is_ok();
    let step = wanted(&sent.fields, moderator);
    let (content, problems) = read(kind, |name| sent.fields.get(name).to_owned());
    let problems = blocking(step, problems);
    let chosen = organisation(&app, &sent.person, kind, sent.fields.get("organisme")).await?;
    let organisation = match chosen {
        Ok(organisation) if problems.is_empty() => organisation,
        other => {
            let filled = Filled {
                kind,
                content: &content,
                problems: &problems,
                organisation: sent.fields.get("organisme"),
                organisation_error: other.err(),
            };
            let page = form(&app, &signed_in, &filled, None, key);
            return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let actor = signed_in.actor();
    may_begin(kind, &actor, organisation)
        .map_err(|denied| WebError::Forbidden(denied.message().to_owned()))?;
    let entry = match app.store.entry(id).await? {
        Some(entry) => entry,
        None => {
            app.store
                .create_entry(&NewEntry {
                    id,
                    kind,
                    organisation,
                    author: Some(sent.person.account.id),
                    content: &content,
                    now: (app.settings.now)(),
                })
                .await?;
            app.store.entry(id).await?.ok_or(WebError::NotFound)?
        }
    };
    if entry.author != Some(sent.person.account.id) || entry.edition > 1 {
        // Sent before: what became of it is shown.
        return Ok(see_other(PATH));
    }
    if step == EntryStep::Save {
        return Ok(see_other(&format!("{PATH}?fait=brouillon")));
    }
    settle(&app, &signed_in, &entry, step, None).await
}

/// Takes a step and says so.
async fn settle(
    app: &App,
    signed_in: &SignedIn,
    entry: &Entry,
    step: EntryStep,
    content: Option<&EntryContent>,
) -> Result<Response, WebError> {
    let next = decide(&entry.state(), step, &signed_in.actor())
        .map_err(|refusal| WebError::Conflict(refusal.message().to_owned()))?;
    let told = content.map_or_else(
        || entry.clone(),
        |content| Entry {
            content: content.clone(),
            ..entry.clone()
        },
    );
    // Who decides alone needs no message about it.
    let mails = if step == EntryStep::Submit {
        letters(app, &told, step, "").await?
    } else {
        Vec::new()
    };
    app.store
        .change_entry(&EntryChange {
            seen: entry,
            next,
            content,
            reason: "",
            mails: &mails,
            actor: signed_in.person.account.id,
            now: (app.settings.now)(),
        })
        .await?;
    app.mail_waits.notify_one();
    if next == EntryNext::Removed {
        return Ok(see_other(&format!("{PATH}?fait=abandon")));
    }
    let done = match step {
        EntryStep::Submit => "envoi",
        EntryStep::Publish => {
            crate::refresh::at_once(app).await;
            "publication"
        }
        _ => "brouillon",
    };
    Ok(see_other(&format!("{PATH}?fait={done}")))
}

pub(super) async fn own(app: &App, id: &str, signed_in: &SignedIn) -> Result<Entry, WebError> {
    let id: EntryId = id.parse().or(Err(WebError::NotFound))?;
    let entry = app.store.entry(id).await?.ok_or(WebError::NotFound)?;
    // Who may not write it does not learn that it exists.
    may_write(&entry.state(), &signed_in.actor()).or(Err(WebError::NotFound))?;
    if entry.status == EntryStatus::Withdrawn {
        return Err(WebError::Gone);
    }
    Ok(entry)
}

/// The form of an entry.
///
/// # Errors
/// When there is no such entry, the person may not write it, or the database does not answer.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let entry = own(&app, &id, &signed_in).await?;
    let filled = Filled {
        kind: entry.kind,
        content: &entry.content,
        problems: &[],
        organisation: "",
        organisation_error: None,
    };
    let mut page = form(&app, &signed_in, &filled, Some(&entry), "");
    if entry.status == EntryStatus::Submitted {
        page.notice =
            Some("En attente de relecture\u{a0}: rien ne peut être modifié avant la réponse.".to_owned());
        page.blocks = vec![FormBlock {
            title: "Ce qui a été envoyé".to_owned(),
            lines: entry
                .content
                .iter()
                .map(|(field, _)| {
                    format!(
                        "{}\u{a0}: {}",
                        field.spec().label,
                        super::words(&entry.content, field)
                    )
                })
                .collect(),
            links: vec![Link::new("Mes publications", PATH)],
            ..FormBlock::default()
        }];
    } else if !entry.reason.is_empty() {
        page.notice = Some(format!("La modération demande\u{a0}: {}", entry.reason));
    }
    fresh(StatusCode::OK, &page)
}

/// Keeps, hands in, publishes or gives up.
///
/// # Errors
/// When the person may not, the entry changed meanwhile, or the database does not answer.
pub async fn change(
    State(app): State<App>,
    Path(id): Path<String>,
    sent: SignedForm,
) -> Result<Response, WebError> {
    let signed_in = sent.signed_in();
    let entry = own(&app, &id, &signed_in).await?;
    let moderator = can(&signed_in.actor(), &Action::Review).is_ok();
    let step = wanted(&sent.fields, moderator);
    if step == EntryStep::Discard {
        return settle(&app, &signed_in, &entry, step, None).await;
    }
    let (content, problems) = read(entry.kind, |name| sent.fields.get(name).to_owned());
    let problems = blocking(step, problems);
    let late = entry.edition.to_string() != sent.fields.get("edition");
    if late || !problems.is_empty() {
        let filled = Filled {
            kind: entry.kind,
            content: &content,
            problems: &problems,
            organisation: "",
            organisation_error: None,
        };
        let mut page = form(&app, &signed_in, &filled, Some(&entry), "");
        if late {
            // What was typed stays in view; the other version is said field by field.
            page.errors.insert(
                0,
                FormError::general("Quelqu’un a enregistré une autre version entre-temps. Voici la vôtre\u{202f}; ce qui diffère est listé plus bas. Envoyez de nouveau pour garder la vôtre."),
            );
            page.blocks.push(FormBlock {
                title: "L’autre version".to_owned(),
                lines: EntryField::of(entry.kind)
                    .filter(|field| entry.content.get(*field) != content.get(*field))
                    .map(|field| {
                        format!(
                            "{}\u{a0}: {}",
                            field.spec().label,
                            super::words(&entry.content, field)
                        )
                    })
                    .collect(),
                ..FormBlock::default()
            });
        }
        let status = if late {
            StatusCode::CONFLICT
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        return fresh(status, &page);
    }
    let saved = settle(&app, &signed_in, &entry, EntryStep::Save, Some(&content)).await?;
    if step == EntryStep::Save {
        return Ok(saved);
    }
    let entry = app.store.entry(entry.id).await?.ok_or(WebError::NotFound)?;
    settle(&app, &signed_in, &entry, step, None).await
}
