//! The events of one other service, each taken once and in order.

mod take;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use event_store::StoreError;
use proto_events::Envelope;
use sqlx::PgPool;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep},
};

use crate::{
    Bus, Handler, Lag, Source, SourceError,
    condition::Condition,
    feed::{Feed, From, Heard, Want},
    health::gauge,
    lease::Lease,
};

/// How many events are fetched from the log at once.
const PAGE: i64 = 500;

/// How many events may wait in memory for one that is missing. More are dropped and fetched when their turn comes.
const AHEAD: usize = 2_048;

/// How many events are taken at once.
const TOGETHER: usize = 128;

/// How often everything is looked at when nothing arrives.
const TICK: Duration = Duration::from_millis(50);

/// How long a heartbeat's position may be on its way before the tail counts as lost.
const LATE: Duration = Duration::from_millis(300);

/// How long NATS may be silent before the log is asked every second instead. Two heartbeats.
const SILENT: Duration = Duration::from_secs(2);

/// How often the log is asked then.
const POLL: Duration = Duration::from_secs(1);

/// How often a subscription that brings nothing is made again.
const RENEW: Duration = Duration::from_secs(5);

/// How long a checkpoint must have stood still before heartbeats behind it count.
const REWOUND: Duration = Duration::from_secs(3);

/// How often the checkpoint is read, which another replica or a retry may have moved.
const LOOK: Duration = Duration::from_secs(1);

/// Takes the events of one other service. One replica at a time takes; the others keep watch.
pub struct Inbox {
    bus: Bus,
    pool: PgPool,
    name: String,
    source: Arc<dyn Source>,
    handler: Arc<dyn Handler>,
    lag: watch::Sender<Lag>,
}

impl Inbox {
    /// For the service `name` (as in `/api/<name>/`, and as the key in `log.inbox`), whose log is at `source`. `pool` is the
    /// consumer's own database, with the tables of the event store.
    #[must_use]
    pub fn new(bus: Bus, pool: PgPool, name: &str, source: Arc<dyn Source>, handler: Arc<dyn Handler>) -> Self {
        let (lag, _) = watch::channel(Lag::new(name));
        Self { bus, pool, name: name.to_owned(), source, handler, lag }
    }

    /// How far behind it is, for health and for screens.
    #[must_use]
    pub fn lag(&self) -> watch::Receiver<Lag> {
        self.lag.subscribe()
    }

    /// Goes on until dropped. A fault is logged when it begins and when it ends.
    pub async fn run(self) {
        let feed = Feed { bus: self.bus.clone(), source: self.name.clone() };
        let (arrived, arrivals) = mpsc::channel(1_024);
        let (heard, heads) = watch::channel(None);
        let (want, wanted) = watch::channel(Want { number: 0, from: From::Nowhere });
        let mut taker = Taker::new(self, want);
        tokio::join!(feed.heads(&heard), feed.events(wanted, &arrived), taker.run(arrivals, heads));
    }
}

/// The running state of an inbox.
struct Taker {
    inbox: Inbox,
    want: watch::Sender<Want>,
    lease: Lease,
    leads: bool,
    lag: Lag,
    /// Events that have arrived and not been taken, by position. Nothing at or before the checkpoint is in it.
    ahead: BTreeMap<i64, Envelope>,
    /// The earliest heartbeat that was beyond the checkpoint.
    unproven: Option<Heard>,
    /// When NATS was last heard.
    heard: Instant,
    /// When the last event arrived or was taken.
    moved: Instant,
    /// When the checkpoint last moved, and the heartbeats since then that were behind it.
    advanced: (Instant, u32),
    asked: Option<Instant>,
    renewed: Instant,
    looked: Option<Instant>,
    more: bool,
    taking: Condition,
    asking: Condition,
    order: Condition,
}

impl Taker {
    fn new(inbox: Inbox, want: watch::Sender<Want>) -> Self {
        let now = Instant::now();
        Self {
            lease: Lease::new(&inbox.pool, format!("inbox:{}", inbox.name)),
            leads: false,
            lag: Lag::new(&inbox.name),
            ahead: BTreeMap::new(),
            unproven: None,
            heard: now,
            moved: now,
            advanced: (now, 0),
            asked: None,
            renewed: now,
            looked: None,
            more: false,
            taking: Condition::new("taking the events of another service", &inbox.name),
            asking: Condition::new("asking another service for its log", &inbox.name),
            order: Condition::new("trust in the log of another service", &inbox.name),
            inbox,
            want,
        }
    }

    async fn run(&mut self, mut arrivals: mpsc::Receiver<Envelope>, mut heads: watch::Receiver<Option<Heard>>) {
        let mut arrived = Vec::new();
        loop {
            let at_once = self.more && self.leads && self.taking.due() && self.asking.due();
            let tick = if at_once { Duration::ZERO } else { TICK };
            tokio::select! {
                _ = arrivals.recv_many(&mut arrived, TOGETHER) => self.admit(&mut arrived),
                Ok(()) = heads.changed() => {
                    if let Some(heard) = *heads.borrow_and_update() {
                        self.hear(heard);
                    }
                }
                () = sleep(tick) => {}
            }
            self.turn().await;
            self.inbox.lag.send_replace(self.lag.clone());
        }
    }

    /// One look at everything: take what can be taken, then fetch what is missing.
    async fn turn(&mut self) {
        let leads = self.lease.held().await;
        let changed = leads != self.leads;
        if changed || self.looked.is_none_or(|looked| looked.elapsed() > LOOK) {
            if changed {
                self.asked = None;
            }
            let looked = self.look().await;
            self.leads = leads && looked.is_ok();
        }
        if !self.leads {
            if self.silent() {
                self.prove().await;
            }
            return;
        }
        if self.lag.rewound || !self.taking.due() {
            return;
        }
        if let Err(error) = self.take_ready().await {
            self.taking.bad(&error);
        } else if self.must_ask() {
            self.ask().await;
        }
    }

    async fn look(&mut self) -> Result<(), StoreError> {
        self.looked = Some(Instant::now());
        let checkpoint = self.inbox.handler.checkpoint().await?;
        self.reached(checkpoint);
        self.parked().await?;
        Ok(())
    }

    fn admit(&mut self, arrived: &mut Vec<Envelope>) {
        self.heard = Instant::now();
        self.moved = self.heard;
        for event in arrived.drain(..) {
            if event.position > self.lag.checkpoint {
                self.lag.head = self.lag.head.max(event.position);
                self.ahead.entry(event.position).or_insert(event);
            } else {
                metrics::counter!("inbox_skipped", "source" => self.inbox.name.clone()).increment(1);
            }
        }
        while self.ahead.len() > AHEAD {
            self.ahead.pop_last();
        }
        self.lag.last_heard = Some(self.heard);
    }

    fn hear(&mut self, heard: Heard) {
        self.heard = heard.at;
        self.lag.last_heard = Some(heard.at);
        self.lag.head = self.lag.head.max(heard.position);
        self.rewound(heard);
        if heard.position > self.lag.checkpoint {
            self.unproven = self.unproven.or(Some(heard));
        } else if !self.lag.rewound {
            self.lag.sure_at = Some(heard.at);
        }
    }

    /// Whether the other log ends before what was taken from it. One late heartbeat may say so; several in a row, with nothing
    /// taken for a while, mean that the log was restored from an older copy and its next events would be skipped unseen.
    fn rewound(&mut self, heard: Heard) {
        let behind = heard.position < self.lag.checkpoint && self.advanced.0.elapsed() > REWOUND;
        self.advanced.1 = if behind { self.advanced.1 + 1 } else { 0 };
        self.lag.rewound = self.advanced.1 >= 5;
        if self.lag.rewound {
            self.order.bad(&"its log ends before what was taken from it: it was restored from an older copy; see the runbook");
        } else {
            self.order.good();
        }
    }

    /// The checkpoint is here now.
    fn reached(&mut self, checkpoint: i64) {
        if checkpoint != self.lag.checkpoint {
            self.moved = Instant::now();
            self.advanced = (self.moved, 0);
        }
        self.lag.checkpoint = checkpoint;
        self.lag.head = self.lag.head.max(checkpoint);
        self.ahead = self.ahead.split_off(&(checkpoint + 1));
        if let Some(proven) = self.unproven.filter(|unproven| unproven.position <= checkpoint) {
            self.lag.sure_at = self.lag.sure_at.max(Some(proven.at));
            self.unproven = None;
        }
        metrics::gauge!("inbox_lag", "source" => self.inbox.name.clone()).set(gauge(self.lag.behind()));
    }

    /// Whether the log must be asked: there is a hole, the tail is lost, NATS is silent, or nothing was ever asked.
    fn must_ask(&self) -> bool {
        let hole = !self.ahead.is_empty();
        let lost_tail = self.lag.behind() > 0 && self.moved.elapsed() > LATE;
        self.asking.due() && (self.more || hole || lost_tail || self.silent() || self.asked.is_none())
    }

    /// NATS says nothing, and the log has not been asked for a while.
    fn silent(&self) -> bool {
        self.heard.elapsed() > SILENT && self.asked.is_none_or(|asked| asked.elapsed() > POLL)
    }

    /// Asks the log whether everything has been taken, where another replica does the taking.
    async fn prove(&mut self) {
        let begun = Instant::now();
        let answer = self.inbox.source.after(self.lag.checkpoint, 1).await;
        self.asked = Some(Instant::now());
        if let Ok(page) = answer {
            self.lag.last_heard = self.asked;
            match page.last() {
                Some(event) => self.lag.head = self.lag.head.max(event.position),
                None => self.lag.sure_at = self.lag.sure_at.max(Some(begun)),
            }
        }
    }

    async fn ask(&mut self) {
        let begun = Instant::now();
        let lost_tail = self.ahead.is_empty() && self.lag.behind() > 0;
        let answer = self.inbox.source.after(self.lag.checkpoint, PAGE).await;
        self.asked = Some(Instant::now());
        match answer {
            Ok(page) => match self.answered(page, begun) {
                Ok(()) => self.want_events(From::Now, lost_tail),
                Err(error) => self.asking.bad(&error),
            },
            Err(SourceError::Unreadable(unreadable)) => {
                self.asking.good();
                if let Err(error) = self.park_unreadable(&unreadable).await {
                    self.taking.bad(&error);
                }
            }
            Err(error) => {
                self.asking.bad(&error);
                self.more = false;
                self.want_events(From::Start, lost_tail);
            }
        }
    }

    /// A page has come. When it is empty, everything that existed when it was asked for has been taken.
    fn answered(&mut self, page: Vec<Envelope>, begun: Instant) -> Result<(), SourceError> {
        let fetched = i64::try_from(page.len()).unwrap_or(0);
        self.more = false;
        for (event, next) in page.iter().zip(self.lag.checkpoint + 1..) {
            if event.position != next || event.service() != self.inbox.name {
                return Err(SourceError::NotAPage("it is of another service, or its positions are not contiguous"));
            }
        }
        // Only an empty page is the end: a page may be short because it would have grown too large.
        self.more = fetched > 0;
        metrics::counter!("inbox_fetched", "source" => self.inbox.name.clone()).increment(page.len() as u64);
        let end = self.lag.checkpoint + fetched;
        self.lag.head = self.lag.head.max(end);
        self.lag.last_heard = Some(Instant::now());
        self.ahead.extend(page.into_iter().map(|event| (event.position, event)));
        self.asking.good();
        if fetched == 0 && self.lag.behind() > 0 {
            self.asking.later();
        } else if fetched == 0 {
            self.lag.sure_at = self.lag.sure_at.max(Some(begun));
        }
        Ok(())
    }

    /// Asks NATS for events, the first time or when a subscription has brought nothing though there was something.
    fn want_events(&mut self, from: From, lost_tail: bool) {
        let now = *self.want.borrow();
        if now.from == From::Nowhere || (lost_tail && self.renewed.elapsed() > RENEW) {
            self.renewed = Instant::now();
            self.want.send_replace(Want { number: now.number + 1, from });
        }
    }
}
