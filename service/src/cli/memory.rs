//! Memory estimate before a long run: better refused early than killed late.

use std::path::Path;

use solventry::store::keys_folder::KeysFolder;
use solventry_types::Profile;

use super::{CliError, tell};

/// Estimated peak in bytes: proving keys, circuit and vectors of one shard, and the ledger.
///
/// Measured on both profiles (benches/RESULTS.md): keys in memory take 9/8 of their file; matrix
/// entries, assignment, quotient vectors and multi-scalar multiplications take about
/// 700 bytes per row; the ledger about as much as its file.
fn estimate(proving_key_bytes: u64, profile: Profile, ledger_bytes: u64) -> u64 {
    let rows_per_slot = 3 * (80 / profile.limb_bits as u64 + 1) + 1;
    let rows = (rows_per_slot * profile.shard_slots() as u64).next_power_of_two();
    proving_key_bytes / 8 * 9 + 700 * rows + ledger_bytes
}

/// Refuses a run whose estimate is over the available memory, where the system tells it.
pub fn check(keys: &KeysFolder, ledger: &Path, ignore: bool) -> Result<(), CliError> {
    let profile = keys.verifying()?.profile;
    let ledger_bytes = std::fs::metadata(ledger.join("accounts.csv")).map_or(0, |metadata| metadata.len());
    let needed = estimate(keys.proving_bytes()?, profile, ledger_bytes);
    let Some(available) = available() else { return Ok(()) };
    let mib = |bytes: u64| bytes >> 20;
    tell(&format!("memory: about {} MiB needed, {} MiB available", mib(needed), mib(available)));
    if needed > available && !ignore {
        return Err(CliError::Input(format!(
            "expected about {} MiB of free memory, {} MiB are available; free some, use a smaller profile, or try \
             anyway with --ignore-memory",
            mib(needed),
            mib(available)
        )));
    }
    Ok(())
}

/// `MemAvailable` of Linux.
fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemAvailable:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib << 10)
}
