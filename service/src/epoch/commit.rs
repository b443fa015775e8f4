//! First step: blocks, shard proofs, digest of the liabilities.

use solventry_prover::{
    kernel::Arkworks,
    keys::ProvingKeys,
    ledger::Ledger,
    placement::{Placement, capacity_shards, ledger_slots},
    shards::EpochJob,
};
use solventry_types::{Digest, EpochContext, MasterSecret, SnapshotBlock, statement::liabilities_digest};
use solventry_verifier::attestation::CLOCK_TOLERANCE;

use super::EpochError;
use crate::{
    progress::Progress,
    store::{
        epoch_folder::EpochFolder,
        files,
        secrets_folder::SecretsFolder,
        state::{BoundTo, EpochState},
    },
};

/// What fixes an epoch, besides ledger and keys.
#[derive(Debug, Clone)]
pub struct EpochOptions {
    /// Name of the entity.
    pub entity: String,
    /// Number of the epoch.
    pub epoch: u64,
    /// Declared capacity in slots; `None` leaves room for a little growth.
    pub capacity: Option<usize>,
    /// Time of the ledger snapshot, Unix seconds; `None` is `now`, or the first run's time on
    /// resuming.
    pub snapshot_time: Option<u64>,
    /// The operator's time, Unix seconds.
    pub now: u64,
    /// Snapshot blocks, any order.
    pub snapshot_blocks: Vec<SnapshotBlock>,
}

/// The first step's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Digest of the liabilities commitments; publish it before reserves are gathered.
    pub digest: Digest,
    /// Shards that were proven by an earlier run.
    pub resumed: u32,
    /// Shards of the epoch.
    pub shards: u32,
    /// Slots of all accounts.
    pub slots: usize,
}

/// Proves all shards that are not on disk yet. Interrupted at any point, it resumes.
pub fn commit(
    ledger: &Ledger,
    keys: &ProvingKeys,
    options: &EpochOptions,
    secrets: &SecretsFolder,
    progress: &mut dyn Progress,
) -> Result<Committed, EpochError> {
    if ledger.is_empty() {
        return Err(EpochError::EmptyLedger);
    }
    let context = context(ledger, keys, options)?;
    secrets.prepare()?;
    let master = secrets.master()?;
    let folder = secrets.epoch(options.epoch)?;
    let (state, context) = begin(&folder, ledger, keys, &master, options, context)?;

    progress.phase("placing accounts");
    let secret = state.secret();
    let placement = Placement::new(ledger, context.profile, context.shards, &secret)?;
    folder.write_powers(&keys.reference)?;

    progress.phase("proving shards");
    let pending = folder.pending_shards(&context);
    let (total, mut done) = (pending.len() as u32, 0);
    let job =
        EpochJob { keys, ledger, placement: &placement, context: &context, secret: &secret, master: &master };
    progress.shards(done, total, context.profile.shard_slots());
    job.prove_all::<EpochError>(&Arkworks, &pending, |shard| {
        folder.write_shard(&shard)?;
        done += 1;
        progress.shards(done, total, context.profile.shard_slots());
        Ok(())
    })?;
    let digest = published_digest(&folder, &context)?;
    Ok(Committed {
        digest,
        resumed: context.shards - total,
        shards: context.shards,
        slots: ledger_slots(ledger),
    })
}

/// Digest of the liabilities of a committed epoch.
pub fn published_digest(folder: &EpochFolder, context: &EpochContext) -> Result<Digest, EpochError> {
    let missing = folder.pending_shards(context).len();
    if missing > 0 {
        return Err(EpochError::Unfinished { missing, shards: context.shards });
    }
    let mut statements = Vec::new();
    for index in 0..context.shards {
        statements.push(folder.shard(context, index)?.record.statement);
    }
    Ok(liabilities_digest(context.digest(), &statements))
}

fn context(ledger: &Ledger, keys: &ProvingKeys, options: &EpochOptions) -> Result<EpochContext, EpochError> {
    let profile = keys.verifying.profile;
    let needed = ledger_slots(ledger);
    let slots = options.capacity.unwrap_or(needed);
    if slots < needed {
        return Err(EpochError::Declared { needed, declared: slots });
    }
    let snapshot_time = options.snapshot_time.unwrap_or(options.now);
    if snapshot_time > options.now.saturating_add(CLOCK_TOLERANCE) {
        return Err(EpochError::FutureSnapshot { now: options.now, got: snapshot_time });
    }
    let mut snapshot_blocks = options.snapshot_blocks.clone();
    snapshot_blocks.sort_by_key(|block| block.chain);
    let context = EpochContext {
        entity: options.entity.clone(),
        epoch: options.epoch,
        snapshot_time,
        snapshot_blocks,
        profile,
        shards: capacity_shards(slots, profile)?,
        assets: ledger.assets().clone(),
    };
    context.validate()?;
    Ok(context)
}

/// Loads the state of an epoch begun earlier, if everything agrees with it, or begins it.
fn begin(
    folder: &EpochFolder,
    ledger: &Ledger,
    keys: &ProvingKeys,
    master: &MasterSecret,
    options: &EpochOptions,
    mut context: EpochContext,
) -> Result<(EpochState, EpochContext), EpochError> {
    let bound = BoundTo { ledger: ledger.digest(), keys: keys.digest, master: master.fingerprint() };
    let Some(state) = folder.state()? else {
        let seed = files::random_secret()?;
        let state = EpochState::new(&seed, bound, &context, ledger.totals());
        folder.write_state(&state)?;
        return Ok((state, context));
    };
    let (_, begun) = folder.begun()?;
    context.snapshot_time = options.snapshot_time.unwrap_or(begun.snapshot_time);
    let changed = |what| Err(EpochError::Changed { epoch: begun.epoch, what });
    if state.bound().master != bound.master {
        return Err(EpochError::MasterKey { epoch: begun.epoch });
    }
    if state.bound().ledger != bound.ledger {
        return changed("ledger");
    }
    if state.bound().keys != bound.keys {
        return changed("set of keys");
    }
    if begun != context {
        return changed("entity, capacity, snapshot time or block");
    }
    Ok((state, begun))
}
