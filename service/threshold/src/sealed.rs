//! Secrets at rest: argon2id over a passphrase, XChaCha20-Poly1305 over the secret.
//!
//! Header (magic, version, parameters, salt, nonce) and context are associated data: a file of
//! another node, group, generation or kind does not open, nor does one with another header.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use rand_core::{OsRng, RngCore};
use solventry_types::{
    CodecError, Digest,
    codec::{Magic, Reader, Writer},
};
use zeroize::Zeroizing;

/// Memory of argon2id in KiB, passes, lanes: RFC 9106, §4, second recommended option.
const WRITTEN: Cost = Cost { memory: 1 << 16, passes: 3, lanes: 4 };
/// Most that a header may ask for: 1 GiB and 16 passes stay bearable, and nothing below
/// [`WRITTEN`] was ever written.
const MOST: Cost = Cost { memory: 1 << 20, passes: 16, lanes: 16 };

/// Magic, version, three parameters, salt, nonce.
const HEADER_BYTES: usize = 8 + 2 + 12 + 16 + 24;
/// Length and tag.
const OVERHEAD_BYTES: usize = HEADER_BYTES + 4 + 16;

/// Largest secret of [`seal_secret`] in bytes.
pub const MAX_SECRET_BYTES: usize = 1024;
/// Longest passphrase in bytes.
pub const MAX_PASSPHRASE_BYTES: usize = 1024;
/// Largest content of any sealed file in bytes.
pub(crate) const MAX_CONTENT_BYTES: usize = 8192;

const SECRET: Magic = Magic { bytes: *b"SOLVSEC\n", version: 1, what: "sealed secret" };

/// Whose secret it is; all of it must be the same when the file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShareContext {
    /// Ed25519 identity of the node.
    pub identity: [u8; 32],
    /// Digest of the group.
    pub group: Digest,
    /// Counts the groups' key generations, so that an old file is not taken for a new one.
    pub generation: u32,
}

/// Why a secret is not sealed or opened. Says nothing of the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// No passphrase, or too long a one.
    #[error("expected a passphrase of 1 to {MAX_PASSPHRASE_BYTES} bytes, got {0}")]
    Passphrase(usize),
    /// Too large.
    #[error("expected a secret of at most {limit} bytes, got {got}")]
    TooLarge {
        /// Limit in bytes.
        limit: usize,
        /// Size in bytes.
        got: usize,
    },
    /// Not such a file.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// Parameters out of bounds.
    #[error(
        "argon2id parameters out of bounds: expected 64 MiB to 1 GiB, 3 to 16 passes, 4 to 16 lanes, got {memory} KiB, {passes}, {lanes}"
    )]
    Parameters {
        /// KiB.
        memory: u32,
        /// Passes.
        passes: u32,
        /// Lanes.
        lanes: u32,
    },
    /// Authentication failed. Which of the reasons it is cannot be told.
    #[error(
        "the file does not open: the passphrase is wrong, it belongs to another node, group or generation, or it was altered"
    )]
    Refused,
    /// It opens, but holds something else.
    #[error("the file opens, but its content is not {0}")]
    Content(&'static str),
    /// The operating system gave no randomness, or the key derivation no memory.
    #[error("the operating system gave no {0}")]
    System(&'static str),
}

#[derive(Clone, Copy)]
struct Cost {
    memory: u32,
    passes: u32,
    lanes: u32,
}

struct Header {
    cost: Cost,
    salt: [u8; 16],
    nonce: [u8; 24],
}

/// Seals up to 1 KiB. All secrets of one context open in each other's place: seal the keys of a
/// node as one secret, or give each a context of its own.
pub fn seal_secret(secret: &[u8], passphrase: &[u8], context: &ShareContext) -> Result<Vec<u8>, SealError> {
    match secret.len() {
        0..=MAX_SECRET_BYTES => seal(&SECRET, secret, passphrase, context),
        got => Err(SealError::TooLarge { limit: MAX_SECRET_BYTES, got }),
    }
}

/// Opens what [`seal_secret`] sealed.
pub fn open_secret(
    bytes: &[u8],
    passphrase: &[u8],
    context: &ShareContext,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    open(&SECRET, MAX_SECRET_BYTES, bytes, passphrase, context)
}

/// Seals a file of a kind.
pub(crate) fn seal(
    kind: &Magic,
    content: &[u8],
    passphrase: &[u8],
    context: &ShareContext,
) -> Result<Vec<u8>, SealError> {
    let mut header = Header { cost: WRITTEN, salt: [0; 16], nonce: [0; 24] };
    for random in [header.salt.as_mut_slice(), header.nonce.as_mut_slice()] {
        OsRng.try_fill_bytes(random).map_err(|_| SealError::System("randomness"))?;
    }
    let cipher = header.cipher(passphrase)?;
    let mut writer = Writer::new();
    header.write(kind, &mut writer);
    let aad = associated_data(writer.as_bytes(), context);
    let sealed = cipher
        .encrypt(XNonce::from_slice(&header.nonce), Payload { msg: content, aad: &aad })
        .map_err(|_| SealError::TooLarge { limit: MAX_CONTENT_BYTES, got: content.len() })?;
    writer.var_bytes(&sealed);
    Ok(writer.finish())
}

/// Opens a file of a kind whose content has at most `limit` bytes.
pub(crate) fn open(
    kind: &Magic,
    limit: usize,
    bytes: &[u8],
    passphrase: &[u8],
    context: &ShareContext,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let mut reader = Reader::new(bytes, limit.saturating_add(OVERHEAD_BYTES))?;
    let header = Header::read(kind, &mut reader)?;
    let written = bytes.get(..HEADER_BYTES).unwrap_or_default();
    let sealed = reader.var_bytes(limit.saturating_add(16), "sealed content")?;
    reader.finish()?;
    let cipher = header.cipher(passphrase)?;
    decrypt(&cipher, &header, written, sealed, context)
}

fn decrypt(
    cipher: &XChaCha20Poly1305,
    header: &Header,
    written: &[u8],
    sealed: &[u8],
    context: &ShareContext,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let aad = associated_data(written, context);
    let payload = Payload { msg: sealed, aad: &aad };
    let content = cipher.decrypt(XNonce::from_slice(&header.nonce), payload);
    content.map(Zeroizing::new).map_err(|_| SealError::Refused)
}

/// Header and context have fixed lengths, so their concatenation is injective.
fn associated_data(header: &[u8], context: &ShareContext) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.bytes(header).bytes(&context.identity).bytes(&context.group.0).u32(context.generation);
    writer.finish()
}

impl Header {
    fn write(&self, kind: &Magic, writer: &mut Writer) {
        let Cost { memory, passes, lanes } = self.cost;
        writer.header(kind).u32(memory).u32(passes).u32(lanes).bytes(&self.salt).bytes(&self.nonce);
    }

    fn read(kind: &Magic, reader: &mut Reader<'_>) -> Result<Self, SealError> {
        reader.header(kind)?;
        let cost = Cost {
            memory: reader.u32("argon2id memory")?,
            passes: reader.u32("argon2id passes")?,
            lanes: reader.u32("argon2id lanes")?,
        };
        let Cost { memory, passes, lanes } = cost;
        if !(WRITTEN.memory..=MOST.memory).contains(&memory)
            || !(WRITTEN.passes..=MOST.passes).contains(&passes)
            || !(WRITTEN.lanes..=MOST.lanes).contains(&lanes)
        {
            return Err(SealError::Parameters { memory, passes, lanes });
        }
        Ok(Self { cost, salt: reader.array("salt")?, nonce: reader.array("nonce")? })
    }

    fn cipher(&self, passphrase: &[u8]) -> Result<XChaCha20Poly1305, SealError> {
        if !(1..=MAX_PASSPHRASE_BYTES).contains(&passphrase.len()) {
            return Err(SealError::Passphrase(passphrase.len()));
        }
        let failed = |_| SealError::System("memory for the key derivation");
        let Cost { memory, passes, lanes } = self.cost;
        let params = Params::new(memory, passes, lanes, Some(32)).map_err(failed)?;
        let mut blocks = Zeroizing::new(vec![Block::default(); params.block_count()]);
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(passphrase, &self.salt, key.as_mut_slice(), blocks.as_mut_slice())
            .map_err(failed)?;
        XChaCha20Poly1305::new_from_slice(key.as_slice()).map_err(|_| SealError::System("key"))
    }
}

#[cfg(test)]
#[path = "sealed_tests.rs"]
mod tests;
