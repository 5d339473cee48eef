//! The state of the library in the address: read with care, written back in one canonical form.

use sobria_catalogue::access::Level;
use sobria_catalogue::evaluation::Evaluated;
use sobria_catalogue::query::{CatalogueQuery, Facet, Sort};
use sobria_catalogue::vocabulary::Vocabularies;

use crate::map_window::MapWindow;

/// Longest text that is searched, in characters.
pub const TEXT_MAX: usize = 400;
/// Most codes that one facet takes.
const CODES_MAX: usize = 60;
/// Last page that is computed; beyond it, the list is empty.
const PAGE_MAX: usize = 1_000_000;

/// The three ways of looking at the same results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum View {
    /// Cards.
    #[default]
    Cards,
    /// Table.
    Table,
    /// Map with its list.
    Map,
}

impl View {
    /// The word in the address.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Cards => "fiches",
            Self::Table => "tableau",
            Self::Map => "carte",
        }
    }

    /// Results per page.
    pub const fn page_size(self) -> usize {
        match self {
            Self::Cards => 12,
            Self::Table => 15,
            Self::Map => 60,
        }
    }
}

/// Everything that the address of the library says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ListParams {
    /// What is asked.
    pub query: CatalogueQuery,
    /// How it is shown.
    pub view: View,
    /// Page, from 1.
    pub page: usize,
    /// Columns of the table, when chosen.
    pub columns: Vec<String>,
    /// Organisation whose card is open on the map.
    pub focus: Option<String>,
    /// Part of the map that is shown; the whole of it by default.
    pub window: Option<MapWindow>,
    /// Territory as the reader wrote it: a département or a région, by name or code.
    pub area: String,
}

/// The French name of each facet in the address.
pub const fn facet_name(facet: Facet) -> &'static str {
    match facet {
        Facet::Theme => "theme",
        Facet::Subtheme => "sous_theme",
        Facet::OrganisationKind => "type",
        Facet::Audience => "audience",
        Facet::Maturity => "maturite",
        Facet::ServiceUsage => "usage",
        Facet::Departement => "departement",
        Facet::Region => "region",
        Facet::Population => "population",
        Facet::StartYear => "annee",
        Facet::Evaluation => "evaluation",
        Facet::OpenResource => "ressources",
        Facet::SharedResource => "partage",
        Facet::Solution => "solution",
        Facet::AlgorithmKind => "algorithme",
    }
}

/// The French name of each order in the address.
pub const fn sort_name(sort: Sort) -> &'static str {
    match sort {
        Sort::Relevance => "pertinence",
        Sort::Recent => "recent",
        Sort::Title => "titre",
        Sort::Organisation => "organisation",
        Sort::Start => "demarrage",
        Sort::Completeness => "completude",
    }
}

/// The label of each order.
pub const fn sort_label(sort: Sort) -> &'static str {
    match sort {
        Sort::Relevance => "Pertinence",
        Sort::Recent => "Mise à jour récente",
        Sort::Title => "Titre",
        Sort::Organisation => "Organisation",
        Sort::Start => "Démarrage récent",
        Sort::Completeness => "Fiches les plus complètes",
    }
}

/// Reads the pairs of a query string: at most 200 of them, in the order given.
pub fn pairs(query: &str) -> Vec<(String, String)> {
    pairs_up_to(query, 200)
}

/// Names and values of a form, at most so many.
pub fn pairs_up_to(query: &str, most: usize) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .take(most)
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let pair = rest
                    .clone()
                    .take(2)
                    .map(|b| char::from(b).to_digit(16))
                    .collect::<Option<Vec<_>>>();
                match pair.as_deref() {
                    Some([high, low]) => {
                        bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                        rest.nth(1);
                    }
                    _ => bytes.push(b'%'),
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Encodes one value for a query string.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte))
            }
            b' ' => encoded.push('+'),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}

impl ListParams {
    /// Reads the address of the library. What is not understood is left out, never an error.
    pub fn parse(query: &str, level: Level) -> Self {
        let mut params = Self {
            page: 1,
            ..Self::default()
        };
        for (name, value) in pairs(query) {
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            match name.as_str() {
                "q" => params.query.text = value.chars().take(TEXT_MAX).filter(|c| !c.is_control()).collect(),
                "vue" => {
                    params.view = [View::Cards, View::Table, View::Map]
                        .into_iter()
                        .find(|view| view.id() == value)
                        .unwrap_or_default();
                }
                "tri" => {
                    params.query.sort = Sort::ALL
                        .into_iter()
                        .find(|sort| sort_name(*sort) == value)
                        .unwrap_or_default();
                }
                "page" => params.page = value.parse::<usize>().unwrap_or(1).clamp(1, PAGE_MAX),
                "de" => params.query.year_from = value.parse().ok(),
                "a" => params.query.year_to = value.parse().ok(),
                "territoire" => params.area = value.chars().take(80).filter(|c| !c.is_control()).collect(),
                "organisation" => params.focus = Some(value.chars().take(120).collect()),
                "cadre" => params.window = MapWindow::parse(value),
                "colonnes" => params.columns.push(value.chars().take(60).collect()),
                other => {
                    let facet = Facet::ALL.into_iter().find(|facet| facet_name(*facet) == other);
                    let facet = facet.filter(|facet| facet.is_open_to(level) && is_known(*facet, value));
                    if let Some(facet) = facet {
                        add_code(&mut params.query.filters, facet, value);
                    }
                }
            }
        }
        params.window = params.window.filter(|_| params.view == View::Map);
        params.query.limit = params.view.page_size();
        params.query.offset = (params.page - 1).saturating_mul(params.query.limit);
        params
    }

    /// Writes the address back, from the first page, in one order whatever the order of the request.
    pub fn to_query(&self) -> String {
        self.write(1)
    }

    /// The address of another page of the same results.
    pub fn to_page(&self, page: usize) -> String {
        self.write(page)
    }

    fn write(&self, page: usize) -> String {
        let mut parts = Vec::new();
        if !self.query.text.is_empty() {
            parts.push(format!("q={}", encode(&self.query.text)));
        }
        for facet in Facet::ALL {
            for code in self.query.wanted(facet) {
                parts.push(format!("{}={}", facet_name(facet), encode(code)));
            }
        }
        if !self.area.is_empty() {
            parts.push(format!("territoire={}", encode(&self.area)));
        }
        if let Some(year) = self.query.year_from {
            parts.push(format!("de={year}"));
        }
        if let Some(year) = self.query.year_to {
            parts.push(format!("a={year}"));
        }
        if self.view != View::Cards {
            parts.push(format!("vue={}", self.view.id()));
        }
        if let Some(window) = self.window.filter(|_| self.view == View::Map) {
            parts.push(format!("cadre={}", window.id()));
        }
        if self.query.sort != Sort::default() {
            parts.push(format!("tri={}", sort_name(self.query.sort)));
        }
        for column in &self.columns {
            parts.push(format!("colonnes={}", encode(column)));
        }
        if page > 1 {
            parts.push(format!("page={page}"));
        }
        parts.join("&")
    }

    /// The same search seen otherwise.
    pub fn with_view(&self, view: View) -> Self {
        Self { view, ..self.clone() }
    }

    /// The question with the written territory turned into a filter.
    ///
    /// A territory that is not recognised matches nothing: the reader sees it among the filters and can take it away.
    pub fn question(&self) -> CatalogueQuery {
        let mut query = self.query.clone();
        if !self.area.is_empty() {
            let (facet, code) =
                crate::area::resolve(&self.area).unwrap_or((Facet::Departement, self.area.clone()));
            add_code(&mut query.filters, facet, &code);
        }
        query
    }

    /// Whether anything narrows the list.
    pub fn is_narrowed(&self) -> bool {
        self.query.is_narrowed() || !self.area.is_empty()
    }

    /// The same search without one value of one facet.
    pub fn without(&self, facet: Facet, code: &str) -> Self {
        let mut params = self.clone();
        for (f, codes) in &mut params.query.filters {
            if *f == facet {
                codes.retain(|c| c != code);
            }
        }
        params.query.filters.retain(|(_, codes)| !codes.is_empty());
        params
    }
}

/// Whether a code belongs to the vocabulary of its facet; facets without one take any text.
fn is_known(facet: Facet, code: &str) -> bool {
    if facet == Facet::Evaluation {
        return Evaluated::CODES.contains(&code);
    }
    facet
        .vocabulary()
        .is_none_or(|list| Vocabularies::embedded().get(list).by_code(code).is_some())
}

/// Adds a code to the wanted values of a facet, once.
pub fn add_code(filters: &mut Vec<(Facet, Vec<String>)>, facet: Facet, code: &str) {
    let code: String = code.chars().take(60).filter(|c| !c.is_control()).collect();
    if code.is_empty() {
        return;
    }
    match filters.iter_mut().find(|(f, _)| *f == facet) {
        Some((_, codes)) => {
            if !codes.contains(&code) && codes.len() < CODES_MAX {
                codes.push(code);
            }
        }
        None => filters.push((facet, vec![code])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(query: &str) -> String {
        ListParams::parse(query, Level::Public).to_query()
    }

    #[test]
    fn the_address_is_written_back_in_one_order() {
        assert_eq!(
            canonical("vue=carte&theme=mobilites&q=fuites+d%27eau&theme=transition&page=4"),
            "q=fuites+d%27eau&theme=mobilites&theme=transition&vue=carte"
        );
    }

    #[test]
    fn what_is_not_understood_is_left_out() {
        for query in [
            "theme=inconnu",
            "page=-1",
            "page=abc",
            "tri=hasard",
            "vue=3d",
            "inconnu=1",
            "%",
            "%zz=%",
            "q=",
            "&&&=",
            "de=x",
        ] {
            assert_eq!(canonical(query), "", "{query}");
        }
    }

    #[test]
    fn a_visitor_cannot_filter_by_a_field_he_cannot_read() {
        assert_eq!(canonical("algorithme=ml&theme=transition"), "theme=transition");
        let member = ListParams::parse("algorithme=ml", Level::Member);
        assert_eq!(member.query.wanted(Facet::AlgorithmKind), ["ml"]);
    }

    #[test]
    fn pages_are_bounded_and_keep_the_rest_of_the_address() {
        let params = ListParams::parse("q=eau&page=99999999999999999999", Level::Public);
        assert_eq!(params.page, 1);
        let params = ListParams::parse("q=eau&page=3", Level::Public);
        assert_eq!(params.query.offset, 24);
        assert_eq!(params.to_page(4), "q=eau&page=4");
    }

    #[test]
    fn encoding_and_decoding_are_inverse() {
        for text in ["l’énergie & l'eau", "a+b=c%", "«\u{202f}»", "\u{1F6B0}"] {
            assert_eq!(decode(&encode(text)), text);
        }
    }

    #[test]
    fn a_filter_can_be_taken_away_alone() {
        let params = ListParams::parse("theme=mobilites&theme=transition", Level::Public);
        assert_eq!(
            params.without(Facet::Theme, "mobilites").to_query(),
            "theme=transition"
        );
        assert_eq!(
            params
                .without(Facet::Theme, "mobilites")
                .without(Facet::Theme, "transition")
                .to_query(),
            ""
        );
    }
}
