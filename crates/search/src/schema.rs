//! What is kept about a record: text in two circles of readers, facet values, sort keys, identifier.
//!
//! The visibility of each field is read from the one table of the data model. A field that neither visitors nor
//! members may read is not indexed at all.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sobria_catalogue::access::Level;
use sobria_catalogue::content::{Content, Value};
use sobria_catalogue::field::Field as CatalogueField;
use sobria_catalogue::id::UseCaseId;
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::query::Facet;
use sobria_catalogue::surroundings::{Surroundings, given_kinds};
use sobria_catalogue::text::fold_key;
use sobria_catalogue::use_case::UseCase;
use sobria_catalogue::vocabulary::Vocabularies;
use tantivy::TantivyDocument;
use tantivy::schema::{
    BytesOptions, Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};

use crate::ids::ending;

/// Changes with everything that makes an older index unreadable: fields, analysis, meaning of values.
pub const VERSION: u32 = 5;

/// Name under which the analyser is registered with the engine.
pub const ANALYSER: &str = "french";

/// Bytes of most documents: one that grows is copied.
const USUAL: usize = 2_048;

/// Stands between several values of one facet.
pub const BETWEEN: char = '\u{1f}';

/// Codes of the population bands, smallest first.
pub const POPULATION_BANDS: [&str; 5] = [
    "lt_3500",
    "3500_10000",
    "10000_50000",
    "50000_100000",
    "gt_100000",
];

/// A part of a record whose words are searched together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The title.
    Title,
    /// The names of the carrier.
    Carrier,
    /// The key words.
    Tags,
    /// The summary.
    Summary,
    /// The description and every other public text.
    Body,
    /// What only members may read.
    Members,
}

impl Part {
    /// Every part, the weightiest first.
    pub const ALL: [Self; 6] = [
        Self::Title,
        Self::Carrier,
        Self::Tags,
        Self::Summary,
        Self::Body,
        Self::Members,
    ];

    /// Whether a reader of this level may search the part.
    pub const fn is_open_to(self, level: Level) -> bool {
        match self {
            Self::Members => !matches!(level, Level::Public),
            _ => true,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Carrier => "carrier",
            Self::Tags => "tags",
            Self::Summary => "summary",
            Self::Body => "body",
            Self::Members => "members",
        }
    }

    /// The part that holds a field, or nothing when nobody may search it.
    fn of(field: CatalogueField) -> Option<Self> {
        let visibility = field.spec().visibility();
        if !Level::Member.may_read(visibility) {
            return None;
        }
        if !Level::Public.may_read(visibility) {
            return Some(Self::Members);
        }
        Some(match field {
            CatalogueField::Title => Self::Title,
            CatalogueField::Summary => Self::Summary,
            CatalogueField::Tags => Self::Tags,
            _ => Self::Body,
        })
    }
}

/// What the index needs to know of a published record.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'r> {
    /// Identifier.
    pub id: UseCaseId,
    /// Carrier.
    pub organisation: &'r Organisation,
    /// Published values.
    pub content: &'r Content,
    /// Share of fields that are filled, 0 to 100.
    pub completeness: u8,
    /// When these values were published.
    pub published_at: Option<Timestamp>,
    /// What other records say of it.
    pub around: &'r Surroundings,
}

impl<'r> Entry<'r> {
    /// A record with what other records say of it.
    pub fn new(record: &'r UseCase, around: &'r Surroundings) -> Self {
        Self {
            id: record.id,
            organisation: &record.organisation,
            content: &record.content,
            completeness: record.completeness,
            published_at: record.published_at.or(record.first_published_at),
            around,
        }
    }
}

/// The fields of the index.
#[derive(Debug, Clone)]
pub struct Fields {
    /// The schema that declares them.
    pub schema: Schema,
    /// How identifiers end, to find records again.
    pub endings: Field,
    id_high: Field,
    id_low: Field,
    parts: [Field; 6],
    codes: Field,
    facets: [Field; 15],
    title_key: Field,
    carrier_key: Field,
    recent: Field,
    published: Field,
    start: Field,
    completeness: Field,
}

/// Names of the columns, for reading.
pub mod column {
    /// Upper half of the identifier.
    pub const ID_HIGH: &str = "id_high";
    /// Lower half of the identifier.
    pub const ID_LOW: &str = "id_low";
    /// Folded title.
    pub const TITLE: &str = "title_key";
    /// Folded name and identifier of the carrier.
    pub const CARRIER: &str = "carrier_key";
    /// Day of the last update by the source, else of publication.
    pub const RECENT: &str = "recent";
    /// Second of publication.
    pub const PUBLISHED: &str = "published";
    /// First day of the start.
    pub const START: &str = "start";
    /// Share of filled fields.
    pub const COMPLETENESS: &str = "completeness";
}

/// Name of the column of a facet.
pub fn facet_column(facet: Facet) -> String {
    format!("facet_{}", facet.id())
}

impl Fields {
    /// Declares the fields.
    pub fn new() -> Self {
        let mut builder = Schema::builder();
        let words = TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer(ANALYSER)
                .set_fieldnorms(false)
                .set_index_option(IndexRecordOption::WithFreqsAndPositions),
        );
        let key = || TextOptions::default().set_fast("raw");
        let number = || NumericOptions::default().set_fast();
        let endings = builder.add_bytes_field("id_end", BytesOptions::default().set_indexed());
        let id_high = builder.add_u64_field(column::ID_HIGH, number());
        let id_low = builder.add_u64_field(column::ID_LOW, number());
        let parts = Part::ALL.map(|part| builder.add_text_field(part.name(), words.clone()));
        let term = TextFieldIndexing::default()
            .set_tokenizer("raw")
            .set_fieldnorms(false)
            .set_index_option(IndexRecordOption::Basic);
        let codes = builder.add_text_field("codes", TextOptions::default().set_indexing_options(term));
        let facets = Facet::ALL.map(|facet| builder.add_text_field(&facet_column(facet), key()));
        let title_key = builder.add_text_field(column::TITLE, key());
        let carrier_key = builder.add_text_field(column::CARRIER, key());
        let recent = builder.add_u64_field(column::RECENT, number());
        let published = builder.add_u64_field(column::PUBLISHED, number());
        let start = builder.add_u64_field(column::START, number());
        let completeness = builder.add_u64_field(column::COMPLETENESS, number());
        Self {
            schema: builder.build(),
            endings,
            id_high,
            id_low,
            parts,
            codes,
            facets,
            title_key,
            carrier_key,
            recent,
            published,
            start,
            completeness,
        }
    }

    /// The field that holds the words of a part.
    pub fn part(&self, part: Part) -> Field {
        let [title, carrier, tags, summary, body, members] = self.parts;
        match part {
            Part::Title => title,
            Part::Carrier => carrier,
            Part::Tags => tags,
            Part::Summary => summary,
            Part::Body => body,
            Part::Members => members,
        }
    }

    /// The field that holds the codes of [`is_reworded_by_code`].
    pub fn codes(&self) -> Field {
        self.codes
    }

    /// What the index keeps of a record.
    pub fn document(&self, record: Entry<'_>) -> TantivyDocument {
        let mut document = TantivyDocument::with_capacity(USUAL);
        let (high, low) = record.id.uuid().as_u64_pair();
        document.add_bytes(self.endings, &ending(record.id));
        document.add_u64(self.id_high, high);
        document.add_u64(self.id_low, low);

        let carrier = record.organisation;
        document.add_text(self.part(Part::Carrier), &carrier.name);
        for alias in &carrier.aliases {
            document.add_text(self.part(Part::Carrier), alias);
        }
        for (field, value) in record.content.iter() {
            if let Some(part) = Part::of(field) {
                self.add_words(&mut document, self.part(part), field, value);
            }
        }
        for (facet, field) in Facet::ALL.iter().zip(self.facets) {
            add_facet(&mut document, field, *facet, record);
        }

        document.add_text(self.title_key, fold_key(record.content.title()));
        let mut carrier_key = fold_key(&carrier.name);
        carrier_key.push(BETWEEN);
        carrier_key.push_str(
            carrier
                .id
                .uuid()
                .simple()
                .encode_lower(&mut uuid::Uuid::encode_buffer()),
        );
        document.add_text(self.carrier_key, carrier_key);
        let published = record.published_at;
        let updated = record.content.date(CatalogueField::SourceUpdatedOn);
        let recent = updated
            .map(|date| date.first_day())
            .or_else(|| published.map(|time| time.to_zoned(TimeZone::UTC).date()));
        document.add_u64(self.recent, recent.map_or(0, day));
        document.add_u64(
            self.published,
            published.map_or(0, |time| u64::try_from(time.as_second()).unwrap_or(0)),
        );
        let start = record.content.date(CatalogueField::StartDate);
        document.add_u64(self.start, start.map_or(0, |date| day(date.first_day())));
        document.add_u64(self.completeness, u64::from(record.completeness));
        document
    }

    fn add_words(&self, document: &mut TantivyDocument, to: Field, field: CatalogueField, value: &Value) {
        if is_reworded_by_code(field)
            && let Some(list) = field.spec().kind.vocabulary()
        {
            for code in value.codes() {
                document.add_text(to, Vocabularies::embedded().get(list).label(code));
                document.add_text(self.codes, code_term(field, code));
            }
        }
        match value {
            Value::Text(text) => document.add_text(to, text),
            Value::CodesText(both) => {
                if let Some(text) = &both.text {
                    document.add_text(to, text);
                }
            }
            Value::Partners(partners) => {
                for partner in partners {
                    document.add_text(to, &partner.name);
                }
            }
            Value::Links(links) => {
                for label in links.iter().filter_map(|link| link.label.as_deref()) {
                    document.add_text(to, label);
                }
            }
            Value::Names(names) => {
                for name in names {
                    document.add_text(to, name);
                }
            }
            Value::Contact(contact) => {
                for text in contact.email.iter().chain(&contact.role) {
                    document.add_text(to, text);
                }
            }
            Value::Code(_) | Value::Codes(_) | Value::Date(_) | Value::Integer(_) => {}
        }
    }
}

/// Whether the labels of a field are searched as words of the record in the language of the program, and through its
/// codes in that of the instance. The labels of facets are searched through the facets, once for all records.
pub fn is_reworded_by_code(field: CatalogueField) -> bool {
    Facet::ALL.iter().all(|facet| facet.field() != Some(field))
        && field.spec().kind.vocabulary().is_some()
        && Part::of(field).is_some()
}

/// What stands in the index for a code of a field.
pub fn code_term(field: CatalogueField, code: &str) -> String {
    format!("{}{BETWEEN}{code}", field.spec().id)
}

/// A day as a number that sorts as days do.
fn day(date: jiff::civil::Date) -> u64 {
    let part = |number: i64| u64::try_from(number).unwrap_or(0);
    part(i64::from(date.year())) * 10_000 + part(i64::from(date.month())) * 100 + part(i64::from(date.day()))
}

/// Keeps the values of a record for a facet: sorted, joined, and empty when there is none, so that every document
/// has exactly one text per facet.
fn add_facet(document: &mut TantivyDocument, to: Field, facet: Facet, record: Entry<'_>) {
    let carrier = record.organisation;
    match facet {
        Facet::OrganisationKind => document.add_text(to, carrier.kind.as_deref().unwrap_or("")),
        Facet::Departement => document.add_text(to, carrier.departement.as_deref().unwrap_or("")),
        Facet::Region => document.add_text(to, carrier.region.as_deref().unwrap_or("")),
        Facet::Population => document.add_text(to, carrier.population.map_or("", population_band)),
        Facet::Evaluation => {
            add_set(document, to, record.around.evaluated.codes().collect());
        }
        Facet::StartYear => {
            let year = record
                .content
                .date(CatalogueField::StartDate)
                .map(|date| date.year().to_string());
            document.add_text(to, year.unwrap_or_default());
        }
        Facet::OpenResource => add_set(document, to, texts(&record.around.open)),
        Facet::SharedResource => {
            let mut kinds = given_kinds(record.content);
            kinds.extend(record.around.open.iter().map(String::as_str));
            kinds.extend(record.around.shared.iter().map(String::as_str));
            add_set(document, to, kinds.into_iter().collect());
        }
        Facet::Solution => {
            let mut names = texts(&record.around.solutions);
            if let Some(Value::Names(written)) = record.content.get(CatalogueField::Suppliers) {
                names.extend(written.iter().map(String::as_str));
            }
            add_set(document, to, names);
        }
        Facet::Theme
        | Facet::Subtheme
        | Facet::Audience
        | Facet::Maturity
        | Facet::ServiceUsage
        | Facet::AlgorithmKind => {
            let codes = facet.field().map_or(&[][..], |field| record.content.codes(field));
            match codes {
                [] => document.add_text(to, ""),
                [one] => document.add_text(to, one),
                several => add_set(document, to, texts(several)),
            }
        }
    }
}

fn texts<'t>(values: impl IntoIterator<Item = &'t String>) -> Vec<&'t str> {
    values.into_iter().map(String::as_str).collect()
}

/// Keeps several values as one text.
fn add_set(document: &mut TantivyDocument, to: Field, mut values: Vec<&str>) {
    values.sort_unstable();
    values.dedup();
    document.add_text(to, values.join(BETWEEN.encode_utf8(&mut [0; 4])));
}

fn population_band(inhabitants: u32) -> &'static str {
    let [a, b, c, d, e] = POPULATION_BANDS;
    match inhabitants {
        0..3_500 => a,
        3_500..10_000 => b,
        10_000..50_000 => c,
        50_000..100_000 => d,
        _ => e,
    }
}
