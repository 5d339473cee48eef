//! Questions as people ask them, put to a small invented library.

use sobria_catalogue::access::Level;
use sobria_catalogue::query::CatalogueQuery;
use sobria_search::{Found, Index};

use crate::records::{self, Record, index, library};

fn ask(index: &Index, text: &str) -> Found {
    let query = CatalogueQuery {
        text: text.to_owned(),
        limit: 50,
        ..CatalogueQuery::default()
    };
    index.find(&query, Level::Public).unwrap()
}

fn titles(found: &Found, records: &[Record]) -> Vec<&'static str> {
    found
        .ids
        .iter()
        .filter_map(|id| records.iter().find(|record| record.id() == *id))
        .map(|record| record.title)
        .collect()
}

/// `first`: the titles that must come first, in any order among themselves.
fn check(text: &str, first: &[&str]) {
    let records = library();
    let index = index(&records);
    let found = ask(&index, text);
    let titles = titles(&found, &records);
    let mut head: Vec<&str> = titles.iter().copied().take(first.len()).collect();
    let mut expected = first.to_vec();
    head.sort_unstable();
    expected.sort_unstable();
    assert_eq!(head, expected, "« {text} » found {titles:?}");
    assert!(!found.relaxed, "« {text} » was relaxed: {titles:?}");
}

#[test]
fn people_find_what_they_mean() {
    for (text, first) in [
        // Plurals, elisions, apostrophes, accents, case.
        ("fuites d'eau", &["Détection des fuites d’eau", "Mission 90+"][..]),
        ("fuite d’eau", &["Détection des fuites d’eau", "Mission 90+"]),
        ("FUITES D’EAU", &["Détection des fuites d’eau", "Mission 90+"]),
        ("fuite eau", &["Détection des fuites d’eau", "Mission 90+"]),
        ("l'eau", &["Détection des fuites d’eau"]),
        ("l’énergie", &["Jumeau énergétique des écoles"]),
        ("energie", &["Jumeau énergétique des écoles"]),
        ("de l'énergie", &["Jumeau énergétique des écoles"]),
        ("qualite air", &["Qualité de l’air au carrefour"]),
        ("qualité de l’air", &["Qualité de l’air au carrefour"]),
        ("déchet", &["Tri des déchets"]),
        ("déchets", &["Tri des déchets"]),
        ("dechets", &["Tri des déchets"]),
        ("batiment", &["Jumeau énergétique des écoles"]),
        ("bâtiments", &["Jumeau énergétique des écoles"]),
        ("oeuvres", &["Mémoire des œuvres"]),
        ("œuvre", &["Mémoire des œuvres"]),
        ("renovee", &["Jumeau énergétique des écoles"]),
        ("deliberations", &["Résumé des délibérations"]),
        ("EU", &["Résumé des délibérations"]),
        // Other wordings.
        ("nettoyage", &["Propre et net"]),
        ("nettoiement", &["Propre et net"]),
        ("restauration scolaire", &["Repas justes"]),
        ("cantine", &["Repas justes"]),
        ("LLM", &["Résumé des délibérations"]),
        ("grand modèle de langue", &["Résumé des délibérations"]),
        ("chaussée", &["Relevé de la voirie"]),
        ("chatbot", &["Mairie Bot"]),
        // Wrong letters.
        ("fiutes", &["Détection des fuites d’eau"]),
        ("batimant", &["Jumeau énergétique des écoles"]),
        ("energetiqe", &["Jumeau énergétique des écoles"]),
        ("delibérasion", &["Résumé des délibérations"]),
        ("qualtié de l'air", &["Qualité de l’air au carrefour"]),
        ("innondasion", &["Alerte crue"]),
        // Unfinished words.
        ("inond", &["Alerte crue"]),
        ("fuites d'ea", &["Détection des fuites d’eau"]),
        ("éner", &["Jumeau énergétique des écoles"]),
        // Phrases.
        ("\"fuites d'eau\"", &["Détection des fuites d’eau", "Mission 90+"]),
        ("« qualité de l’air »", &["Qualité de l’air au carrefour"]),
        ("\"modèle de langue\"", &["Résumé des délibérations"]),
        // Carriers, key words, labels of themes, sub-themes, audiences.
        ("Vaucressy", &["Détection des fuites d’eau"]),
        ("syndicat des eaux", &["Mission 90+"]),
        ("télérelève", &["Mission 90+"]),
        ("mobilités", &["Relevé de la voirie"]),
        ("économie circulaire", &["Tri des déchets"]),
        ("\"économie circulaire\"", &["Tri des déchets"]),
        ("5G", &["Qualité de l’air au carrefour"]),
    ] {
        check(text, first);
    }
}

#[test]
fn what_stands_in_the_title_comes_before_what_stands_elsewhere() {
    let records = library();
    let index = index(&records);
    for (text, expected) in [
        ("voirie", ["Relevé de la voirie", "Propre et net"]),
        ("école", ["Jumeau énergétique des écoles", "Repas justes"]),
    ] {
        let found = titles(&ask(&index, text), &records);
        assert_eq!(found.get(..2).unwrap(), expected, "{text} {found:?}");
    }
}

#[test]
fn the_order_of_words_counts_only_between_quotes() {
    let records = library();
    let index = index(&records);
    assert!(ask(&index, "eau fuites").total > 0);
    assert!(!ask(&index, "eau fuites").relaxed);
    let phrase = ask(&index, "\"eau fuites\"");
    assert!(phrase.relaxed, "no record holds the phrase");
}

#[test]
fn a_question_too_narrow_is_answered_in_part_and_says_so() {
    let records = library();
    let index = index(&records);
    let found = ask(&index, "fuites d'eau téléphérique");
    assert!(found.relaxed);
    let titles = titles(&found, &records);
    assert!(titles.contains(&"Détection des fuites d’eau"), "{titles:?}");
    let nothing = ask(&index, "zzzzzzzz");
    assert_eq!((nothing.total, nothing.relaxed), (0, false));
}

#[test]
fn a_corrected_word_is_reported_as_it_is_spelt_and_a_known_word_is_never_corrected() {
    let records = library();
    let index = index(&records);
    let found = ask(&index, "delibérasion");
    assert_eq!(
        found.corrections,
        [("delibérasion".to_owned(), "délibérations".to_owned())]
    );
    assert_eq!(
        found.searched("Delibérasion du conseil"),
        "délibérations du conseil"
    );
    for text in ["fuites d'eau", "inond", "cantine", "eau"] {
        assert_eq!(ask(&index, text).corrections, [], "{text}");
    }
}

#[test]
fn garbage_is_answered_and_never_fails() {
    let records = library();
    let index = index(&records);
    let long = "eau ".repeat(200);
    let letters = "a".repeat(5000);
    let quotes = "\"".repeat(999);
    for text in [
        "*",
        "NEAR(",
        "\"",
        "« « « »",
        "title:eau",
        "eau AND",
        "-eau",
        "eau^2~3",
        "[a TO b]",
        "\\",
        "(((((",
        "\u{0}\u{1}\u{1f}",
        "e\u{301}\u{301}\u{301}",
        "🚰",
        "'; DROP TABLE",
        "''''",
        "l'",
        "de la",
        long.as_str(),
        letters.as_str(),
        quotes.as_str(),
    ] {
        let found = ask(&index, text);
        assert!(found.total <= records.len(), "{text}");
    }
    assert_eq!(ask(&index, "*").total, 0);
    assert_eq!(
        ask(&index, "l'").total,
        records.len(),
        "small words alone narrow nothing"
    );
    assert_eq!(ask(&index, "  ").total, records.len());
    assert!(ask(&index, &long).total > 0);
}

#[test]
fn similar_projects_share_a_theme_or_words_and_never_include_the_project_itself() {
    let records = library();
    let index = index(&records);
    let leak = records.iter().find(|r| r.title.starts_with("Détection")).unwrap();
    let similar = index.similar(leak.id(), Level::Public, 3).unwrap();
    let first = records.iter().find(|r| Some(&r.id()) == similar.first()).unwrap();
    assert_eq!(first.title, "Mission 90+");
    assert!(!similar.contains(&leak.id()));
    assert!(similar.len() <= 3);
    let visible = sobria_catalogue::access::redact(leak.use_case(), Level::Public);
    let similar = index.similar_to(&visible, 3).unwrap();
    assert_eq!(
        records
            .iter()
            .find(|r| Some(&r.id()) == similar.first())
            .unwrap()
            .title,
        "Mission 90+"
    );
    assert_eq!(index.similar(records::id(999_999), Level::Public, 3).unwrap(), []);
}
