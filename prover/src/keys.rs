//! All keys of one profile, and their files.

use std::io::{Read, Write};

use ark_bn254::{G1Affine, G2Affine};
use ark_poly::EvaluationDomain;
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize, Compress, SerializationError, Validate};
use sha2::{Digest as _, Sha256};
use solventry_solvency::{coverage::CoverageCircuit, r1cs::Circuit, shard::ShardCircuit};
use solventry_types::{Digest, Profile};
use solventry_verifier::{VerifyingKeys, keys::Provenance};

use crate::{
    kzg::ReferenceString,
    setup::{Query, StagedProvingKey, domain, insecure_setup},
};

/// Circuits, proving keys, reference string and verifying keys of a profile.
pub struct ProvingKeys {
    /// Shard circuit.
    pub shard_circuit: ShardCircuit,
    /// Coverage circuit.
    pub coverage_circuit: CoverageCircuit,
    /// Shard proving key.
    pub shard: StagedProvingKey,
    /// Coverage proving key.
    pub coverage: StagedProvingKey,
    /// KZG reference string.
    pub reference: ReferenceString,
    /// What verifiers get.
    pub verifying: VerifyingKeys,
    /// Digest of the verifying keys.
    pub digest: Digest,
}

/// Keys that cannot be read or do not belong together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// Reading or writing failed.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// Not the encoding.
    #[error("the key file is damaged ({0}); make the keys again with `solventry keys setup`")]
    Encoding(#[from] SerializationError),
    /// The checksum differs.
    #[error(
        "the key file is damaged (its checksum differs); make the keys again with `solventry keys setup`"
    )]
    Checksum,
    /// Files of different setups.
    #[error(
        "proving.key and verifying.key do not belong together; make the keys again with `solventry keys setup`"
    )]
    Mismatch,
    /// Keys of another circuit.
    #[error(
        "the keys were made for another version of the {circuit} circuit; make them again with `solventry keys setup`"
    )]
    Circuit {
        /// Which circuit.
        circuit: &'static str,
    },
}

impl ProvingKeys {
    /// Makes all keys with secrets from the operating system: for development only.
    pub fn insecure_setup(profile: Profile) -> Self {
        let (shard_circuit, coverage_circuit) = (ShardCircuit::new(profile), CoverageCircuit::new(profile));
        let reference = ReferenceString::insecure_setup(profile);
        let (shard, shard_verifying) = insecure_setup(&shard_circuit.circuit);
        let (coverage, coverage_verifying) = insecure_setup(&coverage_circuit.circuit);
        let verifying = VerifyingKeys {
            profile,
            provenance: Provenance::InsecureDev,
            kzg: reference.verifying_key(profile),
            shard: shard_verifying,
            coverage: coverage_verifying,
        };
        let digest = verifying.digest();
        Self { shard_circuit, coverage_circuit, shard, coverage, reference, verifying, digest }
    }

    /// Writes everything but the verifying keys, which have a file of their own.
    pub fn write_proving(&self, writer: impl Write) -> Result<(), KeyFileError> {
        let mut writer = Hashing { inner: writer, hasher: Sha256::new() };
        self.reference.powers.serialize_with_mode(&mut writer, Compress::No)?;
        self.reference.lagrange.serialize_with_mode(&mut writer, Compress::No)?;
        self.reference.powers_g2.serialize_with_mode(&mut writer, Compress::No)?;
        for key in [&self.shard, &self.coverage] {
            write_key(key, &mut writer)?;
        }
        let checksum = writer.hasher.finalize();
        writer.inner.write_all(&checksum)?;
        Ok(writer.inner.flush()?)
    }

    /// Reads what [`Self::write_proving`] wrote. The points are the operator's own and protected
    /// by a checksum; curve checks are left to the verification of every proof.
    pub fn read(verifying: VerifyingKeys, reader: impl Read) -> Result<Self, KeyFileError> {
        let profile = verifying.profile;
        let (shard_circuit, coverage_circuit) = (ShardCircuit::new(profile), CoverageCircuit::new(profile));
        for (circuit, made_for, described) in [
            ("shard", verifying.shard.circuit, shard_circuit.circuit.digest()),
            ("coverage", verifying.coverage.circuit, coverage_circuit.circuit.digest()),
        ] {
            if made_for != described {
                return Err(KeyFileError::Circuit { circuit });
            }
        }
        let mut reader = Hashing { inner: reader, hasher: Sha256::new() };
        let reference = ReferenceString {
            powers: points(&mut reader, profile.block_slots + 1)?,
            lagrange: points(&mut reader, profile.block_slots)?,
            powers_g2: points(&mut reader, verifying.kzg.g2_powers.len())?,
        };
        let shard = read_key(&mut reader, shard_circuit.circuit.wires())?;
        let coverage = read_key(&mut reader, coverage_circuit.circuit.wires())?;
        let (expected, mut checksum) = (reader.hasher.finalize(), [0; 32]);
        reader.inner.read_exact(&mut checksum)?;
        if checksum[..] != expected[..] {
            return Err(KeyFileError::Checksum);
        }
        let end = reader.inner.read(&mut [0])?;
        let fits = key_fits(&shard, &shard_circuit.circuit) && key_fits(&coverage, &coverage_circuit.circuit);
        if end != 0 || !fits || reference.verifying_key(profile) != verifying.kzg {
            return Err(KeyFileError::Mismatch);
        }
        let digest = verifying.digest();
        Ok(Self { shard_circuit, coverage_circuit, shard, coverage, reference, verifying, digest })
    }
}

/// Whether every query has one base per wire or point of the circuit.
fn key_fits(key: &StagedProvingKey, circuit: &Circuit) -> bool {
    key.committed.len() == circuit.committed
        && key.free.len() == circuit.free
        && key.quotient.len() == domain(circuit).size()
        && key.a.wires.len() == key.a.bases.len()
        && key.b_g2.wires.len() == key.b_g2.bases.len()
        && key.b_g2.wires.len() == key.b_g1.len()
}

fn write_key(key: &StagedProvingKey, mut writer: impl Write) -> Result<(), SerializationError> {
    key.elements_g1.to_vec().serialize_with_mode(&mut writer, Compress::No)?;
    key.elements_g2.to_vec().serialize_with_mode(&mut writer, Compress::No)?;
    key.a.wires.serialize_with_mode(&mut writer, Compress::No)?;
    key.b_g2.wires.serialize_with_mode(&mut writer, Compress::No)?;
    for bases in [&key.a.bases, &key.b_g1, &key.committed, &key.free, &key.quotient] {
        bases.serialize_with_mode(&mut writer, Compress::No)?;
    }
    key.b_g2.bases.serialize_with_mode(&mut writer, Compress::No)
}

fn read_key(mut reader: impl Read, wires: usize) -> Result<StagedProvingKey, KeyFileError> {
    let limit = 2 * wires; // the domain is at most twice the rows
    let elements_g1: Vec<G1Affine> = points(&mut reader, 4)?;
    let elements_g2: Vec<G2Affine> = points(&mut reader, 2)?;
    let (a_wires, b_wires): (Vec<u32>, Vec<u32>) = (points(&mut reader, limit)?, points(&mut reader, limit)?);
    if a_wires.iter().chain(&b_wires).any(|wire| *wire as usize >= wires) {
        return Err(SerializationError::InvalidData.into());
    }
    let mut bases = || points::<G1Affine>(&mut reader, limit + wires);
    let (a, b_g1, committed, free, quotient) = (bases()?, bases()?, bases()?, bases()?, bases()?);
    let b_g2 = points(&mut reader, limit)?;
    let array = |_| KeyFileError::from(SerializationError::InvalidData);
    Ok(StagedProvingKey {
        elements_g1: elements_g1.try_into().map_err(|_| array(()))?,
        elements_g2: elements_g2.try_into().map_err(|_| array(()))?,
        a: Query { wires: a_wires, bases: a },
        b_g1,
        b_g2: Query { wires: b_wires, bases: b_g2 },
        committed,
        free,
        quotient,
    })
}

/// A length-prefixed list of at most `limit` items.
pub(crate) fn points<T: CanonicalDeserialize>(
    mut reader: impl Read,
    limit: usize,
) -> Result<Vec<T>, KeyFileError> {
    let length = u64::deserialize_with_mode(&mut reader, Compress::No, Validate::No)?;
    let length = usize::try_from(length).ok().filter(|length| *length <= limit);
    let length = length.ok_or(SerializationError::InvalidData)?;
    let mut items = Vec::with_capacity(length);
    for _ in 0..length {
        items.push(T::deserialize_with_mode(&mut reader, Compress::No, Validate::No)?);
    }
    Ok(items)
}

/// Hashes what passes through.
pub(crate) struct Hashing<T> {
    pub inner: T,
    pub hasher: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(bytes)?;
        self.hasher.update(&bytes[..read]);
        Ok(read)
    }
}
