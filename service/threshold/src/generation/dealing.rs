//! The payload of step 2: what the node saw in step 1, and its shares for the others.

use solventry_types::{
    CodecError, Digest, VaultConfiguration,
    codec::{Reader, Writer},
    digest::InjectiveHasher,
};

use super::envelope::{MAX_PAYLOAD_BYTES, MAX_SEALED_BYTES};

/// What a node saw of one message of step 1. The signature makes two different ones a proof
/// against their author, and one that nobody signed a proof against the node that shows it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Seen {
    /// Digest of the payload.
    pub(super) digest: Digest,
    /// Its author's signature.
    pub(super) signature: [u8; 64],
}

/// The payload of step 2.
pub(super) struct Dealing {
    /// One per node.
    pub(super) seen: Vec<Seen>,
    /// One sealed share per node; empty for the sender.
    pub(super) sealed: Vec<Vec<u8>>,
}

impl Dealing {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.count(self.seen.len());
        for seen in &self.seen {
            writer.bytes(&seen.digest.0).bytes(&seen.signature);
        }
        writer.count(self.sealed.len());
        for sealed in &self.sealed {
            writer.var_bytes(sealed);
        }
        writer.finish()
    }

    /// Parses the payload that node `sender` of `nodes` sent.
    pub(super) fn decode(payload: &[u8], nodes: usize, sender: usize) -> Result<Self, CodecError> {
        let mut reader = Reader::new(payload, MAX_PAYLOAD_BYTES)?;
        let most = VaultConfiguration::MAX_SIGNERS;
        let count = reader.count(most, 96, "echoes")?;
        let seen = (0..count)
            .map(|_| {
                Ok(Seen { digest: Digest(reader.array("digest")?), signature: reader.array("signature")? })
            })
            .collect::<Result<Vec<_>, CodecError>>()?;
        let count = reader.count(most, 4, "sealed shares")?;
        let sealed = (0..count)
            .map(|_| Ok(reader.var_bytes(MAX_SEALED_BYTES, "sealed share")?.to_vec()))
            .collect::<Result<Vec<_>, CodecError>>()?;
        let one_each = seen.len() == nodes && sealed.len() == nodes;
        if !one_each || sealed.iter().enumerate().any(|(number, s)| s.is_empty() != (number == sender)) {
            return Err(reader.invalid("dealing", "expected an echo of each node and a share for each other"));
        }
        reader.finish()?;
        Ok(Self { seen, sealed })
    }
}

/// Digest of all messages of step 1.
pub(super) fn echo_digest(seen: &[Seen]) -> Digest {
    let hasher = InjectiveHasher::new("solventry/key-generation-echo/v1");
    seen.iter().fold(hasher, |hasher, seen| hasher.field(&seen.digest.0)).finish()
}
