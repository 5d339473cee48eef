//! The public sheet of a record: its page, its versions, its files, and what a moderator decides of it.

use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use serde_json::json;
use sobria_catalogue::access::Level;
use sobria_catalogue::rights::Role;
use sobria_govern::transparency::question::outdated;
use sobria_govern::transparency::{Dossier, classify};
use sobria_store::Assessment as Stored;

use super::super::project::Project;
use super::super::{CSV, attachment, moderated, page as frame_page};
use super::{PATH, newest, parse, result};
use crate::app::App;
use crate::error::WebError;
use crate::params::pairs;
use crate::posted::{Fields, SignedForm};
use crate::routes::account::{fresh, see_other};
use crate::routes::cards::day_words;
use crate::session::Reader;
use crate::view::library::Link;
use crate::view::{Crumb, ProseSection, RichText};

/// The sheet of a record, with the versions that the reader may read.
struct Public {
    project: Project,
    all: Vec<Stored>,
    dossier: Dossier,
}

impl Public {
    async fn of(app: &App, slug: &str, reader: &Reader) -> Result<Self, WebError> {
        let project = Project::of(app, slug, reader).await?;
        let all = newest(app, &project, project.level).await?;
        let dossier = all.first().and_then(parse).unwrap_or_default();
        Ok(Self {
            project,
            all,
            dossier,
        })
    }

    /// Whether what it describes is presumed forbidden, which nobody publishes.
    fn is_forbidden(&self) -> bool {
        classify(&self.dossier, None).blocks_publication()
    }
}

/// The public sheet of a record.
///
/// # Errors
/// When there is no such record, or the database does not answer.
pub async fn page(
    State(app): State<App>,
    Path(slug): Path<String>,
    reader: Reader,
) -> Result<Response, WebError> {
    let public = Public::of(&app, &slug, &reader).await?;
    let (project, facts) = (&public.project, public.project.transparency());
    let path = format!("/cas-usages/{slug}/transparence");
    let title = project.title().to_owned();
    let mut page = frame_page(
        &app,
        "Fiche de transparence",
        &title,
        &path,
        vec![Crumb::to(title.clone(), format!("/cas-usages/{slug}"))],
    );
    page.layout.description =
        format!("Ce que fait {title}, avec quelles données, quels recours et quelle empreinte.");
    page.layout.alternates = vec![Link::new("application/json", format!("{path}.json"))];
    page.figures = result::figures(&facts, &public.dossier);
    page.sections = result::sheet_sections(&facts, &public.dossier);
    page.sections.push(history(&public.all));
    page.downloads = vec![
        Link::new("JSON", format!("{path}.json")),
        Link::new("CSV", format!("{path}.csv")),
        Link::new("ODT", format!("{path}.odt")),
        Link::new("DOCX", format!("{path}.docx")),
        Link::new(
            "Inventaire de l’organisation",
            format!(
                "/organisations/{}/inventaire",
                project.item.record().organisation.slug
            ),
        ),
    ];
    if project.may_write() {
        page.downloads
            .push(Link::new("Compléter cette fiche", format!("{PATH}?fiche={slug}")));
        let old = outdated(&public.dossier, &project.known_for_transparency());
        if !old.is_empty() {
            let labels: Vec<&str> = old.iter().map(|question| question.label).collect();
            page.notice = Some(RichText::parse(&format!(
                "Des réponses reposent sur des faits qui ont changé depuis\u{a0}: {}. Revoyez-les.",
                labels.join(", ")
            )));
        }
    }
    if project.level > Level::Public {
        page.downloads.push(Link::new(
            "ODT avec les champs réservés",
            format!("{path}.odt?complet=oui"),
        ));
    }
    page.layout.private = project.level > Level::Public;
    page.foot = format!(
        "Informations déclarées par {}, sous {}. «\u{a0}Présumé\u{a0}» n’est pas un avis juridique.",
        project.item.record().organisation.name,
        app.site().licence
    );
    if let Some(newest) = public
        .all
        .first()
        .filter(|_| reader.actor().is_at_least(Role::Moderator))
    {
        page.blocks = moderated::blocks(newest, !public.is_forbidden(), &reader, &path);
    }
    fresh(StatusCode::OK, &page)
}

fn history(all: &[Stored]) -> ProseSection {
    let lines: Vec<String> = all
        .iter()
        .map(|stored| {
            let state = if stored.published_at.is_some() {
                "publique"
            } else {
                "pas encore publique"
            };
            format!(
                "- Version {}, {}, {state}",
                stored.number,
                day_words(stored.made_at)
            )
        })
        .collect();
    let text = if lines.is_empty() {
        "Le porteur n’a pas encore complété cette fiche\u{a0}: elle reprend ce que la fiche du projet dit à tous.".to_owned()
    } else {
        lines.join("\n")
    };
    ProseSection::new("historique", "Historique", &text)
}

/// Publishes or withdraws a version.
///
/// # Errors
/// When the person is no moderator, the version changed meanwhile, or the database does not answer.
pub async fn settle(
    State(app): State<App>,
    Path(slug): Path<String>,
    form: SignedForm,
) -> Result<Response, WebError> {
    form.signed_in().at_least(Role::Moderator)?;
    let public = Public::of(&app, &slug, &form.reader).await?;
    let newest = public.all.first().ok_or(WebError::NotFound)?;
    if newest.id != form.fields.get("version") {
        return Err(moderated::changed_meanwhile());
    }
    if form.fields.get("action") == "publier" && public.is_forbidden() {
        return Err(WebError::Forbidden(
            "Un système présumé interdit ne peut pas être publié\u{a0}: prévenez son porteur.".to_owned(),
        ));
    }
    if !moderated::settle(&app, newest, &form).await? {
        return Err(WebError::Invalid(
            "Choisissez de publier ou de retirer cette version.".to_owned(),
        ));
    }
    Ok(see_other(&format!("/cas-usages/{slug}/transparence")))
}

/// The same as a document to hand over: what everybody may read, unless those who may read more ask for all of it.
///
/// # Errors
/// When there is no such record, or the database does not answer.
pub async fn paper(
    State(app): State<App>,
    uri: Uri,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
    reader: Reader,
) -> Result<Response, WebError> {
    let wanted = Fields::from(pairs(query.as_deref().unwrap_or("")));
    let whole = wanted.get("complet") == "oui";
    let visitor = Reader::default();
    let public = Public::of(&app, &slug, if whole { &reader } else { &visitor }).await?;
    let made = sobria_govern::transparency::document(
        &public.project.transparency(),
        &public.dossier,
        public.all.first().map(|stored| stored.number),
        public.project.level > Level::Public,
        app.today(),
    );
    super::super::paper(&made, uri.path(), "transparence")
}

/// The same as a document or a table.
///
/// # Errors
/// When there is no such record, or the database does not answer.
pub async fn document(
    State(app): State<App>,
    uri: Uri,
    Path(slug): Path<String>,
    reader: Reader,
) -> Result<Response, WebError> {
    let public = Public::of(&app, &slug, &reader).await?;
    let facts = public.project.transparency();
    if uri.path().ends_with(".csv") {
        let table = result::rows(&facts, &public.dossier);
        let bytes =
            sobria_exchange::table::csv(&table).map_err(|error| WebError::Internal(error.to_string()))?;
        return Ok(attachment(bytes, CSV, "transparence.csv"));
    }
    let about = json!({
        "title": public.project.title(),
        "url": facts.url,
        "version": public.all.first().map(|stored| stored.number),
        "made_at": public.all.first().map(|stored| stored.made_at.to_string()),
        "licence": facts.licence,
    });
    let document = result::document(&facts, &public.dossier, &about);
    Ok(moderated::shown(&document, "transparence.json"))
}
