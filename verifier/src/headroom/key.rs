//! Verifying key of the headroom circuit: strict encoding, lint, digest.

use ark_bn254::{G1Affine, G2Affine};
use solventry_types::{
    Digest, HeadroomStatement,
    codec::{CodecError, Magic, Reader, Writer},
    digest::InjectiveHasher,
};

use crate::{
    equation::KeyElements,
    keys::{INSTANCE, KeyError, KeyLintError, Provenance, lint},
};

/// Verifying key of plain Groth16 for the headroom circuit; its digest is a trust anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadroomVerifyingKey {
    /// Where the secrets came from.
    pub provenance: Provenance,
    /// Digest of the circuit it was made for.
    pub circuit: Digest,
    /// `[α]_1`
    pub alpha_g1: G1Affine,
    /// `[β]_2`
    pub beta_g2: G2Affine,
    /// `[γ]_2`
    pub gamma_g2: G2Affine,
    /// `[δ]_2`
    pub delta_g2: G2Affine,
    /// IC: one point per public input, the constant first.
    pub ic: Vec<G1Affine>,
}

impl HeadroomVerifyingKey {
    /// Magic bytes and version.
    pub const MAGIC: Magic = Magic { bytes: *b"SOLVHVK\n", version: 1, what: "headroom verifying key" };
    /// Bytes of the encoding.
    pub const BYTES: usize = 459;

    /// The canonical encoding (SPEC, "Headroom verifying key").
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.header(&Self::MAGIC);
        match self.provenance {
            Provenance::InsecureDev => writer.u8(0),
        };
        writer.bytes(&self.circuit.0).g1(&self.alpha_g1).g2(&self.beta_g2);
        writer.g2(&self.gamma_g2).g2(&self.delta_g2);
        for point in &self.ic {
            writer.g1(point);
        }
        writer.finish()
    }

    /// Parses and lints: what is returned is safe to pin.
    pub fn decode(bytes: &[u8]) -> Result<Self, KeyError> {
        let mut reader = Reader::new(bytes, Self::BYTES)?;
        let key = Self::read(&mut reader)?;
        reader.finish()?;
        key.lint()?;
        Ok(key)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        reader.header(&Self::MAGIC)?;
        let provenance = match reader.u8("provenance")? {
            0 => Provenance::InsecureDev,
            _ => return Err(reader.invalid("provenance", "unknown kind of setup")),
        };
        Ok(Self {
            provenance,
            circuit: Digest(reader.array("circuit digest")?),
            alpha_g1: reader.g1("[α]_1")?,
            beta_g2: reader.g2("[β]_2")?,
            gamma_g2: reader.g2("[γ]_2")?,
            delta_g2: reader.g2("[δ]_2")?,
            ic: (0..INSTANCE).map(|_| reader.g1("IC")).collect::<Result<_, _>>()?,
        })
    }

    /// Digest of the encoding: what signers pin.
    pub fn digest(&self) -> Digest {
        InjectiveHasher::new("solventry/headroom-key/v1").field(&self.encode()).finish()
    }

    /// Refuses keys under which anyone could forge (threats Z14, Z15).
    pub fn lint(&self) -> Result<(), KeyLintError> {
        lint("headroom", (HeadroomStatement::CIRCUIT, self.circuit), &self.elements(), None)
    }

    /// What the equation takes.
    pub(crate) fn elements(&self) -> KeyElements<'_> {
        KeyElements {
            alpha_g1: self.alpha_g1,
            beta_g2: self.beta_g2,
            gamma_g2: self.gamma_g2,
            delta_g2: self.delta_g2,
            ic: &self.ic,
        }
    }
}
