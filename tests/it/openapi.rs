//! T22: the OpenAPI documents are whole, and the running hub keeps to them: schemathesis asks it by each document and never gets
//! an error of the hub's own.

use std::{collections::BTreeMap, path::Path, process::Stdio, time::Duration};

use hub::SERVICES;
use kernel::Role;
use serde_json::{Value, json};
use testkit::{Scratch, TestHub};
use tokio::process::Command;

use crate::flow::{Said as _, Story, concern, offer, responsibility};

/// What a service has for the hub's own machinery, for operators and for whoever keeps its checkpoints; it is no part of the API.
const MACHINERY: [&str; 3] = ["/log", "/parked/", "/checkpoint"];

/// Answers that every operation can give.
const ALWAYS: [&str; 7] = ["400", "401", "403", "422", "429", "500", "503"];

/// One operation of a document.
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) path: String,
    /// As the document has it.
    pub(crate) described: Value,
}

impl Operation {
    pub(crate) fn is_command(&self) -> bool {
        self.method != "get"
    }

    /// The schema of its body, if it takes one.
    pub(crate) fn body<'a>(&'a self, document: &'a Value) -> Option<&'a Value> {
        let schema = self.described.pointer("/requestBody/content/application~1json/schema")?;
        Some(resolved(document, schema))
    }
}

/// A schema, or what it refers to.
pub(crate) fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(place) => document.pointer(place.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

/// The document of each service, as the hub serves it.
pub(crate) async fn documents(hub: &TestHub) -> BTreeMap<&'static str, Value> {
    let mut documents = BTreeMap::new();
    for service in SERVICES {
        let answer = reqwest::get(format!("{}/api/{service}/openapi.json", hub.stand.url())).await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{service} has no document");
        documents.insert(service, answer.json().await.unwrap());
    }
    documents
}

/// Every operation of a document.
pub(crate) fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().unwrap();
    let of = |(path, item): (&String, &Value)| {
        let methods =
            item.as_object().unwrap().iter().filter(|(name, _)| ["get", "put", "post", "delete", "patch"].contains(&name.as_str()));
        let operation =
            |(method, described): (&String, &Value)| Operation { method: method.clone(), path: path.clone(), described: described.clone() };
        methods.map(operation).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of).collect()
}

/// The routes of a router, as its own description of itself lists them: `get /api/…`.
pub(crate) fn routes(router: &axum::Router) -> Vec<String> {
    let text = format!("{router:?}");
    // The fallback behind it is a router of its own.
    let text = text.split("fallback_router").next().unwrap();
    let (mut paths, mut methods) = (BTreeMap::new(), BTreeMap::new());
    for part in text.split("RouteId(").skip(1) {
        let (id, rest) = part.split_once("): ").unwrap();
        if let Some(path) = rest.strip_prefix('"') {
            paths.insert(id, path.split('"').next().unwrap());
        } else {
            let has = |method: &&str| rest.contains(&format!("{method}: ")) && !rest.contains(&format!("{method}: None"));
            methods.insert(id, ["get", "put", "post", "delete", "patch"].into_iter().filter(has).collect::<Vec<_>>());
        }
    }
    paths
        .iter()
        .filter(|(id, _)| methods.contains_key(*id))
        .flat_map(|(id, path)| methods[id].iter().map(move |method| format!("{method} {path}")))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_is_in_the_document_of_its_service_and_nothing_else_is() {
    let hub = TestHub::start("openapi-routes").await;
    let documents = documents(&hub).await;
    for service in hub.stand.plan.services(&[]).await.unwrap() {
        let document = &documents[service.name];
        assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1.")), "{}", document["openapi"]);
        let of = |name: &str, route: &String| MACHINERY.iter().any(|part| route.contains(&format!("/api/{name}{part}")));
        // The audit signs the log of looks as well.
        let machinery = |route: &String| of(service.name, route) || of(service_kit::look::NAME, route);
        let mut routes: Vec<String> = routes(&service.router).into_iter().filter(|route| !machinery(route)).collect();
        let mut described: Vec<String> = operations(document).iter().map(|one| format!("{} {}", one.method, one.path)).collect();
        routes.sort_unstable();
        described.sort_unstable();
        assert!(!routes.is_empty());
        assert_eq!(described, routes, "{}", service.name);
        println!("openapi: {} has {} operations", service.name, routes.len());
    }
    hub.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_names_its_problems_its_headers_and_what_it_is() {
    let hub = TestHub::start("openapi-problems").await;
    for (service, document) in documents(&hub).await {
        let mut ids = std::collections::BTreeSet::new();
        for operation in operations(&document) {
            let name = format!("{service}: {} {}", operation.method, operation.path);
            let described = &operation.described;
            assert!(described["operationId"].as_str().is_some_and(|id| ids.insert(id.to_owned())), "{name} has no id of its own");
            assert!(described["summary"].is_string() || described["description"].is_string(), "{name} does not say what it is");
            let responses = described["responses"].as_object().unwrap();
            let more: &[&str] = if operation.is_command() { &["408", "409", "413", "415"] } else { &[] };
            for status in ALWAYS.iter().chain(more).chain(operation.path.contains('{').then_some(&"404")) {
                let response = responses.get(*status).unwrap_or_else(|| panic!("{name} does not say {status}"));
                let schema = resolved(&document, response).pointer("/content/application~1problem+json/schema").unwrap_or(&Value::Null);
                assert_eq!(schema["$ref"], "#/components/schemas/Problem", "{name}: {status}");
            }
            assert!(responses.keys().any(|status| status.starts_with('2')), "{name} names no success");
            let parameters: Vec<&Value> = described["parameters"].as_array().unwrap().iter().map(|one| resolved(&document, one)).collect();
            let has = |place: &str, name: &str| parameters.iter().any(|one| one["in"] == place && one["name"] == name);
            assert_eq!(has("header", "Idempotency-Key"), operation.is_command(), "{name}");
            for part in operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
                assert!(has("path", part), "{name} does not describe {part}");
            }
            assert!(!operation.is_command() || operation.body(&document).is_some(), "{name} does not describe its body");
        }
    }
    hub.finish().await;
}

/// Things that exist, by the names of path parameters.
async fn things(story: &Story) -> BTreeMap<&'static str, String> {
    let manchester = story.of("E08000003", Role::DutyWorker);
    let referral = story.refer(&manchester, &concern("Ada Example", json!({ "borough": "E08000003" }))).await;
    story.hub.settled().await;
    story.get(&manchester, &responsibility(&referral.child)).await.ok();
    let transfer =
        story.post(&manchester, "/api/transfers", &offer("E08000006", "P2", &[(&referral.child, &["emergency_action"])])).await.ok();
    let oldham = story.of("E08000004", Role::DutyWorker);
    let reason = json!({ "reason": "The child is at our station." });
    let glass = story.post(&oldham, &format!("/api/transfers/children/{}/break-glass", referral.child), &reason).await.ok();
    let (author, head) = (story.of("E08000003", Role::ProcedureAuthor), story.of("E08000003", Role::HeadOfService));
    let draft = story.post(&author, "/api/procedures/drafts", &json!({ "title": "Next" })).await.ok();
    let asked = json!({ "edition": 1, "question": "Who rings at night?" });
    let question = story.post(&manchester, "/api/procedures/police-protection/receipts", &asked).await.ok();
    let until = kernel::Timestamp::from_second(story.hub.clock.now().as_second() + 30 * 86_400).unwrap().to_string();
    let other = json!({ "procedure": "police-protection", "text": "x", "reason": "x", "owner": "x", "until": until });
    let variation = story.post(&head, "/api/procedures/variations", &other).await.ok();
    let auditor = story.person("board-auditor");
    let period = json!({ "from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z", "size": 1 });
    let sample = story.post(&auditor, "/api/audit/dip-samples", &period).await.ok();
    let item = json!({ "kind": "went_right", "what": "x", "system": "x" });
    let learning = story.post(&auditor, "/api/audit/learning", &item).await.ok();
    BTreeMap::from([
        ("report", "pairs".to_owned()),
        ("sample", sample.text("/sample_id").to_owned()),
        ("learning", learning.text("/learning_id").to_owned()),
        ("glass", glass.text("/glass_id").to_owned()),
        ("draft", draft.text("/draft_id").to_owned()),
        ("question", question.text("/question_id").to_owned()),
        ("variation", variation.text("/variation_id").to_owned()),
        ("procedure", "police-protection".to_owned()),
        ("field", "needs".to_owned()),
        ("referral", referral.id.clone()),
        ("child", referral.child.clone()),
        ("transfer", transfer.text("/transfer_id").to_owned()),
        ("borough", "E08000003".to_owned()),
        ("duty", "emergency_action".to_owned()),
    ])
}

/// The document with ids that exist, so that what is sent gets as far as the rules. Nothing else in it is changed.
fn with_things(mut document: Value, things: &BTreeMap<&str, String>) -> Value {
    for (path, item) in document["paths"].as_object_mut().unwrap() {
        for operation in item.as_object_mut().unwrap().values_mut() {
            for parameter in operation["parameters"].as_array_mut().into_iter().flatten().filter(|one| one["in"] == "path") {
                let kind = match parameter["name"].as_str().unwrap() {
                    "id" if path.contains("/referrals/") => "referral",
                    "id" if path.contains("/children/") => "child",
                    "id" if path.contains("/break-glass/") => "glass",
                    "id" if path.contains("/drafts/") => "draft",
                    "id" if path.contains("/questions/") => "question",
                    "id" if path.contains("/variations/") => "variation",
                    "id" => "transfer",
                    "child_id" => "child",
                    "borough" => "borough",
                    "duty" => "duty",
                    "procedure_id" => "procedure",
                    "name" => "field",
                    "report" => "report",
                    "sample_id" => "sample",
                    "learning_id" => "learning",
                    // Any number will do.
                    "number" | "other" | "case" => continue,
                    other => panic!("a new kind of parameter: {other} in {path}"),
                };
                parameter["schema"] = json!({ "type": "string", "enum": [things[kind]] });
            }
        }
    }
    document["components"]["parameters"]["IfMatch"]["schema"] = json!({ "type": "string", "enum": ["\"1\"", "\"2\""] });
    document["components"]["parameters"]["IdempotencyKey"]["schema"] = json!({ "type": "string", "pattern": "^[a-z0-9]{12,30}$" });
    document
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schemathesis_gets_no_error_of_the_hub_by_any_document() {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/venv/bin/schemathesis");
    assert!(program.exists(), "{} is not there: run `cargo xtask setup`", program.display());
    let program = program.canonicalize().unwrap();
    let story = Story::new(TestHub::start("openapi-schemathesis").await.with_desks().await);
    let things = things(&story).await;
    let signer = &story.hub.stand.ground.signer;
    let scratch = Scratch::new("schemathesis");
    for (service, document) in documents(&story.hub).await {
        let who = match service {
            "audit" => "board-auditor",
            "procedures" => "manchester-author",
            _ => "manchester-manager",
        };
        let token = signer.person(&hub::people::by_id(who).unwrap(), story.hub.clock.now()).unwrap();
        let file = scratch.path().join(format!("{service}.json"));
        std::fs::write(&file, with_things(document, &things).to_string()).unwrap();
        let mut command = Command::new(&program);
        command.current_dir(scratch.path()).env_remove("SCHEMATHESIS_HOOKS").stdin(Stdio::null()).kill_on_drop(true);
        command.arg("run").arg(&file).args(["--url", &story.hub.stand.url(), "--header", &format!("Authorization: Bearer {token}")]);
        // Events are sent for as long as somebody listens, so that one operation never ends.
        command.args([
            "--exclude-path-regex",
            "/events$",
            "--phases",
            "examples,coverage,fuzzing",
            "--max-examples",
            "5",
            "--seed",
            "20261123",
        ]);
        command.args([
            "--workers",
            "1",
            "--checks",
            "not_a_server_error,content_type_conformance",
            "--request-timeout",
            "10",
            "--no-color",
        ]);
        command.args(["--generation-database", "none", "--no-shrink", "--suppress-health-check", "all", "--warnings", "off"]);
        let ran = tokio::time::timeout(Duration::from_secs(500), command.output()).await.expect("it ends in time").unwrap();
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success(), "{service}:\n{said}\n{}", String::from_utf8_lossy(&ran.stderr));
        let cases = said.lines().rev().find(|line| line.contains("generated")).unwrap_or_else(|| panic!("{said}"));
        println!("schemathesis: {service}: {cases}");
    }
    story.hub.finish().await;
}
