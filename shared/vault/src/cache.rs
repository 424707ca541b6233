//! Unwrapped keys, kept for a moment so that a page of a desk does not fetch and unwrap the same keys again and again.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use tokio::time::Instant;

use crate::KeyHandle;

/// How long an unwrapped key stays. An erasure in another process is noticed at the latest after this.
pub(crate) const LIFE: Duration = Duration::from_secs(30);
/// How many unwrapped keys stay.
pub(crate) const MOST: usize = 10_000;

/// How many erasures the cache had seen when somebody began to fetch keys.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Epoch(u64);

pub(crate) struct Cache {
    keys: HashMap<String, (Instant, KeyHandle)>,
    /// Ids in the order in which they end. An id may be here and no longer in `keys`.
    ends: VecDeque<(Instant, String)>,
    epoch: Epoch,
    most: usize,
}

impl Cache {
    pub(crate) fn new(most: usize) -> Self {
        Self { keys: HashMap::new(), ends: VecDeque::new(), epoch: Epoch(0), most }
    }

    pub(crate) fn epoch(&self) -> Epoch {
        self.epoch
    }

    pub(crate) fn get(&self, id: &str, now: Instant) -> Option<KeyHandle> {
        self.keys.get(id).filter(|(end, _)| now < *end).map(|(_, key)| key.clone())
    }

    /// Keeps keys that were fetched since `epoch`. If there was an erasure in between they may be of before it, and are not kept.
    pub(crate) fn put(&mut self, epoch: Epoch, keys: impl IntoIterator<Item = KeyHandle>, now: Instant) {
        self.sweep(now);
        if epoch != self.epoch {
            return;
        }
        for key in keys {
            // One that is here already keeps its end: it was read from the database then, not now.
            if self.keys.contains_key(key.id()) {
                continue;
            }
            while self.ends.len() >= self.most {
                self.drop_first();
            }
            self.ends.push_back((now + LIFE, key.id().to_owned()));
            self.keys.insert(key.id().to_owned(), (now + LIFE, key));
        }
    }

    /// Drops every key: somebody was erased.
    pub(crate) fn clear(&mut self) {
        self.keys.clear();
        self.ends.clear();
        self.epoch.0 += 1;
    }

    /// Drops the keys whose time is over.
    pub(crate) fn sweep(&mut self, now: Instant) {
        while self.ends.front().is_some_and(|(end, _)| *end <= now) {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some((_, id)) = self.ends.pop_front() {
            self.keys.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::data_key::DataKey;

    fn key() -> KeyHandle {
        KeyHandle(Arc::new(DataKey::generate().unwrap()))
    }

    #[test]
    fn a_key_is_kept_for_half_a_minute_and_not_longer() {
        let (mut cache, start, key) = (Cache::new(10), Instant::now(), key());
        cache.put(cache.epoch(), [key.clone()], start);
        cache.put(cache.epoch(), [key.clone()], start + LIFE / 2);
        assert!(cache.get(key.id(), start + LIFE - Duration::from_millis(1)).is_some());
        assert!(cache.get(key.id(), start + LIFE).is_none());
        cache.sweep(start + LIFE);
        assert!(cache.keys.is_empty() && cache.ends.is_empty());
        assert_eq!(Arc::strong_count(&key.0), 1, "the cache let go of it");
    }

    #[test]
    fn the_cache_never_holds_more_than_its_bound_and_drops_the_oldest() {
        let (mut cache, now) = (Cache::new(3), Instant::now());
        let keys: Vec<_> = (0..10).map(|_| key()).collect();
        for key in &keys {
            cache.put(cache.epoch(), [key.clone()], now);
            assert!(cache.keys.len() <= 3 && cache.ends.len() <= 3);
        }
        let kept: Vec<_> = keys.iter().map(|key| cache.get(key.id(), now).is_some()).collect();
        assert_eq!(kept, [false, false, false, false, false, false, false, true, true, true]);
    }

    #[test]
    fn a_key_fetched_before_an_erasure_is_not_kept_after_it() {
        let (mut cache, now, old, new) = (Cache::new(10), Instant::now(), key(), key());
        let before = cache.epoch();
        cache.clear();
        cache.put(before, [old.clone()], now);
        cache.put(cache.epoch(), [new.clone()], now);
        assert!(cache.get(old.id(), now).is_none());
        assert!(cache.get(new.id(), now).is_some());
    }

    #[test]
    fn an_erasure_drops_every_key_at_once() {
        let (mut cache, now, key) = (Cache::new(10), Instant::now(), key());
        cache.put(cache.epoch(), [key.clone()], now);
        cache.clear();
        assert!(cache.get(key.id(), now).is_none());
        assert_eq!(Arc::strong_count(&key.0), 1);
    }
}
