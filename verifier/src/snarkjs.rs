//! The JSON of snarkjs (protocol groth16, curve bn128): `proof.json`, `public.json`,
//! `verification_key.json`, written as it writes them and read strictly.
//!
//! Numbers are decimal strings. A reader refuses what is not canonical: signs, leading zeros,
//! values not below the modulus, points off the curve or outside the subgroup, the identity, other
//! counts, unknown or repeated fields, files over [`MAX_BYTES`].

mod decimal;
mod points;
mod schema;

use solventry_types::{HeadroomProof, HeadroomStatement, headroom::InputError};

use crate::{headroom::HeadroomFile, keys::KeyLintError};

/// Largest file in bytes; snarkjs writes at most 5 000.
pub const MAX_BYTES: usize = 16_384;

/// The three files of one proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnarkjsFiles {
    /// `proof.json`
    pub proof: String,
    /// `public.json`
    pub public: String,
    /// `verification_key.json`
    pub verification_key: String,
}

/// Why a file is not what snarkjs writes for the headroom circuit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SnarkjsError {
    /// Over the limit.
    #[error("{file}: expected at most {MAX_BYTES} bytes, got {got}")]
    TooLarge {
        /// Which file.
        file: &'static str,
        /// Its size.
        got: usize,
    },
    /// Not JSON, or other fields than snarkjs writes.
    #[error("{file}: expected JSON as snarkjs writes it; line {line}, column {column} is something else")]
    Json {
        /// Which file.
        file: &'static str,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// Another proof system or curve.
    #[error("{file}: expected {field} {expected:?}, got another")]
    Kind {
        /// Which file.
        file: &'static str,
        /// Name of the field.
        field: &'static str,
        /// Its value.
        expected: &'static str,
    },
    /// Another number of inputs or points.
    #[error("{file}: expected {expected} {what}, got {got}")]
    Count {
        /// Which file.
        file: &'static str,
        /// Of what.
        what: &'static str,
        /// How many there must be.
        expected: usize,
        /// How many there are.
        got: usize,
    },
    /// A number or point that is not valid or not canonical.
    #[error("{file}: {field}: {problem}")]
    Value {
        /// Which file.
        file: &'static str,
        /// Name of the field.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Public inputs that are no statement.
    #[error("public.json: {0}")]
    Input(#[from] InputError),
    /// A key that must not be used.
    #[error("verification_key.json: {0}")]
    Key(#[from] KeyLintError),
}

/// Writes the three files.
pub fn export(file: &HeadroomFile) -> SnarkjsFiles {
    let inputs: Vec<String> = file.statement.inputs().iter().map(decimal::write).collect();
    SnarkjsFiles {
        proof: schema::pretty(&schema::Proof::of(&file.proof)),
        public: schema::pretty(&inputs),
        verification_key: schema::pretty(&schema::VerificationKey::of(&file.key)),
    }
}

/// Reads the three files. They do not say how the key was made nor for which circuit: the key
/// counts as UNTRUSTED, and as made for the circuit of this version. The proof is not verified.
pub fn import(proof: &[u8], public: &[u8], verification_key: &[u8]) -> Result<HeadroomFile, SnarkjsError> {
    Ok(HeadroomFile {
        statement: import_statement(public)?,
        key: schema::VerificationKey::parse(verification_key)?,
        proof: import_proof(proof)?,
    })
}

/// Reads `proof.json`.
pub fn import_proof(bytes: &[u8]) -> Result<HeadroomProof, SnarkjsError> {
    schema::Proof::parse(bytes)
}

/// Reads `public.json`.
pub fn import_statement(bytes: &[u8]) -> Result<HeadroomStatement, SnarkjsError> {
    let file = "public.json";
    let texts: Vec<String> = schema::json(file, bytes, b'[')?;
    let got = texts.len();
    let count = |_| SnarkjsError::Count { file, what: "public inputs", expected: 5, got };
    let texts: [String; 5] = texts.try_into().map_err(count)?;
    let mut inputs = [ark_bn254::Fr::default(); 5];
    for (input, text) in inputs.iter_mut().zip(&texts) {
        *input = decimal::read(text).map_err(|problem| SnarkjsError::Value {
            file,
            field: "public input",
            problem,
        })?;
    }
    Ok(HeadroomStatement::from_inputs(inputs)?)
}
