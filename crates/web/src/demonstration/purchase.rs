//! An invented purchase of 60 000 €: two offers, two evaluators who agreed, one offer chosen, deliverables under way.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use sobria_catalogue::id::UserId;
use sobria_govern::procurement::clause::proposed as proposed_clauses;
use sobria_govern::procurement::criteria::Criteria;
use sobria_govern::procurement::declared::Declared;
use sobria_govern::procurement::depth::Depth;
use sobria_govern::procurement::file::{Progress, Purpose};
use sobria_govern::procurement::schedule;
use sobria_govern::procurement::score::{Answers, Marks};
use sobria_govern::procurement::sheet::Sheet;
use sobria_govern::procurement::summary::Summary;
use sobria_store::{Deliverable, MarkedBy, NewSupplier, PurchaseStep, PurchaseText, Store, Written};
use uuid::Uuid;

use crate::error::WebError;
use crate::locale::moment;
use crate::routes::account::new_secret;

const TOLD: &str = include_str!("../../demonstration/purchase.json");
/// Years of the contract.
const YEARS: f64 = 3.0;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    /// What the buyer typed, as the form sends it.
    form: Vec<(String, String)>,
    suppliers: Vec<Offer>,
    /// Why the first offer was chosen.
    award: String,
    /// What the public summary says was bought, and was learnt.
    public_need: String,
    feedback: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Offer {
    supplier: String,
    answers: Answers,
    declared: Declared,
    first: Marks,
    second: Marks,
    both: Marks,
}

fn wrong(error: &dyn std::fmt::Display) -> WebError {
    WebError::Internal(error.to_string())
}

fn told(problem: &sobria_govern::procurement::Problem) -> WebError {
    WebError::Internal(problem.message.clone())
}

/// Identifier of the purchase: the roadmap of the demonstration names it.
pub(super) const ID: &str = "019ab000-0000-7000-8000-000000000060";

/// Gives the organisation of the contributor a purchase that went all the way to its deliverables.
///
/// # Errors
/// When the database does not answer.
pub async fn purchase(store: &Store, now: Timestamp) -> Result<(), WebError> {
    let Some(carrier) = super::carrier(store).await? else {
        return Ok(());
    };
    let people = store.contributors_of(carrier.id).await?;
    let [buyer, second, ..] = people.as_slice() else {
        return Ok(());
    };
    let (buyer, second) = (buyer.id, second.id);
    let told_file: Told = serde_json::from_str(TOLD).map_err(|e| wrong(&e))?;
    let ago = |days: i64| now - SignedDuration::from_hours(24 * days);
    let id = ID.to_owned();
    let step = |by: Option<UserId>, action: &'static str, at: Timestamp| PurchaseStep {
        by,
        action,
        words: "",
        detail: "",
        now: at,
    };
    let form = serde_json::to_string(&told_file.form).map_err(|e| wrong(&e))?;
    let title = told_file
        .form
        .iter()
        .find(|(name, _)| name == "titre")
        .map_or("", |(_, value)| value.as_str());
    let mut progress = Progress::new(Purpose::Tender);
    let mut version = 1;
    let text = serde_json::to_string(&progress).map_err(|e| wrong(&e))?;
    let new = PurchaseText {
        title,
        form: &form,
        progress: &text,
        public_at: None,
    };
    store
        .create_purchase(
            &id,
            carrier.id,
            new,
            step(Some(buyer), "create", ago(96)),
            SignedDuration::ZERO,
        )
        .await?;
    let save = async |version: &mut u32, progress: &Progress, step: PurchaseStep<'_>| {
        let text = serde_json::to_string(progress).map_err(|e| wrong(&e))?;
        let new = PurchaseText {
            title,
            form: &form,
            progress: &text,
            public_at: progress.public().map(|public| public.at),
        };
        *version = store.save_purchase(&id, *version, new, step).await?;
        Ok::<(), WebError>(())
    };

    let mut criteria = Criteria::proposed(Depth::Standard);
    criteria.knockouts.insert("Q501".to_owned());
    let digest = progress
        .freeze(criteria, "", ago(92))
        .map_err(|problems| problems.first().map_or(WebError::NotFound, told))?
        .digest()
        .to_owned();
    let words = format!("Barème n°\u{a0}1, empreinte {digest}");
    let frozen = PurchaseStep {
        words: &words,
        ..step(Some(buyer), "freeze", ago(92))
    };
    save(&mut version, &progress, frozen).await?;
    let deadline = ago(64);
    progress
        .set_deadline(deadline, 0, ago(91))
        .map_err(|problem| told(&problem))?;
    let words = moment(deadline);
    let limit = PurchaseStep {
        words: &words,
        ..step(Some(buyer), "deadline", ago(91))
    };
    save(&mut version, &progress, limit).await?;

    let mut answers = Vec::new();
    for (position, offer) in told_file.suppliers.iter().enumerate() {
        let answer = Uuid::now_v7().to_string();
        let secret = new_secret()?;
        let new = NewSupplier {
            id: &answer,
            purchase: &id,
            supplier: &offer.supplier,
            email: None,
            secret_hash: &secret.digest(),
            expires_at: deadline + SignedDuration::from_hours(24 * 90),
        };
        let invite = PurchaseStep {
            words: &offer.supplier,
            ..step(Some(buyer), "invite", ago(90))
        };
        store.add_supplier(new, None, invite).await?;
        let sheet = Sheet {
            answers: offer.answers.clone(),
            declared: offer.declared.clone(),
        };
        let receipt = format!("A-{:08X}", 0x0D3A_0001 + position);
        let words = format!("{}, {receipt}", offer.supplier);
        let written = Written {
            answers: &serde_json::to_string(&sheet).map_err(|e| wrong(&e))?,
            receipt: Some(&receipt),
            mails: &[],
        };
        let handed = PurchaseStep {
            words: &words,
            ..step(None, "answer", ago(66))
        };
        store.save_answer(&answer, 0, written, handed).await?;
        answers.push(answer);
    }

    progress.open(ago(63)).map_err(|problem| told(&problem))?;
    save(&mut version, &progress, step(Some(buyer), "open", ago(63))).await?;
    let all = |of: fn(&Offer) -> &Marks| {
        let marks: BTreeMap<&String, &Marks> =
            answers.iter().zip(told_file.suppliers.iter().map(of)).collect();
        serde_json::to_string(&marks).map_err(|e| wrong(&e))
    };
    for (seat, by, marks) in [
        (MarkedBy::First, buyer, all(|offer| &offer.first)?),
        (MarkedBy::Second, second, all(|offer| &offer.second)?),
    ] {
        store
            .take_seat(&id, seat, by, step(Some(by), "seat", ago(62)))
            .await?;
        store
            .save_marks(&id, seat, 1, &marks, true, step(Some(by), "marks", ago(58)))
            .await?;
    }
    let both = all(|offer| &offer.both)?;
    store
        .save_marks(
            &id,
            MarkedBy::Both,
            0,
            &both,
            true,
            step(Some(buyer), "consensus", ago(55)),
        )
        .await?;
    let (Some(chosen), Some(winner)) = (answers.first(), told_file.suppliers.first()) else {
        return Ok(());
    };
    progress
        .choose(chosen, &told_file.award, ago(50))
        .map_err(|problem| told(&problem))?;
    let words = format!("{}. {}", winner.supplier, told_file.award);
    let award = PurchaseStep {
        words: &words,
        ..step(Some(buyer), "award", ago(50))
    };
    save(&mut version, &progress, award).await?;
    let said = |id: &str| {
        winner
            .answers
            .get(id)
            .map(|answer| answer.text.clone())
            .unwrap_or_default()
    };
    let summary = Summary {
        need: told_file.public_need.clone(),
        supplier: winner.supplier.clone(),
        models: said("Q201"),
        hosting: said("Q301"),
        feedback: told_file.feedback.clone(),
        declared: Some(winner.declared.clone()),
        tokens: 400.0,
        clauses: proposed_clauses(Depth::Standard)
            .map(|clause| clause.id.to_owned())
            .collect(),
        values: BTreeMap::new(),
    };
    progress
        .publish(summary, true, ago(30))
        .map_err(|problems| problems.first().map_or(WebError::NotFound, told))?;
    save(&mut version, &progress, step(Some(buyer), "publish", ago(30))).await?;
    owe(store, &id, buyer, now).await
}

/// What the clauses call for, counted from the award: one thing received, one late.
async fn owe(store: &Store, purchase: &str, buyer: UserId, now: Timestamp) -> Result<(), WebError> {
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let start = today.checked_sub(jiff::Span::new().days(50)).unwrap_or(today);
    let clauses = proposed_clauses(Depth::Standard)
        .map(|clause| clause.id.to_owned())
        .collect();
    for owed in schedule::proposed(&clauses, start, YEARS) {
        let one = Deliverable {
            id: Uuid::now_v7().to_string(),
            purchase: purchase.to_owned(),
            label: owed.label,
            by_supplier: true,
            due_on: owed.due_on,
            received_on: None,
            // Nobody is reminded of what is invented.
            account: None,
            reminds: false,
            email: None,
        };
        let step = |action: &'static str| PurchaseStep {
            by: Some(buyer),
            action,
            words: &one.label,
            detail: &one.id,
            now,
        };
        store.add_deliverable(&one, step("owe")).await?;
        if owed.clause == "C01" {
            let on = one.due_on.checked_sub(jiff::Span::new().days(3)).ok();
            store
                .receive_deliverable(purchase, &one.id, on, step("receive"))
                .await?;
        }
    }
    Ok(())
}
