//! The real library, where it is at hand: `SOBRIA_SHARED_DATA` names the folder that holds `bibliotheque`.

use jiff::Timestamp;
use sobria_catalogue::access::Level;
use sobria_catalogue::content::{Content, Value};
use sobria_catalogue::field::Field;
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::query::CatalogueQuery;
use sobria_catalogue::use_case::{UseCase, WorkflowStatus};
use sobria_catalogue::vocabulary::{Vocabularies, VocabularyId};
use sobria_search::Index;

use crate::records::{id, organisation_id};

#[test]
fn the_two_leak_projects_come_first() {
    let Some(folder) = std::env::var_os("SOBRIA_SHARED_DATA") else {
        eprintln!("not run on the real library: SOBRIA_SHARED_DATA is not set");
        return;
    };
    let path = std::path::Path::new(&folder)
        .join("bibliotheque")
        .join("processed_data.csv");
    let file = std::fs::read_to_string(path).unwrap();
    let mut lines = file.lines();
    let header: Vec<&str> = lines.next().unwrap().split(';').collect();
    let vocabularies = Vocabularies::embedded();
    let records: Vec<UseCase> = lines
        .zip(1_u32..)
        .map(|(line, number)| {
            let cells: Vec<&str> = line.split(';').collect();
            let cell = |name: &str| {
                let column = header.iter().position(|column| *column == name).unwrap();
                cells.get(column).copied().unwrap_or("").to_owned()
            };
            let mut content = Content::default();
            content.set(Field::Title, Value::Text(cell("nom_projet")));
            content.set(Field::Description, Value::Text(cell("usage_description")));
            if let Some(theme) = vocabularies.get(VocabularyId::Theme).find(&cell("theme")) {
                content.set(Field::Theme, Value::Code(theme.code.to_owned()));
            }
            UseCase {
                id: id(u128::from(number)),
                slug: number.to_string(),
                organisation: Organisation::named(organisation_id(&cell("coll_nom")), &cell("coll_nom")),
                content,
                status: WorkflowStatus::Published,
                version: 1,
                created_at: Timestamp::UNIX_EPOCH,
                updated_at: Timestamp::UNIX_EPOCH,
                published_at: Some(Timestamp::UNIX_EPOCH),
                first_published_at: None,
                last_reviewed_on: None,
                completeness: 0,
            }
        })
        .collect();
    assert_eq!(records.len(), 21);
    let index = Index::open(None).unwrap();
    index.rebuild(records.clone(), 1).unwrap();
    let query = CatalogueQuery {
        text: "fuites d'eau".to_owned(),
        limit: 21,
        ..CatalogueQuery::default()
    };
    let found = index.find(&query, Level::Public).unwrap();
    let titles: Vec<&str> = found
        .ids
        .iter()
        .filter_map(|id| records.iter().find(|record| record.id == *id))
        .map(|record| record.content.title())
        .collect();
    let mut first: Vec<&str> = titles.iter().copied().take(2).collect();
    first.sort_unstable();
    assert!(
        matches!(first.as_slice(), [a, b] if a.contains("fuites d’eau") || a.contains("fuites d'eau") && b.contains("90+")),
        "{titles:?}"
    );
    assert!(first.iter().any(|title| title.contains("90+")), "{titles:?}");
}
