//! What every page shares: identity, navigation, trail, foot.

use crate::view::library::Link;

/// Addresses of static files, with the hash of their content.
#[derive(Debug, Clone, Default)]
pub struct AssetPaths {
    /// The style sheet, `sobria.css`.
    pub css: String,
    /// The script, `library.js`.
    pub js: String,
    /// The script of tiles, `tiles.js`.
    pub tiles: String,
    /// The base of maps, `france.svg`.
    pub map: String,
    /// The icon, `favicon.svg`.
    pub icon: String,
}

/// Who runs the instance, as shown on every page.
#[derive(Debug, Clone, Default)]
pub struct SiteIdentity {
    /// Name of the library.
    pub name: String,
    /// Who runs it.
    pub operator: String,
    /// Site of the operator.
    pub operator_url: Option<String>,
    /// Mailbox for questions and reports.
    pub contact: Option<String>,
    /// Name of the licence of the data.
    pub licence: String,
    /// Address of the licence.
    pub licence_url: String,
    /// State of conformity, as the law words it: "non conforme".
    pub accessibility: String,
    /// Whether a page may ask another host for something: the tiles of an enlarged map.
    pub calls_out: bool,
    /// Whether the catalogue is invented, which every page then says, with a link to the components.
    pub demo: bool,
}

/// The place of a page in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Place {
    /// None of the destinations of the navigation.
    #[default]
    Elsewhere,
    /// The library and its records.
    Library,
    /// Calculators.
    Estimate,
    /// Instruments of governance.
    Govern,
    /// Organisations.
    Organisations,
    /// Context.
    Context,
    /// Data model.
    DataModel,
    /// Downloads and API.
    Data,
    /// What one writes for the library.
    Contribute,
    /// What belongs to whoever signed in.
    Space,
}

impl Place {
    /// The destinations of the navigation, in order, with their label and address.
    pub const NAVIGATION: [(Self, &'static str, &'static str); 8] = [
        (Self::Library, "Bibliothèque", "/cas-usages"),
        (Self::Estimate, "Évaluer", "/estimer"),
        (Self::Govern, "Maîtriser", "/maitriser"),
        (Self::Organisations, "Organisations", "/organisations"),
        (Self::Context, "Contexte", "/contexte"),
        (Self::DataModel, "Modèle de données", "/modele-de-donnees"),
        (Self::Data, "Données", "/donnees"),
        (Self::Space, "Mon espace", "/mon-espace"),
    ];
}

/// One destination of the navigation.
#[derive(Debug, Clone, Copy)]
pub struct NavItem {
    /// Label.
    pub label: &'static str,
    /// Address.
    pub href: &'static str,
    /// Whether the page belongs there.
    pub current: bool,
}

/// One step of the trail; the last one, the page itself, has no address.
#[derive(Debug, Clone, Default)]
pub struct Crumb {
    /// Label.
    pub label: String,
    /// Address, except for the page itself.
    pub href: Option<String>,
}

impl Crumb {
    /// A step that leads somewhere.
    pub fn to(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            href: Some(href.into()),
        }
    }

    /// The page itself.
    pub fn here(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            href: None,
        }
    }
}

/// The frame of a page.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// Title of the page, without the name of the library; blank on the home page.
    pub title: String,
    /// One sentence for search engines and previews.
    pub description: String,
    /// Address of the page, complete, in its canonical form.
    pub canonical: String,
    /// Identity of the instance.
    pub site: SiteIdentity,
    /// Static files.
    pub assets: AssetPaths,
    /// Destinations of the navigation.
    pub nav: Vec<NavItem>,
    /// Trail from the home page; blank on the pages of the navigation.
    pub crumbs: Vec<Crumb>,
    /// Feed of what the page shows.
    pub feed: Option<String>,
    /// Linked data, with every `</` escaped by the caller.
    pub json_ld: Option<String>,
    /// Other forms of the page, for `link rel="alternate"`: media type and address.
    pub alternates: Vec<Link>,
    /// Whether search engines may keep the page.
    pub indexed: bool,
    /// Whether the page uses the script.
    pub scripted: bool,
    /// Whether the page shows what is reserved to registered agents, which it then says.
    pub private: bool,
}

impl Layout {
    /// The frame of a page that has no trail, feed nor linked data.
    pub fn new(site: SiteIdentity, assets: AssetPaths, place: Place, title: &str, canonical: &str) -> Self {
        Self {
            title: title.to_owned(),
            description: String::new(),
            canonical: canonical.to_owned(),
            site,
            assets,
            nav: Place::NAVIGATION
                .into_iter()
                .map(|(item, label, href)| NavItem {
                    label,
                    href,
                    current: item == place,
                })
                .collect(),
            crumbs: Vec::new(),
            feed: None,
            json_ld: None,
            alternates: Vec::new(),
            indexed: true,
            scripted: false,
            private: false,
        }
    }

    /// The same frame with a sentence of description.
    pub fn described(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// The same frame with a trail.
    pub fn under(mut self, crumbs: Vec<Crumb>) -> Self {
        self.crumbs = crumbs;
        self
    }
}
