//! Keys of the headroom circuit, and their file. One set serves every profile.

use std::io::{Read, Write};

use ark_bn254::{Bn254, Fr};
use ark_ec::PrimeGroup;
use ark_groth16::{Groth16, ProvingKey, VerifyingKey};
use ark_poly::EvaluationDomain;
use ark_relations::gr1cs::Matrix;
use ark_serialize::{CanonicalSerialize, Compress};
use rand_core::OsRng;
use sha2::{Digest as _, Sha256};
use solventry_solvency::headroom::HeadroomCircuit;
use solventry_verifier::{headroom::HeadroomVerifyingKey, keys::Provenance};

use crate::{
    keys::{Hashing, KeyFileError, points},
    setup::{ToxicWaste, domain},
    stock::{self, Stock},
};

/// Circuit, proving key and verifying key.
pub struct HeadroomKeys {
    /// The circuit.
    pub circuit: HeadroomCircuit,
    /// Stock proving key.
    pub proving: ProvingKey<Bn254>,
    /// What signers get.
    pub verifying: HeadroomVerifyingKey,
    pub(super) matrices: Vec<Matrix<Fr>>,
}

impl HeadroomKeys {
    /// Makes both keys with secrets from the operating system: for development only.
    pub fn insecure_setup() -> Self {
        Self::from_secrets(&ToxicWaste::random())
    }

    /// Both keys from given secrets (δ1 and τ' are not used: there is no commitment stage, and
    /// ark-groth16 draws its own point). Nothing is checked, so that tests can make bad keys.
    pub fn from_secrets(toxic: &ToxicWaste) -> Self {
        let circuit = HeadroomCircuit::new();
        let assignment = vec![Fr::from(0u64); circuit.circuit.wires()];
        let stock = Stock { circuit: &circuit.circuit, assignment: &assignment };
        let (g1, g2) = (ark_bn254::G1Projective::generator(), ark_bn254::G2Projective::generator());
        let ToxicWaste { alpha, beta, gamma, delta, .. } = *toxic;
        let proving = Groth16::<Bn254>::generate_parameters_with_qap(
            stock, alpha, beta, gamma, delta, g1, g2, &mut OsRng,
        )
        .expect("the circuit is well formed");
        let VerifyingKey { alpha_g1, beta_g2, gamma_g2, delta_g2, gamma_abc_g1 } = proving.vk.clone();
        let verifying = HeadroomVerifyingKey {
            provenance: Provenance::InsecureDev,
            circuit: circuit.circuit.digest(),
            alpha_g1,
            beta_g2,
            gamma_g2,
            delta_g2,
            ic: gamma_abc_g1,
        };
        let matrices = stock::matrices(&circuit.circuit);
        Self { circuit, proving, verifying, matrices }
    }

    /// Writes everything but the verifying key, which has a file of its own.
    pub fn write_proving(&self, writer: impl Write) -> Result<(), KeyFileError> {
        let mut writer = Hashing { inner: writer, hasher: Sha256::new() };
        writer.write_all(&self.verifying.digest().0)?;
        let key = &self.proving;
        let elements = vec![key.beta_g1, key.delta_g1];
        for bases in [&elements, &key.a_query, &key.b_g1_query, &key.h_query, &key.l_query] {
            bases.serialize_with_mode(&mut writer, Compress::No)?;
        }
        key.b_g2_query.serialize_with_mode(&mut writer, Compress::No)?;
        let checksum = writer.hasher.finalize();
        writer.inner.write_all(&checksum)?;
        Ok(writer.inner.flush()?)
    }

    /// Reads what [`Self::write_proving`] wrote. The points are the operator's own and protected
    /// by a checksum; curve checks are left to the verification of every proof.
    pub fn read(verifying: HeadroomVerifyingKey, reader: impl Read) -> Result<Self, KeyFileError> {
        let circuit = HeadroomCircuit::new();
        if verifying.circuit != circuit.circuit.digest() {
            return Err(KeyFileError::Circuit { circuit: "headroom" });
        }
        let (wires, size) = (circuit.circuit.wires(), domain(&circuit.circuit).size());
        let mut reader = Hashing { inner: reader, hasher: Sha256::new() };
        let mut made_with = [0; 32];
        reader.read_exact(&mut made_with)?;
        let mut bases = |limit| points(&mut reader, limit);
        let (elements, a_query, b_g1_query) = (bases(2)?, bases(wires)?, bases(wires)?);
        let (h_query, l_query) = (bases(size)?, bases(wires)?);
        let b_g2_query = points(&mut reader, wires)?;
        let (expected, mut checksum) = (reader.hasher.finalize(), [0; 32]);
        reader.inner.read_exact(&mut checksum)?;
        if checksum[..] != expected[..] {
            return Err(KeyFileError::Checksum);
        }
        let end = reader.inner.read(&mut [0])?;
        let [beta_g1, delta_g1] = elements[..] else { return Err(KeyFileError::Mismatch) };
        let counts = [a_query.len(), b_g1_query.len(), b_g2_query.len(), l_query.len(), h_query.len()];
        let fits = counts == [wires, wires, wires, wires - circuit.circuit.instance(), size - 1];
        if end != 0 || !fits || made_with != verifying.digest().0 {
            return Err(KeyFileError::Mismatch);
        }
        let vk = VerifyingKey {
            alpha_g1: verifying.alpha_g1,
            beta_g2: verifying.beta_g2,
            gamma_g2: verifying.gamma_g2,
            delta_g2: verifying.delta_g2,
            gamma_abc_g1: verifying.ic.clone(),
        };
        let proving = ProvingKey { vk, beta_g1, delta_g1, a_query, b_g1_query, b_g2_query, h_query, l_query };
        let matrices = stock::matrices(&circuit.circuit);
        Ok(Self { circuit, proving, verifying, matrices })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_back_and_damage_is_noticed() {
        let keys = HeadroomKeys::insecure_setup();
        keys.verifying.lint().unwrap();
        let mut file = Vec::new();
        keys.write_proving(&mut file).unwrap();
        let read = HeadroomKeys::read(keys.verifying.clone(), &file[..]).unwrap();
        assert_eq!(read.proving, keys.proving);
        let other = HeadroomKeys::insecure_setup().verifying;
        assert!(matches!(HeadroomKeys::read(other, &file[..]), Err(KeyFileError::Mismatch)));
        let longer = [&file[..], &[0]].concat();
        let read = |file: &[u8]| HeadroomKeys::read(keys.verifying.clone(), file).map(drop);
        assert!(matches!(read(&longer), Err(KeyFileError::Mismatch)));
        assert!(matches!(read(&file[..file.len() - 1]), Err(KeyFileError::Io(_))));
        file[500] ^= 1;
        assert!(matches!(read(&file), Err(KeyFileError::Checksum)));
    }
}
