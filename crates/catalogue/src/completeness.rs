//! How much of a record is filled: a help for its authors, never a rank for its readers.

use std::sync::LazyLock;

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

/// Fields that the organisation holds.
const OF_ORGANISATION: [Field; 5] = [
    Field::OrganisationName,
    Field::OrganisationSiret,
    Field::OrganisationKind,
    Field::OrganisationLatitude,
    Field::OrganisationLongitude,
];

/// Weighted share of the public and member fields that hold a value, 0 to 100.
pub fn completeness(content: &Content, organisation: &Organisation) -> u8 {
    // What is asked of a record depends on its maturity alone.
    static TOTALS: LazyLock<[u32; 3]> = LazyLock::new(|| {
        [Stage::UnderWay, Stage::Over, Stage::Abandoned]
            .map(|stage| FIELDS.iter().map(|spec| weight(spec, stage)).sum())
    });
    let stage = Stage::of(content);
    let [under_way, over, abandoned] = *TOTALS;
    let total = match stage {
        Stage::UnderWay => under_way,
        Stage::Over => over,
        Stage::Abandoned => abandoned,
    };
    let of_organisation = OF_ORGANISATION
        .iter()
        .filter(|field| is_filled(**field, content, organisation));
    let filled: u32 = content
        .iter()
        .map(|(field, _)| field)
        .chain(of_organisation.copied())
        .map(|field| weight(field.spec(), stage))
        .sum();
    u8::try_from(filled * 100 / total.max(1)).unwrap_or(100)
}

/// The counted fields that hold nothing yet.
pub fn missing(content: &Content, organisation: &Organisation) -> Vec<Field> {
    let stage = Stage::of(content);
    FIELDS
        .iter()
        .filter(|spec| weight(spec, stage) > 0)
        .map(|spec| spec.field)
        .filter(|field| !is_filled(*field, content, organisation))
        .collect()
}

/// How far a project is, as far as it changes what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    UnderWay,
    Over,
    Abandoned,
}

impl Stage {
    fn of(content: &Content) -> Self {
        match content.code(Field::Maturity) {
            Some("abandonne") => Self::Abandoned,
            Some("termine") => Self::Over,
            _ => Self::UnderWay,
        }
    }
}

/// What a field counts for; nothing when it is not asked for.
fn weight(spec: &FieldSpec, stage: Stage) -> u32 {
    let counts = spec.visibility() <= Visibility::Members
        && match spec.field {
            Field::AbandonmentReason => stage == Stage::Abandoned,
            Field::EndDate => stage != Stage::UnderWay,
            Field::SourceUpdatedOn | Field::Tags => false,
            _ => true,
        };
    match counts {
        false => 0,
        true if DOUBLE.contains(&spec.field) => 2,
        true => 1,
    }
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
        content.set(Field::EndDate, Value::Date("2024".parse().unwrap()));
        let over = completeness(&content, &organisation);
        content.set(Field::Maturity, Value::Code("deploiement".into()));
        assert!(!missing(&content, &organisation).contains(&Field::AbandonmentReason));
        let under_way = completeness(&content, &organisation);
        content.take(Field::EndDate);
        assert_eq!(
            under_way,
            completeness(&content, &organisation),
            "an end counts once there is one"
        );
        assert!(over > under_way);
    }
}
