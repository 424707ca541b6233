//! Whatever has happened before, a command that was carried out adds nothing when it is repeated.

use std::collections::BTreeSet;

use kernel::{Decider as _, Role, TransferId, edition::Who};
use proptest::{collection::vec, prelude::*};
use uuid::Uuid;

use crate::{
    child::ChildCommand,
    desk::{Desk, Hours},
    given::*,
    referral::{Addition, Basis, ClockKind, Command, Contacts, CpisOutcome, Decide, Outcome},
    rules::{self, Intake, Situation},
};

fn somebody() -> impl Strategy<Value = kernel::Person> {
    prop_oneof![Just(worker()), Just(nurse()), Just(person(OLDHAM, Role::DutyWorker)), Just(person(SALFORD, Role::DutyManager)),]
}

fn contacts() -> impl Strategy<Value = Contacts> {
    (vec(0_u128..3, 0..3), 1_u32..4).prop_map(|(all, lately)| Contacts {
        all: all.into_iter().map(other_referral).collect(),
        lately,
        prompt_from: 3,
    })
}

fn addition() -> impl Strategy<Value = Addition> {
    prop_oneof![
        any::<bool>().prop_map(|written_form| Addition::Information { text: sealed("t"), written_form }),
        Just(Addition::Feedback { text: sealed("t") }),
        Just(Addition::Withdrawal { reason: sealed("r") }),
        Just(Addition::Withholding { what: sealed("w"), reason: sealed("r") }),
        prop_oneof![Just(None), Just(Some(Basis::ParentAgrees))].prop_map(|basis| Addition::Checks { with: sealed("w"), basis }),
        Just(Addition::CpisCheck { outcome: CpisOutcome::PlanShown, note: None }),
        Just(Addition::Correction { field: "home".to_owned(), text: sealed("t") }),
    ]
}

fn decision() -> impl Strategy<Value = Command> {
    let outcome = prop_oneof![Just(Outcome::Section47Enquiry), Just(Outcome::NoFurtherAction), Just(Outcome::ImmediateProtection)];
    (somebody(), 0_u128..6, outcome, contacts(), any::<bool>()).prop_map(|(by, n, outcome, contacts, prompted)| {
        let repeat_prompt = prompted.then(|| sealed("why"));
        Command::Decide(Box::new(Decide { outcome, contacts, repeat_prompt, ..ask_to_decide(by, n) }))
    })
}

fn about_the_referral() -> impl Strategy<Value = rules::Command> {
    let clock = prop_oneof![Just(ClockKind::Seen), Just(ClockKind::Decision), Just(ClockKind::Feedback)];
    let acting = |by: &kernel::Person| by.actor().org.borough().cloned().into_iter().collect::<BTreeSet<_>>();
    let command = prop_oneof![
        2 => somebody().prop_map(|by| Command::Receive { by: by.into(), received: Box::new(received()) }),
        2 => (somebody(), 0_u128..6).prop_map(move |(by, n)| Command::View { acting_for: acting(&by), by, entry: entry(n) }),
        3 => (somebody(), 0_u128..6, contacts()).prop_map(|(by, n, contacts)| Command::OpenHistory { by, entry: entry(n), contacts, lines_only: n % 2 == 0, edition: 1 }),
        4 => decision(),
        3 => (somebody(), 0_u128..6, addition())
            .prop_map(move |(by, n, what)| Command::Add { acting_for: acting(&by), by, entry: entry(n), what }),
        2 => (clock, 1_u8..4)
            .prop_map(|(kind, level)| Command::RunOut { kind, level, who: Who::Director, next_at: run_out(level).next_at, edition: 1, rings: vec![] }),
    ];
    command.prop_map(about_it)
}

fn about_a_child() -> impl Strategy<Value = rules::Command> {
    let to = prop_oneof![Just(SALFORD), Just(OLDHAM)];
    let command = prop_oneof![
        (1_u128..4).prop_map(|n| ChildCommand::Link { by: worker(), other: child(n), reason: sealed("r") }),
        (1_u128..4).prop_map(|n| ChildCommand::Unlink { by: worker(), other: child(n), reason: sealed("r") }),
        (0_u128..3, any::<bool>()).prop_map(|(n, expected)| ChildCommand::RecordBirth {
            by: worker(),
            entry: entry(n),
            expected,
            birth: sealed("b")
        }),
        to.prop_map(|to| ChildCommand::NoteDutyTaken {
            by: kernel::Actor::hub("inbox"),
            duty: "enquiry".to_owned(),
            from: borough(MANCHESTER),
            to: borough(to),
            transfer: TransferId::from_uuid(Uuid::from_u128(7)),
        }),
        Just(ChildCommand::NoteDutyEnded { by: kernel::Actor::hub("inbox"), duty: "enquiry".to_owned(), holder: borough(SALFORD) }),
    ];
    (1_u128..4, command).prop_map(|(n, command)| rules::Command::Child(child(n), command))
}

fn any_command() -> impl Strategy<Value = rules::Command> {
    let desk = |phone: &str| Desk {
        day_phone: phone.to_owned(),
        night_phone: phone.to_owned(),
        covered_by: None,
        closed_on: BTreeSet::new(),
        hours: vec![Hours { weekday: 1, from: "09:00".to_owned(), to: "17:00".to_owned() }],
    };
    let learn = prop_oneof![Just("0161 496 0001"), Just("0161 496 0002")]
        .prop_map(move |phone| rules::Command::LearnDesk(borough(SALFORD), desk(phone)));
    prop_oneof![8 => about_the_referral(), 3 => about_a_child(), 1 => learn]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_500))]

    #[test]
    fn a_command_that_was_carried_out_adds_nothing_when_it_is_repeated(commands in vec(any_command(), 0..14)) {
        let mut state = Situation::default();
        for command in commands {
            let Ok(events) = Intake::decide(&state, command.clone()) else { continue };
            state = events.iter().fold(state, Intake::evolve);
            let again = Intake::decide(&state, command);
            prop_assert!(again.is_ok_and(|events| events.is_empty()));
        }
    }
}
