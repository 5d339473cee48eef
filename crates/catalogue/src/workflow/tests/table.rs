//! Who may take which step, state by state.

use super::*;

fn transitions() -> Vec<(&'static str, Transition)> {
    vec![
        (
            "save",
            Transition::Save {
                values: form(&[("tags", "eau")]),
            },
        ),
        ("submit", Transition::Submit),
        ("claim", Transition::Claim),
        ("release", Transition::Release),
        ("request", Transition::RequestChanges { comments: comment() }),
        ("approve", Transition::Approve { seen: None }),
        ("reject", reject()),
        ("appeal", appeal()),
        ("discard", Transition::Discard),
    ]
}

/// What the table of transitions says, for somebody who has the right: `+`, or why not.
fn by_state(transition: &str, status: WorkflowStatus, by: u128) -> &'static str {
    use WorkflowStatus::{ChangesRequested, Draft, InReview, Rejected, Submitted};
    match (transition, status) {
        ("save" | "submit", Draft | ChangesRequested) | ("claim", Submitted) => "+",
        ("save", InReview) if by == CLAIMER => "+",
        ("submit", _) => "already-handed-in",
        ("claim" | "release" | "request" | "approve" | "reject", InReview) if by == CLAIMER => "+",
        ("release", InReview) if by == ADMIN => "+",
        ("claim" | "release" | "request" | "approve" | "reject", InReview) => "claimed",
        ("request" | "approve" | "reject", Submitted) => "claim-first",
        ("appeal", Rejected) | ("discard", Draft) => "+",
        _ => "not-now",
    }
}

fn expected(transition: &str, status: WorkflowStatus, by: u128) -> &'static str {
    let writes = matches!(transition, "save" | "submit" | "appeal" | "discard");
    match by {
        0 => "sign-in",
        PENDING if writes => "unconfirmed",
        STRANGER if writes => "other-organisation",
        PENDING | STRANGER | AUTHOR | COLLEAGUE if !writes => "moderators-only",
        _ => by_state(transition, status, by),
    }
}

#[test]
fn each_step_is_open_to_those_and_in_the_states_that_the_table_says() {
    for status in WorkflowStatus::ALL {
        let case = in_state(status);
        assert_eq!(case.status, status);
        for (name, transition) in transitions() {
            for by in [0, AUTHOR, COLLEAGUE, STRANGER, CLAIMER, MODERATOR, ADMIN, PENDING] {
                let done = step(&case, transition.clone(), by, 4);
                let found = done.as_ref().map_or_else(Refusal::code, |_| "+");
                assert_eq!(found, expected(name, status, by), "{name} {status:?} by {by}");
                if let Err(refusal) = done {
                    assert!(!refusal.message().is_empty());
                }
            }
        }
    }
}
