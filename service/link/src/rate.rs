//! Requests per peer, bounded.

use std::{collections::HashMap, sync::Mutex, time::Instant};

/// Token buckets by peer: `burst` requests at once, `per_second` in the long run. Only listed
/// peers have one, so their number is bounded.
pub(crate) struct Rate {
    per_second: f64,
    burst: f64,
    buckets: Mutex<HashMap<[u8; 32], Bucket>>,
}

struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Rate {
    pub(crate) fn new(per_second: u32, burst: u32) -> Self {
        Self { per_second: per_second.into(), burst: burst.into(), buckets: Mutex::default() }
    }

    /// Seconds that the peer must wait before its next request is answered; takes one token.
    pub(crate) fn take(&self, peer: [u8; 32], now: Instant) -> f64 {
        let mut buckets = self.buckets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let bucket = buckets.entry(peer).or_insert(Bucket { tokens: self.burst, filled: now });
        let elapsed = now.saturating_duration_since(bucket.filled).as_secs_f64();
        bucket.tokens = (bucket.tokens + elapsed * self.per_second).min(self.burst) - 1.0;
        bucket.filled = now;
        (-bucket.tokens / self.per_second).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_passes_and_the_rest_waits() {
        let (rate, start) = (Rate::new(10, 3), Instant::now());
        let waits: Vec<_> = (0..5).map(|_| rate.take([1; 32], start)).collect();
        assert_eq!(waits, [0.0, 0.0, 0.0, 0.1, 0.2]);
        assert_eq!(rate.take([2; 32], start), 0.0, "another peer has its own bucket");
        assert_eq!(rate.take([1; 32], start + Duration::from_secs(10)), 0.0);
    }
}
