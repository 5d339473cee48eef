//! Versions that were kept: their pages, what changed from one to the next, who reads proofs and publishes.

use std::collections::BTreeMap;

use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use serde_json::json;
use sobria_catalogue::access::Level;
use sobria_catalogue::rights::Role;
use sobria_govern::frugality::coverage::Coverings;
use sobria_govern::frugality::{
    self as govern, Assessment, Outcome, PracticeId, RUBRIC_VERSION, Snapshot, Standing,
};
use sobria_store::{Assessment as Stored, NewAssessment, StoreError};
use uuid::Uuid;

use super::super::moderated::{self, Choice};
use super::super::project::Project;
use super::super::{CSV, attachment, page as frame_page, percent, score_words};
use super::result::{self, Shown};
use super::{KIND, PATH, Target, badge_of, fill, parse, table_bytes};
use crate::app::App;
use crate::error::WebError;
use crate::params::pairs;
use crate::posted::{Fields, SignedForm};
use crate::routes::account::{fresh, see_other};
use crate::routes::cards::day_words;
use crate::session::Reader;
use crate::view::library::Link;
use crate::view::{Control, Crumb, FormBlock, FormField, FormOption, ProseSection, ProseTable, RichText};

/// A version that the reader may read, worked out again, with the others.
struct Kept {
    target: Target,
    writes: bool,
    /// Newest first.
    all: Vec<Stored>,
    /// Which of them is shown.
    at: usize,
    assessment: Assessment,
    snapshot: Snapshot,
}

/// The version that an address asks for; none for the newest.
fn asked(query: Option<&str>) -> Option<u32> {
    Fields::from(pairs(query.unwrap_or("")))
        .get("version")
        .parse()
        .ok()
}

impl Kept {
    async fn of_record(
        app: &App,
        slug: &str,
        reader: &Reader,
        version: Option<u32>,
    ) -> Result<Self, WebError> {
        let project = Project::of(app, slug, reader).await?;
        Self::of(app, Target::Record(Box::new(project)), reader, version).await
    }

    async fn of_organisation(
        app: &App,
        slug: &str,
        reader: &Reader,
        version: Option<u32>,
    ) -> Result<Self, WebError> {
        let found = app
            .store
            .organisation_by_slug(slug)
            .await?
            .ok_or(WebError::NotFound)?;
        let target = Target::organisation(app, found.organisation, reader).await?;
        if !target.may_write(reader) {
            return Err(WebError::NotFound);
        }
        Self::of(app, target, reader, version).await
    }

    async fn of(app: &App, target: Target, reader: &Reader, version: Option<u32>) -> Result<Self, WebError> {
        let subject = target.subject().ok_or(WebError::NotFound)?;
        let level = match &target {
            Target::Record(project) => project.level,
            _ => Level::Organisation,
        };
        let all = app.store.assessments_of(KIND, subject, level).await?;
        let at = match version {
            Some(number) => all.iter().position(|stored| stored.number == number),
            None => (!all.is_empty()).then_some(0),
        };
        let at = at.ok_or(WebError::NotFound)?;
        let (assessment, snapshot) = all
            .get(at)
            .and_then(parse)
            .ok_or_else(|| WebError::Internal("a stored assessment cannot be read".to_owned()))?;
        Ok(Self {
            writes: target.may_write(reader),
            target,
            all,
            at,
            assessment,
            snapshot,
        })
    }

    fn path(&self) -> String {
        match &self.target {
            Target::Record(project) => format!("/cas-usages/{}/frugalite", project.slug()),
            Target::Organisation(organisation, _) => {
                format!("/organisations/{}/frugalite", organisation.slug)
            }
            Target::Alone(_) => PATH.to_owned(),
        }
    }

    /// The query string that begins the assessment again.
    fn form(&self) -> String {
        match &self.target {
            Target::Record(project) => format!("{PATH}?fiche={}", project.slug()),
            Target::Organisation(organisation, _) => format!("{PATH}?organisation={}", organisation.slug),
            Target::Alone(_) => PATH.to_owned(),
        }
    }

    fn is_newest(&self) -> bool {
        self.at == 0
    }

    fn stored(&self) -> Option<&Stored> {
        self.all.get(self.at)
    }

    fn outcome(&self, app: &App) -> Outcome {
        let mut outcome = self.assessment.outcome_of(&self.standings());
        if self.writes && self.is_newest() {
            let (proposals, ..) = self.target.known(app, &self.assessment);
            outcome.outdated = self.assessment.outdated(&proposals);
            outcome.outdated_texts = self
                .assessment
                .outdated_texts(&self.target.elsewhere())
                .into_iter()
                .map(str::to_owned)
                .collect();
        }
        outcome
    }

    fn coverings(&self) -> Coverings {
        self.snapshot.coverage.coverings(&self.snapshot.maturity)
    }

    /// The standings of the practices that its subject answers.
    fn standings(&self) -> Vec<(PracticeId, Standing)> {
        let mut pairs = self.snapshot.pairs();
        if matches!(self.target, Target::Organisation(..)) {
            pairs.retain(|(id, _)| {
                govern::Practice::of(*id)
                    .is_some_and(|practice| practice.scope == govern::Scope::Organisation)
            });
        }
        pairs
    }
}

/// The assessment of a record.
///
/// # Errors
/// When there is none that the reader may read, or the database does not answer.
pub async fn page(
    State(app): State<App>,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
    reader: Reader,
) -> Result<Response, WebError> {
    let kept = Kept::of_record(&app, &slug, &reader, asked(query.as_deref())).await?;
    show(&app, &kept, &reader)
}

/// What an organisation answers once for its projects, for those who contribute for it.
///
/// # Errors
/// When there is none that the reader may read, or the database does not answer.
pub async fn organisation_page(
    State(app): State<App>,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
    reader: Reader,
) -> Result<Response, WebError> {
    let kept = Kept::of_organisation(&app, &slug, &reader, asked(query.as_deref())).await?;
    show(&app, &kept, &reader)
}

fn show(app: &App, kept: &Kept, reader: &Reader) -> Result<Response, WebError> {
    let outcome = kept.outcome(app);
    let coverings = kept.coverings();
    let path = kept.path();
    let name = kept.target.name();
    let (title, above, root) = match &kept.target {
        Target::Organisation(organisation, _) => (
            "Frugalité de l’organisation",
            name.clone(),
            format!("/organisations/{}", organisation.slug),
        ),
        _ => (
            "Frugalité du projet",
            name.clone(),
            path.trim_end_matches("/frugalite").to_owned(),
        ),
    };
    let mut page = frame_page(app, title, &name, &path, vec![Crumb::to(above, root)]);
    let standings = kept.standings();
    let shown = Shown {
        assessment: &kept.assessment,
        standings: &standings,
        outcome: &outcome,
        proposals: &[],
        coverings: &coverings,
    };
    let version = kept.stored().map_or(0, |stored| stored.number);
    if matches!(kept.target, Target::Organisation(..)) {
        page.notice = result::notice(&outcome);
        page.sections = vec![result::practices(&shown)];
        page.layout.indexed = false;
    } else {
        fill(&mut page, &shown);
        let of = if kept.is_newest() {
            String::new()
        } else {
            format!("?version={version}")
        };
        page.downloads = vec![
            Link::new("Réponses et scores en JSON", format!("{path}.json{of}")),
            Link::new("Réponses en CSV", format!("{path}.csv{of}")),
            Link::new("Fiche en ODT", format!("{path}.odt{of}")),
            Link::new("Fiche en DOCX", format!("{path}.docx{of}")),
        ];
    }
    if kept.writes {
        page.downloads
            .push(Link::new("Mettre à jour l’évaluation", kept.form()));
    }
    page.layout.private = match &kept.target {
        Target::Record(project) => project.level > Level::Public,
        _ => true,
    };
    if !kept.is_newest() {
        page.layout.indexed = false;
        let newest = kept.all.first().map_or(0, |stored| stored.number);
        page.notice = Some(RichText::parse(&format!(
            "Vous lisez la version {version}, remplacée depuis\u{a0}: la plus récente est la [version {newest}]({path})."
        )));
    }
    page.sections.push(history(kept));
    if let Some(stored) = kept.stored() {
        page.foot = format!(
            "Version {} du {}, barème version {}, déclarée par {}.",
            stored.number,
            day_words(stored.made_at),
            stored.rubric,
            kept.target.carrier()
        );
        if kept.is_newest() {
            page.blocks = decisions(kept, stored, reader);
        }
    }
    fresh(StatusCode::OK, &page)
}

/// The practices whose level, as proven, went up or down from one version to the next, in words.
fn changes(before: &[(PracticeId, Standing)], now: &[(PracticeId, Standing)]) -> String {
    let former: BTreeMap<PracticeId, Standing> = before.iter().copied().collect();
    let list = |better: bool| -> Vec<String> {
        now.iter()
            .filter(|(id, standing)| {
                let was = former.get(id).copied().unwrap_or(Standing::Blank);
                if better {
                    standing.proven() > was.proven()
                } else {
                    standing.proven() < was.proven()
                }
            })
            .map(|(id, _)| id.number().to_string())
            .collect()
    };
    let words: Vec<String> = [("en hausse", list(true)), ("en baisse", list(false))]
        .into_iter()
        .filter(|(_, numbers)| !numbers.is_empty())
        .map(|(way, numbers)| {
            let noun = if numbers.len() == 1 {
                "pratique"
            } else {
                "pratiques"
            };
            format!("{noun} {} {way}", numbers.join(", "))
        })
        .collect();
    if words.is_empty() {
        "Aucun niveau prouvé n’a changé".to_owned()
    } else {
        words.join("\u{202f}; ")
    }
}

/// Every version, with its figures and what it changed.
fn history(kept: &Kept) -> ProseSection {
    let organisation = matches!(kept.target, Target::Organisation(..));
    let read: Vec<Option<(Assessment, Snapshot)>> = kept.all.iter().map(parse).collect();
    let rows = kept
        .all
        .iter()
        .enumerate()
        .map(|(at, stored)| {
            let mut row = vec![stored.number.to_string(), day_words(stored.made_at)];
            let Some((assessment, snapshot)) = read.get(at).and_then(Option::as_ref) else {
                row.resize(if organisation { 3 } else { 7 }, "à relire".to_owned());
                return row;
            };
            let pairs = snapshot.pairs();
            if !organisation {
                let score = assessment.outcome_of(&pairs).score;
                row.extend([
                    score_words(score.proven),
                    score_words(score.declared),
                    percent(score.response_rate),
                    score.label().to_owned(),
                ]);
            }
            let mut words = match read.get(at + 1).and_then(Option::as_ref) {
                Some((_, before)) => changes(&before.pairs(), &pairs),
                None => "Première version".to_owned(),
            };
            if !organisation && stored.published_at.is_none() {
                words.push_str(" (pas encore publique)");
            }
            row.push(words);
            row
        })
        .collect();
    let mut section = ProseSection::new("historique", "Historique", "");
    let headers: &[&str] = if organisation {
        &["Version", "Date", "Ce qui change"]
    } else {
        &[
            "Version",
            "Date",
            "Prouvé",
            "Déclaré",
            "Réponses",
            "Mention",
            "Ce qui change",
        ]
    };
    section.table = Some(ProseTable {
        caption: "Versions, la plus récente d’abord\u{202f}; une version enregistrée ne change plus"
            .to_owned(),
        headers: headers.iter().map(|header| (*header).to_owned()).collect(),
        rows,
    });
    let path = kept.path();
    section.links = kept
        .all
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != kept.at)
        .take(10)
        .map(|(at, stored)| {
            let address = if at == 0 {
                path.clone()
            } else {
                format!("{path}?version={}", stored.number)
            };
            Link::new(format!("Lire la version {}", stored.number), address)
        })
        .collect();
    section
}

/// What the reader may do with a version: read the proofs of a colleague, publish as a moderator.
fn decisions(kept: &Kept, newest: &Stored, reader: &Reader) -> Vec<FormBlock> {
    let mut blocks = Vec::new();
    let user = reader.actor().user();
    if kept.writes && user.is_some() && newest.author != user {
        let options: Vec<FormOption> = kept
            .assessment
            .answers
            .iter()
            .filter(|(_, answer)| {
                !answer.reviewed && (answer.evidence.is_some() || answer.not_applicable.is_some())
            })
            .map(|(id, answer)| {
                let what = answer
                    .not_applicable
                    .clone()
                    .or_else(|| answer.evidence.as_ref().map(|evidence| evidence.text.clone()))
                    .unwrap_or_default();
                FormOption::new(
                    id.code(),
                    format!("Pratique {}\u{a0}: {what}", id.number()),
                    false,
                )
            })
            .collect();
        if !options.is_empty() {
            let read = Choice {
                code: "relire",
                title: "Relire les preuves",
                text: "Vous n’êtes pas l’auteur de cette version. Cochez les preuves que vous avez lues et qui montrent ce qui est déclaré, et les pratiques dont vous confirmez qu’elles sont sans objet.",
                submit: "Enregistrer ma relecture",
                fields: vec![FormField::new(
                    "relues",
                    "Preuves relues",
                    "",
                    Control::Checks(options),
                )],
            };
            blocks.push(moderated::block(read, newest, reader, &kept.path()));
        }
    }
    // What an organisation answers is for its own projects; what they take of it becomes public with them.
    if reader.actor().is_at_least(Role::Moderator) && matches!(kept.target, Target::Record(_)) {
        blocks.extend(moderated::blocks(newest, true, reader, &kept.path()));
    }
    blocks
}

/// Reads proofs, publishes or withdraws a version.
///
/// # Errors
/// When the person may not, the version changed meanwhile, or the database does not answer.
pub async fn settle(
    State(app): State<App>,
    Path(slug): Path<String>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let kept = Kept::of_record(&app, &slug, &form.reader, None).await?;
    decide(&app, &kept, &form).await
}

/// Reads the proofs of an organisation.
///
/// # Errors
/// When the person may not, the version changed meanwhile, or the database does not answer.
pub async fn organisation_settle(
    State(app): State<App>,
    Path(slug): Path<String>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let kept = Kept::of_organisation(&app, &slug, &form.reader, None).await?;
    decide(&app, &kept, &form).await
}

async fn decide(app: &App, kept: &Kept, form: &SignedForm) -> Result<Response, WebError> {
    let newest = kept.stored().ok_or(WebError::NotFound)?;
    let (fields, actor) = (&form.fields, form.person.actor());
    let moderates = actor.is_at_least(Role::Moderator) && matches!(kept.target, Target::Record(_));
    if newest.id != fields.get("version") {
        return Err(moderated::changed_meanwhile());
    }
    let path = kept.path();
    if fields.get("action") == "relire" && kept.writes && newest.author != Some(form.person.account.id) {
        review(app, kept, newest, fields).await?;
        crate::refresh::at_once(app).await;
    } else if !moderates || !moderated::settle(app, newest, form).await? {
        return Err(WebError::Forbidden(
            "Cette action revient à une autre personne\u{a0}: une preuve est relue par un autre que son auteur, une version est publiée par la modération.".to_owned(),
        ));
    }
    // What was taken away has no page any more.
    Ok(see_other(if fields.get("action") == "retirer" {
        path.trim_end_matches("/frugalite")
    } else {
        &path
    }))
}

/// Keeps a version whose ticked proofs somebody else read.
async fn review(app: &App, kept: &Kept, newest: &Stored, fields: &Fields) -> Result<(), WebError> {
    let mut assessment = kept.assessment.clone();
    for code in fields.all("relues") {
        if let Some(answer) = PracticeId::from_code(code).and_then(|id| assessment.answers.get_mut(&id)) {
            answer.reviewed = true;
        }
    }
    let (proposals, ..) = kept.target.known(app, &assessment);
    let standings = assessment.standings(&proposals, app.today());
    let outcome = assessment.outcome_of(&standings);
    let snapshot = Snapshot {
        standings: standings.into_iter().collect(),
        ..kept.snapshot.clone()
    };
    let write = |error: serde_json::Error| WebError::Internal(error.to_string());
    let new = NewAssessment {
        id: Uuid::now_v7().to_string(),
        kind: KIND,
        subject: newest.subject,
        after: newest.number,
        rubric: RUBRIC_VERSION,
        form: &serde_json::to_string(&assessment).map_err(write)?,
        summary: &serde_json::to_string(&snapshot).map_err(write)?,
        badge: badge_of(&outcome),
        // The answers stay those of their author: whoever read them did not write them.
        author: newest.author,
        now: (app.settings.now)(),
    };
    match app.store.add_assessment(&new).await {
        Ok(_) => Ok(()),
        Err(StoreError::Conflict { .. }) => Err(moderated::changed_meanwhile()),
        Err(error) => Err(error.into()),
    }
}

/// The same as a document or a table.
///
/// # Errors
/// When there is none that the reader may read, or the database does not answer.
pub async fn document(
    State(app): State<App>,
    uri: Uri,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
    reader: Reader,
) -> Result<Response, WebError> {
    let kept = Kept::of_record(&app, &slug, &reader, asked(query.as_deref())).await?;
    let outcome = kept.outcome(&app);
    let coverings = kept.coverings();
    let standings = kept.standings();
    let shown = Shown {
        assessment: &kept.assessment,
        standings: &standings,
        outcome: &outcome,
        proposals: &[],
        coverings: &coverings,
    };
    if uri.path().ends_with(".csv") {
        return Ok(attachment(
            table_bytes(&result::rows(&shown))?,
            CSV,
            "frugalite.csv",
        ));
    }
    let about = json!({
        "title": kept.target.name(),
        "url": format!("{}/cas-usages/{slug}", app.settings.base_url),
        "version": kept.stored().map(|stored| stored.number),
        "made_at": kept.stored().map(|stored| stored.made_at.to_string()),
        "licence": app.site().licence,
    });
    Ok(moderated::shown(
        &result::document(&shown, &about),
        "frugalite.json",
    ))
}

/// The same as a document to hand over.
///
/// # Errors
/// When there is none that the reader may read, or the database does not answer.
pub async fn paper(
    State(app): State<App>,
    uri: Uri,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
    reader: Reader,
) -> Result<Response, WebError> {
    let kept = Kept::of_record(&app, &slug, &reader, asked(query.as_deref())).await?;
    let outcome = kept.outcome(&app);
    let stored = kept.stored().ok_or(WebError::NotFound)?;
    let made = govern::paper::sheet(&govern::paper::Sheet {
        project: &kept.target.name(),
        organisation: &kept.target.carrier(),
        version: Some(stored.number),
        made_on: app.day_of(stored.made_at),
        assessment: &kept.assessment,
        standings: &kept.standings(),
        outcome: &outcome,
        coverings: &kept.coverings(),
    });
    super::super::paper(&made, uri.path(), "frugalite")
}
