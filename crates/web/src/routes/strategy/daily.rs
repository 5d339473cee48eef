//! What comes round: values that the library works out are read off each month, and what is due is recalled once.

use jiff::{SignedDuration, Timestamp};
use sobria_catalogue::id::OrganisationId;
use sobria_govern::roadmap::committee::is_overdue;

use super::Roadmap;
use super::values::read_off;
use crate::app::App;
use crate::error::WebError;
use crate::letters::{Letter, send};
use crate::locale::day;
use crate::session::Reader;

/// Long enough for a task never to come a second time.
const ONCE: SignedDuration = SignedDuration::from_hours(24 * 3650);

/// Looks at every roadmap. Returns how many values were read off, and how many reminders left.
///
/// # Errors
/// When the database does not answer.
pub async fn every_day(app: &App) -> Result<(u64, u64), WebError> {
    let (mut values, mut reminders) = (0, 0);
    let now = (app.settings.now)();
    for id in app.store.organisations_with_roadmap().await? {
        for organisation in app.store.organisations_by_ids(&[id]).await? {
            let road = Roadmap::inside(app, organisation).await?;
            values += read_monthly(app, &road, now).await?;
            reminders += recall(app, &road, id, now).await?;
        }
    }
    Ok((values, reminders))
}

async fn read_monthly(app: &App, road: &Roadmap, now: Timestamp) -> Result<u64, WebError> {
    let values = read_off(app, road, None).await?;
    let Some(period) = values.first().map(|value| value.period.clone()) else {
        return Ok(0);
    };
    let name = format!("roadmap-values:{}:{period}", road.organisation.id);
    if !app.store.take_task(&name, ONCE, now).await? {
        return Ok(0);
    }
    app.store
        .add_indicator_values(road.organisation.id, &values, now)
        .await?;
    Ok(u64::try_from(values.len()).unwrap_or(u64::MAX))
}

/// Writes once to those who contribute for the organisation about each thing that is due.
async fn recall(app: &App, road: &Roadmap, id: OrganisationId, now: Timestamp) -> Result<u64, WebError> {
    let today = app.today();
    let mut due = Vec::new();
    if let Some(last) = app.store.committee_reviews(id).await?.first()
        && is_overdue(last.next_due, today)
    {
        due.push((
            format!("roadmap-review:{}:{}", id, last.next_due),
            format!(
                "La réunion du comité numérique responsable était attendue le {}. La page du comité est prête\u{a0}: six chiffres, les décisions ouvertes, ce qui a changé.",
                day(last.next_due)
            ),
            "comite",
        ));
    }
    for (key, one) in road.appointment_ids.iter().zip(&road.appointments) {
        if let Some(last) = one.ends_on.filter(|_| one.ends_soon(today)) {
            due.push((
                format!("roadmap-appointment:{key}:{last}"),
                format!(
                    "La mission «\u{a0}{}\u{a0}» prend fin le {}. Nommez la suite.",
                    one.role.label(),
                    day(last)
                ),
                "referents",
            ));
        }
    }
    let mut sent = 0;
    for (name, what, part) in due {
        if !app.store.take_task(&name, ONCE, now).await? {
            continue;
        }
        let letter = Letter::RoadmapDue {
            organisation: road.organisation.name.clone(),
            what,
            href: format!("{}{}/{part}", app.settings.base_url, road.path()),
        };
        for account in app.store.contributors_of(id).await? {
            send(app, &account.email, &letter).await?;
            sent += 1;
        }
    }
    Ok(sent)
}

/// The roadmap as the instance itself sees it.
impl Roadmap {
    async fn inside(
        app: &App,
        organisation: sobria_catalogue::organisation::Organisation,
    ) -> Result<Self, WebError> {
        Self::read(app, organisation, &Reader::default(), true).await
    }
}
