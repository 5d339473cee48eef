//! Calculators: a form, and beside it what was estimated.

use std::borrow::Cow;

use askama::Template;

use crate::view::FormError;
use crate::view::chart::BarChart;
use crate::view::layout::Layout;
use crate::view::library::Link;
use crate::view::log::LogForm;

/// One choice of a list.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Value in the address.
    pub value: String,
    /// Label.
    pub label: String,
    /// Whether it is chosen.
    pub selected: bool,
}

/// Choices under one heading; a blank heading stands for none.
#[derive(Debug, Clone, Default)]
pub struct ChoiceGroup {
    /// Heading.
    pub label: String,
    /// Choices.
    pub choices: Vec<Choice>,
}

/// How a field is filled.
#[derive(Debug, Clone)]
pub enum Control {
    /// A number, as people write it.
    Number,
    /// A name.
    Text,
    /// A list of choices.
    Select(Vec<ChoiceGroup>),
}

/// One field of a form.
#[derive(Debug, Clone)]
pub struct FormField {
    /// Name in the address, and identifier in the page.
    pub name: Cow<'static, str>,
    /// Label.
    pub label: &'static str,
    /// What it means, in a few words; blank when the label is enough.
    pub hint: String,
    /// Unit after the field; blank when there is none.
    pub unit: &'static str,
    /// How it is filled.
    pub control: Control,
    /// What was given.
    pub value: String,
    /// What is wrong in it.
    pub error: Option<String>,
}

impl FormField {
    /// What a screen reader says with the field: its help, then what is wrong.
    pub fn described_by(&self) -> String {
        let help = (!self.hint.is_empty()).then(|| format!("{}-aide", self.name));
        let wrong = self.error.as_ref().map(|_| format!("{}-erreur", self.name));
        help.into_iter().chain(wrong).collect::<Vec<_>>().join(" ")
    }
}

/// Fields that few people need, folded.
#[derive(Debug, Clone, Default)]
pub struct Fold {
    /// What the part is for.
    pub summary: &'static str,
    /// Whether it is open: one of its fields is filled, or it was asked for.
    pub open: bool,
    /// Address of the page with all of it; given when some of it is left out, because beside a result it would weigh
    /// as much as the result.
    pub href: String,
    /// Heading and fields of each group; beside a result, those that are filled.
    pub groups: Vec<(&'static str, Vec<FormField>)>,
}

/// How far a result can be trusted.
#[derive(Debug, Clone, Default)]
pub struct Grade {
    /// "A" to "D".
    pub letter: String,
    /// What the letter means.
    pub meaning: String,
    /// What the result rests on and that is known.
    pub known: String,
    /// What it rests on and that is guessed.
    pub guessed: String,
    /// Why it is not better.
    pub reasons: Vec<String>,
}

/// One criterion.
#[derive(Debug, Clone, Default)]
pub struct Criterion {
    /// "Climat".
    pub name: String,
    /// What is counted: "usage et fabrication".
    pub scope: String,
    /// The range for one unit.
    pub one: String,
    /// The range for the whole; blank when there is only one unit.
    pub whole: String,
    /// Part of the use in the total, in words.
    pub share: String,
}

/// The equivalents of one criterion.
#[derive(Debug, Clone, Default)]
pub struct EquivalentGroup {
    /// "Climat".
    pub name: String,
    /// The range that is related, with what it counts.
    pub figure: String,
    /// The sentences, with scope, source and year.
    pub lines: Vec<(String, String)>,
    /// A remark: strong doubt, what the number was multiplied by.
    pub remark: String,
}

/// One real alternative.
#[derive(Debug, Clone, Default)]
pub struct Alternative {
    /// What changes.
    pub title: String,
    /// The range of its climate.
    pub figure: String,
    /// The difference and its range.
    pub difference: String,
    /// Where it is estimated in full.
    pub href: String,
}

/// One value that the result rests on.
#[derive(Debug, Clone, Default)]
pub struct AssumptionRow {
    /// What it is.
    pub name: String,
    /// The value with its unit.
    pub value: String,
    /// Where it was read.
    pub source: String,
    /// Who chose it.
    pub chosen: &'static str,
    /// Address of the field that changes it; blank when none does.
    pub field: String,
}

/// A comparison with another setting.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// What the other setting is.
    pub title: String,
    /// Where it is.
    pub href: String,
    /// Criterion, other, this one, difference.
    pub rows: Vec<[String; 4]>,
    /// Why the two are not compared.
    pub refusal: String,
}

/// What was estimated.
#[derive(Debug, Clone, Default)]
pub struct EstimateResult {
    /// "entre 37 et 59 kg CO₂e".
    pub headline: String,
    /// "par an, pour 154 000 requêtes".
    pub counted: String,
    /// "soit environ 340 km en voiture thermique".
    pub pictured: String,
    /// The settings in one sentence, for the printed page; blank when the headline says them.
    pub brief: String,
    /// How far it can be trusted.
    pub grade: Option<Grade>,
    /// Header of the column of one unit.
    pub one_header: String,
    /// Header of the column of the whole; blank when there is none.
    pub whole_header: String,
    /// Criteria.
    pub criteria: Vec<Criterion>,
    /// What is covered, phase by phase: headers, then rows whose first cell names them.
    pub grid: Vec<Vec<String>>,
    /// What the evaluation says of itself: name and text.
    pub report: Vec<[String; 2]>,
    /// Remarks below the criteria.
    pub remarks: Vec<String>,
    /// What weighs most.
    pub charts: Vec<BarChart>,
    /// What a reader must know.
    pub warnings: Vec<String>,
    /// Equivalents.
    pub equivalents: Vec<EquivalentGroup>,
    /// Every equivalent of the first of these results; blank when there is none.
    pub marks_href: String,
    /// What would lower the result.
    pub alternatives: Vec<Alternative>,
    /// Beside another setting.
    pub comparison: Option<Comparison>,
    /// Values used.
    pub assumptions: Vec<AssumptionRow>,
    /// Method and tables.
    pub method: String,
    /// The page of the method.
    pub method_link: Link,
    /// Downloads.
    pub downloads: Vec<Link>,
    /// Where another setting can be compared with this one.
    pub compare_href: String,
}

/// A calculator.
#[derive(Debug, Clone, Template)]
#[template(path = "estimate.html", whitespace = "minimize")]
pub struct EstimatePage {
    /// Frame.
    pub layout: Layout,
    /// Title.
    pub title: String,
    /// What it estimates, in one sentence.
    pub lead: String,
    /// Address of the form.
    pub action: String,
    /// Whole address of the page with its settings, for paper.
    pub address: String,
    /// The fields that everyone fills.
    pub fields: Vec<FormField>,
    /// Heading and fields of each further part, unfolded.
    pub groups: Vec<(String, Vec<FormField>)>,
    /// Address that adds a part; blank when none can be added.
    pub more_href: String,
    /// Folded parts, for those who need them.
    pub folds: Vec<Fold>,
    /// The other setting that is compared, kept from one estimate to the next.
    pub with: String,
    /// What is wrong.
    pub errors: Vec<FormError>,
    /// What was estimated.
    pub result: Option<EstimateResult>,
    /// What is said before anything was asked.
    pub before: Vec<String>,
    /// The form that takes logs, on the page of measures.
    pub logs: Option<LogForm>,
}

/// The choice of a calculator.
#[derive(Debug, Clone, Template)]
#[template(path = "estimate_home.html", whitespace = "minimize")]
pub struct EstimateHomePage {
    /// Frame.
    pub layout: Layout,
    /// Title, text and address of each calculator.
    pub doors: Vec<(String, String, Link)>,
}

/// The documentation of a method.
#[derive(Debug, Clone, Template)]
#[template(path = "method.html", whitespace = "minimize")]
pub struct MethodPage {
    /// Frame.
    pub layout: Layout,
    /// Title.
    pub title: String,
    /// The document, as HTML made from our own text.
    pub html: String,
    /// Every method.
    pub others: Vec<Link>,
}
