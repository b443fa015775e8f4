//! Headroom: after some outflow of one asset, reserves still reach its minimum coverage.
//! Statement, public inputs and proof (SPEC, "Headroom circuit").

use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ff::{BigInteger, PrimeField};

use crate::{
    amount::Total,
    asset::AssetId,
    codec::{CodecError, Reader, Writer},
    digest::Digest,
};

/// What one headroom proof is about. Parsed, not verified: that the context and the root are those
/// of an attestation, and the asset one of its table, is for the verifier to check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HeadroomStatement {
    /// Digest of the epoch's context.
    pub context: Digest,
    /// Root of the surplus tree, from the coverage proof of that epoch (C-COV-3).
    pub headroom_root: Fr,
    /// The asset that leaves.
    pub asset: AssetId,
    /// What leaves, in listed units: everything since the snapshot, this transaction included.
    pub outflow: Total,
}

impl HeadroomStatement {
    /// Digest of the one circuit, which serves every profile; keys for another are refused.
    pub const CIRCUIT: &'static str = "5ee7863ae6308f3b54652809f3b087a1c54f51e77c15ea78769d1b1f7f1ef8d4";
    /// Bytes of the encoding.
    pub const BYTES: usize = 82;

    /// The public inputs, in the circuit's order: context (high and low half), root, asset, outflow.
    pub fn inputs(&self) -> [Fr; 5] {
        let (high, low) = self.context.halves();
        let (asset, outflow) = (u64::from(self.asset.get()), self.outflow.units());
        [Fr::from(high), Fr::from(low), self.headroom_root, Fr::from(asset), Fr::from(outflow)]
    }

    /// The one statement with these public inputs, if they are in range.
    pub fn from_inputs(inputs: [Fr; 5]) -> Result<Self, InputError> {
        let [high, low, headroom_root, asset, outflow] = inputs;
        let half = |value: Fr| below(value, 128).ok_or(InputError::Context);
        let asset = below(asset, 16).and_then(|number| u16::try_from(number).ok()).and_then(AssetId::new);
        let outflow = below(outflow, Total::BITS).and_then(|units| Total::from_units(units).ok());
        Ok(Self {
            context: Digest::from_halves(half(high)?, half(low)?),
            headroom_root,
            asset: asset.ok_or(InputError::Asset)?,
            outflow: outflow.ok_or(InputError::Outflow)?,
        })
    }

    /// Context, root, asset, outflow.
    pub fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.context.0).scalar(&self.headroom_root);
        writer.u16(self.asset.get()).u128(self.outflow.units());
    }

    /// Reads what [`Self::write`] wrote.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let (context, headroom_root) =
            (Digest(reader.array("context digest")?), reader.scalar("headroom root")?);
        let asset = AssetId::new(reader.u16("asset")?)
            .ok_or_else(|| reader.invalid("asset", "asset numbers begin at 1"))?;
        let outflow = Total::from_units(reader.u128("outflow")?)
            .map_err(|_| reader.invalid("outflow", "not below 2^96"))?;
        Ok(Self { context, headroom_root, asset, outflow })
    }
}

/// A public input that no statement has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// One of the first two.
    #[error("public inputs 1 and 2: expected the halves of the context digest, each below 2^128")]
    Context,
    /// The fourth.
    #[error("public input 4: expected the number of an asset, from 1 to 65535")]
    Asset,
    /// The fifth.
    #[error("public input 5: expected an outflow below 2^{} units", Total::BITS)]
    Outflow,
}

/// The scalar as an integer, if it is below 2^bits; bits ≤ 128.
fn below(value: Fr, bits: u32) -> Option<u128> {
    let integer = value.into_bigint();
    if integer.num_bits() > bits {
        return None;
    }
    let [low, high, ..] = integer.0;
    Some((u128::from(high) << 64) | u128::from(low))
}

/// A plain Groth16 proof (eprint 2016/260).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadroomProof {
    /// Groth16 A.
    pub a: G1Affine,
    /// Groth16 B.
    pub b: G2Affine,
    /// Groth16 C.
    pub c: G1Affine,
}

impl HeadroomProof {
    /// Bytes of the encoding.
    pub const BYTES: usize = 128;

    /// A, B, C.
    pub fn write(&self, writer: &mut Writer) {
        writer.g1(&self.a).g2(&self.b).g1(&self.c);
    }

    /// Reads canonical, non-identity points.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self { a: reader.g1("proof A")?, b: reader.g2("proof B")?, c: reader.g1("proof C")? })
    }

    /// The 128 bytes of [`Self::write`].
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.write(&mut writer);
        writer.finish()
    }

    /// Reads exactly 128 bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes, Self::BYTES)?;
        let proof = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(proof)
    }
}

#[cfg(test)]
mod tests {
    use ark_ec::AffineRepr;

    use super::*;

    fn statement() -> HeadroomStatement {
        HeadroomStatement {
            context: Digest(std::array::from_fn(|index| index as u8 + 200)),
            headroom_root: -Fr::from(3u64),
            asset: AssetId::new(700).unwrap(),
            outflow: Total::from_units((1 << 96) - 1).unwrap(),
        }
    }

    #[test]
    fn a_statement_is_its_inputs_and_its_bytes() {
        let statement = statement();
        assert_eq!(HeadroomStatement::from_inputs(statement.inputs()), Ok(statement));
        let mut writer = Writer::new();
        statement.write(&mut writer);
        let bytes = writer.finish();
        assert_eq!(bytes.len(), HeadroomStatement::BYTES);
        let mut reader = Reader::new(&bytes, bytes.len()).unwrap();
        assert_eq!(HeadroomStatement::read(&mut reader).unwrap(), statement);
        reader.finish().unwrap();
    }

    #[test]
    fn inputs_out_of_range_are_no_statement() {
        let two_to = |bits: u32| (0..bits).fold(Fr::from(1u64), |power, _| power + power);
        for (place, value, error) in [
            (0, two_to(128), InputError::Context),
            (1, -Fr::from(1u64), InputError::Context),
            (3, Fr::from(0u64), InputError::Asset),
            (3, two_to(16), InputError::Asset),
            (4, two_to(96), InputError::Outflow),
            (4, -Fr::from(1u64), InputError::Outflow),
        ] {
            let mut inputs = statement().inputs();
            inputs[place] = value;
            assert_eq!(HeadroomStatement::from_inputs(inputs), Err(error), "input {place}");
        }
    }

    #[test]
    fn a_proof_is_exactly_its_bytes() {
        let (g1, g2) = (G1Affine::generator(), G2Affine::generator());
        let proof = HeadroomProof { a: g1, b: g2, c: -g1 };
        let bytes = proof.encode();
        assert_eq!((bytes.len(), HeadroomProof::decode(&bytes)), (HeadroomProof::BYTES, Ok(proof)));
        let longer = [&bytes[..], &[0]].concat();
        assert!(matches!(HeadroomProof::decode(&longer), Err(CodecError::TooLarge { .. })));
        assert!(matches!(HeadroomProof::decode(&bytes[..127]), Err(CodecError::Truncated { .. })));
        let identity = HeadroomProof { c: G1Affine::identity(), ..proof };
        assert!(HeadroomProof::decode(&identity.encode()).is_err());
    }
}
