//! Wall time, processor time and memory of this process, from the standard library and `/proc`.

use std::{
    fs,
    time::{Duration, Instant},
};

/// What something took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    /// Wall time.
    pub wall: Duration,
    /// Processor time of all threads, user and system, in steps of 10 ms.
    pub cpu: Duration,
}

/// Clock ticks per second in `/proc` (USER_HZ): 100 on every Linux port in use.
const TICKS_PER_SECOND: u64 = 100;

/// Runs `work` once.
pub fn once<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let (start, cpu) = (Instant::now(), cpu_time());
    let result = work();
    (result, Cost { wall: start.elapsed(), cpu: cpu_time().saturating_sub(cpu) })
}

/// Runs `work` at least `least` times and for at least half a second; the wall time is the
/// median, the processor time the mean (its clock is too coarse for single runs).
pub fn repeated<T>(least: usize, mut work: impl FnMut() -> T) -> Cost {
    let (start, cpu) = (Instant::now(), cpu_time());
    let mut walls = Vec::new();
    while walls.len() < least || start.elapsed() < Duration::from_millis(500) {
        let begin = Instant::now();
        std::hint::black_box(work());
        walls.push(begin.elapsed());
    }
    let cpu = cpu_time().saturating_sub(cpu) / walls.len() as u32;
    walls.sort_unstable();
    Cost { wall: walls[walls.len() / 2], cpu }
}

/// User and system time of all threads of this process; zero where there is no `/proc`.
pub fn cpu_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is the program's name in brackets; user and system time are 14 and 15.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND)
}

/// Largest resident size so far in bytes (VmHWM); zero where there is no `/proc`.
pub fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}

/// Sets the peak back to the present size, so that each run shows its own. Returns whether the
/// kernel allowed it.
pub fn reset_peak_memory() -> bool {
    fs::write("/proc/self/clear_refs", "5").is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_and_memory_show() {
        let (sum, cost) = once(|| {
            let start = Instant::now();
            let mut sum = 0u64;
            while start.elapsed() < Duration::from_millis(60) {
                sum = std::hint::black_box(sum.wrapping_add(1));
            }
            sum
        });
        assert!(sum > 0 && cost.wall >= Duration::from_millis(60) && cost.wall < Duration::from_secs(60));
        assert!(cost.cpu > Duration::ZERO && peak_memory() > 0);
    }
}
