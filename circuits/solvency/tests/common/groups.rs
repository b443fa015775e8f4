//! Groups of rows and attacks on them (`05-threats` Z2): with one group dropped, some false
//! witness must be accepted, or the tests could not tell that the group is there.

use std::{collections::BTreeSet, ops::Range};

use ark_bn254::Fr;
use rayon::prelude::*;
use solventry_solvency::r1cs::Circuit;

use super::solver::violations;

/// Rows that do the same thing.
pub struct Group {
    /// What they do.
    pub name: String,
    /// Their numbers.
    pub rows: BTreeSet<usize>,
}

/// Hands out rows in the order in which the circuit describes them.
#[derive(Default)]
pub struct Groups {
    /// The groups so far.
    pub groups: Vec<Group>,
    next: usize,
}

impl Groups {
    /// The next `count` rows, dealt in turn to groups with these names.
    pub fn dealt(&mut self, names: &[String], count: usize) -> Range<usize> {
        let rows = self.next..self.next + count;
        for (index, name) in names.iter().enumerate() {
            let rows = rows.clone().skip(index).step_by(names.len()).collect();
            self.groups.push(Group { name: name.clone(), rows });
        }
        self.next = rows.end;
        rows
    }

    /// The next `count` rows as one group.
    pub fn rows(&mut self, name: &str, count: usize) -> Range<usize> {
        self.dealt(&[name.to_string()], count)
    }

    /// The next `count` rows as a group each.
    pub fn singles(&mut self, name: &str, count: usize) -> Range<usize> {
        let names: Vec<String> = (0..count).map(|index| format!("{name} {index}")).collect();
        self.dealt(&names, count)
    }

    /// Rows handed out.
    pub fn len(&self) -> usize {
        self.next
    }
}

/// A full assignment that is false, and what it tries.
pub struct Attack {
    /// What it tries.
    pub name: String,
    /// All wires.
    pub values: Vec<Fr>,
}

/// Drops each group alone; names the groups that no attack needs dropped. An attack passes the
/// reduced circuit iff all rows that it breaks are in the group. Panics if the whole circuit
/// accepts an attack, or the groups are not all rows.
pub fn not_killed(circuit: &Circuit, groups: &Groups, attacks: &[Attack]) -> Vec<String> {
    assert_eq!(groups.len(), circuit.rows(), "every row is in one group");
    let broken: Vec<Vec<usize>> =
        attacks.par_iter().map(|attack| violations(circuit, &attack.values)).collect();
    for (attack, rows) in attacks.iter().zip(&broken) {
        assert!(!rows.is_empty(), "{}: accepted by the whole circuit", attack.name);
    }
    let killed = |group: &&Group| broken.iter().any(|rows| rows.iter().all(|row| group.rows.contains(row)));
    let (killed, alive): (Vec<&Group>, Vec<&Group>) = groups.groups.iter().partition(killed);
    println!(
        "{}: {} of {} groups killed by {} attacks",
        circuit.id,
        killed.len(),
        groups.groups.len(),
        attacks.len()
    );
    alive.into_iter().map(|group| group.name.clone()).collect()
}
