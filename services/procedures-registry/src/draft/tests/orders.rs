//! Whatever people do in whatever order, the quorum means what it says.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Decider as _, Person, Role};
use proptest::prelude::*;

use super::world::*;
use crate::{
    draft::{Ask, Draft, DraftEvent, Party},
    rules::{Event, Registry},
};

/// Everybody who may try something: two of the board, a head and a director of each of two boroughs, a head who has also
/// written, a duty manager, and somebody from elsewhere.
fn people() -> Vec<Person> {
    vec![
        board(),
        somebody("board-2", "board", Role::BoardApprover),
        head(MANCHESTER),
        somebody("director-m", MANCHESTER, Role::Director),
        head(SALFORD),
        somebody("author", MANCHESTER, Role::HeadOfService),
        author(),
        somebody("manager", SALFORD, Role::DutyManager),
        somebody("leeds", "E08000035", Role::Director),
        // The same person with a post in two boroughs.
        somebody(&head(SALFORD).actor().id, MANCHESTER, Role::HeadOfService),
    ]
}

fn asks() -> impl Strategy<Value = Ask> {
    let party = prop_oneof![Just(Party::Board), Just(Party::Borough(borough(MANCHESTER))), Just(Party::Borough(borough(SALFORD)))];
    prop_oneof![
        6 => party.clone().prop_map(|party| Ask::Approve { party, hash: hash() }),
        1 => party.prop_map(|party| Ask::Object { party, reason: "r".to_owned() }),
        2 => Just(submit_now()),
        2 => Just(schedule()),
        1 => Just(Ask::PutProcedure(Box::new(procedure("police-protection")))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    /// In all orders: an edition is only ever scheduled with an approval of the board and of each borough, each by a person of
    /// its own who has not written in it, no person counted twice, and all for the very content that comes into force.
    #[test]
    fn in_every_order_of_approvals_and_objections_the_quorum_is_never_less_than_it_says(
        steps in prop::collection::vec((0..10_usize, asks()), 1..45)
    ) {
        let people = people();
        let mut events = history("draft");
        let (mut state, content) = (situation(&events), hash());
        // Who has approved since the last submission, kept apart from the code under test.
        let mut given: BTreeMap<String, Party> = BTreeMap::new();
        for (who, ask) in steps {
            let person = &people[who];
            let Ok(happened) = Registry::decide(&state, command(person, ask, now())) else { continue };
            for event in &happened {
                state.take(event);
                let Event::Draft(_, event) = event else { continue };
                if matches!(event, DraftEvent::Submitted { .. } | DraftEvent::Objected { .. }) {
                    given.clear();
                }
                if let DraftEvent::Approved { party, by, hash: read, .. } = event {
                    let own = Party::of(&by.actor().org);
                    prop_assert_eq!(own.as_ref(), Some(party), "for their own");
                    prop_assert_ne!(by.actor().id.as_str(), "author", "no author");
                    prop_assert!(matches!(by.actor().role, Role::BoardApprover | Role::HeadOfService | Role::Director));
                    prop_assert_eq!(read, &content);
                    prop_assert!(given.insert(by.actor().id.clone(), party.clone()).is_none(), "nobody twice");
                }
                if let DraftEvent::Scheduled { .. } = event {
                    let parties: BTreeSet<&Party> = given.values().collect();
                    let needed = [Party::Board, Party::Borough(borough(MANCHESTER)), Party::Borough(borough(SALFORD))];
                    prop_assert!(needed.iter().all(|party| parties.contains(party)), "{parties:?}");
                }
            }
            events.extend(happened);
        }
        prop_assert!(matches!(state.draft(draft()), Draft::Open(_) | Draft::Submitted(..) | Draft::Scheduled(..)));
        prop_assert_eq!(situation(&events), state, "folding the history again gives the same");
    }
}

#[test]
fn the_orders_above_do_reach_an_edition_that_is_scheduled() {
    let steps = [(author(), submit_now()), (head(SALFORD), approve(&head(SALFORD))), (board(), approve(&board()))];
    let mut state = situation(&history("draft"));
    for (person, ask) in steps.into_iter().chain([(head(MANCHESTER), approve(&head(MANCHESTER))), (board(), schedule())]) {
        for event in Registry::decide(&state, command(&person, ask, now())).unwrap() {
            state.take(&event);
        }
    }
    assert!(matches!(state.draft(draft()), Draft::Scheduled(..)));
}
