//! What is assessed, and what is known of it before anybody answers.

use sobria_catalogue::content::{Content, Value};
use sobria_catalogue::field::Field;
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::rights::Role;
use sobria_govern::frugality::coverage::Coverings;
use sobria_govern::frugality::{self as govern, Assessment, Facts, Proposal};
use sobria_govern::joined::{Known, Steering};
use sobria_store::Subject;

use super::super::project::Project;
use super::steps::Step;
use crate::app::App;
use crate::error::WebError;
use crate::posted::Fields;
use crate::session::Reader;

/// What is assessed.
pub(super) enum Target {
    /// Something that the library does not know.
    Alone(Content),
    /// A record.
    Record(Box<Project>),
    /// An organisation, with what its roadmap says.
    Organisation(Box<Organisation>, Box<Steering>),
}

impl Target {
    pub(super) async fn of(app: &App, fields: &Fields, reader: &Reader) -> Result<Self, WebError> {
        let (slug, organisation) = (fields.get("fiche"), fields.get("organisation"));
        if !slug.is_empty() {
            return Ok(Self::Record(Box::new(Project::of(app, slug, reader).await?)));
        }
        if !organisation.is_empty() {
            let found = app
                .store
                .organisation_by_slug(organisation)
                .await?
                .ok_or(WebError::NotFound)?;
            return Self::organisation(app, found.organisation, reader).await;
        }
        let mut content = Content::default();
        let maturity = fields.get("maturite");
        let maturity = if maturity.is_empty() {
            "experimentation"
        } else {
            maturity
        };
        content.set(Field::Maturity, Value::Code(maturity.to_owned()));
        Ok(Self::Alone(content))
    }

    pub(super) async fn organisation(
        app: &App,
        organisation: Organisation,
        reader: &Reader,
    ) -> Result<Self, WebError> {
        let steering = crate::routes::strategy::steering(app, &organisation, None, reader).await?;
        Ok(Self::Organisation(Box::new(organisation), Box::new(steering)))
    }

    /// What the filter need not ask again.
    pub(super) fn elsewhere(&self) -> Vec<Known> {
        match self {
            Self::Record(project) => project.known_for_frugality(),
            Self::Alone(_) | Self::Organisation(..) => Vec::new(),
        }
    }

    pub(super) fn steps(&self) -> &'static [Step] {
        match self {
            Self::Alone(_) | Self::Record(_) => &Step::PROJECT,
            Self::Organisation(..) => &[Step::Organisation],
        }
    }

    pub(super) fn subject(&self) -> Option<Subject> {
        match self {
            Self::Alone(_) => None,
            Self::Record(project) => Some(Subject::UseCase(project.item.record().id)),
            Self::Organisation(organisation, _) => Some(Subject::Organisation(organisation.id)),
        }
    }

    pub(super) fn may_write(&self, reader: &Reader) -> bool {
        match self {
            Self::Alone(_) => false,
            Self::Record(project) => project.may_write(),
            Self::Organisation(organisation, _) => {
                let actor = reader.actor();
                actor.contributes_for(organisation.id) || actor.is_at_least(Role::Moderator)
            }
        }
    }

    pub(super) fn name(&self) -> String {
        match self {
            Self::Alone(_) => String::new(),
            Self::Record(project) => project.title().to_owned(),
            Self::Organisation(organisation, _) => organisation.name.clone(),
        }
    }

    /// Who answers for it; blank when the library does not know it.
    pub(super) fn carrier(&self) -> String {
        match self {
            Self::Alone(_) => String::new(),
            Self::Record(project) => project.item.record().organisation.name.clone(),
            Self::Organisation(organisation, _) => organisation.name.clone(),
        }
    }

    /// What is proposed for an assessment, and what is covered.
    pub(super) fn known(&self, app: &App, assessment: &Assessment) -> (Vec<Proposal>, Coverings, String) {
        let with = |facts: &Facts<'_>| {
            let maturity = facts
                .content
                .code(Field::Maturity)
                .unwrap_or("experimentation")
                .to_owned();
            (
                govern::proposals(facts, assessment),
                govern::covered(facts, assessment),
                maturity,
            )
        };
        match self {
            Self::Record(project) => with(&project.frugality()),
            Self::Alone(content) => with(&Facts {
                content,
                evaluations: &[],
                published: false,
                completeness: 0,
                updated_on: app.today(),
                reuses: 0,
                organisation: None,
                dossier: None,
                roadmap: None,
                today: app.today(),
            }),
            Self::Organisation(_, steering) => (
                govern::organisation_proposals(steering),
                assessment.coverage.coverings("experimentation"),
                String::new(),
            ),
        }
    }

    pub(super) fn hidden(&self, etape: &str, fields: &Fields) -> Vec<(String, String)> {
        let mut hidden = vec![("etape".to_owned(), etape.to_owned())];
        match self {
            Self::Alone(_) => {}
            Self::Record(project) => hidden.push(("fiche".to_owned(), project.slug().to_owned())),
            Self::Organisation(organisation, _) => {
                hidden.push(("organisation".to_owned(), organisation.slug.clone()))
            }
        }
        let after = fields.get("apres");
        if !after.is_empty() {
            hidden.push(("apres".to_owned(), after.to_owned()));
        }
        hidden
    }
}
