//! The pages, as a browser and as somebody hostile meet them.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests, which say what they measured")]

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Stdio,
};

use hub::stand::StandOptions;
use reqwest::{Client, Response, StatusCode, redirect::Policy};
use serde_json::json;
use testkit::TestHub;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::Command,
};

mod away;
mod kept;
mod live;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

async fn hub(name: &str) -> TestHub {
    let options = StandOptions { pages: true, ..StandOptions::default() };
    TestHub::with(name, options).await.unwrap_or_else(|error| panic!("the hub does not start: {error}")).with_desks().await
}

/// One browser without scripts, which keeps its cookie as it was given.
struct Browser {
    http: Client,
    base: String,
    cookie: String,
}

impl Browser {
    fn new(base: &str) -> Self {
        let http = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { http, base: base.to_owned(), cookie: String::new() }
    }

    async fn signed_in(base: &str, who: &str) -> Self {
        let mut browser = Self::new(base);
        let answer = browser.post("/sign-in", &[("who", who), ("next", "/")]).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        browser.take_cookie(&answer);
        browser
    }

    fn take_cookie(&mut self, answer: &Response) {
        let set = answer.headers()["set-cookie"].to_str().unwrap();
        set.split(';').next().unwrap().clone_into(&mut self.cookie);
    }

    async fn get(&self, path: &str) -> Response {
        self.http.get(format!("{}{path}", self.base)).header("cookie", &self.cookie).send().await.unwrap()
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        self.post_from(path, form, &self.base).await
    }

    async fn post_from(&self, path: &str, form: &[(&str, &str)], origin: &str) -> Response {
        let body = form_of(form);
        let request = self.http.post(format!("{}{path}", self.base)).header("cookie", &self.cookie).header("origin", origin);
        request.header("content-type", "application/x-www-form-urlencoded").body(body).send().await.unwrap()
    }
}

fn form_of(form: &[(&str, &str)]) -> String {
    let plain = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    form.iter().map(|(name, value)| format!("{}={}", plain(name), plain(value))).collect::<Vec<_>>().join("&")
}

fn leads_to(answer: &Response) -> &str {
    answer.headers().get("location").map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn the_night_is_played_in_browsers_with_and_without_scripts_and_no_page_has_a_fault() {
    let hub = hub("pages-night").await;
    in_a_browser("night.mjs", &hub.stand.url(), &[]).await;
    hub.finish().await;
}

#[tokio::test]
async fn the_board_counts_samples_learns_and_sees_who_vouches_for_the_record_in_a_browser() {
    let hub = hub("pages-board").await;
    let child = hub::night::play(&hub.stand.url(), &hub.stand.ground.signer, hub.clock.now(), |_| ()).await.unwrap();
    hub.settled().await;
    in_a_browser("board.mjs", &hub.stand.url(), &[&child]).await;
    hub.finish().await;
}

#[tokio::test]
async fn an_edition_is_written_consulted_on_approved_and_compared_and_a_field_put_in_the_bin_in_a_browser() {
    let hub = hub("pages-procedures").await;
    let until = kernel::Timestamp::from_second(hub.clock.now().as_second() + 30 * 86_400).unwrap().to_string();
    let otherwise = json!({ "procedure": "police-protection", "text": "Ring <i>both</i> desks.", "reason": "The desk moves.",
                            "owner": "Duty manager", "until": until });
    assert_eq!(hub.person("salford-head").post("/api/procedures/variations", &hub.key(), &otherwise).await.unwrap().status, 201);
    in_a_browser("procedures.mjs", &hub.stand.url(), &[]).await;
    hub.finish().await;
}

#[tokio::test]
async fn a_desk_sets_its_rota_takes_the_night_sends_siblings_together_hands_back_and_settles_a_dispute() {
    let hub = hub("pages-desk").await;
    in_a_browser("desk.mjs", &hub.stand.url(), &[]).await;
    hub.finish().await;
}

#[tokio::test]
async fn somebody_signs_in_at_a_real_provider_and_the_services_believe_its_token() {
    let mut hub = hub("pages-provider").await;
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let issuer = format!("http://127.0.0.1:{port}");
    let settings = &mut hub.stand.ground.settings;
    let directory = Path::new(&settings["HUB_PAGES_KEY_FILE"]).parent().unwrap().to_owned();
    let (secret, list, key) = (directory.join("client.secret"), directory.join("sign-in.toml"), directory.join("provider.jwk"));
    std::fs::write(&secret, "a secret & more\n").unwrap();
    let provider = format!(
        "[[provider]]\nname = \"the test provider\"\nissuer = \"{issuer}\"\nclient_id = \"hub\"\nclient_secret_file = \"{}\"\n",
        secret.display()
    );
    std::fs::write(&list, provider).unwrap();
    settings.insert("HUB_SIGN_IN_FILE".to_owned(), list.display().to_string());
    settings.entry("HUB_ISSUERS".to_owned()).and_modify(|issuers| *issuers = format!("{issuers},{issuer}"));
    let jwks = settings["HUB_JWKS_FILE"].clone();

    let mut command = Command::new("node");
    command.arg(Path::new(ROOT).join("tests/browser/provider.mjs")).arg(modules()).arg(port.to_string()).arg(hub.stand.url()).arg(&key);
    let mut provider = command.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(provider.stdout.as_mut().unwrap()).read_line(&mut said).await.unwrap();
    assert_eq!(said, "listening\n", "the provider does not start");
    let mut set: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&jwks).unwrap()).unwrap();
    let known: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&key).unwrap()).unwrap();
    set["keys"].as_array_mut().unwrap().push(known);
    std::fs::write(&jwks, set.to_string()).unwrap();

    hub.stand.restart_services().await.unwrap();
    in_a_browser("sign-in.mjs", &hub.stand.url(), &[]).await;
    provider.kill().await.unwrap();
    hub.finish().await;
}

fn modules() -> PathBuf {
    let modules = Path::new(ROOT).join(".tools/browser/node_modules");
    assert!(modules.is_dir(), "Playwright is not there: run `cargo xtask setup`");
    modules
}

/// Plays one of the scripts of `tests/browser`; every fault that it finds fails the test.
async fn in_a_browser(script: &str, url: &str, more: &[&str]) {
    let root = Path::new(ROOT);
    let mut command = Command::new("node");
    command.arg(root.join("tests/browser").join(script)).arg(url).arg(modules()).arg(root.join("target/screens")).args(more);
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

#[tokio::test]
async fn a_page_gives_nothing_to_another_site_another_person_or_the_database() {
    let hub = hub("pages-hostile").await;
    let base = hub.stand.url();
    every_answer_has_its_headers(&base).await;
    a_session_cannot_be_brought_along_and_ends(&base).await;
    a_form_of_another_site_does_nothing(&base).await;
    a_draft_is_its_authors_alone_and_sealed(&hub, &base).await;
    a_referral_that_is_sent_twice_is_one(&base).await;
    a_sitting_before_the_form_is_counted_once(&hub, &base).await;
    a_first_visit_is_light(&base).await;
    hub.finish().await;
}

async fn every_answer_has_its_headers(base: &str) {
    let (stranger, nurse) = (Browser::new(base), Browser::signed_in(base, "north-manchester-nurse").await);
    let auditor = Browser::signed_in(base, "board-auditor").await;
    for (browser, path) in [
        (&stranger, "/"),
        (&stranger, "/sign-in"),
        (&stranger, "/accessibility"),
        (&stranger, "/no/such/page"),
        (&stranger, "/desk"),
        (&nurse, "/refer"),
        (&nurse, "/referrals"),
        (&nurse, "/desk"),
        (&nurse, "/transfers/trf_x"),
        (&nurse, "/reports/pairs/files/csv"),
        (&auditor, "/reports/pairs/files/csv"),
        (&auditor, "/reports/pairs/chart"),
        (&auditor, "/reports/..%2Fhandovers"),
        (&auditor, "/samples"),
        (&auditor, "/procedures/drafts"),
    ] {
        let answer = browser.get(path).await;
        let header = |name: &str| answer.headers().get(name).map_or("", |value| value.to_str().unwrap());
        assert!(header("content-security-policy").starts_with("default-src 'none'; script-src 'self' 'sha256-"), "{path}");
        assert!(header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        let others = ["cache-control", "referrer-policy", "x-content-type-options", "x-frame-options", "cross-origin-opener-policy"];
        assert_eq!(others.map(header), ["no-store", "no-referrer", "nosniff", "DENY", "same-origin"], "{path}");
    }
    for (browser, path, status) in [
        (&nurse, "/reports/pairs/files/csv", 403),
        (&nurse, "/samples", 403),
        (&auditor, "/reports/pairs/files/exe", 404),
        (&auditor, "/reports/..%2Fhandovers", 404),
        (&auditor, "/samples/smp_0/cases/1", 404),
        (&auditor, "/reports/pairs?from=yesterday", 422),
    ] {
        assert_eq!(browser.get(path).await.status().as_u16(), status, "{path}");
    }
    // What programs ask for stays as it was.
    let api = stranger.get("/api/no/such").await;
    assert_eq!((api.status(), api.headers()["content-type"].to_str().unwrap()), (StatusCode::NOT_FOUND, "application/problem+json"));
    assert_eq!(stranger.get("/livez").await.status(), StatusCode::OK);
}

async fn a_session_cannot_be_brought_along_and_ends(base: &str) {
    let mut browser = Browser::new(base);
    browser.cookie = format!("hub={}", "a".repeat(64));
    assert_eq!(leads_to(&browser.get("/refer").await), "/sign-in?next=%2Frefer");
    let answer = browser.post("/sign-in", &[("who", "north-manchester-nurse"), ("next", "//evil.example")]).await;
    assert_eq!(leads_to(&answer), "/", "nobody is sent elsewhere");
    let set = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(set.contains("; HttpOnly; SameSite=Lax") && set.contains("; Path=/") && !set.contains("Domain"), "{set}");
    assert!(!set.contains(&"a".repeat(64)), "the number is a new one");
    browser.take_cookie(&answer);
    let first = browser.cookie.clone();
    assert_eq!(browser.get("/refer").await.status(), StatusCode::OK);
    let again = browser.post("/sign-in", &[("who", "salford-night"), ("next", "/")]).await;
    browser.take_cookie(&again);
    assert_ne!(browser.cookie, first);
    let old = Browser { cookie: first, ..Browser::new(base) };
    assert_eq!(leads_to(&old.get("/refer").await), "/sign-in?next=%2Frefer", "the session before has ended");
    let held = browser.cookie.clone();
    browser.post("/sign-out", &[]).await;
    browser.cookie = held;
    assert_eq!(leads_to(&browser.get("/desk").await), "/sign-in?next=%2Fdesk", "signing out ends it on the server");
    let nobody = Browser::new(base).post("/sign-in", &[("who", "salford-system"), ("next", "/")]).await;
    assert_eq!(nobody.headers().get("set-cookie"), None, "machines do not sign in here");
}

async fn a_form_of_another_site_does_nothing(base: &str) {
    let nurse = Browser::signed_in(base, "north-manchester-nurse").await;
    for path in
        ["/refer", "/sign-in", "/sign-out", "/transfers/trf_x/accept", "/procedures/x/read", "/samples", "/learning", "/procedures/drafts"]
    {
        let answer = nurse.post_from(path, &[("who", "salford-night")], "https://evil.example").await;
        assert_eq!((answer.status(), answer.headers().get("set-cookie")), (StatusCode::FORBIDDEN, None), "{path}");
        assert!(answer.text().await.unwrap().contains("This form was not accepted"));
    }
    assert_eq!(nurse.get("/refer").await.status(), StatusCode::OK, "still signed in");
}

/// A referral that lacks only its sending; where its list of answers is.
async fn written(nurse: &Browser, concern: &str) -> String {
    let begun = nurse.post("/refer", &[]).await;
    let draft = leads_to(&begun).trim_end_matches("/danger").to_owned();
    for (step, form) in [
        ("danger", vec![("danger_now", "not_sure")]),
        ("place", vec![("where", "here"), ("child_1_given", "Marigold")]),
        ("worries", vec![("concern", concern)]),
        ("you", vec![("name", "Nurse in charge"), ("phone", "0161 496 0900")]),
    ] {
        let answer = nurse.post(&format!("{draft}/{step}"), &form).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{step}: {}", answer.text().await.unwrap());
    }
    draft
}

async fn a_draft_is_its_authors_alone_and_sealed(hub: &TestHub, base: &str) {
    let nurse = Browser::signed_in(base, "north-manchester-nurse").await;
    let draft = written(&nurse, "Quillworth said so").await;
    let shown = nurse.get(&format!("{draft}/check")).await.text().await.unwrap();
    assert!(shown.contains("Quillworth said so") && shown.contains("Marigold"));
    let other = Browser::signed_in(base, "salford-royal-nurse").await;
    assert_eq!(other.get(&format!("{draft}/check")).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(other.post(&format!("{draft}/worries"), &[("concern", "x")]).await.status(), StatusCode::NOT_FOUND);
    other.post(&format!("{draft}/throw-away"), &[]).await;
    assert_eq!(nurse.get(&format!("{draft}/check")).await.status(), StatusCode::OK, "nobody else throws it away");
    let pool = hub.owner("web").await;
    let kept: String = sqlx::query_scalar(
        "select coalesce(string_agg(encode(content, 'escape'), ''), '') || (select string_agg(encode(content, 'escape'), '') from web.session)
         from web.draft where content is not null",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    for plain in ["Quillworth", "Marigold", "North Manchester", "eyJ"] {
        assert!(kept.len() > 500 && !kept.contains(plain), "{plain} is readable in the database of the pages");
    }
}

async fn a_referral_that_is_sent_twice_is_one(base: &str) {
    let nurse = Browser::signed_in(base, "royal-bolton-nurse").await;
    let draft = written(&nurse, "Bruises").await;
    let check = format!("{draft}/check");
    let (one, other) = tokio::join!(nurse.post(&check, &[]), nurse.post(&check, &[]));
    let third = nurse.post(&check, &[]).await;
    assert!(leads_to(&one).starts_with("/referrals/ref_"), "{}", one.text().await.unwrap());
    assert_eq!((leads_to(&other), leads_to(&third)), (leads_to(&one), leads_to(&one)));
    let changed = nurse.post(&format!("{draft}/worries"), &[("concern", "Other bruises")]).await;
    assert_eq!(leads_to(&changed), leads_to(&one), "what was sent is not written on");
    let list = nurse.get("/referrals").await.text().await.unwrap();
    assert_eq!(list.matches("href=\"/referrals/ref_").count(), 1, "{list}");
}

async fn a_sitting_before_the_form_is_counted_once(hub: &TestHub, base: &str) {
    // The report counts weeks that are over, so what it is made from is looked at.
    let owner = hub::setup::owner_pool(&hub.stand.ground.owner, "procedures").await.unwrap();
    let counted = async || {
        let sql = "select count(*), count(*) filter (where not sent) from view.sitting";
        sqlx::query_as::<_, (i64, i64)>(sql).fetch_one(&owner).await.unwrap()
    };
    // Of the two before, one was sent, twice at once; the other is still being written.
    testkit::until("the referral that was sent is counted", async || counted().await == (1, 0)).await;
    let nurse = Browser::signed_in(base, "royal-bolton-nurse").await;
    let draft = written(&nurse, "Bruises again").await;
    for _ in 0..2 {
        nurse.post(&format!("{draft}/throw-away"), &[]).await;
    }
    let check = format!("{}/check", written(&nurse, "Other bruises").await);
    for _ in 0..2 {
        assert!(leads_to(&nurse.post(&check, &[]).await).starts_with("/referrals/ref_"));
    }
    testkit::until("both are counted, each once", async || counted().await == (3, 1)).await;
}

/// First visit at most 80 KB, later pages at most 10 KB, as they go over the line to a browser that unpacks.
async fn a_first_visit_is_light(base: &str) {
    let nurse = Browser::signed_in(base, "north-manchester-nurse").await;
    let page = nurse.get("/refer").await.text().await.unwrap();
    let packed = async |path: &str| {
        let request = nurse.http.get(format!("{base}{path}")).header("cookie", &nurse.cookie).header("accept-encoding", "gzip");
        let answer = request.send().await.unwrap();
        (answer.headers().contains_key("content-encoding"), answer.bytes().await.unwrap().len())
    };
    let (is_packed, later) = packed("/refer").await;
    assert!(is_packed && later < page.len() / 2, "{later} of {} bytes", page.len());
    assert_eq!(packed("/refer?x=1").await, (false, page.len()), "an address with a question goes as it is");
    let own = page.replace("&#x2f;", "/");
    let mut assets: BTreeSet<String> = own.split('"').filter(|part| part.starts_with("/assets/")).map(str::to_owned).collect();
    let script = assets.iter().find(|address| address.ends_with(".js")).unwrap();
    let imports = nurse.get(script).await.text().await.unwrap();
    let imported = imports.split('"').find_map(|part| part.strip_prefix("./")).unwrap();
    assets.insert(format!("/assets/{imported}"));
    assert_eq!(assets.len(), 5, "style sheet, two scripts, icon, licences: {assets:?}");
    let mut first = later;
    for address in assets {
        let request = nurse.http.get(format!("{base}{address}")).header("accept-encoding", "gzip");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.headers()["cache-control"].to_str().unwrap(), "public, max-age=31536000, immutable");
        first += answer.bytes().await.unwrap().len();
    }
    println!("first visit {first} bytes, later pages {later}");
    assert!(first <= 80_000 && later <= 10_000, "first visit {first} bytes, later {later}");
}
