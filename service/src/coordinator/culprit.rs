//! Evidence against a node that signed wrong shares.

use solventry_protocol::message::{
    MAX_BODY_BYTES, SignedCommitments, SignedShares, package_digest, shares_message,
};
use solventry_types::{
    Digest, VaultConfiguration,
    codec::{CodecError, Magic, Reader, Writer},
};

use super::is_signed;

/// A package of commitments, and shares for it that a node signed and that are wrong. With the
/// group key and the transaction, anyone can see that they are wrong; the signature says whose
/// they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Culprit {
    /// Name of the node in its group.
    pub name: String,
    /// The node's identity key.
    pub identity: [u8; 32],
    /// Digest of the journal's genesis.
    pub genesis: Digest,
    /// The payment.
    pub payment_id: Digest,
    /// Digest of the raw transaction.
    pub transaction: Digest,
    /// Digest of the intent, which the shares are bound to.
    pub intent: Digest,
    /// Commitments of all t nodes.
    pub package: Vec<SignedCommitments>,
    /// What the node signed.
    pub shares: SignedShares,
}

impl Culprit {
    /// Magic bytes and version.
    pub const MAGIC: Magic = Magic { bytes: *b"SOLVBAD\n", version: 1, what: "evidence of wrong shares" };
    /// Largest encoding in bytes.
    pub const MAX_BYTES: usize = 1 << 20;

    /// Digest of the signing package.
    pub fn package_digest(&self) -> Digest {
        package_digest(self.payment_id, self.transaction, &self.package)
    }

    /// Whether the shares are signed by the node's identity for this package.
    pub fn is_signed(&self) -> bool {
        let SignedShares { node, shares, signature } = &self.shares;
        let message = shares_message(self.genesis, self.intent, self.package_digest(), *node, shares);
        is_signed(&self.identity, message, signature)
    }

    /// The canonical encoding.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.header(&Self::MAGIC).var_bytes(self.name.as_bytes()).bytes(&self.identity);
        for digest in [self.genesis, self.payment_id, self.transaction, self.intent] {
            writer.bytes(&digest.0);
        }
        writer.count(self.package.len());
        for signed in &self.package {
            write_signed(&mut writer, signed.node, &signed.commitments, &signed.signature);
        }
        write_signed(&mut writer, self.shares.node, &self.shares.shares, &self.shares.signature);
        writer.finish()
    }

    /// Parses a file; nothing is verified.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes, Self::MAX_BYTES)?;
        reader.header(&Self::MAGIC)?;
        let name = reader.text(128, "node name")?.to_owned();
        let identity = reader.array("identity key")?;
        let genesis = Digest(reader.array("genesis digest")?);
        let payment_id = Digest(reader.array("payment id")?);
        let transaction = Digest(reader.array("transaction digest")?);
        let intent = Digest(reader.array("intent digest")?);
        let count = reader.count(VaultConfiguration::MAX_SIGNERS, 69, "commitments")?;
        let mut package = Vec::with_capacity(count);
        for _ in 0..count {
            let (node, commitments, signature) = read_signed(&mut reader)?;
            package.push(SignedCommitments { node, commitments, signature });
        }
        let (node, shares, signature) = read_signed(&mut reader)?;
        reader.finish()?;
        let shares = SignedShares { node, shares, signature };
        Ok(Self { name, identity, genesis, payment_id, transaction, intent, package, shares })
    }
}

fn write_signed(writer: &mut Writer, node: u8, items: &[Vec<u8>], signature: &[u8; 64]) {
    let writer = writer.u8(node).count(items.len());
    items.iter().fold(writer, |writer, item| writer.var_bytes(item)).bytes(signature);
}

type Signed = (u8, Vec<Vec<u8>>, [u8; 64]);

fn read_signed(reader: &mut Reader<'_>) -> Result<Signed, CodecError> {
    let node = reader.u8("node")?;
    let count = reader.count(solventry_protocol::SigningEvidence::MAX_SIGNATURES, 4, "items")?;
    let items = (0..count)
        .map(|_| Ok(reader.var_bytes(MAX_BODY_BYTES, "item")?.to_vec()))
        .collect::<Result<_, CodecError>>()?;
    Ok((node, items, reader.array("signature")?))
}
