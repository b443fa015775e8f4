//! Ed25519 keys of accounts, engines and oracles: files of 64 hexadecimal digits, as `solventry keys
//! signing` makes them.

use std::path::Path;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use rand_core::{OsRng, RngCore};
use zeroize::Zeroizing;

use crate::files::{self, Access, FileError};

/// Makes a key and writes its file, for the owner alone; gives the public key.
pub fn create(path: &Path) -> Result<[u8; 32], FileError> {
    files::require_writable(path)?;
    let mut secret = Zeroizing::new([0; 32]);
    OsRng.try_fill_bytes(secret.as_mut()).map_err(|error| FileError::new(path, error))?;
    let text = Zeroizing::new(hex::encode(secret.as_ref()) + "\n");
    files::write(path, Access::Private, text.as_bytes())?;
    Ok(SigningKey::from_bytes(&secret).verifying_key().to_bytes())
}

/// Reads a key.
pub fn read(path: &Path) -> Result<SigningKey, FileError> {
    let text = Zeroizing::new(files::read_any(path, 128)?);
    files::require_private(path)?;
    let mut secret = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim_ascii_end(), secret.as_mut())
        .map_err(|_| FileError::new(path, "expected a secret key of 64 hexadecimal digits"))?;
    Ok(SigningKey::from_bytes(&secret))
}

/// Reads a key, or makes it if there is none.
pub fn read_or_create(path: &Path) -> Result<SigningKey, FileError> {
    if path.symlink_metadata().is_err() {
        create(path)?;
    }
    read(path)
}

/// Signs a digest.
pub fn sign(key: &SigningKey, message: &[u8; 32]) -> [u8; 64] {
    key.sign(message).to_bytes()
}

/// Whether a signature is that of the key; keys of small order sign nothing.
pub fn verifies(key: &[u8; 32], message: &[u8; 32], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(key)
        .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
}
