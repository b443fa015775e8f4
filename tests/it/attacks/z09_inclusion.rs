//! Z9 in the inclusion file: what a custodian could hand to a customer instead of their slots.

use solventry_types::{
    AccountId, InclusionFile, Label,
    inclusion::{BlockOpening, OpenedSlot},
};
use solventry_verifier::{VerifiedAttestation, verify_attestation, verify_inclusion};

use crate::support::{
    fixture::{Fixture, NOW, fixture},
    outcome::{Outcome, attacks, inclusion_bytes_refused, inclusion_refused, names},
};

attacks![
    another_account_id_typed,
    look_alike_account_id_typed,
    amount_altered,
    asset_altered,
    holdings_moved_between_places,
    position_plus_n,
    position_largest,
    position_of_a_neighbour,
    slot_twice,
    opening_twice,
    slots_out_of_order,
    slot_dropped,
    no_openings,
    opening_without_slots,
    shard_out_of_range,
    block_out_of_range,
    another_shard,
    another_block,
    another_attestation,
    another_attestation_with_the_digest_of_this,
    slots_past_the_number_of_assets,
    slots_of_another_account,
    slots_of_another_account_with_their_nonce,
    padding_claimed_as_customer,
    proofs_swapped,
    slots_proof_for_both,
    proof_of_another_account,
    nonce_altered,
    nonce_of_another_epoch,
    more_than_32_positions,
    more_openings_than_allowed,
    truncated_everywhere,
    trailing_bytes,
    wrong_magic_and_version,
];

const NOT_INCLUDED: &str = "NotIncluded { opening: 1 }";
const SAYS: &str = "do not hold these slots";

fn refused(change: impl FnOnce(&mut InclusionFile), variant: &str, says: &str) -> Outcome {
    let mut file = fixture().inclusion(Fixture::CUSTOMER);
    let fixture = fixture();
    verify_inclusion(&file.encode(), &fixture.verified, &fixture.account_id(Fixture::CUSTOMER))
        .map_err(|error| format!("the honest file: {error}"))?;
    change(&mut file);
    inclusion_refused(&file, variant, says)
}

fn first(file: &mut InclusionFile) -> &mut BlockOpening {
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

fn moved_to(position: impl Fn(u32) -> u32, variant: &str, says: &str) -> Outcome {
    refused(
        |file| {
            let slot = first(file).slots.last_mut().unwrap();
            slot.position = position(slot.position);
        },
        variant,
        says,
    )
}

/// Source: Z9: ω^(p+n) = ω^p.
fn position_plus_n() -> Outcome {
    moved_to(|position| position + 256, "Range { opening: 1 }", "out of range")
}

/// Source: Z9.
fn position_largest() -> Outcome {
    moved_to(|_| u32::MAX, "Range { opening: 1 }", "out of range")
}

/// Source: Z9.
fn position_of_a_neighbour() -> Outcome {
    moved_to(|position| if position == 255 { return 254 } else { position + 1 }, NOT_INCLUDED, SAYS)
}

/// Source: Z9, slot claimed twice.
fn slot_twice() -> Outcome {
    let twice = |file: &mut InclusionFile| {
        let slot = first(file).slots[0];
        first(file).slots.insert(0, slot);
    };
    refused(twice, "Order { opening: 1 }", "strictly increasing")
}

/// Source: Z9, slot claimed twice.
fn opening_twice() -> Outcome {
    refused(
        |file| file.openings.push(file.openings[0].clone()),
        "Order { opening: 2 }",
        "strictly increasing",
    )
}

/// Source: Z9.
fn slots_out_of_order() -> Outcome {
    refused(|file| first(file).slots.swap(0, 1), "Order { opening: 1 }", "strictly increasing")
}

/// Source: eprint 2020/081: the proof is for all positions of its set.
fn slot_dropped() -> Outcome {
    refused(|file| first(file).slots.truncate(3), NOT_INCLUDED, SAYS)
}

/// Source: Z3, nothing opened.
fn no_openings() -> Outcome {
    refused(|file| file.openings.clear(), "Empty", "opens no slot")
}

/// Source: Z3, nothing opened.
fn opening_without_slots() -> Outcome {
    let empty_first = |file: &mut InclusionFile| {
        file.openings.insert(0, file.openings[0].clone());
        first(file).slots.clear();
    };
    refused(empty_first, "Empty", "opens no slot")?;
    refused(|file| first(file).slots.clear(), "Format(Truncated", "openings at byte 74")
}

/// Source: 01-solvency §6.
fn shard_out_of_range() -> Outcome {
    [3, u32::MAX].into_iter().try_for_each(|shard| {
        refused(|file| first(file).shard = shard, "Range { opening: 1 }", "out of range")
    })
}

/// Source: 01-solvency §6.
fn block_out_of_range() -> Outcome {
    [3, u32::MAX].into_iter().try_for_each(|block| {
        refused(|file| first(file).block = block, "Range { opening: 1 }", "out of range")
    })
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

/// Source: 01-solvency §6: no asset repeats, so slots are bounded; every unused slot of an epoch
/// would be a file of megabytes.
fn slots_past_the_number_of_assets() -> Outcome {
    let all = fixture().openings_of(&Label::PADDING);
    refused(|file| file.openings = all, "TooManySlots { limit: 4", "at most 4 in this epoch")
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

/// Source: 01-solvency §6, at most 32 per proof.
fn more_than_32_positions() -> Outcome {
    let many = |file: &mut InclusionFile| {
        first(file).slots = (0..33).map(|position| OpenedSlot { position, packed: [0; 30] }).collect();
    };
    refused(many, "Format(TooMany { what: \"positions\", offset: 86, limit: 32, got: 33 })", "at most 32")
}

/// Source: bounded reading.
fn more_openings_than_allowed() -> Outcome {
    let many = |file: &mut InclusionFile| file.openings = vec![file.openings[0].clone(); 1025];
    refused(many, "Format(TooMany { what: \"openings\"", "at most 1024")
}

/// Source: Z3, canonical formats.
fn truncated_everywhere() -> Outcome {
    let file = fixture().inclusion(Fixture::CUSTOMER).encode();
    (0..file.len()).try_for_each(|length| inclusion_bytes_refused(&file[..length], "Format(", ""))
}

/// Source: Z3: halo2_proofs ignores trailing proof bytes.
fn trailing_bytes() -> Outcome {
    let mut file = fixture().inclusion(Fixture::CUSTOMER).encode();
    file.push(0);
    inclusion_bytes_refused(&file, "Format(TrailingBytes", "expected the end")
}

/// Source: Z3, unknown versions are errors.
fn wrong_magic_and_version() -> Outcome {
    let mut file = fixture().inclusion(Fixture::CUSTOMER).encode();
    file[9] += 1;
    inclusion_bytes_refused(&file, "Format(UnsupportedVersion", "unsupported inclusion version")?;
    inclusion_bytes_refused(&fixture().public.encode(), "Format(WrongKind", "not a inclusion file").or_else(
        |_| inclusion_bytes_refused(&fixture().public.encode(), "Format(WrongKind", "inclusion file"),
    )
}
