//! What a card says of a record, kept in memory while the catalogue, the day and the figures stay what they are.
//!
//! Only what everybody may read is kept. A face is as fresh as the page that shows it: it counts under the catalogue
//! revision that was shown when its record was read, and under no other.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use sobria_catalogue::id::UseCaseId;

use crate::view::Card;

/// Memory for faces, in bytes: those of some thousands of records.
const BYTES: u64 = 4 * 1024 * 1024;
/// About what a face weighs.
const USUAL_BYTES: u64 = 1024;

/// What a card says, before the words of a search are marked.
#[derive(Debug, Clone, Default)]
pub struct Face {
    /// The card, without the texts below.
    pub card: Card,
    /// Title.
    pub title: String,
    /// The text that the summary is cut from, on one line.
    pub text: String,
    /// Name of the carrier.
    pub organisation: String,
}

/// What a face was made under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The catalogue revision that readers saw.
    pub revision: i64,
    /// The day.
    pub today: Date,
}

#[derive(Debug)]
struct Kept {
    moment: Moment,
    face: Arc<Face>,
}

#[derive(Debug, Clone)]
struct ByWeight;

impl Weighter<UseCaseId, Arc<Kept>> for ByWeight {
    fn weight(&self, _: &UseCaseId, kept: &Arc<Kept>) -> u64 {
        let face = &kept.face;
        let short = [
            &face.card.id,
            &face.card.href,
            &face.card.organisation_kind,
            &face.card.audience,
            &face.title,
            &face.organisation,
        ];
        let bytes = face.text.len() + short.iter().map(|text| text.len()).sum::<usize>() + 600;
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

/// The faces kept in memory.
#[derive(Debug)]
pub struct Faces {
    kept: Cache<UseCaseId, Arc<Kept>, ByWeight>,
}

impl Default for Faces {
    fn default() -> Self {
        let items = usize::try_from(BYTES / USUAL_BYTES).unwrap_or(4096);
        Self {
            kept: Cache::with_weighter(items, BYTES, ByWeight),
        }
    }
}

impl Faces {
    /// Those of the faces asked that are known at that moment.
    pub fn known(&self, ids: &[UseCaseId], moment: Moment) -> HashMap<UseCaseId, Arc<Face>> {
        ids.iter()
            .filter_map(|id| {
                let kept = self.kept.get(id).filter(|kept| kept.moment == moment)?;
                Some((*id, Arc::clone(&kept.face)))
            })
            .collect()
    }

    /// Keeps a face made from what was read after `moment` was taken.
    pub fn keep(&self, id: UseCaseId, moment: Moment, face: Arc<Face>) {
        self.kept.insert(id, Arc::new(Kept { moment, face }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use uuid::Uuid;

    fn id(number: u128) -> UseCaseId {
        UseCaseId::new(Uuid::from_u128(number))
    }

    #[test]
    fn a_face_of_another_revision_or_day_is_not_shown() {
        let faces = Faces::default();
        let moment = Moment {
            revision: 3,
            today: date(2026, 11, 29),
        };
        faces.keep(id(1), moment, Arc::default());
        assert_eq!(faces.known(&[id(1), id(2)], moment).len(), 1);
        let later = Moment {
            revision: 4,
            ..moment
        };
        assert!(faces.known(&[id(1)], later).is_empty());
        let tomorrow = Moment {
            today: date(2026, 11, 30),
            ..moment
        };
        assert!(faces.known(&[id(1)], tomorrow).is_empty());
    }

    #[test]
    fn long_texts_do_not_outgrow_the_memory_given() {
        let faces = Faces::default();
        let moment = Moment {
            revision: 1,
            today: date(2026, 11, 29),
        };
        let face = Arc::new(Face {
            text: "x".repeat(50_000),
            ..Face::default()
        });
        for number in 0..500 {
            faces.keep(id(number), moment, Arc::clone(&face));
        }
        let all: Vec<UseCaseId> = (0..500).map(id).collect();
        let known = faces.known(&all, moment).len();
        assert!(known > 0 && known < 90, "{known}");
    }
}
