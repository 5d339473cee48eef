//! A territory as people write it: `29`, `Finistère`, `Bretagne`.

use std::collections::HashMap;
use std::sync::LazyLock;

use sobria_catalogue::query::Facet;
use sobria_catalogue::text::fold_key;
use sobria_territory::Departement;

/// Written forms of every département and région, folded, with the filter that each one means.
static FORMS: LazyLock<HashMap<String, (Facet, String)>> = LazyLock::new(|| {
    let mut forms = HashMap::new();
    for departement in Departement::all() {
        forms.insert(
            fold_key(departement.region_name),
            (Facet::Region, departement.region.to_owned()),
        );
    }
    for departement in Departement::all() {
        // A département comes after its région, so that a shared name (La Réunion) means the smaller circle.
        forms.insert(
            fold_key(departement.name),
            (Facet::Departement, departement.code.to_owned()),
        );
        forms.insert(
            fold_key(departement.code),
            (Facet::Departement, departement.code.to_owned()),
        );
    }
    forms
});

/// The filter that a written territory means.
pub fn resolve(text: &str) -> Option<(Facet, String)> {
    let key = fold_key(text);
    let known = |key: &str| FORMS.get(key).cloned();
    known(&key).or_else(|| {
        // "Finistère (29)" and "la Bretagne" are written too.
        let words: Vec<&str> = key.split(' ').collect();
        let code = words.last().and_then(|last| known(last));
        let bare = words
            .split_first()
            .filter(|(first, _)| ["la", "le", "les", "l"].contains(*first));
        bare.and_then(|(_, rest)| known(&rest.join(" "))).or(code)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn departements_and_regions_are_recognised_by_name_or_code() {
        for (text, facet, code) in [
            ("29", Facet::Departement, "29"),
            ("2a", Facet::Departement, "2A"),
            ("finistere", Facet::Departement, "29"),
            ("Côtes-d’Armor", Facet::Departement, "22"),
            ("Bretagne", Facet::Region, "53"),
            ("la Bretagne", Facet::Region, "53"),
            ("Finistère (29)", Facet::Departement, "29"),
            ("La Réunion", Facet::Departement, "974"),
        ] {
            assert_eq!(resolve(text), Some((facet, code.to_owned())), "{text}");
        }
        assert_eq!(resolve("Atlantide"), None);
        assert_eq!(resolve(""), None);
    }
}
