//! What the two FROST suites have in common, and how their values are read from bytes.

use frost_core::{Ciphersuite, Error, Identifier};

use crate::suite::Suite;

/// BIP-340 signatures under a key that is already tweaked as BIP-341 asks.
pub(crate) type Taproot = frost_secp256k1_tr::Secp256K1Sha256TR;
/// Ed25519 signatures (RFC 8032).
pub(crate) type Ed25519 = frost_ed25519::Ed25519Sha512;

/// A FROST suite that this crate knows.
pub(crate) trait Kind: Ciphersuite {
    /// Its name here.
    const SUITE: Suite;
}

impl Kind for Taproot {
    const SUITE: Suite = Suite::Taproot;
}

impl Kind for Ed25519 {
    const SUITE: Suite = Suite::Ed25519;
}

/// Identifier of the node with this number.
pub(crate) fn identifier<C: Kind>(number: usize) -> Option<Identifier<C>> {
    let place = u16::try_from(number).ok()?.checked_add(1)?;
    Identifier::try_from(place).ok()
}

/// Number of the node with this identifier among `nodes` nodes.
pub(crate) fn number<C: Kind>(wanted: Identifier<C>, nodes: usize) -> Option<usize> {
    (0..nodes).find(|number| identifier(*number) == Some(wanted))
}

/// Reads a value of at most `limit` bytes that encodes to the very bytes it was read from. The
/// encodings of frost-core allow trailing bytes, long integers and a second form of secp256k1
/// points; none of them passes.
pub(crate) fn canonical<C: Kind, T>(
    bytes: &[u8],
    limit: usize,
    decode: impl Fn(&[u8]) -> Result<T, Error<C>>,
    encode: impl Fn(&T) -> Result<Vec<u8>, Error<C>>,
) -> Option<T> {
    if bytes.len() > limit {
        return None;
    }
    let value = decode(bytes).ok()?;
    (encode(&value).ok()? == bytes).then_some(value)
}
