//! Four boroughs, a hospital, the record and the clock; and the acts that come again and again.

use std::path::Path;

use hub::{
    client::{Client, Reply},
    seed,
};
use jiff::civil::{Date, DateTime};
use kernel::{Role, Timestamp};
use serde_json::{Value, json};
use testkit::TestHub;

use super::{
    BRENT, EALING, ENFIELD, HARINGEY,
    record::{self, Step},
    report::Report,
};
use crate::flow::{Made, Said as _, Story};

/// Her day of birth as it was published. The record does not say what each agency wrote down.
const BORN: &str = "1991-11-02";

pub(super) struct Stage {
    pub(super) story: Story,
    steps: Vec<Step>,
    now: usize,
    report: Report,
}

/// A local time as an instant.
fn instant(local: &str) -> Timestamp {
    let time: DateTime = local.parse().unwrap_or_else(|error| panic!("{local}: {error}"));
    time.in_tz("Europe/London").unwrap_or_else(|error| panic!("{local}: {error}")).timestamp()
}

/// A local time as an answer of the hub has it.
pub(super) fn utc(local: &str) -> String {
    instant(local).to_string()
}

impl Stage {
    /// A hub in April 1999 with the desks of the four boroughs.
    pub(super) async fn set() -> Self {
        let edition = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/data/edition-1999.json"));
        let hub = TestHub::start_at("replay", &utc("1999-04-24T09:00"), Some(edition)).await;
        let stage = Self { story: Story::new(hub), steps: record::steps(), now: 0, report: Report::new() };
        for (number, (code, name)) in (0_u32..).zip([(EALING, "Ealing"), (BRENT, "Brent"), (HARINGEY, "Haringey"), (ENFIELD, "Enfield")]) {
            // Telephones from London's range kept for fiction, and a rota that lasts the year.
            let text = seed::desk(name, number, stage.story.hub.clock.now()).to_string().replace("0161 496 0", "020 7946 0");
            let mut desk: Value = serde_json::from_str(&text).unwrap_or_default();
            for turn in desk["rota"].as_array_mut().into_iter().flatten() {
                turn["from"] = utc("1999-04-01T00:00").into();
                turn["to"] = utc("2001-04-01T00:00").into();
            }
            let manager = stage.story.of(code, Role::DutyManager);
            let set = manager.put(&format!("/api/transfers/desks/{code}"), &stage.story.hub.key(), None, &desk).await;
            set.unwrap_or_else(|error| panic!("{name}: {error}")).ok();
        }
        stage.story.hub.settled().await;
        stage
    }

    /// Begins the next step of the record, at a local time of its day.
    pub(super) async fn step(&mut self, n: usize, time: &str) {
        let day = self.next(n);
        self.at(&format!("{day}T{time}")).await;
    }

    /// The next step of the record is no contact with the hub.
    pub(super) fn outside(&mut self, n: usize, why: &str) {
        self.next(n);
        self.report.outside(why);
    }

    fn next(&mut self, n: usize) -> Date {
        let step = self.steps.get(self.now).unwrap_or_else(|| panic!("the record has no step {n}")).clone();
        assert_eq!(step.n, n, "every step is played, in order");
        self.now += 1;
        self.report.step(&step);
        step.day()
    }

    /// Moves the clock on to a local time.
    pub(super) async fn at(&self, local: &str) {
        self.story.hub.advance(&utc(local)).await;
    }

    /// Writes down what was just asserted.
    pub(super) fn hub(&mut self, text: &str) {
        self.report.hub(text);
    }

    pub(super) fn report(&mut self) -> &mut Report {
        &mut self.report
    }

    /// A person of a borough's duty desk, signed in now.
    pub(super) fn desk(&self, borough: &str) -> Client {
        self.story.of(borough, Role::DutyWorker)
    }

    /// Everything that a borough has on its list.
    pub(super) async fn list(&self, borough: &str, state: &str) -> Vec<Value> {
        let desk = self.desk(borough);
        let reply = self.story.get(&desk, &format!("/api/intake/referrals?borough={borough}&state={state}&limit=200")).await.ok();
        reply.body["items"].as_array().cloned().unwrap_or_default()
    }

    /// The entry of one referral on a borough's list.
    pub(super) async fn listed(&self, borough: &str, state: &str, made: &Made) -> Value {
        let list = self.list(borough, state).await;
        list.iter().find(|entry| entry["referral_id"] == made.id.as_str()).cloned().unwrap_or_else(|| panic!("not listed: {list:?}"))
    }

    /// Adds what was done or learnt to a referral.
    pub(super) async fn note(&self, who: &Client, made: &Made, text: &str) {
        self.story.on(who, &made.path(), "information", json!({ "text": text })).await.ok();
    }

    /// Opens the history, says of every record that may be the same child that it is, and gives the history as it then stands.
    pub(super) async fn open_and_link(&self, who: &Client, made: &Made) -> Vec<Value> {
        let path = format!("/api/intake/children/{}/links", made.child);
        for line in self.story.history(who, made).await {
            for other in line["children"].as_array().into_iter().flatten().filter(|_| line["possible"] == true) {
                let body = json!({ "other": other, "reason": "The same given name and day of birth; the carer confirms the stays." });
                self.story.post(who, &path, &body).await.ok();
            }
        }
        self.story.hub.settled().await;
        let linked = self.story.history(who, made).await;
        assert!(linked.iter().all(|line| line["possible"] == false), "{linked:?}");
        linked
    }

    /// Somebody tries to close a duty, and may not, because somebody else has yet to decide.
    pub(super) async fn may_not_close(&self, borough: &str, child: &str, duty: &str) -> Reply {
        let body = json!({ "reason": "No further action: the family is said to have moved." });
        let refused = self.story.on_child(&self.desk(borough), child, &format!("duties/{duty}/end"), body).await;
        let refused = refused.refused(409, "another_contact_undecided");
        assert_eq!(self.story.holder(child, duty).await.as_deref(), Some(borough));
        refused
    }

    /// Ends the replay: every step was played, and every log is whole.
    pub(super) async fn end(self) {
        assert_eq!(self.now, self.steps.len(), "every step is in the report");
        let path = self.report.write();
        assert!(std::fs::metadata(&path).is_ok_and(|file| file.len() > 20_000), "{}", path.display());
        self.story.hub.finish().await;
    }
}

/// A referral about her, as agencies knew her.
pub(super) fn about(concern: &str, referrer: Value, found: Value, danger: &str) -> Value {
    let children = json!([{ "names": ["Anna"], "date_of_birth": BORN, "home": "not_known" }]);
    let mut referral = json!({ "concern": concern, "danger_now": danger });
    for (field, value) in [("referrer", referrer), ("child_is_now", found), ("children", children)] {
        referral[field] = value;
    }
    referral
}

/// The same with a home.
pub(super) fn living_in(mut referral: Value, address: &str, borough: &str) -> Value {
    referral["children"][0]["home"] = json!({ "address": address, "borough": borough });
    referral
}
