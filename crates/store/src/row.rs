//! From columns to domain values. Damaged values are errors that name the record, never guesses.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::types::Value as Kept;
use sobria_catalogue::content::{Content, Value};
use sobria_catalogue::id::{InvalidId, OrganisationId, UseCaseId, UserId};
use sobria_catalogue::organisation::{Organisation, OrganisationStatus};
use sobria_catalogue::text::push_json;
use sobria_catalogue::use_case::{UseCase, WorkflowStatus};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::error::{Result, StoreError};
use crate::sqlite;

/// A row of either engine.
pub(crate) enum Row {
    Sqlite(sqlite::Row),
    Postgres(AnyRow),
}

/// Reads the columns of a row one after the other.
pub(crate) struct Cells<'r> {
    row: &'r Row,
    next: usize,
}

/// What a column may be read as, on SQLite.
trait FromKept<'r>: Sized {
    fn from_kept(kept: &'r Kept) -> Option<Self>;
}

impl<'r> FromKept<'r> for &'r str {
    fn from_kept(kept: &'r Kept) -> Option<Self> {
        match kept {
            Kept::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl<'r> FromKept<'r> for &'r [u8] {
    fn from_kept(kept: &'r Kept) -> Option<Self> {
        match kept {
            Kept::Blob(bytes) => Some(bytes),
            Kept::Text(text) => Some(text.as_bytes()),
            _ => None,
        }
    }
}

impl FromKept<'_> for i64 {
    fn from_kept(kept: &Kept) -> Option<Self> {
        match kept {
            Kept::Integer(number) => Some(*number),
            _ => None,
        }
    }
}

impl FromKept<'_> for f64 {
    fn from_kept(kept: &Kept) -> Option<Self> {
        match kept {
            Kept::Real(number) => Some(*number),
            _ => None,
        }
    }
}

impl<'r, T: FromKept<'r>> FromKept<'r> for Option<T> {
    fn from_kept(kept: &'r Kept) -> Option<Self> {
        match kept {
            Kept::Null => Some(None),
            other => T::from_kept(other).map(Some),
        }
    }
}

impl<'r> Cells<'r> {
    pub(crate) fn new(row: &'r Row) -> Self {
        Self { row, next: 0 }
    }

    fn take<T>(&mut self) -> Result<T>
    where
        T: FromKept<'r> + sqlx::Decode<'r, sqlx::Any> + sqlx::Type<sqlx::Any>,
    {
        let index = self.next;
        self.next += 1;
        match self.row {
            Row::Sqlite(row) => row
                .get(index)
                .and_then(T::from_kept)
                .ok_or_else(|| unread(index, row.get(index))),
            Row::Postgres(row) => row.try_get(index).map_err(|source| {
                let place = row.columns().get(index).map_or_else(
                    || format!("column {index}"),
                    |column| format!("column {}", sqlx::Column::name(column)),
                );
                StoreError::damaged(place, source)
            }),
        }
    }

    pub(crate) fn text(&mut self) -> Result<&'r str> {
        self.take()
    }

    pub(crate) fn owned(&mut self) -> Result<String> {
        self.take::<&str>().map(str::to_owned)
    }

    pub(crate) fn text_or_null(&mut self) -> Result<Option<String>> {
        Ok(self.take::<Option<&str>>()?.map(str::to_owned))
    }

    pub(crate) fn bytes(&mut self) -> Result<&'r [u8]> {
        self.take()
    }

    pub(crate) fn bytes_or_null(&mut self) -> Result<Option<Vec<u8>>> {
        Ok(self.take::<Option<&[u8]>>()?.map(<[u8]>::to_vec))
    }

    pub(crate) fn number(&mut self) -> Result<i64> {
        self.take()
    }

    pub(crate) fn number_or_null(&mut self) -> Result<Option<i64>> {
        self.take()
    }

    pub(crate) fn real_or_null(&mut self) -> Result<Option<f64>> {
        self.take()
    }

    pub(crate) fn time(&mut self) -> Result<Timestamp> {
        time(self.number()?)
    }

    pub(crate) fn time_or_null(&mut self) -> Result<Option<Timestamp>> {
        self.number_or_null()?.map(time).transpose()
    }

    pub(crate) fn day_or_null(&mut self) -> Result<Option<Date>> {
        self.take::<Option<&str>>()?
            .map(|text| {
                text.parse::<Date>()
                    .map_err(|source| StoreError::damaged(format!("day \"{text}\""), source))
            })
            .transpose()
    }

    pub(crate) fn version(&mut self) -> Result<u32> {
        let number = self.number()?;
        u32::try_from(number)
            .map_err(|source| StoreError::damaged(format!("revision number {number}"), source))
    }

    pub(crate) fn version_or_null(&mut self) -> Result<Option<u32>> {
        self.number_or_null()?
            .map(|number| {
                u32::try_from(number)
                    .map_err(|source| StoreError::damaged(format!("revision number {number}"), source))
            })
            .transpose()
    }

    pub(crate) fn id<T>(&mut self, place: &'static str) -> Result<T>
    where
        T: std::str::FromStr<Err = InvalidId>,
    {
        self.text()?
            .parse()
            .map_err(|source| StoreError::damaged(place, source))
    }

    pub(crate) fn id_or_null<T>(&mut self, place: &'static str) -> Result<Option<T>>
    where
        T: std::str::FromStr<Err = InvalidId>,
    {
        self.text_or_null()?
            .map(|text| text.parse().map_err(|source| StoreError::damaged(place, source)))
            .transpose()
    }

    pub(crate) fn use_case_id(&mut self) -> Result<UseCaseId> {
        let text = self.text()?;
        text.parse()
            .map_err(|source| StoreError::damaged("use_case.id", into_std(source)))
    }

    pub(crate) fn organisation_id(&mut self) -> Result<OrganisationId> {
        let text = self.text()?;
        text.parse()
            .map_err(|source| StoreError::damaged("organisation.id", into_std(source)))
    }

    pub(crate) fn user_id(&mut self) -> Result<UserId> {
        let text = self.text()?;
        text.parse()
            .map_err(|source| StoreError::damaged("account.id", into_std(source)))
    }

    pub(crate) fn user_id_or_null(&mut self) -> Result<Option<UserId>> {
        self.take::<Option<&str>>()?
            .map(|text| {
                text.parse()
                    .map_err(|source| StoreError::damaged("account.id", into_std(source)))
            })
            .transpose()
    }

    pub(crate) fn status(&mut self) -> Result<WorkflowStatus> {
        let code = self.text()?;
        WorkflowStatus::from_code(code)
            .ok_or_else(|| StoreError::damaged("use_case.status", format!("unknown status \"{code}\"")))
    }

    /// The columns of [`ORGANISATION_COLUMNS`].
    pub(crate) fn organisation(&mut self) -> Result<Organisation> {
        let id = self.organisation_id()?;
        Ok(Organisation {
            id,
            slug: self.owned()?,
            name: self.owned()?,
            aliases: aliases(id, self.text()?)?,
            siret: self.text_or_null()?,
            siren: self.text_or_null()?,
            kind: self.text_or_null()?,
            latitude: self.real_or_null()?,
            longitude: self.real_or_null()?,
            departement: self.text_or_null()?,
            region: self.text_or_null()?,
            population: self
                .number_or_null()?
                .map(|number| {
                    u32::try_from(number)
                        .map_err(|source| StoreError::damaged(format!("organisation {id}"), source))
                })
                .transpose()?,
            status: OrganisationStatus::from_code(self.text()?),
        })
    }

    /// The columns of a [`UseCase`], in the order in which `use_cases.rs` selects them.
    pub(crate) fn use_case(&mut self) -> Result<UseCase> {
        let id = self.use_case_id()?;
        Ok(UseCase {
            id,
            slug: self.owned()?,
            status: self.status()?,
            created_at: self.time()?,
            first_published_at: self.time_or_null()?,
            last_reviewed_on: self.day_or_null()?,
            version: self.version()?,
            content: content(id, self.text()?)?,
            completeness: u8::try_from(self.number()?)
                .map_err(|source| StoreError::damaged(format!("completeness of {id}"), source))?,
            updated_at: self.time()?,
            published_at: self.time_or_null()?,
            organisation: self.organisation()?,
        })
    }
}

/// A column that does not hold what is wanted of it. What it holds is not told.
fn unread(index: usize, found: Option<&Kept>) -> StoreError {
    let found = found.map_or_else(
        || "no such column".to_owned(),
        |kept| format!("unexpected kind of value: {}", kept.data_type()),
    );
    StoreError::damaged(format!("column {index}"), found)
}

fn into_std(
    source: impl std::error::Error + Send + Sync + 'static,
) -> Box<dyn std::error::Error + Send + Sync> {
    Box::new(source)
}

fn time(milliseconds: i64) -> Result<Timestamp> {
    Timestamp::from_millisecond(milliseconds)
        .map_err(|source| StoreError::damaged(format!("time {milliseconds}"), source))
}

fn aliases(id: OrganisationId, text: &str) -> Result<Vec<String>> {
    serde_json::from_str(text)
        .map_err(|source| StoreError::damaged(format!("aliases of the organisation {id}"), source))
}

/// Reads the stored form of a content.
pub(crate) fn content(id: UseCaseId, text: &str) -> Result<Content> {
    let json = serde_json::from_str(text)
        .map_err(|source| StoreError::damaged(format!("revision of {id}"), source))?;
    Content::from_json(json).map_err(|source| StoreError::damaged(format!("revision of {id}"), source))
}

/// The title of a stored content, without reading the rest where it comes first, as it does in what is written here.
pub(crate) fn title(id: UseCaseId, text: &str) -> Result<String> {
    let first = text.strip_prefix("{\"title\":").and_then(|rest| {
        serde_json::Deserializer::from_str(rest)
            .into_iter::<String>()
            .next()
    });
    match first {
        Some(Ok(title)) => Ok(title),
        _ => Ok(content(id, text)?.title().to_owned()),
    }
}

/// Writes the stored form of a content, which is that of [`Content::to_json`], without building a tree first.
pub(crate) fn content_text(content: &Content) -> String {
    let mut text = String::with_capacity(1024);
    for (field, value) in content.iter() {
        text.push(if text.is_empty() { '{' } else { ',' });
        text.push('"');
        text.push_str(field.spec().id);
        text.push_str("\":");
        match value {
            Value::Text(line) | Value::Code(line) => push_json(&mut text, line),
            Value::Date(date) => push_json(&mut text, &date.to_string()),
            Value::Codes(items) | Value::Names(items) => push_strings(&mut text, items),
            // Lists of objects that hold texts alone have no failing form.
            Value::Partners(partners) => {
                text.push_str(&serde_json::to_string(partners).unwrap_or_default());
            }
            Value::Links(links) => text.push_str(&serde_json::to_string(links).unwrap_or_default()),
            other => text.push_str(&other.to_json().to_string()),
        }
    }
    text.push_str(if text.is_empty() { "{}" } else { "}" });
    text
}

/// Writes a JSON list of strings.
fn push_strings(text: &mut String, items: &[String]) {
    text.push('[');
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        push_json(text, item);
    }
    text.push(']');
}

/// Writes a list of texts as JSON.
pub(crate) fn json_list(items: &[String]) -> String {
    serde_json::Value::from(items.to_vec()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sobria_catalogue::content::{Link, Partner};
    use sobria_catalogue::field::Field;

    #[test]
    fn the_stored_form_is_the_one_that_the_catalogue_declares() {
        let mut contents = vec![Content::default()];
        let all: String = (0..0x300).filter_map(char::from_u32).collect();
        for line in [
            "",
            "a",
            "\"",
            "\\",
            "fin\n",
            "l’eau\u{202f}: «\u{a0}oui\u{a0}»",
            "\u{7f}\u{2028}😀",
            &all,
        ] {
            let mut content = Content::default();
            content.set(Field::Title, Value::Text(line.to_owned()));
            content.set(Field::Theme, Value::Code("transition".to_owned()));
            content.set(
                Field::Subthemes,
                Value::Codes(vec!["a".to_owned(), "b\"".to_owned()]),
            );
            content.set(
                Field::Partners,
                Value::Partners(vec![Partner {
                    name: line.to_owned(),
                    role: Some("expert".to_owned()),
                }]),
            );
            let link = Link {
                url: Some(line.to_owned()),
                ..Link::default()
            };
            content.set(Field::InfoLinks, Value::Links(vec![link.clone(), link]));
            content.set(Field::StartDate, Value::Date("2024-03".parse().unwrap()));
            contents.push(content);
        }
        for value in contents {
            let text = content_text(&value);
            assert_eq!(text, value.to_json().to_string());
            let id = UseCaseId::new(uuid::Uuid::nil());
            assert_eq!(title(id, &text).unwrap(), value.title());
        }
    }
}
