//! Contributions: every step is written once and whole, nothing typed is lost, and the public reads what was approved.

use std::collections::BTreeSet;

use jiff::civil::date;
use sobria_catalogue::access::Level;
use sobria_catalogue::account::{Email, SignUp};
use sobria_catalogue::attachment::{Attachment, FileFacts, FileKind};
use sobria_catalogue::diff::ChangeKind;
use sobria_catalogue::draft::DraftInput;
use sobria_catalogue::duplicate::duplicates;
use sobria_catalogue::field::{Field, Visibility};
use sobria_catalogue::id::{AttachmentId, ContributionId, OrganisationId, UseCaseId, UserId};
use sobria_catalogue::organisation::OrganisationStatus;
use sobria_catalogue::rights::{Actor, Role};
use sobria_catalogue::use_case::{UseCase, WorkflowStatus};
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_catalogue::workflow::{
    Applied, Case, Comment, Kind, NewIds, Opening, Refusal, RejectionReason, Transition, Trust,
    WithdrawalClass, apply, open, withdraw,
};
use sobria_store::{Brought, Created, Files, Found, QueueFilter, Saved, Store, StoreError};
use uuid::Uuid;

use crate::fixture::{at, import, options, row, rows};
use crate::place::{Place, run_outside};

stories!(
    a_contribution_goes_from_its_first_word_to_the_public_and_every_step_is_kept,
    a_new_version_waits_beside_the_public_one_and_history_shows_each_reader_its_part,
    sixteen_editors_of_one_draft_lose_no_update,
    a_form_sent_twenty_times_at_once_makes_one_contribution,
    a_beginning_cut_short_anywhere_is_found_or_made_by_the_next_try,
    two_moderators_who_decide_at_once_decide_once,
    what_was_corrected_of_a_carrier_meanwhile_stays,
    a_decision_about_a_record_that_moved_is_refused_and_writes_nothing,
    one_new_version_at_a_time_is_written_for_a_record,
    what_an_import_handed_in_joins_the_queue_once_and_leaves_it_with_the_decision,
    the_queue_is_filtered_and_counted,
    a_withdrawal_leaves_nothing_of_what_was_written,
    confirmations_and_archives_change_the_record_they_are_about,
    a_draft_that_is_given_up_disappears,
    titles_of_an_organisation_show_what_is_public_and_what_is_being_written,
    contributions_move_with_the_instance,
    files_come_with_a_version_leave_with_another_and_go_with_the_record,
);

const AGENT: u128 = 1;
const MODERATOR: u128 = 2;
const SECOND: u128 = 3;
const ADMIN: u128 = 4;

fn user(number: u128) -> UserId {
    UserId::new(Uuid::from_u128(number))
}

/// The people of the stories.
async fn people(store: &Store) {
    for (number, role) in [
        (AGENT, Role::Member),
        (MODERATOR, Role::Moderator),
        (SECOND, Role::Moderator),
        (ADMIN, Role::Admin),
    ] {
        let sign_up = SignUp {
            email: Email::parse(&format!("agent{number}@ville.fr")).unwrap(),
            given_name: "Dominique".to_owned(),
            family_name: "Martin".to_owned(),
            job_title: String::new(),
            organisation_name: "Ville".to_owned(),
            organisation: None,
            consents: Vec::new(),
            then: "/".to_owned(),
        };
        store
            .create_account(user(number), &sign_up, role, at(0))
            .await
            .unwrap();
    }
}

fn actor(number: u128, organisation: Option<OrganisationId>) -> Actor {
    let role = match number {
        AGENT => Role::Member,
        ADMIN => Role::Admin,
        _ => Role::Moderator,
    };
    Actor {
        account: Some((user(number), role)),
        organisations: organisation.into_iter().collect(),
    }
}

fn ids() -> NewIds {
    NewIds {
        contribution: ContributionId::new(Uuid::now_v7()),
        use_case: UseCaseId::new(Uuid::now_v7()),
        organisation: OrganisationId::new(Uuid::now_v7()),
    }
}

/// A form fit for the public, for an organisation that the library does not know.
fn form(title: &str) -> DraftInput {
    let mut form = DraftInput::default();
    for (name, value) in [
        ("organisation.name", "Ville de Paris"),
        ("organisation.siret", "217 500 016 00019"),
        ("organisation.kind", "commune"),
        ("title", title),
        ("summary", "Repérer les fuites."),
        ("description", "Un modèle écoute le réseau."),
        ("start_date", "03/2024"),
        ("maturity", "deploiement"),
        ("delivery", "interne"),
        ("theme", "transition"),
        ("audiences", "agent"),
        ("contact.email", "eau@ville.fr"),
        ("hosting.text", "Sur place"),
        ("algorithm.name", "Écoute"),
        ("algorithm.kinds", "ml"),
        ("data.sources.text", "Capteurs"),
        ("data.collection.text", "Mesures"),
    ] {
        form.set(name, vec![value.to_owned()]).unwrap();
    }
    form
}

fn chosen(mut form: DraftInput, organisation: OrganisationId) -> DraftInput {
    form.set("organisation", vec![organisation.to_string()]).unwrap();
    form
}

/// Decides the beginning of a contribution about a record, or about a new one.
async fn begin(store: &Store, opening: Opening, of: Option<&UseCase>, who: &Actor, second: i64) -> Applied {
    let ids = ids();
    let values = match (&opening, of) {
        (Opening::New { values }, _) => values.clone(),
        (_, Some(record)) => DraftInput::from_content(&record.content, &record.organisation),
        (_, None) => DraftInput::default(),
    };
    let record = of.map_or(ids.use_case, |record| record.id);
    let background = store.background(record, &values).await.unwrap();
    let on = background.context(
        at(second),
        date(2026, 11, 1),
        Vocabularies::embedded(),
        ids.organisation,
    );
    open(opening, ids, who, &on).unwrap()
}

/// Decides a step on a contribution as it was read.
async fn decide(
    store: &Store,
    case: &Case,
    transition: Transition,
    who: &Actor,
    second: i64,
) -> Result<Applied, Refusal> {
    let values = match &transition {
        Transition::Save { values } => values,
        _ => &case.values,
    };
    let background = store.background(case.use_case, values).await.unwrap();
    let on = background.context(
        at(second),
        date(2026, 11, 1),
        Vocabularies::embedded(),
        case.new_organisation,
    );
    apply(case, transition, who, &on)
}

/// Decides a step and writes it; answers with the contribution as it is kept then.
async fn go(store: &Store, case: &Case, transition: Transition, who: &Actor, second: i64) -> Case {
    let step = decide(store, case, transition, who, second).await.unwrap();
    assert_eq!(
        store.save_contribution(&step).await.unwrap(),
        Saved::Done(case.version + 1)
    );
    let kept = store.contribution(case.id).await.unwrap().unwrap();
    assert_eq!(kept, step.case, "what is read back is what was decided");
    kept
}

async fn keep(store: &Store, step: &Applied, key: &str) -> Case {
    assert_eq!(store.create_contribution(step, key).await.unwrap(), Created::New);
    let kept = store.contribution(step.case.id).await.unwrap().unwrap();
    assert_eq!(kept, step.case);
    kept
}

async fn new_draft(store: &Store, values: DraftInput, who: &Actor) -> Case {
    let step = begin(store, Opening::New { values }, None, who, 1).await;
    keep(store, &step, &step.case.id.to_string()).await
}

/// A contribution handed in, claimed and approved.
async fn publish(store: &Store, title: &str) -> UseCase {
    let agent = actor(AGENT, None);
    let case = new_draft(store, form(title), &agent).await;
    approve(store, &case, &agent).await;
    store
        .use_cases_by_ids(&[case.use_case])
        .await
        .unwrap()
        .pop()
        .unwrap()
}

async fn approve(store: &Store, case: &Case, author: &Actor) -> Case {
    let moderator = actor(MODERATOR, None);
    let case = go(store, case, Transition::Submit, author, 2).await;
    let case = go(store, &case, Transition::Claim, &moderator, 3).await;
    let public = store.use_cases_by_ids(&[case.use_case]).await.unwrap().pop();
    let seen = public.map(|record| record.version);
    go(store, &case, Transition::Approve { seen }, &moderator, 4).await
}

fn rejection() -> Transition {
    Transition::Reject {
        reason: RejectionReason::Duplicate,
        text: "Déjà décrit.".to_owned(),
    }
}

async fn sound(store: &Store) {
    let report = store.check().await.unwrap();
    assert!(report.is_sound(), "{report:?}");
}

async fn a_contribution_goes_from_its_first_word_to_the_public_and_every_step_is_kept(place: &'static Place) {
    let store = place.store().await;
    people(&store).await;
    let (agent, moderator) = (actor(AGENT, None), actor(MODERATOR, None));
    let mut values = DraftInput::default();
    values
        .set("title", vec![" Fuites\r\nd’eau « ".to_owned()])
        .unwrap();
    let case = new_draft(&store, values.clone(), &agent).await;
    assert_eq!(case.values, values, "nothing typed is rewritten");
    let save = Transition::Save {
        values: form("Fuites"),
    };
    let case = go(&store, &case, save, &agent, 2).await;
    let case = go(&store, &case, Transition::Submit, &agent, 3).await;
    let receipt = case.receipt.clone().unwrap();
    let by_receipt = store
        .contribution_by_receipt(&receipt.to_lowercase())
        .await
        .unwrap();
    assert_eq!(by_receipt.unwrap().id, case.id);
    let case = go(&store, &case, Transition::Claim, &moderator, 4).await;
    let asked = vec![
        Comment {
            field: Some(Field::Title),
            text: "Où ?".to_owned(),
        },
        Comment {
            field: None,
            text: "Merci.".to_owned(),
        },
    ];
    let request = Transition::RequestChanges {
        comments: asked.clone(),
    };
    let case = go(&store, &case, request, &moderator, 5).await;
    let values = form("Fuites d’eau à Paris");
    let case = go(&store, &case, Transition::Save { values }, &agent, 6).await;
    let case = go(&store, &case, Transition::Submit, &agent, 7).await;
    let case = go(&store, &case, Transition::Claim, &moderator, 8).await;
    assert_eq!(
        store.catalogue_revision().await.unwrap(),
        0,
        "nothing is public so far"
    );
    assert!(store.use_cases_by_ids(&[case.use_case]).await.unwrap().is_empty());
    let case = go(&store, &case, Transition::Approve { seen: None }, &moderator, 9).await;

    assert_eq!(
        (case.status, case.receipt),
        (WorkflowStatus::Published, Some(receipt))
    );
    assert_eq!(store.catalogue_revision().await.unwrap(), 1);
    let changed = store.changed_since(0).await.unwrap();
    let record = changed[0].record.clone().unwrap();
    assert_eq!(record.content.title(), "Fuites d’eau à Paris");
    assert_eq!((record.version, record.status), (1, WorkflowStatus::Published));
    assert_eq!(record.published_at, Some(at(9)));
    assert_eq!(record.last_reviewed_on, Some(date(2023, 11, 14)));
    assert_eq!(record.organisation.id, case.new_organisation);
    assert_eq!(record.organisation.siren.as_deref(), Some("217500016"));
    assert_eq!(record.organisation.status, OrganisationStatus::Confirmed);
    assert!(matches!(
        store.use_case_by_slug(&record.slug).await.unwrap(),
        Found::UseCase { .. }
    ));
    let frozen = store.submissions_of(case.id).await.unwrap();
    let titles: Vec<_> = frozen
        .iter()
        .map(|copy| (copy.number, copy.values.title(), copy.by, copy.at))
        .collect();
    assert_eq!(
        titles,
        [
            (1, "Fuites".to_owned(), user(AGENT), at(3)),
            (2, "Fuites d’eau à Paris".to_owned(), user(AGENT), at(7))
        ]
    );
    let comments = store.comments_of(case.id).await.unwrap();
    assert!(
        comments
            .iter()
            .all(|one| one.submission == 1 && one.by == user(MODERATOR))
    );
    assert_eq!(
        comments.into_iter().map(|one| one.comment).collect::<Vec<_>>(),
        asked
    );
    let mut audit = store
        .full_history(case.use_case)
        .await
        .unwrap()
        .contributions
        .remove(0)
        .audit;
    audit.reverse();
    let steps: Vec<_> = audit
        .iter()
        .map(|line| (line.action.as_str(), line.detail.as_str()))
        .collect();
    assert_eq!(
        steps,
        [
            ("begin", "draft"),
            ("submit", "draft -> submitted"),
            ("claim", "submitted -> in_review"),
            ("request-changes", "in_review -> changes_requested"),
            ("submit", "changes_requested -> submitted"),
            ("claim", "submitted -> in_review"),
            ("approve", "in_review -> published"),
        ]
    );
    sound(&store).await;
}

async fn a_new_version_waits_beside_the_public_one_and_history_shows_each_reader_its_part(
    place: &'static Place,
) {
    let store = place.store().await;
    people(&store).await;
    let record = publish(&store, "Fuites").await;
    let agent = actor(AGENT, Some(record.organisation.id));
    let step = begin(&store, Opening::Revision, Some(&record), &agent, 20).await;
    let case = keep(&store, &step, "suite").await;
    let mut values = case.values.clone();
    values
        .set("summary", vec!["Repérer les fuites plus tôt.".to_owned()])
        .unwrap();
    values
        .set("bias", vec!["Les vieux tuyaux, réservé aux agents".to_owned()])
        .unwrap();
    let case = go(&store, &case, Transition::Save { values }, &agent, 21).await;
    let moderator = actor(MODERATOR, None);
    let case = go(&store, &case, Transition::Submit, &agent, 22).await;
    let case = go(&store, &case, Transition::Claim, &moderator, 23).await;
    let public = store.use_cases_by_ids(&[record.id]).await.unwrap();
    assert_eq!(
        public,
        std::slice::from_ref(&record),
        "the public keeps its version"
    );
    assert_eq!(
        store
            .record_history(record.id, Level::Moderator)
            .await
            .unwrap()
            .len(),
        1
    );
    go(
        &store,
        &case,
        Transition::Approve { seen: Some(1) },
        &moderator,
        24,
    )
    .await;

    let public = store.use_cases_by_ids(&[record.id]).await.unwrap().pop().unwrap();
    assert_eq!((public.version, public.slug.as_str()), (2, record.slug.as_str()));
    assert_eq!(public.first_published_at, record.first_published_at);
    for (level, expected) in [
        (Level::Public, vec![(Field::Summary, ChangeKind::Changed)]),
        (
            Level::Member,
            vec![
                (Field::Summary, ChangeKind::Changed),
                (Field::Bias, ChangeKind::Added),
            ],
        ),
    ] {
        let history = store.record_history(record.id, level).await.unwrap();
        let numbers: Vec<_> = history
            .iter()
            .map(|step| (step.number, step.reason.as_str()))
            .collect();
        assert_eq!(numbers, [(2, "Mise à jour"), (1, "Première publication")]);
        let changes: Vec<_> = history[0]
            .changes
            .as_ref()
            .unwrap()
            .changes()
            .iter()
            .map(|change| (change.field, change.kind))
            .collect();
        assert_eq!(changes, expected);
        let printed = format!("{history:?}");
        assert_eq!(printed.contains("vieux tuyaux"), level != Level::Public);
        assert_eq!(history[1].changes, None);
    }
    sound(&store).await;
}

async fn sixteen_editors_of_one_draft_lose_no_update(place: &'static Place) {
    const EDITORS: usize = 16;
    const EDITS: usize = 10;
    let store = place.store().await;
    people(&store).await;
    let agent = actor(AGENT, None);
    let first = new_draft(&store, form("Fuites"), &agent).await;
    let editors: Vec<_> = (0..EDITORS)
        .map(|editor| {
            let (store, agent, mut seen) = (store.clone(), agent.clone(), first.clone());
            tokio::spawn(async move {
                let mut conflicts = 0_u32;
                for edit in 0..EDITS {
                    loop {
                        let mut tags = seen.values.all("tags").to_vec();
                        tags.push(format!("e{editor}-{edit}"));
                        let mut values = seen.values.clone();
                        values.set("tags", tags).unwrap();
                        let step = decide(&store, &seen, Transition::Save { values }, &agent, 5)
                            .await
                            .unwrap();
                        match store.save_contribution(&step).await.unwrap() {
                            Saved::Done(version) => {
                                assert_eq!(version, seen.version + 1);
                                seen = step.case;
                                break;
                            }
                            Saved::Conflict(stored) => {
                                assert!(stored.version > seen.version);
                                conflicts += 1;
                                seen = *stored;
                            }
                        }
                    }
                }
                conflicts
            })
        })
        .collect();
    let mut conflicts = 0;
    for editor in editors {
        conflicts += editor.await.unwrap();
    }
    let kept = store.contribution(first.id).await.unwrap().unwrap();
    let tags: BTreeSet<_> = kept.values.all("tags").iter().collect();
    assert_eq!(tags.len(), EDITORS * EDITS, "after {conflicts} conflicts");
    assert_eq!(usize::try_from(kept.version).unwrap(), 1 + EDITORS * EDITS);
    assert!(conflicts > 0, "the editors did meet");
    sound(&store).await;
}

async fn a_form_sent_twenty_times_at_once_makes_one_contribution(place: &'static Place) {
    let store = place.store().await;
    people(&store).await;
    let agent = actor(AGENT, None);
    let mut tries = Vec::new();
    for _ in 0..20 {
        let step = begin(
            &store,
            Opening::New {
                values: form("Fuites"),
            },
            None,
            &agent,
            1,
        )
        .await;
        let store = store.clone();
        tries.push(tokio::spawn(async move {
            (
                step.case.id,
                store.create_contribution(&step, "clé").await.unwrap(),
            )
        }));
    }
    let (mut made, mut found) = (BTreeSet::new(), BTreeSet::new());
    for one in tries {
        match one.await.unwrap() {
            (id, Created::New) => made.insert(id),
            (_, Created::Again(case)) => found.insert(case.id),
            (_, taken @ Created::Taken(_)) => panic!("{taken:?}"),
        };
    }
    assert_eq!(made.len(), 1);
    assert_eq!(found, made);
    let case = store.contribution(*made.first().unwrap()).await.unwrap().unwrap();
    // The same key of somebody else is another key.
    let other = actor(SECOND, None);
    let step = begin(
        &store,
        Opening::New {
            values: form("Fuites"),
        },
        None,
        &other,
        1,
    )
    .await;
    assert_eq!(
        store.create_contribution(&step, "clé").await.unwrap(),
        Created::New
    );

    // Handed in twice from the same page: one receipt, one copy.
    let step = decide(&store, &case, Transition::Submit, &agent, 2)
        .await
        .unwrap();
    let (one, two) = tokio::join!(store.save_contribution(&step), store.save_contribution(&step));
    let mut outcomes = [one.unwrap(), two.unwrap()];
    outcomes.sort_by_key(|outcome| matches!(outcome, Saved::Conflict(_)));
    assert_eq!(outcomes[0], Saved::Done(2));
    let Saved::Conflict(stored) = &outcomes[1] else {
        panic!("{outcomes:?}")
    };
    let refusal = decide(&store, stored, Transition::Submit, &agent, 3)
        .await
        .unwrap_err();
    let receipt = stored.receipt.clone().unwrap();
    assert_eq!(refusal, Refusal::AlreadyHandedIn { receipt });
    assert_eq!(store.submissions_of(case.id).await.unwrap().len(), 1);
    assert_eq!(
        store
            .contributions_of_author(user(AGENT), 0, 10)
            .await
            .unwrap()
            .total,
        1
    );
}

async fn a_beginning_cut_short_anywhere_is_found_or_made_by_the_next_try(place: &'static Place) {
    let store = place.store().await;
    people(&store).await;
    let agent = actor(AGENT, None);
    // How many times a beginning waits differs from one run to the next: each place is tried, the end included.
    let tries = 60_u64;
    let mut ended = 0;
    for polls in 0..60 {
        let key = format!("clé {polls}");
        let step = begin(
            &store,
            Opening::New {
                values: form("Fuites"),
            },
            None,
            &agent,
            1,
        )
        .await;
        let whole = cut(store.create_contribution(&step, &key), polls).await;
        let again = begin(
            &store,
            Opening::New {
                values: form("Fuites"),
            },
            None,
            &agent,
            2,
        )
        .await;
        match store.create_contribution(&again, &key).await.unwrap() {
            Created::New => assert!(!whole, "what was answered is kept"),
            Created::Again(case) => assert_eq!(*case, step.case),
            taken @ Created::Taken(_) => panic!("{taken:?}"),
        }
        ended += u32::from(whole);
    }
    assert!(ended > 0, "a beginning ends some time");
    let made = store.contributions_of_author(user(AGENT), 0, 1000).await.unwrap();
    assert_eq!(
        (made.total, made.items.len()),
        (tries, usize::try_from(tries).unwrap())
    );
    sound(&store).await;
}

/// Polls a future so many times, then drops it wherever it stands; says whether it was done.
async fn cut<F: Future>(future: F, polls: u32) -> bool {
    let mut future = std::pin::pin!(future);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return std::task::Poll::Ready(false);
        }
        left -= 1;
        future.as_mut().poll(context).map(|_| true)
    })
    .await
}

async fn two_moderators_who_decide_at_once_decide_once(place: &'static Place) {
    let store = place.store().await;
    people(&store).await;
    let (agent, moderator) = (actor(AGENT, None), actor(MODERATOR, None));
    for number in 0..5 {
        let case = new_draft(&store, form(&format!("Projet {number}")), &agent).await;
        let case = go(&store, &case, Transition::Submit, &agent, 2).await;
        // Both claim what both saw free.
        let one = decide(&store, &case, Transition::Claim, &moderator, 3)
            .await
            .unwrap();
        let two = decide(&store, &case, Transition::Claim, &actor(SECOND, None), 3)
            .await
            .unwrap();
        let (one, two) = tokio::join!(store.save_contribution(&one), store.save_contribution(&two));
        let done = [&one, &two]
            .iter()
            .filter(|saved| matches!(saved, Ok(Saved::Done(_))))
            .count();
        assert_eq!(done, 1, "{one:?} {two:?}");
        let case = store.contribution(case.id).await.unwrap().unwrap();
        let holder = if case.claim.unwrap().moderator == user(MODERATOR) {
            MODERATOR
        } else {
            SECOND
        };
        let holder = actor(holder, None);
        // The same page in two windows: approved in one, refused in the other.
        let before = store.catalogue_revision().await.unwrap();
        let yes = decide(&store, &case, Transition::Approve { seen: None }, &holder, 4)
            .await
            .unwrap();
        let no = decide(&store, &case, rejection(), &holder, 4).await.unwrap();
        let (yes, no) = tokio::join!(store.save_contribution(&yes), store.save_contribution(&no));
        let done = [&yes, &no]
            .iter()
            .filter(|saved| matches!(saved, Ok(Saved::Done(_))))
            .count();
        let lost = [&yes, &no]
            .iter()
            .filter(|saved| matches!(saved, Ok(Saved::Conflict(_))))
            .count();
        assert_eq!((done, lost), (1, 1), "{yes:?} {no:?}");
        assert_eq!(store.catalogue_revision().await.unwrap(), before + 1);
    }
    sound(&store).await;
}

async fn what_was_corrected_of_a_carrier_meanwhile_stays(place: &'static Place) {
    let address = place.fresh_address().await;
    let store = Store::connect(&address).await.unwrap();
    store.migrate().await.unwrap();
    people(&store).await;
    import(&store, &[row("Ville", "Fuites", "Texte")], options(true, 0)).await;
    let carrier = store
        .organisations("", 0, 1)
        .await
        .unwrap()
        .items
        .remove(0)
        .organisation;
    let (agent, moderator) = (actor(AGENT, Some(carrier.id)), actor(MODERATOR, None));
    let case = new_draft(&store, chosen(form("Autre projet"), carrier.id), &agent).await;
    let case = go(&store, &case, Transition::Submit, &agent, 2).await;
    let case = go(&store, &case, Transition::Claim, &moderator, 3).await;
    let approve = decide(&store, &case, Transition::Approve { seen: None }, &moderator, 4);
    let approve = approve.await.unwrap();
    let corrected =
        "UPDATE organisation SET name = 'Corrigée', siret = '21570463600012', siren = '215704636'";
    run_outside(&address, corrected).await;
    // The same page sent twice: the second one meets what the first one did.
    let (one, two) = tokio::join!(
        store.save_contribution(&approve),
        store.save_contribution(&approve)
    );
    let mut outcomes = [one.unwrap(), two.unwrap()];
    outcomes.sort_by_key(|outcome| matches!(outcome, Saved::Conflict(_)));
    assert_eq!(outcomes[0], Saved::Done(case.version + 1));
    assert!(matches!(&outcomes[1], Saved::Conflict(stored) if stored.status == WorkflowStatus::Published));
    let kept = store.organisations_by_ids(&[carrier.id]).await.unwrap().remove(0);
    assert_eq!(kept.name, "Corrigée");
    assert_eq!(kept.siret.as_deref(), Some("21570463600012"));
    assert_eq!(kept.kind.as_deref(), Some("commune"), "what it lacked is added");
    assert_eq!(kept.status, OrganisationStatus::Confirmed);
    // Its other records are read again.
    assert_eq!(store.changed_since(1).await.unwrap().len(), 2);
    sound(&store).await;
    store.close().await;
}

async fn a_decision_about_a_record_that_moved_is_refused_and_writes_nothing(place: &'static Place) {
    let store = place.store().await;
    people(&store).await;
    let imported = import(&store, &[row("Ville", "Fuites", "Avant")], options(true, 0))
        .await
        .changed[0];
    let record = store.use_cases_by_ids(&[imported]).await.unwrap().pop().unwrap();
    let agent = actor(AGENT, Some(record.organisation.id));
    let step = begin(&store, Opening::Revision, Some(&record), &agent, 5).await;
    let case = keep(&store, &step, "k").await;
    let mut values = chosen(form("Fuites"), record.organisation.id);
    values
        .set("organisation.latitude", vec!["48,39".to_owned()])
        .unwrap();
    values
        .set("organisation.longitude", vec!["-4,48".to_owned()])
        .unwrap();
    let case = go(&store, &case, Transition::Save { values }, &agent, 6).await;
    let case = go(&store, &case, Transition::Submit, &agent, 7).await;
    let moderator = actor(MODERATOR, None);
    let case = go(&store, &case, Transition::Claim, &moderator, 8).await;
    let late = decide(
        &store,
        &case,
        Transition::Approve { seen: Some(1) },
        &moderator,
        9,
    )
    .await
    .unwrap();
    import(&store, &[row("Ville", "Fuites", "Après")], options(true, 10)).await;
    let before = store.catalogue_revision().await.unwrap();
    let refused = store.save_contribution(&late).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
    assert_eq!(store.catalogue_revision().await.unwrap(), before);
    assert_eq!(store.contribution(case.id).await.unwrap().unwrap(), case);
    let refusal = decide(
        &store,
        &case,
        Transition::Approve { seen: Some(1) },
        &moderator,
        11,
    )
    .await;
    assert_eq!(refusal.unwrap_err(), Refusal::RecordMoved { current: Some(2) });
    go(
        &store,
        &case,
        Transition::Approve { seen: Some(2) },
        &moderator,
        12,
    )
    .await;
    let record = store.use_cases_by_ids(&[imported]).await.unwrap().pop().unwrap();
    assert_eq!(record.version, 3);
    assert_eq!(record.organisation.name, "Ville", "the carrier keeps its name");
    assert_eq!(
        record.organisation.siret.as_deref(),
        Some("21750001600019"),
        "and gets what it lacked"
    );
    sound(&store).await;
}

async fn one_new_version_at_a_time_is_written_for_a_record(place: &'static Place) {
    let store = place.store().await;
    people(&store).await;
    let record = publish(&store, "Fuites").await;
    let agent = actor(AGENT, Some(record.organisation.id));
    let first = begin(&store, Opening::Revision, Some(&record), &agent, 20).await;
    let case = keep(&store, &first, "a").await;
    let second = begin(&store, Opening::Revision, Some(&record), &agent, 21).await;
    assert_eq!(
        store.create_contribution(&second, "b").await.unwrap(),
        Created::Taken(Box::new(case.clone()))
    );
    let open = store.open_contribution(record.id, Kind::Content).await.unwrap();
    assert_eq!(open.unwrap().id, case.id);
    // That the record still holds can be said meanwhile.
    let review = begin(&store, Opening::Review, Some(&record), &agent, 22).await;
    keep(&store, &review, "c").await;
    let discard = decide(&store, &case, Transition::Discard, &agent, 23)
        .await
        .unwrap();
    assert_eq!(store.save_contribution(&discard).await.unwrap(), Saved::Done(2));
    assert_eq!(
        store.create_contribution(&second, "b").await.unwrap(),
        Created::New
    );
}

async fn what_an_import_handed_in_joins_the_queue_once_and_leaves_it_with_the_decision(
    place: &'static Place,
) {
    let store = place.store().await;
    people(&store).await;
    let handed = import(&store, &rows(4), options(false, 0)).await.changed;
    let (left, other) = tokio::join!(store.adopt_imports(at(1)), store.adopt_imports(at(1)));
    assert_eq!((left.unwrap(), other.unwrap()), (0, 0));
    let everything = QueueFilter {
        limit: 50,
        ..QueueFilter::default()
    };
    let queue = store.review_queue(&everything).await.unwrap();
    assert_eq!(queue.total, 4);
    let lines: BTreeSet<_> = queue.items.iter().map(|line| line.use_case).collect();
    assert_eq!(lines, handed.iter().copied().collect());
    assert!(
        queue
            .items
            .iter()
            .all(|line| line.is_imported && line.author.is_none() && !line.is_update)
    );
    assert_eq!(queue.items[0].heading.organisation, "Ville 0");

    let moderator = actor(MODERATOR, None);
    let of = |record: UseCaseId| ContributionId::new(record.uuid());
    let first = store.contribution(of(handed[0])).await.unwrap().unwrap();
    assert_eq!(first.values.title(), "Projet 0");
    let first = go(&store, &first, Transition::Claim, &moderator, 2).await;
    let organisation = first.organisation.unwrap();
    let values = chosen(form("Projet 0"), organisation);
    let first = go(&store, &first, Transition::Save { values }, &moderator, 3).await;
    go(&store, &first, Transition::Approve { seen: None }, &moderator, 4).await;
    let record = store.use_cases_by_ids(&[handed[0]]).await.unwrap().pop().unwrap();
    assert_eq!((record.version, record.organisation.id), (2, organisation));
    assert_eq!(
        store.provenance_of(handed[0]).await.unwrap().len(),
        1,
        "where it came from is kept"
    );

    let second = store.contribution(of(handed[1])).await.unwrap().unwrap();
    let second = go(&store, &second, Transition::Claim, &moderator, 5).await;
    go(&store, &second, rejection(), &moderator, 6).await;
    assert_eq!(store.counts().await.unwrap().other, 1);
    // A row that changed in its source, and that nobody reads, is shown as it is now.
    let mut changed = rows(4);
    changed[2].text = "Autre texte".to_owned();
    import(&store, &changed[2..3], options(false, 7)).await;
    store.adopt_imports(at(8)).await.unwrap();
    let third = store.contribution(of(handed[2])).await.unwrap().unwrap();
    assert_eq!(
        (third.values.first("description"), third.version),
        ("Autre texte", 2)
    );
    // One that is published by an import leaves the queue.
    changed[3].text = "Publié".to_owned();
    import(&store, &changed[3..4], options(true, 9)).await;
    store.adopt_imports(at(10)).await.unwrap();
    let queue = store.review_queue(&everything).await.unwrap();
    assert_eq!(
        queue.items.iter().map(|line| line.use_case).collect::<Vec<_>>(),
        [handed[2]]
    );
    sound(&store).await;
}

async fn the_queue_is_filtered_and_counted(place: &'static Place) {
    let store = place.store().await;
    people(&store).await;
    let (agent, moderator) = (actor(AGENT, None), actor(MODERATOR, None));
    let record = publish(&store, "Public").await;
    let mut cases = Vec::new();
    for (number, theme) in [
        (0, "transition"),
        (1, "mobilites"),
        (2, "mobilites"),
        (3, "transition"),
    ] {
        let mut values = form(&format!("Projet {number}"));
        values.set("theme", vec![theme.to_owned()]).unwrap();
        let case = new_draft(&store, values, &agent).await;
        cases.push(case);
    }
    for (number, case) in cases.iter_mut().enumerate().take(3) {
        *case = go(
            &store,
            case,
            Transition::Submit,
            &agent,
            100 + i64::try_from(number).unwrap() * 10,
        )
        .await;
    }
    cases[1] = go(&store, &cases[1], Transition::Claim, &moderator, 140).await;
    let member = actor(AGENT, Some(record.organisation.id));
    let review = begin(&store, Opening::Review, Some(&record), &member, 150).await;
    keep(&store, &review, "r").await;

    let titles = |filter: QueueFilter| {
        let store = store.clone();
        async move {
            let filter = QueueFilter { limit: 10, ..filter };
            let page = store.review_queue(&filter).await.unwrap();
            assert_eq!(usize::try_from(page.total).unwrap(), page.items.len());
            page.items
                .into_iter()
                .map(|line| line.heading.title)
                .collect::<Vec<_>>()
        }
    };
    let plain = QueueFilter::default;
    assert_eq!(
        titles(plain()).await,
        ["Projet 0", "Projet 1", "Projet 2", "Public"]
    );
    for (filter, expected) in [
        (
            QueueFilter {
                theme: Some("mobilites".to_owned()),
                ..plain()
            },
            vec!["Projet 1", "Projet 2"],
        ),
        (
            QueueFilter {
                unclaimed: true,
                ..plain()
            },
            vec!["Projet 0", "Projet 2", "Public"],
        ),
        (
            QueueFilter {
                claimed_by: Some(user(MODERATOR)),
                ..plain()
            },
            vec!["Projet 1"],
        ),
        (
            QueueFilter {
                claimed_by: Some(user(SECOND)),
                ..plain()
            },
            vec![],
        ),
        (
            QueueFilter {
                kinds: vec![Kind::Review],
                ..plain()
            },
            vec!["Public"],
        ),
        (
            QueueFilter {
                organisation: Some(record.organisation.id),
                ..plain()
            },
            vec!["Public"],
        ),
        (
            QueueFilter {
                submitted_before: Some(at(110)),
                ..plain()
            },
            vec!["Projet 0"],
        ),
        (
            QueueFilter {
                statuses: vec![WorkflowStatus::Published],
                ..plain()
            },
            vec!["Public"],
        ),
        (
            QueueFilter {
                statuses: vec![WorkflowStatus::InReview],
                ..plain()
            },
            vec!["Projet 1"],
        ),
    ] {
        assert_eq!(titles(filter.clone()).await, expected, "{filter:?}");
    }
    let page = QueueFilter {
        limit: 2,
        offset: 1,
        ..plain()
    };
    let page = store.review_queue(&page).await.unwrap();
    assert_eq!((page.total, page.items.len()), (4, 2));
    let counts = store.queue_counts().await.unwrap();
    assert_eq!(
        (counts.submitted, counts.in_review, counts.changes_requested),
        (3, 1, 0)
    );
    assert_eq!(counts.oldest, Some(at(100)));
    let own = store.contributions_of_author(user(AGENT), 0, 10).await.unwrap();
    assert_eq!(own.total, 6);
    let theirs = store
        .contributions_of_organisation(record.organisation.id, 0, 10)
        .await
        .unwrap();
    assert_eq!(theirs.total, 2, "the published one and the confirmation");
}

async fn a_withdrawal_leaves_nothing_of_what_was_written(place: &'static Place) {
    let store = place.store().await;
    people(&store).await;
    const SECRET: &str = "Jeanne Le Goff, 06 12 34 56 78";
    let record = publish(&store, &format!("Projet de {SECRET}")).await;
    let agent = actor(AGENT, Some(record.organisation.id));
    let moderator = actor(MODERATOR, None);
    let step = begin(&store, Opening::Revision, Some(&record), &agent, 20).await;
    let case = keep(&store, &step, "k").await;
    let mut values = case.values.clone();
    values.set("summary", vec![SECRET.to_owned()]).unwrap();
    let case = go(&store, &case, Transition::Save { values }, &agent, 21).await;
    let case = go(&store, &case, Transition::Submit, &agent, 22).await;
    let case = go(&store, &case, Transition::Claim, &moderator, 23).await;
    let comments = vec![Comment {
        field: None,
        text: format!("Retirez {SECRET}"),
    }];
    let case = go(
        &store,
        &case,
        Transition::RequestChanges { comments },
        &moderator,
        24,
    )
    .await;

    let gone = withdraw(
        record.id,
        WithdrawalClass::PersonalData,
        &actor(ADMIN, None),
        at(30),
    )
    .unwrap();
    let revision = store.withdraw_record(&gone).await.unwrap();
    assert_eq!(store.changed_since(revision - 1).await.unwrap()[0].record, None);
    assert_eq!(
        store.use_case_by_slug(&record.slug).await.unwrap(),
        Found::Withdrawn
    );
    assert_eq!(
        store.withdrawal_class(&record.slug).await.unwrap(),
        Some(WithdrawalClass::PersonalData)
    );
    let left = store.contribution(case.id).await.unwrap().unwrap();
    assert_eq!(
        (left.status, left.values.is_empty()),
        (WorkflowStatus::Withdrawn, true)
    );
    assert_eq!(
        left.receipt, case.receipt,
        "its author still finds that it was taken away"
    );
    let history = store.full_history(record.id).await.unwrap();
    assert!(history.steps.is_empty());
    assert!(!format!("{history:?}").contains("Le Goff"));
    assert!(
        history
            .contributions
            .iter()
            .all(|one| one.submissions.is_empty() && one.comments.is_empty())
    );
    let late = decide(&store, &left, Transition::Submit, &agent, 31)
        .await
        .unwrap_err();
    assert!(matches!(late, Refusal::AlreadyHandedIn { .. }), "{late:?}");
    let again = store.withdraw_record(&gone).await;
    assert!(matches!(again, Err(StoreError::NotFound { .. })), "{again:?}");
    sound(&store).await;

    // What was never public goes as well.
    let draft = new_draft(&store, form(SECRET), &actor(AGENT, None)).await;
    let gone = withdraw(
        draft.use_case,
        WithdrawalClass::Request,
        &actor(ADMIN, None),
        at(40),
    )
    .unwrap();
    store.withdraw_record(&gone).await.unwrap();
    let left = store.contribution(draft.id).await.unwrap().unwrap();
    assert!(left.values.is_empty() && left.heading.title.is_empty());
    sound(&store).await;
}

async fn confirmations_and_archives_change_the_record_they_are_about(place: &'static Place) {
    let store = place.store().await;
    people(&store).await;
    let record = publish(&store, "Fuites").await;
    let agent = actor(AGENT, Some(record.organisation.id));
    let moderator = actor(MODERATOR, None);
    let present = || async { store.use_cases_by_ids(&[record.id]).await.unwrap().pop().unwrap() };
    let year = 365 * 86_400;
    let asked = begin(&store, Opening::Review, Some(&record), &agent, year).await;
    let asked = keep(&store, &asked, "r").await;
    assert_eq!(present().await, record);
    go(
        &store,
        &asked,
        Transition::Approve { seen: Some(1) },
        &moderator,
        year + 10 * 86_400,
    )
    .await;
    assert_eq!(
        present().await.last_reviewed_on,
        Some(date(2024, 11, 13)),
        "the day of the click"
    );

    assert_eq!(store.trust_of(record.organisation.id).await.unwrap(), Trust::None);
    store
        .set_trust(
            record.organisation.id,
            Trust::SmallChanges,
            user(MODERATOR),
            at(1),
        )
        .await
        .unwrap();
    let before = store.catalogue_revision().await.unwrap();
    let click = begin(&store, Opening::Review, Some(&record), &agent, 2 * year).await;
    assert_eq!(
        store.create_contribution(&click, "un clic").await.unwrap(),
        Created::New
    );
    assert_eq!(present().await.last_reviewed_on, Some(date(2026, 11, 1)));
    assert_eq!(store.catalogue_revision().await.unwrap(), before + 1);
    let twice = begin(&store, Opening::Review, Some(&record), &agent, 2 * year + 1).await;
    assert!(matches!(
        store.create_contribution(&twice, "un clic").await.unwrap(),
        Created::Again(_)
    ));
    assert_eq!(
        store.catalogue_revision().await.unwrap(),
        before + 1,
        "a click counts once"
    );

    let reason = "Service arrêté.".to_owned();
    let archive = begin(
        &store,
        Opening::Archive { reason },
        Some(&record),
        &agent,
        2 * year + 2,
    )
    .await;
    let case = keep(&store, &archive, "a").await;
    let case = go(&store, &case, Transition::Claim, &moderator, 2 * year + 3).await;
    go(
        &store,
        &case,
        Transition::Approve { seen: Some(1) },
        &moderator,
        2 * year + 4,
    )
    .await;
    assert_eq!(present().await.status, WorkflowStatus::Archived);
    sound(&store).await;
}

async fn a_draft_that_is_given_up_disappears(place: &'static Place) {
    let store = place.store().await;
    people(&store).await;
    let agent = actor(AGENT, None);
    let case = new_draft(&store, form("Fuites"), &agent).await;
    let discard = decide(&store, &case, Transition::Discard, &agent, 2)
        .await
        .unwrap();
    let save = Transition::Save {
        values: form("Autre"),
    };
    let save = decide(&store, &case, save, &agent, 2).await.unwrap();
    assert_eq!(store.save_contribution(&discard).await.unwrap(), Saved::Done(2));
    assert_eq!(store.contribution(case.id).await.unwrap(), None);
    let late = store.save_contribution(&save).await;
    assert!(matches!(late, Err(StoreError::NotFound { .. })), "{late:?}");
    let lines = store
        .audit_lines(Some(&case.id.to_string()), None, 10)
        .await
        .unwrap();
    assert_eq!(lines[0].action, "discard");
    sound(&store).await;
}

async fn titles_of_an_organisation_show_what_is_public_and_what_is_being_written(place: &'static Place) {
    let store = place.store().await;
    people(&store).await;
    let record = publish(&store, "Détection des fuites d’eau").await;
    let organisation = record.organisation.id;
    let agent = actor(AGENT, Some(organisation));
    let draft = new_draft(&store, chosen(form("Tri des courriels"), organisation), &agent).await;
    let known = store.titles_of(organisation).await.unwrap();
    let found = |title: &str| {
        duplicates(title, &known)
            .iter()
            .map(|one| one.use_case)
            .collect::<Vec<_>>()
    };
    assert_eq!(found("detection des fuites d'eau"), [record.id]);
    assert_eq!(found("Tri de courriels"), [draft.use_case]);
    assert_eq!(found("Autre projet"), []);
    assert_eq!(store.titles_of(ids().organisation).await.unwrap(), []);
}

async fn contributions_move_with_the_instance(place: &'static Place) {
    let first = place.sqlite().await;
    people(&first).await;
    let record = publish(&first, "Fuites").await;
    let trusted = first.set_trust(record.organisation.id, Trust::SmallChanges, user(ADMIN), at(9));
    trusted.await.unwrap();
    let agent = actor(AGENT, Some(record.organisation.id));
    let step = begin(&first, Opening::Revision, Some(&record), &agent, 20).await;
    let case = keep(&first, &step, "k").await;
    let second = place.store().await;
    first.copy_to(&second).await.unwrap();
    assert_eq!(second.contribution(case.id).await.unwrap(), Some(case.clone()));
    assert_eq!(
        second.full_history(record.id).await.unwrap(),
        first.full_history(record.id).await.unwrap()
    );
    assert_eq!(
        second.trust_of(record.organisation.id).await.unwrap(),
        Trust::SmallChanges
    );
    sound(&second).await;
    // Life goes on there, and the chain with it.
    let discard = decide(&second, &case, Transition::Discard, &agent, 21)
        .await
        .unwrap();
    second.save_contribution(&discard).await.unwrap();
    sound(&second).await;
}

fn attached(case: &Case, hash: &str, title: &str) -> Attachment {
    Attachment {
        id: AttachmentId::new(Uuid::now_v7()),
        use_case: case.use_case,
        contribution: case.id,
        removal: None,
        from: None,
        until: None,
        file: FileFacts {
            hash: hash.to_owned(),
            kind: FileKind::Csv,
            name: "bilan.csv".to_owned(),
            title: title.to_owned(),
            bytes: 12,
            visibility: Visibility::Members,
            removed: String::new(),
        },
        by: user(AGENT),
        at: at(1),
    }
}

async fn files_come_with_a_version_leave_with_another_and_go_with_the_record(place: &'static Place) {
    let store = place.store().await;
    people(&store).await;
    let folder = tempfile::tempdir().unwrap();
    let files = Files::of(folder.path());
    let agent = actor(AGENT, None);
    let case = new_draft(&store, form("Fuites"), &agent).await;
    let (kept, dropped) = (files.put(b"a;b").unwrap(), files.put(b"c;d").unwrap());
    let first = attached(&case, &kept, "Bilan");
    let second = attached(&case, &dropped, "Brouillon");
    for attachment in [&first, &second] {
        assert_eq!(store.add_attachment(attachment, 2).await.unwrap(), Brought::Kept);
    }
    assert_eq!(
        store
            .add_attachment(&attached(&case, &kept, "De trop"), 2)
            .await
            .unwrap(),
        Brought::TooMany
    );
    assert!(
        store
            .remove_attachment(second.id, case.id, "agent", at(2))
            .await
            .unwrap()
    );
    assert_eq!(
        store.attachment(second.id).await.unwrap(),
        None,
        "nobody had seen it"
    );
    assert_eq!(store.attachment(first.id).await.unwrap(), Some(first.clone()));
    let case = store.contribution(case.id).await.unwrap().unwrap();
    approve(&store, &case, &agent).await;
    let public = store.attachments_of(case.use_case).await.unwrap();
    assert_eq!(public.iter().map(|file| file.from).collect::<Vec<_>>(), [Some(1)]);
    assert_eq!(
        store
            .add_attachment(&attached(&case, &kept, "Trop tard"), 9)
            .await
            .unwrap(),
        Brought::TooLate
    );

    let record = store
        .use_cases_by_ids(&[case.use_case])
        .await
        .unwrap()
        .pop()
        .unwrap();
    let own = actor(AGENT, Some(record.organisation.id));
    let step = begin(&store, Opening::Revision, Some(&record), &own, 20).await;
    let next = keep(&store, &step, "suite").await;
    assert!(
        !store
            .background(record.id, &next.values)
            .await
            .unwrap()
            .files_changed
    );
    assert!(
        store
            .remove_attachment(first.id, next.id, "agent", at(21))
            .await
            .unwrap()
    );
    assert!(
        store
            .background(record.id, &next.values)
            .await
            .unwrap()
            .files_changed
    );
    assert!(store.restore_attachment(first.id, next.id, at(22)).await.unwrap());
    assert!(
        !store
            .background(record.id, &next.values)
            .await
            .unwrap()
            .files_changed
    );
    assert!(
        store
            .remove_attachment(first.id, next.id, "agent", at(23))
            .await
            .unwrap()
    );
    let next = store.contribution(next.id).await.unwrap().unwrap();
    approve(&store, &next, &own).await;
    let gone = store.attachment(first.id).await.unwrap().unwrap();
    assert!(gone.is_in(1) && !gone.is_in(2));
    sound(&store).await;
    assert_eq!(store.check_files(&files).await.unwrap(), Vec::<String>::new());
    std::fs::remove_dir_all(files.root()).unwrap();
    assert_eq!(store.check_files(&files).await.unwrap().len(), 1);
    files.put(b"a;b").unwrap();

    let target = place.sqlite().await;
    store.copy_to(&target).await.unwrap();
    assert_eq!(target.attachment(first.id).await.unwrap(), Some(gone));
    let copy = Files::at(&folder.path().join("sauvegarde"));
    assert_eq!(store.backup_files(&files, &copy).await.unwrap(), 1);
    assert_eq!(copy.hashes().unwrap(), std::slice::from_ref(&kept));

    // A draft that nobody took up again goes with its files.
    let forgotten = new_draft(&store, form("Oublié"), &agent).await;
    let left = attached(&forgotten, &kept, "Oublié");
    assert_eq!(store.add_attachment(&left, 9).await.unwrap(), Brought::Kept);
    assert_eq!(store.prune_drafts(at(1000)).await.unwrap(), 1);
    assert_eq!(store.attachment(left.id).await.unwrap(), None);

    let withdrawal = withdraw(record.id, WithdrawalClass::Legal, &actor(ADMIN, None), at(40)).unwrap();
    store.withdraw_record(&withdrawal).await.unwrap();
    assert_eq!(store.attachment(first.id).await.unwrap(), None);
    assert_eq!(store.sweep_files(&files, &[kept]).await.unwrap(), 1);
    sound(&store).await;
}
