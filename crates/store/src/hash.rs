//! Fingerprints: of what the catalogue says, and of what a table holds.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::error::Result;
use crate::row::Cells;
use crate::sql::Sql;
use crate::store::Store;
use crate::use_cases::Interrupted;

/// Adds up the fingerprints of rows, whatever their order.
#[derive(Default)]
pub(crate) struct Fingerprint {
    rows: Vec<[u8; 32]>,
}

impl Fingerprint {
    /// Adds one row: its cells are told apart, and absent ones from empty ones.
    pub(crate) fn add<'c>(&mut self, cells: impl IntoIterator<Item = Option<&'c [u8]>>) {
        let mut hash = Sha256::new();
        for cell in cells {
            match cell {
                Some(bytes) => {
                    hash.update([1]);
                    hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
                    hash.update(bytes);
                }
                None => hash.update([0]),
            }
        }
        self.rows.push(hash.finalize().into());
    }

    /// How many rows were added.
    pub(crate) fn len(&self) -> u64 {
        u64::try_from(self.rows.len()).unwrap_or(u64::MAX)
    }

    /// The fingerprint of all rows, in hexadecimal.
    pub(crate) fn finish(mut self) -> String {
        self.rows.sort_unstable();
        let mut hash = Sha256::new();
        for row in &self.rows {
            hash.update(row);
        }
        hexadecimal(&hash.finalize())
    }
}

/// SHA-256 in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// SHA-256 of several texts, told apart by their lengths, in hexadecimal.
pub(crate) fn sha256_of<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
        hash.update(text.as_bytes());
    }
    hexadecimal(&hash.finalize())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

impl Store {
    /// SHA-256 of what the catalogue says: for each record its state, carrier, published content and newest
    /// content, in hexadecimal.
    ///
    /// Identifiers, addresses and times are left out: the same import run twice into two empty databases, or
    /// interrupted and run again, gives the same hash; and so does a copy on the other engine.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn catalogue_hash(&self) -> Result<String> {
        let mut snapshot = self.begin_read().await?;
        let mut fingerprint = Fingerprint::default();
        Sql::new(
            "SELECT u.status, u.version, u.published_number, h.content, p.content, \
             o.name, o.siret, o.siren, o.kind, o.departement, o.region, o.population, o.status, \
             o.latitude, o.longitude \
             FROM use_case u JOIN organisation o ON o.id = u.organisation_id \
             JOIN revision h ON h.use_case_id = u.id AND h.number = u.version \
             LEFT JOIN revision p ON p.use_case_id = u.id AND p.number = u.published_number",
        )
        .each(&mut snapshot, |row| {
            add_record(&mut fingerprint, &mut Cells::new(&row)).map_err(Interrupted::Store)
        })
        .await
        .map_err(|e: Interrupted| e.into_store(self))?;
        Ok(fingerprint.finish())
    }
}

fn add_record(fingerprint: &mut Fingerprint, cells: &mut Cells<'_>) -> Result<()> {
    let status = cells.owned()?;
    let version = cells.number()?;
    let published = cells.number_or_null()?;
    let newest = cells.owned()?;
    let public = cells.text_or_null()?;
    let name = cells.owned()?;
    let siret = cells.text_or_null()?;
    let siren = cells.text_or_null()?;
    let kind = cells.text_or_null()?;
    let departement = cells.text_or_null()?;
    let region = cells.text_or_null()?;
    let population = cells.number_or_null()?;
    let matched = cells.owned()?;
    let latitude = cells.real_or_null()?;
    let longitude = cells.real_or_null()?;
    let texts = [
        Some(status),
        Some(version.to_string()),
        published.map(|number| number.to_string()),
        Some(newest),
        public,
        Some(name),
        siret,
        siren,
        kind,
        departement,
        region,
        population.map(|number| number.to_string()),
        Some(matched),
        latitude.map(|degrees| degrees.to_string()),
        longitude.map(|degrees| degrees.to_string()),
    ];
    fingerprint.add(texts.iter().map(|cell| cell.as_ref().map(String::as_bytes)));
    Ok(())
}
