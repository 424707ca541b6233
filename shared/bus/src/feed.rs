//! What NATS brings of one service: its events and its heartbeats. All of it may be late, twice, out of order, or missing.

use std::time::Duration;

use async_nats::jetstream::consumer::{
    DeliverPolicy,
    pull::{Ordered, OrderedConfig},
};
use futures_util::StreamExt;
use proto_events::{Envelope, subject};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep},
};

use crate::{Bus, Head};

/// Wait after a subscription could not be made or has ended.
const AGAIN: Duration = Duration::from_millis(500);

/// Where the events are asked for. The number changes when the consumer wants a new subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Want {
    pub(crate) number: u64,
    pub(crate) from: From,
}

/// Which of the kept events are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    /// Nothing yet.
    Nowhere,
    /// All that NATS still has: the log could not be asked.
    Start,
    /// Only new ones: the log has given the rest.
    Now,
}

/// The last heartbeat.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard {
    pub(crate) position: i64,
    pub(crate) at: Instant,
}

/// The NATS side of one inbox.
pub(crate) struct Feed {
    pub(crate) bus: Bus,
    pub(crate) source: String,
}

impl Feed {
    /// Brings heartbeats until dropped.
    pub(crate) async fn heads(&self, tell: &watch::Sender<Option<Heard>>) {
        loop {
            // Made while NATS is away, it takes effect when it comes.
            if let Ok(mut heartbeats) = self.bus.client().subscribe(subject::head(&self.source)).await {
                while let Some(message) = heartbeats.next().await {
                    match serde_json::from_slice::<Head>(&message.payload) {
                        Ok(head) if head.service == self.source => {
                            tell.send_replace(Some(Heard { position: head.position, at: Instant::now() }));
                        }
                        Ok(_) | Err(_) => self.ignored(),
                    }
                }
            }
            sleep(AGAIN).await;
        }
    }

    /// Brings events until dropped, from where they are wanted.
    pub(crate) async fn events(&self, mut want: watch::Receiver<Want>, tell: &mpsc::Sender<Envelope>) {
        loop {
            let from = want.borrow_and_update().from;
            tokio::select! {
                () = self.follow(from, tell) => {}
                // A new wish ends the old subscription.
                Ok(()) = want.changed() => {}
            }
        }
    }

    async fn follow(&self, from: From, tell: &mpsc::Sender<Envelope>) {
        let policy = match from {
            From::Nowhere => return std::future::pending().await,
            From::Start => DeliverPolicy::All,
            From::Now => DeliverPolicy::New,
        };
        if self.bus.is_connected()
            && let Some(mut messages) = self.subscribe(policy).await
        {
            while let Some(Ok(message)) = messages.next().await {
                match Envelope::from_json(&message.payload) {
                    Ok(event) if event.service() == self.source => {
                        // It fails when the inbox is gone, and then so is this.
                        if tell.send(event).await.is_err() {
                            return;
                        }
                    }
                    // Whoever could write this could not write the log: the event of that position is fetched from there.
                    Ok(_) | Err(_) => self.ignored(),
                }
            }
        }
        sleep(AGAIN).await;
    }

    /// An ordered consumer: it keeps nothing on the server, so there is no state that could be wrong.
    async fn subscribe(&self, deliver_policy: DeliverPolicy) -> Option<Ordered> {
        let stream = self.bus.jetstream().get_stream_no_info(subject::stream(&self.source)).await.ok()?;
        let config = OrderedConfig { deliver_policy, ..OrderedConfig::default() };
        stream.create_consumer(config).await.ok()?.messages().await.ok()
    }

    fn ignored(&self) {
        metrics::counter!("inbox_ignored_messages", "source" => self.source.clone()).increment(1);
    }
}
