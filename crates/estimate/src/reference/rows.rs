//! The rows of each table, and what makes them acceptable.

mod electricity;
mod equivalents;
mod machines;
mod models;
mod places;

pub use electricity::{CODECARBON_EDITIONS, CarbonIntensity, CodeCarbonIntensity, Mix};
pub(super) use electricity::{CarbonIntensities, CodeCarbonIntensities, Mixes};
pub(super) use equivalents::Equivalents;
pub use equivalents::{Criterion, Equivalent, Tier};
pub use machines::{Processor, ProcessorKind, Tdp};
pub(super) use machines::{Processors, Tdps};
pub use models::{Model, Provider};
pub(super) use models::{Models, Providers};
pub use places::Datacenter;
pub(super) use places::Datacenters;

use super::table::TableError;

/// Checks what one table says of another.
pub(super) fn check_links(
    models: &Models<'_>,
    providers: &Providers<'_>,
    mixes: &Mixes<'_>,
    errors: &mut Vec<TableError>,
) {
    if mixes.find("WOR").is_none() {
        errors.push(TableError {
            table: "electricity_mixes",
            line: 0,
            column: "zone",
            found: String::new(),
            expected: "une ligne WOR pour le monde".to_owned(),
        });
    }
    for row in &providers.rows {
        if mixes.find(row.datacentre_zone).is_none() {
            errors.push(TableError {
                table: "llm_providers",
                line: row.line,
                column: "datacentre_zone",
                found: row.datacentre_zone.to_owned(),
                expected: "une zone de electricity_mixes".to_owned(),
            });
        }
    }
    for row in &models.rows {
        if !providers
            .rows
            .iter()
            .any(|provider| provider.provider == row.provider)
        {
            errors.push(TableError {
                table: "llm_models",
                line: row.line,
                column: "provider",
                found: row.provider.to_owned(),
                expected: "un fournisseur de llm_providers".to_owned(),
            });
        }
    }
}
