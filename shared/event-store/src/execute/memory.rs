//! The streams that the writer has at hand.

use std::collections::HashMap;

use kernel::{Recorded, Stream};

/// How many events the writer keeps between transactions.
const MOST: usize = 20_000;

/// Streams read or written lately. They stay right as long as nobody else moved the head of the log, because every event
/// moves it.
pub(super) struct Memory<E> {
    head: i64,
    events: usize,
    streams: HashMap<Stream, Vec<Recorded<E>>>,
}

impl<E> Memory<E> {
    pub(super) fn new() -> Self {
        Self { head: -1, events: 0, streams: HashMap::new() }
    }

    /// Forgets everything if another writer has been at work, or if it has grown too large.
    pub(super) fn at_head(&mut self, head: i64) {
        if self.head != head || self.events > MOST {
            self.forget();
        }
        self.head = head;
    }

    pub(super) fn forget(&mut self) {
        self.head = -1;
        self.events = 0;
        self.streams.clear();
    }

    pub(super) fn knows(&self, stream: &Stream) -> bool {
        self.streams.contains_key(stream)
    }

    pub(super) fn of(&self, stream: &Stream) -> &[Recorded<E>] {
        self.streams.get(stream).map_or(&[], Vec::as_slice)
    }

    pub(super) fn learn(&mut self, stream: Stream) {
        self.events += 1;
        self.streams.entry(stream).or_default();
    }

    pub(super) fn add(&mut self, recorded: Recorded<E>) {
        self.events += 1;
        self.streams.entry(recorded.stream.clone()).or_default().push(recorded);
    }

    pub(super) fn advance(&mut self, head: i64) {
        self.head = head;
    }
}
