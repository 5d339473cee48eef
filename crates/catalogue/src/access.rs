//! Who may read what. The one place that decides it, for pages, exports, search, feeds and the API alike.

use serde_json::{Map, Value as Json, json};

use crate::attachment::Attachment;
use crate::content::Content;
use crate::field::{FIELDS, Field, FieldSpec, Visibility};
use crate::id::OrganisationId;
use crate::rights::{Actor, Role};
use crate::use_case::UseCase;

/// What a reader may read of a record, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Anyone.
    Public,
    /// A registered agent.
    Member,
    /// Somebody who contributes for the carrying organisation.
    Organisation,
    /// A moderator or an administrator.
    Moderator,
}

impl Level {
    /// Every level, from the least.
    pub const ALL: [Self; 4] = [Self::Public, Self::Member, Self::Organisation, Self::Moderator];

    /// Whether a reader of this level may read a field of that visibility.
    pub fn may_read(self, visibility: Visibility) -> bool {
        match visibility {
            Visibility::Public => true,
            Visibility::Members => self >= Self::Member,
            Visibility::Organisation => self >= Self::Organisation,
            Visibility::Moderators => self >= Self::Moderator,
        }
    }

    /// The fields that a reader of this level may read, in the order of the table.
    pub fn fields(self) -> impl Iterator<Item = &'static FieldSpec> {
        FIELDS.iter().filter(move |spec| self.may_read(spec.visibility()))
    }

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Member => "member",
            Self::Organisation => "organisation",
            Self::Moderator => "moderator",
        }
    }
}

/// What somebody may read of the records that an organisation carries; none stands for a carrier that the library
/// does not know yet.
pub fn level_for(actor: &Actor, organisation: Option<OrganisationId>) -> Level {
    if actor.is_at_least(Role::Moderator) {
        Level::Moderator
    } else if organisation.is_some_and(|organisation| actor.contributes_for(organisation)) {
        Level::Organisation
    } else {
        actor.level()
    }
}

/// The fields that somebody may read in the records of an organisation, in the order of the table.
pub fn visible_fields(actor: &Actor, organisation: Option<OrganisationId>) -> Vec<Field> {
    level_for(actor, organisation)
        .fields()
        .map(|spec| spec.field)
        .collect()
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

/// A file that the reader may read.
///
/// There is no other way to make one than [`redact_files`], and pages, the API and downloads take nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisibleFile(Attachment);

/// Leaves out the files that a reader of `level` may not read.
pub fn redact_files(files: Vec<Attachment>, level: Level) -> Vec<VisibleFile> {
    files
        .into_iter()
        .filter(|attachment| level.may_read(attachment.file.visibility))
        .map(VisibleFile)
        .collect()
}

impl VisibleFile {
    /// The file, and where it stands.
    pub fn attachment(&self) -> &Attachment {
        &self.0
    }

    /// Where it is downloaded, from the root of the site.
    pub fn path(&self) -> String {
        format!("/fichiers/{}", self.0.id)
    }

    /// The JSON document of the file. `base` is the address of the site, without a final slash.
    pub fn to_json(&self, base: &str) -> Json {
        let file = &self.0.file;
        json!({
            "id": self.0.id,
            "url": format!("{base}{}", self.path()),
            "title": file.title,
            "name": file.name,
            "media_type": file.kind.media_type(),
            "bytes": file.bytes,
            "sha256": file.hash,
            "visibility": file.visibility.code(),
            "since_version": self.0.from,
        })
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
    use crate::content::{CodesText, Contact, Link, Partner, Value};
    use crate::field::FieldKind;
    use crate::id::{UseCaseId, UserId};
    use crate::organisation::Organisation;
    use crate::use_case::WorkflowStatus;
    use jiff::Timestamp;
    use uuid::Uuid;

    /// Each kind of reader with what it may read, from the table of rights.
    fn readers() -> Vec<(&'static str, Actor, &'static [Visibility])> {
        use Visibility::{Members, Moderators, Organisation, Public};
        let account = |role, organisations| Actor {
            account: Some((UserId::new(Uuid::from_u128(9)), role)),
            organisations,
        };
        let (own, other) = (carrier(), OrganisationId::new(Uuid::from_u128(3)));
        vec![
            ("visitor", Actor::visitor(), &[Public]),
            ("pending", account(Role::Pending, vec![]), &[Public]),
            (
                "pending of the carrier",
                account(Role::Pending, vec![own]),
                &[Public],
            ),
            ("member", account(Role::Member, vec![]), &[Public, Members]),
            (
                "member of another",
                account(Role::Member, vec![other]),
                &[Public, Members],
            ),
            (
                "contributor",
                account(Role::Member, vec![other, own]),
                &[Public, Members, Organisation],
            ),
            (
                "moderator",
                account(Role::Moderator, vec![]),
                &[Public, Members, Organisation, Moderators],
            ),
            (
                "admin",
                account(Role::Admin, vec![]),
                &[Public, Members, Organisation, Moderators],
            ),
        ]
    }

    fn carrier() -> OrganisationId {
        OrganisationId::new(Uuid::from_u128(2))
    }

    /// Something to put in a field.
    fn sample(spec: &FieldSpec) -> Value {
        let text = || "x".to_owned();
        match spec.kind {
            FieldKind::Code(_) => Value::Code(text()),
            FieldKind::Codes(_) | FieldKind::CodesMax(..) => Value::Codes(vec![text()]),
            FieldKind::CodesText(_) => Value::CodesText(CodesText {
                codes: vec![text()],
                text: None,
            }),
            FieldKind::Date => Value::Date("2024".parse().unwrap()),
            FieldKind::Integer => Value::Integer(1),
            FieldKind::Partners => Value::Partners(vec![Partner {
                name: text(),
                role: None,
            }]),
            FieldKind::Links | FieldKind::Resources => Value::Links(vec![Link::default()]),
            FieldKind::Names { .. } => Value::Names(vec![text()]),
            FieldKind::Contact => Value::Contact(Contact {
                email: Some(text()),
                role: None,
            }),
            FieldKind::Text { .. }
            | FieldKind::Block { .. }
            | FieldKind::Siret
            | FieldKind::Decimal { .. } => Value::Text(text()),
        }
    }

    #[test]
    fn each_reader_reads_the_fields_of_its_circle_and_no_other() {
        let mut full = Content::default();
        for spec in FIELDS {
            full.set(spec.field, sample(spec));
        }
        for (name, actor, circle) in readers() {
            let level = level_for(&actor, Some(carrier()));
            let fields = visible_fields(&actor, Some(carrier()));
            let record = UseCase {
                id: UseCaseId::new(Uuid::from_u128(1)),
                slug: "fuites".into(),
                organisation: Organisation::named(carrier(), "Ville"),
                content: full.clone(),
                status: WorkflowStatus::Published,
                version: 1,
                created_at: Timestamp::UNIX_EPOCH,
                updated_at: Timestamp::UNIX_EPOCH,
                published_at: None,
                first_published_at: None,
                last_reviewed_on: None,
                completeness: 10,
            };
            let json = redact(record.clone(), level).to_json("https://x.example", "etalab-2.0");
            let visible = redact(record, level);
            for spec in FIELDS {
                let allowed = circle.contains(&spec.visibility());
                assert_eq!(level.may_read(spec.visibility()), allowed, "{name} {}", spec.id);
                assert_eq!(fields.contains(&spec.field), allowed, "{name} {}", spec.id);
                if !spec.field.is_of_organisation() {
                    assert_eq!(
                        visible.content().get(spec.field).is_some(),
                        allowed,
                        "{name} {}",
                        spec.id
                    );
                    let pointer = format!("/{}", spec.id.replace('.', "/"));
                    assert_eq!(json.pointer(&pointer).is_some(), allowed, "{name} {}", spec.id);
                }
            }
            for visibility in [
                Visibility::Public,
                Visibility::Members,
                Visibility::Organisation,
                Visibility::Moderators,
            ] {
                assert_eq!(
                    level.may_read(visibility),
                    circle.contains(&visibility),
                    "{name} {visibility:?}"
                );
            }
        }
    }

    #[test]
    fn a_carrier_that_is_not_known_yet_opens_nothing_to_its_members() {
        for (name, actor, circle) in readers() {
            let level = level_for(&actor, None);
            let opens = circle.contains(&Visibility::Moderators);
            assert_eq!(level.may_read(Visibility::Organisation), opens, "{name}");
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
