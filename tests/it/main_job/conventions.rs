//! The conventions of the API, each tried on the addresses of the main job.

#![expect(clippy::unwrap_used, reason = "a test helper")]

use hub::client::Client;
use kernel::Role;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use testkit::TestHub;

use crate::flow::{Made, Said as _, Story, concern, offer, responsibility};

const MANCHESTER: &str = "E08000003";
const SALFORD: &str = "E08000006";
const REFERRALS: &str = "/api/intake/referrals";

/// An answer with its headers.
struct Raw {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Value,
}

impl Raw {
    async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or(Value::Null);
        Self { status, headers, body }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// A problem of this status and code, with everything that a problem has.
    #[track_caller]
    fn is(&self, status: u16, code: &str) {
        assert_eq!((self.status, &self.body["code"]), (status, &json!(code)), "{}", self.body);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.body["status"], status);
        assert_eq!(self.body["type"], format!("/problems/{code}"));
        assert!(self.body["title"].is_string() && self.body["detail"].is_string(), "{}", self.body);
        assert!(self.body["instance"].as_str().is_some_and(|it| it.starts_with("/incidents/")), "{}", self.body);
    }
}

#[tokio::test]
async fn every_convention_of_the_api_holds_on_the_main_job() {
    let story = Story::new(TestHub::start_at("conventions", "2026-11-23T10:00:00Z", None).await.with_desks().await);
    let nurse = story.person("north-manchester-nurse");
    let sent = concern("Nadia Sample", json!({ "site": "RW602" }));
    a_post_needs_a_key_and_the_same_key_gives_the_same_answer(&story, &nurse, &sent).await;
    a_body_is_json_of_the_right_shape_and_size(&nurse, &sent).await;
    nobody_gets_in_without_a_token_or_beyond_a_role(&story, &nurse, &sent).await;
    let made = story.refer(&nurse, &concern("Oskar Sample", json!({ "site": "RW602" }))).await;
    a_command_says_the_version_it_was_decided_on(&story, &made).await;
    what_a_caller_may_not_know_of_is_not_there(&story, &made).await;
    a_read_waits_for_what_the_caller_has_seen(&story, &made).await;
    a_refusal_of_the_rules_shows_the_state_now(&story, &made).await;
    a_list_is_cut_into_pages_and_loses_nothing(&story, &nurse).await;
    what_is_sent_wrongly_is_pointed_to(&story, &nurse).await;
    story.hub.finish().await;
}

async fn a_post_needs_a_key_and_the_same_key_gives_the_same_answer(story: &Story, nurse: &Client, sent: &Value) {
    let without = Raw::of(nurse.request(Method::POST, REFERRALS).json(sent)).await;
    without.is(400, "bad_header");
    assert_eq!(without.body["errors"][0]["parameter"], "Idempotency-Key");

    let first = nurse.post(REFERRALS, "the-key-of-nadia", sent).await.unwrap().ok();
    let again = nurse.post(REFERRALS, "the-key-of-nadia", sent).await.unwrap().ok();
    assert_eq!((first.replayed, again.replayed), (false, true));
    assert_eq!((&first.body, first.status, &first.position), (&again.body, again.status, &again.position));
    nurse.post(REFERRALS, "the-key-of-nadia", &concern("Somebody Else", json!("not_known"))).await.unwrap().refused(422, "key_reused");
    // A key is its owner's: the same one of somebody else is another command.
    let other = story.person("royal-bolton-nurse");
    let own = other.post(REFERRALS, "the-key-of-nadia", sent).await.unwrap().ok();
    assert_ne!(own.text("/referral_id"), first.text("/referral_id"));
    // Keys do not expire.
    story.hub.advance("2026-11-23T10:09:00Z").await;
    let late = nurse.post(REFERRALS, "the-key-of-nadia", sent).await.unwrap().ok();
    assert_eq!((late.replayed, &late.body), (true, &first.body));
}

async fn a_body_is_json_of_the_right_shape_and_size(nurse: &Client, sent: &Value) {
    let post = |key: &str| nurse.request(Method::POST, REFERRALS).header("Idempotency-Key", key);
    Raw::of(post("media-1").header("Content-Type", "text/plain").body(sent.to_string())).await.is(415, "unsupported_media_type");
    let json = || ("Content-Type", "application/json");
    Raw::of(post("media-2").header(json().0, json().1).body("{ \"concern\": ")).await.is(400, "malformed");
    let mut large = sent.clone();
    large["concern"] = "x".repeat(300 * 1024).into();
    Raw::of(post("media-3").json(&large)).await.is(413, "too_large");
    let mut strange = sent.clone();
    strange["colour"] = "blue".into();
    Raw::of(post("media-4").json(&strange)).await.is(422, "invalid");
    // A key that was refused for its body was not used up.
    let reply = nurse.post(REFERRALS, "media-4", sent).await.unwrap().ok();
    assert_eq!((reply.status, reply.replayed), (201, false));
}

async fn nobody_gets_in_without_a_token_or_beyond_a_role(story: &Story, nurse: &Client, sent: &Value) {
    let base = story.hub.stand.url();
    let stranger = Client::new(&base, nurse.who.clone(), "not.a.token".to_owned());
    let refused = Raw::of(stranger.request(Method::POST, REFERRALS).header("Idempotency-Key", "k").json(sent)).await;
    refused.is(401, "unauthenticated");
    assert!(refused.header("www-authenticate").starts_with("Bearer"), "{:?}", refused.headers);
    for who in ["board-auditor", "board-approver", "hub-operator"] {
        story.post(&story.person(who), REFERRALS, sent).await.refused(403, "forbidden");
    }
    // A role that such an organisation does not have is none.
    let pretender = story.of("RW602", Role::DutyWorker);
    story.post(&pretender, "/api/transfers", &offer(SALFORD, "P1", &[(&story.hub.key(), &["plan"])])).await.refused(403, "forbidden");
    let lost = Raw::of(nurse.request(Method::GET, "/api/intake/nowhere")).await;
    lost.is(404, "not_found");
    let wrong = Raw::of(nurse.request(Method::DELETE, REFERRALS).header("Idempotency-Key", "k")).await;
    wrong.is(405, "method_not_allowed");
}

async fn a_command_says_the_version_it_was_decided_on(story: &Story, made: &Made) {
    let desk = story.person("manchester-duty");
    story.history(&desk, made).await;
    let path = format!("{}/decisions", made.path());
    let body = json!({ "outcome": "section_47_enquiry", "reason": "Marks in several places." });
    let request = || desk.request(Method::POST, &path).header("Idempotency-Key", story.hub.key()).json(&body);
    Raw::of(request()).await.is(428, "version_required");
    Raw::of(request().header("If-Match", "last")).await.is(400, "bad_header");

    let read = Raw::of(desk.request(Method::GET, &made.path())).await;
    assert_eq!(read.header("etag"), format!("\"{}\"", read.body["version"]));
    let more = json!({ "text": "The registrar has seen a second mark." });
    story.on(&story.person("north-manchester-nurse"), &made.path(), "information", more).await.ok();
    let stale = Raw::of(request().header("If-Match", read.header("etag"))).await;
    stale.is(412, "stale");
    assert_eq!((stale.header("etag"), &stale.body["changed_by"]["id"]), ("\"2\"", &json!("north-manchester-nurse")));
    assert_eq!((&stale.body["changed_at"], &stale.body["state"]["state"]), (&json!("2026-11-23T10:09:00Z"), &json!("undecided")));
    let decided = Raw::of(request().header("If-Match", stale.header("etag"))).await;
    assert_eq!((decided.status, decided.header("etag")), (201, "\"3\""), "{}", decided.body);
    assert_eq!(decided.body["version"], 3);
}

async fn what_a_caller_may_not_know_of_is_not_there(story: &Story, made: &Made) {
    // Neither the neighbour, nor another hospital, nor the board, nor whoever runs the software sees the referral.
    for who in ["bolton-duty", "royal-bolton-nurse", "board-auditor"] {
        story.get(&story.person(who), &made.path()).await.refused(404, "not_found");
        story.get(&story.person(who), &format!("{}/history", made.path())).await.refused(404, "not_found");
    }
    story.get(&story.person("hub-operator"), &made.path()).await.refused(403, "forbidden");
    story.get(&story.person("hub-operator"), &format!("/api/audit/chronologies/{}", made.child)).await.refused(403, "forbidden");
    // The answer for what is secret is that for what does not exist.
    let bolton = story.person("bolton-duty");
    let secret = story.get(&bolton, &made.path()).await.refused(404, "not_found");
    let absent = story.get(&bolton, &format!("{REFERRALS}/{}", made.id.replace(|c: char| c.is_ascii_digit(), "7"))).await;
    let absent = absent.refused(404, "not_found");
    assert_eq!((&secret.body["title"], &secret.body["detail"]), (&absent.body["title"], &absent.body["detail"]));
}

async fn a_read_waits_for_what_the_caller_has_seen(story: &Story, made: &Made) {
    let desk = story.person("manchester-duty");
    let read = |after: &str| desk.request(Method::GET, &responsibility(&made.child)).header("Hub-After", after.to_owned());
    Raw::of(read("intake")).await.is(400, "bad_header");
    let never = Raw::of(read("intake:999999")).await;
    never.is(503, "not_yet_visible");
    assert!(!never.header("retry-after").is_empty());
}

async fn a_refusal_of_the_rules_shows_the_state_now(story: &Story, made: &Made) {
    let manchester = story.person("manchester-duty");
    let items = [(made.child.as_str(), ["enquiry"].as_slice())];
    let offered = story.post(&manchester, "/api/transfers", &offer(SALFORD, "P2", &items)).await.ok();
    let twice = story.post(&manchester, "/api/transfers", &offer("E08000001", "P2", &items)).await.refused(409, "duty_in_transfer");
    assert_eq!(twice.text("/holder"), MANCHESTER, "{}", twice.body);
    let salford = story.person("salford-duty");
    let early = json!({ "giver": "A", "taker": "B", "spoken_at": "2026-11-23T10:08:00Z", "read_back": "I understand that it is ours." });
    let early = story.on_transfer(&salford, offered.text("/transfer_id"), "handover", early).await.refused(409, "not_accepted");
    assert_eq!(early.text("/holder"), MANCHESTER, "{}", early.body);
    assert!(["offered", "delivered"].contains(&early.text("/state")), "{}", early.body);
}

async fn a_list_is_cut_into_pages_and_loses_nothing(story: &Story, nurse: &Client) {
    for number in 0..5 {
        story.refer(nurse, &concern(&format!("Page Number{number}"), json!({ "site": "RW602" }))).await;
    }
    let desk = story.person("manchester-duty");
    let whole = story.get(&desk, &format!("{REFERRALS}?borough={MANCHESTER}")).await.ok();
    let ids = |body: &Value| -> Vec<String> {
        let list = body.as_object().and_then(|members| members.values().find_map(Value::as_array)).cloned().unwrap_or_default();
        list.iter().filter_map(|one| one["referral_id"].as_str().map(str::to_owned)).collect()
    };
    let all = ids(&whole.body);
    assert!(all.len() > 5, "{}", whole.body);
    let (mut path, mut read) = (format!("{REFERRALS}?borough={MANCHESTER}&limit=2"), Vec::new());
    loop {
        let page = Raw::of(desk.request(Method::GET, &path)).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let on_page = ids(&page.body);
        assert!((1..=2).contains(&on_page.len()), "{}", page.body);
        read.extend(on_page);
        let link = page.header("link");
        let Some((next, _)) = link.strip_prefix('<').and_then(|rest| rest.split_once(">; rel=\"next\"")) else { break };
        next.clone_into(&mut path);
    }
    assert_eq!(read, all);
    Raw::of(desk.request(Method::GET, &format!("{REFERRALS}?borough={MANCHESTER}&cursor=elsewhere"))).await.is(422, "invalid");
}

async fn what_is_sent_wrongly_is_pointed_to(story: &Story, nurse: &Client) {
    let wrong = json!({ "concern": " ", "referrer": { "role": "nurse" }, "child_is_now": { "site": "?" }, "danger_now": "no",
                        "children": [{ "date_of_birth": "2031-01-01", "names": ["Nadia Secret"] }] });
    let refused = story.post(nurse, REFERRALS, &wrong).await.refused(422, "invalid");
    let mut pointers: Vec<&str> = refused.body["errors"].as_array().into_iter().flatten().filter_map(|it| it["pointer"].as_str()).collect();
    pointers.sort_unstable();
    assert_eq!(pointers, ["/child_is_now/site", "/children/0/date_of_birth", "/concern", "/referrer/name"]);
    assert!(!refused.body.to_string().contains("Secret"), "an error never quotes what was sent");
    let unnamed = json!({ "concern": "Shouting next door.", "referrer": { "anonymous": true }, "child_is_now": "not_known", "danger_now": "not_sure" });
    story.post(nurse, REFERRALS, &unnamed).await.refused(409, "professional_must_be_named");
    // Nothing but the four compulsory answers, and "not known" for what is not known.
    let little = json!({ "concern": "Crying at night.", "referrer": { "name": "A neighbour" }, "child_is_now": "not_known", "danger_now": "not_known" });
    let made = story.refer(&story.person("salford-duty"), &little).await;
    made.reply.has("/owner/borough", SALFORD).has("/home_borough", Value::Null);
}
