//! Each group of rows of the headroom circuit is needed (`05-threats` Z2); see
//! `dropped_shard.rs`.

mod common;

use ark_bn254::Fr;
use ark_ff::{Field, One, Zero};
use common::{
    groups::{Attack, Groups, not_killed},
    headroom::{ASSET, Forged, HonestHeadroom, OUTFLOW, ROOT},
    solver::Solver,
};
use solventry_solvency::{
    gadgets::poseidon::ARITY,
    headroom::{DIFFERENCE_BITS, OUTFLOW_BITS, twin},
    surplus_tree::{DEPTH, GROUP},
};

/// S-boxes of one Poseidon permutation of width 9: 8 full rounds and 63 partial ones.
const BOXES: usize = 8 * 9 + 63;
/// Values that one choice of a child goes through.
const CHOICE: usize = ARITY - 1;

fn groups() -> (Groups, Vec<std::ops::Range<usize>>) {
    let mut groups = Groups::default();
    groups.singles("copy", 2);
    groups.singles("bit of the outflow", OUTFLOW_BITS as usize);
    groups.rows("outflow", 1);
    groups.singles("mark of the place", GROUP);
    groups.rows("one place", 1);
    groups.singles("bit of the group", 3 * DEPTH);
    groups.rows("asset", 1);
    let picked = groups.singles("picked", GROUP);
    groups.singles("bit of the difference", DIFFERENCE_BITS as usize);
    groups.rows("surplus", 1);
    let hash = |groups: &mut Groups, name: &str| {
        let powers = ["x²", "x⁴", "x⁵"].map(|power| format!("{power} of {name}"));
        let rows = groups.dealt(&powers, 3 * BOXES);
        groups.rows(&format!("output of {name}"), 1);
        rows.start..rows.end + 1
    };
    let mut rows = vec![picked, hash(&mut groups, "the leaf")];
    for level in 0..DEPTH {
        rows.push(groups.singles(&format!("choice on level {level}"), CHOICE));
        rows.push(hash(&mut groups, &format!("the node on level {level}")));
    }
    groups.rows("root", 1);
    (groups, rows)
}

/// Builds attacks; each is checked with the twin.
struct Attacker<'a> {
    solver: Solver<'a>,
    attacks: Vec<Attack>,
}

impl Attacker<'_> {
    /// Adds a forgery; wires that `lies` names lie, what follows from them is recomputed.
    fn add(&mut self, name: &str, forged: &Forged<'_>, lies: &[(usize, Fr)]) {
        let values = self.follow(forged, lies);
        let inputs: [Fr; 5] = std::array::from_fn(|index| values[index + 1]);
        let verdict = twin::check(&forged.honest.circuit, &inputs, &forged.chosen.values);
        assert!(verdict.is_err(), "{name}: the twin accepts");
        self.attacks.push(Attack { name: name.to_string(), values });
    }

    fn follow(&self, forged: &Forged<'_>, lies: &[(usize, Fr)]) -> Vec<Fr> {
        self.solver.follow(&forged.values(), lies, false)
    }
}

#[test]
fn every_group_of_rows_is_needed() {
    // Every place and every child is that of some asset.
    let honest = HonestHeadroom::new(9, 1);
    let circuit = &honest.circuit.circuit;
    let solver = Solver::knowing(circuit, honest.layout().chosen().end, &[ROOT, ASSET, OUTFLOW]);
    let mut attacker = Attacker { solver, attacks: Vec::new() };
    let (groups, rows) = groups();
    input_attacks(&mut attacker, &honest);
    bit_attacks(&mut attacker, &honest);
    picked_attacks(&mut attacker, &honest, rows[0].start);
    hash_attacks(&mut attacker, &honest, &rows);
    choice_attacks(&mut attacker, &honest, &rows);
    assert_eq!(not_killed(circuit, &groups, &attacker.attacks), [""; 0]);
}

/// A public input, or the difference, is another one.
fn input_attacks(attacker: &mut Attacker<'_>, honest: &HonestHeadroom) {
    for half in [0, 1] {
        let mut forged = honest.forge();
        forged.inputs[half] += Fr::one();
        attacker.add("another context", &forged, &[]);
    }
    for input in [ROOT, ASSET, OUTFLOW] {
        let lie = (input, honest.values[input] + Fr::one());
        attacker.add("another root, asset or outflow", &honest.forge(), &[lie]);
    }
    let mut forged = honest.forge();
    forged.write(&honest.layout().difference, (1 << DIFFERENCE_BITS) - 1);
    attacker.add("a larger difference", &forged, &[]);
}

/// One wire that should be a bit is 2 or −1; everything else is made to fit.
fn bit_attacks(attacker: &mut Attacker<'_>, honest: &HonestHeadroom) {
    let layout = honest.layout();
    let two = Fr::from(2u64);
    for bits in [&layout.outflow, &layout.group, &layout.difference] {
        for bit in bits.iter() {
            let mut forged = honest.forge();
            forged.set(bit, two).fit_all();
            attacker.add("a bit that is 2", &forged, &[]);
        }
    }
    for index in 0..GROUP {
        let mut forged = honest.forge();
        layout.place.iter().for_each(|wire| forged.chosen.set(wire, Fr::zero()));
        forged.set(layout.place.at(index), -Fr::one());
        for other in 1..3 {
            forged.set(layout.place.at((index + other) % GROUP), Fr::one());
        }
        forged.fit_all();
        attacker.add("a mark that is −1", &forged, &[]);
    }
    let mut forged = honest.forge();
    forged.set(layout.place.at(5), Fr::one()).fit_all();
    attacker.add("two places", &forged, &[]);
}

/// The surplus of the place, or nothing, is picked as one more than it is.
fn picked_attacks(attacker: &mut Attacker<'_>, honest: &HonestHeadroom, first: usize) {
    for index in 0..GROUP {
        let mut forged = honest.forge();
        let difference = honest.layout().difference.clone();
        let low = forged.chosen.of(&difference).iter().position(|bit| bit.is_zero()).unwrap();
        forged.set(difference.at(low), Fr::one());
        let wire = attacker.solver.defined_by(first + index);
        let lie = (wire, honest.values[wire] + Fr::from(2u64).pow([low as u64]));
        attacker.add("a surplus that is picked larger", &forged, &[lie]);
    }
}

/// A wire of a hash lies; the children above follow.
fn hash_attacks(attacker: &mut Attacker<'_>, honest: &HonestHeadroom, rows: &[std::ops::Range<usize>]) {
    for level in 0..=DEPTH {
        let rows = &rows[1 + 2 * level];
        for row in [rows.start, rows.start + 1, rows.start + 2, rows.end - 1] {
            let wire = attacker.solver.defined_by(row);
            let lie = (wire, honest.values[wire] + Fr::one());
            let output = attacker.solver.defined_by(rows.end - 1);
            let mut forged = honest.forge();
            let hash = attacker.follow(&forged, &[lie])[output];
            forged.fit_root_from(level, Some(hash));
            attacker.add("a wire of a hash lies", &forged, &[lie]);
        }
    }
}

/// The child that the group says is another than the hash below; one value of the choice lies.
fn choice_attacks(attacker: &mut Attacker<'_>, honest: &HonestHeadroom, rows: &[std::ops::Range<usize>]) {
    for level in 0..DEPTH {
        let first = rows[2 + 2 * level].start;
        for row in 0..CHOICE {
            // Values 0..4 are of pairs, 4..6 of fours: the first child under each is chosen.
            let position = [0, 2, 4, 6, 0, 4, 0][row];
            let mut forged = honest.forge();
            for (index, bit) in honest.layout().level_bits(level).iter().enumerate() {
                forged.set(bit, Fr::from((position >> index & 1) as u64));
            }
            forged.fit_asset().fit_root();
            let below = forged.node(level);
            forged.chosen.add(honest.layout().children[level].at(position), Fr::one());
            forged.fit_root_from(level + 1, None);
            let lie = (row + 1 < CHOICE).then(|| (attacker.solver.defined_by(first + row), below));
            attacker.add("a choice that lies", &forged, lie.as_slice());
        }
    }
}
