//! What follows here from what referral intake has recorded.

use bus::{Handler as _, Trouble};
use proto_events::intake::Intake;
use serde_json::json;

use super::hub::{ASHA, Hub, MANCHESTER, NURSE, SALFORD, SYSTEM, TESS, child, holder};

#[tokio::test(flavor = "multi_thread")]
async fn a_referral_opens_emergency_action_and_a_decision_ends_it_and_opens_the_enquiry() {
    let mut hub = Hub::start("decided").await;
    let child = child();
    let at = format!("/children/{child}/responsibility");
    hub.get(ASHA, &at).await.refused(404, "not_found");
    let referral = hub.referral(MANCHESTER, &[child]).await;
    hub.advance(600);
    hub.decision(ASHA, referral, &[child], "section_47_enquiry").await;
    let now = hub.get(NURSE, &at).await.ok().body;
    assert_eq!((holder(&now, "emergency_action"), holder(&now, "enquiry")), (None, Some(MANCHESTER)));
    assert_eq!(now["undecided_contacts"], 0);
    let log = hub.log().await;
    let decided = log.iter().find(|recorded| recorded.stream.id() == child.to_string() && recorded.version == 3).unwrap();
    assert_eq!((decided.actor.id.as_str(), decided.causation.is_some()), ("asha", true));
}

#[tokio::test(flavor = "multi_thread")]
async fn emergency_action_goes_on_while_another_contact_is_undecided_in_whatever_linked_record() {
    let mut hub = Hub::start("linked").await;
    let (one, other) = (child(), child());
    let first = hub.referral(MANCHESTER, &[one]).await;
    hub.referral(SALFORD, &[other]).await;
    let at = format!("/children/{one}/responsibility");
    assert_eq!(hub.get(NURSE, &at).await.ok().body["conflict"], false);
    // The link and a decision that looks along it arrive in one batch.
    let link = Intake::ChildrenLinked { child: one.to_string(), other: other.to_string() };
    let decided = Intake::ReferralDecided {
        referral: first.to_string(),
        children: vec![one.to_string()],
        borough: MANCHESTER.to_owned(),
        outcome: "no_further_action".to_owned(),
        edition: 1,
        read: Vec::new(),
    };
    let now = hub.clock.now();
    let batch = [(ASHA, link), (ASHA, decided)].map(|(who, data)| hub.envelope(who, &data, now));
    let [link, mut decided] = batch;
    decided.position += 1;
    assert_eq!(hub.take(&[link, decided]).await.unwrap(), 4);
    let seen = hub.get(NURSE, &at).await.ok().body;
    assert_eq!(holder(&seen, "emergency_action"), Some(MANCHESTER), "the other record has an undecided contact");
    assert_eq!((&seen["conflict"], &seen["linked"][0]["child_id"]), (&json!(true), &json!(other)));
    assert_eq!(seen["linked"][0]["duties"][0]["holder"], SALFORD);
    assert!(hub.types().await.contains(&"duty.kept".to_owned()));
    hub.told(ASHA, &Intake::ChildrenUnlinked { child: other.to_string(), other: one.to_string() }).await;
    let seen = hub.get(NURSE, &at).await.ok().body;
    assert_eq!((&seen["conflict"], &seen["linked"]), (&json!(false), &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_referral_that_a_person_joined_to_another_no_longer_waits_for_a_decision_and_its_duty_stays() {
    let mut hub = Hub::start("joined").await;
    let (call, form) = (child(), child());
    let first = hub.referral(MANCHESTER, &[call]).await;
    let second = hub.referral(MANCHESTER, &[form]).await;
    hub.told(ASHA, &Intake::ChildrenLinked { child: call.to_string(), other: form.to_string() }).await;
    let at = format!("/children/{form}/responsibility");
    let seen = hub.get(NURSE, &at).await.ok().body;
    assert_eq!((&seen["undecided_contacts"], holder(&seen, "emergency_action")), (&json!(2), Some(MANCHESTER)), "linked records count");
    let joined = Intake::ReferralJoined {
        referral: second.to_string(),
        children: vec![form.to_string()],
        with: first.to_string(),
        borough: MANCHESTER.to_owned(),
    };
    let now = hub.clock.now();
    let by_machine = hub.envelope(SYSTEM, &joined, now);
    assert!(matches!(hub.take(&[by_machine]).await, Err(Trouble::Poison { .. })), "a machine joins nothing");
    hub.told(ASHA, &joined).await;
    let seen = hub.get(NURSE, &at).await.ok().body;
    assert_eq!((&seen["undecided_contacts"], holder(&seen, "emergency_action")), (&json!(1), Some(MANCHESTER)), "the call itself");
    let settled = hub.types().await.into_iter().filter(|name| name == "contact.settled").count();
    assert_eq!(settled, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_event_of_intake_has_its_effects_once_and_in_order() {
    let mut hub = Hub::start("once").await;
    let child = child();
    let referral = hub.referral(MANCHESTER, &[child]).await;
    let before = hub.types().await;
    let withdrawn =
        Intake::ReferralWithdrawn { referral: referral.to_string(), children: vec![child.to_string()], borough: MANCHESTER.to_owned() };
    let now = hub.clock.now();
    let event = hub.envelope(NURSE, &withdrawn, now);
    let mut ahead = event.clone();
    ahead.position += 1;
    assert_eq!(hub.take(std::slice::from_ref(&ahead)).await.unwrap(), 1, "an event ahead of its turn is not taken");
    assert_eq!(hub.types().await, before);
    assert_eq!(hub.take(std::slice::from_ref(&event)).await.unwrap(), 2);
    let once = hub.types().await;
    assert_eq!(once.len(), before.len() + 1);
    hub.take(std::slice::from_ref(&event)).await.unwrap();
    assert_eq!(hub.types().await, once, "a repeated event has no second effect");
    // The duty stays with its holder, and a withdrawn concern still waits for a decision.
    let seen = hub.get(NURSE, &format!("/children/{child}/responsibility")).await.ok().body;
    assert_eq!((holder(&seen, "emergency_action"), &seen["undecided_contacts"]), (Some(MANCHESTER), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_is_poison_and_a_machine_decides_nothing() {
    let mut hub = Hub::start("poison").await;
    let child = child();
    let referral = hub.referral(MANCHESTER, &[child]).await;
    let decided = Intake::ReferralDecided {
        referral: referral.to_string(),
        children: vec![child.to_string()],
        borough: MANCHESTER.to_owned(),
        outcome: "no_further_action".to_owned(),
        edition: 1,
        read: Vec::new(),
    };
    let now = hub.clock.now();
    let by_machine = hub.envelope(SYSTEM, &decided, now);
    let mut future = hub.envelope(ASHA, &decided, now);
    future.data["outcome"] = json!("something_new");
    let mut garbage = future.clone();
    garbage.data = json!({ "kind": "never_heard_of" });
    let mut nothing = future.clone();
    nothing.data = json!(null);
    for event in [by_machine, future, garbage] {
        let poisoned = hub.take(&[event]).await.unwrap_err();
        assert!(matches!(poisoned, Trouble::Poison { position: 2, .. }), "{poisoned}");
    }
    assert_eq!(hub.take(&[nothing]).await.unwrap(), 2, "a position that concerns nobody is passed over");
    assert_eq!(holder(&hub.get(TESS, &format!("/children/{child}/responsibility")).await.ok().body, "emergency_action"), Some(MANCHESTER));
    assert_eq!(crate::FromIntake::new(hub.app.store.clone(), hub.app.editions.clone()).checkpoint().await.unwrap(), 2);
}
