//! What waits and what runs, in order and bounded.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use solventry_fhe_risk::wire::Digest;

use super::{ServerError, locked};
use crate::client::Status;

/// How far an evaluation is.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bootstraps done.
    pub done: AtomicU64,
    /// In all; nothing while proofs are verified.
    pub total: AtomicU64,
}

#[derive(Default)]
struct Inner {
    waiting: VecDeque<Digest>,
    running: HashMap<Digest, Arc<Progress>>,
    /// How long the last evaluation took.
    last: Option<Duration>,
    is_stopped: bool,
}

/// The queue.
pub(super) struct Queue {
    limit: usize,
    inner: Mutex<Inner>,
    changed: Condvar,
}

impl Queue {
    /// With what was waiting before.
    pub fn new(limit: usize, waiting: Vec<Digest>) -> Self {
        let inner = Inner { waiting: waiting.into(), ..Inner::default() };
        Self { limit, inner: Mutex::new(inner), changed: Condvar::new() }
    }

    /// Adds a query if there is room and `accept` succeeds.
    pub fn push(
        &self,
        query: Digest,
        accept: impl FnOnce() -> Result<(), ServerError>,
    ) -> Result<(), ServerError> {
        let mut inner = locked(&self.inner);
        let before = inner.waiting.len() + inner.running.len();
        if before >= self.limit {
            // Half of a turn: clients that all come back at once would meet again.
            let turn = inner.last.unwrap_or(Duration::from_secs(10)).as_secs();
            return Err(ServerError::Busy { what: "the queue is full", seconds: (turn / 2).clamp(1, 60) });
        }
        accept()?;
        inner.waiting.push_back(query);
        self.changed.notify_one();
        Ok(())
    }

    /// Waits for the next query; nothing once the queue was stopped.
    pub fn next(&self) -> Option<(Digest, Arc<Progress>)> {
        let mut inner = locked(&self.inner);
        loop {
            if inner.is_stopped {
                return None;
            }
            if let Some(query) = inner.waiting.pop_front() {
                let progress = Arc::new(Progress::default());
                inner.running.insert(query, Arc::clone(&progress));
                return Some((query, progress));
            }
            inner = self.changed.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes a query off.
    pub fn done(&self, query: &Digest, start: Instant) {
        let mut inner = locked(&self.inner);
        inner.running.remove(query);
        inner.last = Some(start.elapsed());
    }

    /// Where a query stands, if it waits or runs.
    pub fn status(&self, query: &Digest) -> Option<Status> {
        let inner = locked(&self.inner);
        if let Some(progress) = inner.running.get(query) {
            let [done, total] = [&progress.done, &progress.total].map(|count| count.load(Ordering::Relaxed));
            return Some(Status::Running { done, total });
        }
        let place = inner.waiting.iter().position(|waiting| waiting == query)?;
        Some(Status::Queued { before: place + inner.running.len() })
    }

    /// Waits for `time`, or until the queue is stopped; whether it was.
    pub fn sleep(&self, time: Duration) -> bool {
        let inner = locked(&self.inner);
        let waited = self.changed.wait_timeout_while(inner, time, |inner| !inner.is_stopped);
        waited.unwrap_or_else(PoisonError::into_inner).0.is_stopped
    }

    /// Gives no more out.
    pub fn stop(&self) {
        locked(&self.inner).is_stopped = true;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_is_bounded_and_in_order() {
        let queue = Queue::new(2, vec![Digest([1; 32])]);
        queue.push(Digest([2; 32]), || Ok(())).unwrap();
        let busy = queue.push(Digest([3; 32]), || panic!("not accepted when there is no room"));
        assert!(matches!(busy, Err(ServerError::Busy { .. })));
        let (first, progress) = queue.next().unwrap();
        progress.total.store(9, Ordering::Relaxed);
        assert_eq!(first, Digest([1; 32]));
        assert_eq!(queue.status(&first), Some(Status::Running { done: 0, total: 9 }));
        assert_eq!(queue.status(&Digest([2; 32])), Some(Status::Queued { before: 1 }));
        assert!(queue.push(Digest([3; 32]), || Ok(())).is_err(), "what runs counts too");
        queue.done(&first, Instant::now());
        assert_eq!(queue.status(&first), None);
        assert!(queue.push(Digest([3; 32]), || Err(ServerError::Internal)).is_err());
        queue.push(Digest([4; 32]), || Ok(())).unwrap();
        queue.stop();
        assert!(queue.next().is_none() && queue.sleep(Duration::from_secs(60)));
    }
}
