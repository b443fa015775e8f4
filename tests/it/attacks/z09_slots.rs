//! Z9, slots that no honest ledger packs. The attestation is valid (totals are right), so only
//! the customer's own check can refuse them.

use ark_bn254::Fr;
use ark_ff::{One, Zero};
use ark_poly::EvaluationDomain;
use solventry_prover::{
    kernel::Arkworks,
    kzg::{blinded_polynomial, open_at_points},
};
use solventry_solvency::gadgets::{evaluation::domain, range::limbs_of};
use solventry_types::{
    InclusionFile, Label, Profile,
    inclusion::{BlockOpening, OpenedSlot},
};
use solventry_verifier::{verify_attestation, verify_inclusion};

use crate::support::{
    evil_shard::{EvilShard, HONEST, reference, with_shard},
    fixture::{Fixture, NOW, fixture},
    outcome::{Outcome, attacks, names},
};

attacks![asset_repeated, asset_without_amount, asset_outside_the_table_without_amount];

/// Where the customer's slots are: shard, block, positions.
fn place() -> (u32, usize, Vec<u32>) {
    let file = fixture().inclusion(Fixture::CUSTOMER);
    let opening = &file.openings[0];
    let positions = opening.slots.iter().map(|slot| slot.position).collect();
    (opening.shard, opening.block as usize, positions)
}

/// Changes the customer's limbs (`change` gets the first holding of a slot with a free place and
/// the free holding), proves the shard, and offers a correct opening of what was committed.
fn customer_refused(change: impl FnOnce(&mut EvilShard, usize, usize), variant: &str, says: &str) -> Outcome {
    let (shard, block, positions) = place();
    let mut evil = EvilShard::honest(shard);
    let holding = |position: u32| 3 * (block * 256 + position as usize);
    let with_room = positions.iter().map(|position| holding(*position));
    let first = with_room.clone().find(|h| !evil.holding(*h).0.is_zero() && evil.holding(h + 2).0.is_zero());
    let first = first.ok_or("no slot with a free place")?;
    change(&mut evil, first, first + 2);
    evil.recount();
    evil.vectors_from_wires();
    evil.commit();
    let attestation = with_shard(shard as usize, evil.prove(&fixture().epoch(), HONEST));
    let verified = verify_attestation(&attestation.encode(), &fixture().anchors, NOW)
        .map_err(|error| format!("the attestation is meant to be valid: {error}"))?;

    let file = InclusionFile {
        attestation: attestation.digest(),
        nonce: fixture().inclusion(Fixture::CUSTOMER).nonce,
        openings: vec![open(&evil, shard, block, &positions)],
    };
    let id = fixture().account_id(Fixture::CUSTOMER);
    match verify_inclusion(&file.encode(), &verified, &id) {
        Ok(_) => Err("ACCEPTED".into()),
        Err(error) => names(&error, variant, says),
    }
}

fn open(evil: &EvilShard, shard: u32, block: usize, positions: &[u32]) -> BlockOpening {
    let points: Vec<Fr> = positions.iter().map(|position| domain(256).element(*position as usize)).collect();
    let (slots, blinding) = &evil.vectors[block];
    let labels: Vec<Fr> = fixture().shards[shard as usize].data.labels[block * 256..][..256]
        .iter()
        .map(Label::scalar)
        .collect();
    let labels_blinding = fixture().secret.blinding(Profile::SMALL, shard).labels[block];
    let packed = |position: u32| {
        let limbs = &evil.committed[EvilShard::limb(3 * (block * 256 + position as usize), 0)..][..30];
        let byte = |limb: &Fr| (0..=255u8).find(|byte| Fr::from(*byte) == *limb).unwrap();
        let mut bytes: Vec<u8> = limbs.iter().map(byte).collect();
        bytes.reverse();
        OpenedSlot { position, packed: bytes.try_into().unwrap() }
    };
    let prove = |values: &[Fr], blinding: Fr| {
        open_at_points(&Arkworks, &reference().powers, &blinded_polynomial(values, blinding), &points)
    };
    BlockOpening {
        shard,
        block: block as u32,
        slots: positions.iter().map(|position| packed(*position)).collect(),
        slots_proof: prove(slots, *blinding),
        labels_proof: prove(&labels, labels_blinding),
    }
}

/// Source: 01-solvency §6: 100 shown as 99 + 1 lets a careless reader count one of the two.
fn asset_repeated() -> Outcome {
    let split = |evil: &mut EvilShard, first: usize, free: usize| {
        let lowest = (0..8).find(|limb| !evil.committed[EvilShard::limb(first, *limb)].is_zero()).unwrap();
        evil.committed[EvilShard::limb(first, lowest)] -= Fr::one();
        evil.committed[EvilShard::limb(free, lowest)] = Fr::one();
        for limb in [8, 9] {
            evil.committed[EvilShard::limb(free, limb)] = evil.committed[EvilShard::limb(first, limb)];
        }
    };
    customer_refused(split, "RepeatedAsset { symbol:", "occurs twice")
}

fn zero_amount_of(id: u128) -> Outcome {
    let name = |evil: &mut EvilShard, _: usize, free: usize| {
        let limbs: Vec<Fr> = limbs_of(id, 8, 2).collect();
        evil.committed[EvilShard::limb(free, 8)..][..2].copy_from_slice(&limbs);
    };
    customer_refused(name, "Slot { opening: 1, source: ZeroAmount }", "amount zero")
}

/// Source: 01-solvency §1: zero amounts are dropped before packing.
fn asset_without_amount() -> Outcome {
    zero_amount_of(5)
}

/// Source: 01-solvency §6: ids outside the table can carry no amount; without one they are noise.
fn asset_outside_the_table_without_amount() -> Outcome {
    zero_amount_of(60_000)
}
