//! Schemas and templates, all made from the field table, so that none can disagree with the code.

use rust_xlsxwriter::{DataValidation, DocProperties, ExcelDateTime, Format, Workbook};
use serde_json::{Map, Value as Json, json};
use sobria_catalogue::access::Level;
use sobria_catalogue::content::insert_nested;
use sobria_catalogue::field::{FIELDS, Field, FieldKind, FieldSpec, Requirement, Visibility};
use sobria_catalogue::vocabulary::{Vocabularies, VocabularyId};

use crate::export::{ExportError, SiteInfo};

/// Version of the schemas: changes with the fields.
pub const VERSION: &str = "1.0.0";
/// Day of the first version.
const CREATED: &str = "2026-11-23";
/// Day of this version: moves with [`VERSION`].
const LAST_MODIFIED: &str = "2026-11-23";

/// Every vocabulary: codes, labels, synonyms, status and source.
pub fn vocabularies(vocabularies: &Vocabularies) -> Json {
    let lists: Map<String, Json> = VocabularyId::ALL
        .iter()
        .map(|id| {
            let terms: Vec<Json> = vocabularies
                .get(*id)
                .terms()
                .iter()
                .map(|term| {
                    let mut value = json!({
                        "code": term.code,
                        "label": term.label,
                        "synonyms": term.synonyms,
                        "status": term.status,
                        "source": term.source,
                    });
                    let detail = match id {
                        VocabularyId::Theme => Some("letter"),
                        VocabularyId::Subtheme => Some("theme"),
                        _ => None,
                    };
                    if let (Some(name), Some(map)) = (detail, value.as_object_mut()) {
                        map.insert(name.to_owned(), json!(term.detail));
                    }
                    value
                })
                .collect();
            (id.id().to_owned(), Json::Array(terms))
        })
        .collect();
    Json::Object(lists)
}

fn codes(id: VocabularyId) -> Vec<&'static str> {
    Vocabularies::embedded()
        .get(id)
        .terms()
        .iter()
        .map(|term| term.code)
        .collect()
}

fn property(spec: &FieldSpec) -> Json {
    let mut schema = match spec.kind {
        FieldKind::Text { max } | FieldKind::Block { max } => json!({"type": "string", "maxLength": max}),
        FieldKind::Siret => json!({"type": ["string", "null"], "pattern": "^[0-9]{14}$"}),
        FieldKind::Decimal { min, max } => {
            json!({"type": ["number", "null"], "minimum": min, "maximum": max})
        }
        FieldKind::Code(id) if spec.field == Field::OrganisationKind => {
            let mut values: Vec<Json> = codes(id).into_iter().map(Json::from).collect();
            values.push(Json::Null);
            json!({"enum": values})
        }
        FieldKind::Code(id) => json!({"type": "string", "enum": codes(id)}),
        FieldKind::Codes(id) => {
            json!({"type": "array", "items": {"type": "string", "enum": codes(id)}, "uniqueItems": true})
        }
        // Imports keep up to four, which the report says.
        FieldKind::CodesMax(id, max) => {
            json!({"type": "array", "items": {"type": "string", "enum": codes(id)}, "uniqueItems": true, "maxItems": max.max(4)})
        }
        FieldKind::CodesText(id) => json!({
            "type": "object",
            "properties": {
                "codes": {"type": "array", "items": {"type": "string", "enum": codes(id)}},
                "text": {"type": "string"},
            },
            "additionalProperties": false,
        }),
        FieldKind::Date => json!({"type": "string", "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"}),
        FieldKind::Integer => json!({"type": "integer", "minimum": 0}),
        FieldKind::Partners => json!({"type": "array", "items": {
            "type": "object", "required": ["name"], "additionalProperties": false,
            "properties": {"name": {"type": "string"}, "role": {"enum": codes(VocabularyId::PartnerRole)}}}}),
        FieldKind::Links | FieldKind::Resources => json!({"type": "array", "items": {
        "type": "object", "additionalProperties": false,
        "properties": {
            "url": {"type": "string", "format": "uri", "maxLength": 2000},
            "label": {"type": "string"},
            "access": {"enum": codes(VocabularyId::LinkAccess)},
            "kind": {"enum": codes(VocabularyId::ResourceKind)},
        }}}),
        FieldKind::Names { max } => json!({"type": "array", "items": {"type": "string"}, "maxItems": max}),
        FieldKind::Contact => json!({"type": "object", "additionalProperties": false,
            "properties": {"email": {"type": "string", "format": "email"}, "role": {"type": "string"}}}),
    };
    if let Some(map) = schema.as_object_mut() {
        map.insert("title".to_owned(), json!(spec.label));
        map.insert("description".to_owned(), json!(spec.help));
    }
    schema
}

/// JSON Schema (2020-12) of a record, as a reader of that level receives it.
pub fn json_schema(level: Level) -> Json {
    let mut tree = Map::new();
    for spec in level.fields() {
        insert_nested(&mut tree, spec.id, property(spec));
    }
    let mut properties = nested_objects(tree);
    let text = |pattern: Option<&str>| match pattern {
        Some(pattern) => json!({"type": "string", "pattern": pattern}),
        None => json!({"type": "string"}),
    };
    for (key, schema) in [
        ("id", json!({"type": "string", "format": "uuid"})),
        ("slug", text(Some("^[a-z0-9-]+$"))),
        ("url", json!({"type": "string", "format": "uri"})),
        ("version", json!({"type": "integer", "minimum": 1})),
        ("status", text(None)),
        ("created_at", json!({"type": "string", "format": "date-time"})),
        ("updated_at", json!({"type": "string", "format": "date-time"})),
        (
            "published_at",
            json!({"type": ["string", "null"], "format": "date-time"}),
        ),
        (
            "completeness",
            json!({"type": "integer", "minimum": 0, "maximum": 100}),
        ),
        ("licence", text(None)),
        (
            "attachments",
            json!({"type": "array", "title": "Fichiers joints", "description": "Ceux que tout le monde peut ouvrir.",
                "items": {"type": "object", "required": ["id", "url", "title", "name", "media_type", "bytes", "sha256",
                    "visibility", "since_version"]}}),
        ),
        (
            "evaluations",
            json!({"type": "array", "title": "Empreintes estimées", "items": {"type": "object",
                "required": ["id", "title", "requests_per_year", "method", "method_version",
                    "reference_version", "energy_kwh_per_year", "gwp_kgco2e_per_year", "made_at"]}}),
        ),
        (
            "measured_ratios",
            json!({"type": "array", "title": "Mesures comparées à des estimations", "items": {"type": "object",
                "required": ["measured", "estimated", "perimeter", "ratio", "compared_at"]}}),
        ),
    ] {
        properties.insert(key.to_owned(), schema);
    }
    if let Some(organisation) = properties
        .get_mut("organisation")
        .and_then(|o| o.get_mut("properties"))
        .and_then(Json::as_object_mut)
    {
        for (key, schema) in [
            ("id", json!({"type": "string", "format": "uuid"})),
            ("slug", text(None)),
            (
                "siren",
                json!({"type": ["string", "null"], "pattern": "^[0-9]{9}$"}),
            ),
            ("departement", json!({"type": ["string", "null"]})),
            ("region", json!({"type": ["string", "null"]})),
            ("population", json!({"type": ["integer", "null"], "minimum": 0})),
            ("status", text(None)),
        ] {
            organisation.insert(key.to_owned(), schema);
        }
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Cas d’usage",
        "version": VERSION,
        "type": "object",
        "required": ["id", "slug", "url", "organisation", "title", "version", "updated_at"],
        "properties": properties,
        "additionalProperties": false,
    })
}

/// The schema as an instance publishes it: the same, with the address by which others refer to it.
pub fn published_json_schema(level: Level, address: &str) -> Json {
    let mut published = Map::new();
    published.insert("$id".to_owned(), json!(address));
    if let Json::Object(schema) = json_schema(level) {
        published.extend(schema);
    }
    Json::Object(published)
}

/// Turns a tree of properties into nested object schemas. A leaf is told by its title.
fn nested_objects(tree: Map<String, Json>) -> Map<String, Json> {
    tree.into_iter()
        .map(|(key, value)| match value {
            Json::Object(map) if !map.contains_key("title") || map.values().all(Json::is_object) => {
                let properties = nested_objects(map);
                (
                    key,
                    json!({"type": "object", "properties": properties, "additionalProperties": false}),
                )
            }
            leaf => (key, leaf),
        })
        .collect()
}

/// Table Schema (Frictionless) of the native CSV.
pub fn table_schema(level: Level, site: &SiteInfo) -> Json {
    let by_id = |name: &str| {
        let id = if name == "siret" {
            "organisation.siret"
        } else {
            name
        };
        FIELDS.iter().find(|spec| spec.id == id)
    };
    let fields: Vec<Json> = crate::export::csv_header(level)
        .into_iter()
        .map(|name| match by_id(name) {
            Some(spec) => table_field(name, spec),
            None => system_field(name),
        })
        .collect();
    json!({
        "$schema": "https://specs.frictionlessdata.io/schemas/table-schema.json",
        "name": "cas-usages-ia-territoriale",
        "title": "Cas d’usage de l’intelligence artificielle dans les collectivités",
        "description": "Une ligne par cas d’usage publié. Les valeurs multiples sont séparées par |, précédé de \\ quand il fait partie d’une valeur. Un texte qu’un tableur prendrait pour une formule commence par une apostrophe ; ?brut=1 le laisse tel quel et finit par une colonne raw.",
        "keywords": ["intelligence artificielle", "collectivités territoriales", "cas d’usage"],
        "countryCode": "FR",
        "homepage": site.base_url,
        "path": format!("{}/modele-de-donnees/table-schema.json", site.base_url),
        "licenses": [{"title": site.licence, "name": site.licence, "path": site.licence_url}],
        "resources": [{
            "title": "Cas d’usage publiés (CSV)",
            "name": "use-cases",
            "path": format!("{}/exports/use-cases.csv", site.base_url),
        }],
        "created": CREATED,
        "lastModified": LAST_MODIFIED,
        "version": VERSION,
        "contributors": [{"title": site.operator, "role": "publisher"}],
        "fields": fields,
        "missingValues": [""],
        "primaryKey": "id",
    })
}

fn table_field(name: &str, spec: &FieldSpec) -> Json {
    let kind = match spec.kind {
        FieldKind::Decimal { .. } => "number",
        FieldKind::Integer => "integer",
        _ => "string",
    };
    let mut constraints = Map::new();
    match spec.kind {
        FieldKind::Code(id) => {
            constraints.insert("enum".to_owned(), json!(codes(id)));
        }
        FieldKind::Codes(id) | FieldKind::CodesMax(id, _) => {
            let one = codes(id).join("|");
            constraints.insert("pattern".to_owned(), json!(format!("^({one})(\\|({one}))*$")));
        }
        FieldKind::Siret => {
            constraints.insert("pattern".to_owned(), json!("^[0-9]{14}$"));
        }
        FieldKind::Date => {
            constraints.insert("pattern".to_owned(), json!("^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"));
        }
        FieldKind::Decimal { min, max } => {
            constraints.insert("minimum".to_owned(), json!(min));
            constraints.insert("maximum".to_owned(), json!(max));
        }
        _ => {}
    }
    if matches!(spec.field, Field::Title | Field::OrganisationName) {
        constraints.insert("required".to_owned(), json!(true));
    }
    let mut field = Map::new();
    field.insert("name".to_owned(), json!(name));
    field.insert("title".to_owned(), json!(spec.label));
    field.insert("description".to_owned(), json!(spec.help));
    if let Some(example) = example(spec.kind) {
        field.insert("example".to_owned(), json!(example));
    }
    field.insert("type".to_owned(), json!(kind));
    field.insert("constraints".to_owned(), json!(constraints));
    Json::Object(field)
}

/// A cell that such a field allows, where the kind alone tells one.
fn example(kind: FieldKind) -> Option<String> {
    let codes = |id, count| codes(id).into_iter().take(count).collect::<Vec<_>>().join("|");
    match kind {
        FieldKind::Siret => Some("21750001600019".to_owned()),
        FieldKind::Code(id) => Some(codes(id, 1)),
        FieldKind::Codes(id) | FieldKind::CodesMax(id, _) => Some(codes(id, 2)),
        FieldKind::CodesText(id) => Some(format!("{}|texte:précision", codes(id, 1))),
        FieldKind::Date => Some("2024-03".to_owned()),
        FieldKind::Integer => Some("1200".to_owned()),
        FieldKind::Links | FieldKind::Resources => Some("https://exemple.fr/projet".to_owned()),
        FieldKind::Partners => Some("Université d’Exemple [academique]".to_owned()),
        FieldKind::Text { .. }
        | FieldKind::Block { .. }
        | FieldKind::Decimal { .. }
        | FieldKind::Names { .. }
        | FieldKind::Contact => None,
    }
}

fn system_field(name: &str) -> Json {
    let (kind, description) = match name {
        "id" => ("string", "Identifiant stable de la fiche (UUID)."),
        "slug" => ("string", "Fin de l’adresse de la fiche."),
        "url" => ("string", "Adresse de la fiche."),
        "organisation_id" => ("string", "Identifiant stable de l’organisation (UUID)."),
        "siren" => ("string", "SIREN de l’organisation, neuf chiffres."),
        "departement" => ("string", "Code du département de l’organisation."),
        "region" => ("string", "Code de la région de l’organisation."),
        "population" => ("integer", "Habitants de la collectivité."),
        "completeness" => ("integer", "Part des champs remplis, de 0 à 100."),
        "version" => ("integer", "Numéro de version de la fiche."),
        "status" => ("string", "État de la fiche."),
        "published_at" => ("datetime", "Publication de cette version."),
        "updated_at" => ("datetime", "Dernier changement de la fiche."),
        _ => ("string", "Licence de réutilisation."),
    };
    let required = matches!(
        name,
        "id" | "slug" | "url" | "organisation_id" | "version" | "updated_at" | "licence"
    );
    json!({"name": name, "title": name, "description": description, "type": kind, "constraints": {"required": required}})
}

/// Rows of the template that offer lists.
const TEMPLATE_ROWS: u32 = 1000;

/// Columns of the templates for contributors: everything but what moderators alone may read.
fn template_fields() -> impl Iterator<Item = &'static FieldSpec> {
    FIELDS
        .iter()
        .filter(|spec| spec.visibility() < Visibility::Moderators)
}

/// An empty CSV in the historic shape, with every column.
pub fn csv_template() -> String {
    let columns: Vec<&str> = template_fields().map(|spec| spec.column).collect();
    format!("\u{feff}{}\n", columns.join(";"))
}

/// A workbook to fill, with lists to choose from.
///
/// # Errors
/// When the workbook cannot be made.
pub fn xlsx_template(site: &SiteInfo) -> Result<Vec<u8>, ExportError> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_timestamp(site.modified.as_second())?;
    workbook.set_properties(
        &DocProperties::new()
            .set_title("Modèle de saisie")
            .set_creation_datetime(&created),
    );
    let bold = Format::new().set_bold();
    let needed = Format::new()
        .set_bold()
        .set_underline(rust_xlsxwriter::FormatUnderline::Single);
    let fields: Vec<&FieldSpec> = template_fields().collect();
    let mut lists: Vec<VocabularyId> = Vec::new();
    for id in fields.iter().filter_map(|spec| spec.kind.vocabulary()) {
        if !lists.contains(&id) {
            lists.push(id);
        }
    }
    let sheet = workbook.add_worksheet();
    sheet.set_name("Saisie")?;
    for (column, spec) in (0_u16..).zip(&fields) {
        let format = if spec.requirement == Requirement::Submit {
            &needed
        } else {
            &bold
        };
        sheet.write_string_with_format(0, column, spec.column, format)?;
        sheet.set_column_width(column, 24)?;
        if let Some(choice) = choice(spec.kind, &lists) {
            sheet.add_data_validation(1, column, TEMPLATE_ROWS, column, &choice)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    let sheet = workbook.add_worksheet();
    sheet.set_name("Listes")?;
    for (column, id) in (0_u16..).zip(&lists) {
        sheet.write_string_with_format(0, column, id.id(), &bold)?;
        sheet.set_column_width(column, 28)?;
        for (row, term) in (1_u32..).zip(site.vocabularies.get(*id).terms()) {
            sheet.write_string(row, column, term.label)?;
        }
    }
    crate::export::model_sheet(&mut workbook, &fields, &bold)?;
    Ok(workbook.save_to_buffer()?)
}

/// The drop-down list of a coded column. A cell for several values offers the list and refuses nothing:
/// spreadsheets know no list with several choices.
fn choice(kind: FieldKind, lists: &[VocabularyId]) -> Option<DataValidation> {
    let id = match kind {
        FieldKind::Code(id)
        | FieldKind::Codes(id)
        | FieldKind::CodesMax(id, _)
        | FieldKind::CodesText(id) => id,
        _ => return None,
    };
    let position = lists.iter().position(|list| *list == id)?;
    let letter = rust_xlsxwriter::utility::column_number_to_name(u16::try_from(position).ok()?);
    let last = Vocabularies::embedded().get(id).terms().len() + 1;
    let range = format!("=Listes!${letter}$2:${letter}${last}");
    let choice = DataValidation::new().allow_list_formula(range.as_str().into());
    if !kind.is_multiple() {
        return Some(choice);
    }
    choice
        .show_error_message(false)
        .set_input_title("Plusieurs réponses possibles")
        .and_then(|choice| choice.set_input_message("Séparez les réponses par |."))
        .ok()
}
