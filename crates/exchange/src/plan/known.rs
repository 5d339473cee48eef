//! Which record a row means: the same one as last time, a new one, or one that looks like another.

use std::collections::HashSet;
use std::collections::hash_map::Entry;
use std::fmt::Write as _;

use foldhash::fast::RandomState;
use sha2::{Digest, Sha256};
use sobria_catalogue::completeness::completeness;
use sobria_catalogue::content::Content;
use sobria_catalogue::field::Field;
use sobria_catalogue::id::{OrganisationId, UseCaseId};
use sobria_catalogue::import::{
    Existing, ExistingRecord, Issue, Outcome, PlannedRow, Severity, natural_key_of,
};
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::text::fold_key;

use super::row::Said;
use super::{HashMap, PlanOptions, issue, rejected};
use crate::aliases::Target;
use crate::cell::encode;
use crate::read::{Sheet, hex};

/// Similarity of titles, in hundredths, from which two records of one carrier may be the same.
const ALIKE: usize = 90;
/// Most titles of one carrier that a title is compared with, newest first.
const COMPARED: usize = 300;

/// Rows of one file with one natural key.
struct Twins {
    first: u64,
    /// Of the first row, then of those that differ from it.
    hash: [u8; 32],
    others: Vec<[u8; 32]>,
}

/// A title of a carrier, folded, with what tells quickly that two of them differ.
struct Title {
    folded: Box<str>,
    letters: u64,
    digits: Box<str>,
    whose: Whose,
}

/// What a title stands on.
#[derive(Debug, Clone, Copy)]
enum Whose {
    Record(UseCaseId),
    Line(u64),
}

impl std::fmt::Display for Whose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Record(id) => write!(f, "la fiche {id}"),
            Self::Line(line) => write!(f, "la ligne {line}"),
        }
    }
}

/// Records by natural key, those of the library and those of the file so far.
pub struct Known<'a> {
    by_key: HashMap<&'a str, &'a ExistingRecord>,
    /// The same by carrier: a carrier may have gained a SIREN, and so another natural key.
    by_carrier: HashMap<(OrganisationId, &'a str), &'a ExistingRecord>,
    titles: HashMap<OrganisationId, Vec<Title>>,
    in_file: HashMap<Box<str>, Twins>,
    /// What is hashed of each carrier: it hardly changes from row to row.
    hashed: HashMap<OrganisationId, Hashed>,
    /// Fields that the file has a column for.
    carried: HashSet<Field>,
    existing: &'a Existing,
}

impl<'a> Known<'a> {
    /// Starts from what the library holds.
    pub fn new(existing: &'a Existing, sheet: &Sheet, rows: usize) -> Self {
        let mut titles: HashMap<OrganisationId, Vec<Title>> = HashMap::default();
        for record in &existing.records {
            titles.entry(record.organisation).or_default().push(Title::new(
                fold_key(record.content.title()),
                Whose::Record(record.id),
            ));
        }
        let mut carried: HashSet<Field> = sheet
            .columns
            .iter()
            .filter_map(|column| match column.target {
                Target::Field(field) => Some(field),
                _ => None,
            })
            .collect();
        // Cells of partners may say that the project was made in house.
        if carried.contains(&Field::Partners) {
            carried.insert(Field::Delivery);
        }
        Self {
            by_key: existing
                .records
                .iter()
                .map(|record| (record.natural_key.as_str(), record))
                .collect(),
            by_carrier: existing
                .records
                .iter()
                .filter_map(|record| {
                    let (_, title) = record.natural_key.split_once('/')?;
                    Some(((record.organisation, title), record))
                })
                .collect(),
            titles,
            in_file: HashMap::with_capacity_and_hasher(rows, RandomState::default()),
            hashed: HashMap::default(),
            carried,
            existing,
        }
    }

    /// Decides what becomes of a row.
    pub fn settle(
        &mut self,
        (number, line): (u64, u64),
        carrier: &Organisation,
        said: Said,
        mut issues: Vec<Issue>,
        options: &mut PlanOptions<'_>,
    ) -> PlannedRow {
        let organisation = carrier.id;
        let hashed = self.hashed.entry(organisation).or_default();
        hashed.follow(carrier);
        let hash = source_hash(hashed, &said.hash);
        let Said {
            mut content,
            title_key,
            ..
        } = said;
        let mut key = natural_key_of(carrier, &title_key);
        let mut is_first = false;
        match self.in_file.entry(key.as_str().into()) {
            Entry::Vacant(place) => {
                is_first = true;
                place.insert(Twins {
                    first: line,
                    hash,
                    others: Vec::new(),
                });
            }
            Entry::Occupied(twins) if twins.get().holds(&hash) => {
                issues.push(Issue {
                    suggestion: Some(format!(
                        "Ligne identique à la ligne {}, qui est gardée.",
                        twins.get().first
                    )),
                    ..issue(Some("title"), "possible_duplicate", Severity::Error)
                });
                return PlannedRow {
                    key,
                    ..rejected(number, issues)
                };
            }
            Entry::Occupied(mut twins) => {
                let twins = twins.get_mut();
                issues.push(Issue {
                    suggestion: Some(format!(
                        "Même organisation et même titre que la ligne {}, avec un autre contenu\u{a0}: deux fiches.",
                        twins.first
                    )),
                    ..issue(Some("title"), "possible_duplicate", Severity::Warn)
                });
                twins.others.push(hash);
                // Their order in the file tells twins apart, so that a second import finds each of them again.
                key = format!("{key}/{}", 1 + twins.others.len());
            }
        }
        let source_hash = hex(&hash);
        let known = self.by_key.get(key.as_str()).copied().or_else(|| {
            let (_, title) = key.split_once('/')?;
            self.by_carrier.get(&(organisation, title)).copied()
        });
        let (outcome, record) = match known {
            None => {
                // Twins have said already which row they look like.
                if is_first {
                    self.flag_alike(line, organisation, content.title(), title_key, &mut issues);
                }
                (Outcome::Created, UseCaseId::new((options.new_id)()))
            }
            Some(record) => {
                let same = record
                    .imported
                    .as_ref()
                    .is_some_and(|state| state.source_hash == source_hash);
                if !same {
                    self.merge(record, &mut content, options.prefer_source, &mut issues);
                }
                if same || content == record.content {
                    content = record.content.clone();
                    (Outcome::Unchanged, record.id)
                } else {
                    (Outcome::Updated, record.id)
                }
            }
        };
        PlannedRow {
            row: number,
            line,
            outcome,
            key,
            record: Some(record),
            organisation: Some(organisation),
            completeness: completeness(&content, carrier),
            content,
            repaired: false,
            issues,
            proposals: Vec::new(),
            raw_row: String::new(),
            source_hash,
        }
    }

    /// Says when the carrier already has a record, or a row, with nearly the same title.
    fn flag_alike(
        &mut self,
        line: u64,
        organisation: OrganisationId,
        title: &str,
        title_key: String,
        issues: &mut Vec<Issue>,
    ) {
        let titles = self.titles.entry(organisation).or_default();
        let new = Title::new(title_key, Whose::Line(line));
        if let Some(other) = titles
            .iter()
            .rev()
            .take(COMPARED)
            .find(|other| new.is_like(other))
        {
            issues.push(Issue {
                before: Some(title.to_owned()),
                suggestion: Some(format!(
                    "Titre très proche de «\u{a0}{}\u{a0}» ({})\u{202f}; non fusionné.",
                    other.folded, other.whose
                )),
                ..issue(Some("title"), "possible_duplicate", Severity::Warn)
            });
        }
        titles.push(new);
    }

    /// Titles of the records of the source that the file does not hold, and how many the source has.
    pub fn absent(&self, source: &str, present: &HashSet<UseCaseId>) -> (Vec<String>, usize) {
        let of_source = || {
            self.existing.records.iter().filter(|record| {
                record
                    .imported
                    .as_ref()
                    .is_some_and(|state| state.source == source)
            })
        };
        let absent = of_source()
            .filter(|record| !present.contains(&record.id))
            .map(|record| record.content.title().to_owned())
            .collect();
        (absent, of_source().count())
    }

    /// Keeps what was changed here since the last import, and fields that the file does not carry.
    fn merge(
        &self,
        record: &ExistingRecord,
        content: &mut Content,
        prefer_source: bool,
        issues: &mut Vec<Issue>,
    ) {
        let edited = record.edited_fields();
        let imported = record.imported.as_ref().map(|state| &state.content);
        for field in record.content.differing_fields(content) {
            let id = field.spec().id;
            let source_changed = imported.is_none_or(|state| state.get(field) != content.get(field));
            // A record that no import brought was written here, all of it.
            let edited_here = imported.is_none() || edited.contains(&field);
            // A column that the file lacks, or that the source never filled, takes nothing away.
            let is_silent = content.get(field).is_none()
                && (!self.carried.contains(&field)
                    || imported.is_none_or(|state| state.get(field).is_none()));
            // What is empty here was not written here.
            let fills = record.content.get(field).is_none() && imported.is_none();
            if is_silent || (edited_here && !prefer_source && !fills) {
                if edited_here && source_changed && !is_silent {
                    issues.push(Issue {
                        before: content.get(field).map(encode),
                        suggestion: Some("Modifié ici depuis le dernier import\u{a0}: gardé. --prefer-source prend la valeur du fichier.".to_owned()),
                        ..issue(Some(id), "edited_here", Severity::Warn)
                    });
                }
                match record.content.get(field) {
                    Some(value) => content.set(field, value.clone()),
                    None => {
                        content.take(field);
                    }
                }
            } else if field == Field::StartDate && record.content.get(field).is_some() {
                issues.push(Issue {
                    before: record.content.get(field).map(encode),
                    after: content.get(field).map(encode),
                    suggestion: Some(
                        "La source a changé la date de démarrage\u{a0}: vérifiez-la.".to_owned(),
                    ),
                    ..issue(Some(id), "date_changed_by_source", Severity::Warn)
                });
            }
        }
    }
}

/// What a row says once read, carrier included: equal means that a second import changes nothing.
fn source_hash(carrier: &Hashed, values: &[u8; 32]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(carrier.text.as_bytes());
    hash.update(values);
    hash.finalize().into()
}

/// What is hashed of a carrier, with what it was written from.
#[derive(Default)]
struct Hashed {
    name: String,
    siret: Option<String>,
    kind: Option<String>,
    point: [Option<f64>; 2],
    text: String,
}

impl Hashed {
    /// Writes the text anew if the carrier changed.
    fn follow(&mut self, carrier: &Organisation) {
        let point = [carrier.latitude, carrier.longitude];
        let is_same = !self.text.is_empty()
            && self.name == carrier.name
            && self.siret == carrier.siret
            && self.kind == carrier.kind
            && self.point == point;
        if is_same {
            return;
        }
        self.name.clone_from(&carrier.name);
        self.siret.clone_from(&carrier.siret);
        self.kind.clone_from(&carrier.kind);
        self.point = point;
        self.text.clear();
        // Writing to a string cannot fail.
        let _ = write!(
            self.text,
            "{}\u{1f}{:?}\u{1f}{:?}\u{1f}{:?}\u{1f}{:?}",
            carrier.name, carrier.siret, carrier.kind, carrier.latitude, carrier.longitude
        );
    }
}

impl Twins {
    fn holds(&self, hash: &[u8; 32]) -> bool {
        self.hash == *hash || self.others.contains(hash)
    }
}

impl Title {
    fn new(folded: String, whose: Whose) -> Self {
        let letters = folded
            .bytes()
            .filter(u8::is_ascii_lowercase)
            .fold(0_u64, |letters, byte| letters | 1 << (byte - b'a'));
        let digits: String = folded.chars().filter(char::is_ascii_digit).collect();
        Self {
            folded: folded.into_boxed_str(),
            letters,
            digits: digits.into_boxed_str(),
            whose,
        }
    }

    /// Whether two titles are nearly the same. Numbers tell phases and editions apart.
    fn is_like(&self, other: &Self) -> bool {
        let longest = self.folded.len().max(other.folded.len());
        let edits = longest * (100 - ALIKE) / 100;
        let apart = usize::try_from((self.letters ^ other.letters).count_ones()).unwrap_or(usize::MAX);
        apart <= edits * 2 && self.digits == other.digits && similarity(&self.folded, &other.folded) >= ALIKE
    }
}

/// Likeness of two folded titles, in hundredths of the longer one.
fn similarity(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(160).collect(), b.chars().take(160).collect());
    let longest = a.len().max(b.len());
    if longest == 0 {
        return 0;
    }
    if a.len().abs_diff(b.len()) * 100 > longest * (100 - ALIKE) {
        return 0;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(i + 1);
        for (j, cb) in b.iter().enumerate() {
            let diagonal = row.get(j).copied().unwrap_or(0) + usize::from(ca != cb);
            let above = row.get(j + 1).copied().unwrap_or(0) + 1;
            let left = next.last().copied().unwrap_or(0) + 1;
            next.push(diagonal.min(above).min(left));
        }
        row = next;
    }
    100 - row.last().copied().unwrap_or(longest) * 100 / longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearly_equal_titles_are_alike_and_numbered_ones_are_not() {
        for (a, b, expected) in [
            ("detection de fuites d eau", "detection de fuite d eau", true),
            ("detection de fuites d eau", "detection des fuites d eau", true),
            ("assistant phase 1", "assistant phase 2", false),
            ("chatbot", "chatbots", false),
            ("chatbot citoyen", "robot citoyen", false),
        ] {
            let title = |text: &str| Title::new(text.to_owned(), Whose::Line(1));
            assert_eq!(title(a).is_like(&title(b)), expected, "{a} / {b}");
        }
    }
}
