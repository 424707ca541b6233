//! What the edition in force says is what the service asks for.

use kernel::edition::{EditionEvent, Learnt};
use serde_json::json;

use super::hub::{BEN, Hub, MANAGER, MANCHESTER, child};

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_that_the_edition_in_force_does_not_have_is_refused_with_the_list_of_those_it_has() {
    let mut hub = Hub::start("reasons").await;
    hub.desk(MANAGER, None).await;
    let child = child();
    hub.referral(MANCHESTER, &[child]).await;
    let decline = format!("/{}/decline", hub.offered(&[child]).await.id());
    let editions = hub.app.editions.editions();
    let mut parts = editions.iter().next().unwrap().written().clone();
    parts["decline_reasons"] = json!([
        { "code": "school_place_pending", "text": "A school place is not there yet", "words_needed": true },
        { "code": "other", "text": "Another reason", "words_needed": true }
    ]);
    let in_force_from = hub.clock.now();
    let second = Learnt { number: 2, id: "edition-2".to_owned(), in_force_from, hash: "00".to_owned(), parts };
    hub.app.editions.replace(editions.having_learnt(&[EditionEvent::Learnt(second)]).unwrap());

    let gone = hub.post(BEN, &decline, 1, &json!({ "reason": "below_threshold", "text": "t" })).await.refused(422, "invalid");
    assert_eq!(gone.body["errors"][0]["pointer"], "/reason");
    assert_eq!(gone.body["errors"][0]["detail"], "a reason of the edition in force: school_place_pending, other");
    hub.post(BEN, &decline, 1, &json!({ "reason": "school_place_pending" })).await.refused(422, "invalid");
    let declined = hub.post(BEN, &decline, 1, &json!({ "reason": "school_place_pending", "text": "From Monday." })).await.ok();
    assert_eq!(declined.body["state"], "declined");
}
