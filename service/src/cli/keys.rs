//! `solventry keys setup|headroom|inspect|signing`.

use std::path::PathBuf;

use clap::Subcommand;
use ed25519_dalek::SigningKey;
use serde_json::json;
use solventry::store::{files, keys_folder::KeysFolder};
use solventry_types::Profile;

use super::{CliError, print, print_json};

/// Commands on keys.
#[derive(Subcommand)]
pub enum KeysCommand {
    /// Make proving and verifying keys, an entity key, and anchors for trying out
    Setup {
        /// Sizes of the circuits
        #[arg(long, value_parser = ["small", "standard"])]
        profile: String,
        /// Required for now: make the keys on this machine alone; everything proven with them is stamped UNTRUSTED
        #[arg(long)]
        insecure_dev: bool,
        /// Folder to write
        #[arg(long)]
        out: PathBuf,
    },
    /// Add keys for headroom proofs to a key folder that was made without them
    Headroom {
        /// Key folder
        folder: PathBuf,
        /// Required for now: make the keys on this machine alone; everything proven with them is stamped UNTRUSTED
        #[arg(long)]
        insecure_dev: bool,
    },
    /// Show what a key folder holds, after checking it
    Inspect {
        /// Key folder
        folder: PathBuf,
        /// Report as JSON
        #[arg(long)]
        json: bool,
    },
    /// Make an Ed25519 signing key, for an attestor of reserves
    Signing {
        /// File to write; must not exist
        #[arg(long)]
        out: PathBuf,
    },
}

/// Runs a command on keys.
pub fn run(command: KeysCommand) -> Result<(), CliError> {
    match command {
        KeysCommand::Setup { profile, insecure_dev, out } => setup(&profile, insecure_dev, &out),
        KeysCommand::Headroom { folder, insecure_dev } => headroom(insecure_dev, &folder),
        KeysCommand::Inspect { folder, json } => inspect(&KeysFolder::new(&folder), json),
        KeysCommand::Signing { out } => {
            files::require_writable(&out)?;
            let secret = files::random_secret()?;
            files::write_secret(&out, &secret)?;
            let public = SigningKey::from_bytes(&secret).verifying_key().to_bytes();
            print(&format!("wrote {}\npublic key: {}", out.display(), hex::encode(public)));
            Ok(())
        }
    }
}

fn require_insecure_dev(insecure_dev: bool) -> Result<(), CliError> {
    if insecure_dev {
        return Ok(());
    }
    Err(CliError::Input(
        "expected --insecure-dev: this version makes development keys only, whose maker can forge; keys from \
         a ceremony of several parties are not supported yet"
            .into(),
    ))
}

fn headroom(insecure_dev: bool, folder: &std::path::Path) -> Result<(), CliError> {
    require_insecure_dev(insecure_dev)?;
    let keys = KeysFolder::new(folder);
    keys.verifying()?; // a key folder, not any folder
    let made = keys.create_insecure_headroom()?;
    print(&format!(
        "added headroom keys to {}: verifying key {}\nUNTRUSTED: these keys were made by one party.",
        folder.display(),
        made.verifying.digest()
    ));
    Ok(())
}

fn setup(profile: &str, insecure_dev: bool, out: &std::path::Path) -> Result<(), CliError> {
    require_insecure_dev(insecure_dev)?;
    let profile = Profile::from_name(profile).ok_or_else(|| CliError::Input("unknown profile".into()))?;
    let keys = KeysFolder::new(out).create_insecure(profile)?;
    print(&format!(
        "wrote {}: profile {profile}, verifying keys {}\nUNTRUSTED: these keys were made by one party. \
         Verification with anchors.json ends with exit code 3.",
        out.display(),
        keys.digest
    ));
    Ok(())
}

fn inspect(folder: &KeysFolder, json: bool) -> Result<(), CliError> {
    let keys = folder.verifying()?;
    let profile = keys.profile;
    let headroom = if folder.has_headroom() { Some(folder.headroom_verifying()?) } else { None };
    let entity_key = folder.entity_key().ok().map(|key| hex::encode(key.verifying_key().to_bytes()));
    let report = json!({
        "profile": profile.name,
        "verifying_keys": keys.digest().to_string(),
        "reserve_bases": keys.kzg.reserve_bases.to_string(),
        "shard_circuit": keys.shard.circuit.to_string(),
        "coverage_circuit": keys.coverage.circuit.to_string(),
        "setup": "insecure development setup, UNTRUSTED",
        "trusted_setup": false,
        "key_lint": "passed",
        "proving_key_bytes": folder.proving_bytes().ok(),
        "entity_key": entity_key,
        "headroom_verifying_key": headroom.as_ref().map(|key| key.digest().to_string()),
        "headroom_circuit": headroom.as_ref().map(|key| key.circuit.to_string()),
        "slots_per_shard": profile.shard_slots(),
        "largest_number_of_assets": profile.max_assets,
    });
    if json {
        print_json(&report);
        return Ok(());
    }
    let lines = report.as_object().into_iter().flatten().map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{:26}{value}", name.replace('_', " "))
    });
    print(&lines.collect::<Vec<_>>().join("\n"));
    Ok(())
}
