//! `/organisations/{slug}/feuille-de-route`: the roadmap of an organisation. Those who contribute for it write it;
//! everybody reads what a moderator made public, and never more than that.

mod committee;
mod curve;
mod daily;
mod edit;
mod facts;
mod open_data;
mod papers;
mod paste;
mod people;
mod show;
mod values;

pub use self::daily::every_day;
pub use self::open_data::file;
pub use self::papers::document;
pub use self::show::page;

use std::collections::BTreeMap;

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::access::Level;
use sobria_catalogue::id::UserId;
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::rights::Role;
use sobria_govern::joined::Steering;
use sobria_govern::procurement::Problem;
use sobria_govern::roadmap::appointment::{self, Appointment};
use sobria_govern::roadmap::committee::is_overdue;
use sobria_govern::roadmap::follow::follow;
use sobria_govern::roadmap::strategy::{self, Strategy};
use sobria_govern::roadmap::target::Status;
use sobria_govern::roadmap::training::{Session, Subject as Taught, Trained};
use sobria_govern::roadmap::value::{Quality, Value};
use sobria_store::{Assessment as Stored, AssessmentKind, Decision, NewAssessment, StoreError, Subject};
use uuid::Uuid;

use crate::app::App;
use crate::error::WebError;
use crate::params::pairs;
use crate::posted::{Fields, SignedForm};
use crate::routes::account::{fresh, see_other};
use crate::routes::frame::frame;
use crate::session::{Reader, SignedIn};
use crate::view::library::Link;
use crate::view::roadmap::RoadmapPage;
use crate::view::{Control, Crumb, FormBlock, FormError, FormField, FormOption, Place};

const KIND: AssessmentKind = AssessmentKind::Roadmap;

/// The roadmap of an organisation as its reader sees it.
pub struct Roadmap {
    organisation: Organisation,
    /// Whether the reader writes it.
    writes: bool,
    /// Whether the reader publishes it.
    moderates: bool,
    /// Versions that the reader may read, newest first.
    kept: Vec<Stored>,
    strategy: Strategy,
    values: BTreeMap<String, Vec<Value>>,
    rows: Vec<sobria_store::IndicatorValue>,
    sessions: Vec<Session>,
    session_ids: Vec<String>,
    appointments: Vec<Appointment>,
    appointment_ids: Vec<String>,
}

/// A strategy that was kept; none when it cannot be read any more.
pub fn parse(stored: &Stored) -> Option<Strategy> {
    serde_json::from_str(&stored.form)
        .inspect_err(|error| tracing::error!(id = stored.id, %error, "a strategy cannot be read"))
        .ok()
}

impl Roadmap {
    /// The roadmap of an address, as far as a reader may read it.
    async fn load(app: &App, slug: &str, reader: &Reader) -> Result<Self, WebError> {
        let carrier = app
            .store
            .organisation_by_slug(slug)
            .await?
            .ok_or(WebError::NotFound)?;
        Self::of(app, carrier.organisation, reader).await
    }

    async fn of(app: &App, organisation: Organisation, reader: &Reader) -> Result<Self, WebError> {
        Self::read(app, organisation, reader, false).await
    }

    /// `whole` is for the instance itself, which no reader stands behind.
    async fn read(
        app: &App,
        organisation: Organisation,
        reader: &Reader,
        whole: bool,
    ) -> Result<Self, WebError> {
        let actor = reader.actor();
        let writes = actor.contributes_for(organisation.id);
        let moderates = actor.is_at_least(Role::Moderator);
        let level = if writes || moderates || whole {
            Level::Organisation
        } else {
            Level::Public
        };
        let kept = app
            .store
            .assessments_of(KIND, Subject::Organisation(organisation.id), level)
            .await?;
        let strategy = kept.first().and_then(parse).unwrap_or_default();
        let rows = app.store.indicator_values(organisation.id).await?;
        let mut values: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for row in &rows {
            let Ok(period) = row.period.parse() else {
                continue;
            };
            values.entry(row.goal.clone()).or_default().push(Value {
                period,
                value: row.value,
                low: row.low,
                high: row.high,
                quality: Quality::named(&row.quality).unwrap_or_default(),
                baseline: row.baseline,
                evidence: row.evidence.clone(),
            });
        }
        let trainings = app.store.trainings(organisation.id).await?;
        let session_ids = trainings.iter().map(|one| one.id.clone()).collect();
        let sessions = trainings
            .into_iter()
            .map(|one| Session {
                title: one.title,
                subject: Taught::from_code(&one.subject).unwrap_or_default(),
                held_on: one.held_on,
                hours: one.hours,
                provider: one.provider,
                attendees: one.attendees,
                elected: one.elected,
                already: one.already,
            })
            .collect();
        let named = app.store.appointments(organisation.id).await?;
        let appointment_ids = named.iter().map(|one| one.id.clone()).collect();
        let appointments = named
            .into_iter()
            .map(|one| Appointment {
                role: appointment::Role::from_code(&one.role).unwrap_or_default(),
                person_name: one.person_name,
                generic_email: one.generic_email,
                fte: one.fte,
                starts_on: one.starts_on,
                ends_on: one.ends_on,
                deputy: one.deputy,
                public: one.is_public,
            })
            .collect();
        Ok(Self {
            organisation,
            writes,
            moderates,
            kept,
            strategy,
            values,
            rows,
            sessions,
            session_ids,
            appointments,
            appointment_ids,
        })
    }

    fn path(&self) -> String {
        format!("/organisations/{}/feuille-de-route", self.organisation.slug)
    }

    fn newest(&self) -> Option<&Stored> {
        self.kept.first()
    }

    fn version(&self) -> u32 {
        self.newest().map_or(0, |stored| stored.number)
    }

    fn values_of(&self, goal: &str) -> &[Value] {
        self.values.get(goal).map_or(&[], Vec::as_slice)
    }

    /// Refuses those who do not write it.
    fn to_write(&self) -> Result<(), WebError> {
        if self.writes {
            Ok(())
        } else {
            Err(WebError::Forbidden(
                "Seules les personnes qui contribuent pour cette organisation écrivent sa feuille de route."
                    .to_owned(),
            ))
        }
    }

    /// Refuses those who may not see more than everybody.
    fn to_look_inside(&self) -> Result<(), WebError> {
        if self.writes || self.moderates {
            Ok(())
        } else {
            Err(WebError::Forbidden(
                "Cette page est pour les personnes qui contribuent pour cette organisation.".to_owned(),
            ))
        }
    }

    /// A page of it, `part` being the end of its address.
    fn page(&self, app: &App, title: &str, lead: &str, part: &str) -> RoadmapPage {
        let root = self.path();
        let here = if part.is_empty() {
            root.clone()
        } else {
            format!("{root}/{part}")
        };
        let mut crumbs = vec![
            Crumb::to("Organisations", "/organisations"),
            Crumb::to(
                self.organisation.name.clone(),
                format!("/organisations/{}", self.organisation.slug),
            ),
        ];
        if !part.is_empty() {
            crumbs.push(Crumb::to("Feuille de route", root.clone()));
        }
        crumbs.push(Crumb::here(title.to_owned()));
        let mut layout = frame(app, Place::Organisations, title, &here).under(crumbs);
        let inside = self.writes || self.moderates;
        layout.private = inside;
        layout.indexed &= !inside;
        let mut page = RoadmapPage::new(layout, title, lead);
        if inside {
            page.tabs = [
                ("Stratégie", ""),
                ("Valeurs", "/valeurs"),
                ("Comité", "/comite"),
                ("Formations", "/formations"),
                ("Référents", "/referents"),
            ]
            .map(|(label, end)| Link::new(label, format!("{root}{end}")))
            .to_vec();
        }
        page.here = here;
        page
    }

    /// Keeps a version of the strategy.
    async fn save(
        &self,
        app: &App,
        strategy: &Strategy,
        after: &str,
        author: UserId,
    ) -> Result<(), WebError> {
        let form = serde_json::to_string(strategy).map_err(|error| WebError::Internal(error.to_string()))?;
        let new = NewAssessment {
            id: Uuid::now_v7().to_string(),
            kind: KIND,
            subject: Subject::Organisation(self.organisation.id),
            after: after.parse().unwrap_or(0),
            rubric: strategy::VERSION,
            form: &form,
            summary: "{}",
            badge: strategy.public.into(),
            author: Some(author),
            now: (app.settings.now)(),
        };
        match app.store.add_assessment(&new).await {
            Ok(_) => {
                crate::refresh::at_once(app).await;
                Ok(())
            }
            Err(StoreError::Conflict { .. }) => Err(WebError::Conflict(
                "Quelqu’un a enregistré une autre version de cette feuille de route entre-temps. Revenez en arrière pour retrouver votre texte, rechargez la page dans un autre onglet, puis reprenez-le.".to_owned(),
            )),
            Err(error) => Err(error.into()),
        }
    }
}

/// The title of the roadmap of an organisation and how far each of its objectives is, as far as the reader may read;
/// none when there is no strategy to read.
///
/// # Errors
/// When the database does not answer.
pub async fn progress(
    app: &App,
    organisation: &Organisation,
    reader: &Reader,
) -> Result<Option<(String, Vec<Status>)>, WebError> {
    let road = Roadmap::of(app, organisation.clone(), reader).await?;
    if road.kept.is_empty() {
        return Ok(None);
    }
    let goals = road
        .strategy
        .goals
        .iter()
        .map(|goal| follow(goal, road.values_of(&goal.id), app.today()).status)
        .collect();
    Ok(Some((road.strategy.title.clone(), goals)))
}

/// The measures of an organisation that a purchase carries, each where it is written; none without a strategy.
///
/// # Errors
/// When the database does not answer.
pub async fn carried_by(
    app: &App,
    organisation: &Organisation,
    purchase: &str,
) -> Result<Option<Vec<Link>>, WebError> {
    let subject = Subject::Organisation(organisation.id);
    let kept = app
        .store
        .assessments_of(KIND, subject, Level::Organisation)
        .await?;
    let root = format!("/organisations/{}/feuille-de-route", organisation.slug);
    Ok(kept.first().and_then(parse).map(|strategy| {
        strategy
            .measures_carried_by(purchase)
            .map(|measure| {
                Link::new(
                    format!("{} ({})", measure.label, measure.stage.label().to_lowercase()),
                    format!("{root}/mesure?id={}", measure.id),
                )
            })
            .collect()
    }))
}

/// What the roadmap of an organisation says to the other instruments, of one record or of all.
///
/// # Errors
/// When the database does not answer.
pub async fn steering(
    app: &App,
    organisation: &Organisation,
    record: Option<&str>,
    reader: &Reader,
) -> Result<Steering, WebError> {
    let road = Roadmap::of(app, organisation.clone(), reader).await?;
    let today = app.today();
    let reviews = app.store.committee_reviews(organisation.id).await?;
    let decisions = app.store.committee_decisions(organisation.id).await?;
    let lately = |day: jiff::civil::Date| {
        day <= today
            && day
                .checked_add(jiff::ToSpan::months(12))
                .is_ok_and(|last| today <= last)
    };
    let strategy = &road.strategy;
    let lead = |one: &&Appointment| one.role == appointment::Role::FrugalAiLead && one.holds(today);
    Ok(Steering {
        strategy: !road.kept.is_empty(),
        measures: match record {
            Some(id) => strategy.measures_about(id).count(),
            None => strategy
                .measures
                .iter()
                .filter(|measure| !measure.projects.is_empty())
                .count(),
        },
        reviews: reviews.iter().filter(|review| lately(review.held_on)).count(),
        overdue: reviews
            .iter()
            .max_by_key(|review| review.held_on)
            .is_some_and(|last| is_overdue(last.next_due, today)),
        decisions: decisions.len(),
        effects: decisions
            .iter()
            .filter(|one| !one.effect.trim().is_empty())
            .count(),
        trained: Trained::of(&road.sessions, strategy.staff, strategy.elected, today),
        lead: road.appointments.iter().any(|one| lead(&one)),
        lead_reached: road
            .appointments
            .iter()
            .any(|one| lead(&one) && !one.generic_email.is_empty()),
    })
}

/// A part of the roadmap.
///
/// # Errors
/// When there is no such part, or it is not for the reader.
pub async fn part(
    State(app): State<App>,
    Path((slug, part)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    signed_in: SignedIn,
) -> Result<Response, WebError> {
    let road = Roadmap::load(&app, &slug, &signed_in.reader).await?;
    let asked = Fields::from(pairs(query.as_deref().unwrap_or("")));
    let csrf = signed_in.reader.csrf();
    road.to_look_inside()?;
    match part.as_str() {
        "comite" => return committee::show(&app, &road, csrf, &asked, &[], StatusCode::OK).await,
        "valeurs" => return values::show(&app, &road, csrf, &asked, &[], None, StatusCode::OK).await,
        "formations" => return people::trainings(&app, &road, csrf, &asked, &[], None, StatusCode::OK),
        "referents" => return people::appointments(&app, &road, csrf, &asked, &[], StatusCode::OK),
        _ => {}
    }
    road.to_write()?;
    match part.as_str() {
        "strategie" => edit::strategy(&app, &road, csrf, None, &[], StatusCode::OK),
        "objectif" => edit::goal(&app, &road, csrf, &asked, None, &[], StatusCode::OK),
        "mesure" => edit::measure(&app, &road, csrf, &asked, None, &[], StatusCode::OK).await,
        _ => Err(WebError::NotFound),
    }
}

/// Takes what was sent to a part of the roadmap.
///
/// # Errors
/// When there is no such part, or the person may not write it.
pub async fn post(
    State(app): State<App>,
    Path((slug, part)): Path<(String, String)>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let road = Roadmap::load(&app, &slug, &form.reader).await?;
    if part == "publication" {
        return publish(&app, &road, &form).await;
    }
    road.to_write()?;
    match part.as_str() {
        "strategie" => edit::post_strategy(&app, &road, &form).await,
        "objectif" => edit::post_goal(&app, &road, &form).await,
        "mesure" => edit::post_measure(&app, &road, &form).await,
        "valeurs" => values::post(&app, &road, &form).await,
        "comite" => committee::post(&app, &road, &form).await,
        "formations" => people::post_training(&app, &road, &form).await,
        "referents" => people::post_appointment(&app, &road, &form).await,
        _ => Err(WebError::NotFound),
    }
}

/// Makes the newest version public, or takes it away.
async fn publish(app: &App, road: &Roadmap, form: &SignedForm) -> Result<Response, WebError> {
    if !road.moderates {
        return Err(WebError::Forbidden(
            "Une feuille de route est rendue publique par la modération.".to_owned(),
        ));
    }
    let newest = road.newest().ok_or(WebError::NotFound)?;
    if newest.id != form.fields.get("version") {
        return Err(WebError::Conflict(
            "Une autre version a été enregistrée entre-temps. Rechargez la page pour la lire.".to_owned(),
        ));
    }
    let by = form.person.account.id.to_string();
    let decision = Decision {
        actor: &by,
        reason: "",
        now: (app.settings.now)(),
    };
    if form.fields.get("action") == "retirer" {
        app.store.delete_assessment(&newest.id, decision).await?;
    } else if road.strategy.public {
        app.store.publish_assessment(&newest.id, decision).await?;
    } else {
        return Err(WebError::Invalid(
            "L’organisation n’a pas demandé que cette version soit publique.".to_owned(),
        ));
    }
    crate::refresh::at_once(app).await;
    Ok(see_other(&road.path()))
}

/// The error of a field.
fn error_of(problems: &[Problem], name: &str) -> Option<String> {
    problems
        .iter()
        .find(|problem| problem.field == name)
        .map(|problem| problem.message.clone())
}

/// Builds the fields of a form from what was typed and what is wrong in it.
struct Filled<'a> {
    fields: &'a Fields,
    problems: &'a [Problem],
}

impl Filled<'_> {
    fn field(&self, name: &str, label: &str, control: Control) -> FormField {
        FormField::new(name, label, self.fields.get(name), control).error(error_of(self.problems, name))
    }

    fn line(&self, name: &str, label: &str) -> FormField {
        self.field(name, label, Control::Line("text")).max(200)
    }

    fn lines(&self, name: &str, label: &str) -> FormField {
        self.field(name, label, Control::Lines(3)).max(2_000)
    }

    fn select(
        &self,
        name: &str,
        label: &str,
        options: impl IntoIterator<Item = (String, String)>,
    ) -> FormField {
        let chosen = self.fields.get(name);
        let options = options
            .into_iter()
            .map(|(value, label)| {
                let picked = value == chosen;
                FormOption::new(value, label, picked)
            })
            .collect();
        self.field(name, label, Control::Select(options))
    }

    fn check(&self, name: &str, label: &str) -> FormField {
        self.field(name, label, Control::Check(self.fields.get(name) == "oui"))
    }
}

/// Shows a page of forms.
fn show_forms(
    mut page: RoadmapPage,
    blocks: Vec<FormBlock>,
    problems: &[Problem],
    status: StatusCode,
) -> Result<Response, WebError> {
    page.errors = problems
        .iter()
        .map(|problem| FormError {
            field: problem.field.clone(),
            message: problem.message.clone(),
        })
        .collect();
    page.blocks = blocks;
    fresh(status, &page)
}

/// Code and words of each choice.
fn choices<T: Copy>(
    all: &[T],
    code: fn(T) -> &'static str,
    label: fn(T) -> &'static str,
) -> Vec<(String, String)> {
    all.iter()
        .map(|one| (code(*one).to_owned(), label(*one).to_owned()))
        .collect()
}
