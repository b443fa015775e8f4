//! Each group of rows of the coverage circuit is needed (`05-threats` Z2); see
//! `dropped_shard.rs`.

mod common;

use std::ops::Range;

use ark_bn254::Fr;
use ark_ff::{Field, One, Zero};
use common::{
    committed::Committed,
    forge::{COVERAGE_ROOT, COVERAGE_Y, HonestCoverage},
    groups::{Attack, Groups, not_killed},
    solver::Solver,
};
use solventry_solvency::coverage::{LIMB_BITS, RESERVES_BITS, SURPLUS_BITS, twin};
use solventry_types::Profile;

const PROFILE: Profile = Profile::SMALL;
/// Limbs of R and of the surplus of one asset.
const LIMBS: usize = ((RESERVES_BITS + SURPLUS_BITS) / LIMB_BITS) as usize;
/// S-boxes of one Poseidon permutation of width 9: 8 full rounds and 63 partial ones.
const BOXES: usize = 8 * 9 + 63;
/// Hashes of the small tree: nine leaves, then two nodes, one and one.
const HASHES: usize = 9 + 2 + 1 + 1;

/// Rows in the order of the description.
struct Rows {
    link: Vec<Range<usize>>,
    limbs: Range<usize>,
    table: Range<usize>,
    assets: Range<usize>,
    hashes: Vec<Range<usize>>,
}

fn rows(groups: &mut Groups) -> Rows {
    let names = |list: &[&str]| list.iter().map(|name| (*name).to_string()).collect::<Vec<_>>();
    let mut link = vec![groups.singles("square", PROFILE.block_slots.ilog2() as usize)];
    for vector in ["L", "R", "c", "past"] {
        link.push(groups.rows(&format!("quotients of {vector}"), PROFILE.max_assets));
        link.push(groups.rows(&format!("value of {vector}"), 1));
    }
    link.push(groups.singles("join", 5));
    let limb_names: Vec<String> = (0..LIMBS).map(|index| format!("inverse of limb {index}")).collect();
    let limbs = groups.dealt(&limb_names, PROFILE.max_assets * LIMBS);
    let table = groups.rows("table inverses", 1 << LIMB_BITS);
    groups.rows("range sum", 1);
    let kinds = names(&["surplus of limbs", "surplus = 10 000·R − c·L", "nothing past the table"]);
    let assets = groups.dealt(&kinds, 3 * PROFILE.max_assets);
    let mut hashes = Vec::new();
    for hash in 0..HASHES {
        let powers = ["x²", "x⁴", "x⁵"].map(|power| format!("{power} of hash {hash}"));
        hashes.push(groups.dealt(&powers, 3 * BOXES));
        hashes.push(groups.rows(&format!("output of hash {hash}"), 1));
    }
    groups.rows("root", 1);
    Rows { link, limbs, table, assets, hashes }
}

/// Builds attacks; each is checked with the twin.
struct Attacker<'a> {
    honest: &'a HonestCoverage,
    solver: Solver<'a>,
    attacks: Vec<Attack>,
}

impl Attacker<'_> {
    /// Honest value of the wire that a row defines, plus `lie`.
    fn lie(&self, row: usize, lie: Fr) -> (usize, Fr) {
        let wire = self.solver.defined_by(row);
        (wire, self.honest.values[wire] + lie)
    }

    /// Adds the attack of these committed values and lies; y and root follow from them.
    fn add(&mut self, name: &str, forged: &Committed, lies: &[(usize, Fr)]) {
        let changes = [&forged.differences(&self.honest.committed), lies].concat();
        let values = self.solver.follow(&self.honest.values, &changes, false);
        let outputs = twin::Outputs { evaluation: values[COVERAGE_Y], headroom_root: values[COVERAGE_ROOT] };
        let HonestCoverage { circuit, challenges, .. } = self.honest;
        let verdict = twin::check(circuit, &forged.values, challenges, outputs);
        assert!(verdict.is_err(), "{name}: the twin accepts");
        self.attacks.push(Attack { name: name.to_string(), values });
    }
}

#[test]
fn every_group_of_rows_is_needed() {
    let honest = HonestCoverage::new(PROFILE);
    let circuit = &honest.circuit.circuit;
    let mut groups = Groups::default();
    let rows = rows(&mut groups);
    let solver = Solver::new(circuit, &[COVERAGE_Y, COVERAGE_ROOT]);
    let mut attacker = Attacker { honest: &honest, solver, attacks: Vec::new() };
    range_attacks(&mut attacker, &rows);
    surplus_attacks(&mut attacker, &rows);
    // Powers of ρ, quotients, values, partial sums; S-boxes and outputs of every hash.
    let singles = rows.link[0].clone().chain(rows.link[9].clone());
    let firsts = rows.link[1..9].iter().map(|rows| rows.start);
    let boxes = rows.hashes.iter().flat_map(|rows| rows.clone().take(3));
    for row in singles.chain(firsts).chain(boxes).collect::<Vec<_>>() {
        let lie = attacker.lie(row, Fr::one());
        attacker.add("a wire of the link or the tree lies", &honest.forge(), &[lie]);
    }
    let root = (COVERAGE_ROOT, honest.values[COVERAGE_ROOT] + Fr::one());
    attacker.add("another root", &honest.forge(), &[root]);
    assert_eq!(not_killed(circuit, &groups, &attacker.attacks), [""; 0]);
}

/// A limb of 2^8 of the first asset, L following: its inverse, a table entry's or nothing lies.
fn range_attacks(attacker: &mut Attacker<'_>, rows: &Rows) {
    let honest = attacker.honest;
    for index in 0..LIMBS {
        let limb = honest.circuit.layout().limbs.at(index);
        let mut forged = honest.forge();
        forged.set(limb, Fr::from(256u64));
        honest.balance(&mut forged, 0);
        let old = attacker.lie(rows.limbs.start + index, Fr::zero());
        attacker.add("a large limb with an inverse that lies", &forged, &[old]);
        let pole = |value: Fr| (honest.challenges.alpha - value).inverse().unwrap();
        let missing = pole(Fr::from(256u64)) - pole(honest.committed.at(limb));
        let table = attacker.lie(rows.table.start, missing);
        attacker.add("a large limb with a table entry that lies", &forged, &[table]);
        attacker.add("a large limb", &forged, &[]);
    }
}

/// Liabilities that reserves do not cover, and assets past the table.
fn surplus_attacks(attacker: &mut Attacker<'_>, rows: &Rows) {
    let honest = attacker.honest;
    let layout = honest.circuit.layout();
    let mut short = honest.forge();
    let shortfall = Fr::from(u64::MAX);
    short.add(layout.liabilities.at(0), shortfall);
    let debt = attacker.lie(rows.assets.start, -shortfall * short.at(layout.coverage.at(0)));
    attacker.add("a shortfall hidden in the surplus wire", &short, &[debt]);
    attacker.add("a shortfall", &short, &[]);
    let mut past = honest.forge();
    past.set(layout.liabilities.at(62), Fr::one());
    attacker.add("liabilities past the table", &past, &[]);
}
