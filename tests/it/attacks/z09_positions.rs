//! Z9 in the shape of the inclusion file: positions, order, counts, format.

use solventry_types::{InclusionFile, Label, inclusion::OpenedSlot};

use super::z09_inclusion::{NOT_INCLUDED, SAYS, first, refused};
use crate::support::{
    fixture::{Fixture, fixture},
    outcome::{Outcome, attacks, inclusion_bytes_refused},
};

attacks![
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
    slots_past_the_number_of_assets,
    more_than_32_positions,
    more_openings_than_allowed,
    truncated_everywhere,
    trailing_bytes,
    wrong_magic_and_version
];

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
    moved_to(|position| if position == 255 { 254 } else { position + 1 }, NOT_INCLUDED, SAYS)
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

/// Source: 01-solvency §6: no asset repeats, so slots are bounded; every unused slot of an epoch
/// would be a file of megabytes.
fn slots_past_the_number_of_assets() -> Outcome {
    let all = fixture().openings_of(&Label::PADDING);
    refused(|file| file.openings = all, "TooManySlots { limit: 4", "at most 4 in this epoch")
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
    inclusion_bytes_refused(&fixture().public.encode(), "Format(WrongKind", "file of kind inclusion")
}
