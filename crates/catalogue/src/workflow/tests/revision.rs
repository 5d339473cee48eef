//! A new version of a public record.

use super::*;

#[test]
fn a_new_version_is_written_beside_the_public_one_and_compared_with_it() {
    let (carrier, record) = (carrier(), published_record());
    let on = context(&carrier, Some(&record), 10, Trust::None);
    let draft = open(Opening::Revision, ids(2), &actor(COLLEAGUE), &on)
        .unwrap()
        .case;
    assert_eq!((draft.use_case, draft.base), (record.id, Some(1)));
    assert_eq!(
        apply(&draft, Transition::Submit, &actor(COLLEAGUE), &on),
        Err(Refusal::NothingChanged)
    );
    let mut values = draft.values.clone();
    values.set("maturity", vec!["termine".to_owned()]).unwrap();
    let draft = apply(&draft, Transition::Save { values }, &actor(COLLEAGUE), &on)
        .unwrap()
        .case;
    let handed = apply(&draft, Transition::Submit, &actor(COLLEAGUE), &on)
        .unwrap()
        .case;
    let claimed = apply(&handed, Transition::Claim, &actor(MODERATOR), &on)
        .unwrap()
        .case;
    // The public record moved between the reading and the decision.
    let moved = UseCase {
        version: 2,
        ..record.clone()
    };
    let late = context(&carrier, Some(&moved), 11, Trust::None);
    let approve = |seen| Transition::Approve { seen };
    assert_eq!(
        apply(&claimed, approve(Some(1)), &actor(MODERATOR), &late),
        Err(Refusal::RecordMoved { current: Some(2) })
    );
    let done = apply(&claimed, approve(Some(1)), &actor(MODERATOR), &on).unwrap();
    let Some(RecordChange::Publish(publication)) = &done.record else {
        panic!("{:?}", done.record)
    };
    assert_eq!(publication.replaces, Some(1));
    assert_eq!(publication.content.code(Field::Maturity), Some("termine"));
    assert_eq!(
        done.events,
        [Event::Published {
            first: false,
            automatic: false
        }]
    );
}

#[test]
fn small_corrections_go_out_by_themselves_where_the_organisation_is_trusted() {
    let (carrier, record) = (carrier(), published_record());
    for (trust, name, value, automatic) in [
        (Trust::None, "title", "Fuites d’eau des réseaux", false),
        (Trust::SmallChanges, "title", "Fuites d’eau des réseaux", false),
        (
            Trust::SmallChanges,
            "description",
            "Un modèle écoute le réseau et signale les fuites aux agents du service de l’eau.",
            true,
        ),
        (
            Trust::None,
            "description",
            "Un modèle écoute le réseau et signale les fuites aux agents du service de l’eau.",
            false,
        ),
        (
            Trust::SmallChanges,
            "links.info.0.url",
            "https://ville.example/fuites",
            true,
        ),
        (Trust::SmallChanges, "maturity", "termine", false),
        (Trust::SmallChanges, "summary", "", false),
    ] {
        let on = context(&carrier, Some(&record), 10, trust);
        let draft = open(Opening::Revision, ids(2), &actor(AUTHOR), &on).unwrap().case;
        let mut values = draft.values.clone();
        values.set(name, vec![value.to_owned()]).unwrap();
        let draft = apply(&draft, Transition::Save { values }, &actor(AUTHOR), &on)
            .unwrap()
            .case;
        let done = apply(&draft, Transition::Submit, &actor(AUTHOR), &on).unwrap();
        assert_eq!(done.record.is_some(), automatic, "{trust:?} {name} {value}");
        assert_eq!(done.case.status == WorkflowStatus::Published, automatic);
        assert!(done.frozen.is_some());
    }
}

#[test]
fn a_file_is_a_change_that_a_moderator_reads_even_where_the_organisation_is_trusted() {
    let (carrier, record) = (carrier(), published_record());
    let mut on = context(&carrier, Some(&record), 10, Trust::SmallChanges);
    let draft = open(Opening::Revision, ids(2), &actor(AUTHOR), &on).unwrap().case;
    on.files_changed = true;
    let alone = apply(&draft, Transition::Submit, &actor(AUTHOR), &on).unwrap();
    assert!(alone.record.is_none() && alone.case.status == WorkflowStatus::Submitted);
    let mut values = draft.values.clone();
    values
        .set(
            "links.info.0.url",
            vec!["https://ville.example/fuites".to_owned()],
        )
        .unwrap();
    let draft = apply(&draft, Transition::Save { values }, &actor(AUTHOR), &on)
        .unwrap()
        .case;
    let with_text = apply(&draft, Transition::Submit, &actor(AUTHOR), &on).unwrap();
    assert!(with_text.record.is_none());
}

#[test]
fn a_small_correction_of_a_record_that_lacks_something_waits_for_a_moderator() {
    // As an import may have published it.
    let (carrier, mut record) = (carrier(), published_record());
    record.content.take(Field::Summary);
    let on = context(&carrier, Some(&record), 10, Trust::SmallChanges);
    let draft = open(Opening::Revision, ids(2), &actor(AUTHOR), &on).unwrap().case;
    let mut values = draft.values.clone();
    values.set("tags", vec!["eau".to_owned()]).unwrap();
    let draft = apply(&draft, Transition::Save { values }, &actor(AUTHOR), &on)
        .unwrap()
        .case;
    let done = apply(&draft, Transition::Submit, &actor(AUTHOR), &on).unwrap();
    assert_eq!((done.record, done.case.status), (None, WorkflowStatus::Submitted));
}
