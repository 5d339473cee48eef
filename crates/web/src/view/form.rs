//! Fields of forms and the simple pages made of one form.

use askama::Template;

use super::library::Link;
use super::{Layout, RichText};

/// One choice of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormOption {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// A precision under the label.
    pub hint: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

impl FormOption {
    /// A choice.
    pub fn new(value: impl Into<String>, label: impl Into<String>, chosen: bool) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
            hint: String::new(),
            chosen,
        }
    }
}

/// How a field is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// One line; the type of the input: `text`, `email`, `password`, `url`, `search`.
    Line(&'static str),
    /// Several lines, so many at first.
    Lines(u8),
    /// One choice of a list that unfolds.
    Select(Vec<FormOption>),
    /// One choice, all in view.
    Radios(Vec<FormOption>),
    /// Any number of choices, all in view.
    Checks(Vec<FormOption>),
    /// One box to tick.
    Check(bool),
    /// A file.
    File {
        /// Types and endings accepted, as the `accept` attribute wants them.
        accept: &'static str,
    },
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormField {
    /// Name, and identifier in the page.
    pub name: String,
    /// Label.
    pub label: String,
    /// Help under the label.
    pub hint: String,
    /// Where the answer that stands in it comes from, when nobody typed it; blank otherwise.
    pub origin: String,
    /// Who will read the answer: "Publique", "Agents inscrits"; blank when it goes without saying.
    pub readers: String,
    /// The value of a line or of lines.
    pub value: String,
    /// How it is filled in.
    pub control: Control,
    /// What is wrong, with what is expected.
    pub error: Option<String>,
    /// Whether it must be filled in.
    pub required: bool,
    /// Token of `autocomplete`; blank when there is none.
    pub autocomplete: &'static str,
    /// Longest text, in characters; zero for no limit.
    pub max: usize,
    /// Proposals of a line.
    pub proposals: Vec<String>,
}

impl FormField {
    /// A field without hint, error or limit.
    pub fn new(
        name: impl Into<String>,
        label: impl Into<String>,
        value: impl Into<String>,
        control: Control,
    ) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            hint: String::new(),
            origin: String::new(),
            readers: String::new(),
            value: value.into(),
            control,
            error: None,
            required: false,
            autocomplete: "",
            max: 0,
            proposals: Vec::new(),
        }
    }

    /// One line of text.
    pub fn line(name: impl Into<String>, label: impl Into<String>, value: impl Into<String>) -> Self {
        Self::new(name, label, value, Control::Line("text"))
    }

    /// With a help under the label.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// That must be filled in.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// With a token of `autocomplete`.
    #[must_use]
    pub fn autocomplete(mut self, token: &'static str) -> Self {
        self.autocomplete = token;
        self
    }

    /// Of at most so many characters.
    #[must_use]
    pub fn max(mut self, max: usize) -> Self {
        self.max = max;
        self
    }

    /// With what is wrong about it.
    #[must_use]
    pub fn error(mut self, error: Option<String>) -> Self {
        self.error = error;
        self
    }

    /// Identifiers of the help and of the error, for `aria-describedby`.
    pub fn described_by(&self) -> String {
        let mut ids = Vec::new();
        if !self.hint.is_empty() {
            ids.push(format!("{}-aide", self.name));
        }
        if !self.origin.is_empty() {
            ids.push(format!("{}-origine", self.name));
        }
        if self.error.is_some() {
            ids.push(format!("{}-erreur", self.name));
        }
        ids.join(" ")
    }

    /// Whether the page says that it may stay blank: a list without a blank choice never does.
    pub fn is_optional(&self) -> bool {
        let always = matches!(&self.control, Control::Select(options) if !options.is_empty() && options.iter().all(|option| !option.value.is_empty()));
        !self.required && !always
    }

    /// Whether several inputs answer the question, which then has a legend.
    pub fn is_group(&self) -> bool {
        matches!(self.control, Control::Radios(_) | Control::Checks(_))
    }
}

/// What is wrong in a form: the field to go to and the sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormError {
    /// Identifier of the field; blank for the whole form.
    pub field: String,
    /// The sentence.
    pub message: String,
}

impl FormError {
    /// What is wrong in the whole form.
    pub fn general(message: impl Into<String>) -> Self {
        Self {
            field: String::new(),
            message: message.into(),
        }
    }
}

/// Fields under a heading, sent together.
#[derive(Debug, Clone, Default)]
pub struct FormBlock {
    /// Identifier in the page.
    pub id: String,
    /// Heading; blank for none.
    pub title: String,
    /// What it is for.
    pub text: RichText,
    /// Where it is sent; blank when the block has no form.
    pub action: String,
    /// Token of the session.
    pub csrf: String,
    /// Other fields that are sent as they are.
    pub hidden: Vec<(String, String)>,
    /// Fields.
    pub fields: Vec<FormField>,
    /// Label of the button.
    pub submit: String,
    /// Whether the whole block is folded under its title.
    pub folded: bool,
    /// A link that begins what the block is about, as a button.
    pub go: Option<Link>,
    /// Whether the button is discreet.
    pub quiet: bool,
    /// Other buttons: value of `action`, label.
    pub others: Vec<(String, String)>,
    /// Links after the form.
    pub links: Vec<Link>,
    /// Lines of a list shown before the form.
    pub lines: Vec<String>,
    /// A table shown before the form.
    pub table: Option<super::prose::ProseTable>,
    /// Where the first cell of each row of the table leads; none when it leads nowhere.
    pub row_links: Vec<String>,
    /// Whether the form asks for a page rather than change something.
    pub get: bool,
    /// A drawing before the form: its side and the path of its dark parts.
    pub picture: Option<(String, String)>,
    /// A picture before the form: address, what it shows, width and height.
    pub image: Option<(String, String, u32, u32)>,
    /// Whether the script saves the form as one types.
    pub autosave: bool,
}

impl FormBlock {
    /// Where the first cell of a row of the table leads.
    pub fn row_link(&self, row: &usize) -> Option<&str> {
        self.row_links.get(*row).map(String::as_str)
    }

    /// Whether a file is sent with it.
    pub fn has_file(&self) -> bool {
        self.fields
            .iter()
            .any(|field| matches!(field.control, Control::File { .. }))
    }

    /// What is wrong in its fields, in order.
    pub fn errors(&self) -> impl Iterator<Item = FormError> + '_ {
        self.fields.iter().filter_map(|field| {
            field.error.as_ref().map(|message| FormError {
                field: field.name.clone(),
                message: message.clone(),
            })
        })
    }
}

/// A page of forms.
#[derive(Debug, Clone, Template)]
#[template(path = "form.html")]
pub struct FormPage {
    /// Frame.
    pub layout: Layout,
    /// Title.
    pub title: String,
    /// What the page is for.
    pub lead: String,
    /// What was just done, or what one should know.
    pub notice: Option<String>,
    /// What is wrong, at the top.
    pub errors: Vec<FormError>,
    /// Forms, in order.
    pub blocks: Vec<FormBlock>,
    /// Links of the space beside: label and address.
    pub menu: Vec<Link>,
    /// What the menu is, for those who hear the page.
    pub menu_label: String,
    /// The page of the menu that this one is.
    pub here: String,
}

impl FormPage {
    /// A page without form yet.
    pub fn new(layout: Layout, title: &str, lead: &str) -> Self {
        Self {
            layout,
            title: title.to_owned(),
            lead: lead.to_owned(),
            notice: None,
            errors: Vec::new(),
            blocks: Vec::new(),
            menu: Vec::new(),
            menu_label: "Votre espace".to_owned(),
            here: String::new(),
        }
    }

    /// Lists what is wrong in the fields at the top.
    pub fn gather_errors(&mut self) {
        let found = self.blocks.iter().flat_map(FormBlock::errors);
        self.errors.extend(found.collect::<Vec<_>>());
    }
}
