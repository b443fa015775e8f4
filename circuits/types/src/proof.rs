//! Groth16 proof with one commitment stage.

use ark_bn254::{Fr, G1Affine, G2Affine};

use crate::codec::{CodecError, Reader, Writer};

/// (D, A, B, C): D commits to the wires of stage one, before the challenges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StagedProof {
    /// Commitment to the committed wires, blinded.
    pub d: G1Affine,
    /// Groth16 A.
    pub a: G1Affine,
    /// Groth16 B.
    pub b: G2Affine,
    /// Groth16 C.
    pub c: G1Affine,
}

/// A proof together with the evaluation that ties it to the KZG commitments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkedProof {
    /// The Groth16 proof.
    pub proof: StagedProof,
    /// Claimed evaluation y, a public input.
    pub evaluation: Fr,
    /// KZG opening of the joined commitment at ρ to y.
    pub opening: G1Affine,
}

impl LinkedProof {
    /// Bytes of the encoding.
    pub const BYTES: usize = 224;

    /// D, A, B, C, y, opening.
    pub fn write(&self, writer: &mut Writer) {
        writer.g1(&self.proof.d).g1(&self.proof.a).g2(&self.proof.b).g1(&self.proof.c);
        writer.scalar(&self.evaluation).g1(&self.opening);
    }

    /// Reads canonical, non-identity points.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let proof = StagedProof {
            d: reader.g1("proof D")?,
            a: reader.g1("proof A")?,
            b: reader.g2("proof B")?,
            c: reader.g1("proof C")?,
        };
        Ok(Self { proof, evaluation: reader.scalar("evaluation y")?, opening: reader.g1("opening")? })
    }
}
