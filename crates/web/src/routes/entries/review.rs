//! `/moderation/publications`: entries and links that wait, and deciding about them.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::entry::life::{EntryStep, decide as rule};
use sobria_catalogue::entry::{Entry, EntryKind};
use sobria_catalogue::id::{EntryId, LinkId};
use sobria_catalogue::link::End;
use sobria_catalogue::rights::Role;
use sobria_catalogue::text::clean_block;
use sobria_store::{Decision, EntryChange, Outgoing};

use super::{sort_words, words};
use crate::app::App;
use crate::error::WebError;
use crate::letters::{Letter, outgoing};
use crate::posted::SignedForm;
use crate::relations::targets;
use crate::routes::account::settings::space_page;
use crate::routes::account::{fresh, see_other};
use crate::routes::moderation::queue::age;
use crate::session::{Reader, SignedIn};
use crate::view::library::Link;
use crate::view::{Control, FormBlock, FormError, FormField, FormPage, RichText};

/// Where it stands.
pub const PATH: &str = "/moderation/publications";

async fn assemble(app: &App, signed_in: &SignedIn, reader: &Reader) -> Result<FormPage, WebError> {
    let entries = app.store.waiting_entries().await?;
    let ties = app.store.waiting_links().await?;
    let mut page = space_page(
        app,
        &signed_in.person,
        "Publications à relire",
        "Gouvernance, ressources, solutions, rendez-vous et liens entre fiches, les plus anciens d’abord.",
        PATH,
    );
    let now = (app.settings.now)();
    for entry in &entries {
        page.blocks
            .push(block(app, entry, reader, &age(entry.updated_at, now)).await?);
    }
    let ends: Vec<End> = ties.iter().flat_map(|tie| [tie.from, tie.to]).collect();
    let known = targets(app, &ends, sobria_catalogue::access::Level::Member).await?;
    for tie in &ties {
        let name = |end: &End| {
            known
                .get(end)
                .map_or_else(|| "fiche retirée".to_owned(), |target| target.title.clone())
        };
        let link = |end: &End| {
            known
                .get(end)
                .map(|target| Link::new(target.title.clone(), target.path.clone()))
        };
        page.blocks.push(FormBlock {
            id: format!("lien-{}", tie.id),
            title: format!("Lien\u{a0}: {} / {}", name(&tie.from), name(&tie.to)),
            lines: std::iter::once(format!(
                "{} {} {}",
                name(&tie.from),
                tie.kind.label().to_lowercase(),
                name(&tie.to)
            ))
            .chain((!tie.note.is_empty()).then(|| format!("Remarque\u{a0}: {}", tie.note)))
            .collect(),
            action: PATH.to_owned(),
            csrf: reader.csrf().to_owned(),
            hidden: vec![("lien".to_owned(), tie.id.to_string())],
            submit: "Publier ce lien".to_owned(),
            others: vec![("refuser".to_owned(), "Refuser".to_owned())],
            links: link(&tie.from).into_iter().chain(link(&tie.to)).collect(),
            ..FormBlock::default()
        });
    }
    if page.blocks.is_empty() {
        page.blocks.push(FormBlock {
            text: RichText::parse("Rien n’attend de relecture."),
            links: vec![Link::new("File des cas d’usage", "/moderation")],
            ..FormBlock::default()
        });
    }
    Ok(page)
}

/// What waits, with what readers see today beside it.
async fn block(
    app: &App,
    entry: &Entry,
    reader: &Reader,
    (age, late): &(String, bool),
) -> Result<FormBlock, WebError> {
    let public = app.store.entries_by_ids(&[entry.id]).await?.pop();
    let mut lines = vec![format!(
        "{}{}, attend depuis {age}{}",
        sort_words(entry.kind, &entry.content),
        entry
            .carrier
            .as_ref()
            .map(|carrier| format!(", {}", carrier.name))
            .unwrap_or_default(),
        if *late { " (en retard)" } else { "" }
    )];
    for field in sobria_catalogue::entry::field::EntryField::of(entry.kind) {
        let new = words(&entry.content, field);
        let old = public.as_ref().map(|public| words(&public.content, field));
        let label = field.spec().label;
        match old {
            Some(old) if old != new => lines.push(format!(
                "{label}\u{a0}: {} (en ligne\u{a0}: {})",
                if new.is_empty() { "effacé" } else { &new },
                if old.is_empty() { "rien" } else { &old }
            )),
            None if !new.is_empty() => lines.push(format!("{label}\u{a0}: {new}")),
            _ => {}
        }
    }
    let mut links = Vec::new();
    let number = public.as_ref().map(|public| public.number);
    for file in app.store.entry_files(entry.id).await? {
        let (now, then) = (
            number.is_some_and(|number| file.is_in(number)),
            file.is_in(entry.number),
        );
        let what = match (now, then) {
            (false, true) => "ajouté",
            (true, false) => "retiré",
            (true, true) => "gardé",
            (false, false) => continue,
        };
        lines.push(format!(
            "Fichier {what}\u{a0}: {}, {}, {}",
            file.file.title,
            crate::attachments::words(&file.file),
            crate::attachments::readers(file.file.visibility)
        ));
        links.push(Link::new(
            format!("Télécharger {}", file.file.name),
            format!("/fichiers/{}", file.id),
        ));
    }
    Ok(FormBlock {
        links,
        id: format!("fiche-{}", entry.id),
        title: format!("{}\u{a0}: {}", entry.kind.label(), entry.content.title()),
        lines,
        action: PATH.to_owned(),
        csrf: reader.csrf().to_owned(),
        hidden: vec![
            ("fiche".to_owned(), entry.id.to_string()),
            ("edition".to_owned(), entry.edition.to_string()),
        ],
        fields: vec![
            FormField::new(
                format!("motif-{}", entry.id),
                "Ce qu’il faut préciser",
                "",
                Control::Lines(2),
            )
            .hint("Pour renvoyer à l’auteur\u{202f}; il le reçoit par courriel.")
            .max(2000),
        ],
        submit: "Publier".to_owned(),
        others: vec![("refuser".to_owned(), "Renvoyer à l’auteur".to_owned())],
        ..FormBlock::default()
    })
}

/// What waits.
///
/// # Errors
/// When the account is no moderator, or the database does not answer.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    signed_in.at_least(Role::Moderator)?;
    let mut page = assemble(&app, &signed_in, &signed_in.reader).await?;
    page.notice = match query.as_deref() {
        Some("fait=publication") => Some("C’est publié.".to_owned()),
        Some("fait=renvoi") => Some("C’est renvoyé à son auteur.".to_owned()),
        Some("fait=retrait") => Some("C’est retiré.".to_owned()),
        _ => None,
    };
    fresh(StatusCode::OK, &page)
}

/// What the author is told of a decision.
///
/// # Errors
/// When the database does not answer.
pub async fn letters(
    app: &App,
    entry: &Entry,
    step: EntryStep,
    reason: &str,
) -> Result<Vec<Outgoing>, WebError> {
    let base = &app.settings.base_url;
    let title = entry.content.title().to_owned();
    let author = match entry.author {
        Some(author) => app.store.account(author).await?,
        None => None,
    };
    let for_author = match step {
        EntryStep::Publish => Some(Letter::Published {
            title: title.clone(),
            what: "Publication acceptée",
            href: format!("{base}{}", entry.path()),
        }),
        EntryStep::Refuse => Some(Letter::ChangesRequested {
            title: title.clone(),
            comments: vec![reason.to_owned()],
            href: format!("{base}{}/{}", super::edit::PATH, entry.id),
        }),
        EntryStep::Withdraw => Some(Letter::Withdrawn {
            title: title.clone(),
            what: match entry.kind {
                EntryKind::Governance => "L’initiative",
                EntryKind::Resource => "La ressource",
                EntryKind::Solution => "La solution",
                EntryKind::Supplier => "La page du fournisseur",
                EntryKind::Meeting => "L’annonce du rendez-vous",
                EntryKind::News => "La nouvelle",
            },
            reason: reason.trim_end_matches('.').to_owned(),
            contact: app.site().contact_email.clone().unwrap_or_default(),
        }),
        _ => None,
    };
    let mut mails = Vec::new();
    if let (Some(letter), Some(author)) = (&for_author, &author) {
        mails.push(outgoing(app, &author.email, letter)?);
    }
    if step == EntryStep::Submit {
        let letter = Letter::Waiting {
            title,
            organisation: entry
                .carrier
                .as_ref()
                .map_or_else(|| entry.kind.label().to_owned(), |carrier| carrier.name.clone()),
            href: format!("{base}{PATH}"),
        };
        for moderator in app.store.accounts_of_role(Role::Moderator).await? {
            if Some(moderator.id) != entry.author {
                mails.push(outgoing(app, &moderator.email, &letter)?);
            }
        }
    }
    Ok(mails)
}

/// Asks whether an entry is really to be taken away.
fn confirm(app: &App, entry: &Entry, reader: &Reader) -> FormPage {
    let mut page = crate::routes::account::form_page(
        app,
        "Retirer pour de bon\u{202f}?",
        &format!(
            "{}\u{a0}: «\u{a0}{}\u{a0}».",
            entry.kind.label(),
            entry.content.title()
        ),
        PATH,
    );
    page.blocks.push(FormBlock {
        id: "retrait".to_owned(),
        lines: vec![
            "Toutes ses versions et ses fichiers sont effacés, et les liens avec d’autres fiches disparaissent.".to_owned(),
            "Son adresse répond qu’elle a été retirée.".to_owned(),
            "Son auteur en reçoit un courriel.".to_owned(),
            "On ne peut pas revenir en arrière.".to_owned(),
        ],
        action: PATH.to_owned(),
        csrf: reader.csrf().to_owned(),
        hidden: vec![
            ("fiche".to_owned(), entry.id.to_string()),
            ("edition".to_owned(), entry.edition.to_string()),
            ("action".to_owned(), "retirer".to_owned()),
            ("confirmation".to_owned(), "oui".to_owned()),
        ],
        fields: vec![
            FormField::new(
                format!("motif-{}", entry.id),
                "Raison",
                "",
                Control::Lines(2),
            )
            .hint("L’auteur la lira dans le courriel\u{202f}; elle n’est pas publiée.")
            .max(2000),
        ],
        submit: "Retirer pour de bon".to_owned(),
        links: vec![Link::new("Ne rien retirer", entry.path())],
        ..FormBlock::default()
    });
    page
}

/// Decides about an entry or a link.
///
/// # Errors
/// When the account is no moderator, what was decided on changed meanwhile, or the database does not answer.
pub async fn decide(State(app): State<App>, form: SignedForm) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    signed_in.at_least(Role::Moderator)?;
    let now = (app.settings.now)();
    let actor = form.person.account.id;
    let action = form.fields.get("action");
    if let Ok(id) = form.fields.get("lien").parse::<LinkId>() {
        let by = actor.to_string();
        let decision = Decision {
            actor: &by,
            reason: "",
            now,
        };
        let done = if action == "refuser" {
            app.store.remove_link(id, decision).await?;
            "renvoi"
        } else {
            app.store.publish_link(id, decision).await?;
            "publication"
        };
        crate::refresh::at_once(&app).await;
        return Ok(see_other(&format!("{PATH}?fait={done}")));
    }
    let id: EntryId = form.fields.get("fiche").parse().or(Err(WebError::NotFound))?;
    let entry = app.store.entry(id).await?.ok_or(WebError::NotFound)?;
    if entry.edition.to_string() != form.fields.get("edition") {
        return Err(WebError::Conflict(
            "Quelqu’un a modifié ou traité cet élément entre-temps. Rechargez la page pour voir où il en est."
                .to_owned(),
        ));
    }
    let (step, done) = match action {
        "refuser" => (EntryStep::Refuse, "renvoi"),
        "retirer" => (EntryStep::Withdraw, "retrait"),
        _ => (EntryStep::Publish, "publication"),
    };
    if step == EntryStep::Withdraw && form.fields.get("confirmation") != "oui" {
        return fresh(StatusCode::OK, &confirm(&app, &entry, &form.reader));
    }
    let field = format!("motif-{id}");
    let reason = clean_block(form.fields.get(&field))
        .chars()
        .take(2000)
        .collect::<String>();
    if step == EntryStep::Refuse && reason.is_empty() {
        let mut page = assemble(&app, &signed_in, &form.reader).await?;
        let message = "Écrivez ce que l’auteur doit préciser.".to_owned();
        for wrong in page
            .blocks
            .iter_mut()
            .flat_map(|block| &mut block.fields)
            .filter(|wrong| wrong.name == field)
        {
            wrong.error = Some(message.clone());
        }
        page.errors.push(FormError { field, message });
        return fresh(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let next = rule(&entry.state(), step, &signed_in.actor())
        .map_err(|refusal| WebError::Conflict(refusal.message().to_owned()))?;
    let mails = letters(&app, &entry, step, &reason).await?;
    let files = if step == EntryStep::Withdraw {
        app.store.entry_files(entry.id).await?
    } else {
        Vec::new()
    };
    let kept = if step == EntryStep::Refuse {
        reason.as_str()
    } else {
        ""
    };
    app.store
        .change_entry(&EntryChange {
            seen: &entry,
            next,
            content: None,
            reason: kept,
            mails: &mails,
            actor,
            now,
        })
        .await?;
    if !files.is_empty() {
        let hashes: Vec<String> = files.into_iter().map(|file| file.file.hash).collect();
        app.store.sweep_files(&app.files, &hashes).await?;
    }
    app.mail_waits.notify_one();
    crate::refresh::at_once(&app).await;
    Ok(see_other(&format!("{PATH}?fait={done}")))
}
