//! First step: blocks, shard proofs, digest of the liabilities.

use solventry_prover::{
    kernel::Arkworks,
    keys::ProvingKeys,
    ledger::Ledger,
    placement::{Placement, capacity_shards, ledger_slots},
    shards::EpochJob,
};
use solventry_types::{Digest, EpochContext, SnapshotBlock, statement::liabilities_digest};

use super::EpochError;
use crate::{
    progress::Progress,
    store::{epoch_folder::EpochFolder, files, secrets_folder::SecretsFolder, state::EpochState},
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
    /// Time of the ledger snapshot, Unix seconds. On resuming, the first run's time stays.
    pub snapshot_time: u64,
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
    let (state, context) = begin(&folder, ledger, keys, context)?;

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
    let slots = options.capacity.unwrap_or(0).max(ledger_slots(ledger));
    let mut snapshot_blocks = options.snapshot_blocks.clone();
    snapshot_blocks.sort_by_key(|block| block.chain);
    let context = EpochContext {
        entity: options.entity.clone(),
        epoch: options.epoch,
        snapshot_time: options.snapshot_time,
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
    mut context: EpochContext,
) -> Result<(EpochState, EpochContext), EpochError> {
    let digest = ledger.digest();
    let Some(state) = folder.state()? else {
        let seed = files::random_secret()?;
        let state = EpochState::new(&seed, digest, keys.digest, &context, ledger.totals());
        folder.write_state(&state)?;
        return Ok((state, context));
    };
    let (_, begun) = folder.begun()?;
    context.snapshot_time = begun.snapshot_time;
    let changed = |what| Err(EpochError::Changed { epoch: begun.epoch, what });
    if state.ledger() != digest {
        return changed("ledger");
    }
    if state.keys() != keys.digest {
        return changed("set of keys");
    }
    if begun != context {
        return changed("entity, capacity or snapshot block");
    }
    Ok((state, begun))
}
