//! A node's folder.
//!
//! ```text
//! card.node        what the operator publishes (encoded Node)
//! identity.sealed  identity, link and peer secrets, encrypted under the passphrase
//! shares/*.share   key shares, encrypted under the passphrase
//! genesis.solv     genesis of the journal, once there is one
//! journal.redb     decided records and what is known of undecided ones
//! wal/             write-ahead log of the agreement engine
//! audit.log        refusals, one line each; audit.log.old is the one before, when it was full
//! ```

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{ErrorKind, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use ed25519_dalek::SigningKey;
use solventry_link::LinkKey;
use solventry_protocol::group::Node;
use solventry_threshold::{ShareContext, open_secret, seal_secret};
use solventry_types::{
    Digest,
    codec::{Reader, Writer},
    digest::InjectiveHasher,
};
use zeroize::Zeroizing;

use crate::{
    engine::peer_id,
    node::{
        address::{host_and_port, multiaddress},
        audit_file::AuditFile,
        error::NodeError,
    },
};

/// Largest file of a folder that is read at once.
const MAX_FILE_BYTES: u64 = 1 << 22;
/// Bytes of the three secrets.
const SECRET_BYTES: usize = 96;

/// What an operator says of a new node.
#[derive(Debug, Clone)]
pub struct NewNode {
    /// Name in the group.
    pub name: String,
    /// Host and port for links.
    pub link: String,
    /// Host and port for the agreement engine.
    pub peer: String,
    /// Who runs the machine.
    pub provider: String,
    /// Where it is.
    pub region: String,
    /// Whose law applies.
    pub jurisdiction: String,
}

/// A node's folder.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

/// A node's secrets, decrypted.
pub struct Secrets {
    /// Signs votes, commitments, shares and key generation.
    pub identity: SigningKey,
    /// Static key of its links.
    pub link: LinkKey,
    /// Ed25519 secret of its libp2p peer id.
    pub peer: Zeroizing<[u8; 32]>,
}

impl Folder {
    /// Makes a node: fresh secrets, sealed, and its card.
    pub fn create(root: &Path, new: &NewNode, passphrase: &[u8]) -> Result<Node, NodeError> {
        let folder = Self { root: root.to_owned() };
        if folder.path("card.node").exists() || folder.path("identity.sealed").exists() {
            return Err(NodeError::Exists(root.to_owned()));
        }
        let mut secret = Zeroizing::new([0; SECRET_BYTES]);
        rand_core::RngCore::try_fill_bytes(&mut rand_core::OsRng, secret.as_mut())
            .map_err(|_| NodeError::Randomness)?;
        let secrets = Secrets::from_bytes(&secret)?;
        let card = secrets.card(new)?;
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder.path("shares"))
            .map_err(folder.io(root))?;
        let sealed = seal_secret(secret.as_ref(), passphrase, &identity_context());
        let sealed = sealed.map_err(|error| folder.content("identity.sealed", &error))?;
        folder.write("identity.sealed", &sealed)?;
        let mut writer = Writer::new();
        card.write(&mut writer);
        folder.write("card.node", &writer.finish())?;
        Ok(card)
    }

    /// Opens a node's folder.
    pub fn open(root: &Path, passphrase: &[u8]) -> Result<(Self, Secrets, Node), NodeError> {
        let folder = Self { root: root.to_owned() };
        let sealed = folder.read("identity.sealed")?;
        let secret = open_secret(&sealed, passphrase, &identity_context());
        let secret = secret.map_err(|error| folder.content("identity.sealed", &error))?;
        let bytes = <&[u8; SECRET_BYTES]>::try_from(secret.as_slice());
        let bytes =
            bytes.map_err(|_| folder.content("identity.sealed", &"expected three secrets of 32 bytes"))?;
        let secrets = Secrets::from_bytes(bytes)?;
        let card =
            read_card(&folder.read("card.node")?).map_err(|error| folder.content("card.node", &error))?;
        Ok((folder, secrets, card))
    }

    /// The encoded genesis, if there is one.
    pub fn genesis(&self) -> Result<Option<Vec<u8>>, NodeError> {
        self.read_if_there("genesis.solv")
    }

    /// Keeps the genesis.
    pub fn store_genesis(&self, bytes: &[u8]) -> Result<(), NodeError> {
        self.write("genesis.solv", bytes)
    }

    /// The sealed key share of a vault, if there is one.
    pub fn share(&self, vault: &str) -> Result<Option<Vec<u8>>, NodeError> {
        self.read_if_there(&share_name(vault))
    }

    /// Path of the sealed key share of a vault.
    pub fn share_path(&self, vault: &str) -> PathBuf {
        self.path(&share_name(vault))
    }

    /// Keeps the sealed key share of a vault. Never replaces one: money may lie under it.
    pub fn store_share(&self, vault: &str, sealed: &[u8]) -> Result<(), NodeError> {
        let name = share_name(vault);
        if self.path(&name).exists() {
            return Err(
                self.content(&name, &"there is a key share of this vault already; it is never replaced")
            );
        }
        self.write(&name, sealed)
    }

    /// The log of refusals, to append to.
    pub fn audit(&self) -> Result<AuditFile, NodeError> {
        let path = self.path("audit.log");
        AuditFile::open(&path, AuditFile::MOST).map_err(self.io(&path))
    }

    /// Path of a file or folder in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Writes a file that only its owner may read: whole or not at all, on the disk when done, and
    /// never over another, whoever writes at the same time.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), NodeError> {
        let path = self.path(name);
        let half =
            path.with_extension(format!("{:016x}.part", rand_core::RngCore::next_u64(&mut rand_core::OsRng)));
        let written = (|| {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&half)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            let linked = fs::hard_link(&half, &path);
            fs::remove_file(&half)?;
            linked?;
            path.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
        })();
        written.map_err(self.io(&path))
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, NodeError> {
        let path = self.path(name);
        let read = (|| {
            let mut bytes = Vec::new();
            File::open(&path)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
            Ok(bytes)
        })();
        let bytes: Vec<u8> = read.map_err(self.io(&path))?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length <= MAX_FILE_BYTES) {
            return Ok(bytes);
        }
        Err(self.content(name, &format!("expected at most {MAX_FILE_BYTES} bytes")))
    }

    fn read_if_there(&self, name: &str) -> Result<Option<Vec<u8>>, NodeError> {
        match self.read(name) {
            Err(NodeError::File { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(None),
            other => other.map(Some),
        }
    }

    fn io(&self, path: &Path) -> impl Fn(std::io::Error) -> NodeError + use<> {
        let path = path.to_owned();
        move |source| NodeError::File { path: path.clone(), source }
    }

    fn content(&self, name: &str, problem: &dyn std::fmt::Display) -> NodeError {
        NodeError::Content { path: self.path(name), problem: problem.to_string() }
    }
}

impl Secrets {
    fn from_bytes(bytes: &[u8; SECRET_BYTES]) -> Result<Self, NodeError> {
        let part = |at: usize| {
            let part = bytes.get(at * 32..(at + 1) * 32).and_then(|part| <[u8; 32]>::try_from(part).ok());
            part.map(Zeroizing::new).ok_or(NodeError::Randomness)
        };
        let link = LinkKey::from_secret(&*part(1)?).map_err(|_| NodeError::Randomness)?;
        Ok(Self { identity: SigningKey::from_bytes(&*part(0)?), link, peer: part(2)? })
    }

    fn card(&self, new: &NewNode) -> Result<Node, NodeError> {
        let _ = host_and_port(&new.link)?;
        if new.link == new.peer {
            return Err(NodeError::SameAddress(new.link.clone()));
        }
        Ok(Node {
            name: new.name.clone(),
            identity: self.identity.verifying_key().to_bytes(),
            link: self.link.public(),
            link_address: new.link.clone(),
            peer: peer_id(&self.peer).ok_or(NodeError::Randomness)?,
            peer_address: multiaddress(&new.peer)?,
            provider: new.provider.clone(),
            region: new.region.clone(),
            jurisdiction: new.jurisdiction.clone(),
        })
    }
}

/// Reads a card: an encoded node and nothing else.
pub fn read_card(bytes: &[u8]) -> Result<Node, solventry_types::CodecError> {
    let mut reader = Reader::new(bytes, 4096)?;
    let card = Node::read(&mut reader)?;
    reader.finish()?;
    Ok(card)
}

/// Reads a passphrase: the first line of a file.
pub fn read_passphrase(path: &Path) -> Result<Zeroizing<Vec<u8>>, NodeError> {
    let io = |source| NodeError::File { path: path.to_owned(), source };
    let mut bytes = Zeroizing::new(Vec::with_capacity(2048));
    File::open(path).map_err(io)?.take(2048).read_to_end(&mut bytes).map_err(io)?;
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if !(8..=1024).contains(&line.len()) {
        return Err(NodeError::Passphrase(path.to_owned()));
    }
    Ok(Zeroizing::new(line.to_vec()))
}

/// Identity secrets are sealed before there is a group, and name no node.
fn identity_context() -> ShareContext {
    ShareContext { identity: [0; 32], group: Digest([0; 32]), generation: 0 }
}

fn share_name(vault: &str) -> String {
    let digest = InjectiveHasher::new("solventry/share-file/v1").field(vault.as_bytes()).finish();
    format!("shares/{digest}.share")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_written_once_whoever_writes_at_the_same_time() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("shares")).unwrap();
        let folder = Folder { root: root.path().to_owned() };
        for vault in 0..20 {
            let name = vault.to_string();
            let stored = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..8_u8)
                    .map(|writer| {
                        let (folder, name) = (&folder, &name);
                        scope.spawn(move || {
                            folder.store_share(name, &[writer; 10_000]).is_ok().then_some(writer)
                        })
                    })
                    .collect();
                threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
            });
            assert_eq!(stored.len(), 1, "one writer wins");
            assert_eq!(folder.share(&name).unwrap().unwrap(), vec![stored[0]; 10_000]);
        }
        assert_eq!(fs::read_dir(root.path().join("shares")).unwrap().count(), 20, "nothing half is left");
    }
}
