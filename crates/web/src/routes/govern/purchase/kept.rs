//! A kept file as its people see it, and how it is written back.

use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use sobria_catalogue::account::{MembershipStatus, Person};
use sobria_catalogue::id::{OrganisationId, UserId};
use sobria_catalogue::organisation::Organisation;
use sobria_govern::procurement::clause::{asks_for_impacts, proposed};
use sobria_govern::procurement::criteria::{Criteria, Frozen};
use sobria_govern::procurement::file::{Progress, Purpose};
use sobria_govern::procurement::paper::Purchase;
use sobria_store::{Purchase as Row, PurchaseStep, PurchaseText, StoreError};

use super::{PATH, read};
use crate::app::App;
use crate::error::WebError;
use crate::posted::Fields;
use crate::routes::account::fresh;
use crate::routes::govern::page as frame_page;
use crate::view::govern::GovernPage;
use crate::view::library::Link;
use crate::view::{Crumb, FormBlock, FormError, FormField, RichText};

/// Where kept files are.
pub const FILES: &str = "/maitriser/achat/dossiers";

/// The organisations that somebody keeps files for.
pub fn organisations(person: &Person) -> Vec<(OrganisationId, String)> {
    person
        .memberships
        .iter()
        .filter(|membership| membership.status == MembershipStatus::Granted)
        .map(|membership| (membership.organisation, membership.name.clone()))
        .collect()
}

/// A kept file.
pub struct Kept {
    /// What the store holds.
    pub row: Row,
    /// Whose it is.
    pub organisation: Organisation,
    /// What was typed.
    pub fields: Fields,
    /// How far it is.
    pub progress: Progress,
}

fn damaged(error: serde_json::Error) -> WebError {
    WebError::Internal(format!("a purchase file cannot be read: {error}"))
}

/// What was typed, as the store keeps it.
pub fn packed(fields: &Fields) -> Result<String, WebError> {
    let pairs: Vec<(&str, &str)> = fields.iter().collect();
    serde_json::to_string(&pairs).map_err(damaged)
}

impl Kept {
    /// The file of an identifier, for those who contribute for its organisation; others do not learn that it exists.
    pub async fn of(app: &App, id: &str, person: &Person) -> Result<Self, WebError> {
        let row = app.store.purchase(id).await?.ok_or(WebError::NotFound)?;
        if !person.actor().contributes_for(row.organisation) {
            return Err(WebError::NotFound);
        }
        Self::from(app, row).await
    }

    /// The file of a row, whoever asks.
    pub async fn from(app: &App, row: Row) -> Result<Self, WebError> {
        let organisation = app
            .store
            .organisations_by_ids(&[row.organisation])
            .await?
            .pop()
            .ok_or(WebError::NotFound)?;
        let pairs: Vec<(String, String)> = serde_json::from_str(&row.form).map_err(damaged)?;
        let progress = serde_json::from_str(&row.progress).map_err(damaged)?;
        Ok(Self {
            fields: Fields::from(pairs),
            progress,
            organisation,
            row,
        })
    }

    /// The address of a part of the file; blank for the first page.
    pub fn path(&self, part: &str) -> String {
        let slash = if part.is_empty() { "" } else { "/" };
        format!("{FILES}/{}{slash}{part}", self.row.id)
    }

    /// What is bought, the criteria as they are typed, and what is wrong or missing.
    pub fn read(&self) -> (Purchase, Criteria, Vec<FormError>) {
        self.read_as(&self.fields)
    }

    /// The same from what is being typed.
    pub fn read_as(&self, fields: &Fields) -> (Purchase, Criteria, Vec<FormError>) {
        let (mut purchase, criteria, wrong) = read(fields);
        purchase.organisation.clone_from(&self.organisation.name);
        if let Some(frozen) = self.progress.frozen() {
            purchase.depth = Some(frozen.criteria().depth);
        }
        (purchase, criteria, wrong)
    }

    /// The criteria in force: those that were frozen, else those that are typed.
    pub fn criteria(&self) -> Criteria {
        self.progress
            .frozen()
            .map_or_else(|| self.read().1, |frozen| frozen.criteria().clone())
    }

    /// Tokens of the answer to a typical request, and whether the buyer said so.
    pub fn tokens(&self) -> (f64, bool) {
        let typed = self.fields.get("jetons").trim().replace(',', ".").parse::<f64>();
        match typed {
            Ok(tokens) if (1.0..=1e6).contains(&tokens) => (tokens, true),
            _ => (400.0, false),
        }
    }

    /// Writes the file over the version that a form names.
    pub async fn save(
        &self,
        app: &App,
        version: u32,
        fields: &Fields,
        progress: &Progress,
        step: PurchaseStep<'_>,
    ) -> Result<Result<u32, StoreError>, WebError> {
        let title = fields.get("titre").trim();
        let text = PurchaseText {
            title: if title.is_empty() { "Achat sans nom" } else { title },
            form: &packed(fields)?,
            progress: &serde_json::to_string(progress).map_err(damaged)?,
            public_at: progress.public().map(|public| public.at),
        };
        match app.store.save_purchase(&self.row.id, version, text, step).await {
            Err(error @ StoreError::Conflict { .. }) => Ok(Err(error)),
            other => Ok(Ok(other?)),
        }
    }

    /// A page of the file.
    pub fn page(&self, app: &App, title: &str, lead: &str, part: &str) -> GovernPage {
        let mut crumbs = vec![Crumb::to("Achat responsable", PATH), Crumb::to("Dossiers", FILES)];
        if !part.is_empty() {
            crumbs.push(Crumb::to(self.row.title.clone(), self.path("")));
        }
        let mut page = frame_page(app, title, lead, &self.path(part), crumbs);
        page.layout.indexed = false;
        page.menu = self.menu();
        page.menu_label = "Étapes du dossier".to_owned();
        page.here = self.path(part);
        page
    }

    /// The pages of the file that there are by now, in the order of the work.
    fn menu(&self) -> Vec<Link> {
        let mut parts = vec![
            ("Vue d’ensemble", ""),
            ("Besoin", "preparer"),
            ("Clauses et barème", "preparer?etape=bareme"),
            ("Fournisseurs", "fournisseurs"),
        ];
        let tender = self.progress.purpose == Purpose::Tender;
        if tender && self.progress.is_readable() {
            parts.push(("Notes", "notes"));
        }
        if self.progress.is_readable() && self.progress.deadline().is_some() {
            parts.push(("Comparaison", "comparaison"));
        }
        if self.progress.award().is_some() {
            parts.push(("Échéancier", "echeancier"));
        }
        parts
            .into_iter()
            .map(|(label, part)| Link::new(label, self.path(part)))
            .collect()
    }

    /// A form of the file, which names the version that was read.
    pub fn block(
        &self,
        csrf: &str,
        id: &str,
        title: &str,
        text: &str,
        part: &str,
        submit: &str,
    ) -> FormBlock {
        FormBlock {
            id: id.to_owned(),
            title: title.to_owned(),
            text: RichText::parse(text),
            action: self.path(part),
            csrf: csrf.to_owned(),
            hidden: vec![("version".to_owned(), self.row.version.to_string())],
            submit: submit.to_owned(),
            ..FormBlock::default()
        }
    }
}

/// For each tender of an organisation whose criteria were frozen, whether its clauses ask for figures of impact.
///
/// # Errors
/// When the database does not answer or is damaged.
pub async fn impact_clauses(app: &App, organisation: OrganisationId) -> Result<Vec<bool>, WebError> {
    let mut found = Vec::new();
    for row in app.store.purchases_of(&[organisation]).await? {
        let kept = Kept::from(app, row).await?;
        if kept.progress.frozen().is_none() {
            continue;
        }
        let (purchase, _, _) = kept.read();
        found.push(if purchase.clauses.is_empty() {
            asks_for_impacts(proposed(purchase.depth()).map(|clause| clause.id))
        } else {
            asks_for_impacts(purchase.clauses.iter().map(String::as_str))
        });
    }
    Ok(found)
}

/// The version that a form names.
pub fn version(fields: &Fields) -> u32 {
    fields.get("version").parse().unwrap_or(0)
}

/// What somebody does to a file.
pub fn step<'a>(app: &App, by: UserId, action: &'a str, words: &'a str, detail: &'a str) -> PurchaseStep<'a> {
    PurchaseStep {
        by: Some(by),
        action,
        words,
        detail,
        now: (app.settings.now)(),
    }
}

/// What is kept when somebody else changed the file meanwhile.
pub fn conflict() -> WebError {
    WebError::Conflict(
        "Quelqu’un de votre organisation a modifié ce dossier entre-temps. Revenez au dossier pour voir son état, puis recommencez."
            .to_owned(),
    )
}

/// The error of a single problem of a page.
pub fn told(field: &str, message: impl Into<String>) -> FormError {
    FormError {
        field: field.to_owned(),
        message: message.into(),
    }
}

/// Puts what is wrong beside the fields that it is about.
pub fn mark(list: &mut [FormField], wrong: &[FormError]) {
    super::set_errors(list, wrong);
}

/// The answer made of a page of forms: what is wrong stands above, and beside the fields that it is about.
pub fn shown(mut page: GovernPage, wrong: Vec<FormError>) -> Result<Response, WebError> {
    for block in page.now.iter_mut().chain(&mut page.blocks) {
        mark(&mut block.fields, &wrong);
    }
    let status = if wrong.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    page.errors = wrong;
    fresh(status, &page)
}

fn paris() -> TimeZone {
    TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC)
}

/// A moment typed as `2026-12-15T12:00` or `15/12/2026 12:00`, by the clock of mainland France.
pub fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let at = text
        .parse::<DateTime>()
        .ok()
        .or_else(|| DateTime::strptime("%d/%m/%Y %H:%M", text).ok())
        .or_else(|| {
            let day = jiff::civil::Date::strptime("%d/%m/%Y", text).ok()?;
            Some(day.at(23, 59, 0, 0))
        })?;
    Some(at.to_zoned(paris()).ok()?.timestamp())
}

/// A moment as a field of a form takes it.
pub fn written(at: Timestamp) -> String {
    at.to_zoned(paris()).strftime("%Y-%m-%dT%H:%M").to_string()
}

/// Frozen criteria in one line.
pub fn frozen_words(frozen: &Frozen) -> String {
    let mut line = format!(
        "Barème n°\u{a0}{}, figé le {}, empreinte {}",
        frozen.number(),
        crate::locale::moment(frozen.at()),
        frozen.digest()
    );
    if !frozen.reason().is_empty() {
        line.push_str(&format!(
            ". Remplace le précédent parce que\u{a0}: {}",
            frozen.reason()
        ));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_by_the_clock_of_france_and_written_back() {
        let winter = moment("2026-12-15T12:00").unwrap();
        assert_eq!(winter.to_string(), "2026-12-15T11:00:00Z");
        assert_eq!(written(winter), "2026-12-15T12:00");
        assert_eq!(moment("15/12/2026 12:00"), Some(winter));
        assert_eq!(moment("15/07/2026").unwrap().to_string(), "2026-07-15T21:59:00Z");
        for wrong in ["", "demain", "2026-13-01T10:00", "31/02/2026"] {
            assert_eq!(moment(wrong), None, "{wrong}");
        }
    }
}
