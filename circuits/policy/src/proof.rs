//! Making and verifying policy proofs. The only place that calls the library's `verify_proof`.

use std::{convert::Infallible, fmt};

use halo2_proofs::{
    pasta::vesta,
    plonk::{Error, SingleVerifier, create_proof, verify_proof},
    transcript::{Blake2bRead, Blake2bWrite, Challenge255},
};
use rand_core::{CryptoRng, RngCore};

use crate::{
    circuit::PolicyCircuit,
    keys::{PolicyKeys, PolicyVerifyingKey},
    rules::{Policy, PolicyError},
    statement::PolicyStatement,
    twin::Refusal,
};

/// A policy proof: as many bytes as every other. Says nothing until it is verified.
#[derive(Clone, PartialEq, Eq)]
pub struct PolicyProof(Box<[u8; PolicyProof::LEN]>);

/// A statement whose policy proof was verified. Made by [`verify`] only.
#[derive(Debug)]
pub struct VerifiedPolicy {
    statement: PolicyStatement,
}

/// Why no proof was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyProveError {
    /// The policy is not well formed.
    #[error("policy: {0}")]
    Policy(#[from] PolicyError),
    /// The statement is about another policy.
    #[error("policy: its root is not the one of the statement")]
    Root,
    /// The policy refuses the payment.
    #[error("the policy refuses the payment: {}", Reasons(.0))]
    Refused(Vec<Refusal>),
    /// The library failed.
    #[error("policy proof: {0}")]
    Library(Error),
    /// The proof that was made does not verify: a fault of this program or machine.
    #[error("policy proof: made, but it does not verify: {0}")]
    SelfCheck(PolicyVerifyError),
}

/// Why a proof was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyVerifyError {
    /// Number of bytes.
    #[error("policy proof: expected {expected} bytes, got {0}", expected = PolicyProof::LEN)]
    Length(usize),
    /// Bytes of the root.
    #[error("policy root: not the canonical bytes of a field element")]
    Root,
    /// The proof does not hold for the statement.
    #[error("policy proof: does not hold for this statement")]
    Proof,
}

impl PolicyProof {
    /// Bytes of a proof.
    pub const LEN: usize = 4_032;

    /// Takes exactly [`Self::LEN`] bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PolicyVerifyError> {
        let bytes: &[u8; Self::LEN] = bytes.try_into().map_err(|_| PolicyVerifyError::Length(bytes.len()))?;
        Ok(Self(Box::new(*bytes)))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }
}

impl VerifiedPolicy {
    /// What was proven.
    pub const fn statement(&self) -> &PolicyStatement {
        &self.statement
    }
}

/// Proves that the policy allows the payment. The proof is verified before it is returned.
pub fn prove(
    keys: &PolicyKeys,
    policy: &Policy,
    statement: &PolicyStatement,
    rng: impl RngCore + CryptoRng,
) -> Result<PolicyProof, PolicyProveError> {
    policy.validate()?;
    let refusals = policy.decide(statement);
    if !refusals.is_empty() {
        return Err(PolicyProveError::Refused(refusals));
    }
    let (circuit, root) = PolicyCircuit::with_root(policy, statement);
    let public = statement.public_inputs().filter(|public| public.policy_root == root);
    let public = public.ok_or(PolicyProveError::Root)?.into_array();
    let mut transcript = Blake2bWrite::<_, vesta::Affine, Challenge255<_>>::init(Vec::new());
    let (params, key) = (&keys.verifying.params, &keys.proving);
    create_proof(params, key, &[circuit], &[&[&public]], Randomness(rng), &mut transcript)
        .map_err(PolicyProveError::Library)?;
    let proof = PolicyProof::from_bytes(&transcript.finalize()).map_err(PolicyProveError::SelfCheck)?;
    verify(keys.verifying(), statement, &proof).map_err(PolicyProveError::SelfCheck)?;
    Ok(proof)
}

/// Verifies a proof against a statement that the caller has rebuilt itself.
pub fn verify(
    key: &PolicyVerifyingKey,
    statement: &PolicyStatement,
    proof: &PolicyProof,
) -> Result<VerifiedPolicy, PolicyVerifyError> {
    // 1. The instance: exactly 28 field elements, in range by the types they come from. The
    //    library would pad a shorter list with zeros.
    let public = statement.public_inputs().ok_or(PolicyVerifyError::Root)?.into_array();
    // 2. The proof, of exactly the right length by its type. The library refuses non-canonical
    //    field elements and points, points off the curve and the identity; both curves have prime
    //    order, so that there is no subgroup to check.
    let mut bytes = proof.as_bytes();
    let mut transcript = Blake2bRead::<_, vesta::Affine, Challenge255<_>>::init(&mut bytes);
    // 3. One proof, verified by itself. The library would accept an empty batch.
    let strategy = SingleVerifier::new(&key.params);
    #[allow(clippy::disallowed_methods)] // the strict wrapper itself: lengths are checked around it
    verify_proof(&key.params, &key.key, strategy, &[&[&public]], &mut transcript)
        .map_err(|_| PolicyVerifyError::Proof)?;
    // 4. Nothing is left over. The library would ignore it.
    if !bytes.is_empty() {
        return Err(PolicyVerifyError::Proof);
    }
    Ok(VerifiedPolicy { statement: statement.clone() })
}

/// The randomness of one line of `rand_core` for a library of a later one.
struct Randomness<R>(R);

impl<R: RngCore> rand_core_10::TryRng for Randomness<R> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

/// Refusals on one line.
struct Reasons<'a>(&'a [Refusal]);

impl fmt::Display for Reasons<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (refusal, separator) in self.0.iter().zip(std::iter::once("").chain(std::iter::repeat("; "))) {
            write!(f, "{separator}{refusal}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for PolicyProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PolicyProof({} bytes)", Self::LEN)
    }
}
