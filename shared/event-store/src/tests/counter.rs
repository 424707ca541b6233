//! The smallest thing that can be recorded: a counter with a limit.

use kernel::{Decider, DecodeError, Recorded, Refusal, StoredEvent, Stream};
use sqlx::PgConnection;

use crate::{Applied, View};

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Counted {
    pub(super) id: u32,
    pub(super) amount: i64,
}

impl StoredEvent for Counted {
    fn stream(&self) -> Stream {
        Stream::new("counter", self.id)
    }

    fn type_name(&self) -> &'static str {
        "counter.counted"
    }

    fn to_data(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    fn from_data(_: &Stream, type_name: &str, version: i16, data: &[u8]) -> Result<Self, DecodeError> {
        serde_json::from_slice(data).map_err(|error| DecodeError { type_name: type_name.to_owned(), version, source: Some(error) })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("that is above the limit")]
pub(super) struct AboveLimit;

impl Refusal for AboveLimit {
    fn code(&self) -> &'static str {
        "above_limit"
    }
}

pub(super) struct Counter;

impl Counter {
    pub(super) fn decide_add(total: i64, id: u32, amount: i64, limit: i64) -> Result<Vec<Counted>, AboveLimit> {
        assert!(amount != 666, "a decider with a bug");
        if total + amount > limit { Err(AboveLimit) } else { Ok(vec![Counted { id, amount }]) }
    }
}

impl Decider for Counter {
    type State = i64;
    type Command = (u32, i64, i64);
    type Event = Counted;
    type Refusal = AboveLimit;

    fn decide(total: &i64, (id, amount, limit): Self::Command) -> Result<Vec<Counted>, AboveLimit> {
        Self::decide_add(*total, id, amount, limit)
    }

    fn evolve(total: i64, event: &Counted) -> i64 {
        total + event.amount
    }
}

/// Total per counter.
pub(super) struct Tally;

impl View<Counted> for Tally {
    fn name(&self) -> &'static str {
        "tally"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["tally"]
    }

    fn ddl(&self) -> &'static str {
        "create table tally (id bigint primary key, total bigint not null)"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Counted>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                sqlx::query("insert into tally values ($1, $2) on conflict (id) do update set total = tally.total + excluded.total")
                    .bind(i64::from(recorded.event.id))
                    .bind(recorded.event.amount)
                    .execute(&mut *connection)
                    .await?;
            }
            Ok(())
        })
    }
}
