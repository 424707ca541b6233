//! T35: what the running hub answers whom. Each address, those of its machinery too, is asked by each kind of person about one case;
//! what the answers must be is `table.csv`, which people read. A command is sent with a body that cannot be read, so that it changes
//! nothing: 400 says that it was let in. Whoever has nothing to do with the case also asks about one that does not exist.

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use futures_util::{StreamExt as _, stream};
use hub::people::Someone;
use kernel::{Role, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::TestHub;
use tokio::time::Instant;

use super::table::addresses;
use crate::{
    flow::{Made, Said as _, Story, concern, offer},
    malformed::path,
    openapi::{Operation, documents, operations},
};

/// A nurse of Salford Royal raised the concern, Salford holds the duty and offers it to Manchester. Oldham has nothing to do with it.
const HOLDER: &str = "E08000006";
const PARTY: &str = "E08000003";
const UNRELATED: &str = "E08000004";

/// One of the hub's own services: no person.
const SERVICE: &str = "service_of_the_hub";

/// Each kind of person, with organisation and role; the last says whether they have nothing to do with the case.
const KINDS: [(&str, &str, Role, bool); 19] = [
    ("nurse_who_referred", "RM301", Role::Referrer, false),
    ("nurse_elsewhere", "RW602", Role::Referrer, true),
    ("worker_holder", HOLDER, Role::DutyWorker, false),
    ("worker_party", PARTY, Role::DutyWorker, false),
    ("worker_unrelated", UNRELATED, Role::DutyWorker, true),
    ("manager_holder", HOLDER, Role::DutyManager, false),
    ("manager_party", PARTY, Role::DutyManager, false),
    ("manager_unrelated", UNRELATED, Role::DutyManager, true),
    ("head_unrelated", UNRELATED, Role::HeadOfService, true),
    ("director_unrelated", UNRELATED, Role::Director, true),
    ("machine_holder", HOLDER, Role::BoroughSystem, false),
    ("machine_unrelated", UNRELATED, Role::BoroughSystem, true),
    ("author_unrelated", UNRELATED, Role::ProcedureAuthor, true),
    ("board_approver", "board", Role::BoardApprover, true),
    ("board_auditor", "board", Role::BoardAuditor, false),
    ("hub_operator", "board", Role::HubOperator, true),
    ("operator_of_the_hub", "hub", Role::HubOperator, true),
    (SERVICE, "hub", Role::HubOperator, true),
    ("worker_of_a_hospital", "RM301", Role::DutyWorker, true),
];

struct Case {
    story: Story,
    referral: Made,
    transfer: String,
    http: reqwest::Client,
}

impl Case {
    async fn new() -> Self {
        let story = Story::new(TestHub::start_at("access-table", "2026-11-23T02:14:00Z", None).await.with_desks().await);
        let nurse = story.of("RM301", Role::Referrer);
        let referral = story.refer(&nurse, &concern("Ada Example", json!({ "borough": HOLDER }))).await;
        story.hub.settled().await;
        let asked = offer(PARTY, "P1", &[(&referral.child, &["emergency_action"])]);
        let transfer = story.post(&story.of(HOLDER, Role::DutyWorker), "/api/transfers", &asked).await.ok();
        let transfer = transfer.text("/transfer_id").to_owned();
        story.hub.settled().await;
        Self { story, referral, transfer, http: reqwest::Client::new() }
    }

    /// The address of an operation, about this case where it is about a case.
    fn address(&self, template: &str) -> String {
        let child = template.replace("{child_id}", &self.referral.child);
        let child = child.replace("/children/{id}", &format!("/children/{}", self.referral.child));
        let referral = child.replace("/referrals/{id}", &format!("/referrals/{}", self.referral.id));
        path(&referral.replace("/api/transfers/{id}", &format!("/api/transfers/{}", self.transfer)))
    }

    fn token(&self, number: usize, (kind, org, role): (&str, &str, Role), at: Timestamp) -> String {
        // Each operation is asked by somebody else, so that nobody's allowance is used up.
        let who = Someone {
            id: if kind == SERVICE { format!("service:asker-{number}") } else { format!("asker-{number}-{kind}") },
            name: "Asker".to_owned(),
            org: org.parse().unwrap(),
            org_name: org.to_owned(),
            roles: BTreeSet::from([role]),
            phone: None,
        };
        self.story.hub.stand.ground.signer.person(&who, at).unwrap()
    }

    /// The status, and what is said, without the ids that were asked for.
    async fn ask(&self, operation: &Operation, token: Option<&str>, at: &str) -> (u16, String) {
        let method: Method = operation.method.to_uppercase().parse().unwrap();
        let mut request = self.http.request(method, format!("{}{at}", self.story.hub.stand.url()));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if operation.is_command() {
            request = request.header("Idempotency-Key", self.story.hub.key()).header("If-Match", "\"1\"");
            request = request.header("content-type", "application/json").body("{");
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        // Events are sent for as long as somebody listens.
        let follows = answer.headers().get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        let text = if follows { String::new() } else { answer.text().await.unwrap() };
        let ids = [&self.referral.child, &self.referral.id, &self.transfer].into_iter().fold(text, |text, id| {
            let nobody = format!("{}00000000000000000000000000000007", &id[..4]);
            text.replace(id.as_str(), &nobody)
        });
        let mut body: Value = serde_json::from_str(&ids).unwrap_or_default();
        if let Some(members) = body.as_object_mut() {
            members.retain(|name, _| !["trace_id", "instance"].contains(&name.as_str()));
        }
        (status, body.to_string())
    }

    /// The row of an operation, and what in it tells whether a case exists.
    async fn row(&self, operation: &Operation, number: usize) -> (String, Vec<String>) {
        let (name, now) = (format!("{} {}", operation.method, operation.path), self.story.hub.clock.now());
        let (at, nowhere, mut told) = (self.address(&operation.path), path(&operation.path), Vec::new());
        let long_ago = Timestamp::from_second(now.as_second() - 86_400).unwrap();
        let expired = self.token(number, ("expired", HOLDER, Role::DutyManager), long_ago);
        let mut row = format!("{name},{}", self.ask(operation, None, &at).await.0);
        write!(row, ",{}", self.ask(operation, Some(&expired), &at).await.0).unwrap();
        for (kind, org, role, unrelated) in KINDS {
            let token = self.token(number, (kind, org, role), now);
            let answer = self.ask(operation, Some(&token), &at).await;
            assert!(answer.0 < 500, "{name} as {kind}: {answer:?}");
            if unrelated && answer.0 >= 400 {
                let absent = self.ask(operation, Some(&token), &nowhere).await;
                if absent != answer {
                    told.push(format!("{name} as {kind}: {answer:?} but of no such case {absent:?}"));
                }
            }
            write!(row, ",{}", answer.0).unwrap();
        }
        (row, told)
    }
}

/// How many addresses are asked at once.
const AT_ONCE: usize = 8;

/// Every address in order: those of the documents, and those of the machinery, which no document has.
async fn all(hub: &TestHub) -> Vec<Operation> {
    let mut all: Vec<Operation> = documents(hub).await.values().flat_map(operations).collect();
    let described: BTreeSet<String> = all.iter().map(|one| format!("{} {}", one.method, one.path)).collect();
    for address in addresses().into_iter().filter(|address| !described.contains(*address)) {
        let (method, path) = address.split_once(' ').unwrap();
        all.push(Operation { method: method.to_owned(), path: path.to_owned(), described: Value::Null });
    }
    all.sort_by(|one, other| (&one.path, &one.method).cmp(&(&other.path, &other.method)));
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_running_hub_answers_each_kind_of_person_as_the_reviewed_table_says() {
    let began = Instant::now();
    let case = Case::new().await;
    let mut table = "operation,no_token,expired".to_owned();
    KINDS.iter().for_each(|(kind, ..)| write!(table, ",{kind}").unwrap());
    table.push('\n');
    let (mut number, mut told) = (0, Vec::new());
    let all = all(&case.story.hub).await;
    let mut rows = stream::iter(all.iter().enumerate().map(|(number, operation)| case.row(operation, number))).buffered(AT_ONCE);
    while let Some((row, tells)) = rows.next().await {
        number += 1;
        writeln!(table, "{row}").unwrap();
        told.extend(tells);
    }
    drop(rows);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("it/access/table.csv");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, &table).unwrap();
    }
    let wanted = std::fs::read_to_string(&file).unwrap();
    let cells = number * (KINDS.len() + 2);
    println!("access: {cells} cells of {number} operations in {:.1} s", began.elapsed().as_secs_f32());
    assert!(told.is_empty(), "{} answers tell what exists:\n{}", told.len(), told.join("\n"));
    assert!(cells > 3_000, "{cells} cells of {number} operations");
    let faults: Vec<String> =
        wanted.lines().zip(table.lines()).filter(|(want, is)| want != is).map(|(want, is)| format!("{want}\n{is}")).collect();
    assert!(faults.is_empty(), "{} rows, as they should be and as they are:\n{}", faults.len(), faults.join("\n"));
    assert_eq!(wanted.lines().count(), table.lines().count(), "an operation came or went");
    case.story.hub.finish().await;
}
