//! What can be added, and by whom.

use kernel::{Role, scenario::given};

use crate::{
    event::Event,
    given::*,
    referral::{Addition, Basis, CpisOutcome, Outcome, Received, ReferralEvent},
    rules::Intake,
};

fn information() -> Addition {
    Addition::Information { text: sealed("more"), written_form: false }
}

#[test]
fn whoever_may_read_a_referral_may_add_information_and_nobody_else() {
    for (by, org) in [(worker(), MANCHESTER), (person(OLDHAM, Role::DutyWorker), OLDHAM), (nurse(), "RM301")] {
        given::<Intake>([came_in()]).when(add(by, 4, information())).then([happened(ReferralEvent::InformationAdded {
            entry: entry(4),
            text: sealed("more"),
            written_form: false,
            from: org.parse().unwrap(),
        })]);
    }
    given::<Intake>([came_in()]).when(add(person(SALFORD, Role::DutyWorker), 4, information())).refused("not_shared");
}

#[test]
fn the_written_form_of_a_telephone_referral_joins_it() {
    let form = Addition::Information { text: sealed("form"), written_form: true };
    let events = given::<Intake>([came_in()]).when(add(nurse(), 4, form)).events();
    assert!(
        matches!(&events[..], [crate::event::Event::Referral(of, ReferralEvent::InformationAdded { written_form: true, .. })] if of.referral == referral())
    );
}

#[test]
fn only_whoever_raised_it_takes_it_back_and_once() {
    let withdraw = |by| add(by, 4, Addition::Withdrawal { reason: sealed("why") });
    let withdrawn = happened(ReferralEvent::Withdrawn { entry: entry(4), reason: sealed("why") });
    given::<Intake>([came_in()]).when(withdraw(worker())).refused("not_the_referrer");
    given::<Intake>([came_in()]).when(withdraw(nurse())).then([withdrawn.clone()]);
    given::<Intake>([came_in(), withdrawn]).when(add(nurse(), 5, Addition::Withdrawal { reason: sealed("again") })).then_nothing();
}

#[test]
fn feedback_is_given_by_those_who_decide_and_closes_the_open_item() {
    let tell = |by| add(by, 4, Addition::Feedback { text: sealed("we will visit") });
    given::<Intake>([came_in()]).when(tell(nurse())).refused("not_yours_to_decide");
    given::<Intake>([came_in()])
        .when(tell(worker()))
        .then([happened(ReferralEvent::FeedbackGiven { entry: entry(4), text: sealed("we will visit") })]);
}

#[test]
fn whoever_took_the_decision_that_stands_answers_the_referrer_also_when_the_duty_has_moved_on() {
    let transfer = kernel::TransferId::from_uuid(uuid::Uuid::from_u128(7));
    let moved = |n| {
        let (duty, from, to) = ("enquiry".to_owned(), borough(MANCHESTER), borough(SALFORD));
        Event::Child(child(n), crate::child::ChildEvent::DutyTaken { duty, from, to, transfer })
    };
    let tell = add(worker(), 4, Addition::Feedback { text: sealed("we will visit") });
    let undecided = [came_in(), moved(1), moved(2)];
    given::<Intake>(undecided).when(tell.clone()).refused("not_yours_to_decide");
    let decided = [came_in(), decided(2, Outcome::Section47Enquiry), moved(1), moved(2)];
    assert_eq!(given::<Intake>(decided).when(tell).events().len(), 1);
}

#[test]
fn an_unnamed_member_of_the_public_cannot_be_told() {
    let unnamed = Received { anonymous: true, referrer: None, ..received() };
    let before = [happened(ReferralEvent::Received(Box::new(unnamed)))];
    given::<Intake>(before).when(add(worker(), 4, Addition::Feedback { text: sealed("x") })).refused("nobody_to_tell");
}

#[test]
fn below_a_section_47_enquiry_checks_need_agreement_or_a_lawful_reason() {
    let checks = |basis| add(worker(), 4, Addition::Checks { with: sealed("school"), basis });
    let made = |basis| happened(ReferralEvent::ChecksMade { entry: entry(4), with: sealed("school"), basis });
    given::<Intake>([came_in()]).when(checks(None)).refused("agreement_or_lawful_reason_needed");
    given::<Intake>([came_in()]).when(checks(Some(Basis::ChildProtection))).refused("agreement_or_lawful_reason_needed");
    given::<Intake>([came_in(), decided(2, Outcome::EarlyHelp)]).when(checks(None)).refused("agreement_or_lawful_reason_needed");
    for basis in [Basis::ParentAgrees, Basis::LawfulReason(sealed("reason"))] {
        given::<Intake>([came_in()]).when(checks(Some(basis.clone()))).then([made(basis)]);
    }
}

#[test]
fn after_a_section_47_decision_checks_need_no_agreement() {
    for outcome in [Outcome::Section47Enquiry, Outcome::ImmediateProtection] {
        let ask = add(worker(), 4, Addition::Checks { with: sealed("school"), basis: None });
        let made = ReferralEvent::ChecksMade { entry: entry(4), with: sealed("school"), basis: Basis::ChildProtection };
        given::<Intake>([came_in(), decided(2, outcome)]).when(ask).then([happened(made)]);
    }
}

#[test]
fn withholding_something_is_recorded_with_its_reason_by_the_borough() {
    let withhold = |by| add(by, 4, Addition::Withholding { what: sealed("the address"), reason: sealed("danger") });
    given::<Intake>([came_in()]).when(withhold(nurse())).refused("not_yours_to_decide");
    let withheld = ReferralEvent::Withheld { entry: entry(4), what: sealed("the address"), reason: sealed("danger") };
    given::<Intake>([came_in()]).when(withhold(worker())).then([happened(withheld)]);
}

#[test]
fn what_the_information_sharing_service_answered_is_recorded() {
    let check = Addition::CpisCheck { outcome: CpisOutcome::NoAnswer, note: None };
    let checked = ReferralEvent::CpisChecked { entry: entry(4), outcome: CpisOutcome::NoAnswer, note: None };
    given::<Intake>([came_in()]).when(add(worker(), 4, check)).then([happened(checked)]);
}

#[test]
fn a_correction_adds_and_leaves_the_earlier_words() {
    let correct = Addition::Correction { field: "home".to_owned(), text: sealed("moved") };
    let corrected = ReferralEvent::Corrected { entry: entry(4), field: "home".to_owned(), text: sealed("moved") };
    given::<Intake>([came_in()]).when(add(nurse(), 4, correct)).then([happened(corrected)]);
}

#[test]
fn the_same_entry_twice_adds_nothing() {
    let before = [
        came_in(),
        happened(ReferralEvent::InformationAdded {
            entry: entry(4),
            text: sealed("more"),
            written_form: false,
            from: "RM301".parse().unwrap(),
        }),
    ];
    given::<Intake>(before).when(add(nurse(), 4, information())).then_nothing();
}
