//! The gates. Operands are the columns a, b, c; w is the word column; d a bit of its own.

use ff::Field;
use halo2_proofs::{
    pasta::Fp,
    plonk::{Advice, Column, ConstraintSystem, Constraints, Expression, Selector, VirtualCells},
    poly::Rotation,
};

/// Selectors of the gates.
#[derive(Clone)]
pub(super) struct Gates {
    pub difference: Selector,
    pub comparison: Selector,
    pub approved: Selector,
    pub swap: Selector,
    pub rebalance: Selector,
    pub oracle: Selector,
}

impl Gates {
    pub(super) fn configure(
        meta: &mut ConstraintSystem<Fp>,
        [a, b, c]: [Column<Advice>; 3],
        d: Column<Advice>,
        w: Column<Advice>,
    ) -> Self {
        let one = || Expression::Constant(Fp::ONE);
        let boolean = |bit: Expression<Fp>| bit.clone() * (one() - bit);
        let cell = |meta: &mut VirtualCells<'_, Fp>, column| meta.query_advice(column, Rotation::cur());
        let gates = Self {
            difference: meta.selector(),
            comparison: meta.selector(),
            approved: meta.selector(),
            swap: meta.selector(),
            rebalance: meta.selector(),
            oracle: meta.selector(),
        };

        // w = a − b − c, ranged by the caller: b + c ≤ a.
        meta.create_gate("difference", |meta| {
            let [a, b, c, w] = [a, b, c, w].map(|column| cell(meta, column));
            let enabled = meta.query_selector(gates.difference);
            Constraints::with_selector(enabled, [("w = a - b - c", a - b - c - w)])
        });

        // c is 1 if a > b and 0 otherwise: w is ranged by the caller and would be negative for
        // the other bit.
        meta.create_gate("comparison", |meta| {
            let [a, b, c, w] = [a, b, c, w].map(|column| cell(meta, column));
            let enabled = meta.query_selector(gates.comparison);
            let (above, not_above) = (a.clone() - b.clone() - one(), b - a);
            let chosen = not_above.clone() + c.clone() * (above - not_above);
            Constraints::with_selector(
                enabled,
                [("c is a bit", boolean(c)), ("w = a - b - 1 if c, else b - a", w - chosen)],
            )
        });

        // w = a − b·c for a bit c, constrained by a comparison; w is ranged by the caller.
        meta.create_gate("approved", |meta| {
            let [a, b, c, w] = [a, b, c, w].map(|column| cell(meta, column));
            let enabled = meta.query_selector(gates.approved);
            Constraints::with_selector(enabled, [("w = a - b if c, else a", a - b * c - w)])
        });

        // c, w are the node a and its sibling b, swapped if the bit d is 1.
        meta.create_gate("swap", |meta| {
            let [a, b, c, d, w] = [a, b, c, d, w].map(|column| cell(meta, column));
            let enabled = meta.query_selector(gates.swap);
            let left = a.clone() + d.clone() * (b.clone() - a.clone());
            Constraints::with_selector(
                enabled,
                [
                    ("d is a bit", boolean(d)),
                    ("c = b if d, else a", c.clone() - left),
                    ("the pair stays the pair", a + b - c - w),
                ],
            )
        });

        // a: lane, b: own destination, c and w: ratio below and above the band, bits constrained
        // by comparisons.
        meta.create_gate("rebalance", |meta| {
            let [a, b, c, w] = [a, b, c, w].map(|column| cell(meta, column));
            let enabled = meta.query_selector(gates.rebalance);
            Constraints::with_selector(
                enabled,
                [
                    ("the lane is a bit", boolean(a.clone())),
                    ("own destination is a bit", boolean(b.clone())),
                    ("rebalance only to an own destination", a.clone() * (one() - b)),
                    ("rebalance only outside the band", a * (one() - c) * (one() - w)),
                ],
            )
        });

        // a: lane, b and c: limbs of the stated and the policy's oracle account.
        meta.create_gate("oracle", |meta| {
            let [a, b, c] = [a, b, c].map(|column| cell(meta, column));
            let enabled = meta.query_selector(gates.oracle);
            Constraints::with_selector(enabled, [("rebalance only by the policy's oracle", a * (b - c))])
        });
        gates
    }
}
