//! Whatever is sent, the answer is a problem that says where it is wrong, never quotes it, and is never an error of the hub's own.
//! The list of routes comes from the documents of the running hub, so none is missed.

mod bodies;
mod headers;
mod probe;
mod time;

use std::collections::{BTreeMap, BTreeSet};

use hub::people::Someone;
use kernel::Role;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use testkit::TestHub;

use self::{
    bodies::{Malformed, Sent},
    probe::{Answer, ask, pieces},
};
use crate::openapi::{Operation, documents, operations};

/// Stands for what must never be repeated.
pub(crate) const CANARY: &str = "Zuleikha-Marigold";

/// Somebody with every role that a person of a borough can have, a borough's system, and somebody of the board. Each operation gets
/// its own, so that nobody's allowance is used up.
fn callers(number: usize) -> [Someone; 3] {
    let people = [Role::DutyWorker, Role::DutyManager, Role::HeadOfService, Role::Director, Role::Referrer];
    let board = [Role::BoardAuditor, Role::BoardApprover, Role::ProcedureAuthor, Role::HubOperator];
    let kinds: [(&str, &[Role]); 3] = [("E08000003", &people), ("E08000003", &[Role::BoroughSystem]), ("board", &board)];
    kinds.map(|(org, roles)| {
        let (org_name, roles) = (org.to_owned(), roles.iter().copied().collect::<BTreeSet<Role>>());
        Someone {
            id: format!("prober-{number}-{org}-{}", roles.len()),
            name: "Prober".to_owned(),
            org: org.parse().unwrap(),
            org_name,
            roles,
            phone: None,
        }
    })
}

/// A path with ids of the right form of things that do not exist.
pub(crate) fn path(template: &str) -> String {
    let nobody = "00000000000000000000000000000007";
    let referral = template.contains("/referrals/");
    let id = if referral {
        "ref_"
    } else if template.contains("/children/{id}") {
        "chd_"
    } else if template.contains("/drafts/{id}") {
        "drf_"
    } else if template.contains("/questions/{id}") {
        "qst_"
    } else if template.contains("/variations/{id}") {
        "var_"
    } else if template.contains("/break-glass/{id}") {
        "gls_"
    } else {
        "trf_"
    };
    let path = template.replace("{id}", &format!("{id}{nobody}")).replace("{child_id}", &format!("chd_{nobody}"));
    let path = path.replace("{borough}", "E08000003").replace("{duty}", "emergency_action");
    let path =
        path.replace("{number}", "7").replace("{other}", "8").replace("{procedure_id}", "police-protection").replace("{name}", "needs");
    let path = path.replace("{report}", "pairs").replace("{learning_id}", &format!("lrn_{nobody}"));
    let path = path.replace("{sample_id}", &format!("smp_{nobody}")).replace("{case}", "1");
    assert!(!path.contains('{'), "a new kind of parameter: {template}");
    path
}

/// Asks one operation as somebody who may.
struct Prober<'a> {
    hub: &'a TestHub,
    operation: &'a Operation,
    token: String,
    /// One for all of its requests: to make a client costs more than to ask.
    http: reqwest::Client,
}

impl<'a> Prober<'a> {
    /// Finds out who may.
    async fn of(hub: &'a TestHub, operation: &'a Operation, number: usize) -> Self {
        let http = reqwest::Client::new();
        for someone in callers(number) {
            let token = hub.stand.ground.signer.person(&someone, hub.clock.now()).unwrap();
            let prober = Self { hub, operation, token, http: http.clone() };
            let status = ask(prober.request().body("{").header("content-type", "application/json")).await.status;
            if status != 403 {
                return prober;
            }
        }
        panic!("nobody may {} {}", operation.method, operation.path)
    }

    fn bare(&self, path: &str) -> RequestBuilder {
        let method: Method = self.operation.method.to_uppercase().parse().unwrap();
        self.http.request(method, format!("{}{path}", self.hub.stand.url())).bearer_auth(&self.token)
    }

    /// A request that is whole but for its body.
    fn request(&self) -> RequestBuilder {
        self.bare(&path(&self.operation.path)).header("Idempotency-Key", self.hub.key()).header("If-Match", "\"1\"")
    }

    fn name(&self) -> String {
        format!("{} {}", self.operation.method, self.operation.path)
    }
}

/// Sends a body as it stands.
async fn send(prober: &Prober<'_>, sent: &Sent) -> Answer {
    let request = sent.headers.iter().fold(prober.request(), |request, (name, value)| request.header(*name, *value));
    if sent.in_pieces { pieces(request.build().unwrap(), &sent.bytes).await } else { ask(request.body(sent.bytes.clone())).await }
}

/// What is wrong with the answer to a malformed body, if anything.
fn fault(answer: &Answer, malformed: &Malformed) -> Option<String> {
    if ![400, 413, 415, 422].contains(&answer.status) {
        return Some(format!("was answered {}: {}", answer.status, answer.text));
    }
    if let Some(fault) = answer.fault() {
        return Some(fault);
    }
    let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
    let pointer = errors.first().and_then(|error| error["pointer"].as_str());
    match (&malformed.at, answer.status, pointer) {
        (Some(at), 422, Some(pointer)) if pointer.starts_with(at.as_str()) => None,
        (Some(at), ..) => Some(format!("does not point to {at}: {}", answer.text)),
        (None, 422, None) => Some(format!("does not say where: {}", answer.text)),
        (None, ..) => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_malformed_body_is_told_where_it_is_wrong_and_is_not_quoted() {
    let hub = TestHub::start("malformed-bodies").await;
    let (mut number, mut routes, mut faults) = (0, 0, Vec::new());
    for (service, document) in documents(&hub).await {
        for operation in operations(&document).iter().filter(|operation| operation.is_command()) {
            routes += 1;
            let prober = Prober::of(&hub, operation, routes).await;
            let bodies = bodies::all(&document, operation.body(&document).unwrap_or_else(|| panic!("{} has no body", prober.name())));
            assert!(bodies.len() >= 30, "{} bodies for {}", bodies.len(), prober.name());
            number += bodies.len();
            for malformed in bodies {
                let answer = send(&prober, &malformed.sent).await;
                faults.extend(fault(&answer, &malformed).map(|fault| format!("{service}: {}: {} {fault}", prober.name(), malformed.name)));
            }
        }
    }
    println!("malformed: {number} bodies to {routes} routes");
    assert!(routes >= 30, "{routes} routes");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults[..faults.len().min(60)].join("\n"));
    hub.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_garbage_in_a_path_a_query_or_a_header_is_an_error_of_the_hub_or_quoted() {
    let hub = TestHub::start("malformed-headers").await;
    let (mut number, mut routes, mut faults, mut statuses) = (0, 0, Vec::new(), BTreeMap::<u16, usize>::new());
    for (service, document) in documents(&hub).await {
        // Events are sent for as long as somebody listens.
        for operation in operations(&document).iter().filter(|operation| !operation.path.ends_with("/events")) {
            routes += 1;
            let prober = Prober::of(&hub, operation, routes).await;
            for garbage in headers::all(operation, &document) {
                number += 1;
                let answer = ask(headers::with(&prober, &garbage)).await;
                *statuses.entry(answer.status).or_default() += 1;
                let wanted = garbage.statuses.is_empty() || garbage.statuses.contains(&answer.status);
                let fault = if answer.status >= 500 || !wanted {
                    Some(format!("was answered {}: {}", answer.status, answer.text))
                } else {
                    (answer.status >= 400).then(|| answer.fault()).flatten()
                };
                faults.extend(fault.map(|fault| format!("{service}: {}: {} {fault}", prober.name(), garbage.name)));
            }
        }
    }
    println!("malformed: {number} requests to {routes} routes: {statuses:?}");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults[..faults.len().min(60)].join("\n"));
    hub.finish().await;
}

/// Every string of a JSON value replaced.
fn leaves(value: &Value, with: &impl Fn(&Value) -> Value) -> Value {
    match value {
        Value::Array(values) => values.iter().map(|value| leaves(value, with)).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), leaves(value, with))).collect(),
        leaf @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => with(leaf),
    }
}
