//! Keys, made once and kept in a folder: making those of the standard profile takes minutes.

use std::{
    fs::{self, File},
    io::{BufReader, BufWriter},
    path::Path,
};

use solventry_prover::keys::ProvingKeys;
use solventry_types::Profile;
use solventry_verifier::VerifyingKeys;

use crate::measure::{Cost, once};

/// Keys and what making them took, if they were made.
pub struct Keys {
    /// The keys.
    pub keys: ProvingKeys,
    /// `None` if they were read from the folder.
    pub setup: Option<Cost>,
    /// Bytes of the proving keys' file.
    pub proving_bytes: u64,
    /// Bytes of the verifying keys' file.
    pub verifying_bytes: u64,
}

/// Reads the keys of `profile` from `folder`, or makes and writes them. Keys of another version
/// of a circuit are made anew.
pub fn cached(profile: Profile, folder: &Path) -> std::io::Result<Keys> {
    fs::create_dir_all(folder)?;
    let path = |kind| folder.join(format!("solventry-benches-{profile}.{kind}"));
    let (proving, verifying) = (path("proving"), path("verifying"));
    let (keys, setup) = match read(&proving, &verifying) {
        Some(keys) => (keys, None),
        None => {
            let (keys, cost) = once(|| ProvingKeys::insecure_setup(profile));
            keys.write_proving(BufWriter::new(File::create(&proving)?)).map_err(std::io::Error::other)?;
            fs::write(&verifying, keys.verifying.encode())?;
            (keys, Some(cost))
        }
    };
    let size = |path| fs::metadata(path).map(|metadata| metadata.len());
    Ok(Keys { keys, setup, proving_bytes: size(&proving)?, verifying_bytes: size(&verifying)? })
}

fn read(proving: &Path, verifying: &Path) -> Option<ProvingKeys> {
    let verifying = VerifyingKeys::decode(&fs::read(verifying).ok()?).ok()?;
    ProvingKeys::read(verifying, BufReader::new(File::open(proving).ok()?)).ok()
}
