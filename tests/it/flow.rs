//! What people do at the hub, step by step, through the HTTP API. Whoever reads, reads at least as fresh as anybody has seen.

use hub::client::{Client, Reply};
use kernel::Role;
use serde_json::{Value, json};
use testkit::TestHub;

/// A hub and everything that was seen at it so far.
pub(crate) struct Story {
    pub(crate) hub: TestHub,
    seen: Client,
}

/// A referral that was made, with its first child.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) id: String,
    pub(crate) child: String,
    pub(crate) reply: Reply,
}

impl Made {
    pub(crate) fn path(&self) -> String {
        format!("/api/intake/referrals/{}", self.id)
    }
}

/// What a test says about an answer.
pub(crate) trait Said {
    /// It was a success.
    fn ok(self) -> Reply;
    /// It was refused with this status and code.
    fn refused(self, status: u16, code: &str) -> Reply;
    /// A member of the body, by JSON pointer, has this value.
    fn has(self, pointer: &str, value: impl Into<Value>) -> Reply;
}

impl Said for Reply {
    #[track_caller]
    fn ok(self) -> Reply {
        assert!((200..300).contains(&self.status), "{}: {}", self.status, self.body);
        self
    }

    #[track_caller]
    fn refused(self, status: u16, code: &str) -> Reply {
        assert_eq!((self.status, self.text("/code")), (status, code), "{}", self.body);
        assert_eq!(self.text("/type"), format!("/problems/{code}"));
        assert!(!self.text("/detail").is_empty(), "a refusal says what to do: {}", self.body);
        self
    }

    #[track_caller]
    fn has(self, pointer: &str, value: impl Into<Value>) -> Reply {
        assert_eq!(self.body.pointer(pointer), Some(&value.into()), "{pointer} of {}", self.body);
        self
    }
}

impl Story {
    pub(crate) fn new(hub: TestHub) -> Self {
        let seen = hub.person("hub-operator");
        Self { hub, seen }
    }

    /// One of the made-up people, signed in now.
    pub(crate) fn person(&self, id: &str) -> Client {
        self.hub.person(id)
    }

    /// Anybody of a borough or hospital.
    pub(crate) fn of(&self, org: &str, role: Role) -> Client {
        let post = serde_json::to_value(role).ok().and_then(|role| role.as_str().map(str::to_owned)).unwrap_or_default();
        self.hub.somebody(&format!("{post}-of-{org}"), org, role)
    }

    pub(crate) async fn get(&self, who: &Client, path: &str) -> Reply {
        who.after(&self.seen);
        let reply = who.get(path).await.unwrap_or_else(|error| panic!("{path}: {error}"));
        self.seen.after(who);
        reply
    }

    pub(crate) async fn post(&self, who: &Client, path: &str, body: &Value) -> Reply {
        let reply = who.post(path, &self.hub.key(), body).await.unwrap_or_else(|error| panic!("{path}: {error}"));
        self.seen.after(who);
        reply
    }

    pub(crate) async fn change(&self, who: &Client, path: &str, version: i64, body: &Value) -> Reply {
        let reply = who.change(path, &self.hub.key(), version, body).await.unwrap_or_else(|error| panic!("{path}: {error}"));
        self.seen.after(who);
        reply
    }

    /// A command on the present version of a resource that the person can read.
    pub(crate) async fn on(&self, who: &Client, resource: &str, command: &str, body: Value) -> Reply {
        let now = self.get(who, resource).await.ok();
        let version = now.version.unwrap_or_else(|| panic!("{resource} has no ETag"));
        self.change(who, &format!("{resource}/{command}"), version, &body).await
    }

    /// A command on the present version of a transfer.
    pub(crate) async fn on_transfer(&self, who: &Client, transfer: &str, command: &str, body: Value) -> Reply {
        self.on(who, &format!("/api/transfers/{transfer}"), command, body).await
    }

    /// A command on the present version of a child's duties.
    pub(crate) async fn on_child(&self, who: &Client, child: &str, command: &str, body: Value) -> Reply {
        let now = self.get(who, &responsibility(child)).await.ok();
        let version = now.version.unwrap_or_else(|| panic!("the duties of {child} have no ETag"));
        self.change(who, &format!("/api/transfers/children/{child}/{command}"), version, &body).await
    }

    pub(crate) async fn refer(&self, who: &Client, body: &Value) -> Made {
        let reply = self.post(who, "/api/intake/referrals", body).await.ok();
        assert_eq!(reply.status, 201, "{}", reply.body);
        Made { id: reply.text("/referral_id").to_owned(), child: reply.text("/children/0/child_id").to_owned(), reply }
    }

    /// Opens the history and decides on it; says why where there were several contacts lately.
    pub(crate) async fn decide(&self, who: &Client, referral: &Made, outcome: &str) -> Reply {
        let history = self.get(who, &format!("{}/history", referral.path())).await.ok();
        let mut body = json!({ "outcome": outcome, "reason": "As the history and the referral stand now." });
        if history.body["repeat_prompt"] == true {
            body["repeat_prompt"] = "Each earlier contact was read.".into();
        }
        self.on(who, &referral.path(), "decisions", body).await
    }

    /// Offers duties towards one child.
    pub(crate) async fn offer(&self, who: &Client, to: &str, priority: &str, (child, duties): (&str, &[&str])) -> Reply {
        self.post(who, "/api/transfers", &offer(to, priority, &[(child, duties)])).await
    }

    /// Opens and accepts everything that is asked.
    pub(crate) async fn open_and_accept(&self, who: &Client, transfer: &str) -> Reply {
        let opened = self.on_transfer(who, transfer, "open", json!({})).await.ok();
        let items = opened.body["items"].clone();
        self.on_transfer(who, transfer, "accept", json!({ "items": items })).await
    }

    /// Who holds a duty now; nothing when it is not open.
    pub(crate) async fn holder(&self, child: &str, duty: &str) -> Option<String> {
        self.holder_at(child, duty, None).await
    }

    /// Who held a duty at an instant.
    pub(crate) async fn holder_at(&self, child: &str, duty: &str, at: Option<&str>) -> Option<String> {
        let auditor = self.person("board-auditor");
        let at = at.map(|at| format!("?at={at}")).unwrap_or_default();
        let reply = self.get(&auditor, &format!("{}{at}", responsibility(child))).await.ok();
        let duties = reply.body["duties"].as_array().cloned().unwrap_or_default();
        duties.iter().find(|held| held["duty"] == duty).and_then(|held| held["holder"].as_str()).map(str::to_owned)
    }

    /// The lines of a child's chronology, as the board reads them.
    pub(crate) async fn chronology(&self, child: &str) -> Vec<Value> {
        self.hub.settled().await;
        let auditor = self.person("board-auditor");
        let mut lines = Vec::new();
        let mut next = Some(format!("/api/audit/chronologies/{child}"));
        while let Some(path) = next {
            let reply = self.get(&auditor, &path).await.ok();
            lines.extend(reply.body["events"].as_array().cloned().unwrap_or_default());
            next = reply.body["next"].as_str().map(str::to_owned);
        }
        lines
    }

    /// Follows the live events of a desk from the first one on, until something is said there.
    pub(crate) async fn desk_events(&self, who: &Client, borough: &str, wanted: &str) -> String {
        let request = who.request(reqwest::Method::GET, &format!("/api/transfers/desks/{borough}/events")).header("Last-Event-ID", "0");
        let mut response = request.send().await.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(response.status().as_u16(), 200);
        let mut heard = String::new();
        let listening = async {
            while let Ok(Some(bytes)) = response.chunk().await {
                heard.push_str(&String::from_utf8_lossy(&bytes));
                if heard.contains(wanted) {
                    break;
                }
            }
        };
        let in_time = tokio::time::timeout(std::time::Duration::from_secs(20), listening).await;
        assert!(in_time.is_ok(), "{wanted} was not heard: {heard}");
        heard
    }

    /// The history that a person must have seen before deciding on a referral.
    pub(crate) async fn history(&self, who: &Client, referral: &Made) -> Vec<Value> {
        let reply = self.get(who, &format!("{}/history", referral.path())).await.ok();
        reply.body["contacts"].as_array().cloned().unwrap_or_default()
    }
}

pub(crate) fn responsibility(child: &str) -> String {
    format!("/api/transfers/children/{child}/responsibility")
}

/// A referral of one child of this name, found at a place.
pub(crate) fn concern(name: &str, found: Value) -> Value {
    let mut referral = json!({
        "concern": "A bruise that the account does not explain.",
        "referrer": { "name": "A nurse in charge", "role": "A&E nurse", "phone": "0161 496 0900" },
        "danger_now": "no",
        "children": [{ "names": [name], "date_of_birth": "2018-03-04" }],
    });
    referral["child_is_now"] = found;
    referral
}

/// An offer of duties towards some children.
pub(crate) fn offer(to: &str, priority: &str, items: &[(&str, &[&str])]) -> Value {
    let items: Vec<Value> = items.iter().map(|(child, duties)| json!({ "child_id": child, "duties": duties })).collect();
    json!({
        "to": to, "priority": priority, "items": items,
        "sheet": { "situation": "Safe on the ward tonight; a man waits outside.", "assessment": "Seen by the registrar.",
                   "family": "Mother with the child.", "expected": "See the child before any discharge.",
                   "child_says": "Not yet spoken to alone.", "not_known": ["Who the man is"] },
    })
}
