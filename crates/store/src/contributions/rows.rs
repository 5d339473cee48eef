//! A contribution as its row holds it.

use sobria_catalogue::draft::DraftInput;
use sobria_catalogue::workflow::{Case, Claim, Heading, Kind, RejectionReason, Verdict};

use crate::error::{Result, StoreError};
use crate::row::Cells;

/// Read back by `Cells::case`, in the same order.
pub(super) const SELECT: &str = "SELECT c.id, c.use_case_id, c.kind, c.author_id, c.organisation_id, c.new_organisation_id, \
    c.base_number, c.status, c.form, c.title, c.theme, c.organisation_name, c.version, c.submissions, c.receipt, \
    c.created_at, c.updated_at, c.first_submitted_at, c.submitted_at, c.claimed_by, c.claimed_at, c.decided_by, \
    c.decided_at, c.decision_reason, c.decision_text, c.statement, c.appealed FROM contribution c";

pub(super) fn form(text: &str) -> Result<DraftInput> {
    DraftInput::from_json(text).map_err(|source| StoreError::damaged("contribution.form", source))
}

impl Cells<'_> {
    pub(crate) fn kind(&mut self) -> Result<Kind> {
        let code = self.text()?;
        Kind::from_code(code)
            .ok_or_else(|| StoreError::damaged("contribution.kind", format!("unknown kind \"{code}\"")))
    }

    pub(crate) fn claim(&mut self) -> Result<Option<Claim>> {
        let moderator = self.id_or_null("contribution.claimed_by")?;
        let at = self.time_or_null()?;
        Ok(moderator.zip(at).map(|(moderator, at)| Claim { moderator, at }))
    }

    fn verdict(&mut self) -> Result<Option<Verdict>> {
        let by = self.id_or_null("contribution.decided_by")?;
        let at = self.time_or_null()?;
        let reason = self
            .text_or_null()?
            .and_then(|code| RejectionReason::from_code(&code));
        let text = self.owned()?;
        Ok(at.map(|at| Verdict { by, at, reason, text }))
    }

    pub(super) fn case(&mut self) -> Result<Case> {
        Ok(Case {
            id: self.id("contribution.id")?,
            use_case: self.id("contribution.use_case_id")?,
            kind: self.kind()?,
            author: self.id_or_null("contribution.author_id")?,
            organisation: self.id_or_null("contribution.organisation_id")?,
            new_organisation: self.id("contribution.new_organisation_id")?,
            base: self.version_or_null()?,
            status: self.status()?,
            values: form(self.text()?)?,
            heading: Heading {
                title: self.owned()?,
                theme: self.text_or_null()?,
                organisation: self.owned()?,
            },
            version: self.version()?,
            submissions: self.version()?,
            receipt: self.text_or_null()?,
            created_at: self.time()?,
            updated_at: self.time()?,
            first_submitted_at: self.time_or_null()?,
            submitted_at: self.time_or_null()?,
            claim: self.claim()?,
            verdict: self.verdict()?,
            statement: self.owned()?,
            appealed: self.number()? != 0,
        })
    }
}
