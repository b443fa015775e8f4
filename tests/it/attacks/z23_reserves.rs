//! Z23 and reserve evidence: lists, attestors, classes.

use solventry_types::{
    Attestation, Chain, Locator,
    reserves::{ReserveClass, ReserveEntry},
};

use crate::support::{
    books::sort,
    evil_shard::signed,
    fixture::fixture,
    outcome::{Outcome, attacks, refused},
};

attacks![
    same_entry_twice,
    same_entry_twice_with_another_amount,
    entries_out_of_order,
    unknown_place,
    account_of_the_wrong_length,
    amount_past_every_range,
    sum_past_the_range,
    amount_raised_after_proving,
    entry_added_after_proving,
    two_public_lists,
    class_named_twice,
    class_name_out_of_range,
    classes_reordered,
    class_dropped
];

pub const STEP: usize = 7;

pub fn changed(base: &Attestation, change: impl FnOnce(&mut Vec<ReserveClass>)) -> Attestation {
    let mut attestation = base.clone();
    change(&mut attestation.reserves.classes);
    signed(attestation)
}

fn list(classes: &mut [ReserveClass]) -> &mut Vec<ReserveEntry> {
    let public = classes.iter_mut().find_map(|class| match class {
        ReserveClass::Public(entries) => Some(entries),
        ReserveClass::Attested { .. } => None,
    });
    public.unwrap()
}

fn public_refused(change: impl FnOnce(&mut Vec<ReserveEntry>), variant: &str, says: &str) -> Outcome {
    let attestation = changed(&fixture().public, |classes| change(list(classes)));
    refused(&attestation, STEP, &format!("Evidence(Shape({variant}"), says)
}

pub fn attested_refused(change: impl FnOnce(&mut Vec<ReserveClass>), variant: &str, says: &str) -> Outcome {
    refused(&changed(&fixture().attested, change), STEP, &format!("Evidence({variant}"), says)
}

/// Source: Z23, the same address twice.
fn same_entry_twice() -> Outcome {
    public_refused(|entries| entries.insert(1, entries[0].clone()), "DuplicateEntry { entry: 2 }", "repeats")
}

/// Source: Z23.
fn same_entry_twice_with_another_amount() -> Outcome {
    let twice = |entries: &mut Vec<ReserveEntry>| {
        let mut again = entries[0].clone();
        again.chain_units += 1;
        entries.insert(1, again);
    };
    public_refused(twice, "DuplicateEntry { entry: 2 }", "repeats")
}

/// Source: canonical form.
fn entries_out_of_order() -> Outcome {
    public_refused(|entries| entries.swap(0, 1), "DuplicateEntry { entry: 2 }", "out of order")
}

/// Source: Z11: a worthless contract.
fn unknown_place() -> Outcome {
    let unknown = |entries: &mut Vec<ReserveEntry>| {
        entries[0].chain = Chain::Ethereum;
        entries[0].locator = Locator::Contract(vec![0xff; 20]);
        entries[0].account = vec![0xe1; 20];
        sort(entries);
    };
    public_refused(unknown, "UnknownPlace {", "no asset of the table lives at ethereum/ffff")
}

/// Source: Z11, one address in two encodings (padded to 32 bytes).
fn account_of_the_wrong_length() -> Outcome {
    let pad = |entries: &mut Vec<ReserveEntry>| {
        let ether = entries.iter_mut().find(|entry| entry.chain == Chain::Ethereum).unwrap();
        ether.account.insert(0, 0);
        sort(entries);
    };
    public_refused(pad, "Account { entry: 2, chain: Ethereum }", "wrong length for ethereum")
}

/// Source: Z6: 2^128 − 1 chain units.
fn amount_past_every_range() -> Outcome {
    public_refused(|entries| entries[0].chain_units = u128::MAX, "Overflow { entry: 1 }", "exceed 2^96")
}

/// Source: Z6: two entries that each fit.
fn sum_past_the_range() -> Outcome {
    let two = |entries: &mut Vec<ReserveEntry>| {
        entries[0].chain_units = (1 << 96) - 1;
        let more = ReserveEntry { account: vec![0xb2; 22], chain_units: 1, ..entries[0].clone() };
        entries.insert(1, more);
    };
    public_refused(two, "Overflow { entry: 2 }", "exceed 2^96")
}

/// Source: Z17: the evidence is in the coverage transcript.
fn amount_raised_after_proving() -> Outcome {
    let attestation = changed(&fixture().public, |classes| list(classes)[0].chain_units += 1);
    refused(&attestation, 11, "CoverageProof", "(C-COV)")
}

/// Source: the same.
fn entry_added_after_proving() -> Outcome {
    let attestation = changed(&fixture().public, |classes| {
        let more = ReserveEntry { account: vec![0xb2; 22], ..list(classes)[0].clone() };
        list(classes).insert(1, more);
    });
    refused(&attestation, 11, "CoverageProof", "(C-COV)")
}

/// Source: Z23: one list in two classes counts every coin twice.
fn two_public_lists() -> Outcome {
    let attestation = changed(&fixture().public, |classes| classes.push(classes[0].clone()));
    refused(&attestation, 1, "Format(Invalid { what: \"reserve classes\"", "more than one public list")
}

/// Source: Z23: one attested class twice.
fn class_named_twice() -> Outcome {
    attested_refused(|classes| classes.push(classes[0].clone()), "Shape(Classes)", "distinct")
}

/// Source: names are for people.
fn class_name_out_of_range() -> Outcome {
    ["", "a\nb", "ünseen"].into_iter().try_for_each(|bad| {
        let rename = |classes: &mut Vec<ReserveClass>| {
            let ReserveClass::Attested { name, .. } = &mut classes[0] else { unreachable!("attested") };
            *name = bad.into();
        };
        attested_refused(rename, "Shape(Classes)", "visible characters")
    })
}

/// Source: Z17: order is absorbed.
fn classes_reordered() -> Outcome {
    let attestation = changed(&fixture().attested, |classes| classes.swap(0, 1));
    refused(&attestation, 11, "CoverageProof", "(C-COV)")
}

/// Source: Z17.
fn class_dropped() -> Outcome {
    let attestation = changed(&fixture().attested, |classes| drop(classes.remove(1)));
    refused(&attestation, 11, "CoverageProof", "(C-COV)")
}
