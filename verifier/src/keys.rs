//! Verifying keys: strict encodings, lint, digest.

use std::collections::BTreeSet;

use ark_bn254::{G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use solventry_types::{
    Digest, InclusionFile, Profile,
    codec::{CodecError, Magic, Reader, Writer},
    digest::InjectiveHasher,
};

use crate::{
    equation::KeyElements,
    pairing::{NoRandomness, PairingProduct, weight},
};

/// Public inputs of each circuit, the constant included.
pub const INSTANCE: usize = 6;

/// How the secrets behind the keys came about. Whoever knows them can forge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Provenance {
    /// One machine drew them and promised to forget: for development only.
    InsecureDev,
}

/// Verifying key of a Groth16 circuit with one commitment stage (`01-solvency` §2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedVerifyingKey {
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
    /// `[δ1]_2`
    pub delta1_g2: G2Affine,
    /// IC: one point per public input, the constant first.
    pub ic: Vec<G1Affine>,
}

/// What a verifier needs of the KZG reference string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KzgVerifyingKey {
    /// [τ^i]_1 for i = 0..32, exclusive.
    pub g1_powers: Vec<G1Affine>,
    /// [τ^i]_2 for i = 0..=32.
    pub g2_powers: Vec<G2Affine>,
    /// Digest of the bases of reserve commitments ([L_a(τ)]_1 for a = 1..=A_max, [Z_H(τ)]_1);
    /// attestors sign it.
    pub reserve_bases: Digest,
}

/// All verifying keys of one profile; their digest is a trust anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKeys {
    /// Sizes: n, A_max, limbs.
    pub profile: Profile,
    /// Where the secrets came from.
    pub provenance: Provenance,
    /// Reference string of the commitments.
    pub kzg: KzgVerifyingKey,
    /// Shard circuit.
    pub shard: StagedVerifyingKey,
    /// Coverage circuit.
    pub coverage: StagedVerifyingKey,
}

/// A key that must not be used, whoever pinned it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyLintError {
    /// γ, δ, δ1 not pairwise distinct, or δ or δ1 the generator, or an identity.
    #[error(
        "{circuit} key: γ, δ and δ1 must be pairwise distinct, δ and δ1 not the generator, none the identity ({pair}); such a key lets anyone forge"
    )]
    Degenerate {
        /// Circuit of the key.
        circuit: &'static str,
        /// Which elements coincide.
        pair: &'static str,
    },
    /// Two IC points are equal or opposite.
    #[error("{circuit} key: the points of IC must be distinct")]
    RepeatedInput {
        /// Circuit of the key.
        circuit: &'static str,
    },
    /// Wrong number of IC points.
    #[error("{circuit} key: expected {expected} points in IC, got {got}")]
    InputCount {
        /// Circuit of the key.
        circuit: &'static str,
        /// Constant and public inputs.
        expected: usize,
        /// Points in the key.
        got: usize,
    },
    /// A key for a circuit that this verifier does not know.
    #[error("{circuit} key: it was made for circuit {got}, this program verifies circuit {expected}")]
    Circuit {
        /// Circuit of the key.
        circuit: &'static str,
        /// Digest that the profile pins.
        expected: &'static str,
        /// Digest in the key.
        got: Digest,
    },
    /// The powers of τ do not belong together.
    #[error("the reference string is not made of the powers of one τ, or τ is 0 or 1")]
    ReferenceString,
    /// No batch weights.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl VerifyingKeys {
    /// Magic bytes and version.
    pub const MAGIC: Magic = Magic { bytes: *b"SOLVKEY\n", version: 1, what: "verifying key" };

    /// The canonical encoding (SPEC, "Verifying keys").
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.header(&Self::MAGIC).u8(self.profile.code);
        match self.provenance {
            Provenance::InsecureDev => writer.u8(0),
        };
        for point in &self.kzg.g1_powers {
            writer.g1(point);
        }
        for point in &self.kzg.g2_powers {
            writer.g2(point);
        }
        writer.bytes(&self.kzg.reserve_bases.0);
        for key in [&self.shard, &self.coverage] {
            writer.bytes(&key.circuit.0).g1(&key.alpha_g1).g2(&key.beta_g2);
            writer.g2(&key.gamma_g2).g2(&key.delta_g2).g2(&key.delta1_g2);
            for point in &key.ic {
                writer.g1(point);
            }
        }
        writer.finish()
    }

    /// Parses and lints: what is returned is safe to pin.
    pub fn decode(bytes: &[u8]) -> Result<Self, KeyError> {
        let mut reader = Reader::new(bytes, solventry_types::Attestation::MAX_KEY_BYTES)?;
        reader.header(&Self::MAGIC)?;
        let code = reader.u8("profile")?;
        let profile = Profile::from_code(code).ok_or_else(|| reader.invalid("profile", "unknown profile"))?;
        let provenance = match reader.u8("provenance")? {
            0 => Provenance::InsecureDev,
            _ => return Err(reader.invalid("provenance", "unknown kind of setup").into()),
        };
        let powers = InclusionFile::MAX_POSITIONS;
        let g1_powers = (0..powers).map(|_| reader.g1("[τ^i]_1")).collect::<Result<_, _>>()?;
        let g2_powers = (0..=powers).map(|_| reader.g2("[τ^i]_2")).collect::<Result<_, _>>()?;
        let reserve_bases = Digest(reader.array("reserve bases digest")?);
        let kzg = KzgVerifyingKey { g1_powers, g2_powers, reserve_bases };
        let (shard, coverage) = (read_staged(&mut reader)?, read_staged(&mut reader)?);
        reader.finish()?;
        let keys = Self { profile, provenance, kzg, shard, coverage };
        keys.lint()?;
        Ok(keys)
    }

    /// Digest of the encoding: what anchors pin.
    pub fn digest(&self) -> Digest {
        digest_of(&self.encode())
    }

    /// Refuses keys under which anyone could forge (threats Z14, Z15).
    pub fn lint(&self) -> Result<(), KeyLintError> {
        let [shard, coverage] = self.profile.circuits;
        self.shard.lint("shard", shard)?;
        self.coverage.lint("coverage", coverage)?;
        self.kzg.lint()
    }
}

/// Digest of encoded keys.
pub fn digest_of(encoded: &[u8]) -> Digest {
    InjectiveHasher::new("solventry/verifying-keys/v1").field(encoded).finish()
}

/// Keys that do not parse or must not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not the format.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// The lint refused.
    #[error(transparent)]
    Lint(#[from] KeyLintError),
}

impl StagedVerifyingKey {
    fn lint(&self, circuit: &'static str, expected: &'static str) -> Result<(), KeyLintError> {
        lint(circuit, (expected, self.circuit), &self.elements(), Some(self.delta1_g2))
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

/// Refuses a Groth16 key under which anyone could forge, with or without δ1 (threats Z14, Z15).
pub(crate) fn lint(
    circuit: &'static str,
    (expected, made_for): (&'static str, Digest),
    key: &KeyElements<'_>,
    delta1_g2: Option<G2Affine>,
) -> Result<(), KeyLintError> {
    if made_for.to_string() != expected {
        return Err(KeyLintError::Circuit { circuit, expected, got: made_for });
    }
    let (gamma, delta, generator) = (key.gamma_g2, key.delta_g2, G2Affine::generator());
    let staged = |test: &dyn Fn(G2Affine) -> bool| delta1_g2.is_some_and(test);
    for (pair, equal) in [
        ("γ = δ", gamma == delta),
        ("γ = δ1", staged(&|delta1| gamma == delta1)),
        ("δ = δ1", staged(&|delta1| delta == delta1)),
        ("δ is the generator", delta == generator),
        ("δ1 is the generator", staged(&|delta1| delta1 == generator)),
        ("γ = −δ", gamma == -delta),
        ("γ = −δ1", staged(&|delta1| gamma == -delta1)),
        ("δ = −δ1", staged(&|delta1| delta == -delta1)),
        ("γ is the identity", gamma.is_zero()),
        ("δ is the identity", delta.is_zero()),
        ("δ1 is the identity", staged(&|delta1| delta1.is_zero())),
        ("α or β is the identity", key.alpha_g1.is_zero() || key.beta_g2.is_zero()),
    ] {
        if equal {
            return Err(KeyLintError::Degenerate { circuit, pair });
        }
    }
    let got = key.ic.len();
    if got != INSTANCE {
        return Err(KeyLintError::InputCount { circuit, expected: INSTANCE, got });
    }
    let distinct: BTreeSet<_> = key.ic.iter().map(|point| point.x().map(|x| x.to_string())).collect();
    if distinct.len() != got || key.ic.iter().any(G1Affine::is_zero) {
        return Err(KeyLintError::RepeatedInput { circuit });
    }
    Ok(())
}

impl KzgVerifyingKey {
    /// `[τ]_2`
    pub fn tau_g2(&self) -> G2Affine {
        self.g2_powers.get(1).copied().unwrap_or_default()
    }

    /// `[τ^(i+1)]_1 : [τ^i]_1 = [τ]_2 : [1]_2`, the same in G2, and the first powers are the
    /// generators.
    fn lint(&self) -> Result<(), KeyLintError> {
        let (g1, g2) = (G1Affine::generator(), G2Affine::generator());
        let (first, tau) = (self.g1_powers.get(1).copied().unwrap_or_default(), self.tau_g2());
        let counts = (self.g1_powers.len(), self.g2_powers.len());
        let right_counts =
            counts == (InclusionFile::MAX_POSITIONS, InclusionFile::MAX_POSITIONS.saturating_add(1));
        let generators = self.g1_powers.first() == Some(&g1) && self.g2_powers.first() == Some(&g2);
        if !right_counts || !generators || tau == g2 || tau.is_zero() {
            return Err(KeyLintError::ReferenceString);
        }
        let weights = self.g2_powers.iter().map(|_| weight()).collect::<Result<Vec<_>, _>>()?;
        let (g1_low, g1_high) = neighbours(&self.g1_powers);
        let (g2_low, g2_high) = neighbours(&self.g2_powers);
        let in_g1 = |points: &[G1Affine]| G1Projective::msm_unchecked(points, &weights);
        let in_g2 = |points: &[G2Affine]| G2Projective::msm_unchecked(points, &weights).into_affine();
        // Three products, not one: errors of one equation must not cancel those of another.
        let equal = |left: (G1Projective, G2Affine), right: (G1Projective, G2Affine)| {
            let mut product = PairingProduct::new();
            product.add(left.0, left.1);
            product.add(-right.0, right.1);
            product.is_one()
        };
        let holds = equal((first.into(), g2), (g1.into(), tau))
            && equal((in_g1(g1_high), g2), (in_g1(g1_low), tau))
            && equal((g1.into(), in_g2(g2_high)), (first.into(), in_g2(g2_low)));
        if holds { Ok(()) } else { Err(KeyLintError::ReferenceString) }
    }
}

/// All points but the last, and all but the first.
fn neighbours<T>(points: &[T]) -> (&[T], &[T]) {
    let low = points.split_last().map_or(&[][..], |(_, rest)| rest);
    let high = points.split_first().map_or(&[][..], |(_, rest)| rest);
    (low, high)
}

fn read_staged(reader: &mut Reader<'_>) -> Result<StagedVerifyingKey, CodecError> {
    Ok(StagedVerifyingKey {
        circuit: Digest(reader.array("circuit digest")?),
        alpha_g1: reader.g1("[α]_1")?,
        beta_g2: reader.g2("[β]_2")?,
        gamma_g2: reader.g2("[γ]_2")?,
        delta_g2: reader.g2("[δ]_2")?,
        delta1_g2: reader.g2("[δ1]_2")?,
        ic: (0..INSTANCE).map(|_| reader.g1("IC")).collect::<Result<_, _>>()?,
    })
}
