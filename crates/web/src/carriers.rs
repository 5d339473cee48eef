//! Organisations as people look for them: a part of the name, a kind, a place, in any order.

use sobria_catalogue::text::fold_key;
use sobria_catalogue::vocabulary::{Vocabularies, VocabularyId};
use sobria_search::is_stop_word;
use sobria_store::CarrierWord;
use sobria_territory::Departement;

/// Words of one search that are looked at; further ones are passed over.
const WORDS: usize = 8;

/// What each word of a search may mean: a part of the name, or the beginning of a word of a kind, a département or a
/// région, whose number counts too. Nothing for a search without words.
pub fn words(text: &str, vocabularies: &Vocabularies) -> Vec<CarrierWord> {
    let key = fold_key(text);
    let all = || key.split(' ').filter(|word| !word.is_empty());
    let mut telling: Vec<&str> = all().filter(|word| !is_stop_word(word)).collect();
    if telling.is_empty() {
        telling = all().collect();
    }
    telling
        .into_iter()
        .take(WORDS)
        .map(|word| meanings(word, vocabularies))
        .collect()
}

fn meanings(word: &str, vocabularies: &Vocabularies) -> CarrierWord {
    // What people write in the plural, labels say in the singular.
    let start = word
        .strip_suffix(['s', 'x'])
        .filter(|rest| rest.len() > 3)
        .unwrap_or(word);
    // A letter or two begin too many words.
    let says = |label: &str| start.len() > 2 && fold_key(label).split(' ').any(|one| one.starts_with(start));
    let mut found = CarrierWord {
        text: word.to_owned(),
        ..CarrierWord::default()
    };
    for departement in Departement::all() {
        let of_region = says(departement.region_name);
        if of_region || says(departement.name) || departement.code.eq_ignore_ascii_case(word) {
            found.departements.push(departement.code);
        }
        if of_region && !found.regions.contains(&departement.region) {
            found.regions.push(departement.region);
        }
    }
    let kinds = vocabularies.get(VocabularyId::OrganisationKind);
    found.kinds = kinds
        .terms()
        .iter()
        .map(|term| term.code)
        .filter(|code| says(kinds.label(code)))
        .collect();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<CarrierWord> {
        words(text, Vocabularies::embedded())
    }

    #[test]
    fn a_word_means_a_name_a_place_or_a_kind() {
        let [finistere] = read("Finistère").try_into().unwrap();
        assert_eq!(
            (finistere.text.as_str(), finistere.departements),
            ("finistere", vec!["29"])
        );
        let [bretagne] = read("en Bretagne").try_into().unwrap();
        assert_eq!(bretagne.departements, ["22", "29", "35", "56"]);
        assert_eq!(bretagne.regions, ["53"]);
        assert_eq!(read("2a")[0].departements, ["2A"]);
        let [loire] = read("loire").try_into().unwrap();
        for code in ["37", "42", "43", "44", "45", "49", "71"] {
            assert!(loire.departements.contains(&code), "{code}");
        }
        assert!(!loire.departements.contains(&"29"));
        let [metropoles] = read("Métropoles").try_into().unwrap();
        assert_eq!(metropoles.kinds, ["metropole"]);
        assert!(read("metz")[0].departements.is_empty());
        assert!(read("oire")[0].departements.is_empty(), "the end of Loire");
    }

    #[test]
    fn words_that_link_others_ask_for_nothing() {
        let texts = |text: &str| -> Vec<String> { read(text).into_iter().map(|word| word.text).collect() };
        assert_eq!(texts("communes de l’Isère"), ["communes", "isere"]);
        assert_eq!(texts("la"), ["la"], "alone, it is a part of a name");
        assert!(texts("  ’ ").is_empty());
        assert_eq!(texts(&"mot ".repeat(50)).len(), WORDS);
    }

    #[test]
    fn what_is_short_begins_no_word_of_a_place() {
        for word in ["a", "sa", "co"] {
            let [found] = read(word).try_into().unwrap();
            assert_eq!((found.departements.len(), found.kinds.len()), (0, 0), "{word}");
        }
    }
}
