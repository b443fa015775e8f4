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
    Hasher::new(tag).hash(inputs)
}

/// Root of an empty subtree at each level; an empty leaf is 0, which no leaf hashes to.
pub fn empty_subtrees() -> [Fr; DEPTH + 1] {
    let (mut roots, mut node) = ([Fr::zero(); DEPTH + 1], Hasher::new(NODE_TAG));
    for level in 1..=DEPTH {
        roots[level] = node.hash(&[roots[level - 1]; ARITY]);
    }
    roots
}

/// Hashes many times under one domain tag; reading the constants once.
struct Hasher(Poseidon<Fr>);

impl Hasher {
    fn new(tag: u64) -> Self {
        let poseidon = Poseidon::<Fr>::with_domain_tag_circom(ARITY, Fr::from(tag));
        Self(poseidon.expect("width 9 is in the table"))
    }

    fn hash(&mut self, inputs: &[Fr; ARITY]) -> Fr {
        self.0.hash(inputs).expect("eight inputs were given")
    }
}

/// Root over `surpluses` (a multiple of seven of them) with one salt per group.
///
/// Panics if the counts do not agree or exceed 512 groups.
pub fn root(surpluses: &[Fr], salts: &[Fr]) -> Fr {
    levels(surpluses, salts)[DEPTH][0]
}

/// The eight children on each level over leaf `leaf`, from the leaves up; missing ones are empty
/// subtrees.
///
/// Panics like [`root`], and if there is no such leaf.
pub fn siblings(surpluses: &[Fr], salts: &[Fr], leaf: usize) -> [[Fr; ARITY]; DEPTH] {
    assert!(leaf < salts.len(), "no such leaf");
    let (levels, empty) = (levels(surpluses, salts), empty_subtrees());
    std::array::from_fn(|level| {
        let first = leaf / ARITY.pow(level as u32 + 1) * ARITY;
        std::array::from_fn(|index| *levels[level].get(first + index).unwrap_or(&empty[level]))
    })
}

/// Hashes of all leaves, then of each level of nodes; the last is the root alone.
fn levels(surpluses: &[Fr], salts: &[Fr]) -> Vec<Vec<Fr>> {
    assert_eq!(surpluses.len(), GROUP * salts.len(), "seven surpluses per salt");
    assert!(salts.len() <= ARITY.pow(DEPTH as u32), "at most 512 groups");
    let (mut leaf, mut node) = (Hasher::new(LEAF_TAG), Hasher::new(NODE_TAG));
    let groups = surpluses.chunks(GROUP).zip(salts);
    let leaves = groups
        .map(|(group, salt)| leaf.hash(&std::array::from_fn(|index| *group.get(index).unwrap_or(salt))));
    let mut levels: Vec<Vec<Fr>> = vec![leaves.collect()];
    for empty in &empty_subtrees()[..DEPTH] {
        let children = &levels[levels.len() - 1];
        let nodes = children
            .chunks(ARITY)
            .map(|children| node.hash(&std::array::from_fn(|index| *children.get(index).unwrap_or(empty))));
        let nodes = nodes.collect();
        levels.push(nodes);
    }
    levels
}
