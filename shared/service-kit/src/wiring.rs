//! What a service with a log does beside its requests: it writes, publishes, says how far its log reaches, takes the events of
//! others, and shows its own to them.

mod parked;

use std::{future::Future, sync::Arc};

use axum::{
    Extension, Json, Router,
    extract::{FromRef, State},
    routing::get,
};
use bus::{Handler, Heartbeat, Inbox, Lag, Relay};
use event_store::{Log, Store, StoreError};
use kernel::{Org, Recorded, StoredEvent};
use proto_events::{Envelope, Published};
use serde::Deserialize;
use tokio::{select, sync::watch};

use crate::{As, Check, Component, Kit, Parts, Problem, Query, Service, Worker, caller::Operators, fresh, limit::Pace, look::Looks};

/// How many events the log feed gives at most in one answer.
const MOST: i64 = 1_000;

/// How the subject of a service's own token begins.
const SERVICE_SUBJECT: &str = "service:";

/// What others may see of an event.
type Publish<E, P> = fn(&Recorded<E>) -> Option<P>;

impl Service {
    /// Adds the writer of the service's log, the relay and the heartbeat, the log feed for other services, and what can be
    /// asked about them.
    #[must_use]
    pub fn with_log<E: StoredEvent, P: Published + Send + Sync + 'static>(
        mut self,
        parts: &Parts,
        store: &Store<E>,
        writer: impl Future<Output = ()> + Send + 'static,
        publish: Publish<E, P>,
    ) -> Self {
        let (log, bus) = (store.log().clone(), parts.bus.clone());
        let relay = Relay::new(store.clone(), bus.clone(), publish);
        let heartbeat = Heartbeat::new(bus.clone(), log.clone(), P::SERVICE);
        self.router = self.router.merge(feed(log.clone(), parts.kit.clone(), publish));
        let (revoked, list, shown) = (parts.kit.revoked.clone(), parts.looks.clone(), parts.kit.revoked.clone());
        let (looks, looks_writer) = Looks::open(parts.looks.clone(), parts.kit.clone(), self.name);
        self.looks = Some(looks);
        // The writer ends with the last store, after the last command; the others may be cut off at any moment.
        self.with_checkpoints(&parts.kit, &log, "checkpoints")
            .worker(Worker::new("writer", move |_| writer))
            .worker(Worker::new("looks", move |_| looks_writer))
            .worker(Worker::new("revoked", move |stop| revoked.follow(list, stop)))
            .component(Component::helpful("revoked tokens", move || {
                let check = shown.check();
                async move { check }
            }))
            .worker(until_stopped("relay", relay.run()))
            .worker(until_stopped("heartbeat", heartbeat.run()))
            .component(Component::database(parts.pool.clone()))
            .component(Component::helpful("nats", move || {
                let bus = bus.clone();
                async move {
                    match bus.safe().await {
                        Ok(()) => Check::up("answers and keeps what it acknowledges"),
                        Err(why) => Check::degraded(format!("{why}; events go by the logs meanwhile")),
                    }
                }
            }))
    }

    /// Adds an inbox: the events of another service, each once and in order. The second value says how fresh it is.
    #[must_use]
    pub fn taking(mut self, parts: &Parts, source: &'static str, handler: Arc<dyn Handler>) -> (Self, watch::Receiver<Lag>) {
        self.router = self.router.merge(parked::routes(self.name, source, parts, Arc::clone(&handler)));
        let inbox = Inbox::new(parts.bus.clone(), parts.pool.clone(), source, (parts.sources)(source), handler);
        let (lag, shown, clock) = (inbox.lag(), inbox.lag(), parts.kit.clock.clone());
        let component = Component::helpful(format!("inbox {source}"), move || {
            let (lag, now) = (shown.borrow().clone(), clock.now());
            async move {
                match (lag.parked, lag.stale_since(now)) {
                    (0, None) => Check::up(format!("at {} of {}", lag.checkpoint, lag.head)),
                    (0, Some(since)) => Check::degraded(format!("at {}, not sure since {since}", lag.checkpoint)),
                    (parked, _) => Check::degraded(format!("{parked} events are parked: see `hub parked list`")),
                }
            }
        });
        (self.worker(until_stopped("inbox", inbox.run())).component(component), lag)
    }
}

/// Work that may be cut off at any moment, because it goes on from its checkpoint.
fn until_stopped(name: &'static str, work: impl Future<Output = ()> + Send + 'static) -> Worker {
    Worker::new(name, move |mut stop| async move {
        select! {
            () = work => {}
            () = stop.asked() => {}
        }
    })
}

/// Freshness by the service's own log and the inboxes it has.
pub struct Reached {
    /// The service's own log.
    pub own: Log,
    /// How far each inbox is, by source.
    pub sources: Vec<&'static str>,
}

impl fresh::Freshness for Reached {
    fn position_of<'a>(&'a self, service: &'a str) -> fresh::Seen<'a> {
        Box::pin(async move {
            if service == self.own.service() {
                return self.own.head().await.ok();
            }
            bus::checkpoint(self.own.pool(), service).await.ok()
        })
    }

    fn takes_from(&self, service: &str) -> bool {
        service == self.own.service() || self.sources.contains(&service)
    }
}

struct Feed<E, P> {
    log: Log,
    kit: Kit,
    publish: Publish<E, P>,
}

impl<E, P> Clone for Feed<E, P> {
    fn clone(&self) -> Self {
        Self { log: self.log.clone(), kit: self.kit.clone(), publish: self.publish }
    }
}

impl<E, P> FromRef<Feed<E, P>> for Kit {
    fn from_ref(feed: &Feed<E, P>) -> Self {
        feed.kit.clone()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Span {
    #[serde(default)]
    after: i64,
    limit: Option<i64>,
}

/// `GET /api/<service>/log`: published events by position, for the hub's own machinery.
fn feed<E: StoredEvent, P: Published + Send + Sync + 'static>(log: Log, kit: Kit, publish: Publish<E, P>) -> Router {
    let path = format!("/api/{}/log", log.service());
    let state = Feed { log, kit, publish };
    Router::new().route(&path, get(log_page::<E, P>)).layer(Extension(Pace::Referrals)).with_state(state)
}

async fn log_page<E: StoredEvent, P: Published + Send + Sync + 'static>(
    State(feed): State<Feed<E, P>>,
    by: As<Operators>,
    Query(span): Query<Span>,
) -> Result<Json<Vec<Envelope>>, Problem> {
    // The feed names children by id. Those who run the software see no case data, so it is for services alone.
    if by.caller.org != Org::Hub || !by.caller.id.starts_with(SERVICE_SUBJECT) {
        return Err(Problem::forbidden("The log feed is for the hub's own services."));
    }
    let limit = span.limit.unwrap_or(MOST).clamp(1, MOST);
    let page = bus::page(&feed.log, feed.publish, span.after.max(0), limit).await;
    page.map(Json).map_err(|error| match &error {
        StoreError::Database(_) | StoreError::Unavailable => Problem::unavailable("The log cannot be read now.", 1),
        StoreError::Unknown | StoreError::Decode { .. } | StoreError::Bug { .. } | StoreError::Migrate(_) => {
            Problem::internal("log", &error)
        }
    })
}
