//! Regions of hashes and tree paths.

use halo2_gadgets::poseidon::{
    Hash, Pow5Chip, Pow5Config,
    primitives::{ConstantLength, P128Pow5T3},
};
use halo2_proofs::{
    circuit::{Layouter, Value},
    pasta::Fp,
    plonk::Error,
};

use super::{Cell, PolicyConfig, gadgets::bit};
use crate::commitment::Path;

impl PolicyConfig {
    /// Poseidon of exactly `L` cells.
    pub(super) fn hash<const L: usize>(
        &self,
        chip: &Pow5Config<Fp, 3, 2>,
        layouter: &mut impl Layouter<Fp>,
        inputs: [Cell; L],
    ) -> Result<Cell, Error> {
        let chip = Pow5Chip::construct(chip.clone());
        let start = layouter.namespace(|| "start");
        let hash = Hash::<_, _, P128Pow5T3, ConstantLength<L>, 3, 2>::init(chip, start)?;
        hash.hash(layouter.namespace(|| "hash"), inputs)
    }

    /// The root of a tree of depth `D` with `leaf` somewhere in it. Siblings and sides are free:
    /// any that lead to the same root are a collision.
    pub(super) fn merkle_root<const D: usize>(
        &self,
        chip: &Pow5Config<Fp, 3, 2>,
        layouter: &mut impl Layouter<Fp>,
        leaf: Cell,
        path: &Value<Path<D>>,
    ) -> Result<Cell, Error> {
        let siblings = path.as_ref().map(|path| path.siblings).transpose_array();
        let sides = path.as_ref().map(|path| path.right).transpose_array();
        siblings.into_iter().zip(sides).try_fold(leaf, |node, (sibling, right)| {
            let children = self.swap(layouter, &node, sibling, right)?;
            self.hash(chip, layouter, children)
        })
    }

    /// The node and its sibling, in their order.
    fn swap(
        &self,
        layouter: &mut impl Layouter<Fp>,
        node: &Cell,
        sibling: Value<Fp>,
        right: Value<bool>,
    ) -> Result<[Cell; 2], Error> {
        let pair = node.value().copied().zip(sibling).zip(right);
        let (left, right_child) = pair
            .map(|((node, sibling), right)| if right { (sibling, node) } else { (node, sibling) })
            .unzip();
        let [a, b, c] = self.operands;
        layouter.assign_region(
            || "swap",
            |mut region| {
                self.gates.swap.enable(&mut region, 0)?;
                node.copy_advice(|| "node", &mut region, a, 0)?;
                region.assign_advice(|| "sibling", b, 0, || sibling)?;
                region.assign_advice(|| "right", self.bit, 0, || right.map(bit))?;
                Ok([
                    region.assign_advice(|| "left child", c, 0, || left)?,
                    region.assign_advice(|| "right child", self.word, 0, || right_child)?,
                ])
            },
        )
    }
}
