//! A record with everything that instruments take from it.

use jiff::civil::Date;
use sobria_catalogue::access::{Level, VisibleUseCase, level_for, redact};
use sobria_catalogue::evaluation::Evaluation;
use sobria_catalogue::use_case::WorkflowStatus;
use sobria_govern::{frugality, transparency};
use sobria_store::{AssessmentKind, Found, Subject};

use crate::app::App;
use crate::error::WebError;
use crate::routes::evaluations::of_record;
use crate::session::Reader;

/// A record as its reader sees it.
pub struct Project {
    /// The record, reduced to what the reader may read.
    pub item: VisibleUseCase,
    /// What the reader may read of it.
    pub level: Level,
    evaluations: Vec<Evaluation>,
    reuses: usize,
    organisation: Option<frugality::Assessment>,
    updated_on: Date,
    identifier: String,
    url: String,
    licence: String,
    today: Date,
}

impl Project {
    /// The record of an address.
    pub async fn of(app: &App, slug: &str, reader: &Reader) -> Result<Self, WebError> {
        let record = match app.store.use_case_by_slug(slug).await? {
            Found::UseCase { record, .. } => *record,
            Found::Withdrawn => return Err(WebError::Gone),
            Found::Redirect(_) | Found::None => return Err(WebError::NotFound),
        };
        let level = level_for(&reader.actor(), Some(record.organisation.id));
        Self::from(app, redact(record, level)).await
    }

    /// A record that was read already.
    pub async fn from(app: &App, item: VisibleUseCase) -> Result<Self, WebError> {
        let level = item.level();
        let (id, carrier) = (item.record().id, item.record().organisation.id);
        let organisation = if level >= Level::Organisation {
            app.store
                .assessments_of(AssessmentKind::Frugality, Subject::Organisation(carrier), level)
                .await?
                .first()
                .and_then(|one| serde_json::from_str(&one.form).ok())
        } else {
            None
        };
        let record = item.record();
        let zone = jiff::tz::TimeZone::get("Europe/Paris").unwrap_or(jiff::tz::TimeZone::UTC);
        Ok(Self {
            evaluations: of_record(app, id, level).await?,
            reuses: app.store.adoptions_of(id).await?.len(),
            organisation,
            updated_on: record.updated_at.to_zoned(zone).date(),
            identifier: id.to_string(),
            url: format!("{}/cas-usages/{}", app.settings.base_url, record.slug),
            licence: app.site().licence.clone(),
            today: app.today(),
            level,
            item,
        })
    }

    /// Address part.
    pub fn slug(&self) -> &str {
        &self.item.record().slug
    }

    /// Title.
    pub fn title(&self) -> &str {
        self.item.content().title()
    }

    /// Whether the reader writes for the carrier.
    pub fn may_write(&self) -> bool {
        self.level >= Level::Organisation
    }

    /// What frugality takes from it.
    pub fn frugality(&self) -> frugality::Facts<'_> {
        frugality::Facts {
            content: self.item.content(),
            evaluations: &self.evaluations,
            published: self.item.record().status == WorkflowStatus::Published,
            completeness: self.item.record().completeness,
            updated_on: self.updated_on,
            reuses: self.reuses,
            organisation: self.organisation.as_ref(),
            today: self.today,
        }
    }

    /// What transparency takes from it.
    pub fn transparency(&self) -> transparency::Facts<'_> {
        transparency::Facts {
            content: self.item.content(),
            organisation: &self.item.record().organisation,
            evaluations: &self.evaluations,
            updated_on: self.updated_on,
            version: self.item.record().version,
            identifier: &self.identifier,
            url: &self.url,
            licence: &self.licence,
        }
    }

    /// Code of the automation of decisions.
    pub fn automation(&self) -> Option<&str> {
        self.item
            .content()
            .code(sobria_catalogue::field::Field::AutomationLevel)
    }
}
