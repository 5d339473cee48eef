//! `…/{slug}/liens`: proposing and removing links of a record.

use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use sobria_catalogue::access::Level;
use sobria_catalogue::entry::{EntryKind, redact};
use sobria_catalogue::id::LinkId;
use sobria_catalogue::link::{End, LinkKind, NOTE_MAX, RecordKind};
use sobria_catalogue::rights::{Action, Actor, Owner, can};
use sobria_catalogue::text::{clean_line, excerpt, looks_like_html};
use sobria_store::{Decision, Found, FoundEntry, NewLink, StoreError};
use uuid::Uuid;

use super::kind_of;
use crate::app::App;
use crate::error::WebError;
use crate::posted::SignedForm;
use crate::relations;
use crate::routes::account::settings::space_page;
use crate::routes::account::{fresh, see_other};
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::{Control, FormBlock, FormField, FormOption, FormPage, RichText};

/// A record whose links are written.
struct Here {
    end: End,
    title: String,
    path: String,
    owner: Owner,
}

/// What stands at an address of the site that a reader of `level` may read; none when nothing does.
async fn resolve(app: &App, path: &str, level: Level) -> Result<Option<Here>, WebError> {
    let bare = path.split(['?', '#']).next().unwrap_or("").trim_end_matches('/');
    if let Some(slug) = bare.strip_prefix("/cas-usages/") {
        let Found::UseCase { record, .. } = app.store.use_case_by_slug(slug).await? else {
            return Ok(None);
        };
        return Ok(Some(Here {
            end: End {
                kind: RecordKind::UseCase,
                id: record.id.uuid(),
            },
            title: record.content.title().to_owned(),
            path: format!("/cas-usages/{}", record.slug),
            owner: Owner {
                organisation: Some(record.organisation.id),
                author: None,
            },
        }));
    }
    for kind in EntryKind::ALL {
        let Some(slug) = bare
            .strip_prefix(kind.path())
            .and_then(|rest| rest.strip_prefix('/'))
        else {
            continue;
        };
        let Some(of) = RecordKind::of(kind) else {
            return Ok(None);
        };
        let FoundEntry::Entry(entry) = app.store.entry_by_slug(kind, slug).await? else {
            return Ok(None);
        };
        let owner = Owner {
            organisation: entry.carrier.as_ref().map(|carrier| carrier.id),
            author: entry.author,
        };
        return Ok(redact(*entry, level).map(|item| Here {
            end: End {
                kind: of,
                id: item.entry().id.uuid(),
            },
            title: item.content().title().to_owned(),
            path: item.entry().path(),
            owner,
        }));
    }
    Ok(None)
}

async fn here(app: &App, uri: &Uri, slug: &str, signed_in: &SignedIn) -> Result<Here, WebError> {
    let first = if uri.path().starts_with("/cas-usages/") {
        "/cas-usages"
    } else {
        kind_of(uri.path())?.path()
    };
    let found = resolve(app, &format!("{first}/{slug}"), signed_in.reader.level()).await?;
    let here = found.ok_or(WebError::NotFound)?;
    can(&signed_in.actor(), &Action::WriteContribution(here.owner))
        .map_err(|denied| WebError::Forbidden(denied.message().to_owned()))?;
    Ok(here)
}

/// What was typed, and what is wrong with it.
#[derive(Default)]
struct Typed<'a> {
    kind: &'a str,
    target: &'a str,
    note: &'a str,
    wrong: Option<(&'static str, String)>,
}

async fn assemble(
    app: &App,
    signed_in: &SignedIn,
    here: &Here,
    typed: &Typed<'_>,
) -> Result<FormPage, WebError> {
    let path = format!("{}/liens", here.path);
    let actor = signed_in.actor();
    let mut page = space_page(
        app,
        &signed_in.person,
        "Liens avec d’autres fiches",
        &format!(
            "{}. Un lien devient public une fois relu\u{202f}; les deux fiches le montrent.",
            here.title
        ),
        &path,
    );
    let seen = relations::of(app, here.end, signed_in.reader.level(), true).await?;
    for one in &seen {
        page.blocks.push(FormBlock {
            id: format!("lien-{}", one.tie.id),
            title: format!("{}\u{a0}: {}", one.label, one.target.title),
            lines: std::iter::once(
                if one.tie.published_at.is_some() {
                    "Public"
                } else {
                    "En attente de relecture"
                }
                .to_owned(),
            )
            .chain((!one.tie.note.is_empty()).then(|| one.tie.note.clone()))
            .collect(),
            action: if may_remove(&actor, here, &one.tie) {
                path.clone()
            } else {
                String::new()
            },
            csrf: signed_in.reader.csrf().to_owned(),
            hidden: vec![("retirer".to_owned(), one.tie.id.to_string())],
            submit: "Retirer ce lien".to_owned(),
            quiet: true,
            links: vec![Link::new("Voir l’autre fiche", one.target.path.clone())],
            ..FormBlock::default()
        });
    }
    let error = |name: &str| {
        typed
            .wrong
            .as_ref()
            .filter(|(field, _)| *field == name)
            .map(|(_, message)| message.clone())
    };
    page.blocks.push(FormBlock {
        id: "ajouter".to_owned(),
        title: "Ajouter un lien".to_owned(),
        text: RichText::parse(if seen.is_empty() {
            "Aucun lien pour l’instant."
        } else {
            ""
        }),
        action: path,
        csrf: signed_in.reader.csrf().to_owned(),
        fields: vec![
            FormField::new(
                "lien",
                "Cette fiche…",
                "",
                Control::Select(
                    LinkKind::leaving(here.end.kind)
                        .map(|kind| FormOption::new(kind.code(), kind.label(), kind.code() == typed.kind))
                        .collect(),
                ),
            )
            .required()
            .error(error("lien")),
            FormField::line("fiche", "Adresse de l’autre fiche", typed.target)
                .hint("Copiez-la depuis votre navigateur. Exemple\u{a0}: /cas-usages/fuites-d-eau-abc1234.")
                .required()
                .max(500)
                .error(error("fiche")),
            FormField::new("remarque", "Remarque", typed.note, Control::Lines(2))
                .hint("Ce qui est repris, ce qui a changé. Publique.")
                .max(NOTE_MAX)
                .error(error("remarque")),
        ],
        submit: if can(&actor, &Action::Review).is_ok() {
            "Publier ce lien"
        } else {
            "Proposer ce lien"
        }
        .to_owned(),
        ..FormBlock::default()
    });
    page.gather_errors();
    Ok(page)
}

/// Moderators, those who write the record that the link leaves from, and whoever proposed it.
fn may_remove(actor: &Actor, here: &Here, tie: &sobria_catalogue::link::Link) -> bool {
    can(actor, &Action::Review).is_ok()
        || (can(actor, &Action::WriteContribution(here.owner)).is_ok()
            && (tie.from == here.end || tie.kind.is_symmetric()))
        || (tie.author.is_some() && tie.author == actor.user())
}

/// The links of a record, for those who write it.
///
/// # Errors
/// When there is no such record, the person may not write it, or the database does not answer.
pub async fn show(
    State(app): State<App>,
    uri: Uri,
    Path(slug): Path<String>,
    signed_in: SignedIn,
) -> Result<Response, WebError> {
    let here = here(&app, &uri, &slug, &signed_in).await?;
    let page = assemble(&app, &signed_in, &here, &Typed::default()).await?;
    fresh(StatusCode::OK, &page)
}

/// Proposes or removes a link; a moderator's is public at once.
///
/// # Errors
/// When the person may not, or the database does not answer.
pub async fn post(
    State(app): State<App>,
    uri: Uri,
    Path(slug): Path<String>,
    sent: SignedForm,
) -> Result<Response, WebError> {
    let signed_in = sent.signed_in();
    let here = here(&app, &uri, &slug, &signed_in).await?;
    let actor = signed_in.actor();
    let now = (app.settings.now)();
    let back = format!("{}/liens", here.path);
    if let Ok(id) = sent.fields.get("retirer").parse::<LinkId>() {
        let tie = app.store.link(id).await?.ok_or(WebError::NotFound)?;
        if tie.seen_from(here.end).is_none() || !may_remove(&actor, &here, &tie) {
            return Err(WebError::Forbidden(
                "Ce lien a été écrit par l’autre organisation\u{a0}: demandez-lui, ou à la modération, de le retirer.".to_owned(),
            ));
        }
        let by = sent.person.account.id.to_string();
        let decision = Decision {
            actor: &by,
            reason: "",
            now,
        };
        app.store.remove_link(id, decision).await?;
        crate::refresh::at_once(&app).await;
        return Ok(see_other(&back));
    }
    let note = clean_line(sent.fields.get("remarque"));
    let target = sent.fields.get("fiche").trim();
    let mut typed = Typed {
        kind: sent.fields.get("lien"),
        target,
        note: &note,
        wrong: None,
    };
    let moderator = can(&actor, &Action::Review).is_ok();
    let wrong = match LinkKind::from_code(typed.kind) {
        None => Some(("lien", "Choisissez ce que dit le lien.".to_owned())),
        Some(_) if note.chars().count() > NOTE_MAX => Some((
            "remarque",
            format!("Remarque\u{a0}: {NOTE_MAX} caractères au plus."),
        )),
        Some(_) if looks_like_html(&note) => Some((
            "remarque",
            "Remarque\u{a0}: écrivez du texte, sans balise HTML.".to_owned(),
        )),
        Some(kind) => {
            let local = target
                .strip_prefix(app.settings.base_url.as_str())
                .unwrap_or(target);
            match resolve(&app, local, signed_in.reader.level()).await? {
                None => Some((
                    "fiche",
                    format!(
                        "Aucune fiche publiée à l’adresse «\u{a0}{}\u{a0}».",
                        excerpt(target, 80)
                    ),
                )),
                Some(other) => {
                    let new = NewLink {
                        id: LinkId::new(Uuid::now_v7()),
                        kind,
                        from: here.end,
                        to: other.end,
                        note: &note,
                        author: Some(sent.person.account.id),
                        published: moderator,
                        now,
                    };
                    match app.store.add_link(&new).await {
                        Ok(Ok(())) => None,
                        Ok(Err(refusal)) => Some(("fiche", refusal.message().to_owned())),
                        Err(StoreError::NotFound { .. }) => {
                            Some(("fiche", "Cette fiche vient d’être retirée.".to_owned()))
                        }
                        Err(error) => return Err(error.into()),
                    }
                }
            }
        }
    };
    if wrong.is_some() {
        typed.wrong = wrong;
        let page = assemble(&app, &signed_in, &here, &typed).await?;
        return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    crate::refresh::at_once(&app).await;
    Ok(see_other(&back))
}
