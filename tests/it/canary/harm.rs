//! Every failure, with planted strings where they do not belong as well as where they do.

use embedded::Postgres;
use hub::stand::Ground;
use reqwest::{Method, RequestBuilder, header::HeaderValue};
use serde_json::{Value, json};

use super::{
    Place,
    flows::{duties, offer, refer, referral},
    wire::Wire,
    words::{Canaries, Kind},
};
use crate::openapi::operations;

const GIVER: &str = "manchester-duty";

/// An id of the right form.
fn path(template: &str) -> String {
    let nobody = "00000000000000000000000000000007";
    let id = if template.contains("/referrals/") { "ref" } else { "trf" };
    let path = template.replace("{id}", &format!("{id}_{nobody}")).replace("{child_id}", &format!("chd_{nobody}"));
    path.replace("{borough}", "E08000003").replace("{duty}", "plan")
}

/// Names as fields, values of the wrong kind, texts that are no JSON; then the same strings in paths, queries and headers.
pub(super) async fn malformed(wire: &Wire, canaries: &Canaries) {
    for service in hub::SERVICES {
        let document: Value = wire.send(wire.bare(Method::GET, &format!("/api/{service}/openapi.json"))).await.ok().body;
        for operation in operations(&document).iter().filter(|operation| operation.is_command()) {
            let path = path(&operation.path);
            let fields = operation.body(&document).and_then(|schema| schema["properties"].as_object().cloned()).unwrap_or_default();
            let mut bodies = vec![
                json!({ canaries.next(Kind::Name): canaries.sentence() }).to_string(),
                json!([canaries.sentence()]).to_string(),
                json!(canaries.sentence()).to_string(),
                canaries.sentence(),
                format!("{{\"concern\": \"{}", canaries.sentence()),
            ];
            for name in fields.keys() {
                bodies.push(json!({ name: { canaries.next(Kind::Name): canaries.next(Kind::NhsNumber) } }).to_string());
                bodies.push(json!({ name: canaries.next(Kind::Text) }).to_string());
                bodies.push(json!({ name: [canaries.next(Kind::Phone), canaries.next(Kind::Address)] }).to_string());
            }
            for body in bodies {
                let method: Method = operation.method.to_uppercase().parse().unwrap();
                let request = wire.signed(GIVER, method, &path).header("Idempotency-Key", wire.key()).header("If-Match", "\"1\"");
                let got = wire.send(request.header("content-type", "application/json").body(body)).await;
                assert!((400..500).contains(&got.status), "{path}: {} {}", got.status, got.body);
            }
        }
    }
    for request in elsewhere(wire, canaries) {
        let got = wire.send(request).await;
        assert!(got.status < 500, "{} {}", got.status, got.body);
    }
}

fn elsewhere(wire: &Wire, canaries: &Canaries) -> Vec<RequestBuilder> {
    let escaped = |text: String| text.replace(' ', "%20");
    let get = |path: &str| wire.signed(GIVER, Method::GET, path);
    let mut requests = Vec::new();
    for kind in [Kind::Name, Kind::NhsNumber, Kind::Address, Kind::Postcode, Kind::Phone, Kind::Text] {
        let next = || escaped(canaries.next(kind));
        requests.extend([
            get(&format!("/{}", next())),
            get(&format!("/api/intake/referrals/{}", next())),
            get(&format!("/api/intake/referrals/{}/history", next())),
            get(&format!("/api/transfers/children/{}/responsibility", next())),
            get(&format!("/api/audit/chronologies/{}", next())),
            get(&format!("/api/intake/referrals?borough={}", next())),
            get(&format!("/api/intake/referrals?state={}&cursor={}", next(), next())),
            get(&format!("/api/transfers?{}=1", next())),
            get(&format!("/api/transfers?borough={}", next())),
            wire.bare(Method::from_bytes(b"VORQUELZIMTASH").unwrap(), &format!("/api/{}", next())),
        ]);
        for header in
            ["hub-after", "traceparent", "tracestate", "user-agent", "referer", "cookie", "x-forwarded-for", "accept", "content-type"]
        {
            let value = HeaderValue::try_from(canaries.next(kind)).unwrap();
            requests.push(get("/api/transfers").header(header, value));
        }
        for value in [format!("Bearer {}", canaries.next(kind)), format!("Basic {}", canaries.next(kind)), canaries.next(kind)] {
            requests.push(wire.bare(Method::GET, "/api/transfers").header("authorization", value));
        }
        let post = |key: String, version: String| {
            wire.signed(GIVER, Method::POST, "/api/transfers/trf_00000000000000000000000000000007/open")
                .header("Idempotency-Key", key)
                .header("If-Match", version)
                .json(&json!({}))
        };
        requests.push(post(format!("{} x", canaries.next(kind)), "\"1\"".to_owned()));
        requests.push(post(wire.key(), canaries.next(kind)));
    }
    requests
}

/// What the rules refuse: too early, too late, by the wrong person, twice.
pub(super) async fn refused(wire: &Wire, canaries: &Canaries) {
    let (made, child, other) = refer(wire, canaries).await;
    let decision = || json!({ "outcome": "early_help", "reason": canaries.sentence() });
    wire.on(GIVER, &made, "decisions", &decision()).await.refused(409);
    wire.get(GIVER, &format!("{made}/history")).await.ok();
    let decided = json!({ "outcome": "early_help", "reason": canaries.sentence(), "repeat_prompt": canaries.sentence() });
    wire.on(GIVER, &made, "decisions", &decided).await.ok();
    wire.post(GIVER, &format!("{made}/decisions"), Some(1), &decision()).await.refused(412);
    wire.post(GIVER, &format!("{made}/decisions"), None, &decision()).await.refused(428);
    wire.post("bolton-duty", &format!("{made}/information"), Some(1), &json!({ "text": canaries.sentence() })).await;
    wire.post("hub-operator", "/api/intake/referrals", None, &referral(canaries)).await.refused(403);
    wire.get(GIVER, &duties(&other)).await.ok();
    wire.post(GIVER, "/api/transfers", None, &offer(canaries, "E08000003", &other, "emergency_action")).await.refused(409);
    wire.post("bolton-duty", "/api/transfers", None, &offer(canaries, "E08000006", &other, "emergency_action")).await.refused(409);
    wire.post(GIVER, "/api/transfers", None, &offer(canaries, "E08000006", &child, "plan")).await.refused(409);
    for (body, status) in [(referral(canaries), 201), (referral(canaries), 422)] {
        let request = wire.signed(GIVER, Method::POST, "/api/intake/referrals").header("Idempotency-Key", "the-same-key").json(&body);
        wire.send(request).await.refused(status);
    }
    let mut wrong = referral(canaries);
    wrong["children"][0]["date_of_birth"] = canaries.next(Kind::Phone).into();
    wrong["child_is_now"]["site"] = canaries.next(Kind::Name).into();
    wrong["child_is_now"]["borough"] = canaries.next(Kind::Address).into();
    wrong["occurred_at"] = canaries.next(Kind::Text).into();
    wire.post(GIVER, "/api/intake/referrals", None, &wrong).await.refused(422);
}

async fn sql(postgres: &Postgres, sql: &str) {
    postgres.sql("hub_intake", sql).await.unwrap();
}

/// A row with names in it cannot be written: PostgreSQL would say which.
pub(super) async fn broken_row(ground: &Ground, wire: &Wire, canaries: &Canaries) {
    let postgres = &ground.stack.postgres;
    sql(postgres, "alter table view.identity add constraint broken check (said = '') not valid").await;
    let got = wire.post(GIVER, "/api/intake/referrals", None, &referral(canaries)).await;
    assert!(got.status >= 500, "{} {}", got.status, got.body);
    sql(postgres, "alter table view.identity drop constraint broken").await;
    let broken = "create function log.broken() returns trigger language plpgsql as $$ begin raise exception 'broken'; end $$;
                  create trigger broken before insert on view.identity_name for each row execute function log.broken()";
    sql(postgres, broken).await;
    let got = wire.post(GIVER, "/api/intake/referrals", None, &referral(canaries)).await;
    assert!(got.status >= 500, "{} {}", got.status, got.body);
    sql(postgres, "drop trigger broken on view.identity_name; drop function log.broken()").await;
    refer(wire, canaries).await;
}

pub(super) async fn without_nats(ground: &mut Ground, wire: &Wire, canaries: &Canaries) {
    ground.stack.nats.kill().await;
    for _ in 0..3 {
        refer(wire, canaries).await;
    }
    ground.stack.nats.restart().await.unwrap();
}

pub(super) async fn without_postgresql(place: &mut Place, canaries: &Canaries) {
    place.ground.stack.postgres.kill().await;
    for _ in 0..2 {
        let got = place.wire.post(GIVER, "/api/intake/referrals", None, &referral(canaries)).await;
        assert_eq!(got.status, 503, "{}", got.body);
    }
    place.ground.stack.postgres.restart().await.unwrap();
    place.service.start().await;
    refer(&place.wire, canaries).await;
}
