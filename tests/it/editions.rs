//! One procedure set: an edition comes about by named people, is in force everywhere at one instant, and every service obeys it.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod adopted;
mod instants;
mod load;
mod night;
mod used;

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use hub::{
    client::{Client, Reply},
    people,
};
use kernel::{Timestamp, edition::Editions};
use reqwest::Method;
use serde_json::{Value, json};

use crate::flow::Said as _;

/// The procedure whose text tells the editions apart.
pub(crate) const PROCEDURE: &str = "police-protection";

/// A file with the first edition for the program to bring: one approval of the board and one of a borough are enough.
pub(crate) fn first_edition(name: &str, notice_minutes: u16) -> PathBuf {
    let mut parts = Editions::first().iter().next().unwrap().written().clone();
    parts["approval"]["boroughs"] = 1.into();
    parts["limits"]["edition_notice_minutes"] = notice_minutes.into();
    parts["limits"]["edition_withdrawal_minutes"] = notice_minutes.min(1).into();
    // These tests go by the real time, also when the dates of the content are past.
    for field in parts["form"].as_array_mut().unwrap() {
        field["review_by"] = "2099-12-31".into();
    }
    for (name, value) in [("number", json!(1)), ("id", json!("edition-1")), ("in_force_from", json!("2026-01-01T00:00:00Z"))] {
        parts.insert(name.to_owned(), value);
    }
    let path = crate::storm::directory(&format!("{name}-editions")).join("editions.json");
    std::fs::write(&path, Value::from(vec![Value::Object(parts)]).to_string()).unwrap();
    path
}

/// A whole procedure; `change` says which one it is.
pub(crate) fn procedure(change: &str) -> Value {
    json!({
        "id": PROCEDURE, "title": "Police protection", "summary": "What follows when police take a child to a safe place.",
        "change": change, "review_by": "2027-06-30", "legal_basis": ["Children Act 1989, section 46"], "learning": [],
        "contacts": ["duty_desk", "duty_manager"], "search": ["PPO"],
        "applies_to": { "roles": ["duty_worker"], "organisations": ["borough", "police"] },
        "steps": [{ "who": "duty_manager", "what": "Decide what follows.", "clock": "police_protection", "force": "must",
                    "basis": "Children Act 1989, section 46(6)" }],
        "short": "1. Ring.", "full": "Ring, then decide."
    })
}

/// A clock of the parts of a document, for one priority where it differs by priority.
pub(crate) fn clock<'a>(document: &'a mut Value, name: &str, priority: Option<&str>) -> &'a mut Value {
    let clocks = document["parts"]["clocks"].as_array_mut().unwrap();
    let fits = |clock: &&mut Value| clock["name"] == name && priority.is_none_or(|priority| clock["priorities"] == json!([priority]));
    clocks.iter_mut().find(fits).unwrap()
}

/// The people who make editions, by the API alone.
pub(crate) struct Press {
    author: Client,
    board: Client,
    approvers: Vec<Client>,
}

impl Press {
    /// `sign_in` gives a caller of the registry for one of the made-up people; `boroughs` approve beside the board.
    pub(crate) fn new(sign_in: impl Fn(&str) -> Client, boroughs: &[&str]) -> Self {
        let approvers = boroughs.iter().map(|borough| sign_in(&format!("{borough}-head"))).collect();
        Self { author: sign_in("board-author"), board: sign_in("board-approver"), approvers }
    }

    /// A key that no other press of this process has used.
    fn key(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        format!("{}-press-{}", self.author.who.id, NEXT.fetch_add(1, Ordering::Relaxed))
    }

    async fn change(&self, who: &Client, path: &str, version: i64, body: &Value) -> Reply {
        let key = &self.key();
        patiently(|| async move { who.change(path, key, version, body).await.unwrap() }).await.ok()
    }

    /// Drafts an edition, has it approved, and schedules it. Its number.
    pub(crate) async fn publish(&self, from: Timestamp, change: impl FnOnce(&mut Value)) -> i64 {
        let title = json!({ "title": format!("For {from}") });
        let (author, key, title) = (&self.author, &self.key(), &title);
        let begun = patiently(|| async move { author.post("/api/procedures/drafts", key, title).await.unwrap() }).await.ok();
        let path = &format!("/api/procedures/drafts/{}", begun.text("/draft_id"));
        let mut document = patiently(|| async move { author.get(path).await.unwrap() }).await.ok().body["document"].take();
        // What the program brings to a test may have no notice; what is handed in has.
        for limit in ["edition_notice_minutes", "edition_withdrawal_minutes"] {
            let limit = &mut document["parts"]["limits"][limit];
            *limit = limit.as_u64().unwrap_or(1).max(1).into();
        }
        // Nor has it procedures, and nothing is handed in without one.
        if document["procedures"].as_array().is_some_and(Vec::is_empty) {
            document["procedures"] = json!([procedure("First text.")]);
        }
        change(&mut document);
        let put = json!({ "document": document });
        let mut last = self.change(&self.author, &format!("{path}/document"), begun.version.unwrap(), &put).await;
        let unconsulted = json!({ "unconsulted": "It cannot wait." });
        last = self.change(&self.author, &format!("{path}/submission"), last.version.unwrap(), &unconsulted).await;
        let hash = last.body["hash"].clone();
        for approver in self.approvers.iter().chain([&self.board]) {
            let approval = json!({ "hash": hash });
            last = self.change(approver, &format!("{path}/approvals"), last.version.unwrap(), &approval).await;
        }
        let schedule = json!({ "hash": hash, "in_force_from": from });
        last = self.change(&self.board, &format!("{path}/schedule"), last.version.unwrap(), &schedule).await;
        last.body["number"].as_i64().unwrap()
    }
}

/// Asks again, under the same key, where a busy machine answers that it cannot now.
pub(crate) async fn patiently<F: Future<Output = Reply>>(ask: impl Fn() -> F) -> Reply {
    let begun = tokio::time::Instant::now();
    loop {
        let reply = ask().await;
        if reply.status != 503 {
            return reply;
        }
        assert!(begun.elapsed() < Duration::from_secs(40), "{}", reply.body);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The bytes that somebody is given.
pub(crate) async fn bytes(who: &Client, path: &str) -> String {
    let answer = who.request(Method::GET, path).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200, "{path}");
    answer.text().await.unwrap()
}

/// The slugs of the boroughs of the demonstration.
pub(crate) fn boroughs() -> Vec<String> {
    let heads = people::everybody().into_iter().filter_map(|someone| someone.id.strip_suffix("-head").map(str::to_owned));
    heads.collect()
}
