//! `/organisations/{slug}/inventaire`: the public algorithms of an organisation, in the rubrics of the Etalab model.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::Response;
use serde_json::{Map, Value as Json, json};
use sobria_catalogue::access::Level;
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::query::{CatalogueQuery, Sort};
use sobria_exchange::table::{ODS, Table, csv, ods};
use sobria_govern::transparency::{COLUMNS, Dossier, classify, inventory, sheet};
use sobria_store::AssessmentKind;

use super::project::Project;
use super::{CSV, attachment, percent, transparency};
use crate::app::App;
use crate::error::WebError;
use crate::respond::{HTML, JSON, cached};
use crate::routes::cards::visible;
use crate::routes::frame::{frame, render};
use crate::view::govern::GovernPage;
use crate::view::library::Link;
use crate::view::{Crumb, Place, ProseSection, ProseTable};

/// Most records of one organisation.
const MOST: usize = 1000;

struct Inventory {
    organisation: Organisation,
    entries: Vec<Entry>,
}

struct Entry {
    project: Project,
    dossier: Dossier,
    frugality: String,
}

/// What anyone may read of the projects of an organisation.
async fn gather(app: &App, slug: &str) -> Result<Inventory, WebError> {
    let carrier = app
        .store
        .organisation_by_slug(slug)
        .await?
        .filter(|carrier| carrier.published > 0)
        .ok_or(WebError::NotFound)?;
    let query = CatalogueQuery {
        organisation: Some(carrier.organisation.id),
        sort: Sort::Recent,
        limit: MOST,
        ..CatalogueQuery::default()
    };
    let ids = app.index.find(&query, Level::Public)?.ids;
    let dossiers = app
        .store
        .public_assessments(AssessmentKind::Transparency, &ids)
        .await?;
    let assessments = app
        .store
        .public_assessments(AssessmentKind::Frugality, &ids)
        .await?;
    let mut entries = Vec::new();
    for item in visible(app, &ids, Level::Public).await? {
        let id = item.record().id;
        entries.push(Entry {
            dossier: dossiers
                .get(&id)
                .and_then(transparency::parse)
                .unwrap_or_default(),
            frugality: assessments
                .get(&id)
                .map(super::frugality::brief)
                .unwrap_or_else(|| "Non renseigné".to_owned()),
            project: Project::from(app, item).await?,
        });
    }
    Ok(Inventory {
        organisation: carrier.organisation,
        entries,
    })
}

/// The page of the inventory.
///
/// # Errors
/// When there is no such organisation, or none of its projects is published.
pub async fn page(
    State(app): State<App>,
    uri: Uri,
    Path(slug): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let found = gather(&app, &slug).await?;
        let name = found.organisation.name.clone();
        let path = format!("/organisations/{slug}/inventaire");
        let layout = frame(&app, Place::Organisations, "Inventaire des algorithmes", &path)
            .described(format!("L’inventaire des algorithmes et des projets d’IA de {name}."))
            .under(vec![
                Crumb::to("Organisations", "/organisations"),
                Crumb::to(name.clone(), format!("/organisations/{slug}")),
                Crumb::here("Inventaire des algorithmes"),
            ]);
        let mut page = GovernPage::new(layout, "Inventaire des algorithmes", &name);
        page.downloads = [("CSV", "csv"), ("ODS", "ods"), ("JSON", "json")]
            .map(|(label, extension)| Link::new(label, format!("{path}.{extension}")))
            .to_vec();
        let mut section = ProseSection::new(
            "projets",
            "Les projets",
            "Les fichiers à télécharger reprennent, pour chaque projet, les rubriques du modèle d’inventaire d’Etalab du 11 février 2021.",
        );
        section.table = Some(ProseTable {
            caption: format!("Projets publiés par {name}"),
            headers: ["Projet", "Niveau de risque", "Fiche de transparence", "Frugalité"]
                .map(str::to_owned)
                .to_vec(),
            rows: found
                .entries
                .iter()
                .map(|entry| {
                    let facts = entry.project.transparency();
                    let class = classify(&entry.dossier, Some(&facts)).class;
                    vec![
                        entry.project.title().to_owned(),
                        class.map_or("Non renseigné", |class| class.label()).to_owned(),
                        format!("remplie à {}", percent(sheet(&facts, &entry.dossier).score())),
                        entry.frugality.clone(),
                    ]
                })
                .collect(),
        });
        page.sections.push(section);
        let mut sheets = ProseSection::new("fiches", "Fiches de transparence", "");
        sheets.links = found
            .entries
            .iter()
            .map(|entry| {
                Link::new(
                    entry.project.title(),
                    format!("/cas-usages/{}/transparence", entry.project.slug()),
                )
            })
            .collect();
        page.sections.push(sheets);
        page.foot = "«\u{a0}Présumé\u{a0}» n’est pas un avis juridique. Un champ vide n’a pas été renseigné par le porteur.".to_owned();
        render(&page)
    })
    .await
}

fn table(found: &Inventory) -> Table {
    Table {
        title: format!("Inventaire {}", found.organisation.name),
        headers: COLUMNS.map(str::to_owned).to_vec(),
        rows: found
            .entries
            .iter()
            .map(|entry| inventory(&entry.project.transparency(), &entry.dossier).to_vec())
            .collect(),
    }
}

/// The inventory as a file.
///
/// # Errors
/// When there is no such organisation, or none of its projects is published.
pub async fn file(State(app): State<App>, uri: Uri, Path(slug): Path<String>) -> Result<Response, WebError> {
    let found = gather(&app, &slug).await?;
    let table = table(&found);
    let extension = uri.path().rsplit('.').next().unwrap_or("");
    let name = format!("inventaire-{slug}.{extension}");
    match extension {
        "ods" => {
            let bytes = ods(&table).map_err(|error| WebError::Internal(error.to_string()))?;
            Ok(attachment(bytes, ODS, &name))
        }
        "csv" => {
            let bytes = csv(&table).map_err(|error| WebError::Internal(error.to_string()))?;
            Ok(attachment(bytes, CSV, &name))
        }
        _ => {
            let items: Vec<Json> = table
                .rows
                .iter()
                .map(|row| {
                    let cells: Map<String, Json> = table
                        .headers
                        .iter()
                        .cloned()
                        .zip(row.iter().map(|cell| json!(cell)))
                        .collect();
                    Json::Object(cells)
                })
                .collect();
            let document = json!({
                "organisation": found.organisation.to_json(),
                "model": "Etalab, 11 février 2021",
                "items": items,
            });
            let mut response = attachment(document.to_string().into_bytes(), JSON, &name);
            response.headers_mut().remove(header::CONTENT_DISPOSITION);
            *response.status_mut() = StatusCode::OK;
            Ok(response)
        }
    }
}
