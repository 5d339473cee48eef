//! A record with everything that instruments take from it.

use std::sync::Arc;

use jiff::civil::Date;
use sobria_catalogue::access::{Level, VisibleUseCase, level_for, redact};
use sobria_catalogue::evaluation::Evaluation;
use sobria_catalogue::use_case::WorkflowStatus;
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_govern::joined::{Known, Sources, Steering, for_frugality, for_purchase, for_transparency};
use sobria_govern::procurement::paper::Purchase;
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
    vocabularies: Arc<Vocabularies>,
    today: Date,
    elsewhere: Elsewhere,
}

/// What other instruments say, for those who contribute for the carrier.
#[derive(Default)]
struct Elsewhere {
    assessment: Option<frugality::Assessment>,
    dossier: Option<transparency::Dossier>,
    purchase: Option<Purchase>,
    roadmap: Option<Steering>,
}

impl Elsewhere {
    async fn of(app: &App, item: &VisibleUseCase, reader: &Reader) -> Result<Self, WebError> {
        let record = item.record();
        let (level, subject) = (item.level(), Subject::UseCase(record.id));
        let form = |kind| async move {
            let kept = app.store.assessments_of(kind, subject, level).await?;
            Ok::<_, WebError>(kept.into_iter().next().map(|one| one.form))
        };
        let assessment = form(AssessmentKind::Frugality).await?;
        let dossier = form(AssessmentKind::Transparency).await?;
        let carrier = &record.organisation;
        let purchase = if reader.actor().contributes_for(carrier.id) {
            super::purchase::linked(app, carrier.id)
                .await?
                .into_iter()
                .find(|one| one.record == record.slug)
                .map(|one| one.purchase)
        } else {
            None
        };
        let roadmap = if level >= Level::Organisation {
            let id = record.id.to_string();
            Some(crate::routes::strategy::steering(app, carrier, Some(&id), reader).await?)
        } else {
            None
        };
        Ok(Self {
            assessment: assessment.and_then(|form| serde_json::from_str(&form).ok()),
            dossier: dossier.and_then(|form| serde_json::from_str(&form).ok()),
            purchase,
            roadmap,
        })
    }
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
        let item = redact(record, level);
        let elsewhere = Elsewhere::of(app, &item, reader).await?;
        Ok(Self {
            elsewhere,
            ..Self::from(app, item).await?
        })
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
            vocabularies: app.vocabularies(),
            today: app.today(),
            elsewhere: Elsewhere::default(),
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
            dossier: self.elsewhere.dossier.as_ref().filter(|_| self.may_write()),
            roadmap: self.elsewhere.roadmap.as_ref(),
            today: self.today,
        }
    }

    fn sources(&self) -> Sources<'_> {
        Sources {
            content: self.item.content(),
            evaluations: &self.evaluations,
            frugality: self.elsewhere.assessment.as_ref(),
            dossier: self.elsewhere.dossier.as_ref(),
            purchase: self.elsewhere.purchase.as_ref(),
            roadmap: self.elsewhere.roadmap.as_ref(),
        }
    }

    /// What the filter of frugality need not ask again.
    pub fn known_for_frugality(&self) -> Vec<Known> {
        for_frugality(&self.sources())
    }

    /// What the dossier of transparency need not ask again.
    pub fn known_for_transparency(&self) -> Vec<Known> {
        for_transparency(&self.sources())
    }

    /// What a purchase need not ask again, beyond the record.
    pub fn known_for_purchase(&self) -> Vec<Known> {
        for_purchase(&self.sources())
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
            vocabularies: &self.vocabularies,
        }
    }

    /// Code of the automation of decisions.
    pub fn automation(&self) -> Option<&str> {
        self.item
            .content()
            .code(sobria_catalogue::field::Field::AutomationLevel)
    }
}
