//! Contributions: every step is written once and whole, nothing typed is lost, and the public reads what was approved.

use std::collections::BTreeSet;

use jiff::civil::date;
use sobria_catalogue::access::Level;
use sobria_catalogue::diff::ChangeKind;
use sobria_catalogue::draft::DraftInput;
use sobria_catalogue::field::Field;
use sobria_catalogue::id::{ContributionId, OrganisationId, UseCaseId, UserId};
use sobria_catalogue::organisation::OrganisationStatus;
use sobria_catalogue::rights::{Actor, Role};
use sobria_catalogue::use_case::{UseCase, WorkflowStatus};
use sobria_catalogue::vocabulary::Vocabularies;
use sobria_catalogue::workflow::{
    Applied, Case, Comment, Kind, NewIds, Opening, Refusal, RejectionReason, Transition, apply, open,
};
use sobria_store::{Created, Found, QueueFilter, Saved, Store};
use uuid::Uuid;

use crate::fixture::{account, at, import, options, rows};
use crate::place::Place;

mod ends;
mod races;

stories!(
    a_contribution_goes_from_its_first_word_to_the_public_and_every_step_is_kept,
    a_new_version_waits_beside_the_public_one_and_history_shows_each_reader_its_part,
    what_an_import_handed_in_joins_the_queue_once_and_leaves_it_with_the_decision,
    the_queue_is_filtered_and_counted,
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
        account(store, user(number), &format!("agent{number}"), role).await;
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
