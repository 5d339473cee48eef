//! What changed between two contents, field by field, as far as a reader may know.

use similar::{ChangeTag, TextDiff};

use crate::access::Level;
use crate::content::{Content, Value};
use crate::field::{Field, FieldKind};
use crate::organisation::Organisation;

/// How a field changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// It had no value.
    Added,
    /// It has no value any more.
    Removed,
    /// It has another value.
    Changed,
}

/// A stretch of a text that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fragment {
    /// In both texts.
    Same(String),
    /// In the former one only.
    Removed(String),
    /// In the new one only.
    Added(String),
}

/// What became of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// The field.
    pub field: Field,
    /// How it changed.
    pub kind: ChangeKind,
    /// The former value.
    pub before: Option<Value>,
    /// The new value.
    pub after: Option<Value>,
    /// Word by word, for a text that has another text; else empty.
    pub words: Vec<Fragment>,
}

/// The differences that a reader may see. Only [`diff`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    level: Level,
    changes: Vec<FieldChange>,
}

impl Diff {
    /// For whom the differences were reduced.
    pub fn level(&self) -> Level {
        self.level
    }

    /// The changes, in the order of the table of fields.
    pub fn changes(&self) -> &[FieldChange] {
        &self.changes
    }

    /// Whether nothing that the reader may see changed.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// The differences between two contents, without the fields that a reader of `level` may not read.
///
/// ```
/// use sobria_catalogue::access::Level;
/// use sobria_catalogue::content::{Content, Value};
/// use sobria_catalogue::diff::{Fragment, diff};
/// use sobria_catalogue::field::Field;
///
/// let (mut before, mut after) = (Content::default(), Content::default());
/// before.set(Field::Title, Value::Text("Fuites d’eau".into()));
/// after.set(Field::Title, Value::Text("Fuites de gaz".into()));
/// after.set(Field::Bias, Value::Text("réservé aux agents".into()));
/// let seen = diff(&before, &after, Level::Public);
/// let [title] = seen.changes() else { panic!("the bias of a record is not public") };
/// assert_eq!(title.words.first(), Some(&Fragment::Same("Fuites ".into())));
/// ```
pub fn diff(before: &Content, after: &Content, level: Level) -> Diff {
    let changes = before
        .differing_fields(after)
        .into_iter()
        .filter(|field| level.may_read(field.spec().visibility()))
        .map(|field| change(field, before.get(field), after.get(field)))
        .collect();
    Diff { level, changes }
}

fn change(field: Field, before: Option<&Value>, after: Option<&Value>) -> FieldChange {
    let (kind, words) = match (before, after) {
        (None, _) => (ChangeKind::Added, Vec::new()),
        (_, None) => (ChangeKind::Removed, Vec::new()),
        (Some(Value::Text(before)), Some(Value::Text(after))) => (ChangeKind::Changed, words(before, after)),
        _ => (ChangeKind::Changed, Vec::new()),
    };
    FieldChange {
        field,
        kind,
        before: before.cloned(),
        after: after.cloned(),
        words,
    }
}

/// The differences between two texts, word by word.
///
/// ```
/// use sobria_catalogue::diff::{Fragment, words};
///
/// let found = words("un chat noir", "un chat blanc");
/// assert_eq!(
///     found,
///     [
///         Fragment::Same("un chat ".into()),
///         Fragment::Removed("noir".into()),
///         Fragment::Added("blanc".into())
///     ]
/// );
/// ```
pub fn words(before: &str, after: &str) -> Vec<Fragment> {
    let mut fragments: Vec<Fragment> = Vec::new();
    for change in TextDiff::from_words(before, after).iter_all_changes() {
        let word = change.value();
        match (change.tag(), fragments.last_mut()) {
            (ChangeTag::Equal, Some(Fragment::Same(text)))
            | (ChangeTag::Delete, Some(Fragment::Removed(text)))
            | (ChangeTag::Insert, Some(Fragment::Added(text))) => text.push_str(word),
            (ChangeTag::Equal, _) => fragments.push(Fragment::Same(word.to_owned())),
            (ChangeTag::Delete, _) => fragments.push(Fragment::Removed(word.to_owned())),
            (ChangeTag::Insert, _) => fragments.push(Fragment::Added(word.to_owned())),
        }
    }
    fragments
}

/// A value of a carrier that changed. All of it is public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarrierChange {
    /// The field.
    pub field: Field,
    /// The former value, ready to print but for the label of a code.
    pub before: Option<String>,
    /// The new value.
    pub after: Option<String>,
}

/// What changed of the carrier.
pub fn carrier_diff(before: &Organisation, after: &Organisation) -> Vec<CarrierChange> {
    let degrees = |value: Option<f64>| value.map(|degrees| degrees.to_string());
    [
        (
            Field::OrganisationName,
            Some(before.name.clone()),
            Some(after.name.clone()),
        ),
        (
            Field::OrganisationSiret,
            before.siret.clone(),
            after.siret.clone(),
        ),
        (Field::OrganisationKind, before.kind.clone(), after.kind.clone()),
        (
            Field::OrganisationLatitude,
            degrees(before.latitude),
            degrees(after.latitude),
        ),
        (
            Field::OrganisationLongitude,
            degrees(before.longitude),
            degrees(after.longitude),
        ),
    ]
    .into_iter()
    .filter(|(_, before, after)| before != after)
    .map(|(field, before, after)| CarrierChange { field, before, after })
    .collect()
}

/// Most characters that a small correction of a text changes.
const SMALL: usize = 40;

/// Whether the second content only corrects the first: links, key words, contact, and a few characters of texts.
///
/// ```
/// use sobria_catalogue::content::{Content, Value};
/// use sobria_catalogue::diff::is_small;
/// use sobria_catalogue::field::Field;
///
/// let with = |text: &str| {
///     let mut content = Content::default();
///     content.set(Field::Description, Value::Text(text.into()));
///     content
/// };
/// let before = with("Le systeme repère les fuites d’eau sur le réseau de la ville.");
/// assert!(is_small(&before, &with("Le système repère les fuites d’eau sur le réseau de la ville.")));
/// assert!(!is_small(&before, &with("Le système décide des coupures d’eau, sans agent.")));
/// ```
pub fn is_small(before: &Content, after: &Content) -> bool {
    before.differing_fields(after).into_iter().all(|field| {
        match (field.spec().kind, before.get(field), after.get(field)) {
            _ if matches!(field, Field::InfoLinks | Field::Tags | Field::Contact) => true,
            (
                FieldKind::Text { .. } | FieldKind::Block { .. },
                Some(Value::Text(before)),
                Some(Value::Text(after)),
            ) => {
                let changed = TextDiff::from_chars(before.as_str(), after.as_str())
                    .iter_all_changes()
                    .filter(|change| change.tag() != ChangeTag::Equal)
                    .count();
                let length = before.chars().count().max(after.chars().count());
                changed <= SMALL && changed * 10 <= length
            }
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::FIELDS;
    use serde_json::json;

    fn content(json: serde_json::Value) -> Content {
        Content::from_json(json).unwrap()
    }

    #[test]
    fn each_change_has_its_kind_and_texts_have_their_words() {
        let before = content(json!({"title": "Fuites", "theme": "mobilites", "bias": "aucun"}));
        let after = content(json!({"title": "Fuites d’eau", "theme": "transition", "tags": ["eau"]}));
        let found = diff(&before, &after, Level::Moderator);
        let kinds: Vec<_> = found
            .changes()
            .iter()
            .map(|change| (change.field, change.kind, change.words.len()))
            .collect();
        assert_eq!(
            kinds,
            [
                (Field::Title, ChangeKind::Changed, 2),
                (Field::Theme, ChangeKind::Changed, 0),
                (Field::Bias, ChangeKind::Removed, 0),
                (Field::Tags, ChangeKind::Added, 0),
            ]
        );
        assert!(diff(&after, &after, Level::Moderator).is_empty());
    }

    #[test]
    fn a_reader_sees_the_changes_of_the_fields_that_the_level_opens() {
        let mut before = Content::default();
        let mut after = Content::default();
        for spec in FIELDS {
            before.set(spec.field, Value::Text("avant".into()));
            after.set(spec.field, Value::Text("après".into()));
        }
        for level in Level::ALL {
            let seen: Vec<Field> = diff(&before, &after, level)
                .changes()
                .iter()
                .map(|change| change.field)
                .collect();
            for spec in FIELDS.iter().filter(|spec| !spec.field.is_of_organisation()) {
                assert_eq!(
                    seen.contains(&spec.field),
                    level.may_read(spec.visibility()),
                    "{level:?} {}",
                    spec.id
                );
            }
        }
    }

    #[test]
    fn fragments_put_together_give_both_texts_back() {
        for (before, after) in [
            ("", "a"),
            ("un deux\ntrois", "un  deux trois quatre"),
            ("l’eau, l’été", "l’eau\u{202f}; l’hiver"),
        ] {
            let (mut old, mut new) = (String::new(), String::new());
            for fragment in words(before, after) {
                match fragment {
                    Fragment::Same(text) => {
                        old.push_str(&text);
                        new.push_str(&text);
                    }
                    Fragment::Removed(text) => old.push_str(&text),
                    Fragment::Added(text) => new.push_str(&text),
                }
            }
            assert_eq!((old.as_str(), new.as_str()), (before, after));
        }
    }

    #[test]
    fn a_new_policy_or_a_new_field_is_no_small_correction() {
        let before = content(json!({"title": "Fuites d’eau", "theme": "mobilites"}));
        for (after, small) in [
            (json!({"title": "Fuites d’eau", "theme": "transition"}), false),
            (
                json!({"title": "Fuites d’eau", "theme": "mobilites", "summary": "x"}),
                false,
            ),
            (json!({"theme": "mobilites"}), false),
            (json!({"title": "Fuite d’eau", "theme": "mobilites"}), true),
            (
                json!({"title": "Fuites d’eau", "theme": "mobilites", "links.info": [{"url": "https://a.example"}]}),
                true,
            ),
        ] {
            assert_eq!(is_small(&before, &content(after.clone())), small, "{after}");
        }
    }
}
