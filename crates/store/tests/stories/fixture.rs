//! A small planner for tests: what a file says, compared with what the store holds.

use std::collections::HashMap;

use jiff::Timestamp;
use sobria_catalogue::account::{Email, SignUp};
use sobria_catalogue::content::{Content, Value};
use sobria_catalogue::field::Field;
use sobria_catalogue::id::{ImportId, OrganisationId, UseCaseId, UserId};
use sobria_catalogue::import::{Existing, ImportPlan, Outcome, PlannedOrganisation, PlannedRow, natural_key};
use sobria_catalogue::organisation::Organisation;
use sobria_catalogue::rights::Role;
use sobria_store::{Applied, ApplyOptions, Store};
use uuid::Uuid;

/// One row of a file.
#[derive(Clone)]
pub struct Row {
    pub carrier: String,
    pub title: String,
    pub text: String,
}

/// A row from its three cells.
pub fn row(carrier: &str, title: &str, text: &str) -> Row {
    Row {
        carrier: carrier.to_owned(),
        title: title.to_owned(),
        text: text.to_owned(),
    }
}

/// `count` different rows carried by ten organisations.
pub fn rows(count: u32) -> Vec<Row> {
    (0..count)
        .map(|n| {
            row(
                &format!("Ville {}", n % 10),
                &format!("Projet {n}"),
                &format!("Texte {n} : l’eau, l’été"),
            )
        })
        .collect()
}

/// A time of the story.
pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

/// How the tests import: published or not, at some second.
pub fn options(publish: bool, second: i64) -> ApplyOptions<'static> {
    ApplyOptions {
        publish,
        actor: "test",
        now: at(second),
        import: ImportId::new(Uuid::now_v7()),
        planned_at: None,
    }
}

/// Plans the rows against what the store holds.
pub fn plan(existing: &Existing, rows: &[Row]) -> ImportPlan {
    let mut carriers: HashMap<String, (Organisation, bool)> = existing
        .organisations
        .iter()
        .map(|organisation| (organisation.name.clone(), (organisation.clone(), false)))
        .collect();
    let mut plan = ImportPlan {
        source: "essai.csv".to_owned(),
        source_version: "0".repeat(64),
        ..ImportPlan::default()
    };
    for (position, row) in rows.iter().enumerate() {
        let number = carriers.len();
        let carrier = &carriers
            .entry(row.carrier.clone())
            .or_insert_with(|| {
                let id = OrganisationId::new(Uuid::now_v7());
                let mut organisation = Organisation::named(id, &row.carrier);
                if number.is_multiple_of(2) {
                    organisation.latitude = Some(48.0 + number as f64 / 7.0);
                    organisation.longitude = Some(-3.25);
                    organisation.aliases = vec![format!("{} (mairie)", row.carrier)];
                    organisation.population = Some(1200);
                }
                (organisation, true)
            })
            .0;
        let mut content = Content::default();
        content.set(Field::Title, Value::Text(row.title.clone()));
        content.set(Field::Description, Value::Text(row.text.clone()));
        let key = natural_key(carrier, &row.title);
        let source_hash = content.to_json().to_string();
        let known = existing.records.iter().find(|record| record.natural_key == key);
        let outcome = match known {
            None => Outcome::Created,
            Some(record)
                if record
                    .imported
                    .as_ref()
                    .is_some_and(|state| state.source_hash == source_hash) =>
            {
                Outcome::Unchanged
            }
            Some(_) => Outcome::Updated,
        };
        plan.rows.push(PlannedRow {
            row: u64::try_from(position).unwrap() + 1,
            line: u64::try_from(position).unwrap() + 2,
            outcome,
            key,
            record: Some(known.map_or_else(|| UseCaseId::new(Uuid::now_v7()), |record| record.id)),
            organisation: Some(carrier.id),
            content,
            completeness: 12,
            repaired: false,
            issues: Vec::new(),
            proposals: Vec::new(),
            raw_row: format!("{{\"nom_projet\":\"{}\"}}", row.title),
            source_hash,
        });
    }
    plan.organisations = carriers
        .into_values()
        .map(|(organisation, is_new)| PlannedOrganisation {
            organisation,
            is_new,
            is_changed: false,
        })
        .collect();
    plan
}

/// Plans and applies.
pub async fn import(store: &Store, rows: &[Row], options: ApplyOptions<'_>) -> Applied {
    let (existing, revision) = store.existing().await.unwrap();
    let plan = plan(&existing, rows);
    store
        .apply_import(
            &plan,
            ApplyOptions {
                planned_at: Some(revision),
                ..options
            },
        )
        .await
        .unwrap()
}

/// An account of somebody of this name, on their own mailbox.
pub async fn account(store: &Store, id: UserId, name: &str, role: Role) -> UserId {
    let sign_up = SignUp {
        email: Email::parse(&format!("{name}@ville.exemple.fr")).unwrap(),
        given_name: name.to_owned(),
        family_name: "Essai".to_owned(),
        job_title: String::new(),
        organisation_name: "Ville".to_owned(),
        organisation: None,
        consents: Vec::new(),
        then: String::new(),
    };
    store.create_account(id, &sign_up, role, at(0)).await.unwrap().id
}

/// A member of this name.
pub async fn person(store: &Store, name: &str) -> UserId {
    account(store, UserId::new(Uuid::now_v7()), name, Role::Member).await
}
