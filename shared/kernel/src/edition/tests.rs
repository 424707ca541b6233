use serde_json::{Value, json};

use super::*;

const FIRST: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/editions/first/edition.json"));

fn first() -> Edition {
    Editions::first().iter().next().unwrap().clone()
}

/// The first edition with its number and time, as a file with several editions has it.
fn text() -> Value {
    let mut value: Value = serde_json::from_str(FIRST).unwrap();
    value["number"] = json!(1);
    value["id"] = json!("edition-1");
    value["in_force_from"] = json!("2026-01-01T00:00:00Z");
    value
}

/// The faults of the first edition after a change.
fn faults(change: impl FnOnce(&mut Value)) -> Vec<Fault> {
    let mut value = text();
    change(&mut value);
    Edition::from_value(value).unwrap_err()
}

/// The place of a clock in the text.
fn place(name: &str) -> usize {
    text()["clocks"].as_array().unwrap().iter().position(|clock| clock["name"] == name).unwrap()
}

fn utc(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[track_caller]
fn is_due(name: ClockName, priority: Priority, from: &str, expected: &str) {
    assert_eq!(first().due(name, Some(priority), utc(from)), Due { at: utc(expected), covered: true }, "{name:?} {priority:?} from {from}");
}

#[test]
fn the_first_edition_can_be_read_and_says_that_it_is_a_draft() {
    let edition = first();
    assert_eq!(edition, Edition::parse(&text().to_string()).unwrap());
    assert_eq!((edition.number, edition.id.as_str()), (1, "edition-1"));
    assert!(edition.note.contains("draft") && edition.note.contains("not legal advice"));
}

#[test]
fn every_clock_of_the_procedures_is_in_the_first_edition_for_every_priority() {
    let edition = first();
    for name in ClockName::ALL {
        for priority in Priority::ALL {
            assert_eq!(edition.clocks(*name).filter(|clock| clock.applies_to(priority)).count(), 1, "{name:?} {priority:?}");
        }
    }
    assert!(edition.all_clocks().iter().all(|clock| !clock.starts_on.is_empty() && !clock.basis.is_empty()));
}

#[test]
fn the_statutory_clocks_have_the_lengths_of_their_sources() {
    let days = |days| Length::WorkingDays { days, counts_from: CountsFrom::Instant };
    let hours = |hours| Length::Elapsed(jiff::SignedDuration::from_hours(hours));
    let expected = [
        (ClockName::DecideOnReferral, days(1), Authority::Guidance),
        (ClockName::Assessment, days(45), Authority::Guidance),
        (ClockName::InitialChildProtectionConference, days(15), Authority::Guidance),
        (ClockName::TransferInConference, days(15), Authority::Guidance),
        (ClockName::PoliceProtection, hours(72), Authority::Law),
        (ClockName::EmergencyProtectionOrder, Length::CalendarDays(8), Authority::Law),
        (ClockName::EmergencyProtectionOrderExtension, Length::CalendarDays(7), Authority::Law),
        (ClockName::ReturnHomeInterview, hours(72), Authority::Guidance),
        (ClockName::UnplannedMove, hours(24), Authority::Local),
        (ClockName::EscalationOverall, days(5), Authority::Local),
        (ClockName::EscalationOverallAtRisk, hours(24), Authority::Local),
        (ClockName::SeriousIncidentNotification, days(5), Authority::Guidance),
        (ClockName::RapidReview, days(15), Authority::Guidance),
    ];
    for (name, length, authority) in expected {
        let found: Vec<_> = first().clocks(name).map(|clock| (clock.length, clock.authority)).collect();
        assert_eq!(found, [(length, authority)], "{name:?}");
    }
}

#[test]
fn a_transfer_offered_in_the_small_hours_is_seen_and_decided_by_its_priority() {
    // 02:00 on Monday 24 November 2025.
    let offered = "2025-11-24T02:00:00Z";
    is_due(ClockName::SeenBy, Priority::P1, offered, "2025-11-24T02:10:00Z");
    is_due(ClockName::SeenBy, Priority::P2, offered, "2025-11-24T02:30:00Z");
    is_due(ClockName::SeenBy, Priority::P3, offered, "2025-11-24T09:30:00Z");
    is_due(ClockName::SeenBy, Priority::P4, offered, "2025-11-25T09:00:00Z");
    is_due(ClockName::DecideBy, Priority::P1, offered, "2025-11-24T03:00:00Z");
    is_due(ClockName::DecideBy, Priority::P2, offered, "2025-11-24T04:00:00Z");
    is_due(ClockName::DecideBy, Priority::P3, offered, "2025-11-24T17:00:00Z");
    is_due(ClockName::DecideBy, Priority::P4, offered, "2025-12-01T09:00:00Z");
    is_due(ClockName::NightCaseTaken, Priority::P2, offered, "2025-11-24T09:00:00Z");
    is_due(ClockName::NightCaseToManager, Priority::P2, offered, "2025-11-24T10:00:00Z");
}

#[test]
fn an_acceptance_is_received_handed_over_and_otherwise_escalated_in_minutes() {
    let at = "2025-11-24T02:00:00Z";
    is_due(ClockName::ReceivedAlarm, Priority::P1, at, "2025-11-24T02:01:00Z");
    is_due(ClockName::ReceivedManager, Priority::P1, at, "2025-11-24T02:05:00Z");
    is_due(ClockName::HandoverBy, Priority::P1, at, "2025-11-24T02:30:00Z");
    is_due(ClockName::LinkDown, Priority::P1, at, "2025-11-24T02:02:00Z");
    is_due(ClockName::ReofferBy, Priority::P1, at, "2025-11-24T02:30:00Z");
    is_due(ClockName::AgreementConfirm, Priority::P4, at, "2025-11-24T02:30:00Z");
    is_due(ClockName::EscalationStep, Priority::P1, at, "2025-11-24T02:15:00Z");
}

#[test]
fn elapsed_time_ignores_a_clock_change_and_calendar_days_keep_the_local_time() {
    // 12:00 on the day before each change.
    is_due(ClockName::PoliceProtection, Priority::P1, "2026-03-28T12:00:00Z", "2026-03-31T12:00:00Z");
    is_due(ClockName::EmergencyProtectionOrder, Priority::P1, "2026-03-28T12:00:00Z", "2026-04-05T11:00:00Z");
    is_due(ClockName::EmergencyProtectionOrder, Priority::P1, "2026-10-24T11:00:00Z", "2026-11-01T12:00:00Z");
}

#[test]
fn without_a_priority_the_earliest_answer_holds() {
    let at = utc("2025-11-24T02:00:00Z");
    assert_eq!(first().due(ClockName::SeenBy, None, at), first().due(ClockName::SeenBy, Some(Priority::P1), at));
    assert_eq!(first().due(ClockName::DecideOnReferral, None, at), first().due(ClockName::DecideOnReferral, Some(Priority::P4), at));
}

#[test]
fn a_deadline_beyond_the_known_bank_holidays_says_so() {
    assert!(!first().due(ClockName::Assessment, None, utc("2027-12-01T10:00:00Z")).covered);
    assert!(first().due(ClockName::PoliceProtection, None, utc("2040-12-01T10:00:00Z")).covered);
}

#[test]
fn the_ladder_names_somebody_at_every_level_and_the_board_does_not_decide() {
    let edition = first();
    let who: Vec<_> = (1..=edition.top_level()).map(|level| edition.ladder(level).unwrap().who).collect();
    assert_eq!(who, [Who::DutyManager, Who::HeadOfService, Who::Director, Who::BoardChair]);
    assert_eq!(edition.ladder(4).map(|level| (level.of, level.decides)), Some((Of::Board, false)));
    assert_eq!((edition.ladder(0), edition.ladder(5)), (None, None));
}

#[test]
fn the_form_asks_twelve_things_and_four_are_compulsory() {
    let edition = first();
    let compulsory: Vec<_> = edition.form.iter().filter(|field| field.compulsory).map(|field| field.name.as_str()).collect();
    assert_eq!(edition.form.len(), 12);
    assert_eq!(compulsory, ["concern", "referrer", "child_is_now", "danger_now"]);
    let asked: Vec<_> = edition.form.iter().map(|field| FieldName::of(&field.name)).collect();
    assert_eq!(asked, FieldName::ALL.map(Some), "a referral has a place for each");
}

#[test]
fn every_outcome_of_a_referral_and_every_plan_has_a_retention_class() {
    let outcomes = ["immediate_protection", "section_47_enquiry", "child_in_need_assessment", "early_help", "no_further_action"];
    let plans = ["child_protection_plan", "child_in_need_plan", "looked_after"];
    for outcome in outcomes.iter().chain(&plans) {
        assert!(first().retention(outcome).is_some(), "{outcome}");
    }
    assert_eq!(first().retention("looked_after").map(|class| (class.starts_on, class.years)), Some((KeptFrom::Birth, 75)));
    let codes = ["not_our_area", "no_such_child_here", "already_with_another", "below_threshold", "unsafe_to_move_now", "other"];
    assert!(codes.iter().all(|code| first().decline_reason(code).is_some()));
    let prompts = first().prompts;
    assert_eq!((prompts.repeat_contacts, prompts.repeat_within_months, prompts.history_months), (3, 12, 24));
}

#[test]
fn every_fault_is_listed_at_once() {
    let (start, basis, calendar) = (place("assessment"), place("rapid_review"), place("link_down"));
    let found = faults(|edition| {
        edition["title"] = json!(" ");
        edition["clocks"][start]["starts_on"] = json!("");
        edition["clocks"][basis]["basis"] = json!("");
        edition["clocks"][calendar]["calendar"] = json!("scotland");
        edition["escalation_ladder"][1]["who"] = json!(null);
        edition["form"][4]["decision_served"] = json!("");
        edition["form"][5]["compulsory"] = json!(true);
        edition["prompts"]["history_months"] = json!(0);
        edition["colour"] = json!("red");
    });
    assert_eq!(
        found,
        [
            Fault::Empty { part: "/title".to_owned() },
            Fault::shape("/colour", "is not a part of an edition"),
            Fault::ClockWithoutStart { clock: ClockName::Assessment },
            Fault::ClockWithoutBasis { clock: ClockName::RapidReview },
            Fault::UnknownCalendar { clock: ClockName::LinkDown, calendar: "scotland".to_owned() },
            Fault::EmptyLevel { level: 2 },
            Fault::FieldWithoutDecision { field: "names".to_owned() },
            Fault::TooManyCompulsory { count: 5, ceiling: 4 },
            Fault::Zero { part: "/prompts/history_months".to_owned() },
        ]
    );
}

#[test]
fn an_edition_without_a_clock_that_the_services_need_is_refused() {
    for (index, clock) in text()["clocks"].as_array().unwrap().iter().enumerate() {
        let name: ClockName = serde_json::from_value(clock["name"].clone()).unwrap();
        let found = faults(|edition| drop(edition["clocks"].as_array_mut().unwrap().remove(index)));
        let priority = clock["priorities"].get(0).map(|p| serde_json::from_value(p.clone()).unwrap());
        assert_eq!(found, [Fault::ClockMissing { clock: name, priority }]);
    }
}

#[test]
fn two_clocks_for_one_priority_are_refused() {
    let index = place("seen_by");
    let found = faults(|edition| edition["clocks"][index]["priorities"] = json!(["P1", "P2"]));
    assert_eq!(found, [Fault::ClockTwice { clock: ClockName::SeenBy, priority: Priority::P2 }]);
}

#[test]
fn a_clock_that_nobody_knows_or_that_does_not_fit_together_is_refused() {
    let index = place("link_down");
    let of = |key: &str, value: Value| faults(|edition| edition["clocks"][index][key] = value);
    assert!(
        matches!(&of("name", json!("teatime"))[..], [Fault::Shape { part, .. }, Fault::ClockMissing { .. }] if *part == format!("/clocks/{index}"))
    );
    for (key, value) in [
        ("length", json!(0)),
        ("length", json!(null)),
        ("unit", json!("working_days")),
        ("unit", json!("next_working_day")),
        ("at", json!("09:00")),
        ("counts_from", json!("instant")),
    ] {
        assert!(matches!(of(key, value.clone())[..], [Fault::ClockLength { .. }, Fault::ClockMissing { .. }]), "{key} {value}");
    }
}

#[test]
fn a_ladder_with_a_gap_or_two_at_one_level_or_none_at_all_is_refused() {
    let ladder = |change: fn(&mut Vec<Value>)| faults(|edition| change(edition["escalation_ladder"].as_array_mut().unwrap()));
    assert_eq!(ladder(Vec::clear), [Fault::EmptyLevel { level: 1 }]);
    assert_eq!(ladder(|levels| drop(levels.remove(2))), [Fault::EmptyLevel { level: 3 }]);
    let twice = ladder(|levels| levels[3]["level"] = json!(3));
    assert_eq!(twice, [Fault::Twice { part: "/escalation_ladder".to_owned(), name: "3".to_owned() }]);
    assert!(matches!(ladder(|levels| levels.reverse())[..], [Fault::Shape { .. }]));
}

#[test]
fn an_edition_may_carry_its_own_bank_holidays() {
    let mut value = text();
    value["calendars"][0]["bank_holidays"] = json!({"division": "own", "events": [{"title": "A day off", "date": "2025-11-25"}]});
    let edition = Edition::from_value(value).unwrap();
    let due = edition.due(ClockName::DecideOnReferral, None, utc("2025-11-24T10:00:00Z"));
    assert_eq!(due, Due { at: utc("2025-11-26T10:00:00Z"), covered: true });
    let found = faults(|edition| edition["calendars"][0]["zone"] = json!("Europe/Salford"));
    assert!(matches!(&found[..], [Fault::Calendar { calendar, .. }] if calendar == "england-and-wales"));
}

#[test]
fn text_that_is_not_an_edition_is_refused_and_every_missing_part_is_named() {
    assert!(matches!(Edition::parse("{").unwrap_err()[..], [Fault::Shape { .. }]));
    assert!(matches!(Edition::parse("[]").unwrap_err()[..], [Fault::Shape { .. }]));
    let found = Edition::parse("{}").unwrap_err();
    for part in ["/number", "/id", "/in_force_from", "/calendars", "/clocks", "/escalation_ladder", "/form", "/retention", "/limits"] {
        assert!(found.contains(&Fault::shape(part, "is missing")), "{part}");
    }
}

fn numbered(number: u32, from: &str) -> Value {
    let mut value = text();
    value["number"] = json!(number);
    value["id"] = json!(format!("edition-{number}"));
    value["in_force_from"] = json!(from);
    value
}

#[test]
fn exactly_one_edition_is_in_force_at_every_instant() {
    let list = json!([numbered(2, "2026-06-01T00:00:00Z"), numbered(1, "2026-01-01T00:00:00Z"), numbered(3, "2026-09-01T00:00:00Z")]);
    let editions = Editions::parse_many(&list.to_string()).unwrap();
    let at = |text: &str| editions.in_force(utc(text)).number;
    assert_eq!(at("1999-07-14T00:00:00Z"), 1, "before the first, the first");
    assert_eq!(at("2026-05-31T23:59:59.999Z"), 1);
    assert_eq!(at("2026-06-01T00:00:00Z"), 2);
    assert_eq!(at("2030-01-01T00:00:00Z"), 3);
    assert_eq!(editions.numbered(2).map(|edition| edition.id.as_str()), Some("edition-2"));
    assert_eq!(editions.numbered(4), None);
}

#[test]
fn editions_that_do_not_follow_each_other_are_refused() {
    let of = |list: Value| Editions::parse_many(&list.to_string()).unwrap_err();
    let one = || numbered(1, "2026-01-01T00:00:00Z");
    assert_eq!(of(json!([one(), numbered(1, "2026-06-01T00:00:00Z")])), [Fault::OutOfOrder { number: 1 }]);
    assert_eq!(of(json!([one(), numbered(2, "2026-01-01T00:00:00Z")])), [Fault::OutOfOrder { number: 2 }]);
    assert_eq!(of(json!([numbered(2, "2026-01-01T00:00:00Z"), numbered(1, "2026-06-01T00:00:00Z")])), [Fault::OutOfOrder { number: 1 }]);
    assert!(matches!(of(json!([]))[..], [Fault::Empty { .. }]));
    let mut second = numbered(2, "2026-06-01T00:00:00Z");
    second["id"] = json!("");
    assert!(matches!(&of(json!([one(), second]))[..], [Fault::InEdition { index: 1, fault }] if matches!(**fault, Fault::Empty { .. })));
}

#[test]
fn a_book_that_learns_an_edition_tells_every_copy_and_changes_no_earlier_instant() {
    let book = Book::new(Editions::first());
    let copy = book.clone();
    let read = |number, from| Edition::from_value(numbered(number, from)).unwrap();
    book.replace(book.editions().with(read(2, "2026-06-01T00:00:00Z")).unwrap());
    assert_eq!(copy.in_force(utc("2026-06-01T00:00:00Z")).number, 2);
    assert_eq!(copy.in_force(utc("2026-05-31T23:59:59.999999Z")).number, 1);
    let again = book.editions().with(read(2, "2026-07-01T00:00:00Z")).unwrap();
    assert_eq!((again.iter().count(), again.in_force(utc("2026-06-15T00:00:00Z")).number), (2, 1), "in the place of the one it replaces");
    assert_eq!(book.editions().with(read(3, "2026-05-01T00:00:00Z")), Err(vec![Fault::OutOfOrder { number: 2 }]));
}

#[test]
fn the_quorum_is_the_board_and_each_borough_where_an_edition_says_nothing_else() {
    let mut value = text();
    value.as_object_mut().unwrap().remove("approval");
    assert_eq!(Edition::from_value(value).unwrap().approval, first().approval);
    assert_eq!((first().approval.board, first().approval.boroughs), (1, Boroughs::Each));
    let mut value = text();
    value["approval"]["boroughs"] = json!(7);
    assert_eq!(Edition::from_value(value).unwrap().approval.boroughs, Boroughs::AtLeast(7));
}

#[test]
fn a_quorum_that_nobody_or_not_enough_can_reach_is_refused() {
    let of = |key: &str, value: Value| faults(|edition| edition["approval"][key] = value);
    assert_eq!(of("board", json!(0)), [Fault::Zero { part: "/approval/board".to_owned() }]);
    assert_eq!(of("boroughs", json!(0)), [Fault::Zero { part: "/approval/boroughs".to_owned() }]);
    assert!(matches!(&of("boroughs", json!(11))[..], [Fault::Shape { part, .. }] if part == "/approval/boroughs"));
    assert!(matches!(&of("boroughs", json!("some"))[..], [Fault::Shape { part, .. }] if part == "/approval"));
    assert!(matches!(&of("area", json!("Atlantis"))[..], [Fault::Shape { part, .. }] if part == "/approval/area"));
}

#[test]
fn the_parts_as_written_make_the_same_edition_again() {
    let edition = first();
    assert!(edition.written().get("number").is_none() && edition.written().contains_key("clocks"));
    assert_eq!(Edition::numbered(edition.written().clone(), 1, edition.in_force_from), Ok(edition));
}
