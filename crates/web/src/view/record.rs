//! The page of a record.

use askama::Template;

use crate::view::card::{Card, Maturity};
use crate::view::entries::Relation;
use crate::view::evaluation::EvaluationView;
use crate::view::layout::Layout;
use crate::view::library::Link;
use crate::view::map::Marker;
use crate::view::personal::{Keep, Users};
use crate::view::rich_text::RichText;
use crate::view::theme::ThemeBadge;

/// A short fact of the side column.
#[derive(Debug, Clone, Default)]
pub struct Fact {
    /// Label.
    pub label: String,
    /// Value.
    pub value: String,
    /// Address, when the value leads somewhere.
    pub href: Option<String>,
}

impl Fact {
    /// A fact that leads nowhere.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            value: value.into(),
            href: None,
        }
    }
}

/// An address given by the carrier, with who can open it.
#[derive(Debug, Clone, Default)]
pub struct Resource {
    /// Words.
    pub label: String,
    /// Address; none when it is internal or given on request.
    pub href: Option<String>,
    /// Kind and access: "Code source, ouvert".
    pub note: String,
}

/// A file that comes with the record.
#[derive(Debug, Clone, Default)]
pub struct FileLine {
    /// What it is.
    pub label: String,
    /// Where it is downloaded.
    pub href: String,
    /// Kind, size, and who reads it when not everyone does.
    pub note: String,
}

/// A measure set against an estimate.
#[derive(Debug, Clone, Default)]
pub struct RatioView {
    /// "1,4 fois l’estimation".
    pub figure: String,
    /// "entre 0,6 et 3,2 fois".
    pub range: String,
    /// What that allows to say.
    pub verdict: String,
    /// Both figures, perimeter, date.
    pub facts: Vec<Fact>,
}

/// What an item holds.
#[derive(Debug, Clone)]
pub enum ItemBody {
    /// Paragraphs written by the carrier.
    Text(RichText),
    /// Short values in a list.
    List(Vec<String>),
    /// Values of a vocabulary, shown as chips.
    Chips(Vec<String>),
    /// Addresses.
    Links(Vec<Resource>),
}

/// One answer of the record.
#[derive(Debug, Clone)]
pub struct Item {
    /// Label; blank for the only item of a section.
    pub label: String,
    /// Answer.
    pub body: ItemBody,
}

/// One part of the reading column.
#[derive(Debug, Clone, Default)]
pub struct Section {
    /// Anchor.
    pub id: String,
    /// Title: "À quoi ça sert".
    pub title: String,
    /// Answers.
    pub items: Vec<Item>,
    /// Labels of what members would see beyond.
    pub members_only: Vec<String>,
}

/// One published version.
#[derive(Debug, Clone, Default)]
pub struct Revision {
    /// "Version 3".
    pub label: String,
    /// "12 mars 2026".
    pub date: String,
    /// What changed.
    pub reason: String,
}

/// The footprints of a record, whole.
#[derive(Debug, Clone, Template)]
#[template(path = "footprints.html", whitespace = "minimize")]
pub struct FootprintsPage {
    /// Frame.
    pub layout: Layout,
    /// Title.
    pub title: String,
    /// How many there are, of which record.
    pub lead: String,
    /// Estimated footprints, latest first.
    pub evaluations: Vec<EvaluationView>,
    /// Measures set against estimates, latest first.
    pub ratios: Vec<RatioView>,
}

/// The page of a record.
#[derive(Debug, Clone, Template)]
#[template(path = "record.html", whitespace = "minimize")]
pub struct RecordPage {
    /// Frame.
    pub layout: Layout,
    /// Title.
    pub title: String,
    /// One or two sentences; may be blank.
    pub summary: String,
    /// Carrying organisation.
    pub organisation: Link,
    /// Its kind.
    pub organisation_kind: String,
    /// Two letters that stand for a logo.
    pub monogram: String,
    /// Theme.
    pub theme: Option<ThemeBadge>,
    /// How far it has come.
    pub maturity: Option<Maturity>,
    /// "Service en usage aujourd’hui".
    pub usage: Option<String>,
    /// Said above everything: archived, or to be confirmed; with its reason.
    pub notice: Option<String>,
    /// Parts, in the order a colleague would ask; lessons first when abandoned.
    pub sections: Vec<Section>,
    /// Files to download.
    pub files: Vec<FileLine>,
    /// The latest estimated footprint, whole.
    pub evaluations: Vec<EvaluationView>,
    /// The others, in short.
    pub more: Vec<EvaluationView>,
    /// Where all of them stand whole.
    pub footprints: String,
    /// Measures set against estimates, latest first.
    pub ratios: Vec<RatioView>,
    /// Linked records.
    pub relations: Vec<Relation>,
    /// Facts of the side column.
    pub facts: Vec<Fact>,
    /// Where the project stands in each instrument.
    pub standing: Vec<Fact>,
    /// Where the carrier is, when it can be placed.
    pub marker: Option<Marker>,
    /// Part of the base map that is shown around the marker.
    pub marker_view_box: String,
    /// Place in words: "Metz, Moselle, Grand Est".
    pub place: String,
    /// Text to cite the record.
    pub citation: String,
    /// The record in other forms: "JSON".
    pub formats: Vec<Link>,
    /// Address to report an error, when the operator gave a mailbox.
    pub report: Option<String>,
    /// Other projects of the carrier.
    pub siblings: Vec<Card>,
    /// Similar projects.
    pub similar: Vec<Card>,
    /// Versions, latest first.
    pub revisions: Vec<Revision>,
    /// The page that says what each version changed.
    pub history: Option<Link>,
    /// What those who contribute for its carrier may do: where it is sent, label.
    pub manage: Vec<(String, String)>,
    /// How to find the record again, for members.
    pub keep: Option<Keep>,
    /// Other organisations that use the same thing.
    pub users: Users,
    /// Token of the session, for what is sent.
    pub csrf: String,
    /// Other things to do with the record: writing to its carrier, describing a like project.
    pub further: Vec<Link>,
    /// "Données telles que déclarées par …, sous Licence Ouverte 2.0."
    pub provenance: String,
}
