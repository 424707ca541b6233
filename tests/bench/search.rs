//! W6: the first results of a search among 500 procedures, against an empty round trip to the same database.

use std::time::{Duration, Instant};

use event_store::{Context, Decided, Request, Store, migrate, pool};
use kernel::{Actor, Decider as _, Timestamp};
use procedures_registry::{
    document::{Document, Procedure},
    register::{Carried, Origin},
    rules::{Command, Event, Registry},
    search,
    views::texts,
};
use serde_json::json;
use sqlx::PgPool;

use crate::{percentile, report, server::Server};

/// How many procedures.
const MANY: usize = 500;

/// How often each is asked.
const ASKED: usize = 2_000;

/// Words of the field, for texts that a search has to tell apart.
const WORDS: [&str; 16] = [
    "hospital",
    "school",
    "night",
    "transfer",
    "plan",
    "family",
    "neglect",
    "missing",
    "police",
    "conference",
    "injury",
    "unborn",
    "review",
    "interpreter",
    "record",
    "manager",
];

pub(crate) async fn run(server: &Server) {
    let app = filled(server).await;
    let (mut empty, mut found) = (Vec::with_capacity(ASKED), Vec::with_capacity(ASKED));
    for n in 0..ASKED {
        let asked = Instant::now();
        sqlx::query("select 1").execute(&app).await.expect("the database answers");
        empty.push(asked.elapsed());
        let words = search::words(&format!("{} {} NAI", WORDS[n % 16], WORDS[(n / 16) % 16]));
        let asked = Instant::now();
        let number = texts::number_in_force(&app, Timestamp::MAX).await.expect("the database answers").expect("an edition");
        texts::search(&app, number, &search::query(&words)).await.expect("the database answers");
        found.push(asked.elapsed());
    }
    let millis = |times: &mut [Duration]| percentile(times, 99).as_secs_f64() * 1_000.0;
    report("W6 p99 of a search among 500 procedures, against select 1", "ms", (millis(&mut found), millis(&mut empty)), "figure < 50");
}

/// A registry with one edition of so many procedures.
async fn filled(server: &Server) -> PgPool {
    let name = "bench_search";
    server.postgres.create_database(name).await.expect("the database is made");
    let owner = pool::connect(&server.postgres.url(name, embedded::OWNER), 4).await.expect("the owner connects");
    migrate(&owner, &procedures_registry::views()).await.expect("the log is made");
    let app = pool::connect(&server.postgres.url(name, "hub_app"), 4).await.expect("the service connects");
    let (store, writer) = Store::<Event>::open(app.clone(), procedures_registry::SERVICE, procedures_registry::views());
    drop(tokio::spawn(writer));
    let procedures = (0..MANY).map(procedure).map(|procedure| (procedure.id.clone(), procedure)).collect();
    let document = Box::new(Document { procedures, ..Document::default() });
    let at = Timestamp::UNIX_EPOCH;
    let command =
        Command::Carry(Carried { origin: Origin::Program, number: 1, id: "edition-1".to_owned(), in_force_from: at, document, at });
    let request = Request {
        streams: command.streams(),
        expect: None,
        receipt: None,
        unmoved: None,
        context: Context { actor: Actor::hub("bench"), occurred_at: None, recorded_at: at, correlation: "0".repeat(32), causation: None },
        advance: None,
        decide: Box::new(move |past| {
            let events = Registry::decide(&past.replay::<Registry>(), command.clone())?;
            Ok(Decided { events, status: 200, body: serde_json::Value::Null, resource: None })
        }),
        describe: None,
    };
    store.execute(request).await.expect("the edition is recorded");
    app
}

fn procedure(n: usize) -> Procedure {
    let text = |length: usize| (0..length).map(|k| WORDS[(n * 7 + k * 3 + k * k) % 16]).collect::<Vec<_>>().join(" ");
    let value = json!({
        "id": format!("p-{n}"), "title": format!("About {}", text(3)), "summary": text(12), "change": "First text.",
        "review_by": "2027-06-30", "legal_basis": ["Children Act 1989"], "learning": [], "contacts": [], "search": [text(2)],
        "applies_to": { "roles": ["duty_worker"], "organisations": ["borough"] },
        "steps": [{ "who": "duty_worker", "what": text(10), "by": "at once", "force": "should" }],
        "short": text(80), "full": format!("{} non-accidental injury {}", text(300), text(300)),
    });
    serde_json::from_value(value).expect("it is a procedure")
}
