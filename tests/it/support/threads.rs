//! Plain threads for many small jobs. Not rayon: a worker of its pool that waits for a proof or a
//! pairing would start further jobs on top of its own stack.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Calls `job` with 0, 1, …, `count` − 1 on all cores.
pub fn for_each(count: usize, job: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                break;
            }
            job(index);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
}
