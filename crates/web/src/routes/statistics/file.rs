//! The tables of the page as files, whole.

use axum::extract::{Path, State};
use axum::response::Response;
use sobria_catalogue::evaluation::Amount;
use sobria_exchange::table::{Table, csv};

use super::gather::gather;
use super::sections::remade;
use crate::app::App;
use crate::error::WebError;
use crate::routes::govern::{CSV, attachment};

/// One of its tables, whole.
///
/// # Errors
/// When there is no such table, or the database does not answer.
pub async fn file(State(app): State<App>, Path(name): Path<String>) -> Result<Response, WebError> {
    let id = name.strip_suffix(".csv").ok_or(WebError::NotFound)?;
    let found = gather(&app).await?;
    let text = |value: f64| value.to_string();
    let amount = |amount: Option<Amount>| match amount {
        Some(one) => [text(one.low), text(one.central), text(one.high)],
        None => [String::new(), String::new(), String::new()],
    };
    let (known, energy, gwp) = remade(&found);
    let most = |amount: Option<Amount>| amount.map(|one| text(one.high)).unwrap_or_default();
    let (headers, rows): (Vec<&str>, Vec<Vec<String>>) = match id {
        "impacts" => (
            vec![
                "politique_publique",
                "fiches",
                "fiches_evaluees",
                "kwh_bas",
                "kwh_central",
                "kwh_haut",
                "kgco2e_bas",
                "kgco2e_central",
                "kgco2e_haut",
            ],
            found
                .impacts
                .iter()
                .map(|one| {
                    let mut row = vec![
                        one.theme.clone(),
                        one.records.to_string(),
                        one.evaluated.to_string(),
                    ];
                    row.extend(amount(one.energy));
                    row.extend(amount(one.gwp));
                    row
                })
                .collect(),
        ),
        "reemplois" => (
            vec![
                "fiche_qui_emprunte",
                "fiche_d_origine",
                "kwh_bas",
                "kwh_central",
                "kwh_haut",
                "kgco2e_bas",
                "kgco2e_central",
                "kgco2e_haut",
            ],
            found
                .reused
                .iter()
                .map(|(by, of, build)| {
                    let mut row = vec![by.clone(), of.clone()];
                    row.extend(amount(build.map(|build| build.energy_kwh)));
                    row.extend(amount(build.and_then(|build| build.gwp_kg)));
                    row
                })
                .collect(),
        ),
        "evites" => (
            vec!["grandeur", "nombre"],
            vec![
                vec![
                    "reutilisations_declarees".to_owned(),
                    found.reuse.declarations.to_string(),
                ],
                vec!["projets_reutilises".to_owned(), found.reuse.records.to_string()],
                vec!["auto_evaluations".to_owned(), found.assessed.to_string()],
                vec![
                    "auto_evaluations_avec_effets_evites".to_owned(),
                    found.avoided.to_string(),
                ],
                vec!["briques_empruntees".to_owned(), found.reused.len().to_string()],
                vec![
                    "briques_dont_la_construction_est_estimee".to_owned(),
                    known.to_string(),
                ],
                // Where nobody says what it took, unknown is not zero.
                vec!["kwh_evites_au_plus".to_owned(), most(energy)],
                vec!["kgco2e_evites_au_plus".to_owned(), most(gwp)],
            ],
        ),
        "abandons" => (
            vec!["projet", "motif"],
            found
                .reasons
                .iter()
                .map(|(title, reason)| vec![title.clone(), reason.clone()])
                .collect(),
        ),
        id => {
            let counted = found
                .counted
                .iter()
                .find(|one| one.id == id)
                .ok_or(WebError::NotFound)?;
            (
                vec!["valeur", "nombre"],
                counted
                    .rows
                    .iter()
                    .map(|(label, count)| vec![label.clone(), count.to_string()])
                    .collect(),
            )
        }
    };
    let table = Table {
        title: "Statistiques".to_owned(),
        headers: headers.into_iter().map(str::to_owned).collect(),
        rows,
    };
    let bytes = csv(&table).map_err(|error| WebError::Internal(error.to_string()))?;
    Ok(attachment(bytes, CSV, &format!("statistiques-{id}.csv")))
}
