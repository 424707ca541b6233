//! The scenarios of the procedures over HTTP. Each is a function named after it; those of one group share a hub, whose clock stands
//! until the scenario moves it.

mod family;
mod law;
mod night;
mod places;
mod silence;
mod wire;

use hub::client::Client;
use kernel::Role;
use serde_json::{Value, json};
use testkit::TestHub;

use crate::flow::{Made, Said as _, Story, concern};

const BOLTON: &str = "E08000001";
const BURY: &str = "E08000002";
const MANCHESTER: &str = "E08000003";
const SALFORD: &str = "E08000006";
const TRAFFORD: &str = "E08000009";

const ACT_NOW: &str = "emergency_action";

/// A hub with the desks of ten boroughs.
async fn hub_at(name: &str, time: &str) -> Story {
    Story::new(TestHub::start_at(name, time, None).await.with_desks().await)
}

/// A worker of a duty desk.
fn worker(story: &Story, borough: &str) -> Client {
    story.of(borough, Role::DutyWorker)
}

fn manager(story: &Story, borough: &str) -> Client {
    story.of(borough, Role::DutyManager)
}

/// A child of this name who is found in a borough, which must therefore act.
async fn found_in(story: &Story, borough: &str, name: &str) -> Made {
    let made = story.refer(&worker(story, borough), &concern(name, json!({ "borough": borough, "address": "1 Example Street" }))).await;
    assert_eq!(story.holder(&made.child, ACT_NOW).await.as_deref(), Some(borough));
    made
}

/// An offer of the duty to act for one child; gives the transfer.
async fn offered(story: &Story, (from, to): (&str, &str), priority: &str, child: &str) -> String {
    let reply = story.offer(&worker(story, from), to, priority, (child, &[ACT_NOW])).await.ok();
    reply.has("/still_responsible", from).text("/transfer_id").to_owned()
}

/// Who must act for a child now.
async fn acts(story: &Story, child: &str) -> String {
    story.holder(child, ACT_NOW).await.unwrap_or_default()
}

/// What has happened in a transfer, as one of its boroughs reads it.
async fn happened(story: &Story, borough: &str, transfer: &str, what: &str) -> Vec<Value> {
    let reply = story.get(&worker(story, borough), &format!("/api/transfers/{transfer}")).await.ok();
    let history = reply.body["history"].as_array().cloned().unwrap_or_default();
    history.into_iter().filter(|line| line["what"] == what).collect()
}

/// Who was called, by borough, at an escalation.
fn called(line: &Value) -> Vec<(&str, &str)> {
    let people = line["called"].as_array().map(Vec::as_slice).unwrap_or_default();
    people.iter().map(|person| (person["borough"].as_str().unwrap_or(""), person["name"].as_str().unwrap_or(""))).collect()
}

fn taken(child: &str) -> Value {
    json!({ "items": [{ "child_id": child, "duties": [ACT_NOW] }] })
}
