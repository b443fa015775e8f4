//! The circuits are pinned. Keys are made for these matrices and files are verified with those
//! keys: a change of any value below is another circuit, with another version in its id and an
//! entry in `circuits/SPEC.md`. Never edit a value to make a test pass.

use std::ops::Range;

use solventry_solvency::{
    coverage::{self, CoverageCircuit},
    headroom::{self, HeadroomCircuit},
    r1cs::Circuit,
    shard::{self, ShardCircuit},
};
use solventry_types::{HeadroomStatement, Profile};

const ADVICE: &str = "the circuit changed: give it a new version and an entry in circuits/SPEC.md";

/// What identifies one circuit.
#[derive(Debug, PartialEq, Eq)]
struct Pin {
    id: &'static str,
    rows: usize,
    committed: usize,
    free: usize,
    /// log2 of the evaluation domain: rows and instance wires, rounded up to a power of two.
    domain_log: u32,
    /// Entries of A, B and C.
    entries: [usize; 3],
    digest: &'static str,
}

const SHARD: [Pin; 2] = [
    Pin {
        id: "solventry-shard-v1/small",
        rows: 26_513,
        committed: 23_365,
        free: 26_510,
        domain_log: 15,
        entries: [53_005, 55_314, 64_916],
        digest: "3ecfda7242f93c2ca89c64e46c7be81a94d3c5dc371a6c7532b837dd5c24ce1d",
    },
    Pin {
        id: "solventry-shard-v1/standard",
        rows: 1_001_509,
        committed: 803_853,
        free: 1_001_506,
        domain_log: 20,
        entries: [2_002_975, 2_002_989, 2_132_017],
        digest: "7ac127f319a9928e6f8481ace1e8db82fc2caca18b2d9a0c98b1cdece798deef",
    },
];

const COVERAGE: [Pin; 2] = [
    Pin {
        id: "solventry-coverage-v1/small",
        rows: 7_632,
        committed: 2_096,
        free: 7_503,
        domain_log: 13,
        entries: [59_040, 104_953, 9_022],
        digest: "3e29db962d5d38cef7cd1404987ae54ab3b074d2cbd9866914e6410f0f26e882",
    },
    Pin {
        id: "solventry-coverage-v1/standard",
        rows: 102_619,
        committed: 30_044,
        free: 100_572,
        domain_log: 17,
        entries: [779_296, 1_371_262, 125_107],
        digest: "16932dc94400e1f690a471d0a3d2bfa9bc525189162846600ace623d28756921",
    },
];

const HEADROOM: Pin = Pin {
    id: "solventry-headroom-v1",
    rows: 1_883,
    committed: 0,
    free: 1_907,
    domain_log: 11,
    entries: [16_893, 31_200, 1_903],
    digest: "5ee7863ae6308f3b54652809f3b087a1c54f51e77c15ea78769d1b1f7f1ef8d4",
};

/// What the prover chooses in the headroom circuit: copies, bits of the outflow, place, group, bits
/// of the difference, surpluses, salt, children.
const HEADROOM_CHOSEN: [Range<usize>; 10] =
    [6..8, 8..104, 104..111, 111..120, 120..232, 232..239, 239..240, 240..248, 248..256, 256..264];

/// J1 of the shard circuit: limbs, multiplicities, totals, r_b, r_T, mask.
const SHARD_COMMITTED: [[Range<usize>; 6]; 2] = [
    [6..23_046, 23_046..23_302, 23_302..23_365, 23_365..23_368, 23_368..23_369, 23_369..23_371],
    [6..737_286, 737_286..802_822, 802_822..803_844, 803_844..803_856, 803_856..803_857, 803_857..803_859],
];

/// J1 of the coverage circuit: L, limbs, c, marks past the table, blinding, multiplicities, mask,
/// salts.
const COVERAGE_COMMITTED: [[Range<usize>; 8]; 2] = [
    [6..69, 69..1_707, 1_707..1_770, 1_770..1_833, 1_833..1_835, 1_835..2_091, 2_091..2_093, 2_093..2_102],
    [
        6..1_028,
        1_028..27_600,
        27_600..28_622,
        28_622..29_644,
        29_644..29_646,
        29_646..29_902,
        29_902..29_904,
        29_904..30_050,
    ],
];

fn pinned(circuit: &Circuit, pin: &Pin, digest: &str) {
    let domain_log = (circuit.rows() + circuit.instance()).next_power_of_two().ilog2();
    let found = (
        (circuit.id.as_str(), circuit.rows(), circuit.committed, circuit.free),
        (domain_log, circuit.matrices.each_ref().map(|matrix| matrix.entries()), digest),
    );
    let expected = ((pin.id, pin.rows, pin.committed, pin.free), (pin.domain_log, pin.entries, pin.digest));
    assert_eq!(found, expected, "{ADVICE}");
}

/// Fields in this order, without gap or overlap, are all of J1.
fn committed_fields<const N: usize>(circuit: &Circuit, fields: [Range<usize>; N], pin: &[Range<usize>; N]) {
    assert_eq!(&fields, pin, "{ADVICE}");
    let bounds: Vec<usize> = fields.iter().flat_map(|range| [range.start, range.end]).collect();
    assert!(bounds[1..bounds.len() - 1].chunks(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(bounds[0]..bounds[2 * N - 1], circuit.committed_range());
}

#[test]
fn shard_circuits_are_pinned() {
    for ((profile, pin), fields) in Profile::ALL.into_iter().zip(&SHARD).zip(&SHARD_COMMITTED) {
        let described = ShardCircuit::new(profile);
        let (circuit, layout) = (&described.circuit, described.layout());
        pinned(circuit, pin, &circuit.digest().to_string());
        assert_eq!(profile.circuits[0], pin.digest, "keys are linted against the same digest");
        assert_eq!(circuit.public, ["alpha", "chi", "rho", "gamma", "y"], "{ADVICE}");
        assert_eq!(circuit.public, shard::PUBLIC);
        let totals_blinding = layout.totals_blinding.0 as usize;
        let found = [
            layout.limbs.range(),
            layout.multiplicities.range(),
            layout.totals.range(),
            layout.block_blinding.range(),
            totals_blinding..totals_blinding + 1,
            layout.mask.range(),
        ];
        committed_fields(circuit, found, fields);
    }
}

#[test]
fn coverage_circuits_are_pinned() {
    for ((profile, pin), fields) in Profile::ALL.into_iter().zip(&COVERAGE).zip(&COVERAGE_COMMITTED) {
        let described = CoverageCircuit::new(profile);
        let (circuit, layout) = (&described.circuit, described.layout());
        pinned(circuit, pin, &circuit.digest().to_string());
        assert_eq!(profile.circuits[1], pin.digest, "keys are linted against the same digest");
        assert_eq!(circuit.public, ["alpha", "rho", "gamma", "y", "headroom_root"], "{ADVICE}");
        assert_eq!(circuit.public, coverage::PUBLIC);
        let found = [
            &layout.liabilities,
            &layout.limbs,
            &layout.coverage,
            &layout.past,
            &layout.blinding,
            &layout.multiplicities,
            &layout.mask,
            &layout.salts,
        ]
        .map(|wires| wires.range());
        committed_fields(circuit, found, fields);
    }
}

#[test]
fn headroom_circuit_is_pinned() {
    let described = HeadroomCircuit::new();
    let (circuit, layout) = (&described.circuit, described.layout());
    pinned(circuit, &HEADROOM, &circuit.digest().to_string());
    assert_eq!(HeadroomStatement::CIRCUIT, HEADROOM.digest, "keys are linted against the same digest");
    let names = ["context_high", "context_low", "headroom_root", "asset", "outflow"];
    assert_eq!((&circuit.public[..], headroom::PUBLIC), (&names[..], names), "{ADVICE}");
    let [first, second, third] = &layout.children;
    let found = [
        &layout.copies,
        &layout.outflow,
        &layout.place,
        &layout.group,
        &layout.difference,
        &layout.surpluses,
        &layout.salt,
        first,
        second,
        third,
    ]
    .map(|wires| wires.range());
    assert_eq!(found, HEADROOM_CHOSEN, "{ADVICE}");
    assert_eq!(layout.chosen(), 6..264, "{ADVICE}");
    assert!(circuit.rows() < 2_000, "the size of the design");
}

/// The rows of the design, and room in the domain that the keys are sized for.
#[test]
fn sizes_are_those_of_the_design() {
    for (profile, pin) in Profile::ALL.into_iter().zip(&SHARD) {
        // Per slot 3 holdings of limbs and a share, and one quotient.
        let per_slot = 3 * (profile.amount_limbs() + profile.asset_limbs() + 1) + 1;
        assert_eq!(per_slot, if profile == Profile::STANDARD { 19 } else { 34 });
        let table = 1 << profile.limb_bits;
        let sums = 2 + 2 * profile.max_assets;
        let link = profile.block_slots.ilog2() as usize + 2 * (profile.shard_blocks + 1) + 1;
        assert_eq!(pin.rows, profile.shard_slots() * per_slot + table + sums + link);
        assert!(pin.domain_log <= if profile == Profile::STANDARD { 20 } else { 15 });
    }
}
