//! What a decision about a contribution stands on: the public record, its organisation, the moderators, the trust.

use jiff::Timestamp;
use jiff::civil::Date;
use sobria_catalogue::draft::{DraftInput, Surroundings};
use sobria_catalogue::id::{OrganisationId, UseCaseId};
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::rights::Role;
use sobria_catalogue::use_case::UseCase;
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_catalogue::workflow::{Context, Trust};

use crate::error::Result;
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::Store;

/// What a decision about a contribution needs to know of the rest of the library.
#[derive(Debug, Clone, PartialEq)]
pub struct Background {
    /// The record as the public reads it, when it does.
    pub public: Option<UseCase>,
    /// The organisation that the form names.
    pub organisation: Option<Organisation>,
    /// How many accounts may moderate.
    pub moderators: u32,
    /// What the carrier may publish without waiting.
    pub trust: Trust,
    /// Whether the open contribution about the record brings a file or takes one off.
    pub files_changed: bool,
}

impl Background {
    /// What `workflow::open` and `workflow::apply` take. `new_organisation` counts for a new contribution only.
    pub fn context<'a>(
        &'a self,
        now: Timestamp,
        today: Date,
        vocabularies: &'a Vocabularies,
        new_organisation: OrganisationId,
    ) -> Context<'a> {
        Context {
            now,
            around: Surroundings {
                vocabularies,
                today,
                organisation: self.organisation.as_ref(),
                new_organisation,
            },
            public: self.public.as_ref(),
            moderators: self.moderators,
            trust: self.trust,
            files_changed: self.files_changed,
        }
    }
}

impl Store {
    /// What a decision about a record needs to know, given the form about to be kept or handed in.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn background(&self, use_case: UseCaseId, values: &DraftInput) -> Result<Background> {
        let public = self.use_cases_by_ids(&[use_case]).await?.pop();
        let named = values.organisation();
        let organisation = match (named, &public) {
            (Some(named), Some(public)) if public.organisation.id == named => {
                Some(public.organisation.clone())
            }
            (Some(named), _) => self.organisations_by_ids(&[named]).await?.pop(),
            (None, _) => None,
        };
        let carrier = public
            .as_ref()
            .map(|public| public.organisation.id)
            .or_else(|| organisation.as_ref().map(|organisation| organisation.id));
        Ok(Background {
            moderators: self.moderators().await?,
            files_changed: self.files_changed(use_case).await?,
            trust: match carrier {
                Some(carrier) => self.trust_of(carrier).await?,
                None => Trust::None,
            },
            public,
            organisation,
        })
    }

    async fn moderators(&self) -> Result<u32> {
        let row = Sql::new("SELECT COUNT(*) FROM account WHERE status = 'active' AND role IN ($1, $2)")
            .value(Role::Moderator.code())
            .value(Role::Admin.code())
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        row.map_or(Ok(0), |row| {
            Ok(u32::try_from(Cells::new(&row).number()?).unwrap_or(u32::MAX))
        })
    }
}
