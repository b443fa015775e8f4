//! Z17, Fiat–Shamir: every absorbed field changes every challenge. (Frozen Heart, 2022; "Weak
//! Fiat-Shamir attacks on modern proof systems", eprint 2023/691.)

use ark_bn254::{Fr, G1Affine};
use solventry_types::{
    Digest, Profile,
    statement::{CoverageStatement, ShardStatement},
};
use solventry_verifier::{
    VerifyingKeys,
    transcript::{CoverageInputs, EpochBinding, coverage_challenges, shard_challenges},
};

use crate::support::{
    evil_shard::reference,
    fixture::fixture,
    outcome::{Outcome, attacks},
};

attacks![
    shard_field_missing_from_the_transcript,
    coverage_field_missing_from_the_transcript,
    shard_and_coverage_share_challenges,
];

/// Everything that a shard's transcript absorbs.
#[derive(Clone)]
struct Shard {
    keys: VerifyingKeys,
    epoch: EpochBinding,
    index: u32,
    statement: ShardStatement,
    d: G1Affine,
}

impl Shard {
    fn honest() -> Self {
        let record = fixture().public.shards[1].clone();
        let (keys, epoch) = (fixture().keys.verifying.clone(), fixture().epoch());
        Self { keys, epoch, index: 1, statement: record.statement, d: record.linked.proof.d }
    }

    fn challenges(&self) -> [Fr; 4] {
        let c = shard_challenges(&self.keys, &self.epoch, self.index, &self.statement, &self.d).unwrap();
        [c.alpha, c.chi, c.rho, c.gamma]
    }
}

fn point() -> G1Affine {
    reference().lagrange[9]
}

fn all_differ<const N: usize>(before: [Fr; N], after: [Fr; N], field: &str) -> Outcome {
    match before.iter().zip(&after).position(|(before, after)| before == after) {
        None => Ok(()),
        Some(challenge) => Err(format!("{field} does not change challenge {challenge}")),
    }
}

/// Source: eprint 2023/691.
fn shard_field_missing_from_the_transcript() -> Outcome {
    type Change = fn(&mut Shard);
    let fields: [(&str, Change); 12] = [
        ("circuit id", |s| s.keys.profile = Profile { name: "other", ..Profile::SMALL }),
        ("keys digest", |s| s.epoch.keys.0[0] ^= 1),
        ("context digest", |s| s.epoch.context.0[31] ^= 1),
        ("number of shards", |s| s.epoch.shards += 1),
        ("shard index", |s| s.index += 1),
        ("first slots", |s| s.statement.blocks[0].slots = point()),
        ("first labels", |s| s.statement.blocks[0].labels = point()),
        ("last slots", |s| s.statement.blocks[2].slots = point()),
        ("order of blocks", |s| s.statement.blocks.swap(0, 2)),
        ("totals", |s| s.statement.totals = point()),
        ("mask", |s| s.statement.mask = point()),
        ("D", |s| s.d = point()),
    ];
    let honest = Shard::honest();
    fields.into_iter().try_for_each(|(field, change)| {
        let mut altered = honest.clone();
        change(&mut altered);
        all_differ(honest.challenges(), altered.challenges(), field)
    })
}

/// Everything that the coverage transcript absorbs.
#[derive(Clone)]
struct Coverage {
    keys: VerifyingKeys,
    epoch: EpochBinding,
    totals: Vec<G1Affine>,
    evidence: Digest,
    attested: Vec<G1Affine>,
    statement: CoverageStatement,
    d: G1Affine,
}

impl Coverage {
    fn honest() -> Self {
        let attestation = &fixture().attested;
        Self {
            keys: fixture().keys.verifying.clone(),
            epoch: fixture().epoch(),
            totals: attestation.shards.iter().map(|record| record.statement.totals).collect(),
            evidence: attestation.reserves.digest(),
            attested: attestation.reserves.attested().collect(),
            statement: attestation.coverage.statement,
            d: attestation.coverage.linked.proof.d,
        }
    }

    fn challenges(&self) -> [Fr; 3] {
        let inputs =
            CoverageInputs { totals: &self.totals, evidence: self.evidence, attested: &self.attested };
        let c = coverage_challenges(&self.keys, &self.epoch, &inputs, &self.statement, &self.d).unwrap();
        [c.alpha, c.rho, c.gamma]
    }
}

/// Source: eprint 2023/691.
fn coverage_field_missing_from_the_transcript() -> Outcome {
    type Change = fn(&mut Coverage);
    let fields: [(&str, Change); 14] = [
        ("circuit id", |c| c.keys.profile = Profile { name: "other", ..Profile::SMALL }),
        ("keys digest", |c| c.epoch.keys.0[0] ^= 1),
        ("context digest", |c| c.epoch.context.0[31] ^= 1),
        ("number of shards", |c| c.epoch.shards += 1),
        ("first totals", |c| c.totals[0] = point()),
        ("last totals", |c| c.totals[2] = point()),
        ("order of totals", |c| c.totals.swap(0, 1)),
        ("totals dropped", |c| c.totals.truncate(2)),
        ("evidence", |c| c.evidence.0[5] ^= 1),
        ("attested commitment", |c| c.attested[1] = point()),
        ("totals moved to attested", |c| {
            let last = c.totals.pop().unwrap();
            c.attested.insert(0, last);
        }),
        ("headroom root", |c| c.statement.headroom_root += Fr::from(1u64)),
        ("mask", |c| c.statement.mask = point()),
        ("D", |c| c.d = point()),
    ];
    let honest = Coverage::honest();
    fields.into_iter().try_for_each(|(field, change)| {
        let mut altered = honest.clone();
        change(&mut altered);
        all_differ(honest.challenges(), altered.challenges(), field)
    })
}

/// Source: Z17, domain separation: no challenge occurs twice in an attestation.
fn shard_and_coverage_share_challenges() -> Outcome {
    let mut all = Coverage::honest().challenges().to_vec();
    for index in 0..3 {
        let record = fixture().public.shards[index as usize].clone();
        let shard = Shard { index, statement: record.statement, d: record.linked.proof.d, ..Shard::honest() };
        all.extend(shard.challenges());
    }
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    if all.len() == count { Ok(()) } else { Err("a challenge occurs twice".into()) }
}
