//! The tree behind `headroom_root` (C-COV-3): surpluses in groups of seven with one fresh salt,
//! hashed by Poseidon of width 9; three levels of eight children; leaf and node have their own
//! domain tags in the capacity element. Every profile has the same depth, so one headroom
//! circuit serves all.

use ark_bn254::Fr;
use ark_ff::Zero;
use light_poseidon::{Poseidon, PoseidonHasher};

use crate::gadgets::poseidon::ARITY;

/// Surpluses in one leaf; its eighth input is the salt.
pub const GROUP: usize = ARITY - 1;
/// Levels of nodes above the leaves.
pub const DEPTH: usize = 3;
/// Domain tag of leaves.
pub const LEAF_TAG: u64 = 1;
/// Domain tag of nodes.
pub const NODE_TAG: u64 = 2;

/// Hashes eight elements under a domain tag.
pub fn hash(tag: u64, inputs: &[Fr; ARITY]) -> Fr {
    let mut poseidon =
        Poseidon::<Fr>::with_domain_tag_circom(ARITY, Fr::from(tag)).expect("width 9 is in the table");
    poseidon.hash(inputs).expect("eight inputs were given")
}

/// Root of an empty subtree at each level; an empty leaf is 0, which no leaf hashes to.
pub fn empty_subtrees() -> [Fr; DEPTH + 1] {
    let mut roots = [Fr::zero(); DEPTH + 1];
    for level in 1..=DEPTH {
        roots[level] = hash(NODE_TAG, &[roots[level - 1]; ARITY]);
    }
    roots
}

/// Root over `surpluses` (a multiple of seven of them) with one salt per group.
///
/// Panics if the counts do not agree or exceed 512 groups.
pub fn root(surpluses: &[Fr], salts: &[Fr]) -> Fr {
    assert_eq!(surpluses.len(), GROUP * salts.len(), "seven surpluses per salt");
    assert!(salts.len() <= ARITY.pow(DEPTH as u32), "at most 512 groups");
    let mut level: Vec<Fr> = surpluses
        .chunks(GROUP)
        .zip(salts)
        .map(|(group, salt)| hash(LEAF_TAG, &std::array::from_fn(|index| *group.get(index).unwrap_or(salt))))
        .collect();
    for empty in &empty_subtrees()[..DEPTH] {
        let node = |children: &[Fr]| {
            hash(NODE_TAG, &std::array::from_fn(|index| *children.get(index).unwrap_or(empty)))
        };
        level = level.chunks(ARITY).map(node).collect();
    }
    level[0]
}
