//! Work that outlives the request that asked for it.

use tokio::{sync::watch, task::JoinHandle};

use crate::trace::Trace;

/// A set of running tasks. A stop waits until it is empty.
#[derive(Clone, Debug)]
pub struct Tasks {
    running: watch::Sender<usize>,
    stop: watch::Sender<bool>,
}

/// Tells a worker, or an answer that goes on for long, that the process is stopping.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Whether the process is stopping.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is.
    pub async fn asked(&mut self) {
        // Without a sender nobody is left to go on for.
        drop(self.0.wait_for(|asked| *asked).await);
    }
}

/// Counts one task down, also when it panics.
struct Running(watch::Sender<usize>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.send_modify(|running| *running -= 1);
    }
}

impl Tasks {
    /// An empty set.
    #[must_use]
    pub fn new() -> Self {
        Self { running: watch::Sender::new(0), stop: watch::Sender::new(false) }
    }

    /// Starts work that goes on to its end whether or not anybody waits for it. It stays a part of the current trace.
    pub fn spawn<F>(&self, work: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.running.send_modify(|running| *running += 1);
        let running = Running(self.running.clone());
        let trace = Trace::current();
        let counted = async move {
            let _running = running;
            match trace {
                Some(trace) => trace.scope(work).await,
                None => work.await,
            }
        };
        start(counted)
    }

    /// How many are running.
    #[must_use]
    pub fn running(&self) -> usize {
        *self.running.borrow()
    }

    /// Hears of the stop. A stream of events to a client ends when it is asked for, or it would hold the stop up.
    #[must_use]
    pub fn stop(&self) -> Stop {
        Stop(self.stop.subscribe())
    }

    /// Asks everybody to stop. A set that was stopped is not started again.
    pub fn ask_to_stop(&self) {
        self.stop.send_replace(true);
    }

    /// Waits until none is running.
    pub async fn finished(&self) {
        // The sender is held here, so the wait cannot fail.
        drop(self.running.subscribe().wait_for(|running| *running == 0).await);
    }
}

impl Default for Tasks {
    fn default() -> Self {
        Self::new()
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that starts tasks")]
fn start<F>(work: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(work)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn work_goes_on_when_nobody_waits_for_it_and_a_stop_waits() {
        let tasks = Tasks::new();
        let (go, gate) = oneshot::channel::<()>();
        let (done, end) = oneshot::channel();
        drop(tasks.spawn(async move {
            gate.await.unwrap();
            done.send(7).unwrap();
        }));
        assert_eq!(tasks.running(), 1);
        go.send(()).unwrap();
        tasks.finished().await;
        assert_eq!((end.await, tasks.running()), (Ok(7), 0));
    }

    #[tokio::test]
    async fn a_task_that_panics_does_not_hold_up_a_stop() {
        let tasks = Tasks::new();
        assert!(tasks.spawn(async { panic!("planted") }).await.is_err());
        tasks.finished().await;
    }
}
