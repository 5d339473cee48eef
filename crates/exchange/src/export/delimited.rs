//! CSV: native, or in the shape of the historic files. UTF-8; lines end with a line feed alone.

use std::io::Write;

use sobria_catalogue::access::{Level, VisibleUseCase};
use sobria_catalogue::content::{Link, Value};
use sobria_catalogue::field::{Field, FieldKind, FieldSpec};
use sobria_catalogue::vocabulary::{Vocabularies, VocabularyId};

use super::{CsvOptions, ExportError, Shape, SiteInfo, harmless};
use crate::cell::encode;

/// Columns before the fields: what every row needs to be referred to.
pub const BEFORE: [&str; 4] = ["id", "slug", "url", "organisation_id"];
/// Columns after the fields.
pub const AFTER: [&str; 10] = [
    "siren",
    "departement",
    "region",
    "population",
    "completeness",
    "version",
    "status",
    "published_at",
    "updated_at",
    "licence",
];

/// Last column of a native file whose texts are left as they are: without it, a reader could not tell a quote that
/// somebody typed from one that guards a formula.
pub const RAW: &str = "raw";

/// Columns of the Grist table, in its order.
const GRIST: [(Field, &str); 16] = [
    (Field::OrganisationName, "Nom_collectivite"),
    (Field::Title, "Nom_du_projet"),
    (Field::OrganisationSiret, "SIRET"),
    (Field::OrganisationLatitude, "Latitude"),
    (Field::OrganisationLongitude, "Longitude"),
    (Field::OrganisationKind, "Type_de_collectivite"),
    (Field::StartDate, "Date_de_demarrage"),
    (Field::Maturity, "Statut_du_projet"),
    (Field::AbandonmentReason, "Description_si_abandonne"),
    (Field::Partners, "Partenaires"),
    (Field::Description, "Description_service"),
    (Field::Theme, "Theme"),
    (Field::Subthemes, "Sous_Theme"),
    (Field::Audiences, "Audience"),
    (Field::InfoLinks, "URL_Service"),
    (Field::SourceUpdatedOn, "Date_de_derniere_mise_a_jour"),
];

/// The columns of a shape made for people, for a reader of that level: fields with their headers.
fn historic(shape: Shape, level: Level) -> Vec<(&'static FieldSpec, &'static str)> {
    match shape {
        Shape::Grist => GRIST
            .iter()
            .map(|(field, header)| (field.spec(), *header))
            .filter(|(spec, _)| level.may_read(spec.visibility()))
            .collect(),
        _ => level.fields().map(|spec| (spec, spec.column)).collect(),
    }
}

/// The header of the native form.
pub fn header(level: Level) -> Vec<&'static str> {
    BEFORE
        .into_iter()
        .chain(level.fields().map(name))
        .chain(AFTER)
        .collect()
}

/// Name of the column of a field. The SIRET has the name that joins with other files.
pub fn name(spec: &'static FieldSpec) -> &'static str {
    if spec.field == Field::OrganisationSiret {
        "siret"
    } else {
        spec.id
    }
}

/// Whether cells of the field are text written by people.
fn is_text(field: Field) -> bool {
    !matches!(
        field.spec().kind,
        FieldKind::Decimal { .. } | FieldKind::Integer | FieldKind::Date | FieldKind::Siret
    )
}

/// Writes the file.
pub fn write(
    level: Level,
    site: &SiteInfo,
    options: &CsvOptions,
    items: impl Iterator<Item = Result<VisibleUseCase, ExportError>>,
    out: &mut impl Write,
) -> Result<(), ExportError> {
    if options.bom {
        out.write_all("\u{feff}".as_bytes())?;
    }
    let native = options.shape == Shape::Native;
    let mut writer = csv::WriterBuilder::new()
        .delimiter(if options.shape == Shape::Bibliotheque {
            b';'
        } else {
            b','
        })
        .from_writer(out);
    let columns = historic(options.shape, level);
    if native {
        let mark = options.raw.then_some(RAW);
        writer.write_record(header(level).into_iter().chain(mark))?;
    } else {
        writer.write_record(columns.iter().map(|(_, header)| *header))?;
    }
    for item in items {
        let item = item?;
        let cells = if native {
            let mut cells = native_row(&item, level, site);
            cells.extend(options.raw.then(|| ("1".to_owned(), false)));
            cells
        } else {
            historic_row(&item, &columns, &site.vocabularies)
        };
        let cells = cells.into_iter().map(|(cell, text)| {
            if text && !options.raw {
                harmless(&cell)
            } else {
                cell
            }
        });
        writer.write_record(cells)?;
    }
    writer.flush()?;
    Ok(())
}

type Cell = (String, bool);

/// The value of an organisation's field.
pub fn organisation_cell(item: &VisibleUseCase, field: Field) -> String {
    let organisation = &item.record().organisation;
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    match field {
        Field::OrganisationName => organisation.name.clone(),
        Field::OrganisationSiret => organisation.siret.clone().unwrap_or_default(),
        Field::OrganisationKind => organisation.kind.clone().unwrap_or_default(),
        Field::OrganisationLatitude => number(organisation.latitude),
        Field::OrganisationLongitude => number(organisation.longitude),
        _ => String::new(),
    }
}

fn native_row(item: &VisibleUseCase, level: Level, site: &SiteInfo) -> Vec<Cell> {
    let record = item.record();
    let organisation = &record.organisation;
    let plain = |cell: String| (cell, false);
    let mut cells = vec![
        plain(record.id.to_string()),
        plain(record.slug.clone()),
        plain(format!("{}/cas-usages/{}", site.base_url, record.slug)),
        plain(organisation.id.to_string()),
    ];
    for spec in level.fields() {
        let cell = if spec.field.is_of_organisation() {
            organisation_cell(item, spec.field)
        } else {
            item.content().get(spec.field).map(encode).unwrap_or_default()
        };
        cells.push((cell, is_text(spec.field)));
    }
    let time = |at: Option<jiff::Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    cells.extend(
        [
            organisation.siren.clone().unwrap_or_default(),
            organisation.departement.clone().unwrap_or_default(),
            organisation.region.clone().unwrap_or_default(),
            organisation
                .population
                .map(|count| count.to_string())
                .unwrap_or_default(),
            record.completeness.to_string(),
            record.version.to_string(),
            record.status.code().to_owned(),
            time(record.published_at),
            time(Some(record.updated_at)),
            site.licence.clone(),
        ]
        .map(plain),
    );
    cells
}

fn historic_row(
    item: &VisibleUseCase,
    columns: &[(&'static FieldSpec, &str)],
    vocabularies: &Vocabularies,
) -> Vec<Cell> {
    columns
        .iter()
        .map(|(spec, _)| (label_cell(item, spec, vocabularies), is_text(spec.field)))
        .collect()
}

/// What is said of a link without an address or a label.
fn access(link: &Link, vocabularies: &Vocabularies) -> Option<String> {
    let list = vocabularies.get(VocabularyId::LinkAccess);
    link.access.as_deref().map(|code| list.label(code).to_owned())
}

/// A cell with labels in place of codes, for people.
pub fn label_cell(item: &VisibleUseCase, spec: &FieldSpec, vocabularies: &Vocabularies) -> String {
    let label = |code: &str| {
        spec.kind.vocabulary().map_or_else(
            || code.to_owned(),
            |list| vocabularies.get(list).label(code).to_owned(),
        )
    };
    if spec.field.is_of_organisation() {
        let cell = organisation_cell(item, spec.field);
        return if spec.field == Field::OrganisationKind && !cell.is_empty() {
            label(&cell)
        } else {
            cell
        };
    }
    let Some(value) = item.content().get(spec.field) else {
        return String::new();
    };
    match value {
        Value::Code(code) => label(code),
        Value::Codes(codes) => codes
            .iter()
            .map(|code| label(code))
            .collect::<Vec<_>>()
            .join(" | "),
        Value::CodesText(both) => both
            .codes
            .iter()
            .map(|code| label(code))
            .chain(both.text.clone())
            .collect::<Vec<_>>()
            .join(" | "),
        Value::Names(names) => names.join(" | "),
        Value::Partners(partners) => partners
            .iter()
            .map(|partner| partner.name.clone())
            .collect::<Vec<_>>()
            .join(" | "),
        Value::Links(links) => links
            .iter()
            .filter_map(|link| {
                link.url
                    .clone()
                    .or_else(|| link.label.clone())
                    .or_else(|| access(link, vocabularies))
            })
            .collect::<Vec<_>>()
            .join(" | "),
        Value::Contact(contact) => contact
            .email
            .clone()
            .or_else(|| contact.role.clone())
            .unwrap_or_default(),
        Value::Date(date) => match (date.day(), date.month()) {
            (Some(day), Some(month)) => format!("{day:02}/{month:02}/{}", date.year()),
            (None, Some(month)) => format!("{month:02}/{}", date.year()),
            _ => date.year().to_string(),
        },
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
    }
}
