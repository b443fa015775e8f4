//! Range by bits: for circuits without a commitment stage, where a logarithmic-derivative argument
//! has no challenge. `Σ 2^i·b_i` with every b_i in {0, 1} is in [0, 2^bits).

use super::range::Ranged;
use crate::r1cs::{FreeStage, Wires, just};

/// Per wire `b · b = b`: it is 0 or 1. Returns the value that the bits make up, little-endian.
pub fn constrain(stage: &mut FreeStage, bits: &Wires) -> Ranged {
    for bit in bits.iter() {
        stage.row(&just(bit), &just(bit), &just(bit));
    }
    Ranged::of_bits(bits.clone())
}
