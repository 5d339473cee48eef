//! `/fichiers/{id}`: a file of a record, for those who may read it.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use sobria_catalogue::access::{Level, level_for, redact_files};
use sobria_catalogue::attachment::Attachment;
use sobria_catalogue::entry::life::may_write;
use sobria_catalogue::entry::redact;
use sobria_catalogue::id::{AttachmentId, EntryId};
use sobria_catalogue::rights::{Action, can};

use crate::app::App;
use crate::attachments::serve;
use crate::error::WebError;
use crate::routes::contribute::level;
use crate::session::Reader;

/// The bytes. Others learn nothing, not even that there is a file.
///
/// # Errors
/// When there is no such file, or the reader may not read it.
pub async fn download(
    State(app): State<App>,
    Path(id): Path<String>,
    reader: Reader,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let id: AttachmentId = id.parse().or(Err(WebError::NotFound))?;
    let (attachment, level) = match app.store.attachment(id).await? {
        Some(attachment) => {
            let level = reach(&app, &attachment, &reader).await?;
            (attachment, level)
        }
        None => {
            let (entry, attachment) = app.store.entry_file(id).await?.ok_or(WebError::NotFound)?;
            let level = reach_of_entry(&app, entry, &attachment, &reader).await?;
            (attachment, level)
        }
    };
    let visible = redact_files(vec![attachment], level);
    let visible = visible.first().ok_or(WebError::NotFound)?;
    serve(&app, visible, &headers).await
}

/// What the reader may read of an entry: of what is public when that holds the file, else of the draft that one writes.
async fn reach_of_entry(
    app: &App,
    id: EntryId,
    attachment: &Attachment,
    reader: &Reader,
) -> Result<Level, WebError> {
    if let Some(public) = app.store.entries_by_ids(&[id]).await?.pop()
        && attachment.is_in(public.number)
        && redact(public, reader.level()).is_some()
    {
        return Ok(reader.level());
    }
    let entry = app.store.entry(id).await?.ok_or(WebError::NotFound)?;
    may_write(&entry.state(), &reader.actor()).or(Err(WebError::NotFound))?;
    Ok(reader.level().max(Level::Organisation))
}

/// What the reader may read: of the public record when it holds the file, else of the contribution that brought it.
async fn reach(
    app: &App,
    attachment: &Attachment,
    reader: &Reader,
) -> Result<sobria_catalogue::access::Level, WebError> {
    let actor = reader.actor();
    if let Some(record) = app.store.use_cases_by_ids(&[attachment.use_case]).await?.pop()
        && attachment.is_in(record.version)
    {
        return Ok(level_for(&actor, Some(record.organisation.id)));
    }
    let case = app
        .store
        .contribution(attachment.contribution)
        .await?
        .ok_or(WebError::NotFound)?;
    can(&actor, &Action::ReadContribution(case.owner())).or(Err(WebError::NotFound))?;
    // The author of a draft reads what they brought, whichever organisation it will be for.
    Ok(level(&actor, &case).max(sobria_catalogue::access::Level::Organisation))
}
