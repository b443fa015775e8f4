//! Third step: coverage proof and the entity's signature.

use ed25519_dalek::SigningKey;
use solventry_prover::{
    kernel::Arkworks,
    keys::ProvingKeys,
    reserves::ReserveOpening,
    seal::{SealInput, seal as seal_epoch, self_check},
};
use solventry_types::{
    Attestation, EpochContext,
    reserves::{ReserveClass, ReserveEvidence},
};

use super::{EpochError, reserves};
use crate::{
    progress::Progress,
    store::{StoreError, epoch_folder::EpochFolder},
};

/// Seals a committed epoch and returns the attestation's bytes. A sealed epoch gives the same
/// bytes again, unless reserves or the entity's key changed since: that takes a new epoch.
pub fn seal(
    folder: &EpochFolder,
    keys: &ProvingKeys,
    entity_key: &SigningKey,
    progress: &mut dyn Progress,
) -> Result<Vec<u8>, EpochError> {
    let (state, context) = folder.begun()?;
    if let Some(bytes) = folder.sealed()? {
        return unchanged(folder, bytes, &context, entity_key);
    }
    if state.bound().keys != keys.digest {
        return Err(EpochError::Changed { epoch: context.epoch, what: "set of keys" });
    }
    let missing = folder.pending_shards(&context).len();
    if missing > 0 {
        return Err(EpochError::Unfinished { missing, shards: context.shards });
    }
    let (evidence, openings) = gathered(folder, &context, entity_key)?;
    let mut shards = Vec::with_capacity(context.shards as usize);
    for index in 0..context.shards {
        shards.push(folder.shard(&context, index)?.record);
    }

    progress.phase("proving coverage");
    let secret = state.secret();
    let liabilities = state.totals().map_err(|error| StoreError::new(&folder.path("state"), error))?;
    let attestation: Attestation = seal_epoch(
        &Arkworks,
        SealInput {
            keys,
            context: &context,
            shards,
            liabilities: &liabilities,
            secret: &secret,
            evidence,
            openings: &openings,
            entity_key,
        },
    )?;
    let bytes = attestation.encode();
    folder.write_sealed(&bytes)?;
    Ok(bytes)
}

fn unchanged(
    folder: &EpochFolder,
    bytes: Vec<u8>,
    context: &EpochContext,
    entity_key: &SigningKey,
) -> Result<Vec<u8>, EpochError> {
    let path = folder.path("attestation.solv");
    let sealed = Attestation::decode(&bytes).map_err(|error| StoreError::new(&path, error))?;
    let damaged = |error| StoreError::new(&path, format!("the sealed attestation is damaged: {error}"));
    self_check(&sealed).map_err(damaged)?;
    if sealed.entity_key != entity_key.verifying_key().to_bytes() {
        return Err(EpochError::Changed { epoch: context.epoch, what: "entity key" });
    }
    if sealed.reserves != gathered(folder, context, entity_key)?.0 {
        return Err(EpochError::Changed { epoch: context.epoch, what: "list of reserves" });
    }
    Ok(bytes)
}

/// What was gathered, without signatures by the entity itself: no verifier counts those.
fn gathered(
    folder: &EpochFolder,
    context: &EpochContext,
    entity_key: &SigningKey,
) -> Result<(ReserveEvidence, Vec<ReserveOpening>), EpochError> {
    let (mut evidence, openings) = reserves::gathered(folder, context)?;
    let own = entity_key.verifying_key().to_bytes();
    for class in &mut evidence.classes {
        if let ReserveClass::Attested { signatures, .. } = class {
            signatures.retain(|signature| signature.attestor != own);
        }
    }
    Ok((evidence, openings))
}
