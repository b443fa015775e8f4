//! Z12, replay: proofs of another epoch, entity, snapshot, table, capacity, place or key. Every
//! file is signed by the entity itself.

use solventry_types::{Asset, AssetTable, Attestation, Chain, Digest, EpochContext, Profile, SnapshotBlock};
use solventry_verifier::{anchors::Hex, keys::digest_of};

use crate::support::{
    evil_coverage::{EvilCoverage, HONEST as COVERAGE_HONEST},
    evil_shard::{EvilShard, HONEST, signed, with_shard},
    fixture::{NOW, fixture},
    outcome::{Outcome, attacks, refused, refused_under},
};

attacks![
    each_context_field_altered_after_proving,
    shard_proven_in_another_context,
    coverage_proven_in_another_context,
    epoch_older_than_the_anchors,
    snapshot_in_the_future,
    snapshot_too_old,
    entity_of_another_name,
    entity_of_another_key,
    altered_after_signing,
    signature_of_another_attestation,
    coverage_of_another_attestation,
    keys_not_pinned,
    keys_with_another_digest,
    keys_of_another_profile,
    file_of_another_profile,
    two_profiles_by_code,
];

type Change = fn(&mut EpochContext);

/// Every field of the context, each with a change that keeps it valid.
const FIELDS: &[(&str, Change)] = &[
    ("entity", |c| c.entity.push('s')),
    ("epoch", |c| c.epoch += 1),
    ("snapshot time", |c| c.snapshot_time -= 1),
    ("block chain", |c| c.snapshot_blocks[0].chain = Chain::Solana),
    ("block height", |c| c.snapshot_blocks[0].height += 1),
    ("block hash", |c| c.snapshot_blocks[0].hash[0] ^= 1),
    ("block removed", |c| c.snapshot_blocks.clear()),
    ("block added", |c| {
        c.snapshot_blocks.push(SnapshotBlock { chain: Chain::Ethereum, height: 1, hash: [1; 32] });
    }),
    ("symbol", |c| table(c, |a| a[9].symbol = "T99".into())),
    ("decimals", |c| table(c, |a| a[9].decimals += 1)),
    ("minimum coverage", |c| table(c, |a| a[9].min_coverage_bps += 1)),
    ("place decimals", |c| table(c, |a| a[9].places[0].decimals += 1)),
    ("place removed", |c| table(c, |a| drop(a[3].places.pop()))),
    ("place moved", |c| {
        table(c, |a| {
            let place = a[3].places.pop().unwrap();
            a[9].places.push(place);
        });
    }),
    ("assets swapped", |c| table(c, |a| a.swap(8, 9))),
    ("asset added", |c| {
        table(c, |a| {
            a.push(Asset { symbol: "NEW".into(), decimals: 0, min_coverage_bps: 10_000, places: vec![] });
        });
    }),
];

fn table(context: &mut EpochContext, change: impl FnOnce(&mut Vec<Asset>)) {
    let mut assets = context.assets.assets().to_vec();
    change(&mut assets);
    context.assets = AssetTable::new(assets).unwrap();
}

fn changed(change: impl FnOnce(&mut Attestation)) -> Attestation {
    let mut attestation = fixture().public.clone();
    change(&mut attestation);
    signed(attestation)
}

/// Source: 01-solvency §2, transcript: one context digest in all of them.
fn each_context_field_altered_after_proving() -> Outcome {
    FIELDS.iter().try_for_each(|(field, change)| {
        let attestation = changed(|a| change(&mut a.context));
        let mut anchors = fixture().anchors.clone();
        anchors.entity = Some(attestation.context.entity.clone());
        refused_under(&anchors, &attestation, 9, "ShardProof { shard: 0 }", "(C-SHARD)")
            .map_err(|problem| format!("{field}: {problem}"))
    })
}

/// Source: Z12: a valid shard of another epoch, entity, time, table or capacity in this epoch.
fn shard_proven_in_another_context() -> Outcome {
    let more: (&str, Change) = ("capacity", |c| c.shards += 1);
    let tried = ["entity", "epoch", "snapshot time", "minimum coverage", "block hash"];
    let contexts = FIELDS.iter().filter(|(field, _)| tried.contains(field)).chain([&more]);
    contexts.into_iter().try_for_each(|(field, change)| {
        let mut context = fixture().context.clone();
        change(&mut context);
        let record = EvilShard::honest(1).prove(&fixture().epoch_of(&context), HONEST);
        refused(&with_shard(1, record), 9, "ShardProof { shard: 1 }", "(C-SHARD)")
            .map_err(|problem| format!("{field}: {problem}"))
    })
}

/// Source: Z12.
fn coverage_proven_in_another_context() -> Outcome {
    FIELDS.iter().take(3).try_for_each(|(field, change)| {
        let mut context = fixture().context.clone();
        change(&mut context);
        let other = EvilCoverage::over(&context, fixture().public.reserves.clone(), &[]);
        let record = other.record(COVERAGE_HONEST).0;
        refused(&changed(|a| a.coverage = record), 11, "CoverageProof", "(C-COV)")
            .map_err(|problem| format!("{field}: {problem}"))
    })
}

/// Source: Z12: the anchors move forward only.
fn epoch_older_than_the_anchors() -> Outcome {
    let mut anchors = fixture().anchors.clone();
    anchors.least_epoch = 8;
    refused_under(&anchors, &fixture().public, 4, "Epoch { expected: 8, got: 7 }", "older than the anchors")
}

/// Source: Z12.
fn snapshot_in_the_future() -> Outcome {
    let late = NOW + 2 * 60 * 60 + 1;
    refused(&changed(|a| a.context.snapshot_time = late), 4, "Future {", "lies in the future")?;
    refused(&changed(|a| a.context.snapshot_time = u64::MAX), 4, "Future {", "lies in the future")
}

/// Source: Z12, Z23: yesterday's attestation shown today.
fn snapshot_too_old() -> Outcome {
    let mut anchors = fixture().anchors.clone();
    anchors.max_age_seconds = Some(3_600);
    let old = changed(|a| a.context.snapshot_time = NOW - 3_601);
    refused_under(&anchors, &old, 4, "TooOld { limit: 3600, age: 3601 }", "3601 seconds old")
}

/// Source: Z12.
fn entity_of_another_name() -> Outcome {
    refused(&changed(|a| a.context.entity = "Other".into()), 2, "Entity {", "anchors are for \"Example\"")
}

/// Source: Z12: signed, but by somebody else.
fn entity_of_another_key() -> Outcome {
    let mut attestation = fixture().public.clone();
    solventry_prover::seal::sign(&mut attestation, &fixture().attestors[0]);
    refused(&attestation, 2, "EntityKey", "not the one in the anchors")
}

/// Source: Z12.
fn altered_after_signing() -> Outcome {
    let mut attestation = fixture().public.clone();
    attestation.context.epoch += 1;
    refused(&attestation, 2, "Signature", "altered after signing")
}

/// Source: Z12.
fn signature_of_another_attestation() -> Outcome {
    let mut attestation = fixture().public.clone();
    attestation.signature = fixture().attested.signature;
    refused(&attestation, 2, "Signature", "altered after signing")
}

/// Source: Z12, within one epoch.
fn coverage_of_another_attestation() -> Outcome {
    let attestation = changed(|a| a.coverage = fixture().attested.coverage.clone());
    refused(&attestation, 11, "CoverageProof", "(C-COV)")
}

/// Source: Z14.
fn keys_not_pinned() -> Outcome {
    let mut anchors = fixture().anchors.clone();
    anchors.verifying_keys[0].0[0] ^= 1;
    refused_under(&anchors, &fixture().public, 3, "KeysNotPinned {", "not among those pinned")
}

/// The fixture's attestation with other keys in the file, pinned.
fn with_keys(change: impl FnOnce(&mut Vec<u8>)) -> (Attestation, solventry_verifier::Anchors) {
    let attestation = changed(|a| change(&mut a.verifying_keys));
    let mut anchors = fixture().anchors.clone();
    anchors.verifying_keys.push(Hex(digest_of(&attestation.verifying_keys).0));
    (attestation, anchors)
}

/// Source: Z12, circuit version: the digest of the keys is absorbed (here: another digest of
/// reserve bases, all points the same).
fn keys_with_another_digest() -> Outcome {
    let (attestation, anchors) = with_keys(|keys| keys[12 + 32 * 32 + 33 * 64] ^= 1);
    refused_under(&anchors, &attestation, 9, "ShardProof { shard: 0 }", "(C-SHARD)")
}

/// Source: Z9, two profiles mixed: small circuits under the standard profile's name.
fn keys_of_another_profile() -> Outcome {
    let mut keys = fixture().keys.verifying.clone();
    keys.profile = Profile::STANDARD;
    let (attestation, anchors) = with_keys(|bytes| *bytes = keys.encode());
    let variant = "Keys(Lint(Circuit { circuit: \"shard\"";
    refused_under(&anchors, &attestation, 3, variant, "this program verifies circuit")?;
    let [shard, coverage] = Profile::STANDARD.circuits.map(|digits| {
        let mut digest = [0; 32];
        hex::decode_to_slice(digits, &mut digest).unwrap();
        Digest(digest)
    });
    (keys.shard.circuit, keys.coverage.circuit) = (shard, coverage);
    let (attestation, anchors) = with_keys(|bytes| *bytes = keys.encode());
    let variant = "Profile { keys: \"standard\", file: \"small\" }";
    refused_under(&anchors, &attestation, 3, variant, "the attestation uses small")
}

/// Source: Z9, two profiles mixed: shards of twelve blocks under small keys.
fn file_of_another_profile() -> Outcome {
    let attestation = changed(|a| {
        a.context.profile = Profile::STANDARD;
        for shard in &mut a.shards {
            shard.statement.blocks = shard.statement.blocks.iter().copied().cycle().take(12).collect();
        }
    });
    let variant = "Profile { keys: \"small\", file: \"standard\" }";
    refused(&attestation, 3, variant, "the attestation uses standard")
}

/// Source: Z9: the profile's code alone, and a code that does not exist.
fn two_profiles_by_code() -> Outcome {
    let attestation = changed(|a| a.context.profile = Profile::STANDARD);
    refused(&attestation, 1, "Format(", "")?;
    let mut bytes = fixture().public.encode();
    let at = bytes.windows(5).position(|window| window == [1, 0, 0, 0, 3]).unwrap();
    bytes[at] = 9;
    crate::support::outcome::names(
        &crate::support::outcome::attempt(&fixture().anchors, &bytes)?,
        "Format(Invalid { what: \"profile\"",
        "unknown profile",
    )
}
