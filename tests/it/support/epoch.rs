//! The two halves of an honest epoch: shards, and the seal.

use ed25519_dalek::SigningKey;
use solventry_prover::{
    kernel::Arkworks,
    keys::ProvingKeys,
    ledger::Ledger,
    placement::Placement,
    reserves::ReserveOpening,
    seal::{SealInput, seal},
    secrets::EpochSecret,
    shards::{EpochJob, ProveError, ProvenShard},
};
use solventry_types::{Attestation, EpochContext, MasterSecret, reserves::ReserveEvidence};

/// Seals an epoch with these reserves.
pub fn seal_epoch(
    keys: &ProvingKeys,
    ledger: &Ledger,
    context: &EpochContext,
    secret: &EpochSecret,
    shards: &[ProvenShard],
    (evidence, openings): (ReserveEvidence, &[ReserveOpening]),
    entity_key: &SigningKey,
) -> Attestation {
    let records = shards.iter().map(|shard| shard.record.clone()).collect();
    let liabilities = ledger.totals();
    let input =
        SealInput { keys, context, shards: records, liabilities, secret, evidence, openings, entity_key };
    seal(&Arkworks, input).unwrap()
}

/// Proves every shard of an epoch.
pub fn prove_shards(
    keys: &ProvingKeys,
    ledger: &Ledger,
    context: &EpochContext,
    secret: &EpochSecret,
    master: &MasterSecret,
) -> Vec<ProvenShard> {
    let placement = Placement::new(ledger, context.profile, context.shards, secret).unwrap();
    let job = EpochJob { keys, ledger, placement: &placement, context, secret, master };
    let mut proven = Vec::new();
    let pending: Vec<u32> = (0..context.shards).collect();
    job.prove_all::<ProveError>(&Arkworks, &pending, |shard| {
        proven.push(shard);
        Ok(())
    })
    .unwrap();
    proven
}
