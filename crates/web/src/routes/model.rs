//! `/modele-de-donnees`: the field table as a page, and its schemas as files.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::Response;
use sobria_catalogue::access::Level;
use sobria_catalogue::field::{FIELDS, FieldKind, FieldSpec, Requirement, Section, Visibility};
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_exchange::schema::VERSION;

use crate::app::App;
use crate::error::WebError;
use crate::locale;
use crate::respond::{HTML, cached};
use crate::routes::frame::{frame, render};
use crate::view::Place;
use crate::view::data_model::{DataModelPage, ModelCategory, ModelField};
use crate::view::library::Link;

/// The data-model page.
///
/// # Errors
/// Only when a template fails.
pub async fn page(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let public = FIELDS
            .iter()
            .filter(|spec| spec.visibility() == Visibility::Public)
            .count();
        render(&DataModelPage {
            layout: frame(&app, Place::DataModel, "Modèle de données", "/modele-de-donnees").described(
                "Tous les champs d’une fiche\u{a0}: nom, type, obligation, visibilité, schémas à télécharger.",
            ),
            lead: format!(
                "{} champs, dont {public} publics. Version {VERSION} du modèle.",
                locale::count(FIELDS.len())
            ),
            categories: Section::ALL.into_iter().map(category).collect(),
            downloads: vec![
                Link::new("Table Schema (JSON)", "/modele-de-donnees/table-schema.json"),
                Link::new("JSON Schema", "/api/v1/schema"),
                Link::new("Listes fermées (JSON)", "/api/v1/vocabularies"),
                Link::new("Modèle de saisie (CSV)", "/modele-de-donnees/modele.csv"),
                Link::new("Modèle de saisie (Excel)", "/modele-de-donnees/modele.xlsx"),
            ],
        })
    })
    .await
}

fn category(section: Section) -> ModelCategory {
    ModelCategory {
        id: sobria_catalogue::text::slug(section.label(), 40),
        title: section.label().to_owned(),
        fields: FIELDS
            .iter()
            .filter(|spec| spec.section == section)
            .map(row)
            .collect(),
    }
}

fn row(spec: &'static FieldSpec) -> ModelField {
    ModelField {
        label: spec.label.to_owned(),
        id: spec.id.to_owned(),
        column: spec.column.to_owned(),
        kind: kind_words(spec.kind),
        required: requirement_words(spec.requirement).to_owned(),
        description: spec.help.to_owned(),
        access: spec.visibility().label().to_owned(),
        values: Vec::new(),
    }
}

fn kind_words(kind: FieldKind) -> String {
    let values = |id| {
        let terms = Vocabularies::embedded().get(id).terms().len();
        format!(
            "liste «\u{a0}{}\u{a0}», {terms} valeurs",
            sobria_catalogue::vocabulary::VocabularyId::id(id)
        )
    };
    match kind {
        FieldKind::Text { max } => format!("texte, {max} caractères au plus"),
        FieldKind::Block { max } => format!("texte long, {} caractères au plus", locale::count(max)),
        FieldKind::Siret => "14 chiffres".to_owned(),
        FieldKind::Decimal { .. } => "degrés décimaux".to_owned(),
        FieldKind::Code(id) => format!("un code, {}", values(id)),
        FieldKind::Codes(id) => format!("plusieurs codes, {}", values(id)),
        FieldKind::CodesMax(id, max) => format!("{max} codes au plus, {}", values(id)),
        FieldKind::CodesText(id) => format!("codes et précision, {}", values(id)),
        FieldKind::Date => "année, mois ou jour".to_owned(),
        FieldKind::Integer => "nombre entier".to_owned(),
        FieldKind::Partners => "noms et rôles".to_owned(),
        FieldKind::Links => "adresses web".to_owned(),
        FieldKind::Resources => "adresses web et nature".to_owned(),
        FieldKind::Names { max } => format!("{max} textes courts au plus"),
        FieldKind::Contact => "courriel de service et fonction".to_owned(),
    }
}

const fn requirement_words(requirement: Requirement) -> &'static str {
    match requirement {
        Requirement::Submit => "pour proposer",
        Requirement::Publish => "pour publier",
        Requirement::WhenAbandoned => "pour publier un projet abandonné",
        Requirement::WhenDecisionExternal => "pour publier, si la décision a un effet externe",
        Requirement::Optional => "facultatif",
    }
}

/// Schemas and templates as files.
///
/// # Errors
/// When there is no such file.
pub async fn file(State(app): State<App>, Path(name): Path<String>) -> Result<Response, WebError> {
    let info = crate::exports::site_info(&app.site(), &app.settings.base_url, jiff::Timestamp::UNIX_EPOCH);
    let failed = |error: sobria_exchange::export::ExportError| WebError::Internal(error.to_string());
    let (media_type, bytes) = match name.as_str() {
        "table-schema.json" => (
            "application/json",
            sobria_exchange::schema::table_schema(Level::Public, &info)
                .to_string()
                .into_bytes(),
        ),
        "modele.csv" => (
            "text/csv; charset=utf-8",
            sobria_exchange::schema::csv_template().into_bytes(),
        ),
        "modele.xlsx" => (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            sobria_exchange::schema::xlsx_template(&info).map_err(failed)?,
        ),
        _ => return Err(WebError::NotFound),
    };
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}
