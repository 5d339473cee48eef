//! Whatever people do, in any order.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::content::Content;
use crate::diff::is_small;
use crate::validate::Stage;

/// A library as small as it can be, to which random people do random things.
#[derive(Default)]
struct World {
    cases: Vec<Case>,
    frozen: BTreeMap<(ContributionId, u32), DraftInput>,
    /// The public versions of each record, oldest first.
    versions: BTreeMap<UseCaseId, Vec<(Content, bool)>>,
    public: BTreeMap<UseCaseId, UseCase>,
    moderators: u32,
    trusted: bool,
    hour: i64,
    begun: u128,
}

impl World {
    fn trust(&self) -> Trust {
        if self.trusted {
            Trust::SmallChanges
        } else {
            Trust::None
        }
    }

    fn act(&mut self, what: u8, by: u128, which: u8, how: u8) {
        self.hour += i64::from(how % 30);
        let carrier = carrier();
        let case = self
            .cases
            .get(usize::from(which) % self.cases.len().max(1))
            .cloned();
        let target = self
            .public
            .keys()
            .nth(usize::from(which) % self.public.len().max(1))
            .copied();
        let opening = match what {
            0 => Some(Opening::New { values: variant(how) }),
            1 => Some(Opening::Revision),
            2 => Some(Opening::Review),
            3 => Some(Opening::Archive {
                reason: "Arrêté".to_owned(),
            }),
            _ => None,
        };
        let record = match (&opening, &case) {
            (Some(Opening::New { .. }), _) => None,
            (Some(_), _) => target,
            (None, Some(case)) => Some(case.use_case),
            (None, None) => return,
        };
        let public = record.and_then(|id| self.public.get(&id)).cloned();
        let mut on = context(&carrier, public.as_ref(), self.hour, self.trust());
        on.moderators = self.moderators;
        self.begun += 1;
        let number = self.begun;
        let (before, done) = match (opening, case) {
            (Some(opening), _) => (None, open(opening, ids(number), &actor(by), &on)),
            (None, Some(case)) => {
                let seen = if how.is_multiple_of(5) {
                    Some(99)
                } else {
                    public.as_ref().map(|public| public.version)
                };
                let transition = match what {
                    4 | 5 => Transition::Save { values: variant(how) },
                    6 | 7 => Transition::Submit,
                    8 | 9 => Transition::Claim,
                    10 => Transition::Release,
                    11 => Transition::RequestChanges { comments: comment() },
                    12..=14 => Transition::Approve { seen },
                    15 => reject(),
                    16 => appeal(),
                    _ => Transition::Discard,
                };
                let done = apply(&case, transition, &actor(by), &on);
                (Some(case), done)
            }
            (None, None) => return,
        };
        if let Ok(done) = done {
            self.write(before.as_ref(), &done, by, &on);
        }
    }

    fn write(&mut self, before: Option<&Case>, done: &Applied, by: u128, on: &Context<'_>) {
        assert_eq!(done.replaces, before.map(|case| case.version));
        assert_eq!(done.case.version, before.map_or(1, |case| case.version + 1));
        assert_eq!(done.actor, user(by));
        if let Some(frozen) = &done.frozen {
            let former = self
                .frozen
                .insert((done.case.id, frozen.number), frozen.values.clone());
            assert!(former.is_none(), "a frozen copy never changes");
            assert_eq!(Some(&frozen.values), before.map(|case| &case.values));
        }
        let moderates = matches!(by, CLAIMER | MODERATOR | ADMIN);
        let announced = done
            .events
            .iter()
            .any(|event| matches!(event, Event::Published { .. }));
        match &done.record {
            Some(RecordChange::Publish(publication)) => {
                self.publish(before.unwrap(), publication, moderates, by, on);
                assert!(announced);
            }
            Some(RecordChange::Review(_)) => {
                assert!(moderates || self.trusted);
                assert!(self.public.contains_key(&done.case.use_case));
            }
            Some(RecordChange::Archive) => {
                assert!(moderates);
                let record = self.public.get_mut(&done.case.use_case).unwrap();
                assert_eq!(record.status, WorkflowStatus::Published);
                record.status = WorkflowStatus::Archived;
            }
            Some(RecordChange::Refuse) => {
                assert!(moderates && !self.public.contains_key(&done.case.use_case))
            }
            None => assert!(!announced),
        }
        match self.cases.iter().position(|case| case.id == done.case.id) {
            Some(at) if done.discarded => {
                assert_eq!(self.cases[at].submissions, 0);
                self.cases.remove(at);
            }
            Some(at) => self.cases[at] = done.case.clone(),
            None => self.cases.push(done.case.clone()),
        }
    }

    fn publish(
        &mut self,
        case: &Case,
        publication: &Publication,
        moderates: bool,
        by: u128,
        on: &Context<'_>,
    ) {
        let former = self.public.get(&case.use_case);
        assert_eq!(publication.replaces, former.map(|record| record.version));
        let around = Surroundings {
            new_organisation: case.new_organisation,
            ..on.around
        };
        let checked = case.values.check(Stage::Publish, &around).unwrap();
        assert_eq!(&publication.content, checked.content());
        match former {
            _ if moderates && case.status == WorkflowStatus::InReview => {
                assert!(self.moderators < 2 || case.author != Some(user(by)));
                assert_eq!(case.claim.unwrap().moderator, user(by));
                assert!(self.frozen.contains_key(&(case.id, case.submissions)));
            }
            Some(former) => {
                assert!(self.trusted && is_small(&former.content, &publication.content));
            }
            None => panic!("nothing becomes public without a moderator"),
        }
        let versions = self.versions.entry(case.use_case).or_default();
        let number = u32::try_from(versions.len()).unwrap();
        assert_eq!(publication.replaces.unwrap_or(0), number);
        versions.push((publication.content.clone(), moderates));
        assert!(versions[0].1, "a first version has its moderator");
        let record = public(case.use_case, publication, self.hour);
        self.public.insert(case.use_case, record);
    }

    /// What the public reads is the last version that was made public, whatever is written beside it.
    fn check(&self) {
        for (id, record) in &self.public {
            let versions = &self.versions[id];
            assert_eq!(&record.content, &versions.last().unwrap().0);
            assert_eq!(usize::try_from(record.version).unwrap(), versions.len());
        }
        for case in &self.cases {
            assert_eq!(case.claim.is_some(), case.status == WorkflowStatus::InReview);
            if case.kind == Kind::Content && case.status != WorkflowStatus::Draft {
                assert!(self.frozen.contains_key(&(case.id, case.submissions)));
            }
        }
    }
}

/// Forms of all sorts: fit for the public, fit to be handed in, unfit, of a proposed carrier, with a small correction.
fn variant(how: u8) -> DraftInput {
    match how % 8 {
        0 | 1 => form(&[]),
        2 => form(&[(
            "description",
            "Un modèle écoute le réseau et signale les fuites aux agents du service de l’eau.",
        )]),
        3 => form(&[("maturity", "termine")]),
        4 => form(&[("title", "")]),
        5 => form(&[("organisation", ""), ("organisation.name", "Ailleurs")]),
        6 => form(&[("summary", "")]),
        _ => form(&[("links.info.0.url", "https://ville.example/fuites")]),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_people_do_nothing_is_public_without_a_moderator_and_no_version_is_rewritten(
        moderators in 1_u32..4,
        trusted in any::<bool>(),
        deeds in proptest::collection::vec((0_u8..18, 0_u128..8, any::<u8>(), any::<u8>()), 1..160),
    ) {
        let mut world = World { moderators, trusted, ..World::default() };
        // A library in motion from the first deed.
        for (what, by, how) in [(0, AUTHOR, 0), (6, AUTHOR, 1), (8, MODERATOR, 1), (12, MODERATOR, 1)] {
            world.act(what, by, 0, how);
        }
        prop_assert_eq!(world.public.len(), 1);
        for (what, by, which, how) in deeds {
            world.act(what, by, which, how);
            world.check();
        }
    }
}
