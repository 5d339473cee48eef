//! From a form that is handed in to what is decided about it.

use super::*;

#[test]
fn a_receipt_is_given_once_and_kept_from_one_submission_to_the_next() {
    let submitted = step(&begun(form(&[])), Transition::Submit, AUTHOR, 1).unwrap();
    let receipt = submitted.case.receipt.clone().unwrap();
    assert!(receipt.starts_with("2026-"), "{receipt}");
    assert_eq!(submitted.events, [Event::Submitted { again: false }]);
    assert_eq!(submitted.frozen.unwrap().number, 1);
    let again = step(
        &in_state(WorkflowStatus::ChangesRequested),
        Transition::Submit,
        COLLEAGUE,
        5,
    )
    .unwrap();
    assert_eq!(again.case.receipt, Some(receipt));
    assert_eq!(again.events, [Event::Submitted { again: true }]);
    assert_eq!(again.frozen.unwrap().number, 2);
    assert_eq!(again.case.first_submitted_at, Some(at(1)));
    assert_eq!(again.case.submitted_at, Some(at(5)));
}

#[test]
fn a_form_that_breaks_a_rule_is_not_handed_in_and_one_for_the_public_holds_more() {
    let refused = step(&begun(form(&[("title", "")])), Transition::Submit, AUTHOR, 1).unwrap_err();
    let Refusal::Invalid(errors) = refused else {
        panic!("{refused:?}")
    };
    assert!(errors.of("title").is_some());
    let short = step(&begun(form(&[("summary", "")])), Transition::Submit, AUTHOR, 1)
        .unwrap()
        .case;
    let claimed = step(&short, Transition::Claim, CLAIMER, 2).unwrap().case;
    let refused = step(&claimed, Transition::Approve { seen: None }, CLAIMER, 3).unwrap_err();
    assert!(matches!(refused, Refusal::Invalid(errors) if errors.of("summary").is_some()));
    // The moderator who reads it may mend it.
    let mended = step(&claimed, Transition::Save { values: form(&[]) }, CLAIMER, 3)
        .unwrap()
        .case;
    assert!(step(&mended, Transition::Approve { seen: None }, CLAIMER, 3).is_ok());
}

#[test]
fn a_claim_keeps_others_out_for_forty_eight_hours() {
    let claimed = in_state(WorkflowStatus::InReview);
    let refused = step(&claimed, Transition::Claim, MODERATOR, 2 + CLAIM_HOURS - 1).unwrap_err();
    assert_eq!(
        refused,
        Refusal::Claimed {
            moderator: user(CLAIMER),
            until: at(2 + CLAIM_HOURS)
        }
    );
    let taken = step(&claimed, Transition::Claim, MODERATOR, 2 + CLAIM_HOURS)
        .unwrap()
        .case;
    assert_eq!(taken.claim.unwrap().moderator, user(MODERATOR));
    assert!(matches!(
        step(
            &taken,
            Transition::Approve { seen: None },
            CLAIMER,
            2 + CLAIM_HOURS
        ),
        Err(Refusal::Claimed { .. })
    ));
    let free = step(&claimed, Transition::Release, MODERATOR, 2 + CLAIM_HOURS)
        .unwrap()
        .case;
    assert_eq!((free.status, free.claim), (WorkflowStatus::Submitted, None));
}

#[test]
fn what_is_asked_or_refused_is_said_in_words() {
    let claimed = in_state(WorkflowStatus::InReview);
    let blank = |text: &str| {
        vec![Comment {
            field: None,
            text: text.to_owned(),
        }]
    };
    for (transition, code) in [
        (Transition::RequestChanges { comments: vec![] }, "comment-needed"),
        (
            Transition::RequestChanges {
                comments: blank(" \n "),
            },
            "comment-needed",
        ),
        (
            Transition::RequestChanges {
                comments: blank(&"x".repeat(TEXT_MAX + 1)),
            },
            "text-too-long",
        ),
        (
            Transition::Reject {
                reason: RejectionReason::Other,
                text: "  ".to_owned(),
            },
            "text-needed",
        ),
    ] {
        assert_eq!(
            step(&claimed, transition.clone(), CLAIMER, 3).unwrap_err().code(),
            code,
            "{transition:?}"
        );
    }
    let mut comments = comment();
    comments.extend(blank(" "));
    let asked = step(&claimed, Transition::RequestChanges { comments }, CLAIMER, 3).unwrap();
    assert_eq!(asked.comments, comment());
    assert_eq!(asked.events, [Event::ChangesRequested]);
}

#[test]
fn a_refusal_is_appealed_once() {
    let rejected = in_state(WorkflowStatus::Rejected);
    assert_eq!(
        rejected.verdict.as_ref().unwrap().reason,
        Some(RejectionReason::OutOfScope)
    );
    let appealed = step(&rejected, appeal(), AUTHOR, 4).unwrap();
    assert_eq!(appealed.events, [Event::Appealed]);
    let claimed = step(&appealed.case, Transition::Claim, MODERATOR, 5)
        .unwrap()
        .case;
    let rejected = step(&claimed, reject(), MODERATOR, 6).unwrap();
    assert_eq!(rejected.record, Some(RecordChange::Refuse));
    assert_eq!(
        step(&rejected.case, appeal(), AUTHOR, 7),
        Err(Refusal::AppealedBefore)
    );
}

#[test]
fn a_moderator_approves_their_own_only_when_alone() {
    let carrier = carrier();
    let mut context = context(&carrier, None, 1, Trust::None);
    let own = open(
        Opening::New { values: form(&[]) },
        ids(1),
        &actor(CLAIMER),
        &context,
    )
    .unwrap()
    .case;
    let own = apply(&own, Transition::Submit, &actor(CLAIMER), &context)
        .unwrap()
        .case;
    let own = apply(&own, Transition::Claim, &actor(CLAIMER), &context)
        .unwrap()
        .case;
    let approve = Transition::Approve { seen: None };
    for (moderators, code) in [(2, "own-contribution"), (1, "+")] {
        context.moderators = moderators;
        let done = apply(&own, approve.clone(), &actor(CLAIMER), &context);
        assert_eq!(
            done.as_ref().map_or_else(Refusal::code, |_| "+"),
            code,
            "{moderators}"
        );
    }
}
