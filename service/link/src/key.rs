//! Static keys.

use std::fmt;

use snow::{
    params::DHChoice,
    resolvers::{CryptoResolver, DefaultResolver},
};
use zeroize::Zeroizing;

use crate::LinkError;

/// The X25519 static key of a node or coordinator.
pub struct LinkKey {
    secret: Zeroizing<[u8; 32]>,
    public: [u8; 32],
}

impl LinkKey {
    /// A fresh key from the operating system's randomness.
    pub fn generate() -> Result<Self, LinkError> {
        let mut secret = Zeroizing::new([0; 32]);
        rand_core::RngCore::try_fill_bytes(&mut rand_core::OsRng, secret.as_mut())
            .map_err(|_| LinkError::Key)?;
        Self::from_secret(&secret)
    }

    /// The key with these secret bytes.
    pub fn from_secret(secret: &[u8; 32]) -> Result<Self, LinkError> {
        let mut curve = DefaultResolver.resolve_dh(&DHChoice::Curve25519).ok_or(LinkError::Key)?;
        curve.set(secret);
        let public = curve.pubkey().try_into().map_err(|_| LinkError::Key)?;
        Ok(Self { secret: Zeroizing::new(*secret), public })
    }

    /// The public half, as groups pin it.
    pub const fn public(&self) -> [u8; 32] {
        self.public
    }

    /// The secret half, for the file that keeps it.
    pub fn secret(&self) -> &[u8; 32] {
        &self.secret
    }
}

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkKey").finish_non_exhaustive()
    }
}
