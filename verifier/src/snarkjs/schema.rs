//! The fields of the files, in snarkjs's order.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::ser::{PrettyFormatter, Serializer};
use solventry_types::{Digest, HeadroomProof, HeadroomStatement};

use super::{
    MAX_BYTES, SnarkjsError,
    points::{G1, G2, Target, read_g1, read_g2, write_g1, write_g2, write_pairing},
};
use crate::{
    headroom::HeadroomVerifyingKey,
    keys::{INSTANCE, Provenance},
};

const PROTOCOL: &str = "groth16";
const CURVE: &str = "bn128";
const PROOF_FILE: &str = "proof.json";
const KEY_FILE: &str = "verification_key.json";

/// `proof.json`
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    pi_a: G1,
    pi_b: G2,
    pi_c: G1,
    protocol: String,
    curve: String,
}

/// `verification_key.json`
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerificationKey {
    protocol: String,
    curve: String,
    #[serde(rename = "nPublic")]
    n_public: usize,
    vk_alpha_1: G1,
    vk_beta_2: G2,
    vk_gamma_2: G2,
    vk_delta_2: G2,
    vk_alphabeta_12: Target,
    #[serde(rename = "IC")]
    ic: Vec<G1>,
}

impl Proof {
    /// Coordinates of a proof.
    pub fn of(proof: &HeadroomProof) -> Self {
        Self {
            pi_a: write_g1(&proof.a),
            pi_b: write_g2(&proof.b),
            pi_c: write_g1(&proof.c),
            protocol: PROTOCOL.into(),
            curve: CURVE.into(),
        }
    }

    /// Reads a proof.
    pub fn parse(bytes: &[u8]) -> Result<HeadroomProof, SnarkjsError> {
        let parsed: Self = json(PROOF_FILE, bytes, b'{')?;
        kind(PROOF_FILE, &parsed.protocol, &parsed.curve)?;
        let value = |field| move |problem| SnarkjsError::Value { file: PROOF_FILE, field, problem };
        Ok(HeadroomProof {
            a: read_g1(&parsed.pi_a).map_err(value("pi_a"))?,
            b: read_g2(&parsed.pi_b).map_err(value("pi_b"))?,
            c: read_g1(&parsed.pi_c).map_err(value("pi_c"))?,
        })
    }
}

impl VerificationKey {
    /// Coordinates of a key, and `e(α, β)`.
    pub fn of(key: &HeadroomVerifyingKey) -> Self {
        Self {
            protocol: PROTOCOL.into(),
            curve: CURVE.into(),
            n_public: key.ic.len().saturating_sub(1),
            vk_alpha_1: write_g1(&key.alpha_g1),
            vk_beta_2: write_g2(&key.beta_g2),
            vk_gamma_2: write_g2(&key.gamma_g2),
            vk_delta_2: write_g2(&key.delta_g2),
            vk_alphabeta_12: write_pairing(&key.alpha_g1, &key.beta_g2),
            ic: key.ic.iter().map(write_g1).collect(),
        }
    }

    /// Reads and lints a key; `vk_alphabeta_12` is recomputed.
    pub fn parse(bytes: &[u8]) -> Result<HeadroomVerifyingKey, SnarkjsError> {
        let file = KEY_FILE;
        let parsed: Self = json(file, bytes, b'{')?;
        kind(file, &parsed.protocol, &parsed.curve)?;
        for (what, expected, got) in [
            ("public inputs (nPublic)", INSTANCE.saturating_sub(1), parsed.n_public),
            ("points in IC", INSTANCE, parsed.ic.len()),
        ] {
            if expected != got {
                return Err(SnarkjsError::Count { file, what, expected, got });
            }
        }
        let value = |field| move |problem| SnarkjsError::Value { file, field, problem };
        let key = HeadroomVerifyingKey {
            provenance: Provenance::InsecureDev,
            circuit: pinned_circuit(),
            alpha_g1: read_g1(&parsed.vk_alpha_1).map_err(value("vk_alpha_1"))?,
            beta_g2: read_g2(&parsed.vk_beta_2).map_err(value("vk_beta_2"))?,
            gamma_g2: read_g2(&parsed.vk_gamma_2).map_err(value("vk_gamma_2"))?,
            delta_g2: read_g2(&parsed.vk_delta_2).map_err(value("vk_delta_2"))?,
            ic: parsed.ic.iter().map(read_g1).collect::<Result<_, _>>().map_err(value("IC"))?,
        };
        if parsed.vk_alphabeta_12 != write_pairing(&key.alpha_g1, &key.beta_g2) {
            return Err(value("vk_alphabeta_12")("not the pairing of vk_alpha_1 and vk_beta_2"));
        }
        key.lint()?;
        Ok(key)
    }
}

/// The circuit of this version, which the files do not name.
fn pinned_circuit() -> Digest {
    let mut digest = [0; 32];
    // The constant is 64 hexadecimal digits, as the tests show; anything else fails the lint.
    let _ = hex::decode_to_slice(HeadroomStatement::CIRCUIT, &mut digest);
    Digest(digest)
}

fn kind(file: &'static str, protocol: &str, curve: &str) -> Result<(), SnarkjsError> {
    for (field, got, expected) in [("protocol", protocol, PROTOCOL), ("curve", curve, CURVE)] {
        if got != expected {
            return Err(SnarkjsError::Kind { file, field, expected });
        }
    }
    Ok(())
}

/// Parses bounded JSON that begins with `first`; lists do not pass for objects.
pub fn json<T: DeserializeOwned>(file: &'static str, bytes: &[u8], first: u8) -> Result<T, SnarkjsError> {
    if bytes.len() > MAX_BYTES {
        return Err(SnarkjsError::TooLarge { file, got: bytes.len() });
    }
    if bytes.trim_ascii_start().first() != Some(&first) {
        return Err(SnarkjsError::Json { file, line: 1, column: 1 });
    }
    serde_json::from_slice(bytes).map_err(|error| SnarkjsError::Json {
        file,
        line: error.line(),
        column: error.column(),
    })
}

/// JSON indented by one blank, as `JSON.stringify(value, null, 1)` writes it.
pub fn pretty(value: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(b" "));
    // Strings, numbers and lists in memory: nothing can fail.
    let _ = value.serialize(&mut serializer);
    String::from_utf8(bytes).unwrap_or_default()
}
