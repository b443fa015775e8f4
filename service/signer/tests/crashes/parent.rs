//! Starts the process again on the same folder until its script ends, and holds what it said
//! against its disk.

use std::{
    collections::{BTreeMap, BTreeSet},
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Command, Stdio},
    slice::from_ref,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};
use solventry_protocol::Entry;
use solventry_signer::application::{RedbStore, Store, Table};
use solventry_threshold::verify_share;

use crate::{
    child::{DROPS, FOLDER, FUSE, USED},
    disk::{Fuse, Point, When},
    folder::{JOURNAL, PAYMENT, Prepared, copy, others},
};

/// Longest time of a life that ends anywhere, in microseconds.
const LONGEST: u64 = 400_000;

/// When the lives of one run end; the life after them goes on to the end of the script.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// One per life.
    pub fuses: Vec<Fuse>,
    /// Whether the payment is not judged yet.
    pub fresh: bool,
    /// See [`crate::disk::Disk`].
    pub drops_markers: bool,
}

/// What one run came to.
#[derive(Debug, Default)]
pub struct Tally {
    pub kills: usize,
    /// Intent, nonce, package, share, message and commitments of every share that left.
    pub shares: Vec<Vec<String>>,
    pub end: Option<String>,
    committed: BTreeSet<u64>,
}

impl Plan {
    /// A kill at `point`, and in every second run another one anywhere else.
    pub fn random(point: Point, seed: u64) -> Self {
        let place = Point::ALL.iter().position(|other| *other == point).unwrap() as u64;
        let mut rng = ChaCha8Rng::seed_from_u64(seed << 8 | place);
        let mut fuses = vec![fuse(point, &mut rng)];
        if rng.next_u32().is_multiple_of(2) {
            let other = Point::ALL[rng.next_u32() as usize % Point::ALL.len()];
            fuses.push(fuse(other, &mut rng));
        }
        Self { fuses, ..Self::default() }
    }

    /// A kill at the verdict of a payment whose proofs are verified just now.
    pub fn first_verdict(when: When) -> Self {
        Self {
            fuses: vec![Fuse { point: Point::Verdict, when, number: 1 }],
            fresh: true,
            drops_markers: false,
        }
    }
}

fn fuse(point: Point, rng: &mut ChaCha8Rng) -> Fuse {
    let is_write = matches!(point, Point::Verdict | Point::Vote | Point::Commit | Point::Marker);
    let when = if is_write && rng.next_u32().is_multiple_of(2) { When::Before } else { When::After };
    let most = if point == Point::Anywhere { LONGEST } else { point.occurrences() };
    Fuse { point, when, number: rng.next_u64() % most + 1 }
}

/// All runs, on all cores.
pub fn run_all(prepared: &Prepared, plans: &[Plan]) -> Vec<Result<Tally, String>> {
    let (next, tallies) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let work = || {
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(plan) = plans.get(place) else { return };
            let tally = run(prepared, plan.clone());
            tallies.lock().unwrap().insert(place, tally);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    tallies.into_inner().unwrap().into_values().collect()
}

/// One run.
pub fn run(prepared: &Prepared, plan: Plan) -> Result<Tally, String> {
    let folder = tempfile::tempdir().unwrap();
    copy(if plan.fresh { prepared.fresh.path() } else { prepared.judged.path() }, folder.path());
    let mut tally = Tally::default();
    let lives = plan.fuses.iter().map(Some).chain([None]);
    for fuse in lives {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "child", "--nocapture"]).env(FOLDER, folder.path());
        command.env(USED, tally.used()).stderr(Stdio::piped());
        if plan.drops_markers {
            command.env(DROPS, "1");
        }
        if let Some(Fuse { point, when, number }) = fuse {
            let place = Point::ALL.iter().position(|other| other == point).unwrap();
            command.env(FUSE, format!("{place},{},{number}", u8::from(*when == When::After)));
        }
        let output = command.output().map_err(|error| error.to_string())?;
        let killed = output.status.signal() == Some(9);
        if !killed && !output.status.success() {
            return Err(format!("it failed: {}", String::from_utf8_lossy(&output.stderr)));
        }
        if killed && fuse.is_none() {
            return Err("somebody else killed it".into());
        }
        tally.kills += usize::from(killed);
        tally.hear(&String::from_utf8_lossy(&output.stdout), prepared)?;
        tally.compare(folder.path(), prepared)?;
        if tally.end.is_some() {
            break;
        }
    }
    Ok(tally)
}

impl Tally {
    /// Marks that a coordinator may offer again.
    fn used(&self) -> String {
        let marks = self.shares.iter().map(|share| format!("{},{}", share[1], share[2]));
        marks.collect::<Vec<_>>().join(" ")
    }

    fn hear(&mut self, said: &str, prepared: &Prepared) -> Result<(), String> {
        // A line that was cut off was not said.
        for line in said.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            let Some(line) = line.trim_end().strip_prefix('!') else { continue };
            let words: Vec<&str> = line.split(' ').collect();
            match words[0] {
                "open" => self.require_head(words[1].parse().unwrap(), words[2], prepared, true)?,
                "committed" => {
                    let height = words[1].parse().unwrap();
                    self.require_head(height, words[2], prepared, false)?;
                    if !self.committed.insert(height) {
                        return Err(format!("height {height} was decided twice"));
                    }
                }
                "share" => self.shares.push(words[1..].iter().map(|&word| word.to_owned()).collect()),
                "end" => self.end = Some(line.to_owned()),
                _ => return Err(format!("unknown words: {line}")),
            }
        }
        Ok(())
    }

    /// The head is that of the height, and no height that was decided is lost.
    fn require_head(&self, height: u64, head: &str, prepared: &Prepared, opens: bool) -> Result<(), String> {
        let last = self.committed.last().copied().unwrap_or(PAYMENT - 1);
        if opens && height < last {
            return Err(format!("it came back at height {height}, and had decided {last}"));
        }
        let next = height + 1 - PAYMENT;
        let expected = match prepared.values.get(next as usize) {
            Some(value) => Entry::decode(value).unwrap().0.header.previous,
            None => Entry::decode(prepared.values.last().unwrap()).unwrap().0.header.value_id(),
        };
        if expected.to_string() == head { Ok(()) } else { Err(format!("another head at height {height}")) }
    }

    /// What was said against what is on the disk.
    fn compare(&self, folder: &Path, prepared: &Prepared) -> Result<(), String> {
        // A copy: what the kill left behind is for the next life to open.
        let copy = tempfile::NamedTempFile::new().unwrap();
        std::fs::copy(folder.join(JOURNAL), copy.path()).unwrap();
        let store = RedbStore::open(copy.path()).map_err(|error| error.to_string())?;
        let read = |table, key: &[u8]| store.read(table, key).unwrap();
        for height in &self.committed {
            let value = &prepared.values[(height - PAYMENT) as usize];
            if read(Table::Decided, &height.to_be_bytes()).is_none_or(|stored| !stored.ends_with(value)) {
                return Err(format!("the decided height {height} is lost"));
            }
        }
        let mut packages = BTreeMap::new();
        for share in &self.shares {
            let parts: Vec<_> = share.iter().map(|part| hex::decode(part).unwrap()).collect();
            let [intent, nonce, package, signature, message, own] = &parts[..] else {
                return Err("a share has six parts".into());
            };
            if packages.insert(nonce.clone(), package.clone()).is_some() {
                return Err("a nonce left twice".into());
            }
            let marker = read(Table::Packages, &[&intent[..], package].concat());
            if marker.is_none() || read(Table::Nonces, nonce).as_ref() != Some(intent) {
                return Err("a share left without its marker".into());
            }
            let mut commitments = others(folder);
            commitments.insert(0, vec![own.clone()]);
            verify_share(&prepared.key, 0, from_ref(message), &commitments, from_ref(signature))
                .map_err(|error| format!("a wrong share: {error}"))?;
        }
        Ok(())
    }

    /// It ends as a run without a crash: state, charge, members, locks, sums.
    pub fn require_end(&self, expected: &str) -> Result<(), String> {
        match &self.end {
            Some(end) if end == expected => Ok(()),
            other => Err(format!("expected {expected:?}, got {other:?}")),
        }
    }
}
