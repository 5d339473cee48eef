//! Who may read what. The one place that decides it, for pages, exports, search, feeds and the API alike.

use serde_json::{Map, Value as Json, json};

use crate::content::Content;
use crate::field::{FIELDS, Field, Visibility};
use crate::use_case::UseCase;

/// What a reader may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Anyone.
    Public,
    /// A registered agent.
    Member,
}

impl Level {
    /// Whether a reader of this level may read a field of that visibility.
    pub fn may_read(self, visibility: Visibility) -> bool {
        match self {
            Self::Public => visibility == Visibility::Public,
            Self::Member => visibility <= Visibility::Members,
        }
    }

    /// The fields that a reader of this level may read, in the order of the table.
    pub fn fields(self) -> impl Iterator<Item = &'static crate::field::FieldSpec> {
        FIELDS.iter().filter(move |spec| self.may_read(spec.visibility()))
    }

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Member => "member",
        }
    }
}

/// A use case from which everything the reader may not read was removed.
///
/// There is no other way to make one than [`redact`], and templates, exports, search and the API take nothing else.
#[derive(Debug, Clone, PartialEq)]
pub struct VisibleUseCase {
    record: UseCase,
    level: Level,
    beyond: Vec<Field>,
}

/// Removes from a record every value that a reader of `level` may not read.
///
/// ```
/// use jiff::Timestamp;
/// use sobria_catalogue::access::{Level, redact};
/// use sobria_catalogue::content::{Content, Value};
/// use sobria_catalogue::field::Field;
/// use sobria_catalogue::id::{OrganisationId, UseCaseId};
/// use sobria_catalogue::organisation::Organisation;
/// use sobria_catalogue::use_case::{UseCase, WorkflowStatus};
/// use uuid::Uuid;
///
/// let mut content = Content::default();
/// content.set(Field::Title, Value::Text("Fuites d’eau".into()));
/// content.set(Field::Bias, Value::Text("réservé".into()));
/// let record = UseCase {
///     id: UseCaseId::new(Uuid::from_u128(1)),
///     slug: "fuites".into(),
///     organisation: Organisation::named(OrganisationId::new(Uuid::from_u128(2)), "Ville"),
///     content,
///     status: WorkflowStatus::Published,
///     version: 1,
///     created_at: Timestamp::UNIX_EPOCH,
///     updated_at: Timestamp::UNIX_EPOCH,
///     published_at: None,
///     first_published_at: None,
///     last_reviewed_on: None,
///     completeness: 10,
/// };
/// let visible = redact(record, Level::Public);
/// assert_eq!(visible.content().title(), "Fuites d’eau");
/// assert!(visible.content().get(Field::Bias).is_none());
/// ```
pub fn redact(mut record: UseCase, level: Level) -> VisibleUseCase {
    let hidden: Vec<Field> = record
        .content
        .iter()
        .map(|(field, _)| field)
        .filter(|field| !level.may_read(field.spec().visibility()))
        .collect();
    for field in &hidden {
        record.content.take(*field);
    }
    let beyond = hidden
        .into_iter()
        .filter(|field| level == Level::Public && field.spec().visibility() == Visibility::Members)
        .collect();
    VisibleUseCase {
        record,
        level,
        beyond,
    }
}

impl VisibleUseCase {
    /// The record, without what the reader may not read.
    pub fn record(&self) -> &UseCase {
        &self.record
    }

    /// The values that the reader may read.
    pub fn content(&self) -> &Content {
        &self.record.content
    }

    /// For whom the record was reduced.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Filled fields that registered agents would read beyond these: their names, never their content.
    pub fn beyond(&self) -> &[Field] {
        &self.beyond
    }

    /// The public JSON document of the record. `base` is the address of the site, without a final slash.
    pub fn to_json(&self, base: &str, licence: &str) -> Json {
        let record = &self.record;
        let mut root = Map::new();
        root.insert("id".into(), json!(record.id));
        root.insert("slug".into(), json!(record.slug));
        root.insert("url".into(), json!(format!("{base}/cas-usages/{}", record.slug)));
        root.insert("organisation".into(), Json::Object(record.organisation.to_json()));
        root.extend(record.content.to_nested_json());
        root.insert("version".into(), json!(record.version));
        root.insert("status".into(), json!(record.status.code()));
        root.insert("created_at".into(), json!(record.created_at));
        root.insert("updated_at".into(), json!(record.updated_at));
        root.insert("published_at".into(), json!(record.published_at));
        root.insert("completeness".into(), json!(record.completeness));
        root.insert("licence".into(), json!(licence));
        Json::Object(root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_reads_public_fields_and_a_member_reads_no_further_than_member_fields() {
        for (visibility, visitor, member) in [
            (Visibility::Public, true, true),
            (Visibility::Members, false, true),
            (Visibility::Organisation, false, false),
            (Visibility::Moderators, false, false),
        ] {
            assert_eq!(Level::Public.may_read(visibility), visitor, "{visibility:?}");
            assert_eq!(Level::Member.may_read(visibility), member, "{visibility:?}");
        }
    }

    #[test]
    fn the_public_fields_are_those_the_model_declares() {
        let public: Vec<_> = Level::Public.fields().map(|spec| spec.id).collect();
        assert!(public.contains(&"description"));
        for id in [
            "contact",
            "budget_band",
            "algorithm.kinds",
            "risk.assessment",
            "resources",
        ] {
            assert!(!public.contains(&id), "{id}");
        }
    }
}
