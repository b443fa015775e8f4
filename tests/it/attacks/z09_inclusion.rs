//! Z9 in the inclusion file: what a custodian could hand to a customer instead of their slots.

use solventry_types::{AccountId, InclusionFile, Label, inclusion::BlockOpening};
use solventry_verifier::{VerifiedAttestation, verify_attestation, verify_inclusion};

use crate::support::{
    fixture::{Fixture, NOW, fixture},
    outcome::{Outcome, attacks, inclusion_refused, names},
};

attacks![
    another_account_id_typed,
    look_alike_account_id_typed,
    amount_altered,
    asset_altered,
    holdings_moved_between_places,
    another_shard,
    another_block,
    another_attestation,
    another_attestation_with_the_digest_of_this,
    slots_of_another_account,
    slots_of_another_account_with_their_nonce,
    padding_claimed_as_customer,
    proofs_swapped,
    slots_proof_for_both,
    proof_of_another_account,
    nonce_altered,
    nonce_of_another_epoch
];

pub const NOT_INCLUDED: &str = "NotIncluded { opening: 1 }";
pub const SAYS: &str = "do not hold these slots";

pub fn refused(change: impl FnOnce(&mut InclusionFile), variant: &str, says: &str) -> Outcome {
    let mut file = fixture().inclusion(Fixture::CUSTOMER);
    let fixture = fixture();
    verify_inclusion(&file.encode(), &fixture.verified, &fixture.account_id(Fixture::CUSTOMER))
        .map_err(|error| format!("the honest file: {error}"))?;
    change(&mut file);
    inclusion_refused(&file, variant, says)
}

pub fn first(file: &mut InclusionFile) -> &mut BlockOpening {
    &mut file.openings[0]
}

fn typed(id: &str) -> Outcome {
    let file = fixture().inclusion(Fixture::CUSTOMER).encode();
    match verify_inclusion(&file, &fixture().verified, &AccountId::new(id).unwrap()) {
        Ok(_) => Err("ACCEPTED".into()),
        Err(error) => names(&error, NOT_INCLUDED, SAYS),
    }
}

/// Source: 01-solvency §6: one customer's file shown to another.
fn another_account_id_typed() -> Outcome {
    typed(fixture().ledger.account(Fixture::OTHER).id)
}

/// Source: Z9: ids that differ by case or by a look-alike letter are other accounts.
fn look_alike_account_id_typed() -> Outcome {
    typed("Customer-21@example.org").and_then(|()| typed("сustomer-21@example.org"))
}

/// Source: 01-solvency §6.
fn amount_altered() -> Outcome {
    refused(|file| first(file).slots[0].packed[29] ^= 1, NOT_INCLUDED, SAYS)
}

/// Source: 01-solvency §6.
fn asset_altered() -> Outcome {
    refused(|file| first(file).slots[0].packed[21] ^= 2, NOT_INCLUDED, SAYS)
}

/// Source: Z6, packing: the same holdings in other places are another integer.
fn holdings_moved_between_places() -> Outcome {
    refused(|file| first(file).slots[0].packed.rotate_left(10), NOT_INCLUDED, SAYS)
}

/// Source: Z9, block confusion.
fn another_shard() -> Outcome {
    refused(|file| first(file).shard = (first(file).shard + 1) % 3, NOT_INCLUDED, SAYS)
}

/// Source: Z9, block confusion.
fn another_block() -> Outcome {
    refused(|file| first(file).block = (first(file).block + 1) % 3, NOT_INCLUDED, SAYS)
}

fn other_attestation() -> VerifiedAttestation {
    verify_attestation(&fixture().attested.encode(), &fixture().anchors, NOW).unwrap()
}

/// Source: Z9, equivocation: two attestations of one epoch, one file.
fn another_attestation() -> Outcome {
    let file = fixture().inclusion(Fixture::CUSTOMER).encode();
    match verify_inclusion(&file, &other_attestation(), &fixture().account_id(Fixture::CUSTOMER)) {
        Ok(_) => Err("ACCEPTED".into()),
        Err(error) => names(&error, "Attestation {", "belongs to attestation"),
    }
}

/// Source: Z9: the digest alone is no protection; shard 1's opening under the digest of this.
fn another_attestation_with_the_digest_of_this() -> Outcome {
    let swap = |file: &mut InclusionFile| {
        file.attestation = fixture().public.digest();
        file.openings = vec![fixture().open(1, 2, &[7, 8])];
    };
    refused(swap, NOT_INCLUDED, SAYS)
}

/// Source: Z9, one slot shown to two customers.
fn slots_of_another_account() -> Outcome {
    let other = fixture().inclusion(Fixture::OTHER);
    refused(|file| file.openings = other.openings, NOT_INCLUDED, SAYS)
}

/// Source: the same with the nonce of the real owner.
fn slots_of_another_account_with_their_nonce() -> Outcome {
    refused(|file| *file = fixture().inclusion(Fixture::OTHER), NOT_INCLUDED, SAYS)
}

/// Source: Z9: unused slots say "you hold nothing".
fn padding_claimed_as_customer() -> Outcome {
    let labels = fixture().shards[0].data.labels[..256].iter().enumerate();
    let unused = labels.filter(|(_, label)| **label == Label::PADDING).map(|(position, _)| position);
    let points: Vec<usize> = unused.take(4).collect();
    let padding = fixture().open(0, 0, &points);
    refused(|file| file.openings = vec![padding], NOT_INCLUDED, SAYS)
}

/// Source: 01-solvency §6: θ keeps the two openings apart.
fn proofs_swapped() -> Outcome {
    let swap = |file: &mut InclusionFile| {
        let opening = first(file);
        std::mem::swap(&mut opening.slots_proof, &mut opening.labels_proof);
    };
    refused(swap, NOT_INCLUDED, SAYS)
}

/// Source: the same.
fn slots_proof_for_both() -> Outcome {
    refused(|file| first(file).labels_proof = first(file).slots_proof, NOT_INCLUDED, SAYS)
}

/// Source: 01-solvency §6.
fn proof_of_another_account() -> Outcome {
    let other = fixture().inclusion(Fixture::OTHER);
    refused(|file| first(file).slots_proof = other.openings[0].slots_proof, NOT_INCLUDED, SAYS)
}

/// Source: 01-solvency §1, label.
fn nonce_altered() -> Outcome {
    refused(|file| file.nonce.0[31] ^= 1, NOT_INCLUDED, SAYS)
}

/// Source: Z12.
fn nonce_of_another_epoch() -> Outcome {
    let id = fixture().account_id(Fixture::CUSTOMER);
    refused(|file| file.nonce = fixture().master.account_nonce("Example", 8, &id), NOT_INCLUDED, SAYS)
}
