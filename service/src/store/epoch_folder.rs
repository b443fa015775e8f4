//! The folder of one epoch: `state`, `shard-NNNN`, `powers`, `reserves/`, `attestation.solv`.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
};

use ark_bn254::G1Affine;
use solventry_prover::{kzg::ReferenceString, shards::ProvenShard};
use solventry_types::{Attestation, EpochContext};

use zeroize::Zeroizing;

use super::{
    StoreError,
    files::{self, Access},
    shard_file::{self, StoredShard},
    state::{self, EpochState},
};

/// An epoch's folder, locked while this value lives.
#[derive(Debug)]
pub struct EpochFolder {
    root: PathBuf,
    _lock: File,
}

impl EpochFolder {
    /// Makes or opens the folder and locks it.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        files::private_folder(root)?;
        let path = root.join("lock");
        let lock = File::create(&path).map_err(|error| StoreError::new(&path, error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { root: root.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                Err(StoreError::new(root, "another process works on this epoch; wait until it ends"))
            }
            Err(TryLockError::Error(error)) => Err(StoreError::new(&path, error)),
        }
    }

    /// The same, after waiting for whoever works on the epoch.
    pub fn open_when_free(root: &Path) -> Result<Self, StoreError> {
        files::private_folder(root)?;
        let path = root.join("lock");
        let lock = File::create(&path).and_then(|lock| lock.lock().map(|()| lock));
        Ok(Self { root: root.to_owned(), _lock: lock.map_err(|error| StoreError::new(&path, error))? })
    }

    /// Path of something in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The state, if the epoch was begun.
    pub fn state(&self) -> Result<Option<EpochState>, StoreError> {
        let path = self.path("state");
        if !path.exists() {
            return Ok(None);
        }
        let limit = usize::try_from(state::MAX_BYTES).unwrap_or(usize::MAX);
        let state = EpochState::decode(&Zeroizing::new(files::read(&path, limit)?));
        state.map(Some).map_err(|error| StoreError::new(&path, error))
    }

    /// The state; an error if the epoch was never begun.
    pub fn begun(&self) -> Result<(EpochState, EpochContext), StoreError> {
        let advice = "this epoch was not begun; run `solventry epoch commit` first";
        let state = self.state()?.ok_or_else(|| StoreError::new(&self.root, advice))?;
        let context = state.context().map_err(|error| StoreError::new(&self.path("state"), error))?;
        Ok((state, context))
    }

    /// Writes the state.
    pub fn write_state(&self, state: &EpochState) -> Result<(), StoreError> {
        let path = self.path("state");
        let bytes = Zeroizing::new(state.encode().map_err(|error| StoreError::new(&path, error))?);
        files::write(&path, Access::Private, &bytes)
    }

    /// Indices of the shards that are not on disk yet.
    pub fn pending_shards(&self, context: &EpochContext) -> Vec<u32> {
        (0..context.shards).filter(|index| !self.shard_path(*index).exists()).collect()
    }

    /// Writes a proven shard.
    pub fn write_shard(&self, shard: &ProvenShard) -> Result<(), StoreError> {
        files::write(&self.shard_path(shard.data.index), Access::Private, &shard_file::encode(shard))
    }

    /// Reads a shard.
    pub fn shard(&self, context: &EpochContext, index: u32) -> Result<StoredShard, StoreError> {
        let path = self.shard_path(index);
        let bytes = files::read(&path, shard_file::max_bytes(context.profile))?;
        let shard =
            shard_file::decode(&bytes, context.profile).map_err(|error| StoreError::new(&path, error))?;
        if shard.index != index {
            return Err(StoreError::new(
                &path,
                format!("expected shard {index}, the file holds {}", shard.index),
            ));
        }
        Ok(shard)
    }

    /// Writes the powers of τ that inclusion proofs need.
    pub fn write_powers(&self, reference: &ReferenceString) -> Result<(), StoreError> {
        files::write_with(&self.path("powers"), Access::Public, |writer| {
            reference.write_powers(writer).map_err(std::io::Error::other)
        })
    }

    /// Reads the powers.
    pub fn powers(&self, context: &EpochContext) -> Result<Vec<G1Affine>, StoreError> {
        let path = self.path("powers");
        let file = File::open(&path).map_err(|error| StoreError::new(&path, error))?;
        let advice =
            "the file is damaged; `epoch commit` (or `prove`) with the epoch's ledger writes it again";
        ReferenceString::read_powers(std::io::BufReader::new(file), context.profile)
            .map_err(|_| StoreError::new(&path, advice))
    }

    /// The sealed attestation, if there is one.
    pub fn sealed(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.path("attestation.solv");
        if path.exists() { files::read(&path, Attestation::MAX_BYTES).map(Some) } else { Ok(None) }
    }

    /// Keeps the sealed attestation.
    pub fn write_sealed(&self, bytes: &[u8]) -> Result<(), StoreError> {
        files::write(&self.path("attestation.solv"), Access::Public, bytes)
    }

    fn shard_path(&self, index: u32) -> PathBuf {
        self.path(&format!("shard-{index:05}"))
    }
}
