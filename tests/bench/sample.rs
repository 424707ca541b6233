//! An event of 400 bytes and the view that follows it.

use event_store::{Applied, Context, Decided, Receipt, Request, View};
use kernel::{Actor, DecodeError, Recorded, StoredEvent, Stream, Timestamp};
use serde_json::json;
use sqlx::PgConnection;

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Sample {
    pub(crate) id: u64,
    pub(crate) text: String,
}

impl Sample {
    /// About 400 bytes as stored.
    pub(crate) fn new(id: u64) -> Self {
        Self { id, text: "x".repeat(370) }
    }
}

impl StoredEvent for Sample {
    fn stream(&self) -> Stream {
        Stream::new("sample", self.id)
    }

    fn type_name(&self) -> &'static str {
        "sample"
    }

    fn to_data(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    fn from_data(_: &Stream, type_name: &str, version: i16, data: &[u8]) -> Result<Self, DecodeError> {
        serde_json::from_slice(data).map_err(|error| DecodeError { type_name: type_name.to_owned(), version, source: Some(error) })
    }
}

/// The latest position of each stream: as much as a desk's queue needs.
pub(crate) struct Latest;

impl View<Sample> for Latest {
    fn name(&self) -> &'static str {
        "latest"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["latest"]
    }

    fn ddl(&self) -> &'static str {
        "create table latest (id bigint primary key, position bigint not null, events bigint not null)"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Sample>]) -> Applied<'a> {
        Box::pin(async move {
            let ids: Vec<i64> = events.iter().map(|event| i64::try_from(event.event.id).unwrap_or(0)).collect();
            let positions: Vec<i64> = events.iter().map(|event| event.position).collect();
            sqlx::query(
                "insert into latest select id, max(position), count(*) from unnest($1::bigint[], $2::bigint[]) as t (id, position) group by id
                 on conflict (id) do update set position = excluded.position, events = latest.events + excluded.events",
            )
            .bind(ids)
            .bind(positions)
            .execute(connection)
            .await?;
            Ok(())
        })
    }
}

/// A command with a receipt that adds one event.
pub(crate) fn command(id: u64, key: String) -> Request<Sample> {
    let stream = Stream::new("sample", id);
    Request {
        streams: vec![stream.clone()],
        expect: None,
        unmoved: None,
        receipt: Some(Receipt { principal: "bench".to_owned(), key, fingerprint: [7; 32] }),
        context: Context {
            actor: Actor::hub("bench"),
            occurred_at: None,
            recorded_at: Timestamp::now(),
            correlation: "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
            causation: None,
        },
        advance: None,
        decide: Box::new(move |past| {
            let seen = past.of(&stream).len();
            Ok(Decided { events: vec![Sample::new(id)], status: 201, body: json!({ "seen": seen }), resource: Some(stream.clone()) })
        }),
        describe: None,
    }
}
