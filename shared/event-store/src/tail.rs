//! The newest events, read and decoded once for however many follow the log: two hundred screens cost about what one does.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use kernel::{Recorded, StoredEvent};
use tokio::{sync::Mutex, time::Instant};

use crate::{
    error::StoreError,
    log::{Log, Row},
};

/// So many are remembered. Whoever is further behind reads for themselves.
const KEPT: usize = 1_000;

/// How many are read at once.
const PAGE: i64 = 500;

/// What another process wrote is looked for no more often than this.
const LOOK: Duration = Duration::from_millis(500);

pub(crate) struct Tail<E> {
    log: Log,
    recent: Mutex<Recent<E>>,
}

/// Every event after `from`, without a hole, up to `newest`.
struct Recent<E> {
    from: i64,
    newest: i64,
    events: VecDeque<Arc<Recorded<E>>>,
    looked: Option<Instant>,
}

impl<E> Recent<E> {
    /// Nothing yet, from a position on.
    fn after(position: i64) -> Self {
        Self { from: position, newest: position, events: VecDeque::new(), looked: None }
    }

    fn take(&mut self, events: Vec<Arc<Recorded<E>>>) {
        self.newest = events.last().map_or(self.newest, |event| event.position);
        self.events.extend(events);
        while self.events.len() > KEPT {
            self.from = self.events.pop_front().map_or(self.from, |event| event.position);
        }
    }
}

impl<E: StoredEvent> Tail<E> {
    pub(crate) fn new(log: Log) -> Self {
        Self { log, recent: Mutex::new(Recent::after(0)) }
    }

    async fn read(&self, position: i64) -> Result<Vec<Arc<Recorded<E>>>, StoreError> {
        let rows = self.log.after(position, PAGE).await?;
        rows.into_iter().map(|row: Row| row.decode().map(Arc::new)).collect()
    }

    /// Events after a position, in order; an empty answer where there are none yet. `written` is how far this process has written.
    pub(crate) async fn after(&self, position: i64, written: i64) -> Result<Vec<Arc<Recorded<E>>>, StoreError> {
        // Held while the database is asked: whoever else comes meanwhile finds the answer.
        let mut recent = self.recent.lock().await;
        if position > recent.newest {
            *recent = Recent::after(position);
        } else if position < recent.from {
            drop(recent);
            return self.read(position).await;
        }
        let is_due = recent.looked.is_none_or(|looked| looked.elapsed() >= LOOK);
        if position == recent.newest && (written > recent.newest || is_due) {
            let events = self.read(position).await?;
            recent.take(events);
            recent.looked = Some(Instant::now());
        }
        Ok(recent.events.iter().filter(|event| event.position > position).cloned().collect())
    }
}
