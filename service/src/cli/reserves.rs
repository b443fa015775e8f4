//! `solventry reserves open|attest|import|check`.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use ed25519_dalek::SigningKey;
use solventry::{
    epoch::reserves::{self, SIGNATURE_FORMAT, SignatureFile},
    ledger::{DecimalText, ReadOptions, locator_text, read_ledger},
    store::{
        StoreError,
        files::{self, Access},
        keys_folder::KeysFolder,
        secrets_folder::SecretsFolder,
    },
};
use solventry_prover::reserves::ReserveOpening;
use solventry_types::{AssetTable, Place, Total, amount::decimal, reserves::ReserveClass};
use solventry_verifier::anchors::Hex;

use super::{CliError, print};

/// Steps of gathering reserves.
#[derive(Subcommand)]
pub enum ReservesCommand {
    /// Commit to hidden reserves of one class and write their opening, to be shown to attestors
    Open {
        /// Number of the epoch; it must be committed
        #[arg(long)]
        epoch: u64,
        /// Folder of secrets
        #[arg(long)]
        secrets: PathBuf,
        /// Key folder
        #[arg(long)]
        keys: PathBuf,
        /// Name of the class, such as "cold storage"
        #[arg(long)]
        class: String,
        /// CSV with the header asset,amount; an asset that is left out has no reserves in this class
        #[arg(long)]
        amounts: PathBuf,
        /// Opening to write; must not exist. It is secret
        #[arg(long)]
        out: PathBuf,
    },
    /// For the attestor: show what an opening says and sign it
    Attest {
        /// Opening that the custodian gave you
        #[arg(long)]
        opening: PathBuf,
        /// Your signing key (make one with `keys signing`)
        #[arg(long)]
        key: PathBuf,
        /// Signature to write; must not exist [default: the opening's name with .sig]
        #[arg(long)]
        out: Option<PathBuf>,
        /// Show the amounts, sign nothing
        #[arg(long)]
        show: bool,
    },
    /// Take an attestor's signature, or a ledger folder's public list, into a committed epoch
    Import {
        /// Number of the epoch
        #[arg(long)]
        epoch: u64,
        /// Folder of secrets
        #[arg(long)]
        secrets: PathBuf,
        /// Signature file of an attestor; may be repeated
        #[arg(long = "signature", required_unless_present = "ledger")]
        signatures: Vec<PathBuf>,
        /// Ledger folder whose reserves.csv is the public list
        #[arg(long)]
        ledger: Option<PathBuf>,
    },
    /// Show what is gathered for an epoch, and whether it covers the liabilities
    Check {
        /// Number of the epoch
        #[arg(long)]
        epoch: u64,
        /// Folder of secrets
        #[arg(long)]
        secrets: PathBuf,
    },
}

/// Runs a step.
pub fn run(command: ReservesCommand) -> Result<(), CliError> {
    match command {
        ReservesCommand::Open { epoch, secrets, keys, class, amounts, out } => {
            files::require_writable(&out)?;
            let folder = SecretsFolder::new(&secrets).begun_epoch(epoch)?;
            let (_, context) = folder.begun()?;
            let totals = read_amounts(&amounts, &context.assets)?;
            let keys = KeysFolder::new(&keys).proving()?;
            let opening = reserves::open_class(&folder, &keys, &class, totals)?;
            files::write_new(&out, Access::Private, &opening.encode())?;
            print(&format!(
                "wrote {}: show it to the attestors of this class, and to nobody else",
                out.display()
            ));
            Ok(())
        }
        ReservesCommand::Attest { opening, key, out, show } => attest(&opening, &key, out, show),
        ReservesCommand::Import { epoch, secrets, signatures, ledger } => {
            let folder = SecretsFolder::new(&secrets).begun_epoch(epoch)?;
            for path in &signatures {
                let bytes = files::read(path, 4096)?;
                let file: SignatureFile =
                    serde_json::from_slice(&bytes).map_err(|error| StoreError::new(path, error))?;
                reserves::import_signature(&folder, &file)?;
                print(&format!("imported {}", path.display()));
            }
            if let Some(ledger) = ledger {
                let entries = read_ledger(&ledger, ReadOptions::default())?.reserves;
                let count = entries.len();
                reserves::import_public(&folder, entries)?;
                print(&format!("imported {count} public entries"));
            }
            Ok(())
        }
        ReservesCommand::Check { epoch, secrets } => check(epoch, &secrets),
    }
}

fn attest(opening: &Path, key: &Path, out: Option<PathBuf>, show: bool) -> Result<(), CliError> {
    let out = out.unwrap_or_else(|| {
        let mut name = opening.as_os_str().to_owned();
        name.push(".sig");
        name.into()
    });
    let bytes = files::read(opening, ReserveOpening::MAX_BYTES)?;
    let parsed = ReserveOpening::decode(&bytes).map_err(|error| StoreError::new(opening, error))?;
    show_opening(&parsed);
    if show {
        return Ok(());
    }
    files::require_writable(&out)?;
    let key = SigningKey::from_bytes(&*files::read_secret(key)?);
    let signature = parsed.attest(&key);
    let file = SignatureFile {
        format: SIGNATURE_FORMAT.into(),
        class: parsed.class.clone(),
        attestor: Hex(signature.attestor),
        signature: Hex(signature.signature),
    };
    let json = serde_json::to_string_pretty(&file).map_err(|error| StoreError::new(&out, error))? + "\n";
    files::write_new(&out, Access::Public, json.as_bytes())?;
    print(&format!(
        "signed by {} into {}\nYou vouch that the entity controls these amounts at the snapshot; the signature shows \
         no amount.",
        hex::encode(signature.attestor),
        out.display()
    ));
    Ok(())
}

/// `chain/native` or `chain/CONTRACT`, as explorers show it.
fn place_text(place: &Place) -> String {
    format!("{}/{}", place.chain, locator_text(place.chain, &place.locator))
}

/// Everything that the signature covers.
fn show_opening(opening: &ReserveOpening) {
    let (context, epoch) = (&opening.context, opening.epoch());
    print(&format!("entity {:?}, epoch {}, class {:?}", context.entity, context.epoch, opening.class));
    print(&format!("snapshot time {} (Unix seconds)", context.snapshot_time));
    for block in &context.snapshot_blocks {
        print(&format!("snapshot block {} {} {}", block.chain, block.height, hex::encode(block.hash)));
    }
    print(&format!("liabilities:   {} (as published by the entity)", epoch.liabilities));
    print(&format!("context:       {}", epoch.context));
    print(&format!("reserve bases: {} (of the verifying keys in use)", epoch.reserve_bases));
    print("reserves:");
    for (asset, total) in context.assets.assets().iter().zip(&opening.reserves) {
        let places = asset.places.iter().map(place_text).collect::<Vec<_>>().join(" ");
        let (amount, percent) =
            (decimal(total.units(), asset.decimals), decimal(asset.min_coverage_bps.into(), 2));
        print(&format!("  {amount} {} (coverage {percent} %) {places}", asset.symbol));
    }
}

fn check(epoch: u64, secrets: &Path) -> Result<(), CliError> {
    let folder = SecretsFolder::new(secrets).begun_epoch(epoch)?;
    let (state, context) = folder.begun()?;
    let (evidence, openings) = reserves::gathered(&folder, &context)?;
    let mut unsigned = false;
    for class in &evidence.classes {
        match class {
            ReserveClass::Public(entries) => print(&format!("public list: {} entries", entries.len())),
            ReserveClass::Attested { name, signatures, .. } => {
                unsigned |= signatures.is_empty();
                let advice = if signatures.is_empty() { ": import one before sealing" } else { "" };
                print(&format!("class {name:?}: {} signatures{advice}", signatures.len()));
            }
        }
    }
    let failed = |error: &dyn std::fmt::Display| CliError::Input(error.to_string());
    let mut totals = evidence.public_totals(&context.assets).map_err(|error| failed(&error))?;
    for opening in &openings {
        for (sum, more) in totals.iter_mut().zip(&opening.reserves) {
            *sum = sum.add(*more).map_err(|error| failed(&error))?;
        }
    }
    let liabilities = state.totals().map_err(|error| failed(&error))?;
    let mut short = false;
    for ((asset, reserves), liabilities) in context.assets.assets().iter().zip(&totals).zip(&liabilities) {
        let covered = reserves.units() * 10_000 >= liabilities.units() * u128::from(asset.min_coverage_bps);
        short |= !covered;
        print(&format!("  {} {}", if covered { "covered" } else { "SHORT  " }, asset.symbol));
    }
    if short || unsigned { Err(CliError::Reported) } else { Ok(()) }
}

/// Lines `asset,amount` after that header; an asset that is left out has none.
fn read_amounts(path: &Path, assets: &AssetTable) -> Result<Vec<Total>, CliError> {
    let bytes = files::read(path, 1 << 20)?;
    let text = String::from_utf8(bytes).map_err(|_| StoreError::new(path, "expected UTF-8 text"))?;
    let mut totals: Vec<Option<Total>> = vec![None; assets.len()];
    for (line, number) in text.trim_start_matches('\u{feff}').lines().zip(1..) {
        let failed = |problem: String| StoreError::new(path, format!("line {number}: {problem}"));
        if number == 1 {
            if line.trim_end() != "asset,amount" {
                return Err(failed("expected the header asset,amount".into()).into());
            }
            continue;
        }
        if line.trim().is_empty() {
            continue;
        }
        let (symbol, amount) = line.split_once(',').ok_or_else(|| failed("expected asset,amount".into()))?;
        let id =
            assets.find(symbol.trim()).ok_or_else(|| failed("the asset is not in the asset table".into()))?;
        let asset = assets.asset(id).ok_or_else(|| failed("the asset is not in the asset table".into()))?;
        let amount = DecimalText::parse(amount.trim()).map_err(|error| failed(error.to_string()))?;
        let units = amount.exact_units(asset.decimals).and_then(|units| Total::from_units(units).ok());
        let total = units.ok_or_else(|| {
            failed(format!("expected at most {} decimals and less than 2^96 units", asset.decimals))
        })?;
        match totals.get_mut(id.index()) {
            Some(slot @ None) => *slot = Some(total),
            _ => return Err(failed("the asset occurs twice".into()).into()),
        }
    }
    Ok(totals.into_iter().map(Option::unwrap_or_default).collect())
}
