//! How much of a record is filled: a help for its authors, never a rank for its readers.

use crate::content::Content;
use crate::field::{FIELDS, Field, FieldSpec, Visibility};
use crate::organisation::Organisation;

/// Fields that count double: they are what a colleague looks for first.
const DOUBLE: [Field; 5] = [
    Field::Description,
    Field::AlgorithmDescription,
    Field::DataSources,
    Field::EnvironmentStatement,
    Field::Contact,
];

/// Weighted share of the public and member fields that hold a value, 0 to 100.
pub fn completeness(content: &Content, organisation: &Organisation) -> u8 {
    let (mut filled, mut total) = (0_u32, 0_u32);
    for spec in counted(content) {
        let weight = if DOUBLE.contains(&spec.field) { 2 } else { 1 };
        total += weight;
        if is_filled(spec.field, content, organisation) {
            filled += weight;
        }
    }
    u8::try_from(filled * 100 / total.max(1)).unwrap_or(100)
}

/// The counted fields that hold nothing yet.
pub fn missing(content: &Content, organisation: &Organisation) -> Vec<Field> {
    counted(content)
        .map(|spec| spec.field)
        .filter(|field| !is_filled(*field, content, organisation))
        .collect()
}

fn counted(content: &Content) -> impl Iterator<Item = &'static FieldSpec> {
    let over = matches!(content.code(Field::Maturity), Some("termine" | "abandonne"));
    let abandoned = content.code(Field::Maturity) == Some("abandonne");
    FIELDS.iter().filter(move |spec| {
        spec.visibility() <= Visibility::Members
            && match spec.field {
                Field::AbandonmentReason => abandoned,
                Field::EndDate => over,
                Field::SourceUpdatedOn | Field::Tags => false,
                _ => true,
            }
    })
}

fn is_filled(field: Field, content: &Content, organisation: &Organisation) -> bool {
    match field {
        Field::OrganisationName => !organisation.name.is_empty(),
        Field::OrganisationSiret => organisation.siret.is_some(),
        Field::OrganisationKind => organisation.kind.is_some(),
        Field::OrganisationLatitude => organisation.latitude.is_some(),
        Field::OrganisationLongitude => organisation.longitude.is_some(),
        other => content.get(other).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Value;
    use crate::id::OrganisationId;
    use uuid::Uuid;

    #[test]
    fn a_description_counts_double_and_only_filled_fields_count() {
        let organisation = Organisation::named(OrganisationId::new(Uuid::from_u128(1)), "Ville");
        let empty = Content::default();
        let base = completeness(&empty, &organisation);
        let mut with_title = Content::default();
        with_title.set(Field::Title, Value::Text("Titre".into()));
        let mut with_description = Content::default();
        with_description.set(Field::Description, Value::Text("Texte".into()));
        assert!(completeness(&with_title, &organisation) > base);
        assert!(completeness(&with_description, &organisation) > completeness(&with_title, &organisation));
        assert!(missing(&empty, &organisation).contains(&Field::Title));
    }

    #[test]
    fn lessons_are_asked_only_of_abandoned_projects() {
        let organisation = Organisation::named(OrganisationId::new(Uuid::from_u128(1)), "Ville");
        let mut content = Content::default();
        content.set(Field::Maturity, Value::Code("abandonne".into()));
        assert!(missing(&content, &organisation).contains(&Field::AbandonmentReason));
        content.set(Field::Maturity, Value::Code("deploiement".into()));
        assert!(!missing(&content, &organisation).contains(&Field::AbandonmentReason));
    }
}
