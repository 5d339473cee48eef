//! `/donnees/tables/{id}`: each reference table, to read, to filter and to take away.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::Response;
use serde_json::{Map, Value as Json, json};
use sobria_catalogue::text::excerpt;
use sobria_estimate::Reference;
use sobria_estimate::reference::TableInfo;

use crate::app::App;
use crate::error::WebError;
use crate::locale;
use crate::params::{TEXT_MAX, encode, pairs};
use crate::respond::{HTML, JSON, cached};
use crate::routes::frame::{frame, render};
use crate::view::library::Link;
use crate::view::pagination::Pagination;
use crate::view::record::Fact;
use crate::view::reference_table::{Cell, Column, ReferenceTablePage};
use crate::view::{Crumb, Place};

/// Cells of one page: rows are as many as keep it light.
const CELLS: usize = 220;
/// Media type of the delimited file.
const CSV: &str = "text/csv; charset=utf-8";

/// Name of a column in files, its label with the unit, and whether it holds figures.
const COLUMNS: [(&str, &str, bool); 49] = [
    ("provider", "Fournisseur", false),
    ("model", "Modèle", false),
    ("architecture", "Architecture", false),
    ("total_min_b", "Paramètres, au moins (milliards)", true),
    ("total_max_b", "Paramètres, au plus (milliards)", true),
    ("active_min_b", "Paramètres actifs, au moins (milliards)", true),
    ("active_max_b", "Paramètres actifs, au plus (milliards)", true),
    ("tps", "Débit (jetons/s)", true),
    ("ttft_s", "Délai du premier jeton (s)", true),
    ("warnings", "Avertissements", false),
    ("alias_of", "Autre nom de", false),
    ("sources", "Sources", false),
    ("display_name", "Nom", false),
    ("cloud_assumed", "Hébergeur supposé", false),
    ("datacentre_zone", "Zone électrique", false),
    ("pue_min", "PUE, au moins", true),
    ("pue_max", "PUE, au plus", true),
    ("wue_min_l_kwh", "WUE, au moins (L/kWh)", true),
    ("wue_max_l_kwh", "WUE, au plus (L/kWh)", true),
    ("source", "Source", false),
    ("zone", "Zone", false),
    ("name", "Nom de la zone", false),
    ("gwp_kgco2e_kwh", "Gaz à effet de serre (kg CO₂e/kWh)", true),
    ("adpe_kgsbeq_kwh", "Métaux (kg Sb eq/kWh)", true),
    ("pe_mj_kwh", "Énergie primaire (MJ/kWh)", true),
    ("water_l_kwh", "Eau (L/kWh)", true),
    ("gwp_source", "Source, gaz à effet de serre", false),
    ("adpe_source", "Source, métaux", false),
    ("pe_source", "Source, énergie primaire", false),
    ("water_source", "Source, eau", false),
    ("kind", "Nature", false),
    ("cores", "Cœurs", true),
    ("tdp_w", "Puissance thermique (W)", true),
    ("w_per_core", "Puissance par cœur ou par carte (W)", true),
    ("set", "Édition des données", false),
    ("country", "Pays", false),
    ("region", "Région", false),
    ("gco2e_kwh", "Gaz à effet de serre (g CO₂e/kWh)", true),
    ("year", "Année", false),
    ("scope_note", "Ce que la valeur couvre", false),
    ("place", "Lieu", false),
    ("pue", "PUE", true),
    ("slug", "Identifiant", false),
    ("criterion", "Critère", false),
    ("category", "Famille", false),
    ("label_one", "Libellé au singulier", false),
    ("label_many", "Libellé au pluriel", false),
    ("unit", "Unité comptée", false),
    ("value", "Valeur d’une unité", true),
];

/// Further columns: equivalents, power of processors, factors of CodeCarbon.
const MORE_COLUMNS: [(&str, &str, bool); 14] = [
    ("value_unit", "Unité de la valeur", false),
    ("tier", "Préférence", false),
    ("scope", "Ce qui est compté", false),
    ("vendor", "Fabricant", false),
    ("segment", "Usage", false),
    ("n_cores", "Nombre de cœurs", true),
    ("tdp_w_per_core", "Puissance par cœur (W)", true),
    ("launch_year", "Année de sortie", false),
    (
        "g_per_kwh_2.0.0",
        "Versions 2.0.0 et suivantes (g CO₂e/kWh)",
        true,
    ),
    ("g_per_kwh_2.2.2", "2.2.2 et suivantes (g CO₂e/kWh)", true),
    ("g_per_kwh_2.2.7", "2.2.7 et suivantes (g CO₂e/kWh)", true),
    ("g_per_kwh_2.3.5", "2.3.5 et suivantes (g CO₂e/kWh)", true),
    ("g_per_kwh_2.6.0", "2.6.0 et suivantes (g CO₂e/kWh)", true),
    ("g_per_kwh_2.8.0", "2.8.0 et suivantes (g CO₂e/kWh)", true),
];

/// Label of a column, and whether it holds figures.
fn column(name: &str) -> (&'static str, bool) {
    COLUMNS
        .iter()
        .chain(&MORE_COLUMNS)
        .find(|(known, _, _)| *known == name)
        .map_or(("Autre", false), |(_, label, numeric)| (*label, *numeric))
}

/// The table that an address names.
struct Table {
    info: TableInfo,
    header: Vec<&'static str>,
    rows: Vec<Vec<&'static str>>,
}

impl Table {
    fn find(reference: &Reference, id: &str) -> Option<Self> {
        let info = reference.tables().into_iter().find(|info| info.id == id)?;
        let text = reference.text(id)?;
        let mut lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines();
        let header = lines.next()?.split('\t').collect();
        Some(Self {
            info,
            header,
            rows: lines.map(|line| line.split('\t').collect()).collect(),
        })
    }

    /// Rows of one page.
    fn page_rows(&self) -> usize {
        (CELLS / self.header.len().max(1)).max(10)
    }

    /// The column that names a row.
    fn head(&self) -> usize {
        match self.info.id {
            "llm_models" | "electricity_mixes" | "processors" => 1,
            "equivalents" => 3,
            _ => 0,
        }
    }

    fn csv(&self) -> String {
        let mut out = String::new();
        for row in std::iter::once(&self.header).chain(&self.rows) {
            for (place, cell) in row.iter().enumerate() {
                if place > 0 {
                    out.push(';');
                }
                if cell.contains(['"', ';', '\r']) {
                    out.push('"');
                    out.push_str(&cell.replace('"', "\"\""));
                    out.push('"');
                } else {
                    out.push_str(cell);
                }
            }
            out.push_str("\r\n");
        }
        out
    }

    fn json(&self, version: &str) -> Json {
        let columns: Vec<Json> = self
            .header
            .iter()
            .map(|name| json!({"name": name, "label": column(name).0}))
            .collect();
        let rows: Vec<Json> = self
            .rows
            .iter()
            .map(|row| {
                let cells: Map<String, Json> = self
                    .header
                    .iter()
                    .zip(row)
                    .map(|(name, cell)| ((*name).to_owned(), value(name, cell)))
                    .collect();
                Json::Object(cells)
            })
            .collect();
        json!({
            "id": self.info.id,
            "title": self.info.title,
            "description": self.info.description,
            "source": self.info.source,
            "year": self.info.year,
            "licence": self.info.licence,
            "embedded": self.info.embedded,
            "reference_version": version,
            "columns": columns,
            "rows": rows,
        })
    }
}

/// A cell as JSON: numbers where the column holds figures, null where nothing is written.
fn value(name: &str, cell: &str) -> Json {
    let number = || {
        cell.parse::<i64>()
            .map(Json::from)
            .or_else(|_| cell.parse::<f64>().map(Json::from))
    };
    match cell {
        "" => Json::Null,
        _ if column(name).1 => number().unwrap_or_else(|_| Json::from(cell)),
        _ => Json::from(cell),
    }
}

/// A table: its page, or the whole of it when the address ends with `.csv` or `.json`.
///
/// # Errors
/// When there is no such table.
pub async fn page(
    State(app): State<App>,
    uri: Uri,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let (id, extension) = name.split_once('.').unwrap_or((&name, ""));
    let table = Table::find(app.reference(), id).ok_or(WebError::NotFound)?;
    match extension {
        "" => {
            let query = query.unwrap_or_default();
            cached(&app, &uri, &headers, HTML, async {
                render(&assemble(&app, &table, &query))
            })
            .await
        }
        "csv" => {
            let response = cached(&app, &uri, &headers, CSV, async { Ok(table.csv()) }).await?;
            Ok(as_file(response, &name))
        }
        "json" => {
            cached(&app, &uri, &headers, JSON, async {
                Ok(table.json(app.reference().version()).to_string())
            })
            .await
        }
        _ => Err(WebError::NotFound),
    }
}

fn as_file(mut response: Response, name: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

fn assemble(app: &App, table: &Table, query: &str) -> ReferenceTablePage {
    let info = table.info;
    let action = format!("/donnees/tables/{}", info.id);
    let (mut search, mut page) = (String::new(), 1);
    for (name, value) in pairs(query) {
        match name.as_str() {
            "q" => {
                search = value
                    .trim()
                    .chars()
                    .filter(|c| !c.is_control())
                    .take(TEXT_MAX)
                    .collect()
            }
            "page" => page = value.parse().unwrap_or(1),
            _ => {}
        }
    }
    let folded = locale::fold(&search);
    let words: Vec<&str> = folded.split_whitespace().collect();
    let kept: Vec<&Vec<&'static str>> = table
        .rows
        .iter()
        .filter(|row| {
            let text = if words.is_empty() {
                String::new()
            } else {
                locale::fold(&row.join(" "))
            };
            words.iter().all(|word| text.contains(word))
        })
        .collect();
    let per_page = table.page_rows();
    let last = kept.len().div_ceil(per_page).max(1);
    let page = page.clamp(1, last);
    let first = (page - 1) * per_page;
    let head = table.head();
    let rows: Vec<Vec<Cell>> = kept
        .iter()
        .skip(first)
        .take(per_page)
        .map(|row| {
            table
                .header
                .iter()
                .zip(row.iter())
                .enumerate()
                .map(|(place, (name, text))| cell(name, text, place == head))
                .collect()
        })
        .collect();
    let mut layout = frame(app, Place::Data, info.title, &action)
        .described(format!("{} {}", info.description, info.source))
        .under(vec![
            Crumb::to("Données", "/donnees"),
            Crumb::here(info.title.to_owned()),
        ]);
    layout.alternates = vec![
        Link::new("text/csv", format!("{action}.csv")),
        Link::new("application/json", format!("{action}.json")),
    ];
    let quoted = excerpt(&search, 60);
    ReferenceTablePage {
        layout,
        title: info.title,
        lead: info.description,
        facts: vec![
            Fact::new("Source", info.source),
            Fact::new("Année des valeurs", info.year),
            Fact::new("Licence", info.licence),
            Fact::new(
                "Édition",
                format!("{}, {}", app.reference().version(), origin(info)),
            ),
        ],
        downloads: vec![
            Link::new("CSV (UTF-8, points-virgules)", format!("{action}.csv")),
            Link::new("JSON", format!("{action}.json")),
        ],
        caption: caption(info.rows, kept.len(), &quoted, first, rows.len()),
        columns: table
            .header
            .iter()
            .map(|name| {
                let (label, numeric) = column(name);
                Column { label, numeric }
            })
            .collect(),
        rows,
        pagination: Pagination::new(page, last, |page| {
            let mut address = action.clone();
            let mut sign = '?';
            if !search.is_empty() {
                address.push_str(&format!("{sign}q={}", encode(&search)));
                sign = '&';
            }
            if page > 1 {
                address.push_str(&format!("{sign}page={page}"));
            }
            address
        }),
        action,
        search,
    }
}

/// Whether a table is the project's or the operator's, in words.
pub fn origin(info: TableInfo) -> &'static str {
    if info.embedded {
        "table livrée avec le logiciel"
    } else {
        "table remplacée par l’exploitant"
    }
}

fn caption(total: usize, kept: usize, search: &str, first: usize, shown: usize) -> String {
    if kept == 0 {
        return format!("Aucune ligne ne contient «\u{a0}{search}\u{a0}».");
    }
    let span = format!(
        "Lignes {} à {}",
        locale::count(first + 1),
        locale::count(first + shown)
    );
    let lines = |count: usize| locale::counted(u64::try_from(count).unwrap_or(u64::MAX), "ligne", "lignes");
    if search.is_empty() {
        format!("{span} sur {}.", locale::count(total))
    } else {
        format!(
            "{} sur {} avec «\u{a0}{search}\u{a0}». {span}.",
            lines(kept),
            locale::count(total)
        )
    }
}

fn cell(name: &str, text: &str, head: bool) -> Cell {
    let numeric = column(name).1;
    Cell {
        text: match text {
            "" => "–".to_owned(),
            _ if numeric => locale::written(text),
            _ => text.to_owned(),
        },
        numeric,
        head,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_every_table_has_a_french_label() {
        let reference = Reference::embedded();
        for info in reference.tables() {
            let table = Table::find(reference, info.id).unwrap();
            assert_eq!(table.rows.len(), info.rows);
            for name in &table.header {
                assert_ne!(column(name).0, "Autre", "{}: {name}", info.id);
            }
            assert!(table.head() < table.header.len());
        }
    }

    #[test]
    fn figures_are_figures_in_every_row() {
        let reference = Reference::embedded();
        for info in reference.tables() {
            let table = Table::find(reference, info.id).unwrap();
            for row in &table.rows {
                for (name, cell) in table.header.iter().zip(row) {
                    if column(name).1 && !cell.is_empty() && !["cores", "tdp_w"].contains(name) {
                        assert!(value(name, cell).is_number(), "{}: {name} = {cell}", info.id);
                    }
                }
            }
        }
    }
}
