//! Signed messages of key generation, and shares sealed to their recipients.

use ed25519_dalek::{Signer, SigningKey};
use snow::{
    Builder,
    params::{DHChoice, NoiseParams},
    resolvers::{CryptoResolver, DefaultResolver},
};
use solventry_types::{
    Digest,
    codec::{Reader, Writer},
    digest::InjectiveHasher,
};
use zeroize::Zeroizing;

use super::{GenerationError, Setup};

/// Largest payload of a message in bytes: 31 nodes take 6 000 in step 2.
pub(super) const MAX_PAYLOAD_BYTES: usize = 1 << 14;

/// One-way pattern in which both know the other's static key: only the recipient can read, and
/// the recipient knows that the sender wrote (Noise, revision 34, §7.4).
const PATTERN: &str = "Noise_K_25519_ChaChaPoly_BLAKE2s";
/// Ephemeral key and tag around the payload.
const OVERHEAD_BYTES: usize = 48;
/// Largest share, sealed, in bytes.
pub(super) const MAX_SEALED_BYTES: usize = 128;

/// A message whose signature holds.
pub(super) struct Signed<'a> {
    /// What it says.
    pub(super) payload: &'a [u8],
    /// Digest of the payload.
    pub(super) digest: Digest,
    /// The node's signature of [`message`].
    pub(super) signature: [u8; 64],
}

/// Where a message stands: the session with all its members, the step, the node.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Digest of the setup.
    pub(super) setup: Digest,
    /// Step whose answer it is.
    pub(super) step: u8,
    /// Number of the node that answers.
    pub(super) node: usize,
}

impl Place {
    /// What the node signs.
    pub(super) fn message(self, payload: Digest) -> Digest {
        InjectiveHasher::new("solventry/key-generation-message/v1")
            .field(&self.setup.0)
            .integer(self.step.into())
            .integer(number(self.node))
            .field(&payload.0)
            .finish()
    }

    /// Signs a payload.
    pub(super) fn sign(self, payload: &[u8], identity: &SigningKey) -> Vec<u8> {
        let signature = identity.sign(&self.message(payload_digest(payload)).0);
        let mut writer = Writer::new();
        writer.var_bytes(payload).bytes(&signature.to_bytes());
        writer.finish()
    }

    /// Reads a message and checks its signature.
    pub(super) fn open<'a>(self, setup: &Setup, body: &'a [u8]) -> Result<Signed<'a>, GenerationError> {
        let unsigned = GenerationError::Unsigned { node: self.node };
        let Ok((payload, signature)) = read(body) else { return Err(unsigned) };
        let digest = payload_digest(payload);
        if setup.is_signed(self.node, self.message(digest), &signature) {
            Ok(Signed { payload, digest, signature })
        } else {
            Err(unsigned)
        }
    }
}

/// The way of one share.
#[derive(Clone, Copy)]
pub(super) struct Route {
    /// Digest of the setup.
    pub(super) setup: Digest,
    /// Digest of all messages of step 1, as the sender saw them.
    pub(super) echo: Digest,
    /// Number of the node that gives the share.
    pub(super) sender: usize,
    /// Number of the node that gets it.
    pub(super) recipient: usize,
}

impl Route {
    /// Seals a share to the link key `to`, from the owner of the link secret `from`.
    pub(super) fn seal(self, from: &[u8; 32], to: &[u8; 32], share: &[u8]) -> Option<Vec<u8>> {
        let (params, prologue) = (PATTERN.parse::<NoiseParams>().ok()?, self.prologue());
        let builder = Builder::new(params).prologue(&prologue.0);
        let mut noise = builder.local_private_key(from).remote_public_key(to).build_initiator().ok()?;
        let mut sealed = vec![0; share.len().checked_add(OVERHEAD_BYTES)?];
        let length = noise.write_message(share, &mut sealed).ok()?;
        sealed.truncate(length);
        Some(sealed)
    }

    /// Opens a share with the link secret `to`, from the owner of the link key `from`.
    pub(super) fn open(self, to: &[u8; 32], from: &[u8; 32], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (params, prologue) = (PATTERN.parse::<NoiseParams>().ok()?, self.prologue());
        let builder = Builder::new(params).prologue(&prologue.0);
        let mut noise = builder.local_private_key(to).remote_public_key(from).build_responder().ok()?;
        let mut share = Zeroizing::new(vec![0; sealed.len()]);
        let length = noise.read_message(sealed, &mut share).ok()?;
        share.truncate(length);
        Some(share)
    }

    fn prologue(self) -> Digest {
        InjectiveHasher::new("solventry/key-generation-share/v1")
            .field(&self.setup.0)
            .field(&self.echo.0)
            .integer(number(self.sender))
            .integer(number(self.recipient))
            .finish()
    }
}

/// The link key of a link secret.
pub(super) fn link_key(secret: &[u8; 32]) -> Option<[u8; 32]> {
    let mut key = DefaultResolver.resolve_dh(&DHChoice::Curve25519)?;
    key.set(secret);
    key.pubkey().try_into().ok()
}

/// Digest of a payload.
pub(super) fn payload_digest(payload: &[u8]) -> Digest {
    InjectiveHasher::new("solventry/key-generation-payload/v1").field(payload).finish()
}

fn read(body: &[u8]) -> Result<(&[u8], [u8; 64]), solventry_types::CodecError> {
    let mut reader = Reader::new(body, MAX_PAYLOAD_BYTES + 68)?;
    let payload = reader.var_bytes(MAX_PAYLOAD_BYTES, "payload")?;
    let signature = reader.array("signature")?;
    reader.finish()?;
    Ok((payload, signature))
}

fn number(node: usize) -> u64 {
    u64::try_from(node).unwrap_or(u64::MAX)
}
