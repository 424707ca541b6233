//! How long the board waits for a report over five years of Greater Manchester's volume, over HTTP, against an empty round trip.

use std::time::{Duration, Instant};

use hub::{
    people, seed,
    stand::{Stand, StandOptions},
};
use kernel::Timestamp;
use serde_json::Value;

use crate::{percentile, report};

/// The Department for Education's figures; see `data/README.md`.
const FIGURES: &str = include_str!("../../data/dfe-figures.json");

/// How many years.
const YEARS: i64 = 5;

/// Nobody publishes how many cases councils hand to each other: one in so many referrals is assumed.
const REFERRALS_FOR_A_HANDOVER: i64 = 5;

/// How often each report is asked for.
const ASKED: usize = 5;

/// Raw rows as the inbox writes them, at positions far above those of the running hub: `$1` referrals and `$2` handovers. What the
/// reports count is then filled in by the same statements that fill it for an older release.
const ROWS: [&str; 4] = [
    "insert into audit.record
     select 'intake', 10000000 + n, gen_random_uuid(), 'referral_received', 'r', t, t, 'a', 'E08000003', 'duty_worker', decode(repeat('00', 32), 'hex'), '',
            jsonb_build_object('referral', 'ref_' || n, 'children', jsonb_build_array('chd_' || (n * 7919) % ($1 * 3 / 4)), 'received_at', t,
                               'decide_by', t + interval '1 day', 'owner', 'E080000' || lpad((1 + n % 10)::text, 2, '0'))
     from (select n, now() - interval '1 day' - n * (interval '5 years' / $1) as t from generate_series(1, $1) n) s where $2::bigint > 0",
    "insert into audit.record
     select 'intake', 20000000 + n, gen_random_uuid(), 'referral_decided', 'r', t, t, 'a', 'E08000003', 'duty_worker', decode(repeat('00', 32), 'hex'), '',
            jsonb_build_object('referral', 'ref_' || n, 'outcome', (array['section_47_enquiry', 'child_in_need_assessment', 'early_help', 'no_further_action'])[1 + n % 4])
     from (select n, now() - interval '1 day' - n * (interval '5 years' / $1) + (n % 40) * interval '1 hour' as t from generate_series(1, $1) n) s
     where $2::bigint > 0",
    "insert into audit.offer (transfer, from_borough, to_borough, priority, children, offered_at, position, decide_by)
     select 'trf_' || n, 'E080000' || lpad((1 + n % 10)::text, 2, '0'), 'E080000' || lpad((1 + (n / 10) % 10)::text, 2, '0'), 'P2', 1, t, 30000000 + n, t + interval '2 hours'
     from (select n, now() - interval '1 day' - n * (interval '5 years' / $2) as t from generate_series(1, $2) n) s where $1::bigint > 0",
    "insert into audit.step
     select 'trf_' || n, 40000000 + n * 10 + k, (array['delivered', 'seen', 'escalated', case n % 5 when 0 then 'declined' else 'accepted' end, 'received', 'handed_over'])[k],
            now() - interval '1 day' - n * (interval '5 years' / $2) + k * ((n * 31) % 1800) * interval '1 second',
            case when k = 3 then 'level_' || 1 + n % 4 when k = 4 and n % 5 = 0 then 'not_our_area' end
     from generate_series(1, $2) n cross join generate_series(1, 6) k where $1::bigint > 0",
];

pub(crate) async fn run() {
    let directory = std::env::temp_dir().join(format!("hub-bench-reports-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("the directory is made");
    let stand = Stand::start(&directory, StandOptions::default()).await.expect("the hub starts");
    let owner = hub::setup::owner_pool(&stand.ground.owner, "audit").await.expect("the database answers");
    let referrals = YEARS * a_year();
    for sql in ROWS {
        sqlx::query(sql).bind(referrals).bind(referrals / REFERRALS_FOR_A_HANDOVER).execute(&owner).await.expect("the rows are written");
    }
    board_audit::migrate(&owner).await.expect("what the reports count is filled in");
    sqlx::query("analyze").execute(&owner).await.expect("the tables are analysed");
    let auditor = people::by_id("board-auditor").expect("there is an auditor");
    let client = seed::client(&stand.url(), &stand.ground.signer, &auditor, Timestamp::now()).expect("a token is signed");
    let mut empty = Vec::new();
    for _ in 0..ASKED {
        let asked = Instant::now();
        client.get("/api/audit/reports").await.expect("the hub answers");
        empty.push(asked.elapsed());
    }
    let limit = millis(percentile(&mut empty, 50));
    let catalogue = client.get("/api/audit/reports").await.expect("the hub answers").body;
    for listed in catalogue["reports"].as_array().expect("a list") {
        let name = listed["report"].as_str().expect("a name");
        let mut times = Vec::new();
        for _ in 0..ASKED {
            let asked = Instant::now();
            let told = client.get(&format!("/api/audit/reports/{name}?from=2015-01-01T00:00:00Z")).await.expect("the hub answers");
            assert_eq!(told.status, 200, "{}", told.body);
            times.push(asked.elapsed());
        }
        let what =
            format!("report {name} over {referrals} referrals and {} handovers, slowest of {ASKED}", referrals / REFERRALS_FOR_A_HANDOVER);
        report(&what, "ms", (millis(percentile(&mut times, 100)), limit), "figure <= 1000");
    }
    stand.stop().await;
    drop(std::fs::remove_dir_all(&directory));
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// The referrals of a year in Greater Manchester.
fn a_year() -> i64 {
    let figures: Value = serde_json::from_str(FIGURES).expect("it is JSON");
    let areas = figures["area_totals_2025"].as_array().expect("a list of areas");
    let area = areas.iter().find(|area| area["area"].as_str().is_some_and(|name| name.starts_with("Greater Manchester")));
    area.and_then(|area| area["referrals"].as_i64()).expect("Greater Manchester is in it")
}
