//! The key folder that `keys setup` writes: `verifying.key`, `proving.key`,
//! `headroom-verifying.key`, `headroom-proving.key`, `entity.key`, `anchors.json`.

use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

use ed25519_dalek::SigningKey;
use solventry_prover::{headroom::HeadroomKeys, keys::ProvingKeys};
use solventry_types::{Attestation, Profile};
use solventry_verifier::{
    Anchors, VerifyingKeys,
    anchors::{Attestors, FORMAT, Hex},
    headroom::HeadroomVerifyingKey,
};

use super::{
    StoreError,
    files::{self, Access},
};

const HEADROOM_VERIFYING: &str = "headroom-verifying.key";
const HEADROOM_PROVING: &str = "headroom-proving.key";

/// A key folder.
#[derive(Debug, Clone)]
pub struct KeysFolder {
    root: PathBuf,
}

impl KeysFolder {
    /// The folder at `root`.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Makes development keys and writes them; refuses a folder that holds keys already.
    pub fn create_insecure(&self, profile: Profile) -> Result<ProvingKeys, StoreError> {
        for name in ["verifying.key", "proving.key", "entity.key", "anchors.json"] {
            files::refuse_existing(&self.path(name))?;
        }
        let headroom = self.create_insecure_headroom()?;
        let keys = ProvingKeys::insecure_setup(profile);
        let secret = files::random_secret()?;
        let entity_key = SigningKey::from_bytes(&secret);
        files::write_secret(&self.path("entity.key"), &secret)?;
        files::write_with(&self.path("proving.key"), Access::Private, |writer| {
            keys.write_proving(writer).map_err(std::io::Error::other)
        })?;
        let anchors = Anchors {
            format: FORMAT.into(),
            entity: None,
            entity_key: Hex(entity_key.verifying_key().to_bytes()),
            verifying_keys: vec![Hex(keys.digest.0)],
            headroom_keys: vec![Hex(headroom.verifying.digest().0)],
            vaults: vec![],
            attestors: Attestors::default(),
            least_coverage_bps: 10_000,
            least_epoch: 0,
            max_age_seconds: None,
        };
        let json = anchors.to_json().map_err(|error| StoreError::new(&self.path("anchors.json"), error))?;
        files::write(&self.path("anchors.json"), Access::Public, json.as_bytes())?;
        // Last: its presence says that the folder is complete.
        files::write(&self.path("verifying.key"), Access::Public, &keys.verifying.encode())?;
        Ok(keys)
    }

    /// Makes development keys for headroom proofs and adds them; refuses a folder that has some.
    pub fn create_insecure_headroom(&self) -> Result<HeadroomKeys, StoreError> {
        for name in [HEADROOM_VERIFYING, HEADROOM_PROVING] {
            files::refuse_existing(&self.path(name))?;
        }
        files::folder(&self.root)?;
        let keys = HeadroomKeys::insecure_setup();
        files::write_with(&self.path(HEADROOM_PROVING), Access::Private, |writer| {
            keys.write_proving(writer).map_err(std::io::Error::other)
        })?;
        files::write(&self.path(HEADROOM_VERIFYING), Access::Public, &keys.verifying.encode())?;
        Ok(keys)
    }

    /// Whether the folder has keys for headroom proofs; folders of earlier versions have none.
    pub fn has_headroom(&self) -> bool {
        self.path(HEADROOM_VERIFYING).exists()
    }

    /// Reads and lints the verifying key of headroom proofs.
    pub fn headroom_verifying(&self) -> Result<HeadroomVerifyingKey, StoreError> {
        let path = self.path(HEADROOM_VERIFYING);
        let bytes = files::read(&path, HeadroomVerifyingKey::BYTES).map_err(|mut error| {
            if !path.exists() {
                error.problem += "; add headroom keys with `solventry keys headroom`";
            }
            error
        })?;
        HeadroomVerifyingKey::decode(&bytes).map_err(|error| StoreError::new(&path, error))
    }

    /// Reads everything that proving headroom needs.
    pub fn headroom(&self) -> Result<HeadroomKeys, StoreError> {
        let verifying = self.headroom_verifying()?;
        let path = self.path(HEADROOM_PROVING);
        let file = File::open(&path).map_err(|error| StoreError::new(&path, error))?;
        HeadroomKeys::read(verifying, BufReader::with_capacity(1 << 20, file))
            .map_err(|error| StoreError::new(&path, error))
    }

    /// Reads and lints the verifying keys.
    pub fn verifying(&self) -> Result<VerifyingKeys, StoreError> {
        let path = self.path("verifying.key");
        let bytes = files::read(&path, Attestation::MAX_KEY_BYTES).map_err(|mut error| {
            error.problem += "; make keys with `solventry keys setup`";
            error
        })?;
        VerifyingKeys::decode(&bytes).map_err(|error| StoreError::new(&path, error))
    }

    /// Reads everything that proving needs.
    pub fn proving(&self) -> Result<ProvingKeys, StoreError> {
        let verifying = self.verifying()?;
        let path = self.path("proving.key");
        let file = File::open(&path).map_err(|error| StoreError::new(&path, error))?;
        ProvingKeys::read(verifying, BufReader::with_capacity(1 << 20, file))
            .map_err(|error| StoreError::new(&path, error))
    }

    /// Size of the proving key in bytes.
    pub fn proving_bytes(&self) -> Result<u64, StoreError> {
        let path = self.path("proving.key");
        let metadata = std::fs::metadata(&path).map_err(|error| StoreError::new(&path, error))?;
        Ok(metadata.len())
    }

    /// The entity's signing key.
    pub fn entity_key(&self) -> Result<SigningKey, StoreError> {
        Ok(SigningKey::from_bytes(&*files::read_secret(&self.path("entity.key"))?))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }
}
