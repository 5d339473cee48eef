//! The OpenAPI 3.1 document, built from the same tables as the answers.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::{Value as Json, json};
use sobria_catalogue::access::Level;
use sobria_catalogue::entry::EntryKind;
use sobria_catalogue::entry::field::ENTRY_FIELDS;
use sobria_catalogue::evaluation::Evaluated;
use sobria_catalogue::query::{Facet, Sort};
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_estimate::document::Method;

use super::estimates::REQUESTS_MAX;
use super::lists::open_facets;
use super::use_cases::{LIMIT_DEFAULT, LIMIT_MAX};
use crate::app::App;
use crate::error::WebError;
use crate::params::TEXT_MAX;
use crate::respond::{JSON, cached};

/// Serves the document.
pub async fn document(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, JSON, async {
        Ok(describe(&app.site().name, &app.settings.base_url).to_string())
    })
    .await
}

/// Builds the document.
pub fn describe(name: &str, base_url: &str) -> Json {
    let problem = json!({"description": "Problème, en français", "content": {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}});
    let answer = |description: &str, schema: Json| {
        json!({"200": {"description": description,
            "headers": {"ETag": {"schema": {"type": "string"}}},
            "content": {"application/json": {"schema": schema}}},
            "304": {"description": "Inchangé depuis la version que tient le client"},
            "4XX": problem.clone(), "5XX": problem.clone()})
    };
    let get = |id: &str, summary: &str, parameters: Vec<Json>, responses: Json| json!({"get": {"operationId": id, "summary": summary, "parameters": parameters, "responses": responses}});
    let text = |name: &str, description: &str, max: usize| {
        json!({"name": name, "in": "query", "description": description,
            "schema": {"type": "string", "maxLength": max}})
    };
    let mut search = vec![
        text(
            "q",
            "Mots et expressions entre guillemets\u{202f}; accents, pluriels et fautes légères sont admis",
            TEXT_MAX,
        ),
        json!({"name": "sort", "in": "query", "schema": {"type": "string", "enum": Sort::ALL.map(Sort::id)}}),
        json!({"name": "limit", "in": "query",
            "schema": {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT}}),
        text(
            "cursor",
            "Valeur de «\u{a0}next\u{a0}» de la réponse précédente",
            30,
        ),
        json!({"name": "year_from", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 9999}}),
        json!({"name": "year_to", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 9999}}),
    ];
    for facet in open_facets() {
        let items = match facet.vocabulary() {
            Some(list) => {
                let terms = Vocabularies::embedded().get(list).terms();
                json!({"type": "string", "enum": terms.iter().map(|term| term.code).collect::<Vec<_>>()})
            }
            None if facet == Facet::Evaluation => json!({"type": "string", "enum": Evaluated::CODES}),
            None if facet.is_written() => json!({"type": "string", "maxLength": 60,
                "description": "Nom, sans égard à la casse ni aux accents\u{202f}; à défaut d’un nom entier, une partie"}),
            None => json!({"type": "string"}),
        };
        search.push(json!({"name": facet.id(), "in": "query", "explode": true,
            "schema": {"type": "array", "items": items}}));
    }
    let entry_search = || {
        vec![
            text("q", "Mots, tous présents\u{202f}; sans égard aux accents", 200),
            text("type", "Code de la nature", 40),
            text("theme", "Code d’une politique publique", 40),
            text(
                "cursor",
                "Valeur de «\u{a0}next\u{a0}» de la réponse précédente",
                30,
            ),
        ]
    };
    let paths = json!({
        "/api/v1/use-cases": get("listUseCases", "Chercher des cas d’usage", search,
            answer("Une page de cas d’usage", json!({"$ref": "#/components/schemas/UseCases"}))),
        "/api/v1/use-cases/{id}": get("getUseCase", "Lire un cas d’usage",
            vec![json!({"name": "id", "in": "path", "required": true, "schema": {"type": "string"},
                "description": "Identifiant, ou fin de l’adresse de la fiche"})],
            answer("Le cas d’usage", json!({"$ref": "#/components/schemas/UseCase"}))),
        "/api/v1/organisations": get("listOrganisations", "Lister les organisations porteuses",
            vec![text("q", "Partie du nom, type ou lieu", 200), text("cursor", "Valeur de «\u{a0}next\u{a0}»", 30)],
            answer("Une page d’organisations", json!({"type": "object", "required": ["items", "total", "next"]}))),
        "/api/v1/governance": get("listGovernance", "Lister les initiatives de gouvernance", entry_search(),
            answer("Une page d’initiatives", json!({"$ref": "#/components/schemas/Entries"}))),
        "/api/v1/resources": get("listResources", "Lister les ressources", entry_search(),
            answer("Une page de ressources", json!({"$ref": "#/components/schemas/Entries"}))),
        "/api/v1/solutions": get("listSolutions", "Lister les solutions", entry_search(),
            answer("Une page de solutions", json!({"$ref": "#/components/schemas/Entries"}))),
        "/api/v1/suppliers": get("listSuppliers", "Lister les fournisseurs", entry_search(),
            answer("Une page de fournisseurs", json!({"$ref": "#/components/schemas/Entries"}))),
        "/api/v1/facets": get("getFacets", "Compter par valeur de chaque filtre", vec![],
            answer("Comptes", json!({"type": "object", "required": ["total", "facets"]}))),
        "/api/v1/vocabularies": get("getVocabularies", "Lire les listes fermées", vec![],
            answer("Listes", json!({"type": "object"}))),
        "/api/v1/schema": get("getSchema", "Lire le schéma JSON d’un cas d’usage", vec![],
            json!({"200": {"description": "Schéma JSON",
                "content": {"application/schema+json": {"schema": {"type": "object"}}}},
                "304": {"description": "Inchangé"}, "4XX": problem.clone(), "5XX": problem.clone()})),
        "/api/v1/estimates": {"post": {"operationId": "createEstimates",
            "summary": "Estimer l’empreinte de requêtes à un modèle ou de calculs",
            "requestBody": {"required": true, "content": {"application/json": {"schema": {"oneOf": [
                {"$ref": "#/components/schemas/EstimateRequest"},
                {"type": "array", "maxItems": REQUESTS_MAX, "items": {"$ref": "#/components/schemas/EstimateRequest"}}]}}}},
            "responses": {"200": {"description": "Une réponse par demande, dans le même ordre\u{202f}; une demande refusée porte ses codes et aucune valeur",
                "content": {"application/json": {"schema": {"oneOf": [
                    {"$ref": "#/components/schemas/Estimate"},
                    {"type": "array", "items": {"$ref": "#/components/schemas/Estimate"}}]}}}},
                "4XX": problem.clone(), "5XX": problem.clone()}}},
        "/api/v1/evaluations": {"post": {"operationId": "createEvaluation",
            "summary": "Évaluer un service entier, phase par phase",
            "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object",
                "description": "Document décrit dans la page de méthode «\u{a0}service-evaluation\u{a0}»"}}}},
            "responses": {"200": {"description": "La grille de ce qui est couvert, les totaux et leurs manques",
                "content": {"application/json": {"schema": {"type": "object",
                    "required": ["grid", "totals", "lines", "notices", "assumptions", "reference_version"]}}}},
                "4XX": problem.clone(), "5XX": problem.clone()}}},
        "/api/v1/measured-ratios": get("listMeasuredRatios", "Lire ce que la mesure a donné en regard des estimations", vec![],
            answer("Les comparaisons publiques et leur répartition", json!({"type": "object",
                "required": ["items", "distribution"], "properties": {
                    "items": {"type": "array", "items": {"type": "object",
                        "required": ["use_case_id", "measured", "estimated", "perimeter", "ratio", "compared_at"]}},
                    "distribution": {"type": "object",
                        "required": ["count", "within_factor_two", "min", "median", "max", "class_upper_bounds", "class_counts"]}}}))),
        "/api/v1/openapi.json": get("getOpenApi", "Lire ce document", vec![],
            answer("Ce document", json!({"type": "object"}))),
    });
    json!({
        "openapi": "3.1.0",
        "info": {"title": name, "version": env!("CARGO_PKG_VERSION"),
            "description": "Lecture des données publiques de la bibliothèque. Sans clé, sans compte."},
        "servers": [{"url": base_url}],
        "paths": paths,
        "components": {"schemas": {
            "UseCase": sobria_exchange::schema::json_schema(Level::Public),
            "UseCases": {"type": "object", "required": ["items", "total", "facets", "next"], "properties": {
                "items": {"type": "array", "items": {"$ref": "#/components/schemas/UseCase"}},
                "total": {"type": "integer", "minimum": 0},
                "facets": {"type": "object", "additionalProperties": {"type": "object",
                    "additionalProperties": {"type": "integer"}}},
                "next": {"type": ["string", "null"]},
                "relaxed": {"type": "boolean"},
                "corrections": {"type": "array", "items": {"type": "object"}}}},
            "Entries": {"type": "object", "required": ["items", "total", "next"], "properties": {
                "items": {"type": "array", "items": {"$ref": "#/components/schemas/Entry"}},
                "total": {"type": "integer", "minimum": 0},
                "next": {"type": ["string", "null"]}}},
            "Entry": entry_schema(),
            "EstimateRequest": {"type": "object", "required": ["method", "input"], "additionalProperties": false, "properties": {
                "id": {"type": ["string", "number", "null"]},
                "method": {"type": "string", "enum": Method::ALL.map(Method::id)},
                "input": {"type": "object", "description": "Champs décrits dans docs/methods"}}},
            "Estimate": {"type": "object", "required": ["id", "method", "output", "errors", "warnings", "assumptions", "method_version", "reference_version"], "properties": {
                "id": {"type": ["string", "number", "null"]},
                "method": {"type": ["string", "null"]},
                "output": {"type": ["object", "null"]},
                "errors": {"type": "array", "items": {"type": "string"}},
                "messages": {"type": "array", "items": {"type": "string"}},
                "warnings": {"type": "array", "items": {"type": "string"}},
                "assumptions": {"type": "array", "items": {"type": "object",
                    "required": ["field", "value", "unit", "source", "chosen_by"], "properties": {
                    "field": {"type": "string"}, "unit": {"type": "string"}, "source": {"type": "string"},
                    "chosen_by": {"type": "string", "enum": ["user", "table", "default"]}}}},
                "method_version": {"type": ["string", "null"]},
                "reference_version": {"type": "string"}}},
            "Problem": {"type": "object", "required": ["title", "status", "detail"], "properties": {
                "type": {"type": "string"}, "title": {"type": "string"},
                "status": {"type": "integer"}, "detail": {"type": "string"}}},
        }},
    })
}

/// A record besides use cases: the fields of its table that anyone may read.
fn entry_schema() -> Json {
    let mut properties = serde_json::Map::new();
    for (name, schema) in [
        ("id", json!({"type": "string", "format": "uuid"})),
        (
            "kind",
            json!({"type": "string", "enum": EntryKind::ALL.map(EntryKind::code)}),
        ),
        ("slug", json!({"type": "string"})),
        ("url", json!({"type": "string", "format": "uri"})),
        ("organisation", json!({"type": "object"})),
        ("version", json!({"type": "integer", "minimum": 1})),
        ("updated_at", json!({"type": "string", "format": "date-time"})),
        (
            "published_at",
            json!({"type": ["string", "null"], "format": "date-time"}),
        ),
        ("record_licence", json!({"type": "string"})),
        (
            "links",
            json!({"type": "array", "items": {"type": "object",
            "required": ["id", "kind", "direction", "label", "record", "note"]}}),
        ),
    ] {
        properties.insert(name.to_owned(), schema);
    }
    for spec in ENTRY_FIELDS {
        if Level::Public.may_read(spec.visibility()) {
            let options: Vec<&str> = spec
                .options(Vocabularies::embedded())
                .into_iter()
                .map(|(code, _)| code)
                .collect();
            let mut schema = json!({"type": "string", "description": spec.label});
            if let (Some(map), false) = (schema.as_object_mut(), options.is_empty()) {
                map.insert("enum".to_owned(), json!(options));
            }
            properties.insert(spec.id.to_owned(), schema);
        }
    }
    json!({"type": "object", "required": ["id", "kind", "slug", "url", "title", "version", "updated_at", "links"],
        "properties": properties})
}
