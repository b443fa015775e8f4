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
use crate::{client::Status, store::Waiting};

/// How far an evaluation is.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bootstraps done.
    pub done: AtomicU64,
    /// In all; nothing while proofs are verified.
    pub total: AtomicU64,
}

struct Running {
    account: Option<Digest>,
    progress: Arc<Progress>,
}

#[derive(Default)]
struct Inner {
    waiting: VecDeque<Waiting>,
    running: HashMap<Digest, Running>,
    /// How long the last evaluation took.
    last: Option<Duration>,
    is_stopped: bool,
}

impl Inner {
    /// Queries of an account that wait or run.
    fn count(&self, account: &Digest) -> usize {
        let waiting = self.waiting.iter().map(|waiting| waiting.account);
        let running = self.running.values().map(|running| running.account);
        waiting.chain(running).filter(|other| other.as_ref() == Some(account)).count()
    }
}

/// The queue. Of its places one account may take half, rounded up.
pub(super) struct Queue {
    limit: usize,
    inner: Mutex<Inner>,
    changed: Condvar,
}

impl Queue {
    /// With what was waiting before.
    pub fn new(limit: usize, waiting: Vec<Waiting>) -> Self {
        let inner = Inner { waiting: waiting.into(), ..Inner::default() };
        Self { limit, inner: Mutex::new(inner), changed: Condvar::new() }
    }

    /// Adds a query if there is room and `accept` finds that it is new.
    pub fn push(
        &self,
        query: Digest,
        account: Digest,
        accept: impl FnOnce() -> Result<bool, ServerError>,
    ) -> Result<(), ServerError> {
        let mut inner = locked(&self.inner);
        // Half of a turn: clients that all come back at once would meet again.
        let turn = inner.last.unwrap_or(Duration::from_secs(10)).as_secs();
        let busy = |what| Err(ServerError::Busy { what, seconds: (turn / 2).clamp(1, 60) });
        if inner.waiting.len() + inner.running.len() >= self.limit {
            return busy("the queue is full");
        }
        if inner.count(&account) >= self.limit.div_ceil(2) {
            return busy("this account has half of the queue's places, which is the most of one account");
        }
        if accept()? {
            inner.waiting.push_back(Waiting { query, account: Some(account) });
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Waits for the next query; nothing once the queue was stopped.
    pub fn next(&self) -> Option<(Digest, Arc<Progress>)> {
        let mut inner = locked(&self.inner);
        loop {
            if inner.is_stopped {
                return None;
            }
            if let Some(Waiting { query, account }) = inner.waiting.pop_front() {
                let progress = Arc::new(Progress::default());
                inner.running.insert(query, Running { account, progress: Arc::clone(&progress) });
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
        if let Some(Running { progress, .. }) = inner.running.get(query) {
            let [done, total] = [&progress.done, &progress.total].map(|count| count.load(Ordering::Relaxed));
            return Some(Status::Running { done, total });
        }
        let place = inner.waiting.iter().position(|waiting| waiting.query == *query)?;
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

    const fn digest(byte: u8) -> Digest {
        Digest([byte; 32])
    }

    fn waiting(query: u8, account: Option<u8>) -> Waiting {
        Waiting { query: digest(query), account: account.map(digest) }
    }

    #[test]
    fn the_queue_is_bounded_and_in_order() {
        let queue = Queue::new(2, vec![waiting(1, None)]);
        let push = |query: u8, account: u8| queue.push(digest(query), digest(account), || Ok(true));
        push(2, 8).unwrap();
        let busy = queue.push(digest(3), digest(9), || panic!("not accepted when there is no room"));
        assert!(matches!(busy, Err(ServerError::Busy { .. })));
        let (first, progress) = queue.next().unwrap();
        progress.total.store(9, Ordering::Relaxed);
        assert_eq!(first, digest(1));
        assert_eq!(queue.status(&first), Some(Status::Running { done: 0, total: 9 }));
        assert_eq!(queue.status(&digest(2)), Some(Status::Queued { before: 1 }));
        assert!(push(3, 9).is_err(), "what runs counts too");
        queue.done(&first, Instant::now());
        assert_eq!(queue.status(&first), None);
        assert!(queue.push(digest(3), digest(9), || Err(ServerError::Internal)).is_err());
        queue.push(digest(3), digest(9), || Ok(false)).unwrap();
        assert_eq!(queue.status(&digest(3)), None, "what is not new is not added");
        push(4, 9).unwrap();
        queue.stop();
        assert!(queue.next().is_none() && queue.sleep(Duration::from_secs(60)));
    }

    #[test]
    fn an_account_takes_at_most_half() {
        let queue = Queue::new(5, vec![waiting(1, Some(7)), waiting(2, Some(7))]);
        queue.next().unwrap();
        let push = |query: u8, account: u8| queue.push(digest(query), digest(account), || Ok(true));
        push(3, 7).unwrap();
        assert!(push(4, 7).unwrap_err().to_string().contains("this account has half"));
        push(4, 8).unwrap();
        queue.done(&digest(1), Instant::now());
        push(5, 7).unwrap();
        assert!(Queue::new(1, vec![]).push(digest(1), digest(7), || Ok(true)).is_ok());
    }
}
