//! Search and filters of the library: one GET form whose whole state is the address.

use crate::view::library::Link;
use crate::view::theme::ThemeBadge;

/// One value of a facet.
#[derive(Debug, Clone, Default)]
pub struct FacetOption {
    /// Code, as in the address.
    pub value: String,
    /// Label.
    pub label: String,
    /// Number of results with this value, formatted.
    pub count: String,
    /// Whether the reader asked for it.
    pub checked: bool,
    /// Letter and colour, for themes.
    pub theme: Option<ThemeBadge>,
}

/// A facet shown as check boxes.
///
/// Leave out values whose count is zero unless they are checked.
#[derive(Debug, Clone, Default)]
pub struct FacetGroup {
    /// Title of the group.
    pub label: String,
    /// Name of the parameter in the address.
    pub name: String,
    /// Values shown at once: at most eight, checked ones among them.
    pub options: Vec<FacetOption>,
    /// The other values, folded.
    pub more: Vec<FacetOption>,
    /// Whether the group itself is folded, which rare facets are until used.
    pub folded: bool,
    /// What the values mean, when the title does not say it all.
    pub hint: String,
}

impl FacetGroup {
    /// Values shown before the fold.
    pub const VISIBLE: usize = 8;

    /// A group with its values in order: the checked ones and the first ones stay visible.
    pub fn new(label: &str, name: &str, options: Vec<FacetOption>) -> Self {
        let mut group = Self {
            label: label.to_owned(),
            name: name.to_owned(),
            ..Self::default()
        };
        let checked = options.iter().filter(|option| option.checked).count();
        let mut free = Self::VISIBLE.saturating_sub(checked);
        // One value alone under a fold costs more than it saves.
        if options.len() <= Self::VISIBLE + 1 {
            free = options.len();
        }
        for option in options {
            if option.checked {
                group.options.push(option);
            } else if free > 0 {
                free -= 1;
                group.options.push(option);
            } else {
                group.more.push(option);
            }
        }
        group
    }
}

/// A facet with too many values to list: the reader writes the one wanted.
#[derive(Debug, Clone, Default)]
pub struct TextFilter {
    /// Label.
    pub label: String,
    /// Name of the parameter.
    pub name: String,
    /// What the reader wrote.
    pub value: String,
    /// Example of what can be written: "57, Moselle ou Grand Est".
    pub hint: String,
    /// Values that the browser may propose.
    pub options: Vec<String>,
}

/// First and last year of the start.
#[derive(Debug, Clone, Default)]
pub struct YearFilter {
    /// First year asked, or blank.
    pub from: String,
    /// Last year asked, or blank.
    pub to: String,
    /// Earliest year of the catalogue.
    pub min: String,
    /// Latest year of the catalogue.
    pub max: String,
}

/// A filter in force, with the address of the same search without it.
#[derive(Debug, Clone, Default)]
pub struct Chip {
    /// "Thème : Mobilités".
    pub label: String,
    /// Address without it.
    pub href: String,
}

/// The form.
#[derive(Debug, Clone, Default)]
pub struct Filters {
    /// Address that the form asks: `/cas-usages`.
    pub action: String,
    /// Text searched.
    pub query: String,
    /// Facets, in order.
    pub groups: Vec<FacetGroup>,
    /// Territory of the carrier.
    pub place: Option<TextFilter>,
    /// Solution or supplier.
    pub solution: Option<TextFilter>,
    /// Years of the start.
    pub years: Option<YearFilter>,
    /// The same words among records of other types.
    pub kinds: Vec<Link>,
    /// Other parameters to carry along: name and value (the view, for instance; the order has its own field).
    pub hidden: Vec<(String, String)>,
    /// Filters in force.
    pub chips: Vec<Chip>,
    /// Address without any filter, when there is one in force.
    pub reset: Option<String>,
}

impl Filters {
    /// How many filters are in force, the words of the search apart.
    pub fn chosen(&self) -> usize {
        self.chips
            .len()
            .saturating_sub(usize::from(!self.query.is_empty()))
    }
}
