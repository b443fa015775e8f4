//! One account's inclusion file, on demand.

use solventry_prover::{
    inclusion::{BlockData, open_block},
    kernel::Arkworks,
    seal,
};
use solventry_types::{AccountId, Attestation, InclusionFile, Label, inclusion::BlockOpening};
use solventry_verifier::verify_inclusion;

use super::EpochError;
use crate::store::secrets_folder::SecretsFolder;

/// Makes the inclusion file of `account` for an attestation whose secrets are in `secrets`, and
/// verifies it.
pub fn inclusion(
    secrets: &SecretsFolder,
    attestation: &Attestation,
    account: &AccountId,
) -> Result<InclusionFile, EpochError> {
    let context = &attestation.context;
    let folder = secrets.begun_epoch(context.epoch)?;
    let (state, begun) = folder.begun()?;
    if begun != *context {
        return Err(EpochError::OtherAttestation { got: context.epoch });
    }
    let master = secrets.master()?;
    if state.bound().master != master.fingerprint() {
        return Err(EpochError::MasterKey { epoch: context.epoch });
    }
    let nonce = master.account_nonce(&context.entity, context.epoch, account);
    let label = Label::new(&context.entity, context.epoch, account, &nonce);
    let (powers, secret) = (folder.powers(context)?, state.secret());

    let mut openings: Vec<BlockOpening> = Vec::new();
    for index in 0..context.shards {
        let shard = folder.shard(context, index)?;
        let Some(position) = shard.labels.iter().position(|other| *other == label) else { continue };
        if attestation.shards.get(index as usize).map(|record| &record.statement)
            != Some(&shard.record.statement)
        {
            return Err(EpochError::OtherAttestation { got: context.epoch });
        }
        // All slots of an account stand in one block.
        let (n, blinding) = (context.profile.block_slots, secret.blinding(context.profile, index));
        let block = position / n;
        let data = BlockData {
            shard: index,
            block: block as u32,
            slots: &shard.slots[block * n..][..n],
            labels: &shard.labels[block * n..][..n],
            slots_blinding: blinding.blocks[block],
            labels_blinding: blinding.labels[block],
        };
        openings = open_block(&Arkworks, &powers, &data, &label);
        break;
    }
    if openings.is_empty() {
        return Err(EpochError::UnknownAccount { epoch: context.epoch });
    }
    let file = InclusionFile { attestation: attestation.digest(), nonce, openings };
    self_check(attestation, account, &file)?;
    Ok(file)
}

/// Verifies as the customer will.
fn self_check(
    attestation: &Attestation,
    account: &AccountId,
    file: &InclusionFile,
) -> Result<(), EpochError> {
    let failed = |what, problem: String| EpochError::SelfCheck { what, problem };
    let verified = seal::self_check(attestation).map_err(|error| failed("attestation", error.to_string()))?;
    verify_inclusion(&file.encode(), &verified, account)
        .map_err(|error| failed("inclusion file", error.to_string()))?;
    Ok(())
}
