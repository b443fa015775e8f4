//! Evidence of double signing on the disk. People read it; the node does not.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::{self, ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use solventry_types::Digest;
use tracing::{info, warn};

use super::{evidence::Misbehavior, setup::OnMisbehavior};

/// Files of one node: each of them convicts it, and it may sign without end.
const MAX_FILES: u8 = 8;

/// Logs what nodes are caught at, and writes the two signed messages to a folder, which is made
/// when it is needed.
pub fn keep_evidence(folder: PathBuf, genesis: Digest) -> OnMisbehavior {
    Arc::new(move |caught| {
        warn!(?caught, "a node signed twice");
        let (folder, caught) = (folder.clone(), caught.clone());
        tokio::task::spawn_blocking(move || match keep(&folder, genesis, &caught) {
            Ok(Some(path)) => info!(path = %path.display(), "evidence is written"),
            Ok(None) => info!("enough evidence against this node is there already"),
            Err(error) => warn!(%error, folder = %folder.display(), "evidence cannot be written"),
        });
    })
}

/// Takes the node's first free place; none if there is none.
fn keep(folder: &Path, genesis: Digest, caught: &Misbehavior) -> io::Result<Option<PathBuf>> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    for place in 0..MAX_FILES {
        let path = folder.join(format!("{}-{place}.solv", Digest(caught.identity)));
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(mut file) => {
                file.write_all(&caught.encode(genesis))?;
                file.sync_all()?;
                File::open(folder)?.sync_all()?;
                return Ok(Some(path));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use arc_malachitebft_core_types::{NilOrVal, Round, VoteType};
    use ed25519_dalek::SigningKey;

    use super::*;
    use crate::engine::{Address, Height, Keys, Value, Vote, context::Proposal, evidence::Kind};

    const GENESIS: Digest = Digest([1; 32]);

    /// Two precommits, one of them nil, or two proposals that differ in the proof of lock.
    fn caught(secret: u8, kind: Kind) -> Misbehavior {
        let key = SigningKey::from_bytes(&[secret; 32]);
        let identity = key.verifying_key().to_bytes();
        let (keys, address) = (Keys::new(GENESIS, key), Address(identity));
        let (height, round, id) = (Height(5), Round::new(2), Digest([9; 32]));
        let proposal = |pol_round| {
            let proposal = Proposal { height, round, value: Value(id), pol_round, address };
            (Some(id), keys.proposal(&proposal).unwrap().0)
        };
        let vote = |choice: Option<Digest>| {
            let value = choice.map_or(NilOrVal::Nil, NilOrVal::Val);
            let vote = Vote { kind: VoteType::Precommit, height, round, value, address };
            (choice, keys.vote(&vote).unwrap().0)
        };
        let (statements, locks) = match kind {
            Kind::Proposal => ([proposal(Round::Nil), proposal(Round::new(1))], [None, Some(1)]),
            _ => ([vote(None), vote(Some(id))], [None; 2]),
        };
        Misbehavior { height: 5, round: 2, identity, kind, statements, locks }
    }

    #[test]
    fn files_hold_the_proof() {
        let folder = tempfile::tempdir().unwrap();
        for kind in [Kind::Proposal, Kind::Precommit] {
            let evidence = caught(7, kind);
            let path = keep(folder.path(), GENESIS, &evidence).unwrap().unwrap();
            let bytes = fs::read(path).unwrap();
            let (genesis, read) = Misbehavior::decode(&bytes).unwrap();
            assert!(genesis == GENESIS && read == evidence && read.is_proven(genesis));
            for length in 0..bytes.len() {
                assert!(Misbehavior::decode(&bytes[..length]).is_err());
            }
        }
    }

    #[test]
    fn a_node_fills_only_its_own_places() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("evidence");
        let kept = |secret| keep(&folder, GENESIS, &caught(secret, Kind::Precommit)).unwrap().is_some();
        assert_eq!((0..100).filter(|_| kept(7)).count(), usize::from(MAX_FILES));
        assert!(kept(8));
    }

    #[tokio::test]
    async fn the_engine_does_not_wait_for_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("evidence");
        keep_evidence(path.clone(), GENESIS)(&caught(7, Kind::Precommit));
        while fs::read_dir(&path).map_or(0, Iterator::count) == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
}
