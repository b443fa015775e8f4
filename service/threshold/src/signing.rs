//! A node's part in a signing round.

use std::collections::BTreeMap;

use frost_core::{
    round1::{self, SigningNonces},
    round2,
};
use rand_core::OsRng;

use crate::{
    frost::{Ed25519, Kind, Taproot},
    package::{MAX_MESSAGES, PackageError, packages},
    share::KeyShare,
    suite::Suite,
};

/// Secret nonces of one node for one signing round, one pair per message.
///
/// [`sign`] takes them by value and they cannot be copied, so no two shares are ever made with
/// one nonce, which would give away the key share.
///
/// ```
/// # use std::collections::BTreeMap;
/// # use solventry_threshold::{KeyShare, Nonces, sign};
/// fn once(nonces: Nonces, share: &KeyShare, messages: &[Vec<u8>]) {
///     let _ = sign(nonces, share, messages, &BTreeMap::new());
/// }
/// ```
///
/// ```compile_fail,E0382
/// # use std::collections::BTreeMap;
/// # use solventry_threshold::{KeyShare, Nonces, sign};
/// fn twice(nonces: Nonces, share: &KeyShare, messages: &[Vec<u8>]) {
///     let _ = sign(nonces, share, messages, &BTreeMap::new());
///     let _ = sign(nonces, share, messages, &BTreeMap::new());
/// }
/// ```
///
/// ```compile_fail,E0599
/// # use solventry_threshold::Nonces;
/// fn copy(nonces: &Nonces) -> Nonces {
///     Nonces::clone(nonces)
/// }
/// ```
pub struct Nonces {
    secret: Secret,
    /// Commitments to them, as given out.
    commitments: Vec<Vec<u8>>,
    /// The group key and the node that they were made for.
    owner: ([u8; 32], usize),
}

/// Wiped when dropped, by their own type.
enum Secret {
    Taproot(Vec<SigningNonces<Taproot>>),
    Ed25519(Vec<SigningNonces<Ed25519>>),
}

/// Why a node gives no commitments or shares. The nonces are gone all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// Number of inputs.
    #[error("expected 1 to {MAX_MESSAGES} inputs, got {0}")]
    Inputs(usize),
    /// Messages or commitments.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// Other nonces than this round's.
    #[error("the nonces were made for {expected} messages of another share or round, got {got} messages")]
    Nonces {
        /// Messages that the nonces are for.
        expected: usize,
        /// Messages given.
        got: usize,
    },
    /// The node's commitments are not there as it gave them.
    #[error("the package does not hold this node's commitments as it gave them for this round")]
    OwnCommitments,
    /// The library refused.
    #[error("frost refused to {0}")]
    Refused(&'static str),
}

impl SigningError {
    /// Nodes whose signed commitments are malformed.
    pub fn culprits(&self) -> &[usize] {
        match self {
            Self::Package(error) => error.culprits(),
            _ => &[],
        }
    }
}

/// Fresh nonces for `inputs` messages and the commitments to give out, one per message.
pub fn commit(share: &KeyShare, inputs: usize) -> Result<(Nonces, Vec<Vec<u8>>), SigningError> {
    if !(1..=MAX_MESSAGES).contains(&inputs) {
        return Err(SigningError::Inputs(inputs));
    }
    let (secret, commitments) = match share.suite() {
        Suite::Taproot => commit_in::<Taproot>(share, inputs).map(|(n, c)| (Secret::Taproot(n), c))?,
        Suite::Ed25519 => commit_in::<Ed25519>(share, inputs).map(|(n, c)| (Secret::Ed25519(n), c))?,
    };
    let nonces = Nonces { secret, commitments: commitments.clone(), owner: owner(share) };
    Ok((nonces, commitments))
}

/// Signature shares for `messages`, one each. `commitments` are those of exactly t nodes by
/// number, this node's among them. Whether the messages may be signed is for the caller to know.
pub fn sign(
    nonces: Nonces,
    share: &KeyShare,
    messages: &[Vec<u8>],
    commitments: &BTreeMap<usize, Vec<Vec<u8>>>,
) -> Result<Vec<Vec<u8>>, SigningError> {
    let (expected, got) = (nonces.commitments.len(), messages.len());
    if nonces.owner != owner(share) || expected != got {
        return Err(SigningError::Nonces { expected, got });
    }
    if commitments.get(&share.number()) != Some(&nonces.commitments) {
        return Err(SigningError::OwnCommitments);
    }
    match &nonces.secret {
        Secret::Taproot(secret) => sign_in(secret, share, messages, commitments),
        Secret::Ed25519(secret) => sign_in(secret, share, messages, commitments),
    }
}

fn owner(share: &KeyShare) -> ([u8; 32], usize) {
    (share.group_key().key, share.number())
}

#[allow(clippy::type_complexity)] // nonces and commitments, used once
fn commit_in<C: Kind>(
    share: &KeyShare,
    inputs: usize,
) -> Result<(Vec<SigningNonces<C>>, Vec<Vec<u8>>), SigningError> {
    let refused = || SigningError::Refused("commit with this share");
    let own = share.package::<C>().ok_or_else(refused)?;
    let mut nonces = Vec::with_capacity(inputs);
    let mut commitments = Vec::with_capacity(inputs);
    for _ in 0..inputs {
        let (secret, commitment) = round1::commit::<C, _>(own.signing_share(), &mut OsRng);
        nonces.push(secret);
        commitments.push(commitment.serialize().map_err(|_| refused())?);
    }
    Ok((nonces, commitments))
}

fn sign_in<C: Kind>(
    nonces: &[SigningNonces<C>],
    share: &KeyShare,
    messages: &[Vec<u8>],
    commitments: &BTreeMap<usize, Vec<Vec<u8>>>,
) -> Result<Vec<Vec<u8>>, SigningError> {
    let refused = || SigningError::Refused("sign with these commitments");
    let own = share.package::<C>().ok_or_else(refused)?;
    let packages = packages::<C>(share.group_key(), messages, commitments)?;
    let shares = packages.iter().zip(nonces).map(|(package, nonces)| {
        // Not `sign_with_tweak`: key generation has tweaked the key already.
        let signature = round2::sign(package, nonces, &own).map_err(|_| refused())?;
        Ok(signature.serialize())
    });
    shares.collect()
}
