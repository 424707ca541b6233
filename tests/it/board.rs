//! What the board reads and keeps itself: reports, dip samples, the learning log, a chronology for paper.

use hub::{client::Client, night};
use serde_json::{Value, json};
use testkit::TestHub;

/// The answer as it is, for what is not JSON.
async fn raw(hub: &TestHub, who: &str, path: &str) -> (u16, String, Vec<u8>) {
    let token = hub.stand.ground.signer.person(&hub::people::by_id(who).unwrap(), hub.clock.now()).unwrap();
    let answer = reqwest::Client::new().get(format!("{}{path}", hub.stand.url())).bearer_auth(token).send().await.unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (answer.status().as_u16(), kind, answer.bytes().await.unwrap().to_vec())
}

async fn body(client: &Client, path: &str) -> Value {
    let reply = client.get(path).await.unwrap();
    assert_eq!(reply.status, 200, "{path}: {}", reply.body);
    reply.body
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_counts_samples_learns_and_prints() {
    let hub = TestHub::start("board").await.with_desks().await;
    let child = night::play(&hub.stand.url(), &hub.stand.ground.signer, hub.clock.now(), |_| ()).await.unwrap();
    hub.settled().await;
    reports(&hub).await;
    sample(&hub).await;
    learning(&hub).await;
    pack(&hub, &child).await;
    chair(&hub).await;
    hub.finish().await;
}

async fn reports(hub: &TestHub) {
    let auditor = hub.person("board-auditor");
    let catalogue = body(&auditor, "/api/audit/reports").await;
    assert_eq!(catalogue["absent"][0]["report"], "incomplete-lookups");
    for listed in catalogue["reports"].as_array().unwrap() {
        let told = body(&auditor, listed["href"].as_str().unwrap()).await;
        assert!(told["complete"].as_str().unwrap().starts_with("All positions up to audit:"), "{told}");
        assert!(told["definition"].as_str().unwrap().len() > 40 && told["as_of"].is_string());
    }
    let pairs = body(&auditor, "/api/audit/reports/pairs").await;
    let offers: i64 = pairs["rows"].as_array().unwrap().iter().map(|row| row["figures"][0]["value"].as_i64().unwrap()).sum();
    let handovers = body(&auditor, "/api/audit/handovers").await["items"].as_array().unwrap().len();
    assert_eq!(offers, i64::try_from(handovers).unwrap());
    // Each figure leads to the events that it counts.
    for figure in pairs["rows"].as_array().unwrap().iter().flat_map(|row| row["figures"].as_array().unwrap()) {
        let behind = body(&auditor, figure["events"].as_str().unwrap()).await;
        let events = behind["items"].as_array().unwrap();
        assert_eq!(i64::try_from(events.len()).unwrap(), figure["value"].as_i64().unwrap(), "{figure}");
        assert!(events.iter().all(|event| event["event_id"].is_string() && event["position"].as_i64() > Some(0)), "{behind}");
        assert!(events.iter().all(|event| event["children"][0].as_str().is_some_and(|child| child.starts_with("chd_"))), "{behind}");
    }
    for (form, kind, begins) in [
        ("csv", "text/csv; charset=utf-8", "from,to,from_name"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK"),
        ("svg", "image/svg+xml", "<svg"),
        ("html", "text/html; charset=utf-8", "<!doctype html>"),
    ] {
        let (status, of, bytes) = raw(hub, "board-auditor", &format!("/api/audit/reports/pairs?as={form}")).await;
        assert_eq!((status, of.as_str()), (200, kind), "{form}");
        assert!(bytes.starts_with(begins.as_bytes()), "{form}");
    }
    // A manager sees the pairs of their own borough, and nobody below sees any.
    let salford = hub.person("salford-manager");
    let own = body(&salford, "/api/audit/reports/pairs").await;
    assert_eq!(own["borough"], "E08000006");
    assert!(own["rows"].as_array().unwrap().iter().all(|row| row["labels"].as_array().unwrap().contains(&json!("E08000006"))), "{own}");
    // The board reads one borough's figures as its manager does, with the children; a manager asks for no other borough.
    let same = body(&auditor, "/api/audit/reports/pairs?borough=E08000006").await;
    let figures = |told: &Value| told["rows"].as_array().unwrap().iter().map(|row| row["figures"][0]["value"].clone()).collect::<Vec<_>>();
    assert_eq!((figures(&same), &same["borough"]), (figures(&own), &own["borough"]));
    let (theirs, ours) = (body(&salford, "/api/audit/reports/pairs/events").await, "/api/audit/reports/pairs/events?borough=E08000006");
    assert!(theirs["items"].as_array().unwrap().iter().all(|event| event["children"] == json!([])), "{theirs}");
    assert_eq!(body(&auditor, ours).await["items"].as_array().unwrap().len(), theirs["items"].as_array().unwrap().len());
    assert_eq!(body(&salford, "/api/audit/reports/pairs?borough=E08000003").await["borough"], "E08000006");
    assert_eq!(auditor.get("/api/audit/reports/pairs?borough=E99999999").await.unwrap().status, 422);
    let foreign = body(&hub.person("wigan-manager"), "/api/audit/reports/pairs/events").await;
    assert_eq!(foreign["items"], json!([]));
    for who in ["salford-duty", "hub-operator", "north-manchester-nurse"] {
        assert_eq!(hub.person(who).get("/api/audit/reports/pairs").await.unwrap().status, 403, "{who}");
    }
    assert_eq!(auditor.get("/api/audit/reports/none").await.unwrap().status, 404);
    assert_eq!(auditor.get("/api/audit/reports/pairs?from=2030-01-01T00:00:00Z&to=2029-01-01T00:00:00Z").await.unwrap().status, 422);
    let owner = hub.owner("audit").await;
    let looks: i64 = sqlx::query_scalar("select count(*) from log.event where type = 'audit.report_read'").fetch_one(&owner).await.unwrap();
    assert!(looks > 20, "each reading is on the record: {looks}");
}

async fn sample(hub: &TestHub) {
    let auditor = hub.person("board-auditor");
    let wanted = json!({ "from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z", "size": 2 });
    let drawn = auditor.post("/api/audit/dip-samples", &hub.key(), &wanted).await.unwrap();
    assert_eq!(drawn.status, 201, "{}", drawn.body);
    let (id, seed) = (drawn.body["sample_id"].as_str().unwrap().to_owned(), drawn.body["seed"].clone());
    let mut again = wanted.clone();
    again["seed"] = seed;
    let second = auditor.post("/api/audit/dip-samples", &hub.key(), &again).await.unwrap().body["sample_id"].as_str().unwrap().to_owned();
    let masked = body(&auditor, &format!("/api/audit/dip-samples/{id}/cases/1")).await;
    assert!(!masked["events"].as_array().unwrap().is_empty());
    for hidden in ["chd_", "ref_", "trf_", "-duty", "-nurse"] {
        assert!(!masked.to_string().contains(hidden), "{hidden} in {masked}");
    }
    let why = json!({ "reason": "The case shows a delay that must be looked into." });
    let path = |sample: &str, case: u32| format!("/api/audit/dip-samples/{sample}/cases/{case}/unmask");
    assert_eq!(auditor.post(&path(&id, 1), &hub.key(), &json!({ "reason": "" })).await.unwrap().status, 422);
    assert_eq!(hub.person("salford-manager").post(&path(&id, 1), &hub.key(), &why).await.unwrap().status, 403);
    let unmasked = auditor.post(&path(&id, 1), &hub.key(), &why).await.unwrap();
    assert_eq!(unmasked.status, 200, "{}", unmasked.body);
    let child = unmasked.body["child_id"].as_str().unwrap().to_owned();
    let other = auditor.post(&path(&second, 1), &hub.key(), &why).await.unwrap();
    assert_eq!(other.body["child_id"], child.as_str(), "the same seed and period draw the same child");
    let listed = body(&auditor, "/api/audit/dip-samples").await;
    let (first, second) = (&listed["items"][0], &listed["items"][1]);
    assert_eq!((&first["unmasked"][0]["by"], &first["unmasked"][0]["reason"]), (&json!("board-auditor"), &why["reason"]));
    assert_eq!((&first["seed_given"], &second["seed_given"]), (&json!(false), &json!(true)));
    assert!(!listed.to_string().contains("chd_"));
    hub.settled().await;
    let story = body(&auditor, &format!("/api/audit/chronologies/{child}")).await.to_string();
    assert!(story.contains("An auditor was told that case 1 of a dip sample is this child."), "{story}");
}

async fn learning(hub: &TestHub) {
    let ward = hub.person("north-manchester-nurse");
    let told = json!({ "kind": "near_miss", "what": "The desk’s number on the poster was the old one.",
        "system": "Posters are not on the list of what changes when a number does.", "procedures": ["handover"] });
    let mut empty = told.clone();
    empty["system"] = " ".into();
    assert_eq!(ward.post("/api/audit/learning", &hub.key(), &empty).await.unwrap().status, 422, "what made it likely is asked for");
    let kept = ward.post("/api/audit/learning", &hub.key(), &told).await.unwrap();
    assert_eq!(kept.status, 201, "{}", kept.body);
    let id = kept.body["learning_id"].as_str().unwrap().to_owned();
    hub.settled().await;
    // They find their own; nobody else's list has it, and the board's says nothing of who it was.
    let mine = body(&ward, "/api/audit/learning/mine").await;
    assert_eq!((mine["items"].as_array().unwrap().len(), &mine["items"][0]["learning_id"]), (1, &json!(id)));
    for other in ["board-auditor", "salford-duty"] {
        assert_eq!(body(&hub.person(other), "/api/audit/learning/mine").await["items"], json!([]), "{other}");
    }
    assert_eq!(ward.get("/api/audit/learning").await.unwrap().status, 403);
    let auditor = hub.person("board-auditor");
    let link = format!("/api/audit/learning/{id}/procedures");
    assert_eq!(auditor.post(&link, &hub.key(), &json!({ "procedure": "night-handover" })).await.unwrap().status, 200);
    let board = body(&auditor, "/api/audit/learning?procedure=night-handover").await;
    assert_eq!(board["items"][0]["system"], told["system"]);
    assert_eq!(board["items"][0]["procedures"], json!(["handover", "night-handover"]));
    assert!(!board.to_string().contains("north-manchester-nurse"));
    assert_eq!(body(&auditor, "/api/audit/learning?procedure=other").await["items"], json!([]));
    unseen(hub, &id).await;
}

/// Nothing that is kept or published of the report shows the reporter: neither the event, its actor, its receipt nor the record.
async fn unseen(hub: &TestHub, id: &str) {
    let owner = hub.owner("audit").await;
    let actor = sqlx::query_scalar("select actor::text from log.event where type = 'learning.reported'");
    let actor: String = actor.fetch_one(&owner).await.unwrap();
    assert!(actor.contains("hub"), "{actor}");
    let rows: Vec<String> = sqlx::query_scalar(
        "select row_to_json(e)::text || convert_from(e.data, 'UTF8') from log.event e where type = 'learning.reported'
         union all select row_to_json(r)::text from log.receipt r where r.position in (select position from log.event where type = 'learning.reported')
         union all select row_to_json(r)::text from audit.record r where r.service = 'audit'
                   and r.position in (select position from log.event where type = 'learning.reported')",
    )
    .fetch_all(&owner)
    .await
    .unwrap();
    assert!(rows.len() >= 3 && rows.iter().any(|row| row.contains(id)), "{rows:?}");
    for row in rows {
        assert!(!row.contains("nurse") && !row.contains("RW602") && !row.contains("poster"), "{row}");
    }
}

async fn pack(hub: &TestHub, child: &str) {
    let path = format!("/api/audit/chronologies/{child}/pack");
    let (status, kind, bytes) = raw(hub, "board-auditor", &path).await;
    let page = String::from_utf8(bytes).unwrap();
    assert_eq!((status, kind.as_str()), (200, "text/html; charset=utf-8"), "{page}");
    hub.settled().await;
    let story = body(&hub.person("board-auditor"), &format!("/api/audit/chronologies/{child}")).await;
    let lines = story["events"].as_array().unwrap();
    let before = lines.iter().filter(|line| page.contains(line["leaf_hash"].as_str().unwrap())).count();
    assert_eq!(before, lines.len() - 1, "every event but the look itself, which came after");
    for part in ["@page{size:A4", "As of", "All positions up to audit:"] {
        assert!(page.contains(part), "{part}");
    }
    for loaded in ["<script", "<link", "src=", "http:", "https:", "url("] {
        assert!(!page.contains(loaded), "{loaded} would be loaded");
    }
    assert_eq!(raw(hub, "wigan-duty", &path).await.0, 404);
    assert_eq!(raw(hub, "hub-operator", &path).await.0, 403);
}

/// The top of the ladder is the board's to name; boroughs are shown whom, and hospitals only that there is somebody.
async fn chair(hub: &TestHub) {
    const PATH: &str = "/api/transfers/board";
    let approver = hub.person("board-approver");
    let shown = approver.get(PATH).await.unwrap();
    assert_eq!((&shown.body["unset"], &shown.body["levels"]), (&json!(false), &json!([4])), "{}", shown.body);
    let post = |name: &str| json!({ "name": name, "phone": "0161 496 0992" });
    let new = json!({ "chair": post("Acting chair of the safeguarding board"), "deputy": post("Deputy chair of the safeguarding board") });
    for who in ["salford-manager", "board-auditor"] {
        assert_eq!(hub.person(who).put(PATH, &hub.key(), shown.version, &new).await.unwrap().status, 403, "{who}");
    }
    assert_eq!(approver.put(PATH, &hub.key(), None, &new).await.unwrap().status, 428);
    assert_eq!(approver.put(PATH, &hub.key(), Some(77), &new).await.unwrap().status, 412);
    let mut bad = new.clone();
    bad["deputy"]["phone"] = "nobody".into();
    assert_eq!(approver.put(PATH, &hub.key(), shown.version, &bad).await.unwrap().status, 422);
    let set = approver.put(PATH, &hub.key(), shown.version, &new).await.unwrap();
    assert_eq!(set.status, 200, "{}", set.body);
    assert_eq!(body(&hub.person("salford-duty"), PATH).await["chair"]["name"], new["chair"]["name"]);
    let hospital = body(&hub.person("north-manchester-nurse"), PATH).await;
    assert_eq!((&hospital["unset"], hospital.get("chair")), (&json!(false), None));
}
