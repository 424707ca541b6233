//! Figures are what an independent count over the raw rows finds.

pub(crate) mod made;

use std::collections::BTreeMap;

use embedded::{OWNER, Postgres, PostgresOptions};
use event_store::pool;
use kernel::Timestamp;
use sqlx::PgPool;

use super::{Over, Report, Told, chart, facts, read, sheet};
use made::Made;

/// A figure by report, row and name.
type Counted = BTreeMap<(String, String, String), i64>;

pub(crate) struct Audit {
    pub(crate) pool: PgPool,
    owner: PgPool,
    directory: std::path::PathBuf,
    _postgres: Postgres,
}

impl Drop for Audit {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.directory));
    }
}

pub(crate) async fn audit(name: &str) -> Audit {
    let directory = std::env::temp_dir().join(format!("hub-audit-{}-{name}", std::process::id()));
    let postgres = Postgres::start(&directory, PostgresOptions::default()).await.unwrap();
    postgres.create_role("hub_app").await.unwrap();
    postgres.create_database("hub_audit").await.unwrap();
    let owner = pool::connect(&postgres.url("hub_audit", OWNER), 4).await.unwrap();
    crate::migrate(&owner).await.unwrap();
    let pool = pool::connect(&postgres.url("hub_audit", "hub_app"), 4).await.unwrap();
    Audit { pool, owner, directory, _postgres: postgres }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A report, whose figures are as many as the events that each is said to count.
async fn told(audit: &Audit, report: Report, over: &Over) -> Told {
    let told = read(&audit.pool, report, over).await.unwrap();
    let facts = facts(&audit.pool, report, over).await.unwrap();
    for (row, figure) in told.rows.iter().flat_map(|row| row.figures.iter().map(move |figure| (row, figure))) {
        let behind = facts.iter().filter(|fact| fact.labels == row.labels && fact.figure == figure.name).count();
        assert!(figure.name.ends_with("_seconds") || figure.value == i64::try_from(behind).ok(), "{} {row:?}: {behind}", told.report);
    }
    told
}

fn figures(told: &Told) -> Counted {
    let mut counted = Counted::new();
    for row in &told.rows {
        for figure in row.figures.iter().filter(|figure| figure.value.is_some_and(|value| value != 0 || figure.name.ends_with("_seconds")))
        {
            counted.insert((told.report.to_owned(), row.labels.join("~"), figure.name.to_owned()), figure.value.unwrap());
        }
    }
    counted
}

async fn recounted(audit: &Audit, over: &Over) -> Counted {
    let rows: Vec<(String, String, String, i64)> = sqlx::query_as(include_str!("tests/recount.sql"))
        .bind(event_store::PgTime(over.from))
        .bind(event_store::PgTime(over.to))
        .bind(over.borough.as_deref())
        .bind(event_store::PgTime(over.as_of))
        .fetch_all(&audit.owner)
        .await
        .unwrap();
    rows.into_iter()
        .filter(|(_, _, figure, value)| *value != 0 || figure.ends_with("_seconds"))
        .map(|(a, b, c, n)| ((a, b, c), n))
        .collect()
}

/// With `HUB_RECOUNT=full` over 10,000 handovers, else over fewer of the same kind.
#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "the switch of a test, not of the service")]
async fn every_report_equals_a_recount_of_the_raw_rows_by_another_query() {
    let many = if std::env::var("HUB_RECOUNT").is_ok_and(|how| how == "full") { 10_000 } else { 800 };
    let seed = std::env::var("HUB_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_127);
    println!("HUB_SEED={seed}");
    let audit = audit("recount").await;
    Made::new(seed).fill(&audit.pool, many).await;
    let all = Over { from: at("2025-02-01T00:00:00Z"), to: at("2026-06-01T00:00:00Z"), borough: None, as_of: at("2027-01-01T00:00:00Z") };
    let mut seen = std::collections::BTreeSet::new();
    for borough in [None, Some("E08000006".to_owned())] {
        let over = Over { borough, ..all.clone() };
        let other = recounted(&audit, &over).await;
        let mut ours = Counted::new();
        for report in Report::ALL {
            ours.extend(figures(&told(&audit, report, &over).await));
        }
        for (figure, value) in &other {
            assert_eq!(ours.get(figure), Some(value), "{figure:?} for {:?}", over.borough);
        }
        assert_eq!(ours.len(), other.len(), "{:?}", ours.keys().filter(|key| !other.contains_key(*key)).collect::<Vec<_>>());
        seen.extend(ours.into_keys().map(|(report, _, figure)| (report, figure)));
    }
    for report in Report::ALL {
        for figure in report.about().figures {
            assert!(
                seen.contains(&(report.about().name.to_owned(), (*figure).to_owned())),
                "nothing was counted for {figure}: the test shows nothing"
            );
        }
    }
}

/// What an older release had taken is counted too.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_before_there_were_reports_is_filled_in_from_the_record() {
    let audit = audit("fill").await;
    Made::new(7).fill(&audit.pool, 40).await;
    let over = Over { from: at("2020-01-01T00:00:00Z"), to: at("2027-01-01T00:00:00Z"), borough: None, as_of: at("2027-01-01T00:00:00Z") };
    let before = figures(&told(&audit, Report::Overdue, &over).await);
    assert!(!before.is_empty());
    for sql in ["update audit.offer set position = null, decide_by = null", "truncate audit.contact, audit.settled"] {
        sqlx::query(sql).execute(&audit.owner).await.unwrap();
    }
    crate::migrate(&audit.owner).await.unwrap();
    assert_eq!(figures(&told(&audit, Report::Overdue, &over).await), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_runs_no_formula_and_a_chart_shows_its_data_beside_it() {
    let audit = audit("sheet").await;
    Made::new(3).fill(&audit.pool, 30).await;
    let over = Over { from: at("2020-01-01T00:00:00Z"), to: at("2027-01-01T00:00:00Z"), borough: None, as_of: at("2027-01-01T00:00:00Z") };
    let mut told = told(&audit, Report::Declines, &over).await;
    for (row, start) in told.rows.iter_mut().zip(["=1+1", "+1", "-1", "@SUM(A1)"]) {
        row.names = vec![start.to_owned()];
    }
    let text = String::from_utf8(sheet::csv(&told).unwrap()).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().unwrap().clone();
    assert_eq!(headings.iter().collect::<Vec<_>>()[..3], ["reason", "reason_name", "declines"]);
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), told.rows.len());
    assert!(records.len() >= 4, "the test needs four reasons");
    for record in &records {
        assert!(record.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{record:?}");
        assert!(record.iter().any(|cell| cell.starts_with("All positions up to audit:0, intake:")), "{record:?}");
    }
    assert!(sheet::xlsx(&told).unwrap().starts_with(b"PK\x03\x04"));
    let page = chart::page(&told);
    for part in ["<title id=\"title\">", "<desc id=\"desc\">", "<caption>", "scope=\"row\"", "/api/audit/reports/declines/events?"] {
        assert!(page.contains(part), "{part} is missing");
    }
    for (row, figure) in told.rows.iter().flat_map(|row| row.figures.iter().map(move |figure| (row, figure))) {
        let value = figure.value.unwrap();
        assert!(page.contains(&format!(">{value}</a>")) && page.contains(&format!(">{value}</text>")), "{row:?}");
    }
    assert!(!chart::escaped("<script>'\"&").contains(['<', '>', '\'', '"']));
}
