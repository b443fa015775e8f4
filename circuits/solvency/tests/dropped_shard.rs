//! Each group of rows of the shard circuit is needed (`05-threats` Z2): with the group dropped, a
//! false witness passes. Attacks lie in the wires that the group defines and let everything else
//! follow honestly, so no other row objects; the native twin must refuse what they claim.

mod common;

use std::ops::Range;

use ark_bn254::Fr;
use ark_ff::{Field, One};
use common::{
    committed::Committed,
    forge::{HonestShard, SHARD_Y},
    groups::{Attack, Groups, not_killed},
    solver::Solver,
};
use solventry_solvency::{r1cs::Wire, shard::twin};
use solventry_types::{Profile, profile::SLOT_HOLDINGS};

const PROFILE: Profile = Profile::SMALL;

/// Rows in the order of the description.
struct Rows {
    limbs: Range<usize>,
    table: Range<usize>,
    shares: Range<usize>,
    asset_shares: Range<usize>,
    squares: Range<usize>,
    quotients: Vec<Range<usize>>,
    values: Vec<Range<usize>>,
    join: Range<usize>,
}

fn rows(groups: &mut Groups, holdings: usize) -> Rows {
    let limbs = PROFILE.amount_limbs() + PROFILE.asset_limbs();
    let limb_names: Vec<String> = (0..limbs).map(|index| format!("inverse of limb {index}")).collect();
    let places = (0..SLOT_HOLDINGS).map(|place| format!("share in place {place}"));
    let limbs = groups.dealt(&limb_names, holdings * limbs);
    let table = groups.rows("table inverses", 1 << PROFILE.limb_bits);
    groups.rows("range sum", 1);
    let shares = groups.dealt(&places.collect::<Vec<_>>(), holdings);
    let asset_shares = groups.rows("asset shares", PROFILE.max_assets);
    groups.rows("sum of shares", 1);
    let squares = groups.singles("square", PROFILE.block_slots.ilog2() as usize);
    let (mut quotients, mut values) = (Vec::new(), Vec::new());
    for vector in 0..=PROFILE.shard_blocks {
        let blocks = vector < PROFILE.shard_blocks;
        let count = if blocks { PROFILE.block_slots } else { PROFILE.max_assets };
        quotients.push(groups.rows(&format!("quotients of vector {vector}"), count));
        values.push(groups.rows(&format!("value of vector {vector}"), 1));
    }
    let join = groups.singles("join", PROFILE.shard_blocks + 2);
    Rows { limbs, table, shares, asset_shares, squares, quotients, values, join }
}

/// Builds attacks; each is checked with the twin.
struct Attacker<'a> {
    honest: &'a HonestShard,
    solver: Solver<'a>,
    attacks: Vec<Attack>,
}

impl Attacker<'_> {
    /// Honest value of the wire that a row defines, plus `lie`.
    fn lie(&self, row: usize, lie: Fr) -> (usize, Fr) {
        let wire = self.solver.defined_by(row);
        (wire, self.honest.values[wire] + lie)
    }

    /// Adds the attack of these committed values and lies; y follows from them.
    fn add(&mut self, name: &str, forged: &Committed, lies: &[(usize, Fr)]) {
        let changes = [&forged.differences(&self.honest.committed), lies].concat();
        let values = self.solver.follow(&self.honest.values, &changes, false);
        let HonestShard { circuit, challenges, .. } = self.honest;
        let verdict = twin::check(circuit, &forged.values, challenges, values[SHARD_Y]);
        assert!(verdict.is_err(), "{name}: the twin accepts");
        self.attacks.push(Attack { name: name.to_string(), values });
    }
}

#[test]
fn every_group_of_rows_is_needed() {
    let honest = HonestShard::new(PROFILE);
    let circuit = &honest.circuit.circuit;
    let mut groups = Groups::default();
    let rows = rows(&mut groups, honest.holdings());
    let solver = Solver::new(circuit, &[SHARD_Y]);
    let mut attacker = Attacker { honest: &honest, solver, attacks: Vec::new() };
    range_attacks(&mut attacker, &rows);
    total_attacks(&mut attacker, &rows);
    link_attacks(&mut attacker, &rows);
    assert_eq!(not_killed(circuit, &groups, &attacker.attacks), [""; 0]);
}

/// A limb of 2^w somewhere: its inverse, a table entry's or nothing lies.
fn range_attacks(attacker: &mut Attacker<'_>, rows: &Rows) {
    let honest = attacker.honest;
    let layout = honest.circuit.layout();
    let (count, base) = (PROFILE.amount_limbs() + PROFILE.asset_limbs(), Fr::from(1u64 << PROFILE.limb_bits));
    for index in 0..count {
        // Ids in an empty place, amounts where somebody holds some.
        let holding = if index < PROFILE.amount_limbs() { honest.holding_of(1, 0) } else { 0 };
        let limb = layout.limbs.at(holding * count + index);
        let mut forged = honest.forge();
        forged.set(limb, base);
        honest.retotal(&mut forged);
        let inverse = attacker.lie(rows.limbs.start + holding * count + index, Fr::from(0u64));
        attacker.add("a large limb with an inverse that lies", &forged, &[inverse]);
        if index + 1 == count {
            let pole = |value: Fr| (honest.challenges.alpha - value).inverse().unwrap();
            let missing = pole(base) - pole(honest.committed.at(limb));
            let table = attacker.lie(rows.table.start, missing);
            attacker.add("a large limb with a table entry that lies", &forged, &[table]);
            attacker.add("a large limb", &forged, &[]);
        }
    }
}

/// One unit is missing from a total: a holding's share, the asset's or nothing lies.
fn total_attacks(attacker: &mut Attacker<'_>, rows: &Rows) {
    let honest = attacker.honest;
    let mut forged = honest.forge();
    forged.add(honest.circuit.layout().totals.at(0), -Fr::one());
    let unit = (honest.challenges.chi - Fr::one()).inverse().unwrap();
    for place in 0..SLOT_HOLDINGS {
        let holding = (0..honest.holdings()).find(|from| {
            let holding = honest.holding_of(1, *from);
            holding == *from && holding % SLOT_HOLDINGS == place
        });
        let share = attacker.lie(rows.shares.start + holding.unwrap(), -unit);
        attacker.add("a unit is missing from a total and a share", &forged, &[share]);
    }
    let share = attacker.lie(rows.asset_shares.start, Fr::from(0u64));
    attacker.add("a unit is missing from a total, not from its share", &forged, &[share]);
    attacker.add("a unit is missing from a total", &forged, &[]);
}

/// Other blocks, other blinding, another evaluation under the commitments of the honest shard.
fn link_attacks(attacker: &mut Attacker<'_>, rows: &Rows) {
    let honest = attacker.honest;
    let layout = honest.circuit.layout();
    for block in 0..PROFILE.shard_blocks {
        let mut forged = honest.forge();
        let first = honest.holding_of(1, block * SLOT_HOLDINGS * PROFILE.block_slots);
        let second = honest.holding_of(2, first + SLOT_HOLDINGS);
        honest.swap_holdings(&mut forged, first, second);
        let slots = [first, second].map(|holding| holding / SLOT_HOLDINGS % PROFILE.block_slots);
        let old = slots.map(|slot| attacker.lie(rows.quotients[block].start + slot, Fr::from(0u64)));
        attacker.add("other holdings with the old quotients", &forged, &old);
    }
    let totals = attacker.lie(rows.quotients[PROFILE.shard_blocks].start, Fr::one());
    attacker.add("other committed totals", &honest.forge(), &[totals]);
    let blinding: Vec<Wire> = layout.block_blinding.iter().chain([layout.totals_blinding]).collect();
    for (row, wire) in rows.values.iter().zip(blinding) {
        let mut forged = honest.forge();
        forged.add(wire, Fr::one());
        let old = attacker.lie(row.start, Fr::from(0u64));
        attacker.add("other blinding with the old value", &forged, &[old]);
    }
    for row in rows.squares.clone().chain(rows.join.clone()) {
        let lie = attacker.lie(row, Fr::one());
        attacker.add("a power of ρ or a partial sum lies", &honest.forge(), &[lie]);
    }
}
