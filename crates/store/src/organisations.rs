//! Reading organisations. Only those that carry a readable record are listed.

use std::collections::HashMap;

use sobria_catalogue::id::OrganisationId;
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::text::fold_key;

use crate::error::Result;
use crate::row::{Cells, Row};
use crate::sql::Sql;
use crate::store::Store;
use crate::use_cases::LIST;

/// Read back by `Cells::organisation`, in the same order.
pub(crate) const SELECT_ORGANISATION: &str = "SELECT o.id, o.slug, o.name, o.aliases, o.siret, o.siren, o.kind, \
    o.latitude, o.longitude, o.departement, o.region, o.population, o.status";

/// The organisations with a published record; conditions follow.
const FROM_CARRIERS: &str = "FROM organisation o WHERE EXISTS \
    (SELECT 1 FROM use_case u WHERE u.organisation_id = o.id AND u.status = 'published')";

/// An organisation with the number of its published records.
#[derive(Debug, Clone, PartialEq)]
pub struct Carrier {
    /// The organisation.
    pub organisation: Organisation,
    /// How many of its records are published (archived ones apart).
    pub published: u64,
}

/// A page of organisations.
#[derive(Debug, Clone, PartialEq)]
pub struct CarrierPage {
    /// How many there are in all.
    pub total: u64,
    /// Those of this page, by name.
    pub items: Vec<Carrier>,
}

/// One word of a search for organisations, and what it may mean beside a part of their name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CarrierWord {
    /// The word, as [`fold_key`] writes it.
    pub text: String,
    /// Codes of départements.
    pub departements: Vec<&'static str>,
    /// Codes of régions.
    pub regions: Vec<&'static str>,
    /// Codes of kinds of organisations.
    pub kinds: Vec<&'static str>,
}

/// Adds the condition that an organisation answers every word.
fn answering(mut sql: Sql, words: &[CarrierWord]) -> Sql {
    sql = sql.push(FROM_CARRIERS);
    for word in words {
        sql = sql
            .push(" AND (o.name_key LIKE ")
            .bind(format!("%{}%", word.text));
        for (column, codes) in [
            (" OR o.departement IN ", &word.departements),
            (" OR o.region IN ", &word.regions),
            (" OR o.kind IN ", &word.kinds),
        ] {
            if !codes.is_empty() {
                sql = sql.push(column).list(codes.iter().copied());
            }
        }
        sql = sql.push(")");
    }
    sql
}

impl Store {
    /// Organisations with at least one published record, whose name holds `filter`, by name.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn organisations(&self, filter: &str, offset: u32, limit: u32) -> Result<CarrierPage> {
        let named = CarrierWord {
            text: fold_key(filter),
            ..CarrierWord::default()
        };
        self.carriers(&[named], offset, limit).await
    }

    /// Organisations with at least one published record that answer every word, by name.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn carriers(&self, words: &[CarrierWord], offset: u32, limit: u32) -> Result<CarrierPage> {
        let total = answering(Sql::new("SELECT COUNT(*) "), words)
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        // Identifiers of the page first: whole rows and counts are read for them alone.
        let rows = answering(Sql::new("WITH page AS (SELECT o.id "), words)
            .push(" ORDER BY o.name_key")
            .push(self.dialect().byte_order())
            .push(", o.id LIMIT ")
            .bind(i64::from(limit))
            .push(" OFFSET ")
            .bind(i64::from(offset))
            .push(") ")
            .push(SELECT_ORGANISATION)
            .push(
                ", (SELECT COUNT(*) FROM use_case u WHERE u.organisation_id = o.id AND u.status = 'published') \
                 FROM page JOIN organisation o ON o.id = page.id ORDER BY o.name_key",
            )
            .push(self.dialect().byte_order())
            .push(", o.id")
            .all(self.reader())
            .await
            .map_err(|e| self.fail(e))?;
        Ok(CarrierPage {
            total: match total {
                Some(row) => count(&mut Cells::new(&row))?,
                None => 0,
            },
            items: rows.iter().map(carrier).collect::<Result<_>>()?,
        })
    }

    /// The organisation at this address part, whether it has published records or not.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn organisation_by_slug(&self, slug: &str) -> Result<Option<Carrier>> {
        Sql::new(SELECT_ORGANISATION)
            .push(
                ", COUNT(u.id) FROM organisation o \
                 LEFT JOIN use_case u ON u.organisation_id = o.id AND u.status = 'published' WHERE o.slug = ",
            )
            .bind(slug)
            .push(" GROUP BY o.id")
            .first(self.reader())
            .await
            .map_err(|e| self.fail(e))?
            .as_ref()
            .map(carrier)
            .transpose()
    }

    /// Organisations in the order of `ids`; unknown ones are left out.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn organisations_by_ids(&self, ids: &[OrganisationId]) -> Result<Vec<Organisation>> {
        let mut found = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(LIST) {
            let rows = Sql::new(SELECT_ORGANISATION)
                .push(" FROM organisation o WHERE o.id IN ")
                .list(chunk.iter().map(ToString::to_string))
                .all(self.reader())
                .await
                .map_err(|e| self.fail(e))?;
            for row in &rows {
                let organisation = Cells::new(row).organisation()?;
                found.insert(organisation.id, organisation);
            }
        }
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }
}

fn carrier(row: &Row) -> Result<Carrier> {
    let mut cells = Cells::new(row);
    Ok(Carrier {
        organisation: cells.organisation()?,
        published: count(&mut cells)?,
    })
}

fn count(cells: &mut Cells<'_>) -> Result<u64> {
    Ok(u64::try_from(cells.number()?).unwrap_or(0))
}
