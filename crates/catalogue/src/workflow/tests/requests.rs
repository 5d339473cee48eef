//! What is asked about a record besides its words: confirmation, archive, withdrawal, another carrier, an import.

use super::*;

#[test]
fn that_nothing_changed_takes_one_step_of_the_author_and_one_of_a_moderator() {
    let (carrier, record) = (carrier(), published_record());
    let on = context(&carrier, Some(&record), 30, Trust::None);
    let asked = open(Opening::Review, ids(3), &actor(AUTHOR), &on).unwrap();
    assert_eq!(
        (asked.case.status, &asked.record),
        (WorkflowStatus::Submitted, &None)
    );
    let later = context(&carrier, Some(&record), 80, Trust::None);
    let done = apply(
        &asked.case,
        Transition::Approve { seen: Some(1) },
        &actor(MODERATOR),
        &later,
    )
    .unwrap();
    // The day of the click, not that of the approval.
    assert_eq!(done.record, Some(RecordChange::Review(date(1970, 1, 2))));
    let trusted = context(&carrier, Some(&record), 30, Trust::SmallChanges);
    let done = open(Opening::Review, ids(3), &actor(AUTHOR), &trusted).unwrap();
    assert_eq!(done.record, Some(RecordChange::Review(date(2026, 11, 1))));
    assert_eq!(done.case.status, WorkflowStatus::Published);
    let refused = open(Opening::Review, ids(3), &actor(STRANGER), &on).unwrap_err();
    assert_eq!(refused.code(), "other-organisation");
}

#[test]
fn an_archive_is_asked_by_the_organisation_and_confirmed_by_a_moderator() {
    let (carrier, record) = (carrier(), published_record());
    let on = context(&carrier, Some(&record), 10, Trust::SmallChanges);
    let reason = |reason: &str| Opening::Archive {
        reason: reason.to_owned(),
    };
    assert_eq!(
        open(reason(" "), ids(3), &actor(AUTHOR), &on),
        Err(Refusal::TextNeeded)
    );
    let asked = open(reason("Service arrêté."), ids(3), &actor(AUTHOR), &on).unwrap();
    assert_eq!(asked.record, None, "trust does not archive");
    let claimed = apply(&asked.case, Transition::Claim, &actor(MODERATOR), &on)
        .unwrap()
        .case;
    assert_eq!(
        apply(
            &claimed,
            Transition::RequestChanges { comments: comment() },
            &actor(MODERATOR),
            &on
        ),
        Err(Refusal::NotThisKind)
    );
    let done = apply(
        &claimed,
        Transition::Approve { seen: Some(1) },
        &actor(MODERATOR),
        &on,
    )
    .unwrap();
    assert_eq!(done.record, Some(RecordChange::Archive));
    let archived = UseCase {
        status: WorkflowStatus::Archived,
        ..record.clone()
    };
    let on = context(&carrier, Some(&archived), 11, Trust::None);
    assert_eq!(
        open(Opening::Revision, ids(4), &actor(AUTHOR), &on),
        Err(Refusal::NotPublished)
    );
}

#[test]
fn only_an_administrator_takes_a_record_away() {
    for by in [0, AUTHOR, COLLEAGUE, STRANGER, CLAIMER, MODERATOR, PENDING, ADMIN] {
        let done = withdraw(ids(1).use_case, WithdrawalClass::PersonalData, &actor(by), at(1));
        assert_eq!(done.is_ok(), by == ADMIN, "{by}");
    }
}

#[test]
fn a_form_for_another_organisation_is_refused_before_it_is_kept() {
    let elsewhere = Organisation::named(OrganisationId::new(Uuid::from_u128(501)), "Ailleurs");
    let values = form(&[("organisation", &elsewhere.id.to_string())]);
    let mut on = context(&elsewhere, None, 1, Trust::None);
    let refused = open(
        Opening::New {
            values: values.clone(),
        },
        ids(1),
        &actor(AUTHOR),
        &on,
    )
    .unwrap_err();
    assert_eq!(refused.code(), "other-organisation");
    let save = Transition::Save { values };
    let refused = apply(&begun(form(&[])), save, &actor(AUTHOR), &on).unwrap_err();
    assert_eq!(refused.code(), "other-organisation");
    // Proposing an organisation that the library does not know is open to every registered agent.
    on.around.organisation = None;
    let proposed = form(&[("organisation", ""), ("organisation.name", "Ailleurs")]);
    let case = open(Opening::New { values: proposed }, ids(1), &actor(STRANGER), &on)
        .unwrap()
        .case;
    assert_eq!(
        (case.organisation, case.heading.organisation.as_str()),
        (None, "Ailleurs")
    );
    assert!(apply(&case, Transition::Discard, &actor(AUTHOR), &on).is_err());
}

#[test]
fn what_an_import_handed_in_is_mended_and_approved_by_moderators_alone() {
    let record = UseCase {
        status: WorkflowStatus::Submitted,
        ..published_record()
    };
    let case = imported(&record, ContributionId::new(record.id.uuid()), at(5));
    assert_eq!(case.status, WorkflowStatus::Submitted);
    let claimed = step(&case, Transition::Claim, MODERATOR, 6).unwrap().case;
    let save = Transition::Save {
        values: form(&[("tags", "eau")]),
    };
    let mended = step(&claimed, save, MODERATOR, 7).unwrap().case;
    let done = step(&mended, Transition::Approve { seen: None }, MODERATOR, 8).unwrap();
    assert!(matches!(done.record, Some(RecordChange::Publish(_))));
}
