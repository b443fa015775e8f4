//! Making one account's inclusion file.

use ark_bn254::{Fr, G1Affine};
use ark_poly::EvaluationDomain;
use solventry_solvency::gadgets::evaluation::domain;
use solventry_types::{
    InclusionFile, Label, Slot,
    inclusion::{BlockOpening, OpenedSlot},
};

use crate::{
    kernel::Kernel,
    kzg::{blinded_polynomial, open_at_points},
};

/// One block with its blinding.
pub struct BlockData<'a> {
    /// Shard, from 0.
    pub shard: u32,
    /// Block in the shard, from 0.
    pub block: u32,
    /// n packed slots.
    pub slots: &'a [Slot],
    /// n labels.
    pub labels: &'a [Label],
    /// r_b.
    pub slots_blinding: Fr,
    /// s_b.
    pub labels_blinding: Fr,
}

/// Opens every slot of `block` that bears `label`, at most 32 positions per opening; `powers` are
/// those of the reference string.
pub fn open_block(
    kernel: &impl Kernel,
    powers: &[G1Affine],
    block: &BlockData<'_>,
    label: &Label,
) -> Vec<BlockOpening> {
    let positions: Vec<usize> = block
        .labels
        .iter()
        .enumerate()
        .filter(|(_, other)| *other == label)
        .map(|(position, _)| position)
        .collect();
    let slots: Vec<Fr> = block.slots.iter().map(Slot::scalar).collect();
    let labels: Vec<Fr> = block.labels.iter().map(Label::scalar).collect();
    let slots = blinded_polynomial(&slots, block.slots_blinding);
    let labels = blinded_polynomial(&labels, block.labels_blinding);
    let domain = domain(block.slots.len());
    positions
        .chunks(InclusionFile::MAX_POSITIONS)
        .map(|positions| {
            let points: Vec<Fr> = positions.iter().map(|position| domain.element(*position)).collect();
            let opened = |position: &usize| OpenedSlot {
                position: *position as u32,
                packed: block.slots[*position].to_bytes(),
            };
            BlockOpening {
                shard: block.shard,
                block: block.block,
                slots: positions.iter().map(opened).collect(),
                slots_proof: open_at_points(kernel, powers, &slots, &points),
                labels_proof: open_at_points(kernel, powers, &labels, &points),
            }
        })
        .collect()
}
