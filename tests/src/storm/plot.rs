//! What the clients do: each plays one case after another, through the HTTP API, at its own pace.

mod words;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use hub::{client::Reply, people::Someone};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, sleep_until};

use crate::client::{Command, Speaker, Told};

use super::chance::Chance;

/// How often a client sends a command whose outcome is unknown before it leaves it for later.
const TRIES: u32 = 4;

/// How long a client waits for a duty to be seen by the service that keeps the ledger.
const SEEN: Duration = Duration::from_secs(20);

/// The duty that every case begins with.
pub const DUTY: &str = "emergency_action";

/// What the whole cast has in common.
#[derive(Default)]
pub struct Score {
    /// Whether it is over.
    pub over: AtomicBool,
    /// Acknowledged commands.
    pub acknowledged: AtomicU32,
    /// Refused commands.
    pub refused: AtomicU32,
    /// Handovers that both sides confirmed.
    pub handed_over: AtomicU32,
    /// Referrals that were received.
    pub referrals: AtomicU32,
    /// Numbers of questions.
    looks: AtomicU64,
}

/// One client. It plays people of several boroughs, as the hub sees them.
pub struct Player {
    /// Sends and writes down.
    pub speaker: Speaker,
    /// Chance of its own.
    pub chance: Chance,
    /// Who may be played: the duty workers and managers of the boroughs.
    pub boroughs: Arc<Vec<Staff>>,
    /// What is counted.
    pub score: Arc<Score>,
    /// The time between two commands.
    pub pace: Duration,
    /// Commands whose outcome nobody knows yet.
    pub open: Vec<Command>,
    next: Instant,
}

/// The people of one borough.
#[derive(Clone, Debug)]
pub struct Staff {
    /// GSS code.
    pub code: String,
    /// Duty worker, night duty worker, duty manager.
    pub people: Vec<Someone>,
}

impl Player {
    /// A client that has not begun.
    #[must_use]
    pub fn new(speaker: Speaker, chance: Chance, boroughs: Arc<Vec<Staff>>, (score, pace): (Arc<Score>, Duration)) -> Self {
        Self { speaker, chance, boroughs, score, pace, open: Vec::new(), next: Instant::now() }
    }

    /// Plays cases until it is over. A case that cannot go on is left as it is: somebody holds it.
    pub async fn play(&mut self) {
        while !self.score.over.load(Ordering::Relaxed) {
            self.case().await;
        }
    }

    async fn case(&mut self) -> Option<()> {
        let from = self.chance.pick(&self.boroughs).clone();
        let to = self.another(&[&from]);
        let giver = self.chance.pick(&from.people).clone();
        let form = words::referral(&mut self.chance, &from.code);
        let referral = self.post(&giver, "/api/intake/referrals", None, form).await?;
        self.score.referrals.fetch_add(1, Ordering::Relaxed);
        let child = referral.text("/children/0/child_id").to_owned();
        let decided_first = self.chance.one_in(2);
        if decided_first {
            // Any other outcome would end the duty that is about to be handed over.
            self.decide(&giver, &referral, "immediate_protection").await?;
        }
        self.duty_is_there(&giver, &child, referral.position.as_deref()).await?;
        let offer = self.offer(&giver, &to, &child).await?;
        match self.chance.below(10) {
            0 => self.withdraw(&giver, &offer).await,
            1 | 2 => self.decline_and_redirect(&giver, [&from, &to], &offer, &child).await,
            3 => self.hand_over_and_back(&giver, &to, &offer, &child).await,
            _ => self.hand_over(&giver, &to, &offer, &child).await.map(drop),
        }?;
        let outcome = *self.chance.pick(&["immediate_protection", "section_47_enquiry", "child_in_need_assessment", "early_help"]);
        if decided_first { Some(()) } else { self.decide(&giver, &referral, outcome).await.map(drop) }
    }

    async fn decide(&mut self, giver: &Someone, referral: &Reply, outcome: &str) -> Option<Reply> {
        let path = format!("/api/intake/referrals/{}", referral.text("/referral_id"));
        self.read(giver, &format!("{path}/history"), None).await?;
        let version = self.read(giver, &path, None).await?.version?;
        let body = json!({ "outcome": outcome, "reason": "Seen by the duty worker.", "repeat_prompt": "Looked at again." });
        self.post(giver, &format!("{path}/decisions"), Some(version), body).await
    }

    /// Waits until the ledger shows the duty that a referral has opened.
    async fn duty_is_there(&mut self, giver: &Someone, child: &str, after: Option<&str>) -> Option<()> {
        let path = format!("/api/transfers/children/{child}/responsibility");
        let shown = self.read(giver, &path, after).await?;
        shown.body["duties"].as_array().is_some_and(|duties| duties.iter().any(|held| held["duty"] == DUTY)).then_some(())
    }

    async fn offer(&mut self, giver: &Someone, to: &Staff, child: &str) -> Option<Reply> {
        self.post(giver, "/api/transfers", None, words::offer(&to.code, child)).await
    }

    async fn withdraw(&mut self, giver: &Someone, offer: &Reply) -> Option<()> {
        let withdrawn = self.step(giver, offer, "withdraw", json!({ "reason": "The child stays here." })).await?;
        self.step(giver, &withdrawn, "close", json!({})).await.map(drop)
    }

    async fn decline_and_redirect(&mut self, giver: &Someone, [from, to]: [&Staff; 2], offer: &Reply, child: &str) -> Option<()> {
        let receiver = self.chance.pick(&to.people).clone();
        let seen = self.step(&receiver, offer, "open", json!({})).await?;
        let declined =
            self.step(&receiver, &seen, "decline", json!({ "reason": "not_our_area", "text": "The address is elsewhere." })).await?;
        let third = self.another(&[from, to]);
        let redirected = self.step(giver, &declined, "redirect", json!({ "to": third.code })).await?;
        let mut next = redirected.clone();
        next.body = redirected.body["new_transfer"].clone();
        next.version = next.body["version"].as_i64();
        self.hand_over(giver, &third, &next, child).await.map(drop)
    }

    async fn hand_over_and_back(&mut self, giver: &Someone, to: &Staff, offer: &Reply, child: &str) -> Option<()> {
        self.hand_over(giver, to, offer, child).await?;
        let receiver = self.chance.pick(&to.people).clone();
        let from = Staff { code: offer.text("/from").to_owned(), people: vec![giver.clone()] };
        let back = self.offer(&receiver, &from, child).await?;
        self.hand_over(&receiver, &from, &back, child).await.map(drop)
    }

    /// From the offer to the closing. Everybody looks who is responsible on the way.
    async fn hand_over(&mut self, giver: &Someone, to: &Staff, offer: &Reply, child: &str) -> Option<Reply> {
        let receiver = self.chance.pick(&to.people).clone();
        let seen = self.step(&receiver, offer, "open", json!({})).await?;
        self.look(giver, child).await;
        let items = json!({ "items": [{ "child_id": child, "duties": [DUTY] }] });
        let accepted = self.step(&receiver, &seen, "accept", items).await?;
        self.look(giver, child).await;
        let received = self.step(&receiver, &accepted, "received", json!({})).await?;
        let taken = self.step(&receiver, &received, "handover", words::handover(true)).await?;
        let given = self.step(giver, &taken, "handover", words::handover(false)).await?;
        self.score.handed_over.fetch_add(1, Ordering::Relaxed);
        self.look(&receiver, child).await;
        self.step(&receiver, &given, "close", json!({})).await
    }

    async fn look(&mut self, who: &Someone, child: &str) {
        let look = self.score.looks.fetch_add(1, Ordering::Relaxed);
        self.speaker.look(who, child, DUTY, look).await;
    }

    /// A command on the transfer that an answer was about.
    async fn step(&mut self, who: &Someone, on: &Reply, step: &str, body: Value) -> Option<Reply> {
        let path = format!("/api/transfers/{}/{step}", on.text("/transfer_id"));
        self.post(who, &path, on.version, body).await
    }

    /// Sends a command at the client's pace, and again under the same key while its outcome is unknown.
    async fn post(&mut self, who: &Someone, path: &str, version: Option<i64>, body: Value) -> Option<Reply> {
        sleep_until(self.next).await;
        self.next = Instant::now().max(self.next + self.pace);
        let (key, trace) = (self.chance.hex(), self.chance.hex());
        let command = Command { who: who.clone(), path: path.to_owned(), key, trace, version, body };
        for again in 1..=TRIES {
            match self.speaker.tell(&command).await {
                Told::Done(reply) => {
                    self.score.acknowledged.fetch_add(1, Ordering::Relaxed);
                    return Some(reply);
                }
                Told::Refused(_) => {
                    self.score.refused.fetch_add(1, Ordering::Relaxed);
                    return None;
                }
                Told::Unknown => sleep(Duration::from_millis(100 * u64::from(again) + self.chance.below(200))).await,
            }
        }
        self.open.push(command);
        None
    }

    /// Reads until there is an answer, for as long as a person would press the key again.
    async fn read(&mut self, who: &Someone, path: &str, after: Option<&str>) -> Option<Reply> {
        let begun = Instant::now();
        while begun.elapsed() < SEEN {
            if let Some(reply) = self.speaker.get(who, path, after).await
                && reply.status == 200
            {
                return Some(reply);
            }
            sleep(Duration::from_millis(100 + self.chance.below(200))).await;
        }
        None
    }

    fn another(&mut self, than: &[&Staff]) -> Staff {
        loop {
            let staff = self.chance.pick(&self.boroughs);
            if than.iter().all(|other| other.code != staff.code) {
                return staff.clone();
            }
        }
    }
}
