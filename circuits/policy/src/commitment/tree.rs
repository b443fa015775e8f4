//! Merkle trees of one fixed depth, filled from the left.

use std::{array, iter};

use ff::Field;
use halo2_proofs::pasta::Fp;

use super::hash;

/// A tree of depth `D`. Empty leaves are 0; subtrees without leaves are not hashed.
pub struct Tree<const D: usize> {
    /// Nodes that have a leaf below them, leaves first; `D` + 1 levels.
    levels: Vec<Vec<Fp>>,
}

/// Siblings of a leaf and of the nodes above it, lowest first, and on which side they stand.
#[derive(Clone)]
pub struct Path<const D: usize> {
    /// Siblings.
    pub siblings: [Fp; D],
    /// Whether the node itself is the right one.
    pub right: [bool; D],
}

/// Roots of subtrees without leaves, lowest first, without end.
fn empty_nodes() -> impl Iterator<Item = Fp> {
    iter::successors(Some(Fp::ZERO), |node| Some(hash([*node, *node])))
}

impl<const D: usize> Tree<D> {
    /// Tree of these leaves; those past 2^D are left out.
    pub fn new(mut leaves: Vec<Fp>) -> Self {
        leaves.truncate(1 << D);
        let mut levels = vec![leaves];
        for empty in empty_nodes().take(D) {
            let parent = |pair: &[Fp]| match pair {
                [left, right] => hash([*left, *right]),
                [left] => hash([*left, empty]),
                _ => empty,
            };
            let above = levels.last().map(|nodes| nodes.chunks(2).map(parent).collect());
            levels.push(above.unwrap_or_default());
        }
        Self { levels }
    }

    /// The root.
    pub fn root(&self) -> Fp {
        let top = self.levels.last().and_then(|level| level.first()).copied();
        top.or_else(|| empty_nodes().nth(D)).unwrap_or_default()
    }

    /// The path of the leaf at `index`, which may be an empty one.
    pub fn path(&self, index: usize) -> Path<D> {
        let mut levels = self.levels.iter().zip(empty_nodes()).enumerate();
        let siblings = array::from_fn(|_| {
            levels.next().map_or(Fp::ZERO, |(height, (nodes, empty))| {
                nodes.get((index >> height) ^ 1).copied().unwrap_or(empty)
            })
        });
        Path { siblings, right: array::from_fn(|height| (index >> height) & 1 == 1) }
    }
}

impl<const D: usize> Path<D> {
    /// The root that the path leads to from `leaf`.
    pub fn root(&self, leaf: Fp) -> Fp {
        self.siblings.iter().zip(self.right).fold(leaf, |node, (sibling, right)| {
            hash(if right { [*sibling, node] } else { [node, *sibling] })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole<const D: usize>(leaves: &[Fp]) -> Fp {
        let mut nodes = leaves.to_vec();
        nodes.resize(1 << D, Fp::ZERO);
        while nodes.len() > 1 {
            nodes = nodes.chunks(2).map(|pair| hash([pair[0], pair[1]])).collect();
        }
        nodes[0]
    }

    #[test]
    fn sparse_roots_are_those_of_the_whole_tree_and_every_path_leads_there() {
        for count in [0, 1, 2, 3, 5, 8, 15, 16] {
            let leaves: Vec<Fp> = (1..=count).map(Fp::from).collect();
            let tree = Tree::<4>::new(leaves.clone());
            assert_eq!(tree.root(), whole::<4>(&leaves));
            for index in 0..16 {
                let leaf = leaves.get(index).copied().unwrap_or(Fp::ZERO);
                assert_eq!(tree.path(index).root(leaf), tree.root(), "leaf {index} of {count}");
            }
        }
    }
}
