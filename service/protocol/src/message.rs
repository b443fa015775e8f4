//! Messages between coordinators and signer nodes. The link authenticates who sends them; bodies
//! of threshold cryptography are opaque here.

use solventry_types::{
    Chain, Digest, VaultConfiguration,
    asset::{read_chain, read_locator, write_locator},
    codec::{CodecError, Magic, Reader, Writer},
    digest::InjectiveHasher,
    payment::Payment,
    place::Locator,
};

use crate::{entry::Entry, evidence::SigningEvidence, genesis::Genesis, record::Record};

/// Largest message in bytes.
pub const MAX_MESSAGE_BYTES: usize = Entry::MAX_BYTES + 1024;

/// Largest opaque body of threshold cryptography in bytes.
pub const MAX_BODY_BYTES: usize = 1 << 18;

/// Largest encoding of a vote with its signature, in bytes.
pub const MAX_VOTE_BYTES: usize = 256;

/// One step of distributed key generation. The coordinator only carries messages: each is signed
/// by its node, and shares are sealed to their recipients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyGeneration {
    /// Fresh name of this run.
    pub session: [u8; 32],
    /// Vault.
    pub vault: String,
    /// Chain.
    pub chain: Chain,
    /// Step, 1 to 4.
    pub step: u8,
    /// Answers of every node to the step before, in their order; none for step 1.
    pub bodies: Vec<Vec<u8>>,
}

/// Commitments of one node to nonces for every input of a decided transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCommitments {
    /// Number of the node, from 0.
    pub node: u8,
    /// One per input.
    pub commitments: Vec<Vec<u8>>,
    /// The node's Ed25519 signature of [`commitments_message`].
    pub signature: [u8; 64],
}

/// Signature shares of one node for every input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedShares {
    /// Number of the node, from 0.
    pub node: u8,
    /// One per input.
    pub shares: Vec<Vec<u8>>,
    /// The node's Ed25519 signature of [`shares_message`]: evidence if a share is wrong.
    pub signature: [u8; 64],
}

/// What a coordinator or a peer asks of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Where the node stands.
    Status,
    /// A step of key generation.
    KeyGeneration(KeyGeneration),
    /// Start the journal with this encoded genesis.
    Genesis(Vec<u8>),
    /// Consider this encoded record.
    Submit(Vec<u8>),
    /// What became of a record.
    Decision(Digest),
    /// A vault's configuration in force.
    Vault(String),
    /// What the journal knows about a vault's past payments in one asset, now.
    Sums {
        /// Vault.
        vault: String,
        /// Chain.
        chain: Chain,
        /// What is paid, as that chain calls it.
        locator: Locator,
    },
    /// Commit to nonces for a decided transaction.
    Commit {
        /// The payment.
        payment_id: Digest,
        /// Digest of the raw transaction.
        transaction: Digest,
    },
    /// Release signature shares for a decided transaction.
    Share {
        /// The payment.
        payment_id: Digest,
        /// Digest of the raw transaction.
        transaction: Digest,
        /// Commitments of t nodes, in rising order, the node's own last ones among them.
        commitments: Vec<SignedCommitments>,
    },
    /// The entry of a height with its decision.
    Entry(u64),
}

/// What the node is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// No genesis yet.
    Blank,
    /// Hearing its peers before it votes.
    Starting,
    /// Voting and signing.
    Running,
    /// Its disk is older than what it is known to have said: it only learns.
    Quarantined,
    /// A certified record failed here: more than f nodes are faulty. It signs nothing.
    Halted,
}

/// Where a node stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeStatus {
    /// Number of the node, from 0.
    pub node: u8,
    /// What it does.
    pub phase: Phase,
    /// Digest of the genesis, zeros if there is none.
    pub genesis: Digest,
    /// Last decided height; 0 is genesis.
    pub height: u64,
    /// Value id of that height.
    pub head: Digest,
    /// Journal time.
    pub time: u64,
    /// The asking node's own vote, with its signature, of the highest height at which it was seen
    /// voting here; empty if it was not, or is no node. A node whose disk was put back learns by it
    /// what it said since.
    pub voted: Vec<u8>,
    /// Attestation in force, zeros if there is none.
    pub attestation: Digest,
}

/// A vault as the journal has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultStatus {
    /// Encoded configuration in force.
    pub configuration: Vec<u8>,
    /// Whether it is disabled.
    pub disabled: bool,
    /// Number that its next change or disabling must have.
    pub sequence: u64,
    /// When a decided change takes effect, in journal time.
    pub pending: Option<u64>,
    /// Attestation in force, zeros if there is none.
    pub attestation: Digest,
    /// Epoch number in force.
    pub epoch: u64,
}

/// Sums of a vault in one asset, in units of the asset as the epoch in force lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sums {
    /// Journal time.
    pub time: u64,
    /// Charged in 1 h, 24 h, 7 d and 30 d.
    pub spent: [u128; 4],
    /// Payments in the last 24 h.
    pub count: u32,
    /// Seconds since the last payment; `u64::MAX` if there was none.
    pub since_last: u64,
    /// What left the reserves since the epoch's snapshot, as far as it is not proven settled.
    pub outflow: u128,
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Nothing is known of it here.
    Unknown,
    /// It waits to be proposed or decided.
    Pending,
    /// Encoded decision.
    Decided(Vec<u8>),
    /// It was valid and no longer is; submit it anew with fresh proofs.
    Dropped(Refusal),
}

/// A refusal. Only the vault's owner is told more than that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Step and reason, for the vault's owner.
    pub detail: Option<String>,
}

/// A node's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// To [`Request::Status`].
    Status(NodeStatus),
    /// To [`Request::KeyGeneration`]: what every node is to get in the next step.
    KeyGeneration(Vec<u8>),
    /// To [`Request::Genesis`]: digest.
    Genesis(Digest),
    /// To [`Request::Submit`]: valid here now, and waiting.
    Accepted(Digest),
    /// To [`Request::Decision`].
    Fate(Fate),
    /// To [`Request::Vault`].
    Vault(VaultStatus),
    /// To [`Request::Sums`].
    Sums(Sums),
    /// To [`Request::Commit`].
    Commitments(SignedCommitments),
    /// To [`Request::Share`].
    Shares(SignedShares),
    /// To [`Request::Entry`]: encoded entry and decision, if the height is decided.
    Entry(Option<(Vec<u8>, Vec<u8>)>),
    /// The gate, or a rule of the journal, says no.
    Refused(Refusal),
    /// The node cannot answer now: which condition, and what to do. Never says anything of a vault.
    Unavailable(String),
}

/// What a node signs with its commitments.
pub fn commitments_message(
    genesis: Digest,
    payment_id: Digest,
    transaction: Digest,
    node: u8,
    commitments: &[Vec<u8>],
) -> Digest {
    signed_message("solventry/commitments/v1", genesis, [payment_id, transaction], node, commitments)
}

/// What a node signs with its shares. `package` binds the commitments of all t nodes.
pub fn shares_message(
    genesis: Digest,
    intent: Digest,
    package: Digest,
    node: u8,
    shares: &[Vec<u8>],
) -> Digest {
    signed_message("solventry/shares/v1", genesis, [intent, package], node, shares)
}

/// Digest of a signing package: commitments of t nodes over a decided transaction.
pub fn package_digest(payment_id: Digest, transaction: Digest, commitments: &[SignedCommitments]) -> Digest {
    let mut writer = Writer::new();
    write_commitments(&mut writer, commitments);
    InjectiveHasher::new("solventry/signing-package/v1")
        .field(&payment_id.0)
        .field(&transaction.0)
        .field(writer.as_bytes())
        .finish()
}

fn signed_message(
    label: &'static str,
    genesis: Digest,
    digests: [Digest; 2],
    node: u8,
    items: &[Vec<u8>],
) -> Digest {
    let [first, second] = digests;
    let hasher = InjectiveHasher::new(label).field(&genesis.0).field(&first.0).field(&second.0);
    items.iter().fold(hasher.integer(node.into()), |hasher, item| hasher.field(item)).finish()
}

impl Request {
    /// Magic bytes and version.
    pub const MAGIC: Magic = Magic { bytes: *b"SOLVREQ\n", version: 1, what: "request to a node" };

    /// The canonical encoding.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.header(&Self::MAGIC);
        match self {
            Self::Status => writer.u8(0),
            Self::KeyGeneration(step) => {
                writer.u8(1).bytes(&step.session).var_bytes(step.vault.as_bytes());
                write_bodies(writer.u8(step.chain.code()).u8(step.step), &step.bodies)
            }
            Self::Genesis(bytes) => writer.u8(2).var_bytes(bytes),
            Self::Submit(bytes) => writer.u8(3).var_bytes(bytes),
            Self::Decision(record) => writer.u8(4).bytes(&record.0),
            Self::Vault(name) => writer.u8(5).var_bytes(name.as_bytes()),
            Self::Sums { vault, chain, locator } => {
                write_locator(writer.u8(6).var_bytes(vault.as_bytes()).u8(chain.code()), locator);
                &mut writer
            }
            Self::Commit { payment_id, transaction } => {
                writer.u8(7).bytes(&payment_id.0).bytes(&transaction.0)
            }
            Self::Share { payment_id, transaction, commitments } => {
                writer.u8(8).bytes(&payment_id.0).bytes(&transaction.0);
                write_commitments(&mut writer, commitments);
                &mut writer
            }
            Self::Entry(height) => writer.u8(9).u64(*height),
        };
        writer.finish()
    }

    /// Parses a request.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes, MAX_MESSAGE_BYTES)?;
        reader.header(&Self::MAGIC)?;
        let digest = |reader: &mut Reader<'_>, what| Ok::<_, CodecError>(Digest(reader.array(what)?));
        let request = match reader.u8("kind of request")? {
            0 => Self::Status,
            1 => Self::KeyGeneration(KeyGeneration {
                session: reader.array("session")?,
                vault: reader.text(Payment::MAX_VAULT_BYTES, "vault name")?.to_owned(),
                chain: read_chain(&mut reader)?,
                step: reader.u8("step")?,
                bodies: read_bodies(&mut reader, VaultConfiguration::MAX_SIGNERS)?,
            }),
            2 => Self::Genesis(reader.var_bytes(Genesis::MAX_BYTES, "genesis")?.to_vec()),
            3 => Self::Submit(reader.var_bytes(Record::MAX_BYTES, "record")?.to_vec()),
            4 => Self::Decision(digest(&mut reader, "record digest")?),
            5 => Self::Vault(reader.text(Payment::MAX_VAULT_BYTES, "vault name")?.to_owned()),
            6 => {
                let vault = reader.text(Payment::MAX_VAULT_BYTES, "vault name")?.to_owned();
                let chain = read_chain(&mut reader)?;
                Self::Sums { vault, chain, locator: read_locator(&mut reader, chain)? }
            }
            7 => Self::Commit {
                payment_id: digest(&mut reader, "payment id")?,
                transaction: digest(&mut reader, "transaction digest")?,
            },
            8 => Self::Share {
                payment_id: digest(&mut reader, "payment id")?,
                transaction: digest(&mut reader, "transaction digest")?,
                commitments: read_commitments(&mut reader)?,
            },
            9 => Self::Entry(reader.u64("height")?),
            _ => return Err(reader.invalid("kind of request", "expected 0 to 9")),
        };
        reader.finish()?;
        Ok(request)
    }
}

impl SignedCommitments {
    fn write(&self, writer: &mut Writer) {
        write_bodies(writer.u8(self.node), &self.commitments).bytes(&self.signature);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self {
            node: reader.u8("node")?,
            commitments: read_bodies(reader, SigningEvidence::MAX_SIGNATURES)?,
            signature: reader.array("commitments signature")?,
        })
    }
}

fn write_commitments(writer: &mut Writer, commitments: &[SignedCommitments]) {
    writer.count(commitments.len());
    for signed in commitments {
        signed.write(writer);
    }
}

fn read_commitments(reader: &mut Reader<'_>) -> Result<Vec<SignedCommitments>, CodecError> {
    let count = reader.count(VaultConfiguration::MAX_SIGNERS, 69, "commitments")?;
    let mut all: Vec<SignedCommitments> = Vec::with_capacity(count);
    for _ in 0..count {
        let signed = SignedCommitments::read(reader)?;
        if all.last().is_some_and(|last| last.node >= signed.node) {
            return Err(reader.invalid("commitments", "expected each node once, in order"));
        }
        all.push(signed);
    }
    Ok(all)
}

fn write_bodies<'w>(writer: &'w mut Writer, bodies: &[Vec<u8>]) -> &'w mut Writer {
    bodies.iter().fold(writer.count(bodies.len()), |writer, body| writer.var_bytes(body))
}

fn read_bodies(reader: &mut Reader<'_>, most: usize) -> Result<Vec<Vec<u8>>, CodecError> {
    let count = reader.count(most, 4, "bodies")?;
    (0..count).map(|_| Ok(reader.var_bytes(MAX_BODY_BYTES, "body")?.to_vec())).collect()
}

#[path = "message_response.rs"]
mod response;
