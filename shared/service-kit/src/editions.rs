//! Obeying the registry: a service hears of editions, keeps them on its own log, and goes by them at every instant, whether or
//! not the registry answers.

use std::{marker::PhantomData, sync::Arc, time::Duration};

use bus::Reactions;
use event_store::{Applied, Context, Decided, Request, Store, View};
use kernel::{
    Actor, EventId, Recorded, StoredEvent, Stream,
    edition::{Book, EditionEvent, Editions, Known, Learnt},
};
use proto_events::{
    Envelope, Published as _,
    procedures::{Edition, Procedures},
};
use sqlx::{PgConnection, PgExecutor, PgPool};
use tokio::{
    select,
    sync::watch,
    time::{sleep, timeout},
};

use crate::{Check, Component, Parts, Service, Stop, Worker};

/// The service whose events are taken.
pub const SOURCE: &str = Procedures::SERVICE;

/// How often the table is looked at when nobody in this process says that the log has grown.
const POLL: Duration = Duration::from_secs(1);

/// How long a look waits after another one.
const REST: Duration = Duration::from_millis(100);

/// An event of a service that obeys editions.
pub trait Obeys: StoredEvent {
    /// What was told about an edition, as an event of this service.
    fn of_edition(event: EditionEvent) -> Self;

    /// What was told about an edition, if this is that.
    fn edition(&self) -> Option<&EditionEvent>;
}

/// The stream of one edition.
#[must_use]
pub fn stream(number: u32) -> Stream {
    Stream::new("edition", number)
}

/// The editions that a service has learnt, as a view of its own log.
pub struct Learning<E>(PhantomData<fn() -> E>);

impl<E> Learning<E> {
    /// The view.
    #[must_use]
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E> Default for Learning<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E: Obeys> View<E> for Learning<E> {
    fn name(&self) -> &'static str {
        "editions"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["edition"]
    }

    fn ddl(&self) -> &'static str {
        "create table edition (number bigint primary key, position bigint not null, event text not null)"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<E>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                let Some(event) = recorded.event.edition() else { continue };
                let json = serde_json::to_string(event).map_err(|error| sqlx::Error::Encode(error.into()))?;
                sqlx::query(
                    "insert into edition (number, position, event) values ($1, $2, $3)
                     on conflict (number) do update set position = excluded.position, event = excluded.event",
                )
                .bind(i64::from(event.number()))
                .bind(recorded.position)
                .bind(json)
                .execute(&mut *connection)
                .await?;
            }
            Ok(())
        })
    }
}

/// Editions that cannot be gone by.
#[derive(Debug, thiserror::Error)]
pub enum NotLoaded {
    /// The database does not answer.
    #[error("the editions that were learnt cannot be read")]
    Database(#[from] sqlx::Error),
    /// What was learnt does not fit together.
    #[error("the editions that were learnt do not fit together: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Faults(Vec<kernel::edition::Fault>),
}

/// The program's editions with what a service has learnt since.
///
/// # Errors
/// When the database does not answer, or what was learnt does not fit together.
pub async fn load(executor: impl PgExecutor<'_>, brought: &Editions) -> Result<Editions, NotLoaded> {
    let rows: Vec<String> = sqlx::query_scalar("select event from edition order by number").fetch_all(executor).await?;
    let events = rows.iter().map(|json| serde_json::from_str(json)).collect::<Result<Vec<EditionEvent>, _>>();
    let events = events.map_err(|error| sqlx::Error::Decode(error.into()))?;
    brought.having_learnt(&events).map_err(NotLoaded::Faults)
}

impl Service {
    /// Adds what a service needs to obey editions: an inbox of the registry's events, and a worker by which every replica goes
    /// by what the service has learnt.
    #[must_use]
    pub fn obeying<E: Obeys>(self, parts: &Parts, store: &Store<E>) -> Self {
        let brought = parts.editions.editions();
        let handler: Reactions<E> = Reactions::new(store.clone(), SOURCE, react);
        let (service, _) = self.taking(parts, SOURCE, Arc::new(handler));
        let (fits, shown) = (watch::Sender::new(true), parts.editions.clone());
        let (sure, clock) = (fits.subscribe(), parts.kit.clock.clone());
        let follower = Follower { pool: parts.pool.clone(), book: parts.editions.clone(), brought, head: store.head(), fits };
        service.worker(Worker::new("editions", move |stop| follower.run(stop))).component(Component::helpful("edition", move || {
            let (sure, number) = (*sure.borrow(), shown.in_force(clock.now()).number);
            async move {
                if sure {
                    Check::up(format!("edition {number} is in force"))
                } else {
                    Check::degraded(format!("edition {number} is in force, and what was learnt since cannot be read: see the log"))
                }
            }
        }))
    }
}

/// The command that an event of the registry leads to. What the program brought is kept too: a later version of the program may bring
/// another text of it, and the one that was in force stays.
fn react<E: Obeys>(envelope: &Envelope) -> Result<Option<Request<E>>, String> {
    let published = envelope.published::<Procedures>().map_err(|error| error.to_string())?;
    let told = match published {
        Some(Procedures::EditionCarried(edition) | Procedures::EditionScheduled(edition)) => Some(EditionEvent::Learnt(readable(edition)?)),
        Some(Procedures::EditionWithdrawn { number, .. }) => Some(EditionEvent::Withdrawn { number }),
        Some(Procedures::Noted { .. }) | None => None,
    };
    Ok(told.map(|told| request(envelope, told)))
}

/// An edition that this version of the program cannot go by is parked, loudly, and never half taken.
fn readable(edition: Edition) -> Result<Learnt, String> {
    let Edition { number, id, in_force_from, hash, parts, learning: _ } = edition;
    let learnt = Learnt { number, id, in_force_from, hash, parts };
    match learnt.edition() {
        Ok(_) => Ok(learnt),
        Err(faults) => Err(format!("edition {number} has {} faults, the first: {}", faults.len(), first(&faults))),
    }
}

fn first(faults: &[kernel::edition::Fault]) -> String {
    faults.first().map(ToString::to_string).unwrap_or_default()
}

fn request<E: Obeys>(envelope: &Envelope, told: EditionEvent) -> Request<E> {
    let of = stream(told.number());
    Request {
        streams: vec![of.clone()],
        expect: None,
        receipt: None,
        unmoved: None,
        context: Context {
            actor: Actor::hub("inbox"),
            occurred_at: Some(envelope.occurredat),
            recorded_at: envelope.time,
            correlation: envelope.traceid.clone(),
            causation: Some(EventId::from_uuid(envelope.id)),
        },
        advance: None,
        decide: Box::new(move |past| {
            let known = past.of(&of).iter().filter_map(|recorded| recorded.event.edition()).fold(Known::default(), Known::evolve);
            let events = known.learn(told.clone()).map(E::of_edition).into_iter().collect();
            Ok(Decided { events, status: 200, body: serde_json::Value::Null, resource: None })
        }),
        describe: None,
    }
}

/// Keeps the book at what the service has learnt, whichever replica wrote it down.
struct Follower {
    pool: PgPool,
    book: Book,
    brought: Arc<Editions>,
    head: watch::Receiver<i64>,
    fits: watch::Sender<bool>,
}

impl Follower {
    async fn run(mut self, mut stop: Stop) {
        let mut seen = None;
        loop {
            if let Err(error) = self.look(&mut seen).await
                && self.fits.send_replace(false)
            {
                tracing::error!(error = %error, "the last edition that could be read stays in force");
            }
            select! {
                () = self.grown() => {}
                () = stop.asked() => return,
            }
        }
    }

    /// Until there may be something new.
    async fn grown(&mut self) {
        sleep(REST).await;
        drop(timeout(POLL, self.head.changed()).await);
    }

    async fn look(&self, seen: &mut Option<i64>) -> Result<(), NotLoaded> {
        let last: i64 = sqlx::query_scalar("select coalesce(max(position), 0) from edition").fetch_one(&self.pool).await?;
        if *seen != Some(last) {
            self.book.replace(load(&self.pool, &self.brought).await?);
            *seen = Some(last);
        }
        self.fits.send_replace(true);
        Ok(())
    }
}

#[cfg(test)]
#[path = "editions/tests.rs"]
mod tests;
