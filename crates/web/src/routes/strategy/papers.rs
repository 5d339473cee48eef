//! The documents of a roadmap, for those who look inside.

use axum::extract::{Path, State};
use axum::response::Response;
use sobria_exchange::paper::{Format, write};
use sobria_govern::document::Document;
use sobria_govern::roadmap::committee::{Decision, moves};
use sobria_govern::roadmap::paper::{Meeting, Papers, annual_report, attestation, minutes, work_programme};
use sobria_govern::roadmap::value::Value;

use super::Roadmap;
use super::committee::{decision, seen_at};
use super::facts::{gather, seen};
use crate::app::App;
use crate::error::WebError;
use crate::routes::govern::attachment;
use crate::session::SignedIn;

/// `bilan-2026.odt`, `programme.docx`, `releve-{id}.md`.
///
/// # Errors
/// When there is no such document, or the reader is not of the organisation.
pub async fn document(
    State(app): State<App>,
    Path((slug, file)): Path<(String, String)>,
    signed_in: SignedIn,
) -> Result<Response, WebError> {
    let road = Roadmap::load(&app, &slug, &signed_in.reader).await?;
    road.to_look_inside()?;
    let (name, extension) = file.rsplit_once('.').ok_or(WebError::NotFound)?;
    let format = Format::from_extension(extension).ok_or(WebError::NotFound)?;
    let (made, title) = match name.split_once('-') {
        None if name == "programme" => (
            report(&app, &road, None).await?,
            "programme-de-travail".to_owned(),
        ),
        Some(("bilan", year)) => {
            let year: i16 = year.parse().ok().ok_or(WebError::NotFound)?;
            if !(1990..=2100).contains(&year) {
                return Err(WebError::NotFound);
            }
            (report(&app, &road, Some(year)).await?, format!("bilan-{year}"))
        }
        Some(("attestation", id)) => {
            let session = road
                .session_ids
                .iter()
                .zip(&road.sessions)
                .find_map(|(known, session)| (known == id).then_some(session))
                .ok_or(WebError::NotFound)?;
            let made = attestation(&road.organisation.name, session, app.today());
            (made, "attestation-de-formation".to_owned())
        }
        Some(("releve", id)) => (meeting(&app, &road, id).await?, "releve-de-decisions".to_owned()),
        _ => return Err(WebError::NotFound),
    };
    let bytes = write(&made, format).map_err(|error| WebError::Internal(error.to_string()))?;
    Ok(attachment(
        bytes,
        format.media_type(),
        &format!("{title}.{}", format.extension()),
    ))
}

async fn report(app: &App, road: &Roadmap, year: Option<i16>) -> Result<Document, WebError> {
    let facts = gather(app, road).await?;
    let seen = seen(road, &facts);
    let values: Vec<(String, Vec<Value>)> = road
        .values
        .iter()
        .map(|(goal, values)| (goal.clone(), values.clone()))
        .collect();
    let papers = Papers {
        organisation: &road.organisation.name,
        strategy: &road.strategy,
        version: road.version(),
        values: &values,
        sessions: &road.sessions,
        appointments: &road.appointments,
        seen: &seen,
        today: app.today(),
    };
    let Some(year) = year else {
        return Ok(work_programme(&papers));
    };
    let reviews = app.store.committee_reviews(road.organisation.id).await?;
    let decisions: Vec<Decision> = app
        .store
        .committee_decisions(road.organisation.id)
        .await?
        .iter()
        .filter(|one| {
            reviews
                .iter()
                .any(|review| review.id == one.review && review.held_on.year() == year)
        })
        .map(decision)
        .collect();
    Ok(annual_report(&papers, year, &decisions))
}

async fn meeting(app: &App, road: &Roadmap, id: &str) -> Result<Document, WebError> {
    let reviews = app.store.committee_reviews(road.organisation.id).await?;
    let at = reviews
        .iter()
        .position(|review| review.id == id)
        .ok_or(WebError::NotFound)?;
    let review = reviews.get(at).ok_or(WebError::NotFound)?;
    let now = seen_at(review);
    let moved = reviews
        .get(at + 1)
        .map(|before| moves(&seen_at(before), &now))
        .unwrap_or_default();
    let decisions: Vec<Decision> = app
        .store
        .committee_decisions(road.organisation.id)
        .await?
        .iter()
        .filter(|one| one.review == id)
        .map(decision)
        .collect();
    Ok(minutes(&Meeting {
        organisation: &road.organisation.name,
        strategy: &road.strategy.title,
        number: reviews.len() - at,
        held_on: review.held_on,
        next_due: review.next_due,
        attendees: &review.attendees,
        seen: &now,
        moves: &moved,
        decisions: &decisions,
    }))
}
