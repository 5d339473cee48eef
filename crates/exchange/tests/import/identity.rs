//! Which record and which carrier a row means, from one import to the next.

use sobria_catalogue::content::Value;
use sobria_catalogue::field::Field;
use sobria_catalogue::import::{Existing, ImportPlan, Outcome};
use sobria_catalogue::organisation::OrganisationStatus;
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_exchange::error::FileError;
use sobria_exchange::plan::{DateOrder, PlanOptions, plan};
use sobria_exchange::read::{ReadOptions, read};
use sobria_territory::Directory;
use uuid::Uuid;

use super::{FIXTURE, applied, plan_of};

#[derive(Clone, Copy, Default)]
struct Choices {
    apply_suggestions: bool,
    prefer_source: bool,
    accept_shrink: bool,
}

fn plan_with(text: &str, existing: &Existing, choices: Choices) -> Result<ImportPlan, FileError> {
    let sheet = read(text.as_bytes(), "a.csv", &ReadOptions::default())?;
    let mut next = 1_000_000;
    let mut new_id = || {
        next += 1;
        Uuid::from_u128(next)
    };
    let mut options = PlanOptions {
        source: "a.csv".to_owned(),
        date_order: DateOrder::DayFirst,
        apply_suggestions: choices.apply_suggestions,
        prefer_source: choices.prefer_source,
        accept_shrink: choices.accept_shrink,
        proposes: true,
        today: jiff::civil::date(2026, 11, 23),
        new_id: &mut new_id,
    };
    plan(
        &sheet,
        existing,
        Vocabularies::embedded(),
        Directory::embedded(),
        &mut options,
    )
}

const SHORT: &str =
    "coll_nom;nom_projet;usage_description;url_infos\nVille de Brisac;Projet;Texte;https://a.example\n";

fn codes(plan: &ImportPlan, row: usize) -> Vec<&'static str> {
    plan.rows[row].issues.iter().map(|issue| issue.code).collect()
}

#[test]
fn a_carrier_that_gains_a_number_keeps_its_records() {
    let existing = applied(&plan_with(SHORT, &Existing::default(), Choices::default()).unwrap());
    assert_eq!(existing.organisations[0].siren, None);
    let later = "coll_nom;nom_projet;coll_siret;usage_description;url_infos\nVille de Brisac;Projet;24440040400129;Texte;https://a.example\n";
    let plan = plan_with(later, &existing, Choices::default()).unwrap();
    assert_eq!(
        plan.rows[0].outcome,
        Outcome::Unchanged,
        "{:?}",
        plan.rows[0].issues
    );
    assert_eq!(plan.organisations.len(), 1);
    assert_eq!(
        plan.organisations[0].organisation.siren.as_deref(),
        Some("244400404")
    );
    assert!(plan.organisations[0].is_changed && plan.absent.is_empty());
}

#[test]
fn a_file_without_a_column_takes_nothing_away_and_an_emptied_cell_does() {
    let existing = applied(&plan_with(SHORT, &Existing::default(), Choices::default()).unwrap());
    let without = "coll_nom;nom_projet;usage_description\nVille de Brisac;Projet;Texte\n";
    let plan = plan_with(without, &existing, Choices::default()).unwrap();
    assert_eq!(plan.rows[0].outcome, Outcome::Unchanged);
    assert!(plan.rows[0].content.get(Field::InfoLinks).is_some());
    let emptied = SHORT.replace("https://a.example", "");
    let plan = plan_with(&emptied, &existing, Choices::default()).unwrap();
    assert_eq!(plan.rows[0].outcome, Outcome::Updated);
    assert!(plan.rows[0].content.get(Field::InfoLinks).is_none());
}

#[test]
fn a_record_written_here_is_completed_and_not_overwritten() {
    let mut existing = applied(&plan_with(SHORT, &Existing::default(), Choices::default()).unwrap());
    existing.records[0].imported = None;
    existing.records[0].content.take(Field::InfoLinks);
    let text = Value::Text("Écrit ici".to_owned());
    existing.records[0].content.set(Field::Description, text);
    let plan = plan_with(SHORT, &existing, Choices::default()).unwrap();
    let row = &plan.rows[0];
    assert_eq!(row.outcome, Outcome::Updated, "the link is new");
    assert_eq!(row.content.text(Field::Description), Some("Écrit ici"));
    assert!(row.content.get(Field::InfoLinks).is_some());
    assert!(codes(&plan, 0).contains(&"edited_here"));
    let choices = Choices {
        prefer_source: true,
        ..Choices::default()
    };
    let plan = plan_with(SHORT, &existing, choices).unwrap();
    assert_eq!(plan.rows[0].content.text(Field::Description), Some("Texte"));
}

#[test]
fn a_wrong_number_is_replaced_only_when_suggestions_are_applied() {
    let text = "coll_nom;nom_projet;coll_siret\nVille de Brisac;Un;24440040400129\nVille de Brisac;Deux;24540040400129\n";
    let plan = plan_with(text, &Existing::default(), Choices::default()).unwrap();
    assert_eq!(plan.organisations.len(), 1);
    let issue = plan.rows[1]
        .issues
        .iter()
        .find(|issue| issue.code == "siret_suggested")
        .unwrap();
    assert_eq!(
        (issue.after.as_deref(), issue.suggestion.as_deref()),
        (None, Some("24440040400129"))
    );
    let choices = Choices {
        apply_suggestions: true,
        ..Choices::default()
    };
    let plan = plan_with(text, &Existing::default(), choices).unwrap();
    assert!(
        plan.rows[1]
            .issues
            .iter()
            .any(|issue| issue.code == "siret_suggested" && issue.after.as_deref() == Some("24440040400129"))
    );
}

#[test]
fn a_name_that_means_one_authority_gets_its_number_unless_the_row_speaks_against_it() {
    for (name, kind, latitude, longitude, siren) in [
        ("Ville de Metz", "Commune", "", "", Some("215704636")),
        ("Ville de Metz", "", "49.12", "6.18", Some("215704636")),
        ("Ville de Metz", "Commune", "45.0", "1.0", None),
        ("Ville de Metz", "Métropole", "", "", None),
        ("Mairie de Saint-Denis", "Commune", "", "", None),
        ("Syndicat des eaux du Hautval", "Syndicat", "", "", None),
    ] {
        let text = format!(
            "coll_nom;nom_projet;coll_type;latitude;longitude\n{name};Projet;{kind};{latitude};{longitude}\n"
        );
        let plan = plan_with(&text, &Existing::default(), Choices::default()).unwrap();
        if kind.is_empty() {
            assert!(codes(&plan, 0).contains(&"kind_filled"));
        }
        let organisation = &plan.organisations[0].organisation;
        assert_eq!(organisation.siren.as_deref(), siren, "{text}");
        let is_confirmed = organisation.status == OrganisationStatus::Confirmed;
        assert_eq!(is_confirmed, siren.is_some(), "{text}");
        assert_eq!(codes(&plan, 0).contains(&"siren_from_directory"), siren.is_some());
    }
}

#[test]
fn another_value_for_a_known_carrier_is_said_and_taken_only_from_a_preferred_source() {
    let text = "coll_nom;nom_projet;coll_type;latitude;longitude\nVille de Brisac;Projet;Commune;47.0;1.0\n";
    let existing = applied(&plan_with(text, &Existing::default(), Choices::default()).unwrap());
    let moved = text.replace("47.0", "47.5");
    let plan = plan_with(&moved, &existing, Choices::default()).unwrap();
    assert!(
        codes(&plan, 0).contains(&"organisation_kept"),
        "{:?}",
        plan.rows[0].issues
    );
    assert!(!plan.organisations[0].is_changed);
    let choices = Choices {
        prefer_source: true,
        ..Choices::default()
    };
    let plan = plan_with(&moved, &existing, choices).unwrap();
    assert!(codes(&plan, 0).contains(&"organisation_changed"));
    assert_eq!(plan.organisations[0].organisation.latitude, Some(47.5));
    assert!(plan.organisations[0].is_changed);
}

#[test]
fn nearly_equal_titles_of_one_carrier_are_said_and_numbered_ones_are_not() {
    let text = "coll_nom;nom_projet\nVille de Brisac;Détection de fuites d’eau\nVille de Brisac;Détection des fuites d’eau\nVille de Brisac;Robot phase 1\nVille de Brisac;Robot phase 2\nVille de Doriac;Détection de fuites d’eau\n";
    let plan = plan_with(text, &Existing::default(), Choices::default()).unwrap();
    let alike: Vec<usize> = (0..5)
        .filter(|row| codes(&plan, *row).contains(&"possible_duplicate"))
        .collect();
    assert_eq!(alike, [1]);
    assert_eq!(plan.summary().created, 5);
}

#[test]
fn a_much_smaller_file_is_refused_and_an_accepted_one_lists_what_it_lacks() {
    let row = |n: usize| format!("Ville de Brisac;Projet numéro {n};Texte;https://a.example\n");
    let head = "coll_nom;nom_projet;usage_description;url_infos\n";
    let all: String = (0..10).map(row).collect();
    let existing =
        applied(&plan_with(&format!("{head}{all}"), &Existing::default(), Choices::default()).unwrap());
    for (kept, is_refused) in [(10, false), (8, false), (7, true), (0, true)] {
        let rows: String = (0..kept).map(row).collect();
        let found = plan_with(&format!("{head}{rows}"), &existing, Choices::default());
        assert_eq!(
            found.as_ref().err().map(FileError::code),
            is_refused.then_some("shrunk"),
            "{kept}"
        );
    }
    let choices = Choices {
        accept_shrink: true,
        ..Choices::default()
    };
    let plan = plan_with(&format!("{head}{}", row(0)), &existing, choices).unwrap();
    assert_eq!((plan.absent.len(), plan.summary().unchanged), (9, 1));
}

#[test]
fn filled_series_are_flagged_from_their_second_row_on() {
    let plan = plan_of(FIXTURE, "bibliotheque.csv", &Existing::default()).unwrap();
    let flagged = |row: usize, field: &str| {
        plan.rows[row]
            .issues
            .iter()
            .any(|issue| issue.code == "fill_series" && issue.field.as_deref() == Some(field))
    };
    for field in ["organisation.siret", "organisation.longitude", "image_url"] {
        let rows: Vec<usize> = (0..plan.rows.len()).filter(|row| flagged(*row, field)).collect();
        assert_eq!(rows, [4, 5], "{field}");
    }
}

#[test]
fn a_long_file_shared_between_threads_is_planned_as_a_short_one() {
    let head = "coll_nom;nom_projet;usage_description\n";
    let rows: String = (0..3_000)
        .map(|n| format!("Ville de Brisac {};Projet {n};Texte\n", n % 7))
        .collect();
    let plan = plan_with(&format!("{head}{rows}"), &Existing::default(), Choices::default()).unwrap();
    assert_eq!((plan.summary().created, plan.organisations.len()), (3_000, 7));
    for (number, row) in (1..).zip(&plan.rows) {
        assert_eq!(row.row, number);
        assert_eq!(row.content.title(), format!("Projet {}", number - 1));
    }
}
