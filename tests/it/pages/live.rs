//! The live line of the desks: 200 screens at once, each told of its own work within a second, and nothing missed by a broken line.

use std::{collections::BTreeMap, time::Duration};

use hub::people::AREA;
use kernel::Directory;
use serde_json::json;
use testkit::TestHub;
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, timeout},
};

use super::{Browser, hub};
use crate::flow::{Story, concern, offer};

const MANCHESTER: &str = "E08000003";
const SALFORD: &str = "E08000006";
const DUTY: &str = "emergency_action";

/// Screens at each of the ten desks.
const SCREENS: usize = 20;

/// Offers that are timed; each is seen by every screen of the desk that is asked.
const OFFERS: usize = 10;

/// No longer from the answer to whoever offers until the offer shows, in 99 of 100 cases.
const AT_MOST: Duration = Duration::from_secs(1);

/// How long a test waits for a message.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a screen was told: whose it is, when, the id and the kind.
#[derive(Clone, Debug)]
struct Heard {
    desk: String,
    at: Instant,
    id: String,
    kind: String,
}

/// A line that stands, with what came of it so far.
struct Line {
    response: reqwest::Response,
    begun: String,
}

impl Line {
    async fn open(browser: &Browser, after: &str, last: Option<&str>) -> Self {
        let mut request = browser.http.get(format!("{}/desk/events?after={after}", browser.base)).header("cookie", &browser.cookie);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, begun: String::new() }
    }

    /// The next message: its id and its kind.
    async fn next(&mut self) -> Option<(String, String)> {
        loop {
            if let Some((message, rest)) = self.begun.split_once("\n\n") {
                let field = |name: &str| message.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
                let (id, kind) = (field("id: "), field("data: "));
                self.begun = rest.to_owned();
                if !id.is_empty() {
                    return Some((id, kind));
                }
                continue;
            }
            let chunk = self.response.chunk().await.ok()??;
            self.begun.push_str(&String::from_utf8_lossy(&chunk));
        }
    }
}

/// A made-up night worker at each desk of the area.
async fn workers(hub: &TestHub) -> Vec<(String, Browser)> {
    let base = hub.stand.url();
    let mut all = Vec::new();
    for borough in Directory::get().boroughs_of_area(AREA) {
        let worker = format!("{}-night", borough.name.to_lowercase());
        all.push((borough.code.to_string(), Browser::signed_in(&base, &worker).await));
    }
    all
}

/// Children whom Manchester holds, as many as there are offers to make.
async fn children(story: &Story, number: usize) -> Vec<String> {
    let mut all = Vec::new();
    while all.len() < number {
        let mut referral = concern("Nobody", json!({ "site": "RW602" }));
        referral["children"] = (0..8).map(|n| json!({ "names": [format!("Child{n} Live{}", all.len())], "age_about": n })).collect();
        let made = story.refer(&story.person("north-manchester-nurse"), &referral).await;
        all.extend((0..8).map(|n| made.reply.text(&format!("/children/{n}/child_id")).to_owned()));
    }
    story.hub.settled().await;
    all
}

async fn offered(story: &Story, child: &str) {
    let giver = story.person("manchester-night");
    let answer = story.post(&giver, "/api/transfers", &offer(SALFORD, "P1", &[(child, &[DUTY])])).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_shows_within_a_second_on_the_screens_of_the_desk_that_is_asked_and_on_no_other() {
    let story = Story::new(hub("pages-live").await);
    let mut children = children(&story, OFFERS + 3).await;
    let (say, mut heard) = mpsc::unbounded_channel::<Heard>();
    let mut lines = JoinSet::new();
    let workers = workers(&story.hub).await;
    let screens = workers.iter().flat_map(|worker| std::iter::repeat_n(worker, SCREENS));
    for (desk, browser) in screens {
        let mut line = Line::open(browser, "", None).await;
        let (desk, say) = (desk.clone(), say.clone());
        lines.spawn(async move {
            while let Some((id, kind)) = line.next().await {
                drop(say.send(Heard { desk: desk.clone(), at: Instant::now(), id, kind }));
            }
        });
    }
    let mut times = Vec::new();
    let mut last = String::new();
    for child in children.split_off(3).into_iter().take(OFFERS) {
        offered(&story, &child).await;
        let answered = Instant::now();
        let mut shown = 0;
        while shown < SCREENS {
            let one = timeout(PATIENCE, heard.recv()).await.unwrap().unwrap();
            assert!([MANCHESTER, SALFORD].contains(&one.desk.as_str()), "{one:?} is no party");
            if one.desk == SALFORD && one.kind == "transfer_offered" {
                times.push(one.at.saturating_duration_since(answered));
                last = one.id;
                shown += 1;
            }
        }
    }
    times.sort();
    let of = |hundredth: usize| times[(times.len() * hundredth).div_ceil(100) - 1];
    assert_eq!(lines.len(), 200);
    println!("{} screens, {OFFERS} offers: p50 {:?}, p99 {:?}, longest {:?}", lines.len(), of(50), of(99), of(100));
    assert!(of(99) <= AT_MOST, "p99 {:?}", of(99));
    let salford = workers.iter().find(|(desk, _)| desk == SALFORD).map(|(_, browser)| browser).unwrap();
    a_line_goes_on_where_it_broke(&story, salford, (&last, &children)).await;
    nobody_else_was_told(&story, &mut heard).await;
    lines.shutdown().await;
    story.hub.finish().await;
}

/// What came while the line was down, and what came between the page and its line, is told once each.
async fn a_line_goes_on_where_it_broke(story: &Story, salford: &Browser, (last, children): (&str, &[String])) {
    let page = salford.get("/desk").await.text().await.unwrap();
    let after = page.split_once("data-after=\"").unwrap().1.split('"').next().unwrap();
    assert!(after.contains("intake:") && after.contains("transfers:"), "{after}");
    offered(story, &children[0]).await;
    offered(story, &children[1]).await;
    for (after, last) in [(after, None), ("", Some(last))] {
        let mut line = Line::open(salford, after, last).await;
        let mut positions = Vec::new();
        offered_twice(&mut line, &mut positions).await;
        let mut once = positions.clone();
        once.dedup();
        assert_eq!(once, positions, "each once");
    }
    offered(story, &children[2]).await;
}

async fn offered_twice(line: &mut Line, positions: &mut Vec<String>) {
    let mut offers = 0;
    while offers < 2 {
        let (id, kind) = timeout(PATIENCE, line.next()).await.unwrap().unwrap();
        offers += usize::from(kind == "transfer_offered");
        positions.push(id);
    }
}

/// Every desk is set anew: the first thing that the desks of no party hear, so that nothing went to them before.
async fn nobody_else_was_told(story: &Story, heard: &mut mpsc::UnboundedReceiver<Heard>) {
    for borough in Directory::get().boroughs_of_area(AREA) {
        let manager = story.person(&format!("{}-manager", borough.name.to_lowercase()));
        let path = format!("/api/transfers/desks/{}", borough.code);
        let now = story.get(&manager, &path).await;
        let desk = json!({ "hours": [], "phones": now.body["phones"], "rota": now.body["rota"] });
        assert_eq!(manager.put(&path, &story.hub.key(), now.version, &desk).await.unwrap().status, 200);
    }
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    while told.values().sum::<usize>() < 10 * SCREENS {
        let one = timeout(PATIENCE, heard.recv()).await.unwrap().unwrap();
        if ![MANCHESTER, SALFORD].contains(&one.desk.as_str()) {
            // A desk is told of a gap in its own rota as well.
            assert!(["desk_set", "noted"].contains(&one.kind.as_str()), "{one:?}");
        }
        if one.kind == "desk_set" {
            *told.entry(one.desk).or_default() += 1;
        }
    }
    assert_eq!(told.values().copied().collect::<Vec<_>>(), [SCREENS; 10], "{told:?}");
}
