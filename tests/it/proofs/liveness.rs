//! T27: witnesses come and go, and the work at the desks goes on.

use hub::stand::StandOptions;
use service_kit::Clock;
use testkit::{TestHub, until};

use super::{ask, cosigned, status};

#[tokio::test]
async fn below_the_quorum_work_goes_on_and_the_board_is_told_since_when_and_after_five_minutes_alarmed() {
    let start = "2026-11-23T02:14:00Z".parse().unwrap();
    let options = StandOptions { clock: Clock::manual(start), ..StandOptions::default() };
    let mut hub = TestHub::with("proofs-liveness", options).await.unwrap().with_desks().await;
    cosigned(&hub, "intake").await;
    let down = hub.stand.ground.witnesses.split_off(2);
    for witness in down {
        witness.stop().await;
    }
    let played = hub::night::play(&hub.stand.url(), &hub.stand.ground.signer, hub.clock.now(), |_| ()).await;
    assert!(played.is_ok(), "two of three are enough");
    hub.settled().await;
    cosigned(&hub, "intake").await;
    for witness in hub.stand.ground.witnesses.drain(..) {
        witness.stop().await;
    }
    let before = status(&hub, "intake").await["events"].as_i64().unwrap();
    hub.clock.set("2026-11-23T02:41:00Z".parse().unwrap());
    hub::night::play(&hub.stand.url(), &hub.stand.ground.signer, hub.clock.now(), |_| ()).await.unwrap();
    until("what is new is signed and waits", async || {
        let now = status(&hub, "intake").await;
        now["signed"].as_i64() > Some(before) && !now["waiting_since"].is_null()
    })
    .await;
    let told = hub.person("board-auditor").get("/api/audit/proofs").await.unwrap();
    let intake = told.body.as_array().unwrap().iter().find(|proof| proof["service"] == "intake").unwrap();
    assert_eq!(intake["sentence"], "not yet cosigned since 02:41 on 23 November");
    let alarm = async || {
        let numbers = ask(&hub, "/metrics").await.1;
        numbers.lines().any(|line| line == "hub_log_not_cosigned_alarm{service=\"intake\"} 1")
    };
    assert!(!alarm().await);
    hub.clock.set("2026-11-23T02:46:01Z".parse().unwrap());
    until("the alarm after five minutes", alarm).await;
    assert_eq!(ask(&hub, "/readyz").await.0, 200, "clinical work goes on");
    hub.finish().await;
}
