//! `solventry headroom prove|export|import`.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use solventry::{
    epoch::headroom::headroom,
    store::{
        StoreError,
        files::{self, Access},
        keys_folder::KeysFolder,
        secrets_folder::SecretsFolder,
    },
};
use solventry_verifier::{headroom::HeadroomFile, snarkjs};

use super::{CliError, print};

const PROOF: &str = "proof.json";
const PUBLIC: &str = "public.json";
const KEY: &str = "verification_key.json";

/// Commands on headroom proofs.
#[derive(Subcommand)]
pub enum HeadroomCommand {
    /// Prove that reserves still cover an asset after an outflow; for signers only: with public
    /// reserves the proof bounds the liabilities
    Prove {
        /// Number of the sealed epoch
        #[arg(long)]
        epoch: u64,
        /// Key folder
        #[arg(long)]
        keys: PathBuf,
        /// Folder of secrets
        #[arg(long)]
        secrets: PathBuf,
        /// Symbol of the asset, as in the asset table
        #[arg(long, value_name = "SYMBOL")]
        asset: String,
        /// Everything of the asset that left since the snapshot, this payment included, in whole coins
        #[arg(long, value_name = "AMOUNT")]
        outflow: String,
        /// Headroom proof to write; must not exist
        #[arg(long)]
        out: PathBuf,
    },
    /// Write a headroom proof as snarkjs's proof.json, public.json and verification_key.json
    Export {
        /// Headroom proof
        file: PathBuf,
        /// Folder to write; made if missing
        #[arg(long)]
        out: PathBuf,
    },
    /// Make a headroom proof of snarkjs's three files
    Import {
        /// Folder with proof.json, public.json and verification_key.json
        folder: PathBuf,
        /// Headroom proof to write; must not exist
        #[arg(long)]
        out: PathBuf,
    },
}

/// Runs a command on headroom proofs.
pub fn run(command: HeadroomCommand) -> Result<(), CliError> {
    match command {
        HeadroomCommand::Prove { epoch, keys, secrets, asset, outflow, out } => {
            files::require_writable(&out)?;
            let folder = SecretsFolder::new(&secrets).begun_epoch(epoch)?;
            let keys = KeysFolder::new(&keys).headroom()?;
            let file = headroom(&folder, &keys, &asset, &outflow)?;
            files::write_new(&out, Access::Private, &file.encode())?;
            print(&format!(
                "wrote {}: {asset} keeps its coverage after an outflow of {outflow}\nverifying key: {}\nUNTRUSTED: \
                 the keys were made by one party. Give the file to signers only: it bounds the surplus.",
                out.display(),
                file.key.digest()
            ));
            Ok(())
        }
        HeadroomCommand::Export { file, out } => export(&file, &out),
        HeadroomCommand::Import { folder, out } => import(&folder, &out),
    }
}

fn export(path: &Path, out: &Path) -> Result<(), CliError> {
    let bytes = files::read(path, HeadroomFile::BYTES)?;
    let file = HeadroomFile::decode(&bytes).map_err(|error| StoreError::new(path, error))?;
    file.holds_alone().map_err(|error| StoreError::new(path, error))?;
    for name in [PROOF, PUBLIC, KEY] {
        files::refuse_existing(&out.join(name))?;
    }
    files::folder(out)?;
    let written = snarkjs::export(&file);
    for (name, text) in [(PROOF, written.proof), (PUBLIC, written.public), (KEY, written.verification_key)] {
        files::write_new(&out.join(name), Access::Private, text.as_bytes())?;
    }
    print(&format!(
        "wrote {PROOF}, {PUBLIC} and {KEY} to {0}\nverify them: snarkjs groth16 verify {KEY} {PUBLIC} {PROOF}",
        out.display()
    ));
    Ok(())
}

fn import(folder: &Path, out: &Path) -> Result<(), CliError> {
    files::require_writable(out)?;
    let read = |name| files::read(&folder.join(name), snarkjs::MAX_BYTES);
    let file = snarkjs::import(&read(PROOF)?, &read(PUBLIC)?, &read(KEY)?)
        .map_err(|error| StoreError::new(folder, error))?;
    file.holds_alone().map_err(|error| StoreError::new(folder, error))?;
    files::write_new(out, Access::Private, &file.encode())?;
    print(&format!(
        "wrote {}: the proof holds under the key beside it, {}\nUNTRUSTED: compare this digest with the one that you \
         pin, and the statement with your epoch; snarkjs's files name neither setup nor circuit.",
        out.display(),
        file.key.digest()
    ));
    Ok(())
}
